"""Who may enter now, and when that changes next. Pure: time is an argument."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from ..api.models import User
from ..api.schedule.model import Access, Schedule, is_past
from ..api.schedule.times import Zones, access_at, next_change
from .snapshot import LockSnapshot

# Where the cloud tells no schedule it may still say whether the user is valid
# (TUYA_API §4.1, effective_flag). Nothing said is no limit known.
_BY_EFFECTIVE: Final[dict[int | None, Access]] = {
    0: Access.EXPIRED,
    2: Access.NOT_STARTED,
}


def access_of(user: User, *, suspended: bool, now: datetime, zones: Zones) -> Access:
    """Return whether a user may enter; `suspended` is whether we closed the door.

    Where the cloud tells neither schedule nor validity, that we did is all there is to
    know.
    """
    if user.schedule is None:
        if suspended and user.effective in (None, 0):
            return Access.SUSPENDED
        return _BY_EFFECTIVE.get(user.effective, Access.ALLOWED)
    if suspended and is_past(user.schedule, now.timestamp()):
        return Access.SUSPENDED
    return access_at(user.schedule, now, zones)


class AccessClock:
    """Works out access for all users of a lock, sparing what cannot have changed.

    The next change of a schedule takes some searching, so it is kept until it comes or
    until the schedule is another.
    """

    def __init__(self) -> None:
        """Start with nothing worked out."""
        self._flips: dict[str, tuple[Schedule | None, Zones, datetime | None]] = {}

    def read(
        self, snapshot: LockSnapshot, suspended: Collection[str], now: datetime
    ) -> tuple[dict[str, Access], datetime | None]:
        """Return the access of each user, and the next moment at which one changes."""
        zones = snapshot.zones
        access = {
            user_id: access_of(
                user, suspended=user_id in suspended, now=now, zones=zones
            )
            for user_id, user in snapshot.users.items()
        }
        self._flips = {
            user_id: self._flip(user_id, user.schedule, zones, now)
            for user_id, user in snapshot.users.items()
        }
        flips = (flip for *_, flip in self._flips.values() if flip is not None)
        return access, min(flips, default=None)

    def _flip(
        self, user_id: str, schedule: Schedule | None, zones: Zones, now: datetime
    ) -> tuple[Schedule | None, Zones, datetime | None]:
        known = self._flips.get(user_id)
        if known is not None:
            known_schedule, known_zones, flip = known
            if (
                known_schedule is schedule
                and known_zones == zones
                and (flip is None or flip > now)
            ):
                return known
        return schedule, zones, next_change(schedule, now, zones)
