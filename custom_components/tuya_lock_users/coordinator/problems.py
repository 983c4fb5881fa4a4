"""Handles errors: log, repairs, pauses, new credentials, and offline locks.

Home Assistant's coordinators log their own failures. Here, many of them call one cloud, and
an outage of the cloud must be one log line, not one for each lock.
"""

from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from datetime import timedelta
import logging
from typing import Final

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from ..api.errors import AuthenticationError, LockOfflineError, TuyaError
from ..const import CONF_ACCESS_ID, CONF_PUSH, DOMAIN, LOGGER
from ..errors import PROBE_SECONDS, Scope, action_error, code_of, handling_of
from ..localize import Localizer, moment_in_words
from .callbacks import Callbacks
from .connection import Pause, ProjectSession, async_end_pause
from .issues import (
    PUSH_ISSUES,
    async_create_project_issue,
    async_delete_issues,
    lock_issue_ids,
    project_issue_id,
)

# During a pause, entities keep their data for this long.
KEEP_TIME: Final = timedelta(hours=24)

LIST: Final = ""
"""The source of errors of the list of locks; those of a lock have its id."""

EMPTY_LOCK_LIST: Final = "empty_lock_list"
"""The repair of a project that lists no locks, though it did before."""

# The subject of an outage is a source and its name.
_CLOUD: Final = ("", "the Tuya cloud")


def _is_unique(record: logging.LogRecord) -> bool:
    """Keep only debug lines and tracebacks of coordinators; the rest is logged here."""
    return record.levelno <= logging.DEBUG or record.exc_info is not None


COORDINATOR_LOGGER: Final = LOGGER.getChild("coordinator")
COORDINATOR_LOGGER.addFilter(_is_unique)


