"""Every action once: how it is called, what is asked of the cloud, and what changes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from simulator import ADMIN, Lock

type Took = Callable[[Lock], bool]

NEW_CARD: Final = {"type": "card", "number": 3}
"""The card that belongs to nobody."""
BLUE_CARD: Final = {"type": "card", "number": 1}
"""Mia's card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """An order: how it is called, by which endpoint it goes out, and whether it took.

    `others` are endpoints that are tried where the first is refused for its form.
    `waits` is whether the lock itself has to take it, and the action may wait for that.
    """

    action: str
    data: dict[str, Any]
    endpoint: str
    took: Took
    others: tuple[str, ...] = ()
    waits: bool = False

    @property
    def endpoints(self) -> tuple[str, ...]:
        """All endpoints by which it may go out."""
        return self.endpoint, *self.others


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A question: how it is asked, and of which endpoint."""

    action: str
    data: dict[str, Any] = field(default_factory=dict)
    endpoint: str


def _is_away(lock: Lock) -> bool:
    """Whether Mia's schedule is over."""
    return 0 < lock.users["mia"].schedule.expired_time < lock.now


WRITES: Final = {
    "add": Write(
        action="add_user",
        data={"name": "Zoe"},
        endpoint="add_user",
        took=lambda lock: any(u.nick_name == "Zoe" for u in lock.users.values()),
    ),
    "update": Write(
        action="update_user",
        data={"user": "mia", "name": "Mia B.", "height": 166},
        endpoint="update_user",
        took=lambda lock: lock.users["mia"].nick_name == "Mia B.",
    ),
    "delete": Write(
        action="delete_user",
        data={"user": "mia"},
        endpoint="delete_user",
        took=lambda lock: "mia" not in lock.users,
    ),
    "role": Write(
        action="set_user_role",
        data={"user": "mia", "role": "admin"},
        endpoint="set_role",
        took=lambda lock: lock.users["mia"].user_type == ADMIN,
    ),
    "schedule": Write(
        action="set_user_schedule",
        data={"user": "mia", "start": "2026-12-11 15:00", "end": "2026-12-13 11:00"},
        endpoint="set_schedule",
        took=lambda lock: lock.users["mia"].schedule.expired_time == 1_797_156_000,
        waits=True,
    ),
    "suspend": Write(
        action="suspend_user",
        data={"user": "mia"},
        endpoint="set_schedule",
        took=_is_away,
        waits=True,
    ),
    "resume": Write(
        action="resume_user",
        data={"user": "emil"},
        endpoint="set_schedule",
        took=lambda lock: lock.users["emil"].schedule.permanent,
        waits=True,
    ),
    "allocate": Write(
        action="allocate_unlock_methods",
        data={"user": "mia", "unlock_methods": [NEW_CARD]},
        endpoint="allocate",
        others=("allocate_one",),
        took=lambda lock: lock.method("unlock_card", 3).user_id == "mia",
        waits=True,
    ),
    "deallocate": Write(
        action="deallocate_unlock_methods",
        data={"user": "mia", "unlock_methods": [BLUE_CARD]},
        endpoint="cancel_allocate",
        took=lambda lock: lock.method("unlock_card", 1).user_id is None,
        waits=True,
    ),
    "purge": Write(
        action="purge_users",
        data={"users": ["ada"]},
        endpoint="purge_users",
        took=lambda lock: "ada" not in lock.absent,
    ),
}
"""Every action that changes something. Times are those of Berlin."""

READS: Final = {
    "users": Read(
        action="get_users", data={"fresh": True}, endpoint="smart_lock_users"
    ),
    "users-by-keyword": Read(
        action="get_users", data={"keyword": "mi"}, endpoint="users_v11"
    ),
    "user": Read(action="get_user", data={"user": "mia"}, endpoint="user_v11"),
    "methods-of-a-user": Read(
        action="get_unlock_methods", data={"user": "mia"}, endpoint="opmodes"
    ),
    "methods-of-nobody": Read(
        action="get_unlock_methods",
        data={"unassigned": True},
        endpoint="unassigned_keys",
    ),
    "absent-users": Read(action="get_absent_users", endpoint="absent_users"),
}
"""Every action about a lock that only tells."""

every_write = pytest.mark.parametrize(
    "write", [pytest.param(case, id=name) for name, case in WRITES.items()]
)
every_waiting_write = pytest.mark.parametrize(
    "write",
    [pytest.param(case, id=name) for name, case in WRITES.items() if case.waits],
)
every_read = pytest.mark.parametrize(
    "read", [pytest.param(case, id=name) for name, case in READS.items()]
)
