"""The connection to the message stream."""

import logging
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tuya_lock_users.const import (
    CONF_LOCKS,
    CONF_OPENINGS,
    CONF_PUSH,
    CONF_SUBSCRIPTION,
    DOMAIN,
)
from homeassistant.components.system_health import get_info
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from simulator import Lock, SimulatedCloud
from tests.common import entry_state, load_fixture, lock_device, state_of, until
from tests.conftest import SetUp, Tick
from tests.flows import form_of

from .conftest import PUSH, Front


def issues(hass: HomeAssistant) -> set[str | None]:
    found = ir.async_get(hass).issues.values()
    return {issue.translation_key for issue in found if issue.domain == DOMAIN}


async def fix(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, key: str, step: str
) -> dict[str, Any]:
    """Open the repair of an issue, and select something in its menu."""
    issue = next(
        issue
        for issue in ir.async_get(hass).issues.values()
        if issue.translation_key == key
    )
    assert await async_setup_component(hass, "repairs", {})
    client = await hass_client()
    reply = await client.post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue.issue_id}
    )
    flow = await reply.json()
    assert flow.get("menu_options") == ["retry", "without_push"], flow
    path = f"/api/repairs/issues/fix/{flow['flow_id']}"
    reply = await client.post(path, json={"next_step_id": step})
    result: dict[str, Any] = await reply.json()
    return result


@pytest.fixture
async def refused(
    hass: HomeAssistant, set_up: SetUp, cloud: SimulatedCloud, door: Lock
) -> MockConfigEntry:
    """A project whose message service is off."""
    cloud.queue.enabled = False
    entry = await set_up()
    await until(lambda: "push_not_enabled" in issues(hass))
    return entry


async def test_not_enabled(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    cloud: SimulatedCloud,
    refused: MockConfigEntry,
) -> None:
    """A refusal is an issue whose repair connects at once, without a reload."""
    assert state_of(hass, PUSH) == "off"
    runtime = refused.runtime_data.runtime
    result = await fix(hass, hass_client, "push_not_enabled", "retry")
    assert (result["type"], result["reason"]) == ("abort", "still_refused")
    cloud.queue.enabled = True
    result = await fix(hass, hass_client, "push_not_enabled", "retry")
    assert result["type"] == "create_entry"
    assert state_of(hass, PUSH) == "on"
    assert issues(hass) == set()
    assert refused.runtime_data.runtime is runtime


async def test_without_messages(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    cloud: SimulatedCloud,
    refused: MockConfigEntry,
) -> None:
    result = await fix(hass, hass_client, "push_not_enabled", "without_push")
    assert result["type"] == "create_entry"
    assert refused.options[CONF_PUSH] is False
    assert entry_state(refused) is ConfigEntryState.LOADED
    assert issues(hass) == set()
    assert state_of(hass, PUSH) is None
    assert not cloud.queue.sockets


async def test_refusal_retried(
    hass: HomeAssistant, cloud: SimulatedCloud, refused: MockConfigEntry, tick: Tick
) -> None:
    cloud.queue.enabled = True
    await tick(15 * 60 + 1)
    await until(lambda: state_of(hass, PUSH) == "on")
    assert issues(hass) == set()


