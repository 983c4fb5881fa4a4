"""Sensors of the project and its locks, with the tables of their values."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from ..api.unlock_methods import LISTED_TYPES
from ..coordinator.door import LockDoor
from ..coordinator.lock import LockCoordinator
from ..domain.snapshot import LockSnapshot
from ..entity import DoorEntity, LockEntity, ProjectEntity, TuyaLockEntity


@dataclass(frozen=True, kw_only=True)
class LockSensorDescription(SensorEntityDescription):
    """A sensor of a lock, computed from its snapshot."""

    value_fn: Callable[[LockSnapshot], StateType | datetime]


@dataclass(frozen=True, kw_only=True)
class DoorSensorDescription(SensorEntityDescription):
    """A sensor of a lock, computed from the last opening."""

    value_fn: Callable[[LockDoor], StateType | datetime]


API_CALLS: Final = SensorEntityDescription(
    key="api_calls",
    translation_key="api_calls",
    entity_category=EntityCategory.DIAGNOSTIC,
    state_class=SensorStateClass.TOTAL_INCREASING,
)

MESSAGES: Final = SensorEntityDescription(
    key="messages",
    translation_key="messages",
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
    state_class=SensorStateClass.TOTAL_INCREASING,
)

LAST_READ: Final = SensorEntityDescription(
    key="last_read",
    translation_key="last_read",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
)

TEMPORARY_PASSWORDS: Final = SensorEntityDescription(
    key="temporary_passwords",
    translation_key="temporary_passwords",
    entity_registry_enabled_default=False,
    state_class=SensorStateClass.MEASUREMENT,
)


def _count(method_type: str) -> Callable[[LockSnapshot], int | None]:
    """Return a function that counts the unlock methods of one type."""

    def count(snapshot: LockSnapshot) -> int | None:
        if (methods := snapshot.unlock_methods) is None:
            return None
        return sum(method.type == method_type for method in methods)

    return count


def _all_methods(snapshot: LockSnapshot) -> int | None:
    return None if (methods := snapshot.unlock_methods) is None else len(methods)


LOCK_SENSORS: Final[tuple[LockSensorDescription, ...]] = (
    LockSensorDescription(
        key="users",
        translation_key="users",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda snapshot: snapshot.user_count,
    ),
    LockSensorDescription(
        key="unlock_methods",
        translation_key="unlock_methods",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_all_methods,
    ),
    *(
        LockSensorDescription(
            key=f"{method_type}s",
            translation_key=f"{method_type}s",
            state_class=SensorStateClass.MEASUREMENT,
            entity_registry_enabled_default=False,
            value_fn=_count(method_type),
        )
        for method_type in (*LISTED_TYPES, "remote_control")
    ),
    LockSensorDescription(
        key="absent_users",
        translation_key="absent_users",
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda snapshot: snapshot.former_user_count,
    ),
    LockSensorDescription(
        key="unassigned_unlock_methods",
        translation_key="unassigned_unlock_methods",
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda snapshot: snapshot.unassigned_count,
    ),
    LockSensorDescription(
        key="pending_changes",
        translation_key="pending_changes",
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda snapshot: snapshot.pending_changes,
    ),
)


def _opened_at(door: LockDoor) -> datetime | None:
    """Return the time of the last opening."""
    if (last := door.last_opened) is None:
        return None
    return dt_util.utc_from_timestamp(last.time_ms / 1000)


def _opened_by(door: LockDoor) -> str | None:
    """Return the user of the last opening, or else the unlock method."""
    if (last := door.last_opened) is None:
        return None
    return last.user_name or last.name


DOOR_SENSORS: Final[tuple[DoorSensorDescription, ...]] = (
    DoorSensorDescription(
        key="last_opened",
        translation_key="last_opened",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=_opened_at,
    ),
    DoorSensorDescription(
        key="last_opened_by",
        translation_key="last_opened_by",
        value_fn=_opened_by,
    ),
)


class ValueSensor(TuyaLockEntity, SensorEntity):
    """A sensor whose state is its value alone."""

    @override
    def _state_inputs(self) -> object:
        return self.native_value


class ApiCallsSensor(ValueSensor, ProjectEntity):
    """The requests of this calendar month, updated with each request."""

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to the count."""
        await super().async_added_to_hass()
        count = self.coordinator.runtime.session.count
        self.async_on_remove(count.async_on_change(self._handle_coordinator_update))

    @property
    @override
    def native_value(self) -> int:
        """Return the number of requests."""
        return self.coordinator.runtime.session.count.calls


class MessagesSensor(ValueSensor, ProjectEntity):
    """The messages of this calendar month, updated with the list of locks."""

    @property
    @override
    def native_value(self) -> int:
        """Return the number of messages."""
        return self.coordinator.runtime.store.messages.calls


class LastReadSensor(ValueSensor, LockEntity):
    """The time of the last update of the users, also while the lock is unavailable."""

    def __init__(self, lock: LockCoordinator) -> None:
        """Initialize the entity."""
        super().__init__(lock, LAST_READ)

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to all updates, most of which change nothing else."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.async_on_read(self._handle_coordinator_update)
        )

    @property
    @override
    def available(self) -> bool:
        """Return whether the lock was updated since Home Assistant started."""
        return self.coordinator.last_read is not None

    @property
    @override
    def native_value(self) -> datetime | None:
        """Return the time."""
        return self.coordinator.last_read


class LockSensor(ValueSensor, LockEntity):
    """A value of a lock."""

    entity_description: LockSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value from the snapshot of the lock."""
        return self.entity_description.value_fn(self.coordinator.data)


class PasswordsSensor(ValueSensor, LockEntity):
    """How many temporary passwords open the door at this time, without their PINs."""

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to the passwords, which are then read."""
        await super().async_added_to_hass()
        follow = self.coordinator.passwords.async_add_listener
        self.async_on_remove(follow(self._handle_coordinator_update))

    @property
    @override
    def native_value(self) -> int | None:
        """Return the number of active passwords, None before they were read."""
        return self.coordinator.passwords.active


class DoorSensor(ValueSensor, DoorEntity):
    """A value of the last opening."""

    entity_description: DoorSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value of the last opening."""
        return self.entity_description.value_fn(self.coordinator.door)
