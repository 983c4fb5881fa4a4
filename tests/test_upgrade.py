"""An update from version 0.1.0, with the files that it stored."""

import json
import logging
from pathlib import Path
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuya_lock_users.const import CONF_DATA_CENTER, DOMAIN
from homeassistant.bootstrap import DATA_REGISTRIES_LOADED
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    category_registry as cr,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    issue_registry as ir,
    label_registry as lr,
    restore_state as rs,
)
from simulator import SimulatedCloud

from .conftest import Home

FILES: Final = Path(__file__).parent / "fixtures" / "upgrade_0_1_0"
REGISTRIES: Final = (ar, cr, dr, er, fr, ir, lr, rs)


def stored(name: str) -> Any:
    return json.loads((FILES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def load_registries() -> bool:
    return False


@pytest.fixture
def entry(cloud: SimulatedCloud, endpoint: str) -> MockConfigEntry:
    """The entry as stored, for a cloud at another port."""
    saved = stored("config_entry")
    keys = ("entry_id", "unique_id", "title", "options", "version", "minor_version")
    data = {**saved["data"], CONF_DATA_CENTER: endpoint}
    return MockConfigEntry(
        domain=DOMAIN, data=data, **{key: saved[key] for key in keys}
    )


def entities(hass: HomeAssistant) -> dict[str, dict[str, Any]]:
    keys = ("id", "entity_id", "name", "icon", "disabled_by", "device_id")
    found = list(er.async_get(hass).entities.values())
    assert len({(e.domain, e.unique_id) for e in found}) == len(found)
    return {
        f"{entity.domain} {entity.unique_id}": {
            key: getattr(entity, key) for key in keys
        }
        for entity in found
    }


def devices(hass: HomeAssistant) -> dict[str, tuple[Any, ...]]:
    """Return the devices by identifier, and their ID and names."""
    registry = dr.async_get(hass)
    found: list[dr.BaseDeviceEntry] = [*registry.devices]
    found += [
        child
        for device in registry.devices
        for child in dr.async_entries_for_parent_device(registry, device.id)
    ]
    return {
        identifier: (device.id, device.name, device.name_by_user)
        for device in found
        for _, identifier in device.identifiers
    }


async def test_from_0_1_0(
    home: Home, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is lost or duplicated, and suspended users stay suspended."""
    for name in ("store", "device_registry", "entity_registry"):
        hass_storage[stored(name)["key"]] = stored(name)
    dr.async_setup(home.hass)
    for module in REGISTRIES:
        await module.async_load(home.hass)
    home.hass.data[DATA_REGISTRIES_LOADED] = None
    entities_before, devices_before = entities(home.hass), devices(home.hass)
    assert len(entities_before) == 29
    assert devices_before["front"][2] == "Main door"
    bob = home.door.users["bob"]
    home.door.add_user("Cleo", user_id="cleo")
    home.door.expire(bob)
    home.cloud.add_lock("gate", "Garden gate").add_user("Gus", user_id="gus")
    home.cloud.delivery.delay = 0

    entry = await home.set_up()
    for _ in range(2):  # as stored by the earlier version, and then by this one
        after = entities(home.hass)
        assert {key: after.get(key) for key in entities_before} == entities_before
        assert devices(home.hass) == devices_before
        assert {one["device_id"] for one in after.values()} == {
            device_id for device_id, *_ in devices_before.values()
        }
        assert not [
            s for s in home.hass.states.async_all() if s.attributes.get("restored")
        ]
        assert entry.options == stored("config_entry")["options"]
        assert home.state("front:bob_access") == "suspended"
        assert int(home.state("bay0000000000000SIMU_api_calls") or 0) > 36
        assert home.hass.states.get("sensor.cleo_may_enter")
        await home.reload()

    await home.act("resume_user", "front:bob")
    assert bob.schedule.effective_time == 1_790_000_000
    assert bob.schedule.expired_time == 1_830_000_000
    [window] = bob.schedule.windows
    found = (window.working_day, window.start_minute, window.end_minute)
    assert found == (62, 540, 720)
    assert not [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING
        and DOMAIN in f"{record.name} {record.getMessage()}"
        and "has not been tested by Home Assistant" not in record.getMessage()
    ]
