"""The heartbeat of a connection to the message stream: regular pings."""

import asyncio
from contextlib import suppress
from typing import Final, Self

from aiohttp import ClientError, ClientWebSocketResponse, WSMessage, WSMsgType

# The minimum wait for data that may have arrived already.
_GRACE_SECONDS: Final = 0.05


class LostError(Exception):
    """The connection ended."""


class Heartbeat:
    """Finds out whether the other side of a socket is still there.

    Anything that arrives is an answer to a ping, so `has_heard` is set for all of it: in
    a flood the pong comes late.
    """

    def __init__(
        self, socket: ClientWebSocketResponse, every: float, answer_within: float
    ) -> None:
        """Prepare; the first ping follows after a while. Both times are seconds."""
        self._socket = socket
        self._every = every
        self._answer_within = answer_within
        self.has_heard = True
        self._is_lost = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to ping."""
        self._task = asyncio.get_running_loop().create_task(self._ping())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, and leave no task behind.

        The stream can be cancelled meanwhile. Awaiting the task itself would raise the
        same error for both.
        """
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def handle(self, message: WSMessage) -> None:
        """Handle what is no frame: answer a ping, and ignore a pong.

        Raise LostError when the connection ended, or a ping was not answered in time.
        """
        match message.type:
            case WSMsgType.PING:
                await self._socket.pong(message.data)
            case WSMsgType.CLOSE | WSMsgType.CLOSING | WSMsgType.CLOSED:
                if self._is_lost:
                    raise LostError("no answer to a ping")
                raise LostError(f"closed with code {self._socket.close_code}")
            case WSMsgType.ERROR:
                raise LostError(type(message.data).__name__)

    async def _ping(self) -> None:
        """Ping until there is no answer, then end the connection.

        Errors of the socket end it, too, and the receiving side raises them.
        """
        await asyncio.sleep(self._every)
        with suppress(ClientError, OSError):
            while True:
                self.has_heard = False
                await self._socket.ping()
                await asyncio.sleep(self._answer_within)
                # After a long wait elsewhere, the answer has arrived but was not read.
                await asyncio.sleep(_GRACE_SECONDS)
                if not self.has_heard:
                    break
                await asyncio.sleep(max(0, self._every - self._answer_within))
            self._is_lost = True
            await self._socket.close()
