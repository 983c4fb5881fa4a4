"""One typed method for each call that has one form (docs/tuya_api.md, Users of a lock).

Calls with several documented forms are in `user_list`, `write_forms`, and `records`.
"""

from collections.abc import Sequence
from typing import Any, Final

from .cloud import TuyaCloud
from .decoding import json_object, text
from .errors import UnexpectedReplyError
from .models import (
    AbsentUser,
    Lock,
    Role,
    User,
    decode_absent_user,
    decode_lock,
    decode_user,
)
from .paging import Listing, Lists
from .profiles import Profile, decode_profile
from .unlock_methods import UnlockMethod, decode_method, method_word

# The largest sizes that are known to work (docs/tuya_api.md, Pages).
METHODS_PER_PAGE: Final = 50
LOCKS_PER_PAGE: Final = 50

_LOCK: Final = "/v1.0/smart-lock/devices/{lock_id}"
_DEVICE: Final = "/v1.0/devices/{lock_id}"
_DEVICE_1_1: Final = "/v1.1/devices/{lock_id}"


class Endpoints:
    """The lock calls of one project. Each method raises TuyaError."""

    def __init__(self, cloud: TuyaCloud) -> None:
        """Initialize the calls of a project."""
        self.cloud = cloud
        self.lists = Lists(cloud)

    # Locks

    async def project_devices(self) -> Listing[Lock]:
        """Return the devices of all linked accounts (docs/tuya_api.md, Lists of locks).

        The list also contains devices that are not locks.
        """
        return await self.lists.read_rows(
            "/v1.0/iot-01/associated-users/devices",
            decode_lock,
            lambda lock: lock.lock_id,
            LOCKS_PER_PAGE,
        )

    async def account_devices(self, account_uid: str) -> Listing[Lock]:
        """Return the devices of one account, including those that are not locks."""
        return await self.lists.read(
            "/v1.0/smart-lock/users/{account_uid}/devices",
            decode_lock,
            lambda lock: lock.lock_id,
            LOCKS_PER_PAGE,
            account_uid=account_uid,
        )

    # Users

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
        return await self.lists.read_plain(
            f"{_DEVICE}/door-lock/absent-users",
            decode_absent_user,
            lambda user: user.user_id,
            may_be_missing=True,
            lock_id=lock_id,
        )

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
        await self.cloud.write(
            "PUT",
            f"{_DEVICE}/users/{{user_id}}",
            profile.encoded(),
            lock_id=lock_id,
            user_id=user_id,
        )

    async def delete_user(self, lock_id: str, user_id: str) -> None:
        """Delete a user."""
        await self.cloud.write(
            "DELETE",
            f"{_DEVICE}/users/{{user_id}}",
            lock_id=lock_id,
            user_id=user_id,
        )

    async def purge_users(self, lock_id: str, user_ids: Sequence[str]) -> None:
        """Delete users from the lock itself (docs/tuya_api.md, Purging users)."""
        await self.cloud.write(
            "POST",
            f"{_LOCK}/users/{{user_ids}}/actions/delete-users-issue",
            lock_id=lock_id,
            user_ids=",".join(user_ids),
        )

    async def set_role(self, lock_id: str, user_id: str, role: Role) -> None:
        """Set the role of a user (docs/tuya_api.md, Roles)."""
        await self.cloud.write(
            "PUT",
            f"{_LOCK}/users/{{user_id}}/actions/role",
            {"role": role},
            lock_id=lock_id,
            user_id=user_id,
        )

    # Unlock methods

    async def unlock_methods(
        self, lock_id: str, user_id: str, *, may_be_missing: bool = False
    ) -> Listing[UnlockMethod]:
        """Return the unlock methods of a user, of all types, with all details."""
        return await self.lists.read(
            f"{_LOCK}/opmodes/{{user_id}}",
            decode_method,
            lambda method: method.key,
            METHODS_PER_PAGE,
            {"codes": "", "unlock_name": ""},
            may_be_missing=may_be_missing,
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

        return await self.lists.read_plain(
            f"{_DEVICE}/door-lock/unassigned-keys",
            decode,
            lambda method: method.key,
            {} if method_type is None else {"unlock_type": method_word(method_type)},
            may_be_missing=True,
            lock_id=lock_id,
        )
