"""One lock is read alike, whichever of the documented ways its cloud speaks."""

from math import ceil
from typing import Any

import pytest

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from simulator import ADMIN, FALLBACK, OWNER, Lock, Schedule, SimulatedCloud, Window
from simulator.dialects import Dialect
from simulator.model import MONDAY, SUNDAY, WEDNESDAY
from tests.common import state_object, state_of, states_of, user_names
from tests.conftest import NOW, SetUp, Tick

CYCLE_SECONDS = 5 * 60
DAY_SECONDS = 24 * 3600
NOW_SECONDS = int(NOW.timestamp())
OLIVIA, ANTON, CLARA, BEN, EMIL = (f"3000000{number}" for number in range(1, 6))

ONLY_NAMES = {"smart_lock_users": 2009, "users_v11": 1108}


def limited(start_days: int, end_days: int, *windows: Window) -> Schedule:
    """Return a schedule between two moments, in days from now."""
    return Schedule(
        permanent=False,
        effective_time=NOW_SECONDS + start_days * DAY_SECONDS,
        expired_time=NOW_SECONDS + end_days * DAY_SECONDS,
        windows=list(windows),
    )


@pytest.fixture
def house(cloud: SimulatedCloud, tick: Tick) -> Lock:
    """A lock with one of everything, on a Wednesday at eleven in Berlin."""
    house = cloud.add_lock("house", "House")
    olivia = house.add_user("Olivia", user_id=OLIVIA, user_type=OWNER, uid="uid1")
    house.add_method("fingerprint", olivia, unlock_sn=0, name="Thumb", admin=True)
    house.add_method("remoteControl", olivia, name="Key fob", msg_phone="49-1")
    anton = house.add_user("Anton", user_id=ANTON, user_type=ADMIN)
    house.add_method("hand", anton, name="Palm", allocate_flag=1, unlock_attr=1)
    house.add_method("face", anton, name="Face", photo_unlock=True)
    clara = house.add_user("Clara", user_id=CLARA)
    clara.schedule = limited(
        # Only this mask shows which end a cloud counts from, only this hour how.
        *(-60, 60),
        Window(SUNDAY | WEDNESDAY, 600, 1080, "Europe/Berlin"),
    )
    house.add_method("password", clara, name="Code", allocate_flag=1)
    ben = house.add_user("Ben", user_id=BEN)
    ben.schedule = limited(
        -60, 60, Window(MONDAY | WEDNESDAY, 570, 645, "Europe/Berlin")
    )
    house.add_method("card", ben, name="Card", allocate_flag=1)
    emil = house.add_user("Emil", user_id=EMIL)
    emil.schedule = limited(-60, -30)
    gone = house.add_user("Gone", user_id="30000006")
    house.add_method("card", gone)
    house.remove_user(gone.user_id)
    house.add_method("fingerprint", name="Somebody's")
    return house


UNTIL = "2027-02-07T10:00:00+00:00"
STATES = {
    "house_users": "5",
    "house_unlock_methods": "6",
    "house_fingerprints": "1",
    "house_cards": "1",
    "house_passwords": "1",
    "house_faces": "1",
    "house_palms": "1",
    "house_finger_veins": "0",
    "house_remote_controls": "1",
    "house_absent_users": "1",
    "house_unassigned_unlock_methods": "2",
    "house_pending_changes": "0",
    "house_online": "on",
    f"house:{OLIVIA}_access": "allowed",
    f"house:{OLIVIA}_access_until": STATE_UNKNOWN,
    f"house:{OLIVIA}_role": "owner",
    f"house:{OLIVIA}_unlock_methods": "2",
    f"house:{ANTON}_access": "allowed",
    f"house:{ANTON}_access_until": STATE_UNKNOWN,
    f"house:{ANTON}_role": "admin",
    f"house:{ANTON}_unlock_methods": "2",
    f"house:{CLARA}_access": "allowed",
    f"house:{CLARA}_access_until": UNTIL,
    f"house:{CLARA}_role": "member",
    f"house:{CLARA}_unlock_methods": "1",
    # A quarter to eleven was the end.
    f"house:{BEN}_access": "outside_hours",
    f"house:{BEN}_access_until": UNTIL,
    f"house:{BEN}_role": "member",
    f"house:{BEN}_unlock_methods": "1",
    f"house:{EMIL}_access": "expired",
    f"house:{EMIL}_access_until": "2026-11-09T10:00:00+00:00",
    f"house:{EMIL}_role": "member",
    f"house:{EMIL}_unlock_methods": "0",
}


