"""The life of an entry: set up, unloaded, reloaded, removed, and what its options say."""

import asyncio
import logging
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.tuya_lock_users.const import (
    CONF_ACCESS_SECRET,
    CONF_ACCOUNT_UID,
    CONF_EXCLUDED_LOCKS,
    CONF_EXTRA_LOCKS,
    DOMAIN,
)
from custom_components.tuya_lock_users.coordinator.store import ProjectStore
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
from simulator import Lock, SimulatedCloud
from tests.common import (
    entity_id_of,
    entry_state,
    lock_device,
    state_of,
    states_of,
    until,
    user_device,
    user_names,
)
from tests.conftest import SetUp, Tick

LIST_SECONDS = 30 * 60
CYCLE_SECONDS = 5 * 60


@pytest.fixture
def gate(cloud: SimulatedCloud) -> Lock:
    """A second lock, with one user."""
    gate = cloud.add_lock("gate", "Garden gate")
    gate.add_user("Gus", user_id="gus")
    return gate


# --- The ordinary life -------------------------------------------------------------


async def test_set_up(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """A project comes up with its locks and users, by the calls it takes and no other."""
    entry = await set_up()

    assert entry_state(entry) is ConfigEntryState.LOADED
    assert user_names(hass, entry, "front") == ["Alice", "Bob"]
    assert state_of(hass, "front_users") == "2"
    assert cloud.calls.counts() == {
        "token": 1,
        "associated_devices": 1,
        "smart_lock_users": 1,
        "users_v11": 1,
        "absent_users": 1,
        "unassigned_keys": 1,
        "opmodes": 2,
    }


async def test_entities_are_there_before_the_details(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    entry: MockConfigEntry,
    lifted_pace: None,
) -> None:
    """A start waits for the lists of users; what opmodes add follows by itself."""
    door.add_method("remoteControl", door.users["bob"])
    hang = cloud.faults.hang(on="opmodes", times=None)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: hang.hits)

    assert entry_state(entry) is ConfigEntryState.LOADED
    assert state_of(hass, "front_users") == "2"
    assert state_of(hass, "front:bob_access") == "allowed"
    for key in (
        "front:bob_unlock_methods",
        "front_unlock_methods",
    ):
        assert state_of(hass, key) == STATE_UNKNOWN

    hang.release()
    await hass.async_block_till_done(wait_background_tasks=True)

    assert state_of(hass, "front:bob_unlock_methods") == "2"


