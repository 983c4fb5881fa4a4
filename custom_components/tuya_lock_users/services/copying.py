"""The handler of the action that copies users to other locks."""

from collections.abc import Iterable
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse

from ..api.models import User
from ..commands.copying import Copy, async_copy_users
from ..commands.verify import check_lists_schedules
from ..coordinator.lock import LockCoordinator
from ..errors import command_failed, not_possible
from ..localize import Localizer
from .schemas import ATTR_DRY_RUN, ATTR_TO, ATTR_USERS
from .targets import async_get_target, async_read, get_listed_user, get_lock_and_user


async def async_handle_copy_users(call: ServiceCall) -> ServiceResponse:
    """Copy users to other locks, with their schedules."""
    source, user_id = await async_get_target(call)
    targets = _get_targets(call, source)
    await async_read(source)
    with source.action_errors():
        check_lists_schedules(source)
    copies = await async_copy_users(
        source,
        targets,
        _users(call, source, user_id),
        dry_run=call.data.get(ATTR_DRY_RUN, False),
    )
    if not call.return_response:
        _check_copied(call.hass, copies)
    return {"results": [_serialize(call.hass, copy) for copy in copies]}


def _get_targets(
    call: ServiceCall, source: LockCoordinator
) -> Iterable[LockCoordinator]:
    """Return the locks to copy to, each once."""
    if not call.data[ATTR_TO]:
        raise not_possible("no_target_locks")
    targets: dict[str, LockCoordinator] = {}
    for device_id in call.data[ATTR_TO]:
        lock, _ = get_lock_and_user(call.hass, device_id)
        if lock.lock_id == source.lock_id:
            raise not_possible("copy_to_itself", lock=lock.devices.lock_name)
        targets[lock.lock_id] = lock
    return targets.values()


def _users(
    call: ServiceCall, source: LockCoordinator, user_id: str | None
) -> Iterable[User]:
    """Return the users to copy, each once: the selected one, the named ones, or all."""
    if ATTR_USERS not in call.data:
        return (
            [get_listed_user(source, user_id)]
            if user_id
            else source.data.users.values()
        )
    if user_id is not None:
        raise not_possible("user_given_twice")
    if not (names := call.data[ATTR_USERS]):
        raise not_possible("no_users")
    users = [get_listed_user(source, name) for name in names]
    return {user.user_id: user for user in users}.values()


def _check_copied(hass: HomeAssistant, copies: Iterable[Copy]) -> None:
    """Raise if something failed: without a response, nothing else would report it."""
    localizer = Localizer(hass)
    reasons = [localizer.error(copy.error) for copy in copies if copy.error]
    if reasons:
        raise command_failed(
            "copy_incomplete",
            count=str(len(reasons)),
            reasons="\n".join(dict.fromkeys(reasons)),
        )


def _serialize(hass: HomeAssistant, copy: Copy) -> dict[str, Any]:
    """Return the result for one user as plain data."""
    return {
        "lock_id": copy.lock_id,
        "lock": copy.lock,
        "user": copy.user.name,
        "status": copy.status,
        "user_id": copy.user_id,
        "delivery_status": copy.delivery,
        "left_behind": copy.left_behind,
        "reason": Localizer(hass).error(copy.error) if copy.error else None,
    }
