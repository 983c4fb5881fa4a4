"""The door of the simulated cloud: signatures, time, tokens, envelopes, the log."""

import json
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
    """A cloud with one lock and two users."""
    cloud = SimulatedCloud(clock=clock)
    door = cloud.add_lock("front", "Front door")
    door.add_user("Alice Example")
    door.add_user("Bob Example")
    return cloud


# --- the envelope ---


async def test_success(client: PlainClient, clock: ManualClock) -> None:
    """A success has a result, a time and a trace id, and nothing else."""
    reply = await client.get(DEVICES)
    assert reply["success"] is True
    assert reply.keys() == {"success", "t", "tid", "result"}
    assert reply["t"] == clock() * 1000
    assert len(reply["tid"]) == 32


async def test_refusal_comes_with_http_200(client: PlainClient) -> None:
    """A refusal has a code and a text, no result, and HTTP 200."""
    await client.login()
    async with client.request("GET", "/v1.0/nowhere") as response:
        assert response.status == 200
        assert response.content_type == "application/json"
        reply = await response.json()
    assert reply.keys() == {"success", "code", "msg", "t", "tid"}
    assert (reply["success"], reply["code"]) == (False, 1108)
    assert reply["msg"] == "uri path invalid"


# --- the signature ---


async def test_query_in_any_order(client: PlainClient) -> None:
    """The wire may have any order; what is signed is sorted."""
    await client.login()
    query = {"role": "", "page_size": 20, "page_no": 1, "keyword": "alice e"}
    reply = await client.send("GET", USERS, query)
    assert [user["nick_name"] for user in reply["result"]["records"]] == [
        "Alice Example"
    ]


async def test_unsorted_signature_is_wrong(client: PlainClient) -> None:
    """An unsorted query in the signature is 1004 (docs/tuya_api.md, Signature)."""
    await client.login()
    signing = f"{USERS}?page_no=1&page_size=20&keyword=&role="
    reply = await client.send("GET", USERS, PAGE, signing=signing)
    assert reply["code"] == 1004


@pytest.mark.parametrize("safe", [",", ""], ids=["bare", "%2C"])
async def test_commas(client: PlainClient, cloud: SimulatedCloud, safe: str) -> None:
    """A comma may go bare or encoded, in the query and in the path."""
    await client.login()
    path = "/v1.0/smart-lock/devices/front/users"
    query = {"codes": "unlock_card,unlock_face", "page_no": 1, "page_size": 5}
    assert (await client.send("GET", path, query, safe=safe))["success"] is True
    ids = ",".join(cloud.lock("front").users)
    reply = await client.send(
        "POST", f"{path}/{ids}/actions/delete-users-issue", safe=safe
    )
    assert reply["result"] is True
    assert ("%2C" in cloud.calls[-1].raw) == (safe == "")


async def test_dropped_empty_value_is_wrong(client: PlainClient) -> None:
    """An empty value keeps its ``key=`` in what is signed."""
    await client.login()
    reply = await client.send(
        "GET", USERS, PAGE, signing=f"{USERS}?page_no=1&page_size=20"
    )
    assert reply["code"] == 1004


async def test_body_bytes_are_signed(client: PlainClient) -> None:
    """One other byte on the wire, and the signature is wrong."""
    await client.login()
    path = "/v1.0/devices/front/user"
    body = {"nick_name": "Zoë", "sex": 2}
    exact = json.dumps(body).encode()
    assert (await client.send("POST", path, body=body))["success"] is True
    spaced = await client.send("POST", path, body=body, raw=exact + b" ")
    assert spaced["code"] == 1004
    unsent = await client.send("POST", path, body=None, raw=b"{}")
    assert unsent["code"] == 1004


