"""The config flow: a project is set up."""

import json
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuya_lock_users.api.data_centers import HOSTS
from custom_components.tuya_lock_users.const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_DATA_CENTER,
    CONF_EXCLUDED_LOCKS,
    CONF_EXTRA_LOCKS,
    CONF_LOCKS,
    DOMAIN,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulator import Lock, SimulatedCloud
from tests.conftest import Home
from tests.flows import Form, begin, choice_of, entry_of, form_of, labels_of, submit

pytestmark = pytest.mark.usefixtures("no_rate_limit")

TOKEN = "token"
LIST = "associated_devices"


async def test_full_flow(home: Home, gate: Lock, form: Form) -> None:
    """All locks are selected; other devices are not listed."""
    home.cloud.add_device("window", "Hallway window")

    result = await begin(home.hass, form)

    form_of(result, "locks")
    assert labels_of(result) == {
        "front": "Front door, Wi-Fi Video Lock",
        "gate": "Garden gate, Gate Lock",
    }
    assert choice_of(result) == ["front", "gate"]
    assert home.cloud.calls.counts() == {TOKEN: 1, LIST: 1}

    entry = entry_of(await submit(home.hass, result, {CONF_LOCKS: ["front", "gate"]}))
    assert entry.unique_id == home.cloud.project_uid
    assert entry.title == "Tuya 127.0.0.1"
    assert entry.data == form
    assert entry.options == {CONF_EXCLUDED_LOCKS: [], CONF_EXTRA_LOCKS: []}
    assert set(entry.runtime_data.locks) == {"front", "gate"}
    # The flow and the entry share one token.
    assert home.cloud.calls.counts()[TOKEN] == 1
    # The list contains the key of every device; the entry does not.
    assert home.door.device.local_key
    stored = json.dumps(entry.as_dict(), default=str)
    assert home.door.device.local_key not in stored
    assert "local_key" not in stored


async def test_lock_not_selected(home: Home, gate: Lock, form: Form) -> None:
    """An unselected lock is not added; a later lock is added automatically."""
    result = await begin(home.hass, form)
    entry = entry_of(await submit(home.hass, result, {CONF_LOCKS: ["gate"]}))
    assert entry.options == {CONF_EXCLUDED_LOCKS: ["front"], CONF_EXTRA_LOCKS: []}
    assert set(entry.runtime_data.locks) == {"gate"}
    home.cloud.add_lock("shed", "Shed")
    await entry.runtime_data.async_refresh()
    assert set(entry.runtime_data.locks) == {"gate", "shed"}


async def test_whitespace_in_input(home: Home, form: Form) -> None:
    """Blanks are removed; a reloaded page shows the same step."""
    blanks = {key: f" {value}\n" for key, value in form.items()}
    result = await begin(home.hass, blanks)
    result = await home.hass.config_entries.flow.async_configure(result["flow_id"])
    assert choice_of(form_of(result, "locks")) == ["front"]
    entry = entry_of(
        await submit(home.hass, result, {CONF_LOCKS: [" front ", "front"]})
    )
    assert entry.data == form
    assert entry.options == {CONF_EXCLUDED_LOCKS: [], CONF_EXTRA_LOCKS: []}


async def test_lock_labels(
    hass: HomeAssistant, cloud: SimulatedCloud, form: Form
) -> None:
    """Locks that share a name, or have none, have labels of their own."""
    for lock_id in ("one", "two"):
        cloud.add_lock(lock_id, "Lock")
    cloud.add_lock("nameless", "")
    cloud.add_lock("bare", "", product_name="")
    result = await begin(hass, form)
    assert list(labels_of(result).items()) == [
        ("bare", "bare"),
        ("one", "Lock, Wi-Fi Video Lock, one"),
        ("two", "Lock, Wi-Fi Video Lock, two"),
        ("nameless", "Wi-Fi Video Lock"),
    ]


@pytest.mark.parametrize(
    ("data_center", "title"),
    [
        ("cn", "Tuya China"),
        ("eu_central", "Tuya Central Europe"),
        ("us_east", "Tuya Eastern America"),
    ],
)
async def test_data_centers(
    home: Home, endpoint: str, form: Form, data_center: str, title: str
) -> None:
    with patch.dict(HOSTS, {data_center: endpoint}):
        result = await begin(home.hass, form | {CONF_DATA_CENTER: data_center})
        entry = entry_of(await submit(home.hass, result, {}))
    assert entry.data[CONF_DATA_CENTER] == data_center
    assert entry.title == title


@pytest.mark.parametrize(
    "changes", [{}, {CONF_ACCESS_ID: "old0access0id"}], ids=["same", "access-id"]
)
async def test_already_configured(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    entry: MockConfigEntry,
    form: Form,
    changes: dict[str, str],
) -> None:
    """A project is set up once; the list is not fetched."""
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, data={**entry.data, **changes})
    result = await begin(hass, form)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert cloud.calls.counts() == {TOKEN: 1}


async def test_two_projects(home: Home, form: Form) -> None:
    home.entry.add_to_hass(home.hass)
    other = SimulatedCloud(access_id="other0access0id", project_uid="bay0other")
    other.add_lock("other", "Other door")
    async with other.serve() as endpoint:
        credentials = {
            CONF_DATA_CENTER: endpoint,
            CONF_ACCESS_ID: other.access_id,
            CONF_ACCESS_SECRET: other.access_secret,
        }
        result = await begin(home.hass, credentials)
        added = entry_of(await submit(home.hass, result, {}))
        await home.hass.config_entries.async_unload(added.entry_id)
    assert added.unique_id == "bay0other"
    assert len(home.hass.config_entries.async_entries(DOMAIN)) == 2


async def test_token_without_uid(home: Home, form: Form) -> None:
    """Without a project ID from the cloud, the access ID identifies the project."""
    fault = home.cloud.faults.edit(
        lambda result: result | {"uid": ""}, on=TOKEN, times=None
    )
    result = await begin(home.hass, form)
    entry = entry_of(await submit(home.hass, result, {}))
    assert entry.unique_id == home.cloud.access_id
    # It is the same project when it has a uid later.
    for _ in range(2):
        result = await begin(home.hass, form)
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "already_configured"
        fault.remove()
        home.cloud.kill_token()
