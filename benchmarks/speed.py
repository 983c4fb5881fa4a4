"""The time on the event loop: decoding, a poll, and the longest stretch."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
import gc
from statistics import median
import sys
import threading
from time import thread_time
import traceback
from typing import Any, Final
from unittest.mock import patch

import orjson

from custom_components.tuya_lock_users.api.decoding import json_loads
from custom_components.tuya_lock_users.api.models import User, decode_user
from custom_components.tuya_lock_users.api.paging import PageCollector, page_of
from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from simulator import ADMIN

from .house import Home, Recorder, carrier, home, project, run
from .table import Row, at_most

REPEATS: Final = 15
LOCKS: Final = 10
USERS: Final = 100
METHODS: Final = 4
# The call of a poll; a full refresh also makes another one, without methods.
USERS_CALL: Final = "/users?codes="
# What every poll changes: the number of calls, and the time.
COUNTERS: Final = ("_api_calls", "_last_read")

_LOAD: Final = f"{LOCKS} locks × {USERS} users"


def rows() -> Iterable[Row]:
    """Return all rows."""
    yield run(decoding())
    yield from run(cycles())
    yield run(one_change())


# --- Decoding ----------------------------------------------------------------------


async def decoding() -> Row:
    """Compare decoding replies to models with parsing their JSON."""
    users = 230
    bodies = await users_replies(1, users)
    return at_most(
        f"from the reply's bytes to models, {users} users × {METHODS} methods:"
        " time, to what orjson takes for the same bytes",
        8,
        quickest(lambda: models_of(bodies)) / quickest(lambda: parsed(bodies)),
        " ×",
    )


async def users_replies(locks: int, users: int) -> list[bytes]:
    """Return the replies to the users call of each lock."""
    cloud = project(locks, users, METHODS)
    recorder = Recorder(carrier(cloud))
    async with home(cloud, recorder) as house:
        await house.settle()
    return recorder.bodies(USERS_CALL)


def parsed(bodies: Iterable[bytes]) -> list[Any]:
    """Return replies parsed by orjson."""
    return [orjson.loads(body) for body in bodies]


def models_of(bodies: Iterable[bytes]) -> list[tuple[User, ...]]:
    """Return the decoded users of replies."""
    found = []
    for body in bodies:
        collector = PageCollector(decode_user, lambda user: user.user_id, USERS)
        collector.add(page_of(json_loads(body)["result"]))
        found.append(collector.listing().items)
    return found


def quickest(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the shortest time of several runs."""
    times = []
    for _ in range(repeats):
        started = thread_time()
        work()
        times.append(thread_time() - started)
    return min(times)


# --- A poll without changes ----------------------------------------------


async def cycles() -> list[Row]:
    """Measure polls of ten locks without changes, and the start."""
    cloud = project(LOCKS, USERS, METHODS)
    recorder = Recorder(carrier(cloud))
    async with home(cloud, recorder) as house:
        await house.settle()
    bodies = recorder.bodies(USERS_CALL)

    with stretches() as at_start, opened_by_us() as opened:
        async with home(cloud, recorder) as house:
            await house.settle()
            times, longest = [], []
            async with written(house.hass) as writes:
                for _ in range(REPEATS):
                    with stretches() as in_cycle:
                        started = thread_time()
                        await cycle(house)
                        times.append(thread_time() - started)
                    longest.append(max(in_cycle))
            entities = len(house.hass.states.async_entity_ids("sensor"))
    models = quickest(lambda: models_of(bodies))
    return [
        at_most(
            f"a cycle that changes nothing, {_LOAD}: event loop busy, to turning the"
            " same bytes into models",
            1.5,
            min(times) / models,
            " ×",
        ),
        at_most(
            "the same: entity states written, except the times of the last update and"
            " the number of calls",
            0,
            len(writes),
        ),
        at_most(
            "the same: longest single stretch on the event loop",
            50,
            # Home Assistant writes its registries during one of them.
            median(longest) * 1000,
            " ms",
        ),
        Row(
            what="the start before it: longest single stretch on the event loop",
            must_be="stated",
            measured=f"{max(at_start) * 1000:,.0f} ms, in which Home Assistant adds"
            f" {entities:,} entities",
            is_good=True,
        ),
        at_most(
            "files opened by us on the event loop, start and cycles", 0, len(opened)
        ),
    ]


