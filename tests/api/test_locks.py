"""Tests of the lock calls: each request as it is documented, each reply in any dialect."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from custom_components.tuya_lock_users.api.dialects import CodeKey
from custom_components.tuya_lock_users.api.endpoints import Endpoints, UserCache
from custom_components.tuya_lock_users.api.errors import (
    LockRefusedError,
    UnexpectedReplyError,
)
from custom_components.tuya_lock_users.api.models import (
    LISTED_TYPES,
    Profile,
    Role,
    UnlockMethod,
)
from custom_components.tuya_lock_users.api.paging import Listing
from custom_components.tuya_lock_users.api.schedule.model import (
    Schedule,
    ScheduleBody,
    Window,
)
from custom_components.tuya_lock_users.api.schedule.wire import encode_schedule
from simulator import (
    WORKDAYS,
    Delivery as CloudDelivery,
    Lock,
    Schedule as CloudSchedule,
    SimulatedCloud,
    Window as CloudWindow,
)

from .support import faults_of, fixture

type Call = Callable[[Endpoints], Awaitable[Any]]

UID: Final = "eu1700000000000Anna1"
SMART: Final = "/v1.0/smart-lock/devices/front"
OLD: Final = "/v1.0/devices/front"
NEW: Final = "/v1.1/devices/front"
CODES: Final = (
    "unlock_fingerprint,unlock_card,unlock_password,"
    "unlock_face,unlock_hand,unlock_finger_vein"
)

CARD: Final = UnlockMethod(type="card", number=1)
STRAY: Final = UnlockMethod(type="card", number=2)
PASSWORD: Final = UnlockMethod(type="password", number=1)

START: Final = 1_800_000_000
LIMITED: Final = Schedule(
    permanent=False,
    start=START,
    end=START + 86_399,
    windows=(Window(mask=62, start_minute=420, end_minute=1438),),
)
PERMANENT: Final = Schedule(permanent=True)
SAMPLE_OF_A_SCHEDULE: Final = Schedule(
    permanent=False,
    start=1628179200,
    end=1640015999,
    windows=(Window(mask=99, start_minute=420, end_minute=1438),),
)
LIMITED_BODY: Final = {
    "permanent": False,
    "effective_time": START,
    "expired_time": START + 86_399,
    "schedule_details": [
        {
            "all_day": False,
            "start_minute": 420,
            "end_minute": 1438,
            "working_day": 62,
            "time_zone_id": "Europe/Berlin",
        }
    ],
}
ALICE: Final = Profile(
    name="Alice",
    sex_number=2,
    birthday_ms=570_672_000_000,
    height_cm=170,
    weight_grams=65_000,
    contact="alice@example.com",
)
ALICE_BODY: Final = {
    "nick_name": "Alice",
    "sex": 2,
    "birthday": 570_672_000_000,
    "height": 170,
    "weight": 65_000,
    "contact": "alice@example.com",
}


def call(method: str, /, *arguments: Any, **more: Any) -> Call:
    """Return a call of a method of Endpoints."""

    def send(locks: Endpoints) -> Awaitable[Any]:
        result: Awaitable[Any] = getattr(locks, method)(*arguments, **more)
        return result

    return send


def schedule(body: ScheduleBody, what: Schedule = LIMITED) -> Call:
    """Return a call that sets Bob's schedule."""
    content = encode_schedule(what, body, time_zone="Europe/Berlin")
    return call("set_schedule", "front", "102", content)


