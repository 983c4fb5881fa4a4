"""Suspending and resuming users."""

import asyncio
import json
from typing import Any

import pytest

from custom_components.tuya_lock_users.const import CONF_EXCLUDED_LOCKS, DOMAIN
from homeassistant.core import HomeAssistant
from simulator import Lock, Schedule, SimulatedCloud, User, Window
from tests.common import cases, until
from tests.conftest import NOW, Tick, limited_days

from .calling import Act

CYCLE_SECONDS = 5 * 60
LIST_SECONDS = 30 * 60
DAY = 86_400


def at(days: float) -> int:
    return int(NOW.timestamp() + days * DAY)


def content(user: User) -> tuple[object, ...]:
    """Return the content of a schedule, without its delivery."""
    shown = user.schedule
    return shown.permanent, shown.effective_time, shown.expired_time, shown.windows


HOURS = (
    Window(2, 60, 120, "Europe/Berlin"),
    Window(65, 0, 1440, "Europe/Berlin"),
    Window(4, 600, 1439),
)
SCHEDULES = {
    "always": (Schedule(), "allowed"),
    "days": (limited_days(-1, 1), "allowed"),
    "later": (limited_days(1, 2), "not_started"),
    "windows": (limited_days(-1, 30, *HOURS), "outside_hours"),
    "past-by-then": (limited_days(-1, 0.002), "expired"),
}
"""Schedules before a suspension, and the access after resuming."""


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
@cases(("schedule", "access"), SCHEDULES)
async def test_schedule_restored(
    act: Act, tick: Tick, schedule: Schedule, access: str, restarted: bool
) -> None:
    """Resuming restores the schedule from before, also after a restart."""
    mia = act.door.users["mia"]
    mia.schedule = schedule
    before = content(mia)
    response = await act("suspend_user", user="mia")
    assert list(response) == ["schedule"]
    assert response["schedule"]["end"] == "2026-12-08T11:00:00+01:00"
    assert response["schedule"]["windows"] == []
    assert act.state("front:mia_access") == "suspended"
    if restarted:
        await act.restart()
        assert act.state("front:mia_access") == "suspended"
    for _ in range(3):
        await tick(CYCLE_SECONDS)
    assert act.state("front:mia_access") == "suspended"
    assert (await act("get_user", user="mia"))["user"]["access"] == "suspended"
    await act("resume_user", user="mia")
    assert content(mia) == before
    assert act.state("front:mia_access") == access
    if access != "expired":  # resuming once more then gives access
        await act.fails("not_suspended", "resume_user", user="mia")


WORKDAY_MORNINGS = limited_days(-1, 30, Window(62, 480, 720, "Europe/Berlin"))


@pytest.mark.parametrize("other", [False, True], ids=["by-resuming", "by-another"])
@pytest.mark.parametrize("quirk", ["reversed_days", "hhmm_times"])
async def test_schedule_restored_dialect_learned(
    act: Act, quirk: str, other: bool
) -> None:
    """The schedule is restored unchanged although its dialect was learned later."""
    act.cloud.dialects.of("front").set(**{quirk: True})
    mia = act.door.users["mia"]
    mia.schedule = WORKDAY_MORNINGS
    before = content(mia)
    await act("suspend_user", user="mia")
    if other:
        hours = {"start_time": "08:00", "end_time": "12:00"}
        await act(
            "set_user_schedule", user="clara", windows=[{"days": ["monday"], **hours}]
        )
    response = await act("resume_user", user="mia")
    assert content(mia) == before
    [window] = response["schedule"]["windows"]
    assert window["days"][0] == "monday"
    assert (window["start_time"], window["end_time"]) == ("08:00", "12:00")


