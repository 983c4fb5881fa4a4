"""WebSocket commands of the panel, for administrators: two subscriptions and a refresh.

Only `refresh` calls the cloud. The subscriptions follow signals instead of coordinators: a
listener would cause a disabled lock to be polled, and would be lost in a reload.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import voluptuous as vol

from homeassistant.components import websocket_api
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    SOURCE_REAUTH,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator.lock import LockCoordinator
from .coordinator.project import ProjectCoordinator, TuyaLockUsersConfigEntry
from .coordinator.runtime import SIGNAL_UPDATED
from .errors import handling_of
from .feed import Json, difference, lock_content, lock_summary

ATTR_LOCK_ID: Final = "lock_id"


@callback
def async_setup_websocket(hass: HomeAssistant) -> None:
    """Register the commands."""
    for command in (ws_subscribe, ws_subscribe_lock, ws_refresh):
        websocket_api.async_register_command(hass, command)


@websocket_api.require_admin
@websocket_api.websocket_command({vol.Required("type"): f"{DOMAIN}/subscribe"})
@callback
def ws_subscribe(
    hass: HomeAssistant,
    connection: websocket_api.ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """Send all projects and locks, and again whenever one changes."""
    sent: Json | None = None

    @callback
    def send(*_: object) -> None:
        nonlocal sent
        overview = _overview(hass)
        if overview != sent:
            sent = overview
            connection.send_event(msg["id"], overview)

    connection.send_result(msg["id"])
    _async_follow(hass, connection, msg["id"], send)


@websocket_api.require_admin
@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/subscribe_lock",
        vol.Required(ATTR_LOCK_ID): str,
    }
)
@callback
def ws_subscribe_lock(
    hass: HomeAssistant,
    connection: websocket_api.ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """Send the users of a lock, then their changes."""
    lock_id = msg[ATTR_LOCK_ID]
    if _find(hass, lock_id) is None:
        connection.send_error(msg["id"], websocket_api.ERR_NOT_FOUND, "No such lock")
        return
    sent: Json | None = None

    @callback
    def send(changed_id: object = None, *_: object) -> None:
        nonlocal sent
        # Ignore other locks. An entry may have been added, removed, or reloaded: the
        # kind of that change is a text as well.
        is_lock = not isinstance(changed_id, ConfigEntryChange)
        if is_lock and isinstance(changed_id, str) and changed_id not in {lock_id, ""}:
            return
        # Keep what was sent while the entry reloads.
        if (found := _find(hass, lock_id)) is None:
            return
        content = lock_content(found[1])
        message = content if sent is None else difference(sent, content)
        sent = content
        if message:
            connection.send_event(msg["id"], message)

    connection.send_result(msg["id"])
    _async_follow(hass, connection, msg["id"], send)


@websocket_api.require_admin
@websocket_api.websocket_command(
    {vol.Required("type"): f"{DOMAIN}/refresh", vol.Required(ATTR_LOCK_ID): str}
)
@websocket_api.async_response
async def ws_refresh(
    hass: HomeAssistant,
    connection: websocket_api.ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """Refresh a lock, like its button."""
    if (found := _find(hass, msg[ATTR_LOCK_ID])) is None:
        connection.send_error(msg["id"], websocket_api.ERR_NOT_FOUND, "No such lock")
        return
    project, lock = found
    try:
        await project.async_refresh_lock(lock)
    except HomeAssistantError as err:
        connection.send_error(
            msg["id"],
            websocket_api.ERR_HOME_ASSISTANT_ERROR,
            str(err),
            translation_domain=err.translation_domain,
            translation_key=err.translation_key,
            translation_placeholders=err.translation_placeholders,
        )
        return
    connection.send_result(msg["id"])


@callback
def _async_follow(
    hass: HomeAssistant,
    connection: websocket_api.ActiveConnection,
    message_id: int,
    send: Callable[..., None],
) -> None:
    """Send immediately, even without data, and after every change."""
    send()
    unsubscribe = [
        async_dispatcher_connect(hass, signal, send)
        for signal in (SIGNAL_UPDATED, SIGNAL_CONFIG_ENTRY_CHANGED)
    ]

    @callback
    def unsubscribe_all() -> None:
        for each in unsubscribe:
            each()

    connection.subscriptions[message_id] = unsubscribe_all


def _projects(hass: HomeAssistant) -> Iterator[ProjectCoordinator]:
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        yield entry.runtime_data


def _find(
    hass: HomeAssistant, lock_id: str
) -> tuple[ProjectCoordinator, LockCoordinator] | None:
    for project in _projects(hass):
        if (lock := project.locks.get(lock_id)) is not None:
            return project, lock
    return None


def _overview(hass: HomeAssistant) -> Json:
    """Return all projects and locks."""
    entries = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    return {
        "projects": [_project_summary(hass, entry) for entry in entries],
        "locks": [
            _lock_summary(hass, project, lock)
            for project in _projects(hass)
            for lock in project.locks.values()
        ],
    }


def _project_summary(hass: HomeAssistant, entry: TuyaLockUsersConfigEntry) -> Json:
    """Return the state of a project; `reason` is the key of an issue or exception."""
    calls = paused_until = None
    reason = entry.error_reason_translation_key
    if entry.state is ConfigEntryState.LOADED:
        session = entry.runtime_data.runtime.session
        calls = session.count.calls
        if pause := session.pause:
            reason = handling_of(pause.error).key
            paused_until = dt_util.utc_from_timestamp(pause.probe_at).isoformat()
    if any(entry.async_get_active_flows(hass, {SOURCE_REAUTH})):
        reason = "reauth"
    return {
        "entry_id": entry.entry_id,
        "title": entry.title,
        "state": entry.state.value,
        "reason": reason,
        "calls": calls,
        "paused_until": paused_until,
    }


def _lock_summary(
    hass: HomeAssistant, project: ProjectCoordinator, lock: LockCoordinator
) -> Json:
    listed = project.data.get(lock.lock_id)
    entry_id = project.config_entry.entry_id
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, lock.lock_id), entry_id
    )
    return lock_summary(
        lock,
        device={
            "device_id": device and device.id,
            "entry_id": entry_id,
            "name": (device and (device.name_by_user or device.name)) or lock.name,
        },
        online=None if listed is None else listed.online,
        home_zone=dt_util.get_default_time_zone(),
        now=dt_util.utcnow(),
    )
