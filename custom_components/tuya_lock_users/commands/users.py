"""Orders about users: who they are, what they may do, whether they are."""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import replace
from typing import Any, Final

from ..api.decoding import text
from ..api.errors import (
    LASTING_REFUSALS,
    BadRequestError,
    NotAuthorizedError,
    RefusedError,
    ServerError,
    TransportError,
    TuyaError,
    UnsupportedError,
)
from ..api.models import Profile, Role, User
from ..api.schedule.model import Delivery
from ..api.smart_lock import send_write
from ..coordinator.lock import LockCoordinator
from ..domain.snapshot import LockSnapshot
from ..errors import order_failed
from .verify import (
    async_command,
    async_verify,
    check_answered,
    check_lists_schedules,
    current_user,
)

# The limit of one call is not documented (docs/tuya_api.md, Purging users).
PURGE_BATCH: Final = 20
PURGE_WAIT_SECONDS: Final = 15


async def async_add_user(coordinator: LockCoordinator, profile: Profile) -> str:
    """Add a user; return the id.

    Where the answer was lost, somebody new of that name is who was added.
    """
    async with async_command(coordinator):
        before = frozenset(coordinator.data.users)
        user_id: str | None = None

        async def add() -> None:
            nonlocal user_id
            user_id = await coordinator.smart_lock.add_user(profile)

        def new_users(snapshot: LockSnapshot) -> list[str]:
            return [
                user.user_id
                for user in snapshot.users.values()
                if user.user_id not in before and user.name == text(profile.name)
            ]

        def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
            is_there = (
                user_id in snapshot.users if user_id else bool(new_users(snapshot))
            )
            return Delivery.SUCCESS if is_there else None

        unanswered = await send_write(add())
        if await async_verify(coordinator, outcome_in, unanswered=unanswered) is None:
            raise order_failed("order_dropped")
        return user_id or new_users(coordinator.data)[0]


async def async_read_profile(
    coordinator: LockCoordinator, user: User
) -> Profile | None:
    """Return the profile of a user, None if Tuya refuses it.

    Administrators cannot be queried; the only documented failure is code 500
    (docs/tuya_api.md, Profiles).
    """
    try:
        return await coordinator.smart_lock.profile(user.user_id)
    except RefusedError:
        return None
    except ServerError:
        if not user.is_administrator:
            raise
        return None


async def _async_known_profile(
    coordinator: LockCoordinator, user: User
) -> Profile | None:
    """Return the profile to be changed, None where it may not be read.

    Whatever will pass is raised instead: without the profile an order would overwrite
    what it was to leave alone.
    """
    try:
        return await coordinator.smart_lock.profile(user.user_id)
    except LASTING_REFUSALS:
        return None


async def async_update_user(
    coordinator: LockCoordinator, user: User, changes: Mapping[str, Any]
) -> User:
    """Change the given fields of a profile; what is left out stays.

    The call wants name and sex each time (TUYA_API §5.1), so what is known is sent
    again; a name that was read some time ago is read anew, or it would undo somebody's
    change. The contact goes along only when it changes: the documents do not list it.
    """
    async with async_command(coordinator):
        known = await _async_known_profile(coordinator, user)
        name = changes.get("name") or (known and known.name)
        if not name:
            name = current_user(await coordinator.async_read(), user).name
        profile = replace(
            known or Profile(), **{"contact": None, **changes, "name": name}
        )

        def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
            has_name = current_user(snapshot, user).name == text(profile.name)
            return Delivery.SUCCESS if has_name else None

        unanswered = await send_write(
            coordinator.smart_lock.update_user(user.user_id, profile)
        )
        if await async_verify(coordinator, outcome_in, unanswered=unanswered) is None:
            raise order_failed("order_dropped")
        await _async_prove_profile(
            coordinator, user, known, profile, changes.keys(), unanswered
        )
    return current_user(coordinator.data, user)


async def _async_prove_profile(
    coordinator: LockCoordinator,
    user: User,
    known: Profile | None,
    wanted: Profile,
    changed: AbstractSet[str],
    unanswered: TransportError | None,
) -> None:
    """Compare what the list of users does not show, where it may be read."""
    if not changed - {"name"}:
        return
    if known is None:
        if wanted.name == user.name:
            check_answered(unanswered)
        return
    try:
        shown = await coordinator.smart_lock.profile(user.user_id)
    except TuyaError as err:
        coordinator.async_apply_error(err)
        raise order_failed("order_unconfirmed") from err
    if all(_is_shown(shown, wanted, field) for field in changed):
        return
    if unanswered is not None:
        raise order_failed("order_lost") from unanswered
    raise order_failed("order_dropped")


def _is_shown(shown: Profile, wanted: Profile, field: str) -> bool:
    """Return whether a profile shows what was sent for one of its fields.

    A birthday in the first weeks of 1970 may be read as another one: its number counts.
    An empty text and none are the same to the cloud.
    """
    if field == "birthday":
        sent = wanted.encoded().get(field) or 0
        if sent == (shown.birthday_number or 0):
            return True
    if field in ("name", "contact"):  # what is read has no blanks around it
        return bool(getattr(shown, field) == text(getattr(wanted, field)))
    return (getattr(shown, field) or None) == (getattr(wanted, field) or None)


