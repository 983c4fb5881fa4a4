"""Every order in every form the documents show of it, found out once and remembered."""

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

LIMITED: Final = Schedule(
    permanent=False, effective_time=1_790_000_000, expired_time=1_830_000_000
)

BODIES: Final[dict[str, Callable[[Data], bool]]] = {
    "A": lambda body: set(body) == {"schedule"},
    "B": lambda body: "effective_time" in body,
    "C": lambda body: "effectiveTime" in body,
}
"""How to distinguish the three bodies (docs/tuya_api.md, Schedule bodies)."""


@pytest.fixture
def front(cloud: SimulatedCloud) -> Dialect:
    """How the cloud speaks with the lock."""
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
    foreign: Literal["refuse", "ignore"],
    first: Data,
    second: Data,
) -> None:
    """The bodies are tried one after the other, until one takes; the next order knows."""
    front.set(schedule_bodies=frozenset(understood), foreign_body=foreign)

    await act("set_user_schedule", user="mia", **first)
    assert bodies_of(act.cloud) == tried

    await act("set_user_schedule", user="clara", **second)
    assert bodies_of(act.cloud) == understood

    await act.restart()
    answer = await act("set_user_schedule", user="emil", **first)
    assert bodies_of(act.cloud) == understood
    assert answer["schedule"]["delivery_status"] == "success"


@pytest.mark.parametrize("foreign", ["refuse", "ignore"])
async def test_no_body(
    act: Act, front: Dialect, foreign: Literal["refuse", "ignore"]
) -> None:
    """A lock that understands none of them is said not to."""
    front.set(schedule_bodies=frozenset(), foreign_body=foreign)

    error = await act.refused("set_user_schedule", user="mia", **WEEKEND)

    assert bodies_of(act.cloud) == "ABC"
    keys = {"refuse": "not_understood", "ignore": "order_dropped"}
    assert error.translation_key == keys[foreign]


async def test_body_that_is_not_understood_any_more(act: Act, front: Dialect) -> None:
    """A body that was remembered is tried first; the others still may do."""
    front.schedule_bodies = frozenset("B")
    await act("set_user_schedule", user="mia", **WEEKEND)
    bodies_of(act.cloud)
    front.schedule_bodies = frozenset("A")

    await act("set_user_schedule", user="mia", **OTHER_WEEKEND)

    assert bodies_of(act.cloud) == "BA"


@pytest.mark.parametrize("foreign", ["refuse", "ignore"])
@pytest.mark.parametrize("understood", "ABC")
async def test_permanent(
    act: Act, front: Dialect, understood: str, foreign: Literal["refuse", "ignore"]
) -> None:
    """Two of the bodies are the same for permanent access, and go out once."""
    front.set(schedule_bodies=frozenset(understood), foreign_body=foreign)

    await act("set_user_schedule", user="emil", permanent=True)

    sent = [call.body for call in act.cloud.calls.writes]
    tried = [{"schedule": {"permanent": True}}, {"permanent": True}]
    assert sent == tried[: 1 if understood == "A" else 2]
    assert act.door.users["emil"].schedule.permanent


async def test_windows_lost_in_one_body(act: Act, front: Dialect) -> None:
    """A body that loses the windows is no good for them, though it takes the rest."""
    front.windowless_bodies = frozenset("A")

    answer = await act("set_user_schedule", user="mia", **MORNINGS)

    assert bodies_of(act.cloud) == "AB"
    assert len(answer["schedule"]["windows"]) == 1


async def test_suspension_in_another_body(act: Act, front: Dialect) -> None:
    """Suspending and resuming speak like any schedule."""
    front.set(schedule_bodies=frozenset("C"), foreign_body="ignore")

    await act("suspend_user", user="clara")
    await act("resume_user", user="clara")

    assert bodies_of(act.cloud) == "ABCC"
    assert act.door.users["clara"].schedule.windows


