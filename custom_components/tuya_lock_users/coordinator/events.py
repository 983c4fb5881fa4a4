"""What others are notified of about one lock, and its pending events."""

from collections.abc import Collection, Iterable

from ..domain.changes import (
    Change,
    MethodHistory,
    changes_between,
    first_history,
    method_changes,
)
from ..domain.snapshot import LockSnapshot
from .callbacks import Callbacks


class LockEvents:
    """Pending changes, and the reported history of unlock methods.

    `on_change` is called for each change, `on_new_users` with their IDs, and `on_read`
    after each update.
    """

    def __init__(self) -> None:
        """Initialize without any change."""
        self.history = MethodHistory()
        self._pending: list[Change] = []
        self.on_change = Callbacks[Change]()
        self.on_new_users = Callbacks[Collection[str]]()
        self.on_read = Callbacks[()]()

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
            self.on_change.call(change)
