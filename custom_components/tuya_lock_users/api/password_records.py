"""Passwords as frozen values, and how they are read and written.

Pure. The PIN itself is in no record of the cloud.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from .decoding import integer, text
from .dialects import PhaseSet
from .errors import TransportError
from .password_phases import ENDED, PasswordStatus, status_of
from .pin import Pin
from .schedule.model import DAY_MINUTES, Delivery, Schedule, Window
from .schedule.windows import WindowDialect, corrected
from .schedule.wire import decode_delivery, decode_schedule


class PasswordFailure(StrEnum):
    """Why the lock did not accept a password (docs/tuya_api.md, Password phases)."""

    TAKEN = "taken"
    FULL = "full"


_WAITING: Final = frozenset({PasswordStatus.PENDING, PasswordStatus.DELETING})

_DELIVERIES: Final = {
    1: Delivery.ONGOING,
    2: Delivery.SUCCESS,
    3: Delivery.FAILED,
    4: Delivery.FAILED,
    5: Delivery.FAILED,
}
_ONE_TIME: Final[dict[int | None, bool]] = {0: False, 1: True}
_FAILURES: Final = {4: PasswordFailure.TAKEN, 5: PasswordFailure.FULL}


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryPassword:
    """One temporary password, without its PIN.

    Attributes:
        password_id: Its ID in calls.
        number: Its number in reports of the lock.
        schedule: When it works; one window at most.
        one_time: Whether it works only once, None if unknown.
        status: Its status, as far as known.
        delivery: Whether the lock has applied the latest change.
        failure: The reason if it has not.
        phase: The number that the status was derived from.
        time_zone: The IANA zone of the window.
    """

    password_id: str
    number: int | None = None
    name: str | None = None
    schedule: Schedule
    one_time: bool | None = None
    status: PasswordStatus
    delivery: Delivery | None = None
    failure: PasswordFailure | None = None
    phase: int | None = None
    time_zone: str | None = None

    @property
    def is_pending(self) -> bool:
        """Return whether the lock has not applied a change yet."""
        return self.status in _WAITING or (
            self.delivery is Delivery.ONGOING and self.status not in ENDED
        )

    def opens_at(self, now: float) -> bool:
        """Return whether it is in force at a moment, regardless of windows."""
        return self.status is PasswordStatus.ACTIVE and not self.has_ended(now)

    def has_ended(self, now: float) -> bool:
        """Return whether it has ended."""
        end = self.schedule.end
        return end is not None and end <= now


class OfflineKind(StrEnum):
    """The kinds of offline passwords (docs/tuya_api.md, Dynamic and offline passwords)."""

    ONCE = "once"
    MULTIPLE = "multiple"
    CLEAR_ONE = "clear_one"
    CLEAR_ALL = "clear_all"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordOrder:
    """The content of a temporary password to be written.

    `schedule` has a start and an end, and one window at most.
    """

    name: str
    schedule: Schedule
    one_time: bool = False
    time_zone: str | None = None

    def encoded(self) -> dict[str, Any]:
        """Return the body of a password call, without the PIN."""
        zone = {} if self.time_zone is None else {"time_zone": self.time_zone}
        windows = self.schedule.windows
        rows = {"schedule_list": encode_rows(windows)} if windows else {}
        return {
            "name": self.name,
            "effective_time": self.schedule.start,
            "invalid_time": self.schedule.end,
            "type": int(self.one_time),
            **zone,
            **rows,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """A temporary password that the cloud accepted.

    `password_id` is None if the reply was lost or has no ID; then only the list shows
    whether it exists. `unanswered` is the error that lost the reply.
    """

    pin: Pin
    password_id: str | None
    unanswered: TransportError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflinePassword:
    """A password that the lock verifies by itself; the cloud cannot revoke it.

    `start` and `end` are seconds since 1970. What the cloud does not provide is None.
    """

    password_id: str | None
    pin: Pin
    start: int | None
    end: int | None


def decode_password(
    record: dict[str, Any],
    *,
    phases: PhaseSet | None,
    ordered: PasswordStatus | None = None,
    dialect: WindowDialect,
) -> TemporaryPassword | None:
    """Return the password of a record, or None if it has no ID."""
    if (password_id := text(record.get("id"))) is None:
        return None
    number = integer(record.get("delivery_status"))
    delivery = (
        decode_delivery(record.get("delivery_status"))
        if number is None
        else _DELIVERIES.get(number)
    )
    phase = integer(record.get("phase"))
    return TemporaryPassword(
        password_id=password_id,
        number=integer(record.get("sn")),
        name=text(record.get("name")),
        schedule=_to_midnight(corrected(raw_schedule(record), dialect)),
        one_time=_ONE_TIME.get(integer(record.get("type"))),
        status=status_of(phase, delivery, phases, ordered),
        delivery=delivery,
        failure=_FAILURES.get(number or 0),
        phase=phase,
        time_zone=text(record.get("time_zone")),
    )


def raw_schedule(record: dict[str, Any]) -> Schedule:
    """Return the raw schedule of a password, in the keys of a user's schedule."""
    zone = text(record.get("time_zone"))
    schedule = decode_schedule(
        {
            "permanent": False,
            "effective_time": record.get("effective_time"),
            "expired_time": record.get("invalid_time"),
            "schedule_details": record.get("schedule_list"),
        }
    ) or Schedule(permanent=False, windows=None)
    windows = schedule.windows
    if windows is not None:
        windows = tuple(
            replace(one, time_zone=one.time_zone or zone) for one in windows
        )
    return replace(schedule, windows=windows)


def _to_midnight(schedule: Schedule) -> Schedule:
    """Return a schedule whose window ends a day at midnight, not a minute before."""
    windows = tuple(
        replace(one, end_minute=DAY_MINUTES)
        if one.end_minute == DAY_MINUTES - 1
        else one
        for one in schedule.windows or ()
    )
    return replace(schedule, windows=windows) if windows else schedule


def hours_of(schedule: Schedule) -> Schedule:
    """Return only the window of a schedule, without its zone.

    The cloud may round the limits, and rename the zone in which the window was sent.
    """
    windows = schedule.windows
    if windows is not None:
        windows = tuple(replace(one, time_zone=None) for one in windows)
    return replace(schedule, start=None, end=None, windows=windows)


def encode_rows(windows: tuple[Window, ...]) -> list[dict[str, Any]]:
    """Return windows for a password call.

    A day ends at its last minute here, and `all_day` would make the cloud drop the
    window (docs/tuya_api.md, Weekly windows).
    """
    return [
        {
            "effective_time": one.start_minute,
            "invalid_time": min(one.end_minute, DAY_MINUTES - 1),
            "working_day": one.mask,
            "all_day": False,
        }
        for one in windows
    ]
