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

NAN = float("nan")
INFINITY = float("inf")
HALF_PAIR = "\ud83d"


class TestText:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            pytest.param("Alice", "Alice", id="plain"),
            pytest.param("  Alice \n", "Alice", id="blanks-around"),
            pytest.param("👩‍👧 Mia", "👩‍👧 Mia", id="joined-emoji"),
            pytest.param(" Alice ", "Alice", id="spaces-around"),
            pytest.param("", None, id="empty"),
            pytest.param(" \t\n ", None, id="blank"),
            pytest.param("Al\x00ic\x1be\x7f", "Alice", id="controls"),
            pytest.param("Al\x85ic\x9be", "Alice", id="controls-above-ascii"),
            pytest.param("Al\nic\u2028e\u2029", "Alice", id="line-breaks"),
            pytest.param(f"Al{HALF_PAIR}ice", "Al?ice", id="half-a-surrogate-pair"),
            pytest.param("x" * 10_000, "x" * LONGEST_TEXT, id="long"),
            pytest.param("x" * LONGEST_TEXT, "x" * LONGEST_TEXT, id="just-not-long"),
            pytest.param(0, "0", id="zero"),
            pytest.param(LARGEST_NUMBER, "18446744073709551615", id="largest-number"),
            pytest.param(LARGEST_NUMBER + 1, None, id="too-large-number"),
            pytest.param(10**5000, None, id="number-that-cannot-be-printed"),
            pytest.param(None, None, id="null"),
            pytest.param(True, None, id="boolean"),
            pytest.param(["a"], None, id="list"),
        ],
    )
    def test_text(self, value: object, expected: str | None) -> None:
        """What is text, or a number, is read as text that everybody can print."""
        assert text(value) == expected

    @given(st.text(st.characters()))
    def test_any_text(self, value: str) -> None:
        """Whatever comes can be stored, is not blank, and is read only once."""
        if (read := text(value)) is not None:
            assert orjson.loads(orjson.dumps(read)) == read
            assert read.strip() == read
            assert 0 < len(read) <= LONGEST_TEXT
            assert text(read) == read


class TestInteger:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            pytest.param(-1, -1, id="negative"),
            pytest.param("42", 42, id="text"),
            pytest.param("-1", -1, id="negative-text"),
            pytest.param(" 42 ", 42, id="text-with-blanks"),
            pytest.param(False, 0, id="false"),
            pytest.param(42.0, 42, id="whole-fraction"),
            pytest.param(LARGEST_NUMBER, LARGEST_NUMBER, id="largest"),
            pytest.param(SMALLEST_NUMBER, SMALLEST_NUMBER, id="smallest"),
            pytest.param(LARGEST_NUMBER + 1, None, id="too-large"),
            pytest.param(SMALLEST_NUMBER - 1, None, id="too-small"),
            pytest.param("99999999999999999999", None, id="too-large-text"),
            pytest.param(1e300, None, id="too-large-fraction"),
            pytest.param(42.5, None, id="fraction"),
            pytest.param(NAN, None, id="not-a-number"),
            pytest.param("", None, id="empty"),
            pytest.param("9" * 5000, None, id="endless-text"),
            pytest.param(None, None, id="null"),
            pytest.param({"a": 1}, None, id="object"),
        ],
    )
    def test_integer(self, value: object, expected: int | None) -> None:
        read = integer(value)
        assert read == expected
        assert type(read) is type(expected)


class TestFlag:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            pytest.param(True, True, id="true"),
            pytest.param(False, False, id="false"),
            pytest.param(1, True, id="one"),
            pytest.param(0, False, id="zero"),
            pytest.param("1", True, id="one-text"),
            pytest.param("true", True, id="true-text"),
            pytest.param("False", False, id="false-text"),
            pytest.param("", None, id="empty"),
            pytest.param(None, None, id="null"),
            pytest.param(NAN, None, id="not-a-number"),
            pytest.param({}, None, id="object"),
        ],
    )
    def test_flag(self, value: object, expected: bool | None) -> None:
        assert flag(value) is expected


class TestObjects:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            pytest.param({"a": 1}, {"a": 1}, id="itself"),
            pytest.param([{"a": 1}], {"a": 1}, id="list-of-one"),
            pytest.param([{"a": 1}, {"a": 2}], {"a": 1}, id="first-of-two"),
            pytest.param('{"a": 1}', {"a": 1}, id="text"),
            pytest.param('[{"a": 1}]', None, id="list-as-text"),
            pytest.param('{"a": ', None, id="broken-text"),
            pytest.param('{"a":' * 9_999, None, id="deep-text"),
            pytest.param("a", None, id="word"),
            pytest.param([1], None, id="list-of-numbers"),
            pytest.param(None, None, id="null"),
        ],
    )
    def test_json_object(self, value: object, expected: dict[str, Any] | None) -> None:
        assert json_object(value) == expected

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            pytest.param([{"a": 1}, {}], [{"a": 1}, {}], id="objects"),
            pytest.param(
                [1, {"a": 1}, None, [], "x"], [{"a": 1}], id="others-left-out"
            ),
            pytest.param([], [], id="empty"),
            pytest.param({"a": 1}, [], id="no-list"),
            pytest.param(None, [], id="null"),
        ],
    )
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
        """What some JSON reader accepts is accepted."""
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
