"""Tests of the codes and their classes (docs/tuya_api.md, Error classes)."""

from typing import Final

import pytest

from custom_components.tuya_lock_users.api import errors
from custom_components.tuya_lock_users.api.errors import (
    AuthenticationError,
    LockRefusedError,
    NotFoundError,
    TuyaError,
    UnsupportedError,
    WrongDataCenterError,
    error_for,
)
from simulator import MESSAGES
from tests.common import load_fixture

CLASSES: Final[dict[type[TuyaError], list[int]]] = {
    getattr(errors, name): codes for name, codes in load_fixture("error_codes").items()
}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(code, error, id=f"{code}-{error.__name__}")
        for error, codes in CLASSES.items()
        for code in codes
    ],
)
def test_error_class(code: int, expected: type[TuyaError]) -> None:
    for message in (MESSAGES.get(code, ""), "token invalid", "何か", ""):
        error = error_for(code, message, "trace")
        assert type(error) is expected
        assert (error.code, error.trace_id) == (code, "trace")


@pytest.mark.parametrize("code", [-1, 0, 1, 9999, -9999999, 10**18])
def test_unknown_code(code: int) -> None:
    """An unknown code is a refusal by the lock."""
    assert type(error_for(code, "whatever", None)) is LockRefusedError


def test_simulated_codes() -> None:
    assert not MESSAGES.keys() - {code for codes in CLASSES.values() for code in codes}


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        pytest.param(2009, "clientId is invalid", AuthenticationError, id="seen"),
        pytest.param(2009, "CLIENTID INVALID", AuthenticationError, id="capitals"),
        pytest.param(2009, "not support this device", UnsupportedError, id="usual"),
        pytest.param(2009, "", UnsupportedError, id="no-text"),
        pytest.param(2008, "clientId is invalid", UnsupportedError, id="another-code"),
    ],
)
def test_code_2009(code: int, message: str, expected: type[TuyaError]) -> None:
    """A wrong access id may come with the code of an unsupported call."""
    assert type(error_for(code, message, None)) is expected


@pytest.mark.parametrize("is_about_lock", [True, False])
@pytest.mark.parametrize(
    ("code", "message", "is_region"),
    [
        (2007, "your ip(192.0.2.10) cross-region access is not allowed", True),
        (2007, "Cross Region access is not allowed", True),
        (2007, "device token is expired", False),
        (2006, "cross-region access is not allowed", False),
    ],
)
def test_code_2007(
    code: int, message: str, is_region: bool, is_about_lock: bool
) -> None:
    """The code of an expired token of a lock may refuse the region of the project."""
    is_wrong_data_center = is_region and not is_about_lock
    error = error_for(code, message, None, is_about_lock=is_about_lock)
    expected = WrongDataCenterError if is_wrong_data_center else NotFoundError
    assert type(error) is expected


def test_message_hidden() -> None:
    """The cloud's text can contain addresses: the error has the code alone."""
    error = error_for(1114, "your ip(192.0.2.10) don't have access to this API", "t")
    assert str(error) == "code 1114"
    assert "192.0.2.10" not in repr(error)
