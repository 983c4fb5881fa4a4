"""Faults on demand: which call is struck, how often, and by what.

Each method of `Faults` plants one and returns it. All take the same marks::

    on      endpoint names, or "reads", "writes", "business", "tokens"; all calls else
    path    a part of the path          lock, user   only calls about these
    method  a verb                      times        how many calls; None is forever
    after   how many matching calls go well before   chance   0..1, from the seed

Faults fall into the life of a call at one of these moments, in this order:

1. at the gate, before the call is looked at: `latency`, `hang`, `cut`, `http`, `body`,
   `kill_token`;
2. once the signature and the token are verified: `refuse` and its kin;
3. while it is carried out: `drop_write`, `page`;
4. on the answer: `result`, `edit`, `no_result`, `wrong_shape`, `oversized`;
5. on its way out: `lose_answer`, `cut("middle")`.

Waiting is done by the time of the event loop. Where a test freezes that as well, a
call that is late or hangs for some seconds goes on when the test turns the time on,
by more than these seconds.
"""

from collections.abc import Callable
import json
import random
from typing import Any, Literal, Unpack

from .ask import NOTHING
from .calls import Call
from .fault import GROUPS, Fault, Kind, Marks, PageFault
from .routes import check_name


class Faults:
    """All planted faults, and the ways to plant more."""

    def __init__(self, dice: random.Random) -> None:
        """Start without a fault; chances are thrown with these dice."""
        self._dice = dice
        self._planted: list[Fault] = []

    # --- at the gate ---

    def latency(
        self, seconds: float, *, jitter: float = 0.0, **marks: Unpack[Marks]
    ) -> Fault:
        """Answer late, by up to ``jitter`` seconds more. Forever unless told."""
        return self._plant(
            "latency", {"times": None, **marks}, seconds=seconds, jitter=jitter
        )

    def hang(self, seconds: float | None = None, **marks: Unpack[Marks]) -> Fault:
        """Do nothing with the call until released, then go on with it."""
        return self._plant("hang", marks, seconds=seconds)

    def cut(
        self,
        when: Literal["before", "middle", "after"] = "before",
        **marks: Unpack[Marks],
    ) -> Fault:
        """Cut the connection: before anything, in the body, or after carrying it out."""
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
        """Answer with an HTTP status, as a gateway in front of the cloud would."""
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
        """Answer HTTP 200 with this instead of an envelope."""
        content = _bytes(body)
        return self._plant("body", marks, content=content, content_type=content_type)

    def json(self, value: Any, **marks: Unpack[Marks]) -> Fault:
        """Answer HTTP 200 with JSON that is no envelope."""
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
        """Let so many business calls pass, and refuse all after them."""
        return self.refuse(code, on="business", after=calls, times=None)

    def plan_expired(self, code: int = 28841002) -> Fault:
        """Refuse all calls but those for tokens (docs/tuya_api.md, Data centers)."""
        return self.refuse(code, on="business", times=None)

    def ip_not_allowed(self, address: str = "192.0.2.10") -> Fault:
        """Refuse everything, tokens too: the allow-list of the project."""
        text = f"your ip({address}) don't have access to this API"
        return self.refuse(1114, text, times=None)

    def cross_region(self, on: str = "") -> Fault:
        """Refuse everything, tokens too: the caller is in another region."""
        text = "your ip(192.0.2.10) cross-region access is not allowed"
        return self.refuse(2007, text, on=on or (), times=None)

    def not_authorized(self, *endpoints: str, code: int = 28841106) -> Fault:
        """Refuse endpoints whose API service the project lacks; 1106 and 1108 occur."""
        return self.refuse(code, on=endpoints or "business", times=None)

    # --- carried out wrongly ---

    def drop_write(self, **marks: Unpack[Marks]) -> Fault:
        """Say yes to a write and change nothing."""
        return self._plant("drop_write", {"on": "writes", **marks})

    def page(self, lie: PageFault, value: int = 0, **marks: Unpack[Marks]) -> Fault:
        """Serve pages wrongly, forever unless told.

        ``truncate``: half of the rows, and no more; ``repeat``: always the first page,
        and more; ``endless``: always more; ``total``: that value instead of the true
        one; ``has_more``: the opposite of the truth; ``keep``: as if there were only so many
        items, without any contradiction.
        """
        return self._plant("page", {"times": None, **marks}, lie=lie, value=value)

    # --- answered wrongly ---

    def edit(self, change: Callable[[Any], Any], **marks: Unpack[Marks]) -> Fault:
        """Answer with what a function makes of the result."""
        return self._plant("answer", marks, edit=change)

    def result(self, value: Any, **marks: Unpack[Marks]) -> Fault:
        """Answer success with any result."""
        return self.edit(lambda _: value, **marks)

    def no_result(self, **marks: Unpack[Marks]) -> Fault:
        """Answer success without the key ``result``."""
        return self.edit(lambda _: NOTHING, **marks)

    def wrong_shape(self, **marks: Unpack[Marks]) -> Fault:
        """Answer a list where an object should be, and the reverse."""
        return self.edit(_turned, **marks)

    def oversized(self, size: int = 6_000_000, **marks: Unpack[Marks]) -> Fault:
        """Answer with a valid envelope of so many bytes."""
        return self._plant("oversized", marks, value=size)

    # --- lost on the way out ---

    def lose_answer(
        self,
        how: Literal["cut", "hang", "http", "refuse"] = "cut",
        seconds: float | None = None,
        **marks: Unpack[Marks],
    ) -> Fault:
        """Carry a call out, but let its answer never arrive.

        ``http`` answers 502 in its place, ``refuse`` a system error (500).
        """
        kinds: dict[str, Kind] = {
            "cut": "cut_after",
            "hang": "hang_after",
            "http": "http_after",
            "refuse": "refuse_after",
        }
        return self._plant(kinds[how], marks, seconds=seconds)

    # --- bookkeeping ---

    def clear(self) -> None:
        """Take all faults away and let go what hangs."""
        for fault in self._planted:
            fault.release()
        self._planted.clear()

    def draw(self, call: Call) -> list[Fault]:
        """Return the faults that strike this call, and count them as used."""
        struck = [fault for fault in self._planted if self._strikes(fault, call)]
        for fault in struck:
            fault.hits += 1
            call.faults.append(fault.kind)
        # Calls may still hang on a spent fault, and `clear` has to let them go.
        self._planted = [
            fault
            for fault in self._planted
            if not fault.is_spent or fault.kind in ("hang", "hang_after")
        ]
        return struck

    def throw(self, upto: float) -> float:
        """Return a random number of seconds."""
        return self._dice.uniform(0, upto)

    def _strikes(self, fault: Fault, call: Call) -> bool:
        """Decide whether a fault strikes, counting down what it lets pass."""
        if fault.is_spent or not fault.matches(call):
            return False
        if fault.after > 0:
            fault.after -= 1
            return False
        return fault.chance >= 1 or self._dice.random() < fault.chance

    def _plant(self, kind: Kind, marks: Marks, **nature: Any) -> Fault:
        """Check the marks and plant a fault."""
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
