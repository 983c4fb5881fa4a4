"""Tests of what a schedule means in time."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from time import perf_counter
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

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
SHANGHAI = ZoneInfo("Asia/Shanghai")
SANTIAGO = ZoneInfo("America/Santiago")

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)

EVERY_DAY = 127
WORKDAYS = 62
SUNDAY, MONDAY, TUESDAY, WEDNESDAY = 1, 2, 4, 8


def limited(
    *windows: tuple[int, int, int] | tuple[int, int, int, str],
    start: datetime | None = None,
    end: datetime | None = None,
) -> Schedule:
    """Return a limited schedule of windows given as mask, start, end, zone."""
    return Schedule(
        permanent=False,
        start=None if start is None else int(start.timestamp()),
        end=None if end is None else int(end.timestamp()),
        windows=tuple(
            Window(
                mask=mask,
                start_minute=opens,
                end_minute=closes,
                time_zone=zone[0] if zone else None,
            )
            for mask, opens, closes, *zone in windows
        ),
    )


def berlin(*when: int, fold: int = 0) -> datetime:
    """Return a time in Berlin."""
    return datetime(*when, tzinfo=BERLIN, fold=fold)  # type: ignore[misc,arg-type]


def utc(*when: int) -> datetime:
    """Return a time in UTC."""
    return datetime(*when, tzinfo=UTC)  # type: ignore[misc,arg-type]


def flips(
    schedule: Schedule, start: datetime, end: datetime, zones: Zones
) -> list[datetime]:
    """Return all changes in a range, as one after the other is asked for."""
    found = []
    change = next_change(schedule, start, zones)
    while change is not None and change < end:
        found.append(change)
        change = next_change(schedule, change, zones)
    return found


def iso(periods: list[tuple[datetime, datetime]]) -> list[tuple[str, str]]:
    """Return periods to read."""
    return [(start.isoformat(), end.isoformat()) for start, end in periods]


ZONES = Zones(default=BERLIN)


class TestZones:
    """The zones of a lock."""

    def test_of(self) -> None:
        """A zone that is unnamed or unknown is the lock's own."""
        zones = Zones(default=BERLIN, named={"Asia/Shanghai": SHANGHAI})

        assert zones.of("Asia/Shanghai") is SHANGHAI
        assert zones.of(None) is BERLIN
        assert zones.of("Mars/Olympus") is BERLIN
        assert Zones(default=BERLIN).of("Asia/Shanghai") is BERLIN


