"""The users of one lock: the last list, merged with the last details of each. Pure.

The users call and the method details each contain a part of an unlock method, and are
read at different times.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from ..api.models import User
from ..api.paging import Listing
from ..api.unlock_methods import LISTED_TYPES, Phase, UnlockMethod, sorted_methods
from .list_review import ListReview
from .poll_plan import rotation


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodDetails:
    """The details of one user's methods, and when they were read.

    `listed` are the keys of the methods that the list had at that time, None where it
    has none. `missing` are the keys that an incomplete reply left out.
    """

    methods: tuple[UnlockMethod, ...]
    read_at: float
    listed: frozenset[tuple[str, int]] | None = None
    missing: frozenset[tuple[str, int]] = frozenset()


def details_of(
    listing: Listing[UnlockMethod],
    before: MethodDetails | None,
    *,
    read_at: float,
    listed: frozenset[tuple[str, int]] | None,
) -> MethodDetails:
    """Return the details of a user, with what a first incomplete reply left out.

    A method counts as removed once a second such reply lacks it as well.
    """
    methods = {method.key: method for method in listing.items}
    missing: set[tuple[str, int]] = set()
    if not listing.is_complete and before is not None:
        for method in before.methods:
            if method.key not in methods and method.key not in before.missing:
                methods[method.key] = method
                missing.add(method.key)
    return MethodDetails(
        methods=tuple(methods.values()),
        read_at=read_at,
        listed=listed,
        missing=frozenset(missing),
    )


def listed_keys(user: User) -> frozenset[tuple[str, int]] | None:
    """Return the keys of the methods that a list has of a user."""
    if user.unlock_methods is None:
        return None
    return frozenset(method.key for method in user.unlock_methods)


def with_details(user: User, details: MethodDetails | None) -> User:
    """Return a user with the method details.

    As long as the list has the same methods as when the details were read, both
    together are what there is. Once it has others, the list decides for the
    types that it contains, and older details only complement them. Deleted methods are
    left out.
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
    is_fresh = user.unlock_methods is None or details.listed == listed_keys(user)
    for key, method in detail_of.items():
        if is_fresh or method.type not in LISTED_TYPES:
            merged.setdefault(key, method)
    methods = (m for m in merged.values() if m.phase is not Phase.DELETED)
    return replace(user, unlock_methods=sorted_methods(methods))


@dataclass(frozen=True, slots=True, kw_only=True)
class _KnownUser:
    """A user from the last list, the last details, and both merged."""

    listed: User
    details: MethodDetails | None
    user: User
    is_due: bool = False


# Fields of a record that have nothing to do with unlock methods.
_WITHOUT_EFFECT: Final[dict[str, Any]] = {
    "name": None,
    "contact": None,
    "avatar_url": None,
    "notify_on_arrival": None,
    "effective": None,  # it changes with every hour of access
}


def _may_have_other_methods(user: User, before: User) -> bool:
    """Return whether a record changed in a way that may concern its unlock methods."""
    return replace(user, **_WITHOUT_EFFECT) != replace(before, **_WITHOUT_EFFECT)


class KnownUsers:
    """Remembers the users for the next update.

    `unseen` are users from before a restart who may still be on the lock, though no list
    had them yet.
    """

    def __init__(
        self, stored_details: dict[str, MethodDetails], user_ids: Collection[str]
    ) -> None:
        """Initialize with the details and the users from before a restart."""
        self.unseen = frozenset(user_ids)
        self._users: dict[str, _KnownUser] = {}
        self._stored_details = stored_details
        self._is_listed = False

    def __len__(self) -> int:
        """Return the number of listed users."""
        return len(self._users)

    @property
    def ids(self) -> frozenset[str]:
        """Return the users of the last list, and those from before a restart."""
        return self.unseen.union(self._users)

    @property
    def users(self) -> dict[str, User]:
        """Return each user with the last details; unchanged users stay the same objects."""
        return {user_id: known.user for user_id, known in self._users.items()}

    @property
    def details(self) -> dict[str, MethodDetails]:
        """Return the last details of each user."""
        if not self._is_listed:
            return self._stored_details
        return {
            user_id: known.details
            for user_id, known in self._users.items()
            if known.details is not None
        }

    # Updates

    def set_list(self, listed: Iterable[User], review: ListReview) -> None:
        """Update the users from a list; keep those who may be missing by mistake."""
        users = {user.user_id: self._known_user(user) for user in listed}
        for user_id, known in self._users.items():
            if user_id not in users and review.holds(user_id):
                users[user_id] = known
        self._users = users
        self.unseen = frozenset(filter(review.holds, self.unseen.difference(users)))
        self._stored_details = {
            user_id: self._stored_details[user_id]
            for user_id in self.unseen & self._stored_details.keys()
        }
        self._is_listed = True

    def _known_user(self, listed: User) -> _KnownUser:
        """Return a listed user; the same object if nothing changed."""
        if (known := self._users.get(listed.user_id)) is None:
            details = self._stored_details.get(listed.user_id)
            return _KnownUser(
                listed=listed,
                details=details,
                user=with_details(listed, details),
                is_due=details.listed != listed_keys(listed)
                if details is not None
                else self._is_listed,
            )
        if known.listed is listed:
            return known
        if known.listed == listed:
            user = replace(known.user, avatar_url=listed.avatar_url)
            return replace(known, listed=listed, user=user)
        user = with_details(listed, known.details)
        is_due = known.is_due or _may_have_other_methods(listed, known.listed)
        return replace(known, listed=listed, user=user, is_due=is_due)

    def set_methods(
        self, user_id: str, listing: Listing[UnlockMethod], read_at: float
    ) -> None:
        """Update the details of one user, if not deleted in the meantime."""
        if (known := self._users.get(user_id)) is None:
            return
        details = details_of(
            listing, known.details, read_at=read_at, listed=listed_keys(known.listed)
        )
        user = with_details(known.listed, details)
        self._users[user_id] = _KnownUser(
            listed=known.listed,
            details=details,
            user=known.user if known.user == user else user,
        )

    # Details to read

    def set_due(self, user_ids: Iterable[str], *, is_due: bool) -> None:
        """Set whether the next update reads the details of some users."""
        for user_id in user_ids:
            if (known := self._users.get(user_id)) is not None:
                self._users[user_id] = replace(known, is_due=is_due)

    def rotation(self, count: int, *, without: Collection[str]) -> list[str]:
        """Return the users whose details to read next, of all but some."""
        return rotation(
            [user_id for user_id in self._users if user_id not in without],
            {user_id: details.read_at for user_id, details in self.details.items()},
            count,
        )

    def without_details(self, since: float) -> list[str]:
        """Return the users whose details were not read since then, changed ones first."""
        stale = [
            user_id
            for user_id, known in self._users.items()
            if known.details is None or known.details.read_at < since
        ]
        return sorted(stale, key=lambda user_id: not self._users[user_id].is_due)

    @property
    def due(self) -> list[str]:
        """Return the users with a changed record or a pending method."""
        return [
            user_id
            for user_id, known in self._users.items()
            if known.is_due
            or any(method.is_pending for method in known.user.unlock_methods or ())
        ]
