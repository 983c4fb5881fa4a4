"""The stored data of a project."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
import json
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.tuya_lock_users.api.dialects import Dialects, UsersCall
from custom_components.tuya_lock_users.api.schedule.model import (
    Schedule,
    ScheduleBody,
    Window,
)
from custom_components.tuya_lock_users.const import DOMAIN
from custom_components.tuya_lock_users.coordinator.connection import CallCount
from custom_components.tuya_lock_users.coordinator.store import ProjectStore
from custom_components.tuya_lock_users.coordinator.stored_details import LockDetails
from custom_components.tuya_lock_users.domain.suspension import SavedSchedule
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from tests.common import cases, entry_state, until, user_names
from tests.conftest import CYCLE_SECONDS, Home
from tests.services.calling import Actions

NOW = datetime(2026, 12, 9, tzinfo=UTC)
KEY = f"{DOMAIN}.entry"

SAVED = SavedSchedule(raw='{"permanent": false, "odd": [1]}', missing_since=1.5)

DIALECTS = Dialects(
    users_call=UsersCall.WITH_FILTER,
    schedule_body=ScheduleBody.CAMEL,
    unassigned_by_type=True,
    reversed_days=True,
)


def counted(month: str, calls: int) -> CallCount:
    count = CallCount()
    count.month, count.calls = month, calls
    return count


async def loaded(
    hass: HomeAssistant, hass_storage: dict[str, Any], data: dict[str, Any]
) -> ProjectStore:
    hass_storage[KEY] = {"version": 1, "minor_version": 1, "key": KEY, "data": data}
    store = ProjectStore(hass, "entry", CallCount())
    await store.async_load(NOW)
    return store


async def test_round_trip(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    count = counted("2026-12", 17)
    store = ProjectStore(hass, "entry", count)
    memory = store.lock("front")
    memory.dialects = DIALECTS
    memory.suspended["bob"] = SAVED
    await store.async_save()
    later_count = CallCount()
    later = ProjectStore(hass, "entry", later_count)
    await later.async_load(NOW)
    assert later.lock("front").dialects == DIALECTS
    assert later.lock("front").suspended == {"bob": SAVED}
    assert later.lock("gate").dialects == Dialects()
    assert (later_count.month, later_count.calls) == ("2026-12", 17)


@cases(
    "content",
    {
        "empty": {},
        "unknown-key": {"strange": 1},
        "no-locks": {"locks": 5},
        "no-lock": {"locks": {"front": None}},
        "no-number": {"calls": "many"},
        "unknown-call": {"locks": {"front": {"dialects": {"users_call": "by_dance"}}}},
        "incomplete-schedule": {"locks": {"front": {"suspended": {"bob": {}}}}},
    },
)
async def test_broken_file(
    hass: HomeAssistant, hass_storage: dict[str, Any], content: dict[str, Any]
) -> None:
    """An invalid file is ignored."""
    hass_storage[KEY] = {"version": 1, "minor_version": 1, "key": KEY, "data": content}
    count = CallCount()
    store = ProjectStore(hass, "entry", count)
    await store.async_load(NOW)
    assert store.lock("front").dialects == Dialects()
    assert store.lock("front").suspended == {}
    assert count.calls == 0


async def test_first_version(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    """A schedule saved by version 0.1.0 is used as it is, regardless of the dialect."""
    window: dict[str, Any] = {
        "mask": 3,
        "start_minute": 540,
        "end_minute": 1440,
        "time_zone": "Europe/Berlin",
    }
    saved = {
        "permanent": False,
        "start": 1_796_000_000,
        "end": None,
        "windows": [window],
        "delivery": "success",
        "operate": "modify",
    }
    front = {"dialects": {"reversed_days": True}, "suspended": {"bob": saved}}
    content = {"locks": {"front": front}}
    store = await loaded(hass, hass_storage, content)

    found = store.lock("front").suspended["bob"].schedule(lambda _raw: None)

    assert found == Schedule(
        permanent=False, start=1_796_000_000, windows=(Window(**window),)
    )
    assert found.raw is None


async def test_later_version(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    """Unknown keys do not affect known ones."""
    data = {"locks": {"front": {"color": "red"}}, "weather": 1, "was_listed": True}
    store = await loaded(hass, hass_storage, data)
    assert store.was_listed


async def test_no_names_or_secrets(home: Home, hass_storage: dict[str, Any]) -> None:
    """The file contains IDs, dialects, and the names of unlock methods."""
    home.door.users["bob"].user_contact = "bob@example.com"
    home.door.methods_of(home.door.users["bob"])[0].msg_phone = "4912345"
    entry = await home.set_up()
    await home.hass.config_entries.async_unload(entry.entry_id)
    content = str(hass_storage[f"{DOMAIN}.{entry.entry_id}"])
    assert "front" in content
    for word in (
        *("Bob", "bob@example.com", "Front door", "4912345"),
        *(home.cloud.access_secret, home.door.device.local_key, home.cloud.accounts[0]),
    ):
        assert word not in content


async def test_suspensions_of_removed_lock(
    home: Home, hass_storage: dict[str, Any]
) -> None:
    """Only the suspensions of a removed lock stay stored, for resuming."""
    home.cloud.delivery.delay = 0
    home.cloud.dialects.unsupported = {"smart_lock_users": 1108}
    home.cloud.add_lock("gate", "Garden gate")
    shed = home.cloud.add_lock("shed", "Shed")
    entry = await home.set_up()
    await Actions(home.hass, entry)("suspend_user", user="bob")
    shed.unpair()
    await home.tick(6 * CYCLE_SECONDS)
    home.door.unpair()
    await home.tick(6 * CYCLE_SECONDS)
    locks = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]["locks"]
    assert set(locks) == {"front", "gate"}
    assert locks["front"]["dialects"] == json.loads(json.dumps(asdict(Dialects())))
    assert locks["gate"]["dialects"]["users_call"] == UsersCall.WITH_FILTER
    assert set(locks["front"]["suspended"]) == {"bob"}
    assert locks["front"]["suspended"]["bob"]["raw"] == '{"permanent": true}'


async def test_calls_written_eventually(
    home: Home, hass_storage: dict[str, Any]
) -> None:
    """The number of calls is not written with every call."""
    await home.set_up()
    path = f"{DOMAIN}.{home.entry.entry_id}"
    first = hass_storage[path]["data"]["calls"]
    await home.tick(CYCLE_SECONDS)
    assert hass_storage[path]["data"]["calls"] == first
    await home.tick(CYCLE_SECONDS, times=7)
    assert hass_storage[path]["data"]["calls"] > first


async def test_late_update_after_removal(
    home: Home, freezer: FrozenDateTimeFactory, hass_storage: dict[str, Any]
) -> None:
    """A late update does not restore the file."""
    await home.set_up()
    hang = home.cloud.faults.hang(on="smart_lock_users")
    freezer.tick(CYCLE_SECONDS)
    async_fire_time_changed(home.hass)
    await until(lambda: hang.hits)
    home.door.users["bob"].nick_name = "Robert"
    save = ProjectStore.async_save

    async def save_slowly(store: ProjectStore) -> None:
        await save(store)
        hang.release()
        await until(lambda: "Robert" in user_names(home.hass, home.entry, "front"))

    with patch.object(ProjectStore, "async_save", save_slowly):
        await home.hass.config_entries.async_remove(home.entry.entry_id)
    await home.tick(24 * 3600)

    assert entry_state(home.entry) is ConfigEntryState.NOT_LOADED
    assert f"{DOMAIN}.{home.entry.entry_id}" not in hass_storage
    assert home.state("front_users") is None


def test_count() -> None:
    count = counted("2026-12", 5)
    count.restore("2026-12", 100, NOW)
    count.restore("2026-12", 100, NOW)
    assert count.calls == 105
    count.restore("2026-11", 100, NOW)
    assert count.calls == 105
    count.roll_month(datetime(2027, 1, 1, tzinfo=UTC))
    assert (count.month, count.calls) == ("2027-01", 0)


async def test_broken_details(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    lock = {"dialects": {"users_call": "with_filter"}, "details": {"users": {"bob": 5}}}
    data = {"locks": {"front": lock}}
    store = await loaded(hass, hass_storage, data)
    assert store.lock("front").dialects.users_call is UsersCall.WITH_FILTER
    assert store.lock("front").details == LockDetails()


@pytest.mark.parametrize(("days", "is_stored"), [(89, True), (91, False)])
async def test_suspensions_expire(
    hass: HomeAssistant, hass_storage: dict[str, Any], days: int, is_stored: bool
) -> None:
    """Saved schedules outlive their lock for 90 days."""
    store = ProjectStore(hass, "entry", CallCount())
    store.lock("front").suspended["bob"] = SAVED
    store.async_forget_lock("front", NOW)
    await store.async_save()
    later = ProjectStore(hass, "entry", CallCount())
    await later.async_load(NOW + timedelta(days=days))
    assert bool(later.lock("front").suspended) is is_stored
