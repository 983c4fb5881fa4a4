"""Orders at the same time, in the middle of other things, and half done."""

import asyncio
from typing import Any

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError
from simulator import DeliveryRules, Lock, SimulatedCloud
from tests.common import entry_state, until

from .calling import Act
from .cases import BLUE_CARD, NEW_CARD, WRITES, Write, every_waiting_write, every_write

FINGER = {"type": "fingerprint", "number": 2}
CODE = {"type": "password", "number": 1}


# --- At the same time --------------------------------------------------------------


async def test_one_after_the_other(act: Act) -> None:
    """The second order for a lock waits until the first one is proven."""
    hang = act.cloud.faults.hang(on="set_role")
    first = act.hass.async_create_task(act("set_user_role", user="mia", role="admin"))
    await until(lambda: hang.hits)
    second = act.hass.async_create_task(act("delete_user", user="clara"))
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


async def test_different_locks(act: Act) -> None:
    """Orders for different locks do not wait for each other."""
    gate = act.cloud.add_lock("gate", "Gate")
    gate.add_user("Gus", user_id="gus")
    await act.restart()
    hang = act.cloud.faults.hang(on="set_role", lock="front")
    first = act.hass.async_create_task(act("set_user_role", user="mia", role="admin"))
    await until(lambda: hang.hits)

    await act("set_user_role", "gate", user="gus", role="admin")

    assert not first.done()
    hang.release()
    await first


async def test_all_at_once(act: Act, cloud: SimulatedCloud, door: Lock) -> None:
    """Everything for one lock at once is everything done, each once."""
    calls = [
        WRITES[name]
        for name in ("add", "schedule", "resume", "allocate", "deallocate", "purge")
    ]

    await asyncio.gather(*(act(write.action, **write.data) for write in calls))

    assert all(write.took(door) for write in calls)
    assert len(cloud.calls.writes) == len(calls)


async def test_order_that_waited_sees_what_the_one_before_did(act: Act) -> None:
    """A suspension keeps the schedule that was set while it waited for its turn."""
    await asyncio.gather(
        act("set_user_schedule", user="mia", end="2027-01-31 12:00"),
        act("suspend_user", user="mia"),
    )
    await act("resume_user", user="mia")

    assert act.door.users["mia"].schedule.expired_time == 1_801_393_200


async def test_two_updates(act: Act, door: Lock) -> None:
    """The second one does not undo the first."""
    await asyncio.gather(
        act("update_user", user="mia", name="Mia B."),
        act("update_user", user="mia", height=170),
    )

    assert (door.users["mia"].nick_name, door.users["mia"].height) == ("Mia B.", 170)


async def test_two_new_users_of_one_name(act: Act) -> None:
    """Nobody is taken for somebody else, even where the answers are lost."""
    act.cloud.faults.lose_answer("http", on="add_user", times=2)

    answers = await asyncio.gather(
        act("add_user", name="Guest"), act("add_user", name="Guest")
    )

    ids = {answer["user_id"] for answer in answers}
    assert len(ids) == 2
    assert ids <= act.door.users.keys()


async def test_polling_meanwhile(act: Act) -> None:
    """A reading in the middle of an order disturbs nothing."""
    hang = act.cloud.faults.hang(on="set_schedule")
    call = act.hass.async_create_task(act("suspend_user", user="mia"))
    await until(lambda: hang.hits)

    await act("get_users", fresh=True)
    assert act.state("front:mia_access") == "allowed"
    hang.release()
    await call

    assert act.state("front:mia_access") == "suspended"
    await act("resume_user", user="mia")
    assert act.door.users["mia"].schedule.permanent


async def test_order_that_is_cancelled(act: Act) -> None:
    """An automation that is stopped in the middle of an action leaves the lock free."""
    act.cloud.delivery.outcome = "NEVER"
    call = act.hass.async_create_task(act("suspend_user", user="mia"))
    await until(lambda: len(act.cloud.calls.to("smart_lock_users")) > 3)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    act.cloud.delivery.outcome = "SUCCESS"
    await act("set_user_role", user="mia", role="admin")


# --- The user, the lock or the project goes ----------------------------------------


@pytest.mark.parametrize(
    "name", ["update", "role", "schedule", "suspend", "resume", "allocate"]
)
async def test_user_is_deleted_meanwhile(act: Act, name: str) -> None:
    """Somebody deletes the user while the order is on its way: it is not sent again."""
    write = WRITES[name]
    user_id = write.data["user"]
    name_before = act.door.users[user_id].nick_name

    def delete(result: object) -> object:
        act.door.remove_user(user_id)
        return result

    act.cloud.faults.edit(delete, on=write.endpoint)

    error = await act.refused(write.action, **write.data)

    assert error.translation_key == "user_gone"
    assert error.translation_placeholders == {"user": name_before}
    assert len(act.cloud.calls.writes) == 1