async def test_log(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    """One log line reports the loss of the connection, and one its return."""
    caplog.set_level(logging.INFO)
    await front.connect()
    front.cloud.queue.refuse(503, times=5)
    caplog.clear()
    front.cloud.queue.cut()
    await until(lambda: len(front.cloud.queue.handshakes) == 7)
    await until(lambda: state_of(front.hass, PUSH) == "on")
    lines = [
        record.message
        for record in caplog.records
        if record.name.startswith("custom_components")
        and record.levelno >= logging.INFO
    ]
    assert len(lines) == 2
    assert "receives no messages" in lines[0]
    assert "receives messages again" in lines[1]


async def test_silent(front: Front, tick: Tick) -> None:
    """A record without a message raises an issue, until a message arrives."""
    await front.connect()
    await tick(200)
    front.cloud.queue.rule_on = False
    await tick(3600)
    front.door.open("card", front.door.find("bob"), time=front.cloud.now - 60)
    await tick(15 * 60)
    assert issues(front.hass) == {"push_silent"}
    front.cloud.queue.rule_on = True
    front.door.ring()
    await front.settled()
    assert issues(front.hass) == set()


async def test_records_daily_with_messages(front: Front, tick: Tick) -> None:
    """While messages arrive, records are read once a day."""
    await front.connect()
    await tick(200)
    front.door.ring()
    await front.settled()
    await tick(15 * 60)
    front.cloud.calls.clear()
    for _ in range(24):
        await tick(3600)
    assert front.cloud.calls.counts()["open_logs_v11"] <= 2


async def test_records_without_connection(front: Front, tick: Tick) -> None:
    """Without a connection records are read by the plan; reconnections cost no more."""
    entry = await front.connect()
    front.door.ring()
    await front.settled()
    await tick(200)
    await tick(15 * 60)
    front.cloud.calls.clear()
    push = entry.runtime_data.runtime.push
    for _ in range(30):
        front.cloud.queue.cut()
        await until(lambda: not push.is_connected)
        await tick(60)
        await until(lambda: push.is_connected)
    assert front.cloud.calls.counts()["open_logs_v11"] in (1, 2)
    front.door.ring()
    await front.settled()
    await tick(15 * 60)  # from here on once a day
    front.cloud.calls.clear()
    front.cloud.queue.refuse(503, times=None)
    front.cloud.queue.cut()
    await until(lambda: state_of(front.hass, PUSH) == "off")
    for _ in range(4):
        await tick(15 * 60)
    assert front.cloud.calls.counts()["open_logs_v11"] == 4


async def test_lock_online(front: Front) -> None:
    """Online and offline show at once; a late duplicate does not undo the latest."""
    await front.connect()
    front.cloud.calls.clear()
    late = {
        "bizCode": "offline",
        "devId": "front",
        "ts": round(front.cloud.now * 1000) - 1,
    }
    for online, state in ((False, "off"), (True, "on")):
        front.cloud.queue.online("front", online=online)
        await front.settled()
        assert state_of(front.hass, "front_online") == state
    front.cloud.queue.put("front", late)
    await front.settled()
    assert state_of(front.hass, "front_online") == "on"
    assert not front.cloud.calls


async def test_lock_changed(front: Front, tick: Tick) -> None:
    """Many announcements of changes cause one read, and old ones none."""
    await front.connect()
    front.door.add_method("card", front.door.find("alice"), name="Red card")
    front.cloud.calls.clear()
    for number in range(80):
        front.cloud.queue.report("front", {"unlock_method_create": f"AQ{number:02}"})
    await front.settled()
    await tick(5)
    assert front.cloud.calls.counts()["smart_lock_users"] == 1
    assert state_of(front.hass, "front_unlock_methods") == "3"
    front.cloud.calls.clear()
    front.cloud.queue.report(
        "front", {"unlock_method_create": "AQ"}, time=front.cloud.now - 60
    )
    await front.settled()
    await tick(5)
    assert front.cloud.calls.counts()["smart_lock_users"] == 0
    ended = {"finish": True, "event": "unlockMethodEntry"}
    front.cloud.queue.put(
        "front",
        {"bizCode": "doorUnlockMethodStatus", "bizData": ended, "devId": "front"},
    )
    await front.settled()
    await tick(5)
    assert front.cloud.calls.counts()["smart_lock_users"] == 1


async def test_list_of_locks(front: Front, tick: Tick) -> None:
    """A new lock is added at once, with its door entities."""
    entry = await front.connect()
    gate = front.cloud.add_lock("gate", "Gate")
    gate.add_user("Gus", user_id="gus")
    front.cloud.queue.device("gate", "bindUser")
    await until(lambda: state_of(front.hass, "gate_users") == "1")
    gate.open("app")
    await until(lambda: state_of(front.hass, "gate_opened") != "unknown")
    gate.device.name = "Garden gate"
    front.cloud.queue.device("gate", "deviceNameUpdate", name="Garden gate")
    await front.settled()
    await tick(15)
    device = lock_device(front.hass, entry, "gate")
    assert device and device.name == "Garden gate"


async def test_unload(front: Front) -> None:
    """Unloading closes the socket; later openings are reported after the next setup."""
    entry = await front.connect()
    for _ in range(2):
        await front.hass.config_entries.async_reload(entry.entry_id)
        await until(lambda: state_of(front.hass, PUSH) == "on")
    assert len(front.cloud.queue.sockets) == 1
    await front.hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: not front.cloud.queue.sockets)
    front.door.open("card", front.door.find("bob"))
    await front.hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: state_of(front.hass, "front_last_opened_by") == "Bob")
    await front.hass.async_stop()
    await until(lambda: not front.cloud.queue.sockets)
    assert not front.cloud.queue.unsubscribed


