"""Comparing names. Pure.

Keyboards and apps may compose the same letters differently (NFC and NFD), so names are
never compared as they are.
"""

from unicodedata import normalize


def name_key(name: str, *, alike: bool = False) -> str:
    """Return a key that is equal for the same letters, with `alike` for similar ones."""
    return normalize("NFKC" if alike else "NFC", name)


def same_name(first: str | None, second: str | None, *, alike: bool = False) -> bool:
    """Return whether two names have the same letters; None is only the same as None."""
    if first is None or second is None:
        return first is second
    return name_key(first, alike=alike) == name_key(second, alike=alike)


def search_key(text: str) -> str:
    """Return a key that contains the key of each text that a search for it finds."""
    return name_key(text, alike=True).casefold()
