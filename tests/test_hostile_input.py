"""Replies that no cloud should send, through Home Assistant.

What the client makes of them by itself is in `api/test_hostile.py`, strange input to
actions in `services/test_hostile_input.py`.
"""

from collections.abc import AsyncGenerator, Iterator
import json
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
from simulator import EVERY_DAY, Lock, Schedule, SimulatedCloud, Window
from tests.common import entity_id_of, lock_device, states_of, user_device
from tests.conftest import SetUp, Tick

CYCLE_SECONDS: Final = 6 * 60
LIST_SECONDS: Final = 30 * 60
DAY_SECONDS: Final = 24 * 3600

NAMES: Final = {
    "long": "x" * 10_000,
    "long-right-to-left": "שלום" * 2_500,
    "right-to-left": "\u202eecilA\u202c",
    "control-characters": "A\x00l\x1bi\x07c\ne\r\t\x7f\x9b",
    "half-a-surrogate-pair": "Al\ud800ice",
    "only-surrogates": "\udfff\ud800",
    "emoji": "👩‍👧🏳️‍🌈" * 30,
    "combining": "e" + "\u0301" * 500,
    "empty": "",
    "blank": " \t\u00a0\u3000 ",
    "zero-width": "\u200b\u200d\ufeff",
    "placeholder": "{user} {0} {lock!r} {id.__class__} {",
    "percent": "%s %(name)s %d %",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "markdown": "[click](https://evil.example.com) **bold** `code` # | ~",
    "template": "{{ states('sensor.x') }}{% for x in y %}",
    "slashes": "../../etc/passwd",
    "null": None,
}
"""What somebody may be called."""

every_name = pytest.mark.parametrize(
    "name", [pytest.param(name, id=kind) for kind, name in NAMES.items()]
)

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
windows = st.fixed_dictionaries(
    {},
    optional={
        "working_day": st.integers(-300, 300) | scalars,
        "start_minute": st.integers(-10, 3000) | scalars,
        "end_minute": st.integers(-10, 3000) | scalars,
        "all_day": scalars,
        "time_zone_id": st.sampled_from(["Europe/Berlin", "Mars/Base", "", "../x"])
        | scalars,
    },
)
schedules = st.fixed_dictionaries(
    {},
    optional={
        "permanent": st.booleans() | scalars,
        "effective_time": numbers | scalars,
        "expired_time": numbers | scalars,
        "operate": scalars,
        "delivery_status": st.sampled_from(["ONGOING", "SUCCESS", "FAILED"]) | scalars,
        "schedule_details": st.lists(windows, max_size=3) | anything,
    },
)
methods = st.fixed_dictionaries(
    {
        "dp_code": st.sampled_from(["unlock_card", "unlock_eye"]) | scalars,
        "unlock_sn": st.integers(0, 5) | scalars,
    },
    optional={
        "unlock_name": scalars,
        "unlock_attr": scalars,
        "phase": st.integers(-1, 12) | scalars,
        "delivery_status": st.sampled_from(["ONGOING", "FAILED"]) | scalars,
        "allocate_flag": scalars,
        "notify_info": anything,
        "channel_id": scalars,
    },
)
users = st.fixed_dictionaries(
    {"user_id": st.sampled_from(["alice", "bob", "1"]) | scalars},
    optional={
        "nick_name": scalars,
        "user_type": st.sampled_from([10, 20, 30, 40, 50]) | scalars,
        "lock_user_id": scalars,
        "user_contact": scalars,
        "avatar_url": scalars,
        "uid": scalars,
        "back_home_notify_attr": scalars,
        "effective_flag": st.integers(-1, 3) | scalars,
        "time_schedule_info": schedules | schedules.map(json.dumps) | anything,
        "unlock_detail": st.lists(
            st.fixed_dictionaries(
                {
                    "dp_code": st.sampled_from(["unlock_card"]) | scalars,
                    "unlock_list": st.lists(methods, max_size=3) | anything,
                }
            ),
            max_size=2,
        )
        | anything,
    },
)
user_lists = st.lists(users, max_size=4)
locks = st.fixed_dictionaries(
    {"id": st.sampled_from(["front", "gate"]) | scalars},
    optional={
        "name": scalars,
        "category": st.sampled_from(["ms", "jtmspro"]) | scalars,
        "product_name": scalars,
        "model": scalars,
        "online": scalars,
        "time_zone": st.sampled_from(["+01:00", "-99:99", "+8:00"]) | scalars,
    },
)


# --- Through Home Assistant --------------------------------------------------------


