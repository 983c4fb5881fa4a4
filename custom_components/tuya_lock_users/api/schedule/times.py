"""The meaning of a schedule in time: access now, the next change, the times of access.

Locks use their local time: an hour that daylight saving time skips does not open a
window, and an hour that it repeats opens it twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from heapq import merge
from operator import itemgetter
from typing import Final

from .model import DAY_MINUTES, MAX_TIMESTAMP, Access, Schedule, Window, first_after

type Period = tuple[datetime, datetime]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
# Windows repeat every week, or after two if daylight saving time skips one.
_HORIZON: Final = timedelta(days=16)
# Only the beginning of a longer range is computed.
_LONGEST_RANGE: Final = timedelta(days=3660)
# Clocks change at a quarter of an hour everywhere.
_QUARTER: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """The time zones of one lock, loaded by the caller.

    Attributes:
        default: The zone of the lock itself.
        named: The zones of its windows, by name.
    """

    default: tzinfo
    named: Mapping[str, tzinfo] = field(default_factory=dict)

    def of(self, name: str | None) -> tzinfo:
        """Return the zone of a name, or the lock's own for no or an unknown name."""
        return self.default if name is None else self.named.get(name, self.default)

    def has_all_of(self, schedule: Schedule) -> bool:
        """Return whether the zones that a schedule names are known."""
        names = (one.time_zone for one in schedule.windows or ())
        return all(name is None or name in self.named for name in names)


def period_at(schedule: Schedule | None, now: datetime) -> Access:
    """Return whether a moment is between start and end, regardless of the windows.

    The start and the whole last second are included. No schedule means no known limit.
    """
    if schedule is None or schedule.permanent:
        return Access.ALLOWED
    start, end = _limits(schedule)
    if now >= end:
        return Access.EXPIRED
    return Access.NOT_STARTED if now < start else Access.ALLOWED


def access_at(schedule: Schedule | None, now: datetime, zones: Zones) -> Access:
    """Return the access at a moment. The end of a window is excluded.

    A schedule whose hours are unknown is never open.
    """
    access = period_at(schedule, now)
    if schedule is None or access is not Access.ALLOWED or schedule.windows == ():
        return access
    return Access.ALLOWED if _is_open(schedule, now, zones) else Access.OUTSIDE_HOURS


def next_change(
    schedule: Schedule | None, now: datetime, zones: Zones
) -> datetime | None:
    """Return the next moment, in UTC, at which access changes, if there is one."""
    if schedule is None or schedule.permanent:
        return None
    start, end = _limits(schedule)
    if now >= end:
        return None
    if now < start:
        return min(start, end)
    was_open = _is_open(schedule, now, zones)
    for moment in _boundaries(schedule, now, zones):
        if moment >= end:
            break
        if moment > now and _is_open(schedule, moment, zones) is not was_open:
            return moment
    return None if schedule.end is None else end


def occurrences(
    schedule: Schedule | None, start: datetime, end: datetime, zones: Zones
) -> list[Period]:
    """Return the times of access of a limited schedule that overlap a range.

    There is one for each window and day, in the window's zone, clipped to the schedule
    but not to the range; adjoining whole days are one, and so is a schedule without
    windows. A window that a repeated hour opens twice is one time, from the first
    opening to the last closing. Unknown hours have no times. Ranges are limited to ten
    years.
    """
    if schedule is None or schedule.permanent or schedule.windows is None:
        return []
    first, last = _limits(schedule)
    start, end = max(start, first), min(end, last)
    if start >= end:
        return []
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    end = min(end, start + _LONGEST_RANGE)
    found: set[tuple[datetime, datetime, tzinfo]] = set()
    for zone, windows in _by_zone(schedule.windows, zones).items():
        whole = {day for one in windows if _is_whole(one) for day in one.weekdays}
        if len(whole) == 7 or not schedule.windows:
            found.add((first, last, zone))
        # A time that started before the range can be a week long.
        day = start.astimezone(zone).date() - 8 * _DAY
        while day <= end.astimezone(zone).date():
            for length in _days_from(day, whole):
                found.add((*_real(day, 0, length * DAY_MINUTES, zone), zone))
            for one in windows:
                if day.weekday() in one.weekdays and not _is_whole(one):
                    found.add((*_real(day, *one.span, zone), zone))
            day += _DAY
    # Sorted in UTC: within one zone, Python compares local times.
    return [
        (max(opens, first).astimezone(zone), min(closes, last).astimezone(zone))
        for opens, closes, zone in sorted(found, key=itemgetter(0, 1))
        if opens < closes and opens < end and start < closes
    ]


def next_occurrence(
    schedule: Schedule | None, now: datetime, zones: Zones
) -> Period | None:
    """Return the current time of access, or else the next one, if there is one."""
    if schedule is None or schedule.permanent:
        return None
    start = max(now, _limits(schedule)[0])
    return next(iter(occurrences(schedule, start, start + _HORIZON, zones)), None)