async def async_delete_user(coordinator: LockCoordinator, user: User) -> None:
    """Delete a user."""

    def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
        is_there = user.user_id in snapshot.users
        return None if is_there else Delivery.SUCCESS

    async with async_command(coordinator):
        check_lists_schedules(coordinator)  # one of them may be the owner
        unanswered = await send_write(coordinator.smart_lock.delete_user(user.user_id))
        if await async_verify(coordinator, outcome_in, unanswered=unanswered) is None:
            raise order_failed("order_dropped")
        await coordinator.async_read_orphans()


async def async_set_role(coordinator: LockCoordinator, user: User, role: Role) -> User:
    """Make a user administrator, or not; return the user as they were before.

    Nothing is sent where that is so already, and still is when read anew.
    """

    def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
        has_role = current_user(snapshot, user).role is role
        return Delivery.SUCCESS if has_role else None

    async with async_command(coordinator):
        check_lists_schedules(coordinator)
        before = current_user(coordinator.data, user)
        if before.role is role:
            before = current_user(await coordinator.async_read(), user)
        if before.role is role:
            return before
        unanswered = await send_write(
            coordinator.smart_lock.set_role(user.user_id, role)
        )
        if await async_verify(coordinator, outcome_in, unanswered=unanswered) is None:
            raise order_failed("order_dropped")
        return before


async def async_purge_users(
    coordinator: LockCoordinator,
    user_ids: Sequence[str],
    *,
    include_members: bool = False,
    dry_run: bool = False,
) -> dict[str, str]:
    """Delete users from the lock itself; return what became of each, by id.

    Meant for those gone from the home. Users of the lock are left alone unless
    `include_members`, its owner always, and so is who is not on the lock at all.
    """
    async with async_command(coordinator):
        is_told = await _async_read_absent(coordinator)
        results = dict.fromkeys(user_ids, "skipped")
        purged = [
            user_id
            for user_id in results
            if _may_purge(
                coordinator, user_id, is_told=is_told, include_members=include_members
            )
        ]
        if dry_run:
            return results | dict.fromkeys(purged, "would_purge")
        refusal: TuyaError | None = None
        was_taken = False
        for start in range(0, len(purged), PURGE_BATCH):
            batch = purged[start : start + PURGE_BATCH]
            try:
                await send_write(coordinator.smart_lock.purge_users(batch))
                was_taken = True
            except TuyaError as err:
                refusal = err
        if refusal is not None and not was_taken:
            raise refusal
        left = await _async_left(coordinator, purged, is_told) if purged else set()
        for user_id in purged:
            results[user_id] = "failed" if user_id in left else "purged"
        return results


def _may_purge(
    coordinator: LockCoordinator, user_id: str, *, is_told: bool, include_members: bool
) -> bool:
    """Return whether somebody is absent, or a user whom the order includes.

    `is_told` says that the absent were read just now: those told some time ago may have
    come back since. Where they are not told, whoever is not listed is taken for absent;
    but a list by name leaves administrators out (TUYA_API §5.1).
    """
    if (member := coordinator.data.users.get(user_id)) is not None:
        # Where names are all that is listed, one of them may be the owner.
        knows_owner = coordinator.smart_lock.lists_schedules
        return include_members and knows_owner and not member.is_owner
    if not is_told:
        return coordinator.smart_lock.lists_schedules
    return any(user.user_id == user_id for user in coordinator.data.absent_users or ())


async def _async_read_absent(coordinator: LockCoordinator) -> bool:
    """Read who is absent; return whether this lock tells.

    Users as they were read last may be old: somebody who is in both lists, or anybody
    where only that list tells, is looked up anew before they are deleted for good.
    """
    try:
        await coordinator.async_read_absent()
    except UnsupportedError, NotAuthorizedError, BadRequestError:
        await coordinator.async_read()
        return False
    absent = {user.user_id for user in coordinator.data.absent_users or ()}
    if not absent.isdisjoint(coordinator.data.users):
        await coordinator.async_read()
    return True


async def _async_left(
    coordinator: LockCoordinator, user_ids: Sequence[str], is_told: bool
) -> set[str]:
    """Return who of the purged is still there, after the lock had some time."""
    purges_members = not coordinator.data.users.keys().isdisjoint(user_ids)

    def left(snapshot: LockSnapshot) -> set[str]:
        absent = {user.user_id for user in snapshot.absent_users or ()}
        return set(user_ids) & ((absent if is_told else set()) | snapshot.users.keys())

    def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
        return Delivery.ONGOING if left(snapshot) else Delivery.SUCCESS

    async def read() -> LockSnapshot:
        if is_told:
            await coordinator.async_read_absent()
        if purges_members or not is_told:
            await coordinator.async_read()
        return coordinator.data

    await async_verify(
        coordinator, outcome_in, read=read, wait_seconds=PURGE_WAIT_SECONDS
    )
    # What the purged had bound is gone with them.
    await coordinator.async_read_orphans()
    return left(coordinator.data)
