"""Every action that only tells."""

from typing import Any

import pytest

from homeassistant.helpers import device_registry as dr
from simulator import Lock, SimulatedCloud
from simulator.dialects import Dialect
from tests.common import cases

from .calling import Act
from .expected import OF_NOBODY, PERMANENT, mia_answer, mia_methods, serialize_method

ALL = ["olivia", "anton", "mia", "clara", "emil"]

CLARA = {
    "permanent": False,
    "start": "2026-09-21T16:13:20+02:00",
    "end": "2027-12-28T14:20:00+01:00",
    "windows": [
        {
            "days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            "start_time": "09:00",
            "end_time": "12:00",
            "time_zone": "Europe/Berlin",
        }
    ],
    "delivery_status": None,
}


def ids(answer: dict[str, Any]) -> list[str]:
    """Return who is in an answer."""
    return [user["user_id"] for user in answer["users"]]


def keys(answer: dict[str, Any]) -> list[tuple[str, int]]:
    """Return which methods are in an answer."""
    return [(one["type"], one["number"]) for one in answer["unlock_methods"]]


# --- Users -------------------------------------------------------------------------


async def test_users_from_memory(act: Act, cloud: SimulatedCloud, door: Lock) -> None:
    """What is known is told without asking."""
    answer = await act("get_users")

    assert cloud.calls == []
    assert ids(answer) == ALL
    assert answer["users"][2] == mia_answer(door)
    assert answer["users"][0] == {
        "user_id": "olivia",
        "name": "Olivia",
        "user_type": "owner",
        "role": None,
        "lock_user_id": 1,
        "account_uid": cloud.accounts[0],
        "contact": "olivia@example.com",
        "avatar_url": "https://images.example.com/olivia.png",
        "notify_on_arrival": True,
        "access": "allowed",
        "schedule": PERMANENT,
        "unlock_methods": [
            serialize_method(
                door,
                "unlock_fingerprint",
                0,
                user_id="olivia",
                user_name="Olivia",
                admin=True,
                can_deallocate=False,
            )
        ],
        "delivery_status": "success",
    }
    clara, emil = answer["users"][3:]
    assert (clara["access"], clara["schedule"]) == ("allowed", CLARA)
    assert (clara["unlock_methods"], clara["delivery_status"]) == ([], None)
    assert emil["access"] == "expired"


async def test_users_read_now(act: Act) -> None:
    """Whoever asks for the present gets it, and entities with it."""
    act.door.add_user("Zoe", user_id="zoe")

    assert ids(await act("get_users", fresh=False)) == ALL
    assert ids(await act("get_users", fresh=True)) == [*ALL, "zoe"]
    assert act.state("front_users") == "6"
    assert act.cloud.calls.counts()["smart_lock_users"] == 1


@cases(
    ("wanted", "query", "found"),
    {
        "name": ({"keyword": "MI"}, ("MI", ""), ["mia", "emil"]),
        "contact": ({"keyword": "mia@example"}, ("mia@example", ""), ["mia"]),
        "role": ({"role": "normal"}, ("", "normal"), ALL[2:]),
        "owner-is-none": ({"role": "admin"}, ("", "admin"), ["anton"]),
        "both": ({"keyword": "a", "role": "normal"}, ("a", "normal"), ["mia", "clara"]),
        "nobody": ({"keyword": "nobody"}, ("nobody", ""), []),
    },
)
async def test_users_by_filter(
    act: Act, wanted: dict[str, Any], query: tuple[str, str], found: list[str]
) -> None:
    """The cloud finds them, and what only other calls tell is filled in from memory."""
    answer = await act("get_users", **wanted)

    assert ids(answer) == found
    [call] = act.cloud.calls
    assert call.endpoint == "users_v11"
    assert (call.query["keyword"], call.query["role"]) == query
    assert all(user["unlock_methods"] is not None for user in answer["users"])


