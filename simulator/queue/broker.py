"""Topics, subscriptions, and consumers, by the rules of Pulsar.

Nothing is sent here: a consumer has an outbox, which its connection empties. There are two
clocks: the cloud's for the age of messages, and the event loop's for overdue
acknowledgements.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
import random
from typing import Any, Literal
import zlib

type SubscriptionType = Literal["Exclusive", "Failover", "Shared", "Key_Shared"]

KEPT_SECONDS = 2 * 3600.0
"""How long messages are kept for a consumer."""
NEVER = float("inf")


@dataclass(slots=True)
class Message:
    """One message of the topic."""

    message_id: str
    partition: int
    published: float
    payload: str | None
    properties: dict[str, str]
    key: str


@dataclass(slots=True, eq=False)
class Delivery:
    """A message on its way to the consumers of one subscription."""

    message: Message
    consumer: Consumer | None = None
    """The consumer that received it and has not acknowledged it yet."""
    due: float = 0.0
    """The time of its redelivery, by the event loop."""
    redeliveries: int = 0


@dataclass(slots=True, eq=False)
class Consumer:
    """One connection that receives messages."""

    name: str
    queue_size: int
    ack_timeout: float | None
    wake: Callable[[], None] = lambda: None
    outbox: deque[Delivery] = field(default_factory=deque)
    permits: int = 0

    def __post_init__(self) -> None:
        """Allow as many open deliveries as the queue of the consumer holds."""
        self.permits = self.queue_size


class Subscription:
    """The deliveries and consumers of one subscription."""

    def __init__(self, name: str) -> None:
        """Initialize without consumers; messages wait for one from now on."""
        self.name = name
        self.type: SubscriptionType | None = None
        self.consumers: list[Consumer] = []
        self.waiting: dict[str, Delivery] = {}
        """Not sent, oldest first."""
        self.flying: dict[str, Delivery] = {}
        """Sent but not acknowledged, ordered by redelivery."""
        self.postponed: dict[str, Delivery] = {}
        """Rejected by a consumer, to be redelivered later."""

    @property
    def backlog(self) -> int:
        """The number of messages that are not acknowledged."""
        return len(self.waiting) + len(self.flying) + len(self.postponed)

    def accepts(self, kind: SubscriptionType) -> bool:
        """Whether a consumer of this type can join the present ones."""
        if not self.consumers:
            return True
        return kind == self.type and kind != "Exclusive"

    def join(self, consumer: Consumer, kind: SubscriptionType) -> None:
        """Add a consumer."""
        self.type = kind
        self.consumers = sorted([*self.consumers, consumer], key=lambda one: one.name)

    def leave(self, consumer: Consumer) -> None:
        """Remove a consumer; its deliveries wait for another one."""
        self.consumers.remove(consumer)
        for held in (self.flying, self.postponed):
            for message_id, delivery in list(held.items()):
                if delivery.consumer is consumer:
                    del held[message_id]
                    self.wait(delivery)

    def wait(self, delivery: Delivery) -> None:
        """Queue a delivery again."""
        delivery.redeliveries += 1
        self.waiting[delivery.message.message_id] = delivery

    def forget(self, message_id: str) -> None:
        """Remove a message."""
        for held in (self.waiting, self.flying, self.postponed):
            held.pop(message_id, None)

    def consumer_for(self, message: Message) -> Consumer | None:
        """Return the consumer of a message.

        Failover divides the partitions among the consumers, in the order of their
        names: a second consumer takes over some devices, the others stay.
        """
        if not self.consumers:
            return None
        number = len(self.consumers)
        if self.type in ("Failover", "Exclusive"):
            return self.consumers[message.partition % number]
        if self.type == "Key_Shared":
            return self.consumers[zlib.crc32(message.key.encode()) % number]
        return self.consumers[zlib.crc32(message.message_id.encode()) % number]


class Topic:
    """The messages of one environment."""

    def __init__(
        self, clock: Callable[[], float], generator: random.Random, partitions: int
    ) -> None:
        """Initialize without messages."""
        self.clock = clock
        self.partitions = partitions
        self.subscriptions: dict[str, Subscription] = {}
        self.readers: list[Consumer] = []
        self.delivered: list[str] = []
        self.acknowledged: list[str] = []
        self._random = generator
        self._numbers = count(1)

    def subscribe(self, name: str) -> Subscription:
        """Return a subscription; create it if necessary."""
        if name not in self.subscriptions:
            self.subscriptions[name] = Subscription(name)
        return self.subscriptions[name]

    def publish(
        self, payload: str | None, *, key: str, properties: dict[str, str]
    ) -> Message:
        """Add a message to all subscriptions, and send it to all readers."""
        partition = zlib.crc32(key.encode()) % self.partitions
        number = next(self._numbers)
        noise = self._random.getrandbits(24)
        message = Message(
            message_id=f"CL{noise:06x}{number}Q{partition}/AA==",
            partition=partition,
            published=self.clock(),
            payload=payload,
            properties=properties,
            key=key,
        )
        for subscription in self.subscriptions.values():
            subscription.waiting[message.message_id] = Delivery(message)
        for reader in self.readers:
            if reader.permits:
                reader.permits -= 1
                reader.outbox.append(Delivery(message, reader, NEVER))
                reader.wake()
        return message

    def dispatch(self, subscription: Subscription, now: float) -> None:
        """Send waiting and overdue messages.

        A consumer whose queue is full of open deliveries receives no more, redeliveries
        included, until it acknowledges some.
        """
        for message_id, delivery in list(subscription.postponed.items()):
            if delivery.due <= now:
                del subscription.postponed[message_id]
                subscription.wait(delivery)
        for message_id, delivery in list(subscription.flying.items()):
            if delivery.due > now:
                break
            del subscription.flying[message_id]
            subscription.wait(delivery)
        oldest = self.clock() - KEPT_SECONDS
        for message_id, delivery in list(subscription.waiting.items()):
            if delivery.message.published < oldest:
                del subscription.waiting[message_id]
                continue
            consumer = subscription.consumer_for(delivery.message)
            if consumer is None:
                return
            if consumer.permits:
                del subscription.waiting[message_id]
                self._deliver(subscription, delivery, consumer, now)
            elif len(subscription.consumers) == 1:
                return

    def _deliver(
        self, subscription: Subscription, delivery: Delivery, to: Consumer, now: float
    ) -> None:
        """Add a delivery to the outbox of a consumer."""
        to.permits -= 1
        delivery.consumer = to
        delivery.due = NEVER if to.ack_timeout is None else now + to.ack_timeout
        subscription.flying[delivery.message.message_id] = delivery
        to.outbox.append(delivery)
        to.wake()

    def acknowledge(
        self, subscription: Subscription | None, consumer: Consumer, message_id: str
    ) -> None:
        """Remove an acknowledged message; an unknown ID only adds a permit."""
        self.acknowledged.append(message_id)
        consumer.permits = min(consumer.permits + 1, consumer.queue_size)
        if subscription is not None:
            subscription.forget(message_id)
            if subscription.waiting:
                consumer.wake()

    def postpone(self, subscription: Subscription, message_id: str, due: float) -> None:
        """Redeliver a rejected message at a later time."""
        if (delivery := subscription.flying.pop(message_id, None)) is not None:
            delivery.due = due
            subscription.postponed[message_id] = delivery

    def next_due(self, subscription: Subscription) -> float:
        """Return the time of the next redelivery."""
        flying = next(iter(subscription.flying.values()), None)
        due = [delivery.due for delivery in subscription.postponed.values()]
        return min([*due, NEVER if flying is None else flying.due])


def frame(delivery: Delivery, stamp: str) -> dict[str, Any]:
    """Return the frame of a delivery."""
    message = delivery.message
    body: dict[str, Any] = {"messageId": message.message_id}
    if message.payload is not None:
        body["payload"] = message.payload
    return body | {
        "properties": message.properties,
        "publishTime": stamp,
        "redeliveryCount": delivery.redeliveries,
        "key": message.key,
    }
