"""How fast a project may be asked.

Tuya does not document the limits of the lock calls; those of its other calls allow
2 to 50 calls a second, so the house stays at 5 and 4 at once (DESIGN §7).
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

CALLS_PER_SECOND: Final = 5
CALLS_IN_FLIGHT: Final = 4


class Pace:
    """Lets at most 5 requests start in any second, and 4 run at once, in order."""

    def __init__(self) -> None:
        """Start with nothing spent."""
        self._starts: deque[float] = deque(maxlen=CALLS_PER_SECOND)
        self._turn = asyncio.Lock()
        self._in_flight = asyncio.Semaphore(CALLS_IN_FLIGHT)

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[None]:
        """Wait for a turn; hold the place in flight while the request runs."""
        async with self._in_flight:
            async with self._turn:
                await self._wait_for_turn()
            yield

    async def _wait_for_turn(self) -> None:
        """Wait until the fifth request before this one started a second ago."""
        loop = asyncio.get_running_loop()
        if len(self._starts) == CALLS_PER_SECOND:
            while (wait := self._starts[0] + 1 - loop.time()) > 0:
                await asyncio.sleep(wait)
        self._starts.append(loop.time())
