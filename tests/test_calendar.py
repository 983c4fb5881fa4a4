"""The calendar of a lock: users with limited access, not those with permanent access."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tuya_lock_users.api.schedule.times import next_occurrence
from homeassistant.components.calendar import (
    DOMAIN as CALENDAR_DOMAIN,
    SERVICE_GET_EVENTS,
)
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from simulator import EVERY_DAY, WEEKEND, WORKDAYS, Lock, Schedule, Window
from simulator.model import WEDNESDAY
from tests.common import cases, entity_id_of, load_fixture, state_object
from tests.conftest import CYCLE_SECONDS, NOW, Home, SetUp, Tick

HOUR = 3600

BERLIN = ZoneInfo("Europe/Berlin")
UNIQUE_ID = "front_access"

type Times = list[tuple[str, str, str]]
type GetEvents = Callable[[str, str], Awaitable[list[dict[str, Any]]]]


@pytest.fixture(autouse=True)
async def berlin(hass: HomeAssistant) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")


@pytest.fixture
def get_events(hass: HomeAssistant) -> GetEvents:
    async def get_events(start: str, end: str) -> list[dict[str, Any]]:
        entity_id = entity_id_of(hass, UNIQUE_ID)
        assert entity_id
        response = await hass.services.async_call(
            CALENDAR_DOMAIN,
            SERVICE_GET_EVENTS,
            {"entity_id": entity_id, "start_date_time": start, "end_date_time": end},
            blocking=True,
            return_response=True,
        )
        assert response
        events: list[dict[str, Any]] = response[entity_id]["events"]  # type: ignore[index,call-overload,assignment]
        return events

    return get_events


def seconds(text: str, zone: ZoneInfo = BERLIN) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def limited(
    *windows: Window, start: str = "2026-11-01", end: str = "2027-11-01"
) -> Schedule:
    """Return a schedule from one local midnight to the last second before another."""
    return Schedule(
        permanent=False,
        effective_time=seconds(start),
        expired_time=seconds(end) - 1,
        windows=list(windows),
    )


def times(events: list[dict[str, Any]]) -> Times:
    return [(event["summary"], event["start"], event["end"]) for event in events]


async def test_permanent_access(home: Home, get_events: GetEvents) -> None:
    """Users with permanent access, or limits without effect, are in no calendar."""
    home.door.find("bob").schedule = Schedule(permanent=False)
    await home.set_up()
    assert home.state(UNIQUE_ID) == STATE_OFF
    assert "message" not in home.state_object(UNIQUE_ID).attributes
    assert await get_events("2026-12-01", "2027-01-01") == []


async def test_state(home: Home) -> None:
    """The state follows the clock: on while a user has access, then the next event."""
    home.door.find("bob").schedule = limited(
        Window(WORKDAYS, 540, 720, "Europe/Berlin")
    )
    await home.set_up()

    state = home.state_object(UNIQUE_ID)
    assert state.entity_id == "calendar.front_door_access"
    assert state.state == STATE_ON
    assert state.attributes["message"] == "Bob"
    assert state.attributes["all_day"] is False
    assert state.attributes["start_time"] == "2026-12-09 09:00:00"
    assert state.attributes["end_time"] == "2026-12-09 12:00:00"
    assert state.attributes["description"] == (
        "Monday to Friday: 09:00–12:00\nFrom 2026-11-01 to 2027-10-31"
    )

    await home.tick(HOUR)
    state = home.state_object(UNIQUE_ID)
    assert state.state == STATE_OFF
    assert state.attributes["start_time"] == "2026-12-10 09:00:00"

    await home.tick(21 * HOUR)
    assert home.state(UNIQUE_ID) == STATE_ON
    assert home.state_object(UNIQUE_ID).attributes["start_time"] == (
        "2026-12-10 09:00:00"
    )


async def test_several_users(home: Home, get_events: GetEvents) -> None:
    """Of current events, the latest one is shown, and every user has one."""
    home.door.find("bob").schedule = limited()
    home.door.add_user(
        None,
        user_id="4711",
        schedule=limited(Window(WEDNESDAY, 12 * 60, 13 * 60, "Europe/Berlin")),
    )
    await home.set_up()
    assert home.state_object(UNIQUE_ID).attributes["message"] == "Bob"
    assert home.state_object(UNIQUE_ID).attributes["all_day"] is True
    await home.tick(HOUR)
    assert home.state_object(UNIQUE_ID).attributes["message"] == "User 4711"
    await home.tick(HOUR)
    assert home.state(UNIQUE_ID) == STATE_ON
    assert home.state_object(UNIQUE_ID).attributes["message"] == "Bob"
    assert times(await get_events("2026-12-09", "2026-12-10")) == [
        ("Bob", "2026-11-01", "2027-11-01"),
        ("User 4711", "2026-12-09T12:00:00+01:00", "2026-12-09T13:00:00+01:00"),
    ]


@cases(
    ("limits", "start", "end", "expected"),
    {name: row.values() for name, row in load_fixture("calendar_events").items()},
)
async def test_events(
    home: Home,
    get_events: GetEvents,
    limits: dict[str, Any],
    start: str,
    end: str,
    expected: list[list[str]],
) -> None:
    """Each time of access is an event, at the true time and whole days as days."""
    windows = [Window(*window) for window in limits.pop("windows", ())]
    home.door.find("bob").schedule = limited(*windows, **limits)
    await home.set_up()
    events = await get_events(start, end)
    assert times(events) == [("Bob", *period) for period in expected]


@cases(
    ("limit", "end"),
    {
        "on the minute": ("2026-12-09T12:00:01", "2026-12-09T12:00:00+01:00"),
        "last second of a minute": ("2026-12-09T12:00", "2026-12-09T12:00:00+01:00"),
        "last second of a day": ("2026-12-10", "2026-12-10T00:00:00+01:00"),
        "midnight": ("2026-12-10T00:00:01", "2026-12-10T00:00:00+01:00"),
    },
)
async def test_end(home: Home, get_events: GetEvents, limit: str, end: str) -> None:
    """An end on the minute is that moment; the last second of one belongs to it."""
    home.door.find("bob").schedule = limited(start="2026-12-09T10:00", end=limit)
    await home.set_up()
    assert times(await get_events("2026-12-09T00:00:00", "2026-12-11T00:00:00")) == [
        ("Bob", "2026-12-09T10:00:00+01:00", end)
    ]
    seconds_left = datetime.fromisoformat(end).timestamp() - NOW.timestamp()
    await home.tick(seconds_left - 1)
    assert home.state("front:bob_access") == "allowed"
    await home.tick(1)
    assert home.state("front:bob_access") == "expired"


async def test_repeated_hour(
    home: Home, freezer: FrozenDateTimeFactory, get_events: GetEvents
) -> None:
    """An event that ends before it starts, by the clock, is shown until it starts."""
    freezer.move_to("2026-10-24T22:00:00Z")
    home.door.find("bob").schedule = Schedule(
        permanent=False,
        effective_time=seconds("2026-10-25T02:50"),
        expired_time=seconds("2026-10-25T02:50") + 20 * 60 - 1,
    )
    await home.set_up()
    # From ten to three until it is ten to three again.
    assert times(await get_events("2026-10-20", "2026-11-01")) == [
        ("Bob", "2026-10-25T01:50:00+01:00", "2026-10-25T02:50:00+01:00")
    ]
    assert home.state_object(UNIQUE_ID).attributes["message"] == "Bob"


async def test_lock_time_zone(home: Home, get_events: GetEvents) -> None:
    home.door.device.time_zone = "+09:00"
    home.door.find("bob").schedule = limited(Window(EVERY_DAY, 540, 600))
    await home.set_up()
    (event,) = await get_events("2026-12-11", "2026-12-12")
    assert event["start"] == "2026-12-11T09:00:00+09:00"
    assert event["description"] == (
        "Every day: 09:00–10:00\n"
        "From 2026-11-01 08:00 to 2027-11-01 07:59\n"
        "Times in the time zone UTC+09:00"
    )


@cases(
    ("limits", "windows", "words"),
    {name: row.values() for name, row in load_fixture("calendar_descriptions").items()},
)
async def test_description(
    home: Home,
    get_events: GetEvents,
    limits: dict[str, str],
    windows: list[Any],
    words: list[str],
) -> None:
    moments: dict[str, Any] = {name: seconds(text) for name, text in limits.items()}
    home.door.find("bob").schedule = Schedule(
        permanent=False, windows=[Window(*window) for window in windows], **moments
    )
    await home.set_up()
    events = await get_events("2026-12-11T23:00:00", "2026-12-14T00:00:00")
    assert {event["description"] for event in events} == {"\n".join(words)}


async def test_description_language(home: Home, get_events: GetEvents) -> None:
    home.hass.config.language = "de"
    home.door.find("bob").schedule = limited(
        Window(WORKDAYS, 540, 720, "Europe/Berlin")
    )
    await home.set_up()
    (event,) = await get_events("2026-12-11", "2026-12-12")
    hours, limits = event["description"].splitlines()
    assert hours.startswith("Montag bis Freitag: 09:00–12:00")
    assert "01.11.2026" in limits
    assert "31.10.2027" in limits


async def test_uid(hass: HomeAssistant, door: Lock, set_up: SetUp, tick: Tick) -> None:
    """An event keeps its id when its user is renamed, and no two have the same."""
    bob = door.find("bob")
    bob.schedule = limited(Window(WORKDAYS, 540, 720), Window(WORKDAYS, 540, 600))
    await set_up()
    entity = hass.data[CALENDAR_DOMAIN].get_entity("calendar.front_door_access")

    async def uids() -> list[str]:
        return [
            event.uid
            for event in await entity.async_get_events(
                hass, NOW, NOW + timedelta(days=30)
            )
        ]

    before = await uids()
    assert len(set(before)) == len(before) > 40
    bob.nick_name = "Robert"
    await tick(CYCLE_SECONDS)
    assert state_object(hass, UNIQUE_ID).attributes["message"] == "Robert"
    assert await uids() == before


async def test_listeners_updated(home: Home, freezer: FrozenDateTimeFactory) -> None:
    """Only a changed schedule updates listeners of the calendar."""
    home.door.find("bob").schedule = limited(Window(WORKDAYS, 540, 720))
    carl = home.door.add_user("Carl", schedule=limited(Window(WEEKEND, 540, 720)))
    await home.set_up()
    before = home.state_object(UNIQUE_ID)
    reported = before.last_reported
    with patch(
        "custom_components.tuya_lock_users.calendar.next_occurrence",
        wraps=next_occurrence,
    ) as search:
        await home.tick(CYCLE_SECONDS)
        assert search.call_count == 0
        assert home.state_object(UNIQUE_ID).last_reported == reported
        carl.schedule = limited(Window(WEEKEND, 600, 720))
        await home.tick(CYCLE_SECONDS)
        assert search.call_count == 1
    after = home.state_object(UNIQUE_ID)
    assert after.last_reported > reported
    assert after.attributes == before.attributes


async def test_lock_never_read(home: Home) -> None:
    """The calendar of a lock is empty until the lock can be read."""
    home.door.find("bob").schedule = limited()
    home.door.device.online = False
    home.door.offline_reads = False
    await home.set_up()
    assert home.state(UNIQUE_ID) == STATE_UNAVAILABLE
    entity = home.hass.data[CALENDAR_DOMAIN].get_entity("calendar.front_door_access")
    start = datetime(2026, 12, 1, tzinfo=UTC)
    assert await entity.async_get_events(home.hass, start, NOW) == []
    home.door.offline_reads = True
    await home.tick(CYCLE_SECONDS)
    assert home.state(UNIQUE_ID) == STATE_ON
    home.door.expire(home.door.find("bob"))
    await home.tick(CYCLE_SECONDS)
    assert home.state(UNIQUE_ID) == STATE_OFF
