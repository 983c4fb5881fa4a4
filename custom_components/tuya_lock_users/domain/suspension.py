"""What is kept of a user whom somebody suspended, and for how long. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ..api.models import User
from ..api.schedule.model import Delivery, Schedule, is_past, same_effect

# From 2000 until the end of 2037: as good as always, and known to any lock.
_EARLIEST: Final = 946_684_800
_LATEST: Final = 2_145_916_799


def writable(schedule: Schedule) -> Schedule:
    """Return a schedule that can be written: a lock may tell no start or no end."""
    if schedule.permanent:
        return schedule
    start, end = schedule.start or _EARLIEST, schedule.end or _LATEST
    return replace(schedule, start=start, end=end)


def is_on_its_way(kept: Schedule | None, shown: Schedule | None) -> bool:
    """Return whether what was kept is back in the cloud, but not yet in the lock.

    Until the lock has taken it nobody can be sure that it will not be wanted again.
    """
    return (
        kept is not None
        and shown is not None
        and shown.delivery in (Delivery.ONGOING, Delivery.FAILED)
        and same_effect(writable(kept), shown)
    )


def is_closed(
    kept: Schedule | None, shown: Schedule | None, now: float, *, is_told: bool
) -> bool:
    """Return whether a user is kept out.

    `now` is in seconds since 1970, as are all times of a schedule. Where schedules are
    not told, that we closed the door is all there is to know.
    """
    return is_past(shown, now) if is_told else kept is not None


def whose_is_over(
    suspended: Mapping[str, Schedule],
    users: Mapping[str, User],
    now: float,
    *,
    is_told: bool,
    is_complete: bool,
) -> list[str]:
    """Return those for whom nothing needs to be kept any more.

    Somebody else set another schedule, or the user is gone, which only a list that is
    whole can tell.
    """
    return [
        user_id
        for user_id, kept in suspended.items()
        if (
            not can_resume(kept, users[user_id].schedule, now, is_told=is_told)
            if user_id in users
            else is_complete
        )
    ]


def can_resume(
    kept: Schedule | None, shown: Schedule | None, now: float, *, is_told: bool
) -> bool:
    """Return whether a user is kept out, or was let in again to no effect."""
    return is_closed(kept, shown, now, is_told=is_told) or is_on_its_way(kept, shown)
