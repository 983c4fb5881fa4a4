"""Occurrences at the door of a lock: their users, and whether they are new. Pure.

Messages and records report the same occurrences, in any order and several times; each is
reported once. Times are epoch milliseconds by the clock of the lock, which can be some
seconds off; `now_ms` is that of Home Assistant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
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

# Occurrences older than this when first seen are past, and trigger nothing.
NEW_FOR_MS: Final = 10 * 60 * 1000
# The times of one opening in a message and in a record differ at most by this.
SAME_MS: Final = 2 * 1000
# Records are fetched from a little earlier than the last time, since rows appear late.
OVERLAP_MS: Final = 15 * 60 * 1000

# How far back the first fetch goes, or one after a long time.
FIRST_SPAN_MS: Final = 7 * 24 * 3600 * 1000

# A message can be this late, and the clock of a lock this wrong, before a record without
# one means that messages are missing.
_LATE_MS: Final = 5 * 60 * 1000
# Enough for a day at a busy door.
_MOST_KNOWN: Final = 500


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


def _nameless(occurrence: Occurrence) -> Occurrence:
    return replace(occurrence, name=None, user_name=None)


class Verdict(StrEnum):
    """What to do with an occurrence."""

    NEW = "new"
    PAST = "past"
    KNOWN = "known"


@dataclass(slots=True, kw_only=True)
class _Known:
    """A known occurrence, and whether a message reported it."""

    occurrence: Occurrence
    was_pushed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorHistory:
    """The history that survives a restart, without names.

    `recent` are the occurrences to compare new ones with. `since_ms` is when records
    were first fetched; everything in them is past. `read_until_ms` is when they were
    last fetched.
    """

    recent: tuple[Occurrence, ...] = ()
    since_ms: int | None = None
    read_until_ms: int | None = None
    last_opened: Occurrence | None = None
    last_opened_of: Mapping[str, int] = field(default_factory=dict)


class Door:
    """The history of one door: decides what is new, and who opened it last."""

    def __init__(self, history: DoorHistory | None = None) -> None:
        """Initialize with the history from before a restart."""
        history = history or DoorHistory()
        self.last_opened = history.last_opened
        self.last_opened_of = dict(history.last_opened_of)
        self.read_until_ms = history.read_until_ms
        self._since_ms = history.since_ms
        self._known = [
            _Known(occurrence=one, was_pushed=one.source is Source.PUSH)
            for one in history.recent
        ]

    def read_from_ms(self, now_ms: int) -> int:
        """Return the time from which to fetch records."""
        oldest = now_ms - FIRST_SPAN_MS
        if self.read_until_ms is None:
            return oldest
        return max(oldest, self.read_until_ms - OVERLAP_MS)

    def add(self, occurrence: Occurrence, now_ms: int) -> Verdict:
        """Add an occurrence; return the verdict.

        All occurrences in the first records are past.
        """
        is_push = occurrence.source is Source.PUSH
        for known in reversed(self._known):
            if known.occurrence.is_same(occurrence):
                known.was_pushed = known.was_pushed or is_push
                return Verdict.KNOWN
        self._known.append(_Known(occurrence=occurrence, was_pushed=is_push))
        del self._known[:-_MOST_KNOWN]
        if occurrence.kind is EventKind.OPENED:
            self._note_opening(occurrence, now_ms)
        if now_ms - occurrence.time_ms > NEW_FOR_MS:
            return Verdict.PAST
        if is_push or (
            self._since_ms is not None and occurrence.time_ms > self._since_ms
        ):
            return Verdict.NEW
        return Verdict.PAST

    def note_reading(self, now_ms: int) -> None:
        """Note that all records until now were added."""
        if self._since_ms is None:
            times = [known.occurrence.time_ms for known in self._known]
            self._since_ms = max((now_ms, *times))
        self.read_until_ms = now_ms

    def misses_messages(self, connected_ms: int, now_ms: int) -> bool:
        """Return whether a message is missing for an occurrence while connected.

        Only unlock methods count: other openings are not reported by every lock.
        """
        return any(
            not known.was_pushed
            and known.occurrence.kind is EventKind.OPENED
            and known.occurrence.method_type is not None
            and connected_ms + _LATE_MS < known.occurrence.time_ms < now_ms - _LATE_MS
            for known in self._known
        )

    def history(self, now_ms: int) -> DoorHistory:
        """Return the history to store."""
        return DoorHistory(
            recent=tuple(
                _nameless(known.occurrence)
                for known in self._known
                if now_ms - known.occurrence.time_ms <= NEW_FOR_MS + SAME_MS
            ),
            since_ms=self._since_ms,
            read_until_ms=self.read_until_ms,
            last_opened=self.last_opened and _nameless(self.last_opened),
            last_opened_of=dict(self.last_opened_of),
        )

    def forget_users(self, user_ids: Iterable[str]) -> None:
        """Forget the openings of removed users."""
        for user_id in user_ids:
            self.last_opened_of.pop(user_id, None)

    def _note_opening(self, occurrence: Occurrence, now_ms: int) -> None:
        """Remember the last opening, even if the clock of the lock is ahead."""
        occurrence = replace(occurrence, time_ms=min(occurrence.time_ms, now_ms))
        if self.last_opened is None or self.last_opened.time_ms <= occurrence.time_ms:
            self.last_opened = occurrence
        if (user_id := occurrence.user_id) is not None:
            before = self.last_opened_of.get(user_id, 0)
            self.last_opened_of[user_id] = max(before, occurrence.time_ms)
