"""Handlers of the actions about enrolling, changing, and deleting unlock methods."""

from typing import Final

from homeassistant.core import ServiceCall, ServiceResponse

from ..api.pin import Pin
from ..commands.enrollment import (
    ENROLL_WAIT_SECONDS,
    async_cancel_enrollment,
    async_enroll,
)
from ..commands.method_changes import (
    MethodChanges,
    async_delete_method,
    async_sync_methods,
    async_update_method,
)
from ..commands.unlock_methods import Key
from ..domain.serialize import serialize_method
from ..errors import not_possible
from .schemas import (
    ATTR_DURESS,
    ATTR_NAME,
    ATTR_NOTIFY_APP,
    ATTR_NUMBER,
    ATTR_PASSWORD,
    ATTR_TYPE,
    ATTR_TYPES,
    ATTR_WAIT,
)
from .targets import async_get_lock, async_get_named_user, async_get_user

# The only type that is enrolled with a PIN.
PASSWORD_TYPE: Final = "password"

# The lengths of any keypad; that of a lock is learned from its refusals.
_PIN_DIGITS: Final = range(4, 17)


async def async_handle_enroll_unlock_method(call: ServiceCall) -> ServiceResponse:
    """Make a lock wait for a new unlock method of a user."""
    lock, user = await async_get_user(call)
    method, status = await async_enroll(
        lock,
        user,
        call.data[ATTR_TYPE],
        changes=_changes(call),
        pin=_enrolled_pin(call),
        wait_seconds=call.data.get(ATTR_WAIT, ENROLL_WAIT_SECONDS),
    )
    return {
        "unlock_method": None if method is None else serialize_method(method, user),
        "status": status,
    }


async def async_handle_cancel_enrollment(call: ServiceCall) -> ServiceResponse:
    """Make a lock stop waiting for an unlock method."""
    await async_cancel_enrollment(await async_get_lock(call), call.data[ATTR_TYPE])
    return {}


async def async_handle_update_unlock_method(call: ServiceCall) -> ServiceResponse:
    """Change the name, the duress flag, or the notification of an unlock method."""
    lock, user = await async_get_named_user(call)
    if (changes := _changes(call)) == MethodChanges():
        raise not_possible("nothing_to_change")
    method, holder = await async_update_method(lock, user, _key(call), changes)
    return {"unlock_method": serialize_method(method, holder)}


async def async_handle_delete_unlock_method(call: ServiceCall) -> ServiceResponse:
    """Delete an unlock method from a lock."""
    lock, user = await async_get_named_user(call)
    method_type, number = _key(call)
    await async_delete_method(lock, user, (method_type, number))
    return {"type": method_type, "number": number}


async def async_handle_sync_unlock_methods(call: ServiceCall) -> ServiceResponse:
    """Make a lock report its unlock methods to the cloud."""
    lock = await async_get_lock(call)
    count = await async_sync_methods(lock, call.data.get(ATTR_TYPES))
    return {"unlock_methods": count}


def checked_pin(pin: Pin | None) -> Pin | None:
    """Return a PIN if it consists of digits."""
    if pin is None:
        return None
    digits = pin.digits
    if not (digits.isascii() and digits.isdigit() and len(digits) in _PIN_DIGITS):
        raise not_possible("password_digits")
    return pin


def _enrolled_pin(call: ServiceCall) -> Pin | None:
    """Return the PIN of an enrollment: a password has one, other types have none."""
    pin = checked_pin(call.data.get(ATTR_PASSWORD))
    if call.data[ATTR_TYPE] == PASSWORD_TYPE and pin is None:
        raise not_possible("password_required")
    if call.data[ATTR_TYPE] != PASSWORD_TYPE and pin is not None:
        raise not_possible("password_not_expected")
    return pin


def _key(call: ServiceCall) -> Key:
    return call.data[ATTR_TYPE], call.data[ATTR_NUMBER]


def _changes(call: ServiceCall) -> MethodChanges:
    return MethodChanges(
        name=call.data.get(ATTR_NAME),
        duress=call.data.get(ATTR_DURESS),
        notify_app=call.data.get(ATTR_NOTIFY_APP),
    )
