"""The schedule and the flag of a user record, under whichever names.

A key in another spelling has the same meaning, and limits beside the schedule or under
a name that nobody knows are limits all the same: a user must not seem to have none
(docs/architecture.md, Unknown schedules).
"""

from functools import lru_cache
from typing import Any, Final

from ..decoding import is_blank, json_object
from .wire import SCHEDULE_LIMITS, camel_case

_SCHEDULE: Final = "time_schedule_info"
_FLAG: Final = "effective_flag"

# The documented keys, and one that was seen: a record with no others stays as it is.
_DOCUMENTED: Final = frozenset(
    {
        *("user_id", "lock_user_id", "uid", "user_type", "nick_name", "avatar_url"),
        *("user_contact", "back_home_notify_attr", "offline_unlock", "unlock_detail"),
        *(_FLAG, _SCHEDULE),
    }
)


@lru_cache
def _plain(key: str) -> str:
    """Return the letters of a key, which are the same in every spelling."""
    return "".join(filter(str.isalnum, key)).lower()


_PLAIN_SCHEDULE: Final = _plain(_SCHEDULE)
_PLAIN_LIMITS: Final = frozenset(map(_plain, SCHEDULE_LIMITS))


def with_documented_keys(record: dict[str, Any]) -> dict[str, Any]:
    """Return a user record with its schedule and its flag under the documented names.

    Limits in several places become one schedule, which is not understood if they differ
    or have an unknown name. Several flags become one that nobody knows.
    """
    if _DOCUMENTED.issuperset(record):
        return record
    schedules: dict[str, Any] = {}
    flags: list[Any] = []
    for key, value in record.items():
        if is_blank(value):
            continue
        plain = _plain(key)
        if "schedule" in plain or plain in _PLAIN_LIMITS:
            schedules[key] = value
        elif "effective" in plain:
            flags.append(value)
    found: dict[str, Any] = {}
    if schedules:
        found[_SCHEDULE] = _merged(schedules)
    if flags:
        found[_FLAG] = flags[0] if all(one == flags[0] for one in flags) else flags
    return {**record, **found}


def _merged(schedules: dict[str, Any]) -> Any:
    """Return one schedule with all limits: those of the same name in another spelling."""
    if len(schedules) == 1 and _plain(next(iter(schedules))) == _PLAIN_SCHEDULE:
        return next(iter(schedules.values()))
    merged: dict[str, Any] = {}
    for key, value in schedules.items():
        limits = json_object(value) if _plain(key) == _PLAIN_SCHEDULE else None
        for name, limit in ({key: value} if limits is None else limits).items():
            names = (name, camel_case(name), f"{key}.{name}")
            free = (one for one in names if merged.get(one, limit) == limit)
            merged[next(free, key)] = limit
    return merged
