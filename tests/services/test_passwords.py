"""Temporary, dynamic and offline passwords."""

from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.exceptions import ServiceValidationError
from simulator import DeliveryRules, Lock, SimulatedCloud
from tests.common import cases, load_fixture

from .calling import Act

STAY: Final[dict[str, Any]] = {"start": "2026-12-11 15:00", "end": "2026-12-13 11:00"}
WORKDAYS: Final = ["monday", "tuesday", "wednesday", "thursday", "friday"]
MORNINGS: Final[dict[str, Any]] = {
    "days": ["monday"],
    "start_time": "07:30",
    "end_time": "12:00",
}
GUEST: Final[dict[str, Any]] = {"name": "Guest", "password": "7394158"}
REFUSED: Final = load_fixture("password_refusals")


async def add(act: Act, **data: Any) -> str:
    response = await act("add_password", **GUEST | data)
    assert response["status"] in ("active", "pending")
    return str(response["password_id"])


async def only(act: Act, **data: Any) -> dict[str, Any]:
    (password,) = (await act("get_passwords", **data))["passwords"]
    return dict(password)


def show(act: Act, after: int = 0, **edit: Any) -> None:
    """Let the cloud list passwords with other values."""
    act.cloud.faults.edit(
        lambda rows: [{**row, **edit} for row in rows],
        on="passwords",
        times=None,
        after=after,
    )


async def test_lifecycle(all_entities: None, act: Act) -> None:
    """A generated password opens the door in its time, and is deleted."""
    assert act.state("front_temporary_passwords") == "0"
    response = await act("add_password", name="Guest", **STAY, one_time=True)
    pin = response["password"]
    assert (len(pin), pin.isdecimal(), response["status"]) == (7, True, "active")
    (stored,) = act.door.passwords.listed
    assert stored.pin == pin
    assert await only(act) == {
        "password_id": response["password_id"],
        "name": "Guest",
        "number": response["number"],
        "status": "active",
        "start": "2026-12-11T15:00:00+01:00",
        "end": "2026-12-13T11:00:00+01:00",
        "windows": [],
        "one_time": True,
        "delivery_status": "success",
    }
    assert act.state("front_temporary_passwords") == "1"
    gone = await act("delete_password", password_id=response["password_id"])
    assert gone == {"password_id": response["password_id"], "status": "deleted"}
    assert act.state("front_temporary_passwords") == "0"
    assert (await act("get_passwords", valid=True))["passwords"] == []
    await act("delete_password", password_id=response["password_id"])  # its record
    assert (await act("get_passwords"))["passwords"] == []


async def test_default_limits(act: Act) -> None:
    """Without limits a password works from now on, for a year."""
    await add(act)
    password = await only(act, valid=True)
    assert password["start"] == "2026-12-09T11:00:00+01:00"
    assert password["end"] == "2027-12-09T11:00:00+01:00"


@pytest.mark.parametrize("reading", ["quirky", "plain"])
async def test_window(act: Act, reading: str) -> None:
    """A window is returned as entered, in any dialect of the lock."""
    act.cloud.dialects.set(password_windows=reading)
    await add(act, windows=[MORNINGS])
    (stored,) = act.door.passwords.listed
    assert stored.window is not None
    assert (stored.window.working_day, stored.window.start_minute) == (2, 450)
    window = {**MORNINGS, "time_zone": "Europe/Berlin"}
    assert (await only(act))["windows"] == [window]
    whole = {"days": WORKDAYS, "start_time": "00:00", "end_time": "24:00"}
    await add(act, name="Whole days", password="8361947", windows=[whole])
    always = {**whole, "days": ["saturday", "sunday", *WORKDAYS]}
    await add(act, name="Always", password="5208164", windows=[always])
    listed = (await act("get_passwords"))["passwords"]
    assert listed[1]["windows"] == [{**whole, "time_zone": "Europe/Berlin"}]
    assert listed[2]["windows"] == []


