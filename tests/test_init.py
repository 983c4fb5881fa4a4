"""Setup, unload, reload and removal of an entry, and its options."""

import asyncio
import logging
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.tuya_lock_users.const import (
    CONF_ACCOUNT_UID,
    CONF_EXTRA_LOCKS,
    DOMAIN,
)
from custom_components.tuya_lock_users.coordinator.store import ProjectStore
from homeassistant.config_entries import ConfigEntryState
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
    cases,
    entity_id_of,
    entry_state,
    lock_device,
    state_of,
    states_of,
    until,
    user_device,
    user_names,
)
from tests.conftest import CYCLE_SECONDS, LIST_SECONDS, Home, SetUp, Tick

pytestmark = pytest.mark.default_options


async def test_setup(home: Home) -> None:
    """The setup of a project makes only the required calls, and a reload changes nothing."""
    entry = await home.set_up()
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert user_names(home.hass, entry, "front") == ["Alice", "Bob"]
    assert home.state("front_users") == "2"
    assert home.cloud.calls.counts() == {
        "token": 1,
        "associated_devices": 1,
        "smart_lock_users": 1,
        "users_v11": 1,
        "absent_users": 1,
        "unassigned_keys": 1,
        "opmodes": 2,
    }
    before = home.states("front")
    await home.reload()
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert home.states("front") == before
    assert home.cloud.calls.counts()["token"] == 1


async def test_setup_before_details(home: Home, no_rate_limit: None) -> None:
    """The setup waits for the lists of users; method details follow in the background."""
    home.door.add_method("remoteControl", home.door.users["bob"])
    hang = home.cloud.faults.hang(on="opmodes", times=None)
    home.entry.add_to_hass(home.hass)
    await home.hass.config_entries.async_setup(home.entry.entry_id)
    await until(lambda: hang.hits)
    assert entry_state(home.entry) is ConfigEntryState.LOADED
    assert home.state("front_users") == "2"
    assert home.state("front:bob_access") == "allowed"
    for key in ("front:bob_unlock_methods", "front_unlock_methods"):
        assert home.state(key) == STATE_UNKNOWN
    hang.release()
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert home.state("front:bob_unlock_methods") == "2"


async def test_unload(home: Home) -> None:
    entry = await home.set_up()
    assert await home.hass.config_entries.async_unload(entry.entry_id)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    home.cloud.calls.clear()
    await home.tick(LIST_SECONDS, times=5)
    assert entry_state(entry) is ConfigEntryState.NOT_LOADED
    assert home.cloud.calls == []
    assert set(home.states().values()) == {STATE_UNAVAILABLE}


