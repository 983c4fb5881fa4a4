"""Commands are verified: dropped, lost, failed, pending, or applied."""

import asyncio
from collections.abc import Callable, Generator
from typing import Any, Final
from unittest.mock import patch

import pytest

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.exceptions import ServiceValidationError
from simulator import Lock, SimulatedCloud
from tests.common import cases
from tests.conftest import Tick

from .calling import Act, Answer
from .cases import Write, every_waiting_write, every_write

FOB: Final = {"type": "remote_control", "number": 1}

type Plant = Callable[[SimulatedCloud, Write], object]

LOST: Final = {
    "cut": lambda cloud, write: cloud.faults.lose_reply("cut", on=write.endpoint),
    "bad-gateway": lambda cloud, write: cloud.faults.lose_reply(
        "http", on=write.endpoint
    ),
    "system-error": lambda cloud, write: cloud.faults.lose_reply(
        "refuse", on=write.endpoint
    ),
    "cut-middle": lambda cloud, write: cloud.faults.cut("middle", on=write.endpoint),
    "timeout": lambda cloud, write: cloud.faults.lose_reply(
        "hang", on=write.endpoint, times=None
    ),
}
"""Lost replies after the cloud handled the request."""

NO_EFFECT: Final = {
    "timeout": lambda cloud, write: cloud.faults.hang(on=write.endpoint),
    # aiohttp would repeat a request that was cut; the client must not.
    "cut": lambda cloud, write: cloud.faults.cut(on=write.endpoint, times=None),
    "unavailable": lambda cloud, write: cloud.faults.http(503, on=write.endpoint),
    "system-error": lambda cloud, write: cloud.faults.refuse(500, on=write.endpoint),
    "no-json": lambda cloud, write: cloud.faults.body("<html>", on=write.endpoint),
}
"""Lost requests before the cloud handled them."""


def every_plant(plants: dict[str, Plant]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "plant", [pytest.param(plant, id=name) for name, plant in plants.items()]
    )


def statuses(response: Answer) -> set[str | None]:
    if "status" in response:  # a new password
        return {"ongoing" if response["status"] == "pending" else "success"}
    one = response.get("schedule") or response.get("password")
    return {one["delivery_status"] for one in response.get("unlock_methods") or [one]}


def deliver(door: Lock) -> None:
    """Let the lock apply pending changes."""
    deliveries = [user.schedule.delivery for user in door.users.values()]
    deliveries += [method.delivery for method in door.methods]
    deliveries += [password.delivery for password in door.passwords.listed]
    for delivery in deliveries:
        if delivery is not None:
            delivery.outcome = "SUCCESS"


@pytest.fixture
def short_deadline() -> Generator[None]:
    with patch(f"custom_components.{DOMAIN}.api.cloud.DEADLINE_SECONDS", 0.5):
        yield


async def without_effect(act: Act, write: Write, reason: str) -> None:
    """Call a command without effect, and verify that this is reported."""
    if write.action == "purge_users":
        response = await act(write.action, **write.data)
        assert response == {"results": [{"user_id": "ada", "status": "failed"}]}
    else:
        error = await act.refused(write.action, **write.data)
        assert error.translation_key == (write.unseen or reason)
        assert not isinstance(error, ServiceValidationError)
    assert not write.took(act.door)


@every_write
async def test_dropped(act: Act, write: Write) -> None:
    """An accepted write without effect is not a success; each form is tried once."""
    act.cloud.faults.drop_write(times=None)
    await without_effect(act, write, "order_dropped")
    sent = [(call.path, str(call.body)) for call in act.cloud.calls.writes]
    assert len(sent) == len(set(sent))


@every_plant(NO_EFFECT)
@every_write
@pytest.mark.usefixtures("short_deadline")
async def test_request_lost(act: Act, write: Write, plant: Plant) -> None:
    """The reply was lost, and the lock is unchanged: reported, and not repeated."""
    plant(act.cloud, write)
    await without_effect(act, write, "order_lost")
    assert len(act.cloud.calls.writes) == 1


@every_plant(LOST)
@every_write
@pytest.mark.usefixtures("short_deadline")
async def test_reply_lost(act: Act, write: Write, plant: Plant) -> None:
    """The reply was lost, but the change took effect: a normal response, and no repetition."""
    plant(act.cloud, write)
    assert await act(write.action, **write.data)
    assert len(act.cloud.calls.writes) == 1
    assert write.took(act.door)


@pytest.mark.parametrize("is_response_lost", [False, True])
@every_write
@pytest.mark.parametrize("code", [500, 2001, 1110])
async def test_read_back_refused(
    act: Act, write: Write, code: int, is_response_lost: bool
) -> None:
    """A result that cannot be read is not reported as a failure, to avoid a repetition."""
    if is_response_lost:
        act.cloud.faults.lose_reply("http", on=write.endpoint)
    act.cloud.faults.refuse(code, on="reads", times=None, after=write.reads_before)
    await act.fails("order_unconfirmed", write.action, **write.data)
    assert len(act.cloud.calls.writes) == 1
    act.cloud.settle()
    assert write.took(act.door)


