"""The message stream: a lasting connection, and its messages one by one.

    stream = MessageStream(session, urls=push_urls("eu_central"), access_id=…, …)
    async with aclosing(stream.items()) as items:
        async for item in items:
            ...

The stream connects, acknowledges, and reconnects while it is iterated, until it is closed
or cancelled. It raises no errors of its own: connections and their failures are items
among the messages. Nothing is logged here.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import uniform
from typing import Final

from aiohttp import (
    ClientError,
    ClientSession,
    ClientWebSocketResponse,
    ClientWSTimeout,
    WSMsgType,
    WSServerHandshakeError,
)
from yarl import URL

from .encryption import MessageCipher, push_password
from .heartbeat import Heartbeat, LostError
from .messages import Message, UnreadableMessage, decode_frame, decode_message
from .reconnection import Pauses, Refusal, Timing, refusal_of

_PORT: Final = 8285
# Candidates in order; the hosts of three data centers are not documented.
_HOSTS: Final[dict[str, tuple[str, ...]]] = {
    "cn": ("mqe.tuyacn.com",),
    "us_west": ("mqe.tuyaus.com",),
    "us_east": ("mqe.tuyaus.com", "mqe-ueaz.tuyaus.com"),
    "eu_central": ("mqe.tuyaeu.com",),
    "eu_west": ("mqe.tuyaeu.com", "mqe-weaz.tuyaeu.com"),
    "in": ("mqe.tuyain.com",),
    "sg": ("mqe-sg.iotbing.com",),
}

DEFAULT_SUBSCRIPTION: Final = "sub"
_CONSUMER_PATH: Final = "/ws/v2/consumer/persistent/{id}/out/event/{id}-{subscription}"
_CONSUMER_QUERY: Final = {"ackTimeoutMillis": "3000", "subscriptionType": "Failover"}
_READER_PATH: Final = "/ws/v2/reader/persistent/{id}/out/event"
_READER_QUERY: Final = {"messageId": "latest"}

# A message can be as large as the queue allows, plus its encoding.
LARGEST_FRAME_BYTES: Final = 8 * 1024 * 1024
# How long a server may take to confirm the close of the connection.
_CLOSE_SECONDS: Final = 2
# In a flood, messages are handled for this long before other tasks run.
_TURN_SECONDS: Final = 0.005
_FRAMES: Final = (WSMsgType.TEXT, WSMsgType.BINARY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """A connection was established.

    `url` is the working candidate, to be tried first next time. A reader works beside
    another consumer of the same subscription: it receives every message, but none from
    before it connected.
    """

    url: str
    is_reader: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected:
    """The connection was lost or could not be established.

    `reason` is for the log. The next attempt follows after `retry_seconds`.
    """

    reason: str
    retry_seconds: float
    refusal: Refusal | None = None


type StreamItem = Connected | Disconnected | Message


def push_urls(data_center: str, preferred: str | None = None) -> tuple[str, ...]:
    """Return the candidate URLs of the stream of a data center, in order.

    A URL in place of a data center is its own host. `preferred` is the one that worked
    before, and is ignored if it is no longer a candidate.
    """
    if (hosts := _HOSTS.get(data_center)) is None:
        url = URL(data_center).origin()
        return (str(url.with_scheme("wss" if url.scheme == "https" else "ws")),)
    urls = [f"wss://{host}:{_PORT}" for host in hosts]
    return tuple(sorted(urls, key=lambda url: url != preferred))


@dataclass(frozen=True, slots=True)
class _Failure:
    """The reason why no connection could be established."""

    reason: str
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class _Connection:
    """An established connection."""

    socket: ClientWebSocketResponse
    url: str
    is_reader: bool


class MessageStream:
    """The messages of one project.

    `subscription` is the part of its name after the access ID. `random` returns a
    number between two others.
    """

    def __init__(
        self,
        session: ClientSession,
        *,
        urls: Sequence[str],
        access_id: str,
        access_secret: str,
        subscription: str = DEFAULT_SUBSCRIPTION,
        timing: Timing | None = None,
        random: Callable[[float, float], float] = uniform,
    ) -> None:
        """Initialize the stream, which connects when it is iterated.

        Raises DecryptionError for a secret that is too short to contain a key.
        """
        self._session = session
        self._urls = tuple(urls)
        self._access_id = access_id
        self._subscription = subscription
        self._headers = {
            "username": access_id,
            "password": push_password(access_id, access_secret),
        }
        self._cipher = MessageCipher(access_secret)
        self._timing = timing or Timing()
        self._random = random
        self._retry = asyncio.Event()

    def retry(self) -> None:
        """Connect immediately if the stream waits for its next attempt."""
        self._retry.set()

    async def items(self) -> AsyncGenerator[StreamItem]:
        """Yield messages and changes of the connection, indefinitely.

        Messages are acknowledged before they are yielded. Close the generator to end
        the connection; a slow consumer delays the following messages.
        """
        timing, now = self._timing, asyncio.get_running_loop().time
        urls, pauses = self._urls, Pauses(timing, self._random)
        while True:
            connection = await self._connect(urls)
            if isinstance(connection, _Failure):
                failure = connection
            else:
                urls = (connection.url, *(u for u in urls if u != connection.url))
                self._retry.clear()
                connected_at = now()
                socket, turn_ends = connection.socket, now() + _TURN_SECONDS
                try:
                    yield Connected(url=connection.url, is_reader=connection.is_reader)
                    async with Heartbeat(
                        socket, timing.ping_every, timing.answer_within
                    ) as heartbeat:
                        while True:
                            message = await self._receive(socket, heartbeat)
                            if message is not None:
                                yield message
                            # What has arrived already is received without waiting.
                            if now() > turn_ends:
                                await asyncio.sleep(0)
                                turn_ends = now() + _TURN_SECONDS
                except LostError as err:
                    failure = _Failure(str(err))
                except (ClientError, OSError) as err:
                    failure = _Failure(type(err).__name__)
                finally:
                    await socket.close()
                pauses.note_connection(seconds=now() - connected_at)
            pause = pauses.after(failure.refusal)
            yield Disconnected(
                reason=failure.reason, refusal=failure.refusal, retry_seconds=pause
            )
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._retry.wait()
            self._retry.clear()

    async def _connect(self, urls: Sequence[str]) -> _Connection | _Failure:
        """Return a connection to the first candidate that accepts one.

        The failure of the first candidate is returned, unless another one knows the
        project and reports what is missing.
        """
        failures: list[_Failure] = []
        for url in urls:
            connection = await self._connect_to(url)
            if isinstance(connection, _Connection):
                return connection
            failures.append(connection)
            if connection.refusal not in (None, Refusal.UNAUTHORIZED):
                return connection
        return failures[0]

    async def _connect_to(self, url: str) -> _Connection | _Failure:
        """Return a connection as consumer, or as reader if the subscription is taken."""
        path = _CONSUMER_PATH.format(
            id=self._access_id, subscription=self._subscription
        )
        opened = await self._open(URL(url).with_path(path).with_query(_CONSUMER_QUERY))
        if isinstance(opened, ClientWebSocketResponse):
            return _Connection(opened, url, is_reader=False)
        if opened.refusal is not Refusal.BUSY:
            return opened
        path = _READER_PATH.format(id=self._access_id)
        reader = await self._open(URL(url).with_path(path).with_query(_READER_QUERY))
        if isinstance(reader, ClientWebSocketResponse):
            return _Connection(reader, url, is_reader=True)
        return opened

    async def _open(self, url: URL) -> ClientWebSocketResponse | _Failure:
        try:
            async with asyncio.timeout(self._timing.connect):
                return await self._session.ws_connect(
                    url,
                    headers=self._headers,
                    timeout=ClientWSTimeout(ws_close=_CLOSE_SECONDS),
                    autoping=False,
                    max_msg_size=LARGEST_FRAME_BYTES,
                )
        except WSServerHandshakeError as err:
            return _Failure(f"HTTP {err.status}", refusal_of(err.status))
        except (ClientError, TimeoutError, OSError) as err:
            return _Failure(type(err).__name__)

    async def _receive(
        self, socket: ClientWebSocketResponse, heartbeat: Heartbeat
    ) -> Message | None:
        """Return the next message, acknowledged; None for anything else.

        Raises LostError or an error of aiohttp when the connection is lost.
        """
        received = await socket.receive()
        heartbeat.has_heard = True
        if received.type not in _FRAMES:
            await heartbeat.handle(received)
            return None
        if (frame := decode_frame(received.data)) is None:
            return UnreadableMessage(reason="no frame")
        if frame.message_id is not None:
            await socket.send_str(frame.acknowledgement)
        return decode_message(frame, self._cipher)
