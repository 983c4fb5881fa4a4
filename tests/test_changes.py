"""Changes between two snapshots of a lock."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from custom_components.tuya_lock_users.api.models import User, UserType
from custom_components.tuya_lock_users.api.schedule.model import (
    Access,
    Delivery,
    Schedule,
    Window,
)
from custom_components.tuya_lock_users.api.schedule.times import Zones
from custom_components.tuya_lock_users.api.unlock_methods import Phase, UnlockMethod
from custom_components.tuya_lock_users.domain.changes import (
    LONGEST_WAIT_SECONDS,
    Change,
    ChangeType,
    access_changes,
    changes_between,
    first_history,
    method_changes,
)
from custom_components.tuya_lock_users.domain.snapshot import LockSnapshot
from tests.common import cases

PERMANENT = Schedule(permanent=True)
LIMITED = Schedule(permanent=False, start=1_796_000_000, end=1_797_000_000)
CARD = UnlockMethod(type="card", number=1, name="Blue")
FOB = UnlockMethod(type="remote_control", number=7)
ALICE = User(user_id="alice", name="Alice", unlock_methods=())
BOB = User(
    user_id="bob",
    name="Bob",
    user_type=UserType.MEMBER,
    schedule=PERMANENT,
    unlock_methods=(CARD,),
)
NAMED_CARD = {"type": "card", "number": 1, "name": "Blue"}


def snapshot(*users: User, detailed: Iterable[str] = ()) -> LockSnapshot:
    return LockSnapshot(
        users={user.user_id: user for user in users},
        zones=Zones(default=UTC),
        detailed=frozenset(detailed),
    )


def changes_of(before: LockSnapshot, after: LockSnapshot) -> list[Change]:
    changes, _ = method_changes(first_history(before), before, after)
    return [*changes_between(before, after), *changes]


def described(changes: Iterable[Change]) -> list[tuple[str, dict[str, Any]]]:
    return [(change.type.value, change.attributes) for change in changes]


def user_data(user: User, **details: Any) -> dict[str, Any]:
    return {"user_id": user.user_id, "user_name": user.name, **details}


def test_nothing_changed() -> None:
    """The same reading twice is no event, whether or not it is the same object."""
    before = snapshot(ALICE, BOB, detailed=["bob"])
    assert changes_of(before, before) == []
    assert changes_of(before, snapshot(replace(ALICE), replace(BOB))) == []


@cases(
    ("before", "after", "event", "method_event"),
    {
        "added": ((ALICE,), (ALICE, BOB), "user_added", "unlock_method_added"),
        "removed": ((ALICE, BOB), (ALICE,), "user_removed", "unlock_method_removed"),
    },
)
def test_user_added_or_removed(
    before: tuple[User, ...], after: tuple[User, ...], event: str, method_event: str
) -> None:
    assert described(changes_of(snapshot(*before), snapshot(*after))) == [
        (event, user_data(BOB)),
        (method_event, user_data(BOB, **NAMED_CARD)),
    ]


MORNING = Window(mask=2, start_minute=60, end_minute=120)
EVENING = Window(mask=2, start_minute=600, end_minute=660)


@cases(
    ("before", "after"),
    {
        "missing-is-permanent": (None, PERMANENT),
        "operation-alone": (PERMANENT, replace(PERMANENT, operate="modify")),
        "delivery-succeeded": (
            replace(PERMANENT, delivery=Delivery.ONGOING),
            replace(PERMANENT, delivery=Delivery.SUCCESS),
        ),
        "failed-before": (
            replace(PERMANENT, delivery=Delivery.FAILED),
            replace(PERMANENT, delivery=Delivery.FAILED, operate="add"),
        ),
        "order-of-windows": (
            replace(LIMITED, windows=(MORNING, EVENING)),
            replace(LIMITED, windows=(EVENING, MORNING)),
        ),
    },
)
def test_equivalent_schedules(before: Schedule | None, after: Schedule | None) -> None:
    """A schedule with the same effect is no change."""
    assert not changes_of(
        snapshot(replace(BOB, schedule=before)), snapshot(replace(BOB, schedule=after))
    )


def test_method_removed() -> None:
    after = replace(BOB, name="Robert", unlock_methods=())
    changes = described(changes_of(snapshot(BOB), snapshot(after)))
    assert changes[1:] == [("unlock_method_removed", user_data(after, **NAMED_CARD))]


@cases(
    ("before", "after", "expected"),
    {
        "moved-from-removed-user": (
            snapshot(ALICE, BOB),
            snapshot(replace(ALICE, unlock_methods=(CARD,))),
            [ChangeType.USER_REMOVED, ChangeType.UNLOCK_METHOD_MOVED],
        ),
        "same-number-of-another-type": (
            snapshot(BOB),
            snapshot(replace(BOB, unlock_methods=(replace(CARD, type="face"),))),
            [ChangeType.UNLOCK_METHOD_ADDED, ChangeType.UNLOCK_METHOD_REMOVED],
        ),
        "renamed": (
            snapshot(BOB, detailed=["bob"]),
            snapshot(replace(BOB, unlock_methods=(replace(CARD, name="Green"),))),
            [],
        ),
        "listed-type-without-details": (
            snapshot(BOB),
            snapshot(replace(BOB, unlock_methods=(CARD, replace(CARD, number=2)))),
            [ChangeType.UNLOCK_METHOD_ADDED],
        ),
    },
)
def test_method_changes(
    before: LockSnapshot, after: LockSnapshot, expected: list[ChangeType]
) -> None:
    """A method is identified by type and number, regardless of user and name."""
    assert [change.type for change in changes_of(before, after)] == expected


@cases(
    ("before", "after"),
    {
        "not-read-before": (replace(BOB, unlock_methods=None), BOB),
        "type-not-listed": (
            BOB,
            replace(BOB, unlock_methods=(CARD, FOB)),
        ),
        "failed-before-start": (
            BOB,
            replace(BOB, unlock_methods=(replace(CARD, delivery=Delivery.FAILED),)),
        ),
        "no-longer-listed": (BOB, replace(BOB, unlock_methods=None)),
    },
)
def test_new_details_no_event(before: User, after: User) -> None:
    assert changes_of(snapshot(before), snapshot(after)) == []


@cases(
    ("before", "after", "fails"),
    {
        "failed": ({}, {"delivery": Delivery.FAILED}, True),
        "failed-while-pending": ({"delivery": Delivery.ONGOING}, {"delivery": Delivery.FAILED}, True),
        "failed-by-its-phase": ({"phase": Phase.TO_BE_CREATED}, {"phase": Phase.CREATION_FAILED}, True),
        "failed-before": ({"delivery": Delivery.FAILED}, {"delivery": Delivery.FAILED, "voice": True}, False),
        "succeeded": ({"delivery": Delivery.ONGOING}, {"delivery": Delivery.SUCCESS}, False),
    },
)  # fmt: skip
def test_method_delivery(
    before: dict[str, Any], after: dict[str, Any], fails: bool
) -> None:
    old = replace(BOB, unlock_methods=(replace(CARD, **before),))
    new = replace(BOB, unlock_methods=(replace(CARD, **after),))
    changes = described(changes_of(snapshot(old, detailed=["bob"]), snapshot(new)))
    assert changes == (
        [("delivery_failed", user_data(BOB, **NAMED_CARD))] if fails else []
    )


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        (Access.ALLOWED, Access.ALLOWED, None),
        (Access.ALLOWED, Access.OUTSIDE_HOURS, "access_ended"),
        (Access.ALLOWED, Access.EXPIRED, "access_ended"),
        (Access.ALLOWED, Access.SUSPENDED, "access_ended"),
        (Access.OUTSIDE_HOURS, Access.ALLOWED, "access_started"),
        (Access.NOT_STARTED, Access.ALLOWED, "access_started"),
        (Access.NOT_STARTED, Access.OUTSIDE_HOURS, None),
        (Access.OUTSIDE_HOURS, Access.EXPIRED, None),
        (Access.EXPIRED, Access.SUSPENDED, None),
        (None, Access.ALLOWED, None),
        (None, Access.EXPIRED, None),
    ],
)
def test_access_changes(
    before: Access | None, after: Access, event: str | None
) -> None:
    """Access starts and ends; a new user had no access before."""
    changes = access_changes(
        {"bob": BOB}, {"bob": before} if before else {}, {"bob": after}
    )
    assert described(changes) == ([(event, user_data(BOB))] if event else [])
    assert access_changes({}, {"bob": Access.ALLOWED}, {}) == []


def rotated(*users: User, at: Sequence[float], **more: Any) -> LockSnapshot:
    ids = [user.user_id for user in users]
    return LockSnapshot(
        users=dict(zip(ids, users, strict=True)),
        zones=Zones(default=UTC),
        lists_methods=False,
        detailed=frozenset(ids),
        details_read_at=dict(zip(ids, at, strict=True)),
        **more,
    )


NO_CARD = replace(BOB, unlock_methods=())
HAS_CARD = replace(ALICE, unlock_methods=(CARD,))
MOVED = ("unlock_method_moved", "alice")
REMOVED = ("unlock_method_removed", "bob")


@cases(
    ("readings", "reported"),
    {
        "former-holder-first": (
            [rotated(NO_CARD, ALICE, at=[2, 1]), rotated(NO_CARD, HAS_CARD, at=[2, 3])],
            [[], [MOVED]],
        ),
        "new-holder-first": (
            [rotated(BOB, HAS_CARD, at=[1, 2]), rotated(NO_CARD, HAS_CARD, at=[3, 2])],
            [[], [MOVED]],
        ),
        "removed": (
            [rotated(NO_CARD, ALICE, at=[2, 1]), rotated(NO_CARD, ALICE, at=[4, 3])],
            [[], [REMOVED]],
        ),
        "unassigned": (
            [
                rotated(
                    NO_CARD,
                    ALICE,
                    at=[2, 1],
                    unassigned_methods=(CARD,),
                    unassigned_read_at=2,
                )
            ],
            [[REMOVED]],
        ),
        "both-have-it": (
            [rotated(BOB, HAS_CARD, at=[1, 2]), rotated(BOB, HAS_CARD, at=[3, 2])],
            [[], [("unlock_method_added", "alice")]],
        ),
        "missing-once": (
            [rotated(NO_CARD, ALICE, at=[2, 1]), rotated(BOB, ALICE, at=[3, 1])],
            [[], []],
        ),
        "unreadable-user": (
            [
                rotated(NO_CARD, ALICE, at=[2, 1], listed_at=2),
                rotated(NO_CARD, ALICE, at=[9, 1], listed_at=2 + LONGEST_WAIT_SECONDS),
            ],
            [[], [REMOVED]],
        ),
    },
)
def test_users_read_in_rotation(
    readings: list[LockSnapshot], reported: list[list[tuple[str, str]]]
) -> None:
    """A method moved once, and is removed once no other user is known to have it."""
    before = rotated(BOB, ALICE, at=[1, 1])
    history = first_history(before)
    for after, expected in zip(readings, reported, strict=True):
        changes, history = method_changes(history, before, after)
        assert [(change.type, change.user_id) for change in changes] == expected
        before = after


def test_paged_list() -> None:
    """A method may move from a page that was not read yet to one that was."""
    before, after = snapshot(BOB, ALICE), snapshot(NO_CARD, ALICE)
    paged = replace(after, is_paged=True, listed_at=5)
    changes, history = method_changes(first_history(before), before, paged)
    assert changes == []
    later = replace(paged, listed_at=6)
    changes, _ = method_changes(history, paged, later)
    assert [change.type for change in changes] == [ChangeType.UNLOCK_METHOD_REMOVED]


def test_details_newer_than_list() -> None:
    """A method that the list still has with another user is not new yet."""
    now_alice = replace(ALICE, unlock_methods=(CARD,))
    before = replace(snapshot(ALICE, BOB, detailed=["alice", "bob"]), listed_at=1.0)
    between = replace(
        snapshot(now_alice, BOB, detailed=["alice", "bob"]),
        listed_at=1.0,
        details_read_at={"alice": 2.0},
    )
    changes, history = method_changes(first_history(before), before, between)
    assert changes == []
    after = replace(snapshot(now_alice, replace(BOB, unlock_methods=())), listed_at=3.0)
    changes, _ = method_changes(history, between, after)
    assert [one.type for one in changes] == [ChangeType.UNLOCK_METHOD_MOVED]
