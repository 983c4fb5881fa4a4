"""Reads unlock methods or passwords of one lock when it reports a change or new ones."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from homeassistant.core import callback
from homeassistant.helpers.debounce import Debouncer

from ..api.errors import TuyaError
from ..api.messages import PropertyReport
from ..const import LOGGER
from ..domain.openings import reported_administration
from .runtime import Runtime

# Dozens of messages can announce one change of unlock methods.
_COOLDOWN_SECONDS: Final = 5


class MethodRefresh:
    """Updates the unlock methods or passwords of a lock, once for several requests."""

    def __init__(
        self,
        runtime: Runtime,
        lock_id: str,
        read: Callable[[], Awaitable[object]],
        is_enabled: Callable[[], bool],
    ) -> None:
        """Initialize for one lock, which `read` updates while it is enabled."""
        self._runtime = runtime
        self._lock_id = lock_id
        self._read = read
        self._is_enabled = is_enabled
        self._announced_ms = 0
        self._wanted: set[tuple[str, int]] = set()
        self._sought: set[tuple[str, int]] = set()
        self._search = asyncio.Lock()
        self._debouncer = Debouncer(
            runtime.hass,
            LOGGER,
            cooldown=_COOLDOWN_SECONDS,
            immediate=False,
            function=self.async_read,
            background=True,
        )

    @callback
    def async_handle(self, report: PropertyReport) -> None:
        """Read the lock if a message announces a change of its unlock methods.

        A lock that wakes up repeats earlier announcements.
        """
        moment = reported_administration(report)
        if moment is not None and moment > self._announced_ms:
            self._announced_ms = moment
            self.async_read_soon()

    @callback
    def async_read_soon(self) -> None:
        """Update the lock shortly."""
        self._debouncer.async_schedule_call()

    def were_sought(self, keys: set[tuple[str, int]]) -> bool:
        """Return whether the lock was already updated for all of these methods."""
        return keys <= self._sought

    async def async_find(self, keys: set[tuple[str, int]]) -> None:
        """Update the lock for methods that it does not list, once for each of them.

        A request during an update waits for it: an opening often arrives twice, and the
        second message would be reported without its user.
        """
        self._wanted |= keys
        async with self._search:
            if not self.were_sought(keys):
                wanted = set(self._wanted)
                await self.async_read()
                self._sought |= wanted
                self._wanted -= wanted

    async def async_read(self) -> None:
        """Update the lock, if possible."""
        if self._runtime.session.pause is not None or not self._is_enabled():
            return
        try:
            await self._read()
        except TuyaError as err:
            LOGGER.debug("No update of %s: %r", self._lock_id, err)

    @callback
    def async_shutdown(self) -> None:
        """Cancel a scheduled update."""
        self._debouncer.async_shutdown()