def shown(hass: HomeAssistant) -> dict[str, str]:
    """Return the states that a lock and its users are judged by."""
    states = states_of(hass, "house")
    return {key: states[key] for key in STATES if key in states}


ALIKE: dict[str, dict[str, Any]] = {
    "only-total-pages": {
        **dict.fromkeys(("totals", "has_more"), "absent"),
        "total_pages": "true",
        "page_size_max": 2,
        "page_size_over": "clamp",
    },
    "wrong-total-pages": {"total_pages": "lying"},
    "signed-pictures": {"signed_pictures": True},
    "in-any-order": {"unsteady": True},
    "without-methodless-users": {"hides_users": True},
    "nothing-unassigned-as-null": {"nothing_unassigned": "null"},
    "as-born": {},
    "no-trace-id": {"tid": False},
    "time-as-text": {"t_as_string": True},
    "user-ids-as-numbers": {"user_ids": "number"},
    "epochs-as-text": {"epochs": "string"},
    "serials-as-text": {"serials": "string"},
    "op-mode-ids-as-text": {"op_mode_ids": "string"},
    "allocate-flag-as-boolean": {"allocate_flag": "boolean"},
    "app-send-as-boolean": {"app_send": "boolean"},
    "notify-info-as-json": {"notify_info": "json"},
    "effective-flag-2": {"effective_flag_2": True},
    "effective-flag-of-hours": {"effective_flag_hours": True},
    "effective-flag-unset": {"effective_flags": "zero"},
    "no-effective-flag": {"effective_flags": "missing"},
    "page-of-list": {"page_key": "list"},
    "no-totals": {"totals": "absent"},
    "wrong-totals": {"totals": "lying"},
    "no-has-more": {"has_more": "absent"},
    "wrong-has-more": {"has_more": "lying"},
    "large-pages-refused": {"page_size_max": 20},
    "small-pages": {"page_size_max": 2, "page_size_over": "clamp"},
    "small-pages-without-has-more": {
        "page_size_max": 20,
        "page_size_over": "clamp",
        "has_more": "absent",
    },
    "schedule-in-an-array": {"schedule_info": "array"},
    "windows-of-passwords": {"window_keys": "times"},
    "reversed-days": {"reversed_days": True},
    "times-of-the-clock": {"hhmm_times": True},
    "reversed-days-and-times-of-the-clock": {"reversed_days": True, "hhmm_times": True},
    "opmodes-as-list": {"opmodes": "list"},
    "sparse-opmodes": {"opmode_records": "sparse"},
    "unassigned-by-type": {"unassigned_needs_type": True},
    "unassigned-by-few-types": {
        "unassigned_needs_type": True,
        "unassigned_types": frozenset({"fingerprint", "card"}),
    },
    "fallback": FALLBACK,
    "fallback-1108": {"unsupported": {"smart_lock_users": 1108}},
    "fallback-1109": {"unsupported": {"smart_lock_users": 1109}},
    "fallback-1106": {"unsupported": {"smart_lock_users": 1106}},
    "all-of-it": {
        "tid": False,
        "t_as_string": True,
        "user_ids": "number",
        "epochs": "string",
        "serials": "string",
        "op_mode_ids": "string",
        "allocate_flag": "boolean",
        "app_send": "boolean",
        "notify_info": "json",
        "page_key": "list",
        "totals": "absent",
        "has_more": "absent",
        "schedule_info": "array",
        "window_keys": "times",
        "reversed_days": True,
        "hhmm_times": True,
        "opmodes": "list",
        "opmode_records": "sparse",
        "unassigned_needs_type": True,
        "unsupported": {"smart_lock_users": 2009},
    },
}


