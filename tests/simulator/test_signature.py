"""The signature of the simulated cloud against the known answers."""

import hashlib

import pytest

from simulator import signature
from tests.known_answers import (
    ACCESS_ID,
    ACCESS_SECRET,
    HEADERS,
    METHODS_SIGNATURE,
    NONCE,
    TEXT_HASH,
    TIME_MS,
    TOKEN,
    TOKEN_URL,
    WRONG_SIGNATURE,
    Answer,
    every_answer,
)


def signed(text: str, token: str = "", nonce: str = NONCE) -> str:
    return signature.sign(
        ACCESS_SECRET, ACCESS_ID, str(TIME_MS), text, access_token=token, nonce=nonce
    )


@every_answer
def test_known_answers(answer: Answer) -> None:
    text = signature.string_to_sign(
        answer.method, answer.url, answer.body, list(answer.headers.items())
    )
    assert signed(text, answer.token, answer.nonce) == answer.signature


def test_unsorted_query() -> None:
    """V8 is the same whatever the order and the encoding of its query."""
    url = (
        "/v1.0/smart-lock/devices/vdevo1/opmodes/42?unlock_name=&page_size=20"
        "&page_no=1&codes=unlock_fingerprint%2Cunlock_card"
    )
    assert signed(signature.string_to_sign("GET", url), TOKEN) == METHODS_SIGNATURE


def test_documented_string_to_sign() -> None:
    """The text of V1 has the documented hash, and an empty line that is needed (N1)."""
    text = signature.string_to_sign("GET", TOKEN_URL, b"", list(HEADERS.items()))
    assert hashlib.sha256(text.encode()).hexdigest() == TEXT_HASH
    assert signed(text.replace("\n\n/", "\n/")) == WRONG_SIGNATURE


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("", "CEAAFB5CCDC2F723A9FD3E91D3D2238EE0DD9A6D7C3C365DEB50FC2AF277AA83"),
        (TOKEN, "36C30E300F226B68ADD014DD1EF56A81EDB7B7A817840485769B9D6C96D0FAA1"),
    ],
    ids=["O1", "O2"],
)
def test_old_scheme(token: str, expected: str) -> None:
    """O1, O2: the scheme before 2021 signs no string; it never equals the new one."""
    old = signature.sign(ACCESS_SECRET, ACCESS_ID, str(TIME_MS), "", access_token=token)
    text = signature.string_to_sign("GET", TOKEN_URL)
    new = signature.sign(
        ACCESS_SECRET, ACCESS_ID, str(TIME_MS), text, access_token=token
    )
    assert old == expected
    assert not signature.same(new, old)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/a", "/a"),
        ("/a?", "/a"),
        ("/a?b=", "/a?b="),
        ("/a?b", "/a?b="),
        ("/a?c=1&b=2&B=3", "/a?B=3&b=2&c=1"),
        ("/a?k=x%2Cy", "/a?k=x,y"),
        ("/a?k=x+y%20z", "/a?k=x y z"),
        ("/a?k=x%2By", "/a?k=x+y"),
        ("/a?k=J%C3%BCrgen", "/a?k=Jürgen"),
        ("/a?k=1%261", "/a?k=1&1"),
        ("/u/1%2C2", "/u/1,2"),
    ],
)
def test_canonical_url(target: str, expected: str) -> None:
    """Targets are decoded, sorted by key, and keep empty values."""
    assert signature.canonical_url(target) == expected


def test_empty_body() -> None:
    """The hash of nothing is the one in the documents; signatures are upper case."""
    assert signature.content_hash(b"") == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert signature.same("ABC", "ABC")
    assert not signature.same("ABC", "abc")
    assert not signature.same("ABC", "ÄBC")
