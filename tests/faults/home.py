"""A project with two locks, its states, log lines, issues and flows."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.tuya_lock_users.const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    DOMAIN,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from simulator import SimulatedCloud
from tests.common import entry_state, error_issues, log_lines, states_of
from tests.flows import submit

type Advance = Callable[[float], Awaitable[None]]
type Plant = Callable[..., Any]

# A little longer than the poll interval of two locks.
CYCLE_SECONDS: Final = 6 * 60
LIST_SECONDS: Final = 30 * 60
HOUR_SECONDS: Final = 3600
DAY_SECONDS: Final = 24 * 3600

LIST: Final = ("associated_devices",)
USERS: Final = ("smart_lock_users", "users_v11", "users_v10")
ORPHANS: Final = ("absent_users", "unassigned_keys")

# Turns of the event loop before the clock is advanced.
_TURNS: Final = 400


async def finish[Result](
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, awaitable: Awaitable[Result]
) -> Result:
    """Wait for a task, and advance the clock while nothing else happens."""
    task = asyncio.ensure_future(awaitable)
    for number in range(1, 1_000_000):
        if task.done():
            break
        await asyncio.sleep(0)
        if number % _TURNS == 0:
            freezer.tick(1)
            async_fire_time_changed(hass)
    else:
        raise AssertionError("the task never ended")
    return await task


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyHome:
    """A project with two locks, and its effects."""

    hass: HomeAssistant
    cloud: SimulatedCloud
    entry: MockConfigEntry
    advance: Advance
    caplog: pytest.LogCaptureFixture

    @property
    def states(self) -> dict[str, str]:
        return states_of(self.hass, "front", "gate")

    @property
    def lines(self) -> list[tuple[int, str]]:
        return log_lines(self.caplog)

    @property
    def issues(self) -> list[str | None]:
        return error_issues(self.hass)

    @property
    def flows(self) -> list[str]:
        flows = self.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        return [flow["context"]["source"] for flow in flows]

    async def recover(self) -> None:
        """End all faults, reauthenticate, and wait for the longest pause."""
        self.cloud.faults.clear()
        flows = self.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        for flow in flows:
            form = {
                CONF_ACCESS_ID: self.cloud.access_id,
                CONF_ACCESS_SECRET: self.cloud.access_secret,
            }
            result = await self.hass.config_entries.flow.async_configure(
                flow["flow_id"]
            )
            await submit(self.hass, result, form)
        await self.advance(5 * HOUR_SECONDS)
        await self.advance(HOUR_SECONDS)
        await self.advance(HOUR_SECONDS)

    def assert_recovered(self, states: dict[str, str]) -> None:
        assert entry_state(self.entry) is ConfigEntryState.LOADED
        assert self.states == states
        assert self.issues == []
        assert self.flows == []
