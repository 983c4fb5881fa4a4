"""Refusals of a whole project: the pause, the data kept, and the probes."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator import Lock
from tests.common import cases, entry_state, errors_shown, lock_device
from tests.conftest import HOUR_SECONDS, Home

CYCLE_SECONDS = 6 * 60

CODES = cases(
    ("code", "key"),
    {
        "trial-quota": (28841004, "quota_exhausted"),
        "service-expired": (28841103, "subscription_expired"),
        "address": (1114, "ip_not_allowed"),
        "data-center": (28841107, "data_center_disabled"),
    },
)


async def call(
    hass: HomeAssistant, entry: MockConfigEntry, action: str, **data: Any
) -> None:
    device = lock_device(hass, entry, "front")
    assert device
    await hass.services.async_call(
        DOMAIN,
        action,
        {"device_id": device.id, **data},
        blocking=True,
        return_response=True,
    )


@CODES
async def test_pause(home: Home, doors: list[Lock], code: int, key: str) -> None:
    """One call an hour probes whether it has ended; entities keep their data for a day."""
    entry = await home.set_up()
    before = home.states("front", "lock")
    fault = home.cloud.faults.refuse(code, on="business", times=None)
    await home.tick(CYCLE_SECONDS)
    assert len([call for call in home.cloud.calls if call.code]) <= 2
    assert errors_shown(home.hass) == [key]

    home.cloud.calls.clear()
    for hours in range(1, 4):
        await home.tick(CYCLE_SECONDS, times=10)
        assert len([call for call in home.cloud.calls if call.code]) == hours
    assert home.states("front", "lock") == before

    home.cloud.calls.clear()
    for action, data in (
        ("get_users", {"fresh": True}),
        ("suspend_user", {"user": "bob"}),
    ):
        with pytest.raises(HomeAssistantError) as raised:
            await call(home.hass, entry, action, **data)
        assert raised.value.translation_key == key
    await call(home.hass, entry, "get_users")
    assert home.cloud.calls == []

    await home.tick(HOUR_SECONDS, times=22)
    for lock in ("front", "lock2", "lock3"):
        assert home.state(f"{lock}_users") == STATE_UNAVAILABLE
        assert home.state(f"{lock}_online") == STATE_UNAVAILABLE
    assert errors_shown(home.hass) == [key]

    fault.remove()
    await home.tick(HOUR_SECONDS)
    assert errors_shown(home.hass) == []
    assert home.states("front", "lock") == before


@CODES
async def test_pause_at_start(home: Home, code: int, key: str) -> None:
    """Retries of the setup probe hourly, a reload at once."""
    fault = home.cloud.faults.refuse(code, on="business", times=None)
    entry = await home.set_up()
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY
    home.cloud.calls.clear()
    await home.tick(10 * 60, times=20)
    assert len([call for call in home.cloud.calls if call.code]) == 3
    assert errors_shown(home.hass) == [key]
    fault.remove()
    await home.hass.config_entries.async_reload(entry.entry_id)
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert errors_shown(home.hass) == []


async def reload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await hass.config_entries.async_reload(entry.entry_id)


async def disable_and_enable(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    await hass.config_entries.async_set_disabled_by(entry.entry_id, None)


@pytest.mark.parametrize("restart", [reload, disable_and_enable])
async def test_restart_of_the_entry(
    home: Home,
    doors: list[Lock],
    restart: Callable[[HomeAssistant, MockConfigEntry], Awaitable[None]],
) -> None:
    """It calls at once and keeps the data; nothing seems to happen meanwhile."""
    doors[0].add_method("remoteControl", doors[0].find("bob"))
    entry = await home.set_up()
    before = home.states("front", "lock")
    assert before["front_unlock_methods"] == "3"
    fault = home.cloud.faults.quota(0)
    await home.tick(CYCLE_SECONDS)
    home.cloud.calls.clear()
    await home.reload()
    assert [call.endpoint for call in home.cloud.calls] == ["associated_devices"]
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert home.states("front", "lock") == before
    assert errors_shown(home.hass) == ["quota_exhausted"]
    fault.remove()
    doors[0].add_user("Carl", user_id="carl")
    await home.tick(HOUR_SECONDS)
    assert home.state("front_users") == "3"
    assert home.states("front_user_changes") == {"front_user_changes": "unknown"}
    assert errors_shown(home.hass) == []


async def test_the_source_that_probes_is_disabled(
    home: Home, doors: list[Lock]
) -> None:
    """Another one finds out an hour later."""
    entry = await home.set_up()
    fault = home.cloud.faults.refuse(28841104, on="smart_lock_users", lock="front")
    await entry.runtime_data.locks["front"].async_refresh()
    assert errors_shown(home.hass) == ["quota_exhausted"]
    assert fault.hits
    await entry.runtime_data.locks["front"].async_shutdown()
    doors[1].add_user("Carl", user_id="carl")
    await home.tick(HOUR_SECONDS)
    assert home.state("lock2_users") == "1"
    await home.tick(HOUR_SECONDS)
    await home.tick(CYCLE_SECONDS)
    assert home.state("lock2_users") == "2"
