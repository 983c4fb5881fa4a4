"""Every write action, without errors."""

from datetime import datetime
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from syrupy.assertion import SnapshotAssertion

from custom_components.tuya_lock_users.const import DOMAIN, EVENT_USER_CHANGED
from simulator import ADMIN, Lock, SimulatedCloud
from tests.common import cases, load_fixture, user_device, user_names

from .calling import Act
from .cases import ACTIONS, BLUE_CARD, NEW_CARD, Write, every_command, every_write

pytestmark = pytest.mark.default_options


@every_command
async def test_request(request: pytest.FixtureRequest, act: Act, write: Write) -> None:
    """One documented request is sent, takes effect, and is counted."""
    unique_id = f"{act.cloud.project_uid}_api_calls"
    before = int(act.state(unique_id) or "")
    await act(write.action, **write.data)
    expected = load_fixture("action_requests")[request.node.callspec.id]
    [call] = act.cloud.calls.writes
    assert (call.method, call.path) == (expected["method"], expected["path"])
    secret = dict.fromkeys(("password", "ticket_id"), "…")
    body = call.body and {key: secret.get(key, one) for key, one in call.body.items()}
    assert body == expected["body"]
    assert write.took(act.door)
    assert int(act.state(unique_id) or "") == before + len(act.cloud.calls)


@every_write
async def test_user_by_device(act: Act, write: Write) -> None:
    """A user can be specified by device, and the response is optional."""
    data = dict(write.data)
    device_id = act.device_id(f"front:{data.pop('user', 'mia')}")
    response = await act.hass.services.async_call(
        DOMAIN, write.action, {"device_id": device_id, **data}, blocking=True
    )
    assert response is None
    assert write.took(act.door)


EVENTS: Final = ACTIONS["events"]
"""The events of each command, and their users. The others have none.

Ada is no longer a user of the lock, so her removal is not reported.
"""


@every_command
async def test_events(request: pytest.FixtureRequest, act: Act, write: Write) -> None:
    events = async_capture_events(act.hass, EVENT_USER_CHANGED)
    await act(write.action, **write.data)
    await act("get_users", fresh=True)
    await act.hass.async_block_till_done()
    reported = [[event.data["event_type"], event.data["user_name"]] for event in events]
    assert reported == EVENTS.get(request.node.callspec.id, [])


async def test_add_user(act: Act) -> None:
    profile: dict[str, Any] = {"height": 180, "contact": "zoe@example.com"}
    response = await act(
        "add_user",
        name=" Zoe ",
        sex="female",
        birthday="1990-02-03",
        weight=80.5,
        **profile,
    )
    user_id = response["user_id"]
    assert response == {"user_id": user_id}
    [call] = act.cloud.calls.writes
    midnight = 633_999_600_000 + 3_600_000
    who = {"nick_name": "Zoe", "sex": 2, "birthday": midnight, "weight": 80_500}
    assert call.body == {**who, **profile}
    device = user_device(act.hass, act.entry, "front", user_id)
    assert device
    assert device.name == "Zoe"
    assert act.state(f"front:{user_id}_access") == "allowed"
    assert act.state(f"front:{user_id}_role") == "member"
    assert act.state("front_users") == "6"


async def test_update_user(act: Act, snapshot: SnapshotAssertion) -> None:
    """Specified fields change, others stay; an empty contact removes it."""
    mia = act.door.users["mia"]
    mia.birthday, mia.weight = 946_684_800_000, 54_000
    response = await act("update_user", user="Mia", name="Mia B.", contact="0170")
    assert response == snapshot
    assert (mia.nick_name, mia.user_contact, mia.sex) == ("Mia B.", "0170", 2)
    assert (mia.birthday, mia.height, mia.weight) == (946_684_800_000, 165, 54_000)
    assert "Mia B." in user_names(act.hass, act.entry, "front")
    response = await act("update_user", user="mia", contact="")
    assert response["user"]["contact"] is None
    assert mia.user_contact == ""


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
async def test_update_user_whitespace(
    act: Act, given: dict[str, Any], shown: dict[str, Any]
) -> None:
    """Blanks and tabs that the cloud removes do not count as a missing effect."""
    response = await act("update_user", user="mia", **given)
    assert {key: response["user"][key] for key in shown} == shown
    assert len(act.cloud.calls.writes) == 1


