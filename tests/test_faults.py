"""Every fault on every call: what is shown meanwhile, and that all is right afterwards.

The names of the tests tell the call and the class of the fault; the codes of a class
are tried one after the other. What is shown never depends on luck: the clock is held.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import groupby
import logging
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.tuya_lock_users.api.errors import (
    AuthenticationError,
    BadRequestError,
    NotAuthorizedError,
    ProjectError,
    TuyaError,
    UnsupportedError,
    error_for,
)
from custom_components.tuya_lock_users.const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    DOMAIN,
)
from custom_components.tuya_lock_users.errors import is_about_the_project, texts_for
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from tests.cloud import MESSAGES, OWNER, Lock, SimulatedCloud
from tests.common import (
    entity_id_of,
    entry_state,
    lock_device,
    state_of,
    states_of,
    until,
    user_names,
)
from tests.conftest import NOW, SetUp
from tests.flows import submit

type Turn = Callable[[float], Awaitable[None]]
type Plant = Callable[..., Any]

# A little more than a cycle of two locks takes.
CYCLE_SECONDS: Final = 6 * 60
LIST_SECONDS: Final = 30 * 60
HOUR_SECONDS: Final = 3600
DAY_SECONDS: Final = 24 * 3600

LIST: Final = ("associated_devices",)
USERS: Final = ("smart_lock_users", "users_v11", "users_v10")
LEFTOVERS: Final = ("absent_users", "unassigned_keys")

# How long what goes on may do so before it needs the clock to move: turns of the loop.
_TURNS: Final = 400


@pytest.fixture
def turn(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Turn:
    """Return a function that turns the clock, and further whenever something hangs."""
    freezer.move_to(NOW)

    async def turn(seconds: float) -> None:
        freezer.tick(seconds)
        async_fire_time_changed(hass)
        await finish(
            hass, freezer, hass.async_block_till_done(wait_background_tasks=True)
        )

    return turn


async def finish[Result](
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, story: Awaitable[Result]
) -> Result:
    """Let something come to its end, turning the clock when nothing else moves."""
    task = asyncio.ensure_future(story)
    for number in range(1, 1_000_000):
        if task.done():
            break
        await asyncio.sleep(0)
        if number % _TURNS == 0:
            freezer.tick(1)
            async_fire_time_changed(hass)
    return await task


@pytest.fixture(autouse=True)
def few_logs() -> None:
    """Keep the chatter of Home Assistant out: it costs a third of a test."""
    for name in ("homeassistant", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


@pytest.fixture
def gate(cloud: SimulatedCloud) -> Lock:
    """A second lock, with one user."""
    gate = cloud.add_lock("gate", "Garden gate")
    gate.add_user("Gus", user_id="gus", user_type=OWNER)
    return gate


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A project with two locks, and what happens to it."""

    hass: HomeAssistant
    cloud: SimulatedCloud
    entry: MockConfigEntry
    turn: Turn
    caplog: pytest.LogCaptureFixture

    @property
    def states(self) -> dict[str, str]:
        """Return what is shown of the locks and their users."""
        return states_of(self.hass, "front", "gate")

    @property
    def lines(self) -> list[tuple[int, str]]:
        """Return what the log says of us, but for debug lines."""
        return [
            (record.levelno, record.getMessage())
            for record in self.caplog.records
            if record.name.startswith("custom_components.tuya_lock_users")
            and record.levelno > logging.DEBUG
            # Home Assistant itself speaks of an entry in our name.
            and not record.getMessage().startswith("Config entry")
        ]

    @property
    def issues(self) -> list[str | None]:
        """Return what is said to be wrong with the project."""
        return [
            issue.translation_key
            for (domain, _), issue in ir.async_get(self.hass).issues.items()
            if domain == DOMAIN and issue.severity is ir.IssueSeverity.ERROR
        ]

    @property
    def flows(self) -> list[str]:
        """Return what somebody is asked for."""
        flows = self.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        return [flow["context"]["source"] for flow in flows]

    async def mend(self) -> None:
        """End all faults and wait for the longest pause; only credentials take hands."""
        self.cloud.faults.clear()
        flows = self.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        for flow in flows:
            form = {
                CONF_ACCESS_ID: self.cloud.access_id,
                CONF_ACCESS_SECRET: self.cloud.access_secret,
            }
            result = await self.hass.config_entries.flow.async_configure(
                flow["flow_id"]
            )
            await submit(self.hass, result, form)
        await self.turn(5 * HOUR_SECONDS)
        await self.turn(HOUR_SECONDS)
        await self.turn(HOUR_SECONDS)

    def assert_well(self, states: dict[str, str]) -> None:
        """See that nothing is left of a fault."""
        assert entry_state(self.entry) is ConfigEntryState.LOADED
        assert self.states == states
        assert self.issues == []
        assert self.flows == []


