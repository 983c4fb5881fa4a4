"""Messages: how fast they are handled, and what a flood does to the event loop."""

import asyncio
from base64 import b64decode
from collections.abc import Iterable
from statistics import median
from typing import Any, Final, cast, override

from aiohttp import ClientWebSocketResponse, WSMessage, WSMsgType
import orjson

from custom_components.tuya_lock_users.api.encryption import MessageCipher
from custom_components.tuya_lock_users.api.reconnection import Timing
from custom_components.tuya_lock_users.api.stream import MessageStream
from custom_components.tuya_lock_users.const import EVENT_DOOR
from custom_components.tuya_lock_users.coordinator.push import Push
from homeassistant.core import Event, callback
from simulator import SimulatedCloud
from simulator.queue.broker import frame

from .house import Home, carrier, home, project, run
from .speed import quickest, stretches
from .table import Row, at_most

MESSAGES: Final = 2_000
ROUNDS: Final = 30
OPENINGS: Final = 100
FLOOD_SECONDS: Final = 60
FLOOD_PER_SECOND: Final = 1_000
BATCH: Final = 10
# So that the same finger comes again only after more than two seconds.
OPENING_EVERY: Final = 125


def rows() -> Iterable[Row]:
    """Return all rows."""
    yield run(handling())
    yield from run(one_opening())
    yield from run(flood())


# --- Handling without a socket -----------------------------------------------------


_CLOSED: Final = WSMessage(WSMsgType.CLOSED, None, None)


class _Replay(ClientWebSocketResponse):
    """A connection that delivers frames and then ends."""

    def __init__(self, frames: list[WSMessage]) -> None:
        """Deliver these; there is no connection to initialize."""
        self._frames = iter(frames)

    @property
    @override
    def close_code(self) -> int:
        return 1000

    @override
    async def receive(self, timeout: float | None = None) -> Any:
        """Return the next frame."""
        return next(self._frames, _CLOSED)

    @override
    async def send_str(self, data: str, compress: int | None = None) -> None:
        """Take an acknowledgement."""

    @override
    async def close(self, *, code: int = 1000, message: bytes = b"") -> bool:
        """End."""
        return True


class _ReplayedStream(MessageStream):
    """A stream over a replay."""

    frames: list[WSMessage]

    @override
    async def _open(self, url: Any) -> Any:
        return _Replay(self.frames)


async def handling() -> Row:
    """Compare handling messages with decrypting and parsing them."""
    cloud = project(1, 20)
    texts = frames_of(cloud)
    cipher = MessageCipher(cloud.access_secret)
    async with home(cloud, carrier(cloud)) as house:
        await house.settle()
        # They alternate, so that a slow moment of the machine affects both.
        rounds = [
            (
                quickest(lambda: [parsed(text, cipher) for text in texts], repeats=1),
                await handle(cloud, house, texts),
            )
            for _ in range(ROUNDS)
        ]
    alone, handled = (min(times) for times in zip(*rounds, strict=True))
    return at_most(
        f"{MESSAGES:,} messages of a lock from the socket to its coordinator: time, to"
        " decrypting and parsing them alone",
        3,
        handled / alone,
        " ×",
        plain=f"{MESSAGES / handled:,.0f} messages a second",
    )


def frames_of(cloud: SimulatedCloud) -> list[str]:
    """Return frames of reports that change nothing."""
    for number in range(MESSAGES):
        cloud.queue.report("lock1", {"residual_electricity": number % 100})
    waiting = cloud.queue.topics["event"].subscriptions["sub"].waiting
    return [
        orjson.dumps(frame(delivery, "2026-12-01T12:00:00.000+00:00")).decode()
        for delivery in waiting.values()
    ]


def parsed(text: str, cipher: MessageCipher) -> Any:
    """Return what a frame says, without any meaning."""
    outer = orjson.loads(text)
    envelope = orjson.loads(b64decode(outer["payload"]))
    return orjson.loads(cipher.decrypt(envelope["data"], outer["properties"]["em"]))


