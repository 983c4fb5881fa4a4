"""One lock, and the forms of calls that it understands.

Tuya documents several forms of the same call, and locks differ in the ones they
understand (docs/tuya_api.md, Users, Schedule bodies, Allocation, Deallocation). Only this
module decides which forms to try and remembers which one works; callers see plain users,
schedules, and unlock methods.
"""

from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from .dialects import AllocateCall, CodeKey, Dialects, RecordForms, UsersCall
from .endpoints import SmartLocks, UserCache
from .errors import (
    LASTING_REFUSALS,
    BadRequestError,
    NotAuthorizedError,
    RefusedError,
    TransportError,
    TuyaError,
    UnsupportedError,
)
from .models import AbsentUser, Profile, Role, UnlockMethod, User, sorted_methods
from .paging import Listing
from .records import Record, Span, read_alarms, read_openings
from .schedule.model import Schedule, ScheduleBody, Window, WindowKeys
from .schedule.windows import (
    WindowDialect,
    corrected,
    evidence,
    learned,
    newly_learned,
    seen_keys,
    window_dialect,
)
from .schedule.wire import decode_schedule, encode_schedule

# The types of unassigned unlock methods that can be requested one by one
# (docs/tuya_api.md, Unassigned unlock methods).
UNASSIGNED_TYPES: Final = ("fingerprint", "password", "card", "face")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """The result of an allocation.

    Attributes:
        sent: The methods that were sent.
        unanswered: The error of a lost reply, if any.
        refusal: The error that stopped it before all were sent.
    """

    sent: Sequence[UnlockMethod]
    unanswered: TransportError | None = None
    refusal: TuyaError | None = None


class Attempt:
    """One form of a write: send it, verify it, and accept it if it took effect."""

    def __init__(
        self, send: Callable[[], Awaitable[None]], accept: Callable[[], None]
    ) -> None:
        """Initialize the attempt; nothing is sent yet."""
        self.accept = accept
        self.was_refused = False
        self._send = send

    async def send(self) -> TransportError | None:
        """Send the write; return the error of a lost reply, if any.

        Raises TuyaError. After a BadRequestError, the next form may be understood.
        """
        try:
            return await send_write(self._send())
        except BadRequestError:
            self.was_refused = True
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class _ExpectedSchedule:
    """A schedule that was sent for a user, and the previous one."""

    user_id: str
    written: Schedule
    before: Schedule | None


