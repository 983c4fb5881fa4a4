"""Every dialect of the simulated cloud, shown on the wire."""

import json
from typing import Any

import pytest

from simulator import FALLBACK, OWNER, Lock, Schedule, SimulatedCloud, User, Window
from simulator.plain import ManualClock, PlainClient

pytestmark = pytest.mark.usefixtures("door")

SMART = "/v1.0/smart-lock/devices/front"
PLAIN = "/v1.0/devices/front"
NEWER = "/v1.1/devices/front"
PAGE = {"page_no": 1, "page_size": 20}
OPMODES = {"codes": "", "unlock_name": "", **PAGE}
USERS = {"keyword": "", "role": "", **PAGE}
BIG = {"codes": "unlock_card", **PAGE}
SCHEDULE = f"{SMART}/users/102/schedule"
START, END = 1_799_900_000, 1_900_000_000


@pytest.fixture
def cloud(clock: ManualClock) -> SimulatedCloud:
    """A cloud without deliveries that take time."""
    cloud = SimulatedCloud(clock=clock)
    cloud.delivery.delay = 0
    return cloud


@pytest.fixture
def door(cloud: SimulatedCloud) -> Lock:
    """A lock with an owner and a member with two cards."""
    door = cloud.add_lock("front", "Front door")
    door.add_user("Olivia", user_id="100", user_type=OWNER)
    mia = door.add_user("Mia", user_id="102")
    door.add_method("card", mia, unlock_sn=0, allocate_flag=1)
    door.add_method("card", mia, unlock_sn=1)
    return door


@pytest.fixture
def mia(door: Lock) -> User:
    """The member."""
    return door.users["102"]


async def _user(client: PlainClient) -> dict[str, Any]:
    """Read the member from the big users call."""
    record: dict[str, Any] = (await client.get(f"{SMART}/users", **BIG))["result"][
        "records"
    ][1]
    return record


async def _opmode(client: PlainClient) -> dict[str, Any]:
    """Read the member's first method."""
    reply = await client.get(f"{SMART}/opmodes/102", **OPMODES)
    record: dict[str, Any] = reply["result"]["records"][0]
    return record


# --- the switches themselves ---


