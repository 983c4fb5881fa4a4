"""Event entities: changes of a lock's users, openings, alarms, and the doorbell."""

from typing import Any, Final, override

from homeassistant.components.event import (
    DOMAIN as EVENT_DOMAIN,
    EventDeviceClass,
    EventEntity,
    EventEntityDescription,
)
from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .api.lock_events import ALARM_TYPES, OPENED_TYPES, RING, EventKind
from .const import (
    ATTR_EVENT_TYPE,
    ATTR_LOCK_NAME,
    CONF_OPENINGS,
    EVENT_DOOR,
    EVENT_USER_CHANGED,
)
from .coordinator.lock import LockCoordinator
from .coordinator.project import TuyaLockUsersConfigEntry
from .domain.changes import Change, ChangeType
from .domain.openings import Occurrence
from .entity import DoorEntity, LockEntity, async_add_for_locks, async_remove_entities

PARALLEL_UPDATES: Final = 0

USER_CHANGES: Final = EventEntityDescription(
    key="user_changes",
    translation_key="user_changes",
    event_types=list(ChangeType),
)

DOOR_EVENTS: Final = (
    EventEntityDescription(
        key=EventKind.OPENED,
        translation_key="opened",
        event_types=list(OPENED_TYPES),
    ),
    EventEntityDescription(
        key=EventKind.ALARM,
        translation_key="alarm",
        event_types=list(ALARM_TYPES),
    ),
    EventEntityDescription(
        key=EventKind.DOORBELL,
        translation_key="doorbell",
        device_class=EventDeviceClass.DOORBELL,
        event_types=[RING],
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLockUsersConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the event entities of each lock."""
    async_add_for_locks(entry, async_add_entities, lambda lock: [UserChanges(lock)])
    if not entry.options.get(CONF_OPENINGS, True):
        async_remove_entities(hass, entry, EVENT_DOMAIN, list(EventKind))
        return
    async_add_for_locks(
        entry,
        async_add_entities,
        lambda lock: (DoorEvents(lock, description) for description in DOOR_EVENTS),
    )


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


class DoorEvents(DoorEntity, EventEntity):
    """Openings, alarms, or rings at the door of a lock."""

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to occurrences."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.door.async_on_occurrence(self._async_happened)
        )

    @callback
    def async_entity_id_changed(self, old_entity_id: str) -> None:
        """Keep the subscription, like `UserChanges`."""

    @override
    def _state_inputs(self) -> object:
        return None

    @callback
    def _async_happened(self, occurrence: Occurrence) -> None:
        """Fire one occurrence; the bus event is for the logbook, as for changes."""
        if occurrence.kind != self.entity_description.key:
            return
        context = Context()
        attributes = _attributes(occurrence)
        self.hass.bus.async_fire(
            EVENT_DOOR, self._bus_data(occurrence, attributes), context=context
        )
        self.async_set_context(context)
        self._trigger_event(occurrence.type, attributes)
        self.async_write_ha_state()

    def _bus_data(
        self, occurrence: Occurrence, attributes: dict[str, Any]
    ) -> dict[str, Any]:
        """Return the data of the logbook entry; the device is the user's, if there is one."""
        devices = self.coordinator.devices
        user_device_id = occurrence.user_id and devices.user_device_id(
            occurrence.user_id
        )
        return {
            **attributes,
            "kind": occurrence.kind,
            ATTR_ENTITY_ID: self.entity_id,
            ATTR_DEVICE_ID: user_device_id or devices.lock_device_id,
            ATTR_LOCK_NAME: devices.lock_name,
            ATTR_EVENT_TYPE: occurrence.type,
        }


def _attributes(occurrence: Occurrence) -> dict[str, Any]:
    """Return the attributes of an event; unknown values are None."""
    moment = dt_util.utc_from_timestamp(occurrence.time_ms / 1000)
    attributes = {
        "user_id": occurrence.user_id,
        "user_name": occurrence.user_name,
        "number": occurrence.number,
        "name": occurrence.name,
        "time": dt_util.as_local(moment).isoformat(),
        "source": occurrence.source,
    }
    if occurrence.kind is EventKind.ALARM:
        attributes["code"] = occurrence.code
    return attributes
