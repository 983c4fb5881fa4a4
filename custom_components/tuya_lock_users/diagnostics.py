"""What helps to understand a strange lock, and names nobody.

Everything here is chosen; nothing is passed on because nobody thought of it. Ids and
names are replaced by short hashes: the same one is the same in every dump of this
Home Assistant, so that two can be compared. Nobody else can find out what a hash stands
for by trying: its key is the id of the installation.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from importlib.metadata import version
import re
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import __version__ as HA_VERSION
from homeassistant.core import HomeAssistant
from homeassistant.helpers import instance_id, issue_registry as ir
from homeassistant.helpers.device_registry import AnyDeviceEntry
from homeassistant.util import dt as dt_util

from .api.data_centers import HOSTS
from .api.models import UnlockMethod, User
from .api.schedule.model import Schedule
from .const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_ACCOUNT_UID,
    CONF_DATA_CENTER,
    CONF_EXCLUDED_LOCKS,
    CONF_EXTRA_LOCKS,
    DOMAIN,
)
from .coordinator.connection import async_get_cloud, async_get_connection
from .coordinator.lock import LockCoordinator
from .coordinator.project import ProjectCoordinator, TuyaLockUsersConfigEntry
from .domain.pseudonym import Pseudonymize, pseudonymizer

_PACKAGES: Final = ("aiohttp", "mashumaro", "orjson")

# Codes, names of time zones and their offsets; nothing with a blank or many digits.
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z_]*(?:/[A-Za-z_]+)*|[+-]\d\d?:?\d\d")

_DAY_SECONDS: Final = 24 * 3600


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: TuyaLockUsersConfigEntry
) -> dict[str, Any]:
    """Return what is known of a project and its locks; less where it is not set up."""
    packages = await hass.async_add_executor_job(_versions)
    hashed = await _async_hashed(hass)
    told: dict[str, Any] = {
        "versions": {"home_assistant": HA_VERSION, **packages},
        "project": _project(hass, entry, hashed),
    }
    if entry.state is ConfigEntryState.LOADED:
        project = entry.runtime_data
        told["list"] = _list(project)
        told["locks"] = [
            _lock(project, lock, hashed) for lock in project.locks.values()
        ]
    return told


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: TuyaLockUsersConfigEntry, device: AnyDeviceEntry
) -> dict[str, Any]:
    """Return what is known of a lock, or of the lock of a user; else of all."""
    if entry.state is not ConfigEntryState.LOADED:
        return await async_get_config_entry_diagnostics(hass, entry)
    project = entry.runtime_data
    for domain, identifier in device.identifiers:
        lock_id, _, user_id = identifier.partition(":")
        if domain == DOMAIN and (lock := project.locks.get(lock_id)):
            hashed = await _async_hashed(hass)
            return {
                "project": _project(hass, entry, hashed),
                "list": _list(project),
                "lock": _lock(project, lock, hashed),
                "user": hashed(user_id),
            }
    return await async_get_config_entry_diagnostics(hass, entry)


async def _async_hashed(hass: HomeAssistant) -> Pseudonymize:
    return pseudonymizer(await instance_id.async_get(hass))


def _versions() -> dict[str, str]:
    return {package: version(package) for package in _PACKAGES}


def _project(
    hass: HomeAssistant, entry: TuyaLockUsersConfigEntry, hashed: Pseudonymize
) -> dict[str, Any]:
    """Return what is known of a project even while its locks cannot be listed."""
    data_center, access_id = entry.data[CONF_DATA_CENTER], entry.data[CONF_ACCESS_ID]
    connection = async_get_connection(hass, access_id)
    cloud = async_get_cloud(
        hass, data_center, access_id, entry.data[CONF_ACCESS_SECRET]
    )
    pause_seconds = connection.paused_until - dt_util.utcnow().timestamp()
    return {
        "project": hashed(entry.unique_id),
        "access_id": hashed(access_id),
        "state": entry.state.value,
        "data_center": data_center if data_center in HOSTS else "another address",
        "account": hashed(entry.data.get(CONF_ACCOUNT_UID)),
        "excluded_locks": _hashes(hashed, entry.options.get(CONF_EXCLUDED_LOCKS, ())),
        "extra_locks": _hashes(hashed, entry.options.get(CONF_EXTRA_LOCKS, ())),
        "calls": {"month": connection.count.month, "count": connection.count.calls},
        "clock_offset_seconds": round(cloud.clock_offset_seconds),
        "pause": {
            "seconds_left": max(0, round(pause_seconds)),
            "by": _error(connection.paused_by),
        },
        "outages": [
            {
                "of": hashed(source) or "the cloud",
                "found_by": [hashed(finder) or "the list" for finder in found_by],
            }
            for source, found_by in connection.outages.current.items()
        ],
        "issues": _issues(hass, entry),
        "last_replies": cloud.replies.of(None),
    }


def _list(project: ProjectCoordinator) -> dict[str, Any]:
    """Return how the list of locks is read, and how often each of them."""
    plan = project.runtime.plan
    return {
        "last_update_success": project.last_update_success,
        "last_error": _error(project.last_exception),
        "cycle_seconds": round(plan.cycle_seconds),
        "sweep_days": plan.sweep_days,
    }


def _issues(hass: HomeAssistant, entry: TuyaLockUsersConfigEntry) -> list[str]:
    """Return what repairs are offered; their ids are not told, they hold other ids."""
    registry = ir.async_get(hass)
    return sorted(
        issue.translation_key
        for (domain, issue_id), issue in registry.issues.items()
        if domain == DOMAIN
        and issue.translation_key is not None
        and issue_id.endswith(f"_{entry.entry_id}")
    )


def _lock(
    project: ProjectCoordinator, lock: LockCoordinator, hashed: Pseudonymize
) -> dict[str, Any]:
    listed = project.data.get(lock.lock_id)
    told: dict[str, Any] = {
        "lock": hashed(lock.lock_id),
        "name": hashed(listed.name if listed else None),
        "category": _word(hashed, listed.category) if listed else None,
        "product_name": listed.product_name if listed else None,
        "model": listed.model if listed else None,
        "online": listed.online if listed else None,
        "time_zone": _word(hashed, listed.time_zone) if listed else None,
        "is_followed": lock.has_listeners,
        "last_update_success": lock.last_update_success,
        "last_error": _error(lock.last_exception),
        "update_seconds": lock.update_interval and lock.update_interval.total_seconds(),
        "dialects": asdict(lock.smart_lock.dialects),
        "load": lock.reader.load._asdict(),
        "last_replies": lock.runtime.client.cloud.replies.of(lock.lock_id),
    }
    if not lock.has_data:
        return told
    snapshot = lock.data
    return told | {
        "zones": {
            "default": str(snapshot.zones.default),
            "named": sorted(snapshot.zones.named),
        },
        "counts": {
            "users": len(snapshot.users),
            "user_types": Counter(user.user_type for user in snapshot.users.values()),
            "access": Counter(lock.access.values()),
            "unlock_methods": Counter(
                _word(hashed, method.type)
                for user in snapshot.users.values()
                for method in user.unlock_methods or ()
            ),
            "users_without_details": len(snapshot.users) - len(snapshot.detailed),
            "pending_changes": snapshot.pending_changes,
            "suspended": len(lock.memory.suspended),
            "absent_users": _length(snapshot.absent_users),
            "unassigned_unlock_methods": _length(snapshot.unassigned_methods),
        },
        "users": [_user(lock, user, hashed) for user in snapshot.users.values()],
        "absent_users": _hashes(
            hashed, (user.user_id for user in snapshot.absent_users or ())
        ),
        "unassigned_unlock_methods": [
            _method(method, hashed) for method in snapshot.unassigned_methods or ()
        ],
    }


def _user(lock: LockCoordinator, user: User, hashed: Pseudonymize) -> dict[str, Any]:
    return {
        "user": hashed(user.user_id),
        "name": hashed(user.name),
        "account": hashed(user.account_uid),
        "contact": hashed(user.contact),
        "avatar": hashed(user.avatar_url),
        "user_type": user.user_type,
        "effective": user.effective,
        "access": lock.access.get(user.user_id),
        "is_suspended": user.user_id in lock.memory.suspended,
        "schedule": _schedule(user.schedule, hashed),
        "unlock_methods": None
        if user.unlock_methods is None
        else [_method(method, hashed) for method in user.unlock_methods],
    }


def _schedule(schedule: Schedule | None, hashed: Pseudonymize) -> dict[str, Any] | None:
    """Return a schedule; its dates only by how far they are away."""
    if schedule is None:
        return None
    return {
        "permanent": schedule.permanent,
        "starts_in_days": _days_from_now(schedule.start),
        "ends_in_days": _days_from_now(schedule.end),
        "windows": [
            asdict(window) | {"time_zone": _word(hashed, window.time_zone)}
            for window in schedule.windows
        ],
        "delivery": schedule.delivery,
        "operate": _word(hashed, schedule.operate),
    }


def _days_from_now(seconds: int | None) -> int | None:
    if seconds is None:
        return None
    return round((seconds - dt_util.utcnow().timestamp()) / _DAY_SECONDS)


def _method(method: UnlockMethod, hashed: Pseudonymize) -> dict[str, Any]:
    notify = method.notify
    return {
        "type": _word(hashed, method.type),
        "number": method.number,
        "name": hashed(method.name),
        "unlock_id": hashed(method.unlock_id),
        "opmode_id": hashed(method.opmode_id),
        "phase": method.phase,
        "delivery": method.delivery,
        "duress": method.duress,
        "admin": method.admin,
        "voice": method.voice,
        "photo": method.photo,
        "can_deallocate": method.can_deallocate,
        "channel": method.channel,
        "notify": notify
        and {
            "app": notify.app,
            "sms": hashed(notify.sms),
            "call": hashed(notify.call),
        },
    }


def _error(err: BaseException | None) -> str | None:
    """Return what an error is: its class, and the cloud's code where it has one."""
    while err is not None and err.__cause__ is not None:
        err = err.__cause__
    if err is None:
        return None
    code = getattr(err, "code", None)
    return type(err).__name__ if code is None else f"{type(err).__name__} ({code})"


def _word(hashed: Pseudonymize, text: str | None) -> str | None:
    """Return text that should be a word of the cloud, a stand-in where it is none."""
    return text if text is None or _WORD.fullmatch(text) else hashed(text)


def _hashes(hashed: Pseudonymize, identities: Iterable[str]) -> list[str | None]:
    return [hashed(identity) for identity in identities]


def _length(items: tuple[object, ...] | None) -> int | None:
    return None if items is None else len(items)
