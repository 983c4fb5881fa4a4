"""Schedules that are not fully understood: no access, and no data loss."""

from copy import deepcopy
import json
import logging
from pathlib import Path
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tuya_lock_users.const import EVENT_USER_CHANGED
from homeassistant.core import HomeAssistant
from simulator import Lock, Schedule, SimulatedCloud, Window
from tests.common import state_of
from tests.conftest import NOW, SetUp, Tick

from .calling import Act, Actions

CYCLE_SECONDS = 5 * 60
HOUR = 3600
SECONDS = int(NOW.timestamp())
PERIOD: Final = {
    "permanent": False,
    "effective_time": SECONDS - 10**6,
    "expired_time": SECONDS + 10**6,
}
HOURS: Final = {"working_day": 127, "start_minute": 0, "end_minute": 1440}

FORMS: Final[dict[str, Any]] = {
    "unknown-key": {**PERIOD, "schedule_details": [{**HOURS, "week": "1111100"}]},
    "other-keys": {**PERIOD, "schedule_details": [{"from": "9:00", "days": ["mon"]}]},
    "hours-outside": {**PERIOD, "weekly": {"monday": [540, 1020]}},
    "no-day": {**PERIOD, "schedule_details": [{**HOURS, "working_day": 0}]},
    "two-keys": {**PERIOD, "schedule_details": [{**HOURS, "effective_time": 540}]},
    "out-of-range": {**PERIOD, "schedule_details": [{**HOURS, "end_minute": 9999}]},
    "texts": {**PERIOD, "schedule_details": ["1111100 09:00-17:00"]},
    "number": {**PERIOD, "schedule_details": 62},
    "permanent": {"permanent": True, "frozen_by": ["app"]},
    "microseconds": {**PERIOD, "expired_time": SECONDS * 10**6},
    "no-limits": {"permanent": False, "effective_time": 0, "expired_time": 0},
    "text": "weekdays",
    "list": ["1111100", 540, 1020],
}
every_form = pytest.mark.parametrize(
    "form", [pytest.param(form, id=name) for name, form in FORMS.items()]
)


@pytest.fixture
def odd(cloud: SimulatedCloud, door: Lock) -> Lock:
    """A lock whose cloud stores schedules unchanged; Mia's has an unknown key."""
    cloud.dialects.of("front").keeps_bodies = True
    door.users["mia"].schedule = Schedule(
        permanent=False, shown=deepcopy(FORMS["unknown-key"])
    )
    return door


def show(door: Lock, form: Any, flag: int | None = 1) -> None:
    """Let the cloud show a schedule of Mia."""
    mia = door.users["mia"]
    mia.schedule = Schedule(permanent=False, shown=deepcopy(form))
    mia.effective_flag = flag


async def access(hass: HomeAssistant, act: Act, tick: Tick) -> str | None:
    """Return the access after a poll, of sensor and response."""
    await tick(CYCLE_SECONDS)
    shown = state_of(hass, "front:mia_access")
    assert (await act("get_user", user="mia"))["user"]["access"] == shown
    return shown


# --- What is not understood --------------------------------------------------------


@every_form
async def test_access_by_flag(act: Act, odd: Lock, tick: Tick, form: Any) -> None:
    """The flag decides; the hours are unknown in responses and calendar."""
    show(odd, form)
    assert await access(act.hass, act, tick) == "allowed"
    users = (await act("get_users"))["users"]
    [schedule] = [user["schedule"] for user in users if user["user_id"] == "mia"]
    assert schedule["windows"] is None
    assert not schedule["permanent"]
    assert act.state_object("front_access").attributes.get("message") != "Mia"
    for flag, expected in (
        (0, "outside_hours"),
        (2, "not_started"),
        (9, "outside_hours"),
    ):
        show(odd, form, flag)
        assert await access(act.hass, act, tick) == expected
    show(odd, form)
    assert await access(act.hass, act, tick) == "allowed"


async def test_limits_beside_schedule(act: Act, odd: Lock, tick: Tick) -> None:
    """Limits under another key are not ignored."""

    def rename(result: Any) -> Any:
        records = [
            {k.replace("time_schedule_info", "schedule_list"): v for k, v in r.items()}
            for r in result["records"]
        ]
        return {**result, "records": records}

    show(odd, PERIOD)
    act.cloud.dialects.of("front").effective_flags = "missing"
    act.cloud.faults.edit(rename, on="smart_lock_users")
    for expected in ("outside_hours", "allowed"):
        await tick(CYCLE_SECONDS)
        assert act.state("front:mia_access") == expected


