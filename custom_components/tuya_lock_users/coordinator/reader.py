"""Reads one lock: makes the calls, and merges their replies into a snapshot.

The list of users comes first and decides whether an update succeeds. Refused details and
orphans never fail it (docs/architecture.md, Refusals about one record).
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ..api.errors import NotFoundError, ProjectError, TuyaError, UnsupportedError
from ..api.models import User
from ..api.rate_limit import CALLS_IN_FLIGHT
from ..api.reply_shapes import safe_key
from ..api.schedule.model import Access
from ..api.smart_lock import SmartLock
from ..api.user_list import UserList
from ..const import LOGGER
from ..domain.access import limits_after
from ..domain.known_users import KnownUsers, MethodDetails
from ..domain.list_review import (
    CONFIRM_AFTER_SECONDS,
    CONFIRM_SECONDS,
    ListReview,
    review,
)
from ..domain.poll_plan import DAY_SECONDS, LockLoad
from ..domain.snapshot import LockSnapshot
from .orphans import OrphanReader
from .time_zones import LockZones


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The result of an update.

    Attributes:
        snapshot: The whole lock, including earlier data.
        is_complete: Whether users who are not in the snapshot are not on the lock.
        is_first: Whether this is the first list since a start, which is not compared.
        details_read: The users whose details were just read.
        confirm_in: When to update again, in seconds, to confirm that missing items were
            removed; None if nothing is doubtful.
    """

    snapshot: LockSnapshot
    is_complete: bool
    is_first: bool = False
    details_read: frozenset[str] = frozenset()
    confirm_in: float | None = None


