"""Tests of the times of a schedule."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from time import perf_counter
from typing import Any, Final
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.tuya_lock_users.api.schedule.model import (
    Access,
    Schedule,
    Window,
    is_past,
)
from custom_components.tuya_lock_users.api.schedule.times import (
    Zones,
    access_at,
    next_change,
    next_occurrence,
    occurrences,
)
from tests.common import cases, load_fixture

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
SHANGHAI = ZoneInfo("Asia/Shanghai")

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)

CASES: Final = load_fixture("occurrences")
EVERY_DAY = 127
SUNDAY, MONDAY, TUESDAY = 1, 2, 4
ZONES = Zones(default=BERLIN)
LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)


def berlin(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def limited(*rows: Any, start: str | None = None, end: str | None = None) -> Schedule:
    """Return a schedule of rows (mask, start, end, zone), and of limits in Berlin."""
    windows = []
    for mask, opens, closes, *zone in rows:
        name = zone[0] if zone else None
        windows.append(
            Window(mask=mask, start_minute=opens, end_minute=closes, time_zone=name)
        )
    first, last = (text and int(berlin(text).timestamp()) for text in (start, end))
    return Schedule(
        permanent=False, start=first or None, end=last or None, windows=tuple(windows)
    )


def changes_of(
    schedule: Schedule, start: datetime, end: datetime, zones: Zones = ZONES
) -> list[datetime]:
    """Return all changes in a range, searched one after the other."""
    found = []
    change = next_change(schedule, start, zones)
    while change is not None and change < end:
        assert change.tzinfo is UTC
        found.append(change)
        change = next_change(schedule, change, zones)
    return found


def times(*texts: str) -> list[datetime]:
    return [berlin(text) for text in texts]


def periods(*texts: Sequence[str]) -> list[tuple[datetime, datetime]]:
    return [(berlin(start), berlin(end)) for start, end in texts]


def test_zones() -> None:
    zones = Zones(default=BERLIN, named={"Asia/Shanghai": SHANGHAI})
    assert zones.of("Asia/Shanghai") is SHANGHAI
    assert zones.of(None) is zones.of("Mars/Olympus") is BERLIN
    assert ZONES.of("Asia/Shanghai") is BERLIN


@pytest.mark.parametrize("schedule", [None, Schedule(permanent=True)])
def test_unlimited(schedule: Schedule | None) -> None:
    now = utc("2026-03-01")
    assert access_at(schedule, now, ZONES) is Access.ALLOWED
    assert next_change(schedule, now, ZONES) is None
    assert occurrences(schedule, now, now + timedelta(days=9), ZONES) == []
    assert next_occurrence(schedule, now, ZONES) is None


def test_start_and_end() -> None:
    """The first and the last second belong to the schedule, and to its occurrence."""
    schedule = limited(start="2026-03-01", end="2026-03-09 23:59:59")
    start, end = times("2026-03-01", "2026-03-09 23:59:59")
    expected = periods(("2026-03-01", "2026-03-10"))
    assert access_at(schedule, start - SECOND, ZONES) is Access.NOT_STARTED
    for now in (start, end, end + SECOND * 0.9):
        assert access_at(schedule, now, ZONES) is Access.ALLOWED
        assert not is_past(schedule, now.timestamp())
        assert occurrences(schedule, LONG_AGO, now + SECOND, ZONES) == expected
        assert next_occurrence(schedule, now, ZONES) == expected[0]
    assert access_at(schedule, end + SECOND, ZONES) is Access.EXPIRED
    assert is_past(schedule, (end + SECOND).timestamp())
    assert occurrences(schedule, LONG_AGO, start, ZONES) == []
    assert occurrences(schedule, end + SECOND, utc("2040-01-01"), ZONES) == []
    assert next_occurrence(schedule, LONG_AGO, ZONES) == expected[0]
    assert next_occurrence(schedule, end + SECOND, ZONES) is None


@cases("case", CASES["limits"])
def test_limits(case: dict[str, Any]) -> None:
    """Start and end clip windows; a schedule that ends before it starts never opens."""
    schedule = limited(*case["rows"], start=case["start"], end=case["end"])
    found = periods(*case["found"])
    far = utc("2040-01-01")
    assert changes_of(schedule, LONG_AGO, far) == times(*case["changes"])
    assert occurrences(schedule, LONG_AGO, far, ZONES) == found
    assert next_occurrence(schedule, LONG_AGO, ZONES) == (found[0] if found else None)


@cases("case", CASES["windows"])
def test_windows(case: dict[str, Any]) -> None:
    """Access changes with the union of the windows, occurrences are each window's own.

    A window belongs to the day on which it begins; whole days are one period.
    """
    schedule = limited(*case["rows"])
    week = berlin("2026-03-01"), berlin("2026-03-08")
    assert changes_of(schedule, *week) == times(*case["changes"])
    assert occurrences(schedule, *week, ZONES) == periods(*case["found"])


@pytest.mark.parametrize(
    "window", [(EVERY_DAY, 0, 1440), (EVERY_DAY, 0, 1439), (EVERY_DAY, 720, 719)]
)
def test_every_minute(window: tuple[int, int, int]) -> None:
    schedule = limited(window, (EVERY_DAY, 700, 740), end="2036-12-31 23:59:59")
    assert next_change(schedule, LONG_AGO, ZONES) == berlin("2037-01-01")


@pytest.mark.parametrize("window", [(0, 0, 1440), (EVERY_DAY, 600, 600)])
def test_no_minute(window: tuple[int, int, int]) -> None:
    now = berlin("2026-03-01 10:00")
    assert access_at(limited(window), now, ZONES) is Access.OUTSIDE_HOURS
    assert next_change(limited(window), now, ZONES) is None
    assert next_occurrence(limited(window), now, ZONES) is None


def test_no_limits() -> None:
    now = utc("2026-03-01")
    assert access_at(limited(), now, ZONES) is Access.ALLOWED
    assert next_change(limited(), now, ZONES) is None
    assert next_occurrence(limited(), now, ZONES) == (
        utc("1970-01-01"),
        utc("9900-01-01"),
    )


def iso(found: list[tuple[datetime, datetime]]) -> list[tuple[str, str]]:
    return [(start.isoformat(), end.isoformat()) for start, end in found]


def test_window_zones() -> None:
    """Each window is open by the clock of its own zone, and no period spans two."""
    zones = Zones(default=BERLIN, named={"Asia/Shanghai": SHANGHAI})
    week = utc("2026-03-01"), utc("2026-03-08")
    schedule = limited(
        (MONDAY, 480, 720, "Asia/Shanghai"), (MONDAY, 480, 720, "Nowhere/Known")
    )
    assert changes_of(schedule, *week, zones) == [
        *(utc("2026-03-02 00:00"), utc("2026-03-02 04:00")),
        *(utc("2026-03-02 07:00"), utc("2026-03-02 11:00")),
    ]
    assert iso(occurrences(schedule, *week, zones)) == [
        ("2026-03-02T08:00:00+08:00", "2026-03-02T12:00:00+08:00"),
        ("2026-03-02T08:00:00+01:00", "2026-03-02T12:00:00+01:00"),
    ]
    whole = limited((MONDAY, 0, 1440), (TUESDAY, 0, 1440, "Asia/Shanghai"))
    assert iso(occurrences(whole, *week, zones)) == [
        ("2026-03-02T00:00:00+01:00", "2026-03-03T00:00:00+01:00"),
        ("2026-03-03T00:00:00+08:00", "2026-03-04T00:00:00+08:00"),
    ]


def test_last_year() -> None:
    schedule = limited((EVERY_DAY, 1380, 60), end="2037-12-31 23:59:59")
    end = berlin("2037-12-31 23:59:59")
    last = berlin("2037-12-31 23:00"), berlin("2038-01-01")
    assert access_at(schedule, end, ZONES) is Access.ALLOWED
    assert changes_of(schedule, berlin("2037-12-31 12:00"), utc("2039-01-01")) == [
        *last
    ]
    assert next_occurrence(schedule, end, ZONES) == last
    assert next_occurrence(schedule, end + SECOND, ZONES) is None


@cases(("zone", "day", "window", "expected"), CASES["clock_changes"])
def test_clock_change(zone: str, day: str, window: list[int], expected: str) -> None:
    """A window follows local time; a duration is in elapsed hours."""
    start, schedule = utc(day), limited((SUNDAY, *window))
    changes = []
    for text in expected.split():
        hours, minutes = text.split(":")
        changes.append(start + timedelta(hours=int(hours), minutes=int(minutes)))
    end, zones = start + timedelta(hours=20), Zones(default=ZoneInfo(zone))
    assert changes_of(schedule, start - MINUTE, end, zones) == changes


def test_skipped_window() -> None:
    schedule, now = limited((SUNDAY, 120, 180)), berlin("2026-03-22 03:00")
    again = berlin("2026-04-05 02:00"), berlin("2026-04-05 03:00")
    assert next_change(schedule, now, ZONES) == again[0]
    assert next_occurrence(schedule, now, ZONES) == again


def test_repeated_hour() -> None:
    """A window occurs once a day, even if its hour is repeated."""
    schedule = limited((SUNDAY, 135, 165))
    found = occurrences(schedule, berlin("2026-10-18"), berlin("2026-11-08"), ZONES)
    assert iso(found) == [
        ("2026-10-18T02:15:00+02:00", "2026-10-18T02:45:00+02:00"),
        ("2026-10-25T02:15:00+02:00", "2026-10-25T02:45:00+01:00"),
        ("2026-11-01T02:15:00+01:00", "2026-11-01T02:45:00+01:00"),
    ]


@pytest.mark.parametrize(("text", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_whole_day_length(text: str, hours: int) -> None:
    day = berlin(text)
    noon = day + timedelta(hours=12)
    [(start, end)] = occurrences(limited((SUNDAY, 0, 1440)), day, noon, ZONES)
    assert start == day
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=hours)


def test_second_repeated_hour() -> None:
    """A moment is absolute, regardless of local time."""
    schedule = limited((SUNDAY, 120, 180))
    for fold in (0, 1):
        now = berlin("2026-10-25 02:30", fold)
        assert access_at(schedule, now, ZONES) is Access.ALLOWED
        assert next_change(schedule, now, ZONES) == utc("2026-10-25 02:00")


def test_range() -> None:
    """Adjoining occurrences are not in a range, overlapping ones are complete."""
    schedule = limited((MONDAY, 480, 720))
    eight, twelve = berlin("2026-03-02 08:00"), berlin("2026-03-02 12:00")
    for start, end in ((eight - MINUTE, eight), (twelve, twelve + MINUTE)):
        assert occurrences(schedule, start, end, ZONES) == []
    assert occurrences(schedule, eight, eight, ZONES) == []
    for start in (eight - MINUTE, eight, twelve - SECOND):
        found = occurrences(schedule, start, start + 2 * MINUTE, ZONES)
        assert found == [(eight, twelve)]


def test_longest_range() -> None:
    schedule = limited((EVERY_DAY, 480, 720), (EVERY_DAY, 800, 900))
    first, last = (one.replace(tzinfo=NEW_YORK) for one in (datetime.min, datetime.max))
    began = perf_counter()
    found = occurrences(schedule, first, last, ZONES)
    assert perf_counter() - began < 5
    assert 7300 <= len(found) <= 7324
    assert found == sorted(found)


def test_latest_times() -> None:
    hour = Window(mask=MONDAY, start_minute=0, end_minute=60)
    schedule = Schedule(permanent=False, start=10**15, end=10**15, windows=(hour,))
    assert access_at(schedule, LONG_AGO, ZONES) is Access.NOT_STARTED
    assert next_occurrence(schedule, LONG_AGO, ZONES) is None
    last = utc("9899-12-01"), utc("9999-01-01")
    assert occurrences(limited((MONDAY, 0, 60)), *last, ZONES) != []


def test_next_occurrence_late_start() -> None:
    schedule = limited((MONDAY, 480, 720), start="2030-01-02")  # a Wednesday
    first, second = periods(
        ("2030-01-07 08:00", "2030-01-07 12:00"),
        ("2030-01-14 08:00", "2030-01-14 12:00"),
    )
    for now in (LONG_AGO, berlin("2030-01-07 11:59")):
        assert next_occurrence(schedule, now, ZONES) == first
    assert next_occurrence(schedule, first[1], ZONES) == second


named = {
    name: ZoneInfo(name)
    for name in (
        *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe"),
        *("Asia/Shanghai", "America/Santiago"),
    )
}
minutes = st.integers(0, 1440) | st.sampled_from([0, 60, 90, 120, 150, 180, 1439, 1440])
# Mostly around clock changes.
clock_changes = st.sampled_from([utc(text) for text in CASES["clock_change_times"]])
moments = st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds),
    clock_changes,
    st.integers(-100_000, 100_000),
)
drawn_schedules = st.builds(
    Schedule,
    permanent=st.just(False),
    start=st.none() | moments.map(lambda moment: int(moment.timestamp())),
    end=st.none() | moments.map(lambda moment: int(moment.timestamp())),
    windows=st.lists(
        st.builds(
            Window,
            mask=st.integers(0, 127) | st.just(EVERY_DAY),
            start_minute=minutes,
            end_minute=minutes,
            time_zone=st.sampled_from([None, *named]),
        ),
        max_size=3,
    ).map(tuple),
)
zones_of_locks = st.builds(
    Zones,
    default=st.sampled_from(
        [*named.values(), timezone(timedelta(hours=5, minutes=45)), UTC]
    ),
    named=st.just(named),
)


def wall_clock(schedule: Schedule, now: datetime, zones: Zones) -> bool:
    """Return whether the windows are open, computed minute by minute."""
    for window in schedule.windows or ():
        local = now.astimezone(zones.of(window.time_zone)).replace(tzinfo=None)
        for back in (0, 1):
            day = local.replace(hour=0, minute=0, second=0) - timedelta(days=back)
            start, end = window.start_minute, window.end_minute
            end = 1440 if end == 1439 else end
            opens = day + start * MINUTE
            closes = day + end * MINUTE + timedelta(days=1 if end < start else 0)
            if opens <= local < closes and window.mask >> day.isoweekday() % 7 & 1:
                return True
    return not schedule.windows


slow = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@slow
@given(drawn_schedules, moments, zones_of_locks)
def test_any_access(schedule: Schedule, now: datetime, zones: Zones) -> None:
    access = access_at(schedule, now, zones)
    end = schedule.end
    if end is not None and end % 60 == 59:
        end += 1  # the last second of a minute belongs to it
    if end is not None and now.timestamp() >= end:
        assert access is Access.EXPIRED
    elif schedule.start is not None and now.timestamp() < schedule.start:
        assert access is Access.NOT_STARTED
    elif wall_clock(schedule, now, zones):
        assert access is Access.ALLOWED
    else:
        assert access is Access.OUTSIDE_HOURS


@slow
@given(drawn_schedules, moments, zones_of_locks)
def test_any_next_change(schedule: Schedule, now: datetime, zones: Zones) -> None:
    access = access_at(schedule, now, zones)
    change = next_change(schedule, now, zones)
    until = now + timedelta(days=2)
    if change is not None:
        assert change > now
        assert change.tzinfo is UTC
        assert access_at(schedule, change, zones) is not access
        assert access_at(schedule, change - SECOND, zones) is access or (
            change - SECOND < now
        )
        until = min(until, change)
    moment = now.replace(second=0) + MINUTE
    while moment < until:
        assert access_at(schedule, moment, zones) is access
        moment += MINUTE


@slow
@given(drawn_schedules, moments, zones_of_locks)
def test_any_occurrences(schedule: Schedule, start: datetime, zones: Zones) -> None:
    """Access is allowed exactly within the occurrences, or a repeated hour."""
    end = start + timedelta(days=2)
    found = occurrences(schedule, start, end, zones)
    assert found == sorted(found, key=lambda period: period[0].astimezone(UTC))
    for opens, closes in found:
        assert opens.astimezone(UTC) < closes.astimezone(UTC)
        assert opens.tzinfo is closes.tzinfo
        assert opens < end
        assert closes > start
    moment = start
    while moment < end:
        within = any(opens <= moment < closes for opens, closes in found)
        if access_at(schedule, moment, zones) is Access.ALLOWED:
            assert within
        elif within:
            assert any(
                (moment - timedelta(hours=1)).astimezone(zone).utcoffset()
                != (moment + timedelta(hours=1)).astimezone(zone).utcoffset()
                for zone in named.values()
            )
        moment += 7 * MINUTE


@slow
@given(drawn_schedules, moments, zones_of_locks)
def test_any_next_occurrence(schedule: Schedule, now: datetime, zones: Zones) -> None:
    """The next occurrence is the current one when access is allowed."""
    occurrence = next_occurrence(schedule, now, zones)
    if access_at(schedule, now, zones) is Access.ALLOWED:
        assert occurrence is not None
        assert occurrence[0] <= now < occurrence[1]
    elif occurrence is not None:
        assert occurrence[1] > now
        assert access_at(schedule, occurrence[0], zones) is Access.ALLOWED
