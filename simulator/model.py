"""The state of the cloud: devices, users, unlock methods, schedules, deliveries.

Plain mutable records. Tests change them like the app: renaming a user is
``user.nick_name = "Alice B."``. Changes by the cloud are in `lock.py`, the form on the
wire in `wire.py`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

type Outcome = Literal["SUCCESS", "FAILED", "NEVER"]
"""The outcome of a delivery; ``NEVER`` stays pending."""
type Operation = Literal["ADD", "MODIFY", "DELETE", "CREATE"]

# docs/tuya_api.md, User types.
ADMIN: Final = 10
MEMBER: Final = 20
SHARED: Final = 40
OWNER: Final = 50

# docs/tuya_api.md, Phases.
CONFIRMED: Final = 1
FROZEN: Final = 3
CREATION_FAILED: Final = 7
TO_BE_DELETED: Final = 9
TO_BE_CREATED: Final = 10

# docs/tuya_api.md, Weekly windows.
SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = (
    1 << bit for bit in range(7)
)
WORKDAYS: Final = MONDAY | TUESDAY | WEDNESDAY | THURSDAY | FRIDAY
WEEKEND: Final = SATURDAY | SUNDAY
EVERY_DAY: Final = WORKDAYS | WEEKEND

UNLOCK_WORDS: Final[dict[str, str]] = {
    "fingerprint": "unlock_fingerprint",
    "card": "unlock_card",
    "password": "unlock_password",
    "face": "unlock_face",
    "hand": "unlock_hand",
    "fingerVein": "unlock_finger_vein",
    "remoteControl": "unlock_telecontrol_kit",
    "eye": "unlock_eye",
}
"""The words of the ``unlock_type`` family and the codes they stand for.

The first three and ``remoteControl`` are documented for unassigned-keys, ``face`` for
its neighbours (docs/tuya_api.md, Unlock methods); the others follow the vendor's panel kit.
"""

# The data point a code has on a lock: the first half of an unlock id such as "12-3",
# which is a password in the sample (docs/tuya_api.md, Unlock methods).
DATA_POINTS: Final[dict[str, int]] = {
    "unlock_fingerprint": 1,
    "unlock_password": 12,
    "unlock_card": 5,
    "unlock_face": 14,
    "unlock_hand": 39,
    "unlock_finger_vein": 40,
    "unlock_telecontrol_kit": 41,
    "unlock_eye": 42,
}


def dp_code(kind: str) -> str:
    """Return the code for a word such as ``card``; a code stays what it is."""
    return UNLOCK_WORDS.get(kind, kind)


def unlock_word(code: str) -> str:
    """Return the ``unlock_type`` word for a code."""
    words = {value: word for word, value in UNLOCK_WORDS.items()}
    return words.get(code, code.removeprefix("unlock_"))


@dataclass(slots=True)
class DeliveryRules:
    """How long the lock takes to apply a command, and the outcome."""

    delay: float = 3.0
    outcome: Outcome = "SUCCESS"


@dataclass(slots=True)
class Delivery:
    """A command being delivered to the lock.

    There is no timer: the state is computed when it is needed.
    """

    due: float
    outcome: Outcome

    def status(self, now: float) -> str:
        """Return the ``delivery_status`` at this moment."""
        if self.outcome == "NEVER" or now < self.due:
            return "ONGOING"
        return self.outcome


@dataclass(slots=True)
class Window:
    """A weekly window: days as a mask, minutes after local midnight."""

    working_day: int
    start_minute: int
    end_minute: int
    time_zone_id: str | None = None
    all_day: bool = False

    def is_open(self, now: float, zone: str) -> bool:
        """Return whether the window, which ends on its own day, is open."""
        local = datetime.fromtimestamp(now, ZoneInfo(zone))
        today = 1 << local.isoweekday() % 7
        minute = local.hour * 60 + local.minute
        return bool(self.working_day & today) and (
            self.all_day or self.start_minute <= minute < self.end_minute
        )


@dataclass(slots=True)
class Schedule:
    """The access of a user, in epoch seconds and weekly windows."""

    permanent: bool = True
    effective_time: int = 0
    expired_time: int = 0
    windows: list[Window] = field(default_factory=list)
    operate: Operation | None = None
    delivery: Delivery | None = None
    shown: Any = None
    """Returned instead of the above: an undocumented form."""

    def effective_flag(self, now: float) -> int:
        """Return 1 within the validity, 0 after it, 2 before (docs/tuya_api.md, Effective flag)."""
        if self.permanent:
            return 1
        if now < self.effective_time:
            return 2
        return int(now <= self.expired_time)

    def is_within_hours(self, now: float, zone: str) -> bool:
        """Return whether a weekly window is open, or there are none."""
        return (
            self.permanent
            or not self.windows
            or any(
                window.is_open(now, window.time_zone_id or zone)
                for window in self.windows
            )
        )


@dataclass(slots=True)
class User:
    """A person known to one lock."""

    user_id: str
    nick_name: str | None
    user_type: int = MEMBER
    lock_user_id: int = 0
    uid: str = ""
    user_contact: str | None = ""
    avatar_url: str | None = ""
    back_home_notify_attr: int = 0
    schedule: Schedule = field(default_factory=Schedule)
    sex: int | None = None
    birthday: int | None = None
    height: int | None = None
    weight: int | None = None
    delivery: DeliveryRules | None = None
    """Rules for commands about this user; None means the lock's."""
    effective_flag: int | None = None
    """A fixed effective flag; 0 means frozen by the app. None computes it from the
    schedule."""
    purging: Delivery | None = None
    """Set while the deletion of this user is delivered to the lock."""


@dataclass(slots=True)
class Method:
    """One fingerprint, card, password, face …: a code and a serial number."""

    dp_code: str
    unlock_sn: int
    opmode_id: int
    unlock_name: str | None = ""
    user_id: str | None = None
    """Its user; None if it is unassigned."""
    lock_user_id: int | None = None
    """The user that the lock itself stores for it."""
    allocate_flag: int = 0
    phase: int = CONFIRMED
    erasing: bool = False
    """Deleted from the lock, not only deallocated."""
    operate: Operation = "CREATE"
    delivery: Delivery | None = None
    unlock_attr: int = 0
    voice_attr: int = 0
    admin: bool = False
    photo_unlock: bool = False
    channel_id: int = -1
    app_send: int = 1
    msg_phone: str | None = None
    voice_phone: str | None = None

    @property
    def unlock_id(self) -> str:
        """The ``<data point>-<number>`` text (docs/tuya_api.md, Unlock methods)."""
        return f"{DATA_POINTS.get(self.dp_code, 99)}-{self.unlock_sn}"


@dataclass(slots=True)
class Device:
    """A device of a linked account, a lock or not."""

    device_id: str
    name: str
    category: str
    account_uid: str
    product_name: str = "Smart Lock"
    model: str = ""
    product_id: str = ""
    local_key: str = ""
    time_zone: str = "+01:00"
    online: bool = True
    sub: bool = False
    active_time: int = 0
    ip: str = ""
    lon: str = ""
    lat: str = ""
    owner_id: str = "10000001"
    paired: bool = True
    """An unpaired device is in no list, and its id is unknown (2010)."""
    in_project: bool = True
    """A device of another account: its ID is refused for this project (1106)."""
