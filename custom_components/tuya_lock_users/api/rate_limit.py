"""The rate limit of a project (docs/architecture.md, Pace and deadlines)."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

CALLS_PER_SECOND: Final = 5
CALLS_IN_FLIGHT: Final = 4


class Pace:
    """Starts at most 5 requests in any second, and runs 4 at once, in order."""

    def __init__(self) -> None:
        """Initialize an unused limit."""
        self._starts: deque[float] = deque(maxlen=CALLS_PER_SECOND)
        self._turn = asyncio.Lock()
        self._in_flight = asyncio.Semaphore(CALLS_IN_FLIGHT)

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[None]:
        """Wait for a turn, and count as in flight while the request runs."""
        async with self._in_flight:
            async with self._turn:
                await self._wait_for_turn()
            yield

    async def _wait_for_turn(self) -> None:
        """Wait until the fifth request before this one was a second ago."""
        loop = asyncio.get_running_loop()
        if len(self._starts) == CALLS_PER_SECOND:
            while (wait := self._starts[0] + 1 - loop.time()) > 0:
                await asyncio.sleep(wait)
        self._starts.append(loop.time())
