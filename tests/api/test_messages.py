"""Tests of the messages of the stream, in both families and all their forms."""

from base64 import b64encode
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
import pytest

from custom_components.tuya_lock_users.api.encryption import MessageCipher
from custom_components.tuya_lock_users.api.messages import (
    ConnectionChange,
    DeviceEvent,
    DeviceListChange,
    EnrollmentProgress,
    Frame,
    Message,
    Notice,
    PropertyReport,
    Report,
    UnknownMessage,
    UnreadableMessage,
    decode_frame,
    decode_message,
)

from .test_encryption import ECB_DATA, GCM_DATA, SECRET

SENT = 1_700_000_000_100
TIME = 1_700_000_000_000
LOCK = "vdevo0lock1"


def encrypted(text: bytes) -> str:
    """Return data as the older mode encrypts it."""
    padding = 16 - len(text) % 16
    encryptor = Cipher(algorithms.AES(SECRET[8:24].encode()), modes.ECB()).encryptor()
    return b64encode(encryptor.update(text + bytes([padding]) * padding)).decode()


def frame(data: object, mode: str | None = None, **envelope: Any) -> str:
    """Return a frame around encrypted data."""
    payload = json.dumps(
        {"protocol": 4, "pv": "2.0", "t": SENT, **envelope, "data": data}
    )
    return json.dumps(
        {
            "messageId": "CLe1/w4QACAA",
            "payload": b64encode(payload.encode()).decode(),
            "properties": {} if mode is None else {"em": mode},
        }
    )


def decoded(text: str) -> Message | None:
    """Return the message of a frame."""
    found = decode_frame(text)
    assert found is not None
    assert json.loads(found.acknowledgement) == {"messageId": "CLe1/w4QACAA"}
    return decode_message(found, MessageCipher(SECRET))


def report(code: str, value: object, time: int = TIME) -> PropertyReport:
    """Return a message with one report."""
    return PropertyReport(
        device_id=LOCK, reports=(Report(code=code, value=value, time_ms=time),)
    )