# --- What comes back of a schedule -------------------------------------------------


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
        "whole-days": {
            "windows": [
                {
                    "days": ["tuesday", "saturday"],
                    "start_time": "00:00",
                    "end_time": "24:00",
                }
            ]
        },
    },
)
async def test_quirks_of_reading_back(
    act: Act, front: Dialect, quirks: dict[str, bool], fields: Data
) -> None:
    """What was written tells how it is read back; one order is enough to know."""
    front.set(**quirks)

    answer = await act("set_user_schedule", user="mia", **fields)

    assert len(act.cloud.calls.writes) == 1
    [window] = answer["schedule"]["windows"]
    [given] = fields["windows"]
    assert window["days"] == given["days"]
    assert window["start_time"] == given["start_time"]
    assert window["end_time"] == given["end_time"].replace("00:00", "24:00")
    await act.restart()
    shown = (await act("get_user", user="mia"))["user"]["schedule"]
    assert shown["windows"] == answer["schedule"]["windows"]


@cases(
    ("before", "start", "end"),
    {
        "day": (Window(64, 540, 720, "Europe/Berlin"), "09:00", "12:00"),
        "hours": (Window(2, 800, 1200, "Europe/Berlin"), "08:00", "12:00"),
    },
)
async def test_order_without_effect_teaches_nothing(
    act: Act, before: Window, start: str, end: str
) -> None:
    """What was there may be the mirror image of what was ordered: it is no proof."""
    mia = act.door.users["mia"]
    mia.schedule = replace(LIMITED, windows=[before])
    await act("get_users", fresh=True)
    act.cloud.faults.drop_write(times=9)

    assert (
        await act.reason(
            "set_user_schedule",
            user="mia",
            start=datetime.fromtimestamp(LIMITED.effective_time, UTC).isoformat(),
            end=datetime.fromtimestamp(LIMITED.expired_time, UTC).isoformat(),
            windows=[{"days": ["monday"], "start_time": start, "end_time": end}],
        )
        == "order_dropped"
    )
    assert mia.schedule.windows == [before]
    shown = (await act("get_user", user="clara"))["user"]["schedule"]["windows"]
    assert shown[0]["days"] == [
        *("monday", "tuesday", "wednesday"),
        *("thursday", "friday"),
    ]


async def test_learning_is_no_change(act: Act, front: Dialect) -> None:
    """Others are shown as they always were, once it is known how to read them."""
    front.reversed_days = True
    act.door.users["clara"].schedule = replace(
        LIMITED, windows=[Window(4, 540, 720, "Europe/Berlin")]
    )
    await act("get_users", fresh=True)
    events = async_capture_events(act.hass, EVENT_USER_CHANGED)

    await act("set_user_schedule", user="mia", **MORNINGS)

    told = {(event.data["event_type"], event.data["user_name"]) for event in events}
    assert told == {("schedule_changed", "Mia"), ("access_ended", "Mia")}
    shown = (await act("get_user", user="clara"))["user"]["schedule"]["windows"]
    assert shown[0]["days"] == ["tuesday"]


@pytest.mark.parametrize(
    ("days", "end"), [(["monday"], "00:00"), (["saturday", "sunday"], "24:00")]
)
async def test_whole_days(act: Act, front: Dialect, days: list[str], end: str) -> None:
    """Whole days go out as hours: with `all_day` a lock forgets which days."""
    front.all_day_drops_week = True
    whole = {"days": days, "start_time": "00:00", "end_time": end}

    answer = await act("set_user_schedule", user="mia", windows=[whole])

    [call] = act.cloud.calls.writes
    [detail] = call.body["schedule"]["schedule_details"]
    assert (detail["all_day"], detail["end_minute"]) == (False, 1440)
    assert answer["schedule"]["windows"] == [
        {**whole, "end_time": "24:00", "time_zone": "Europe/Berlin"}
    ]


async def test_one_window_only(act: Act, cloud: SimulatedCloud, front: Dialect) -> None:
    """A lock that takes one window says so when given two of different hours."""
    front.one_window = True
    two: Data = {"windows": [*MORNINGS["windows"], *EVENINGS["windows"]]}

    assert await act.reason("set_user_schedule", user="mia", **two) == "one_window_only"
    assert bodies_of(cloud) == "ABC"

    await act("set_user_schedule", user="mia", **MORNINGS)
    assert bodies_of(cloud) == "A"

    # Now it is known that the body is not to blame.
    assert await act.reason("set_user_schedule", user="mia", **two) == "one_window_only"
    assert bodies_of(cloud) == "A"


