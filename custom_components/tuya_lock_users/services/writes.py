"""Handlers of the actions that change users, and allocate their unlock methods."""

from typing import Any, Final

from homeassistant.core import ServiceCall, ServiceResponse

from ..api.profiles import SEX_NUMBERS, Profile, birthday_ms
from ..commands.purge import async_purge_users
from ..commands.unlock_methods import Key, async_allocate, async_deallocate
from ..commands.users import (
    async_add_user,
    async_delete_user,
    async_set_role,
    async_update_user,
)
from ..commands.verify import WAIT_SECONDS
from ..domain.serialize import serialize_method
from ..errors import not_possible
from .reads import serialize_current_user
from .schemas import (
    ATTR_BIRTHDAY,
    ATTR_CONTACT,
    ATTR_DRY_RUN,
    ATTR_HEIGHT,
    ATTR_INCLUDE_MEMBERS,
    ATTR_NAME,
    ATTR_NUMBER,
    ATTR_ROLE,
    ATTR_SEX,
    ATTR_TYPE,
    ATTR_UNLOCK_METHODS,
    ATTR_USERS,
    ATTR_WAIT,
    ATTR_WEIGHT,
)
from .targets import async_get_lock, async_get_non_owner, async_get_user

# The fields of an action, and their names in a profile.
_PROFILE_FIELDS: Final = {
    ATTR_NAME: "name",
    ATTR_HEIGHT: "height_cm",
    ATTR_WEIGHT: "weight_grams",
    ATTR_CONTACT: "contact",
}
_GRAMS_PER_KG: Final = 1000


async def async_handle_add_user(call: ServiceCall) -> ServiceResponse:
    """Add a user without an account."""
    lock = await async_get_lock(call)
    user_id = await async_add_user(lock, Profile(**_profile_fields(call)))
    return {"user_id": user_id}


async def async_handle_update_user(call: ServiceCall) -> ServiceResponse:
    """Change the profile of a user."""
    lock, user = await async_get_user(call)
    if not (changes := _profile_fields(call)):
        raise not_possible("nothing_to_change")
    return {
        "user": serialize_current_user(
            lock, await async_update_user(lock, user, changes)
        )
    }


async def async_handle_delete_user(call: ServiceCall) -> ServiceResponse:
    """Delete a user."""
    lock, user = await async_get_non_owner(call)
    await async_delete_user(lock, user)
    return {"user_id": user.user_id}


async def async_handle_purge_users(call: ServiceCall) -> ServiceResponse:
    """Delete former users from the lock itself."""
    if not (user_ids := call.data[ATTR_USERS]):
        raise not_possible("no_users")
    results = await async_purge_users(
        await async_get_lock(call),
        user_ids,
        include_members=call.data.get(ATTR_INCLUDE_MEMBERS, False),
        dry_run=call.data.get(ATTR_DRY_RUN, False),
    )
    return {
        "results": [
            {"user_id": user_id, "status": status}
            for user_id, status in results.items()
        ]
    }


async def async_handle_set_user_role(call: ServiceCall) -> ServiceResponse:
    """Set the role of a user."""
    lock, user = await async_get_non_owner(call)
    role = call.data[ATTR_ROLE]
    before = await async_set_role(lock, user, role)
    return {"user_id": user.user_id, "previous_role": before.role, "role": role}


async def async_handle_allocate_unlock_methods(call: ServiceCall) -> ServiceResponse:
    """Assign unassigned unlock methods to a user."""
    lock, user = await async_get_user(call)
    methods = await async_allocate(
        lock, user, _keys(call), call.data.get(ATTR_WAIT, WAIT_SECONDS)
    )
    return {"unlock_methods": [serialize_method(method, user) for method in methods]}


async def async_handle_deallocate_unlock_methods(call: ServiceCall) -> ServiceResponse:
    """Remove the assignment of unlock methods to a user."""
    lock, user = await async_get_user(call)
    methods = await async_deallocate(
        lock, user, _keys(call), call.data.get(ATTR_WAIT, WAIT_SECONDS)
    )
    return {
        "unlock_methods": [
            serialize_method(method, next(iter(lock.data.holders(method.key)), None))
            for method in methods
        ]
    }


def _profile_fields(call: ServiceCall) -> dict[str, Any]:
    """Return the profile fields of an action."""
    fields = {
        field: call.data[key]
        for key, field in _PROFILE_FIELDS.items()
        if key in call.data
    }
    if ATTR_SEX in call.data:
        fields["sex_number"] = SEX_NUMBERS[call.data[ATTR_SEX]]
    if ATTR_BIRTHDAY in call.data:
        fields["birthday_ms"] = birthday_ms(call.data[ATTR_BIRTHDAY])
    if ATTR_WEIGHT in call.data:
        fields["weight_grams"] = round(call.data[ATTR_WEIGHT] * _GRAMS_PER_KG)
    return fields


def _keys(call: ServiceCall) -> list[Key]:
    return [
        (method[ATTR_TYPE], method[ATTR_NUMBER])
        for method in call.data[ATTR_UNLOCK_METHODS]
    ]
