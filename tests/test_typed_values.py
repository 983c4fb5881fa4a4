"""Time zones, times, and numbers as typed by users."""

from typing import Any

import pytest
import voluptuous as vol

from custom_components.tuya_lock_users.coordinator.time_zones import async_get_time_zone
from custom_components.tuya_lock_users.services.schemas import (
    ALLOCATE_OR_DEALLOCATE,
    SET_USER_SCHEDULE,
    UPDATE_USER,
)
from homeassistant.core import HomeAssistant


async def test_time_zone(hass: HomeAssistant) -> None:
    assert str(await async_get_time_zone("Europe/Berlin")) == "Europe/Berlin"


@pytest.mark.parametrize(
    "name",
    [
        *("Nowhere/Land", "../secrets", "..", ".", "/etc/localtime", "Europe"),
        *("Europe/Berlin/", "zone.tab", "x" * 5000, "zero\0", "\u202e", "{zone}"),
    ],
    ids=lambda name: ascii(name)[:20],
)
async def test_invalid_time_zone(hass: HomeAssistant, name: str) -> None:
    assert await async_get_time_zone(name) is None


@pytest.mark.parametrize(
    "moment",
    ["nonsense", "2026-12-24 \ud800", "0001-01-01 00:00:00+14:00", 7],
    ids=["words", "surrogate", "before time", "number"],
)
def test_invalid_moment(moment: Any) -> None:
    with pytest.raises(vol.Invalid):
        SET_USER_SCHEDULE({"device_id": "front", "start": moment})


def test_moment() -> None:
    data = SET_USER_SCHEDULE({"device_id": "front", "start": "2026-12-24 18:00"})
    assert data["start"].isoformat() == "2026-12-24T18:00:00"


@pytest.mark.parametrize(
    "weight", ["heavy", None, 10**400], ids=["word", "none", "huge"]
)
def test_invalid_number(weight: Any) -> None:
    with pytest.raises(vol.Invalid):
        UPDATE_USER({"device_id": "front", "weight": weight})


def allocation(number: Any) -> Any:
    return ALLOCATE_OR_DEALLOCATE(
        {"device_id": "front", "unlock_methods": {"type": "card", "number": number}}
    )


@pytest.mark.parametrize("number", [3, 3.0, "3", " 3.0"], ids=repr)
def test_whole_number(number: Any) -> None:
    [method] = allocation(number)["unlock_methods"]
    assert (method["number"], type(method["number"])) == (3, int)


@pytest.mark.parametrize(
    "number",
    [3.7, "3.7", True, -1, None, "three", float("nan"), float("inf"), 10**400],
    ids=lambda number: repr(number)[:9],
)
def test_invalid_whole_number(number: Any) -> None:
    """A wrong number would allocate the card of another user."""
    with pytest.raises(vol.Invalid):
        allocation(number)
