"""The current access of users, and the next transition."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.tuya_lock_users.api.models import User, UserType
from custom_components.tuya_lock_users.api.schedule.model import (
    Access,
    Schedule,
    Window,
)
from custom_components.tuya_lock_users.api.schedule.times import Zones, next_change
from custom_components.tuya_lock_users.api.schedule.wire import decode_schedule
from custom_components.tuya_lock_users.domain import access
from custom_components.tuya_lock_users.domain.access import (
    AccessClock,
    access_limits,
    access_of,
)
from custom_components.tuya_lock_users.domain.snapshot import LockSnapshot
from tests.common import cases

NOW = datetime(2026, 12, 9, 10, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
MINUTE = timedelta(minutes=1)
ZONES = Zones(default=UTC)
PAST = Schedule(permanent=False, start=1, end=SECONDS - 60)
SOON = Schedule(permanent=False, start=1, end=SECONDS + 59)
LATER = Schedule(permanent=False, start=SECONDS + 300, end=SECONDS + 600)


def user(schedule: Schedule | None, user_id: str = "bob") -> User:
    return User(user_id=user_id, schedule=schedule)


def snapshot(*users: User, zones: Zones = ZONES) -> LockSnapshot:
    return LockSnapshot(users={user.user_id: user for user in users}, zones=zones)


def access_now(
    person: User,
    *,
    suspended: bool = False,
    others: tuple[User, ...] = (),
    read_at: datetime = NOW,
    now: datetime = NOW,
) -> Access:
    read = snapshot(person, *others)
    read = replace(read, limits=access_limits(read, read_at))
    return access_of(person, read, [person.user_id] if suspended else [], now)


@pytest.mark.parametrize(
    ("effective", "expected", "suspended"),
    [
        (None, Access.ALLOWED, Access.SUSPENDED),
        (1, Access.ALLOWED, Access.ALLOWED),
        (0, Access.EXPIRED, Access.SUSPENDED),
        (2, Access.NOT_STARTED, Access.NOT_STARTED),
    ],
)
def test_access_no_schedule(
    effective: int | None, expected: Access, suspended: Access
) -> None:
    person = User(user_id="bob", effective=effective)
    assert access_now(person) is expected
    assert access_now(person, suspended=True) is suspended


@cases(
    ("schedule", "suspended", "expected"),
    {
        "past": (PAST, False, Access.EXPIRED),
        "suspended": (PAST, True, Access.SUSPENDED),
        "resumed-in-app": (SOON, True, Access.ALLOWED),
        "postponed-in-app": (LATER, True, Access.NOT_STARTED),
        "permanent": (Schedule(permanent=True), True, Access.ALLOWED),
    },
)
def test_suspended(schedule: Schedule, suspended: bool, expected: Access) -> None:
    """A user is suspended while the stored schedule's replacement is in the past."""
    assert access_now(user(schedule), suspended=suspended) is expected


RUNNING = Schedule(permanent=False, start=1, end=SECONDS + 10**6)
HOURS = replace(RUNNING, windows=(Window(mask=127, start_minute=600, end_minute=660),))
"""Open from ten to eleven, which is now."""
UNKNOWN = {
    "running": replace(RUNNING, windows=None, unread="x"),
    "past": replace(PAST, windows=None, unread="x"),
    "later": replace(LATER, windows=None, unread="x"),
}
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("period", "flag", "expected"),
    [
        ("running", 1, Access.ALLOWED),
        ("running", 0, Access.OUTSIDE_HOURS),
        ("running", 2, Access.NOT_STARTED),
        ("running", None, Access.OUTSIDE_HOURS),
        ("running", 7, Access.OUTSIDE_HOURS),
        *(("past", flag, Access.EXPIRED) for flag in (None, 0, 1, 2)),
        *(("later", flag, Access.NOT_STARTED) for flag in (None, 0, 1, 2)),
    ],
)
def test_access_unknown_hours(period: str, flag: int | None, expected: Access) -> None:
    person = User(user_id="bob", schedule=UNKNOWN[period], effective=flag)
    assert access_now(person) is expected
    # Without a recent flag, access is not allowed.
    unread = access_of(person, snapshot(person), [], NOW)
    assert unread is (Access.OUTSIDE_HOURS if period == "running" else expected)
    later = access_now(person, now=NOW + HOUR)
    assert later is not Access.ALLOWED or expected is Access.ALLOWED


