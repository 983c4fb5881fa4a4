"""Temporary, dynamic and offline passwords."""

from typing import Any

from simulator import commands, paging
from simulator.families import UNIFORM_PHASES, FamilyRules, PasswordState
from simulator.lock import Lock
from simulator.model import Window
from simulator.passwords import (
    LONGEST_NAME,
    OFFLINE_KINDS,
    OfflinePassword,
    TemporaryPassword,
)
from simulator.refusals import Refusal
from simulator.request import Json, Request
from simulator.routes import endpoint
from simulator.schedules import reverse_days

DOOR = "/v1.0/devices/{device_id}/door-lock"
LAST_MINUTE = 1439
DELIVERY_NUMBERS = {"ONGOING": 1, "SUCCESS": 2, "FAILED": 3}


@endpoint("password_ticket", "POST", f"{DOOR}/password-ticket")
def password_ticket(request: Request) -> Json:
    """Return a ticket for one PIN."""
    return request.reach().passwords.issue_ticket(
        request.world.access_secret, request.now
    )


@endpoint(
    "smart_lock_ticket",
    "POST",
    "/v1.0/smart-lock/devices/{device_id}/password-ticket",
)
def smart_lock_ticket(request: Request) -> Json:
    """Return a ticket under the newer prefix."""
    return password_ticket(request)


@endpoint("add_password", "POST", f"{DOOR}/temp-password")
def add_password(request: Request) -> Json:
    """Add a temporary password with a name."""
    return _add(request, request.body_text("name"))


@endpoint(
    "add_unnamed_password", "POST", "/v2.0/devices/{device_id}/door-lock/temp-password"
)
def add_unnamed_password(request: Request) -> Json:
    """Add one without a name, as in v2.0."""
    return _add(request, "")


@endpoint("passwords", "GET", f"{DOOR}/temp-passwords")
def passwords(request: Request) -> Json:
    """List passwords; `valid=true` omits those that no longer work."""
    lock = request.reach()
    only_valid = request.call.query.get("valid", "false").lower() == "true"
    return [
        _row(one, lock, request)
        for one in lock.passwords.listed
        if not only_valid
        or (
            one.invalid_time >= request.now
            and one.state not in ("deleting", "deleted", "failed")
        )
    ]


@endpoint(
    "stand_by_passwords",
    "GET",
    "/v1.0/smart-lock/devices/{device_id}/stand-by-lock-temp-passwords",
)
def stand_by_passwords(request: Request) -> Json:
    """List the same for locks that are always connected."""
    return passwords(request)


@endpoint("password", "GET", f"{DOOR}/temp-password/{{password_id}}")
def password(request: Request) -> Json:
    """Show one password, never its PIN."""
    lock = request.reach()
    return _row(lock.passwords.find(request.parts["password_id"]), lock, request)


@endpoint(
    "modify_password", "PUT", f"{DOOR}/temp-passwords/{{password_id}}/modify-password"
)
def modify_password(request: Request) -> Json:
    """Change the times, the name, or the PIN."""
    if "password" not in request.body and request.dialect.modify_needs_pin:
        raise Refusal(1100)
    changes = _changes(request) if "effective_time" in request.body else {}
    name = request.body.get("name")
    if name is not None:
        changes["name"] = _name(request.body_text("name"))
    lock = request.reach()
    found = lock.passwords.find(request.parts["password_id"])
    if "password" in request.body:
        changes["pin"] = lock.passwords.use_ticket(
            request.body, lock.rules, request.now
        )
    lock.passwords.check(name, changes.get("pin"), lock.rules, found)
    lock.passwords.send(found, commands.send(lock), **changes)
    return True


@endpoint(
    "freeze_password", "PUT", f"{DOOR}/temp-passwords/{{password_id}}/freeze-password"
)
def freeze_password(request: Request) -> Json:
    """Freeze a password, if the family supports it."""
    return _freeze(request, frozen=True)