@cases(
    "plant",
    {
        "token": lambda cloud, write: cloud.faults.kill_token(1010, on=write.endpoint),
        "old-token": lambda cloud, write: cloud.faults.kill_token(
            1400, on=write.endpoint
        ),
        "clock": lambda cloud, write: cloud.faults.refuse(1013, on=write.endpoint),
    },
)
@every_write
async def test_token_or_clock_refused(act: Act, write: Write, plant: Plant) -> None:
    """After a refusal of token or clock, a write is sent once more."""
    plant(act.cloud, write)
    await act(write.action, **write.data)
    assert [call.success for call in act.cloud.calls.writes] == [False, True]
    assert act.cloud.calls.counts()["token"] <= 1
    assert write.took(act.door)


@every_write
async def test_no_new_token(act: Act, write: Write) -> None:
    act.cloud.faults.kill_token(on=write.endpoint)
    act.cloud.faults.http(503, on="token", times=None)
    await act.fails("cannot_connect", write.action, **write.data)
    assert len(act.cloud.calls.writes) == 1
    assert act.cloud.calls[-1].endpoint == "token"
    assert not write.took(act.door)
    act.cloud.faults.clear()
    await act(write.action, **write.data)
    assert write.took(act.door)


async def test_read_back_starts_reauth(act: Act) -> None:
    act.cloud.faults.refuse(1004, on="reads", times=None)
    error = await act.refused("set_user_role", user="mia", role="admin")
    await act.hass.async_block_till_done()
    assert error.translation_key == "order_unconfirmed"
    assert act.hass.config_entries.flow.async_progress_by_handler(DOMAIN)


@pytest.mark.parametrize("code", [500, 2001])
async def test_update_profile(act: Act, code: int) -> None:
    """The list is as expected, but the profile is not, or cannot be read."""
    act.cloud.faults.cut(on="update_user")
    change: dict[str, Any] = {"user": "mia", "height": 170}
    await act.fails("order_lost", "update_user", **change)
    act.cloud.faults.clear()
    act.cloud.faults.refuse(code, on="user_v10", times=None, after=1)
    await act.fails("order_unconfirmed", "update_user", **change)
    assert act.door.users["mia"].height == 170


@cases(
    ("data", "is_known"),
    {
        "new-name-and-height": ({"name": "Anton A.", "height": 190}, True),
        "new-name": ({"name": "Anton A."}, True),
        "height": ({"height": 190}, False),
        "same-name-and-height": ({"name": "Anton", "height": 190}, False),
    },
)
async def test_update_administrator_reply_lost(
    act: Act, data: dict[str, Any], is_known: bool
) -> None:
    """A profile that cannot be read verifies nothing; a new name does."""
    act.cloud.faults.lose_reply("http", on="update_user")
    change = {"user": "anton", **data}
    if is_known:
        await act("update_user", **change)
    else:
        await act.fails("order_unconfirmed", "update_user", **change)
    assert len(act.cloud.calls.writes) == 1


@pytest.mark.parametrize("code", [500, 2003])
async def test_details_read_back_refused(act: Act, code: int) -> None:
    act.door.method("unlock_telecontrol_kit", 1).allocate_flag = 1
    await act("get_unlock_methods", user="anton")
    act.cloud.faults.refuse(code, on="opmodes", times=None)
    change: dict[str, Any] = {"user": "anton", "unlock_methods": [FOB]}
    await act.fails("order_unconfirmed", "deallocate_unlock_methods", **change)
    assert len(act.cloud.calls.writes) == 1


@every_write
async def test_read_back_retried(act: Act, write: Write) -> None:
    act.cloud.faults.http(502, on="reads", times=6, after=write.reads_before)
    await act(write.action, **write.data)
    assert len(act.cloud.calls.writes) == 1
    assert write.took(act.door)


@every_waiting_write
async def test_delivery_fails(act: Act, cloud: SimulatedCloud, write: Write) -> None:
    cloud.delivery.outcome = "FAILED"
    error = await act.refused(write.action, **write.data)
    assert error.translation_key == "delivery_failed"
    assert not isinstance(error, ServiceValidationError)
    assert len(cloud.calls.writes) == 1


@every_waiting_write
async def test_delivery_succeeds(act: Act, write: Write) -> None:
    act.cloud.delivery.outcome = "NEVER"
    call = act.hass.async_create_task(act(write.action, **write.data))
    while len(act.cloud.calls.to(write.read_by)) < 4:
        await asyncio.sleep(0.001)
    assert not call.done()
    deliver(act.door)
    response = await call
    assert statuses(response) <= {"success", None}
    assert len(act.cloud.calls.writes) == 1
    assert write.took(act.door)


@pytest.mark.parametrize("wait", [0, 0.01])
@every_waiting_write
async def test_delivery_pending(
    act: Act, tick: Tick, write: Write, wait: float
) -> None:
    """After the wait, a pending change is returned, and polled further."""
    act.cloud.delivery.outcome = "NEVER"
    response = await act(write.action, **write.data, wait=wait)
    assert statuses(response) == {"ongoing"}
    counted = int(write.read_by != "passwords")
    assert act.state("front_pending_changes") == str(counted)
    sent = len(act.cloud.calls.writes)
    deliver(act.door)
    await tick(16)
    assert act.state("front_pending_changes") == "0"
    assert len(act.cloud.calls.writes) == sent
    act.cloud.settle()
    assert write.took(act.door)
