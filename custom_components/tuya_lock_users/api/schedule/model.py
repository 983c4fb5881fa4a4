"""The model of a schedule, and whether two schedules have the same effect.

A user has access permanently, or from a start to an end, within weekly windows if there
are any. Times are kept as the cloud gives them: seconds since 1970 and minutes of a
local day. What they mean at a given moment is in `times`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

DAY_MINUTES: Final = 1440
WEEK_MINUTES: Final = 7 * DAY_MINUTES

# The start of the year 9900. A later end means no end, and Python's dates end with the
# year 9999.
MAX_TIMESTAMP: Final = 250_246_627_200

# The last day of 2037 at its earliest, 14 hours ahead of UTC. From this day on, an end
# means that none was given (docs/architecture.md, Limits of a schedule).
_NO_END: Final = 2_145_780_000

_WHOLE_WEEK: Final = (1 << WEEK_MINUTES) - 1


class Delivery(StrEnum):
    """Whether the lock itself has applied a change (docs/tuya_api.md, Delivery)."""

    ONGOING = "ongoing"
    SUCCESS = "success"
    FAILED = "failed"


class Access(StrEnum):
    """What a schedule means for its user at one moment."""

    ALLOWED = "allowed"
    OUTSIDE_HOURS = "outside_hours"
    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    SUSPENDED = "suspended"


class Weekday(StrEnum):
    """The days of a week, Monday first as in `date.weekday`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_WEEK: Final = tuple(Weekday)


def _bit(weekday: int) -> int:
    """Return the bit of a day, Monday being 0 (docs/tuya_api.md, Weekly windows)."""
    return 1 << (weekday + 1) % 7


class ScheduleBody(StrEnum):
    """The three documented bodies (docs/tuya_api.md, Schedule bodies)."""

    WRAPPED = "wrapped"
    FLAT = "flat"
    CAMEL = "camel"


class WindowKeys(StrEnum):
    """The two pairs of keys that carry the hours of a window.

    Tuya documents the first for users and the second for temporary passwords
    (docs/tuya_api.md, Weekly windows).
    """

    MINUTES = "start_minute"
    TIMES = "effective_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The same hours on some days of every week.

    Attributes:
        mask: The days, as `working_day` sums them: Sunday 1 … Saturday 64.
        start_minute: Minutes after local midnight.
        end_minute: The first minute after the window; smaller than the start if the
            window ends after midnight.
        time_zone: The time zone from the cloud, if any.
    """

    mask: int
    start_minute: int
    end_minute: int
    time_zone: str | None = None

    @property
    def weekdays(self) -> tuple[int, ...]:
        """The days on which the window starts, Monday being 0."""
        return tuple(day for day in range(7) if self.mask & _bit(day))

    @property
    def days(self) -> tuple[Weekday, ...]:
        """The days on which the window starts, Monday first."""
        return tuple(_WEEK[day] for day in self.weekdays)

    @property
    def span(self) -> tuple[int, int]:
        """First minute of the window and first minute after it, counted from its day.

        The end is beyond 1440 if the window ends after midnight. 23:59, the last minute
        that some clients can enter, counts as 24:00; otherwise a whole day would exclude
        its last minute. Equal times are an empty window.
        """
        start, end = self.start_minute, self.end_minute
        if end == DAY_MINUTES - 1:
            end = DAY_MINUTES
        return start, end if start <= end else end + DAY_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a user has access.

    A schedule with any part that is not understood has no usable windows: `windows` is
    None, and its content is compared as text. Its start and end still apply.

    Attributes:
        permanent: No limits at all.
        start: First second of a limited schedule, since 1970.
        end: Last second of it, since 1970; 23:59:59 means the whole of that second.
        windows: The hours of the week in between; an empty tuple means all hours, None
            means unknown.
        delivery: Whether the lock has applied the latest change.
        operate: What that change was: add, modify, or delete.
        unread: The content of a schedule that is not understood, as JSON text.
        unknown_keys: The keys whose values are not understood.
        window_keys: The keys of its windows.
        raw: The JSON value it was decoded from, None for a schedule composed here. A
            suspension saves and restores it.
    """

    permanent: bool
    start: int | None = None
    end: int | None = None
    windows: tuple[Window, ...] | None = ()
    delivery: Delivery | None = None
    operate: str | None = None
    unread: str | None = None
    unknown_keys: tuple[str, ...] = field(default=(), compare=False)
    window_keys: WindowKeys | None = field(default=None, compare=False)
    raw: object = field(default=None, compare=False, repr=False)

    @property
    def is_understood(self) -> bool:
        """Whether all of the schedule is understood."""
        return self.windows is not None

    @property
    def chosen_end(self) -> int | None:
        """The end, None where it only means that there is none."""
        return None if self.end is None or self.end >= _NO_END else self.end

    @property
    def is_limited(self) -> bool:
        """Whether there may be a time without access."""
        return not self.permanent and (
            self.start is not None or self.end is not None or self.windows != ()
        )


