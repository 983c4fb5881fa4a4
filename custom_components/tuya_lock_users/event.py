"""Event entities: one event for each change of a lock's users."""

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
    """Changes of the users of a lock (docs/architecture.md, Events).

    Each change arrives by a callback of its own, so several changes of one update are
    several events. Updates themselves only change the availability.
    """

    def __init__(self, lock: LockCoordinator) -> None:
        """Initialize the entity."""
        super().__init__(lock, USER_CHANGES)

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to changes."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_on_change(self._async_changed))

    @callback
    def async_entity_id_changed(self, old_entity_id: str) -> None:
        """Keep the subscription, which does not depend on the entity ID.

        Home Assistant 2026.11 requires this hook beside `async_added_to_hass`; 2026.10
        never calls it.
        """

    @override
    def _state_inputs(self) -> object:
        return None

    @callback
    def _async_changed(self, change: Change) -> None:
        """Fire one change as an event.

        The bus event is for the logbook, which describes it (see `logbook`). Both share
        a context, so that the logbook relates them.
        """
        context = Context()
        self.hass.bus.async_fire(
            EVENT_USER_CHANGED, self._bus_data(change), context=context
        )
        self.async_set_context(context)
        self._trigger_event(change.type, change.attributes)
        self.async_write_ha_state()

    def _bus_data(self, change: Change) -> dict[str, object]:
        """Return the data of the logbook entry; schedules stay in the attributes.

        The device is the user's, so that the entry appears there too, or the lock's for
        a removed user.
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
