"""What the coordinators of one project share; it knows none of them."""

from collections.abc import Callable
from datetime import timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..api.endpoints import SmartLocks
from ..api.errors import AuthenticationError, TuyaError
from ..domain.poll_plan import LockLoad, Plan, plan
from ..errors import PROBE_SECONDS, handling_of, update_error
from .connection import Connection
from .issues import ProjectIssues
from .store import ProjectStore


class Runtime:
    """The client, the store, the plan, the pause and the problems of one project.

    `loads` holds what each lock costs to read, by lock id. `is_shut_down` is set once
    the entry is unloaded; a command may outlive it.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        client: SmartLocks,
        connection: Connection,
        store: ProjectStore,
    ) -> None:
        """Initialize without any lock."""
        self.hass = hass
        self.entry = entry
        self.client = client
        self.connection = connection
        self.store = store
        self.issues = ProjectIssues(hass, entry)
        self.loads: dict[str, LockLoad] = {}
        self.is_shut_down = False
        self._offline_callbacks: list[Callable[[str], None]] = []
        self._calls_callbacks: list[CALLBACK_TYPE] = []

    @property
    def plan(self) -> Plan:
        """Return how often locks are read, as things stand."""
        now = dt_util.now()
        count = self.connection.count
        count.turn(now)
        next_month = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
        month_end = dt_util.start_of_local_day(next_month)
        return plan(
            self.loads.values(),
            calls_spent=count.calls,
            seconds_left=(month_end - now).total_seconds(),
        )

    @property
    def pause_seconds_left(self) -> float:
        """Return for how long nothing may be asked."""
        return self.connection.paused_until - dt_util.utcnow().timestamp()

    def check_pause(self) -> None:
        """Raise UpdateFailed during a pause, without a call."""
        left = self.pause_seconds_left
        if left > 0 and (err := self.connection.paused_by) is not None:
            raise update_error(err, retry_after=left)

    @callback
    def async_end_pause(self) -> None:
        """Allow calls again before the pause is over: the cause may be fixed."""
        self.connection.paused_until = 0

    @callback
    def async_report(self, source: str, name: str, err: TuyaError) -> None:
        """Report what could not be read, and pause where asking again is no use.

        Not being authorized for one call says nothing about the others.
        """
        self.connection.outages.failed(source, name, err)
        self.issues.failed(source, err)
        if handling_of(err).pauses:
            self.connection.paused_by = err
            self.connection.paused_until = dt_util.utcnow().timestamp() + PROBE_SECONDS

    @callback
    def async_clear(self, source: str) -> None:
        """Report that something could be read."""
        self.connection.outages.succeeded(source)
        self.issues.succeeded(source)

    @callback
    def async_reauth_if_needed(self, err: TuyaError) -> None:
        """Ask for new credentials where an action met an error of these.

        An entry that was unloaded meanwhile asks for none.
        """
        if isinstance(err, AuthenticationError) and not self.is_shut_down:
            self.entry.async_start_reauth_if_available(self.hass)

    @callback
    def async_report_offline(self, lock_id: str) -> None:
        """Report that a lock is offline, when a call shows it before the list does."""
        for offline in self._offline_callbacks:
            offline(lock_id)

    @callback
    def async_on_offline(self, offline: Callable[[str], None]) -> None:
        """Call back with the id of every lock that is reported offline."""
        self._offline_callbacks.append(offline)

    @callback
    def async_calls_made(self) -> None:
        """Report that a command made calls, for the count of them."""
        for calls_made in self._calls_callbacks:
            calls_made()

    @callback
    def async_on_calls(self, calls_made: CALLBACK_TYPE) -> None:
        """Call back after the calls of a command."""
        self._calls_callbacks.append(calls_made)
