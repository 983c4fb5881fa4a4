"""Lists that are suddenly empty or much shorter must be confirmed."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.tuya_lock_users.const import DOMAIN, EVENT_USER_CHANGED
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from simulator import FALLBACK, OWNER, Lock, SimulatedCloud
from tests.common import field_input, lock_device, state_of, user_names
from tests.conftest import CYCLE_SECONDS, DAY_SECONDS, LIST_SECONDS, Home, SetUp
from tests.services.calling import Actions

CONFIRM_SECONDS = 62
USER_IDS = ("alice", "bob", "carl", "dora", "emil")


@pytest.fixture
def door(door: Lock) -> Lock:
    """A lock with five users."""
    for user_id in USER_IDS[2:]:
        door.add_method("card", door.add_user(user_id.title(), user_id=user_id))
    return door


@pytest.fixture
def events(hass: HomeAssistant) -> list[Event]:
    return async_capture_events(hass, EVENT_USER_CHANGED)


@pytest.fixture
def act(hass: HomeAssistant, entry: MockConfigEntry) -> Actions:
    return Actions(hass, entry)


def issue_keys(hass: HomeAssistant) -> list[str | None]:
    issues = ir.async_get(hass).issues.values()
    return [one.translation_key for one in issues if one.domain == DOMAIN]


def lock_states(home: Home) -> dict[str, str]:
    return home.states("front", "shed", "attic")


@pytest.mark.parametrize("kept", [0, 1, 2])
@pytest.mark.parametrize("dialect", [{}, FALLBACK], ids=["methods", "fallback"])
async def test_users_short_once(
    home: Home, events: list[Event], kept: int, dialect: dict[str, Any]
) -> None:
    """A short list changes nothing, and is read again a minute later."""
    home.cloud.dialects.set(**dialect)
    entry = await home.set_up()
    before, devices = lock_states(home), user_names(home.hass, entry, "front")
    on = "users_v11" if dialect else "smart_lock_users"
    home.cloud.faults.page("keep", kept, on=on, times=1)
    await home.tick(CYCLE_SECONDS + 100)
    assert len(home.cloud.calls.to(on)) > 1
    assert lock_states(home) == before
    home.cloud.calls.clear()
    await home.tick(CONFIRM_SECONDS)
    assert len(home.cloud.calls.to(on)) == 1
    assert lock_states(home) == before
    assert user_names(home.hass, entry, "front") == devices
    assert events == []
    assert issue_keys(home.hass) == []


@pytest.mark.parametrize(("kept", "is_doubted"), [(2, True), (3, False)])
async def test_users_removed(
    home: Home, events: list[Event], kept: int, is_doubted: bool
) -> None:
    """More than half are removed by the second list, fewer by the first."""
    entry = await home.set_up()
    for user_id in USER_IDS[kept:]:
        home.door.remove_user(user_id)
    await home.tick(CYCLE_SECONDS)
    left = 5 if is_doubted else kept
    assert len(user_names(home.hass, entry, "front")) == left
    assert bool(events) is not is_doubted
    await home.tick(CONFIRM_SECONDS)
    assert home.state("front_users") == str(kept)
    assert len(user_names(home.hass, entry, "front")) == kept
    removed = [one.data["user_id"] for one in events if "user_r" in str(one.data)]
    assert {*USER_IDS[kept:]} <= set(removed)


async def test_users_stay_empty(home: Home) -> None:
    """Another call must confirm it; then the users are removed, with a repair."""
    entry = await home.set_up()
    before = lock_states(home)
    home.cloud.faults.page("keep", 0, on="smart_lock_users")
    await home.tick(CYCLE_SECONDS, times=6)
    assert lock_states(home) == before
    assert issue_keys(home.hass) == []

    home.cloud.faults.page("keep", 0, on=["users_v11", "users_v10"])
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_users") == "0"
    assert user_names(home.hass, entry, "front") == []
    assert issue_keys(home.hass) == ["empty_user_list"]

    home.cloud.faults.clear()
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_users") == "5"
    assert issue_keys(home.hass) == []


async def test_users_short_then_empty(home: Home) -> None:
    """An empty list does not confirm a short one."""
    await home.set_up()
    before = lock_states(home)
    empty = home.cloud.faults.page("keep", 0, on="smart_lock_users", after=1, times=1)
    home.cloud.faults.page("keep", 1, on="smart_lock_users", times=1)
    await home.tick(CYCLE_SECONDS + 100)
    await home.tick(CONFIRM_SECONDS)
    assert empty.hits
    assert lock_states(home) == before
    await home.tick(CONFIRM_SECONDS)
    assert lock_states(home) == before


async def test_users_empty_unconfirmed(home: Home) -> None:
    """A single call removes no user, but a repair reports the empty list."""
    home.cloud.dialects.unsupported = {"users_v11": 1108, "users_v10": 1108}
    await home.set_up()
    before = lock_states(home)
    fault = home.cloud.faults.page("keep", 0, on="smart_lock_users")
    await home.tick(CYCLE_SECONDS)
    assert issue_keys(home.hass) == []
    await home.tick(CONFIRM_SECONDS)
    assert issue_keys(home.hass) == ["empty_user_list"]
    assert lock_states(home) == before

    fault.remove()
    await home.tick(CYCLE_SECONDS)
    assert issue_keys(home.hass) == []
    assert lock_states(home) == before


@pytest.mark.parametrize("code", [1109, 1108, 2009])
async def test_users_second_page_refused(
    home: Home, events: list[Event], code: int
) -> None:
    """The refusal ends the list, which is incomplete; no other call replaces it."""
    home.cloud.dialects.set(page_size_max=2, page_size_over="clamp")
    await home.set_up()
    before = lock_states(home)
    fault = home.cloud.faults.refuse(code, on="smart_lock_users", after=1, times=1)
    home.door.remove_user("emil")
    home.cloud.calls.clear()
    while not fault.hits:
        await home.tick(CYCLE_SECONDS)
    assert lock_states(home) == before
    assert "users_v11" not in home.cloud.calls.counts()
    await home.tick(3 * CYCLE_SECONDS)
    assert home.state("front_users") == "4"
    assert "user_removed" in str(events)
    assert "user_added" not in str(events)


@pytest.mark.parametrize("kept", [0, 2])
async def test_users_short_after_restart(
    home: Home, events: list[Event], kept: int
) -> None:
    """Devices of missing users stay, and counts are unknown."""
    entry = await home.set_up()
    before, devices = lock_states(home), user_names(home.hass, entry, "front")
    home.cloud.faults.page("keep", kept, on="smart_lock_users", times=1)
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.hass.async_block_till_done()
    assert user_names(home.hass, entry, "front") == devices
    assert home.state("front_users") == STATE_UNKNOWN
    assert home.state("front:emil_access") == STATE_UNAVAILABLE
    await home.tick(CONFIRM_SECONDS)
    await home.tick(CYCLE_SECONDS)
    assert lock_states(home) == before
    assert events == []


async def test_users_deleted_by_action(
    hass: HomeAssistant, set_up: SetUp, door: Lock, act: Actions
) -> None:
    """Items removed by a command are not doubted. The clock runs, since a purge waits."""
    await set_up()
    assert await act("purge_users", users=list(USER_IDS[1:]), include_members=True) == {
        "results": [{"user_id": key, "status": "purged"} for key in USER_IDS[1:]]
    }
    assert state_of(hass, "front_users") == "1"


async def test_users_short_keeps_suspension(home: Home, act: Actions) -> None:
    """The saved schedule of a user who was missing once is kept."""
    home.cloud.delivery.delay = 0
    entry = await home.set_up()
    await act("suspend_user", user="bob")
    home.cloud.faults.page("keep", 1, on="smart_lock_users", times=1)
    await home.tick(CYCLE_SECONDS)
    assert "bob" in entry.runtime_data.runtime.store.lock("front").suspended
    await home.tick(CONFIRM_SECONDS)
    await act("resume_user", user="bob")
    assert home.door.find("bob").schedule.permanent


@pytest.mark.parametrize("figures", [{"total": 5}, {"has_more": True}])
async def test_users_incomplete(
    home: Home, events: list[Event], figures: dict[str, Any]
) -> None:
    entry = await home.set_up()
    before, devices = lock_states(home), user_names(home.hass, entry, "front")
    home.cloud.faults.edit(
        lambda result: {"records": result["records"][:3], **figures},
        on="smart_lock_users",
        times=None,
    )
    await home.tick(CYCLE_SECONDS, times=4)
    assert lock_states(home) == before
    assert user_names(home.hass, entry, "front") == devices
    assert events == []


@pytest.mark.parametrize("kept", [0, 2])
async def test_users_short_at_start(home: Home, events: list[Event], kept: int) -> None:
    """Before a complete list, numbers are unknown, and no user is reported as added."""
    home.cloud.faults.edit(
        lambda result: {**result, "records": result["records"][:kept], "total": 5},
        on=["smart_lock_users", "users_v11"],
        times=2,
    )
    await home.set_up()
    assert home.state("front_users") == STATE_UNKNOWN
    assert home.state("front_unlock_methods") == STATE_UNKNOWN
    await home.tick(CONFIRM_SECONDS)
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_users") == "5"
    assert events == []


@pytest.mark.parametrize("is_cut", [False, True], ids=["failed", "cut"])
async def test_users_empty_other_call_fails(home: Home, is_cut: bool) -> None:
    """A failed call, or one with another total, does not confirm an empty list."""
    await home.set_up()
    before = lock_states(home)
    home.cloud.faults.page("keep", 0, on="smart_lock_users")
    if is_cut:
        cut = {"records": [], "total": 5, "has_more": False}
        home.cloud.faults.result(cut, on="users_v11", times=None)
    else:
        home.cloud.faults.http(503, on="users_v11", times=None)
    for _ in range(4):
        await home.tick(CYCLE_SECONDS)
    assert lock_states(home) == before
    assert issue_keys(home.hass) == []


both_lists = pytest.mark.parametrize(
    ("on", "key"),
    [
        ("absent_users", "absent_users"),
        ("unassigned_keys", "unassigned_unlock_methods"),
    ],
)


@both_lists
async def test_orphans_short_once(home: Home, on: str, key: str) -> None:
    """The count stays until a second list confirms the change."""
    home.door.add_method("card", home.door.users["emil"])
    home.door.remove_user("emil")
    await home.set_up()
    before, issues = home.state(f"front_{key}"), issue_keys(home.hass)
    assert before not in ("0", STATE_UNKNOWN)
    fault = home.cloud.faults.result([], on=on, times=1)
    await home.tick(DAY_SECONDS)
    assert fault.hits
    assert home.state(f"front_{key}") == before
    assert issue_keys(home.hass) == issues
    await home.tick(CONFIRM_SECONDS)
    assert home.state(f"front_{key}") == before

    for method in list(home.door.methods):
        home.door.remove_method(method)
    home.door.absent.clear()
    await home.tick(DAY_SECONDS)
    await home.tick(CYCLE_SECONDS)
    await home.tick(CONFIRM_SECONDS)
    assert home.state(f"front_{key}") == "0"


@both_lists
@pytest.mark.parametrize("by_type", [False, True])
async def test_orphans_incomplete(home: Home, on: str, key: str, by_type: bool) -> None:
    """A first list is no number yet, and a later one removes nothing."""

    def without_first(result: Any) -> Any:
        rows = result if isinstance(result, list) else result["unlock_keys"]
        return {"list": rows[1:], "total": len(rows)}

    for _ in range(4):
        home.door.add_method("card")
        home.door.add_method("card", home.door.add_user("Gone"))
    for user in list(home.door.users.values())[len(USER_IDS) :]:
        home.door.remove_user(user.user_id)
    home.cloud.dialects.unassigned_needs_type = by_type
    cut = home.cloud.faults.edit(without_first, on=on, times=None)
    await home.set_up()
    assert home.state(f"front_{key}") == STATE_UNKNOWN
    cut.remove()
    await home.tick(CONFIRM_SECONDS)
    before = home.state(f"front_{key}")
    assert before in ("4", "8")

    cut = home.cloud.faults.edit(without_first, on=on, times=None)
    for _ in range(3):
        await home.tick(DAY_SECONDS)
        home.cloud.calls.clear()
        for _ in range(4):
            await home.tick(CYCLE_SECONDS)
        assert len(home.cloud.calls.to(on)) <= (4 if by_type else 1)
    assert cut.hits
    assert home.state(f"front_{key}") == before


@pytest.fixture
def shed(cloud: SimulatedCloud) -> Lock:
    shed = cloud.add_lock("shed", "Shed")
    shed.add_user("Sam", user_id="sam", user_type=OWNER)
    return shed


def _empty(cloud: SimulatedCloud) -> Any:
    reply = field_input("list_of_locks_empty_once")["reply"]
    return cloud.faults.json(reply, on="associated_devices")


def _halved(cloud: SimulatedCloud) -> Any:
    cloud.add_lock("attic", "Attic").add_user("Al", user_id="al", user_type=OWNER)
    return cloud.faults.page("keep", 1, on="associated_devices", times=1, after=1)


@pytest.mark.usefixtures("shed")
@pytest.mark.parametrize("restart", [False, True])
async def test_locks_empty_once(home: Home, events: list[Event], restart: bool) -> None:
    """No device is removed, locks are still polled, and the list is read again soon."""
    entry = await home.set_up()
    before = lock_states(home)
    home.cloud.calls.clear()
    _empty(home.cloud)
    if restart:
        await home.hass.config_entries.async_reload(entry.entry_id)
        await home.hass.async_block_till_done()
    else:
        await home.tick(LIST_SECONDS)
    assert len(home.cloud.calls.to("associated_devices")) == 1
    if not restart:  # only the list knows whether a lock is online
        assert lock_states(home) == before
    await home.tick(CONFIRM_SECONDS)
    assert len(home.cloud.calls.to("associated_devices")) == 2
    assert lock_states(home) == before
    assert lock_device(home.hass, entry, "shed")
    assert events == []
    assert issue_keys(home.hass) == []


@pytest.mark.usefixtures("shed")
async def test_locks_halved_once(home: Home) -> None:
    _halved(home.cloud)
    entry = await home.set_up()
    before = lock_states(home)
    await home.tick(LIST_SECONDS)
    assert lock_states(home) == before
    await home.tick(CONFIRM_SECONDS)
    assert lock_states(home) == before
    assert lock_device(home.hass, entry, "attic")


def _account(cloud: SimulatedCloud) -> None:
    """The list is wrong: the account has the locks."""


def _account_cut(cloud: SimulatedCloud) -> None:
    """The account has more locks than it lists."""
    cut = {"devices": [], "total": 2}
    cloud.faults.result(cut, on="account_devices", times=None)


def _no_account(cloud: SimulatedCloud) -> None:
    """Nothing is known of the account, but a lock can be read."""
    cloud.faults.refuse(1106, on="account_devices", times=None)


def _plan(cloud: SimulatedCloud) -> None:
    """The list is wrong, and nothing else can be read."""
    cloud.faults.refuse(28841105, on="reads", times=None, after=1)


@pytest.mark.usefixtures("shed")
@pytest.mark.parametrize("reason", [_account, _account_cut, _no_account, _plan])
async def test_locks_empty_unconfirmed(
    home: Home, reason: Callable[[SimulatedCloud], None]
) -> None:
    """As long as no other call agrees the locks stay."""
    entry = await home.set_up()
    home.cloud.faults.page("keep", 0, on="associated_devices")
    reason(home.cloud)
    await home.tick(LIST_SECONDS, times=4)
    assert lock_device(home.hass, entry, "front")
    assert lock_device(home.hass, entry, "shed")
    home.cloud.faults.clear()
    await home.tick(LIST_SECONDS, times=30)
    assert home.state("front_users") == "5"
    assert issue_keys(home.hass) == []


@pytest.mark.parametrize("code", [None, 1106, 2007], ids=["account", "1106", "2007"])
async def test_last_lock_removed(home: Home, code: int | None) -> None:
    """The account or the lock itself confirms the empty list, and a repair appears."""
    entry = await home.set_up()
    home.door.unpair()
    if code:
        home.cloud.faults.refuse(1106, on="account_devices", times=None)
        for call in ("smart_lock_users", "users_v11", "users_v10"):
            home.cloud.faults.refuse(code, on=call, times=None)
    await home.tick(LIST_SECONDS)
    assert lock_device(home.hass, entry, "front")
    await home.tick(CONFIRM_SECONDS)
    assert lock_device(home.hass, entry, "front") is None
    assert issue_keys(home.hass) == ["empty_lock_list"]
    home.cloud.faults.clear()
    home.door.pair()
    await home.tick(LIST_SECONDS)
    assert home.state("front_users") == "5"
    assert issue_keys(home.hass) == []
