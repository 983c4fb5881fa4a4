"""Devices: the project, its locks, and users as children of their locks."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from simulator import Lock
from tests.common import cases, lock_device, user_device, user_names
from tests.conftest import CYCLE_SECONDS, DAY_SECONDS, LIST_SECONDS, Home

pytestmark = pytest.mark.default_options


async def test_devices(home: Home) -> None:
    """The project is a service, a lock is reached via it, and users are parts of it."""
    await home.set_up()
    project = home.lock_device(home.cloud.project_uid)
    assert project.entry_type is dr.DeviceEntryType.SERVICE
    assert (project.name, project.manufacturer) == ("Tuya project", "Tuya")
    assert project.via_device_id is None
    lock = home.lock_device("front")
    assert lock.via_device_id == project.id
    assert (lock.name, lock.manufacturer) == ("Front door", "Tuya")
    assert (lock.model, lock.model_id) == ("Wi-Fi Video Lock", "VL-90")
    alice = home.user_device("front", "alice")
    assert (alice.parent_device_id, alice.name) == (lock.id, "Alice")
    entity_id = home.entity_id("front:alice_access")
    assert entity_id == "sensor.front_door_alice_access"
    entity = er.async_get(home.hass).async_get(entity_id)
    assert entity
    assert entity.device_id == alice.id


async def test_user_renamed(home: Home) -> None:
    """A new name shows at the next poll; one given in Home Assistant wins over it."""
    await home.set_up()
    before = home.user_device("front", "bob")
    entity_id = home.entity_id("front:bob_access")
    home.door.users["bob"].nick_name = "Robert"
    await home.tick(CYCLE_SECONDS)

    after = home.user_device("front", "bob")
    assert (after.id, after.name) == (before.id, "Robert")
    assert home.entity_id("front:bob_access") == entity_id
    assert entity_id
    state = home.hass.states.get(entity_id)
    assert state
    assert state.name == "Robert Access"

    dr.async_get(home.hass).async_update_child_device(
        after.id, name_by_user="The plumber"
    )
    home.door.users["bob"].nick_name = "Bobby"
    await home.tick(CYCLE_SECONDS)
    after = home.user_device("front", "bob")
    assert (after.name, after.name_by_user) == ("Bobby", "The plumber")


async def test_user_added_and_removed(home: Home) -> None:
    entry = await home.set_up()
    carol = home.door.add_user("Carol", user_id="carol")
    home.door.add_method("remoteControl", carol)
    await home.tick(CYCLE_SECONDS)
    assert user_names(home.hass, entry, "front") == ["Alice", "Bob", "Carol"]
    assert home.state("front:carol_access") == "allowed"
    assert home.state("front:carol_unlock_methods") == "1"
    assert home.state("front_users") == "3"
    home.door.remove_user("carol")
    await home.tick(CYCLE_SECONDS)
    assert user_names(home.hass, entry, "front") == ["Alice", "Bob"]
    assert home.states("front:carol") == {}
    assert home.state("front_users") == "2"
    home.door.users["carol"] = carol
    await home.tick(CYCLE_SECONDS)
    assert user_names(home.hass, entry, "front") == ["Alice", "Bob", "Carol"]
    assert home.state("front:carol_access") == "allowed"


@pytest.mark.parametrize("name", [None, "", "   "], ids=["null", "empty", "blank"])
async def test_user_without_a_name(home: Home, name: str | None) -> None:
    home.door.users["bob"].nick_name = name
    entry = await home.set_up()
    assert user_names(home.hass, entry, "front") == ["Alice", "User bob"]
    home.door.users["bob"].nick_name = "Bob"
    await home.tick(CYCLE_SECONDS)
    assert user_names(home.hass, entry, "front") == ["Alice", "Bob"]
    home.door.users["bob"].nick_name = name
    await home.tick(CYCLE_SECONDS)
    assert user_names(home.hass, entry, "front") == ["Alice", "User bob"]


async def test_missing_and_duplicate_names(home: Home) -> None:
    """A lock without a name is called by its id; users may share name and id."""
    home.door.device.name = ""
    home.door.add_user("Bob", user_id="bob2")
    home.cloud.add_lock("gate", "Garden gate").add_user("Alice", user_id="alice")
    entry = await home.set_up()
    assert home.lock_device("front").name == "Lock front"
    assert user_names(home.hass, entry, "front") == ["Alice", "Bob", "Bob"]
    assert home.entity_id("front:bob_access") != home.entity_id("front:bob2_access")
    at_gate = home.user_device("gate", "alice")
    assert home.user_device("front", "alice").id != at_gate.id


@cases(
    ("name", "shown"),
    {
        "endless": ("x" * 10_000, "x" * 64),
        "half-of-a-pair": ("\ud800Bob", "?Bob"),
        "control-characters": ("B\x00o\x1bb\n", "Bob"),
        "right-to-left": ("יוסי", "יוסי"),
        "joined-emoji": ("👩‍👩‍👧", "👩‍👩‍👧"),
        "markup": ("<script>", "<script>"),
    },
)
async def test_strange_names(home: Home, name: str, shown: str) -> None:
    """Any name is turned into one that the registry accepts."""
    bob = home.door.users["bob"]
    bob.nick_name = name
    home.door.methods_of(bob)[0].unlock_name = name
    await home.set_up()
    device = home.user_device("front", "bob")
    assert device.name == shown
    entity_id = home.entity_id("front:bob_access")
    assert entity_id
    assert len(entity_id) < 255
    assert home.state("front:bob_access") == "allowed"
    assert home.state("front:bob_unlock_methods") == "1"


async def test_stale_devices_removed(home: Home, gate: Lock) -> None:
    entry = await home.set_up()
    await home.hass.config_entries.async_unload(entry.entry_id)
    home.door.remove_user("bob")
    home.cloud.remove_device("gate")
    await home.reload()
    assert user_names(home.hass, entry, "front") == ["Alice"]
    assert not lock_device(home.hass, entry, "gate")
    assert not user_device(home.hass, entry, "gate", "gus")
    assert home.states("gate") == home.states("front:bob") == {}


async def test_stale_devices_incomplete_list(home: Home) -> None:
    """A shortened list after a restart removes no existing user."""
    entry = await home.set_up()
    await home.hass.config_entries.async_unload(entry.entry_id)
    home.door.add_user("Carol", user_id="carol")
    home.door.remove_user("bob")
    fault = home.cloud.faults.page("total", 3, on="smart_lock_users")
    await home.reload()
    assert user_names(home.hass, entry, "front") == ["Alice", "Bob", "Carol"]
    assert home.state("front:bob_access") in (None, STATE_UNAVAILABLE)
    fault.remove()
    await home.tick(CYCLE_SECONDS)
    assert user_names(home.hass, entry, "front") == ["Alice", "Carol"]


def set_disabled(
    hass: HomeAssistant, device: dr.DeviceEntry | dr.ChildDeviceEntry, disabled: bool
) -> None:
    registry = dr.async_get(hass)
    by = dr.DeviceEntryDisabler.USER if disabled else None
    if isinstance(device, dr.DeviceEntry):
        registry.async_update_device(device.id, disabled_by=by)
    else:
        registry.async_update_child_device(device.id, disabled_by=by)


async def test_disabled_lock(home: Home, gate: Lock) -> None:
    """A lock that is disabled costs no call, neither now nor after a restart."""
    entry = await home.set_up()
    device = home.lock_device("gate")
    set_disabled(home.hass, device, True)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    home.cloud.calls.clear()
    for seconds in (CYCLE_SECONDS, LIST_SECONDS, DAY_SECONDS, CYCLE_SECONDS):
        await home.tick(seconds)

    assert not home.cloud.calls.to(lock="gate")
    assert home.cloud.calls.to(lock="front")
    assert home.states("gate") == {}

    await home.reload()
    await home.tick(LIST_SECONDS)

    assert not home.cloud.calls.to(lock="gate")
    assert lock_device(home.hass, entry, "gate")
    assert user_device(home.hass, entry, "gate", "gus")

    set_disabled(home.hass, device, False)
    await home.reload()

    assert home.state("gate_users") == "1"
    assert home.state("gate:gus_access") == "allowed"


async def test_disabled_user(home: Home) -> None:
    entry = await home.set_up()
    set_disabled(home.hass, home.user_device("front", "bob"), True)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    home.door.users["bob"].nick_name = "Robert"
    home.door.add_user("Carol", user_id="carol")
    await home.tick(CYCLE_SECONDS)
    assert home.states("front:bob") == {}
    assert home.state("front_users") == "3"
    assert user_names(home.hass, entry, "front") == ["Alice", "Carol", "Robert"]
    bob = home.user_device("front", "bob")
    assert bob.disabled
    set_disabled(home.hass, bob, False)
    await home.reload()
    assert home.state("front:bob_access") == "allowed"


async def test_disabled_entities(home: Home) -> None:
    entry = await home.set_up()
    registry = er.async_get(home.hass)
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        if entity.unique_id.startswith(("front_", "front:")):
            registry.async_update_entity(
                entity.entity_id, disabled_by=er.RegistryEntryDisabler.USER
            )
    await home.hass.async_block_till_done(wait_background_tasks=True)
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS, times=10)
    assert not home.cloud.calls.to(lock="front")


async def test_device_of_another_domain(home: Home) -> None:
    other = MockConfigEntry(domain="other")
    other.add_to_hass(home.hass)
    registry = dr.async_get(home.hass)
    device = registry.async_get_or_create(
        config_entry_id=other.entry_id, identifiers={(DOMAIN, "front")}
    )
    await home.set_up()
    await home.tick(LIST_SECONDS)
    assert registry.async_get(device.id)