class LockReader:
    """Reads one lock and remembers what the next update can reuse.

    Times in seconds are since 1970.
    """

    def __init__(
        self,
        lock: SmartLock,
        *,
        orphans: OrphanReader,
        details: dict[str, MethodDetails],
        user_ids: Collection[str],
    ) -> None:
        """Initialize with the details and the users from before a restart."""
        self.lock = lock
        self.orphans = orphans
        self.zones = LockZones(lock.lock_id)
        self._users = KnownUsers(details, user_ids)
        # Without a first list, an incomplete or an empty one is all there is.
        self._knows_all = bool(user_ids)
        self._incomplete_since: float | None = None
        self._review = ListReview()
        # The last list, and when it was read in seconds since 1970.
        self._last_list: tuple[UserList | None, float] = (None, 0.0)
        self._limits: Mapping[str, Access] = {}
        self._unknown_keys: set[str] = set()
        self._no_details_until = 0.0

    @property
    def _listing(self) -> UserList | None:
        return self._last_list[0]

    @property
    def load(self) -> LockLoad:
        """Return the cost of polling this lock."""
        return LockLoad(
            users=len(self._users),
            lists_methods=self.lock.users.lists_methods,
            unassigned_calls=len(self.lock.unassigned_types or (None,)),
            pages_read=self._listing.pages if self._listing else 1,
        )

    @property
    def details(self) -> dict[str, MethodDetails]:
        """Return the last details of each user."""
        return self._users.details

    async def read(
        self,
        *,
        now: datetime,
        details_for: Collection[str] = (),
        leaving: Collection[str] = (),
    ) -> Reading:
        """Read the lock.

        Besides the list, this reads the details of `details_for`, of users whose record
        changed, and of those with pending changes; if the list has no methods, also of
        some others in rotation. The first update leaves them for later. `leaving` are
        users deleted by a command. Raises TuyaError.
        """
        seconds, is_first = now.timestamp(), self._listing is None
        listing = await self.lock.users.read()
        self._review = await self._review_list(listing, leaving, seconds)
        self._users.set_list(listing.users, self._review)
        self._learn_whether_all(listing, seconds)
        self._last_list = (listing, seconds)
        users = self._users.users
        wanted = [user_id for user_id in details_for if user_id in users]
        if not is_first and seconds >= self._no_details_until:
            wanted = self._wanted(wanted)
        details_read = await self._read_details(wanted, seconds)
        await self.orphans.confirm(seconds)
        self._log_unknown_keys(listing.users)
        reading = await self._reading(now, details_read)
        snapshot = reading.snapshot
        self._limits = limits_after(self._limits, snapshot, now)
        return replace(
            reading, snapshot=replace(snapshot, limits=self._limits), is_first=is_first
        )

    def _log_unknown_keys(self, users: Iterable[User]) -> None:
        """Log the keys of schedules that are not understood, each only once."""
        keys = {k for u in users if u.schedule for k in u.schedule.unknown_keys}
        if new := keys - self._unknown_keys:
            self._unknown_keys |= new
            LOGGER.debug(
                "Schedules of %s are not understood because of %s",
                self.lock.lock_id,
                ", ".join(sorted({safe_key(key) for key in new})),
            )

    async def read_details(self, user_ids: Iterable[str], *, now: datetime) -> Reading:
        """Read the details of some users, if possible."""
        details_read = await self._read_details(user_ids, now.timestamp())
        return await self._reading(now, details_read)

    async def read_methods(self, user_id: str, *, now: datetime) -> Reading:
        """Read the details of one user. Raises TuyaError."""
        await self._read_methods_of(user_id, now.timestamp())
        return await self._reading(now, frozenset({user_id}))

    async def read_orphans(
        self, *, now: datetime, leaving: Collection[object] = ()
    ) -> Reading:
        """Read absent users and unassigned methods."""
        await self.orphans.read(now.timestamp(), leaving)
        return await self._reading(now)

    async def read_absent(
        self, *, now: datetime, leaving: Collection[object] = ()
    ) -> Reading:
        """Read the absent users. Raises TuyaError."""
        await self.orphans.read_absent(now.timestamp(), leaving)
        return await self._reading(now)

    async def read_unassigned(self, *, now: datetime) -> Reading:
        """Read the unassigned methods. Raises TuyaError."""
        await self.orphans.read_unassigned(now.timestamp())
        return await self._reading(now)

    def users_without_details(self, since: float, seconds: float) -> list[str]:
        """Return the users whose details were not read since then, changed ones first."""
        if seconds < self._no_details_until:
            return []
        return self._users.without_details(since)

    def expect_details(self, user_ids: Iterable[str]) -> None:
        """Read the details of some users in the next update."""
        self._users.set_due(user_ids, is_due=True)

    # The list of users

    async def _review_list(
        self, listing: UserList, leaving: Collection[str], seconds: float
    ) -> ListReview:
        """Return the review of a list; a lock that had users has an owner."""
        agrees: bool | None = True
        if not listing.users and self._review.needs_other_call(seconds):
            try:
                agrees = await self.lock.users.other_list_is_empty()
            except TuyaError as err:
                LOGGER.debug("No other list of %s: %r", self.lock.lock_id, err)
                agrees = False
        known, before = self._users.ids, self._review
        if listing.lacks_hidden:  # these users were listed once, if before a restart
            before = replace(before, was_complete=True)
        return review(
            known,
            {user.user_id for user in listing.users},
            before=before,
            now=seconds,
            is_complete=listing.is_complete,
            leaving=leaving,
            must_have_items=bool(known.difference(leaving)),
            other_call_agrees=agrees,
        )

    def _learn_whether_all(self, listing: UserList, seconds: float) -> None:
        """Learn whether all users are known; a lock has an owner at least.

        Some locks never return a complete list, so a second one counts as complete.
        """
        if self._incomplete_since is None:
            self._incomplete_since = seconds
        self._knows_all = (
            self._knows_all
            or (listing.is_complete and bool(listing.users))
            or seconds - self._incomplete_since >= CONFIRM_SECONDS
        )

    # Details

    def _wanted(self, asked: list[str]) -> list[str]:
        """Return the users whose details to read, most important first."""
        wanted = list(dict.fromkeys((*asked, *self._users.due)))
        load = self.load
        if load.lists_methods or self._listing is None:
            # Details that a full refresh could not read; without them, no count is complete.
            details = self._users.details
            never = [user_id for user_id in self._users.users if user_id not in details]
            return list(dict.fromkeys((*wanted, *never[:CALLS_IN_FLIGHT])))
        calls = max(
            0, load.rotation_calls - (self._listing.calls - self._listing.pages)
        )
        others = self._users.rotation(calls, without=wanted)
        return [*wanted, *others][: max(len(asked), calls)]

    async def _read_details(
        self, user_ids: Iterable[str], seconds: float
    ) -> frozenset[str]:
        """Read the details of users, a few at once; return the successful ones."""
        waiting = list(user_ids)
        details_read: set[str] = set()
        refused_before = self._no_details_until
        while waiting and self._no_details_until == refused_before:
            batch, waiting = waiting[:CALLS_IN_FLIGHT], waiting[CALLS_IN_FLIGHT:]
            read = await asyncio.gather(
                *(self._read_details_of(user_id, seconds) for user_id in batch)
            )
            details_read.update(u for u, ok in zip(batch, read, strict=True) if ok)
        return frozenset(details_read)

    async def _read_details_of(self, user_id: str, seconds: float) -> bool:
        """Read the details of one user; return whether it succeeded."""
        try:
            await self._read_methods_of(user_id, seconds)
        except NotFoundError:  # deleted after the list was read
            self._users.set_due((user_id,), is_due=False)
            return False
        except (UnsupportedError, ProjectError) as err:
            # The same for every user of this lock: not tried again before tomorrow.
            LOGGER.debug("No unlock methods of %s: %r", self.lock.lock_id, err)
            self._no_details_until = seconds + DAY_SECONDS
            return False
        except TuyaError as err:
            LOGGER.debug(
                "No unlock methods of a user of %s: %r", self.lock.lock_id, err
            )
            return False
        return True

    async def _read_methods_of(self, user_id: str, seconds: float) -> None:
        user = self._users.users.get(user_id)
        # A missing list removes no known methods.
        has_methods = user is not None and bool(user.unlock_methods)
        listing = await self.lock.unlock_methods(
            user_id, may_be_missing=not has_methods
        )
        self._users.set_methods(user_id, listing, seconds)

    # Merging

    async def _reading(
        self, now: datetime, details_read: frozenset[str] = frozenset()
    ) -> Reading:
        """Return the merged reading; unchanged users stay the same objects."""
        seconds, orphans = now.timestamp(), self.orphans
        users = self._users.users
        details_read_at = {
            user_id: details.read_at for user_id, details in self.details.items()
        }
        snapshot = LockSnapshot(
            users=users,
            zones=await self.zones.read(users.values(), now),
            limits=self._limits,
            lists_schedules=self.lock.users.lists_schedules,
            lists_methods=self.lock.users.lists_methods,
            lists_hidden_users=self.lock.users.lists_hidden_users,
            refuses_details=seconds < self._no_details_until,
            detailed=frozenset(details_read_at),
            unseen_users=self._users.unseen,
            knows_all_users=self._knows_all,
            held_users=frozenset(filter(self._review.holds, users)),
            is_empty=self._review.stays_empty,
            partial_orphans=orphans.partial,
            absent_users=orphans.absent_users,
            unassigned_methods=orphans.unassigned_methods,
            listed_at=self._last_list[1],
            is_paged=self._listing is not None and self._listing.pages > 1,
            details_read_at=details_read_at,
            unassigned_read_at=orphans.unassigned_read_at,
        )
        is_certain = self._listing is not None and self._listing.is_complete
        confirm_in = [
            self._review.seconds_to_confirm(seconds),
            orphans.seconds_to_confirm(seconds),
            None if self._knows_all else CONFIRM_AFTER_SECONDS,
        ]
        return Reading(
            snapshot=snapshot,
            is_complete=is_certain and not self._review.is_doubted,
            details_read=details_read,
            confirm_in=min(filter(None, confirm_in), default=None),
        )
