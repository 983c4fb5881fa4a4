"""Events at the door of a lock: openings, alarms, and the doorbell.

The message stream and every form of record use the same codes and values, so both
become the same events here (docs/tuya_api.md, Reports, Alarms and Record codes).
"""

from base64 import b64decode
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
import re
from typing import Final

from .decoding import flag, integer, text
from .unlock_methods import METHOD_CODES

# Seconds have 10 digits until 2286, milliseconds 13 from 2001; other numbers are no time.
_SECONDS: Final = range(10**9, 10**10)
_MILLISECONDS: Final = range(10**12, 10**13)

# Numbers of unlock methods are below 1000; four bytes of six hold one on keypads.
_SLOT_BYTES: Final = 6
_SLOT: Final = slice(0, 4)

_HIJACKED_METHOD: Final = re.compile(r"^(unlock_[a-z_]+)-(\d{1,9})$")


class EventKind(StrEnum):
    """The kind of an event."""

    OPENED = "opened"
    ALARM = "alarm"
    DOORBELL = "doorbell"


DURESS: Final = "duress"
RING: Final = "ring"
TEMPORARY_PASSWORD: Final = "temporary_password"
OTHER: Final = "other"

_METHODS: Final[dict[str, str]] = {code: key for key, code in METHOD_CODES.items()} | {
    "unlock_telecontrol": "remote_control",
}
# Codes with a number that is not one of an unlock method of a user.
_NUMBERED: Final[dict[str, str]] = {
    "unlock_key": "key",
    "unlock_temporary": TEMPORARY_PASSWORD,
    "unlock_app": "app",
    "unlock_ble": "app",
    "unlock_phone_remote": "remote",
    "remote_unlock": "remote",
    "unlock_voice_remote": "voice",
}
# The only opening that is a boolean.
_INSIDE: Final = "open_inside"
# Codes with any number, which means nothing, or a boolean.
_UNNUMBERED: Final[dict[str, str]] = {
    "unlock_dynamic": "dynamic_password",
    "unlock_offline_pd": "offline_password",
    _INSIDE: "inside",
}
OPENED_TYPES: Final = tuple(
    dict.fromkeys(
        (*METHOD_CODES, *_NUMBERED.values(), *_UNNUMBERED.values(), OTHER),
    )
)

_ALARMS: Final[dict[str, str]] = {
    "wrong_finger": "wrong_fingerprint",
    "wrong_password": "wrong_password",
    "wrong_card": "wrong_card",
    "wrong_face": "wrong_face",
    "wrong_hand": "wrong_palm",
    "wrong_finger_vein": "wrong_finger_vein",
    "unlock_attempt": "too_many_attempts",
    "pry": "tamper",
    "tongue_bad": "jammed",
    "tongue_not_out": "bolt_not_out",
    "unclosed_time": "not_closed",
    "key_in": "key_left_in",
    "too_hot": "too_hot",
    "low_battery": "low_battery",
    "power_off": "power_off",
    "shock": "shock",
    "defense": "defense",
}
ALARM_TYPES: Final = (DURESS, *_ALARMS.values(), OTHER)

# Any other code of a report is no event.
_CODES: Final = frozenset(
    code + ending
    for code in (
        "alarm_lock",
        "hijack",
        "doorbell",
        *_METHODS,
        *_NUMBERED,
        *_UNNUMBERED,
    )
    for ending in ("", "_kit")
)

# Codes to request from the alarm log, which returns only alarms by default.
ALARM_CODES: Final = ("alarm_lock", "hijack", "doorbell")
# Codes to request from the general device records.
OPENED_CODES: Final = (*_METHODS, *_NUMBERED, *_UNNUMBERED)

# Raw reports of changes made at the lock: their layout differs by family, but each means
# that unlock methods or passwords changed.
_ADMINISTRATION: Final = re.compile(
    r"^(unlock_method_(create|delete|modify)|synch_method|update_all_\w+"
    r"|temporary_password_(creat|create|delete|modify)|password_\w+)$"
)
# What a lock reports while no synchronization takes place.
_IDLE: Final = ("synch_method", "AQA=")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockEvent:
    """One event at the door of a lock.

    `time_ms` is when the lock saw it, by the lock's own clock. `number` is that of the
    unlock method (of `method_type`) or of the temporary password, None if the
    lock reported none. `code` is that of the cloud.
    """

    kind: EventKind
    type: str
    time_ms: int
    code: str
    number: int | None = None
    method_type: str | None = None

    @property
    def method_key(self) -> tuple[str, int] | None:
        """Return the key of the unlock method on its lock."""
        if self.method_type is None or self.number is None:
            return None
        return self.method_type, self.number


