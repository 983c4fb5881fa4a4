"""The turn of a command: one at a time for each lock."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from math import ceil

from ..coordinator.lock import LockCoordinator
from ..errors import command_failed


@asynccontextmanager
async def async_command(
    coordinator: LockCoordinator, *, while_enrolling: bool = False
) -> AsyncGenerator[None]:
    """Run one command at a time for each lock, and convert errors to those of actions.

    Commands for different locks do not wait for each other. A lock that waits for a new
    unlock method refuses all others, so they are not sent. Functions named
    `async_send_…` are steps of a command that runs already: they take no turn, and are
    sent even if the entry was unloaded meanwhile.
    """
    async with coordinator.command_lock:
        check_followed(coordinator)
        if coordinator.enrollment.is_active and not while_enrolling:
            seconds = ceil(coordinator.enrollment.seconds_left)
            raise command_failed("lock_busy", seconds=str(seconds))
        try:
            with coordinator.action_errors():
                yield
        finally:
            coordinator.remember_dialects()


def check_followed(coordinator: LockCoordinator) -> None:
    """Raise if the lock or its entry was unloaded before anything was sent.

    A schedule saved from now on would be written to a store that is no longer read.
    """
    if coordinator.is_shut_down:
        raise command_failed("lock_reloaded", lock=coordinator.name)
