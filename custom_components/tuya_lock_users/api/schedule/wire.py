"""How schedules stand in JSON: the forms they are read from, and written in.

The documents contradict each other in both directions (TUYA_API §5.1, §5.2).
"""

from enum import StrEnum
from functools import cache
from json import loads
from typing import Any, Final

from ..decoding import flag, integer, json_object, objects, text
from .model import ALL_DAYS, DAY_MINUTES, FARTHEST, Delivery, Schedule, Window

# Seconds reach this in the year 10000, milliseconds had it in 1978.
_MILLISECONDS: Final = 253_402_300_800
_MINUTES: Final = frozenset({"start_minute", "end_minute"})
_DELIVERIES: Final[dict[str, Delivery]] = {one.value: one for one in Delivery}


class ScheduleBody(StrEnum):
    """The three bodies the documents show for writing a schedule (TUYA_API §5.2)."""

    WRAPPED = "wrapped"
    FLAT = "flat"
    CAMEL = "camel"


# --- Reading


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
        mask, start, end = mask or ALL_DAYS, 0, DAY_MINUTES
    if mask is None or start is None or end is None or not 0 < mask <= 255:
        return None
    zone = text(_said(raw, "time_zone_id"))
    return Window(mask=mask, start_minute=start, end_minute=end, time_zone=zone)


# --- Writing


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
