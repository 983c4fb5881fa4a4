"""How a lock reads weekly windows back, where that differs from what was written."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from ..dialects import Dialects
from .model import ALL_DAYS, DAY_MINUTES, Schedule, Window, clamped, same_effect


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


def window_dialect(dialects: Dialects) -> WindowDialect:
    """Return how a lock reads windows back, as far as it has shown."""
    return WindowDialect(
        reversed_days=dialects.reversed_days, hhmm_times=dialects.hhmm_times
    )


def newly_learned(before: Dialects, now: Dialects) -> WindowDialect | None:
    """Return what was not known before, None where that is nothing."""
    dialect = WindowDialect(
        reversed_days=now.reversed_days and not before.reversed_days,
        hhmm_times=now.hhmm_times and not before.hhmm_times,
    )
    return None if dialect == _PLAIN else dialect


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
        mask=mask & ALL_DAYS,
        start_minute=clamped(start),
        end_minute=clamped(end),
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
