"""Verification of commands (docs/architecture.md, Verification of writes).

A successful call only means that the cloud accepted the request. So its effect is read
back until the lock has applied it or the time has passed. A write whose reply was lost
is verified in the same way.
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
from math import ceil
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
from ..api.write_forms import Attempt
from ..coordinator.lock import LockCoordinator
from ..domain.snapshot import LockSnapshot
from ..errors import command_failed

WAIT_SECONDS: Final = 30

# The cloud may need a moment to show a change; after these it had no effect.
READ_BACK_SECONDS: Final = (0.0, 1.0, 2.0)
# While a change is pending; a gateway tries for up to 25 s.
WATCH_SECONDS: Final = (2.0, 3.0, 5.0)


# The delivery that a read-back shows for a command, None for no effect.
type OutcomeIn = Callable[[LockSnapshot], Delivery | None]

# Returns the outcome, and whether all that shows it was read.
type ReadBack = Callable[[], Awaitable[tuple[Delivery | None, bool]]]


def outcome_of(progress: Iterable[Delivery | None]) -> Delivery:
    """Return the outcome of several deliveries; an unknown one counts as success.

    While any is pending, the outcome is pending. It has failed only if all have failed.
    """
    progress = list(progress)
    if Delivery.ONGOING in progress:
        return Delivery.ONGOING
    has_failed = bool(progress) and set(progress) == {Delivery.FAILED}
    return Delivery.FAILED if has_failed else Delivery.SUCCESS


@asynccontextmanager
async def async_command(
    coordinator: LockCoordinator,
    *,
    while_enrolling: bool = False,
    has_turn: bool = False,
) -> AsyncGenerator[None]:
    """Run one command at a time for each lock, and convert errors to those of actions.

    Commands for different locks do not wait for each other. A lock that waits for a new
    unlock method refuses all others, so they are not sent. `has_turn` is for a step of
    a command that runs already, which is sent even if the entry was unloaded meanwhile.
    """
    if has_turn:
        with coordinator.action_errors():
            yield
        return
    async with coordinator.command_lock:
        check_followed(coordinator)
        if coordinator.enrollment.is_active and not while_enrolling:
            seconds = ceil(coordinator.enrollment.seconds_left)
            raise command_failed("lock_busy", seconds=str(seconds))
        try:
            with coordinator.action_errors():
                yield
        finally:
            coordinator.remember_dialects()


def check_followed(coordinator: LockCoordinator) -> None:
    """Raise if the lock or its entry was unloaded before anything was sent.

    A schedule saved from now on would be written to a store that is no longer read.
    """
    if coordinator.is_shut_down:
        raise command_failed("lock_reloaded", lock=coordinator.name)


async def async_try_attempts(
    attempts: Generator[Attempt],
    verify: Callable[[TransportError | None], Awaitable[Delivery | None]],
) -> None:
    """Send a write in one form after another, until one is verified to have an effect.

    `verify` receives the error of a lost reply. The next form is sent only if the
    previous one had no effect or was refused as malformed. Raises the last of those
    refusals if none was accepted.
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
        raise command_failed("order_dropped")
    raise refusal


def check_lists_schedules(coordinator: LockCoordinator) -> None:
    """Raise for a lock that lists names only: no read-back would verify the change."""
    if not coordinator.smart_lock.users.lists_schedules:
        raise UnsupportedError("lists names only")


def check_answered(unanswered: TransportError | None) -> None:
    """Raise if the reply was lost of a command that cannot be verified."""
    if unanswered is not None:
        raise command_failed("order_unconfirmed") from unanswered


async def async_verify(
    coordinator: LockCoordinator,
    outcome_in: OutcomeIn,
    *,
    unanswered: TransportError | None = None,
    details_for: Collection[str] = (),
    leaving: Collection[str] = (),
    read: Callable[[], Awaitable[LockSnapshot]] | None = None,
    last_read_back: ReadBack | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> Delivery | None:
    """Read the lock back until it shows the outcome of a command.

    Returns None for no effect, or ONGOING if the change is still pending after
    `wait_seconds`; the coordinator then watches it. `unanswered` is the error of a lost
    reply, which is raised if there is no effect. `read` replaces reading the users and
    the details of `details_for`; `leaving` are users who are to be gone from the list;
    `last_read_back` is awaited before no effect is reported.

    A refused read-back raises `order_unconfirmed`: a plain refusal would look like one
    of the command, and invite a repetition.
    """

    async def read_back() -> tuple[Delivery | None, bool]:
        if read is not None:
            return outcome_in(await read()), True
        reading = await coordinator.async_read(details_for, leaving=leaving)
        # Without the details, the absence of an effect is not certain.
        has_details = reading.details_read.issuperset(details_for)
        return outcome_in(reading.snapshot), has_details

    read_backs: list[tuple[float, ReadBack]] = [
        (s, read_back) for s in READ_BACK_SECONDS
    ]
    if last_read_back is not None:
        read_backs.append((0.0, last_read_back))
    end = asyncio.get_running_loop().time() + wait_seconds
    outcome = await _async_wait_until_visible(coordinator, read_backs, unanswered)
    if outcome is None:
        if unanswered is not None:
            raise command_failed("order_lost") from unanswered
        return outcome
    if outcome is Delivery.ONGOING:
        outcome = await _async_watch(coordinator, read_back, end)
    if outcome in (Delivery.FAILED, None):
        raise command_failed("delivery_failed")
    return outcome


async def _async_wait_until_visible(
    coordinator: LockCoordinator,
    read_backs: Iterable[tuple[float, ReadBack]],
    failure: TuyaError | None,
) -> Delivery | None:
    """Return the outcome as soon as the lock shows one.

    The last read-back decides that there is none, since it gave the cloud most time.
    """
    was_complete = False
    for pause, read_back in read_backs:
        await asyncio.sleep(pause)
        was_complete = False
        try:
            outcome, was_complete = await read_back()
        except TransportError as err:
            failure = err
            continue
        except RefusedError as err:
            coordinator.async_apply_error(err)
            raise command_failed("order_unconfirmed") from err
        if outcome is not None:
            return outcome
    if not was_complete:
        raise command_failed("order_unconfirmed") from failure
    return None


async def _async_watch(
    coordinator: LockCoordinator,
    read_back: ReadBack,
    end: float,
) -> Delivery | None:
    """Return the outcome of a pending change, or ONGOING at the end of the time.

    A list and details read just before and after the lock applied the change can fit no
    outcome together. If it is missing twice in a row, treat it as reverted.
    """
    loop = asyncio.get_running_loop()
    was_missing = False
    pauses = iter(WATCH_SECONDS)
    while (left := end - loop.time()) > 0:
        await asyncio.sleep(min(left, next(pauses, WATCH_SECONDS[-1])))
        try:
            outcome, _ = await read_back()
        except TransportError:
            continue
        except RefusedError as err:
            coordinator.async_apply_error(err)
            break
        is_missing = outcome is None
        if outcome is not Delivery.ONGOING and (was_missing or not is_missing):
            return outcome
        was_missing = is_missing
    return Delivery.ONGOING


def current_user(snapshot: LockSnapshot, user: User) -> User:
    """Return the current user. Raise if the user was deleted in the meantime."""
    if (current := snapshot.users.get(user.user_id)) is None:
        raise command_failed("user_gone", user=user.name or user.user_id)
    return current
