"""Changes during an action: the user, the lock, or the entry is removed."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.exceptions import HomeAssistantError
from simulator import Fault, SimulatedCloud
from tests.common import cases, lock_device, registered_ids, until, user_device

from .calling import Act
from .cases import WRITES, Write, every_write

ABOUT_MIA: Final = {
    name: write for name, write in WRITES.items() if write.data.get("user") == "mia"
}

HANGS: Final = ("write", "read-back")
"""The moment of the change: during the write, or its verification."""

REPLIES: Final[dict[str, Callable[[SimulatedCloud, Collection[str]], object]]] = {
    "success": lambda cloud, on: None,
    "credentials": lambda cloud, on: cloud.faults.refuse(1004, on=on, times=None),
    "quota": lambda cloud, on: cloud.faults.refuse(28841004, on=on, times=None),
    "offline": lambda cloud, on: cloud.faults.refuse(2001, on=on, times=None),
}


async def blocked(
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
    """Return the translation key of an action's error, or None."""
    try:
        await task
    except HomeAssistantError as err:
        return err.translation_key if err.translation_domain == DOMAIN else repr(err)
    return None


def assert_sent_once(cloud: SimulatedCloud) -> None:
    sent = [(call.path, str(call.body)) for call in cloud.calls.writes]
    assert len(sent) == len(set(sent))


@pytest.mark.parametrize("where", HANGS)
@cases("write", ABOUT_MIA)
async def test_user_deleted(act: Act, write: Write, where: str) -> None:
    hang, task = await blocked(act, act.cloud, write, where)
    if "mia" in act.door.users:
        act.door.remove_user("mia")
    hang.release()
    # A deleted user has no unlock methods, so these commands succeeded.
    is_done = write.action.startswith(("delete_", "deallocate_"))
    gone = {"enroll_unlock_method": "order_unconfirmed"}.get(write.action, "user_gone")
    # The path of this call contains no user.
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
async def test_lock_unpaired(
    act: Act, freezer: FrozenDateTimeFactory, write: Write, where: str
) -> None:
    """The lock itself is removed: the action reports it, and restores nothing."""
    hang, task = await blocked(act, act.cloud, write, where)
    act.door.unpair()
    await act.entry.runtime_data.async_refresh()
    freezer.tick(61)  # an empty list must be confirmed
    await act.entry.runtime_data.async_refresh()
    assert lock_device(act.hass, act.entry, "front") is None
    before = registered_ids(act.hass)
    hang.release()
    await outcome(task)
    await act.hass.async_block_till_done(wait_background_tasks=True)
    assert_sent_once(act.cloud)
    assert registered_ids(act.hass) == before
    assert act.states("front") == {}


def _unload(act: Act) -> Awaitable[object]:
    return act.hass.config_entries.async_unload(act.entry.entry_id)


def _reload(act: Act) -> Awaitable[object]:
    return act.hass.config_entries.async_reload(act.entry.entry_id)


def _remove(act: Act) -> Awaitable[object]:
    return act.hass.config_entries.async_remove(act.entry.entry_id)


@pytest.mark.parametrize("reply", REPLIES)
@cases("end", {"unload": _unload, "reload": _reload, "removal": _remove})
@pytest.mark.parametrize("name", ["add", "role", "suspend", "resume", "allocate"])
async def test_entry_unloaded(
    act: Act,
    hass_storage: dict[str, Any],
    name: str,
    end: Callable[[Act], Awaitable[object]],
    reply: str,
) -> None:
    write = WRITES[name]
    REPLIES[reply](act.cloud, write.endpoints)
    hang, task = await blocked(act, act.cloud, write, "write")
    await end(act)
    before = registered_ids(act.hass)
    hang.release()
    await outcome(task)
    await act.hass.async_block_till_done(wait_background_tasks=True)
    assert_sent_once(act.cloud)
    assert write.took(act.door) is (reply == "success")
    if end is _unload:
        assert act.state("front_users") == "unavailable"
    if end is not _reload:
        assert registered_ids(act.hass) == before
        assert not act.hass.config_entries.flow.async_progress()
    if end is _remove:
        assert before == set()
        assert act.states() == {}
        assert f"{DOMAIN}.{act.entry.entry_id}" not in hass_storage


@pytest.mark.parametrize(
    "end", [pytest.param(_unload, id="unload"), pytest.param(_reload, id="reload")]
)
@every_write
async def test_entry_unloaded_before_write(
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


async def test_no_file_after_removal(act: Act, hass_storage: dict[str, Any]) -> None:
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