@endpoint(
    "unfreeze_password",
    "PUT",
    f"{DOOR}/temp-passwords/{{password_id}}/unfreeze-password",
)
def unfreeze_password(request: Request) -> Json:
    """Unfreeze a password."""
    return _freeze(request, frozen=False)


@endpoint("delete_password", "DELETE", f"{DOOR}/temp-passwords/{{password_id}}")
def delete_password(request: Request) -> Json:
    """Delete a password; its record stays."""
    lock = request.reach()
    found = lock.passwords.find(request.parts["password_id"])
    lock.passwords.send(found, commands.send(lock), state="deleted")
    return True


@endpoint("purge_password", "DELETE", f"{DOOR}/temp-passwords/{{password_id}}/record")
def purge_password(request: Request) -> Json:
    """Remove the record of a deleted password."""
    found = request.reach().passwords.find(request.parts["password_id"])
    if found.state not in ("deleting", "deleted", "failed"):
        raise Refusal(2324)
    found.purged = True
    return True


@endpoint("reset_passwords", "POST", f"{DOOR}/temp-passwords/rest-password")
def reset_passwords(request: Request) -> Json:
    """Delete all passwords; the spelling of the path is Tuya's."""
    lock = request.reach()
    for one in lock.passwords.listed:
        if one.state in ("creating", "active", "frozen"):
            lock.passwords.send(one, commands.send(lock), state="deleted")
    return True


@endpoint("issue_password", "POST", f"{DOOR}/issue-password")
def issue_password(request: Request) -> Json:
    """Send pending passwords to the lock again."""
    request.reach()
    return True


@endpoint("dynamic_password", "GET", f"{DOOR}/dynamic-password")
def dynamic_password(request: Request) -> Json:
    """Return the code of these five minutes."""
    lock = request.reach()
    if not lock.rules.dynamic:
        raise Refusal(2009)
    return {"dynamic_password": lock.passwords.dynamic(request.now)}


@endpoint(
    "add_offline_password",
    "POST",
    "/v1.1/devices/{device_id}/door-lock/offline-temp-password",
)
def add_offline_password(request: Request) -> Json:
    """Return a code that the lock computes."""
    kind, name = request.body_text("type"), request.body_text("name")
    if kind not in OFFLINE_KINDS:
        raise Refusal(1109)
    start, end = (
        request.body_number("effective_time"),
        request.body_number("invalid_time"),
    )
    lock = request.reach()
    if not lock.rules.offline:
        raise Refusal(2009)
    if kind == "clear_one":
        wanted = request.body_text("password_id")
        known = {
            one.password_id for one in lock.passwords.offline if one.kind == "multiple"
        }
        if wanted not in known:
            raise Refusal(2323)
    made = lock.passwords.add_offline(kind, name, start, end, request.now)
    return {
        "offline_temp_password_id": made.password_id,
        "offline_temp_password": made.code,
        "offline_temp_password_name": made.name,
        "effective_time": made.effective_time,
        "invalid_time": made.invalid_time,
    }


@endpoint("offline_passwords", "GET", f"{DOOR}/offline-temp-password")
def offline_passwords(request: Request) -> Json:
    """List offline codes, the codes included."""
    kinds = set(request.text("pwd_type_codes").split(","))
    wanted = [one for one in request.reach().passwords.offline if one.kind in kinds]
    return paging.page(request, wanted, lambda one: _offline_row(one, request))


# --- Shared


def _add(request: Request, name: str) -> Json:
    details = _changes(request)
    lock = request.reach()
    pin = lock.passwords.use_ticket(request.body, lock.rules, request.now)
    lock.passwords.check(name or None, pin, lock.rules)
    made = lock.passwords.add(
        commands.send(lock), name=_name(name) if name else "", pin=pin, **details
    )
    return {"id": made.password_id}


def _name(name: str) -> str:
    if len(name) > LONGEST_NAME:
        raise Refusal(1109)
    return name