def time_ms(value: object) -> int | None:
    """Return epoch milliseconds of a time in seconds or milliseconds, else None."""
    number = value if type(value) is int else integer(value) or 0
    if number in _MILLISECONDS:
        return number
    return number * 1000 if number in _SECONDS else None


def lock_event(code: str, value: object, time_ms: int) -> LockEvent | None:
    """Return the event of a report or record, None if it is not an event.

    Codes of keypads end in `_kit` and mean the same.
    """
    if code not in _CODES:  # by far the most frequent
        return None
    if code == "alarm_lock":
        return _alarm(value, time_ms)
    if code == "hijack":
        return _hijack(value, time_ms)
    if code == "doorbell":
        if flag(value) is not True:
            return None
        return LockEvent(kind=EventKind.DOORBELL, type=RING, time_ms=time_ms, code=code)
    return _opening(code, value, time_ms)


def opening_of_record(code: str, value: object, time_ms: int) -> LockEvent:
    """Return the opening of a record in a list of openings only.

    An unknown code is an opening there, too, and an unknown value has no number.
    """
    return _opening(code, value, time_ms) or LockEvent(
        kind=EventKind.OPENED,
        type=_METHODS.get(code) or _NUMBERED.get(code) or _UNNUMBERED.get(code, OTHER),
        time_ms=time_ms,
        code=code,
    )


def announces_administration(code: str, value: object) -> bool:
    """Return whether a report means that methods or passwords of the lock changed."""
    return _is_administration(code) and (code, value) != _IDLE


@lru_cache  # a lock reports few codes, but often
def _is_administration(code: str) -> bool:
    return _ADMINISTRATION.match(code) is not None


def slot(value: object) -> int | None:
    """Return the number of a value: a number, its text, or the base64 of a keypad."""
    if isinstance(value, bool):
        return None
    number = integer(value)
    if number is None and isinstance(value, str):
        try:
            raw = b64decode(value, validate=True)
        except ValueError:
            return None
        if len(raw) == _SLOT_BYTES:
            number = int.from_bytes(raw[_SLOT])
    return number if number is not None and number >= 0 else None


def _opening(code: str, value: object, time_ms: int) -> LockEvent | None:
    plain_code = code.removesuffix("_kit")
    method = _METHODS.get(code) or _METHODS.get(plain_code)
    if event_type := method or _NUMBERED.get(plain_code):
        number = slot(value)
        if number is None and value not in (True, "true"):
            return None
        return LockEvent(
            kind=EventKind.OPENED,
            type=event_type,
            time_ms=time_ms,
            code=code,
            number=number,
            method_type=method,
        )
    event_type = _UNNUMBERED.get(plain_code)
    is_number = plain_code != _INSIDE and slot(value) is not None
    if event_type is None or not (flag(value) or is_number):
        return None
    return LockEvent(kind=EventKind.OPENED, type=event_type, time_ms=time_ms, code=code)


def _alarm(value: object, time_ms: int) -> LockEvent | None:
    if isinstance(value, bool) or (word := text(value)) is None:
        return None
    return LockEvent(
        kind=EventKind.ALARM,
        type=_ALARMS.get(word, OTHER),
        time_ms=time_ms,
        code=word,
    )


def _hijack(value: object, time_ms: int) -> LockEvent | None:
    """Return the alarm of an opening under duress, from a boolean or the method used."""
    if isinstance(value, str) and (match := _HIJACKED_METHOD.match(value)):
        code, number = match.groups()
        return LockEvent(
            kind=EventKind.ALARM,
            type=DURESS,
            time_ms=time_ms,
            code="hijack",
            number=int(number),
            method_type=_METHODS.get(code.removesuffix("_kit")) or _METHODS.get(code),
        )
    if flag(value) is not True:
        return None
    return LockEvent(kind=EventKind.ALARM, type=DURESS, time_ms=time_ms, code="hijack")