async def test_equal_content(act: Act, odd: Lock, tick: Tick) -> None:
    """Numbers as text, and another order of keys and rows, are no change."""
    rows = [{"days": [1, 2], "from": 540}, {"days": [6], "from": 600}]
    show(odd, {**PERIOD, "weekly": rows})
    await tick(CYCLE_SECONDS)
    events = async_capture_events(act.hass, EVENT_USER_CHANGED)
    rows = [{"from": "600", "days": ["6"]}, {"from": 540, "days": [2, 1]}]
    show(odd, {"weekly": json.dumps(rows), **PERIOD, "permanent": 0})
    await tick(CYCLE_SECONDS)
    assert events == []
    show(odd, {**PERIOD, "weekly": rows[:1]})
    await tick(CYCLE_SECONDS)
    assert [event.data["event_type"] for event in events] == ["schedule_changed"]


@pytest.mark.parametrize("flag", [3, -1, "frozen"])
async def test_unknown_flag(act: Act, odd: Lock, tick: Tick, flag: Any) -> None:
    """An unknown flag denies access, unless the owner has the same one."""
    show(odd, {"permanent": True}, flag)
    assert await access(act.hass, act, tick) == "outside_hours"
    odd.users["olivia"].effective_flag = flag
    assert await access(act.hass, act, tick) == "allowed"


async def test_permanent_with_end(act: Act, odd: Lock, tick: Tick) -> None:
    """An end counts beside permanent access, regardless of the flag."""
    show(odd, {"permanent": True, "expired_time": SECONDS + CYCLE_SECONDS + 60})
    assert await access(act.hass, act, tick) == "allowed"
    assert await access(act.hass, act, tick) == "expired"


async def test_unknown_zone(act: Act, odd: Lock, tick: Tick) -> None:
    """Access needs the flag and the hours in the lock's zone; no timer opens."""
    clock = {"start_minute": 11 * 60 + 12, "end_minute": 12 * 60, "working_day": 127}
    row = {**clock, "time_zone_id": "Nowhere/Land"}
    form = {**PERIOD, "schedule_details": [row]}
    for flag, expected in ((1, "outside_hours"), (0, "outside_hours")):
        show(odd, form, flag)
        assert await access(act.hass, act, tick) == expected
    await tick(4 * 60)
    assert act.state("front:mia_access") == "outside_hours"
    assert act.state_object("front_access").attributes.get("message") != "Mia"
    for flag, expected in ((2, "not_started"), (1, "allowed")):
        show(odd, form, flag)
        assert await access(act.hass, act, tick) == expected
    act.cloud.dialects.of("front").effective_flags = "missing"
    assert await access(act.hass, act, tick) == "outside_hours"


@pytest.mark.parametrize("flags", ["zero", "missing"])
async def test_no_flags(act: Act, odd: Lock, tick: Tick, flags: str) -> None:
    act.cloud.dialects.of("front").set(effective_flags=flags)
    show(odd, FORMS["unknown-key"])
    assert await access(act.hass, act, tick) == "outside_hours"
    assert act.state("front:olivia_access") == "allowed"
    assert act.state("front:clara_access") == "allowed"


async def test_start_and_end(act: Act, odd: Lock, tick: Tick) -> None:
    form = {**FORMS["unknown-key"], "expired_time": SECONDS + CYCLE_SECONDS + 60}
    show(odd, form)
    assert await access(act.hass, act, tick) == "allowed"
    await tick(61)
    assert act.state("front:mia_access") == "expired"
    form = {**FORMS["unknown-key"], "effective_time": SECONDS + HOUR}
    show(odd, form)
    assert await access(act.hass, act, tick) == "not_started"


async def test_unknown_keys_reported(
    hass_client: ClientSessionGenerator,
    act: Act,
    odd: Lock,
    tick: Tick,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "custom_components.tuya_lock_users")
    show(odd, {**FORMS["hours-outside"], "anna@example.com": 1})
    for _ in range(3):
        await tick(CYCLE_SECONDS)
    assert caplog.text.count("not understood because of (another key), weekly") == 1
    show(odd, FORMS["hours-outside"])
    await tick(CYCLE_SECONDS)
    dump: Any = await get_diagnostics_for_config_entry(act.hass, hass_client, act.entry)
    schedules = [user["schedule"] for user in dump["locks"][0]["users"]]
    assert [
        one["windows"] for one in schedules if one["unknown_keys"] == ["weekly"]
    ] == [None]


# --- The flag beside an understood schedule ----------------------------------------


async def test_flag_and_known_schedule(act: Act, tick: Tick) -> None:
    mia = act.door.users["mia"]
    for flag, expected in (
        (1, "allowed"),
        (0, "outside_hours"),
        (2, "not_started"),
        (None, "allowed"),
    ):
        mia.effective_flag = flag
        assert await access(act.hass, act, tick) == expected


