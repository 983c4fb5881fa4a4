"""Logbook messages of door events."""

from typing import Any

import pytest

from custom_components.tuya_lock_users.const import DOMAIN, EVENT_DOOR
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers.translation import async_load_integrations
from tests.common import load_fixture
from tests.test_logbook import LANGUAGES, Describe, describer

SENTENCES = load_fixture("logbook_doors")
BY_BOB = {"user_id": "bob", "user_name": "Bob"}


@pytest.fixture
async def describe(hass: HomeAssistant) -> Describe:
    return await describer(hass, EVENT_DOOR)


def line(describe: Describe, kind: str, event_type: str, **event_data: Any) -> str:
    data = {
        "kind": kind,
        "event_type": event_type,
        "lock_name": "Front door",
        **event_data,
    }
    row = describe(Event(EVENT_DOOR, data))
    assert row["name"] == (event_data.get("user_name") or "Front door")
    message: str = row["message"]
    return message


@pytest.mark.parametrize("sentence", SENTENCES)
def test_messages(describe: Describe, sentence: str) -> None:
    """Each event has one sentence about the lock."""
    kind, event_type, event_data = SENTENCES[sentence]
    assert line(describe, kind, event_type, **event_data) == sentence


@pytest.mark.parametrize("language", LANGUAGES)
async def test_languages(
    hass: HomeAssistant, describe: Describe, language: str
) -> None:
    hass.config.language = language
    await async_load_integrations(hass, {DOMAIN})
    sentence = line(describe, "opened", "card", **BY_BOB, name="Blue card")
    assert "Bob" in sentence
    assert "Blue card" in sentence
    assert "door_" not in sentence
