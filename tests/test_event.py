"""The event entity of a lock: each change is reported once."""

from collections.abc import Callable
from datetime import datetime
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.tuya_lock_users.const import EVENT_USER_CHANGED
from custom_components.tuya_lock_users.domain.changes import ChangeType
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from simulator import ADMIN, FALLBACK, Delivery, Lock, Schedule
from simulator.model import Method
from tests.common import load_fixture, state_object
from tests.conftest import CYCLE_SECONDS, NOW, NOW_SECONDS, Home, limited

HOUR = 3600
DAY = 24 * HOUR

UNIQUE_ID = "front_user_changes"

type Reported = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def reported(hass: HomeAssistant) -> Callable[[], Reported]:
    """Return a function that returns the events of the entity since its first call."""
    changes: Reported = []
    seen: set[str] = set()

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        new, old = event.data["new_state"], event.data["old_state"]
        assert new is not None
        has_time = new.state not in (STATE_UNAVAILABLE, STATE_UNKNOWN)
        if has_time and old is not None and new.state not in seen:
            attributes = dict(new.attributes)
            for key in ("event_types", "friendly_name"):
                attributes.pop(key)
            changes.append((attributes.pop("event_type"), attributes))
        seen.add(new.state)

    def since() -> Reported:
        if not seen:
            state = state_object(hass, UNIQUE_ID)
            seen.add(state.state)
            async_track_state_change_event(hass, [state.entity_id], note)
        result = list(changes)
        changes.clear()
        return result

    return since


def rename(door: Lock) -> None:
    door.find("bob").nick_name = "Robert"


def promote(door: Lock) -> None:
    door.find("bob").user_type = ADMIN


def limit(door: Lock) -> None:
    door.find("bob").schedule = limited(-DAY, DAY)


def open_again(door: Lock) -> None:
    door.find("carl").schedule = Schedule()


def enrol(door: Lock) -> None:
    door.add_method("password", door.find("bob"), unlock_sn=7, name="Code")


def card_of(door: Lock) -> Method:
    return door.methods_of(door.find("bob"))[0]


def fail(door: Lock) -> None:
    bob = door.find("bob")
    bob.schedule.operate, bob.schedule.delivery = "ADD", Delivery(0, "FAILED")


BOB = {"user_id": "bob", "user_name": "Bob"}
CARD = {"type": "card", "number": 1, "name": "Blue card"}

CHANGES: dict[str, Callable[[Lock], object]] = {
    "add": lambda door: door.add_user("Dora", user_id="dora"),
    "remove": lambda door: door.remove_user("carl"),
    "rename": rename,
    "promote": promote,
    "limit": limit,
    "expire": lambda door: door.expire(door.find("bob")),
    "open_again": open_again,
    "enrol": enrol,
    "erase": lambda door: door.remove_method(card_of(door)),
    "move": lambda door: door.move_method(card_of(door), door.find("alice")),
    "fail": fail,
}
EXPECTED = load_fixture("user_changes")
"""The event of each of them."""


@pytest.fixture
def carl(door: Lock) -> None:
    door.add_user("Carl", user_id="carl", schedule=limited(-2 * DAY, -DAY))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.usefixtures("carl")
async def test_change(
    home: Home, reported: Callable[[], Reported], change: str
) -> None:
    """A change in the vendor's app is reported by the next poll, once."""
    await home.hass.config.async_set_time_zone("Europe/Berlin")
    await home.set_up()
    assert home.state(UNIQUE_ID) == STATE_UNKNOWN
    assert reported() == []
    CHANGES[change](home.door)
    await home.tick(CYCLE_SECONDS)
    assert json.loads(json.dumps(reported())) == EXPECTED[change]
    await home.tick(CYCLE_SECONDS)
    assert reported() == []


def test_change_types() -> None:
    assert {kind for reported in EXPECTED.values() for kind, _ in reported} == set(
        ChangeType
    )


async def test_simultaneous_changes(
    home: Home, reported: Callable[[], Reported]
) -> None:
    await home.set_up()
    reported()
    bus_events = async_capture_events(home.hass, EVENT_USER_CHANGED)
    rename(home.door)
    promote(home.door)
    enrol(home.door)
    home.door.add_user("Dora", user_id="dora")
    await home.tick(CYCLE_SECONDS)
    kinds = [kind for kind, _ in reported()]
    assert sorted(kinds) == [
        "role_changed",
        "unlock_method_added",
        "user_added",
        "user_renamed",
    ]
    assert [event.data["event_type"] for event in bus_events] == kinds


@pytest.mark.parametrize("way", ["moves", "leaves"])
async def test_methods_read_in_rotation(home: Home, way: str) -> None:
    """If users are read one after the other, a method still moves only once."""
    home.cloud.dialects.set(**FALLBACK)
    users = [home.door.add_user(f"User {number:02}") for number in range(20)]
    cards = [home.door.add_method("card", user) for user in users]
    await home.set_up()
    bus_events = async_capture_events(home.hass, EVENT_USER_CHANGED)
    expected = []
    for number in range(0, 20, 3):
        if way == "moves":
            home.door.move_method(cards[number], users[(number + 11) % 20])
        else:
            home.door.remove_method(cards[number])
        expected.append(f"unlock_method_{'mov' if way == 'moves' else 'remov'}ed")
    await home.tick(3 * CYCLE_SECONDS, times=16)
    assert [event.data["event_type"] for event in bus_events] == expected


