"""Purging users from the lock."""

from itertools import chain
from typing import Any

import pytest

from simulator import DeliveryRules, Lock, SimulatedCloud
from simulator.dialects import Dialect

from .calling import Act, Answer


def statuses(response: Answer) -> dict[str, str]:
    return {one["user_id"]: one["status"] for one in response["results"]}


@pytest.fixture
def absent_users(door: Lock) -> list[str]:
    """Forty-five former users with a card, in addition to Ada."""
    ids = [f"g{number:02}" for number in range(45)]
    for user_id in ids:
        user = door.add_user(None, user_id=user_id)
        door.add_method("card", user)
        door.remove_user(user_id)
    return ids


def batches(cloud: SimulatedCloud) -> list[list[str]]:
    """Return the IDs of each purge, which its path contains unquoted."""
    for call in cloud.calls.to("purge_users"):
        assert "%2C" not in call.raw
    return [(call.user or "").split(",") for call in cloud.calls.to("purge_users")]


async def test_batches(absent_users: list[str], act: Act) -> None:
    response = await act("purge_users", users=[*absent_users, "ada", "g00"])
    assert statuses(response) == dict.fromkeys([*absent_users, "ada"], "purged")
    assert list(statuses(response)) == [*absent_users, "ada"]
    assert [len(batch) for batch in batches(act.cloud)] == [20, 20, 6]
    assert list(chain(*batches(act.cloud))) == [*absent_users, "ada"]
    assert act.door.absent == {}
    assert act.state("front_absent_users") == "0"


async def test_dry_run(absent_users: list[str], act: Act) -> None:
    users = ["ada", "mia", "olivia", "unknown", "g07"]
    response = await act("purge_users", users=users, dry_run=True)
    assert statuses(response) == {
        "ada": "would_purge",
        "mia": "skipped",
        "olivia": "skipped",
        "unknown": "skipped",
        "g07": "would_purge",
    }
    response = await act("purge_users", users=users, dry_run=True, include_members=True)
    assert statuses(response)["mia"] == "would_purge"
    assert statuses(response)["olivia"] == "skipped"
    assert act.cloud.calls.writes == []
    assert len(act.door.absent) == 46


@pytest.mark.parametrize("include_members", [False, True])
async def test_members(act: Act, include_members: bool) -> None:
    """Members are purged only on request, the owner and unknown users never."""
    users = ["mia", "ada", "olivia", "unknown"]
    response = await act("purge_users", users=users, include_members=include_members)
    expected = {"mia": "purged", "ada": "purged"}
    if not include_members:
        expected["mia"] = "skipped"
    assert statuses(response) == {**dict.fromkeys(users, "skipped"), **expected}
    purged = [user for user, status in expected.items() if status == "purged"]
    assert batches(act.cloud) == [purged]
    assert ("mia" in act.door.users) is not include_members
    assert act.state("front_users") == ("4" if include_members else "5")
    assert (act.state("front:mia_access") is None) is include_members
    assert act.state("front_absent_users") == "0"
    # Ada's unlock methods are deleted as well.
    assert act.state("front_unassigned_unlock_methods") == "2"
    act.cloud.calls.clear()
    response = await act("purge_users", users="olivia", include_members=include_members)
    assert statuses(response) == {"olivia": "skipped"}
    assert act.cloud.calls.writes == []


async def test_changed_users(act: Act) -> None:
    act.door.users["ada"] = act.door.absent.pop("ada")
    act.door.remove_user("mia")
    response = await act("purge_users", users=["ada", "mia"])
    assert statuses(response) == {"ada": "skipped", "mia": "purged"}
    assert batches(act.cloud) == [["mia"]]


@pytest.mark.parametrize("code", [2003, 1106, 1109])
async def test_absent_users_unsupported(act: Act, code: int) -> None:
    """Without a list of absent users, current users are not purged."""
    act.door.add_user("Zoe", user_id="zoe")
    act.cloud.dialects.unsupported = {"absent_users": code}
    response = await act("purge_users", users=["ada", "zoe"])
    assert statuses(response) == {"ada": "purged", "zoe": "skipped"}
    assert batches(act.cloud) == [["ada"]]
    act.cloud.settle()
    assert "ada" not in act.door.absent


@pytest.mark.parametrize("is_restarted", [True, False], ids=["always", "since-now"])
async def test_absent_users_unsupported_names_only(
    act: Act, names_only: Dialect, is_restarted: bool
) -> None:
    """A list of names lacks administrators: an unlisted user can be one."""
    names_only.unsupported |= {"absent_users": 1108}
    if is_restarted:
        await act.hass.config_entries.async_reload(act.entry.entry_id)
        await act.hass.async_block_till_done(wait_background_tasks=True)
    act.cloud.faults.edit(
        lambda rows: [row for row in rows if row["nick_name"] in ("Mia", "Clara")],
        on="users_v10",
        times=None,
    )
    users = ["olivia", "anton", "mia", "ada"]
    response = await act("purge_users", users=users)
    assert statuses(response) == dict.fromkeys(users, "skipped")
    assert act.cloud.calls.writes == []


async def test_one_user_fails(act: Act, cloud: SimulatedCloud, door: Lock) -> None:
    bea = door.add_user(
        "Bea", user_id="bea", delivery=DeliveryRules(delay=0, outcome="FAILED")
    )
    door.add_method("card", bea)
    door.remove_user("bea")
    response = await act("purge_users", users=["ada", "bea"])
    assert statuses(response) == {"ada": "purged", "bea": "failed"}


@pytest.mark.parametrize("code", [2306, 1109, 500, 1110])
async def test_one_batch_fails(absent_users: list[str], act: Act, code: int) -> None:
    act.cloud.faults.refuse(code, on="purge_users", after=1)
    response = await act("purge_users", users=absent_users)
    failed = [user for user, status in statuses(response).items() if status == "failed"]
    assert failed == absent_users[20:40]
    assert len(batches(act.cloud)) == 3


async def test_lock_never_confirms(act: Act, cloud: SimulatedCloud, door: Lock) -> None:
    cloud.delivery.outcome = "NEVER"
    response = await act("purge_users", users=["ada"])
    assert statuses(response) == {"ada": "failed"}


@pytest.mark.parametrize(
    ("fault", "key"),
    [(500, "cannot_connect"), (2001, "lock_offline"), (28841004, "quota_exhausted")],
)
async def test_absent_users_unreadable(act: Act, fault: int, key: str) -> None:
    act.cloud.faults.refuse(fault, on="absent_users", times=None)
    await act.fails(key, "purge_users", users=["ada"])
    assert act.cloud.calls.writes == []


@pytest.mark.parametrize("data", [{}, {"include_members": True}])
async def test_reply_lost(act: Act, data: dict[str, Any]) -> None:
    act.cloud.faults.lose_reply("http", on="purge_users")
    response = await act("purge_users", users=["ada"], **data)
    assert statuses(response) == {"ada": "purged"}
    assert len(act.cloud.calls.writes) == 1
