"""Every endpoint of the simulated cloud: shapes as documented, parameters, effects."""

from typing import Any

import pytest

from simulator import (
    ADMIN,
    MEMBER,
    OWNER,
    SHARED,
    WORKDAYS,
    Lock,
    Schedule,
    SimulatedCloud,
    User,
    Window,
)
from simulator.plain import ManualClock, PlainClient

pytestmark = pytest.mark.usefixtures("door")

SMART = "/v1.0/smart-lock/devices/front"
PLAIN = "/v1.0/devices/front"
NEWER = "/v1.1/devices/front"
ALL_CODES = (
    "unlock_fingerprint,unlock_card,unlock_password,"
    "unlock_face,unlock_hand,unlock_finger_vein"
)
PAGE = {"page_no": 1, "page_size": 20}
OPMODES = {"codes": "", "unlock_name": "", **PAGE}
USERS = {"keyword": "", "role": "", **PAGE}


@pytest.fixture
def cloud(clock: ManualClock) -> SimulatedCloud:
    """A cloud with one account."""
    cloud = SimulatedCloud(clock=clock)
    cloud.add_account("eu1")
    return cloud


@pytest.fixture
def door(cloud: SimulatedCloud) -> Lock:
    """A lock with an owner, an admin and two members."""
    door = cloud.add_lock("front", "Front door")
    door.add_user(
        "Olivia", user_id="100", user_type=OWNER, user_contact="o@example.com"
    )
    door.add_user("Anton", user_id="101", user_type=ADMIN)
    door.add_user("Mia", user_id="102")
    door.add_user("Nico", user_id="103", user_contact="mia.friend@example.com")
    return door


@pytest.fixture
def mia(door: Lock) -> User:
    """A common member."""
    return door.users["102"]


# --- no. 1 ---


async def test_smart_lock_users(
    client: PlainClient, door: Lock, mia: User, clock: ManualClock
) -> None:
    """The big users call shows all there is of a user, on pages."""
    mia.schedule = Schedule(
        permanent=False,
        effective_time=int(clock()) - 60,
        expired_time=int(clock()) + 60,
        windows=[Window(WORKDAYS, 540, 720, "Europe/Berlin")],
        operate="MODIFY",
    )
    mia.uid, mia.avatar_url, mia.user_contact = "ay1", "https://x.example/1", "49-1"
    door.add_method("fingerprint", mia, unlock_sn=0, name="Thumb")
    door.add_method("password", mia, unlock_sn=4, name="Code", unlock_attr=1)
    door.add_method("password", mia, unlock_sn=5, name="Two", admin=True)
    door.add_method("remoteControl", mia)
    result = (await client.get(f"{SMART}/users", codes=ALL_CODES, **PAGE))["result"]
    assert result.keys() == {"records", "total", "total_pages", "has_more"}
    assert (result["total"], result["total_pages"], result["has_more"]) == (4, 1, False)
    record = result["records"][2]
    details = record.pop("unlock_detail")
    assert record == {
        "avatar_url": "https://x.example/1",
        "back_home_notify_attr": 0,
        "effective_flag": 1,
        "lock_user_id": 3,
        "nick_name": "Mia",
        "time_schedule_info": {
            "effective_time": int(clock()) - 60,
            "expired_time": int(clock()) + 60,
            "operate": "MODIFY",
            "permanent": False,
            "schedule_details": [
                {
                    "all_day": False,
                    "start_minute": 540,
                    "end_minute": 720,
                    "working_day": 62,
                    "time_zone_id": "Europe/Berlin",
                }
            ],
        },
        "uid": "ay1",
        "user_contact": "49-1",
        "user_id": "102",
        "user_type": 20,
    }
    assert [(d["dp_code"], d["count"]) for d in details] == [
        ("unlock_fingerprint", 1),
        ("unlock_password", 2),
    ]
    assert details[0]["unlock_list"][0].keys() == {
        "unlock_id",
        "unlock_sn",
        "unlock_name",
        "unlock_attr",
        "op_mode_id",
        "photo_unlock",
        "admin",
    }
    assert details[0]["unlock_list"][0]["unlock_sn"] == 0
    assert details[1]["unlock_list"][0]["unlock_id"] == "12-4"
    assert details[1]["unlock_list"][1]["admin"] is True
    assert result["records"][0]["time_schedule_info"] == {"permanent": True}
    assert result["records"][0]["unlock_detail"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, 1100),
        ({"codes": "unlock_card", "page_no": 1}, 1100),
        ({"codes": "unlock_card", "page_size": 1}, 1100),
        ({"codes": "", **PAGE}, 1100),
        (PAGE, 1100),
        ({"codes": "unlock_nose", **PAGE}, 1109),
        ({"codes": "unlock_telecontrol_kit", **PAGE}, 1109),
        ({"codes": "unlock_card", "page_no": 0, "page_size": 1}, 1101),
        ({"codes": "unlock_card", "page_no": "one", "page_size": 1}, 1109),
        ({"codes": "unlock_card", "page_no": 1, "page_size": -1}, 1109),
    ],
    ids=str,
)
async def test_smart_lock_users_parameters(
    client: PlainClient, query: dict[str, Any], code: int
) -> None:
    """All three parameters are required, and remote controls are not among the codes."""
    assert (await client.get(f"{SMART}/users", **query))["code"] == code


