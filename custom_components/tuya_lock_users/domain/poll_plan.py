"""The polling plan: how often locks are read (docs/architecture.md, Polling budget).

Every call counts: a trial project has about 26,000 a month. This module is arithmetic
over the numbers it is given; it makes no calls and reads no clock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

MONTH_SECONDS: Final = 30 * 24 * 3600
DAY_SECONDS: Final = 24 * 3600

# What the plan may spend in 30 days, everything included.
CALLS_A_MONTH: Final = 20_000
# Reserved for unplanned calls: commands, their read-backs, watching, restarts.
CALLS_IN_RESERVE: Final = 1_000

# A token lives two hours; one more call for each.
TOKEN_SECONDS: Final = 7_140

# The list of locks, one call for all: as often as the polls allow.
SHORTEST_LIST_SECONDS: Final = 10 * 60
LONGEST_LIST_SECONDS: Final = 30 * 60

SHORTEST_POLL_SECONDS: Final = 5 * 60
# A project that used up its month early is still polled a few times a day.
LONGEST_POLL_SECONDS: Final = 6 * 3600

USERS_PER_PAGE: Final = 100
# If the list has no unlock methods, each poll reads those of this share of the users.
ROTATION_SHARE: Final = 6

# Records are read at most this often, with at most this share of the remaining calls.
SHORTEST_RECORDS_SECONDS: Final = 15 * 60
LONGEST_RECORDS_SECONDS: Final = 7 * DAY_SECONDS
RECORDS_SHARE: Final = 1 / 4

# A lock with pending changes is polled this often, for this long.
WATCH_EVERY_SECONDS: Final = 15
WATCH_FOR_SECONDS: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class LockLoad:
    """The cost of polling one lock, in calls.

    Attributes:
        users: How many users the lock has.
        lists_methods: Whether the list of users has their unlock methods. Otherwise the
            methods are read for some users of each poll, in rotation.
        unassigned_calls: The calls that read all unassigned unlock methods: one, or one
            for each type.
        pages_read: The calls of the last list, since the cloud can return smaller pages
            than requested.
        shows_passwords: Whether the temporary passwords are read once a day.
    """

    users: int
    lists_methods: bool = True
    unassigned_calls: int = 1
    pages_read: int = 1
    shows_passwords: bool = False

    @property
    def pages(self) -> int:
        """Return the calls that list all users."""
        return max(self.pages_read, ceil(self.users / USERS_PER_PAGE))

    @property
    def rotation_calls(self) -> int:
        """Return the number of users whose methods one poll reads in rotation.

        A poll costs at most 1 + ⌈users/6⌉ calls, further pages included.
        """
        if self.lists_methods:
            return 0
        return max(0, ceil(self.users / ROTATION_SHARE) + 1 - self.pages)

    @property
    def poll_calls(self) -> int:
        """Return the calls of one poll without changes."""
        return self.pages + self.rotation_calls

    @property
    def full_refresh_calls(self) -> int:
        """Return the calls of one full refresh.

        These are the details of all users (the rotation reads them anyway), the other
        list of users to compare with, the absent users, the unassigned methods, and the
        temporary passwords if something shows them.
        """
        details = self.users if self.lists_methods else 0
        comparison = self.pages if self.lists_methods else 0
        passwords = int(self.shows_passwords)
        return details + comparison + 1 + self.unassigned_calls + passwords


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How often the locks of a project are polled, listed, and refreshed in full."""

    poll_seconds: float
    list_seconds: float
    full_refresh_days: int
    records_seconds: float

    @property
    def full_refresh_seconds(self) -> float:
        """Return the time between two full refreshes of the same lock."""
        return self.full_refresh_days * DAY_SECONDS


