"""What a schedule is: how it is read, corrected, compared and written.

A user of a lock may enter always (permanent), or from a start to an end, within weekly
windows when there are any. Times are kept the way the cloud gives them, seconds since
1970 and minutes of a local day. What they mean at a given moment is `occurrences`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from json import loads
from typing import Any, Final

from .decoding import flag, integer, json_object, objects, text

DAY_MINUTES: Final = 1440
WEEK_MINUTES: Final = 7 * DAY_MINUTES

# The first moment of the year 9900. A later end means "never", and near the year 10000
# Python's dates have an end of their own.
FARTHEST: Final = 250_246_627_200

_ALL_DAYS: Final = 127
_WHOLE_WEEK: Final = (1 << WEEK_MINUTES) - 1
# Seconds reach this in the year 5138, milliseconds had it in 1973.
_MILLISECONDS: Final = 100_000_000_000
_MINUTES: Final = frozenset({"start_minute", "end_minute"})


class Delivery(StrEnum):
    """Whether the lock itself has taken a change (TUYA_API §4.1)."""

    ONGOING = "ongoing"
    SUCCESS = "success"
    FAILED = "failed"


_DELIVERIES: Final[dict[str, Delivery]] = {one.value: one for one in Delivery}


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


class ScheduleBody(StrEnum):
    """The three bodies the documents show for writing a schedule (TUYA_API §5.2)."""

    WRAPPED = "wrapped"
    FLAT = "flat"
    CAMEL = "camel"


def _bit(weekday: int) -> int:
    """Return the value of a day, Monday being 0, in `working_day` (TUYA_API §4.3)."""
    return 1 << (weekday + 1) % 7


def _clamped(minute: int) -> int:
    return min(max(minute, 0), DAY_MINUTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The same hours on some days of every week.

    Attributes:
        mask: The days, as `working_day` sums them: Sunday 1 … Saturday 64.
        start_minute: Minutes after local midnight.
        end_minute: The first minute after the window; smaller than the start when the
            window reaches over midnight.
        time_zone: The zone the cloud named for it, if any.
    """

    mask: int
    start_minute: int
    end_minute: int
    time_zone: str | None = None

    @property
    def weekdays(self) -> tuple[int, ...]:
        """The days on which the window begins, Monday being 0."""
        return tuple(day for day in range(7) if self.mask & _bit(day))

    @property
    def days(self) -> tuple[Weekday, ...]:
        """The days on which the window begins, Monday first."""
        return tuple(_WEEK[day] for day in self.weekdays)

    @property
    def span(self) -> tuple[int, int]:
        """First minute of the window and first minute after it, counted from its day.

        The end lies beyond 1440 when the window reaches over midnight. 23:59 is the
        last minute some clients can name (TUYA_API §4.3), so it ends the day as 24:00
        does; otherwise a whole day would be shut for its last minute. Equal times are
        an empty window.
        """
        start, end = _clamped(self.start_minute), _clamped(self.end_minute)
        if end == DAY_MINUTES - 1:
            end = DAY_MINUTES
        return start, end if start <= end else end + DAY_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a user may enter.

    Attributes:
        permanent: No limits at all.
        start: First second of a limited schedule, since 1970.
        end: Last second of it, since 1970; 23:59:59 means the whole of that second.
        windows: The hours of the week in between; none means all of them.
        delivery: Whether the lock has taken the latest change.
        operate: What that change was: add, modify, or delete.
    """

    permanent: bool
    start: int | None = None
    end: int | None = None
    windows: tuple[Window, ...] = ()
    delivery: Delivery | None = None
    operate: str | None = None

    @property
    def is_limited(self) -> bool:
        """Whether there is any time at which the user may not enter."""
        return not self.permanent and (
            self.start is not None or self.end is not None or bool(self.windows)
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


# --- Reading -----------------------------------------------------------------------


def decode_delivery(value: object) -> Delivery | None:
    """Return how far a change has come, None for a word that is not known."""
    return _DELIVERIES.get((text(value) or "").lower())


def decode_schedule(value: object) -> Schedule | None:
    """Return the schedule of a `time_schedule_info`, None when there is none.

    The documents call it an array and show an object (TUYA_API §5.1); the text of one
    is taken too, and so are the camelCase keys of the schedule call (§5.2). Masks and
    minutes stay as they came, see `corrected`.
    """
    raw = json_object(_parsed(value))
    if raw is None:
        return None
    permanent = flag(raw.get("permanent"))
    delivery = decode_delivery(_said(raw, "delivery_status"))
    operate = (text(raw.get("operate")) or "").lower() or None
    if permanent:
        return Schedule(permanent=True, delivery=delivery, operate=operate)
    start = _decode_time(_said(raw, "effective_time"))
    end = _decode_time(_said(raw, "expired_time"))
    windows = _decode_windows(_said(raw, "schedule_details"))
    limited = start is not None or end is not None or bool(windows)
    if permanent is None and not limited:
        if delivery is None and operate is None:
            return None
        permanent = True
    return Schedule(
        permanent=bool(permanent),
        start=start,
        end=end,
        windows=windows,
        delivery=delivery,
        operate=operate,
    )


def _parsed(value: object) -> object:
    """Return what JSON text says, and everything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        parsed: object = loads(value)
    except ValueError, RecursionError:  # no JSON, a number too long, or a tower of it
        return None
    return None if isinstance(parsed, str) else parsed


