"""Sensors: numbers, access, its end, and calls."""

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
)
from homeassistant.core import Event, callback
from simulator import (
    ADMIN,
    EVERY_DAY,
    FALLBACK,
    MEMBER,
    OWNER,
    SHARED,
    WORKDAYS,
    Schedule,
    Window,
)
from simulator.model import MONDAY, WEDNESDAY
from tests.common import cases, load_fixture
from tests.conftest import CYCLE_SECONDS, DAY_SECONDS, LIST_SECONDS, NOW, Home, limited

BERLIN = "Europe/Berlin"
COORDINATOR = "custom_components.tuya_lock_users.coordinator.access"

NUMBERS = load_fixture("numbers_of_a_lock")
TYPES = (
    *("fingerprint", "card", "password", "face"),
    *("hand", "fingerVein", "remoteControl"),
)
NO_END = Schedule(permanent=False, effective_time=1, expired_time=2_145_913_199)


def weekly(
    mask: int, opens: int, closes: int, zone: str | None = BERLIN, start: float = -1
) -> Schedule:
    """Return a schedule with one window, from the given second until tomorrow."""
    return limited(start, DAY_SECONDS, Window(mask, opens, closes, zone))


def stored(entry: MockConfigEntry, **content: Any) -> dict[str, Any]:
    key = f"{DOMAIN}.{entry.entry_id}"
    return {key: {"version": 1, "minor_version": 1, "key": key, "data": content}}


@pytest.mark.usefixtures("all_entities")
async def test_lock_counts(home: Home) -> None:
    """A lock counts users, their methods by type, and orphans."""
    bob = home.door.users["bob"]
    for count, kind in enumerate(TYPES, start=1):
        for _ in range(count):
            home.door.add_method(kind, bob)
    home.door.add_method("eye", bob)
    home.door.add_method("card")
    home.door.add_method("fingerprint")
    gone = home.door.add_user("Gone")
    home.door.add_method("card", gone)
    home.door.remove_user(gone.user_id)
    await home.set_up()

    assert {key: home.state(f"front_{key}") for key in NUMBERS} == NUMBERS
    for key in ("users", "unlock_methods", "absent_users", "pending_changes"):
        state = home.state_object(f"front_{key}")
        assert state.name == f"Front door {key.replace('_', ' ').capitalize()}"
        assert state.attributes[ATTR_STATE_CLASS] is SensorStateClass.MEASUREMENT
        assert state.attributes[ATTR_UNIT_OF_MEASUREMENT]


async def test_orphans_unsupported(home: Home) -> None:
    home.cloud.dialects.unsupported = {"absent_users": 2009, "unassigned_keys": 1108}
    await home.set_up()
    assert home.state("front_absent_users") == STATE_UNKNOWN
    assert home.state("front_unassigned_unlock_methods") == STATE_UNKNOWN
    assert home.state("front_users") == "2"
    home.cloud.dialects.unsupported = {}
    await home.tick(DAY_SECONDS + 1)
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_absent_users") == "0"
    assert home.state("front_unassigned_unlock_methods") == "0"


async def test_methods_not_read_yet(home: Home) -> None:
    home.cloud.dialects.set(**FALLBACK)
    opmodes = home.cloud.faults.refuse(2001, on="opmodes", times=None)
    await home.set_up()
    assert home.state("front_unlock_methods") == STATE_UNKNOWN
    assert home.state("front:alice_unlock_methods") == STATE_UNKNOWN
    assert home.state("front_users") == "2"
    opmodes.remove()
    await home.tick(CYCLE_SECONDS + 10)
    await home.tick(CYCLE_SECONDS + 10)
    assert home.state("front_unlock_methods") == "2"
    assert home.state("front:alice_unlock_methods") == "1"


@cases(
    ("schedule", "access", "change"),
    {
        "permanent": (Schedule(), "allowed", None),
        "from-to": (limited(-60, 59), "allowed", "10:01"),
        "in-a-window": (weekly(WORKDAYS, 660, 720), "allowed", "11:00"),
        "after-a-window": (weekly(WORKDAYS, 600, 660), "outside_hours", "09:00"),
        "on-another-day": (weekly(MONDAY, 0, 1440), "outside_hours", None),
        "in-lock-zone": (weekly(EVERY_DAY, 660, 720, None), "allowed", "11:00"),
        "later": (limited(3600, 7200), "not_started", "11:00"),
        "later-with-hours": (
            weekly(WORKDAYS, 600, 660, start=9),
            "not_started",
            "09:00",
        ),
        "past": (limited(-7200, -3600), "expired", None),
        "no-end": (NO_END, "allowed", None),
    },
)
async def test_access(
    home: Home, schedule: Schedule, access: str, change: str | None
) -> None:
    home.door.users["bob"].schedule = schedule
    await home.set_up()
    state = home.state_object("front:bob_access")
    assert state.state == access
    at = state.attributes["next_change"]
    assert (at and f"{at:%H:%M}") == change
    assert state.attributes[ATTR_DEVICE_CLASS] == SensorDeviceClass.ENUM
    assert state.attributes[ATTR_OPTIONS] == [
        "allowed",
        "outside_hours",
        "not_started",
        "expired",
        "suspended",
    ]


