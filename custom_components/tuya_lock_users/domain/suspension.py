"""Suspensions: the saved schedules, how long they are kept, and what to send. Pure.

The cloud has no call to suspend a user, so the current schedule is saved and one in the
past is sent (docs/architecture.md, Suspensions). Seconds are since 1970.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
import json
from typing import Any, Final

from ..api.models import User
from ..api.schedule.model import (
    Delivery,
    Schedule,
    ScheduleBody,
    Window,
    is_past,
    same_effect,
)
from ..api.schedule.wire import decode_schedule, encode_schedule

PERMANENT: Final = Schedule(permanent=True)

# From 2000 until the end of 2037, which any lock supports.
_EARLIEST: Final = 946_684_800
_LATEST: Final = 2_145_916_799

# An hour in the past: long ago even for a slow clock, but not a date to which clocks
# reset.
_CLOSED_SINCE: Final = timedelta(days=1)
_CLOSED_FOR: Final = timedelta(hours=1)

# A missing user can return, and would then have more access than before.
KEPT_SECONDS: Final = 90 * 86_400


class Suspension(Enum):
    """The state of a suspension.

    Attributes:
        NONE: Access is not removed.
        ELSEWHERE: The schedule has ended, and none is saved: it expired, or access was
            removed in an app.
        CLOSING: Access is removed, but the lock has not applied it.
        CLOSED: Access is removed, and a schedule is saved.
        RESTORING: The saved schedule is restored, but the lock has not applied it.
    """

    NONE = auto()
    ELSEWHERE = auto()
    CLOSING = auto()
    CLOSED = auto()
    RESTORING = auto()


# Whether to save a schedule first, and whether to send one, by state.
SAVES_FIRST: Final = frozenset(
    {Suspension.NONE, Suspension.ELSEWHERE, Suspension.RESTORING}
)
SUSPEND_SENDS: Final = frozenset(
    {Suspension.NONE, Suspension.CLOSING, Suspension.RESTORING}
)
CAN_RESUME: Final = frozenset(Suspension) - {Suspension.NONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSchedule:
    """The schedule from before a suspension.

    Attributes:
        raw: The schedule of the cloud as JSON text, to be written as it was.
        is_plain: Whether days and minutes are normalized, as version 0.1.0 saved them.
        missing_since: When the user was first missing from a complete list.
        is_hidden: Whether the cloud had no schedule although access was limited.
    """

    raw: str
    is_plain: bool = False
    missing_since: float | None = None
    is_hidden: bool = False

    def schedule(self, read: Callable[[object], Schedule | None]) -> Schedule:
        """Return the schedule, decoded by `read` in the dialect of its lock."""
        raw = json.loads(self.raw)
        if self.is_plain:
            return replace(decode_schedule(raw) or PERMANENT, raw=None)
        return read(raw) or PERMANENT


def save_schedule(
    schedule: Schedule | None, *, has_access: bool = True
) -> SavedSchedule:
    """Return the current schedule in the form to be saved.

    Without a schedule, access is permanent, but not for a user without access.
    """
    raw = json.dumps(schedule.raw if schedule else None)
    return SavedSchedule(raw=raw, is_hidden=schedule is None and not has_access)


def decode_saved(value: Mapping[str, Any]) -> dict[str, SavedSchedule]:
    """Return the stored schedules by user; version 0.1.0 stored decoded ones.

    Raises ValueError, KeyError or TypeError for anything else.
    """
    return {user_id: _decode_saved(saved) for user_id, saved in value.items()}


def _decode_saved(saved: Mapping[str, Any]) -> SavedSchedule:
    if "raw" in saved:
        json.loads(saved["raw"])
        return SavedSchedule(**saved)
    windows = tuple(Window(**window) for window in saved.get("windows", ()))
    schedule = Schedule(
        permanent=saved["permanent"],
        start=saved.get("start"),
        end=saved.get("end"),
        windows=windows,
    )
    content = encode_schedule(schedule, ScheduleBody.FLAT, time_zone=None)
    return SavedSchedule(raw=json.dumps(content), is_plain=True)


def suspension_of(saved: Schedule | None, user: User, now: float) -> Suspension:
    """Return the state of the suspension of a user.

    Without a schedule and a validity from the cloud, only the saved schedule decides.

    Args:
        saved: The saved schedule, if there is one.
        user: The user as of the last update.
        now: The moment, in seconds since 1970.
    """
    if (current := user.schedule) is None:
        is_closed = saved is not None and user.effective in (None, 0)
        return Suspension.CLOSED if is_closed else Suspension.NONE
    delivery = current.delivery
    if is_past(current, now):
        if delivery is Delivery.FAILED:
            return Suspension.CLOSING
        return Suspension.ELSEWHERE if saved is None else Suspension.CLOSED
    if (
        saved is not None
        and delivery in (Delivery.ONGOING, Delivery.FAILED)
        and any(same_effect(one, current) for one in (saved, with_bounds(saved)))
    ):
        return Suspension.RESTORING
    return Suspension.NONE


def closed_schedule(now: datetime) -> Schedule:
    """Return the schedule that removes access."""
    end = now - _CLOSED_SINCE
    start = end - _CLOSED_FOR
    return Schedule(
        permanent=False, start=round(start.timestamp()), end=round(end.timestamp())
    )


def with_bounds(schedule: Schedule) -> Schedule:
    """Return a schedule with explicit start and end.

    A lock can return a schedule without them, and yet refuse to accept it.
    """
    if schedule.permanent or not schedule.is_understood:
        return schedule
    if schedule.start is not None and schedule.end is not None:
        return schedule
    start, end = schedule.start or _EARLIEST, schedule.end or _LATEST
    return replace(schedule, start=start, end=end, raw=None)


def retain_suspensions(
    suspended: Mapping[str, SavedSchedule],
    users: Mapping[str, User],
    now: float,
    *,
    read: Callable[[object], Schedule | None],
    is_complete: bool,
) -> dict[str, SavedSchedule]:
    """Return the saved schedules that are still needed after an update.

    A schedule set elsewhere discards the saved one, but not one that is not understood:
    it may be the same in a reply that is damaged. That of a missing user, which only a
    complete list shows, is kept for 90 days.
    """
    needed: dict[str, SavedSchedule] = {}
    for user_id, saved in suspended.items():
        if (user := users.get(user_id)) is not None:
            state = suspension_of(saved.schedule(read), user, now)
            is_unclear = user.schedule is not None and not user.schedule.is_understood
            if state is not Suspension.NONE or is_unclear:
                needed[user_id] = replace(saved, missing_since=None)
        elif not is_complete:
            needed[user_id] = saved
        else:
            missing_since = saved.missing_since or now
            if now - missing_since < KEPT_SECONDS:
                needed[user_id] = replace(saved, missing_since=missing_since)
    return needed
