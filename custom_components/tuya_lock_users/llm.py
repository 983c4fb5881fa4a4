"""Tools for Assist: who can enter, and who opened a door. They change nothing.

An option enables them, since anyone who can talk to a voice assistant can then ask. The
answers have names and times, but no IDs, contacts, or passwords, and stay small: a
language model reads all of them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.components.llm import LLMTools
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.llm import (
    LLM_API_ASSIST,
    LLMContext,
    Tool,
    ToolAnnotations,
    ToolInput,
    ToolResult,
)
from homeassistant.helpers.selector import DateTimeSelector
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

from .api.lock_events import OPENED_TYPES, EventKind
from .api.models import User
from .api.records import Span
from .api.schedule.model import Access
from .const import CONF_ASSIST, CONF_OPENINGS, DOMAIN
from .coordinator.devices import LONGEST_NAME
from .coordinator.lock import LockCoordinator
from .coordinator.project import ProjectCoordinator, TuyaLockUsersConfigEntry
from .coordinator.records import async_read_occurrences
from .domain.access import access_of, next_access_change
from .domain.openings import Occurrence
from .localize import Localizer

_LOCK: Final = "lock"
_SINCE: Final = "since"
_TIME: Final = "time"

_MOST_USERS: Final = 50
_MOST_OPENINGS: Final = 20
_SPAN: Final = timedelta(days=1)
_LONGEST_SPAN: Final = timedelta(days=31)
# Speaking takes some time, so now may be past already.
_NOW: Final = timedelta(minutes=5)

type _Locks = Mapping[str, list[LockCoordinator]]


@callback
def async_get_tools(
    hass: HomeAssistant, llm_context: LLMContext, api_id: str
) -> LLMTools | None:
    """Return the tools for the locks of the projects that allow it."""
    if api_id != LLM_API_ASSIST:
        return None
    entries: list[TuyaLockUsersConfigEntry] = hass.config_entries.async_entries(DOMAIN)
    allowed = [
        entry
        for entry in entries
        if entry.state is ConfigEntryState.LOADED and entry.options.get(CONF_ASSIST)
    ]
    with_openings = [e for e in allowed if e.options.get(CONF_OPENINGS, True)]
    tools: list[Tool] = []
    if locks := _locks(entry.runtime_data for entry in allowed):
        tools.append(AccessTool(locks))
    if locks := _locks(entry.runtime_data for entry in with_openings):
        tools.append(OpeningsTool(locks))
    return LLMTools(tools=tools) if tools else None


def _locks(projects: Iterable[ProjectCoordinator]) -> _Locks:
    """Return the enabled locks by name; names need not be unique."""
    locks: dict[str, list[LockCoordinator]] = {}
    for project in projects:
        for lock in project.locks.values():
            if lock.is_enabled:
                locks.setdefault(lock.devices.lock_name, []).append(lock)
    return locks


class _LockTool(Tool):
    """A tool that answers a question about one lock, or about all of them."""

    integration = DOMAIN
    annotations = ToolAnnotations(
        read_only=True, destructive=False, idempotent=True, open_world=False
    )
    time_field: str
    time_description: str

    def __init__(self, locks: _Locks) -> None:
        """Offer the names of the locks, and a time."""
        self._locks = locks
        moment = vol.Optional(self.time_field, description=self.time_description)
        self.parameters = vol.Schema(
            {
                vol.Optional(
                    _LOCK, description="The lock. Leave out for all locks."
                ): vol.In(list(locks)),
                moment: DateTimeSelector(),
            }
        )

    def _chosen(self, name: str | None) -> list[tuple[str, LockCoordinator]]:
        """Return the locks of a name, or all, with their names."""
        return [
            (each, lock)
            for each, locks in self._locks.items()
            if name in (None, each)
            for lock in locks
        ]


class AccessTool(_LockTool):
    """Who can enter at a time, as of the last update; this makes no call to Tuya."""

    name = f"{DOMAIN}__get_access"
    title = "Get who can enter"
    description = (
        "Get the names of the people who can open a door with a smart lock, now or at a "
        "later time, and of those who cannot, with the reason."
    )
    time_field = _TIME
    time_description = "The local time to check. Leave out for now."

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Return who can enter."""
        arguments = self.parameters(tool_input.tool_args)
        now = dt_util.utcnow()
        moment = _moment(arguments.get(_TIME)) or now
        if moment < now - _NOW:
            error = "Only the present and the future are known"
            return ToolResult(data={"error": error}, error=True)
        return ToolResult(
            data={
                "time": _local(moment),
                "locks": [
                    {"lock": name, **_access(lock, moment)}
                    for name, lock in self._chosen(arguments.get(_LOCK))
                ],
            }
        )


