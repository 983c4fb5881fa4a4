"""Entities as they are: names, icons, ids, and what is on by default."""

import json
from pathlib import Path
from typing import Any, Final

import custom_components.tuya_lock_users as integration
from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from simulator import Lock, SimulatedCloud

from .conftest import SetUp

FOLDER: Final = Path(integration.__file__).parent
ENGLISH: Final[dict[str, Any]] = json.loads(
    (FOLDER / "translations" / "en.json").read_text(encoding="utf-8")
)
ICONS: Final[dict[str, Any]] = json.loads(
    (FOLDER / "icons.json").read_text(encoding="utf-8")
)


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
    assert {found.domain for found in entities} == set(integration.PLATFORMS)
    categorized, disabled = set(), set()
    for found in entities:
        assert found.has_entity_name
        assert found.device_id
        assert DOMAIN not in found.unique_id
        assert found.unique_id.startswith((cloud.project_uid, "front"))
        assert found.original_icon is None
        key = found.translation_key
        if key is None:
            assert found.original_device_class
        else:
            assert key in ENGLISH["entity"][found.domain]
            assert key in ICONS["entity"][found.domain]
        if found.entity_category:
            categorized.add(found.unique_id.partition("_")[2])
        if found.disabled:
            disabled.add(found.unique_id.partition("_")[2])
    assert categorized == {
        "absent_users",
        "api_calls",
        "enabled",
        "last_read",
        "messages",
        "online",
        "pending_changes",
        "push",
        "unassigned_unlock_methods",
    }
    assert disabled == {
        "cards",
        "enabled",
        "faces",
        "finger_veins",
        "fingerprints",
        "last_opened",
        "messages",
        "palms",
        "passwords",
        "remote_controls",
        "temporary_passwords",
    }