@pytest.mark.parametrize("response", [None, {"user_id": "zoe"}], ids=["no-id", "id"])
@pytest.mark.parametrize(
    ("name", "contact"), [("Zoe\tZ.", "0170"), (" Zoe ", " 0170\t"), ("Zoe", " ")]
)
async def test_add_user_whitespace(
    act: Act, name: str, contact: str, response: dict[str, str] | None
) -> None:
    """A new user is found by the name as stored if the reply has no ID."""
    if response is None:
        act.cloud.faults.result(response, on="add_user")
    user_id = (await act("add_user", name=name, contact=contact))["user_id"]
    assert (act.door.users[user_id].nick_name or "").startswith("Zoe")
    assert len(act.cloud.calls.writes) == 1


@pytest.mark.parametrize(
    ("sex", "birthday"),
    [(0, 642_988_800), (1, 642_960_000_000), (2, 864_000_000), (0, None)],
    ids=["seconds", "midnight-elsewhere", "early-1970", "missing"],
)
async def test_update_user_keeps_unknown_values(
    act: Act, sex: int, birthday: int | None
) -> None:
    mia = act.door.users["mia"]
    mia.sex, mia.birthday = sex, birthday
    await act("update_user", user="mia", height=170)
    assert (mia.sex, mia.birthday, mia.height) == (sex, birthday, 170)
    [write] = act.cloud.calls.writes
    assert ("birthday" in write.body) is (birthday is not None)


@pytest.mark.parametrize("birthday", ["1970-01-01", "1970-01-15", "1988-02-29"])
async def test_update_user_birthday(act: Act, birthday: str) -> None:
    midnight = datetime.fromisoformat(f"{birthday}T00:00:00+00:00")
    await act("update_user", user="mia", birthday=birthday)
    assert act.door.users["mia"].birthday == midnight.timestamp() * 1000


@pytest.mark.parametrize(("user", "body"), [("anton", {"sex": 1}), ("mia", {"sex": 2})])
async def test_update_user_keeps_name(
    act: Act, user: str, body: dict[str, Any]
) -> None:
    """The current name is sent; an administrator's profile cannot be read, so sex 1."""
    act.door.users[user].nick_name = "New name"
    response = await act("update_user", user=user, height=190)
    assert [call.body for call in act.cloud.calls.writes] == [
        {"nick_name": "New name", **body, "height": 190}
    ]
    assert response["user"]["name"] == "New name"
    assert act.door.users[user].height == 190


@pytest.mark.parametrize("code", [1110, 2001, 28841004])
async def test_update_user_profile_unreadable(act: Act, code: int) -> None:
    """No update is sent if the current profile cannot be read."""
    act.cloud.faults.refuse(code, on="user_v10", times=None)
    await act.refused("update_user", user="mia", height=170)
    assert act.cloud.calls.writes == []


async def test_delete_user(act: Act) -> None:
    assert await act("delete_user", user="Mia") == {"user_id": "mia"}
    assert not user_device(act.hass, act.entry, "front", "mia")
    assert act.state("front:mia_access") is None
    assert act.state("front_users") == "4"
    assert act.state("front_absent_users") == "2"
    assert act.state("front_unassigned_unlock_methods") == "6"


async def test_set_user_role(act: Act) -> None:
    """The response contains the previous role; an unchanged role is not sent."""
    mia = act.door.users["mia"]
    for before, role, shown in (
        ("normal", "admin", "admin"),
        ("admin", "normal", "member"),
    ):
        response = await act("set_user_role", user="mia", role=role)
        assert response == {"user_id": "mia", "previous_role": before, "role": role}
        assert act.state("front:mia_role") == shown
    sent = len(act.cloud.calls.writes)
    response = await act("set_user_role", user="anton", role="admin")
    assert response == {"user_id": "anton", "previous_role": "admin", "role": "admin"}
    assert len(act.cloud.calls.writes) == sent
    mia.user_type = ADMIN  # in the app; the lock is read before the write is skipped
    response = await act("set_user_role", user="mia", role="normal")
    assert response == {"user_id": "mia", "previous_role": "admin", "role": "normal"}
    assert len(act.cloud.calls.writes) == sent + 1