@pytest.mark.usefixtures("all_entities")
@pytest.mark.parametrize("dialect", ALIKE.values(), ids=ALIKE.keys())
async def test_dialect(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    house: Lock,
    set_up: SetUp,
    tick: Tick,
    dialect: dict[str, Any],
) -> None:
    """The same lock gives the same states in every dialect, at once and later."""
    common = {k: v for k, v in dialect.items() if not k.startswith("page_size")}
    cloud.dialects.set(**common)
    cloud.dialects.of("house").set(**dialect)
    entry = await set_up()
    if "lying" in dialect.values():  # known to be complete with a second list
        assert state_of(hass, "house_users") == STATE_UNKNOWN
        await tick(62)
    names = ["Anton", "Ben", "Clara", "Emil", "Olivia"]
    assert user_names(hass, entry, "house") == names
    assert shown(hass) == STATES

    for _ in range(3):
        await tick(CYCLE_SECONDS + 10)
    assert user_names(hass, entry, "house") == names
    assert shown(hass) == STATES


def test_every_dialect_of_reading_is_tried() -> None:
    """A switch that is added to the cloud is tried here, or concerns no list."""
    tried = {key for dialect in ALIKE.values() for key in dialect}
    elsewhere = {
        # Below.
        *("names", "unknown_values", "user_records"),
        # Of absent users: the tests of repairs.
        "members_are_absent",
        # Of single users, and of orders: the tests of actions.
        *("alphanumeric_ids", "lenient_parameters", "v10_user_ids"),
        *("add_user_result", "update_result", "role_result", "update_clears"),
        *("update_ignores_contact", "admin_profile_code", "admin_user_code"),
        *("owner_code", "unknown_user_code", "schedule_bodies", "foreign_body"),
        *("foreign_body_code", "windowless_bodies", "all_day_drops_week"),
        *("one_window", "cancel_keys", "foreign_key"),
        *("window_keys_taken", "keeps_bodies"),
        # Of records, of passwords, and of changes of unlock methods.
        *("records_mixed", "record_values", "record_status", "record_names"),
        *("password_phases", "password_delivery", "password_windows"),
        *("modify_needs_pin", "update_method_resets"),
    }
    known = {name for name in Dialect.__dataclass_fields__ if name not in elsewhere}
    assert known <= tried


# --- Dialects that know less -------------------------------------------------------


@pytest.mark.parametrize("info", ["missing", "null"])
async def test_without_schedules(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp, info: Any
) -> None:
    """Where no schedule is told the cloud's own word on the validity counts."""
    cloud.dialects.schedule_info = info
    await set_up()

    assert state_of(hass, f"house:{CLARA}_access") == "allowed"
    assert state_of(hass, f"house:{BEN}_access") == "allowed"
    assert state_of(hass, f"house:{EMIL}_access") == "expired"
    assert state_of(hass, f"house:{EMIL}_access_until") == STATE_UNKNOWN


async def test_without_schedules_before_they_start(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp
) -> None:
    """One lock is known to tell that a validity has not begun."""
    cloud.dialects.set(schedule_info="missing", effective_flag_2=True)
    house.users[EMIL].schedule = limited(10, 20)
    await set_up()

    assert state_of(hass, f"house:{EMIL}_access") == "not_started"


async def test_sparse_records(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp
) -> None:
    """A record without schedule and validity limits nobody."""
    cloud.dialects.user_records = "sparse"
    await set_up()

    assert state_of(hass, f"house:{EMIL}_access") == "allowed"
    assert state_of(hass, f"house:{ANTON}_role") == "admin"
    assert state_of(hass, f"house:{ANTON}_unlock_methods") == "2"


@pytest.mark.parametrize("names", ["empty", "null"])
async def test_without_names(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp, names: Any
) -> None:
    """Users without names are called by their ids, methods have none."""
    cloud.dialects.names = names
    entry = await set_up()

    assert user_names(hass, entry, "house")[0] == f"User {OLIVIA}"
    state = state_object(hass, f"house:{CLARA}_unlock_methods")
    assert state.attributes["unlock_methods"] == [
        {"type": "password", "number": 1, "name": None}
    ]


async def test_unknown_values(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp
) -> None:
    """What no document lists is kept where it can be, and unknown else."""
    cloud.dialects.unknown_values = True
    await set_up()

    assert state_of(hass, f"house:{ANTON}_role") == "unknown"
    assert state_of(hass, f"house:{OLIVIA}_role") == "owner"
    state = state_object(hass, f"house:{CLARA}_unlock_methods")
    assert state.attributes["unlock_methods"] == [
        {"type": "unlock_nose", "number": 1, "name": "Code"}
    ]


