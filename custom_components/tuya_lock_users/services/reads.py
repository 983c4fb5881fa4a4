"""Actions that only tell."""

from dataclasses import replace
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

from ..api.errors import (
    LASTING_REFUSALS,
    RefusedError,
    ServerError,
    TuyaError,
    UnsupportedError,
)
from ..api.models import Role, UnlockMethod, User
from ..commands.users import async_read_profile
from ..const import CONF_ACCOUNT_UID, DOMAIN
from ..coordinator.devices import lock_identifier
from ..coordinator.lock import LockCoordinator
from ..coordinator.project import TuyaLockUsersConfigEntry
from ..domain.access import access_of
from ..domain.serialize import (
    absent_user_answer,
    lock_answer,
    method_answer,
    profile_answer,
    user_answer,
)
from ..errors import action_error, not_possible
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

# What the documents call the project's own user.
OWN_USER_ID: Final = "0"


async def async_get_users(call: ServiceCall) -> ServiceResponse:
    """Return the users of a lock, from memory where nothing asks for more."""
    lock = await async_get_lock(call)
    keyword, role = call.data.get(ATTR_KEYWORD, ""), call.data.get(ATTR_ROLE)
    users = list(lock.data.users.values())
    if keyword or role:
        users = await _async_find_users(lock, keyword, role)
    elif call.data.get(ATTR_FRESH):
        await async_read(lock)
        users = list(lock.data.users.values())
    return {"users": [user_now(lock, user) for user in users]}


async def _async_find_users(
    lock: LockCoordinator, keyword: str, role: Role | None
) -> list[User]:
    """Return the users whom the cloud finds; a lock without that call is searched here."""
    with lock.action_errors():
        try:
            users = await lock.smart_lock.search_users(keyword, role)
        except UnsupportedError:
            await lock.async_read()
            return [
                user
                for user in lock.data.users.values()
                if (role is None or user.role is role)
                and keyword.casefold()
                in f"{user.name or ''}\n{user.contact or ''}".casefold()
            ]
    return [_with_known_methods(lock, user) for user in users]


def _with_known_methods(lock: LockCoordinator, user: User) -> User:
    """Return a user who was read without unlock methods with those read last."""
    known = lock.data.users.get(user.user_id)
    return replace(user, unlock_methods=known.unlock_methods if known else None)


async def async_get_user_with_profile(call: ServiceCall) -> ServiceResponse:
    """Return one user, and the profile where it may be read."""
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
            if known is None or not _knows_better(known, err):
                raise
            user = known
        profile = await async_read_profile(lock, user)
    return {
        "user": user_now(lock, user),
        "profile": None if profile is None else profile_answer(profile),
    }


def _knows_better(user: User, err: RefusedError | ServerError) -> bool:
    """Return whether the list of users tells more than a refusal.

    A lock may lack this call, and administrators cannot be asked about: no document
    says with which code that is refused (DESIGN §11.5).
    """
    if user.is_administrator:
        return isinstance(err, (*LASTING_REFUSALS, ServerError))
    return isinstance(err, UnsupportedError)


async def async_get_unlock_methods(call: ServiceCall) -> ServiceResponse:
    """Return the unlock methods of a user, of all users, or of nobody.

    Those of one user and of nobody are read now; those of all as last read, since that
    would be a call for each.
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
    types, name = call.data.get(ATTR_TYPES), call.data.get(ATTR_NAME, "").casefold()
    return {
        "unlock_methods": [
            method_answer(method, holder)
            for holder, method in held
            if (not types or method.type in types)
            and name in (method.name or "").casefold()
        ]
    }


async def _async_read_methods(lock: LockCoordinator, user: User) -> None:
    """Read the methods of a user; of a lock without that call the list may tell them."""
    try:
        await lock.async_read_methods(user.user_id)
    except UnsupportedError:
        if user.unlock_methods is None:
            raise
        await lock.async_read()


async def async_get_absent_users(call: ServiceCall) -> ServiceResponse:
    """Return who is on the lock but no longer in the home, read now."""
    lock = await async_get_lock(call)
    with lock.action_errors():
        await lock.async_read_absent()
    return {
        "users": [absent_user_answer(user) for user in lock.data.absent_users or ()]
    }


async def async_get_locks(call: ServiceCall) -> ServiceResponse:
    """Return the locks of an account, or of the project, read now."""
    entry: TuyaLockUsersConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data[ATTR_CONFIG_ENTRY_ID]
    )
    project = entry.runtime_data
    account_uid = call.data.get(ATTR_ACCOUNT_UID) or entry.data.get(CONF_ACCOUNT_UID)
    try:
        if account_uid:
            listing = await project.runtime.client.account_devices(account_uid)
        else:
            listing = await project.runtime.client.project_devices()
    except TuyaError as err:
        project.runtime.async_reauth_if_needed(err)
        raise action_error(err) from err
    registry = dr.async_get(call.hass)
    locks: list[JsonValueType] = []
    for lock in listing.items:
        if not lock.is_lock and lock.lock_id not in project.locks:
            continue
        device = registry.async_get_device_by_identifier(
            lock_identifier(lock.lock_id), entry.entry_id
        )
        named = replace(lock, account_uid=lock.account_uid or account_uid)
        locks.append(lock_answer(named, device.id if device else None))
    return {"locks": locks}


def user_now(lock: LockCoordinator, user: User) -> dict[str, Any]:
    """Return USER with the access of this moment."""
    access = access_of(
        user,
        suspended=user.user_id in lock.memory.suspended,
        now=dt_util.utcnow(),
        zones=lock.data.zones,
    )
    return user_answer(user, access, lock.data.zones)
