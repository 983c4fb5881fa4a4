"""What the panel is sent, and that it costs nothing to be looked at."""

import json
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from simulator import Lock, SimulatedCloud

from .common import lock_device
from .conftest import SetUp

type Json = dict[str, Any]

REFRESH: Final = {"type": f"{DOMAIN}/refresh", "lock_id": "front"}


async def subscribe(client: MockHAClientWebSocket, **message: Any) -> Json:
    """Subscribe and return the first message, which is there even if nothing else is."""
    await client.send_json_auto_id({"type": f"{DOMAIN}/subscribe", **message})
    assert (await client.receive_json())["success"]
    return await event_of(client)


async def follow_lock(client: MockHAClientWebSocket, lock_id: str = "front") -> Json:
    """Subscribe to the users of a lock and return the first message."""
    return await subscribe(client, type=f"{DOMAIN}/subscribe_lock", lock_id=lock_id)


async def event_of(client: MockHAClientWebSocket) -> Json:
    """Return the next message of a subscription."""
    message = await client.receive_json()
    assert message["type"] == "event", message
    event: Json = message["event"]
    return event


async def ask(client: MockHAClientWebSocket, **message: Any) -> tuple[Json, Json]:
    """Send a command; return its answer, and all that events brought before it."""
    await client.send_json_auto_id(message)
    events: Json = {}
    while (answer := await client.receive_json())["type"] == "event":
        events |= answer["event"]
    return answer, events


async def nothing_more(client: MockHAClientWebSocket) -> None:
    """Check that nothing was sent: the next message is the answer to a ping."""
    await client.send_json_auto_id({"type": "ping"})
    assert (await client.receive_json())["type"] == "pong"


async def test_overview(
    hass: HomeAssistant, set_up: SetUp, door: Lock, hass_ws_client: WebSocketGenerator
) -> None:
    """All projects and locks come at once, and again when something changes."""
    entry = await set_up()
    client = await hass_ws_client()
    overview = await subscribe(client)

    device = lock_device(hass, entry, "front")
    assert device
    (project,) = overview["projects"]
    assert project | {"calls": 0} == {
        "entry_id": entry.entry_id,
        "title": "Tuya project",
        "state": "loaded",
        "reason": None,
        "calls": 0,
        "paused_until": None,
    }
    assert project["calls"] > 0
    (lock,) = overview["locks"]
    assert lock["read_at"] < lock["next_read_at"]
    assert lock | {"read_at": None, "next_read_at": None} == {
        "lock_id": "front",
        "device_id": device.id,
        "entry_id": entry.entry_id,
        "name": "Front door",
        "online": True,
        "readable": True,
        "read_at": None,
        "next_read_at": None,
        "time_zone": "+01:00",
        "utc_offset": 60,
        "disabled": False,
        "users": 2,
        "pending": 0,
        "absent": 0,
        "unassigned": 0,
    }

    dr.async_get(hass).async_update_device(device.id, name_by_user="Main door")
    hass.config_entries.async_update_entry(entry, title="Renamed")
    overview = await event_of(client)
    assert overview["projects"][0]["title"] == "Renamed"
    assert overview["locks"][0]["name"] == "Main door"
    await nothing_more(client)


async def test_nothing_yet(
    hass: HomeAssistant, set_up: SetUp, hass_ws_client: WebSocketGenerator
) -> None:
    """Without locks there is a message as well."""
    await set_up()
    overview = await subscribe(await hass_ws_client())
    assert overview["locks"] == []


async def test_changed_users_only(
    hass: HomeAssistant, set_up: SetUp, door: Lock, hass_ws_client: WebSocketGenerator
) -> None:
    """After all users come those that changed, and who is gone."""
    await set_up()
    client = await hass_ws_client()
    content = await follow_lock(client)
    assert content["order"] == ["alice", "bob"]
    assert content["users"]["bob"]["access"] == "allowed"
    assert content["users"]["bob"]["unlock_methods"][0]["name"] == "Blue card"
    assert content["absent"] == content["unassigned"] == []

    door.find("Bob").nick_name = "Robert"
    _, changes = await ask(client, **REFRESH)
    assert changes.keys() == {"users"}
    assert changes["users"].keys() == {"bob"}
    assert changes["users"]["bob"]["name"] == "Robert"

    # He keeps his card, which belongs to nobody now.
    door.remove_user("bob")
    _, changes = await ask(client, **REFRESH)
    assert changes.keys() == {"gone", "order", "absent", "unassigned"}
    assert changes["gone"] == ["bob"]
    assert changes["order"] == ["alice"]
    assert [user["user_id"] for user in changes["absent"]] == ["bob"]
    assert [method["type"] for method in changes["unassigned"]] == ["card"]
    await nothing_more(client)


