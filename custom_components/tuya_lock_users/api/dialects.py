"""Which of the documented forms a lock understands.

The two source documents contradict each other and themselves (TUYA_API §5.1, §5.2).
What a lock turned out to understand is remembered, so that it is found out once.
"""

from dataclasses import dataclass
from enum import StrEnum

from .schedule.model import ScheduleBody, WindowKeys


class UsersCall(StrEnum):
    """How the users of a lock are listed, best first."""

    WITH_METHODS = "with_methods"
    WITH_FILTER = "with_filter"
    BY_NAME = "by_name"


class AllocateCall(StrEnum):
    """How methods are bound to a user, best first."""

    LIST = "list"
    ONE_BY_ONE = "one_by_one"


class CodeKey(StrEnum):
    """What the key for the type of a method is called, likeliest first."""

    CODE = "code"
    DP_CODE = "dp_code"
    CAPITAL_CODE = "Code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialects:
    """What is known of one lock; None is not yet known."""

    users_call: UsersCall | None = None
    schedule_body: ScheduleBody | None = None
    allocate_call: AllocateCall | None = None
    deallocate_key: CodeKey | None = None
    unassigned_by_type: bool | None = None
    reversed_days: bool = False
    hhmm_times: bool = False
    window_keys: WindowKeys | None = None