@pytest.mark.parametrize("end", [0, at(3)], ids=["no-end", "end"])
async def test_schedule_without_start(act: Act, end: int) -> None:
    """A schedule can lack start or end; both are sent only after a refusal."""
    mia = act.door.users["mia"]
    mia.schedule = Schedule(
        permanent=False,
        effective_time=0,
        expired_time=end,
        windows=[Window(8, 600, 720, "Europe/Berlin")],
    )
    await act("suspend_user", user="mia")
    assert act.state("front:mia_access") == "suspended"
    await act("resume_user", user="mia")
    bounds = (0, end) if end else (946_684_800, 2_145_916_799)
    assert (mia.schedule.effective_time, mia.schedule.expired_time) == bounds
    assert mia.schedule.windows == [Window(8, 600, 720, "Europe/Berlin")]
    assert act.state("front:mia_access") == "allowed"


async def test_suspend_twice(act: Act) -> None:
    """The saved schedule stays unless the current schedule was changed in the app."""
    clara = act.door.users["clara"]
    first = await act("suspend_user", user="clara")
    assert await act("suspend_user", user="clara") == first
    assert len(act.cloud.calls.writes) == 1
    await act("resume_user", user="clara")
    assert clara.schedule.windows
    await act("suspend_user", user="clara")
    clara.schedule = Schedule()
    await act("suspend_user", user="clara")
    assert len(act.cloud.calls.writes) == 4
    assert clara.schedule.expired_time == at(-1)
    await act("resume_user", user="clara")
    assert clara.schedule.permanent


async def test_suspend_expired_user(act: Act) -> None:
    before = content(act.door.users["emil"])
    response = await act("suspend_user", user="emil")
    assert response["schedule"]["end"] == "2026-12-09T10:00:00+01:00"
    assert act.state("front:emil_access") == "suspended"
    await act("resume_user", user="emil")
    assert act.cloud.calls.writes == []
    assert content(act.door.users["emil"]) == before
    assert act.state("front:emil_access") == "expired"


# --- Changes in the app---------------------------------------------------------------


@pytest.mark.parametrize("noticed", [True, False], ids=["polled", "not-yet"])
@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
async def test_schedule_changed_in_app(
    act: Act, tick: Tick, noticed: bool, restarted: bool
) -> None:
    await act("suspend_user", user="clara")
    act.door.users["clara"].schedule = Schedule()
    if noticed:
        await tick(CYCLE_SECONDS)
    if restarted:
        await act.restart()
    act.cloud.calls.clear()
    await act.fails("not_suspended", "resume_user", user="clara")
    assert act.cloud.calls.writes == []
    # The saved schedule is discarded.
    await tick(CYCLE_SECONDS)
    act.door.expire(act.door.users["clara"])
    await act("resume_user", user="clara")
    assert act.door.users["clara"].schedule.permanent


@cases(
    "data",
    {
        "permanent": {"permanent": True},
        "past": {"start": "2026-12-01 00:00", "end": "2026-12-02 00:00"},
    },
)
async def test_new_schedule(act: Act, data: dict[str, Any]) -> None:
    await act("suspend_user", user="clara")
    await act("set_user_schedule", user="clara", **data)
    access = "allowed" if "permanent" in data else "expired"
    assert act.state("front:clara_access") == access
    if access == "allowed":
        await act.fails("not_suspended", "resume_user", user="clara")
    else:
        await act("resume_user", user="clara")
    assert act.door.users["clara"].schedule.permanent


@pytest.mark.parametrize("days", [89, 91])
async def test_user_missing(
    hass_storage: dict[str, Any], act: Act, tick: Tick, days: int
) -> None:
    before = content(act.door.users["clara"])
    await act("suspend_user", user="clara")
    clara = act.door.users.pop("clara")
    for _ in range(2):
        await tick(CYCLE_SECONDS)
    await act.restart()
    assert act.state("front:clara_access") is None
    await tick(days * DAY)
    await tick(CYCLE_SECONDS)
    await act.restart()
    assert ("clara" in suspended(hass_storage, act)) is (days < 90)
    act.door.users["clara"] = clara
    await act("get_users", fresh=True)
    if days < 90:
        assert act.state("front:clara_access") == "suspended"
        await act("resume_user", user="clara")
        assert content(clara) == before
    else:
        assert act.state("front:clara_access") == "expired"


# --- Lists that omit a user --------------------------------------------------------


