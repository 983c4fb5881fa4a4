"""Lists that leave something out, or say the same in another way, change nothing."""

from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.tuya_lock_users.api.models import decode_user
from custom_components.tuya_lock_users.api.paging import PageCollector, page_of
from custom_components.tuya_lock_users.const import EVENT_USER_CHANGED
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from simulator import OWNER, Lock, Schedule, SimulatedCloud, Window
from simulator.model import MONDAY, SUNDAY
from tests.common import field_input, state_of, user_names
from tests.conftest import NOW, SetUp, Tick
from tests.services.calling import Act

CYCLE_SECONDS = 5 * 60 + 10
DAY_SECONDS = 24 * 3600
NOW_SECONDS = int(NOW.timestamp())


@pytest.fixture(autouse=True)
def at_once() -> Generator[None]:
    """Read back without a pause."""
    module = "custom_components.tuya_lock_users.commands.verify"
    with patch(f"{module}.READ_BACK_SECONDS", (0.0, 0.0, 0.0)):
        yield


@pytest.fixture
def house(cloud: SimulatedCloud) -> Lock:
    """A lock with five users, of whom two have no unlock methods."""
    house = cloud.add_lock("house", "House")
    gerlinde = house.add_user("Gerlinde", user_id="80001", user_type=OWNER)
    gerlinde.avatar_url = "https://pictures.example.com/80001.png"
    for kind in ("password", "fingerprint", "card"):
        house.add_method(kind, gerlinde)
    for number in (80002, 80003):
        user = house.add_user(f"User {number}", user_id=str(number))
        house.add_method("card", user)
    user.schedule = Schedule(
        permanent=False,
        effective_time=NOW_SECONDS - DAY_SECONDS,
        expired_time=NOW_SECONDS + 60 * DAY_SECONDS,
        windows=[Window(MONDAY, 60, 120), Window(SUNDAY, 0, 1440)],
    )
    for number in (80004, 80005):
        house.add_user(f"User {number}", user_id=str(number))
    for kind in ("fingerprint", "card"):
        house.add_method(kind)
    for number in (1, 2):
        house.remove_user(house.add_user("Gone", user_id=f"8000{5 + number}").user_id)
    return house


def calls_of_a_poll(cloud: SimulatedCloud) -> dict[str, int]:
    """Return the calls about the lock; the list of locks comes round at its own time."""
    counts = cloud.calls.counts()
    return {k: n for k, n in counts.items() if k not in ("associated_devices", "token")}


@pytest.fixture
def written(hass: HomeAssistant) -> Callable[[], list[str]]:
    """Return a function that returns what was written and fired since the last time."""
    changes = async_capture_events(hass, EVENT_USER_CHANGED)
    reported: dict[str, datetime] = {}

    def since() -> list[str]:
        result = [event.data["event_type"] for event in changes]
        for state in hass.states.async_all():
            known = reported.get(state.entity_id)
            # What every poll changes: the number of calls, and the time.
            is_counter = state.entity_id.endswith(("calls_this_month", "last_read"))
            if not is_counter and state.last_reported != known:
                result.append(state.entity_id)
            reported[state.entity_id] = state.last_reported
        changes.clear()
        return result

    return since


# --- Pages -------------------------------------------------------------------------


def test_page_that_gives_only_total_pages() -> None:
    """The page of the field says that others follow."""
    [result] = field_input("page_that_tells_only_total_pages")["results"]
    collector = PageCollector(decode_user, lambda user: user.user_id, 100)
    assert collector.add(page_of(result))
    assert not collector.listing().is_complete


@pytest.mark.parametrize("figures", ["absent", "lying"])
async def test_cut_opmodes(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    house: Lock,
    set_up: SetUp,
    tick: Tick,
    figures: Any,
) -> None:
    """Unlock methods that an incomplete list leaves out once are not removed."""
    cloud.dialects.unsupported = {"smart_lock_users": 2009}
    await set_up()
    changes = async_capture_events(hass, EVENT_USER_CHANGED)
    assert state_of(hass, "house:80001_unlock_methods") == "3"
    cloud.dialects.has_more = "absent"

    def cut(result: Any) -> Any:
        figure = {"total": 3} if figures == "absent" else {"total_pages": 2}
        return (
            {"records": result["records"][:1], **figure}
            if "records" in result
            else result
        )

    cloud.faults.edit(cut, on="opmodes", user="80001", times=2)
    for _ in range(3):
        await tick(CYCLE_SECONDS)
    assert cloud.calls.to("opmodes", user="80001")
    assert state_of(hass, "house:80001_unlock_methods") == "3"
    assert not changes


