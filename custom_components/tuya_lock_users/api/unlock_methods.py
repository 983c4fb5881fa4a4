"""Unlock methods as frozen values, and the codes of their types."""

# ruff: noqa: RUF009  (wire is a call of dataclasses.field)

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
import logging
from typing import Any, Final

from mashumaro.codecs import BasicDecoder

from .decoding import decoder, flag, integer, json_object, objects, required, text, wire
from .schedule.model import Delivery
from .schedule.wire import decode_delivery

_LOGGER = logging.getLogger(__name__)


class Phase(StrEnum):
    """The phase of an unlock method (docs/tuya_api.md, Phases)."""

    CONFIRMED = "confirmed"
    TO_BE_CONFIRMED = "to_be_confirmed"
    FROZEN = "frozen"
    TO_BE_FROZEN = "to_be_frozen"
    TO_BE_UNFROZEN = "to_be_unfrozen"
    TO_BE_RESET = "to_be_reset"
    CREATION_FAILED = "creation_failed"
    DELETED = "deleted"
    TO_BE_DELETED = "to_be_deleted"
    TO_BE_CREATED = "to_be_created"


PENDING_PHASES: Final = frozenset(
    {
        Phase.TO_BE_CONFIRMED,
        Phase.TO_BE_FROZEN,
        Phase.TO_BE_UNFROZEN,
        Phase.TO_BE_RESET,
        Phase.TO_BE_DELETED,
        Phase.TO_BE_CREATED,
    }
)

# The types of unlock methods and their codes (docs/tuya_api.md, Unlock method types).
METHOD_CODES: Final[dict[str, str]] = {
    "fingerprint": "unlock_fingerprint",
    "card": "unlock_card",
    "password": "unlock_password",
    "face": "unlock_face",
    "palm": "unlock_hand",
    "finger_vein": "unlock_finger_vein",
    "remote_control": "unlock_telecontrol_kit",
    "iris": "unlock_eye",
}
_TYPE_RANKS: Final = {key: rank for rank, key in enumerate(METHOD_CODES)}
# The users call lists these types; the other two are only in the method details.
LISTED_TYPES: Final = tuple(METHOD_CODES)[:6]

# The words of the key calls where they differ from the types: the first one is
# documented, the others are inferred (docs/tuya_api.md, Unlock method types).
_METHOD_WORDS: Final[dict[str, str]] = {
    "remote_control": "remoteControl",
    "palm": "hand",
    "finger_vein": "fingerVein",
    "iris": "eye",
}

_TYPES: Final[dict[str, str]] = {
    name: method_type
    for names in (METHOD_CODES, _METHOD_WORDS)
    for method_type, name in names.items()
}

# The numbers are the positions in the enumeration, from 1.
_PHASES: Final[dict[int, Phase]] = dict(enumerate(Phase, start=1))


def _phase(value: object) -> Phase | None:
    return _PHASES.get(integer(value) or 0)


def _channel(value: object) -> int | None:
    """Return the channel of a lock with several; -1 means no channel."""
    return None if (number := integer(value)) == -1 else number


def method_type(value: object) -> str | None:
    """Return the type for a code; an unknown code stays as it is."""
    if isinstance(value, str) and (known := _TYPES.get(value)):
        return known
    code = text(value)
    return None if code is None else _TYPES.get(code, code)


def method_code(method_type: str) -> str:
    """Return the code for a type."""
    return METHOD_CODES.get(method_type, method_type)