async def test_pages(client: PlainClient, door: Lock) -> None:
    """Pages follow each other; one past the end is empty."""
    seen, sizes = [], []
    for number in (1, 2, 3):
        query = USERS | {"page_no": number, "page_size": 3}
        result = (await client.get(f"{NEWER}/users", **query))["result"]
        seen += [user["user_id"] for user in result["records"]]
        sizes.append((len(result["records"]), result["has_more"]))
        assert (result["total"], result["total_pages"]) == (4, 2)
    assert sizes == [(3, True), (1, False), (0, False)]
    assert seen == list(door.users)


# --- nos. 10 to 13 ---


async def test_users_v11(client: PlainClient) -> None:
    """Users v1.1 filters by name, account and role."""

    async def names(**query: object) -> list[str]:
        reply = await client.get(f"{NEWER}/users", **(USERS | query))
        return [user["nick_name"] for user in reply["result"]["records"]]

    assert await names() == ["Olivia", "Anton", "Mia", "Nico"]
    assert await names(keyword="MIA") == ["Mia", "Nico"]
    assert await names(role="normal") == ["Mia", "Nico"]
    assert await names(role="admin") == ["Olivia", "Anton"]
    assert await names(role="admin", keyword="ant") == ["Anton"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (PAGE, 1100),
        ({"keyword": "", **PAGE}, 1100),
        ({"keyword": "", "role": ""}, 1100),
        ({"keyword": "", "role": "owner", **PAGE}, 1109),
    ],
    ids=str,
)
async def test_users_v11_parameters(
    client: PlainClient, query: dict[str, Any], code: int
) -> None:
    """All four parameters are there, if only empty."""
    assert (await client.get(f"{NEWER}/users", **query))["code"] == code


async def test_user_v11(client: PlainClient) -> None:
    """One user has the record of the list; ``0`` is the project's own."""
    listed = (await client.get(f"{NEWER}/users", **USERS))["result"]["records"]
    for record in listed:
        single = await client.get(f"{NEWER}/users/{record['user_id']}")
        assert single["result"] == record
    assert (await client.get(f"{NEWER}/users/0"))["result"] == listed[0]
    assert (await client.get(f"{NEWER}/users/999"))["code"] == 2006


async def test_profiles(client: PlainClient, mia: User) -> None:
    """The v1.0 calls show profiles: a plain list, and no administrators one by one."""
    mia.sex, mia.birthday, mia.height, mia.weight = 2, 1_200_000_000_000, 165, 54_000
    mia.user_contact = "mia@example.com"
    result = (await client.get(f"{PLAIN}/users"))["result"]
    assert isinstance(result, list)
    assert len(result) == 4
    profile = (await client.get(f"{PLAIN}/users/102"))["result"]
    assert profile == result[2]
    assert profile == {
        "user_id": "102",
        "device_id": "front",
        "nick_name": "Mia",
        "sex": 2,
        "birthday": 1_200_000_000_000,
        "height": 165,
        "weight": 54_000,
        "contact": "mia@example.com",
    }
    for user_id, code in (("100", 1106), ("101", 1106), ("999", 2006)):
        assert (await client.get(f"{PLAIN}/users/{user_id}"))["code"] == code


# --- nos. 6, 7, 9: add, update, delete ---


