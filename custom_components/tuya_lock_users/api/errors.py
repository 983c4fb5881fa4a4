"""What can go wrong when talking to the cloud, and which code means what.

The table follows TUYA_API §3.1 to §3.4. Codes decide, texts do not: the cloud says
"token invalid" for an expired token and translates its texts (TUYA_API §3.2).
"""

from typing import Final


class TuyaError(Exception):
    """Anything that kept the cloud from doing what it was asked for.

    `code` and `trace_id` are the cloud's own (trace_id is its `tid`), None where it
    said none. `retry_after_seconds` is how long it is sensible to wait.
    """

    retry_after_seconds: float | None = None

    def __init__(
        self, message: str, *, code: int | None = None, trace_id: str | None = None
    ) -> None:
        """Keep what the cloud said, for the log and for support."""
        super().__init__(message)
        self.code = code
        self.trace_id = trace_id


class TransportError(TuyaError):
    """No complete answer came: whether the cloud did its work is not known.

    Unless `was_sent` is False: the request never went out, for want of a connection or
    of a token.
    """

    was_sent = True


class UnexpectedReplyError(TransportError):
    """An answer came, but not one of the documented shape."""


class ServerError(TransportError):
    """The cloud failed by itself (code 500, HTTP 5xx)."""


class RefusedError(TuyaError):
    """The cloud answered and refused: nothing was done."""


class AuthenticationError(RefusedError):
    """Access id or secret are wrong."""


class TokenError(RefusedError):
    """The token is not accepted, not even a new one."""


class ClockError(RefusedError):
    """The time of the request is too far from the cloud's."""


class ProjectError(RefusedError):
    """The project may not do this until somebody changes it on Tuya's platform."""


class NotAuthorizedError(ProjectError):
    """An API service is not authorised, or the account is not linked."""


class DataCenterError(ProjectError):
    """The data center is not enabled for the project."""


class IpNotAllowedError(ProjectError):
    """The project has a list of allowed addresses, without this one."""


class SubscriptionExpiredError(ProjectError):
    """The plan of the project, or of one of its services, has ended."""


class QuotaExhaustedError(ProjectError):
    """The calls of the plan are used up."""


class ThrottledError(RefusedError):
    """Too many requests at once; the same one may succeed later."""

    retry_after_seconds = 60


class LockBusyError(RefusedError):
    """The lock is in the middle of something (about a minute, TUYA_API §5.3)."""

    retry_after_seconds = 60


class LockOfflineError(RefusedError):
    """The lock is not connected to the cloud."""


class NotFoundError(RefusedError):
    """The lock, user, or record does not exist, or not any more."""


class UnsupportedError(RefusedError):
    """This lock or product cannot do that."""


class PathError(UnsupportedError):
    """The cloud does not know the call at all (1108)."""


class BadRequestError(RefusedError):
    """The cloud did not accept the form of the request."""


class LockRefusedError(RefusedError):
    """The lock's own rules refuse it (codes 23xx and 25xx), or an unknown code."""


# What a question meets that will never be answered; other refusals pass by themselves.
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
        *(1106, 2406, 40001900),
        *(28841101, 28841105, 28841106),
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
        *(1002, 1003, 1006, 1100, 1101, 1102, 1103, 1104, 1105, 1107, 1109),
    ),
    ServerError: (500,),
}

_CLASS_OF_CODE: Final[dict[int, type[RefusedError | ServerError]]] = {
    code: error for error, codes in _CLASSES.items() for code in codes
}

_CLIENT_ID_INVALID: Final = "clientid"


def error_for(code: int, message: str, trace_id: str | None) -> TuyaError:
    """Return the error for a refusal of the cloud.

    2009 normally means that the device cannot do it, but was once seen for a wrong
    access id, told apart by its text only (TUYA_API §3.2). The text itself is not kept:
    it is the cloud's, in a language of its choice, and may name addresses and accounts.
    """
    error: type[RefusedError | ServerError] = _CLASS_OF_CODE.get(code, LockRefusedError)
    if code == 2009 and _CLIENT_ID_INVALID in message.lower():
        error = AuthenticationError
    return error(f"code {code}", code=code, trace_id=trace_id)
