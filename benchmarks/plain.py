"""The plain way to poll a lock: its users, then the unlock methods of each."""

from custom_components.tuya_lock_users.api.cloud import TuyaCloud
from custom_components.tuya_lock_users.api.endpoints import Endpoints
from custom_components.tuya_lock_users.api.user_list import UserCalls
from simulator import SimulatedCloud

from .house import ENDPOINT, carried, carrier


async def calls_of_a_poll(cloud: SimulatedCloud) -> int:
    """Return the calls of one poll of all locks, without tokens."""
    async with carried(carrier(cloud)):
        tuya = TuyaCloud(
            None,  # type: ignore[arg-type]  # nothing leaves this process
            url=ENDPOINT,
            access_id=cloud.access_id,
            access_secret=cloud.access_secret,
        )
        await tuya.project_uid()
        cloud.calls.clear()
        locks = Endpoints(tuya)
        for lock_id in cloud.locks:
            users = await UserCalls(locks.lists, lock_id).with_filter()
            for user in users.items:
                await locks.unlock_methods(lock_id, user.user_id)
    return len(cloud.calls)
