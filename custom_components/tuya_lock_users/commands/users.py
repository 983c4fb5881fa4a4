"""Commands that add, update, and delete users, and set their roles."""

from collections.abc import Mapping, Set as AbstractSet
from dataclasses import replace
from typing import Any

from ..api.decoding import text
from ..api.errors import (
    LASTING_REFUSALS,
    RefusedError,
    ServerError,
    TransportError,
    TuyaError,
)
from ..api.models import Role, User
from ..api.profiles import Profile
from ..api.schedule.model import Delivery
from ..api.write_forms import send_write
from ..coordinator.lock import LockCoordinator
from ..domain.names import same_name
from ..domain.snapshot import LockSnapshot
from ..errors import command_failed
from .turn import async_command
from .verify import async_verify, check_answered, check_lists_schedules, current_user


async def async_add_user(coordinator: LockCoordinator, profile: Profile) -> str:
    """Add a user; return the ID. If the reply was lost, it is that of a new namesake."""
    async with async_command(coordinator):
        return await async_send_new_user(coordinator, profile)


async def async_send_new_user(coordinator: LockCoordinator, profile: Profile) -> str:
    """Add a user, as a step of a command.

    A list may be late, or hide users without unlock methods, so the new user is read
    alone before it is reported as missing.
    """
    smart_lock = coordinator.smart_lock
    before = frozenset(coordinator.data.users)
    user_id: str | None = None

    async def add() -> None:
        nonlocal user_id
        user_id = await smart_lock.add_user(profile)

    def new_users(snapshot: LockSnapshot) -> list[str]:
        return [
            user.user_id
            for user in snapshot.users.values()
            if user.user_id not in before and same_name(user.name, text(profile.name))
        ]

    def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
        is_there = user_id in snapshot.users if user_id else new_users(snapshot)
        return Delivery.SUCCESS if is_there else None

    async def find_unlisted() -> tuple[Delivery | None, bool]:
        if user_id is not None and not await smart_lock.has_user(user_id):
            return None, True
        if await smart_lock.users.find_hidden_users():
            await coordinator.async_read()
        found = Delivery.SUCCESS if user_id else outcome_in(coordinator.data)
        return found, True

    unanswered = await send_write(add())
    snapshot = await async_verify(
        coordinator, outcome_in, unanswered=unanswered, last_read_back=find_unlisted
    )
    if snapshot is None:
        raise command_failed("order_dropped")
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
    """Return the profile to update, None if it can never be fetched.

    Transient errors are raised: without the profile, the command would overwrite values
    that should stay unchanged.
    """
    try:
        return await coordinator.smart_lock.profile(user.user_id)
    except LASTING_REFUSALS:
        return None


async def async_update_user(
    coordinator: LockCoordinator, user: User, changes: Mapping[str, Any]
) -> User:
    """Update some fields of a profile; the others stay unchanged.

    The call requires name and sex each time (docs/tuya_api.md, Adding, changing, and
    deleting users), so known values are sent again. A name that may be outdated is
    fetched first, since it would undo a change made elsewhere. The contact is sent only
    if it changes: it is not documented for this call.
    """
    async with async_command(coordinator):
        known = await _async_known_profile(coordinator, user)
        name = changes.get("name") or (known and known.name)
        if not name:
            name = current_user((await coordinator.async_read()).snapshot, user).name
        profile = replace(
            known or Profile(), **{"contact": None, **changes, "name": name}
        )

        def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
            current = current_user(snapshot, user).name
            has_name = same_name(current, text(profile.name))
            return Delivery.SUCCESS if has_name else None

        unanswered = await send_write(
            coordinator.smart_lock.update_user(user.user_id, profile)
        )
        if await async_verify(coordinator, outcome_in, unanswered=unanswered) is None:
            raise command_failed("order_dropped")
        await _async_verify_profile(
            coordinator, user, known, profile, changes.keys(), unanswered
        )
    return current_user(coordinator.data, user)


async def _async_verify_profile(
    coordinator: LockCoordinator,
    user: User,
    known: Profile | None,
    wanted: Profile,
    changed: AbstractSet[str],
    unanswered: TransportError | None,
) -> None:
    """Verify the fields that the list of users does not contain, if possible."""
    if not changed - {"name"}:
        return
    if known is None:
        if wanted.name == user.name:
            check_answered(unanswered)
        return
    try:
        current = await coordinator.smart_lock.profile(user.user_id)
    except TuyaError as err:
        coordinator.async_apply_error(err)
        raise command_failed("order_unconfirmed") from err
    if all(_has_value(current, wanted, field) for field in changed):
        return
    if unanswered is not None:
        raise command_failed("order_lost") from unanswered
    raise command_failed("order_dropped")


def _has_value(current: Profile, wanted: Profile, field: str) -> bool:
    """Return whether a profile has the value that was sent for a field.

    The cloud does not distinguish an empty text from none, and can move a birthday to
    the midnight of another time zone.
    """
    if field == "birthday_ms":
        return current.birthday == wanted.birthday
    if field in ("name", "contact"):  # decoding strips blanks
        return same_name(getattr(current, field), text(getattr(wanted, field)))
    return (getattr(current, field) or None) == (getattr(wanted, field) or None)


async def async_delete_user(coordinator: LockCoordinator, user: User) -> None:
    """Delete a user."""
    async with async_command(coordinator):
        await async_send_deletion(coordinator, user)


async def async_send_deletion(coordinator: LockCoordinator, user: User) -> None:
    """Delete a user, as a step of a command."""

    def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
        is_there = user.user_id in snapshot.users
        return None if is_there else Delivery.SUCCESS

    check_lists_schedules(coordinator)  # the user may be the owner
    unanswered = await send_write(coordinator.smart_lock.delete_user(user.user_id))
    snapshot = await async_verify(
        coordinator, outcome_in, unanswered=unanswered, leaving=[user.user_id]
    )
    if snapshot is None:
        raise command_failed("order_dropped")
    await coordinator.async_read_orphans()


async def async_set_role(coordinator: LockCoordinator, user: User, role: Role) -> User:
    """Set the role of a user; return the user as before.

    Nothing is sent if an update confirms that the user has the role already.
    """

    def outcome_in(snapshot: LockSnapshot) -> Delivery | None:
        has_role = current_user(snapshot, user).role is role
        return Delivery.SUCCESS if has_role else None

    async with async_command(coordinator):
        check_lists_schedules(coordinator)
        before = current_user(coordinator.data, user)
        if before.role is role:
            before = current_user((await coordinator.async_read()).snapshot, user)
        if before.role is role:
            return before
        unanswered = await send_write(
            coordinator.smart_lock.set_role(user.user_id, role)
        )
        if await async_verify(coordinator, outcome_in, unanswered=unanswered) is None:
            raise command_failed("order_dropped")
        return before
