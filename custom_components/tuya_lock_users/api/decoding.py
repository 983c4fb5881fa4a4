"""Tolerant reading of single values.

The cloud's documents contradict each other about types: numbers come as text, flags
as numbers, objects as JSON text (TUYA_API §5.1). The tolerance for that lives here and
in the models that use it, and nowhere else.
"""

import json
from typing import Any, Final
from unicodedata import category

import orjson

# Names come from people: longer ones are cut before they reach a registry or a state.
LONGEST_TEXT: Final = 1000

# The largest type of the documents is Long; beyond these JSON cannot be written again.
SMALLEST_NUMBER: Final = -(2**63)
LARGEST_NUMBER: Final = 2**64 - 1
_LONGEST_NUMBER: Final = 20

_UNWANTED: Final = frozenset({"Cc", "Zl", "Zp"})
_FLAGS: Final = {"0": False, "1": True, "false": False, "true": True}


def json_loads(value: str | bytes) -> Any:
    """Return decoded JSON, or raise ValueError.

    orjson is strict about text: a name with half of a surrogate pair in it would cost
    the whole reply. The standard library accepts that, and `text` mends it.
    """
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        try:
            return json.loads(value)
        except RecursionError as err:
            raise ValueError("nested too deep") from err


def text(value: object) -> str | None:
    """Return text, or None for what is no text, empty, or only blank.

    Numbers become their digits (ids come as both). Lone surrogates are replaced, since
    nothing that stores or sends text accepts them, and control characters are dropped.
    """
    if type(value) is str:
        if value.isprintable() and len(value) <= LONGEST_TEXT:
            return value.strip() or None
        return _mended(value)
    if type(value) is int and SMALLEST_NUMBER <= value <= LARGEST_NUMBER:
        return str(value)
    return None


def _mended(value: str) -> str | None:
    """Return the part of a text that everybody can print.

    Joiners and right-to-left marks do not count as printable, but are part of how
    names are written, so only real control characters and line breaks go.
    """
    value = value[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
    kept = (char for char in value if category(char) not in _UNWANTED)
    return "".join(kept).strip() or None


def integer(value: object) -> int | None:
    """Return a whole number from a number or its text, else None."""
    number = value if type(value) is int else _whole(value)
    if number is None or not SMALLEST_NUMBER <= number <= LARGEST_NUMBER:
        return None
    return number


def _whole(value: object) -> int | None:
    match value:
        case bool():
            return int(value)
        case float() if value.is_integer():
            return int(value)
        case str() if len(value) <= _LONGEST_NUMBER:
            try:
                return int(value)
            except ValueError:
                return None
    return None


def flag(value: object) -> bool | None:
    """Return a yes or no from a boolean, 0 or 1, or their text, else None."""
    if type(value) is bool:
        return value
    if type(value) is int:
        return value != 0
    if type(value) is str:
        return _FLAGS.get(value.lower())
    return None


def json_object(value: object) -> dict[str, Any] | None:
    """Return an object that may come as itself, as JSON text, or as a list of one."""
    match value:
        case dict():
            return value
        case [dict() as only, *_]:
            return only
        case str() if value.lstrip().startswith("{"):
            try:
                decoded = json_loads(value)
            except ValueError:
                return None
            return decoded if isinstance(decoded, dict) else None
    return None


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list; anything else in it, or instead of it, is left out."""
    if not isinstance(value, list):
        return []
    return [item for item in value if isinstance(item, dict)]
