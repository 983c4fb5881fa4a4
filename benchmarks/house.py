"""Home Assistant with the integration, a simulated cloud, and simulated time.

Nothing here opens a socket: requests go directly to the handler of the simulated cloud, or
to recorded replies. So time can be simulated, and only the integration is measured.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
import logging
import selectors
import tempfile
from typing import Any, Final
from unittest.mock import AsyncMock, Mock, patch

from aiohttp.test_utils import make_mocked_request
from freezegun import freeze_time
from freezegun.api import (
    FrozenDateTimeFactory,
    StepTickTimeFactory,
    TickingDateTimeFactory,
)
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)
from pytest_homeassistant_custom_component.plugins import pytest_runtest_setup

from custom_components.tuya_lock_users.api import rate_limit
from custom_components.tuya_lock_users.api.cloud import TuyaCloud
from custom_components.tuya_lock_users.const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_DATA_CENTER,
    CONF_PUSH,
    DOMAIN,
)
from custom_components.tuya_lock_users.coordinator.lock import LockCoordinator
from custom_components.tuya_lock_users.coordinator.project import ProjectCoordinator
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from simulator import MEMBER, OWNER, Lock, Schedule, SimulatedCloud, Window

type Clock = FrozenDateTimeFactory | StepTickTimeFactory | TickingDateTimeFactory
type Reply = tuple[int, bytes]
type Carry = Callable[[str, str, Mapping[str, str]], Coroutine[Any, Any, Reply]]

METHODS: Final = ("fingerprint", "card", "password", "face")
ENDPOINT: Final = "http://127.0.0.1:1"
SHORTEST_LEAP_SECONDS: Final = 1e-6
START: Final = datetime(2026, 12, 1, 12, tzinfo=UTC)


# --- Time --------------------------------------------------------------------------


class _LeapingSelector(selectors.DefaultSelector):
    """Skips the time in which nothing happens, except while threads work."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.threads_at_work = 0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or self.threads_at_work:
            return super().select(None if timeout is None else min(timeout, 1))
        # Work takes no time, but the clock must not stand still.
        self.clock.tick(max(timeout, SHORTEST_LEAP_SECONDS))
        return super().select(0)


class _LeapingLoop(asyncio.SelectorEventLoop):
    """An event loop of simulated time."""

    def __init__(self, clock: Clock) -> None:
        self._leaping = _LeapingSelector(clock)
        super().__init__(self._leaping)

    def run_in_executor[Result, *Arguments](
        self,
        executor: Executor | None,
        func: Callable[[*Arguments], Result],
        *args: *Arguments,
    ) -> asyncio.Future[Result]:
        future = super().run_in_executor(executor, func, *args)
        self._leaping.threads_at_work += 1
        future.add_done_callback(self._at_rest)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        self._leaping.threads_at_work += 1
        await super().shutdown_default_executor(timeout)

    def _at_rest(self, _: object) -> None:
        self._leaping.threads_at_work -= 1


