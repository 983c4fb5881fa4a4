"""Commands that change when a user has access."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import partial

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..api.errors import BadRequestError, TuyaError
from ..api.models import User
from ..api.schedule.model import Access, Delivery, Schedule, same_effect
from ..coordinator.lock import LockCoordinator
from ..domain.suspension import (
    CAN_RESUME,
    PERMANENT,
    SAVES_FIRST,
    SUSPEND_SENDS,
    Suspension,
    closed_schedule,
    save_schedule,
    suspension_of,
    with_bounds,
)
from ..errors import command_failed, not_possible
from .turn import async_command, check_followed
from .verify import (
    async_read_schedule,
    async_try_attempts,
    check_lists_schedules,
    current_user,
    schedule_outcome,
)


async def async_set_schedule(
    coordinator: LockCoordinator, user: User, schedule: Schedule, wait_seconds: float
) -> User:
    """Set the schedule of a user; return the user as read back.

    This discards a schedule saved for resuming.
    """
    async with async_command(coordinator):
        return await async_send_schedule(coordinator, user, schedule, wait_seconds)


async def async_send_schedule(
    coordinator: LockCoordinator, user: User, schedule: Schedule, wait_seconds: float
) -> User:
    """Set the schedule of a user, as a step of a command."""
    check_lists_schedules(coordinator)
    zone = coordinator.data.time_zone_name or coordinator.hass.config.time_zone
    with _window_refusals(schedule):
        user = await _async_send(coordinator, user, schedule, wait_seconds, zone)
    await _async_end_suspension(coordinator, user)
    return user


async def async_suspend(
    coordinator: LockCoordinator, user: User, wait_seconds: float
) -> User:
    """Remove the access of a user, and save the current schedule.

    The schedule is updated first, since it may have changed. It is saved before anything
    is sent, so that a restart in between does not lose it. If it has ended already, there
    is nothing to send, unless the lock never applied it. The next update discards the
    saved schedule if access was not removed.
    """
    async with async_command(coordinator):
        return await async_send_suspension(coordinator, user, wait_seconds)


async def async_send_suspension(
    coordinator: LockCoordinator, user: User, wait_seconds: float
) -> User:
    """Suspend a user, as a step of a command."""
    check_lists_schedules(coordinator)
    user = await _async_read_user(coordinator, user)
    check_followed(coordinator)
    now = dt_util.utcnow()
    state = _suspension(coordinator, user)
    suspended = coordinator.memory.suspended
    if state in SAVES_FIRST or user.user_id not in suspended:
        has_access = coordinator.access.get(user.user_id) is Access.ALLOWED
        suspended[user.user_id] = save_schedule(user.schedule, has_access=has_access)
        await coordinator.runtime.store.async_save()
    if state in SUSPEND_SENDS:
        closed = closed_schedule(now)
        try:
            user = await _async_send(coordinator, user, closed, wait_seconds, None)
        except (TuyaError, HomeAssistantError) as err:
            if state is not Suspension.CLOSING and _is_without_effect(err):
                await _async_end_suspension(coordinator, user)
            raise
    coordinator.async_update_access()
    return user


async def async_resume(
    coordinator: LockCoordinator, user: User, wait_seconds: float
) -> User:
    """Restore the saved schedule of a user, or permanent access without one.

    It stays saved until the lock has applied it, so that this can be repeated after a
    failed delivery.
    """
    async with async_command(coordinator):
        check_lists_schedules(coordinator)
        user = await _async_read_user(coordinator, user)
        check_followed(coordinator)
        if _suspension(coordinator, user) not in CAN_RESUME:
            raise not_possible("not_suspended", user=user.name or user.user_id)
        if _is_unknown(coordinator, user):
            name = user.name or user.user_id
            raise not_possible("schedule_not_understood", user=name)
        schedule = _saved_schedule(coordinator, user) or PERMANENT
        if _has_failed(user) or not same_effect(schedule, user.schedule):
            user = await _async_restore(coordinator, user, schedule, wait_seconds)
        if _suspension(coordinator, user) is not Suspension.RESTORING:
            await _async_end_suspension(coordinator, user)
    return user


async def _async_restore(
    coordinator: LockCoordinator, user: User, schedule: Schedule, wait_seconds: float
) -> User:
    """Send a saved schedule; windows without a zone stay without one.

    The read-back can show that its windows were misread when they were saved: a lock that
    returns days in reverse order then has them reversed.
    """
    with _window_refusals(schedule):
        user = await _async_send_saved(coordinator, user, schedule, wait_seconds)
        reread = _saved_schedule(coordinator, user)
        if reread is not None and not same_effect(reread, schedule):
            user = await _async_send_saved(coordinator, user, reread, wait_seconds)
    return user


async def _async_send_saved(
    coordinator: LockCoordinator, user: User, schedule: Schedule, wait_seconds: float
) -> User:
    """Send a saved schedule, with explicit bounds if the lock requires them."""
    try:
        return await _async_send(coordinator, user, schedule, wait_seconds, None)
    except BadRequestError:
        if (bounded := with_bounds(schedule)) is schedule:
            raise
    return await _async_send(coordinator, user, bounded, wait_seconds, None)


def _saved_schedule(coordinator: LockCoordinator, user: User) -> Schedule | None:
    """Return the saved schedule in the current dialect."""
    if (saved := coordinator.memory.suspended.get(user.user_id)) is None:
        return None
    return saved.schedule(coordinator.smart_lock.read_schedule)


def _is_unknown(coordinator: LockCoordinator, user: User) -> bool:
    """Return whether the schedule to restore is unknown."""
    if (saved := coordinator.memory.suspended.get(user.user_id)) is not None:
        return saved.is_hidden
    return user.schedule is not None and not user.schedule.is_understood


def _suspension(coordinator: LockCoordinator, user: User) -> Suspension:
    saved = _saved_schedule(coordinator, user)
    return suspension_of(saved, user, dt_util.utcnow().timestamp())


def _is_without_effect(err: TuyaError | HomeAssistantError) -> bool:
    """Return whether a command was refused, not sent, or without effect."""
    return isinstance(err, TuyaError) or err.translation_key == "order_dropped"


def _has_failed(user: User) -> bool:
    """Return whether the lock failed to apply the schedule of the cloud."""
    return user.schedule is not None and user.schedule.delivery is Delivery.FAILED


async def _async_end_suspension(coordinator: LockCoordinator, user: User) -> None:
    """Discard the schedule saved for resuming."""
    if coordinator.memory.suspended.pop(user.user_id, None) is not None:
        await coordinator.runtime.store.async_save()
        coordinator.async_update_access()


async def _async_read_user(coordinator: LockCoordinator, user: User) -> User:
    """Return the current user."""
    return current_user(await async_read_schedule(coordinator, user), user)


async def _async_send(
    coordinator: LockCoordinator,
    user: User,
    schedule: Schedule,
    wait_seconds: float,
    zone: str | None,
) -> User:
    """Send a schedule, and verify it; return the user as read back.

    `zone` is for windows without one; None leaves them without.
    """
    snapshot = await async_try_attempts(
        coordinator,
        coordinator.smart_lock.writes.schedule_attempts(
            user.user_id, schedule, time_zone=zone
        ),
        schedule_outcome(user, schedule),
        read=partial(async_read_schedule, coordinator, user),
        wait_seconds=wait_seconds,
    )
    return current_user(snapshot, user)


@contextmanager
def _window_refusals(schedule: Schedule) -> Generator[None]:
    """Replace the refusal of several windows: many locks support only one."""
    try:
        yield
    except BadRequestError as err:
        if len(schedule.windows or ()) > 1:
            raise command_failed("one_window_only") from err
        raise
