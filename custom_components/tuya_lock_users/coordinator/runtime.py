"""Objects shared by the coordinators of one project."""

from datetime import timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..api.endpoints import Endpoints
from ..const import DOMAIN
from ..domain.poll_plan import LockLoad, Plan, plan
from .connection import ProjectSession
from .problems import Problems
from .push_state import PushState
from .store import ProjectStore

# Sent with the id of a lock, or with "" for a list of locks, whenever listeners are
# notified of an update. Unlike listeners, it does not decide what is polled.
SIGNAL_UPDATED: Final = f"{DOMAIN}_updated"


class Runtime:
    """The client, store, plan, and problems of one project.

    `loads` contains the cost of each lock, by lock ID; `record_readers` whether its
    records are fetched by the plan, or else once a day.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        client: Endpoints,
        session: ProjectSession,
        store: ProjectStore,
    ) -> None:
        """Initialize without any lock."""
        self.hass = hass
        self.entry = entry
        self.client = client
        self.session = session
        self.store = store
        self.problems = Problems(hass, entry, session)
        self.push = PushState()
        self.loads: dict[str, LockLoad] = {}
        self.record_readers: dict[str, bool] = {}

    @property
    def plan(self) -> Plan:
        """Return the current plan."""
        now = dt_util.now()
        count = self.session.count
        count.roll_month(now)
        next_month = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
        month_end = dt_util.start_of_local_day(next_month)
        return plan(
            self.loads.values(),
            calls_spent=count.calls,
            seconds_left=(month_end - now).total_seconds(),
            records_polled=sum(self.record_readers.values()),
            records_daily=sum(not polled for polled in self.record_readers.values()),
        )