@pytest.fixture
async def house(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    gate: Lock,
    set_up: SetUp,
    turn: Turn,
    caplog: pytest.LogCaptureFixture,
) -> House:
    """The project, set up, with the lines of the start forgotten."""
    caplog.set_level(logging.INFO, "custom_components.tuya_lock_users")
    entry = await set_up()
    caplog.clear()
    return House(hass=hass, cloud=cloud, entry=entry, turn=turn, caplog=caplog)


def _class_of(code: int) -> str:
    return type(error_for(code, MESSAGES[code], None)).__name__


every_class = pytest.mark.parametrize(
    "codes",
    [
        pytest.param(tuple(codes), id=name)
        for name, codes in groupby(sorted(MESSAGES, key=_class_of), _class_of)
    ],
)
"""All codes of TUYA_API §3 that a call may be refused with, by what they mean."""


def error_of(code: int) -> TuyaError:
    """Return the error that a code stands for."""
    return error_for(code, MESSAGES[code], None)


def pauses(err: TuyaError) -> bool:
    """Return whether nothing more is asked for hours."""
    return isinstance(err, ProjectError) and not isinstance(err, NotAuthorizedError)


def line_of(err: TuyaError, name: str) -> tuple[int, str]:
    """Return the line that tells of an error."""
    subject = "the Tuya cloud" if is_about_the_project(err) else name
    return logging.WARNING, f"Cannot read {subject}: {texts_for(err).key} ({err})"


