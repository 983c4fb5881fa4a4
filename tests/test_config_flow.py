"""Setting a project up, through the front door and against the simulated cloud."""

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
from tests.cloud import Lock, SimulatedCloud
from tests.flows import (
    REFUSALS,
    Form,
    Plant,
    choice_of,
    entry_of,
    form_of,
    labels_of,
    start,
    submit,
    value_of,
)

pytestmark = pytest.mark.usefixtures("socket_enabled", "lifted_pace")

TOKEN = "token"
LIST = "associated_devices"


@pytest.fixture
def form(entry: MockConfigEntry) -> Form:
    """What somebody enters in the first step."""
    return dict(entry.data)


@pytest.fixture
def gate(cloud: SimulatedCloud) -> Lock:
    """A second lock."""
    gate = cloud.add_lock("gate", "Garden gate", product_name="Gate Lock")
    gate.add_user("Gus", user_id="gus")
    return gate


# --- Without a hitch ---------------------------------------------------------------


async def test_set_up(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    gate: Lock,
    form: Form,
) -> None:
    """All locks are chosen, things that are no locks are left out."""
    cloud.add_device("window", "Hallway window")

    result = await submit(hass, await start(hass), form)

    form_of(result, "locks")
    assert labels_of(result) == {
        "front": "Front door, Wi-Fi Video Lock",
        "gate": "Garden gate, Gate Lock",
    }
    assert choice_of(result) == ["front", "gate"]
    assert cloud.calls.counts() == {TOKEN: 1, LIST: 1}

    entry = entry_of(await submit(hass, result, {CONF_LOCKS: ["front", "gate"]}))
    assert entry.unique_id == cloud.project_uid
    assert entry.title == "Tuya 127.0.0.1"
    assert entry.data == form
    assert entry.options == {CONF_EXCLUDED_LOCKS: [], CONF_EXTRA_LOCKS: []}
    assert set(entry.runtime_data.locks) == {"front", "gate"}
    # The flow and the entry share one token.
    assert cloud.calls.counts()[TOKEN] == 1


async def test_a_lock_that_is_not_chosen(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    gate: Lock,
    form: Form,
) -> None:
    """It is left alone, and one that comes later is followed by itself."""
    result = await submit(hass, await start(hass), form)
    entry = entry_of(await submit(hass, result, {CONF_LOCKS: ["gate"]}))

    assert entry.options == {CONF_EXCLUDED_LOCKS: ["front"], CONF_EXTRA_LOCKS: []}
    assert set(entry.runtime_data.locks) == {"gate"}
    cloud.add_lock("shed", "Shed")
    await entry.runtime_data.async_refresh()
    assert set(entry.runtime_data.locks) == {"gate", "shed"}


async def test_no_secret_of_a_device_is_kept(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, form: Form
) -> None:
    """The list contains the key of every device; the entry does not."""
    result = await submit(hass, await start(hass), form)
    entry = entry_of(await submit(hass, result, {}))

    local_key = door.device.local_key
    assert local_key
    assert local_key not in json.dumps(entry.as_dict(), default=str)
    assert "local_key" not in json.dumps(entry.as_dict(), default=str)


async def test_pasted_ids(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, form: Form
) -> None:
    """Blanks around what was pasted do not matter."""
    blanks = {key: f" {value}\n" for key, value in form.items()}
    result = await submit(hass, await start(hass), blanks)
    entry = entry_of(await submit(hass, result, {CONF_LOCKS: [" front ", "front"]}))

    assert entry.data == form
    assert entry.options == {CONF_EXCLUDED_LOCKS: [], CONF_EXTRA_LOCKS: []}


async def test_labels(hass: HomeAssistant, cloud: SimulatedCloud, form: Form) -> None:
    """Locks of the same name can be told apart, and those without one be chosen."""
    for lock_id in ("one", "two"):
        cloud.add_lock(lock_id, "Lock")
    cloud.add_lock("nameless", "")
    cloud.add_lock("bare", "", product_name="")

    result = await submit(hass, await start(hass), form)

    assert list(labels_of(result).items()) == [
        ("bare", "bare"),
        ("one", "Lock, Wi-Fi Video Lock, one"),
        ("two", "Lock, Wi-Fi Video Lock, two"),
        ("nameless", "Wi-Fi Video Lock"),
    ]


