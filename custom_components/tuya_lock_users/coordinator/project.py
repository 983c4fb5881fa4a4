"""The list of locks of one project."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..api.errors import NotAuthorizedError, NotFoundError, TuyaError
from ..api.models import Lock
from ..api.paging import Listing
from ..const import CONF_ACCOUNT_UID, CONF_EXCLUDED_LOCKS, CONF_EXTRA_LOCKS, LOGGER
from ..domain.list_review import ListReview, review
from ..domain.poll_plan import LONGEST_LIST_SECONDS
from ..errors import handling_of, update_error
from .callbacks import Callbacks
from .connection import LastData
from .devices import ProjectDevices
from .lock import LockCoordinator
from .problems import COORDINATOR_LOGGER, KEEP_TIME, LIST
from .runtime import SIGNAL_UPDATED, Runtime

type TuyaLockUsersConfigEntry = ConfigEntry[ProjectCoordinator]


# The refusal of a lock that does not belong to the project (docs/tuya_api.md,
# Error codes). Other refusals of this class concern the plan of the project.
NO_PERMISSION: Final = 1106


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
        self._review = ListReview()
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
        locks = await self._async_review(listing)
        runtime.session.last_list = LastData(
            data=tuple(locks.values()), read_at=dt_util.utcnow()
        )
        is_believed = listing.is_complete and not self._review.is_doubted
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
                self._without_others(self._typed_locks | locks), is_believed=False
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
        runtime.problems.async_show_empty_list(is_empty=self._review.is_confirmed_empty)
        self.update_interval = timedelta(seconds=self._seconds_to_next())
        return self.data

    async def _async_fetch_list(self) -> Listing[Lock]:
        """Return the devices of the project, or of its account.

        A project that may not list devices has only the locks with typed device IDs,
        unless it could list them before: then the refusal is an error.
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

    async def _async_review(self, listing: Listing[Lock]) -> dict[str, Lock]:
        """Return the locks of a list, and those that may be missing by mistake.

        After a restart, the registry knows the previous locks.
        """
        store, typed = self.runtime.store, self._typed_locks
        listed = self._without_others(
            {
                lock.lock_id: lock
                for lock in listing.items
                if lock.is_lock or lock.lock_id in typed
            }
        )
        # A device whose ID is no longer typed can be on the list without being followed.
        present = {lock.lock_id for lock in listing.items}
        known = {
            lock_id: lock
            for lock_id, lock in (self.data or self.devices.known_locks).items()
            if lock_id not in typed
            and store.was_lock_listed(lock_id)
            and (lock_id in listed or lock_id not in present)
        }
        known = self._without_others(known)
        now = dt_util.utcnow().timestamp()
        agrees = True
        if not listed and self._review.needs_other_call(now):
            agrees = not await self._async_is_any_there(known)
        self._review = review(
            known,
            listed,
            before=self._review,
            now=now,
            is_complete=listing.is_complete,
            must_have_items=bool(known),
            other_call_agrees=agrees,
        )
        held = {key: known[key] for key in known if self._review.holds(key)}
        store.listed = frozenset(listed.keys() | held.keys())
        return self._without_others(typed) | listed | held

    @property
    def _typed_locks(self) -> dict[str, Lock]:
        """Return the locks with typed device IDs."""
        extra = self.config_entry.options.get(CONF_EXTRA_LOCKS, ())
        return {lock_id: Lock(lock_id=lock_id) for lock_id in extra}

    def _without_others(self, locks: dict[str, Lock]) -> dict[str, Lock]:
        """Return locks without excluded ones and those of another project."""
        excluded = self.config_entry.options.get(CONF_EXCLUDED_LOCKS, ())
        return {
            lock_id: lock
            for lock_id, lock in locks.items()
            if lock_id not in excluded and not self.devices.is_owned_by_other(lock_id)
        }

    async def _async_is_any_there(self, known: dict[str, Lock]) -> bool:
        """Return whether a lock exists although the list of locks is empty.

        The list of its account or the lock itself show that. If neither can be read,
        the lock stays.
        """
        entry_uid = self.config_entry.data.get(CONF_ACCOUNT_UID)
        accounts = {lock.account_uid for lock in known.values() if lock.account_uid}
        if entry_uid is None and accounts:
            try:
                listings = [
                    await self.runtime.client.account_devices(uid)
                    for uid in sorted(accounts)
                ]
            except TuyaError as err:
                LOGGER.debug("No locks of an account: %r", err)
            else:
                if not all(listing.is_complete for listing in listings):
                    return True
                ids = {one.lock_id for listing in listings for one in listing.items}
                return not ids.isdisjoint(known)
        for lock_id in known:
            try:
                await self.locks[lock_id].async_read()
            except NotFoundError:
                continue
            except TuyaError as err:
                LOGGER.debug("Cannot read a lock that is not listed: %r", err)
                if err.code == NO_PERMISSION:
                    continue
            return True
        return False

    def _seconds_to_next(self) -> float:
        """Return the time to the next list: short while the last one is doubtful.

        During a pause, it is at most the time until the list may probe.
        """
        seconds = self.runtime.plan.list_seconds
        now = dt_util.utcnow().timestamp()
        earlier = (
            self.runtime.problems.seconds_to_probe(LIST),
            self._review.seconds_to_confirm(now),
        )
        return min([seconds, *(one for one in earlier if one is not None)])

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
        """Call back for each new lock. This is no listener that causes polls."""
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
