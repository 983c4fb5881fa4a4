"""The locks of one project, followed as they come and go."""

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

from ..api.errors import NotAuthorizedError, TuyaError
from ..api.models import Lock
from ..api.paging import Listing
from ..const import CONF_ACCOUNT_UID, CONF_EXCLUDED_LOCKS, CONF_EXTRA_LOCKS, LOGGER
from ..domain.poll_plan import LIST_SECONDS
from ..errors import handling_of, update_error
from .connection import LastData
from .devices import ProjectDevices
from .lock import LockCoordinator
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
            update_interval=timedelta(seconds=LIST_SECONDS),
        )
        self.runtime = runtime
        self.locks: dict[str, LockCoordinator] = {}
        self.devices = ProjectDevices(runtime.hass, runtime.entry)
        self._missing: frozenset[str] = frozenset()
        self._new_lock_callbacks: list[Callable[[LockCoordinator], None]] = []
        runtime.problems.async_on_offline(self._async_set_offline)
        runtime.problems.async_on_resume(self._async_resume)
        runtime.async_on_calls(self.async_update_listeners)

    @override
    async def _async_update_data(self) -> dict[str, Lock]:
        """Fetch the list of locks; add and remove coordinators accordingly."""
        runtime = self.runtime
        refusal = runtime.problems.async_get_refusal(LIST)
        listing = Listing[Lock](items=(), is_complete=False)
        try:
            if refusal is None:
                listing = await self._async_fetch_list()
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
        runtime.session.last_list = LastData(
            data=listing.items, read_at=dt_util.utcnow()
        )
        return await self._async_process_list(listing)

    async def _async_keep_list(self, refusal: TuyaError) -> dict[str, Lock]:
        """Return the list last read, which is kept during a pause. Raises UpdateFailed."""
        last = self.runtime.session.last_list
        if last is None or dt_util.utcnow() - last.read_at >= KEEP_TIME:
            to_probe = self.runtime.problems.seconds_to_probe(LIST)
            raise update_error(refusal, retry_after=to_probe) from refusal
        if not self.data:  # the entry was reloaded during the pause
            await self._async_process_list(Listing(items=last.data, is_complete=False))
        return self.data

    def _seconds_to_next(self) -> float:
        """Return when to fetch the list next; during a pause, to probe at the latest."""
        to_probe = self.runtime.problems.seconds_to_probe(LIST)
        return min(LIST_SECONDS, to_probe or LIST_SECONDS)

    async def _async_process_list(self, listing: Listing[Lock]) -> dict[str, Lock]:
        """Return the locks to follow; add and remove devices and coordinators."""
        runtime = self.runtime
        locks = self._followed(listing)
        self.devices.async_update(
            locks.values(),
            gone=self.locks.keys() - locks.keys(),
            remove_others=listing.is_complete,
        )
        # Before the locks are read: one of them may know better that it is offline.
        self.data = locks
        await self._async_follow(locks)
        sources = {LIST, *(key for key, lock in self.locks.items() if lock.is_enabled)}
        runtime.problems.async_retain(sources)
        await runtime.store.async_save()
        return self.data

    async def _async_fetch_list(self) -> Listing[Lock]:
        """Return the devices of the project, or of the account where one is given.

        A project that may list nothing has the locks whose device ids were typed, and
        no others. One that could list them once still has those, though it is refused.
        """
        client, store = self.runtime.client, self.runtime.store
        if account_uid := self.config_entry.data.get(CONF_ACCOUNT_UID):
            return await client.account_devices(account_uid)
        try:
            listing = await client.project_devices()
        except NotAuthorizedError:
            extra = self.config_entry.options.get(CONF_EXTRA_LOCKS)
            if store.was_listed or not extra:
                raise
            return Listing(items=(), is_complete=True)
        store.was_listed = True
        return listing

    def _followed(self, listing: Listing[Lock]) -> dict[str, Lock]:
        """Return the locks of a list, as the options change it.

        A list that contradicts its own total may be cut short: nothing is taken for
        gone before a second such list misses it as well.
        """
        excluded = self.config_entry.options.get(CONF_EXCLUDED_LOCKS, ())
        extra = self.config_entry.options.get(CONF_EXTRA_LOCKS, ())
        locks = {
            lock.lock_id: lock
            for lock in listing.items
            if (lock.is_lock or lock.lock_id in extra) and lock.lock_id not in excluded
        }
        for lock_id in extra:
            locks.setdefault(lock_id, Lock(lock_id=lock_id))
        for lock_id in [key for key in locks if self.devices.is_owned_by_other(key)]:
            LOGGER.debug("Another project has %s", lock_id)
            del locks[lock_id]
        known = self.data or {}
        missing = frozenset(known) - frozenset(locks)
        if not listing.is_complete:
            locks.update({key: known[key] for key in missing - self._missing})
        self._missing = missing
        return locks

    async def _async_follow(self, locks: dict[str, Lock]) -> None:
        """Shut down the coordinators of removed locks, and set up those of new ones."""
        for lock_id in [lock_id for lock_id in self.locks if lock_id not in locks]:
            await self.locks.pop(lock_id).async_shutdown()
            self.runtime.store.async_forget_lock(lock_id)
        new = [
            LockCoordinator(self.runtime, lock)
            for lock_id, lock in locks.items()
            if lock_id not in self.locks
        ]
        self.locks.update({coordinator.lock_id: coordinator for coordinator in new})
        for lock_id, lock in locks.items():
            self.locks[lock_id].reader.offset = lock.time_zone
        positions = {lock_id: number for number, lock_id in enumerate(self.locks)}
        await asyncio.gather(
            *(
                coordinator.async_begin(positions[coordinator.lock_id], len(positions))
                for coordinator in new
            )
        )
        for coordinator in new:
            for new_lock in self._new_lock_callbacks:
                new_lock(coordinator)
        if self._new_lock_callbacks:
            self.async_begin_sweep(new)

    @callback
    def async_on_new_lock(
        self, new_lock: Callable[[LockCoordinator], None]
    ) -> CALLBACK_TYPE:
        """Call back for every lock that comes later; no listener in the polling sense."""
        self._new_lock_callbacks.append(new_lock)
        return lambda: self._new_lock_callbacks.remove(new_lock)

    @callback
    def async_set_online(self, lock_id: str, *, online: bool) -> None:
        """Show at once that a lock went online or offline, before the list does."""
        lock = self.data.get(lock_id)
        if lock is not None and lock.online is not online:
            self.data = {**self.data, lock_id: replace(lock, online=online)}
            self.async_update_listeners()

    @callback
    def _async_set_offline(self, lock_id: str) -> None:
        """Show that a lock is offline, as one of its calls found out."""
        self.async_set_online(lock_id, online=False)

    @callback
    def _async_resume(self, source: str) -> None:
        """Read all others as soon as a probe of one source has ended a pause."""
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
        """Return whether a lock, or a user of a lock, is there at the moment."""
        lock_id, _, user_id = identifier.partition(":")
        if (lock := self.locks.get(lock_id)) is None:
            return identifier == self.config_entry.unique_id
        return not user_id or (lock.has_data and user_id in lock.data.users)

    @callback
    def async_begin_records(self) -> None:
        """Read the records of all locks by the plan, and of those that come later."""
        for position, lock in enumerate(self.locks.values()):
            lock.door.async_begin(position, len(self.locks))
        self.config_entry.async_on_unload(
            self.async_on_new_lock(lambda lock: lock.door.async_begin(0, 1))
        )

    @callback
    def async_begin_sweep(self, locks: Collection[LockCoordinator]) -> None:
        """Read the details of all users in the background, small locks first."""

        async def sweep() -> None:
            for lock in sorted(locks, key=lambda lock: lock.reader.load.users):
                await lock.async_sweep()
            self.async_update_listeners()  # many calls were made

        self.config_entry.async_create_background_task(
            self.hass, sweep(), f"{self.name} sweep"
        )

    @override
    @callback
    def async_update_listeners(self) -> None:
        """Update entities, and the panel."""
        super().async_update_listeners()
        async_dispatcher_send(self.hass, SIGNAL_UPDATED, "")

    @override
    async def async_shutdown(self) -> None:
        """Stop for good."""
        self.runtime.problems.is_closed = True
        await super().async_shutdown()
