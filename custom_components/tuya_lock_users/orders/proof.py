"""How an order is proven.

Success of a call means only that the cloud took the order (TUYA_API §5). So what it
should have changed is read back, until the lock has answered or the time is over. A
write whose answer never came is proven the same way: it took, or it did not.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from enum import Enum, auto
from typing import Final

from ..api.errors import TransportError
from ..api.models import User
from ..api.schedule import Delivery
from ..coordinator import LockCoordinator
from ..errors import order_failed
from ..snapshot import LockSnapshot

WAIT_SECONDS: Final = 30

# The cloud may need a moment to show what it took; after these it is not coming.
SETTLE_SECONDS: Final = (0.0, 1.0, 2.0)
# While the lock has yet to answer: a gateway tries for up to 25 s (TUYA_API §5).
WATCH_SECONDS: Final = (2.0, 3.0, 5.0)


class Outcome(Enum):
    """What a read-back shows of an order."""

    NOTHING = auto()
    ONGOING = auto()
    SUCCESS = auto()
    FAILED = auto()


type Shows = Callable[[LockSnapshot], Outcome]


def outcome_of(progress: Iterable[Delivery | None]) -> Outcome:
    """Return the outcome of what was taken; not saying anything is as good as done."""
    progress = list(progress)
    if Delivery.FAILED in progress:
        return Outcome.FAILED
    return Outcome.ONGOING if Delivery.ONGOING in progress else Outcome.SUCCESS


@asynccontextmanager
async def order(lock: LockCoordinator) -> AsyncGenerator[None]:
    """Hold the lock's turn, and turn errors of the cloud into those of actions.

    Orders for one lock follow each other; those for different locks do not wait.
    """
    async with lock.order_lock:
        with lock.action_errors():
            yield


async def send(call: Awaitable[None]) -> TransportError | None:
    """Send a write; return the error that leaves open whether it was done."""
    try:
        await call
    except TransportError as err:
        return err
    return None


async def prove(
    lock: LockCoordinator,
    shows: Shows,
    *,
    lost: TransportError | None = None,
    details_for: Collection[str] = (),
    read: Callable[[], Awaitable[LockSnapshot]] | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> Outcome:
    """Read the lock back until it shows the outcome of an order.

    NOTHING means that there is no effect; ONGOING that the time was over before the
    lock answered, and the coordinator watches on. `lost` is what kept the answer to
    the write from coming: without an effect, it is raised. `read` is what to read
    instead of the users and the unlock methods of `details_for`.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + wait_seconds
    outcome: Outcome | None = None
    failure = lost
    for pause in SETTLE_SECONDS:
        await asyncio.sleep(pause)
        try:
            shown = shows(await (read() if read else lock.async_read(details_for)))
        except TransportError as err:
            failure = err
            continue
        if shown is Outcome.NOTHING and not lock.reader.details_read >= {*details_for}:
            continue  # what would show it could not be read
        outcome = shown
        if outcome is not Outcome.NOTHING:
            break
    if outcome is None:
        raise order_failed("order_unconfirmed") from failure
    if outcome is Outcome.NOTHING and lost is not None:
        raise order_failed("order_lost") from lost
    pauses = iter(WATCH_SECONDS)
    while outcome is Outcome.ONGOING and (left := end - loop.time()) > 0:
        await asyncio.sleep(min(left, next(pauses, WATCH_SECONDS[-1])))
        try:
            outcome = shows(await (read() if read else lock.async_read(details_for)))
        except TransportError:
            continue
    if outcome is Outcome.FAILED:
        raise order_failed("delivery_failed")
    return outcome


def read_back(lock: LockCoordinator, user: User) -> User:
    """Return a user as the order left them, unless somebody deleted them meanwhile."""
    if (shown := lock.data.users.get(user.user_id)) is None:
        raise order_failed("user_gone", user=user.name or user.user_id)
    return shown
