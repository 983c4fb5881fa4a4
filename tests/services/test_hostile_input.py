"""Random input: it is refused with a reason, or the lock decides.

An action responds, reports invalid data, or raises one of our own errors. Refused
input is not sent to any lock.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
import math
from typing import Any, Final

from hypothesis import HealthCheck, given, settings, strategies as st
import orjson
import pytest
import voluptuous as vol

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from simulator import Lock, SimulatedCloud
from tests.common import load_fixture

from .calling import Act
from .cases import with_password

words = st.sampled_from(
    [
        *("mia", "Mia", "clara", "emil", "olivia", "ada", "unknown", "0", "", " "),
        *("admin", "normal", "male", "card", "fingerprint", "unlock_nose", "monday"),
        *("Europe/Berlin", "Mars/Base", "../../etc", "24:00", "00:00", "9:75"),
        *("{user}", "<b>", "%s", "\u202emia", "a\x00b", "\ud800", "x" * 256, "👩‍👧"),
        *("0001-01-01", "9999-12-31", "0001-01-01T00:00:00", "9999-12-31T23:59:59"),
        *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "nan", "inf"),
        *("2026-12-11 15:00", "2026-12-11T15:00:00+99:00", "1e400", "-1"),
    ]
)
numbers = (
    st.integers()
    | st.floats()
    | st.sampled_from([0, -1, 2**63, 10**400, math.inf, -math.inf, math.nan])
)
scalars = st.none() | st.booleans() | numbers | words | st.text(max_size=8)
moments = (
    st.datetimes()
    | st.sampled_from([datetime.min, datetime.max])
    | st.dates().map(str)
    | words
)
days = st.lists(st.sampled_from(["monday", "tuesday", "sunday"]), max_size=4)
times = st.times().map(str) | st.sampled_from([time.min, time.max, "24:00"]) | words
windows = st.fixed_dictionaries(
    {"days": days | scalars, "start_time": times, "end_time": times},
    optional={"time_zone": scalars},
)
methods = st.fixed_dictionaries(
    {"type": words, "number": st.integers(-1, 9) | numbers}, optional={"name": scalars}
)

FIELDS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "birthday": st.dates() | st.sampled_from([date.min, date.max]) | words | scalars,
    "height": numbers | words,
    "weight": numbers | words,
    "users": st.lists(words | scalars, max_size=30) | scalars,
    "include_members": st.booleans(),
    "dry_run": st.booleans(),
    "permanent": st.booleans() | scalars,
    "start": moments,
    "end": moments,
    "windows": st.lists(windows, max_size=3) | scalars,
    "unlock_methods": st.lists(methods, max_size=3) | scalars,
    "types": st.lists(words, max_size=3) | scalars,
    "unassigned": st.booleans(),
    "wait": st.sampled_from([0, 0.01, -1, 121, math.nan, math.inf, "x"]),
    "type": words | scalars,
    "number": st.integers(-1, 9) | numbers,
    "password": st.sampled_from(["7394158", "739 158", "٧٣٩٤١٥٨"]) | words | scalars,
    "password_id": st.sampled_from(["1001", "Guest"]) | words | scalars,
    "kind": st.sampled_from(["once", "multiple", "clear_one"]) | words | scalars,
    "frozen": st.booleans() | scalars,
}

REQUIRED: Final = ("name", "users", "role", "type", "number", "password_id", "kind")
ACTIONS: Final = load_fixture("action_fields")
"""The fields of every action."""


async def call(act: Act, action: str, data: Mapping[str, Any]) -> bool:
    """Call an action; return whether it was refused before a write."""
    try:
        response = await act.hass.services.async_call(
            DOMAIN, action, dict(data), blocking=True, return_response=True
        )
    except vol.Invalid:
        return True
    except ServiceValidationError as err:
        if err.translation_domain not in (DOMAIN, "homeassistant"):
            raise
        return True
    except HomeAssistantError as err:
        if err.translation_domain != DOMAIN:
            raise
        return False
    orjson.dumps(response)
    return False


@pytest.mark.parametrize("action", ACTIONS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_random_input(
    hass: HomeAssistant,
    act: Act,
    cloud: SimulatedCloud,
    door: Lock,
    action: str,
    data: st.DataObject,
) -> None:
    """Any value in the fields of an action, mostly with an existing user."""
    given_ = {
        key: data.draw(FIELDS.get(key, words | scalars), key)
        for key in ACTIONS[action]
        if data.draw(st.integers(0, 3)) or key in REQUIRED
    }
    if "user" in ACTIONS[action] and data.draw(st.integers(0, 3)):
        given_["user"] = data.draw(st.sampled_from(["clara", "emil", "anton"]))
    if action == "get_locks":
        given_["config_entry_id"] = act.entry.entry_id
    else:
        given_["device_id"] = act.device_id("front")
    if not door.passwords.listed:
        with_password(cloud, door)
    cloud.calls.clear()
    if await call(act, action, given_):
        assert cloud.calls.writes == []
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    "data",
    [
        *(
            {field: moment}
            for field in ("start", "end")
            for moment in (
                *("0001-01-01T00:00:00", "0001-01-01T00:00:00+23:59"),
                "9999-12-31T23:59:59-23:59",
                datetime.min.replace(tzinfo=timezone(timedelta(hours=23))),
                datetime.max.replace(tzinfo=timezone(timedelta(hours=-23))),
            )
        ),
        *(
            {"start": "2026-12-11T15:00", "time_zone": zone}
            for zone in ("../../etc/passwd", "/etc/passwd", "\0", "\ud800", "x" * 255)
        ),
    ],
    ids=ascii,
)
async def test_extreme_times(
    act: Act, cloud: SimulatedCloud, data: dict[str, Any]
) -> None:
    who = {"device_id": act.device_id("front"), "user": "clara"}
    assert await call(act, "set_user_schedule", {**who, **data})
    assert cloud.calls.writes == []