async def test_transitions(act: Act, tick: Tick) -> None:
    """If flag and schedule agreed, access changes at the minute without a poll."""
    mia = act.door.users["mia"]
    mia.schedule = Schedule(
        permanent=False,
        effective_time=SECONDS - HOUR,
        expired_time=SECONDS + 9 * HOUR,
        windows=[Window(127, 11 * 60 + 7, 11 * 60 + 9, "Europe/Berlin")],
    )
    act.cloud.dialects.of("front").effective_flag_hours = True
    assert await access(act.hass, act, tick) == "outside_hours"
    await tick(119)
    assert act.state("front:mia_access") == "outside_hours"
    await tick(1)
    assert act.state("front:mia_access") == "allowed"
    act.cloud.calls.clear()
    await tick(60)
    await act("get_users", fresh=True)
    assert (
        act.cloud.calls.to("opmodes") == []
    )  # another flag is no reason to read methods
    await tick(60)
    assert act.state("front:mia_access") == "outside_hours"


# --- Commands ----------------------------------------------------------------------


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
@every_form
async def test_schedule_restored(
    act: Act, odd: Lock, form: Any, restarted: bool
) -> None:
    show(odd, form, None)
    await act("suspend_user", user="mia")
    assert act.state("front:mia_access") == "suspended"
    if restarted:
        await act.hass.config_entries.async_reload(act.entry.entry_id)
        await act.hass.async_block_till_done(wait_background_tasks=True)
    response = await act("resume_user", user="mia")
    assert json.dumps(odd.users["mia"].schedule.shown) == json.dumps(form)
    assert response["schedule"]["windows"] is None
    await act.fails("not_suspended", "resume_user", user="mia")


async def test_nothing_to_restore(act: Act, odd: Lock, tick: Tick) -> None:
    show(odd, {**FORMS["unknown-key"], "expired_time": SECONDS - HOUR}, 0)
    assert await access(act.hass, act, tick) == "expired"
    await act.fails("schedule_not_understood", "resume_user", user="mia")
    assert act.cloud.calls.writes == []


async def test_schedule_missing(act: Act, odd: Lock, tick: Tick) -> None:
    """A user without access and without a schedule is not given permanent access."""
    show(odd, "null", 0)
    assert await access(act.hass, act, tick) == "expired"
    await act("suspend_user", user="mia")
    act.cloud.calls.clear()
    await act.fails("schedule_not_understood", "resume_user", user="mia")
    assert act.cloud.calls.writes == []
    await act("set_user_schedule", user="mia", permanent=True)


async def test_damaged_reply_while_suspended(act: Act, odd: Lock, tick: Tick) -> None:
    """A schedule that is not understood for a while does not discard the saved one."""
    form = FORMS["unknown-key"]
    await act("suspend_user", user="mia")
    closed = deepcopy(odd.users["mia"].schedule.shown)
    for damaged in ("text", "hours-outside"):
        show(odd, FORMS[damaged], 0)
        assert await access(act.hass, act, tick) == "outside_hours"
    show(odd, closed, 0)
    assert await access(act.hass, act, tick) == "suspended"
    await act("resume_user", user="mia")
    assert json.dumps(odd.users["mia"].schedule.shown) == json.dumps(form)


async def test_flags_unconfirmed_list(act: Act, tick: Tick) -> None:
    """An outdated flag does not count while a short list is unconfirmed."""
    clara = act.door.users["clara"]
    clara.schedule = Schedule(
        permanent=False,
        effective_time=SECONDS - HOUR,
        expired_time=SECONDS + 9 * HOUR,
        windows=[Window(127, 11 * 60 + 7, 12 * 60, "Europe/Berlin")],
    )
    act.cloud.dialects.of("front").effective_flag_hours = True
    await tick(CYCLE_SECONDS)
    assert act.state("front:clara_access") == "outside_hours"
    await tick(120)
    assert act.state("front:clara_access") == "allowed"
    act.cloud.faults.page("keep", 1, on="smart_lock_users", times=1)
    await tick(CYCLE_SECONDS - 119)
    assert act.state("front:clara_access") == "allowed"


async def test_partial_change_refused(act: Act, odd: Lock, tick: Tick) -> None:
    """A new end would drop the hours, so it is refused; a complete schedule is not."""
    show(odd, FORMS["hours-outside"])
    await tick(CYCLE_SECONDS)
    act.cloud.calls.clear()
    for data in (
        {"end": "2027-01-01 00:00"},
        {"start": "2026-12-01 00:00", "end": "2027-01-01 00:00"},
        {"permanent": False},
    ):
        await act.fails(
            "schedule_not_understood", "set_user_schedule", user="mia", **data
        )
    assert act.cloud.calls.writes == []
    window = {"days": ["monday"], "start_time": "09:00", "end_time": "17:00"}
    response = await act("set_user_schedule", user="mia", windows=[window])
    assert len(response["schedule"]["windows"]) == 1
    show(odd, FORMS["hours-outside"])
    await tick(CYCLE_SECONDS)
    response = await act("set_user_schedule", user="mia", permanent=True)
    assert response["schedule"]["permanent"]


