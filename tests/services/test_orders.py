"""Every action that changes something, when all goes well."""

from datetime import datetime
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.tuya_lock_users.const import DOMAIN, EVENT_USER_CHANGED
from homeassistant.core import HomeAssistant
from simulator import ADMIN, Lock, SimulatedCloud
from tests.common import cases, state_object, state_of, user_device, user_names

from .calling import Act
from .cases import BLUE_CARD, NEW_CARD, Write, every_write
from .expected import OF_NOBODY, mia_answer, serialize_method

SENT: Final = {
    "add": (
        "POST",
        "/v1.0/devices/front/user",
        {"nick_name": "Zoe", "sex": 1},
    ),
    "update": (
        "PUT",
        "/v1.0/devices/front/users/mia",
        {"nick_name": "Mia B.", "sex": 2, "height": 166},
    ),
    "delete": ("DELETE", "/v1.0/devices/front/users/mia", None),
    "role": (
        "PUT",
        "/v1.0/smart-lock/devices/front/users/mia/actions/role",
        {"role": "admin"},
    ),
    "schedule": (
        "PUT",
        "/v1.0/smart-lock/devices/front/users/mia/schedule",
        {
            "schedule": {
                "permanent": False,
                "effective_time": 1_796_997_600,
                "expired_time": 1_797_156_000,
            }
        },
    ),
    "suspend": (
        "PUT",
        "/v1.0/smart-lock/devices/front/users/mia/schedule",
        {
            "schedule": {
                "permanent": False,
                "effective_time": 1_796_720_400,
                "expired_time": 1_796_724_000,
            }
        },
    ),
    "resume": (
        "PUT",
        "/v1.0/smart-lock/devices/front/users/emil/schedule",
        {"schedule": {"permanent": True}},
    ),
    "allocate": (
        "POST",
        "/v1.0/devices/front/door-lock/opmodes/actions/allocate",
        {
            "user_id": "mia",
            "unlock_list": [{"dp_code": "unlock_card", "unlock_sn": 3}],
        },
    ),
    "deallocate": (
        "POST",
        "/v1.0/smart-lock/devices/front/opmodes/actions/cancel-allocate",
        {"user_id": "mia", "unlock_list": [{"code": "unlock_card", "unlock_sn": 1}]},
    ),
    "purge": (
        "POST",
        "/v1.0/smart-lock/devices/front/users/ada/actions/delete-users-issue",
        None,
    ),
}
"""What goes out for each order: verb, path, body, as the documents have it."""


# --- All of them -------------------------------------------------------------------


@every_write
async def test_request(request: pytest.FixtureRequest, act: Act, write: Write) -> None:
    """One order goes out, exactly as the documents have it, and takes."""
    await act(write.action, **write.data)

    name = request.node.callspec.id
    assert [(c.method, c.path, c.body) for c in act.cloud.calls.writes] == [SENT[name]]
    assert write.took(act.door)


@every_write
async def test_without_an_answer(act: Act, write: Write) -> None:
    """Nobody has to want an answer."""
    answer = await act.hass.services.async_call(
        DOMAIN,
        write.action,
        {"device_id": act.device_id("front"), **write.data},
        blocking=True,
    )

    assert answer is None
    assert write.took(act.door)


@every_write
async def test_user_by_device(act: Act, write: Write) -> None:
    """A user is picked by the device as well; what is about no user is about the lock."""
    data = dict(write.data)
    user_id = data.pop("user", "mia")

    await act(write.action, f"front:{user_id}", **data)

    assert write.took(act.door)


EVENTS: Final = {
    "add": [("user_added", "Zoe")],
    "update": [("user_renamed", "Mia B.")],
    # Ada is no user of the lock any more, so nobody is told that she is gone for good.
    "purge": [],
    "delete": [("user_removed", "Mia"), *[("unlock_method_removed", "Mia")] * 3],
    "role": [("role_changed", "Mia")],
    "schedule": [("schedule_changed", "Mia"), ("access_ended", "Mia")],
    "suspend": [("schedule_changed", "Mia"), ("access_ended", "Mia")],
    "resume": [("schedule_changed", "Emil"), ("access_started", "Emil")],
    "allocate": [("unlock_method_added", "Mia")],
    "deallocate": [("unlock_method_removed", "Mia")],
}
"""What is told of each order, and of whom."""


