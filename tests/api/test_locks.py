"""Tests of the lock calls: each request as it is documented, each reply in any dialect."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from custom_components.tuya_lock_users.api.dialects import CodeKey, Dialects
from custom_components.tuya_lock_users.api.endpoints import Endpoints, UserCache
from custom_components.tuya_lock_users.api.errors import (
    BadRequestError,
    LockRefusedError,
    NotAuthorizedError,
    PathError,
    UnexpectedReplyError,
    UnsupportedError,
)
from custom_components.tuya_lock_users.api.models import (
    LISTED_TYPES,
    AbsentUser,
    Notify,
    Phase,
    Profile,
    Role,
    UnlockMethod,
    User,
    UserType,
)
from custom_components.tuya_lock_users.api.paging import Listing
from custom_components.tuya_lock_users.api.schedule.model import (
    Delivery,
    Schedule,
    ScheduleBody,
    Window,
)
from custom_components.tuya_lock_users.api.schedule.wire import encode_schedule
from simulator import (
    ADMIN,
    FALLBACK,
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
    "03-opmodes-of-types-and-name": (
        call("unlock_methods", "front", "102", types=["card", "palm"], name="Blue"),
        f"{SMART}/opmodes/102",
        {
            "codes": "unlock_card,unlock_hand",
            "unlock_name": "Blue",
            "page_no": "1",
            "page_size": "50",
        },
    ),
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

    async def test_sample_of_a_schedule(
        self, cloud: SimulatedCloud, locks: Endpoints
    ) -> None:
        """The camelCase body is that of the documents' sample."""
        body = encode_schedule(SAMPLE_OF_A_SCHEDULE, ScheduleBody.CAMEL, time_zone=None)
        await locks.set_schedule("front", "102", body)
        assert cloud.calls[-1].body == fixture("set_schedule_request")

    async def test_sample_of_allocating(
        self, cloud: SimulatedCloud, locks: Endpoints, door: Lock
    ) -> None:
        """So is the body that allocates."""
        door.add_user("Sam", user_id="30665363")
        door.add_method("password", unlock_sn=2)
        method = UnlockMethod(type="password", number=2)
        await locks.allocate("front", "30665363", [method])
        assert cloud.calls[-1].body == fixture("allocate_request")

    async def test_sample_of_deallocating(
        self, cloud: SimulatedCloud, locks: Endpoints, door: Lock
    ) -> None:
        """And the one that deallocates."""
        user = door.add_user("Sam", user_id="00****pdo")
        methods = []
        for kind, number in (("fingerprint", 2), ("password", 1), ("card", 3)):
            door.methods = [m for m in door.methods if m.unlock_sn != number]
            door.add_method(kind, user, unlock_sn=number, allocate_flag=1)
            methods.append(UnlockMethod(type=kind, number=number))
        await locks.deallocate("front", "00****pdo", methods, CodeKey.DP_CODE)
        assert cloud.calls[-1].body == fixture("deallocate_request")

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


def thumb(door: Lock) -> UnlockMethod:
    """Return Alice's thumb, as the users call shows it."""
    return UnlockMethod(
        type="fingerprint",
        number=0,
        name="Thumb",
        unlock_id="1-0",
        opmode_id=str(door.method("unlock_fingerprint", 0).opmode_id),
        duress=False,
        admin=True,
        photo=False,
    )


