"""Entities as they are: names, icons, ids, and what is on by default."""

import custom_components.tuya_lock_users as integration
from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from simulator import Lock, SimulatedCloud

from .common import ENGLISH, ICONS, load_fixture
from .conftest import SetUp


async def test_entities(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
) -> None:
    """Each has its own name and icon, a stable ID, and a category."""
    entry = await set_up()
    entities = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    assert {entity.domain for entity in entities} == set(integration.PLATFORMS)
    categorized, disabled = set(), set()
    for entity in entities:
        assert entity.has_entity_name
        assert entity.device_id
        assert DOMAIN not in entity.unique_id
        assert entity.unique_id.startswith((cloud.project_uid, "front"))
        assert entity.original_icon is None
        key = entity.translation_key
        if key is None:
            assert entity.original_device_class
        else:
            assert key in ENGLISH["entity"][entity.domain]
            assert key in ICONS["entity"][entity.domain]
        if entity.entity_category:
            categorized.add(entity.unique_id.partition("_")[2])
        if entity.disabled:
            disabled.add(entity.unique_id.partition("_")[2])
    found = {"categorized": sorted(categorized), "disabled": sorted(disabled)}
    assert found == load_fixture("entity_defaults")