@every_write
async def test_events(request: pytest.FixtureRequest, act: Act, write: Write) -> None:
    """An order is told like any other change: each once, without a poll."""
    events = async_capture_events(act.hass, EVENT_USER_CHANGED)

    await act(write.action, **write.data)
    await act("get_users", fresh=True)
    await act.hass.async_block_till_done()

    told = [(event.data["event_type"], event.data["user_name"]) for event in events]
    assert told == EVENTS[request.node.callspec.id]


@every_write
async def test_calls_show_at_once(act: Act, write: Write) -> None:
    """What an order costs is seen when it is done."""
    unique_id = f"{act.cloud.project_uid}_api_calls"
    before = int(act.state(unique_id) or "")

    await act(write.action, **write.data)

    assert int(act.state(unique_id) or "") == before + len(act.cloud.calls)


async def test_calls_of_a_refused_order_show_at_once(act: Act) -> None:
    """One that was refused costs as much."""
    unique_id = f"{act.cloud.project_uid}_api_calls"
    before = int(act.state(unique_id) or "")
    act.cloud.faults.refuse(2328, on="set_role")

    await act.refused("set_user_role", user="mia", role="admin")

    assert int(act.state(unique_id) or "") == before + 1


# --- Users -------------------------------------------------------------------------


async def test_add_user(hass: HomeAssistant, act: Act, cloud: SimulatedCloud) -> None:
    """Somebody new has an id, a device and entities at once."""
    answer = await act(
        "add_user",
        name=" Zoe ",
        sex="female",
        birthday="1990-02-03",
        height=180,
        weight=80.5,
        contact="zoe@example.com",
    )

    user_id = answer["user_id"]
    assert answer == {"user_id": user_id}
    [call] = cloud.calls.writes
    assert call.body == {
        "nick_name": "Zoe",
        "sex": 2,
        "birthday": 633_999_600_000 + 3_600_000,
        "height": 180,
        "weight": 80_500,
        "contact": "zoe@example.com",
    }
    device = user_device(hass, act.entry, "front", user_id)
    assert device
    assert device.name == "Zoe"
    assert state_of(hass, f"front:{user_id}_access") == "allowed"
    assert state_of(hass, f"front:{user_id}_role") == "member"
    assert state_of(hass, "front_users") == "6"


async def test_update_user(hass: HomeAssistant, act: Act, door: Lock) -> None:
    """What is given changes, what is left out stays."""
    mia = door.users["mia"]
    mia.birthday, mia.weight = 946_684_800_000, 54_000

    answer = await act("update_user", user="Mia", name="Mia B.", contact="0170")

    assert answer == {"user": mia_answer(door, name="Mia B.", contact="0170")}
    assert (mia.nick_name, mia.user_contact, mia.sex) == ("Mia B.", "0170", 2)
    assert (mia.birthday, mia.height, mia.weight) == (946_684_800_000, 165, 54_000)
    assert "Mia B." in user_names(hass, act.entry, "front")


@cases(
    ("given", "shown"),
    {
        "tab-in-name": ({"name": "Mia\tB."}, {"name": "MiaB."}),
        "blanks-and-name": ({"name": " Mia B.\t"}, {"name": "Mia B."}),
        "blanks-and-contact": ({"contact": " 0170 1\t"}, {"contact": "0170 1"}),
        "tab-in-contact": ({"contact": "0170\t1"}, {"contact": "01701"}),
        "blank-contact": ({"contact": " "}, {"contact": None}),
    },
)
async def test_blanks_in_a_profile(
    act: Act, given: dict[str, Any], shown: dict[str, Any]
) -> None:
    """What is read has no blanks around it, and no tab: that is no order without effect."""
    answer = await act("update_user", user="mia", **given)

    assert {key: answer["user"][key] for key in shown} == shown
    assert len(act.cloud.calls.writes) == 1


@pytest.mark.parametrize("answer", [None, {"user_id": "zoe"}], ids=["no-id", "id"])
@pytest.mark.parametrize(
    ("name", "contact"), [("Zoe\tZ.", "0170"), (" Zoe ", " 0170\t"), ("Zoe", " ")]
)
async def test_blanks_in_a_new_profile(
    act: Act, name: str, contact: str, answer: dict[str, str] | None
) -> None:
    """Somebody new is found by the name as it is read, where no id came back."""
    if answer is None:
        act.cloud.faults.result(answer, on="add_user")

    user_id = (await act("add_user", name=name, contact=contact))["user_id"]

    assert (act.door.users[user_id].nick_name or "").startswith("Zoe")
    assert len(act.cloud.calls.writes) == 1


