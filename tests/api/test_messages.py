"""Tests of the messages of the stream, in both families and all their forms."""

from base64 import b64encode
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
import pytest
from syrupy.assertion import SnapshotAssertion

from custom_components.tuya_lock_users.api.encryption import MessageCipher
from custom_components.tuya_lock_users.api.messages import (
    Frame,
    Message,
    PropertyReport,
    Report,
    UnreadableMessage,
    decode_frame,
    decode_message,
)
from tests.common import cases, load_fixture

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
    found = decode_frame(text)
    assert found is not None
    assert json.loads(found.acknowledgement) == {"messageId": "CLe1/w4QACAA"}
    return decode_message(found, MessageCipher(SECRET))


def report(code: str, value: object, time: int = TIME) -> PropertyReport:
    return PropertyReport(
        device_id=LOCK, reports=(Report(code=code, value=value, time_ms=time),)
    )


def test_documented_messages() -> None:
    """The documented messages of both families become the same type."""
    assert decoded(frame(ECB_DATA)) == report("unlock_fingerprint", 3)
    assert decoded(frame(GCM_DATA, "aes_gcm")) == report(
        "unlock_password", 5, TIME + 1000
    )


@cases("body", load_fixture("messages"))
def test_messages(body: object, snapshot: SnapshotAssertion) -> None:
    """Every kind of message has a type, also unknown ones."""
    message = decoded(frame(encrypted(json.dumps(body).encode())))
    assert {type(message).__name__: message} == snapshot


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
    """An unreadable message still has an ID to acknowledge."""
    assert isinstance(decoded(text), UnreadableMessage)


def test_no_time() -> None:
    """A value without a time is skipped: its moment is unknown."""
    body = {"devId": LOCK, "status": [{"code": "unlock_card", "value": 1, "t": 0}]}
    text = frame(encrypted(json.dumps(body).encode()), t=None)
    assert decoded(text) == PropertyReport(device_id=LOCK, reports=())


def test_frames() -> None:
    """A frame may lack its payload; other texts are no frames."""
    assert decoded('{"messageId": "CLe1/w4QACAA"}') is None
    assert decode_frame("[1]") is None
    assert decode_frame('{"messageId": "CLe1/') is None
    assert decode_frame(b'{"payload": 3, "messageId": 4}') == Frame(message_id=None)
    half = Frame(message_id="\ud800")
    assert json.loads(half.acknowledgement) == {"messageId": "\ud800"}


def test_values_hidden() -> None:
    """Values stay out of what a log could show: some are codes of passwords."""
    body = {"devId": LOCK, "status": [{"code": "password_offline", "value": "246813"}]}
    assert "246813" not in repr(decoded(frame(encrypted(json.dumps(body).encode()))))
