"""One typed method for each call of Tuya's cloud (docs/tuya_api.md, Users of a lock).

If a call has several documented forms, the form is an argument; `smart_lock` decides
which one to use.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

import orjson

from .cloud import TuyaCloud
from .decoding import json_object, text
from .errors import (
    LASTING_REFUSALS,
    BadRequestError,
    LockRefusedError,
    UnexpectedReplyError,
)
from .models import (
    LISTED_TYPES,
    METHOD_CODES,
    AbsentUser,
    Lock,
    Profile,
    Role,
    UnlockMethod,
    User,
    decode_absent_user,
    decode_lock,
    decode_method,
    decode_profile,
    decode_user,
    method_code,
    method_word,
)
from .paging import Listing, PageCollector, page_of

# The largest sizes that are known to work (docs/tuya_api.md, Pages).
USERS_PER_PAGE: Final = 100
METHODS_PER_PAGE: Final = 50
LOCKS_PER_PAGE: Final = 50
SMALLER_PAGE: Final = 20

_LOCK: Final = "/v1.0/smart-lock/devices/{lock_id}"
_DEVICE: Final = "/v1.0/devices/{lock_id}"
_DEVICE_1_1: Final = "/v1.1/devices/{lock_id}"

_LISTED_CODES: Final = ",".join(METHOD_CODES[key] for key in LISTED_TYPES)


class UserCache:
    """Caches decoded users, so that an unchanged record is not decoded again.

    Most polls change nothing. Comparing the bytes of a record costs a fraction of
    decoding it, and identical objects make later comparisons cheap.
    """

    def __init__(self) -> None:
        """Initialize an empty cache."""
        self._known: dict[bytes, User] = {}
        self._seen: dict[bytes, User] = {}

    def decode(self, record: dict[str, Any]) -> User | None:
        """Return the user of a record."""
        try:
            key = orjson.dumps(record)
        except TypeError:  # a value that JSON cannot hold
            return decode_user(record)
        if (user := self._known.get(key) or decode_user(record)) is not None:
            self._seen[key] = user
        return user

    def rotate(self) -> None:
        """Drop users that the completed list did not contain."""
        self._known, self._seen = self._seen, {}


class Endpoints:
    """The lock calls of one project. Each method raises TuyaError."""

    def __init__(self, cloud: TuyaCloud) -> None:
        """Initialize the calls of a project."""
        self.cloud = cloud
        self._page_sizes: dict[str, int] = {}

    # Locks

    async def project_devices(self) -> Listing[Lock]:
        """Return the devices of all linked accounts (docs/tuya_api.md, Lists of locks).

        The list also contains devices that are not locks.
        """
        path = "/v1.0/iot-01/associated-users/devices"

        async def read(size: int) -> Listing[Lock]:
            collector = PageCollector(decode_lock, lambda lock: lock.lock_id, size)
            query = {"size": str(size)}
            while True:
                last_row_key = query.get("last_row_key", "")
                try:
                    page = page_of(await self.cloud.get(path, query))
                except LASTING_REFUSALS:
                    if not last_row_key:
                        raise
                    return collector.cut()
                if not collector.add(page) or page.last_row_key in ("", last_row_key):
                    return collector.listing()
                query["last_row_key"] = page.last_row_key

        return await self._sized(path, LOCKS_PER_PAGE, read)

    async def account_devices(self, account_uid: str) -> Listing[Lock]:
        """Return the devices of one account, including those that are not locks."""
        return await self._pages(
            "/v1.0/smart-lock/users/{account_uid}/devices",
            decode_lock,
            lambda lock: lock.lock_id,
            LOCKS_PER_PAGE,
            account_uid=account_uid,
        )

    # Users

    async def users(
        self, lock_id: str, cache: UserCache | None = None
    ) -> Listing[User]:
        """Return users with schedules and unlock methods."""
        return await self._users(
            f"{_LOCK}/users", lock_id, cache, {"codes": _LISTED_CODES}
        )

    async def users_with_filter(
        self,
        lock_id: str,
        *,
        keyword: str = "",
        role: Role | None = None,
        cache: UserCache | None = None,
    ) -> Listing[User]:
        """Return users with schedules, without unlock methods, filtered by the cloud."""
        query = {"keyword": keyword, "role": role or ""}
        return await self._users(f"{_DEVICE_1_1}/users", lock_id, cache, query)

    async def users_by_name(self, lock_id: str) -> Listing[User]:
        """Return users with names and contacts only."""
        collector = PageCollector(_user_of_profile, lambda user: user.user_id, 0)
        collector.add(
            page_of(await self.cloud.get(f"{_DEVICE}/users", lock_id=lock_id))
        )
        return collector.listing()

    async def user(self, lock_id: str, user_id: str) -> User:
        """Return one user without methods; "0" is the project's own user."""
        result = await self.cloud.get(
            f"{_DEVICE_1_1}/users/{{user_id}}", lock_id=lock_id, user_id=user_id
        )
        if record := json_object(result):
            known_id = text(record.get("user_id")) or user_id
            if (user := decode_user({**record, "user_id": known_id})) is not None:
                return user
        raise UnexpectedReplyError("no user in the reply")

    async def profile(self, lock_id: str, user_id: str) -> Profile:
        """Return the profile of a user (docs/tuya_api.md, Profiles)."""
        result = await self.cloud.get(
            f"{_DEVICE}/users/{{user_id}}", lock_id=lock_id, user_id=user_id
        )
        record = json_object(result)
        if not record or (profile := decode_profile(record)) is None:
            raise UnexpectedReplyError("no profile in the reply")
        return profile

    async def absent_users(self, lock_id: str) -> Listing[AbsentUser]:
        """Return the absent users (docs/tuya_api.md, Absent users)."""
        collector = PageCollector(decode_absent_user, lambda user: user.user_id, 0)
        path = f"{_DEVICE}/door-lock/absent-users"
        result = await self.cloud.get(path, lock_id=lock_id)
        collector.add(page_of(result, may_be_missing=True))
        return collector.listing()

    async def add_user(self, lock_id: str, profile: Profile) -> str:
        """Add a user without an account; return the ID, from an object or a bare text."""
        result = await self.cloud.send(
            "POST", f"{_DEVICE}/user", profile.encoded(), lock_id=lock_id
        )
        if isinstance(result, dict):
            result = result.get("user_id")
        if isinstance(result, bool) or (user_id := text(result)) is None:
            raise UnexpectedReplyError("no ID of the new user")
        return user_id

    async def update_user(self, lock_id: str, user_id: str, profile: Profile) -> None:
        """Update the profile of a user."""
        await self._send_write(
            "PUT",
            f"{_DEVICE}/users/{{user_id}}",
            profile.encoded(),
            lock_id=lock_id,
            user_id=user_id,
        )

    async def delete_user(self, lock_id: str, user_id: str) -> None:
        """Delete a user."""
        await self._send_write(
            "DELETE",
            f"{_DEVICE}/users/{{user_id}}",
            lock_id=lock_id,
            user_id=user_id,
        )

    async def purge_users(self, lock_id: str, user_ids: Sequence[str]) -> None:
        """Delete users from the lock itself (docs/tuya_api.md, Purging users)."""
        await self._send_write(
            "POST",
            f"{_LOCK}/users/{{user_ids}}/actions/delete-users-issue",
            lock_id=lock_id,
            user_ids=",".join(user_ids),
        )

    async def set_role(self, lock_id: str, user_id: str, role: Role) -> None:
        """Set the role of a user (docs/tuya_api.md, Roles)."""
        await self._send_write(
            "PUT",
            f"{_LOCK}/users/{{user_id}}/actions/role",
            {"role": role},
            lock_id=lock_id,
            user_id=user_id,
        )

    async def set_schedule(
        self,
        lock_id: str,
        user_id: str,
        body: dict[str, Any],
    ) -> None:
        """Set the schedule of a user (docs/tuya_api.md, Schedule bodies)."""
        await self._send_write(
            "PUT",
            f"{_LOCK}/users/{{user_id}}/schedule",
            body,
            lock_id=lock_id,
            user_id=user_id,
        )

    # Unlock methods

    async def unlock_methods(self, lock_id: str, user_id: str) -> Listing[UnlockMethod]:
        """Return the unlock methods of a user, of all types, with all details."""
        return await self._pages(
            f"{_LOCK}/opmodes/{{user_id}}",
            decode_method,
            lambda method: method.key,
            METHODS_PER_PAGE,
            {"codes": "", "unlock_name": ""},
            lock_id=lock_id,
            user_id=user_id,
        )

    async def unassigned_methods(
        self, lock_id: str, method_type: str | None = None
    ) -> Listing[UnlockMethod]:
        """Return the unassigned methods of one type, or with None of all types."""

        def decode(record: dict[str, Any]) -> UnlockMethod | None:
            return decode_method(
                {
                    "dp_code": record.get("unlock_type") or method_type,
                    "unlock_sn": record.get("unlock_no"),
                    "unlock_attr": record.get("hijack"),
                    **record,
                }
            )

        collector = PageCollector(decode, lambda method: method.key, 0)
        result = await self.cloud.get(
            f"{_DEVICE}/door-lock/unassigned-keys",
            {} if method_type is None else {"unlock_type": method_word(method_type)},
            lock_id=lock_id,
        )
        collector.add(page_of(result, may_be_missing=True))
        return collector.listing()

    async def allocate(
        self, lock_id: str, user_id: str, methods: Iterable[UnlockMethod]
    ) -> None:
        """Allocate unlock methods to a user (docs/tuya_api.md, Allocation)."""
        await self._send_write(
            "POST",
            f"{_DEVICE}/door-lock/opmodes/actions/allocate",
            _method_list(user_id, methods, "dp_code"),
            lock_id=lock_id,
        )

    async def allocate_one(
        self, lock_id: str, user_id: str, method: UnlockMethod
    ) -> None:
        """Allocate one unlock method by the older call."""
        await self._send_write(
            "POST",
            f"{_DEVICE}/device-lock/users/{{user_id}}/allocate",
            {"no": str(method.number), "type": method_word(method.type)},
            lock_id=lock_id,
            user_id=user_id,
        )

    async def deallocate(
        self,
        lock_id: str,
        user_id: str,
        methods: Iterable[UnlockMethod],
        code_key: str,
    ) -> None:
        """Deallocate unlock methods (docs/tuya_api.md, Deallocation)."""
        await self._send_write(
            "POST",
            f"{_LOCK}/opmodes/actions/cancel-allocate",
            _method_list(user_id, methods, code_key),
            lock_id=lock_id,
        )

    # Shared

    async def _send_write(
        self, method: str, path: str, body: object = None, **ids: str
    ) -> None:
        """Send a write whose result means no more than that it was accepted.

        The result is true, an object, or missing; false is a refusal
        (docs/tuya_api.md, Verification of writes).
        """
        if await self.cloud.send(method, path, body, **ids) is False:
            raise LockRefusedError("result false")

    async def _users(
        self, path: str, lock_id: str, cache: UserCache | None, query: dict[str, str]
    ) -> Listing[User]:
        listing = await self._pages(
            path,
            cache.decode if cache else decode_user,
            lambda user: user.user_id,
            USERS_PER_PAGE,
            query,
            lock_id=lock_id,
        )
        if cache:
            cache.rotate()
        return listing

    async def _pages[Item](
        self,
        path: str,
        decode: Callable[[dict[str, Any]], Item | None],
        identity: Callable[[Item], object],
        page_size: int,
        query: dict[str, str] | None = None,
        **ids: str,
    ) -> Listing[Item]:
        """Return all pages of a list with page numbers."""

        async def read(size: int) -> Listing[Item]:
            collector = PageCollector(decode, identity, size)
            return await self._all_pages(path, collector, size, query or {}, ids)

        return await self._sized(path, page_size, read)

    async def _sized[Item](
        self, path: str, size: int, read: Callable[[int], Awaitable[Listing[Item]]]
    ) -> Listing[Item]:
        """Return a list; if its page size is refused, retry once with a smaller one.

        `read` raises the refusal of a first page only: the others ended the list.
        """
        size = self._page_sizes.get(path, size)
        try:
            return await read(size)
        except BadRequestError:
            if size == SMALLER_PAGE:
                raise
        listing = await read(SMALLER_PAGE)
        self._page_sizes[path] = SMALLER_PAGE
        return listing

    async def _all_pages[Item](
        self,
        path: str,
        collector: PageCollector[Item],
        page_size: int,
        query: dict[str, str],
        ids: dict[str, str],
    ) -> Listing[Item]:
        page_number = 1
        sized_query = {**query, "page_size": str(page_size)}
        while True:
            numbered_query = {**sized_query, "page_no": str(page_number)}
            try:
                page = page_of(await self.cloud.get(path, numbered_query, **ids))
            except LASTING_REFUSALS:
                if page_number == 1:
                    raise
                return collector.cut()
            if not collector.add(page):
                return collector.listing()
            page_number += 1


def _user_of_profile(record: dict[str, Any]) -> User | None:
    """Return the user of a profile record, whose contact has another key."""
    return decode_user({"user_contact": record.get("contact"), **record})


def _method_list(
    user_id: str, methods: Iterable[UnlockMethod], code_key: str
) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "unlock_list": [
            {str(code_key): method_code(method.type), "unlock_sn": method.number}
            for method in methods
        ],
    }
