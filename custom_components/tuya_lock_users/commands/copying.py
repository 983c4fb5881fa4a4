"""The command that copies users to another lock."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from homeassistant.exceptions import HomeAssistantError

from ..api.models import User
from ..api.profiles import Profile
from ..api.schedule.model import Access, Delivery, Schedule
from ..coordinator.lock import LockCoordinator
from ..domain.names import name_key
from ..domain.suspension import PERMANENT, with_bounds
from ..errors import command_failed, not_possible
from ..localize import Localizer
from .schedules import async_send_schedule, async_send_suspension
from .turn import async_command
from .users import async_add_user, async_send_deletion, async_send_new_user
from .verify import WAIT_SECONDS, check_lists_schedules


class CopyStatus(StrEnum):
    """The result for one user."""

    ADDED = "added"
    EXISTS = "exists"
    WOULD_ADD = "would_add"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The result for one user and one lock.

    Attributes:
        lock_id: The lock that the user was copied to.
        lock: The name of that lock.
        user: The user as on the source.
        status: The result.
        user_id: The ID on the other lock, None for a user who is not there.
        delivery: Whether the lock has applied the schedule, None without one.
        error: Why it failed.
    """

    lock_id: str
    lock: str
    user: User
    status: CopyStatus
    user_id: str | None = None
    delivery: Delivery | None = None
    error: HomeAssistantError | None = None

    @property
    def left_behind(self) -> list[str] | None:
        """Return the types of unlock methods that stay, None if they are unknown."""
        if self.status not in _COPIED:
            return []
        if self.user.unlock_methods is None:
            return None
        return sorted({method.type for method in self.user.unlock_methods})


_COPIED: Final = {CopyStatus.ADDED, CopyStatus.WOULD_ADD}


async def async_copy_users(
    source: LockCoordinator,
    targets: Iterable[LockCoordinator],
    users: Iterable[User],
    *,
    dry_run: bool,
) -> list[Copy]:
    """Add users to locks that have no user of that name, with their schedules.

    The source was just updated. Each user is copied separately, so that a failure does
    not keep others from being copied.
    """
    users = list(users)
    copies: list[Copy] = []
    for target in targets:
        try:
            with target.action_errors():
                await target.async_read()
        except HomeAssistantError as err:
            copies += [
                replace(_result(target, user), status=CopyStatus.FAILED, error=err)
                for user in users
            ]
            continue
        known: dict[str, str | None] = {
            name_key(user.name, alike=True): user.user_id
            for user in target.data.users.values()
            if user.name is not None
        }
        for user in users:
            copied = await _async_copy(source, target, user, known, dry_run=dry_run)
            copies.append(copied)
            if user.name is not None and copied.status in _COPIED:
                known[name_key(user.name, alike=True)] = copied.user_id
    return copies


def _result(target: LockCoordinator, user: User) -> Copy:
    """Return the result for a user before anything is sent."""
    return Copy(
        lock_id=target.lock_id,
        lock=target.devices.lock_name,
        user=user,
        status=CopyStatus.WOULD_ADD,
    )


async def _async_copy(
    source: LockCoordinator,
    target: LockCoordinator,
    user: User,
    known: dict[str, str | None],
    *,
    dry_run: bool,
) -> Copy:
    """Copy one user to one lock. What fails is in the result."""
    result = _result(target, user)
    if user.name is not None and (name := name_key(user.name, alike=True)) in known:
        return replace(result, status=CopyStatus.EXISTS, user_id=known[name])
    try:
        schedule = _schedule_to_copy(source, user)
        _check_target(target)
    except HomeAssistantError as err:
        return replace(result, status=CopyStatus.FAILED, error=err)
    if dry_run:
        return result
    # Not cancelled with the caller, such as an automation that is stopped.
    adding = target.hass.async_create_task(_async_add(target, schedule, result))
    return await asyncio.shield(adding)