def method_word(method_type: str) -> str:
    """Return the word of the key calls for a type."""
    return _METHOD_WORDS.get(method_type, method_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """The notifications when a method is used (docs/tuya_api.md, Unlock methods)."""

    app: bool | None = wire("app_send", flag, default=None)
    sms: str | None = wire("msg_phone", text, default=None)
    call: str | None = wire("voice_phone", text, default=None)


def _notify(value: object) -> Notify | None:
    record = json_object(value)
    return None if record is None else _notify_decoder()(record)


@cache
def _notify_decoder() -> Callable[[dict[str, Any]], Notify]:
    return BasicDecoder(Notify).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockMethod:
    """One fingerprint, card, password, or face: a type and a number on its lock.

    The users call provides `admin` and `photo`; the method details provide phase,
    delivery, voice, notifications, channel, and whether it can be deallocated.
    """

    type: str = wire("dp_code", required(method_type))
    number: int = wire("unlock_sn", required(integer))
    name: str | None = wire("unlock_name", text, default=None)
    unlock_id: str | None = wire("unlock_id", text, default=None)
    opmode_id: str | None = wire("opmode_id", text, default=None)
    user_id: str | None = wire("user_id", text, default=None)
    phase: Phase | None = wire("phase", _phase, default=None)
    duress: bool | None = wire("unlock_attr", flag, default=None)
    admin: bool | None = wire("admin", flag, default=None)
    voice: bool | None = wire("voice_attr", flag, default=None)
    photo: bool | None = wire("photo_unlock", flag, default=None)
    can_deallocate: bool | None = wire("allocate_flag", flag, default=None)
    delivery: Delivery | None = wire("delivery_status", decode_delivery, default=None)
    notify: Notify | None = wire("notify_info", _notify, default=None)
    channel: int | None = wire("channel_id", _channel, default=None)

    @property
    def key(self) -> tuple[str, int]:
        """Return what identifies the method on its lock."""
        return self.type, self.number

    @property
    def progress(self) -> Delivery | None:
        """Return the delivery of the last change, derived from the phase if missing."""
        if self.delivery is not None:
            return self.delivery
        if self.phase is Phase.CREATION_FAILED:
            return Delivery.FAILED
        return Delivery.ONGOING if self.phase in PENDING_PHASES else None

    @property
    def is_pending(self) -> bool:
        """Return whether the lock has not applied a change yet."""
        return self.progress is Delivery.ONGOING

    def with_details(self, details: UnlockMethod) -> UnlockMethod:
        """Return this method with its details."""
        return replace(
            details,
            name=details.name or self.name,
            unlock_id=details.unlock_id or self.unlock_id,
            opmode_id=details.opmode_id or self.opmode_id,
            duress=self.duress if details.duress is None else details.duress,
            admin=self.admin,
            photo=self.photo,
        )


def unlock_detail(value: object) -> tuple[UnlockMethod, ...] | None:
    """Return the methods of a user record, each only once; None if it has no list.

    These are most of the data of a poll, and decoding them by hand is twice as fast.
    """
    if not isinstance(value, list):
        return None
    found: dict[tuple[str, int], UnlockMethod] = {}
    for detail in objects(value):
        code = method_type(detail.get("dp_code"))
        for row in objects(detail.get("unlock_list")):
            number = integer(row.get("unlock_sn"))
            if code is None or number is None:
                _LOGGER.debug("Ignored an unlock method without code or number")
            elif (code, number) not in found:
                found[code, number] = UnlockMethod(
                    type=code,
                    number=number,
                    name=text(row.get("unlock_name")),
                    unlock_id=text(row.get("unlock_id")),
                    opmode_id=text(row.get("op_mode_id", row.get("opmode_id"))),
                    duress=flag(row.get("unlock_attr")),
                    admin=flag(row.get("admin")),
                    photo=flag(row.get("photo_unlock")),
                )
    return sorted_methods(found.values())


def sorted_methods(methods: Iterable[UnlockMethod]) -> tuple[UnlockMethod, ...]:
    """Return methods by type and number: the order of the cloud is meaningless."""
    return tuple(sorted(methods, key=_method_order))


def _method_order(method: UnlockMethod) -> tuple[int, str, int]:
    rank = _TYPE_RANKS.get(method.type, len(_TYPE_RANKS))
    return rank, method.type, method.number


decode_method: Final = decoder(UnlockMethod)
