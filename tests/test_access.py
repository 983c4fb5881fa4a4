"""Who may enter now, and when that changes next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from custom_components.tuya_lock_users.api.models import User
from custom_components.tuya_lock_users.api.schedule.model import (
    Access,
    Schedule,
    Window,
)
from custom_components.tuya_lock_users.api.schedule.times import Zones, next_change
from custom_components.tuya_lock_users.domain import access
from custom_components.tuya_lock_users.domain.access import AccessClock, access_of
from custom_components.tuya_lock_users.domain.snapshot import LockSnapshot

NOW = datetime(2026, 12, 9, 10, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
MINUTE = timedelta(minutes=1)
ZONES = Zones(default=UTC)
PAST = Schedule(permanent=False, start=1, end=SECONDS - 60)
SOON = Schedule(permanent=False, start=1, end=SECONDS + 59)
LATER = Schedule(permanent=False, start=SECONDS + 300, end=SECONDS + 600)


def user(schedule: Schedule | None, user_id: str = "bob") -> User:
    """Return a user with a schedule."""
    return User(user_id=user_id, schedule=schedule)


def snapshot(*users: User, zones: Zones = ZONES) -> LockSnapshot:
    """Return a snapshot of these users."""
    return LockSnapshot(users={user.user_id: user for user in users}, zones=zones)


@pytest.mark.parametrize(
    ("effective", "expected", "suspended"),
    [
        (None, Access.ALLOWED, Access.SUSPENDED),
        (1, Access.ALLOWED, Access.ALLOWED),
        (0, Access.EXPIRED, Access.SUSPENDED),
        (2, Access.NOT_STARTED, Access.NOT_STARTED),
        (9, Access.ALLOWED, Access.ALLOWED),
    ],
)
def test_access_without_a_schedule(
    effective: int | None, expected: Access, suspended: Access
) -> None:
    """Where there is no schedule the cloud's word on the validity counts."""
    person = User(user_id="bob", effective=effective)

    assert access_of(person, suspended=False, now=NOW, zones=ZONES) is expected
    assert access_of(person, suspended=True, now=NOW, zones=ZONES) is suspended


@pytest.mark.parametrize(
    ("schedule", "suspended", "expected"),
    [
        pytest.param(PAST, False, Access.EXPIRED, id="over"),
        pytest.param(PAST, True, Access.SUSPENDED, id="closed-by-us"),
        pytest.param(SOON, True, Access.ALLOWED, id="opened-since"),
        pytest.param(LATER, True, Access.NOT_STARTED, id="put-off-since"),
        pytest.param(Schedule(permanent=True), True, Access.ALLOWED, id="permanent"),
    ],
)
def test_suspended(schedule: Schedule, suspended: bool, expected: Access) -> None:
    """Suspended is who was closed out by us and still is."""
    shown = access_of(user(schedule), suspended=suspended, now=NOW, zones=ZONES)

    assert shown is expected


def test_clock() -> None:
    """The next moment is the first of anybody's."""
    clock = AccessClock()
    lock = snapshot(
        user(SOON), user(LATER, "carol"), user(PAST, "dave"), user(None, "eve")
    )

    access_now, flip = clock.read(lock, {"dave"}, NOW)

    assert access_now == {
        "bob": Access.ALLOWED,
        "carol": Access.NOT_STARTED,
        "dave": Access.SUSPENDED,
        "eve": Access.ALLOWED,
    }
    assert flip == NOW + MINUTE
    access_now, flip = clock.read(lock, {"dave"}, NOW + MINUTE)
    assert access_now["bob"] is Access.EXPIRED
    assert flip == NOW + 5 * MINUTE


def test_clock_of_nobody() -> None:
    """Where nothing ever changes there is nothing to wait for."""
    assert AccessClock().read(snapshot(), (), NOW) == ({}, None)
    assert AccessClock().read(snapshot(user(PAST)), (), NOW)[1] is None


def test_clock_forgets_who_left() -> None:
    """Somebody who went changes nothing any more."""
    clock = AccessClock()
    clock.read(snapshot(user(SOON)), (), NOW)

    assert clock.read(snapshot(), (), NOW) == ({}, None)


def test_clock_searches_only_what_is_new() -> None:
    """The next change is searched once for each schedule, until it has come."""
    clock = AccessClock()
    lock = snapshot(user(SOON), user(LATER, "carol"))
    with patch.object(access, "next_change", side_effect=next_change) as search:
        clock.read(lock, (), NOW)
        assert search.call_count == 2
        clock.read(lock, (), NOW)
        assert search.call_count == 2
        clock.read(lock, (), NOW + MINUTE)
        assert search.call_count == 3
        clock.read(snapshot(user(replace(SOON)), user(LATER, "carol")), (), NOW)
        assert search.call_count == 4


def test_clock_follows_the_zone() -> None:
    """Another zone of the lock moves its windows."""
    clock = AccessClock()
    window = Window(mask=127, start_minute=600, end_minute=630)
    bob = user(
        Schedule(permanent=False, start=1, end=SECONDS + 10**6, windows=(window,))
    )

    access_now, flip = clock.read(snapshot(bob), (), NOW)
    assert access_now == {"bob": Access.ALLOWED}
    assert flip == NOW + 30 * MINUTE

    zones = Zones(default=ZoneInfo("Asia/Tokyo"))
    access_now, flip = clock.read(snapshot(bob, zones=zones), (), NOW)
    assert access_now == {"bob": Access.OUTSIDE_HOURS}
    assert flip == NOW + 15 * 60 * MINUTE
