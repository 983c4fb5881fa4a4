"""Polling: which calls are made, when, and what errors do."""

from datetime import UTC, datetime
import logging
from math import ceil
from typing import Any, Literal

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.tuya_lock_users.const import DOMAIN, EVENT_USER_CHANGED
from custom_components.tuya_lock_users.domain.poll_plan import LockLoad, plan
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from simulator import (
    ADMIN,
    FALLBACK,
    Delivery,
    DeliveryRules,
    Lock,
    Schedule,
    SimulatedCloud,
)
from tests.common import cases, entry_state, error_issues, log_lines, until
from tests.conftest import (
    CYCLE_SECONDS,
    DAY_SECONDS,
    HOUR_SECONDS,
    LIST_SECONDS,
    NOW_SECONDS,
    Home,
)


def populate(lock: Lock, count: int) -> None:
    for number in range(count - len(lock.users)):
        user = lock.add_user(f"User {number}", user_id=f"user{number}")
        lock.add_method("card", user)


def counts_of_locks(cloud: SimulatedCloud) -> dict[str, int]:
    counts = cloud.calls.counts()
    counts.pop("associated_devices", None)
    return counts


@pytest.mark.parametrize(("users", "calls"), [(1, 1), (5, 1), (100, 1), (230, 3)])
async def test_poll(home: Home, users: int, calls: int) -> None:
    """A hundred users are read by one call, every five minutes; more cost more."""
    home.door.remove_user("bob")
    populate(home.door, users)
    await home.set_up()
    assert home.state("front_users") == str(users)
    assert home.cloud.calls.counts()["opmodes"] == users
    for _ in range(3):
        home.cloud.calls.clear()
        await home.tick(plan([LockLoad(users=users)]).poll_seconds + calls - 1)
        assert counts_of_locks(home.cloud) == {"smart_lock_users": calls}


@pytest.mark.parametrize("over", ["clamp", "refuse"])
async def test_poll_small_pages(home: Home, over: Literal["clamp", "refuse"]) -> None:
    """The size of pages is not documented: the plan uses the calls of the last list."""
    home.cloud.dialects.set(page_size_max=20, page_size_over=over)
    populate(home.door, 200)
    await home.set_up()
    cycle = plan([LockLoad(users=200, pages_read=10)]).poll_seconds
    assert cycle > 2 * CYCLE_SECONDS
    await home.tick(cycle + 60)
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS)
    assert not home.cloud.calls.to("smart_lock_users")
    await home.tick(cycle + 60)
    assert home.cloud.calls.counts()["smart_lock_users"] == 10


@pytest.mark.parametrize("users", [2, 7, 30])
async def test_poll_fallback(home: Home, users: int) -> None:
    """A lock without the best call reads the details of all users in six polls."""
    home.cloud.dialects.set(**FALLBACK)
    populate(home.door, users)
    await home.set_up()
    cycle = plan([LockLoad(users=users, lists_methods=False)]).poll_seconds + 1
    home.cloud.calls.clear()
    await home.tick(cycle, times=6)
    counts = home.cloud.calls.counts()
    assert counts["users_v11"] == 6
    assert counts["opmodes"] <= 6 * ceil(users / 6)
    assert {call.user for call in home.cloud.calls.to("opmodes")} == set(
        home.door.users
    )
    assert "smart_lock_users" not in counts
    assert home.state("front_unlock_methods") == str(users)


async def test_poll_fallback_changed_users(home: Home) -> None:
    """Details of changed users are read at once, without additional calls."""
    home.cloud.dialects.set(**FALLBACK)
    populate(home.door, 12)
    await home.set_up()
    cycle = plan([LockLoad(users=12, lists_methods=False)]).poll_seconds + 1
    for user_id in ("user9", "user4", "user0"):
        home.door.users[user_id].user_type = ADMIN
    home.cloud.calls.clear()
    await home.tick(cycle)
    assert [call.user for call in home.cloud.calls.to("opmodes")] == ["user0", "user4"]
    home.cloud.calls.clear()
    await home.tick(cycle)
    assert home.cloud.calls.to("opmodes")[0].user == "user9"
    assert len(home.cloud.calls.to("opmodes")) == 2


async def test_details_failed_once(home: Home) -> None:
    """The details of a changed user are read once, and again after an error."""
    await home.set_up()
    home.door.add_method("remoteControl", home.door.users["bob"])
    home.door.users["bob"].user_type = ADMIN
    fault = home.cloud.faults.http(503, on="opmodes", times=None)
    await home.tick(CYCLE_SECONDS)
    assert home.state("front:bob_role") == "admin"
    assert home.state("front:bob_unlock_methods") == "1"
    fault.remove()
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS)
    assert home.state("front:bob_unlock_methods") == "2"
    assert [call.user for call in home.cloud.calls.to("opmodes")] == ["bob"]
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS)
    assert counts_of_locks(home.cloud) == {"smart_lock_users": 1}