@pytest.mark.parametrize(
    ("sex", "birthday"),
    [(0, 642_988_800), (1, 642_960_000_000), (2, 864_000_000), (0, None)],
    ids=["seconds", "midnight-elsewhere", "early-1970", "nothing-said"],
)
async def test_update_leaves_alone_what_it_does_not_understand(
    act: Act, sex: int, birthday: int | None
) -> None:
    """What an update does not change is sent again exactly as it was read."""
    mia = act.door.users["mia"]
    mia.sex, mia.birthday = sex, birthday

    await act("update_user", user="mia", height=170)

    assert (mia.sex, mia.birthday, mia.height) == (sex, birthday, 170)
    [write] = act.cloud.calls.writes
    assert ("birthday" in write.body) is (birthday is not None)


@pytest.mark.parametrize("birthday", ["1970-01-01", "1970-01-15", "1988-02-29"])
async def test_birthday_is_sent_as_milliseconds(act: Act, birthday: str) -> None:
    """A birthday of early 1970, of which 0 means not set, is no exception."""
    midnight = datetime.fromisoformat(f"{birthday}T00:00:00+00:00")

    await act("update_user", user="mia", birthday=birthday)

    assert act.door.users["mia"].birthday == midnight.timestamp() * 1000


async def test_update_keeps_a_name_that_was_changed_elsewhere(act: Act) -> None:
    """The name is sent each time: the one of now, not the one of the last reading."""
    act.door.users["mia"].nick_name = "Mia C."

    answer = await act("update_user", user="mia", height=170)

    assert answer["user"]["name"] == "Mia C."
    assert act.door.users["mia"].nick_name == "Mia C."


async def test_update_of_an_administrator(act: Act) -> None:
    """An administrator's profile cannot be read: the name of now and sex 1 go along."""
    anton = act.door.users["anton"]
    anton.nick_name = "Anton A."

    answer = await act("update_user", user="anton", height=190)

    assert [call.body for call in act.cloud.calls.writes] == [
        {"nick_name": "Anton A.", "sex": 1, "height": 190}
    ]
    assert answer["user"]["name"] == "Anton A."
    assert anton.height == 190


async def test_update_removes_a_contact(act: Act, door: Lock) -> None:
    """An empty contact is none."""
    answer = await act("update_user", user="mia", contact="")

    assert answer["user"]["contact"] is None
    assert door.users["mia"].user_contact == ""


@pytest.mark.parametrize("code", [1110, 2001, 28841004])
async def test_no_update_without_knowing_what_stays(act: Act, code: int) -> None:
    """A profile that cannot be read for now is no profile without anything in it."""
    act.cloud.faults.refuse(code, on="user_v10", times=None)

    await act.refused("update_user", user="mia", height=170)

    assert act.cloud.calls.writes == []


async def test_delete_user(hass: HomeAssistant, act: Act, door: Lock) -> None:
    """Who is deleted is gone from Home Assistant, but the lock may know them yet."""
    assert await act("delete_user", user="Mia") == {"user_id": "mia"}

    assert not user_device(hass, act.entry, "front", "mia")
    assert state_of(hass, "front:mia_access") is None
    assert state_of(hass, "front_users") == "4"
    assert state_of(hass, "front_absent_users") == "2"
    assert state_of(hass, "front_unassigned_unlock_methods") == "6"


async def test_set_user_role(hass: HomeAssistant, act: Act, door: Lock) -> None:
    """The answer tells the role from before, too."""
    answer = await act("set_user_role", user="mia", role="admin")
    assert answer == {"user_id": "mia", "previous_role": "normal", "role": "admin"}
    assert state_of(hass, "front:mia_role") == "admin"

    answer = await act("set_user_role", user="mia", role="normal")
    assert answer == {"user_id": "mia", "previous_role": "admin", "role": "normal"}
    assert state_of(hass, "front:mia_role") == "member"


async def test_role_that_is_so_already(act: Act, cloud: SimulatedCloud) -> None:
    """Nothing is sent for what is so."""
    answer = await act("set_user_role", user="anton", role="admin")

    assert answer == {"user_id": "anton", "previous_role": "admin", "role": "admin"}
    assert cloud.calls.writes == []


