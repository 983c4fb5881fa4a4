"""Simultaneous, interrupted, and partial commands."""

import asyncio
from typing import Any, Final

import pytest

from homeassistant.exceptions import HomeAssistantError
from simulator import DeliveryRules, Lock, SimulatedCloud
from tests.common import cases, until

from .calling import Act
from .cases import BLUE_CARD, NEW_CARD, WRITES, Write

FINGER = {"type": "fingerprint", "number": 2}
CODE = {"type": "password", "number": 1}


async def test_sequential(act: Act) -> None:
    """A command waits for the previous one, but not for reads or other locks."""
    act.cloud.add_lock("gate", "Gate").add_user("Gus", user_id="gus")
    await act.restart()
    hang = act.cloud.faults.hang(on="set_role", lock="front")
    first = act.hass.async_create_task(act("set_user_role", user="mia", role="admin"))
    await until(lambda: hang.hits)
    await act("set_user_role", "gate", user="gus", role="admin")
    await act("get_users", fresh=True)
    assert act.state("front:mia_role") == "member"
    second = act.hass.async_create_task(act("delete_user", user="clara"))
    act.cloud.calls.clear()
    reading = act.cloud.faults.hang(on="smart_lock_users")
    for _ in range(50):
        await asyncio.sleep(0)
    assert not act.cloud.calls.to("delete_user")
    hang.release()
    await until(lambda: reading.hits)
    assert not act.cloud.calls.to("delete_user")
    reading.release()
    await asyncio.gather(first, second)
    endpoints = [call.endpoint for call in act.cloud.calls]
    assert endpoints.index("smart_lock_users") < endpoints.index("delete_user")
    assert act.door.users["mia"].user_type == 10
    assert "clara" not in act.door.users


async def test_simultaneous(act: Act, cloud: SimulatedCloud, door: Lock) -> None:
    calls = [
        WRITES[name]
        for name in ("add", "schedule", "resume", "allocate", "deallocate", "purge")
    ]
    await asyncio.gather(*(act(write.action, **write.data) for write in calls))
    assert all(write.took(door) for write in calls)
    assert len(cloud.calls.writes) == len(calls)


async def test_command_sees_previous_effect(act: Act) -> None:
    """A suspension keeps the schedule that was set while it waited for its turn."""
    mia = act.door.users["mia"]
    await asyncio.gather(
        act("set_user_schedule", user="mia", end="2027-01-31 12:00"),
        act("suspend_user", user="mia"),
        act("update_user", user="mia", name="Mia B."),
        act("update_user", user="mia", height=170),
    )
    assert (mia.nick_name, mia.height) == ("Mia B.", 170)
    await act("resume_user", user="mia")
    assert mia.schedule.expired_time == 1_801_393_200


async def test_add_users_with_same_name(act: Act) -> None:
    act.cloud.faults.lose_reply("http", on="add_user", times=2)
    responses = await asyncio.gather(
        act("add_user", name="Guest"), act("add_user", name="Guest")
    )
    ids = {response["user_id"] for response in responses}
    assert len(ids) == 2
    assert ids <= act.door.users.keys()


async def waiting(act: Act, action: str, **data: Any) -> asyncio.Task[Any]:
    """Call an action and leave it waiting for the lock."""
    act.cloud.delivery.outcome = "NEVER"
    call = act.hass.async_create_task(act(action, **data))
    await until(lambda: len(act.cloud.calls.to("smart_lock_users")) > 3)
    return call


async def test_cancelled(act: Act) -> None:
    call = await waiting(act, "suspend_user", user="mia")
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    act.cloud.delivery.outcome = "SUCCESS"
    await act("set_user_role", user="mia", role="admin")


@pytest.mark.parametrize(
    "write", [one for one in WRITES.values() if one.waits and "user" in one.data]
)
async def test_user_deleted_during_wait(act: Act, write: Write) -> None:
    call = await waiting(act, write.action, **write.data)
    name = act.door.users[write.data["user"]].nick_name
    act.door.remove_user(write.data["user"])
    if write is WRITES["deallocate"]:
        await call
    else:
        with pytest.raises(HomeAssistantError) as info:
            await call
        assert info.value.translation_key == "user_gone"
        assert info.value.translation_placeholders == {"user": name}
    assert len(act.cloud.calls.writes) == 1


PARTS: Final = {
    "allocate": ([NEW_CARD, FINGER], ("Card 3", "Fingerprint 2")),
    "deallocate": ([BLUE_CARD, CODE], ("Card 1", "Password 1")),
}
"""Commands for several methods, and their names in a partial failure."""

parts = cases(
    ("name", "keys", "words"), {name: (name, *part) for name, part in PARTS.items()}
)


def assert_incomplete(error: HomeAssistantError, done: str, missing: str) -> None:
    """Verify that a command names the parts that succeeded and failed."""
    assert error.translation_key == "order_incomplete"
    assert error.translation_placeholders == {"done": done, "missing": missing}


