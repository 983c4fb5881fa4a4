"""Sensors of the project, the locks, and their users."""

from typing import Final

from homeassistant.components.sensor import DOMAIN as SENSOR_DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import CONF_OPENINGS, CONF_PUSH
from ..coordinator.project import TuyaLockUsersConfigEntry
from ..entity import async_add_for_locks, async_add_for_users, async_remove_entities
from .locks import (
    API_CALLS,
    DOOR_SENSORS,
    LOCK_SENSORS,
    MESSAGES,
    TEMPORARY_PASSWORDS,
    ApiCallsSensor,
    DoorSensor,
    LastReadSensor,
    LockSensor,
    MessagesSensor,
    PasswordsSensor,
)
from .users import USER_LAST_OPENED, USER_SENSORS, LastOpenedSensor, UserSensor

PARALLEL_UPDATES: Final = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLockUsersConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the project, its locks, and their users."""
    async_add_entities([ApiCallsSensor(entry.runtime_data, API_CALLS)])
    async_add_for_locks(
        entry,
        async_add_entities,
        lambda lock: (
            LastReadSensor(lock),
            *(LockSensor(lock, description) for description in LOCK_SENSORS),
            PasswordsSensor(lock, TEMPORARY_PASSWORDS),
        ),
    )
    async_add_for_users(
        entry,
        async_add_entities,
        lambda lock, user_id: (
            UserSensor(lock, user_id, description) for description in USER_SENSORS
        ),
    )
    if entry.options.get(CONF_PUSH, True):
        async_add_entities([MessagesSensor(entry.runtime_data, MESSAGES)])
    else:
        async_remove_entities(hass, entry, SENSOR_DOMAIN, [MESSAGES.key])
    if not entry.options.get(CONF_OPENINGS, True):
        keys = [description.key for description in (*DOOR_SENSORS, USER_LAST_OPENED)]
        async_remove_entities(hass, entry, SENSOR_DOMAIN, keys)
        return
    async_add_for_locks(
        entry,
        async_add_entities,
        lambda lock: (DoorSensor(lock, description) for description in DOOR_SENSORS),
    )
    async_add_for_users(
        entry,
        async_add_entities,
        lambda lock, user_id: [LastOpenedSensor(lock, user_id, USER_LAST_OPENED)],
    )
