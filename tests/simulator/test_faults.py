"""The faults of the simulated cloud."""

import asyncio
from collections.abc import AsyncGenerator
import json
from typing import Any

import aiohttp
import pytest

from simulator import MESSAGES, Lock, SimulatedCloud, User
from simulator.plain import ManualClock, PlainClient

SMART = "/v1.0/smart-lock/devices/front"
USERS = "/v1.1/devices/front/users"
PAGE = {"keyword": "", "role": "", "page_no": 1, "page_size": 2}
USER = f"{USERS}/102"
ROLE = f"{SMART}/users/102/actions/role"
CANCEL = f"{SMART}/opmodes/actions/cancel-allocate"
ADMIN = {"role": "admin"}


@pytest.fixture
def cloud() -> SimulatedCloud:
    cloud = SimulatedCloud(clock=ManualClock())
    for lock_id in ("front", "back"):
        lock = cloud.add_lock(lock_id)
        for number in range(101, 105):
            lock.add_user(f"User {number}", user_id=str(number))
    return cloud


@pytest.fixture
def door(cloud: SimulatedCloud) -> Lock:
    return cloud.lock("front")


@pytest.fixture
def user(door: Lock) -> User:
    return door.users["102"]


@pytest.fixture
async def client(
    cloud: SimulatedCloud, socket_enabled: None
) -> AsyncGenerator[PlainClient]:
    async with cloud.serve() as endpoint, PlainClient(endpoint, cloud) as client:
        await client.login()
        yield client


async def test_chance_by_seed(socket_enabled: None) -> None:
    """The same seed affects the same calls; unknown endpoints raise."""

    async def run(seed: int) -> list[bool]:
        cloud = SimulatedCloud(clock=ManualClock(), seed=seed)
        cloud.faults.refuse(1111, on="business", times=None, chance=0.5)
        async with cloud.serve() as endpoint, PlainClient(endpoint, cloud) as client:
            path = "/v1.0/iot-01/associated-users/devices"
            return [(await client.get(path))["success"] for _ in range(20)]

    with pytest.raises(ValueError, match="no endpoint is called usrs"):
        SimulatedCloud().faults.refuse(1, on="usrs")
    first = await run(1)
    assert first == await run(1) != await run(2)
    assert 0 < sum(first) < 20


@pytest.mark.parametrize("code", MESSAGES)
async def test_every_code(
    client: PlainClient, cloud: SimulatedCloud, user: User, code: int
) -> None:
    cloud.faults.refuse(code, times=3)
    replies = [
        await client.get(USER),
        await client.put(ROLE, ADMIN),
        await client.send("GET", "/v1.0/token", {"grant_type": 1}, token=""),
    ]
    assert [reply["code"] for reply in replies] == [code] * 3
    assert {reply["msg"] for reply in replies} == {MESSAGES[code]}
    assert user.user_type == 20


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_http(client: PlainClient, cloud: SimulatedCloud, status: int) -> None:
    cloud.faults.http(status, "<h1>no</h1>", headers={"Retry-After": "7"})
    async with client.request("GET", USER) as response:
        assert (response.status, response.content_type) == (status, "text/html")
        assert response.headers["Retry-After"] == "7"
        assert await response.text() == "<h1>no</h1>"
    assert (cloud.calls[-1].status, cloud.calls[-1].success) == (status, None)
    assert (await client.get(USER))["success"] is True


async def test_hang_and_release(
    client: PlainClient, cloud: SimulatedCloud, user: User
) -> None:
    """A call hangs until it is released or the faults are cleared, then succeeds."""
    for release, role in ((None, 10), (cloud.faults.clear, 20)):
        fault = cloud.faults.hang(on="set_role", times=None)
        body = {"role": "admin" if role == 10 else "normal"}
        write = asyncio.ensure_future(client.put(ROLE, body))
        while not fault.hits:
            await asyncio.sleep(0)
        assert (await client.get(USER))["result"]["user_type"] == 30 - role
        assert cloud.calls.most_in_flight == 2
        (release or fault.release)()
        assert (await write)["success"] is True
        assert user.user_type == role
        assert (await client.put(ROLE, body))["success"] is True


