"""How schedules look in JSON: the forms they are read from, and written in.

The documents contradict each other in both directions (docs/tuya_api.md, Schedules and
Schedule bodies). Whatever else a schedule says is never taken for no limits: it is then
not understood.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
import json
from typing import Any, Final

from ..decoding import flag, integer, json_loads, text
from .model import (
    DAY_MINUTES,
    FARTHEST,
    Delivery,
    Schedule,
    ScheduleBody,
    Window,
    WindowKeys,
)
from .windows import PLAIN, WindowDialect, is_clock_time, plain_mask, plain_times

# Seconds reach this in the year 10000, milliseconds had it in 1978.
_MILLISECONDS: Final = 253_402_300_800
_DELIVERIES: Final[dict[str, Delivery]] = {one.value: one for one in Delivery}

_MINUTES: Final = frozenset({"start_minute", "end_minute"})
_STATUS_KEYS: Final = frozenset({"operate", "delivery_status", "deliveryStatus"})


def _camel(key: str) -> str:
    first, *others = key.split("_")
    return first + "".join(other.title() for other in others)


def _names(*keys: str, **other: str) -> dict[str, str]:
    """Return what each spelling of a key means: snake_case, camelCase, and others."""
    names = {key: key for key in keys} | other
    return names | {_camel(name): key for name, key in names.items()}


_SCHEDULE_KEYS: Final = _names(
    "permanent",
    "effective_time",
    "expired_time",
    "schedule_details",
    "operate",
    "delivery_status",
)
_WINDOW_KEYS: Final = _names(
    "all_day",
    "start_minute",
    "end_minute",
    "working_day",
    "time_zone_id",
    effective_time="start_minute",
    invalid_time="end_minute",
)
_TIMES_KEYS: Final = frozenset({"effective_time", "effectiveTime"})


# --- Reading


def decode_delivery(value: object) -> Delivery | None:
    """Return how far a change has come, None for an unknown word."""
    return _DELIVERIES.get((text(value) or "").lower())


def decode_schedule(value: object) -> Schedule | None:
    """Return the schedule of a `time_schedule_info`, None when there is none.

    The documents call it an array and show an object (docs/tuya_api.md, Types of
    values); JSON text of one is accepted as well, and so are the camelCase keys of the
    schedule call. Days and minutes stay as they came, see `corrected`. A schedule with
    any part that cannot be read is not understood.
    """
    raw = _parsed(value)
    if isinstance(raw, list) and len(raw) == 1 and isinstance(raw[0], dict):
        raw = raw[0]
    if _is_blank(raw):
        return None
    if not isinstance(raw, dict):
        return Schedule(
            permanent=False,
            windows=None,
            unread=_content_text(value),
            unknown_keys=("time_schedule_info",),
            raw=value,
        )
    reading = _Reading()
    values = reading.values(raw, _SCHEDULE_KEYS)
    permanent = reading.flag(values, "permanent")
    start = reading.seconds(values, "effective_time")
    end = reading.seconds(values, "expired_time")
    windows = reading.windows(values.get("schedule_details"))
    delivery = decode_delivery(values.get("delivery_status"))
    operate = (text(values.get("operate")) or "").lower() or None
    is_limited = start is not None or end is not None or bool(windows)
    if permanent and windows:
        reading.unknown["schedule_details"] = None  # hours that are none
    if permanent is False and not is_limited:
        reading.unknown["permanent"] = None  # limits that nobody names
    if reading.unknown:
        return Schedule(
            permanent=False,
            start=start,
            end=end,
            windows=None,
            delivery=delivery,
            operate=operate,
            unread=_content_text(raw),
            unknown_keys=tuple(reading.unknown),
            window_keys=reading.window_keys,
            raw=raw,
        )
    if permanent is None and not is_limited:
        if delivery is None and operate is None:
            return None
        permanent = True
    if permanent:
        return Schedule(permanent=True, delivery=delivery, operate=operate, raw=raw)
    return Schedule(
        permanent=False,
        start=start,
        end=end,
        windows=windows,
        delivery=delivery,
        operate=operate,
        window_keys=reading.window_keys,
        raw=raw,
    )


@dataclass(slots=True)
class _Reading:
    """One schedule being read: which of its keys are not understood, in order."""

    unknown: dict[str, None] = field(default_factory=dict)
    window_keys: WindowKeys | None = None

    def values(
        self, raw: Mapping[str, Any], names: Mapping[str, str]
    ) -> dict[str, object]:
        """Return the values by their first names; what is blank says nothing."""
        values: dict[str, object] = {}
        for name, value in raw.items():
            if _is_blank(value):
                continue
            key = names.get(name)
            if key is None or not _is_same(values.setdefault(key, value), value):
                self.unknown[name] = None
        return values

    def flag(self, values: Mapping[str, object], key: str) -> bool | None:
        """Return a yes or no, None where it is not said."""
        if (value := values.get(key)) is None:
            return None
        found = None if isinstance(value, int) and value not in (0, 1) else flag(value)
        if found is None:
            self.unknown[key] = None
        return found

    def seconds(self, values: Mapping[str, object], key: str) -> int | None:
        """Return seconds since 1970; the cloud counts in milliseconds elsewhere."""
        if (value := values.get(key)) is None:
            return None
        time = integer(value)
        if time is None or time < 0:
            self.unknown[key] = None
            return None
        if time == 0:
            return None
        return min(time // 1000 if time >= _MILLISECONDS else time, FARTHEST)

    def windows(self, value: object) -> tuple[Window, ...]:
        """Return the windows that can be read."""
        details = _parsed(value)
        if _is_blank(details):
            return ()
        rows = details if isinstance(details, list) else [details]
        found: list[Window] = []
        for row in rows:
            window = self._window(row) if isinstance(row, dict) else None
            if window is None:
                self.unknown["schedule_details"] = None
            else:
                found.append(window)
        return tuple(found)

    def _window(self, raw: dict[str, Any]) -> Window | None:
        """Return the window of one detail, None when it cannot be read.

        Hours without any day are no rule for a week: nobody knows when they apply.
        """
        values = self.values(raw, _WINDOW_KEYS)
        if self.window_keys is not WindowKeys.MINUTES:
            is_times = not _TIMES_KEYS.isdisjoint(raw)
            self.window_keys = WindowKeys.TIMES if is_times else WindowKeys.MINUTES
        mask = integer(values.get("working_day"))
        start = integer(values.get("start_minute"))
        end = integer(values.get("end_minute"))
        zone = text(values.get("time_zone_id"))
        if self.flag(values, "all_day"):
            if (values.get("start_minute"), values.get("end_minute")) == (None, None):
                start, end = 0, DAY_MINUTES
            elif start == 0 and end in _ENDS_OF_DAY:
                end = DAY_MINUTES
            else:
                return None
        if mask is None or start is None or end is None:
            return None
        if zone is None and "time_zone_id" in values:
            return None
        if not (0 < mask < 255 and mask & 129 != 129):
            return None
        minutes = range(DAY_MINUTES + 1)
        if not (start in minutes and end in minutes) and not (
            is_clock_time(start) and is_clock_time(end)
        ):
            return None
        return Window(mask=mask, start_minute=start, end_minute=end, time_zone=zone)


# What stands beside `all_day` for the end of the day, in minutes or as clock time.
_ENDS_OF_DAY: Final = frozenset({0, DAY_MINUTES - 1, DAY_MINUTES, 2359, 2400})


def _parsed(value: object) -> object:
    """Return what JSON text says, and everything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json_loads(value)
    except ValueError, RecursionError:
        return value


