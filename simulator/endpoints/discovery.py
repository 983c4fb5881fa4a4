"""Lists of devices (docs/tuya_api.md, Lists of locks)."""

from typing import Final

from simulator import paging, wire
from simulator.refusals import Refusal
from simulator.request import Json, Request
from simulator.routes import endpoint

DEFAULT_SIZE: Final = 20
"""The default number of devices on a page; undocumented."""

EXTRAS: Final[dict[str, Json]] = {"biz_type": 18, "status": []}
"""The additional keys of a device in the listing by rows."""


@endpoint("account_devices", "GET", "/v1.0/smart-lock/users/{uid}/devices")
def account_devices(request: Request) -> Json:
    """List all devices of one app account."""
    uid = request.parts["uid"]
    request.number("page_no")
    paging.page_size(request)
    if uid not in request.world.accounts:
        raise Refusal(1106)
    devices = [device for device in request.world.devices if device.account_uid == uid]
    return paging.page(request, devices, wire.device)


@endpoint("associated_devices", "GET", "/v1.0/iot-01/associated-users/devices")
def associated_devices(request: Request) -> Json:
    """List the devices of all linked accounts, by row keys instead of page numbers."""
    size = request.number("size") if "size" in request.call.query else DEFAULT_SIZE
    size = paging.allowed_size(request, size)
    last = request.call.query.get("last_row_key", "")
    devices = paging.kept(request, request.world.devices)
    ids = [device.device_id for device in devices]
    if last and last not in ids:
        raise Refusal(1109)
    start = ids.index(last) + 1 if last else 0
    rows, more = paging.cut(request, devices, start, size)
    return {
        "devices": [wire.device(device) | EXTRAS for device in rows],
        "last_row_key": rows[-1].device_id if rows else "",
        **paging.figures(request, len(ids), more=more),
    }
