"""Commands that allocate and deallocate unlock methods."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from ..api.models import User
from ..api.schedule.model import Delivery
from ..api.unlock_methods import Phase, UnlockMethod
from ..coordinator.lock import LockCoordinator
from ..domain.snapshot import LockSnapshot
from ..errors import command_failed, not_possible
from ..localize import Localizer
from .turn import async_command
from .verify import (
    OutcomeIn,
    async_try_attempts,
    async_verify,
    current_user,
    outcome_of,
)

type Key = tuple[str, int]


async def async_allocate(
    coordinator: LockCoordinator, user: User, keys: Collection[Key], wait_seconds: float
) -> list[UnlockMethod]:
    """Allocate unassigned methods to a user; return them as read back."""
    async with async_command(coordinator):
        methods = await _async_unassigned(coordinator, user, list(dict.fromkeys(keys)))
        allocation = await coordinator.smart_lock.writes.allocate(user.user_id, methods)
        snapshot = await async_verify(
            coordinator,
            _outcome_with(user, allocation.sent),
            unanswered=allocation.unanswered,
            details_for=[user.user_id],
            wait_seconds=wait_seconds,
        )
        await coordinator.async_read_orphans(leaving=keys)
        if allocation.refusal is not None:
            coordinator.async_apply_error(allocation.refusal)
        if snapshot is None:
            if allocation.refusal is not None:
                raise allocation.refusal
            raise command_failed("order_dropped")
        held = held_methods(coordinator.data, user)
        done = {key for key, method in held.items() if not _has_failed(method)}
        _check_all_done(coordinator, methods, done)
    return [held[method.key] for method in methods]


async def async_deallocate(
    coordinator: LockCoordinator, user: User, keys: Collection[Key], wait_seconds: float
) -> list[UnlockMethod]:
    """Deallocate methods from a user; return them as read back."""
    async with async_command(coordinator):
        methods = await _async_deallocatable(
            coordinator, user, list(dict.fromkeys(keys))
        )
        await _async_send_deallocation(coordinator, user, methods, wait_seconds)
        await coordinator.async_read_orphans()
        held = held_methods(coordinator.data, user)
        _check_all_done(
            coordinator, methods, {m.key for m in methods if _is_leaving(m.key, held)}
        )
    left = _unassigned(coordinator.data) | held
    return [
        replace(now, name=now.name or method.name)
        for method in methods
        for now in [left.get(method.key, method)]
    ]


# Guards


async def _async_unassigned(
    coordinator: LockCoordinator, user: User, keys: Sequence[Key]
) -> list[UnlockMethod]:
    """Return the methods, or raise the reason why they cannot be allocated.

    The lock is updated before a method is reported as missing or taken: it may just
    have been enrolled or deallocated.
    """
    if not keys:
        raise not_possible("no_unlock_methods")
    if any(
        key not in _unassigned(coordinator.data) or coordinator.data.holders(key)
        for key in keys
    ):
        await coordinator.async_read([user.user_id])
        await coordinator.async_read_orphans()
    for key in keys:
        _check_not_held(coordinator, user, key)
    if coordinator.data.unassigned_methods is None:
        # The lock has no such list, so the cloud decides.
        return [UnlockMethod(type=key[0], number=key[1]) for key in keys]
    unassigned = _unassigned(coordinator.data)
    types = coordinator.smart_lock.unassigned_types
    for key in keys:
        if key not in unassigned and (types is None or key[0] in types):
            raise not_possible(
                "unlock_method_not_found", method=method_names(coordinator, [key])
            )
    # This type cannot be listed, so the cloud decides.
    return [
        unassigned.get(key, UnlockMethod(type=key[0], number=key[1])) for key in keys
    ]


def _unassigned(snapshot: LockSnapshot) -> dict[Key, UnlockMethod]:
    return {method.key: method for method in snapshot.unassigned_methods or ()}


def _check_not_held(coordinator: LockCoordinator, user: User, key: Key) -> None:
    holders = coordinator.data.holders(key)
    if any(holder.user_id == user.user_id for holder in holders):
        raise not_possible(
            "unlock_method_already_allocated",
            method=method_names(coordinator, [key]),
            user=user_name(user),
        )
    if holders and key not in _unassigned(coordinator.data):
        raise not_possible(
            "unlock_method_taken",
            method=method_names(coordinator, [key]),
            user=user_name(holders[0]),
        )


async def _async_deallocatable(
    coordinator: LockCoordinator, user: User, keys: Sequence[Key]
) -> list[UnlockMethod]:
    """Return the methods, or raise the reason why they cannot be deallocated.

    Only the method details contain that, so they are fetched before a refusal.
    """
    if not keys:
        raise not_possible("no_unlock_methods")
    held = held_methods(coordinator.data, user)
    if not all(key in held and held[key].can_deallocate for key in keys):
        await coordinator.async_read_details([user.user_id])
        held = held_methods(coordinator.data, user)
    for key in keys:
        if key not in held:
            raise not_possible(
                "unlock_method_not_of_user",
                method=method_names(coordinator, [key]),
                user=user_name(user),
            )
        if held[key].can_deallocate is False:
            raise not_possible(
                "unlock_method_not_deallocatable",
                method=method_names(coordinator, [key]),
            )
    return [held[key] for key in keys]


def held_methods(snapshot: LockSnapshot, user: User) -> dict[Key, UnlockMethod]:
    """Return the unlock methods of a user as a snapshot shows them."""
    current = snapshot.users.get(user.user_id)
    methods = current.unlock_methods if current else None
    return {method.key: method for method in methods or ()}


# Sending


async def _async_send_deallocation(
    coordinator: LockCoordinator,
    user: User,
    methods: Sequence[UnlockMethod],
    wait_seconds: float,
) -> None:
    """Send the command in the form that the lock understands, and verify it."""
    await async_try_attempts(
        coordinator,
        coordinator.smart_lock.writes.deallocation_attempts(user.user_id, methods),
        _outcome_without(user, methods),
        details_for=[user.user_id],
        wait_seconds=wait_seconds,
    )


# Reading back: some of several methods can appear later than others


def _outcome_with(user: User, methods: Sequence[UnlockMethod]) -> OutcomeIn:
    """Return the outcome in a snapshot for methods to be allocated to a user."""
    wanted = {method.key for method in methods}

    def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
        held = held_methods(snapshot, current_user(snapshot, user))
        if wanted.isdisjoint(held):
            return None
        return outcome_of(
            held[key].progress if key in held else Delivery.ONGOING for key in wanted
        )

    return outcome_in


def _outcome_without(user: User, methods: Sequence[UnlockMethod]) -> OutcomeIn:
    """Return the outcome in a snapshot for methods to be deallocated from a user."""
    wanted = {method.key for method in methods}

    def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
        held = held_methods(snapshot, user)
        marked = {
            key for key in wanted & held.keys() if _is_marked_for_removal(held[key])
        }
        gone = wanted - held.keys()
        if not marked and not gone:
            return None
        progress = [held[key].progress for key in marked]
        progress += [Delivery.SUCCESS for _ in gone]
        progress += [Delivery.ONGOING for _ in wanted - marked - gone]
        return outcome_of(progress)

    return outcome_in


def _is_leaving(key: Key, held: Mapping[Key, UnlockMethod]) -> bool:
    """Return whether a method was deallocated, or will be."""
    method = held.get(key)
    return method is None or (
        _is_marked_for_removal(method) and not _has_failed(method)
    )


def _is_marked_for_removal(method: UnlockMethod) -> bool:
    """Return whether a method is marked for removal, even if that failed."""
    return method.phase is Phase.TO_BE_DELETED or (
        method.delivery in (Delivery.ONGOING, Delivery.FAILED)
    )


def _has_failed(method: UnlockMethod) -> bool:
    """Return whether the lock failed to apply the last change of a method."""
    return method.progress is Delivery.FAILED


def _check_all_done(
    coordinator: LockCoordinator, methods: Sequence[UnlockMethod], done: Collection[Key]
) -> None:
    """Raise if only some methods changed, and name them."""
    missing = [method.key for method in methods if method.key not in done]
    if missing:
        raise command_failed(
            "order_incomplete",
            done=method_names(coordinator, (m.key for m in methods if m.key in done))
            or "-",
            missing=method_names(coordinator, missing),
        )


def method_names(coordinator: LockCoordinator, keys: Iterable[Key]) -> str:
    """Return the names of methods, in the language of Home Assistant."""
    localizer = Localizer(coordinator.hass)
    return ", ".join(localizer.method(kind, number, None) for kind, number in keys)


def user_name(user: User) -> str:
    """Return what a message calls a user."""
    return user.name or user.user_id