READS: Final[dict[str, tuple[Call, str, dict[str, str]]]] = {
    "01-users": (
        call("users", "front"),
        f"{SMART}/users",
        {"codes": CODES, "page_no": "1", "page_size": "100"},
    ),
    "03-opmodes": (
        call("unlock_methods", "front", "102"),
        f"{SMART}/opmodes/102",
        {"codes": "", "unlock_name": "", "page_no": "1", "page_size": "50"},
    ),
    "04-absent-users": (
        call("absent_users", "front"),
        f"{OLD}/door-lock/absent-users",
        {},
    ),
    "10-user-v1.0": (call("profile", "front", "102"), f"{OLD}/users/102", {}),
    "11-user-v1.1": (call("user", "front", "102"), f"{NEW}/users/102", {}),
    "12-users-v1.0": (call("users_by_name", "front"), f"{OLD}/users", {}),
    "13-users-v1.1": (
        call("users_with_filter", "front"),
        f"{NEW}/users",
        {"keyword": "", "role": "", "page_no": "1", "page_size": "100"},
    ),
    "17-account-devices": (
        call("account_devices", UID),
        f"/v1.0/smart-lock/users/{UID}/devices",
        {"page_no": "1", "page_size": "50"},
    ),
    "associated-devices": (
        call("project_devices"),
        "/v1.0/iot-01/associated-users/devices",
        {"size": "50"},
    ),
    "unassigned-keys": (
        call("unassigned_methods", "front"),
        f"{OLD}/door-lock/unassigned-keys",
        {},
    ),
}
MORE_READS: Final[dict[str, tuple[Call, str, dict[str, str]]]] = {
    "11-user-v1.1-current": (call("user", "front", "0"), f"{NEW}/users/0", {}),
    "13-users-v1.1-filtered": (
        call("users_with_filter", "front", keyword="bo", role=Role.NORMAL),
        f"{NEW}/users",
        {"keyword": "bo", "role": "normal", "page_no": "1", "page_size": "100"},
    ),
    "unassigned-keys-of-a-type": (
        call("unassigned_methods", "front", "card"),
        f"{OLD}/door-lock/unassigned-keys",
        {"unlock_type": "card"},
    ),
    "unassigned-keys-remote-control": (
        call("unassigned_methods", "front", "remote_control"),
        f"{OLD}/door-lock/unassigned-keys",
        {"unlock_type": "remoteControl"},
    ),
}
ORDERS: Final[dict[str, tuple[Call, str, str, Any]]] = {
    "02-schedule-wrapped": (
        schedule(ScheduleBody.WRAPPED),
        "PUT",
        f"{SMART}/users/102/schedule",
        {"schedule": LIMITED_BODY},
    ),
    "05-purge": (
        call("purge_users", "front", ["103", "104"]),
        "POST",
        f"{SMART}/users/103,104/actions/delete-users-issue",
        None,
    ),
    "07-update-user": (
        call("update_user", "front", "102", ALICE),
        "PUT",
        f"{OLD}/users/102",
        ALICE_BODY,
    ),
    "08-role": (
        call("set_role", "front", "102", Role.ADMIN),
        "PUT",
        f"{SMART}/users/102/actions/role",
        fixture("set_role_request"),
    ),
    "09-delete-user": (
        call("delete_user", "front", "102"),
        "DELETE",
        f"{OLD}/users/102",
        None,
    ),
    "14-allocate-one": (
        call("allocate_one", "front", "102", STRAY),
        "POST",
        f"{OLD}/device-lock/users/102/allocate",
        {"no": "2", "type": "card"},
    ),
    "15-allocate": (
        call("allocate", "front", "102", [STRAY]),
        "POST",
        f"{OLD}/door-lock/opmodes/actions/allocate",
        {"user_id": "102", "unlock_list": [{"dp_code": "unlock_card", "unlock_sn": 2}]},
    ),
    "16-deallocate": (
        call("deallocate", "front", "102", [CARD], CodeKey.CODE),
        "POST",
        f"{SMART}/opmodes/actions/cancel-allocate",
        {"user_id": "102", "unlock_list": [{"code": "unlock_card", "unlock_sn": 1}]},
    ),
}
MORE_ORDERS: Final[dict[str, tuple[Call, str, str, Any]]] = {
    "02-schedule-flat": (
        schedule(ScheduleBody.FLAT),
        "PUT",
        f"{SMART}/users/102/schedule",
        LIMITED_BODY,
    ),
    "02-schedule-camel": (
        schedule(ScheduleBody.CAMEL),
        "PUT",
        f"{SMART}/users/102/schedule",
        {
            "permanent": False,
            "effectiveTime": START,
            "expiredTime": START + 86_399,
            "scheduleDetails": [
                {
                    "allDay": False,
                    "start_minute": "420",
                    "end_minute": "1438",
                    "workingDay": 62,
                    "timeZoneId": "Europe/Berlin",
                }
            ],
        },
    ),
    "02-schedule-permanent": (
        schedule(ScheduleBody.WRAPPED, PERMANENT),
        "PUT",
        f"{SMART}/users/102/schedule",
        {"schedule": {"permanent": True}},
    ),
    "05-purge-one": (
        call("purge_users", "front", ["103"]),
        "POST",
        f"{SMART}/users/103/actions/delete-users-issue",
        None,
    ),
    "06-add-user": (
        call("add_user", "front", ALICE),
        "POST",
        f"{OLD}/user",
        ALICE_BODY,
    ),
    "06-add-user-of-a-name": (
        call("add_user", "front", Profile(name="Erin")),
        "POST",
        f"{OLD}/user",
        {"nick_name": "Erin", "sex": 1},
    ),
    "08-role-normal": (
        call("set_role", "front", "102", Role.NORMAL),
        "PUT",
        f"{SMART}/users/102/actions/role",
        {"role": "normal"},
    ),
    "16-deallocate-two-by-dp-code": (
        call("deallocate", "front", "102", [CARD, PASSWORD], CodeKey.DP_CODE),
        "POST",
        f"{SMART}/opmodes/actions/cancel-allocate",
        {
            "user_id": "102",
            "unlock_list": [
                {"dp_code": "unlock_card", "unlock_sn": 1},
                {"dp_code": "unlock_password", "unlock_sn": 1},
            ],
        },
    ),
    "16-deallocate-by-capital-code": (
        call("deallocate", "front", "102", [CARD], CodeKey.CAPITAL_CODE),
        "POST",
        f"{SMART}/opmodes/actions/cancel-allocate",
        {"user_id": "102", "unlock_list": [{"Code": "unlock_card", "unlock_sn": 1}]},
    ),
}


