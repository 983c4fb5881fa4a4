"""Records of a lock: openings and alarms of the past.

Four calls list openings, and no lock supports all of them (docs/tuya_api.md, Records). They
are tried best first, and what a lock refused is returned for the caller to keep.
Photos and their addresses are never requested.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from .cloud import TuyaCloud
from .decoding import json_object, objects, text
from .dialects import RecordForm, RecordForms
from .errors import BadRequestError, LockRefusedError, UnsupportedError
from .lock_events import (
    ALARM_CODES,
    OPENED_CODES,
    EventKind,
    LockEvent,
    lock_event,
    opening_of_record,
    time_ms,
)
from .paging import Page, page_of

# Page sizes that are known to work; the smaller one if the larger is refused. The general
# device logs allow less than 100.
_PAGE_SIZES: Final = (50, 20)
# Enough for a busy month; more is not fetched at once.
MAX_PAGES: Final = 20

_DOOR: Final = "/v1.{version}/devices/{{lock_id}}/door-lock"
_OPEN_LOGS: Final = f"{_DOOR}/open-logs"
_ALARM_LOGS: Final = f"{_DOOR}/alarm-logs"
_RECORDS: Final = "/v1.0/devices/{lock_id}/door-lock/records"
_REPORT_LOGS: Final = "/v2.0/cloud/thing/{lock_id}/report-logs"

# The user ID of a row without a user.
_NO_USER: Final = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One opening or alarm, with the names from the cloud.

    The names are missing until the unlock method is named in Tuya's app. `user_id` can
    be the UID of an account instead. For a temporary password `user_name` is the name
    of the password.
    """

    event: LockEvent
    user_id: str | None = None
    user_name: str | None = None
    method_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Records, newest first, and the calls that the lock refused.

    `calls` is the number of calls.
    """

    records: tuple[Record, ...]
    forms: RecordForms
    calls: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A span of time in epoch milliseconds, both ends included.

    `limit` is the maximum number of records, of the newest.
    """

    start_ms: int
    end_ms: int
    limit: int

    def has(self, record: Record) -> bool:
        """Return whether a record is within the span."""
        return self.start_ms <= record.event.time_ms <= self.end_ms


async def read_openings(
    cloud: TuyaCloud, lock_id: str, span: Span, forms: RecordForms
) -> Records:
    """Return openings by the best call that the lock supports.

    Returns none if it supports no call. Raises any other TuyaError.
    """
    return await _read(
        cloud, lock_id, span, forms, forms.for_openings, EventKind.OPENED
    )


async def read_alarms(
    cloud: TuyaCloud, lock_id: str, span: Span, forms: RecordForms
) -> Records:
    """Return alarms and rings of the doorbell, like `read_openings`."""
    return await _read(cloud, lock_id, span, forms, forms.for_alarms, EventKind.ALARM)


async def _read(
    cloud: TuyaCloud,
    lock_id: str,
    span: Span,
    forms: RecordForms,
    candidates: tuple[RecordForm, ...],
    kind: EventKind,
) -> Records:
    """Try the calls in turn; unsupported ones are not tried again."""
    calls = 0
    for form in candidates:
        reading = _Reading(cloud, lock_id, span)
        try:
            records = await _by_form(reading, form, kind)
        except BadRequestError, LockRefusedError, UnsupportedError:
            forms = forms.without(form)
        else:
            return Records(records=records, forms=forms, calls=calls + reading.calls)
        calls += reading.calls
    return Records(records=(), forms=forms, calls=calls)


async def _by_form(
    reading: _Reading, form: RecordForm, kind: EventKind
) -> tuple[Record, ...]:
    """Return the records that one call lists."""
    span = reading.span
    times = {"start_time": str(span.start_ms), "end_time": str(span.end_ms)}
    codes = ",".join(OPENED_CODES if kind is EventKind.OPENED else ALARM_CODES)
    match form:
        case RecordForm.OPEN_LOGS_1_1:
            query = {**times, "show_media_info": "false"}
            path = _OPEN_LOGS.format(version=1)
            return await reading.by_number(path, query, _opening)
        case RecordForm.OPEN_LOGS_1_0:
            path = _OPEN_LOGS.format(version=0)
            return await reading.by_number(path, times, _opening)
        case RecordForm.ALARM_LOGS_1_1 | RecordForm.ALARM_LOGS_1_0:
            is_newer = form is RecordForm.ALARM_LOGS_1_1
            media = {"show_media_info": "false"} if is_newer else {}
            path = _ALARM_LOGS.format(version=int(is_newer))
            return await reading.by_number(path, {"codes": codes, **media}, _alarm)
        case RecordForm.RECORDS:
            query = {**times, "target_standard_dp_codes": codes}
            return await reading.by_number(_RECORDS, query, _of_kind(_record, kind))
        case RecordForm.REPORT_LOGS:
            query = {**times, "codes": codes}
            return await reading.by_key(_REPORT_LOGS, query, _of_kind(_log, kind))


type _Decode = Callable[[dict[str, Any]], Record | None]


