"""Changes between two snapshots of a lock (docs/architecture.md, Events). Pure."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from ..api.models import LISTED_TYPES, UnlockMethod, User
from ..api.schedule.model import Access, Delivery, same_effect
from .serialize import serialize_schedule
from .snapshot import LockSnapshot


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


class Change(NamedTuple):
    """One change of one user."""

    type: ChangeType
    user_id: str
    user_name: str | None
    details: Mapping[str, Any]

    @property
    def attributes(self) -> dict[str, Any]:
        """Return the attributes of the event."""
        return {"user_id": self.user_id, "user_name": self.user_name, **self.details}


def changes_between(before: LockSnapshot, after: LockSnapshot) -> list[Change]:
    """Return the changes between two snapshots.

    Changes of access, which also depend on time, are in `access_changes`.
    """
    changes: list[Change] = []
    for user_id, user in before.users.items():
        if user_id not in after.users:
            changes.append(_change(ChangeType.USER_REMOVED, user))
    for user_id, user in after.users.items():
        if (old := before.users.get(user_id)) is None:
            changes.append(_change(ChangeType.USER_ADDED, user))
        elif old is not user:
            changes.extend(_user_changes(old, user, before, after))
    changes.extend(_method_changes(before, after))
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


def _change(change_type: ChangeType, user: User, **details: Any) -> Change:
    return Change(
        type=change_type, user_id=user.user_id, user_name=user.name, details=details
    )


def _user_changes(
    old: User, new: User, before: LockSnapshot, after: LockSnapshot
) -> Iterator[Change]:
    """Yield the changes of an existing user."""
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


type _Held = dict[tuple[str, str, int], tuple[User, UnlockMethod]]


def _method_changes(before: LockSnapshot, after: LockSnapshot) -> Iterator[Change]:
    """Yield unlock methods that were added, removed, or moved to another user."""
    had = _held(before)
    has = _held(after)
    gone = {key: held for key, held in had.items() if key not in has}
    come = {
        key: held
        for key, held in has.items()
        if key not in had and not _is_only_learned(held, before)
    }
    last_holder = {key[1:]: (key, user) for key, (user, _) in gone.items()}
    for key, (user, method) in come.items():
        if (previous := last_holder.pop(key[1:], None)) is None:
            yield _change(ChangeType.UNLOCK_METHOD_ADDED, user, **_named(method))
            continue
        previous_key, previous_user = previous
        del gone[previous_key]
        yield _change(
            ChangeType.UNLOCK_METHOD_MOVED,
            user,
            **_named(method),
            previous_user_id=previous_user.user_id,
            previous_user_name=previous_user.name,
        )
    for key, (user, method) in gone.items():
        now = after.users.get(key[0])
        if now is None or now.unlock_methods is not None:
            yield _change(
                ChangeType.UNLOCK_METHOD_REMOVED, now or user, **_named(method)
            )


def _held(snapshot: LockSnapshot) -> _Held:
    return {
        (user.user_id, *method.key): (user, method)
        for user in snapshot.users.values()
        for method in user.unlock_methods or ()
    }


def _is_only_learned(held: tuple[User, UnlockMethod], before: LockSnapshot) -> bool:
    """Return whether a method existed before, and was only not fetched yet."""
    user, method = held
    old = before.users.get(user.user_id)
    if old is None or user.user_id in before.detailed:
        return False
    return old.unlock_methods is None or method.type not in LISTED_TYPES


def _named(method: UnlockMethod) -> dict[str, Any]:
    return {"type": method.type, "number": method.number, "name": method.name}
