"""The WebSocket side of the queue: handshakes and connections."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
import itertools
import json
from typing import TYPE_CHECKING, Any, get_args

from aiohttp import WSMsgType, web

from . import seal
from .broker import NEVER, Consumer, Subscription, SubscriptionType, Topic, frame

if TYPE_CHECKING:
    from .service import MessageQueue

UNAUTHORIZED = (
    "<html><head><title>Error 401 Authentication required</title></head>"
    "<body><h2>HTTP ERROR 401 Authentication required</h2></body></html>"
)
LARGEST_QUEUE = 1000
SHORTEST_ACK_TIMEOUT = 1000
NACK_SECONDS = 60.0
ENDS = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)
CANNOT_PARSE = 3
"""The close code of the proxy for a frame that is not JSON."""


@dataclass(slots=True)
class Handshake:
    """The parameters of an accepted handshake."""

    topic: Topic
    subscription: Subscription | None
    kind: SubscriptionType
    consumer: Consumer


@dataclass(slots=True, eq=False)
class Socket:
    """One open connection."""

    websocket: web.WebSocketResponse
    request: web.Request
    handshake: Handshake
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    heard: float = 0.0

    @property
    def is_reader(self) -> bool:
        """Whether it reads without a subscription."""
        return self.handshake.subscription is None

    @property
    def transport(self) -> asyncio.Transport | None:
        """The transport of the connection."""
        transport = self.request.transport
        return transport if isinstance(transport, asyncio.Transport) else None


class _RefusedError(Exception):
    """A handshake is refused."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(text)
        self.status, self.text = status, text


