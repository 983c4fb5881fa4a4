"""Tolerant reading of single values.

The cloud's documents contradict each other about types: numbers come as text, flags
as numbers, objects as JSON text (TUYA_API §5.1). The tolerance for that lives here and
in the models that use it, and nowhere else.
"""

import json
from math import isfinite
from typing import Any, Final

import orjson

# Names come from people: longer ones are cut before they reach a registry or a state.
LONGEST_TEXT: Final = 1000

_TRUE: Final = frozenset({"1", "true"})
_FALSE: Final = frozenset({"0", "false"})


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
    if type(value) is not str:
        if type(value) is not int:
            return None
        try:
            return str(value)
        except ValueError:  # more digits than Python is willing to print
            return None
    if value.isascii() and value.isprintable() and len(value) <= LONGEST_TEXT:
        return value.strip() or None
    value = value[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
    # Categories Cc and Cs are not printable; joiners and right-to-left marks (Cf) are
    # part of how names are written, so only the real control characters go.
    return (
        "".join(char for char in value if char >= " " and char != "\x7f").strip()
        or None
    )


def integer(value: object) -> int | None:
    """Return a whole number from a number or its text, else None."""
    match value:
        case bool():
            return int(value)
        case int():
            return value
        case float() if isfinite(value) and value.is_integer():
            return int(value)
        case str() if len(value) <= 20:
            try:
                return int(value)
            except ValueError:
                return None
    return None


def flag(value: object) -> bool | None:
    """Return a yes or no from a boolean, 0 or 1, or their text, else None."""
    match value:
        case bool():
            return value
        case int():
            return value != 0
        case str() if value.lower() in _TRUE:
            return True
        case str() if value.lower() in _FALSE:
            return False
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
