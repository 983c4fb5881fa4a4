"""Pseudonyms: short hashes in place of names and ids."""

from collections.abc import Callable
from hashlib import blake2s

from ..const import DOMAIN

type Pseudonymize = Callable[[str | None], str | None]


def pseudonymizer(key: str = DOMAIN) -> Pseudonymize:
    """Return a function that returns the same short pseudonym for the same text.

    Short texts can be guessed: anyone with a phone number can compute its pseudonym.
    `key` must be a secret where the pseudonyms are published.
    """

    def pseudonymize(identity: str | None) -> str | None:
        if not identity:
            return None
        digest = blake2s(
            identity.encode(errors="replace"), key=key.encode()[:32], digest_size=4
        )
        return digest.hexdigest()

    return pseudonymize