async def test_only_names(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp, tick: Tick
) -> None:
    """The oldest list knows names alone; methods come from their own call."""
    cloud.dialects.unsupported = ONLY_NAMES
    entry = await set_up()

    assert user_names(hass, entry, "house") == [
        *("Anton", "Ben", "Clara", "Emil", "Olivia")
    ]
    assert state_of(hass, "house_unlock_methods") == "6"
    assert state_of(hass, f"house:{OLIVIA}_unlock_methods") == "2"
    assert state_of(hass, f"house:{OLIVIA}_role") == "unknown"
    assert state_of(hass, f"house:{EMIL}_access") == "allowed"
    cloud.calls.clear()
    await tick(CYCLE_SECONDS + 10)
    assert cloud.calls.counts() == {"users_v10": 1, "opmodes": 1}


async def test_oldest_list_is_only_for_locks_that_know_no_other(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp
) -> None:
    """Where the better lists are only not authorised somebody can do something."""
    cloud.dialects.unsupported = {"smart_lock_users": 2009, "users_v11": 1106}
    await set_up()

    assert "users_v10" not in cloud.calls.counts()
    assert state_of(hass, "house_users") == STATE_UNAVAILABLE


async def test_nothing_is_known(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A device that knows none of the lists is unavailable, and nothing else is."""
    cloud.dialects.unsupported = {**ONLY_NAMES, "users_v10": 2009}
    await set_up()
    assert state_of(hass, "house_users") == STATE_UNAVAILABLE
    assert state_of(hass, "house_online") == "on"

    cloud.dialects.unsupported = {}
    await tick(CYCLE_SECONDS + 10)
    assert state_of(hass, "house_users") == "5"


async def test_no_unassigned_methods_of_any_type(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp
) -> None:
    """A lock that understands no type of unassigned methods does not tell of any."""
    cloud.dialects.set(unassigned_needs_type=True, unassigned_types=frozenset())
    await set_up()

    assert state_of(hass, "house_unassigned_unlock_methods") == STATE_UNKNOWN
    assert state_of(hass, "house_absent_users") == "1"


# --- What is found out is remembered -----------------------------------------------


async def test_dialect_is_found_out_once(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A lock is asked in vain only once, also after a restart; and then once a day."""
    cloud.dialects.set(**FALLBACK, unassigned_needs_type=True)
    entry = await set_up()
    assert cloud.calls.counts()["smart_lock_users"] == 1
    assert len([call for call in cloud.calls if call.code]) == 2
    cloud.calls.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    for _ in range(20):
        await tick(3600)
    assert not [call for call in cloud.calls if call.code]
    for _ in range(2 * 24):
        await tick(3600)
    refused = [call.endpoint for call in cloud.calls if call.code]
    assert refused == ["smart_lock_users"] * 2


@pytest.mark.parametrize("users", [2, 40])
@pytest.mark.parametrize("code", [2009, 1109, 1106], ids=str)
async def test_refusal_that_passes(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    house: Lock,
    set_up: SetUp,
    tick: Tick,
    code: int,
    users: int,
) -> None:
    """A lock that was taken for a lesser one is known again within a day.

    Until then no cycle costs more than one of the fallback; but once a day, where the
    call is tried with smaller pages as well, because it was refused as malformed.
    """
    for number in range(users):
        house.add_user(f"User {number}")
    most = 1 + ceil(len(house.users) / 6)
    smaller_pages = int(code == 1109)
    fault = cloud.faults.refuse(code, on="smart_lock_users", times=None)
    await set_up()
    rest = {"associated_devices", "token", "absent_users", "unassigned_keys"}
    for hour in range(30):
        if hour == 25:
            fault.remove()
        cloud.calls.clear()
        await tick(3600)
        calls = [call for call in cloud.calls if call.endpoint not in rest]
        assert len(calls) <= most + smaller_pages
    for _ in range(24):
        await tick(3600)
    cloud.calls.clear()
    await tick(3600)

    assert not [call for call in cloud.calls if call.endpoint == "users_v11"]
    assert cloud.calls.counts()["smart_lock_users"] == 1


@pytest.mark.parametrize("code", [2009, 1109, 1106], ids=str)
async def test_dialect_that_is_refused_is_found_out_anew(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    house: Lock,
    set_up: SetUp,
    tick: Tick,
    code: int,
) -> None:
    """What a lock used to know and does not any more is replaced at once."""
    await set_up()
    cloud.dialects.unsupported = {"smart_lock_users": code}
    await tick(CYCLE_SECONDS)
    assert shown(hass) == {key: STATES[key] for key in shown(hass)}
    cloud.calls.clear()
    await tick(CYCLE_SECONDS + 10)

    assert "smart_lock_users" not in cloud.calls.counts()
    assert cloud.calls.counts()["users_v11"] == 1


async def test_reversed_days_stay_known(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    house: Lock,
    set_up: SetUp,
    tick: Tick,
    hass_storage: dict[str, Any],
) -> None:
    """Once seen, a lock counts days that way also where no mask shows it."""
    cloud.dialects.reversed_days = True
    entry = await set_up()
    house.remove_user(CLARA)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert state_of(hass, f"house:{BEN}_access") == "outside_hours"
    await tick(22.5 * 3600 + 5 * DAY_SECONDS)
    # Tuesday half past nine in Berlin; the Monday before it was one of the days.
    assert state_of(hass, f"house:{BEN}_access") == "outside_hours"
    await tick(DAY_SECONDS)
    assert state_of(hass, f"house:{BEN}_access") == "allowed"
    memory = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]["locks"]["house"]
    assert memory["dialects"]["reversed_days"] is True


