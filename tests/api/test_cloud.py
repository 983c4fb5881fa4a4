"""Tests of the connection: token, clock, deadline, retries and replies."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
import gzip
import logging
import time
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web
import pytest

from custom_components.tuya_lock_users.api import cloud as cloud_module, errors
from custom_components.tuya_lock_users.api.access_token import TOKEN_LIFE_SECONDS
from custom_components.tuya_lock_users.api.cloud import LARGEST_REPLY_BYTES, TuyaCloud
from custom_components.tuya_lock_users.api.data_centers import HOSTS
from custom_components.tuya_lock_users.api.endpoints import Endpoints
from custom_components.tuya_lock_users.api.errors import (
    AuthenticationError,
    BadRequestError,
    ClockError,
    LockBusyError,
    LockOfflineError,
    LockRefusedError,
    NotAuthorizedError,
    NotFoundError,
    PathError,
    QuotaExhaustedError,
    ServerError,
    TokenError,
    TransportError,
    TuyaError,
    UnexpectedReplyError,
    UnsupportedError,
)
from custom_components.tuya_lock_users.api.models import Role
from custom_components.tuya_lock_users.api.profiles import Profile
from custom_components.tuya_lock_users.api.rate_limit import CALLS_IN_FLIGHT
from custom_components.tuya_lock_users.api.user_list import UserCalls
from simulator import ADMIN, MEMBER, SimulatedCloud
from tests.common import cases, load_fixture

from .conftest import MakeClient, Site

USERS: Final = "/v1.1/devices/{lock_id}/users"
QUERY: Final = {"keyword": "", "role": "", "page_no": "1", "page_size": "20"}
ROLE: Final = "/v1.0/smart-lock/devices/{lock_id}/users/{user_id}/actions/role"

TWENTY_MINUTES: Final = 1200
ENVELOPES: Final = load_fixture("envelopes")

type Write = Callable[[TuyaCloud], Awaitable[Any]]


async def read(client: TuyaCloud) -> Any:
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

# Transient errors; a write may have taken effect.
TRANSIENT: Final = load_fixture("transient_faults") | {
    "not-utf-8": ["body", [b'{"success": true, "\xff": 1}'], "UnexpectedReplyError"]
}


def plant(cloud: SimulatedCloud, name: str, times: int | None) -> type[TuyaError]:
    """Plant a transient fault on every business call; return the error it causes."""
    kind, nature, error = TRANSIENT[name]
    getattr(cloud.faults, kind)(*nature, on="business", times=times)
    found: type[TuyaError] = getattr(errors, error)
    return found


def endpoints(cloud: SimulatedCloud) -> list[str | None]:
    return [call.endpoint for call in cloud.calls]


class TestRepeating:
    """Reads are repeated twice, writes never."""

    @pytest.mark.parametrize("name", TRANSIENT)
    async def test_read(self, site: Site, name: str) -> None:
        """A read has three attempts; the last one raises the error."""
        error = plant(site.cloud, name, times=None)
        with pytest.raises(TuyaError) as caught:
            await read(site.client)
        assert type(caught.value) is error
        assert endpoints(site.cloud) == ["token", *["users_v11"] * 3]
        site.cloud.faults.clear()
        plant(site.cloud, name, times=2)
        assert (await read(site.client))["total"] == 4
        assert endpoints(site.cloud) == ["token", *["users_v11"] * 6]

    @pytest.mark.parametrize("write", WRITES)
    @pytest.mark.parametrize("name", TRANSIENT)
    async def test_write(self, site: Site, name: str, write: Write) -> None:
        error = plant(site.cloud, name, times=1)
        with pytest.raises(TuyaError) as caught:
            await write(site.client)
        assert type(caught.value) is error
        assert len(site.cloud.calls.writes) == 1

    @pytest.mark.parametrize(
        ("code", "error"),
        [
            (1106, NotAuthorizedError),
            (2009, UnsupportedError),
            (2328, LockBusyError),
            (28841004, QuotaExhaustedError),
            (987654, LockRefusedError),
        ],
    )
    @pytest.mark.parametrize("call", [read, put], ids=["read", "write"])
    async def test_refused(
        self, site: Site, code: int, error: type[TuyaError], call: Write
    ) -> None:
        """A lasting refusal is not repeated."""
        site.cloud.faults.refuse(code, on="business")
        with pytest.raises(error) as caught:
            await call(site.client)
        assert caught.value.code == code
        assert caught.value.trace_id
        assert len(site.cloud.calls) == 2

    async def test_pauses(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        monkeypatch.setattr(cloud_module, "RETRY_SECONDS", (0.5, 1.5))
        monkeypatch.setattr(asyncio, "sleep", sleep)
        site.cloud.faults.http(503, on="business", times=None)
        with pytest.raises(ServerError):
            await read(site.client)
        assert len(slept) == 2
        assert 0.25 <= slept[0] <= 0.75 <= slept[1] <= 2.25

    async def test_no_connection(
        self, cloud: SimulatedCloud, make_client: MakeClient
    ) -> None:
        """Without a connection nothing was sent, which matters for a write."""
        async with cloud.serve() as url:
            client = make_client(url)
            cloud.faults.cut(on="business")
            with pytest.raises(TransportError) as cut:
                await put(client)
            assert cut.value.was_sent
        with pytest.raises(TransportError) as unsent:
            await put(client)
        assert not unsent.value.was_sent


class TestDeadline:
    """No request takes longer than its deadline."""

    @pytest.fixture(autouse=True)
    async def assert_duration(self) -> AsyncGenerator[None]:
        """Fail a test that takes longer than the deadline."""
        started = time.monotonic()
        yield
        assert time.monotonic() - started < 2

    @pytest.fixture
    def short_deadline(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        """Return a function that shortens the deadline."""
        return lambda: monkeypatch.setattr(cloud_module, "DEADLINE_SECONDS", 0.1)

    def test_seconds(self) -> None:
        """The deadline is 10 seconds (docs/architecture.md, Pace and deadlines)."""
        assert cloud_module.DEADLINE_SECONDS == 10

    @pytest.mark.parametrize(("call", "attempts"), [(read, 3), (put, 1)])
    async def test_call(
        self, site: Site, short_deadline: Callable[[], None], call: Write, attempts: int
    ) -> None:
        """A read that hangs is repeated like any other, a write is not."""
        await site.client.project_uid()
        short_deadline()
        hang = site.cloud.faults.hang(on="business", times=None)
        with pytest.raises(TransportError, match="TimeoutError"):
            await call(site.client)
        assert len(site.cloud.calls) == 1 + attempts
        hang.release()

    async def test_token(self, site: Site, short_deadline: Callable[[], None]) -> None:
        short_deadline()
        site.cloud.faults.hang(on="tokens", times=None)
        with pytest.raises(TransportError, match="TimeoutError"):
            await site.client.project_uid()

    async def test_slow_body(
        self,
        cloud: SimulatedCloud,
        make_client: MakeClient,
        short_deadline: Callable[[], None],
    ) -> None:
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
            short_deadline()
            with pytest.raises(TransportError, match="TimeoutError"):
                await client.get("/v1.0/drip")


class TestReplies:
    @pytest.mark.parametrize(("reply", "expected"), ENVELOPES["accepted"])
    async def test_accepted(self, site: Site, reply: Any, expected: object) -> None:
        site.cloud.faults.json(reply, on="business")
        assert await read(site.client) == expected

    @pytest.mark.parametrize(
        ("reply", "error", "trace_id"),
        [
            *((reply, LockOfflineError, None) for reply in ENVELOPES["offline"]),
            ({"success": False, "tid": "abc"}, LockOfflineError, "abc"),
            ({"success": False, "tid": "a\nb\x1b\ud83d"}, LockOfflineError, "ab?"),
            ({"code": 2009, "msg": "clientId is invalid"}, AuthenticationError, None),
            ({"code": 2009, "msg": ["a"], "tid": 42}, UnsupportedError, "42"),
        ],
    )
    async def test_refusal(
        self,
        site: Site,
        reply: dict[str, Any],
        error: type[TuyaError],
        trace_id: str | None,
    ) -> None:
        """A refusal is known by its code, however the rest looks."""
        if "Code" not in reply:
            reply = {"code": 2001, **reply}
        site.cloud.faults.json(reply, on="business")
        with pytest.raises(error) as caught:
            await read(site.client)
        assert caught.value.code == int(reply.get("code", 2001))
        assert caught.value.trace_id == trace_id

    async def test_redirect(
        self, cloud: SimulatedCloud, client: TuyaCloud, endpoint: str
    ) -> None:
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

    async def test_compressed(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        """A compressed reply is accepted up to the limit."""
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
    async def test_invalid_http(
        self, make_client: MakeClient, reply: bytes, socket_enabled: None
    ) -> None:
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


class TestToken:
    """The token is reused, renewed, and fetched once."""

    async def test_reused(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        """One token serves all calls, and its reply names the project."""
        for _ in range(3):
            await read(client)
            await put(client)
            assert await client.project_uid() == cloud.project_uid
        assert cloud.calls.counts()["token"] == 1
        token = cloud.calls[0]
        assert (token.raw, token.access_token) == ("/v1.0/token?grant_type=1", "")

    async def test_renewed_in_time(self, site: Site) -> None:
        """A token is not used in its last minute."""
        await read(site.client)
        site.clock.tick(TOKEN_LIFE_SECONDS - 61)
        await read(site.client)
        assert site.cloud.calls.counts()["token"] == 1
        site.clock.tick(2)
        await read(site.client)
        assert site.cloud.calls.counts()["token"] == 2
        # The cloud returns the same token, so it is fetched again earlier.
        assert site.cloud.tokens.issued == 1
        site.clock.tick(31)
        await read(site.client)
        site.clock.tick(31)
        await read(site.client)
        assert site.cloud.tokens.issued == 2
        assert all(call.success for call in site.cloud.calls)

    @cases(
        ("life", "seconds"),
        {**ENVELOPES["token_lives"], "huge": ({"expire_time": 10**400}, 7200)},
    )
    async def test_lifetime(
        self, site: Site, life: dict[str, Any], seconds: int
    ) -> None:
        site.cloud.faults.edit(
            lambda result: {"access_token": result["access_token"], **life}, on="token"
        )
        await read(site.client)
        site.clock.tick(seconds - 61)
        await read(site.client)
        assert site.cloud.calls.counts()["token"] == 1
        site.clock.tick(2)
        await read(site.client)
        assert site.cloud.calls.counts()["token"] == 2

    @pytest.mark.parametrize(
        "result",
        [
            *(None, [], "abc", {}),
            *({"access_token": token} for token in (None, "", {"a": 1}, "ключ")),
        ],
        ids=repr,
    )
    async def test_no_token(self, site: Site, result: object) -> None:
        site.cloud.faults.result(result, on="token", times=None)
        with pytest.raises(UnexpectedReplyError):
            await put(site.client)
        assert not site.cloud.calls.writes

    @pytest.mark.parametrize(
        ("token", "sent"),
        [
            pytest.param("abc\r\nX-Evil: 1", "abcX-Evil: 1", id="line-break"),
            pytest.param("abc\ud83d", "abc?", id="half-a-surrogate-pair"),
            pytest.param("abc\x00", "abc", id="control"),
            pytest.param(42, "42", id="number"),
        ],
    )
    async def test_odd_token(self, site: Site, token: object, sent: str) -> None:
        """An invalid token is harmless as a header; one sample has no envelope."""
        hostile = {"access_token": token, "expire_time": 7200}
        site.cloud.faults.json(hostile, on="token", times=None)
        with pytest.raises(TokenError):
            await put(site.client)
        assert site.cloud.calls.writes[0].access_token == sent

    @pytest.mark.parametrize(
        ("uid", "expected"),
        [
            pytest.param(None, "", id="null"),
            pytest.param(["a"], "", id="list"),
            pytest.param("x\ud83d", "x?", id="half-a-surrogate-pair"),
        ],
    )
    async def test_odd_uid(self, site: Site, uid: object, expected: str) -> None:
        """The uid of the project is text, and none is empty text."""
        site.cloud.faults.edit(lambda result: result | {"uid": uid}, on="token")
        assert await site.client.project_uid() == expected

    @pytest.mark.parametrize("code", [1010, 1011, 1012, 1400])
    @pytest.mark.parametrize("call", [read, put], ids=["read", "write"])
    async def test_expired_early(self, site: Site, code: int, call: Write) -> None:
        await read(site.client)
        site.cloud.calls.clear()
        site.cloud.kill_token(code)
        await call(site.client)
        assert [call.code for call in site.cloud.calls] == [code, None, None]
        assert site.cloud.calls[1].endpoint == "token"
        assert site.cloud.calls[0].raw == site.cloud.calls[2].raw
        assert site.cloud.tokens.issued == 2

    @pytest.mark.parametrize("call", [read, put], ids=["read", "write"])
    async def test_refused_repeatedly(self, site: Site, call: Write) -> None:
        """A token is replaced once for each call, and no more."""
        await site.client.project_uid()
        site.cloud.calls.clear()
        site.cloud.faults.refuse(1010, on="business", times=None)
        with pytest.raises(TokenError):
            await call(site.client)
        assert [call.endpoint == "token" for call in site.cloud.calls] == [
            False,
            True,
            False,
        ]

    async def test_fetched_once(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        cloud.faults.latency(0.02, on="token")
        await asyncio.gather(*(read(client) for _ in range(12)))
        assert cloud.calls.counts()["token"] == 1

    async def test_renewed_once(self, site: Site) -> None:
        site.cloud.faults.latency(0.02)
        await read(site.client)
        site.cloud.calls.clear()
        site.cloud.kill_token()
        await asyncio.gather(*(read(site.client) for _ in range(12)))
        assert site.cloud.calls.counts()["token"] == 1
        assert site.cloud.tokens.issued == 2
        # Only calls in flight were refused; the others were not sent yet.
        refused = [call for call in site.cloud.calls if call.code == 1010]
        assert 1 <= len(refused) <= CALLS_IN_FLIGHT
        assert len(site.cloud.calls) == 12 + 1 + len(refused)

    async def test_late_refusal(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        """A call that learns late of an invalid token uses the new one at once."""
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
            pytest.param("refuse", (500,), ServerError, id="system-error"),
            pytest.param("cut", (), TransportError, id="cut"),
            pytest.param("body", ("<html>",), UnexpectedReplyError, id="html"),
        ],
    )
    async def test_shared_failure(
        self, site: Site, kind: str, nature: tuple[Any, ...], error: type[TuyaError]
    ) -> None:
        """Waiting calls share the failure of a token; the next one tries again."""
        site.cloud.faults.latency(0.05, on="token", times=1)
        getattr(site.cloud.faults, kind)(*nature, on="token", times=1)
        results = await asyncio.gather(
            *(put(site.client) for _ in range(12)), return_exceptions=True
        )
        assert {type(result) for result in results} == {error}
        assert len(site.cloud.calls) == 1
        await put(site.client)
        assert len(site.cloud.calls) == 3

    async def test_cancelled(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        """If the fetching call is canceled, the next one fetches the token."""
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
        for wrong in ({"access_secret": "wrong"}, {"access_id": "wrong"}):
            with pytest.raises(AuthenticationError):
                await make_client(endpoint, **wrong).project_uid()
        assert [call.code for call in cloud.calls] == [1004, 1005]

    async def test_token_of_another_client(
        self, cloud: SimulatedCloud, make_client: MakeClient, endpoint: str
    ) -> None:
        """Two clients of one project share a token."""
        first, second = make_client(endpoint), make_client(endpoint)
        for _ in range(2):
            await read(first)
            await read(second)
        assert cloud.tokens.issued == 1
        assert len(cloud.calls) == 6


class TestClock:
    """Clock differences between client and cloud."""

    @pytest.mark.parametrize("t_as_string", [False, True], ids=["number", "text"])
    async def test_offset_at_start(self, site: Site, t_as_string: bool) -> None:
        """The offset is computed from the first refusal."""
        site.cloud.dialects.t_as_string = t_as_string
        site.cloud.clock_offset = TWENTY_MINUTES
        assert (await read(site.client))["total"] == 4
        assert [call.code for call in site.cloud.calls] == [1013, None, None]
        assert site.client.clock_offset_seconds == pytest.approx(TWENTY_MINUTES, abs=1)
        await put(site.client)
        assert len(site.cloud.calls) == 4

    @pytest.mark.parametrize("call", [read, put], ids=["read", "write"])
    @pytest.mark.parametrize(
        "offset", [TWENTY_MINUTES, -TWENTY_MINUTES], ids=["ahead", "behind"]
    )
    async def test_offset_later(self, site: Site, offset: int, call: Write) -> None:
        """The offset follows the cloud; a refused call is repeated."""
        await site.client.project_uid()
        for step in (1, 2):
            site.cloud.calls.clear()
            site.cloud.clock_offset = offset * step
            site.door.users["102"].user_type = MEMBER
            await call(site.client)
            assert [call.code for call in site.cloud.calls] == [1013, None]
            assert site.door.users["102"].user_type == (
                ADMIN if call is put else MEMBER
            )
        site.cloud.calls.clear()
        site.cloud.clock_offset = 0
        await call(site.client)
        assert site.client.clock_offset_seconds == pytest.approx(0, abs=1)

    async def test_small_offset(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        cloud.clock_offset = 200
        await read(client)
        assert client.clock_offset_seconds == 0

    @pytest.mark.parametrize("on", ["business", "token"])
    @pytest.mark.parametrize("call", [read, put], ids=["read", "write"])
    async def test_refused_repeatedly(self, site: Site, call: Write, on: str) -> None:
        """A second refusal of the time is an error."""
        site.cloud.faults.refuse(1013, on=on, times=None)
        with pytest.raises(ClockError):
            await call(site.client)
        assert [one.code for one in site.cloud.calls][-2:] == [1013, 1013]
        assert len(site.cloud.calls) == (3 if on == "business" else 2)

    @pytest.mark.parametrize(
        "time_ms",
        [
            *(None, 0, -1, "now", [1_800_000_000_000]),
            pytest.param(1_800_000_000, id="seconds"),
            pytest.param(1_800_000_000_000_000, id="microseconds"),
            pytest.param(10**400, id="beyond-all-numbers"),
        ],
    )
    async def test_refusal_without_time(self, site: Site, time_ms: object) -> None:
        """A refusal without a valid time changes nothing."""
        refusal = {"success": False, "code": 1013, "t": time_ms}
        site.cloud.faults.json(refusal, on="business")
        await read(site.client)
        assert site.client.clock_offset_seconds == 0

    async def test_token_and_clock(self, site: Site) -> None:
        await site.client.project_uid()
        site.cloud.calls.clear()
        site.cloud.kill_token()
        site.cloud.clock_offset = TWENTY_MINUTES
        await put(site.client)
        assert [call.code for call in site.cloud.calls] == [1013, 1010, None, None]


class TestRequests:
    @cases("value", ENVELOPES["query_values"])
    async def test_query(self, site: Site, value: str) -> None:
        """A value arrives as it is and is signed as it arrives."""
        await site.client.get(USERS, {**QUERY, "keyword": value}, lock_id="front")
        call = site.cloud.calls[-1]
        assert call.query == {**QUERY, "keyword": value}
        assert call.success
        assert call.raw.isascii()

    async def test_query_on_the_wire(self, site: Site) -> None:
        query = {"page_size": "20", "page_no": "1", "role": "", "keyword": "a,b c+d"}
        await site.client.get(USERS, query, lock_id="front")
        path = "/v1.1/devices/front/users"
        tail = "keyword=a,b%20c%2Bd&page_no=1&page_size=20&role="
        assert site.cloud.calls[-1].raw == f"{path}?{tail}"

    @cases("user_id", ENVELOPES["path_values"])
    async def test_path(self, site: Site, user_id: str) -> None:
        """An id of any characters arrives as it is and is signed as it arrives."""
        user = site.door.add_user("Odd", user_id=user_id)
        await site.locks.set_role("front", user_id, Role.ADMIN)
        assert user.user_type == ADMIN
        call = site.cloud.calls[-1]
        assert call.user == user_id
        assert call.raw.split("/")[6] == quote(user_id, safe=",")

    async def test_unknown_ids(self, cloud: SimulatedCloud, locks: Endpoints) -> None:
        """A slash in an id is no slash of the path; a lock is named as it was given."""
        with pytest.raises(PathError):
            await locks.user("front", "../103")
        assert cloud.calls[-1].raw == "/v1.1/devices/front/users/..%2F103"
        with pytest.raises(NotFoundError):
            await UserCalls(locks.lists, "no such lock!").with_methods()
        assert cloud.calls[-1].lock == "no such lock!"

    async def test_body(self, cloud: SimulatedCloud, client: TuyaCloud) -> None:
        body = {"nick_name": "Jürgen 🔑", "sex": 1}
        await client.send("POST", "/v1.0/devices/{id}/user", body, id="front")
        assert cloud.calls[-1].body == body

    @pytest.mark.parametrize(
        "send",
        [
            lambda locks: UserCalls(locks.lists, "front").with_filter(keyword="\ud83d"),
            lambda locks: locks.user("front", "\ud83d"),
            lambda locks: locks.add_user("front", Profile(name="\ud83d")),
            lambda locks: locks.add_user("front", Profile(height_cm=2**64)),
        ],
    )
    async def test_cannot_be_sent(
        self, site: Site, send: Callable[[Endpoints], Awaitable[Any]]
    ) -> None:
        """Values that cannot be encoded are refused before a request."""
        await site.locks.cloud.project_uid()
        with pytest.raises(BadRequestError):
            await send(site.locks)
        assert len(site.cloud.calls) == 1

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
        cloud.faults.latency(0.02)
        await asyncio.gather(*(read(client) for _ in range(13)))
        assert cloud.calls.most_in_flight == CALLS_IN_FLIGHT

    async def test_own_clock(
        self, cloud: SimulatedCloud, make_client: MakeClient, endpoint: str
    ) -> None:
        cloud.clock = time.time
        client = make_client(endpoint, clock=None)
        await read(client)
        assert [call.code for call in cloud.calls] == [None, None]

    async def test_trace_id(self, site: Site, caplog: pytest.LogCaptureFixture) -> None:
        """Call, code and trace id are in the log, for support."""
        caplog.set_level(logging.DEBUG)
        reply = {"success": False, "code": 2001, "tid": "abc"}
        site.cloud.faults.json(reply, on="business")
        with pytest.raises(LockOfflineError):
            await read(site.client)
        assert f"GET {USERS}: code 2001, trace id abc" in caplog.text


def test_hosts() -> None:
    assert HOSTS == {
        "cn": "https://openapi.tuyacn.com",
        "us_west": "https://openapi.tuyaus.com",
        "us_east": "https://openapi-ueaz.tuyaus.com",
        "eu_central": "https://openapi.tuyaeu.com",
        "eu_west": "https://openapi-weaz.tuyaeu.com",
        "in": "https://openapi.tuyain.com",
        "sg": "https://openapi-sg.iotbing.com",
    }
