"""The stored data of a project, without names of users and contacts."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from mashumaro.exceptions import InvalidFieldValue, MissingField
import voluptuous as vol

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..api.dialects import Dialects, PasswordDialects
from ..const import DOMAIN, LOGGER
from ..domain.door_history import DoorHistory
from ..domain.suspension import KEPT_SECONDS, SavedSchedule, decode_saved
from .connection import CallCount
from .stored_details import LockDetails, decode_stored, dump_details, load_details

_VERSION: Final = 1
# The count changes all the time; more important data is written immediately.
_SAVE_DELAY_SECONDS: Final = 30 * 60


# The exceptions of decoders for unexpected values.
_UNREADABLE: Final = (
    InvalidFieldValue,
    MissingField,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
)


@dataclass(kw_only=True)
class StoredLock:
    """The stored data of one lock. Times are in seconds since 1970.

    Attributes:
        dialects: The forms of calls that it understands.
        passwords: What it can do with passwords and enrollments.
        suspended: The saved schedules of suspended users, by user.
        door: The history of openings.
        gone_at: When the lock left the project, None while it is listed.
        users_before_copy: The users before a copy that may have left a user without the
            schedule, None if there was none.
        details: The data of a full refresh, so that a restart does not need one.
    """

    dialects: Dialects = field(default_factory=Dialects)
    passwords: PasswordDialects = field(default_factory=PasswordDialects)
    door: DoorHistory = field(default_factory=DoorHistory)
    suspended: dict[str, SavedSchedule] = field(default_factory=dict)
    gone_at: float | None = None
    users_before_copy: list[str] | None = None
    details: LockDetails = field(default_factory=LockDetails)


_CONTENT: Final = vol.Schema(
    {
        vol.Optional("month", default=""): str,
        vol.Optional("calls", default=0): int,
        vol.Optional("messages", default=0): int,
        vol.Optional("push_url", default=None): vol.Any(str, None),
        vol.Optional("was_listed", default=False): bool,
        vol.Optional("listed", default=None): vol.Maybe([str]),
        vol.Optional("locks", default=dict): {str: dict},
    },
    extra=vol.REMOVE_EXTRA,
)


def _dump_lock(lock: StoredLock) -> dict[str, Any]:
    """Return a stored lock as JSON."""
    return {
        "dialects": asdict(lock.dialects),
        "passwords": asdict(lock.passwords),
        "door": asdict(lock.door),
        "suspended": {key: asdict(one) for key, one in lock.suspended.items()},
        "gone_at": lock.gone_at,
        "users_before_copy": lock.users_before_copy,
        "details": dump_details(lock.details),
    }


def _load_lock(content: dict[str, Any]) -> StoredLock:
    """Return a stored lock; invalid details are dropped and fetched again."""
    return StoredLock(
        dialects=decode_stored(Dialects, content.get("dialects", {})),
        passwords=decode_stored(PasswordDialects, content.get("passwords", {})),
        door=decode_stored(DoorHistory, content.get("door", {})),
        suspended=decode_saved(content.get("suspended", {})),
        gone_at=content.get("gone_at"),
        users_before_copy=content.get("users_before_copy"),
        details=load_details(content.get("details")),
    )


class ProjectStore:
    """The file of one entry, removed with it.

    `was_listed` means that the project listed its locks at least once. `listed` are the
    IDs of the last list; None in a file of version 0.1.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str, count: CallCount) -> None:
        """Initialize an empty store."""
        self.was_listed = False
        self.listed: frozenset[str] | None = None
        self.push_url: str | None = None
        self.messages = CallCount()
        self._store = Store[dict[str, Any]](hass, _VERSION, f"{DOMAIN}.{entry_id}")
        self._count = count
        self._locks: dict[str, StoredLock] = {}
        self._is_closed = False

    async def async_load(self, now: datetime) -> None:
        """Load the file; its calls add to those made since Home Assistant started."""
        try:
            content = _CONTENT(await self._store.async_load() or {})
            locks = {key: _load_lock(lock) for key, lock in content["locks"].items()}
        except (vol.Invalid, *_UNREADABLE):
            LOGGER.debug("The stored data cannot be read and is discarded")
            return
        self._locks = {
            lock_id: lock
            for lock_id, lock in locks.items()
            if lock.gone_at is None or now.timestamp() - lock.gone_at < KEPT_SECONDS
        }
        self.was_listed = content["was_listed"]
        if (listed := content["listed"]) is not None:
            self.listed = frozenset(listed)
        self.push_url = content["push_url"]
        self.messages.restore(content["month"], content["messages"], now)
        self._count.restore(content["month"], content["calls"], now)

    def was_lock_listed(self, lock_id: str) -> bool:
        """Return whether a lock was on the last list, as far as stored."""
        return self.was_listed if self.listed is None else lock_id in self.listed

    @callback
    def lock(self, lock_id: str) -> StoredLock:
        """Return the stored data of a lock, which can be changed in place."""
        return self._locks.setdefault(lock_id, StoredLock())

    @callback
    def async_forget_lock(self, lock_id: str, now: datetime) -> None:
        """Forget the dialects and details of a lock that left the project.

        Saved schedules stay for a while: the lock may return, and resuming without them
        would give permanent access.
        """
        gone = self._locks.pop(lock_id, None)
        if gone is not None and gone.suspended:
            self._locks[lock_id] = StoredLock(
                suspended=gone.suspended, gone_at=now.timestamp()
            )

    @callback
    def async_save_later(self, seconds: float = _SAVE_DELAY_SECONDS) -> None:
        """Write the file later, at the latest when Home Assistant stops."""
        if not self._is_closed:
            self._store.async_delay_save(self._content, seconds)

    async def async_save(self) -> None:
        """Write the file now, unless a command outlived its entry, which may be removed."""
        if not self._is_closed:
            await self._store.async_save(self._content())

    async def async_close(self) -> None:
        """Write the file for the last time, since the entry may be removed next."""
        self._is_closed = True
        await self._store.async_save(self._content())

    async def async_remove(self) -> None:
        """Remove the file."""
        await self._store.async_remove()

    @callback
    def _content(self) -> dict[str, Any]:
        return {
            "month": self._count.month,
            "calls": self._count.calls,
            "messages": self.messages.calls,
            "push_url": self.push_url,
            "was_listed": self.was_listed,
            "listed": None if self.listed is None else sorted(self.listed),
            "locks": {key: _dump_lock(lock) for key, lock in self._locks.items()},
        }
