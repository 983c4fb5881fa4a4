"""The documented forms of calls that a lock understands.

Tuya's pages contradict each other (docs/architecture.md, Dialects). The form that a lock
understands is found out once and remembered.
"""

from dataclasses import dataclass
from enum import StrEnum

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
