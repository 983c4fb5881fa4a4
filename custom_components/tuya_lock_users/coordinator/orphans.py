"""Orphans of a lock: absent users and unassigned unlock methods."""

from collections.abc import Callable, Collection

from ..api.errors import TuyaError
from ..api.models import AbsentUser
from ..api.paging import Listing
from ..api.smart_lock import SmartLock
from ..api.unlock_methods import UnlockMethod
from ..const import LOGGER
from ..domain.list_review import (
    CONFIRM_AFTER_SECONDS,
    CONFIRM_SECONDS,
    ListReview,
    review,
)


class _OrphanList[Item]:
    """One of the lists. A much shorter or incomplete one must be confirmed by a second.

    `items` are None before they were read, or if the lock does not support them.
    """

    def __init__(
        self, items: tuple[Item, ...] | None, identity: Callable[[Item], object]
    ) -> None:
        """Initialize with the items from before a restart."""
        self.items = items
        self._identity = identity
        self._review = ListReview()
        # Without an earlier list, an incomplete one is all there is.
        self._knows_all = items is not None
        self._first_read_at: float | None = None

    @property
    def is_partial(self) -> bool:
        """Return whether there may be more items than are known."""
        return self._first_read_at is not None and not self._knows_all

    def update(
        self, listing: Listing[Item], now: float, leaving: Collection[object]
    ) -> None:
        """Update the items from a list; keep those that may be missing by mistake."""
        listed = {self._identity(item): item for item in listing.items}
        known = {self._identity(item): item for item in self.items or ()}
        self._review = review(
            known,
            listed,
            before=self._review,
            now=now,
            is_complete=listing.is_complete,
            leaving=leaving,
        )
        held = [item for key, item in known.items() if self._review.holds(key)]
        self.items = (*listed.values(), *held)
        if self._first_read_at is None:
            self._first_read_at = now
        is_second = now - self._first_read_at >= CONFIRM_SECONDS
        self._knows_all = self._knows_all or listing.is_complete or is_second

    def seconds_to_confirm(self, now: float) -> float | None:
        """Return when to read a doubtful list again, None if it need not be."""
        if self.is_partial and self._first_read_at is not None:
            return max(self._first_read_at + CONFIRM_AFTER_SECONDS - now, 0.0)
        return self._review.seconds_to_confirm(now)

    def is_confirmable(self, now: float) -> bool:
        """Return whether a list that is read now can confirm a doubtful one."""
        return self.seconds_to_confirm(now) == 0.0 or self._review.is_confirmable(now)


class OrphanReader:
    """Reads both lists.

    `asked_at` is the last request for unassigned methods, and `unassigned_read_at` the
    last reply, in seconds since 1970.
    """

    def __init__(
        self,
        lock: SmartLock,
        absent_users: tuple[AbsentUser, ...] | None = None,
        unassigned_methods: tuple[UnlockMethod, ...] | None = None,
    ) -> None:
        """Initialize with the data from before a restart."""
        self.asked_at = 0.0
        self.unassigned_read_at = 0.0
        self._lock = lock
        self._absent = _OrphanList(absent_users, lambda user: user.user_id)
        self._unassigned = _OrphanList(unassigned_methods, lambda method: method.key)

    @property
    def absent_users(self) -> tuple[AbsentUser, ...] | None:
        """Return the absent users, None if they were not read."""
        return self._absent.items

    @property
    def unassigned_methods(self) -> tuple[UnlockMethod, ...] | None:
        """Return the methods without a user, None if they were not read."""
        return self._unassigned.items

    @property
    def partial(self) -> frozenset[str]:
        """Return the lists that may have more items than are known."""
        are_partial = {
            "absent_users": self._absent.is_partial,
            "unassigned_methods": self._unassigned.is_partial,
        }
        return frozenset(key for key, is_partial in are_partial.items() if is_partial)

    async def read(self, now: float, leaving: Collection[object] = ()) -> None:
        """Read both lists; an unsupported one stays unchanged.

        `leaving` are the ids of users and the keys of methods that a command removed.
        """
        try:
            await self.read_absent(now, leaving)
        except TuyaError as err:
            LOGGER.debug("No absent users of %s: %r", self._lock.lock_id, err)
        try:
            await self.read_unassigned(now, leaving)
        except TuyaError as err:
            LOGGER.debug("No unassigned methods of %s: %r", self._lock.lock_id, err)

    async def read_absent(self, now: float, leaving: Collection[object] = ()) -> None:
        """Read the absent users. Raises TuyaError."""
        self._absent.update(await self._lock.absent_users(), now, leaving)

    async def read_unassigned(
        self, now: float, leaving: Collection[object] = ()
    ) -> None:
        """Read the methods without a user. Raises TuyaError."""
        self.asked_at = now
        self._unassigned.update(await self._lock.unassigned_methods(), now, leaving)
        self.unassigned_read_at = now

    def seconds_to_confirm(self, now: float) -> float | None:
        """Return when to read a doubtful list again, None if there is none."""
        lists = (self._absent, self._unassigned)
        seconds = (one.seconds_to_confirm(now) for one in lists)
        return min((one for one in seconds if one is not None), default=None)

    async def confirm(self, now: float) -> None:
        """Read a doubtful list again, if enough time has passed."""
        try:
            if self._absent.is_confirmable(now):
                await self.read_absent(now)
            if self._unassigned.is_confirmable(now):
                await self.read_unassigned(now)
        except TuyaError as err:
            LOGGER.debug("No second list of %s: %r", self._lock.lock_id, err)
