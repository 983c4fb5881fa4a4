"""Shared fixtures for tests of actions: a lock with all kinds of users, frozen time.

Time is frozen for the cloud and for Home Assistant (`NOW`, a Wednesday at 11:00 in
Berlin) and runs on for the event loop, so that waiting is short and real. Commands
reach the lock at once by default.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator
import time
from unittest.mock import patch

from freezegun import api as freezegun, freeze_time
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.core import HomeAssistant
from simulator import ADMIN, OWNER, WORKDAYS, Lock, Schedule, SimulatedCloud, Window
from simulator.dialects import Dialect
from tests.conftest import NOW, SetUp

from .calling import Act
from .cases import Write

_PACKAGE = f"custom_components.{DOMAIN}"


@pytest.fixture(autouse=True)
async def freezer() -> AsyncGenerator[FrozenDateTimeFactory]:
    """Freeze the time; the clock of the event loop runs on, and follows changes.

    The debug mode of the loop is off: it takes half of the time.
    """
    loop = asyncio.get_running_loop()
    start = NOW.timestamp()
    loop.set_debug(False)

    def now() -> float:
        # freezegun does not patch this name.
        return freezegun.real_monotonic() + time.time() - start

    with (
        freeze_time(NOW, ignore=["_pytest"]) as frozen,
        patch.object(loop, "time", now),
    ):
        assert isinstance(frozen, FrozenDateTimeFactory)
        yield frozen


@pytest.fixture(autouse=True)
def no_read_back_delay() -> Generator[None]:
    """Read back without a delay, and poll pending changes soon."""
    with (
        patch(f"{_PACKAGE}.commands.verify.READ_BACK_SECONDS", (0.0, 0.0, 0.0)),
        patch(f"{_PACKAGE}.commands.verify.WATCH_SECONDS", (0.001, 0.002)),
        patch(f"{_PACKAGE}.commands.purge.PURGE_WAIT_SECONDS", 0.02),
        patch(f"{_PACKAGE}.commands.enrollment.FIRST_PAUSES", ()),
        patch(f"{_PACKAGE}.commands.enrollment.POLL_SECONDS", 0.005),
        patch(f"{_PACKAGE}.commands.method_changes.SYNC_PAUSES", (0.0, 0.0)),
        patch(f"{_PACKAGE}.coordinator.enrollment.WINDOW_SECONDS", 0.2),
    ):
        yield


@pytest.fixture
def door(cloud: SimulatedCloud, request: pytest.FixtureRequest) -> Lock:
    """A lock with an owner, an administrator and members, and unassigned methods.

    Mia has permanent access, Clara on workday mornings; Emil is expired, and Ada absent
    with a card. The lock is in Berlin.
    """
    cloud.delivery.delay = 0
    door = cloud.add_lock("front", "Front door")
    olivia = door.add_user(
        "Olivia",
        user_id="olivia",
        user_type=OWNER,
        uid=cloud.accounts[0],
        user_contact="olivia@example.com",
        avatar_url="https://images.example.com/olivia.png",
        back_home_notify_attr=1,
        sex=2,
    )
    door.add_method("fingerprint", olivia, unlock_sn=0, name="Thumb", admin=True)
    anton = door.add_user("Anton", user_id="anton", user_type=ADMIN, sex=1)
    door.add_method("remoteControl", anton, name="Key fob")
    mia = door.add_user(
        "Mia", user_id="mia", user_contact="mia@example.com", sex=2, height=165
    )
    door.add_method("fingerprint", mia, name="Index finger")
    door.add_method("card", mia, name="Blue card", allocate_flag=1)
    door.add_method("password", mia, name="Code", allocate_flag=1, msg_phone="49-30-1")
    clara = door.add_user("Clara", user_id="clara", sex=2)
    clara.schedule = Schedule(
        permanent=False,
        effective_time=1_790_000_000,
        expired_time=1_830_000_000,
        windows=[Window(WORKDAYS, 540, 720, "Europe/Berlin")],
    )
    emil = door.add_user("Emil", user_id="emil", sex=1)
    door.expire(emil)
    ada = door.add_user("Ada", user_id="ada", sex=2)
    door.add_method("card", ada, name="Lost card")
    door.remove_user("ada")
    door.add_method("card", name="New card")
    door.add_method("fingerprint", name="")
    write = _params(request).get("write")
    if isinstance(write, Write) and write.prepare:
        write.prepare(cloud, door)
    return door


def _params(request: pytest.FixtureRequest) -> dict[str, object]:
    callspec = getattr(request.node, "callspec", None)
    return callspec.params if callspec else {}


@pytest.fixture
async def ready(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> MockConfigEntry:
    """The project, set up in Berlin; the calls of the setup are not counted."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    entry = await set_up()
    cloud.calls.clear()
    return entry


@pytest.fixture
def act(
    hass: HomeAssistant, ready: MockConfigEntry, cloud: SimulatedCloud, door: Lock
) -> Act:
    return Act(hass, ready, cloud, door)


@pytest.fixture
async def names_only(act: Act, cloud: SimulatedCloud) -> Dialect:
    """A lock that lists names only; return its dialects."""
    front = cloud.dialects.of("front")
    front.unsupported = {"smart_lock_users": 1108, "users_v11": 1108}
    await act("get_users", fresh=True)
    cloud.calls.clear()
    return front
