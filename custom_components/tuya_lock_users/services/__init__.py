"""The actions: which there are, and who carries them out.

All are for administrators, reading ones too: who may open a door, and by what, is not
for everybody. Calls without a user (automations) pass.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Final

import voluptuous as vol

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers.service import async_register_admin_service

from ..const import DOMAIN
from . import reads, schemas, writes

type _Handler = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]
type _Actions = dict[str, tuple[vol.Schema, _Handler]]

# What each takes, and who carries it out.
READS: Final[_Actions] = {
    "get_absent_users": (schemas.GET_ABSENT_USERS, reads.async_get_absent_users),
    "get_locks": (schemas.GET_LOCKS, reads.async_get_locks),
    "get_unlock_methods": (schemas.GET_UNLOCK_METHODS, reads.async_get_unlock_methods),
    "get_user": (schemas.GET_USER, reads.async_get_user_with_profile),
    "get_users": (schemas.GET_USERS, reads.async_get_users),
}

WRITES: Final[_Actions] = {
    "add_user": (schemas.ADD_USER, writes.async_handle_add_user),
    "allocate_unlock_methods": (
        schemas.ALLOCATE_OR_DEALLOCATE,
        writes.async_handle_allocate,
    ),
    "deallocate_unlock_methods": (
        schemas.ALLOCATE_OR_DEALLOCATE,
        writes.async_handle_deallocate,
    ),
    "delete_user": (schemas.DELETE_USER, writes.async_handle_delete_user),
    "purge_users": (schemas.PURGE_USERS, writes.async_handle_purge_users),
    "resume_user": (schemas.SUSPEND_OR_RESUME, writes.async_handle_resume_user),
    "set_user_role": (schemas.SET_USER_ROLE, writes.async_handle_set_user_role),
    "set_user_schedule": (
        schemas.SET_USER_SCHEDULE,
        writes.async_handle_set_user_schedule,
    ),
    "suspend_user": (schemas.SUSPEND_OR_RESUME, writes.async_handle_suspend_user),
    "update_user": (schemas.UPDATE_USER, writes.async_handle_update_user),
}


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions: reading ones always answer, the others when asked."""
    for actions, supports_response in (
        (READS, SupportsResponse.ONLY),
        (WRITES, SupportsResponse.OPTIONAL),
    ):
        for name, (schema, handler) in actions.items():
            async_register_admin_service(
                hass, DOMAIN, name, _if_asked(handler), schema, supports_response
            )


def _if_asked(handler: _Handler) -> _Handler:
    """Return a handler that answers only when an answer is asked for."""

    async def async_handle(call: ServiceCall) -> ServiceResponse:
        answer = await handler(call)
        return answer if call.return_response else None

    return async_handle
