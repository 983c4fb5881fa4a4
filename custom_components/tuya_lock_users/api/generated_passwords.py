"""Passwords that a lock verifies by itself: dynamic and offline ones.

The cloud computes their digits, and returns them in plain text (docs/tuya_api.md,
Dynamic and offline passwords).
"""

from dataclasses import replace
from typing import Final

from .decoding import json_object, text
from .errors import UnexpectedReplyError, UnsupportedError
from .lock_events import time_ms
from .password_records import OfflineKind, OfflinePassword
from .passwords import Passwords
from .pin import Pin

# How long a dynamic password works.
DYNAMIC_SECONDS: Final = 300
# Offline passwords start and end on the hour.
HOUR_SECONDS: Final = 3600

_DYNAMIC: Final = "/v1.0/devices/{lock_id}/door-lock/dynamic-password"
_OFFLINE: Final = "/v1.1/devices/{lock_id}/door-lock/offline-temp-password"


class GeneratedPasswords:
    """The dynamic and offline passwords of one lock. All methods raise TuyaError.

    What is learned is kept in the dialects of its other passwords.
    """

    def __init__(self, passwords: Passwords) -> None:
        """Use the connection and the dialects of the passwords of the same lock."""
        self._passwords = passwords

    async def dynamic(self) -> Pin:
        """Return the dynamic password of these minutes."""
        if self._passwords.dialects.has_dynamic is False:
            raise UnsupportedError("this lock has no dynamic passwords")
        try:
            result = await self._passwords.cloud.get(
                _DYNAMIC, lock_id=self._passwords.lock_id
            )
        except UnsupportedError:
            self._passwords.dialects = replace(
                self._passwords.dialects, has_dynamic=False
            )
            raise
        digits = text((json_object(result) or {}).get("dynamic_password"))
        if digits is None:
            raise UnexpectedReplyError("no password in the reply")
        self._passwords.dialects = replace(self._passwords.dialects, has_dynamic=True)
        return Pin(digits)

    async def add_offline(
        self,
        name: str,
        kind: OfflineKind,
        *,
        start: int | None = None,
        end: int | None = None,
        password_id: str | None = None,
    ) -> OfflinePassword:
        """Return a new offline password.

        Args:
            name: What the apps call it.
            kind: MULTIPLE needs `start` and `end`, CLEAR_ONE a `password_id`.
            start: Seconds since 1970, rounded down to the hour by the cloud.
            end: The same.
            password_id: Which password of kind MULTIPLE to clear.
        """
        if self._passwords.dialects.has_offline is False:
            raise UnsupportedError("this lock has no offline passwords")
        body = {
            "name": name,
            "type": kind.value,
            "effective_time": start,
            "invalid_time": end,
            "password_id": password_id,
        }
        sent = {key: value for key, value in body.items() if value is not None}
        try:
            result = await self._passwords.cloud.send(
                "POST", _OFFLINE, sent, lock_id=self._passwords.lock_id
            )
        except UnsupportedError:
            self._passwords.dialects = replace(
                self._passwords.dialects, has_offline=False
            )
            raise
        record = json_object(result) or {}
        digits = text(record.get("offline_temp_password"))
        if digits is None:
            raise UnexpectedReplyError("no password in the reply")
        self._passwords.dialects = replace(self._passwords.dialects, has_offline=True)
        return OfflinePassword(
            password_id=text(record.get("offline_temp_password_id")),
            pin=Pin(digits),
            start=_seconds(record.get("effective_time")),
            end=_seconds(record.get("invalid_time")),
        )


def _seconds(value: object) -> int | None:
    """Return seconds since 1970, also from milliseconds, None for no time."""
    moment = time_ms(value)
    return None if moment is None else moment // 1000
