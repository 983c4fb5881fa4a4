"""Shared fixtures for tests of the simulated cloud: a frozen clock, and a client."""

from collections.abc import AsyncGenerator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
import pytest

from simulator import SimulatedCloud
from simulator.plain import ManualClock, PlainClient


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations() -> None:
    """Disable the fixture: no Home Assistant."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def client(
    cloud: SimulatedCloud, socket_enabled: None
) -> AsyncGenerator[PlainClient]:
    async with cloud.serve() as endpoint, PlainClient(endpoint, cloud) as client:
        yield client


async def encrypted(client: PlainClient, pin: str) -> dict[str, str]:
    """Return the fields of a body with an encrypted PIN and a new ticket."""
    path = "/v1.0/devices/front/door-lock/password-ticket"
    ticket = (await client.post(path, {}))["result"]
    cipher = Cipher(algorithms.AES(client.access_secret.encode()), modes.ECB())
    key = cipher.decryptor().update(bytes.fromhex(ticket["ticket_key"]))[:16]
    filled = pin.encode() + bytes([16 - len(pin)] * (16 - len(pin)))
    hidden = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(filled).hex()
    return {
        "password": hidden,
        "password_type": "ticket",
        "ticket_id": ticket["ticket_id"],
    }
