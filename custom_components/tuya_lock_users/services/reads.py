"""Handlers of the read actions."""

from dataclasses import replace
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

from ..api.errors import LASTING_REFUSALS, RefusedError, ServerError, UnsupportedError
from ..api.models import Role, User
from ..api.unlock_methods import UnlockMethod
from ..commands.users import async_read_profile
from ..const import CONF_ACCOUNT_UID, DOMAIN
from ..coordinator.devices import lock_identifier
from ..coordinator.lock import LockCoordinator
from ..coordinator.problems import LIST
from ..coordinator.project import TuyaLockUsersConfigEntry
from ..domain.access import access_limits, access_of
from ..domain.names import name_key, search_key
from ..domain.serialize import (
    serialize_absent_user,
    serialize_lock,
    serialize_method,
    serialize_profile,
    serialize_user,
)
from ..errors import not_possible
from .schemas import (
    ATTR_ACCOUNT_UID,
    ATTR_FRESH,
    ATTR_KEYWORD,
    ATTR_NAME,
    ATTR_ROLE,
    ATTR_TYPES,
    ATTR_UNASSIGNED,
    ATTR_USER,
)
from .targets import (
    async_get_lock,
    async_get_named_user,
    async_get_target,
    async_get_user,
    async_read,
)

# The project's own user (docs/tuya_api.md, One user).
OWN_USER_ID: Final = "0"


async def async_handle_get_users(call: ServiceCall) -> ServiceResponse:
    """Return the users of a lock; without a filter, as of the last update."""
    lock = await async_get_lock(call)
    keyword, role = call.data.get(ATTR_KEYWORD, ""), call.data.get(ATTR_ROLE)
    users = list(lock.data.users.values())
    if keyword or role:
        users = await _async_find_users(lock, keyword, role)
    elif call.data.get(ATTR_FRESH):
        await async_read(lock)
        users = list(lock.data.users.values())
    return {"users": [serialize_current_user(lock, user) for user in users]}


async def _async_find_users(
    lock: LockCoordinator, keyword: str, role: Role | None
) -> list[User]:
    """Return the users the cloud finds, or search locally where it cannot.

    It may find no letters that are composed differently in the name.
    """
    with lock.action_errors():
        try:
            users = await lock.smart_lock.users.search(name_key(keyword), role)
        except UnsupportedError:
            pass
        else:
            if users or keyword.isascii():
                return [_with_known_methods(lock, user) for user in users]
        await lock.async_read()
    return [
        user
        for user in lock.data.users.values()
        if (role is None or user.role is role)
        and search_key(keyword)
        in search_key(f"{user.name or ''}\n{user.contact or ''}")
    ]


def _with_known_methods(lock: LockCoordinator, user: User) -> User:
    """Return a user with the unlock methods of the last update."""
    known = lock.data.users.get(user.user_id)
    return replace(user, unlock_methods=known.unlock_methods if known else None)


async def async_handle_get_user(call: ServiceCall) -> ServiceResponse:
    """Return one user, and the profile if Tuya provides it."""
    known: User | None = None
    if call.data.get(ATTR_USER) == OWN_USER_ID:
        lock, picked = await async_get_target(call)
        if picked is not None:
            raise not_possible("user_given_twice")
        user_id = OWN_USER_ID
    else:
        lock, known = await async_get_user(call)
        user_id = known.user_id
    with lock.action_errors():
        try:
            user = _with_known_methods(lock, await lock.smart_lock.user(user_id))
        except (RefusedError, ServerError) as err:
            if known is None or not _is_list_sufficient(known, err):
                raise
            user = known
        profile = await async_read_profile(lock, user)
    return {
        "user": serialize_current_user(lock, user),
        "profile": None if profile is None else serialize_profile(profile),
    }


def _is_list_sufficient(user: User, err: RefusedError | ServerError) -> bool:
    """Return whether the user from the list is returned in spite of a refusal.

    A lock may lack this call, and administrators cannot be queried, with an unknown
    code (docs/tuya_api.md, Profiles).
    """
    if user.is_administrator:
        return isinstance(err, (*LASTING_REFUSALS, ServerError))
    return isinstance(err, UnsupportedError)


