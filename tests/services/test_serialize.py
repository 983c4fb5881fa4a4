"""Responses, field by field (docs/actions.md, Responses)."""

from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from custom_components.tuya_lock_users.api.models import AbsentUser, Lock, User
from custom_components.tuya_lock_users.api.profiles import Profile
from custom_components.tuya_lock_users.api.schedule.model import (
    Access,
    Delivery,
    Schedule,
    Window,
)
from custom_components.tuya_lock_users.api.schedule.times import Zones
from custom_components.tuya_lock_users.api.unlock_methods import Notify, UnlockMethod
from custom_components.tuya_lock_users.domain.serialize import (
    serialize_absent_user,
    serialize_lock,
    serialize_method,
    serialize_profile,
    serialize_schedule,
    serialize_user,
)
from tests.common import cases

BERLIN = ZoneInfo("Europe/Berlin")


def zones(zone: tzinfo) -> Zones:
    """Return the zones of a lock that names none."""
    return Zones(default=zone, named={})


@cases(
    ("zone", "text"),
    {
        "utc": (UTC, "2026-07-01T12:00:00+00:00"),
        "summer": (BERLIN, "2026-07-01T14:00:00+02:00"),
        "offset": (timezone(timedelta(hours=1)), "2026-07-01T13:00:00+01:00"),
        "half-hour": (ZoneInfo("America/St_Johns"), "2026-07-01T09:30:00-02:30"),
    },
)
def test_moments(zone: tzinfo, text: str) -> None:
    winter = Schedule(permanent=False, start=1_767_222_000, end=1_782_907_200)
    response = serialize_schedule(winter, zones(zone))
    assert response is not None
    assert response["end"] == text
    if zone is BERLIN:
        assert response["start"] == "2026-01-01T00:00:00+01:00"


@pytest.mark.parametrize(
    ("minutes", "times"),
    [
        ((0, 1440), ("00:00", "24:00")),
        ((0, 1439), ("00:00", "23:59")),
        ((541, 605), ("09:01", "10:05")),
    ],
)
def test_hours(minutes: tuple[int, int], times: tuple[str, str]) -> None:
    """The midnight that ends a day is 24:00."""
    window = Window(mask=65, start_minute=minutes[0], end_minute=minutes[1])
    schedule = Schedule(permanent=False, windows=(window,), delivery=Delivery.ONGOING)
    response = serialize_schedule(schedule, zones(UTC))
    assert response is not None
    assert (response["start"], response["end"]) == (None, None)
    assert response["delivery_status"] == "ongoing"
    [row] = response["windows"]
    assert (row["start_time"], row["end_time"]) == times
    assert (row["days"], row["time_zone"]) == (["saturday", "sunday"], None)


def test_missing_values() -> None:
    """A missing value is null; a number can be 0."""
    known = [
        serialize_user(User(user_id="1"), Access.ALLOWED, zones(UTC)),
        serialize_method(UnlockMethod(type="unlock_nose", number=0), None),
        serialize_profile(Profile()),
        serialize_absent_user(AbsentUser(user_id="1")),
        serialize_lock(Lock(lock_id="front"), None),
    ]
    assert [
        {key: value for key, value in response.items() if value is not None}
        for response in known
    ] == [
        {"user_id": "1", "user_type": "unknown", "access": "allowed"},
        {
            "type": "unlock_nose",
            "number": 0,
            "notify": {"app": None, "sms": None, "call": None},
        },
        {},
        {"user_id": "1", "user_type": "unknown"},
        {"lock_id": "front"},
    ]


def test_profile() -> None:
    profile = Profile(birthday_ms=-86_400_000, weight_grams=54_321)
    response = serialize_profile(profile)
    assert (response["birthday"], response["weight"]) == ("1969-12-31", 54.321)


def test_method_notifications() -> None:
    notify = Notify(app=False, sms="49-30-1", call="49-30-2")
    method = UnlockMethod(type="card", number=1, notify=notify, channel=2)
    response = serialize_method(method, User(user_id="1", name="Mia"))
    assert response["notify"] == {"app": False, "sms": "49-30-1", "call": "49-30-2"}
    assert response["channel"] == 2
    assert (response["user_id"], response["user_name"]) == ("1", "Mia")