class TestAccess:
    """Access at one moment."""

    @pytest.mark.parametrize("schedule", [None, Schedule(permanent=True)])
    def test_unlimited(self, schedule: Schedule | None) -> None:
        """Without limits access is allowed, always, and is no occurrence."""
        now = utc(2026, 3, 1)

        assert access_at(schedule, now, ZONES) is Access.ALLOWED
        assert next_change(schedule, now, ZONES) is None
        assert occurrences(schedule, now, now + timedelta(days=9), ZONES) == []
        assert next_occurrence(schedule, now, ZONES) is None

    def test_start_and_end(self) -> None:
        """The first and the last second belong to the schedule."""
        start, end = berlin(2026, 3, 1), berlin(2026, 3, 9, 23, 59, 59)
        schedule = limited(start=start, end=end)

        assert [
            access_at(schedule, now, ZONES)
            for now in (start - SECOND, start, end, end + SECOND * 0.9, end + SECOND)
        ] == [
            Access.NOT_STARTED,
            Access.ALLOWED,
            Access.ALLOWED,
            Access.ALLOWED,
            Access.EXPIRED,
        ]
        assert flips(schedule, utc(2020, 1, 1), utc(2030, 1, 1), ZONES) == [
            start,
            berlin(2026, 3, 10),
        ]
        for now in (end, end + SECOND):
            assert is_past(schedule, now.timestamp()) is (
                access_at(schedule, now, ZONES) is Access.EXPIRED
            )

    def test_end_before_start(self) -> None:
        """A schedule the wrong way round is never open."""
        schedule = limited(start=berlin(2026, 3, 9), end=berlin(2026, 3, 1))

        assert access_at(schedule, berlin(2026, 2, 1), ZONES) is Access.NOT_STARTED
        assert access_at(schedule, berlin(2026, 3, 5), ZONES) is Access.EXPIRED
        assert flips(schedule, utc(2020, 1, 1), utc(2030, 1, 1), ZONES) == [
            berlin(2026, 3, 1)
        ]
        assert occurrences(schedule, utc(2020, 1, 1), utc(2030, 1, 1), ZONES) == []
        assert next_occurrence(schedule, utc(2020, 1, 1), ZONES) is None

    def test_window(self) -> None:
        """A window opens with its first minute and is closed at its end."""
        schedule = limited((WORKDAYS, 450, 1050))
        monday = berlin(2026, 3, 2)

        assert [
            access_at(schedule, monday + minutes * MINUTE, ZONES)
            for minutes in (449, 450, 1049, 1050)
        ] == [
            Access.OUTSIDE_HOURS,
            Access.ALLOWED,
            Access.ALLOWED,
            Access.OUTSIDE_HOURS,
        ]
        assert access_at(schedule, berlin(2026, 3, 1, 12), ZONES) is (
            Access.OUTSIDE_HOURS
        )
        assert next_change(schedule, berlin(2026, 3, 6, 17, 30), ZONES) == (
            berlin(2026, 3, 9, 7, 30)
        )
        change = next_change(schedule, monday, ZONES)
        assert change is not None
        assert change.tzinfo is UTC

    def test_limits_within_windows(self) -> None:
        """Start and end cut windows short."""
        schedule = limited(
            (EVERY_DAY, 480, 1080),
            start=berlin(2026, 3, 2, 7),
            end=berlin(2026, 3, 3, 11, 59, 59),
        )

        assert flips(schedule, utc(2026, 1, 1), utc(2027, 1, 1), ZONES) == [
            berlin(2026, 3, 2, 7),
            berlin(2026, 3, 2, 8),
            berlin(2026, 3, 2, 18),
            berlin(2026, 3, 3, 8),
            berlin(2026, 3, 3, 12),
        ]
        assert occurrences(schedule, utc(2026, 1, 1), utc(2027, 1, 1), ZONES) == [
            (berlin(2026, 3, 2, 8), berlin(2026, 3, 2, 18)),
            (berlin(2026, 3, 3, 8), berlin(2026, 3, 3, 12)),
        ]

    def test_over_midnight(self) -> None:
        """A window over midnight belongs to the day on which it begins."""
        schedule = limited((SUNDAY, 1320, 360))
        sunday = berlin(2026, 3, 1)

        assert flips(schedule, berlin(2026, 2, 27), berlin(2026, 3, 9), ZONES) == [
            sunday.replace(hour=22),
            berlin(2026, 3, 2, 6),
            berlin(2026, 3, 8, 22),
        ]
        assert access_at(schedule, berlin(2026, 3, 2, 5, 59), ZONES) is Access.ALLOWED
        assert access_at(schedule, berlin(2026, 3, 1, 5, 59), ZONES) is (
            Access.OUTSIDE_HOURS
        )
        assert occurrences(
            schedule, berlin(2026, 3, 2, 5), berlin(2026, 3, 2, 7), ZONES
        ) == [(sunday.replace(hour=22), berlin(2026, 3, 2, 6))]

    @pytest.mark.parametrize("end", [0, 1439, 1440])
    def test_adjoining_windows(self, end: int) -> None:
        """Windows that touch are no change, not even at a midnight named 23:59."""
        schedule = limited((MONDAY, 1200, end), (TUESDAY, 0, 360), (TUESDAY, 360, 420))

        assert flips(schedule, berlin(2026, 3, 1), berlin(2026, 3, 8), ZONES) == [
            berlin(2026, 3, 2, 20),
            berlin(2026, 3, 3, 7),
        ]
        assert (
            len(occurrences(schedule, berlin(2026, 3, 1), berlin(2026, 3, 8), ZONES))
            == 3
        )

    def test_overlapping_windows(self) -> None:
        """Overlapping windows are two times of access, but one union."""
        schedule = limited((MONDAY, 480, 720), (MONDAY, 600, 900), (MONDAY, 600, 900))

        assert flips(schedule, berlin(2026, 3, 1), berlin(2026, 3, 8), ZONES) == [
            berlin(2026, 3, 2, 8),
            berlin(2026, 3, 2, 15),
        ]
        assert occurrences(schedule, berlin(2026, 3, 1), berlin(2026, 3, 8), ZONES) == [
            (berlin(2026, 3, 2, 8), berlin(2026, 3, 2, 12)),
            (berlin(2026, 3, 2, 10), berlin(2026, 3, 2, 15)),
        ]

    @pytest.mark.parametrize(
        "window", [(EVERY_DAY, 0, 1440), (EVERY_DAY, 0, 1439), (EVERY_DAY, 720, 719)]
    )
    def test_every_minute(self, window: tuple[int, int, int]) -> None:
        """Windows without a gap change nothing until the end."""
        end = berlin(2036, 12, 31, 23, 59, 59)
        schedule = limited(window, (EVERY_DAY, 700, 740), end=end)

        assert next_change(schedule, berlin(2026, 3, 1), ZONES) == end + SECOND

    @pytest.mark.parametrize("window", [(0, 0, 1440), (EVERY_DAY, 600, 600)])
    def test_no_minute(self, window: tuple[int, int, int]) -> None:
        """Windows without a day or a minute are never open."""
        now = berlin(2026, 3, 1, 10)

        assert access_at(limited(window), now, ZONES) is Access.OUTSIDE_HOURS
        assert next_change(limited(window), now, ZONES) is None
        assert next_occurrence(limited(window), now, ZONES) is None

    def test_no_limit_said(self) -> None:
        """A limited schedule without any limit never changes."""
        now = utc(2026, 3, 1)

        assert access_at(limited(), now, ZONES) is Access.ALLOWED
        assert next_change(limited(), now, ZONES) is None
        occurrence = next_occurrence(limited(), now, ZONES)
        assert occurrence is not None
        assert occurrence[0] == utc(1970, 1, 1)
        assert occurrence[1] == utc(9900, 1, 1)

    def test_zones_of_windows(self) -> None:
        """Each window is open by the clock of its own zone."""
        zones = Zones(default=BERLIN, named={"Asia/Shanghai": SHANGHAI})
        schedule = limited(
            (MONDAY, 480, 720, "Asia/Shanghai"), (MONDAY, 480, 720, "Nowhere/Known")
        )

        assert flips(schedule, utc(2026, 3, 1), utc(2026, 3, 8), zones) == [
            utc(2026, 3, 2, 0),
            utc(2026, 3, 2, 4),
            utc(2026, 3, 2, 7),
            utc(2026, 3, 2, 11),
        ]
        assert iso(occurrences(schedule, utc(2026, 3, 1), utc(2026, 3, 8), zones)) == [
            ("2026-03-02T08:00:00+08:00", "2026-03-02T12:00:00+08:00"),
            ("2026-03-02T08:00:00+01:00", "2026-03-02T12:00:00+01:00"),
        ]

    def test_last_year(self) -> None:
        """The last second a lock knows is the end."""
        end = berlin(2037, 12, 31, 23, 59, 59)
        schedule = limited((EVERY_DAY, 1380, 60), end=end)

        assert access_at(schedule, end, ZONES) is Access.ALLOWED
        assert flips(schedule, berlin(2037, 12, 31, 12), berlin(2039, 1, 1), ZONES) == [
            berlin(2037, 12, 31, 23),
            berlin(2038, 1, 1),
        ]
        assert next_occurrence(schedule, end, ZONES) == (
            berlin(2037, 12, 31, 23),
            berlin(2038, 1, 1),
        )
        assert next_occurrence(schedule, end + SECOND, ZONES) is None


