"""The read actions."""

from typing import Any, Final

import pytest
from syrupy.assertion import SnapshotAssertion

from homeassistant.helpers import device_registry as dr
from simulator import SimulatedCloud
from simulator.dialects import Dialect
from tests.common import cases

from .calling import Act

ALL = ["olivia", "anton", "mia", "clara", "emil"]


def ids(response: dict[str, Any]) -> list[str]:
    return [user["user_id"] for user in response["users"]]


def keys(response: dict[str, Any]) -> list[tuple[str, int]]:
    return [(one["type"], one["number"]) for one in response["unlock_methods"]]


async def test_users_cached(act: Act, snapshot: SnapshotAssertion) -> None:
    assert await act("get_users") == snapshot
    assert act.cloud.calls == []


async def test_users_fresh(act: Act) -> None:
    act.door.add_user("Zoe", user_id="zoe")
    assert ids(await act("get_users", fresh=False)) == ALL
    assert ids(await act("get_users", fresh=True)) == [*ALL, "zoe"]
    assert act.state("front_users") == "6"
    assert act.cloud.calls.counts()["smart_lock_users"] == 1


FILTERS: Final = {
    "name": ({"keyword": "MI"}, ["mia", "emil"]),
    "contact": ({"keyword": "mia@example"}, ["mia"]),
    "role": ({"role": "normal"}, ALL[2:]),
    "not-owner": ({"role": "admin"}, ["anton"]),
    "both": ({"keyword": "a", "role": "normal"}, ["mia", "clara"]),
    "no-match": ({"keyword": "nobody"}, []),
}


@cases(("wanted", "found"), FILTERS)
async def test_users_filtered(
    act: Act, wanted: dict[str, Any], found: list[str]
) -> None:
    """The cloud filters; values of other calls are added from the cache."""
    response = await act("get_users", **wanted)
    assert ids(response) == found
    [call] = act.cloud.calls
    assert call.endpoint == "users_v11"
    query = {"keyword": "", "role": "", **wanted}
    assert {key: call.query[key] for key in query} == query
    assert all(user["unlock_methods"] is not None for user in response["users"])


@cases(("wanted", "found"), {**FILTERS, "no-name": ({"keyword": "none"}, [])})
@pytest.mark.parametrize("code", [2009, 1108, 1109], ids=str)
async def test_users_filtered_unsupported(
    act: Act, wanted: dict[str, Any], found: list[str], code: int
) -> None:
    act.cloud.dialects.unsupported = {"users_v11": code}
    assert ids(await act("get_users", **wanted)) == found
    assert act.cloud.calls.counts()["smart_lock_users"] == 1


async def test_user(act: Act, snapshot: SnapshotAssertion) -> None:
    mia = act.door.users["mia"]
    mia.birthday, mia.weight = 946_684_800_000, 54_321
    mia.nick_name = "Mia B."
    responses = {name: await act("get_user", user=name) for name in ("Mia", "clara")}
    assert responses == snapshot


@pytest.mark.parametrize(
    "code", [1106, 2306, 1109, 28841105, 987654, 500, 1000, 2005, 2006, 2010]
)
@pytest.mark.parametrize(("user", "role"), [("anton", "admin"), ("olivia", "owner")])
async def test_administrator(
    act: Act, cloud: SimulatedCloud, code: int, user: str, role: str
) -> None:
    """Details of administrators are refused; the list is used instead."""
    cloud.dialects.set(admin_profile_code=code, admin_user_code=code)
    response = await act("get_user", user=user)
    assert response["user"]["user_type"] == role
    assert len(response["user"]["unlock_methods"]) == 1
    assert response["profile"] is None


@pytest.mark.parametrize(
    ("code", "on", "key"),
    [
        (2006, "user_v11", "not_found"),
        (500, "user_v11", "cannot_connect"),
        (1000, "user_v11", "not_found"),
        (500, "user_v10", "cannot_connect"),
    ],
)
async def test_member_refused(act: Act, code: int, on: str, key: str) -> None:
    """For a member, a refusal of either call is an error."""
    act.cloud.faults.refuse(code, on=on, times=None)
    await act.fails(key, "get_user", user="mia")


