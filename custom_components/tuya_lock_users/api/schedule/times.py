"""What a schedule means in time: access now, the next change, the times of access.

A lock looks at its clock on the wall, so a window is open whenever the local time is in
it: an hour that daylight saving time skips does not open it, an hour that comes twice
opens it twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from heapq import merge
from operator import itemgetter
from typing import Final

from .model import DAY_MINUTES, FARTHEST, Access, Schedule, Window, first_after

type Period = tuple[datetime, datetime]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
# Windows come again every week, or after two when daylight saving time skips one.
_HORIZON: Final = timedelta(days=16)
# Only the beginning of a longer range is computed.
_LONGEST_RANGE: Final = timedelta(days=3660)
# Clocks are turned on the quarter of an hour, everywhere.
_QUARTER: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """The time zones of one lock; loading them is the caller's business.

    Attributes:
        default: The zone of the lock itself.
        named: The zones its windows name.
    """

    default: tzinfo
    named: Mapping[str, tzinfo] = field(default_factory=dict)

    def of(self, name: str | None) -> tzinfo:
        """Return the zone of a name, the lock's own without one or when unknown."""
        return self.default if name is None else self.named.get(name, self.default)


def period_at(schedule: Schedule | None, now: datetime) -> Access:
    """Return whether a moment is between start and end, whatever the windows.

    The start belongs to the schedule, and so does the whole last second. No schedule
    means that no limit is known.
    """
    if schedule is None or schedule.permanent:
        return Access.ALLOWED
    start, end = _limits(schedule)
    if now >= end:
        return Access.EXPIRED
    return Access.NOT_STARTED if now < start else Access.ALLOWED


def access_at(schedule: Schedule | None, now: datetime, zones: Zones) -> Access:
    """Return whether the user has access at that moment, and why not.

    A window ends with its end. Hours that nobody knows are never open.
    """
    access = period_at(schedule, now)
    if schedule is None or access is not Access.ALLOWED or schedule.windows == ():
        return access
    return Access.ALLOWED if _is_open(schedule, now, zones) else Access.OUTSIDE_HOURS


def next_change(
    schedule: Schedule | None, now: datetime, zones: Zones
) -> datetime | None:
    """Return the first later moment, in UTC, at which access differs, if there is one."""
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

    One for each window and day, in the window's zone, clipped to the schedule but not
    to the range; adjoining whole days are one, and so is a schedule without windows. A
    window that an hour coming twice opens twice is one time, from the first opening to
    the last closing. Nothing is known of hours that are not understood. Of ranges
    longer than ten years only the beginning is looked at.
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
        # A week earlier: that long a time may be that has begun before the range.
        day = start.astimezone(zone).date() - 8 * _DAY
        while day <= end.astimezone(zone).date():
            for length in _days_from(day, whole):
                found.add((*_real(day, 0, length * DAY_MINUTES, zone), zone))
            for one in windows:
                if day.weekday() in one.weekdays and not _is_whole(one):
                    found.add((*_real(day, *one.span, zone), zone))
            day += _DAY
    # Sorted in UTC: within one zone Python compares what the clock on the wall says.
    return [
        (max(opens, first).astimezone(zone), min(closes, last).astimezone(zone))
        for opens, closes, zone in sorted(found, key=itemgetter(0, 1))
        if opens < closes and opens < end and start < closes
    ]


def next_occurrence(
    schedule: Schedule | None, now: datetime, zones: Zones
) -> Period | None:
    """Return the current time of access, else the next one, None if there is none."""
    if schedule is None or schedule.permanent:
        return None
    start = max(now, _limits(schedule)[0])
    return next(iter(occurrences(schedule, start, start + _HORIZON, zones)), None)


def _limits(schedule: Schedule) -> Period:
    """Return the first moment of a limited schedule, and the first one after it."""
    start = 0 if schedule.start is None else schedule.start
    end = FARTHEST if schedule.end is None else first_after(schedule.end)
    return _moment(start), _moment(end)


def _moment(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=min(max(seconds, 0), FARTHEST))


# Windows at a moment


def _is_open(schedule: Schedule, now: datetime, zones: Zones) -> bool:
    """Return whether any window is open; without windows there are no closed hours."""
    if not schedule.windows:
        return schedule.windows is not None
    return any(
        _is_window_open(one, now.astimezone(zones.of(one.time_zone)))
        for one in schedule.windows
    )


def _is_window_open(window: Window, local: datetime) -> bool:
    """Return whether a window is open at a local time, today's or yesterday's."""
    start, end = window.span
    minute, weekdays = local.hour * 60 + local.minute, window.weekdays
    return (local.weekday() in weekdays and start <= minute < end) or (
        (local.weekday() - 1) % 7 in weekdays and start <= minute + DAY_MINUTES < end
    )


def _by_zone(
    windows: tuple[Window, ...], zones: Zones
) -> dict[tzinfo, tuple[Window, ...]]:
    """Return the windows of each zone, the lock's own where there are none."""
    if not windows:
        return {zones.default: ()}
    by_zone: dict[tzinfo, tuple[Window, ...]] = {}
    for one in windows:
        zone = zones.of(one.time_zone)
        by_zone[zone] = (*by_zone.get(zone, ()), one)
    return by_zone


# Windows over time


def _boundaries(schedule: Schedule, now: datetime, zones: Zones) -> Iterator[datetime]:
    """Yield, in UTC and in order, when a window may open or close from today on."""
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
        else:  # Clocks are turned: any of these may skip or repeat a boundary.
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
    """Yield how many adjoining days a run of some days of the week has from a day on.

    Nothing on a day within a run, and of a whole week, which has no first day.
    """
    weekday = day.weekday()
    if weekday in weekdays and (weekday - 1) % 7 not in weekdays:
        yield next(n for n in range(1, 8) if (weekday + n) % 7 not in weekdays)


def _real(day: date, start: int, end: int, zone: tzinfo) -> Period:
    """Return, in UTC, when the clock on the wall first and last is within some hours.

    `start` and `end` are minutes from the midnight that begins the day. Both moments
    are the same where daylight saving time skips all of it.
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
    """Return whether the clock on the wall ever shows a time."""
    there = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there.replace(tzinfo=None, fold=0) == local


def _skipped_to(local: datetime, zone: tzinfo) -> datetime:
    """Return the moment, in UTC, at which the clock skips a time that never comes."""
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    moment -= timedelta(minutes=moment.minute % 15)
    while (moment - _QUARTER).astimezone(zone).replace(tzinfo=None) >= local:
        moment -= _QUARTER
    return moment
