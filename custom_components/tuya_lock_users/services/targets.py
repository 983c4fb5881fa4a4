"""Guards that return the target of an action, or raise the precise reason."""

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers.service import async_get_device_and_config_entry

from ..api.models import User
from ..const import DOMAIN
from ..coordinator.lock import LockCoordinator
from ..coordinator.project import ProjectCoordinator
from ..domain.names import same_name
from ..errors import not_possible
from .schemas import ATTR_USER


def get_lock_and_user(
    hass: HomeAssistant, device_id: str
) -> tuple[LockCoordinator, str | None]:
    """Return the lock of a device, and the ID of the user if it is a user's."""
    device, entry = async_get_device_and_config_entry(hass, DOMAIN, device_id)
    project: ProjectCoordinator = entry.runtime_data
    identifier = next(text for domain, text in device.identifiers if domain == DOMAIN)
    lock_id, _, user_id = identifier.partition(":")
    if (lock := project.locks.get(lock_id)) is None:
        raise not_possible("lock_required", device=device.name or identifier)
    return lock, user_id or None


async def async_get_target(call: ServiceCall) -> tuple[LockCoordinator, str | None]:
    """Return the lock of an action, with data, and the user ID of the device if any."""
    lock, user_id = get_lock_and_user(call.hass, call.data[ATTR_DEVICE_ID])
    if not lock.has_data:
        await async_read(lock)
    return lock, user_id


async def async_get_lock(call: ServiceCall) -> LockCoordinator:
    """Return the lock of an action."""
    lock, _ = await async_get_target(call)
    return lock


async def async_get_named_user(
    call: ServiceCall,
) -> tuple[LockCoordinator, User | None]:
    """Return the lock of an action, and the user if one is specified.

    The user is the selected device, or specified by ID or exact name. For an unknown
    user the lock is updated first: the user may just have been added elsewhere.
    """
    lock, user_id = await async_get_target(call)
    if (name_or_id := user_id or call.data.get(ATTR_USER)) is None:
        return lock, None
    if (user := _find_user(lock, name_or_id)) is None:
        await async_read(lock)
        user = get_listed_user(lock, name_or_id)
    typed = call.data.get(ATTR_USER, user.user_id)
    if typed != user.user_id and not same_name(typed, user.name, alike=True):
        raise not_possible("user_given_twice")
    return lock, user


async def async_get_user(call: ServiceCall) -> tuple[LockCoordinator, User]:
    """Return the lock and the user of an action."""
    lock, user = await async_get_named_user(call)
    if user is None:
        raise not_possible("user_required")
    return lock, user


async def async_get_non_owner(call: ServiceCall) -> tuple[LockCoordinator, User]:
    """Return the lock and the user of an action; refuse the owner."""
    lock, user = await async_get_user(call)
    if user.is_owner:
        raise not_possible("owner_protected", user=user.name or user.user_id)
    return lock, user


async def async_read(lock: LockCoordinator) -> None:
    """Update a lock for an action."""
    with lock.action_errors():
        await lock.async_read()


def get_listed_user(lock: LockCoordinator, name_or_id: str) -> User:
    """Return the user with an ID or exact name, as of the last update."""
    if (user := _find_user(lock, name_or_id)) is None:
        raise not_possible(
            "user_not_found", user=name_or_id, lock=lock.devices.lock_name
        )
    return user


def _find_user(lock: LockCoordinator, name_or_id: str) -> User | None:
    """Return the user with an ID or exact name; refuse an ambiguous name.

    Letters that only look alike match if no other name does.
    """
    if (user := lock.data.users.get(name_or_id)) is not None:
        return user
    users: list[User] = []
    for alike in (False, True):
        users = users or [
            user
            for user in lock.data.users.values()
            if same_name(name_or_id, user.name, alike=alike)
        ]
    if len(users) > 1:
        raise not_possible(
            "user_ambiguous",
            user=name_or_id,
            candidates=", ".join(f"{user.name} ({user.user_id})" for user in users),
        )
    return users[0] if users else None
