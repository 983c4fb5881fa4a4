"""The progress of an enrollment, from messages."""

from tests.common import until
from tests.services.calling import Actions

from .conftest import Front


async def test_progress(front: Front) -> None:
    """Touches are counted, and the new method is read at the end."""
    entry = await front.connect()
    front.door.enrollment_rules.completes = False
    act = Actions(front.hass, entry)
    await act("enroll_unlock_method", user="bob", type="fingerprint", wait=0)
    enrollment = entry.runtime_data.locks["front"].enrollment
    front.cloud.queue.progress("front", totalPeriod=4)
    front.cloud.queue.progress("front", period=2, raised=True)
    await until(lambda: enrollment.latest.touches_left == 2)
    assert enrollment.latest.touches_total == 4
    assert enrollment.latest.lift_finger is True
    assert front.door.enrollment is not None
    front.door.enrollment.rules.completes = True
    front.door.enrollment.rules.seconds_each = 0
    front.cloud.queue.progress("front", period=0, finish=True)
    await until(lambda: not enrollment.is_active)
    await front.settled()
    assert enrollment.latest.status == "enrolled"
    methods = front.door.methods_of(front.door.find("bob"))
    assert [method.unlock_sn for method in methods] == [1, 2]


async def test_late_cancellation(front: Front) -> None:
    """An earlier cancellation does not end a later enrollment."""
    entry = await front.connect()
    front.door.enrollment_rules.completes = False
    act = Actions(front.hass, entry)
    enrollment = entry.runtime_data.locks["front"].enrollment
    front.cloud.queue.rule_on = False
    await act("enroll_unlock_method", user="bob", type="card", wait=0)
    await act("cancel_enrollment", type="card")
    await act("enroll_unlock_method", user="bob", type="card", wait=0)
    front.cloud.queue.rule_on = True
    front.cloud.queue.progress("front", operate=2)
    front.cloud.queue.progress("front", totalPeriod=1)
    await until(lambda: enrollment.latest.touches_total == 1)
    assert enrollment.is_active
