"""Orders about whose an unlock method is."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from ..api.dialects import AllocateCall, CodeKey
from ..api.errors import (
    BadRequestError,
    NotAuthorizedError,
    TransportError,
    TuyaError,
    UnsupportedError,
)
from ..api.models import Phase, UnlockMethod, User
from ..api.schedule.model import Delivery
from ..coordinator.lock import LockCoordinator
from ..coordinator.reader import UNASSIGNED_TYPES
from ..domain.snapshot import LockSnapshot
from ..errors import action_error, not_possible, order_failed
from ..localize import Localizer
from .verify import Shows, order, outcome_of, prove, send, shown_in

type Key = tuple[str, int]


async def async_allocate(
    lock: LockCoordinator, user: User, keys: Collection[Key], wait_seconds: float
) -> list[UnlockMethod]:
    """Bind methods that belong to nobody to a user; return them as read back."""
    async with order(lock):
        methods = await _async_unassigned(lock, user, list(dict.fromkeys(keys)))
        sent, lost, refusal = await _async_send_allocation(lock, user, methods)
        outcome = await prove(
            lock,
            _shows_with(user, sent),
            lost=lost,
            details_for=[user.user_id],
            wait_seconds=wait_seconds,
        )
        await lock.async_read_orphans()
        if refusal is not None:
            lock.async_apply_error(refusal)
        if outcome is None:
            if refusal is not None:
                raise refusal
            raise order_failed("order_dropped")
        held = _held(lock.data, user)
        done = {key for key, method in held.items() if not _has_failed(method)}
        _check_all_done(lock, methods, done)
    return [held[method.key] for method in methods]


async def async_deallocate(
    lock: LockCoordinator, user: User, keys: Collection[Key], wait_seconds: float
) -> list[UnlockMethod]:
    """Unbind methods from a user; return them as they are now."""
    async with order(lock):
        methods = await _async_deallocatable(lock, user, list(dict.fromkeys(keys)))
        await _async_send_deallocation(lock, user, methods, wait_seconds)
        await lock.async_read_orphans()
        held = _held(lock.data, user)
        _check_all_done(
            lock, methods, {m.key for m in methods if _is_leaving(m.key, held)}
        )
    left = _unassigned(lock.data) | held
    return [
        replace(now, name=now.name or method.name)
        for method in methods
        for now in [left.get(method.key, method)]
    ]


# Guards


async def _async_unassigned(
    lock: LockCoordinator, user: User, keys: Sequence[Key]
) -> list[UnlockMethod]:
    """Return the methods, or say precisely why they cannot be bound to the user.

    What was read some time ago may be old, so it is read anew before a method is said
    not to exist, or to be another's: it may have been enrolled or unbound a minute ago.
    """
    if not keys:
        raise not_possible("no_unlock_methods")
    if any(key not in _unassigned(lock.data) or lock.data.holders(key) for key in keys):
        await lock.async_read([user.user_id])
        await lock.async_read_orphans()
    for key in keys:
        _check_not_held(lock, user, key)
    if lock.data.unassigned_methods is None:
        # Such a lock does not tell; the cloud decides.
        return [UnlockMethod(type=key[0], number=key[1]) for key in keys]
    unassigned = _unassigned(lock.data)
    by_type = lock.reader.dialects.unassigned_by_type
    for key in keys:
        if key not in unassigned and (not by_type or key[0] in UNASSIGNED_TYPES):
            raise not_possible("unlock_method_not_found", method=_named(lock, [key]))
    # Of a type that cannot be asked for nobody tells; the cloud decides.
    return [
        unassigned.get(key, UnlockMethod(type=key[0], number=key[1])) for key in keys
    ]


def _unassigned(snapshot: LockSnapshot) -> dict[Key, UnlockMethod]:
    return {method.key: method for method in snapshot.unassigned_methods or ()}


def _check_not_held(lock: LockCoordinator, user: User, key: Key) -> None:
    holders = lock.data.holders(key)
    if any(holder.user_id == user.user_id for holder in holders):
        raise not_possible(
            "unlock_method_already_allocated",
            method=_named(lock, [key]),
            user=_called(user),
        )
    if holders and key not in _unassigned(lock.data):
        raise not_possible(
            "unlock_method_taken", method=_named(lock, [key]), user=_called(holders[0])
        )


async def _async_deallocatable(
    lock: LockCoordinator, user: User, keys: Sequence[Key]
) -> list[UnlockMethod]:
    """Return the methods, or say precisely why they cannot be unbound.

    Only opmodes knows whether a method may be, so that is read before it is denied.
    """
    if not keys:
        raise not_possible("no_unlock_methods")
    held = _held(lock.data, user)
    if not all(key in held and held[key].can_deallocate for key in keys):
        await lock.async_read_details([user.user_id])
        held = _held(lock.data, user)
    for key in keys:
        if key not in held:
            raise not_possible(
                "unlock_method_not_of_user",
                method=_named(lock, [key]),
                user=_called(user),
            )
        if held[key].can_deallocate is False:
            raise not_possible(
                "unlock_method_not_deallocatable", method=_named(lock, [key])
            )
    return [held[key] for key in keys]


def _held(snapshot: LockSnapshot, user: User) -> dict[Key, UnlockMethod]:
    shown = snapshot.users.get(user.user_id)
    methods = shown.unlock_methods if shown else None
    return {method.key: method for method in methods or ()}


# Sending


async def _async_send_allocation(
    lock: LockCoordinator, user: User, methods: Sequence[UnlockMethod]
) -> tuple[Sequence[UnlockMethod], TransportError | None, TuyaError | None]:
    """Send by the call this lock knows; return what went out, and what went wrong.

    Where only the older call is known, one is sent after the other; a refusal in the
    middle is told after the read-back has shown how far it came.
    """
    client = lock.runtime.client
    known = lock.reader.dialects.allocate_call
    if known is not AllocateCall.ONE_BY_ONE:
        try:
            lost = await send(client.allocate(lock.lock_id, user.user_id, methods))
        except UnsupportedError, NotAuthorizedError:
            if known is AllocateCall.LIST:
                raise
        else:
            if lost is None:
                lock.learn(allocate_call=AllocateCall.LIST)
            return methods, lost, None
    lost = None
    for position, method in enumerate(methods):
        try:
            lost = (
                await send(client.allocate_one(lock.lock_id, user.user_id, method))
                or lost
            )
        except TuyaError as err:
            if not position:
                raise
            return methods[:position], lost, err
        lock.learn(allocate_call=AllocateCall.ONE_BY_ONE)
    return methods, lost, None


async def _async_send_deallocation(
    lock: LockCoordinator,
    user: User,
    methods: Sequence[UnlockMethod],
    wait_seconds: float,
) -> None:
    """Send with the key this lock's cloud understands; the documents name three."""
    known = lock.reader.dialects.deallocate_key
    refusal: BadRequestError | None = None
    was_taken = False
    for key in sorted(CodeKey, key=lambda key: key is not known):
        try:
            lost = await send(
                lock.runtime.client.deallocate(lock.lock_id, user.user_id, methods, key)
            )
        except BadRequestError as err:
            refusal = err
            continue
        was_taken = True
        outcome = await prove(
            lock,
            _shows_without(user, methods),
            lost=lost,
            details_for=[user.user_id],
            wait_seconds=wait_seconds,
        )
        if outcome is not None:
            lock.learn(deallocate_key=key)
            return
    if was_taken or refusal is None:
        raise order_failed("order_dropped")
    raise action_error(refusal) from refusal