async def test_two_windows_that_are_one(act: Act, front: Dialect) -> None:
    """Rows of equal hours go out as one window, which is less to ask of a lock."""
    front.one_window = True
    hours = {"start_time": "09:00", "end_time": "12:00"}

    answer = await act(
        "set_user_schedule",
        user="mia",
        windows=[{"days": [day], **hours} for day in ("monday", "sunday")],
    )

    [window] = answer["schedule"]["windows"]
    assert window["days"] == ["monday", "sunday"]


@pytest.mark.parametrize("info", ["array", "object"])
@pytest.mark.parametrize("epochs", ["number", "string"])
async def test_forms_of_a_schedule(
    act: Act, front: Dialect, info: str, epochs: str
) -> None:
    """An array or an object, numbers or text."""
    front.set(schedule_info=info, epochs=epochs)

    answer = await act("set_user_schedule", user="mia", **MORNINGS)
    assert answer["schedule"]["delivery_status"] == "success"


# --- Allocating --------------------------------------------------------------------


@pytest.mark.parametrize("code", [1108, 2003, 28841106, 1106])
async def test_old_allocate(act: Act, front: Dialect, code: int) -> None:
    """Where the newer call is not known the older one does, method by method."""
    front.unsupported = {"allocate": code}
    finger = {"type": "fingerprint", "number": 2}

    answer = await act(
        "allocate_unlock_methods", user="mia", unlock_methods=[NEW_CARD, finger]
    )

    assert [method["user_id"] for method in answer["unlock_methods"]] == ["mia"] * 2
    assert act.cloud.calls.counts()["allocate"] == 1
    assert [(c.path, c.body) for c in act.cloud.calls.to("allocate_one")] == [
        (
            "/v1.0/devices/front/device-lock/users/mia/allocate",
            {"no": "3", "type": "card"},
        ),
        (
            "/v1.0/devices/front/device-lock/users/mia/allocate",
            {"no": "2", "type": "fingerprint"},
        ),
    ]

    await act.restart()
    lost_card = {"type": "card", "number": 2}
    await act("allocate_unlock_methods", user="clara", unlock_methods=[lost_card])
    assert [call.endpoint for call in act.cloud.calls.writes] == ["allocate_one"]


async def test_neither_allocate(act: Act, front: Dialect) -> None:
    """A lock that knows neither says so."""
    front.unsupported = {"allocate": 2003, "allocate_one": 2003}

    assert (
        await act.reason(
            "allocate_unlock_methods", user="mia", unlock_methods=[NEW_CARD]
        )
        == "not_supported"
    )


async def test_allocate_that_is_known_to_work(act: Act, front: Dialect) -> None:
    """What worked before is not given up for the older call: the refusal is the answer."""
    await act("allocate_unlock_methods", user="mia", unlock_methods=[NEW_CARD])
    front.unsupported = {"allocate": 1106}

    assert (
        await act.reason(
            "allocate_unlock_methods",
            user="mia",
            unlock_methods=[{"type": "card", "number": 2}],
        )
        == "not_authorized"
    )
    assert not act.cloud.calls.to("allocate_one")


async def test_unassigned_by_type(act: Act, front: Dialect) -> None:
    """A lock that wants to be asked type by type is, and that is remembered."""
    front.unassigned_needs_type = True
    front.unassigned_types = frozenset({"card", "password", "fingerprint"})

    answer = await act("get_unlock_methods", unassigned=True)
    first = len(act.cloud.calls.to("unassigned_keys"))
    act.cloud.calls.clear()
    await act("get_unlock_methods", unassigned=True)

    assert [(m["type"], m["number"]) for m in answer["unlock_methods"]] == [
        ("fingerprint", 2),
        ("card", 2),
        ("card", 3),
    ]
    assert (first, len(act.cloud.calls)) == (5, 4)
    await act("allocate_unlock_methods", user="mia", unlock_methods=[NEW_CARD])


