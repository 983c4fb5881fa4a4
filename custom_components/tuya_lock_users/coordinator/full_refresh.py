"""Full refresh of one lock: reads what no poll reads, in the background."""

from collections.abc import Collection, Coroutine
from dataclasses import replace
from typing import Final, Protocol

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..api.errors import TuyaError
from ..const import LOGGER
from ..domain.changes import MethodHistory
from ..domain.snapshot import LockSnapshot
from .passwords import LockPasswords
from .reader import LockReader, Reading
from .runtime import Runtime

# The details of this many users are shown at once; other calls can run in between.
REFRESH_BATCH: Final = 8


class ReadableLock(Protocol):
    """The reads that a full refresh consists of; `LockCoordinator` has them."""

    reader: LockReader
    data: LockSnapshot
    passwords: LockPasswords

    @property
    def lock_id(self) -> str:
        """Return the ID of the lock."""

    @property
    def has_data(self) -> bool:
        """Return whether the lock has data."""

    @property
    def has_listeners(self) -> bool:
        """Return whether any entity needs the data."""

    async def async_read(self) -> Reading:
        """Read the users."""

    async def async_read_orphans(self) -> None:
        """Read absent users and unassigned methods."""

    async def async_read_unassigned(self) -> None:
        """Read unassigned methods."""

    async def async_read_details(self, user_ids: Collection[str]) -> Reading:
        """Read the unlock methods of some users."""


class FullRefresh:
    """Reads orphans, and the details of all users.

    If the list has no methods, polls read the details in rotation, so only those of
    users that were never read are missing.
    """

    def __init__(self, runtime: Runtime, lock: ReadableLock) -> None:
        """Initialize for one lock."""
        self._runtime = runtime
        self._lock = lock

    @callback
    def due_task(self, history: MethodHistory) -> Coroutine[None, None, None] | None:
        """Return a read that is due after a poll, or that shows where a method went."""
        lock, asked_at = self._lock, self._lock.reader.orphans.asked_at
        lock.reader.expect_details(history.former_holders(lock.data))
        if not lock.has_listeners:
            return None
        age = dt_util.utcnow().timestamp() - self._refreshed_at
        if not 0 <= age < self._runtime.plan.full_refresh_seconds:  # or a wrong clock
            return self.async_run()
        if any(history.seen_since[key] > asked_at for key in history.missing):
            return self._async_find_methods()
        return None

    async def async_run(self) -> None:
        """Read everything, unless no entity needs it or the project is paused."""
        lock, reader = self._lock, self._lock.reader
        is_paused = self._runtime.session.pause is not None
        if not lock.has_data or not lock.has_listeners or is_paused:
            return
        started = dt_util.utcnow().timestamp()
        if self._refreshed_at:  # otherwise the call was just tried
            reader.lock.users.retry_best_call()
        memory = self._runtime.store.lock(lock.lock_id)
        memory.details = replace(memory.details, refreshed_at=started)
        await lock.async_read_orphans()
        await self._async_find_hidden_users()
        await lock.passwords.async_read_daily()
        since = started if reader.load.lists_methods else 0.0
        waiting = reader.users_without_details(since, started)
        while waiting and lock.has_listeners:
            batch, waiting = waiting[:REFRESH_BATCH], waiting[REFRESH_BATCH:]
            reading = await lock.async_read_details(batch)
            now = dt_util.utcnow().timestamp()
            are_refused = not reader.users_without_details(since, now)
            if are_refused or not reading.details_read:
                return

    @property
    def _refreshed_at(self) -> float:
        return self._runtime.store.lock(self._lock.lock_id).details.refreshed_at

    async def _async_find_methods(self) -> None:
        """Read whether methods that left a user are now unassigned."""
        try:
            await self._lock.async_read_unassigned()
        except TuyaError as err:
            LOGGER.debug("No unassigned methods of %s: %r", self._lock.lock_id, err)

    async def _async_find_hidden_users(self) -> None:
        """Read the users again if their list is found to hide some of them."""
        try:
            if await self._lock.reader.lock.users.find_hidden_users():
                await self._lock.async_read()
        except TuyaError as err:
            LOGGER.debug("No other list of users of %s: %r", self._lock.lock_id, err)
