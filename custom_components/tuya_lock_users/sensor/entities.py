"""Entities of the sensors: what each reads, and what it follows."""

from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import SensorEntity
from homeassistant.helpers.typing import StateType

from ..coordinator.lock import LockCoordinator
from ..entity import DoorEntity, LockEntity, ProjectEntity, TuyaLockEntity, UserEntity
from .descriptions import (
    LAST_READ,
    DoorSensorDescription,
    LockSensorDescription,
    UserSensorDescription,
)


class _ValueSensor(TuyaLockEntity, SensorEntity):
    """Base of the sensors whose state is their value alone."""

    @override
    def _state_inputs(self) -> object:
        return self.native_value


class ApiCallsSensor(_ValueSensor, ProjectEntity):
    """The requests of this calendar month, updated with each request."""

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to the count."""
        await super().async_added_to_hass()
        count = self.coordinator.runtime.session.count
        self.async_on_remove(count.async_on_change(self._handle_coordinator_update))

    @property
    @override
    def available(self) -> bool:
        """Return True: the count does not depend on the cloud."""
        return True

    @property
    @override
    def native_value(self) -> int:
        """Return the number of requests."""
        return self.coordinator.runtime.session.count.calls


class LastReadSensor(_ValueSensor, LockEntity):
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


class LockSensor(_ValueSensor, LockEntity):
    """A value of a lock."""

    entity_description: LockSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value from the snapshot of the lock."""
        return self.entity_description.value_fn(self.coordinator.data)


class UserSensor(UserEntity, SensorEntity):
    """A value of a user."""

    entity_description: UserSensorDescription
    _unrecorded_attributes = frozenset({"next_change", "unlock_methods"})

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value of the user."""
        if not self._is_known:
            return None
        access = self.coordinator.access[self.user_id]
        return self.entity_description.value_fn(self.user, access)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return the attributes, if the sensor has any."""
        attributes_fn = self.entity_description.attributes_fn
        if attributes_fn is None or not self._is_known:
            return None
        lock = self.coordinator
        return attributes_fn(self.user, lock.access[self.user_id], lock.data)

    @override
    def _state_inputs(self) -> object:
        lock = self.coordinator
        is_limited = self.user_id in lock.data.limits
        access = lock.access[self.user_id]
        return self.user, access, self._is_known, lock.data.zones, is_limited

    @property
    def _is_known(self) -> bool:
        """Return whether the data of the sensor is complete."""
        return not self.entity_description.counts_methods or (
            self.coordinator.data.knows_methods_of(self.user_id)
        )


class PasswordsSensor(_ValueSensor, LockEntity):
    """How many temporary passwords open the door at this time, without their PINs."""

    @override
    async def async_added_to_hass(self) -> None:
        """Let the passwords be read, and follow them."""
        await super().async_added_to_hass()
        follow = self.coordinator.passwords.async_add_listener
        self.async_on_remove(follow(self._handle_coordinator_update))

    @property
    @override
    def native_value(self) -> int | None:
        """Return the number of active passwords, None before they were read."""
        return self.coordinator.passwords.active


class MessagesSensor(_ValueSensor, ProjectEntity):
    """The messages of this calendar month, updated with the list of locks."""

    @property
    @override
    def available(self) -> bool:
        """Return True: the count is always available."""
        return True

    @property
    @override
    def native_value(self) -> int:
        """Return the number of messages."""
        return self.coordinator.runtime.store.messages.calls


class DoorSensor(_ValueSensor, DoorEntity):
    """A value of the last opening."""

    entity_description: DoorSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value of the last opening."""
        return self.entity_description.value_fn(self.coordinator.door)


class LastOpenedSensor(_ValueSensor, UserEntity):
    """The time when a user last opened the door."""

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to the door."""
        await super().async_added_to_hass()
        follow = self.coordinator.door.async_add_listener
        self.async_on_remove(follow(self._handle_coordinator_update))

    @property
    @override
    def native_value(self) -> datetime | None:
        """Return the time."""
        return self.coordinator.door.last_opened_of(self.user_id)
