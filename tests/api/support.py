"""Small helpers of the tests of the client."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
import json
from pathlib import Path
from types import UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

FIXTURES: Final = Path(__file__).parents[1] / "fixtures"


def fixture(name: str) -> Any:
    """Return a sample of the two source documents."""
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def faults_of(model: object) -> list[str]:
    """Return the fields of a model, and of models in it, whose values are not theirs."""
    assert is_dataclass(model)
    hints = get_type_hints(type(model))
    return [
        f"{type(model).__name__}.{entry.name} = {value!r}"
        for entry in fields(model)
        if not _is_of(value := getattr(model, entry.name), hints[entry.name])
    ]


def _is_of(value: object, hint: Any) -> bool:
    """Return whether a value is of a type; a boolean is no number here."""
    if hint is object:
        return True
    if isinstance(hint, UnionType):
        return any(_is_of(value, one) for one in get_args(hint))
    if get_origin(hint) is tuple:
        return type(value) is tuple and _all_of(value, get_args(hint)[0])
    if type(value) is not (type(None) if hint is None else hint):
        return False
    return not is_dataclass(value) or not faults_of(value)


def _all_of(values: Iterable[object], hint: Any) -> bool:
    return all(_is_of(value, hint) for value in values)
