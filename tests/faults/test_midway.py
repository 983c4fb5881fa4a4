"""Faults, and the end, in the middle of readings, sweeps and presses of a button."""

import asyncio
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from simulator import Lock, SimulatedCloud
from tests.common import (
    entity_id_of,
    lock_device,
    state_of,
    states_of,
    until,
    user_device,
    user_names,
)

from .house import CYCLE_SECONDS, DAY_SECONDS, LIST_SECONDS, House, Plant, finish


@pytest.fixture
def row(cloud: SimulatedCloud) -> list[Lock]:
    locks = [cloud.add_lock(f"row{number}", f"Row {number}") for number in range(8)]
    for lock in locks:
        lock.add_user("Uwe", user_id="uwe")
    return locks


async def test_token_killed_under_calls_in_flight(
    row: list[Lock], house: House, freezer: FrozenDateTimeFactory
) -> None:
    """Four calls lose their token at once: one new token is fetched, and each is repeated."""
    await house.advance(0)
    before = states_of(house.hass)
    house.cloud.calls.clear()
    hang = house.cloud.faults.hang(on="smart_lock_users", times=4)
    freezer.tick(LIST_SECONDS)
    async_fire_time_changed(house.hass)
    await until(lambda: hang.hits == 4)
    house.cloud.kill_token()
    hang.release()
    await house.advance(0)

    counts = house.cloud.calls.counts()
    assert counts["token"] == 1
    refused = [call for call in house.cloud.calls if call.code]
    assert {call.code for call in refused} == {1010}
    assert 4 <= len(refused) <= 5
    assert counts["smart_lock_users"] == 10 + len(
        [call for call in refused if call.endpoint == "smart_lock_users"]
    )
    before.pop(f"{house.cloud.project_uid}_api_calls")
    assert {key: state_of(house.hass, key) for key in before} == before
    assert house.lines == []


async def test_clock_that_wanders(house: House) -> None:
    """Twenty minutes this way, twenty that way, and right again: it is followed.

    Only callers at the same time receive the error.
    """
    before = house.states
    for minutes in (20, -20, 0, -20, 20, 0):
        house.cloud.calls.clear()
        house.cloud.clock_offset = minutes * 60
        for _ in range(4):
            await house.advance(CYCLE_SECONDS)
        refusals = [call.code for call in house.cloud.calls if call.code]
        assert set(refusals) == {1013}
        assert len(refusals) <= 3
        house.assert_well(before)
    assert house.lines == []


@pytest.mark.parametrize("calls", [0, 1, 4, 9])
async def test_quota_ends_in_the_middle_of_a_cycle(
    row: list[Lock], house: House, calls: int
) -> None:
    """Calls in flight meet the refusal, then one source probes hourly."""
    before = states_of(house.hass, "front", "gate", "row")
    house.cloud.calls.clear()
    house.cloud.faults.quota(calls)
    await house.advance(LIST_SECONDS)
    assert len([call for call in house.cloud.calls if call.code]) <= 11
    house.cloud.calls.clear()
    for _ in range(6):
        await house.advance(LIST_SECONDS)
    assert len([call for call in house.cloud.calls if call.code]) == 3
    assert states_of(house.hass, "front", "gate", "row") == before
    assert house.issues == ["quota_exhausted"]
    assert len(house.lines) == 1
    await house.recover()
    assert states_of(house.hass, "front", "gate", "row") == before
    assert house.issues == []
    assert len(house.lines) == 2


async def test_lock_unpaired_and_paired_again(house: House, gate: Lock) -> None:
    """First its polls fail, then it is removed; and it returns unchanged."""
    before = house.states
    gate.unpair()
    await house.advance(CYCLE_SECONDS)
    assert house.states["gate_users"] == STATE_UNAVAILABLE
    assert user_names(house.hass, house.entry, "gate") == ["Gus"]
    await house.advance(LIST_SECONDS)
    assert states_of(house.hass, "gate") == {}
    assert lock_device(house.hass, house.entry, "gate") is None
    assert user_device(house.hass, house.entry, "gate", "gus") is None
    house.cloud.calls.clear()
    await house.advance(LIST_SECONDS)
    assert not house.cloud.calls.to(lock="gate")
    assert [line for _, line in house.lines] == [
        "Cannot read Garden gate: not_found (code 2010)"
    ]
    gate.pair()
    await house.advance(LIST_SECONDS)
    house.assert_well(before)


