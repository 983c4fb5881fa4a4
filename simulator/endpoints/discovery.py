"""Lists of devices (docs/tuya_api.md, Lists of locks)."""

from typing import Final

from simulator import paging, wire
from simulator.ask import Ask, Json
from simulator.refusals import Refusal
from simulator.routes import endpoint

DEFAULT_SIZE: Final = 20
"""The default number of devices on a page; undocumented."""

EXTRAS: Final[dict[str, Json]] = {"biz_type": 18, "status": []}
"""The additional keys of a device in the listing by rows."""


@endpoint("account_devices", "GET", "/v1.0/smart-lock/users/{uid}/devices")
def account_devices(ask: Ask) -> Json:
    """List all devices of one app account."""
    uid = ask.parts["uid"]
    ask.number("page_no")
    paging.page_size(ask)
    if uid not in ask.world.accounts:
        raise Refusal(1106)
    devices = [device for device in ask.world.devices if device.account_uid == uid]
    return paging.page(ask, devices, wire.device)


@endpoint("associated_devices", "GET", "/v1.0/iot-01/associated-users/devices")
def associated_devices(ask: Ask) -> Json:
    """List the devices of all linked accounts, by row keys instead of page numbers."""
    size = ask.number("size") if "size" in ask.call.query else DEFAULT_SIZE
    size = paging.allowed_size(ask, size)
    last = ask.call.query.get("last_row_key", "")
    devices = paging.kept(ask, ask.world.devices)
    ids = [device.device_id for device in devices]
    if last and last not in ids:
        raise Refusal(1109)
    start = ids.index(last) + 1 if last else 0
    rows, more = paging.cut(ask, devices, start, size)
    return {
        "devices": [wire.device(device) | EXTRAS for device in rows],
        "last_row_key": rows[-1].device_id if rows else "",
        **paging.figures(ask, len(ids), more=more),
    }