@pytest.fixture
def gate(cloud: SimulatedCloud, door: Lock) -> Lock:
    """A second lock, the last of the list, with limited access for Gus."""
    gate = cloud.add_lock("gate", "Garden gate")
    gus = gate.add_user("Gus", user_id="gus")
    gus.schedule = limited_days(-1, 300)
    return gate


async def _exclude(hass: HomeAssistant, act: Act, *lock_ids: str) -> None:
    hass.config_entries.async_update_entry(
        act.entry, options={CONF_EXCLUDED_LOCKS: list(lock_ids)}
    )
    await act.restart()


@pytest.mark.parametrize("way", ["short-lists", "whole-list", "options"])
async def test_lock_returns(gate: Lock, act: Act, tick: Tick, way: str) -> None:
    gus = gate.users["gus"]
    before = content(gus)
    await act("suspend_user", "gate", user="gus")
    fault = None
    match way:
        case "short-lists":
            fault = act.cloud.faults.page("truncate", on="associated_devices")
        case "whole-list":
            gate.unpair()
        case _:
            await _exclude(act.hass, act, "gate")
    for _ in range(2):
        await tick(LIST_SECONDS)
    is_gone = act.state("gate:gus_access") is None
    assert is_gone is (way != "short-lists")
    if fault is not None:
        fault.remove()
    gate.pair()
    await _exclude(act.hass, act)
    await tick(LIST_SECONDS)
    assert act.state("gate:gus_access") == "suspended"
    await act("resume_user", "gate", user="gus")
    assert content(gus) == before
    assert act.state("gate:gus_access") == "allowed"


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
async def test_user_missing_in_short_lists(
    act: Act, tick: Tick, restarted: bool
) -> None:
    """A shortened list does not prove that a user was removed."""
    zoe = act.door.add_user("Zoe", user_id="zoe", schedule=WORKDAY_MORNINGS)
    before = content(zoe)
    await act("suspend_user", user="Zoe")
    fault = act.cloud.faults.page("truncate", on="smart_lock_users")
    if restarted:
        await act.restart()
    for _ in range(3):
        await tick(CYCLE_SECONDS)
    if not restarted:
        assert act.state("front:zoe_access") == "suspended"
    fault.remove()
    await tick(2 * CYCLE_SECONDS)  # a list of two pages is read less often
    assert act.state("front:zoe_access") == "suspended"
    await act("resume_user", user="Zoe")
    assert content(zoe) == before


async def test_names_only_temporarily(act: Act, tick: Tick) -> None:
    clara = act.door.users["clara"]
    before = content(clara)
    await act("suspend_user", user="clara")
    act.cloud.dialects.unsupported = {"smart_lock_users": 1108, "users_v11": 1108}
    for _ in range(3):
        await tick(CYCLE_SECONDS)
        assert act.state("front:clara_access") == "suspended"
    assert act.state("front:clara_role") == "unknown"
    act.cloud.dialects.unsupported = {}
    await tick(DAY)
    for _ in range(2):
        await tick(CYCLE_SECONDS)
    assert act.state("front:clara_role") == "member"
    assert act.state("front:clara_access") == "suspended"
    await act("resume_user", user="clara")
    assert content(clara) == before


# --- What is stored ------------------------------------------------------------------------------


def suspended(storage: dict[str, Any], act: Act) -> dict[str, Any]:
    stored = storage[f"{DOMAIN}.{act.entry.entry_id}"]["data"]
    stored_suspensions: dict[str, Any] = json.loads(json.dumps(stored))["locks"][
        "front"
    ]["suspended"]
    return stored_suspensions


