"""The message stream of a project, in the background."""

import asyncio
from contextlib import aclosing
from typing import Final

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..api.encryption import DecryptionError
from ..api.messages import (
    ConnectionChange,
    DeviceListChange,
    EnrollmentProgress,
    PropertyReport,
)
from ..api.reconnection import Refusal
from ..api.stream import (
    DEFAULT_SUBSCRIPTION,
    Connected,
    Disconnected,
    MessageStream,
    StreamItem,
    push_urls,
)
from ..const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_DATA_CENTER,
    CONF_OPENINGS,
    CONF_SUBSCRIPTION,
    DOMAIN,
    LOGGER,
)
from ..localize import escape_markdown
from .door import now_ms
from .issues import (
    PUSH_NOT_ENABLED,
    PUSH_SILENT,
    async_create_project_issue,
    project_issue_id,
)
from .project import ProjectCoordinator

# The count of messages is written after so many, and at the latest with anything else.
_SAVE_EVERY: Final = 100


class Push:
    """Connects while the project has a lock, and passes messages to the locks.

    The task is not one of Home Assistant's, which would wait for it.
    """

    def __init__(self, project: ProjectCoordinator) -> None:
        """Initialize without a connection."""
        self._project = project
        self._hass = project.hass
        self._entry = project.config_entry
        self._state = project.runtime.push
        self._task: asyncio.Task[None] | None = None
        self._is_connected: bool | None = None
        self._online_ms: dict[str, int] = {}
        self._has_openings = self._entry.options.get(CONF_OPENINGS, True)

    @callback
    def async_begin(self) -> None:
        """Connect while there is a lock, until the entry is unloaded."""
        for stop in (
            self._project.async_add_listener(self._async_update),
            self._state.async_on_change(self._async_update_issues),
            self._hass.bus.async_listen_once(
                EVENT_HOMEASSISTANT_STOP, self._async_stop
            ),
        ):
            self._entry.async_on_unload(stop)
        self._entry.async_on_unload(self._async_close)
        self._async_update_issues()
        self._async_update()

    @callback
    def _async_update(self) -> None:
        """Connect if there is a lock; disconnect if there is none."""
        if self._project.locks and self._task is None:
            try:
                stream = self._stream()
            except DecryptionError:
                return  # the cloud reports that it refuses such a secret
            self._task = self._hass.loop.create_task(self._async_run(stream))
        elif not self._project.locks:
            self._async_cancel()

    @callback
    def _async_stop(self, _event: Event) -> None:
        self._async_cancel()

    @callback
    def _async_cancel(self) -> asyncio.Task[None] | None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        return task

    async def _async_close(self) -> None:
        """Close the connection."""
        if (task := self._async_cancel()) is not None:
            await asyncio.wait([task])
        self._state.async_set_disconnected(None)

    def _stream(self) -> MessageStream:
        data, store = self._entry.data, self._project.runtime.store
        return MessageStream(
            async_get_clientsession(self._hass),
            urls=push_urls(data[CONF_DATA_CENTER], store.push_url),
            access_id=data[CONF_ACCESS_ID],
            access_secret=data[CONF_ACCESS_SECRET],
            subscription=self._entry.options.get(CONF_SUBSCRIPTION)
            or DEFAULT_SUBSCRIPTION,
        )

    async def _async_run(self, stream: MessageStream) -> None:
        """Read the stream until cancelled."""
        self._state.retry = stream.retry
        async with aclosing(stream.items()) as items:
            async for item in items:
                self._async_handle(item)

    # Messages

    @callback
    def _async_handle(self, item: StreamItem) -> None:
        """Handle an item; a message of a lock shows that messages arrive."""
        match item:
            case Connected():
                self._async_connected(item)
                return
            case Disconnected():
                self._async_disconnected(item)
                return
        store = self._project.runtime.store
        store.messages.add()
        if store.messages.calls % _SAVE_EVERY == 0:
            store.async_save_later()
        lock_id = getattr(item, "device_id", None)
        if (lock := self._project.locks.get(lock_id or "")) is None:
            if isinstance(item, DeviceListChange):  # one that is not monitored yet
                self._async_read_list()
            return
        self._state.async_note_message(lock.lock_id)
        match item:
            case PropertyReport():
                lock.door.methods.async_handle(item)
                if self._has_openings:
                    lock.door.async_handle(item)
            case ConnectionChange():
                self._async_handle_connection(item)
            case DeviceListChange():
                self._async_read_list()
            case EnrollmentProgress():
                is_expected = lock.enrollment.is_active and not item.is_deletion
                if is_expected:
                    lock.enrollment.async_handle(item)
                elif item.is_finished:
                    lock.door.methods.async_read_soon()

    @callback
    def _async_handle_connection(self, item: ConnectionChange) -> None:
        """Set a lock online or offline, unless a later message was handled before.

        With both families of messages, each change arrives twice.
        """
        if item.time_ms >= self._online_ms.get(item.device_id, 0):
            self._online_ms[item.device_id] = item.time_ms
            self._project.async_set_online(item.device_id, online=item.online)

    @callback
    def _async_read_list(self) -> None:
        """Update the list of locks, once for several requests."""
        if self._project.runtime.session.pause is None:
            self._entry.async_create_background_task(
                self._hass,
                self._project.async_request_refresh(),
                f"{self._project.name} refresh",
            )

    # The connection

    @callback
    def _async_connected(self, item: Connected) -> None:
        if self._is_connected is False:
            LOGGER.info("%s receives messages again", self._entry.title)
        self._is_connected = True
        store = self._project.runtime.store
        if store.push_url != item.url:
            store.push_url = item.url
            store.async_save_later()
        LOGGER.debug("Connected to %s, reader: %s", item.url, item.is_reader)
        self._state.async_set_connected(now_ms(), is_reader=item.is_reader)

    @callback
    def _async_disconnected(self, item: Disconnected) -> None:
        """Handle a lost connection; only the first of several failures is logged."""
        if self._is_connected is not False and item.refusal is None:
            LOGGER.info("%s receives no messages: %s", self._entry.title, item.reason)
        self._is_connected = False
        LOGGER.debug("%s, again in %s seconds", item.reason, round(item.retry_seconds))
        self._state.async_set_disconnected(item.refusal)

    # Issues

    @callback
    def _async_update_issues(self) -> None:
        """Create the issues of the stream, and delete resolved ones."""
        state = self._state
        not_enabled = state.refusal in (
            Refusal.UNAUTHORIZED,
            Refusal.NOT_ENABLED,
            Refusal.INVALID,
        )
        self._show_issue(PUSH_NOT_ENABLED, is_shown=not_enabled)
        locks = [
            lock.devices.lock_name
            for lock_id, lock in self._project.locks.items()
            if lock_id in state.silent_locks
        ]
        self._show_issue(PUSH_SILENT, is_shown=bool(locks), locks=", ".join(locks))

    @callback
    def _show_issue(self, key: str, *, is_shown: bool, locks: str = "") -> None:
        if not is_shown:
            issue_id = project_issue_id(key, self._entry.entry_id)
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        async_create_project_issue(
            self._hass, self._entry, key, locks=escape_markdown(locks)
        )
