"""Occurrences at the door of a lock, from messages and records: what, and who. Pure.

Times are epoch milliseconds by the clock of the lock, which can be some seconds off.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ..api.lock_events import (
    DURESS,
    TEMPORARY_PASSWORD,
    EventKind,
    LockEvent,
    announces_administration,
    lock_event,
)
from ..api.messages import PropertyReport
from ..api.models import User
from ..api.records import Record
from ..api.unlock_methods import UnlockMethod
from .snapshot import LockSnapshot

# The times of one opening in a message and in a record differ at most by this.
SAME_MS: Final = 2 * 1000


class Source(StrEnum):
    """The source of an occurrence."""

    PUSH = "push"
    RECORD = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """An opening, an alarm, or a ring of the doorbell.

    `name` is that of the unlock method or temporary password. `code` is that of the
    cloud. `method_type` is None if the number is not that of an unlock method.
    """

    kind: EventKind
    type: str
    time_ms: int
    code: str
    source: Source
    number: int | None = None
    method_type: str | None = None
    name: str | None = None
    user_id: str | None = None
    user_name: str | None = None

    def is_same(self, other: Occurrence) -> bool:
        """Return whether both are the same occurrence.

        A number that one of them lacks is ignored.
        """
        return (
            (self.kind, self.type) == (other.kind, other.type)
            and abs(self.time_ms - other.time_ms) <= SAME_MS
            and (
                self.number == other.number
                or self.number is None
                or other.number is None
            )
        )


def reported_events(report: PropertyReport) -> tuple[LockEvent, ...]:
    """Return the events of a message, openings first.

    A duress alarm without a number belongs to the opening in the same message.
    """
    events = [
        event
        for one in report.reports
        if (event := lock_event(one.code, one.value, one.time_ms)) is not None
    ]
    if len(events) <= 1:  # by far the most frequent messages
        return tuple(events)
    openings = [event for event in events if event.kind is EventKind.OPENED]
    others = [event for event in events if event.kind is not EventKind.OPENED]
    if len(openings) == 1:
        (opening,) = openings
        others = [
            replace(other, number=opening.number, method_type=opening.method_type)
            if other.type == DURESS and other.number is None
            else other
            for other in others
        ]
    return (*openings, *others)


def reported_administration(report: PropertyReport) -> int | None:
    """Return when a message last reports a change of methods or passwords, if any."""
    times = [
        one.time_ms
        for one in report.reports
        if announces_administration(one.code, one.value)
    ]
    return max(times, default=None)


def is_identified(event: LockEvent, snapshot: LockSnapshot | None) -> bool:
    """Return whether the unlock method is known, or an update would not help."""
    key = event.method_key
    return key is None or (snapshot is not None and _method(key, snapshot) is not None)


def from_message(
    event: LockEvent,
    snapshot: LockSnapshot | None,
    password_names: Mapping[int, str] | None = None,
) -> tuple[Occurrence, ...]:
    """Return the occurrences of an event: itself, and possibly an alarm."""
    return _occurrences(Record(event=event), snapshot, Source.PUSH, password_names)


def from_record(
    record: Record,
    snapshot: LockSnapshot | None,
    password_names: Mapping[int, str] | None = None,
) -> tuple[Occurrence, ...]:
    """Return the occurrences of a record, with its names."""
    return _occurrences(record, snapshot, Source.RECORD, password_names)


def _occurrences(
    record: Record,
    snapshot: LockSnapshot | None,
    source: Source,
    password_names: Mapping[int, str] | None,
) -> tuple[Occurrence, ...]:
    event = record.event
    found = _method(event.method_key, snapshot)
    user, method = (None, None) if found is None else found
    if user is None:
        user = _recorded_user(record, snapshot)
    name = record.method_name if method is None else method.name
    if event.type == TEMPORARY_PASSWORD:
        name = name or record.user_name or (password_names or {}).get(event.number or 0)
    occurrence = Occurrence(
        kind=event.kind,
        type=event.type,
        time_ms=event.time_ms,
        code=event.code,
        source=source,
        number=event.number,
        method_type=event.method_type,
        name=name,
        user_id=None if user is None else user.user_id,
        user_name=_user_name(record, user),
    )
    if event.kind is EventKind.OPENED and method is not None and method.duress:
        alarm = replace(occurrence, kind=EventKind.ALARM, type=DURESS, code=DURESS)
        return occurrence, alarm
    return (occurrence,)


def _method(
    key: tuple[str, int] | None, snapshot: LockSnapshot | None
) -> tuple[User | None, UnlockMethod] | None:
    """Return the method of a key and its user, None for an unknown method."""
    if key is None or snapshot is None:
        return None
    for user in snapshot.users.values():
        for method in user.unlock_methods or ():
            if method.key == key:
                return user, method
    for method in snapshot.unassigned_methods or ():
        if method.key == key:
            return None, method
    return None


def _recorded_user(record: Record, snapshot: LockSnapshot | None) -> User | None:
    """Return the user of a record, by any of the possible IDs.

    A name alone is used only if it is unique. For a temporary password, it is the name
    of the password.
    """
    if snapshot is None:
        return None
    users = snapshot.users.values()
    if record.user_id is not None:
        if (user := snapshot.users.get(record.user_id)) is not None:
            return user
        for user in users:
            if user.account_uid == record.user_id:
                return user
    if record.user_name is None or record.event.type == TEMPORARY_PASSWORD:
        return None
    named = [user for user in users if user.name == record.user_name]
    return named[0] if len(named) == 1 else None


def _user_name(record: Record, user: User | None) -> str | None:
    if user is not None:
        return user.name
    return None if record.event.type == TEMPORARY_PASSWORD else record.user_name


def renamed(
    occurrence: Occurrence,
    snapshot: LockSnapshot,
    password_names: Mapping[int, str],
) -> Occurrence:
    """Return an occurrence with the current names of user, method, or password."""
    if (user := snapshot.users.get(occurrence.user_id or "")) is not None:
        occurrence = replace(occurrence, user_name=user.name)
    if occurrence.method_type is not None and occurrence.number is not None:
        key = (occurrence.method_type, occurrence.number)
        if (found := _method(key, snapshot)) is not None:
            occurrence = replace(occurrence, name=found[1].name)
    if occurrence.type == TEMPORARY_PASSWORD and occurrence.name is None:
        name = password_names.get(occurrence.number or 0)
        occurrence = replace(occurrence, name=name)
    return occurrence