async def test_a_long_list(
    hass: HomeAssistant, cloud: SimulatedCloud, form: Form
) -> None:
    """Locks of all pages are found."""
    for number in range(120):
        cloud.add_lock(f"lock{number:03}", f"Lock {number}")

    result = await submit(hass, await start(hass), form)

    assert len(choice_of(result)) == 120
    assert cloud.calls.counts()[LIST] == 3


async def test_the_form_can_be_asked_for_again(
    hass: HomeAssistant, door: Lock, form: Form
) -> None:
    """A page that is loaded anew shows the same step."""
    result = await submit(hass, await start(hass), form)
    result = await hass.config_entries.flow.async_configure(result["flow_id"])

    assert choice_of(form_of(result, "locks")) == ["front"]
    entry_of(await submit(hass, result, {}))


@pytest.mark.parametrize(
    ("data_center", "title"),
    [
        ("cn", "Tuya China"),
        ("eu_central", "Tuya Central Europe"),
        ("us_east", "Tuya Eastern America"),
    ],
)
async def test_data_centers(
    hass: HomeAssistant,
    door: Lock,
    endpoint: str,
    form: Form,
    data_center: str,
    title: str,
) -> None:
    """A data center is kept by its key, and gives the project its name."""
    with patch.dict(HOSTS, {data_center: endpoint}):
        result = await submit(
            hass, await start(hass), form | {CONF_DATA_CENTER: data_center}
        )
        entry = entry_of(await submit(hass, result, {}))

    assert entry.data[CONF_DATA_CENTER] == data_center
    assert entry.title == title


# --- The same project twice --------------------------------------------------------


async def test_already_configured(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    entry: MockConfigEntry,
    form: Form,
) -> None:
    """A project is set up once; the list is not even asked for."""
    entry.add_to_hass(hass)

    result = await submit(hass, await start(hass), form)

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert cloud.calls.counts() == {TOKEN: 1}


async def test_two_projects(
    hass: HomeAssistant,
    door: Lock,
    entry: MockConfigEntry,
    form: Form,
) -> None:
    """Another project is welcome."""
    entry.add_to_hass(hass)
    other = SimulatedCloud(access_id="other0access0id", project_uid="bay0other")
    other.add_lock("other", "Other door")
    async with other.serve() as endpoint:
        credentials = {
            CONF_DATA_CENTER: endpoint,
            CONF_ACCESS_ID: other.access_id,
            CONF_ACCESS_SECRET: other.access_secret,
        }
        result = await submit(hass, await start(hass), credentials)
        added = entry_of(await submit(hass, result, {}))
        await hass.config_entries.async_unload(added.entry_id)

    assert added.unique_id == "bay0other"
    assert len(hass.config_entries.async_entries(DOMAIN)) == 2


async def test_a_token_without_uid(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, form: Form
) -> None:
    """Where the cloud does not say who the project is, its access id does."""
    cloud.faults.edit(lambda result: result | {"uid": ""}, on=TOKEN, times=None)

    result = await submit(hass, await start(hass), form)
    entry = entry_of(await submit(hass, result, {}))
    assert entry.unique_id == cloud.access_id

    result = await submit(hass, await start(hass), form)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


# --- Refused in the first step -----------------------------------------------------


@pytest.mark.parametrize("on", [TOKEN, LIST])
@pytest.mark.parametrize(("plant", "error"), REFUSALS)
async def test_refusals(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    form: Form,
    caplog: pytest.LogCaptureFixture,
    plant: Plant,
    error: str,
    on: str,
) -> None:
    """Each is shown, the form stays filled in, and the flow still succeeds."""
    plant(cloud, on)

    result = form_of(await submit(hass, await start(hass), form), "user", error)

    assert {field: value_of(result, field) for field in form} == form
    assert cloud.access_secret not in caplog.text
    assert ("Unexpected error" in caplog.text) is (error == "unknown")
    caplog.clear()

    cloud.faults.clear()
    result = form_of(await submit(hass, result, form), "locks")
    entry = entry_of(await submit(hass, result, {CONF_LOCKS: ["front"]}))
    assert entry.unique_id == cloud.project_uid
    assert entry.data == form


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (CONF_ACCESS_ID, "somebody0else"),
        (CONF_ACCESS_SECRET, "wrong"),
        (CONF_ACCESS_ID, "  "),
        (CONF_ACCESS_SECRET, ""),
    ],
)
async def test_wrong_credentials(
    hass: HomeAssistant,
    door: Lock,
    form: Form,
    field: str,
    value: str,
) -> None:
    """They are refused by the signature they make, and can be corrected."""
    result = await submit(hass, await start(hass), form | {field: value})
    form_of(result, "user", "invalid_auth")

    result = form_of(await submit(hass, result, form), "locks")
    entry_of(await submit(hass, result, {}))