def _changes(request: Request) -> dict[str, Any]:
    """Check the fields of a command and return them as fields of a password."""
    start, end = (
        request.body_number("effective_time"),
        request.body_number("invalid_time"),
    )
    if start is None or end is None:
        raise Refusal(1100)
    if start >= 10**11 or end >= 10**11 or end <= start:  # milliseconds
        raise Refusal(1101)
    if end <= request.now:
        raise Refusal(2318)
    one_time = request.body_number("type")
    if one_time not in (None, 0, 1):
        raise Refusal(1109)
    zone = request.body.get("time_zone", "")
    rows = request.body.get("schedule_list") or []
    if not isinstance(zone, str) or not isinstance(rows, list) or len(rows) > 1:
        raise Refusal(1109)
    return {
        "effective_time": start,
        "invalid_time": end,
        "one_time": one_time == 1,
        "phone": str(request.body.get("phone", "")),
        "time_zone": zone,
        "window": _window(rows[0], zone) if rows else None,
    }


def _window(row: Any, zone: str) -> Window | None:
    """Return the weekly block, which `all_day` drops."""
    if not isinstance(row, dict):
        raise Refusal(1109)
    days, start, end = (
        _whole(row.get(key))
        for key in ("working_day", "effective_time", "invalid_time")
    )
    if not (1 <= days <= 127 and 0 <= start < end <= LAST_MINUTE):
        raise Refusal(1101)
    if not zone:
        raise Refusal(1100)
    return None if row.get("all_day") else Window(days, start, end, zone)


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Refusal(1109)


def _freeze(request: Request, *, frozen: bool) -> Json:
    lock = request.reach()
    if not lock.rules.freezes:
        raise Refusal(2004)
    found = lock.passwords.find(request.parts["password_id"])
    if (found.state == "frozen") is frozen:
        raise Refusal(2324)
    lock.passwords.send(
        found, commands.send(lock), state="frozen" if frozen else "active"
    )
    return True


def _phase(state: PasswordState, rules: FamilyRules, request: Request) -> int:
    phases = (
        UNIFORM_PHASES if request.dialect.password_phases == "uniform" else rules.phases
    )
    return phases[state]


def _row(one: TemporaryPassword, lock: Lock, request: Request) -> dict[str, Json]:
    """Return a password as the wire has it."""
    status = one.delivery.status(request.now) if one.delivery else "SUCCESS"
    row: dict[str, Json] = {
        "id": one.password_id,
        "sn": one.sn,
        "name": one.name,
        "phone": one.phone,
        "phase": _phase(one.state, lock.rules, request),
        "type": int(one.one_time),
        "effective_time": one.effective_time,
        "invalid_time": one.invalid_time,
        "time_zone": one.time_zone,
        "schedule_list": [] if one.window is None else [_week(one.window, request)],
    }
    if request.dialect.password_delivery == "given":
        row["delivery_status"] = DELIVERY_NUMBERS[status]
    return row


def _week(window: Window, request: Request) -> dict[str, Json]:
    """Return the weekly block, reversed and as HHMM (docs/tuya_api.md, Weekly windows)."""
    quirky = request.dialect.password_windows == "quirky"

    def minutes(value: int) -> int:
        return value // 60 * 100 + value % 60 if quirky else value

    days = window.working_day
    return {
        "effective_time": minutes(window.start_minute),
        "invalid_time": minutes(window.end_minute),
        "working_day": reverse_days(days) if quirky else days,
        "all_day": False,
    }


def _offline_row(one: OfflinePassword, request: Request) -> dict[str, Json]:
    return {
        "pwd_id": one.password_id,
        "pwd_name": one.name,
        "pwd_type_code": one.kind,
        "gmt_start": str(one.effective_time),
        "gmt_expired": str(one.invalid_time),
        "status": 1 if one.invalid_time >= request.now else 2,
        "password": one.code,
    }
