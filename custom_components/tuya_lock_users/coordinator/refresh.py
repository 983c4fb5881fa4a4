"""Refreshing one lock on request."""

from ..api.errors import TuyaError
from .lock import LockCoordinator
from .project import ProjectCoordinator


async def async_refresh_lock(
    project: ProjectCoordinator, lock: LockCoordinator
) -> None:
    """Refresh a lock, including what is otherwise updated once a day.

    Refused calls are tried again, since the cause may be resolved. Raises
    HomeAssistantError.
    """
    project.runtime.problems.async_probe_now(lock.lock_id)
    lock.forget_users_call()
    with lock.action_errors(probe=True):
        try:
            if not lock.has_data:
                await lock.async_read()
            known = lock.data.users.keys()
            reading = await lock.async_read(known)
            if new := lock.data.users.keys() - known - reading.details_read:
                await lock.async_read_details(new)
        except TuyaError as err:
            lock.note_failure(err)
            raise
    await lock.async_read_orphans()
    await lock.passwords.async_read_if_followed()
    listed = project.data.get(lock.lock_id)
    if listed is not None and listed.online is False:
        # Only the list knows whether a lock is online again.
        await project.async_request_refresh()
