"""Writes with several documented forms, of which a lock understands one."""

from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from .cloud import TuyaCloud
from .dialects import AllocateCall, CodeKey, DialectMemory
from .errors import (
    BadRequestError,
    NotAuthorizedError,
    TransportError,
    TuyaError,
    UnsupportedError,
)
from .schedule.model import Schedule, ScheduleBody, WindowKeys
from .schedule.windows import WindowDialect, window_dialect
from .schedule.wire import encode_schedule
from .unlock_methods import UnlockMethod, method_code, method_word
from .window_learner import WindowLearner

_LOCK: Final = "/v1.0/smart-lock/devices/{lock_id}"
_DEVICE: Final = "/v1.0/devices/{lock_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """The result of an allocation.

    Attributes:
        sent: The methods that were sent.
        unanswered: The error of a lost reply, if any.
        refusal: The error that stopped it before all were sent.
    """

    sent: Sequence[UnlockMethod]
    unanswered: TransportError | None = None
    refusal: TuyaError | None = None


class Attempt:
    """One form of a write: send it, verify it, and accept it if it took effect."""

    def __init__(
        self, send: Callable[[], Awaitable[None]], accept: Callable[[], None]
    ) -> None:
        """Initialize the attempt; nothing is sent yet."""
        self.accept = accept
        self.was_refused = False
        self._send = send

    async def send(self) -> TransportError | None:
        """Send the write; return the error of a lost reply, if any.

        Raises TuyaError. After a BadRequestError, the next form may be understood.
        """
        try:
            return await send_write(self._send())
        except BadRequestError:
            self.was_refused = True
            raise


async def send_write(call: Awaitable[object]) -> TransportError | None:
    """Await a write; return the error of a lost reply, if any.

    Raises TuyaError if the write certainly had no effect.
    """
    try:
        await call
    except TransportError as err:
        if not err.was_sent:
            raise
        return err
    return None


class WriteCalls:
    """The calls with several forms that write to one lock. They raise TuyaError."""

    def __init__(self, cloud: TuyaCloud, lock_id: str) -> None:
        """Initialize the calls of a lock."""
        self._cloud = cloud
        self._lock_id = lock_id

    async def set_schedule(self, user_id: str, body: dict[str, Any]) -> None:
        """Set the schedule of a user (docs/tuya_api.md, Schedule bodies)."""
        path = f"{_LOCK}/users/{{user_id}}/schedule"
        await self._write("PUT", path, body, user_id=user_id)

    async def allocate(self, user_id: str, methods: Iterable[UnlockMethod]) -> None:
        """Allocate unlock methods to a user (docs/tuya_api.md, Allocation)."""
        path = f"{_DEVICE}/door-lock/opmodes/actions/allocate"
        await self._write("POST", path, _method_list(user_id, methods, "dp_code"))

    async def allocate_one(self, user_id: str, method: UnlockMethod) -> None:
        """Allocate one unlock method by the older call."""
        path = f"{_DEVICE}/device-lock/users/{{user_id}}/allocate"
        body = {"no": str(method.number), "type": method_word(method.type)}
        await self._write("POST", path, body, user_id=user_id)

    async def deallocate(
        self, user_id: str, methods: Iterable[UnlockMethod], code_key: str
    ) -> None:
        """Deallocate unlock methods (docs/tuya_api.md, Deallocation)."""
        path = f"{_LOCK}/opmodes/actions/cancel-allocate"
        await self._write("POST", path, _method_list(user_id, methods, code_key))

    async def _write(self, method: str, path: str, body: object, **ids: str) -> None:
        await self._cloud.write(method, path, body, lock_id=self._lock_id, **ids)


def _method_list(
    user_id: str, methods: Iterable[UnlockMethod], code_key: str
) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "unlock_list": [
            {str(code_key): method_code(method.type), "unlock_sn": method.number}
            for method in methods
        ],
    }


class WriteForms:
    """The forms in which one lock can be sent schedules and allocations."""

    def __init__(
        self, calls: WriteCalls, memory: DialectMemory, windows: WindowLearner
    ) -> None:
        """Initialize with the known forms."""
        self._calls = calls
        self._memory = memory
        self._windows = windows

    def schedule_attempts(
        self, user_id: str, schedule: Schedule, *, time_zone: str | None
    ) -> Generator[Attempt]:
        """Yield the bodies in which a schedule can be sent, the known one first.

        `time_zone` is the IANA name for windows without one. Identical bodies are sent
        once. Close the iterator when an attempt took effect: until then, updates of the
        list show how this lock returns windows.
        """
        known = self._memory.dialects.schedule_body
        sent: list[dict[str, Any]] = []
        with self._windows.expect(user_id, schedule):
            for body in sorted(ScheduleBody, key=lambda body: body is not known):
                are_refused = True
                for dialect in self._writing_dialects():
                    content = encode_schedule(
                        schedule, body, time_zone=time_zone, dialect=dialect
                    )
                    if content in sent:
                        continue
                    sent.append(content)
                    attempt = self._schedule_attempt(user_id, content, body)
                    yield attempt
                    are_refused = are_refused and attempt.was_refused
                if are_refused and body is known and len(schedule.windows or ()) > 1:
                    return  # it understands this body, so it refuses the content

    def _writing_dialects(self) -> tuple[WindowDialect, ...]:
        """Return the dialects to write windows in: as received, else as documented."""
        seen = window_dialect(self._memory.dialects)
        documented = replace(seen, keys=WindowKeys.MINUTES)
        return (seen,) if seen == documented else (seen, documented)

    def _schedule_attempt(
        self, user_id: str, content: dict[str, Any], body: ScheduleBody
    ) -> Attempt:
        def accept() -> None:
            self._memory.dialects = replace(self._memory.dialects, schedule_body=body)

        return Attempt(lambda: self._calls.set_schedule(user_id, content), accept)

    async def allocate(
        self, user_id: str, methods: Sequence[UnlockMethod]
    ) -> Allocation:
        """Assign unlock methods to a user, in one call or one by one.

        Raises TuyaError if nothing was sent.
        """
        known = self._memory.dialects.allocate_call
        if known is not AllocateCall.ONE_BY_ONE:
            try:
                unanswered = await send_write(self._calls.allocate(user_id, methods))
            except UnsupportedError, NotAuthorizedError:
                if known is AllocateCall.LIST:
                    raise
            else:
                if unanswered is None:
                    self._memory.dialects = replace(
                        self._memory.dialects, allocate_call=AllocateCall.LIST
                    )
                return Allocation(sent=methods, unanswered=unanswered)
        return await self._allocate_one_by_one(user_id, methods)

    async def _allocate_one_by_one(
        self, user_id: str, methods: Sequence[UnlockMethod]
    ) -> Allocation:
        unanswered: TransportError | None = None
        for position, method in enumerate(methods):
            try:
                unanswered = (
                    await send_write(self._calls.allocate_one(user_id, method))
                    or unanswered
                )
            except TuyaError as err:
                if not position:
                    raise
                return Allocation(
                    sent=methods[:position], unanswered=unanswered, refusal=err
                )
            self._memory.dialects = replace(
                self._memory.dialects, allocate_call=AllocateCall.ONE_BY_ONE
            )
        return Allocation(sent=methods, unanswered=unanswered)

    def deallocation_attempts(
        self, user_id: str, methods: Sequence[UnlockMethod]
    ) -> Generator[Attempt]:
        """Yield the forms of a deallocation, the known one first."""
        known = self._memory.dialects.deallocate_key
        for key in sorted(CodeKey, key=lambda key: key is not known):
            yield self._deallocation(user_id, methods, key)

    def _deallocation(
        self, user_id: str, methods: Sequence[UnlockMethod], key: CodeKey
    ) -> Attempt:
        def accept() -> None:
            self._memory.dialects = replace(self._memory.dialects, deallocate_key=key)

        return Attempt(lambda: self._calls.deallocate(user_id, methods, key), accept)
