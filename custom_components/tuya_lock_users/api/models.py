"""Users and locks as frozen values, and how records become them."""

# ruff: noqa: RUF009  (wire is a call of dataclasses.field)

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import orjson

from .decoding import (
    decoder,
    flag,
    integer,
    is_blank,
    json_object,
    required,
    text,
    wire,
)
from .schedule.model import Delivery, Schedule
from .schedule.wire import SCHEDULE_LIMITS, camel_case, decode_schedule
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


def decode_lock(record: dict[str, Any]) -> Lock | None:
    """Return the lock of a device record, whose name one table spells `Name`."""
    return _decode_lock({"name": record.get("Name"), **record})


_SCHEDULE: Final = "time_schedule_info"
_FLAG: Final = "effective_flag"

# The documented keys, and one that was seen: a record with no others stays as it is.
_DOCUMENTED: Final = frozenset(
    {
        *("user_id", "lock_user_id", "uid", "user_type", "nick_name", "avatar_url"),
        *("user_contact", "back_home_notify_attr", "offline_unlock", "unlock_detail"),
        *(_FLAG, _SCHEDULE),
    }
)


@lru_cache
def _letters(key: str) -> str:
    """Return the letters of a key, which are the same in every spelling."""
    return "".join(filter(str.isalnum, key)).lower()


_SCHEDULE_LETTERS: Final = _letters(_SCHEDULE)
_LIMIT_LETTERS: Final = frozenset(map(_letters, SCHEDULE_LIMITS))


def _with_documented_keys(record: dict[str, Any]) -> dict[str, Any]:
    """Return a user record with its schedule and its flag under the documented names.

    A key in another spelling has the same meaning, and limits beside the schedule or
    under an unknown name are limits all the same: a user must not seem to have none
    (docs/architecture.md, Unknown schedules).

    Limits in several places become one schedule, which is not understood if they differ
    or have an unknown name. Several flags become one that nobody knows.
    """
    if _DOCUMENTED.issuperset(record):
        return record
    schedules: dict[str, Any] = {}
    flags: list[Any] = []
    for key, value in record.items():
        if is_blank(value):
            continue
        letters = _letters(key)
        if "schedule" in letters or letters in _LIMIT_LETTERS:
            schedules[key] = value
        elif "effective" in letters:
            flags.append(value)
    found: dict[str, Any] = {}
    if schedules:
        found[_SCHEDULE] = _merged(schedules)
    if flags:
        found[_FLAG] = flags[0] if all(one == flags[0] for one in flags) else flags
    return {**record, **found}


def _merged(schedules: dict[str, Any]) -> Any:
    """Return one schedule with all limits: those of the same name in another spelling."""
    if len(schedules) == 1 and _letters(next(iter(schedules))) == _SCHEDULE_LETTERS:
        return next(iter(schedules.values()))
    merged: dict[str, Any] = {}
    for key, value in schedules.items():
        limits = json_object(value) if _letters(key) == _SCHEDULE_LETTERS else None
        for name, limit in ({key: value} if limits is None else limits).items():
            names = (name, camel_case(name), f"{key}.{name}")
            free = (one for one in names if merged.get(one, limit) == limit)
            merged[next(free, key)] = limit
    return merged


def decode_user(record: dict[str, Any]) -> User | None:
    """Return the user of a record, whose schedule can have another name."""
    return _decode_user(_with_documented_keys(record))


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
