"""Unlock methods from their enrollment to their deletion."""

from collections.abc import Generator
from typing import Any, Final
from unittest.mock import patch

import pytest

from custom_components.tuya_lock_users.api.messages import EnrollmentProgress
from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator import DeliveryRules, Lock, SimulatedCloud
from tests.common import until

from .calling import Act

_COMMANDS: Final = f"custom_components.{DOMAIN}.commands.enrollment"
_COORDINATOR: Final = f"custom_components.{DOMAIN}.coordinator.enrollment"


@pytest.fixture
def waiting_lock(door: Lock) -> Generator[Lock]:
    """A lock that waits for a long time without an enrollment."""
    door.enrollment_rules.completes = False
    with patch(f"{_COORDINATOR}.WINDOW_SECONDS", 60):
        yield door


def complete(door: Lock) -> None:
    """Complete the enrollment at the lock."""
    assert door.enrollment is not None
    door.enrollment.rules.completes = True
    door.enrollment.rules.seconds_each = 0


def progress(touches_left: int | None = None, **changes: Any) -> EnrollmentProgress:
    values: dict[str, Any] = {
        "device_id": "front",
        "is_deletion": False,
        "is_cancelled": False,
        "is_finished": False,
        "touches_total": 4,
        "touches_left": touches_left,
        "lift_finger": True,
    }
    return EnrollmentProgress(**values | changes)


@pytest.mark.parametrize(
    ("method_type", "code"),
    [
        ("fingerprint", "unlock_fingerprint"),
        ("card", "unlock_card"),
        ("face", "unlock_face"),
        ("remote_control", "unlock_telecontrol_kit"),
        ("password", "unlock_password"),
    ],
)
async def test_enroll(act: Act, method_type: str, code: str) -> None:
    """A new method is known by its number, and gets its name and duress flag at once."""
    act.door.family = "ble"
    act.door.enrollment_rules.seconds_each = 0
    act.cloud.dialects.update_method_resets = True
    before = {(m.dp_code, m.unlock_sn) for m in act.door.methods}
    pin: dict[str, Any] = {"password": "739418"} if method_type == "password" else {}
    response = await act(
        "enroll_unlock_method",
        user="mia",
        type=method_type,
        name="Left thumb",
        duress=True,
        **pin,
    )
    (new,) = [m for m in act.door.methods if (m.dp_code, m.unlock_sn) not in before]
    assert (new.user_id, new.unlock_name, new.unlock_attr) == ("mia", "Left thumb", 1)
    assert (new.dp_code, new.app_send) == (code, 1)
    assert response["status"] == "enrolled"
    shown = ("type", "number", "name", "user_id", "duress")
    assert {key: response["unlock_method"][key] for key in shown} == {
        "type": method_type,
        "number": new.unlock_sn,
        "name": "Left thumb",
        "user_id": "mia",
        "duress": True,
    }


async def test_lock_waits(act: Act, waiting_lock: Lock) -> None:
    """A waiting lock refuses other commands; a later method still gets its name."""
    response = await act(
        "enroll_unlock_method", user="mia", type="card", name="Red", wait=0
    )
    assert response == {"unlock_method": None, "status": "waiting"}
    act.cloud.calls.clear()
    calls: list[tuple[str, dict[str, Any]]] = [
        ("set_user_role", {"user": "mia", "role": "admin"}),
        ("enroll_unlock_method", {"user": "mia", "type": "card"}),
        ("add_password", {"name": "Guest", "password": "7394158"}),
    ]
    for action, data in calls:
        error = await act.refused(action, **data)
        assert error.translation_key == "lock_busy"
        assert int((error.translation_placeholders or {})["seconds"]) in range(1, 61)
    assert act.cloud.calls.writes == []
    complete(waiting_lock)
    await until(lambda: any(m.unlock_name == "Red" for m in waiting_lock.methods))
    await act.hass.async_block_till_done(wait_background_tasks=True)
    await act("set_user_role", user="mia", role="admin")


