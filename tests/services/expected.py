"""Responses of actions for the lock of these tests (docs/actions.md, Responses)."""

from typing import Any, Final

from simulator import Lock

from .calling import Answer

_TYPES: Final = {"hand": "palm", "telecontrol_kit": "remote_control"}

OF_NOBODY: Final[Answer] = {
    "unlock_id": None,
    "opmode_id": None,
    "user_id": None,
    "user_name": None,
    "phase": None,
    "admin": None,
    "voice": None,
    "photo": None,
    "can_deallocate": None,
    "delivery_status": None,
    "notify": {"app": None, "sms": None, "call": None},
}
"""What is not known of a method of nobody."""

PERMANENT: Final[Answer] = {
    "permanent": True,
    "start": None,
    "end": None,
    "windows": [],
    "delivery_status": None,
}


def serialize_method(door: Lock, code: str, number: int, **differs: Any) -> Answer:
    """Return METHOD: one of Mia's that once was nobody's, unless it differs."""
    known = door.method(code, number)
    kind = code.removeprefix("unlock_")
    return {
        "type": _TYPES.get(kind, kind),
        "number": number,
        "name": known.unlock_name,
        "unlock_id": known.unlock_id,
        "opmode_id": str(known.opmode_id),
        "user_id": "mia",
        "user_name": "Mia",
        "phase": "confirmed",
        "duress": False,
        "admin": False,
        "voice": False,
        "photo": False,
        "can_deallocate": True,
        "delivery_status": "success",
        "notify": {"app": True, "sms": None, "call": None},
        "channel": None,
        **differs,
    }


def mia_methods(door: Lock, **differs: Any) -> list[Answer]:
    """Return the methods that Mia has."""
    return [
        serialize_method(
            door, "unlock_fingerprint", 1, **{"can_deallocate": False, **differs}
        ),
        serialize_method(door, "unlock_card", 1, **differs),
        serialize_method(
            door,
            "unlock_password",
            1,
            **{"notify": {"app": True, "sms": "49-30-1", "call": None}, **differs},
        ),
    ]


def mia_answer(door: Lock, **differs: Any) -> Answer:
    """Return USER: Mia, unless she differs."""
    name = differs.get("name", "Mia")
    return {
        "user_id": "mia",
        "name": name,
        "user_type": "member",
        "role": "normal",
        "lock_user_id": 3,
        "account_uid": None,
        "contact": "mia@example.com",
        "avatar_url": None,
        "notify_on_arrival": False,
        "access": "allowed",
        "schedule": PERMANENT,
        "unlock_methods": mia_methods(door, user_name=name),
        "delivery_status": "success",
        **differs,
    }
