"""Copying users with their schedules to another lock."""

import asyncio
from copy import deepcopy
from typing import Any, Final

import pytest

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.issue_registry import IssueRegistry
from simulator import Lock, SimulatedCloud, Window
from tests.common import cases, until

from .calling import Act, Answer


@pytest.fixture
def door(door: Lock, cloud: SimulatedCloud) -> Lock:
    """The front door, and a back door in Tokyo with another Mia."""
    back = cloud.add_lock("back", "Back door", time_zone="+09:00")
    back.add_user("Mia", user_id="other")
    return door


@pytest.fixture
def back(act: Act, cloud: SimulatedCloud) -> Lock:
    return cloud.locks["back"]


async def copy(act: Act, *users: str, on: str = "front", **data: Any) -> list[Answer]:
    if users:
        data["users"] = list(users)
    response = await act("copy_users", on, to=[act.device_id("back")], **data)
    return list(response["results"])


def result(user: str, status: str, user_id: str | None = None, **more: Any) -> Answer:
    return {
        "lock_id": "back",
        "lock": "Back door",
        "user": user,
        "status": status,
        "user_id": user_id,
        "delivery_status": None,
        "left_behind": [],
        "reason": None,
        **more,
    }


async def test_all_users(act: Act, door: Lock, back: Lock) -> None:
    """Missing users are added with their schedules, which keep their meaning."""
    clara = door.users["clara"].schedule
    clara.windows.append(Window(65, 600, 700, ""))
    names = {"Olivia": ["fingerprint"], "Anton": ["remote_control"], "Emil": []}
    preview = await copy(act, dry_run=True)
    assert act.cloud.calls.writes == []
    assert preview == [
        *(result(n, "would_add", left_behind=t) for n, t in list(names.items())[:2]),
        result("Mia", "exists", "other"),
        result("Clara", "would_add"),
        result("Emil", "would_add"),
    ]
    response = await copy(act)
    ids = {one["user"]: one["user_id"] for one in response}
    success = {"Clara": "success", "Emil": "success"}
    assert [{**one, "user_id": None} for one in response] == [
        {
            **one,
            "user_id": None,
            "status": one["status"].replace("would_add", "added"),
            "delivery_status": success.get(one["user"]),
        }
        for one in preview
    ]
    assert {back.users[ids[name]].nick_name for name in ids} == ids.keys()
    assert back.users[ids["Olivia"]].schedule.permanent
    copied = back.users[ids["Clara"]].schedule
    assert (copied.effective_time, copied.expired_time) == (
        clara.effective_time,
        clara.expired_time,
    )
    assert {one.time_zone_id for one in copied.windows} == {"Europe/Berlin"}
    assert act.state(f"back:{ids['Emil']}_access") == "expired"
    # Again, nothing is missing.
    assert {one["status"] for one in await copy(act)} == {"exists"}


TAKEN_BACK: Final = {
    "removed": (None, (), "was not copied to Back door: the schedule could not"),
    "closed": (1, ("delete_user",), "is suspended there"),
    "open": (None, ("delete_user",), "until then, access is permanent"),
}


@cases(("times", "also", "words"), TAKEN_BACK)
async def test_schedule_refused(
    act: Act, back: Lock, times: int | None, also: tuple[str, ...], words: str
) -> None:
    """A copied user does not keep permanent access unreported; others are copied."""
    act.cloud.faults.refuse(2306, on="set_schedule", times=times)
    for endpoint in also:
        act.cloud.faults.refuse(2306, on=endpoint, times=None)
    failed, added = await copy(act, "Clara", "Anton")
    assert (failed["status"], added["status"]) == ("failed", "added")
    assert words in failed["reason"]
    assert "Tuya or the lock refused this (code 2306)" in failed["reason"]
    if not also:
        assert failed["user_id"] is None
        assert [u.nick_name for u in back.users.values()] == ["Mia", "Anton"]
    else:
        access = "suspended" if times else "allowed"
        assert act.state(f"back:{failed['user_id']}_access") == access


@cases(
    ("change", "words"),
    {
        "suspended": ("suspend", "Clara is suspended"),
        "frozen": ("freeze", "It is not known exactly when Clara"),
        "no-name": ("unname", "The user with the ID clara has no name"),
        "names-only": ("names", "The lock does not support this"),
        "offline": ("offline", "The lock is not connected"),
        "refused": ("refuse", "Tuya or the lock refused this"),
        "short-list": ("short", "Not all users of Back door are known yet"),
    },
)
async def test_not_copied(act: Act, back: Lock, change: str, words: str) -> None:
    """A copy with more access than the source, or a duplicate, is refused with a reason."""
    faults, clara = act.cloud.faults, act.door.users["clara"]
    if change == "suspend":
        await act("suspend_user", user="clara")
    elif change == "freeze":
        clara.effective_flag = 0
    elif change == "unname":
        clara.nick_name = ""
    elif change == "names":
        act.cloud.dialects.of("back").unsupported = {
            "smart_lock_users": 1108,
            "users_v11": 1108,
        }
    elif change == "offline":
        back.device.online = back.offline_reads = False
    elif change == "refuse":
        faults.refuse(2306, on="add_user")
    elif change == "short":
        del back.users["other"]
        await act.restart()
    act.cloud.calls.clear()
    (copied,) = await copy(act, "clara")
    assert (copied["status"], copied["user_id"]) == ("failed", None)
    assert words in copied["reason"]
    assert len(act.cloud.calls.writes) == (change == "refuse")


