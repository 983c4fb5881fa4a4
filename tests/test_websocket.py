"""The WebSocket API of the panel."""

from dataclasses import dataclass
import json
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from simulator import Lock, SimulatedCloud

from .common import load_fixture, lock_device
from .conftest import SetUp
from .services.calling import Actions

type Json = dict[str, Any]

OVERVIEW: Final = load_fixture("panel_overview")
REFRESH: Final = {"type": f"{DOMAIN}/refresh", "lock_id": "front"}


async def subscribe(client: MockHAClientWebSocket, **message: Any) -> Json:
    await client.send_json_auto_id({"type": f"{DOMAIN}/subscribe", **message})
    assert (await client.receive_json())["success"]
    return await event_of(client)


async def follow_lock(client: MockHAClientWebSocket, lock_id: str = "front") -> Json:
    return await subscribe(client, type=f"{DOMAIN}/subscribe_lock", lock_id=lock_id)


async def event_of(client: MockHAClientWebSocket) -> Json:
    message = await client.receive_json()
    assert message["type"] == "event", message
    event: Json = message["event"]
    return event


async def request(client: MockHAClientWebSocket, **message: Any) -> tuple[Json, Json]:
    """Send a command; return its response and the merged events before it."""
    await client.send_json_auto_id(message)
    events: Json = {}
    while (response := await client.receive_json())["type"] == "event":
        events |= response["event"]
    return response, events


async def assert_no_message(client: MockHAClientWebSocket) -> None:
    """Check that the next message is the response to a ping."""
    await client.send_json_auto_id({"type": "ping"})
    assert (await client.receive_json())["type"] == "pong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A project that is set up, and the panel's connection."""

    hass: HomeAssistant
    cloud: SimulatedCloud
    door: Lock
    entry: MockConfigEntry
    client: MockHAClientWebSocket


@pytest.fixture
async def panel(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    hass_ws_client: WebSocketGenerator,
) -> Panel:
    entry = await set_up()
    client = await hass_ws_client()
    return Panel(hass=hass, cloud=cloud, door=door, entry=entry, client=client)


async def test_overview(panel: Panel) -> None:
    """The overview is sent at once, and again when something changes."""
    overview = await subscribe(panel.client)

    device = lock_device(panel.hass, panel.entry, "front")
    assert device
    (project,) = overview["projects"]
    ids = {"entry_id": panel.entry.entry_id}
    assert project == OVERVIEW["project"] | ids | {"calls": project["calls"]}
    assert project["calls"] > 0
    (lock,) = overview["locks"]
    assert lock["read_at"] < lock["next_read_at"]
    times = {key: lock[key] for key in ("read_at", "next_read_at")}
    assert lock == OVERVIEW["lock"] | ids | times | {"device_id": device.id}

    dr.async_get(panel.hass).async_update_device(device.id, name_by_user="Main door")
    panel.hass.config_entries.async_update_entry(panel.entry, title="Renamed")
    overview = await event_of(panel.client)
    assert overview["projects"][0]["title"] == "Renamed"
    assert overview["locks"][0]["name"] == "Main door"
    await assert_no_message(panel.client)


async def test_changed_users(panel: Panel) -> None:
    """After all users, only changed and removed ones are sent."""
    content = await follow_lock(panel.client)
    assert content["order"] == ["alice", "bob"]
    assert content["users"]["bob"]["access"] == "allowed"
    assert content["users"]["bob"]["unlock_methods"][0]["name"] == "Blue card"
    assert content["absent"] == content["unassigned"] == []

    panel.door.find("Bob").nick_name = "Robert"
    _, changes = await request(panel.client, **REFRESH)
    assert changes.keys() == {"users"}
    assert changes["users"].keys() == {"bob"}
    assert changes["users"]["bob"]["name"] == "Robert"

    # His card is now unassigned.
    panel.door.remove_user("bob")
    _, changes = await request(panel.client, **REFRESH)
    assert changes.keys() == {"gone", "order", "absent", "unassigned"}
    assert changes["gone"] == ["bob"]
    assert changes["order"] == ["alice"]
    assert [user["user_id"] for user in changes["absent"]] == ["bob"]
    assert [method["type"] for method in changes["unassigned"]] == ["card"]
    await assert_no_message(panel.client)