async def test_access_transition_during_poll(
    home: Home, reported: Callable[[], Reported]
) -> None:
    """The poll and the timer report the same transition once."""
    home.door.find("bob").schedule = limited(-DAY, CYCLE_SECONDS - 1)
    await home.set_up()
    reported()
    await home.tick(CYCLE_SECONDS)
    assert reported() == [("access_ended", BOB)]
    assert home.state("front:bob_access") == "expired"


async def test_access_transition(home: Home, reported: Callable[[], Reported]) -> None:
    """Access starts and ends on time, without a call, for event and sensor."""
    home.door.find("bob").schedule = limited(60, 119)
    await home.set_up()
    reported()
    home.cloud.calls.clear()
    shown: list[str | None] = []
    async_track_state_change_event(
        home.hass,
        [home.entity_id(UNIQUE_ID) or ""],
        callback(lambda _: shown.append(home.state("front:bob_access"))),
    )

    await home.tick(59)
    assert reported() == []
    await home.tick(1)
    assert reported() == [("access_started", BOB)]
    await home.tick(59)
    assert reported() == []
    await home.tick(1)
    assert reported() == [("access_ended", BOB)]
    assert shown == ["allowed", "expired"]
    assert home.cloud.calls == []


async def test_other_endpoint(home: Home) -> None:
    """A temporary list of names only changes no role and no access."""
    home.door.find("bob").user_type = ADMIN
    home.door.expire(home.door.add_user("Carl", user_id="carl"))
    dora = home.door.add_user("Dora", user_id="dora", schedule=limited(-DAY, 30 * DAY))
    home.door.add_method("password", dora)
    await home.set_up()
    bus_events = async_capture_events(home.hass, EVENT_USER_CHANGED)
    assert home.state("front:carl_access") == "expired"

    home.cloud.dialects.unsupported = {"smart_lock_users": 1108, "users_v11": 1108}
    await home.tick(CYCLE_SECONDS, times=3)
    assert home.state("front:bob_role") == STATE_UNKNOWN
    assert home.state("front:carl_access") == "outside_hours"
    home.cloud.dialects.unsupported = {}
    await home.tick(DAY)
    await home.tick(CYCLE_SECONDS, times=2)

    assert home.state("front:bob_role") == "admin"
    assert home.state("front:carl_access") == "expired"
    assert bus_events == []

    rename(home.door)
    await home.tick(CYCLE_SECONDS)
    assert [event.data["event_type"] for event in bus_events] == ["user_renamed"]


async def test_restart(home: Home, reported: Callable[[], Reported]) -> None:
    """A restart restores the last event and reports no changes."""
    entry = await home.set_up()
    rename(home.door)
    await home.tick(CYCLE_SECONDS)
    before = home.state_object(UNIQUE_ID)
    assert before.attributes["event_type"] == "user_renamed"
    bus_events = async_capture_events(home.hass, EVENT_USER_CHANGED)
    assert await home.hass.config_entries.async_unload(entry.entry_id)
    promote(home.door)
    await home.tick(60)
    assert await home.hass.config_entries.async_setup(entry.entry_id)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    await home.tick(CYCLE_SECONDS)
    after = home.state_object(UNIQUE_ID)
    assert (after.state, after.attributes) == (before.state, before.attributes)
    assert bus_events == []


async def test_outage(home: Home, reported: Callable[[], Reported]) -> None:
    """Changes during an outage are reported once it has ended."""
    home.door.find("bob").schedule = limited(-DAY, CYCLE_SECONDS + 59)
    await home.set_up()
    reported()
    outage = home.cloud.faults.http(503, on="smart_lock_users", times=None)
    await home.tick(CYCLE_SECONDS)
    assert home.state(UNIQUE_ID) == STATE_UNAVAILABLE
    await home.tick(60)
    assert home.state(UNIQUE_ID) == STATE_UNAVAILABLE
    assert reported() == []
    outage.remove()
    promote(home.door)
    await home.tick(CYCLE_SECONDS)
    assert [kind for kind, _ in reported()] == ["access_ended", "role_changed"]


async def test_method_delivery_failed(
    home: Home, reported: Callable[[], Reported]
) -> None:
    """The event names the method that the lock did not apply."""
    await home.set_up()
    reported()
    card = home.door.methods_of(home.door.find("bob"))[0]
    card.delivery = Delivery(NOW_SECONDS + CYCLE_SECONDS + 10, "FAILED")
    card.unlock_name = "Green card"  # so that its details are read
    await home.tick(CYCLE_SECONDS)
    assert reported() == []
    await home.tick(15)
    assert reported() == [("delivery_failed", BOB | CARD | {"name": "Green card"})]


async def test_bus_event(home: Home) -> None:
    """The bus event names user and lock only; the state shares its context."""
    await home.set_up()
    bus_events = async_capture_events(home.hass, EVENT_USER_CHANGED)
    device = home.user_device("front", "bob")
    limit(home.door)
    await home.tick(CYCLE_SECONDS)
    (event,) = bus_events
    assert event.data == BOB | {
        "entity_id": "event.front_door_user_changes",
        "device_id": device.id,
        "lock_name": "Front door",
        "event_type": "schedule_changed",
    }
    assert home.state_object(UNIQUE_ID).context is event.context


async def test_renamed_entity(home: Home, entity_registry: er.EntityRegistry) -> None:
    await home.set_up()
    entity_registry.async_update_entity(
        home.entity_id(UNIQUE_ID) or "", new_entity_id="event.renamed"
    )
    await home.hass.async_block_till_done()
    rename(home.door)
    await home.tick(CYCLE_SECONDS)
    state = home.hass.states.get("event.renamed")
    assert state is not None
    assert datetime.fromisoformat(state.state) >= NOW
    assert state.attributes["event_type"] == "user_renamed"
