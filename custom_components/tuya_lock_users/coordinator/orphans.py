"""Orphans of a lock: absent users and unassigned unlock methods."""

from collections.abc import Collection

from ..api.errors import TuyaError
from ..api.models import AbsentUser, UnlockMethod
from ..api.smart_lock import SmartLock
from ..const import LOGGER
from ..domain.list_review import ListReview, review


class OrphanReader:
    """Reads both lists. A much shorter one must be confirmed by a second one.

    `absent_users` and `unassigned_methods` are None before they were read, or if the
    lock does not support them. `asked_at` is the last request for the latter, and
    `unassigned_read_at` the last reply, in seconds since 1970.
    """

    def __init__(
        self,
        lock: SmartLock,
        absent_users: tuple[AbsentUser, ...] | None = None,
        unassigned_methods: tuple[UnlockMethod, ...] | None = None,
    ) -> None:
        """Initialize with the data from before a restart."""
        self.absent_users = absent_users
        self.unassigned_methods = unassigned_methods
        self.asked_at = 0.0
        self.unassigned_read_at = 0.0
        self._lock = lock
        self._absent_review = ListReview()
        self._unassigned_review = ListReview()

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
        listed = {user.user_id: user for user in await self._lock.absent_users()}
        known = {user.user_id: user for user in self.absent_users or ()}
        self._absent_review = review(
            known, listed, before=self._absent_review, now=now, leaving=leaving
        )
        held = [user for key, user in known.items() if self._absent_review.holds(key)]
        self.absent_users = (*listed.values(), *held)

    async def read_unassigned(
        self, now: float, leaving: Collection[object] = ()
    ) -> None:
        """Read the methods without a user. Raises TuyaError."""
        self.asked_at = now
        listed = {
            method.key: method for method in await self._lock.unassigned_methods()
        }
        known = {method.key: method for method in self.unassigned_methods or ()}
        self._unassigned_review = review(
            known, listed, before=self._unassigned_review, now=now, leaving=leaving
        )
        held = [one for key, one in known.items() if self._unassigned_review.holds(key)]
        self.unassigned_methods = (*listed.values(), *held)
        self.unassigned_read_at = now

    def seconds_to_confirm(self, now: float) -> float | None:
        """Return when to read a doubtful list again, None if there is none."""
        reviews = (self._absent_review, self._unassigned_review)
        seconds = (one.seconds_to_confirm(now) for one in reviews if one.is_doubted)
        return min((one or 0.0 for one in seconds), default=None)

    async def confirm(self, now: float) -> None:
        """Read a doubtful list again, if enough time has passed."""
        try:
            if self._absent_review.is_confirmable(now):
                await self.read_absent(now)
            if self._unassigned_review.is_confirmable(now):
                await self.read_unassigned(now)
        except TuyaError as err:
            LOGGER.debug("No second list of %s: %r", self._lock.lock_id, err)
