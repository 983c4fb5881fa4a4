"""Tables of the sensors, and how each value is computed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from ..api.models import User, UserType
from ..api.schedule.model import MAX_TIMESTAMP, Access
from ..api.unlock_methods import LISTED_TYPES
from ..coordinator.door import LockDoor
from ..domain.access import next_access_change
from ..domain.snapshot import LockSnapshot


@dataclass(frozen=True, kw_only=True)
class LockSensorDescription(SensorEntityDescription):
    """A sensor of a lock, computed from its snapshot."""

    value_fn: Callable[[LockSnapshot], StateType | datetime]


@dataclass(frozen=True, kw_only=True)
class UserSensorDescription(SensorEntityDescription):
    """A sensor of a user; `counts_methods` requires all unlock methods to be known."""

    value_fn: Callable[[User, Access], StateType | datetime]
    attributes_fn: Callable[[User, Access, LockSnapshot], dict[str, Any]] | None = None
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
    """Return the end of the schedule, as the lock has it; the far future means none."""
    schedule = user.schedule
    if schedule is None or schedule.end is None or schedule.end >= MAX_TIMESTAMP:
        return None
    return datetime.fromtimestamp(schedule.end, UTC)


def _change_attribute(user: User, access: Access, lock: LockSnapshot) -> dict[str, Any]:
    change = next_access_change(user, access, lock, dt_util.utcnow())
    return {"next_change": change}


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
