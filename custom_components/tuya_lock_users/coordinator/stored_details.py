"""The stored details of a lock, so that a restart does not fetch them again.

They cost a call for each user. No contact data is stored: no phone numbers, accounts, or
pictures, and only the IDs of users.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Final, cast

from mashumaro.codecs import BasicDecoder
from mashumaro.exceptions import InvalidFieldValue, MissingField

from ..api.models import AbsentUser, UserType
from ..api.schedule.model import Delivery
from ..api.unlock_methods import Notify, Phase, UnlockMethod
from ..domain.known_users import MethodDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMethod:
    """An unlock method, without the phone numbers of its notifications."""

    type: str
    number: int
    name: str | None = None
    unlock_id: str | None = None
    opmode_id: str | None = None
    phase: Phase | None = None
    duress: bool | None = None
    admin: bool | None = None
    voice: bool | None = None
    photo: bool | None = None
    can_deallocate: bool | None = None
    delivery: Delivery | None = None
    channel: int | None = None
    notify_app: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUserDetails:
    """The details of one user: methods, when they were read, and the listed ones."""

    methods: list[StoredMethod]
    read_at: float
    listed: list[tuple[str, int]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAbsentUser:
    """An absent user."""

    user_id: str
    user_type: UserType = UserType.UNKNOWN
    lock_user_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDetails:
    """The data of a full refresh of a lock."""

    users: dict[str, StoredUserDetails]
    absent_users: list[StoredAbsentUser] | None = None
    unassigned_methods: list[StoredMethod] | None = None
    refreshed_at: float = 0.0


_METHOD_FIELDS: Final = tuple(one.name for one in fields(StoredMethod))[:-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockDetails:
    """The data of a full refresh of a lock, for the reader.

    Attributes:
        users: The details of each user.
        absent_users: The absent users; None before they were read, or if the lock does
            not support them.
        unassigned_methods: The methods without a user; None as above.
        refreshed_at: When the latest full refresh began, in seconds since 1970.
    """

    users: dict[str, MethodDetails] = field(default_factory=dict)
    absent_users: tuple[AbsentUser, ...] | None = None
    unassigned_methods: tuple[UnlockMethod, ...] | None = None
    refreshed_at: float = 0.0


def dump_details(details: LockDetails) -> dict[str, Any]:
    """Return the details as JSON."""
    absent, unassigned = details.absent_users, details.unassigned_methods
    return {
        "users": {
            user_id: {
                "methods": _dump_methods(one.methods),
                "read_at": one.read_at,
                "listed": None if one.listed is None else sorted(one.listed),
            }
            for user_id, one in details.users.items()
        },
        "absent_users": None
        if absent is None
        else [
            {
                "user_id": user.user_id,
                "user_type": user.user_type,
                "lock_user_id": user.lock_user_id,
            }
            for user in absent
        ],
        "unassigned_methods": None if unassigned is None else _dump_methods(unassigned),
        "refreshed_at": details.refreshed_at,
    }


@cache
def _decoder(model: Any) -> Callable[[object], Any]:
    """Return the decoder of a model, compiled once: that takes milliseconds."""
    return BasicDecoder(model).decode


def decode_stored[Model](model: type[Model], content: object) -> Model:
    """Return stored data as a model. Raises what mashumaro's decoders raise."""
    # A type variable is not hashable for mypy.
    stored: Model = _decoder(cast(Any, model))(content)
    return stored


def load_details(content: object) -> LockDetails:
    """Return stored details; invalid ones are read from the lock again."""
    try:
        stored = decode_stored(StoredDetails, content)
    except InvalidFieldValue, MissingField, TypeError, ValueError, AttributeError:
        return LockDetails()
    absent, unassigned = stored.absent_users, stored.unassigned_methods
    return LockDetails(
        users={
            user_id: MethodDetails(
                methods=_load_methods(one.methods),
                read_at=one.read_at,
                listed=None
                if one.listed is None
                else frozenset((kind, number) for kind, number in one.listed),
            )
            for user_id, one in stored.users.items()
        },
        absent_users=None
        if absent is None
        else tuple(
            AbsentUser(
                user_id=user.user_id,
                user_type=user.user_type,
                lock_user_id=user.lock_user_id,
            )
            for user in absent
        ),
        unassigned_methods=None if unassigned is None else _load_methods(unassigned),
        refreshed_at=stored.refreshed_at,
    )


def _dump_methods(methods: Iterable[UnlockMethod]) -> list[dict[str, Any]]:
    dumped = []
    for method in methods:
        values = {name: getattr(method, name) for name in _METHOD_FIELDS}
        values["notify_app"] = method.notify.app if method.notify else None
        dumped.append({k: v for k, v in values.items() if v is not None})
    return dumped


def _load_methods(methods: Iterable[StoredMethod]) -> tuple[UnlockMethod, ...]:
    return tuple(
        UnlockMethod(
            **{name: getattr(method, name) for name in _METHOD_FIELDS},
            notify=None if method.notify_app is None else Notify(app=method.notify_app),
        )
        for method in methods
    )