async def test_lock_unpaired_while_it_is_read(
    house: House, gate: Lock, freezer: FrozenDateTimeFactory
) -> None:
    """A reply after the removal of its lock restores nothing."""
    hang = house.cloud.faults.hang(on="smart_lock_users", lock="gate")
    freezer.tick(CYCLE_SECONDS)
    async_fire_time_changed(house.hass)
    await until(lambda: hang.hits)
    gate.unpair()
    project = house.entry.runtime_data
    await project.async_refresh()
    assert lock_device(house.hass, house.entry, "gate") is None
    gate.pair()
    hang.release()
    await house.hass.async_block_till_done(wait_background_tasks=True)
    assert lock_device(house.hass, house.entry, "gate") is None
    assert states_of(house.hass, "gate") == {}
    await house.advance(LIST_SECONDS)
    assert house.states["gate_users"] == "1"


async def _read(house: House, freezer: FrozenDateTimeFactory) -> None:
    freezer.tick(LIST_SECONDS)
    async_fire_time_changed(house.hass)


async def _sweep(house: House, freezer: FrozenDateTimeFactory) -> None:
    freezer.tick(1)  # or all was read just now
    project = house.entry.runtime_data
    project.async_begin_full_refresh(project.locks.values())


async def _press(house: House, _: FrozenDateTimeFactory) -> None:
    await house.hass.services.async_call(
        "button",
        "press",
        {"entity_id": entity_id_of(house.hass, "front_refresh")},
        blocking=True,
    )


WORK: Final = {
    "reading": (_read, "smart_lock_users"),
    "listing": (_read, "associated_devices"),
    "sweep-leftovers": (_sweep, "absent_users"),
    "sweep-details": (_sweep, "opmodes"),
    "press-reading": (_press, "smart_lock_users"),
    "press-details": (_press, "opmodes"),
    "press-leftovers": (_press, "unassigned_keys"),
}
"""Interrupted work, and the call that is blocked."""

ANSWERS: Final[dict[str, Plant]] = {
    "success": lambda faults, on: None,
    "cut": lambda faults, on: faults.cut("after", on=on, times=None),
    "not-json": lambda faults, on: faults.json([], on=on, times=None),
    "quota": lambda faults, on: faults.refuse(28841004, on=on, times=None),
    "credentials": lambda faults, on: faults.refuse(1004, on=on, times=None),
    "token": lambda faults, on: faults.kill_token(on=on),
    "offline": lambda faults, on: faults.refuse(2001, on=on, times=None),
}
"""How the call ends once it may go on."""


def registered(hass: HomeAssistant) -> set[str]:
    return {
        *(device.id for device in dr.async_get(hass).devices),
        *(
            entity.entity_id
            for entity in er.async_get(hass).entities.values()
            if entity.platform == DOMAIN
        ),
        *(issue_id for domain, issue_id in ir.async_get(hass).issues),
    }


@pytest.mark.parametrize("ending", ["unload", "reload", "removal"])
@pytest.mark.parametrize("work", WORK)
async def test_end_in_the_middle(
    house: House,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    work: str,
    ending: str,
) -> None:
    """Nothing continues or is restored afterwards, with any reply."""
    hass, entries = house.hass, house.hass.config_entries
    entry_id = house.entry.entry_id
    start, endpoint = WORK[work]
    end = {
        "unload": entries.async_unload,
        "reload": entries.async_reload,
        "removal": entries.async_remove,
    }[ending]
    for answer, plant in ANSWERS.items():
        hang = house.cloud.faults.hang(on=endpoint)
        plant(house.cloud.faults, endpoint)
        task = hass.async_create_task(start(house, freezer))
        await until(lambda: hang.hits)  # noqa: B023
        await finish(hass, freezer, end(entry_id))
        before = registered(hass)
        hang.release()
        await finish(hass, freezer, asyncio.wait([task]))
        if not task.cancelled() and (err := task.exception()) is not None:
            assert isinstance(err, HomeAssistantError), answer
        if ending != "reload":
            await house.advance(0)
            house.cloud.calls.clear()
            await house.advance(DAY_SECONDS)
            assert house.cloud.calls == [], answer
            assert house.flows == [], answer
            assert registered(hass) == before, answer

        house.cloud.faults.clear()
        if ending == "removal":
            assert states_of(hass) == {}, answer
            assert before == set()
            assert f"{DOMAIN}.{entry_id}" not in hass_storage, answer
            await entries.async_add(house.entry)
        elif ending == "unload":
            await entries.async_setup(entry_id)
        await house.recover()
        assert house.states["front_users"] == "2"
        assert house.states["gate:gus_access"] == "allowed"
        assert (house.issues, house.flows) == ([], []), answer
