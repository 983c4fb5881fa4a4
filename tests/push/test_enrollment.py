"""How far an enrollment has come, from messages."""

from custom_components.tuya_lock_users.const import DOMAIN
from tests.common import lock_device, until

from .conftest import Front


async def test_progress(front: Front) -> None:
    """Touches are counted down, and the end has the new method read at once."""
    entry = await front.connect()
    device = lock_device(front.hass, entry, "front")
    assert device is not None
    front.door.enrollment_rules.someone_comes = False
    await front.hass.services.async_call(
        DOMAIN,
        "enroll_unlock_method",
        {"device_id": device.id, "user": "bob", "type": "fingerprint", "wait": 0},
        blocking=True,
    )
    enrollment = entry.runtime_data.locks["front"].enrollment
    front.cloud.queue.progress("front", totalPeriod=4)
    front.cloud.queue.progress("front", period=2, raised=True)
    await until(lambda: enrollment.latest.touches_left == 2)
    assert enrollment.latest.touches_total == 4
    assert enrollment.latest.lift_finger is True
    assert front.door.enrollment is not None
    front.door.enrollment.rules.someone_comes = True
    front.door.enrollment.rules.seconds_each = 0
    front.cloud.queue.progress("front", period=0, finish=True)
    await until(lambda: not enrollment.is_active)
    await front.settled()
    assert enrollment.latest.status == "enrolled"
    assert [m.unlock_sn for m in front.door.methods_of(front.door.find("bob"))] == [
        1,
        2,
    ]


async def test_late_report_of_a_cancellation(front: Front) -> None:
    """An earlier cancellation does not end a later enrollment."""
    entry = await front.connect()
    device = lock_device(front.hass, entry, "front")
    assert device is not None
    front.door.enrollment_rules.someone_comes = False
    enroll = {"user": "bob", "type": "card", "wait": 0}
    on_front = {"device_id": device.id}
    enrollment = entry.runtime_data.locks["front"].enrollment
    front.cloud.queue.rule_on = False
    for action, data in (
        ("enroll_unlock_method", enroll),
        ("cancel_enrollment", {"type": "card"}),
        ("enroll_unlock_method", enroll),
    ):
        await front.hass.services.async_call(
            DOMAIN, action, {**on_front, **data}, blocking=True
        )
    front.cloud.queue.rule_on = True
    front.cloud.queue.progress("front", operate=2)
    front.cloud.queue.progress("front", totalPeriod=1)
    await until(lambda: enrollment.latest.touches_total == 1)
    assert enrollment.is_active
