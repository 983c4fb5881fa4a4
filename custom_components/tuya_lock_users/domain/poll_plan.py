"""The polling plan: what to read next, and how often (docs/architecture.md, Polling budget).

Calls are what people pay for: a trial project has about 26,000 a month. Everything here
is arithmetic over numbers that are given; nothing is asked and no clock is read.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Final, NamedTuple

MONTH_SECONDS: Final = 30 * 24 * 3600
DAY_SECONDS: Final = 24 * 3600

# What the plan may spend in 30 days, everything included.
CALLS_A_MONTH: Final = 20_000
# Kept back for what no plan foresees: orders, their read-backs, watching, restarts.
CALLS_IN_RESERVE: Final = 1_000

# A token lives two hours; one more call for each.
TOKEN_SECONDS: Final = 7_140
LIST_SECONDS: Final = 30 * 60

SHORTEST_CYCLE_SECONDS: Final = 5 * 60
# A project that spent its month early is still looked at a few times a day.
LONGEST_CYCLE_SECONDS: Final = 6 * 3600

USERS_PER_PAGE: Final = 100
# In the fallback a cycle also reads the unlock methods of this share of the users.
ROTATION_SHARE: Final = 6

# Records are read at most this often, and take at most this part of what is left.
SHORTEST_RECORDS_SECONDS: Final = 15 * 60
LONGEST_RECORDS_SECONDS: Final = 7 * DAY_SECONDS
RECORDS_SHARE: Final = 1 / 4

# Something pending is looked at this often, for this long.
WATCH_EVERY_SECONDS: Final = 15
WATCH_FOR_SECONDS: Final = 120


class LockLoad(NamedTuple):
    """What one lock costs to read.

    `lists_methods` says whether the users call brings the methods along; without it
    the methods are read in rotation. `unassigned_calls` is 1, or 4 where the lock
    wants to be asked type by type. `pages_read` is how many calls the list took when it
    was read: the cloud may give smaller pages than it was asked for.
    """

    users: int
    lists_methods: bool = True
    unassigned_calls: int = 1
    pages_read: int = 1

    @property
    def pages(self) -> int:
        """Return the calls that list all users."""
        return max(self.pages_read, ceil(self.users / USERS_PER_PAGE))

    @property
    def rotation_calls(self) -> int:
        """Return how many users' methods one cycle reads in the fallback.

        A cycle costs at most 1 + ⌈users/6⌉ calls, further pages included.
        """
        if self.lists_methods:
            return 0
        return max(0, ceil(self.users / ROTATION_SHARE) + 1 - self.pages)

    @property
    def cycle_calls(self) -> int:
        """Return the calls of one cycle when nothing changed."""
        return self.pages + self.rotation_calls

    @property
    def sweep_calls(self) -> int:
        """Return the calls of one sweep: details of all users, and who is left over.

        The rotation of the fallback reads the details by itself.
        """
        return (self.users if self.lists_methods else 0) + 1 + self.unassigned_calls


class Plan(NamedTuple):
    """How often the locks of a project are read, and how often they are swept."""

    cycle_seconds: float
    sweep_days: int
    records_seconds: float

    @property
    def sweep_seconds(self) -> float:
        """Return the time between two sweeps of the same lock."""
        return self.sweep_days * DAY_SECONDS


def plan(
    loads: Iterable[LockLoad],
    *,
    calls_spent: int = 0,
    seconds_left: float = MONTH_SECONDS,
    records_polled: int = 0,
    records_daily: int = 0,
) -> Plan:
    """Return the plan for the locks of a project.

    Records are read once a day of `records_daily` locks, whose messages prove to
    arrive, and by the plan of `records_polled` locks: a call each.

    What is fixed comes first, the rest goes to cycles, the same for all locks.
    `calls_spent` of this calendar month, with `seconds_left` of it, can only slow the
    plan down: a month that was spent early is stretched over what remains.
    """
    loads = tuple(loads)
    daily = sum(load.sweep_calls for load in loads)
    sweep_days = max(1, ceil(3 * daily * 30 / CALLS_A_MONTH))
    cycle_calls = sum(load.cycle_calls for load in loads)
    fixed_a_month = (
        MONTH_SECONDS / TOKEN_SECONDS
        + MONTH_SECONDS / LIST_SECONDS
        + daily * ceil(30 / sweep_days)
        + records_daily * 30
    )
    fixed_left = fixed_a_month * seconds_left / MONTH_SECONDS
    steady, stretched = (
        _intervals(seconds, cycle_calls, records_polled, calls)
        for seconds, calls in (
            (MONTH_SECONDS, CALLS_A_MONTH - CALLS_IN_RESERVE - fixed_a_month),
            (seconds_left, CALLS_A_MONTH - calls_spent - fixed_left),
        )
    )
    return Plan(
        cycle_seconds=max(steady[0], stretched[0]),
        sweep_days=sweep_days,
        records_seconds=max(steady[1], stretched[1]),
    )


def _intervals(
    seconds: float, cycle_calls: int, records_polled: int, calls_left: float
) -> tuple[float, float]:
    """Return the time between cycles, and between two readings of records of a lock.

    Records come second: what they leave of their share goes to cycles, not the other
    way round.
    """
    records_seconds: float = LONGEST_RECORDS_SECONDS
    if calls_left > 0:
        interval = seconds * records_polled / (calls_left * RECORDS_SHARE)
        records_seconds = min(records_seconds, max(SHORTEST_RECORDS_SECONDS, interval))
    calls_left -= seconds / records_seconds * records_polled
    return _cycle_seconds(seconds, cycle_calls, calls_left), records_seconds


def _cycle_seconds(seconds: float, cycle_calls: int, calls_left: float) -> float:
    """Return the time between cycles that spends no more than what is left."""
    if calls_left <= 0:
        return LONGEST_CYCLE_SECONDS
    interval = seconds * cycle_calls / calls_left
    return min(LONGEST_CYCLE_SECONDS, max(SHORTEST_CYCLE_SECONDS, interval))


def seconds_to_first_cycle(cycle_seconds: float, position: int, count: int) -> float:
    """Return when the lock at this position of all locks is read after a start.

    Locks get places within the cycle, evenly spread, so that a project with many does
    not ask for all of them at once. From then on each follows its own cycle.
    """
    return cycle_seconds * (position + 1) / count


def rotation(
    user_ids: Sequence[str], read_at: Mapping[str, float], count: int
) -> list[str]:
    """Return whose methods are read next: never read first, then longest ago."""
    never = float("-inf")
    return sorted(user_ids, key=lambda user_id: read_at.get(user_id, never))[:count]
