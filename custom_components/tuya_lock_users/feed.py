"""The data of the panel: projects and locks, and the changes of them."""

from datetime import datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from .coordinator.lock import LockCoordinator
from .domain.serialize import serialize_absent_user, serialize_method, serialize_user
from .domain.snapshot import LockSnapshot

type Json = dict[str, Any]

_EMPTY: Final[Json] = {
    "users": {},
    "order": [],
    "absent": None,
    "unassigned": None,
    "enrollment": None,
}


def lock_summary(
    lock: LockCoordinator,
    *,
    device: Json,
    online: bool | None,
    home_zone: tzinfo,
    now: datetime,
) -> Json:
    """Return the summary of a lock; unknown numbers are null.

    `device` contains the ID, name, and entry of the device in Home Assistant.
    """
    snapshot = lock.data if lock.has_data else None
    zone = snapshot.zones.default if snapshot else home_zone
    next_read = lock.next_read_at
    return {
        "lock_id": lock.lock_id,
        **device,
        "online": online,
        "readable": lock.last_update_success,
        "read_at": lock.last_read and lock.last_read.isoformat(),
        "next_read_at": next_read and next_read.isoformat(),
        "time_zone": zone_name(zone, now),
        "utc_offset": int(_offset(zone, now).total_seconds()) // 60,
        "disabled": not lock.is_enabled,
        "users": snapshot.user_count if snapshot else None,
        "pending": snapshot.pending_changes if snapshot else 0,
        "absent": snapshot.former_user_count if snapshot else None,
        "unassigned": snapshot.unassigned_count if snapshot else None,
    }


def lock_content(lock: LockCoordinator) -> Json:
    """Return all users and unassigned unlock methods of a lock."""
    if not lock.has_data:
        return dict(_EMPTY)
    snapshot: LockSnapshot = lock.data
    absent, unassigned = snapshot.former_users, snapshot.unassigned_methods
    return {
        "users": {
            user_id: serialize_user(user, lock.access[user_id], snapshot.zones)
            for user_id, user in snapshot.users.items()
        },
        "order": list(snapshot.users),
        "absent": None
        if absent is None
        else [serialize_absent_user(user) for user in absent],
        "unassigned": None
        if unassigned is None
        else [serialize_method(method, None) for method in unassigned],
        "enrollment": _enrollment(lock),
    }


def _enrollment(lock: LockCoordinator) -> Json | None:
    """Return what the lock waits for, and the touches that it has reported."""
    waiting = lock.enrollment.latest
    if waiting is None or not waiting.is_active:
        return None
    return {
        "user_id": waiting.user_id,
        "type": waiting.type,
        "touches_left": waiting.touches_left,
        "touches_total": waiting.touches_total,
        "lift_finger": waiting.lift_finger,
    }


def difference(sent: Json, content: Json) -> Json:
    """Return the difference from what was sent; empty for no change.

    Users are compared one by one, so that a change of one does not send all of them.
    """
    users = {
        user_id: user
        for user_id, user in content["users"].items()
        if sent["users"].get(user_id) != user
    }
    gone = [user_id for user_id in sent["users"] if user_id not in content["users"]]
    parts = {
        part: content[part]
        for part in content
        if part != "users" and content[part] != sent.get(part)
    }
    return {
        **({"users": users} if users else {}),
        **({"gone": gone} if gone else {}),
        **parts,
    }


def zone_name(zone: tzinfo, now: datetime) -> str:
    """Return the name of a time zone, or its offset such as "+08:00"."""
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone.key
    minutes = int(_offset(zone, now).total_seconds()) // 60
    hours, minutes = divmod(abs(minutes), 60)
    sign = "-" if _offset(zone, now) < timedelta() else "+"
    return f"{sign}{hours:02}:{minutes:02}"


def _offset(zone: tzinfo, now: datetime) -> timedelta:
    return now.astimezone(zone).utcoffset() or timedelta()
