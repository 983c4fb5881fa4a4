"""The options flow: selecting locks."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuya_lock_users.const import (
    CONF_ACCESS_ID,
    CONF_ACCOUNT_UID,
    CONF_EXCLUDED_LOCKS,
    CONF_EXTRA_LOCKS,
    CONF_LOCKS,
)
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from simulator import Lock
from tests.common import lock_device
from tests.conftest import CYCLE_SECONDS, Home
from tests.flows import ERRORS, Form, Plant, choice_of, form_of, labels_of

LIST = "associated_devices"


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    return await hass.config_entries.options.async_init(entry.entry_id)


async def submit(hass: HomeAssistant, result: ConfigFlowResult, form: Form) -> Any:
    """Submit the form, and wait for a reload of the entry."""
    result = await hass.config_entries.options.async_configure(result["flow_id"], form)
    await hass.async_block_till_done(wait_background_tasks=True)
    return result


def assert_followed(
    result: ConfigFlowResult, entry: MockConfigEntry, *lock_ids: str
) -> None:
    """Check that the options were saved, and which locks are loaded."""
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.state is ConfigEntryState.LOADED
    assert set(entry.runtime_data.locks) == set(lock_ids)


async def test_exclude_and_include_lock(home: Home, gate: Lock) -> None:
    """The devices of a lock are removed with it, and return with it."""
    entry = await home.set_up()
    result = form_of(await start(home.hass, entry), "init")
    assert labels_of(result) == {
        "front": "Front door, Wi-Fi Video Lock",
        "gate": "Garden gate, Gate Lock",
    }
    assert choice_of(result) == ["front", "gate"]
    result = await submit(home.hass, result, {CONF_LOCKS: ["gate"]})
    assert_followed(result, entry, "gate")
    assert entry.options == {CONF_EXCLUDED_LOCKS: ["front"], CONF_EXTRA_LOCKS: []}
    assert lock_device(home.hass, entry, "front") is None
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS, times=6)
    assert not home.cloud.calls.to(lock="front")
    result = form_of(await start(home.hass, entry), "init")
    assert choice_of(result) == ["gate"]
    result = await submit(home.hass, result, {CONF_LOCKS: ["gate", "front"]})
    assert_followed(result, entry, "front", "gate")
    assert entry.options == {CONF_EXCLUDED_LOCKS: [], CONF_EXTRA_LOCKS: []}
    assert lock_device(home.hass, entry, "front") is not None


async def test_no_lock_selected(home: Home) -> None:
    """At least one lock must remain; the form may be sent as it came, for one call."""
    entry = await home.set_up()
    result = await submit(home.hass, await start(home.hass, entry), {CONF_LOCKS: []})
    form_of(result, "init", "no_locks")
    assert choice_of(result) == []
    result = await submit(home.hass, result, {CONF_LOCKS: ["front"]})
    assert_followed(result, entry, "front")
    home.cloud.calls.clear()
    result = await submit(home.hass, await start(home.hass, entry), {})
    assert_followed(result, entry, "front")
    assert home.cloud.calls.counts() == {LIST: 1}


async def test_typed_ids(home: Home, strange: Lock) -> None:
    entry = await home.set_up()

    result = await submit(
        home.hass, await start(home.hass, entry), {CONF_LOCKS: ["wrong"]}
    )
    form_of(result, "init", "no_locks")
    assert choice_of(result) == ["wrong"]
    result = await submit(home.hass, result, {CONF_LOCKS: ["front", " strange "]})
    assert_followed(result, entry, "front", "strange")
    assert entry.options == {CONF_EXCLUDED_LOCKS: [], CONF_EXTRA_LOCKS: ["strange"]}

    home.cloud.faults.refuse(2001, lock="strange", times=None)
    result = form_of(await start(home.hass, entry), "init")
    assert choice_of(result) == ["front", "strange"]
    assert labels_of(result)["strange"] == "Strange thing, Wi-Fi Video Lock"
    result = await submit(home.hass, result, {CONF_LOCKS: ["strange"]})
    assert entry.options == {
        CONF_EXCLUDED_LOCKS: ["front"],
        CONF_EXTRA_LOCKS: ["strange"],
    }

    home.cloud.faults.clear()
    result = await submit(
        home.hass, await start(home.hass, entry), {CONF_LOCKS: ["front"]}
    )
    assert_followed(result, entry, "front")
    assert entry.options == {CONF_EXCLUDED_LOCKS: [], CONF_EXTRA_LOCKS: []}


async def test_excluded_lock_missing(home: Home, gate: Lock) -> None:
    """An excluded lock stays excluded in case it returns."""
    entry = await home.set_up()
    await submit(home.hass, await start(home.hass, entry), {CONF_LOCKS: ["front"]})
    gate.device.paired = False
    result = form_of(await start(home.hass, entry), "init")
    assert labels_of(result) == {"front": "Front door, Wi-Fi Video Lock"}
    await submit(home.hass, result, {})
    assert entry.options[CONF_EXCLUDED_LOCKS] == ["gate"]


async def test_account(home: Home, gate: Lock) -> None:
    neighbour = home.cloud.add_account()
    home.cloud.add_lock("next", "Next door", account_uid=neighbour)
    await home.set_up(data=home.entry.data | {CONF_ACCOUNT_UID: neighbour})
    result = form_of(await start(home.hass, home.entry), "init")
    assert choice_of(result) == ["next"]
    assert LIST not in home.cloud.calls.counts()
    assert_followed(await submit(home.hass, result, {}), home.entry, "next")


@pytest.mark.parametrize(("plant", "error"), ERRORS)
async def test_list_refused(
    home: Home,
    gate: Lock,
    strange: Lock,
    caplog: pytest.LogCaptureFixture,
    plant: Plant,
    error: str,
) -> None:
    """Options from before can still be changed."""
    entry = await home.set_up()
    home.cloud.add_lock("shed", "Shed")
    await entry.runtime_data.async_refresh()
    result = await start(home.hass, entry)
    chosen = {CONF_LOCKS: ["front", "gate", "strange"]}
    assert_followed(
        await submit(home.hass, result, chosen), entry, "front", "gate", "strange"
    )
    registry = dr.async_get(home.hass)
    device = lock_device(home.hass, entry, "gate")
    assert device is not None
    registry.async_update_device(device.id, name_by_user="The gate")
    plant(home.cloud, LIST)

    result = form_of(await start(home.hass, entry), "init", error)
    caplog.clear()
    assert labels_of(result) == {
        "front": "Front door",
        "gate": "The gate",
        "shed": "shed",
        "strange": "Strange thing",
    }
    assert sorted(choice_of(result)) == ["front", "gate", "strange"]
    result = await home.hass.config_entries.options.async_configure(
        result["flow_id"], {CONF_LOCKS: ["front", "shed"]}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {CONF_EXCLUDED_LOCKS: ["gate"], CONF_EXTRA_LOCKS: []}
    await home.hass.async_block_till_done(wait_background_tasks=True)


async def test_setup_retry(home: Home, gate: Lock) -> None:
    """The options can still be opened, and a list that is read ends a pause."""
    quota = home.cloud.faults.quota(0)
    entry = await home.set_up()
    assert entry.state is ConfigEntryState.SETUP_RETRY
    form_of(await start(home.hass, entry), "init", "quota_exhausted")
    quota.remove()
    result = form_of(await start(home.hass, entry), "init")
    assert_followed(
        await submit(home.hass, result, {CONF_LOCKS: ["gate"]}), entry, "gate"
    )
    assert CONF_ACCESS_ID not in entry.options


async def test_list_ends_pause(home: Home) -> None:
    await home.set_up()
    quota = home.cloud.faults.quota(0)
    await home.tick(CYCLE_SECONDS)
    quota.remove()
    form_of(await start(home.hass, home.entry), "init")
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS)
    assert home.cloud.calls.to("smart_lock_users")