async def test_signed_headers(client: PlainClient) -> None:
    """Headers named in Signature-Headers are part of the signature."""
    await client.login()
    signed = {"area_id": "29a33e8796834b1efa6", "call_id": "8afdb70ab2ed11eb"}
    assert (await client.send("GET", DEVICES, signed=signed))["success"] is True
    reply = await client.send(
        "GET", DEVICES, signed=signed, headers={"area_id": "another"}
    )
    assert reply["code"] == 1004


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"client_id": "someone"}, 1005),
        ({"client_id": None}, 1105),
        ({"sign": None}, 1105),
        ({"t": None}, 1105),
        ({"sign_method": None}, 1105),
        ({"sign_method": "MD5"}, 1007),
        ({"sign": "0" * 64}, 1004),
        ({"nonce": "another"}, 1004),
        ({"nonce": None}, 1004),
        ({"access_token": "another"}, 1004),
        ({"t": "1800000000"}, 1013),
        ({"t": "now"}, 1013),
    ],
    ids=str,
)
async def test_wrong_headers(
    client: PlainClient, headers: dict[str, str | None], code: int
) -> None:
    """Each header is checked, the client before the time, the time before the sign."""
    await client.login()
    assert (await client.send("GET", DEVICES, headers=headers))["code"] == code


async def test_lower_case_and_old_signatures(client: PlainClient) -> None:
    """Lower case is wrong, and so is the scheme before 2021."""
    await client.login()
    client.upper = False
    assert (await client.send("GET", DEVICES))["code"] == 1004
    sign = "36c30e300f226b68add014dd1ef56a81edb7b7a817840485769b9d6c96d0faa1"
    reply = await client.send("GET", DEVICES, headers={"sign": sign})
    assert reply["code"] == 1004


# --- the time ---


@pytest.mark.parametrize(
    ("seconds", "code"), [(-301, 1013), (-299, None), (299, None), (301, 1013)]
)
async def test_tolerance(client: PlainClient, seconds: int, code: int | None) -> None:
    """Five minutes either way are forgiven."""
    await client.login()
    stamp = str(int((client.clock() + seconds) * 1000))
    assert (await client.send("GET", DEVICES, stamp=stamp)).get("code") == code


@pytest.mark.parametrize("offset", [1200, -1200])
async def test_clock_of_the_server(
    client: PlainClient, cloud: SimulatedCloud, offset: int
) -> None:
    """A server whose clock is off refuses, and says what time it believes it is."""
    cloud.clock_offset = offset
    reply = await client.send("GET", "/v1.0/token", {"grant_type": 1})
    assert reply["code"] == 1013
    assert reply["t"] == (client.clock() + offset) * 1000
    again = await client.send(
        "GET", "/v1.0/token", {"grant_type": 1}, stamp=str(reply["t"])
    )
    assert again["success"] is True
    cloud.clock_tolerance = 2000
    assert (await client.login())["success"] is True


# --- tokens ---


