"""The log of all requests."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Call:
    """One request and its result."""

    time: float
    """The cloud's clock when the request came."""
    method: str
    path: str
    query: dict[str, str]
    raw: str
    """The request target, undecoded."""
    loop_time: float = 0.0
    """The time of the event loop, for rates; it advances even if the clock is frozen."""
    in_flight: int = 1
    """The number of concurrent calls, this one included."""
    endpoint: str | None = None
    """The name of the endpoint (see `routes.py`), None for an unknown path."""
    lock: str | None = None
    user: str | None = None
    body: Any = None
    """The parsed body; its text if it is not JSON; None if it is empty."""
    access_token: str = ""
    code: int | None = None
    """The code of the refusal; None after success, and without a reply."""
    success: bool | None = None
    """Whether the envelope reported success; None if none was sent."""
    status: int | None = None
    """The HTTP status; None if there was no reply."""
    faults: list[str] = field(default_factory=list)
    """The kinds of the faults that affected this call."""

    @property
    def is_write(self) -> bool:
        """Whether the request is a write."""
        return self.method != "GET"

    @property
    def is_change(self) -> bool:
        """Whether the request changes something, which a ticket for a PIN does not."""
        return self.is_write and not (self.endpoint or "").endswith("_ticket")


class CallLog(list[Call]):
    """All requests in order."""

    def to(
        self, *endpoints: str, lock: str | None = None, user: str | None = None
    ) -> list[Call]:
        """Return the requests to some endpoints, or to all."""
        return [
            call
            for call in self
            if (not endpoints or call.endpoint in endpoints)
            and (lock is None or call.lock == lock)
            and (user is None or call.user == user)
        ]

    @property
    def writes(self) -> list[Call]:
        """The writes that change something."""
        return [call for call in self if call.is_change]

    @property
    def refused(self) -> list[Call]:
        """The calls with an error code."""
        return [call for call in self if call.code]

    @property
    def most_in_flight(self) -> int:
        """The largest number of simultaneous calls."""
        return max((call.in_flight for call in self), default=0)

    def counts(self, *, lock: str | None = None) -> Counter[str]:
        """Return the number of requests by endpoint (unknown paths under ``?``)."""
        return Counter(call.endpoint or "?" for call in self.to(lock=lock))