@parts
async def test_partial_effect(
    act: Act, name: str, keys: list[dict[str, Any]], words: tuple[str, str]
) -> None:
    write = WRITES[name]
    mia = act.door.users["mia"] if name == "allocate" else None
    method = act.door.method(f"unlock_{keys[0]['type']}", keys[0]["number"])
    act.cloud.faults.drop_write(on=write.endpoint)
    act.cloud.faults.edit(
        lambda _: act.door.move_method(method, mia), on=write.endpoint
    )
    given: dict[str, Any] = {"user": "mia", "unlock_methods": keys, "wait": 0.05}
    assert_incomplete(await act.refused(write.action, **given), *words)
    assert len(act.cloud.calls.writes) == 1


@pytest.fixture
def one_by_one(act: Act) -> Act:
    """Call actions of a lock that assigns methods one by one."""
    act.cloud.dialects.unsupported = {"allocate": 1108}
    return act


BOTH: Final[dict[str, Any]] = {"user": "mia", "unlock_methods": [NEW_CARD, FINGER]}


@pytest.mark.parametrize("code", [2306, 1109, 2001])
async def test_one_by_one_partial(one_by_one: Act, code: int) -> None:
    act = one_by_one
    act.cloud.faults.refuse(code, on="allocate_one", after=1)
    error = await act.refused("allocate_unlock_methods", **BOTH)
    assert_incomplete(error, "Card 3", "Fingerprint 2")
    assert act.state("front:mia_unlock_methods") == "4"
    assert act.state("front_unassigned_unlock_methods") == "2"
    assert act.state("front_online") == ("off" if code == 2001 else "on")


@pytest.mark.parametrize("first", ["refused", "without-effect", "lost"])
async def test_one_by_one(one_by_one: Act, first: str) -> None:
    """If the first is refused, no other is sent; a lost reply stops nothing."""
    act, faults = one_by_one, one_by_one.cloud.faults
    if first == "lost":
        faults.lose_reply("http", on="allocate_one")
        await act("allocate_unlock_methods", **BOTH)
        assert act.door.method("unlock_fingerprint", 2).user_id == "mia"
    else:
        if first == "without-effect":
            faults.drop_write(on="allocate_one")
        faults.refuse(2328, on="allocate_one", after=int(first == "without-effect"))
        await act.fails("lock_busy", "allocate_unlock_methods", **BOTH)
    sent = len(act.cloud.calls.to("allocate_one"))
    assert sent == (1 if first == "refused" else 2)


@parts
async def test_partial_delivery(
    act: Act, name: str, keys: list[dict[str, Any]], words: tuple[str, str]
) -> None:
    act.door.users["mia"].delivery = DeliveryRules(delay=0, outcome="NEVER")
    call = act.hass.async_create_task(
        act(WRITES[name].action, user="mia", unlock_methods=keys)
    )
    await until(lambda: len(act.cloud.calls.to("smart_lock_users")) > 2)
    first, second = (
        act.door.method(f"unlock_{key['type']}", key["number"]).delivery for key in keys
    )
    assert first
    assert second
    second.outcome = "FAILED"
    seen = len(act.cloud.calls.to("smart_lock_users"))
    await until(lambda: len(act.cloud.calls.to("smart_lock_users")) > seen + 3)
    assert not call.done()
    first.outcome = "SUCCESS"
    with pytest.raises(HomeAssistantError) as info:
        await call
    assert_incomplete(info.value, *words)
    assert len(act.cloud.calls.writes) == 1


async def test_pending_change_reverted(act: Act) -> None:
    """A pending change that is reverted has failed; no other form is tried."""
    change: dict[str, Any] = {"user": "mia", "unlock_methods": [BLUE_CARD]}
    call = await waiting(act, "deallocate_unlock_methods", **change)
    card = act.door.method("unlock_card", 1)
    card.phase, card.delivery, card.operate = 1, None, "CREATE"
    with pytest.raises(HomeAssistantError) as info:
        await call
    assert info.value.translation_key == "delivery_failed"
    assert len(act.cloud.calls.writes) == 1


@pytest.mark.parametrize("code", [2001, 1110, 1106])
async def test_lock_refuses_during_wait(act: Act, code: int) -> None:
    """A pending change stays pending; the coordinator continues to watch it."""
    call = await waiting(act, "suspend_user", user="mia")
    act.cloud.faults.refuse(code, on="reads", times=None)
    response = await call
    assert response["schedule"]["delivery_status"] == "ongoing"
    assert act.state("front_online") == ("off" if code == 2001 else "on")


async def test_cloud_error_during_wait(act: Act) -> None:
    call = await waiting(act, "suspend_user", user="mia")
    fault = act.cloud.faults.http(502, on="reads", times=5)
    await until(lambda: fault.hits == 5)
    delivery = act.door.users["mia"].schedule.delivery
    assert delivery
    delivery.outcome = "SUCCESS"
    assert (await call)["schedule"]["delivery_status"] == "success"
