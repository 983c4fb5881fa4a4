"""The online binary sensor of a lock."""

from typing import Any

import pytest

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from tests.conftest import CYCLE_SECONDS, LIST_SECONDS, Home


@pytest.mark.parametrize(
    ("online", "state"),
    [(True, STATE_ON), (False, STATE_OFF), (None, STATE_UNKNOWN)],
    ids=["online", "offline", "unknown"],
)
async def test_online(home: Home, online: Any, state: str) -> None:
    home.door.device.online = online
    await home.set_up()
    shown = home.state_object("front_online")
    assert shown.state == state
    assert shown.attributes[ATTR_DEVICE_CLASS] == BinarySensorDeviceClass.CONNECTIVITY


async def test_online_list_update(home: Home) -> None:
    await home.set_up()
    home.door.device.online = False
    await home.tick(LIST_SECONDS)
    assert home.state("front_online") == STATE_OFF
    # The cloud still answers from its cache, so users are kept.
    assert home.state("front_users") == "2"
    home.door.device.online = True
    await home.tick(LIST_SECONDS)
    assert home.state("front_online") == STATE_ON


@pytest.mark.parametrize("code", [2001, 2312])
async def test_offline_at_poll(home: Home, code: int) -> None:
    """A poll refused as offline updates the state; the next list corrects it."""
    await home.set_up()
    fault = home.cloud.faults.refuse(code, on="smart_lock_users", times=None)
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_online") == STATE_OFF
    assert home.state("front_users") == STATE_UNAVAILABLE
    fault.remove()
    await home.tick(LIST_SECONDS)
    assert home.state("front_online") == STATE_ON
    assert home.state("front_users") == "2"


async def test_offline_at_first_poll(home: Home) -> None:
    """The list may be older than the first poll."""
    home.cloud.faults.refuse(2001, on="smart_lock_users", times=None)
    await home.set_up()
    assert home.state("front_online") == STATE_OFF
