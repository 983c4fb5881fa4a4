"""Learns what phases and windows of temporary passwords mean on one lock.

Locks of different families return both differently, and no call returns the family
(docs/tuya_api.md, Password phases and Weekly windows). The latest writes are the evidence.
"""

from collections.abc import Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from .decoding import integer, text
from .dialects import PasswordDialects, PhaseSet
from .errors import RefusedError
from .password_phases import FROZEN_OR_DELETING, PasswordStatus, phase_set
from .password_records import TemporaryPassword, decode_password, hours_of, raw_schedule
from .schedule.model import Schedule
from .schedule.windows import WindowDialect, evidence, learned


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expected:
    """A schedule that was sent for a password, and its previous record."""

    written: Schedule
    before: Schedule | None


class PasswordLearner:
    """Remembers the writes of one lock, and learns from the lists that follow."""

    def __init__(self, *, is_keypad: bool) -> None:
        """Initialize without writes."""
        self._is_keypad = is_keypad
        self._ordered: dict[str, PasswordStatus] = {}
        self._expected: dict[str, _Expected] = {}
        self._raw: dict[str, Schedule] = {}

    def expect(self, password_id: str, schedule: Schedule) -> None:
        """Learn from the next list how this lock returns a schedule."""
        if schedule.windows:
            self._expected[password_id] = _Expected(
                written=schedule, before=self._raw.get(password_id)
            )

    @contextmanager
    def ordering(self, password_id: str, status: PasswordStatus) -> Generator[None]:
        """Remember the latest write for a password, unless it is refused."""
        before = self._ordered.get(password_id)
        self._ordered[password_id] = status
        try:
            yield
        except RefusedError:
            del self._ordered[password_id]
            if before is not None:
                self._ordered[password_id] = before
            raise

    def keep(self, password_ids: Collection[str]) -> None:
        """Forget the writes for all other passwords."""
        self._ordered = {k: v for k, v in self._ordered.items() if k in password_ids}

    def decode(
        self, record: dict[str, Any], dialects: PasswordDialects
    ) -> TemporaryPassword | None:
        """Return the password of a record as this lock means it, None without an ID."""
        return decode_password(
            record,
            phases=dialects.phases or (PhaseSet.KEYPAD if self._is_keypad else None),
            ordered=self._ordered.get(text(record.get("id")) or ""),
            dialect=self._window_dialect(dialects),
        )

    def learn(
        self, records: Collection[dict[str, Any]], dialects: PasswordDialects
    ) -> PasswordDialects:
        """Return the dialects with what a list shows of phases and windows.

        Ignore a read-back equal to the old schedule: a reversed Monday is a Saturday.
        """
        self._raw = {
            text(record.get("id")) or "": raw_schedule(record) for record in records
        }
        dialects = replace(
            dialects,
            phases=phase_set(records, dialects.phases)
            or self._phases_of_orders(records),
        )
        dialect = self._window_dialect(dialects)
        found = evidence(self._raw.values())
        dialect = WindowDialect(
            reversed_days=dialect.reversed_days or found.reversed_days,
            hhmm_times=dialect.hhmm_times or found.hhmm_times,
        )
        are_known = found != WindowDialect()
        for password_id, expected in list(self._expected.items()):
            current = self._raw.get(password_id)
            if current is None or current == expected.before:
                continue
            read = learned(hours_of(expected.written), hours_of(current), known=dialect)
            if read is not None:
                dialect, are_known = read, True
                del self._expected[password_id]
        if not are_known:
            return dialects
        return replace(
            dialects,
            reversed_days=dialect.reversed_days,
            hhmm_times=dialect.hhmm_times,
        )

    def _window_dialect(self, dialects: PasswordDialects) -> WindowDialect:
        """Return how windows are returned: reversed on keypads, unless seen otherwise.

        This was measured there (docs/tuya_api.md, Weekly windows).
        """
        days, times = dialects.reversed_days, dialects.hhmm_times
        return WindowDialect(
            reversed_days=self._is_keypad if days is None else days,
            hhmm_times=self._is_keypad if times is None else times,
        )

    def _phases_of_orders(self, records: Collection[dict[str, Any]]) -> PhaseSet | None:
        """Return the set in which phase 3 matches the latest write, if there is one."""
        for record in records:
            if integer(record.get("phase")) == FROZEN_OR_DELETING:
                match self._ordered.get(text(record.get("id")) or ""):
                    case PasswordStatus.DELETED:
                        return PhaseSet.WIFI
                    case PasswordStatus.FROZEN:
                        return PhaseSet.ZIGBEE
        return None
