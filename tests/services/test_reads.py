"""Every action that only tells."""

from typing import Any, Final

import pytest
from syrupy.assertion import SnapshotAssertion

from homeassistant.helpers import device_registry as dr
from simulator import SimulatedCloud
from simulator.dialects import Dialect
from tests.common import cases

from .calling import Act

ALL = ["olivia", "anton", "mia", "clara", "emil"]


def ids(answer: dict[str, Any]) -> list[str]:
    """Return the users of a response."""
    return [user["user_id"] for user in answer["users"]]


def keys(answer: dict[str, Any]) -> list[tuple[str, int]]:
    """Return which methods are in an answer."""
    return [(one["type"], one["number"]) for one in answer["unlock_methods"]]


async def test_users_from_memory(act: Act, snapshot: SnapshotAssertion) -> None:
    assert await act("get_users") == snapshot
    assert act.cloud.calls == []


async def test_users_read_now(act: Act) -> None:
    act.door.add_user("Zoe", user_id="zoe")
    assert ids(await act("get_users", fresh=False)) == ALL
    assert ids(await act("get_users", fresh=True)) == [*ALL, "zoe"]
    assert act.state("front_users") == "6"
    assert act.cloud.calls.counts()["smart_lock_users"] == 1


FILTERS: Final = {
    "name": ({"keyword": "MI"}, ["mia", "emil"]),
    "contact": ({"keyword": "mia@example"}, ["mia"]),
    "role": ({"role": "normal"}, ALL[2:]),
    "owner-is-none": ({"role": "admin"}, ["anton"]),
    "both": ({"keyword": "a", "role": "normal"}, ["mia", "clara"]),
    "nobody": ({"keyword": "nobody"}, []),
}


@cases(("wanted", "found"), FILTERS)
async def test_users_by_filter(
    act: Act, wanted: dict[str, Any], found: list[str]
) -> None:
    """The cloud finds them, and what only other calls tell is filled in from memory."""
    answer = await act("get_users", **wanted)
    assert ids(answer) == found
    [call] = act.cloud.calls
    assert call.endpoint == "users_v11"
    query = {"keyword": "", "role": "", **wanted}
    assert {key: call.query[key] for key in query} == query
    assert all(user["unlock_methods"] is not None for user in answer["users"])


@cases(("wanted", "found"), {**FILTERS, "what-is-not-there": ({"keyword": "none"}, [])})
@pytest.mark.parametrize("code", [2009, 1108, 1109], ids=str)
async def test_users_by_filter_of_a_lock_without_that_call(
    act: Act, wanted: dict[str, Any], found: list[str], code: int
) -> None:
    act.cloud.dialects.unsupported = {"users_v11": code}
    assert ids(await act("get_users", **wanted)) == found
    assert act.cloud.calls.counts()["smart_lock_users"] == 1


async def test_user(act: Act, snapshot: SnapshotAssertion) -> None:
    mia = act.door.users["mia"]
    mia.birthday, mia.weight = 946_684_800_000, 54_321
    mia.nick_name = "Mia B."
    answers = {name: await act("get_user", user=name) for name in ("Mia", "clara")}
    assert answers == snapshot


@pytest.mark.parametrize(
    "code", [1106, 2306, 1109, 28841105, 987654, 500, 1000, 2005, 2006, 2010]
)
@pytest.mark.parametrize(("user", "role"), [("anton", "admin"), ("olivia", "owner")])
async def test_administrator(
    act: Act, cloud: SimulatedCloud, code: int, user: str, role: str
) -> None:
    """Administrators cannot be asked about; what the list tells of them is enough."""
    cloud.dialects.set(admin_profile_code=code, admin_user_code=code)
    answer = await act("get_user", user=user)
    assert answer["user"]["user_type"] == role
    assert len(answer["user"]["unlock_methods"]) == 1
    assert answer["profile"] is None


@pytest.mark.parametrize(
    ("code", "on", "key"),
    [
        (2006, "user_v11", "not_found"),
        (500, "user_v11", "cannot_connect"),
        (1000, "user_v11", "not_found"),
        (500, "user_v10", "cannot_connect"),
    ],
)
async def test_member_who_cannot_be_asked_about(
    act: Act, code: int, on: str, key: str
) -> None:
    """Of anybody else the list may be old: a refusal is the answer, by either call."""
    act.cloud.faults.refuse(code, on=on, times=None)
    await act.fails(key, "get_user", user="mia")


async def test_user_of_a_lock_without_that_call(act: Act) -> None:
    """The list has nearly the same data, but does not identify the project's own user."""
    [_, _, mia, *_] = (await act("get_users"))["users"]
    act.cloud.dialects.unsupported = {"user_v11": 2003}
    assert (await act("get_user", user="mia"))["user"] == mia
    await act.fails("not_supported", "get_user", user="0")


async def test_own_user(act: Act, cloud: SimulatedCloud) -> None:
    answer = await act("get_user", user="0")
    assert answer["user"]["user_id"] == "olivia"
    assert answer["user"]["unlock_methods"][0]["name"] == "Thumb"
    assert answer["profile"] is None
    assert cloud.calls.to("user_v11")[0].user == "0"