def back_again(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the lines that take others back."""
    return [
        (logging.INFO, line.partition(":")[0].replace("Cannot", "Can") + " again")
        for _, line in lines
    ]


def assert_told(house: House, err: TuyaError, *, failed: bool = True) -> None:
    """See that people are asked for what only they can mend, and for nothing else."""
    is_refused = failed and isinstance(err, AuthenticationError)
    assert house.flows == ([SOURCE_REAUTH] if is_refused else [])
    is_project = failed and isinstance(err, ProjectError)
    assert house.issues == ([texts_for(err).key] if is_project else [])


# --- Every code on every call ------------------------------------------------------


@every_class
async def test_code_on_the_list_of_locks(
    house: House, codes: tuple[int, ...], subtests: pytest.Subtests
) -> None:
    """Nobody knows who is online; the locks themselves are read on, unless in a pause."""
    before = house.states
    for code in codes:
        with subtests.test(code=code):
            err = error_of(code)
            house.cloud.faults.refuse(code, on=LIST, times=None)
            await house.turn(LIST_SECONDS)
            await house.turn(CYCLE_SECONDS)

            assert house.states["front_online"] == STATE_UNAVAILABLE
            assert house.states["gate_online"] == STATE_UNAVAILABLE
            shown = STATE_UNAVAILABLE if pauses(err) else before["front_users"]
            assert house.states["front_users"] == shown
            assert_told(house, err)
            lines = [line_of(err, "Tuya project locks")]
            assert house.lines == lines

            house.caplog.clear()
            await house.mend()
            house.assert_well(before)
            assert house.lines == back_again(lines)
            house.caplog.clear()


@every_class
async def test_code_on_the_users_calls(
    house: House, codes: tuple[int, ...], subtests: pytest.Subtests
) -> None:
    """A lock that no call reads is unavailable, the other only in a pause of all."""
    before = house.states
    for code in codes:
        with subtests.test(code=code):
            err = error_of(code)
            house.cloud.faults.refuse(code, on=USERS, lock="front", times=None)
            await house.turn(CYCLE_SECONDS)
            await house.turn(CYCLE_SECONDS)

            for key in ("front_users", "front:alice_access", "front:bob_role"):
                assert house.states[key] == STATE_UNAVAILABLE
            shown = STATE_UNAVAILABLE if pauses(err) else before["gate_users"]
            assert house.states["gate_users"] == shown
            assert user_names(house.hass, house.entry, "front") == ["Alice", "Bob"]
            assert_told(house, err)
            lines = [line_of(err, "Front door")]
            assert house.lines == lines

            house.caplog.clear()
            await house.mend()
            house.assert_well(before)
            assert house.lines == back_again(lines)
            house.caplog.clear()


@every_class
async def test_code_on_the_newest_users_call(
    house: House, codes: tuple[int, ...], subtests: pytest.Subtests
) -> None:
    """Where another call tells the users, nobody notices anything."""
    before = house.states
    for code in codes:
        with subtests.test(code=code):
            err = error_of(code)
            house.cloud.faults.refuse(
                code, on="smart_lock_users", lock="front", times=None
            )
            await house.turn(CYCLE_SECONDS)
            await house.turn(CYCLE_SECONDS)

            has_others = isinstance(
                err, (UnsupportedError, NotAuthorizedError, BadRequestError)
            )
            assert (house.states["front_users"] == "2") is has_others
            assert_told(house, err, failed=not has_others)
            assert bool(house.lines) is not has_others

            await house.mend()
            house.assert_well(before)
            house.caplog.clear()
            house.entry.runtime_data.locks["front"].forget_users_call()


@every_class
async def test_code_on_opmodes(
    house: House, door: Lock, codes: tuple[int, ...], subtests: pytest.Subtests
) -> None:
    """Details that cannot be read cost nothing but themselves, and come later."""
    before = house.states
    for number, code in enumerate(codes, start=1):
        with subtests.test(code=code):
            house.cloud.faults.refuse(code, on="opmodes", times=None)
            # Only opmodes know remote controls.
            door.add_method("remoteControl", door.users["bob"])
            await house.turn(DAY_SECONDS)

            assert house.states == before
            assert_told(house, error_of(code), failed=False)

            house.cloud.faults.clear()
            await house.turn(DAY_SECONDS + HOUR_SECONDS)
            await house.turn(DAY_SECONDS + HOUR_SECONDS)
            assert house.states["front:bob_unlock_methods"] == str(1 + number)
            before = house.states
            assert house.lines == []


@every_class
async def test_code_on_the_leftovers(
    house: House, door: Lock, codes: tuple[int, ...], subtests: pytest.Subtests
) -> None:
    """So it is with who is absent and what belongs to nobody: the last answer stays."""
    for number, code in enumerate(codes, start=1):
        with subtests.test(code=code):
            before = house.states
            house.cloud.faults.refuse(code, on=LEFTOVERS, times=None)
            door.add_method("card")
            gone = door.add_user("Ada", user_id=f"ada{number}")
            door.add_method("fingerprint", gone)
            door.remove_user(gone.user_id)
            await house.turn(DAY_SECONDS)

            assert house.states == before
            assert_told(house, error_of(code), failed=False)

            house.cloud.faults.clear()
            await house.turn(DAY_SECONDS + HOUR_SECONDS)
            assert house.states["front_absent_users"] == str(number)
            assert house.states["front_unassigned_unlock_methods"] == str(2 * number)
            assert house.lines == []


@every_class
async def test_code_on_the_token(
    house: House, codes: tuple[int, ...], subtests: pytest.Subtests
) -> None:
    """Without a token nothing can be read; each subject is told of once."""
    before = house.states
    for code in codes:
        with subtests.test(code=code):
            err = error_of(code)
            house.cloud.kill_token()
            house.cloud.faults.refuse(code, on="tokens", times=None)
            await house.turn(LIST_SECONDS)
            await house.turn(CYCLE_SECONDS)

            for key in ("front_users", "front:bob_access", "gate_users", "gate_online"):
                assert house.states[key] == STATE_UNAVAILABLE
            assert_told(house, err)
            names = ("Tuya project locks", "Front door", "Garden gate")
            lines = sorted({line_of(err, name) for name in names})
            assert sorted(house.lines) == lines

            house.caplog.clear()
            await house.mend()
            house.assert_well(before)
            assert sorted(house.lines) == sorted(back_again(lines))
            house.caplog.clear()


@every_class
async def test_code_at_the_start(
    house: House, codes: tuple[int, ...], subtests: pytest.Subtests
) -> None:
    """A start waits for the cloud, or for somebody who knows the credentials."""
    before = house.states
    entry_id = house.entry.entry_id
    code = codes[0]  # the same for all of a class, as the others show
    for on in ("associated_devices", "token"):
        with subtests.test(code=code, on=on):
            err = error_of(code)
            await house.hass.config_entries.async_unload(entry_id)
            house.cloud.kill_token()
            house.cloud.faults.refuse(code, on=on, times=None)
            await house.hass.config_entries.async_setup(entry_id)
            await house.turn(0)

            is_refused = isinstance(err, AuthenticationError)
            assert entry_state(house.entry) is (
                ConfigEntryState.SETUP_ERROR
                if is_refused
                else ConfigEntryState.SETUP_RETRY
            )
            assert house.entry.error_reason_translation_key == texts_for(err).key
            assert_told(house, err)
            assert user_names(house.hass, house.entry, "front") == ["Alice", "Bob"]

            await house.mend()
            house.assert_well(before)


# --- What is no answer at all, or none that makes sense ----------------------------

NO_ANSWER: Final[dict[str, Plant]] = {
    "hang": lambda faults, **on: faults.hang(**on),
    "late": lambda faults, **on: faults.latency(11, **on),
    "cut-before": lambda faults, **on: faults.cut("before", **on),
    "cut-in-the-middle": lambda faults, **on: faults.cut("middle", **on),
    "cut-after": lambda faults, **on: faults.cut("after", **on),
    "http-500": lambda faults, **on: faults.http(500, "no", **on),
    "http-503": lambda faults, **on: faults.http(503, "<html>", **on),
    "http-429": lambda faults, **on: faults.http(429, **on),
    "http-404": lambda faults, **on: faults.http(404, "<html>", **on),
    "redirect": lambda faults, **on: faults.http(302, headers={"Location": "/"}, **on),
    "no-body": lambda faults, **on: faults.body(b"", **on),
    "not-json": lambda faults, **on: faults.body("<html>", **on),
    "half-of-the-json": lambda faults, **on: faults.body('{"success": true', **on),
    "not-utf-8": lambda faults, **on: faults.body(b'{"result": "\xff"}', **on),
    "list-for-an-envelope": lambda faults, **on: faults.json([], **on),
    "null": lambda faults, **on: faults.json(None, **on),
    "empty-envelope": lambda faults, **on: faults.json({}, **on),
    "no-result": lambda faults, **on: faults.no_result(**on),
    "result-null": lambda faults, **on: faults.result(None, **on),
    "object-without-a-list": lambda faults, **on: faults.result({"total": 3}, **on),
    "too-large": lambda faults, **on: faults.oversized(**on),
}
"""Ways in which nothing comes that could be read."""

every_no_answer = pytest.mark.parametrize(
    "plant", [pytest.param(plant, id=name) for name, plant in NO_ANSWER.items()]
)


@every_no_answer
async def test_no_answer(
    house: House, door: Lock, plant: Plant, subtests: pytest.Subtests
) -> None:
    """It is said once that the cloud is gone, and once that it is back.

    Whichever call it strikes: list of locks, users, token, and all together.
    """
    before = house.states
    for name, on, gone in (
        ("list", LIST, "front_online"),
        ("users", ("smart_lock_users",), "front_users"),
        ("token", ("token",), "front_users"),
        ("all", ("business",), "gate:gus_access"),
    ):
        with subtests.test(call=name):
            house.cloud.kill_token()
            plant(house.cloud.faults, on=on, times=None)
            await house.turn(LIST_SECONDS)
            await house.turn(CYCLE_SECONDS)

            assert house.states[gone] == STATE_UNAVAILABLE
            assert (house.issues, house.flows) == ([], [])
            assert user_names(house.hass, house.entry, "front") == ["Alice", "Bob"]
            ((level, line),) = house.lines
            assert level == logging.WARNING
            assert line.startswith("Cannot read the Tuya cloud: ")

            house.caplog.clear()
            house.cloud.faults.clear()
            await house.turn(LIST_SECONDS + CYCLE_SECONDS)
            await house.turn(CYCLE_SECONDS)
            house.assert_well(before)
            assert house.lines == [(logging.INFO, "Can read the Tuya cloud again")]
            house.caplog.clear()


@every_no_answer
async def test_no_answer_to_what_is_welcome(
    house: House, door: Lock, plant: Plant
) -> None:
    """Details and leftovers that do not come cost nothing, and are told of nowhere."""
    before = house.states
    plant(house.cloud.faults, on=("opmodes", *LEFTOVERS), times=None)
    door.add_method("remoteControl", door.users["bob"])
    door.add_method("card")
    await house.turn(DAY_SECONDS)
    assert house.states == before

    house.cloud.faults.clear()
    await house.turn(DAY_SECONDS + HOUR_SECONDS)
    assert house.states["front:bob_unlock_methods"] == "2"
    assert house.states["front_unassigned_unlock_methods"] == "1"
    assert (house.lines, house.issues, house.flows) == ([], [], [])


@pytest.mark.parametrize(
    "on",
    [
        pytest.param("smart_lock_users", id="users"),
        pytest.param("associated_devices", id="list"),
        pytest.param("opmodes", id="opmodes"),
        pytest.param("absent_users", id="absent-users"),
    ],
)
@pytest.mark.parametrize(
    ("lie", "value"),
    [
        pytest.param("truncate", 0, id="truncated"),
        pytest.param("repeat", 0, id="repeating"),
        pytest.param("endless", 0, id="endless"),
        pytest.param("total", 99, id="total-too-large"),
        pytest.param("total", -1, id="total-negative"),
        pytest.param("has_more", 0, id="has-more-lies"),
    ],
)
async def test_lying_page(
    house: House, door: Lock, on: str, lie: Any, value: int
) -> None:
    """A page that contradicts itself takes nobody at once, and is not read for ever."""
    for number in range(4):
        user = door.add_user(f"User {number}", user_id=f"user{number}")
        door.add_method("card", user)
    await house.turn(DAY_SECONDS)
    await house.turn(HOUR_SECONDS)
    before = house.states
    house.cloud.calls.clear()
    fault = house.cloud.faults.page(lie, value, on=on)
    await house.turn(LIST_SECONDS if on in LIST else CYCLE_SECONDS)
    fault.remove()
    assert house.states == before
    assert house.cloud.calls.counts()[on] <= 6

    await house.turn(DAY_SECONDS)
    await house.turn(HOUR_SECONDS)
    assert house.states == before
    assert house.lines == []


# --- In the middle of a cycle ------------------------------------------------------


@pytest.fixture
def row(cloud: SimulatedCloud) -> list[Lock]:
    """Eight locks more: so many are read at the same time."""
    locks = [cloud.add_lock(f"row{number}", f"Row {number}") for number in range(8)]
    for lock in locks:
        lock.add_user("Uwe", user_id="uwe")
    return locks


async def test_token_killed_under_calls_in_flight(
    row: list[Lock], house: House, freezer: FrozenDateTimeFactory
) -> None:
    """Four calls lose their token at once: one new one is asked for, each goes again."""
    await house.turn(0)
    before = states_of(house.hass)
    house.cloud.calls.clear()
    hang = house.cloud.faults.hang(on="smart_lock_users", times=4)
    freezer.tick(LIST_SECONDS)
    async_fire_time_changed(house.hass)
    await until(lambda: hang.hits == 4)
    house.cloud.kill_token()
    hang.release()
    await house.turn(0)

    counts = house.cloud.calls.counts()
    assert counts["token"] == 1
    refused = [call for call in house.cloud.calls if call.code]
    assert {call.code for call in refused} == {1010}
    assert 4 <= len(refused) <= 5
    assert counts["smart_lock_users"] == 10 + len(
        [call for call in refused if call.endpoint == "smart_lock_users"]
    )
    before.pop(f"{house.cloud.project_uid}_api_calls")
    assert {key: state_of(house.hass, key) for key in before} == before
    assert house.lines == []


async def test_clock_that_wanders(house: House) -> None:
    """Twenty minutes this way, twenty that way, and right again: it is followed.

    Whoever asks at the same time hears of it, and nobody else.
    """
    before = house.states
    for minutes in (20, -20, 0, -20, 20, 0):
        house.cloud.calls.clear()
        house.cloud.clock_offset = minutes * 60
        for _ in range(4):
            await house.turn(CYCLE_SECONDS)
        refusals = [call.code for call in house.cloud.calls if call.code]
        assert set(refusals) == {1013}
        assert len(refusals) <= 3
        house.assert_well(before)
    assert house.lines == []


@pytest.mark.parametrize("calls", [0, 1, 4, 9])
async def test_quota_ends_in_the_middle_of_a_cycle(
    row: list[Lock], house: House, calls: int
) -> None:
    """Who was in flight learns of it, nobody else asks, and all wait together."""
    before = states_of(house.hass, "front", "gate", "row")
    house.cloud.calls.clear()
    house.cloud.faults.quota(calls)
    await house.turn(LIST_SECONDS)
    assert len([call for call in house.cloud.calls if call.code]) <= 11
    house.cloud.calls.clear()
    for _ in range(6):
        await house.turn(LIST_SECONDS)

    assert house.cloud.calls == []
    for lock in ("front", "gate", "row7"):
        assert state_of(house.hass, f"{lock}_users") == STATE_UNAVAILABLE
    assert house.issues == ["quota_exhausted"]
    assert len(house.lines) == 1

    await house.mend()
    assert states_of(house.hass, "front", "gate", "row") == before
    assert house.issues == []
    assert len(house.lines) == 2


async def test_lock_unpaired_and_paired_again(house: House, gate: Lock) -> None:
    """First its readings fail, then it leaves; and it comes back as it was."""
    before = house.states
    gate.unpair()
    await house.turn(CYCLE_SECONDS)
    assert house.states["gate_users"] == STATE_UNAVAILABLE
    assert user_names(house.hass, house.entry, "gate") == ["Gus"]
    await house.turn(LIST_SECONDS)
    assert states_of(house.hass, "gate") == {}
    assert lock_device(house.hass, house.entry, "gate") is None
    assert [line for _, line in house.lines] == [
        "Cannot read Garden gate: not_found (code 2010)"
    ]

    gate.pair()
    await house.turn(LIST_SECONDS)
    house.assert_well(before)


async def test_lock_unpaired_while_it_is_read(
    house: House, gate: Lock, freezer: FrozenDateTimeFactory
) -> None:
    """An answer that comes after its lock was removed brings nothing back."""
    hang = house.cloud.faults.hang(on="smart_lock_users", lock="gate")
    freezer.tick(CYCLE_SECONDS)
    async_fire_time_changed(house.hass)
    await until(lambda: hang.hits)
    gate.unpair()
    project = house.entry.runtime_data
    await project.async_refresh()
    assert lock_device(house.hass, house.entry, "gate") is None
    gate.pair()
    hang.release()
    await house.hass.async_block_till_done(wait_background_tasks=True)

    assert lock_device(house.hass, house.entry, "gate") is None
    assert states_of(house.hass, "gate") == {}
    await house.turn(LIST_SECONDS)
    assert house.states["gate_users"] == "1"


# --- The end in the middle of everything -------------------------------------------


async def _read(house: House, freezer: FrozenDateTimeFactory) -> None:
    freezer.tick(LIST_SECONDS)
    async_fire_time_changed(house.hass)


async def _sweep(house: House, freezer: FrozenDateTimeFactory) -> None:
    freezer.tick(1)  # or all was read just now
    project = house.entry.runtime_data
    project.async_sweep(project.locks.values())


async def _press(house: House, _: FrozenDateTimeFactory) -> None:
    await house.hass.services.async_call(
        "button",
        "press",
        {"entity_id": entity_id_of(house.hass, "front_refresh")},
        blocking=True,
    )


WORK: Final = {
    "reading": (_read, "smart_lock_users"),
    "listing": (_read, "associated_devices"),
    "sweep-leftovers": (_sweep, "absent_users"),
    "sweep-details": (_sweep, "opmodes"),
    "press-reading": (_press, "smart_lock_users"),
    "press-details": (_press, "opmodes"),
    "press-leftovers": (_press, "unassigned_keys"),
}
"""What may be going on, and the call that it hangs on."""

ANSWERS: Final[dict[str, Plant]] = {
    "success": lambda faults, on: None,
    "cut": lambda faults, on: faults.cut("after", on=on, times=None),
    "not-json": lambda faults, on: faults.json([], on=on, times=None),
    "quota": lambda faults, on: faults.refuse(28841004, on=on, times=None),
    "credentials": lambda faults, on: faults.refuse(1004, on=on, times=None),
    "token": lambda faults, on: faults.kill_token(on=on),
    "offline": lambda faults, on: faults.refuse(2001, on=on, times=None),
}
"""How the call ends once it may go on."""


def registered(hass: HomeAssistant) -> set[str]:
    """Return what the registries have of us."""
    return {
        *(device.id for device in dr.async_get(hass).devices),
        *(
            entity.entity_id
            for entity in er.async_get(hass).entities.values()
            if entity.platform == DOMAIN
        ),
        *(issue_id for domain, issue_id in ir.async_get(hass).issues),
    }


@pytest.mark.parametrize("ending", ["unload", "reload", "removal"])
@pytest.mark.parametrize("work", WORK)
async def test_end_in_the_middle(
    house: House,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    work: str,
    ending: str,
) -> None:
    """Nothing goes on afterwards, whatever the answer is; nothing comes back."""
    hass, entries = house.hass, house.hass.config_entries
    entry_id = house.entry.entry_id
    start, endpoint = WORK[work]
    end = {
        "unload": entries.async_unload,
        "reload": entries.async_reload,
        "removal": entries.async_remove,
    }[ending]
    for answer, plant in ANSWERS.items():
        hang = house.cloud.faults.hang(on=endpoint)
        plant(house.cloud.faults, endpoint)
        task = hass.async_create_task(start(house, freezer))
        await until(lambda: hang.hits)  # noqa: B023
        await finish(hass, freezer, end(entry_id))
        before = registered(hass)
        hang.release()
        await finish(hass, freezer, asyncio.wait([task]))
        if not task.cancelled() and (err := task.exception()) is not None:
            assert isinstance(err, HomeAssistantError), answer
        if ending != "reload":
            await house.turn(0)
            house.cloud.calls.clear()
            await house.turn(DAY_SECONDS)
            assert house.cloud.calls == [], answer
            assert house.flows == [], answer
            assert registered(hass) == before, answer

        house.cloud.faults.clear()
        if ending == "removal":
            assert states_of(hass) == {}, answer
            assert before == set()
            assert f"{DOMAIN}.{entry_id}" not in hass_storage, answer
            await entries.async_add(house.entry)
        elif ending == "unload":
            await entries.async_setup(entry_id)
        await house.mend()
        assert house.states["front_users"] == "2"
        assert house.states["gate:gus_access"] == "allowed"
        assert (house.issues, house.flows) == ([], []), answer
