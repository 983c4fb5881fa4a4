"""A code of every class on every call: what it shows, and the recovery from it.

The clock is held, so what is shown never depends on luck.
"""

from itertools import groupby
import logging

import pytest

from custom_components.tuya_lock_users.api.errors import (
    AuthenticationError,
    BadRequestError,
    NotAuthorizedError,
    TuyaError,
    UnsupportedError,
    error_for,
)
from custom_components.tuya_lock_users.errors import Scope, handling_of
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from simulator import MESSAGES, Lock
from tests.common import entry_state, user_names

from .house import (
    CYCLE_SECONDS,
    DAY_SECONDS,
    HOUR_SECONDS,
    LEFTOVERS,
    LIST,
    LIST_SECONDS,
    USERS,
    House,
)


def _class_of(code: int) -> str:
    return type(error_for(code, MESSAGES[code], None)).__name__


every_class = pytest.mark.parametrize(
    "code",
    [
        pytest.param(next(codes), id=name)
        for name, codes in groupby(sorted(MESSAGES, key=_class_of), _class_of)
    ],
)
"""One code of each class: `api/test_errors.py` proves the class of every code."""


def error_of(code: int) -> TuyaError:
    return error_for(code, MESSAGES[code], None)


def pauses(err: TuyaError) -> bool:
    """Return whether one probe an hour is all that is asked, and all data is kept."""
    return handling_of(err).pauses


def line_of(err: TuyaError, name: str) -> tuple[int, str]:
    subject = "the Tuya cloud" if handling_of(err).scope is Scope.PROJECT else name
    return logging.WARNING, f"Cannot read {subject}: {handling_of(err).key} ({err})"


def back_again(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the lines that take others back."""
    return [
        (logging.INFO, line.partition(":")[0].replace("Cannot", "Can") + " again")
        for _, line in lines
    ]


def assert_reported(house: House, err: TuyaError, *, failed: bool = True) -> None:
    """Verify that repairs and reauthentication are requested only where needed."""
    is_refused = failed and isinstance(err, AuthenticationError)
    assert house.flows == ([SOURCE_REAUTH] if is_refused else [])
    is_project = failed and handling_of(err).has_repair
    assert house.issues == ([handling_of(err).key] if is_project else [])


async def assert_it_passes(
    house: House, before: dict[str, str], lines: list[tuple[int, str]]
) -> None:
    """Verify the log lines, end all faults, and verify the recovery."""
    assert house.lines == lines
    house.caplog.clear()
    await house.recover()
    house.assert_well(before)
    assert house.lines == back_again(lines)


@every_class
async def test_code_on_the_list_of_locks(house: House, code: int) -> None:
    """The online state is unknown; the locks are still polled."""
    before = house.states
    err = error_of(code)
    house.cloud.faults.refuse(code, on=LIST, times=None)
    await house.advance(LIST_SECONDS)
    await house.advance(CYCLE_SECONDS)
    for key in ("front_online", "gate_online"):
        assert (house.states[key] == STATE_UNAVAILABLE) is not pauses(err)
    assert house.states["front_users"] == before["front_users"]
    assert_reported(house, err)
    lines = [line_of(err, "Tuya project locks")]
    await assert_it_passes(house, before, lines)


@every_class
async def test_code_on_the_users_calls(house: House, code: int) -> None:
    """A lock that no call reads is unavailable, unless in a pause, the other is not."""
    before = house.states
    err = error_of(code)
    house.cloud.faults.refuse(code, on=USERS, lock="front", times=None)
    await house.advance(CYCLE_SECONDS)
    await house.advance(CYCLE_SECONDS)
    for key in ("front_users", "front:alice_access", "front:bob_role"):
        assert (house.states[key] == STATE_UNAVAILABLE) is not pauses(err)
    assert house.states["gate_users"] == before["gate_users"]
    assert user_names(house.hass, house.entry, "front") == ["Alice", "Bob"]
    assert_reported(house, err)
    lines = [line_of(err, "Front door")]
    await assert_it_passes(house, before, lines)


@every_class
async def test_code_on_the_newest_users_call(house: House, code: int) -> None:
    """If another call lists the users, nothing changes."""
    before = house.states
    err = error_of(code)
    house.cloud.faults.refuse(code, on="smart_lock_users", lock="front", times=None)
    await house.advance(CYCLE_SECONDS)
    await house.advance(CYCLE_SECONDS)
    has_others = isinstance(
        err, (UnsupportedError, NotAuthorizedError, BadRequestError)
    )
    assert (house.states["front_users"] == "2") is (has_others or pauses(err))
    assert_reported(house, err, failed=not has_others)
    assert bool(house.lines) is not has_others
    await house.recover()
    house.assert_well(before)


@every_class
async def test_code_on_details_and_leftovers(
    house: House, door: Lock, code: int
) -> None:
    """A call that fails affects no other data: its last result stays."""
    before = house.states
    house.cloud.faults.refuse(code, on=("opmodes", *LEFTOVERS), times=None)
    # Only opmodes know remote controls.
    door.add_method("remoteControl", door.users["bob"])
    door.add_method("card")
    gone = door.add_user("Ada", user_id="ada")
    door.add_method("fingerprint", gone)
    door.remove_user(gone.user_id)
    await house.advance(DAY_SECONDS)
    assert house.states == before
    assert_reported(house, error_of(code), failed=False)
    house.cloud.faults.clear()
    for _ in range(2):
        await house.advance(DAY_SECONDS + HOUR_SECONDS)
    assert house.states["front:bob_unlock_methods"] == "2"
    assert house.states["front_absent_users"] == "1"
    assert house.states["front_unassigned_unlock_methods"] == "2"
    assert house.lines == []


@every_class
async def test_code_on_the_token(house: House, code: int) -> None:
    """Without a token nothing can be read; each subject is told of once."""
    before = house.states
    err = error_of(code)
    house.cloud.kill_token()
    house.cloud.faults.refuse(code, on="tokens", times=None)
    await house.advance(LIST_SECONDS)
    await house.advance(CYCLE_SECONDS)
    for key in ("front_users", "front:bob_access", "gate_users", "gate_online"):
        assert (house.states[key] == STATE_UNAVAILABLE) is not pauses(err)
    assert_reported(house, err)
    names = ("Tuya project locks", "Front door", "Garden gate")
    lines = sorted({line_of(err, name) for name in names})
    assert sorted(house.lines) == lines
    house.caplog.clear()
    await house.recover()
    house.assert_well(before)
    assert sorted(house.lines) == sorted(back_again(lines))


@every_class
@pytest.mark.parametrize("on", ["associated_devices", "token"])
async def test_code_at_the_start(house: House, code: int, on: str) -> None:
    """A start waits for the cloud, or for credentials, unless in a pause."""
    before = house.states
    entry_id = house.entry.entry_id
    err = error_of(code)
    await house.hass.config_entries.async_unload(entry_id)
    house.cloud.kill_token()
    house.cloud.faults.refuse(code, on=on, times=None)
    await house.hass.config_entries.async_setup(entry_id)
    await house.advance(0)

    if pauses(err):
        assert entry_state(house.entry) is ConfigEntryState.LOADED
        assert house.states == before
    else:
        is_refused = isinstance(err, AuthenticationError)
        assert entry_state(house.entry) is (
            ConfigEntryState.SETUP_ERROR if is_refused else ConfigEntryState.SETUP_RETRY
        )
        assert house.entry.error_reason_translation_key == handling_of(err).key
    assert_reported(house, err)
    assert user_names(house.hass, house.entry, "front") == ["Alice", "Bob"]

    await house.recover()
    house.assert_well(before)