async def test_calls_of_the_panel(
    hass: HomeAssistant,
    set_up: SetUp,
    door: Lock,
    cloud: SimulatedCloud,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Being open costs no call, and reading now does what the button does."""
    await set_up()
    calls = len(cloud.calls)
    client = await hass_ws_client()
    await subscribe(client)
    await follow_lock(client)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(cloud.calls) == calls

    door.find("Bob").nick_name = "Robert"
    answer, _ = await ask(client, **REFRESH)
    assert answer["success"]
    assert len(cloud.calls) > calls
    states = [state.name for state in hass.states.async_all("sensor")]
    assert any("Robert" in name for name in states)


async def test_refused_refresh(
    set_up: SetUp,
    door: Lock,
    cloud: SimulatedCloud,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """A refusal comes with its key, so that the panel says it in its own language."""
    await set_up()
    client = await hass_ws_client()
    cloud.faults.refuse(28841004, times=None)
    answer, _ = await ask(client, **REFRESH)
    assert answer["error"]["translation_key"] == "quota_exhausted"
    assert answer["error"]["translation_domain"] == DOMAIN

    cloud.faults.clear()
    answer, _ = await ask(client, **REFRESH)
    assert answer["success"]


async def test_reload_and_removal(
    hass: HomeAssistant,
    set_up: SetUp,
    door: Lock,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Subscriptions outlive a reload; who unsubscribes hears nothing more."""
    entry = await set_up()
    client = await hass_ws_client()
    await follow_lock(client)
    door.find("Bob").nick_name = "Robert"
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    change = await event_of(client)
    assert change["users"]["bob"]["name"] == "Robert"

    answer, _ = await ask(client, type="unsubscribe_events", subscription=1)
    assert answer["success"]
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    await nothing_more(client)
    overview = await subscribe(client)
    assert overview == {"projects": [], "locks": []}


async def test_enrollment(
    hass: HomeAssistant,
    set_up: SetUp,
    door: Lock,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """What the lock waits for is sent, and that it waits no more."""
    entry = await set_up()
    client = await hass_ws_client()
    assert (await follow_lock(client))["enrollment"] is None
    door.enrollment_rules.someone_comes = False
    device = lock_device(hass, entry, "front")
    assert device is not None

    async def call(action: str, **data: Any) -> None:
        await hass.services.async_call(
            DOMAIN, action, {"device_id": device.id, "type": "card", **data}, True
        )

    await call("enroll_unlock_method", user="bob", wait=0)
    assert (await event_of(client))["enrollment"] == {
        "user_id": "bob",
        "type": "card",
        "touches_left": None,
        "touches_total": None,
        "lift_finger": None,
    }
    await call("cancel_enrollment")
    assert (await event_of(client))["enrollment"] is None
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize(
    "command",
    [
        {"type": f"{DOMAIN}/subscribe_lock", "lock_id": "none"},
        {"type": f"{DOMAIN}/refresh", "lock_id": "none"},
    ],
)
async def test_unknown_lock(
    set_up: SetUp, hass_ws_client: WebSocketGenerator, command: Json
) -> None:
    """A lock that is not there is not found."""
    await set_up()
    client = await hass_ws_client()
    await client.send_json_auto_id(command)
    assert (await client.receive_json())["error"]["code"] == "not_found"


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


async def test_no_secrets(
    set_up: SetUp, door: Lock, cloud: SimulatedCloud, hass_ws_client: WebSocketGenerator
) -> None:
    """Neither the secret of the project nor a token is in any message."""
    await set_up()
    client = await hass_ws_client()
    text = json.dumps([await subscribe(client), await follow_lock(client)])
    assert cloud.access_secret not in text
    assert cloud.access_id not in text
