"""Commands that enroll an unlock method, and name it afterwards."""

import asyncio
from contextlib import suppress
from typing import Final

from ..api.enrollment import NO_CANCEL
from ..api.errors import BadRequestError, TransportError, TuyaError
from ..api.models import User
from ..api.pin import Pin
from ..api.schedule.model import Delivery
from ..api.unlock_methods import UnlockMethod
from ..api.write_forms import send_write
from ..const import LOGGER
from ..coordinator.enrollment import EnrollmentStatus
from ..coordinator.lock import LockCoordinator
from ..errors import code_of, command_failed, not_possible
from .method_changes import MethodChanges, async_current_methods, async_send_update
from .turn import async_command
from .unlock_methods import Key, method_names, user_name
from .verify import check_answered

# How long an action waits for a new method by default.
ENROLL_WAIT_SECONDS: Final = 90

# How often the unlock methods are read while the lock waits: a password may be there
# immediately, a finger takes several touches. With messages, this is only a fallback.
FIRST_PAUSES: Final = (1.0, 2.0)
POLL_SECONDS: Final = 4.0
POLL_WITH_MESSAGES_SECONDS: Final = 15.0


async def async_enroll(
    coordinator: LockCoordinator,
    user: User,
    method_type: str,
    *,
    changes: MethodChanges,
    pin: Pin | None = None,
    wait_seconds: float = ENROLL_WAIT_SECONDS,
) -> tuple[UnlockMethod | None, EnrollmentStatus]:
    """Make the lock wait for a new method of a user; return it once it is enrolled.

    If `wait_seconds` pass before that, the status is "waiting". The enrollment continues
    in the background, and the method still gets its name and duress flag.
    """
    async with async_command(coordinator):
        before = frozenset(await async_current_methods(coordinator, user))
        enrollment = coordinator.enrollment
        try:
            with enrollment.begin(user.user_id, method_type):
                unanswered = await enrollment.calls.start(user, method_type, pin)
        except BadRequestError as err:
            name, code = user_name(user), code_of(err)
            if pin is None:
                raise command_failed(
                    "enrollment_refused", user=name, code=code
                ) from err
            # A wrong length, a wrong kind of user, and a lock that never accepts a
            # password from here are refused with the same code.
            digits = str(coordinator.passwords.calls.pin_digits)
            raise command_failed(
                "password_refused", user=name, code=code, digits=digits
            ) from err
        finally:
            coordinator.passwords.remember_dialects()
    task = coordinator.config_entry.async_create_background_task(
        coordinator.hass,
        _async_follow(coordinator, user, method_type, before, changes, unanswered),
        f"{coordinator.name} enrollment",
    )
    task.add_done_callback(_log_end)
    await asyncio.wait([task], timeout=wait_seconds)
    if not task.done():
        return None, EnrollmentStatus.WAITING
    if task.cancelled():  # the entry was unloaded
        raise command_failed("order_unconfirmed")
    return task.result()


def _log_end(
    task: asyncio.Task[tuple[UnlockMethod | None, EnrollmentStatus]],
) -> None:
    """Log the error of an enrollment, for which no action may be waiting any longer."""
    if not task.cancelled() and (err := task.exception()) is not None:
        LOGGER.debug("%s failed: %r", task.get_name(), err)


async def _async_follow(
    coordinator: LockCoordinator,
    user: User,
    method_type: str,
    before: frozenset[Key],
    changes: MethodChanges,
    unanswered: TransportError | None,
) -> tuple[UnlockMethod | None, EnrollmentStatus]:
    """Wait until the method is enrolled, then name it; raise if none is."""
    enrollment = coordinator.enrollment
    try:
        method, failure = await _async_wait_for_method(
            coordinator, user, method_type, before
        )
        if method is not None:
            enrollment.async_end(EnrollmentStatus.ENROLLED)
            named = await _async_name(coordinator, user, method, changes)
            return named, EnrollmentStatus.ENROLLED
        if not enrollment.is_active:
            return None, EnrollmentStatus.CANCELLED
        with suppress(TuyaError):  # also for a face, which no call cancels
            await enrollment.calls.cancel(method_type)
            enrollment.async_expect_cancellation()
    finally:
        enrollment.async_end(EnrollmentStatus.NOT_ENROLLED)
    if failure is not None:
        raise command_failed("order_unconfirmed") from failure
    raise command_failed("not_enrolled", user=user_name(user)) from unanswered


async def _async_wait_for_method(
    coordinator: LockCoordinator,
    user: User,
    method_type: str,
    before: frozenset[Key],
) -> tuple[UnlockMethod | None, TuyaError | None]:
    """Return the new method of the user, None if there is none.

    If the last update failed, its error is returned as well: there may be a method.
    """
    enrollment = coordinator.enrollment
    pauses = iter(FIRST_PAUSES)
    while True:
        await enrollment.async_wait_for_report(
            POLL_WITH_MESSAGES_SECONDS
            if enrollment.has_progress
            else next(pauses, POLL_SECONDS)
        )
        if not enrollment.is_active:
            return None, None
        methods: dict[Key, UnlockMethod] = {}
        failure: TuyaError | None = None
        try:
            methods = await async_current_methods(coordinator, user)
        except TuyaError as err:
            LOGGER.debug("No unlock methods of %s: %r", coordinator.name, err)
            failure = err
        for key, method in methods.items():
            is_new = key[0] == method_type and key not in before
            if is_new and method.progress is not Delivery.FAILED:
                return method, None
        if not enrollment.seconds_left:
            return None, failure


async def _async_name(
    coordinator: LockCoordinator,
    user: User,
    method: UnlockMethod,
    changes: MethodChanges,
) -> UnlockMethod:
    """Set the name and the duress flag of a method that was just enrolled."""
    wanted = changes.applied_to(method)
    if wanted == method:
        return method
    try:
        async with async_command(coordinator):
            return await async_send_update(coordinator, user, wanted)
    except Exception as err:
        raise command_failed(
            "enrolled_unnamed",
            method=method_names(coordinator, [method.key]),
            user=user_name(user),
        ) from err


async def async_cancel_enrollment(
    coordinator: LockCoordinator, method_type: str
) -> None:
    """Make the lock stop waiting for a method."""
    if method_type == NO_CANCEL:
        raise not_possible("face_cannot_be_canceled")
    enrollment = coordinator.enrollment
    async with async_command(coordinator, while_enrolling=True):
        check_answered(await send_write(enrollment.calls.cancel(method_type)))
        if enrollment.latest is not None and enrollment.latest.type == method_type:
            enrollment.async_expect_cancellation()
            enrollment.async_end(EnrollmentStatus.CANCELLED)