class TestTurnedClocks:
    """Windows on the days on which clocks are turned."""

    @pytest.mark.parametrize(
        ("zone", "window", "start", "expected"),
        [
            # 2026-03-29 in Berlin: 02:00 is 03:00, at 01:00 UTC.
            (BERLIN, (60, 300), utc(2026, 3, 29), [(0, 0), (3, 0)]),
            (BERLIN, (150, 300), utc(2026, 3, 29), [(1, 0), (3, 0)]),
            (BERLIN, (60, 150), utc(2026, 3, 29), [(0, 0), (1, 0)]),
            (BERLIN, (120, 180), utc(2026, 3, 29), []),
            # 2026-10-25 in Berlin: 03:00 is 02:00, at 01:00 UTC.
            (BERLIN, (60, 240), utc(2026, 10, 24, 22), [(1, 0), (5, 0)]),
            (BERLIN, (120, 180), utc(2026, 10, 24, 22), [(2, 0), (4, 0)]),
            (
                BERLIN,
                (60, 150),
                utc(2026, 10, 24, 22),
                [(1, 0), (2, 30), (3, 0), (3, 30)],
            ),
            (
                BERLIN,
                (135, 165),
                utc(2026, 10, 24, 22),
                [(2, 15), (2, 45), (3, 15), (3, 45)],
            ),
            (
                BERLIN,
                (150, 240),
                utc(2026, 10, 24, 22),
                [(2, 30), (3, 0), (3, 30), (5, 0)],
            ),
            # 2026-03-08 and 2026-11-01 in New York: at 07:00 and 06:00 UTC.
            (NEW_YORK, (60, 300), utc(2026, 3, 8, 5), [(1, 0), (4, 0)]),
            (NEW_YORK, (60, 300), utc(2026, 11, 1, 4), [(1, 0), (6, 0)]),
            # 2026-10-04 and 2026-04-05 on Lord Howe: half an hour, at 15:30 and 15:00.
            (LORD_HOWE, (60, 300), utc(2026, 10, 3, 13, 30), [(1, 0), (4, 30)]),
            (LORD_HOWE, (60, 135), utc(2026, 10, 3, 13, 30), [(1, 0), (2, 0)]),
            (
                LORD_HOWE,
                (60, 105),
                utc(2026, 4, 4, 13),
                [(1, 0), (1, 45), (2, 0), (2, 15)],
            ),
            # 2026-09-06 in Santiago: midnight is one o'clock, at 04:00 UTC.
            (SANTIAGO, (0, 120), utc(2026, 9, 6, 3), [(1, 0), (2, 0)]),
            (SANTIAGO, (0, 60), utc(2026, 9, 6, 3), []),
            # Never in Shanghai.
            (SHANGHAI, (60, 300), utc(2026, 3, 28, 16), [(1, 0), (5, 0)]),
        ],
    )
    def test_window(
        self,
        zone: tzinfo,
        window: tuple[int, int],
        start: datetime,
        expected: list[tuple[int, int]],
    ) -> None:
        """A window is open when the clock on the wall says so; hours since a moment."""
        zones = Zones(default=zone)
        schedule = limited((SUNDAY, *window))

        assert flips(schedule, start - MINUTE, start + timedelta(hours=20), zones) == [
            start + timedelta(hours=hours, minutes=minutes)
            for hours, minutes in expected
        ]

    def test_skipped_window_comes_again(self) -> None:
        """A window that a Sunday skips is open a week later."""
        schedule = limited((SUNDAY, 120, 180))

        assert next_change(schedule, berlin(2026, 3, 22, 3), ZONES) == (
            berlin(2026, 4, 5, 2)
        )
        assert next_occurrence(schedule, berlin(2026, 3, 22, 3), ZONES) == (
            berlin(2026, 4, 5, 2),
            berlin(2026, 4, 5, 3),
        )

    def test_occurrences(self) -> None:
        """A day has one time for a window, also where its hour comes twice."""
        schedule = limited((SUNDAY, 135, 165))

        found = occurrences(schedule, berlin(2026, 10, 18), berlin(2026, 11, 8), ZONES)

        assert iso(found) == [
            ("2026-10-18T02:15:00+02:00", "2026-10-18T02:45:00+02:00"),
            ("2026-10-25T02:15:00+02:00", "2026-10-25T02:45:00+01:00"),
            ("2026-11-01T02:15:00+01:00", "2026-11-01T02:45:00+01:00"),
        ]

    def test_whole_days(self) -> None:
        """A whole day has 23 or 25 hours then."""
        schedule = limited((SUNDAY, 0, 1440))

        for day, hours in ((berlin(2026, 3, 29), 23), (berlin(2026, 10, 25), 25)):
            [(start, end)] = occurrences(
                schedule, day, day + timedelta(hours=12), ZONES
            )
            assert start == day
            assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=hours)

    def test_query_within_the_second_hour(self) -> None:
        """A range is one of moments, whatever the clock on the wall says."""
        schedule = limited((SUNDAY, 120, 180))
        first, second = berlin(2026, 10, 25, 2, 30), berlin(2026, 10, 25, 2, 30, fold=1)

        assert access_at(schedule, first, ZONES) is Access.ALLOWED
        assert next_change(schedule, first, ZONES) == utc(2026, 10, 25, 2)
        assert next_change(schedule, second, ZONES) == utc(2026, 10, 25, 2)