@cases(
    ("schedule", "access"),
    {
        "still-past": (limited(-7200, -3600), "suspended"),
        "opened-in-app": (limited(-7200, 3600), "allowed"),
        "permanent-in-app": (Schedule(), "allowed"),
    },
)
async def test_suspended(
    home: Home, hass_storage: dict[str, Any], schedule: Schedule, access: str
) -> None:
    """Suspended and expired users differ, including after a restart."""
    hass_storage |= stored(
        home.entry, locks={"front": {"suspended": {"bob": {"permanent": True}}}}
    )
    home.door.users["alice"].schedule = limited(-7200, -3600)
    home.door.users["bob"].schedule = schedule
    await home.set_up()
    assert home.state("front:alice_access") == "expired"
    assert home.state("front:bob_access") == access
    # A schedule set elsewhere ends the suspension.
    home.door.users["bob"].schedule = limited(-7200, -3600)
    await home.tick(CYCLE_SECONDS)
    await home.tick(CYCLE_SECONDS)
    after = "suspended" if access == "suspended" else "expired"
    assert home.state("front:bob_access") == after


@cases(
    ("schedule", "before", "after"),
    {
        "start": (limited(60, 3600), "not_started", "allowed"),
        "end": (limited(-60, 59), "allowed", "expired"),
        "end-on-the-minute": (limited(-60, 60), "allowed", "expired"),
        "window-opens": (weekly(WEDNESDAY, 661, 700), "outside_hours", "allowed"),
        "window-closes": (weekly(WEDNESDAY, 600, 661), "allowed", "outside_hours"),
    },
)
async def test_access_transition(
    home: Home, schedule: Schedule, before: str, after: str
) -> None:
    """Access changes when its time has come, without a call."""
    home.door.users["bob"].schedule = schedule
    await home.set_up()
    home.cloud.calls.clear()
    await home.tick(59)
    assert home.state("front:bob_access") == before
    await home.tick(1)
    assert home.state("front:bob_access") == after
    assert home.state("front:alice_access") == "allowed"
    assert home.cloud.calls == []


async def test_access_transitions(home: Home) -> None:
    home.door.users["bob"].schedule = limited(
        -DAY_SECONDS,
        DAY_SECONDS,
        Window(WEDNESDAY, 661, 662, BERLIN),
        Window(WEDNESDAY, 663, 664, BERLIN),
    )
    carol = home.door.add_user("Carol", user_id="carol")
    carol.schedule = limited(-60, 119)
    await home.set_up()
    home.cloud.calls.clear()
    seen = []
    for _ in range(4):
        await home.tick(60)
        seen.append((home.state("front:bob_access"), home.state("front:carol_access")))

    assert home.cloud.calls == []
    assert seen == [
        ("allowed", "allowed"),
        ("outside_hours", "expired"),
        ("allowed", "expired"),
        ("outside_hours", "expired"),
    ]


async def test_access_transition_cloud_down(home: Home) -> None:
    home.door.users["bob"].schedule = limited(-60, 700)
    await home.set_up()
    home.cloud.faults.http(503, times=None)
    await home.tick(CYCLE_SECONDS)
    assert home.state("front:bob_access") == STATE_UNAVAILABLE
    await home.tick(CYCLE_SECONDS)
    await home.tick(CYCLE_SECONDS)
    assert home.state("front:bob_access") == STATE_UNAVAILABLE
    home.cloud.faults.clear()
    await home.tick(CYCLE_SECONDS)
    assert home.state("front:bob_access") == "expired"


@cases(
    ("windows", "before"),
    {
        "from-allowed": ([], "allowed"),
        "from-outside": ([Window(MONDAY, 0, 1440)], "outside_hours"),
    },
)
async def test_access_transition_late_timer(
    home: Home, windows: list[Window], before: str
) -> None:
    """If the timer is late, the next poll shows the transition."""
    home.door.users["bob"].schedule = limited(-60, 60, *windows)
    with patch(f"{COORDINATOR}.async_track_point_in_utc_time"):
        await home.set_up()
        assert home.state("front:bob_access") == before
        await home.tick(CYCLE_SECONDS)
    assert home.state("front:bob_access") == "expired"


@cases(
    ("schedule", "until"),
    {
        "permanent": (Schedule(), STATE_UNKNOWN),
        "last-second": (limited(-60, 3599), "2026-12-09T10:59:59+00:00"),
        "not-started": (limited(60, DAY_SECONDS), "2026-12-10T10:00:00+00:00"),
        "past": (limited(-60, -30), "2026-12-09T09:59:30+00:00"),
        "beyond-all-years": (
            Schedule(permanent=False, effective_time=1, expired_time=10**12 * 300),
            STATE_UNKNOWN,
        ),
        "no-end": (NO_END, "2037-12-31T22:59:59+00:00"),
    },
)
async def test_access_until(home: Home, schedule: Schedule, until: str) -> None:
    home.door.users["bob"].schedule = schedule
    await home.set_up()
    state = home.state_object("front:bob_access_until")
    assert state.state == until
    assert state.attributes[ATTR_DEVICE_CLASS] == SensorDeviceClass.TIMESTAMP


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
async def test_role(home: Home, user_type: int, role: str) -> None:
    home.door.users["bob"].user_type = user_type
    await home.set_up()
    state = home.state_object("front:bob_role")
    assert state.state == role
    assert role in state.attributes[ATTR_OPTIONS]


