"""Commands about temporary, dynamic, and offline passwords.

A PIN is returned to the caller and is in no message, log, or state.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
import secrets
from typing import Final

from homeassistant.util import dt as dt_util

from ..api.errors import BadRequestError, TransportError, TuyaError
from ..api.password_records import (
    ENDED,
    NewPassword,
    OfflineKind,
    OfflinePassword,
    PasswordFailure,
    PasswordOrder,
    PasswordStatus,
    TemporaryPassword,
)
from ..api.passwords import DYNAMIC_SECONDS, HOUR_SECONDS
from ..api.pin import Pin
from ..api.schedule.model import Delivery, Schedule, Window, same_effect
from ..api.write_forms import send_write
from ..coordinator.lock import LockCoordinator
from ..domain.pins import made_up_pin
from ..domain.snapshot import LockSnapshot
from ..errors import command_failed, not_possible
from .verify import WAIT_SECONDS, async_command, async_verify

# The longest name that Tuya's apps accept.
LONGEST_NAME: Final = 20
# The cloud may round the limits of a password to the minute.
_ROUNDING_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanges:
    """What is to change of a temporary password; None stays as it is."""

    name: str | None = None
    pin: Pin | None = None
    start: int | None = None
    end: int | None = None
    windows: tuple[Window, ...] | None = None
    one_time: bool | None = None
    time_zone: str | None = None
    frozen: bool | None = None

    @property
    def is_modification(self) -> bool:
        """Return whether anything but freezing is to change."""
        return replace(self, frozen=None) != PasswordChanges()

    def applied_to(self, password: TemporaryPassword) -> PasswordOrder:
        """Return what the password is to be. Its windows must be understood."""
        schedule = password.schedule
        windows = schedule.windows if self.windows is None else self.windows
        return PasswordOrder(
            name=self.name or password.name or "",
            schedule=Schedule(
                permanent=False,
                start=schedule.start if self.start is None else self.start,
                end=schedule.end if self.end is None else self.end,
                windows=windows,
            ),
            one_time=password.one_time if self.one_time is None else self.one_time,
            time_zone=self.time_zone or password.time_zone,
        )


# Reading


async def async_read_passwords(
    coordinator: LockCoordinator,
) -> tuple[TemporaryPassword, ...]:
    """Return the temporary passwords of a lock."""
    with coordinator.action_errors():
        return await coordinator.passwords.async_read()


async def async_get_dynamic(coordinator: LockCoordinator) -> tuple[Pin, float]:
    """Return the dynamic password, and until when it works at least."""
    with coordinator.action_errors():
        try:
            pin = await coordinator.passwords.calls.dynamic()
        finally:
            coordinator.passwords.remember_dialects()
    return pin, dt_util.utcnow().timestamp() + DYNAMIC_SECONDS


# Adding


async def async_add_password(
    coordinator: LockCoordinator,
    order: PasswordOrder,
    pin: Pin | None,
    wait_seconds: float,
) -> tuple[TemporaryPassword, Pin]:
    """Add a temporary password; return it as read back, and its PIN."""
    passwords = coordinator.passwords
    _check_end(order.schedule)
    async with async_command(coordinator):
        before = await passwords.async_read()
        _check_name(before, order.name)
        new = await _async_send_new(coordinator, order, pin, before)
        known = {password.password_id for password in before}

        def outcome() -> Delivery | None:
            if (
                password := _new_password(passwords.current, new, order, known)
            ) is None:
                return None
            _check_failure(password)
            if password.status is PasswordStatus.FAILED:
                return Delivery.FAILED
            return Delivery.ONGOING if password.is_pending else Delivery.SUCCESS

        await _async_verify(
            coordinator, outcome, unanswered=new.unanswered, wait_seconds=wait_seconds
        )
        password = _new_password(passwords.current, new, order, known)
        if password is None:
            raise command_failed("order_dropped")
        if not _is_as_ordered(password, order):
            await _async_take_back(coordinator, password)
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
    """Return what makes a PIN of a length: the one that was entered, or a random one."""
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
    """Delete a password that opens the door at other times than ordered, and raise."""
    try:
        await coordinator.passwords.calls.delete(password.password_id)
        await coordinator.passwords.async_read()
    except TuyaError as err:
        name = password.name or password.password_id
        raise command_failed("password_hours_wrong", name=name) from err
    raise command_failed("password_hours_lost")


# Changing and deleting


async def async_update_password(
    coordinator: LockCoordinator,
    password_id: str,
    changes: PasswordChanges,
    wait_seconds: float,
) -> TemporaryPassword:
    """Change a temporary password, or freeze it; return it as read back."""
    async with async_command(coordinator):
        password = _find(await coordinator.passwords.async_read(), password_id)
        if password.status in ENDED:
            raise not_possible("password_ended", name=_name(password))
        is_frozen = password.status is PasswordStatus.FROZEN
        is_freezing = changes.frozen is not None and changes.frozen is not is_frozen
        is_modification = _is_modification(password, changes)
        if not is_freezing and not is_modification:
            raise not_possible("password_unchanged", name=_name(password))
        if is_modification:
            await _async_modify(coordinator, password, changes, wait_seconds)
        if is_freezing:
            await _async_freeze(
                coordinator,
                password_id,
                frozen=not is_frozen,
                wait_seconds=wait_seconds,
            )
        return _find(coordinator.passwords.current or (), password_id)


def _is_modification(password: TemporaryPassword, changes: PasswordChanges) -> bool:
    """Return whether anything but freezing is to change; raise if it is not possible."""
    if not changes.is_modification:
        return False
    if changes.windows is None and not password.schedule.is_understood:
        raise not_possible("password_hours_unknown", name=_name(password))
    order = changes.applied_to(password)
    if changes.pin is None and order == PasswordChanges().applied_to(password):
        return False
    start, end = order.schedule.start, order.schedule.end
    if start is not None and end is not None and end <= start:
        raise not_possible("end_before_start")
    _check_end(order.schedule)
    return True


async def _async_modify(
    coordinator: LockCoordinator,
    password: TemporaryPassword,
    changes: PasswordChanges,
    wait_seconds: float,
) -> None:
    passwords, password_id = coordinator.passwords, password.password_id
    order = changes.applied_to(password)
    if order.name != password.name:
        _check_name(passwords.current or (), order.name)

    def outcome() -> Delivery | None:
        shown = _find(passwords.current or (), password_id)
        _check_failure(shown)
        if shown.delivery is Delivery.FAILED:
            return Delivery.FAILED
        if shown.is_pending:
            return Delivery.ONGOING
        if shown.name == order.name and _is_as_ordered(shown, order):
            return Delivery.SUCCESS
        # A lock that does not report delivery may still apply it.
        return Delivery.ONGOING if shown.delivery is None else None

    pin = changes.pin
    try:
        unanswered = await passwords.calls.modify(password_id, order, pin)
    except BadRequestError as err:
        if pin is None:
            raise command_failed("password_needed") from err
        if len(pin.digits) != passwords.calls.pin_digits:
            digits = str(passwords.calls.pin_digits)
            raise command_failed("password_length", digits=digits) from err
        raise
    finally:
        passwords.remember_dialects()
    if pin is not None and unanswered is not None:
        # No list shows which PIN a password has.
        await passwords.async_read()
        raise command_failed("order_unconfirmed") from unanswered
    await _async_verify(
        coordinator, outcome, unanswered=unanswered, wait_seconds=wait_seconds
    )


async def _async_freeze(
    coordinator: LockCoordinator,
    password_id: str,
    *,
    frozen: bool,
    wait_seconds: float,
) -> None:
    passwords = coordinator.passwords
    wanted = PasswordStatus.FROZEN if frozen else PasswordStatus.ACTIVE

    def outcome() -> Delivery | None:
        shown = _find(passwords.current or (), password_id)
        if shown.delivery is Delivery.FAILED:
            return Delivery.FAILED
        if shown.status is wanted and shown.delivery is not Delivery.ONGOING:
            return Delivery.SUCCESS
        return None if shown.delivery is Delivery.SUCCESS else Delivery.ONGOING

    try:
        unanswered = await send_write(
            passwords.calls.freeze(password_id, frozen=frozen)
        )
    finally:
        passwords.remember_dialects()
    await _async_verify(
        coordinator, outcome, unanswered=unanswered, wait_seconds=wait_seconds
    )


async def async_delete_password(
    coordinator: LockCoordinator, password_id: str
) -> PasswordStatus:
    """Delete a password, or the record of one that ended; return its status then."""
    passwords = coordinator.passwords

    def find() -> TemporaryPassword | None:
        listed = passwords.current or ()
        return next((p for p in listed if p.password_id == password_id), None)

    def outcome() -> Delivery | None:
        shown = find()
        if shown is None or shown.status is PasswordStatus.DELETED:
            return Delivery.SUCCESS
        if shown.status is PasswordStatus.DELETING:
            return Delivery.ONGOING
        if shown.delivery is Delivery.FAILED:
            return Delivery.FAILED
        return None if shown.delivery is Delivery.SUCCESS else Delivery.ONGOING

    def outcome_of_purge() -> Delivery | None:
        return Delivery.SUCCESS if find() is None else None

    async with async_command(coordinator):
        password = _find(await passwords.async_read(), password_id)
        has_ended = password.status in ENDED
        send = passwords.calls.purge if has_ended else passwords.calls.delete
        await _async_verify(
            coordinator,
            outcome_of_purge if has_ended else outcome,
            unanswered=await send_write(send(password_id)),
        )
        left = find()
        return PasswordStatus.DELETED if left is None else left.status


# Passwords that the lock verifies by itself


async def async_add_offline(
    coordinator: LockCoordinator,
    name: str,
    kind: OfflineKind,
    *,
    start: int | None,
    end: int | None,
    password_id: str | None,
) -> OfflinePassword:
    """Return a new offline password. Limits count for the kind `multiple` only."""
    if kind is OfflineKind.CLEAR_ONE and password_id is None:
        raise not_possible("password_id_required")
    if kind is OfflineKind.MULTIPLE and start is not None and end is not None:
        if end // HOUR_SECONDS <= start // HOUR_SECONDS:
            raise not_possible("offline_too_short")
        if end <= dt_util.utcnow().timestamp():
            raise not_possible("end_in_past")
    async with async_command(coordinator):
        try:
            return await coordinator.passwords.calls.add_offline(
                name,
                kind,
                start=start if kind is OfflineKind.MULTIPLE else None,
                end=end if kind is OfflineKind.MULTIPLE else None,
                password_id=password_id if kind is OfflineKind.CLEAR_ONE else None,
            )
        finally:
            coordinator.passwords.remember_dialects()


# Shared


async def _async_verify(
    coordinator: LockCoordinator,
    outcome: Callable[[], Delivery | None],
    *,
    unanswered: TransportError | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> None:
    """Read the list until it shows the outcome of a command; raise if it has none."""

    async def read() -> LockSnapshot:
        await coordinator.passwords.async_read()
        return coordinator.data

    result = await async_verify(
        coordinator,
        lambda _: outcome(),
        unanswered=unanswered,
        read=read,
        wait_seconds=wait_seconds,
    )
    if result is None:
        raise command_failed("order_dropped")


def _find(
    passwords: tuple[TemporaryPassword, ...], password_id: str
) -> TemporaryPassword:
    for password in passwords:
        if password.password_id == password_id:
            return password
    raise not_possible("password_not_found", password_id=password_id)


def _name(password: TemporaryPassword) -> str:
    return password.name or password.password_id


def _check_name(passwords: tuple[TemporaryPassword, ...], name: str) -> None:
    """Raise for a name that a password in force already has, or that is too long."""
    if len(name) > LONGEST_NAME:
        raise not_possible("password_name_too_long", limit=str(LONGEST_NAME))
    if any(p.name == name for p in passwords if p.status not in ENDED):
        raise not_possible("password_name_taken")


def _check_end(schedule: Schedule) -> None:
    if schedule.end is not None and schedule.end <= dt_util.utcnow().timestamp():
        raise not_possible("end_in_past")


def _check_failure(password: TemporaryPassword) -> None:
    """Raise the reason that the lock gave for a failed change."""
    match password.failure:
        case PasswordFailure.TAKEN:
            raise command_failed("password_taken")
        case PasswordFailure.FULL:
            raise command_failed("password_limit")


def _is_as_ordered(password: TemporaryPassword, order: PasswordOrder) -> bool:
    """Return whether a password opens the door at the times that were ordered.

    A window is in the zone that was sent, whatever the cloud calls it.
    """
    shown, wanted = password.schedule, order.schedule
    return (
        _is_near(shown.start, wanted.start)
        and _is_near(shown.end, wanted.end)
        and same_effect(_hours_of(shown), _hours_of(wanted))
    )


def _is_near(shown: int | None, wanted: int | None) -> bool:
    if shown is None or wanted is None:
        return shown is wanted
    return abs(shown - wanted) < _ROUNDING_SECONDS


def _hours_of(schedule: Schedule) -> Schedule:
    """Return only the window of a schedule, without its zone."""
    windows = schedule.windows
    if windows is not None:
        windows = tuple(replace(one, time_zone=None) for one in windows)
    return replace(schedule, start=None, end=None, windows=windows)
