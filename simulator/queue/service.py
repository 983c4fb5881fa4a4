"""The message service of a project: its settings, messages, and faults."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
import random
from typing import Any

from aiohttp import web

from . import bodies, seal
from .broker import Message, Topic
from .sockets import Socket, Sockets

PARTITIONS = {"event": 11, "event-test": 1}


@dataclass(slots=True)
class Refused:
    """A refusal of the next handshakes."""

    status: int
    left: int | None = 1


@dataclass(slots=True)
class Account:
    """The credentials and the clock of the cloud."""

    access_id: str
    secret: str
    clock: Callable[[], float]
    product_of: Callable[[str], str] = field(default=lambda _: "")


class MessageQueue:
    """Tuya's message service for one project."""

    def __init__(self, account: Account, generator: random.Random) -> None:
        """Initialize an enabled service with an active rule."""
        self.account = account
        self.enabled = True
        self.environments = {"event"}
        self.rule_on = True
        self.families: Sequence[bodies.Family] = ("core",)
        self.cipher: seal.CipherName = "aes_gcm"
        self.takes_readers = True
        self.pongs = True
        self.idle_seconds = 60.0
        self.ping_seconds = 45.0
        self.quota: int | None = None
        self.unsubscribed: list[str] = []
        self.refusals: list[Refused] = []
        self._random = generator
        self._sockets = Sockets(self)
        self.topics = {
            name: Topic(account.clock, generator, number)
            for name, number in PARTITIONS.items()
        }
        self.subscriptions = {"sub"}

    # --- settings ---

    @property
    def subscriptions(self) -> set[str]:
        """The names of subscriptions, without the access ID."""
        return set(self.topics["event"].subscriptions)

    @subscriptions.setter
    def subscriptions(self, names: set[str]) -> None:
        for topic in self.topics.values():
            for name in set(topic.subscriptions) - names:
                del topic.subscriptions[name]
            for name in names:
                topic.subscribe(name)

    def refuse(self, status: int, *, times: int | None = 1) -> None:
        """Refuse handshakes with a status; ``times=None`` until `heal`."""
        self.refusals.append(Refused(status, times))

    def heal(self) -> None:
        """Remove all refusals, and answer pings again."""
        self.refusals.clear()
        self.enabled = self.rule_on = self.pongs = self.takes_readers = True

    def mount(self, app: web.Application) -> None:
        """Add the paths of the queue."""
        self._sockets.mount(app)

    # --- for assertions ---

    @property
    def sockets(self) -> list[Socket]:
        """The open connections."""
        return self._sockets.open

    @property
    def handshakes(self) -> list[int]:
        """The status of each handshake."""
        return self._sockets.handshakes

    @property
    def delivered(self) -> list[str]:
        """The IDs of deliveries, redeliveries included."""
        return [one for topic in self.topics.values() for one in topic.delivered]

    @property
    def acknowledged(self) -> list[str]:
        """The acknowledged IDs."""
        return [one for topic in self.topics.values() for one in topic.acknowledged]

    def backlog(self, subscription: str = "sub") -> int:
        """Return the number of unacknowledged messages of a subscription."""
        return self.topics["event"].subscriptions[subscription].backlog

    # --- publishing ---

    def report(
        self,
        device_id: str,
        values: Mapping[str, Any],
        *,
        time: float | None = None,
        sent: float | None = None,
    ) -> list[Message]:
        """Publish a report of a device; ``time`` is by the clock of the device."""
        now = self.account.clock()
        stamp = round((now if time is None else time) * 1000)
        sent_ms = round((now if sent is None else sent) * 1000)
        rows = [(code, value, stamp) for code, value in values.items()]
        data_id = f"{self._random.getrandbits(48):012X}"
        product = self.account.product_of(device_id)
        return [
            self.put(device_id, body, protocol=protocol, sent=sent)
            for family in self.families
            for protocol, body in [
                bodies.report(
                    family, device_id, product, rows, data_id=data_id, sent=sent_ms
                )
            ]
        ]

    def online(self, device_id: str, *, online: bool = True) -> None:
        """Publish that a device is online or offline."""
        for family in self.families:
            protocol, body = bodies.online(
                family, device_id, online=online, sent=self._now_ms
            )
            self.put(device_id, body, protocol=protocol)

    def device(self, device_id: str, kind: str, **details: Any) -> None:
        """Publish that a device was renamed, bound, deleted …, by its newer name."""
        for family in self.families:
            protocol, body = bodies.device(
                family, device_id, kind, details, sent=self._now_ms
            )
            self.put(device_id, body, protocol=protocol)

    def progress(self, device_id: str, **details: Any) -> None:
        """Publish the progress of an enrollment."""
        protocol, body = bodies.progress(device_id, details, sent=self._now_ms)
        self.put(device_id, body, protocol=protocol)

    def put(
        self,
        device_id: str,
        body: Any,
        *,
        protocol: int = 1000,
        sent: float | None = None,
    ) -> Message:
        """Encrypt a body and publish it."""
        return self._publish(device_id, seal.compact(body), protocol, sent)

    def garbage(self, device_id: str = "nobody") -> Message:
        """Publish a message that cannot be decrypted."""
        text = seal.payload(4, self._now_ms, "bm8ga2V5", self.account.secret)
        return self._into_topic(text, device_id)

    def bare(self) -> Message:
        """Publish a frame without a payload."""
        return self._into_topic(None, "")

    # --- faults ---

    def raw(self, text: str) -> None:
        """Send a text to all connections, without the queue."""
        self._sockets.send(text)

    def cut(self, *, in_frame: bool = False) -> None:
        """Cut all connections, optionally within a frame."""
        self._sockets.cut(in_frame=in_frame)

    def close(self, code: int = 1001) -> None:
        """Close all connections."""
        self._sockets.close(code)

    # --- internals ---

    @property
    def _now_ms(self) -> int:
        return round(self.account.clock() * 1000)

    def _publish(
        self, device_id: str, body: bytes, protocol: int, sent: float | None
    ) -> Message:
        nonce = self._random.randbytes(12)
        data = seal.seal(body, self.account.secret, self.cipher, nonce)
        sent_ms = self._now_ms if sent is None else round(sent * 1000)
        text = seal.payload(protocol, sent_ms, data, self.account.secret)
        return self._into_topic(text, device_id)

    def _into_topic(self, payload: str | None, device_id: str) -> Message:
        """Publish if a rule is active and the quota suffices."""
        topic = self.topics["event"]
        properties: dict[str, str] = (
            {"em": self.cipher} if self.cipher == "aes_gcm" else {}
        )
        if not self.rule_on or self.quota == 0:
            silent = Topic(self.account.clock, self._random, 1)
            return silent.publish(payload, key=device_id, properties=properties)
        if self.quota is not None:
            self.quota -= 1
        message = topic.publish(payload, key=device_id, properties=properties)
        for subscription in topic.subscriptions.values():
            if subscription.consumers:
                topic.dispatch(subscription, self._sockets.now)
        return message


__all__ = ["Account", "MessageQueue", "Refused"]
