"""Tests of the events of reports and records."""

from typing import Any

import pytest

from custom_components.tuya_lock_users.api.lock_events import (
    LockEvent,
    announces_administration,
    lock_event,
    opening_of_record,
    time_ms,
)
from tests.common import load_fixture

NOW = 1_700_000_000_000
CASES = load_fixture("lock_events")


def fields_of(event: LockEvent | None) -> list[Any] | None:
    """Return the fields of an event, without its time."""
    if event is None:
        return None
    assert event.time_ms == NOW
    key = event.method_key and list(event.method_key)
    return [event.kind, event.type, event.number, key]


@pytest.mark.parametrize("case", CASES["reports"], ids=str)
def test_reports(case: dict[str, Any]) -> None:
    """Each code and form of value has one event, or none."""
    assert fields_of(lock_event(case["code"], case["value"], NOW)) == case["event"]


@pytest.mark.parametrize("case", CASES["openings"], ids=str)
def test_opening_records(case: dict[str, Any]) -> None:
    """A list of openings contains only openings, so an unknown row is one, too."""
    assert (
        fields_of(opening_of_record(case["code"], case["value"], NOW)) == case["event"]
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (NOW, NOW),
        (str(NOW), NOW),
        (1_543_297_979, 1_543_297_979_000),
        (0, None),
        ("yesterday", None),
        (10**15, None),
    ],
)
def test_times(value: object, expected: int | None) -> None:
    """Times are in seconds or milliseconds; other numbers are ignored."""
    assert time_ms(value) == expected


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("unlock_method_create", "AQH/AA==", True),
        ("temporary_password_creat", "AQ==", True),
        ("update_all_finger", "AQ==", True),
        ("synch_method", "AQE=", True),
        ("synch_method", "AQA=", False),
        ("unlock_fingerprint", 3, False),
    ],
)
def test_administration(code: str, value: object, expected: bool) -> None:
    """Only reports that announce a change cause a read."""
    assert announces_administration(code, value) is expected