_UNLIMITED: Final = Schedule(permanent=True)


def window(
    days: Iterable[Weekday], start_minute: int, end_minute: int, time_zone: str | None
) -> Window:
    """Return a window of the given days."""
    mask = sum(_bit(_WEEK.index(day)) for day in set(days))
    return Window(
        mask=mask, start_minute=start_minute, end_minute=end_minute, time_zone=time_zone
    )


def same_effect(first: Schedule | None, second: Schedule | None) -> bool:
    """Return whether two schedules give access at the same times.

    The order and grouping of windows, delivery, and operation are ignored. No schedule
    equals a permanent one, since the cloud omits it if nothing is limited. A window
    without a zone matches one of any zone. Schedules that are not understood have the
    same effect only if their content is equal.
    """
    first, second = first or _UNLIMITED, second or _UNLIMITED
    if first.windows is None or second.windows is None:
        return first.unread == second.unread
    if first.permanent or second.permanent:
        return first.permanent and second.permanent
    return (first.start, first.end) == (second.start, second.end) and _same_hours(
        _hours(first.windows), _hours(second.windows)
    )


def _hours(windows: tuple[Window, ...]) -> dict[str | None, int]:
    """Return the open minutes of the week for each zone, one bit for each."""
    if not windows:
        return {None: _WHOLE_WEEK}
    hours: dict[str | None, int] = {}
    for one in windows:
        start, end = one.span
        day = (1 << end) - (1 << start)
        for weekday in one.weekdays:
            week = day << weekday * DAY_MINUTES
            week = week & _WHOLE_WEEK | week >> WEEK_MINUTES  # Monday follows Sunday
            hours[one.time_zone] = hours.get(one.time_zone, 0) | week
    return hours


def _same_hours(first: dict[str | None, int], second: dict[str | None, int]) -> bool:
    return (
        _is_always(first) is _is_always(second)
        and _within(first, second)
        and _within(second, first)
    )


def _is_always(hours: dict[str | None, int]) -> bool:
    """Return whether windows of one zone add up to all hours.

    Those of several zones do not, since their days start at different times.
    """
    unzoned = hours.get(None, 0)
    return any(minutes | unzoned == _WHOLE_WEEK for minutes in hours.values())


def _within(inner: dict[str | None, int], outer: dict[str | None, int]) -> bool:
    """Return whether each open minute of one week is open in the other, by zone."""
    anywhere = 0
    for minutes in outer.values():
        anywhere |= minutes
    unzoned = outer.get(None, 0)
    return not any(
        minutes & ~(anywhere if zone is None else outer.get(zone, 0) | unzoned)
        for zone, minutes in inner.items()
    )


def first_after(end: int) -> int:
    """Return the first second after a schedule.

    23:59:59 includes the whole minute, and an end at a full minute is that moment
    (docs/architecture.md, Limits of a schedule).
    """
    return end + 1 if end % 60 == 59 else end


def is_past(schedule: Schedule | None, now: float) -> bool:
    """Return whether a schedule has ended."""
    return (
        schedule is not None
        and not schedule.permanent
        and schedule.end is not None
        and first_after(schedule.end) <= now
    )