async def test_other_time_zone(act: Act) -> None:
    """Hours are in the given zone, and are returned in it, in any season."""
    window = {**MORNINGS, "time_zone": "America/New_York"}
    await add(act, windows=[window], start="2027-03-10 12:00", end="2027-04-10 12:00")
    (stored,) = act.door.passwords.listed
    assert stored.time_zone == "America/New_York"
    password = await only(act)
    assert password["windows"] == [window]
    # Clocks change in between, in Berlin.
    assert (password["start"], password["end"]) == (
        "2027-03-10T12:00:00+01:00",
        "2027-04-10T12:00:00+02:00",
    )


async def test_hours_lost(act: Act, door: Lock, cloud: SimulatedCloud) -> None:
    """A password that would open the door at any hour is deleted again."""
    show(act, schedule_list=[])
    await act.fails("password_hours_lost", "add_password", **GUEST, windows=[MORNINGS])
    assert [one.state for one in door.passwords.listed] == ["deleted"]
    cloud.faults.clear()
    show(act, type=0)
    await act.fails("order_dropped", "add_password", **GUEST, one_time=True)
    assert [one.state for one in door.passwords.listed] == ["deleted"] * 2
    show(act, schedule_list=[])
    cloud.faults.refuse(2312, on="delete_password")
    other: dict[str, Any] = {**GUEST, "name": "Other", "windows": [MORNINGS]}
    await act.fails("password_hours_wrong", "add_password", **other)


@pytest.mark.parametrize(("data", "key"), REFUSED["added"])
async def test_guards(act: Act, data: dict[str, Any], key: str) -> None:
    """Each impossible request has its own reason."""
    await add(act, name="Taken", password="5208164")
    await act.fails(key, "add_password", **GUEST | data)
    assert len(act.door.passwords.listed) == 1


@pytest.mark.parametrize(("code", "key"), REFUSED["by_code"])
async def test_refusal_codes(act: Act, code: int, key: str) -> None:
    """Refusals with a remedy name it; afterwards the action succeeds."""
    act.cloud.faults.refuse(code, on="add_password")
    await act.fails(key, "add_password", **GUEST)
    await add(act)


@pytest.mark.parametrize(("number", "key"), REFUSED["by_delivery"])
async def test_failed_delivery(act: Act, number: int, key: str) -> None:
    """The reason of a lock that did not apply a password is reported."""
    act.door.delivery = DeliveryRules(delay=0, outcome="FAILED")
    show(act, delivery_status=number)
    await act.fails(key, "add_password", **GUEST)


async def test_failed_deleted(act: Act) -> None:
    """A password that never worked is deleted where its record cannot be removed."""
    act.cloud.dialects.of("front").set(unsupported={"purge_password": 1108})
    await add(act)
    act.cloud.faults.edit(
        lambda rows: [row | {"phase": 7} for row in rows], on="passwords"
    )
    assert (await act("delete_password", password_id="Guest"))["status"] == "deleted"
    await act.fails("not_supported", "delete_password", password_id="Guest")


async def test_pending(
    all_entities: None, act: Act, freezer: FrozenDateTimeFactory
) -> None:
    """A pending change is watched if a sensor shows it."""
    act.door.delivery = DeliveryRules(delay=20)
    response = await act("add_password", **GUEST, wait=0)
    assert response["status"] == "pending"
    assert act.state("front_temporary_passwords") == "0"
    act.door.delivery = None
    await act.hass.async_block_till_done(wait_background_tasks=True)
    freezer.tick(20)
    assert (await only(act))["status"] == "active"
    assert act.state("front_temporary_passwords") == "1"


