"""The shapes of replies, without their values.

Supporting a lock with unusual replies needs to see them, but they are full of personal
data. So diagnostics contain the shape of the last reply of each call: its keys, their
types, and their lengths. Values are kept only for keys that hold one of a few words or
numbers.
"""

from collections.abc import Mapping
from functools import lru_cache
import re
from typing import Any, Final

from .decoding import json_loads

type Shape = str | dict[str, Shape]

# Keys whose values show the dialect and nothing personal.
SAFE_KEYS: Final = frozenset(
    {
        "user_type",
        "effective_flag",
        "back_home_notify_attr",
        "permanent",
        "working_day",
        "start_minute",
        "end_minute",
        "all_day",
        "operate",
        "delivery_status",
        "dp_code",
        "code",
        "unlock_type",
        "unlock_attr",
        "phase",
        "admin",
        "photo_unlock",
        "voice_attr",
        "allocate_flag",
        "channel_id",
        "app_send",
        "hijack",
        "has_more",
        "total",
        "category",
        "online",
        "sub",
    }
)
_SAFE_WORD: Final = re.compile(r"[A-Za-z_]{1,32}|-?\d{1,4}")
# The form of a key of the cloud; anything else can be an ID or a name.
_KEY: Final = re.compile(r"[a-z][A-Za-z]*(?:_[A-Za-z]+)*|Name|Code")
_LONGEST_KEY: Final = 40
# More than all calls have; every reply has the same ones.
_REMEMBERED_KEYS: Final = 500

_NOTHING: Final = "nothing"

# Records of one list are alike, so a few suffice.
_RECORDS: Final = 5
_KEYS: Final = 60
_DEPTH: Final = 12
_ALTERNATIVES: Final = 8
# JSON as text is one of the dialects; longer text is not decoded.
_LONGEST_JSON: Final = 4000

# Calls times locks of a large project; the oldest are dropped.
_MOST_REPLIES: Final = 400


def shape_of(value: object, key: str = "", depth: int = 0) -> Shape:
    """Return the shape of the value of a key."""
    if depth > _DEPTH:
        return "…"
    if isinstance(value, dict):
        return _shape_of_object(value, depth)
    if isinstance(value, list):
        shape: Shape = _NOTHING
        for item in value[:_RECORDS]:
            shape = _merged(shape, shape_of(item, key, depth + 1))
        return {"(list)": shape, "(length)": str(len(value))}
    if isinstance(value, str) and value[:1] in ("{", "["):
        return {"(JSON as text)": _shape_of_json(value, key, depth)}
    return _shape_of_scalar(value, key)


@lru_cache(maxsize=_REMEMBERED_KEYS)
def safe_key(name: str) -> str:
    """Return a key that looks like one of the cloud's; others can be anything."""
    is_known = len(name) <= _LONGEST_KEY and _KEY.fullmatch(name)
    return name if is_known else "(another key)"


def _shape_of_object(value: Mapping[Any, Any], depth: int) -> Shape:
    shape: dict[str, Shape] = {}
    for name, item in list(value.items())[:_KEYS]:
        known = safe_key(name)
        inner = shape_of(item, known, depth + 1)
        shape[known] = _merged(shape[known], inner) if known in shape else inner
    return shape


def _shape_of_json(value: str, key: str, depth: int) -> Shape:
    if len(value) > _LONGEST_JSON:
        return "long"
    try:
        return shape_of(json_loads(value), key, depth + 1)
    except ValueError:
        return "broken"


def _shape_of_scalar(value: object, key: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower() if key in SAFE_KEYS else "flag"
    if isinstance(value, str):
        kind = f"{'digits' if value.isdecimal() else 'text'} of {len(value)}"
        is_safe = key in SAFE_KEYS and _SAFE_WORD.fullmatch(value)
        return f'"{value}"' if is_safe else kind
    if not isinstance(value, int):
        return "fraction"
    if key in SAFE_KEYS and abs(value) < 10_000:
        return str(value)
    return f"number of {len(str(value))}" if abs(value) < 10**30 else "number"


def _merged(first: Shape, second: Shape) -> Shape:
    """Return a shape that combines two."""
    if second in (first, _NOTHING):
        return first
    if first == _NOTHING:
        return second
    if isinstance(first, str) and isinstance(second, str):
        kinds = dict.fromkeys((*first.split(" | "), *second.split(" | ")))
        return " | ".join(list(kinds)[:_ALTERNATIVES])
    alternatives = [
        shape if isinstance(shape, dict) else {f"or {shape}": _NOTHING}
        for shape in (first, second)
    ]
    merged = dict(alternatives[0])
    for key, shape in alternatives[1].items():
        merged[key] = _merged(merged[key], shape) if key in merged else shape
    return merged


class LastReplies:
    """The shape of the last reply of each call, for each lock."""

    def __init__(self) -> None:
        """Initialize without replies."""
        self._shapes: dict[tuple[str | None, str], Shape] = {}

    def note(self, lock_id: str | None, call: str, shape: Shape) -> None:
        """Remember the shape of a reply instead of the previous one."""
        self._shapes.pop((lock_id, call), None)
        self._shapes[lock_id, call] = shape
        if len(self._shapes) > _MOST_REPLIES:
            del self._shapes[next(iter(self._shapes))]

    def of(self, lock_id: str | None) -> dict[str, Shape]:
        """Return the shapes for a lock, or with None those without a lock."""
        return {
            call: shape
            for (lock, call), shape in self._shapes.items()
            if lock == lock_id
        }