async def test_add_user(client: PlainClient, door: Lock) -> None:
    """A new user is a permanent common member with an id of digits."""
    body = {
        "nick_name": "Zoë",
        "sex": 2,
        "birthday": 1_000_000_000_000,
        "height": 170,
        "weight": 60_000,
        "contact": "zoe@example.com",
    }
    result = (await client.post(f"{PLAIN}/user", body))["result"]
    assert result.keys() == {"user_id"}
    user = door.users[result["user_id"]]
    assert user.user_id.isdigit()
    assert (user.nick_name, user.user_type, user.sex) == ("Zoë", MEMBER, 2)
    assert (user.birthday, user.height, user.weight) == (10**12, 170, 60_000)
    assert user.user_contact == "zoe@example.com"
    assert user.schedule.permanent
    assert user.lock_user_id == 5


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 1100),
        ({"sex": 1}, 1100),
        ({"nick_name": "", "sex": 1}, 1100),
        ({"nick_name": "Zoë"}, 1100),
        ({"nick_name": 5, "sex": 1}, 1109),
        ({"nick_name": "Zoë", "sex": 3}, 1109),
        ({"nick_name": "Zoë", "sex": "1"}, 1109),
        ({"nick_name": "Zoë", "sex": 1, "height": "tall"}, 1109),
        ({"nick_name": "Zoë", "sex": 1, "contact": 49}, 1109),
    ],
    ids=str,
)
async def test_profile_parameters(
    client: PlainClient, door: Lock, body: dict[str, Any], code: int
) -> None:
    """A name and a sex are required, to add and to update."""
    assert (await client.post(f"{PLAIN}/user", body))["code"] == code
    assert (await client.put(f"{PLAIN}/users/102", body))["code"] == code
    assert [user.nick_name for user in door.users.values()] == [
        "Olivia",
        "Anton",
        "Mia",
        "Nico",
    ]


async def test_update_user(client: PlainClient, mia: User) -> None:
    """An update changes what it names and leaves the rest."""
    mia.height, mia.user_contact = 165, "mia@example.com"
    body = {"nick_name": "Mia B.", "sex": 2, "weight": 55_000}
    assert (await client.put(f"{PLAIN}/users/102", body))["result"] is True
    assert (mia.nick_name, mia.sex, mia.weight) == ("Mia B.", 2, 55_000)
    assert (mia.height, mia.user_contact) == (165, "mia@example.com")


async def test_delete_user(client: PlainClient, door: Lock, mia: User) -> None:
    """A deleted user with methods stays on the lock as absent, one without is gone."""
    card = door.add_method("card", mia, allocate_flag=1)
    for user_id in ("102", "103"):
        reply = await client.delete(f"{PLAIN}/users/{user_id}")
        assert reply["result"] is True
    assert list(door.users) == ["100", "101"]
    assert list(door.absent) == ["102"]
    assert (card.user_id, card.allocate_flag, card.lock_user_id) == (None, 0, 3)
    assert (await client.delete(f"{PLAIN}/users/102"))["code"] == 2006
    assert (await client.get(f"{SMART}/opmodes/102", **OPMODES))["code"] == 2006


# --- nos. 4, 5: absent users ---


async def test_absent_users(client: PlainClient, door: Lock, mia: User) -> None:
    """Absent users are a plain list of three keys."""
    assert (await client.get(f"{PLAIN}/door-lock/absent-users"))["result"] == []
    door.add_method("card", mia)
    door.remove_user("102")
    result = (await client.get(f"{PLAIN}/door-lock/absent-users"))["result"]
    assert result == [{"user_id": "102", "user_type": 20, "lock_user_id": 3}]


async def test_purge(
    client: PlainClient, door: Lock, mia: User, clock: ManualClock
) -> None:
    """The lock forgets a purged user and what is still filed under them."""
    kept = door.add_method("card", mia)
    lost = door.add_method("fingerprint", mia)
    door.remove_user("102")
    door.move_method(kept, door.users["103"])
    path = f"{SMART}/users/102/actions/delete-users-issue"
    assert (await client.post(path))["result"] is True
    absent = f"{PLAIN}/door-lock/absent-users"
    assert len((await client.get(absent))["result"]) == 1
    clock.tick(3)
    assert (await client.get(absent))["result"] == []
    assert kept in door.methods
    assert lost not in door.methods
    assert (await client.post(path))["code"] == 2006