async def test_update(act: Act, door: Lock, cloud: SimulatedCloud) -> None:
    """Other values stay unchanged; a required new PIN is reported."""
    password_id = await add(act, windows=[MORNINGS], **STAY)
    (stored,) = door.passwords.listed
    before = await only(act)
    change: dict[str, Any] = {"password_id": password_id, "name": "Guests"}
    await act.fails("password_needed", "update_password", **change)
    cloud.faults.refuse(2302, on="modify_password")
    await act.fails("password_needed", "update_password", **change)
    assert stored.name == "Guest"
    cloud.dialects.modify_needs_pin = False
    response = await act("update_password", **change, end="2026-12-14 11:00")
    changes = {"name": "Guests", "end": "2026-12-14T11:00:00+01:00"}
    assert response["password"] == before | changes
    assert stored.pin == "7394158"
    await act("update_password", password_id=password_id, password="5208164")
    assert stored.pin == "5208164"
    for given, key in REFUSED["changed"]:
        await act.fails(key, "update_password", **{"password_id": password_id} | given)
    await act("delete_password", password_id=password_id)
    await act.fails("password_ended", "update_password", **change)


async def test_by_name(act: Act, door: Lock) -> None:
    """A name suffices unless it is ambiguous; ended passwords come last."""
    ended = await add(act)
    assert (await act("delete_password", password_id="Guest"))["password_id"] == ended
    password_id = await add(act)
    response = await act("update_password", password_id="Guest", password="8361947")
    assert response["password"]["password_id"] == password_id
    await add(act, name="Other", password="5208164")
    door.passwords.listed[-1].name = "Guest"
    error = await act.refused("delete_password", password_id="Guest")
    assert error.translation_key == "password_ambiguous"
    other = str(door.passwords.listed[-1].password_id)
    assert error.translation_placeholders == {
        "name": "Guest",
        "candidates": f"{password_id}, {other}",
    }
    assert (await act("delete_password", password_id=other))["password_id"] == other


async def test_incomplete_list(
    all_entities: None, act: Act, cloud: SimulatedCloud
) -> None:
    """An incomplete list gives no count, and does not verify a deletion."""
    password_id = await add(act)
    await add(act, name="Other", password="8361947")
    assert act.state("front_temporary_passwords") == "2"
    cloud.faults.edit(
        lambda rows: {"list": rows[1:], "total": 2, "has_more": True},
        on="passwords",
        times=None,
        after=1,
    )
    await act.fails("order_unconfirmed", "delete_password", password_id=password_id)
    assert act.state("front_temporary_passwords") == "unknown"
    cloud.faults.clear()
    await act("get_passwords")
    assert act.state("front_temporary_passwords") == "1"


async def test_freeze(act: Act, door: Lock, cloud: SimulatedCloud) -> None:
    """A frozen password, or one that may be, does not open the door, and is restored."""
    door.family = "zigbee"
    password_id = await add(act, password="739418")
    show(act, phase=3)
    restore: dict[str, Any] = {"password_id": password_id, "frozen": False}
    await act.fails("refused_by_lock", "update_password", **restore)
    cloud.faults.clear()
    for frozen, status in ((True, "frozen"), (False, "active")):
        change: dict[str, Any] = {"password_id": password_id, "frozen": frozen}
        response = await act("update_password", **change)
        assert response["password"]["status"] == status
        opens = door.passwords.opens("739418", cloud.now + 1) is not None
        assert opens is not frozen
        await act.fails("password_unchanged", "update_password", **change)
    freeze: dict[str, Any] = {"password_id": password_id, "frozen": True}
    cloud.faults.drop_write(on="freeze_password")
    await act.fails("order_dropped", "update_password", **freeze)
    door.delivery = DeliveryRules(delay=0, outcome="FAILED")
    await act.fails("delivery_failed", "update_password", **freeze)
    door.delivery = None
    cloud.faults.refuse(2004, on="freeze_password")
    freeze["password"] = "520816"
    await act.fails("password_changed_only", "update_password", **freeze)
    assert door.passwords.listed[0].pin == "520816"


async def test_dynamic(act: Act, door: Lock, cloud: SimulatedCloud) -> None:
    """A dynamic password works for five minutes; a lock without them is remembered."""
    response = await act("get_dynamic_password")
    assert response["password"] == door.passwords.dynamic(cloud.now)
    assert response["valid_until"] == "2026-12-09T11:05:00+01:00"
    door.family = "mk"
    for _ in range(2):
        await act.fails("not_supported", "get_dynamic_password")
    assert cloud.calls.counts()["dynamic_password"] == 2


