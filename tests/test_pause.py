"""Refusals of a whole project: the pause, the data kept, and the probes."""

import pytest

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from simulator import Lock
from tests.common import cases, entry_state, error_issues
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


@CODES
async def test_pause(home: Home, doors: list[Lock], code: int, key: str) -> None:
    """One call an hour probes whether it has ended; entities keep their data for a day."""
    await home.set_up()
    before = home.states("front", "lock")
    fault = home.cloud.faults.refuse(code, on="business", times=None)
    await home.tick(CYCLE_SECONDS)
    assert len(home.cloud.calls.refused) <= 2
    assert error_issues(home.hass) == [key]

    home.cloud.calls.clear()
    for hours in range(1, 4):
        await home.tick(CYCLE_SECONDS, times=10)
        assert len(home.cloud.calls.refused) == hours
    assert home.states("front", "lock") == before

    home.cloud.calls.clear()
    await home.act.fails(key, "get_users", fresh=True)
    await home.act.fails(key, "suspend_user", user="bob")
    await home.act("get_users")
    assert home.cloud.calls == []

    await home.tick(HOUR_SECONDS, times=22)
    for lock in ("front", "lock2", "lock3"):
        assert home.state(f"{lock}_users") == STATE_UNAVAILABLE
        assert home.state(f"{lock}_online") == STATE_UNAVAILABLE
    assert error_issues(home.hass) == [key]

    fault.remove()
    await home.tick(HOUR_SECONDS)
    assert error_issues(home.hass) == []
    assert home.states("front", "lock") == before


@CODES
async def test_pause_at_setup(home: Home, code: int, key: str) -> None:
    """Retries of the setup probe hourly, a reload at once."""
    fault = home.cloud.faults.refuse(code, on="business", times=None)
    entry = await home.set_up()
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY
    home.cloud.calls.clear()
    await home.tick(10 * 60, times=20)
    assert len(home.cloud.calls.refused) == 3
    assert error_issues(home.hass) == [key]
    fault.remove()
    await home.hass.config_entries.async_reload(entry.entry_id)
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert error_issues(home.hass) == []


@pytest.mark.parametrize("is_disabled", [False, True], ids=["reload", "disable"])
async def test_pause_reload(home: Home, doors: list[Lock], is_disabled: bool) -> None:
    """A new setup makes one call and keeps the data; no event fires."""
    doors[0].add_method("remoteControl", doors[0].find("bob"))
    entry = await home.set_up()
    before = home.states("front", "lock")
    assert before["front_unlock_methods"] == "3"
    fault = home.cloud.faults.quota(0)
    await home.tick(CYCLE_SECONDS)
    home.cloud.calls.clear()
    if is_disabled:
        for by in (ConfigEntryDisabler.USER, None):
            await home.hass.config_entries.async_set_disabled_by(entry.entry_id, by)
        await home.hass.async_block_till_done(wait_background_tasks=True)
    else:
        await home.reload()
    assert [call.endpoint for call in home.cloud.calls] == ["associated_devices"]
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert home.states("front", "lock") == before
    assert error_issues(home.hass) == ["quota_exhausted"]
    fault.remove()
    doors[0].add_user("Carl", user_id="carl")
    await home.tick(HOUR_SECONDS)
    assert home.state("front_users") == "3"
    assert home.states("front_user_changes") == {"front_user_changes": "unknown"}
    assert error_issues(home.hass) == []


async def test_pause_probing_lock_removed(home: Home, doors: list[Lock]) -> None:
    """Another lock probes an hour later."""
    entry = await home.set_up()
    fault = home.cloud.faults.refuse(28841104, on="smart_lock_users", lock="front")
    await entry.runtime_data.locks["front"].async_refresh()
    assert error_issues(home.hass) == ["quota_exhausted"]
    assert fault.hits
    await entry.runtime_data.locks["front"].async_shutdown()
    doors[1].add_user("Carl", user_id="carl")
    await home.tick(HOUR_SECONDS)
    assert home.state("lock2_users") == "1"
    await home.tick(HOUR_SECONDS)
    await home.tick(CYCLE_SECONDS)
    assert home.state("lock2_users") == "2"
