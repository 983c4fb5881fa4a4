"""How tests go through flows, and every way a project can be refused."""

from collections.abc import Callable
from typing import Any, Final, cast

import pytest
import voluptuous as vol

from custom_components.tuya_lock_users.const import CONF_DATA_CENTER, CONF_LOCKS, DOMAIN
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulator import SimulatedCloud

from .common import ENGLISH

type Form = dict[str, Any]
type Plant = Callable[[SimulatedCloud, str], object]


def _code(code: int) -> Plant:
    return lambda cloud, on: cloud.faults.refuse(code, on=on, times=None)


REFUSALS: Final = [
    *(
        pytest.param(_code(code), error, id=str(code))
        for error, codes in {
            "invalid_auth": (1001, 1004, 1005),
            "clock_skew": (1013,),
            "not_authorized": (2406, 28841107),
            "ip_not_allowed": (1114,),
            "subscription_expired": (28841001, 28841002, 28841003, 28841102, 28841103),
            "quota_exhausted": (28841004, 28841104),
            "cannot_connect": (500, 1110),
            "unknown": (1109, 987654),
        }.items()
        for code in codes
    ),
    pytest.param(
        lambda cloud, on: cloud.faults.cross_region(on=on),
        "wrong_data_center",
        id="cross-region",
    ),
    pytest.param(
        lambda cloud, on: cloud.faults.http(503, on=on, times=None),
        "cannot_connect",
        id="http 503",
    ),
    pytest.param(
        lambda cloud, on: cloud.faults.cut(on=on, times=None),
        "cannot_connect",
        id="cut",
    ),
    pytest.param(
        lambda cloud, on: cloud.faults.body("<html>", on=on, times=None),
        "cannot_connect",
        id="no json",
    ),
]
"""Lasting errors of a call, and the form error of each."""

ERRORS: Final = list({param.values[1]: param for param in REFUSALS}.values())
"""One of them for each error."""


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    # Or a browser would fill in the first one of the list.
    assert value_of(result, CONF_DATA_CENTER) == ""
    return form_of(result, "user")


async def submit(
    hass: HomeAssistant, result: ConfigFlowResult, form: Form
) -> ConfigFlowResult:
    """Submit a form of the config flow, and wait for the setup of its entry."""
    result = await hass.config_entries.flow.async_configure(result["flow_id"], form)
    await hass.async_block_till_done(wait_background_tasks=True)
    return result


def entry_of(result: ConfigFlowResult) -> ConfigEntry:
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    return entry


async def begin(hass: HomeAssistant, form: Form) -> Any:
    """Open and submit the first step."""
    return await submit(hass, await start(hass), form)


def form_of(result: ConfigFlowResult, step_id: str, *errors: str) -> ConfigFlowResult:
    """Check that a step is shown, with these errors, all of them translated."""
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == step_id
    shown = result["errors"] or {}
    assert sorted(shown.values()) == sorted(errors)
    section = "options" if step_id == "init" else "config"
    placeholders = result["description_placeholders"] or {}
    for error in errors:
        assert ENGLISH[section]["error"][error].format(**placeholders)
    texts = ENGLISH[section]["step"][step_id]
    fields = {str(marker) for marker in schema_of(result).schema}
    fields -= texts.get("sections", {}).keys()
    assert texts["data"].keys() == texts["data_description"].keys() == fields
    return result


def texts_of(error: str) -> list[str]:
    """Return the texts of form, exception, and repair for an error."""
    return [
        ENGLISH["config"]["error"][error],
        ENGLISH["options"]["error"][error],
        ENGLISH["exceptions"][error]["message"],
        ENGLISH["issues"][error]["fix_flow"]["step"]["confirm"]["description"],
    ]


def choice_of(result: ConfigFlowResult) -> list[str]:
    """Return the locks that a form has chosen, and would choose when left alone."""
    chosen = schema_of(result)({})[CONF_LOCKS]
    assert value_of(result, CONF_LOCKS) == chosen
    return cast(list[str], chosen)


def labels_of(result: ConfigFlowResult) -> dict[str, str]:
    selector = schema_of(result).schema[CONF_LOCKS]
    return {option["value"]: option["label"] for option in selector.config["options"]}


def value_of(result: ConfigFlowResult, field: str) -> Any:
    markers = (marker for marker in schema_of(result).schema if marker == field)
    description = next(markers).description or {}
    return description.get("suggested_value")


def schema_of(result: ConfigFlowResult) -> vol.Schema:
    schema = result["data_schema"]
    assert schema is not None
    return schema
