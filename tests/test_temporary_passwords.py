"""The sensor of temporary passwords."""

import pytest

from homeassistant.core import HomeAssistant
from simulator import DeliveryRules, Lock, SimulatedCloud, commands
from simulator.passwords import TemporaryPassword
from tests.conftest import Home, SetUp
from tests.services.calling import Actions

PASSWORDS = "front_temporary_passwords"


def add(door: Lock, hours: float, delay: float = 0) -> TemporaryPassword:
    """Add a password for some hours, as the app does."""
    door.delivery = DeliveryRules(delay=delay)
    return door.passwords.add(
        commands.send(door),
        name=f"For {hours} hours",
        pin="7394158",
        effective_time=int(door.now),
        invalid_time=int(door.now + hours * 3600),
    )


async def test_disabled(home: Home) -> None:
    await home.set_up()
    assert not home.cloud.calls.to("passwords")


async def test_daily_read(home: Home, all_entities: None) -> None:
    """The sensor is read at the start and once a day, and ends by the clock."""
    add(home.door, 1)
    add(home.door, 2)
    await home.set_up()
    assert home.state(PASSWORDS) == "2"
    await home.tick(3600)
    assert home.state(PASSWORDS) == "1"
    add(home.door, 100)
    await home.tick(3600)
    assert home.state(PASSWORDS) == "0"
    assert len(home.cloud.calls.to("passwords")) == 1
    await home.tick(3600, times=24)
    assert home.state(PASSWORDS) == "1"
    assert len(home.cloud.calls.to("passwords")) == 2


async def test_pending(home: Home, all_entities: None) -> None:
    """A pending password is read often, for a limited time."""
    add(home.door, 100, delay=40)
    await home.set_up()
    assert home.state(PASSWORDS) == "0"
    await home.tick(15, times=3)
    assert home.state(PASSWORDS) == "1"
    assert len(home.cloud.calls.to("passwords")) == 4
    never = add(home.door, 100)
    never.delivery = commands.send(home.door)
    never.delivery.outcome = "NEVER"
    home.cloud.calls.clear()
    await home.act("get_passwords")
    await home.tick(15, times=20)
    assert len(home.cloud.calls.to("passwords")) == 9


@pytest.mark.parametrize("code", [2009, 500])
async def test_refused(home: Home, all_entities: None, code: int) -> None:
    home.cloud.faults.refuse(
        code, on=("passwords", "stand_by_passwords"), lock="front", times=None
    )
    await home.set_up()
    assert home.state(PASSWORDS) == "unknown"
    assert home.state("front_users") == "2"
    home.cloud.faults.clear()
    await home.tick(3600, times=25)
    assert home.state(PASSWORDS) == "0"


async def test_dialect_stored(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """Learned dialects survive a restart: PINs have six digits."""
    door.family = "ble"
    entry = await set_up()
    for number in range(2):
        act = Actions(hass, entry)
        response = await act("add_password", name=f"No. {number}", wait=0)
        assert len(response["password"]) == 6
        await hass.config_entries.async_reload(entry.entry_id)
    sent = [len(call.body["password"]) for call in cloud.calls.to("add_password")]
    assert len(sent) == 3
