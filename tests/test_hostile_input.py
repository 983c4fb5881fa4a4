"""Malformed replies of the cloud, through Home Assistant.

See `api/test_hostile.py` for the client alone, and `services/test_hostile_input.py` for
the input of actions.
"""

from collections.abc import AsyncGenerator, Iterator
from copy import deepcopy
import logging
from random import SystemRandom
from typing import Any, Final

from hypothesis import HealthCheck, given, settings, strategies as st
import orjson
import pytest

from custom_components.tuya_lock_users.const import DOMAIN
from custom_components.tuya_lock_users.coordinator.devices import LONGEST_NAME
from homeassistant.core import HomeAssistant, State, valid_entity_id
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from tests.common import (
    cases,
    entity_id_of,
    load_fixture,
    lock_device,
    states_of,
    user_device,
)
from tests.conftest import DAY_SECONDS, LIST_SECONDS, Home

CYCLE_SECONDS: Final = 6 * 60

NAMES: Final = load_fixture("names") | {
    "long": "x" * 10_000,
    "long-right-to-left": "שלום" * 2_500,
    "emoji": "👩‍👧🏳️‍🌈" * 30,
    "combining": "e" + "\u0301" * 500,
}
"""Names of users."""

every_name = cases("name", NAMES)

numbers = (
    st.integers()
    | st.sampled_from([0, 1, -1, 2**31, 2**32, 2**53, 2**63, 2**64, 10**40])
    | st.integers(1_000_000_000, 3_000_000_000)
    | st.floats()
)
texts = st.text(max_size=20) | st.sampled_from(
    [text for text in NAMES.values() if isinstance(text, str)]
)
scalars = st.none() | st.booleans() | numbers | texts | numbers.map(str)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
keys = st.sampled_from(
    [
        *("user_id", "user_type", "nick_name", "effective_flag", "time_schedule_info"),
        *("permanent", "effective_time", "expired_time", "schedule_details"),
        *("working_day", "start_minute", "end_minute", "all_day", "time_zone_id"),
        *("unlock_detail", "unlock_list", "dp_code", "unlock_sn", "phase"),
        *("delivery_status", "notify_info", "records", "total", "has_more", "id"),
        *("name", "category", "online", "time_zone", "access_token", "expire_time"),
    ]
)
damages = st.lists(st.tuples(st.integers(0, 500), keys, anything), max_size=4)


def damaged(result: Any, damages: list[tuple[int, str, Any]]) -> Any:
    """Return a reply with some values replaced, at any depth."""
    result, damages = deepcopy((result, damages))
    for where, key, value in damages:
        places: list[Any] = [result]
        for place in places:  # grows while it is gone through
            children = place.values() if isinstance(place, dict) else place
            places += [one for one in children if isinstance(one, (dict, list))]
        place = places[where % len(places)]
        if isinstance(place, dict):
            place[key if where % 2 else next(iter(place), key)] = value
        elif place:
            place[where % len(place)] = value
        else:
            place.append(value)
    return result


def assert_valid(hass: HomeAssistant) -> None:
    """Check that states, names and issues are valid and can be serialized."""
    for unique_id in states_of(hass):
        entity_id = entity_id_of(hass, unique_id)
        assert entity_id is not None
        assert valid_entity_id(entity_id)
        state = hass.states.get(entity_id)
        assert isinstance(state, State)
        assert len(state.state) <= 255
        orjson.loads(state.as_dict_json)
    for device in devices_of(hass):
        orjson.dumps(device.dict_repr, default=str)
        assert device.name
        assert device.name.strip()
        assert len(device.name) <= LONGEST_NAME + 20
        assert not any(ord(char) < 32 or ord(char) == 127 for char in device.name)
    for entity in er.async_get(hass).entities.values():
        assert valid_entity_id(entity.entity_id)
        assert len(entity.entity_id) <= 255
        assert entity.original_name != ""
    for issue in ir.async_get(hass).issues.values():
        orjson.dumps(issue.translation_placeholders)


def devices_of(hass: HomeAssistant) -> Iterator[dr.BaseDeviceEntry]:
    registry = dr.async_get(hass)
    for entry in hass.config_entries.async_entries(DOMAIN):
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
            yield device
            yield from dr.async_entries_for_parent_device(registry, device.id)


def our_errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.ERROR
    ]


@every_name
async def test_names(home: Home, caplog: pytest.LogCaptureFixture, name: Any) -> None:
    """Any name of a user, method or lock is accepted, from the start or later."""
    home.door.device.name = name
    home.door.users["alice"].nick_name = name
    home.door.methods[0].unlock_name = name
    entry = await home.set_up()
    assert_valid(home.hass)

    home.door.users["bob"].nick_name = name
    home.door.expire(home.door.users["bob"])
    carl = home.door.add_user(name, user_id="carl")
    home.door.add_method("unlock_nose", carl, name=name)
    home.door.add_method("card", name=name)
    gone = home.door.add_user(name, user_id="gone")
    home.door.add_method("face", gone, name=name)
    home.door.remove_user("gone")
    await home.tick(DAY_SECONDS)
    await home.tick(LIST_SECONDS)

    assert_valid(home.hass)
    for user_id in ("alice", "bob", "carl"):
        assert user_device(home.hass, entry, "front", user_id)
    assert lock_device(home.hass, entry, "front")
    response = await home.hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": home.entity_id("front_access"), "duration": {"days": 9}},
        blocking=True,
        return_response=True,
    )
    orjson.dumps(response)
    assert our_errors(caplog) == []


ENDPOINTS: Final = (
    *("smart_lock_users", "associated_devices", "opmodes"),
    *("absent_users", "unassigned_keys", "token"),
)


@pytest.fixture
async def running_home(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Home]:
    """A project that is up.

    Every example begins with the same seed of `random`, of which the registries make
    their ids: here, where one Home Assistant sees all examples, those must not repeat.
    """
    monkeypatch.setattr(
        "homeassistant.util.uuid.getrandbits", SystemRandom().getrandbits
    )
    logger = logging.getLogger("homeassistant")
    level = logger.level
    logger.setLevel(logging.WARNING)
    await home.set_up()
    yield home
    home.cloud.faults.clear()
    logger.setLevel(level)


@pytest.mark.parametrize("call", ENDPOINTS)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_random_replies(
    running_home: Home,
    caplog: pytest.LogCaptureFixture,
    call: str,
    data: st.DataObject,
) -> None:
    """A damaged or replaced reply causes no harm, and the next one recovers."""
    faults = running_home.cloud.faults
    ways = ["result", "json", *(["damaged"] if call != "token" else [])]
    match data.draw(st.sampled_from(ways)):
        case "damaged":
            what = data.draw(damages)
            faults.edit(lambda reply: damaged(reply, what), on=call, times=None)
        case "result":
            faults.result(data.draw(anything), on=call, times=None)
        case _:
            faults.json(data.draw(anything), on=call, times=None)
    if call == "token":
        running_home.cloud.kill_token()
    await running_home.tick(DAY_SECONDS)
    assert_valid(running_home.hass)
    running_home.cloud.faults.clear()
    await running_home.tick(6 * 3600, times=2)
    await running_home.tick(LIST_SECONDS)
    assert_valid(running_home.hass)
    assert running_home.states()["front_users"] == "2"
    assert our_errors(caplog) == []
