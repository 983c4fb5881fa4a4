"""Access tokens: issued, handed out again, refreshed, killed (docs/tuya_api.md, Tokens)."""

from collections.abc import Callable
from dataclasses import dataclass
import random
from typing import Final

from .refusals import Refusal

LIFETIME: Final = 7200
"""Seconds an access token lives."""


@dataclass(slots=True)
class Token:
    """An access token with the refresh token it came with."""

    access: str
    refresh: str
    expires_at: float


class TokenOffice:
    """Issues tokens; at any time at most one of them is good."""

    def __init__(self, clock: Callable[[], float], dice: random.Random) -> None:
        """Start without a token."""
        self._clock = clock
        self._dice = dice
        self._current: Token | None = None
        self._former: dict[str, int] = {}
        self.issued = 0
        """How many different tokens were issued, refreshed ones included."""

    @property
    def current(self) -> Token | None:
        """The token that is good now, if there is one."""
        token = self._current
        if token is not None and token.expires_at <= self._clock():
            self._retire(1010)
            return None
        return token

    def grant(self) -> Token:
        """Answer ``grant_type=1``: while a token lives, the same one again."""
        return self.current or self._issue()

    def refresh(self, refresh_token: str) -> Token:
        """Trade a refresh token in; the old pair is dead afterwards.

        A refresh token outlives its access token, but only until another pair is
        issued. Used and unknown ones are refused alike: the documents name no code of
        their own for them.
        """
        token = self._current
        if token is None or token.refresh != refresh_token:
            raise Refusal(1010)
        return self._issue()

    def check(self, access: str) -> None:
        """Refuse an access token that is dead (1010) or was never issued (1011)."""
        token = self.current
        if token is not None and token.access == access:
            return
        raise Refusal(self._former.get(access, 1011))

    def kill(self, code: int = 1010) -> None:
        """End the current token before its time, as the cloud does at its whim."""
        self._retire(code)
        self._current = None

    def remaining(self, token: Token) -> int:
        """Whole seconds the token has left: what the reply calls ``expire_time``."""
        return max(0, int(token.expires_at - self._clock()))

    def _issue(self) -> Token:
        """Replace whatever was current by a fresh pair."""
        self._retire(1010)
        self.issued += 1
        self._current = Token(
            access=f"{self._dice.getrandbits(128):032x}",
            refresh=f"{self._dice.getrandbits(128):032x}",
            expires_at=self._clock() + LIFETIME,
        )
        return self._current

    def _retire(self, code: int) -> None:
        """Remember the current access token as one that is refused from now on."""
        if self._current is not None:
            self._former.setdefault(self._current.access, code)
