"""Changes between two updates of a lock (docs/architecture.md, Events). Pure.

Most changes show by comparing two snapshots. Unlock methods do not: the users of one
snapshot may have been read at different times, so a method that left one user may be
with another who was not read since. So what was reported is kept in a `MethodHistory`,
and a difference waits until it is known where the method is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from ..api.models import User
from ..api.schedule.model import Access, Delivery, same_effect
from ..api.unlock_methods import LISTED_TYPES, UnlockMethod
from .serialize import serialize_schedule
from .snapshot import LockSnapshot

# A user whose methods cannot be read delays the report of a removed method at most this
# long.
LONGEST_WAIT_SECONDS: Final = 24 * 3600


class ChangeType(StrEnum):
    """The event types of the event entity of a lock."""

    USER_ADDED = "user_added"
    USER_REMOVED = "user_removed"
    USER_RENAMED = "user_renamed"
    ROLE_CHANGED = "role_changed"
    SCHEDULE_CHANGED = "schedule_changed"
    ACCESS_STARTED = "access_started"
    ACCESS_ENDED = "access_ended"
    UNLOCK_METHOD_ADDED = "unlock_method_added"
    UNLOCK_METHOD_REMOVED = "unlock_method_removed"
    UNLOCK_METHOD_MOVED = "unlock_method_moved"
    DELIVERY_FAILED = "delivery_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of one user; `event_data` has its details."""

    type: ChangeType
    user_id: str
    user_name: str | None
    event_data: Mapping[str, Any]

    @property
    def attributes(self) -> dict[str, Any]:
        """Return the attributes of the event."""
        return {
            "user_id": self.user_id,
            "user_name": self.user_name,
            **self.event_data,
        }


def changes_between(before: LockSnapshot, after: LockSnapshot) -> list[Change]:
    """Return the changes of users between two updates, without unlock methods.

    Access is left out, since it also changes with time, see `access_changes`.
    """
    changes: list[Change] = []
    for user_id, user in before.users.items():
        if user_id not in after.users:
            changes.append(_change(ChangeType.USER_REMOVED, user))
    for user_id, user in after.users.items():
        if user_id in before.unseen_users:
            continue
        if user_id not in before.users and not before.knows_all_users:
            continue
        if (old := before.users.get(user_id)) is None:
            changes.append(_change(ChangeType.USER_ADDED, user))
        elif old is not user:
            changes.extend(_user_changes(old, user, before, after))
    return changes


def access_changes(
    users: Mapping[str, User], before: Mapping[str, Access], after: Mapping[str, Access]
) -> list[Change]:
    """Return starts and ends of access; users just added or removed are skipped."""
    changes: list[Change] = []
    for user_id, access in after.items():
        old = before.get(user_id, access)
        if (old is Access.ALLOWED) is not (access is Access.ALLOWED):
            allowed = access is Access.ALLOWED
            change = ChangeType.ACCESS_STARTED if allowed else ChangeType.ACCESS_ENDED
            changes.append(_change(change, users[user_id]))
    return changes


def _change(change_type: ChangeType, user: User, **event_data: Any) -> Change:
    return Change(
        type=change_type,
        user_id=user.user_id,
        user_name=user.name,
        event_data=event_data,
    )


def _user_changes(
    old: User, new: User, before: LockSnapshot, after: LockSnapshot
) -> Iterator[Change]:
    """Yield the changes of a user who was listed before."""
    if old.name != new.name:
        yield _change(ChangeType.USER_RENAMED, new, before=old.name, after=new.name)
    if old.user_type is not new.user_type:
        yield _change(
            ChangeType.ROLE_CHANGED, new, before=old.user_type, after=new.user_type
        )
    if not same_effect(old.schedule, new.schedule):
        yield _change(
            ChangeType.SCHEDULE_CHANGED,
            new,
            before=serialize_schedule(old.schedule, before.zones),
            after=serialize_schedule(new.schedule, after.zones),
        )
    old_delivery = old.schedule.delivery if old.schedule else None
    new_delivery = new.schedule.delivery if new.schedule else None
    if new_delivery is Delivery.FAILED is not old_delivery:
        yield _change(ChangeType.DELIVERY_FAILED, new)
    if new.user_id in before.detailed:
        known = {method.key: method.progress for method in old.unlock_methods or ()}
        for method in new.unlock_methods or ():
            if method.progress is Delivery.FAILED is not known.get(method.key):
                yield _change(ChangeType.DELIVERY_FAILED, new, **_named(method))