@cases(
    ("wanted", "found"),
    {
        "name": ({"keyword": "MI"}, ["mia", "emil"]),
        "contact": ({"keyword": "mia@example"}, ["mia"]),
        "what-is-not-there": ({"keyword": "none"}, []),
        "role": ({"role": "admin"}, ["anton"]),
        "both": ({"keyword": "cl", "role": "normal"}, ["clara"]),
    },
)
@pytest.mark.parametrize("code", [2009, 1108, 1109], ids=str)
async def test_users_by_filter_of_a_lock_without_that_call(
    act: Act, wanted: dict[str, Any], found: list[str], code: int
) -> None:
    """Then they are read now and searched here."""
    act.cloud.dialects.unsupported = {"users_v11": code}

    assert ids(await act("get_users", **wanted)) == found
    assert act.cloud.calls.counts()["smart_lock_users"] == 1


async def test_user(act: Act, door: Lock) -> None:
    """One user is read now, with the profile."""
    mia = door.users["mia"]
    mia.birthday, mia.weight = 946_684_800_000, 54_321
    mia.nick_name = "Mia B."

    answer = await act("get_user", user="Mia")

    methods = mia_methods(door, user_name="Mia B.")
    assert answer == {
        "user": mia_answer(door, name="Mia B.", unlock_methods=methods),
        "profile": {
            "sex": "female",
            "birthday": "2000-01-01",
            "height": 165,
            "weight": 54.321,
            "contact": "mia@example.com",
        },
    }


async def test_profile_without_anything(act: Act) -> None:
    """What nobody said is null."""
    answer = await act("get_user", user="clara")

    assert answer["profile"] == {
        "sex": "female",
        "birthday": None,
        "height": None,
        "weight": None,
        "contact": None,
    }
    assert answer["user"]["schedule"] == CLARA


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

    assert await act.reason("get_user", user="mia") == key


async def test_user_of_a_lock_without_that_call(act: Act) -> None:
    """The list tells nearly as much."""
    act.cloud.dialects.unsupported = {"user_v11": 2003}

    assert (await act("get_user", user="mia"))["user"] == mia_answer(act.door)


async def test_own_user(act: Act, cloud: SimulatedCloud) -> None:
    """The project's own user is asked for by a number of its own."""
    answer = await act("get_user", user="0")

    assert answer["user"]["user_id"] == "olivia"
    assert answer["user"]["unlock_methods"][0]["name"] == "Thumb"
    assert answer["profile"] is None
    assert cloud.calls.to("user_v11")[0].user == "0"


async def test_own_user_without_an_id(act: Act, cloud: SimulatedCloud) -> None:
    """The sample of the documents shows a user without an id."""
    cloud.faults.edit(lambda user: {"nick_name": user["nick_name"]}, on="user_v11")

    answer = await act("get_user", user="0")

    assert answer["user"] == {
        "user_id": "0",
        "name": "Olivia",
        "user_type": "unknown",
        "role": None,
        "lock_user_id": None,
        "account_uid": None,
        "contact": None,
        "avatar_url": None,
        "notify_on_arrival": None,
        "access": "allowed",
        "schedule": None,
        "unlock_methods": None,
        "delivery_status": None,
    }


async def test_own_user_of_a_lock_without_that_call(act: Act) -> None:
    """Nothing else knows who that is."""
    act.cloud.dialects.unsupported = {"user_v11": 2003}

    assert await act.reason("get_user", user="0") == "not_supported"


# --- Unlock methods ----------------------------------------------------------------


async def test_methods_of_a_user(act: Act, cloud: SimulatedCloud, door: Lock) -> None:
    """Those of one user are read now."""
    door.method("unlock_card", 1).unlock_name = "Red card"

    answer = await act("get_unlock_methods", user="mia")

    assert answer == {"unlock_methods": mia_methods(door)}
    assert cloud.calls.counts() == {"opmodes": 1}


async def test_methods_of_a_user_of_a_lock_without_that_call(act: Act) -> None:
    """What the list of users tells is read now, and is nearly as much."""
    act.cloud.dialects.unsupported = {"opmodes": 2003}
    act.door.add_method("card", act.door.users["mia"], unlock_sn=7)

    answer = await act("get_unlock_methods", user="mia")

    assert keys(answer) == [
        *(("fingerprint", 1), ("card", 1), ("card", 7), ("password", 1))
    ]


