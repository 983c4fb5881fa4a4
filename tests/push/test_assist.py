"""The tools for Assist: access and openings."""

from datetime import datetime, timedelta
import json
from typing import Any

import probatio
import pytest

from custom_components.tuya_lock_users.const import CONF_ASSIST, CONF_OPENINGS
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import llm
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from simulator import Lock, Schedule, SimulatedCloud, Window
from tests.services.calling import Actions

from .conftest import Connect

type Data = dict[str, Any]

ACCESS = "tuya_lock_users__get_access"
OPENINGS = "tuya_lock_users__get_openings"


async def api(hass: HomeAssistant) -> llm.APIInstance:
    """Return the Assist API with its current tools."""
    assert await async_setup_component(hass, "llm", {})
    context = llm.LLMContext("test", Context(), "en", "conversation", None)
    return await llm.async_get_api(hass, llm.LLM_API_ASSIST, context)


async def call_tool(hass: HomeAssistant, tool: str, **arguments: Any) -> Data:
    """Call a tool like a language model, and check that no ID is returned."""
    instance = await api(hass)
    (found,) = [one for one in instance.tools if one.name == tool]
    result = await found.async_call(
        hass, llm.ToolInput(tool, arguments), instance.llm_context
    )
    assert isinstance(result, llm.ToolResult)
    text = json.dumps(result.data)
    for secret in ("alice", "bob", "example.com", 'front"', "number", "_id"):
        assert secret not in text
    assert len(text) < 8_000
    return {**result.data, "failed": result.error}


def minute(moment: datetime) -> str:
    return dt_util.as_local(moment).isoformat(timespec="minutes")


def names(people: list[Data]) -> list[Any]:
    return [person.get("name", person) for person in people]


@pytest.fixture(autouse=True)
async def berlin(hass: HomeAssistant) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")


@pytest.mark.parametrize(
    ("options", "tools"),
    [
        ({}, set()),
        ({CONF_ASSIST: False}, set()),
        ({CONF_ASSIST: True}, {ACCESS, OPENINGS}),
        ({CONF_ASSIST: True, CONF_OPENINGS: False}, {ACCESS}),
    ],
)
async def test_tools(
    hass: HomeAssistant, connect: Connect, options: Data, tools: set[str]
) -> None:
    """The tools exist if the option is on and the entry loaded; they only read."""
    entry = await connect(options=options)
    found = [t for t in (await api(hass)).tools if t.name.startswith("tuya")]

    assert {tool.name for tool in found} == tools
    for tool in found:
        assert tool.annotations.read_only
        assert not tool.annotations.destructive
        schema = probatio.to_openapi(
            tool.parameters, custom_serializer=llm.selector_serializer
        )
        assert schema["properties"]["lock"]["enum"] == ["Front door"]
    await hass.config_entries.async_unload(entry.entry_id)
    assert not [t for t in (await api(hass)).tools if t.name.startswith("tuya")]


async def test_access(
    hass: HomeAssistant, connect: Connect, cloud: SimulatedCloud, door: Lock
) -> None:
    """The tool returns current and future access of users without a call."""
    now = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    start, end = now + timedelta(days=1), now + timedelta(days=3)
    span = (int(start.timestamp()), int(end.timestamp()))
    door.users["bob"].user_contact = "bob@example.com"
    door.add_user("Gus", user_id="gus").schedule = Schedule(False, *span)
    hours = [Window(127, 0, 60, "UTC")]
    door.add_user("Wim", user_id="wim").schedule = Schedule(False, *span, hours)
    door.expire(door.add_user("Eve", user_id="eve"))
    door.add_user("Sam", user_id="sam")
    door.add_user("", user_id="1000012345")
    for index in range(60):
        door.add_user(f"Guest {index}")
    entry = await connect(options={CONF_ASSIST: True})
    await Actions(hass, entry)("suspend_user", user="sam")
    cloud.calls.clear()

    result = await call_tool(hass, ACCESS)
    (lock,) = result["locks"]
    assert lock["lock"] == "Front door"
    assert names(lock["can_enter"])[:3] == ["Alice", "Bob", "unnamed user"]
    assert names(lock["can_enter"])[-1] == {"more": 13}
    first = (start + timedelta(days=bool(start.hour))).replace(hour=0)
    assert lock["cannot_enter"] == [
        {"name": "Gus", "reason": "not_started", "from": minute(start)},
        {"name": "Wim", "reason": "not_started", "from": minute(first)},
        {"name": "Eve", "reason": "expired"},
        {"name": "Sam", "reason": "suspended"},
    ]

    later = dt_util.as_local(start + timedelta(hours=5)).replace(tzinfo=None)
    result = await call_tool(hass, ACCESS, lock="Front door", time=later.isoformat())
    assert "Gus" in str(result["locks"][0]["can_enter"])
    assert "until" in str(result["locks"][0]["can_enter"])
    past = await call_tool(hass, ACCESS, time="2020-01-01T12:00:00")
    assert past == {
        "error": "Only the present and the future are known",
        "failed": True,
    }
    assert cloud.calls == []


async def test_openings(
    hass: HomeAssistant, connect: Connect, cloud: SimulatedCloud, door: Lock
) -> None:
    """The tool returns the newest openings; unknown values are left out."""
    await connect(options={CONF_ASSIST: True})
    for _ in range(25):
        door.open("card", door.find("bob"))
    door.open("app")
    door.alarm("pry")

    (lock,) = (await call_tool(hass, OPENINGS, lock="Front door"))["locks"]
    assert len(lock["openings"]) <= 20
    assert {one.get("user", one["with"]) for one in lock["openings"]} == {"Bob", "app"}

    result = await call_tool(hass, OPENINGS, since="1999-01-01T00:00:00")
    since = dt_util.parse_datetime(result["since"])
    assert since
    assert dt_util.utcnow() - since < timedelta(days=32)

    cloud.faults.refuse(2001, on="business", times=None)
    (lock,) = (await call_tool(hass, OPENINGS))["locks"]
    assert lock["error"].startswith("The lock is not connected")
