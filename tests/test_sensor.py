"""Sensors: how many, who may enter, until when, and what it costs to know."""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.components.sensor import (
    ATTR_OPTIONS,
    ATTR_STATE_CLASS,
    SensorDeviceClass,
    SensorStateClass,
)
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    EVENT_HOMEASSISTANT_FINAL_WRITE,
    EVENT_STATE_CHANGED,
    EVENT_STATE_REPORTED,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    EntityCategory,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from simulator import (
    ADMIN,
    EVERY_DAY,
    FALLBACK,
    MEMBER,
    OWNER,
    SHARED,
    WORKDAYS,
    Lock,
    Schedule,
    SimulatedCloud,
    Window,
)
from simulator.model import MONDAY, WEDNESDAY, Delivery
from tests.common import entity_id_of, state_object, state_of
from tests.conftest import NOW, SetUp, Tick

CYCLE_SECONDS = 5 * 60
LIST_SECONDS = 30 * 60
DAY_SECONDS = 24 * 3600
NOW_SECONDS = int(NOW.timestamp())
BERLIN = "Europe/Berlin"
COORDINATOR = "custom_components.tuya_lock_users.coordinator.access"

TYPES = {
    "fingerprints": "fingerprint",
    "cards": "card",
    "passwords": "password",
    "faces": "face",
    "palms": "hand",
    "finger_veins": "fingerVein",
    "remote_controls": "remoteControl",
}


def limited(start: int, end: int, *windows: Window, **details: Any) -> Schedule:
    """Return a schedule between two moments, in seconds from now."""
    return Schedule(
        permanent=False,
        effective_time=NOW_SECONDS + start,
        expired_time=NOW_SECONDS + end,
        windows=list(windows),
        **details,
    )


def stored(entry: MockConfigEntry, **content: Any) -> dict[str, Any]:
    """Return the files an earlier run left behind."""
    key = f"{DOMAIN}.{entry.entry_id}"
    return {key: {"version": 1, "minor_version": 1, "key": key, "data": content}}


# --- Locks -------------------------------------------------------------------------