class OpeningsTool(_LockTool):
    """Who opened a door; this fetches records, as the action `get_records` does."""

    name = f"{DOMAIN}__get_openings"
    title = "Get who opened the door"
    description = (
        "Get who opened a door with a smart lock, when, and how, newest first. Leave out "
        "the time for the last 24 hours."
    )
    time_field = _SINCE
    time_description = "The local time from which to search."

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Return who opened the doors."""
        arguments = self.parameters(tool_input.tool_args)
        now = dt_util.utcnow()
        since = max(_moment(arguments.get(_SINCE)) or now - _SPAN, now - _LONGEST_SPAN)
        span = Span(
            start_ms=round(since.timestamp() * 1000),
            end_ms=round(now.timestamp() * 1000),
            limit=_MOST_OPENINGS,
        )
        openings: list[JsonValueType] = [
            {"lock": name, **await _async_openings(lock, span)}
            for name, lock in self._chosen(arguments.get(_LOCK))
        ]
        return ToolResult(data={"since": _local(since), "locks": openings})


def _moment(value: str | None) -> datetime | None:
    """Return a moment; without a zone, in that of Home Assistant."""
    moment = dt_util.parse_datetime(value) if value else None
    return moment and dt_util.as_utc(moment)


def _local(moment: datetime) -> str:
    return dt_util.as_local(moment).isoformat(timespec="minutes")


def _access(lock: LockCoordinator, moment: datetime) -> dict[str, Any]:
    """Return who can enter and who cannot, users without a name only as numbers."""
    if not lock.last_update_success or not lock.has_data:
        return {"error": "Unknown at the moment"}
    can: list[dict[str, str]] = []
    cannot: list[dict[str, str]] = []
    for user in lock.data.users.values():
        access = access_of(user, lock.data, lock.memory.suspended, moment)
        change = next_access_change(user, access, lock.data, moment)
        if access is Access.ALLOWED:
            can.append(_named(user) | _timed("until", change))
        else:
            reason = {"reason": access}
            cannot.append(_named(user) | reason | _timed("from", change))
    return {"can_enter": _short(can), "cannot_enter": _short(cannot)}


def _timed(key: str, moment: datetime | None) -> dict[str, str]:
    return {} if moment is None else {key: _local(moment)}


def _named(user: User) -> dict[str, str]:
    return {"name": (user.name or "unnamed user")[:LONGEST_NAME]}


def _short(items: list[dict[str, str]]) -> list[Any]:
    """Return the first items, and how many more there are."""
    more = len(items) - _MOST_USERS
    return items if more <= 0 else [*items[:_MOST_USERS], {"more": more}]


async def _async_openings(lock: LockCoordinator, span: Span) -> dict[str, Any]:
    """Return the openings of a lock, or why they are unknown."""
    try:
        found = await async_read_occurrences(lock, span, OPENED_TYPES)
    except HomeAssistantError as err:
        return {"error": Localizer(lock.hass).error(err)}
    openings = [_opening(one) for one in found if one.kind is EventKind.OPENED]
    return {"openings": openings[:_MOST_OPENINGS]}


def _opening(opening: Occurrence) -> dict[str, str]:
    """Return who opened the door, when, and how; what is unknown is left out."""
    values = {
        "time": _local(dt_util.utc_from_timestamp(opening.time_ms / 1000)),
        "user": opening.user_name,
        "with": opening.type,
        "name": opening.name,
    }
    return {key: value[:LONGEST_NAME] for key, value in values.items() if value}
