"""The first step of the config flow: refusals, and recovery."""

from unittest.mock import patch

import pytest

from custom_components.tuya_lock_users.const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_DATA_CENTER,
    CONF_LOCKS,
)
from homeassistant.core import HomeAssistant
from simulator import Lock, SimulatedCloud
from tests.common import field_input, load_fixture
from tests.conftest import Home
from tests.flows import (
    REFUSALS,
    Form,
    Plant,
    begin,
    entry_of,
    form_of,
    submit,
    texts_of,
    value_of,
)

pytestmark = pytest.mark.usefixtures("no_rate_limit")

MODULE = "custom_components.tuya_lock_users"
TOKEN = "token"
LIST = "associated_devices"
ADDRESSES = load_fixture("addresses")


@pytest.mark.parametrize("on", [TOKEN, LIST])
@pytest.mark.parametrize(("plant", "error"), REFUSALS)
async def test_refusals(
    home: Home,
    form: Form,
    caplog: pytest.LogCaptureFixture,
    plant: Plant,
    error: str,
    on: str,
) -> None:
    """Each error is shown, the form keeps its input, and the flow can succeed."""
    plant(home.cloud, on)
    result = form_of(await begin(home.hass, form), "user", error)
    assert {field: value_of(result, field) for field in form} == form
    assert home.cloud.access_secret not in caplog.text
    assert ("Unexpected error" in caplog.text) is (error == "unknown")
    caplog.clear()
    home.cloud.faults.clear()
    result = form_of(await submit(home.hass, result, form), "locks")
    entry = entry_of(await submit(home.hass, result, {CONF_LOCKS: ["front"]}))
    assert entry.unique_id == home.cloud.project_uid
    assert entry.data == form


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("refused_address", "ip_not_allowed"),
        ("refused_for_the_region", "wrong_data_center"),
    ],
)
async def test_field_refusals(
    hass: HomeAssistant, cloud: SimulatedCloud, form: Form, name: str, error: str
) -> None:
    cloud.faults.json(field_input(name)["reply"], on=TOKEN)
    form_of(await begin(hass, form), "user", error)
    causes = {"data center", "access id", "access secret"}
    if error == "wrong_data_center":
        causes = {"data center", "region", "ip address"}
    for text in texts_of(error):
        assert all(cause in text.lower() for cause in causes), text


async def test_unknown_code(
    hass: HomeAssistant, cloud: SimulatedCloud, form: Form
) -> None:
    """The form names it, so that it can be reported."""
    cloud.faults.refuse(987654, on=LIST)
    result = form_of(await begin(hass, form), "user", "unknown")
    placeholders = result["description_placeholders"]
    assert placeholders
    assert placeholders["code"] == "987654"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (CONF_ACCESS_ID, "other0access0id"),
        (CONF_ACCESS_SECRET, "wrong"),
        (CONF_ACCESS_ID, "  "),
        (CONF_ACCESS_SECRET, ""),
    ],
)
async def test_wrong_credentials(
    home: Home, form: Form, field: str, value: str
) -> None:
    """Wrong credentials are refused by their signature, and can be corrected."""
    result = await begin(home.hass, form | {field: value})
    form_of(result, "user", "invalid_auth")
    result = form_of(await submit(home.hass, result, form), "locks")
    entry_of(await submit(home.hass, result, {}))


async def test_unexpected_exception(
    home: Home, form: Form, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected exception is shown and logged."""
    with patch(
        f"{MODULE}.flow.project.FlowProject.async_uid", side_effect=ZeroDivisionError
    ):
        result = await begin(home.hass, form)
    form_of(result, "user", "unknown")
    assert "ZeroDivisionError" in caplog.text
    caplog.clear()
    result = form_of(await submit(home.hass, result, form), "locks")
    entry_of(await submit(home.hass, result, {}))


@pytest.mark.parametrize("url", ADDRESSES["invalid"])
async def test_invalid_urls(home: Home, form: Form, url: str) -> None:
    result = await begin(home.hass, form | {CONF_DATA_CENTER: url})
    form_of(result, "user", "invalid_url")
    assert result["errors"] == {CONF_DATA_CENTER: "invalid_url"}
    assert value_of(result, CONF_DATA_CENTER) == url
    assert not home.cloud.calls
    result = form_of(await submit(home.hass, result, form), "locks")
    entry_of(await submit(home.hass, result, {}))


@pytest.mark.parametrize(("typed", "stored"), ADDRESSES["valid"].items())
async def test_valid_urls(
    home: Home, endpoint: str, form: Form, typed: str, stored: str
) -> None:
    with (
        # All of these lead to the simulated cloud, and none is a data center's key.
        patch.dict(f"{MODULE}.coordinator.connection.HOSTS", {stored: endpoint}),
        patch(f"{MODULE}.flow.forms.HOSTS", {}),
        patch(f"{MODULE}.flow.project.HOSTS", {}),
    ):
        result = await begin(home.hass, form | {CONF_DATA_CENTER: typed})
        form_of(result, "locks")
        entry = entry_of(await submit(home.hass, result, {}))
    assert entry.data[CONF_DATA_CENTER] == stored


async def test_timeout(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, form: Form
) -> None:
    cloud.faults.hang(on=TOKEN)
    with patch(f"{MODULE}.api.cloud.DEADLINE_SECONDS", 0.05):
        result = await begin(hass, form)
    form_of(result, "user", "cannot_connect")
    cloud.faults.clear()
    result = form_of(await submit(hass, result, form), "locks")
    entry_of(await submit(hass, result, {}))