@pytest.mark.usefixtures("all_entities")
async def test_numbers_of_a_lock(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """A lock counts users, methods of users by type, and what belongs to nobody."""
    bob = door.users["bob"]
    for count, kind in enumerate(TYPES.values(), start=1):
        for _ in range(count):
            door.add_method(kind, bob)
    door.add_method("eye", bob)
    door.add_method("card")
    door.add_method("fingerprint")
    gone = door.add_user("Gone")
    door.add_method("card", gone)
    door.remove_user(gone.user_id)
    await set_up()

    assert {
        key: state_of(hass, f"front_{key}")
        for key in (
            "users",
            "unlock_methods",
            *TYPES,
            "absent_users",
            "unassigned_unlock_methods",
            "pending_changes",
        )
    } == {
        "users": "2",
        # Alice's thumb and Bob's blue card are among them.
        "unlock_methods": str(sum(range(1, 8)) + 3),
        "fingerprints": "2",
        "cards": "3",
        "passwords": "3",
        "faces": "4",
        "palms": "5",
        "finger_veins": "6",
        "remote_controls": "7",
        "absent_users": "1",
        "unassigned_unlock_methods": "3",
        "pending_changes": "0",
    }


@pytest.mark.parametrize("key", TYPES)
async def test_types_are_off_by_default(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, key: str
) -> None:
    """Counts of single types are there for those who want them."""
    await set_up()
    entity_id = entity_id_of(hass, f"front_{key}")

    assert entity_id
    entity = er.async_get(hass).async_get(entity_id)
    assert entity
    assert entity.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert hass.states.get(entity_id) is None


@pytest.mark.parametrize(
    ("key", "name", "category"),
    [
        ("users", "Users", None),
        ("unlock_methods", "Unlock methods", None),
        ("absent_users", "Absent users", EntityCategory.DIAGNOSTIC),
        (
            "unassigned_unlock_methods",
            "Unassigned unlock methods",
            EntityCategory.DIAGNOSTIC,
        ),
        ("pending_changes", "Pending changes", EntityCategory.DIAGNOSTIC),
    ],
)
async def test_sensor_of_a_lock(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    key: str,
    name: str,
    category: EntityCategory | None,
) -> None:
    """Numbers have a name, a unit, a history, and their place."""
    await set_up()
    state = state_object(hass, f"front_{key}")
    entity = er.async_get(hass).async_get(state.entity_id)

    assert entity
    assert state.name == f"Front door {name}"
    assert state.attributes[ATTR_STATE_CLASS] is SensorStateClass.MEASUREMENT
    assert state.attributes[ATTR_UNIT_OF_MEASUREMENT]
    assert entity.entity_category is category


async def test_leftovers_that_a_lock_does_not_know(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A lock without these two lists is read all the same."""
    cloud.dialects.unsupported = {"absent_users": 2009, "unassigned_keys": 1108}
    await set_up()
    assert state_of(hass, "front_absent_users") == STATE_UNKNOWN
    assert state_of(hass, "front_unassigned_unlock_methods") == STATE_UNKNOWN
    assert state_of(hass, "front_users") == "2"

    cloud.dialects.unsupported = {}
    await tick(DAY_SECONDS + 1)
    await tick(CYCLE_SECONDS)

    assert state_of(hass, "front_absent_users") == "0"
    assert state_of(hass, "front_unassigned_unlock_methods") == "0"


async def test_methods_are_unknown_until_somebody_asked(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """Where the list of users has no methods, nothing is made up."""
    cloud.dialects.set(**FALLBACK)
    opmodes = cloud.faults.refuse(2001, on="opmodes", times=None)
    await set_up()
    assert state_of(hass, "front_unlock_methods") == STATE_UNKNOWN
    assert state_of(hass, "front:alice_unlock_methods") == STATE_UNKNOWN
    assert state_of(hass, "front_users") == "2"

    opmodes.remove()
    await tick(CYCLE_SECONDS + 10)
    await tick(CYCLE_SECONDS + 10)

    assert state_of(hass, "front_unlock_methods") == "2"
    assert state_of(hass, "front:alice_unlock_methods") == "1"


@pytest.mark.parametrize(
    ("outcome", "failed"), [("SUCCESS", False), ("FAILED", True)], ids=str
)
async def test_pending_changes(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    outcome: Any,
    failed: bool,
) -> None:
    """What the lock has yet to take is counted, schedules and methods alike."""
    due = NOW_SECONDS + 700
    door.users["bob"].schedule = Schedule(
        operate="MODIFY", delivery=Delivery(due, outcome)
    )
    door.add_method(
        "card", door.users["bob"], phase=10, delivery=Delivery(due, outcome)
    )
    await set_up()
    assert state_of(hass, "front_pending_changes") == "2"

    for _ in range(3):
        await tick(CYCLE_SECONDS)
    assert state_of(hass, "front_pending_changes") == "0"


async def test_sensors_follow_the_cloud(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """What changes shows at the next poll; leftovers at the next sweep."""
    await set_up()
    door.add_method("card", door.users["alice"])
    stray = door.add_method("card")
    await tick(CYCLE_SECONDS)
    assert state_of(hass, "front_unlock_methods") == "3"
    assert state_of(hass, "front:alice_unlock_methods") == "2"
    assert state_of(hass, "front_unassigned_unlock_methods") == "0"

    await tick(DAY_SECONDS)
    await tick(CYCLE_SECONDS)
    assert state_of(hass, "front_unassigned_unlock_methods") == "1"

    door.move_method(stray, door.users["alice"])
    await tick(CYCLE_SECONDS)
    assert state_of(hass, "front:alice_unlock_methods") == "3"


# --- Access ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "access"),
    [
        pytest.param(Schedule(), "allowed", id="permanent"),
        pytest.param(limited(-60, 60), "allowed", id="from-to"),
        pytest.param(
            # Eleven o'clock in Berlin, on a Wednesday.
            limited(-DAY_SECONDS, DAY_SECONDS, Window(WORKDAYS, 660, 720, BERLIN)),
            "allowed",
            id="in-a-window",
        ),
        pytest.param(
            limited(-DAY_SECONDS, DAY_SECONDS, Window(WORKDAYS, 600, 660, BERLIN)),
            "outside_hours",
            id="after-a-window",
        ),
        pytest.param(
            limited(-DAY_SECONDS, DAY_SECONDS, Window(MONDAY, 0, 1440, BERLIN)),
            "outside_hours",
            id="on-another-day",
        ),
        pytest.param(
            # The same without a zone: the lock's own offset says so.
            limited(-DAY_SECONDS, DAY_SECONDS, Window(EVERY_DAY, 660, 720)),
            "allowed",
            id="in-the-zone-of-the-lock",
        ),
        pytest.param(limited(3600, 7200), "not_started", id="later"),
        pytest.param(limited(-7200, -3600), "expired", id="over"),
    ],
)
async def test_access(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    schedule: Schedule,
    access: str,
) -> None:
    """Access says whether somebody may enter now, and why not."""
    door.users["bob"].schedule = schedule
    await set_up()

    state = state_object(hass, "front:bob_access")
    assert state.state == access
    assert state.attributes[ATTR_DEVICE_CLASS] == SensorDeviceClass.ENUM
    assert state.attributes[ATTR_OPTIONS] == [
        "allowed",
        "outside_hours",
        "not_started",
        "expired",
        "suspended",
    ]


@pytest.mark.parametrize(
    ("schedule", "access"),
    [
        pytest.param(limited(-7200, -3600), "suspended", id="still-closed"),
        pytest.param(limited(-7200, 3600), "allowed", id="opened-elsewhere"),
        pytest.param(Schedule(), "allowed", id="made-permanent-elsewhere"),
    ],
)
async def test_suspended(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    entry: MockConfigEntry,
    set_up: SetUp,
    tick: Tick,
    hass_storage: dict[str, Any],
    schedule: Schedule,
    access: str,
) -> None:
    """Who was suspended here is told apart from who expired, also after a restart."""
    hass_storage |= stored(
        entry, locks={"front": {"suspended": {"bob": {"permanent": True}}}}
    )
    door.users["alice"].schedule = limited(-7200, -3600)
    door.users["bob"].schedule = schedule
    await set_up()
    assert state_of(hass, "front:alice_access") == "expired"
    assert state_of(hass, "front:bob_access") == access

    # A schedule that somebody else set ends the suspension for good.
    door.users["bob"].schedule = limited(-7200, -3600)
    await tick(CYCLE_SECONDS)
    await tick(CYCLE_SECONDS)
    after = "suspended" if access == "suspended" else "expired"
    assert state_of(hass, "front:bob_access") == after


@pytest.mark.parametrize(
    ("schedule", "before", "after"),
    [
        pytest.param(limited(60, 3600), "not_started", "allowed", id="start"),
        pytest.param(limited(-60, 59), "allowed", "expired", id="end"),
        pytest.param(limited(-60, 60), "allowed", "expired", id="end-on-the-minute"),
        pytest.param(
            limited(-DAY_SECONDS, DAY_SECONDS, Window(WEDNESDAY, 661, 700, BERLIN)),
            "outside_hours",
            "allowed",
            id="window-opens",
        ),
        pytest.param(
            limited(-DAY_SECONDS, DAY_SECONDS, Window(WEDNESDAY, 600, 661, BERLIN)),
            "allowed",
            "outside_hours",
            id="window-closes",
        ),
    ],
)
async def test_access_flips_at_the_minute(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    schedule: Schedule,
    before: str,
    after: str,
) -> None:
    """Access changes when its time has come, without a call."""
    door.users["bob"].schedule = schedule
    await set_up()
    cloud.calls.clear()

    await tick(59)
    assert state_of(hass, "front:bob_access") == before
    await tick(1)
    assert state_of(hass, "front:bob_access") == after
    assert state_of(hass, "front:alice_access") == "allowed"
    assert cloud.calls == []


async def test_access_flips_again_and_again(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """After a flip the next one is waited for, of each user."""
    door.users["bob"].schedule = limited(
        -DAY_SECONDS,
        DAY_SECONDS,
        Window(WEDNESDAY, 661, 662, BERLIN),
        Window(WEDNESDAY, 663, 664, BERLIN),
    )
    carol = door.add_user("Carol", user_id="carol")
    carol.schedule = limited(-60, 119)
    await set_up()
    cloud.calls.clear()
    seen = []
    for _ in range(4):
        await tick(60)
        seen.append(
            (
                state_of(hass, "front:bob_access"),
                state_of(hass, "front:carol_access"),
            )
        )

    assert cloud.calls == []
    assert seen == [
        ("allowed", "allowed"),
        ("outside_hours", "expired"),
        ("allowed", "expired"),
        ("outside_hours", "expired"),
    ]


async def test_access_flips_while_the_cloud_is_down(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A lock that comes back shows what is true by then."""
    door.users["bob"].schedule = limited(-60, 700)
    await set_up()
    cloud.faults.http(503, times=None)
    await tick(CYCLE_SECONDS)
    assert state_of(hass, "front:bob_access") == STATE_UNAVAILABLE
    await tick(CYCLE_SECONDS)
    await tick(CYCLE_SECONDS)
    assert state_of(hass, "front:bob_access") == STATE_UNAVAILABLE

    cloud.faults.clear()
    await tick(CYCLE_SECONDS)
    assert state_of(hass, "front:bob_access") == "expired"


@pytest.mark.parametrize(
    ("windows", "before"),
    [
        pytest.param([], "allowed", id="from-allowed"),
        pytest.param([Window(MONDAY, 0, 1440)], "outside_hours", id="from-outside"),
    ],
)
async def test_flip_that_a_reading_overtakes(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    windows: list[Window],
    before: str,
) -> None:
    """Timers are late after a machine has slept: the next reading shows the flip."""
    door.users["bob"].schedule = limited(-60, 60, *windows)
    with patch(f"{COORDINATOR}.async_track_point_in_utc_time"):
        await set_up()
        assert state_of(hass, "front:bob_access") == before
        await tick(CYCLE_SECONDS)

    assert state_of(hass, "front:bob_access") == "expired"


# --- Until when --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "until"),
    [
        pytest.param(Schedule(), STATE_UNKNOWN, id="permanent"),
        pytest.param(limited(-60, 3599), "2026-12-09T10:59:59+00:00", id="last-second"),
        pytest.param(
            limited(60, DAY_SECONDS), "2026-12-10T10:00:00+00:00", id="not-started"
        ),
        pytest.param(limited(-60, -30), "2026-12-09T09:59:30+00:00", id="over"),
        pytest.param(
            Schedule(permanent=False, effective_time=1, expired_time=10**12 * 300),
            STATE_UNKNOWN,
            id="beyond-all-years",
        ),
    ],
)
async def test_access_until(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    schedule: Schedule,
    until: str,
) -> None:
    """The end of the schedule, unknown for those who may always enter."""
    door.users["bob"].schedule = schedule
    await set_up()

    state = state_object(hass, "front:bob_access_until")
    assert state.state == until
    assert state.attributes[ATTR_DEVICE_CLASS] == SensorDeviceClass.TIMESTAMP


# --- Roles -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user_type", "role"),
    [
        (0, "unknown"),
        (ADMIN, "admin"),
        (MEMBER, "member"),
        (30, "anonymous"),
        (SHARED, "shared"),
        (OWNER, "owner"),
        (77, "unknown"),
    ],
)
async def test_role(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    user_type: int,
    role: str,
) -> None:
    """Everybody is something to the home; what nobody has heard of is unknown."""
    door.users["bob"].user_type = user_type
    await set_up()

    state = state_object(hass, "front:bob_role")
    assert state.state == role
    assert role in state.attributes[ATTR_OPTIONS]