async def test_user_added_during_unload(
    home: Home, freezer: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """Entities added after the unload would prevent the next setup."""
    entry = await home.set_up()
    hang = home.cloud.faults.hang(on="smart_lock_users")
    freezer.tick(CYCLE_SECONDS)
    async_fire_time_changed(home.hass)
    await until(lambda: hang.hits)
    home.door.add_user("Carl", user_id="carl")
    close = ProjectStore.async_close

    async def close_slowly(store: ProjectStore) -> None:
        await close(store)
        hang.release()
        await until(lambda: "Carl" in user_names(home.hass, entry, "front"))
        for _ in range(50):
            await asyncio.sleep(0)

    with patch.object(ProjectStore, "async_close", close_slowly):
        assert await home.hass.config_entries.async_unload(entry.entry_id)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert set(home.states().values()) == {STATE_UNAVAILABLE}
    assert home.states("front:carl") == {}

    caplog.clear()
    assert await home.hass.config_entries.async_setup(entry.entry_id)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert home.state("front:carl_access") == "allowed"
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


@cases(
    "fault",
    {
        "gateway-error": {"status": 503},
        "throttled": {"status": 429},
        "not-json": {"status": 200, "body": b"<html>"},
        "no-envelope": {"status": 200, "body": b"[]"},
    },
)
async def test_setup_retry(home: Home, fault: dict[str, Any]) -> None:
    """A setup without the cloud is retried automatically, and writes nothing."""
    home.cloud.faults.http(**fault, times=None)
    entry = await home.set_up()
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY
    home.cloud.faults.clear()
    await home.tick(120)
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert home.state("front_users") == "2"
    assert home.cloud.calls.writes == []


@cases(
    "code",
    {
        "offline": 2001,
        "unsupported": 2009,
        "unknown-device": 2010,
        "busy": 2317,
        "a-code-of-the-lock": 2345,
        "not-authorized": 1106,
        "system-error": 500,
    },
)
@pytest.mark.parametrize("since", ["start", "later"])
async def test_one_lock_fails(home: Home, gate: Lock, code: int, since: str) -> None:
    if since == "later":
        await home.set_up()
    fault = home.cloud.faults.refuse(code, on="reads", lock="front", times=None)
    if since == "start":
        await home.set_up()
    await home.tick(CYCLE_SECONDS)
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_users") == STATE_UNAVAILABLE
    assert home.state("gate_users") == "1"
    assert home.state("gate:gus_access") == "allowed"
    assert home.state("gate_online") == STATE_ON
    if since == "later":
        assert home.state("front:alice_access") == STATE_UNAVAILABLE
    fault.remove()
    await home.tick(CYCLE_SECONDS, times=50)
    assert home.state("front_users") == "2"
    assert home.state("front:alice_access") == "allowed"
    assert home.state("front:alice_unlock_methods") == "1"


async def test_lock_added(home: Home) -> None:
    entry = await home.set_up()
    shed = home.cloud.add_lock("shed", "Shed")
    sam = shed.add_user("Sam", user_id="sam")
    shed.add_method("remoteControl", sam)
    home.door.device.name = "Back door"
    await home.tick(CYCLE_SECONDS)
    assert not lock_device(home.hass, entry, "shed")
    await home.tick(LIST_SECONDS)
    assert home.lock_device("front").name == "Back door"
    assert user_names(home.hass, entry, "shed") == ["Sam"]
    assert home.state("shed_users") == "1"
    assert home.state("shed_online") == STATE_ON
    assert home.state("shed:sam_access") == "allowed"
    # Only opmodes know remote controls: its details were read as well.
    assert home.state("shed:sam_unlock_methods") == "1"


async def test_first_lock_added(
    hass: HomeAssistant, cloud: SimulatedCloud, set_up: SetUp, tick: Tick
) -> None:
    """The list is still fetched if all entities are disabled."""
    cloud.add_device("lamp", "Lamp", category="dj")
    entry = await set_up()
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert lock_device(hass, entry, cloud.project_uid)
    assert not lock_device(hass, entry, "lamp")
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


async def test_extra_locks(home: Home) -> None:
    odd = home.cloud.add_lock("odd", "Odd lock", category="cz")
    odd.add_user("Otto", user_id="otto")
    hidden = home.cloud.add_lock("hidden", "Hidden lock")
    hidden.add_user("Hans", user_id="hans")
    home.cloud.faults.edit(
        lambda page: {
            **page,
            "devices": [row for row in page["devices"] if row["id"] != "hidden"],
            "total": 2,
        },
        on="associated_devices",
        times=None,
    )
    entry = await home.set_up(options={CONF_EXTRA_LOCKS: ["odd", "hidden"]})
    assert user_names(home.hass, entry, "odd") == ["Otto"]
    assert user_names(home.hass, entry, "hidden") == ["Hans"]
    assert home.state("hidden_users") == "1"
    assert home.state("hidden_online") == STATE_UNKNOWN


async def test_list_refused_later(home: Home, gate: Lock) -> None:
    """A list that is no longer allowed does not remove locks.

    Neither does it after a restart, when nothing but the typed ids is known at first.
    """
    entry = await home.set_up(options={CONF_EXTRA_LOCKS: ["front"]})
    fault = home.cloud.faults.not_authorized("associated_devices")
    await home.tick(LIST_SECONDS, times=20)
    assert lock_device(home.hass, entry, "gate")
    assert home.state("gate_users") == "1"
    assert home.state("front_users") == "2"
    [issue] = ir.async_get(home.hass).issues.values()
    assert issue.translation_key == "not_authorized"
    await home.hass.config_entries.async_reload(entry.entry_id)
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY
    assert lock_device(home.hass, entry, "gate")
    fault.remove()
    await home.tick(120)
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert home.state("gate_users") == "1"
    assert not ir.async_get(home.hass).issues


async def test_extra_lock_removed(home: Home, gate: Lock) -> None:
    """If no list exists, a removed ID removes its lock."""
    home.cloud.faults.not_authorized("associated_devices")
    entry = await home.set_up(options={CONF_EXTRA_LOCKS: ["front", "gate"]})
    assert lock_device(home.hass, entry, "gate")
    home.hass.config_entries.async_update_entry(
        entry, options={**entry.options, CONF_EXTRA_LOCKS: ["front"]}
    )
    await home.hass.config_entries.async_reload(entry.entry_id)
    assert not lock_device(home.hass, entry, "gate")
    assert home.states("gate") == {}
    assert home.state("front_users") == "2"


async def test_account_mode(home: Home) -> None:
    home.cloud.add_account("neighbour")
    home.cloud.add_lock("other", "Other door", account_uid="neighbour")
    home.cloud.faults.not_authorized("associated_devices")
    await home.set_up(
        data={**home.entry.data, CONF_ACCOUNT_UID: home.cloud.accounts[0]}
    )
    assert entry_state(home.entry) is ConfigEntryState.LOADED
    assert home.state("front_users") == "2"
    assert not lock_device(home.hass, home.entry, "other")
    assert home.cloud.calls.counts()["account_devices"] == 1
    assert not home.cloud.calls.to("associated_devices")


async def test_remove_devices(home: Home, hass_ws_client: WebSocketGenerator) -> None:
    """Devices of listed locks cannot be deleted while the entry is loaded; others can."""
    assert await async_setup_component(home.hass, "config", {})
    entry = await home.set_up()
    registry = dr.async_get(home.hass)
    project = lock_device(home.hass, entry, home.cloud.project_uid)
    lock = lock_device(home.hass, entry, "front")
    alice = user_device(home.hass, entry, "front", "alice")
    assert project and lock and alice
    stale = registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "gone")}
    )
    stranger = registry.async_get_or_create_child(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, "front:gone")},
        parent_device_id=lock.id,
    )
    client = await hass_ws_client(home.hass)

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
    await home.hass.config_entries.async_unload(entry.entry_id)
    assert (await client.remove_device(lock.id))["success"]
