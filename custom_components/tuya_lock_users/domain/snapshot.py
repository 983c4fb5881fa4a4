"""One lock as it was read last: users, their methods, who and what is left over.

Pure. The users call and opmodes each know a part of an unlock method, and are read at
different times; how the parts make one whole is decided here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
import re
from types import MappingProxyType
from typing import Final, NamedTuple

from ..api.models import LISTED_TYPES, AbsentUser, Phase, UnlockMethod, User
from ..api.schedule.model import Access, Delivery, Schedule
from ..api.schedule.times import Zones

_OFFSET: Final = re.compile(r"^([+-])(\d{1,2}):?(\d{2})$")


class LockSnapshot(NamedTuple):
    """One lock at one time, compared by value.

    `users` are in the order of the cloud. `limits` is what the cloud's flags allowed at
    most when the users were read, see `access_limits`. `detailed` are those whose
    opmodes were ever read, so that learning more about them is not taken for a change.
    None means that nobody has asked yet.
    """

    users: Mapping[str, User]
    zones: Zones
    limits: Mapping[str, Access] = MappingProxyType({})
    lists_schedules: bool = True
    detailed: frozenset[str] = frozenset()
    absent_users: tuple[AbsentUser, ...] | None = None
    unassigned_methods: tuple[UnlockMethod, ...] | None = None

    @property
    def unlock_methods(self) -> list[UnlockMethod] | None:
        """Return the methods of all users, None while those of somebody are unknown."""
        methods: list[UnlockMethod] = []
        for user in self.users.values():
            if user.unlock_methods is None:
                return None
            methods.extend(user.unlock_methods)
        return methods

    @property
    def pending_changes(self) -> int:
        """Return how many changes the lock has yet to take."""
        return sum(user.pending_changes for user in self.users.values())

    @property
    def pending(self) -> frozenset[tuple[str, ...]]:
        """Return what the lock has yet to take: user, and method if it is about one."""
        pending: set[tuple[str, ...]] = set()
        for user in self.users.values():
            if user.schedule and user.schedule.delivery is Delivery.ONGOING:
                pending.add((user.user_id,))
            pending.update(
                (user.user_id, method.type, str(method.number))
                for method in user.unlock_methods or ()
                if method.is_pending
            )
        return frozenset(pending)

    def holders(self, key: tuple[str, int]) -> list[User]:
        """Return the users who have the method."""
        return [
            user
            for user in self.users.values()
            if any(method.key == key for method in user.unlock_methods or ())
        ]

    @property
    def time_zone_name(self) -> str | None:
        """Return the IANA name of the lock's zone, if its schedules use one."""
        names = self.zones.named.items()
        return next((name for name, zone in names if zone is self.zones.default), None)


class Details(NamedTuple):
    """The opmodes of one user, and when they were read (seconds since 1970).

    `listed` is what the list said of the user at that time.
    """

    methods: tuple[UnlockMethod, ...]
    read_at: float
    listed: User | None = None


def with_details(user: User, details: Details | None) -> User:
    """Return a user with what opmodes says of the methods.

    As long as the list says the same as when the details were read, both together are
    what there is. Once it says something else, it decides which methods of the types it
    knows there are, and older details only add to them. What the lock has deleted
    already is gone.
    """
    if details is None:
        return user
    detail_of = {method.key: method for method in details.methods}
    merged = {
        method.key: method.with_details(detail_of[method.key])
        if method.key in detail_of
        else method
        for method in user.unlock_methods or ()
    }
    is_fresh = details.listed is user or user.unlock_methods is None
    for key, method in detail_of.items():
        if is_fresh or method.type not in LISTED_TYPES:
            merged.setdefault(key, method)
    methods = (m for m in merged.values() if m.phase is not Phase.DELETED)
    return replace(user, unlock_methods=tuple(methods))


def with_schedules(
    snapshot: LockSnapshot, reread: Callable[[Schedule], Schedule]
) -> LockSnapshot:
    """Return a snapshot with every schedule read again."""
    users = {
        user_id: replace(user, schedule=reread(user.schedule))
        if user.schedule
        else user
        for user_id, user in snapshot.users.items()
    }
    return snapshot._replace(users=users)


def zone_names(users: Iterable[User]) -> list[str]:
    """Return the IANA names in the schedules of users, those of most users first."""
    users_of = Counter(
        name
        for user in users
        if user.schedule is not None
        for name in dict.fromkeys(one.time_zone for one in user.schedule.windows or ())
        if name
    )
    return [name for name, _ in users_of.most_common()]


def lock_zone(
    offset: str | None,
    own: tzinfo | None,
    named: Mapping[str, tzinfo],
    home: tzinfo,
    now: datetime,
) -> tzinfo:
    """Return the zone of a lock (docs/architecture.md, Zone of a lock).

    Args:
        offset: What the list of locks says, such as "+08:00".
        own: The zone that it names instead, if it does.
        named: The zones that schedules name, those of most users first. Hours may be
            those of another place, so one of them is the lock's only where it agrees
            with the lock's offset now.
        home: The zone of Home Assistant, which may be the lock's as well: a bare offset
            knows no daylight saving time.
        now: The moment at which zones agree, or not.
    """
    if own is not None:
        return own
    if (delta := _delta(offset)) is None:
        return next(iter(named.values()), home)
    for zone in (*named.values(), home):
        if delta == now.astimezone(zone).utcoffset():
            return zone
    return UTC if not delta else timezone(delta)


def _delta(offset: str | None) -> timedelta | None:
    """Return an offset such as "+08:00", None for what is none."""
    if offset is None or (match := _OFFSET.match(offset)) is None:
        return None
    sign, hours, minutes = match.groups()
    delta = timedelta(hours=int(hours), minutes=int(minutes))
    if delta >= timedelta(days=1):
        return None
    return -delta if sign == "-" else delta
