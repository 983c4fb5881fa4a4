"""The handler of the action that reads the records of a lock."""

from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.util import dt as dt_util

from ..api.records import Span
from ..coordinator.records import async_read_occurrences
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
    wanted = [
        occurrence
        for occurrence in await async_read_occurrences(lock, span, types)
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
