"""Tests of the lock calls: documented requests, and replies in all dialects."""

from dataclasses import replace
from typing import Any, Final

import pytest

from custom_components.tuya_lock_users.api.dialects import CodeKey
from custom_components.tuya_lock_users.api.endpoints import Endpoints
from custom_components.tuya_lock_users.api.errors import (
    LockRefusedError,
    UnexpectedReplyError,
)
from custom_components.tuya_lock_users.api.models import Role, UserCache
from custom_components.tuya_lock_users.api.paging import Listing
from custom_components.tuya_lock_users.api.profiles import Profile
from custom_components.tuya_lock_users.api.schedule.model import ScheduleBody
from custom_components.tuya_lock_users.api.smart_lock import SmartLock
from custom_components.tuya_lock_users.api.unlock_methods import UnlockMethod
from custom_components.tuya_lock_users.api.user_list import UserCalls
from simulator import (
    WORKDAYS,
    Delivery as CloudDelivery,
    Lock,
    Schedule as CloudSchedule,
    Window as CloudWindow,
)
from tests.common import cases, load_fixture

from .conftest import Site
from .support import (
    ALICE,
    CARD,
    READS,
    START,
    WRITES,
    Call,
    call,
    schedule,
    type_errors_of,
)

PASSWORD: Final = UnlockMethod(type="password", number=1)

MORE_CALLS: Final = {
    "11-user-v1.1-current": call("user", "front", "0"),
    "13-users-v1.1-filtered": call("with_filter", keyword="bo", role=Role.NORMAL),
    "unassigned-keys-of-a-type": call("unassigned_methods", "front", "card"),
    "unassigned-keys-remote-control": call(
        "unassigned_methods", "front", "remote_control"
    ),
    "02-schedule-flat": schedule(ScheduleBody.FLAT),
    "02-schedule-camel": schedule(ScheduleBody.CAMEL),
    "02-schedule-permanent": schedule(ScheduleBody.WRAPPED, permanent=True),
    "05-purge-one": call("purge_users", "front", ["103"]),
    "06-add-user": call("add_user", "front", ALICE),
    "06-add-user-name-only": call("add_user", "front", Profile(name="Erin")),
    "08-role-normal": call("set_role", "front", "102", Role.NORMAL),
    "16-deallocate-two-by-dp-code": call(
        "deallocate", "102", [CARD, PASSWORD], CodeKey.DP_CODE
    ),
    "16-deallocate-by-capital-code": call(
        "deallocate", "102", [CARD], CodeKey.CAPITAL_CODE
    ),
}
CALLS: Final = READS | WRITES | MORE_CALLS

every_read = cases("send", READS)
every_write = cases("send", WRITES)


class TestRequests:
    @pytest.mark.parametrize("name", CALLS)
    async def test_request(self, site: Site, name: str) -> None:
        expected = load_fixture("requests")[name]
        await CALLS[name](site.locks)
        assert len(site.cloud.calls) == 2
        sent = site.cloud.calls[-1]
        assert (sent.method, sent.path) == (expected["method"], expected["path"])
        assert (sent.query, sent.body) == (
            expected.get("query", {}),
            expected.get("body"),
        )
        assert sent.raw.partition("?")[0] == sent.path
        assert "%2C" not in sent.raw
        assert sent.success


# Dialects with the same meaning.
SAME: Final = load_fixture("dialects_of_replies")
ODD: Final = load_fixture("odd_records")


@pytest.fixture
def full_door(door: Lock) -> Lock:
    """The lock, with all fields set that a dialect can change."""
    bob = door.users["102"]
    bob.schedule = CloudSchedule(
        permanent=False,
        effective_time=START,
        expired_time=START + 86_399,
        windows=[CloudWindow(WORKDAYS, 540, 720, "Europe/Berlin")],
        operate="MODIFY",
        delivery=CloudDelivery(2e9, "SUCCESS"),
    )
    bob.user_contact, bob.uid, bob.sex = "bob@example.com", "eu2", 1
    card = door.method("unlock_card", 1)
    card.msg_phone, card.voice_phone = "49-30-1", "49-30-2"
    door.add_user("Gone", user_id="105")
    door.add_method("card", door.users["105"])
    door.remove_user("105")
    return door