# Reading back: of several methods some may be shown a moment later than others


def _shows_with(user: User, methods: Sequence[UnlockMethod]) -> Shows:
    """Return what a snapshot shows of methods that should have come to a user."""
    wanted = {method.key for method in methods}

    def shows(snapshot: LockSnapshot) -> Delivery | None:
        held = _held(snapshot, shown_in(snapshot, user))
        if wanted.isdisjoint(held):
            return None
        return outcome_of(
            held[key].progress if key in held else Delivery.ONGOING for key in wanted
        )

    return shows


def _shows_without(user: User, methods: Sequence[UnlockMethod]) -> Shows:
    """Return what a snapshot shows of methods that should have left a user."""
    wanted = {method.key for method in methods}

    def shows(snapshot: LockSnapshot) -> Delivery | None:
        held = _held(snapshot, user)
        told = {key for key in wanted & held.keys() if _was_told_to_leave(held[key])}
        gone = wanted - held.keys()
        if not told and not gone:
            return None
        progress = [held[key].progress for key in told]
        progress += [Delivery.SUCCESS for _ in gone]
        progress += [Delivery.ONGOING for _ in wanted - told - gone]
        return outcome_of(progress)

    return shows


def _is_leaving(key: Key, held: Mapping[Key, UnlockMethod]) -> bool:
    """Return whether a method has left a user, or is about to."""
    method = held.get(key)
    return method is None or (_was_told_to_leave(method) and not _has_failed(method))


def _was_told_to_leave(method: UnlockMethod) -> bool:
    """Return whether the lock was told to let go of a method, also where it failed to."""
    return method.phase is Phase.TO_BE_DELETED or (
        method.delivery in (Delivery.ONGOING, Delivery.FAILED)
    )


def _has_failed(method: UnlockMethod) -> bool:
    """Return whether the lock did not take the last change of a method."""
    return method.progress is Delivery.FAILED


def _check_all_done(
    lock: LockCoordinator, methods: Sequence[UnlockMethod], done: Collection[Key]
) -> None:
    """Raise when only some of several took, and say which."""
    missing = [method.key for method in methods if method.key not in done]
    if missing:
        raise order_failed(
            "order_incomplete",
            done=_named(lock, (m.key for m in methods if m.key in done)) or "-",
            missing=_named(lock, missing),
        )


def _named(lock: LockCoordinator, keys: Iterable[Key]) -> str:
    """Return what to call methods, in the language of Home Assistant."""
    localizer = Localizer(lock.hass)
    return ", ".join(localizer.method(kind, number, None) for kind, number in keys)


def _called(user: User) -> str:
    return user.name or user.user_id
