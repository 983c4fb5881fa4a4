"""Commands that change, freeze, and delete temporary passwords."""

from dataclasses import dataclass, replace
from typing import Final

from ..api.errors import (
    BadRequestError,
    RefusedError,
    UnexpectedReplyError,
    UnsupportedError,
)
from ..api.password_phases import ENDED, PasswordStatus
from ..api.password_records import PasswordOrder, TemporaryPassword
from ..api.pin import Pin
from ..api.schedule.model import Delivery, Schedule, Window
from ..api.write_forms import send_write
from ..coordinator.lock import LockCoordinator
from ..errors import command_failed, not_possible
from .password_list import (
    async_verify_list,
    check_end,
    check_failure,
    check_name,
    find_password,
    is_as_ordered,
    named_password,
    password_name,
)
from .turn import async_command

# Refusals of a PIN, and of a missing one (docs/tuya_api.md, Lock codes).
_PIN_CODES: Final = (2301, 2302)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanges:
    """Changes of a temporary password; None keeps a value."""

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
        """Return whether anything but freezing changes."""
        return replace(self, frozen=None) != PasswordChanges()

    def applied_to(self, password: TemporaryPassword) -> PasswordOrder:
        """Return the password with the changes. Its windows must be understood."""
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
            one_time=bool(
                password.one_time if self.one_time is None else self.one_time
            ),
            time_zone=self.time_zone or password.time_zone,
        )


async def async_update_password(
    coordinator: LockCoordinator,
    name_or_id: str,
    changes: PasswordChanges,
    wait_seconds: float,
) -> TemporaryPassword:
    """Change a temporary password, or freeze it; return it as read back."""
    async with async_command(coordinator):
        password = named_password(await coordinator.passwords.async_read(), name_or_id)
        password_id = password.password_id
        if password.status in ENDED:
            raise not_possible("password_ended", name=password_name(password))
        frozen = changes.frozen
        is_known = password.status is not PasswordStatus.UNKNOWN
        if is_known and frozen is (password.status is PasswordStatus.FROZEN):
            frozen = None
        is_modification = _is_modification(password, changes)
        if frozen is None and not is_modification:
            raise not_possible("password_unchanged", name=password_name(password))
        if is_modification:
            await _async_modify(coordinator, password, changes, wait_seconds)
        if frozen is not None:
            try:
                await _async_freeze(
                    coordinator,
                    password_id,
                    frozen=frozen,
                    wait_seconds=wait_seconds,
                )
            except Exception as err:
                if not is_modification:
                    raise
                raise command_failed(
                    "password_changed_only", name=password_name(password)
                ) from err
        return find_password(coordinator.passwords.current or (), password_id)


def _is_modification(password: TemporaryPassword, changes: PasswordChanges) -> bool:
    """Return whether anything but freezing changes; raise if that is not possible."""
    if not changes.is_modification:
        return False
    if changes.windows is None and not password.schedule.is_understood:
        raise not_possible("password_hours_unknown", name=password_name(password))
    order = changes.applied_to(password)
    if changes.pin is None and order == PasswordChanges().applied_to(password):
        return False
    start, end = order.schedule.start, order.schedule.end
    if start is not None and end is not None and end <= start:
        raise not_possible("end_before_start")
    check_end(order.schedule)
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
        check_name(passwords.current or (), order.name)

    def outcome() -> Delivery | None:
        shown = find_password(passwords.current or (), password_id)
        check_failure(shown)
        if shown.delivery is Delivery.FAILED:
            return Delivery.FAILED
        if shown.is_pending:
            return Delivery.ONGOING
        if shown.name == order.name and is_as_ordered(shown, order):
            return Delivery.SUCCESS
        # A lock that does not report delivery may still apply it.
        return Delivery.ONGOING if shown.delivery is None else None

    pin = changes.pin
    try:
        unanswered = await passwords.calls.modify(password_id, order, pin)
    except RefusedError as err:
        is_malformed = isinstance(err, BadRequestError)
        if pin is None:
            if is_malformed or err.code in _PIN_CODES:
                raise command_failed("password_needed") from err
        elif is_malformed and len(pin.digits) != passwords.calls.pin_digits:
            digits = str(passwords.calls.pin_digits)
            raise command_failed("password_length", digits=digits) from err
        raise
    finally:
        passwords.remember_dialects()
    if pin is not None and unanswered is not None:
        # No list shows which PIN a password has.
        await passwords.async_read()
        raise command_failed("order_unconfirmed") from unanswered
    await async_verify_list(
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
        shown = find_password(passwords.current or (), password_id)
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
    await async_verify_list(
        coordinator, outcome, unanswered=unanswered, wait_seconds=wait_seconds
    )


async def async_delete_password(
    coordinator: LockCoordinator, name_or_id: str
) -> tuple[str, PasswordStatus]:
    """Delete a password, or the record of one that ended; return its ID and status."""
    passwords = coordinator.passwords

    def find() -> TemporaryPassword | None:
        listed = passwords.current or ()
        found = next((p for p in listed if p.password_id == password_id), None)
        if found is None and not passwords.is_complete:
            raise UnexpectedReplyError("the list of passwords is cut short")
        return found

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
        password = named_password(await passwords.async_read(), name_or_id)
        password_id = password.password_id
        is_purge = password.status in ENDED
        send = passwords.calls.purge if is_purge else passwords.calls.delete
        try:
            unanswered = await send_write(send(password_id))
        except UnsupportedError:
            # Few locks can remove a record alone.
            if password.status is not PasswordStatus.FAILED:
                raise
            is_purge = False
            unanswered = await send_write(passwords.calls.delete(password_id))
        await async_verify_list(
            coordinator,
            outcome_of_purge if is_purge else outcome,
            unanswered=unanswered,
        )
        left = find()
    return password_id, PasswordStatus.DELETED if left is None else left.status
