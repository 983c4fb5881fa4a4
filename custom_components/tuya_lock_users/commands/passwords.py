"""Commands that read and add temporary, dynamic, and offline passwords.

A PIN is returned to the caller and is in no message, log, or state.
"""

from collections.abc import Callable, Collection
import secrets

from homeassistant.util import dt as dt_util

from ..api.errors import BadRequestError, TuyaError
from ..api.generated_passwords import DYNAMIC_SECONDS, HOUR_SECONDS
from ..api.password_phases import PasswordStatus
from ..api.password_records import (
    NewPassword,
    OfflineKind,
    OfflinePassword,
    PasswordOrder,
    TemporaryPassword,
)
from ..api.pin import Pin, made_up_pin
from ..api.schedule.model import Delivery
from ..coordinator.lock import LockCoordinator
from ..errors import command_failed, not_possible
from .password_list import (
    async_verify_list,
    check_end,
    check_failure,
    check_name,
    is_as_ordered,
)
from .turn import async_command


async def async_read_passwords(
    coordinator: LockCoordinator,
) -> tuple[TemporaryPassword, ...]:
    """Return the temporary passwords of a lock."""
    with coordinator.action_errors():
        return await coordinator.passwords.async_read()


async def async_add_password(
    coordinator: LockCoordinator,
    order: PasswordOrder,
    pin: Pin | None,
    wait_seconds: float,
) -> tuple[TemporaryPassword, Pin]:
    """Add a temporary password; return it as read back, and its PIN."""
    passwords = coordinator.passwords
    check_end(order.schedule)
    async with async_command(coordinator):
        before = await passwords.async_read()
        check_name(before, order.name)
        new = await _async_send_new(coordinator, order, pin, before)
        known = {password.password_id for password in before}

        def outcome() -> Delivery | None:
            if (
                password := _new_password(passwords.current, new, order, known)
            ) is None:
                return None
            check_failure(password)
            if password.status is PasswordStatus.FAILED:
                return Delivery.FAILED
            return Delivery.ONGOING if password.is_pending else Delivery.SUCCESS

        await async_verify_list(
            coordinator, outcome, unanswered=new.unanswered, wait_seconds=wait_seconds
        )
        password = _new_password(passwords.current, new, order, known)
        if password is None:
            raise command_failed("order_dropped")
        if not is_as_ordered(password, order):
            await _async_take_back(coordinator, password)
            if order.one_time and password.one_time is False:
                raise command_failed("order_dropped")
            raise command_failed("password_hours_lost")
        return password, new.pin


async def _async_send_new(
    coordinator: LockCoordinator,
    order: PasswordOrder,
    pin: Pin | None,
    before: tuple[TemporaryPassword, ...],
) -> NewPassword:
    """Send a new password; name the length of a PIN that the lock does not accept."""
    calls = coordinator.passwords.calls
    try:
        return await calls.add(order, _maker(pin, before))
    except BadRequestError as err:
        if pin is not None and len(pin.digits) != calls.pin_digits:
            digits = str(calls.pin_digits)
            raise command_failed("password_length", digits=digits) from err
        raise
    finally:
        coordinator.passwords.remember_dialects()


def _maker(
    pin: Pin | None, passwords: tuple[TemporaryPassword, ...]
) -> Callable[[int], Pin]:
    """Return a function that makes a PIN of a length: the entered one, or a random one."""
    if pin is not None:
        return lambda _: pin
    numbers = [p.number for p in passwords if p.number is not None]
    return lambda length: made_up_pin(length, secrets.randbelow, numbers)


def _new_password(
    passwords: tuple[TemporaryPassword, ...] | None,
    new: NewPassword,
    order: PasswordOrder,
    known: Collection[str],
) -> TemporaryPassword | None:
    """Return the new password of a list: by its ID, or by its name if it has none."""
    for password in passwords or ():
        if new.password_id is not None:
            if password.password_id == new.password_id:
                return password
        elif password.password_id not in known and password.name == order.name:
            return password
    return None


async def _async_take_back(
    coordinator: LockCoordinator, password: TemporaryPassword
) -> None:
    """Delete a password that opens the door at other times or more often than ordered."""
    try:
        await coordinator.passwords.calls.delete(password.password_id)
        await coordinator.passwords.async_read()
    except TuyaError as err:
        name = password.name or password.password_id
        raise command_failed("password_hours_wrong", name=name) from err


# Passwords that a lock verifies by itself


async def async_get_dynamic(coordinator: LockCoordinator) -> tuple[Pin, float]:
    """Return the dynamic password, and the time until which it works at least."""
    with coordinator.action_errors():
        try:
            pin = await coordinator.passwords.generated.dynamic()
        finally:
            coordinator.passwords.remember_dialects()
    return pin, dt_util.utcnow().timestamp() + DYNAMIC_SECONDS


async def async_add_offline(
    coordinator: LockCoordinator,
    name: str,
    kind: OfflineKind,
    *,
    start: int | None,
    end: int | None,
    password_id: str | None,
) -> OfflinePassword:
    """Return a new offline password. Limits apply to the kind `multiple` only."""
    if kind is OfflineKind.CLEAR_ONE and password_id is None:
        raise not_possible("password_id_required")
    if kind is OfflineKind.MULTIPLE and start is not None and end is not None:
        if end // HOUR_SECONDS <= start // HOUR_SECONDS:
            raise not_possible("offline_too_short")
        if end <= dt_util.utcnow().timestamp():
            raise not_possible("end_in_past")
    async with async_command(coordinator):
        try:
            return await coordinator.passwords.generated.add_offline(
                name,
                kind,
                start=start if kind is OfflineKind.MULTIPLE else None,
                end=end if kind is OfflineKind.MULTIPLE else None,
                password_id=password_id if kind is OfflineKind.CLEAR_ONE else None,
            )
        finally:
            coordinator.passwords.remember_dialects()
