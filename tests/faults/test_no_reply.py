"""No reply, or an unreadable one: logged once, and its end as well."""

import logging
from typing import Any, Final

import pytest

from homeassistant.const import STATE_UNAVAILABLE
from simulator import Lock
from tests.common import cases, load_fixture, user_names

from .home import (
    CYCLE_SECONDS,
    DAY_SECONDS,
    HOUR_SECONDS,
    LIST,
    LIST_SECONDS,
    ORPHANS,
    FaultyHome,
)

NOT_UTF_8: Final = ["body", [b'{"result": "\xff"}'], {}]

every_no_reply = cases(
    ("kind", "arguments", "options"),
    load_fixture("unreadable_replies") | {"not-utf-8": NOT_UTF_8},
)


@every_no_reply
async def test_no_reply(
    home: FaultyHome,
    kind: str,
    arguments: list[Any],
    options: dict[str, Any],
    subtests: pytest.Subtests,
) -> None:
    """One log line reports the outage, and one its end.

    This holds for each call: list of locks, users, token, and all together.
    """
    before = home.states
    for name, on, gone in (
        ("list", LIST, "front_online"),
        ("users", ("smart_lock_users",), "front_users"),
        ("token", ("token",), "front_users"),
        ("all", ("business",), "gate:gus_access"),
    ):
        with subtests.test(call=name):
            home.cloud.kill_token()
            plant = getattr(home.cloud.faults, kind)
            plant(*arguments, **options, on=on, times=None)
            await home.advance(LIST_SECONDS)
            await home.advance(CYCLE_SECONDS)

            assert home.states[gone] == STATE_UNAVAILABLE
            assert (home.issues, home.flows) == ([], [])
            assert user_names(home.hass, home.entry, "front") == ["Alice", "Bob"]
            ((level, line),) = home.lines
            assert level == logging.WARNING
            assert line.startswith("Cannot read the Tuya cloud: ")

            home.caplog.clear()
            home.cloud.faults.clear()
            await home.advance(LIST_SECONDS + CYCLE_SECONDS)
            await home.advance(CYCLE_SECONDS)
            home.assert_recovered(before)
            assert home.lines == [(logging.INFO, "Can read the Tuya cloud again")]
            home.caplog.clear()


@every_no_reply
async def test_no_reply_optional_calls(
    home: FaultyHome,
    door: Lock,
    kind: str,
    arguments: list[Any],
    options: dict[str, Any],
) -> None:
    """Failures of details and orphans have no effect and are not logged."""
    before = home.states
    plant = getattr(home.cloud.faults, kind)
    plant(*arguments, **options, on=("opmodes", *ORPHANS), times=None)
    door.add_method("remoteControl", door.users["bob"])
    door.add_method("card")
    await home.advance(DAY_SECONDS)
    assert home.states == before
    home.cloud.faults.clear()
    await home.advance(DAY_SECONDS + HOUR_SECONDS)
    assert home.states["front:bob_unlock_methods"] == "2"
    assert home.states["front_unassigned_unlock_methods"] == "1"
    assert (home.lines, home.issues, home.flows) == ([], [], [])


@cases(
    "on",
    {
        "users": "smart_lock_users",
        "list": "associated_devices",
        "opmodes": "opmodes",
        "absent-users": "absent_users",
    },
)
@cases(
    ("kind", "value"),
    {
        "truncated": ("truncate", 0),
        "repeating": ("repeat", 0),
        "endless": ("endless", 0),
        "total-too-large": ("total", 99),
        "total-negative": ("total", -1),
        "has-more": ("has_more", 0),
    },
)
async def test_contradictory_page(
    home: FaultyHome, door: Lock, on: str, kind: Any, value: int
) -> None:
    """A contradictory page removes no user at once, and is not requested forever."""
    for number in range(4):
        user = door.add_user(f"User {number}", user_id=f"user{number}")
        door.add_method("card", user)
    await home.advance(DAY_SECONDS)
    await home.advance(HOUR_SECONDS)
    before = home.states
    home.cloud.calls.clear()
    fault = home.cloud.faults.page(kind, value, on=on)
    await home.advance(LIST_SECONDS if on in LIST else CYCLE_SECONDS)
    fault.remove()
    assert home.states == before
    assert home.cloud.calls.counts()[on] <= 6
    await home.advance(DAY_SECONDS)
    await home.advance(HOUR_SECONDS)
    assert home.states == before
    assert home.lines == []
