"""Helpers to find devices, entities and states by unique ID."""

import asyncio
from collections.abc import Callable, Mapping
import json
import logging
from pathlib import Path
from string import Formatter
from typing import Any, Final

from freezegun.api import real_monotonic
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuya_lock_users.const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_DATA_CENTER,
    DOMAIN,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from simulator import SimulatedCloud

INTEGRATION: Final = Path(__file__).parents[1] / "custom_components" / DOMAIN
ENGLISH: Final[dict[str, Any]] = json.loads(
    (INTEGRATION / "translations" / "en.json").read_text(encoding="utf-8")
)
ICONS: Final[dict[str, Any]] = json.loads(
    (INTEGRATION / "icons.json").read_text(encoding="utf-8")
)
_LONGEST_WAIT: Final = 20


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def entry_state(entry: MockConfigEntry) -> ConfigEntryState:
    """Return the state of an entry; a type checker does not see that it changes."""
    return entry.state


def entity_id_of(hass: HomeAssistant, unique_id: str) -> str | None:
    for entity in er.async_get(hass).entities.values():
        if entity.platform == DOMAIN and entity.unique_id == unique_id:
            return entity.entity_id
    return None


def state_object(hass: HomeAssistant, unique_id: str) -> State:
    entity_id = entity_id_of(hass, unique_id)
    assert entity_id is not None, f"no entity {unique_id}"
    state = hass.states.get(entity_id)
    assert state is not None, f"no state of {entity_id}"
    return state


def state_of(hass: HomeAssistant, unique_id: str) -> str | None:
    entity_id = entity_id_of(hass, unique_id)
    state = hass.states.get(entity_id) if entity_id else None
    return state.state if state else None


def states_of(hass: HomeAssistant, *prefixes: str) -> dict[str, str]:
    """Return the states of all entities of ours, by unique id.

    With prefixes, return only unique IDs that start with one of them. `last_read` is
    left out, because it always differs.
    """
    states = {
        entity.unique_id: state.state
        for entity in er.async_get(hass).entities.values()
        if entity.platform == DOMAIN
        and not entity.unique_id.endswith("_last_read")
        and (state := hass.states.get(entity.entity_id))
    }
    return {
        unique_id: state
        for unique_id, state in sorted(states.items())
        if not prefixes or unique_id.startswith(prefixes)
    }


class Entities:
    """Looks up the entities of the integration by their unique IDs."""

    __slots__ = ()
    hass: HomeAssistant

    def entity_id(self, unique_id: str) -> str | None:
        return entity_id_of(self.hass, unique_id)

    def state(self, unique_id: str) -> str | None:
        return state_of(self.hass, unique_id)

    def state_object(self, unique_id: str) -> State:
        return state_object(self.hass, unique_id)

    def states(self, *prefixes: str) -> dict[str, str]:
        return states_of(self.hass, *prefixes)


def lock_device(
    hass: HomeAssistant, entry: MockConfigEntry, identifier: str
) -> dr.DeviceEntry | None:
    return dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, identifier), entry.entry_id
    )


def user_device(
    hass: HomeAssistant, entry: MockConfigEntry, lock_id: str, user_id: str
) -> dr.ChildDeviceEntry | None:
    return dr.async_get(hass).async_get_child_device_by_identifier(
        (DOMAIN, f"{lock_id}:{user_id}"), entry.entry_id
    )


def registered_ids(hass: HomeAssistant) -> set[str]:
    """Return the devices, the issues, and the entities of the integration."""
    entities = er.async_get(hass).entities.values()
    return {
        *(device.id for device in dr.async_get(hass).devices),
        *(entity.entity_id for entity in entities if entity.platform == DOMAIN),
        *(issue_id for _, issue_id in ir.async_get(hass).issues),
    }


def error_issues(hass: HomeAssistant) -> list[str | None]:
    """Return the keys of the issues with severity error."""
    return [
        issue.translation_key
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue.severity is ir.IssueSeverity.ERROR
    ]


def log_lines(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    """Return the log lines of the integration above debug level."""
    return [
        (record.levelno, record.getMessage())
        for record in caplog.records
        if record.name.startswith("custom_components.tuya_lock_users")
        and record.levelno > logging.DEBUG
        # Home Assistant itself logs these under our logger.
        and not record.getMessage().startswith("Config entry")
    ]


def project_entry(
    cloud: SimulatedCloud, endpoint: str, title: str = "Tuya project"
) -> MockConfigEntry:
    """Return the entry of a project, as the config flow creates it."""
    data = {
        CONF_DATA_CENTER: endpoint,
        CONF_ACCESS_ID: cloud.access_id,
        CONF_ACCESS_SECRET: cloud.access_secret,
    }
    return MockConfigEntry(
        domain=DOMAIN, title=title, unique_id=cloud.project_uid, data=data
    )


def user_names(
    hass: HomeAssistant, entry: MockConfigEntry, lock_id: str
) -> list[str | None]:
    lock = lock_device(hass, entry, lock_id)
    if lock is None:
        return []
    children = dr.async_entries_for_parent_device(dr.async_get(hass), lock.id)
    return sorted((child.name for child in children), key=str)


def cases(
    names: str | tuple[str, ...], table: Mapping[str, Any]
) -> pytest.MarkDecorator:
    """Parametrize a test with the values of a table, and their keys as IDs."""
    return pytest.mark.parametrize(names, list(table.values()), ids=list(table))


def load_fixture(name: str) -> Any:
    path = Path(__file__).parent / "fixtures" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def field_input(name: str) -> Any:
    """Return a real input that an earlier version handled wrongly."""
    return load_fixture(f"field/{name}")


async def until(condition: Callable[[], object]) -> None:
    """Run the event loop until a condition is met; the clock of the test does not move.

    Sockets and threads need real time, and more of it on a busy machine.
    """
    began = real_monotonic()
    while not condition():
        assert real_monotonic() - began < _LONGEST_WAIT, "the condition was never met"
        await asyncio.sleep(0)
