"""One request as an endpoint sees it: its target and its parameters.

Refusals of parameters (docs/tuya_api.md, Error codes): 1100 for a missing or empty one,
1109 for one of the wrong kind, 1101 for one out of range.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .calls import Call
from .dialects import Dialect
from .lock import Lock
from .model import Device
from .refusals import Refusal
from .tokens import TokenIssuer

NOTHING: Final = object()
"""No result: the envelope has no ``result`` key."""

type Json = Any
"""Any JSON; endpoints only build it."""


@dataclass(slots=True)
class World:
    """The part of the cloud that endpoints can access."""

    devices: list[Device]
    accounts: list[str]
    project_uid: str
    tokens: TokenIssuer
    access_secret: str


@dataclass(slots=True)
class PageFault:
    """The fault of the pages of this call (see `faults.py`)."""

    kind: str
    value: int = 0


@dataclass(slots=True)
class Request:
    """A verified request to a known endpoint."""

    call: Call
    parts: Mapping[str, str]
    """The variable parts of the path."""
    world: World
    dialect: Dialect
    now: float
    page_fault: PageFault | None = None
    _lock: Lock | None = field(default=None)

    # --- the lock ---

    def reach(self, *, while_busy: bool = False) -> Lock:
        """Return the lock, after checking that it can handle the request.

        In this order (docs/tuya_api.md, Order of checks): parameters, type of the lock,
        whether it is online. Endpoints check their parameters first, therefore.
        """
        if self._lock is None:
            raise Refusal(2004)
        if code := self.dialect.unsupported.get(self.call.endpoint or ""):
            raise Refusal(code)
        if not self._lock.device.online and (
            self.call.is_write or not self._lock.offline_reads
        ):
            raise Refusal(2001)
        if self.call.is_write and not while_busy and self.now < self._lock.busy_until:
            raise Refusal(2328)
        return self._lock

    @property
    def user_id(self) -> str:
        """The user in the path."""
        return self.parts["user_id"]

    # --- the query ---

    def text(self, name: str, *, empty: bool = False, needed: bool = True) -> str:
        """Return a parameter of the query."""
        value = self.call.query.get(name)
        if value is None and needed:
            raise Refusal(1100)
        if not value and not empty:
            raise Refusal(1100)
        return value or ""

    def number(self, name: str) -> int:
        """Return a positive whole number of the query."""
        value = self.text(name)
        if not value.isascii() or not value.isdigit():
            raise Refusal(1109)
        if int(value) < 1:
            raise Refusal(1101)
        return int(value)

    def codes(self, *, empty: bool, known: frozenset[str] | None = None) -> list[str]:
        """Return the list of codes; unknown ones are refused if required."""
        needed = not (empty and self.dialect.lenient_parameters)
        codes = [
            c for c in self.text("codes", empty=empty, needed=needed).split(",") if c
        ]
        if known is not None and not known.issuperset(codes):
            raise Refusal(1109)
        return codes

    # --- the body ---

    @property
    def body(self) -> dict[str, Json]:
        """The body, which is always an object."""
        if self.call.body is None:
            raise Refusal(1100)
        if not isinstance(self.call.body, dict):
            raise Refusal(1109)
        return self.call.body

    def body_text(self, name: str) -> str:
        """Return a required text of the body."""
        value = self.body.get(name)
        if value is None or value == "":
            raise Refusal(1100)
        if not isinstance(value, str):
            raise Refusal(1109)
        return value

    def body_number(self, name: str) -> int | None:
        """Return a whole number of the body, None if it is missing or null."""
        value = self.body.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refusal(1109)
        return value