async def test_stored_schedule(hass_storage: dict[str, Any], act: Act) -> None:
    """The schedule is in the file before it is sent, without names and contacts."""
    hang = act.cloud.faults.hang(on="set_schedule")
    call = act.hass.async_create_task(act("suspend_user", user="clara"))
    await until(lambda: hang.hits)
    stored_suspensions = suspended(hass_storage, act)
    assert set(stored_suspensions) == {"clara"}
    schedule = json.loads(stored_suspensions["clara"]["raw"])
    period = (schedule["effective_time"], schedule["expired_time"])
    assert period == (1_790_000_000, 1_830_000_000)
    [hours] = schedule["schedule_details"]
    assert (hours["working_day"], hours["start_minute"]) == (62, 540)
    hang.release()
    await call
    await act("suspend_user", user="mia")
    stored_suspensions = suspended(hass_storage, act)
    assert set(stored_suspensions) == {"clara", "mia"}
    assert json.loads(stored_suspensions["mia"]["raw"]) == {"permanent": True}
    text = json.dumps(hass_storage[f"{DOMAIN}.{act.entry.entry_id}"])
    for word in ("Mia", "Clara", "Front door", "example.com", "eu"):
        assert word not in text.replace("Europe", "")
    await act("resume_user", user="clara")
    assert set(suspended(hass_storage, act)) == {"mia"}


# --- Errors ------------------------------------------------------------------------


@pytest.mark.parametrize("code", [2001, 2328, 1106])
async def test_suspend_refused(act: Act, tick: Tick, code: int) -> None:
    act.cloud.faults.refuse(code, on="set_schedule")
    await act.refused("suspend_user", user="mia")
    assert act.state("front:mia_access") == "allowed"
    await act.fails("not_suspended", "resume_user", user="mia")
    await tick(CYCLE_SECONDS)
    act.door.expire(act.door.users["mia"])
    await tick(CYCLE_SECONDS)
    assert act.state("front:mia_access") == "expired"


async def test_suspend_unconfirmed(act: Act) -> None:
    before = content(act.door.users["clara"])
    act.cloud.faults.refuse(500, on="reads", after=1, times=9)
    await act.fails("order_unconfirmed", "suspend_user", user="clara")
    await act("resume_user", user="clara")
    assert content(act.door.users["clara"]) == before
    assert act.state("front:clara_access") == "allowed"


async def test_suspend_cancelled(act: Act) -> None:
    """A list requested before the effect does not count, even if it arrives later."""
    before = content(act.door.users["clara"])
    sending = act.cloud.faults.hang(on="set_schedule")
    suspension = act.hass.async_create_task(act("suspend_user", user="clara"))
    await until(lambda: sending.hits)
    act.door.add_method("card", act.door.users["mia"])  # so that details are read
    details = act.cloud.faults.hang(on="opmodes")
    reading = act.hass.async_create_task(act("get_users", fresh=True))
    await until(lambda: details.hits)
    sending.release()
    await until(lambda: content(act.door.users["clara"]) != before)
    suspension.cancel()
    with pytest.raises(asyncio.CancelledError):
        await suspension
    details.release()
    await reading
    await act("resume_user", user="clara")
    assert content(act.door.users["clara"]) == before


async def test_suspend_delivery_failed(act: Act) -> None:
    """A suspension that the lock did not apply can be sent again."""
    before = content(act.door.users["clara"])
    act.cloud.delivery.outcome = "FAILED"
    await act.fails("delivery_failed", "suspend_user", user="clara")
    await act.fails("delivery_failed", "suspend_user", user="clara")
    assert len(act.cloud.calls.writes) == 2
    act.cloud.delivery.outcome = "SUCCESS"
    await act("suspend_user", user="clara")
    assert len(act.cloud.calls.writes) == 3
    assert act.state("front:clara_access") == "suspended"
    await act("resume_user", user="clara")
    assert content(act.door.users["clara"]) == before


@pytest.mark.parametrize("reason", ["order_dropped", "delivery_failed"])
async def test_resume_failed(act: Act, tick: Tick, reason: str) -> None:
    """The saved schedule stays until the lock has applied it: resuming can be repeated."""
    before = content(act.door.users["clara"])
    await act("suspend_user", user="clara")
    if reason == "order_dropped":
        act.cloud.faults.drop_write(times=None)
    act.cloud.delivery.outcome = "FAILED"
    await act.fails(reason, "resume_user", user="clara")
    await act.restart()
    for _ in range(3):
        await tick(CYCLE_SECONDS)
    act.cloud.faults.clear()
    act.cloud.delivery.outcome = "SUCCESS"
    response = await act("resume_user", user="clara")
    assert response["schedule"]["delivery_status"] == "success"
    assert content(act.door.users["clara"]) == before
    await act.fails("not_suspended", "resume_user", user="clara")


