"""One lock as of the last update: users, unlock methods, and orphans. Pure."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
import re
from types import MappingProxyType
from typing import Final

from ..api.models import AbsentUser, User
from ..api.schedule.model import Access, Delivery, Schedule
from ..api.schedule.times import Zones
from ..api.unlock_methods import LISTED_TYPES, UnlockMethod

_OFFSET: Final = re.compile(r"^([+-])(\d{1,2}):?(\d{2})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockSnapshot:
    """One lock at one time, compared by value but for when its parts were read.

    Attributes:
        users: In the order of the cloud.
        zones: The time zones of their schedules.
        limits: What the cloud's flags allowed at most when the users were read, see
            `access_limits`.
        lists_schedules: Whether the list of users has user types and schedules.
        lists_methods: Whether it has unlock methods.
        lists_hidden_users: Whether a second list was read for users without methods.
        refuses_details: Whether the details of unlock methods cannot be read.
        detailed: The users whose details were ever read. New methods of other users are
            no change.
        unseen_users: Users who are known to exist but in no list yet, because the first
            one after a restart was too short.
        knows_all_users: Whether any list since the first one ever was complete.
        held_users: Users missing from the latest list, who are shown as before.
        is_empty: Whether the list of users stays empty, and no other call has any.
        partial_orphans: Which of the next two may lack some, named as here.
        absent_users: None before they were read, or if the lock does not support them.
        unassigned_methods: None as above.
        listed_at: When the list of users was read, in seconds since 1970, as all times.
        is_paged: Whether that took several calls, one after the other.
        details_read_at: When the details of each user were read.
        unassigned_read_at: When the unassigned methods were read.
    """

    users: Mapping[str, User]
    zones: Zones
    limits: Mapping[str, Access] = MappingProxyType({})
    lists_schedules: bool = True
    lists_methods: bool = True
    lists_hidden_users: bool = False
    refuses_details: bool = False
    detailed: frozenset[str] = frozenset()
    unseen_users: frozenset[str] = frozenset()
    knows_all_users: bool = True
    held_users: frozenset[str] = frozenset()
    is_empty: bool = False
    partial_orphans: frozenset[str] = frozenset()
    absent_users: tuple[AbsentUser, ...] | None = None
    unassigned_methods: tuple[UnlockMethod, ...] | None = None
    listed_at: float = field(default=0.0, compare=False)
    is_paged: bool = field(default=False, compare=False)
    details_read_at: Mapping[str, float] = field(default_factory=dict, compare=False)
    unassigned_read_at: float = field(default=0.0, compare=False)

    @property
    def users_list(self) -> tuple[bool, bool]:
        """Return which list the users are from: another one has more or fewer."""
        return self.lists_schedules, self.lists_hidden_users

    @property
    def user_count(self) -> int | None:
        """Return the number of users, None before all are known."""
        if self.unseen_users or not self.knows_all_users:
            return None
        return len(self.users)

    def knows_methods_of(self, user_id: str) -> bool:
        """Return whether all methods of a user are known.

        The list contains only some types, so the details must have been read.
        """
        is_listed = self.refuses_details and (
            self.users[user_id].unlock_methods is not None
        )
        return is_listed or user_id in self.detailed

    @property
    def is_complete(self) -> bool:
        """Return whether all users and all their methods are known."""
        return self.user_count is not None and all(
            map(self.knows_methods_of, self.users)
        )

    @property
    def unlock_methods(self) -> list[UnlockMethod] | None:
        """Return the methods of all users, None before all of them are known."""
        if not self.is_complete:
            return None
        return [
            method
            for user in self.users.values()
            for method in user.unlock_methods or ()
        ]

    @property
    def former_users(self) -> tuple[AbsentUser, ...] | None:
        """Return the absent users, None before they were read.

        Some locks wrongly list current users as absent.
        """
        if self.absent_users is None:
            return None
        return tuple(
            user for user in self.absent_users if user.user_id not in self.users
        )

    @property
    def former_user_count(self) -> int | None:
        """Return the number of absent users, None before all are known."""
        users = self.former_users
        is_known = "absent_users" not in self.partial_orphans
        return len(users) if users is not None and is_known else None

    @property
    def unassigned_count(self) -> int | None:
        """Return the number of unassigned methods, None before all are known."""
        methods = self.unassigned_methods
        is_known = "unassigned_methods" not in self.partial_orphans
        return len(methods) if methods is not None and is_known else None

    @property
    def pending_changes(self) -> int | None:
        """Return the number of changes the lock has not applied yet, None as above."""
        if not self.is_complete:
            return None
        return sum(user.pending_changes for user in self.users.values())

    @property
    def pending(self) -> frozenset[tuple[str, ...]]:
        """Return the pending changes: the user, and the method if it concerns one."""
        pending: set[tuple[str, ...]] = set()
        for user in self.users.values():
            if user.schedule and user.schedule.delivery is Delivery.ONGOING:
                pending.add((user.user_id,))
            for method in user.unlock_methods or ():
                if method.is_pending:
                    pending.add((user.user_id, method.type, str(method.number)))
        return frozenset(pending)

    def unlimited_since(self, before: Collection[str] | None) -> dict[str, User]:
        """Return users added since then who may have permanent access, but no admins."""
        if before is None:
            return {}
        return {
            user_id: user
            for user_id, user in self.users.items()
            if user_id not in before
            and not user.is_administrator
            and not (user.schedule and user.schedule.is_limited)
        }

    def methods_read_at(self, user_id: str, method_type: str) -> float:
        """Return when the methods of a type were last read for a user."""
        if user_id in self.held_users:
            return 0.0
        details_read_at = self.details_read_at.get(user_id, 0.0)
        if self.lists_methods and method_type in LISTED_TYPES:
            return max(self.listed_at, details_read_at)
        return details_read_at

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


def with_schedules(
    snapshot: LockSnapshot, reread: Callable[[Schedule], Schedule]
) -> LockSnapshot:
    """Return a snapshot with every schedule converted."""
    users = {
        user_id: replace(user, schedule=reread(user.schedule))
        if user.schedule
        else user
        for user_id, user in snapshot.users.items()
    }
    return replace(snapshot, users=users)


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
        offset: The offset in the list of locks, such as "+08:00".
        own: The named zone in that list, if any.
        named: The zones of schedules, those of most users first. A schedule can use the
            zone of another place, so its zone counts only if it matches the offset.
        home: The zone of Home Assistant, used if it matches the offset: a bare offset
            has no daylight saving time.
        now: The moment at which to compare offsets.
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
    """Return an offset such as "+08:00", None for other text."""
    if offset is None or (match := _OFFSET.match(offset)) is None:
        return None
    sign, hours, minutes = match.groups()
    delta = timedelta(hours=int(hours), minutes=int(minutes))
    if delta >= timedelta(days=1):
        return None
    return -delta if sign == "-" else delta
