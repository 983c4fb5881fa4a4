"""How locks return weekly windows, if that differs from how they were written."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from ..dialects import Dialects
from .model import DAY_MINUTES, Schedule, Window, WindowKeys, same_effect


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowDialect:
    """How a lock returns windows, if that differs from how they are written.

    The first two were measured for temporary passwords (docs/tuya_api.md, Weekly
    windows).

    Attributes:
        reversed_days: Eight bits in reverse order: Sunday 128 … Saturday 2.
        hhmm_times: 730 is half past seven.
        keys: The keys of the hours, which new windows also use.
    """

    reversed_days: bool = False
    hhmm_times: bool = False
    keys: WindowKeys = WindowKeys.MINUTES


PLAIN: Final[WindowDialect] = WindowDialect()
_DIALECTS: Final = tuple(
    WindowDialect(reversed_days=days, hhmm_times=times)
    for times in (False, True)
    for days in (False, True)
)


def window_dialect(dialects: Dialects) -> WindowDialect:
    """Return how a lock returns windows, as far as known."""
    return WindowDialect(
        reversed_days=dialects.reversed_days,
        hhmm_times=dialects.hhmm_times,
        keys=dialects.window_keys or WindowKeys.MINUTES,
    )


def newly_learned(before: Dialects, now: Dialects) -> WindowDialect | None:
    """Return what was learned since, None for nothing."""
    dialect = WindowDialect(
        reversed_days=now.reversed_days and not before.reversed_days,
        hhmm_times=now.hhmm_times and not before.hhmm_times,
    )
    return None if dialect == PLAIN else dialect


def seen_keys(schedules: Iterable[Schedule]) -> WindowKeys | None:
    """Return the keys of windows, by default the documented ones."""
    seen = {one.window_keys for one in schedules} - {None}
    return WindowKeys.MINUTES if len(seen) > 1 else next(iter(seen), None)


def evidence(schedules: Iterable[Schedule]) -> WindowDialect:
    """Return the traits that raw schedules cannot have in the plain dialect.

    A day with value 128 exists only in reverse order, which has no value 1; a minute
    above 1440 is a clock time.
    """
    windows = [one for schedule in schedules for one in schedule.windows or ()]
    return WindowDialect(
        reversed_days=any(one.mask & 129 == 128 for one in windows),
        hhmm_times=any(
            max(one.start_minute, one.end_minute) > DAY_MINUTES and _may_be_hhmm(one)
            for one in windows
        ),
    )


def corrected(schedule: Schedule, dialect: WindowDialect) -> Schedule:
    """Return a raw schedule with normalized windows.

    Windows that contradict the dialect stay as they are: a mask with 1 and without 128
    is plain, and times that are not both clock times are minutes. The evidence in the
    schedule itself counts as well. A corrected schedule must not be corrected again.
    """
    if not schedule.windows:
        return schedule
    seen = evidence([schedule])
    dialect = replace(
        dialect,
        reversed_days=dialect.reversed_days or seen.reversed_days,
        hhmm_times=dialect.hhmm_times or seen.hhmm_times,
    )
    windows = tuple(_corrected_window(one, dialect) for one in schedule.windows)
    return (
        schedule if windows == schedule.windows else replace(schedule, windows=windows)
    )


def normalized(schedule: Schedule, dialect: WindowDialect) -> Schedule:
    """Return a raw schedule with normalized windows, in the order of the week."""
    schedule = corrected(schedule, dialect)
    windows = tuple(sorted(schedule.windows or (), key=_order))
    same = windows == (schedule.windows or ())
    return schedule if same else replace(schedule, windows=windows)


def _order(window: Window) -> tuple[tuple[int, ...], int, int, str]:
    zone = window.time_zone or ""
    return window.weekdays, window.start_minute, window.end_minute, zone


def _corrected_window(raw: Window, dialect: WindowDialect) -> Window:
    start, end = plain_times(raw.start_minute, raw.end_minute, dialect)
    mask = plain_mask(raw.mask, dialect)
    return replace(raw, mask=mask, start_minute=start, end_minute=end)


def plain_mask(mask: int, dialect: WindowDialect) -> int:
    """Return a mask with Sunday 1 … Saturday 64."""
    if dialect.reversed_days and 0 < mask < 255 and mask & 129 != 1:
        return int(f"{mask:08b}"[::-1], 2)
    return mask


def plain_times(start: int, end: int, dialect: WindowDialect) -> tuple[int, int]:
    """Return the minutes of a window.

    A whole day, which `all_day` becomes, is in minutes in any dialect.
    """
    if (
        dialect.hhmm_times
        and (start, end) != (0, DAY_MINUTES)
        and is_clock_time(start)
        and is_clock_time(end)
    ):
        return start // 100 * 60 + start % 100, end // 100 * 60 + end % 100
    return start, end


def is_clock_time(value: int) -> bool:
    """Return whether a number can be a clock time such as 730, up to 2400."""
    return 0 <= value <= 2400 and value % 100 < 60


def _may_be_hhmm(raw: Window) -> bool:
    return is_clock_time(raw.start_minute) and is_clock_time(raw.end_minute)


def learned(
    written: Schedule, read_back: Schedule, *, known: WindowDialect = PLAIN
) -> WindowDialect | None:
    """Return the dialect in which a read-back equals what was written, if there is one.

    Many read-backs fit several dialects (Monday with Saturday is symmetric, and without
    windows there is nothing to learn). The known dialect is preferred, then the plain
    one. The evidence in the read-back always counts.
    """
    sure = evidence([read_back])
    for dialect in (known, *_DIALECTS):
        if sure.reversed_days and not dialect.reversed_days:
            continue
        if sure.hhmm_times and not dialect.hhmm_times:
            continue
        if same_effect(written, corrected(read_back, dialect)):
            return replace(dialect, keys=known.keys)
    return None
