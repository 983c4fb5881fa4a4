"""The polling plan and its budget."""

from math import ceil

from hypothesis import given, strategies as st
import pytest

from custom_components.tuya_lock_users.domain.poll_plan import (
    CALLS_A_MONTH,
    LONGEST_POLL_SECONDS,
    MONTH_SECONDS,
    RECORDS_SHARE,
    SHORTEST_POLL_SECONDS,
    SHORTEST_RECORDS_SECONDS,
    TOKEN_SECONDS,
    LockLoad,
    plan,
    rotation,
    seconds_to_first_poll,
)
from tests.common import cases


def calls_in_30_days(
    loads: list[LockLoad], *, polled: int = 0, daily: int = 0
) -> float:
    schedule = plan(loads, records_polled=polled, records_daily=daily)
    return (
        ceil(MONTH_SECONDS / schedule.records_seconds) * polled
        + 30 * daily
        + ceil(MONTH_SECONDS / TOKEN_SECONDS)
        + ceil(MONTH_SECONDS / schedule.list_seconds)
        + sum(
            ceil(MONTH_SECONDS / schedule.poll_seconds) * load.poll_calls
            + ceil(30 / schedule.full_refresh_days) * load.full_refresh_calls
            for load in loads
        )
    )


@pytest.mark.parametrize(
    ("users", "calls"),
    [(0, 1), (1, 1), (5, 1), (100, 1), (101, 2), (230, 3), (1000, 10)],
)
def test_poll_calls(users: int, calls: int) -> None:
    assert LockLoad(users=users).poll_calls == calls


@pytest.mark.parametrize(
    ("users", "pages_read", "calls"), [(60, 3, 3), (60, 4, 4), (230, 1, 3), (0, 2, 2)]
)
def test_poll_calls_small_pages(users: int, pages_read: int, calls: int) -> None:
    """The cost of a list is its last number of calls, plus new users."""
    load = LockLoad(users=users, pages_read=pages_read)
    assert load.poll_calls == calls
    one = plan([load] * 4).poll_seconds
    assert one >= plan([LockLoad(users=users)] * 4).poll_seconds


@pytest.mark.parametrize("users", [0, 1, 5, 6, 7, 20, 100, 101, 230, 1000])
def test_poll_calls_fallback(users: int) -> None:
    load = LockLoad(users=users, lists_methods=False)
    assert load.poll_calls <= max(1, 1 + ceil(users / 6), load.pages)
    assert users == 0 or load.rotation_calls * 7 >= users


@cases(
    ("load", "calls"),
    {
        "20-users": (LockLoad(users=20), 23),
        "by-type": (LockLoad(users=20, unassigned_calls=4), 26),
        "fallback": (LockLoad(users=20, lists_methods=False), 2),
    },
)
def test_full_refresh_calls(load: LockLoad, calls: int) -> None:
    """A full refresh reads all details, both lists of orphans, the other list of users."""
    assert load.full_refresh_calls == calls


PROJECTS = {
    "1-lock-5-users": [LockLoad(users=5)],
    "1-lock-20-users": [LockLoad(users=20)],
    "1-lock-100-users": [LockLoad(users=100)],
    "1-lock-230-users": [LockLoad(users=230)],
    "1-lock-1000-users": [LockLoad(users=1000)],
    "3-locks-20-users": [LockLoad(users=20)] * 3,
    "10-locks-20-users": [LockLoad(users=20)] * 10,
    "10-locks-100-users": [LockLoad(users=100)] * 10,
    "40-locks-20-users": [LockLoad(users=20)] * 40,
    "40-locks-100-users": [LockLoad(users=100)] * 40,
    "fallback-20-users": [LockLoad(users=20, lists_methods=False)],
    "fallback-100-users": [LockLoad(users=100, lists_methods=False)],
    "mixed": [
        LockLoad(users=20),
        LockLoad(users=20, lists_methods=False, unassigned_calls=4),
        LockLoad(users=150),
    ],
}


@cases("loads", PROJECTS)
def test_budget(loads: list[LockLoad]) -> None:
    """30 days cost at most 20,000 calls; records keep to their quarter of them.

    If daily full refreshes exceed a third, they are spread over more days.
    """
    locks = len(loads)
    for records in ({}, {"polled": locks}, {"daily": locks}):
        assert calls_in_30_days(loads, **records) <= CALLS_A_MONTH
    without = plan(loads)
    refreshes = sum(load.full_refresh_calls for load in loads) * 30
    assert refreshes / without.full_refresh_days <= CALLS_A_MONTH / 3
    polled = plan(loads, records_polled=locks)
    assert MONTH_SECONDS / polled.records_seconds * locks <= (
        CALLS_A_MONTH * RECORDS_SHARE
    )
    assert polled.records_seconds >= SHORTEST_RECORDS_SECONDS
    assert without.poll_seconds <= polled.poll_seconds <= without.poll_seconds * 1.5


