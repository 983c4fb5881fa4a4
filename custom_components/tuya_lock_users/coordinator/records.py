"""Reads what happened at a door in a span of time, on request."""

from collections.abc import Collection

from ..api.errors import UnsupportedError
from ..api.lock_events import ALARM_TYPES, OPENED_TYPES, RING
from ..api.records import Record, Span
from ..domain.openings import Occurrence, from_record
from .lock import LockCoordinator


async def async_read_occurrences(
    lock: LockCoordinator, span: Span, types: Collection[str] | None
) -> list[Occurrence]:
    """Return openings and alarms, newest first, each once.

    `types` decides what is fetched, and the result can have others. Raises
    HomeAssistantError.
    """
    found: list[Occurrence] = []
    with lock.action_errors():
        records = await _async_read(lock, span, types)
    for record in records:
        for occurrence in from_record(record, lock.data, lock.passwords.names):
            if not any(occurrence.is_same(other) for other in found):
                found.append(occurrence)
    return sorted(found, key=lambda one: -one.time_ms)


async def _async_read(
    lock: LockCoordinator, span: Span, types: Collection[str] | None
) -> list[Record]:
    """Fetch openings and alarms, as required by the types. Raises TuyaError.

    A lock can have openings without alarms, and the reverse.
    """
    reads = [
        read
        for read, known in (
            (lock.async_read_openings, OPENED_TYPES),
            (lock.async_read_alarms, (*ALARM_TYPES, RING)),
        )
        if not types or not set(known).isdisjoint(types)
    ]
    records: list[Record] = []
    refusals: list[UnsupportedError] = []
    for read in reads:
        try:
            records += await read(span)
        except UnsupportedError as err:
            refusals.append(err)
    if refusals:
        lock.smart_lock.forget_record_forms()  # the next call tries all again
    if reads and len(refusals) == len(reads):
        raise refusals[0]
    return records