async def test_allocate_of_a_type_that_cannot_be_asked_for(
    act: Act, front: Dialect
) -> None:
    """Nobody tells of a palm there, so the cloud decides; cards are told."""
    front.unassigned_needs_type = True
    palm = act.door.add_method("hand")
    await act("get_unlock_methods", unassigned=True)

    answer = await act(
        "allocate_unlock_methods",
        user="mia",
        unlock_methods=[NEW_CARD, {"type": "palm", "number": palm.unlock_sn}],
    )

    assert [method["type"] for method in answer["unlock_methods"]] == ["card", "palm"]
    assert palm.user_id == "mia"
    act.cloud.calls.clear()
    assert (
        await act.reason(
            "allocate_unlock_methods",
            user="mia",
            unlock_methods=[{"type": "card", "number": 99}],
        )
        == "unlock_method_not_found"
    )
    assert act.cloud.calls.writes == []


@pytest.fixture
def reticent(cloud: SimulatedCloud) -> None:
    """A lock that never told which methods are unassigned."""
    cloud.dialects.of("front").unsupported = {"unassigned_keys": 2003}


async def test_allocate_where_nobody_tells_what_is_unassigned(
    reticent: None, act: Act
) -> None:
    """Then the cloud decides whether there is such a method."""
    assert act.state("front_unassigned_unlock_methods") == "unknown"

    await act("allocate_unlock_methods", user="mia", unlock_methods=[NEW_CARD])
    assert act.door.method("unlock_card", 3).user_id == "mia"

    assert (
        await act.reason(
            "allocate_unlock_methods",
            user="mia",
            unlock_methods=[{"type": "card", "number": 99}],
        )
        == "not_found"
    )


# --- Deallocating ------------------------------------------------------------------


@pytest.mark.parametrize("foreign", ["refuse", "ignore"])
@pytest.mark.parametrize(
    ("key", "tried"),
    [
        ("code", ["code"]),
        ("dp_code", ["code", "dp_code"]),
        ("Code", ["code", "dp_code", "Code"]),
    ],
)
async def test_key(
    act: Act,
    front: Dialect,
    key: str,
    tried: list[str],
    foreign: Literal["refuse", "ignore"],
) -> None:
    """The documents name three keys for the type; one is found and remembered."""
    front.set(cancel_keys=frozenset({key}), foreign_key=foreign)

    answer = await act(
        "deallocate_unlock_methods", user="mia", unlock_methods=[BLUE_CARD]
    )

    sent = [call.body["unlock_list"] for call in act.cloud.calls.writes]
    assert sent == [[{one: "unlock_card", "unlock_sn": 1}] for one in tried]
    assert answer["unlock_methods"][0]["user_id"] is None

    await act.restart()
    code = {"type": "password", "number": 1}
    await act("deallocate_unlock_methods", user="mia", unlock_methods=[code])
    [call] = act.cloud.calls.writes
    assert call.body["unlock_list"] == [{key: "unlock_password", "unlock_sn": 1}]


@pytest.mark.parametrize("foreign", ["refuse", "ignore"])
async def test_no_key(
    act: Act, front: Dialect, foreign: Literal["refuse", "ignore"]
) -> None:
    """None of them works: three attempts, none twice."""
    front.set(cancel_keys=frozenset({"kind"}), foreign_key=foreign)

    error = await act.refused(
        "deallocate_unlock_methods", user="mia", unlock_methods=[BLUE_CARD]
    )

    assert len(act.cloud.calls.writes) == 3
    keys = {"refuse": "not_understood", "ignore": "order_dropped"}
    assert error.translation_key == keys[foreign]


# --- Users -------------------------------------------------------------------------


@pytest.mark.parametrize("alphanumeric", [False, True])
@pytest.mark.parametrize("result", ["object", "string", "number"])
async def test_id_of_a_new_user(
    act: Act, front: Dialect, result: str, alphanumeric: bool
) -> None:
    """It comes in an object, as text or as a number."""
    front.set(add_user_result=result, alphanumeric_ids=alphanumeric)

    answer = await act("add_user", name="Zoe")

    assert act.door.users[answer["user_id"]].nick_name == "Zoe"


@pytest.mark.parametrize("result", [None, True, {}, {"user_id": None}, []])
async def test_new_user_without_an_id(act: Act, result: object) -> None:
    """No id came: who is new and has the name is meant."""
    act.cloud.faults.result(result, on="add_user")

    answer = await act("add_user", name="Zoe")

    assert act.door.users[answer["user_id"]].nick_name == "Zoe"
    assert len(act.cloud.calls.writes) == 1