@pytest.mark.parametrize("name", ["delete", "deallocate"])
async def test_user_who_was_to_go_is_deleted_meanwhile(act: Act, name: str) -> None:
    """What was to be gone is gone, whoever did it."""
    write = WRITES[name]
    act.cloud.faults.drop_write(on=write.endpoint)
    act.cloud.faults.edit(lambda _: act.door.remove_user("mia"), on=write.endpoint)

    assert await act(write.action, **write.data)
    assert len(act.cloud.calls.writes) == 1


@every_waiting_write
async def test_user_is_deleted_while_it_is_waited_for(act: Act, write: Write) -> None:
    """So it is while the lock has yet to take the order."""
    act.cloud.delivery.outcome = "NEVER"
    call = act.hass.async_create_task(act(write.action, **write.data))
    await until(lambda: len(act.cloud.calls.to("smart_lock_users")) > 3)

    act.door.remove_user(write.data["user"])

    if write is WRITES["deallocate"]:
        await call
    else:
        with pytest.raises(HomeAssistantError) as info:
            await call
        assert info.value.translation_key == "user_gone"
    assert len(act.cloud.calls.writes) == 1


@every_write
async def test_unloaded_meanwhile(act: Act, write: Write) -> None:
    """An order outlives its entry: it is proven, and leaves nothing running."""
    hang = act.cloud.faults.hang(on=write.endpoint)
    call = act.hass.async_create_task(act(write.action, **write.data))
    await until(lambda: hang.hits)

    assert await act.hass.config_entries.async_unload(act.entry.entry_id)
    assert entry_state(act.entry) is ConfigEntryState.NOT_LOADED
    hang.release()
    await call

    assert len(act.cloud.calls.writes) == 1
    assert write.took(act.door)
    assert act.state("front_users") == "unavailable"


# --- Half done ---------------------------------------------------------------------


async def test_allocated_in_part(act: Act, cloud: SimulatedCloud, door: Lock) -> None:
    """The cloud takes the order and does half of it: that is told, item by item."""
    card = door.method("unlock_card", 3)
    cloud.faults.drop_write(on="allocate")
    cloud.faults.edit(
        lambda _: door.move_method(card, door.users["mia"]), on="allocate"
    )

    error = await act.refused(
        "allocate_unlock_methods",
        user="mia",
        unlock_methods=[NEW_CARD, FINGER],
        wait=0.05,
    )

    assert error.translation_key == "order_incomplete"
    assert error.translation_placeholders == {
        "done": "Card 3",
        "missing": "Fingerprint 2",
    }
    assert len(cloud.calls.writes) == 1


@pytest.mark.parametrize("code", [2306, 1109, 2001])
async def test_allocated_one_by_one_until_one_is_refused(act: Act, code: int) -> None:
    """So is what came of orders that had to go out one by one."""
    act.cloud.dialects.unsupported = {"allocate": 1108}
    act.cloud.faults.refuse(code, on="allocate_one", after=1)

    error = await act.refused(
        "allocate_unlock_methods", user="mia", unlock_methods=[NEW_CARD, FINGER]
    )

    assert error.translation_key == "order_incomplete"
    assert error.translation_placeholders == {
        "done": "Card 3",
        "missing": "Fingerprint 2",
    }
    assert act.state("front:mia_unlock_methods") == "4"
    assert act.state("front_unassigned_unlock_methods") == "2"
    assert act.state("front_online") == ("off" if code == 2001 else "on")


async def test_one_by_one_without_effect_until_one_is_refused(act: Act) -> None:
    """Where the first one had no effect either, the refusal is the better reason."""
    act.cloud.dialects.unsupported = {"allocate": 1108}
    act.cloud.faults.drop_write(on="allocate_one")
    act.cloud.faults.refuse(2328, on="allocate_one", after=1)

    assert (
        await act.reason(
            "allocate_unlock_methods", user="mia", unlock_methods=[NEW_CARD, FINGER]
        )
        == "lock_busy"
    )


async def test_one_by_one_with_a_lost_answer(act: Act) -> None:
    """A lost answer in the middle keeps the others from nothing."""
    act.cloud.dialects.unsupported = {"allocate": 1108}
    act.cloud.faults.lose_answer("http", on="allocate_one")

    await act("allocate_unlock_methods", user="mia", unlock_methods=[NEW_CARD, FINGER])

    assert len(act.cloud.calls.to("allocate_one")) == 2
    assert act.door.method("unlock_fingerprint", 2).user_id == "mia"