async def test_user_unsupported(act: Act) -> None:
    """The list has nearly the same data, but does not identify the project's own user."""
    [_, _, mia, *_] = (await act("get_users"))["users"]
    act.cloud.dialects.unsupported = {"user_v11": 2003}
    assert (await act("get_user", user="mia"))["user"] == mia
    await act.fails("not_supported", "get_user", user="0")


async def test_own_user(act: Act, cloud: SimulatedCloud) -> None:
    response = await act("get_user", user="0")
    assert response["user"]["user_id"] == "olivia"
    assert response["user"]["unlock_methods"][0]["name"] == "Thumb"
    assert response["profile"] is None
    assert cloud.calls.to("user_v11")[0].user == "0"


async def test_own_user_no_id(act: Act, cloud: SimulatedCloud) -> None:
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
    """Methods of one user and unassigned ones are fetched; those of all are cached."""
    [_, _, mia, *_] = (await act("get_users"))["users"]
    mia["unlock_methods"][1]["name"] = "Red card"
    act.door.method("unlock_card", 1).unlock_name = "Red card"
    response = await act("get_unlock_methods", user="mia")
    assert response == {"unlock_methods": mia["unlock_methods"]}
    assert cloud.calls.counts() == {"opmodes": 1}
    assert await act("get_unlock_methods", unassigned=True) == snapshot
    assert cloud.calls.counts() == {"opmodes": 1, "unassigned_keys": 1}
    assert keys(await act("get_unlock_methods")) == [
        *(("fingerprint", 0), ("remote_control", 1), ("fingerprint", 1)),
        *(("card", 1), ("password", 1)),
    ]
    assert cloud.calls.counts() == {"opmodes": 1, "unassigned_keys": 1}


async def test_methods_unsupported(act: Act) -> None:
    act.cloud.dialects.unsupported = {"opmodes": 2003}
    act.door.add_method("card", act.door.users["mia"], unlock_sn=7)
    response = await act("get_unlock_methods", user="mia")
    assert keys(response) == [
        *(("fingerprint", 1), ("card", 1), ("card", 7), ("password", 1))
    ]


async def test_methods_unsupported_and_unlisted(act: Act, names_only: Dialect) -> None:
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
async def test_methods_filtered(
    act: Act, wanted: dict[str, Any], found: list[tuple[str, int]]
) -> None:
    assert keys(await act("get_unlock_methods", "front:mia", **wanted)) == found
    assert keys(await act("get_unlock_methods", unassigned=True, name="a")) == []


async def test_absent_users(act: Act) -> None:
    act.door.remove_user("mia")
    response = await act("get_absent_users")
    assert response == {
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
    response = await act("get_locks", None, config_entry_id=act.entry.entry_id)
    assert response["locks"][0].pop("device_id") == act.device_id("front")
    assert response == snapshot
    assert cloud.calls.counts() == {"associated_devices": 1}


async def test_locks_by_account(act: Act, cloud: SimulatedCloud) -> None:
    other = cloud.add_account("other")
    cloud.add_lock("shed", "Shed", account_uid=other)
    cloud.faults.edit(
        lambda page: (
            page | {"records": [{**one, "uid": None} for one in page["records"]]}
        ),
        on="account_devices",
    )
    response = await act(
        "get_locks", None, config_entry_id=act.entry.entry_id, account_uid=other
    )
    [lock] = response["locks"]
    assert (lock["lock_id"], lock["account_uid"]) == ("shed", "other")
    assert cloud.calls.counts() == {"account_devices": 1}


async def test_users_first_read(act: Act) -> None:
    registry = dr.async_get(act.hass)
    device_id = act.device_id("front")
    registry.async_update_device(device_id, disabled_by=dr.DeviceEntryDisabler.USER)
    await act.restart()
    assert ids(await act("get_users")) == ALL
    assert act.cloud.calls.counts() == {"smart_lock_users": 1}