async def test_purge_several(
    client: PlainClient, door: Lock, clock: ManualClock
) -> None:
    """Several are purged at once, members too; the owner never, and then nobody."""
    path = f"{SMART}/users/{{}}/actions/delete-users-issue"
    assert (await client.post(path.format("102,100")))["code"] == 1106
    assert (await client.post(path.format(",")))["code"] == 1100
    assert (await client.post(path.format("102,103")))["result"] is True
    clock.tick(3)
    await client.get(f"{PLAIN}/users")
    assert list(door.users) == ["100", "101"]


# --- nos. 2, 8: schedule and role ---


async def test_role(client: PlainClient, mia: User) -> None:
    """A role changes the type of user; the reply has no result."""
    path = f"{SMART}/users/102/actions/role"
    reply = await client.put(path, {"role": "admin"})
    assert reply.keys() == {"success", "t", "tid"}
    assert (reply["success"], mia.user_type) == (True, ADMIN)
    await client.put(path, {"role": "normal"})
    assert mia.user_type == MEMBER
    for body, code in (({"role": "owner"}, 1109), ({}, 1100), ({"role": 10}, 1109)):
        assert (await client.put(path, body))["code"] == code


async def test_owner_is_never_touched(client: PlainClient, door: Lock) -> None:
    """Nothing changes the owner."""
    body = {"nick_name": "Usurper", "sex": 1}
    replies = [
        await client.put(f"{SMART}/users/100/actions/role", {"role": "normal"}),
        await client.put(
            f"{SMART}/users/100/schedule", {"schedule": {"permanent": True}}
        ),
        await client.put(f"{PLAIN}/users/100", body),
        await client.delete(f"{PLAIN}/users/100"),
    ]
    assert [reply["code"] for reply in replies] == [1106] * 4
    assert (door.users["100"].user_type, door.users["100"].nick_name) == (
        OWNER,
        "Olivia",
    )


BODIES: dict[str, dict[str, Any]] = {
    "A": {
        "schedule": {
            "permanent": False,
            "effective_time": 1628179200,
            "expired_time": 1640015999,
            "schedule_details": [
                {"all_day": False, "start_minute": 420, "end_minute": 1438,
                 "working_day": 99}
            ],
        }
    },
    "B": {
        "permanent": False,
        "effective_time": "1628179200",
        "expired_time": "1640015999",
        "schedule_details": [
            {"all_day": False, "start_minute": 420, "end_minute": 1438,
             "working_day": 99}
        ],
    },
    "C": {
        "scheduleDetails": [
            {"allDay": False, "start_minute": "420", "end_minute": "1438",
             "workingDay": 99}
        ],
        "effectiveTime": 1628179200,
        "expiredTime": 1640015999,
        "permanent": False,
    },
}  # fmt: skip
"""The three bodies of the documents with the values of their sample."""


@pytest.mark.parametrize("variant", "ABC")
async def test_schedule(
    client: PlainClient, mia: User, clock: ManualClock, variant: str
) -> None:
    """Each of the three bodies sets the same schedule, delivered after a while."""
    clock.now = 1628179200.0 + 3600
    path = f"{SMART}/users/102/schedule"
    assert (await client.put(path, BODIES[variant]))["result"] is True
    record = (await client.get(f"{NEWER}/users/102"))["result"]
    assert record["effective_flag"] == 1
    assert record["time_schedule_info"] == {
        "permanent": False,
        "effective_time": 1628179200,
        "expired_time": 1640015999,
        "schedule_details": [
            {
                "all_day": False,
                "start_minute": 420,
                "end_minute": 1438,
                "working_day": 99,
            }
        ],
        "operate": "ADD",
        "delivery_status": "ONGOING",
    }
    clock.tick(3)
    record = (await client.get(f"{NEWER}/users/102"))["result"]
    assert record["time_schedule_info"]["delivery_status"] == "SUCCESS"
    await client.put(path, {"schedule": {"permanent": True}})
    record = (await client.get(f"{NEWER}/users/102"))["result"]
    assert record["time_schedule_info"] == {
        "permanent": True,
        "operate": "MODIFY",
        "delivery_status": "ONGOING",
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"permanent": "no"}, 1109),
        ({"effective_time": None}, 1100),
        ({"expired_time": "soon"}, 1109),
        ({"expired_time": 1628179200}, 1101),
        ({"schedule_details": "daily"}, 1109),
        ({"schedule_details": ["daily"]}, 1109),
        ({"schedule_details": [{"start_minute": 0, "end_minute": 9}]}, 1100),
        (
            {"schedule_details": [
                {"start_minute": 9, "end_minute": 9, "working_day": 1}]},
            1101,
        ),
        (
            {"schedule_details": [
                {"start_minute": 0, "end_minute": 1441, "working_day": 1}]},
            1101,
        ),
        (
            {"schedule_details": [
                {"start_minute": 0, "end_minute": 9, "working_day": 128}]},
            1101,
        ),
        (
            {"schedule_details": [
                {"start_minute": 0, "end_minute": 9, "working_day": 0}]},
            1101,
        ),
    ],
    ids=str,
)  # fmt: skip
async def test_schedule_parameters(
    client: PlainClient, mia: User, change: dict[str, Any], code: int
) -> None:
    """A schedule that makes no sense is refused and changes nothing."""
    body = {"schedule": BODIES["A"]["schedule"] | change}
    reply = await client.put(f"{SMART}/users/102/schedule", body)
    assert reply["code"] == code
    assert mia.schedule.permanent


