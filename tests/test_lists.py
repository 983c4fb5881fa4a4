"""Incomplete lists, and lists with the same content, change nothing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

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
from tests.common import field_input, user_names
from tests.conftest import DAY_SECONDS, NOW_SECONDS, Home
from tests.services.calling import Actions

CYCLE_SECONDS = 5 * 60 + 10


pytestmark = pytest.mark.usefixtures("no_read_back_delay")


@pytest.fixture
def door(cloud: SimulatedCloud) -> Lock:
    """A lock with five users; two have no unlock methods."""
    door = cloud.add_lock("front", "Front door")
    gerlinde = door.add_user("Gerlinde", user_id="80001", user_type=OWNER)
    gerlinde.avatar_url = "https://pictures.example.com/80001.png"
    for kind in ("password", "fingerprint", "card"):
        door.add_method(kind, gerlinde)
    for number in (80002, 80003):
        user = door.add_user(f"User {number}", user_id=str(number))
        door.add_method("card", user)
    user.schedule = Schedule(
        permanent=False,
        effective_time=NOW_SECONDS - DAY_SECONDS,
        expired_time=NOW_SECONDS + 60 * DAY_SECONDS,
        windows=[Window(MONDAY, 60, 120), Window(SUNDAY, 0, 1440)],
    )
    for number in (80004, 80005):
        door.add_user(f"User {number}", user_id=str(number))
    for kind in ("fingerprint", "card"):
        door.add_method(kind)
    for number in (1, 2):
        door.remove_user(door.add_user("Gone", user_id=f"8000{5 + number}").user_id)
    return door


def calls_of_a_poll(cloud: SimulatedCloud) -> dict[str, int]:
    """Return the calls about the lock, without those for the list of locks."""
    counts = cloud.calls.counts()
    return {k: n for k, n in counts.items() if k not in ("associated_devices", "token")}


@pytest.fixture
def written(hass: HomeAssistant) -> Callable[[], list[str]]:
    """Return a function that returns new states and events since its last call."""
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


def test_page_with_total_pages() -> None:
    [result] = field_input("page_with_total_pages")["results"]
    collector = PageCollector(decode_user, lambda user: user.user_id, 100)
    assert collector.add(page_of(result))
    assert not collector.listing().is_complete


@pytest.mark.parametrize("figures", ["absent", "lying"])
async def test_opmodes_incomplete(home: Home, figures: Any) -> None:
    """Unlock methods that an incomplete list leaves out once are not removed."""
    home.cloud.dialects.unsupported = {"smart_lock_users": 2009}
    await home.set_up()
    changes = async_capture_events(home.hass, EVENT_USER_CHANGED)
    assert home.state("front:80001_unlock_methods") == "3"
    home.cloud.dialects.has_more = "absent"

    def cut(result: Any) -> Any:
        figure = {"total": 3} if figures == "absent" else {"total_pages": 2}
        return (
            {"records": result["records"][:1], **figure}
            if "records" in result
            else result
        )

    home.cloud.faults.edit(cut, on="opmodes", user="80001", times=2)
    await home.tick(CYCLE_SECONDS, times=3)
    assert home.cloud.calls.to("opmodes", user="80001")
    assert home.state("front:80001_unlock_methods") == "3"
    assert not changes


async def test_hidden_users(home: Home) -> None:
    """Users hidden by the best call are found, and listed from then on."""
    assert field_input("users_of_codes_only")["results"][1]["total"] == 5
    home.cloud.dialects.hides_users = True
    changes = async_capture_events(home.hass, EVENT_USER_CHANGED)
    entry = await home.set_up()
    assert home.state("front_users") == "5"
    assert len(user_names(home.hass, entry, "front")) == 5

    await home.reload()
    assert home.state("front_users") == "5"
    assert not changes
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS)
    assert calls_of_a_poll(home.cloud) == {"smart_lock_users": 1, "users_v11": 1}

    # Without the second list nothing is known of them, and no user is removed.
    fault = home.cloud.faults.http(503, on="users_v11", times=None)
    await home.tick(CYCLE_SECONDS, times=3)
    assert home.state("front_users") == STATE_UNAVAILABLE
    fault.remove()
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_users") == "5"
    assert not changes

    home.door.remove_user("80005")
    await home.tick(CYCLE_SECONDS)
    assert [event.data["event_type"] for event in changes] == ["user_removed"]


async def test_hidden_users_short_list(home: Home) -> None:
    """Users missing from the first list for a while keep their methods."""
    home.cloud.dialects.hides_users = True
    home.cloud.faults.refuse(2009, on="opmodes", times=None)
    await home.set_up()
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_unlock_methods") == "5"
    changes = async_capture_events(home.hass, EVENT_USER_CHANGED)
    fault = home.cloud.faults.page("keep", 0, on="smart_lock_users")
    for _ in range(3):
        await home.tick(CYCLE_SECONDS)
    assert home.state("front_unlock_methods") == STATE_UNKNOWN
    fault.remove()
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_unlock_methods") == "5"
    assert not changes


async def test_no_hidden_users(home: Home) -> None:
    """The lists are compared once a day, and a user who was just added is not hidden."""
    await home.set_up()
    await home.tick(CYCLE_SECONDS)
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS)
    assert calls_of_a_poll(home.cloud) == {"smart_lock_users": 1}
    home.door.add_user("New", user_id="80009")
    await home.tick(DAY_SECONDS)
    assert home.cloud.calls.counts()["users_v11"] == 1
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS)
    assert calls_of_a_poll(home.cloud) == {"smart_lock_users": 1}
    assert home.state("front_users") == "6"


@pytest.mark.parametrize("code", [1108, 1109])
async def test_hidden_users_refused_once(home: Home, code: int) -> None:
    """A refusal removes no user, and does not restore trust in the first list."""
    home.cloud.dialects.hides_users = True
    await home.set_up()
    changes = async_capture_events(home.hass, EVENT_USER_CHANGED)
    # If the page size may be the reason, a second size is tried.
    times = 2 if code == 1109 else 1
    fault = home.cloud.faults.refuse(code, on="users_v11", times=times)
    await home.tick(CYCLE_SECONDS)
    assert fault.hits == times
    assert home.state("front_users") == "5"
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS)
    assert calls_of_a_poll(home.cloud) == {"smart_lock_users": 1, "users_v11": 1}
    assert home.state("front_users") == "5"
    assert not changes


async def test_hidden_users_refused_at_restart(home: Home) -> None:
    """After a restart, the users of the first list are not all."""
    home.cloud.dialects.hides_users = True
    entry = await home.set_up()
    fault = home.cloud.faults.refuse(1108, on="users_v11", times=None)
    await home.reload()
    await home.tick(CYCLE_SECONDS, times=3)
    assert home.state("front_users") == STATE_UNKNOWN
    assert len(user_names(home.hass, entry, "front")) == 5
    fault.remove()
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_users") == "5"


async def test_all_users_hidden(home: Home) -> None:
    home.cloud.dialects.hides_users = True
    home.door.methods.clear()
    await home.set_up()
    await home.tick(90)
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_users") == "5"


@pytest.mark.parametrize("is_response_lost", [False, True], ids=["answered", "lost"])
@pytest.mark.parametrize("hides_before", [False, True], ids=["unknown", "known"])
async def test_add_user_hidden(
    home: Home, hides_before: bool, is_response_lost: bool
) -> None:
    """A new user without unlock methods is found even if the list hides users."""
    if hides_before:
        home.cloud.dialects.hides_users = True
    act = Actions(home.hass, await home.set_up())
    home.cloud.dialects.hides_users = True
    if is_response_lost:
        home.cloud.faults.lose_reply("http", on="add_user")
    response = await act("add_user", on="front", name="Newbie")
    [newbie] = [user for user in home.door.users.values() if user.nick_name == "Newbie"]
    assert response == {"user_id": newbie.user_id}
    assert len(home.cloud.calls.to("add_user")) == 1
    assert home.state("front_users") == "6"


@pytest.mark.parametrize("unknown", [(), ("user_v11",)], ids=["v1.1", "v1.0"])
async def test_add_user_listed_late(home: Home, unknown: tuple[str, ...]) -> None:
    """A new user that no list contains yet is known by the ID in the reply."""
    act = Actions(home.hass, await home.set_up())
    home.cloud.dialects.unsupported = dict.fromkeys(unknown, 1108)
    late = home.cloud.faults.edit(
        lambda result: {
            **result,
            "records": [r for r in result["records"] if r["nick_name"] != "Newbie"],
            "total": 5,
        },
        on=("smart_lock_users", "users_v11"),
        times=None,
    )

    response = await act("add_user", on="front", name="Newbie")

    assert response["user_id"] in home.door.users
    late.remove()
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_users") == "6"
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS)
    assert calls_of_a_poll(home.cloud) == {"smart_lock_users": 1}


@pytest.mark.parametrize("hides_users", [False, True])
async def test_add_user_dropped(home: Home, hides_users: bool) -> None:
    act = Actions(home.hass, await home.set_up())
    home.cloud.dialects.hides_users = hides_users
    home.cloud.faults.drop_write(on="add_user")
    error = await act.refused("add_user", on="front", name="Newbie")
    assert error.translation_key == "order_dropped"
    assert home.cloud.calls.to("user_v11")
    assert home.cloud.calls.to("user_v10")


@pytest.mark.parametrize("switch", ["signed_pictures", "unsteady"])
async def test_unchanged_content(
    home: Home, written: Callable[[], list[str]], switch: str
) -> None:
    """Signatures, order, and the type of numbers cause no call and no state."""
    home.cloud.dialects.set(**{switch: True})
    await home.set_up()
    await home.tick(DAY_SECONDS)
    written()
    for _ in range(4):
        home.cloud.calls.clear()
        await home.tick(CYCLE_SECONDS)
        assert home.cloud.calls.to("smart_lock_users")
        assert not home.cloud.calls.to("opmodes")
    assert written() == []


async def test_picture_url_renewed(home: Home) -> None:
    """The response contains the newest URL, though it is no change."""
    first, second = field_input("picture_signed_anew")["results"]
    assert decode_user(first) == decode_user(second)
    home.cloud.dialects.signed_pictures = True
    act = Actions(home.hass, await home.set_up())
    before = (await act("get_users", on="front"))["users"][0]["avatar_url"]
    await home.tick(CYCLE_SECONDS)
    after = (await act("get_users", on="front"))["users"][0]["avatar_url"]
    assert before != after
    assert before.partition("?")[0] == after.partition("?")[0]


@pytest.mark.parametrize("contact", ["nick_name", "user_contact"])
async def test_contact_changed(home: Home, contact: str) -> None:
    await home.set_up()
    setattr(home.door.users["80002"], contact, "Another")
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS)
    assert calls_of_a_poll(home.cloud) == {"smart_lock_users": 1}


@pytest.mark.parametrize("by_type", [False, True], ids=["at-once", "by-type"])
@pytest.mark.parametrize("empty_form", ["object", "null", "missing"])
async def test_no_unassigned_methods(
    home: Home, issue_registry: ir.IssueRegistry, empty_form: Any, by_type: bool
) -> None:
    """A reply without a list means that there are no unassigned methods."""
    for result in field_input("nothing_unassigned")["results"]:
        assert page_of(result, may_be_missing=True).records == []
    home.cloud.dialects.set(
        nothing_unassigned=empty_form, unassigned_needs_type=by_type
    )
    act = Actions(home.hass, await home.set_up())
    assert home.state("front_unassigned_unlock_methods") == "2"
    assert issue_registry.issues
    for method in home.door.unassigned:
        home.door.methods.remove(method)
    await act("get_unlock_methods", on="front", unassigned=True)
    await home.tick(90)  # an empty list is believed the second time
    response = await act("get_unlock_methods", on="front", unassigned=True)
    assert response == {"unlock_methods": []}
    assert home.state("front_unassigned_unlock_methods") == "0"
    assert "unassigned" not in str(issue_registry.issues.keys())
