"""Reading a lock now, by hand."""

from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api.errors import TuyaError
from .coordinator.lock import LockCoordinator
from .coordinator.project import ProjectCoordinator, TuyaLockUsersConfigEntry
from .entity import LockEntity, async_add_for_locks

# Pressing the buttons of several locks asks for one after the other.
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
    """Reads the lock now, with all that is read once a day otherwise."""

    def __init__(self, project: ProjectCoordinator, lock: LockCoordinator) -> None:
        """Initialize the entity."""
        super().__init__(lock, REFRESH)
        self._project = project

    @property
    @override
    def available(self) -> bool:
        """Return that it can be pressed: most of all while the lock cannot be read."""
        return True

    @override
    def news(self) -> object:
        return None

    @override
    async def async_press(self) -> None:
        """Ask again, whatever was refused before: somebody may have mended it."""
        lock = self.coordinator
        project = self._project
        was_paused = project.runtime.pause_seconds_left > 0
        project.runtime.async_end_pause()
        lock.forget_users_call()
        with lock.action_errors():
            try:
                if not lock.has_data:
                    await lock.async_read()
                known = lock.data.users.keys()
                snapshot = await lock.async_read(known)
                if new := snapshot.users.keys() - known - lock.reader.details_read:
                    await lock.async_read_details(new)
            except TuyaError as err:
                lock.note_failure(err)
                raise
        await lock.async_read_orphans()
        listed = project.data.get(lock.lock_id)
        is_offline = listed is not None and listed.online is False
        if is_offline or (was_paused and not project.last_update_success):
            # Only the list knows whether a lock is back.
            await project.async_request_refresh()
        if was_paused:
            # The pause was everybody's; the others would sit out the rest of theirs.
            for other in project.locks.values():
                if other.has_listeners and not other.last_update_success:
                    await other.async_request_refresh()
