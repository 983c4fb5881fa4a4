"""Records of openings and alarms (docs/tuya_api.md, Records)."""

from collections.abc import Sequence
from typing import Final

from simulator import paging
from simulator.ask import Ask, Json
from simulator.history import Row
from simulator.refusals import Refusal
from simulator.routes import endpoint

PHOTO: Final = "https://images.example.com/door.jpg?signature=invented"
ALARM_CODES: Final = frozenset({"alarm_lock", "hijack", "doorbell"})
LOGGED_SECONDS: Final = 7 * 86_400
"""How far the logs of devices in general go back."""
MOST_LOGS: Final = 100


@endpoint("open_logs_v10", "GET", "/v1.0/devices/{device_id}/door-lock/open-logs")
def open_logs_v10(ask: Ask) -> Json:
    """List openings."""
    return _openings(ask, photos=False)


@endpoint("open_logs_v11", "GET", "/v1.1/devices/{device_id}/door-lock/open-logs")
def open_logs_v11(ask: Ask) -> Json:
    """List openings, optionally with photos."""
    return _openings(ask, photos=ask.call.query.get("show_media_info") == "true")


@endpoint("alarm_logs_v10", "GET", "/v1.0/devices/{device_id}/door-lock/alarm-logs")
def alarm_logs_v10(ask: Ask) -> Json:
    """List alarms."""
    return _alarms(ask)


@endpoint("alarm_logs_v11", "GET", "/v1.1/devices/{device_id}/door-lock/alarm-logs")
def alarm_logs_v11(ask: Ask) -> Json:
    """List alarms."""
    return _alarms(ask)


@endpoint("records", "GET", "/v1.0/devices/{device_id}/door-lock/records")
def records(ask: Ask) -> Json:
    """List openings and alarms, like the app."""
    codes = ask.text("target_standard_dp_codes", empty=True).split(",")
    start, end = _window(ask, zero_is_all=True)
    paging.page_size(ask)
    history = ask.reach().history
    rows = [
        row
        for row in (*history.of("open"), *history.of("alarm"))
        if start <= row.time_ms <= end and (codes == [""] or row.code in codes)
    ]
    rows = _ordered(ask, sorted(rows, key=lambda row: -row.time_ms))
    page = paging.page(ask, rows, lambda row: _record(ask, row))
    return page | {"unread_count": 0}


@endpoint("report_logs", "GET", "/v2.0/cloud/thing/{device_id}/report-logs")
def report_logs(ask: Ask) -> Json:
    """List the reports of any device for a week, newest first."""
    codes = ask.codes(empty=False)
    start, end = _window(ask)
    size = ask.number("size")
    if size >= MOST_LOGS:
        raise Refusal(1109)
    lock = ask.reach()
    start = max(start, round((ask.now - LOGGED_SECONDS) * 1000))
    rows = [
        row
        for row in (*lock.history.of("open"), *lock.history.of("alarm"))
        if row.code in codes and start <= row.time_ms <= end
    ]
    rows = sorted(rows, key=lambda row: -row.time_ms)
    keys = [row.record_id for row in rows]
    last = ask.call.query.get("last_row_key", "")
    if last and last not in keys:
        raise Refusal(1109)
    found, more = paging.cut(ask, rows, keys.index(last) + 1 if last else 0, size)
    return {
        "device_id": lock.device_id,
        "logs": [
            {"code": row.code, "value": str(row.value), "event_time": row.time_ms}
            for row in found
        ],
        "last_row_key": found[-1].record_id if found else "",
        **paging.figures(ask, len(rows), more=more),
    }


def _openings(ask: Ask, *, photos: bool) -> Json:
    """List the openings of a window of time."""
    start, end = _window(ask)
    paging.page_size(ask)
    rows = [
        row for row in ask.reach().history.of("open") if start <= row.time_ms <= end
    ]
    found = _page(ask, _ordered(ask, rows))
    extra = {"media_infos": [{"file_url": PHOTO, "file_key": "invented"}]}
    logs = [_opening(ask, row) | (extra if photos else {}) for row in found]
    return {"total": len(rows), "logs": logs}


def _alarms(ask: Ask) -> Json:
    """List alarms of the requested codes, without a time span."""
    codes = ask.call.query.get("codes") or "alarm_lock"
    if not ALARM_CODES.issuperset(codes.split(",")):
        raise Refusal(1109)
    paging.page_size(ask)
    rows = [
        row for row in ask.reach().history.of("alarm") if row.code in codes.split(",")
    ]
    shown = [
        {
            "status": _status(ask, row),
            "update_time": row.time_ms,
            "nick_name": row.nick_name,
        }
        for row in _page(ask, _ordered(ask, rows))
    ]
    return {"total": len(rows), "records": shown}


def _opening(ask: Ask, row: Row) -> dict[str, Json]:
    named = ask.dialect.record_names
    return {
        "status": _status(ask, row),
        "update_time": row.time_ms,
        "unlock_name": row.unlock_name if named else "",
        "user_id": row.user_id if named else "",
        "nick_name": row.nick_name if named else "",
    }


def _record(ask: Ask, row: Row) -> dict[str, Json]:
    named = ask.dialect.record_names
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


def _status(ask: Ask, row: Row) -> Json:
    value = row.value if ask.dialect.record_values == "number" else str(row.value)
    status = {"code": row.code, "value": value}
    return [status] if ask.dialect.record_status == "list" else status


def _window(ask: Ask, *, zero_is_all: bool = False) -> tuple[int, int]:
    """Return the requested time span in milliseconds.

    Seconds are not refused, but are a span in January 1970.
    """
    times = []
    for name in ("start_time", "end_time"):
        value = ask.text(name)
        if not value.isascii() or not value.isdigit():
            raise Refusal(1109)
        times.append(int(value))
    start, end = times
    if zero_is_all and not any(times):
        return 0, 2**63
    if end < start:
        raise Refusal(1109)
    return start, end


def _page(ask: Ask, rows: Sequence[Row]) -> Sequence[Row]:
    start = (ask.number("page_no") - 1) * paging.page_size(ask)
    return paging.cut(ask, rows, start)[0]


def _ordered(ask: Ask, rows: list[Row]) -> list[Row]:
    """Return rows newest first, or in no order at all."""
    if not ask.dialect.records_mixed:
        return rows
    return [*rows[1::2], *rows[::2]]
