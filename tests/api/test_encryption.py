"""Tests of encryption against the documented examples."""

from base64 import b64encode
import json
from typing import Final

import pytest

from custom_components.tuya_lock_users.api.encryption import (
    DecryptionError,
    MessageCipher,
    encrypt_pin,
    envelope_sign,
    push_password,
    session_key,
)
from tests.common import cases, load_fixture

SECRET: Final = "00112233445566778899aabbccddeeff"
DOCUMENTED_SECRET: Final = "4OHBOnWOqaEC1mWXOpVL3yV50s0qGSRC"

_MESSAGES: Final = load_fixture("encrypted_messages")
ECB_DATA: Final[str] = _MESSAGES["ecb"]["data"]
ECB_TEXT: Final = _MESSAGES["ecb"]["text"]
GCM_DATA: Final[str] = _MESSAGES["gcm"]["data"]
GCM_TEXT: Final = _MESSAGES["gcm"]["text"]


@pytest.mark.parametrize(
    ("access_id", "secret", "password"),
    [
        ("simid0lock0test0abcd", SECRET, "e881a00c4d1a7c93"),
        ("1KAD46OrT9HafiKdsXeg", DOCUMENTED_SECRET, "7e3ee9916b8f32b8"),
    ],
)
def test_stream_password(access_id: str, secret: str, password: str) -> None:
    assert push_password(access_id, secret) == password


@pytest.mark.parametrize(
    ("data", "mode", "text"),
    [
        pytest.param(ECB_DATA, None, ECB_TEXT, id="no-mode"),
        pytest.param(ECB_DATA, "aes_ecb", ECB_TEXT, id="ecb"),
        pytest.param(GCM_DATA, "aes_gcm", GCM_TEXT, id="gcm"),
    ],
)
def test_message(data: str, mode: str | None, text: str) -> None:
    assert MessageCipher(SECRET).decrypt(data, mode).decode() == text


@pytest.mark.parametrize(
    ("data", "mode"),
    [
        pytest.param(ECB_DATA, "aes_gcm", id="ecb-as-gcm"),
        pytest.param(GCM_DATA, None, id="gcm-as-ecb"),
        pytest.param(ECB_DATA[:-4], None, id="cut"),
        pytest.param(GCM_DATA[:20], "aes_gcm", id="no-tag"),
        pytest.param("", "aes_gcm", id="empty"),
        pytest.param("ä", None, id="not-base64"),
        pytest.param(GCM_DATA, "rot13", id="unknown-mode"),
        pytest.param(b64encode(b"0" * 16).decode(), None, id="no-padding"),
    ],
)
def test_invalid_data(data: str, mode: str | None) -> None:
    with pytest.raises(DecryptionError):
        MessageCipher(SECRET).decrypt(data, mode)


def test_short_secret() -> None:
    with pytest.raises(DecryptionError):
        MessageCipher("short")


@pytest.mark.parametrize("mode", ["ecb", "gcm"])
def test_envelope_signature(mode: str) -> None:
    """Fields are sorted and joined; the signature itself and empty ones do not count."""
    fields, sign = _MESSAGES["signatures"][mode]
    envelope = {**fields, "pv": "2.0", "data": _MESSAGES[mode]["data"]}
    assert envelope_sign(envelope, SECRET) == sign
    assert envelope_sign({**envelope, "sign": sign, "extra": ""}, SECRET) == sign


@cases(("secret", "ticket", "key", "pins"), _MESSAGES["pins"])
def test_pin_codes(secret: str, ticket: str, key: str, pins: dict[str, str]) -> None:
    """A ticket holds the key of a PIN code, which is sent in lower-case hex."""
    assert session_key(ticket, secret) == key
    assert {pin: encrypt_pin(pin, key) for pin in pins} == pins


@pytest.mark.parametrize(
    "ticket",
    # The last one holds the text "short".
    ["", "xyz", "00" * 15, "00" * 32, "01f54c818944ad8ff1d6dfa8793649ca"],
)
def test_malformed_tickets(ticket: str) -> None:
    with pytest.raises(DecryptionError):
        session_key(ticket, SECRET)


def test_secret_hidden() -> None:
    cipher = MessageCipher(SECRET)
    with pytest.raises(DecryptionError) as caught:
        cipher.decrypt(ECB_DATA[:-4])
    shown = repr(cipher) + str(caught.value) + json.dumps(dir(cipher))
    assert SECRET[8:24] not in shown
