"""Shapes of replies: what they are made of, and not a word of what they say."""

from typing import Any

import pytest

from custom_components.tuya_lock_users.api.reply_shapes import LastReplies, shape_of


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (None, "null"),
        (True, "flag"),
        (4711, "number of 4"),
        (10**40, "number"),
        (0.5, "fraction"),
        ("", "text of 0"),
        ("Alice", "text of 5"),
        ("4711", "digits of 4"),
        ([], {"(list)": "nothing", "(length)": "0"}),
        (
            [1, 22, "x"],
            {"(list)": "number of 1 | number of 2 | text of 1", "(length)": "3"},
        ),
        ({"name": "Alice"}, {"name": "text of 5"}),
        ({"Name": "Alice"}, {"Name": "text of 5"}),
        (
            {"Alice": 1, "alice@example.com": "x", "4711": None},
            {"(another key)": "number of 1 | text of 1 | null"},
        ),
        ({"x" * 50: 1}, {"(another key)": "number of 1"}),
        ({"user_type": 20}, {"user_type": "20"}),
        ({"user_type": 123456}, {"user_type": "number of 6"}),
        ({"user_type": "20"}, {"user_type": '"20"'}),
        ({"permanent": True}, {"permanent": "true"}),
        ({"dp_code": "unlock_nose"}, {"dp_code": '"unlock_nose"'}),
        ({"dp_code": "Alice's nose"}, {"dp_code": "text of 12"}),
        ({"sex": 1}, {"sex": "number of 1"}),
        (
            {"phase": [{"a": 1}, {"b": 1}, {"a": "x"}]},
            {
                "phase": {
                    "(list)": {"a": "number of 1 | text of 1", "b": "number of 1"},
                    "(length)": "3",
                }
            },
        ),
        (
            [None, {"a": 1}],
            {"(list)": {"or null": "nothing", "a": "number of 1"}, "(length)": "2"},
        ),
        ('{"name": "Alice"}', {"(JSON as text)": {"name": "text of 5"}}),
        ("[1]", {"(JSON as text)": {"(list)": "number of 1", "(length)": "1"}}),
        ("{Alice", {"(JSON as text)": "broken"}),
        ("[" + "1," * 3000, {"(JSON as text)": "long"}),
        (
            [[1], [], [1, 1]],
            {
                "(list)": {"(list)": "number of 1", "(length)": "1 | 0 | 2"},
                "(length)": "3",
            },
        ),
    ],
)
def test_shape(value: Any, shape: Any) -> None:
    """Types, lengths and known keys are told; values only where they are codes."""
    assert shape_of(value) == shape


def test_depth() -> None:
    tower: list[Any] = []
    for _ in range(100):
        tower = [tower]
    assert "…" in str(shape_of(tower))


def test_alternatives() -> None:
    shape = shape_of([{"dp_code": f"code_{letter}"} for letter in "abcdefghijklmnop"])
    assert len(str(shape)) < 200
    wide = shape_of(
        {f"key_{chr(97 + i)}{chr(97 + j)}": 1 for i in range(20) for j in range(20)}
    )
    assert len(wide) == 60


def test_last_replies() -> None:
    """Only the last answer of a call is kept, and never more than some hundred."""
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
