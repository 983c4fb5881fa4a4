"""System health: all projects together."""

import asyncio
from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .const import CONF_PUSH, DOMAIN
from .coordinator.project import ProjectCoordinator, TuyaLockUsersConfigEntry


@callback
def async_register(
    hass: HomeAssistant, register: system_health.SystemHealthRegistration
) -> None:
    """Register the info of the integration."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return the info; checking the cloud takes a moment longer."""
    entries: list[TuyaLockUsersConfigEntry] = hass.config_entries.async_loaded_entries(
        DOMAIN
    )
    projects = [entry.runtime_data for entry in entries]
    info: dict[str, Any] = {}
    if urls := {project.runtime.client.cloud.url for project in projects}:
        info["cloud"] = _async_reach_all(hass, urls)
    locks = [lock for project in projects for lock in project.locks.values()]
    # Two entries can share a project, and then share its count.
    counts = {
        id(session): session.count
        for session in (project.runtime.session for project in projects)
    }
    info |= {
        "calls": sum(count.calls for count in counts.values()),
        "locks": len(locks),
        "users": sum(len(lock.data.users) for lock in locks if lock.has_data),
    }
    if listening := [e.runtime_data for e in entries if e.options.get(CONF_PUSH, True)]:
        info |= _push(listening)
    return info


def _push(projects: list[ProjectCoordinator]) -> dict[str, Any]:
    """Return the info about messages, with the time of the latest connection."""
    times = [
        connected_ms
        for project in projects
        if (connected_ms := project.runtime.push.connected_ms) is not None
    ]
    info: dict[str, Any] = {"push": f"{len(times)}/{len(projects)}"}
    if times:
        info["push_since"] = dt_util.utc_from_timestamp(max(times) / 1000)
    messages = sum(project.runtime.store.messages.calls for project in projects)
    return info | {"messages": messages}


async def _async_reach_all(hass: HomeAssistant, urls: set[str]) -> str | dict[str, str]:
    """Return whether all data centers respond, or the problem of one of them."""
    results = await asyncio.gather(
        *(system_health.async_check_can_reach_url(hass, url) for url in sorted(urls))
    )
    return next((result for result in results if result != "ok"), "ok")
