"""The message stream's frames, decoded to typed messages.

There are two families of messages (docs/tuya_api.md, Messages). A project whose rules
contain both receives each report twice; both become the same types here. Tuya can add
kinds and keys at any time, so unknown ones have a type of their own.
"""

from binascii import a2b_base64
from dataclasses import dataclass, field
import json
from typing import Any, Final

import orjson

from .decoding import flag, integer, json_loads, json_object, text
from .encryption import DecryptionError, MessageCipher
from .lock_events import time_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame of the socket: an ID to acknowledge, and an encrypted payload.

    `mode` is the property `em`, which names the cipher. Frames without a payload or an
    ID contain no message and are ignored.
    """

    message_id: str | None
    payload: str | None = field(default=None, repr=False)
    mode: str | None = None

    @property
    def acknowledgement(self) -> str:
        """Return the acknowledgement, without which the message is delivered again."""
        answer = {"messageId": self.message_id}
        try:
            return orjson.dumps(answer).decode()
        except TypeError:  # half of a surrogate pair
            return json.dumps(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One value of a device. `time_ms` is when the device saw it change.

    The value is not part of the representation: some locks report codes of passwords.
    """

    code: str
    value: Any = field(repr=False)
    time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyReport:
    """Values that a device reports together."""

    device_id: str
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEvent:
    """An event of a device model, with parameters that differ by product."""

    device_id: str
    event: str
    parameters: dict[str, Any] = field(repr=False)
    time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionChange:
    """A device went online or offline."""

    device_id: str
    online: bool
    time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceListChange:
    """A device was renamed, bound, moved, or deleted, so the list is outdated."""

    device_id: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentProgress:
    """The progress of the enrollment of an unlock method, or of its deletion.

    `touches_total` is sent once, at the start, and `touches_left` afterwards.
    `is_finished` does not mean that it succeeded: the unlock methods decide.
    """

    device_id: str
    is_deletion: bool
    is_cancelled: bool
    is_finished: bool
    touches_total: int | None
    touches_left: int | None
    lift_finger: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice about the stream itself, such as a backlog."""

    kind: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownMessage:
    """A message of an unused kind."""

    kind: str | None
    device_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableMessage:
    """A message that could not be decrypted or decoded; `reason` reveals none of it."""

    reason: str


type Message = (
    PropertyReport
    | DeviceEvent
    | ConnectionChange
    | DeviceListChange
    | EnrollmentProgress
    | Notice
    | UnknownMessage
    | UnreadableMessage
)

_ONLINE: Final = {
    "online": True,
    "deviceOnline": True,
    "offline": False,
    "deviceOffline": False,
}
_LIST_CHANGES: Final = frozenset(
    {
        "bindUser",
        "delete",
        "deviceBindSpace",
        "deviceDelete",
        "deviceFreeze",
        "deviceNameUpdate",
        "deviceTransfer",
        "deviceUnbindSpace",
        "deviceUnFreeze",
        "nameUpdate",
    }
)
_CANCELLED: Final = 2
_DELETION: Final = "unlockMethodDelete"


def decode_frame(data: str | bytes) -> Frame | None:
    """Return the frame, None for any other text."""
    try:
        record = json_loads(data)
    except ValueError:
        return None
    if not isinstance(record, dict):
        return None
    # The ID is returned unchanged, so it is not sanitized like other texts.
    message_id, payload = record.get("messageId"), record.get("payload")
    properties = record.get("properties")
    mode = properties.get("em") if isinstance(properties, dict) else None
    return Frame(
        message_id=message_id if isinstance(message_id, str) else None,
        payload=payload if isinstance(payload, str) else None,
        mode=mode if isinstance(mode, str) else None,
    )


def decode_message(frame: Frame, cipher: MessageCipher) -> Message | None:
    """Return the message of a frame, None without a payload."""
    if not frame.payload:
        return None
    try:
        envelope = json_object(json_loads(a2b_base64(frame.payload)))
        if envelope is None or not isinstance(data := envelope.get("data"), str):
            return UnreadableMessage(reason="no data in the envelope")
        body = json_object(json_loads(cipher.decrypt(data, frame.mode)))
    except DecryptionError as err:
        return UnreadableMessage(reason=str(err))
    except ValueError:
        return UnreadableMessage(reason="no JSON where it belongs")
    if body is None:
        return UnreadableMessage(reason="no object where one belongs")
    return _message(body, envelope)


def _message(body: dict[str, Any], envelope: dict[str, Any]) -> Message:
    """Return the message of a decrypted body.

    The newer family nests its content in `bizData`, the older one does not, but there
    are exceptions to both.
    """
    nested = json_object(body.get("bizData"))
    details = body if nested is None else {**body, **nested}
    device_id = text(details.get("devId")) or text(body.get("devId"))
    records = details.get("properties") or details.get("status")
    if isinstance(records, str):
        records = _json_list(records)
    if device_id is not None and isinstance(records, list):
        reports = _reports(records, body, envelope)
        return PropertyReport(device_id=device_id, reports=reports)
    kind = text(body.get("bizCode")) or text(details.get("bizCode"))
    if device_id is None:
        if kind == "HighPriorityNotice":
            return Notice(kind=text(details.get("eventType")))
        return UnknownMessage(kind=kind)
    if kind in _ONLINE:
        return ConnectionChange(
            device_id=device_id,
            online=_ONLINE[kind],
            time_ms=_time_ms(details, body, envelope) or 0,
        )
    if kind in _LIST_CHANGES:
        return DeviceListChange(device_id=device_id, kind=kind)
    if kind == "doorUnlockMethodStatus":
        return EnrollmentProgress(
            device_id=device_id,
            is_deletion=text(details.get("event")) == _DELETION,
            is_cancelled=integer(details.get("operate")) == _CANCELLED,
            is_finished=flag(details.get("finish")) is True,
            touches_total=integer(details.get("totalPeriod")),
            touches_left=integer(details.get("period")),
            lift_finger=flag(details.get("raised")),
        )
    if kind == "deviceEventMessage":
        return DeviceEvent(
            device_id=device_id,
            event=text(details.get("eventCode")) or "",
            parameters=json_object(details.get("outputParams")) or {},
            time_ms=_time_ms(details, body, envelope) or 0,
        )
    return UnknownMessage(kind=kind, device_id=device_id)


def _json_list(value: str) -> list[Any] | None:
    try:
        decoded = json_loads(value)
    except ValueError:
        return None
    return decoded if isinstance(decoded, list) else None


def _reports(
    records: list[Any], body: dict[str, Any], envelope: dict[str, Any]
) -> tuple[Report, ...]:
    """Return the values of a message, without those that have no time at all."""
    return tuple(
        [
            Report(code=code, value=record.get("value"), time_ms=moment)
            for record in records
            if isinstance(record, dict)
            and (code := text(record.get("code"))) is not None
            and (moment := _time_ms(record, body, envelope)) is not None
        ]
    )


def _time_ms(
    record: dict[str, Any], body: dict[str, Any], envelope: dict[str, Any]
) -> int | None:
    """Return the time of a value, else when its message was sent."""
    return (
        time_ms(record.get("time") or record.get("t"))
        or time_ms(body.get("ts"))
        or time_ms(envelope.get("t"))
    )
