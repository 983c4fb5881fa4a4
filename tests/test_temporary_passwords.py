"""The sensor of temporary passwords: when it is read, and when it changes."""

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.core import HomeAssistant
from simulator import DeliveryRules, Lock, SimulatedCloud, orders
from simulator.passwords import TemporaryPassword
from tests.common import lock_device, state_of
from tests.conftest import SetUp, Tick

PASSWORDS = "front_temporary_passwords"
DAY_SECONDS = 24 * 3600


def add(door: Lock, hours: float, delay: float = 0) -> TemporaryPassword:
    """Add a password for some hours, as the app does."""
    door.delivery = DeliveryRules(delay=delay)
    return door.passwords.add(
        orders.send(door),
        name=f"For {hours} hours",
        pin="7394158",
        effective_time=int(door.now),
        invalid_time=int(door.now + hours * 3600),
    )


async def test_disabled(cloud: SimulatedCloud, door: Lock, set_up: SetUp) -> None:
    """Without the sensor nobody asks for passwords."""
    await set_up()
    assert not cloud.calls.to("passwords")


async def test_once_a_day(
    all_entities: None,
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    tick: Tick,
    set_up: SetUp,
) -> None:
    """The sensor is read at the start and once a day, and ends by the clock."""
    add(door, 1)
    add(door, 2)
    await set_up()
    assert state_of(hass, PASSWORDS) == "2"
    await tick(3600)
    assert state_of(hass, PASSWORDS) == "1"
    add(door, 100)
    await tick(3600)
    assert state_of(hass, PASSWORDS) == "0"
    assert len(cloud.calls.to("passwords")) == 1
    for _ in range(24):
        await tick(3600)
    assert state_of(hass, PASSWORDS) == "1"
    assert len(cloud.calls.to("passwords")) == 2


async def test_watched(
    all_entities: None,
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    tick: Tick,
    set_up: SetUp,
) -> None:
    """A password that the lock has yet to take is read often, but not for ever."""
    add(door, 100, delay=40)
    entry = await set_up()
    assert state_of(hass, PASSWORDS) == "0"
    for _ in range(3):
        await tick(15)
    assert state_of(hass, PASSWORDS) == "1"
    assert len(cloud.calls.to("passwords")) == 4
    never = add(door, 100)
    never.delivery = orders.send(door)
    never.delivery.outcome = "NEVER"
    cloud.calls.clear()
    device = lock_device(hass, entry, "front")
    assert device is not None
    await hass.services.async_call(
        DOMAIN,
        "get_passwords",
        {"device_id": device.id},
        blocking=True,
        return_response=True,
    )
    for _ in range(20):
        await tick(15)
    assert len(cloud.calls.to("passwords")) == 9


@pytest.mark.parametrize("code", [2009, 500])
async def test_refused(
    all_entities: None,
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    tick: Tick,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
    code: int,
) -> None:
    """A lock without passwords has an unknown number, and nothing else suffers."""
    cloud.faults.refuse(
        code, on=("passwords", "stand_by_passwords"), lock="front", times=None
    )
    await set_up()
    assert state_of(hass, PASSWORDS) == "unknown"
    assert state_of(hass, "front_users") == "2"
    cloud.faults.clear()
    for _ in range(25):
        await tick(3600)
    assert state_of(hass, PASSWORDS) == "0"


async def test_learned(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """What was learned of a lock survives a restart: its PINs have six digits."""
    door.family = "ble"
    entry = await set_up()
    for number in range(2):
        device = lock_device(hass, entry, "front")
        assert device is not None
        answer = await hass.services.async_call(
            DOMAIN,
            "add_password",
            {"device_id": device.id, "name": f"No. {number}", "wait": 0},
            blocking=True,
            return_response=True,
        )
        assert answer is not None
        assert len(str(answer["password"])) == 6
        await hass.config_entries.async_reload(entry.entry_id)
    sent = [len(call.body["password"]) for call in cloud.calls.to("add_password")]
    assert len(sent) == 3