@cases(
    ("schedule", "flag", "read_at", "expected"),
    {
        "permanent": (Schedule(permanent=True), 1, NOW, Access.ALLOWED),
        "frozen": (Schedule(permanent=True), 0, NOW, Access.OUTSIDE_HOURS),
        "not-started": (Schedule(permanent=True), 2, NOW, Access.NOT_STARTED),
        "frozen-in-period": (RUNNING, 0, NOW, Access.OUTSIDE_HOURS),
        "not-started-in-period": (RUNNING, 2, NOW, Access.NOT_STARTED),
        "opens-this-minute": (HOURS, 0, NOW, Access.ALLOWED),
        "frozen-in-hours": (HOURS, 0, NOW + 2 * MINUTE, Access.OUTSIDE_HOURS),
        "agreed-when-read": (HOURS, 0, NOW - HOUR, Access.ALLOWED),
        "flag-ignores-hours": (HOURS, 1, NOW - HOUR, Access.ALLOWED),
        "schedule-is-stricter": (PAST, 1, NOW, Access.EXPIRED),
        "period-disagrees": (HOURS, 2, NOW - HOUR, Access.NOT_STARTED),
    },
)
def test_access_flag_and_schedule(
    schedule: Schedule, flag: int, read_at: datetime, expected: Access
) -> None:
    """The stricter of flag and schedule counts; if both agreed, the schedule applies."""
    person = User(user_id="bob", schedule=schedule, effective=flag)
    assert access_now(person, read_at=read_at) is expected


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ((0,), Access.ALLOWED),
        ((1,), Access.OUTSIDE_HOURS),
        ((0, 1), Access.OUTSIDE_HOURS),
        ((None,), Access.OUTSIDE_HOURS),
        ((), Access.OUTSIDE_HOURS),
    ],
)
def test_access_flag_denies_owner(
    flags: tuple[int | None, ...], expected: Access
) -> None:
    """A flag that denies access even to the owner is ignored."""
    owners = tuple(
        User(user_id=str(number), user_type=UserType.OWNER, effective=flag)
        for number, flag in enumerate(flags)
    )
    bob = User(user_id="bob", schedule=RUNNING, effective=0)
    assert access_now(bob, others=owners) is expected
    unknown = replace(bob, schedule=UNKNOWN["running"])
    assert access_now(unknown, others=owners) is Access.OUTSIDE_HOURS


DETAIL = {"working_day": 8, "start_minute": 540, "end_minute": 720}
WHOLE = {
    "permanent": False,
    "effective_time": SECONDS - 9**6,
    "expired_time": SECONDS + 9**6,
    "schedule_details": [DETAIL],
}
VALUES: list[Any] = [
    *(None, "", True, False, 0, 1, 2, -1, 8, 127, 130, 255, 540, 600, 720, 900, 1440),
    *("8", "540", "soon", [], {}, ["x"], [None], [DETAIL], SECONDS - 9, SECONDS + 9),
]
KEYS = [
    *WHOLE,
    *DETAIL,
    *("all_day", "invalid_time", "workingDay", "expiredTime", "weekly", "time_zone_id"),
]
changes = st.lists(
    st.tuples(
        st.booleans(), st.sampled_from(KEYS), st.just("drop") | st.sampled_from(VALUES)
    ),
    max_size=4,
)


def changed(changes: list[tuple[bool, str, Any]]) -> dict[str, Any]:
    """Return the documented schedule with keys dropped, changed, or added."""
    detail, whole = dict(DETAIL), {**WHOLE}
    for in_detail, key, value in changes:
        target = detail if in_detail else whole
        if value == "drop":
            target.pop(key, None)
        else:
            target[key] = value
    if whole.get("schedule_details") == [DETAIL]:
        whole["schedule_details"] = [detail]
    return whole


def is_plain(value: Any) -> bool:
    """Return whether a schedule has the documented form, with one window."""
    details = value.get("schedule_details")
    return (
        value.keys() <= WHOLE.keys()
        and value.get("permanent") is False
        and isinstance(details, list)
        and len(details) == 1
        and isinstance(details[0], dict)
        and details[0].keys() == DETAIL.keys()
        and all(type(number) is int for number in details[0].values())
        and 0 < details[0]["working_day"] < 128
    )


def is_now(detail: Any) -> bool:
    """Return whether a documented window is open on Wednesday at ten."""
    start, end = detail["start_minute"], detail["end_minute"]
    return bool(detail["working_day"] & 8) and start <= 600 < end


