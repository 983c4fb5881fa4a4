"""What a schedule means in time: access now, the next change, the times of access.

A lock looks at its clock on the wall, so a window is open whenever the local time lies
in it: an hour that daylight saving skips does not open it, an hour that comes twice
opens it twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from operator import itemgetter
from typing import Final

from .model import (
    DAY_MINUTES,
    FARTHEST,
    WEEK_MINUTES,
    Access,
    Schedule,
    Window,
    first_after,
)

type Period = tuple[datetime, datetime]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(weeks=1)
# Windows come again every week, or after two when daylight saving skips one.
_HORIZON: Final = timedelta(days=16)
# Of a longer range only the beginning is computed.
_LONGEST_RANGE: Final = timedelta(days=3660)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """One stretch of every week, in minutes from the midnight that begins its day."""

    zone: tzinfo
    weekday: int
    start: int
    end: int

    @property
    def endless(self) -> bool:
        return self.end - self.start >= WEEK_MINUTES


def access_at(schedule: Schedule | None, now: datetime, zones: Zones) -> Access:
    """Return whether the user may enter at that moment, and why not.

    The start belongs to the schedule, and so does the whole last second; a window ends
    with its end. No schedule means that no limit is known.
    """
    if schedule is None or schedule.permanent:
        return Access.ALLOWED
    start, end = _limits(schedule)
    if now >= end:
        return Access.EXPIRED
    if now < start:
        return Access.NOT_STARTED
    if not schedule.windows or any(
        _is_open(window, now.astimezone(zones.of(window.time_zone)))
        for window in schedule.windows
    ):
        return Access.ALLOWED
    return Access.OUTSIDE_HOURS


def next_change(
    schedule: Schedule | None, now: datetime, zones: Zones
) -> datetime | None:
    """Return the first later moment, in UTC, at which access differs, if there is one."""
    access = access_at(schedule, now, zones)
    if schedule is None or schedule.permanent or access is Access.EXPIRED:
        return None
    start, end = _limits(schedule)
    if access is Access.NOT_STARTED:
        return min(start, end)
    flip = _next_flip(schedule, now, zones)
    if flip is not None and flip < end:
        return flip
    return None if schedule.end is None else end


def occurrences(
    schedule: Schedule | None, start: datetime, end: datetime, zones: Zones
) -> list[Period]:
    """Return the times of access of a limited schedule that overlap a range.

    One for each window and day, in the window's zone, clipped to the schedule but not
    to the range; neighbouring whole days are one, and so is a schedule without windows
    (DESIGN §11.17). A window that an hour coming twice opens twice is one time, from
    the first opening to the last closing. Of ranges longer than ten years only the
    beginning is looked at.
    """
    if schedule is None or schedule.permanent:
        return []
    first, last = _limits(schedule)
    start, end = max(start, first), min(end, last)
    if start >= end:
        return []
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    end = min(end, start + _LONGEST_RANGE)
    found = [
        (max(opens, first), min(closes, last), span.zone)
        for span in _spans(schedule, zones)
        for opens, closes in (
            [(first, last)] if span.endless else _hulls(span, start, end)
        )
    ]
    # Sorted in UTC: within one zone Python compares what the clock on the wall says.
    found.sort(key=itemgetter(0, 1))
    return [
        (opens.astimezone(zone), closes.astimezone(zone))
        for opens, closes, zone in found
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


def _is_open(window: Window, local: datetime) -> bool:
    """Return whether a window is open at a local time, today's or yesterday's."""
    start, end = window.span
    minute, weekdays = local.hour * 60 + local.minute, window.weekdays
    return (local.weekday() in weekdays and start <= minute < end) or (
        (local.weekday() - 1) % 7 in weekdays and start <= minute + DAY_MINUTES < end
    )


def _next_flip(schedule: Schedule, now: datetime, zones: Zones) -> datetime | None:
    """Return when the windows, taken together, open or close next."""
    now = now.astimezone(UTC)
    horizon = now + _HORIZON
    opened = _union(
        period
        for span in _spans(schedule, zones)
        for period in _periods(span, now, horizon)
    )
    if not opened:
        return None
    opens, closes = opened[0]
    if opens > now:
        return opens
    return closes if closes < horizon else None


def _spans(schedule: Schedule, zones: Zones) -> list[_Span]:
    """Return the stretches of the week, each once, neighbouring whole days as one."""
    whole: dict[tzinfo, set[int]] = (
        {} if schedule.windows else {zones.default: set(range(7))}
    )
    spans: dict[_Span, None] = {}
    for window in schedule.windows:
        zone, (start, end) = zones.of(window.time_zone), window.span
        if (start, end) == (0, DAY_MINUTES):
            whole.setdefault(zone, set()).update(window.weekdays)
        elif start < end:
            for weekday in window.weekdays:
                spans[_Span(zone=zone, weekday=weekday, start=start, end=end)] = None
    return [*spans, *(run for zone, days in whole.items() for run in _runs(zone, days))]


def _runs(zone: tzinfo, days: set[int]) -> Iterator[_Span]:
    """Yield the runs of neighbouring whole days of a week, which is a circle."""
    if len(days) == 7:
        yield _Span(zone=zone, weekday=0, start=0, end=WEEK_MINUTES)
        return
    for first in sorted(days):
        if (first - 1) % 7 not in days:
            length = next(
                count for count in range(1, 8) if (first + count) % 7 not in days
            )
            yield _Span(zone=zone, weekday=first, start=0, end=length * DAY_MINUTES)


def _periods(span: _Span, start: datetime, end: datetime) -> Iterator[Period]:
    """Yield, in UTC, when a stretch is open in the weeks around a range."""
    for opening in _openings(span, start, end):
        for opens, closes in opening:
            if opens < end and start < closes:
                yield opens, closes


def _hulls(span: _Span, start: datetime, end: datetime) -> Iterator[Period]:
    """Yield the same, from the first opening of a day to its last closing."""
    for opening in _openings(span, start, end):
        if opening and opening[0][0] < end and start < opening[-1][1]:
            yield opening[0][0], opening[-1][1]


def _openings(span: _Span, start: datetime, end: datetime) -> Iterator[list[Period]]:
    """Yield what each week makes of a stretch, beginning before the range."""
    # A day more than a stretch is long, for what clocks may be turned.
    day = start.astimezone(span.zone).date() - _WEEK - _DAY
    day += timedelta(days=(span.weekday - day.weekday()) % 7)
    last = end.astimezone(span.zone).date() + _DAY
    while day <= last:
        midnight = datetime.combine(day, time(), UTC)
        yield _real(
            midnight + timedelta(minutes=span.start),
            midnight + timedelta(minutes=span.end),
            span.zone,
        )
        day += _WEEK


def _real(opens: datetime, closes: datetime, zone: tzinfo) -> list[Period]:
    """Return when, in UTC, the clock on the wall lies between two of its times.

    Args:
        opens: A local time, given as if it were one of UTC.
        closes: The local time after it at which the period ends, likewise.
        zone: The zone in which they are local.
    """
    return _union(
        (max(since, opens - offset), min(until, closes - offset))
        for since, until, offset in _constant(opens - _DAY, closes + _DAY, zone)
    )


def _constant(
    start: datetime, end: datetime, zone: tzinfo
) -> list[tuple[datetime, datetime, timedelta]]:
    """Return the parts of a range in which the clock is not turned, and its offset."""
    offset = _offset(start, zone)
    seconds = (end - start) // _SECOND
    if seconds <= 1 or offset == _offset(end, zone):
        return [(start, end, offset)]
    middle = start + seconds // 2 * _SECOND
    return _constant(start, middle, zone) + _constant(middle, end, zone)


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).replace(tzinfo=UTC) - moment


def _union(periods: Iterable[Period]) -> list[Period]:
    """Return periods in order, without the empty ones, touching ones joined."""
    joined: list[Period] = []
    for opens, closes in sorted(period for period in periods if period[0] < period[1]):
        if joined and opens <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(closes, joined[-1][1])
        else:
            joined.append((opens, closes))
    return joined
