"""Base entities: device, unique ID, and writing a state only if it changed."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import ChildDeviceInfo, DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import (
    CoordinatorEntity,
    DataUpdateCoordinator,
)

from .coordinator.lock import LockCoordinator
from .coordinator.project import ProjectCoordinator, TuyaLockUsersConfigEntry


class TuyaLockEntity(CoordinatorEntity[DataUpdateCoordinator[Any]]):
    """Writes its state only if it changed.

    An update of a lock with a hundred users notifies hundreds of entities, of which
    usually one has changed.
    """

    _attr_has_entity_name = True
    _written: object = None

    def __init__(
        self,
        coordinator: DataUpdateCoordinator[Any],
        description: EntityDescription,
        device_info: DeviceInfo | ChildDeviceInfo,
        owner: str,
    ) -> None:
        """Initialize the entity of a device; `owner` begins its unique ID."""
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_device_info = device_info
        self._attr_unique_id = f"{owner}_{description.key}"
        self._remember_state()

    def _state_inputs(self) -> object:
        """Return everything the state depends on, compared by value; while available."""
        raise NotImplementedError

    def _remember_state(self) -> bool:
        """Remember the state; return whether it differs from the one remembered."""
        before, self._written = (
            self._written,
            self.available and (self._state_inputs(),),
        )
        return self._written != before

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state if it changed."""
        if self._remember_state():
            self.async_write_ha_state()


class ProjectEntity(TuyaLockEntity):
    """An entity of the project, always available: it does not depend on the cloud."""

    coordinator: ProjectCoordinator

    def __init__(
        self, coordinator: ProjectCoordinator, description: EntityDescription
    ) -> None:
        """Initialize the entity."""
        device_info = coordinator.devices.device_info
        owner = str(coordinator.config_entry.unique_id)
        super().__init__(coordinator, description, device_info, owner)

    @property
    @override
    def available(self) -> bool:
        """Return True: what it shows is known here."""
        return True


class LockEntity(TuyaLockEntity):
    """An entity of a lock."""

    coordinator: LockCoordinator

    def __init__(
        self, coordinator: LockCoordinator, description: EntityDescription
    ) -> None:
        """Initialize the entity."""
        device_info = coordinator.devices.device_info
        super().__init__(coordinator, description, device_info, coordinator.lock_id)

    @property
    @override
    def available(self) -> bool:
        """Return whether the lock was updated, and has data at all."""
        return super().available and self.coordinator.data is not None


class DoorEntity(LockEntity):
    """An entity for occurrences at the door of a lock.

    Messages continue to arrive while the lock itself cannot be updated.
    """

    @property
    @override
    def available(self) -> bool:
        """Return whether the lock is available, or messages arrive."""
        return super().available or self.coordinator.runtime.push.is_connected

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to the door and to the state of messages."""
        await super().async_added_to_hass()
        for follow in (
            self.coordinator.door.async_add_listener,
            self.coordinator.runtime.push.async_on_change,
        ):
            self.async_on_remove(follow(self._handle_coordinator_update))


class UserEntity(TuyaLockEntity):
    """An entity of a user of a lock."""

    coordinator: LockCoordinator

    def __init__(
        self,
        coordinator: LockCoordinator,
        user_id: str,
        description: EntityDescription,
    ) -> None:
        """Initialize the entity; its device is a child of the lock's."""
        self.user_id = user_id
        device_info = coordinator.devices.user_device_info(user_id)
        owner = f"{coordinator.lock_id}:{user_id}"
        super().__init__(coordinator, description, device_info, owner)

    @property
    @override
    def available(self) -> bool:
        """Return whether the lock was updated and still has this user."""
        return super().available and self.user_id in self.coordinator.data.users


def _is_ending(entry: TuyaLockUsersConfigEntry) -> bool:
    """Return whether the entry unloads while an update is still in progress.

    Entities added now would outlive the entry and block those of the next set-up.
    """
    return entry.state is ConfigEntryState.UNLOAD_IN_PROGRESS


@callback
def async_remove_entities(
    hass: HomeAssistant,
    entry: TuyaLockUsersConfigEntry,
    platform: str,
    keys: Collection[str],
) -> None:
    """Remove entities that an option disables."""
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        is_unwanted = any(entity.unique_id.endswith(f"_{key}") for key in keys)
        if entity.domain == platform and is_unwanted:
            registry.async_remove(entity.entity_id)


@callback
def async_add_for_locks(
    entry: TuyaLockUsersConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    entities_of: Callable[[LockCoordinator], Iterable[Entity]],
) -> None:
    """Add the entities of all current and future locks."""
    project = entry.runtime_data

    @callback
    def add(lock: LockCoordinator) -> None:
        if not _is_ending(entry):
            async_add_entities(entities_of(lock))

    for lock in project.locks.values():
        add(lock)
    entry.async_on_unload(project.async_on_new_lock(add))


@callback
def async_add_for_users(
    entry: TuyaLockUsersConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    entities_of: Callable[[LockCoordinator, str], Iterable[Entity]],
) -> None:
    """Add the entities of all current and future users."""
    project = entry.runtime_data

    @callback
    def follow(lock: LockCoordinator) -> None:
        @callback
        def add(user_ids: Collection[str]) -> None:
            if _is_ending(entry):
                return
            async_add_entities(
                entity for user_id in user_ids for entity in entities_of(lock, user_id)
            )

        if lock.data is not None:
            add(lock.data.users)
        entry.async_on_unload(lock.async_on_new_users(add))

    for lock in project.locks.values():
        follow(lock)
    entry.async_on_unload(project.async_on_new_lock(follow))
