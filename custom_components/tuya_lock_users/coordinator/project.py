"""One project: follows its locks, and has a coordinator for each."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..api.errors import TuyaError
from ..api.models import Lock
from ..api.paging import Listing
from ..domain.poll_plan import LONGEST_LIST_SECONDS
from ..errors import handling_of, update_error
from .callbacks import Callbacks
from .connection import LastData
from .devices import ProjectDevices
from .lock import LockCoordinator
from .lock_list import LockList
from .problems import COORDINATOR_LOGGER, KEEP_TIME, LIST
from .runtime import SIGNAL_UPDATED, Runtime

type TuyaLockUsersConfigEntry = ConfigEntry[ProjectCoordinator]


class ProjectCoordinator(DataUpdateCoordinator[dict[str, Lock]]):
    """The list of locks; `locks` holds the coordinator of each."""

    config_entry: TuyaLockUsersConfigEntry

    def __init__(self, runtime: Runtime) -> None:
        """Initialize without any lock."""
        super().__init__(
            runtime.hass,
            COORDINATOR_LOGGER,
            config_entry=runtime.entry,
            name=f"{runtime.entry.title} locks",
            update_interval=timedelta(seconds=LONGEST_LIST_SECONDS),
        )
        self.runtime = runtime
        self.locks: dict[str, LockCoordinator] = {}
        self.devices = ProjectDevices(runtime.hass, runtime.entry)
        self._list = LockList(runtime, self.devices, self._async_read_lock)
        self._new_locks = Callbacks[LockCoordinator]()
        runtime.problems.async_on_offline(self._async_set_offline)
        runtime.problems.async_on_resume(self._async_resume)

    @override
    async def _async_update_data(self) -> dict[str, Lock]:
        """Fetch the list of locks; add and remove coordinators accordingly."""
        runtime = self.runtime
        refusal = runtime.problems.async_get_refusal(LIST)
        listing = Listing[Lock](items=(), is_complete=False)
        try:
            if refusal is None:
                listing = await self._list.async_fetch()
        except TuyaError as err:
            runtime.problems.async_report(LIST, self.name, err)
            if not handling_of(err).pauses:
                raise update_error(err) from err
            refusal = err
        finally:
            self.update_interval = timedelta(seconds=self._seconds_to_next())
        if refusal is not None:
            return await self._async_keep_list(refusal)
        runtime.problems.async_clear(LIST)
        locks = await self._list.async_review(listing, self.data or {})
        runtime.session.last_list = LastData(
            data=tuple(locks.values()), read_at=dt_util.utcnow()
        )
        is_believed = listing.is_complete and not self._list.review.is_doubted
        return await self._async_process_list(locks, is_believed=is_believed)

    async def _async_keep_list(self, refusal: TuyaError) -> dict[str, Lock]:
        """Return the last list during a pause. Raises UpdateFailed."""
        last = self.runtime.session.last_list
        if last is None or dt_util.utcnow() - last.read_at >= KEEP_TIME:
            to_probe = self.runtime.problems.seconds_to_probe(LIST)
            raise update_error(refusal, retry_after=to_probe) from refusal
        if not self.data:  # the entry was reloaded during the pause
            locks = {lock.lock_id: lock for lock in last.data}
            await self._async_process_list(
                self._list.with_typed(locks), is_believed=False
            )
        return self.data

    async def _async_process_list(
        self, locks: dict[str, Lock], *, is_believed: bool
    ) -> dict[str, Lock]:
        """Return the locks to monitor; add and remove devices and coordinators."""
        runtime = self.runtime
        self.devices.async_update(
            locks.values(),
            gone=self.locks.keys() - locks.keys(),
            remove_others=is_believed,
        )
        # Set before the locks are updated, since one of them may find itself offline.
        self.data = locks
        await self._async_follow(locks)
        sources = {LIST, *(key for key, lock in self.locks.items() if lock.is_enabled)}
        runtime.problems.async_retain(sources)
        await runtime.store.async_save()
        runtime.problems.async_show_empty_list(
            is_empty=self._list.review.is_confirmed_empty
        )
        self.update_interval = timedelta(seconds=self._seconds_to_next())
        return self.data

    def _seconds_to_next(self) -> float:
        """Return the time to the next list: short while the last one is doubtful.

        During a pause, it is at most the time until the list may probe.
        """
        seconds = self.runtime.plan.list_seconds
        now = dt_util.utcnow().timestamp()
        earlier = (
            self.runtime.problems.seconds_to_probe(LIST),
            self._list.review.seconds_to_confirm(now),
        )
        return min([seconds, *(one for one in earlier if one is not None)])

    async def _async_read_lock(self, lock_id: str) -> None:
        """Read one lock. Raises TuyaError."""
        await self.locks[lock_id].async_read()

    async def _async_follow(self, locks: dict[str, Lock]) -> None:
        """Shut down the coordinators of removed locks, and set up those of new ones."""
        for lock_id in [lock_id for lock_id in self.locks if lock_id not in locks]:
            await self.locks.pop(lock_id).async_shutdown()
            self.runtime.store.async_forget_lock(lock_id, dt_util.utcnow())
        new = [
            LockCoordinator(self.runtime, lock)
            for lock_id, lock in locks.items()
            if lock_id not in self.locks
        ]
        self.locks.update({coordinator.lock_id: coordinator for coordinator in new})
        for lock_id, lock in locks.items():
            self.locks[lock_id].reader.zones.listed = lock.time_zone
        positions = {lock_id: number for number, lock_id in enumerate(self.locks)}
        await asyncio.gather(
            *(
                coordinator.async_begin(positions[coordinator.lock_id], len(positions))
                for coordinator in new
            )
        )
        for coordinator in new:
            self._new_locks.call(coordinator)
        if self._new_locks:
            self.async_begin_full_refresh([lock for lock in new if lock.is_new])

    @callback
    def async_on_new_lock(
        self, new_lock: Callable[[LockCoordinator], None]
    ) -> CALLBACK_TYPE:
        """Call back for each new lock. Unlike a listener, it causes no polls."""
        return self._new_locks.subscribe(new_lock)

    @callback
    def async_set_online(self, lock_id: str, *, online: bool) -> None:
        """Show immediately that a lock went online or offline."""
        lock = self.data.get(lock_id)
        if lock is not None and lock.online is not online:
            self.data = {**self.data, lock_id: replace(lock, online=online)}
            self.async_update_listeners()

    @callback
    def _async_set_offline(self, lock_id: str) -> None:
        """Show that a lock is offline, as one of its calls reported."""
        self.async_set_online(lock_id, online=False)

    @callback
    def _async_resume(self, source: str) -> None:
        """Update all others once the probe of one source has ended a pause."""
        coordinators: list[DataUpdateCoordinator[Any]] = [
            lock
            for lock_id, lock in self.locks.items()
            if lock_id != source and lock.has_listeners
        ]
        if source != LIST:
            coordinators.append(self)
        for coordinator in coordinators:
            self.config_entry.async_create_background_task(
                self.hass, coordinator.async_request_refresh(), f"{self.name} resume"
            )

    def knows(self, identifier: str) -> bool:
        """Return whether a lock, or a user of a lock, currently exists."""
        lock_id, _, user_id = identifier.partition(":")
        if (lock := self.locks.get(lock_id)) is None:
            return identifier == self.config_entry.unique_id
        return not user_id or (lock.has_data and user_id in lock.data.users)

    @callback
    def async_begin_records(self) -> None:
        """Read the records of all current and future locks by the plan."""
        for position, lock in enumerate(self.locks.values()):
            lock.door.records.async_begin(position, len(self.locks))
        self.config_entry.async_on_unload(
            self.async_on_new_lock(lambda lock: lock.door.records.async_begin(0, 1))
        )

    @callback
    def async_forget_openings(self) -> None:
        """Forget who opened the doors; nothing of it stays in the store."""
        for lock in self.locks.values():
            lock.door.async_forget()

    @callback
    def async_begin_full_refresh(self, locks: Collection[LockCoordinator]) -> None:
        """Read the details of all users in the background, small locks first."""

        async def refresh() -> None:
            for lock in sorted(locks, key=lambda lock: lock.reader.load.users):
                await lock.async_refresh_in_full()

        self.config_entry.async_create_background_task(
            self.hass, refresh(), f"{self.name} full refresh"
        )

    async def async_refresh_lock(self, lock: LockCoordinator) -> None:
        """Refresh a lock, including what is otherwise updated once a day.

        Refused calls are tried again, since the cause may be resolved. Raises
        HomeAssistantError.
        """
        self.runtime.problems.async_probe_now(lock.lock_id)
        lock.forget_refusals()
        with lock.action_errors(probe=True):
            try:
                if not lock.has_data:
                    await lock.async_read()
                known = lock.data.users.keys()
                reading = await lock.async_read(known)
                if new := lock.data.users.keys() - known - reading.details_read:
                    await lock.async_read_details(new)
            except TuyaError as err:
                lock.note_failure(err)
                raise
        await lock.async_read_orphans()
        await lock.passwords.async_read_if_followed()
        listed = self.data.get(lock.lock_id)
        if listed is not None and listed.online is False:
            # Only the list knows whether a lock is online again.
            await self.async_request_refresh()

    @override
    @callback
    def async_update_listeners(self) -> None:
        """Update entities, and the panel."""
        super().async_update_listeners()
        async_dispatcher_send(self.hass, SIGNAL_UPDATED, "")

    @override
    async def async_shutdown(self) -> None:
        """Stop polling the list."""
        self.runtime.problems.is_closed = True
        await super().async_shutdown()