async def test_a_clock_that_is_off(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, form: Form
) -> None:
    """A difference is corrected, without bothering anybody."""
    cloud.clock_offset = 4000

    result = form_of(await submit(hass, await start(hass), form), "locks")
    entry_of(await submit(hass, result, {}))


async def test_unexpected_exception(
    hass: HomeAssistant,
    door: Lock,
    form: Form,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A mistake of ours is shown and logged, not swallowed."""
    with patch(
        "custom_components.tuya_lock_users.config_flow.Project.async_uid",
        side_effect=ZeroDivisionError,
    ):
        result = await submit(hass, await start(hass), form)
    form_of(result, "user", "unknown")
    assert "ZeroDivisionError" in caplog.text
    caplog.clear()

    result = form_of(await submit(hass, result, form), "locks")
    entry_of(await submit(hass, result, {}))


# --- Addresses ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "Europe",
        "openapi.tuyaeu.com",
        "https://",
        "https:///v1.0",
        "https://openapi.tuyaeu.com:99999",
        "https://openapi.tuyaeu.com/v1.0",
        "https://openapi.tuyaeu.com/?region=eu",
        "https://openapi.tuyaeu.com/#eu",
        "https://user:password@openapi.tuyaeu.com",
        "https://open api.tuyaeu.com",
        "http://openapi.tuyaeu.com",
        "http://192.0.2.1",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://127.1",
        "http://[fe80::1]",
        "ftp://127.0.0.1",
    ],
)
async def test_invalid_urls(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    form: Form,
    url: str,
) -> None:
    """They are refused before anything is asked."""
    result = await submit(hass, await start(hass), form | {CONF_DATA_CENTER: url})

    form_of(result, "user", "invalid_url")
    assert result["errors"] == {CONF_DATA_CENTER: "invalid_url"}
    assert value_of(result, CONF_DATA_CENTER) == url
    assert not cloud.calls

    result = form_of(await submit(hass, result, form), "locks")
    entry_of(await submit(hass, result, {}))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://openapi.example.com", "https://openapi.example.com"),
        (" HTTPS://OpenAPI.example.com/ ", "https://openapi.example.com"),
        ("https://192.0.2.1:8443/", "https://192.0.2.1:8443"),
        ("http://localhost:8765/", "http://localhost:8765"),
        ("http://127.8.9.10:8765", "http://127.8.9.10:8765"),
        ("http://[::1]:8765", "http://[::1]:8765"),
    ],
)
async def test_valid_urls(
    hass: HomeAssistant,
    door: Lock,
    endpoint: str,
    form: Form,
    typed: str,
    kept: str,
) -> None:
    """They are kept in one way of writing, whatever was typed."""
    with patch.dict(
        "custom_components.tuya_lock_users.connection.HOSTS", {kept: endpoint}
    ):
        # The form knows the seven keys only, so here these are typed addresses.
        with patch("custom_components.tuya_lock_users.config_flow.HOSTS", {}):
            result = await submit(
                hass, await start(hass), form | {CONF_DATA_CENTER: typed}
            )
            form_of(result, "locks")
            entry = entry_of(await submit(hass, result, {}))

    assert entry.data[CONF_DATA_CENTER] == kept


async def test_a_server_that_does_not_answer(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, form: Form
) -> None:
    """It is given up on."""
    cloud.faults.hang(on=TOKEN)
    with patch("custom_components.tuya_lock_users.api.cloud.DEADLINE_SECONDS", 0.05):
        result = await submit(hass, await start(hass), form)
    form_of(result, "user", "cannot_connect")

    cloud.faults.clear()
    result = form_of(await submit(hass, result, form), "locks")
    entry_of(await submit(hass, result, {}))
