"""Who opened the door: from a message to entities, once and at once."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from custom_components.tuya_lock_users.const import CONF_OPENINGS, CONF_PUSH
from custom_components.tuya_lock_users.domain.openings import DoorHistory
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from simulator import DeliveryRules, Lock, SimulatedCloud, orders
from simulator.passwords import TemporaryPassword
from tests.common import state_object, state_of, until
from tests.conftest import SetUp, Tick

from .conftest import Connect

type Settled = Callable[[], Awaitable[None]]


def said(events: list[Event[Any]]) -> list[tuple[Any, ...]]:
    """Return what events say."""
    keys = ("kind", "event_type", "user_name", "name", "number", "source")
    return [tuple(event.data[key] for key in keys) for event in events]


@pytest.mark.parametrize("families", [("core",), ("legacy",), ("core", "legacy")])
async def test_opening(
    hass: HomeAssistant,
    connect: Connect,
    cloud: SimulatedCloud,
    door: Lock,
    happened: list[Event[Any]],
    settled: Settled,
    families: Any,
) -> None:
    """A message is told once, names the user without a call, and moves the sensors."""
    cloud.queue.families = families
    await connect()
    cloud.calls.clear()
    door.open("card", door.find("bob"))
    await settled()
    assert said(happened) == [("opened", "card", "Bob", "Blue card", 1, "push")]
    opened = state_object(hass, "front_opened")
    assert opened.attributes["event_type"] == "card"
    assert opened.attributes["user_id"] == "bob"
    assert opened.attributes["user_name"] == "Bob"
    assert opened.attributes["name"] == "Blue card"
    assert opened.attributes["source"] == "push"
    assert state_of(hass, "front_last_opened_by") == "Bob"
    last_opened = dt_util.parse_datetime(str(state_of(hass, "front_last_opened")))
    told = dt_util.parse_datetime(opened.attributes["time"], raise_on_error=True)
    assert last_opened == told.replace(microsecond=0)
    assert not cloud.calls


async def test_alarm_and_doorbell(
    hass: HomeAssistant,
    connect: Connect,
    door: Lock,
    happened: list[Event[Any]],
    settled: Settled,
) -> None:
    """Alarms and rings have entities of their own; nobody is named who is not known."""
    await connect()
    door.alarm("pry")
    door.ring()
    door.open("app")
    await settled()
    assert said(happened) == [
        ("alarm", "tamper", None, None, None, "push"),
        ("doorbell", "ring", None, None, None, "push"),
        ("opened", "app", None, None, 1, "push"),
    ]
    assert state_object(hass, "front_alarm").attributes["code"] == "pry"
    assert state_object(hass, "front_doorbell").attributes["event_type"] == "ring"
    assert state_of(hass, "front_last_opened_by") == STATE_UNKNOWN


async def test_duress(
    connect: Connect, door: Lock, happened: list[Event[Any]], settled: Settled
) -> None:
    """An opening under duress is an alarm as well, told once though the lock says so."""
    alice = door.find("alice")
    little = door.add_method("fingerprint", alice, name="Little", unlock_attr=1)
    await connect()
    door.open("fingerprint", alice, number=little.unlock_sn, duress=True)
    await settled()
    assert said(happened) == [
        ("opened", "fingerprint", "Alice", "Little", 2, "push"),
        ("alarm", "duress", "Alice", "Little", 2, "push"),
    ]


async def test_unknown_method(
    connect: Connect,
    cloud: SimulatedCloud,
    door: Lock,
    happened: list[Event[Any]],
    settled: Settled,
) -> None:
    """The lock is read once for a number nobody knows; then it is told as it is."""
    cloud.queue.families = ("core", "legacy")  # the second message waits, too
    await connect()
    bob = door.find("bob")
    new = door.add_method("card", bob, name="New card")
    cloud.calls.clear()
    door.open("card", number=new.unlock_sn)
    await settled()
    await until(lambda: len(happened) == 1)
    door.open("card", number=77)
    await until(lambda: len(happened) == 2)
    calls = len(cloud.calls)
    door.open("card", number=77, time=cloud.now + 3)
    await until(lambda: len(happened) == 3)
    assert said(happened) == [
        ("opened", "card", "Bob", "New card", 2, "push"),
        ("opened", "card", None, None, 77, "push"),
        ("opened", "card", None, None, 77, "push"),
    ]
    assert len(cloud.calls) == calls


async def test_temporary_password(
    all_entities: None,
    hass: HomeAssistant,
    connect: Connect,
    cloud: SimulatedCloud,
    door: Lock,
    happened: list[Event[Any]],
    settled: Settled,
) -> None:
    """A temporary password is named by its number or its id, as read before."""
    now = int(door.now)

    def add(name: str, hours: int) -> TemporaryPassword:
        door.delivery = DeliveryRules()
        return door.passwords.add(
            orders.send(door),
            name=name,
            pin="7394158",
            effective_time=now - 7200,
            invalid_time=now + hours * 3600,
        )

    add("Ended", -1)
    cleaner, plumber = add("Cleaner", 1), add("Plumber", 1)
    entry = await connect()
    cloud.calls.clear()
    for number in (cleaner.sn, plumber.password_id, 999):
        door.open("temporary", number=number)
    await settled()
    assert [(event.data["name"], event.data["user_name"]) for event in happened] == [
        ("Cleaner", None),
        ("Plumber", None),
        (None, None),
    ]
    assert not cloud.calls
    door.open("temporary", number=cleaner.sn, time=cloud.now + 5)
    await settled()
    await hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: state_of(hass, "front_last_opened_by") == "Cleaner")


async def test_old_messages(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    connect: Connect,
    door: Lock,
    happened: list[Event[Any]],
    settled: Settled,
) -> None:
    """What is older than ten minutes moves the sensors and tells nothing."""
    door.open("card", door.find("bob"), time=cloud.now - 601, kept=False)
    await connect()
    await settled()
    assert not happened
    assert state_of(hass, "front_opened") == STATE_UNKNOWN
    assert state_of(hass, "front_last_opened_by") == "Bob"


async def test_records(
    hass: HomeAssistant,
    set_up: SetUp,
    tick: Tick,
    cloud: SimulatedCloud,
    door: Lock,
    happened: list[Event[Any]],
) -> None:
    """Without messages records tell it, later: the first reading is the past."""
    bob = door.find("bob")
    door.open("card", bob, time=cloud.now - 60)
    await set_up(options={CONF_PUSH: False})
    await tick(170)
    assert not happened
    assert state_of(hass, "front_last_opened_by") == "Bob"
    assert state_of(hass, "bay0000000000000SIMU_push") is None
    door.open("fingerprint", door.find("alice"))
    cloud.calls.clear()
    await tick(15 * 60)
    assert said(happened) == []  # older than ten minutes by then
    assert state_of(hass, "front_last_opened_by") == "Alice"
    door.open("card", bob, time=cloud.now + 800)
    await tick(15 * 60)
    assert said(happened) == [("opened", "card", "Bob", "Blue card", 1, "record")]
    assert cloud.calls.counts()["open_logs_v11"] == 2


async def test_no_openings(
    hass: HomeAssistant,
    connect: Connect,
    tick: Tick,
    cloud: SimulatedCloud,
    door: Lock,
    happened: list[Event[Any]],
) -> None:
    """The option takes entities and history away, and asks for no record."""
    door.open("card", door.find("bob"))
    entry = await connect()
    await until(lambda: state_of(hass, "front_last_opened_by") == "Bob")
    happened.clear()
    hass.config_entries.async_update_entry(entry, options={CONF_OPENINGS: False})
    await hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: state_of(hass, "bay0000000000000SIMU_push") == "on")
    cloud.calls.clear()
    door.open("card", door.find("bob"))
    await tick(3600)
    assert not happened
    assert cloud.calls.counts()["open_logs_v11"] == 0
    unique_ids = {e.unique_id for e in er.async_get(hass).entities.values()}
    assert not unique_ids & {"front_opened", "front_alarm", "front_last_opened_by"}
    assert not any(one.endswith("_last_opened") for one in unique_ids)
    assert entry.runtime_data.runtime.store.lock("front").door == DoorHistory()
