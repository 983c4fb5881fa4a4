"""An error code of every class on every call, and the recovery.

The clock is frozen, so the states do not depend on chance.
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

from .home import (
    CYCLE_SECONDS,
    DAY_SECONDS,
    HOUR_SECONDS,
    LIST,
    LIST_SECONDS,
    ORPHANS,
    USERS,
    FaultyHome,
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
    """Return whether the error pauses the project, which keeps its data."""
    return handling_of(err).pauses


def line_of(err: TuyaError, name: str) -> tuple[int, str]:
    subject = "the Tuya cloud" if handling_of(err).scope is Scope.PROJECT else name
    return logging.WARNING, f"Cannot read {subject}: {handling_of(err).key} ({err})"


def recovery_lines(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    return [
        (logging.INFO, line.partition(":")[0].replace("Cannot", "Can") + " again")
        for _, line in lines
    ]


def assert_reported(home: FaultyHome, err: TuyaError, *, failed: bool = True) -> None:
    """Verify that repairs and reauthentication are requested only where needed."""
    is_refused = failed and isinstance(err, AuthenticationError)
    assert home.flows == ([SOURCE_REAUTH] if is_refused else [])
    is_project = failed and handling_of(err).has_repair
    assert home.issues == ([handling_of(err).key] if is_project else [])


async def assert_recovery(
    home: FaultyHome, before: dict[str, str], lines: list[tuple[int, str]]
) -> None:
    """Verify the log lines, end all faults, and verify the recovery."""
    assert home.lines == lines
    home.caplog.clear()
    await home.recover()
    home.assert_recovered(before)
    assert home.lines == recovery_lines(lines)


@every_class
async def test_list_of_locks(home: FaultyHome, code: int) -> None:
    """The online state is unknown; the locks are still polled."""
    before = home.states
    err = error_of(code)
    home.cloud.faults.refuse(code, on=LIST, times=None)
    await home.advance(LIST_SECONDS)
    await home.advance(CYCLE_SECONDS)
    for key in ("front_online", "gate_online"):
        assert (home.states[key] == STATE_UNAVAILABLE) is not pauses(err)
    assert home.states["front_users"] == before["front_users"]
    assert_reported(home, err)
    lines = [line_of(err, "Tuya project locks")]
    await assert_recovery(home, before, lines)


@every_class
async def test_all_users_calls(home: FaultyHome, code: int) -> None:
    """A lock that no call reads is unavailable, unless in a pause, the other is not."""
    before = home.states
    err = error_of(code)
    home.cloud.faults.refuse(code, on=USERS, lock="front", times=None)
    await home.advance(CYCLE_SECONDS)
    await home.advance(CYCLE_SECONDS)
    for key in ("front_users", "front:alice_access", "front:bob_role"):
        assert (home.states[key] == STATE_UNAVAILABLE) is not pauses(err)
    assert home.states["gate_users"] == before["gate_users"]
    assert user_names(home.hass, home.entry, "front") == ["Alice", "Bob"]
    assert_reported(home, err)
    lines = [line_of(err, "Front door")]
    await assert_recovery(home, before, lines)


@every_class
async def test_newest_users_call(home: FaultyHome, code: int) -> None:
    """If another call lists the users, nothing changes."""
    before = home.states
    err = error_of(code)
    home.cloud.faults.refuse(code, on="smart_lock_users", lock="front", times=None)
    await home.advance(CYCLE_SECONDS)
    await home.advance(CYCLE_SECONDS)
    has_others = isinstance(
        err, (UnsupportedError, NotAuthorizedError, BadRequestError)
    )
    assert (home.states["front_users"] == "2") is (has_others or pauses(err))
    assert_reported(home, err, failed=not has_others)
    assert bool(home.lines) is not has_others
    await home.recover()
    home.assert_recovered(before)


@every_class
async def test_details_and_orphans(home: FaultyHome, door: Lock, code: int) -> None:
    """A call that fails affects no other data: its last result stays."""
    before = home.states
    home.cloud.faults.refuse(code, on=("opmodes", *ORPHANS), times=None)
    # Only opmodes know remote controls.
    door.add_method("remoteControl", door.users["bob"])
    door.add_method("card")
    gone = door.add_user("Ada", user_id="ada")
    door.add_method("fingerprint", gone)
    door.remove_user(gone.user_id)
    await home.advance(DAY_SECONDS)
    assert home.states == before
    assert_reported(home, error_of(code), failed=False)
    home.cloud.faults.clear()
    for _ in range(2):
        await home.advance(DAY_SECONDS + HOUR_SECONDS)
    assert home.states["front:bob_unlock_methods"] == "2"
    assert home.states["front_absent_users"] == "1"
    assert home.states["front_unassigned_unlock_methods"] == "2"
    assert home.lines == []


@every_class
async def test_token(home: FaultyHome, code: int) -> None:
    """Without a token nothing can be read; one line is logged for each subject."""
    before = home.states
    err = error_of(code)
    home.cloud.kill_token()
    home.cloud.faults.refuse(code, on="tokens", times=None)
    await home.advance(LIST_SECONDS)
    await home.advance(CYCLE_SECONDS)
    for key in ("front_users", "front:bob_access", "gate_users", "gate_online"):
        assert (home.states[key] == STATE_UNAVAILABLE) is not pauses(err)
    assert_reported(home, err)
    names = ("Tuya project locks", "Front door", "Garden gate")
    lines = sorted({line_of(err, name) for name in names})
    assert sorted(home.lines) == lines
    home.caplog.clear()
    await home.recover()
    home.assert_recovered(before)
    assert sorted(home.lines) == sorted(recovery_lines(lines))


@every_class
@pytest.mark.parametrize("on", ["associated_devices", "token"])
async def test_setup(home: FaultyHome, code: int, on: str) -> None:
    """A start waits for the cloud, or for credentials, unless in a pause."""
    before = home.states
    entry_id = home.entry.entry_id
    err = error_of(code)
    await home.hass.config_entries.async_unload(entry_id)
    home.cloud.kill_token()
    home.cloud.faults.refuse(code, on=on, times=None)
    await home.hass.config_entries.async_setup(entry_id)
    await home.advance(0)

    if pauses(err):
        assert entry_state(home.entry) is ConfigEntryState.LOADED
        assert home.states == before
    else:
        is_refused = isinstance(err, AuthenticationError)
        assert entry_state(home.entry) is (
            ConfigEntryState.SETUP_ERROR if is_refused else ConfigEntryState.SETUP_RETRY
        )
        assert home.entry.error_reason_translation_key == handling_of(err).key
    assert_reported(home, err)
    assert user_names(home.hass, home.entry, "front") == ["Alice", "Bob"]

    await home.recover()
    home.assert_recovered(before)
