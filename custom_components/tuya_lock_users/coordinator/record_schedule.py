"""When the records of one lock are read."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from math import inf
from typing import Final

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..domain.poll_plan import DAY_SECONDS
from .callbacks import nothing
from .runtime import Runtime

# The time after a start within which the records of all locks are read.
FIRST_RECORDS_SECONDS: Final = 150
# Reserved for the list of locks and their users.
_HEAD_START_SECONDS: Final = 15
# The backlog of a new connection arrives first.
_AFTER_CONNECTION_SECONDS: Final = 10


class RecordSchedule:
    """Reads records soon after a start, after each connection, and by the plan.

    While messages are known to arrive, that is once a day. A connection that is often
    lost does not cost more than the plan allows. `read` returns whether to read again.
    """

    def __init__(
        self, runtime: Runtime, lock_id: str, read: Callable[[], Awaitable[bool]]
    ) -> None:
        """Initialize for one lock, without a timer."""
        self._runtime = runtime
        self._lock_id = lock_id
        self._read = read
        self._last_at = 0.0
        self._next_at = inf
        self._connected_ms = runtime.push.connected_ms
        self._cancel: CALLBACK_TYPE = nothing
        self._stop_following: CALLBACK_TYPE = nothing

    @callback
    def async_begin(self, position: int, count: int) -> None:
        """Begin to read; the locks of a project are spread over the first minutes."""
        self._last_at = _now()
        spread = FIRST_RECORDS_SECONDS * (position + 1) / count
        self._schedule(self._last_at + _HEAD_START_SECONDS + spread)
        self._register()
        self._stop_following = self._runtime.push.async_on_change(self._async_update)

    @callback
    def async_shutdown(self) -> None:
        """Stop reading; a removed lock is shut down again with its project."""
        self._cancel()
        self._stop_following()
        self._cancel = self._stop_following = nothing
        self._runtime.record_readers.pop(self._lock_id, None)

    @callback
    def _register(self) -> None:
        """Register in the plan whether records are read by it, or daily."""
        self._runtime.record_readers[self._lock_id] = not self._runtime.push.is_proven

    @callback
    def _async_update(self) -> None:
        """Read earlier after a connection, or while messages may be missing."""
        push = self._runtime.push
        self._register()
        is_new = push.is_connected and push.connected_ms != self._connected_ms
        if is_new:
            self._connected_ms = push.connected_ms
        if is_new or not push.is_proven:
            at = self._last_at + self._runtime.plan.records_seconds
            at = max(at, _now() + _AFTER_CONNECTION_SECONDS)
            if at < self._next_at < inf:
                self._schedule(at)

    @callback
    def _schedule(self, at: float) -> None:
        """Schedule the next reading, instead of the previous schedule."""
        self._cancel()
        self._next_at = at
        self._cancel = async_call_later(
            self._runtime.hass, max(0, at - _now()), self._async_start
        )

    @callback
    def _async_start(self, _now: datetime) -> None:
        self._cancel = nothing
        self._next_at = inf
        self._runtime.entry.async_create_background_task(
            self._runtime.hass, self._async_run(), f"{self._lock_id} records"
        )

    async def _async_run(self) -> None:
        self._last_at = _now()
        runtime = self._runtime
        # The lock can be removed meanwhile.
        if await self._read() and self._lock_id in runtime.record_readers:
            is_proven = runtime.push.is_proven
            seconds = DAY_SECONDS if is_proven else runtime.plan.records_seconds
            self._schedule(_now() + seconds)


def _now() -> float:
    """Return the time in epoch seconds."""
    return dt_util.utcnow().timestamp()
