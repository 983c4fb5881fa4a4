"""The documented forms of calls that a lock understands.

Tuya's pages contradict each other (docs/architecture.md, Dialects). The form that a lock
understands is found out once and remembered.
"""

from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Final

from .schedule.model import ScheduleBody, WindowKeys


class UsersCall(StrEnum):
    """The calls that list the users of a lock, best first."""

    WITH_METHODS = "with_methods"
    WITH_FILTER = "with_filter"
    BY_NAME = "by_name"


class AllocateCall(StrEnum):
    """The calls that allocate unlock methods, best first."""

    LIST = "list"
    ONE_BY_ONE = "one_by_one"


class CodeKey(StrEnum):
    """The name of the key for the type of a method, likeliest first."""

    CODE = "code"
    DP_CODE = "dp_code"
    CAPITAL_CODE = "Code"


class RecordForm(StrEnum):
    """The calls that list openings or alarms."""

    OPEN_LOGS_1_1 = "open_logs_1_1"
    OPEN_LOGS_1_0 = "open_logs_1_0"
    ALARM_LOGS_1_1 = "alarm_logs_1_1"
    ALARM_LOGS_1_0 = "alarm_logs_1_0"
    RECORDS = "records"
    REPORT_LOGS = "report_logs"


_OPENING_FORMS: Final = (
    RecordForm.OPEN_LOGS_1_1,
    RecordForm.OPEN_LOGS_1_0,
    RecordForm.RECORDS,
    RecordForm.REPORT_LOGS,
)
_ALARM_FORMS: Final = (
    RecordForm.ALARM_LOGS_1_1,
    RecordForm.ALARM_LOGS_1_0,
    RecordForm.RECORDS,
    RecordForm.REPORT_LOGS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordForms:
    """The calls that a lock is known not to support."""

    refused: tuple[RecordForm, ...] = ()

    @property
    def for_openings(self) -> tuple[RecordForm, ...]:
        """Return the calls to try for openings, best first; can be empty."""
        return tuple(form for form in _OPENING_FORMS if form not in self.refused)

    @property
    def for_alarms(self) -> tuple[RecordForm, ...]:
        """Return the calls to try for alarms, best first; can be empty."""
        return tuple(form for form in _ALARM_FORMS if form not in self.refused)

    def without(self, form: RecordForm) -> RecordForms:
        """Return the forms without a call that the lock refused."""
        return replace(self, refused=(*self.refused, form))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialects:
    """The dialects of one lock; None is not known yet.

    `hides_users` says that its best users call leaves out users without methods.
    """

    users_call: UsersCall | None = None
    schedule_body: ScheduleBody | None = None
    allocate_call: AllocateCall | None = None
    deallocate_key: CodeKey | None = None
    unassigned_by_type: bool | None = None
    reversed_days: bool = False
    hhmm_times: bool = False
    window_keys: WindowKeys | None = None
    record_forms: RecordForms = field(default_factory=RecordForms)
    hides_users: bool = False


class DialectMemory:
    """The dialects of one lock, as the parts of its client share and replace them."""

    def __init__(self, dialects: Dialects) -> None:
        """Initialize with what is known."""
        self.dialects = dialects


class PhaseSet(StrEnum):
    """The sets of numbers for the phase of a temporary password.

    The same number has several meanings (docs/tuya_api.md, Password phases).
    """

    ZIGBEE = "zigbee"
    WIFI = "wifi"
    KEYPAD = "keypad"
    UNIFORM = "uniform"


class UserKind(IntEnum):
    """The scale of user types in key and enrollment calls.

    It differs from that of users (docs/tuya_api.md, User types).
    """

    WITH_ACCOUNT = 1
    WITHOUT_ACCOUNT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordDialects:
    """What one lock can do with passwords and enrollments; None is not known yet.

    Attributes:
        phases: The meaning of its phase numbers.
        pin_digits: The length of a temporary password that it accepted.
        reversed_days: Whether it returns days in reverse order.
        hhmm_times: Whether it returns minutes as clock times.
        can_freeze: Whether it freezes passwords.
        has_dynamic: Whether it has dynamic passwords.
        has_offline: Whether it has offline passwords.
        lists_on_standby: Whether only the list of keep-alive locks works.
        account_kind: The kind of users with an account.
    """

    phases: PhaseSet | None = None
    pin_digits: int | None = None
    reversed_days: bool | None = None
    hhmm_times: bool | None = None
    can_freeze: bool | None = None
    has_dynamic: bool | None = None
    has_offline: bool | None = None
    lists_on_standby: bool | None = None
    account_kind: UserKind | None = None