async def _async_add(target: LockCoordinator, schedule: Schedule, result: Copy) -> Copy:
    """Add a user to a lock. What fails is in the result."""
    try:
        if schedule is not PERMANENT:
            return await _async_add_limited(target, schedule, result)
        user_id = await async_add_user(target, Profile(name=result.user.name))
    except HomeAssistantError as err:
        return replace(result, status=CopyStatus.FAILED, error=err)
    return replace(result, status=CopyStatus.ADDED, user_id=user_id)


async def _async_add_limited(
    target: LockCoordinator, schedule: Schedule, result: Copy
) -> Copy:
    """Add a user, and set the schedule.

    The call that adds a user takes no schedule (docs/tuya_api.md, Adding, changing, and
    deleting users): until the second call, the user has permanent access. So no other
    command comes between them, and an unload does not stop them. If Home Assistant is
    killed there, the next start reports it, see `StoredLock.users_before_copy`.
    """
    name = result.user.name
    async with async_command(target):
        await _async_begin(target)
        user_id = await async_send_new_user(target, Profile(name=name))
        added = target.data.users.get(user_id) or User(user_id=user_id, name=name)
        result = replace(result, status=CopyStatus.ADDED, user_id=user_id)
        try:
            with target.action_errors():
                limited = await async_send_schedule(
                    target, added, schedule, WAIT_SECONDS
                )
        except HomeAssistantError as err:
            result = await _async_take_back(target, added, result, err)
        else:
            delivery = limited.schedule.delivery if limited.schedule else None
            result = replace(result, delivery=delivery)
        target.async_review_copy()
    return result


async def _async_begin(target: LockCoordinator) -> None:
    """Store the users before a copy, but for those of an earlier one still reported."""
    memory, users = target.memory, target.data.users
    reported = target.data.unlimited_since(memory.users_before_copy)
    memory.users_before_copy = sorted(users.keys() - reported.keys())
    await target.runtime.store.async_save()


def _check_target(target: LockCoordinator) -> None:
    """Raise if a schedule could not be verified, or a user may exist already."""
    with target.action_errors():
        check_lists_schedules(target)
    if target.data.user_count is None:
        raise not_possible("copy_to_unknown", lock=target.devices.lock_name)


def _schedule_to_copy(source: LockCoordinator, user: User) -> Schedule:
    """Return the schedule of a user for another lock, or raise why it is not copied.

    The other lock must not give more access than this one.
    """
    name = user.name or user.user_id
    if user.name is None:
        raise not_possible("copy_without_name", user=name)
    if source.access[user.user_id] is Access.SUSPENDED:
        raise not_possible("copy_suspended", user=name)
    schedule = user.schedule or PERMANENT
    if not schedule.is_understood or user.user_id in source.data.limits:
        raise not_possible("copy_unknown_schedule", user=name)
    if not schedule.is_limited:
        return PERMANENT
    # Without a zone, the hours are those at the source.
    zone = source.data.time_zone_name or source.hass.config.time_zone
    windows = tuple(
        replace(window, time_zone=window.time_zone or zone)
        for window in schedule.windows or ()
    )
    return with_bounds(replace(schedule, windows=windows, raw=None, delivery=None))


async def _async_take_back(
    target: LockCoordinator, user: User, result: Copy, cause: HomeAssistantError
) -> Copy:
    """Delete a user whose schedule could not be set, or at least suspend the user.

    A new user has permanent access, which was not requested.
    """
    name, lock = str(user.name), target.devices.lock_name
    reason = Localizer(target.hass).error(cause)
    failed = replace(result, status=CopyStatus.FAILED)
    with suppress(HomeAssistantError), target.action_errors():
        await async_send_deletion(target, user)
        error = command_failed("copy_removed", user=name, lock=lock, reason=reason)
        return replace(failed, user_id=None, error=error)
    with suppress(HomeAssistantError), target.action_errors():
        await async_send_suspension(target, user, WAIT_SECONDS)
        error = command_failed("copy_closed", user=name, lock=lock, reason=reason)
        return replace(failed, error=error)
    error = command_failed("copy_open", user=name, lock=lock, reason=reason)
    return replace(failed, error=error)
