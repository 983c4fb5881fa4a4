"""Enrollments at a lock: a finger or a card is presented, or the time runs out.

Meanwhile the lock is busy (2328). There is no timer: the state is computed when it is
needed, and `messages_until` returns the reports of the lock.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from .model import Method

WINDOW_SECONDS: Final = 60
TOUCHES: Final = {"fingerprint": 4, "card": 1, "face": 1, "password": 1}


@dataclass(slots=True)
class EnrollmentRules:
    """The behavior of an enrollment."""

    completes: bool = True
    seconds_each: float = 2.0
    """Between one touch and the next."""


@dataclass(slots=True)
class Enrollment:
    """One enrollment in progress."""

    word: str
    code: str
    user_id: str
    started: float
    rules: EnrollmentRules
    pin: str | None = None
    ended: bool = False
    reported: list[dict[str, Any]] = field(default_factory=list)

    @property
    def touches(self) -> int:
        """The number of touches."""
        return TOUCHES.get(self.word, 1)

    @property
    def finishes(self) -> float | None:
        """When it succeeds, None if it does not."""
        seconds = self.touches * self.rules.seconds_each
        if not self.rules.completes or seconds > WINDOW_SECONDS:
            return None
        return self.started + seconds

    @property
    def gives_up(self) -> float:
        """When the lock stops waiting."""
        return self.started + WINDOW_SECONDS

    def messages_until(self, now: float) -> list[dict[str, Any]]:
        """Return the progress reports that are due and were not returned before.

        The first contains the number of touches, each further one the remaining touches
        and whether to lift the finger, and the last one the end.
        """
        due = [(self.started, {"operate": 1, "totalPeriod": self.touches})]
        for number in range(1, self.touches + 1):
            moment = self.started + number * self.rules.seconds_each
            if self.finishes is not None:
                left = self.touches - number
                due.append((moment, {"operate": 1, "period": left, "raised": True}))
        if self.finishes is not None:
            due.append((self.finishes, {"operate": 1, "period": 0, "finish": True}))
        new = [body for moment, body in due if moment <= now][len(self.reported) :]
        self.reported += new
        return [
            {"event": "unlockMethodEntry", "finish": False, "raised": False} | body
            for body in new
        ]


def automatic_name(method: Method) -> str:
    """Return the default name of a method."""
    return method.unlock_id