async def test_role_that_was_so_before_somebody_changed_it(act: Act) -> None:
    """Whether it is so is looked up, before nothing is sent."""
    act.door.users["mia"].user_type = ADMIN

    answer = await act("set_user_role", user="mia", role="normal")

    assert answer == {"user_id": "mia", "previous_role": "admin", "role": "normal"}
    assert len(act.cloud.calls.writes) == 1


# --- Schedules ---------------------------------------------------------------------


async def test_set_user_schedule(hass: HomeAssistant, act: Act) -> None:
    """A guest for a weekend."""
    answer = await act(
        "set_user_schedule",
        user="mia",
        start="2026-12-11 15:00",
        end="2026-12-13 11:00",
    )

    assert answer == {
        "schedule": {
            "permanent": False,
            "start": "2026-12-11T15:00:00+01:00",
            "end": "2026-12-13T11:00:00+01:00",
            "windows": [],
            "delivery_status": "success",
        }
    }
    assert state_of(hass, "front:mia_access") == "not_started"
    assert state_of(hass, "front:mia_access_until") == "2026-12-13T10:00:00+00:00"


async def test_set_weekly_windows(act: Act) -> None:
    """A cleaner on workdays, and late on Sundays; days of equal hours go out as one."""
    answer = await act(
        "set_user_schedule",
        user="mia",
        windows=[
            {
                "days": ["monday", "tuesday", "wednesday"],
                "start_time": "12:00",
                "end_time": "15:00",
            },
            {"days": ["sunday"], "start_time": "22:30:00", "end_time": "00:00"},
            {"days": "friday", "start_time": "12:00", "end_time": "15:00"},
        ],
    )

    [call] = act.cloud.calls.writes
    assert call.body == {
        "schedule": {
            "permanent": False,
            "effective_time": 1_796_770_800,
            "expired_time": 2_145_913_199,
            "schedule_details": [
                {
                    "all_day": False,
                    "start_minute": 720,
                    "end_minute": 900,
                    "working_day": 46,
                    "time_zone_id": "Europe/Berlin",
                },
                {
                    "all_day": False,
                    "start_minute": 1350,
                    "end_minute": 1440,
                    "working_day": 1,
                    "time_zone_id": "Europe/Berlin",
                },
            ],
        }
    }
    assert answer == {
        "schedule": {
            "permanent": False,
            "start": "2026-12-09T00:00:00+01:00",
            "end": "2037-12-31T23:59:59+01:00",
            "windows": [
                {
                    "days": ["monday", "tuesday", "wednesday", "friday"],
                    "start_time": "12:00",
                    "end_time": "15:00",
                    "time_zone": "Europe/Berlin",
                },
                {
                    "days": ["sunday"],
                    "start_time": "22:30",
                    "end_time": "24:00",
                    "time_zone": "Europe/Berlin",
                },
            ],
            "delivery_status": "success",
        }
    }
    assert act.state("front:mia_access") == "outside_hours"


async def test_days_are_those_of_the_lock(act: Act, cloud: SimulatedCloud) -> None:
    """A zone is that of the hours; today and the last day are where the door is."""
    hours = {"days": ["monday"], "start_time": "09:00", "end_time": "12:00"}

    answer = await act(
        "set_user_schedule", user="mia", time_zone="America/New_York", windows=[hours]
    )

    assert answer["schedule"]["start"] == "2026-12-09T00:00:00+01:00"
    assert answer["schedule"]["end"] == "2037-12-31T23:59:59+01:00"
    assert answer["schedule"]["windows"] == [{**hours, "time_zone": "America/New_York"}]


async def test_answer_can_be_given_back(act: Act, cloud: SimulatedCloud) -> None:
    """The schedule of one user, as answered, is one that another can be given."""
    answer = await act("get_user", user="clara")
    schedule = answer["user"]["schedule"]
    given = {key: schedule[key] for key in ("start", "end", "windows")}

    answer = await act("set_user_schedule", user="mia", **given)

    assert answer["schedule"] == schedule | {"delivery_status": "success"}


