"""Converting the fields of an action to a schedule."""

from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.tuya_lock_users.api.models import User
from custom_components.tuya_lock_users.api.schedule.model import (
    MAX_TIMESTAMP,
    Schedule,
    Weekday,
    same_effect,
)
from custom_components.tuya_lock_users.api.schedule.times import Zones
from custom_components.tuya_lock_users.domain.serialize import serialize_schedule
from custom_components.tuya_lock_users.domain.snapshot import LockSnapshot
from custom_components.tuya_lock_users.services.schedules import async_get_schedule
from custom_components.tuya_lock_users.services.schemas import SET_USER_SCHEDULE
from homeassistant.core import HomeAssistant
from tests.common import cases, load_fixture

type Data = dict[str, Any]

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = list(Weekday)
SAMPLES = load_fixture("schedules")


def snapshot(zone: tzinfo) -> LockSnapshot:
    users: dict[str, User] = {}
    return LockSnapshot(users=users, zones=Zones(default=zone, named={}))


async def schedule_of(zone: tzinfo = BERLIN, **fields: Any) -> Schedule:
    data = SET_USER_SCHEDULE({"device_id": "front", **fields})
    return await async_get_schedule(data, snapshot(zone))


def moment(seconds: int | None, zone: str) -> str:
    assert seconds is not None
    return f"{datetime.fromtimestamp(seconds, ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


# In Beirut the clocks change at midnight: the day begins an hour later.
@cases(("zone", "now", "start"), SAMPLES["first_days"])
async def test_defaults(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, zone: str, now: str, start: str
) -> None:
    freezer.move_to(datetime.fromisoformat(now).replace(tzinfo=UTC))
    schedule = await schedule_of(ZoneInfo(zone), permanent=False)
    assert not schedule.permanent
    assert moment(schedule.start, zone) == start
    assert moment(schedule.end, zone) == "2037-12-31 23:59:59"
    assert schedule.windows == ()


async def test_time_zone(hass: HomeAssistant) -> None:
    row = {"days": "monday", "start_time": "09:00", "end_time": "12:00"}
    schedule = await schedule_of(
        time_zone="America/New_York",
        windows=[row, {**row, "days": "friday", "time_zone": "Asia/Tokyo"}],
    )
    assert moment(schedule.start, "Europe/Berlin") == "2026-12-09 00:00:00"
    assert moment(schedule.end, "Europe/Berlin") == "2037-12-31 23:59:59"
    zones = [window.time_zone for window in schedule.windows or ()]
    assert zones == ["America/New_York", "Asia/Tokyo"]


@cases(
    ("start", "seconds"),
    {
        "local": ("2026-12-11 15:00", 1_797_030_000),
        "offset": ("2026-12-11T15:00:00+01:00", 1_796_997_600),
        "utc": ("2026-12-11T14:00:00Z", 1_796_997_600),
        "fraction": ("2026-12-11 15:00:00.999", 1_797_030_000),
        "day": ("2026-12-11", 1_796_976_000),
        "object": (datetime(2026, 12, 11, 14, tzinfo=UTC), 1_796_997_600),
    },
)
async def test_moments(
    hass: HomeAssistant, start: str | datetime, seconds: int
) -> None:
    await hass.config.async_set_time_zone("America/Los_Angeles")
    assert (await schedule_of(start=start)).start == seconds


@pytest.mark.parametrize(("start", "end", "minutes"), SAMPLES["hours_of_fields"])
async def test_hours(
    hass: HomeAssistant, start: str, end: str, minutes: list[int]
) -> None:
    """Minutes of the day; the midnight after a start is the one that ends the day."""
    schedule = await schedule_of(
        windows=[{"days": ["monday"], "start_time": start.strip(), "end_time": end}]
    )
    [window] = schedule.windows or ()
    assert [window.start_minute, window.end_minute] == minutes


@cases(
    "windows",
    {
        "one": [(DAYS, "00:00", "24:00")],
        "last-minute": [(DAYS, "00:00", "23:59")],
        "days": [(DAYS[:3], "00:00", "00:00"), (DAYS[3:], "00:00", "00:00")],
        "hours": [(DAYS, "00:00", "12:00"), (DAYS, "11:00", "00:00")],
    },
)
async def test_all_hours(
    hass: HomeAssistant, windows: list[tuple[list[str], str, str]]
) -> None:
    """Windows that cover all hours are not sent."""
    schedule = await schedule_of(
        windows=[
            {"days": days, "start_time": start, "end_time": end}
            for days, start, end in windows
        ]
    )
    assert schedule.windows == ()


async def test_half_days_of_two_zones(hass: HomeAssistant) -> None:
    """Half days in two zones do not cover all hours."""
    morning = {"start_time": "00:00", "end_time": "12:00", "time_zone": "Asia/Tokyo"}
    evening = {"start_time": "12:00", "end_time": "24:00", "time_zone": "Europe/Rome"}
    schedule = await schedule_of(
        windows=[{"days": DAYS, **morning}, {"days": DAYS, **evening}]
    )
    assert len(schedule.windows or ()) == 2


async def test_extreme_limits(hass: HomeAssistant) -> None:
    schedule = await schedule_of(
        start="1960-01-01T00:00:00Z", end="9999-12-31T00:00:00Z"
    )
    assert (schedule.start, schedule.end) == (1, MAX_TIMESTAMP)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "days": st.lists(st.sampled_from(DAYS), min_size=1, max_size=7),
            "start_time": st.integers(0, 1438).map(
                lambda minute: f"{minute // 60:02}:{minute % 60:02}"
            ),
            "end_time": st.just("24:00"),
        }
    ),
    min_size=1,
    max_size=4,
)


@given(rows=ROWS)
@settings(max_examples=50, deadline=None)
async def test_round_trip(rows: list[Data]) -> None:
    schedule = await schedule_of(
        start="2026-12-11T15:00:00+01:00", end="2027-12-13T11:00:00Z", windows=rows
    )
    response = serialize_schedule(schedule, Zones(default=BERLIN, named={}))
    assert response is not None
    given_back = {
        key: response[key] for key in ("start", "end", "windows") if response[key]
    }
    assert same_effect(await schedule_of(**given_back), schedule)
