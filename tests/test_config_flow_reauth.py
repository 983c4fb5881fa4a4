"""Reauthentication and reconfiguration."""

from collections.abc import AsyncGenerator

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuya_lock_users.const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_ACCOUNT_UID,
    CONF_DATA_CENTER,
    CONF_EXTRA_LOCKS,
    DOMAIN,
)
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulator import Lock, SimulatedCloud
from tests.conftest import Home
from tests.flows import ERRORS, Form, Plant, form_of, schema_of, submit, value_of

TOKEN = "token"
LIST = "associated_devices"
ACCOUNT_LIST = "account_devices"

STEPS = {"reauth": "reauth_confirm", "reconfigure": "reconfigure"}

both_flows = pytest.mark.parametrize("flow", STEPS)


@pytest.fixture
async def new_endpoint(cloud: SimulatedCloud, door: Lock) -> AsyncGenerator[str]:
    async with cloud.serve() as endpoint:
        yield endpoint


async def start(
    hass: HomeAssistant, entry: MockConfigEntry, flow: str
) -> ConfigFlowResult:
    """Open one of the two flows, which show the access id and hide the secret."""
    if flow == "reauth":
        result = await entry.start_reauth_flow(hass)
    else:
        result = await entry.start_reconfigure_flow(hass)
    form_of(result, STEPS[flow])
    assert value_of(result, CONF_ACCESS_ID) == entry.data[CONF_ACCESS_ID]
    assert value_of(result, CONF_ACCESS_SECRET) is None
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["name"] == entry.title
    return result


def form_for(result: ConfigFlowResult, entry: MockConfigEntry, **changes: str) -> Form:
    fields = [str(marker) for marker in schema_of(result).schema]
    return {field: entry.data[field] for field in fields} | changes


def assert_successful(
    result: ConfigFlowResult, entry: MockConfigEntry, flow: str
) -> None:
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == f"{flow}_successful"
    assert entry.state is ConfigEntryState.LOADED


async def test_reauth_full_flow(home: Home) -> None:
    """A refused secret starts reauth, and the new one is accepted."""
    entry = await home.set_up()
    home.cloud.access_secret = "a new secret"
    await entry.runtime_data.async_refresh()
    await home.hass.async_block_till_done()
    (progress,) = home.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert progress["context"]["source"] == SOURCE_REAUTH
    result = await home.hass.config_entries.flow.async_configure(progress["flow_id"])
    form_of(result, "reauth_confirm")
    form = form_for(result, entry, access_secret=" a new secret ")
    assert_successful(await submit(home.hass, result, form), entry, "reauth")
    assert entry.data[CONF_ACCESS_SECRET] == "a new secret"
    assert home.state("front_users") == "2"
    assert not home.hass.config_entries.flow.async_progress()


@both_flows
async def test_wrong_secret_valid_token(home: Home, flow: str) -> None:
    """The old secret is refused even if its token is still valid."""
    entry = await home.set_up()
    home.cloud.access_secret = "a new secret"
    tokens = home.cloud.calls.counts()[TOKEN]
    result = await start(home.hass, entry, flow)
    result = await submit(home.hass, result, form_for(result, entry))
    form_of(result, STEPS[flow], "invalid_auth")
    assert home.cloud.calls.counts()[TOKEN] == tokens
    form = form_for(result, entry, access_secret="a new secret")
    assert_successful(await submit(home.hass, result, form), entry, flow)


@both_flows
@pytest.mark.parametrize("on", [TOKEN, LIST])
@pytest.mark.parametrize(
    ("plant", "error"),
    [
        *ERRORS,
        pytest.param(
            lambda cloud, on: cloud.faults.not_authorized(on),
            "not_authorized",
            id="28841106",
        ),
    ],
)
async def test_refusals(
    home: Home,
    caplog: pytest.LogCaptureFixture,
    flow: str,
    plant: Plant,
    error: str,
    on: str,
) -> None:
    """Each error is shown, the form keeps its input, and the flow can succeed."""
    entry = await home.set_up()
    before = dict(entry.data)
    secret = home.cloud.access_secret = "a new secret"
    plant(home.cloud, on)
    result = await start(home.hass, entry, flow)
    form = form_for(result, entry, access_secret=secret)
    result = form_of(await submit(home.hass, result, form), STEPS[flow], error)
    assert {field: value_of(result, field) for field in form} == form
    assert entry.data == before
    assert secret not in caplog.text
    caplog.clear()
    home.cloud.faults.clear()
    assert_successful(await submit(home.hass, result, form), entry, flow)
    assert entry.data == before | {CONF_ACCESS_SECRET: secret}


