"""Events and sensors from messages and records."""

from typing import Any

import pytest

from custom_components.tuya_lock_users.const import CONF_OPENINGS, CONF_PUSH
from custom_components.tuya_lock_users.domain.door_history import DoorHistory
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import Event
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
from simulator import DeliveryRules, commands
from simulator.passwords import TemporaryPassword
from tests.common import lock_device, state_object, state_of, until
from tests.conftest import SetUp, Tick

from .conftest import Front


def summary(events: list[Event[Any]]) -> list[tuple[Any, ...]]:
    keys = ("kind", "event_type", "user_name", "name", "number", "source")
    return [tuple(event.data[key] for key in keys) for event in events]


@pytest.mark.parametrize("families", [("core",), ("legacy",), ("core", "legacy")])
async def test_opening(front: Front, families: Any) -> None:
    """A message is reported once, names the user without a call, and updates the sensors."""
    front.cloud.queue.families = families
    await front.connect()
    front.cloud.calls.clear()
    front.door.open("card", front.door.find("bob"))
    await front.settled()
    assert summary(front.door_events) == [
        ("opened", "card", "Bob", "Blue card", 1, "push")
    ]
    opened = state_object(front.hass, "front_opened")
    keys = ("event_type", "user_id", "user_name", "name", "source")
    values = [opened.attributes[key] for key in keys]
    assert values == ["card", "bob", "Bob", "Blue card", "push"]
    assert state_of(front.hass, "front_last_opened_by") == "Bob"
    last_opened = dt_util.parse_datetime(str(state_of(front.hass, "front_last_opened")))
    opened_at = dt_util.parse_datetime(opened.attributes["time"], raise_on_error=True)
    assert last_opened == opened_at.replace(microsecond=0)
    assert not front.cloud.calls


async def test_alarm_and_doorbell(front: Front) -> None:
    """Alarms and rings have entities of their own; unknown users are not named."""
    await front.connect()
    front.door.alarm("pry")
    front.door.ring()
    front.door.open("app")
    await front.settled()
    assert summary(front.door_events) == [
        ("alarm", "tamper", None, None, None, "push"),
        ("doorbell", "ring", None, None, None, "push"),
        ("opened", "app", None, None, 1, "push"),
    ]
    assert state_object(front.hass, "front_alarm").attributes["code"] == "pry"
    assert state_object(front.hass, "front_doorbell").attributes["event_type"] == "ring"
    assert state_of(front.hass, "front_last_opened_by") == STATE_UNKNOWN


async def test_duress(front: Front) -> None:
    """An opening under duress is also an alarm, reported once although the lock sends both."""
    alice = front.door.find("alice")
    little = front.door.add_method("fingerprint", alice, name="Little", unlock_attr=1)
    await front.connect()
    front.door.open("fingerprint", alice, number=little.unlock_sn, duress=True)
    await front.settled()
    assert summary(front.door_events) == [
        ("opened", "fingerprint", "Alice", "Little", 2, "push"),
        ("alarm", "duress", "Alice", "Little", 2, "push"),
    ]


async def test_unknown_method(front: Front) -> None:
    """The lock is read once for an unknown number; then the opening is reported without a user."""
    front.cloud.queue.families = ("core", "legacy")  # the second message waits, too
    await front.connect()
    bob = front.door.find("bob")
    new = front.door.add_method("card", bob, name="New card")
    front.cloud.calls.clear()
    front.door.open("card", number=new.unlock_sn)
    await front.settled()
    await until(lambda: len(front.door_events) == 1)
    front.door.open("card", number=77)
    await until(lambda: len(front.door_events) == 2)
    calls = len(front.cloud.calls)
    front.door.open("card", number=77, time=front.cloud.now + 3)
    await until(lambda: len(front.door_events) == 3)
    assert summary(front.door_events) == [
        ("opened", "card", "Bob", "New card", 2, "push"),
        ("opened", "card", None, None, 77, "push"),
        ("opened", "card", None, None, 77, "push"),
    ]
    assert len(front.cloud.calls) == calls


