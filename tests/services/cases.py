"""Every action once: how it is called, what is asked of the cloud, and what changes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from simulator import ADMIN, Lock, SimulatedCloud
from simulator.enrollment import Enrollment, EnrollmentRules
from simulator.model import Delivery
from simulator.passwords import TemporaryPassword

type Took = Callable[[Lock], bool]
type Prepare = Callable[[SimulatedCloud, Lock], object]

NEW_CARD: Final = {"type": "card", "number": 3}
"""The card that belongs to nobody."""
BLUE_CARD: Final = {"type": "card", "number": 1}
"""Mia's card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """An order: how it is called, by which endpoint it goes out, and whether it took.

    `others` are endpoints that are tried where the first is refused for its form.
    `waits` is whether the lock itself has to take it, and the action may wait for that.
    `reads_before` is how many calls it makes before, `read_by` what shows its effect, and
    `unseen` the reason if nothing does; `malformed` is that of a refusal for its form.
    `prepare` makes what it needs before the set-up.
    """

    action: str
    data: dict[str, Any]
    endpoint: str
    took: Took
    others: tuple[str, ...] = ()
    waits: bool = False
    reads_before: int = 0
    read_by: str = "smart_lock_users"
    unseen: str | None = None
    malformed: str = "not_understood"
    prepare: Prepare | None = None

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


def _has_face(lock: Lock) -> bool:
    """Whether a face was enrolled."""
    return any(method.dp_code == "unlock_face" for method in lock.methods)


def _has_blue_card(lock: Lock, name: str = "Blue card") -> bool:
    """Whether Mia has the card, by a name."""
    return name in [m.unlock_name for m in lock.methods if m.user_id == "mia"]


def with_password(cloud: SimulatedCloud, lock: Lock) -> None:
    """Add a password that can be renamed without a new PIN."""
    cloud.dialects.modify_needs_pin = False
    lock.passwords.temporary.append(
        TemporaryPassword(
            password_id=1001,
            sn=7,
            name="Guest",
            pin="7394158",
            effective_time=int(lock.now),
            invalid_time=int(lock.now) + 604_800,
            state="active",
            delivery=Delivery(lock.now, "SUCCESS"),
        )
    )


def _with_quick_face(cloud: SimulatedCloud, lock: Lock) -> None:
    """Let somebody come as soon as the lock waits."""
    lock.enrollment_rules.seconds_each = 0


def _with_waiting_card(cloud: SimulatedCloud, lock: Lock) -> None:
    """Let the lock wait for a card, as an app would."""
    lock.start_enrollment(
        Enrollment(
            word="card",
            code="unlock_card",
            user_id="mia",
            started=lock.now,
            rules=EnrollmentRules(someone_comes=False),
        )
    )


def _with_unreported_card(cloud: SimulatedCloud, lock: Lock) -> None:
    """Add a card of which the cloud does not know."""
    lock.unreported = [lock.add_method("card", unlock_sn=9)]
    lock.methods.remove(lock.unreported[0])


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
        reads_before=1,
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
        reads_before=1,
    ),
    "resume": Write(
        action="resume_user",
        data={"user": "emil"},
        endpoint="set_schedule",
        took=lambda lock: lock.users["emil"].schedule.permanent,
        waits=True,
        reads_before=1,
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
        reads_before=1,
    ),
    # A face: no call cancels it, so the order is the only write.
    "enroll": Write(
        action="enroll_unlock_method",
        data={"user": "mia", "type": "face"},
        endpoint="enroll",
        took=_has_face,
        reads_before=1,
        read_by="opmodes",
        unseen="not_enrolled",
        malformed="enrollment_refused",
        prepare=_with_quick_face,
    ),
    "update-method": Write(
        action="update_unlock_method",
        data={"user": "mia", **BLUE_CARD, "name": "Red card"},
        endpoint="update_method",
        took=lambda lock: _has_blue_card(lock, "Red card"),
        reads_before=1,
    ),
    "delete-method": Write(
        action="delete_unlock_method",
        data={"user": "mia", **BLUE_CARD},
        endpoint="delete_method",
        took=lambda lock: not _has_blue_card(lock),
    ),
    "add-password": Write(
        action="add_password",
        data={"name": "Guest", "password": "7394158"},
        endpoint="add_password",
        took=lambda lock: any(one.pin for one in lock.passwords.listed),
        waits=True,
        reads_before=1,
        read_by="passwords",
    ),
    "update-password": Write(
        action="update_password",
        data={"password_id": "1001", "name": "Guests"},
        endpoint="modify_password",
        took=lambda lock: lock.passwords.find("1001").name == "Guests",
        malformed="password_needed",
        waits=True,
        reads_before=1,
        read_by="passwords",
        prepare=with_password,
    ),
    "delete-password": Write(
        action="delete_password",
        data={"password_id": "1001"},
        endpoint="delete_password",
        took=lambda lock: lock.passwords.find("1001").state == "deleted",
        reads_before=1,
        read_by="passwords",
        prepare=with_password,
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
    "passwords": Read(action="get_passwords", endpoint="passwords"),
    "dynamic-password": Read(
        action="get_dynamic_password", endpoint="dynamic_password"
    ),
}
"""Every action about a lock that only tells."""

UNSEEN: Final = {
    "cancel": Write(
        action="cancel_enrollment",
        data={"type": "card"},
        endpoint="cancel_enrollment",
        took=lambda lock: lock.enrollment is None,
        prepare=_with_waiting_card,
    ),
    "sync": Write(
        action="sync_unlock_methods",
        data={"types": ["card"]},
        endpoint="sync_methods",
        took=lambda lock: not lock.unreported,
        prepare=_with_unreported_card,
    ),
    "offline-password": Write(
        action="add_offline_password",
        data={"name": "Guest", "kind": "once"},
        endpoint="add_offline_password",
        took=lambda lock: bool(lock.passwords.offline),
    ),
}
"""Orders whose effect nothing shows, so that nothing can be read back."""

every_order = pytest.mark.parametrize(
    "write", [pytest.param(case, id=name) for name, case in (WRITES | UNSEEN).items()]
)
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
