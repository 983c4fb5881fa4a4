"""The devices of a project: the project, its locks, and their users as children.

This module alone updates the registry, and entities only refer to their device. So
renamed and removed users need no work in the entities.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import (
    ChildDeviceInfo,
    DeviceEntryType,
    DeviceInfo,
)

from ..api.models import Lock, User
from ..const import DOMAIN, MANUFACTURER

# Entity IDs contain names, which can be very long.
LONGEST_NAME: Final = 64


def project_identifier(entry: ConfigEntry) -> tuple[str, str]:
    """Return the identifier of a project's device."""
    return (DOMAIN, str(entry.unique_id))


def lock_identifier(lock_id: str) -> tuple[str, str]:
    """Return the identifier of a lock's device."""
    return (DOMAIN, lock_id)


def user_identifier(lock_id: str, user_id: str) -> tuple[str, str]:
    """Return the identifier of a user's device."""
    return (DOMAIN, f"{lock_id}:{user_id}")


class ProjectDevices:
    """The devices of a project and of its locks."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Initialize the devices."""
        self._hass = hass
        self._registry = dr.async_get(hass)
        self._entry = entry

    @property
    def device_info(self) -> DeviceInfo:
        """Return the device info of the project."""
        return DeviceInfo(identifiers={project_identifier(self._entry)})

    @property
    def known_locks(self) -> dict[str, Lock]:
        """Return the locks that the registry knows, from an earlier run."""
        project = project_identifier(self._entry)
        return {
            lock_id: Lock(
                lock_id=lock_id,
                name=device.name,
                product_name=device.model,
                model=device.model_id,
            )
            for device in dr.async_entries_for_config_entry(
                self._registry, self._entry.entry_id
            )
            for domain, lock_id in device.identifiers
            if domain == DOMAIN and (domain, lock_id) != project and ":" not in lock_id
        }

    def is_owned_by_other(self, lock_id: str) -> bool:
        """Return whether another entry has the lock already.

        An account can be linked to several projects, but an entity belongs to one entry.
        """
        return any(
            self._registry.async_get_device_by_identifier(
                lock_identifier(lock_id), entry.entry_id
            )
            for entry in self._hass.config_entries.async_entries(
                DOMAIN, include_disabled=False
            )
            if entry is not self._entry
        )

    @callback
    def async_update(
        self, locks: Iterable[Lock], *, gone: Iterable[str], remove_others: bool
    ) -> None:
        """Add, rename, and remove devices to match the locks.

        `gone` are the IDs of removed locks. `remove_others` also removes locks that left
        while Home Assistant was not running; it requires a complete list.
        """
        project = self._registry.async_get_or_create(
            config_entry_id=self._entry.entry_id,
            identifiers={project_identifier(self._entry)},
            entry_type=DeviceEntryType.SERVICE,
            manufacturer=MANUFACTURER,
            name=self._entry.title,
        )
        keep = {project.id}
        for lock in locks:
            device = self._registry.async_get_or_create(
                config_entry_id=self._entry.entry_id,
                identifiers={lock_identifier(lock.lock_id)},
                # The panel; the options of the entry stay where they are.
                configuration_url=f"homeassistant://{DOMAIN}/{quote(lock.lock_id, safe='')}",
                manufacturer=MANUFACTURER,
                model=lock.product_name,
                model_id=lock.model,
                via_device_id=project.id,
                **_name(lock.name, "unnamed_lock", lock.lock_id),
            )
            keep.add(device.id)
        leaving = {lock_identifier(lock_id) for lock_id in gone}
        for device in dr.async_entries_for_config_entry(
            self._registry, self._entry.entry_id
        ):
            if device.id not in keep and (
                remove_others or not leaving.isdisjoint(device.identifiers)
            ):
                self._registry.async_remove_device(device.id)