# A user, and the type and number of a method.
type _Holding = tuple[str, str, int]
type _Held = dict[_Holding, tuple[User, UnlockMethod]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodHistory:
    """The reported unlock methods of all users.

    Attributes:
        held: The methods that were reported, by holder.
        seen_since: When a difference that is not reported yet was first seen, in
            seconds since 1970.
    """

    held: Mapping[_Holding, tuple[User, UnlockMethod]] = field(default_factory=dict)
    seen_since: Mapping[_Holding, float] = field(default_factory=dict)

    @property
    def missing(self) -> frozenset[_Holding]:
        """Return the methods that left a user, and may be with another one."""
        return frozenset(self.seen_since.keys() & self.held.keys())

    def former_holders(self, snapshot: LockSnapshot) -> set[str]:
        """Return the users who still seem to have a method that another user now has."""
        added = {holding[1:] for holding in self.seen_since.keys() - self.held.keys()}
        return {user_id for user_id, *key in self.held if tuple(key) in added} & set(
            snapshot.users
        )


def first_history(snapshot: LockSnapshot) -> MethodHistory:
    """Return the history of a first update, which reports nothing."""
    return MethodHistory(held=_held(snapshot))


def method_changes(
    history: MethodHistory, before: LockSnapshot, after: LockSnapshot
) -> tuple[list[Change], MethodHistory]:
    """Return the changes of unlock methods, and the history with them."""
    if not history.seen_since and before.users == after.users:
        return [], history
    has, had = _held(after), _held(before)
    held = {**history.held}
    for holding, (user, method) in has.items():
        if holding not in had and _is_only_learned(user, method, before):
            held.setdefault(holding, (user, method))
    seen_since = {
        holding: history.seen_since.get(
            holding, after.methods_read_at(holding[0], holding[1])
        )
        for holding in held.keys() ^ has.keys()
    }
    changes = [
        *_additions(held, has, seen_since, after),
        *_removals(held, has, seen_since, after),
    ]
    held.update((holding, has[holding]) for holding in held.keys() & has.keys())
    return changes, MethodHistory(held=held, seen_since=seen_since)


def _additions(
    held: _Held, has: _Held, seen_since: dict[_Holding, float], after: LockSnapshot
) -> Iterator[Change]:
    """Yield methods that are new with a user; mark them as reported."""
    missing = {holding[1:]: holding for holding in seen_since if holding in held}
    for holding in [holding for holding in has if holding in seen_since]:
        user, method = has[holding]
        if (previous := missing.pop(holding[1:], None)) is not None:
            del seen_since[previous]
            previous_user, _ = held.pop(previous)
            yield _change(
                ChangeType.UNLOCK_METHOD_MOVED,
                user,
                **_named(method),
                previous_user_id=previous_user.user_id,
                previous_user_name=previous_user.name,
            )
        elif any(
            after.methods_read_at(other.user_id, method.type) < seen_since[holding]
            for other in after.holders(method.key)
            if other.user_id != user.user_id
        ):
            continue
        else:
            yield _change(ChangeType.UNLOCK_METHOD_ADDED, user, **_named(method))
        del seen_since[holding]
        held[holding] = has[holding]


def _removals(
    held: _Held, has: _Held, seen_since: dict[_Holding, float], after: LockSnapshot
) -> Iterator[Change]:
    """Yield methods that no user has any longer; mark them as reported."""
    for holding in [key for key in seen_since if key in held and key not in has]:
        user, method = held[holding]
        now = after.users.get(holding[0])
        if now is not None and now.unlock_methods is None:
            continue
        if _was_removed(method, seen_since[holding], after):
            del seen_since[holding], held[holding]
            yield _change(
                ChangeType.UNLOCK_METHOD_REMOVED, now or user, **_named(method)
            )


def _was_removed(
    method: UnlockMethod, missing_since: float, after: LockSnapshot
) -> bool:
    """Return whether a method that left a user is certainly not with another one."""
    if after.listed_at - missing_since >= LONGEST_WAIT_SECONDS:
        return True
    if after.unassigned_read_at >= missing_since and any(
        other.key == method.key for other in after.unassigned_methods or ()
    ):
        return True
    # The pages of a list are read one after the other.
    is_one_call = not (after.is_paged and after.lists_methods)
    return all(
        read_at > missing_since or (is_one_call and read_at == missing_since)
        for read_at in (
            after.methods_read_at(user_id, method.type) for user_id in after.users
        )
    )


def _held(snapshot: LockSnapshot) -> _Held:
    return {
        (user.user_id, *method.key): (user, method)
        for user in snapshot.users.values()
        for method in user.unlock_methods or ()
    }


def _is_only_learned(user: User, method: UnlockMethod, before: LockSnapshot) -> bool:
    """Return whether a method was there all along, but had not been read."""
    if user.user_id in before.unseen_users:
        return True
    old = before.users.get(user.user_id)
    if old is None and not before.knows_all_users:
        return True
    if old is None or user.user_id in before.detailed:
        return False
    return old.unlock_methods is None or method.type not in LISTED_TYPES


def _named(method: UnlockMethod) -> dict[str, Any]:
    return {"type": method.type, "number": method.number, "name": method.name}
