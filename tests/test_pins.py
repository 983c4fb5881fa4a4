"""Tests of made-up PINs, which are never obvious."""

from collections import Counter
from random import Random
import secrets

import pytest

from custom_components.tuya_lock_users.api.pin import is_obvious, made_up_pin
from tests.common import cases


@cases(
    "digits",
    {
        "a-digit-twice": "739915",
        "a-pair-twice": "731315",
        "upwards": "912374",
        "downwards-by-twos": "904204",
        "a-year": "751984",
        "there-and-back": "372273",
        "one-digit": "000000",
    },
)
def test_obvious_pins(digits: str) -> None:
    """Each pattern by itself is enough."""
    assert is_obvious(digits)
    assert not is_obvious("739418")


@pytest.mark.parametrize("length", [6, 7])
def test_made_up_pins(length: int) -> None:
    """PINs have their length, leading zeros included, and none is obvious."""
    generator = Random(1)
    pins = [made_up_pin(length, generator.randrange).digits for _ in range(2_000)]
    assert {len(pin) for pin in pins} == {length}
    assert not any(map(is_obvious, pins))
    assert Counter(pin[0] for pin in pins).keys() == set("0123456789")
    assert max(Counter(pins).values()) <= 2
    assert made_up_pin(length, secrets.randbelow) != made_up_pin(
        length, secrets.randbelow
    )


def test_taken_pins() -> None:
    """The number of another password is no PIN; what is refused is thrown again."""
    thrown = iter([739418, 123456, 50628, 916405])
    taken = [739418, 50628]
    assert made_up_pin(6, lambda _: next(thrown), taken).digits == "916405"
