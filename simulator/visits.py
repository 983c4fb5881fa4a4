"""Visits at random times, for demonstration."""

import asyncio
import random
from typing import TYPE_CHECKING, Final

from .model import CONFIRMED, Method

if TYPE_CHECKING:
    from .cloud import SimulatedCloud
    from .lock import Lock

MISHAPS: Final = ("wrong_finger", "wrong_password", "unclosed_time")
MISHAP_CHANCE: Final = 0.1
RING_CHANCE: Final = 0.1


class Visits:
    """Opens doors at random times."""

    def __init__(self, cloud: SimulatedCloud, generator: random.Random) -> None:
        """Initialize without visits; `start` begins them."""
        self._cloud = cloud
        self._random = generator
        self._task: asyncio.Task[None] | None = None
        self.every: float | None = None
        """How many seconds pass between two visits, on average; None is never."""

    def start(self, every: float) -> None:
        """Start visits, about this often."""
        self.stop()
        self.every = every
        self._task = asyncio.get_running_loop().create_task(self._run(every))

    def stop(self) -> None:
        """Stop the visits."""
        if self._task is not None:
            self._task.cancel()
        self._task, self.every = None, None

    async def _run(self, every: float) -> None:
        while True:
            await asyncio.sleep(every * self._random.uniform(0.5, 1.5))
            self.visit()

    def visit(self) -> None:
        """Open the door of a lock that is online."""
        locks = [
            (lock, methods)
            for lock in self._cloud.locks.values()
            if lock.device.online and lock.device.paired and (methods := _usable(lock))
        ]
        if not locks:
            return
        lock, methods = self._random.choice(locks)
        chance = self._random.random()
        if chance < MISHAP_CHANCE:
            lock.alarm(self._random.choice(MISHAPS))
        elif chance < MISHAP_CHANCE + RING_CHANCE:
            lock.ring()
        else:
            method = self._random.choice(methods)
            lock.open(method.dp_code, number=method.unlock_sn)


def _usable(lock: Lock) -> list[Method]:
    """Return the usable methods."""
    return [
        method
        for method in lock.methods
        if method.user_id in lock.users
        and method.phase == CONFIRMED
        and lock.users[method.user_id].schedule.effective_flag(lock.now) == 1
    ]
