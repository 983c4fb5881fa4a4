"""Devices: the project, its locks, and users as children of their locks."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from simulator import Lock, SimulatedCloud
from tests.common import (
    entity_id_of,
    lock_device,
    state_of,
    states_of,
    user_device,
    user_names,
)
from tests.conftest import SetUp, Tick

CYCLE_SECONDS = 5 * 60
LIST_SECONDS = 30 * 60
DAY_SECONDS = 24 * 3600


async def restart(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Start anew: nothing is in memory but the registries and the store."""
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


# --- Which devices there are -------------------------------------------------------


async def test_project(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """The project is a service, found by its uid."""
    entry = await set_up()
    project = lock_device(hass, entry, cloud.project_uid)

    assert project
    assert project.entry_type is dr.DeviceEntryType.SERVICE
    assert (project.name, project.manufacturer) == ("Tuya project", "Tuya")
    assert project.via_device_id is None


async def test_lock(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """A lock is reached via the project."""
    entry = await set_up()
    project = lock_device(hass, entry, cloud.project_uid)
    lock = lock_device(hass, entry, "front")

    assert project
    assert lock
    assert lock.via_device_id == project.id
    assert (lock.name, lock.manufacturer) == ("Front door", "Tuya")
    assert (lock.model, lock.model_id) == ("Wi-Fi Video Lock", "VL-90")


async def test_user(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """A user is a part of the lock, named as the user, with entities of its own."""
    entry = await set_up()
    lock = lock_device(hass, entry, "front")
    alice = user_device(hass, entry, "front", "alice")

    assert lock
    assert alice
    assert alice.parent_device_id == lock.id
    assert alice.name == "Alice"
    entity_id = entity_id_of(hass, "front:alice_access")
    assert entity_id == "sensor.front_door_alice_access"
    entity = er.async_get(hass).async_get(entity_id)
    assert entity
    assert entity.device_id == alice.id


async def test_same_user_id_on_two_locks(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """Each lock knows its own users, whatever the cloud calls them."""
    gate = cloud.add_lock("gate", "Garden gate")
    gate.add_user("Alice", user_id="alice")
    entry = await set_up()

    at_front = user_device(hass, entry, "front", "alice")
    at_gate = user_device(hass, entry, "gate", "alice")
    assert at_front
    assert at_gate
    assert at_front.id != at_gate.id


# --- What changes in the cloud -----------------------------------------------------


async def test_user_is_renamed(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A new name shows at the next poll, and the entities stay who they are."""
    entry = await set_up()
    before = user_device(hass, entry, "front", "bob")
    entity_id = entity_id_of(hass, "front:bob_access")
    door.users["bob"].nick_name = "Robert"
    await tick(CYCLE_SECONDS)

    after = user_device(hass, entry, "front", "bob")
    assert before
    assert after
    assert (after.id, after.name) == (before.id, "Robert")
    assert entity_id_of(hass, "front:bob_access") == entity_id
    assert entity_id
    state = hass.states.get(entity_id)
    assert state
    assert state.name == "Robert Access"


async def test_name_given_by_hand_stays(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """What somebody called a device in Home Assistant wins over the cloud."""
    entry = await set_up()
    bob = user_device(hass, entry, "front", "bob")
    assert bob
    dr.async_get(hass).async_update_child_device(bob.id, name_by_user="The plumber")
    door.users["bob"].nick_name = "Robert"
    await tick(CYCLE_SECONDS)

    bob = user_device(hass, entry, "front", "bob")
    assert bob
    assert (bob.name, bob.name_by_user) == ("Robert", "The plumber")


async def test_user_is_added(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """Somebody new is there at the next poll, methods included."""
    entry = await set_up()
    carol = door.add_user("Carol", user_id="carol")
    door.add_method("remoteControl", carol)
    await tick(CYCLE_SECONDS)

    assert user_names(hass, entry, "front") == ["Alice", "Bob", "Carol"]
    assert state_of(hass, "front:carol_access") == "allowed"
    assert state_of(hass, "front:carol_unlock_methods") == "1"
    assert state_of(hass, "front_users") == "3"


async def test_user_is_removed_and_comes_back(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """Somebody who went takes device and entities along, and may come again."""
    entry = await set_up()
    bob = door.users["bob"]
    door.remove_user("bob")
    await tick(CYCLE_SECONDS)

    assert user_names(hass, entry, "front") == ["Alice"]
    assert states_of(hass, "front:bob") == {}
    assert state_of(hass, "front_users") == "1"

    door.users["bob"] = bob
    await tick(CYCLE_SECONDS)

    assert user_names(hass, entry, "front") == ["Alice", "Bob"]
    assert state_of(hass, "front:bob_access") == "allowed"


# --- Names -------------------------------------------------------------------------


@pytest.mark.parametrize("name", [None, "", "   "], ids=["null", "empty", "blank"])
async def test_user_without_a_name(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    name: str | None,
) -> None:
    """Somebody without a name is called by the id, until there is a name."""
    door.users["bob"].nick_name = name
    entry = await set_up()
    assert user_names(hass, entry, "front") == ["Alice", "User bob"]

    door.users["bob"].nick_name = "Bob"
    await tick(CYCLE_SECONDS)
    assert user_names(hass, entry, "front") == ["Alice", "Bob"]

    door.users["bob"].nick_name = name
    await tick(CYCLE_SECONDS)
    assert user_names(hass, entry, "front") == ["Alice", "User bob"]


async def test_lock_without_a_name(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """A lock without a name is called by its id."""
    door.device.name = ""
    entry = await set_up()

    device = lock_device(hass, entry, "front")
    assert device
    assert device.name == "Lock front"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("x" * 10_000, "x" * 64, id="endless"),
        pytest.param("\ud800Bob", "?Bob", id="half-of-a-pair"),
        pytest.param("B\x00o\x1bb\n", "Bob", id="control-characters"),
        pytest.param("יוסי", "יוסי", id="right-to-left"),
        pytest.param("👩‍👩‍👧", "👩‍👩‍👧", id="joined-emoji"),
        pytest.param("<script>", "<script>", id="markup"),
    ],
)
async def test_strange_names(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    name: str,
    shown: str,
) -> None:
    """A name can be anything; the registry gets what it can bear."""
    bob = door.users["bob"]
    bob.nick_name = name
    door.methods_of(bob)[0].unlock_name = name
    entry = await set_up()

    device = user_device(hass, entry, "front", "bob")
    assert device
    assert device.name == shown
    entity_id = entity_id_of(hass, "front:bob_access")
    assert entity_id
    assert len(entity_id) < 255
    assert state_of(hass, "front:bob_access") == "allowed"
    assert state_of(hass, "front:bob_unlock_methods") == "1"


async def test_two_users_of_one_name(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """Names need not be unique."""
    door.add_user("Bob", user_id="bob2")
    entry = await set_up()

    assert user_names(hass, entry, "front") == ["Alice", "Bob", "Bob"]
    assert entity_id_of(hass, "front:bob_access") != entity_id_of(
        hass, "front:bob2_access"
    )


# --- Who left while Home Assistant was off -----------------------------------------


async def test_stale_devices_go_after_a_restart(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """Users and locks that left meanwhile are not kept."""
    gate = cloud.add_lock("gate", "Garden gate")
    gate.add_user("Gus", user_id="gus")
    entry = await set_up()
    await hass.config_entries.async_unload(entry.entry_id)
    door.remove_user("bob")
    cloud.remove_device("gate")
    await restart(hass, entry)

    assert user_names(hass, entry, "front") == ["Alice"]
    assert not lock_device(hass, entry, "gate")
    assert not user_device(hass, entry, "gate", "gus")
    assert states_of(hass, "gate") == states_of(hass, "front:bob") == {}


async def test_stale_devices_stay_while_the_list_is_short(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A restart into a list that is cut short takes nobody away who is still there."""
    entry = await set_up()
    await hass.config_entries.async_unload(entry.entry_id)
    door.add_user("Carol", user_id="carol")
    door.remove_user("bob")
    lie = cloud.faults.page("total", 3, on="smart_lock_users")
    await restart(hass, entry)

    assert user_names(hass, entry, "front") == ["Alice", "Bob", "Carol"]
    assert state_of(hass, "front:bob_access") in (None, STATE_UNAVAILABLE)

    lie.remove()
    await tick(CYCLE_SECONDS)

    assert user_names(hass, entry, "front") == ["Alice", "Carol"]


# --- Lists that are cut short ------------------------------------------------------


@pytest.mark.parametrize(
    ("lie", "value"),
    [
        pytest.param("truncate", 0, id="half-of-it"),
        pytest.param("total", 9, id="total-too-large"),
    ],
)
async def test_short_list_takes_nobody_at_once(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    lie: Any,
    value: int,
) -> None:
    """A list shorter than it says may be cut: nobody is gone before the second one."""
    entry = await set_up()
    cloud.faults.page(lie, value, on="smart_lock_users")
    if lie == "total":
        door.remove_user("bob")
    await tick(CYCLE_SECONDS)

    assert user_names(hass, entry, "front") == ["Alice", "Bob"]
    assert state_of(hass, "front:bob_access") == "allowed"
    assert state_of(hass, "front_users") == "2"

    await tick(CYCLE_SECONDS)

    assert user_names(hass, entry, "front") == ["Alice"]
    assert states_of(hass, "front:bob") == {}


async def test_page_server_that_repeats_itself(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """The same page again and again ends, and costs nobody."""
    cloud.dialects.set(page_size_max=2, page_size_over="clamp")
    door.add_user("Carol", user_id="carol")
    entry = await set_up()
    assert user_names(hass, entry, "front") == ["Alice", "Bob", "Carol"]
    cloud.faults.page("repeat", on="smart_lock_users")
    cloud.calls.clear()
    # Two calls a cycle are a little more than five minutes' worth.
    await tick(CYCLE_SECONDS + 60)

    assert user_names(hass, entry, "front") == ["Alice", "Bob", "Carol"]
    assert len(cloud.calls.to("smart_lock_users")) == 2


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


async def test_disabled_lock_is_not_polled(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A lock that is disabled costs no call, neither now nor after a restart."""
    gate = cloud.add_lock("gate", "Garden gate")
    gate.add_user("Gus", user_id="gus")
    entry = await set_up()
    device = lock_device(hass, entry, "gate")
    disable(hass, device)
    await hass.async_block_till_done(wait_background_tasks=True)
    cloud.calls.clear()
    for seconds in (CYCLE_SECONDS, LIST_SECONDS, DAY_SECONDS, CYCLE_SECONDS):
        await tick(seconds)

    assert not cloud.calls.to(lock="gate")
    assert cloud.calls.to(lock="front")
    assert states_of(hass, "gate") == {}

    await restart(hass, entry)
    await tick(LIST_SECONDS)

    assert not cloud.calls.to(lock="gate")
    assert lock_device(hass, entry, "gate")
    assert user_device(hass, entry, "gate", "gus")

    enable(hass, device)
    await restart(hass, entry)

    assert state_of(hass, "gate_users") == "1"
    assert state_of(hass, "gate:gus_access") == "allowed"


async def test_disabled_user(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A user who is disabled has no states, and the lock is read on."""
    entry = await set_up()
    bob = user_device(hass, entry, "front", "bob")
    disable(hass, bob)
    await hass.async_block_till_done(wait_background_tasks=True)
    door.users["bob"].nick_name = "Robert"
    door.add_user("Carol", user_id="carol")
    await tick(CYCLE_SECONDS)

    assert states_of(hass, "front:bob") == {}
    assert state_of(hass, "front_users") == "3"
    assert user_names(hass, entry, "front") == ["Alice", "Carol", "Robert"]

    bob = user_device(hass, entry, "front", "bob")
    assert bob
    assert bob.disabled

    enable(hass, bob)
    await restart(hass, entry)
    assert state_of(hass, "front:bob_access") == "allowed"


async def test_lock_with_all_entities_disabled_is_not_polled(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """Where nobody wants to know anything nothing is asked."""
    entry = await set_up()
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        if entity.unique_id.startswith(("front_", "front:")):
            registry.async_update_entity(
                entity.entity_id, disabled_by=er.RegistryEntryDisabler.USER
            )
    await hass.async_block_till_done(wait_background_tasks=True)
    cloud.calls.clear()
    for _ in range(10):
        await tick(CYCLE_SECONDS)

    assert not cloud.calls.to(lock="front")


async def test_device_of_another_domain_is_left_alone(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """Only what belongs to the entry is removed."""
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    registry = dr.async_get(hass)
    device = registry.async_get_or_create(
        config_entry_id=other.entry_id, identifiers={(DOMAIN, "front")}
    )
    await set_up()
    await tick(LIST_SECONDS)

    assert registry.async_get(device.id)