async def async_handle_get_unlock_methods(call: ServiceCall) -> ServiceResponse:
    """Return the unlock methods of a user, of all users, or the unassigned ones.

    Those of all users are as of the last update, since fetching needs a call for each.
    """
    held: list[tuple[User | None, UnlockMethod]]
    if call.data.get(ATTR_UNASSIGNED):
        if ATTR_USER in call.data:
            raise not_possible("unassigned_alone")
        lock, user_id = await async_get_target(call)
        if user_id is not None:
            raise not_possible("unassigned_alone")
        with lock.action_errors():
            await lock.async_read_unassigned()
        held = [(None, method) for method in lock.data.unassigned_methods or ()]
    else:
        lock, user = await async_get_named_user(call)
        if user is not None:
            with lock.action_errors():
                await _async_read_methods(lock, user)
        held = [
            (holder, method)
            for holder in lock.data.users.values()
            if user is None or holder.user_id == user.user_id
            for method in holder.unlock_methods or ()
        ]
    types = call.data.get(ATTR_TYPES)
    name = search_key(call.data.get(ATTR_NAME, ""))
    return {
        "unlock_methods": [
            serialize_method(method, holder)
            for holder, method in held
            if (not types or method.type in types)
            and name in search_key(method.name or "")
        ]
    }


async def _async_read_methods(lock: LockCoordinator, user: User) -> None:
    """Fetch the unlock methods of a user, from the list where that call is unsupported."""
    try:
        await lock.async_read_methods(user.user_id)
    except UnsupportedError:
        if not lock.smart_lock.users.lists_methods:
            raise
        await lock.async_read()


async def async_handle_get_absent_users(call: ServiceCall) -> ServiceResponse:
    """Fetch and return the absent users of a lock."""
    lock = await async_get_lock(call)
    with lock.action_errors():
        await lock.async_read_absent()
        if lock.data.absent_users != lock.data.former_users:
            # A user in both lists may have been removed since the last update.
            await lock.async_read()
    return {
        "users": [serialize_absent_user(user) for user in lock.data.former_users or ()]
    }


async def async_handle_get_locks(call: ServiceCall) -> ServiceResponse:
    """Fetch and return the locks of an account, or of the project."""
    entry: TuyaLockUsersConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data[ATTR_CONFIG_ENTRY_ID]
    )
    project = entry.runtime_data
    account_uid = call.data.get(ATTR_ACCOUNT_UID) or entry.data.get(CONF_ACCOUNT_UID)
    with project.runtime.problems.action_errors(LIST):
        if account_uid:
            listing = await project.runtime.client.account_devices(account_uid)
        else:
            listing = await project.runtime.client.project_devices()
    registry = dr.async_get(call.hass)
    locks: list[JsonValueType] = []
    for lock in listing.items:
        if not lock.is_lock and lock.lock_id not in project.locks:
            continue
        if lock.online is not None:
            project.async_set_online(lock.lock_id, online=lock.online)
        device = registry.async_get_device_by_identifier(
            lock_identifier(lock.lock_id), entry.entry_id
        )
        named = replace(lock, account_uid=lock.account_uid or account_uid)
        locks.append(serialize_lock(named, device.id if device else None))
    return {"locks": locks}


def serialize_current_user(lock: LockCoordinator, user: User) -> dict[str, Any]:
    """Return a user as plain data, with the current access.

    A user who is not from the snapshot was just fetched, including the flag.
    """
    snapshot, now = lock.data, dt_util.utcnow()
    if snapshot.users.get(user.user_id) is not user:
        snapshot = replace(snapshot, users={**snapshot.users, user.user_id: user})
        snapshot = replace(snapshot, limits=access_limits(snapshot, now))
    access = access_of(user, snapshot, lock.memory.suspended, now)
    return serialize_user(user, access, snapshot.zones)
