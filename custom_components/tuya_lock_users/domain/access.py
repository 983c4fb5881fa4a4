"""The current access of users, and when it changes next. Pure.

It has two sources: the schedule, and the cloud's `effective_flag` at the moment of an
update (docs/tuya_api.md, Effective flag). The stricter of the two applies, and anything
unknown gives no access.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from ..api.models import User
from ..api.schedule.model import Access, Schedule, is_past
from ..api.schedule.times import Zones, access_at, next_change, period_at
from .snapshot import LockSnapshot

# Values of the flag.
_OUTSIDE: Final = 0
_WITHIN: Final = 1
_NOT_YET: Final = 2

_BY_FLAG: Final[dict[int | None, Access]] = {
    _OUTSIDE: Access.EXPIRED,
    _NOT_YET: Access.NOT_STARTED,
}

# The assumed difference between the clocks of the cloud and of Home Assistant.
_CLOCK_DIFFERENCE: Final = timedelta(minutes=1)


def limits_after(
    before: Mapping[str, Access], snapshot: LockSnapshot, now: datetime
) -> dict[str, Access]:
    """Return the limits as of an update at `now`, see `access_limits`.

    Those of held users stay: their flags are as old as the rest that is known of them.
    """
    limits = access_limits(snapshot, now)
    held = snapshot.held_users
    kept = {user_id: limit for user_id, limit in before.items() if user_id in held}
    fresh = {user_id: limit for user_id, limit in limits.items() if user_id not in held}
    return kept | fresh


def access_limits(snapshot: LockSnapshot, now: datetime) -> dict[str, Access]:
    """Return the upper limits that the cloud's flags set, as of an update at `now`.

    A user whose flag agrees with an understood schedule has no limit: the schedule
    applies until the next update. A user whose schedule is not understood always has
    one: the flag alone decides. Hours in an unknown zone need both. Of users from a
    list without schedules, nothing is known without a flag. A lock that does not use
    flags has the same flag for its owner as for all users.
    """
    has_flags = not _is_unset(snapshot.users)
    limits: dict[str, Access] = {}
    for user_id, user in snapshot.users.items():
        flag = user.effective if has_flags else None
        if not snapshot.lists_schedules and user.schedule is None and flag is None:
            limits[user_id] = Access.OUTSIDE_HOURS
            continue
        if (limit := _limit(user.schedule, flag, snapshot.zones, now)) is not None:
            limits[user_id] = limit
    return limits


def _is_unset(users: Mapping[str, User]) -> bool:
    """Return whether even the owner, whose access has no limits, is outside of them."""
    flags = {user.effective for user in users.values() if user.is_owner}
    return flags == {_OUTSIDE}


def _limit(
    schedule: Schedule | None, flag: int | None, zones: Zones, now: datetime
) -> Access | None:
    """Return the most access that a flag permits."""
    if schedule is None:
        return _BY_FLAG.get(flag)
    if not _is_certain(schedule, zones):
        if flag == _WITHIN and period_at(schedule, now) is Access.ALLOWED:
            return Access.ALLOWED
        return Access.NOT_STARTED if flag == _NOT_YET else Access.OUTSIDE_HOURS
    if flag not in (_OUTSIDE, _NOT_YET):
        return None
    expected = (
        access_at(schedule, now + difference, zones)
        for difference in (timedelta(0), -_CLOCK_DIFFERENCE, _CLOCK_DIFFERENCE)
    )
    if flag == _NOT_YET:
        return None if Access.NOT_STARTED in expected else Access.NOT_STARTED
    agrees = any(access is not Access.ALLOWED for access in expected)
    return None if agrees else Access.OUTSIDE_HOURS


def _is_certain(schedule: Schedule, zones: Zones) -> bool:
    """Return whether it is known when a schedule gives access."""
    return schedule.is_understood and zones.has_all_of(schedule)


def access_of(
    user: User, snapshot: LockSnapshot, suspended: Collection[str], now: datetime
) -> Access:
    """Return the access of a user at a moment.

    `snapshot` has the zones and the limits, and `suspended` are the users with a
    schedule that is saved for resuming.
    """
    limit, zones = snapshot.limits.get(user.user_id), snapshot.zones
    schedule = user.schedule
    if user.user_id in suspended and (
        user.effective in (None, _OUTSIDE)
        if schedule is None  # only the suspension is known
        else is_past(schedule, now.timestamp())
    ):
        return Access.SUSPENDED
    if schedule is not None and not _is_certain(schedule, zones):
        limit = limit or Access.OUTSIDE_HOURS
    if schedule is None or schedule.is_understood:
        access = access_at(schedule, now, zones)
    else:
        access = period_at(schedule, now)
    return limit if access is Access.ALLOWED and limit is not None else access


def next_access_change(
    user: User, access: Access, snapshot: LockSnapshot, now: datetime
) -> datetime | None:
    """Return when the access ends or starts next, if the schedule alone decides.

    An end that was not given is no change.

    Args:
        access: The access of the user at that moment.
        now: The moment.
    """
    schedule, zones = user.schedule, snapshot.zones
    if schedule is None or not _is_certain(schedule, zones):
        return None
    if access is Access.SUSPENDED or user.user_id in snapshot.limits:
        return None
    change = next_change(schedule, now, zones)
    if access is Access.NOT_STARTED and change is not None:
        # The start of a schedule can be outside of its hours.
        if access_at(schedule, change, zones) is not Access.ALLOWED:
            change = next_change(schedule, change, zones)
    if change is None:
        return None
    if access is not Access.ALLOWED:
        is_start = access_at(schedule, change, zones) is Access.ALLOWED
        return change if is_start else None
    is_end = schedule.end is not None and change.timestamp() > schedule.end
    return None if is_end and schedule.chosen_end is None else change


class AccessClock:
    """Computes the access of all users of a lock, and the next transition.

    Finding the next transition of a schedule is slow, so it is reused until it happens,
    the schedule changes, or the clock is set back.
    """

    def __init__(self) -> None:
        """Initialize without users."""
        self._transitions: dict[
            str, tuple[Schedule | None, Zones, datetime | None]
        ] = {}
        self._read_at: datetime | None = None

    def read(
        self, snapshot: LockSnapshot, suspended: Collection[str], now: datetime
    ) -> tuple[dict[str, Access], datetime | None]:
        """Return the access of each user, and the next transition of any of them."""
        zones = snapshot.zones
        if self._read_at is not None and now < self._read_at:
            self._transitions = {}
        self._read_at = now
        access = {
            user_id: access_of(user, snapshot, suspended, now)
            for user_id, user in snapshot.users.items()
        }
        self._transitions = {
            user_id: self._transition(user_id, user.schedule, zones, now)
            for user_id, user in snapshot.users.items()
        }
        moments = (moment for *_, moment in self._transitions.values() if moment)
        return access, min(moments, default=None)

    def _transition(
        self, user_id: str, schedule: Schedule | None, zones: Zones, now: datetime
    ) -> tuple[Schedule | None, Zones, datetime | None]:
        known = self._transitions.get(user_id)
        if known is not None:
            known_schedule, known_zones, moment = known
            if (
                known_schedule is schedule
                and known_zones == zones
                and (moment is None or moment > now)
            ):
                return known
        return schedule, zones, next_change(schedule, now, zones)
