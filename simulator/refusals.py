"""The codes of refusals and their texts (docs/tuya_api.md, Error codes)."""

from typing import Final

MESSAGES: Final[dict[int, str]] = {
    # docs/tuya_api.md, Error codes.
    500: "system error, please contact the admin",
    1000: "data not exist",
    1001: "secret invalid",
    1002: "access_token is null",
    1003: "grant type invalid",
    1004: "sign invalid",
    1005: "clientId invalid",
    1006: "content type not supported",
    1007: "key/algorithm not supported",
    1008: "invalid access",
    # The real text of 1010 is often "token invalid"; clients must match the code.
    1010: "token invalid",
    1011: "token invalid",
    1012: "token status is invalid",
    1013: "request time is invalid",
    1100: "param is empty",
    1101: "param range invalid",
    1102: "param is null",
    1103: "commands issue error",
    1104: "type is incorrect",
    1105: "missing the header",
    1106: "permission deny",
    1107: "code invalid",
    1108: "uri path invalid",
    1109: "param is illegal, please check it",
    1110: "concurrent requests over limit",
    1111: "system is busy, please retry later",
    1112: "users are being synced in the background, please try later",
    1113: "repeated operation in a short time",
    1114: "your ip(192.0.2.10) don't have access to this API",
    1199: "your requests are too frequent",
    1400: "token invalid",
    2001: "device is offline",
    2002: "this user has no devices",
    2003: "function not support",
    2004: "lock type not support",
    2005: "product not exist",
    2006: "user not exist",
    2007: "device token is expired",
    2008: "command or value not support",
    2009: "not support this device",
    2010: "device not exist",
    2012: "application not support",
    2015: "category not support",
    2406: "skill id invalid",
    # From public reports only, for projects without the required service.
    4001: "no permission to access this API",
    # docs/tuya_api.md, Lock codes.
    2301: "password not confirmed",
    2302: "password encryption error",
    2303: "the number of passwords exceeds the limit",
    2306: "illegal operation",
    2311: "too many passwords are being set, please wait for the gateway",
    2312: "the lock is not online",
    2313: "information is being initialised, please wait",
    2316: "the password name may not be repeated",
    2317: "another sub-device of the gateway is updating",
    2318: "the effective or invalid time lies in the past",
    2322: "the password may not be repeated",
    2323: "the record does not exist",
    2324: "the status does not allow the operation",
    2328: "the lock is in operation, please try later",
    # docs/tuya_api.md, Plan codes.
    28841001: "No permissions. Your project has no plan subscribed.",
    28841002: "No permissions. Your subscription to cloud development plan has expired.",
    28841003: "No permissions. The bill of your plan is overdue.",
    28841004: "No permissions. The trial edition of IoT Core has exhausted its quota.",
    28841101: "No permissions. This API is not subscribed.",
    28841102: "No permissions. Your subscription to this API has expired.",
    28841103: "No permissions. The bill of this API is overdue.",
    28841104: "No permissions. The quota of this API is exhausted.",
    28841105: "No permissions. This project is not authorized to call this API.",
    28841106: "No permissions. This API is not subscribed.",
    28841107: "No permissions. The data center is suspended for this project.",
    40000309: "too many requests",
}


class Refusal(Exception):
    """The cloud refuses a call with a code and a text, over HTTP 200."""

    def __init__(self, code: int, message: str | None = None) -> None:
        """Initialize with a text, by default from the table."""
        self.code = code
        self.message = message or MESSAGES.get(code, "request failed")
        super().__init__(f"{code}: {self.message}")
