"""Temporary passwords of a lock, their tickets, and offline codes.

A command is accepted immediately and reaches the lock later, as in `commands.py`.
"""

from dataclasses import dataclass, field
import random
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .families import FamilyRules, PasswordState
from .model import Delivery, Window
from .refusals import Refusal

TICKET_SECONDS: Final = 300
"""Documented as five minutes, and as 360 seconds in a sample."""
TICKET_SECONDS_SAID: Final = 360
MOST_PASSWORDS: Final = 99
LONGEST_NAME: Final = 20
DYNAMIC_SECONDS: Final = 300
HOUR: Final = 3600
OFFLINE_KINDS: Final = frozenset({"multiple", "once", "clear_one", "clear_all"})

type Change = dict[str, Any]


@dataclass(slots=True)
class TemporaryPassword:
    """One temporary password, in the cloud and on the lock."""

    password_id: int
    sn: int
    name: str
    pin: str
    effective_time: int
    invalid_time: int
    one_time: bool = False
    phone: str = ""
    time_zone: str = ""
    window: Window | None = None
    state: PasswordState = "creating"
    delivery: Delivery | None = None
    coming: Change = field(default_factory=dict)
    """The change that takes effect when the lock has applied the command."""
    purged: bool = False
    """Its record was removed from the list."""


@dataclass(slots=True)
class OfflinePassword:
    """A code that the lock computes; the cloud never learns of its use."""

    password_id: str
    name: str
    kind: str
    code: str
    effective_time: int
    invalid_time: int


@dataclass(slots=True)
class Ticket:
    """A key for one PIN."""

    ticket_id: str
    session_key: str
    expires: float