class Sockets:
    """All connections to one queue."""

    def __init__(self, queue: MessageQueue) -> None:
        """Serve this queue."""
        self._queue = queue
        self._names = itertools.count(1)
        self.open: list[Socket] = []
        self.handshakes: list[int] = []

    @property
    def now(self) -> float:
        """The time of the event loop."""
        return asyncio.get_running_loop().time()

    def mount(self, app: web.Application) -> None:
        """Handle all paths below ``/ws``."""
        app.router.add_get("/ws/{anything:.*}", self._handle)
        app.on_shutdown.append(self._close)

    async def _close(self, _: web.Application) -> None:
        for socket in list(self.open):
            await socket.websocket.close(code=1001)

    # --- faults ---

    def send(self, text: str) -> None:
        """Send a text to all connections."""
        for socket in self.open:
            self._write(socket, text.encode())

    def cut(self, *, in_frame: bool) -> None:
        """Cut all connections."""
        for socket in list(self.open):
            if (transport := socket.transport) is None:
                continue
            if in_frame:  # a text frame of 120 bytes, most of which are missing
                transport.write(b'\x81\x78{"messageId":"CL')
                transport.close()
            else:
                transport.abort()

    def close(self, code: int) -> None:
        """Close all connections with a code."""
        for socket in list(self.open):
            self._write(socket, code.to_bytes(2), opcode=0x88)

    def _write(self, socket: Socket, text: bytes, opcode: int = 0x81) -> None:
        """Write the unmasked start of a frame."""
        size = len(text)
        head = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2)
        if (transport := socket.transport) is not None:
            transport.write(bytes([opcode]) + head + text)

    # --- the handshake ---

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        """Accept a client, or refuse it with a status."""
        try:
            handshake = self._enter(request)
        except _RefusedError as refused:
            self.handshakes.append(refused.status)
            headers = {"x-protected-by": "Tuya-Sec"} if refused.status == 401 else {}
            return web.Response(
                status=refused.status,
                text=refused.text,
                content_type="text/html",
                headers=headers,
            )
        websocket = web.WebSocketResponse(autoping=False, heartbeat=None, timeout=1)
        await websocket.prepare(request)
        self.handshakes.append(101)
        socket = Socket(websocket, request, handshake, heard=self.now)
        handshake.consumer.wake = socket.wake.set
        self.open.append(socket)
        try:
            await self._serve(socket)
        finally:
            self.open.remove(socket)
            self._leave(handshake)
        return websocket

    def _enter(self, request: web.Request) -> Handshake:
        """Check a handshake, in the order of the proxy."""
        queue = self._queue
        for refused in queue.refusals:
            if refused.left != 0:
                refused.left = None if refused.left is None else refused.left - 1
                raise _RefusedError(refused.status)
        access_id, secret = queue.account.access_id, queue.account.secret
        is_known = request.headers.get("username") == access_id and request.headers.get(
            "password"
        ) == seal.password(access_id, secret)
        if not is_known or not queue.enabled:
            raise _RefusedError(401, UNAUTHORIZED)
        parts = request.path.split("/")
        is_reader = parts[3:4] == ["reader"]
        if len(parts) != (8 if is_reader else 9) or parts[2] != "v2":
            raise _RefusedError(400, "Invalid path")
        if not is_reader and parts[3] != "consumer":
            raise _RefusedError(400, "Invalid path")
        if parts[5] != access_id or parts[6] != "out":
            raise _RefusedError(403, "Don't have permission")
        if parts[7] not in queue.environments:
            raise _RefusedError(500, "Topic not found")
        topic = queue.topics[parts[7]]
        consumer = self._consumer(request.query)
        if is_reader:
            if not queue.takes_readers:
                raise _RefusedError(500, "Cannot create reader on partitioned topic")
            topic.readers.append(consumer)
            return Handshake(topic, None, "Exclusive", consumer)
        return self._subscribe(request, topic, parts[8], consumer)

    def _consumer(self, query: Any) -> Consumer:
        """Read the query; the name of the consumer is ignored."""
        try:
            size = int(query.get("receiverQueueSize", LARGEST_QUEUE))
            timeout = int(query.get("ackTimeoutMillis", 0))
        except ValueError:
            raise _RefusedError(400, "Invalid query params") from None
        if size < 0 or 0 < timeout < SHORTEST_ACK_TIMEOUT:
            raise _RefusedError(400, "Invalid query params")
        return Consumer(
            name=f"consumer-{next(self._names):06}",
            queue_size=min(size, LARGEST_QUEUE),
            ack_timeout=timeout / 1000 or None,
        )

    def _subscribe(
        self, request: web.Request, topic: Topic, full_name: str, consumer: Consumer
    ) -> Handshake:
        """Join the subscription of a path."""
        prefix = f"{self._queue.account.access_id}-"
        if not full_name.startswith(prefix):
            raise _RefusedError(403, "Don't have permission")
        kind = _subscription_type(request.query.get("subscriptionType", "Exclusive"))
        subscription = topic.subscriptions.get(full_name.removeprefix(prefix))
        if subscription is None:
            raise _RefusedError(404, "Subscription not found")
        if not subscription.accepts(kind):
            raise _RefusedError(409, "Consumer is busy")
        subscription.join(consumer, kind)
        return Handshake(topic, subscription, kind, consumer)

    def _leave(self, handshake: Handshake) -> None:
        """Remove the consumer; its open deliveries wait for another one."""
        if handshake.subscription is None:
            handshake.topic.readers.remove(handshake.consumer)
            return
        handshake.subscription.leave(handshake.consumer)
        if handshake.subscription.consumers:
            handshake.topic.dispatch(handshake.subscription, self.now)

    # --- a connection ---

    async def _serve(self, socket: Socket) -> None:
        """Receive and send concurrently until one of them ends."""
        tasks = [
            asyncio.ensure_future(work(socket))
            for work in (self._receive, self._send, self._watch)
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError, ConnectionError):
                    await task

    async def _receive(self, socket: Socket) -> None:
        """Handle the frames of the client."""
        while True:
            received = await socket.websocket.receive()
            if received.type in ENDS:
                return
            if received.type == WSMsgType.PING:
                socket.heard = self.now
                if self._queue.pongs:
                    await socket.websocket.pong(received.data)
            elif received.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                if not await self._handle_frame(socket, received.data):
                    return

    async def _handle_frame(self, socket: Socket, text: str | bytes) -> bool:
        """Handle one frame; return whether the connection stays open."""
        topic, subscription = socket.handshake.topic, socket.handshake.subscription
        try:
            message = json.loads(text)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            reason = b"Failed to de-serialize from JSON"
            await socket.websocket.close(code=CANNOT_PARSE, message=reason)
            return False
        kind, message_id = message.get("type"), message.get("messageId")
        if kind == "unsubscribe" and subscription is not None:
            self._queue.unsubscribed.append(subscription.name)
            topic.subscriptions.pop(subscription.name, None)
            await socket.websocket.close(code=1000)
            return False
        if kind == "negativeAcknowledge" and subscription is not None:
            topic.postpone(subscription, str(message_id), self.now + NACK_SECONDS)
            socket.wake.set()
        elif kind is None and isinstance(message_id, str):
            topic.acknowledge(subscription, socket.handshake.consumer, message_id)
        return True

    async def _send(self, socket: Socket) -> None:
        """Send waiting deliveries, and those that were not acknowledged in time."""
        topic, subscription = socket.handshake.topic, socket.handshake.subscription
        outbox = socket.handshake.consumer.outbox
        while True:
            if subscription is not None:
                topic.dispatch(subscription, self.now)
            socket.wake.clear()
            while outbox:
                delivery = outbox.popleft()
                stamp = datetime.fromtimestamp(delivery.message.published, UTC)
                text = frame(delivery, stamp.isoformat(timespec="milliseconds"))
                topic.delivered.append(delivery.message.message_id)
                await socket.websocket.send_str(json.dumps(text))
            due = NEVER if subscription is None else topic.next_due(subscription)
            pause = None if due == NEVER else max(due - self.now, 0.01)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await socket.wake.wait()

    async def _watch(self, socket: Socket) -> None:
        """Ping the client regularly, and disconnect a silent one."""
        ping_at = self.now + self._queue.ping_seconds
        while True:
            idle_at = socket.heard + self._queue.idle_seconds
            await asyncio.sleep(max(min(ping_at, idle_at) - self.now, 0.01))
            if self.now >= socket.heard + self._queue.idle_seconds:
                await socket.websocket.close(code=1001, message=b"Idle Timeout")
                return
            if self.now >= ping_at:
                await socket.websocket.ping(b"proxy")
                ping_at = self.now + self._queue.ping_seconds


def _subscription_type(word: str) -> SubscriptionType:
    """Return the type of subscription in a query."""
    types: tuple[SubscriptionType, ...] = get_args(SubscriptionType.__value__)
    for known in types:
        if word == known:
            return known
    raise _RefusedError(400, "Invalid query params: subscriptionType")
