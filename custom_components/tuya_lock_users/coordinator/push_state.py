"""The state of the message stream of a project."""

from homeassistant.core import CALLBACK_TYPE, callback

from ..api.reconnection import Refusal
from .callbacks import Callbacks


class PushState:
    """The state of the message stream, for the other parts of the integration.

    A connection alone is no proof: without a rule at Tuya, no message ever arrives. So
    messages are proven only after one arrived in the current connection, and while no
    record shows an opening without a message (`silent_locks`).
    """

    def __init__(self) -> None:
        """Initialize without a connection."""
        self.connected_ms: int | None = None
        self.is_reader = False
        self.refusal: Refusal | None = None
        self.has_message = False
        self.silent_locks: set[str] = set()
        self.retry: CALLBACK_TYPE = lambda: None
        self._changes = Callbacks[()]()
        self._attempts = Callbacks[()]()

    @property
    def is_connected(self) -> bool:
        """Return whether there is a connection."""
        return self.connected_ms is not None

    @property
    def is_proven(self) -> bool:
        """Return whether messages are known to arrive."""
        return self.is_connected and self.has_message and not self.silent_locks

    @callback
    def async_set_connected(self, now_ms: int, *, is_reader: bool = False) -> None:
        """Set the state to connected, possibly as a reader beside another consumer."""
        self.connected_ms = now_ms
        self.is_reader = is_reader
        self.refusal = None
        self.has_message = False
        self._changes.call()
        self._attempts.call()

    @callback
    def async_set_disconnected(self, refusal: Refusal | None) -> None:
        """Set the state to disconnected."""
        if self.is_connected or refusal is not self.refusal:
            self.connected_ms = None
            self.refusal = refusal
            self._changes.call()
        self._attempts.call()

    @callback
    def async_note_message(self, lock_id: str) -> None:
        """Note that a message of a lock arrived."""
        if not self.has_message or lock_id in self.silent_locks:
            self.has_message = True
            self.silent_locks.discard(lock_id)
            self._changes.call()

    @callback
    def async_note_silence(self, lock_id: str) -> None:
        """Note that a record shows an opening without a message."""
        if lock_id not in self.silent_locks:
            self.silent_locks.add(lock_id)
            self._changes.call()

    @callback
    def async_forget_silence(self) -> None:
        """Forget missing messages of all locks."""
        self.silent_locks.clear()
        self._changes.call()

    @callback
    def async_on_change(self, changed: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back when the state changes."""
        return self._changes.subscribe(changed)

    @callback
    def async_on_attempt(self, attempted: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back after each attempt to connect."""
        return self._attempts.subscribe(attempted)
