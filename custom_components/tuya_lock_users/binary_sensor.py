"""Binary sensors of the project and its locks."""

from typing import Final, override

from homeassistant.components.binary_sensor import (
    DOMAIN as BINARY_SENSOR_DOMAIN,
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_PUSH
from .coordinator.lock import LockCoordinator
from .coordinator.project import ProjectCoordinator, TuyaLockUsersConfigEntry
from .entity import (
    ProjectEntity,
    TuyaLockEntity,
    async_add_for_locks,
    async_remove_entities,
)

PARALLEL_UPDATES: Final = 0

ONLINE: Final = BinarySensorEntityDescription(
    key="online",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)

PUSH: Final = BinarySensorEntityDescription(
    key="push",
    translation_key="push",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLockUsersConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the project and of each lock."""
    if entry.options.get(CONF_PUSH, True):
        async_add_entities([PushSensor(entry.runtime_data, PUSH)])
    else:
        async_remove_entities(hass, entry, BINARY_SENSOR_DOMAIN, [PUSH.key])
    async_add_for_locks(
        entry, async_add_entities, lambda lock: [OnlineSensor(entry.runtime_data, lock)]
    )


class OnlineSensor(TuyaLockEntity, BinarySensorEntity):
    """Whether a lock is connected to Tuya's cloud.

    The value comes from the list of locks, and is available even if the lock itself
    cannot be updated.
    """

    coordinator: ProjectCoordinator

    def __init__(self, project: ProjectCoordinator, lock: LockCoordinator) -> None:
        """Initialize the entity: the lock's device, with data of the project."""
        self._lock_id = lock.lock_id
        super().__init__(project, ONLINE, lock.devices.device_info, lock.lock_id)

    @property
    @override
    def available(self) -> bool:
        """Return whether the list was updated and contains the lock."""
        return super().available and self._lock_id in self.coordinator.data

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether the lock is connected, None if the list has no value."""
        return self.coordinator.data[self._lock_id].online

    @override
    def _state_inputs(self) -> object:
        return self.is_on


class PushSensor(ProjectEntity, BinarySensorEntity):
    """Whether messages of the project can arrive."""

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to the connection."""
        await super().async_added_to_hass()
        push = self.coordinator.runtime.push
        self.async_on_remove(push.async_on_change(self._handle_coordinator_update))

    @property
    @override
    def is_on(self) -> bool:
        """Return whether there is a connection."""
        return self.coordinator.runtime.push.is_connected

    @override
    def _state_inputs(self) -> object:
        return self.is_on
