"""Shapes of replies: their structure without content."""

from typing import Any, Final

import pytest

from custom_components.tuya_lock_users.api.reply_shapes import LastReplies, shape_of
from tests.common import load_fixture

LARGE: Final = [
    {"value": 10**40, "shape": "number"},
    {"value": "[" + "1," * 3000, "shape": {"(JSON as text)": "long"}},
]


@pytest.mark.parametrize("case", [*load_fixture("reply_shapes"), *LARGE])
def test_shape(case: dict[str, Any]) -> None:
    """A shape contains types, lengths and known keys, and values only of codes."""
    assert shape_of(case["value"]) == case["shape"]


def test_depth() -> None:
    nested: list[Any] = []
    for _ in range(100):
        nested = [nested]
    assert "…" in str(shape_of(nested))


def test_alternatives() -> None:
    shape = shape_of([{"dp_code": f"code_{letter}"} for letter in "abcdefghijklmnop"])
    assert len(str(shape)) < 200
    wide = shape_of(
        {f"key_{chr(97 + i)}{chr(97 + j)}": 1 for i in range(20) for j in range(20)}
    )
    assert len(wide) == 60


def test_last_replies() -> None:
    """Only the last reply of each call is stored, of at most 400 locks."""
    replies = LastReplies()
    replies.note("front", "GET /users", "code 1")
    replies.note("front", "GET /users", "code 2")
    replies.note(None, "GET /devices", "null")
    assert replies.of("front") == {"GET /users": "code 2"}
    assert replies.of(None) == {"GET /devices": "null"}
    for number in range(1000):
        replies.note(str(number), "GET /users", "null")
    assert replies.of("front") == {}
    assert replies.of("999")
    assert sum(bool(replies.of(str(number))) for number in range(1000)) == 400
