"""The actions and their handlers.

All of them require an administrator, read actions included: who can open a door, and how,
is confidential. Calls without a user, such as automations, are allowed.
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
from . import copying, enrollment, passwords, reads, records, schedules, schemas, writes

type _Handler = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]
type _Actions = dict[str, tuple[vol.Schema, _Handler]]

# The schema and the handler of each action.
READS: Final[_Actions] = {
    "get_absent_users": (schemas.GET_ABSENT_USERS, reads.async_handle_get_absent_users),
    "get_dynamic_password": (
        schemas.GET_DYNAMIC_PASSWORD,
        passwords.async_handle_get_dynamic_password,
    ),
    "get_locks": (schemas.GET_LOCKS, reads.async_handle_get_locks),
    "get_passwords": (
        schemas.GET_PASSWORDS,
        passwords.async_handle_get_passwords,
    ),
    "get_records": (schemas.GET_RECORDS, records.async_handle_get_records),
    "get_unlock_methods": (
        schemas.GET_UNLOCK_METHODS,
        reads.async_handle_get_unlock_methods,
    ),
    "get_user": (schemas.GET_USER, reads.async_handle_get_user),
    "get_users": (schemas.GET_USERS, reads.async_handle_get_users),
}

WRITES: Final[_Actions] = {
    "add_offline_password": (
        schemas.ADD_OFFLINE_PASSWORD,
        passwords.async_handle_add_offline_password,
    ),
    "add_password": (schemas.ADD_PASSWORD, passwords.async_handle_add_password),
    "add_user": (schemas.ADD_USER, writes.async_handle_add_user),
    "allocate_unlock_methods": (
        schemas.ALLOCATE_OR_DEALLOCATE,
        writes.async_handle_allocate_unlock_methods,
    ),
    "cancel_enrollment": (
        schemas.CANCEL_ENROLLMENT,
        enrollment.async_handle_cancel_enrollment,
    ),
    "copy_users": (schemas.COPY_USERS, copying.async_handle_copy_users),
    "deallocate_unlock_methods": (
        schemas.ALLOCATE_OR_DEALLOCATE,
        writes.async_handle_deallocate_unlock_methods,
    ),
    "delete_password": (
        schemas.DELETE_PASSWORD,
        passwords.async_handle_delete_password,
    ),
    "delete_unlock_method": (
        schemas.DELETE_UNLOCK_METHOD,
        enrollment.async_handle_delete_unlock_method,
    ),
    "delete_user": (schemas.DELETE_USER, writes.async_handle_delete_user),
    "enroll_unlock_method": (
        schemas.ENROLL_UNLOCK_METHOD,
        enrollment.async_handle_enroll_unlock_method,
    ),
    "purge_users": (schemas.PURGE_USERS, writes.async_handle_purge_users),
    "resume_user": (schemas.SUSPEND_OR_RESUME, schedules.async_handle_resume_user),
    "set_user_role": (schemas.SET_USER_ROLE, writes.async_handle_set_user_role),
    "set_user_schedule": (
        schemas.SET_USER_SCHEDULE,
        schedules.async_handle_set_user_schedule,
    ),
    "suspend_user": (schemas.SUSPEND_OR_RESUME, schedules.async_handle_suspend_user),
    "sync_unlock_methods": (
        schemas.SYNC_UNLOCK_METHODS,
        enrollment.async_handle_sync_unlock_methods,
    ),
    "update_password": (
        schemas.UPDATE_PASSWORD,
        passwords.async_handle_update_password,
    ),
    "update_unlock_method": (
        schemas.UPDATE_UNLOCK_METHOD,
        enrollment.async_handle_update_unlock_method,
    ),
    "update_user": (schemas.UPDATE_USER, writes.async_handle_update_user),
}


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions: reads always return a response, writes on request."""
    for actions, supports_response in (
        (READS, SupportsResponse.ONLY),
        (WRITES, SupportsResponse.OPTIONAL),
    ):
        for name, (schema, handler) in actions.items():
            async_register_admin_service(
                hass, DOMAIN, name, handler, schema, supports_response
            )