async def test_methods_of_a_user_that_no_list_tells(
    act: Act, names_only: Dialect
) -> None:
    """Where that is not told either there is nothing to answer."""
    names_only.unsupported |= {"opmodes": 2003}
    await act.hass.config_entries.async_reload(act.entry.entry_id)

    assert await act.reason("get_unlock_methods", user="mia") == "not_supported"


async def test_methods_of_all(act: Act, cloud: SimulatedCloud) -> None:
    """Those of all are told from memory: each user would be a call."""
    answer = await act("get_unlock_methods")

    assert keys(answer) == [
        ("fingerprint", 0),
        ("remote_control", 1),
        ("fingerprint", 1),
        ("card", 1),
        ("password", 1),
    ]
    assert cloud.calls == []


async def test_methods_of_nobody(act: Act, cloud: SimulatedCloud, door: Lock) -> None:
    """Those of nobody are read now; the cloud tells little of them."""
    answer = await act("get_unlock_methods", unassigned=True)

    nameless = {**OF_NOBODY, "name": None}
    assert answer == {
        "unlock_methods": [
            serialize_method(door, "unlock_fingerprint", 2, **nameless),
            serialize_method(door, "unlock_card", 2, **nameless),
            serialize_method(door, "unlock_card", 3, **nameless),
        ]
    }
    assert cloud.calls.counts() == {"unassigned_keys": 1}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"types": ["card", "password"]}, [("card", 1), ("password", 1)]),
        ({"types": "fingerprint"}, [("fingerprint", 1)]),
        ({"types": []}, [("fingerprint", 1), ("card", 1), ("password", 1)]),
        ({"types": ["iris"]}, []),
        ({"name": "CARD"}, [("card", 1)]),
        ({"name": "c", "types": ["password"]}, [("password", 1)]),
        ({"name": "zzz"}, []),
    ],
    ids=["types", "one-type", "no-types", "unknown", "name", "both", "none"],
)
async def test_methods_by_filter(
    act: Act, wanted: dict[str, Any], found: list[tuple[str, int]]
) -> None:
    """Types and a part of the name narrow it down."""
    assert keys(await act("get_unlock_methods", "front:mia", **wanted)) == found


async def test_nameless_methods_by_name(act: Act) -> None:
    """A method without a name is found by none."""
    answer = await act("get_unlock_methods", unassigned=True, name="a")
    assert answer == {"unlock_methods": []}


# --- Absent users ------------------------------------------------------------------


async def test_absent_users(act: Act) -> None:
    """Who is on the lock but no longer in the home is read now."""
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


# --- Locks -------------------------------------------------------------------------


async def test_locks(act: Act, cloud: SimulatedCloud) -> None:
    """The locks of the project are told, and Home Assistant's devices for them."""
    cloud.add_lock("new", "New lock", category="mk", online=False, time_zone="")
    cloud.add_device("lamp", "Lamp", category="dj")

    answer = await act("get_locks", None, config_entry_id=act.entry.entry_id)

    assert answer == {
        "locks": [
            {
                "lock_id": "front",
                "device_id": act.device_id("front"),
                "name": "Front door",
                "category": "jtmspro",
                "product_name": "Wi-Fi Video Lock",
                "model": None,
                "online": True,
                "time_zone": "+01:00",
                "account_uid": cloud.accounts[0],
            },
            {
                "lock_id": "new",
                "device_id": None,
                "name": "New lock",
                "category": "mk",
                "product_name": "Wi-Fi Video Lock",
                "model": None,
                "online": False,
                "time_zone": None,
                "account_uid": cloud.accounts[0],
            },
        ]
    }
    assert cloud.calls.counts() == {"associated_devices": 1}


async def test_locks_of_an_account(act: Act, cloud: SimulatedCloud) -> None:
    """An account has locks of its own; where the cloud does not say so, it is filled in."""
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


# --- A lock that was not read ------------------------------------------------------


async def test_lock_that_was_not_read_yet(act: Act) -> None:
    """A lock that could not be read at the start is read when somebody asks."""
    registry = dr.async_get(act.hass)
    device_id = act.device_id("front")
    registry.async_update_device(device_id, disabled_by=dr.DeviceEntryDisabler.USER)
    await act.restart()

    assert ids(await act("get_users")) == ALL
    assert act.cloud.calls.counts() == {"smart_lock_users": 1}
