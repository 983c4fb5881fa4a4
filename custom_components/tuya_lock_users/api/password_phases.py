"""What the phases of temporary passwords mean, which differs by lock.

Pure (docs/tuya_api.md, Password phases).
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final

from .decoding import integer
from .dialects import PhaseSet
from .schedule.model import Delivery


class PasswordStatus(StrEnum):
    """What a temporary password does; unknown if its phase has several meanings."""

    PENDING = "pending"
    ACTIVE = "active"
    FROZEN = "frozen"
    DELETING = "deleting"
    DELETED = "deleted"
    FAILED = "failed"
    UNKNOWN = "unknown"


ENDED: Final = frozenset({PasswordStatus.DELETED, PasswordStatus.FAILED})

# Numbers that only one set has (docs/tuya_api.md, Password phases).
_EVIDENCE: Final = {
    **dict.fromkeys((4, 5), PhaseSet.ZIGBEE),
    **dict.fromkeys((0, 7), PhaseSet.WIFI),
    **dict.fromkeys((11, 14, 15, 16, 18), PhaseSet.UNIFORM),
}
# The number that means the most different things.
FROZEN_OR_DELETING: Final = 3
# Numbers with the same meaning in all sets that have them.
_STATUSES: Final = {
    **dict.fromkeys((1, 10, 11), PasswordStatus.PENDING),
    **dict.fromkeys((2, 14, 15, 16), PasswordStatus.ACTIVE),
    **dict.fromkeys((0, 4, 18), PasswordStatus.DELETED),
    **dict.fromkeys((5, 7, 13), PasswordStatus.FAILED),
}


def phase_set(
    records: Iterable[dict[str, Any]], known: PhaseSet | None
) -> PhaseSet | None:
    """Return the set of phases that a list of passwords is evidence of."""
    numbers = (integer(record.get("phase")) for record in records)
    return next((_EVIDENCE[n] for n in numbers if n in _EVIDENCE), known)


def status_of(
    phase: int | None,
    delivery: Delivery | None,
    phases: PhaseSet | None,
    ordered: PasswordStatus | None = None,
) -> PasswordStatus:
    """Return the status of a phase.

    `ordered` is the latest write of this client for the password, which decides
    ambiguous phases.
    """
    if phase is None:
        return PasswordStatus.UNKNOWN
    if (status := _STATUSES.get(phase)) is None:
        return _ambiguous_status(phase, delivery, phases, ordered)
    if status is PasswordStatus.PENDING and delivery is Delivery.FAILED:
        return PasswordStatus.FAILED
    is_leaving = ordered is PasswordStatus.DELETED and delivery is Delivery.ONGOING
    if status is PasswordStatus.ACTIVE and is_leaving:
        return PasswordStatus.DELETING
    return status


def _ambiguous_status(
    phase: int,
    delivery: Delivery | None,
    phases: PhaseSet | None,
    ordered: PasswordStatus | None,
) -> PasswordStatus:
    """Return the status of a phase that differs by set: 3, 12, 17, and 19."""
    has_failed = delivery is Delivery.FAILED
    match phase:
        case 3 if ordered is PasswordStatus.DELETED and not has_failed:
            return PasswordStatus.DELETING
        case 3 if ordered is PasswordStatus.FROZEN or phases is PhaseSet.ZIGBEE:
            return PasswordStatus.FROZEN
        case 3 if phases is PhaseSet.WIFI:
            return PasswordStatus.DELETING
        case 12 if phases is PhaseSet.UNIFORM or delivery is Delivery.SUCCESS:
            return PasswordStatus.ACTIVE
        case 12:
            return PasswordStatus.FAILED if has_failed else PasswordStatus.PENDING
        case 17 if delivery is Delivery.SUCCESS:
            return PasswordStatus.DELETED
        case 17:
            return PasswordStatus.DELETING
        case 19 if has_failed or phases is PhaseSet.UNIFORM:
            return PasswordStatus.ACTIVE  # the deletion failed
        case 19 if phases is not None:
            return PasswordStatus.DELETED
    return PasswordStatus.UNKNOWN
