"""A lock has the same states in all documented dialects of the cloud."""

from math import ceil
from typing import Any

import pytest

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from simulator import ADMIN, FALLBACK, OWNER, Lock, Schedule, SimulatedCloud, Window
from simulator.dialects import Dialect
from simulator.model import MONDAY, SUNDAY, WEDNESDAY
from tests.common import cases, load_fixture, state_of, states_of, user_names
from tests.conftest import CYCLE_SECONDS, DAY_SECONDS, Home, SetUp, Tick, limited_days

OLIVIA, ANTON, CLARA, BEN, EMIL = (f"3000000{number}" for number in range(1, 6))

ONLY_NAMES = {"smart_lock_users": 2009, "users_v11": 1108}


@pytest.fixture
def door(cloud: SimulatedCloud, tick: Tick) -> Lock:
    door = cloud.add_lock("front", "Front door")
    olivia = door.add_user("Olivia", user_id=OLIVIA, user_type=OWNER, uid="uid1")
    door.add_method("fingerprint", olivia, unlock_sn=0, name="Thumb", admin=True)
    door.add_method("remoteControl", olivia, name="Key fob", msg_phone="49-1")
    anton = door.add_user("Anton", user_id=ANTON, user_type=ADMIN)
    door.add_method("hand", anton, name="Palm", allocate_flag=1, unlock_attr=1)
    door.add_method("face", anton, name="Face", photo_unlock=True)
    clara = door.add_user("Clara", user_id=CLARA)
    clara.schedule = limited_days(
        # Only this mask shows which end a cloud counts from, only this hour how.
        *(-60, 60),
        Window(SUNDAY | WEDNESDAY, 600, 1080, "Europe/Berlin"),
    )
    door.add_method("password", clara, name="Code", allocate_flag=1)
    ben = door.add_user("Ben", user_id=BEN)
    ben.schedule = limited_days(
        -60, 60, Window(MONDAY | WEDNESDAY, 570, 645, "Europe/Berlin")
    )
    door.add_method("card", ben, name="Card", allocate_flag=1)
    emil = door.add_user("Emil", user_id=EMIL)
    emil.schedule = limited_days(-60, -30)
    gone = door.add_user("Gone", user_id="30000006")
    door.add_method("card", gone)
    door.remove_user(gone.user_id)
    door.add_method("fingerprint", name="Stray finger")
    return door


STATES = load_fixture("states_of_a_lock")
ALIKE = load_fixture("dialects_alike")
"""Dialects in which the same lock gives these states."""


def shown(hass: HomeAssistant) -> dict[str, str]:
    states = states_of(hass, "front")
    return {key: states[key] for key in STATES if key in states}


def switches(dialect: dict[str, Any]) -> dict[str, Any]:
    return {
        key: frozenset(value) if isinstance(value, list) else value
        for key, value in dialect.items()
    }


@pytest.mark.usefixtures("all_entities")
@cases("dialect", ALIKE)
async def test_dialects(home: Home, dialect: dict[str, Any]) -> None:
    """The same lock gives the same states in every dialect, at once and later."""
    common = {k: v for k, v in dialect.items() if not k.startswith("page_size")}
    home.cloud.dialects.set(**switches(common))
    home.cloud.dialects.of("front").set(**switches(dialect))
    entry = await home.set_up()
    if "lying" in dialect.values():  # known to be complete with a second list
        assert home.state("front_users") == STATE_UNKNOWN
        await home.tick(62)
    names = ["Anton", "Ben", "Clara", "Emil", "Olivia"]
    assert user_names(home.hass, entry, "front") == names
    assert shown(home.hass) == STATES
    await home.tick(CYCLE_SECONDS + 10, times=3)
    assert user_names(home.hass, entry, "front") == names
    assert shown(home.hass) == STATES


def test_dialects_complete() -> None:
    """Each dialect of the simulated cloud is tested here or listed elsewhere."""
    tried = {key for dialect in ALIKE.values() for key in dialect}
    elsewhere = {
        one for names in load_fixture("dialects_elsewhere").values() for one in names
    }
    known = {name for name in Dialect.__dataclass_fields__ if name not in elsewhere}
    assert known <= tried


