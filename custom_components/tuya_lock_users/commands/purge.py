"""The command that deletes former users from the lock itself."""

from collections.abc import Sequence
from typing import Final

from ..api.errors import CALL_REFUSALS, TuyaError
from ..api.schedule.model import Delivery
from ..api.write_forms import send_write
from ..coordinator.lock import LockCoordinator
from ..domain.snapshot import LockSnapshot
from .turn import async_command
from .verify import async_verify

# The limit of one call is not documented (docs/tuya_api.md, Purging users).
PURGE_BATCH: Final = 20
PURGE_WAIT_SECONDS: Final = 15


async def async_purge_users(
    coordinator: LockCoordinator,
    user_ids: Sequence[str],
    *,
    include_members: bool = False,
    dry_run: bool = False,
) -> dict[str, str]:
    """Delete users from the lock itself; return the result of each, by ID.

    This is for users who left the home. Listed users are skipped unless
    `include_members` is set, the owner always, and so are unknown users.
    """
    async with async_command(coordinator):
        absent_is_fresh = await _async_read_absent(coordinator, user_ids)
        results = dict.fromkeys(user_ids, "skipped")
        purged = [
            user_id
            for user_id in results
            if _may_purge(
                coordinator,
                user_id,
                absent_is_fresh=absent_is_fresh,
                include_members=include_members,
            )
        ]
        if dry_run:
            return results | dict.fromkeys(purged, "would_purge")
        refusal: TuyaError | None = None
        was_accepted = False
        for start in range(0, len(purged), PURGE_BATCH):
            batch = purged[start : start + PURGE_BATCH]
            try:
                await send_write(coordinator.smart_lock.purge_users(batch))
                was_accepted = True
            except TuyaError as err:
                refusal = err
        if refusal is not None and not was_accepted:
            raise refusal
        left = (
            await _async_get_remaining(coordinator, purged, absent_is_fresh)
            if purged
            else set()
        )
        for user_id in purged:
            results[user_id] = "failed" if user_id in left else "purged"
        return results


def _may_purge(
    coordinator: LockCoordinator,
    user_id: str,
    *,
    absent_is_fresh: bool,
    include_members: bool,
) -> bool:
    """Return whether a user is absent, or a listed user that the command includes.

    `absent_is_fresh` says that absent users were just fetched: earlier ones may have
    returned since. Without such a list, users who are not listed count as absent, but
    not on a lock that lists names only, whose list lacks administrators.
    """
    if (member := coordinator.data.users.get(user_id)) is not None:
        # In a list of names only, any of them may be the owner.
        knows_owner = coordinator.smart_lock.users.lists_schedules
        return include_members and knows_owner and not member.is_owner
    if not absent_is_fresh:
        return coordinator.smart_lock.users.lists_schedules
    return any(user.user_id == user_id for user in coordinator.data.absent_users or ())


async def _async_read_absent(
    coordinator: LockCoordinator, user_ids: Sequence[str]
) -> bool:
    """Fetch the absent users; return whether the lock supports that.

    Users in both lists, or all users without such a list, are updated before anything
    is deleted: the last update may be outdated. Of `user_ids`, only those count who are
    listed now.
    """
    try:
        await coordinator.async_read_absent(leaving=user_ids)
    except CALL_REFUSALS:
        await coordinator.async_read()
        return False
    absent = {user.user_id for user in coordinator.data.absent_users or ()}
    if not absent.isdisjoint(coordinator.data.users):
        await coordinator.async_read()
    return True


async def _async_get_remaining(
    coordinator: LockCoordinator, user_ids: Sequence[str], absent_is_fresh: bool
) -> set[str]:
    """Return the purged users that are still stored after some time."""
    purges_members = not coordinator.data.users.keys().isdisjoint(user_ids)

    def left(snapshot: LockSnapshot) -> set[str]:
        absent = {user.user_id for user in snapshot.absent_users or ()}
        return set(user_ids) & (
            (absent if absent_is_fresh else set()) | snapshot.users.keys()
        )

    def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
        return Delivery.ONGOING if left(snapshot) else Delivery.SUCCESS

    async def read() -> LockSnapshot:
        if absent_is_fresh:
            await coordinator.async_read_absent(leaving=user_ids)
        if purges_members or not absent_is_fresh:
            await coordinator.async_read(leaving=user_ids)
        return coordinator.data

    await async_verify(
        coordinator, outcome_in, read=read, wait_seconds=PURGE_WAIT_SECONDS
    )
    # Their unlock methods are deleted with them.
    await coordinator.async_read_orphans(leaving=user_ids)
    return left(coordinator.data)
