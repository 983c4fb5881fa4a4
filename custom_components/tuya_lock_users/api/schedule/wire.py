"""Schedules in JSON: the forms they are decoded from and encoded to.

Tuya's pages contradict each other in both directions (docs/tuya_api.md, Schedules and
Schedule bodies). A schedule with any other content is never taken as unlimited, but as
not understood (docs/architecture.md, Unknown schedules).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
import json
from typing import Any, Final

from ..decoding import flag, integer, is_blank, json_loads, text
from .model import (
    DAY_MINUTES,
    MAX_TIMESTAMP,
    Delivery,
    Schedule,
    ScheduleBody,
    Window,
    WindowKeys,
)
from .windows import PLAIN, WindowDialect, is_clock_time, plain_mask, plain_times

# The year 10000 in seconds; a larger number counts milliseconds, from 1978.
_MILLISECONDS: Final = 253_402_300_800
# The year 10000 in milliseconds; a larger number is no time, such as microseconds.
_AFTER_MILLISECONDS: Final = 1000 * _MILLISECONDS
_DELIVERIES: Final[dict[str, Delivery]] = {one.value: one for one in Delivery}

_MINUTES: Final = frozenset({"start_minute", "end_minute"})
_STATUS_KEYS: Final = frozenset({"operate", "delivery_status", "deliveryStatus"})


def camel_case(key: str) -> str:
    """Return a key in camelCase."""
    first, *others = key.split("_")
    return first + "".join(other.title() for other in others)


def _names(*keys: str, **other: str) -> dict[str, str]:
    """Return the keys by spelling: snake_case, camelCase, and others."""
    names = {key: key for key in keys} | other
    return names | {camel_case(name): key for name, key in names.items()}


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

# The keys that limit a user, wherever they are.
SCHEDULE_LIMITS: Final = (_SCHEDULE_KEYS.keys() | _WINDOW_KEYS.keys()) - {
    *_STATUS_KEYS,
    "time_zone_id",
    "timeZoneId",
}


# --- Decoding


def decode_delivery(value: object) -> Delivery | None:
    """Return the delivery, None for an unknown word."""
    return _DELIVERIES.get((text(value) or "").lower())


def decode_schedule(value: object) -> Schedule | None:
    """Return the schedule of a `time_schedule_info`, None if there is none.

    Tuya calls it an array and shows an object (docs/tuya_api.md, Users); JSON text and
    the camelCase keys of the schedule call are accepted, too. Days and minutes stay raw,
    see `corrected`. A schedule with any part that cannot be decoded is not understood.
    """
    if isinstance(value, dict) and len(value) == 1 and value.get("permanent") is True:
        return Schedule(permanent=True, raw=value)  # most users, in a tenth of the time
    raw = _parsed(value)
    if isinstance(raw, list) and len(raw) == 1 and isinstance(raw[0], dict):
        raw = raw[0]
    if is_blank(raw):
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
    start = reading.start(values)
    end = reading.end(values)
    windows = reading.windows(values.get("schedule_details"))
    delivery = decode_delivery(values.get("delivery_status"))
    operate = (text(values.get("operate")) or "").lower() or None
    is_limited = start is not None or end is not None or bool(windows)
    if permanent and windows:
        reading.unknown["schedule_details"] = None  # hours that are none
    if permanent is False and not is_limited:
        reading.unknown["permanent"] = None  # limits that are missing
    if permanent and is_limited:
        permanent = False  # it ends all the same: the stricter of the two
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
    """One schedule being decoded, and its keys that are not understood.

    `others` are values that contradict the one of another spelling of the same key.
    """

    unknown: dict[str, None] = field(default_factory=dict)
    others: dict[str, list[object]] = field(default_factory=dict)
    window_keys: WindowKeys | None = None

    def values(
        self, raw: Mapping[str, Any], names: Mapping[str, str]
    ) -> dict[str, object]:
        """Return the values by their first names, without blank ones."""
        values: dict[str, object] = {}
        for name, value in raw.items():
            if is_blank(value):
                continue
            key = names.get(name)
            if key is not None and key not in values:
                values[key] = value
            elif key is None or not _is_same(values[key], value):
                self.unknown[name] = None
                if key is not None:
                    self.others.setdefault(key, []).append(value)
        return values

    def flag(self, values: Mapping[str, object], key: str) -> bool | None:
        """Return a boolean, None if it is missing."""
        if (value := values.get(key)) is None:
            return None
        found = None if isinstance(value, int) and value not in (0, 1) else flag(value)
        if found is None:
            self.unknown[key] = None
        return found

    def start(self, values: Mapping[str, object]) -> int | None:
        """Return the start, the latest one if there are several."""
        return max(self._times(values, "effective_time"), default=None)

    def end(self, values: Mapping[str, object]) -> int | None:
        """Return the end, the earliest one if there are several."""
        return min(self._times(values, "expired_time"), default=None)

    def _times(self, values: Mapping[str, object], key: str) -> list[int]:
        if key not in values:
            return []
        given = [values[key], *self.others.get(key, ())]
        times = [self._seconds(key, value) for value in given]
        return [time for time in times if time is not None]

    def _seconds(self, key: str, value: object) -> int | None:
        """Return seconds since 1970, also from milliseconds."""
        time = _number(value)
        if time is None or not 0 <= time < _AFTER_MILLISECONDS:
            self.unknown[key] = None
            return None
        if time == 0:
            return None
        return min(time // 1000 if time >= _MILLISECONDS else time, MAX_TIMESTAMP)

    def windows(self, value: object) -> tuple[Window, ...]:
        """Return the windows that can be decoded."""
        details = _parsed(value)
        if is_blank(details):
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
        """Return the window of one detail, None if it cannot be decoded.

        It is unknown when hours without any day apply.
        """
        values = self.values(raw, _WINDOW_KEYS)
        if self.window_keys is not WindowKeys.MINUTES:
            is_times = not _TIMES_KEYS.isdisjoint(raw)
            self.window_keys = WindowKeys.TIMES if is_times else WindowKeys.MINUTES
        mask = _number(values.get("working_day"))
        start = _number(values.get("start_minute"))
        end = _number(values.get("end_minute"))
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


# The end of the day beside `all_day`, in minutes or as clock time.
_ENDS_OF_DAY: Final = frozenset({0, DAY_MINUTES - 1, DAY_MINUTES, 2359, 2400})


def _parsed(value: object) -> object:
    """Return decoded JSON text, and any other value as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json_loads(value)
    except ValueError, RecursionError:
        return value