async def test_no_additional_calls(panel: Panel) -> None:
    """An open panel makes no calls; a refresh reads the lock."""
    calls = len(panel.cloud.calls)
    await subscribe(panel.client)
    await follow_lock(panel.client)
    await panel.hass.async_block_till_done(wait_background_tasks=True)
    assert len(panel.cloud.calls) == calls
    panel.door.find("Bob").nick_name = "Robert"
    response, _ = await request(panel.client, **REFRESH)
    assert response["success"]
    assert len(panel.cloud.calls) > calls
    states = [state.name for state in panel.hass.states.async_all("sensor")]
    assert any("Robert" in name for name in states)


async def test_refresh_refused(panel: Panel) -> None:
    """A refusal has its key, so that the panel can translate it."""
    panel.cloud.faults.refuse(28841004, times=None)
    response, _ = await request(panel.client, **REFRESH)
    assert response["error"]["translation_key"] == "quota_exhausted"
    assert response["error"]["translation_domain"] == DOMAIN
    panel.cloud.faults.clear()
    response, _ = await request(panel.client, **REFRESH)
    assert response["success"]


async def test_reload_and_removal(panel: Panel) -> None:
    """Subscriptions continue after a reload; without projects the lists are empty."""
    await follow_lock(panel.client)
    panel.door.find("Bob").nick_name = "Robert"
    await panel.hass.config_entries.async_reload(panel.entry.entry_id)
    await panel.hass.async_block_till_done(wait_background_tasks=True)
    change = await event_of(panel.client)
    assert change["users"]["bob"]["name"] == "Robert"
    response, _ = await request(panel.client, type="unsubscribe_events", subscription=1)
    assert response["success"]
    await panel.hass.config_entries.async_set_disabled_by(
        panel.entry.entry_id, ConfigEntryDisabler.USER
    )
    await assert_no_message(panel.client)
    overview = await subscribe(panel.client)
    assert overview == {"projects": [], "locks": []}


async def test_enrollment(panel: Panel) -> None:
    """Start and end of an enrollment are sent."""
    assert (await follow_lock(panel.client))["enrollment"] is None
    panel.door.enrollment_rules.completes = False
    act = Actions(panel.hass, panel.entry)
    await act("enroll_unlock_method", user="bob", type="card", wait=0)
    assert (await event_of(panel.client))["enrollment"] == {
        "user_id": "bob",
        "type": "card",
        "touches_left": None,
        "touches_total": None,
        "lift_finger": None,
    }
    await act("cancel_enrollment", type="card")
    assert (await event_of(panel.client))["enrollment"] is None
    await panel.hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize(
    "command",
    [
        {"type": f"{DOMAIN}/subscribe_lock", "lock_id": "none"},
        {"type": f"{DOMAIN}/refresh", "lock_id": "none"},
    ],
)
async def test_unknown_lock(panel: Panel, command: Json) -> None:
    await panel.client.send_json_auto_id(command)
    assert (await panel.client.receive_json())["error"]["code"] == "not_found"


@pytest.mark.parametrize("command", ["subscribe", "subscribe_lock", "refresh"])
async def test_administrators_only(
    set_up: SetUp,
    door: Lock,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
    command: str,
) -> None:
    """The panel hides itself from others, but the commands decide."""
    await set_up()
    client = await hass_ws_client(access_token=hass_read_only_access_token)
    extra = {} if command == "subscribe" else {"lock_id": "front"}
    await client.send_json_auto_id({"type": f"{DOMAIN}/{command}", **extra})
    assert (await client.receive_json())["error"]["code"] == "unauthorized"


async def test_no_secrets(panel: Panel) -> None:
    text = json.dumps([await subscribe(panel.client), await follow_lock(panel.client)])
    assert panel.cloud.access_secret not in text
    assert panel.cloud.access_id not in text