async def test_details_user_removed(home: Home) -> None:
    """A user whose details are not found does not prevent those of others."""
    await home.set_up()
    home.door.users["alice"].uid = "another"
    home.door.users["bob"].user_type = ADMIN
    home.cloud.faults.refuse(2006, on="opmodes", user="bob", times=None)
    await home.tick(CYCLE_SECONDS)
    assert home.state("front:bob_role") == "admin"
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS)
    assert counts_of_locks(home.cloud) == {"smart_lock_users": 1}


@pytest.mark.parametrize("code", [2009, 1106, 1108], ids=str)
async def test_details_unsupported(home: Home, code: int) -> None:
    """A lock that refuses details is asked once a day, and is still polled."""
    home.cloud.dialects.unsupported = {"opmodes": code}
    populate(home.door, 20)
    await home.set_up()
    assert len(home.cloud.calls.to("opmodes")) <= 4
    assert home.state("front_unlock_methods") == "20"
    home.cloud.calls.clear()
    home.door.users["bob"].user_type = ADMIN
    await home.tick(CYCLE_SECONDS)
    assert counts_of_locks(home.cloud) == {"smart_lock_users": 1}
    assert error_issues(home.hass) == []
    home.cloud.dialects.unsupported = {}
    await home.tick(DAY_SECONDS)
    await home.tick(CYCLE_SECONDS)
    assert {call.user for call in home.cloud.calls.to("opmodes")} == set(
        home.door.users
    )


async def test_full_refresh_daily(home: Home) -> None:
    """Once a day, the details of all users and the orphans are read."""
    await home.set_up()
    home.cloud.calls.clear()
    await home.tick(LIST_SECONDS, times=49)
    counts = home.cloud.calls.counts()
    assert counts["opmodes"] == 2
    assert counts["absent_users"] == counts["unassigned_keys"] == 1
    assert counts["associated_devices"] == 49


async def test_token_renewed(home: Home, doors: list[Lock]) -> None:
    """A token is fetched before the old one expires, the list every half an hour."""
    await home.set_up()
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS, times=12 * 6)
    assert home.cloud.calls.counts()["token"] == 3
    assert home.cloud.calls.counts()["associated_devices"] == 12
    assert not home.cloud.calls.refused


async def test_full_refresh_cloud_down(home: Home) -> None:
    populate(home.door, 40)
    home.cloud.faults.refuse(500, on="opmodes", times=None)
    await home.set_up()
    assert len(home.cloud.calls.to("opmodes")) == 8 * 3
    assert home.state("front_users") == "40"