def _is_blank(value: object) -> bool:
    """Return whether a value says nothing."""
    return value is None or (
        isinstance(value, str | list | dict)
        and not (value.strip() if isinstance(value, str) else value)
    )


def _is_same(first: object, second: object) -> bool:
    """Return whether two values under two names of one key agree."""
    if first is second or first == second:
        return True
    number = integer(first)
    return number is not None and number == integer(second)


def _content(raw: dict[str, Any]) -> dict[str, Any]:
    """Return what a schedule orders, without what became of it."""
    return {key: value for key, value in raw.items() if key not in _STATUS_KEYS}


def _content_text(raw: object) -> str:
    """Return the content of a schedule as text that can be compared."""
    if isinstance(raw, dict):
        raw = _content(raw)
    return json.dumps(raw, sort_keys=True, separators=(",", ":"))


# --- Writing


def encode_schedule(
    schedule: Schedule,
    body: ScheduleBody,
    *,
    time_zone: str | None,
    dialect: WindowDialect = PLAIN,
) -> dict[str, Any]:
    """Return the body that writes a schedule (docs/tuya_api.md, Schedule bodies).

    Args:
        schedule: What to write. One that was read is written as it came, with keys and
            values that nobody understands, but with days and minutes as they are meant.
        body: Which of the documented bodies the lock's cloud accepts.
        time_zone: The zone of windows that name none, when it is known.
        dialect: How the lock reads windows back, and under which keys.
    """
    if schedule.raw is None:
        content: object = _composed(schedule, time_zone, dialect.keys)
    else:
        content = _restored(schedule.raw, dialect)
    if not isinstance(content, dict) or body is ScheduleBody.WRAPPED:
        return {"schedule": content}
    return content if body is ScheduleBody.FLAT else _camel_content(content)


