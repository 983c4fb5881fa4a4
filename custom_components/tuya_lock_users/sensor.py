"""Sensors of the project, the locks, and their users."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    DOMAIN as SENSOR_DOMAIN,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .api.models import LISTED_TYPES, User, UserType
from .api.schedule.model import MAX_TIMESTAMP, Access
from .const import CONF_OPENINGS, CONF_PUSH
from .coordinator.door import LockDoor
from .coordinator.lock import LockCoordinator
from .coordinator.project import TuyaLockUsersConfigEntry
from .domain.snapshot import LockSnapshot
from .entity import (
    DoorEntity,
    LockEntity,
    ProjectEntity,
    UserEntity,
    async_add_for_locks,
    async_add_for_users,
    async_remove_entities,
)

PARALLEL_UPDATES: Final = 0


@dataclass(frozen=True, kw_only=True)
class LockSensorDescription(SensorEntityDescription):
    """A sensor of a lock, computed from its snapshot."""

    value_fn: Callable[[LockSnapshot], StateType | datetime]


@dataclass(frozen=True, kw_only=True)
class UserSensorDescription(SensorEntityDescription):
    """A sensor of a user; `counts_methods` requires all unlock methods to be known."""

    value_fn: Callable[[User, Access], StateType | datetime]
    attributes_fn: Callable[[User, Access], dict[str, Any]] | None = None
    counts_methods: bool = False


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


def _length(items: tuple[object, ...] | None) -> int | None:
    return None if items is None else len(items)


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


def _access_until(user: User, _access: Access) -> datetime | None:
    """Return the end of the schedule; the far future means no end."""
    schedule = user.schedule
    if schedule is None or schedule.end is None or schedule.end >= MAX_TIMESTAMP:
        return None
    return datetime.fromtimestamp(schedule.end, UTC)


def _methods_attribute(user: User, _access: Access) -> dict[str, Any]:
    return {
        "unlock_methods": [
            {"type": method.type, "number": method.number, "name": method.name}
            for method in user.unlock_methods or ()
        ]
    }


USER_SENSORS: Final[tuple[UserSensorDescription, ...]] = (
    UserSensorDescription(
        key="access",
        translation_key="access",
        device_class=SensorDeviceClass.ENUM,
        options=list(Access),
        value_fn=lambda _user, access: access,
    ),
    UserSensorDescription(
        key="role",
        translation_key="role",
        device_class=SensorDeviceClass.ENUM,
        options=list(UserType),
        value_fn=lambda user, _access: user.user_type,
    ),
    UserSensorDescription(
        key="access_until",
        translation_key="access_until",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=_access_until,
    ),
    UserSensorDescription(
        key="unlock_methods",
        translation_key="unlock_methods",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda user, _access: _length(user.unlock_methods),
        attributes_fn=_methods_attribute,
        counts_methods=True,
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

USER_LAST_OPENED: Final = SensorEntityDescription(
    key="last_opened",
    translation_key="last_opened",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_registry_enabled_default=False,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLockUsersConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the project, its locks, and their users."""
    async_add_entities([ApiCallsSensor(entry.runtime_data, API_CALLS)])
    async_add_for_locks(
        entry,
        async_add_entities,
        lambda lock: (
            LastReadSensor(lock),
            *(LockSensor(lock, description) for description in LOCK_SENSORS),
        ),
    )
    async_add_for_locks(
        entry,
        async_add_entities,
        lambda lock: [PasswordsSensor(lock, TEMPORARY_PASSWORDS)],
    )
    async_add_for_users(
        entry,
        async_add_entities,
        lambda lock, user_id: (
            UserSensor(lock, user_id, description) for description in USER_SENSORS
        ),
    )
    if entry.options.get(CONF_PUSH, True):
        async_add_entities([MessagesSensor(entry.runtime_data, MESSAGES)])
    else:
        async_remove_entities(hass, entry, SENSOR_DOMAIN, [MESSAGES.key])
    if not entry.options.get(CONF_OPENINGS, True):
        keys = [description.key for description in (*DOOR_SENSORS, USER_LAST_OPENED)]
        async_remove_entities(hass, entry, SENSOR_DOMAIN, keys)
        return
    async_add_for_locks(
        entry,
        async_add_entities,
        lambda lock: (DoorSensor(lock, description) for description in DOOR_SENSORS),
    )
    async_add_for_users(
        entry,
        async_add_entities,
        lambda lock, user_id: [LastOpenedSensor(lock, user_id, USER_LAST_OPENED)],
    )


class ApiCallsSensor(ProjectEntity, SensorEntity):
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

    @override
    def _state_inputs(self) -> object:
        return self.native_value


class LastReadSensor(LockEntity, SensorEntity):
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

    @override
    def _state_inputs(self) -> object:
        return self.native_value


class LockSensor(LockEntity, SensorEntity):
    """A value of a lock."""

    entity_description: LockSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value from the snapshot of the lock."""
        return self.entity_description.value_fn(self.coordinator.data)

    @override
    def _state_inputs(self) -> object:
        return self.native_value


class UserSensor(UserEntity, SensorEntity):
    """A value of a user."""

    entity_description: UserSensorDescription
    _unrecorded_attributes = frozenset({"unlock_methods"})

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
        return attributes_fn(self.user, self.coordinator.access[self.user_id])

    @override
    def _state_inputs(self) -> object:
        return self.user, self.coordinator.access[self.user_id], self._is_known

    @property
    def _is_known(self) -> bool:
        """Return whether the data of the sensor is complete."""
        return not self.entity_description.counts_methods or (
            self.coordinator.data.knows_methods_of(self.user_id)
        )


class PasswordsSensor(LockEntity, SensorEntity):
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

    @override
    def _state_inputs(self) -> object:
        return self.native_value


class MessagesSensor(ProjectEntity, SensorEntity):
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

    @override
    def _state_inputs(self) -> object:
        return self.native_value


class DoorSensor(DoorEntity, SensorEntity):
    """A value of the last opening."""

    entity_description: DoorSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value of the last opening."""
        return self.entity_description.value_fn(self.coordinator.door)

    @override
    def _state_inputs(self) -> object:
        return self.native_value


class LastOpenedSensor(UserEntity, SensorEntity):
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

    @override
    def _state_inputs(self) -> object:
        return self.native_value
