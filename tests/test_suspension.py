"""The states of a suspension, and its saved schedule."""

from dataclasses import asdict
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.tuya_lock_users.api.models import User
from custom_components.tuya_lock_users.api.schedule.model import (
    Delivery,
    Schedule,
    ScheduleBody,
    same_effect,
)
from custom_components.tuya_lock_users.api.schedule.wire import (
    decode_schedule,
    encode_schedule,
)
from custom_components.tuya_lock_users.domain.suspension import (
    PERMANENT,
    Suspension,
    decode_saved,
    save_schedule,
    suspension_of,
)

from .api.test_schedule import anything
from .test_access import changed, changes

NOW = 1_800_000_000
LIMITED = Schedule(permanent=False, start=NOW - 9, end=NOW + 90)


def user_until(end: int | None, delivery: Delivery | None = None) -> User:
    schedule = Schedule(permanent=False, start=NOW - 9, end=end, delivery=delivery)
    return User(user_id="mia", schedule=schedule)


@pytest.mark.parametrize(
    ("saved", "user", "state"),
    [
        (None, user_until(NOW + 90), Suspension.NONE),
        (None, user_until(NOW - 5), Suspension.ELSEWHERE),
        (LIMITED, user_until(NOW - 5), Suspension.CLOSED),
        (LIMITED, user_until(NOW - 5, Delivery.ONGOING), Suspension.CLOSED),
        (LIMITED, user_until(NOW - 5, Delivery.FAILED), Suspension.CLOSING),
        (None, user_until(NOW - 5, Delivery.FAILED), Suspension.CLOSING),
        (LIMITED, user_until(NOW + 90), Suspension.NONE),
        (LIMITED, user_until(NOW + 90, Delivery.SUCCESS), Suspension.NONE),
        (LIMITED, user_until(NOW + 90, Delivery.ONGOING), Suspension.RESTORING),
        (LIMITED, user_until(NOW + 90, Delivery.FAILED), Suspension.RESTORING),
        (LIMITED, user_until(NOW + 91, Delivery.FAILED), Suspension.NONE),
        (LIMITED, User(user_id="mia"), Suspension.CLOSED),
        (LIMITED, User(user_id="mia", effective=1), Suspension.NONE),
        (None, User(user_id="mia", effective=0), Suspension.NONE),
    ],
)
def test_states(saved: Schedule | None, user: User, state: Suspension) -> None:
    """Saved and current schedule and the delivery make up the state."""
    assert suspension_of(saved, user, NOW) is state


@given(anything | changes.map(changed), st.sampled_from(ScheduleBody))
def test_schedule_restored(value: Any, body: ScheduleBody) -> None:
    """The restored schedule equals the saved one, for any JSON."""
    schedule = decode_schedule(value)
    stored = {"mia": asdict(save_schedule(schedule))}
    saved = decode_saved(json.loads(json.dumps(stored)))["mia"]
    restored = saved.schedule(decode_schedule)
    assert same_effect(restored, schedule)
    written = encode_schedule(restored, body, time_zone="Asia/Tokyo")
    content = written if body is ScheduleBody.FLAT else written.get("schedule")
    if schedule is None:
        assert restored == PERMANENT
    elif isinstance(value, dict) and body is not ScheduleBody.CAMEL:
        status = {"operate", "delivery_status", "deliveryStatus"}
        was = {key: item for key, item in value.items() if key not in status}
        assert json.dumps(content) == json.dumps(was)
