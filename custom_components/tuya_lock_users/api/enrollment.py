"""The unlock methods of one lock, from enrollment to deletion.

An accepted call means that the lock waits for a finger or a card, not that a method
exists; the unlock methods of the user show that (docs/tuya_api.md, Enrollment).
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from .dialects import UserKind
from .errors import BadRequestError, TransportError, UnsupportedError
from .models import User
from .passwords import Passwords
from .pin import Pin
from .unlock_methods import LISTED_TYPES, Notify, UnlockMethod, method_code, method_word
from .write_forms import send_write

# The types that can be enrolled remotely (docs/tuya_api.md, Enrollment).
ENROLLED_TYPES: Final = ("fingerprint", "card", "face", "password", "remote_control")
# All of these but a face can be canceled.
NO_CANCEL: Final = "face"

_DOOR: Final = "/v1.0/devices/{lock_id}/door-lock"
_KEY: Final = (
    f"{_DOOR}/user-types/{{user_kind}}/users/{{user_id}}"
    "/unlock-types/{unlock_type}/keys/{number}"
)
_SYNC: Final = "/v1.0/smart-lock/devices/{lock_id}/opmodes/actions/sync"


class Enrollment:
    """The enrollment calls of one lock. All methods raise TuyaError.

    The dialects of its passwords store what is learned.
    """

    def __init__(self, passwords: Passwords) -> None:
        """Initialize with the passwords of the same lock, for their tickets and dialects."""
        self._passwords = passwords
        self._cloud = passwords.cloud
        self._lock_id = passwords.lock_id

    async def start(
        self, user: User, method_type: str, pin: Pin | None = None
    ) -> TransportError | None:
        """Let the lock wait for a new method of a user, or accept a password.

        Returns the error of a lost reply, if any. A password needs a PIN, which uses a
        new ticket each time, and whose length may differ from temporary passwords.
        """

        async def send(kind: UserKind) -> None:
            body: dict[str, Any] = {
                "unlock_type": method_word(method_type),
                "user_type": kind.value,
                "user_id": user.user_id,
            }
            if pin is not None:
                body |= await self._passwords.encrypted(pin)
            await self._send("PUT", f"{_DOOR}/actions/entry", body)

        return await send_write(self._send_by_kind(user, send))

    async def cancel(self, method_type: str) -> None:
        """Let the lock stop waiting. Raises UnsupportedError for a face."""
        if method_type == NO_CANCEL:
            raise UnsupportedError("no call cancels the enrollment of a face")
        await self._send(
            "PUT",
            f"{_DOOR}/unlock-types/{{unlock_type}}/actions/cancel",
            {},
            unlock_type=method_word(method_type),
        )

    async def update(self, method: UnlockMethod) -> None:
        """Set the name, the duress flag, and the notification of a method.

        All known values are sent, since the cloud may reset the others
        (docs/tuya_api.md, Changing unlock methods).
        """
        body = {
            "dp_code": method_code(method.type),
            "unlock_name": method.name,
            "unlock_attr": None if method.duress is None else int(method.duress),
            "notify_info": _encoded_notify(method.notify),
        }
        await self._send(
            "PUT",
            f"{_DOOR}/opmodes/{{number}}",
            {key: value for key, value in body.items() if value is not None},
            number=str(method.number),
        )

    async def delete(self, user: User, method: UnlockMethod) -> None:
        """Delete a method from the lock."""

        async def send(kind: UserKind) -> None:
            await self._send(
                "DELETE",
                _KEY,
                user_kind=str(kind.value),
                user_id=user.user_id,
                unlock_type=method_word(method.type),
                number=str(method.number),
            )

        await self._send_by_kind(user, send)

    async def sync(self, types: Iterable[str] = LISTED_TYPES) -> None:
        """Let the lock report its methods of some types to the cloud."""
        codes = ",".join(method_code(method_type) for method_type in types)
        await self._send("POST", _SYNC, {"codes": codes})

    async def _send_by_kind(
        self, user: User, send: Callable[[UserKind], Awaitable[None]]
    ) -> None:
        """Send a write about a user; if it is malformed, once for the other kind.

        Raises the refusal of the likelier kind if both are refused.
        """
        has_account = user.account_uid is not None or user.is_owner
        kind = UserKind.WITHOUT_ACCOUNT
        other = UserKind.WITH_ACCOUNT
        if has_account:
            kind = self._passwords.dialects.account_kind or UserKind.WITH_ACCOUNT
            other = UserKind(3 - kind)
        try:
            await send(kind)
        except BadRequestError as refusal:
            try:
                await send(other)
            except BadRequestError:
                raise refusal from None
            kind = other
        if has_account:
            self._passwords.dialects = replace(
                self._passwords.dialects, account_kind=kind
            )

    async def _send(
        self, method: str, path: str, body: object = None, **ids: str
    ) -> None:
        await self._cloud.write(method, path, body, lock_id=self._lock_id, **ids)


def _encoded_notify(notify: Notify | None) -> dict[str, Any] | None:
    """Return the notification of a method, None if nothing is known of it."""
    if notify is None or notify.app is None:
        return None
    phone = {} if notify.call is None else {"voice_phone": notify.call}
    return {"app_send": int(notify.app), **phone}
