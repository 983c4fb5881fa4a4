"""Orders about when a user may enter."""

from datetime import timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..api.dialects import UsersCall
from ..api.errors import BadRequestError
from ..api.models import User
from ..api.schedule import Schedule, ScheduleBody, is_past, same_effect
from ..coordinator import LockCoordinator
from ..errors import action_error, not_possible, order_failed
from ..snapshot import LockSnapshot
from .proof import Outcome, order, outcome_of, prove, read_back, send

PERMANENT: Final = Schedule(permanent=True)

# Closing the door is a schedule of one hour that is over: long enough ago for a lock
# whose clock is slow, and no date that a lock's clock falls back to.
_CLOSED_SINCE: Final = timedelta(days=1)
_CLOSED_FOR: Final = timedelta(hours=1)


async def async_set_schedule(
    lock: LockCoordinator, user: User, schedule: Schedule, wait_seconds: float
) -> User:
    """Set when a user may enter; return the user as read back."""
    async with order(lock):
        await _async_send_schedule(lock, user, schedule, wait_seconds)
    return read_back(lock, user)


async def async_suspend(lock: LockCoordinator, user: User, wait_seconds: float) -> User:
    """Close the door to a user, keeping the schedule from before.

    It is stored before anything is sent: a restart in between must not lose it. Whose
    time is over already is kept out as it is, so there is nothing to send. What was
    kept is dropped with the next reading if the door turns out to be open.
    """
    now = dt_util.utcnow()
    suspended = lock.memory.suspended
    async with order(lock):
        is_closed = is_past(user.schedule, now.timestamp())
        if is_closed and user.user_id in suspended:
            return user
        suspended[user.user_id] = user.schedule or PERMANENT
        await lock.project.store.async_save()
        if not is_closed:
            end = round((now - _CLOSED_SINCE).timestamp())
            start = end - round(_CLOSED_FOR.total_seconds())
            closed = Schedule(permanent=False, start=start, end=end)
            await _async_send_schedule(lock, user, closed, wait_seconds)
        lock.async_update_access()
    return read_back(lock, user)


async def async_resume(lock: LockCoordinator, user: User, wait_seconds: float) -> User:
    """Open the door again as it was before, or always where nobody knows how it was."""
    suspended = lock.memory.suspended
    async with order(lock):
        schedule = suspended.get(user.user_id)
        if schedule is None:
            if not is_past(user.schedule, dt_util.utcnow().timestamp()):
                raise not_possible("not_suspended", user=user.name or user.user_id)
            schedule = PERMANENT
        if not same_effect(schedule, user.schedule):
            await _async_send_schedule(lock, user, schedule, wait_seconds)
        if suspended.pop(user.user_id, None) is not None:
            await lock.project.store.async_save()
        lock.async_update_access()
    return read_back(lock, user)


async def _async_send_schedule(
    lock: LockCoordinator, user: User, schedule: Schedule, wait_seconds: float
) -> None:
    """Send a schedule in the body that the lock's cloud understands.

    The documents show three (TUYA_API §5.2). Another one is tried only after the
    read-back showed that the first had no effect, or it was refused as malformed.
    """

    def shows(snapshot: LockSnapshot) -> Outcome:
        shown = snapshot.users.get(user.user_id)
        if shown is None or not same_effect(shown.schedule, schedule):
            return Outcome.NOTHING
        return outcome_of([shown.schedule.delivery if shown.schedule else None])

    known = lock.reader.dialects.schedule_body
    bodies = sorted(ScheduleBody, key=lambda body: body is not known)
    refusal: BadRequestError | None = None
    was_taken = False
    with lock.reader.expecting(user.user_id, schedule):
        for body in bodies:
            try:
                lost = await send(
                    lock.project.client.set_schedule(
                        lock.lock_id,
                        user.user_id,
                        schedule,
                        body,
                        _time_zone_name(lock.hass, lock.data),
                    )
                )
            except BadRequestError as err:
                refusal = err
                if body is known and len(schedule.windows) > 1:
                    break  # it understands this body: what it refuses is the content
                continue
            was_taken = True
            if lock.reader.dialects.users_call is UsersCall.BY_NAME and lost is None:
                return  # such a lock tells no schedules: there is nothing to read back
            outcome = await prove(lock, shows, lost=lost, wait_seconds=wait_seconds)
            if outcome is not Outcome.NOTHING:
                lock.learn(schedule_body=body)
                return
    if was_taken or refusal is None:
        raise order_failed("order_dropped")
    if len(schedule.windows) > 1:
        raise order_failed("one_window_only") from refusal
    raise action_error(refusal) from refusal


def _time_zone_name(hass: HomeAssistant, snapshot: LockSnapshot) -> str:
    """Return the zone that windows are meant in: the lock's, else Home Assistant's."""
    return snapshot.time_zone_name or hass.config.time_zone
