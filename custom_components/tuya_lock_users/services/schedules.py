"""Handlers of the actions about schedules, and the conversion of their fields."""

from dataclasses import replace
from datetime import datetime, time
from typing import Any, Final

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.util import dt as dt_util

from ..api.models import User
from ..api.schedule.model import (
    DAY_MINUTES,
    MAX_TIMESTAMP,
    Schedule,
    Window,
    same_effect,
    window,
)
from ..commands.schedules import async_resume, async_set_schedule, async_suspend
from ..commands.verify import WAIT_SECONDS
from ..coordinator.lock import LockCoordinator
from ..coordinator.time_zones import async_get_time_zone
from ..domain.serialize import serialize_schedule
from ..domain.snapshot import LockSnapshot
from ..errors import not_possible
from .schemas import (
    ATTR_DAYS,
    ATTR_END,
    ATTR_END_TIME,
    ATTR_PERMANENT,
    ATTR_START,
    ATTR_START_TIME,
    ATTR_TIME_ZONE,
    ATTR_WAIT,
    ATTR_WINDOWS,
)
from .targets import async_get_non_owner

# The last moment of any lock (docs/architecture.md, Limits of a schedule).
LAST_DAY: Final = (2037, 12, 31, 23, 59, 59)

_LIMITS: Final = (ATTR_START, ATTR_END, ATTR_WINDOWS)


async def async_handle_set_user_schedule(call: ServiceCall) -> ServiceResponse:
    """Set the schedule of a user."""
    lock, user = await async_get_non_owner(call)
    schedule = await async_get_schedule(call.data, lock.data)
    _check_replaces(call.data, user)
    wait = call.data.get(ATTR_WAIT, WAIT_SECONDS)
    return _response(lock, await async_set_schedule(lock, user, schedule, wait))


async def async_handle_suspend_user(call: ServiceCall) -> ServiceResponse:
    """Temporarily remove a user's access."""
    lock, user = await async_get_non_owner(call)
    wait = call.data.get(ATTR_WAIT, WAIT_SECONDS)
    return _response(lock, await async_suspend(lock, user, wait))


async def async_handle_resume_user(call: ServiceCall) -> ServiceResponse:
    """Restore a suspended user's access."""
    lock, user = await async_get_non_owner(call)
    wait = call.data.get(ATTR_WAIT, WAIT_SECONDS)
    return _response(lock, await async_resume(lock, user, wait))


def _response(lock: LockCoordinator, user: User) -> ServiceResponse:
    return {"schedule": serialize_schedule(user.schedule, lock.data.zones)}


async def async_get_schedule(data: dict[str, Any], snapshot: LockSnapshot) -> Schedule:
    """Return the schedule of an action. Raise ServiceValidationError for invalid fields."""
    if data.get(ATTR_PERMANENT):
        if any(key in data for key in (*_LIMITS, ATTR_TIME_ZONE)):
            raise not_possible("permanent_alone")
        return Schedule(permanent=True)
    if not any(key in data for key in (ATTR_PERMANENT, *_LIMITS)):
        raise not_possible("schedule_required")
    if (name := data.get(ATTR_TIME_ZONE)) is not None:
        await _async_check_zone(name)
    zone = snapshot.zones.default
    today = (
        dt_util.utcnow().astimezone(zone).replace(hour=0, minute=0, second=0, fold=0)
    )
    start = _seconds(data.get(ATTR_START) or today)
    end = _seconds(data.get(ATTR_END) or datetime(*LAST_DAY, tzinfo=zone))
    if end <= start:
        raise not_possible("end_before_start")
    schedule = Schedule(
        permanent=False,
        start=start,
        end=end,
        windows=await _async_windows(data, name),
    )
    without_windows = Schedule(permanent=False, start=start, end=end)
    # Windows that cover all hours are left out: fewer locks understand them.
    return without_windows if same_effect(schedule, without_windows) else schedule


def _check_replaces(data: dict[str, Any], user: User) -> None:
    """Raise if hours that are not understood would be dropped silently.

    Permanent access and weekly windows replace them intentionally; a start or an end
    alone may not, since the hours are not visible.
    """
    if user.schedule is None or user.schedule.is_understood:
        return
    if not data.get(ATTR_PERMANENT) and ATTR_WINDOWS not in data:
        raise not_possible("schedule_not_understood", user=user.name or user.user_id)


def _seconds(moment: datetime) -> int:
    """Return seconds since 1970; without a zone, in Home Assistant's time zone.

    The result is limited to the range of a lock, in which 0 means no time.
    """
    return min(max(int(dt_util.as_utc(moment).timestamp()), 1), MAX_TIMESTAMP)


async def _async_check_zone(name: str) -> None:
    if await async_get_time_zone(name) is None:
        raise not_possible("unknown_time_zone", time_zone=name)


async def _async_windows(
    data: dict[str, Any], zone_name: str | None
) -> tuple[Window, ...]:
    """Return the weekly windows, one for each row."""
    if ATTR_WINDOWS not in data:
        return ()
    if not data[ATTR_WINDOWS]:
        raise not_possible("no_windows")
    windows: list[Window] = []
    for row in data[ATTR_WINDOWS]:
        if not row[ATTR_DAYS]:
            raise not_possible("window_without_day")
        start = _minute(row[ATTR_START_TIME])
        end = _minute(row[ATTR_END_TIME]) or DAY_MINUTES
        if end <= start:
            raise not_possible("window_ends_before_start")
        if name := row.get(ATTR_TIME_ZONE):
            await _async_check_zone(name)
        windows.append(window(row[ATTR_DAYS], start, end, name or zone_name))
    return tuple(windows)


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


async def async_get_password_limits(
    data: dict[str, Any], lock: LockCoordinator
) -> tuple[int | None, int | None, tuple[Window, ...] | None, str]:
    """Return start, end, window, and zone of a temporary password, None if left out.

    The window names the zone: that of the action, else that of the lock.
    """
    zone = data.get(ATTR_TIME_ZONE)
    if zone is not None:
        await _async_check_zone(zone)
    zone = zone or lock.data.time_zone_name or lock.hass.config.time_zone
    windows = None
    if ATTR_WINDOWS in data:
        windows = await _async_windows(data, zone)
        if len(windows) > 1:
            raise not_possible("one_window_only")
        zone = windows[0].time_zone or zone
        everything = Schedule(permanent=False, windows=windows)
        if same_effect(everything, replace(everything, windows=())):
            windows = ()
    start, end = data.get(ATTR_START), data.get(ATTR_END)
    return start and _seconds(start), end and _seconds(end), windows, zone
