"""Tests of the message stream against the queue of the simulated cloud."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, override
from unittest.mock import AsyncMock, patch

from aiohttp import (
    ClientConnectionResetError,
    ClientSession,
    ClientWebSocketResponse,
    WebSocketError,
    WSMessage,
    WSMsgType,
)
import pytest

from custom_components.tuya_lock_users.api.encryption import (
    DecryptionError,
    push_password,
)
from custom_components.tuya_lock_users.api.messages import (
    ConnectionChange,
    PropertyReport,
    UnreadableMessage,
)
from custom_components.tuya_lock_users.api.reconnection import Refusal, Timing
from custom_components.tuya_lock_users.api.stream import (
    Connected,
    Disconnected,
    MessageStream,
    StreamItem,
    push_urls,
)
from simulator import Lock, SimulatedCloud

from .conftest import Site

QUICK = Timing(
    connect=2,
    ping_every=0.2,
    answer_within=0.2,
    shortest_pause=0.02,
    longest_pause=0.1,
    refused_pauses=(60, 120),
)


class Reader:
    """Reads a stream item by item, with a deadline."""

    def __init__(
        self, stream: MessageStream, items: AsyncGenerator[StreamItem]
    ) -> None:
        """Read these items."""
        self.stream = stream
        self._items = items

    async def next(self) -> StreamItem:
        async with asyncio.timeout(5):
            return await anext(self._items)

    async def of[Item](self, kind: type[Item]) -> Item:
        item = await self.next()
        assert isinstance(item, kind)
        return item

    async def silent(self, seconds: float = 0.1) -> bool:
        """Return whether no item arrives for a while."""
        try:
            async with asyncio.timeout(seconds):
                await anext(self._items)
        except TimeoutError:
            return True
        return False


type MakeStream = Callable[..., MessageStream]


@pytest.fixture
def make_stream(
    session: ClientSession, cloud: SimulatedCloud, endpoint: str
) -> MakeStream:
    """Return a function that makes streams with the credentials of the cloud."""

    def make_stream(**changes: Any) -> MessageStream:
        arguments: dict[str, Any] = {
            "urls": push_urls(endpoint),
            "access_id": cloud.access_id,
            "access_secret": cloud.access_secret,
            "timing": QUICK,
            "random": lambda _low, high: high,
        }
        return MessageStream(session, **arguments | changes)

    return make_stream


@asynccontextmanager
async def reading(stream: MessageStream) -> AsyncGenerator[Reader]:
    """Read a stream, and end it."""
    async with aclosing(stream.items()) as items:
        yield Reader(stream, items)


@pytest.fixture
async def reader(make_stream: MakeStream) -> AsyncGenerator[Reader]:
    async with reading(make_stream()) as reader:
        connected = await reader.of(Connected)
        assert not connected.is_reader
        yield reader


async def settled(cloud: SimulatedCloud) -> None:
    """Wait until everything that was delivered is acknowledged."""
    async with asyncio.timeout(5):
        while cloud.queue.backlog() or cloud.queue.delivered == []:
            await asyncio.sleep(0.01)


def test_urls() -> None:
    """Every data center has candidates; a URL is its own, and the known one is first."""
    assert push_urls("eu_central") == ("wss://mqe.tuyaeu.com:8285",)
    first, second = push_urls("us_east")
    assert push_urls("us_east", second) == (second, first)
    assert push_urls("us_east", "wss://gone.example.com") == (first, second)
    assert push_urls("http://127.0.0.1:8765/") == ("ws://127.0.0.1:8765",)
    assert push_urls("https://tuya.example.com") == ("wss://tuya.example.com",)


@pytest.mark.parametrize("cipher", ["aes_ecb", "aes_gcm"])
@pytest.mark.parametrize("families", [("core",), ("legacy",), ("core", "legacy")])
async def test_messages(reader: Reader, site: Site, cipher: Any, families: Any) -> None:
    """Messages of both families and ciphers are acknowledged, and then arrive."""
    site.cloud.queue.cipher, site.cloud.queue.families = cipher, families
    site.door.open("fingerprint", site.door.find("Alice"))
    for _ in families:
        message = await reader.of(PropertyReport)
        assert message.device_id == "front"
        assert [(one.code, one.value) for one in message.reports] == [
            ("unlock_fingerprint", 0)
        ]
        assert message.reports[0].time_ms == round(site.cloud.now * 1000)
    site.cloud.queue.online("front", online=False)
    for _ in families:
        assert not (await reader.of(ConnectionChange)).online
    await settled(site.cloud)
    await reader.silent()
    assert site.cloud.queue.delivered == site.cloud.queue.acknowledged
    assert not site.cloud.queue.unsubscribed


async def test_unreadable_messages(reader: Reader, site: Site) -> None:
    """Garbage is acknowledged, and later messages arrive."""
    site.cloud.queue.garbage()
    assert isinstance(await reader.next(), UnreadableMessage)
    site.cloud.queue.bare()
    site.cloud.queue.raw("{")
    assert isinstance(await reader.next(), UnreadableMessage)
    site.door.ring()
    await reader.of(PropertyReport)
    await settled(site.cloud)
    assert len(site.cloud.queue.acknowledged) == 3


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda queue: queue.cut(), id="cut"),
        pytest.param(lambda queue: queue.cut(in_frame=True), id="cut-in-frame"),
        pytest.param(lambda queue: queue.close(1001), id="closed"),
        pytest.param(lambda queue: setattr(queue, "pongs", False), id="no-pong"),
    ],
)
async def test_reconnect(
    reader: Reader, site: Site, end: Callable[[Any], None]
) -> None:
    """After any end of a connection, missed messages are delivered."""
    end(site.cloud.queue)
    lost = await reader.of(Disconnected)
    assert (lost.refusal, lost.retry_seconds) == (None, QUICK.shortest_pause)
    site.door.ring()
    site.cloud.queue.heal()
    await reader.of(Connected)
    await reader.of(PropertyReport)


class BrokenSocket(ClientWebSocketResponse):
    """A socket that receives one message and cannot send."""

    def __init__(self, received: WSMessage) -> None:
        """Initialize without a connection."""
        self._received = received

    @override
    async def receive(self, timeout: float | None = None) -> WSMessage:
        return self._received

    @override
    async def send_str(self, data: str, compress: int | None = None) -> None:
        raise ClientConnectionResetError

    @override
    async def close(self, *, code: int = 1000, message: bytes = b"") -> bool:
        return True


@pytest.mark.parametrize(
    ("received", "reason"),
    [
        (WSMessage(WSMsgType.TEXT, '{"messageId": "1"}', None), "ClientConnectionR"),
        (WSMessage(WSMsgType.ERROR, WebSocketError(1009, "large"), None), "WebSocketE"),
    ],
    ids=["send", "receive"],
)
async def test_broken_socket(
    session: ClientSession, make_stream: MakeStream, received: WSMessage, reason: str
) -> None:
    """An error of the socket ends the connection, with its class as the reason."""
    socket = BrokenSocket(received)
    with patch.object(session, "ws_connect", AsyncMock(return_value=socket)):
        async with reading(make_stream()) as reader:
            await reader.of(Connected)
            assert (await reader.of(Disconnected)).reason.startswith(reason)


async def test_backoff(reader: Reader, site: Site) -> None:
    """The pause doubles up to a limit, also where each connection is dropped at once."""
    site.cloud.queue.refuse(503, times=3)
    site.cloud.queue.cut()
    pauses = [(await reader.of(Disconnected)).retry_seconds for _ in range(4)]
    assert pauses == pytest.approx([0.02, 0.04, 0.08, 0.1])
    await reader.of(Connected)
    site.cloud.queue.cut()
    assert (await reader.of(Disconnected)).retry_seconds == 0.1
    await reader.of(Connected)
    assert await reader.silent(0.15) is True


@pytest.mark.parametrize(
    ("status", "refusal", "pauses"),
    [
        (401, Refusal.UNAUTHORIZED, (60, 120)),
        (403, Refusal.UNAUTHORIZED, (60, 120)),
        (404, Refusal.NOT_ENABLED, (60, 120)),
        (500, Refusal.NOT_ENABLED, (60, 120)),
        (400, Refusal.INVALID, (60, 120)),
        (429, None, (0.02, 0.04)),
        (503, None, (0.02, 0.04)),
        (200, None, (0.02, 0.04)),
    ],
)
async def test_refusals(
    make_stream: MakeStream,
    cloud: SimulatedCloud,
    status: int,
    refusal: Refusal | None,
    pauses: tuple[float, float],
) -> None:
    """A lasting refusal is retried seldom, and immediately on request."""
    cloud.queue.refuse(status, times=None)
    async with reading(make_stream()) as reader:
        for pause in pauses:
            refused = await reader.of(Disconnected)
            assert (refused.refusal, refused.retry_seconds) == (refusal, pause)
            reader.stream.retry()
        if refusal is not None:
            assert isinstance(await reader.next(), Disconnected)
            attempts = len(cloud.queue.handshakes)
            waiting = asyncio.ensure_future(reader.next())
            await asyncio.sleep(0.1)
            assert len(cloud.queue.handshakes) == attempts
            cloud.queue.heal()
            reader.stream.retry()
            assert isinstance(await waiting, Connected)
            return
        cloud.queue.heal()
        while not isinstance(await reader.next(), Connected):
            reader.stream.retry()


async def test_retry_while_connected(reader: Reader, cloud: SimulatedCloud) -> None:
    """Asking for a connection that exists does not shorten a later pause."""
    reader.stream.retry()
    cloud.queue.refuse(401, times=None)
    cloud.queue.cut()
    assert (await reader.of(Disconnected)).refusal is None


async def test_subscription_busy(
    session: ClientSession,
    make_stream: MakeStream,
    cloud: SimulatedCloud,
    door: Lock,
    endpoint: str,
) -> None:
    """If another type of consumer has the subscription, a reader gets no messages."""
    (url,) = push_urls(endpoint)
    path = (
        f"/ws/v2/consumer/persistent/{cloud.access_id}/out/event/{cloud.access_id}-sub"
    )
    credentials = {
        "username": cloud.access_id,
        "password": push_password(cloud.access_id, cloud.access_secret),
    }
    async with (
        session.ws_connect(
            f"{url}{path}?subscriptionType=Exclusive", headers=credentials
        ),
        reading(make_stream()) as reader,
    ):
        assert (await reader.of(Connected)).is_reader
        door.ring()
        await reader.of(PropertyReport)
    # The other consumer has disconnected, so this one is a consumer again.
    async with reading(make_stream()) as reader:
        assert not (await reader.of(Connected)).is_reader


async def test_subscription_and_reader_busy(
    make_stream: MakeStream, cloud: SimulatedCloud
) -> None:
    """A subscription that is taken, without readers, is tried again soon."""
    cloud.queue.refuse(409, times=2)
    async with reading(make_stream()) as reader:
        refused = await reader.of(Disconnected)
        assert refused.refusal is Refusal.BUSY
        assert refused.retry_seconds == QUICK.shortest_pause
        await reader.of(Connected)


async def test_candidates(
    make_stream: MakeStream, cloud: SimulatedCloud, endpoint: str
) -> None:
    """Each candidate is tried; the one that answers is named, and is first next time."""
    (url,) = push_urls(endpoint)
    other = SimulatedCloud(access_secret="another0secret0another0secret000")
    async with other.serve() as other_endpoint:
        urls = ("ws://127.0.0.1:1", *push_urls(other_endpoint), url)
        async with reading(make_stream(urls=urls)) as reader:
            assert (await reader.of(Connected)).url == url
            cloud.queue.cut()
            await reader.of(Disconnected)
            await reader.of(Connected)
        assert other.queue.handshakes == [401]
        # If one host does not know the project and another lacks the service,
        # the second names the reason.
        cloud.queue.environments = set()
        async with reading(make_stream(urls=urls[1:])) as reader:
            assert (await reader.of(Disconnected)).refusal is Refusal.NOT_ENABLED
        async with reading(make_stream(urls=urls[:2])) as reader:
            assert (await reader.of(Disconnected)).refusal is None


async def test_own_subscription(make_stream: MakeStream, site: Site) -> None:
    """A separate subscription gets every message as well."""
    site.cloud.queue.subscriptions = {"sub", "home"}
    async with (
        reading(make_stream()) as one,
        reading(make_stream(subscription="home")) as other,
    ):
        await one.of(Connected)
        await other.of(Connected)
        site.door.ring()
        await one.of(PropertyReport)
        await other.of(PropertyReport)


async def test_end(make_stream: MakeStream, cloud: SimulatedCloud) -> None:
    """Ending the stream closes the socket and leaves no task, wherever it is."""
    before = asyncio.all_tasks()
    async with reading(make_stream()) as reader:
        await reader.of(Connected)
        assert await reader.silent(0.05)  # cancelled while it receives
    async with reading(make_stream()) as reader:
        await reader.of(Connected)  # closed while an item is handled
    async with asyncio.timeout(2):
        while cloud.queue.sockets or asyncio.all_tasks() - before:
            await asyncio.sleep(0.01)
    assert not cloud.queue.unsubscribed


async def test_cancelled_at_connection_loss(
    make_stream: MakeStream, cloud: SimulatedCloud
) -> None:
    """A canceled stream stops, whatever it is doing."""
    connected = asyncio.Event()

    async def follow() -> None:
        async with aclosing(make_stream().items()) as items:
            async for _ in items:
                connected.set()

    for turns in range(20):
        connected.clear()
        task = asyncio.ensure_future(follow())
        await asyncio.wait_for(connected.wait(), 5)
        cloud.queue.cut()
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=1)
        assert task.cancelled()


async def test_many_messages(reader: Reader, cloud: SimulatedCloud, door: Lock) -> None:
    """Many messages are not lost, and do not block the event loop."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0)
            longest = max(longest, loop.time() - before)

    for _ in range(500):
        door.ring()
    ticking = asyncio.ensure_future(tick())
    for _ in range(500):
        await reader.of(PropertyReport)
    ticking.cancel()
    await settled(cloud)
    assert len(set(cloud.queue.acknowledged)) == 500
    assert longest < 0.25


def test_short_secret(session: ClientSession) -> None:
    """A secret that holds no key is refused before anything connects."""
    with pytest.raises(DecryptionError):
        MessageStream(session, urls=("ws://x",), access_id="id", access_secret="short")
