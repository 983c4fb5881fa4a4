"""Shared fixtures: a simulated cloud, its config entry, and time."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime
import logging
from typing import Any, Final
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from hypothesis import settings
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

# Before the first hass: the plugin would put a folder of its own in this place.
import custom_components  # noqa: F401
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from simulator import OWNER, Lock, Schedule, SimulatedCloud, Window

from .common import Entities, lock_device, project_entry, user_device
from .services.calling import Actions

type Tick = Callable[[float], Awaitable[None]]
type SetUp = Callable[..., Awaitable[MockConfigEntry]]

_API: Final = "custom_components.tuya_lock_users.api"

NOW: Final = datetime(2026, 12, 9, 10, 0, tzinfo=UTC)
"""The start of tests with a frozen clock: a Wednesday morning."""
NOW_SECONDS: Final = int(NOW.timestamp())

# How often a few locks, the list of locks, and all details are read.
CYCLE_SECONDS: Final = 5 * 60
LIST_SECONDS: Final = 30 * 60
DAY_SECONDS: Final = 24 * 3600
HOUR_SECONDS: Final = 3600

# The checks try the same examples on every machine; to look for others:
# pytest --hypothesis-profile=default
settings.register_profile("checks", derandomize=True)
settings.load_profile("checks")

# Its time stamps fail while a test freezes the clock.
logging.getLogger("aiohttp.access").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home(Entities):
    """A project with the lock `door`, not set up yet, and a frozen clock."""

    hass: HomeAssistant
    cloud: SimulatedCloud
    door: Lock
    entry: MockConfigEntry
    set_up: SetUp
    advance: Tick

    @property
    def act(self) -> Actions:
        return Actions(self.hass, self.entry)

    async def tick(self, seconds: float, *, times: int = 1) -> None:
        """Advance the clock, several times if requested, and wait for tasks."""
        for _ in range(times):
            await self.advance(seconds)

    async def reload(self) -> None:
        await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def press(self, unique_id: str) -> None:
        await self.hass.services.async_call(
            "button", "press", {"entity_id": self.entity_id(unique_id)}, blocking=True
        )

    def lock_device(self, identifier: str) -> dr.DeviceEntry:
        device = lock_device(self.hass, self.entry, identifier)
        assert device, f"no device {identifier}"
        return device

    def user_device(self, lock_id: str, user_id: str) -> dr.ChildDeviceEntry:
        device = user_device(self.hass, self.entry, lock_id, user_id)
        assert device, f"no device of {user_id}"
        return device


def limited(start: float, end: float, *windows: Window, **details: Any) -> Schedule:
    """Return a schedule between two moments, in seconds from `NOW`."""
    return Schedule(
        permanent=False,
        effective_time=NOW_SECONDS + int(start),
        expired_time=NOW_SECONDS + int(end),
        windows=list(windows),
        **details,
    )


def limited_days(start: float, end: float, *windows: Window) -> Schedule:
    """Return a schedule between two moments, in days from `NOW`."""
    return limited(start * DAY_SECONDS, end * DAY_SECONDS, *windows)


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load this integration in every test."""


@pytest.fixture(autouse=True)
def retry_at_once() -> Generator[None]:
    """Repeat failed reads without a pause."""
    with patch(f"{_API}.cloud.RETRY_SECONDS", (0.0, 0.0)):
        yield


@pytest.fixture(autouse=True)
def no_push_or_records(request: pytest.FixtureRequest) -> Generator[None]:
    """Disable messages and records, which `tests/push` covers.

    Modules with the mark `default_options` run with both, as a new project does.
    """
    if request.node.get_closest_marker("default_options"):
        yield
        return
    package = "custom_components.tuya_lock_users.coordinator"
    with (
        patch(f"{package}.push.Push.async_begin"),
        patch(f"{package}.project.ProjectCoordinator.async_begin_records"),
    ):
        yield


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Fail a test in which the integration logged an unexpected error."""
    yield
    ours = [
        record.getMessage()
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if record.exc_info
        and record.levelno > logging.DEBUG
        and "tuya_lock_users" in f"{record.name} {record.getMessage()}"
    ]
    assert not ours


@pytest.fixture
def no_rate_limit() -> Generator[None]:
    """Disable the rate limit, which would never end with a frozen clock."""
    with patch(f"{_API}.rate_limit.CALLS_PER_SECOND", 1_000_000):
        yield


@pytest.fixture
def no_read_back_delay() -> Generator[None]:
    module = "custom_components.tuya_lock_users.commands.verify"
    with patch(f"{module}.READ_BACK_SECONDS", (0.0, 0.0, 0.0)):
        yield


@pytest.fixture
def all_entities() -> Generator[None]:
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default", True
    ):
        yield


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Write snapshots the way Home Assistant does, ids masked."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
def cloud() -> SimulatedCloud:
    cloud = SimulatedCloud()
    cloud.add_account()
    return cloud


@pytest.fixture
async def endpoint(cloud: SimulatedCloud, socket_enabled: None) -> AsyncGenerator[str]:
    async with cloud.serve() as endpoint:
        yield endpoint


@pytest.fixture
def door(cloud: SimulatedCloud) -> Lock:
    """A lock with an owner, Alice, who has a fingerprint, and with Bob, who has a card."""
    door = cloud.add_lock("front", "Front door", model="VL-90")
    alice = door.add_user("Alice", user_id="alice", user_type=OWNER)
    door.add_method("fingerprint", alice, name="Thumb")
    bob = door.add_user("Bob", user_id="bob")
    door.add_method("card", bob, name="Blue card", allocate_flag=1)
    return door


@pytest.fixture
def doors(cloud: SimulatedCloud, door: Lock) -> list[Lock]:
    others = [cloud.add_lock(f"lock{number}", f"Lock {number}") for number in (2, 3)]
    for other in others:
        other.add_user("Uwe", user_id="uwe")
    return [door, *others]


@pytest.fixture
def gate(cloud: SimulatedCloud, door: Lock) -> Lock:
    """Another lock, with Gus."""
    gate = cloud.add_lock("gate", "Garden gate", product_name="Gate Lock")
    gate.add_user("Gus", user_id="gus")
    return gate


@pytest.fixture
def strange(cloud: SimulatedCloud) -> Lock:
    strange = cloud.add_lock("strange", "Strange thing", category="new")
    strange.add_user("Sam", user_id="sam")
    return strange


@pytest.fixture
def form(entry: MockConfigEntry) -> dict[str, Any]:
    return dict(entry.data)


@pytest.fixture
def entry(cloud: SimulatedCloud, endpoint: str) -> MockConfigEntry:
    return project_entry(cloud, endpoint)


@pytest.fixture
def set_up(hass: HomeAssistant, entry: MockConfigEntry, no_rate_limit: None) -> SetUp:
    """Return a function that sets the project up and waits for tasks.

    Its arguments are changes to the entry: data, options.
    """

    async def set_up(**changes: Any) -> MockConfigEntry:
        entry.add_to_hass(hass)
        hass.config_entries.async_update_entry(entry, **changes)
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        return entry

    return set_up


@pytest.fixture
def tick(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Tick:
    """Return a function that advances the clock and waits for tasks.

    The clock is frozen from here on; it starts at `NOW`.
    """
    freezer.move_to(NOW)

    async def tick(seconds: float) -> None:
        freezer.tick(seconds)
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)

    return tick


@pytest.fixture
def home(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    entry: MockConfigEntry,
    set_up: SetUp,
    tick: Tick,
) -> Home:
    return Home(
        hass=hass, cloud=cloud, door=door, entry=entry, set_up=set_up, advance=tick
    )