@cases(("user", "data", "access", "until"), ACTIONS["user_schedules"])
async def test_set_user_schedule(
    act: Act,
    snapshot: SnapshotAssertion,
    user: str,
    data: dict[str, Any],
    access: str,
    until: str,
) -> None:
    """Equal hours are sent as one window; the zone applies to the hours only."""
    response = await act("set_user_schedule", user=user, **data)
    [call] = act.cloud.calls.writes
    assert {"request": call.body, "response": response} == snapshot
    assert act.state(f"front:{user}_access") == access
    assert act.state(f"front:{user}_access_until") == until


async def test_set_user_schedule_from_response(act: Act, cloud: SimulatedCloud) -> None:
    response = await act("get_user", user="clara")
    schedule = response["user"]["schedule"]
    given = {key: schedule[key] for key in ("start", "end", "windows")}
    response = await act("set_user_schedule", user="mia", **given)
    assert response["schedule"] == schedule | {"delivery_status": "success"}


async def test_allocate(act: Act, snapshot: SnapshotAssertion) -> None:
    finger = {"type": "fingerprint", "number": 2}
    keys = [finger, NEW_CARD, finger]
    response = await act("allocate_unlock_methods", user="mia", unlock_methods=keys)
    assert response == snapshot
    assert act.state("front:mia_unlock_methods") == "5"
    assert act.state("front_unlock_methods") == "7"
    assert act.state("front_unassigned_unlock_methods") == "1"
    shown = act.state_object("front:mia_unlock_methods").attributes["unlock_methods"]
    assert NEW_CARD | {"name": "New card"} in shown


async def test_allocate_just_enrolled(act: Act) -> None:
    act.door.add_method("password", unlock_sn=7, name="Fresh")
    key = {"type": "password", "number": 7}
    response = await act("allocate_unlock_methods", user="mia", unlock_methods=[key])
    [shown] = response["unlock_methods"]
    assert (shown["type"], shown["number"], shown["user_id"]) == ("password", 7, "mia")


async def test_allocate_just_deallocated(act: Act, door: Lock) -> None:
    door.move_method(door.method("unlock_card", 1), None)
    response = await act(
        "allocate_unlock_methods", user="clara", unlock_methods=[BLUE_CARD]
    )
    assert response["unlock_methods"][0]["user_id"] == "clara"
    assert door.method("unlock_card", 1).user_id == "clara"


async def test_deallocate(act: Act, snapshot: SnapshotAssertion) -> None:
    keys = [BLUE_CARD, {"type": "password", "number": 1}]
    response = await act("deallocate_unlock_methods", user="mia", unlock_methods=keys)
    assert response == snapshot
    assert act.state("front:mia_unlock_methods") == "1"
    assert act.state("front_unlock_methods") == "3"
    assert act.state("front_unassigned_unlock_methods") == "5"


async def test_deallocate_pending(act: Act, cloud: SimulatedCloud) -> None:
    cloud.delivery.outcome = "NEVER"
    response = await act(
        "deallocate_unlock_methods", user="mia", unlock_methods=[BLUE_CARD], wait=0
    )
    [shown] = response["unlock_methods"]
    assert (shown["user_id"], shown["phase"]) == ("mia", "to_be_deleted")
    assert shown["delivery_status"] == "ongoing"


async def test_deallocate_unlisted_type(act: Act) -> None:
    fob = act.door.method("unlock_telecontrol_kit", 1)
    fob.allocate_flag = 1
    key = {"type": "remote_control", "number": 1}
    response = await act(
        "deallocate_unlock_methods", user="anton", unlock_methods=[key]
    )
    assert response["unlock_methods"][0]["user_id"] is None
    assert fob.user_id is None
