"""The message queue of the simulated cloud."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
import json
from typing import Any, Final

import aiohttp
import pytest

from simulator import Lock, SimulatedCloud
from simulator.plain import ManualClock
from simulator.queue import seal
from tests.common import load_fixture

SECRET: Final = "00112233445566778899aabbccddeeff"
CONSUMER: Final = "/ws/v2/consumer/persistent/simid0lock0test0abcd/out/event/"
SUBSCRIPTION: Final = "simid0lock0test0abcd-sub"
FAILOVER: Final = "?ackTimeoutMillis=1000&subscriptionType=Failover"

type Connect = Callable[..., Any]


@pytest.fixture
def cloud(clock: ManualClock) -> SimulatedCloud:
    return SimulatedCloud(
        clock=clock, access_id="simid0lock0test0abcd", access_secret=SECRET
    )


@pytest.fixture
def door(cloud: SimulatedCloud) -> Lock:
    door = cloud.add_lock("front", "Front door")
    door.add_method("fingerprint", door.add_user("Alice"), unlock_sn=3)
    return door


class Client:
    """A consumer that tests control."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Initialize the consumer."""
        self.socket = socket

    async def next(self, *, acknowledge: bool = True) -> dict[str, Any]:
        message: dict[str, Any] = await self.socket.receive_json(timeout=3)
        if acknowledge:
            await self.socket.send_json({"messageId": message["messageId"]})
        return message

    async def is_silent(self) -> bool:
        try:
            await self.socket.receive(timeout=0.1)
        except TimeoutError:
            return True
        return False

    async def closed(self) -> int | None:
        await self.socket.receive(timeout=3)
        return self.socket.close_code


@pytest.fixture
async def connect(
    cloud: SimulatedCloud, socket_enabled: None
) -> AsyncGenerator[Connect]:
    async with cloud.serve() as endpoint, aiohttp.ClientSession() as session:

        @asynccontextmanager
        async def connect(
            path: str = CONSUMER + SUBSCRIPTION, query: str = FAILOVER, **headers: str
        ) -> AsyncGenerator[Client]:
            credentials = {
                "username": "simid0lock0test0abcd",
                "password": "e881a00c4d1a7c93",
                **headers,
            }
            async with session.ws_connect(
                endpoint + path + query, headers=credentials, timeout=ABRUPT
            ) as socket:
                yield Client(socket)

        yield connect


ABRUPT: Final = aiohttp.ClientWSTimeout(ws_close=0.5)


def opened(frame: dict[str, Any]) -> dict[str, Any]:
    envelope: dict[str, Any] = json.loads(b64decode(frame["payload"]))
    return envelope


def test_known_answers() -> None:
    """Ciphers, signature and payload equal the documented ones."""
    assert seal.password("simid0lock0test0abcd", SECRET) == "e881a00c4d1a7c93"
    bodies = load_fixture("simulator/messages")
    data = seal.seal(seal.compact(bodies["older"]), SECRET, "aes_ecb", b"")
    text = seal.payload(4, 1700000000100, data, SECRET)
    assert len(text) == 384
    assert sha256(text.encode()).hexdigest().startswith("25d6800218e89c11")
    data = seal.seal(seal.compact(bodies["newer"]), SECRET, "aes_gcm", bytes(range(12)))
    text = seal.payload(1000, 1700000001100, data, SECRET)
    assert len(text) == 548
    assert sha256(text.encode()).hexdigest().startswith("4f7812715cd0a439")


@pytest.mark.parametrize(
    ("changes", "broken", "status"),
    [
        pytest.param({"password": "wrong"}, {}, 401, id="password"),
        pytest.param({}, {"enabled": False}, 401, id="service-off"),
        pytest.param({"path": CONSUMER}, {}, 403, id="no-subscription"),
        pytest.param({"path": CONSUMER[:-1]}, {}, 400, id="short-path"),
        pytest.param(
            {"path": CONSUMER.replace("simid0", "other0") + SUBSCRIPTION},
            {},
            403,
            id="tenant",
        ),
        pytest.param({}, {"environments": {"event-test"}}, 500, id="environment"),
        pytest.param({"query": "?subscriptionType=Sole"}, {}, 400, id="type"),
        pytest.param({"query": "?ackTimeoutMillis=soon"}, {}, 400, id="query"),
        pytest.param({}, {"subscriptions": {"home"}}, 404, id="subscription"),
    ],
)
async def test_refused_handshakes(
    connect: Connect,
    cloud: SimulatedCloud,
    changes: dict[str, str],
    broken: dict[str, Any],
    status: int,
) -> None:
    for name, value in broken.items():
        setattr(cloud.queue, name, value)
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with connect(**changes):
            pass
    assert caught.value.status == status
    assert cloud.queue.handshakes == [status]


async def test_subscription_types(connect: Connect) -> None:
    """One subscription takes one type of consumer at a time."""
    async with connect(), connect():
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            async with connect(query="?subscriptionType=Shared"):
                pass
    assert caught.value.status == 409