async def test_restart(front: Front) -> None:
    """Openings from before a restart are not repeated; the sensors restore them."""
    entry = await front.connect()
    front.door.open("card", front.door.find("bob"))
    await front.settled()
    await front.hass.config_entries.async_unload(entry.entry_id)
    front.cloud.queue.report("front", {"unlock_card": 1})
    await front.hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: state_of(front.hass, PUSH) == "on")
    await front.settled()
    assert len(front.door_events) == 1
    assert state_of(front.hass, "front_last_opened_by") == "Bob"


async def test_own_subscription(front: Front) -> None:
    front.cloud.queue.subscriptions = {"sub", "home"}
    await front.connect(options={CONF_SUBSCRIPTION: "home"})
    front.door.ring()
    await until(lambda: front.cloud.queue.backlog("home") == 0)
    assert front.cloud.queue.backlog("sub") == 1


async def test_options(front: Front) -> None:
    """Messages, openings and the subscription are options; a wrong name is refused."""
    entry = await front.connect()
    start = front.hass.config_entries.options.async_init
    result: Any = form_of(await start(entry.entry_id), "init")
    section = {CONF_PUSH: True, CONF_OPENINGS: False, CONF_SUBSCRIPTION: "my home"}
    form = {CONF_LOCKS: ["front"], "push": section}
    configure = front.hass.config_entries.options.async_configure
    result = form_of(
        await configure(result["flow_id"], form), "init", "invalid_subscription"
    )
    section[CONF_SUBSCRIPTION] = "home"
    front.cloud.queue.subscriptions = {"home"}
    result = await configure(result["flow_id"], form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await until(lambda: state_of(front.hass, PUSH) == "on")
    assert {key: entry.options[key] for key in section} == section
    assert state_of(front.hass, "front_opened") is None


async def test_unknown_messages(front: Front) -> None:
    """Any message is acknowledged and counted, and causes no error."""
    entry = await front.connect()
    front.cloud.queue.garbage()
    front.cloud.queue.bare()
    front.cloud.queue.report("washing machine", {"switch": True})
    front.cloud.queue.put(
        "front", {"bizCode": "brandNew", "bizData": {"devId": "front"}}
    )
    front.cloud.queue.put("front", [1, 2])
    front.cloud.queue.report("front", {"unlock_card": {"a": [None]}, "alarm_lock": 7})
    front.door.ring()
    await front.settled()
    assert [event.data["event_type"] for event in front.door_events] == [
        "other",
        "ring",
    ]
    assert entry.runtime_data.runtime.store.messages.calls == 6


async def test_diagnostics(front: Front, hass_client: ClientSessionGenerator) -> None:
    """Diagnostics and system health describe the connection, without names."""
    entry = await front.connect()
    front.door.ring()
    await front.settled()
    dump: Any = await get_diagnostics_for_config_entry(front.hass, hass_client, entry)
    assert dump["push"].pop("messages")["count"] == 1
    assert dump["push"] == load_fixture("diagnostics_of_messages")
    assert await async_setup_component(front.hass, "system_health", {})
    info: dict[str, Any] = (await get_info(front.hass))[DOMAIN]
    assert (info["push"], info["messages"]) == ("1/1", 1)
    assert info["push_since"]
