"""PINs: digits that open a door, never shown by accident, and not easily guessed."""

from collections.abc import Callable, Collection
from itertools import pairwise
from typing import Final, final, override

# The years that a person may choose as a password.
_YEARS: Final = range(1900, 2100)
# This many digits in a row are a pattern: 123, 987, or 135 backwards.
_RUN: Final = 3
_DIGITS: Final = 10

type RandomBelow = Callable[[int], int]


@final
class Pin:
    """The digits of a password. Only `digits` contains them, no text of the object.

    Logs, error messages, and the representation of anything that holds it are safe.
    """

    __slots__ = ("digits",)

    def __init__(self, digits: str) -> None:
        """Wrap the digits."""
        self.digits = digits

    @override
    def __repr__(self) -> str:
        """Return a text without the digits, for `str` as well."""
        return "Pin(**)"

    @override
    def __eq__(self, other: object) -> bool:
        """Return whether two PINs have the same digits."""
        return isinstance(other, Pin) and self.digits == other.digits

    @override
    def __hash__(self) -> int:
        """Return a hash of the digits."""
        return hash(self.digits)


def made_up_pin(
    length: int, random_below: RandomBelow, taken: Collection[int] = ()
) -> Pin:
    """Return a PIN of a length.

    Args:
        length: How many digits.
        random_below: Returns a random number below a limit, such as
            `secrets.randbelow`.
        taken: Numbers of other passwords, which their holders may expect to be PINs.
    """
    numbers = {str(number) for number in taken}
    while True:
        digits = f"{random_below(_DIGITS**length):0{length}d}"
        if digits.lstrip("0") not in numbers and not is_obvious(digits):
            return Pin(digits)


def is_obvious(digits: str) -> bool:
    """Return whether people would try these digits first.

    That is a digit or a pair twice in a row, three digits that go up or down evenly,
    a year, or a text that reads the same backwards.
    """
    values = [int(digit) for digit in digits]
    steps = [second - first for first, second in pairwise(values)]
    return (
        0 in steps
        or any(first == second for first, second in pairwise(steps))
        or any(digits[i : i + 2] == digits[i + 2 : i + 4] for i in range(len(digits)))
        or any(int(digits[i : i + 4]) in _YEARS for i in range(len(digits) - _RUN))
        or digits == digits[::-1]
    )
