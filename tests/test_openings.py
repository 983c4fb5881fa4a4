"""Tests of occurrences at a door: the user, and whether it is new."""

from dataclasses import replace
from datetime import UTC
from typing import Any, Final

import pytest

from custom_components.tuya_lock_users.api.lock_events import (
    EventKind,
    LockEvent,
    lock_event,
)
from custom_components.tuya_lock_users.api.messages import PropertyReport, Report
from custom_components.tuya_lock_users.api.models import User
from custom_components.tuya_lock_users.api.records import Record
from custom_components.tuya_lock_users.api.schedule.times import Zones
from custom_components.tuya_lock_users.api.unlock_methods import UnlockMethod
from custom_components.tuya_lock_users.domain.door_history import (
    NEW_FOR_MS,
    Door,
    Verdict,
)
from custom_components.tuya_lock_users.domain.openings import (
    Occurrence,
    Source,
    from_message,
    from_record,
    is_identified,
    renamed,
    reported_administration,
    reported_events,
)
from custom_components.tuya_lock_users.domain.snapshot import LockSnapshot
from tests.common import cases, load_fixture

NOW: Final = 1_800_000_000_000
MINUTE: Final = 60_000
EXPECTED: Final = load_fixture("openings")

THUMB: Final = UnlockMethod(type="fingerprint", number=3, name="Thumb", user_id="a")
LITTLE: Final = UnlockMethod(type="fingerprint", number=4, duress=True)
STRAY: Final = UnlockMethod(type="card", number=9, name="Stray card")
SNAPSHOT: Final = LockSnapshot(
    users={
        "a": User(user_id="a", name="Alice", unlock_methods=(THUMB, LITTLE)),
        "b": User(user_id="b", name="Bob", account_uid="eu1Bob"),
        "c": User(user_id="c", name="Twin"),
        "d": User(user_id="d", name="Twin"),
    },
    zones=Zones(default=UTC, named={}),
    unassigned_methods=(STRAY,),
)


def event(code: str, value: object, time_ms: int = NOW) -> LockEvent:
    found = lock_event(code, value, time_ms)
    assert found is not None
    return found


def summaries(occurrences: tuple[Occurrence, ...]) -> list[list[Any]]:
    return [
        [one.kind, one.type, one.number, one.user_id, one.user_name, one.name]
        for one in occurrences
    ]


@cases(("code", "value", "expected"), EXPECTED["messages"])
def test_occurrences_from_message(
    code: str, value: object, expected: list[list[Any]]
) -> None:
    """A message finds its user by type and number; nothing is invented."""
    assert (
        summaries(from_message(event(code, value), SNAPSHOT, {7: "cleaner"}))
        == expected
    )


@cases(("code", "value", "names", "expected"), EXPECTED["records"])
def test_occurrences_from_record(
    code: str, value: object, names: dict[str, str], expected: list[Any]
) -> None:
    """A record finds its user by method first, then by the ids and names it brings."""
    record = Record(event=event(code, value), **names)
    assert summaries(from_record(record, SNAPSHOT)) == [expected]


def test_is_identified() -> None:
    """Reading methods helps only where a number of one is not known."""
    assert is_identified(event("unlock_fingerprint", 3), SNAPSHOT)
    assert is_identified(event("unlock_card", 9), SNAPSHOT)
    assert is_identified(event("unlock_app", 3), None)
    assert not is_identified(event("unlock_card", 3), SNAPSHOT)
    assert not is_identified(event("unlock_fingerprint", 3), None)
    record = Record(event=event("unlock_fingerprint", 3), user_id="a", user_name="Al")
    (before_any_update,) = from_record(record, None)
    assert (before_any_update.user_id, before_any_update.user_name) == (None, "Al")


def report(**values: object) -> PropertyReport:
    return PropertyReport(
        device_id="front",
        reports=tuple(
            Report(code=code, value=value, time_ms=NOW)
            for code, value in values.items()
        ),
    )


def test_duress_report() -> None:
    """Openings come first, and an alarm of duress is about the opening beside it."""
    events = reported_events(report(hijack=True, lock_motor_state=False, unlock_card=5))
    assert [(one.kind, one.type, one.method_key) for one in events] == [
        ("opened", "card", ("card", 5)),
        ("alarm", "duress", ("card", 5)),
    ]
    assert reported_administration(report(unlock_card=5)) is None
    assert reported_administration(report(unlock_method_create="AQ==")) == NOW


def opening(
    ago: int = 0, number: int | None = 3, source: Source = Source.PUSH, **more: Any
) -> Occurrence:
    occurrence = Occurrence(
        kind=EventKind.OPENED,
        type="fingerprint",
        method_type="fingerprint",
        number=number,
        time_ms=NOW - ago,
        code="unlock_fingerprint",
        source=source,
        user_id="a",
        user_name="Alice",
    )
    return replace(occurrence, **more)


