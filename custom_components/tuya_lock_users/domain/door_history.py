"""The history of one door: which occurrences are new, and who opened it last. Pure.

Messages and records report the same occurrences, in any order and several times; each is
reported once. Times are epoch milliseconds; `now_ms` is that of Home Assistant, whose
clock can differ from that of the lock by some seconds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from ..api.lock_events import EventKind
from .openings import SAME_MS, Occurrence, Source

# Occurrences older than this when first seen are past, and trigger nothing.
NEW_FOR_MS: Final = 10 * 60 * 1000
# Records are fetched from a little earlier than the last time, since rows appear late.
OVERLAP_MS: Final = 15 * 60 * 1000

# How far back the first fetch goes, or one after a long time.
FIRST_SPAN_MS: Final = 7 * 24 * 3600 * 1000

# A message can be this late, and the clock of a lock this wrong, before a record without
# one means that messages are missing.
_LATE_MS: Final = 5 * 60 * 1000
# Enough for a day at a busy door.
_MOST_KNOWN: Final = 500


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


def _nameless(occurrence: Occurrence) -> Occurrence:
    return replace(occurrence, name=None, user_name=None)
