"""Errors and unloads during polls, full refreshes and button presses."""

import asyncio
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
from simulator import Lock, SimulatedCloud
from tests.common import (
    entity_id_of,
    lock_device,
    registered_ids,
    state_of,
    states_of,
    until,
    user_device,
    user_names,
)

from .home import CYCLE_SECONDS, DAY_SECONDS, LIST_SECONDS, FaultyHome, Plant, finish


@pytest.fixture
def row(cloud: SimulatedCloud) -> list[Lock]:
    locks = [cloud.add_lock(f"row{number}", f"Row {number}") for number in range(8)]
    for lock in locks:
        lock.add_user("Uwe", user_id="uwe")
    return locks


async def test_token_expires_in_flight(
    row: list[Lock], home: FaultyHome, freezer: FrozenDateTimeFactory
) -> None:
    """Four calls lose their token at once: one new token is fetched, and each is repeated."""
    await home.advance(0)
    before = states_of(home.hass)
    home.cloud.calls.clear()
    hang = home.cloud.faults.hang(on="smart_lock_users", times=4)
    freezer.tick(LIST_SECONDS)
    async_fire_time_changed(home.hass)
    await until(lambda: hang.hits == 4)
    home.cloud.kill_token()
    hang.release()
    await home.advance(0)

    counts = home.cloud.calls.counts()
    assert counts["token"] == 1
    refused = home.cloud.calls.refused
    assert {call.code for call in refused} == {1010}
    assert 4 <= len(refused) <= 5
    assert counts["smart_lock_users"] == 10 + len(
        [call for call in refused if call.endpoint == "smart_lock_users"]
    )
    before.pop(f"{home.cloud.project_uid}_api_calls")
    assert {key: state_of(home.hass, key) for key in before} == before
    assert home.lines == []


async def test_clock_changes(home: FaultyHome) -> None:
    """The offset follows a clock that is 20 minutes ahead, behind, and right again.

    Only simultaneous calls are refused.
    """
    before = home.states
    for minutes in (20, -20, 0, -20, 20, 0):
        home.cloud.calls.clear()
        home.cloud.clock_offset = minutes * 60
        for _ in range(4):
            await home.advance(CYCLE_SECONDS)
        refusals = [call.code for call in home.cloud.calls.refused]
        assert set(refusals) == {1013}
        assert len(refusals) <= 3
        home.assert_recovered(before)
    assert home.lines == []


@pytest.mark.parametrize("calls", [0, 1, 4, 9])
async def test_quota_exhausted_during_poll(
    row: list[Lock], home: FaultyHome, calls: int
) -> None:
    """Calls in flight meet the refusal, then one source probes hourly."""
    before = states_of(home.hass, "front", "gate", "row")
    home.cloud.calls.clear()
    home.cloud.faults.quota(calls)
    await home.advance(LIST_SECONDS)
    assert len(home.cloud.calls.refused) <= 11
    home.cloud.calls.clear()
    for _ in range(6):
        await home.advance(LIST_SECONDS)
    assert len(home.cloud.calls.refused) == 3
    assert states_of(home.hass, "front", "gate", "row") == before
    assert home.issues == ["quota_exhausted"]
    assert len(home.lines) == 1
    await home.recover()
    assert states_of(home.hass, "front", "gate", "row") == before
    assert home.issues == []
    assert len(home.lines) == 2


async def test_lock_unpaired_and_paired(home: FaultyHome, gate: Lock) -> None:
    """First its polls fail, then it is removed; and it returns unchanged."""
    before = home.states
    gate.unpair()
    await home.advance(CYCLE_SECONDS)
    assert home.states["gate_users"] == STATE_UNAVAILABLE
    assert user_names(home.hass, home.entry, "gate") == ["Gus"]
    await home.advance(LIST_SECONDS)
    assert states_of(home.hass, "gate") == {}
    assert lock_device(home.hass, home.entry, "gate") is None
    assert user_device(home.hass, home.entry, "gate", "gus") is None
    home.cloud.calls.clear()
    await home.advance(LIST_SECONDS)
    assert not home.cloud.calls.to(lock="gate")
    assert [line for _, line in home.lines] == [
        "Cannot read Garden gate: not_found (code 2010)"
    ]
    gate.pair()
    await home.advance(LIST_SECONDS)
    home.assert_recovered(before)