async def test_both_families(
    connect: Connect, cloud: SimulatedCloud, door: Lock
) -> None:
    """A rule with both families sends each report twice; only GCM names its cipher."""
    cloud.queue.families = ("core", "legacy")
    async with connect() as client:
        door.open("fingerprint", door.find("Alice"))
        frames = [await client.next(), await client.next()]
    assert [opened(frame)["protocol"] for frame in frames] == [1000, 4]
    assert [frame["properties"] for frame in frames] == [{"em": "aes_gcm"}] * 2
    assert frames[0]["key"] == "front"
    cloud.queue.cipher = "aes_ecb"
    cloud.queue.online("front")
    async with connect() as client:
        assert (await client.next())["properties"] == {}


async def test_redelivery(connect: Connect, door: Lock, cloud: SimulatedCloud) -> None:
    """An unacknowledged message is sent again, to any consumer."""
    async with connect() as client:
        door.ring()
        first = await client.next(acknowledge=False)
        again = await client.next(acknowledge=False)
        assert (first["redeliveryCount"], again["redeliveryCount"]) == (0, 1)
        assert first["messageId"] == again["messageId"]
    async with connect() as client:
        assert (await client.next())["messageId"] == first["messageId"]
    assert cloud.queue.backlog() == 0


async def test_full_consumer_queue(connect: Connect, door: Lock) -> None:
    """A consumer that acknowledges nothing gets no more messages."""
    async with connect(query=FAILOVER + "&receiverQueueSize=2") as client:
        for _ in range(3):
            door.ring()
        for _ in range(2):
            await client.next(acknowledge=False)
        await asyncio.sleep(1.1)
        assert await client.is_silent()


async def test_backlog(
    connect: Connect, door: Lock, cloud: SimulatedCloud, clock: ManualClock
) -> None:
    """Messages wait two hours for a consumer; a rule that is off sends none."""
    door.ring()
    clock.tick(3600)
    door.open("card", number=9)
    cloud.queue.rule_on = False
    door.ring()
    clock.tick(3601)
    async with connect() as client:
        await client.next()
        assert await client.is_silent()
    assert len(cloud.queue.delivered) == 1


async def test_two_consumers(connect: Connect, cloud: SimulatedCloud) -> None:
    """Devices are divided between two consumers; one consumer gets all."""
    devices = [f"lock{number}" for number in range(20)]

    async def keys(client: Client) -> set[str]:
        found = set()
        while True:
            try:
                async with asyncio.timeout(0.2):
                    found.add((await client.next())["key"])
            except TimeoutError:
                return found

    async with connect() as one:
        async with connect() as other:
            for device in devices:
                cloud.queue.report(device, {"doorbell": True})
            first, second = await keys(one), await keys(other)
        assert first
        assert second
        assert first.isdisjoint(second)
        assert first | second == set(devices)
    async with connect() as one:
        for device in devices:
            cloud.queue.report(device, {"doorbell": True})
        assert await keys(one) == set(devices)


async def test_reader(connect: Connect, door: Lock, cloud: SimulatedCloud) -> None:
    """A reader gets later messages, and takes none from the subscription."""
    door.ring()
    path = "/ws/v2/reader/persistent/simid0lock0test0abcd/out/event"
    async with connect(path, "?messageId=latest") as client:
        door.ring()
        await client.next()
        assert await client.is_silent()
    assert cloud.queue.backlog() == 2


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda socket: socket.send_str("{"), 1006),
        (lambda socket: socket.send_str('{"type": "unsubscribe"}'), 1000),
        (lambda socket: asyncio.sleep(0), 1001),
    ],
    ids=["not-json", "unsubscribe", "idle"],
)
async def test_server_closes(
    connect: Connect,
    cloud: SimulatedCloud,
    act: Callable[[aiohttp.ClientWebSocketResponse], Awaitable[None]],
    code: int,
) -> None:
    """The server closes on what it cannot read, on unsubscribing, and without pings."""
    cloud.queue.idle_seconds = 0.3
    async with connect() as client:
        await act(client.socket)
        await client.closed()
        assert client.socket.closed
        if code != 1006:  # not a code of the standard
            assert client.socket.close_code == code
    assert ("sub" in cloud.queue.subscriptions) is (code != 1000)


async def test_pings(connect: Connect, cloud: SimulatedCloud) -> None:
    cloud.queue.idle_seconds = 0.3
    async with connect() as client:
        for _ in range(4):
            await client.socket.ping()
            assert await client.is_silent()
        assert not client.socket.closed


async def test_quota(connect: Connect, door: Lock, cloud: SimulatedCloud) -> None:
    """After the quota is used up, no more messages are sent."""
    cloud.queue.quota = 1
    async with connect() as client:
        door.ring()
        door.ring()
        await client.next()
        assert await client.is_silent()
