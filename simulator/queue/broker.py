"""Topics, subscriptions and consumers, by the rules of Pulsar.

Nothing is sent here: a consumer has an outbox, and whoever serves it empties that.
Two clocks are at work. The cloud's says when a message was published and when it is too
old to be kept; the event loop's says when a delivery has waited too long for its
acknowledgement.
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
"""How long a message waits for a consumer."""
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
    """Who has it, and has not acknowledged it yet."""
    due: float = 0.0
    """When it is delivered again, by the time of the event loop."""
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
        """Allow as many open deliveries as the consumer's queue has places."""
        self.permits = self.queue_size


class Subscription:
    """The deliveries of one subscription, and who takes part in it."""

    def __init__(self, name: str) -> None:
        """Start with nobody; what is published from now on waits."""
        self.name = name
        self.type: SubscriptionType | None = None
        self.consumers: list[Consumer] = []
        self.waiting: dict[str, Delivery] = {}
        """What nobody has, oldest first."""
        self.flying: dict[str, Delivery] = {}
        """What somebody has and has not acknowledged, the next to come again first."""
        self.postponed: dict[str, Delivery] = {}
        """What somebody could not handle, and gets again later."""

    @property
    def backlog(self) -> int:
        """How many messages are not acknowledged."""
        return len(self.waiting) + len(self.flying) + len(self.postponed)

    def accepts(self, kind: SubscriptionType) -> bool:
        """Whether a consumer of this type may join those who are there."""
        if not self.consumers:
            return True
        return kind == self.type and kind != "Exclusive"

    def join(self, consumer: Consumer, kind: SubscriptionType) -> None:
        """Let a consumer take part."""
        self.type = kind
        self.consumers = sorted([*self.consumers, consumer], key=lambda one: one.name)

    def leave(self, consumer: Consumer) -> None:
        """Give back what a consumer had; others get it, or it waits."""
        self.consumers.remove(consumer)
        for held in (self.flying, self.postponed):
            for message_id, delivery in list(held.items()):
                if delivery.consumer is consumer:
                    del held[message_id]
                    self.wait(delivery)

    def wait(self, delivery: Delivery) -> None:
        """Let a delivery wait to be made again."""
        delivery.redeliveries += 1
        self.waiting[delivery.message.message_id] = delivery

    def forget(self, message_id: str) -> None:
        """Take a message out."""
        for held in (self.waiting, self.flying, self.postponed):
            held.pop(message_id, None)

    def consumer_for(self, message: Message) -> Consumer | None:
        """Return who is to have a message.

        Failover divides the partitions among the consumers, in the order of their
        names: the devices of a second one move, the others stay.
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
        self, clock: Callable[[], float], dice: random.Random, partitions: int
    ) -> None:
        """Start empty."""
        self.clock = clock
        self.partitions = partitions
        self.subscriptions: dict[str, Subscription] = {}
        self.readers: list[Consumer] = []
        self.delivered: list[str] = []
        self.acknowledged: list[str] = []
        self._dice = dice
        self._numbers = count(1)

    def subscribe(self, name: str) -> Subscription:
        """Return a subscription, made where there is none."""
        if name not in self.subscriptions:
            self.subscriptions[name] = Subscription(name)
        return self.subscriptions[name]

    def publish(
        self, payload: str | None, *, key: str, properties: dict[str, str]
    ) -> Message:
        """Put a message into every subscription, and hand it to every reader."""
        partition = zlib.crc32(key.encode()) % self.partitions
        number = next(self._numbers)
        noise = self._dice.getrandbits(24)
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
        """Hand out what waits, and what waited too long for an acknowledgement.

        A consumer with as many open deliveries as its queue holds gets nothing more,
        not even those again: it has to acknowledge first.
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
                self._hand_out(subscription, delivery, consumer, now)
            elif len(subscription.consumers) == 1:
                return

    def _hand_out(
        self, subscription: Subscription, delivery: Delivery, to: Consumer, now: float
    ) -> None:
        """Put a delivery into the outbox of a consumer."""
        to.permits -= 1
        delivery.consumer = to
        delivery.due = NEVER if to.ack_timeout is None else now + to.ack_timeout
        subscription.flying[delivery.message.message_id] = delivery
        to.outbox.append(delivery)
        to.wake()

    def acknowledge(
        self, subscription: Subscription | None, consumer: Consumer, message_id: str
    ) -> None:
        """Take a message for handled; an unknown id changes nothing but the permits."""
        self.acknowledged.append(message_id)
        consumer.permits = min(consumer.permits + 1, consumer.queue_size)
        if subscription is not None:
            subscription.forget(message_id)
            if subscription.waiting:
                consumer.wake()

    def postpone(self, subscription: Subscription, message_id: str, due: float) -> None:
        """Deliver a message again at a time, since the consumer could not handle it."""
        if (delivery := subscription.flying.pop(message_id, None)) is not None:
            delivery.due = due
            subscription.postponed[message_id] = delivery

    def next_due(self, subscription: Subscription) -> float:
        """Return when the next delivery has waited too long."""
        flying = next(iter(subscription.flying.values()), None)
        due = [delivery.due for delivery in subscription.postponed.values()]
        return min([*due, NEVER if flying is None else flying.due])


def frame(delivery: Delivery, stamp: str) -> dict[str, Any]:
    """Return a delivery as it goes over the socket."""
    message = delivery.message
    said: dict[str, Any] = {"messageId": message.message_id}
    if message.payload is not None:
        said["payload"] = message.payload
    return said | {
        "properties": message.properties,
        "publishTime": stamp,
        "redeliveryCount": delivery.redeliveries,
        "key": message.key,
    }