class TestRequests:
    """The requests, as the cloud got them."""

    @pytest.mark.parametrize(
        ("send", "path", "query"),
        [pytest.param(*one, id=name) for name, one in (READS | MORE_READS).items()],
    )
    async def test_read(
        self,
        cloud: SimulatedCloud,
        locks: Endpoints,
        send: Call,
        path: str,
        query: dict[str, str],
    ) -> None:
        """A read is one GET of the documented path with the documented query."""
        await send(locks)
        assert len(cloud.calls) == 2
        sent = cloud.calls[-1]
        assert (sent.method, sent.path, sent.query) == ("GET", path, query)
        assert sent.body is None
        assert sent.success
        assert "%2C" not in sent.raw

    @pytest.mark.parametrize(
        ("send", "method", "path", "body"),
        [pytest.param(*one, id=name) for name, one in (ORDERS | MORE_ORDERS).items()],
    )
    async def test_order(
        self,
        cloud: SimulatedCloud,
        locks: Endpoints,
        send: Call,
        method: str,
        path: str,
        body: Any,
    ) -> None:
        """An order is one request of the documented verb, path and body."""
        await send(locks)
        assert len(cloud.calls) == 2
        sent = cloud.calls[-1]
        assert (sent.method, sent.path, sent.query) == (method, path, {})
        assert sent.raw == path
        assert sent.body == body
        assert sent.success

    async def test_all_endpoints(
        self, cloud: SimulatedCloud, locks: Endpoints, door: Lock
    ) -> None:
        """Every endpoint of the documents is among those tested here."""
        for send, *_ in (READS | ORDERS | MORE_ORDERS).values():
            door.move_method(door.method("unlock_card", 2), None)
            door.users.setdefault("102", door.users["103"])
            try:
                await send(locks)
            except LockRefusedError:
                continue
        assert cloud.calls.counts().keys() == {
            *("smart_lock_users", "set_schedule", "opmodes", "absent_users"),
            *("purge_users", "add_user", "update_user", "set_role", "delete_user"),
            *("user_v10", "user_v11", "users_v10", "users_v11", "allocate_one"),
            *("allocate", "cancel_allocate", "account_devices"),
            *("associated_devices", "unassigned_keys", "token"),
        }


# Ways of speaking that change nothing of what is meant.
SAME: Final[dict[str, dict[str, Any]]] = {
    "no-trace-id": {"tid": False},
    "time-as-text": {"t_as_string": True},
    "ids-as-numbers": {"user_ids": "number"},
    "times-as-text": {"epochs": "string"},
    "serials-as-text": {"serials": "string"},
    "op-mode-ids-as-text": {"op_mode_ids": "string"},
    "allocate-flag-boolean": {"allocate_flag": "boolean"},
    "app-send-boolean": {"app_send": "boolean"},
    "notify-info-as-text": {"notify_info": "json"},
    "schedule-in-an-array": {"schedule_info": "array"},
    "opmodes-as-a-list": {"opmodes": "list"},
    "list-under-another-key": {"page_key": "list"},
    "no-totals": {"totals": "absent"},
    "no-has-more": {"has_more": "absent"},
    "has-more-wrong": {"has_more": "lying"},
}


