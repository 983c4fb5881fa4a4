"""What the entities share: their device, their unique id, and writing only news."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import callback
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import (
    CoordinatorEntity,
    DataUpdateCoordinator,
)

from .api.models import User
from .coordinator.lock import LockCoordinator
from .coordinator.project import ProjectCoordinator, TuyaLockUsersConfigEntry


class NewsEntity(CoordinatorEntity[DataUpdateCoordinator[Any]]):
    """Writes its state only when that is another.

    A reading of a lock with a hundred users wakes hundreds of entities; as a rule one
    of them has something to say.
    """

    _attr_has_entity_name = True
    _written: object = None

    def news(self) -> object:
        """Return all that the state is made of, compared by value; while available."""
        raise NotImplementedError

    def is_news(self) -> bool:
        """Return whether the state is another than when this was asked last."""
        before, self._written = self._written, self.available and (self.news(),)
        return self._written != before

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state if there is news."""
        if self.is_news():
            self.async_write_ha_state()


class ProjectEntity(NewsEntity):
    """An entity of the project."""

    coordinator: ProjectCoordinator

    def __init__(
        self, coordinator: ProjectCoordinator, description: EntityDescription
    ) -> None:
        """Belong to the project's device."""
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_device_info = coordinator.devices.device_info
        unique_id = coordinator.config_entry.unique_id
        self._attr_unique_id = f"{unique_id}_{description.key}"
        self.is_news()


class LockEntity(NewsEntity):
    """An entity of a lock."""

    coordinator: LockCoordinator

    def __init__(
        self, coordinator: LockCoordinator, description: EntityDescription
    ) -> None:
        """Belong to the lock's device."""
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_device_info = coordinator.devices.device_info
        self._attr_unique_id = f"{coordinator.lock_id}_{description.key}"
        self.is_news()

    @property
    @override
    def available(self) -> bool:
        """Return whether the lock was read; one that never was has nothing to show."""
        return super().available and self.coordinator.data is not None


class UserEntity(NewsEntity):
    """An entity of a user of a lock."""

    coordinator: LockCoordinator

    def __init__(
        self,
        coordinator: LockCoordinator,
        user_id: str,
        description: EntityDescription,
    ) -> None:
        """Belong to the user's device, a child of the lock's."""
        super().__init__(coordinator)
        self.entity_description = description
        self.user_id = user_id
        self._attr_device_info = coordinator.devices.user_device_info(user_id)
        self._attr_unique_id = f"{coordinator.lock_id}:{user_id}_{description.key}"
        self.is_news()

    @property
    def user(self) -> User:
        """Return the user as last read; only while available."""
        return self.coordinator.data.users[self.user_id]

    @property
    @override
    def available(self) -> bool:
        """Return whether the lock was read and still has this user."""
        return super().available and self.user_id in self.coordinator.data.users


def _is_ending(entry: TuyaLockUsersConfigEntry) -> bool:
    """Return whether the platforms are gone, or going, while a reading still comes in.

    What is added to them now would outlive the entry, and stand in the way of the next.
    """
    return entry.state is ConfigEntryState.UNLOAD_IN_PROGRESS


@callback
def async_add_for_locks(
    entry: TuyaLockUsersConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    entities_of: Callable[[LockCoordinator], Iterable[Entity]],
) -> None:
    """Add the entities of every lock there is, and of every lock that comes."""
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
    """Add the entities of every user there is, and of every user that comes."""
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
