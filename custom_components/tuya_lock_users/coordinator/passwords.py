"""The temporary passwords of one lock, as last read, without any PIN.

They are read once a day if an entity shows them, after each command about them, and for
a while after a change that the lock has not applied yet.
"""

from collections.abc import Callable, Iterable
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from ..api.decoding import integer
from ..api.errors import TuyaError
from ..api.generated_passwords import GeneratedPasswords
from ..api.models import Lock
from ..api.password_phases import ENDED
from ..api.password_records import TemporaryPassword
from ..api.passwords import Passwords
from ..const import LOGGER
from ..domain.poll_plan import WATCH_EVERY_SECONDS, WATCH_FOR_SECONDS
from .callbacks import Callbacks, nothing
from .runtime import Runtime

# A start reads the passwords for their sensor, and possibly in a full refresh as well.
_JUST_NOW_SECONDS: Final = 10 * 60


def _names(passwords: Iterable[TemporaryPassword]) -> dict[int, str]:
    """Return the names of passwords whose number has no second meaning."""
    names: dict[int, set[str | None]] = {}
    for password in passwords:
        for number in (password.number, integer(password.password_id)):
            if number is not None:
                names.setdefault(number, set()).add(password.name)
    return {
        number: name
        for number, (name, *others) in names.items()
        if name is not None and not others
    }


class LockPasswords:
    """The temporary passwords of a lock. `current` is None before they were read."""

    def __init__(self, runtime: Runtime, lock: Lock) -> None:
        """Initialize; nothing is read before something follows the passwords."""
        self.current: tuple[TemporaryPassword, ...] | None = None
        self.is_complete = False
        self.calls = Passwords(
            runtime.client.cloud,
            lock.lock_id,
            category=lock.category,
            is_sub=lock.is_sub,
            dialects=runtime.store.lock(lock.lock_id).passwords,
        )
        self.generated = GeneratedPasswords(self.calls)
        self._runtime = runtime
        self._name = lock.name or lock.lock_id
        self._listeners = Callbacks[()]()
        self._read_at = 0.0
        self._watch_until = 0.0
        self._cancel_watch: Callable[[], None] = nothing
        self._cancel_transition: Callable[[], None] = nothing

    @property
    def active(self) -> int | None:
        """Return how many passwords open the door at this time, None if unknown."""
        if self.current is None or not self.is_complete:
            return None
        now = dt_util.utcnow().timestamp()
        return sum(password.opens_at(now) for password in self.current)

    @property
    def names(self) -> dict[int, str]:
        """Return the names by number and by ID; some locks report one, some the other.

        A number can have been that of an earlier password.
        """
        now = dt_util.utcnow().timestamp()
        passwords = self.current or ()
        ended = [p for p in passwords if p.status in ENDED or p.has_ended(now)]
        return _names(ended) | _names(p for p in passwords if p not in ended)

    @property
    def is_followed(self) -> bool:
        """Return whether anything shows the passwords."""
        return bool(self._listeners)

    @callback
    def async_add_listener(self, changed: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call back after each reading, and when a password ends."""
        is_first = not self._listeners
        remove = self._listeners.subscribe(changed)
        if is_first and self.current is None:
            self._async_read_soon()
        return remove

    async def async_read(self) -> tuple[TemporaryPassword, ...]:
        """Return the passwords as the lock has them now. Raises TuyaError."""
        self._read_at = dt_util.utcnow().timestamp()
        before = {p.password_id for p in self.current or () if p.is_pending}
        try:
            listing = await self.calls.read()
        finally:
            self.remember_dialects()
        self.current, self.is_complete = listing.items, listing.is_complete
        pending = {p.password_id for p in self.current if p.is_pending}
        now = dt_util.utcnow().timestamp()
        if pending - before:
            self._watch_until = now + WATCH_FOR_SECONDS
        self._cancel_watch()
        self._cancel_watch = nothing
        if pending and self.is_followed and now < self._watch_until:
            self._cancel_watch = async_call_later(
                self._runtime.hass, WATCH_EVERY_SECONDS, self._async_read_soon
            )
        self._async_changed()
        return self.current

    async def async_read_daily(self) -> None:
        """Read the passwords if something shows them, unless that was just done."""
        if dt_util.utcnow().timestamp() - self._read_at >= _JUST_NOW_SECONDS:
            await self.async_read_if_followed()

    async def async_read_if_followed(self) -> None:
        """Read the passwords if something shows them; an error is only logged."""
        if not self.is_followed or self._runtime.session.pause is not None:
            return
        try:
            await self.async_read()
        except TuyaError as err:
            LOGGER.debug("No temporary passwords of %s: %r", self._name, err)

    @callback
    def remember_dialects(self) -> None:
        """Store the dialects that were learned."""
        memory = self._runtime.store.lock(self.calls.lock_id)
        if memory.passwords != self.calls.dialects:
            memory.passwords = self.calls.dialects
            self._runtime.store.async_save_later()

    @callback
    def async_shut_down(self) -> None:
        """Stop all timers."""
        self._cancel_watch()
        self._cancel_transition()
        self._cancel_watch = self._cancel_transition = nothing

    @callback
    def _async_read_soon(self, *_: object) -> None:
        self._cancel_watch = nothing
        hass: HomeAssistant = self._runtime.hass
        entry: ConfigEntry = self._runtime.entry
        entry.async_create_background_task(
            hass, self.async_read_if_followed(), f"{self._name} passwords"
        )

    @callback
    def _async_changed(self, *_: object) -> None:
        """Update what shows the passwords, and do so again when the next one ends."""
        now = dt_util.utcnow().timestamp()
        ends = [
            password.schedule.end
            for password in self.current or ()
            if password.schedule.end is not None and password.opens_at(now)
        ]
        self._cancel_transition()
        self._cancel_transition = nothing
        if ends and self.is_followed:
            self._cancel_transition = async_track_point_in_utc_time(
                self._runtime.hass,
                self._async_changed,
                dt_util.utc_from_timestamp(min(ends)),
            )
        self._listeners.call()
