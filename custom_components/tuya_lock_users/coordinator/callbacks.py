"""Lists of callbacks, and a callback that does nothing."""

from collections.abc import Callable

from homeassistant.core import CALLBACK_TYPE, callback


def nothing() -> None:
    """Do nothing: there is no timer or listener to remove."""


class Callbacks[*Arguments]:
    """Callbacks with the same arguments. Unlike listeners, they cause no polls."""

    def __init__(self) -> None:
        """Initialize without callbacks."""
        self._callbacks: list[Callable[[*Arguments], None]] = []

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self._callbacks)

    @callback
    def subscribe(self, one: Callable[[*Arguments], None]) -> CALLBACK_TYPE:
        """Add a callback; the returned function removes it."""
        self._callbacks.append(one)
        return lambda: self._callbacks.remove(one)

    @callback
    def call(self, *arguments: *Arguments) -> None:
        """Call all of them, in the order of their subscription."""
        for one in list(self._callbacks):
            one(*arguments)
