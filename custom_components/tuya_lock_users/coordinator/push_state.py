"""Whether messages of a project arrive; it knows neither the stream nor the locks."""

from homeassistant.core import CALLBACK_TYPE, callback

from ..api.stream import Refusal


class PushState:
    """The connection to the message stream, as everybody else needs to know it.

    Connected proves nothing: without a rule at Tuya no message ever comes. So messages
    count as proven only once one came over the present connection, and as long as no
    record shows an opening that none told (`silent_locks`).
    """

    def __init__(self) -> None:
        """Start without a connection."""
        self.connected_ms: int | None = None
        self.refusal: Refusal | None = None
        self.has_message = False
        self.silent_locks: set[str] = set()
        self.retry: CALLBACK_TYPE = lambda: None
        self._callbacks: list[CALLBACK_TYPE] = []
        self._attempt_callbacks: list[CALLBACK_TYPE] = []

    @property
    def is_connected(self) -> bool:
        """Return whether there is a connection."""
        return self.connected_ms is not None

    @property
    def is_proven(self) -> bool:
        """Return whether messages are known to arrive."""
        return self.is_connected and self.has_message and not self.silent_locks

    @callback
    def async_set_connected(self, now_ms: int) -> None:
        """Note a new connection."""
        self.connected_ms = now_ms
        self.refusal = None
        self.has_message = False
        self._async_call_back()
        for attempted in list(self._attempt_callbacks):
            attempted()

    @callback
    def async_set_disconnected(self, refusal: Refusal | None) -> None:
        """Note that there is no connection."""
        if self.is_connected or refusal is not self.refusal:
            self.connected_ms = None
            self.refusal = refusal
            self._async_call_back()
        for attempted in list(self._attempt_callbacks):
            attempted()

    @callback
    def async_note_message(self, lock_id: str) -> None:
        """Note a message of a lock: they do arrive."""
        if not self.has_message or lock_id in self.silent_locks:
            self.has_message = True
            self.silent_locks.discard(lock_id)
            self._async_call_back()

    @callback
    def async_note_silence(self, lock_id: str) -> None:
        """Note that a record shows what no message told."""
        if lock_id not in self.silent_locks:
            self.silent_locks.add(lock_id)
            self._async_call_back()

    @callback
    def async_forget_silence(self) -> None:
        """Give messages of all locks another chance."""
        self.silent_locks.clear()
        self._async_call_back()

    @callback
    def async_on_change(self, changed: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back when any of it changes."""
        self._callbacks.append(changed)
        return lambda: self._callbacks.remove(changed)

    @callback
    def async_on_attempt(self, attempted: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back after each attempt to connect, whichever way it ends."""
        self._attempt_callbacks.append(attempted)
        return lambda: self._attempt_callbacks.remove(attempted)

    @callback
    def _async_call_back(self) -> None:
        for changed in list(self._callbacks):
            changed()
