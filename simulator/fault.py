"""One fault, and the calls it affects."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypedDict

from .calls import Call
from .routes import TOKEN_ENDPOINTS

type Kind = Literal[
    "latency", "hang", "cut", "http", "body", "kill_token",
    "refuse", "drop_write", "page", "answer", "oversized",
    "cut_middle", "cut_after", "hang_after", "http_after", "refuse_after",
]  # fmt: skip
GATE: Final[frozenset[Kind]] = frozenset(
    {"latency", "hang", "cut", "http", "body", "kill_token"}
)
"""The kinds that take effect before a call is checked."""

type PageFault = Literal["truncate", "repeat", "endless", "total", "has_more", "keep"]

GROUPS: Final[dict[str, Callable[[Call], bool]]] = {
    "reads": lambda call: not call.is_write and call.endpoint not in TOKEN_ENDPOINTS,
    "writes": lambda call: call.is_change,
    "business": lambda call: call.endpoint not in TOKEN_ENDPOINTS,
    "tokens": lambda call: call.endpoint in TOKEN_ENDPOINTS,
}


class Marks(TypedDict, total=False):
    """The calls that a fault affects."""

    on: str | Collection[str]
    path: str
    lock: str
    user: str
    method: str
    times: int | None
    after: int
    chance: float


@dataclass(slots=True, eq=False)
class Fault:
    """One planted fault."""

    kind: Kind
    on: frozenset[str] = frozenset()
    path: str | None = None
    lock: str | None = None
    user: str | None = None
    method: str | None = None
    times: int | None = 1
    after: int = 0
    chance: float = 1.0
    code: int = 0
    message: str | None = None
    status: int = 200
    content: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float | None = None
    jitter: float = 0.0
    page_kind: PageFault = "truncate"
    value: int = 0
    edit: Callable[[Any], Any] | None = None
    hits: int = 0
    """The number of calls it has affected."""
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_spent(self) -> bool:
        """Whether it has affected all of its calls."""
        return self.times is not None and self.hits >= self.times

    def matches(self, call: Call) -> bool:
        """Whether a call matches."""
        named = not self.on or any(
            GROUPS[mark](call) if mark in GROUPS else mark == call.endpoint
            for mark in self.on
        )
        return (
            named
            and (self.path is None or self.path in call.path)
            and (self.lock is None or self.lock == call.lock)
            and (self.user is None or self.user == call.user)
            and (self.method is None or self.method == call.method)
        )

    def release(self) -> None:
        """Release calls that hang on this fault, and affect no more."""
        self.times = self.hits
        self.released.set()

    remove = release
