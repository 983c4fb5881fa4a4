"""Verification of commands (docs/architecture.md, Verification of writes).

A successful call only means that the cloud accepted the request. So its effect is read
back until the lock has applied it or the time has passed. A write whose reply was lost
is verified in the same way.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Generator, Iterable
from contextlib import closing
from dataclasses import replace
from typing import Final

from ..api.errors import (
    LASTING_REFUSALS,
    BadRequestError,
    RefusedError,
    TransportError,
    TuyaError,
    UnsupportedError,
)
from ..api.models import User
from ..api.schedule.model import Delivery, Schedule, same_effect
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
) -> LockSnapshot | None:
    """Read the lock back until it shows the outcome of a command; return it, or None.

    None is no effect. A change can be still pending after `wait_seconds`; the
    coordinator then watches it. `unanswered` is the error of a lost reply, which is
    raised if there is no effect. `read` replaces reading the users and the details of
    `details_for`; `leaving` are users whose absence from the list is expected;
    `last_read_back` is awaited before no effect is reported.

    A refused read-back raises `order_unconfirmed`: a plain refusal would look like one
    of the command, and invite a repetition.
    """
    snapshot = coordinator.data

    async def read_back() -> tuple[Delivery | None, bool]:
        nonlocal snapshot
        if read is not None:
            snapshot = await read()
            return outcome_in(snapshot), True
        reading = await coordinator.async_read(details_for, leaving=leaving)
        snapshot = reading.snapshot
        # Without the details, the absence of an effect is not certain.
        has_details = reading.details_read.issuperset(details_for)
        return outcome_in(snapshot), has_details

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
        return None
    if outcome is Delivery.ONGOING:
        outcome = await _async_watch(coordinator, read_back, end)
    if outcome in (Delivery.FAILED, None):
        raise command_failed("delivery_failed")
    return snapshot


async def async_try_attempts(
    coordinator: LockCoordinator,
    attempts: Generator[Attempt],
    outcome_in: OutcomeIn,
    *,
    details_for: Collection[str] = (),
    read: Callable[[], Awaitable[LockSnapshot]] | None = None,
    wait_seconds: float,
) -> LockSnapshot:
    """Send a write in one form after another, until one is verified to have an effect.

    The next form is sent only if the previous one had no effect or was refused as
    malformed. Raises the last of those refusals if none was accepted. Otherwise like
    `async_verify`.
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
            snapshot = await async_verify(
                coordinator,
                outcome_in,
                unanswered=unanswered,
                details_for=details_for,
                read=read,
                wait_seconds=wait_seconds,
            )
            if snapshot is not None:
                attempt.accept()
                return snapshot
    if was_accepted or refusal is None:
        raise command_failed("order_dropped")
    raise refusal


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


# Schedules


async def async_read_schedule(coordinator: LockCoordinator, user: User) -> LockSnapshot:
    """Return the updated lock, with the current schedule of a user.

    An incomplete list can lack the user or leave outdated data, and some locks list
    only users with unlock methods, so the user is fetched alone then, and also where
    the list has no schedule. If that is refused, as for administrators, the list must
    do.
    """
    reading = await coordinator.async_read()
    snapshot = reading.snapshot
    listed = snapshot.users.get(user.user_id)
    if reading.is_complete and listed is not None and listed.schedule is not None:
        return snapshot
    try:
        alone = await coordinator.smart_lock.user(user.user_id)
    except LASTING_REFUSALS:
        return snapshot
    return replace(snapshot, users={**snapshot.users, user.user_id: alone})


def schedule_outcome(user: User, schedule: Schedule) -> OutcomeIn:
    """Return the outcome in a snapshot for a schedule that is sent for a user.

    Another schedule that is not understood may be the sent one: that raises
    `order_unconfirmed`.
    """

    def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
        current = current_user(snapshot, user).schedule
        if same_effect(current, schedule):
            return outcome_of([current.delivery if current else None])
        is_understood = current is None or current.is_understood
        if not is_understood and not same_effect(current, user.schedule):
            raise command_failed("order_unconfirmed")
        return None

    return outcome_in
