"""How an order is proven.

Success of a call means only that the cloud took the order (TUYA_API §5). So what it
should have changed is read back, until the lock has answered or the time is over. A
write whose answer never came is proven the same way: it took, or it did not.
"""

import asyncio
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Generator,
    Iterable,
)
from contextlib import asynccontextmanager, closing
from typing import Final

from ..api.errors import (
    BadRequestError,
    RefusedError,
    TransportError,
    TuyaError,
    UnsupportedError,
)
from ..api.models import User
from ..api.schedule.model import Delivery
from ..api.smart_lock import Attempt
from ..coordinator.lock import LockCoordinator
from ..domain.snapshot import LockSnapshot
from ..errors import order_failed

WAIT_SECONDS: Final = 30

# The cloud may need a moment to show what it took; after these it is not coming.
SETTLE_SECONDS: Final = (0.0, 1.0, 2.0)
# While the lock has yet to answer: a gateway tries for up to 25 s (TUYA_API §5).
WATCH_SECONDS: Final = (2.0, 3.0, 5.0)


# What a read-back shows of an order: how the lock took it, None for no effect.
type OutcomeIn = Callable[[LockSnapshot], Delivery | None]


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
async def async_command(coordinator: LockCoordinator) -> AsyncGenerator[None]:
    """Hold the lock's turn, and turn errors of the cloud into those of actions.

    Orders for one lock follow each other; those for different locks do not wait.
    """
    async with coordinator.command_lock:
        check_followed(coordinator)
        try:
            with coordinator.action_errors():
                yield
        finally:
            coordinator.remember_dialects()
            coordinator.runtime.async_calls_made()  # calls were made, for all to see


def check_followed(coordinator: LockCoordinator) -> None:
    """Raise where nothing was sent yet, and the lock or its entry ended meanwhile.

    What is kept of a user from now on would be kept in a file that nobody reads.
    """
    if coordinator.is_shut_down:
        raise order_failed("lock_reloaded", lock=coordinator.name)


async def async_try_attempts(
    attempts: Generator[Attempt],
    verify: Callable[[TransportError | None], Awaitable[Delivery | None]],
) -> None:
    """Send a write in one form after another, until one is verified to have an effect.

    `verify` gets the error that leaves open whether the write was done. Another form is
    sent only after the read-back showed no effect of the one before, or it was refused
    as malformed. Raises the last of those refusals where none was accepted.
    """
    refusal: BadRequestError | None = None
    was_accepted = False
    with closing(attempts):
        for attempt in attempts:
            try:
                unanswered = await attempt.send()
            except BadRequestError as err:
                refusal = err
                continue
            was_accepted = True
            if await verify(unanswered) is not None:
                attempt.accept()
                return
    if was_accepted or refusal is None:
        raise order_failed("order_dropped")
    raise refusal


def check_lists_schedules(coordinator: LockCoordinator) -> None:
    """Raise for a lock that lists names only: no read-back would verify the change."""
    if not coordinator.smart_lock.lists_schedules:
        raise UnsupportedError("lists names only")


def check_answered(unanswered: TransportError | None) -> None:
    """Raise where the answer was lost of an order that a lock has no way to show."""
    if unanswered is not None:
        raise order_failed("order_unconfirmed") from unanswered


async def async_verify(
    coordinator: LockCoordinator,
    outcome_in: OutcomeIn,
    *,
    unanswered: TransportError | None = None,
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

    async def read_back() -> Delivery | None:
        return outcome_in(
            await (read() if read else coordinator.async_read(details_for))
        )

    end = asyncio.get_running_loop().time() + wait_seconds
    outcome = await _async_wait_until_visible(
        coordinator, read_back, {*details_for}, unanswered
    )
    if outcome is None:
        if unanswered is not None:
            raise order_failed("order_lost") from unanswered
        return outcome
    if outcome is Delivery.ONGOING:
        outcome = await _async_watch(coordinator, read_back, end)
    if outcome in (Delivery.FAILED, None):
        raise order_failed("delivery_failed")
    return outcome


async def _async_wait_until_visible(
    coordinator: LockCoordinator,
    read_back: Callable[[], Awaitable[Delivery | None]],
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
            shown = await read_back()
        except TransportError as err:
            failure = err
            continue
        except RefusedError as err:
            coordinator.async_apply_error(err)
            raise order_failed("order_unconfirmed") from err
        if shown is not None:
            return shown
        # Without the details nobody knows that they show nothing.
        has_looked = coordinator.reader.details_read.issuperset(details_for)
    if not has_looked:
        raise order_failed("order_unconfirmed") from failure
    return None


async def _async_watch(
    coordinator: LockCoordinator,
    read_back: Callable[[], Awaitable[Delivery | None]],
    end: float,
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
            outcome = await read_back()
        except TransportError:
            continue
        except RefusedError as err:
            coordinator.async_apply_error(err)
            break
        is_gone = outcome is None
        if outcome is not Delivery.ONGOING and (was_gone or not is_gone):
            return outcome
        was_gone = is_gone
    return Delivery.ONGOING


def current_user(snapshot: LockSnapshot, user: User) -> User:
    """Return a user as the lock shows it now, unless it was deleted meanwhile."""
    if (current := snapshot.users.get(user.user_id)) is None:
        raise order_failed("user_gone", user=user.name or user.user_id)
    return current
