"""Diagnostics: what helps to understand a lock, without names or ids.

Every value is selected; no object is dumped as a whole. Ids and names are replaced by
short pseudonyms that are the same in every dump of this Home Assistant, so that dumps
can be compared. Their key is the id of the installation, so they cannot be guessed.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
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
from .api.models import User
from .api.schedule.model import Schedule
from .api.unlock_methods import UnlockMethod
from .const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_ACCOUNT_UID,
    CONF_DATA_CENTER,
    CONF_EXCLUDED_LOCKS,
    CONF_EXTRA_LOCKS,
    CONF_OPENINGS,
    CONF_PUSH,
    CONF_SUBSCRIPTION,
    DOMAIN,
)
from .coordinator.connection import async_get_cloud, async_get_session
from .coordinator.lock import LockCoordinator
from .coordinator.project import ProjectCoordinator, TuyaLockUsersConfigEntry
from .domain.pseudonym import Pseudonymize, pseudonymizer

_PACKAGES: Final = ("aiohttp", "mashumaro", "orjson")

# Codes, names of time zones, and offsets, but no text with blanks or many digits.
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z_]*(?:/[A-Za-z_]+)*|[+-]\d\d?:?\d\d")

_DAY_SECONDS: Final = 24 * 3600
_MINUTE: Final = timedelta(minutes=1)


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: TuyaLockUsersConfigEntry
) -> dict[str, Any]:
    """Return the diagnostics of a project; of its locks only if it is loaded."""
    packages = await hass.async_add_executor_job(_versions)
    pseudonymize = await _async_pseudonymizer(hass)
    dump: dict[str, Any] = {
        "versions": {"home_assistant": HA_VERSION, **packages},
        "project": _project(hass, entry, pseudonymize),
    }
    if entry.state is ConfigEntryState.LOADED:
        project = entry.runtime_data
        dump["list"] = _list(project)
        dump["push"] = _push(project, pseudonymize)
        dump["locks"] = [
            _lock(project, lock, pseudonymize) for lock in project.locks.values()
        ]
    return dump


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: TuyaLockUsersConfigEntry, device: AnyDeviceEntry
) -> dict[str, Any]:
    """Return the diagnostics of a lock, or of the lock of a user; else of all."""
    if entry.state is not ConfigEntryState.LOADED:
        return await async_get_config_entry_diagnostics(hass, entry)
    project = entry.runtime_data
    for domain, identifier in device.identifiers:
        lock_id, _, user_id = identifier.partition(":")
        if domain == DOMAIN and (lock := project.locks.get(lock_id)):
            pseudonymize = await _async_pseudonymizer(hass)
            return {
                "project": _project(hass, entry, pseudonymize),
                "list": _list(project),
                "push": _push(project, pseudonymize),
                "lock": _lock(project, lock, pseudonymize),
                "user": pseudonymize(user_id),
            }
    return await async_get_config_entry_diagnostics(hass, entry)


async def _async_pseudonymizer(hass: HomeAssistant) -> Pseudonymize:
    return pseudonymizer(await instance_id.async_get(hass))


def _versions() -> dict[str, str]:
    return {package: version(package) for package in _PACKAGES}


def _project(
    hass: HomeAssistant, entry: TuyaLockUsersConfigEntry, pseudonymize: Pseudonymize
) -> dict[str, Any]:
    """Return the diagnostics that need no list of locks."""
    data_center, access_id = entry.data[CONF_DATA_CENTER], entry.data[CONF_ACCESS_ID]
    session = async_get_session(hass, access_id)
    cloud = async_get_cloud(
        hass, data_center, access_id, entry.data[CONF_ACCESS_SECRET]
    )
    now = dt_util.utcnow()
    pause = session.pause
    return {
        "project": pseudonymize(entry.unique_id),
        "access_id": pseudonymize(access_id),
        "state": entry.state.value,
        "data_center": data_center if data_center in HOSTS else "another address",
        "account": pseudonymize(entry.data.get(CONF_ACCOUNT_UID)),
        "excluded_locks": _pseudonyms(
            pseudonymize, entry.options.get(CONF_EXCLUDED_LOCKS, ())
        ),
        "extra_locks": _pseudonyms(
            pseudonymize, entry.options.get(CONF_EXTRA_LOCKS, ())
        ),
        "calls": {"month": session.count.month, "count": session.count.calls},
        "clock_offset_seconds": round(cloud.clock_offset_seconds),
        "pause": {
            "by": _error(pause.error),
            "probe_by": pseudonymize(pause.source) or "the list",
            "seconds_to_probe": round(pause.probe_at - now.timestamp()),
        }
        if pause
        else None,
        "outages": [
            {
                "of": pseudonymize(subject[0]) or "the cloud",
                "found_by": [pseudonymize(source) or "the list" for source in sources],
                "for_minutes": round((now - session.outages.since[subject]) / _MINUTE),
            }
            for subject, sources in session.outages.sources.items()
        ],
        "issues": _issues(hass, entry),
        "last_replies": cloud.replies.of(None),
    }


def _list(project: ProjectCoordinator) -> dict[str, Any]:
    """Return the state of the list of locks, and the intervals of the plan."""
    plan = project.runtime.plan
    return {
        "last_update_success": project.last_update_success,
        "last_error": _error(project.last_exception),
        "poll_seconds": round(plan.poll_seconds),
        "full_refresh_days": plan.full_refresh_days,
    }


def _push(project: ProjectCoordinator, pseudonymize: Pseudonymize) -> dict[str, Any]:
    """Return the state of messages. The host is public unless it was typed."""
    push, store = project.runtime.push, project.runtime.store
    data, options = project.config_entry.data, project.config_entry.options
    connected_ms = push.connected_ms
    is_public = data[CONF_DATA_CENTER] in HOSTS
    return {
        "enabled": options.get(CONF_PUSH, True),
        "openings": options.get(CONF_OPENINGS, True),
        "own_subscription": bool(options.get(CONF_SUBSCRIPTION)),
        "connected_for_minutes": None
        if connected_ms is None
        else round((dt_util.utcnow().timestamp() - connected_ms / 1000) / 60),
        "refusal": push.refusal,
        "as_reader": push.is_reader,
        "host": store.push_url if is_public else "another address",
        "has_message": push.has_message,
        "silent_locks": _pseudonyms(pseudonymize, sorted(push.silent_locks)),
        "messages": {"month": store.messages.month, "count": store.messages.calls},
    }


def _issues(hass: HomeAssistant, entry: TuyaLockUsersConfigEntry) -> list[str]:
    """Return the keys of the repair issues, whose ids contain other ids."""
    registry = ir.async_get(hass)
    return sorted(
        issue.translation_key
        for (domain, issue_id), issue in registry.issues.items()
        if domain == DOMAIN
        and issue.translation_key is not None
        and issue_id.endswith(f"_{entry.entry_id}")
    )


def _lock(
    project: ProjectCoordinator, lock: LockCoordinator, pseudonymize: Pseudonymize
) -> dict[str, Any]:
    listed = project.data.get(lock.lock_id)
    dump: dict[str, Any] = {
        "lock": pseudonymize(lock.lock_id),
        "name": pseudonymize(listed.name if listed else None),
        "category": _word(pseudonymize, listed.category) if listed else None,
        "product_name": listed.product_name if listed else None,
        "model": listed.model if listed else None,
        "online": listed.online if listed else None,
        "time_zone": _word(pseudonymize, listed.time_zone) if listed else None,
        "has_listeners": lock.has_listeners,
        "last_update_success": lock.last_update_success,
        "last_error": _error(lock.last_exception),
        "update_seconds": lock.update_interval and lock.update_interval.total_seconds(),
        "dialects": asdict(lock.smart_lock.dialects),
        "password_dialects": asdict(lock.passwords.calls.dialects),
        "load": asdict(lock.load),
        "last_replies": lock.runtime.client.cloud.replies.of(lock.lock_id),
    }
    if not lock.has_data:
        return dump
    snapshot = lock.data
    return dump | {
        "zones": {
            "default": str(snapshot.zones.default),
            "named": sorted(snapshot.zones.named),
        },
        "counts": {
            "users": len(snapshot.users),
            "user_types": Counter(user.user_type for user in snapshot.users.values()),
            "access": Counter(lock.access.values()),
            "unlock_methods": Counter(
                _word(pseudonymize, method.type)
                for user in snapshot.users.values()
                for method in user.unlock_methods or ()
            ),
            "users_without_details": len(snapshot.users) - len(snapshot.detailed),
            "pending_changes": snapshot.pending_changes,
            "suspended": len(lock.memory.suspended),
            "absent_users": _length(snapshot.absent_users),
            "unassigned_unlock_methods": _length(snapshot.unassigned_methods),
        },
        "users": [_user(lock, user, pseudonymize) for user in snapshot.users.values()],
        "absent_users": _pseudonyms(
            pseudonymize, (user.user_id for user in snapshot.absent_users or ())
        ),
        "unassigned_unlock_methods": [
            _method(method, pseudonymize)
            for method in snapshot.unassigned_methods or ()
        ],
    }


def _user(
    lock: LockCoordinator, user: User, pseudonymize: Pseudonymize
) -> dict[str, Any]:
    return {
        "user": pseudonymize(user.user_id),
        "name": pseudonymize(user.name),
        "account": pseudonymize(user.account_uid),
        "contact": pseudonymize(user.contact),
        "avatar": pseudonymize(user.avatar_url),
        "user_type": user.user_type,
        "effective": user.effective,
        "access": lock.access.get(user.user_id),
        "is_suspended": user.user_id in lock.memory.suspended,
        "schedule": _schedule(user.schedule, pseudonymize),
        "unlock_methods": None
        if user.unlock_methods is None
        else [_method(method, pseudonymize) for method in user.unlock_methods],
    }


def _schedule(
    schedule: Schedule | None, pseudonymize: Pseudonymize
) -> dict[str, Any] | None:
    """Return a schedule with its dates relative to now."""
    if schedule is None:
        return None
    return {
        "permanent": schedule.permanent,
        "starts_in_days": _days_from_now(schedule.start),
        "ends_in_days": _days_from_now(schedule.end),
        "unknown_keys": [_word(pseudonymize, key) for key in schedule.unknown_keys],
        "windows": None
        if schedule.windows is None
        else [
            asdict(window) | {"time_zone": _word(pseudonymize, window.time_zone)}
            for window in schedule.windows
        ],
        "delivery": schedule.delivery,
        "operate": _word(pseudonymize, schedule.operate),
    }


def _days_from_now(seconds: int | None) -> int | None:
    if seconds is None:
        return None
    return round((seconds - dt_util.utcnow().timestamp()) / _DAY_SECONDS)


def _method(method: UnlockMethod, pseudonymize: Pseudonymize) -> dict[str, Any]:
    notify = method.notify
    return {
        "type": _word(pseudonymize, method.type),
        "number": method.number,
        "name": pseudonymize(method.name),
        "unlock_id": pseudonymize(method.unlock_id),
        "opmode_id": pseudonymize(method.opmode_id),
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
            "sms": pseudonymize(notify.sms),
            "call": pseudonymize(notify.call),
        },
    }


def _error(err: BaseException | None) -> str | None:
    """Return the class of an error, and the code of the cloud if it has one."""
    while err is not None and err.__cause__ is not None:
        err = err.__cause__
    if err is None:
        return None
    code = getattr(err, "code", None)
    return type(err).__name__ if code is None else f"{type(err).__name__} ({code})"


def _word(pseudonymize: Pseudonymize, text: str | None) -> str | None:
    """Return a word of the cloud as it is, and any other text as a pseudonym."""
    return text if text is None or _WORD.fullmatch(text) else pseudonymize(text)


def _pseudonyms(
    pseudonymize: Pseudonymize, identities: Iterable[str]
) -> list[str | None]:
    return [pseudonymize(identity) for identity in identities]


def _length(items: tuple[object, ...] | None) -> int | None:
    return None if items is None else len(items)