async def test_one_by_one_at_the_first_refusal(act: Act, cloud: SimulatedCloud) -> None:
    """A refusal of the first one is one of all."""
    cloud.dialects.unsupported = {"allocate": 1108}
    cloud.faults.refuse(2328, on="allocate_one")

    assert (
        await act.reason(
            "allocate_unlock_methods", user="mia", unlock_methods=[NEW_CARD, FINGER]
        )
        == "lock_busy"
    )
    assert len(cloud.calls.to("allocate_one")) == 1


async def test_deallocated_in_part(act: Act, cloud: SimulatedCloud, door: Lock) -> None:
    """Of two that were to go only one went."""
    code = door.method("unlock_password", 1)
    cloud.faults.drop_write(on="cancel_allocate")
    cloud.faults.edit(lambda _: door.move_method(code, None), on="cancel_allocate")

    error = await act.refused(
        "deallocate_unlock_methods",
        user="mia",
        unlock_methods=[BLUE_CARD, CODE],
        wait=0.05,
    )

    assert error.translation_key == "order_incomplete"
    assert error.translation_placeholders == {"done": "Password 1", "missing": "Card 1"}
    assert len(cloud.calls.writes) == 1


@pytest.mark.parametrize(
    ("name", "keys"),
    [("allocate", [NEW_CARD, FINGER]), ("deallocate", [BLUE_CARD, CODE])],
)
async def test_lock_takes_one_of_two(
    act: Act, name: str, keys: list[dict[str, Any]]
) -> None:
    """The lock takes one and fails at the other: both are waited for, and told."""
    act.door.users["mia"].delivery = DeliveryRules(delay=0, outcome="NEVER")
    write = WRITES[name]
    call = act.hass.async_create_task(
        act(write.action, user="mia", unlock_methods=keys)
    )
    await until(lambda: len(act.cloud.calls.to("smart_lock_users")) > 2)
    first, second = (
        act.door.method(f"unlock_{key['type']}", key["number"]) for key in keys
    )
    assert first.delivery
    assert second.delivery
    second.delivery.outcome = "FAILED"
    seen = len(act.cloud.calls.to("smart_lock_users"))
    await until(lambda: len(act.cloud.calls.to("smart_lock_users")) > seen + 3)
    assert not call.done()

    first.delivery.outcome = "SUCCESS"
    with pytest.raises(HomeAssistantError) as info:
        await call

    assert info.value.translation_key == "order_incomplete"
    assert info.value.translation_placeholders == {
        "done": f"{keys[0]['type'].title()} {keys[0]['number']}",
        "missing": f"{keys[1]['type'].title()} {keys[1]['number']}",
    }
    assert len(act.cloud.calls.writes) == 1


async def test_lock_gives_an_order_up_quietly(act: Act) -> None:
    """What was under way and is as before again has failed; no other form is tried."""
    act.cloud.delivery.outcome = "NEVER"
    call = act.hass.async_create_task(
        act("deallocate_unlock_methods", user="mia", unlock_methods=[BLUE_CARD])
    )
    await until(lambda: len(act.cloud.calls.to("smart_lock_users")) > 2)
    card = act.door.method("unlock_card", 1)
    card.phase, card.delivery, card.operate = 1, None, "CREATE"

    with pytest.raises(HomeAssistantError) as info:
        await call
    assert info.value.translation_key == "delivery_failed"
    assert len(act.cloud.calls.writes) == 1


@pytest.mark.parametrize("code", [2001, 1110, 1106])
async def test_lock_goes_away_while_it_is_waited_for(act: Act, code: int) -> None:
    """An order that was seen to be under way stays so; the coordinator watches on."""
    act.cloud.delivery.outcome = "NEVER"
    call = act.hass.async_create_task(act("suspend_user", user="mia"))
    await until(lambda: len(act.cloud.calls.to("smart_lock_users")) > 3)

    act.cloud.faults.refuse(code, on="reads", times=None)
    answer = await call

    assert answer["schedule"]["delivery_status"] == "ongoing"
    assert act.state("front_online") == ("off" if code == 2001 else "on")


async def test_cloud_stumbles_while_it_is_waited_for(act: Act) -> None:
    """A few answers that do not come are waited for."""
    act.cloud.delivery.outcome = "NEVER"
    call = act.hass.async_create_task(act("suspend_user", user="mia"))
    await until(lambda: len(act.cloud.calls.to("smart_lock_users")) > 3)
    fault = act.cloud.faults.http(502, on="reads", times=5)
    await until(lambda: fault.hits == 5)
    delivery = act.door.users["mia"].schedule.delivery
    assert delivery
    delivery.outcome = "SUCCESS"

    assert (await call)["schedule"]["delivery_status"] == "success"