@given(changes, st.sampled_from([None, 0, 1, 2, 5]), st.booleans())
def test_access_random_schedule(
    changes: list[tuple[bool, str, Any]], flag: int | None, as_text: bool
) -> None:
    """Access is never more than the flag and every understood part allow."""
    value = changed(changes)
    schedule = decode_schedule(json.dumps(value) if as_text else value)
    person = User(user_id="bob", schedule=schedule, effective=flag)

    if access_now(person) is not Access.ALLOWED:
        return
    assert flag not in (0, 2)
    if value.get("permanent") in (True, 1) and type(value["permanent"]) is not str:
        assert flag == 1 or value.keys() <= WHOLE.keys()
        return
    end = value.get("expired_time")
    assert type(end) is not int or end <= 0 or end > SECONDS
    if is_plain(value):
        detail = value["schedule_details"][0]
        assert is_now(detail) or detail["end_minute"] < detail["start_minute"]
    else:
        no_hours = value.get("schedule_details") in (None, "", [], {})
        known = WHOLE.keys() | {"expiredTime"}
        blank = {key for key in value if value[key] in (None, "", [], {})}
        readable = value.keys() - blank <= known
        assert flag == 1 or (no_hours and readable) or _reads_as_hours(value)


def _reads_as_hours(value: dict[str, Any]) -> bool:
    """Return whether every key of the only window is a known one."""
    details = value.get("schedule_details")
    detail = details[0] if isinstance(details, list) and details else None
    known = {*DETAIL, "all_day", "invalid_time", "effective_time", "workingDay"}
    return isinstance(detail, dict) and all(
        key in known or content in (None, "", [], {}) or key == "time_zone_id"
        for key, content in detail.items()
    )


def test_access_clock() -> None:
    """The next transition is the earliest of all users."""
    clock = AccessClock()
    lock = snapshot(
        user(SOON), user(LATER, "carol"), user(PAST, "dave"), user(None, "eve")
    )
    by_user, transition = clock.read(lock, {"dave"}, NOW)
    assert by_user == {
        "bob": Access.ALLOWED,
        "carol": Access.NOT_STARTED,
        "dave": Access.SUSPENDED,
        "eve": Access.ALLOWED,
    }
    assert transition == NOW + MINUTE
    by_user, transition = clock.read(lock, {"dave"}, NOW + MINUTE)
    assert by_user["bob"] is Access.EXPIRED
    assert transition == NOW + 5 * MINUTE
    # Without a future change, or without users, there is nothing to wait for.
    assert clock.read(snapshot(user(PAST)), (), NOW)[1] is None
    assert clock.read(snapshot(), (), NOW) == ({}, None)


def test_access_clock_searches_once() -> None:
    """The transition of a schedule is searched only once."""
    clock = AccessClock()
    lock = snapshot(user(SOON), user(LATER, "carol"))
    with patch.object(access, "next_change", side_effect=next_change) as search:
        clock.read(lock, (), NOW)
        assert search.call_count == 2
        clock.read(lock, (), NOW)
        assert search.call_count == 2
        clock.read(lock, (), NOW + MINUTE)
        assert search.call_count == 3
        again = snapshot(user(replace(SOON)), user(LATER, "carol"))
        clock.read(again, (), NOW + MINUTE)
        assert search.call_count == 4


def test_access_clock_set_back() -> None:
    """A clock that is set back repeats the transition."""
    clock = AccessClock()
    lock = snapshot(user(HOURS))
    assert clock.read(lock, (), NOW + HOUR)[1] == NOW + 24 * HOUR

    by_user, transition = clock.read(lock, (), NOW + HOUR / 2)
    assert (by_user["bob"], transition) == (Access.ALLOWED, NOW + HOUR)


def test_access_clock_time_zone() -> None:
    clock = AccessClock()
    window = Window(mask=127, start_minute=600, end_minute=630)
    bob = user(
        Schedule(permanent=False, start=1, end=SECONDS + 10**6, windows=(window,))
    )
    by_user, transition = clock.read(snapshot(bob), (), NOW)
    assert by_user == {"bob": Access.ALLOWED}
    assert transition == NOW + 30 * MINUTE
    zones = Zones(default=ZoneInfo("Asia/Tokyo"))
    by_user, transition = clock.read(snapshot(bob, zones=zones), (), NOW)
    assert by_user == {"bob": Access.OUTSIDE_HOURS}
    assert transition == NOW + 15 * 60 * MINUTE