@pytest.mark.parametrize(
    ("start", "end", "flag"), [(-60, 60, 1), (-60, -30, 0), (30, 60, 0)]
)
async def test_effective_flag(
    client: PlainClient, mia: User, clock: ManualClock, start: int, end: int, flag: int
) -> None:
    """The flag follows the clock."""
    now = int(clock())
    mia.schedule = Schedule(
        permanent=False, effective_time=now + start, expired_time=now + end
    )
    record = (await client.get(f"{NEWER}/users/102"))["result"]
    assert record["effective_flag"] == flag


# --- nos. 3, 14 to 16 and the unassigned: methods ---


async def test_opmodes(client: PlainClient, door: Lock, mia: User) -> None:
    """Opmodes is a page of records with the keys of both documents."""
    door.add_method("password", mia, unlock_sn=3, name="lin", msg_phone="86-1")
    door.add_method("face", mia, unlock_sn=0, name="Face")
    result = (await client.get(f"{SMART}/opmodes/102", **OPMODES))["result"]
    assert (result["total"], result["total_pages"], result["has_more"]) == (2, 1, False)
    record = result["records"][0]
    assert int(record.pop("opmode_id"))
    assert record == {
        "phase": 1,
        "dp_code": "unlock_password",
        "unlock_attr": 0,
        "unlock_name": "lin",
        "user_name": "Mia",
        "user_id": "102",
        "unlock_sn": 3,
        "uid": "",
        "unlock_id": "12-3",
        "operate": "CREATE",
        "lock_user_id": 3,
        "voice_attr": 0,
        "user_time_set": "386cd30072bc9b7f000000000000000000",
        "user_type": 20,
        "delivery_status": "SUCCESS",
        "allocate_flag": 0,
        "channel_id": -1,
        "notify_info": {"app_send": 1, "msg_phone": "86-1"},
    }
    assert result["records"][1]["unlock_sn"] == 0
    for query, serials in (
        ({"codes": "unlock_face,unlock_card"}, [0]),
        ({"unlock_name": "LIN"}, [3]),
        ({"page_size": 1, "page_no": 2}, [0]),
        ({"codes": "unlock_telecontrol_kit"}, []),
    ):
        reply = await client.get(f"{SMART}/opmodes/102", **(OPMODES | query))
        assert [m["unlock_sn"] for m in reply["result"]["records"]] == serials
    assert (await client.get(f"{SMART}/opmodes/999", **OPMODES))["code"] == 2006


@pytest.mark.parametrize("missing", list(OPMODES))
async def test_opmodes_parameters(client: PlainClient, missing: str) -> None:
    """All four parameters are there, two of them perhaps empty."""
    query = {key: value for key, value in OPMODES.items() if key != missing}
    assert (await client.get(f"{SMART}/opmodes/102", **query))["code"] == 1100


async def test_unassigned_keys(client: PlainClient, door: Lock, mia: User) -> None:
    """Unassigned methods come by type or all together."""
    door.add_method("card", unlock_sn=3)
    door.add_method("fingerprint", unlock_sn=0, unlock_attr=1)
    door.add_method("remoteControl", unlock_sn=1)
    door.add_method("card", mia)
    path = f"{PLAIN}/door-lock/unassigned-keys"
    assert (await client.get(path, unlock_type="card"))["result"] == {
        "unlock_keys": [{"unlock_no": 3, "unlock_type": "card", "hijack": False}]
    }
    keys = (await client.get(path))["result"]["unlock_keys"]
    assert [(key["unlock_type"], key["unlock_no"], key["hijack"]) for key in keys] == [
        ("card", 3, False),
        ("fingerprint", 0, True),
        ("remoteControl", 1, False),
    ]
    assert (await client.get(path, unlock_type="face"))["result"]["unlock_keys"] == []
    assert (await client.get(path, unlock_type="nose"))["code"] == 1109