class TestResults:
    """What the replies are read as, in the plain dialect."""

    async def test_users(self, locks: Endpoints, door: Lock) -> None:
        """No. 1: users with schedules and methods."""
        listing = await locks.users("front")
        assert listing.is_complete
        alice, bob, carol, _ = listing.items
        assert alice == User(
            user_id="101",
            name="Alice",
            user_type=UserType.OWNER,
            lock_user_id=1,
            account_uid=UID,
            notify_on_arrival=False,
            effective=1,
            schedule=PERMANENT,
            unlock_methods=(thumb(door),),
        )
        assert bob.contact == "bob@example.com"
        assert [method.key for method in bob.unlock_methods or ()] == [
            ("card", 1),
            ("password", 1),
        ]
        assert carol.unlock_methods == ()

    async def test_opmodes(self, locks: Endpoints, door: Lock) -> None:
        """No. 3: methods with all details."""
        card = door.method("unlock_card", 1)
        card.delivery = CloudDelivery(2e9, "SUCCESS")
        card.phase, card.voice_phone, card.channel_id = 10, "49-30", 2
        listing = await locks.unlock_methods("front", "102")
        assert listing.is_complete
        assert listing.items[0] == UnlockMethod(
            type="card",
            number=1,
            name="Blue card",
            unlock_id="5-1",
            opmode_id=str(card.opmode_id),
            user_id="102",
            phase=Phase.TO_BE_CREATED,
            duress=False,
            voice=False,
            can_deallocate=True,
            delivery=Delivery.ONGOING,
            notify=Notify(app=True, call="49-30"),
            channel=2,
        )
        assert len(listing.items) == 2

    async def test_opmodes_of_types_and_name(self, locks: Endpoints) -> None:
        """No. 3 with a filter: the cloud does the filtering."""
        listing = await locks.unlock_methods("front", "102", types=["password"])
        assert [method.key for method in listing.items] == [("password", 1)]
        listing = await locks.unlock_methods("front", "102", name="blue")
        assert [method.key for method in listing.items] == [("card", 1)]

    async def test_absent_users(self, locks: Endpoints, door: Lock) -> None:
        """No. 4: who is gone from the home, with methods left on the lock."""
        assert (await locks.absent_users("front")).items == ()
        door.remove_user("102")
        listing = await locks.absent_users("front")
        assert listing == Listing(
            items=(
                AbsentUser(user_id="102", user_type=UserType.MEMBER, lock_user_id=2),
            ),
            is_complete=True,
        )

    async def test_profile(self, locks: Endpoints, door: Lock) -> None:
        """No. 10: what the home remembers of a person, once it was told."""
        await locks.update_user("front", "102", ALICE)
        assert await locks.profile("front", "102") == ALICE

    async def test_profile_of_an_administrator(
        self, cloud: SimulatedCloud, locks: Endpoints
    ) -> None:
        """No. 10 is refused for administrators."""
        with pytest.raises(NotAuthorizedError):
            await locks.profile("front", "101")

    async def test_user(self, locks: Endpoints) -> None:
        """No. 11: one user, without methods."""
        user = await locks.user("front", "102")
        assert (user.user_id, user.name, user.user_type) == (
            "102",
            "Bob",
            UserType.MEMBER,
        )
        assert user.schedule == PERMANENT
        assert user.unlock_methods is None

    async def test_current_user(self, locks: Endpoints) -> None:
        """No. 11 of "0": the project's own user, under the real id."""
        assert (await locks.user("front", "0")).user_id == "101"

    async def test_users_by_name(self, locks: Endpoints) -> None:
        """No. 12: little more than names."""
        listing = await locks.users_by_name("front")
        assert listing.is_complete
        assert listing.items[1] == User(
            user_id="102", name="Bob", contact="bob@example.com"
        )
        assert len(listing.items) == 4

    async def test_users_with_filter(self, locks: Endpoints) -> None:
        """No. 13: users without methods, filtered by the cloud."""
        everybody = await locks.users_with_filter("front")
        assert [user.name for user in everybody.items] == [
            *("Alice", "Bob", "Carol", "Dave"),
        ]
        assert {user.unlock_methods for user in everybody.items} == {None}
        members = await locks.users_with_filter("front", role=Role.NORMAL, keyword="o")
        assert [user.name for user in members.items] == ["Bob", "Carol"]

    async def test_devices(self, cloud: SimulatedCloud, locks: Endpoints) -> None:
        """No. 17 and associated-devices: all devices, locks or not, without keys."""
        cloud.add_device("lamp", "Lamp", category="dj", online=False)
        cloud.add_lock("other", account_uid=cloud.add_account("eu2"))
        of_account = await locks.account_devices(UID)
        of_project = await locks.project_devices()
        assert [lock.lock_id for lock in of_account.items] == ["front", "lamp"]
        assert [lock.lock_id for lock in of_project.items] == ["front", "lamp", "other"]
        front, lamp = of_account.items
        assert of_project.items[:2] == of_account.items
        assert (front.name, front.model, front.online) == ("Front door", "VL-90", True)
        assert (front.is_lock, front.account_uid) == (True, UID)
        assert (front.time_zone, front.category) == ("+01:00", "jtmspro")
        assert (lamp.is_lock, lamp.online) == (False, False)

    async def test_unassigned(self, locks: Endpoints, door: Lock) -> None:
        """Unassigned methods, of all types or of one."""
        door.method("unlock_card", 2).unlock_attr = 1
        for kind in ("hand", "fingerVein", "eye", "face"):
            door.add_method(kind)
        listing = await locks.unassigned_methods("front")
        assert listing.is_complete
        assert listing.items == (
            UnlockMethod(type="card", number=2, duress=True),
            *(
                UnlockMethod(type=kind, number=1, duress=False)
                for kind in ("remote_control", "palm", "finger_vein", "iris", "face")
            ),
        )
        for method in listing.items:
            alone = await locks.unassigned_methods("front", method.type)
            assert alone.items == (method,)

    async def test_add_user(self, locks: Endpoints, door: Lock) -> None:
        """No. 6: the id of the new user comes back."""
        user_id = await locks.add_user("front", ALICE)
        assert door.users[user_id].nick_name == "Alice"
        assert door.users[user_id].user_contact == "alice@example.com"

    async def test_orders_take_effect(self, locks: Endpoints, door: Lock) -> None:
        """The other orders do what they say."""
        await locks.set_role("front", "102", Role.ADMIN)
        assert door.users["102"].user_type == ADMIN
        await schedule(ScheduleBody.WRAPPED)(locks)
        assert door.users["102"].schedule.windows[0].working_day == WORKDAYS
        await locks.allocate("front", "103", [STRAY])
        assert door.method("unlock_card", 2).user_id == "103"
        await locks.delete_user("front", "104")
        assert "104" not in door.users


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

    async def test_unknown_values_of_users(
        self, cloud: SimulatedCloud, locks: Endpoints, full_door: Lock
    ) -> None:
        """An unknown type of user is unknown, an unknown code stays as it came."""
        cloud.dialects.unknown_values = True
        _, bob, *_ = (await locks.users("front")).items
        assert bob.user_type is UserType.UNKNOWN
        assert bob.schedule
        assert bob.schedule.delivery is None
        assert {method.type for method in bob.unlock_methods or ()} == {"unlock_nose"}
        method, *_ = (await locks.unlock_methods("front", "102")).items
        assert (method.type, method.phase) == ("unlock_nose", None)

    @pytest.mark.parametrize("names", ["empty", "null"])
    @pytest.mark.parametrize(
        "name", ["users", "users_with_filter", "users_by_name"], ids=lambda name: name
    )
    async def test_nameless(
        self, cloud: SimulatedCloud, locks: Endpoints, name: str, names: Any
    ) -> None:
        """Users without a name are users."""
        cloud.dialects.names = names
        listing = await getattr(locks, name)("front")
        assert [user.name for user in listing.items] == [None] * 4
        assert listing.is_complete

    @pytest.mark.parametrize("schedule_info", ["missing", "null"])
    async def test_no_schedule(
        self, cloud: SimulatedCloud, locks: Endpoints, schedule_info: Any
    ) -> None:
        """Users without a schedule are users."""
        cloud.dialects.schedule_info = schedule_info
        listing = await locks.users("front")
        assert {user.schedule for user in listing.items} == {None}

    async def test_sparse_users(self, cloud: SimulatedCloud, locks: Endpoints) -> None:
        """Records with the keys of the sample only."""
        cloud.dialects.user_records = "sparse"
        assert await locks.user("front", "102") == User(
            user_id="102",
            name="Bob",
            user_type=UserType.MEMBER,
            lock_user_id=2,
            contact="bob@example.com",
        )

    async def test_sparse_methods(
        self, cloud: SimulatedCloud, locks: Endpoints
    ) -> None:
        """Records with the keys of the newest sample only."""
        cloud.dialects.opmode_records = "sparse"
        listing = await locks.unlock_methods("front", "102")
        assert listing.items[0] == UnlockMethod(
            type="card",
            number=1,
            name="Blue card",
            user_id="102",
            duress=False,
            voice=False,
            can_deallocate=True,
        )

    @pytest.mark.parametrize(
        ("said", "expected"),
        [(False, 0), (True, 2)],
        ids=["two-values", "three-values"],
    )
    async def test_not_yet_effective(
        self,
        cloud: SimulatedCloud,
        locks: Endpoints,
        door: Lock,
        said: bool,
        expected: int,
    ) -> None:
        """Some clouds know "not yet"."""
        cloud.dialects.effective_flag_2 = said
        door.users["102"].schedule = CloudSchedule(
            permanent=False, effective_time=START + 10, expired_time=START + 20
        )
        assert (await locks.user("front", "102")).effective == expected

    @pytest.mark.parametrize(
        "result", ["object", "string", "number"], ids=lambda result: result
    )
    @pytest.mark.parametrize("alphanumeric", [False, True], ids=["digits", "letters"])
    async def test_add_user(
        self,
        cloud: SimulatedCloud,
        locks: Endpoints,
        door: Lock,
        result: Any,
        alphanumeric: bool,
    ) -> None:
        """No. 6: the id comes in an object or bare, in digits or letters."""
        cloud.dialects.set(add_user_result=result, alphanumeric_ids=alphanumeric)
        assert await locks.add_user("front", ALICE) in door.users

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
        "reply",
        [
            pytest.param(fixture("taken"), id="with-result"),
            pytest.param(fixture("taken_without_result"), id="without-result"),
        ],
    )
    @pytest.mark.parametrize(
        "send", [pytest.param(send, id=name) for name, (send, *_) in ORDERS.items()]
    )
    async def test_order_sample(
        self, cloud: SimulatedCloud, locks: Endpoints, send: Call, reply: object
    ) -> None:
        """The samples of the documents are success, with a result and without."""
        cloud.faults.json(reply, on="writes")
        await send(locks)
        assert len(cloud.calls.writes) == 1

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
        ("body", "variant"),
        [
            pytest.param(ScheduleBody.WRAPPED, "A", id="wrapped"),
            pytest.param(ScheduleBody.FLAT, "B", id="flat"),
            pytest.param(ScheduleBody.CAMEL, "C", id="camel"),
        ],
    )
    async def test_schedule_bodies(
        self,
        cloud: SimulatedCloud,
        locks: Endpoints,
        door: Lock,
        body: ScheduleBody,
        variant: str,
    ) -> None:
        """No. 2: each body is understood where it is known, and refused elsewhere."""
        cloud.dialects.schedule_bodies = frozenset(variant)
        for one in ScheduleBody:
            if one is body:
                await schedule(one)(locks)
            else:
                with pytest.raises(BadRequestError):
                    await schedule(one)(locks)
        found = (await locks.user("front", "102")).schedule
        assert found
        assert (found.start, found.end) == (LIMITED.start, LIMITED.end)
        assert found.windows == (
            Window(
                mask=62, start_minute=420, end_minute=1438, time_zone="Europe/Berlin"
            ),
        )
        assert (found.operate, found.delivery) == ("add", Delivery.ONGOING)

    @pytest.mark.parametrize("key", CodeKey)
    async def test_deallocate_keys(
        self, cloud: SimulatedCloud, locks: Endpoints, key: CodeKey
    ) -> None:
        """No. 16: each key is understood where it is known, and refused elsewhere."""
        cloud.dialects.cancel_keys = frozenset({key.value})
        for one in CodeKey:
            if one is not key:
                with pytest.raises(BadRequestError):
                    await locks.deallocate("front", "102", [CARD], one)
        await locks.deallocate("front", "102", [CARD], key)

    async def test_fallback(self, cloud: SimulatedCloud, locks: Endpoints) -> None:
        """A lock that knows only the older calls says so."""
        cloud.dialects.set(**FALLBACK)
        with pytest.raises(UnsupportedError):
            await locks.users("front")
        with pytest.raises(PathError):
            await locks.allocate("front", "102", [STRAY])
        await locks.allocate_one("front", "102", STRAY)
        assert len((await locks.users_with_filter("front")).items) == 4

    async def test_unassigned_needs_a_type(
        self, cloud: SimulatedCloud, locks: Endpoints
    ) -> None:
        """Some locks want to be asked type by type."""
        cloud.dialects.unassigned_needs_type = True
        with pytest.raises(BadRequestError):
            await locks.unassigned_methods("front")
        assert (await locks.unassigned_methods("front", "card")).items[
            0
        ].key == STRAY.key

    @pytest.mark.parametrize(
        ("result", "expected"),
        [
            pytest.param(
                {"unlock_keys": [{"unlock_no": "2", "unlock_type": "card"}]},
                [STRAY],
                id="number-as-text",
            ),
            pytest.param([{"unlock_no": 2}], [STRAY], id="type-as-asked"),
            pytest.param(
                [{"unlock_no": 2, "unlock_type": None}], [STRAY], id="type-null"
            ),
            pytest.param(
                [{"unlock_sn": 2, "dp_code": "unlock_card"}],
                [STRAY],
                id="keys-of-opmodes",
            ),
            pytest.param(
                [{"unlock_type": "card"}, {"unlock_no": 2}], [STRAY], id="one-broken"
            ),
            pytest.param({"unlock_keys": []}, [], id="none"),
            pytest.param([], [], id="empty-list"),
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


class TestSamples:
    """The replies of the documents, from the wire to the models."""

    async def test_users(self, cloud: SimulatedCloud, locks: Endpoints) -> None:
        """No. 1: total 18, one record, and no more: not complete, but no error."""
        sample = fixture("users_with_methods")
        cloud.faults.json(sample, on="smart_lock_users", times=2)
        listing = await locks.users("front")
        assert [user.name for user in listing.items] == ["Test 1"]
        assert not listing.is_complete
        assert len(cloud.calls) == 3

    async def test_users_with_filter(
        self, cloud: SimulatedCloud, locks: Endpoints
    ) -> None:
        """No. 13: more is promised, and the next page is asked for."""
        cloud.faults.json(fixture("users_with_filter"), on="users_v11", times=2)
        listing = await locks.users_with_filter("front")
        assert [user.name for user in listing.items] == ["Nicole"]
        assert not listing.is_complete
        assert len(cloud.calls.to("users_v11")) == 2

    async def test_user(self, cloud: SimulatedCloud, locks: Endpoints) -> None:
        """No. 11: the current user is asked for as 0 and has an id."""
        cloud.faults.json(fixture("user"), on="user_v11")
        assert (await locks.user("front", "0")).user_id == "38028607"

    @pytest.mark.parametrize(
        ("sample", "keys"),
        [
            pytest.param(
                "unlock_methods_list", [("password", 3), ("password", 4)], id="list"
            ),
            pytest.param(
                "unlock_methods_page",
                [("card", 3), ("face", 0), ("fingerprint", 0)],
                id="page",
            ),
        ],
    )
    async def test_opmodes(
        self,
        cloud: SimulatedCloud,
        locks: Endpoints,
        sample: str,
        keys: list[tuple[str, int]],
    ) -> None:
        """No. 3: a list in one document, a page in the other."""
        cloud.faults.json(fixture(sample), on="opmodes")
        listing = await locks.unlock_methods("front", "102")
        assert [method.key for method in listing.items] == keys
        assert listing.is_complete
        assert len(cloud.calls) == 2

    async def test_absent_users(self, cloud: SimulatedCloud, locks: Endpoints) -> None:
        """No. 4."""
        cloud.faults.json(fixture("absent_users"), on="absent_users")
        assert (await locks.absent_users("front")).items[0].user_id == "390981"

    async def test_devices(self, cloud: SimulatedCloud, locks: Endpoints) -> None:
        """No. 17: total 2, one record, which is no lock."""
        cloud.faults.json(fixture("account_devices"), on="account_devices")
        listing = await locks.account_devices(UID)
        assert [lock.is_lock for lock in listing.items] == [False]
        assert not listing.is_complete


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


def test_nothing_known_of_a_lock() -> None:
    """Of a lock of which nothing is known the plain dialect is assumed."""
    dialects = Dialects()
    assert (dialects.users_call, dialects.schedule_body) == (None, None)
    assert not dialects.reversed_days
    assert not dialects.hhmm_times
