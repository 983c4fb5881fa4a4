"""Responses, field by field (docs/actions.md, Responses)."""

from datetime import UTC, timedelta, timezone, tzinfo
from itertools import product
import json
from zoneinfo import ZoneInfo

import pytest

from custom_components.tuya_lock_users.api.models import (
    AbsentUser,
    Lock,
    Notify,
    Phase,
    Profile,
    UnlockMethod,
    User,
    UserType,
)
from custom_components.tuya_lock_users.api.schedule.model import (
    Access,
    Delivery,
    Schedule,
    Window,
)
from custom_components.tuya_lock_users.api.schedule.times import Zones
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
    """Times carry the offset that the lock has at that time."""
    schedule = Schedule(permanent=False, start=1_782_907_200, end=1_782_907_200)

    answer = serialize_schedule(schedule, zones(zone))

    assert answer is not None
    assert (answer["start"], answer["end"]) == (text, text)


def test_offset_of_that_day() -> None:
    """A schedule over the change of the clocks has two offsets."""
    schedule = Schedule(permanent=False, start=1_767_222_000, end=1_782_907_200)

    answer = serialize_schedule(schedule, zones(BERLIN))

    assert answer is not None
    assert answer["start"] == "2026-01-01T00:00:00+01:00"
    assert answer["end"] == "2026-07-01T14:00:00+02:00"


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

    assert serialize_schedule(schedule, zones(UTC)) == {
        "permanent": False,
        "start": None,
        "end": None,
        "windows": [
            {
                "days": ["saturday", "sunday"],
                "start_time": times[0],
                "end_time": times[1],
                "time_zone": None,
            }
        ],
        "delivery_status": "ongoing",
    }


def test_no_schedule() -> None:
    """A lock that tells no schedules tells none."""
    assert serialize_schedule(None, zones(UTC)) is None


def test_user_of_whom_nothing_is_known() -> None:
    """What the cloud did not say is null."""
    answer = serialize_user(User(user_id="1"), Access.ALLOWED, zones(UTC))

    known = {"user_id": "1", "user_type": "unknown", "access": "allowed"}
    assert {key: value for key, value in answer.items() if value is not None} == known
    assert list(answer) == [
        *("user_id", "name", "user_type", "role", "lock_user_id", "account_uid"),
        *("contact", "avatar_url", "notify_on_arrival", "access", "schedule"),
        *("unlock_methods", "delivery_status"),
    ]


@pytest.mark.parametrize(
    ("user_type", "role"),
    [
        (UserType.ADMIN, "admin"),
        (UserType.MEMBER, "normal"),
        (UserType.OWNER, None),
        (UserType.SHARED, None),
        (UserType.ANONYMOUS, None),
        (UserType.UNKNOWN, None),
    ],
)
def test_roles(user_type: UserType, role: str | None) -> None:
    """Only who has a role that can be changed has one."""
    user = User(user_id="1", user_type=user_type)
    answer = serialize_user(user, Access.ALLOWED, zones(UTC))

    assert (answer["user_type"], answer["role"]) == (user_type.value, role)


def test_delivery_of_a_user() -> None:
    """The one that asks for most attention stands for all."""
    order = [Delivery.SUCCESS, Delivery.FAILED, Delivery.ONGOING]
    for first, second in product(order, order):
        method = UnlockMethod(type="card", number=1, delivery=second)
        user = User(
            user_id="1",
            schedule=Schedule(permanent=True, delivery=first),
            unlock_methods=(method,),
        )
        answer = serialize_user(user, Access.ALLOWED, zones(UTC))
        assert answer["delivery_status"] == max(first, second, key=order.index)


def test_method_of_which_nothing_is_known() -> None:
    """Type and number are all there has to be; a number may be 0."""
    answer = serialize_method(UnlockMethod(type="unlock_nose", number=0), None)

    assert answer.pop("notify") == {"app": None, "sms": None, "call": None}
    known = {key: value for key, value in answer.items() if value is not None}
    assert known == {"type": "unlock_nose", "number": 0}
    assert list(answer) == [
        *("type", "number", "name", "unlock_id", "opmode_id", "user_id", "user_name"),
        *("phase", "duress", "admin", "voice", "photo", "can_deallocate"),
        *("delivery_status", "channel"),
    ]


@pytest.mark.parametrize("phase", list(Phase))
def test_phases(phase: Phase) -> None:
    """Phases are words, not numbers."""
    method = UnlockMethod(
        type="card",
        number=1,
        phase=phase,
        notify=Notify(app=False, sms="49-30-1", call="49-30-2"),
        channel=2,
    )
    answer = serialize_method(method, User(user_id="1", name="Mia"))

    assert answer["phase"] == phase.value
    assert answer["notify"] == {"app": False, "sms": "49-30-1", "call": "49-30-2"}
    assert answer["channel"] == 2
    assert (answer["user_id"], answer["user_name"]) == ("1", "Mia")
    assert json.loads(json.dumps(answer)) == answer


def test_profile() -> None:
    """Birthdays are dates, and weight is in kilograms."""
    profile = Profile(
        name="Mia",
        sex_number=2,
        birthday_ms=-86_400_000,
        height_cm=165,
        weight_grams=54_321,
        contact="mia@example.com",
    )
    assert serialize_profile(profile) == {
        "sex": "female",
        "birthday": "1969-12-31",
        "height": 165,
        "weight": 54.321,
        "contact": "mia@example.com",
    }
    assert set(serialize_profile(Profile()).values()) == {None}


def test_absent_user_and_lock() -> None:
    """Whoever and whatever else is told."""
    assert serialize_absent_user(AbsentUser(user_id="1")) == {
        "user_id": "1",
        "lock_user_id": None,
        "user_type": "unknown",
    }
    answer = serialize_lock(Lock(lock_id="front"), None)
    assert answer.pop("lock_id") == "front"
    assert set(answer.values()) == {None}