def test_records_interval() -> None:
    seconds = [
        plan([LockLoad(users=20)] * n, records_polled=n).records_seconds
        for n in (1, 3, 10, 20)
    ]
    assert seconds[0] == SHORTEST_RECORDS_SECONDS
    assert seconds == sorted(seconds)
    assert seconds[-1] < 6 * 3600


@cases(
    ("loads", "days"),
    {
        "207-a-day": ([LockLoad(users=20)] * 9, 1),
        "235-a-day": ([LockLoad(users=230)], 2),
        "1012-a-day": ([LockLoad(users=1000)], 5),
        "none": ([], 1),
    },
)
def test_full_refresh_days(loads: list[LockLoad], days: int) -> None:
    """Full refreshes are daily up to 222 calls."""
    assert plan(loads).full_refresh_days == days
    assert plan(loads).full_refresh_seconds == days * 86_400


def test_poll_interval() -> None:
    intervals = [plan([LockLoad(users=20)] * n).poll_seconds for n in (1, 3, 10, 30)]
    assert intervals == sorted(intervals)
    assert len(set(intervals)) > 2
    assert plan([]).poll_seconds == intervals[0] == SHORTEST_POLL_SECONDS


def test_longest_poll_interval() -> None:
    """If even the fixed calls exceed the budget, locks are still polled a few times a day."""
    loads = [LockLoad(users=1000, lists_methods=False)] * 100
    assert plan(loads).poll_seconds == LONGEST_POLL_SECONDS


@given(
    st.lists(
        st.builds(
            LockLoad,
            users=st.integers(0, 300),
            lists_methods=st.booleans(),
            unassigned_calls=st.sampled_from([1, 4]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_budget_random_project(loads: list[LockLoad]) -> None:
    """Any project keeps the budget, or the longest interval is reached."""
    schedule = plan(loads)
    assert SHORTEST_POLL_SECONDS <= schedule.poll_seconds <= LONGEST_POLL_SECONDS
    assert (
        calls_in_30_days(loads) <= CALLS_A_MONTH
        or schedule.poll_seconds == LONGEST_POLL_SECONDS
    )


def test_calls_spent() -> None:
    """The more was spent the less often locks are read, and never more often."""
    loads = [LockLoad(users=20)] * 3
    intervals = [
        plan(loads, calls_spent=spent, seconds_left=MONTH_SECONDS / 2).poll_seconds
        for spent in (0, 5_000, 15_000, 18_500, 20_000, 30_000)
    ]
    assert intervals[0] == plan(loads).poll_seconds
    assert intervals == sorted(intervals)
    assert intervals[-1] == LONGEST_POLL_SECONDS


@pytest.mark.parametrize("seconds_left", [0.0, 1.0, 3600.0])
def test_month_end(seconds_left: float) -> None:
    """The end of a month does not shorten the interval."""
    loads = [LockLoad(users=20)]
    assert plan(loads, calls_spent=100, seconds_left=seconds_left) == plan(loads)


def test_budget_after_excess() -> None:
    """Each day, the plan approaches the budget."""
    loads = [LockLoad(users=20)] * 3
    spent = 12_000.0
    for day in range(10, 30):
        left = (30 - day) * 86_400
        cycle = plan(loads, calls_spent=int(spent), seconds_left=left).poll_seconds
        spent += 3 * 86_400 / cycle + 86_400 / TOKEN_SECONDS + 48 + 3 * 22
    assert spent <= CALLS_A_MONTH + 100


def test_first_polls_spread() -> None:
    places = [seconds_to_first_poll(600, position, 4) for position in range(4)]
    assert places == [150, 300, 450, 600]


def test_rotation() -> None:
    """Users never read come first, then those read longest ago."""
    read_at = {"a": 30.0, "b": 10.0, "d": 20.0}
    assert rotation("abcd", read_at, 3) == ["c", "b", "d"]
    assert rotation("abcd", read_at, 0) == []
    assert rotation([], read_at, 3) == []