class LockDevices:
    """The devices of a lock's users."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, lock_id: str) -> None:
        """Initialize the devices."""
        self._hass = hass
        self._registry = dr.async_get(hass)
        self._entry = entry
        self._lock_id = lock_id
        self._names: dict[str, str | None] = {}
        self._may_be_stale = True

    @property
    def device_info(self) -> DeviceInfo:
        """Return the device info of the lock."""
        return DeviceInfo(identifiers={lock_identifier(self._lock_id)})

    @property
    def known_user_ids(self) -> frozenset[str]:
        """Return the ids of the users that the registry knows, from an earlier run."""
        lock = self._registry.async_get_device_by_identifier(
            lock_identifier(self._lock_id), self._entry.entry_id
        )
        if lock is None:
            return frozenset()
        return frozenset(
            identifier.removeprefix(f"{self._lock_id}:")
            for device in dr.async_entries_for_parent_device(self._registry, lock.id)
            for domain, identifier in device.identifiers
            if domain == DOMAIN
        )

    def user_device_info(self, user_id: str) -> ChildDeviceInfo:
        """Return the device info of a user."""
        return ChildDeviceInfo(
            identifiers={user_identifier(self._lock_id, user_id)},
            parent_device_id=self.lock_device_id,
        )

    @property
    def lock_device_id(self) -> str:
        """Return the device ID of the lock."""
        return dr.async_get_device_id_by_identifier(
            self._hass,
            lock_identifier(self._lock_id),
            config_entry_id=self._entry.entry_id,
        )

    @property
    def lock_name(self) -> str:
        """Return the name of the lock, set by a user or by the cloud."""
        device = self._registry.async_get_device_by_identifier(
            lock_identifier(self._lock_id), self._entry.entry_id
        )
        name = device and (device.name_by_user or device.name)
        return name or self._lock_id

    def user_device_id(self, user_id: str) -> str | None:
        """Return the device ID of a user, None for a removed user."""
        device = self._registry.async_get_child_device_by_identifier(
            user_identifier(self._lock_id, user_id), self._entry.entry_id
        )
        return device.id if device else None

    @property
    def is_disabled(self) -> bool:
        """Return whether the device of the lock is disabled."""
        device = self._registry.async_get_device_by_identifier(
            lock_identifier(self._lock_id), self._entry.entry_id
        )
        return device is not None and device.disabled

    @callback
    def async_update(self, users: Mapping[str, User], *, remove_others: bool) -> None:
        """Add, rename, and remove devices to match the users.

        `remove_others` also removes users who left while Home Assistant was not running;
        it requires a complete list.
        """
        names = {user_id: user.name for user_id, user in users.items()}
        for user_id, name in names.items():
            if user_id not in self._names or self._names[user_id] != name:
                self._registry.async_get_or_create_child(
                    config_entry_id=self._entry.entry_id,
                    identifiers={user_identifier(self._lock_id, user_id)},
                    parent_device_id=self.lock_device_id,
                    **_name(name, "unnamed_user", user_id),
                )
        remove_others = remove_others and self._may_be_stale
        if remove_others or self._names.keys() - names.keys():
            self._remove(names, self._names, remove_unknown=remove_others)
        self._names = names
        if remove_others:
            self._may_be_stale = False

    def _remove(
        self, keep_ids: Iterable[str], known: Iterable[str], *, remove_unknown: bool
    ) -> None:
        """Remove the devices of known users, or of all, that are not in `keep_ids`."""
        keep = {user_identifier(self._lock_id, user_id) for user_id in keep_ids}
        gone = {user_identifier(self._lock_id, user_id) for user_id in known} - keep
        for device in dr.async_entries_for_parent_device(
            self._registry, self.lock_device_id
        ):
            if keep.isdisjoint(device.identifiers) and (
                remove_unknown or not gone.isdisjoint(device.identifiers)
            ):
                self._registry.async_remove_device(device.id)


def _name(name: str | None, unnamed: str, known_as: str) -> dict[str, Any]:
    """Return the name of a device, or a translated substitute."""
    if name is not None:
        return {"name": name[:LONGEST_NAME]}
    return {
        "translation_key": unnamed,
        "translation_placeholders": {"id": known_as[:LONGEST_NAME]},
    }
