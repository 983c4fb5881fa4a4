"""Tests of passwords: families, dialects, and hidden PINs."""

from dataclasses import replace
import logging
from typing import Any, Final

import pytest

from custom_components.tuya_lock_users.api.cloud import TuyaCloud
from custom_components.tuya_lock_users.api.dialects import PasswordDialects, PhaseSet
from custom_components.tuya_lock_users.api.errors import (
    BadRequestError,
    LockRefusedError,
    TransportError,
    UnexpectedReplyError,
    UnsupportedError,
)
from custom_components.tuya_lock_users.api.generated_passwords import GeneratedPasswords
from custom_components.tuya_lock_users.api.password_phases import (
    PasswordStatus,
    status_of,
)
from custom_components.tuya_lock_users.api.password_records import (
    OfflineKind,
    PasswordFailure,
    PasswordOrder,
    TemporaryPassword,
    decode_password,
)
from custom_components.tuya_lock_users.api.passwords import Passwords
from custom_components.tuya_lock_users.api.pin import Pin
from custom_components.tuya_lock_users.api.schedule.model import (
    Delivery,
    Schedule,
    Weekday,
    Window,
    same_effect,
    window,
)
from custom_components.tuya_lock_users.api.schedule.windows import PLAIN
from simulator import Lock, SimulatedCloud
from simulator.families import Family
from simulator.plain import ManualClock
from tests.common import cases, load_fixture

from .conftest import Site

BERLIN: Final = "Europe/Berlin"
RECORDS: Final = load_fixture("password_records")
PENDING, ACTIVE = PasswordStatus.PENDING, PasswordStatus.ACTIVE
FROZEN, DELETING = PasswordStatus.FROZEN, PasswordStatus.DELETING
DELETED, FAILED = PasswordStatus.DELETED, PasswordStatus.FAILED
UNKNOWN = PasswordStatus.UNKNOWN


@pytest.fixture
def passwords(client: TuyaCloud) -> Passwords:
    """The passwords of a lock without known dialects."""
    return Passwords(client, "front")


def order(
    clock: ManualClock, *days: Weekday, name: str = "cleaner", **changes: Any
) -> PasswordOrder:
    """Return a password for a week, on some days from 7:30."""
    now = int(clock())
    windows = (window(days, 450, 1050, BERLIN),) if days else ()
    schedule = Schedule(permanent=False, start=now, end=now + 604_800, windows=windows)
    return PasswordOrder(name=name, schedule=schedule, time_zone=BERLIN, **changes)


def digits(length: int) -> Pin:
    return Pin("8" * (length - 1) + "3")


async def only(passwords: Passwords) -> TemporaryPassword:
    (password,) = (await passwords.read()).items
    return password


def only_pin(door: Lock) -> str:
    (password,) = door.passwords.listed
    return password.pin


@pytest.mark.parametrize("uniform", [False, True], ids=["own", "uniform"])
@pytest.mark.parametrize("delivery", ["given", "absent"])
@pytest.mark.parametrize(
    ("family", "category", "is_sub", "pin_digits", "tries"),
    [
        pytest.param("wifi", "ms", None, 7, 1, id="wifi"),
        pytest.param("zigbee", "ms", True, 6, 1, id="zigbee"),
        pytest.param("ble", "jtmspro", None, 6, 2, id="ble"),
        pytest.param("mk", "mk", None, 6, 1, id="keypad"),
    ],
)
async def test_lifecycle(
    site: Site,
    family: Family,
    category: str,
    is_sub: bool | None,
    pin_digits: int,
    tries: int,
    delivery: str,
    uniform: bool,
) -> None:
    """On every family a password is pending, then works, and is deleted."""
    site.door.family = family
    site.cloud.dialects.set(
        password_delivery=delivery, password_phases="uniform" if uniform else "family"
    )
    passwords = Passwords(site.client, "front", category=category, is_sub=is_sub)
    new = await passwords.add(order(site.clock), digits)
    assert site.cloud.calls.counts()["add_password"] == tries
    assert passwords.dialects.pin_digits == len(new.pin.digits) == pin_digits
    assert only_pin(site.door) == new.pin.digits
    password = await only(passwords)
    assert (password.status, password.is_pending) == (PENDING, True)
    assert password.password_id == new.password_id
    assert not password.opens_at(site.clock())
    site.clock.tick(3)
    password = await only(passwords)
    assert (password.status, password.is_pending) == (ACTIVE, False)
    assert password.opens_at(site.clock())
    assert not password.opens_at(site.clock() + 604_800)
    await passwords.delete(password.password_id)
    if family != "zigbee" or uniform or delivery == "given":
        assert (await only(passwords)).status is DELETING
    site.clock.tick(3)
    assert (await only(passwords)).status is DELETED
    await passwords.purge(password.password_id)
    assert (await passwords.read()).items == ()


