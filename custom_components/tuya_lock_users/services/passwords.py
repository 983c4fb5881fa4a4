"""Handlers of the actions about temporary, dynamic, and offline passwords.

A PIN is in the response alone.
"""

from typing import Final

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.util import dt as dt_util

from ..api.password_phases import ENDED, PasswordStatus
from ..api.password_records import OfflineKind, PasswordOrder, TemporaryPassword
from ..api.schedule.model import Schedule
from ..commands.password_changes import (
    PasswordChanges,
    async_delete_password,
    async_update_password,
)
from ..commands.passwords import (
    async_add_offline,
    async_add_password,
    async_get_dynamic,
    async_read_passwords,
)
from ..commands.verify import WAIT_SECONDS
from ..domain.serialize import serialize_moment, serialize_password
from ..errors import not_possible
from .enrollment import checked_pin
from .schedules import async_get_password_limits
from .schemas import (
    ATTR_FROZEN,
    ATTR_KIND,
    ATTR_NAME,
    ATTR_ONE_TIME,
    ATTR_PASSWORD,
    ATTR_PASSWORD_ID,
    ATTR_TIME_ZONE,
    ATTR_VALID,
    ATTR_WAIT,
)
from .targets import async_get_lock

# How long a password works if no end is specified.
YEAR_SECONDS: Final = 365 * 24 * 3600


async def async_handle_get_passwords(call: ServiceCall) -> ServiceResponse:
    """Fetch and return the temporary passwords of a lock."""
    lock = await async_get_lock(call)
    passwords = await async_read_passwords(lock)
    if call.data.get(ATTR_VALID):
        passwords = tuple(password for password in passwords if _is_valid(password))
    return {
        "passwords": [
            serialize_password(password, lock.data.zones) for password in passwords
        ]
    }


def _is_valid(password: TemporaryPassword) -> bool:
    """Return whether a password may open the door, now or later."""
    now = dt_util.utcnow().timestamp()
    is_leaving = password.status in (*ENDED, PasswordStatus.DELETING)
    return not is_leaving and not password.has_ended(now)


async def async_handle_add_password(call: ServiceCall) -> ServiceResponse:
    """Add a temporary password, with a PIN made up here unless one is specified."""
    lock = await async_get_lock(call)
    pin = checked_pin(call.data.get(ATTR_PASSWORD))
    if pin is None:
        _check_response(call)
    start, end, windows, zone = await async_get_password_limits(call.data, lock)
    start = start or int(dt_util.utcnow().timestamp())
    end = end or start + YEAR_SECONDS
    if end <= start:
        raise not_possible("password_end_before_start")
    order = PasswordOrder(
        name=call.data[ATTR_NAME],
        schedule=Schedule(permanent=False, start=start, end=end, windows=windows or ()),
        one_time=call.data.get(ATTR_ONE_TIME, False),
        time_zone=zone,
    )
    password, pin = await async_add_password(
        lock, order, pin, call.data.get(ATTR_WAIT, WAIT_SECONDS)
    )
    return {
        "password_id": password.password_id,
        "password": pin.digits,
        "number": password.number,
        "status": password.status,
    }


async def async_handle_update_password(call: ServiceCall) -> ServiceResponse:
    """Change a temporary password, or freeze it."""
    lock = await async_get_lock(call)
    start, end, windows, zone = await async_get_password_limits(call.data, lock)
    names_zone = ATTR_TIME_ZONE in call.data or bool(windows)
    changes = PasswordChanges(
        name=call.data.get(ATTR_NAME),
        pin=checked_pin(call.data.get(ATTR_PASSWORD)),
        start=start,
        end=end,
        windows=windows,
        one_time=call.data.get(ATTR_ONE_TIME),
        time_zone=zone if names_zone else None,
        frozen=call.data.get(ATTR_FROZEN),
    )
    if changes == PasswordChanges():
        raise not_possible("nothing_to_change")
    password = await async_update_password(
        lock,
        call.data[ATTR_PASSWORD_ID],
        changes,
        call.data.get(ATTR_WAIT, WAIT_SECONDS),
    )
    return {"password": serialize_password(password, lock.data.zones)}


async def async_handle_delete_password(call: ServiceCall) -> ServiceResponse:
    """Delete a temporary password."""
    lock = await async_get_lock(call)
    password_id, status = await async_delete_password(lock, call.data[ATTR_PASSWORD_ID])
    return {"password_id": password_id, "status": status}


async def async_handle_get_dynamic_password(call: ServiceCall) -> ServiceResponse:
    """Return a password that works for a few minutes."""
    lock = await async_get_lock(call)
    pin, until = await async_get_dynamic(lock)
    return {
        "password": pin.digits,
        "valid_until": serialize_moment(int(until), lock.data.zones),
    }


async def async_handle_add_offline_password(call: ServiceCall) -> ServiceResponse:
    """Return a password that the lock verifies without a connection."""
    lock = await async_get_lock(call)
    _check_response(call)
    kind: OfflineKind = call.data[ATTR_KIND]
    start, end, _, _ = await async_get_password_limits(call.data, lock)
    start = start or int(dt_util.utcnow().timestamp())
    password = await async_add_offline(
        lock,
        call.data[ATTR_NAME],
        kind,
        start=start,
        end=end or start + YEAR_SECONDS,
        password_id=call.data.get(ATTR_PASSWORD_ID),
    )
    return {
        "password_id": password.password_id,
        "password": password.pin.digits,
        "start": serialize_moment(password.start, lock.data.zones),
        "end": serialize_moment(password.end, lock.data.zones),
    }


def _check_response(call: ServiceCall) -> None:
    """Raise where the PIN would be lost: it is in the response alone."""
    if not call.return_response:
        raise not_possible("response_required")
