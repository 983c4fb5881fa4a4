"""How one lock is read: which calls, in which dialect, made into one snapshot.

The list of users comes first and decides whether a reading succeeded. What opmodes and
the two lists of leftovers add is welcome, but a refusal there says something about the
lock and not about the project, so it never costs the reading (DESIGN §11.5).
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from copy import replace
from datetime import datetime, tzinfo
from typing import Final

from ..api.errors import NotFoundError, ProjectError, TuyaError, UnsupportedError
from ..api.models import User
from ..api.rate_limit import CALLS_IN_FLIGHT
from ..api.schedule.times import Zones
from ..api.smart_lock import SmartLock, UserList
from ..const import LOGGER
from ..domain.access import access_limits
from ..domain.poll_plan import DAY_SECONDS, LockLoad, rotation
from ..domain.snapshot import Details, LockSnapshot, lock_zone, with_details, zone_names

# A key that nobody knows may be anything.
_LONGEST_KEY: Final = 40

type LoadZone = Callable[[str], Awaitable[tzinfo | None]]


# What the snapshot of a user was made of: while that is the same, so is the user.
type _Parts = tuple[User, Details | None]


class LockReader:
    """Reads one lock and remembers what the next reading can spare.

    `load_zone` returns the time zone of an IANA name. Seconds are those since 1970.
    """

    def __init__(
        self,
        lock: SmartLock,
        *,
        load_zone: LoadZone,
        home_zone: Callable[[], tzinfo],
    ) -> None:
        """Start with nothing read."""
        self.lock = lock
        self.lock_id = lock.lock_id
        self.offset: str | None = None
        self.details_read: frozenset[str] = frozenset()
        self.is_complete = False
        self._load_zone = load_zone
        self._home_zone = home_zone
        self._listed: dict[str, User] = {}
        self._missing: frozenset[str] = frozenset()
        self._details: dict[str, Details] = {}
        self._parts: dict[str, _Parts] = {}
        self._due: set[str] = set()
        self._unknown_keys: set[str] = set()
        self._no_details_until = 0.0
        self._pages_read = 1
        self._wasted_calls = 0

    @property
    def load(self) -> LockLoad:
        """Return what this lock costs to read."""
        return LockLoad(
            users=len(self._listed),
            lists_methods=self.lock.lists_methods,
            unassigned_calls=len(self.lock.unassigned_types or (None,)),
            pages_read=self._pages_read,
        )

    async def read(
        self,
        before: LockSnapshot | None,
        *,
        now: datetime,
        details_for: Collection[str] = (),
    ) -> LockSnapshot:
        """Return the lock as it is now.

        Besides the list, the details are read of `details_for`, of users whose record
        changed and of those with something pending; in the fallback also of some
        others in rotation. The first reading leaves them for later. Raises TuyaError.
        """
        listed = self._complete(await self.lock.users())
        wanted = self._wanted(listed, before, details_for, now.timestamp())
        self._listed = listed
        await self._read_details(wanted, now.timestamp())
        snapshot = await self._snapshot(before, now)
        self._log_unknown_keys(snapshot.users.values())
        limits = access_limits(snapshot.users, snapshot.zones, now)
        return replace(snapshot, limits=limits)

    def _log_unknown_keys(self, users: Iterable[User]) -> None:
        """Name the keys of schedules that are not understood, each only once."""
        keys = {k for u in users if u.schedule for k in u.schedule.unknown_keys}
        if new := keys - self._unknown_keys:
            self._unknown_keys |= new
            LOGGER.debug(
                "Schedules of %s are not understood because of %s",
                self.lock_id,
                ", ".join(sorted(key[:_LONGEST_KEY] for key in new)),
            )

    async def read_details(
        self,
        before: LockSnapshot,
        user_ids: Iterable[str],
        *,
        now: datetime,
    ) -> LockSnapshot:
        """Return the lock with the details of some users read."""
        await self._read_details(user_ids, now.timestamp())
        return await self._snapshot(before, now)

    async def read_methods(
        self, before: LockSnapshot, user_id: str, *, now: datetime
    ) -> LockSnapshot:
        """Return the lock with the details of one user read. Raises TuyaError."""
        self.details_read = frozenset()
        await self._read_methods_of(user_id, now.timestamp())
        self.details_read = frozenset({user_id})
        return await self._snapshot(before, now)

    async def read_orphans(self, before: LockSnapshot) -> LockSnapshot:
        """Return the lock with absent users and unassigned methods read.

        What a lock does not tell stays as it was.
        """
        after = before
        try:
            after = await self.read_absent(after)
        except TuyaError as err:
            LOGGER.debug("No absent users of %s: %r", self.lock_id, err)
        try:
            after = await self.read_unassigned(after)
        except TuyaError as err:
            LOGGER.debug("No unassigned methods of %s: %r", self.lock_id, err)
        return after

    async def read_absent(self, before: LockSnapshot) -> LockSnapshot:
        """Return the lock with absent users read. Raises TuyaError."""
        return replace(before, absent_users=await self.lock.absent_users())

    async def read_unassigned(self, before: LockSnapshot) -> LockSnapshot:
        """Return the lock with unassigned methods read. Raises TuyaError."""
        return replace(before, unassigned_methods=await self.lock.unassigned_methods())

    def users_without_details(self, since: float, seconds: float) -> list[str]:
        """Return whose details were not read since then, changed users first."""
        if seconds < self._no_details_until:
            return []
        stale = [
            user_id
            for user_id in self._listed
            if (details := self._details.get(user_id)) is None
            or details.read_at < since
        ]
        return sorted(stale, key=lambda user_id: user_id not in self._due)

    # The list of users

    def _complete(self, listing: UserList) -> dict[str, User]:
        """Return the listed users, and for once those an incomplete list left out.

        A list that contradicts its own total may be cut short: nobody is taken for
        gone before a second such list misses them as well.
        """
        self._pages_read = listing.pages
        self._wasted_calls = listing.calls - listing.pages
        listed = {user.user_id: user for user in listing.users}
        missing = frozenset(self._listed) - frozenset(listed)
        self.is_complete = listing.is_complete
        if not listing.is_complete:
            for user_id in missing - self._missing:
                listed[user_id] = self._listed[user_id]
        self._missing = missing
        return listed

    # Details

    def _wanted(
        self,
        listed: dict[str, User],
        before: LockSnapshot | None,
        details_for: Collection[str],
        seconds: float,
    ) -> list[str]:
        """Return whose details this reading reads, most wanted first."""
        self._details = {k: v for k, v in self._details.items() if k in listed}
        self._due &= set(listed)
        asked = [user_id for user_id in details_for if user_id in listed]
        if before is None or seconds < self._no_details_until:
            return asked
        self._due.update(
            user_id
            for user_id, user in listed.items()
            if user != self._listed.get(user_id)
        )
        self._due.update(
            user_id
            for user_id, user in before.users.items()
            if user_id in listed
            and any(method.is_pending for method in user.unlock_methods or ())
        )
        due = [user_id for user_id in listed if user_id in self._due]
        wanted = list(dict.fromkeys((*asked, *due)))
        load = replace(self.load, users=len(listed))
        if load.lists_methods:
            return wanted
        read_at = {user_id: d.read_at for user_id, d in self._details.items()}
        calls = max(0, load.rotation_calls - self._wasted_calls)
        others = rotation(
            [user_id for user_id in listed if user_id not in wanted], read_at, calls
        )
        return [*wanted, *others][: max(len(asked), calls)]

    async def _read_details(self, user_ids: Iterable[str], seconds: float) -> None:
        """Read the opmodes of users, a few at once."""
        waiting = list(user_ids)
        self.details_read = frozenset()
        refused_before = self._no_details_until
        while waiting and self._no_details_until == refused_before:
            batch, waiting = waiting[:CALLS_IN_FLIGHT], waiting[CALLS_IN_FLIGHT:]
            read = await asyncio.gather(
                *(self._read_details_of(user_id, seconds) for user_id in batch)
            )
            self.details_read |= {u for u, ok in zip(batch, read, strict=True) if ok}

    async def _read_details_of(self, user_id: str, seconds: float) -> bool:
        """Read the opmodes of one user; return whether that worked."""
        try:
            await self._read_methods_of(user_id, seconds)
        except NotFoundError:  # gone since the list was read
            self._due.discard(user_id)
            return False
        except (UnsupportedError, ProjectError) as err:
            # The same for every user of this lock: not asked again before tomorrow.
            LOGGER.debug("No unlock methods of %s: %r", self.lock_id, err)
            self._no_details_until = seconds + DAY_SECONDS
            return False
        except TuyaError as err:
            LOGGER.debug("No unlock methods of a user of %s: %r", self.lock_id, err)
            return False
        return True

    async def _read_methods_of(self, user_id: str, seconds: float) -> None:
        methods = await self.lock.unlock_methods(user_id)
        self._due.discard(user_id)
        self._details[user_id] = Details(
            methods=methods, read_at=seconds, listed=self._listed.get(user_id)
        )

    # The whole

    async def _snapshot(
        self, before: LockSnapshot | None, now: datetime
    ) -> LockSnapshot:
        """Return the whole; whoever did not change is the same object as before."""
        users: dict[str, User] = {}
        parts: dict[str, _Parts] = {}
        for user_id, listed in self._listed.items():
            details = self._details.get(user_id)
            known = self._parts.get(user_id)
            parts[user_id] = (listed, details)
            old = before.users.get(user_id) if before else None
            if old is not None and known is not None:
                if known[0] is listed and known[1] is details:
                    users[user_id] = old
                    continue
            user = with_details(listed, details)
            users[user_id] = old if old is not None and old == user else user
        self._parts = parts
        return LockSnapshot(
            users=users,
            zones=await self._zones(users.values(), now),
            limits=before.limits if before else {},
            lists_schedules=self.lock.lists_schedules,
            detailed=frozenset(self._details),
            absent_users=before.absent_users if before else None,
            unassigned_methods=before.unassigned_methods if before else None,
        )

    async def _zones(self, users: Collection[User], now: datetime) -> Zones:
        named: dict[str, tzinfo] = {}
        for name in zone_names(users):
            if (zone := await self._load_zone(name)) is not None:
                named[name] = zone
        offset, own = self.offset, None
        # The document says "time zone" and shows an offset; a name would do as well.
        if offset and offset[0].isalpha():
            own = await self._load_zone(offset)
        default = lock_zone(offset, own, named, self._home_zone(), now)
        return Zones(default=default, named=named)
