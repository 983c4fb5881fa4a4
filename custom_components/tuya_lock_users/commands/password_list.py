"""Guards and verification of commands about temporary passwords."""

from collections.abc import Callable
from typing import Final

from homeassistant.util import dt as dt_util

from ..api.errors import TransportError
from ..api.password_phases import ENDED
from ..api.password_records import (
    PasswordFailure,
    PasswordOrder,
    TemporaryPassword,
    hours_of,
)
from ..api.schedule.model import Delivery, Schedule, same_effect
from ..coordinator.lock import LockCoordinator
from ..domain.names import same_name
from ..domain.snapshot import LockSnapshot
from ..errors import command_failed, not_possible
from .verify import WAIT_SECONDS, async_verify

# The longest name that Tuya's apps accept.
LONGEST_NAME: Final = 20
# The cloud may round the limits of a password to the minute.
_ROUNDING_SECONDS: Final = 60


async def async_verify_list(
    coordinator: LockCoordinator,
    outcome: Callable[[], Delivery | None],
    *,
    unanswered: TransportError | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> None:
    """Read the list until it shows the outcome of a command; raise if it has none."""

    async def read() -> LockSnapshot:
        await coordinator.passwords.async_read()
        return coordinator.data

    snapshot = await async_verify(
        coordinator,
        lambda _: outcome(),
        unanswered=unanswered,
        read=read,
        wait_seconds=wait_seconds,
    )
    if snapshot is None:
        raise command_failed("order_dropped")


def find_password(
    passwords: tuple[TemporaryPassword, ...], password_id: str
) -> TemporaryPassword:
    """Return the password of a list with an ID; raise if there is none."""
    for password in passwords:
        if password.password_id == password_id:
            return password
    raise not_possible("password_not_found", password_id=password_id)


def named_password(
    passwords: tuple[TemporaryPassword, ...], name_or_id: str
) -> TemporaryPassword:
    """Return the password with an ID or an exact name; refuse an ambiguous name.

    A password that has ended is returned only if no other has the name.
    """
    named = [p for p in passwords if same_name(p.name, name_or_id)]
    named = [p for p in named if p.status not in ENDED] or named
    if not named or any(p.password_id == name_or_id for p in passwords):
        return find_password(passwords, name_or_id)
    if len(named) > 1:
        candidates = ", ".join(p.password_id for p in named)
        raise not_possible("password_ambiguous", name=name_or_id, candidates=candidates)
    return named[0]


def password_name(password: TemporaryPassword) -> str:
    """Return what a message calls a password."""
    return password.name or password.password_id


def check_name(passwords: tuple[TemporaryPassword, ...], name: str) -> None:
    """Raise for a name that is too long, or that a current password has."""
    if len(name) > LONGEST_NAME:
        raise not_possible("password_name_too_long", limit=str(LONGEST_NAME))
    if any(p.name == name for p in passwords if p.status not in ENDED):
        raise not_possible("password_name_taken")


def check_end(schedule: Schedule) -> None:
    """Raise for an end in the past."""
    if schedule.end is not None and schedule.end <= dt_util.utcnow().timestamp():
        raise not_possible("end_in_past")


def check_failure(password: TemporaryPassword) -> None:
    """Raise the reason that the lock gave for a failed change."""
    match password.failure:
        case PasswordFailure.TAKEN:
            raise command_failed("password_taken")
        case PasswordFailure.FULL:
            raise command_failed("password_limit")


def is_as_ordered(password: TemporaryPassword, order: PasswordOrder) -> bool:
    """Return whether a password opens the door when and as often as ordered.

    A window counts in the zone that was sent, whatever zone the cloud returns.
    """
    shown, wanted = password.schedule, order.schedule
    return (
        password.one_time in (None, order.one_time)
        and _is_near(shown.start, wanted.start)
        and _is_near(shown.end, wanted.end)
        and same_effect(hours_of(shown), hours_of(wanted))
    )


def _is_near(shown: int | None, wanted: int | None) -> bool:
    if shown is None or wanted is None:
        return shown is wanted
    return abs(shown - wanted) < _ROUNDING_SECONDS
