"""Records of openings and alarms (docs/tuya_api.md, Records)."""

from collections.abc import Sequence
from typing import Final

from simulator import paging
from simulator.history import Row
from simulator.refusals import Refusal
from simulator.request import Json, Request
from simulator.routes import endpoint

PHOTO: Final = "https://images.example.com/door.jpg?signature=invented"
ALARM_CODES: Final = frozenset({"alarm_lock", "hijack", "doorbell"})
LOGGED_SECONDS: Final = 7 * 86_400
"""How far the logs of devices in general go back."""
MOST_LOGS: Final = 100


@endpoint("open_logs_v10", "GET", "/v1.0/devices/{device_id}/door-lock/open-logs")
def open_logs_v10(request: Request) -> Json:
    """List openings."""
    return _openings(request, photos=False)


@endpoint("open_logs_v11", "GET", "/v1.1/devices/{device_id}/door-lock/open-logs")
def open_logs_v11(request: Request) -> Json:
    """List openings, optionally with photos."""
    return _openings(
        request, photos=request.call.query.get("show_media_info") == "true"
    )


@endpoint("alarm_logs_v10", "GET", "/v1.0/devices/{device_id}/door-lock/alarm-logs")
def alarm_logs_v10(request: Request) -> Json:
    """List alarms."""
    return _alarms(request)


@endpoint("alarm_logs_v11", "GET", "/v1.1/devices/{device_id}/door-lock/alarm-logs")
def alarm_logs_v11(request: Request) -> Json:
    """List alarms."""
    return _alarms(request)


@endpoint("records", "GET", "/v1.0/devices/{device_id}/door-lock/records")
def records(request: Request) -> Json:
    """List openings and alarms, like the app."""
    codes = request.text("target_standard_dp_codes", empty=True).split(",")
    start, end = _window(request, zero_is_all=True)
    paging.page_size(request)
    history = request.reach().history
    rows = [
        row
        for row in (*history.of("open"), *history.of("alarm"))
        if start <= row.time_ms <= end and (codes == [""] or row.code in codes)
    ]
    rows = _ordered(request, sorted(rows, key=lambda row: -row.time_ms))
    page = paging.page(request, rows, lambda row: _record(request, row))
    return page | {"unread_count": 0}


@endpoint("report_logs", "GET", "/v2.0/cloud/thing/{device_id}/report-logs")
def report_logs(request: Request) -> Json:
    """List the reports of any device for a week, newest first."""
    codes = request.codes(empty=False)
    start, end = _window(request)
    size = request.number("size")
    if size >= MOST_LOGS:
        raise Refusal(1109)
    lock = request.reach()
    start = max(start, round((request.now - LOGGED_SECONDS) * 1000))
    rows = [
        row
        for row in (*lock.history.of("open"), *lock.history.of("alarm"))
        if row.code in codes and start <= row.time_ms <= end
    ]
    rows = sorted(rows, key=lambda row: -row.time_ms)
    keys = [row.record_id for row in rows]
    last = request.call.query.get("last_row_key", "")
    if last and last not in keys:
        raise Refusal(1109)
    found, more = paging.cut(request, rows, keys.index(last) + 1 if last else 0, size)
    return {
        "device_id": lock.device_id,
        "logs": [
            {"code": row.code, "value": str(row.value), "event_time": row.time_ms}
            for row in found
        ],
        "last_row_key": found[-1].record_id if found else "",
        **paging.figures(request, len(rows), more=more),
    }


def _openings(request: Request, *, photos: bool) -> Json:
    """List the openings of a window of time."""
    start, end = _window(request)
    paging.page_size(request)
    rows = [
        row for row in request.reach().history.of("open") if start <= row.time_ms <= end
    ]
    found = _page(request, _ordered(request, rows))
    extra = {"media_infos": [{"file_url": PHOTO, "file_key": "invented"}]}
    logs = [_opening(request, row) | (extra if photos else {}) for row in found]
    return {"total": len(rows), "logs": logs}


def _alarms(request: Request) -> Json:
    """List alarms of the requested codes, without a time span."""
    codes = request.call.query.get("codes") or "alarm_lock"
    if not ALARM_CODES.issuperset(codes.split(",")):
        raise Refusal(1109)
    paging.page_size(request)
    rows = [
        row
        for row in request.reach().history.of("alarm")
        if row.code in codes.split(",")
    ]
    shown = [
        {
            "status": _status(request, row),
            "update_time": row.time_ms,
            "nick_name": row.nick_name,
        }
        for row in _page(request, _ordered(request, rows))
    ]
    return {"total": len(rows), "records": shown}


def _opening(request: Request, row: Row) -> dict[str, Json]:
    named = request.dialect.record_names
    return {
        "status": _status(request, row),
        "update_time": row.time_ms,
        "unlock_name": row.unlock_name if named else "",
        "user_id": row.user_id if named else "",
        "nick_name": row.nick_name if named else "",
    }


def _record(request: Request, row: Row) -> dict[str, Json]:
    named = request.dialect.record_names
    return {
        "record_id": row.record_id,
        "record_type": "normal" if row.kind == "open" else "alarm",
        "gmt_create": row.time_ms,
        "user_id": row.user_id if named else "",
        "user_name": row.nick_name if named else "",
        "unlock_name": row.unlock_name if named else "",
        "avatar": "",
        "member_bindable_flag": 0,
        "dps": [{row.code: row.value}],
        "union_unlock_info": [],
        "media_info_list": [{"file_url": PHOTO, "file_key": "invented"}],
    }


def _status(request: Request, row: Row) -> Json:
    value = row.value if request.dialect.record_values == "number" else str(row.value)
    status = {"code": row.code, "value": value}
    return [status] if request.dialect.record_status == "list" else status


def _window(request: Request, *, zero_is_all: bool = False) -> tuple[int, int]:
    """Return the requested time span in milliseconds.

    Seconds are not refused, but are a span in January 1970.
    """
    times = []
    for name in ("start_time", "end_time"):
        value = request.text(name)
        if not value.isascii() or not value.isdigit():
            raise Refusal(1109)
        times.append(int(value))
    start, end = times
    if zero_is_all and not any(times):
        return 0, 2**63
    if end < start:
        raise Refusal(1109)
    return start, end


def _page(request: Request, rows: Sequence[Row]) -> Sequence[Row]:
    start = (request.number("page_no") - 1) * paging.page_size(request)
    return paging.cut(request, rows, start)[0]


def _ordered(request: Request, rows: list[Row]) -> list[Row]:
    """Return rows newest first, or in no order at all."""
    if not request.dialect.records_mixed:
        return rows
    return [*rows[1::2], *rows[::2]]