class TestOccurrences:
    """The times of access of a calendar."""

    def test_without_windows(self) -> None:
        """A limited schedule without windows is one time."""
        start, end = berlin(2026, 3, 1), berlin(2026, 3, 9, 23, 59, 59)
        schedule = limited(start=start, end=end)
        expected = [(start, berlin(2026, 3, 10))]

        assert (
            occurrences(schedule, utc(2026, 3, 4), utc(2026, 3, 5), ZONES) == expected
        )
        assert occurrences(schedule, utc(2020, 1, 1), start, ZONES) == []
        assert occurrences(schedule, utc(2020, 1, 1), start + SECOND, ZONES) == expected
        assert occurrences(schedule, end, utc(2040, 1, 1), ZONES) == expected
        assert occurrences(schedule, end + SECOND, utc(2040, 1, 1), ZONES) == []
        assert next_occurrence(schedule, utc(2020, 1, 1), ZONES) == expected[0]
        assert next_occurrence(schedule, end, ZONES) == expected[0]
        assert next_occurrence(schedule, end + SECOND, ZONES) is None

    @pytest.mark.parametrize(
        "windows",
        [
            [(WORKDAYS, 0, 1440)],
            [(WORKDAYS, 0, 1439)],
            [(MONDAY | TUESDAY, 0, 1440), (WORKDAYS & ~TUESDAY, 0, 1440)],
        ],
    )
    def test_whole_days(self, windows: list[tuple[int, int, int]]) -> None:
        """Neighbouring whole days are one time, of whichever windows they are."""
        schedule = limited(*windows, start=berlin(2026, 3, 3, 12))

        assert occurrences(
            schedule, berlin(2026, 3, 5), berlin(2026, 3, 10), ZONES
        ) == [
            (berlin(2026, 3, 3, 12), berlin(2026, 3, 7)),
            (berlin(2026, 3, 9), berlin(2026, 3, 14)),
        ]

    def test_whole_days_around_the_week(self) -> None:
        """The week is a circle: Saturday to Tuesday is one time."""
        schedule = limited((64 | SUNDAY | MONDAY | TUESDAY, 0, 1440))

        assert occurrences(
            schedule, berlin(2026, 3, 3, 23), berlin(2026, 3, 7), ZONES
        ) == [(berlin(2026, 2, 28), berlin(2026, 3, 4))]

    def test_all_whole_days(self) -> None:
        """All days of the week are one time from start to end, beside other windows."""
        start, end = berlin(2026, 3, 2), berlin(2026, 3, 3, 23, 59, 59)
        schedule = limited(
            (WORKDAYS, 0, 1440), (65, 0, 1440), (MONDAY, 60, 120), start=start, end=end
        )

        assert occurrences(schedule, utc(2026, 1, 1), utc(2027, 1, 1), ZONES) == [
            (start, berlin(2026, 3, 4)),
            (start.replace(hour=1), start.replace(hour=2)),
        ]

    def test_whole_days_of_zones(self) -> None:
        """Whole days of different zones are different times."""
        zones = Zones(default=BERLIN, named={"Asia/Shanghai": SHANGHAI})
        schedule = limited((MONDAY, 0, 1440), (TUESDAY, 0, 1440, "Asia/Shanghai"))

        assert iso(
            occurrences(schedule, berlin(2026, 3, 2), berlin(2026, 3, 5), zones)
        ) == [
            ("2026-03-02T00:00:00+01:00", "2026-03-03T00:00:00+01:00"),
            ("2026-03-03T00:00:00+08:00", "2026-03-04T00:00:00+08:00"),
        ]

    def test_range(self) -> None:
        """What touches a range from outside is not in it, what overlaps it is whole."""
        schedule = limited((MONDAY, 480, 720))
        eight, twelve = berlin(2026, 3, 2, 8), berlin(2026, 3, 2, 12)

        assert occurrences(schedule, eight - MINUTE, eight, ZONES) == []
        assert occurrences(schedule, twelve, twelve + MINUTE, ZONES) == []
        assert occurrences(schedule, eight, eight, ZONES) == []
        for start in (eight - MINUTE, eight, twelve - SECOND):
            assert occurrences(schedule, start, start + 2 * MINUTE, ZONES) == [
                (eight, twelve)
            ]

    def test_longest_range(self) -> None:
        """However long a range is, the answer comes at once."""
        schedule = limited((EVERY_DAY, 480, 720), (EVERY_DAY, 800, 900))
        began = perf_counter()

        found = occurrences(
            schedule,
            datetime.min.replace(tzinfo=NEW_YORK),
            datetime.max.replace(tzinfo=NEW_YORK),
            ZONES,
        )

        assert perf_counter() - began < 5
        assert 7300 <= len(found) <= 7324
        assert found == sorted(found)

    def test_farthest_times(self) -> None:
        """The last years of Python's dates are harmless."""
        far = 10**15
        schedule = Schedule(
            permanent=False,
            start=far,
            end=far,
            windows=(Window(mask=2, start_minute=0, end_minute=60),),
        )

        assert access_at(schedule, utc(2026, 1, 1), ZONES) is Access.NOT_STARTED
        assert next_occurrence(schedule, utc(2026, 1, 1), ZONES) is None
        assert (
            occurrences(
                limited((MONDAY, 0, 60)), utc(9899, 12, 1), utc(9999, 1, 1), ZONES
            )
            != []
        )

    def test_next_occurrence(self) -> None:
        """The current time of access, else the next, also before a far start."""
        start = berlin(2030, 1, 2)  # a Wednesday
        schedule = limited((MONDAY, 480, 720), start=start)
        first = (berlin(2030, 1, 7, 8), berlin(2030, 1, 7, 12))

        assert next_occurrence(schedule, berlin(2026, 3, 1), ZONES) == first
        assert next_occurrence(schedule, berlin(2030, 1, 7, 11, 59), ZONES) == first
        assert next_occurrence(schedule, first[1], ZONES) == (
            berlin(2030, 1, 14, 8),
            berlin(2030, 1, 14, 12),
        )


