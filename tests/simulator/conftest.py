"""What the tests of the simulated cloud share: a clock that stands, and a client."""

from collections.abc import AsyncGenerator

import pytest

from simulator import SimulatedCloud
from simulator.plain import ManualClock, PlainClient


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations() -> None:
    """Do without Home Assistant."""


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands."""
    return ManualClock()


@pytest.fixture
async def client(
    cloud: SimulatedCloud, socket_enabled: None
) -> AsyncGenerator[PlainClient]:
    """A client of the served cloud."""
    async with cloud.serve() as endpoint, PlainClient(endpoint, cloud) as client:
        yield client
