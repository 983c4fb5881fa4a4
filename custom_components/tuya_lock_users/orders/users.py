"""Orders about users: who they are, what they may do, whether they are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ..api.dialects import UsersCall
from ..api.errors import RefusedError, TransportError, TuyaError
from ..api.models import Profile, Role, User
from ..coordinator import LockCoordinator
from ..errors import order_failed
from ..snapshot import LockSnapshot
from .proof import Outcome, order, prove, read_back, send

# How many ids one call takes is not documented (TUYA_API §5.1).
PURGE_BATCH: Final = 20
PURGE_WAIT_SECONDS: Final = 15


async def async_add_user(lock: LockCoordinator, profile: Profile) -> str:
    """Add a user; return the id.

    Where the answer was lost, somebody new of that name is who was added.
    """
    before = frozenset(lock.data.users)
    user_id: str | None = None

    def new_users(snapshot: LockSnapshot) -> list[str]:
        return [
            user.user_id
            for user in snapshot.users.values()
            if user.user_id not in before and user.name == profile.name
        ]

    def shows(snapshot: LockSnapshot) -> Outcome:
        is_there = user_id in snapshot.users if user_id else bool(new_users(snapshot))
        return Outcome.SUCCESS if is_there else Outcome.NOTHING

    async with order(lock):
        lost: TransportError | None = None
        try:
            user_id = await lock.project.client.add_user(lock.lock_id, profile)
        except TransportError as err:
            lost = err
        if await prove(lock, shows, lost=lost) is Outcome.NOTHING:
            raise order_failed("order_dropped")
        return user_id or new_users(lock.data)[0]


async def async_read_profile(lock: LockCoordinator, user_id: str) -> Profile | None:
    """Return the profile of a user, None where it may not be read (DESIGN §11.5)."""
    try:
        return await lock.project.client.profile(lock.lock_id, user_id)
    except RefusedError:
        return None


async def async_update_user(
    lock: LockCoordinator, user: User, changes: Mapping[str, Any]
) -> User:
    """Change the given fields of a profile; what is left out stays.

    The call wants name and sex each time (TUYA_API §5.1), so what is known is sent
    again. The contact goes along only when it changes: the documents do not list it.
    """
    async with order(lock):
        known = await async_read_profile(lock, user.user_id)
        profile = replace(
            known or Profile(), **{"name": user.name, "contact": None, **changes}
        )

        def shows(snapshot: LockSnapshot) -> Outcome:
            shown = snapshot.users.get(user.user_id)
            has_name = shown is not None and shown.name == profile.name
            return Outcome.SUCCESS if has_name else Outcome.NOTHING

        lost = await send(
            lock.project.client.update_user(lock.lock_id, user.user_id, profile)
        )
        if await prove(lock, shows, lost=lost) is Outcome.NOTHING:
            raise order_failed("order_dropped")
        await _async_prove_profile(lock, user, known, changes, lost)
    return read_back(lock, user)


async def _async_prove_profile(
    lock: LockCoordinator,
    user: User,
    known: Profile | None,
    changes: Mapping[str, Any],
    lost: TransportError | None,
) -> None:
    """Compare what the list of users does not show, where it may be read."""
    if not changes.keys() - {"name"}:
        return
    shown = None if known is None else await async_read_profile(lock, user.user_id)
    if shown is None:
        if lost is not None:
            raise order_failed("order_unconfirmed") from lost
        return
    if any(getattr(shown, key) != value for key, value in changes.items()):
        raise order_failed("order_dropped") from lost


async def async_delete_user(lock: LockCoordinator, user: User) -> None:
    """Delete a user."""

    def shows(snapshot: LockSnapshot) -> Outcome:
        is_there = user.user_id in snapshot.users
        return Outcome.NOTHING if is_there else Outcome.SUCCESS

    async with order(lock):
        lost = await send(lock.project.client.delete_user(lock.lock_id, user.user_id))
        if await prove(lock, shows, lost=lost) is Outcome.NOTHING:
            raise order_failed("order_dropped")
        await lock.async_read_leftovers()


async def async_set_role(lock: LockCoordinator, user: User, role: Role) -> None:
    """Make a user administrator, or not; nothing is sent where that is so already."""

    def shows(snapshot: LockSnapshot) -> Outcome:
        shown = snapshot.users.get(user.user_id)
        has_role = shown is not None and shown.role is role
        return Outcome.SUCCESS if has_role else Outcome.NOTHING

    if user.role is role:
        return
    async with order(lock):
        lost = await send(
            lock.project.client.set_role(lock.lock_id, user.user_id, role)
        )
        if lock.reader.dialects.users_call is UsersCall.BY_NAME and lost is None:
            return  # such a lock tells no roles: there is nothing to read back
        if await prove(lock, shows, lost=lost) is Outcome.NOTHING:
            raise order_failed("order_dropped")


async def async_purge_users(
    lock: LockCoordinator,
    user_ids: Sequence[str],
    *,
    include_members: bool = False,
    dry_run: bool = False,
) -> dict[str, str]:
    """Delete users from the lock itself; return what became of each, by id.

    Meant for those gone from the home. Users of the lock are left alone unless
    `include_members`, its owner always, and so is who is not on the lock at all.
    """
    async with order(lock):
        snapshot = await lock.async_read_leftovers(unassigned=False)
        absent = {user.user_id for user in snapshot.absent_users or ()}
        is_told = snapshot.absent_users is not None
        results = dict.fromkeys(user_ids, "skipped")
        purged = [
            user_id
            for user_id in results
            if (
                (member := snapshot.users.get(user_id)) is None
                and (user_id in absent or not is_told)
            )
            or (member is not None and include_members and not member.is_owner)
        ]
        if dry_run:
            return results | dict.fromkeys(purged, "would_purge")
        refusal: TuyaError | None = None
        was_taken = False
        for start in range(0, len(purged), PURGE_BATCH):
            batch = purged[start : start + PURGE_BATCH]
            try:
                await send(lock.project.client.purge_users(lock.lock_id, batch))
                was_taken = True
            except TuyaError as err:
                refusal = err
        if refusal is not None and not was_taken:
            raise refusal
        left = await _async_left(lock, purged) if purged else set()
        for user_id in purged:
            results[user_id] = "failed" if user_id in left else "purged"
        return results


async def _async_left(lock: LockCoordinator, user_ids: Sequence[str]) -> set[str]:
    """Return who of the purged is still there, after the lock had some time."""
    purges_members = not lock.data.users.keys().isdisjoint(user_ids)

    def left(snapshot: LockSnapshot) -> set[str]:
        absent = {user.user_id for user in snapshot.absent_users or ()}
        return set(user_ids) & (absent | snapshot.users.keys())

    def shows(snapshot: LockSnapshot) -> Outcome:
        return Outcome.ONGOING if left(snapshot) else Outcome.SUCCESS

    async def read() -> LockSnapshot:
        if purges_members:
            await lock.async_read()
        return await lock.async_read_leftovers(unassigned=False)

    await prove(lock, shows, read=read, wait_seconds=PURGE_WAIT_SECONDS)
    return left(lock.data)