async def test_hang_and_latency(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A call can hang for some time, and others be delayed."""
    loop = asyncio.get_running_loop()
    cloud.faults.hang(0.05)
    start = loop.time()
    await client.get(USER)
    assert loop.time() - start >= 0.05
    cloud.faults.latency(0.02, jitter=0.01)
    start = loop.time()
    await client.get(USER)
    await client.get(USER)
    assert loop.time() - start >= 0.04


async def test_stop_while_hanging(cloud: SimulatedCloud, socket_enabled: None) -> None:
    """The server stops at once despite hanging calls, and leaves no task."""
    loop = asyncio.get_running_loop()
    before = asyncio.all_tasks()
    cloud.faults.hang(on="tokens")
    async with cloud.serve() as endpoint, PlainClient(endpoint, cloud) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.login()
        cloud.faults.hang(on="tokens")
        waiting = asyncio.ensure_future(client.login())
        while len(cloud.calls) < 2:
            await asyncio.sleep(0)
        start = loop.time()
    assert loop.time() - start < 2
    with pytest.raises(aiohttp.ClientConnectionError):
        await waiting
    assert asyncio.all_tasks() <= before


async def test_cut(client: PlainClient, cloud: SimulatedCloud, user: User) -> None:
    """The connection is cut before anything is done, or in the middle of the body."""
    cloud.faults.cut()
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.put(ROLE, ADMIN)
    assert user.user_type == 20
    assert (cloud.calls[-1].status, cloud.calls[-1].success) == (None, None)
    cloud.faults.cut("middle")
    async with client.request("GET", USER) as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


@pytest.mark.parametrize("how", ["cut", "cut after", "hang", "http", "refuse"])
async def test_lost_reply(
    client: PlainClient, cloud: SimulatedCloud, user: User, how: Any
) -> None:
    """A write takes effect, and its reply is lost."""
    if how == "cut after":
        cloud.faults.cut("after")
    else:
        cloud.faults.lose_reply(how, on="writes")
    match how:
        case "cut" | "cut after":
            with pytest.raises(aiohttp.ClientConnectionError):
                await client.put(ROLE, ADMIN)
        case "hang":
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await client.put(ROLE, ADMIN)
        case "http":
            async with client.request("PUT", ROLE, body=ADMIN) as response:
                assert response.status == 502
        case "refuse":
            assert (await client.put(ROLE, ADMIN))["code"] == 500
    assert user.user_type == 10
    assert len(cloud.calls.writes) == 1


@pytest.mark.parametrize(
    "body", ["", "<html>maintenance</html>", "{", "\ud800", b"\xff\xfe", "[]" * 9]
)
async def test_not_json(
    client: PlainClient, cloud: SimulatedCloud, body: bytes | str
) -> None:
    cloud.faults.body(body)
    async with client.request("GET", USER) as response:
        assert response.status == 200
        with pytest.raises(ValueError):
            json.loads(await response.read())


async def test_odd_results(client: PlainClient, cloud: SimulatedCloud) -> None:
    values: list[Any] = [[], "text", 5, None, {}, [[[]]], True]
    for value in values:
        cloud.faults.json(value)
        async with client.request("GET", USER) as response:
            assert await response.json() == value
    plain = (await client.get(USER))["result"]
    cloud.faults.edit(lambda result: result | {"nick_name": 5})
    assert (await client.get(USER))["result"] == plain | {"nick_name": 5}


async def test_oversized(client: PlainClient, cloud: SimulatedCloud) -> None:
    """An oversized reply has more than 5 MB, and is valid."""
    cloud.faults.oversized()
    async with client.request("GET", USER) as response:
        body = await response.read()
    assert len(body) > 5_000_000
    assert b'"nick_name": "User 102"' in body


async def test_kill_token(client: PlainClient, cloud: SimulatedCloud) -> None:
    cloud.faults.kill_token(after=1)
    assert (await client.get(USER))["success"] is True
    replies = await asyncio.gather(*(client.get(USER) for _ in range(4)))
    assert [reply["code"] for reply in replies] == [1010] * 4
    await client.login()
    assert (await client.get(USER))["success"] is True
    assert cloud.tokens.issued == 2
