"""What happened at a door, in words."""

from collections.abc import Callable
from typing import Any

import pytest

from custom_components.tuya_lock_users import logbook
from custom_components.tuya_lock_users.const import DOMAIN, EVENT_DOOR
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers.translation import async_load_integrations
from homeassistant.setup import async_setup_component
from tests.test_logbook import LANGUAGES

type Describe = Callable[[Event], dict[str, Any]]

BY_BOB = {"user_id": "bob", "user_name": "Bob"}


@pytest.fixture
async def describe(hass: HomeAssistant) -> Describe:
    """Return what words our event."""
    assert await async_setup_component(hass, DOMAIN, {})
    offered: dict[str, Describe] = {}

    def offer(domain: str, event_type: str, describe: Describe) -> None:
        offered[event_type] = describe

    logbook.async_describe_events(hass, offer)
    return offered[EVENT_DOOR]


def line(describe: Describe, kind: str, event_type: str, **told: Any) -> str:
    """Return the line of an event."""
    data = {"kind": kind, "event_type": event_type, "lock_name": "Front door", **told}
    row = describe(Event(EVENT_DOOR, data))
    assert row["name"] == (told.get("user_name") or "Front door")
    message: str = row["message"]
    return message


@pytest.mark.parametrize(
    ("kind", "event_type", "told", "sentence"),
    [
        (
            *("opened", "fingerprint", {**BY_BOB, "name": "Right thumb"}),
            "Front door was opened by Bob with a fingerprint (Right thumb)",
        ),
        ("opened", "card", BY_BOB, "Front door was opened by Bob with a card"),
        ("opened", "inside", {}, "Front door was opened from inside"),
        (
            *("opened", "temporary_password", {"name": "cleaner"}),
            "Front door was opened with a temporary password (cleaner)",
        ),
        (
            *("opened", "app", {"user_id": "4711", "user_name": None}),
            "Front door was opened by User 4711 with the app",
        ),
        ("alarm", "tamper", {}, "Front door raised an alarm: Tampering"),
        (
            *("alarm", "duress", {**BY_BOB, "name": "Thumb"}),
            "Front door raised an alarm: Opened under duress (Bob)",
        ),
        ("doorbell", "ring", {}, "Front door rang: someone is at the door"),
    ],
)
def test_words(
    describe: Describe, kind: str, event_type: str, told: dict[str, Any], sentence: str
) -> None:
    """Each thing is one sentence about the lock."""
    assert line(describe, kind, event_type, **told) == sentence


@pytest.mark.parametrize("language", LANGUAGES)
async def test_languages(
    hass: HomeAssistant, describe: Describe, language: str
) -> None:
    """Every language names the user and the means."""
    hass.config.language = language
    await async_load_integrations(hass, {DOMAIN})
    sentence = line(describe, "opened", "card", **BY_BOB, name="Blue card")
    assert "Bob" in sentence
    assert "Blue card" in sentence
    assert "door_" not in sentence