@pytest.mark.parametrize(
    ("phase", "delivery", "phases", "ordered", "expected"), RECORDS["phases"]
)
def test_ambiguous_phases(
    phase: int | None, delivery: Any, phases: Any, ordered: Any, expected: str
) -> None:
    """A number with several meanings is decided by evidence, or unknown."""
    found = status_of(
        phase,
        delivery and Delivery(delivery),
        phases and PhaseSet(phases),
        ordered and PasswordStatus(ordered),
    )
    assert found is PasswordStatus(expected)


def decoded(**changes: Any) -> TemporaryPassword:
    """Return the password of a record whose numbers are text."""
    record = {**RECORDS["record"], **changes}
    password = decode_password(record, phases=None, dialect=PLAIN)
    assert password is not None
    return password


def test_lock_full() -> None:
    """A lock without room, or with this PIN already, has its own reason."""
    password = decoded(phase=1, delivery_status="5")
    assert (password.status, password.failure) == (FAILED, PasswordFailure.FULL)
    assert decode_password({"name": "x"}, phases=None, dialect=PLAIN) is None


@cases(("changes", "expected"), RECORDS["odd_records"])
def test_odd_records(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    """Missing values, and values of other types, are accepted."""
    password = decoded(**changes)
    assert {key: getattr(password, key) for key in expected} == expected
    schedule = password.schedule
    assert (schedule.start, schedule.end) == (1_700_000_000, 1_700_600_000)


@cases(("rows", "windows"), RECORDS["odd_rows"])
def test_odd_rows(rows: object, windows: list[list[int]] | None) -> None:
    """Hours come in several forms; unknown ones never count as none."""
    found = decoded(schedule_list=rows).schedule.windows
    if windows is None:
        assert found is None
    else:
        assert found == tuple(
            Window(mask=mask, start_minute=start, end_minute=end, time_zone=BERLIN)
            for mask, start, end in windows
        )


async def test_pages(passwords: Passwords, site: Site) -> None:
    """A list that promises more is followed; null is a list of none."""
    await passwords.add(order(site.clock, name="first"), lambda _: Pin("7394158"))
    await passwords.add(order(site.clock, name="second"), lambda _: Pin("8361947"))
    total = 2

    def page(rows: list[Any]) -> dict[str, Any]:
        number = int(site.cloud.calls[-1].query.get("page_no", "1"))
        return {"list": rows[number - 1 : number], "total": total}

    site.cloud.faults.edit(page, on="passwords", times=None)
    listing = await passwords.read()
    assert [one.name for one in listing.items] == ["first", "second"]
    assert listing.is_complete
    total = 3
    assert not (await passwords.read()).is_complete
    site.cloud.faults.clear()
    site.cloud.faults.result(None, on="passwords")
    assert (await passwords.read()).items == ()
    site.cloud.faults.result([{"name": "no ID"}], on="passwords", times=None)
    with pytest.raises(UnexpectedReplyError):
        await passwords.read()


@pytest.mark.parametrize("category", ["ms", "mk"])
@pytest.mark.parametrize("reading", ["quirky", "plain"])
async def test_windows(site: Site, category: str, reading: str) -> None:
    """The window dialect of a lock is learned from what was written."""
    site.cloud.dialects.set(password_windows=reading)
    site.cloud.dialects.of("front").set(unsupported={"password_ticket": 1108})
    site.cloud.lock("front").family = "mk" if category == "mk" else "wifi"
    passwords = Passwords(site.client, "front", category=category)
    written = order(site.clock, Weekday.MONDAY)
    await passwords.add(written, digits)
    assert same_effect((await only(passwords)).schedule, written.schedule)
    later = Passwords(
        site.client, "front", category=category, dialects=passwords.dialects
    )
    assert same_effect((await only(later)).schedule, written.schedule)
    (row,) = site.cloud.calls.to("add_password")[-1].body["schedule_list"]
    assert row == {
        "effective_time": 450,
        "invalid_time": 1050,
        "working_day": 2,
        "all_day": False,
    }


async def test_change_pending(passwords: Passwords, site: Site) -> None:
    """A list that still shows the old window is no evidence of reversed days."""
    site.cloud.dialects.password_windows = "plain"
    monday = order(site.clock, Weekday.MONDAY)
    new = await passwords.add(order(site.clock, Weekday.SATURDAY), digits)
    assert new.password_id is not None
    site.clock.tick(3)
    await only(passwords)
    passwords.dialects = replace(
        passwords.dialects, reversed_days=None, hhmm_times=None
    )
    await passwords.modify(new.password_id, monday, digits(7))
    await only(passwords)  # the lock has not applied it
    assert not passwords.dialects.reversed_days
    site.clock.tick(3)
    assert same_effect((await only(passwords)).schedule, monday.schedule)


async def test_freeze(passwords: Passwords, site: Site) -> None:
    """A lock that cannot freeze passwords is asked once, then again on request."""
    new = await passwords.add(order(site.clock), digits)
    assert new.password_id is not None
    site.clock.tick(3)
    for _ in range(2):
        with pytest.raises(UnsupportedError):
            await passwords.freeze(new.password_id, frozen=True)
    assert passwords.dialects.can_freeze is False
    site.door.family = "zigbee"
    with pytest.raises(UnsupportedError):
        await passwords.freeze(new.password_id, frozen=True)
    passwords.forget_refusals()
    passwords.dialects = replace(passwords.dialects, phases=None)
    for frozen, status in ((True, FROZEN), (False, ACTIVE)):
        await passwords.freeze(new.password_id, frozen=frozen)
        site.clock.tick(3)
        assert (await only(passwords)).status is status
    passwords.dialects = replace(passwords.dialects, phases=None)
    site.cloud.faults.lose_reply("cut", on="freeze_password")
    with pytest.raises(TransportError):
        await passwords.freeze(new.password_id, frozen=True)
    site.clock.tick(3)
    assert (await only(passwords)).status is FROZEN
    assert passwords.dialects.phases is PhaseSet.ZIGBEE


async def test_dynamic(passwords: Passwords, door: Lock, cloud: SimulatedCloud) -> None:
    """A dynamic password comes as a PIN; its refusal is remembered."""
    assert (await GeneratedPasswords(passwords).dynamic()).digits.isdecimal()
    door.family = "mk"
    for _ in range(2):
        with pytest.raises(UnsupportedError):
            await GeneratedPasswords(passwords).dynamic()
    assert cloud.calls.counts()["dynamic_password"] == 2
    passwords.forget_refusals()
    door.family = "wifi"
    cloud.faults.result({}, on="dynamic_password")
    with pytest.raises(UnexpectedReplyError):
        await GeneratedPasswords(passwords).dynamic()


async def test_offline(passwords: Passwords, site: Site) -> None:
    """Offline passwords carry the times that the cloud rounded, and may lack an ID."""
    now = int(site.clock()) + 100
    made = await GeneratedPasswords(passwords).add_offline(
        "guest", OfflineKind.MULTIPLE, start=now, end=now + 7_200
    )
    assert (made.start, made.end) == (now - 100, now - 100 + 7_200)
    site.cloud.faults.edit(
        lambda made: {
            key: value * 1000 if key.endswith("time") else value
            for key, value in made.items()
            if not key.endswith("id")
        },
        on="add_offline_password",
    )
    cleared = await GeneratedPasswords(passwords).add_offline(
        "gone", OfflineKind.CLEAR_ONE, password_id=made.password_id
    )
    assert (cleared.password_id, cleared.start) == (None, made.start)
    assert cleared.pin != made.pin
    site.cloud.dialects.of("front").set(unsupported={"add_offline_password": 2009})
    for _ in range(2):
        with pytest.raises(UnsupportedError):
            await GeneratedPasswords(passwords).add_offline("once", OfflineKind.ONCE)
    assert site.cloud.calls.counts()["add_offline_password"] == 3


async def test_standby_list(passwords: Passwords, cloud: SimulatedCloud) -> None:
    """A keep-alive lock has a list of its own, which is remembered."""
    cloud.dialects.of("front").set(unsupported={"passwords": 1108})
    for _ in range(2):
        assert (await passwords.read()).items == ()
    assert cloud.calls.counts()["stand_by_passwords"] == 2
    assert cloud.calls.counts()["passwords"] == 1
    assert passwords.dialects == PasswordDialects(lists_on_standby=True)
    cloud.dialects.of("front").set(
        unsupported={"passwords": 1108, "stand_by_passwords": 1108}
    )
    passwords.dialects = PasswordDialects()
    with pytest.raises(UnsupportedError):
        await passwords.read()


async def test_lost_reply(passwords: Passwords, site: Site) -> None:
    """The result of a lost reply is unknown; no write is repeated."""
    site.cloud.faults.result({"ticket_id": "x"}, on="password_ticket")
    with pytest.raises(UnexpectedReplyError):
        await passwords.add(order(site.clock), digits)
    site.cloud.faults.cut("before", on="password_ticket")
    with pytest.raises(TransportError) as caught:
        await passwords.add(order(site.clock), digits)
    assert caught.value.was_sent is False
    site.cloud.faults.lose_reply(on="add_password")
    new = await passwords.add(order(site.clock), digits)
    assert new.password_id is None
    assert new.unanswered is not None
    assert site.cloud.calls.counts()["add_password"] == 1
    assert (await only(passwords)).name == "cleaner"


async def test_refusals(passwords: Passwords, site: Site) -> None:
    """A refusal that is not about the form sends nothing again."""
    await passwords.add(order(site.clock), digits)
    with pytest.raises(LockRefusedError) as caught:
        await passwords.add(order(site.clock), lambda _: Pin("7394158"))
    assert caught.value.code == 2316
    with pytest.raises(BadRequestError):
        await passwords.add(order(site.clock, name="other"), lambda _: Pin("73"))
    assert site.cloud.calls.counts()["add_password"] == 3
    new = await only(passwords)
    with pytest.raises(BadRequestError):  # it asks for a PIN
        await passwords.modify(new.password_id, order(site.clock, name="other"))
    site.cloud.faults.drop_write(on="delete_password")
    site.cloud.faults.result(False, on="delete_password")
    with pytest.raises(LockRefusedError):
        await passwords.delete(new.password_id)
    assert (await only(passwords)).status is PENDING


async def test_pin_hidden(
    passwords: Passwords, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the debug log nor the text of any value contains a PIN."""
    caplog.set_level(logging.DEBUG)
    new = await passwords.add(order(clock), digits)
    dynamic = await GeneratedPasswords(passwords).dynamic()
    offline = await GeneratedPasswords(passwords).add_offline("x", OfflineKind.ONCE)
    texts = f"{caplog.text} {new} {new!r} {dynamic} {offline!r} {passwords.dialects}"
    texts += f"{passwords.cloud.replies.of('front')} {await passwords.read()}"
    for pin in (new.pin, dynamic, offline.pin):
        assert pin.digits not in texts
    assert len({new.pin, Pin(new.pin.digits), dynamic}) == 2


@pytest.mark.parametrize("ticket_key", ["", "zz", "00" * 16])
def test_wrong_ticket(client: TuyaCloud, ticket_key: str) -> None:
    """A ticket that does not open is an odd reply, and shows no digits."""
    with pytest.raises(UnexpectedReplyError) as raised:
        client.encrypt_pin(Pin("9753124"), ticket_key)
    assert "9753124" not in str(raised.value)
