"""The system information page."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.components.system_health import (
    DOMAIN as SYSTEM_HEALTH_DOMAIN,
    get_info,
)
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from tests.conftest import Home


async def info_of(hass: HomeAssistant) -> dict[str, Any]:
    assert await async_setup_component(hass, SYSTEM_HEALTH_DOMAIN, {})
    await hass.async_block_till_done()
    info: dict[str, Any] = (await get_info(hass))[DOMAIN]
    return info


@pytest.fixture(autouse=True)
async def integration(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})


async def test_project(home: Home) -> None:
    """A project is counted; the check of its data center is not a counted call."""
    home.door.add_user("Carl")
    home.cloud.add_lock("gate", "Garden gate").add_user("Gus")
    home.cloud.faults.refuse(2001, on="smart_lock_users", lock="gate", times=None)
    await home.set_up()
    calls = len(home.cloud.calls)
    assert await info_of(home.hass) == {
        "cloud": "ok",
        "calls": calls,
        "locks": 2,
        "users": 3,
        "push": "0/1",
        "messages": 0,
    }
    home.cloud.faults.cut(times=None)
    assert (await info_of(home.hass))["cloud"] == "Failed: unreachable"


async def test_nothing_set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    entry.add_to_hass(hass)
    assert await info_of(hass) == {"calls": 0, "locks": 0, "users": 0}


async def test_two_entries(home: Home) -> None:
    """Calls of one project, and a lock in two entries, are counted once."""
    await home.set_up()
    twin = MockConfigEntry(domain=DOMAIN, unique_id="twin", data=dict(home.entry.data))
    twin.add_to_hass(home.hass)
    await home.hass.config_entries.async_setup(twin.entry_id)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    calls = len(home.cloud.calls)
    info = await info_of(home.hass)
    assert (info["calls"], info["locks"]) == (calls, 1)