# --- Users without unlock methods --------------------------------------------------


async def test_hidden_users(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp, tick: Tick
) -> None:
    """Users whom the best call hides are found once, and followed from then on."""
    assert field_input("users_of_codes_only")["results"][1]["total"] == 5
    cloud.dialects.hides_users = True
    changes = async_capture_events(hass, EVENT_USER_CHANGED)
    entry = await set_up()
    assert state_of(hass, "house_users") == "5"
    assert len(user_names(hass, entry, "house")) == 5

    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(hass, "house_users") == "5"
    assert not changes
    cloud.calls.clear()
    await tick(CYCLE_SECONDS)
    assert calls_of_a_poll(cloud) == {"smart_lock_users": 1, "users_v11": 1}

    house.remove_user("80005")
    await tick(CYCLE_SECONDS)
    assert [event.data["event_type"] for event in changes] == ["user_removed"]


async def test_short_list_that_hides_users(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp, tick: Tick
) -> None:
    """Who is missing from the first list for a while has no fewer methods."""
    cloud.dialects.hides_users = True
    cloud.faults.refuse(2009, on="opmodes", times=None)
    await set_up()
    await tick(CYCLE_SECONDS)
    assert state_of(hass, "house_unlock_methods") == "5"
    changes = async_capture_events(hass, EVENT_USER_CHANGED)
    fault = cloud.faults.page("keep", 0, on="smart_lock_users")
    for _ in range(3):
        await tick(CYCLE_SECONDS)
    assert state_of(hass, "house_unlock_methods") == STATE_UNKNOWN
    fault.remove()
    await tick(CYCLE_SECONDS)
    assert state_of(hass, "house_unlock_methods") == "5"
    assert not changes


async def test_list_that_hides_nobody(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp, tick: Tick
) -> None:
    """The lists are compared once a day, and a user who was just added is not hidden."""
    await set_up()
    await tick(CYCLE_SECONDS)
    cloud.calls.clear()
    await tick(CYCLE_SECONDS)
    assert calls_of_a_poll(cloud) == {"smart_lock_users": 1}

    house.add_user("New", user_id="80009")
    await tick(DAY_SECONDS)
    assert cloud.calls.counts()["users_v11"] == 1
    cloud.calls.clear()
    await tick(CYCLE_SECONDS)
    assert calls_of_a_poll(cloud) == {"smart_lock_users": 1}
    assert state_of(hass, "house_users") == "6"


async def test_hidden_users_that_cannot_be_read(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp, tick: Tick
) -> None:
    """Without the second list nothing is known of them, and nobody is removed."""
    cloud.dialects.hides_users = True
    await set_up()
    fault = cloud.faults.http(503, on="users_v11", times=None)
    for _ in range(3):
        await tick(CYCLE_SECONDS)
    assert state_of(hass, "house_users") == STATE_UNAVAILABLE
    fault.remove()
    await tick(CYCLE_SECONDS)
    assert state_of(hass, "house_users") == "5"


@pytest.mark.parametrize("is_answer_lost", [False, True], ids=["answered", "lost"])
@pytest.mark.parametrize("hides_before", [False, True], ids=["unknown", "known"])
async def test_added_user_is_hidden(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    house: Lock,
    set_up: SetUp,
    hides_before: bool,
    is_answer_lost: bool,
) -> None:
    """A user without unlock methods is there, whatever the list shows."""
    if hides_before:
        cloud.dialects.hides_users = True
    act = Act(hass, await set_up())
    cloud.dialects.hides_users = True
    if is_answer_lost:
        cloud.faults.lose_answer("http", on="add_user")

    answer = await act("add_user", on="house", name="Newbie")

    [newbie] = [user for user in house.users.values() if user.nick_name == "Newbie"]
    assert answer == {"user_id": newbie.user_id}
    assert len(cloud.calls.to("add_user")) == 1
    assert state_of(hass, "house_users") == "6"