async def test_role_changes(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A new role shows at the next poll."""
    await set_up()
    door.users["bob"].user_type = ADMIN
    await tick(CYCLE_SECONDS)

    assert state_of(hass, "front:bob_role") == "admin"


# --- Unlock methods of a user ------------------------------------------------------


async def test_unlock_methods_of_a_user(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """What somebody opens the door with: a number, and the list as an attribute."""
    bob = door.users["bob"]
    door.add_method("remoteControl", bob, unlock_sn=7, name="")
    door.add_method("unlock_nose", bob, unlock_sn=3, name="Nose")
    await set_up()

    state = state_object(hass, "front:bob_unlock_methods")
    assert state.state == "3"
    assert state.attributes["unlock_methods"] == [
        {"type": "card", "number": 1, "name": "Blue card"},
        {"type": "remote_control", "number": 7, "name": None},
        {"type": "unlock_nose", "number": 3, "name": "Nose"},
    ]
    assert state.state_info
    assert "unlock_methods" in state.state_info["unrecorded_attributes"]


async def test_user_without_methods(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """None is a number, too."""
    door.add_user("Carol", user_id="carol")
    await set_up()

    state = state_object(hass, "front:carol_unlock_methods")
    assert state.state == "0"
    assert state.attributes["unlock_methods"] == []


@pytest.mark.parametrize("phase", [8], ids=["deleted"])
async def test_deleted_method_is_gone(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, phase: int
) -> None:
    """What the lock has deleted opens nothing."""
    door.methods_of(door.users["bob"])[0].phase = phase
    await set_up()

    assert state_of(hass, "front:bob_unlock_methods") == "0"


async def test_nothing_secret_in_states(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """No contact, account or picture is in any state or attribute."""
    bob = door.users["bob"]
    bob.uid, bob.user_contact, bob.avatar_url = "uid-x", "contact-x", "avatar-x"
    door.methods_of(bob)[0].msg_phone = "phone-x"
    await set_up()

    shown = str([state.as_dict() for state in hass.states.async_all()])
    for secret in ("uid-x", "contact-x", "avatar-x", "phone-x", door.device.local_key):
        assert secret not in shown


# --- Only news are written ---------------------------------------------------------


async def test_only_news_are_written(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A poll without news writes nothing; one with news what it is about."""
    door.add_user("Carol", user_id="carol")
    await set_up()
    written: list[str] = []

    @callback
    def write_down(event: Event[Any]) -> None:
        written.append(event.data["entity_id"])

    hass.bus.async_listen(EVENT_STATE_CHANGED, write_down)
    hass.bus.async_listen(
        EVENT_STATE_REPORTED, write_down, event_filter=callback(lambda _: True)
    )
    await tick(CYCLE_SECONDS)
    assert {*written} == {
        "sensor.front_door_last_read",
        "sensor.tuya_project_calls_this_month",
    }

    door.users["bob"].user_type = ADMIN
    await tick(CYCLE_SECONDS)
    assert "sensor.front_door_bob_role" in written
    assert not [name for name in written if "alice" in name or "carol" in name]


# --- Calls -------------------------------------------------------------------------


async def test_api_calls(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """Every request counts, tokens included, and shows whatever it was made for."""
    await set_up()
    unique_id = f"{cloud.project_uid}_api_calls"
    assert state_of(hass, unique_id) == str(len(cloud.calls))
    await tick(CYCLE_SECONDS)
    assert state_of(hass, unique_id) == str(len(cloud.calls))
    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": entity_id_of(hass, "front_refresh")},
        blocking=True,
    )
    assert state_of(hass, "front_last_read") == NOW.isoformat().replace(
        "0:00+", "5:00+"
    )
    state = state_object(hass, unique_id)
    assert state.state == str(len(cloud.calls))
    assert state.attributes[ATTR_STATE_CLASS] is SensorStateClass.TOTAL_INCREASING
    entity = er.async_get(hass).async_get(state.entity_id)
    assert entity
    assert entity.entity_category is EntityCategory.DIAGNOSTIC


async def test_api_calls_count_while_nothing_can_be_read(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """Requests that fail cost as much, and the count stays available."""
    await set_up()
    cloud.faults.http(503, times=None)
    await tick(LIST_SECONDS)

    assert state_of(hass, f"{cloud.project_uid}_api_calls") == str(len(cloud.calls))


@pytest.mark.parametrize(
    ("month", "kept"),
    [
        pytest.param("2026-12", 1000, id="this-month"),
        pytest.param("2026-11", 0, id="last-month"),
        pytest.param("", 0, id="no-month"),
    ],
)
async def test_api_calls_survive_a_restart(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    entry: MockConfigEntry,
    set_up: SetUp,
    tick: Tick,
    hass_storage: dict[str, Any],
    month: str,
    kept: int,
) -> None:
    """What was counted in this month before counts on."""
    hass_storage |= stored(entry, month=month, calls=1000)
    await set_up()

    calls = kept + len(cloud.calls)
    assert state_of(hass, f"{cloud.project_uid}_api_calls") == str(calls)


async def test_api_calls_are_written_when_home_assistant_stops(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    hass_storage: dict[str, Any],
) -> None:
    """The file knows all calls in the end."""
    entry = await set_up()
    await tick(CYCLE_SECONDS)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done(wait_background_tasks=True)

    data = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]
    assert (data["month"], data["calls"]) == ("2026-12", len(cloud.calls))


async def test_api_calls_are_not_counted_twice_by_a_reload(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A reload reads a file that it has written itself."""
    entry = await set_up()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await tick(LIST_SECONDS)

    assert state_of(hass, f"{cloud.project_uid}_api_calls") == str(len(cloud.calls))


@pytest.mark.parametrize(
    ("zone", "last_minute"),
    [
        pytest.param("US/Pacific", datetime(2027, 1, 1, 7, 59, tzinfo=UTC), id="west"),
        pytest.param(
            "Asia/Tokyo", datetime(2026, 12, 31, 14, 59, tzinfo=UTC), id="east"
        ),
    ],
)
async def test_api_calls_begin_anew_with_the_month(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    entry: MockConfigEntry,
    set_up: SetUp,
    tick: Tick,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    zone: str,
    last_minute: datetime,
) -> None:
    """The month ends at midnight in Home Assistant's time zone."""
    await hass.config.async_set_time_zone(zone)
    freezer.move_to(last_minute)
    hass_storage |= stored(entry, month="2026-12", calls=1000)
    await set_up()
    calls = 1000 + len(cloud.calls)
    assert state_of(hass, f"{cloud.project_uid}_api_calls") == str(calls)
    cloud.calls.clear()

    await tick(LIST_SECONDS)

    assert state_of(hass, f"{cloud.project_uid}_api_calls") == str(len(cloud.calls))
