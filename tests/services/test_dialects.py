"""Every command in every documented form, which is learned once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.tuya_lock_users.const import EVENT_USER_CHANGED
from homeassistant.core import HomeAssistant
from simulator import Schedule, SimulatedCloud, Window
from simulator.dialects import Dialect
from tests.common import cases

from .calling import Act
from .cases import BLUE_CARD, NEW_CARD, WRITES, Write, every_write

type Data = dict[str, Any]
type Foreign = Literal["refuse", "ignore"]

WEEKEND: Final[Data] = {"start": "2026-12-11 15:00", "end": "2026-12-13 11:00"}
OTHER_WEEKEND: Final[Data] = {"start": "2026-12-18 15:00", "end": "2026-12-20 11:00"}
MORNINGS: Final[Data] = {
    "windows": [
        {"days": ["monday", "friday"], "start_time": "07:30", "end_time": "12:00"}
    ]
}
EVENINGS: Final[Data] = {
    "windows": [{"days": ["sunday"], "start_time": "18:05", "end_time": "00:00"}]
}

LOST_CARD: Final = {"type": "card", "number": 2}
NO_CARD: Final = {"type": "card", "number": 99}
ALL_DAY: Final = {"start_time": "00:00", "end_time": "24:00"}

LIMITED: Final = Schedule(
    permanent=False, effective_time=1_790_000_000, expired_time=1_830_000_000
)

BODIES: Final[dict[str, Callable[[Data], bool]]] = {
    "A": lambda body: set(body) == {"schedule"},
    "B": lambda body: "effective_time" in body,
    "C": lambda body: "effectiveTime" in body,
}
"""How to distinguish the three bodies (docs/tuya_api.md, Schedule bodies)."""


REASONS: Final = {"refuse": "not_understood", "ignore": "order_dropped"}
"""Reasons of a failure if a lock refuses or ignores unknown forms."""


@pytest.fixture
def front(cloud: SimulatedCloud) -> Dialect:
    return cloud.dialects.of("front")


def bodies_of(cloud: SimulatedCloud) -> str:
    """Return which bodies were sent, and forget them."""
    sent = "".join(
        name
        for call in cloud.calls.to("set_schedule")
        for name, is_it in BODIES.items()
        if is_it(call.body)
    )
    cloud.calls.clear()
    return sent


# --- The body of a schedule --------------------------------------------------------


@pytest.mark.parametrize("foreign", ["refuse", "ignore"])
@pytest.mark.parametrize(
    ("understood", "tried"), [("A", "A"), ("B", "AB"), ("C", "ABC")]
)
@pytest.mark.parametrize(
    ("first", "second"),
    [(WEEKEND, OTHER_WEEKEND), (MORNINGS, EVENINGS)],
    ids=["dates", "windows"],
)
async def test_body(
    act: Act,
    front: Dialect,
    understood: str,
    tried: str,
    foreign: Foreign,
    first: Data,
    second: Data,
) -> None:
    """The bodies are tried in turn until one takes effect, which is remembered."""
    front.set(schedule_bodies=frozenset(understood), foreign_body=foreign)
    await act("set_user_schedule", user="mia", **first)
    assert bodies_of(act.cloud) == tried
    await act("set_user_schedule", user="clara", **second)
    assert bodies_of(act.cloud) == understood
    await act.restart()
    response = await act("set_user_schedule", user="emil", **first)
    assert bodies_of(act.cloud) == understood
    assert response["schedule"]["delivery_status"] == "success"
    front.schedule_bodies = frozenset()
    await act.fails(REASONS[foreign], "set_user_schedule", user="mia", **second)
    assert sorted(bodies_of(act.cloud)) == ["A", "B", "C"]
    front.schedule_bodies = frozenset("A" if understood != "A" else "B")
    await act("set_user_schedule", user="mia", **second)
    assert bodies_of(act.cloud)[0] == understood


@pytest.mark.parametrize("foreign", ["refuse", "ignore"])
@pytest.mark.parametrize("understood", "ABC")
async def test_permanent(
    act: Act, front: Dialect, understood: str, foreign: Foreign
) -> None:
    """Two of the bodies are equal for permanent access, and are sent once."""
    front.set(schedule_bodies=frozenset(understood), foreign_body=foreign)
    await act("set_user_schedule", user="emil", permanent=True)
    sent = [call.body for call in act.cloud.calls.writes]
    tried = [{"schedule": {"permanent": True}}, {"permanent": True}]
    assert sent == tried[: 1 if understood == "A" else 2]
    assert act.door.users["emil"].schedule.permanent


@cases(
    ("quirks", "tried"),
    {
        # A body whose windows are lost is not accepted for windows.
        "windowless": ({"windowless_bodies": frozenset("A")}, "AB"),
        # The schedule may be an array or an object, with numbers or text.
        "array": ({"schedule_info": "array"}, "A"),
        "texts": ({"schedule_info": "object", "epochs": "string"}, "A"),
        # Rows of equal hours are sent as one window, which more locks support.
        "one-window": ({"one_window": True}, "A"),
    },
)
async def test_equal_hours(act: Act, front: Dialect, quirks: Data, tried: str) -> None:
    front.set(**quirks)
    hours = {"start_time": "09:00", "end_time": "12:00"}
    rows = [{"days": [day], **hours} for day in ("monday", "sunday")]
    response = await act("set_user_schedule", user="mia", windows=rows)
    assert bodies_of(act.cloud) == tried
    [window] = response["schedule"]["windows"]
    assert window["days"] == ["monday", "sunday"]
    assert response["schedule"]["delivery_status"] == "success"


async def test_suspension_body(act: Act, front: Dialect) -> None:
    front.set(schedule_bodies=frozenset("C"), foreign_body="ignore")
    await act("suspend_user", user="clara")
    await act("resume_user", user="clara")
    assert bodies_of(act.cloud) == "ABCC"
    assert act.door.users["clara"].schedule.windows


# --- The schedule that is read back ------------------------------------------------


@cases(
    "quirks",
    {
        "days": {"reversed_days": True},
        "times": {"hhmm_times": True},
        "both": {"reversed_days": True, "hhmm_times": True},
    },
)
@cases(
    "fields",
    {
        "workdays": MORNINGS,
        "sunday": EVENINGS,
        "whole-days": {"windows": [{"days": ["tuesday", "saturday"], **ALL_DAY}]},
    },
)
async def test_read_back_quirks(
    act: Act, front: Dialect, quirks: dict[str, bool], fields: Data
) -> None:
    """A single command shows how the lock returns windows."""
    front.set(**quirks)
    response = await act("set_user_schedule", user="mia", **fields)
    assert len(act.cloud.calls.writes) == 1
    [window] = response["schedule"]["windows"]
    [given] = fields["windows"]
    assert window["days"] == given["days"]
    assert window["start_time"] == given["start_time"]
    assert window["end_time"] == given["end_time"].replace("00:00", "24:00")
    await act.restart()
    shown = (await act("get_user", user="mia"))["user"]["schedule"]
    assert shown["windows"] == response["schedule"]["windows"]


@cases(
    ("before", "start", "end"),
    {
        "day": (Window(64, 540, 720, "Europe/Berlin"), "09:00", "12:00"),
        "hours": (Window(2, 800, 1200, "Europe/Berlin"), "08:00", "12:00"),
    },
)
async def test_dropped_write_learns_nothing(
    act: Act, before: Window, start: str, end: str
) -> None:
    """An old schedule that mirrors the new one does not teach a dialect."""
    mia = act.door.users["mia"]
    mia.schedule = replace(LIMITED, windows=[before])
    await act("get_users", fresh=True)
    clara = (await act("get_user", user="clara"))["user"]["schedule"]
    act.cloud.faults.drop_write(times=9)
    change: Data = {
        "start": datetime.fromtimestamp(LIMITED.effective_time, UTC).isoformat(),
        "end": datetime.fromtimestamp(LIMITED.expired_time, UTC).isoformat(),
        "windows": [{"days": ["monday"], "start_time": start, "end_time": end}],
    }
    await act.fails("order_dropped", "set_user_schedule", user="mia", **change)
    assert mia.schedule.windows == [before]
    assert (await act("get_user", user="clara"))["user"]["schedule"] == clara


async def test_learned_dialect_no_event(act: Act, front: Dialect) -> None:
    front.reversed_days = True
    act.door.users["clara"].schedule = replace(
        LIMITED, windows=[Window(4, 540, 720, "Europe/Berlin")]
    )
    await act("get_users", fresh=True)
    events = async_capture_events(act.hass, EVENT_USER_CHANGED)
    await act("set_user_schedule", user="mia", **MORNINGS)
    reported = {(event.data["event_type"], event.data["user_name"]) for event in events}
    assert reported == {("schedule_changed", "Mia"), ("access_ended", "Mia")}
    shown = (await act("get_user", user="clara"))["user"]["schedule"]["windows"]
    assert shown[0]["days"] == ["tuesday"]


@pytest.mark.parametrize(
    ("days", "end"), [(["monday"], "00:00"), (["saturday", "sunday"], "24:00")]
)
async def test_whole_days(act: Act, front: Dialect, days: list[str], end: str) -> None:
    """Whole days are sent as hours: with `all_day` a lock loses the days."""
    front.all_day_drops_week = True
    whole = {"days": days, "start_time": "00:00", "end_time": end}
    response = await act("set_user_schedule", user="mia", windows=[whole])
    [call] = act.cloud.calls.writes
    [detail] = call.body["schedule"]["schedule_details"]
    assert (detail["all_day"], detail["end_minute"]) == (False, 1440)
    assert response["schedule"]["windows"] == [
        {**whole, "end_time": "24:00", "time_zone": "Europe/Berlin"}
    ]


async def test_one_window_only(act: Act, cloud: SimulatedCloud, front: Dialect) -> None:
    front.one_window = True
    two: Data = {"windows": [*MORNINGS["windows"], *EVENINGS["windows"]]}
    await act.fails("one_window_only", "set_user_schedule", user="mia", **two)
    assert bodies_of(cloud) == "ABC"
    await act("set_user_schedule", user="mia", **MORNINGS)
    assert bodies_of(cloud) == "A"
    # The body is known to work, so no other is tried.
    await act.fails("one_window_only", "set_user_schedule", user="mia", **two)
    assert bodies_of(cloud) == "A"


# --- Allocating --------------------------------------------------------------------


@pytest.mark.parametrize("code", [1108, 2003, 28841106, 1106])
async def test_allocate_one_by_one(act: Act, front: Dialect, code: int) -> None:
    """If the newer call is unsupported, the older one assigns method by method."""
    front.unsupported = {"allocate": code}
    keys = [NEW_CARD, {"type": "fingerprint", "number": 2}]
    response = await act("allocate_unlock_methods", user="mia", unlock_methods=keys)
    assert [method["user_id"] for method in response["unlock_methods"]] == ["mia"] * 2
    assert act.cloud.calls.counts()["allocate"] == 1
    assert [call.body for call in act.cloud.calls.to("allocate_one")] == [
        {"no": "3", "type": "card"},
        {"no": "2", "type": "fingerprint"},
    ]
    await act.restart()
    await act("allocate_unlock_methods", user="clara", unlock_methods=[LOST_CARD])
    assert [call.endpoint for call in act.cloud.calls.writes] == ["allocate_one"]
    spare = act.door.add_method("card")
    front.unsupported = {"allocate": 2003, "allocate_one": 2003}
    key = {"type": "card", "number": spare.unlock_sn}
    assert await allocating(act, key) == "not_supported"


async def allocating(act: Act, key: Data) -> str | None:
    """Return the reason why a method cannot be allocated to Mia."""
    return await act.reason("allocate_unlock_methods", user="mia", unlock_methods=[key])


async def test_allocate_known(act: Act, front: Dialect) -> None:
    """A call that worked before is kept: its refusal is the result."""
    await act("allocate_unlock_methods", user="mia", unlock_methods=[NEW_CARD])
    front.unsupported = {"allocate": 1106}
    assert await allocating(act, LOST_CARD) == "not_authorized"
    assert not act.cloud.calls.to("allocate_one")


async def test_unassigned_by_type(act: Act, front: Dialect) -> None:
    front.unassigned_needs_type = True
    front.unassigned_types = frozenset({"card", "password", "fingerprint"})
    response = await act("get_unlock_methods", unassigned=True)
    first = len(act.cloud.calls.to("unassigned_keys"))
    act.cloud.calls.clear()
    await act("get_unlock_methods", unassigned=True)
    assert [(m["type"], m["number"]) for m in response["unlock_methods"]] == [
        ("fingerprint", 2),
        ("card", 2),
        ("card", 3),
    ]
    assert (first, len(act.cloud.calls)) == (5, 4)
    await act("allocate_unlock_methods", user="mia", unlock_methods=[NEW_CARD])


async def test_allocate_unlisted_type(act: Act, front: Dialect) -> None:
    """Palms are not listed there, so the cloud decides; cards are listed."""
    front.unassigned_needs_type = True
    palm = act.door.add_method("hand")
    keys = [NEW_CARD, {"type": "palm", "number": palm.unlock_sn}]
    await act("get_unlock_methods", unassigned=True)
    response = await act("allocate_unlock_methods", user="mia", unlock_methods=keys)
    assert [method["type"] for method in response["unlock_methods"]] == ["card", "palm"]
    assert palm.user_id == "mia"
    act.cloud.calls.clear()
    assert await allocating(act, NO_CARD) == "unlock_method_not_found"
    assert act.cloud.calls.writes == []


@pytest.fixture
def unassigned_unsupported(cloud: SimulatedCloud) -> None:
    """A lock that does not list unassigned methods."""
    cloud.dialects.of("front").unsupported = {"unassigned_keys": 2003}


async def test_allocate_unassigned_unknown(
    unassigned_unsupported: None, act: Act
) -> None:
    """Without a list, the cloud decides whether the method exists."""
    assert act.state("front_unassigned_unlock_methods") == "unknown"
    await act("allocate_unlock_methods", user="mia", unlock_methods=[NEW_CARD])
    assert act.door.method("unlock_card", 3).user_id == "mia"
    assert await allocating(act, NO_CARD) == "not_found"


# --- Deallocating ------------------------------------------------------------------


@pytest.mark.parametrize("foreign", ["refuse", "ignore"])
@pytest.mark.parametrize(
    ("key", "attempts"), [("code", 1), ("dp_code", 2), ("Code", 3), ("kind", 3)]
)
async def test_deallocate_key(
    act: Act, front: Dialect, key: str, attempts: int, foreign: Foreign
) -> None:
    """The documents name three keys for the type; one is found and remembered, or none."""
    front.set(cancel_keys=frozenset({key}), foreign_key=foreign)
    change: Data = {"user": "mia", "unlock_methods": [BLUE_CARD]}
    if key == "kind":
        await act.fails(REASONS[foreign], "deallocate_unlock_methods", **change)
    else:
        response = await act("deallocate_unlock_methods", **change)
        assert response["unlock_methods"][0]["user_id"] is None
    sent = [call.body["unlock_list"] for call in act.cloud.calls.writes]
    tried = ["code", "dp_code", "Code"][:attempts]
    assert sent == [[{one: "unlock_card", "unlock_sn": 1}] for one in tried]
    if key == "kind":
        return
    await act.restart()
    code = {"type": "password", "number": 1}
    await act("deallocate_unlock_methods", user="mia", unlock_methods=[code])
    [call] = act.cloud.calls.writes
    assert call.body["unlock_list"] == [{key: "unlock_password", "unlock_sn": 1}]


# --- Users -------------------------------------------------------------------------


@cases(
    "quirks",
    {
        "text": {"add_user_result": "string"},
        "letters": {"add_user_result": "string", "alphanumeric_ids": True},
        "number": {"add_user_result": "number"},
    },
)
async def test_add_user_id(act: Act, front: Dialect, quirks: Data) -> None:
    front.set(**quirks)
    response = await act("add_user", name="Zoe")
    assert act.door.users[response["user_id"]].nick_name == "Zoe"


@pytest.mark.parametrize("result", [None, True, {}, {"user_id": None}, []])
async def test_add_user_no_id(act: Act, result: object) -> None:
    """Without an ID in the reply, the new user with that name is used."""
    act.cloud.faults.result(result, on="add_user")
    response = await act("add_user", name="Zoe")
    assert act.door.users[response["user_id"]].nick_name == "Zoe"
    assert len(act.cloud.calls.writes) == 1


@cases(
    "quirks",
    {
        "true": {"update_result": "true", "role_result": "true"},
        "object": {"update_result": "object"},
        "absent": {"update_result": "absent", "role_result": "absent"},
        # Known values are sent again, in case the cloud clears them.
        "clears": {"update_clears": True},
        # A contact that does not change is reported as an error.
        "no-contact": {"update_ignores_contact": True},
    },
)
async def test_update_results(act: Act, front: Dialect, quirks: Data) -> None:
    """Updates, deletions and roles have results in several forms."""
    front.set(**quirks)
    mia = act.door.users["mia"]
    mia.birthday, mia.weight = 946_684_800_000, 54_000
    await act("update_user", user="mia", name="Mia B.")
    assert (mia.birthday, mia.height, mia.weight) == (946_684_800_000, 165, 54_000)
    await act("set_user_role", user="mia", role="admin")
    await act("delete_user", user="emil")
    assert (mia.nick_name, mia.user_type) == ("Mia B.", 10)
    assert "emil" not in act.door.users
    if front.update_ignores_contact:
        await act.fails(
            "order_dropped", "update_user", user="clara", name="M", contact="01"
        )


@every_write
async def test_result_false(act: Act, cloud: SimulatedCloud, write: Write) -> None:
    """A result of false is a refusal, except in place of a new ID."""
    cloud.faults.drop_write(on=write.endpoints, times=None)
    cloud.faults.result(False, on=write.endpoints, times=None)
    error = await act.refused(write.action, **write.data)
    lost = write is WRITES["add"]
    assert error.translation_key == ("order_lost" if lost else "refused_by_lock")
    assert len(cloud.calls.writes) == 1


# --- Locks with older calls --------------------------------------------------------


@pytest.fixture
async def older_call(
    hass: HomeAssistant, act: Act, cloud: SimulatedCloud, front: Dialect
) -> None:
    """A lock that lists its users by an older call, without methods."""
    front.unsupported = {"smart_lock_users": 2009}
    await act.restart()


@every_write
@pytest.mark.usefixtures("older_call")
@pytest.mark.parametrize("is_response_lost", [False, True], ids=["answered", "lost"])
async def test_older_call(act: Act, write: Write, is_response_lost: bool) -> None:
    """Commands take effect on such a lock, and are verified without a response."""
    if is_response_lost:
        act.cloud.faults.lose_reply("http", on=write.endpoint)
    response = await act(write.action, **write.data)
    assert response
    assert len(act.cloud.calls.writes) == 1
    assert write.took(act.door)


@pytest.mark.usefixtures("older_call")
async def test_suspension_older_call(act: Act) -> None:
    before = act.door.users["clara"].schedule
    for _ in range(2):
        await act("suspend_user", user="clara")
        assert act.door.users["clara"].schedule.expired_time < act.door.now
        assert len(act.cloud.calls.writes) == 1
    await act.restart()
    assert act.state("front:clara_access") == "suspended"
    await act("resume_user", user="clara")
    after = act.door.users["clara"].schedule
    assert (after.permanent, after.windows) == (before.permanent, before.windows)
    assert act.state("front:clara_access") == "allowed"


@pytest.mark.usefixtures("names_only")
@pytest.mark.parametrize("name", ["role", "schedule", "suspend", "resume", "delete"])
async def test_names_only(act: Act, name: str) -> None:
    """Actions that need user types or schedules are refused; reading and renaming work."""
    await act.fails("not_supported", WRITES[name].action, **WRITES[name].data)
    assert act.cloud.calls.writes == []
    response = await act("update_user", user="mia", name="Maria")
    assert response["user"]["name"] == "Maria"
    response = await act("purge_users", users=["olivia", "ada"], include_members=True)
    assert [one["status"] for one in response["results"]] == ["skipped", "purged"]
