"""The records of the state on the wire, in every dialect."""

from collections.abc import Iterable
import json

from . import schedules
from .dialects import Dialect
from .model import OWNER, Device, Method, Schedule, User, unlock_word
from .request import Json

UNHEARD = 77
"""An undocumented number, for the dialect of unknown values."""

SPARSE_USER = (
    "avatar_url",
    "lock_user_id",
    "nick_name",
    "user_contact",
    "user_id",
    "user_type",
)
"""The keys of a user in the sample of user v1.1."""


def user_id(value: str, dialect: Dialect) -> Json:
    """Return a user id as text or number; an alphanumeric one can only be text."""
    return int(value) if dialect.user_ids == "number" and value.isdigit() else value


def name(value: str | None, dialect: Dialect) -> str | None:
    """Return a name, unless the lock does not return names."""
    return {"given": value, "empty": "", "null": None}[dialect.names]


def user_type(user: User, dialect: Dialect) -> int:
    """Return the user type; that of the owner is always known."""
    return (
        UNHEARD
        if dialect.unknown_values and user.user_type != OWNER
        else user.user_type
    )


def user(person: User, dialect: Dialect, now: float) -> dict[str, Json]:
    """Return a user as users v1.1 and user v1.1 show them (docs/tuya_api.md, Users)."""
    avatar_url = person.avatar_url
    if avatar_url and dialect.signed_pictures:
        avatar_url += f"?q-sign-time={now:.3f}&q-signature={hash(now) & 0xFFFF:04x}"
    record: dict[str, Json] = {
        "avatar_url": avatar_url,
        "back_home_notify_attr": person.back_home_notify_attr,
        "effective_flag": _effective_flag(person, dialect, now),
        "lock_user_id": person.lock_user_id,
        "nick_name": name(person.nick_name, dialect),
        "user_contact": person.user_contact,
        "user_id": user_id(person.user_id, dialect),
        "user_type": user_type(person, dialect),
        "uid": person.uid,
    }
    if dialect.effective_flags == "missing":
        del record["effective_flag"]
    record |= _schedule(person, dialect, now)
    if dialect.user_records == "sparse":
        return {key: record[key] for key in SPARSE_USER}
    return record


def _effective_flag(person: User, dialect: Dialect, now: float) -> int:
    """Return the effective flag of a user (docs/tuya_api.md, Effective flag)."""
    if dialect.effective_flags == "zero":
        return 0
    if person.effective_flag is not None:
        return person.effective_flag
    flag = person.schedule.effective_flag(now)
    if dialect.effective_flag_hours and flag == 1:
        return int(person.schedule.is_within_hours(now, "UTC"))
    return flag if flag < 2 or dialect.effective_flag_2 else 0


def user_with_methods(
    person: User,
    methods: Iterable[Method],
    codes: Iterable[str],
    dialect: Dialect,
    now: float,
) -> dict[str, Json]:
    """Return a user as the smart-lock users call shows them (no. 1).

    Only requested codes with methods appear.
    """
    held = list(methods)
    details = []
    for code in codes:
        group = [m for m in held if m.dp_code == code]
        if group:
            rows = [_unlock_row(method, dialect) for method in group]
            shown = "unlock_nose" if dialect.unknown_values else code
            details.append({"dp_code": shown, "count": len(rows), "unlock_list": rows})
    return user(person, dialect, now) | {"unlock_detail": details}


def profile(person: User, device_id: str, dialect: Dialect) -> dict[str, Json]:
    """Return a user as the v1.0 calls show them (nos. 10, 12)."""
    record: dict[str, Json] = {
        "device_id": device_id,
        "nick_name": name(person.nick_name, dialect),
        "sex": person.sex,
        "birthday": person.birthday,
        "height": person.height,
        "weight": person.weight,
        "contact": person.user_contact,
    }
    if dialect.v10_user_ids:
        record["user_id"] = user_id(person.user_id, dialect)
    return record


def absent(person: User, dialect: Dialect) -> dict[str, Json]:
    """Return an absent user (no. 4)."""
    return {
        "user_id": user_id(person.user_id, dialect),
        "user_type": user_type(person, dialect),
        "lock_user_id": person.lock_user_id,
    }


