"""The handler of the action that reads the records of a lock."""

from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.util import dt as dt_util

from ..api.errors import UnsupportedError
from ..api.lock_events import ALARM_TYPES, OPENED_TYPES, RING
from ..api.records import Record, Span
from ..coordinator.lock import LockCoordinator
from ..domain.openings import Occurrence, from_record
from ..domain.serialize import serialize_occurrence
from ..errors import not_possible
from .schemas import ATTR_END, ATTR_LIMIT, ATTR_START, ATTR_TYPES, MOST_RECORDS
from .targets import async_get_named_user

_LIMIT: Final = 50
_SPAN: Final = timedelta(days=7)


async def async_handle_get_records(call: ServiceCall) -> ServiceResponse:
    """Fetch and return openings, alarms, and rings, newest first."""
    lock, user = await async_get_named_user(call)
    span, types = _span(call), call.data.get(ATTR_TYPES)
    found: list[Occurrence] = []
    for record in await _async_read(lock, span, types):
        for occurrence in from_record(record, lock.data):
            if not any(occurrence.is_same(other) for other in found):
                found.append(occurrence)
    wanted = [
        occurrence
        for occurrence in sorted(found, key=lambda one: -one.time_ms)
        if (user is None or occurrence.user_id == user.user_id)
        and (not types or occurrence.type in types)
    ]
    zone = lock.data.zones.default
    limit = call.data.get(ATTR_LIMIT, _LIMIT)
    records: list[Any] = [serialize_occurrence(one, zone) for one in wanted[:limit]]
    return {"records": records}


def _span(call: ServiceCall) -> Span:
    """Return the span of time to read, by default the last seven days.

    Filters apply afterwards, so everything up to the highest limit is fetched.
    """
    end = _moment(call.data.get(ATTR_END)) or dt_util.utcnow()
    start = _moment(call.data.get(ATTR_START)) or end - _SPAN
    if end <= start:
        raise not_possible("end_before_start")
    return Span(
        start_ms=round(start.timestamp() * 1000),
        end_ms=round(end.timestamp() * 1000),
        limit=MOST_RECORDS,
    )


def _moment(moment: datetime | None) -> datetime | None:
    return moment and dt_util.as_utc(moment)


async def _async_read(
    lock: LockCoordinator, span: Span, types: list[str] | None
) -> list[Record]:
    """Fetch openings and alarms, as required by the types.

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
    with lock.action_errors():
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
