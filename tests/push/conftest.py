"""Shared fixtures for tests of messages and records."""

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import Any, Final
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.tuya_lock_users.api.reconnection import Timing
from custom_components.tuya_lock_users.const import EVENT_DOOR
from homeassistant.core import Event, HomeAssistant
from simulator import Lock, SimulatedCloud
from tests.common import state_of, until
from tests.conftest import SetUp

type Connect = Callable[..., Awaitable[MockConfigEntry]]
type Settled = Callable[[], Awaitable[None]]

QUICK: Final = Timing(shortest_pause=0.01, longest_pause=0.02)
PUSH: Final = "bay0000000000000SIMU_push"


@pytest.fixture(autouse=True)
def no_push_or_records() -> None:
    """Enable messages and records."""


@pytest.fixture(autouse=True)
def quick_reconnect() -> Generator[None]:
    with patch("custom_components.tuya_lock_users.api.stream.Timing", lambda: QUICK):
        yield


@pytest.fixture
def connect(
    hass: HomeAssistant, set_up: SetUp, cloud: SimulatedCloud, door: Lock
) -> Connect:
    """Return a function that sets the project up and waits for its connection."""

    # If the clock jumps, the server must not drop the client as idle.
    cloud.queue.idle_seconds = float("inf")

    async def connect(**changes: Any) -> MockConfigEntry:
        entry = await set_up(**changes)
        await until(lambda: state_of(hass, PUSH) == "on")
        return entry

    return connect


@pytest.fixture
def door_events(hass: HomeAssistant) -> list[Event[Any]]:
    return async_capture_events(hass, EVENT_DOOR)


@pytest.fixture
def settled(hass: HomeAssistant, cloud: SimulatedCloud) -> Settled:
    async def settled() -> None:
        await until(lambda: cloud.queue.backlog() == 0)
        await hass.async_block_till_done(wait_background_tasks=True)

    return settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A project with the front door, its events, and its message queue."""

    hass: HomeAssistant
    cloud: SimulatedCloud
    door: Lock
    connect: Connect
    door_events: list[Event[Any]]
    settled: Settled


@pytest.fixture
def front(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    connect: Connect,
    door_events: list[Event[Any]],
    settled: Settled,
) -> Front:
    return Front(
        hass=hass,
        cloud=cloud,
        door=door,
        connect=connect,
        door_events=door_events,
        settled=settled,
    )
