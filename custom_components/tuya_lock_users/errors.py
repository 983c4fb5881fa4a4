"""The one place that turns errors of the api into Home Assistant's.

Polling, actions and flows share the table. Each row names the translation key, used
for exceptions, for repairs where somebody can do something about it, and in the flow.
"""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorTexts:
    """What an error is called: in actions and logs, and as an error of the flow."""

    key: str
    flow_key: str


def _texts(key: str, flow_key: str | None = None) -> ErrorTexts:
    return ErrorTexts(key=key, flow_key=flow_key or key)


# The first class that fits decides, so the special ones stand before their parents.
_TEXTS: Final[dict[type[TuyaError], ErrorTexts]] = {
    AuthenticationError: _texts("invalid_auth"),
    ClockError: _texts("clock_skew"),
    DataCenterError: _texts("data_center_disabled", "not_authorized"),
    IpNotAllowedError: _texts("ip_not_allowed"),
    SubscriptionExpiredError: _texts("subscription_expired"),
    QuotaExhaustedError: _texts("quota_exhausted"),
    NotAuthorizedError: _texts("not_authorized"),
    ThrottledError: _texts("throttled", "cannot_connect"),
    LockBusyError: _texts("lock_busy", "cannot_connect"),
    LockOfflineError: _texts("lock_offline", "cannot_connect"),
    NotFoundError: _texts("not_found", "no_locks"),
    UnsupportedError: _texts("not_supported", "no_locks"),
    BadRequestError: _texts("not_understood", "unknown"),
    LockRefusedError: _texts("refused_by_lock", "unknown"),
    UnexpectedReplyError: _texts("unexpected_reply", "cannot_connect"),
    TransportError: _texts("cannot_connect"),
    TuyaError: _texts("cannot_connect"),
}

# What a repair can be made of: somebody can do something about it.
REPAIRABLE: Final = (ProjectError,)


def texts_for(err: TuyaError) -> ErrorTexts:
    """Return what an error is called."""
    return next(texts for error, texts in _TEXTS.items() if isinstance(err, error))


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
        translation_key=texts_for(err).key,
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
            translation_domain=DOMAIN, translation_key=texts_for(err).key
        )
    if pause_seconds is None:
        is_project = isinstance(err, ProjectError)
        pause_seconds = PAUSE_SECONDS if is_project else err.retry_after_seconds
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=texts_for(err).key,
        translation_placeholders=_placeholders(err),
        retry_after=pause_seconds,
    )


def _placeholders(err: TuyaError) -> dict[str, str]:
    """Return the same placeholders for every text; each uses what it needs."""
    return {
        "code": str(err.code or "-"),
        "seconds": str(round(err.retry_after_seconds or 0)),
    }
