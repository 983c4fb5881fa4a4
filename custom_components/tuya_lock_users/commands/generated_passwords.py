"""Commands about passwords that a lock verifies by itself.

A PIN is returned to the caller and is in no message, log, or state.
"""

from homeassistant.util import dt as dt_util

from ..api.generated_passwords import DYNAMIC_SECONDS, HOUR_SECONDS
from ..api.password_records import OfflineKind, OfflinePassword
from ..api.pin import Pin
from ..coordinator.lock import LockCoordinator
from ..errors import not_possible
from .turn import async_command


async def async_get_dynamic(coordinator: LockCoordinator) -> tuple[Pin, float]:
    """Return the dynamic password, and until when it works at least."""
    with coordinator.action_errors():
        try:
            pin = await coordinator.passwords.generated.dynamic()
        finally:
            coordinator.passwords.remember_dialects()
    return pin, dt_util.utcnow().timestamp() + DYNAMIC_SECONDS


async def async_add_offline(
    coordinator: LockCoordinator,
    name: str,
    kind: OfflineKind,
    *,
    start: int | None,
    end: int | None,
    password_id: str | None,
) -> OfflinePassword:
    """Return a new offline password. Limits count for the kind `multiple` only."""
    if kind is OfflineKind.CLEAR_ONE and password_id is None:
        raise not_possible("password_id_required")
    if kind is OfflineKind.MULTIPLE and start is not None and end is not None:
        if end // HOUR_SECONDS <= start // HOUR_SECONDS:
            raise not_possible("offline_too_short")
        if end <= dt_util.utcnow().timestamp():
            raise not_possible("end_in_past")
    async with async_command(coordinator):
        try:
            return await coordinator.passwords.generated.add_offline(
                name,
                kind,
                start=start if kind is OfflineKind.MULTIPLE else None,
                end=end if kind is OfflineKind.MULTIPLE else None,
                password_id=password_id if kind is OfflineKind.CLEAR_ONE else None,
            )
        finally:
            coordinator.passwords.remember_dialects()
