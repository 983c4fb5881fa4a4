"""The bodies of messages before encryption, in both families.

``core`` is the newer family, which nests its data in ``bizData``; ``legacy`` is the older
one. Each function returns the protocol and the body.
"""

from typing import Any, Literal

type Family = Literal["core", "legacy"]
type Body = tuple[int, dict[str, Any]]

RENAMED = {"deviceNameUpdate": "nameUpdate"}
"""The names of some kinds in the older family."""


def report(
    family: Family,
    device_id: str,
    product_id: str,
    rows: list[tuple[str, Any, int]],
    *,
    data_id: str,
    sent: int,
) -> Body:
    """Return a report of a device: codes, values, and times in milliseconds."""
    if family == "legacy":
        status = [
            {"code": code, "t": time, "value": value, str(number): str(value).lower()}
            for number, (code, value, time) in enumerate(rows, 1)
        ]
        body = {"dataId": data_id, "devId": device_id, "productKey": product_id}
        return 4, {**body, "status": status}
    properties = [
        {"code": code, "dpId": number, "time": time, "value": value}
        for number, (code, value, time) in enumerate(rows, 1)
    ]
    data = {
        "dataId": data_id,
        "devId": device_id,
        "productId": product_id,
        "properties": properties,
    }
    return 1000, {"bizCode": "devicePropertyMessage", "bizData": data, "ts": sent}


def online(family: Family, device_id: str, *, online: bool, sent: int) -> Body:
    """Return the message that a device is online or offline."""
    if family == "legacy":
        kind = "online" if online else "offline"
        body = {"devId": device_id, "productKey": "", "bizCode": kind}
        return 20, {**body, "bizData": {"time": sent}}
    kind = "deviceOnline" if online else "deviceOffline"
    return 1001, {
        "bizCode": kind,
        "bizData": {"devId": device_id, "productId": "", "uid": "", "time": sent},
        "ts": sent,
    }


def device(
    family: Family, device_id: str, kind: str, details: dict[str, Any], *, sent: int
) -> Body:
    """Return the message of a change of the device itself, by its newer name."""
    if family == "legacy":
        kind = RENAMED.get(kind, kind)
        return 20, {"devId": device_id, "bizCode": kind, "bizData": details}
    return 1001, {
        "bizCode": kind,
        "bizData": {"devId": device_id, **details},
        "ts": sent,
    }


def progress(device_id: str, details: dict[str, Any], *, sent: int) -> Body:
    """Return the progress of an enrollment."""
    data = {"finish": False, "operate": 1, "event": "unlockMethodEntry", **details}
    return 1000, {
        "bizCode": "doorUnlockMethodStatus",
        "bizData": data,
        "uuid": device_id[::-1],
        "devId": device_id,
        "ts": sent,
    }
