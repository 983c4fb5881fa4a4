"""The logbook: a message for each change."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.tuya_lock_users import logbook
from custom_components.tuya_lock_users.const import DOMAIN, EVENT_USER_CHANGED
from custom_components.tuya_lock_users.domain.changes import ChangeType
from homeassistant.components.recorder import Recorder
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.translation import async_load_integrations
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from simulator import Lock
from tests.common import load_fixture, lock_device, user_device
from tests.conftest import CYCLE_SECONDS, NOW, SetUp, Tick

ALICE = {"user_id": "alice", "user_name": "Alice"}
CARD = {"type": "card", "number": 1, "name": "Blue card"}

SENTENCES = load_fixture("logbook_changes")
LANGUAGES = sorted(
    path.stem
    for path in (Path(logbook.__file__).parent / "translations").glob("*.json")
)

type Describe = Callable[[Event], dict[str, Any]]


async def describer(hass: HomeAssistant, event_type: str) -> Describe:
    assert await async_setup_component(hass, DOMAIN, {})
    offered: dict[tuple[str, str], Describe] = {}

    def offer(domain: str, event_type: str, describe: Describe) -> None:
        offered[domain, event_type] = describe

    logbook.async_describe_events(hass, offer)
    return offered[DOMAIN, event_type]


@pytest.fixture
async def describe(hass: HomeAssistant) -> Describe:
    return await describer(hass, EVENT_USER_CHANGED)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_messages(describe: Describe, sentence: str) -> None:
    change_type, event_data = SENTENCES[sentence]
    entity_id = "event.front_door_user_changes"
    data = {"entity_id": entity_id, "device_id": "1", "lock_name": "Front door"}
    event: Event[Any] = Event(
        EVENT_USER_CHANGED, {**data, "event_type": change_type, **event_data}
    )
    assert describe(event) == {
        "name": event_data["user_name"] or "User 4711",
        "message": sentence,
        "entity_id": entity_id,
    }


async def test_incomplete_event(describe: Describe) -> None:
    """A manually fired event causes no error."""
    assert describe(Event(EVENT_USER_CHANGED, {}))["entity_id"] is None


@pytest.mark.parametrize("language", LANGUAGES)
async def test_languages(
    hass: HomeAssistant, describe: Describe, language: str
) -> None:
    hass.config.language = language
    await async_load_integrations(hass, {DOMAIN})
    for change_type in ChangeType:
        event_data = ALICE | CARD | {"before": "Ally", "after": "admin"}
        event_data |= {"previous_user_id": "bob", "previous_user_name": "Bob"}
        event_data |= {"event_type": change_type, "lock_name": "Front door"}
        message = describe(Event(EVENT_USER_CHANGED, event_data))["message"]
        assert "Alice" in message
        assert "Front door" in message
        assert "{" not in message


async def test_unknown_language(hass: HomeAssistant, describe: Describe) -> None:
    hass.config.language = "tlh"
    event: Event[Any] = Event(
        EVENT_USER_CHANGED,
        ALICE | {"event_type": "user_added", "lock_name": "Front door"},
    )
    assert describe(event)["message"] == "Alice was added to Front door"


class TestActivity:
    """The logbook page, with recorder and WebSocket API."""

    @pytest.fixture(autouse=True)
    def auto_enable_custom_integrations(
        self, recorder_mock: Recorder, enable_custom_integrations: None
    ) -> None:
        """Have the recorder before Home Assistant, as its fixture wants it."""

    @pytest.mark.parametrize("device", ["lock", "user"])
    async def test_activity(
        self,
        hass: HomeAssistant,
        tick: Tick,
        hass_ws_client: WebSocketGenerator,
        door: Lock,
        set_up: SetUp,
        device: str,
    ) -> None:
        """The page of a lock shows both lines, that of a user the sentence alone."""
        entry = await set_up()
        hass.config.components.add("frontend")
        assert await async_setup_component(hass, "logbook", {})
        found: dr.DeviceEntry | dr.ChildDeviceEntry | None
        if device == "lock":
            found = lock_device(hass, entry, "front")
            entities = ["event.front_door_user_changes"]
        else:
            found = user_device(hass, entry, "front", "bob")
            entities = []
        assert found

        await tick(60)
        door.add_method("password", door.find("bob"), name="Code")
        await tick(CYCLE_SECONDS)
        await async_wait_recording_done(hass)

        client = await hass_ws_client()
        await client.send_json_auto_id(
            {
                "type": "logbook/get_events",
                "start_time": (NOW - timedelta(hours=1)).isoformat(),
                "end_time": (dt_util.utcnow() + timedelta(hours=1)).isoformat(),
                "device_ids": [found.id],
                **({"entity_ids": entities} if entities else {}),
            }
        )
        reply = await client.receive_json()
        assert reply["success"], reply
        sentence, *others = reply["result"]
        assert sentence["message"] == (
            "Bob has a new unlock method on Front door: Password 1 (Code)"
        )
        assert sentence["entity_id"] == "event.front_door_user_changes"
        if device == "user":
            assert not others
            return
        (line,) = others
        assert line["attributes"] == {"event_type": "unlock_method_added"}
        assert line["context_domain"] == DOMAIN
        assert line["context_name"] == "Bob"