@cases("at", {"added": "add_user", "limited": "set_schedule"})
@cases("is_cancelled", {"unloaded": False, "cancelled": True})
async def test_interrupted(act: Act, back: Lock, is_cancelled: bool, at: str) -> None:
    """No user keeps permanent access if the entry or the call ends meanwhile."""
    hang = act.cloud.faults.hang(on=at)
    task = asyncio.ensure_future(copy(act, "Clara", "Emil"))
    await until(lambda: hang.hits)
    if is_cancelled:
        task.cancel()
    else:
        await act.hass.config_entries.async_unload(act.entry.entry_id)
    hang.release()
    await asyncio.wait([task])
    await act.hass.async_block_till_done()
    copied = {user.nick_name: user.schedule.permanent for user in back.users.values()}
    assert copied == {"Mia": True, "Clara": False}


async def test_repair_after_crash(
    act: Act, hass_storage: dict[str, Any], issue_registry: IssueRegistry
) -> None:
    """A repair names users with unintended permanent access, even after a crash."""

    def named() -> list[str]:
        return [
            (issue.translation_placeholders or {})["items"]
            for issue in issue_registry.issues.values()
            if issue.translation_key == "copy_interrupted"
        ]

    key, faults = f"{DOMAIN}.{act.entry.entry_id}", act.cloud.faults
    hang = faults.hang(on="set_schedule")
    refusals = [
        faults.refuse(2306, on=on, times=None) for on in ("set_schedule", "delete_user")
    ]
    task = asyncio.ensure_future(copy(act, "Clara"))
    await until(lambda: hang.hits)
    killed = deepcopy(hass_storage[key])
    hang.release()
    (failed,) = await task
    assert named() == ["- Clara"]
    await act.hass.config_entries.async_unload(act.entry.entry_id)
    hass_storage[key] = killed
    await act.hass.config_entries.async_setup(act.entry.entry_id)
    assert named() == ["- Clara"]
    for refusal in refusals:
        refusal.remove()
    await copy(act, "Emil")  # keeps the repair of Clara
    assert named() == ["- Clara"]
    await act("suspend_user", f"back:{failed['user_id']}")
    await act("get_users", "back", fresh=True)
    await act.restart()
    assert named() == []


async def test_no_response(act: Act) -> None:
    """Without a response, a failure is an error."""
    act.cloud.faults.refuse(2306, on="set_schedule", times=None)
    data = {"device_id": act.device_id("front"), "to": act.device_id("back")}
    for users, fails in ((["Clara"], True), (["Anton"], False)):
        call = act.hass.services.async_call(
            DOMAIN, "copy_users", {**data, "users": users}, blocking=True
        )
        if fails:
            with pytest.raises(HomeAssistantError, match="1 failed.*was deleted again"):
                await call
        else:
            await call


async def test_one_user(act: Act) -> None:
    """A user's device is that user, and one named twice is copied once."""
    assert [one["user"] for one in await copy(act, on="front:anton")] == ["Anton"]
    assert len(await copy(act, "Anton", "anton")) == 1


@cases(
    ("on", "data", "reason"),
    {
        "nowhere": ("front", {"to": []}, "no_target_locks"),
        "itself": ("back", {}, "copy_to_itself"),
        "no-users": ("front", {"users": []}, "no_users"),
        "unknown": ("front", {"users": ["Mia", "Zoe"]}, "user_not_found"),
        "twice": ("front:mia", {"users": ["Clara"]}, "user_given_twice"),
    },
)
async def test_guards(act: Act, on: str, data: dict[str, Any], reason: str) -> None:
    """Nothing is copied if a part of the request is invalid."""
    error = await act.refused(
        "copy_users", on, **{"to": [act.device_id("back")], **data}
    )
    assert isinstance(error, ServiceValidationError)
    assert error.translation_key == reason
    assert act.cloud.calls.writes == []


@pytest.mark.usefixtures("names_only")
async def test_source_without_schedules(act: Act) -> None:
    """A lock that does not list schedules cannot be copied from."""
    await act.fails("not_supported", "copy_users", to=[act.device_id("back")])
