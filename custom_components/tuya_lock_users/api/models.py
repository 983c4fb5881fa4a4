"""Users and locks as frozen values."""

# ruff: noqa: RUF009  (wire is a call of dataclasses.field)

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from .decoding import decoder, flag, integer, is_blank, required, text, wire
from .schedule.model import Delivery, Schedule
from .schedule.record import with_documented_keys
from .schedule.wire import decode_schedule
from .unlock_methods import UnlockMethod, unlock_detail


class UserType(StrEnum):
    """The relation of a user to the home (docs/tuya_api.md, User types)."""

    UNKNOWN = "unknown"
    ADMIN = "admin"
    MEMBER = "member"
    ANONYMOUS = "anonymous"
    SHARED = "shared"
    OWNER = "owner"


class Role(StrEnum):
    """The roles that can be set; the owner has neither (docs/tuya_api.md, Roles)."""

    ADMIN = "admin"
    NORMAL = "normal"


USER_TYPES: Final[dict[int, UserType]] = {
    10: UserType.ADMIN,
    20: UserType.MEMBER,
    30: UserType.ANONYMOUS,
    40: UserType.SHARED,
    50: UserType.OWNER,
}

# Outside, within, and before the validity.
_EFFECTIVE: Final = frozenset({0, 1, 2})


def _user_type(value: object) -> UserType:
    return USER_TYPES.get(integer(value) or 0, UserType.UNKNOWN)


def _effective(value: object) -> int | None:
    """Return the validity, which can also be a word: "false" is 0.

    A value that nobody knows counts as 0: what is unknown gives no access.
    """
    if is_blank(value):
        return None
    number = integer(flag(value) if isinstance(value, str) else value)
    if number is None:
        number = integer(value)
    return number if number in _EFFECTIVE else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person known to one lock.

    `unlock_methods` is None if they are unknown: not every users call provides them.
    `effective` is the cloud's view of the validity: 1 within, 0 outside or unknown, 2
    not yet, None for no view (docs/tuya_api.md, Effective flag).
    """

    user_id: str = wire("user_id", required(text))
    name: str | None = wire("nick_name", text, default=None)
    user_type: UserType = wire("user_type", _user_type, default=UserType.UNKNOWN)
    lock_user_id: int | None = wire("lock_user_id", integer, default=None)
    account_uid: str | None = wire("uid", text, default=None)
    contact: str | None = wire("user_contact", text, default=None)
    # Signed differently in every reply, so it does not show whether a user changed.
    avatar_url: str | None = wire("avatar_url", text, default=None, compare=False)
    notify_on_arrival: bool | None = wire("back_home_notify_attr", flag, default=None)
    effective: int | None = wire("effective_flag", _effective, default=None)
    schedule: Schedule | None = wire(
        "time_schedule_info", decode_schedule, default=None
    )
    unlock_methods: tuple[UnlockMethod, ...] | None = wire(
        "unlock_detail", unlock_detail, default=None
    )

    @property
    def role(self) -> Role | None:
        """Return the role, if the user has one that can be changed."""
        return _ROLES.get(self.user_type)

    @property
    def is_owner(self) -> bool:
        """Return whether the user owns the home."""
        return self.user_type is UserType.OWNER

    @property
    def is_administrator(self) -> bool:
        """Return whether the user manages others, and so has no profile to query."""
        return self.is_owner or self.role is Role.ADMIN

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Return the known deliveries of changes of this user."""
        schedule = () if self.schedule is None else (self.schedule.delivery,)
        methods = (method.progress for method in self.unlock_methods or ())
        return tuple(d for d in (*schedule, *methods) if d is not None)

    @property
    def delivery(self) -> Delivery | None:
        """Return the most important of the deliveries."""
        return next((d for d in _DELIVERY_ORDER if d in self.deliveries), None)

    @property
    def pending_changes(self) -> int:
        """Return the number of changes the lock has not applied yet."""
        return self.deliveries.count(Delivery.ONGOING)


_ROLES: Final[dict[UserType, Role]] = {
    UserType.ADMIN: Role.ADMIN,
    UserType.MEMBER: Role.NORMAL,
}

_DELIVERY_ORDER: Final = (Delivery.ONGOING, Delivery.FAILED, Delivery.SUCCESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsentUser:
    """A former member of the home who is still stored on the lock."""

    user_id: str = wire("user_id", required(text))
    user_type: UserType = wire("user_type", _user_type, default=UserType.UNKNOWN)
    lock_user_id: int | None = wire("lock_user_id", integer, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A device of the project; `is_sub` is one behind a gateway.

    Its `local_key` is a secret and is not decoded.
    """

    lock_id: str = wire("id", required(text))
    name: str | None = wire("name", text, default=None)
    category: str | None = wire("category", text, default=None)
    product_name: str | None = wire("product_name", text, default=None)
    model: str | None = wire("model", text, default=None)
    online: bool | None = wire("online", flag, default=None)
    time_zone: str | None = wire("time_zone", text, default=None)
    account_uid: str | None = wire("uid", text, default=None)
    is_sub: bool | None = wire("sub", flag, default=None)

    @property
    def is_lock(self) -> bool:
        """Return whether the category is a lock (docs/tuya_api.md, Lock categories)."""
        return self.category in LOCK_CATEGORIES


LOCK_CATEGORIES: Final = frozenset(
    {
        "ms",
        "jtmspro",
        "jtmsbh",
        "jtmsjh",
        "gyms",
        "hotelms",
        "ms_category",
        "mk",
        "videolock",
        "photolock",
        "bxx",
        "msp",
    }
)

_decode_user: Final = decoder(User)
decode_absent_user: Final = decoder(AbsentUser)
_decode_lock: Final = decoder(Lock)


def decode_user(record: dict[str, Any]) -> User | None:
    """Return the user of a record, whose schedule can have another name."""
    return _decode_user(with_documented_keys(record))


def decode_lock(record: dict[str, Any]) -> Lock | None:
    """Return the lock of a device record, whose name one table spells `Name`."""
    return _decode_lock({"name": record.get("Name"), **record})