@pytest.mark.parametrize("unknown", [(), ("user_v11",)], ids=["v1.1", "v1.0"])
async def test_added_user_is_listed_late(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    house: Lock,
    set_up: SetUp,
    tick: Tick,
    unknown: tuple[str, ...],
) -> None:
    """A user whom no list shows yet is known by the id from the reply."""
    act = Act(hass, await set_up())
    cloud.dialects.unsupported = dict.fromkeys(unknown, 1108)
    late = cloud.faults.edit(
        lambda result: {
            **result,
            "records": [r for r in result["records"] if r["nick_name"] != "Newbie"],
            "total": 5,
        },
        on=("smart_lock_users", "users_v11"),
        times=None,
    )

    answer = await act("add_user", on="house", name="Newbie")

    assert answer["user_id"] in house.users
    late.remove()
    await tick(CYCLE_SECONDS)
    assert state_of(hass, "house_users") == "6"
    cloud.calls.clear()
    await tick(CYCLE_SECONDS)
    assert calls_of_a_poll(cloud) == {"smart_lock_users": 1}


@pytest.mark.parametrize("hides_users", [False, True])
async def test_user_that_was_not_added(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    house: Lock,
    set_up: SetUp,
    hides_users: bool,
) -> None:
    """A user whom nothing shows, alone or in a list, was not added."""
    act = Act(hass, await set_up())
    cloud.dialects.hides_users = hides_users
    cloud.faults.drop_write(on="add_user")

    error = await act.refused("add_user", on="house", name="Newbie")

    assert error.translation_key == "order_dropped"
    assert cloud.calls.to("user_v11")
    assert cloud.calls.to("user_v10")


# --- The same, said in another way -------------------------------------------------


@pytest.mark.parametrize("switch", ["signed_pictures", "unsteady"])
async def test_nothing_changed(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    house: Lock,
    set_up: SetUp,
    tick: Tick,
    written: Callable[[], list[str]],
    switch: str,
) -> None:
    """Signatures, order, and the type of numbers cost no call and write nothing."""
    cloud.dialects.set(**{switch: True})
    await set_up()
    await tick(DAY_SECONDS)
    written()
    for _ in range(4):
        cloud.calls.clear()
        await tick(CYCLE_SECONDS)
        assert cloud.calls.to("smart_lock_users")
        assert not cloud.calls.to("opmodes")
    assert written() == []


async def test_picture_signed_anew(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp, tick: Tick
) -> None:
    """The link in an answer is the newest, though it is no change."""
    first, second = field_input("picture_signed_anew")["results"]
    assert decode_user(first) == decode_user(second)
    cloud.dialects.signed_pictures = True
    act = Act(hass, await set_up())
    before = (await act("get_users", on="house"))["users"][0]["avatar_url"]
    await tick(CYCLE_SECONDS)
    after = (await act("get_users", on="house"))["users"][0]["avatar_url"]
    assert before != after
    assert before.partition("?")[0] == after.partition("?")[0]


@pytest.mark.parametrize("contact", ["nick_name", "user_contact"])
async def test_change_that_methods_do_not_depend_on(
    cloud: SimulatedCloud, house: Lock, set_up: SetUp, tick: Tick, contact: str
) -> None:
    """A new name costs no reading of the unlock methods."""
    await set_up()
    setattr(house.users["80002"], contact, "Another")
    cloud.calls.clear()
    await tick(CYCLE_SECONDS)
    assert calls_of_a_poll(cloud) == {"smart_lock_users": 1}


# --- Nothing is unassigned ---------------------------------------------------------


@pytest.mark.parametrize("by_type", [False, True], ids=["at-once", "by-type"])
@pytest.mark.parametrize("said", ["object", "null", "missing"])
async def test_nothing_unassigned(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    house: Lock,
    set_up: SetUp,
    tick: Tick,
    issue_registry: ir.IssueRegistry,
    said: Any,
    by_type: bool,
) -> None:
    """A reply without a list means that no method is without a user."""
    for result in field_input("nothing_unassigned")["results"]:
        assert page_of(result, may_be_missing=True).records == []
    cloud.dialects.set(nothing_unassigned=said, unassigned_needs_type=by_type)
    act = Act(hass, await set_up())
    assert state_of(hass, "house_unassigned_unlock_methods") == "2"
    assert issue_registry.issues

    for method in house.unassigned:
        house.methods.remove(method)
    await act("get_unlock_methods", on="house", unassigned=True)
    await tick(90)  # an empty list is believed the second time
    answer = await act("get_unlock_methods", on="house", unassigned=True)

    assert answer == {"unlock_methods": []}
    assert state_of(hass, "house_unassigned_unlock_methods") == "0"
    assert "unassigned" not in str(issue_registry.issues.keys())
