"""A PIN: digits that open a door, in a wrapper that never shows them by accident."""

from typing import final, override


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
