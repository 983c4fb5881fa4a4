"""The list of the users of one lock, by the best call that the lock supports."""

from dataclasses import dataclass, replace

from .dialects import DialectMemory, UsersCall
from .endpoints import Endpoints, UserCache
from .errors import (
    LASTING_REFUSALS,
    BadRequestError,
    NotAuthorizedError,
    TuyaError,
    UnsupportedError,
)
from .models import User
from .paging import Listing
from .window_learner import WindowLearner


@dataclass(frozen=True, slots=True, kw_only=True)
class UserList:
    """The users of a lock, normalized.

    Attributes:
        users: In the order of the cloud.
        is_complete: Whether the list is complete. Users who are missing from an
            incomplete list are not necessarily removed.
        pages: The number of calls that this list needs.
        calls: The number of calls that were made, including refused ones.
    """

    users: tuple[User, ...]
    is_complete: bool
    pages: int
    calls: int


class UserLister:
    """Lists the users of one lock, including those that its best call hides.

    Methods raise TuyaError.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        lock_id: str,
        memory: DialectMemory,
        windows: WindowLearner,
    ) -> None:
        """Initialize without users."""
        self._endpoints = endpoints
        self._lock_id = lock_id
        self._memory = memory
        self._windows = windows
        self._cache = UserCache()
        self._other_cache = UserCache()
        self._listed: frozenset[str] = frozenset()
        self._had_methods: set[str] = set()
        self._retries_best_call = False

    @property
    def lists_methods(self) -> bool:
        """Return whether the list has the unlock methods of users."""
        return self._memory.dialects.users_call in (None, UsersCall.WITH_METHODS)

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
        if self.lists_hidden_users:
            listing = await self._with_hidden_users(listing)
        self._listed = frozenset(user.user_id for user in listing.items)
        return UserList(
            users=self._windows.normalize(listing.items),
            is_complete=listing.is_complete,
            pages=listing.pages,
            calls=listing.pages + wasted_calls,
        )

    async def other_list_is_empty(self) -> bool | None:
        """Return whether another call than the one in use lists no users either.

        None if the lock supports no other call: nothing confirms the empty list then.
        """
        for call in UsersCall:
            if call is self._memory.dialects.users_call:
                continue
            try:
                listing = await self._list_with(call)
            except UnsupportedError, NotAuthorizedError, BadRequestError:
                continue
            return listing.is_complete and not listing.items
        return None

    async def find_hidden_users(self) -> bool:
        """Return whether the best call is found to hide some users.

        If a user is only in the other list, the first one is read again: the user may
        have been added in between.
        """
        if not self.lists_methods or self._memory.dialects.hides_users:
            return False
        try:
            others = await self._endpoints.users_with_filter(self._lock_id)
        except LASTING_REFUSALS:
            return False
        ids = {user.user_id for user in others.items}
        if ids <= self._listed:
            return False
        listing = await self._endpoints.users(self._lock_id, self._cache)
        if not listing.is_complete or (self._listed and not listing.items):
            return False  # whom it usually lists is unknown
        if ids <= {user.user_id for user in listing.items}:
            return False
        self._memory.dialects = replace(self._memory.dialects, hides_users=True)
        return True

    async def _list(self) -> tuple[Listing[User], int]:
        """Return the list of the best call, and the number of refused calls."""
        wasted_calls = 0
        if self._retries_best_call:
            self._retries_best_call = False
            try:
                return await self._list_and_learn(UsersCall.WITH_METHODS), 0
            except UnsupportedError, NotAuthorizedError, BadRequestError:
                wasted_calls = 1
        if (known := self._memory.dialects.users_call) is not None:
            try:
                return await self._list_and_learn(known), wasted_calls
            except UnsupportedError, NotAuthorizedError, BadRequestError:
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
            except (UnsupportedError, NotAuthorizedError, BadRequestError) as err:
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
                return await self._endpoints.users(self._lock_id, self._cache)
            case UsersCall.WITH_FILTER:
                return await self._endpoints.users_with_filter(
                    self._lock_id, cache=self._cache
                )
            case UsersCall.BY_NAME:
                return await self._endpoints.users_by_name(self._lock_id)

    async def _with_hidden_users(self, listing: Listing[User]) -> Listing[User]:
        """Return a list with the users that only the other call lists: without methods.

        The methods of users whom the first call had before are unknown: it may be
        short, and so are those of all users if it is empty. If the other call is
        refused, the list is incomplete.
        """
        try:
            others = await self._endpoints.users_with_filter(
                self._lock_id, cache=self._other_cache
            )
        except UnsupportedError, BadRequestError:
            return replace(listing, is_complete=False, pages=listing.pages + 1)
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
