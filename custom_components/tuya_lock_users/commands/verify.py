"""How an order is proven.

Success of a call means only that the cloud took the order (TUYA_API §5). So what it
should have changed is read back, until the lock has answered or the time is over. A
write whose answer never came is proven the same way: it took, or it did not.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from typing import Final

from ..api.errors import LASTING_REFUSALS, RefusedError, TransportError, TuyaError
from ..api.models import User
from ..api.schedule.model import Delivery
from ..coordinator.lock import LockCoordinator
from ..domain.snapshot import LockSnapshot
from ..errors import order_failed

WAIT_SECONDS: Final = 30

# The cloud may need a moment to show what it took; after these it is not coming.
SETTLE_SECONDS: Final = (0.0, 1.0, 2.0)
# While the lock has yet to answer: a gateway tries for up to 25 s (TUYA_API §5).
WATCH_SECONDS: Final = (2.0, 3.0, 5.0)


# What a read-back shows of an order: how the lock took it, None for no effect.
type Shows = Callable[[LockSnapshot], Delivery | None]


def outcome_of(progress: Iterable[Delivery | None]) -> Delivery:
    """Return the outcome of what was taken; not saying anything is as good as done.

    Of several, the last one to be answered decides when it is over; only where none
    was done has all of it failed.
    """
    progress = list(progress)
    if Delivery.ONGOING in progress:
        return Delivery.ONGOING
    has_failed = bool(progress) and set(progress) == {Delivery.FAILED}
    return Delivery.FAILED if has_failed else Delivery.SUCCESS


@asynccontextmanager
async def order(lock: LockCoordinator) -> AsyncGenerator[None]:
    """Hold the lock's turn, and turn errors of the cloud into those of actions.

    Orders for one lock follow each other; those for different locks do not wait.
    """
    async with lock.command_lock:
        check_followed(lock)
        try:
            with lock.action_errors():
                yield
        finally:
            lock.runtime.async_calls_made()  # calls were made, for all to see


def check_followed(lock: LockCoordinator) -> None:
    """Raise where nothing was sent yet, and the lock or its entry ended meanwhile.

    What is kept of a user from now on would be kept in a file that nobody reads.
    """
    if lock.is_shut_down:
        raise order_failed("lock_reloaded", lock=lock.name)


async def send(call: Awaitable[None]) -> TransportError | None:
    """Send a write; return the error that leaves open whether it was done."""
    try:
        await call
    except TransportError as err:
        if not err.was_sent:
            raise
        return err
    return None


def check_answered(lost: TransportError | None) -> None:
    """Raise where the answer was lost of an order that a lock has no way to show."""
    if lost is not None:
        raise order_failed("order_unconfirmed") from lost


async def prove(
    lock: LockCoordinator,
    shows: Shows,
    *,
    lost: TransportError | None = None,
    details_for: Collection[str] = (),
    read: Callable[[], Awaitable[LockSnapshot]] | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> Delivery | None:
    """Read the lock back until it shows the outcome of an order.

    None means that there is no effect; ONGOING that the time was over before the
    lock answered, and the coordinator watches on. `lost` is what kept the answer to
    the write from coming: without an effect, it is raised. `read` is what to read
    instead of the users and the unlock methods of `details_for`.

    A refusal to be read says nothing of the order, which was taken: it must not look
    like one of the order, or somebody would give it again.
    """

    async def look() -> Delivery | None:
        return shows(await (read() if read else lock.async_read(details_for)))

    end = asyncio.get_running_loop().time() + wait_seconds
    outcome = await _async_settle(lock, look, {*details_for}, lost)
    if outcome is None:
        if lost is not None:
            raise order_failed("order_lost") from lost
        return outcome
    if outcome is Delivery.ONGOING:
        outcome = await _async_watch(lock, look, end)
    if outcome in (Delivery.FAILED, None):
        raise order_failed("delivery_failed")
    return outcome


async def _async_settle(
    lock: LockCoordinator,
    look: Callable[[], Awaitable[Delivery | None]],
    details_for: Collection[str],
    failure: TuyaError | None,
) -> Delivery | None:
    """Return what the lock shows as soon as it shows anything.

    The last look decides that there is nothing: it gave the cloud most time.
    """
    has_looked = False
    for pause in SETTLE_SECONDS:
        await asyncio.sleep(pause)
        has_looked = False
        try:
            shown = await look()
        except TransportError as err:
            failure = err
            continue
        except RefusedError as err:
            lock.async_apply_error(err)
            raise order_failed("order_unconfirmed") from err
        if shown is not None:
            return shown
        # Without the details nobody knows that they show nothing.
        has_looked = lock.reader.details_read.issuperset(details_for)
    if not has_looked:
        raise order_failed("order_unconfirmed") from failure
    return None


async def _async_watch(
    lock: LockCoordinator, look: Callable[[], Awaitable[Delivery | None]], end: float
) -> Delivery | None:
    """Return what the lock answers until the end to what is under way.

    The list and the details may be read on either side of the answer and fit no
    outcome together. What is gone at two looks was undone, though.
    """
    loop = asyncio.get_running_loop()
    was_gone = False
    pauses = iter(WATCH_SECONDS)
    while (left := end - loop.time()) > 0:
        await asyncio.sleep(min(left, next(pauses, WATCH_SECONDS[-1])))
        try:
            outcome = await look()
        except TransportError:
            continue
        except RefusedError as err:
            lock.async_apply_error(err)
            break
        is_gone = outcome is None
        if outcome is not Delivery.ONGOING and (was_gone or not is_gone):
            return outcome
        was_gone = is_gone
    return Delivery.ONGOING


async def prove_of_user(
    lock: LockCoordinator,
    user: User,
    shows: Shows,
    told: Callable[[User], object],
    *,
    lost: TransportError | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> Delivery | None:
    """Prove an order about what not every list of users tells, see `prove`.

    Where it tells names only, the user is asked for alone. `told` returns what the order
    is about: where that is not said either, the answer of the cloud is all there is.
    """
    if lock.reader.tells_schedules:
        return await prove(lock, shows, lost=lost, wait_seconds=wait_seconds)
    check_answered(lost)

    async def read() -> LockSnapshot:
        return await async_read_alone(lock, user)

    def shows_alone(snapshot: LockSnapshot) -> Delivery | None:
        is_told = told(shown_in(snapshot, user)) is not None
        return shows(snapshot) if is_told else Delivery.SUCCESS

    return await prove(lock, shows_alone, read=read, wait_seconds=wait_seconds)


async def async_read_alone(lock: LockCoordinator, user: User) -> LockSnapshot:
    """Return the lock with one user asked for alone (TUYA_API §5, 11).

    Where that is refused, as for administrators, the user stays as the list has them.
    """
    try:
        told = await lock.runtime.client.user(lock.lock_id, user.user_id)
    except LASTING_REFUSALS:
        return lock.data
    users = {**lock.data.users, user.user_id: lock.reader.meant(told, lock.data)}
    return lock.data._replace(users=users)


def shown_in(snapshot: LockSnapshot, user: User) -> User:
    """Return a user as the lock shows them, unless somebody deleted them meanwhile."""
    if (shown := snapshot.users.get(user.user_id)) is None:
        raise order_failed("user_gone", user=user.name or user.user_id)
    return shown