named = {
    "Europe/Berlin": BERLIN,
    "America/New_York": NEW_YORK,
    "Australia/Lord_Howe": LORD_HOWE,
    "Asia/Shanghai": SHANGHAI,
    "America/Santiago": SANTIAGO,
}
minutes = st.integers(0, 1440) | st.sampled_from([0, 60, 90, 120, 150, 180, 1439, 1440])
# Around the turns of the clocks more than elsewhere.
turns = st.sampled_from(
    [
        utc(2026, 3, 8, 7),
        utc(2026, 3, 29, 1),
        utc(2026, 4, 4, 15),
        utc(2026, 4, 5, 3),
        utc(2026, 9, 6, 4),
        utc(2026, 10, 3, 15, 30),
        utc(2026, 10, 25, 1),
        utc(2026, 11, 1, 6),
        utc(2028, 2, 29),
        utc(2037, 12, 31, 23),
    ]
)
moments = st.builds(
    lambda turn, seconds: turn + timedelta(seconds=seconds),
    turns,
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
    """Return whether the windows are open, told in another way: minute by minute."""
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


class TestProperties:
    """What holds for all schedules."""

    @slow
    @given(drawn_schedules, moments, zones_of_locks)
    def test_access(self, schedule: Schedule, now: datetime, zones: Zones) -> None:
        """Access is what the clock on the wall says between start and end."""
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
    def test_next_change(self, schedule: Schedule, now: datetime, zones: Zones) -> None:
        """The next change is the first minute at which access differs."""
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
    def test_occurrences(
        self, schedule: Schedule, start: datetime, zones: Zones
    ) -> None:
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
    def test_next_occurrence(
        self, schedule: Schedule, now: datetime, zones: Zones
    ) -> None:
        """The next occurrence is the current one when access is allowed."""
        occurrence = next_occurrence(schedule, now, zones)

        if access_at(schedule, now, zones) is Access.ALLOWED:
            assert occurrence is not None
            assert occurrence[0] <= now < occurrence[1]
        elif occurrence is not None:
            assert occurrence[1] > now
            assert access_at(schedule, occurrence[0], zones) is Access.ALLOWED
