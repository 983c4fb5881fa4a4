"""The documented forms of calls that a lock understands.

Tuya's pages contradict each other (docs/architecture.md, Dialects). The form that a lock
understands is found out once and remembered.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
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
    """Which of the calls a lock is known not to understand."""

    refused: tuple[RecordForm, ...] = ()

    @property
    def for_openings(self) -> tuple[RecordForm, ...]:
        """Return the calls worth trying for openings, best first; none may be left."""
        return tuple(form for form in _OPENING_FORMS if form not in self.refused)

    @property
    def for_alarms(self) -> tuple[RecordForm, ...]:
        """Return the calls worth trying for alarms, best first; none may be left."""
        return tuple(form for form in _ALARM_FORMS if form not in self.refused)

    def without(self, form: RecordForm) -> RecordForms:
        """Return what is known once the lock refused a call."""
        return replace(self, refused=(*self.refused, form))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialects:
    """The dialects of one lock; None is not known yet."""

    users_call: UsersCall | None = None
    schedule_body: ScheduleBody | None = None
    allocate_call: AllocateCall | None = None
    deallocate_key: CodeKey | None = None
    unassigned_by_type: bool | None = None
    reversed_days: bool = False
    hhmm_times: bool = False
    window_keys: WindowKeys | None = None
    record_forms: RecordForms = field(default_factory=RecordForms)
