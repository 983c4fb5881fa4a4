"""Who has access now, and when that changes next. Pure: time is an argument.

Two sources say so: the schedule, whose hours are worked out here, and the cloud's own
`effective_flag` at the moment of a reading (docs/tuya_api.md, Effective flag). Nothing
that is unknown gives access: the stricter of the two counts.
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

# The clocks of the cloud and of Home Assistant may differ by as much.
_CLOCK_DIFFERENCE: Final = timedelta(minutes=1)


def access_limits(
    users: Mapping[str, User], zones: Zones, now: datetime
) -> dict[str, Access]:
    """Return what the cloud's flags allow at most, as of a reading at `now`.

    Nobody is in it whose flag agrees with a schedule that is understood: their access
    follows the schedule until the next reading. Everybody is whose schedule is not
    understood: the flag alone decides then. A lock that tells no flags has the same for
    its owner as for everybody.
    """
    has_flags = not _is_unset(users)
    limits: dict[str, Access] = {}
    for user_id, user in users.items():
        flag = user.effective if has_flags else None
        if (limit := _limit(user.schedule, flag, zones, now)) is not None:
            limits[user_id] = limit
    return limits


def _is_unset(users: Mapping[str, User]) -> bool:
    """Return whether even the owner is outside of a validity that owners do not have."""
    flags = {user.effective for user in users.values() if user.is_owner}
    return flags == {_OUTSIDE}


def _limit(
    schedule: Schedule | None, flag: int | None, zones: Zones, now: datetime
) -> Access | None:
    """Return the access that the flag of a reading does not exceed."""
    if schedule is None:
        return _BY_FLAG.get(flag)
    if not schedule.is_understood:
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


def access_of(
    user: User, *, suspended: bool, limit: Access | None, now: datetime, zones: Zones
) -> Access:
    """Return whether a user has access, and why not.

    Args:
        user: The user as read last.
        suspended: Whether a schedule is saved for this user to be resumed.
        limit: What the cloud's flag allows at most, see `access_limits`.
        now: The moment.
        zones: The zones of the lock.
    """
    schedule = user.schedule
    if suspended and (
        user.effective in (None, _OUTSIDE)
        if schedule is None  # all that is known is that access was removed here
        else is_past(schedule, now.timestamp())
    ):
        return Access.SUSPENDED
    if schedule is None or schedule.is_understood:
        access = access_at(schedule, now, zones)
    else:
        access = period_at(schedule, now)
        limit = limit or Access.OUTSIDE_HOURS
    return limit if access is Access.ALLOWED and limit is not None else access


class AccessClock:
    """Works out access for all users of a lock, sparing what cannot have changed.

    The next change of a schedule takes some searching, so it is kept until it comes or
    until the schedule is another.
    """

    def __init__(self) -> None:
        """Initialize without users."""
        self._transitions: dict[
            str, tuple[Schedule | None, Zones, datetime | None]
        ] = {}

    def read(
        self, snapshot: LockSnapshot, suspended: Collection[str], now: datetime
    ) -> tuple[dict[str, Access], datetime | None]:
        """Return the access of each user, and the next moment at which one changes."""
        zones = snapshot.zones
        access = {
            user_id: access_of(
                user,
                suspended=user_id in suspended,
                limit=snapshot.limits.get(user_id),
                now=now,
                zones=zones,
            )
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
