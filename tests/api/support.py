"""Helpers for the tests of the client."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from custom_components.tuya_lock_users.api.dialects import CodeKey
from custom_components.tuya_lock_users.api.endpoints import Endpoints
from custom_components.tuya_lock_users.api.models import Role
from custom_components.tuya_lock_users.api.profiles import Profile
from custom_components.tuya_lock_users.api.schedule.model import (
    Schedule,
    ScheduleBody,
    Window,
)
from custom_components.tuya_lock_users.api.schedule.wire import encode_schedule
from custom_components.tuya_lock_users.api.unlock_methods import UnlockMethod
from custom_components.tuya_lock_users.api.user_list import UserCalls
from custom_components.tuya_lock_users.api.write_forms import WriteCalls


def type_errors_of(model: object) -> list[str]:
    """Return the fields of a model whose values do not have the declared type."""
    assert is_dataclass(model)
    hints = get_type_hints(type(model))
    return [
        f"{type(model).__name__}.{entry.name} = {value!r}"
        for entry in fields(model)
        if not _is_of(value := getattr(model, entry.name), hints[entry.name])
    ]


def _is_of(value: object, hint: Any) -> bool:
    """Return whether a value is of a type; a boolean is no number here."""
    if hint is object:
        return True
    if isinstance(hint, UnionType):
        return any(_is_of(value, one) for one in get_args(hint))
    if get_origin(hint) is tuple:
        return type(value) is tuple and _all_of(value, get_args(hint)[0])
    if type(value) is not (type(None) if hint is None else hint):
        return False
    return not is_dataclass(value) or not type_errors_of(value)


def _all_of(values: Iterable[object], hint: Any) -> bool:
    return all(_is_of(value, hint) for value in values)


type Call = Callable[[Endpoints], Awaitable[Any]]

CARD: Final = UnlockMethod(type="card", number=1)
STRAY: Final = UnlockMethod(type="card", number=2)
ALICE: Final = Profile(
    name="Alice",
    sex_number=2,
    birthday_ms=570_672_000_000,
    height_cm=170,
    weight_grams=65_000,
    contact="alice@example.com",
)
START: Final = 1_800_000_000


def call(method: str, /, *arguments: Any, **more: Any) -> Call:
    """Return a call of a method of Endpoints, or of calls that have several forms."""

    def send(locks: Endpoints) -> Awaitable[Any]:
        result: Awaitable[Any]
        for calls in (
            locks,
            UserCalls(locks.lists, "front"),
            WriteCalls(locks.cloud, "front"),
        ):
            if hasattr(calls, method):
                result = getattr(calls, method)(*arguments, **more)
                return result
        raise AttributeError(method)

    return send


def schedule(body: ScheduleBody, *, permanent: bool = False) -> Call:
    hours = Window(mask=62, start_minute=420, end_minute=1438)
    limited = Schedule(
        permanent=permanent, start=START, end=START + 86_399, windows=(hours,)
    )
    content = encode_schedule(limited, body, time_zone="Europe/Berlin")
    return call("set_schedule", "102", content)


LISTS: Final[dict[str, Call]] = {
    "01-users": call("with_methods"),
    "03-opmodes": call("unlock_methods", "front", "102"),
    "04-absent-users": call("absent_users", "front"),
    "12-users-v1.0": call("by_name"),
    "13-users-v1.1": call("with_filter"),
    "17-account-devices": call("account_devices", "eu1700000000000Anna1"),
    "associated-devices": call("project_devices"),
    "unassigned-keys": call("unassigned_methods", "front"),
}
RECORDS: Final = {
    "10-user-v1.0": call("profile", "front", "102"),
    "11-user-v1.1": call("user", "front", "102"),
}
READS: Final = LISTS | RECORDS
WRITES: Final = {
    "02-schedule-wrapped": schedule(ScheduleBody.WRAPPED),
    "05-purge": call("purge_users", "front", ["103", "104"]),
    "07-update-user": call("update_user", "front", "102", ALICE),
    "08-role": call("set_role", "front", "102", Role.ADMIN),
    "09-delete-user": call("delete_user", "front", "102"),
    "14-allocate-one": call("allocate_one", "102", STRAY),
    "15-allocate": call("allocate", "102", [STRAY]),
    "16-deallocate": call("deallocate", "102", [CARD], CodeKey.CODE),
}
"""Every write to a lock, except adding a user."""