@pytest.mark.parametrize(("method_type", "cancels"), [("card", 1), ("face", 0)])
async def test_not_enrolled(act: Act, method_type: str, cancels: int) -> None:
    """Without a new method, the enrollment is canceled, if there is such a call."""
    act.door.enrollment_rules.completes = False
    await act.fails(
        "not_enrolled", "enroll_unlock_method", user="mia", type=method_type
    )
    assert act.cloud.calls.counts()["cancel_enrollment"] == cancels
    act.door.end_enrollment()
    act.door.enrollment_rules.completes = True
    act.door.enrollment_rules.seconds_each = 0
    response = await act("enroll_unlock_method", user="mia", type=method_type)
    assert response["status"] == "enrolled"


async def test_cancel(act: Act, waiting_lock: Lock, hass: HomeAssistant) -> None:
    """A waiting action reports the cancellation; a face cannot be canceled."""
    task = hass.async_create_task(
        act("enroll_unlock_method", user="mia", type="fingerprint")
    )
    await until(lambda: waiting_lock.enrollment is not None)
    front = act.entry.runtime_data.locks["front"]
    await until(lambda: front.enrollment.is_active)
    assert await act("cancel_enrollment", type="fingerprint") == {}
    assert await task == {"unlock_method": None, "status": "cancelled"}
    assert waiting_lock.enrollment is None
    await act.fails("face_cannot_be_canceled", "cancel_enrollment", type="face")


async def test_progress(act: Act, waiting_lock: Lock) -> None:
    """Messages report the progress, and the methods are read only at the end."""
    enrollment: Any = act.entry.runtime_data.locks["front"].enrollment
    enrollment.async_handle(progress())  # of an enrollment by the app
    assert not enrollment.is_active
    with patch(f"{_COMMANDS}.FIRST_PAUSES", (60.0,)):
        await act("enroll_unlock_method", user="mia", type="fingerprint", wait=0)
        await until(lambda: enrollment.is_active)
        enrollment.async_handle(progress())
        enrollment.async_handle(progress(3, touches_total=None))
        latest = enrollment.latest
        assert (latest.touches_total, latest.touches_left) == (4, 3)
        assert latest.lift_finger is True
        act.cloud.calls.clear()
        complete(waiting_lock)
        enrollment.async_handle(progress(0, is_finished=True))
        await act.hass.async_block_till_done(wait_background_tasks=True)
    assert enrollment.latest.status == "enrolled"
    assert act.cloud.calls.counts() == {"opmodes": 1}
    await act("enroll_unlock_method", user="mia", type="fingerprint", wait=0)
    enrollment.async_handle(progress(is_cancelled=True))
    assert enrollment.latest.status == "cancelled"
    await act.hass.async_block_till_done(wait_background_tasks=True)


async def test_unload_during_enrollment(act: Act, waiting_lock: Lock) -> None:
    """A waiting action reports that the result of the enrollment is unknown."""
    task = act.hass.async_create_task(
        act("enroll_unlock_method", user="mia", type="card")
    )
    await until(lambda: len(act.cloud.calls.to("opmodes")) > 1)
    await act.hass.config_entries.async_unload(act.entry.entry_id)
    with pytest.raises(HomeAssistantError) as caught:
        await task
    assert caught.value.translation_key == "order_unconfirmed"


async def test_reload_during_enrollment(act: Act, waiting_lock: Lock) -> None:
    """The enrollment continues, and its method is listed after the restart."""
    await act("enroll_unlock_method", user="mia", type="card", wait=0)
    await act.hass.config_entries.async_reload(act.entry.entry_id)
    assert act.cloud.calls.counts()["cancel_enrollment"] == 0
    complete(waiting_lock)
    response = await act("get_unlock_methods", user="mia", types=["card"])
    assert [m["number"] for m in response["unlock_methods"]] == [1, 4]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"type": "password"}, "password_required"),
        ({"type": "password", "password": "abc"}, "password_digits"),
        ({"type": "card", "password": "739418"}, "password_not_expected"),
        ({"type": "password", "password": "739418"}, "password_refused"),
    ],
)
async def test_guards(act: Act, door: Lock, data: dict[str, Any], key: str) -> None:
    """Each refused enrollment has its own reason."""
    await act.fails(key, "enroll_unlock_method", user="mia", **data)
    assert door.enrollment is None


