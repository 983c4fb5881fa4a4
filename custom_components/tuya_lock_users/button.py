"""Buttons of the locks."""

from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator.lock import LockCoordinator
from .coordinator.project import ProjectCoordinator, TuyaLockUsersConfigEntry
from .entity import LockEntity, async_add_for_locks

# Several locks are refreshed one after the other.
PARALLEL_UPDATES: Final = 1

REFRESH: Final = ButtonEntityDescription(key="refresh", translation_key="refresh")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLockUsersConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the button of each lock."""
    async_add_for_locks(
        entry,
        async_add_entities,
        lambda lock: [RefreshButton(entry.runtime_data, lock)],
    )


class RefreshButton(LockEntity, ButtonEntity):
    """Refreshes a lock, including everything that is otherwise updated once a day."""

    def __init__(self, project: ProjectCoordinator, lock: LockCoordinator) -> None:
        """Initialize the entity."""
        super().__init__(lock, REFRESH)
        self._project = project

    @property
    @override
    def available(self) -> bool:
        """Return True: the button is needed most while the lock is unavailable."""
        return True

    @override
    def _state_inputs(self) -> object:
        return None

    @override
    async def async_press(self) -> None:
        """Refresh the lock, even if it was refused before: the cause may be resolved."""
        await self._project.async_refresh_lock(self.coordinator)
