"""The actions: which there are, and who carries them out.

All are for administrators, reading ones too: who may open a door, and by what, is not
for everybody. Calls without a user (automations) pass.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Action:
    """An action: its name, what it takes, and who carries it out."""

    name: str
    schema: vol.Schema
    handler: Callable[[ServiceCall], Awaitable[ServiceResponse]]


READS: Final = (
    Action("get_absent_users", schemas.GET_ABSENT_USERS, reads.async_get_absent_users),
    Action("get_locks", schemas.GET_LOCKS, reads.async_get_locks),
    Action(
        "get_unlock_methods",
        schemas.GET_UNLOCK_METHODS,
        reads.async_get_unlock_methods,
    ),
    Action("get_user", schemas.GET_USER, reads.async_get_user_with_profile),
    Action("get_users", schemas.GET_USERS, reads.async_get_users),
)

WRITES: Final = (
    Action("add_user", schemas.ADD_USER, writes.async_handle_add_user),
    Action(
        "allocate_unlock_methods",
        schemas.ALLOCATE_OR_DEALLOCATE,
        writes.async_handle_allocate,
    ),
    Action(
        "deallocate_unlock_methods",
        schemas.ALLOCATE_OR_DEALLOCATE,
        writes.async_handle_deallocate,
    ),
    Action("delete_user", schemas.DELETE_USER, writes.async_handle_delete_user),
    Action("purge_users", schemas.PURGE_USERS, writes.async_handle_purge_users),
    Action("resume_user", schemas.SUSPEND_OR_RESUME, writes.async_handle_resume_user),
    Action("set_user_role", schemas.SET_USER_ROLE, writes.async_handle_set_user_role),
    Action(
        "set_user_schedule",
        schemas.SET_USER_SCHEDULE,
        writes.async_handle_set_user_schedule,
    ),
    Action("suspend_user", schemas.SUSPEND_OR_RESUME, writes.async_handle_suspend_user),
    Action("update_user", schemas.UPDATE_USER, writes.async_handle_update_user),
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions: reading ones always answer, the others when asked."""
    for action in READS:
        _async_register(hass, action, SupportsResponse.ONLY)
    for action in WRITES:
        _async_register(hass, action, SupportsResponse.OPTIONAL)


@callback
def _async_register(
    hass: HomeAssistant, action: Action, supports_response: SupportsResponse
) -> None:
    async def async_handle(call: ServiceCall) -> ServiceResponse:
        answer = await action.handler(call)
        return answer if call.return_response else None

    async_register_admin_service(
        hass, DOMAIN, action.name, async_handle, action.schema, supports_response
    )
