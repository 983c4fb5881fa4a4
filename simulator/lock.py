"""One simulated lock: its users, its unlock methods, and changes in the app.

Commands of the cloud are in `commands.py`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import copy
from dataclasses import dataclass
import random
from typing import Any, Final

from .dialects import Dialect
from .enrollment import Enrollment, EnrollmentRules, automatic_name
from .families import FAMILIES, Family, FamilyRules, family_of
from .history import History, Row, code_of
from .model import (
    ADMIN,
    CONFIRMED,
    MEMBER,
    OWNER,
    DeliveryRules,
    Device,
    Method,
    Schedule,
    User,
    dp_code,
)
from .passwords import PasswordStore
from .queue import MessageQueue
from .refusals import Refusal

ROLES: Final = {"admin": ADMIN, "normal": MEMBER}
"""The two roles of the role call and the users filter (docs/tuya_api.md, Roles)."""


@dataclass(slots=True)
class Home:
    """The part of the cloud that a lock needs."""

    clock: Callable[[], float]
    generator: random.Random
    delivery: DeliveryRules
    queue: MessageQueue | None = None


class Lock:
    """A lock with its users and unlock methods."""

    def __init__(self, device: Device, home: Home) -> None:
        """Initialize without users."""
        self.device = device
        self.users: dict[str, User] = {}
        self.absent: dict[str, User] = {}
        self.methods: list[Method] = []
        self.delivery: DeliveryRules | None = None
        """Rules for deliveries to this lock; None uses those of the cloud."""
        self.offline_reads = True
        """Whether an offline lock can be read from the memory of the cloud."""
        self.busy_until = 0.0
        self.family: Family = family_of(device.category, is_sub=device.sub)
        self.passwords = PasswordStore(home.generator)
        self.enrollment: Enrollment | None = None
        self.enrollment_rules = EnrollmentRules()
        self.messages: list[dict[str, Any]] = []
        """Reports on enrollments and deletions, published when the lock is settled."""
        self.unreported: list[Method] = []
        """Enrolled at the lock itself; a sync reports them to the cloud."""
        self.home = home
        self.history = History(device, home.clock, home.queue)
        self._next_user = home.generator.randrange(30_000_000, 39_000_000)
        self._next_opmode = home.generator.randrange(700_000, 900_000)

    @property
    def device_id(self) -> str:
        """The id of the device."""
        return self.device.device_id

    @property
    def now(self) -> float:
        """The time for deliveries and validity."""
        return self.home.clock()

    @property
    def rules(self) -> FamilyRules:
        """The rules of the family of this lock."""
        return FAMILIES[self.family]

    # --- enrollments ---

    def start_enrollment(self, enrollment: Enrollment) -> None:
        """Wait for a finger, a card, or a face; a PIN is delivered immediately."""
        self.enrollment = enrollment
        if enrollment.pin is None:
            self.busy_until = enrollment.gives_up

    def end_enrollment(self) -> None:
        """Stop waiting."""
        self.enrollment = None
        self.busy_until = 0.0

    def settle_enrollment(self) -> None:
        """Add an enrolled method, or stop waiting."""
        if (enrollment := self.enrollment) is None:
            return
        self.messages += enrollment.messages_until(self.now)
        if enrollment.finishes is not None and enrollment.finishes <= self.now:
            holder = self.users.get(enrollment.user_id)
            method = self.add_method(enrollment.code, holder, name="")
            method.unlock_name = automatic_name(method)
            self.end_enrollment()
        elif enrollment.gives_up <= self.now:
            self.end_enrollment()

    def publish(self) -> None:
        """Publish what the lock reports of enrollments and deletions."""
        bodies, self.messages = self.messages, []
        if (queue := self.home.queue) is not None:
            for body in bodies:
                queue.progress(self.device_id, **body)

    def report(self, codes: set[str]) -> None:
        """Report unknown methods of these types to the cloud."""
        found = [method for method in self.unreported if method.dp_code in codes]
        self.unreported = [one for one in self.unreported if one not in found]
        self.methods += found

    # --- changes in the app ---

    def add_user(
        self,
        nick_name: str | None,
        *,
        user_id: str | None = None,
        user_type: int = MEMBER,
        schedule: Schedule | None = None,
        alphanumeric: bool = False,
        **details: Any,
    ) -> User:
        """Add a user; details are fields of `model.User`."""
        details.setdefault("lock_user_id", self._free_lock_user_id())
        user = User(
            user_id=user_id or self._free_user_id(alphanumeric=alphanumeric),
            nick_name=nick_name,
            user_type=user_type,
            schedule=schedule or Schedule(),
            **details,
        )
        if user.user_id in self.users or user.user_id in self.absent:
            raise ValueError(f"user {user.user_id} exists")
        self.users[user.user_id] = user
        return user

    def add_method(
        self,
        kind: str,
        holder: User | None = None,
        *,
        unlock_sn: int | None = None,
        name: str | None = None,
        **details: Any,
    ) -> Method:
        """Add a method (``card`` or ``unlock_card``); unassigned without a holder."""
        code = dp_code(kind)
        if unlock_sn is None:
            taken = [m.unlock_sn for m in self.methods if m.dp_code == code]
            unlock_sn = max(taken, default=0) + 1
        self._next_opmode += 1
        word = code.removeprefix("unlock_").replace("_", " ").capitalize()
        method = Method(
            dp_code=code,
            unlock_sn=unlock_sn,
            opmode_id=self._next_opmode,
            unlock_name=f"{word} {unlock_sn}" if name is None else name,
            user_id=holder.user_id if holder else None,
            lock_user_id=holder.lock_user_id if holder else None,
            **details,
        )
        self.methods.append(method)
        return method

    def remove_user(self, user_id: str) -> None:
        """Remove a user from the home; `commands.py` describes what stays on the lock."""
        user = self.users.pop(user_id)
        for method in self.methods_of(user):
            method.user_id, method.allocate_flag = None, 0
            method.phase, method.delivery = CONFIRMED, None
        if any(m.lock_user_id == user.lock_user_id for m in self.methods):
            user.purging = None
            self.absent[user_id] = user

    def remove_method(self, method: Method) -> None:
        """Erase a method."""
        self.methods.remove(method)

    def move_method(self, method: Method, holder: User | None) -> None:
        """Assign a method to another user, or to none."""
        method.user_id = holder.user_id if holder else None
        method.lock_user_id = holder.lock_user_id if holder else None
        method.allocate_flag = int(holder is not None)

    def expire(self, user: User) -> None:
        """End a user's validity an hour ago."""
        now = int(self.now)
        user.schedule = Schedule(
            permanent=False, effective_time=now - 86_400, expired_time=now - 3_600
        )

    def make_busy(self, seconds: float = 60.0) -> None:
        """Start an enrollment: 2328 for about a minute (docs/tuya_api.md, Enrollment)."""
        self.busy_until = self.now + seconds

    # --- occurrences (see `history.py`) ---

    def open(
        self,
        way: str,
        holder: User | None = None,
        *,
        number: int | None = None,
        **details: Any,
    ) -> Row:
        """Open the door with a method of a user, or in another way.

        The number is that of the holder's method unless given.
        """
        code = code_of(way)
        methods = [m for m in self.methods if m.dp_code == code]
        held = [m for m in methods if holder and m.user_id == holder.user_id]
        if number is None:
            number = held[0].unlock_sn if held else 1
        method = next((m for m in methods if m.unlock_sn == number), None)
        details.setdefault("duress", bool(method and method.unlock_attr))
        if holder is None and method is not None and method.user_id is not None:
            holder = self.users.get(method.user_id)
        value = True if way == "inside" else number
        return self.history.open(code, value, holder, method, **details)

    def enter(self, pin: str) -> Row | None:
        """Enter a temporary password; return the opening, None if the door stays shut."""
        if (password := self.passwords.opens(pin, self.now)) is None:
            return None
        return self.open("temporary", number=password.sn, name=password.name)

    def alarm(self, word: str, **details: Any) -> None:
        """Raise an alarm."""
        self.history.alarm(word, **details)

    def ring(self, **details: Any) -> None:
        """Ring the doorbell."""
        self.history.ring(**details)

    def unpair(self, *, forget: bool = False) -> None:
        """Remove the lock from the account; it can be paired again."""
        self.device.paired = False
        if forget:
            self.users, self.absent, self.methods = {}, {}, []

    def pair(self) -> None:
        """Pair the lock again."""
        self.device.paired = True

    # --- lookups ---

    def user(self, user_id: str, dialect: Dialect) -> User:
        """Return a user of the home; ``0`` is the owner (docs/tuya_api.md, One user)."""
        if user_id == "0":
            owners = [u for u in self.users.values() if u.user_type == OWNER]
            if owners:
                return owners[0]
        if user_id not in self.users:
            raise Refusal(dialect.unknown_user_code)
        return self.users[user_id]

    def changeable(self, user_id: str, dialect: Dialect) -> User:
        """Return a user that commands can change: any but the owner."""
        user = self.user(user_id, dialect)
        if user.user_type == OWNER:
            raise Refusal(dialect.owner_code)
        return user

    def find(self, name: str) -> User:
        """Return a user of the home by ID or name."""
        for user in self.users.values():
            if name in (user.user_id, user.nick_name):
                return user
        raise KeyError(name)

    def methods_of(self, user: User) -> list[Method]:
        """Return the methods a user holds."""
        return [m for m in self.methods if m.user_id == user.user_id]

    def method(self, code: str, unlock_sn: int) -> Method:
        """Return one method by code and serial number."""
        for method in self.methods:
            if (method.dp_code, method.unlock_sn) == (code, unlock_sn):
                return method
        raise Refusal(1000)

    @property
    def unassigned(self) -> list[Method]:
        """The methods without a user."""
        return [m for m in self.methods if m.user_id is None]

    @contextmanager
    def discarded_changes(self) -> Iterator[None]:
        """Run commands on copies that are discarded, for a dropped write.

        The records themselves are restored, so that references of a test stay valid.
        """
        names = (
            *("users", "absent", "methods", "passwords"),
            *("enrollment", "messages", "unreported"),
        )
        originals = {name: getattr(self, name) for name in names}
        busy_until = self.busy_until
        vars(self).update(copy.deepcopy(originals))
        try:
            yield
        finally:
            vars(self).update(originals, busy_until=busy_until)

    # --- internals ---

    def _free_user_id(self, *, alphanumeric: bool) -> str:
        """Return an unused user ID."""
        self._next_user += self.home.generator.randrange(1, 400)
        if not alphanumeric:
            return str(self._next_user)
        letters = "".join(self.home.generator.choices("abcdefghijkmnpqrstuvwxyz", k=4))
        return f"{self._next_user % 10_000:04d}{letters}"

    def _free_lock_user_id(self) -> int:
        """Return the next number of a user inside the lock."""
        known = [*self.users.values(), *self.absent.values()]
        return max((user.lock_user_id for user in known), default=0) + 1
