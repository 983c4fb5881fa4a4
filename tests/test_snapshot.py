"""The snapshot of a lock: how its parts are merged."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from custom_components.tuya_lock_users.api.models import User
from custom_components.tuya_lock_users.api.schedule.model import (
    Delivery,
    Schedule,
    Window,
)
from custom_components.tuya_lock_users.api.schedule.times import Zones
from custom_components.tuya_lock_users.api.unlock_methods import Phase, UnlockMethod
from custom_components.tuya_lock_users.domain.snapshot import (
    LockSnapshot,
    lock_zone,
    zone_names,
)
from tests.common import cases

ZONES = Zones(default=UTC)
CARD = UnlockMethod(type="card", number=1, name="Blue")
FOB = UnlockMethod(type="remote_control", number=1)
ALICE = User(user_id="alice", name="Alice", unlock_methods=(CARD,))
BOB = User(user_id="bob", name="Bob", unlock_methods=())


def snapshot(*users: User) -> LockSnapshot:
    return LockSnapshot(
        users={user.user_id: user for user in users},
        zones=ZONES,
        detailed=frozenset(user.user_id for user in users if user.unlock_methods),
        refuses_details=True,
    )


def test_unlock_methods() -> None:
    assert snapshot(ALICE, BOB).unlock_methods == [CARD]
    assert snapshot().unlock_methods == []


def test_unlock_methods_unknown() -> None:
    assert snapshot(ALICE, replace(BOB, unlock_methods=None)).unlock_methods is None


def test_holders() -> None:
    """Several users may seem to have the same method."""
    carol = User(user_id="carol", unlock_methods=(FOB, CARD))
    assert snapshot(ALICE, BOB, carol).holders(CARD.key) == [ALICE, carol]
    assert snapshot(ALICE).holders(FOB.key) == []


@cases(
    ("user", "pending"),
    {
        "nothing": (ALICE, set()),
        "unknown": (replace(ALICE, unlock_methods=None), set()),
        "schedule": (
            replace(
                ALICE, schedule=Schedule(permanent=True, delivery=Delivery.ONGOING)
            ),
            {("alice",)},
        ),
        "method": (
            replace(ALICE, unlock_methods=(replace(CARD, delivery=Delivery.ONGOING),)),
            {("alice", "card", "1")},
        ),
        "phase-alone": (
            replace(ALICE, unlock_methods=(replace(CARD, phase=Phase.TO_BE_DELETED),)),
            {("alice", "card", "1")},
        ),
        "failed": (
            replace(ALICE, unlock_methods=(replace(CARD, delivery=Delivery.FAILED),)),
            set(),
        ),
    },
)
def test_pending(user: User, pending: set[tuple[str, ...]]) -> None:
    taken = snapshot(user)
    assert taken.pending == pending
    is_known = user.unlock_methods is not None
    assert taken.pending_changes == (len(pending) if is_known else None)


BERLIN = ZoneInfo("Europe/Berlin")
TOKYO = ZoneInfo("Asia/Tokyo")
WINTER = datetime(2026, 12, 9, tzinfo=UTC)
SUMMER = datetime(2026, 7, 9, tzinfo=UTC)


def with_windows(*names: str | None) -> User:
    windows = tuple(
        Window(mask=1, start_minute=0, end_minute=60, time_zone=name) for name in names
    )
    return replace(ALICE, schedule=Schedule(permanent=False, windows=windows))


def test_zone_names() -> None:
    users = [BOB, with_windows("Asia/Tokyo", None, "Europe/Berlin"), ALICE]
    assert zone_names([*users, with_windows("Asia/Tokyo")]) == [
        "Asia/Tokyo",
        "Europe/Berlin",
    ]


@cases(
    ("offset", "now", "zone"),
    {
        "unknown": (None, WINTER, BERLIN),
        "empty": ("", WINTER, BERLIN),
        "no-offset": ("Berlin", WINTER, BERLIN),
        "same-in-winter": ("+01:00", WINTER, BERLIN),
        "same-in-summer": ("+02:00", SUMMER, BERLIN),
        "not-now": ("+01:00", SUMMER, timezone(timedelta(hours=1))),
        "short": ("+8:00", WINTER, timezone(timedelta(hours=8))),
        "west": ("-0330", WINTER, timezone(-timedelta(hours=3, minutes=30))),
        "none": ("+00:00", WINTER, UTC),
        "no-such-zone": ("+99:00", WINTER, BERLIN),
        "no-such-zone-west": ("-99:00", WINTER, BERLIN),
    },
)
def test_lock_zone(offset: str | None, now: datetime, zone: tzinfo) -> None:
    assert lock_zone(offset, None, {}, BERLIN, now) == zone


@pytest.mark.parametrize(
    ("offset", "names", "zone"),
    [
        (None, ["Asia/Tokyo", "Europe/Berlin"], TOKYO),
        ("+09:00", ["Europe/Berlin", "Asia/Tokyo"], TOKYO),
        ("+01:00", ["Asia/Tokyo", "Europe/Berlin"], BERLIN),
        ("+01:00", ["Asia/Tokyo"], BERLIN),
        ("-05:00", ["Asia/Tokyo"], timezone(-timedelta(hours=5))),
    ],
)
def test_lock_zone_by_name(offset: str | None, names: list[str], zone: tzinfo) -> None:
    """Hours may be those of another place: a zone they name must have the offset."""
    named: dict[str, tzinfo] = {
        name: {"Asia/Tokyo": TOKYO, "Europe/Berlin": BERLIN}[name] for name in names
    }
    assert lock_zone(offset, None, named, BERLIN, WINTER) == zone
    assert lock_zone(offset, UTC, named, BERLIN, WINTER) is UTC


def test_time_zone_name() -> None:
    """The lock's zone has a name where a schedule names it."""
    zones = Zones(default=TOKYO, named={"Asia/Tokyo": TOKYO})
    assert LockSnapshot(users={}, zones=zones).time_zone_name == "Asia/Tokyo"
    assert snapshot().time_zone_name is None
