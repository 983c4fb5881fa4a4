"""Devices: the project, its locks, and users as children of their locks."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from tests.common import cases, lock_device, user_device, user_names
from tests.conftest import Home

pytestmark = pytest.mark.default_options

CYCLE_SECONDS = 5 * 60
LIST_SECONDS = 30 * 60
DAY_SECONDS = 24 * 3600


# --- Which devices there are -------------------------------------------------------


async def test_project(home: Home) -> None:
    """The project is a service, found by its uid."""
    await home.set_up()
    project = home.lock_device(home.cloud.project_uid)

    assert project.entry_type is dr.DeviceEntryType.SERVICE
    assert (project.name, project.manufacturer) == ("Tuya project", "Tuya")
    assert project.via_device_id is None


async def test_lock(home: Home) -> None:
    """A lock is reached via the project."""
    await home.set_up()
    project = home.lock_device(home.cloud.project_uid)
    lock = home.lock_device("front")

    assert lock.via_device_id == project.id
    assert (lock.name, lock.manufacturer) == ("Front door", "Tuya")
    assert (lock.model, lock.model_id) == ("Wi-Fi Video Lock", "VL-90")


async def test_user(home: Home) -> None:
    """A user is a part of the lock, named as the user, with entities of its own."""
    await home.set_up()
    lock = home.lock_device("front")
    alice = home.user_device("front", "alice")

    assert alice.parent_device_id == lock.id
    assert alice.name == "Alice"
    entity_id = home.entity_id("front:alice_access")
    assert entity_id == "sensor.front_door_alice_access"
    entity = er.async_get(home.hass).async_get(entity_id)
    assert entity
    assert entity.device_id == alice.id


async def test_same_user_id_on_two_locks(home: Home) -> None:
    """Each lock knows its own users, whatever the cloud calls them."""
    gate = home.cloud.add_lock("gate", "Garden gate")
    gate.add_user("Alice", user_id="alice")
    await home.set_up()

    at_front = home.user_device("front", "alice")
    at_gate = home.user_device("gate", "alice")
    assert at_front.id != at_gate.id


# --- What changes in the cloud -----------------------------------------------------


async def test_user_is_renamed(home: Home) -> None:
    """A new name shows at the next poll, and the entities stay who they are."""
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


async def test_name_given_by_hand_stays(home: Home) -> None:
    """What somebody called a device in Home Assistant wins over the cloud."""
    await home.set_up()
    bob = home.user_device("front", "bob")
    dr.async_get(home.hass).async_update_child_device(
        bob.id, name_by_user="The plumber"
    )
    home.door.users["bob"].nick_name = "Robert"
    await home.tick(CYCLE_SECONDS)

    bob = home.user_device("front", "bob")
    assert (bob.name, bob.name_by_user) == ("Robert", "The plumber")


async def test_user_is_added(home: Home) -> None:
    """Somebody new is there at the next poll, methods included."""
    entry = await home.set_up()
    carol = home.door.add_user("Carol", user_id="carol")
    home.door.add_method("remoteControl", carol)
    await home.tick(CYCLE_SECONDS)

    assert user_names(home.hass, entry, "front") == ["Alice", "Bob", "Carol"]
    assert home.state("front:carol_access") == "allowed"
    assert home.state("front:carol_unlock_methods") == "1"
    assert home.state("front_users") == "3"


async def test_user_is_removed_and_comes_back(home: Home) -> None:
    """Somebody who went takes device and entities along, and may come again."""
    entry = await home.set_up()
    bob = home.door.users["bob"]
    home.door.remove_user("bob")
    await home.tick(CYCLE_SECONDS)

    assert user_names(home.hass, entry, "front") == ["Alice"]
    assert home.states("front:bob") == {}
    assert home.state("front_users") == "1"

    home.door.users["bob"] = bob
    await home.tick(CYCLE_SECONDS)

    assert user_names(home.hass, entry, "front") == ["Alice", "Bob"]
    assert home.state("front:bob_access") == "allowed"


# --- Names -------------------------------------------------------------------------


@pytest.mark.parametrize("name", [None, "", "   "], ids=["null", "empty", "blank"])
async def test_user_without_a_name(home: Home, name: str | None) -> None:
    """Somebody without a name is called by the id, until there is a name."""
    home.door.users["bob"].nick_name = name
    entry = await home.set_up()
    assert user_names(home.hass, entry, "front") == ["Alice", "User bob"]

    home.door.users["bob"].nick_name = "Bob"
    await home.tick(CYCLE_SECONDS)
    assert user_names(home.hass, entry, "front") == ["Alice", "Bob"]

    home.door.users["bob"].nick_name = name
    await home.tick(CYCLE_SECONDS)
    assert user_names(home.hass, entry, "front") == ["Alice", "User bob"]


async def test_lock_without_a_name(home: Home) -> None:
    """A lock without a name is called by its id."""
    home.door.device.name = ""
    await home.set_up()

    device = home.lock_device("front")
    assert device.name == "Lock front"


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
    """A name can be anything; the registry gets what it can bear."""
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


async def test_two_users_of_one_name(home: Home) -> None:
    """Names need not be unique."""
    home.door.add_user("Bob", user_id="bob2")
    entry = await home.set_up()

    assert user_names(home.hass, entry, "front") == ["Alice", "Bob", "Bob"]
    assert home.entity_id("front:bob_access") != home.entity_id("front:bob2_access")


# --- Who left while Home Assistant was off -----------------------------------------


async def test_stale_devices_go_after_a_restart(home: Home) -> None:
    """Users and locks that left meanwhile are not kept."""
    gate = home.cloud.add_lock("gate", "Garden gate")
    gate.add_user("Gus", user_id="gus")
    entry = await home.set_up()
    await home.hass.config_entries.async_unload(entry.entry_id)
    home.door.remove_user("bob")
    home.cloud.remove_device("gate")
    await home.reload()

    assert user_names(home.hass, entry, "front") == ["Alice"]
    assert not lock_device(home.hass, entry, "gate")
    assert not user_device(home.hass, entry, "gate", "gus")
    assert home.states("gate") == home.states("front:bob") == {}


async def test_stale_devices_stay_while_the_list_is_short(home: Home) -> None:
    """A restart into a list that is cut short takes nobody away who is still there."""
    entry = await home.set_up()
    await home.hass.config_entries.async_unload(entry.entry_id)
    home.door.add_user("Carol", user_id="carol")
    home.door.remove_user("bob")
    lie = home.cloud.faults.page("total", 3, on="smart_lock_users")
    await home.reload()

    assert user_names(home.hass, entry, "front") == ["Alice", "Bob", "Carol"]
    assert home.state("front:bob_access") in (None, STATE_UNAVAILABLE)

    lie.remove()
    await home.tick(CYCLE_SECONDS)

    assert user_names(home.hass, entry, "front") == ["Alice", "Carol"]


# --- Lists that are cut short ------------------------------------------------------


@cases(
    ("lie", "value"), {"half-of-it": ("truncate", 0), "total-too-large": ("total", 9)}
)
async def test_short_list_takes_nobody_at_once(
    home: Home, lie: Any, value: int
) -> None:
    """A list shorter than it says may be cut: nobody is gone before a whole one."""
    entry = await home.set_up()
    home.cloud.faults.page(lie, value, on="smart_lock_users")
    if lie == "total":
        home.door.remove_user("bob")
    await home.tick(CYCLE_SECONDS)

    assert user_names(home.hass, entry, "front") == ["Alice", "Bob"]
    assert home.state("front:bob_access") == "allowed"
    assert home.state("front_users") == "2"

    await home.tick(CYCLE_SECONDS)

    assert user_names(home.hass, entry, "front") == ["Alice", "Bob"]


async def test_page_server_that_repeats_itself(home: Home) -> None:
    """The same page again and again ends, and costs nobody."""
    home.cloud.dialects.set(page_size_max=2, page_size_over="clamp")
    home.door.add_user("Carol", user_id="carol")
    entry = await home.set_up()
    assert user_names(home.hass, entry, "front") == ["Alice", "Bob", "Carol"]
    home.cloud.faults.page("repeat", on="smart_lock_users")
    home.cloud.calls.clear()
    # Two calls a cycle are a little more than five minutes' worth.
    await home.tick(CYCLE_SECONDS + 60)

    assert user_names(home.hass, entry, "front") == ["Alice", "Bob", "Carol"]
    assert len(home.cloud.calls.to("smart_lock_users")) == 2


# --- Disabled devices --------------------------------------------------------------


def set_disabled(
    hass: HomeAssistant,
    device: dr.DeviceEntry | dr.ChildDeviceEntry | None,
    by: dr.DeviceEntryDisabler | None,
) -> None:
    """Disable or enable a device, as somebody does in the frontend."""
    registry = dr.async_get(hass)
    if isinstance(device, dr.DeviceEntry):
        registry.async_update_device(device.id, disabled_by=by)
    else:
        assert device
        registry.async_update_child_device(device.id, disabled_by=by)


def disable(
    hass: HomeAssistant, device: dr.DeviceEntry | dr.ChildDeviceEntry | None
) -> None:
    """Disable a device."""
    set_disabled(hass, device, dr.DeviceEntryDisabler.USER)


def enable(
    hass: HomeAssistant, device: dr.DeviceEntry | dr.ChildDeviceEntry | None
) -> None:
    """Enable a device again."""
    set_disabled(hass, device, None)


async def test_disabled_lock_is_not_polled(home: Home) -> None:
    """A lock that is disabled costs no call, neither now nor after a restart."""
    gate = home.cloud.add_lock("gate", "Garden gate")
    gate.add_user("Gus", user_id="gus")
    entry = await home.set_up()
    device = lock_device(home.hass, entry, "gate")
    disable(home.hass, device)
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

    enable(home.hass, device)
    await home.reload()

    assert home.state("gate_users") == "1"
    assert home.state("gate:gus_access") == "allowed"


async def test_disabled_user(home: Home) -> None:
    """A user who is disabled has no states, and the lock is read on."""
    entry = await home.set_up()
    bob = user_device(home.hass, entry, "front", "bob")
    disable(home.hass, bob)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    home.door.users["bob"].nick_name = "Robert"
    home.door.add_user("Carol", user_id="carol")
    await home.tick(CYCLE_SECONDS)

    assert home.states("front:bob") == {}
    assert home.state("front_users") == "3"
    assert user_names(home.hass, entry, "front") == ["Alice", "Carol", "Robert"]

    bob = home.user_device("front", "bob")
    assert bob.disabled

    enable(home.hass, bob)
    await home.reload()
    assert home.state("front:bob_access") == "allowed"


async def test_lock_with_all_entities_disabled_is_not_polled(home: Home) -> None:
    """Where nobody wants to know anything nothing is asked."""
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


async def test_device_of_another_domain_is_left_alone(home: Home) -> None:
    """Only what belongs to the entry is removed."""
    other = MockConfigEntry(domain="other")
    other.add_to_hass(home.hass)
    registry = dr.async_get(home.hass)
    device = registry.async_get_or_create(
        config_entry_id=other.entry_id, identifiers={(DOMAIN, "front")}
    )
    await home.set_up()
    await home.tick(LIST_SECONDS)

    assert registry.async_get(device.id)