def opmode(
    method: Method, holder: User, dialect: Dialect, now: float
) -> dict[str, Json]:
    """Return a method as opmodes shows it (no. 3).

    The full record has the keys of both documents; the sparse one those of the sample
    of the newer.
    """
    flag: Json = method.allocate_flag
    record: dict[str, Json] = {
        "allocate_flag": bool(flag) if dialect.allocate_flag == "boolean" else flag,
        "unlock_name": name(method.unlock_name, dialect),
        "user_name": name(holder.nick_name, dialect),
        "unlock_sn": _serial(method.unlock_sn, dialect),
        "unlock_attr": method.unlock_attr,
        "voice_attr": method.voice_attr,
        "user_type": user_type(holder, dialect),
        "user_id": user_id(holder.user_id, dialect),
        "dp_code": "unlock_nose" if dialect.unknown_values else method.dp_code,
        "channel_id": method.channel_id,
        "lock_user_id": holder.lock_user_id,
    }
    if dialect.opmode_records == "full":
        status = method.delivery.status(now) if method.delivery else "SUCCESS"
        record |= {
            "opmode_id": str(method.opmode_id),
            "unlock_id": method.unlock_id,
            "uid": holder.uid,
            "user_time_set": _time_set(holder.schedule),
            "phase": UNHEARD if dialect.unknown_values else method.phase,
            "operate": method.operate,
            "delivery_status": "PARTIAL" if dialect.unknown_values else status,
            "notify_info": _notify_info(method, dialect),
        }
    return record


def unassigned(method: Method, dialect: Dialect) -> dict[str, Json]:
    """Return an unassigned method (docs/tuya_api.md, Unassigned unlock methods)."""
    return {
        "unlock_no": _serial(method.unlock_sn, dialect),
        "unlock_type": unlock_word(method.dp_code),
        "hijack": bool(method.unlock_attr),
    }


def device(thing: Device) -> dict[str, Json]:
    """Return a device of an account, its secret key included (no. 17)."""
    return {
        "active_time": thing.active_time,
        "category": thing.category,
        "icon": f"smart/program_category_icon/{thing.category}.png",
        "id": thing.device_id,
        "ip": thing.ip,
        "lat": thing.lat,
        "local_key": thing.local_key,
        "lon": thing.lon,
        "model": thing.model,
        "name": thing.name,
        "online": thing.online,
        "owner_id": thing.owner_id,
        "product_id": thing.product_id,
        "product_name": thing.product_name,
        "sub": thing.sub,
        "time_zone": thing.time_zone,
        "uid": thing.account_uid,
        "uuid": f"uuid{thing.device_id}",
    }


def unsteady(value: Json, *, turned: bool) -> Json:
    """Return an equivalent result: every other one is reversed.

    Lists and keys are in the opposite order, and numbers are text.
    """
    if not turned:
        return value
    match value:
        case dict():
            return {
                key: unsteady(item, turned=True)
                for key, item in reversed(value.items())
            }
        case list():
            return [unsteady(item, turned=True) for item in reversed(value)]
        case bool():
            return value
        case int():
            return str(value)
    return value


def _schedule(person: User, dialect: Dialect, now: float) -> dict[str, Json]:
    """Return the schedule under its key, unless the lock leaves the key out."""
    key = "time_schedule_info"
    match dialect.schedule_info:
        case "missing":
            return {}
        case "null":
            return {key: None}
        case "array":
            return {key: [schedules.info(person.schedule, dialect, now)]}
        case "object":
            return {key: schedules.info(person.schedule, dialect, now)}


def _unlock_row(method: Method, dialect: Dialect) -> dict[str, Json]:
    """Return one row of ``unlock_list``."""
    number: Json = method.opmode_id
    return {
        "unlock_id": method.unlock_id,
        "unlock_sn": _serial(method.unlock_sn, dialect),
        "unlock_name": name(method.unlock_name, dialect),
        "unlock_attr": method.unlock_attr,
        "op_mode_id": str(number) if dialect.op_mode_ids == "string" else number,
        "photo_unlock": method.photo_unlock,
        "admin": method.admin,
    }


def _serial(value: int, dialect: Dialect) -> Json:
    """Return a serial number as number or text."""
    return str(value) if dialect.serials == "string" else value


def _notify_info(method: Method, dialect: Dialect) -> Json:
    """Return the notifications of a method."""
    send: Json = method.app_send
    info: dict[str, Json] = {
        "app_send": bool(send) if dialect.app_send == "boolean" else send
    }
    if method.msg_phone is not None:
        info["msg_phone"] = method.msg_phone
    if method.voice_phone is not None:
        info["voice_phone"] = method.voice_phone
    return json.dumps(info) if dialect.notify_info == "json" else info


def _time_set(schedule: Schedule) -> str:
    """Return ``user_time_set``: start and end, big-endian, nine bytes of zero.

    The times of a permanent user are those of the sample. The meaning of the last bytes
    is unknown (docs/tuya_api.md, Unlock methods).
    """
    start, end = 0x386CD300, 0x72BC9B7F
    if not schedule.permanent:
        start, end = schedule.effective_time, schedule.expired_time
    return f"{start & 0xFFFFFFFF:08x}{end & 0xFFFFFFFF:08x}{'00' * 9}"
