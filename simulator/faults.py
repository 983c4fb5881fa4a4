"""Faults on demand: the affected calls, how often, and how.

Each method of `Faults` adds one and returns it. All have the same filters::

    on      endpoint names, or "reads", "writes", "business", "tokens"; all calls else
    path    a part of the path          lock, user   only calls about these
    method  a verb                      times        how many calls; None is forever
    after   how many matching calls go well before   chance   0..1, from the seed

Faults affect a call at one of these moments, in this order:

1. before the call is checked: `latency`, `hang`, `cut`, `http`, `body`,
   `kill_token`;
2. after the signature and the token are verified: `refuse` and similar;
3. while it is handled: `drop_write`, `page`;
4. in the reply: `result`, `edit`, `no_result`, `wrong_shape`, `oversized`;
5. while the reply is sent: `lose_reply`, `cut("middle")`.

Waiting uses the time of the event loop. If a test freezes that as well, a late or hanging
call continues when the test advances the time by more than its seconds.
"""

from collections.abc import Callable
import json
import random
from typing import Any, Literal, Unpack

from .calls import Call
from .fault import GROUPS, Fault, Kind, Marks, PageFault
from .request import NOTHING
from .routes import check_name


class Faults:
    """All faults."""

    def __init__(self, generator: random.Random) -> None:
        """Initialize without faults; the random generator decides chances."""
        self._random = generator
        self._planted: list[Fault] = []

    # --- at the gate ---

    def latency(
        self, seconds: float, *, jitter: float = 0.0, **marks: Unpack[Marks]
    ) -> Fault:
        """Reply late, by up to ``jitter`` seconds more; by default, always."""
        return self._plant(
            "latency", {"times": None, **marks}, seconds=seconds, jitter=jitter
        )

    def hang(self, seconds: float | None = None, **marks: Unpack[Marks]) -> Fault:
        """Hold the call until released, then continue."""
        return self._plant("hang", marks, seconds=seconds)

    def cut(
        self,
        when: Literal["before", "middle", "after"] = "before",
        **marks: Unpack[Marks],
    ) -> Fault:
        """Cut the connection: at the start, within the body, or after the call is handled."""
        kinds: dict[str, Kind] = {
            "before": "cut", "middle": "cut_middle", "after": "cut_after"
        }  # fmt: skip
        return self._plant(kinds[when], marks)

    def http(
        self,
        status: int,
        body: bytes | str = b"",
        *,
        content_type: str = "text/html",
        headers: dict[str, str] | None = None,
        **marks: Unpack[Marks],
    ) -> Fault:
        """Reply with an HTTP status, like a gateway."""
        return self._plant(
            "http", marks, status=status, content=_bytes(body),
            content_type=content_type, headers=headers or {},
        )  # fmt: skip

    def body(
        self,
        body: bytes | str,
        *,
        content_type: str = "application/json",
        **marks: Unpack[Marks],
    ) -> Fault:
        """Reply with HTTP 200 and this body instead of an envelope."""
        content = _bytes(body)
        return self._plant("body", marks, content=content, content_type=content_type)

    def json(self, value: Any, **marks: Unpack[Marks]) -> Fault:
        """Reply with HTTP 200 and JSON that is no envelope."""
        return self.body(json.dumps(value), **marks)

    def kill_token(self, code: int = 1010, **marks: Unpack[Marks]) -> Fault:
        """End the current access token when a matching call comes in."""
        return self._plant("kill_token", {"on": "business", **marks}, code=code)

    # --- verified, and refused ---

    def refuse(
        self, code: int, message: str | None = None, **marks: Unpack[Marks]
    ) -> Fault:
        """Refuse calls with a code; the text comes from the table."""
        return self._plant("refuse", marks, code=code, message=message)

    def quota(self, calls: int, code: int = 28841004) -> Fault:
        """Refuse all business calls after a number of them."""
        return self.refuse(code, on="business", after=calls, times=None)

    def plan_expired(self, code: int = 28841002) -> Fault:
        """Refuse all calls but those for tokens (docs/tuya_api.md, Data centers)."""
        return self.refuse(code, on="business", times=None)

    def ip_not_allowed(self, address: str = "192.0.2.10") -> Fault:
        """Refuse all calls, tokens included: the IP allowlist of the project."""
        text = f"your ip({address}) don't have access to this API"
        return self.refuse(1114, text, times=None)

    def cross_region(self, on: str = "") -> Fault:
        """Refuse all calls, tokens included: the caller is in another region."""
        text = "your ip(192.0.2.10) cross-region access is not allowed"
        return self.refuse(2007, text, on=on or (), times=None)

    def not_authorized(self, *endpoints: str, code: int = 28841106) -> Fault:
        """Refuse endpoints whose API service the project lacks; 1106 and 1108 occur."""
        return self.refuse(code, on=endpoints or "business", times=None)

    # --- handled wrongly ---

    def drop_write(self, **marks: Unpack[Marks]) -> Fault:
        """Report success for a write without changing anything."""
        return self._plant("drop_write", {"on": "writes", **marks})

    def page(self, kind: PageFault, value: int = 0, **marks: Unpack[Marks]) -> Fault:
        """Return wrong pages; by default, always.

        ``truncate``: half of the rows, and no more; ``repeat``: always the first page,
        and more; ``endless``: always more; ``total``: that value instead of the true
        one; ``has_more``: the opposite of the truth; ``keep``: as if there were only so many
        items, without any contradiction.
        """
        return self._plant(
            "page", {"times": None, **marks}, page_kind=kind, value=value
        )

    # --- wrong replies ---

    def edit(self, change: Callable[[Any], Any], **marks: Unpack[Marks]) -> Fault:
        """Change the result with a function."""
        return self._plant("answer", marks, edit=change)

    def result(self, value: Any, **marks: Unpack[Marks]) -> Fault:
        """Reply with success and any result."""
        return self.edit(lambda _: value, **marks)

    def no_result(self, **marks: Unpack[Marks]) -> Fault:
        """Reply with success, without the key ``result``."""
        return self.edit(lambda _: NOTHING, **marks)

    def wrong_shape(self, **marks: Unpack[Marks]) -> Fault:
        """Reply with a list instead of an object, and the reverse."""
        return self.edit(_turned, **marks)

    def oversized(self, size: int = 6_000_000, **marks: Unpack[Marks]) -> Fault:
        """Reply with a valid envelope of a size."""
        return self._plant("oversized", marks, value=size)

    # --- lost replies ---

    def lose_reply(
        self,
        how: Literal["cut", "hang", "http", "refuse"] = "cut",
        seconds: float | None = None,
        **marks: Unpack[Marks],
    ) -> Fault:
        """Handle a call, but lose its reply.

        ``http`` replies with 502 instead, ``refuse`` with a system error (500).
        """
        kinds: dict[str, Kind] = {
            "cut": "cut_after",
            "hang": "hang_after",
            "http": "http_after",
            "refuse": "refuse_after",
        }
        return self._plant(kinds[how], marks, seconds=seconds)

    # --- internals ---

    def clear(self) -> None:
        """Remove all faults and release hanging calls."""
        for fault in self._planted:
            fault.release()
        self._planted.clear()

    def draw(self, call: Call) -> list[Fault]:
        """Return the faults for this call, and count them."""
        struck = [fault for fault in self._planted if self._affects(fault, call)]
        for fault in struck:
            fault.hits += 1
            call.faults.append(fault.kind)
        # Calls can still hang on a used fault, which `clear` must release.
        self._planted = [
            fault
            for fault in self._planted
            if not fault.is_spent or fault.kind in ("hang", "hang_after")
        ]
        return struck

    def random_seconds(self, upto: float) -> float:
        """Return a random number of seconds."""
        return self._random.uniform(0, upto)

    def _affects(self, fault: Fault, call: Call) -> bool:
        """Return whether a fault affects a call, counting those it lets pass."""
        if fault.is_spent or not fault.matches(call):
            return False
        if fault.after > 0:
            fault.after -= 1
            return False
        return fault.chance >= 1 or self._random.random() < fault.chance

    def _plant(self, kind: Kind, marks: Marks, **nature: Any) -> Fault:
        """Check the filters and add a fault."""
        on = marks.get("on", ())
        names = frozenset({on} if isinstance(on, str) else on)
        for name in names - GROUPS.keys():
            check_name(name)
        fault = Fault(kind, **{**marks, **nature, "on": names})
        self._planted.append(fault)
        return fault


def _bytes(body: bytes | str) -> bytes:
    """Return text as bytes; lone surrogates pass, for hostile replies."""
    return body.encode(errors="surrogatepass") if isinstance(body, str) else body


def _turned(result: Any) -> Any:
    """Turn an object into a list, and anything else into an object."""
    return [result] if isinstance(result, dict) else {"items": result}