def _allocation(*rows: tuple[str, int], user: str = "102", key: str = "dp_code") -> Any:
    """Return the body of an allocation or of its cancelling."""
    return {
        "user_id": user,
        "unlock_list": [{key: code, "unlock_sn": number} for code, number in rows],
    }


async def test_allocate(
    client: PlainClient, door: Lock, mia: User, clock: ManualClock
) -> None:
    """Unassigned methods become the user's: phase 10, then 1."""
    door.add_method("password", unlock_sn=2)
    door.add_method("card", unlock_sn=0)
    path = f"{PLAIN}/door-lock/opmodes/actions/allocate"
    body = _allocation(("unlock_password", 2), ("unlock_card", 0))
    assert (await client.post(path, body))["result"] is True

    async def states() -> list[tuple[int, str, int]]:
        result = (await client.get(f"{SMART}/opmodes/102", **OPMODES))["result"]
        return [
            (m["phase"], m["delivery_status"], m["allocate_flag"])
            for m in result["records"]
        ]

    assert await states() == [(10, "ONGOING", 1)] * 2
    assert door.unassigned == []
    clock.tick(3)
    assert await states() == [(1, "SUCCESS", 1)] * 2
    assert (await client.post(path, body))["code"] == 2306


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 1100),
        ({"user_id": "102"}, 1100),
        ({"user_id": "102", "unlock_list": []}, 1100),
        ({"user_id": "102", "unlock_list": "card"}, 1109),
        ({"user_id": "102", "unlock_list": ["card"]}, 1109),
        ({"user_id": 102, "unlock_list": [{}]}, 1109),
        (_allocation(("unlock_card", 1), user="999"), 2006),
        (_allocation(("unlock_card", 1), ("unlock_card", 77)), 1000),
        (_allocation(("unlock_card", 1), key="code"), 1109),
        ({"user_id": "102", "unlock_list": [
            {"dp_code": "unlock_card", "unlock_sn": "1"}]}, 1109),
    ],
    ids=str,
)  # fmt: skip
async def test_allocate_parameters(
    client: PlainClient, door: Lock, body: Any, code: int
) -> None:
    """A wrong row spoils the order, and nothing is allocated."""
    door.add_method("card", unlock_sn=1)
    path = f"{PLAIN}/door-lock/opmodes/actions/allocate"
    assert (await client.post(path, body))["code"] == code
    assert len(door.unassigned) == 1


async def test_allocate_one(client: PlainClient, door: Lock, mia: User) -> None:
    """The old call takes one method of three types, its number as text."""
    card = door.add_method("card", unlock_sn=30)
    face = door.add_method("face", unlock_sn=1)
    path = f"{PLAIN}/device-lock/users/102/allocate"
    for body, code in (
        ({"no": 30, "type": "card"}, 1109),
        ({"no": "30", "type": "unlock_card"}, 1109),
        ({"no": "1", "type": "face"}, 1109),
        ({"no": "x", "type": "card"}, 1109),
        ({"no": "31", "type": "card"}, 1000),
        ({"type": "card"}, 1100),
    ):
        assert (await client.post(path, body))["code"] == code
    assert (await client.post(path, {"no": "30", "type": "card"}))["result"] is True
    assert (card.user_id, card.allocate_flag, face.user_id) == ("102", 1, None)


async def test_cancel_allocate(
    client: PlainClient, door: Lock, mia: User, clock: ManualClock
) -> None:
    """What was allocated can be released: phase 9, then nobody's."""
    card = door.add_method("card", mia, unlock_sn=0, allocate_flag=1)
    door.add_method("password", mia, unlock_sn=1)
    path = f"{SMART}/opmodes/actions/cancel-allocate"
    refused = _allocation(("unlock_card", 0), ("unlock_password", 1), key="code")
    assert (await client.post(path, refused))["code"] == 2306
    other = _allocation(("unlock_card", 0), user="103", key="code")
    assert (await client.post(path, other))["code"] == 2306
    good = _allocation(("unlock_card", 0), key="code")
    assert (await client.post(path, good))["result"] is True
    result = (await client.get(f"{SMART}/opmodes/102", **OPMODES))["result"]
    assert (result["records"][0]["phase"], result["records"][0]["operate"]) == (
        9,
        "DELETE",
    )
    clock.tick(3)
    result = (await client.get(f"{SMART}/opmodes/102", **OPMODES))["result"]
    assert [m["dp_code"] for m in result["records"]] == ["unlock_password"]
    assert door.unassigned == [card]


