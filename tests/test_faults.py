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

CYCLE_SECONDS: Final = 5 * 60
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
            await house.turn(CYCLE_SECONDS + 1)

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
