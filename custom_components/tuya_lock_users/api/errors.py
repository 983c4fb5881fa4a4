"""The errors of the cloud, and the class of each code (docs/tuya_api.md, Error classes).

Codes decide, not texts: the text of an expired token is "token invalid".
"""

from typing import Final


class TuyaError(Exception):
    """A request that the cloud did not fulfill.

    `code` and `trace_id` (its `tid`) come from the cloud, or are None.
    `retry_after_seconds` is a sensible time to wait before a retry.
    """

    retry_after_seconds: float | None = None

    def __init__(
        self, message: str, *, code: int | None = None, trace_id: str | None = None
    ) -> None:
        """Initialize the error."""
        super().__init__(message)
        self.code = code
        self.trace_id = trace_id


class TransportError(TuyaError):
    """No complete reply arrived, so it is unknown whether the request took effect.

    If `was_sent` is False, the request was never sent, for lack of a connection or a
    token.
    """

    was_sent = True


class UnexpectedReplyError(TransportError):
    """A reply arrived, but not in a documented form."""


class ServerError(TransportError):
    """The cloud failed (code 500 or HTTP 5xx)."""


class RefusedError(TuyaError):
    """The cloud refused the request, which had no effect."""


class AuthenticationError(RefusedError):
    """The access ID or the secret is wrong."""


class TokenError(RefusedError):
    """The token is not accepted."""


class ClockError(RefusedError):
    """The time of the request differs too much from the cloud's."""


class ProjectError(RefusedError):
    """The project is not allowed to do this until it is changed on Tuya's platform."""


class NotAuthorizedError(ProjectError):
    """An API service is not authorized, or the account is not linked."""


class DataCenterError(ProjectError):
    """The data center is not enabled for the project."""


class WrongDataCenterError(ProjectError):
    """The project cannot be used from this network through this data center."""


class IpNotAllowedError(ProjectError):
    """The IP address is not on the allowlist of the project."""


class SubscriptionExpiredError(ProjectError):
    """The plan of the project, or of one of its services, has expired."""


class QuotaExhaustedError(ProjectError):
    """The calls of the plan are used up."""


class ThrottledError(RefusedError):
    """Too many requests; the same one may succeed later."""

    retry_after_seconds = 60


class LockBusyError(RefusedError):
    """The lock is busy, for about a minute (docs/tuya_api.md, Lock codes)."""

    retry_after_seconds = 60


class LockOfflineError(RefusedError):
    """The lock is not connected to the cloud."""


class NotFoundError(RefusedError):
    """The lock, user, or record does not exist."""


class UnsupportedError(RefusedError):
    """The lock or product does not support the request."""


class PathError(UnsupportedError):
    """The cloud does not know the path (1108)."""


class BadRequestError(RefusedError):
    """The cloud did not accept the form of the request."""


class LockRefusedError(RefusedError):
    """The lock refused the request (codes 23xx and 25xx), or the code is unknown."""


# The refusals of a call after which another call for the same data may succeed.
CALL_REFUSALS: Final = (BadRequestError, NotAuthorizedError, UnsupportedError)

# The refusals of a read that are permanent; others are temporary.
LASTING_REFUSALS: Final = (
    BadRequestError,
    LockRefusedError,
    NotAuthorizedError,
    NotFoundError,
    UnsupportedError,
)

_CLASSES: Final[dict[type[RefusedError | ServerError], tuple[int, ...]]] = {
    AuthenticationError: (1001, 1004, 1005, 1007, 1008),
    TokenError: (1010, 1011, 1012, 1400),
    ClockError: (1013,),
    NotAuthorizedError: (
        1106,
        2406,
        4001,
        28841101,
        28841105,
        28841106,
        40001900,
    ),
    DataCenterError: (28841107,),
    IpNotAllowedError: (1114,),
    SubscriptionExpiredError: (28841001, 28841002, 28841003, 28841102, 28841103),
    QuotaExhaustedError: (28841004, 28841104),
    ThrottledError: (1110, 1111, 1112, 1113, 1199, 40000309, 429),
    LockBusyError: (2311, 2313, 2317, 2328),
    LockOfflineError: (2001, 2312),
    NotFoundError: (1000, 2002, 2005, 2006, 2007, 2010, 2323),
    UnsupportedError: (2003, 2004, 2008, 2009, 2012, 2015),
    PathError: (1108,),
    BadRequestError: (
        1002,
        1003,
        1006,
        1100,
        1101,
        1102,
        1103,
        1104,
        1105,
        1107,
        1109,
    ),
    ServerError: (500,),
}

_CLASS_OF_CODE: Final[dict[int, type[RefusedError | ServerError]]] = {
    code: error for error, codes in _CLASSES.items() for code in codes
}

# A wrong access id was once answered like this, with the code of an unsupported call.
_UNSUPPORTED_CODE: Final = 2009
_CLIENT_ID_INVALID: Final = "clientid"

# About a lock this code means an expired token of that lock. About the project it
# comes with "cross-region access is not allowed".
_DEVICE_TOKEN_CODE: Final = 2007
_CROSS_REGION: Final = "region"


def error_for(
    code: int, message: str, trace_id: str | None, *, is_about_lock: bool = False
) -> TuyaError:
    """Return the error for a refusal of the cloud.

    Two codes have a second meaning that only their text shows. The text itself is not
    kept: its language is the cloud's choice, and it may contain addresses and accounts.
    """
    text = message.lower()
    error: type[RefusedError | ServerError] = _CLASS_OF_CODE.get(code, LockRefusedError)
    if code == _UNSUPPORTED_CODE and _CLIENT_ID_INVALID in text:
        error = AuthenticationError
    elif code == _DEVICE_TOKEN_CODE and _CROSS_REGION in text and not is_about_lock:
        error = WrongDataCenterError
    return error(f"code {code}", code=code, trace_id=trace_id)
