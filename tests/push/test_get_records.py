"""The action that reads the records of a lock."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import voluptuous as vol

from custom_components.tuya_lock_users.const import CONF_PUSH
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator import Lock, SimulatedCloud
from tests.conftest import SetUp
from tests.services.calling import Actions

type GetRecords = Callable[..., Awaitable[list[dict[str, Any]]]]

NO_OPENINGS = ("open_logs_v11", "open_logs_v10", "records", "report_logs")
NO_ALARMS = ("alarm_logs_v11", "alarm_logs_v10", "records", "report_logs")


@pytest.fixture
async def get_records(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> GetRecords:
    bob = door.find("bob")
    door.open("card", bob, time=cloud.now - 8 * 86_400)
    door.open("card", bob, time=cloud.now - 3600, duress=True)
    door.open("temporary", number=7, name="cleaner", time=cloud.now - 1800)
    door.alarm("pry", time=cloud.now - 900)
    door.ring(time=cloud.now - 600)
    entry = await set_up(options={CONF_PUSH: False})
    cloud.calls.clear()

    async def get_records(on: str = "front", **data: Any) -> list[dict[str, Any]]:
        response = await Actions(hass, entry)("get_records", on, **data)
        records: list[dict[str, Any]] = response["records"]
        return records

    return get_records


def summary(records: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    keys = ("kind", "type", "number", "name", "user_name")
    return [tuple(record[key] for key in keys) for record in records]


RING = ("doorbell", "ring", None, None, None)
TAMPER = ("alarm", "tamper", None, None, None)
CLEANER = ("opened", "temporary_password", 7, "cleaner", None)
DURESS = ("alarm", "duress", 1, "Blue card", "Bob")
CARD = ("opened", "card", 1, "Blue card", "Bob")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, [RING, TAMPER, CLEANER, CARD, DURESS]),
        ({"limit": 2}, [RING, TAMPER]),
        ({"user": "Bob"}, [CARD, DURESS]),
        ({"on": "front:bob", "types": ["card"]}, [CARD]),
        ({"types": ["duress", "ring"]}, [RING, DURESS]),
        ({"start": "2020-01-01 00:00:00"}, [RING, TAMPER, CLEANER, CARD, DURESS, CARD]),
        ({"end": "2020-01-01 00:00:00"}, []),
    ],
)
async def test_records(
    get_records: GetRecords, data: dict[str, Any], expected: list[tuple[Any, ...]]
) -> None:
    """Records are filtered by time, user and type, the newest first, each once."""
    assert summary(await get_records(**data)) == expected


async def test_calls(get_records: GetRecords, cloud: SimulatedCloud) -> None:
    """Only calls for the given types are made; times are in the lock's zone."""
    (record,) = await get_records(types=["card"])
    assert cloud.calls.counts() == {"open_logs_v11": 1}
    assert record["user_id"] == "bob"
    assert record["code"] == "unlock_card"
    assert record["time"].endswith("+01:00")


async def test_lock_without_alarms(
    get_records: GetRecords, cloud: SimulatedCloud
) -> None:
    """A lock without alarms still lists openings; one with neither reports it."""
    cloud.dialects.of("front").set(unsupported=dict.fromkeys(NO_ALARMS, 1108))
    assert summary(await get_records()) == [CLEANER, CARD]
    unsupported = dict.fromkeys({*NO_OPENINGS, *NO_ALARMS}, 1108)
    cloud.dialects.of("front").set(unsupported=unsupported)
    with pytest.raises(HomeAssistantError) as caught:
        await get_records()
    assert caught.value.translation_key == "not_supported"
    cloud.dialects.of("front").set(unsupported={})
    assert len(await get_records()) == 5


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (
            {"start": "2026-12-09 10:00:00", "end": "2026-12-09 09:00:00"},
            "end_before_start",
        ),
        ({"user": "Nobody"}, "user_not_found"),
    ],
)
async def test_guards(get_records: GetRecords, data: dict[str, Any], key: str) -> None:
    """Invalid fields are refused with a reason."""
    with pytest.raises(HomeAssistantError) as caught:
        await get_records(**data)
    assert caught.value.translation_key == key


@pytest.mark.parametrize("limit", [0, 501, "many"])
async def test_limits(get_records: GetRecords, limit: Any) -> None:
    with pytest.raises(vol.Invalid):
        await get_records(limit=limit)