class Problems:
    """The problems of one entry. `is_closed` is set once the entry is unloaded."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, session: ProjectSession
    ) -> None:
        """Continue with the problems that an earlier load of the entry found."""
        self._hass = hass
        self._entry = entry
        self._session = session
        self._offline = Callbacks[str]()
        self._resumed = Callbacks[str]()
        self.is_closed = False

    # Sources

    @callback
    def async_report(self, source: str, name: str, err: TuyaError) -> None:
        """Report an error that a source met."""
        if self.is_closed:
            return  # the entry was unloaded during the call
        session, now = self._session, dt_util.utcnow()
        handling = handling_of(err)
        subject = _CLOUD if handling.scope is Scope.PROJECT else (source, name)
        if session.outages.add(subject, source, now):
            LOGGER.warning("Cannot read %s: %s (%s)", subject[1], handling.key, err)
        if handling.has_repair:
            session.refusals.add(handling.key, source, now)
            self._async_create_issue(handling.key, err)
        if handling.pauses:
            probe_at = now.timestamp() + PROBE_SECONDS
            session.pause = Pause(error=err, source=source, probe_at=probe_at)
        if isinstance(err, LockOfflineError):
            self._async_set_offline(source)

    @callback
    def async_clear(self, source: str) -> None:
        """Report that a source could be read."""
        session = self._session
        self._async_end(session.outages.discard(source))
        for key in session.refusals.discard(source):
            ir.async_delete_issue(self._hass, DOMAIN, self._issue_id(key))
        if session.pause and session.pause.source == source:
            session.pause = None
            self._resumed.call(source)

    @callback
    def async_retain(self, sources: Collection[str]) -> None:
        """Forget the problems of all other sources, and of earlier runs.

        The outages of a lock that is no longer polled end without a log line.
        """
        session = self._session
        ended = session.outages.retain(sources)
        self._async_end([subject for subject in ended if subject == _CLOUD])
        session.refusals.retain(sources)
        keep = {self._issue_id(key) for key in session.refusals.sources}
        keep.add(self._issue_id(EMPTY_LOCK_LIST))
        if self._entry.options.get(CONF_PUSH, True):
            keep |= {self._issue_id(key) for key in PUSH_ISSUES}
        for lock_id in sources:
            keep |= lock_issue_ids(lock_id, self._entry.entry_id)
        async_delete_issues(self._hass, self._entry.entry_id, keep=keep)

    @callback
    def async_show_empty_list(self, *, is_empty: bool) -> None:
        """Show or hide the repair about a list of locks that became empty."""
        if not is_empty:
            issue_id = self._issue_id(EMPTY_LOCK_LIST)
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        async_create_project_issue(
            self._hass, self._entry, EMPTY_LOCK_LIST, is_fixable=False
        )

    # The pause

    @callback
    def async_get_refusal(self, source: str) -> TuyaError | None:
        """Return the refusal that prevents a source from calling, None if it may call.

        Once an hour, one source may call, to probe whether the refusal has ended.
        """
        now = dt_util.utcnow().timestamp()
        if (pause := self._session.pause) is None:
            return None
        if now < pause.probe_of(source):
            return pause.error
        pause.source = source
        pause.probe_at = now + PROBE_SECONDS
        return None

    def seconds_to_probe(self, source: str) -> float | None:
        """Return when a source may call again, None if it may now."""
        if (pause := self._session.pause) is None:
            return None
        return max(1, pause.probe_of(source) - dt_util.utcnow().timestamp())

    @callback
    def async_probe_now(self, source: str) -> None:
        """Allow a source to probe a pause immediately, since its cause may be resolved."""
        if pause := self._session.pause:
            pause.source = source

    @callback
    def async_on_resume(self, resume: Callable[[str], None]) -> None:
        """Call back with the source whose probe ended a pause."""
        self._resumed.subscribe(resume)

    # Commands

    @contextmanager
    def action_errors(self, source: str, *, probe: bool = False) -> Generator[None]:
        """Convert errors of the cloud to those of an action.

        During a pause, nothing is called, except for a probe. Only sources start a pause
        or create repairs, not the refusal of a command.
        """
        pause = self._session.pause
        if pause is not None and not probe:
            raise action_error(pause.error) from pause.error
        try:
            yield
        except TuyaError as err:
            self.async_apply(source, err)
            raise action_error(err) from err

    @callback
    def async_apply(self, source: str, err: TuyaError) -> None:
        """Handle the error of a command: offline, or new credentials."""
        if isinstance(err, LockOfflineError):
            self._async_set_offline(source)
        elif isinstance(err, AuthenticationError) and not self.is_closed:
            self._entry.async_start_reauth_if_available(self._hass)

    @callback
    def async_on_offline(self, offline: Callable[[str], None]) -> None:
        """Call back with the ID of each lock that a call finds offline."""
        self._offline.subscribe(offline)

    @callback
    def _async_set_offline(self, source: str) -> None:
        if source == LIST:
            return  # the code concerns a lock, and none was called
        self._offline.call(source)

    # Log and repairs

    @callback
    def _async_end(self, subjects: Collection[tuple[str, str]]) -> None:
        for _, name in subjects:
            LOGGER.info("Can read %s again", name)

    @callback
    def _async_create_issue(self, key: str, err: TuyaError) -> None:
        since = dt_util.as_local(self._session.refusals.since[key])
        async_create_project_issue(
            self._hass,
            self._entry,
            key,
            severity=ir.IssueSeverity.ERROR,
            code=code_of(err),
            since=moment_in_words(Localizer(self._hass), since),
        )

    def _issue_id(self, key: str) -> str:
        return project_issue_id(key, self._entry.entry_id)


@callback
def async_follow_stopped_entries(hass: HomeAssistant) -> None:
    """React to entries that were reloaded, disabled, or unloaded.

    The next setup asks the cloud at once. Issues of a disabled entry are deleted, since
    nothing can be done about them. An entry in setup retry stops without being
    unloaded, so `async_unload_entry` is not the place for this.
    """

    @callback
    def entry_changed(_change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain != DOMAIN or entry.state is not ConfigEntryState.NOT_LOADED:
            return
        async_end_pause(hass, entry.data[CONF_ACCESS_ID])
        if entry.disabled_by is not None:
            async_delete_issues(hass, entry.entry_id)

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, entry_changed)
