"""One lock: when it is polled, what else is read of it, and its data."""

from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import override

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..api.errors import TuyaError
from ..api.models import Lock
from ..api.records import Record, Span
from ..domain.poll_plan import WATCH_EVERY_SECONDS, seconds_to_first_poll
from ..domain.snapshot import LockSnapshot
from ..errors import handling_of, update_error
from .connection import LastData
from .door import LockDoor
from .enrollment import LockEnrollment
from .full_refresh import FullRefresh
from .lock_state import LockState
from .problems import KEEP_TIME
from .reader import Reading
from .runtime import Runtime


class LockCoordinator(LockState):
    """Reads one lock and sets its data; `LockState` has what follows."""

    def __init__(self, runtime: Runtime, lock: Lock) -> None:
        """Initialize without data."""
        super().__init__(runtime, lock)
        self.door = LockDoor(
            runtime,
            self.lock_id,
            snapshot=lambda: self.data,
            read_methods=self.async_read_all_methods,
            read_openings=self.async_read_openings,
            password_names=lambda: self.passwords.names,
            read_passwords=self.passwords.async_read,
            is_enabled=lambda: self.is_enabled,
        )
        self.enrollment = LockEnrollment(runtime, self.passwords)
        self._full_refresh = FullRefresh(runtime, self)

    @property
    def next_read_at(self) -> datetime | None:
        """Return the time of the next poll."""
        last_read, interval = self.last_read, self.update_interval
        if last_read is None or interval is None or not self.has_listeners:
            return None
        return last_read + interval

    # Polls

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
        if (task := self._full_refresh.due_task(self._events.history)) is not None:
            self.config_entry.async_create_background_task(
                self.hass, task, f"{self.name} full refresh"
            )
        if self.access != access_before:
            # Possibly by time alone, without any change of the data.
            self.async_update_listeners()
        return self.data

    async def _async_read(
        self, details_for: Collection[str] = (), leaving: Collection[str] = ()
    ) -> Reading:
        """Read the lock and set the data, one at a time. Raises TuyaError."""
        async with self._mutex:
            is_commanded = self.command_lock.locked()
            reading = await self.reader.read(
                now=dt_util.utcnow(), details_for=details_for, leaving=leaving
            )
            self._set_data(reading)
            self._keep_data(dt_util.utcnow())
            self._events.on_read.call()
            if not is_commanded and not self.command_lock.locked():
                self._review_suspensions(reading)
                self.async_review_copy(is_complete=reading.is_complete)
        return reading

    @callback
    def _set_data(self, reading: Reading) -> None:
        """Set the data, and let everything follow, before entities are notified."""
        before: LockSnapshot | None
        before, self.data = self.data, reading.snapshot
        self._process(before, reading)

    def _keep_data(self, read_at: datetime) -> None:
        """Keep the data for a pause."""
        last_data = self.runtime.session.last_data
        last_data[self.lock_id] = LastData(data=self.data, read_at=read_at)

    def _last_data(self, refusal: TuyaError) -> LockSnapshot:
        """Return the data of the last update during a pause. Raises UpdateFailed."""
        last = self.runtime.session.last_data.get(self.lock_id)
        if last is None or dt_util.utcnow() - last.read_at >= KEEP_TIME:
            raise update_error(refusal) from refusal
        if not self.has_data:  # the entry was reloaded during the pause
            self._set_data(
                Reading(snapshot=last.data, is_complete=False, is_first=True)
            )
        return self.data

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

    # Updates on request

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
        self.async_set_updated_data(reading.snapshot)
        self._async_fire_events()
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
            self._set_data(reading)
            if self.last_read is not None:
                self._keep_data(self.last_read)
        self.async_update_listeners()
        self._async_fire_events()
        is_early = self._is_watching or reading.confirm_in is not None
        if is_early and self.has_listeners:
            # Only now is it known that something is pending, or needs confirmation.
            self.update_interval = timedelta(seconds=self._seconds_to_next(reading))
            self._schedule_refresh()
        return reading

    async def async_refresh_in_full(self) -> None:
        """Read what no poll reads: orphans, and the details of all users."""
        await self._full_refresh.async_run()

    def remember_dialects(self) -> None:
        """Store the dialects that were learned."""
        if self._mutex.locked():
            return  # a running update stores them at its end
        if self.memory.dialects != self.smart_lock.dialects:
            self.memory.dialects = self.smart_lock.dialects
            self.runtime.store.async_save_later()

    def forget_refusals(self) -> None:
        """Forget refused calls, since the causes may be resolved."""
        self.smart_lock.users.forget_call()
        self.passwords.calls.forget_refusals()
        self.passwords.remember_dialects()
        self.remember_dialects()

    # Errors

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

    @override
    async def async_shutdown(self) -> None:
        """Stop polling the lock."""
        await super().async_shutdown()
        self.door.async_shutdown()
