"""How each class of error is handled: the one table, and Home Assistant's exceptions.

Polling, actions, flows, and repairs share the table.
"""

from dataclasses import dataclass
from enum import Enum, auto
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
    QuotaExhaustedError,
    SubscriptionExpiredError,
    ThrottledError,
    TokenError,
    TransportError,
    TuyaError,
    UnexpectedReplyError,
    UnsupportedError,
    WrongDataCenterError,
)
from .const import DOMAIN

# What texts show in place of a code when there is none.
NO_CODE: Final = "-"

# After a refusal of the whole project, one call is made this often to find out whether
# it has ended. Trial quotas last for a month, so more calls would only be wasted.
PROBE_SECONDS: Final = 3600

# A lock or a list without authorization is tried again after this time. It takes up to
# three calls for a lock.
_UNAUTHORIZED_RETRY_SECONDS: Final = 4 * 3600


class Scope(Enum):
    """What an error is about."""

    PROJECT = auto()
    """Every lock of the project would meet it."""
    SOURCE = auto()
    """Only the lock or the list that was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """How one class of error is handled.

    `key` is the translation key of the exception, and of the repair issue if there is
    one. `form_error` is its key in the flows. `pauses` stops all polling of the project
    until a probe succeeds. `retry_seconds` is when to read again, None by the plan.
    """

    key: str
    form_error: str
    scope: Scope = Scope.SOURCE
    pauses: bool = False
    has_repair: bool = False
    retry_seconds: int | None = None


def _refusal_of_project(key: str, form_error: str | None = None) -> Handling:
    """Return the handling of a refusal that ends only when the project is changed."""
    return Handling(
        key=key,
        form_error=form_error or key,
        scope=Scope.PROJECT,
        pauses=True,
        has_repair=True,
        retry_seconds=PROBE_SECONDS,
    )


# A class without a row is handled as its base class is.
HANDLING: Final[dict[type[Exception], Handling]] = {
    AuthenticationError: Handling(
        key="invalid_auth", form_error="invalid_auth", scope=Scope.PROJECT
    ),
    ClockError: Handling(
        key="clock_skew", form_error="clock_skew", scope=Scope.PROJECT
    ),
    TokenError: Handling(
        key="cannot_connect", form_error="cannot_connect", scope=Scope.PROJECT
    ),
    ThrottledError: Handling(
        key="throttled", form_error="cannot_connect", scope=Scope.PROJECT
    ),
    TransportError: Handling(
        key="cannot_connect", form_error="cannot_connect", scope=Scope.PROJECT
    ),
    UnexpectedReplyError: Handling(
        key="unexpected_reply", form_error="cannot_connect", scope=Scope.PROJECT
    ),
    QuotaExhaustedError: _refusal_of_project("quota_exhausted"),
    SubscriptionExpiredError: _refusal_of_project("subscription_expired"),
    IpNotAllowedError: _refusal_of_project("ip_not_allowed"),
    DataCenterError: _refusal_of_project("data_center_disabled", "not_authorized"),
    WrongDataCenterError: _refusal_of_project("wrong_data_center"),
    # A project may be authorized for some calls and not for others.
    NotAuthorizedError: Handling(
        key="not_authorized",
        form_error="not_authorized",
        scope=Scope.PROJECT,
        has_repair=True,
        retry_seconds=_UNAUTHORIZED_RETRY_SECONDS,
    ),
    LockBusyError: Handling(key="lock_busy", form_error="cannot_connect"),
    LockOfflineError: Handling(key="lock_offline", form_error="cannot_connect"),
    NotFoundError: Handling(key="not_found", form_error="no_locks"),
    UnsupportedError: Handling(key="not_supported", form_error="no_locks"),
    BadRequestError: Handling(key="not_understood", form_error="unknown"),
    LockRefusedError: Handling(key="refused_by_lock", form_error="unknown"),
    TuyaError: Handling(key="cannot_connect", form_error="cannot_connect"),
}


# Refusals of a lock that a person can do something about (docs/tuya_api.md, Lock
# codes).
_REASONS: Final = {
    **dict.fromkeys((2303, 2305, 2307, 2308), "password_limit"),
    2316: "password_name_taken",
    2318: "end_in_past",
    2322: "password_taken",
}


def handling_of(err: TuyaError) -> Handling:
    """Return how an error is handled."""
    return next(HANDLING[cls] for cls in type(err).__mro__ if cls in HANDLING)


def action_error(err: TuyaError) -> HomeAssistantError:
    """Return the exception of an action."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=_REASONS.get(err.code or 0, handling_of(err).key),
        translation_placeholders=_placeholders(err),
    )


def command_failed(key: str, **placeholders: str) -> HomeAssistantError:
    """Return the exception of a command that the cloud or the lock did not carry out."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


def not_possible(key: str, **placeholders: str) -> ServiceValidationError:
    """Return the exception of a command that was refused before it was sent."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


def update_error(
    err: TuyaError, *, retry_after: float | None = None
) -> UpdateFailed | ConfigEntryAuthFailed:
    """Return the exception of a failed update.

    `retry_after` (seconds) replaces the time of the error itself.
    """
    handling = handling_of(err)
    if isinstance(err, AuthenticationError):
        return ConfigEntryAuthFailed(
            translation_domain=DOMAIN, translation_key=handling.key
        )
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=handling.key,
        translation_placeholders=_placeholders(err),
        retry_after=retry_after or handling.retry_seconds or err.retry_after_seconds,
    )


def _placeholders(err: TuyaError) -> dict[str, str]:
    """Return the placeholders of all texts; each uses what it needs."""
    return {
        "code": code_of(err),
        "seconds": str(round(err.retry_after_seconds or 0)),
    }


def code_of(err: TuyaError) -> str:
    """Return the code of an error as texts show it."""
    return NO_CODE if err.code is None else str(err.code)