async def test_lock_unpaired_during_read(
    home: FaultyHome, gate: Lock, freezer: FrozenDateTimeFactory
) -> None:
    """A reply after the removal of its lock restores nothing."""
    hang = home.cloud.faults.hang(on="smart_lock_users", lock="gate")
    freezer.tick(CYCLE_SECONDS)
    async_fire_time_changed(home.hass)
    await until(lambda: hang.hits)
    gate.unpair()
    project = home.entry.runtime_data
    await project.async_refresh()
    assert lock_device(home.hass, home.entry, "gate") is None
    gate.pair()
    hang.release()
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert lock_device(home.hass, home.entry, "gate") is None
    assert states_of(home.hass, "gate") == {}
    await home.advance(LIST_SECONDS)
    assert home.states["gate_users"] == "1"


async def _read(home: FaultyHome, freezer: FrozenDateTimeFactory) -> None:
    freezer.tick(LIST_SECONDS)
    async_fire_time_changed(home.hass)


async def _full_refresh(home: FaultyHome, freezer: FrozenDateTimeFactory) -> None:
    freezer.tick(1)  # otherwise everything is up to date
    project = home.entry.runtime_data
    project.async_begin_full_refresh(project.locks.values())


async def _press(home: FaultyHome, _: FrozenDateTimeFactory) -> None:
    data = {"entity_id": entity_id_of(home.hass, "front_refresh")}
    await home.hass.services.async_call("button", "press", data, blocking=True)


WORK: Final = {
    "reading": (_read, "smart_lock_users"),
    "listing": (_read, "associated_devices"),
    "refresh-orphans": (_full_refresh, "absent_users"),
    "refresh-details": (_full_refresh, "opmodes"),
    "press-reading": (_press, "smart_lock_users"),
    "press-details": (_press, "opmodes"),
    "press-orphans": (_press, "unassigned_keys"),
}
"""Interrupted work, and the call that is blocked."""

REPLIES: Final[dict[str, Plant]] = {
    "success": lambda faults, on: None,
    "cut": lambda faults, on: faults.cut("after", on=on, times=None),
    "not-json": lambda faults, on: faults.json([], on=on, times=None),
    "quota": lambda faults, on: faults.refuse(28841004, on=on, times=None),
    "credentials": lambda faults, on: faults.refuse(1004, on=on, times=None),
    "token": lambda faults, on: faults.kill_token(on=on),
    "offline": lambda faults, on: faults.refuse(2001, on=on, times=None),
}
"""How the blocked call ends."""


@pytest.mark.parametrize("ending", ["unload", "reload", "removal"])
@pytest.mark.parametrize("work", WORK)
async def test_entry_unloaded(
    home: FaultyHome,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    work: str,
    ending: str,
) -> None:
    """Nothing continues or is restored afterwards, with any reply."""
    hass, entries = home.hass, home.hass.config_entries
    entry_id = home.entry.entry_id
    start, endpoint = WORK[work]
    end = {
        "unload": entries.async_unload,
        "reload": entries.async_reload,
        "removal": entries.async_remove,
    }[ending]
    for reply, plant in REPLIES.items():
        hang = home.cloud.faults.hang(on=endpoint)
        plant(home.cloud.faults, endpoint)
        task = hass.async_create_task(start(home, freezer))
        await until(lambda: hang.hits)  # noqa: B023
        await finish(hass, freezer, end(entry_id))
        before = registered_ids(hass)
        hang.release()
        await finish(hass, freezer, asyncio.wait([task]))
        if not task.cancelled() and (err := task.exception()) is not None:
            assert isinstance(err, HomeAssistantError), reply
        if ending != "reload":
            await home.advance(0)
            home.cloud.calls.clear()
            await home.advance(DAY_SECONDS)
            assert home.cloud.calls == [], reply
            assert home.flows == [], reply
            assert registered_ids(hass) == before, reply

        home.cloud.faults.clear()
        if ending == "removal":
            assert states_of(hass) == {}, reply
            assert before == set()
            assert f"{DOMAIN}.{entry_id}" not in hass_storage, reply
            await entries.async_add(home.entry)
        elif ending == "unload":
            await entries.async_setup(entry_id)
        await home.recover()
        assert home.states["front_users"] == "2"
        assert home.states["gate:gus_access"] == "allowed"
        assert (home.issues, home.flows) == ([], []), reply