async def test_unlock_methods_of_a_user(home: Home) -> None:
    """The unlock methods of a user: a number, and the list as an attribute."""
    bob = home.door.users["bob"]
    home.door.add_method("remoteControl", bob, unlock_sn=7, name="")
    home.door.add_method("unlock_nose", bob, unlock_sn=3, name="Nose")
    home.door.add_method("card", bob, phase=8)  # deleted by the lock
    home.door.add_user("Carol", user_id="carol")
    await home.set_up()
    state = home.state_object("front:bob_unlock_methods")
    assert state.state == "3"
    assert state.attributes["unlock_methods"] == [
        {"type": "card", "number": 1, "name": "Blue card"},
        {"type": "remote_control", "number": 7, "name": None},
        {"type": "unlock_nose", "number": 3, "name": "Nose"},
    ]
    assert state.state_info
    assert "unlock_methods" in state.state_info["unrecorded_attributes"]
    state = home.state_object("front:carol_unlock_methods")
    assert (state.state, state.attributes["unlock_methods"]) == ("0", [])


async def test_states_written_on_change(home: Home) -> None:
    """A poll writes only the states that changed."""
    home.door.add_user("Carol", user_id="carol")
    await home.set_up()
    written: list[str] = []

    @callback
    def write_down(event: Event[Any]) -> None:
        written.append(event.data["entity_id"])

    home.hass.bus.async_listen(EVENT_STATE_CHANGED, write_down)
    home.hass.bus.async_listen(
        EVENT_STATE_REPORTED, write_down, event_filter=callback(lambda _: True)
    )
    await home.tick(CYCLE_SECONDS)
    assert {*written} == {
        "sensor.front_door_last_read",
        "sensor.tuya_project_calls_this_month",
    }

    home.door.users["bob"].user_type = ADMIN
    await home.tick(CYCLE_SECONDS)
    assert "sensor.front_door_bob_role" in written
    assert not [name for name in written if "alice" in name or "carol" in name]


async def test_api_calls(home: Home, hass_storage: dict[str, Any]) -> None:
    """Every request counts once, with any result, and is stored."""
    unique_id = f"{home.cloud.project_uid}_api_calls"

    def is_shown() -> bool:
        return home.state(unique_id) == str(len(home.cloud.calls))

    entry = await home.set_up()
    assert is_shown()
    await home.tick(CYCLE_SECONDS)
    assert is_shown()
    await home.press("front_refresh")
    assert home.state("front_last_read") == NOW.isoformat().replace("0:00+", "5:00+")
    assert is_shown()
    state = home.state_object(unique_id)
    assert state.attributes[ATTR_STATE_CLASS] is SensorStateClass.TOTAL_INCREASING
    home.cloud.faults.http(503, times=None)
    await home.tick(LIST_SECONDS)
    assert is_shown()
    home.cloud.faults.clear()
    await home.reload()
    await home.tick(LIST_SECONDS)
    assert is_shown()

    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    data = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]
    assert (data["month"], data["calls"]) == ("2026-12", len(home.cloud.calls))


@cases(
    ("month", "restored"),
    {
        "this-month": ("2026-12", 1000),
        "last-month": ("2026-11", 0),
        "no-month": ("", 0),
    },
)
async def test_api_calls_restored(
    home: Home, hass_storage: dict[str, Any], month: str, restored: int
) -> None:
    hass_storage |= stored(home.entry, month=month, calls=1000)
    await home.set_up()
    calls = restored + len(home.cloud.calls)
    assert home.state(f"{home.cloud.project_uid}_api_calls") == str(calls)


@cases(
    ("zone", "last_minute"),
    {
        "west": ("US/Pacific", datetime(2027, 1, 1, 7, 59, tzinfo=UTC)),
        "east": ("Asia/Tokyo", datetime(2026, 12, 31, 14, 59, tzinfo=UTC)),
    },
)
async def test_api_calls_new_month(
    home: Home,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    zone: str,
    last_minute: datetime,
) -> None:
    await home.hass.config.async_set_time_zone(zone)
    freezer.move_to(last_minute)
    hass_storage |= stored(home.entry, month="2026-12", calls=1000)
    await home.set_up()
    calls = 1000 + len(home.cloud.calls)
    assert home.state(f"{home.cloud.project_uid}_api_calls") == str(calls)
    home.cloud.calls.clear()
    await home.tick(LIST_SECONDS)
    assert home.state(f"{home.cloud.project_uid}_api_calls") == str(
        len(home.cloud.calls)
    )