@pytest.fixture
def full_door(door: Lock) -> Lock:
    """The lock, with something in every field that a dialect can change."""
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
    """Every documented way of saying the same."""

    @pytest.mark.parametrize(
        "dialect", [pytest.param(one, id=name) for name, one in SAME.items()]
    )
    @pytest.mark.parametrize(
        "send", [pytest.param(send, id=name) for name, (send, *_) in READS.items()]
    )
    async def test_same(
        self,
        cloud: SimulatedCloud,
        locks: Endpoints,
        full_door: Lock,
        send: Call,
        dialect: dict[str, Any],
    ) -> None:
        """The result is the same in every dialect, to the last field."""
        plain = await send(locks)
        with cloud.dialects.speaking(**dialect):
            result = await send(locks)
        if dialect.get("has_more") == "lying" and isinstance(result, Listing):
            result = replace(result, is_complete=True)
        assert result == plain

    @pytest.mark.parametrize(
        "send", [pytest.param(send, id=name) for name, (send, *_) in READS.items()]
    )
    async def test_unknown_values(
        self, cloud: SimulatedCloud, locks: Endpoints, full_door: Lock, send: Call
    ) -> None:
        """Values that no document lists break nothing."""
        cloud.dialects.unknown_values = True
        result = await send(locks)
        models = result.items if isinstance(result, Listing) else [result]
        assert models
        assert not [fault for model in models for fault in faults_of(model)]

    @pytest.mark.parametrize(
        "result",
        [None, True, False, "", {}, [], {"user_id": None}, {"user_id": True}, 1.5],
        ids=repr,
    )
    async def test_add_user_without_id(
        self, cloud: SimulatedCloud, locks: Endpoints, result: object
    ) -> None:
        """Without an id nobody knows whether there is a new user."""
        cloud.faults.result(result, on="add_user")
        with pytest.raises(UnexpectedReplyError):
            await locks.add_user("front", ALICE)
        assert len(cloud.calls.writes) == 1

    @pytest.mark.parametrize(
        "result",
        [
            pytest.param(True, id="true"),
            pytest.param({}, id="object"),
            pytest.param(None, id="null"),
            pytest.param("success", id="text"),
            pytest.param([], id="list"),
        ],
    )
    @pytest.mark.parametrize(
        "send", [pytest.param(send, id=name) for name, (send, *_) in ORDERS.items()]
    )
    async def test_order_taken(
        self, cloud: SimulatedCloud, locks: Endpoints, send: Call, result: object
    ) -> None:
        """An order is taken when the envelope says so, whatever the result."""
        cloud.faults.result(result, on="writes")
        await send(locks)
        assert cloud.calls.writes[0].success

    @pytest.mark.parametrize(
        "send", [pytest.param(send, id=name) for name, (send, *_) in ORDERS.items()]
    )
    async def test_order_not_taken(
        self, cloud: SimulatedCloud, locks: Endpoints, send: Call
    ) -> None:
        """The result ``false`` takes the success back."""
        cloud.faults.result(False, on="writes")
        with pytest.raises(LockRefusedError):
            await send(locks)

    @pytest.mark.parametrize(
        ("result", "expected"),
        [
            ({"unlock_keys": [{"unlock_no": "2", "unlock_type": "card"}]}, [STRAY]),
            ([{"unlock_no": 2}], [STRAY]),
            ([{"unlock_no": 2, "unlock_type": None}], [STRAY]),
            ([{"unlock_sn": 2, "dp_code": "unlock_card"}], [STRAY]),
            ([{"unlock_type": "card"}, {"unlock_no": 2}], [STRAY]),
            ({"unlock_keys": []}, []),
            ([], []),
        ],
    )
    async def test_unassigned(
        self,
        cloud: SimulatedCloud,
        locks: Endpoints,
        result: object,
        expected: list[UnlockMethod],
    ) -> None:
        """Unassigned methods in whatever form they come."""
        cloud.faults.result(result, on="unassigned_keys")
        listing = await locks.unassigned_methods("front", "card")
        assert list(listing.items) == expected


