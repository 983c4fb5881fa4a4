"""Openings and alarms of one lock, from messages and records."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.util import dt as dt_util

from ..api.errors import TuyaError, UnsupportedError
from ..api.lock_events import TEMPORARY_PASSWORD, LockEvent
from ..api.messages import PropertyReport
from ..api.records import Record, Span
from ..const import LOGGER
from ..domain.door_history import NEW_FOR_MS, Door, Verdict
from ..domain.openings import (
    Occurrence,
    from_message,
    from_record,
    is_identified,
    renamed,
    reported_events,
)
from ..domain.snapshot import LockSnapshot
from .callbacks import Callbacks
from .method_refresh import MethodRefresh
from .record_schedule import RecordSchedule
from .runtime import Runtime

_MOST_RECORDS: Final = 100
_SAVE_SECONDS: Final = 10


def now_ms() -> int:
    """Return the time in epoch milliseconds."""
    return round(dt_util.utcnow().timestamp() * 1000)


class LockDoor:
    """Reports each opening and alarm of a lock once.

    `snapshot` returns the lock as of the last update, `read_methods` updates it, and
    `read_openings` fetches its records. `password_names` returns the names of temporary
    passwords as of `read_passwords`. Nothing is read unless `is_enabled` returns True.
    """

    def __init__(
        self,
        runtime: Runtime,
        lock_id: str,
        *,
        snapshot: Callable[[], LockSnapshot | None],
        read_methods: Callable[[], Awaitable[None]],
        read_openings: Callable[[Span], Awaitable[tuple[Record, ...]]],
        password_names: Callable[[], Mapping[int, str]],
        read_passwords: Callable[[], Awaitable[object]],
        is_enabled: Callable[[], bool],
    ) -> None:
        """Continue from the stored history; `records` reads them."""
        self._runtime = runtime
        self._lock_id = lock_id
        self._snapshot = snapshot
        self._read_openings = read_openings
        self._password_names = password_names
        self._door = Door(runtime.store.lock(lock_id).door)
        self._occurrences = Callbacks[Occurrence]()
        self._listeners: list[CALLBACK_TYPE] = []
        self.methods = MethodRefresh(runtime, lock_id, read_methods, is_enabled)
        self._passwords = MethodRefresh(runtime, lock_id, read_passwords, is_enabled)
        self.records = RecordSchedule(runtime, lock_id, self._async_read_records)

    # History

    @property
    def last_opened(self) -> Occurrence | None:
        """Return the last opening, with the current names of user and method."""
        last, snapshot = self._door.last_opened, self._snapshot()
        if last is None or snapshot is None:
            return last
        return renamed(last, snapshot, self._password_names())

    def last_opened_of(self, user_id: str) -> datetime | None:
        """Return when a user last opened the door."""
        moment = self._door.last_opened_of.get(user_id)
        return None if moment is None else dt_util.utc_from_timestamp(moment / 1000)

    @callback
    def async_forget(self) -> None:
        """Forget the history."""
        self._door = Door()
        self._save()

    @callback
    def async_on_occurrence(
        self, on_occurrence: Callable[[Occurrence], None]
    ) -> CALLBACK_TYPE:
        """Call back for each new occurrence."""
        return self._occurrences.subscribe(on_occurrence)

    @callback
    def async_add_listener(self, changed: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back for each occurrence, including past ones."""
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    # Messages

    @callback
    def async_handle(self, report: PropertyReport) -> None:
        """Report the content of a message, immediately if the unlock method is known."""
        if not (events := reported_events(report)):
            return
        unnamed = {
            (event.type, event.number)
            for event in events
            if event.type == TEMPORARY_PASSWORD
            and event.number is not None
            and event.number not in self._password_names()
        }
        unknown = {
            event.method_key
            for event in events
            if event.method_key is not None
            and not is_identified(event, self._snapshot())
        }
        if self.methods.were_sought(unknown) and self._passwords.were_sought(unnamed):
            self._report_events(events)
            return
        self._runtime.entry.async_create_background_task(
            self._runtime.hass,
            self._async_identify(events, unknown, unnamed),
            f"{self._lock_id} unknown unlock method",
        )

    async def _async_identify(
        self,
        events: tuple[LockEvent, ...],
        unknown: set[tuple[str, int]],
        unnamed: set[tuple[str, int]],
    ) -> None:
        """Update the lock for what is unknown, then report the occurrences."""
        await self.methods.async_find(unknown)
        await self._passwords.async_find(unnamed)
        self._report_events(events)

    @callback
    def _report_events(self, events: tuple[LockEvent, ...]) -> None:
        for event in events:
            self._report(from_message(event, self._snapshot(), self._password_names()))

    # Records

    @callback
    def async_shutdown(self) -> None:
        """Stop following the door."""
        self.methods.async_shutdown()
        self.records.async_shutdown()

    async def _async_read_records(self) -> bool:
        """Fetch the records since the last time; return whether to do so again."""
        # A disabled lock has no entities, so its records are not needed.
        if self._runtime.session.pause is None and self._listeners:
            try:
                self._handle_records(await self._read_openings(self._span()))
            except UnsupportedError as err:
                LOGGER.debug("No records of %s: %r", self._lock_id, err)
                return False
            except TuyaError as err:
                LOGGER.debug("No records of %s: %r", self._lock_id, err)
        return True

    def _span(self) -> Span:
        """Return the span since the last fetch; the clock of a lock may be ahead."""
        now = now_ms()
        return Span(
            start_ms=self._door.read_from_ms(now),
            end_ms=now + NEW_FOR_MS,
            limit=_MOST_RECORDS,
        )

    @callback
    def _handle_records(self, records: tuple[Record, ...]) -> None:
        for record in reversed(records):
            self._report(from_record(record, self._snapshot(), self._password_names()))
        now, push = now_ms(), self._runtime.push
        self._door.note_reading(now)
        self._save()
        connected_ms = push.connected_ms
        if connected_ms is not None and self._door.misses_messages(connected_ms, now):
            push.async_note_silence(self._lock_id)

    # Reporting

    @callback
    def _report(self, occurrences: tuple[Occurrence, ...]) -> None:
        """Add occurrences to the history, and call back for new ones."""
        for occurrence in occurrences:
            verdict = self._door.add(occurrence, now_ms())
            if verdict is Verdict.KNOWN:
                continue
            self._save()
            for changed in list(self._listeners):
                changed()
            if verdict is Verdict.NEW:
                self._occurrences.call(occurrence)

    @callback
    def _save(self) -> None:
        store = self._runtime.store
        store.lock(self._lock_id).door = self._door.history(now_ms())
        store.async_save_later(_SAVE_SECONDS)
