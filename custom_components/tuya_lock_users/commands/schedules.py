"""Orders about when a user may enter."""

from datetime import timedelta
from operator import attrgetter
from typing import Any, Final

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..api.errors import LASTING_REFUSALS, BadRequestError, TuyaError
from ..api.models import User
from ..api.schedule.model import Delivery, Schedule, same_effect
from ..api.schedule.wire import ScheduleBody, encode_schedule
from ..coordinator.lock import LockCoordinator
from ..domain.snapshot import LockSnapshot
from ..domain.suspension import can_resume, is_closed, is_on_its_way, writable
from ..errors import not_possible, order_failed
from .verify import check_followed, order, outcome_of, prove_of_user, send, shown_in

PERMANENT: Final = Schedule(permanent=True)

# Closing the door is a schedule of one hour that is over: long enough ago for a lock
# whose clock is slow, and no date that a lock's clock falls back to.
_CLOSED_SINCE: Final = timedelta(days=1)
_CLOSED_FOR: Final = timedelta(hours=1)


async def async_set_schedule(
    lock: LockCoordinator, user: User, schedule: Schedule, wait_seconds: float
) -> User:
    """Set when a user may enter; return the user as read back.

    Whatever a suspension kept is not to come back after that.
    """
    async with order(lock):
        zone = _time_zone_name(lock)
        await _async_send_schedule(lock, user, schedule, wait_seconds, zone)
        await _async_end_suspension(lock, user)
    return shown_in(lock.data, user)


async def async_suspend(lock: LockCoordinator, user: User, wait_seconds: float) -> User:
    """Close the door to a user, keeping the schedule from before.

    That is read now, for what was read last may have been changed since. It is stored
    before anything is sent: a restart in between must not lose it. Whose time is over
    already is kept out as it is, so there is nothing to send, unless the lock never
    took it. What was kept is dropped with the next reading if the door turns out to be
    open.
    """
    async with order(lock):
        user = shown_in(await lock.async_read(), user)
        check_followed(lock)
        suspended = lock.memory.suspended
        now, is_told = dt_util.utcnow(), lock.reader.tells_schedules
        kept = suspended.get(user.user_id)
        is_shut = is_closed(kept, user.schedule, now.timestamp(), is_told=is_told)
        if is_shut and kept is not None and not _has_failed(user):
            return user
        if not is_shut or kept is None:
            suspended[user.user_id] = user.schedule or PERMANENT
            await lock.runtime.store.async_save()
        if not is_shut or _has_failed(user):
            end = round((now - _CLOSED_SINCE).timestamp())
            start = end - round(_CLOSED_FOR.total_seconds())
            closed = Schedule(permanent=False, start=start, end=end)
            try:
                await _async_send_schedule(lock, user, closed, wait_seconds, None)
            except (TuyaError, HomeAssistantError) as err:
                # Not every lock would show later that its door stayed open.
                if not is_shut and _is_without_effect(err):
                    await _async_end_suspension(lock, user)
                raise
        lock.async_update_access()
    return shown_in(lock.data, user)


async def async_resume(lock: LockCoordinator, user: User, wait_seconds: float) -> User:
    """Open the door again as it was before, or always where nobody knows how it was.

    What was kept stays until the lock has taken it: with a delivery that fails, this
    can be asked for once more.
    """
    async with order(lock):
        user = shown_in(await lock.async_read(), user)
        check_followed(lock)
        kept = lock.memory.suspended.get(user.user_id)
        now, is_told = dt_util.utcnow().timestamp(), lock.reader.tells_schedules
        if not can_resume(kept, user.schedule, now, is_told=is_told):
            raise not_possible("not_suspended", user=user.name or user.user_id)
        schedule = writable(kept or PERMANENT)
        is_there = is_told and same_effect(schedule, user.schedule)
        if not is_there or _has_failed(user):
            # As it was: hours that named no zone were the lock's, and stay so.
            await _async_send_schedule(lock, user, schedule, wait_seconds, None)
            mended = lock.memory.suspended.get(user.user_id, kept)
            if mended is not None and mended != kept:
                # What came back told that the windows that were kept had been misread.
                kept = mended
                await _async_send_schedule(
                    lock, user, writable(kept), wait_seconds, None
                )
        if not is_on_its_way(kept, shown_in(lock.data, user).schedule):
            await _async_end_suspension(lock, user)
    return shown_in(lock.data, user)


def _is_without_effect(err: TuyaError | HomeAssistantError) -> bool:
    """Return whether an order was refused, never went out, or changed nothing."""
    return isinstance(err, TuyaError) or err.translation_key == "order_dropped"


def _has_failed(user: User) -> bool:
    """Return whether the lock never took the schedule that the cloud shows."""
    return user.schedule is not None and user.schedule.delivery is Delivery.FAILED


async def _async_end_suspension(lock: LockCoordinator, user: User) -> None:
    """Forget what was kept for resuming."""
    if lock.memory.suspended.pop(user.user_id, None) is not None:
        await lock.runtime.store.async_save()
        lock.async_update_access()


async def _async_send_schedule(
    lock: LockCoordinator,
    user: User,
    schedule: Schedule,
    wait_seconds: float,
    zone: str | None,
) -> None:
    """Send a schedule in the body that the lock's cloud understands.

    `zone` is that of windows which name none; None leaves them without.

    The documents show three (TUYA_API §5.2). Another one is tried only after the
    read-back showed that the first had no effect, or it was refused as malformed. Two
    bodies that say the same in the same way are one.
    """

    def shows(snapshot: LockSnapshot) -> Delivery | None:
        shown = shown_in(snapshot, user).schedule
        if not same_effect(shown, schedule):
            return None
        return outcome_of([shown.delivery if shown else None])

    told = attrgetter("schedule")
    known = lock.reader.dialects.schedule_body
    sent: list[dict[str, Any]] = []
    refusal: BadRequestError | None = None
    was_taken = False
    before = await _async_before(lock, user) if schedule.windows else None
    with lock.reader.expecting(user.user_id, schedule, before):
        for body in sorted(ScheduleBody, key=lambda body: body is not known):
            content = encode_schedule(schedule, body, time_zone=zone)
            if content in sent:
                continue
            sent.append(content)
            try:
                lost = await send(
                    lock.runtime.client.set_schedule(
                        lock.lock_id, user.user_id, schedule, body, zone
                    )
                )
            except BadRequestError as err:
                refusal = err
                if body is known and len(schedule.windows) > 1:
                    break  # it understands this body: what it refuses is the content
                continue
            was_taken = True
            outcome = await prove_of_user(
                lock, user, shows, told, lost=lost, wait_seconds=wait_seconds
            )
            if outcome is not None:
                lock.learn(schedule_body=body)
                return
    if was_taken or refusal is None:
        raise order_failed("order_dropped")
    if len(schedule.windows) > 1:
        raise order_failed("one_window_only") from refusal
    raise refusal


async def _async_before(lock: LockCoordinator, user: User) -> User | None:
    """Return a user as asked for alone, where the list would not tell a schedule."""
    if lock.reader.tells_schedules:
        return None
    try:
        return await lock.runtime.client.user(lock.lock_id, user.user_id)
    except LASTING_REFUSALS:
        return None


def _time_zone_name(lock: LockCoordinator) -> str:
    """Return the zone that windows are meant in: the lock's, else Home Assistant's."""
    return lock.data.time_zone_name or lock.hass.config.time_zone
