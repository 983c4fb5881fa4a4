"""One rate limit, token, call count, and pause for each project in Home Assistant.

Flows, options, reloaded entries, and actions call the same project, and Tuya counts
their calls together. They share a session, found by the access ID
(docs/architecture.md, Shared session).
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from time import time
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..api.cloud import TuyaCloud
from ..api.data_centers import HOSTS
from ..api.errors import TuyaError
from ..api.models import Lock
from ..api.rate_limit import Pace
from ..const import DOMAIN
from ..domain.snapshot import LockSnapshot
from ..errors import PROBE_SECONDS
from .callbacks import Callbacks

# In every time zone, a month begins at a quarter of an hour.
_QUARTER_SECONDS: Final = 15 * 60


class CallCount:
    """The requests of one calendar month, in Home Assistant's time zone."""

    def __init__(self) -> None:
        """Start with an empty count."""
        self.month = ""
        self.calls = 0
        self.is_restored = False
        self._changes = Callbacks[()]()
        self._quarter = 0.0

    @callback
    def async_on_change(self, on_change: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back for every request."""
        return self._changes.subscribe(on_change)

    @callback
    def restore(self, month: str, calls: int, now: datetime) -> None:
        """Add the count of an earlier run in this month; only the first time."""
        self.roll_month(now)
        if not self.is_restored and month == self.month:
            self.calls += calls
        self.is_restored = True

    @callback
    def add(self) -> None:
        """Count a request."""
        quarter = time() // _QUARTER_SECONDS
        if quarter != self._quarter:
            self._quarter = quarter
            self.roll_month(dt_util.now())
        self.calls += 1
        self._changes.call()

    @callback
    def roll_month(self, now: datetime) -> None:
        """Start again at zero if a new month has begun."""
        if (month := f"{now.year:04}-{now.month:02}") != self.month:
            self.month = month
            self.calls = 0


@dataclass(slots=True, kw_only=True)
class Pause:
    """A pause of polling after a refusal that only a change at Tuya can end.

    `source` met the refusal `error`, and probes at `probe_at` (epoch seconds) whether it
    has ended.
    """

    error: TuyaError
    source: str
    probe_at: float

    def probe_of(self, source: str) -> float:
        """Return when a source may probe (epoch seconds).

        Other sources may only if the first one has stopped, such as a disabled lock.
        """
        return self.probe_at + (0 if source == self.source else PROBE_SECONDS)


class Findings[Subject: Hashable]:
    """Current problems by subject, since when, and the sources that found them.

    A source is the list of locks ("") or the ID of a lock.
    """

    def __init__(self) -> None:
        """Initialize without problems."""
        self.sources: dict[Subject, set[str]] = {}
        self.since: dict[Subject, datetime] = {}

    def add(self, subject: Subject, source: str, now: datetime) -> bool:
        """Add a source; return whether the subject is new."""
        is_new = subject not in self.sources
        self.since.setdefault(subject, now)
        self.sources.setdefault(subject, set()).add(source)
        return is_new

    def discard(self, source: str) -> list[Subject]:
        """Remove a source; return the subjects without any source left."""
        for sources in self.sources.values():
            sources.discard(source)
        return self._remove_ended()

    def retain(self, sources: Collection[str]) -> list[Subject]:
        """Remove all other sources; return the subjects that ended."""
        for found_by in self.sources.values():
            found_by.intersection_update(sources)
        return self._remove_ended()

    def _remove_ended(self) -> list[Subject]:
        ended = [subject for subject, sources in self.sources.items() if not sources]
        for subject in ended:
            del self.sources[subject], self.since[subject]
        return ended


@dataclass(frozen=True, slots=True, kw_only=True)
class LastData[Data]:
    """The data of a coordinator, and when it was read."""

    data: Data
    read_at: datetime


@dataclass(slots=True, kw_only=True)
class ProjectSession:
    """The state shared by everything that calls one project.

    Commands hold `command_locks` (by lock ID), and can outlive their entry. The log
    reports `outages`, and the repairs `refusals`. `last_list` and `last_data` (by lock
    ID) survive a reload during a pause.
    """

    pace: Pace = field(default_factory=Pace)
    count: CallCount = field(default_factory=CallCount)
    clouds: dict[tuple[str, str], TuyaCloud] = field(default_factory=dict)
    command_locks: defaultdict[str, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )
    pause: Pause | None = None
    outages: Findings[tuple[str, str]] = field(default_factory=Findings)
    refusals: Findings[str] = field(default_factory=Findings)
    last_list: LastData[tuple[Lock, ...]] | None = None
    last_data: dict[str, LastData[LockSnapshot]] = field(default_factory=dict)


_SESSIONS: Final[HassKey[dict[str, ProjectSession]]] = HassKey(f"{DOMAIN}.sessions")


@callback
def async_get_session(hass: HomeAssistant, access_id: str) -> ProjectSession:
    """Return the session of a project."""
    return hass.data.setdefault(_SESSIONS, {}).setdefault(access_id, ProjectSession())


@callback
def async_end_pause(hass: HomeAssistant, access_id: str) -> None:
    """End the pause of a project, since its cause may be resolved."""
    if session := hass.data.get(_SESSIONS, {}).get(access_id):
        session.pause = None


@callback
def async_get_cloud(
    hass: HomeAssistant, data_center: str, access_id: str, access_secret: str
) -> TuyaCloud:
    """Return the client of a project, the same one for the same credentials.

    Each secret has its own token: a wrong one must not use the token of the right one.
    """
    session = async_get_session(hass, access_id)
    key = (data_center, access_secret)
    if (cloud := session.clouds.get(key)) is None:
        cloud = session.clouds[key] = TuyaCloud(
            async_get_clientsession(hass),
            url=HOSTS.get(data_center, data_center),
            access_id=access_id,
            access_secret=access_secret,
            pace=session.pace,
            on_request=session.count.add,
        )
    return cloud


@callback
def async_forget_session(hass: HomeAssistant, access_id: str) -> None:
    """Forget the session of a project that was removed."""
    hass.data.get(_SESSIONS, {}).pop(access_id, None)