@cases(
    "quirks",
    {
        "true": {"update_result": "true", "role_result": "true"},
        "object": {"update_result": "object"},
        "absent": {"update_result": "absent", "role_result": "absent"},
    },
)
async def test_results_that_say_little(
    act: Act, front: Dialect, quirks: dict[str, str]
) -> None:
    """Updating, deleting and roles answer this or that, or nothing at all."""
    front.set(**quirks)

    await act("set_user_role", user="mia", role="admin")
    await act("update_user", user="clara", name="Clara C.")
    await act("delete_user", user="emil")

    assert act.door.users["mia"].user_type == 10
    assert act.door.users["clara"].nick_name == "Clara C."
    assert "emil" not in act.door.users


@every_write
async def test_false_as_a_result(act: Act, cloud: SimulatedCloud, write: Write) -> None:
    """A result that takes the success back is a refusal, but for an id of a new user."""
    cloud.faults.drop_write(on=write.endpoints, times=None)
    cloud.faults.result(False, on=write.endpoints, times=None)

    error = await act.refused(write.action, **write.data)

    lost = write is WRITES["add"]
    assert error.translation_key == ("order_lost" if lost else "refused_by_lock")
    assert len(cloud.calls.writes) == 1


async def test_update_that_clears_what_is_left_out(act: Act, front: Dialect) -> None:
    """What is known is sent again, so nothing is lost."""
    front.update_clears = True
    mia = act.door.users["mia"]
    mia.birthday, mia.weight = 946_684_800_000, 54_000

    await act("update_user", user="mia", name="Mia B.")

    assert (mia.birthday, mia.height, mia.weight) == (946_684_800_000, 165, 54_000)


async def test_update_that_ignores_the_contact(act: Act, front: Dialect) -> None:
    """A contact that does not change is told, not passed over."""
    front.update_ignores_contact = True

    assert (
        await act.reason("update_user", user="mia", name="M", contact="0170")
        == "order_dropped"
    )


# --- Locks that know less ----------------------------------------------------------


@pytest.fixture
async def lesser(
    hass: HomeAssistant, act: Act, cloud: SimulatedCloud, front: Dialect
) -> None:
    """A lock that lists its users by an older call, without methods."""
    front.unsupported = {"smart_lock_users": 2009}
    await act.restart()


@every_write
@pytest.mark.usefixtures("lesser")
@pytest.mark.parametrize("is_answer_lost", [False, True], ids=["answered", "lost"])
async def test_lesser_lock(act: Act, write: Write, is_answer_lost: bool) -> None:
    """Commands take effect there as well, and are verified where no answer came."""
    if is_answer_lost:
        act.cloud.faults.lose_answer("http", on=write.endpoint)

    answer = await act(write.action, **write.data)

    assert answer
    assert len(act.cloud.calls.writes) == 1
    assert write.took(act.door)


@pytest.mark.usefixtures("lesser")
async def test_suspension_on_a_lesser_lock(act: Act) -> None:
    """A suspension survives a restart, and resuming brings the schedule back."""
    before = act.door.users["clara"].schedule

    await act("suspend_user", user="clara")
    assert act.door.users["clara"].schedule.expired_time < act.door.now
    sent = len(act.cloud.calls.writes)
    await act("suspend_user", user="clara")
    assert len(act.cloud.calls.writes) == sent
    await act.restart()
    assert act.state("front:clara_access") == "suspended"

    await act("resume_user", user="clara")

    after = act.door.users["clara"].schedule
    assert (after.permanent, after.windows) == (before.permanent, before.windows)
    assert act.state("front:clara_access") == "allowed"


@pytest.mark.usefixtures("names_only")
@pytest.mark.parametrize("name", ["role", "schedule", "suspend", "resume", "delete"])
async def test_lock_that_lists_only_names(act: Act, name: str) -> None:
    """What needs user types and schedules is refused; reading and renaming work."""
    assert await act.reason(WRITES[name].action, **WRITES[name].data) == "not_supported"
    assert act.cloud.calls.writes == []
    answer = await act("update_user", user="mia", name="Maria")
    assert answer["user"]["name"] == "Maria"
    answer = await act("purge_users", users=["olivia", "ada"], include_members=True)
    assert [one["status"] for one in answer["results"]] == ["skipped", "purged"]
