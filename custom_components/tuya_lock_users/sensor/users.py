"""Sensors of the users of a lock, with the table of their values."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from ..api.models import User, UserType
from ..api.schedule.model import MAX_TIMESTAMP, Access
from ..domain.access import next_access_change
from ..domain.snapshot import LockSnapshot
from ..entity import UserEntity
from .locks import ValueSensor


@dataclass(frozen=True, kw_only=True)
class UserSensorDescription(SensorEntityDescription):
    """A sensor of a user; `counts_methods` requires all unlock methods to be known."""

    value_fn: Callable[[User, Access], StateType | datetime]
    attributes_fn: Callable[[User, Access, LockSnapshot], dict[str, Any]] | None = None
    counts_methods: bool = False


def _access_until(user: User, _access: Access) -> datetime | None:
    """Return the end of the schedule, as the lock has it; the far future means none."""
    schedule = user.schedule
    if schedule is None or schedule.end is None or schedule.end >= MAX_TIMESTAMP:
        return None
    return datetime.fromtimestamp(schedule.end, UTC)


def _change_attribute(user: User, access: Access, lock: LockSnapshot) -> dict[str, Any]:
    change = next_access_change(user, access, lock, dt_util.utcnow())
    return {"next_change": change}


def _method_count(user: User, _access: Access) -> int | None:
    return None if user.unlock_methods is None else len(user.unlock_methods)


def _methods_attribute(
    user: User, _access: Access, _lock: LockSnapshot
) -> dict[str, Any]:
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
        attributes_fn=_change_attribute,
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
        value_fn=_method_count,
        attributes_fn=_methods_attribute,
        counts_methods=True,
    ),
)


USER_LAST_OPENED: Final = SensorEntityDescription(
    key="last_opened",
    translation_key="last_opened",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_registry_enabled_default=False,
)


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
        return self.entity_description.value_fn(*self._values)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return the attributes, if the sensor has any."""
        attributes_fn = self.entity_description.attributes_fn
        if attributes_fn is None or not self._is_known:
            return None
        return attributes_fn(*self._values, self.coordinator.data)

    @override
    def _state_inputs(self) -> object:
        snapshot = self.coordinator.data
        is_limited = self.user_id in snapshot.limits
        return *self._values, self._is_known, snapshot.zones, is_limited

    @property
    def _values(self) -> tuple[User, Access]:
        """Return the user and the current access; only while available."""
        lock = self.coordinator
        return lock.data.users[self.user_id], lock.access[self.user_id]

    @property
    def _is_known(self) -> bool:
        """Return whether the data of the sensor is complete."""
        return not self.entity_description.counts_methods or (
            self.coordinator.data.knows_methods_of(self.user_id)
        )


class LastOpenedSensor(ValueSensor, UserEntity):
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