async def test_read_back_unknown(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another unknown schedule neither verifies a change nor disproves it."""
    mia = act.door.users["mia"]
    act.cloud.dialects.of("front").schedule_bodies = frozenset("A")

    def odd_info(*_args: Any) -> Any:
        written = not mia.schedule.permanent
        return FORMS["unknown-key"] if written else {"permanent": True}

    monkeypatch.setattr("simulator.schedules.info", odd_info)
    window = {"days": ["monday"], "start_time": "09:00", "end_time": "17:00"}
    await act.fails(
        "order_unconfirmed", "set_user_schedule", user="mia", windows=[window]
    )
    assert len(act.cloud.calls.writes) == 1


@pytest.mark.parametrize("taken", ["minutes", "times"])
async def test_window_keys(act: Act, tick: Tick, taken: str) -> None:
    front = act.cloud.dialects.of("front")
    front.set(window_keys="times", window_keys_taken=frozenset({taken}))
    await tick(CYCLE_SECONDS)  # Clara's hours show the keys
    hours = {"start_time": "09:00", "end_time": "17:00"}
    response = await act(
        "set_user_schedule", user="mia", windows=[{"days": ["friday"], **hours}]
    )
    assert response["schedule"]["windows"][0]["start_time"] == "09:00"
    [window] = act.door.users["mia"].schedule.windows
    assert (window.start_minute, window.end_minute) == (540, 1020)
    bodies = [call.body["schedule"] for call in act.cloud.calls.to("set_schedule")]
    keys = [set(body["schedule_details"][0]) for body in bodies]
    assert "effective_time" in keys[0]
    assert len(keys) == (1 if taken == "times" else 2)


async def test_field_hours(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
) -> None:
    path = Path(__file__).parents[1] / "fixtures/field/windows_by_effective_time.json"
    case = json.loads(path.read_text())
    [record] = case["reply"]["result"]["list"]
    front = cloud.dialects.of("front")
    front.set(keeps_bodies=True, page_key="list")
    door.users = {}
    ottilie = door.add_user(record["nick_name"], user_id=record["user_id"])
    form = record["time_schedule_info"]
    ottilie.schedule = Schedule(permanent=False, shown=deepcopy(form))
    ottilie.effective_flag = record["effective_flag"]
    await hass.config.async_set_time_zone("Europe/Berlin")
    freezer.move_to(case["now"])
    act = Actions(hass, await set_up())
    who = {"user": record["nick_name"]}
    [user] = (await act("get_users"))["users"]
    assert user["access"] == "outside_hours"
    [window] = user["schedule"]["windows"]
    assert window["days"] == ["monday", "tuesday", "wednesday", "thursday", "friday"]
    assert (window["start_time"], window["end_time"]) == ("09:00", "17:00")
    ottilie.effective_flag = None
    await act("suspend_user", **who)
    await act("resume_user", **who)
    assert json.dumps(ottilie.schedule.shown) == json.dumps(form)
    new = {"days": ["sunday"], "start_time": "10:00", "end_time": "11:00"}
    await act("set_user_schedule", **who, windows=[new])
    [detail] = ottilie.schedule.shown["schedule_details"]
    assert (detail["effective_time"], detail["invalid_time"]) == (600, 660)


# --- Lists that may be incomplete ---------------------------------------------------


async def test_user_read_individually(act: Act, odd: Lock, tick: Tick) -> None:
    odd.users["zoe"] = odd.users.pop("mia")  # the last of the list
    odd.users["zoe"].user_id = "zoe"
    await tick(CYCLE_SECONDS)
    fault = act.cloud.faults.page("truncate", on="smart_lock_users")
    form = {**FORMS["unknown-key"], "remark": "changed since"}
    odd.users["zoe"].schedule = Schedule(permanent=False, shown=deepcopy(form))
    await act("suspend_user", user="zoe")
    fault.remove()
    await act("resume_user", user="zoe")
    assert json.dumps(odd.users["zoe"].schedule.shown) == json.dumps(form)


# --- The lock's own time -----------------------------------------------------------


async def test_default_start_in_lock_zone(act: Act, tick: Tick) -> None:
    """The zone of a schedule is not the lock's if its clock contradicts."""
    act.door.device.time_zone = "-05:00"
    await tick(6 * CYCLE_SECONDS)
    await tick(CYCLE_SECONDS)
    await act("set_user_schedule", user="mia", end="2027-01-01 00:00")
    assert act.door.users["mia"].schedule.effective_time == SECONDS - 5 * HOUR
