"""Access tokens: issued, returned again, refreshed, ended (docs/tuya_api.md, Tokens)."""

from collections.abc import Callable
from dataclasses import dataclass
import random
from typing import Final

from .refusals import Refusal

LIFETIME: Final = 7200
"""Seconds an access token lives."""


@dataclass(slots=True)
class Token:
    """An access token and its refresh token."""

    access: str
    refresh: str
    expires_at: float


class TokenIssuer:
    """Issues tokens, at most one of which is valid at any time."""

    def __init__(self, clock: Callable[[], float], generator: random.Random) -> None:
        """Start without a token."""
        self._clock = clock
        self._random = generator
        self._current: Token | None = None
        self._former: dict[str, int] = {}
        self.issued = 0
        """The number of tokens issued, refreshed ones included."""

    @property
    def current(self) -> Token | None:
        """The valid token, if there is one."""
        token = self._current
        if token is not None and token.expires_at <= self._clock():
            self._retire(1010)
            return None
        return token

    def grant(self) -> Token:
        """Return the token for ``grant_type=1``: the same one while it is valid."""
        return self.current or self._issue()

    def refresh(self, refresh_token: str) -> Token:
        """Exchange a refresh token, which invalidates the old pair.

        A refresh token outlives its access token, but only until another pair is
        issued. Used and unknown ones are refused in the same way: the documents name no other
        code.
        """
        token = self._current
        if token is None or token.refresh != refresh_token:
            raise Refusal(1010)
        return self._issue()

    def check(self, access: str) -> None:
        """Refuse an access token that is invalid (1010) or was never issued (1011)."""
        token = self.current
        if token is not None and token.access == access:
            return
        raise Refusal(self._former.get(access, 1011))

    def kill(self, code: int = 1010) -> None:
        """End the current token early, as the cloud sometimes does."""
        self._retire(code)
        self._current = None

    def remaining(self, token: Token) -> int:
        """The remaining whole seconds of the token (``expire_time``)."""
        return max(0, int(token.expires_at - self._clock()))

    def _issue(self) -> Token:
        """Issue a new pair."""
        self._retire(1010)
        self.issued += 1
        self._current = Token(
            access=f"{self._random.getrandbits(128):032x}",
            refresh=f"{self._random.getrandbits(128):032x}",
            expires_at=self._clock() + LIFETIME,
        )
        return self._current

    def _retire(self, code: int) -> None:
        """Refuse the current access token from now on."""
        if self._current is not None:
            self._former.setdefault(self._current.access, code)
