"""Every fault of the simulated cloud, seen from a client."""

import asyncio
from collections.abc import AsyncGenerator
import json
import random
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
ADMIN = {"role": "admin"}


@pytest.fixture
def cloud() -> SimulatedCloud:
    """A cloud with two locks of four users each."""
    cloud = SimulatedCloud(clock=ManualClock())
    for lock_id in ("front", "back"):
        lock = cloud.add_lock(lock_id)
        for number in range(101, 105):
            lock.add_user(f"User {number}", user_id=str(number))
    return cloud


@pytest.fixture
def door(cloud: SimulatedCloud) -> Lock:
    """The first lock."""
    return cloud.lock("front")


@pytest.fixture
def user(door: Lock) -> User:
    """The user that orders are about."""
    return door.users["102"]


@pytest.fixture
async def client(
    cloud: SimulatedCloud, socket_enabled: None
) -> AsyncGenerator[PlainClient]:
    """A client of a served cloud that has its token."""
    async with cloud.serve() as endpoint, PlainClient(endpoint, cloud) as client:
        await client.login()
        yield client


# --- which calls are struck ---


async def test_marks(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A fault strikes only the calls that bear its marks."""
    other = "/v1.1/devices/back/users/102"
    cloud.faults.refuse(1001, on="user_v11", lock="front", times=None)
    cloud.faults.refuse(1002, user="103", times=None)
    cloud.faults.refuse(1003, path="/back/users/104", times=None)
    cloud.faults.refuse(1005, method="PUT", times=None)
    cloud.faults.refuse(1007, on={"users_v11", "users_v10"}, lock="back", times=None)
    codes = [
        (await client.get(USER)).get("code"),
        (await client.get(other)).get("code"),
        (await client.get("/v1.1/devices/back/users/103")).get("code"),
        (await client.get("/v1.1/devices/back/users/104")).get("code"),
        (await client.put(ROLE, ADMIN)).get("code"),
        (await client.get("/v1.0/devices/back/users")).get("code"),
        (await client.get("/v1.0/devices/front/users")).get("code"),
    ]
    assert codes == [1001, None, 1002, 1003, 1005, 1007, None]
    with pytest.raises(ValueError, match="no endpoint is called usrs"):
        cloud.faults.refuse(1, on="usrs")


async def test_user_in_the_body(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A user who is named in the body is marked, too."""
    cloud.faults.refuse(1199, user="102")
    body = {"user_id": "102", "unlock_list": []}
    reply = await client.post(f"{SMART}/opmodes/actions/cancel-allocate", body)
    assert reply["code"] == 1199


@pytest.mark.parametrize(
    ("group", "struck"),
    [
        ("reads", [False, True, False]),
        ("writes", [False, False, True]),
        ("business", [False, True, True]),
        ("tokens", [True, False, False]),
        ((), [True, True, True]),
    ],
)
async def test_groups(
    client: PlainClient, cloud: SimulatedCloud, group: Any, struck: list[bool]
) -> None:
    """Groups of endpoints have names of their own."""
    cloud.faults.refuse(1111, on=group, times=None)
    replies = [
        await client.send("GET", "/v1.0/token", {"grant_type": 1}, token=""),
        await client.get(USER),
        await client.put(ROLE, ADMIN),
    ]
    assert [reply.get("code") == 1111 for reply in replies] == struck


async def test_times_after_and_release(
    client: PlainClient, cloud: SimulatedCloud
) -> None:
    """A fault lets some calls pass, strikes some, and can be taken back."""

    async def codes(number: int) -> list[int | None]:
        return [(await client.get(USER)).get("code") for _ in range(number)]

    fault = cloud.faults.refuse(1111, after=1, times=2)
    assert await codes(4) == [None, 1111, 1111, None]
    assert fault.hits == 2
    fault = cloud.faults.refuse(1111, times=None)
    assert await codes(2) == [1111, 1111]
    fault.remove()
    assert await codes(1) == [None]
    cloud.faults.refuse(1111, times=None)
    cloud.faults.clear()
    assert await codes(1) == [None]
    assert [call.faults for call in cloud.calls[2:4]] == [["refuse"], ["refuse"]]


async def test_chance_comes_from_the_seed(socket_enabled: None) -> None:
    """The same seed strikes the same calls."""

    async def run(seed: int) -> list[bool]:
        cloud = SimulatedCloud(clock=ManualClock(), seed=seed)
        cloud.faults.refuse(1111, on="business", times=None, chance=0.5)
        async with cloud.serve() as endpoint, PlainClient(endpoint, cloud) as client:
            path = "/v1.0/iot-01/associated-users/devices"
            return [(await client.get(path))["success"] for _ in range(20)]

    first = await run(1)
    assert first == await run(1) != await run(2)
    assert 0 < sum(first) < 20


# --- refusals ---


@pytest.mark.parametrize("code", MESSAGES)
async def test_every_code(
    client: PlainClient, cloud: SimulatedCloud, user: User, code: int
) -> None:
    """Every code can be had on a read, on a write and for the token."""
    cloud.faults.refuse(code, times=3)
    replies = [
        await client.get(USER),
        await client.put(ROLE, ADMIN),
        await client.send("GET", "/v1.0/token", {"grant_type": 1}, token=""),
    ]
    assert [reply["code"] for reply in replies] == [code] * 3
    assert {reply["msg"] for reply in replies} == {MESSAGES[code]}
    assert user.user_type == 20


async def test_own_text(client: PlainClient, cloud: SimulatedCloud) -> None:
    """Text and number are free."""
    cloud.faults.refuse(123456, "what?")
    reply = await client.get(USER)
    assert (reply["code"], reply["msg"]) == (123456, "what?")
    cloud.faults.refuse(123456)
    assert (await client.get(USER))["msg"] == "request failed"


async def test_refusal_needs_a_good_signature(
    client: PlainClient, cloud: SimulatedCloud
) -> None:
    """A planted refusal hides no wrong signature."""
    cloud.faults.refuse(1111)
    assert (await client.send("GET", USER, headers={"nonce": "x"}))["code"] == 1004


async def test_quota_plan_and_permissions(
    client: PlainClient, cloud: SimulatedCloud
) -> None:
    """The conditions of the project are refusals of many calls."""
    token = ("GET", "/v1.0/token", {"grant_type": 1})
    cloud.faults.quota(2)
    codes = [(await client.get(USER)).get("code") for _ in range(4)]
    assert codes == [None, None, 28841004, 28841004]
    assert (await client.send(*token, token=""))["success"] is True
    cloud.faults.clear()
    cloud.faults.plan_expired()
    assert (await client.get(USER))["code"] == 28841002
    cloud.faults.clear()
    cloud.faults.ip_not_allowed("192.0.2.77")
    for reply in (await client.get(USER), await client.send(*token, token="")):
        assert reply["code"] == 1114
        assert "192.0.2.77" in reply["msg"]
    cloud.faults.clear()
    for code in (28841106, 1106, 1108):
        fault = cloud.faults.not_authorized("users_v11", code=code)
        assert (await client.get(USERS, **PAGE))["code"] == code
        assert (await client.get(USER))["success"] is True
        fault.remove()
    cloud.faults.not_authorized()
    assert (await client.get(USER))["code"] == 28841106


# --- the transport ---


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_http(client: PlainClient, cloud: SimulatedCloud, status: int) -> None:
    """A gateway answers instead of the cloud."""
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
    """A call hangs until it is released, and is carried out then."""
    fault = cloud.faults.hang(on="set_role", times=None)
    order = asyncio.ensure_future(client.put(ROLE, ADMIN))
    while not fault.hits:
        await asyncio.sleep(0)
    assert (await client.get(USER))["result"]["user_type"] == 20
    assert cloud.calls.most_in_flight == 2
    fault.release()
    assert (await order)["success"] is True
    assert user.user_type == 10
    assert (await client.put(ROLE, ADMIN))["success"] is True


async def test_clearing_lets_go(client: PlainClient, cloud: SimulatedCloud) -> None:
    """Clearing the faults lets go what hangs, though no later call would hang."""
    fault = cloud.faults.hang()
    waiting = asyncio.ensure_future(client.get(USER))
    while not fault.hits:
        await asyncio.sleep(0)
    assert (await client.get(USER))["success"] is True
    cloud.faults.clear()
    assert (await waiting)["success"] is True


async def test_hang_for_a_time(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A call hangs for so long, and others are late."""
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


async def test_hang_does_not_hold_the_server(
    cloud: SimulatedCloud, socket_enabled: None
) -> None:
    """The server stops at once, whatever hangs in it, and leaves no task."""
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


async def test_cut_before(
    client: PlainClient, cloud: SimulatedCloud, user: User
) -> None:
    """The connection is cut before anything is done."""
    cloud.faults.cut()
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.put(ROLE, ADMIN)
    assert user.user_type == 20
    assert (cloud.calls[-1].status, cloud.calls[-1].success) == (None, None)


async def test_cut_in_the_middle(client: PlainClient, cloud: SimulatedCloud) -> None:
    """The connection is cut in the middle of the body."""
    cloud.faults.cut("middle")
    async with client.request("GET", USER) as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


@pytest.mark.parametrize("how", ["cut", "hang", "http", "refuse"])
async def test_lost_answer(
    client: PlainClient, cloud: SimulatedCloud, user: User, how: Any
) -> None:
    """An order takes effect and its answer never arrives."""
    cloud.faults.lose_answer(how, on="writes")
    match how:
        case "cut":
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


async def test_cut_after(
    client: PlainClient, cloud: SimulatedCloud, user: User
) -> None:
    """Cutting afterwards is losing the answer."""
    cloud.faults.cut("after")
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.put(ROLE, ADMIN)
    assert user.user_type == 10


# --- what is no envelope ---


@pytest.mark.parametrize(
    "body", ["", "<html>maintenance</html>", "{", "\ud800", b"\xff\xfe", "[]" * 9]
)
async def test_not_json(
    client: PlainClient, cloud: SimulatedCloud, body: bytes | str
) -> None:
    """HTTP 200 with what is no JSON."""
    cloud.faults.body(body)
    async with client.request("GET", USER) as response:
        assert response.status == 200
        with pytest.raises(ValueError):
            json.loads(await response.read())


@pytest.mark.parametrize("value", [[], "text", 5, None, {}, [[[]]], True])
async def test_json_that_is_no_envelope(
    client: PlainClient, cloud: SimulatedCloud, value: Any
) -> None:
    """HTTP 200 with JSON that is no envelope."""
    cloud.faults.json(value)
    async with client.request("GET", USER) as response:
        assert await response.json() == value


async def test_odd_results(client: PlainClient, cloud: SimulatedCloud) -> None:
    """Success without a result, with the wrong shape, or with anything."""
    cloud.faults.no_result()
    assert "result" not in await client.get(USER)
    plain = (await client.get(USER))["result"]
    cloud.faults.wrong_shape(times=2)
    assert (await client.get(USER))["result"] == [plain]
    listed = (await client.get("/v1.0/devices/front/users"))["result"]
    assert len(listed["items"]) == 4
    cloud.faults.result({"records": None})
    assert (await client.get(USERS, **PAGE))["result"] == {"records": None}
    cloud.faults.edit(lambda result: result | {"nick_name": 5})
    assert (await client.get(USER))["result"] == plain | {"nick_name": 5}
    cloud.faults.no_result()
    assert (await client.put(ROLE, ADMIN))["success"] is True


async def test_oversized(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A reply of more than 5 MB is a good one otherwise."""
    cloud.faults.oversized()
    async with client.request("GET", USER) as response:
        body = await response.read()
    assert len(body) > 5_000_000
    assert b'"nick_name": "User 102"' in body


# --- pages ---


@pytest.mark.parametrize(
    ("lie", "value", "pages"),
    [
        ("truncate", 0, [(1, False, 4), (1, False, 4), (0, False, 4)]),
        ("repeat", 0, [(2, True, 4), (2, True, 4), (2, True, 4)]),
        ("endless", 0, [(2, True, 4), (2, True, 4), (0, True, 4)]),
        ("total", 999, [(2, True, 999), (2, False, 999), (0, False, 999)]),
        ("has_more", 0, [(2, False, 4), (2, True, 4), (0, True, 4)]),
    ],
)
async def test_pages_that_lie(
    client: PlainClient,
    cloud: SimulatedCloud,
    lie: Any,
    value: int,
    pages: list[tuple[int, bool, int]],
) -> None:
    """Pages are cut short, repeat themselves, never end, or lie in their figures."""
    cloud.faults.page(lie, value)
    seen = []
    for number in (1, 2, 3):
        query = PAGE | {"page_no": number}
        result = (await client.get(USERS, **query))["result"]
        seen.append((len(result["records"]), result["has_more"], result["total"]))
    assert seen == pages


@pytest.mark.parametrize(
    ("lie", "sizes"),
    [("truncate", [1]), ("repeat", [2, 2, 2, 2]), ("has_more", [2]), ("total", [2, 1])],
)
async def test_rows_that_lie(
    client: PlainClient, cloud: SimulatedCloud, lie: Any, sizes: list[int]
) -> None:
    """The list of devices lies in the same ways."""
    cloud.add_device("sensor")
    cloud.faults.page(lie, 999)
    query: dict[str, Any] = {"size": 2}
    seen = []
    for _ in range(4):
        path = "/v1.0/iot-01/associated-users/devices"
        result = (await client.get(path, **query))["result"]
        seen.append(len(result["devices"]))
        query["last_row_key"] = result["last_row_key"]
        if not result["has_more"]:
            break
    assert seen == sizes


# --- writes ---


async def test_dropped_writes(
    client: PlainClient, cloud: SimulatedCloud, door: Lock, user: User
) -> None:
    """A dropped write says yes and changes nothing, whichever it is."""
    card = door.add_method("card", user, allocate_flag=1)
    stray = door.add_method("card")
    cloud.faults.drop_write(times=None)
    row = {"dp_code": "unlock_card", "unlock_sn": card.unlock_sn}
    other = row | {"unlock_sn": stray.unlock_sn}
    allocate = "/v1.0/devices/front/door-lock/opmodes/actions/allocate"
    body = {"schedule": {"permanent": False, "effective_time": 1, "expired_time": 2}}
    profile = {"nick_name": "Other", "sex": 1}
    replies = [
        await client.put(ROLE, ADMIN),
        await client.put(f"{SMART}/users/102/schedule", body),
        await client.put("/v1.0/devices/front/users/102", profile),
        await client.post("/v1.0/devices/front/user", profile),
        await client.post(
            f"{SMART}/opmodes/actions/cancel-allocate",
            {"user_id": "102", "unlock_list": [row]},
        ),
        await client.post(allocate, {"user_id": "102", "unlock_list": [other]}),
        await client.post(f"{SMART}/users/102/actions/delete-users-issue"),
        await client.delete("/v1.0/devices/front/users/102"),
    ]
    assert all(reply["success"] for reply in replies)
    assert replies[3]["result"]["user_id"] not in door.users
    assert door.users["102"] is user
    assert (len(door.users), user.nick_name, user.user_type) == (4, "User 102", 20)
    assert (user.schedule.permanent, user.purging) == (True, None)
    assert (card.phase, card.user_id, stray.user_id) == (1, "102", None)
    # What makes no sense is refused all the same.
    assert (await client.put(ROLE, {"role": "king"}))["code"] == 1109


# --- the token ---


async def test_token_killed_by_a_call(
    client: PlainClient, cloud: SimulatedCloud
) -> None:
    """A token dies at a call; the calls in flight all find it dead."""
    cloud.faults.kill_token(after=1)
    assert (await client.get(USER))["success"] is True
    replies = await asyncio.gather(*(client.get(USER) for _ in range(4)))
    assert [reply["code"] for reply in replies] == [1010] * 4
    await client.login()
    assert (await client.get(USER))["success"] is True
    assert cloud.tokens.issued == 2


async def test_a_storm_of_everything(
    client: PlainClient, cloud: SimulatedCloud, user: User
) -> None:
    """Many faults at random leave the cloud itself whole."""
    dice = random.Random(7)
    some: Any = {"on": "business", "times": None, "chance": 0.1}
    cloud.faults.http(429, **some)
    cloud.faults.http(502, **some)
    cloud.faults.cut(**some)
    cloud.faults.cut("middle", **some)
    cloud.faults.lose_answer(**some)
    cloud.faults.kill_token(**some)
    cloud.faults.wrong_shape(**some)
    cloud.faults.drop_write(times=None, chance=0.2)
    for _ in range(300):
        try:
            if dice.random() < 0.5:
                await client.get(USER)
            else:
                await client.put(ROLE, {"role": dice.choice(["admin", "normal"])})
        except aiohttp.ClientError:
            continue
        if dice.random() < 0.2:
            client.token = ""
    cloud.faults.clear()
    await client.login()
    assert (await client.put(ROLE, ADMIN))["success"] is True
    assert (await client.get(USER))["result"]["user_type"] == user.user_type == 10