async def handle(cloud: SimulatedCloud, house: Home, texts: list[str]) -> float:
    """Return how long it takes to handle frames."""
    stream = _ReplayedStream(
        cast(Any, None),
        urls=("ws://127.0.0.1",),
        access_id=cloud.access_id,
        access_secret=cloud.access_secret,
        timing=Timing(),
    )
    stream.frames = [WSMessage(WSMsgType.TEXT, text, None) for text in texts]
    push = Push(house.project)
    attempts = 0

    def note() -> None:
        nonlocal attempts
        attempts += 1

    stop = house.project.runtime.push.async_on_attempt(note)
    with stretches() as times:
        task = asyncio.ensure_future(push._async_run(stream))  # noqa: SLF001
        while attempts < 2:  # connected, disconnected
            await asyncio.sleep(0)
    task.cancel()
    stop()
    return sum(times)


# --- Over a socket -----------------------------------------------------------------


async def until(condition: Any) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.001)


async def one_opening() -> list[Row]:
    """Measure the time from an opening to its event, and the calls it takes."""
    cloud = project(1, 20)
    happened: list[float] = []
    loop = asyncio.get_running_loop()

    @callback
    def note(_: Event[Any]) -> None:
        happened.append(loop.time())

    async with (
        cloud.serve() as endpoint,
        home(cloud, carrier(cloud), messages_from=endpoint) as house,
    ):
        await house.settle()
        await until(lambda: house.project.runtime.push.is_connected)
        house.hass.bus.async_listen(EVENT_DOOR, note)
        cloud.calls.clear()
        times = []
        for number in range(OPENINGS):
            started = loop.time()
            cloud.locks["lock1"].open(
                "fingerprint", number=1 + number % 20, time=cloud.now + number
            )
            await until(lambda seen=number: len(happened) > seen)
            times.append(happened[-1] - started)
    return [
        Row(
            what="an opening at the simulated lock to its event entity",
            must_be="stated",
            measured=f"{median(times) * 1000:.1f} ms",
            is_good=True,
        ),
        at_most("the same: calls", 0, len(cloud.calls)),
    ]


async def flood() -> list[Row]:
    """Send a thousand messages a second for a minute."""
    cloud = project(1, 20)
    happened = 0

    @callback
    def note(_: Event[Any]) -> None:
        nonlocal happened
        happened += 1

    total = FLOOD_SECONDS * FLOOD_PER_SECOND
    async with (
        cloud.serve() as endpoint,
        home(cloud, carrier(cloud), messages_from=endpoint) as house,
    ):
        await house.settle()
        await until(lambda: house.project.runtime.push.is_connected)
        house.hass.bus.async_listen(EVENT_DOOR, note)
        loop = asyncio.get_running_loop()
        started = loop.time()
        began = cloud.now
        with stretches() as times:
            for number in range(0, total, BATCH):
                due = started + number / FLOOD_PER_SECOND
                await asyncio.sleep(max(0, due - loop.time()))
                publish(cloud, number, began)
            await until(lambda: not cloud.queue.backlog())
        lost = total - len(set(cloud.queue.acknowledged))
        lost += total // OPENING_EVERY - happened
    return [
        at_most(
            f"{FLOOD_PER_SECOND:,} messages a second for a minute, an opening in each"
            f" {OPENING_EVERY}: messages and openings lost",
            0,
            lost,
        ),
        at_most(
            "the same: longest single stretch on the event loop",
            50,
            max(times) * 1000,
            " ms",
        ),
    ]


def publish(cloud: SimulatedCloud, first: int, began: float) -> None:
    """Publish a batch of messages."""
    for number in range(first, first + BATCH):
        if number % OPENING_EVERY:
            cloud.queue.report("lock1", {"residual_electricity": number % 100})
        else:
            cloud.locks["lock1"].open(
                "fingerprint",
                number=1 + number // OPENING_EVERY % 20,
                time=began + number / FLOOD_PER_SECOND,
                kept=False,
            )
