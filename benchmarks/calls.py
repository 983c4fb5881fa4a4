"""The number of calls in a poll and in 30 days, and the time of a cold start."""

import asyncio
from collections.abc import Iterable
from math import ceil
from typing import Any, Final

from custom_components.tuya_lock_users.domain.poll_plan import CALLS_A_MONTH
from simulator import FALLBACK, SimulatedCloud

from .house import Home, carrier, home, project, run_in_simulated_time
from .plain import calls_of_a_poll
from .table import Row, at_most

CYCLES: Final = 6
DAYS: Final = 30
DAY_SECONDS: Final = 86_400
LATENCY_SECONDS: Final = 0.1
CALLS_PER_SECOND: Final = 5

READINGS: Final = ("smart_lock_users", "users_v11", "users_v10", "opmodes")


def rows() -> Iterable[Row]:
    """Return all rows."""
    for users, dialect in (
        (5, {}),
        (100, {}),
        (230, {}),
        (6, FALLBACK),
        (50, FALLBACK),
    ):
        yield run_in_simulated_time(steady_cycle(users, dialect))
    for locks, dialect in ((1, {}), (3, {}), (10, {}), (20, {}), (1, FALLBACK)):
        yield run_in_simulated_time(thirty_days(locks, 20, dialect))
    for locks in (1, 3, 10, 20):
        yield run_in_simulated_time(thirty_days(locks, 20, {}, messages=True))
    yield run_in_simulated_time(cold_start(locks=10, users=50))


async def steady_cycle(users: int, dialect: dict[str, Any]) -> Row:
    """Count the calls of a poll without changes."""
    cloud = project(1, users, **dialect)
    async with home(cloud, carrier(cloud)) as house:
        await house.settle()
        cloud.calls.clear()
        while len(list_calls(cloud)) < CYCLES * (1 if dialect else ceil(users / 100)):
            await asyncio.sleep(1)
        await house.settle()
        calls = len(cloud.calls.to(*READINGS)) / CYCLES
    plain = await calls_of_a_poll(cloud)
    if dialect:
        limit, where = 1 + ceil(users / 6), f"1 lock × {users} users, in the fallback"
    else:
        limit, where = max(1, ceil(users / 100)), f"1 lock × {users} users"
    return at_most(
        f"calls in a steady cycle, {where}",
        limit,
        calls,
        plain=f"{plain} ({plain / calls:,.0f} ×)",
    )


def list_calls(cloud: SimulatedCloud) -> list[Any]:
    """Return the calls that list users."""
    return cloud.calls.to(*READINGS[:-1])


async def thirty_days(
    locks: int, users: int, dialect: dict[str, Any], *, messages: bool = False
) -> Row:
    """Count all calls of 30 days, including the start, tokens, and records."""
    cloud = project(locks, users, **dialect)
    async with home(cloud, carrier(cloud)) as house:
        if messages:
            push = house.project.runtime.push
            push.async_set_connected(0)
            push.async_note_message("lock1")
        await asyncio.sleep(DAYS * DAY_SECONDS)
        calls = len(cloud.calls)
        cycles = DAYS * DAY_SECONDS / cycle_seconds(house)
    plain = await calls_of_a_poll(cloud) * cycles + DAYS * 60
    where = f"{locks} {'lock' if locks == 1 else 'locks'} × {users} users"
    return at_most(
        f"calls in {DAYS} simulated days, {where}"
        f"{', in the fallback' if dialect else ''}"
        f"{', while messages arrive' if messages else ''}",
        CALLS_A_MONTH,
        calls,
        plain=f"{plain:,.0f} ({plain / calls:,.0f} ×), as often",
    )


def cycle_seconds(house: Home) -> float:
    """Return the time between two polls of a lock."""
    return house.project.runtime.plan.poll_seconds


async def cold_start(locks: int, users: int) -> Row:
    """Compare a complete start with the rate limit."""
    cloud = project(locks, users)
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with home(cloud, carrier(cloud, seconds=LATENCY_SECONDS)) as house:
        await house.settle()
        seconds = loop.time() - started
        assert all(lock.data.detailed for lock in house.locks)
    allowed = len(cloud.calls) / CALLS_PER_SECOND
    return at_most(
        f"{locks} locks × {users} users read cold with 100 ms a call: time, to what the"
        " pace of 5 calls a second allows",
        1.3,
        seconds / allowed,
        " ×",
    )