def assert_sound(hass: HomeAssistant) -> None:
    """See that states, attributes, names and issues are such as anybody can hold."""
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
    """Yield our devices."""
    registry = dr.async_get(hass)
    for entry in hass.config_entries.async_entries(DOMAIN):
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
            yield device
            yield from dr.async_entries_for_parent_device(registry, device.id)


def our_errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the log says went wrong that nobody thought of."""
    return [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.ERROR
    ]


@every_name
async def test_name(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    caplog: pytest.LogCaptureFixture,
    name: Any,
) -> None:
    """A name of a user, a method or a lock is a name everywhere, from the start or later."""
    door.device.name = name
    door.users["alice"].nick_name = name
    door.methods[0].unlock_name = name
    entry = await set_up()
    assert_sound(hass)

    door.users["bob"].nick_name = name
    door.expire(door.users["bob"])
    carl = door.add_user(name, user_id="carl")
    door.add_method("unlock_nose", carl, name=name)
    door.add_method("card", name=name)
    gone = door.add_user(name, user_id="gone")
    door.add_method("face", gone, name=name)
    door.remove_user("gone")
    await tick(DAY_SECONDS)
    await tick(LIST_SECONDS)

    assert_sound(hass)
    for user_id in ("alice", "bob", "carl"):
        assert user_device(hass, entry, "front", user_id)
    assert lock_device(hass, entry, "front")
    answer = await hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": entity_id_of(hass, "front_access"), "duration": {"days": 9}},
        blocking=True,
        return_response=True,
    )
    orjson.dumps(answer)
    assert our_errors(caplog) == []


@pytest.mark.parametrize(
    "zone",
    [
        *("../x", "..", ".", "/etc/passwd", "Europe", "Europe/Berlin/", "zone.tab"),
        *("a\x00b", "x" * 300, "\u202e", "{zone}", "Mars/Base"),
    ],
    ids=ascii,
)
async def test_zone(
    hass: HomeAssistant, door: Lock, set_up: SetUp, tick: Tick, zone: str
) -> None:
    """A window in a zone that nobody knows is meant in the lock's; it costs no reading."""
    schedule = Schedule(
        permanent=False,
        effective_time=1_790_000_000,
        expired_time=1_830_000_000,
        windows=[Window(EVERY_DAY, 660, 720, zone)],
    )
    door.users["bob"].schedule = schedule
    await set_up()
    assert_sound(hass)
    assert states_of(hass)["front_users"] == "2"
    assert states_of(hass)["front:bob_access"] == "allowed"


KINDS: Final = {
    "users": ("smart_lock_users", user_lists),
    "locks": ("associated_devices", st.lists(locks, max_size=3)),
    "opmodes": ("opmodes", st.lists(methods, max_size=4)),
    "absent-users": ("absent_users", user_lists),
    "unassigned": ("unassigned_keys", st.lists(methods, max_size=4)),
    "token": ("token", anything),
}


@pytest.fixture
async def served(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Tick]:
    """A project that is up, with its clock.

    Every example begins with the same seed of `random`, of which the registries make
    their ids: here, where one Home Assistant sees all examples, those must not repeat.
    """
    monkeypatch.setattr(
        "homeassistant.util.uuid.getrandbits", SystemRandom().getrandbits
    )
    logger = logging.getLogger("homeassistant")
    level = logger.level
    logger.setLevel(logging.WARNING)
    await set_up()
    yield tick
    cloud.faults.clear()
    logger.setLevel(level)


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_any_reply(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    served: Tick,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    data: st.DataObject,
) -> None:
    """Any records, any result, any JSON in a reply: no harm is done, and it is mended."""
    endpoint, records = KINDS[kind]
    what = data.draw(
        st.tuples(st.just("records"), records)
        | st.tuples(st.just("page"), st.builds(_page, records, scalars, scalars))
        | st.tuples(st.sampled_from(["result", "json"]), anything)
    )
    plant = cloud.faults.json if what[0] == "json" else cloud.faults.result
    plant(what[1], on=endpoint, times=None)
    if kind == "token":
        cloud.kill_token()
    await served(DAY_SECONDS)
    assert_sound(hass)
    cloud.faults.clear()
    await served(6 * 3600)
    await served(6 * 3600)
    await served(LIST_SECONDS)
    assert_sound(hass)
    assert states_of(hass)["front_users"] == "2"
    assert our_errors(caplog) == []


def _page(records: list[Any], total: object, has_more: object) -> dict[str, Any]:
    return {"records": records, "total": total, "has_more": has_more}
