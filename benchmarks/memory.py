"""The memory in use, and its growth."""

import asyncio
from collections.abc import Iterable
import gc
import sys
import tracemalloc
from typing import Final

from .house import Recorder, carrier, home, project, run
from .speed import LOCKS, METHODS, USERS, cycle
from .table import Row, at_most

CYCLES: Final = 1000
# Home Assistant writes its registries after ten seconds, and keeps the data.
WARM_UP_SECONDS: Final = 15
MEGABYTE: Final = 1024 * 1024
# The share that caches and free lists may take.
TOLERANCE_PERCENT: Final = 0.1


def rows() -> Iterable[Row]:
    """Return all rows."""
    yield from run(memory())


async def memory() -> list[Row]:
    """Measure ten locks after their first update, and after a thousand polls."""
    cloud = project(LOCKS, USERS, METHODS)
    recorder = Recorder(carrier(cloud))
    async with home(cloud, recorder) as house:
        await house.settle()
    gc.collect()

    tracemalloc.start()
    async with home(cloud, recorder) as house:
        await house.settle()
        gc.collect()
        everything = tracemalloc.get_traced_memory()[0]
        ours = tracemalloc.take_snapshot().filter_traces(
            [tracemalloc.Filter(True, "*/tuya_lock_users/*")]
        )
        tracemalloc.stop()
        own = sum(statistic.size for statistic in ours.statistics("filename"))

        loop = asyncio.get_running_loop()
        warm = loop.time() + WARM_UP_SECONDS
        while loop.time() < warm:
            await cycle(house)
        before = blocks()
        for _ in range(CYCLES):
            await cycle(house)
        growth = (blocks() - before) / before * 100
        entities = len(house.hass.states.async_entity_ids())
    load = f"{LOCKS} locks × {USERS} users × {METHODS} methods"
    return [
        Row(
            what=f"memory for {load}: snapshots and entities",
            must_be="stated",
            measured=f"{own / MEGABYTE:.1f} MiB, {everything / MEGABYTE:.0f} MiB with"
            f" Home Assistant's {entities:,} states, entities and registries",
            is_good=True,
        ),
        at_most(
            f"the same: growth over {CYCLES:,} cycles, in memory blocks",
            TOLERANCE_PERCENT,
            max(growth, 0),
            " %",
        ),
    ]


def blocks() -> int:
    """Return the number of memory blocks in use."""
    gc.collect()
    return sys.getallocatedblocks()
