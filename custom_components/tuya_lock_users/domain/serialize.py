"""Users, schedules, and unlock methods as plain data, for responses and events.

Pure. Values the cloud does not provide are None (docs/architecture.md, Responses).
"""

from datetime import UTC, datetime, tzinfo
from typing import Any

from ..api.models import AbsentUser, Lock, User
from ..api.password_records import TemporaryPassword
from ..api.profiles import Profile
from ..api.schedule.model import DAY_MINUTES, Access, Schedule, Window
from ..api.schedule.times import Zones
from ..api.unlock_methods import UnlockMethod
from .openings import Occurrence


def serialize_user(user: User, access: Access, zones: Zones) -> dict[str, Any]:
    """Return a user with schedule and unlock methods."""
    methods = user.unlock_methods
    return {
        "user_id": user.user_id,
        "name": user.name,
        "user_type": user.user_type,
        "role": user.role,
        "lock_user_id": user.lock_user_id,
        "account_uid": user.account_uid,
        "contact": user.contact,
        "avatar_url": user.avatar_url,
        "notify_on_arrival": user.notify_on_arrival,
        "access": access,
        "schedule": serialize_schedule(user.schedule, zones),
        "unlock_methods": None
        if methods is None
        else [serialize_method(method, user) for method in methods],
        "delivery_status": user.delivery,
    }


def serialize_schedule(
    schedule: Schedule | None, zones: Zones
) -> dict[str, Any] | None:
    """Return a schedule, times in the zone of the lock; `windows` None if unknown."""
    if schedule is None:
        return None
    return {
        "permanent": schedule.permanent,
        "start": _moment(schedule.start, zones.default),
        "end": _moment(schedule.end, zones.default),
        "windows": _serialize_windows(schedule),
        "delivery_status": schedule.delivery,
    }


def serialize_method(method: UnlockMethod, holder: User | None) -> dict[str, Any]:
    """Return an unlock method; without a holder it is unassigned."""
    notify = method.notify
    return {
        "type": method.type,
        "number": method.number,
        "name": method.name,
        "unlock_id": method.unlock_id,
        "opmode_id": method.opmode_id,
        "user_id": holder.user_id if holder else None,
        "user_name": holder.name if holder else None,
        "phase": method.phase,
        "duress": method.duress,
        "admin": method.admin,
        "voice": method.voice,
        "photo": method.photo,
        "can_deallocate": method.can_deallocate,
        "delivery_status": method.delivery,
        "notify": {
            "app": notify.app if notify else None,
            "sms": notify.sms if notify else None,
            "call": notify.call if notify else None,
        },
        "channel": method.channel,
    }


def serialize_password(password: TemporaryPassword, zones: Zones) -> dict[str, Any]:
    """Return a temporary password, times in the zone of the lock; it has no PIN."""
    schedule = password.schedule
    return {
        "password_id": password.password_id,
        "name": password.name,
        "number": password.number,
        "status": password.status,
        "start": serialize_moment(schedule.start, zones),
        "end": serialize_moment(schedule.end, zones),
        "windows": _serialize_windows(schedule),
        "one_time": password.one_time,
        "delivery_status": password.delivery,
    }


def serialize_moment(seconds: int | None, zones: Zones) -> str | None:
    """Return a time in the zone of the lock, from seconds since 1970."""
    return _moment(seconds, zones.default)


def serialize_absent_user(user: AbsentUser) -> dict[str, Any]:
    """Return a former user who is still stored on the lock."""
    return {
        "user_id": user.user_id,
        "lock_user_id": user.lock_user_id,
        "user_type": user.user_type,
    }


def serialize_profile(profile: Profile) -> dict[str, Any]:
    """Return a profile, with the height in cm and the weight in kg."""
    grams = profile.weight_grams
    return {
        "sex": profile.sex,
        "birthday": profile.birthday.isoformat() if profile.birthday else None,
        "height": profile.height_cm,
        "weight": None if grams is None else grams / 1000,
        "contact": profile.contact,
    }


def serialize_occurrence(occurrence: Occurrence, zone: tzinfo) -> dict[str, Any]:
    """Return what happened at a door, at the local time of the lock."""
    return {
        "time": _moment(occurrence.time_ms // 1000, zone),
        "kind": occurrence.kind,
        "type": occurrence.type,
        "number": occurrence.number,
        "name": occurrence.name,
        "user_id": occurrence.user_id,
        "user_name": occurrence.user_name,
        "code": occurrence.code,
    }


def serialize_lock(lock: Lock, device_id: str | None) -> dict[str, Any]:
    """Return a lock; `device_id` is that of Home Assistant, if there is one."""
    return {
        "lock_id": lock.lock_id,
        "device_id": device_id,
        "name": lock.name,
        "category": lock.category,
        "product_name": lock.product_name,
        "model": lock.model,
        "online": lock.online,
        "time_zone": lock.time_zone,
        "account_uid": lock.account_uid,
    }


def _moment(seconds: int | None, zone: tzinfo) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).isoformat()


def _serialize_windows(schedule: Schedule) -> list[dict[str, Any]] | None:
    if schedule.windows is None:
        return None
    return [_serialize_window(window) for window in schedule.windows]


def _serialize_window(window: Window) -> dict[str, Any]:
    return {
        "days": list(window.days),
        "start_time": _time(window.start_minute),
        "end_time": _time(window.end_minute),
        "time_zone": window.time_zone,
    }


def _time(minute: int) -> str:
    """Return HH:MM; midnight at the end of a day is 24:00."""
    return "24:00" if minute == DAY_MINUTES else f"{minute // 60:02}:{minute % 60:02}"