def _composed(
    schedule: Schedule, time_zone: str | None, keys: WindowKeys
) -> dict[str, Any]:
    content: dict[str, Any] = {"permanent": schedule.permanent}
    if not schedule.permanent:
        if schedule.start is not None:
            content["effective_time"] = schedule.start
        if schedule.end is not None:
            content["expired_time"] = schedule.end
        if schedule.windows:
            content["schedule_details"] = _details(schedule.windows, time_zone, keys)
    return content


def _details(
    windows: tuple[Window, ...], time_zone: str | None, keys: WindowKeys
) -> list[dict[str, Any]]:
    """Return the details, the days of equal hours in one.

    Some locks accept a single detail only, so the fewer the better; and `all_day` makes
    the cloud drop the days, so a whole day is its minutes (docs/tuya_api.md, Weekly
    windows).
    """
    masks: dict[tuple[int, int, str | None], int] = {}
    for one in windows:
        hours = one.start_minute, one.end_minute, one.time_zone or time_zone
        masks[hours] = masks.get(hours, 0) | one.mask
    is_times = keys is WindowKeys.TIMES
    start_key = "effective_time" if is_times else "start_minute"
    end_key = "invalid_time" if is_times else "end_minute"
    return [
        {
            "all_day": False,
            start_key: start,
            end_key: end,
            "working_day": mask,
            **({} if zone is None else {"time_zone_id": zone}),
        }
        for (start, end, zone), mask in masks.items()
    ]


def _restored(raw: object, dialect: WindowDialect) -> object:
    """Return the content of a schedule that was read, to be written as it was.

    A lock that reads days reversed, or minutes as clock times, has them written as it
    means them; so it reads them back as they were.
    """
    if not isinstance(raw, dict):
        return raw
    content = _content(raw)
    if not (dialect.reversed_days or dialect.hhmm_times):
        return content
    for name, value in content.items():
        if _SCHEDULE_KEYS.get(name) != "schedule_details":
            continue
        details = _parsed(value)
        rows = details if isinstance(details, list) else [details]
        meant = [_meant(row, dialect) if isinstance(row, dict) else row for row in rows]
        if meant != rows:
            plain = meant if isinstance(details, list) else meant[0]
            content[name] = json.dumps(plain) if isinstance(value, str) else plain
    return content


def _meant(row: dict[str, Any], dialect: WindowDialect) -> dict[str, Any]:
    """Return a detail with its days and minutes as the lock means them."""
    values: dict[str, int] = {}
    for name, value in row.items():
        key = _WINDOW_KEYS.get(name)
        if key is not None and (number := integer(value)) is not None:
            values[key] = number
    meant: dict[str, int] = {}
    if "working_day" in values:
        meant["working_day"] = plain_mask(values["working_day"], dialect)
    if "start_minute" in values and "end_minute" in values:
        hours = values["start_minute"], values["end_minute"]
        meant["start_minute"], meant["end_minute"] = plain_times(*hours, dialect)
    return {
        name: value
        if (number := meant.get(_WINDOW_KEYS.get(name, ""))) in (None, integer(value))
        else str(number)
        if isinstance(value, str)
        else number
        for name, value in row.items()
    }


def _camel_content(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content as the sample has it: minutes as text, by their old names.

    Content that has a key in both spellings stays as it is, or it would lose one.
    """
    camel = {
        _camel(key) if key in _SCHEDULE_KEYS else key: value
        for key, value in content.items()
    }
    if len(camel) < len(content):
        return content
    details = camel.get("scheduleDetails")
    if isinstance(details, list):
        camel["scheduleDetails"] = [
            _camel_detail(detail) if isinstance(detail, dict) else detail
            for detail in details
        ]
    return camel


def _camel_detail(detail: dict[str, Any]) -> dict[str, Any]:
    camel: dict[str, Any] = {}
    for key, value in detail.items():
        if key in _MINUTES:
            camel[key] = str(value)
        else:
            camel[_camel(key) if key in _WINDOW_KEYS else key] = value
    return camel if len(camel) == len(detail) else detail