async def cycle(house: Home) -> None:
    """Poll all locks once."""
    await asyncio.gather(*(lock.async_refresh() for lock in house.locks))


@contextmanager
def stretches() -> Generator[list[float]]:
    """Time each uninterrupted stretch on the event loop.

    This is CPU time, so other programs do not count. Garbage collection is excluded.
    """
    times: list[float] = []
    run_handle: Any = asyncio.Handle.__dict__["_run"]

    def timed(handle: asyncio.Handle) -> None:
        already_collected = len(collected)
        started = thread_time()
        run_handle(handle)
        took = thread_time() - started
        times.append(took - sum(collected[already_collected:]))

    with collections() as collected, patch.object(asyncio.Handle, "_run", timed):
        yield times


@contextmanager
def collections() -> Generator[list[float]]:
    """Time the garbage collector."""
    times: list[float] = []
    started = 0.0

    def note(phase: str, _: object) -> None:
        nonlocal started
        if phase == "start":
            started = thread_time()
        else:
            times.append(thread_time() - started)

    gc.callbacks.append(note)
    yield times
    gc.callbacks.remove(note)


@contextmanager
def opened_by_us() -> Generator[list[str]]:
    """Record the files that the integration opens in this thread."""
    opened: list[str] = []
    thread = threading.get_ident()
    is_over = False

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if is_over or event != "open" or threading.get_ident() != thread:
            return
        stack = traceback.StackSummary.extract(
            traceback.walk_stack(None), lookup_lines=False
        )
        if any("tuya_lock_users" in frame.filename for frame in stack):
            opened.append(str(arguments[0]))

    sys.addaudithook(note)
    yield opened
    is_over = True


@asynccontextmanager
async def written(hass: HomeAssistant) -> AsyncGenerator[list[str]]:
    """Record the unique IDs of entities that write their state, changed or not.

    What every poll changes is left out.
    """
    registry = er.async_get(hass)
    unique_ids: list[str] = []

    @callback
    def note(event: Event[Any]) -> None:
        entity = registry.async_get(event.data["entity_id"])
        unique_id = entity.unique_id if entity else event.data["entity_id"]
        if not unique_id.endswith(COUNTERS):
            unique_ids.append(unique_id)

    ends = [
        hass.bus.async_listen(EVENT_STATE_CHANGED, note),
        hass.bus.async_listen(
            EVENT_STATE_REPORTED, note, event_filter=callback(lambda _: True)
        ),
    ]
    yield unique_ids
    for end in ends:
        end()


# --- One change --------------------------------------------------------------------


async def one_change() -> Row:
    """Count the entities that are written if one of a thousand users changes."""
    cloud = project(LOCKS, USERS, METHODS)
    async with home(cloud, carrier(cloud)) as house:
        await house.settle()
        lock = cloud.locks["lock7"]
        user_id = list(lock.users)[50]
        async with written(house.hass) as writes:
            lock.users[user_id].user_type = ADMIN
            lock.remove_method(lock.methods_of(lock.users[user_id])[0])
            await cycle(house)
            await house.settle()
    unique_ids = set(writes)
    ours = [key for key in unique_ids if key.startswith(f"lock7:{user_id}_")]
    the_locks = [key for key in unique_ids if key.startswith("lock7_")]
    others = len(unique_ids) - len(ours) - len(the_locks)
    return Row(
        what=f"one user changes among {LOCKS * USERS:,}: entities written",
        must_be="that user's and the lock's",
        measured=f"{len(ours)} of the user, {len(the_locks)} of the lock,"
        f" {others} others",
        is_good=bool(ours) and not others,
    )
