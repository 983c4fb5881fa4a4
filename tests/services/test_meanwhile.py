"""Changes during an action: the user, the lock, or the entry is removed."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from simulator import Fault, SimulatedCloud
from tests.common import cases, lock_device, until, user_device

from .calling import Act
from .cases import WRITES, Write, every_write

ABOUT_MIA: Final = {
    name: write for name, write in WRITES.items() if write.data.get("user") == "mia"
}

HANGS: Final = ("write", "read-back")
"""The moment of the change: during the write, or its verification."""

ANSWERS: Final[dict[str, Callable[[SimulatedCloud, Collection[str]], object]]] = {
    "success": lambda cloud, on: None,
    "credentials": lambda cloud, on: cloud.faults.refuse(1004, on=on, times=None),
    "quota": lambda cloud, on: cloud.faults.refuse(28841004, on=on, times=None),
    "offline": lambda cloud, on: cloud.faults.refuse(2001, on=on, times=None),
}


async def held(
    act: Act, cloud: SimulatedCloud, write: Write, where: str
) -> tuple[Fault, asyncio.Task[Any]]:
    """Call an action and wait until it hangs."""
    hang = cloud.faults.hang(on=write.endpoint if where == "write" else "reads")
    if where == "read-back":
        # Reads before the first write do not count.
        hang.after = write.reads_before
    task = asyncio.ensure_future(act(write.action, **write.data))
    await until(lambda: hang.hits or task.done())
    assert hang.hits
    return hang, task


async def outcome(task: asyncio.Task[Any]) -> str | None:
    """Return why an action failed; it does so with a reason that has a text, or not."""
    try:
        await task
    except HomeAssistantError as err:
        return err.translation_key if err.translation_domain == DOMAIN else repr(err)
    return None


def assert_sent_once(cloud: SimulatedCloud) -> None:
    """Verify that no write was sent twice."""
    sent = [(call.path, str(call.body)) for call in cloud.calls.writes]
    assert len(sent) == len(set(sent))


def registered(hass: HomeAssistant) -> set[str]:
    """Return what the registries have of us."""
    return {
        *(device.id for device in dr.async_get(hass).devices),
        *(
            entity.entity_id
            for entity in er.async_get(hass).entities.values()
            if entity.platform == DOMAIN
        ),
        *(issue_id for _, issue_id in ir.async_get(hass).issues),
    }


@pytest.mark.parametrize("where", HANGS)
@cases("write", ABOUT_MIA)
async def test_user_is_deleted(act: Act, write: Write, where: str) -> None:
    hang, task = await held(act, act.cloud, write, where)
    if "mia" in act.door.users:
        act.door.remove_user("mia")
    hang.release()
    # Who is gone has no unlock methods either: these got what they wanted.
    is_done = write.action.startswith(("delete_", "deallocate_"))
    gone = {"enroll_unlock_method": "order_unconfirmed"}.get(write.action, "user_gone")
    # The path of a method names no user.
    sent = "user_gone" if write.action == "update_unlock_method" else "not_found"
    reasons = {"write": sent, "read-back": None if is_done else gone}
    assert await outcome(task) == reasons[where]
    assert_sent_once(act.cloud)
    await act("get_users", fresh=True)
    await act.hass.async_block_till_done(wait_background_tasks=True)
    assert user_device(act.hass, act.entry, "front", "mia") is None
    assert act.states("front:mia") == {}


@pytest.mark.parametrize("where", HANGS)
@every_write
async def test_lock_is_unpaired(
    act: Act, freezer: FrozenDateTimeFactory, write: Write, where: str
) -> None:
    """The lock itself is removed: the action reports it, and restores nothing."""
    hang, task = await held(act, act.cloud, write, where)
    act.door.unpair()
    await act.entry.runtime_data.async_refresh()
    freezer.tick(61)  # one list without any lock is not believed
    await act.entry.runtime_data.async_refresh()
    assert lock_device(act.hass, act.entry, "front") is None
    before = registered(act.hass)
    hang.release()
    await outcome(task)
    await act.hass.async_block_till_done(wait_background_tasks=True)
    assert_sent_once(act.cloud)
    assert registered(act.hass) == before
    assert act.states("front") == {}


def _unload(act: Act) -> Awaitable[object]:
    return act.hass.config_entries.async_unload(act.entry.entry_id)


def _reload(act: Act) -> Awaitable[object]:
    return act.hass.config_entries.async_reload(act.entry.entry_id)


def _remove(act: Act) -> Awaitable[object]:
    return act.hass.config_entries.async_remove(act.entry.entry_id)


@pytest.mark.parametrize("answer", ANSWERS)
@cases("end", {"unload": _unload, "reload": _reload, "removal": _remove})
@pytest.mark.parametrize("name", ["add", "role", "suspend", "resume", "allocate"])
async def test_entry_ends(
    act: Act,
    hass_storage: dict[str, Any],
    name: str,
    end: Callable[[Act], Awaitable[object]],
    answer: str,
) -> None:
    write = WRITES[name]
    ANSWERS[answer](act.cloud, write.endpoints)
    hang, task = await held(act, act.cloud, write, "write")
    await end(act)
    before = registered(act.hass)
    hang.release()
    await outcome(task)
    await act.hass.async_block_till_done(wait_background_tasks=True)
    assert_sent_once(act.cloud)
    assert write.took(act.door) is (answer == "success")
    if end is _unload:
        assert act.state("front_users") == "unavailable"
    if end is not _reload:
        assert registered(act.hass) == before
        assert not act.hass.config_entries.flow.async_progress()
    if end is _remove:
        assert before == set()
        assert act.states() == {}
        assert f"{DOMAIN}.{act.entry.entry_id}" not in hass_storage


@pytest.mark.parametrize(
    "end", [pytest.param(_unload, id="unload"), pytest.param(_reload, id="reload")]
)
@every_write
async def test_entry_ends_while_an_order_waits_for_its_turn(
    act: Act, write: Write, end: Callable[[Act], Awaitable[object]]
) -> None:
    """Unsent commands are not sent any more, and this is reported."""
    hang = act.cloud.faults.hang(on="update_user")
    first = asyncio.ensure_future(act("update_user", user="anton", height=190))
    await until(lambda: hang.hits)
    act.cloud.calls.clear()
    task = asyncio.ensure_future(act(write.action, **write.data))
    await asyncio.sleep(0)
    await end(act)
    hang.release()
    await first
    assert await outcome(task) == "lock_reloaded"
    assert act.cloud.calls.writes == []
    assert not write.took(act.door)


async def test_file_of_a_removed_entry_stays_away(
    act: Act, hass_storage: dict[str, Any]
) -> None:
    key = f"{DOMAIN}.{act.entry.entry_id}"
    await act("suspend_user", user="mia")
    assert key in hass_storage
    hang = act.cloud.faults.hang(on="set_schedule")
    task = asyncio.ensure_future(act("resume_user", user="mia"))
    await until(lambda: hang.hits)
    await _remove(act)
    assert key not in hass_storage
    hang.release()
    assert await outcome(task) is None
    assert key not in hass_storage
