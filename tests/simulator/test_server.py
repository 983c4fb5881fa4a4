"""The HTTP server of the simulated cloud, which no scenario covers."""

from typing import Any

import aiohttp
import pytest

from simulator import SimulatedCloud
from simulator.plain import ManualClock, PlainClient

DEVICES = "/v1.0/iot-01/associated-users/devices"
USERS = "/v1.1/devices/front/users"
PAGE = {"keyword": "", "role": "", "page_no": 1, "page_size": 20}


@pytest.fixture
def cloud(clock: ManualClock) -> SimulatedCloud:
    cloud = SimulatedCloud(clock=clock)
    door = cloud.add_lock("front", "Front door")
    door.add_user("Alice Example")
    door.add_user("Bob Example")
    return cloud


async def test_lower_case_signature(client: PlainClient) -> None:
    await client.login()
    # Nor do tests have the control surface.
    assert (await client.send("GET", "/_control"))["code"] == 1108
    client.upper = False
    assert (await client.send("GET", DEVICES))["code"] == 1004


@pytest.mark.parametrize("code", [1010, 1011, 1012, 1400])
async def test_killed_token(
    client: PlainClient, cloud: SimulatedCloud, code: int
) -> None:
    await client.login()
    cloud.kill_token(code)
    assert (await client.get(DEVICES))["code"] == code
    await client.login()
    assert (await client.get(DEVICES))["success"] is True
    assert cloud.tokens.issued == 2


@pytest.mark.parametrize("body", [b'{"nick_name"', b"\xff", [], "text", 5, None])
async def test_invalid_body(client: PlainClient, body: Any) -> None:
    reply = await client.post("/v1.0/devices/front/user", body)
    assert reply["code"] == (1100 if body is None else 1109)


async def test_recorded_calls(client: PlainClient, cloud: SimulatedCloud) -> None:
    user = next(iter(cloud.lock("front").users))
    await client.get(USERS, **PAGE)
    await client.put(
        f"/v1.0/smart-lock/devices/front/users/{user}/actions/role", {"role": "king"}
    )
    assert cloud.calls.counts() == {"token": 1, "users_v11": 1, "set_role": 1}
    assert cloud.calls.counts(lock="front") == {"users_v11": 1, "set_role": 1}
    (read,) = cloud.calls.to("users_v11")
    assert (read.method, read.path, read.lock) == ("GET", USERS, "front")
    assert read.query == {key: str(value) for key, value in PAGE.items()}
    assert (read.success, read.code, read.status, read.body) == (True, None, 200, None)
    (write,) = cloud.calls.writes
    assert (write.endpoint, write.user, write.body) == (
        "set_role",
        user,
        {"role": "king"},
    )
    assert (write.success, write.code) == (False, 1109)
    assert cloud.calls.most_in_flight == 1


async def test_stop_with_open_connection(
    cloud: SimulatedCloud, socket_enabled: None
) -> None:
    """An open connection does not prevent the server from stopping."""
    async with aiohttp.ClientSession() as session:
        async with (
            cloud.serve() as endpoint,
            session.get(f"{endpoint}{DEVICES}") as response,
        ):
            assert (await response.json())["code"] == 1105
        with pytest.raises(aiohttp.ClientError):
            await session.get(f"{endpoint}{DEVICES}")
