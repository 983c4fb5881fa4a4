"""What actions answer and events tell: USER, SCHEDULE and METHOD (DESIGN §5).

Pure. What the cloud did not say is None; numbers of the cloud are words here.
"""

from datetime import UTC, datetime, tzinfo
from typing import Any

from ..api.models import AbsentUser, Lock, Profile, UnlockMethod, User
from ..api.schedule.model import DAY_MINUTES, Access, Schedule, Window
from ..api.schedule.times import Zones


def user_answer(user: User, access: Access, zones: Zones) -> dict[str, Any]:
    """Return USER."""
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
        "schedule": schedule_answer(user.schedule, zones),
        "unlock_methods": None
        if methods is None
        else [method_answer(method, user) for method in methods],
        "delivery_status": user.delivery,
    }


def schedule_answer(schedule: Schedule | None, zones: Zones) -> dict[str, Any] | None:
    """Return SCHEDULE, times in the zone of the lock."""
    if schedule is None:
        return None
    return {
        "permanent": schedule.permanent,
        "start": _moment(schedule.start, zones.default),
        "end": _moment(schedule.end, zones.default),
        "windows": [_window_answer(window) for window in schedule.windows],
        "delivery_status": schedule.delivery,
    }


def method_answer(method: UnlockMethod, holder: User | None) -> dict[str, Any]:
    """Return METHOD; without a holder it belongs to nobody."""
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


def absent_user_answer(user: AbsentUser) -> dict[str, Any]:
    """Return somebody who is gone from the home, but not from the lock."""
    return {
        "user_id": user.user_id,
        "lock_user_id": user.lock_user_id,
        "user_type": user.user_type,
    }


def profile_answer(profile: Profile) -> dict[str, Any]:
    """Return the profile of a person; weight in kg, as people say it."""
    grams = profile.weight_grams
    return {
        "sex": profile.sex,
        "birthday": profile.birthday.isoformat() if profile.birthday else None,
        "height": profile.height_cm,
        "weight": None if grams is None else grams / 1000,
        "contact": profile.contact,
    }


def lock_answer(lock: Lock, device_id: str | None) -> dict[str, Any]:
    """Return a lock of an account; `device_id` is Home Assistant's, if it has one."""
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


def _window_answer(window: Window) -> dict[str, Any]:
    return {
        "days": list(window.days),
        "start_time": _time(window.start_minute),
        "end_time": _time(window.end_minute),
        "time_zone": window.time_zone,
    }


def _time(minute: int) -> str:
    """Return HH:MM; the midnight that ends a day is 24:00."""
    return "24:00" if minute == DAY_MINUTES else f"{minute // 60:02}:{minute % 60:02}"
