"""Tests of what reports and records of a lock mean."""

from typing import Any

import pytest

from custom_components.tuya_lock_users.api.lock_events import (
    LockEvent,
    announces_administration,
    lock_event,
    opening_of_record,
    time_ms,
)

NOW = 1_700_000_000_000


def told(event: LockEvent | None) -> tuple[Any, ...] | None:
    """Return what an event says, without its time."""
    if event is None:
        return None
    assert event.time_ms == NOW
    return event.kind, event.type, event.number, event.method_key


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("unlock_fingerprint", 3, ("opened", "fingerprint", 3, ("fingerprint", 3))),
        ("unlock_fingerprint", 0, ("opened", "fingerprint", 0, ("fingerprint", 0))),
        ("unlock_password", "5", ("opened", "password", 5, ("password", 5))),
        ("unlock_hand", 1, ("opened", "palm", 1, ("palm", 1))),
        ("unlock_finger_vein", 2, ("opened", "finger_vein", 2, ("finger_vein", 2))),
        ("unlock_eye", 2, ("opened", "iris", 2, ("iris", 2))),
        ("unlock_password_kit", "AAAABQAA", ("opened", "password", 5, ("password", 5))),
        ("unlock_card_kit", "1", ("opened", "card", 1, ("card", 1))),
        (
            "unlock_telecontrol_kit",
            "AAAAAQAA",
            ("opened", "remote_control", 1, ("remote_control", 1)),
        ),
        ("unlock_key", 1, ("opened", "key", 1, None)),
        ("unlock_temporary", "7", ("opened", "temporary_password", 7, None)),
        ("unlock_temporary_kit", "AAAABwAA", ("opened", "temporary_password", 7, None)),
        ("unlock_dynamic", 1, ("opened", "dynamic_password", None, None)),
        ("unlock_offline_pd", 1, ("opened", "offline_password", None, None)),
        ("unlock_app", 0, ("opened", "app", 0, None)),
        ("unlock_ble", True, ("opened", "app", None, None)),
        ("unlock_phone_remote_kit", "AAAAAQAA", ("opened", "remote", 1, None)),
        ("unlock_voice_remote", 1, ("opened", "voice", 1, None)),
        ("open_inside", True, ("opened", "inside", None, None)),
        ("alarm_lock", "pry", ("alarm", "tamper", None, None)),
        ("alarm_lock", "wrong_hand", ("alarm", "wrong_palm", None, None)),
        ("alarm_lock", "stay_alarm", ("alarm", "other", None, None)),
        ("hijack", True, ("alarm", "duress", None, None)),
        ("hijack", "true", ("alarm", "duress", None, None)),
        ("hijack", "unlock_fingerprint-02", ("alarm", "duress", 2, ("fingerprint", 2))),
        ("doorbell", True, ("doorbell", "ring", None, None)),
        # None of these says that anything happened.
        ("hijack", False, None),
        ("doorbell", False, None),
        ("open_inside", False, None),
        ("unlock_app", False, None),
        ("unlock_dynamic", 0, None),
        ("unlock_fingerprint", None, None),
        ("unlock_fingerprint", "AAAA", None),
        ("unlock_fingerprint", -1, None),
        ("alarm_lock", "", None),
        ("alarm_lock", True, None),
        ("unlock_request", 60, None),
        ("unlock_method_create", "AQIDBAUG", None),
        ("unlock_something_new", 3, None),
        ("lock_motor_state", True, None),
        ("residual_electricity", 80, None),
    ],
)
def test_reports(code: str, value: object, expected: tuple[Any, ...] | None) -> None:
    """Each code and form of value has one meaning, or none."""
    assert told(lock_event(code, value, NOW)) == expected


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("unlock_card", "?", ("opened", "card", None, None)),
        ("unlock_something_new", 3, ("opened", "other", None, None)),
        ("unlock_card", "4", ("opened", "card", 4, ("card", 4))),
    ],
)
def test_records_of_openings(
    code: str, value: object, expected: tuple[Any, ...]
) -> None:
    """A list of openings holds nothing else, so a row without a meaning is one, too."""
    assert told(opening_of_record(code, value, NOW)) == expected


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
    """Times come in seconds or milliseconds; what is neither is not guessed."""
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
    """Raw reports of a lock's administration ask for reading it, an idle one does not."""
    assert announces_administration(code, value) is expected