async def test_own_user_without_an_id(act: Act, cloud: SimulatedCloud) -> None:
    cloud.faults.edit(lambda user: {"nick_name": user["nick_name"]}, on="user_v11")
    user = (await act("get_user", user="0"))["user"]
    known = {"user_id": "0", "name": "Olivia", "user_type": "unknown"}
    assert {key: value for key, value in user.items() if value is not None} == {
        **known,
        "access": "allowed",
    }


async def test_methods(
    act: Act, cloud: SimulatedCloud, snapshot: SnapshotAssertion
) -> None:
    """Those of one user, and unassigned ones, are fetched; those of all are cached."""
    [_, _, mia, *_] = (await act("get_users"))["users"]
    mia["unlock_methods"][1]["name"] = "Red card"
    act.door.method("unlock_card", 1).unlock_name = "Red card"
    answer = await act("get_unlock_methods", user="mia")
    assert answer == {"unlock_methods": mia["unlock_methods"]}
    assert cloud.calls.counts() == {"opmodes": 1}
    assert await act("get_unlock_methods", unassigned=True) == snapshot
    assert cloud.calls.counts() == {"opmodes": 1, "unassigned_keys": 1}
    assert keys(await act("get_unlock_methods")) == [
        *(("fingerprint", 0), ("remote_control", 1), ("fingerprint", 1)),
        *(("card", 1), ("password", 1)),
    ]
    assert cloud.calls.counts() == {"opmodes": 1, "unassigned_keys": 1}


async def test_methods_of_a_user_of_a_lock_without_that_call(act: Act) -> None:
    act.cloud.dialects.unsupported = {"opmodes": 2003}
    act.door.add_method("card", act.door.users["mia"], unlock_sn=7)
    answer = await act("get_unlock_methods", user="mia")
    assert keys(answer) == [
        *(("fingerprint", 1), ("card", 1), ("card", 7), ("password", 1))
    ]


async def test_methods_of_a_user_that_no_list_tells(
    act: Act, names_only: Dialect
) -> None:
    names_only.unsupported |= {"opmodes": 2003}
    await act.hass.config_entries.async_reload(act.entry.entry_id)
    await act.fails("not_supported", "get_unlock_methods", user="mia")


@cases(
    ("wanted", "found"),
    {
        "types": ({"types": ["card", "password"]}, [("card", 1), ("password", 1)]),
        "one-type": ({"types": "fingerprint"}, [("fingerprint", 1)]),
        "no-types": ({"types": []}, [("fingerprint", 1), ("card", 1), ("password", 1)]),
        "unknown": ({"types": ["iris"]}, []),
        "name": ({"name": "CARD"}, [("card", 1)]),
        "both": ({"name": "c", "types": ["password"]}, [("password", 1)]),
    },
)
async def test_methods_by_filter(
    act: Act, wanted: dict[str, Any], found: list[tuple[str, int]]
) -> None:
    assert keys(await act("get_unlock_methods", "front:mia", **wanted)) == found
    assert keys(await act("get_unlock_methods", unassigned=True, name="a")) == []


async def test_absent_users(act: Act) -> None:
    act.door.remove_user("mia")
    answer = await act("get_absent_users")
    assert answer == {
        "users": [
            {"user_id": "ada", "lock_user_id": 6, "user_type": "member"},
            {"user_id": "mia", "lock_user_id": 3, "user_type": "member"},
        ]
    }
    assert act.state("front_absent_users") == "2"
    assert act.cloud.calls.counts() == {"absent_users": 1, "smart_lock_users": 1}


async def test_locks(
    act: Act, cloud: SimulatedCloud, snapshot: SnapshotAssertion
) -> None:
    cloud.add_lock("new", "New lock", category="mk", online=False, time_zone="")
    cloud.add_device("lamp", "Lamp", category="dj")
    answer = await act("get_locks", None, config_entry_id=act.entry.entry_id)
    assert answer["locks"][0].pop("device_id") == act.device_id("front")
    assert answer == snapshot
    assert cloud.calls.counts() == {"associated_devices": 1}


async def test_locks_of_an_account(act: Act, cloud: SimulatedCloud) -> None:
    other = cloud.add_account("other")
    cloud.add_lock("shed", "Shed", account_uid=other)
    cloud.faults.edit(
        lambda page: (
            page | {"records": [{**one, "uid": None} for one in page["records"]]}
        ),
        on="account_devices",
    )
    answer = await act(
        "get_locks", None, config_entry_id=act.entry.entry_id, account_uid=other
    )
    [lock] = answer["locks"]
    assert (lock["lock_id"], lock["account_uid"]) == ("shed", "other")
    assert cloud.calls.counts() == {"account_devices": 1}


async def test_lock_that_was_not_read_yet(act: Act) -> None:
    registry = dr.async_get(act.hass)
    device_id = act.device_id("front")
    registry.async_update_device(device_id, disabled_by=dr.DeviceEntryDisabler.USER)
    await act.restart()
    assert ids(await act("get_users")) == ALL
    assert act.cloud.calls.counts() == {"smart_lock_users": 1}
