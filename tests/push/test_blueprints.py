"""The blueprints for arrivals and alarms."""

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from homeassistant.core import HomeAssistant, ServiceCall
from tests.common import lock_device, until, user_device
from tests.test_blueprints import FOLDER, ROOT, use_blueprint

from .conftest import Front


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    copytree(ROOT / FOLDER, Path(hass_tmp_config_dir, FOLDER))
    return hass_tmp_config_dir


async def use(
    hass: HomeAssistant, entry: MockConfigEntry, blueprint: str, **inputs: Any
) -> None:
    lock = lock_device(hass, entry, "front")
    assert lock is not None
    await use_blueprint(hass, blueprint, locks=[lock.id], **inputs)


ACT = {
    "action": "test.act",
    "data": {
        "user": "{{ user }}",
        "how": "{{ how }}",
        "method": "{{ method }}",
        "lock": "{{ lock }}",
    },
}


def summary(calls: list[ServiceCall]) -> list[tuple[Any, ...]]:
    return [tuple(call.data.values()) for call in calls]


BOB = ("Bob", "card", "Blue card", "Front door")
ALICE = ("Alice", "fingerprint", "Thumb", "Front door")
APP = ("", "app", "", "Front door")


@pytest.mark.parametrize(
    ("people", "known_only", "expected"),
    [
        ([], False, [BOB, ALICE, APP]),
        ([], True, [BOB, ALICE]),
        (["bob"], False, [BOB]),
    ],
)
async def test_arrival(
    front: Front, people: list[str], known_only: bool, expected: list[tuple[Any, ...]]
) -> None:
    """The actions run only for the selected users."""
    calls = async_mock_service(front.hass, "test", "act")
    entry = await front.connect()
    devices = [user_device(front.hass, entry, "front", user_id) for user_id in people]
    await use(
        front.hass,
        entry,
        "arrival_of_a_person",
        people=[device.id for device in devices if device],
        known_only=known_only,
        then_do=[ACT],
    )
    front.door.open("card", front.door.find("bob"))
    front.door.open("inside")
    front.door.alarm("stay_alarm")
    front.door.ring()
    front.door.open("fingerprint", front.door.find("alice"))
    front.door.open("app")
    await front.settled()
    await until(lambda: len(calls) >= len(expected))
    assert summary(calls) == expected


async def test_welcome(front: Front) -> None:
    """Every user is welcomed; only a known user who just came disarms the alarm."""
    targets = {
        "notify": ("notify", "send_message", "notify.phone"),
        "scene": ("scene", "turn_on", "scene.welcome"),
        "presence": ("input_boolean", "turn_on", "input_boolean.home"),
        "alarm": ("alarm_control_panel", "alarm_disarm", "alarm_control_panel.home"),
    }
    calls = {
        name: async_mock_service(front.hass, *target[:2])
        for name, target in targets.items()
    }
    entry = await front.connect()
    inputs = {name: [target[2]] for name, target in targets.items()}
    await use(front.hass, entry, "arrival_of_a_person", **inputs, alarm_code="0000")
    front.door.open("card", front.door.find("bob"), time=front.door.now - 120)
    front.door.open("fingerprint", front.door.find("alice"))
    front.door.open("app")
    await front.settled()
    await until(lambda: len(calls["notify"]) == 3)
    await front.hass.async_block_till_done()

    assert [call.data["message"] for call in calls["notify"]] == [
        "Bob opened Front door",
        "Alice opened Front door",
        "Someone opened Front door",
    ]
    assert [len(calls[name]) for name in targets] == [3, 3, 3, 1]
    [disarm] = calls["alarm"]
    assert disarm.data["code"] == "0000"
    assert all(
        call.data["entity_id"] == [targets[name][2]]
        for name in targets
        for call in calls[name]
    )


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ([], ["Tampering", "stay_alarm", "Opened under duress (Alice)"]),
        (["tamper"], ["Tampering"]),
    ],
)
async def test_alarm(front: Front, types: list[str], expected: list[str]) -> None:
    """Each alarm of these types is sent, in words."""
    messages = async_mock_service(front.hass, "notify", "send_message")
    calls = async_mock_service(front.hass, "test", "act")
    entry = await front.connect()
    await use(
        front.hass,
        entry,
        "alarm_at_the_door",
        types=types,
        notify=["notify.phone"],
        then_do=[{"action": "test.act", "data": {"alarm": "{{ alarm }}"}}],
    )
    front.door.alarm("pry")
    front.door.open("card", front.door.find("bob"))
    front.door.alarm("stay_alarm")
    front.door.open("fingerprint", front.door.find("alice"), duress=True)
    await front.settled()
    await until(lambda: len(calls) >= len(expected))
    assert [call.data["message"] for call in messages] == expected
    assert {call.data["title"] for call in messages} == {"Front door"}


async def test_alarm_persistent_notification(front: Front) -> None:
    """Names in the notification are escaped."""
    created = async_mock_service(front.hass, "persistent_notification", "create")
    front.door.users["alice"].nick_name = "[Al](https://example.com) *ice*"
    await use(front.hass, await front.connect(), "alarm_at_the_door", then_do=[])
    front.door.open("fingerprint", front.door.find("alice"), duress=True)
    await front.settled()
    await until(lambda: created)
    [message] = [call.data["message"] for call in created]
    assert "\\[Al\\]\\(https\\://example\\.com\\) \\*ice\\*" in message
