"""Time zones by name, and those of a lock."""

from collections.abc import Collection
from datetime import datetime, tzinfo

from homeassistant.util import dt as dt_util

from ..api.models import User
from ..api.schedule.times import Zones
from ..const import LOGGER
from ..domain.snapshot import lock_zone, zone_names


async def async_get_time_zone(name: str) -> tzinfo | None:
    """Return the time zone of an IANA name, None if there is none.

    Zones are files, so Home Assistant raises an error for names that look like a path or
    are too long.
    """
    try:
        return await dt_util.async_get_time_zone(name)
    except ValueError, OSError:
        return None


class LockZones:
    """The time zones of one lock and of its schedules.

    `listed` is the one in the list of locks: an offset, or an IANA name.
    """

    def __init__(self, lock_id: str) -> None:
        """Initialize without a time zone in the list of locks."""
        self.listed: str | None = None
        self._lock_id = lock_id
        self._unknown_names: set[str] = set()

    async def read(self, users: Collection[User], now: datetime) -> Zones:
        """Return the zones in the schedules of users, and the one without a name."""
        named: dict[str, tzinfo] = {}
        for name in zone_names(users):
            if (zone := await async_get_time_zone(name)) is not None:
                named[name] = zone
            elif name not in self._unknown_names:
                self._unknown_names.add(name)
                LOGGER.debug("%s has hours in an unknown zone", self._lock_id)
        listed, own = self.listed, None
        # Documented as a time zone, and shown as an offset; accept both.
        if listed and listed[0].isalpha():
            own = await async_get_time_zone(listed)
        home = dt_util.get_default_time_zone()
        return Zones(default=lock_zone(listed, own, named, home, now), named=named)