async def test_name_refused(act: Act, door: Lock, cloud: SimulatedCloud) -> None:
    """A method that was added without its name is reported as added."""
    door.enrollment_rules.seconds_each = 0
    cloud.faults.refuse(2312, on="update_method")
    await act.fails(
        "enrolled_unnamed", "enroll_unlock_method", user="mia", type="card", name="Red"
    )
    assert door.method("unlock_card", 4).user_id == "mia"


async def test_update(act: Act, door: Lock, cloud: SimulatedCloud) -> None:
    """A change keeps other fields, even if the cloud would reset them."""
    cloud.dialects.update_method_resets = True
    code = door.method("unlock_password", 1)
    code.unlock_attr = 1
    method: dict[str, Any] = {"type": "password", "number": 1}
    response = await act("update_unlock_method", **method, name="Alarm code")
    shown = response["unlock_method"]
    assert (shown["name"], shown["duress"], shown["user_id"]) == (
        code.unlock_name,
        True,
        "mia",
    )
    assert shown["notify"] == {"app": True, "sms": "49-30-1", "call": None}
    assert (code.unlock_name, code.unlock_attr, code.app_send) == ("Alarm code", 1, 1)
    await act("update_unlock_method", "front:mia", **method, notify_app=False)
    assert (code.unlock_name, code.unlock_attr, code.app_send) == ("Alarm code", 1, 0)
    refused: list[tuple[dict[str, Any], str]] = [
        ({**method}, "nothing_to_change"),
        ({**method, "duress": True}, "unlock_method_unchanged"),
        ({**method, "user": "clara", "name": "x"}, "unlock_method_of_other"),
        ({"type": "card", "number": 3, "name": "x"}, "unlock_method_unassigned"),
        ({"type": "card", "number": 9, "name": "x"}, "unlock_method_missing"),
    ]
    for given, key in refused:
        await act.fails(key, "update_unlock_method", **given)
    cloud.faults.drop_write(on="update_method")
    await act.fails("order_dropped", "update_unlock_method", **method, name="New")
    code.voice_phone = "49-30-2"
    await act("update_unlock_method", **method, notify_app=True)
    sent = act.cloud.calls.to("update_method")[-1].body["notify_info"]
    assert sent == {"app_send": 1, "voice_phone": "49-30-2"}
    cloud.dialects.of("front").unsupported = {"opmodes": 2009}
    door.methods.remove(code)
    await act.fails(
        "unlock_method_missing", "update_unlock_method", **method, name="New"
    )


async def test_delete(act: Act, door: Lock, cloud: SimulatedCloud) -> None:
    """A method leaves the lock; the owner keeps one that manages it."""
    card: dict[str, Any] = {"type": "card", "number": 1}
    cloud.faults.drop_write(on="delete_method")
    await act.fails("order_dropped", "delete_unlock_method", **card)
    door.delivery = DeliveryRules(delay=0, outcome="FAILED")
    await act.fails("delivery_failed", "delete_unlock_method", **card)
    door.delivery = None
    assert await act("delete_unlock_method", "front:mia", **card) == card
    assert not any(m.unlock_name == "Blue card" for m in door.methods)
    thumb: dict[str, Any] = {"type": "fingerprint", "number": 0}
    await act.fails("last_administrator_method", "delete_unlock_method", **thumb)
    door.add_method("card", door.users["olivia"], name="Second", admin=True)
    await act("get_users", fresh=True)
    assert await act("delete_unlock_method", **thumb) == thumb


async def test_sync(act: Act, door: Lock) -> None:
    """Methods added at the lock itself are known after a sync."""
    stray = door.add_method("card", unlock_sn=9)
    door.methods.remove(stray)
    door.unreported = [stray]
    known = len(door.methods)
    response = await act("sync_unlock_methods", types=["card"])
    assert response == {"unlock_methods": known + 1}
