"""The simulated cloud as a program: its locks, command line and controls."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import signal
import sys
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer
from freezegun.api import FrozenDateTimeFactory
import pytest

from simulator import OWNER, SimulatedCloud
from simulator.control import Control
from simulator.plain import ManualClock, PlainClient
from simulator.seed import ACCOUNT, plant
from tests.common import load_fixture

SEED = load_fixture("simulator/seed")
ROOT = Path(__file__).parents[2]
PAGE = {"page_no": 1, "page_size": 50}
USERS = {"keyword": "", "role": "", **PAGE}
OPMODES = {"codes": "", "unlock_name": "", **PAGE}
FRONT, GATE, FLAT = (f"vdevo170000000000000{number}" for number in (1, 2, 3))


@pytest.fixture
def cloud() -> SimulatedCloud:
    return plant(SimulatedCloud(clock=ManualClock()))


async def test_seed_users(client: PlainClient) -> None:
    users = (await client.get(f"/v1.1/devices/{FRONT}/users", **USERS))["result"]
    schedules = {
        user["nick_name"]: [
            user["user_type"],
            user["effective_flag"],
            user["time_schedule_info"].get("delivery_status"),
            len(user["time_schedule_info"].get("schedule_details", ())),
        ]
        for user in users["records"]
    }
    assert schedules == SEED["users"]
    # Limits are local days: in January, Berlin is one hour ahead; in November too.
    info = users["records"][3]["time_schedule_info"]
    assert (info["effective_time"] + 3600) % 86_400 == 0
    assert (info["expired_time"] + 3601) % 86_400 == 0
    assert info["schedule_details"][0]["time_zone_id"] == "Europe/Berlin"
    path = f"/v1.0/devices/{FRONT}/door-lock"
    (absent,) = (await client.get(f"{path}/absent-users"))["result"]
    assert absent["user_type"] == 20
    keys = (await client.get(f"{path}/unassigned-keys"))["result"]["unlock_keys"]
    types = {"fingerprint", "card", "password", "face"}
    assert {key["unlock_type"] for key in keys} == types
    owner = users["records"][0]["user_id"]
    path = f"/v1.0/smart-lock/devices/{FRONT}/opmodes/{owner}"
    methods = (await client.get(path, **OPMODES))["result"]["records"]
    assert {method["unlock_sn"] for method in methods} == {0, 1}


async def test_seed_locks(client: PlainClient, cloud: SimulatedCloud) -> None:
    """One lock supports older calls only, one is offline, two devices are no locks."""
    path = "/v1.0/iot-01/associated-users/devices"
    devices = (await client.get(path))["result"]["devices"]
    assert {one["name"]: one["online"] for one in devices} == SEED["devices"]
    assert {device["uid"] for device in devices} == {ACCOUNT}
    query = {"codes": "unlock_card", **PAGE}
    reply = await client.get(f"/v1.0/smart-lock/devices/{GATE}/users", **query)
    assert reply["code"] == 2009
    assert (await client.get(f"/v1.1/devices/{GATE}/users", **USERS))["success"] is True
    assert (await client.get(f"/v1.1/devices/{FLAT}/users", **USERS))["success"] is True
    keeper = list(cloud.lock("Holiday flat").users)[-1]
    path = f"/v1.0/smart-lock/devices/{FLAT}/users/{keeper}/actions/role"
    assert (await client.put(path, {"role": "normal"}))["code"] == 2001


async def test_frozen_time(
    freezer: FrozenDateTimeFactory, socket_enabled: None
) -> None:
    freezer.move_to("2026-11-22 10:00:00+00:00")
    cloud = SimulatedCloud()
    door = cloud.add_lock("front")
    door.add_user("Olivia", user_type=OWNER)
    guest = door.add_user("Gus", user_id="7")
    path = f"/v1.0/smart-lock/devices/front/users/{guest.user_id}/schedule"

    async def status(client: PlainClient) -> str:
        reply = await client.get("/v1.1/devices/front/users/7")
        found: str = reply["result"]["time_schedule_info"]["delivery_status"]
        return found

    async with cloud.serve() as endpoint, PlainClient(endpoint, cloud) as client:
        reply = await client.put(path, {"schedule": {"permanent": True}})
        assert reply["t"] == 1795341600000
        assert await status(client) == "ONGOING"
        freezer.tick(3)
        assert await status(client) == "SUCCESS"
        hang = cloud.faults.hang(5)
        waiting = asyncio.ensure_future(status(client))
        while not hang.hits:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not waiting.done()
        freezer.tick(6)
        assert await waiting == "SUCCESS"


async def test_other_server(cloud: SimulatedCloud, socket_enabled: None) -> None:
    """The application runs under any server, and stops though a call hangs."""
    loop = asyncio.get_running_loop()
    hang = cloud.faults.hang(on="account_devices")
    async with TestServer(cloud.app()) as server:
        async with PlainClient(str(server.make_url("")).rstrip("/"), cloud) as client:
            await client.login()
            path = f"/v1.0/smart-lock/users/{ACCOUNT}/devices"
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await client.get(path, **PAGE)
        start = loop.time()
    assert loop.time() - start < 2
    assert hang.hits == 1


@asynccontextmanager
async def _running(*arguments: str) -> AsyncGenerator[tuple[Process, str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "--port", "0", *arguments,
        cwd=ROOT, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield process, (await process.stdout.readline()).decode()
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_command_line(socket_enabled: None, number: int) -> None:
    """The program prints its endpoint, serves, and ends cleanly on a signal."""
    async with _running("--json", "--delay", "1.5") as (process, line):
        facts = json.loads(line)
        assert facts.keys() == {
            "endpoint",
            "access_id",
            "access_secret",
            "account_uid",
            "project_uid",
        }
        cloud = SimulatedCloud(
            access_id=facts["access_id"], access_secret=facts["access_secret"]
        )
        async with PlainClient(facts["endpoint"], cloud) as client:
            uid = (await client.login())["result"]["uid"]
            path = f"/v1.0/smart-lock/users/{facts['account_uid']}/devices"
            reply = await client.get(path, **PAGE)
            process.send_signal(number)
            async with asyncio.timeout(10):
                out, err = await process.communicate()
    assert uid == facts["project_uid"]
    assert reply["result"]["total"] == 6
    assert (process.returncode, out, err) == (0, b"", b"")


async def test_text_output(socket_enabled: None) -> None:
    async with _running() as (process, line):
        assert line == "A simulated Tuya cloud, until Ctrl-C:\n"
        assert process.stdout is not None
        lines = [(await process.stdout.readline()).decode() for _ in range(6)]
    assert lines[0].split()[0] == "endpoint"
    assert lines[-1].rstrip().endswith("/_control")


async def test_refused_addresses(cloud: SimulatedCloud, socket_enabled: None) -> None:
    """Only loopback addresses are served, and ports that are free; no traceback."""
    async with cloud.serve() as endpoint:
        port = endpoint.rpartition(":")[2]
        for option, value, code, text in (
            ("--host", "0.0.0.0", 2, b"loopback"),
            ("--host", "192.0.2.1", 2, b"loopback"),
            ("--host", "example.com", 2, b"loopback"),
            ("--port", port, 1, b"cannot listen"),
        ):
            async with _running(option, value) as (process, line):
                async with asyncio.timeout(20):
                    _, err = await process.communicate()
            assert (line, process.returncode) == ("", code)
            assert text in err
            assert b"Traceback" not in err


async def test_control(cloud: SimulatedCloud, socket_enabled: None) -> None:
    """The state can be changed manually; invalid changes are reported."""
    door = cloud.lock("Front door")

    async with (
        cloud.serve(extend=Control(cloud).mount) as endpoint,
        aiohttp.ClientSession(f"{endpoint}/_control/") as session,
        PlainClient(endpoint, cloud) as client,
    ):

        async def command(name: str, /, **given: Any) -> dict[str, Any]:
            async with session.post(name, json=given) as response:
                reply: dict[str, Any] = await response.json()
                assert (response.status == 200) is ("done" in reply)
                return reply

        lock = {"lock": "Front door"}
        user_id = (await command("add", **lock, name="Hanna", type=10))["result"]
        assert door.users[user_id].user_type == 10
        await command("expire", lock=FRONT, user=user_id)
        assert door.users[user_id].schedule.effective_flag(cloud.now) == 0
        await command("permanent", **lock, user="Hanna")
        assert door.users[user_id].schedule.permanent
        await command("delivery", **lock, outcome="FAILED", delay=9)
        assert door.delivery is not None
        await command("delivery", outcome="NEVER")
        assert (door.delivery.outcome, cloud.delivery.outcome) == ("FAILED", "NEVER")
        await client.login()
        path = f"/v1.1/devices/{FRONT}/users/0"
        await command("fail", code=2001, on="user_v11")
        assert (await client.get(path))["code"] == 2001
        await command("fail", code=500, times=None)
        await command("heal")
        assert (await client.get(path))["success"] is True
        await command("token")
        assert (await client.get(path))["code"] == 1010

        for name, given in (
            ("rename", {"lock": "Front door", "user": "Nobody", "name": "x"}),
            ("rename", {"lock": "No door", "user": "Mia Ortmann", "name": "x"}),
            ("rename", {}),
            ("delivery", {"outcome": "MAYBE"}),
            ("fail", {"code": "x"}),
            ("fail", {"code": 1, "on": "no such endpoint"}),
        ):
            assert "error" in await command(name, **given)
        async with session.post("rename", data=b"{") as response:
            assert response.status == 400
        async with session.get("state") as response:
            state = await response.json()
            assert state["Garden gate"]["users"][0]["nick_name"] == "Olivia Ortmann"
        async with session.get("calls") as response:
            assert (await response.json())["user_v11"] == 3
        async with session.get(f"{endpoint}/_control") as response:
            assert f"{endpoint}/_control/rename" in await response.text()


async def test_control_doors(cloud: SimulatedCloud, socket_enabled: None) -> None:
    """Doors open on request, and users come home automatically."""
    control = Control(cloud)
    door = cloud.lock("Front door")
    async with (
        cloud.serve(extend=control.mount) as endpoint,
        aiohttp.ClientSession(endpoint) as session,
    ):
        for command, given in (
            ("open", {"lock": "Front door", "user": "Mia Ortmann"}),
            ("open", {"lock": "Front door", "way": "app"}),
            ("alarm", {"lock": "Front door", "word": "pry"}),
            ("ring", {"lock": "Front door"}),
        ):
            async with session.post(f"/_control/{command}", json=given) as response:
                assert response.status == 200
        assert [row.code for row in door.history.rows] == [
            *("unlock_fingerprint", "unlock_app", "alarm_lock", "doorbell")
        ]
        assert door.history.rows[0].nick_name == "Mia Ortmann"
        async with session.get("/_control/doors") as response:
            assert "Mia Ortmann: Blue card" in await response.text()
        happened = len(cloud.queue.topics["event"].subscriptions["sub"].waiting)
        await session.post("/_control/visits", json={"every": 0.01})
        async with asyncio.timeout(5):
            while cloud.queue.backlog() < happened + 5:
                await asyncio.sleep(0.01)
        await session.post("/_control/visits", json={"every": 0})
