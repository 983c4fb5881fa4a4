"""Schedules on the wire: three forms to write, one to read back."""

from typing import Any

from .dialects import Dialect
from .model import Schedule, Window
from .refusals import Refusal
from .request import Json

MINUTES_OF_A_DAY = 1440

# The camel body: camelCase but for the minutes (docs/tuya_api.md, Schedule bodies).
# It has no time zone; the camelCase name is accepted as well.
_CAMEL = {
    "scheduleDetails": "schedule_details",
    "effectiveTime": "effective_time",
    "expiredTime": "expired_time",
    "allDay": "all_day",
    "workingDay": "working_day",
    "timeZoneId": "time_zone_id",
    "invalidTime": "invalid_time",
}


def read_body(body: dict[str, Any], dialect: Dialect) -> Schedule | None:
    """Return the schedule of a body, None if it is accepted but ignored.

    The accepted variants are tried in turn, so a body can contain several.
    """
    if dialect.keeps_bodies:
        return _kept(body.get("schedule", body))
    for variant in sorted(dialect.schedule_bodies):
        if (flat := _as_flat(body, variant)) is not None:
            return _schedule(
                flat, dialect, windows=variant not in dialect.windowless_bodies
            )
    if dialect.foreign_body == "ignore":
        return None
    raise Refusal(dialect.foreign_body_code)


def _kept(content: Any) -> Schedule:
    """Return a schedule that is returned unchanged, with the fields that are valid."""
    schedule = Schedule(permanent=False, shown=content)
    if isinstance(content, dict):
        schedule.permanent = content.get("permanent") is True
        for key in ("effective_time", "expired_time"):
            if isinstance(value := content.get(key), int):
                setattr(schedule, key, value)
    return schedule


def _as_flat(body: dict[str, Any], variant: str) -> dict[str, Any] | None:
    """Return a body of this variant in flat snake_case, None if it is of another."""
    if variant == "A":
        inner = body.get("schedule")
        return inner if isinstance(inner, dict) and "permanent" in inner else None
    if "permanent" not in body:
        return None
    camel = bool(_CAMEL.keys() & body.keys())
    snake = bool({"effective_time", "expired_time", "schedule_details"} & body.keys())
    if variant == "B":
        return body if snake or not camel else None
    if snake and not camel:
        return None
    flat = {_CAMEL.get(key, key): value for key, value in body.items()}
    rows = flat.get("schedule_details")
    if isinstance(rows, list):
        flat["schedule_details"] = [
            {_CAMEL.get(key, key): value for key, value in row.items()}
            for row in rows
            if isinstance(row, dict)
        ]
    return flat


def _schedule(flat: dict[str, Any], dialect: Dialect, *, windows: bool) -> Schedule:
    """Check the fields and build the schedule."""
    permanent = flat.get("permanent")
    if not isinstance(permanent, bool):
        raise Refusal(1109)
    if permanent:
        return Schedule()
    start, end = (_whole(flat.get(key)) for key in ("effective_time", "expired_time"))
    if end <= start:
        raise Refusal(1101)
    rows = flat.get("schedule_details") or []
    if not isinstance(rows, list):
        raise Refusal(1109)
    if dialect.one_window and len(rows) > 1:
        raise Refusal(1109)
    week = [_window(_as_minutes(row, dialect)) for row in rows]
    if dialect.all_day_drops_week and any(window.all_day for window in week):
        week = []
    return Schedule(
        permanent=False,
        effective_time=start,
        expired_time=end,
        windows=week if windows else [],
    )


_TIMES = {"effective_time": "start_minute", "invalid_time": "end_minute"}
"""The keys of hours of temporary passwords, with those of users."""


def _as_minutes(row: Any, dialect: Dialect) -> Any:
    """Return a row under the documented keys, without those that are refused."""
    if not isinstance(row, dict):
        return row
    dropped: set[str] = set()
    if "times" not in dialect.window_keys_taken:
        dropped |= _TIMES.keys()
    if "minutes" not in dialect.window_keys_taken:
        dropped |= set(_TIMES.values())
    return {_TIMES.get(k, k): value for k, value in row.items() if k not in dropped}


def _window(row: Any) -> Window:
    """Check one row of the weekly plan."""
    if not isinstance(row, dict):
        raise Refusal(1109)
    days = _whole(row.get("working_day"))
    all_day = row.get("all_day", False)
    zone = row.get("time_zone_id")
    if not isinstance(all_day, bool) or not isinstance(zone, str | None):
        raise Refusal(1109)
    # With all_day, the minutes are optional; nothing documents that they are required.
    start = _whole(row.get("start_minute", 0 if all_day else None))
    end = _whole(row.get("end_minute", MINUTES_OF_A_DAY if all_day else None))
    if not 0 <= start < end <= MINUTES_OF_A_DAY or not 1 <= days <= 127:
        raise Refusal(1101)
    return Window(days, start, end, zone, all_day)


def _whole(value: Any) -> int:
    """Return a whole number, from a number or its text."""
    if value is None or value == "":
        raise Refusal(1100)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Refusal(1109)


def info(schedule: Schedule, dialect: Dialect, now: float) -> Json:
    """Return the ``time_schedule_info`` object of a user."""
    if schedule.shown is not None and not isinstance(schedule.shown, dict):
        return schedule.shown
    record: dict[str, Json] = {"permanent": schedule.permanent}
    if schedule.shown is not None:
        record = dict(schedule.shown)
    elif not schedule.permanent:
        as_epoch = str if dialect.epochs == "string" else int
        record["effective_time"] = as_epoch(schedule.effective_time)
        record["expired_time"] = as_epoch(schedule.expired_time)
        record["schedule_details"] = [_row(w, dialect) for w in schedule.windows]
    if schedule.operate:
        record["operate"] = schedule.operate
    if schedule.delivery:
        status = schedule.delivery.status(now)
        record["delivery_status"] = "PARTIAL" if dialect.unknown_values else status
    return record


def _row(window: Window, dialect: Dialect) -> dict[str, Json]:
    """Return one row of ``schedule_details`` (docs/tuya_api.md, Weekly windows)."""
    days = window.working_day
    start, end = _TIMES if dialect.window_keys == "times" else _TIMES.values()
    row: dict[str, Json] = {
        "all_day": window.all_day,
        start: _minutes(window.start_minute, dialect),
        end: _minutes(window.end_minute, dialect),
        "working_day": reverse_days(days) if dialect.reversed_days else days,
    }
    if window.time_zone_id is not None:
        row["time_zone_id"] = window.time_zone_id
    return row


def reverse_days(mask: int) -> int:
    """Reverse a mask in 8 bits: Sunday 1 becomes 128, Monday 2 becomes 64."""
    return int(f"{mask & 0xFF:08b}"[::-1], 2)


def _minutes(value: int, dialect: Dialect) -> int:
    """Return minutes after midnight, as HHMM where the lock has that quirk."""
    return value // 60 * 100 + value % 60 if dialect.hhmm_times else value