def _number(value: object) -> int | None:
    """Return a whole number, None for what only looks like one.

    "0900" is a time, "0000011" shows a week day by day, and true is no number.
    """
    if isinstance(value, bool):
        return None
    is_padded = isinstance(value, str) and len(value) > 1 and value[0] == "0"
    return None if is_padded else integer(value)


def _is_same(first: object, second: object) -> bool:
    """Return whether the values of two spellings of one key agree."""
    if first is second or first == second:
        return True
    number = integer(first)
    return number is not None and number == integer(second)


def _content(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a schedule, without its delivery."""
    return {key: value for key, value in raw.items() if key not in _STATUS_KEYS}


def _content_text(raw: object) -> str:
    """Return the content of a schedule as comparable text.

    Numbers and JSON as text, blank values, and the order of keys and lists make no
    difference, unless it is nested too deeply.
    """
    content = _content(raw) if isinstance(raw, dict) else raw
    try:
        return _comparable(content)
    except RecursionError:
        return json.dumps(content, sort_keys=True)


def _comparable(value: object) -> str:
    value = _parsed(value)
    if isinstance(value, dict):
        items = sorted(
            f"{json.dumps(key)}:{_comparable(item)}"
            for key, item in value.items()
            if not is_blank(item)
        )
        return f"{{{','.join(items)}}}"
    if isinstance(value, list):
        return f"[{','.join(sorted(map(_comparable, value)))}]"
    number = integer(value)
    return json.dumps(value if number is None else number)


# --- Encoding


def encode_schedule(
    schedule: Schedule,
    body: ScheduleBody,
    *,
    time_zone: str | None,
    dialect: WindowDialect = PLAIN,
) -> dict[str, Any]:
    """Return the body that writes a schedule (docs/tuya_api.md, Schedule bodies).

    Args:
        schedule: What to write. A decoded schedule is written as received, including
            unknown keys and values, but with normalized days and minutes.
        body: The documented body that the lock accepts.
        time_zone: The zone of windows without one, if known.
        dialect: How the lock returns windows, and their keys.
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
    """Return the details, with the days of equal hours merged.

    Some locks accept only one detail, and `all_day` makes the cloud drop the days, so a
    whole day is sent as minutes (docs/tuya_api.md, Weekly windows).
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
    """Return the content of a decoded schedule, to be written as it was.

    Reversed days and clock times are normalized, so that the lock returns them as they
    were.
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
        normalized = [
            _normalized(row, dialect) if isinstance(row, dict) else row for row in rows
        ]
        if normalized != rows:
            plain = normalized if isinstance(details, list) else normalized[0]
            content[name] = json.dumps(plain) if isinstance(value, str) else plain
    return content


def _normalized(row: dict[str, Any], dialect: WindowDialect) -> dict[str, Any]:
    """Return a detail with normalized days and minutes."""
    values: dict[str, int] = {}
    for name, value in row.items():
        key = _WINDOW_KEYS.get(name)
        if key is not None and (number := integer(value)) is not None:
            values[key] = number
    normalized: dict[str, int] = {}
    if "working_day" in values:
        normalized["working_day"] = plain_mask(values["working_day"], dialect)
    if "start_minute" in values and "end_minute" in values:
        hours = values["start_minute"], values["end_minute"]
        normalized["start_minute"], normalized["end_minute"] = plain_times(
            *hours, dialect
        )
    return {
        name: value
        if (number := normalized.get(_WINDOW_KEYS.get(name, "")))
        in (None, integer(value))
        else str(number)
        if isinstance(value, str)
        else number
        for name, value in row.items()
    }


def _camel_content(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content as in the sample: camelCase, but minutes as text in snake_case.

    Content with a key in both spellings stays as it is, so that none is lost.
    """
    camel = {
        camel_case(key) if key in _SCHEDULE_KEYS else key: value
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
            camel[camel_case(key) if key in _WINDOW_KEYS else key] = value
    return camel if len(camel) == len(detail) else detail
