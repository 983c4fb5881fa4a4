"""Commands that change, delete, and sync unlock methods."""

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from ..api.errors import UnsupportedError
from ..api.models import User
from ..api.schedule.model import Delivery
from ..api.unlock_methods import LISTED_TYPES, Notify, Phase, UnlockMethod
from ..api.write_forms import send_write
from ..coordinator.lock import LockCoordinator
from ..domain.names import same_name
from ..domain.snapshot import LockSnapshot
from ..errors import command_failed, not_possible
from .turn import async_command
from .unlock_methods import Key, held_methods, method_names, user_name
from .verify import async_verify, check_answered, current_user, outcome_of

# The lock reports its methods after a sync within about this time.
SYNC_PAUSES: Final = (1.0, 3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodChanges:
    """Changes of an unlock method; None keeps a value."""

    name: str | None = None
    duress: bool | None = None
    notify_app: bool | None = None

    def applied_to(self, method: UnlockMethod) -> UnlockMethod:
        """Return the method with the changes."""
        notify = method.notify
        if self.notify_app is not None:
            notify = replace(notify or Notify(), app=self.notify_app)
        return replace(
            method,
            name=method.name if self.name is None else self.name,
            duress=method.duress if self.duress is None else self.duress,
            notify=notify,
        )


async def async_update_method(
    coordinator: LockCoordinator,
    user: User | None,
    key: Key,
    changes: MethodChanges,
) -> tuple[UnlockMethod, User]:
    """Change a method; return it as read back, and the user who has it.

    Other values are read, and sent again: the cloud may reset what a call leaves out
    (docs/tuya_api.md, Changing unlock methods).
    """
    async with async_command(coordinator):
        holder = await _async_holder(coordinator, user, key)
        methods = await async_current_methods(coordinator, holder)
        if (method := methods.get(key)) is None:
            raise not_possible(
                "unlock_method_missing",
                lock=coordinator.devices.lock_name,
                method=method_names(coordinator, [key]),
            )
        wanted = changes.applied_to(method)
        if wanted == method:
            raise not_possible(
                "unlock_method_unchanged", method=method_names(coordinator, [key])
            )
        return await async_send_update(coordinator, holder, wanted), holder


async def async_delete_method(
    coordinator: LockCoordinator, user: User | None, key: Key
) -> None:
    """Delete a method from the lock."""

    def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
        method = held_methods(snapshot, holder).get(key)
        if method is None:
            return Delivery.SUCCESS
        is_leaving = method.phase in (Phase.TO_BE_DELETED, Phase.DELETED)
        if method.progress is Delivery.FAILED:
            return Delivery.FAILED
        is_pending = is_leaving or method.progress is Delivery.ONGOING
        return Delivery.ONGOING if is_pending else None

    async with async_command(coordinator):
        holder = await _async_holder(coordinator, user, key)
        method = held_methods(coordinator.data, holder)[key]
        _check_not_last_administrator(coordinator, holder, method)
        unanswered = await send_write(
            coordinator.enrollment.calls.delete(holder, method)
        )
        coordinator.passwords.remember_dialects()
        snapshot = await async_verify(
            coordinator,
            outcome_in,
            unanswered=unanswered,
            details_for=[holder.user_id],
        )
        if snapshot is None:
            raise command_failed("order_dropped")
        await coordinator.async_read_orphans()


async def async_sync_methods(
    coordinator: LockCoordinator, types: list[str] | None = None
) -> int:
    """Make the lock report its methods; return how many the cloud knows afterwards."""
    async with async_command(coordinator):
        unanswered = await send_write(
            coordinator.enrollment.calls.sync(types or LISTED_TYPES)
        )
        check_answered(unanswered)
        before = _count(coordinator.data)
        for pause in SYNC_PAUSES:
            await asyncio.sleep(pause)
            await coordinator.async_read_all_methods()
            if _count(coordinator.data) != before:
                break
    return _count(coordinator.data)


def _count(snapshot: LockSnapshot) -> int:
    """Return the number of known methods, assigned or not."""
    return len(snapshot.unlock_methods or ()) + len(snapshot.unassigned_methods or ())


async def async_send_update(
    coordinator: LockCoordinator, holder: User, wanted: UnlockMethod
) -> UnlockMethod:
    """Send the wanted values of a method, and verify them; return it as read back."""

    def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
        user = current_user(snapshot, holder)
        shown = held_methods(snapshot, user).get(wanted.key)
        if shown is None or not _is_as_wanted(shown, wanted):
            return None
        return outcome_of([shown.progress])

    unanswered = await send_write(coordinator.enrollment.calls.update(wanted))
    snapshot = await async_verify(
        coordinator, outcome_in, unanswered=unanswered, details_for=[holder.user_id]
    )
    if snapshot is None:
        raise command_failed("order_dropped")
    return held_methods(coordinator.data, holder)[wanted.key]


def _is_as_wanted(shown: UnlockMethod, wanted: UnlockMethod) -> bool:
    """Return whether a method has the values that were sent."""
    notifies = wanted.notify.app if wanted.notify else None
    return (
        same_name(shown.name, wanted.name)
        and wanted.duress in (None, shown.duress)
        and notifies in (None, shown.notify.app if shown.notify else None)
    )


async def async_current_methods(
    coordinator: LockCoordinator, user: User
) -> dict[Key, UnlockMethod]:
    """Return the methods of a user as they are now. Raises TuyaError."""
    try:
        await coordinator.async_read_methods(user.user_id)
    except UnsupportedError:
        await coordinator.async_read()
    return held_methods(coordinator.data, user)


async def _async_holder(
    coordinator: LockCoordinator, user: User | None, key: Key
) -> User:
    """Return the user who has a method, or raise the precise reason.

    The lock is updated before a method is reported as missing, or as that of another.
    """
    if not _is_held(coordinator, user, key):
        await coordinator.async_read_all_methods()
    if _is_held(coordinator, user, key):
        return user or coordinator.data.holders(key)[0]
    method = method_names(coordinator, [key])
    if holders := coordinator.data.holders(key):
        holder = user_name(holders[0])
        raise not_possible("unlock_method_of_other", method=method, user=holder)
    if any(m.key == key for m in coordinator.data.unassigned_methods or ()):
        raise not_possible("unlock_method_unassigned", method=method)
    lock_name = coordinator.devices.lock_name
    raise not_possible("unlock_method_missing", method=method, lock=lock_name)


def _is_held(coordinator: LockCoordinator, user: User | None, key: Key) -> bool:
    holders = coordinator.data.holders(key)
    if user is None:
        return bool(holders)
    return any(holder.user_id == user.user_id for holder in holders)


def _check_not_last_administrator(
    coordinator: LockCoordinator, holder: User, method: UnlockMethod
) -> None:
    """Raise for the owner's last method that may be one of an administrator.

    Without one, the lock itself can no longer be managed.
    """
    if not holder.is_owner or method.admin is False:
        return
    held = held_methods(coordinator.data, holder).values()
    if sum(other.admin is not False for other in held) <= 1:
        raise not_possible(
            "last_administrator_method",
            method=method_names(coordinator, [method.key]),
            user=user_name(holder),
        )
