"""Whether a lock is connected: by the list of locks, or by what a reading met."""

from typing import Any

import pytest

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    EntityCategory,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from simulator import Lock, SimulatedCloud
from tests.common import state_object, state_of
from tests.conftest import SetUp, Tick

CYCLE_SECONDS = 5 * 60
LIST_SECONDS = 30 * 60


@pytest.mark.parametrize(
    ("online", "state"),
    [(True, STATE_ON), (False, STATE_OFF), (None, STATE_UNKNOWN)],
    ids=["online", "offline", "not-said"],
)
async def test_online(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    online: Any,
    state: str,
) -> None:
    """The list of locks says whether one is connected."""
    door.device.online = online
    await set_up()

    shown = state_object(hass, "front_online")
    assert shown.state == state
    assert shown.attributes[ATTR_DEVICE_CLASS] == BinarySensorDeviceClass.CONNECTIVITY
    entity = er.async_get(hass).async_get(shown.entity_id)
    assert entity
    assert entity.entity_category is EntityCategory.DIAGNOSTIC


async def test_online_follows_the_list(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A lock that loses its connection shows it within half an hour."""
    await set_up()
    door.device.online = False
    await tick(LIST_SECONDS)
    assert state_of(hass, "front_online") == STATE_OFF
    # The cloud answers from memory: that is no reason to show nothing.
    assert state_of(hass, "front_users") == "2"

    door.device.online = True
    await tick(LIST_SECONDS)
    assert state_of(hass, "front_online") == STATE_ON


@pytest.mark.parametrize("code", [2001, 2312])
async def test_reading_learns_that_a_lock_is_offline(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    code: int,
) -> None:
    """A reading that is told so shows it at once; the next list knows better."""
    await set_up()
    fault = cloud.faults.refuse(code, on="smart_lock_users", times=None)
    await tick(CYCLE_SECONDS)
    assert state_of(hass, "front_online") == STATE_OFF
    assert state_of(hass, "front_users") == STATE_UNAVAILABLE

    fault.remove()
    await tick(LIST_SECONDS)
    assert state_of(hass, "front_online") == STATE_ON
    assert state_of(hass, "front_users") == "2"


async def test_first_reading_learns_that_a_lock_is_offline(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """The list may be behind what the very first reading is told."""
    cloud.faults.refuse(2001, on="smart_lock_users", times=None)
    await set_up()

    assert state_of(hass, "front_online") == STATE_OFF


async def test_online_without_a_list(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """Without the list nobody knows, but the lock can still be read."""
    await set_up()
    fault = cloud.faults.refuse(1106, on="associated_devices", times=None)
    await tick(LIST_SECONDS)
    assert state_of(hass, "front_online") == STATE_UNAVAILABLE
    assert state_of(hass, "front_users") == "2"

    fault.remove()
    await tick(5 * 3600)
    assert state_of(hass, "front_online") == STATE_ON


async def test_other_locks_stay_online(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """One lock that is offline says nothing of another."""
    cloud.add_lock("gate", "Garden gate")
    await set_up()
    cloud.faults.refuse(2001, on="smart_lock_users", lock="front", times=None)
    await tick(CYCLE_SECONDS)
    await tick(CYCLE_SECONDS)

    assert state_of(hass, "front_online") == STATE_OFF
    assert state_of(hass, "gate_online") == STATE_ON