class TestDialects:
    @cases("dialect", SAME)
    @every_read
    async def test_same(
        self, site: Site, full_door: Lock, send: Call, dialect: dict[str, Any]
    ) -> None:
        """The result is the same in every dialect, to the last field."""
        plain = await send(site.locks)
        with site.cloud.dialects.using(**dialect):
            result = await send(site.locks)
        if dialect.get("has_more") == "lying" and isinstance(result, Listing):
            result = replace(result, is_complete=True)
        assert result == plain

    @every_read
    async def test_unknown_values(
        self, site: Site, full_door: Lock, send: Call
    ) -> None:
        site.cloud.dialects.unknown_values = True
        result = await send(site.locks)
        models = result.items if isinstance(result, Listing) else [result]
        assert models
        assert not [fault for model in models for fault in type_errors_of(model)]

    @pytest.mark.parametrize(
        "result",
        [None, True, False, "", {}, [], {"user_id": None}, {"user_id": True}, 1.5],
        ids=repr,
    )
    async def test_add_user_without_id(self, site: Site, result: object) -> None:
        site.cloud.faults.result(result, on="add_user")
        with pytest.raises(UnexpectedReplyError):
            await site.locks.add_user("front", ALICE)
        assert len(site.cloud.calls.writes) == 1

    @pytest.mark.parametrize("result", [True, {}, None, "success", []], ids=repr)
    @every_write
    async def test_write_accepted(self, site: Site, send: Call, result: object) -> None:
        """A write is accepted if the envelope reports success, regardless of the result."""
        site.cloud.faults.result(result, on="writes")
        await send(site.locks)
        assert site.cloud.calls.writes[0].success

    @every_write
    async def test_write_refused(self, site: Site, send: Call) -> None:
        """The result ``false`` is a refusal."""
        site.cloud.faults.result(False, on="writes")
        with pytest.raises(LockRefusedError):
            await send(site.locks)

    @pytest.mark.parametrize(("result", "numbers"), ODD["unassigned_cards"])
    async def test_unassigned(
        self, site: Site, result: object, numbers: list[int]
    ) -> None:
        site.cloud.faults.result(result, on="unassigned_keys")
        listing = await site.locks.unassigned_methods("front", "card")
        cards = [UnlockMethod(type="card", number=number) for number in numbers]
        assert list(listing.items) == cards


class TestSingleRecords:
    @pytest.mark.parametrize(("result", "user_id"), ODD["users"])
    async def test_user(self, site: Site, result: object, user_id: str) -> None:
        """A user may come in several forms, and without the id that was asked for."""
        site.cloud.faults.result(result, on="user_v11")
        user = await site.locks.user("front", "102")
        assert (user.user_id, user.name) == (user_id, "Bob")

    @pytest.mark.parametrize("result", [None, True, 42, "Bob", [], [42]], ids=repr)
    async def test_no_record(self, site: Site, result: object) -> None:
        """A result without a record, or without an ID, is an error after one call."""
        site.cloud.faults.result(result, on={"user_v11", "user_v10"}, times=None)
        for call_ in (
            site.locks.user("front", "102"),
            site.locks.profile("front", "102"),
        ):
            with pytest.raises(UnexpectedReplyError):
                await call_
        assert len(site.cloud.calls) == 3
        site.cloud.faults.clear()
        site.cloud.faults.json(
            {"success": True, "result": {}}, path="/users/", times=None
        )
        with pytest.raises(UnexpectedReplyError):
            await site.locks.user("front", " ")


class TestUserCache:
    """Users that did not change are not decoded again."""

    @pytest.mark.parametrize("name", ["with_methods", "with_filter"])
    async def test_same_objects(self, locks: Endpoints, door: Lock, name: str) -> None:
        """Unchanged users are the same objects; changed ones are new."""
        cache = UserCache()
        read = getattr(UserCalls(locks.lists, "front"), name)
        first = (await read(cache=cache)).items
        door.users["102"].nick_name = "Robert"
        second = (await read(cache=cache)).items
        assert [a is b for a, b in zip(first, second, strict=True)] == [
            *(True, False, True, True)
        ]
        assert second[1].name == "Robert"
        assert (await read()).items == second

    async def test_missing_user_forgotten(self, locks: Endpoints, door: Lock) -> None:
        cache = UserCache()
        users = UserCalls(locks.lists, "front")
        before = (await users.with_methods(cache)).items[3]
        dave = door.users.pop("104")
        await users.with_methods(cache)
        door.users["104"] = dave
        after = (await users.with_methods(cache)).items[3]
        assert after == before
        assert after is not before

    async def test_failed_read(self, site: Site) -> None:
        cache = UserCache()
        users = UserCalls(site.locks.lists, "front")
        first = (await users.with_methods(cache)).items
        site.cloud.faults.refuse(2001, on="smart_lock_users")
        with pytest.raises(Exception, match="2001"):
            await users.with_methods(cache)
        second = (await users.with_methods(cache)).items
        assert all(a is b for a, b in zip(first, second, strict=True))

    @pytest.mark.parametrize(
        "record",
        [
            {"user_id": "7", "nick_name": "\ud83d"},
            {"user_id": "7", "lock_user_id": 10**30},
        ],
        ids=["surrogate", "large-number"],
    )
    def test_incomparable_record(self, record: dict[str, Any]) -> None:
        cache = UserCache()
        first, second = cache.decode(record), cache.decode(record)
        assert first == second
        assert first
        assert first.user_id == "7"

    def test_broken_record(self) -> None:
        assert UserCache().decode({"nick_name": "Bob"}) is None


async def test_new_user_not_hidden(site: Site) -> None:
    """A user added since the last list is not hidden."""
    lock = SmartLock(site.locks, "front")
    await lock.users.read()
    new = site.door.add_user("New")
    site.door.add_method("card", new)
    assert not await lock.users.find_hidden_users()
    site.door.add_user("Hidden")
    site.cloud.dialects.hides_users = True
    # An empty list does not show which users it usually lists.
    site.cloud.faults.page("keep", 0, on="smart_lock_users", times=1)
    assert not await lock.users.find_hidden_users()
    assert await lock.users.find_hidden_users()