class _Reading:
    """Follows the pages of one call until there are enough records."""

    def __init__(self, cloud: TuyaCloud, lock_id: str, span: Span) -> None:
        """Initialize the reading of a lock and a span."""
        self.span = span
        self.calls = 0
        self._cloud = cloud
        self._lock_id = lock_id

    async def by_number(
        self, path: str, query: dict[str, str], decode: _Decode
    ) -> tuple[Record, ...]:
        """Return the records of numbered pages."""

        async def read(size: int) -> tuple[Record, ...]:
            found = _Found(self.span, decode)
            sized = {**query, "page_size": str(size)}
            for number in range(1, MAX_PAGES + 1):
                page = await self._page(path, {**sized, "page_no": str(number)})
                if not found.add(page, size):
                    break
            return found.newest()

        return await self._sized(read)

    async def by_key(
        self, path: str, query: dict[str, str], decode: _Decode
    ) -> tuple[Record, ...]:
        """Return the records of pages that continue after the last row."""

        async def read(size: int) -> tuple[Record, ...]:
            found = _Found(self.span, decode)
            keyed = {**query, "size": str(size)}
            for _ in range(MAX_PAGES):
                page = await self._page(path, keyed)
                last_row_key = keyed.get("last_row_key", "")
                if not found.add(page, size) or page.last_row_key in ("", last_row_key):
                    break
                keyed["last_row_key"] = page.last_row_key
            return found.newest()

        return await self._sized(read)

    async def _page(self, path: str, query: dict[str, str]) -> Page:
        self.calls += 1
        result = await self._cloud.get(path, query, lock_id=self._lock_id)
        return page_of(result, may_be_missing=True)

    async def _sized(
        self, read: Callable[[int], Awaitable[tuple[Record, ...]]]
    ) -> tuple[Record, ...]:
        """Read with the larger page size, or with the smaller one if it is refused."""
        larger, smaller = _PAGE_SIZES
        try:
            return await read(larger)
        except BadRequestError:
            return await read(smaller)


class _Found:
    """The records found so far."""

    def __init__(self, span: Span, decode: _Decode) -> None:
        """Initialize without records."""
        self._span = span
        self._decode = decode
        self._records: dict[object, Record] = {}
        self._rows = 0

    def add(self, page: Page, size: int) -> bool:
        """Add a page; return whether to request the next one.

        The order of rows is not guaranteed, so the newest ones can be on any page, and
        all pages are read. Calls without a span end with a page that has no record
        within it.
        """
        self._rows += len(page.records)
        decoded = [r for row in page.records if (r := self._decode(row)) is not None]
        wanted = [record for record in decoded if self._span.has(record)]
        for record in wanted:
            self._records.setdefault((record.event, record.user_id), record)
        if not page.records or page.has_more is False or (decoded and not wanted):
            return False
        is_full = len(page.records) >= size
        return is_full if page.total is None else self._rows < page.total

    def newest(self) -> tuple[Record, ...]:
        """Return the newest records, up to the limit."""
        records = sorted(
            self._records.values(), key=lambda record: -record.event.time_ms
        )
        return tuple(records[: self._span.limit])


def _of_kind(decode: _Decode, kind: EventKind) -> _Decode:
    """Return a decoder for lists of both openings and alarms."""

    def decode_kind(row: dict[str, Any]) -> Record | None:
        record = decode(row)
        if record is None:
            return None
        is_opening = record.event.kind is EventKind.OPENED
        return record if is_opening is (kind is EventKind.OPENED) else None

    return decode_kind


def _objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list, or a single object."""
    single = json_object(value)
    return objects(value) or ([] if single is None else [single])


def _statuses(row: dict[str, Any]) -> list[tuple[str, object, int]]:
    """Return the codes and values of a row, each with its time."""
    if (moment := time_ms(row.get("update_time"))) is None:
        return []
    return [
        (code, status.get("value"), moment)
        for status in _objects(row.get("status"))
        if (code := text(status.get("code"))) is not None
    ]


def _opening(row: dict[str, Any]) -> Record | None:
    """Return the opening of a row of open-logs, whose other values do not matter."""
    if not (statuses := _statuses(row)):
        return None
    events = (lock_event(*status) for status in statuses)
    openings = (e for e in events if e is not None and e.kind is EventKind.OPENED)
    opening = next(openings, None) or opening_of_record(*statuses[0])
    return _named(opening, row, "nick_name")


def _alarm(row: dict[str, Any]) -> Record | None:
    """Return the first alarm of a row of alarm-logs."""
    for status in _statuses(row):
        if (event := lock_event(*status)) is not None:
            return _named(event, row, "nick_name")
    return None


def _record(row: dict[str, Any]) -> Record | None:
    """Return the first data point of a row that is an event."""
    moment = time_ms(row.get("gmt_create"))
    if moment is None:
        return None
    for data_points in _objects(row.get("dps")):
        for code, value in data_points.items():
            if (event := lock_event(code, value, moment)) is not None:
                return _named(event, row, "user_name")
    return None


def _log(row: dict[str, Any]) -> Record | None:
    """Return the event of a row of device logs, which name no users."""
    code, moment = text(row.get("code")), time_ms(row.get("event_time"))
    if code is None or moment is None:
        return None
    event = lock_event(code, row.get("value"), moment)
    return None if event is None else Record(event=event)


def _named(event: LockEvent, row: dict[str, Any], user_name_key: str) -> Record:
    """Return a record with the names of a row."""
    user_id = text(row.get("user_id"))
    return Record(
        event=event,
        user_id=None if user_id == _NO_USER else user_id,
        user_name=text(row.get(user_name_key)),
        method_name=text(row.get("unlock_name")),
    )