@cases(
    ("dialect", "states"),
    {
        "no-schedules": (
            {"schedule_info": "missing"},
            {f"{BEN}_access": "allowed", f"{EMIL}_access": "expired"},
        ),
        "schedules-are-null": (
            {"schedule_info": "null"},
            {f"{CLARA}_access": "allowed", f"{EMIL}_access_until": STATE_UNKNOWN},
        ),
        "sparse-records": (
            {"user_records": "sparse"},
            {
                f"{EMIL}_access": "allowed",
                f"{ANTON}_role": "admin",
                f"{ANTON}_unlock_methods": "2",
            },
        ),
        "unknown-values": (
            {"unknown_values": True},
            {f"{ANTON}_role": "unknown", f"{OLIVIA}_role": "owner"},
        ),
    },
)
async def test_sparse_dialects(
    home: Home, dialect: dict[str, Any], states: dict[str, str]
) -> None:
    """Without a schedule, the flag of the cloud decides, if there is one."""
    home.cloud.dialects.set(**dialect)
    await home.set_up()
    assert {key: home.state(f"front:{key}") for key in states} == states
    if "unknown_values" in dialect:
        state = home.state_object(f"front:{CLARA}_unlock_methods")
        assert state.attributes["unlock_methods"] == [
            {"type": "unlock_nose", "number": 1, "name": "Code"}
        ]


async def test_no_schedules_not_started(home: Home) -> None:
    """One lock reports that a validity has not started."""
    home.cloud.dialects.set(schedule_info="missing", effective_flag_2=True)
    home.door.users[EMIL].schedule = limited_days(10, 20)
    await home.set_up()
    assert home.state(f"front:{EMIL}_access") == "not_started"


@pytest.mark.parametrize("names", ["empty", "null"])
async def test_no_names(home: Home, names: Any) -> None:
    home.cloud.dialects.names = names
    entry = await home.set_up()
    assert user_names(home.hass, entry, "front")[0] == f"User {OLIVIA}"
    state = home.state_object(f"front:{CLARA}_unlock_methods")
    assert state.attributes["unlock_methods"] == [
        {"type": "password", "number": 1, "name": None}
    ]


async def test_only_names(home: Home) -> None:
    home.cloud.dialects.unsupported = ONLY_NAMES
    entry = await home.set_up()
    assert user_names(home.hass, entry, "front") == [
        *("Anton", "Ben", "Clara", "Emil", "Olivia")
    ]
    assert home.state("front_unlock_methods") == "6"
    assert home.state(f"front:{OLIVIA}_unlock_methods") == "2"
    assert home.state(f"front:{OLIVIA}_role") == "unknown"
    assert home.state(f"front:{EMIL}_access") == "outside_hours"
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS + 10)
    assert home.cloud.calls.counts() == {"users_v10": 1, "opmodes": 1}


@pytest.mark.parametrize(
    ("unsupported", "online"),
    [
        ({"smart_lock_users": 2009, "users_v11": 1106}, None),
        ({**ONLY_NAMES, "users_v10": 2009}, "on"),
    ],
    ids=["better-list-not-authorized", "no-list"],
)
async def test_no_list(
    home: Home, unsupported: dict[str, int], online: str | None
) -> None:
    """The oldest list is only for locks without any other."""
    home.cloud.dialects.unsupported = unsupported
    await home.set_up()
    assert home.state("front_users") == STATE_UNAVAILABLE
    if online is None:
        assert "users_v10" not in home.cloud.calls.counts()
        return
    assert home.state("front_online") == online
    home.cloud.dialects.unsupported = {}
    await home.tick(CYCLE_SECONDS + 10)
    assert home.state("front_users") == "5"


async def test_unassigned_types_refused(home: Home) -> None:
    home.cloud.dialects.set(unassigned_needs_type=True, unassigned_types=frozenset())
    await home.set_up()
    assert home.state("front_unassigned_unlock_methods") == STATE_UNKNOWN
    assert home.state("front_absent_users") == "1"


async def test_dialect_detected_once(home: Home) -> None:
    """An unsupported call is made once, including restarts, then once a day."""
    home.cloud.dialects.set(**FALLBACK, unassigned_needs_type=True)
    await home.set_up()
    assert home.cloud.calls.counts()["smart_lock_users"] == 1
    assert len(home.cloud.calls.refused) == 2
    home.cloud.calls.clear()
    await home.reload()
    await home.tick(3600, times=20)
    assert not home.cloud.calls.refused
    await home.tick(3600, times=2 * 24)
    refused = [call.endpoint for call in home.cloud.calls.refused]
    assert refused == ["smart_lock_users"] * 2


@pytest.mark.parametrize("users", [2, 40])
@pytest.mark.parametrize("code", [2009, 1109, 1106], ids=str)
async def test_dialect_retried_daily(home: Home, code: int, users: int) -> None:
    """A wrongly refused call is used again within a day.

    Until then no cycle costs more than one of the fallback; but once a day, where the
    call is tried with smaller pages as well, because it was refused as malformed.
    """
    for number in range(users):
        home.door.add_user(f"User {number}")
    most = 1 + ceil(len(home.door.users) / 6)
    smaller_pages = int(code == 1109)
    fault = home.cloud.faults.refuse(code, on="smart_lock_users", times=None)
    await home.set_up()
    rest = {"associated_devices", "token", "absent_users", "unassigned_keys"}
    for hour in range(30):
        if hour == 25:
            fault.remove()
        home.cloud.calls.clear()
        await home.tick(3600)
        calls = [call for call in home.cloud.calls if call.endpoint not in rest]
        assert len(calls) <= most + smaller_pages
    await home.tick(3600, times=24)
    home.cloud.calls.clear()
    await home.tick(3600)

    assert not [call for call in home.cloud.calls if call.endpoint == "users_v11"]
    assert home.cloud.calls.counts()["smart_lock_users"] == 1


