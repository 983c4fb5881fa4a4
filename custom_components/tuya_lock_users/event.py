"""What happens to the users of a lock, one event for each thing (DESIGN §6)."""

from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import ATTR_EVENT_TYPE, ATTR_LOCK_NAME, EVENT_USER_CHANGED
from .coordinator.lock import LockCoordinator
from .coordinator.project import TuyaLockUsersConfigEntry
from .domain.changes import Change, ChangeType
from .entity import LockEntity, async_add_for_locks

PARALLEL_UPDATES: Final = 0

USER_CHANGES: Final = EventEntityDescription(
    key="user_changes",
    translation_key="user_changes",
    event_types=list(ChangeType),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLockUsersConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the event entity of each lock."""
    async_add_for_locks(entry, async_add_entities, lambda lock: [UserChanges(lock)])


class UserChanges(LockEntity, EventEntity):
    """What happened to the users of a lock.

    It is told each change by itself, so that several of one reading are several events;
    readings as such only make it available or not. What was told before a restart is
    restored and not told again: the first reading after it is compared with nothing.
    """

    def __init__(self, lock: LockCoordinator) -> None:
        """Belong to the lock."""
        super().__init__(lock, USER_CHANGES)

    @override
    async def async_added_to_hass(self) -> None:
        """Begin to listen."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_on_change(self._async_changed))

    @callback
    def async_entity_id_changed(self, old_entity_id: str) -> None:
        """Keep listening under another id: nothing here depends on it.

        Home Assistant 2026.11 asks for this hook beside `async_added_to_hass`; 2026.10
        does not know it.
        """

    @override
    def news(self) -> object:
        return None

    @callback
    def _async_changed(self, change: Change) -> None:
        """Show one change.

        The bus event is for the logbook, which can put it into words (see `logbook`).
        Both share a context, so that the logbook knows them for the same thing.
        """
        context = Context()
        self.hass.bus.async_fire(
            EVENT_USER_CHANGED, self._bus_data(change), context=context
        )
        self.async_set_context(context)
        self._trigger_event(change.type, change.attributes)
        self.async_write_ha_state()

    def _bus_data(self, change: Change) -> dict[str, object]:
        """Return what a sentence needs; schedules stay in the entity's attributes.

        The device is the user's, so that the sentence stands there too; who is gone has
        none any more.
        """
        devices = self.coordinator.devices
        return {
            **{
                key: value
                for key, value in change.attributes.items()
                if not isinstance(value, dict)
            },
            ATTR_ENTITY_ID: self.entity_id,
            ATTR_DEVICE_ID: devices.user_device_id(change.user_id)
            or devices.lock_device_id,
            ATTR_LOCK_NAME: devices.lock_name,
            ATTR_EVENT_TYPE: change.type,
        }
