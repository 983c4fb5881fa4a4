"""The list of the users of one lock, by the best call that the lock supports."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Final

from .dialects import DialectMemory, Dialects, UsersCall
from .errors import (
    CALL_REFUSALS,
    LASTING_REFUSALS,
    BadRequestError,
    NotAuthorizedError,
    TuyaError,
    UnsupportedError,
)
from .models import Role, User, UserCache, decode_user
from .paging import Listing, Lists
from .schedule.windows import normalized, window_dialect
from .unlock_methods import LISTED_TYPES, METHOD_CODES
from .window_learner import WindowLearner

# The largest size that is known to work (docs/tuya_api.md, Pages).
USERS_PER_PAGE: Final = 100

_user_id: Final = attrgetter("user_id")
_LISTED_CODES: Final = ",".join(METHOD_CODES[key] for key in LISTED_TYPES)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserList:
    """The users of a lock, normalized.

    Attributes:
        users: In the order of the cloud.
        is_complete: Whether the list is complete. Users who are missing from an
            incomplete list are not necessarily removed.
        pages: The number of calls that this list needs.
        calls: The number of calls that were made, including refused ones.
        lacks_hidden: Whether the call for users whom the best one hides was refused.
    """

    users: tuple[User, ...]
    is_complete: bool
    pages: int
    calls: int
    lacks_hidden: bool = False


class UserCalls:
    """The calls that list the users of one lock. All methods raise TuyaError."""

    def __init__(self, lists: Lists, lock_id: str) -> None:
        """Initialize the calls of a lock."""
        self._lists = lists
        self._lock_id = lock_id

    async def with_methods(self, cache: UserCache | None = None) -> Listing[User]:
        """Return users with schedules and unlock methods."""
        path = "/v1.0/smart-lock/devices/{lock_id}/users"
        return await self._pages(path, cache, {"codes": _LISTED_CODES})

    async def with_filter(
        self,
        cache: UserCache | None = None,
        *,
        keyword: str = "",
        role: Role | None = None,
    ) -> Listing[User]:
        """Return users with schedules, without unlock methods, filtered by the cloud."""
        query = {"keyword": keyword, "role": role or ""}
        return await self._pages("/v1.1/devices/{lock_id}/users", cache, query)

    async def by_name(self) -> Listing[User]:
        """Return users with names and contacts only."""
        return await self._lists.read_plain(
            "/v1.0/devices/{lock_id}/users",
            _user_of_profile,
            _user_id,
            lock_id=self._lock_id,
        )

    async def _pages(
        self, path: str, cache: UserCache | None, query: dict[str, str]
    ) -> Listing[User]:
        listing = await self._lists.read(
            path,
            cache.decode if cache else decode_user,
            _user_id,
            USERS_PER_PAGE,
            query,
            lock_id=self._lock_id,
        )
        if cache:
            cache.rotate()
        return listing


def _user_of_profile(record: dict[str, Any]) -> User | None:
    """Return the user of a profile record, whose contact has another key."""
    return decode_user({"user_contact": record.get("contact"), **record})


def normalize_user(user: User, dialects: Dialects) -> User:
    """Return a user as a lock returned it with normalized windows."""
    if user.schedule is None or not user.schedule.windows:
        return user
    schedule = normalized(user.schedule, window_dialect(dialects))
    return user if schedule is user.schedule else replace(user, schedule=schedule)


class UserLister:
    """Lists the users of one lock, including those that its best call hides.

    Methods raise TuyaError.
    """

    def __init__(
        self,
        calls: UserCalls,
        memory: DialectMemory,
        windows: WindowLearner,
    ) -> None:
        """Initialize without users."""
        self._calls = calls
        self._memory = memory
        self._windows = windows
        self._cache = UserCache()
        self._other_cache = UserCache()
        # Each user as listed, and with normalized windows.
        self._normalized: dict[str, tuple[User, User]] = {}
        self._listed: frozenset[str] = frozenset()
        self._had_methods: set[str] = set()
        self._retries_best_call = False

    @property
    def lists_methods(self) -> bool:
        """Return whether the list has the unlock methods of users."""
        return self._memory.dialects.users_call in (None, UsersCall.WITH_METHODS)

    @property
    def lists_schedules(self) -> bool:
        """Return whether the list has user types and schedules."""
        return self._memory.dialects.users_call is not UsersCall.BY_NAME

    @property
    def lists_hidden_users(self) -> bool:
        """Return whether a second call lists the users that the first one hides."""
        return self._memory.dialects.hides_users and self.lists_methods

    def retry_best_call(self) -> None:
        """Try the best call again for the next list.

        Its refusal may have been temporary, and the other calls cost more.
        """
        best = UsersCall.WITH_METHODS
        self._retries_best_call = self._memory.dialects.users_call is not best

    def forget_call(self) -> None:
        """Forget which call lists the users."""
        self._memory.dialects = replace(self._memory.dialects, users_call=None)

    async def read(self) -> UserList:
        """Return the users; if the best call hides some of them, another one adds them."""
        listing, wasted_calls = await self._list()
        lacks_hidden = False
        if self.lists_hidden_users:
            whole = await self._with_hidden_users(listing)
            lacks_hidden = whole is None
            listing = whole or replace(
                listing, is_complete=False, pages=listing.pages + 1
            )
        self._listed = frozenset(user.user_id for user in listing.items)
        return UserList(
            users=self._normalize(listing.items),
            is_complete=listing.is_complete,
            pages=listing.pages,
            calls=listing.pages + wasted_calls,
            lacks_hidden=lacks_hidden,
        )

    def _normalize(self, users: Collection[User]) -> tuple[User, ...]:
        """Return users with normalized windows. Unchanged users are the same objects.

        If only the signature of a picture changed, the other parts are the same.
        """
        if self._windows.learn(users):
            self._normalized = {}
        before, self._normalized = self._normalized, {}
        for user in users:
            listed, normalized = before.get(user.user_id, (None, user))
            if listed != user:
                normalized = normalize_user(user, self._memory.dialects)
            elif listed is not user:
                normalized = replace(normalized, avatar_url=user.avatar_url)
            self._normalized[user.user_id] = user, normalized
        return tuple(normalized for _, normalized in self._normalized.values())

    async def other_list_is_empty(self) -> bool | None:
        """Return whether another call than the one in use lists no users either.

        None if the lock supports no other call: nothing confirms the empty list then.
        """
        for call in UsersCall:
            if call is self._memory.dialects.users_call:
                continue
            try:
                listing = await self._list_with(call)
            except CALL_REFUSALS:
                continue
            return listing.is_complete and not listing.items
        return None

    async def find_hidden_users(self) -> bool:
        """Return whether the best call is found to hide some users.

        Call this once a day, and after a user was added that the list does not show. If
        a user is only in the other list, the first one is read again: the user may have
        been added in between.
        """
        if not self.lists_methods or self._memory.dialects.hides_users:
            return False
        try:
            others = await self._calls.with_filter()
        except LASTING_REFUSALS:
            return False
        ids = {user.user_id for user in others.items}
        if ids <= self._listed:
            return False
        listing = await self._calls.with_methods(self._cache)
        if not listing.is_complete or (self._listed and not listing.items):
            return False  # whom it usually lists is unknown
        if ids <= {user.user_id for user in listing.items}:
            return False
        self._memory.dialects = replace(self._memory.dialects, hides_users=True)
        return True

    async def search(self, keyword: str, role: Role | None) -> list[User]:
        """Return the users that the cloud finds, without unlock methods.

        Raises UnsupportedError if the lock cannot be searched.
        """
        try:
            listing = await self._calls.with_filter(keyword=keyword, role=role)
        except BadRequestError as err:
            raise UnsupportedError("no search", code=err.code) from err
        return [
            normalize_user(user, self._memory.dialects)
            for user in listing.items
            # The cloud counts the owner among the administrators.
            if role is None or (not user.is_owner and user.role in (None, role))
        ]

    async def _list(self) -> tuple[Listing[User], int]:
        """Return the list of the best call, and the number of refused calls."""
        wasted_calls = 0
        if self._retries_best_call:
            self._retries_best_call = False
            try:
                return await self._list_and_learn(UsersCall.WITH_METHODS), 0
            except CALL_REFUSALS:
                wasted_calls = 1
        if (known := self._memory.dialects.users_call) is not None:
            try:
                return await self._list_and_learn(known), wasted_calls
            except CALL_REFUSALS:
                # The lock supported this call before: try all again.
                self.forget_call()
        refusals: list[TuyaError] = []
        for call in UsersCall:
            if call is UsersCall.BY_NAME and not all(
                isinstance(refusal, UnsupportedError) for refusal in refusals
            ):
                break
            try:
                return await self._list_and_learn(call), wasted_calls
            except CALL_REFUSALS as err:
                refusals.append(err)
        # A missing authorization is the refusal that can be resolved.
        raise next(
            (err for err in refusals if isinstance(err, NotAuthorizedError)),
            refusals[-1],
        )

    async def _list_and_learn(self, call: UsersCall) -> Listing[User]:
        listing = await self._list_with(call)
        self._memory.dialects = replace(self._memory.dialects, users_call=call)
        return listing

    async def _list_with(self, call: UsersCall) -> Listing[User]:
        match call:
            case UsersCall.WITH_METHODS:
                return await self._calls.with_methods(self._cache)
            case UsersCall.WITH_FILTER:
                return await self._calls.with_filter(self._cache)
            case UsersCall.BY_NAME:
                return await self._calls.by_name()

    async def _with_hidden_users(self, listing: Listing[User]) -> Listing[User] | None:
        """Return a list with the users that only the other call lists: without methods.

        The methods of users whom the first call had before are unknown: it may be
        short, and so are those of all users if it is empty. None if the other call is
        refused.
        """
        try:
            others = await self._calls.with_filter(self._other_cache)
        except UnsupportedError, BadRequestError:
            return None
        listed = {user.user_id for user in listing.items}
        self._had_methods |= listed
        hidden = tuple(
            user
            if user.user_id in self._had_methods or not listed
            else replace(user, unlock_methods=())
            for user in others.items
            if user.user_id not in listed
        )
        return Listing(
            items=(*listing.items, *hidden),
            is_complete=listing.is_complete and others.is_complete,
            pages=listing.pages + others.pages,
        )
