"""Tests of the connection: token, clock, deadline, retries, and what is not one reply."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
import gzip
import logging
import time
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web
import pytest

from custom_components.tuya_lock_users.api import cloud as cloud_module
from custom_components.tuya_lock_users.api.access_token import TOKEN_LIFE_SECONDS
from custom_components.tuya_lock_users.api.cloud import LARGEST_REPLY_BYTES, TuyaCloud
from custom_components.tuya_lock_users.api.data_centers import HOSTS
from custom_components.tuya_lock_users.api.endpoints import Endpoints
from custom_components.tuya_lock_users.api.errors import (
    AuthenticationError,
    BadRequestError,
    ClockError,
    IpNotAllowedError,
    LockBusyError,
    LockOfflineError,
    LockRefusedError,
    NotAuthorizedError,
    NotFoundError,
    PathError,
    QuotaExhaustedError,
    RefusedError,
    ServerError,
    SubscriptionExpiredError,
    ThrottledError,
    TokenError,
    TransportError,
    TuyaError,
    UnexpectedReplyError,
    UnsupportedError,
)
from custom_components.tuya_lock_users.api.models import Profile, Role
from custom_components.tuya_lock_users.api.rate_limit import CALLS_IN_FLIGHT
from simulator import ADMIN, MEMBER, Fault, Lock, SimulatedCloud
from simulator.plain import ManualClock

from .conftest import MakeClient

USERS: Final = "/v1.1/devices/{lock_id}/users"
QUERY: Final = {"keyword": "", "role": "", "page_no": "1", "page_size": "20"}
ROLE: Final = "/v1.0/smart-lock/devices/{lock_id}/users/{user_id}/actions/role"

TWENTY_MINUTES: Final = 1200

type Write = Callable[[TuyaCloud], Awaitable[Any]]
type Plant = Callable[..., Fault]


async def read(client: TuyaCloud) -> Any:
    """Read something."""
    return await client.get(USERS, QUERY, lock_id="front")


async def put(client: TuyaCloud) -> Any:
    """Make Bob an administrator."""
    ids = {"lock_id": "front", "user_id": "102"}
    return await client.send("PUT", ROLE, {"role": "admin"}, **ids)


async def post(client: TuyaCloud) -> Any:
    """Add a user."""
    body = {"nick_name": "Erin", "sex": 2}
    return await client.send("POST", "/v1.0/devices/{id}/user", body, id="front")


async def delete(client: TuyaCloud) -> Any:
    """Delete Bob."""
    return await client.send("DELETE", "/v1.0/devices/{id}/users/102", id="front")


WRITES: Final = [
    pytest.param(put, id="PUT"),
    pytest.param(post, id="POST"),
    pytest.param(delete, id="DELETE"),
]

# What passes by itself, and may have been done or not.
PASSING: Final[dict[str, tuple[str, tuple[Any, ...], type[TuyaError]]]] = {
    "cut-before-anything": ("cut", ("before",), TransportError),
    "cut-in-the-body": ("cut", ("middle",), TransportError),
    "cut-after-doing-it": ("cut", ("after",), TransportError),
    "answer-lost": ("lose_answer", ("http",), ServerError),
    "http-500": ("http", (500,), ServerError),
    "http-502-html": ("http", (502, "<html>Bad Gateway</html>"), ServerError),
    "http-503": ("http", (503, "{}"), ServerError),
    "http-504": ("http", (504,), ServerError),
    "http-429": ("http", (429, "slow down"), ThrottledError),
    "http-404-html": ("http", (404, "<html></html>"), UnexpectedReplyError),
    "http-302": ("http", (302,), UnexpectedReplyError),
    "http-204": ("http", (204,), UnexpectedReplyError),
    "html": ("body", ("<html></html>",), UnexpectedReplyError),
    "empty": ("body", ("",), UnexpectedReplyError),
    "half-of-it": ("body", ('{"success": true, "resu',), UnexpectedReplyError),
    "not-utf-8": ("body", (b'{"success": true, "\xff',), UnexpectedReplyError),
    "null": ("json", (None,), UnexpectedReplyError),
    "true": ("json", (True,), UnexpectedReplyError),
    "number": ("json", (42,), UnexpectedReplyError),
    "text": ("json", ("success",), UnexpectedReplyError),
    "list": ("json", ([{"success": True}],), UnexpectedReplyError),
    "empty-object": ("json", ({},), UnexpectedReplyError),
    "no-code": ("json", ({"success": False},), UnexpectedReplyError),
    "success-null": ("json", ({"success": None, "result": 1},), UnexpectedReplyError),
    "success-text": ("json", ({"success": "ok", "result": 1},), UnexpectedReplyError),
    "code-word": ("json", ({"success": False, "code": "x"},), UnexpectedReplyError),
    "code-500": ("refuse", (500,), ServerError),
    **{
        f"code-{code}": ("refuse", (code,), ThrottledError)
        for code in (1110, 1111, 1112, 1113, 1199, 40000309)
    },
}

# What was refused for a reason that stays.
LASTING: Final[dict[int, type[TuyaError]]] = {
    1000: NotFoundError,
    1004: AuthenticationError,
    1106: NotAuthorizedError,
    1108: PathError,
    1109: BadRequestError,
    1114: IpNotAllowedError,
    2001: LockOfflineError,
    2009: UnsupportedError,
    2328: LockBusyError,
    28841002: SubscriptionExpiredError,
    28841004: QuotaExhaustedError,
    987654: LockRefusedError,
}

passing = pytest.mark.parametrize(
    ("kind", "nature", "error"),
    [pytest.param(*fault, id=name) for name, fault in PASSING.items()],
)


def plant(
    cloud: SimulatedCloud, kind: str, nature: tuple[Any, ...], times: int | None
) -> Fault:
    """Plant a fault on every business call."""
    method: Plant = getattr(cloud.faults, kind)
    return method(*nature, on="business", times=times)


def endpoints(cloud: SimulatedCloud) -> list[str | None]:
    """Return what was called, in order."""
    return [call.endpoint for call in cloud.calls]


class TestRepeating:
    """Reads are repeated twice, writes never."""

    @passing
    async def test_read_is_repeated(
        self,
        cloud: SimulatedCloud,
        client: TuyaCloud,
        kind: str,
        nature: tuple[Any, ...],
        error: type[TuyaError],
    ) -> None:
        """A read succeeds at the third attempt."""
        plant(cloud, kind, nature, times=2)
        assert (await read(client))["total"] == 4
        assert endpoints(cloud) == ["token", *["users_v11"] * 3]

    @passing
    async def test_read_gives_up(
        self,
        cloud: SimulatedCloud,
        client: TuyaCloud,
        kind: str,
        nature: tuple[Any, ...],
        error: type[TuyaError],
    ) -> None:
        """There is no fourth attempt, and the error says what was wrong."""
        plant(cloud, kind, nature, times=None)
        with pytest.raises(TuyaError) as caught:
            await read(client)
        assert type(caught.value) is error
        assert endpoints(cloud) == ["token", *["users_v11"] * 3]

    @pytest.mark.parametrize("write", WRITES)
    @passing
    async def test_write_is_not_repeated(
        self,
        cloud: SimulatedCloud,
        client: TuyaCloud,
        kind: str,
        nature: tuple[Any, ...],
        error: type[TuyaError],
        write: Write,
    ) -> None:
        """A write goes out once, whatever becomes of it."""
        plant(cloud, kind, nature, times=1)
        with pytest.raises(TuyaError) as caught:
            await write(client)
        assert type(caught.value) is error
        assert len(cloud.calls.writes) == 1

    @pytest.mark.parametrize(
        ("code", "error"),
        [
            pytest.param(code, error, id=f"{code}-{error.__name__}")
            for code, error in LASTING.items()
        ],
    )
    @pytest.mark.parametrize("call", [read, put], ids=["read", "write"])
    async def test_refused(
        self,
        cloud: SimulatedCloud,
        client: TuyaCloud,
        code: int,
        error: type[TuyaError],
        call: Write,
    ) -> None:
        """What was refused for a lasting reason is not repeated."""
        cloud.faults.refuse(code, on="business")
        with pytest.raises(error) as caught:
            await call(client)
        assert caught.value.code == code
        assert caught.value.trace_id
        assert len(cloud.calls) == 2

    async def test_pauses(
        self, cloud: SimulatedCloud, client: TuyaCloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """There is a pause before each repetition, and the second is longer."""
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        monkeypatch.setattr(cloud_module, "RETRY_SECONDS", (0.5, 1.5))
        monkeypatch.setattr(asyncio, "sleep", sleep)
        cloud.faults.http(503, on="business", times=None)
        with pytest.raises(ServerError):
            await read(client)
        assert len(slept) == 2
        assert 0.25 <= slept[0] <= 0.75 <= slept[1] <= 2.25

    async def test_nobody_listens(
        self, cloud: SimulatedCloud, make_client: MakeClient
    ) -> None:
        """Without a connection nothing was sent, which an order wants to know."""
        async with cloud.serve() as url:
            client = make_client(url)
            cloud.faults.cut(on="business")
            with pytest.raises(TransportError) as cut:
                await put(client)
            assert cut.value.was_sent
        with pytest.raises(TransportError) as unheard:
            await put(client)
        assert not unheard.value.was_sent

    async def test_write_done_once(
        self, cloud: SimulatedCloud, client: TuyaCloud, door: Lock
    ) -> None:
        """A write whose answer is lost was done, and once."""
        cloud.faults.lose_answer("cut", on="writes")
        with pytest.raises(TransportError):
            await post(client)
        assert [user.nick_name for user in door.users.values()].count("Erin") == 1


class TestDeadline:
    """No request takes longer than its deadline."""

    @pytest.fixture(autouse=True)
    async def not_longer(self) -> AsyncGenerator[None]:
        """Fail a test in which the deadline was not kept."""
        started = time.monotonic()
        yield
        assert time.monotonic() - started < 2

    @pytest.fixture
    def soon(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        """Return a function that brings the deadline near."""
        return lambda: monkeypatch.setattr(cloud_module, "DEADLINE_SECONDS", 0.1)

    def test_seconds(self) -> None:
        """It is 10 seconds (docs/architecture.md, Pace and deadlines)."""
        assert cloud_module.DEADLINE_SECONDS == 10

    async def test_read(
        self, cloud: SimulatedCloud, client: TuyaCloud, soon: Callable[[], None]
    ) -> None:
        """A read that hangs is repeated like any other."""
        await client.project_uid()
        soon()
        hang = cloud.faults.hang(on="business", times=None)
        with pytest.raises(TransportError, match="TimeoutError"):
            await read(client)
        assert len(cloud.calls.to("users_v11")) == 3
        hang.release()

    async def test_write(
        self, cloud: SimulatedCloud, client: TuyaCloud, soon: Callable[[], None]
    ) -> None:
        """A write that hangs is not."""
        await client.project_uid()
        soon()
        cloud.faults.hang(on="business", times=None)
        with pytest.raises(TransportError, match="TimeoutError"):
            await put(client)
        assert len(cloud.calls.writes) == 1

    async def test_token(
        self, cloud: SimulatedCloud, client: TuyaCloud, soon: Callable[[], None]
    ) -> None:
        """The token has a deadline as well."""
        soon()
        cloud.faults.hang(on="tokens", times=None)
        with pytest.raises(TransportError, match="TimeoutError"):
            await client.project_uid()

    async def test_body_in_drops(
        self,
        cloud: SimulatedCloud,
        make_client: MakeClient,
        soon: Callable[[], None],
    ) -> None:
        """A body that comes in drops does not keep a request going."""

        async def drip(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse()
            await response.prepare(request)
            while True:
                await response.write(b" ")
                await asyncio.sleep(0.01)

        def extend(app: web.Application) -> None:
            app.router.add_get("/v1.0/drip", drip)

        async with cloud.serve(extend=extend) as url:
            client = make_client(url)
            await client.project_uid()
            soon()
            with pytest.raises(TransportError, match="TimeoutError"):
                await client.get("/v1.0/drip")


class TestReplies:
    """What is accepted as a reply, and what it says."""

    @pytest.mark.parametrize(
        ("reply", "expected"),
        [
            ({"success": True, "result": {"a": 1}}, {"a": 1}),
            ({"success": True}, None),
            ({"success": True, "result": None}, None),
            ({"success": True, "result": False}, False),
            ({"result": [1]}, [1]),
            ({"sucess": True, "result": [1]}, [1]),
            ({"success": True, "code": None, "result": 1}, 1),
            ({"success": True, "code": "", "result": 1}, 1),
            ({"success": True, "result": 1, "t": "soon", "tid": {"a": 1}}, 1),
        ],
    )
    async def test_accepted(
        self,
        cloud: SimulatedCloud,
        client: TuyaCloud,
        reply: dict[str, Any],
        expected: object,
    ) -> None:
        """The result is what the envelope holds."""
        cloud.faults.json(reply, on="business")
        assert await read(client) == expected

    @pytest.mark.parametrize(
        ("reply", "error", "code", "trace_id"),
        [
            (
                {"success": False, "code": 2001, "msg": "offline", "tid": "abc"},
                LockOfflineError,
                2001,
                "abc",
            ),
            ({"success": False, "code": "2001"}, LockOfflineError, 2001, None),
            ({"success": False, "Code": 2001}, LockOfflineError, 2001, None),
            ({"code": 2001, "msg": "offline"}, LockOfflineError, 2001, None),
            ({"code": 2001, "result": True}, LockOfflineError, 2001, None),
            (
                {"success": False, "code": 2001, "result": {"a": 1}},
                LockOfflineError,
                2001,
                None,
            ),
            (
                {"success": False, "code": 2009, "msg": "clientId is invalid"},
                AuthenticationError,
                2009,
                None,
            ),
            (
                {"success": False, "code": 2009, "msg": ["a"], "tid": 42},
                UnsupportedError,
                2009,
                "42",
            ),
            (
                {"success": False, "code": 2001, "tid": ["abc"]},
                LockOfflineError,
                2001,
                None,
            ),
            (
                {"success": False, "code": 2001, "tid": "a\nb\x1b\ud83d"},
                LockOfflineError,
                2001,
                "ab?",
            ),
        ],
    )
    async def test_refusal(
        self,
        cloud: SimulatedCloud,
        client: TuyaCloud,
        reply: dict[str, Any],
        error: type[TuyaError],
        code: int,
        trace_id: str | None,
    ) -> None:
        """A refusal is known by its code, however the rest looks."""
        cloud.faults.json(reply, on="business")
        with pytest.raises(error) as caught:
            await read(client)
        assert caught.value.code == code
        assert caught.value.trace_id == trace_id

    async def test_sample_of_a_refusal(
        self, cloud: SimulatedCloud, client: TuyaCloud
    ) -> None:
        """The documents' own sample is a system error."""
        reply = {"success": False, "code": 500, "msg": "system error"}
        cloud.faults.json(reply, on="writes")
        with pytest.raises(ServerError) as caught:
            await put(client)
        assert caught.value.code == 500

    async def test_redirect(
        self, cloud: SimulatedCloud, client: TuyaCloud, endpoint: str
    ) -> None:
        """A redirect is not followed: the signature would go with it."""
        headers = {"Location": f"{endpoint}/elsewhere"}
        cloud.faults.http(302, headers=headers, on="business", times=None)
        with pytest.raises(UnexpectedReplyError):
            await read(client)
        assert "/elsewhere" not in [call.path for call in cloud.calls]

    async def test_too_large(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        """More than 5 MB are refused, and a little less is not."""
        assert LARGEST_REPLY_BYTES == 5 * 1024 * 1024
        cloud.faults.oversized(LARGEST_REPLY_BYTES - 1000, on="business")
        assert (await read(client))["total"] == 4
        cloud.faults.oversized(LARGEST_REPLY_BYTES + 1000, on="writes")
        with pytest.raises(UnexpectedReplyError, match="too large"):
            await put(client)

    async def test_packed(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        """A packed reply is unpacked, but not beyond the limit."""
        packed = {"Content-Encoding": "gzip"}
        small = gzip.compress(b'{"success": true, "result": 42}')
        cloud.faults.http(200, small, headers=packed, on="business")
        assert await read(client) == 42
        bomb = gzip.compress(b" " * 50_000_000)
        cloud.faults.http(200, bomb, headers=packed, on="writes")
        with pytest.raises(TransportError):
            await put(client)
        cloud.faults.http(200, b"not packed", headers=packed, on="writes")
        with pytest.raises(TransportError):
            await put(client)

    @pytest.mark.parametrize(
        "reply",
        [
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
            b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        ],
    )
    async def test_no_http(
        self, make_client: MakeClient, reply: bytes, socket_enabled: None
    ) -> None:
        """Something else on the port is a transport error."""

        async def answer(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(reply)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            host, port = server.sockets[0].getsockname()
            with pytest.raises(TransportError):
                await make_client(f"http://{host}:{port}").project_uid()

    async def test_nobody_there(self, make_client: MakeClient) -> None:
        """So is nobody on the port."""
        with pytest.raises(TransportError):
            await make_client("http://127.0.0.1:9").project_uid()


class TestToken:
    """The token: kept, renewed, and asked for once."""

    async def test_kept(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        """One token serves all calls."""
        for _ in range(3):
            await read(client)
            await put(client)
        assert cloud.calls.counts()["token"] == 1
        token = cloud.calls[0]
        assert (token.raw, token.access_token) == ("/v1.0/token?grant_type=1", "")

    async def test_project_uid(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        """The reply with the token names the project."""
        assert await client.project_uid() == cloud.project_uid
        assert await client.project_uid() == cloud.project_uid
        assert len(cloud.calls) == 1

    async def test_renewed_in_time(
        self, cloud: SimulatedCloud, client: TuyaCloud, clock: ManualClock
    ) -> None:
        """A token is not used in its last minute."""
        await read(client)
        clock.tick(TOKEN_LIFE_SECONDS - 61)
        await read(client)
        assert cloud.calls.counts()["token"] == 1
        clock.tick(2)
        await read(client)
        assert cloud.calls.counts()["token"] == 2
        # The cloud hands out the same one again, which then is asked for more often.
        assert cloud.tokens.issued == 1
        clock.tick(31)
        await read(client)
        clock.tick(31)
        await read(client)
        assert cloud.tokens.issued == 2
        assert all(call.success for call in cloud.calls)

    @pytest.mark.parametrize(
        ("change", "life"),
        [
            pytest.param({"expire_time": "3600"}, 3600, id="text"),
            pytest.param({"expire_time": None}, 7200, id="null"),
            pytest.param({"expire_time": 0}, 7200, id="zero"),
            pytest.param({"expire_time": -5}, 7200, id="negative"),
            pytest.param({"expire_time": "soon"}, 7200, id="word"),
            pytest.param({"expire_time": 10**9}, 7200, id="years"),
            pytest.param({"expire_time": 10**400}, 7200, id="huge"),
        ],
    )
    async def test_life(
        self,
        cloud: SimulatedCloud,
        client: TuyaCloud,
        clock: ManualClock,
        change: dict[str, Any],
        life: int,
    ) -> None:
        """A life that makes no sense is that of the documents."""
        cloud.faults.edit(lambda result: result | change, on="token")
        await read(client)
        clock.tick(life - 61)
        await read(client)
        assert cloud.calls.counts()["token"] == 1
        clock.tick(2)
        await read(client)
        assert cloud.calls.counts()["token"] == 2

    async def test_life_by_its_other_name(
        self, cloud: SimulatedCloud, client: TuyaCloud, clock: ManualClock
    ) -> None:
        """One table calls it ``expire``."""

        def rename(result: dict[str, Any]) -> dict[str, Any]:
            result["expire"] = 600
            del result["expire_time"]
            return result

        cloud.faults.edit(rename, on="token")
        await read(client)
        clock.tick(541)
        await read(client)
        assert cloud.calls.counts()["token"] == 2

    @pytest.mark.parametrize(
        "result",
        [
            pytest.param(None, id="null"),
            pytest.param([], id="list"),
            pytest.param("abc", id="text"),
            pytest.param({}, id="empty"),
            pytest.param({"access_token": None}, id="token-null"),
            pytest.param({"access_token": ""}, id="token-empty"),
            pytest.param({"access_token": {"a": 1}}, id="token-object"),
            pytest.param({"access_token": "ключ"}, id="token-not-ascii"),
        ],
    )
    async def test_no_token(
        self, cloud: SimulatedCloud, client: TuyaCloud, result: object
    ) -> None:
        """Without a token there is no call."""
        cloud.faults.result(result, on="token", times=None)
        with pytest.raises(UnexpectedReplyError):
            await put(client)
        assert not cloud.calls.writes

    @pytest.mark.parametrize(
        ("token", "sent"),
        [
            pytest.param("abc\r\nX-Evil: 1", "abcX-Evil: 1", id="line-break"),
            pytest.param("abc\ud83d", "abc?", id="half-a-surrogate-pair"),
            pytest.param("abc\x00", "abc", id="control"),
            pytest.param(42, "42", id="number"),
        ],
    )
    async def test_token_for_a_header(
        self, cloud: SimulatedCloud, client: TuyaCloud, token: object, sent: str
    ) -> None:
        """What is no token does no harm as a header."""
        hostile = {"access_token": token, "expire_time": 7200}
        cloud.faults.result(hostile, on="token", times=None)
        with pytest.raises(TokenError):
            await put(client)
        assert cloud.calls.writes[0].access_token == sent

    @pytest.mark.parametrize(
        ("uid", "expected"),
        [
            pytest.param(None, "", id="null"),
            pytest.param("", "", id="empty"),
            pytest.param(["a"], "", id="list"),
            pytest.param(42, "42", id="number"),
            pytest.param("x\ud83d", "x?", id="half-a-surrogate-pair"),
        ],
    )
    async def test_odd_uid(
        self, cloud: SimulatedCloud, client: TuyaCloud, uid: object, expected: str
    ) -> None:
        """The uid of the project is text, and none is empty text."""
        cloud.faults.edit(lambda result: result | {"uid": uid}, on="token")
        assert await client.project_uid() == expected

    @pytest.mark.parametrize("code", [1010, 1011, 1012, 1400])
    @pytest.mark.parametrize("call", [read, put], ids=["read", "write"])
    async def test_early_death(
        self, cloud: SimulatedCloud, client: TuyaCloud, code: int, call: Write
    ) -> None:
        """A token that is refused before its time is replaced, and the call repeated."""
        await read(client)
        cloud.calls.clear()
        cloud.kill_token(code)
        await call(client)
        assert [call.code for call in cloud.calls] == [code, None, None]
        assert cloud.calls[1].endpoint == "token"
        assert cloud.calls[0].raw == cloud.calls[2].raw
        assert cloud.tokens.issued == 2

    @pytest.mark.parametrize("call", [read, put], ids=["read", "write"])
    async def test_refused_for_ever(
        self, cloud: SimulatedCloud, client: TuyaCloud, call: Write
    ) -> None:
        """A token is replaced once for each call, and no more."""
        await client.project_uid()
        cloud.calls.clear()
        cloud.faults.refuse(1010, on="business", times=None)
        with pytest.raises(TokenError):
            await call(client)
        assert [call.endpoint == "token" for call in cloud.calls] == [
            False,
            True,
            False,
        ]

    async def test_one_for_all(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        """Many calls at once wait for the same first token."""
        cloud.faults.latency(0.02, on="token")
        await asyncio.gather(*(read(client) for _ in range(12)))
        assert cloud.calls.counts()["token"] == 1

    async def test_one_new_token(
        self, cloud: SimulatedCloud, client: TuyaCloud
    ) -> None:
        """A token that dies with many calls in flight is replaced once: no storm."""
        cloud.faults.latency(0.02)
        await read(client)
        cloud.calls.clear()
        cloud.kill_token()
        await asyncio.gather(*(read(client) for _ in range(12)))
        assert cloud.calls.counts()["token"] == 1
        assert cloud.tokens.issued == 2
        # Only those that were in flight were refused: the others had not gone out yet.
        refused = [call for call in cloud.calls if call.code == 1010]
        assert 1 <= len(refused) <= CALLS_IN_FLIGHT
        assert len(cloud.calls) == 12 + 1 + len(refused)

    async def test_died_between(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        """Who learns late that the old token is dead uses the new one at once."""
        await client.project_uid()
        cloud.calls.clear()
        cloud.kill_token()
        late = cloud.faults.hang(on="business")
        slow = asyncio.create_task(read(client))
        while not cloud.calls:
            await asyncio.sleep(0)
        await read(client)
        late.release()
        await slow
        assert cloud.calls.counts()["token"] == 1

    @pytest.mark.parametrize(
        ("kind", "nature", "error"),
        [
            pytest.param("refuse", (1004,), AuthenticationError, id="secret-wrong"),
            pytest.param("refuse", (1114,), IpNotAllowedError, id="ip-not-allowed"),
            pytest.param("refuse", (28841002,), SubscriptionExpiredError, id="plan"),
            pytest.param("refuse", (500,), ServerError, id="system-error"),
            pytest.param("http", (502,), ServerError, id="http-502"),
            pytest.param("cut", (), TransportError, id="cut"),
            pytest.param("body", ("<html>",), UnexpectedReplyError, id="html"),
        ],
    )
    async def test_shared_failure(
        self,
        cloud: SimulatedCloud,
        client: TuyaCloud,
        kind: str,
        nature: tuple[Any, ...],
        error: type[TuyaError],
    ) -> None:
        """Those who wait for a token share its failure, and the next one tries anew."""
        cloud.faults.latency(0.05, on="token", times=1)
        getattr(cloud.faults, kind)(*nature, on="token", times=1)
        results = await asyncio.gather(
            *(put(client) for _ in range(12)), return_exceptions=True
        )
        assert {type(result) for result in results} == {error}
        assert len(cloud.calls) == 1
        await put(client)
        assert len(cloud.calls) == 3

    async def test_cancelled(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        """When the one who asks gives up, the next in line asks."""
        cloud.faults.hang(on="token", times=1)
        first = asyncio.create_task(read(client))
        while not cloud.calls:
            await asyncio.sleep(0)
        others = [asyncio.create_task(read(client)) for _ in range(3)]
        await asyncio.sleep(0)
        first.cancel()
        for result in await asyncio.gather(*others):
            assert result["total"] == 4
        assert first.cancelled()
        assert cloud.calls.counts()["token"] == 2

    async def test_wrong_secret(
        self, cloud: SimulatedCloud, make_client: MakeClient, endpoint: str
    ) -> None:
        """A wrong id and a wrong secret are told by the cloud."""
        for wrong in ({"access_secret": "wrong"}, {"access_id": "wrong"}):
            with pytest.raises(AuthenticationError):
                await make_client(endpoint, **wrong).project_uid()
        assert [call.code for call in cloud.calls] == [1004, 1005]

    async def test_token_of_another_client(
        self, cloud: SimulatedCloud, make_client: MakeClient, endpoint: str
    ) -> None:
        """Two clients of one project do not kill each other's tokens."""
        first, second = make_client(endpoint), make_client(endpoint)
        for _ in range(2):
            await read(first)
            await read(second)
        assert cloud.tokens.issued == 1
        assert len(cloud.calls) == 6


class TestClock:
    """A clock that is off, on either side."""

    @pytest.mark.parametrize("t_as_string", [False, True], ids=["number", "text"])
    @pytest.mark.parametrize(
        "offset", [TWENTY_MINUTES, -TWENTY_MINUTES], ids=["ahead", "behind"]
    )
    async def test_off_from_the_start(
        self, cloud: SimulatedCloud, client: TuyaCloud, offset: int, t_as_string: bool
    ) -> None:
        """The cloud's time is taken from its first refusal, and kept."""
        cloud.dialects.t_as_string = t_as_string
        cloud.clock_offset = offset
        assert (await read(client))["total"] == 4
        assert [call.code for call in cloud.calls] == [1013, None, None]
        assert client.clock_offset_seconds == pytest.approx(offset, abs=1)
        await put(client)
        assert len(cloud.calls) == 4

    @pytest.mark.parametrize("call", [read, put], ids=["read", "write"])
    @pytest.mark.parametrize(
        "offset", [TWENTY_MINUTES, -TWENTY_MINUTES], ids=["ahead", "behind"]
    )
    async def test_off_later(
        self,
        cloud: SimulatedCloud,
        client: TuyaCloud,
        door: Lock,
        offset: int,
        call: Write,
    ) -> None:
        """It is taken again whenever it moves; what was refused is sent again."""
        await client.project_uid()
        for step in (1, 2):
            cloud.calls.clear()
            cloud.clock_offset = offset * step
            door.users["102"].user_type = MEMBER
            await call(client)
            assert [call.code for call in cloud.calls] == [1013, None]
            assert door.users["102"].user_type == (ADMIN if call is put else MEMBER)
        cloud.calls.clear()
        cloud.clock_offset = 0
        await call(client)
        assert client.clock_offset_seconds == pytest.approx(0, abs=1)

    async def test_right_clock(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        """A clock that is accepted is not touched, however the cloud's runs."""
        cloud.clock_offset = 200
        await read(client)
        assert client.clock_offset_seconds == 0

    @pytest.mark.parametrize("call", [read, put], ids=["read", "write"])
    async def test_refused_for_ever(
        self, cloud: SimulatedCloud, client: TuyaCloud, call: Write
    ) -> None:
        """A time that is refused again is an error, after two attempts."""
        cloud.faults.refuse(1013, on="business", times=None)
        with pytest.raises(ClockError):
            await call(client)
        assert len(cloud.calls) == 3

    async def test_token_refused_for_ever(
        self, cloud: SimulatedCloud, client: TuyaCloud
    ) -> None:
        """So it is with the token."""
        cloud.faults.refuse(1013, on="token", times=None)
        with pytest.raises(ClockError):
            await read(client)
        assert len(cloud.calls) == 2

    @pytest.mark.parametrize(
        "time_ms",
        [
            pytest.param(None, id="null"),
            pytest.param(0, id="zero"),
            pytest.param(-1, id="negative"),
            pytest.param(1_800_000_000, id="seconds"),
            pytest.param(1_800_000_000_000_000, id="microseconds"),
            pytest.param(10**30, id="huge"),
            pytest.param(10**400, id="beyond-all-numbers"),
            pytest.param("now", id="word"),
            pytest.param([1_800_000_000_000], id="list"),
        ],
    )
    async def test_no_time(
        self, cloud: SimulatedCloud, client: TuyaCloud, time_ms: object
    ) -> None:
        """A refusal without a believable time changes nothing."""
        refusal = {"success": False, "code": 1013, "t": time_ms}
        cloud.faults.json(refusal, on="business")
        await read(client)
        assert client.clock_offset_seconds == 0

    async def test_token_and_clock(
        self, cloud: SimulatedCloud, client: TuyaCloud
    ) -> None:
        """Both may go wrong in one call."""
        await client.project_uid()
        cloud.calls.clear()
        cloud.kill_token()
        cloud.clock_offset = TWENTY_MINUTES
        await put(client)
        assert [call.code for call in cloud.calls] == [1013, 1010, None, None]


class TestRequests:
    """What goes over the wire."""

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param("", id="empty"),
            pytest.param("Alice", id="plain"),
            pytest.param("unlock_card,unlock_face", id="comma"),
            pytest.param("a+b", id="plus"),
            pytest.param("a&b=c", id="ampersand"),
            pytest.param("100%", id="percent"),
            pytest.param("%41%2c%00", id="looks-encoded"),
            pytest.param("a b", id="blank"),
            pytest.param("a?b#c/d\\e", id="url-signs"),
            pytest.param("a;b:c@d!e$f'g(h)*i", id="other-signs"),
            pytest.param('"<>[]{}|^`~-._', id="more-signs"),
            pytest.param("Jürgen", id="umlaut"),
            pytest.param("拉布", id="chinese"),
            pytest.param("עליסה", id="hebrew"),
            pytest.param("🔑", id="emoji"),
            pytest.param("a\r\nb\tc\x00", id="controls"),
        ],
    )
    async def test_query(
        self, cloud: SimulatedCloud, client: TuyaCloud, value: str
    ) -> None:
        """A value arrives as it is and is signed as it arrives."""
        await client.get(USERS, {**QUERY, "keyword": value}, lock_id="front")
        call = cloud.calls[-1]
        assert call.query == {**QUERY, "keyword": value}
        assert call.success
        assert call.raw.isascii()

    async def test_query_on_the_wire(
        self, cloud: SimulatedCloud, client: TuyaCloud
    ) -> None:
        """Sorted by key; a comma goes bare, a plus does not, and an empty value stays."""
        query = {"page_size": "20", "page_no": "1", "role": "", "keyword": "a,b c+d"}
        await client.get(USERS, query, lock_id="front")
        path = "/v1.1/devices/front/users"
        tail = "keyword=a,b%20c%2Bd&page_no=1&page_size=20&role="
        assert cloud.calls[-1].raw == f"{path}?{tail}"

    @pytest.mark.parametrize(
        "user_id",
        [
            pytest.param("8923iu4k", id="letters"),
            pytest.param("a b", id="blank"),
            pytest.param("a+b", id="plus"),
            pytest.param("100%", id="percent"),
            pytest.param("%2F", id="looks-encoded"),
            pytest.param("a?b", id="question-mark"),
            pytest.param("a#b", id="hash"),
            pytest.param("a&b=c", id="ampersand"),
            pytest.param("a,b", id="comma"),
            pytest.param("a;b:c@d", id="other-signs"),
            pytest.param("..", id="dots"),
            pytest.param("{lock_id}", id="braces"),
            pytest.param("ü拉🔑", id="not-ascii"),
        ],
    )
    async def test_path(
        self, cloud: SimulatedCloud, locks: Endpoints, door: Lock, user_id: str
    ) -> None:
        """An id of any characters arrives as it is and is signed as it arrives."""
        user = door.add_user("Odd", user_id=user_id)
        await locks.set_role("front", user_id, Role.ADMIN)
        assert user.user_type == ADMIN
        call = cloud.calls[-1]
        assert call.user == user_id
        assert call.raw.split("/")[6] == quote(user_id, safe=",")

    async def test_slash_in_an_id(
        self, cloud: SimulatedCloud, locks: Endpoints
    ) -> None:
        """A slash in an id is no slash of the path, and signed decoded."""
        with pytest.raises(PathError):
            await locks.user("front", "../103")
        assert cloud.calls[-1].raw == "/v1.1/devices/front/users/..%2F103"

    async def test_lock_id_in_an_id(
        self, cloud: SimulatedCloud, locks: Endpoints
    ) -> None:
        """A lock that does not exist is named as it was given."""
        with pytest.raises(NotFoundError):
            await locks.users("no such lock!")
        assert cloud.calls[-1].lock == "no such lock!"

    async def test_body(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        """A body is compact JSON in UTF-8."""
        body = {"nick_name": "Jürgen 🔑", "sex": 1}
        await client.send("POST", "/v1.0/devices/{id}/user", body, id="front")
        assert cloud.calls[-1].body == body

    @pytest.mark.parametrize(
        "send",
        [
            lambda locks: locks.users_with_filter("front", keyword="\ud83d"),
            lambda locks: locks.user("front", "\ud83d"),
            lambda locks: locks.add_user("front", Profile(name="\ud83d")),
            lambda locks: locks.add_user("front", Profile(height_cm=2**64)),
        ],
    )
    async def test_cannot_be_sent(
        self,
        cloud: SimulatedCloud,
        locks: Endpoints,
        send: Callable[[Endpoints], Awaitable[Any]],
    ) -> None:
        """What has no form on the wire is refused before anything goes out."""
        await locks.cloud.project_uid()
        with pytest.raises(BadRequestError):
            await send(locks)
        assert len(cloud.calls) == 1

    async def test_headers(
        self, cloud: SimulatedCloud, make_client: MakeClient, socket_enabled: None
    ) -> None:
        """The headers are complete, and none has the secret (docs/tuya_api.md, Headers)."""
        seen: list[web.Request] = []

        async def answer(request: web.Request) -> web.Response:
            seen.append(request)
            result = {"access_token": "token", "expire_time": 7200}
            return web.json_response({"success": True, "result": result})

        def extend(app: web.Application) -> None:
            app.router.add_route("*", "/v1.0/{tail:.*}", answer)

        async with cloud.serve(extend=extend) as url:
            client = make_client(url + "/")
            await client.send("DELETE", "/v1.0/x")
            await client.send("POST", "/v1.0/x")
            await client.send("PUT", "/v1.0/x", {"a": 1})
        token, *writes = seen
        assert "access_token" not in token.headers
        for request in seen:
            headers = request.headers
            assert headers["client_id"] == cloud.access_id
            assert headers["sign_method"] == "HMAC-SHA256"
            assert headers["t"] == "1800000000000"
            assert headers["lang"] == "en"
            assert len(headers["sign"]) == 64
            assert cloud.access_secret not in str(headers)
        assert {request.headers["access_token"] for request in writes} == {"token"}
        assert len({request.headers["nonce"] for request in seen}) == 4
        assert [request.headers.get("Content-Type") for request in seen] == [
            *(None, None),
            *("application/json", "application/json"),
        ]

    async def test_call_count(
        self, cloud: SimulatedCloud, make_client: MakeClient, endpoint: str
    ) -> None:
        """Every request that goes out is counted, tokens and repetitions too."""
        requests: list[int] = []
        client = make_client(endpoint, on_request=lambda: requests.append(1))
        await read(client)
        cloud.kill_token()
        cloud.clock_offset = TWENTY_MINUTES
        await read(client)
        cloud.faults.cut(on="business", times=2)
        await read(client)
        cloud.faults.cut("after", on="writes")
        with pytest.raises(TransportError):
            await delete(client)
        cloud.faults.refuse(2001, on="writes")
        with pytest.raises(LockOfflineError):
            await put(client)
        assert len(requests) == len(cloud.calls) == 11

    async def test_in_flight(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        """No more requests are in flight than the project's pace allows."""
        cloud.faults.latency(0.02)
        await asyncio.gather(*(read(client) for _ in range(13)))
        assert cloud.calls.most_in_flight == CALLS_IN_FLIGHT

    async def test_own_clock(
        self, cloud: SimulatedCloud, make_client: MakeClient, endpoint: str
    ) -> None:
        """Without a clock of its own the client asks the system's."""
        cloud.clock = time.time
        client = make_client(endpoint, clock=None)
        await read(client)
        assert [call.code for call in cloud.calls] == [None, None]


class TestLog:
    """What is written down, and what is not."""

    @pytest.fixture
    async def planted(self, cloud: SimulatedCloud) -> AsyncGenerator[dict[str, str]]:
        """Put values into the cloud that can be recognised anywhere."""
        secrets = {
            "account_uid": "eu-planted-account-uid",
            "local_key": "planted-local-key",
            "contact": "planted@example.com",
            "avatar": "https://planted.example.com/avatar.png",
            "phone": "49-30-planted",
        }
        account = cloud.add_account(secrets["account_uid"])
        lock = cloud.add_lock(
            "planted", account_uid=account, local_key=secrets["local_key"]
        )
        user = lock.add_user(
            "Peter",
            user_id="1",
            uid=account,
            user_contact=secrets["contact"],
            avatar_url=secrets["avatar"],
        )
        lock.add_method("card", user, msg_phone=secrets["phone"])
        yield secrets
        cloud.faults.clear()

    async def test_secrets(
        self,
        cloud: SimulatedCloud,
        locks: Endpoints,
        planted: dict[str, str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """No secret and no personal detail is in any log, at any level, for any fault."""
        caplog.set_level(logging.DEBUG)
        uid = planted["account_uid"]

        async def everything() -> None:
            calls: list[Awaitable[Any]] = [
                locks.project_devices(),
                locks.account_devices(uid),
                locks.account_devices(f"{uid}-unknown"),
                locks.users("planted"),
                locks.users_with_filter("planted", keyword=planted["contact"]),
                locks.users_by_name("planted"),
                locks.user("planted", "1"),
                locks.profile("planted", "1"),
                locks.unlock_methods("planted", "1"),
                locks.add_user("planted", Profile(contact=planted["contact"])),
                locks.update_user("planted", "1", Profile(contact=planted["contact"])),
                locks.set_schedule("planted", "1", {"permanent": True}),
            ]
            for call in calls:
                try:
                    await call
                except TuyaError as err:
                    shown.append(f"{err!r} {err} {err.__cause__!r}")

        shown: list[str] = []
        await everything()
        for name in (
            "cut-in-the-body",
            "http-502-html",
            "http-429",
            "list",
            "code-500",
        ):
            kind, nature, _ = PASSING[name]
            plant(cloud, kind, nature, times=None)
            await everything()
            cloud.faults.clear()
        token = cloud.tokens.current
        assert token
        written = caplog.text + "".join(shown)
        assert "code None, trace id" in caplog.text
        secrets = {
            **planted,
            "access_secret": cloud.access_secret,
            "access_token": token.access,
            "refresh_token": token.refresh,
        }
        assert [name for name, value in secrets.items() if value in written] == []

    async def test_trace_id(
        self,
        cloud: SimulatedCloud,
        client: TuyaCloud,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Call, code and trace id are there for support."""
        caplog.set_level(logging.DEBUG)
        cloud.faults.json({"success": False, "code": 2001, "tid": "abc"}, on="business")
        with pytest.raises(LockOfflineError):
            await read(client)
        assert f"GET {USERS}: code 2001, trace id abc" in caplog.text

    async def test_without_trace_id(
        self, cloud: SimulatedCloud, client: TuyaCloud
    ) -> None:
        """Old replies have none."""
        cloud.dialects.tid = False
        cloud.faults.refuse(2001, on="business")
        with pytest.raises(RefusedError) as caught:
            await read(client)
        assert caught.value.trace_id is None


def test_hosts() -> None:
    """Every data center has its host, over TLS (docs/tuya_api.md, Data centers)."""
    assert HOSTS == {
        "cn": "https://openapi.tuyacn.com",
        "us_west": "https://openapi.tuyaus.com",
        "us_east": "https://openapi-ueaz.tuyaus.com",
        "eu_central": "https://openapi.tuyaeu.com",
        "eu_west": "https://openapi-weaz.tuyaeu.com",
        "in": "https://openapi.tuyain.com",
        "sg": "https://openapi-sg.iotbing.com",
    }
