"""Every action: its data, its endpoint, and the check of its effect."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from simulator import ADMIN, Lock, SimulatedCloud
from simulator.enrollment import Enrollment, EnrollmentRules
from simulator.model import Delivery
from simulator.passwords import TemporaryPassword
from tests.common import cases, load_fixture

type Took = Callable[[Lock], bool]
type Prepare = Callable[[SimulatedCloud, Lock], object]

NEW_CARD: Final = {"type": "card", "number": 3}
"""The unassigned card."""
BLUE_CARD: Final = {"type": "card", "number": 1}
"""Mia's card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A command: its action, its endpoint, and the check of its effect.

    `others` are endpoints that are tried where the first is refused for its form.
    `waits` is whether the action waits until the lock has applied the change.
    `reads_before` is how many calls it makes before, `read_by` what shows its effect, and
    `unseen` the reason if nothing does; `malformed` is that of a refusal for its form.
    `prepare` makes what it needs before the set-up.
    """

    action: str
    data: dict[str, Any]
    endpoint: str
    took: Took
    others: Sequence[str] = ()
    waits: bool = False
    reads_before: int = 0
    read_by: str = "smart_lock_users"
    unseen: str | None = None
    malformed: str = "not_understood"
    prepare: Prepare | None = None

    @property
    def endpoints(self) -> tuple[str, ...]:
        return self.endpoint, *self.others


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A read action: its data and its endpoint."""

    action: str
    data: dict[str, Any] = field(default_factory=dict)
    endpoint: str


def _names_of_mia(lock: Lock) -> list[str | None]:
    return [m.unlock_name for m in lock.methods if m.user_id == "mia"]


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
    """Enroll at once; no call cancels a face."""
    lock.enrollment_rules.seconds_each = 0


def _with_waiting_card(cloud: SimulatedCloud, lock: Lock) -> None:
    """Let the lock wait for a card, as an app would."""
    lock.start_enrollment(
        Enrollment(
            word="card",
            code="unlock_card",
            user_id="mia",
            started=lock.now,
            rules=EnrollmentRules(completes=False),
        )
    )


def _with_unreported_card(cloud: SimulatedCloud, lock: Lock) -> None:
    """Add a card that the cloud does not know."""
    lock.unreported = [lock.add_method("card", unlock_sn=9)]
    lock.methods.remove(lock.unreported[0])


_TOOK: Final[dict[str, Took]] = {
    "add": lambda lock: any(u.nick_name == "Zoe" for u in lock.users.values()),
    "update": lambda lock: lock.users["mia"].nick_name == "Mia B.",
    "delete": lambda lock: "mia" not in lock.users,
    "role": lambda lock: lock.users["mia"].user_type == ADMIN,
    "schedule": lambda lock: lock.users["mia"].schedule.expired_time == 1_797_156_000,
    "suspend": lambda lock: 0 < lock.users["mia"].schedule.expired_time < lock.now,
    "resume": lambda lock: lock.users["emil"].schedule.permanent,
    "allocate": lambda lock: lock.method("unlock_card", 3).user_id == "mia",
    "deallocate": lambda lock: lock.method("unlock_card", 1).user_id is None,
    "purge": lambda lock: "ada" not in lock.absent,
    "enroll": lambda lock: any(m.dp_code == "unlock_face" for m in lock.methods),
    "update-method": lambda lock: "Red card" in _names_of_mia(lock),
    "delete-method": lambda lock: "Blue card" not in _names_of_mia(lock),
    "add-password": lambda lock: any(one.pin for one in lock.passwords.listed),
    "update-password": lambda lock: lock.passwords.find("1001").name == "Guests",
    "delete-password": lambda lock: lock.passwords.find("1001").state == "deleted",
    "cancel": lambda lock: lock.enrollment is None,
    "sync": lambda lock: not lock.unreported,
    "offline-password": lambda lock: bool(lock.passwords.offline),
}
_PREPARE: Final[dict[str, Prepare]] = {
    "enroll": _with_quick_face,
    "update-password": with_password,
    "delete-password": with_password,
    "cancel": _with_waiting_card,
    "sync": _with_unreported_card,
}


def _writes(kind: str) -> dict[str, Write]:
    return {
        name: Write(**case, took=_TOOK[name], prepare=_PREPARE.get(name))
        for name, case in ACTIONS[kind].items()
    }


ACTIONS: Final = load_fixture("actions")
WRITES: Final = _writes("writes")
"""Every action that changes something. Times are those of Berlin."""
UNSEEN: Final = _writes("unseen")
"""Commands without a visible effect, which cannot be read back."""
READS: Final = {name: Read(**case) for name, case in ACTIONS["reads"].items()}
"""Every read action for a lock."""

every_command = cases("write", WRITES | UNSEEN)
every_write = cases("write", WRITES)
every_waiting_write = cases("write", {n: one for n, one in WRITES.items() if one.waits})
every_read = cases("read", READS)