class TestSingleRecords:
    """Replies of one record."""

    @pytest.mark.parametrize(
        ("result", "user_id"),
        [
            pytest.param({"nick_name": "Bob"}, "102", id="id-missing"),
            pytest.param({"user_id": None, "nick_name": "Bob"}, "102", id="id-null"),
            pytest.param({"user_id": "", "nick_name": "Bob"}, "102", id="id-empty"),
            pytest.param({"user_id": 7, "nick_name": "Bob"}, "7", id="id-number"),
            pytest.param([{"user_id": "7", "nick_name": "Bob"}], "7", id="in-a-list"),
            pytest.param('{"user_id": "7", "nick_name": "Bob"}', "7", id="as-text"),
        ],
    )
    async def test_user(
        self, cloud: SimulatedCloud, locks: Endpoints, result: object, user_id: str
    ) -> None:
        """A user may come in several forms, and without the id that was asked for."""
        cloud.faults.result(result, on="user_v11")
        user = await locks.user("front", "102")
        assert (user.user_id, user.name) == (user_id, "Bob")

    @pytest.mark.parametrize("result", [None, True, 42, "Bob", [], [42]], ids=repr)
    async def test_no_record(
        self, cloud: SimulatedCloud, locks: Endpoints, result: object
    ) -> None:
        """What is no record is an error, after one call."""
        cloud.faults.result(result, on={"user_v11", "user_v10"}, times=None)
        with pytest.raises(UnexpectedReplyError):
            await locks.user("front", "102")
        with pytest.raises(UnexpectedReplyError):
            await locks.profile("front", "102")
        assert len(cloud.calls) == 3

    async def test_user_without_any_id(
        self, cloud: SimulatedCloud, locks: Endpoints
    ) -> None:
        """A user who was asked for without an id, and has none, is nobody."""
        cloud.faults.json({"success": True, "result": {}}, path="/users/", times=None)
        with pytest.raises(UnexpectedReplyError):
            await locks.user("front", " ")


class TestMemory:
    """Users that did not change are not decoded again."""

    @pytest.mark.parametrize("name", ["users", "users_with_filter"])
    async def test_same_objects(self, locks: Endpoints, door: Lock, name: str) -> None:
        """Who did not change is the very same object; who changed is a new one."""
        memory = UserCache()
        read = getattr(locks, name)
        first = (await read("front", cache=memory)).items
        door.users["102"].nick_name = "Robert"
        second = (await read("front", cache=memory)).items
        assert [a is b for a, b in zip(first, second, strict=True)] == [
            *(True, False, True, True),
        ]
        assert second[1].name == "Robert"
        assert (await read("front")).items == second

    async def test_forgets(self, locks: Endpoints, door: Lock) -> None:
        """What a reading did not contain is forgotten with it."""
        memory = UserCache()
        before = (await locks.users("front", memory)).items[1]
        bob = door.users.pop("102")
        await locks.users("front", memory)
        door.users["102"] = bob
        after = next(
            user
            for user in (await locks.users("front", memory)).items
            if user.user_id == "102"
        )
        assert after == before
        assert after is not before

    async def test_failed_reading(
        self, cloud: SimulatedCloud, locks: Endpoints
    ) -> None:
        """A reading that fails costs nothing of what is known."""
        memory = UserCache()
        first = (await locks.users("front", memory)).items
        cloud.faults.refuse(2001, on="smart_lock_users")
        with pytest.raises(Exception, match="2001"):
            await locks.users("front", memory)
        second = (await locks.users("front", memory)).items
        assert all(a is b for a, b in zip(first, second, strict=True))

    @pytest.mark.parametrize(
        "record",
        [
            pytest.param({"user_id": "7", "nick_name": "\ud83d"}, id="surrogate"),
            pytest.param({"user_id": "7", "lock_user_id": 10**30}, id="large-number"),
        ],
    )
    def test_cannot_be_compared(self, record: dict[str, Any]) -> None:
        """A record that JSON cannot hold is decoded each time."""
        memory = UserCache()
        first, second = memory.decode(record), memory.decode(record)
        assert first == second
        assert first
        assert first.user_id == "7"

    def test_broken(self) -> None:
        """A record that cannot be read is not remembered either."""
        assert UserCache().decode({"nick_name": "Bob"}) is None


def test_listed_types() -> None:
    """The users call is asked for the six types it knows."""
    assert CODES.count(",") + 1 == len(LISTED_TYPES) == 6