# --- Time zones --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("home", "offset", "zone", "access"),
    [
        pytest.param("UTC", "+01:00", "Asia/Tokyo", "outside_hours", id="named"),
        pytest.param("UTC", "+01:00", "Nowhere/Land", "allowed", id="name-unknown"),
        pytest.param("UTC", "+01:00", None, "allowed", id="offset-of-the-lock"),
        pytest.param("Europe/Berlin", "+01:00", None, "allowed", id="home-agrees"),
        pytest.param("Europe/Berlin", "-05:00", None, "outside_hours", id="far-away"),
        pytest.param("Europe/Berlin", "", None, "allowed", id="no-offset"),
        pytest.param("Europe/Berlin", "XYZ", None, "allowed", id="odd-offset"),
        pytest.param(
            "Asia/Tokyo", "Europe/Berlin", None, "allowed", id="no-offset-but-name"
        ),
        pytest.param(
            "Europe/Berlin", "Asia/Tokyo", None, "outside_hours", id="far-name"
        ),
    ],
)
async def test_zone_of_windows(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    house: Lock,
    set_up: SetUp,
    home: str,
    offset: str,
    zone: str | None,
    access: str,
) -> None:
    """Windows are local: by their zone, the lock's, or Home Assistant's."""
    await hass.config.async_set_time_zone(home)
    house.device.time_zone = offset
    for user in house.users.values():
        user.schedule = Schedule()
    house.users[BEN].schedule = limited(-1, 1, Window(WEDNESDAY, 660, 661, zone))
    await set_up()

    assert state_of(hass, f"house:{BEN}_access") == access


# --- Methods that are known in parts -----------------------------------------------


async def test_method_leaves_with_the_list(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp, tick: Tick
) -> None:
    """What the list does not show any more is gone, though older details knew it."""
    await set_up()
    card = house.methods_of(house.users[BEN])[0]
    house.remove_method(card)
    fault = cloud.faults.http(503, on="opmodes", times=None)
    await tick(CYCLE_SECONDS)

    assert state_of(hass, f"house:{BEN}_unlock_methods") == "0"
    fault.remove()


async def test_method_that_no_list_shows_stays(
    hass: HomeAssistant, cloud: SimulatedCloud, house: Lock, set_up: SetUp, tick: Tick
) -> None:
    """Remote controls are in no list: what their own call said holds until the next."""
    await set_up()
    fob = house.methods_of(house.users[OLIVIA])[1]
    house.remove_method(fob)
    await tick(CYCLE_SECONDS)
    assert state_of(hass, f"house:{OLIVIA}_unlock_methods") == "2"

    await tick(DAY_SECONDS)
    await tick(CYCLE_SECONDS)
    assert state_of(hass, f"house:{OLIVIA}_unlock_methods") == "1"
