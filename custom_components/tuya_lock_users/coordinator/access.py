"""The access of a lock's users, which changes with updates and with time."""

from collections.abc import Collection
from datetime import datetime

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from ..api.schedule.model import Access
from ..domain.access import AccessClock
from ..domain.changes import Change, access_changes
from ..domain.snapshot import LockSnapshot


class LockAccess:
    """The access of each user of a lock, and a timer for the next transition."""

    def __init__(self, hass: HomeAssistant, on_transition: CALLBACK_TYPE) -> None:
        """Initialize without users; the timer calls `on_transition`."""
        self.current: dict[str, Access] = {}
        self._hass = hass
        self._on_transition = on_transition
        self._clock = AccessClock()
        self._cancel_timer: CALLBACK_TYPE | None = None

    @callback
    def async_update(
        self, snapshot: LockSnapshot, suspended: Collection[str]
    ) -> list[Change]:
        """Update the access of all users; return starts and ends of access."""
        before = self.current
        self.current, transition = self._clock.read(
            snapshot, suspended, dt_util.utcnow()
        )
        self._async_set_timer(transition)
        return access_changes(snapshot.users, before, self.current)

    @callback
    def async_shut_down(self) -> None:
        """Cancel the timer."""
        self._async_set_timer(None)

    @callback
    def _async_set_timer(self, transition: datetime | None) -> None:
        if self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None
        if transition is not None:
            self._cancel_timer = async_track_point_in_utc_time(
                self._hass, self._async_transition, transition
            )

    @callback
    def _async_transition(self, _now: datetime) -> None:
        self._cancel_timer = None
        self._on_transition()