async def test_nothing_is_written_at_start(
    cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """A start asks and never orders."""
    await set_up()

    assert cloud.calls
    assert cloud.calls.writes == []


async def test_project_without_locks(
    hass: HomeAssistant, cloud: SimulatedCloud, set_up: SetUp
) -> None:
    """A project without a lock is fine: one may come later."""
    cloud.add_device("lamp", "Lamp", category="dj")
    entry = await set_up()

    assert entry_state(entry) is ConfigEntryState.LOADED
    assert lock_device(hass, entry, cloud.project_uid)
    assert not lock_device(hass, entry, "lamp")


async def test_unload(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """An unloaded entry asks nothing any more, and its entities are unavailable."""
    entry = await set_up()

    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    cloud.calls.clear()
    for _ in range(5):
        await tick(LIST_SECONDS)

    assert entry_state(entry) is ConfigEntryState.NOT_LOADED
    assert cloud.calls == []
    assert set(states_of(hass).values()) == {STATE_UNAVAILABLE}


async def test_reload(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """A reloaded entry shows the same as before, with the same token."""
    entry = await set_up()
    before = states_of(hass, "front")

    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert entry_state(entry) is ConfigEntryState.LOADED
    assert states_of(hass, "front") == before
    assert cloud.calls.counts()["token"] == 1


async def test_unload_in_the_middle_of_a_reading(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A reading that hangs while the entry is unloaded ends with it."""
    entry = await set_up()
    hang = cloud.faults.hang(on="smart_lock_users")
    freezer.tick(CYCLE_SECONDS)
    async_fire_time_changed(hass)
    await until(lambda: hang.hits)

    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert entry_state(entry) is ConfigEntryState.NOT_LOADED


async def test_user_who_appears_while_the_entry_unloads(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Entities that come in late would outlive the entry, and bar the next start."""
    entry = await set_up()
    hang = cloud.faults.hang(on="smart_lock_users")
    freezer.tick(CYCLE_SECONDS)
    async_fire_time_changed(hass)
    await until(lambda: hang.hits)
    door.add_user("Carl", user_id="carl")
    close = ProjectStore.async_close

    async def close_slowly(store: ProjectStore) -> None:
        await close(store)
        hang.release()
        await until(lambda: "Carl" in user_names(hass, entry, "front"))
        for _ in range(50):
            await asyncio.sleep(0)

    with patch.object(ProjectStore, "async_close", close_slowly):
        assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert set(states_of(hass).values()) == {STATE_UNAVAILABLE}
    assert states_of(hass, "front:carl") == {}

    caplog.clear()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(hass, "front:carl_access") == "allowed"
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


async def test_remove(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    hass_storage: dict[str, Any],
) -> None:
    """A removed entry leaves nothing behind: no device, entity, file or issue."""
    entry = await set_up()
    cloud.faults.quota(0)
    await tick(CYCLE_SECONDS)
    assert f"{DOMAIN}.{entry.entry_id}" in hass_storage
    assert ir.async_get(hass).issues

    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await tick(24 * 3600)

    assert states_of(hass) == {}
    assert not er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert not dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert not ir.async_get(hass).issues
    assert f"{DOMAIN}.{entry.entry_id}" not in hass_storage


# --- What goes wrong at the start --------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 503}, id="gateway-error"),
        pytest.param({"status": 429}, id="throttled"),
        pytest.param({"status": 200, "body": b"<html>"}, id="not-json"),
        pytest.param({"status": 200, "body": b"[]"}, id="no-envelope"),
    ],
)
async def test_cloud_is_down_at_start(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    fault: dict[str, Any],
) -> None:
    """A start without the cloud is tried again, by itself, and writes nothing."""
    cloud.faults.http(**fault, times=None)
    entry = await set_up()
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY

    cloud.faults.clear()
    await tick(120)

    assert entry_state(entry) is ConfigEntryState.LOADED
    assert state_of(hass, "front_users") == "2"
    assert cloud.calls.writes == []


async def test_list_is_refused_at_start(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A project that may not list its locks says what to do until it may."""
    fault = cloud.faults.not_authorized("associated_devices")
    entry = await set_up()
    issues = ir.async_get(hass).issues

    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY
    assert [issue.translation_key for issue in issues.values()] == ["not_authorized"]

    fault.remove()
    await tick(120)

    assert entry_state(entry) is ConfigEntryState.LOADED
    assert not ir.async_get(hass).issues


async def test_wrong_credentials_at_start(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """A secret that is not accepted asks for another one."""
    cloud.access_secret = "another secret"
    entry = await set_up()

    assert entry_state(entry) is ConfigEntryState.SETUP_ERROR
    [flow] = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == SOURCE_REAUTH


@pytest.mark.parametrize("seconds", [CYCLE_SECONDS, LIST_SECONDS], ids=["lock", "list"])
async def test_credentials_become_wrong(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    seconds: float,
) -> None:
    """A secret that is changed on the platform asks for the new one, once."""
    entry = await set_up()
    cloud.access_secret = "another secret"
    await tick(seconds)
    await tick(seconds)

    [flow] = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert state_of(hass, "front_users") == STATE_UNAVAILABLE

    hass.config_entries.async_update_entry(
        entry, data={**entry.data, CONF_ACCESS_SECRET: cloud.access_secret}
    )
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert state_of(hass, "front_users") == "2"


# --- Several locks -----------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(2001, id="offline"),
        pytest.param(2009, id="unsupported"),
        pytest.param(2010, id="unknown-device"),
        pytest.param(2317, id="busy"),
        pytest.param(2345, id="a-code-of-the-lock"),
        pytest.param(1106, id="not-authorized"),
        pytest.param(500, id="system-error"),
    ],
)
@pytest.mark.parametrize("since", ["start", "later"])
async def test_one_lock_fails(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    gate: Lock,
    set_up: SetUp,
    tick: Tick,
    code: int,
    since: str,
) -> None:
    """A lock that cannot be read is unavailable alone, until it can."""
    if since == "later":
        await set_up()
    fault = cloud.faults.refuse(code, on="reads", lock="front", times=None)
    if since == "start":
        await set_up()
    await tick(CYCLE_SECONDS)
    await tick(CYCLE_SECONDS)

    assert state_of(hass, "front_users") == STATE_UNAVAILABLE
    assert state_of(hass, "gate_users") == "1"
    assert state_of(hass, "gate:gus_access") == "allowed"
    assert state_of(hass, "gate_online") == STATE_ON
    if since == "later":
        assert state_of(hass, "front:alice_access") == STATE_UNAVAILABLE

    fault.remove()
    for _ in range(50):
        await tick(CYCLE_SECONDS)

    assert state_of(hass, "front_users") == "2"
    assert state_of(hass, "front:alice_access") == "allowed"
    assert state_of(hass, "front:alice_unlock_methods") == "1"


async def test_lock_appears(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A lock that is paired later is there at the next list, without a reload."""
    entry = await set_up()
    shed = cloud.add_lock("shed", "Shed")
    sam = shed.add_user("Sam", user_id="sam")
    shed.add_method("remoteControl", sam)

    await tick(CYCLE_SECONDS)
    assert not lock_device(hass, entry, "shed")
    await tick(LIST_SECONDS)

    assert user_names(hass, entry, "shed") == ["Sam"]
    assert state_of(hass, "shed_users") == "1"
    assert state_of(hass, "shed_online") == STATE_ON
    assert state_of(hass, "shed:sam_access") == "allowed"
    # Only opmodes know remote controls: its details were read as well.
    assert state_of(hass, "shed:sam_unlock_methods") == "1"


async def test_lock_appears_in_a_project_without_any(
    hass: HomeAssistant, cloud: SimulatedCloud, set_up: SetUp, tick: Tick
) -> None:
    """The list is read on, though nobody looks at the only entities there are."""
    entry = await set_up()
    for key in ("api_calls", "push"):
        entity_id = entity_id_of(hass, f"{cloud.project_uid}_{key}")
        assert entity_id
        er.async_get(hass).async_update_entity(
            entity_id, disabled_by=er.RegistryEntryDisabler.USER
        )
    await tick(60)
    assert states_of(hass) == {}

    shed = cloud.add_lock("shed", "Shed")
    shed.add_user("Sam", user_id="sam")
    for _ in range(2):
        await tick(LIST_SECONDS)

    assert user_names(hass, entry, "shed") == ["Sam"]
    assert state_of(hass, "shed_users") == "1"


async def test_lock_disappears_and_comes_back(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    gate: Lock,
    set_up: SetUp,
    tick: Tick,
) -> None:
    """A lock that leaves the project leaves Home Assistant, and may come again."""
    entry = await set_up()
    gate.unpair()
    await tick(LIST_SECONDS)

    assert not lock_device(hass, entry, "gate")
    assert not user_device(hass, entry, "gate", "gus")
    assert states_of(hass, "gate") == {}
    assert state_of(hass, "front_users") == "2"
    cloud.calls.clear()
    await tick(LIST_SECONDS)
    assert not cloud.calls.to(lock="gate")

    gate.pair()
    await tick(LIST_SECONDS)

    assert user_names(hass, entry, "gate") == ["Gus"]
    assert state_of(hass, "gate:gus_access") == "allowed"


async def test_lock_is_renamed(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A new name of a lock shows at the next list, without a reload."""
    entry = await set_up()
    door.device.name = "Back door"
    await tick(LIST_SECONDS)

    device = lock_device(hass, entry, "front")
    assert device
    assert device.name == "Back door"


@pytest.mark.parametrize("lie", ["truncate", "repeat"])
async def test_list_of_locks_that_is_cut_short(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    gate: Lock,
    set_up: SetUp,
    tick: Tick,
    lie: Any,
) -> None:
    """A list that is shorter than it says takes away no lock at once."""
    entry = await set_up()
    cloud.faults.page(lie, on="associated_devices", times=1)
    await tick(LIST_SECONDS)

    assert user_names(hass, entry, "gate") == ["Gus"]
    assert state_of(hass, "gate_users") == "1"

    await tick(LIST_SECONDS)
    assert state_of(hass, "gate_users") == "1"


async def test_lock_missing_from_two_short_lists(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    gate: Lock,
    set_up: SetUp,
    tick: Tick,
) -> None:
    """A lock that two such lists leave out is gone, and comes back whole."""
    entry = await set_up()
    lie = cloud.faults.page("truncate", on="associated_devices")
    await tick(LIST_SECONDS)
    await tick(LIST_SECONDS)

    assert not lock_device(hass, entry, "gate")
    assert states_of(hass, "gate") == {}

    lie.remove()
    await tick(LIST_SECONDS)

    assert state_of(hass, "gate:gus_access") == "allowed"


# --- Options -----------------------------------------------------------------------


async def test_excluded_lock(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    gate: Lock,
    entry: MockConfigEntry,
    set_up: SetUp,
    tick: Tick,
) -> None:
    """A lock that was left out is not asked, and has no device any more."""
    await set_up()
    hass.config_entries.async_update_entry(
        entry, options={CONF_EXCLUDED_LOCKS: ["gate"]}
    )
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    cloud.calls.clear()
    await tick(LIST_SECONDS)

    assert not lock_device(hass, entry, "gate")
    assert lock_device(hass, entry, "front")
    assert states_of(hass, "gate") == {}
    assert not cloud.calls.to(lock="gate")


async def test_extra_locks(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
) -> None:
    """A device that was typed in is followed: of any category, or in no list."""
    odd = cloud.add_lock("odd", "Odd lock", category="cz")
    odd.add_user("Otto", user_id="otto")
    hidden = cloud.add_lock("hidden", "Hidden lock")
    hidden.add_user("Hans", user_id="hans")
    cloud.faults.edit(
        lambda page: {
            **page,
            "devices": [row for row in page["devices"] if row["id"] != "hidden"],
            "total": 2,
        },
        on="associated_devices",
        times=None,
    )
    entry = await set_up(options={CONF_EXTRA_LOCKS: ["odd", "hidden"]})

    assert user_names(hass, entry, "odd") == ["Otto"]
    assert user_names(hass, entry, "hidden") == ["Hans"]
    assert state_of(hass, "hidden_users") == "1"
    assert state_of(hass, "hidden_online") == STATE_UNKNOWN


async def test_extra_locks_of_a_project_that_may_list_nothing(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """Devices that were typed in are followed, though no list has them."""
    cloud.faults.not_authorized("associated_devices")
    entry = await set_up(options={CONF_EXTRA_LOCKS: ["front"]})
    await tick(LIST_SECONDS)

    assert entry_state(entry) is ConfigEntryState.LOADED
    assert user_names(hass, entry, "front") == ["Alice", "Bob"]
    assert state_of(hass, "front_users") == "2"


async def test_list_that_is_refused_later_takes_no_lock_away(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    gate: Lock,
    set_up: SetUp,
    tick: Tick,
) -> None:
    """Not being allowed to list any more does not mean that the locks are gone.

    Neither does it after a restart, when nothing but the typed ids is known at first.
    """
    entry = await set_up(options={CONF_EXTRA_LOCKS: ["front"]})
    fault = cloud.faults.not_authorized("associated_devices")
    for _ in range(20):
        await tick(LIST_SECONDS)

    assert lock_device(hass, entry, "gate")
    assert state_of(hass, "gate_users") == "1"
    assert state_of(hass, "front_users") == "2"
    [issue] = ir.async_get(hass).issues.values()
    assert issue.translation_key == "not_authorized"

    await hass.config_entries.async_reload(entry.entry_id)
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY
    assert lock_device(hass, entry, "gate")

    fault.remove()
    await tick(120)
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert state_of(hass, "gate_users") == "1"
    assert not ir.async_get(hass).issues


async def test_typed_id_that_is_taken_out_again(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, gate: Lock, set_up: SetUp
) -> None:
    """Where typed ids are all there is, one that is typed no more leaves."""
    cloud.faults.not_authorized("associated_devices")
    entry = await set_up(options={CONF_EXTRA_LOCKS: ["front", "gate"]})
    assert lock_device(hass, entry, "gate")

    hass.config_entries.async_update_entry(
        entry, options={**entry.options, CONF_EXTRA_LOCKS: ["front"]}
    )
    await hass.config_entries.async_reload(entry.entry_id)

    assert not lock_device(hass, entry, "gate")
    assert states_of(hass, "gate") == {}
    assert state_of(hass, "front_users") == "2"


async def test_account_mode(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    entry: MockConfigEntry,
    set_up: SetUp,
) -> None:
    """A project that may list by account only is read that way."""
    cloud.add_account("neighbour")
    cloud.add_lock("other", "Other door", account_uid="neighbour")
    cloud.faults.not_authorized("associated_devices")
    await set_up(data={**entry.data, CONF_ACCOUNT_UID: cloud.accounts[0]})

    assert entry_state(entry) is ConfigEntryState.LOADED
    assert state_of(hass, "front_users") == "2"
    assert not lock_device(hass, entry, "other")
    assert cloud.calls.counts()["account_devices"] == 1
    assert not cloud.calls.to("associated_devices")


# --- Devices that somebody removes -------------------------------------------------


async def test_only_stale_devices_can_be_removed(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """What the cloud lists stays; what it does not know may go."""
    assert await async_setup_component(hass, "config", {})
    entry = await set_up()
    registry = dr.async_get(hass)
    project = lock_device(hass, entry, cloud.project_uid)
    lock = lock_device(hass, entry, "front")
    alice = user_device(hass, entry, "front", "alice")
    assert project and lock and alice
    stale = registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "gone")}
    )
    stranger = registry.async_get_or_create_child(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, "front:gone")},
        parent_device_id=lock.id,
    )
    client = await hass_ws_client(hass)

    for device, is_removed in (
        (project, False),
        (lock, False),
        (alice, False),
        (stranger, True),
        (stale, True),
    ):
        reply = await client.remove_device(device.id)
        assert reply["success"] is is_removed
        assert (registry.async_get(device.id) is None) is is_removed


async def test_device_of_an_entry_that_is_not_loaded_can_be_removed(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Where nothing is followed nothing is kept."""
    assert await async_setup_component(hass, "config", {})
    entry = await set_up()
    lock = lock_device(hass, entry, "front")
    assert lock
    await hass.config_entries.async_unload(entry.entry_id)
    client = await hass_ws_client(hass)

    reply = await client.remove_device(lock.id)

    assert reply["success"]
