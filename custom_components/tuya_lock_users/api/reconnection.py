"""Attempts to connect to the message stream: refusals, and the pauses between them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_UNAUTHORIZED: Final = (401, 403)
_NOT_ENABLED: Final = (404, 500)
_CONFLICT: Final = 409
# Temporary refusals: a timeout, or too many connections.
_TRANSIENT: Final = (408, 429)


class Refusal(StrEnum):
    """The reason for a refused connection.

    A project without the message service is refused like a wrong secret, so a caller
    that knows the secret to be correct can treat both alike.
    """

    UNAUTHORIZED = "unauthorized"
    NOT_ENABLED = "not_enabled"
    BUSY = "busy"
    INVALID = "invalid"


# Only a change of the project resolves these, so they are retried rarely.
_LASTING: Final = frozenset(
    {Refusal.UNAUTHORIZED, Refusal.NOT_ENABLED, Refusal.INVALID}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The timing of the stream, in seconds.

    Without a ping every half a minute, the server closes the connection. A lost
    connection is retried after `shortest_pause`, doubled each time up to
    `longest_pause`. A refusal that only a change of the project resolves is retried
    after `refused_pauses`, the last of which repeats.
    """

    connect: float = 10
    ping_every: float = 30
    answer_within: float = 10
    shortest_pause: float = 1
    longest_pause: float = 60
    refused_pauses: tuple[float, ...] = (15 * 60, 60 * 60)


def refusal_of(status: int) -> Refusal | None:
    """Return the meaning of a handshake status, None for a transient failure."""
    if status in _UNAUTHORIZED:
        return Refusal.UNAUTHORIZED
    if status in _NOT_ENABLED:
        return Refusal.NOT_ENABLED
    if status == _CONFLICT:
        return Refusal.BUSY
    # Replies of a gateway are transient, too.
    if status in _TRANSIENT or not 400 <= status < 500:
        return None
    return Refusal.INVALID


class Pauses:
    """The pauses between attempts to connect."""

    def __init__(self, timing: Timing, random: Callable[[float, float], float]) -> None:
        """Begin with the shortest pause."""
        self._timing = timing
        self._random = random
        self._attempts = 0
        self._refusals = 0

    def note_connection(self, seconds: float) -> None:
        """Note how long a connection lasted.

        A connection that is dropped immediately is no success.
        """
        self._refusals = 0
        if seconds >= self._timing.longest_pause:
            self._attempts = 0

    def after(self, refusal: Refusal | None) -> float:
        """Return the seconds to wait after a refusal, or after another failure."""
        timing = self._timing
        if refusal in _LASTING:
            self._refusals += 1
            pauses = timing.refused_pauses
            return pauses[min(self._refusals, len(pauses)) - 1]
        pause = min(timing.shortest_pause * 2.0**self._attempts, timing.longest_pause)
        self._attempts = min(self._attempts + 1, 30)  # keeps the power small
        return pause * self._random(0.5, 1)
