"""What follows from each update of one lock: devices, access, events, and issues."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..api.models import Lock
from ..api.schedule.model import Access, Schedule
from ..api.smart_lock import SmartLock
from ..domain.changes import Change
from ..domain.poll_plan import WATCH_FOR_SECONDS, LockLoad
from ..domain.snapshot import LockSnapshot, with_schedules
from ..domain.suspension import retain_suspensions
from .access import LockAccess
from .devices import LockDevices
from .events import LockEvents
from .issues import LockIssues
from .orphans import OrphanReader
from .passwords import LockPasswords
from .problems import COORDINATOR_LOGGER
from .reader import LockReader, Reading
from .runtime import SIGNAL_UPDATED, Runtime
from .store import StoredLock
from .stored_details import LockDetails


class LockState(DataUpdateCoordinator[LockSnapshot]):
    """One lock, and what follows from each update by `LockCoordinator`.

    Commands hold `command_lock`, so that they run one after the other, even if the entry
    is reloaded during one.
    """

    config_entry: ConfigEntry

    def __init__(self, runtime: Runtime, lock: Lock) -> None:
        """Initialize without data."""
        super().__init__(
            runtime.hass,
            COORDINATOR_LOGGER,
            config_entry=runtime.entry,
            name=lock.name or lock.lock_id,
            always_update=False,
        )
        self.runtime = runtime
        self.devices = LockDevices(runtime.hass, runtime.entry, lock.lock_id)
        stored = runtime.store.lock(lock.lock_id)
        stored.gone_at = None
        smart_lock = SmartLock(runtime.client, lock.lock_id, stored.dialects)
        self.reader = LockReader(
            smart_lock,
            orphans=OrphanReader(
                smart_lock,
                stored.details.absent_users,
                stored.details.unassigned_methods,
            ),
            details=dict(stored.details.users),
            user_ids=self.devices.known_user_ids,
        )
        self.passwords = LockPasswords(runtime, lock)
        runtime.loads[lock.lock_id] = self.load
        self._access = LockAccess(runtime.hass, self.async_update_access)
        self._events = LockEvents()
        self._issues = LockIssues(
            runtime.hass, runtime.entry, lock.lock_id, self.devices
        )
        self._mutex = asyncio.Lock()
        self._watch_until = 0.0

    @property
    def lock_id(self) -> str:
        """Return the ID of the lock."""
        return self.reader.lock.lock_id

    @property
    def memory(self) -> StoredLock:
        """Return the stored data of the lock."""
        return self.runtime.store.lock(self.lock_id)

    @property
    def smart_lock(self) -> SmartLock:
        """Return the client of the lock."""
        return self.reader.lock

    @property
    def command_lock(self) -> asyncio.Lock:
        """Return the mutex that a command holds while it runs."""
        return self.runtime.session.command_locks[self.lock_id]

    @property
    def load(self) -> LockLoad:
        """Return the cost of polling the lock."""
        return replace(self.reader.load, shows_passwords=self.passwords.is_followed)

    @property
    def access(self) -> dict[str, Access]:
        """Return the current access of each user."""
        return self._access.current

    @property
    def has_listeners(self) -> bool:
        """Return whether any entity needs the data; a disabled lock is not polled."""
        return bool(self._listeners)

    @property
    def is_shut_down(self) -> bool:
        """Return whether the lock was removed, or its entry unloaded."""
        return self._shutdown_requested

    @property
    def has_data(self) -> bool:
        """Return whether the lock has data."""
        return self.data is not None

    @property
    def last_read(self) -> datetime | None:
        """Return the time of the last update, None if there was none."""
        last = self.runtime.session.last_data.get(self.lock_id)
        return last.read_at if last else None

    @property
    def is_enabled(self) -> bool:
        """Return whether the device of the lock is enabled."""
        return not self.devices.is_disabled

    @property
    def _is_watching(self) -> bool:
        """Return whether something is pending, and has not been for long."""
        is_recent = dt_util.utcnow().timestamp() < self._watch_until
        return is_recent and self.has_data and bool(self.data.pending)

    @property
    def is_new(self) -> bool:
        """Return whether there was no full refresh yet."""
        return not self.memory.details.refreshed_at

    # After an update

    @callback
    def _process(self, before: LockSnapshot | None, reading: Reading) -> None:
        """Process an update of the data: devices, access, events, and issues."""
        if self._shutdown_requested:
            return  # a command outlived its entry
        snapshot, before = reading.snapshot, self._reread(before)
        self.memory.dialects = self.smart_lock.dialects
        self.memory.details = LockDetails(
            users=self.reader.details,
            absent_users=snapshot.absent_users,
            unassigned_methods=snapshot.unassigned_methods,
            refreshed_at=self.memory.details.refreshed_at,
        )
        self.runtime.loads[self.lock_id] = self.load
        self.devices.async_update(snapshot.users, remove_others=reading.is_complete)
        if snapshot.pending - (before.pending if before else frozenset()):
            self._watch_until = dt_util.utcnow().timestamp() + WATCH_FOR_SECONDS
        self._events.process(
            None if reading.is_first else before,
            snapshot,
            self._access.async_update(snapshot, self.memory.suspended),
        )
        new_users = snapshot.users.keys() - (before.users.keys() if before else ())
        if new_users:
            self._events.on_new_users.call(
                [user for user in snapshot.users if user in new_users]
            )
        self._issues.async_update(snapshot)

    def _review_suspensions(self, reading: Reading) -> None:
        """Discard saved schedules that are no longer needed.

        Only an update without a running command can show that. The schedule of a
        removed user is kept for a while, since the user may return.
        """
        retained = retain_suspensions(
            self.memory.suspended,
            reading.snapshot.users,
            dt_util.utcnow().timestamp(),
            read=self.smart_lock.read_schedule,
            is_complete=reading.is_complete,
        )
        if retained != self.memory.suspended:
            self.memory.suspended = retained
            self.runtime.store.async_save_later()

    @callback
    def async_review_copy(self, *, is_complete: bool = True) -> None:
        """Report users whom a copy left with permanent access, until none is left."""
        if self._shutdown_requested:
            return
        unlimited = self.data.unlimited_since(self.memory.users_before_copy)
        self._issues.async_update_copy(unlimited)
        if is_complete and not unlimited and self.memory.users_before_copy is not None:
            self.memory.users_before_copy = None
            self.runtime.store.async_save_later()

    def _reread(self, before: LockSnapshot | None) -> LockSnapshot | None:
        """Return the previous snapshot with windows in the current dialect.

        A command may just have shown how the lock returns windows, which is no change
        of any schedule.
        """
        if (since := self.memory.dialects) == self.smart_lock.dialects:
            return before

        def reread(schedule: Schedule) -> Schedule:
            return self.smart_lock.reread(schedule, since)

        return before and with_schedules(before, reread)

    # Access

    @callback
    def async_update_access(self) -> None:
        """Update the access without an update of the data."""
        if self._shutdown_requested:
            return
        self._events.add(self._access.async_update(self.data, self.memory.suspended))
        self.async_update_listeners()
        self._async_fire_events()

    @override
    @callback
    def async_update_listeners(self) -> None:
        """Update entities, and the panel."""
        super().async_update_listeners()
        async_dispatcher_send(self.hass, SIGNAL_UPDATED, self.lock_id)

    @override
    async def async_shutdown(self) -> None:
        """Stop polling the lock."""
        await super().async_shutdown()
        self._access.async_shut_down()
        self.passwords.async_shut_down()
        self.runtime.loads.pop(self.lock_id, None)

    # Further callbacks

    @callback
    def async_on_new_users(
        self, new_users: Callable[[Collection[str]], None]
    ) -> CALLBACK_TYPE:
        """Call back for new users. Unlike a listener, it causes no polls."""
        return self._events.on_new_users.subscribe(new_users)

    @callback
    def async_on_read(self, on_read: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back after each update. Unlike a listener, it causes no polls."""
        return self._events.on_read.subscribe(on_read)

    @callback
    def async_on_change(self, change: Callable[[Change], None]) -> CALLBACK_TYPE:
        """Call back for each change. Unlike a listener, it causes no polls."""
        return self._events.on_change.subscribe(change)

    @callback
    def _async_fire_events(self) -> None:
        """Fire pending events, once the entities show the data.

        While the lock is unavailable, the events wait.
        """
        if self.last_update_success:
            self._events.fire()