def test_known_messages() -> None:
    """The documented messages of both families become the same type."""
    assert decoded(frame(ECB_DATA)) == report("unlock_fingerprint", 3)
    assert decoded(frame(GCM_DATA, "aes_gcm")) == report(
        "unlock_password", 5, TIME + 1000
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            {"devId": LOCK, "status": [{"code": "doorbell", "value": True}]},
            report("doorbell", True, SENT),
            id="no-time",
        ),
        pytest.param(
            {
                "bizCode": "devicePropertyMessage",
                "devId": LOCK,
                "properties": [{"code": "doorbell", "value": True, "time": str(TIME)}],
                "new": {"key": 1},
            },
            report("doorbell", True),
            id="flat",
        ),
        pytest.param(
            {
                "devId": LOCK,
                "bizData": {"properties": [{"code": "doorbell", "value": True}]},
                "ts": str(TIME),
            },
            report("doorbell", True),
            id="time-of-the-message",
        ),
        pytest.param(
            {
                "bizCode": "devicePropertyMessage",
                "devId": LOCK,
                "bizData": json.dumps(
                    {
                        "devId": None,
                        "properties": json.dumps(
                            [{"code": "unlock_card", "value": "1", "time": TIME}]
                        ),
                    }
                ),
            },
            report("unlock_card", "1"),
            id="nested-text",
        ),
        pytest.param(
            {"devId": LOCK, "properties": "[", "bizData": {"bizCode": "online"}},
            ConnectionChange(device_id=LOCK, online=True, time_ms=SENT),
            id="cut-text",
        ),
        pytest.param(
            {"devId": LOCK, "status": [None, 3, {"value": 1}, {"code": ""}]},
            PropertyReport(device_id=LOCK, reports=()),
            id="no-reports",
        ),
        pytest.param(
            {
                "bizCode": "deviceOnline",
                "bizData": {"devId": LOCK, "time": TIME},
                "ts": SENT,
            },
            ConnectionChange(device_id=LOCK, online=True, time_ms=TIME),
            id="online",
        ),
        pytest.param(
            {"bizCode": "offline", "devId": LOCK, "bizData": {"time": TIME}},
            ConnectionChange(device_id=LOCK, online=False, time_ms=TIME),
            id="older-offline",
        ),
        pytest.param(
            {"bizCode": "deviceOffline", "devId": LOCK},
            ConnectionChange(device_id=LOCK, online=False, time_ms=SENT),
            id="flat-offline",
        ),
        *(
            pytest.param(
                {"bizCode": kind, "bizData": {"devId": LOCK, "name": "Door"}},
                DeviceListChange(device_id=LOCK, kind=kind),
                id=kind,
            )
            for kind in ("nameUpdate", "bindUser", "delete", "deviceTransfer")
        ),
        pytest.param(
            {
                "bizCode": "doorUnlockMethodStatus",
                "bizData": {
                    "finish": False,
                    "operate": 1,
                    "raised": True,
                    "totalPeriod": 4,
                    "period": 2,
                    "event": "unlockMethodEntry",
                },
                "devId": LOCK,
            },
            EnrollmentProgress(
                device_id=LOCK,
                is_deletion=False,
                is_cancelled=False,
                is_finished=False,
                touches_total=4,
                touches_left=2,
                lift_finger=True,
            ),
            id="enrollment",
        ),
        pytest.param(
            {
                "bizCode": "deviceEventMessage",
                "bizData": {"devId": LOCK, "eventCode": "e", "outputParams": {"a": 1}},
            },
            DeviceEvent(device_id=LOCK, event="e", parameters={"a": 1}, time_ms=SENT),
            id="event",
        ),
        pytest.param(
            {
                "bizCode": "HighPriorityNotice",
                "bizData": {"eventType": "pulsar_backlog_notice"},
            },
            Notice(kind="pulsar_backlog_notice"),
            id="notice",
        ),
        pytest.param(
            {"bizCode": "brandNew", "bizData": {"devId": LOCK}},
            UnknownMessage(kind="brandNew", device_id=LOCK),
            id="unknown",
        ),
        pytest.param({}, UnknownMessage(kind=None), id="empty"),
        pytest.param(
            [], UnreadableMessage(reason="no object where one belongs"), id="list"
        ),
    ],
)
def test_messages(body: object, expected: Message) -> None:
    """Every kind of message has a type; what is not known is kept as unknown."""
    assert decoded(frame(encrypted(json.dumps(body).encode()))) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(frame(ECB_DATA[:-4]), id="cut"),
        pytest.param(frame(ECB_DATA, "aes_gcm"), id="wrong-mode"),
        pytest.param(frame(encrypted(b"\xff{")), id="not-json"),
        pytest.param(frame(encrypted(b"[" * 100_000)), id="deep"),
        pytest.param(frame(None), id="no-data"),
        pytest.param('{"messageId": "CLe1/w4QACAA", "payload": "ä"}', id="not-base64"),
        pytest.param(
            '{"messageId": "CLe1/w4QACAA", "payload": "QQ=="}', id="no-envelope"
        ),
    ],
)
def test_unreadable_messages(text: str) -> None:
    """What nobody can read is still a message with an id to acknowledge."""
    assert isinstance(decoded(text), UnreadableMessage)


def test_no_time() -> None:
    """A value without any time is left out: nobody could say when it happened."""
    body = {"devId": LOCK, "status": [{"code": "unlock_card", "value": 1, "t": 0}]}
    text = frame(encrypted(json.dumps(body).encode()), t=None)
    assert decoded(text) == PropertyReport(device_id=LOCK, reports=())


def test_frames() -> None:
    """A frame may lack its payload; what is no frame at all is none."""
    assert decoded('{"messageId": "CLe1/w4QACAA"}') is None
    assert decode_frame("[1]") is None
    assert decode_frame('{"messageId": "CLe1/') is None
    assert decode_frame(b'{"payload": 3, "messageId": 4}') == Frame(message_id=None)
    half = Frame(message_id="\ud800")
    assert json.loads(half.acknowledgement) == {"messageId": "\ud800"}


def test_nothing_private_is_shown() -> None:
    """Values stay out of what a log could show: some are codes of passwords."""
    body = {"devId": LOCK, "status": [{"code": "password_offline", "value": "246813"}]}
    assert "246813" not in repr(decoded(frame(encrypted(json.dumps(body).encode()))))
