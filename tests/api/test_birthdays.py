"""Tests of birthdays: dates here, numbers of unsaid unit in the cloud."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.tuya_lock_users.api.birthdays import (
    decode_birthday,
    encode_birthday,
)

DAY = date(1988, 2, 29)
MIDNIGHT = int(datetime(1988, 2, 29, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(MIDNIGHT * 1000, DAY, id="milliseconds"),
        pytest.param(MIDNIGHT, DAY, id="seconds"),
        pytest.param(str(MIDNIGHT * 1000), DAY, id="text"),
        pytest.param(-31_536_000_000, date(1969, 1, 1), id="milliseconds-before-1970"),
        pytest.param(-1_893_456_000, date(1910, 1, 1), id="seconds-before-1970"),
        pytest.param(-2_208_988_800_000, date(1900, 1, 1), id="long-before-1970"),
        pytest.param(0, None, id="zero-is-not-given"),
        pytest.param("0", None, id="zero-text"),
        pytest.param(None, None, id="null"),
        pytest.param("", None, id="empty"),
        pytest.param("1988-02-29", None, id="a-date"),
        pytest.param(10**18, None, id="beyond-all-dates"),
        pytest.param(-(10**18), None, id="before-all-dates"),
        pytest.param(10**400, None, id="beyond-all-numbers"),
        pytest.param([], None, id="list"),
    ],
)
def test_decode(value: object, expected: date | None) -> None:
    """A birthday is read whatever its unit."""
    assert decode_birthday(value) == expected


@pytest.mark.parametrize(
    "zone", ["UTC", "Asia/Shanghai", "Pacific/Auckland", "America/Los_Angeles"]
)
@pytest.mark.parametrize("factor", [1, 1000], ids=["seconds", "milliseconds"])
def test_midnights(zone: str, factor: int) -> None:
    """The midnight of any zone is the same day."""
    midnight = datetime(1988, 7, 1, tzinfo=ZoneInfo(zone)).timestamp()
    assert decode_birthday(int(midnight) * factor) == date(1988, 7, 1)


def test_encode() -> None:
    """A birthday is sent as milliseconds, and none as nothing."""
    assert encode_birthday(DAY) == MIDNIGHT * 1000
    assert encode_birthday(None) is None


@given(st.dates(date(1900, 1, 1), date(2026, 12, 31)))
def test_there_and_back(birthday: date) -> None:
    """What was sent is read back, but for a few weeks in which the unit is unsure."""
    unsure = date(1969, 12, 8) <= birthday <= date(1970, 1, 25)
    assert unsure or decode_birthday(encode_birthday(birthday)) == birthday


@pytest.mark.parametrize(
    ("like", "birthday", "number"),
    [
        pytest.param(642_988_800, date(1990, 5, 18), 642_988_800, id="same-in-seconds"),
        pytest.param(
            642_960_000_000, date(1990, 5, 18), 642_960_000_000, id="same-elsewhere"
        ),
        pytest.param(642_988_800, date(1990, 5, 19), 643_075_200, id="new-in-seconds"),
        pytest.param(
            642_988_800_000,
            date(1990, 5, 19),
            643_075_200_000,
            id="new-in-milliseconds",
        ),
        pytest.param(0, date(1990, 5, 19), 643_075_200_000, id="first"),
        pytest.param(None, date(1990, 5, 19), 643_075_200_000, id="first-of-all"),
    ],
)
def test_encode_like(like: int | None, birthday: date, number: int) -> None:
    """The same day stays the same number, another one has the same unit."""
    assert encode_birthday(birthday, like=like) == number