@pytest.mark.parametrize("first", list(Source))
def test_reported_once(first: Source) -> None:
    """Message and record of the same opening are reported once, in either order."""
    door = Door()
    door.note_reading(NOW - 5 * MINUTE)
    (second,) = set(Source) - {first}
    assert door.add(opening(source=first), NOW) is Verdict.NEW
    assert door.add(opening(1500, source=second), NOW + 3000) is Verdict.KNOWN
    assert door.add(opening(source=first), NOW + 3000) is Verdict.KNOWN
    assert door.add(opening(number=None), NOW) is Verdict.KNOWN


@pytest.mark.parametrize(
    "other",
    [
        opening(-2001),
        opening(2001),
        opening(number=5),
        opening(type="card"),
        opening(kind=EventKind.ALARM, type="duress"),
    ],
    ids=["later", "earlier", "number", "type", "kind"],
)
def test_different_events(other: Occurrence) -> None:
    """Another time, number, type or kind is another event; so is the same person again."""
    door = Door()
    assert door.add(opening(), NOW) is Verdict.NEW
    assert door.add(other, NOW + 3000) is Verdict.NEW


def test_old_openings() -> None:
    """Openings older than ten minutes when first seen only update the sensors."""
    door = Door()
    assert door.add(opening(NEW_FOR_MS + 1), NOW) is Verdict.PAST
    assert door.last_opened == opening(NEW_FOR_MS + 1)
    assert door.add(opening(NEW_FOR_MS, number=4), NOW) is Verdict.NEW
    assert door.last_opened_of == {"a": NOW - NEW_FOR_MS}
    assert door.add(opening(2 * NEW_FOR_MS, number=5), NOW) is Verdict.PAST
    assert door.last_opened_of == {"a": NOW - NEW_FOR_MS}


def test_first_reading() -> None:
    """Records of the first reading are past; later ones are new."""
    door = Door()
    record = opening(MINUTE, source=Source.RECORD)
    assert door.add(record, NOW) is Verdict.PAST
    door.note_reading(NOW)
    assert door.read_until_ms == NOW
    late = opening(2 * MINUTE, number=4, source=Source.RECORD)
    assert door.add(late, NOW + MINUTE) is Verdict.PAST
    fresh = opening(-MINUTE, source=Source.RECORD)
    assert door.add(fresh, NOW + 2 * MINUTE) is Verdict.NEW


def test_restart() -> None:
    """After a restart, known openings are not repeated, and missed ones are reported."""
    door = Door()
    door.note_reading(NOW - 30 * MINUTE)
    door.add(opening(5 * MINUTE), NOW)
    door.add(opening(20 * MINUTE), NOW)
    history = door.history(NOW)
    assert [one.time_ms for one in history.recent] == [NOW - 5 * MINUTE]
    door = Door(history)
    assert door.last_opened == opening(5 * MINUTE, user_name=None)
    assert renamed(door.last_opened, SNAPSHOT, {}).user_name == "Alice"
    recorded = opening(5 * MINUTE, source=Source.RECORD)
    missed = opening(3 * MINUTE, source=Source.RECORD)
    long_ago = opening(11 * MINUTE, source=Source.RECORD)
    assert door.add(recorded, NOW + MINUTE) is Verdict.KNOWN
    assert door.add(missed, NOW + MINUTE) is Verdict.NEW
    assert door.add(long_ago, NOW + MINUTE) is Verdict.PAST


def test_clock_ahead() -> None:
    """A lock whose clock is a day ahead does not hide later openings."""
    door = Door()
    door.add(opening(-24 * 60 * MINUTE, user_id="b"), NOW)
    assert door.last_opened_of == {"b": NOW}
    door.add(opening(-MINUTE), NOW + MINUTE)
    assert door.last_opened == opening(-MINUTE)
    door.forget_users(["b", "x"])
    assert door.last_opened_of == {"a": NOW + MINUTE}


@cases(
    ("missed", "expected"),
    {
        "missed": (opening(20 * MINUTE, source=Source.RECORD), True),
        "reported": (opening(20 * MINUTE), False),
        "may-come": (opening(MINUTE, source=Source.RECORD), False),
        "before": (opening(58 * MINUTE, source=Source.RECORD), False),
        "no-method": (
            opening(20 * MINUTE, source=Source.RECORD, method_type=None),
            False,
        ),
    },
)
def test_missing_messages(missed: Occurrence, expected: bool) -> None:
    """A record without a message, while connected, means that messages are missing."""
    door = Door()
    door.add(missed, NOW)
    assert door.misses_messages(NOW - 60 * MINUTE, NOW) is expected
    door.add(replace(missed, source=Source.PUSH), NOW)
    assert not door.misses_messages(NOW - 60 * MINUTE, NOW)


def test_history_limit() -> None:
    """A door that opens all day long does not fill the memory."""
    door = Door()
    for number in range(2000):
        door.add(opening(-number * 3000, number=number), NOW + number * 3000)
    assert len(door.history(NOW).recent) <= 500
