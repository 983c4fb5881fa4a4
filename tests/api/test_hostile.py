"""Tests of malformed replies: only our own errors, and models of the declared types.

The replies come from a fake session, so that thousands of them take no time.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
import json
from typing import Any, Final, cast

from aiohttp import ClientSession
from hypothesis import example, given, settings, strategies as st
import orjson
import pytest
from yarl import URL

from custom_components.tuya_lock_users.api.cloud import TuyaCloud
from custom_components.tuya_lock_users.api.decoding import LONGEST_TEXT
from custom_components.tuya_lock_users.api.endpoints import Endpoints
from custom_components.tuya_lock_users.api.errors import TuyaError, UnexpectedReplyError
from custom_components.tuya_lock_users.api.models import (
    User,
    UserCache,
    decode_absent_user,
    decode_lock,
    decode_user,
)
from custom_components.tuya_lock_users.api.paging import Listing
from custom_components.tuya_lock_users.api.profiles import decode_profile
from custom_components.tuya_lock_users.api.rate_limit import Pace
from custom_components.tuya_lock_users.api.unlock_methods import (
    UnlockMethod,
    decode_method,
)
from tests.common import cases, load_fixture

from .support import (
    ALICE,
    LISTS as CALLS_FOR_LISTS,
    RECORDS,
    WRITES,
    Call,
    call,
    type_errors_of,
)

LISTS: Final = {
    **CALLS_FOR_LISTS,
    "users-remembered": call("with_methods", UserCache()),
    "unassigned-keys-of-a-type": call("unassigned_methods", "front", "card"),
}
CALLS: Final = {
    **LISTS,
    **RECORDS,
    **WRITES,
    "06-add-user": call("add_user", "front", ALICE),
}

every_call = cases("send", CALLS)
every_list = cases("send", LISTS)
many = settings(max_examples=30, deadline=None)

KEYS: Final = [key for keys in load_fixture("record_keys").values() for key in keys]
"""Every key that a reply may have."""
# Right-to-left override, half a surrogate pair, joined emoji, and misleading texts.
ODD_TEXTS: Final = (
    *("", " ", "0", "1", "-1", "true", "null", "NaN", "1e999", "9" * 5000),
    *("{", '{"a": 1}', '{"permanent": true}', "[]", '[{"permanent": false}]'),
    *("\ud83d", "\udc4d\ud83d", "\u202eevil\u202c", "עליסה", "👩‍👧‍👦", "\x00\x1b[31m"),
    *("x" * 10_000, "ü" * 10_000, "../..", "%00", "<script>", "{lock_id}", "a\r\nb"),
)
ODD_NUMBERS: Final = (
    *(2**31, 2**63, 2**64, -(2**63) - 1, 10**400, -(10**400), 1e308, -1e308, 0.1),
    *(float("nan"), float("inf"), float("-inf"), 127, 128, 254, 1440, 2400),
    *(1_800_000_000, 1_800_000_000_000, 253_402_300_800, 10**18),
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(ODD_TEXTS)
    | st.sampled_from(ODD_NUMBERS)
)
keys = st.sampled_from(KEYS) | st.text(st.characters(), max_size=5)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)
    ),
    max_leaves=6,
)
identities = st.fixed_dictionaries(
    {},
    optional={
        "user_id": st.sampled_from(["1", 2, "x"]),
        "id": st.sampled_from(["front", 7]),
        "dp_code": st.sampled_from(["unlock_card", "unlock_nose"]),
        "unlock_sn": st.sampled_from([0, "1", 2]),
        "unlock_no": st.sampled_from([0, "1"]),
        "unlock_type": st.sampled_from(["card", "remoteControl"]),
    },
)
methods = st.lists(
    st.builds(dict.__or__, identities, st.dictionaries(keys, scalars, max_size=3)),
    max_size=3,
)
details = st.lists(
    st.fixed_dictionaries(
        {"dp_code": scalars | st.just("unlock_card"), "unlock_list": methods | anything}
    ),
    max_size=2,
)
schedules = anything | st.fixed_dictionaries(
    {
        "permanent": scalars,
        "effective_time": scalars,
        "expired_time": scalars,
        "schedule_details": st.lists(
            st.fixed_dictionaries(
                {
                    "working_day": scalars,
                    "start_minute": scalars,
                    "end_minute": scalars,
                    "all_day": scalars,
                    "time_zone_id": scalars,
                }
            ),
            max_size=2,
        ),
    }
)
records = st.builds(
    lambda *parts: {key: value for part in parts for key, value in part.items()},
    st.dictionaries(keys, anything, max_size=4),
    st.fixed_dictionaries(
        {}, optional={"time_schedule_info": schedules, "unlock_detail": details}
    ),
    identities,
)
rows = st.lists(records | anything, max_size=3)
pages = st.builds(
    lambda key, rows, rest: rest | {key: rows},
    st.sampled_from(["records", "list", "devices", "unlock_keys"]),
    rows,
    st.fixed_dictionaries(
        {}, optional={"total": scalars, "has_more": scalars, "last_row_key": scalars}
    ),
)
results = anything | records | rows | pages
successes = st.fixed_dictionaries({"success": st.just(True), "result": results})
envelopes = st.builds(
    lambda rest, result: rest | result,
    st.dictionaries(st.sampled_from(["success", "code", "msg", "t", "tid"]), anything),
    st.fixed_dictionaries(
        {}, optional={"result": results, "success": st.booleans(), "code": scalars}
    ),
)


class NoPace(Pace):
    """A pace without a limit."""

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[None]:
        yield


class Wire:
    """A fake session: every request gets the same reply."""

    TOKEN: Final = b'{"success": true, "result": {"access_token": "token"}}'

    def __init__(self, reply: bytes, status: int = 200, token: bytes = TOKEN) -> None:
        """Initialize the session with its reply."""
        self._reply = reply
        self._token = token
        self.status = status
        self.content = self
        self.requests = 0

    @asynccontextmanager
    async def request(self, _: str, url: URL, **__: Any) -> AsyncGenerator[Wire]:
        self.requests += 1
        self._is_token = url.path == "/v1.0/token"
        yield self

    async def iter_any(self) -> AsyncGenerator[bytes]:
        yield self._token if self._is_token else self._reply


def result_of(send: Call, wire: Wire) -> Any:
    """Return the result of a call, or the error that it raises."""

    async def run() -> Any:
        session = cast(ClientSession, wire)
        cloud = TuyaCloud(
            session, url="", access_id="id", access_secret="secret", pace=NoPace()
        )
        try:
            return await send(Endpoints(cloud))
        except TuyaError as err:
            return err

    return asyncio.run(run())


def check(result: Any) -> None:
    """Raise unless every field of a result has its declared type."""
    if isinstance(result, TuyaError):
        assert type(result.code) in (int, type(None))
        assert type(result.trace_id) in (str, type(None))
        orjson.dumps([str(result), result.code, result.trace_id])
        return
    if isinstance(result, Listing):
        assert type(result.is_complete) is bool
        assert type(result.items) is tuple
        for model in result.items:
            assert type_errors_of(model) == []
    elif result is not None and not isinstance(result, str):
        assert type_errors_of(result) == []
    models = result.items if isinstance(result, Listing) else (result,)
    # Decoded values can be encoded again, for states and responses.
    assert sum(len(orjson.dumps(without_raw(model))) for model in models) < 10_000_000


def without_raw(model: Any) -> Any:
    """Return a model without the schedule as received, which no state shows."""
    if not isinstance(model, User) or model.schedule is None:
        return model
    return replace(model, schedule=replace(model.schedule, raw=None))


def encoded(value: object) -> bytes:
    """Return JSON that may contain infinities and surrogates."""
    return json.dumps(value).encode()


@every_call
class TestCalls:
    @settings(max_examples=60, deadline=None)
    @given(
        reply=successes | envelopes | anything | st.text(),
        status=st.sampled_from([200, 200, 200, 204, 302, 404, 500]),
    )
    def test_any_json(self, send: Call, reply: object, status: int) -> None:
        """Only an envelope gives a result."""
        result = result_of(send, Wire(encoded(reply), status))
        check(result)
        if not isinstance(reply, dict):
            assert isinstance(result, TuyaError)

    @many
    @given(result=results, data=st.data())
    def test_damaged(self, send: Call, result: object, data: st.DataObject) -> None:
        reply = bytearray(encoded({"success": True, "result": result}))
        at = data.draw(st.integers(0, len(reply) - 1))
        if data.draw(st.booleans()):
            reply[at] = data.draw(st.integers(0, 255))
        else:
            del reply[at:]
        check(result_of(send, Wire(bytes(reply))))

    @pytest.mark.parametrize(
        "place",
        [
            pytest.param("%s", id="as-the-reply"),
            pytest.param('{"success": true, "result": %s}', id="as-the-result"),
            pytest.param('{"success": true, "result": [%s]}', id="as-a-record"),
            pytest.param(
                '{"success": true, "result": [{"user_id": "1", "id": "1", "nick_name": %s,'
                ' "time_schedule_info": %s, "unlock_detail": %s, "notify_info": %s}]}',
                id="in-a-record",
            ),
            pytest.param(
                '{"success": false, "code": 2001, "msg": %s, "tid": %s}', id="as-texts"
            ),
        ],
    )
    def test_deep(self, send: Call, place: str) -> None:
        for depth in (1_100, 30_000, 200_000):
            for opening, closing in (("[", "]"), ('{"user_id":', "}")):
                deep = opening * depth + "1" + closing * depth
                check(result_of(send, Wire(place.replace("%s", deep).encode())))


@every_list
class TestLists:
    GOOD: Final = {
        "user_id": "good",
        "id": "good",
        "dp_code": "unlock_card",
        "unlock_sn": 42,
    }

    @many
    @given(before=rows, after=rows)
    def test_good_record(self, send: Call, before: list[Any], after: list[Any]) -> None:
        reply = {"success": True, "result": [*before, self.GOOD, *after]}
        result = result_of(send, Wire(encoded(reply)))
        assert isinstance(result, Listing)
        check(result)
        identities = [
            getattr(item, "user_id", None)
            or getattr(item, "lock_id", None)
            or getattr(item, "number", None)
            for item in result.items
        ]
        assert "good" in identities or 42 in identities
        broken = [row for row in before + after if not isinstance(row, dict)]
        assert not (broken and result.is_complete)

    @many
    @given(page=pages)
    @example({"records": [{"user_id": "1", "id": "1"}], "has_more": True})
    def test_bounded(self, send: Call, page: dict[str, Any]) -> None:
        wire = Wire(encoded({"success": True, "result": page}))
        result_of(send, wire)
        assert wire.requests <= 1 + 3 * 2

    @pytest.mark.parametrize(
        "name",
        [
            pytest.param("x" * 10_000, id="ascii"),
            pytest.param("ü" * 10_000, id="umlauts"),
            pytest.param("👩‍👧" * 3_333, id="joined-emoji"),
            pytest.param("\u202eעליסה" * 2_000, id="right-to-left"),
        ],
    )
    def test_long_names(self, send: Call, name: str) -> None:
        names = dict.fromkeys(("nick_name", "name", "unlock_name"), name)
        reply = {"success": True, "result": [self.GOOD | names]}
        result = result_of(send, Wire(encoded(reply)))
        assert isinstance(result, Listing)
        check(result)
        (model,) = result.items
        if hasattr(model, "name"):
            assert model.name == name[:LONGEST_TEXT].strip()


@every_call
class TestTokens:
    @many
    @given(result=results)
    def test_any_token(self, send: Call, result: object) -> None:
        token = encoded({"success": True, "result": result})
        check(result_of(send, Wire(b'{"success": true, "result": []}', token=token)))

    @many
    @given(
        token=scalars,
        life=scalars,
        uid=scalars,
        refusal=st.fixed_dictionaries({"code": st.just(1013), "t": anything}),
    )
    def test_any_fields(
        self, send: Call, token: object, life: object, uid: object, refusal: object
    ) -> None:
        fields = {"access_token": token, "expire_time": life, "uid": uid}
        reply = encoded({"success": True, "result": fields})
        check(result_of(send, Wire(encoded(refusal), token=reply)))


@settings(max_examples=150, deadline=None)
@given(record=records)
def test_any_record(record: dict[str, Any]) -> None:
    """Every decoder, and the cache, decodes or skips any record."""
    for decode in (decode_user, decode_absent_user, decode_lock, decode_method):
        if (model := decode(record)) is not None:
            assert type_errors_of(model) == []
            orjson.dumps(without_raw(model))
    profile = decode_profile(record)
    assert profile
    assert type_errors_of(profile) == []
    orjson.dumps(profile.encoded())
    memory, plain = UserCache(), decode_user(record)
    assert memory.decode(record) == plain
    memory.rotate()
    assert memory.decode(record) == plain


def test_checks_can_fail() -> None:
    """The check of models finds a wrong value."""
    wrong = UnlockMethod(type="card", number=cast(int, "1"), duress=cast(bool, 1))
    assert type_errors_of(wrong) == [
        "UnlockMethod.number = '1'",
        "UnlockMethod.duress = 1",
    ]
    with pytest.raises(AssertionError):
        check(Listing(items=(wrong,), is_complete=True))
    assert isinstance(result_of(LISTS["01-users"], Wire(b"")), UnexpectedReplyError)