async def test_temporary_password(front: Front, all_entities: None) -> None:
    """A temporary password is named by its number or ID; an unknown one is read once."""
    now = int(front.door.now)

    def add(name: str, hours: int) -> TemporaryPassword:
        front.door.delivery = DeliveryRules()
        return front.door.passwords.add(
            commands.send(front.door),
            name=name,
            pin="7394158",
            effective_time=now - 7200,
            invalid_time=now + hours * 3600,
        )

    add("Ended", -1)
    cleaner, plumber = add("Cleaner", 1), add("Plumber", 1)
    entry = await front.connect()
    front.cloud.calls.clear()
    for number in (cleaner.sn, plumber.password_id, add("Guest", 1).sn, 999):
        front.door.open("temporary", number=number)
    await front.settled()
    assert [
        (event.data["name"], event.data["user_name"]) for event in front.door_events
    ] == [
        ("Cleaner", None),
        ("Plumber", None),
        ("Guest", None),
        (None, None),
    ]
    assert set(front.cloud.calls.counts()) == {"passwords"}
    front.cloud.calls.clear()
    front.door.open("temporary", number=999, time=front.cloud.now + 3)
    await front.settled()
    assert not front.cloud.calls
    front.door.open("temporary", number=cleaner.sn, time=front.cloud.now + 5)
    await front.settled()
    await front.hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: state_of(front.hass, "front_last_opened_by") == "Cleaner")


async def test_disabled_lock(front: Front) -> None:
    """Messages of a disabled lock cause no call."""
    device = lock_device(front.hass, await front.connect(), "front")
    assert device is not None
    dr.async_get(front.hass).async_update_device(
        device.id, disabled_by=dr.DeviceEntryDisabler.USER
    )
    front.cloud.calls.clear()
    for kind in ("card", "temporary"):
        front.door.open(kind, number=77)
    await front.settled()
    assert not front.cloud.calls


async def test_old_messages(front: Front) -> None:
    """Openings older than ten minutes update the sensors, and fire no event."""
    front.door.open(
        "card", front.door.find("bob"), time=front.cloud.now - 601, kept=False
    )
    await front.connect()
    await front.settled()
    assert not front.door_events
    assert state_of(front.hass, "front_opened") == STATE_UNKNOWN
    assert state_of(front.hass, "front_last_opened_by") == "Bob"


async def test_records(front: Front, set_up: SetUp, tick: Tick) -> None:
    """Without messages, records report openings; the first read is the past."""
    bob = front.door.find("bob")
    front.door.open("card", bob, time=front.cloud.now - 60)
    await set_up(options={CONF_PUSH: False})
    await tick(170)
    assert not front.door_events
    assert state_of(front.hass, "front_last_opened_by") == "Bob"
    assert state_of(front.hass, "bay0000000000000SIMU_push") is None
    front.door.open("fingerprint", front.door.find("alice"))
    front.cloud.calls.clear()
    await tick(15 * 60)
    assert summary(front.door_events) == []  # older than ten minutes by then
    assert state_of(front.hass, "front_last_opened_by") == "Alice"
    front.door.open("card", bob, time=front.cloud.now + 800)
    await tick(15 * 60)
    assert summary(front.door_events) == [
        ("opened", "card", "Bob", "Blue card", 1, "record")
    ]
    assert front.cloud.calls.counts()["open_logs_v11"] == 2


async def test_openings_disabled(front: Front, tick: Tick) -> None:
    """The option removes entities and history, and stops fetching records."""
    front.door.open("card", front.door.find("bob"))
    entry = await front.connect()
    await until(lambda: state_of(front.hass, "front_last_opened_by") == "Bob")
    front.door_events.clear()
    front.hass.config_entries.async_update_entry(entry, options={CONF_OPENINGS: False})
    await front.hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: state_of(front.hass, "bay0000000000000SIMU_push") == "on")
    front.cloud.calls.clear()
    front.door.open("card", front.door.find("bob"))
    await tick(3600)
    assert not front.door_events
    assert front.cloud.calls.counts()["open_logs_v11"] == 0
    unique_ids = {e.unique_id for e in er.async_get(front.hass).entities.values()}
    assert not unique_ids & {"front_opened", "front_alarm", "front_last_opened_by"}
    assert not any(one.endswith("_last_opened") for one in unique_ids)
    assert entry.runtime_data.runtime.store.lock("front").door == DoorHistory()
