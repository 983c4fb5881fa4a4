"""The list of locks of one project: fetched, completed, and reviewed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from homeassistant.util import dt as dt_util

from ..api.errors import NotAuthorizedError, NotFoundError, TuyaError
from ..api.models import Lock
from ..api.paging import Listing
from ..const import CONF_ACCOUNT_UID, CONF_EXCLUDED_LOCKS, CONF_EXTRA_LOCKS, LOGGER
from ..domain.list_review import ListReview, review
from .devices import ProjectDevices
from .runtime import Runtime

# The refusal of a lock that does not belong to the project (docs/tuya_api.md,
# Error codes). Other refusals of this class concern the plan of the project.
NO_PERMISSION: Final = 1106


class LockList:
    """Fetches the list of locks, and decides which locks the project has.

    `review` is that of the latest list. `read_lock` reads one lock, to find out whether
    it still exists.
    """

    def __init__(
        self,
        runtime: Runtime,
        devices: ProjectDevices,
        read_lock: Callable[[str], Awaitable[object]],
    ) -> None:
        """Initialize without a list."""
        self.review = ListReview()
        self._runtime = runtime
        self._devices = devices
        self._read_lock = read_lock

    async def async_fetch(self) -> Listing[Lock]:
        """Return the devices of the project, or of its account. Raises TuyaError.

        A project that may not list devices has only the locks with typed device IDs,
        unless it could list them before: then the refusal is an error.
        """
        client, store = self._runtime.client, self._runtime.store
        if account_uid := self._runtime.entry.data.get(CONF_ACCOUNT_UID):
            return await client.account_devices(account_uid)
        try:
            listing = await client.project_devices()
        except NotAuthorizedError:
            extra = self._runtime.entry.options.get(CONF_EXTRA_LOCKS)
            if store.was_listed or not extra:
                raise
            return Listing(items=(), is_complete=True)
        store.was_listed = True
        return listing

    async def async_review(
        self, listing: Listing[Lock], before: Mapping[str, Lock]
    ) -> dict[str, Lock]:
        """Return the locks of a list, and those that may be missing by mistake.

        `before` are the previous locks; after a restart, the registry knows them.
        """
        store, typed = self._runtime.store, self._typed_locks
        listed = self._allowed(
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
            for lock_id, lock in (before or self._devices.known_locks).items()
            if lock_id not in typed
            and store.was_lock_listed(lock_id)
            and (lock_id in listed or lock_id not in present)
        }
        known = self._allowed(known)
        now = dt_util.utcnow().timestamp()
        agrees = True
        if not listed and self.review.needs_other_call(now):
            agrees = not await self._async_is_any_there(known)
        self.review = review(
            known,
            listed,
            before=self.review,
            now=now,
            is_complete=listing.is_complete,
            must_have_items=bool(known),
            other_call_agrees=agrees,
        )
        held = {key: known[key] for key in known if self.review.holds(key)}
        store.listed = frozenset(listed.keys() | held.keys())
        return self._allowed(typed) | listed | held

    def with_typed(self, locks: Mapping[str, Lock]) -> dict[str, Lock]:
        """Return the locks of an earlier list, and those with typed device IDs."""
        return self._allowed({**self._typed_locks, **locks})

    @property
    def _typed_locks(self) -> dict[str, Lock]:
        """Return the locks with typed device IDs."""
        extra = self._runtime.entry.options.get(CONF_EXTRA_LOCKS, ())
        return {lock_id: Lock(lock_id=lock_id) for lock_id in extra}

    def _allowed(self, locks: Mapping[str, Lock]) -> dict[str, Lock]:
        """Return locks without excluded ones and those of another project."""
        excluded = self._runtime.entry.options.get(CONF_EXCLUDED_LOCKS, ())
        return {
            lock_id: lock
            for lock_id, lock in locks.items()
            if lock_id not in excluded and not self._devices.is_owned_by_other(lock_id)
        }

    async def _async_is_any_there(self, known: dict[str, Lock]) -> bool:
        """Return whether a lock exists although the list of locks is empty.

        The list of its account or the lock itself show that. If neither can be read,
        the lock stays.
        """
        entry_uid = self._runtime.entry.data.get(CONF_ACCOUNT_UID)
        accounts = {lock.account_uid for lock in known.values() if lock.account_uid}
        if entry_uid is None and accounts:
            try:
                listings = [
                    await self._runtime.client.account_devices(uid)
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
                await self._read_lock(lock_id)
            except NotFoundError:
                continue
            except TuyaError as err:
                LOGGER.debug("Cannot read a lock that is not listed: %r", err)
                if err.code == NO_PERMISSION:
                    continue
            return True
        return False
