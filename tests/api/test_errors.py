"""Tests of the codes and their classes (docs/tuya_api.md, Error classes)."""

from typing import Final

import pytest

from custom_components.tuya_lock_users.api.errors import (
    AuthenticationError,
    BadRequestError,
    ClockError,
    DataCenterError,
    IpNotAllowedError,
    LockBusyError,
    LockOfflineError,
    LockRefusedError,
    NotAuthorizedError,
    NotFoundError,
    PathError,
    QuotaExhaustedError,
    ServerError,
    SubscriptionExpiredError,
    ThrottledError,
    TokenError,
    TuyaError,
    UnsupportedError,
    WrongDataCenterError,
    error_for,
)
from simulator import MESSAGES

CLASSES: Final[dict[type[TuyaError], tuple[int, ...]]] = {
    AuthenticationError: (1001, 1004, 1005, 1007, 1008),
    TokenError: (1010, 1011, 1012, 1400),
    ClockError: (1013,),
    NotAuthorizedError: (1106, 2406, 4001, 28841101, 28841105, 28841106, 40001900),
    IpNotAllowedError: (1114,),
    DataCenterError: (28841107,),
    WrongDataCenterError: (),
    SubscriptionExpiredError: (28841001, 28841002, 28841003, 28841102, 28841103),
    QuotaExhaustedError: (28841004, 28841104),
    ThrottledError: (1110, 1111, 1112, 1113, 1199, 40000309, 429),
    LockBusyError: (2311, 2313, 2317, 2328),
    LockOfflineError: (2001, 2312),
    NotFoundError: (1000, 2002, 2005, 2006, 2007, 2010, 2323),
    UnsupportedError: (2003, 2004, 2008, 2009, 2012, 2015),
    PathError: (1108,),
    BadRequestError: (
        *(1002, 1003, 1006),
        *(1100, 1101, 1102, 1103, 1104, 1105, 1107, 1109),
    ),
    ServerError: (500,),
    LockRefusedError: (
        # The lock's own rules and those of the home.
        *(2301, 2302, 2303, 2304, 2305, 2306, 2307, 2308, 2309, 2310),
        *(2314, 2315, 2316, 2318, 2319, 2320, 2321, 2322, 2324),
        *(2325, 2326, 2327, 2329, 2501, 2506, 2507, 2508, 2509, 2510),
        # Of accounts, timers, files: never answers to a call of ours.
        *(2013, 2014, 2016, 2017, 2018, 2019, 2020, 2021, 2022, 2023),
        *(2024, 2025, 2026, 2027, 2401, 2402, 2405),
    ),
}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(code, error, id=f"{code}-{error.__name__}")
        for error, codes in CLASSES.items()
        for code in codes
    ],
)
def test_code(code: int, expected: type[TuyaError]) -> None:
    for message in (MESSAGES.get(code, ""), "token invalid", "何か", ""):
        error = error_for(code, message, "trace")
        assert type(error) is expected
        assert (error.code, error.trace_id) == (code, "trace")


@pytest.mark.parametrize("code", [-1, 0, 1, 9999, -9999999, 10**18])
def test_unknown_code(code: int) -> None:
    """A code nobody knows is a refusal like those of the lock itself."""
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
def test_2009(code: int, message: str, expected: type[TuyaError]) -> None:
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
def test_2007(code: int, message: str, is_region: bool, is_about_lock: bool) -> None:
    """The code of an expired token of a lock may refuse the region of the project."""
    is_wrong_data_center = is_region and not is_about_lock
    error = error_for(code, message, None, is_about_lock=is_about_lock)
    expected = WrongDataCenterError if is_wrong_data_center else NotFoundError
    assert type(error) is expected


def test_text_is_not_kept() -> None:
    """The cloud's text may name addresses: the error says the code alone."""
    error = error_for(1114, "your ip(192.0.2.10) don't have access to this API", "t")
    assert str(error) == "code 1114"
    assert "192.0.2.10" not in repr(error)
