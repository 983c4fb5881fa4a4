"""What the lists of one lock show about how it returns weekly windows."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace

from .dialects import DialectMemory
from .models import User
from .schedule.model import Schedule, WindowKeys
from .schedule.windows import (
    WindowDialect,
    evidence,
    learned,
    seen_keys,
    window_dialect,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ExpectedSchedule:
    """A schedule that was sent for a user, and the previous one."""

    user_id: str
    written: Schedule
    before: Schedule | None


class WindowLearner:
    """Learns from the schedules of one lock how it returns windows.

    A lock can return days reversed, or minutes as clock times (docs/tuya_api.md, Weekly
    windows). Some values are evidence by themselves; otherwise a read-back is compared
    with what was just written.
    """

    def __init__(self, memory: DialectMemory) -> None:
        """Initialize without schedules."""
        self._memory = memory
        self._schedules: dict[str, Schedule | None] = {}
        self._expected: _ExpectedSchedule | None = None

    @contextmanager
    def expect(self, user_id: str, written: Schedule) -> Generator[None]:
        """Learn from lists in this context, which can have a schedule just written."""
        before = _content(self._schedules.get(user_id))
        self._expected = _ExpectedSchedule(
            user_id=user_id, written=written, before=before
        )
        try:
            yield
        finally:
            self._expected = None

    def learn(self, users: Iterable[User]) -> bool:
        """Learn from the users of a list; return whether the dialect changed.

        A read-back equal to the old schedule is ignored: a reversed Monday is a
        Saturday, so it can be misunderstood.
        """
        self._schedules = {user.user_id: user.schedule for user in users}
        known = self._memory.dialects
        schedules = [one for one in self._schedules.values() if one]
        found = evidence(schedules)
        keys = seen_keys(schedules) or known.window_keys
        dialect = WindowDialect(
            reversed_days=known.reversed_days or found.reversed_days,
            hhmm_times=known.hhmm_times or found.hhmm_times,
            keys=keys or WindowKeys.MINUTES,
        )
        if (expected := self._expected) is not None and expected.written.windows:
            now = _content(self._schedules.get(expected.user_id))
            if now is not None and now != expected.before:
                dialect = learned(expected.written, now, known=dialect) or dialect
        if dialect == window_dialect(known):
            return False
        self._memory.dialects = replace(
            known,
            reversed_days=dialect.reversed_days,
            hhmm_times=dialect.hhmm_times,
            window_keys=keys,
        )
        return True


def _content(schedule: Schedule | None) -> Schedule | None:
    """Return a schedule without its delivery and operation."""
    return schedule and replace(schedule, delivery=None, operate=None)
