"""Tests of the signature (docs/tuya_api.md, Known answers)."""

from hashlib import sha256
from typing import Any, Final

import pytest

from custom_components.tuya_lock_users.api.signing import (
    query_string,
    sign,
    string_to_sign,
)

NONCE: Final = "5138cc3a9033d69856923fd07b491173"
TOKEN: Final = "3f4eda2bdec17232f67c0b188af3eec1"
HEADERS: Final = {
    "area_id": "29a33e8796834b1efa6",
    "call_id": "8afdb70ab2ed11eb85290242ac130003",
}
TOKEN_URL: Final = "/v1.0/token?grant_type=1"
USERS_URL: Final = "/v2.0/apps/schema/users?page_no=1&page_size=50"
LOCK: Final = "/v1.0/smart-lock/devices/vdevo1"


def signature(text: str, **more: str) -> str:
    """Return the signature of the documents' project at the documents' time."""
    return sign(
        access_id="1KAD46OrT9HafiKdsXeg",
        access_secret="4OHBOnWOqaEC1mWXOpVL3yV50s0qGSRC",
        time_ms=1588925778000,
        text=text,
        **more,
    )


@pytest.mark.parametrize(
    ("request_", "more", "expected"),
    [
        pytest.param(
            ("GET", TOKEN_URL, b"", HEADERS),
            {"nonce": NONCE},
            "9E48A3E93B302EEECC803C7241985D0A34EB944F40FB573C7B5C2A82158AF13E",
            id="V1-token-headers-nonce",
        ),
        pytest.param(
            ("GET", USERS_URL, b"", HEADERS),
            {"nonce": NONCE, "access_token": TOKEN},
            "AE4481C692AA80B25F3A7E12C3A5FD9BBF6251539DD78E565A1A72A508A88784",
            id="V2-business-headers-nonce",
        ),
        pytest.param(
            ("GET", TOKEN_URL),
            {"nonce": NONCE},
            "3206F74CBFC2869794FD3013C44F18166BE22AB1FB5FF66F513212264F67F681",
            id="V3-token-nonce",
        ),
        pytest.param(
            ("GET", TOKEN_URL),
            {},
            "7BA26C076E5ECB1E959BE274A0FFB397B2B1865FC7BCED8F1C78AC5653C20CAA",
            id="V4-token",
        ),
        pytest.param(
            ("GET", USERS_URL),
            {"nonce": NONCE, "access_token": TOKEN},
            "F858D3153DBD4FFA94D59D56B00E2945430F33F0403B8BE575F3A13B1F2D3B47",
            id="V5-business-nonce",
        ),
        pytest.param(
            ("GET", USERS_URL),
            {"access_token": TOKEN},
            "64301972C332666809136931588F2E3D042221D7A85036DE55409C91151C7659",
            id="V6-business",
        ),
        pytest.param(
            ("PUT", f"{LOCK}/users/42/actions/role", b'{"role":"admin"}'),
            {"nonce": NONCE, "access_token": TOKEN},
            "A4126F383358127606C066F8C2BF73FB5FFCE27971B635A36BD91B8D5A249853",
            id="V7-put-with-body",
        ),
        pytest.param(
            (
                "GET",
                f"{LOCK}/opmodes/42?codes=unlock_fingerprint,unlock_card"
                "&page_no=1&page_size=20&unlock_name=",
            ),
            {"nonce": NONCE, "access_token": TOKEN},
            "DCA0AAB46E3CEB81453E32B140264B342B58C65BB924120896ED07BACB3BEC7F",
            id="V8-query-with-commas-and-empty-value",
        ),
        pytest.param(
            ("DELETE", "/v1.0/devices/vdevo1/users/42"),
            {"nonce": NONCE, "access_token": TOKEN},
            "3CADC31E3C412F9FBFAE0148115E7933D62C9476D20C7AB1261CFC63AA4EB650",
            id="V9-delete",
        ),
        pytest.param(
            ("POST", f"{LOCK}/users/42,43/actions/delete-users-issue"),
            {"nonce": NONCE, "access_token": TOKEN},
            "4097F895F783969C82C46246A7821A913D1B102E723D57697C435A934ED21F1C",
            id="V10-post-without-body-comma-in-path",
        ),
        pytest.param(
            ("GET", "/v1.0/token/0123456789abcdef0123456789abcdef"),
            {"nonce": NONCE},
            "AB3008C9DE6566141E342433C768CAF9BD2C892E9F3EFDA80A3B9FE8E0B0E3BC",
            id="V11-refresh",
        ),
    ],
)
def test_known_answer(
    request_: tuple[Any, ...], more: dict[str, str], expected: str
) -> None:
    """The signatures are those of the documents."""
    assert signature(string_to_sign(*request_), **more) == expected


def test_wrong_known_answer() -> None:
    """N1: one line break too few between headers and url is another signature."""
    text = string_to_sign("GET", TOKEN_URL, b"", HEADERS)
    wrong = text.replace("\n\n", "\n")
    expected = "0BDAB2B79347E4FD29ACF522683154D1ADEF2D1D364FAD5740A649C025DB0370"
    assert wrong != text
    assert signature(wrong, nonce=NONCE) == expected
    assert signature(text, nonce=NONCE) != expected


def test_string_to_sign() -> None:
    """The text that is signed is that of the documents, line by line."""
    text = string_to_sign("GET", TOKEN_URL, b"", HEADERS)
    assert text.split("\n") == [
        "GET",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "area_id:29a33e8796834b1efa6",
        "call_id:8afdb70ab2ed11eb85290242ac130003",
        "",
        "/v1.0/token?grant_type=1",
    ]
    assert sha256(text.encode()).hexdigest() == (
        "fb273861fe1a1c656852c29fcb7282e33ab5b5138f91da4cea3954338e015da2"
    )


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
    """The query is signed sorted and decoded."""
    assert query_string(query) == expected