class PasswordStore:
    """All passwords of one lock."""

    def __init__(self, generator: random.Random) -> None:
        """Initialize without passwords."""
        self.temporary: list[TemporaryPassword] = []
        self.offline: list[OfflinePassword] = []
        self.tickets: dict[str, Ticket] = {}
        self._random = generator
        self._next_id = 0

    # --- tickets ---

    def issue_ticket(self, access_secret: str, now: float) -> dict[str, Any]:
        """Return a new ticket as the wire has it: the key encrypted, in upper-case hex."""
        ticket = Ticket(
            ticket_id=self._text(16),
            session_key=self._text(16),
            expires=now + TICKET_SECONDS,
        )
        self.tickets[ticket.ticket_id] = ticket
        padded = ticket.session_key.encode() + bytes([16] * 16)
        encryptor = Cipher(
            algorithms.AES(access_secret.encode()), modes.ECB()
        ).encryptor()
        return {
            "ticket_id": ticket.ticket_id,
            "ticket_key": encryptor.update(padded).hex().upper(),
            "expire_time": TICKET_SECONDS_SAID,
        }

    def use_ticket(self, body: dict[str, Any], rules: FamilyRules, now: float) -> str:
        """Return the PIN of a command; its ticket is used up."""
        if body.get("password_type") != "ticket":
            raise Refusal(1109)
        ticket = self.tickets.pop(str(body.get("ticket_id")), None)
        if ticket is None or now > ticket.expires:
            raise Refusal(2302)
        cipher = str(body.get("password", ""))
        try:
            pin = _decrypt(bytes.fromhex(cipher), ticket.session_key)
        except ValueError:
            raise Refusal(2302) from None
        if not (pin.isascii() and pin.isdigit() and len(pin) == rules.pin_digits):
            raise Refusal(1109)
        if rules.exact_hex and cipher != cipher.lower():
            return f"{(int(pin) + 1) % 10**rules.pin_digits:0{rules.pin_digits}d}"
        return pin

    # --- temporary passwords ---

    @property
    def listed(self) -> list[TemporaryPassword]:
        """The passwords with a record."""
        return [one for one in self.temporary if not one.purged]

    def find(self, password_id: str) -> TemporaryPassword:
        """Return a password by its id."""
        for one in self.listed:
            if str(one.password_id) == password_id:
                return one
        raise Refusal(2323)

    def check(
        self,
        name: str | None,
        pin: str | None,
        rules: FamilyRules,
        besides: TemporaryPassword | None = None,
    ) -> None:
        """Refuse a name or a PIN that is in use."""
        living = [
            one
            for one in self.listed
            if one is not besides and one.state not in ("deleted", "failed")
        ]
        if name is not None and any(one.name == name for one in living):
            raise Refusal(2316)
        if (
            pin is not None
            and rules.unique_pins
            and any(one.pin == pin for one in living)
        ):
            raise Refusal(2322)
        if besides is None and len(living) >= MOST_PASSWORDS:
            raise Refusal(2303)

    def add(self, delivery: Delivery, **details: Any) -> TemporaryPassword:
        """Add a password."""
        taken = {one.sn for one in self.temporary if one.state != "deleted"}
        self._next_id += self._random.randrange(1, 50)
        password = TemporaryPassword(
            password_id=100_000 + self._next_id,
            sn=next(number for number in range(1, 1000) if number not in taken),
            delivery=delivery,
            coming={"state": "active"},
            **details,
        )
        self.temporary.append(password)
        return password

    def send(
        self, password: TemporaryPassword, delivery: Delivery, **coming: Any
    ) -> None:
        """Start a command for a password."""
        if password.state in ("deleting", "deleted", "failed"):
            raise Refusal(2324)
        password.delivery = delivery
        password.coming = coming
        if coming.get("state") == "deleted":
            password.state = "deleting"

    def settle(self, now: float) -> None:
        """Settle due deliveries."""
        for one in self.temporary:
            if one.delivery is None or not one.coming:
                continue
            status = one.delivery.status(now)
            if status == "SUCCESS":
                for key, value in one.coming.items():
                    setattr(one, key, value)
            elif status == "FAILED":
                one.state = "failed" if one.state == "creating" else "active"
            if status != "ONGOING":
                one.coming = {}

    def opens(self, pin: str, now: float) -> TemporaryPassword | None:
        """Return the password that opens the door with a PIN now; one-time ones are used up."""
        self.settle(now)
        for one in self.temporary:
            inside = one.effective_time <= now <= one.invalid_time
            if one.pin == pin and inside and one.state in ("active", "deleting"):
                if one.one_time:
                    one.state = "deleted"
                return one
        return None

    # --- codes that the lock computes ---

    def dynamic(self, now: float) -> str:
        """Return the code of these five minutes."""
        return f"{random.Random(int(now // DYNAMIC_SECONDS)).randrange(10**8):08d}"

    def add_offline(
        self, kind: str, name: str, start: int | None, end: int | None, now: float
    ) -> OfflinePassword:
        """Return a new offline code; limits fall on full hours."""
        this_hour = int(now) // HOUR * HOUR
        match kind:
            case "multiple":
                if start is None or end is None:
                    raise Refusal(1100)
                start, end = start // HOUR * HOUR, end // HOUR * HOUR
                if end <= start:
                    raise Refusal(1101)
            case "once":
                start, end = this_hour, this_hour + 6 * HOUR
            case _:
                start, end = this_hour, this_hour + 24 * HOUR
        self._next_id += 1
        password = OfflinePassword(
            password_id=str(500_000 + self._next_id),
            name=name,
            kind=kind,
            code=f"{self._random.randrange(10**9, 10**10)}",
            effective_time=start,
            invalid_time=end,
        )
        self.offline.append(password)
        return password

    def _text(self, length: int) -> str:
        return "".join(
            self._random.choices("abcdefghijkmnpqrstuvwxyz23456789", k=length)
        )


def _decrypt(encrypted: bytes, session_key: str) -> str:
    """Return the text of one padded block. Raises ValueError for other data."""
    decryptor = Cipher(algorithms.AES(session_key.encode()), modes.ECB()).decryptor()
    plain = decryptor.update(encrypted) + decryptor.finalize()
    padding = plain[-1] if plain else 0
    if not 1 <= padding <= 16 or plain[-padding:] != bytes([padding] * padding):
        raise ValueError("padding")
    return plain[:-padding].decode("ascii")