# --- discovery ---


async def test_account_devices(client: PlainClient, cloud: SimulatedCloud) -> None:
    """An account's devices come in pages, sensors and secret keys included."""
    cloud.add_lock("gate", "Gate", account_uid=cloud.add_account("eu2"))
    cloud.add_device("sensor", "Light", category="ldcg", local_key="very secret")
    path = "/v1.0/smart-lock/users/eu1/devices"
    result = (await client.get(path, **PAGE))["result"]
    assert (result["total"], result["has_more"]) == (2, False)
    assert [device["id"] for device in result["records"]] == ["front", "sensor"]
    record = result["records"][1]
    assert record.keys() == {
        "id", "uuid", "uid", "name", "time_zone", "ip", "local_key", "sub", "model",
        "active_time", "lon", "lat", "owner_id", "product_id", "product_name",
        "category", "icon", "online",
    }  # fmt: skip
    assert (record["name"], record["category"], record["local_key"]) == (
        "Light",
        "ldcg",
        "very secret",
    )
    assert (await client.get(path))["code"] == 1100
    for stranger in ("eu9", cloud.project_uid):
        path = f"/v1.0/smart-lock/users/{stranger}/devices"
        assert (await client.get(path, **PAGE))["code"] == 1106


async def test_associated_devices(client: PlainClient, cloud: SimulatedCloud) -> None:
    """The list of all accounts goes by rows."""
    cloud.add_account("eu2")
    for number in range(4):
        cloud.add_lock(f"lock{number}", account_uid="eu2")
    path = "/v1.0/iot-01/associated-users/devices"
    result = (await client.get(path))["result"]
    assert result.keys() == {"devices", "has_more", "last_row_key", "total"}
    assert (len(result["devices"]), result["total"], result["has_more"]) == (
        5,
        5,
        False,
    )
    assert result["devices"][0]["local_key"]
    seen: list[str] = []
    query: dict[str, Any] = {"size": 2}
    while True:
        result = (await client.get(path, **query))["result"]
        seen += [device["id"] for device in result["devices"]]
        query["last_row_key"] = result["last_row_key"]
        if not result["has_more"]:
            break
    assert seen == ["front", "lock0", "lock1", "lock2", "lock3"]
    cloud.lock("lock1").unpair()
    result = (await client.get(path))["result"]
    assert "lock1" not in [device["id"] for device in result["devices"]]
    cloud.lock("lock1").pair()
    assert (await client.get(path))["result"]["total"] == 5
    assert (await client.get(path, last_row_key="nowhere"))["code"] == 1109
    assert (await client.get(path, size="many"))["code"] == 1109


# --- the lock itself ---


async def test_offline(client: PlainClient, door: Lock) -> None:
    """Orders to an offline lock are refused; reads are answered unless told."""
    door.device.online = False
    role = f"{SMART}/users/102/actions/role"
    assert (await client.put(role, {"role": "admin"}))["code"] == 2001
    assert (await client.put(role, {"role": "king"}))["code"] == 1109
    assert (await client.get(f"{PLAIN}/users"))["success"] is True
    door.offline_reads = False
    assert (await client.get(f"{PLAIN}/users"))["code"] == 2001


async def test_busy(client: PlainClient, door: Lock, clock: ManualClock) -> None:
    """During an enrolment orders are refused for a minute."""
    door.make_busy()
    role = f"{SMART}/users/102/actions/role"
    assert (await client.put(role, {"role": "admin"}))["code"] == 2328
    assert (await client.get(f"{PLAIN}/users"))["success"] is True
    clock.tick(60)
    assert (await client.put(role, {"role": "admin"}))["success"] is True


