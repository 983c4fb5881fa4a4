"""What the lists of one lock show about how it returns weekly windows."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace

from .dialects import DialectMemory
from .models import User
from .schedule.model import Schedule, Window, WindowKeys
from .schedule.windows import (
    WindowDialect,
    corrected,
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
    """Normalizes the schedules of one lock, and learns from them how to do so.

    A lock can return days reversed, or minutes as clock times (docs/tuya_api.md, Weekly
    windows). Some values are evidence by themselves; otherwise a read-back is compared
    with what was just written.
    """

    def __init__(self, memory: DialectMemory) -> None:
        """Initialize without schedules."""
        self._memory = memory
        self._schedules: dict[str, Schedule | None] = {}
        self._normalized: dict[str, tuple[User, User]] = {}
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

    def normalize(self, users: Iterable[User]) -> tuple[User, ...]:
        """Return the users of a list, normalized. Unchanged users are the same objects."""
        listed = tuple(users)
        self._schedules = {user.user_id: user.schedule for user in listed}
        self._learn()
        self._normalized = {user.user_id: self._normalize(user) for user in listed}
        return tuple(normalized for _, normalized in self._normalized.values())

    def normalize_one(self, user: User) -> User:
        """Return a user who was not listed, normalized."""
        return _with_windows(user, window_dialect(self._memory.dialects))

    def _learn(self) -> None:
        """Learn from the list. Ignore a read-back equal to the old schedule.

        A reversed Monday is a Saturday, so such a read-back can be misunderstood.
        """
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
        if dialect != window_dialect(known):
            self._normalized = {}
            self._memory.dialects = replace(
                known,
                reversed_days=dialect.reversed_days,
                hhmm_times=dialect.hhmm_times,
                window_keys=keys,
            )

    def _normalize(self, user: User) -> tuple[User, User]:
        """Return a listed user, and the same user with a normalized schedule.

        If only the signature of the picture changed, its parts are the same objects.
        """
        listed, normalized = self._normalized.get(user.user_id, (None, user))
        if listed is user:
            return user, normalized
        if listed == user:
            return user, replace(normalized, avatar_url=user.avatar_url)
        return user, self.normalize_one(user)


def _content(schedule: Schedule | None) -> Schedule | None:
    """Return a schedule without its delivery and operation."""
    return schedule and replace(schedule, delivery=None, operate=None)


def _with_windows(user: User, dialect: WindowDialect) -> User:
    """Return a user with normalized windows."""
    if user.schedule is None or not user.schedule.windows:
        return user
    schedule = corrected(user.schedule, dialect)
    if schedule.windows:
        windows = tuple(sorted(schedule.windows, key=_window_order))
        if windows != schedule.windows:
            schedule = replace(schedule, windows=windows)
    return user if schedule is user.schedule else replace(user, schedule=schedule)


def _window_order(window: Window) -> tuple[tuple[int, ...], int, int, str]:
    zone = window.time_zone or ""
    return window.weekdays, window.start_minute, window.end_minute, zone
