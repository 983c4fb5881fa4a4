"""How one lock is read: which calls, in which dialect, made into one snapshot.

The list of users comes first and decides whether a reading succeeded. What opmodes and
the two lists of leftovers add is welcome, but a refusal there says something about the
lock and not about the project, so it never costs the reading (DESIGN §11.5).
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from copy import replace
from datetime import datetime, tzinfo
from typing import Final

from ..api.dialects import Dialects, UsersCall
from ..api.endpoints import SmartLocks, UserMemory
from ..api.errors import (
    BadRequestError,
    NotAuthorizedError,
    NotFoundError,
    ProjectError,
    RefusedError,
    TuyaError,
    UnsupportedError,
)
from ..api.models import UnlockMethod, User
from ..api.paging import Listing
from ..api.rate_limit import CALLS_IN_FLIGHT
from ..api.schedule.model import Schedule
from ..api.schedule.times import Zones
from ..api.schedule.windows import (
    WindowDialect,
    corrected,
    evidence,
    learned,
    window_dialect,
)
from ..const import LOGGER
from ..domain.poll_plan import DAY_SECONDS, LockLoad, rotation
from ..domain.snapshot import Details, LockSnapshot, lock_zone, with_details, zone_names

# The types that unassigned-keys can be asked for one by one (DESIGN §11.13).
UNASSIGNED_TYPES: Final = ("fingerprint", "password", "card", "face")

type LoadZone = Callable[[str], Awaitable[tzinfo | None]]


# What the snapshot of a user was made of: while that is the same, so is the user.
type _Parts = tuple[User, Details | None, WindowDialect]


def _content_of(user: User | None) -> Schedule | None:
    """Return the schedule of a user without what became of the latest change."""
    if user is None or user.schedule is None:
        return None
    return replace(user.schedule, delivery=None, operate=None)


def _corrected(user: User, dialect: WindowDialect) -> User:
    """Return a user with the windows that the lock means."""
    if user.schedule is None or not user.schedule.windows:
        return user
    schedule = corrected(user.schedule, dialect)
    return user if schedule is user.schedule else replace(user, schedule=schedule)


class LockReader:
    """Reads one lock and remembers what the next reading can spare.

    `dialects` is what is known of the lock, updated as more is learned. `load_zone`
    returns the time zone of an IANA name. Seconds are those since 1970.
    """

    def __init__(
        self,
        locks: SmartLocks,
        lock_id: str,
        *,
        dialects: Dialects,
        load_zone: LoadZone,
        home_zone: Callable[[], tzinfo],
    ) -> None:
        """Start with nothing read."""
        self.locks = locks
        self.lock_id = lock_id
        self.dialects = dialects
        self.offset: str | None = None
        self.details_read: frozenset[str] = frozenset()
        self.is_complete = False
        self._load_zone = load_zone
        self._home_zone = home_zone
        self._memory = UserMemory()
        self._listed: dict[str, User] = {}
        self._missing: frozenset[str] = frozenset()
        self._details: dict[str, Details] = {}
        self._parts: dict[str, _Parts] = {}
        self._due: set[str] = set()
        self._no_details_until = 0.0
        self._pages_read = 1
        self._looks_again = False
        self._calls_in_vain = 0
        self._expected: tuple[str, Schedule, Schedule | None] | None = None

    @property
    def load(self) -> LockLoad:
        """Return what this lock costs to read."""
        return LockLoad(
            users=len(self._listed),
            lists_methods=self.dialects.users_call in (None, UsersCall.WITH_METHODS),
            unassigned_calls=len(UNASSIGNED_TYPES)
            if self.dialects.unassigned_by_type
            else 1,
            pages_read=self._pages_read,
        )

    @property
    def tells_schedules(self) -> bool:
        """Return whether the users of this lock come with more than their names."""
        return self.dialects.users_call is not UsersCall.BY_NAME

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
        listed = self._complete(await self._list_users())
        wanted = self._wanted(listed, before, details_for, now.timestamp())
        self._listed = listed
        await self._read_details(wanted, now.timestamp())
        return await self._snapshot(before, now)

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
        listing = await self.locks.absent_users(self.lock_id)
        return replace(before, absent_users=listing.items)

    async def read_unassigned(self, before: LockSnapshot) -> LockSnapshot:
        """Return the lock with the methods of nobody read. Raises TuyaError.

        That is one call, or one for each type where the lock wants to be asked so.
        """
        if not self.dialects.unassigned_by_type:
            try:
                listing = await self.locks.unassigned_methods(self.lock_id)
            except BadRequestError:
                pass
            else:
                self.dialects = replace(self.dialects, unassigned_by_type=False)
                return replace(before, unassigned_methods=listing.items)
        methods: dict[tuple[str, int], UnlockMethod] = {}
        refusals: list[RefusedError] = []
        for method_type in UNASSIGNED_TYPES:
            try:
                listing = await self.locks.unassigned_methods(self.lock_id, method_type)
            except RefusedError as err:  # a lock without faces has none to tell of
                refusals.append(err)
                continue
            methods |= {method.key: method for method in listing.items}
        if len(refusals) == len(UNASSIGNED_TYPES):
            raise refusals[0]
        self.dialects = replace(self.dialects, unassigned_by_type=True)
        return replace(before, unassigned_methods=tuple(methods.values()))

    def meant(self, user: User, snapshot: LockSnapshot) -> User:
        """Return a user who was read apart from the list as the list would have it.

        After an order about them it is learned from, as the list is.
        """
        dialect = self._learn_from(user, window_dialect(self.dialects))
        known = snapshot.users.get(user.user_id)
        return replace(
            _corrected(user, dialect),
            unlock_methods=known.unlock_methods if known else None,
        )

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

    @contextmanager
    def expecting(
        self, user_id: str, schedule: Schedule, before: User | None = None
    ) -> Generator[None]:
        """Learn from readings in here how this lock reads windows back.

        A lock may tell the same schedule with its days reversed, or its minutes as
        times of the clock (TUYA_API §4.3); knowing what was written tells which. One
        that still says what it said before the order is no such reading: Saturday may
        be Monday from the other end, or an order without effect. `before` is the user
        as asked for alone, where the list tells no schedules.
        """
        user = before or self._listed.get(user_id)
        self._expected = (user_id, schedule, _content_of(user))
        try:
            yield
        finally:
            self._expected = None

    # The list of users

    def look_again(self) -> None:
        """Let the next reading find out whether the lock knows the best call by now.

        A refusal may have been a passing one, and the other calls cost more. That
        reading costs no more than others: it reads the details of fewer users.
        """
        self._looks_again = self.dialects.users_call is not UsersCall.WITH_METHODS

    async def _list_users(self) -> Listing[User]:
        """Return the users, by the best call that the lock knows (DESIGN §7, §11.15)."""
        self._calls_in_vain = 0
        if self._looks_again:
            self._looks_again = False
            try:
                return await self._list_users_by(UsersCall.WITH_METHODS)
            except UnsupportedError, NotAuthorizedError, BadRequestError:
                self._calls_in_vain = 1
        if (known := self.dialects.users_call) is not None:
            try:
                return await self._list_users_by(known)
            except UnsupportedError, NotAuthorizedError, BadRequestError:
                # It used to know this one: find out again.
                self.dialects = replace(self.dialects, users_call=None)
        refusals: list[TuyaError] = []
        for call in UsersCall:
            if call is UsersCall.BY_NAME and not all(
                isinstance(refusal, UnsupportedError) for refusal in refusals
            ):
                break
            try:
                return await self._list_users_by(call)
            except (UnsupportedError, NotAuthorizedError, BadRequestError) as err:
                refusals.append(err)
        # What somebody can do something about is the better thing to say.
        raise next(
            (err for err in refusals if isinstance(err, NotAuthorizedError)),
            refusals[-1],
        )

    async def _list_users_by(self, call: UsersCall) -> Listing[User]:
        match call:
            case UsersCall.WITH_METHODS:
                listing = await self.locks.users(self.lock_id, self._memory)
            case UsersCall.WITH_FILTER:
                listing = await self.locks.users_with_filter(
                    self.lock_id, memory=self._memory
                )
            case UsersCall.BY_NAME:
                listing = await self.locks.users_by_name(self.lock_id)
        self.dialects = replace(self.dialects, users_call=call)
        self._pages_read = listing.pages
        return listing

    def _complete(self, listing: Listing[User]) -> dict[str, User]:
        """Return the listed users, and for once those an incomplete list left out.

        A list that contradicts its own total may be cut short: nobody is taken for
        gone before a second such list misses them as well.
        """
        listed = {user.user_id: user for user in listing.items}
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
        calls = max(0, load.rotation_calls - self._calls_in_vain)
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
        listing = await self.locks.unlock_methods(self.lock_id, user_id)
        self._due.discard(user_id)
        self._details[user_id] = Details(
            methods=listing.items, read_at=seconds, listed=self._listed.get(user_id)
        )

    # The whole

    async def _snapshot(
        self, before: LockSnapshot | None, now: datetime
    ) -> LockSnapshot:
        """Return the whole; whoever did not change is the same object as before."""
        dialect = self._window_dialect()
        users: dict[str, User] = {}
        parts: dict[str, _Parts] = {}
        for user_id, listed in self._listed.items():
            details = self._details.get(user_id)
            known = self._parts.get(user_id)
            parts[user_id] = (listed, details, dialect)
            old = before.users.get(user_id) if before else None
            if old is not None and known is not None:
                if known[0] is listed and known[1] is details and known[2] == dialect:
                    users[user_id] = old
                    continue
            user = with_details(_corrected(listed, dialect), listed, details)
            users[user_id] = old if old is not None and old == user else user
        self._parts = parts
        return LockSnapshot(
            users=users,
            zones=await self._zones(users.values(), now),
            lists_schedules=self.tells_schedules,
            detailed=frozenset(self._details),
            absent_users=before.absent_users if before else None,
            unassigned_methods=before.unassigned_methods if before else None,
        )

    def _window_dialect(self) -> WindowDialect:
        """Return how this lock reads windows back, as far as it has shown."""
        schedules = [u.schedule for u in self._listed.values() if u.schedule]
        shown = evidence(schedules)
        dialect = WindowDialect(
            reversed_days=self.dialects.reversed_days or shown.reversed_days,
            hhmm_times=self.dialects.hhmm_times or shown.hhmm_times,
        )
        user = self._listed.get(self._expected[0]) if self._expected else None
        return self._learn_from(user, dialect)

    def _learn_from(self, user: User | None, dialect: WindowDialect) -> WindowDialect:
        """Remember a dialect, or the one that shows in whom an order was about."""
        if self._expected is not None and user is not None:
            user_id, written, before = self._expected
            told = _content_of(user) if user.user_id == user_id else None
            if written.windows and told is not None and told != before:
                dialect = learned(written, told, known=dialect) or dialect
        self.dialects = replace(
            self.dialects,
            reversed_days=dialect.reversed_days,
            hhmm_times=dialect.hhmm_times,
        )
        return dialect

    async def _zones(self, users: Collection[User], now: datetime) -> Zones:
        named: dict[str, tzinfo] = {}
        for name in zone_names(users):
            if (zone := await self._load_zone(name)) is not None:
                named[name] = zone
        offset, home = self.offset, self._home_zone()
        # The document says "time zone" and shows an offset; a name would do as well.
        if offset and offset[0].isalpha():
            home = await self._load_zone(offset) or home
        return Zones(default=lock_zone(offset, named, home, now), named=named)
