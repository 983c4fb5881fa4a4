"""Pending events of one lock, between its updates and its event entity."""

from collections.abc import Callable, Iterable

from homeassistant.core import CALLBACK_TYPE

from ..domain.changes import (
    Change,
    MethodHistory,
    changes_between,
    first_history,
    method_changes,
)
from ..domain.snapshot import LockSnapshot


class LockEvents:
    """Pending changes, and the reported history of unlock methods."""

    def __init__(self) -> None:
        """Initialize without any change."""
        self.history = MethodHistory()
        self._pending: list[Change] = []
        self._callbacks: list[Callable[[Change], None]] = []

    def process(
        self,
        before: LockSnapshot | None,
        after: LockSnapshot,
        access_changes: Iterable[Change],
    ) -> None:
        """Add the changes between two snapshots.

        The first snapshot and a switch to another endpoint have no changes.
        """
        if before is None or before.users_list != after.users_list:
            self.history = first_history(after)
            return
        changes, self.history = method_changes(self.history, before, after)
        self._pending += [*changes_between(before, after), *changes, *access_changes]

    def add(self, changes: Iterable[Change]) -> None:
        """Add changes by time alone."""
        self._pending += changes

    def fire(self) -> None:
        """Fire all pending changes."""
        changes, self._pending = self._pending, []
        for change in changes:
            for on_change in list(self._callbacks):
                on_change(change)

    def subscribe(self, on_change: Callable[[Change], None]) -> CALLBACK_TYPE:
        """Call back for each change."""
        self._callbacks.append(on_change)
        return lambda: self._callbacks.remove(on_change)
