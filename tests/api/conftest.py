"""Shared fixtures for tests of the client: a served cloud, and a client."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.tuya_lock_users.api.cloud import TuyaCloud
from custom_components.tuya_lock_users.api.endpoints import Endpoints
from simulator import OWNER, Lock, SimulatedCloud
from simulator.plain import ManualClock

type MakeClient = Callable[..., TuyaCloud]


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations() -> None:
    """Disable the fixture: no Home Assistant."""


@pytest.fixture
def clock() -> ManualClock:
    """The time, for the client and for the cloud."""
    return ManualClock()


@pytest.fixture
def cloud(clock: ManualClock) -> SimulatedCloud:
    """A cloud with one lock, four users and five unlock methods."""
    cloud = SimulatedCloud(clock=clock)
    cloud.add_account("eu1700000000000Anna1")
    door = cloud.add_lock("front", "Front door", model="VL-90")
    alice = door.add_user(
        "Alice", user_id="101", user_type=OWNER, uid="eu1700000000000Anna1"
    )
    bob = door.add_user("Bob", user_id="102", user_contact="bob@example.com")
    door.add_user("Carol", user_id="103")
    door.add_user("Dave", user_id="104")
    door.add_method("fingerprint", alice, unlock_sn=0, name="Thumb", admin=True)
    door.add_method("card", bob, name="Blue card", allocate_flag=1)
    door.add_method("password", bob, name="Code", allocate_flag=1)
    door.add_method("card", name="Stray card")
    door.add_method("remoteControl", name="Stray fob")
    return cloud


@pytest.fixture
def door(cloud: SimulatedCloud) -> Lock:
    return cloud.lock("front")


@pytest.fixture
async def session(socket_enabled: None) -> AsyncGenerator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
def make_client(
    session: ClientSession, cloud: SimulatedCloud, no_rate_limit: None
) -> MakeClient:
    """Return a function that makes clients with the credentials of the cloud."""

    def make_client(url: str, **changes: Any) -> TuyaCloud:
        arguments: dict[str, Any] = {
            "access_id": cloud.access_id,
            "access_secret": cloud.access_secret,
            "clock": cloud.clock,
        }
        return TuyaCloud(session, url=url, **arguments | changes)

    return make_client


@pytest.fixture
def client(make_client: MakeClient, endpoint: str) -> TuyaCloud:
    return make_client(endpoint)


@pytest.fixture
def locks(client: TuyaCloud) -> Endpoints:
    return Endpoints(client)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A simulated cloud, its lock, a client without a token, and the clock."""

    cloud: SimulatedCloud
    door: Lock
    client: TuyaCloud
    locks: Endpoints
    clock: ManualClock


@pytest.fixture
def site(
    cloud: SimulatedCloud,
    door: Lock,
    client: TuyaCloud,
    locks: Endpoints,
    clock: ManualClock,
) -> Site:
    return Site(cloud=cloud, door=door, client=client, locks=locks, clock=clock)