async def test_token_reply(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A token comes with its refresh token, its seconds and the uid of the project."""
    result = (await client.login())["result"]
    assert result.keys() == {"access_token", "refresh_token", "expire_time", "uid"}
    assert result["expire_time"] == 7200
    assert result["uid"] == cloud.project_uid
    assert cloud.project_uid not in cloud.accounts


async def test_same_token_again(
    client: PlainClient, cloud: SimulatedCloud, clock: ManualClock
) -> None:
    """While a token lives it is handed out again with the seconds that remain."""
    first = (await client.login())["result"]
    clock.tick(991)
    second = (await client.login())["result"]
    assert second == first | {"expire_time": 6209}
    assert cloud.tokens.issued == 1
    clock.tick(6209)
    third = (await client.login())["result"]
    assert third["access_token"] != first["access_token"]
    assert (third["expire_time"], cloud.tokens.issued) == (7200, 2)


async def test_expired_token(client: PlainClient, clock: ManualClock) -> None:
    """An expired token is 1010, one that never was 1011, none at all 1002."""
    await client.login()
    clock.tick(7199)
    assert (await client.get(DEVICES))["success"] is True
    clock.tick(1)
    assert (await client.get(DEVICES))["code"] == 1010
    assert (await client.send("GET", DEVICES, token="0" * 32))["code"] == 1011
    assert (await client.send("GET", DEVICES, token=""))["code"] == 1002


async def test_refresh_is_single_use(
    client: PlainClient, cloud: SimulatedCloud, clock: ManualClock
) -> None:
    """A refresh token works once, also after the access token ended."""
    first = (await client.login())["result"]
    clock.tick(8000)
    path = f"/v1.0/token/{first['refresh_token']}"
    second = (await client.send("GET", path, token=""))["result"]
    assert second["access_token"] != first["access_token"]
    assert (await client.send("GET", DEVICES))["code"] == 1010
    assert (await client.send("GET", path, token=""))["code"] == 1010
    client.token = second["access_token"]
    assert (await client.send("GET", DEVICES))["success"] is True
    assert cloud.tokens.issued == 2


@pytest.mark.parametrize("code", [1010, 1011, 1012, 1400])
async def test_killed_token(
    client: PlainClient, cloud: SimulatedCloud, code: int
) -> None:
    """A token can end before its time; the next login gets another."""
    await client.login()
    cloud.kill_token(code)
    assert (await client.get(DEVICES))["code"] == code
    await client.login()
    assert (await client.get(DEVICES))["success"] is True
    assert cloud.tokens.issued == 2


async def test_grant_types(client: PlainClient) -> None:
    """Only the simple mode is known, and only by GET."""
    for query in ({"grant_type": 2}, {}):
        reply = await client.send("GET", "/v1.0/token", query, token="")
        assert reply["code"] == 1003
    reply = await client.send("POST", "/v1.0/token", {"grant_type": 1}, token="")
    # Not being a token call, it lacks an access token before its path is looked at.
    assert reply["code"] == 1002
    await client.login()
    assert (await client.post("/v1.0/token"))["code"] == 1108


# --- the path and the device ---


@pytest.mark.parametrize(
    ("verb", "path", "code"),
    [
        ("GET", "/v1.0/devices/front/user", 1108),
        ("POST", USERS, 1108),
        ("PATCH", USERS, 1108),
        ("GET", "/v1.2/devices/front/users", 1108),
        ("GET", "/v1.1/devices/front/users/", 1108),
        ("GET", "/v1.0/devices/front/door-lock/opmodes", 1108),
        ("GET", "/v1.0/devices/nowhere/users", 2010),
        ("GET", "/v1.0/devices/foreign/users", 1106),
        ("GET", "/v1.0/devices/unpaired/users", 2010),
        ("GET", "/v1.0/devices/sensor/users", 2004),
    ],
)
async def test_wrong_paths(
    client: PlainClient, cloud: SimulatedCloud, verb: str, path: str, code: int
) -> None:
    """Unknown paths, wrong verbs and wrong devices have codes of their own."""
    cloud.add_lock("foreign").device.in_project = False
    cloud.add_lock("unpaired").unpair()
    cloud.add_device("sensor")
    await client.login()
    assert (await client.send(verb, path))["code"] == code


@pytest.mark.parametrize("content_type", [None, "text/plain"])
async def test_orders_are_json(client: PlainClient, content_type: str | None) -> None:
    """An order that is not announced as JSON is 1006, an empty one too."""
    await client.login()
    for verb, path, body in (
        ("POST", "/v1.0/devices/front/user", {"nick_name": "Cleo", "sex": 1}),
        (
            "POST",
            "/v1.0/smart-lock/devices/front/users/1/actions/delete-users-issue",
            0,
        ),
    ):
        headers = {"Content-Type": content_type}
        reply = await client.send(verb, path, body=body or None, headers=headers)
        assert reply["code"] == 1006


@pytest.mark.parametrize("body", [b'{"nick_name"', b"\xff", [], "text", 5, None])
async def test_body_is_an_object(client: PlainClient, body: Any) -> None:
    """A body that is no object is refused."""
    reply = await client.post("/v1.0/devices/front/user", body)
    assert reply["code"] == (1100 if body is None else 1109)


# --- the log ---


async def test_calls_are_recorded(client: PlainClient, cloud: SimulatedCloud) -> None:
    """Every request is in the log, with what it asked and what became of it."""
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


async def test_stops_with_an_open_connection(
    cloud: SimulatedCloud, socket_enabled: None
) -> None:
    """A client that keeps its connection open does not keep the server up."""
    async with aiohttp.ClientSession() as session:
        async with (
            cloud.serve() as endpoint,
            session.get(f"{endpoint}{DEVICES}") as response,
        ):
            assert (await response.json())["code"] == 1105
        with pytest.raises(aiohttp.ClientError):
            await session.get(f"{endpoint}{DEVICES}")
