"""The temporary, dynamic, and offline passwords of one lock.

What a lock supports depends on its family, which no call returns. It is learned from what
the lock accepts, refuses, and returns (docs/tuya_api.md, Passwords).
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from .cloud import TuyaCloud
from .decoding import json_object, text
from .dialects import PasswordDialects, PhaseSet
from .errors import (
    BadRequestError,
    PathError,
    TransportError,
    UnexpectedReplyError,
    UnsupportedError,
)
from .paging import Listing, PageCollector, page_of
from .password_learner import PasswordLearner
from .password_phases import PasswordStatus
from .password_records import NewPassword, PasswordOrder, TemporaryPassword
from .pin import Pin
from .write_forms import send_write

# The lengths of PINs: Wi-Fi locks, and all others (docs/tuya_api.md, Temporary
# passwords).
_WIFI_DIGITS: Final = 7
_OTHER_DIGITS: Final = 6
_KEYPAD: Final = "mk"

_DOOR: Final = "/v1.0/devices/{lock_id}/door-lock"
_PASSWORD: Final = f"{_DOOR}/temp-passwords/{{password_id}}"
# The path of a ticket, and the one of locks that do not know it.
_TICKETS: Final = (
    f"{_DOOR}/password-ticket",
    "/v1.0/smart-lock/devices/{lock_id}/password-ticket",
)
_STANDBY_LIST: Final = "/v1.0/smart-lock/devices/{lock_id}/stand-by-lock-temp-passwords"

type MakePin = Callable[[int], Pin]


class Passwords:
    """The passwords of one lock. All methods raise TuyaError.

    `dialects` is a frozen value to be stored, which is replaced when more is learned.
    """

    def __init__(
        self,
        cloud: TuyaCloud,
        lock_id: str,
        *,
        category: str | None = None,
        is_sub: bool | None = None,
        dialects: PasswordDialects | None = None,
    ) -> None:
        """Initialize without a list of passwords.

        A lock with `is_sub` is connected through a gateway.
        """
        self.cloud = cloud
        self.lock_id = lock_id
        self.dialects = dialects or PasswordDialects()
        self._is_keypad = category == _KEYPAD
        self._is_sub = is_sub
        self._learner = PasswordLearner(is_keypad=self._is_keypad)

    @property
    def pin_digits(self) -> int:
        """Return the known or likely length of a PIN."""
        if self.dialects.pin_digits is not None:
            return self.dialects.pin_digits
        return _OTHER_DIGITS if self._is_keypad or self._is_sub else _WIFI_DIGITS

    def forget_refusals(self) -> None:
        """Forget refusals, since the lock may have been updated."""
        self.dialects = replace(
            self.dialects,
            can_freeze=self.dialects.can_freeze or None,
            has_dynamic=self.dialects.has_dynamic or None,
            has_offline=self.dialects.has_offline or None,
        )

    # Temporary passwords

    async def read(self) -> Listing[TemporaryPassword]:
        """Return the temporary passwords of the lock, those that ended included.

        The call is documented without pages. A reply that promises more is followed.
        """
        collector = PageCollector(_with_id, lambda record: text(record["id"]), 0)
        query: dict[str, str] = {}
        while collector.add(
            page_of(await self._list_result(query), may_be_missing=True)
        ):
            query = {"page_no": str(int(query.get("page_no", "1")) + 1)}
        listing = collector.listing()
        self.dialects = self._learner.learn(listing.items, self.dialects)
        decoded = (self._learner.decode(one, self.dialects) for one in listing.items)
        passwords = tuple(password for password in decoded if password is not None)
        self._learner.keep({password.password_id for password in passwords})
        return Listing(
            items=passwords, is_complete=listing.is_complete, pages=listing.pages
        )

    async def add(self, order: PasswordOrder, make_pin: MakePin) -> NewPassword:
        """Add a temporary password.

        `make_pin` returns a PIN of a length. It is called again with the other length if
        the first one is refused as malformed. The same PIN is sent only once.
        """
        pin, result, unanswered = await self._send_with_pin(
            "POST", f"{_DOOR}/temp-password", order.encoded(), make_pin
        )
        record = json_object(result) or {"id": result}
        is_id = not isinstance(record.get("id"), bool)
        password_id = text(record.get("id")) if is_id else None
        if password_id is not None:
            self._learner.expect(password_id, order.schedule)
        return NewPassword(pin=pin, password_id=password_id, unanswered=unanswered)

    async def modify(
        self, password_id: str, order: PasswordOrder, pin: Pin | None = None
    ) -> TransportError | None:
        """Change a temporary password; without a PIN the old one stays.

        Returns the error that leaves open whether it was done. Raises BadRequestError
        if the cloud requires a PIN.
        """
        path = f"{_PASSWORD}/modify-password"
        self._learner.expect(password_id, order.schedule)
        body, ids = order.encoded(), {"password_id": password_id}
        if pin is None:
            return await send_write(self._send("PUT", path, body, **ids))
        return (await self._send_pin("PUT", path, body, pin, **ids))[2]

    async def freeze(self, password_id: str, *, frozen: bool) -> None:
        """Suspend a password, or restore it. Raises UnsupportedError on most locks."""
        if self.dialects.can_freeze is False:
            raise UnsupportedError("this lock freezes no passwords")
        verb = "freeze" if frozen else "unfreeze"
        status = PasswordStatus.FROZEN if frozen else PasswordStatus.ACTIVE
        try:
            with self._learner.ordering(password_id, status):
                await self._send(
                    "PUT", f"{_PASSWORD}/{verb}-password", {}, password_id=password_id
                )
        except UnsupportedError:
            self._learn_freezing(can_freeze=False)
            raise
        self._learn_freezing(can_freeze=True)

    async def delete(self, password_id: str) -> None:
        """Delete a password; its record stays until the lock has applied that."""
        with self._learner.ordering(password_id, PasswordStatus.DELETED):
            await self._send("DELETE", _PASSWORD, password_id=password_id)

    async def purge(self, password_id: str) -> None:
        """Remove the record of a password that was deleted, or never worked."""
        await self._send("DELETE", f"{_PASSWORD}/record", password_id=password_id)

    # PINs

    async def encrypted(self, pin: Pin) -> dict[str, Any]:
        """Return the keys of a body that carry a PIN, encrypted under a new ticket.

        An error here means that nothing was done with the PIN.
        """
        try:
            record = json_object(await self._ticket()) or {}
            ticket_id = text(record.get("ticket_id"))
            ticket_key = text(record.get("ticket_key"))
            if ticket_id is None or ticket_key is None:
                raise UnexpectedReplyError("no ticket in the reply")
            password = self.cloud.encrypt_pin(pin, ticket_key)
        except TransportError as err:
            err.was_sent = False
            raise
        return {
            "password": password,
            "password_type": "ticket",
            "ticket_id": ticket_id,
        }

    async def _ticket(self) -> Any:
        """Return a new ticket from the path that the lock knows."""
        path, other_path = _TICKETS
        try:
            return await self.cloud.send("POST", path, {}, lock_id=self.lock_id)
        except PathError:
            return await self.cloud.send("POST", other_path, {}, lock_id=self.lock_id)

    def pins(self, make_pin: MakePin) -> tuple[Pin, ...]:
        """Return the PINs to try: of the likely length, then of the other one.

        Once a length is known, only that one is tried, and a PIN that was chosen by a
        person is the same for every length.
        """
        lengths = [self.pin_digits]
        if self.dialects.pin_digits is None:
            lengths += {_WIFI_DIGITS, _OTHER_DIGITS} - {self.pin_digits}
        return tuple(dict.fromkeys(make_pin(length) for length in lengths))

    async def _send_with_pin(
        self, method: str, path: str, body: dict[str, Any], make_pin: MakePin
    ) -> tuple[Pin, Any, TransportError | None]:
        """Send a write with a PIN; return the PIN, the result, and what lost it."""
        *first_pins, last_pin = self.pins(make_pin)
        for pin in first_pins:
            try:
                return await self._send_pin(method, path, body, pin)
            except BadRequestError:
                continue  # possibly for its length
        return await self._send_pin(method, path, body, last_pin)

    async def _send_pin(
        self, method: str, path: str, body: dict[str, Any], pin: Pin, **ids: str
    ) -> tuple[Pin, Any, TransportError | None]:
        encrypted = await self.encrypted(pin)
        try:
            result = await self._send(method, path, {**body, **encrypted}, **ids)
        except TransportError as err:
            if not err.was_sent:
                raise
            return pin, None, err
        self.dialects = replace(self.dialects, pin_digits=len(pin.digits))
        return pin, result, None

    async def _send(
        self, method: str, path: str, body: object = None, **ids: str
    ) -> Any:
        return await self.cloud.write(method, path, body, lock_id=self.lock_id, **ids)

    # Learning

    async def _list_result(self, query: dict[str, str]) -> Any:
        """Return a page of the list by the call that the lock supports."""

        def read(path: str) -> Awaitable[Any]:
            return self.cloud.get(path, query, lock_id=self.lock_id)

        if self.dialects.lists_on_standby:
            return await read(_STANDBY_LIST)
        try:
            return await read(f"{_DOOR}/temp-passwords")
        except UnsupportedError as err:
            if self.dialects.lists_on_standby is False:
                raise
            try:
                result = await read(_STANDBY_LIST)
            except UnsupportedError, BadRequestError:
                self.dialects = replace(self.dialects, lists_on_standby=False)
                raise err from None
        self.dialects = replace(self.dialects, lists_on_standby=True)
        return result

    def _learn_freezing(self, *, can_freeze: bool) -> None:
        likely = PhaseSet.ZIGBEE if can_freeze else PhaseSet.WIFI
        self.dialects = replace(
            self.dialects,
            can_freeze=can_freeze,
            phases=self.dialects.phases or likely,
        )


def _with_id(record: dict[str, Any]) -> dict[str, Any] | None:
    """Return a record of the list, None without an ID."""
    return record if text(record.get("id")) else None
