"""One lock: when it is polled, and what follows from each update."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..api.errors import TuyaError
from ..api.models import Lock
from ..api.records import Record, Span
from ..api.schedule.model import Access, Schedule
from ..api.smart_lock import SmartLock
from ..const import LOGGER
from ..domain.changes import Change
from ..domain.poll_plan import (
    WATCH_EVERY_SECONDS,
    WATCH_FOR_SECONDS,
    LockLoad,
    seconds_to_first_poll,
)
from ..domain.snapshot import LockSnapshot, with_schedules
from ..domain.suspension import kept_suspensions
from ..errors import handling_of, update_error
from .access import LockAccess
from .connection import LastData
from .devices import LockDevices
from .door import LockDoor
from .enrollment import LockEnrollment
from .events import LockEvents
from .issues import LockIssues
from .orphans import OrphanReader
from .passwords import LockPasswords
from .problems import COORDINATOR_LOGGER, KEEP_TIME
from .reader import LockReader, Reading
from .runtime import SIGNAL_UPDATED, Runtime
from .store import StoredLock
from .stored_details import LockDetails
from .time_zones import async_get_time_zone

# A full refresh shows the details of so many users at once, and lets others call in
# between.
REFRESH_BATCH: Final = 8


class LockCoordinator(DataUpdateCoordinator[LockSnapshot]):
    """The data of one lock.

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
        self.lock_id = lock.lock_id
        self.devices = LockDevices(runtime.hass, runtime.entry, lock.lock_id)
        self.memory.gone_at = None
        stored = self.memory.details
        smart_lock = SmartLock(runtime.client, lock.lock_id, self.memory.dialects)
        self.reader = LockReader(
            smart_lock,
            orphans=OrphanReader(
                smart_lock, stored.absent_users, stored.unassigned_methods
            ),
            details=dict(stored.users),
            user_ids=self.devices.known_user_ids,
            load_zone=async_get_time_zone,
            home_zone=dt_util.get_default_time_zone,
        )
        self._access = LockAccess(runtime.hass, self.async_update_access)
        self._events = LockEvents()
        self._issues = LockIssues(
            runtime.hass, runtime.entry, lock.lock_id, self.devices
        )
        self.door = LockDoor(
            runtime,
            lock.lock_id,
            snapshot=lambda: self.data,
            read_methods=self.async_read_all_methods,
            read_openings=self.async_read_openings,
        )
        self.passwords = LockPasswords(runtime, lock)
        self.enrollment = LockEnrollment(runtime, self.passwords)
        runtime.loads[lock.lock_id] = self.load
        self._mutex = asyncio.Lock()
        self._watch_until = 0.0
        self._new_user_callbacks: list[Callable[[Collection[str]], None]] = []
        self._read_callbacks: list[CALLBACK_TYPE] = []

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
        """Return what this lock costs to read."""
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
    def next_read_at(self) -> datetime | None:
        """Return the time of the next poll."""
        last_read, interval = self.last_read, self.update_interval
        if last_read is None or interval is None or not self.has_listeners:
            return None
        return last_read + interval

    @property
    def is_enabled(self) -> bool:
        """Return whether the device of the lock is enabled."""
        return not self.devices.is_disabled

    # Updates

    async def async_begin(self, position: int, count: int) -> None:
        """Update the lock for the first time, and schedule its first poll."""
        if not self.is_enabled:
            return
        await self.async_refresh()
        plan = self.runtime.plan
        first_poll = timedelta(
            seconds=seconds_to_first_poll(plan.poll_seconds, position, count)
        )
        self.update_interval = min(first_poll, self.update_interval or first_poll)

    @override
    async def _async_refresh(
        self,
        log_failures: bool = True,
        raise_on_auth_failed: bool = False,
        scheduled: bool = False,
        raise_on_entry_error: bool = False,
    ) -> None:
        """Poll the lock; fire events once the entities show the data."""
        await super()._async_refresh(
            log_failures, raise_on_auth_failed, scheduled, raise_on_entry_error
        )
        self._async_fire_events()

    @override
    async def _async_update_data(self) -> LockSnapshot:
        """Poll the lock."""
        access_before = self.access
        refusal = self.runtime.problems.async_get_refusal(self.lock_id)
        reading: Reading | None = None
        try:
            if refusal is None:
                reading = await self._async_read()
        except TuyaError as err:
            self.note_failure(err)
            if not handling_of(err).pauses:
                raise update_error(err) from err
            refusal = err
        finally:
            self.update_interval = timedelta(seconds=self._seconds_to_next(reading))
        if refusal is not None:
            return self._last_data(refusal)
        self.runtime.problems.async_clear(self.lock_id)
        self.runtime.store.async_save_later()
        self._async_read_in_background()
        if self.access != access_before:
            # Possibly by time alone, without any change of the data.
            self.async_update_listeners()
        return self.data

    @callback
    def _async_read_in_background(self) -> None:
        """Read what a poll does not, if it is due or shows where a method went."""
        history, asked_at = self._events.history, self.reader.orphans.asked_at
        self.reader.expect_details(history.former_holders(self.data))
        if not self.has_listeners:
            return
        if self._is_refresh_due:
            task = self.async_refresh_in_full()
        elif any(history.seen_since[key] > asked_at for key in history.missing):
            task = self._async_find_methods()
        else:
            return
        self.config_entry.async_create_background_task(
            self.hass, task, f"{self.name} full refresh"
        )

    async def _async_find_methods(self) -> None:
        """Read whether methods that left a user are now unassigned."""
        try:
            await self.async_read_unassigned()
        except TuyaError as err:
            LOGGER.debug("No unassigned methods of %s: %r", self.lock_id, err)

    async def async_read(
        self, details_for: Collection[str] = (), *, leaving: Collection[str] = ()
    ) -> Reading:
        """Update the lock now, including the unlock methods of some users.

        This is outside of the plan, for commands and on request. `leaving` are users
        deleted by a command. Raises TuyaError.
        """
        reading = await self._async_read(details_for, leaving)
        self.update_interval = timedelta(seconds=self._seconds_to_next(reading))
        self.runtime.problems.async_clear(self.lock_id)
        self.async_set_updated_data(self.data)
        self._async_fire_events()
        return reading

    def _last_data(self, refusal: TuyaError) -> LockSnapshot:
        """Return the data of the last update during a pause. Raises UpdateFailed."""
        last = self.runtime.session.last_data.get(self.lock_id)
        if last is None or dt_util.utcnow() - last.read_at >= KEEP_TIME:
            raise update_error(refusal) from refusal
        if not self.has_data:  # the entry was reloaded during the pause
            self._process(Reading(snapshot=last.data, is_complete=False, is_first=True))
        return self.data

    def _keep_data(self, read_at: datetime) -> None:
        """Keep the data for a pause."""
        last_data = self.runtime.session.last_data
        last_data[self.lock_id] = LastData(data=self.data, read_at=read_at)

    async def _async_read(
        self, details_for: Collection[str] = (), leaving: Collection[str] = ()
    ) -> Reading:
        async with self._mutex:
            is_commanded = self.command_lock.locked()
            reading = await self.reader.read(
                now=dt_util.utcnow(), details_for=details_for, leaving=leaving
            )
            self._process(reading)
            self._keep_data(dt_util.utcnow())
            for on_read in self._read_callbacks:
                on_read()
            if not is_commanded and not self.command_lock.locked():
                self._forget_suspensions(reading)
        return reading

    async def async_read_details(self, user_ids: Collection[str]) -> Reading:
        """Read the unlock methods of some users, if possible."""
        return await self._async_read_more(
            lambda: self.reader.read_details(user_ids, now=dt_util.utcnow())
        )

    async def async_read_methods(self, user_id: str) -> None:
        """Read the unlock methods of one user. Raises TuyaError."""
        await self._async_read_more(
            lambda: self.reader.read_methods(user_id, now=dt_util.utcnow())
        )

    async def async_read_all_methods(self) -> None:
        """Read users and orphans after a change at the lock.

        If the list of users has no methods, those of all users are read.
        """
        lists_methods = self.reader.load.lists_methods
        users = () if lists_methods or not self.has_data else self.data.users
        await self.async_read(users)
        await self.async_read_unassigned()

    async def async_read_openings(self, span: Span) -> tuple[Record, ...]:
        """Return the openings of a span of time. Raises TuyaError."""
        try:
            return await self.smart_lock.openings(span)
        finally:
            self.remember_dialects()

    async def async_read_alarms(self, span: Span) -> tuple[Record, ...]:
        """Return alarms and rings of a span of time. Raises TuyaError."""
        try:
            return await self.smart_lock.alarms(span)
        finally:
            self.remember_dialects()

    async def async_read_absent(self, leaving: Collection[str] = ()) -> None:
        """Read the absent users; `leaving` were just purged. Raises TuyaError."""
        await self._async_read_more(
            lambda: self.reader.read_absent(now=dt_util.utcnow(), leaving=leaving)
        )

    async def async_read_unassigned(self) -> None:
        """Read the methods without an owner. Raises TuyaError."""
        await self._async_read_more(
            lambda: self.reader.read_unassigned(now=dt_util.utcnow())
        )

    async def async_read_orphans(self, leaving: Collection[object] = ()) -> None:
        """Read absent users and unassigned methods, if possible.

        `leaving` are the IDs and keys that a command just removed.
        """
        await self._async_read_more(
            lambda: self.reader.read_orphans(now=dt_util.utcnow(), leaving=leaving)
        )

    async def _async_read_more(self, read: Callable[[], Awaitable[Reading]]) -> Reading:
        """Read something besides the list of users, and process it."""
        async with self._mutex:
            reading = await read()
            self._process(reading)
            if self.last_read is not None:
                self._keep_data(self.last_read)
        self.async_update_listeners()
        self._async_fire_events()
        is_early = self._is_watching or reading.confirm_in is not None
        if is_early and self.has_listeners:
            # Only now it is known that something is pending, or is to be confirmed.
            self.update_interval = timedelta(seconds=self._seconds_to_next(reading))
            self._schedule_refresh()
        return reading

    async def async_refresh_in_full(self) -> None:
        """Read what no poll reads: orphans, and the details of all users.

        Where the list has no methods, polls read the details in rotation, so only those
        of users that were never read are missing.
        """
        is_paused = self.runtime.session.pause is not None
        if not self.has_data or not self.has_listeners or is_paused:
            return
        started = dt_util.utcnow().timestamp()
        if not self.is_new:  # otherwise the call was just tried
            self.smart_lock.retry_best_call()
        self.memory.details = replace(self.memory.details, refreshed_at=started)
        await self.async_read_orphans()
        await self._async_find_hidden_users()
        await self.passwords.async_read_daily()
        since = started if self.reader.load.lists_methods else 0.0
        waiting = self.reader.users_without_details(since, started)
        while waiting and self.has_listeners:
            batch, waiting = waiting[:REFRESH_BATCH], waiting[REFRESH_BATCH:]
            reading = await self.async_read_details(batch)
            now = dt_util.utcnow().timestamp()
            are_refused = not self.reader.users_without_details(since, now)
            if are_refused or not reading.details_read:
                return

    async def _async_find_hidden_users(self) -> None:
        """Read the users again if their list is found to hide some of them."""
        try:
            if await self.smart_lock.find_hidden_users():
                await self.async_read()
        except TuyaError as err:
            LOGGER.debug("No other list of users of %s: %r", self.lock_id, err)

    def remember_dialects(self) -> None:
        """Store the dialects that were learned."""
        if self._mutex.locked():
            return  # a running update stores them at its end
        if self.memory.dialects != self.smart_lock.dialects:
            self.memory.dialects = self.smart_lock.dialects
            self.runtime.store.async_save_later()

    def forget_users_call(self) -> None:
        """Forget refusals of calls, since their causes may be resolved."""
        self.smart_lock.forget_users_call()
        self.passwords.calls.forget_refusals()
        self.passwords.remember_dialects()
        self.remember_dialects()

    @callback
    def note_failure(self, err: TuyaError) -> None:
        """Report the error of an update."""
        if self._shutdown_requested:
            return  # the lock was removed while it was read, or the entry unloaded
        self.runtime.problems.async_report(self.lock_id, self.name, err)

    def action_errors(self, *, probe: bool = False) -> AbstractContextManager[None]:
        """Turn errors of the cloud into those of an action, see `Problems`."""
        return self.runtime.problems.action_errors(self.lock_id, probe=probe)

    @callback
    def async_apply_error(self, err: TuyaError) -> None:
        """Handle the error of a command: offline, or new credentials."""
        self.runtime.problems.async_apply(self.lock_id, err)

    @property
    def is_new(self) -> bool:
        """Return whether there was no full refresh yet."""
        return not self.memory.details.refreshed_at

    @property
    def _is_refresh_due(self) -> bool:
        """Return whether the latest full refresh is too long ago."""
        age = dt_util.utcnow().timestamp() - self.memory.details.refreshed_at
        return age >= self.runtime.plan.full_refresh_seconds

    @property
    def _is_watching(self) -> bool:
        """Return whether something is pending, and has not been for long."""
        is_recent = dt_util.utcnow().timestamp() < self._watch_until
        return is_recent and self.has_data and bool(self.data.pending)

    def _seconds_to_next(self, reading: Reading | None = None) -> float:
        """Return the time to the next poll: short while a change is pending or doubtful.

        During a pause, it is at most the time until the lock may probe.
        """
        seconds = self.runtime.plan.poll_seconds
        to_probe = self.runtime.problems.seconds_to_probe(self.lock_id)
        if to_probe is not None:
            return min(seconds, to_probe)
        if reading is not None and reading.confirm_in is not None:
            seconds = min(seconds, reading.confirm_in)
        return min(seconds, WATCH_EVERY_SECONDS) if self._is_watching else seconds

    # Processing

    @callback
    def _process(self, reading: Reading) -> None:
        """Process an update: data, devices, access, events, and issues."""
        snapshot = reading.snapshot
        before: LockSnapshot | None
        before, self.data = self.data, snapshot
        if self._shutdown_requested:
            return  # a command outlived its entry
        before = self._reread(before)
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
            for new_user in self._new_user_callbacks:
                new_user([user for user in snapshot.users if user in new_users])
        self._issues.async_update(snapshot)

    def _forget_suspensions(self, reading: Reading) -> None:
        """Discard saved schedules that are no longer needed.

        Only an update without a running command can show that. The schedule of a
        removed user is kept for a while, since the user may return.
        """
        kept = kept_suspensions(
            self.memory.suspended,
            self.data.users,
            dt_util.utcnow().timestamp(),
            read=self.smart_lock.read_schedule,
            is_complete=reading.is_complete,
        )
        if kept != self.memory.suspended:
            self.memory.suspended = kept
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
        self.door.async_shutdown()
        self.passwords.async_shut_down()
        self.runtime.loads.pop(self.lock_id, None)

    # Further callbacks

    @callback
    def async_on_new_users(
        self, new_users: Callable[[Collection[str]], None]
    ) -> CALLBACK_TYPE:
        """Call back for new users. This is no listener that causes polls."""
        self._new_user_callbacks.append(new_users)
        return lambda: self._new_user_callbacks.remove(new_users)

    @callback
    def async_on_read(self, on_read: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back after each update. This is no listener that causes polls."""
        self._read_callbacks.append(on_read)
        return lambda: self._read_callbacks.remove(on_read)

    @callback
    def async_on_change(self, change: Callable[[Change], None]) -> CALLBACK_TYPE:
        """Call back for each change. This is no listener that causes polls."""
        return self._events.subscribe(change)

    @callback
    def _async_fire_events(self) -> None:
        """Fire pending events, once the entities show the data.

        While the lock is unavailable, the events wait.
        """
        if self.last_update_success:
            self._events.fire()
