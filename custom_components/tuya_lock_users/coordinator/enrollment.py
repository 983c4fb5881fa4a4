"""The enrollment of an unlock method on a lock, and its progress.

A lock that waits for a finger or a card refuses everything else. Messages report its
progress; without them only the unlock methods of the user show the end.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_send

from ..api.enrollment import Enrollment
from ..api.messages import EnrollmentProgress
from .passwords import LockPasswords
from .runtime import SIGNAL_UPDATED, Runtime

# A lock waits about a minute for each touch (docs/tuya_api.md, Enrollment), and no
# longer than this in all.
WINDOW_SECONDS: Final = 70
LONGEST_SECONDS: Final = 100
# After the lock has reported the end, the new method shows within this time.
_APPEARS_SECONDS: Final = 10
# A lock reports a cancellation within this time, in both families of messages.
_REPORT_SECONDS: Final = 10


class EnrollmentStatus(StrEnum):
    """The state of an enrollment."""

    WAITING = "waiting"
    ENROLLED = "enrolled"
    NOT_ENROLLED = "not_enrolled"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An enrollment and its progress; numbers that were not reported are None."""

    user_id: str
    type: str
    status: EnrollmentStatus = EnrollmentStatus.WAITING
    touches_total: int | None = None
    touches_left: int | None = None
    lift_finger: bool | None = None

    @property
    def is_active(self) -> bool:
        """Return whether the lock still waits."""
        return self.status is EnrollmentStatus.WAITING


class LockEnrollment:
    """The enrollment of one lock. `latest` is the last one, active or ended.

    Times are those of the event loop, in seconds.
    """

    def __init__(self, runtime: Runtime, passwords: LockPasswords) -> None:
        """Initialize without an enrollment."""
        self.calls = Enrollment(passwords.calls)
        self.latest: Waiting | None = None
        self._hass = runtime.hass
        self._lock_id = passwords.calls.lock_id
        self._reported = asyncio.Event()
        self._ends_at = 0.0
        self._latest_end = 0.0
        # Until then, a reported cancellation is that of an earlier enrollment.
        self._report_due_until = 0.0

    @property
    def is_active(self) -> bool:
        """Return whether the lock waits for an unlock method."""
        return self.latest is not None and self.latest.is_active

    @property
    def has_progress(self) -> bool:
        """Return whether messages report the progress of the active enrollment."""
        return self.latest is not None and self.latest.touches_total is not None

    @property
    def seconds_left(self) -> float:
        """Return how much longer the lock may wait."""
        return max(0.0, self._ends_at - self._hass.loop.time())

    @contextmanager
    def begin(self, user_id: str, method_type: str) -> Generator[None]:
        """Begin an enrollment, unless the request in this context fails.

        The first message about the enrollment may arrive before the reply.
        """
        now = self._hass.loop.time()
        self._ends_at = now + WINDOW_SECONDS
        self._latest_end = now + LONGEST_SECONDS
        self._reported.clear()
        self._async_set(Waiting(user_id=user_id, type=method_type))
        try:
            yield
        except BaseException:
            self._async_set(None)
            raise

    @callback
    def async_end(self, status: EnrollmentStatus) -> None:
        """End the enrollment in a state, if it is still active."""
        if self.latest is not None and self.latest.is_active:
            self._reported.set()
            self._async_set(replace(self.latest, status=status))

    @callback
    def async_expect_cancellation(self) -> None:
        """Expect that the lock still reports a cancellation.

        The report must not end an enrollment that begins in between.
        """
        if self.is_active:
            self._report_due_until = self._hass.loop.time() + _REPORT_SECONDS

    @callback
    def async_handle(self, message: EnrollmentProgress) -> None:
        """Handle a progress message.

        The end of an enrollment does not show whether it succeeded, so the unlock
        methods are read immediately.
        """
        if self.latest is None or not self.latest.is_active:
            return
        now = self._hass.loop.time()
        if message.is_cancelled:
            if now >= self._report_due_until:
                self.async_end(EnrollmentStatus.CANCELLED)
            return
        left = _APPEARS_SECONDS if message.is_finished else WINDOW_SECONDS
        self._ends_at = min(now + left, self._latest_end)
        total, touches = message.touches_total, message.touches_left
        known = self.latest
        self._async_set(
            replace(
                known,
                touches_total=known.touches_total if total is None else total,
                touches_left=(total if touches is None else touches),
                lift_finger=message.lift_finger,
            )
        )
        if message.is_finished:
            self._reported.set()

    async def async_wait_for_report(self, seconds: float) -> None:
        """Wait until the lock reports an end, or for some seconds."""
        try:
            async with asyncio.timeout(min(seconds, self.seconds_left)):
                await self._reported.wait()
        except TimeoutError:
            return
        self._reported.clear()

    def _async_set(self, waiting: Waiting | None) -> None:
        self.latest = waiting
        async_dispatcher_send(self._hass, SIGNAL_UPDATED, self._lock_id)