def plan(
    loads: Iterable[LockLoad],
    *,
    calls_spent: int = 0,
    seconds_left: float = MONTH_SECONDS,
    records_polled: int = 0,
    records_daily: int = 0,
) -> Plan:
    """Return the plan for the locks of a project.

    Tokens, a list every half an hour, and full refreshes are subtracted first. Records
    are read once a day for `records_daily` locks, whose messages are known to arrive,
    and by the plan for `records_polled` locks: a call each. The rest goes to polls, the
    same for all locks, and what these leave to more frequent lists.
    `calls_spent` in this calendar month, with `seconds_left` of it, can only slow the
    plan down: a month that was spent early is stretched over what remains.
    """
    loads = tuple(loads)
    refresh_calls = sum(load.full_refresh_calls for load in loads)
    full_refresh_days = max(1, ceil(3 * refresh_calls * 30 / CALLS_A_MONTH))
    poll_calls = sum(load.poll_calls for load in loads)
    fixed_a_month = (
        MONTH_SECONDS / TOKEN_SECONDS
        + MONTH_SECONDS / LONGEST_LIST_SECONDS
        + refresh_calls * ceil(30 / full_refresh_days)
        + records_daily * 30
    )
    fixed_left = fixed_a_month * seconds_left / MONTH_SECONDS
    steady, stretched = (
        _intervals(seconds, poll_calls, records_polled, calls)
        for seconds, calls in (
            (MONTH_SECONDS, CALLS_A_MONTH - CALLS_IN_RESERVE - fixed_a_month),
            (seconds_left, CALLS_A_MONTH - calls_spent - fixed_left),
        )
    )
    return Plan(
        poll_seconds=max(steady.poll_seconds, stretched.poll_seconds),
        list_seconds=max(steady.list_seconds, stretched.list_seconds),
        full_refresh_days=full_refresh_days,
        records_seconds=max(steady.records_seconds, stretched.records_seconds),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Intervals:
    """The times between two polls, two lists, and two readings of records."""

    poll_seconds: float
    list_seconds: float
    records_seconds: float


def _intervals(
    seconds: float, poll_calls: int, records_polled: int, calls_left: float
) -> _Intervals:
    """Return the intervals that spend no more than what is left.

    The rest of the share of records goes to polls, and their rest to lists.
    """
    records_seconds: float = LONGEST_RECORDS_SECONDS
    if calls_left > 0:
        interval = seconds * records_polled / (calls_left * RECORDS_SHARE)
        records_seconds = min(records_seconds, max(SHORTEST_RECORDS_SECONDS, interval))
    calls_left -= seconds / records_seconds * records_polled
    poll_seconds = _poll_seconds(seconds, poll_calls, calls_left)
    calls_left -= seconds / poll_seconds * poll_calls
    return _Intervals(
        poll_seconds=poll_seconds,
        list_seconds=_list_seconds(seconds, calls_left),
        records_seconds=records_seconds,
    )


def _poll_seconds(seconds: float, poll_calls: int, calls_left: float) -> float:
    """Return the time between polls that spends no more than what is left."""
    if calls_left <= 0:
        return LONGEST_POLL_SECONDS
    interval = seconds * poll_calls / calls_left
    return min(LONGEST_POLL_SECONDS, max(SHORTEST_POLL_SECONDS, interval))


def _list_seconds(seconds: float, calls_left: float) -> float:
    """Return the time between lists that also spends the calls that are left."""
    calls = seconds / LONGEST_LIST_SECONDS + max(0, calls_left)
    interval = seconds / calls if calls else LONGEST_LIST_SECONDS
    return max(SHORTEST_LIST_SECONDS, interval)


def seconds_to_first_poll(poll_seconds: float, position: int, count: int) -> float:
    """Return when the lock at this position of all locks is polled after a start.

    Locks are spread evenly, so that a project with many does not poll all of them at
    once. From then on, each follows its own interval.
    """
    return poll_seconds * (position + 1) / count


def rotation(
    user_ids: Sequence[str], read_at: Mapping[str, float], count: int
) -> list[str]:
    """Return the users whose methods to read next, the oldest first."""
    never = float("-inf")
    return sorted(user_ids, key=lambda user_id: read_at.get(user_id, never))[:count]