class SmartLock:
    """One lock of a project. Reads and writes raise TuyaError.

    `dialects` are the known forms that this lock understands, as a frozen value that is
    replaced when more is learned.
    """

    def __init__(
        self, endpoints: SmartLocks, lock_id: str, dialects: Dialects | None = None
    ) -> None:
        """Initialize the lock with its known forms."""
        self.lock_id = lock_id
        self.dialects = dialects or Dialects()
        self._endpoints = endpoints
        self._cache = UserCache()
        self._other_cache = UserCache()
        self._schedules: dict[str, Schedule | None] = {}
        self._corrected: dict[str, tuple[User, User]] = {}
        self._expected: _ExpectedSchedule | None = None
        self._retries_best_call = False

    # Properties of the known forms

    @property
    def lists_methods(self) -> bool:
        """Return whether the list of users has their unlock methods."""
        return self.dialects.users_call in (None, UsersCall.WITH_METHODS)

    @property
    def lists_schedules(self) -> bool:
        """Return whether the list of users has user types and schedules."""
        return self.dialects.users_call is not UsersCall.BY_NAME

    @property
    def lists_hidden_users(self) -> bool:
        """Return whether a second call lists the users that the first one hides."""
        return self.dialects.hides_users and self.lists_methods

    @property
    def unassigned_types(self) -> tuple[str, ...] | None:
        """Return the types of unassigned methods that can be listed; None means all."""
        return UNASSIGNED_TYPES if self.dialects.unassigned_by_type else None

    def reread(self, schedule: Schedule, since: Dialects) -> Schedule:
        """Return a schedule, decoded in an earlier dialect, in the current one."""
        dialect = newly_learned(since, self.dialects)
        return schedule if dialect is None else corrected(schedule, dialect)

    def read_schedule(self, raw: object) -> Schedule | None:
        """Return the schedule of a raw JSON value of this lock."""
        schedule = decode_schedule(raw)
        return schedule and corrected(schedule, window_dialect(self.dialects))

    # Reads

    def retry_best_call(self) -> None:
        """Try the best call again for the next list.

        Its refusal may have been temporary, and the other calls cost more.
        """
        self._retries_best_call = self.dialects.users_call is not UsersCall.WITH_METHODS

    def forget_users_call(self) -> None:
        """Forget which call lists the users."""
        self.dialects = replace(self.dialects, users_call=None)

    async def users(self) -> UserList:
        """Return the users, by the best call that the lock supports.

        If that call was seen to hide users without methods, another one adds them.
        """
        listing, wasted_calls = await self._list_users()
        if self.lists_hidden_users:
            listing = await self._with_hidden_users(listing)
        self._schedules = {user.user_id: user.schedule for user in listing.items}
        self._learn_windows()
        self._corrected = {
            user.user_id: self._corrected_user(user) for user in listing.items
        }
        return UserList(
            users=tuple(normalized for _, normalized in self._corrected.values()),
            is_complete=listing.is_complete,
            pages=listing.pages,
            calls=listing.pages + wasted_calls,
        )

    async def other_list_is_empty(self) -> bool:
        """Return whether another call than the one in use lists no users either.

        False where no other one is understood: nothing confirms the empty list then.
        """
        for call in UsersCall:
            if call is self.dialects.users_call:
                continue
            try:
                listing = await self._list_users_with(call)
            except UnsupportedError, NotAuthorizedError, BadRequestError:
                continue
            return not listing.items
        return False

    async def user(self, user_id: str) -> User:
        """Return one user without unlock methods; "0" is the project's own user."""
        user = await self._endpoints.user(self.lock_id, user_id)
        return _with_windows(user, window_dialect(self.dialects))

    async def search_users(self, keyword: str, role: Role | None) -> list[User]:
        """Return the users that the cloud finds, without unlock methods.

        Raises UnsupportedError if the lock cannot be searched.
        """
        try:
            listing = await self._endpoints.users_with_filter(
                self.lock_id, keyword=keyword, role=role
            )
        except BadRequestError as err:
            raise UnsupportedError("no search", code=err.code) from err
        dialect = window_dialect(self.dialects)
        return [
            _with_windows(user, dialect)
            for user in listing.items
            # The cloud counts the owner among the administrators.
            if role is None or (not user.is_owner and user.role in (None, role))
        ]

    async def has_user(self, user_id: str) -> bool:
        """Return whether the lock has a user, read alone.

        Lists can be late, or leave out users without methods.
        """
        try:
            await self._endpoints.user(self.lock_id, user_id)
        except LASTING_REFUSALS:
            pass
        else:
            return True
        try:
            await self._endpoints.profile(self.lock_id, user_id)
        except LASTING_REFUSALS:
            return False
        return True

    async def find_hidden_users(self) -> bool:
        """Return whether the list of users is found to hide some of them.

        Call this once a day, and after a user was added that the list does not show. If
        a user is only in the other list, the first one is read again: the user may have
        been added in between.
        """
        if not self.lists_methods or self.dialects.hides_users:
            return False
        try:
            others = await self._endpoints.users_with_filter(self.lock_id)
        except LASTING_REFUSALS:
            return False
        ids = {user.user_id for user in others.items}
        if ids <= self._schedules.keys():
            return False
        listing = await self._endpoints.users(self.lock_id, self._cache)
        if ids <= {user.user_id for user in listing.items}:
            return False
        self.dialects = replace(self.dialects, hides_users=True)
        return True

    async def profile(self, user_id: str) -> Profile:
        """Return the profile of a user (docs/tuya_api.md, Profiles)."""
        return await self._endpoints.profile(self.lock_id, user_id)

    async def unlock_methods(self, user_id: str) -> Listing[UnlockMethod]:
        """Return the unlock methods of a user with all details."""
        return await self._endpoints.unlock_methods(self.lock_id, user_id)

    async def absent_users(self) -> tuple[AbsentUser, ...]:
        """Return the users who left the home but are stored on the lock, by user ID."""
        listing = await self._endpoints.absent_users(self.lock_id)
        return tuple(sorted(listing.items, key=lambda user: user.user_id))

    async def unassigned_methods(self) -> tuple[UnlockMethod, ...]:
        """Return the unlock methods without a user.

        This takes one call, or one for each type if the lock refuses the one.
        """
        if not self.dialects.unassigned_by_type:
            try:
                listing = await self._endpoints.unassigned_methods(self.lock_id)
            except BadRequestError:
                pass
            else:
                self.dialects = replace(self.dialects, unassigned_by_type=False)
                return sorted_methods(listing.items)
        methods: dict[tuple[str, int], UnlockMethod] = {}
        refusals: list[RefusedError] = []
        for method_type in UNASSIGNED_TYPES:
            try:
                listing = await self._endpoints.unassigned_methods(
                    self.lock_id, method_type
                )
            except RefusedError as err:  # a lock without a camera has no faces
                refusals.append(err)
                continue
            methods |= {method.key: method for method in listing.items}
        if len(refusals) == len(UNASSIGNED_TYPES):
            raise refusals[0]
        self.dialects = replace(self.dialects, unassigned_by_type=True)
        return sorted_methods(methods.values())

    # Writes in one form

    async def openings(self, span: Span) -> tuple[Record, ...]:
        """Return the openings of a span of time, newest first.

        Raise UnsupportedError where the lock knows no call for them.
        """
        cloud, forms = self._endpoints.cloud, self.dialects.record_forms
        found = await read_openings(cloud, self.lock_id, span, forms)
        self.dialects = replace(self.dialects, record_forms=found.forms)
        if not found.forms.for_openings:
            raise UnsupportedError("no call for openings is known")
        return found.records

    async def alarms(self, span: Span) -> tuple[Record, ...]:
        """Return alarms and rings of a span of time, otherwise like openings."""
        cloud, forms = self._endpoints.cloud, self.dialects.record_forms
        found = await read_alarms(cloud, self.lock_id, span, forms)
        self.dialects = replace(self.dialects, record_forms=found.forms)
        if not found.forms.for_alarms:
            raise UnsupportedError("no call for alarms is known")
        return found.records

    def forget_record_forms(self) -> None:
        """Forget which calls for records the lock refused."""
        self.dialects = replace(self.dialects, record_forms=RecordForms())

    async def add_user(self, profile: Profile) -> str:
        """Add a user without an account; return the ID."""
        return await self._endpoints.add_user(self.lock_id, profile)

    async def update_user(self, user_id: str, profile: Profile) -> None:
        """Update the profile of a user."""
        await self._endpoints.update_user(self.lock_id, user_id, profile)

    async def delete_user(self, user_id: str) -> None:
        """Delete a user."""
        await self._endpoints.delete_user(self.lock_id, user_id)

    async def purge_users(self, user_ids: Sequence[str]) -> None:
        """Delete users from the lock itself."""
        await self._endpoints.purge_users(self.lock_id, user_ids)

    async def set_role(self, user_id: str, role: Role) -> None:
        """Set the role of a user."""
        await self._endpoints.set_role(self.lock_id, user_id, role)

    # Writes in several forms

    def schedule_attempts(
        self, user_id: str, schedule: Schedule, *, time_zone: str | None
    ) -> Generator[Attempt]:
        """Yield the bodies in which a schedule can be sent, the known one first.

        `time_zone` is the IANA name for windows without one. Identical bodies are sent
        once. Close the iterator when an attempt took effect: until then, updates of
        the list show how this lock returns windows.
        """
        known = self.dialects.schedule_body
        sent: list[dict[str, Any]] = []
        self._expected = _ExpectedSchedule(
            user_id=user_id,
            written=schedule,
            before=_content(self._schedules.get(user_id)),
        )
        try:
            for body in sorted(ScheduleBody, key=lambda body: body is not known):
                are_refused = True
                for dialect in self._writing_dialects():
                    content = encode_schedule(
                        schedule, body, time_zone=time_zone, dialect=dialect
                    )
                    if content in sent:
                        continue
                    sent.append(content)
                    attempt = self._schedule_attempt(user_id, content, body)
                    yield attempt
                    are_refused = are_refused and attempt.was_refused
                if are_refused and body is known and len(schedule.windows or ()) > 1:
                    return  # it understands this body, so it refuses the content
        finally:
            self._expected = None

    def _writing_dialects(self) -> tuple[WindowDialect, ...]:
        """Return the dialects to write windows in: as received, else as documented."""
        seen = window_dialect(self.dialects)
        documented = replace(seen, keys=WindowKeys.MINUTES)
        return (seen,) if seen == documented else (seen, documented)

    def _schedule_attempt(
        self, user_id: str, content: dict[str, Any], body: ScheduleBody
    ) -> Attempt:
        def accept() -> None:
            self.dialects = replace(self.dialects, schedule_body=body)

        return Attempt(
            lambda: self._endpoints.set_schedule(self.lock_id, user_id, content),
            accept,
        )

    async def allocate(
        self, user_id: str, methods: Sequence[UnlockMethod]
    ) -> Allocation:
        """Assign unlock methods to a user, in one call or one by one.

        Raises TuyaError if nothing was sent.
        """
        known = self.dialects.allocate_call
        if known is not AllocateCall.ONE_BY_ONE:
            try:
                unanswered = await send_write(
                    self._endpoints.allocate(self.lock_id, user_id, methods)
                )
            except UnsupportedError, NotAuthorizedError:
                if known is AllocateCall.LIST:
                    raise
            else:
                if unanswered is None:
                    self.dialects = replace(
                        self.dialects, allocate_call=AllocateCall.LIST
                    )
                return Allocation(sent=methods, unanswered=unanswered)
        return await self._allocate_one_by_one(user_id, methods)

    async def _allocate_one_by_one(
        self, user_id: str, methods: Sequence[UnlockMethod]
    ) -> Allocation:
        unanswered: TransportError | None = None
        for position, method in enumerate(methods):
            try:
                unanswered = (
                    await send_write(
                        self._endpoints.allocate_one(self.lock_id, user_id, method)
                    )
                    or unanswered
                )
            except TuyaError as err:
                if not position:
                    raise
                return Allocation(
                    sent=methods[:position], unanswered=unanswered, refusal=err
                )
            self.dialects = replace(
                self.dialects, allocate_call=AllocateCall.ONE_BY_ONE
            )
        return Allocation(sent=methods, unanswered=unanswered)

    def deallocation_attempts(
        self, user_id: str, methods: Sequence[UnlockMethod]
    ) -> Generator[Attempt]:
        """Yield the forms of a deallocation, the known one first."""
        known = self.dialects.deallocate_key
        for key in sorted(CodeKey, key=lambda key: key is not known):
            yield self._deallocation(user_id, methods, key)

    def _deallocation(
        self, user_id: str, methods: Sequence[UnlockMethod], key: CodeKey
    ) -> Attempt:
        def accept() -> None:
            self.dialects = replace(self.dialects, deallocate_key=key)

        return Attempt(
            lambda: self._endpoints.deallocate(self.lock_id, user_id, methods, key),
            accept,
        )

    # The list of users

    async def _list_users(self) -> tuple[Listing[User], int]:
        """Return the list of the best call, and the number of refused calls."""
        wasted_calls = 0
        if self._retries_best_call:
            self._retries_best_call = False
            try:
                return await self._list_users_by(UsersCall.WITH_METHODS), 0
            except UnsupportedError, NotAuthorizedError, BadRequestError:
                wasted_calls = 1
        if (known := self.dialects.users_call) is not None:
            try:
                return await self._list_users_by(known), wasted_calls
            except UnsupportedError, NotAuthorizedError, BadRequestError:
                # The lock supported this call before: try all again.
                self.forget_users_call()
        refusals: list[TuyaError] = []
        for call in UsersCall:
            if call is UsersCall.BY_NAME and not all(
                isinstance(refusal, UnsupportedError) for refusal in refusals
            ):
                break
            try:
                return await self._list_users_by(call), wasted_calls
            except (UnsupportedError, NotAuthorizedError, BadRequestError) as err:
                refusals.append(err)
        # A missing authorization is the refusal that can be resolved.
        raise next(
            (err for err in refusals if isinstance(err, NotAuthorizedError)),
            refusals[-1],
        )

    async def _list_users_by(self, call: UsersCall) -> Listing[User]:
        listing = await self._list_users_with(call)
        self.dialects = replace(self.dialects, users_call=call)
        return listing

    async def _list_users_with(self, call: UsersCall) -> Listing[User]:
        match call:
            case UsersCall.WITH_METHODS:
                return await self._endpoints.users(self.lock_id, self._cache)
            case UsersCall.WITH_FILTER:
                return await self._endpoints.users_with_filter(
                    self.lock_id, cache=self._cache
                )
            case UsersCall.BY_NAME:
                return await self._endpoints.users_by_name(self.lock_id)

    async def _with_hidden_users(self, listing: Listing[User]) -> Listing[User]:
        """Return a list with the users that only the other call lists: without methods.

        If the lock lost that call, the first one is trusted again.
        """
        try:
            others = await self._endpoints.users_with_filter(
                self.lock_id, cache=self._other_cache
            )
        except UnsupportedError, BadRequestError:
            self.dialects = replace(self.dialects, hides_users=False)
            return replace(listing, is_complete=False)
        listed = {user.user_id for user in listing.items}
        hidden = tuple(
            replace(user, unlock_methods=())
            for user in others.items
            if user.user_id not in listed
        )
        return Listing(
            items=(*listing.items, *hidden),
            is_complete=listing.is_complete and others.is_complete,
            pages=listing.pages + others.pages,
        )

    # Learning

    def _learn_windows(self) -> None:
        """Learn from its list how this lock returns windows.

        A lock can return days reversed, or minutes as clock times (docs/tuya_api.md,
        Weekly windows). Some values are evidence by themselves; otherwise compare with
        what was just written. Ignore a read-back equal to the old schedule: a reversed
        Monday is a Saturday.
        """
        schedules = [one for one in self._schedules.values() if one]
        found = evidence(schedules)
        keys = seen_keys(schedules) or self.dialects.window_keys
        dialect = WindowDialect(
            reversed_days=self.dialects.reversed_days or found.reversed_days,
            hhmm_times=self.dialects.hhmm_times or found.hhmm_times,
            keys=keys or WindowKeys.MINUTES,
        )
        if (expected := self._expected) is not None and expected.written.windows:
            now = _content(self._schedules.get(expected.user_id))
            if now is not None and now != expected.before:
                dialect = learned(expected.written, now, known=dialect) or dialect
        if dialect != window_dialect(self.dialects):
            self._corrected = {}
            self.dialects = replace(
                self.dialects,
                reversed_days=dialect.reversed_days,
                hhmm_times=dialect.hhmm_times,
                window_keys=keys,
            )

    def _corrected_user(self, user: User) -> tuple[User, User]:
        """Return a listed user, and the same user with a normalized schedule.

        If only the signature of the picture changed, its parts are the same objects.
        """
        listed, normalized = self._corrected.get(user.user_id, (None, user))
        if listed is user:
            return user, normalized
        if listed == user:
            normalized = replace(normalized, avatar_url=user.avatar_url)
        else:
            normalized = _with_windows(user, window_dialect(self.dialects))
        return user, normalized


async def send_write(call: Awaitable[None]) -> TransportError | None:
    """Await a write; return the error of a lost reply, if any.

    Raises TuyaError if the write certainly had no effect.
    """
    try:
        await call
    except TransportError as err:
        if not err.was_sent:
            raise
        return err
    return None


def _content(schedule: Schedule | None) -> Schedule | None:
    """Return a schedule without its delivery and operation."""
    return schedule and replace(schedule, delivery=None, operate=None)


def _with_windows(user: User, dialect: WindowDialect) -> User:
    """Return a user with normalized windows."""
    if user.schedule is None or not user.schedule.windows:
        return user
    schedule = corrected(user.schedule, dialect)
    if schedule.windows:
        windows = tuple(sorted(schedule.windows, key=_window_order))
        if windows != schedule.windows:
            schedule = replace(schedule, windows=windows)
    return user if schedule is user.schedule else replace(user, schedule=schedule)


def _window_order(window: Window) -> tuple[tuple[int, ...], int, int, str]:
    zone = window.time_zone or ""
    return window.weekdays, window.start_minute, window.end_minute, zone
