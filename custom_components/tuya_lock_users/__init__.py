"""The Tuya Lock Users integration."""

from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util

from .api.endpoints import Endpoints
from .const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_DATA_CENTER,
    CONF_OPENINGS,
    CONF_PUSH,
    DOMAIN,
)
from .coordinator.connection import (
    async_forget_session,
    async_get_cloud,
    async_get_session,
)
from .coordinator.issues import async_delete_issues
from .coordinator.problems import async_follow_stopped_entries
from .coordinator.project import ProjectCoordinator, TuyaLockUsersConfigEntry
from .coordinator.push import Push
from .coordinator.runtime import Runtime
from .coordinator.store import ProjectStore
from .panel import async_add_panel, async_serve
from .services import async_setup_services
from .websocket import async_setup_websocket

CONFIG_SCHEMA: Final = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS: Final = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.SWITCH,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what all projects share."""
    async_follow_stopped_entries(hass)
    async_setup_services(hass)
    async_setup_websocket(hass)
    await async_serve(hass)
    return True


async def async_setup_entry(
    hass: HomeAssistant, entry: TuyaLockUsersConfigEntry
) -> bool:
    """Set up a project."""
    # First, so that the panel also shows a project that cannot connect.
    await async_add_panel(hass)
    access_id = entry.data[CONF_ACCESS_ID]
    cloud = async_get_cloud(
        hass, entry.data[CONF_DATA_CENTER], access_id, entry.data[CONF_ACCESS_SECRET]
    )
    session = async_get_session(hass, access_id)
    store = ProjectStore(hass, entry.entry_id, session.count)
    await store.async_load(dt_util.now())

    runtime = Runtime(hass, entry, Endpoints(cloud), session, store)
    project = ProjectCoordinator(runtime)
    await project.async_config_entry_first_refresh()
    entry.runtime_data = project

    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    # Keep the list updated even if all entities that use it are disabled.
    entry.async_on_unload(project.async_add_listener(lambda: None))
    project.async_begin_full_refresh(
        [lock for lock in project.locks.values() if lock.is_new]
    )
    if entry.options.get(CONF_OPENINGS, True):
        project.async_begin_records()
    else:
        project.async_forget_openings()
    if entry.options.get(CONF_PUSH, True):
        Push(project).async_begin()
    return True


async def async_unload_entry(
    hass: HomeAssistant, entry: TuyaLockUsersConfigEntry
) -> bool:
    """Unload a project."""
    if unloaded := await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        await entry.runtime_data.runtime.store.async_close()
    return unloaded


async def async_remove_entry(
    hass: HomeAssistant, entry: TuyaLockUsersConfigEntry
) -> None:
    """Remove the data of a project."""
    session = async_get_session(hass, entry.data[CONF_ACCESS_ID])
    await ProjectStore(hass, entry.entry_id, session.count).async_remove()
    async_forget_session(hass, entry.data[CONF_ACCESS_ID])
    async_delete_issues(hass, entry.entry_id)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: TuyaLockUsersConfigEntry, device: DeviceEntry
) -> bool:
    """Allow the removal of devices that the cloud no longer lists."""
    return entry.state is not ConfigEntryState.LOADED or not any(
        entry.runtime_data.knows(identifier)
        for domain, identifier in device.identifiers
        if domain == DOMAIN
    )