@pytest.mark.parametrize("code", [2009, 1109, 1106], ids=str)
async def test_dialect_refused_later(home: Home, code: int) -> None:
    await home.set_up()
    home.cloud.dialects.unsupported = {"smart_lock_users": code}
    await home.tick(CYCLE_SECONDS)
    assert shown(home.hass) == {key: STATES[key] for key in shown(home.hass)}
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS + 10)
    assert "smart_lock_users" not in home.cloud.calls.counts()
    assert home.cloud.calls.counts()["users_v11"] == 1


async def test_reversed_days_stored(home: Home, hass_storage: dict[str, Any]) -> None:
    """A detected order of days is used for masks that do not show it."""
    home.cloud.dialects.reversed_days = True
    entry = await home.set_up()
    home.door.remove_user(CLARA)
    await home.reload()
    assert home.state(f"front:{BEN}_access") == "outside_hours"
    await home.tick(22.5 * 3600 + 5 * DAY_SECONDS)
    # Tuesday half past nine in Berlin; the Monday before it was one of the days.
    assert home.state(f"front:{BEN}_access") == "outside_hours"
    await home.tick(DAY_SECONDS)
    assert home.state(f"front:{BEN}_access") == "allowed"
    memory = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]["locks"]["front"]
    assert memory["dialects"]["reversed_days"] is True


@cases(
    ("home", "offset", "zone", "access"),
    {
        "named": ("UTC", "+01:00", "Asia/Tokyo", "outside_hours"),
        "name-unknown": ("UTC", "+01:00", "Nowhere/Land", "allowed"),
        "offset-of-the-lock": ("UTC", "+01:00", None, "allowed"),
        "home-agrees": ("Europe/Berlin", "+01:00", None, "allowed"),
        "far-away": ("Europe/Berlin", "-05:00", None, "outside_hours"),
        "no-offset": ("Europe/Berlin", "", None, "allowed"),
        "odd-offset": ("Europe/Berlin", "XYZ", None, "allowed"),
        "no-offset-but-name": ("Asia/Tokyo", "Europe/Berlin", None, "allowed"),
        "far-name": ("Europe/Berlin", "Asia/Tokyo", None, "outside_hours"),
    },
)
async def test_window_time_zone(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    home: str,
    offset: str,
    zone: str | None,
    access: str,
) -> None:
    await hass.config.async_set_time_zone(home)
    door.device.time_zone = offset
    for user in door.users.values():
        user.schedule = Schedule()
    door.users[BEN].schedule = limited_days(-1, 1, Window(WEDNESDAY, 660, 661, zone))
    await set_up()
    assert state_of(hass, f"front:{BEN}_access") == access


async def test_method_removed_from_list(home: Home) -> None:
    """Methods missing from the list are removed, even if older details have them."""
    await home.set_up()
    card = home.door.methods_of(home.door.users[BEN])[0]
    home.door.remove_method(card)
    fault = home.cloud.faults.http(503, on="opmodes", times=None)
    await home.tick(CYCLE_SECONDS)
    assert home.state(f"front:{BEN}_unlock_methods") == "0"
    fault.remove()


@pytest.mark.parametrize("result", [None, {}])
async def test_missing_method_list(home: Home, result: object) -> None:
    """A user without unlock methods may have no list of them; it removes no known ones."""
    await home.set_up()
    home.cloud.faults.result(result, on="opmodes", times=None)
    home.door.add_user("Dora", user_id="dora")
    await home.tick(DAY_SECONDS)
    assert home.state(f"front:{OLIVIA}_unlock_methods") == "2"
    assert home.state("front:dora_unlock_methods") == "0"


async def test_unlisted_method_removed(home: Home) -> None:
    """Remote controls are in no list: their details stay until the next full refresh."""
    await home.set_up()
    fob = home.door.methods_of(home.door.users[OLIVIA])[1]
    home.door.remove_method(fob)
    await home.tick(CYCLE_SECONDS)
    assert home.state(f"front:{OLIVIA}_unlock_methods") == "2"
    await home.tick(DAY_SECONDS)
    await home.tick(CYCLE_SECONDS)
    assert home.state(f"front:{OLIVIA}_unlock_methods") == "1"
