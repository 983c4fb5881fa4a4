"""Tests of the tolerant reading of single values."""

import json
from typing import Any

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.tuya_lock_users.api.decoding import (
    LARGEST_NUMBER,
    LONGEST_TEXT,
    SMALLEST_NUMBER,
    flag,
    integer,
    json_loads,
    json_object,
    objects,
    text,
)
from tests.common import load_fixture

NAN = float("nan")
INFINITY = float("inf")
HALF_PAIR = "\ud83d"


def samples(kind: str) -> list[Any]:
    """Return values as the cloud may send them, and their decoded values."""
    found = load_fixture("single_values")[kind]
    return [pytest.param(*pair, id=name) for name, pair in found.items()]


class TestText:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            *samples("text"),
            pytest.param("x" * 10000, "x" * LONGEST_TEXT, id="long"),
            pytest.param("x" * LONGEST_TEXT, "x" * LONGEST_TEXT, id="just-not-long"),
            pytest.param(LARGEST_NUMBER, "18446744073709551615", id="largest-number"),
            pytest.param(LARGEST_NUMBER + 1, None, id="too-large-number"),
            pytest.param(10**5000, None, id="number-that-cannot-be-printed"),
        ],
    )
    def test_text(self, value: object, expected: str | None) -> None:
        """Texts and numbers are decoded as printable text."""
        assert text(value) == expected

    @given(st.text(st.characters()))
    def test_any_text(self, value: str) -> None:
        """Any decoded text can be stored, is not blank, and is stable."""
        if (read := text(value)) is not None:
            assert orjson.loads(orjson.dumps(read)) == read
            assert read.strip() == read
            assert 0 < len(read) <= LONGEST_TEXT
            assert text(read) == read


class TestInteger:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            *samples("integer"),
            pytest.param(LARGEST_NUMBER, LARGEST_NUMBER, id="largest"),
            pytest.param(SMALLEST_NUMBER, SMALLEST_NUMBER, id="smallest"),
            pytest.param(LARGEST_NUMBER + 1, None, id="too-large"),
            pytest.param(SMALLEST_NUMBER - 1, None, id="too-small"),
            pytest.param(NAN, None, id="not-a-number"),
            pytest.param("9" * 5000, None, id="endless-text"),
        ],
    )
    def test_integer(self, value: object, expected: int | None) -> None:
        read = integer(value)
        assert read == expected
        assert type(read) is type(expected)


class TestFlag:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [*samples("flag"), pytest.param(NAN, None, id="not-a-number")],
    )
    def test_flag(self, value: object, expected: bool | None) -> None:
        assert flag(value) is expected


class TestObjects:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [*samples("object"), pytest.param('{"a":' * 9999, None, id="deep-text")],
    )
    def test_json_object(self, value: object, expected: dict[str, Any] | None) -> None:
        assert json_object(value) == expected

    @pytest.mark.parametrize(("value", "expected"), samples("objects"))
    def test_objects(self, value: object, expected: list[dict[str, Any]]) -> None:
        assert objects(value) == expected


class TestJson:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            pytest.param(b'{"a": 1}', {"a": 1}, id="bytes"),
            pytest.param('{"a": 1}', {"a": 1}, id="text"),
            pytest.param(rb'"\ud83d"', HALF_PAIR, id="half-a-surrogate-pair"),
            pytest.param(b"[1e999]", [INFINITY], id="beyond-all-numbers"),
            pytest.param(b"18446744073709551616", 2.0**64, id="large-number"),
        ],
    )
    def test_loads(self, value: str | bytes, expected: object) -> None:
        """JSON that only some parsers accept is accepted."""
        assert json_loads(value) == expected

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b'{"a": 1', id="cut"),
            pytest.param(b'"\xff\xfe"', id="not-utf-8"),
            pytest.param(b"[" * 1_000_000 + b"]" * 1_000_000, id="deep"),
            pytest.param(rb'["\ud83d", ' + b"9" * 5000 + b"]", id="endless-number"),
        ],
    )
    def test_loads_nothing(self, value: bytes) -> None:
        with pytest.raises(ValueError):
            json_loads(value)

    @given(st.binary())
    def test_any_bytes(self, value: bytes) -> None:
        try:
            read = json_loads(value)
        except ValueError:
            return
        json.dumps(read)