async def test_offline(act: Act, door: Lock) -> None:
    """Offline passwords start and end on the hour; one clears another."""
    given: dict[str, Any] = {"name": "Guest", "kind": "multiple"}
    given |= {"start": "2026-12-11 15:20", "end": "2026-12-11 17:40"}
    made = await act("add_offline_password", **given)
    (stored,) = door.passwords.offline
    assert made == {
        "password_id": stored.password_id,
        "password": stored.code,
        "start": "2026-12-11T15:00:00+01:00",
        "end": "2026-12-11T17:00:00+01:00",
    }
    once = await act("add_offline_password", name="Once", kind="once")
    assert once["end"] == "2026-12-09T17:00:00+01:00"
    clear: dict[str, Any] = {"name": "Clear", "kind": "clear_one"}
    await act.fails("password_id_required", "add_offline_password", **clear)
    await act("add_offline_password", **clear, password_id=made["password_id"])
    for start, end, reason in (
        ("2026-12-11 15:20", "2026-12-11 15:50", "offline_too_short"),
        ("2026-11-11 15:20", "2026-11-12 15:50", "end_in_past"),
    ):
        given |= {"start": start, "end": end}
        await act.fails(reason, "add_offline_password", **given)


@pytest.mark.parametrize(
    ("action", "data"),
    [("add_password", {}), ("add_offline_password", {"kind": "once"})],
)
async def test_response_required(act: Act, action: str, data: dict[str, Any]) -> None:
    """No password is generated without a response to return it."""
    with pytest.raises(ServiceValidationError) as caught:
        await act.hass.services.async_call(
            DOMAIN,
            action,
            {"device_id": act.device_id("front"), "name": "Guest", **data},
            blocking=True,
        )
    assert caught.value.translation_key == "response_required"
    assert not act.door.passwords.listed
    assert not act.door.passwords.offline


@cases(
    ("edit", "after", "reason"),
    {
        "hours": ({"schedule_list": [{"holidays": 1}]}, 0, "password_hours_unknown"),
        "failed": ({"delivery_status": 3}, 1, "delivery_failed"),
        "once": ({"type": 1}, 1, "order_dropped"),
        "nothing": ({"effective_time": None, "delivery_status": 9}, 1, None),
    },
)
async def test_unexpected_read_back(
    act: Act, edit: dict[str, Any], after: int, reason: str | None
) -> None:
    """A failed or unknown result is not a success."""
    act.cloud.dialects.modify_needs_pin = False
    change: dict[str, Any] = {"password_id": await add(act), "name": "New", "wait": 0}
    show(act, after, **edit)
    if reason is None:
        response = await act("update_password", **change)
        assert response["password"]["start"] is None
    else:
        await act.fails(reason, "update_password", **change)


async def test_failed_deletion(act: Act, door: Lock) -> None:
    """A password that was not deleted still opens the door."""
    password_id = await add(act)
    door.delivery = DeliveryRules(delay=0, outcome="FAILED")
    await act.fails("delivery_failed", "delete_password", password_id=password_id)
    assert (await only(act))["status"] == "active"


async def test_malformed(act: Act, cloud: SimulatedCloud) -> None:
    """A refusal unrelated to the length does not mention the length."""
    password_id = await add(act)
    cloud.faults.refuse(1109, on=("add_password", "modify_password"), times=None)
    new: dict[str, Any] = {"name": "New", "password": "8361947"}
    await act.fails("not_understood", "add_password", **new)
    await act.fails("not_understood", "update_password", password_id=password_id, **new)


async def test_reply_lost(act: Act, cloud: SimulatedCloud) -> None:
    """No list contains the digits, so the result is unknown."""
    change = {"password_id": await add(act), "password": "8361947"}
    cloud.faults.lose_reply("cut", on="modify_password")
    await act.fails("order_unconfirmed", "update_password", **change)
    assert cloud.calls.counts()["modify_password"] == 1