async def test_set_permanent(hass: HomeAssistant, act: Act) -> None:
    """Somebody may come at any time."""
    assert state_of(hass, "front:emil_access") == "expired"

    answer = await act("set_user_schedule", user="emil", permanent=True)

    assert answer == {
        "schedule": {
            "permanent": True,
            "start": None,
            "end": None,
            "windows": [],
            "delivery_status": "success",
        }
    }
    assert state_of(hass, "front:emil_access") == "allowed"
    assert state_of(hass, "front:emil_access_until") == "unknown"


# --- Unlock methods ----------------------------------------------------------------


async def test_allocate(hass: HomeAssistant, act: Act, door: Lock) -> None:
    """The new card and the new finger are Mia's."""
    finger = {"type": "fingerprint", "number": 2}
    answer = await act(
        "allocate_unlock_methods",
        user="mia",
        unlock_methods=[finger, NEW_CARD, finger],
    )

    assert answer == {
        "unlock_methods": [
            serialize_method(door, "unlock_fingerprint", 2, name=None),
            serialize_method(door, "unlock_card", 3),
        ]
    }
    assert state_of(hass, "front:mia_unlock_methods") == "5"
    assert state_of(hass, "front_unlock_methods") == "7"
    assert state_of(hass, "front_unassigned_unlock_methods") == "1"
    shown = state_object(hass, "front:mia_unlock_methods").attributes["unlock_methods"]
    assert NEW_CARD | {"name": "New card"} in shown


async def test_allocate_what_was_just_enrolled(act: Act) -> None:
    """A method that nobody knows of yet is looked for."""
    act.door.add_method("password", unlock_sn=7, name="Fresh")

    answer = await act(
        "allocate_unlock_methods",
        user="mia",
        unlock_methods=[{"type": "password", "number": 7}],
    )

    assert answer["unlock_methods"] == [
        serialize_method(act.door, "unlock_password", 7)
    ]


async def test_allocate_what_was_just_released(act: Act, door: Lock) -> None:
    """So is one that was somebody's when the lock was read last."""
    door.move_method(door.method("unlock_card", 1), None)

    answer = await act(
        "allocate_unlock_methods", user="clara", unlock_methods=[BLUE_CARD]
    )

    assert answer["unlock_methods"][0]["user_id"] == "clara"
    assert door.method("unlock_card", 1).user_id == "clara"


async def test_deallocate(hass: HomeAssistant, act: Act, door: Lock) -> None:
    """The blue card and the code are nobody's, and keep their names in the answer."""
    answer = await act(
        "deallocate_unlock_methods",
        user="mia",
        unlock_methods=[BLUE_CARD, {"type": "password", "number": 1}],
    )

    assert answer == {
        "unlock_methods": [
            serialize_method(door, "unlock_card", 1, **OF_NOBODY, name="Blue card"),
            serialize_method(door, "unlock_password", 1, **OF_NOBODY, name="Code"),
        ]
    }
    assert state_of(hass, "front:mia_unlock_methods") == "1"
    assert state_of(hass, "front_unlock_methods") == "3"
    assert state_of(hass, "front_unassigned_unlock_methods") == "5"


async def test_deallocate_under_way(act: Act, cloud: SimulatedCloud) -> None:
    """A method that the lock has yet to let go is still the user's."""
    cloud.delivery.outcome = "NEVER"

    answer = await act(
        "deallocate_unlock_methods", user="mia", unlock_methods=[BLUE_CARD], wait=0
    )

    [shown] = answer["unlock_methods"]
    assert (shown["user_id"], shown["phase"]) == ("mia", "to_be_deleted")
    assert shown["delivery_status"] == "ongoing"


async def test_deallocate_one_of_a_kind_that_no_list_shows(act: Act) -> None:
    """Remote controls are only in opmodes: there they come and go."""
    fob = act.door.method("unlock_telecontrol_kit", 1)
    fob.allocate_flag = 1

    key = {"type": "remote_control", "number": 1}
    answer = await act("deallocate_unlock_methods", user="anton", unlock_methods=[key])

    assert answer["unlock_methods"][0]["user_id"] is None
    assert fob.user_id is None


# --- Purging -----------------------------------------------------------------------


async def test_purge(hass: HomeAssistant, act: Act, door: Lock) -> None:
    """Who is gone from the home is gone from the lock, and what they left with them."""
    answer = await act("purge_users", users="ada")

    assert answer == {"results": [{"user_id": "ada", "status": "purged"}]}
    assert state_of(hass, "front_absent_users") == "0"
    assert state_of(hass, "front_unassigned_unlock_methods") == "2"
