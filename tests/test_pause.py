"""Refusals of a whole project: a pause, what is kept meanwhile, and who ends it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from simulator import Lock, SimulatedCloud
from tests.common import entry_state, lock_device, state_of, states_of
from tests.conftest import SetUp, Tick

CYCLE_SECONDS = 6 * 60
HOUR_SECONDS = 3600

CODES = pytest.mark.parametrize(
    ("code", "key"),
    [
        pytest.param(28841004, "quota_exhausted", id="trial-quota"),
        pytest.param(28841103, "subscription_expired", id="service-expired"),
        pytest.param(1114, "ip_not_allowed", id="address"),
        pytest.param(28841107, "data_center_disabled", id="data-center"),
    ],
)


@pytest.fixture
def doors(cloud: SimulatedCloud, door: Lock) -> list[Lock]:
    """Three locks."""
    others = [cloud.add_lock(f"lock{number}", f"Lock {number}") for number in (2, 3)]
    for other in others:
        other.add_user("Uwe", user_id="uwe")
    return [door, *others]


def issues_of(hass: HomeAssistant) -> list[str | None]:
    """Return the repairs that are shown."""
    issues = ir.async_get(hass).issues.values()
    return [
        issue.translation_key
        for issue in issues
        if issue.domain == DOMAIN and issue.active
    ]


async def call(
    hass: HomeAssistant, entry: MockConfigEntry, action: str, **data: Any
) -> None:
    """Call an action for the front door."""
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
async def test_pause(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    doors: list[Lock],
    set_up: SetUp,
    tick: Tick,
    code: int,
    key: str,
) -> None:
    """One call an hour probes whether it has ended; entities keep their data a day."""
    entry = await set_up()
    before = states_of(hass, "front", "lock")
    fault = cloud.faults.refuse(code, on="business", times=None)
    await tick(CYCLE_SECONDS)
    assert len([call for call in cloud.calls if call.code]) <= 2
    assert issues_of(hass) == [key]

    cloud.calls.clear()
    for hours in range(1, 4):
        for _ in range(10):
            await tick(CYCLE_SECONDS)
        assert len([call for call in cloud.calls if call.code]) == hours
    assert states_of(hass, "front", "lock") == before

    cloud.calls.clear()
    for action, data in (
        ("get_users", {"fresh": True}),
        ("suspend_user", {"user": "bob"}),
    ):
        with pytest.raises(HomeAssistantError) as raised:
            await call(hass, entry, action, **data)
        assert raised.value.translation_key == key
    await call(hass, entry, "get_users")
    assert cloud.calls == []

    for _ in range(22):
        await tick(HOUR_SECONDS)
    for lock in ("front", "lock2", "lock3"):
        assert state_of(hass, f"{lock}_users") == STATE_UNAVAILABLE
        assert state_of(hass, f"{lock}_online") == STATE_UNAVAILABLE
    assert issues_of(hass) == [key]

    fault.remove()
    await tick(HOUR_SECONDS)
    assert issues_of(hass) == []
    assert states_of(hass, "front", "lock") == before


@CODES
async def test_pause_at_start(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    code: int,
    key: str,
) -> None:
    """Retries of the setup probe hourly, a reload at once."""
    fault = cloud.faults.refuse(code, on="business", times=None)
    entry = await set_up()
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY
    cloud.calls.clear()
    for _ in range(20):
        await tick(10 * 60)
    assert len([call for call in cloud.calls if call.code]) == 3
    assert issues_of(hass) == [key]

    fault.remove()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert issues_of(hass) == []


async def reload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Reload an entry."""
    await hass.config_entries.async_reload(entry.entry_id)


async def disable_and_enable(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Disable an entry and enable it again."""
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    await hass.config_entries.async_set_disabled_by(entry.entry_id, None)


@pytest.mark.parametrize("restart", [reload, disable_and_enable])
async def test_restart_of_the_entry(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    doors: list[Lock],
    set_up: SetUp,
    tick: Tick,
    restart: Callable[[HomeAssistant, MockConfigEntry], Awaitable[None]],
) -> None:
    """It calls at once and keeps the data; nothing seems to happen meanwhile."""
    doors[0].add_method("remoteControl", doors[0].find("bob"))
    entry = await set_up()
    before = states_of(hass, "front", "lock")
    assert before["front_unlock_methods"] == "3"
    fault = cloud.faults.quota(0)
    await tick(CYCLE_SECONDS)
    cloud.calls.clear()

    await restart(hass, entry)
    assert [call.endpoint for call in cloud.calls] == ["associated_devices"]
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert states_of(hass, "front", "lock") == before
    assert issues_of(hass) == ["quota_exhausted"]

    fault.remove()
    doors[0].add_user("Carl", user_id="carl")
    await tick(HOUR_SECONDS)
    assert state_of(hass, "front_users") == "3"
    assert states_of(hass, "front_user_changes") == {"front_user_changes": "unknown"}
    assert issues_of(hass) == []


async def test_the_source_that_probes_is_disabled(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    doors: list[Lock],
    set_up: SetUp,
    tick: Tick,
) -> None:
    """Another one finds out an hour later."""
    entry = await set_up()
    fault = cloud.faults.refuse(28841104, on="smart_lock_users", lock="front")
    await entry.runtime_data.locks["front"].async_refresh()
    assert issues_of(hass) == ["quota_exhausted"]
    assert fault.hits
    await entry.runtime_data.locks["front"].async_shutdown()

    doors[1].add_user("Carl", user_id="carl")
    await tick(HOUR_SECONDS)
    assert state_of(hass, "lock2_users") == "1"
    await tick(HOUR_SECONDS)
    await tick(CYCLE_SECONDS)
    assert state_of(hass, "lock2_users") == "2"