async def test_resume_pending(act: Act, tick: Tick) -> None:
    """A pending resumption can still fail."""
    await act("suspend_user", user="clara")
    act.cloud.delivery.outcome = "NEVER"
    response = await act("resume_user", user="clara", wait=0)
    assert response["schedule"]["delivery_status"] == "ongoing"
    writes = len(act.cloud.calls.writes)
    under_way = act.door.users["clara"].schedule.delivery
    assert under_way
    under_way.outcome = "FAILED"
    await tick(CYCLE_SECONDS)
    act.cloud.delivery.outcome = "SUCCESS"
    await act("resume_user", user="clara")
    assert len(act.cloud.calls.writes) == writes + 1
    assert act.door.users["clara"].schedule.windows


async def test_reload_during_suspend(act: Act, tick: Tick) -> None:
    before = content(act.door.users["clara"])
    hang = act.cloud.faults.hang(on="set_schedule")
    suspension = act.hass.async_create_task(act("suspend_user", user="clara"))
    await until(lambda: hang.hits)
    await act.hass.config_entries.async_reload(act.entry.entry_id)
    assert act.state("front:clara_access") == "allowed"
    hang.release()
    await suspension
    await tick(CYCLE_SECONDS)
    assert act.state("front:clara_access") == "suspended"
    await act("resume_user", user="clara")
    assert content(act.door.users["clara"]) == before


async def test_reload_before_write(act: Act) -> None:
    """An entry that is unloading cannot save a schedule: access stays unchanged."""
    before = content(act.door.users["clara"])
    hang = act.cloud.faults.hang(on="smart_lock_users")
    suspension = act.hass.async_create_task(act.refused("suspend_user", user="clara"))
    await until(lambda: hang.hits)
    await act.hass.config_entries.async_reload(act.entry.entry_id)
    hang.release()
    error = await suspension
    assert error.translation_key == "lock_reloaded"
    assert error.translation_placeholders == {"lock": "Front door"}
    assert not act.cloud.calls.to("set_schedule")
    await act("get_users", fresh=True)
    assert content(act.door.users["clara"]) == before
    assert act.state("front:clara_access") == "allowed"
    await act.fails("not_suspended", "resume_user", user="clara")


@pytest.mark.parametrize("days", [89, 91])
async def test_long_suspension(act: Act, tick: Tick, days: int) -> None:
    """The saved schedule of an existing user is stored indefinitely."""
    mia = act.door.users["mia"]
    mia.schedule = limited_days(-1, 300)
    before = content(mia)
    await act("suspend_user", user="mia")
    await tick(days * DAY)
    await act.restart()
    await act("resume_user", user="mia")
    assert content(mia) == before


@pytest.mark.parametrize(
    ("on", "after", "reason", "shown"),
    [
        ("smart_lock_users", 0, "quota_exhausted", "allowed"),
        ("set_schedule", 0, "quota_exhausted", "allowed"),
        ("smart_lock_users", 1, "order_unconfirmed", "suspended"),
    ],
    ids=["before", "at-it", "after"],
)
async def test_quota_exhausted(
    act: Act, tick: Tick, on: str, after: int, reason: str, shown: str
) -> None:
    """After an outage the sent schedule is known, and can be resumed."""
    mia = act.door.users["mia"]
    mia.schedule = WORKDAY_MORNINGS
    before = content(mia)
    await tick(CYCLE_SECONDS)
    quota = act.cloud.faults.refuse(28841004, on=on, after=after, times=None)
    await act.fails(reason, "suspend_user", user="mia")
    assert act.state("front:mia_access") == "allowed"
    await tick(CYCLE_SECONDS)

    quota.remove()
    await tick(LIST_SECONDS * 3)
    assert act.state("front:mia_access") == (
        "outside_hours" if shown == "allowed" else shown
    )
    if shown == "suspended":
        await act("resume_user", user="mia")
    assert content(mia) == before
    await act.fails("not_suspended", "resume_user", user="mia")
