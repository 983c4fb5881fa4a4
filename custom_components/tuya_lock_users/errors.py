"""The one place that turns errors of the api into Home Assistant's.

Polling, actions and flows share the table. Each row names the translation key, used
for exceptions and for repairs where somebody can do something about it; the flow says
the same in fewer words.
"""

from typing import Final

from homeassistant.exceptions import (
    ConfigEntryAuthFailed,
    HomeAssistantError,
    ServiceValidationError,
)
from homeassistant.helpers.update_coordinator import UpdateFailed

from .api.errors import (
    AuthenticationError,
    BadRequestError,
    ClockError,
    DataCenterError,
    IpNotAllowedError,
    LockBusyError,
    LockOfflineError,
    LockRefusedError,
    NotAuthorizedError,
    NotFoundError,
    ProjectError,
    QuotaExhaustedError,
    SubscriptionExpiredError,
    ThrottledError,
    TokenError,
    TransportError,
    TuyaError,
    UnexpectedReplyError,
    UnsupportedError,
)
from .const import DOMAIN

# After a refusal that only somebody at Tuya's platform can end. Trial quotas last for
# a month, so asking more often would only cost calls.
PAUSE_SECONDS: Final = 4 * 3600


# The first class that fits decides, so the special ones stand before their parents.
_KEYS: Final[dict[type[TuyaError], str]] = {
    AuthenticationError: "invalid_auth",
    ClockError: "clock_skew",
    DataCenterError: "data_center_disabled",
    IpNotAllowedError: "ip_not_allowed",
    SubscriptionExpiredError: "subscription_expired",
    QuotaExhaustedError: "quota_exhausted",
    NotAuthorizedError: "not_authorized",
    ThrottledError: "throttled",
    LockBusyError: "lock_busy",
    LockOfflineError: "lock_offline",
    NotFoundError: "not_found",
    UnsupportedError: "not_supported",
    BadRequestError: "not_understood",
    LockRefusedError: "refused_by_lock",
    UnexpectedReplyError: "unexpected_reply",
    TuyaError: "cannot_connect",
}
# Somebody who sets up a project has no lock in mind yet: fewer words do.
_FLOW_KEYS: Final = {
    "data_center_disabled": "not_authorized",
    "throttled": "cannot_connect",
    "lock_busy": "cannot_connect",
    "lock_offline": "cannot_connect",
    "not_found": "no_locks",
    "not_supported": "no_locks",
    "not_understood": "unknown",
    "refused_by_lock": "unknown",
    "unexpected_reply": "cannot_connect",
}


def key_for(err: TuyaError) -> str:
    """Return what an error is called in actions, issues and logs."""
    return next(key for error, key in _KEYS.items() if isinstance(err, error))


def flow_key_for(err: TuyaError) -> str:
    """Return what an error is called in the flow."""
    key = key_for(err)
    return _FLOW_KEYS.get(key, key)


def is_about_the_project(err: TuyaError) -> bool:
    """Return whether an error would meet every lock of the project alike."""
    return isinstance(
        err,
        (
            *(AuthenticationError, ClockError, TokenError),
            *(ProjectError, ThrottledError, TransportError),
        ),
    )


def action_error(err: TuyaError) -> HomeAssistantError:
    """Return the error of an action."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key_for(err),
        translation_placeholders=_placeholders(err),
    )


def order_failed(key: str, **placeholders: str) -> HomeAssistantError:
    """Return the error of an order that the cloud or the lock did not carry out."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


def not_possible(key: str, **placeholders: str) -> ServiceValidationError:
    """Return the error of an order that makes no sense, so it was not sent."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


def update_error(
    err: TuyaError, *, pause_seconds: float | None = None
) -> UpdateFailed | ConfigEntryAuthFailed:
    """Return the error of a reading: it says what to do, and when to try again.

    `pause_seconds` is what is left of a pause that began earlier.
    """
    if isinstance(err, AuthenticationError):
        return ConfigEntryAuthFailed(
            translation_domain=DOMAIN, translation_key=key_for(err)
        )
    if pause_seconds is None:
        is_project = isinstance(err, ProjectError)
        pause_seconds = PAUSE_SECONDS if is_project else err.retry_after_seconds
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=key_for(err),
        translation_placeholders=_placeholders(err),
        retry_after=pause_seconds,
    )


def _placeholders(err: TuyaError) -> dict[str, str]:
    """Return the same placeholders for every text; each uses what it needs."""
    return {
        "code": str(err.code or "-"),
        "seconds": str(round(err.retry_after_seconds or 0)),
    }