@both_flows
@pytest.mark.parametrize("is_same", [False, True])
async def test_new_access_id(home: Home, flow: str, is_same: bool) -> None:
    """A project is recognised by its uid; credentials of another one are refused."""
    entry = await home.set_up()
    before = dict(entry.data)
    home.cloud.access_id, home.cloud.access_secret = "new0access0id", "new secret"
    if not is_same:
        home.cloud.project_uid = "bay0other"
    result = await start(home.hass, entry, flow)
    form = form_for(
        result, entry, access_id="new0access0id", access_secret="new secret"
    )
    result = await submit(home.hass, result, form)
    if is_same:
        assert_successful(result, entry, flow)
        assert entry.data[CONF_ACCESS_ID] == "new0access0id"
        assert entry.unique_id == home.cloud.project_uid
    else:
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "wrong_project"
        assert entry.data == before


@both_flows
@pytest.mark.parametrize("had_uid", [False, True])
@pytest.mark.parametrize("is_same", [False, True])
async def test_project_without_uid(
    home: Home, flow: str, had_uid: bool, is_same: bool
) -> None:
    """Without a uid, now or at the setup, the access ID decides."""
    if had_uid:
        home.cloud.faults.edit(
            lambda result: result | {"uid": ""}, on=TOKEN, times=None
        )
        await home.set_up()
    else:
        await home.set_up(unique_id=home.cloud.access_id)
    if not is_same:
        home.cloud.access_id = "other0access0id"

    result = await start(home.hass, home.entry, flow)
    form = form_for(result, home.entry, access_id=home.cloud.access_id)
    result = await submit(home.hass, result, form)

    if is_same:
        assert_successful(result, home.entry, flow)
    else:
        assert result["reason"] == "wrong_project"


@both_flows
async def test_project_with_account(home: Home, flow: str) -> None:
    """The credentials are verified with the list of the account, which is kept."""
    account = {CONF_ACCOUNT_UID: home.cloud.accounts[0]}
    home.cloud.faults.not_authorized(LIST)
    await home.set_up(data=home.entry.data | account)
    home.cloud.faults.refuse(28841106, on=ACCOUNT_LIST)
    result = await start(home.hass, home.entry, flow)
    form = form_for(result, home.entry)
    result = form_of(
        await submit(home.hass, result, form), STEPS[flow], "not_authorized"
    )
    assert_successful(await submit(home.hass, result, form), home.entry, flow)
    assert home.entry.data[CONF_ACCOUNT_UID] == home.cloud.accounts[0]
    assert LIST not in home.cloud.calls.counts()


@both_flows
async def test_project_without_list(home: Home, flow: str) -> None:
    """A project set up without a list needs none; the secret is verified."""
    home.cloud.faults.not_authorized(LIST)
    entry = await home.set_up(options={CONF_EXTRA_LOCKS: ["front"]})
    home.cloud.access_secret = "a new secret"
    result = await start(home.hass, entry, flow)
    result = await submit(home.hass, result, form_for(result, entry))
    form_of(result, STEPS[flow], "invalid_auth")
    form = form_for(result, entry, access_secret="a new secret")
    assert_successful(await submit(home.hass, result, form), entry, flow)
    assert entry.data[CONF_ACCESS_SECRET] == "a new secret"
    assert entry.options == {CONF_EXTRA_LOCKS: ["front"]}
    assert home.state("front_users") == "2"
    # A wrong data center is not just a list without permission.
    home.cloud.faults.clear()
    home.cloud.faults.refuse(2406, on=LIST, times=None)
    result = await start(home.hass, entry, flow)
    result = await submit(home.hass, result, form_for(result, entry))
    form_of(result, STEPS[flow], "not_authorized")


async def test_new_data_center(home: Home, new_endpoint: str) -> None:
    entry = await home.set_up()
    result = await start(home.hass, entry, "reconfigure")
    assert value_of(result, CONF_DATA_CENTER) == entry.data[CONF_DATA_CENTER]
    form = form_for(result, entry, data_center="http://192.0.2.1")
    result = form_of(
        await submit(home.hass, result, form), "reconfigure", "invalid_url"
    )
    form = form_for(result, entry, data_center=f"{new_endpoint}/")
    assert_successful(await submit(home.hass, result, form), entry, "reconfigure")
    assert entry.data == form | {CONF_DATA_CENTER: new_endpoint}
    assert entry.title == "Tuya project"


async def test_reconfigure_ends_pause(home: Home) -> None:
    """After the cause is resolved, everything is read at once."""
    entry = await home.set_up()
    quota = home.cloud.faults.quota(0)
    await entry.runtime_data.async_refresh()
    calls = len(home.cloud.calls)
    await entry.runtime_data.async_refresh()
    assert len(home.cloud.calls) == calls, "it should pause"
    result = await start(home.hass, entry, "reconfigure")
    form = form_for(result, entry)
    result = form_of(
        await submit(home.hass, result, form), "reconfigure", "quota_exhausted"
    )
    quota.remove()
    assert_successful(await submit(home.hass, result, form), entry, "reconfigure")
    assert entry.runtime_data.last_update_success
    assert home.state("front_users") == "2"