async def test_one_lock_alone(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A lock can speak its own dialect; it starts as a copy of the common one."""
    cloud.add_lock("back").add_user("Bea", user_id="200")
    cloud.dialects.names = "empty"
    cloud.dialects.of("back").user_ids = "number"
    cloud.dialects.names = "null"
    front = (await client.get(f"{NEWER}/users/102"))["result"]
    back = (await client.get("/v1.1/devices/back/users/200"))["result"]
    assert (front["user_id"], front["nick_name"]) == ("102", None)
    assert (back["user_id"], back["nick_name"]) == (200, "")


async def test_for_a_while(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A dialect can be spoken for the length of a block."""
    with cloud.dialects.speaking(
        tid=False, t_as_string=True, unsupported={"opmodes": 1}
    ):
        reply = await client.get(f"{NEWER}/users/102")
    assert "tid" not in reply
    assert reply["t"] == str(int(client.clock() * 1000))
    reply = await client.get(f"{SMART}/opmodes/102", **OPMODES)
    assert (reply["success"], len(reply["tid"])) == (True, 32)
    with pytest.raises(TypeError, match="no such dialect: opmode"):
        cloud.dialects.set(opmode="list")
    with pytest.raises(TypeError, match="no such word: totals='lie'"):
        cloud.dialects.set(totals="lie")


# --- numbers, strings, flags ---


async def test_numbers_and_strings(
    client: PlainClient, cloud: SimulatedCloud, mia: User, door: Lock
) -> None:
    """Ids, times and serial numbers come as numbers or as text."""
    mia.schedule = Schedule(permanent=False, effective_time=START, expired_time=END)
    door.add_method("card", unlock_sn=0)
    record, method = await _user(client), await _opmode(client)
    row = record["unlock_detail"][0]["unlock_list"][0]
    assert isinstance(row["op_mode_id"], int)
    assert method["opmode_id"] == str(row["op_mode_id"])
    cloud.dialects.set(
        user_ids="number", epochs="string", serials="string", op_mode_ids="string"
    )
    record, method = await _user(client), await _opmode(client)
    assert (record["user_id"], method["user_id"]) == (102, 102)
    info = record["time_schedule_info"]
    assert (info["effective_time"], info["expired_time"]) == (str(START), str(END))
    row = record["unlock_detail"][0]["unlock_list"][0]
    assert (row["unlock_sn"], method["unlock_sn"]) == ("0", "0")
    assert row["op_mode_id"] == method["opmode_id"]
    keys = (await client.get(f"{PLAIN}/door-lock/unassigned-keys"))["result"]
    assert keys["unlock_keys"][0]["unlock_no"] == "0"


async def test_flags(client: PlainClient, cloud: SimulatedCloud) -> None:
    """Flags come as numbers or booleans, notifications as an object or as JSON."""
    cloud.dialects.set(allocate_flag="boolean", app_send="boolean")
    method = await _opmode(client)
    assert (method["allocate_flag"], method["notify_info"]) == (
        True,
        {"app_send": True},
    )
    cloud.dialects.notify_info = "json"
    assert json.loads((await _opmode(client))["notify_info"]) == {"app_send": True}


@pytest.mark.parametrize(("told", "flag"), [(False, 0), (True, 2)])
async def test_not_yet_effective(
    client: PlainClient, cloud: SimulatedCloud, mia: User, told: bool, flag: int
) -> None:
    """Before the start the flag is 0, or the 2 of the WeChat kit."""
    cloud.dialects.effective_flag_2 = told
    mia.schedule = Schedule(permanent=False, effective_time=END, expired_time=END + 1)
    assert (await _user(client))["effective_flag"] == flag


@pytest.mark.parametrize(("names", "name"), [("empty", ""), ("null", None)])
async def test_names(
    client: PlainClient, cloud: SimulatedCloud, names: str, name: str | None
) -> None:
    """Names of users and methods can be empty or null."""
    cloud.dialects.set(names=names)
    record, method = await _user(client), await _opmode(client)
    row = record["unlock_detail"][0]["unlock_list"][0]
    assert [record["nick_name"], row["unlock_name"]] == [name, name]
    assert [method["user_name"], method["unlock_name"]] == [name, name]


async def test_unknown_values(
    client: PlainClient, cloud: SimulatedCloud, mia: User
) -> None:
    """Types, codes, phases and deliveries can be ones nobody has heard of."""
    cloud.dialects.unknown_values = True
    await client.put(SCHEDULE, {"schedule": {"permanent": True}})
    record, method = await _user(client), await _opmode(client)
    assert (record["user_type"], method["user_type"]) == (77, 77)
    assert record["unlock_detail"][0]["dp_code"] == "unlock_nose"
    assert record["time_schedule_info"]["delivery_status"] == "PARTIAL"
    assert (method["dp_code"], method["phase"], method["delivery_status"]) == (
        "unlock_nose",
        77,
        "PARTIAL",
    )


# --- pages ---


async def test_page_key(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A page keeps its records under ``records`` or ``list``."""
    cloud.dialects.page_key = "list"
    result = (await client.get(f"{NEWER}/users", **USERS))["result"]
    assert len(result["list"]) == 2
    assert "records" not in result


@pytest.mark.parametrize(
    ("totals", "has_more", "figures"),
    [
        ("true", "true", {"total": 2, "total_pages": 2, "has_more": True}),
        ("absent", "true", {"has_more": True}),
        ("true", "absent", {"total": 2, "total_pages": 2}),
        ("absent", "absent", {}),
        ("lying", "lying", {"total": 19, "total_pages": 19, "has_more": False}),
    ],
)
async def test_figures(
    client: PlainClient,
    cloud: SimulatedCloud,
    totals: str,
    has_more: str,
    figures: dict[str, Any],
) -> None:
    """The figures of a page are true, missing or wrong."""
    cloud.dialects.set(totals=totals, has_more=has_more)
    query = USERS | {"page_size": 1}
    result = (await client.get(f"{NEWER}/users", **query))["result"]
    result.pop("records")
    assert result == figures
    path = "/v1.0/iot-01/associated-users/devices"
    result = (await client.get(path))["result"]
    assert result.get("total") == {"true": 1, "lying": 18}.get(totals)
    assert result.get("has_more") == {"true": False, "lying": True}.get(has_more)


async def test_page_size(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A page that is too large is refused, or made smaller."""
    cloud.dialects.page_size_max = 1
    assert (await client.get(f"{NEWER}/users", **USERS))["code"] == 1109
    assert (await client.get(f"{SMART}/opmodes/102", **OPMODES))["code"] == 1109
    cloud.dialects.page_size_over = "clamp"
    result = (await client.get(f"{NEWER}/users", **USERS))["result"]
    assert (len(result["records"]), result["has_more"]) == (1, True)


async def test_lenient_parameters(client: PlainClient, cloud: SimulatedCloud) -> None:
    """Some required parameters were measured to be optional."""
    cloud.dialects.lenient_parameters = True
    assert (await client.get(f"{NEWER}/users", **PAGE))["success"] is True
    assert (await client.get(f"{SMART}/opmodes/102", **PAGE))["success"] is True
    assert (await client.get(f"{SMART}/users", **PAGE))["code"] == 1100


# --- users ---


@pytest.mark.parametrize("shape", ["array", "missing", "null"])
async def test_schedule_info(
    client: PlainClient, cloud: SimulatedCloud, shape: str
) -> None:
    """The schedule is an object, an array of one, missing or null."""
    cloud.dialects.set(schedule_info=shape)
    record = await _user(client)
    if shape == "missing":
        assert "time_schedule_info" not in record
    else:
        expected = [{"permanent": True}] if shape == "array" else None
        assert record["time_schedule_info"] == expected


async def test_sparse_users(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A user can come with no more than the sample shows."""
    cloud.dialects.user_records = "sparse"
    assert (await client.get(f"{NEWER}/users/0"))["result"].keys() == {
        "avatar_url",
        "lock_user_id",
        "nick_name",
        "user_contact",
        "user_id",
        "user_type",
    }


@pytest.mark.parametrize("shape", ["object", "string", "number"])
@pytest.mark.parametrize("letters", [False, True])
async def test_add_user_result(
    client: PlainClient, cloud: SimulatedCloud, door: Lock, shape: str, letters: bool
) -> None:
    """A new user's id comes in an object, as text or as a number, if it can be one."""
    cloud.dialects.set(add_user_result=shape, alphanumeric_ids=letters)
    reply = await client.post(f"{PLAIN}/user", {"nick_name": "Zoë", "sex": 1})
    user_id = list(door.users)[-1]
    assert user_id.isdigit() is not letters
    result: Any = user_id
    if shape == "object":
        result = {"user_id": user_id}
    elif shape == "number" and not letters:
        result = int(user_id)
    assert reply["result"] == result


@pytest.mark.parametrize(
    ("shape", "result"), [("true", True), ("object", {}), ("absent", "no key")]
)
async def test_update_result(
    client: PlainClient, cloud: SimulatedCloud, shape: str, result: Any
) -> None:
    """Update and delete answer true, an empty object or nothing."""
    cloud.dialects.set(update_result=shape)
    body = {"nick_name": "Mia B.", "sex": 2}
    for reply in (
        await client.put(f"{PLAIN}/users/102", body),
        await client.delete(f"{PLAIN}/users/102"),
    ):
        assert reply["success"] is True
        assert reply.get("result", "no key") == result


async def test_update_quirks(
    client: PlainClient, cloud: SimulatedCloud, mia: User
) -> None:
    """An update may clear what it does not name, or not know the contact."""
    mia.height = 165
    cloud.dialects.set(update_clears=True, update_ignores_contact=True)
    body = {"nick_name": "Mia", "sex": 2, "contact": "new@example.com"}
    await client.put(f"{PLAIN}/users/102", body)
    assert [mia.height, mia.user_contact] == [None, ""]


async def test_role_result(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A role may answer true after all."""
    cloud.dialects.role_result = "true"
    reply = await client.put(f"{SMART}/users/102/actions/role", {"role": "admin"})
    assert reply["result"] is True


async def test_profile_quirks(client: PlainClient, cloud: SimulatedCloud) -> None:
    """Profiles may lack the id, and be refused or answered for administrators."""
    cloud.dialects.set(
        v10_user_ids=False, admin_profile_code=None, admin_user_code=2003
    )
    for record in (await client.get(f"{PLAIN}/users"))["result"]:
        assert "user_id" not in record
    assert (await client.get(f"{PLAIN}/users/100"))["result"]["nick_name"] == "Olivia"
    assert (await client.get(f"{NEWER}/users/100"))["code"] == 2003
    assert (await client.get(f"{NEWER}/users/0"))["success"] is True
    cloud.dialects.set(admin_profile_code=2009, unknown_user_code=1000)
    assert (await client.get(f"{PLAIN}/users/100"))["code"] == 2009
    assert (await client.get(f"{PLAIN}/users/999"))["code"] == 1000


async def test_owner_code(client: PlainClient, cloud: SimulatedCloud) -> None:
    """The refusal to change the owner has whatever code."""
    cloud.dialects.owner_code = 2306
    reply = await client.put(f"{SMART}/users/100/actions/role", {"role": "admin"})
    assert reply["code"] == 2306


# --- schedules ---

BODIES: dict[str, dict[str, Any]] = {
    "A": {
        "schedule": {
            "permanent": False,
            "effective_time": START,
            "expired_time": END,
            "schedule_details": [
                {"start_minute": 450, "end_minute": 1050, "working_day": 2}
            ],
        }
    },
    "B": {
        "permanent": False,
        "effective_time": START,
        "expired_time": END,
        "schedule_details": [
            {"start_minute": 450, "end_minute": 1050, "working_day": 2}
        ],
    },
    "C": {
        "permanent": False,
        "effectiveTime": START,
        "expiredTime": END,
        "scheduleDetails": [
            {"start_minute": "450", "end_minute": "1050", "workingDay": 2}
        ],
    },
}


@pytest.mark.parametrize("sent", "ABC")
@pytest.mark.parametrize("accepted", "ABC")
@pytest.mark.parametrize("foreign", ["refuse", "ignore"])
async def test_schedule_bodies(
    client: PlainClient,
    cloud: SimulatedCloud,
    mia: User,
    sent: str,
    accepted: str,
    foreign: str,
) -> None:
    """A body that is not accepted is refused, or taken without effect."""
    cloud.dialects.set(
        schedule_bodies=frozenset(accepted),
        foreign_body=foreign,
        foreign_body_code=1100,
    )
    reply = await client.put(SCHEDULE, BODIES[sent])
    taken = sent == accepted
    assert reply["success"] is (taken or foreign == "ignore")
    assert reply.get("code") == (None if reply["success"] else 1100)
    assert mia.schedule.permanent is not taken
    assert len(mia.schedule.windows) == taken


async def test_permanent_is_flat_either_way(
    client: PlainClient, cloud: SimulatedCloud, mia: User
) -> None:
    """``{"permanent": true}`` is the same in B and C; several in one body is fine."""
    mia.schedule = Schedule(permanent=False, effective_time=1, expired_time=2)
    for accepted in "BC":
        cloud.dialects.schedule_bodies = frozenset(accepted)
        assert (await client.put(SCHEDULE, {"permanent": True}))["success"] is True
        assert mia.schedule.permanent
    cloud.dialects.schedule_bodies = frozenset("C")
    together = BODIES["A"] | BODIES["B"] | BODIES["C"]
    assert (await client.put(SCHEDULE, together))["success"] is True
    assert not mia.schedule.permanent


async def test_lost_windows(
    client: PlainClient, cloud: SimulatedCloud, mia: User
) -> None:
    """Windows may get lost in one kind of body."""
    cloud.dialects.windowless_bodies = frozenset("A")
    await client.put(SCHEDULE, BODIES["A"])
    assert (mia.schedule.permanent, mia.schedule.windows) == (False, [])
    await client.put(SCHEDULE, BODIES["B"])
    assert len(mia.schedule.windows) == 1


@pytest.mark.parametrize(
    ("mask", "reversed_mask"), [(2, 64), (8, 16), (127, 254), (1, 128), (62, 124)]
)
async def test_reversed_days_and_hhmm(
    client: PlainClient,
    cloud: SimulatedCloud,
    mia: User,
    mask: int,
    reversed_mask: int,
) -> None:
    """Masks read back reversed, and times as HHMM (docs/tuya_api.md, Weekly windows)."""
    cloud.dialects.set(reversed_days=True, hhmm_times=True)
    mia.schedule = Schedule(
        permanent=False,
        effective_time=START,
        expired_time=END,
        windows=[Window(mask, 450, 1050)],
    )
    (row,) = (await _user(client))["time_schedule_info"]["schedule_details"]
    assert row == {
        "all_day": False,
        "start_minute": 730,
        "end_minute": 1730,
        "working_day": reversed_mask,
    }


@pytest.mark.parametrize(("drops", "count"), [(False, 1), (True, 0)])
async def test_all_day(
    client: PlainClient, cloud: SimulatedCloud, mia: User, drops: bool, count: int
) -> None:
    """``all_day`` may cost the weekly block."""
    cloud.dialects.all_day_drops_week = drops
    row = {"all_day": True, "working_day": 65}
    body = {"schedule": BODIES["A"]["schedule"] | {"schedule_details": [row]}}
    assert (await client.put(SCHEDULE, body))["success"] is True
    assert len(mia.schedule.windows) == count


async def test_one_window(
    client: PlainClient, cloud: SimulatedCloud, mia: User
) -> None:
    """A lock may take one weekly block only."""
    row = {"start_minute": 0, "end_minute": 1440, "working_day": 1}
    body = {"schedule": BODIES["A"]["schedule"] | {"schedule_details": [row, row]}}
    assert (await client.put(SCHEDULE, body))["success"] is True
    cloud.dialects.one_window = True
    assert (await client.put(SCHEDULE, body))["code"] == 1109
    assert (await client.put(SCHEDULE, BODIES["A"]))["success"] is True


# --- unlock methods ---


async def test_opmodes_as_list(client: PlainClient, cloud: SimulatedCloud) -> None:
    """Opmodes may be a plain list; it follows the pages all the same."""
    cloud.dialects.opmodes = "list"
    result = (await client.get(f"{SMART}/opmodes/102", **OPMODES))["result"]
    assert [method["unlock_sn"] for method in result] == [0, 1]
    query = OPMODES | {"page_no": 2, "page_size": 1}
    result = (await client.get(f"{SMART}/opmodes/102", **query))["result"]
    assert [method["unlock_sn"] for method in result] == [1]


async def test_sparse_opmodes(client: PlainClient, cloud: SimulatedCloud) -> None:
    """Opmodes may have no more than the newest sample shows."""
    cloud.dialects.opmode_records = "sparse"
    assert (await _opmode(client)).keys() == {
        "allocate_flag", "unlock_name", "user_name", "unlock_sn", "unlock_attr",
        "voice_attr", "user_type", "user_id", "dp_code", "channel_id", "lock_user_id",
    }  # fmt: skip


@pytest.mark.parametrize("sent", ["code", "Code", "dp_code"])
@pytest.mark.parametrize("accepted", ["code", "Code", "dp_code"])
@pytest.mark.parametrize("foreign", ["refuse", "ignore"])
async def test_cancel_keys(
    client: PlainClient,
    cloud: SimulatedCloud,
    door: Lock,
    sent: str,
    accepted: str,
    foreign: str,
) -> None:
    """The code of a method may stand under one key only."""
    cloud.dialects.set(cancel_keys=frozenset({accepted}), foreign_key=foreign)
    body = {"user_id": "102", "unlock_list": [{sent: "unlock_card", "unlock_sn": 0}]}
    reply = await client.post(f"{SMART}/opmodes/actions/cancel-allocate", body)
    await client.get(f"{PLAIN}/users")
    taken = sent == accepted
    assert reply.get("code") == (None if taken or foreign == "ignore" else 1109)
    assert len(door.unassigned) == taken


async def test_unassigned_types(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A type may be required, and few of them known."""
    path = f"{PLAIN}/door-lock/unassigned-keys"
    cloud.dialects.unassigned_needs_type = True
    cloud.dialects.unassigned_types = frozenset({"fingerprint", "password", "card"})
    assert (await client.get(path))["code"] == 1109
    assert (await client.get(path, unlock_type="card"))["success"] is True
    assert (await client.get(path, unlock_type="face"))["code"] == 1109


# --- what a lock can do at all ---


@pytest.mark.parametrize("code", [2004, 2009, 1106, 28841106, 1108])
async def test_unsupported(
    client: PlainClient, cloud: SimulatedCloud, code: int
) -> None:
    """A lock may not know a call; which code says so differs."""
    cloud.dialects.of("front").unsupported = {"smart_lock_users": code}
    assert (await client.get(f"{SMART}/users", **BIG))["code"] == code
    assert (await client.get(f"{NEWER}/users", **USERS))["success"] is True


async def test_fallback(client: PlainClient, cloud: SimulatedCloud) -> None:
    """The prepared fallback knows the older calls only."""
    cloud.dialects.of("front").set(**FALLBACK)
    cloud.lock("front").add_method("card", unlock_sn=7)
    assert (await client.get(f"{SMART}/users", **BIG))["code"] == 2009
    row = {"dp_code": "unlock_card", "unlock_sn": 7}
    body = {"user_id": "102", "unlock_list": [row]}
    path = f"{PLAIN}/door-lock/opmodes/actions/allocate"
    assert (await client.post(path, body))["code"] == 1108
    path = f"{PLAIN}/device-lock/users/102/allocate"
    assert (await client.post(path, {"no": "7", "type": "card"}))["success"] is True