def _said(raw: dict[str, Any], key: str) -> object:
    value: object = raw.get(key)
    return raw.get(_camel(key)) if value is None else value


@cache
def _camel(key: str) -> str:
    first, *others = key.split("_")
    return first + "".join(other.title() for other in others)


def _decode_time(value: object) -> int | None:
    """Return seconds since 1970; the cloud counts in milliseconds elsewhere."""
    time = integer(value)
    if time is None or time <= 0:
        return None
    return min(time // 1000 if time >= _MILLISECONDS else time, FARTHEST)


def _decode_windows(value: object) -> tuple[Window, ...]:
    value = _parsed(value)
    details = [value] if isinstance(value, dict) else objects(value)
    return tuple(found for raw in details if (found := _decode_window(raw)) is not None)


def _decode_window(raw: dict[str, Any]) -> Window | None:
    """Return the window of one detail, None when it cannot be read.

    A detail without a day is no weekly rule: that is how a lock's own record leaves it
    out (`user_time_set`, TUYA_API §4.2).
    """
    mask = integer(_said(raw, "working_day"))
    start = integer(_said(raw, "start_minute"))
    end = integer(_said(raw, "end_minute"))
    if flag(_said(raw, "all_day")):
        mask, start, end = mask or _ALL_DAYS, 0, DAY_MINUTES
    if mask is None or start is None or end is None or not 0 < mask <= 255:
        return None
    zone = text(_said(raw, "time_zone_id"))
    return Window(mask=mask, start_minute=start, end_minute=end, time_zone=zone)


# --- Dialects ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowDialect:
    """How a lock reads windows back, where that differs from how they are written.

    Both were measured for temporary passwords (TUYA_API §4.3).

    Attributes:
        reversed_days: Eight bits from the other end: Sunday 128 … Saturday 2.
        hhmm_times: 730 is half past seven.
    """

    reversed_days: bool = False
    hhmm_times: bool = False


_PLAIN: Final = WindowDialect()
_DIALECTS: Final = tuple(
    WindowDialect(reversed_days=days, hhmm_times=times)
    for times in (False, True)
    for days in (False, True)
)


def evidence(schedules: Iterable[Schedule]) -> WindowDialect:
    """Return the traits that raw schedules cannot have in the plain dialect.

    A day of value 128 exists only from the other end, where none has value 1; a minute
    above 1440 only where it is a time of the clock.
    """
    windows = [one for schedule in schedules for one in schedule.windows]
    return WindowDialect(
        reversed_days=any(one.mask & 129 == 128 for one in windows),
        hhmm_times=any(
            max(one.start_minute, one.end_minute) > DAY_MINUTES and _may_be_hhmm(one)
            for one in windows
        ),
    )


def corrected(schedule: Schedule, dialect: WindowDialect) -> Schedule:
    """Return the schedule with the windows meant by a raw one.

    What contradicts the dialect stays as it is: a mask with the value 1 and without 128
    is plain, and times of which one is no time of the clock are minutes. Nonsense is
    brought into range.
    """
    windows = tuple(_corrected_window(one, dialect) for one in schedule.windows)
    return (
        schedule if windows == schedule.windows else replace(schedule, windows=windows)
    )


def _corrected_window(raw: Window, dialect: WindowDialect) -> Window:
    mask, start, end = raw.mask, raw.start_minute, raw.end_minute
    if dialect.reversed_days and mask & 129 != 1:
        mask = int(f"{mask & 255:08b}"[::-1], 2)
    # A whole day is what `all_day` was read as, in minutes whatever the dialect.
    if dialect.hhmm_times and (start, end) != (0, DAY_MINUTES) and _may_be_hhmm(raw):
        start, end = (time // 100 * 60 + time % 100 for time in (start, end))
    return replace(
        raw,
        mask=mask & _ALL_DAYS,
        start_minute=_clamped(start),
        end_minute=_clamped(end),
    )


def _may_be_hhmm(raw: Window) -> bool:
    return all(
        0 <= time <= 2400 and time % 100 < 60
        for time in (raw.start_minute, raw.end_minute)
    )


def learned(
    written: Schedule, read_back: Schedule, *, known: WindowDialect = _PLAIN
) -> WindowDialect | None:
    """Return the dialect in which a raw reading says what was written, if there is one.

    Many readings fit several dialects (Monday with Saturday looks the same from both
    ends, and without windows there is nothing to see): the known one is preferred, then
    the plain one. What the reading gives evidence of is part of it in any case.
    """
    sure = evidence([read_back])
    for dialect in (known, *_DIALECTS):
        if sure.reversed_days and not dialect.reversed_days:
            continue
        if sure.hhmm_times and not dialect.hhmm_times:
            continue
        if same_effect(written, corrected(read_back, dialect)):
            return dialect
    return None


# --- Comparing ---------------------------------------------------------------------


def same_effect(first: Schedule | None, second: Schedule | None) -> bool:
    """Return whether two schedules let their user in at the same times.

    Order and grouping of windows, delivery and operation do not matter. No schedule is
    as good as a permanent one: the cloud leaves it out where nothing is limited. A
    window whose zone is not told may be one of any zone.
    """
    first, second = first or _UNLIMITED, second or _UNLIMITED
    if first.permanent or second.permanent:
        return first.permanent and second.permanent
    return (first.start, first.end) == (second.start, second.end) and _same_hours(
        _hours(first), _hours(second)
    )


def _hours(schedule: Schedule) -> dict[str | None, int]:
    """Return the open minutes of the week, one bit each, for each zone named."""
    if not schedule.windows:
        return {None: _WHOLE_WEEK}
    hours: dict[str | None, int] = {}
    for one in schedule.windows:
        start, end = one.span
        day = (1 << end) - (1 << start)
        for weekday in one.weekdays:
            week = day << weekday * DAY_MINUTES
            week = week & _WHOLE_WEEK | week >> WEEK_MINUTES  # Monday follows Sunday
            hours[one.time_zone] = hours.get(one.time_zone, 0) | week
    return hours


def _same_hours(first: dict[str | None, int], second: dict[str | None, int]) -> bool:
    return _within(first, second) and _within(second, first)


def _within(inner: dict[str | None, int], outer: dict[str | None, int]) -> bool:
    """Return whether each open minute of one week is one of the other, zone by zone."""
    anywhere = 0
    for minutes in outer.values():
        anywhere |= minutes
    unzoned = outer.get(None, 0)
    return not any(
        minutes & ~(anywhere if zone is None else outer.get(zone, 0) | unzoned)
        for zone, minutes in inner.items()
    )


def is_past(schedule: Schedule | None, now: float) -> bool:
    """Return whether a schedule is over; its last second still belongs to it."""
    return (
        schedule is not None
        and not schedule.permanent
        and schedule.end is not None
        and schedule.end + 1 <= now
    )


# --- Writing -----------------------------------------------------------------------


def encode_schedule(
    schedule: Schedule, body: ScheduleBody, *, time_zone: str | None
) -> dict[str, Any]:
    """Return the body that writes a schedule (TUYA_API §5.2).

    Args:
        schedule: What to write, in plain days and minutes.
        body: Which of the documented bodies the lock's cloud takes.
        time_zone: The zone of windows that name none, when it is known.
    """
    content: dict[str, Any] = {"permanent": schedule.permanent}
    if not schedule.permanent:
        if schedule.start is not None:
            content["effective_time"] = schedule.start
        if schedule.end is not None:
            content["expired_time"] = schedule.end
        if schedule.windows:
            content["schedule_details"] = _encode_windows(schedule, time_zone)
    if body is ScheduleBody.WRAPPED:
        return {"schedule": content}
    return content if body is ScheduleBody.FLAT else _camel_content(content)


def _encode_windows(schedule: Schedule, time_zone: str | None) -> list[dict[str, Any]]:
    """Return the details, the days of equal hours in one.

    Of temporary passwords only one detail is accepted, so the fewer the better; and
    `all_day` makes the cloud drop the days, so a whole day is its minutes (TUYA_API
    §4.3).
    """
    masks: dict[tuple[int, int, str | None], int] = {}
    for one in schedule.windows:
        hours = one.start_minute, one.end_minute, one.time_zone or time_zone
        masks[hours] = masks.get(hours, 0) | one.mask
    return [
        {
            "all_day": False,
            "start_minute": start,
            "end_minute": end,
            "working_day": mask,
            **({} if zone is None else {"time_zone_id": zone}),
        }
        for (start, end, zone), mask in masks.items()
    ]


def _camel_content(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content as the sample has it: minutes as text, by their old names."""
    camel = {_camel(key): value for key, value in content.items()}
    if "scheduleDetails" in camel:
        camel["scheduleDetails"] = [
            {
                key if key in _MINUTES else _camel(key): (
                    str(value) if key in _MINUTES else value
                )
                for key, value in detail.items()
            }
            for detail in camel["scheduleDetails"]
        ]
    return camel
