"""How far an enrollment has come, from messages."""

from collections.abc import Awaitable, Callable

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.core import HomeAssistant
from simulator import Lock, SimulatedCloud
from tests.common import lock_device, until

from .conftest import Connect


async def test_progress(
    hass: HomeAssistant,
    connect: Connect,
    cloud: SimulatedCloud,
    door: Lock,
    settled: Callable[[], Awaitable[None]],
) -> None:
    """Touches are counted down, and the end has the new method read at once."""
    entry = await connect()
    device = lock_device(hass, entry, "front")
    assert device is not None
    door.enrollment_rules.someone_comes = False
    await hass.services.async_call(
        DOMAIN,
        "enroll_unlock_method",
        {"device_id": device.id, "user": "bob", "type": "fingerprint", "wait": 0},
        blocking=True,
    )
    enrollment = entry.runtime_data.locks["front"].enrollment
    cloud.queue.progress("front", totalPeriod=4)
    cloud.queue.progress("front", period=2, raised=True)
    await until(lambda: enrollment.latest.touches_left == 2)
    assert enrollment.latest.touches_total == 4
    assert enrollment.latest.lift_finger is True
    assert door.enrollment is not None
    door.enrollment.rules.someone_comes = True
    door.enrollment.rules.seconds_each = 0
    cloud.queue.progress("front", period=0, finish=True)
    await until(lambda: not enrollment.is_active)
    await settled()
    assert enrollment.latest.status == "enrolled"
    assert [m.unlock_sn for m in door.methods_of(door.find("bob"))] == [1, 2]
