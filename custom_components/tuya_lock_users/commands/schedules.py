"""Orders about when a user may enter."""

from datetime import timedelta
from typing import Final

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..api.errors import BadRequestError, TransportError, TuyaError
from ..api.models import User
from ..api.schedule.model import Delivery, Schedule, same_effect
from ..coordinator.lock import LockCoordinator
from ..domain.snapshot import LockSnapshot
from ..domain.suspension import can_resume, is_closed, is_on_its_way, writable
from ..errors import not_possible, order_failed
from .verify import (
    async_command,
    async_try_attempts,
    async_verify,
    check_followed,
    check_lists_schedules,
    current_user,
    outcome_of,
)

PERMANENT: Final = Schedule(permanent=True)

# Closing the door is a schedule of one hour that is over: long enough ago for a lock
# whose clock is slow, and no date that a lock's clock falls back to.
_CLOSED_SINCE: Final = timedelta(days=1)
_CLOSED_FOR: Final = timedelta(hours=1)


async def async_set_schedule(
    coordinator: LockCoordinator, user: User, schedule: Schedule, wait_seconds: float
) -> User:
    """Set when a user may enter; return the user as read back.

    Whatever a suspension kept is not to come back after that.
    """
    async with async_command(coordinator):
        check_lists_schedules(coordinator)
        zone = _time_zone_name(coordinator)
        await _async_send_schedule(coordinator, user, schedule, wait_seconds, zone)
        await _async_end_suspension(coordinator, user)
    return current_user(coordinator.data, user)


async def async_suspend(
    coordinator: LockCoordinator, user: User, wait_seconds: float
) -> User:
    """Close the door to a user, keeping the schedule from before.

    That is read now, for what was read last may have been changed since. It is stored
    before anything is sent: a restart in between must not lose it. Whose time is over
    already is kept out as it is, so there is nothing to send, unless the lock never
    took it. What was kept is dropped with the next reading if the door turns out to be
    open.
    """
    async with async_command(coordinator):
        check_lists_schedules(coordinator)
        user = current_user(await coordinator.async_read(), user)
        check_followed(coordinator)
        suspended = coordinator.memory.suspended
        now = dt_util.utcnow()
        kept = suspended.get(user.user_id)
        is_shut = is_closed(kept, user.schedule, now.timestamp(), is_told=True)
        if is_shut and kept is not None and not _has_failed(user):
            return user
        if not is_shut or kept is None:
            suspended[user.user_id] = user.schedule or PERMANENT
            await coordinator.runtime.store.async_save()
        if not is_shut or _has_failed(user):
            end = round((now - _CLOSED_SINCE).timestamp())
            start = end - round(_CLOSED_FOR.total_seconds())
            closed = Schedule(permanent=False, start=start, end=end)
            try:
                await _async_send_schedule(
                    coordinator, user, closed, wait_seconds, None
                )
            except (TuyaError, HomeAssistantError) as err:
                # Not every lock would show later that its door stayed open.
                if not is_shut and _is_without_effect(err):
                    await _async_end_suspension(coordinator, user)
                raise
        coordinator.async_update_access()
    return current_user(coordinator.data, user)


async def async_resume(
    coordinator: LockCoordinator, user: User, wait_seconds: float
) -> User:
    """Open the door again as it was before, or always where nobody knows how it was.

    What was kept stays until the lock has taken it: with a delivery that fails, this
    can be asked for once more.
    """
    async with async_command(coordinator):
        check_lists_schedules(coordinator)
        user = current_user(await coordinator.async_read(), user)
        check_followed(coordinator)
        kept = coordinator.memory.suspended.get(user.user_id)
        now = dt_util.utcnow().timestamp()
        if not can_resume(kept, user.schedule, now, is_told=True):
            raise not_possible("not_suspended", user=user.name or user.user_id)
        schedule = writable(kept or PERMANENT)
        is_there = same_effect(schedule, user.schedule)
        if not is_there or _has_failed(user):
            # As it was: hours that named no zone were the lock's, and stay so.
            await _async_send_schedule(coordinator, user, schedule, wait_seconds, None)
            mended = coordinator.memory.suspended.get(user.user_id, kept)
            if mended is not None and mended != kept:
                # What came back told that the windows that were kept had been misread.
                kept = mended
                await _async_send_schedule(
                    coordinator, user, writable(kept), wait_seconds, None
                )
        if not is_on_its_way(kept, current_user(coordinator.data, user).schedule):
            await _async_end_suspension(coordinator, user)
    return current_user(coordinator.data, user)


def _is_without_effect(err: TuyaError | HomeAssistantError) -> bool:
    """Return whether an order was refused, never went out, or changed nothing."""
    return isinstance(err, TuyaError) or err.translation_key == "order_dropped"


def _has_failed(user: User) -> bool:
    """Return whether the lock never took the schedule that the cloud shows."""
    return user.schedule is not None and user.schedule.delivery is Delivery.FAILED


async def _async_end_suspension(coordinator: LockCoordinator, user: User) -> None:
    """Forget what was kept for resuming."""
    if coordinator.memory.suspended.pop(user.user_id, None) is not None:
        await coordinator.runtime.store.async_save()
        coordinator.async_update_access()


async def _async_send_schedule(
    coordinator: LockCoordinator,
    user: User,
    schedule: Schedule,
    wait_seconds: float,
    zone: str | None,
) -> None:
    """Send a schedule in a body that the lock's cloud understands, and verify it.

    `zone` is that of windows which name none; None leaves them without.
    """

    def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
        current = current_user(snapshot, user).schedule
        if not same_effect(current, schedule):
            return None
        return outcome_of([current.delivery if current else None])

    async def verify(unanswered: TransportError | None) -> Delivery | None:
        return await async_verify(
            coordinator, outcome_in, unanswered=unanswered, wait_seconds=wait_seconds
        )

    attempts = coordinator.smart_lock.schedule_attempts(
        user.user_id, schedule, time_zone=zone
    )
    try:
        await async_try_attempts(attempts, verify)
    except BadRequestError as err:
        if len(schedule.windows) > 1:
            raise order_failed("one_window_only") from err
        raise


def _time_zone_name(coordinator: LockCoordinator) -> str:
    """Return the zone that windows are meant in: the lock's, else Home Assistant's."""
    return coordinator.data.time_zone_name or coordinator.hass.config.time_zone