async def test_polls_spread(home: Home, doors: list[Lock]) -> None:
    """The polls of several locks are spread over the interval."""
    await home.set_up()
    cycle = plan([LockLoad(users=2), *[LockLoad(users=1)] * 2]).poll_seconds
    home.cloud.calls.clear()
    await home.tick(10, times=int(cycle) // 10 + 1)
    calls = home.cloud.calls.to("smart_lock_users")
    assert [call.lock for call in calls] == ["front", "lock2", "lock3"]
    times = [call.time - NOW_SECONDS for call in calls]
    assert times == pytest.approx([cycle / 3, cycle * 2 / 3, cycle], abs=12)


async def test_pending_schedule(home: Home) -> None:
    """Pending changes are polled every 15 seconds for two minutes, then by plan."""
    await home.set_up()
    home.door.users["bob"].schedule = Schedule(
        operate="MODIFY", delivery=Delivery(NOW_SECONDS + 10**6, "SUCCESS")
    )
    await home.tick(CYCLE_SECONDS)
    home.cloud.calls.clear()
    await home.tick(15, times=60)
    times = [
        call.time - NOW_SECONDS - CYCLE_SECONDS
        for call in home.cloud.calls.to("smart_lock_users")
    ]
    assert times == [*range(15, 121, 15), 120 + CYCLE_SECONDS, 120 + 2 * CYCLE_SECONDS]
    # The schedule is in the list itself: no details are read for it.
    assert not home.cloud.calls.to("opmodes")


async def test_pending_method(home: Home) -> None:
    """Only opmodes show the delivery of a method; they are read for its user alone."""
    await home.set_up()
    home.door.delivery = DeliveryRules(delay=100)
    card = home.door.methods_of(home.door.users["bob"])[0]
    card.phase, card.unlock_name = 10, "Green card"
    card.delivery = Delivery(NOW_SECONDS + CYCLE_SECONDS + 40, "SUCCESS")
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_pending_changes") == "1"
    home.cloud.calls.clear()
    await home.tick(15, times=4)
    assert home.state("front_pending_changes") == "0"
    assert counts_of_locks(home.cloud) == {"smart_lock_users": 3, "opmodes": 3}
    assert {call.user for call in home.cloud.calls.to("opmodes")} == {"bob"}


async def test_pending_method_at_start(home: Home) -> None:
    """The full refresh after the start may find the pending change."""
    card = home.door.methods_of(home.door.users["bob"])[0]
    card.phase = 10
    card.delivery = Delivery(NOW_SECONDS + 20, "SUCCESS")
    await home.set_up()
    assert home.state("front_pending_changes") == "1"
    home.cloud.calls.clear()
    await home.tick(15, times=18)
    assert home.state("front_pending_changes") == "0"
    # Once the lock has applied it, the lock is polled by plan.
    assert len(home.cloud.calls.to("smart_lock_users")) == 2


async def test_full_refresh_quota_exhausted(home: Home, doors: list[Lock]) -> None:
    for lock in doors:
        populate(lock, 30)
    home.cloud.faults.quota(10)
    await home.set_up()
    # Calls in flight may still fail; no further ones are made.
    assert len(home.cloud.calls.refused) <= 6 * len(doors)
    await home.tick(CYCLE_SECONDS)
    assert error_issues(home.hass) == ["quota_exhausted"]
    home.cloud.calls.clear()
    await home.tick(HOUR_SECONDS)
    assert len(home.cloud.calls) == 1


async def test_full_refresh_paused(
    home: Home, doors: list[Lock], no_rate_limit: None, freezer: FrozenDateTimeFactory
) -> None:
    """A pause also stops a running full refresh."""
    hang = home.cloud.faults.hang(on="opmodes")
    home.entry.add_to_hass(home.hass)
    await home.hass.config_entries.async_setup(home.entry.entry_id)
    await until(lambda: hang.hits)
    swept = {call.lock for call in home.cloud.calls.to("opmodes")}
    home.cloud.faults.refuse(28841004, on="smart_lock_users", times=None)
    freezer.tick(CYCLE_SECONDS)
    async_fire_time_changed(home.hass)
    await until(lambda: error_issues(home.hass))
    hang.release()
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert {call.lock for call in home.cloud.calls.to("opmodes")} == swept


async def test_lock_not_authorized(home: Home, doors: list[Lock]) -> None:
    await home.set_up()
    fault = home.cloud.faults.refuse(1106, on="reads", lock="front", times=None)
    await home.tick(LIST_SECONDS, times=6)
    refused = home.cloud.calls.to(lock="front")[-2:]
    assert [call.endpoint for call in refused] == ["smart_lock_users", "users_v11"]
    assert len(home.cloud.calls.refused) <= 3
    assert home.state("lock2_users") == "1"
    assert error_issues(home.hass) == ["not_authorized"]
    fault.remove()
    await home.tick(LIST_SECONDS, times=6)
    assert home.state("front_users") == "2"
    assert error_issues(home.hass) == []

    # A lock that left the project leaves no repair behind.
    home.cloud.faults.refuse(1106, on="reads", lock="front", times=None)
    await home.tick(CYCLE_SECONDS, times=2)
    assert error_issues(home.hass) == ["not_authorized"]
    doors[0].unpair()
    await home.tick(LIST_SECONDS)
    assert error_issues(home.hass) == []


@pytest.mark.parametrize("code", [40000309, 1110], ids=str)
async def test_throttled(home: Home, code: int) -> None:
    await home.set_up()
    fault = home.cloud.faults.refuse(code, on="smart_lock_users", times=None)
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_users") == STATE_UNAVAILABLE
    assert error_issues(home.hass) == []
    fault.remove()
    await home.tick(55)
    assert home.state("front_users") == STATE_UNAVAILABLE
    await home.tick(6)
    assert home.state("front_users") == "2"


async def test_poll_calls_spent(home: Home, hass_storage: dict[str, Any]) -> None:
    key = f"{DOMAIN}.{home.entry.entry_id}"
    hass_storage[key] = {
        "version": 1,
        "minor_version": 1,
        "key": key,
        "data": {"month": "2026-12", "calls": 30_000},
    }
    await home.set_up()
    home.cloud.calls.clear()
    await home.tick(LIST_SECONDS, times=16)
    assert len(home.cloud.calls.to("smart_lock_users")) == 1


async def test_log_setup_retry(
    home: Home, doors: list[Lock], caplog: pytest.LogCaptureFixture
) -> None:
    home.cloud.faults.http(503, times=None)
    entry = await home.set_up()
    await home.tick(600, times=5)
    assert len(home.cloud.calls) > 5
    home.cloud.faults.clear()
    await home.tick(600)
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert log_lines(caplog) == [
        (logging.WARNING, "Cannot read the Tuya cloud: cannot_connect (HTTP 503)"),
        (logging.INFO, "Can read the Tuya cloud again"),
    ]


async def test_log_outage_lock_removed(
    home: Home, doors: list[Lock], caplog: pytest.LogCaptureFixture
) -> None:
    """A removed lock does not prolong an outage."""
    await home.set_up()
    caplog.clear()
    for times in range(2):
        home.cloud.faults.http(503, times=None)
        await home.tick(CYCLE_SECONDS, times=6)
        home.cloud.faults.clear()
        doors[times].unpair()
        await home.tick(CYCLE_SECONDS, times=12)
    assert [level for level, line in log_lines(caplog) if "cloud" in line] == [
        logging.WARNING,
        logging.INFO,
    ] * 2


async def test_log_lock_offline(
    home: Home, doors: list[Lock], caplog: pytest.LogCaptureFixture
) -> None:
    for lock in doors:
        lock.device.name = "Door"
    await home.set_up()
    caplog.clear()
    fault = home.cloud.faults.refuse(2001, on="reads", lock="front", times=None)
    await home.tick(CYCLE_SECONDS, times=8)
    assert log_lines(caplog) == [
        (logging.WARNING, "Cannot read Door: lock_offline (code 2001)")
    ]
    caplog.clear()
    fault.remove()
    await home.tick(CYCLE_SECONDS, times=4)
    assert log_lines(caplog) == [(logging.INFO, "Can read Door again")]


async def test_log_normal_operation(
    home: Home, doors: list[Lock], caplog: pytest.LogCaptureFixture
) -> None:
    await home.set_up()
    await home.tick(CYCLE_SECONDS, times=6)
    doors[0].remove_user("bob")
    home.cloud.add_lock("lock4", "Lock 4")
    await home.tick(LIST_SECONDS)
    assert log_lines(caplog) == []


@pytest.mark.parametrize("minutes", [20, -20])
async def test_clock_offset(home: Home, minutes: int) -> None:
    """If clocks differ, the cloud's is used after one refusal."""
    home.cloud.clock_offset = minutes * 60
    await home.set_up()
    await home.tick(CYCLE_SECONDS, times=6)
    assert home.state("front_users") == "2"
    assert len(home.cloud.calls.refused) == 1


@cases("dialect", {"methods": {}, "fallback": FALLBACK})
async def test_calls_of_a_day(home: Home, dialect: dict[str, Any]) -> None:
    """A day costs a thirtieth of what a month may, the start included."""
    home.cloud.dialects.set(**dialect)
    populate(home.door, 20)
    await home.set_up()
    await home.tick(CYCLE_SECONDS, times=DAY_SECONDS // CYCLE_SECONDS)
    assert len(home.cloud.calls) <= 20_000 / 30 + (20 + 3) + 2
    assert not [call for call in home.cloud.calls.refused if call.code != 2009]


async def test_poll_month_end(home: Home, freezer: FrozenDateTimeFactory) -> None:
    """The end of a month does not change the interval."""
    freezer.move_to(datetime(2027, 1, 1, 7, 58, tzinfo=UTC))
    await home.set_up()
    home.cloud.calls.clear()
    await home.tick(CYCLE_SECONDS, times=3)
    assert counts_of_locks(home.cloud) == {"smart_lock_users": 3}


@pytest.mark.parametrize("dialect", [{}, FALLBACK], ids=["methods", "fallback"])
@pytest.mark.parametrize("days", [0, 3])
async def test_calls_of_a_restart(
    home: Home,
    doors: list[Lock],
    freezer: FrozenDateTimeFactory,
    dialect: dict[str, Any],
    days: int,
) -> None:
    """Stored details are used at once, without events."""
    home.cloud.dialects.set(**dialect)
    for lock in doors:
        populate(lock, 20)
    doors[0].add_method("remoteControl", doors[0].users["bob"])
    doors[0].remove_user("user3")
    await home.set_up()
    events = async_capture_events(home.hass, EVENT_USER_CHANGED)
    before = home.states("front", "lock")
    assert STATE_UNKNOWN not in before["front_unlock_methods"]
    freezer.tick(days * DAY_SECONDS)
    home.cloud.calls.clear()
    await home.reload()
    await home.tick(60)

    assert home.states("front", "lock") == before
    for lock in doors:
        assert 1 <= len(home.cloud.calls.to(lock=lock.device_id)) <= 2
    assert len([call for call in home.cloud.calls if call.lock is None]) <= 3
    await home.tick(CYCLE_SECONDS, times=15)
    assert bool(home.cloud.calls.to("absent_users")) is bool(days)
    assert events == []