def run_in_simulated_time[Result](main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in simulated time."""
    _be_quiet()
    pytest_runtest_setup()  # Home Assistant's adaptations of freezegun
    with (
        freeze_time(START) as clock,
        asyncio.Runner(loop_factory=lambda: _LeapingLoop(clock)) as runner,
    ):
        return runner.run(main)


def run[Result](main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in real time, without the rate limit."""

    async def go_on(_: rate_limit.Pace) -> None:
        """Do not wait."""

    _be_quiet()
    with patch.object(rate_limit.Pace, "_wait_for_turn", go_on):
        return asyncio.run(main)


def _be_quiet() -> None:
    """Log errors only, not the warnings of a busy machine."""
    logging.getLogger().setLevel(logging.ERROR)


# --- The way to the cloud ----------------------------------------------------------


def carrier(cloud: SimulatedCloud, *, seconds: float = 0) -> Carry:
    """Return a function that sends reads to the cloud without a socket."""
    app = cloud.app()

    async def carry(method: str, url: str, headers: Mapping[str, str]) -> Reply:
        await asyncio.sleep(seconds)
        path = f"/{url.split('/', 3)[3]}"
        request = make_mocked_request(method, path, headers)
        match = await app.router.resolve(request)
        response: Any = await match.handler(request)
        return response.status, bytes(response.body)

    return carry


class Recorder:
    """Sends requests, and replays the replies of repeated ones."""

    def __init__(self, carry: Carry) -> None:
        """Initialize without recordings."""
        self.replies: dict[str, Reply] = {}
        self._carry = carry

    async def __call__(
        self, method: str, url: str, headers: Mapping[str, str]
    ) -> Reply:
        """Return the reply to a request."""
        # Replies from a network are never immediate, so let other tasks run first.
        await asyncio.sleep(0)
        if (reply := self.replies.get(url)) is None:
            reply = self.replies[url] = await self._carry(method, url, headers)
        return reply

    def bodies(self, part: str) -> list[bytes]:
        """Return the recorded replies to requests whose URL contains a part."""
        return [body for url, (_, body) in self.replies.items() if part in url]


@asynccontextmanager
async def carried(carry: Carry) -> AsyncGenerator[None]:
    """Send the requests of the client this way."""

    async def transfer(
        _: TuyaCloud, method: str, url: str, headers: Mapping[str, str], __: bytes
    ) -> Reply:
        return await carry(method, url, headers)

    with patch.object(TuyaCloud, "_transfer", transfer):
        yield


# --- Home Assistant ----------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Home:
    """Home Assistant with the project set up."""

    hass: HomeAssistant
    entry: MockConfigEntry

    @property
    def project(self) -> ProjectCoordinator:
        """Return the coordinator of the project."""
        project: ProjectCoordinator = self.entry.runtime_data
        return project

    @property
    def locks(self) -> list[LockCoordinator]:
        """Return the coordinators of the locks."""
        return list(self.project.locks.values())

    async def settle(self) -> None:
        """Wait for all tasks, including full refreshes."""
        await self.hass.async_block_till_done(wait_background_tasks=True)


@asynccontextmanager
async def home(
    cloud: SimulatedCloud, carry: Carry, *, messages_from: str = ""
) -> AsyncGenerator[Home]:
    """Run Home Assistant with the project of a cloud.

    With an address it receives messages from there, otherwise it reads records.
    """
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Tuya project",
        unique_id=cloud.project_uid,
        data={
            CONF_DATA_CENTER: messages_from or ENDPOINT,
            CONF_ACCESS_ID: cloud.access_id,
            CONF_ACCESS_SECRET: cloud.access_secret,
        },
        options={CONF_PUSH: bool(messages_from)},
    )
    with tempfile.TemporaryDirectory() as folder:
        async with (
            carried(carry),
            async_test_home_assistant(config_dir=folder) as hass,
        ):
            hass.data.pop(DATA_CUSTOM_COMPONENTS)
            # The calendar requires the frontend.
            hass.config.components.add("http")
            hass.http = Mock(async_register_static_paths=AsyncMock())
            with patch(
                "homeassistant.helpers.aiohttp_client._async_make_resolver",
                return_value=AsyncMock(),
            ):
                entry.add_to_hass(hass)
                await hass.config_entries.async_setup(entry.entry_id)
            assert entry.state is ConfigEntryState.LOADED
            yield Home(hass=hass, entry=entry)
            await hass.config_entries.async_unload(entry.entry_id)
            await hass.async_stop(force=True)


# --- Locks and users ---------------------------------------------------------------


def add_lock(cloud: SimulatedCloud, users: int, methods: int = 1) -> Lock:
    """Add a lock with users and unlock methods.

    Every third user has a schedule with windows, like a guest.
    """
    number = len(cloud.locks) + 1
    lock = cloud.add_lock(f"lock{number}", f"Lock {number}")
    start = int(START.timestamp()) - 86_400
    for index in range(users):
        user = lock.add_user(
            f"User {index} of lock {number}",
            user_type=MEMBER if index else OWNER,
            user_contact=f"user{index}@example.com",
        )
        if index % 3 == 2:
            user.schedule = Schedule(
                permanent=False,
                effective_time=start,
                expired_time=start + 300 * 86_400,
                windows=[Window(62, 480, 1080, "Europe/Berlin")],
            )
        for kind in METHODS[:methods]:
            lock.add_method(kind, user, name=f"{kind.title()} of {index}")
    return lock


def project(locks: int, users: int, methods: int = 1, **dialect: Any) -> SimulatedCloud:
    """Return the cloud of a project with identical locks."""
    cloud = SimulatedCloud()
    cloud.dialects.set(**dialect)
    for _ in range(locks):
        add_lock(cloud, users, methods)
    return cloud
