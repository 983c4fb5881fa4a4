"""What is remembered of a project across restarts: no names, nothing secret."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from mashumaro.codecs import BasicDecoder
from mashumaro.exceptions import InvalidFieldValue, MissingField
import voluptuous as vol

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..api.dialects import Dialects
from ..const import DOMAIN, LOGGER
from ..domain.openings import DoorHistory
from ..domain.suspension import SavedSchedule, decode_saved
from .connection import CallCount

_VERSION: Final = 1
# The count changes all the time; what matters more is written at once.
_SAVE_DELAY_SECONDS: Final = 30 * 60


@dataclass(kw_only=True)
class LockMemory:
    """What is remembered of one lock.

    `suspended` holds the schedules from before a suspension, by user.
    """

    dialects: Dialects = field(default_factory=Dialects)
    door: DoorHistory = field(default_factory=DoorHistory)
    suspended: dict[str, SavedSchedule] = field(
        default_factory=dict, metadata={"deserialize": decode_saved}
    )


_CONTENT: Final = vol.Schema(
    {
        vol.Optional("month", default=""): str,
        vol.Optional("calls", default=0): int,
        vol.Optional("messages", default=0): int,
        vol.Optional("push_url", default=None): vol.Any(str, None),
        vol.Optional("was_listed", default=False): bool,
        vol.Optional("locks", default=dict): {str: dict},
    },
    extra=vol.REMOVE_EXTRA,
)


class ProjectStore:
    """The file of one entry, removed with it.

    `was_listed` says that the project listed its locks at least once.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str, count: CallCount) -> None:
        """Prepare; nothing is read yet."""
        self.was_listed = False
        self.push_url: str | None = None
        self.messages = CallCount()
        self._store = Store[dict[str, Any]](hass, _VERSION, f"{DOMAIN}.{entry_id}")
        self._count = count
        self._locks: dict[str, LockMemory] = {}
        self._is_closed = False

    async def async_load(self, now: datetime) -> None:
        """Read the file; its calls add to those made since Home Assistant started."""
        try:
            content = _CONTENT(await self._store.async_load() or {})
            decode = BasicDecoder(LockMemory).decode
            locks = {key: decode(memory) for key, memory in content["locks"].items()}
        except vol.Invalid, InvalidFieldValue, MissingField:
            LOGGER.debug("What was remembered cannot be read and is forgotten")
            return
        self._locks = locks
        self.was_listed = content["was_listed"]
        self.push_url = content["push_url"]
        self.messages.restore(content["month"], content["messages"], now)
        self._count.restore(content["month"], content["calls"], now)

    @callback
    def lock(self, lock_id: str) -> LockMemory:
        """Return what is remembered of a lock; it may be changed in place."""
        return self._locks.setdefault(lock_id, LockMemory())

    @callback
    def async_forget_lock(self, lock_id: str) -> None:
        """Forget how to speak with a lock that left the project.

        What was kept for resuming stays. The lock may come back, and resuming without
        it would open the door for good; it is dropped once the lock tells otherwise.
        """
        memory = self.lock(lock_id)
        memory.dialects = Dialects()
        memory.door = DoorHistory()
        if not memory.suspended:
            del self._locks[lock_id]

    @callback
    def async_save_later(self, seconds: float = _SAVE_DELAY_SECONDS) -> None:
        """Write the file some time, and at the latest when Home Assistant stops."""
        if not self._is_closed:
            self._store.async_delay_save(self._content, seconds)

    async def async_save(self) -> None:
        """Write the file now, unless an order outlived its entry: it may be removed."""
        if not self._is_closed:
            await self._store.async_save(self._content())

    async def async_close(self) -> None:
        """Write the file for the last time: the entry may be removed next."""
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
            "locks": {lock_id: asdict(lock) for lock_id, lock in self._locks.items()},
        }