def _limits(schedule: Schedule) -> Period:
    """Return the first moment of a limited schedule, and the first one after it."""
    start = 0 if schedule.start is None else schedule.start
    end = MAX_TIMESTAMP if schedule.end is None else first_after(schedule.end)
    return _moment(start), _moment(end)


def _moment(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=min(max(seconds, 0), MAX_TIMESTAMP))


# Windows at a moment


def _is_open(schedule: Schedule, now: datetime, zones: Zones) -> bool:
    """Return whether any window is open, or there are no windows."""
    if not schedule.windows:
        return schedule.windows is not None
    return any(
        _is_window_open(one, now.astimezone(zones.of(one.time_zone)))
        for one in schedule.windows
    )


def _is_window_open(window: Window, local: datetime) -> bool:
    """Return whether a window of today or yesterday is open at a local time."""
    start, end = window.span
    minute, weekdays = local.hour * 60 + local.minute, window.weekdays
    return (local.weekday() in weekdays and start <= minute < end) or (
        (local.weekday() - 1) % 7 in weekdays and start <= minute + DAY_MINUTES < end
    )


def _by_zone(
    windows: tuple[Window, ...], zones: Zones
) -> dict[tzinfo, tuple[Window, ...]]:
    """Return the windows by zone, or none in the lock's own zone."""
    if not windows:
        return {zones.default: ()}
    by_zone: dict[tzinfo, tuple[Window, ...]] = {}
    for one in windows:
        zone = zones.of(one.time_zone)
        by_zone[zone] = (*by_zone.get(zone, ()), one)
    return by_zone


# Windows over time


def _boundaries(schedule: Schedule, now: datetime, zones: Zones) -> Iterator[datetime]:
    """Yield, in UTC and in order, when a window can open or close from today on."""
    by_zone = _by_zone(schedule.windows, zones) if schedule.windows else {}
    return merge(
        *(_boundaries_in(zone, windows, now) for zone, windows in by_zone.items())
    )


def _boundaries_in(
    zone: tzinfo, windows: tuple[Window, ...], now: datetime
) -> Iterator[datetime]:
    minutes = sorted({minute % DAY_MINUTES for one in windows for minute in one.span})
    day = now.astimezone(zone).date()
    for _ in range(_HORIZON.days):
        midnight = datetime.combine(day, time(), zone)
        begin = midnight.astimezone(UTC)
        length = datetime.combine(day + _DAY, time(), zone).astimezone(UTC) - begin
        if length == _DAY:
            yield from (begin + minute * _MINUTE for minute in minutes)
        else:  # The clock changes: each of these can skip or repeat a boundary.
            yield from sorted(
                {begin + step * _QUARTER for step in range(length // _QUARTER)}
                | {
                    (midnight + minute * _MINUTE).replace(fold=fold).astimezone(UTC)
                    for minute in minutes
                    for fold in (0, 1)
                }
            )
        day += _DAY


def _is_whole(window: Window) -> bool:
    return window.span == (0, DAY_MINUTES)


def _days_from(day: date, weekdays: set[int]) -> Iterator[int]:
    """Yield the length of the run of adjoining days that starts on a day.

    Days within a run, and whole weeks, yield nothing.
    """
    weekday = day.weekday()
    if weekday in weekdays and (weekday - 1) % 7 not in weekdays:
        yield next(n for n in range(1, 8) if (weekday + n) % 7 not in weekdays)


def _real(day: date, start: int, end: int, zone: tzinfo) -> Period:
    """Return, in UTC, when the local time is first and last within some hours.

    `start` and `end` are minutes from the midnight that starts the day. Both moments
    are equal if daylight saving time skips all of them.
    """
    midnight = datetime.combine(day, time())
    opens = midnight + start * _MINUTE
    last = midnight + (end - 1) * _MINUTE
    closes = last.replace(fold=1, tzinfo=zone).astimezone(UTC) + _MINUTE
    if not _exists(last, zone):
        closes = _skipped_to(last, zone)
    if _exists(opens, zone):
        return opens.replace(tzinfo=zone).astimezone(UTC), closes
    return _skipped_to(opens, zone), closes


def _exists(local: datetime, zone: tzinfo) -> bool:
    """Return whether a local time exists."""
    there = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there.replace(tzinfo=None, fold=0) == local


def _skipped_to(local: datetime, zone: tzinfo) -> datetime:
    """Return the moment, in UTC, at which the clock skips a local time."""
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    moment -= timedelta(minutes=moment.minute % 15)
    while (moment - _QUARTER).astimezone(zone).replace(tzinfo=None) >= local:
        moment -= _QUARTER
    return moment