@pytest.mark.parametrize(("outcome", "phase"), [("FAILED", 7), ("NEVER", 10)])
async def test_delivery_that_does_not_end_well(
    client: PlainClient, door: Lock, clock: ManualClock, outcome: Any, phase: int
) -> None:
    """Deliveries can fail or never end, for a lock or for one user."""
    door.add_method("card", unlock_sn=1)
    status = "ONGOING" if outcome == "NEVER" else "FAILED"
    cloud_rules = door.home.delivery
    door.delivery = type(cloud_rules)(delay=1, outcome=outcome)
    door.users["103"].delivery = type(cloud_rules)(delay=1)
    await client.post(
        f"{PLAIN}/door-lock/opmodes/actions/allocate", _allocation(("unlock_card", 1))
    )
    for user_id in ("102", "103"):
        body = {"schedule": {"permanent": True}}
        await client.put(f"{SMART}/users/{user_id}/schedule", body)
    await client.post(f"{SMART}/users/101/actions/delete-users-issue")
    clock.tick(100)
    result = (await client.get(f"{SMART}/opmodes/102", **OPMODES))["result"]
    record = result["records"][0]
    assert (record["phase"], record["delivery_status"]) == (phase, status)
    users = (await client.get(f"{NEWER}/users", **USERS))["result"]["records"]
    found = {
        user["user_id"]: user["time_schedule_info"].get("delivery_status")
        for user in users
    }
    assert found == {"100": None, "101": None, "102": status, "103": "SUCCESS"}


async def test_shared_and_unheard_users(client: PlainClient, door: Lock) -> None:
    """The state may hold what no document lists."""
    door.add_user(None, user_id="104", user_type=SHARED)
    strange = door.add_user("", user_id="105", user_type=77)
    door.add_method("unlock_nose", strange, phase=42)
    users = (await client.get(f"{NEWER}/users", **USERS))["result"]["records"]
    assert [(u["nick_name"], u["user_type"]) for u in users[-2:]] == [
        (None, 40),
        ("", 77),
    ]
    result = (await client.get(f"{SMART}/opmodes/105", **OPMODES))["result"]
    record = result["records"][0]
    assert (record["dp_code"], record["phase"]) == ("unlock_nose", 42)


# --- the vendor's app ---


async def test_vendors_app(
    client: PlainClient, cloud: SimulatedCloud, door: Lock, mia: User
) -> None:
    """What the app changes is seen by the next call."""
    card = door.add_method("card", mia)
    face = door.add_method("face", mia)
    door.find("Mia").nick_name = "Mia B."
    door.move_method(card, door.users["103"])
    door.remove_method(face)
    door.expire(mia)
    record = (await client.get(f"{NEWER}/users/102"))["result"]
    assert (record["nick_name"], record["effective_flag"]) == ("Mia B.", 0)
    result = (await client.get(f"{SMART}/opmodes/103", **OPMODES))["result"]
    assert [m["user_name"] for m in result["records"]] == ["Nico"]
    assert result["records"][0]["allocate_flag"] == 1
    door.unpair(forget=True)
    assert (await client.get(f"{PLAIN}/users"))["code"] == 2010
    door.pair()
    assert (await client.get(f"{PLAIN}/users"))["result"] == []
    assert (await client.get(f"{NEWER}/users/0"))["code"] == 2006
    cloud.remove_device("front")
    assert (await client.get(f"{PLAIN}/users"))["code"] == 2010


async def test_mistakes_of_a_test(cloud: SimulatedCloud, door: Lock) -> None:
    """What a test gets wrong is said at once."""
    with pytest.raises(ValueError, match="user 102 exists"):
        door.add_user("Twin", user_id="102")
    with pytest.raises(KeyError):
        door.find("Nobody")
    with pytest.raises(KeyError):
        cloud.lock("No door")
    with pytest.raises(TypeError):
        door.add_user("Typo", nickname="x")


async def test_large_lock(client: PlainClient, door: Lock) -> None:
    """A lock with hundreds of users is served in three pages."""
    for number in range(226):
        user = door.add_user(f"User {number}")
        for kind in ("fingerprint", "card", "password", "face"):
            door.add_method(kind, user)
    seen = []
    for number in (1, 2, 3):
        query = {"codes": ALL_CODES, "page_no": number, "page_size": 100}
        result = (await client.get(f"{SMART}/users", **query))["result"]
        seen += [user["user_id"] for user in result["records"]]
        assert result["has_more"] is (number < 3)
    assert seen == list(door.users)
    assert len(seen) == 230
