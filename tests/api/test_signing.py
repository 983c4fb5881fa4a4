"""Tests of the signature (docs/tuya_api.md, Known answers)."""

from hashlib import sha256

import pytest

from custom_components.tuya_lock_users.api.signing import (
    query_string,
    sign,
    string_to_sign,
)
from tests.known_answers import (
    ACCESS_ID,
    ACCESS_SECRET,
    HEADERS,
    NONCE,
    TEXT_HASH,
    TIME_MS,
    TOKEN_URL,
    WRONG_SIGNATURE,
    Answer,
    every_answer,
)


def signature(text: str, nonce: str = "", access_token: str = "") -> str:
    return sign(
        access_id=ACCESS_ID,
        access_secret=ACCESS_SECRET,
        time_ms=TIME_MS,
        text=text,
        nonce=nonce,
        access_token=access_token,
    )


@every_answer
def test_known_answer(answer: Answer) -> None:
    text = string_to_sign(answer.method, answer.url, answer.body, answer.headers)
    assert signature(text, answer.nonce, answer.token) == answer.signature


def test_missing_line_break() -> None:
    """N1: one line break too few between headers and url is another signature."""
    text = string_to_sign("GET", TOKEN_URL, b"", HEADERS)
    wrong = text.replace("\n\n", "\n")
    assert wrong != text
    assert signature(wrong, nonce=NONCE) == WRONG_SIGNATURE
    assert signature(text, nonce=NONCE) != WRONG_SIGNATURE


def test_string_to_sign() -> None:
    text = string_to_sign("GET", TOKEN_URL, b"", HEADERS)
    assert text.split("\n") == [
        "GET",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "area_id:29a33e8796834b1efa6",
        "call_id:8afdb70ab2ed11eb85290242ac130003",
        "",
        "/v1.0/token?grant_type=1",
    ]
    assert sha256(text.encode()).hexdigest() == TEXT_HASH


def test_body_hash() -> None:
    """The hash is that of exactly these bytes, and the verb is in capitals."""
    body = b'{"role":"admin"}'
    digest = "78f00e6526ea513465c83fdfe6eb9a999a3f405cb023ddfabc26a2f24c8cb148"
    assert string_to_sign("put", "/x", body) == f"PUT\n{digest}\n\n/x"
    assert string_to_sign("PUT", "/x", b'{"role": "admin"}') != f"PUT\n{digest}\n\n/x"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({}, "", id="empty"),
        pytest.param({"b": "2", "a": "1"}, "a=1&b=2", id="sorted"),
        pytest.param({"a": "1", "B": "2", "_": "3"}, "B=2&_=3&a=1", id="by-ascii"),
        pytest.param({"name": "", "a": ""}, "a=&name=", id="empty-values-kept"),
        pytest.param({"c": "a,b"}, "c=a,b", id="comma-bare"),
        pytest.param({"c": "ä &=+%"}, "c=ä &=+%", id="not-encoded"),
    ],
)
def test_query_string(query: dict[str, str], expected: str) -> None:
    assert query_string(query) == expected
