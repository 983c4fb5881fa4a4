"""Unlock methods from enrollment to deletion (docs/tuya_api.md, Enrollment)."""

from typing import Any

from simulator import commands, wire
from simulator.enrollment import Enrollment
from simulator.lock import Lock
from simulator.model import UNLOCK_WORDS, User, unlock_word
from simulator.refusals import Refusal
from simulator.request import Json, Request
from simulator.routes import endpoint

DOOR = "/v1.0/devices/{device_id}/door-lock"
ENTRY_WORDS = frozenset({"fingerprint", "card", "password", "face", "remoteControl"})
CANCEL_WORDS = ENTRY_WORDS - {"face"}
HOME_MEMBER, LOCK_MEMBER = 1, 2


@endpoint("enroll", "PUT", f"{DOOR}/actions/entry")
def enroll(request: Request) -> Json:
    """Start waiting for a finger, a card, or a face, or accept a PIN."""
    word, user_id = request.body_text("unlock_type"), request.body_text("user_id")
    if word not in ENTRY_WORDS:
        raise Refusal(1109)
    kind = request.body_number("user_type")
    lock = request.reach()
    user = lock.user(user_id, request.dialect)
    _check_kind(lock, user, kind)
    pin = None
    if "password" in request.body:
        if word != "password" or not lock.rules.takes_pins:
            raise Refusal(1109)
        pin = lock.passwords.use_ticket(request.body, lock.rules, request.now)
    lock.start_enrollment(
        Enrollment(
            word=word,
            code=UNLOCK_WORDS[word],
            user_id=user.user_id,
            started=request.now,
            rules=lock.enrollment_rules,
            pin=pin,
        )
    )
    return True


@endpoint(
    "cancel_enrollment", "PUT", f"{DOOR}/unlock-types/{{unlock_type}}/actions/cancel"
)
def cancel_enrollment(request: Request) -> Json:
    """Stop waiting; without an enrollment, this is no error."""
    word = request.parts["unlock_type"]
    if word not in CANCEL_WORDS:
        raise Refusal(1109)
    lock = request.reach(while_busy=True)
    if lock.enrollment is not None and lock.enrollment.word == word:
        lock.end_enrollment()
        lock.messages.append({"operate": 2})
    return True


@endpoint("update_method", "PUT", f"{DOOR}/opmodes/{{unlock_sn}}")
def update_method(request: Request) -> Json:
    """Update the name, duress flag, and notification of a method."""
    code, number = request.body_text("dp_code"), request.parts["unlock_sn"]
    if not number.isdigit():
        raise Refusal(1109)
    attribute, name = (
        request.body_number("unlock_attr"),
        request.body.get("unlock_name"),
    )
    if attribute not in (None, 0, 1) or not isinstance(name, str | None):
        raise Refusal(1109)
    notify: Any = request.body.get("notify_info")
    if not isinstance(notify, dict | None):
        raise Refusal(1109)
    method = request.reach().method(code, int(number))
    if name is not None:
        method.unlock_name = name
    if request.dialect.update_method_resets:
        method.unlock_attr = attribute or 0
        method.app_send = int((notify or {}).get("app_send", 0))
    if attribute is not None:
        method.unlock_attr = attribute
    if notify is not None and "app_send" in notify:
        method.app_send = int(notify["app_send"])
    return True


@endpoint(
    "delete_method",
    "DELETE",
    f"{DOOR}/user-types/{{user_type}}/users/{{user_id}}"
    "/unlock-types/{unlock_type}/keys/{unlock_no}",
)
def delete_method(request: Request) -> Json:
    """Delete a method."""
    lock, user, word = _target(request)
    if not request.parts["unlock_no"].isdigit():
        raise Refusal(1109)
    method = lock.method(UNLOCK_WORDS[word], int(request.parts["unlock_no"]))
    if method.user_id != user.user_id:
        raise Refusal(1000)
    commands.erase(lock, method)
    return True


@endpoint(
    "assigned_keys",
    "GET",
    f"{DOOR}/user-types/{{user_type}}/users/{{user_id}}/assigned-keys",
)
def assigned_keys(request: Request) -> Json:
    """List the methods of a user, of one type or of all."""
    word = request.call.query.get("unlock_type", "")
    if word and word not in UNLOCK_WORDS:
        raise Refusal(1109)
    lock, user, _ = _target(request)
    return {
        "unlock_keys": [
            wire.unassigned(method, request.dialect)
            for method in lock.methods_of(user)
            if not word or unlock_word(method.dp_code) == word
        ]
    }


@endpoint(
    "sync_methods",
    "POST",
    "/v1.0/smart-lock/devices/{device_id}/opmodes/actions/sync",
)
def sync_methods(request: Request) -> Json:
    """Report all methods of the lock to the cloud."""
    given = (
        request.call.query.get("codes") or (request.call.body or {}).get("codes") or ""
    )
    if not isinstance(given, str) or not given:
        raise Refusal(1100)
    request.reach().report(set(given.split(",")))
    return True


def _target(request: Request) -> tuple[Lock, User, str]:
    """Return the lock, user, and type of a path of keys."""
    word = request.parts.get("unlock_type", "card")
    if request.parts["user_type"] not in ("1", "2") or word not in UNLOCK_WORDS:
        raise Refusal(1109)
    lock = request.reach()
    user = lock.user(request.user_id, request.dialect)
    _check_kind(lock, user, int(request.parts["user_type"]))
    return lock, user, word


def _check_kind(lock: Lock, user: User, kind: int | None) -> None:
    """Refuse the wrong kind of member, and accounts if the family does not support them."""
    has_account = bool(user.uid)
    if kind != (HOME_MEMBER if has_account else LOCK_MEMBER):
        raise Refusal(1109)
    if has_account and not lock.rules.accounts:
        raise Refusal(1109)
