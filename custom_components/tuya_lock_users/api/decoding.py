"""Tolerant decoding of single values, and of records made of them.

Numbers arrive as text, flags as numbers, and objects as JSON text (docs/tuya_api.md,
Types of values). Only this module and the models tolerate that. mashumaro decodes records
to frozen values: one without its identity is dropped with a debug message, and any other
field can be missing or of another type than documented, and is then None.
"""

from collections.abc import Callable
from dataclasses import field
import json
import logging
from typing import Any, Final
from unicodedata import category

from mashumaro.codecs import BasicDecoder
from mashumaro.exceptions import InvalidFieldValue, MissingField
import orjson

_LOGGER = logging.getLogger(__name__)

# Longer names are truncated before they reach a registry or a state.
LONGEST_TEXT: Final = 1000

# The range of orjson; larger numbers could not be encoded again.
SMALLEST_NUMBER: Final = -(2**63)
LARGEST_NUMBER: Final = 2**64 - 1
_LONGEST_NUMBER: Final = 20

_UNWANTED: Final = frozenset({"Cc", "Zl", "Zp"})
_FLAGS: Final = {"0": False, "1": True, "false": False, "true": True}


def json_loads(value: str | bytes) -> Any:
    """Return decoded JSON, or raise ValueError.

    orjson would refuse a whole reply for a lone surrogate in a name. The standard
    library accepts it, and `text` replaces it.
    """
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        try:
            return json.loads(value)
        except RecursionError as err:
            raise ValueError("nested too deeply") from err


def text(value: object) -> str | None:
    """Return text, or None for an empty or blank text or another type.

    Numbers become their digits (IDs occur as both). Lone surrogates, which cannot be
    stored or sent, are replaced, and control characters are removed.
    """
    if type(value) is str:
        if value.isprintable() and len(value) <= LONGEST_TEXT:
            return value.strip() or None
        return _sanitized(value)
    if type(value) is int and SMALLEST_NUMBER <= value <= LARGEST_NUMBER:
        return str(value)
    return None


def _sanitized(value: str) -> str | None:
    """Return a text without control characters and line breaks.

    Joiners and right-to-left marks do not count as printable, but are part of names, so
    they stay.
    """
    value = value[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
    kept = (char for char in value if category(char) not in _UNWANTED)
    return "".join(kept).strip() or None


def integer(value: object) -> int | None:
    """Return a whole number from a number or text, else None."""
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
    """Return a boolean from a boolean, a number, or their text, else None."""
    if value is None or type(value) is bool:
        return value
    if type(value) is int:
        return value != 0
    if type(value) is str:
        return _FLAGS.get(value.lower())
    return None


def is_blank(value: object) -> bool:
    """Return whether a value is empty."""
    if isinstance(value, str):
        return not value.strip()
    return value in (None, [], {})


def json_object(value: object) -> dict[str, Any] | None:
    """Return an object from an object, its JSON text, or a list of one."""
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
    """Return the objects of a list, without anything else in it."""
    if not isinstance(value, list):
        return []
    return [item for item in value if isinstance(item, dict)]


# --- Records


def required(decode: Callable[[object], Any]) -> Callable[[object], Any]:
    """Return a decoder that refuses invalid values, so that the record is dropped."""

    def decode_required(value: object) -> Any:
        if (decoded := decode(value)) is None:
            raise ValueError("no identity")
        return decoded

    return decode_required


def wire(alias: str, decode: Callable[[object], Any], **default: Any) -> Any:
    """Return a field with its name in the cloud and its decoder.

    It sets the same metadata as mashumaro's field_options.
    """
    return field(metadata={"alias": alias, "deserialize": decode}, **default)


def decoder[Model](model: type[Model]) -> Callable[[dict[str, Any]], Model | None]:
    """Return a decoder that drops a record without identity instead of raising.

    It is compiled for its first record: compiling all of them would double the time of
    the import.
    """
    decode: Callable[[dict[str, Any]], Model] | None = None

    def decode_record(record: dict[str, Any]) -> Model | None:
        nonlocal decode
        if decode is None:
            decode = BasicDecoder(model).decode
        try:
            return decode(record)
        except (InvalidFieldValue, MissingField) as err:
            _LOGGER.debug("Ignored a record without a valid %s", err.field_name)
            return None

    return decode_record
