"""Which devices there are (TUYA_API §7.3)."""

from tests.cloud import paging, wire
from tests.cloud.ask import Ask, Json
from tests.cloud.refusals import Refusal
from tests.cloud.routes import endpoint

DEFAULT_SIZE = 20
"""Devices on a page when no size is given; the documents leave it open."""


@endpoint("account_devices", "GET", "/v1.0/smart-lock/users/{uid}/devices")
def account_devices(ask: Ask) -> Json:
    """List all devices of one app account, things that are no locks among them."""
    uid = ask.parts["uid"]
    ask.number("page_no"), ask.number("page_size")
    if uid not in ask.world.accounts:
        raise Refusal(1106)
    devices = [d for d in ask.world.devices if d.account_uid == uid]
    return paging.page(ask, [wire.device(device) for device in devices])


@endpoint("associated_devices", "GET", "/v1.0/iot-01/associated-users/devices")
def associated_devices(ask: Ask) -> Json:
    """List the devices of all linked accounts, by rows instead of pages."""
    size = ask.number("size") if "size" in ask.call.query else DEFAULT_SIZE
    size = paging.allowed_size(ask, size)
    lie = ask.lie.kind if ask.lie else None
    last = "" if lie == "repeat" else ask.call.query.get("last_row_key", "")
    ids = [device.device_id for device in ask.world.devices]
    if last and last not in ids:
        raise Refusal(1109)
    start = ids.index(last) + 1 if last else 0
    rows = ask.world.devices[start : start + size]
    more = start + size < len(ids)
    if lie == "truncate":
        rows, more = rows[: len(rows) // 2], False
    if lie == "has_more":
        more = not more
    reply: dict[str, Json] = {
        "devices": [wire.device(device) | EXTRAS for device in rows],
        "has_more": more or lie in ("repeat", "endless"),
        "last_row_key": rows[-1].device_id if rows else "",
        "total": ask.lie.value if ask.lie and lie == "total" else len(ids),
    }
    if ask.dialect.has_more == "absent":
        del reply["has_more"]
    if ask.dialect.totals == "absent":
        del reply["total"]
    return reply


EXTRAS: dict[str, Json] = {"biz_type": 18, "status": []}
"""What this listing adds to the record of a device."""
