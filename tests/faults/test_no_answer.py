"""No answer at all, or one that makes no sense: told once, and over when it is over."""

import logging
from typing import Any, Final

import pytest

from homeassistant.const import STATE_UNAVAILABLE
from simulator import Lock
from tests.common import cases, user_names

from .house import (
    CYCLE_SECONDS,
    DAY_SECONDS,
    HOUR_SECONDS,
    LEFTOVERS,
    LIST,
    LIST_SECONDS,
    House,
    Plant,
)

NO_ANSWER: Final[dict[str, Plant]] = {
    "hang": lambda faults, **on: faults.hang(**on),
    "late": lambda faults, **on: faults.latency(11, **on),
    "cut-before": lambda faults, **on: faults.cut("before", **on),
    "cut-in-the-middle": lambda faults, **on: faults.cut("middle", **on),
    "cut-after": lambda faults, **on: faults.cut("after", **on),
    "http-500": lambda faults, **on: faults.http(500, "no", **on),
    "http-503": lambda faults, **on: faults.http(503, "<html>", **on),
    "http-429": lambda faults, **on: faults.http(429, **on),
    "http-404": lambda faults, **on: faults.http(404, "<html>", **on),
    "redirect": lambda faults, **on: faults.http(302, headers={"Location": "/"}, **on),
    "no-body": lambda faults, **on: faults.body(b"", **on),
    "not-json": lambda faults, **on: faults.body("<html>", **on),
    "half-of-the-json": lambda faults, **on: faults.body('{"success": true', **on),
    "not-utf-8": lambda faults, **on: faults.body(b'{"result": "\xff"}', **on),
    "list-for-an-envelope": lambda faults, **on: faults.json([], **on),
    "null": lambda faults, **on: faults.json(None, **on),
    "empty-envelope": lambda faults, **on: faults.json({}, **on),
    "no-result": lambda faults, **on: faults.no_result(**on),
    "result-null": lambda faults, **on: faults.result(None, **on),
    "object-without-a-list": lambda faults, **on: faults.result({"total": 3}, **on),
    "too-large": lambda faults, **on: faults.oversized(**on),
}
"""Replies that cannot be read."""

every_no_answer = pytest.mark.parametrize(
    "plant", [pytest.param(plant, id=name) for name, plant in NO_ANSWER.items()]
)


@every_no_answer
async def test_no_answer(
    house: House, door: Lock, plant: Plant, subtests: pytest.Subtests
) -> None:
    """One log line reports the outage, and one its end.

    Whichever call it strikes: list of locks, users, token, and all together.
    """
    before = house.states
    for name, on, gone in (
        ("list", LIST, "front_online"),
        ("users", ("smart_lock_users",), "front_users"),
        ("token", ("token",), "front_users"),
        ("all", ("business",), "gate:gus_access"),
    ):
        with subtests.test(call=name):
            house.cloud.kill_token()
            plant(house.cloud.faults, on=on, times=None)
            await house.advance(LIST_SECONDS)
            await house.advance(CYCLE_SECONDS)

            assert house.states[gone] == STATE_UNAVAILABLE
            assert (house.issues, house.flows) == ([], [])
            assert user_names(house.hass, house.entry, "front") == ["Alice", "Bob"]
            ((level, line),) = house.lines
            assert level == logging.WARNING
            assert line.startswith("Cannot read the Tuya cloud: ")

            house.caplog.clear()
            house.cloud.faults.clear()
            await house.advance(LIST_SECONDS + CYCLE_SECONDS)
            await house.advance(CYCLE_SECONDS)
            house.assert_well(before)
            assert house.lines == [(logging.INFO, "Can read the Tuya cloud again")]
            house.caplog.clear()


@every_no_answer
async def test_no_answer_to_what_is_welcome(
    house: House, door: Lock, plant: Plant
) -> None:
    """Details and leftovers that do not come cost nothing, and are told of nowhere."""
    before = house.states
    plant(house.cloud.faults, on=("opmodes", *LEFTOVERS), times=None)
    door.add_method("remoteControl", door.users["bob"])
    door.add_method("card")
    await house.advance(DAY_SECONDS)
    assert house.states == before
    house.cloud.faults.clear()
    await house.advance(DAY_SECONDS + HOUR_SECONDS)
    assert house.states["front:bob_unlock_methods"] == "2"
    assert house.states["front_unassigned_unlock_methods"] == "1"
    assert (house.lines, house.issues, house.flows) == ([], [], [])


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
    ("lie", "value"),
    {
        "truncated": ("truncate", 0),
        "repeating": ("repeat", 0),
        "endless": ("endless", 0),
        "total-too-large": ("total", 99),
        "total-negative": ("total", -1),
        "has-more-lies": ("has_more", 0),
    },
)
async def test_lying_page(
    house: House, door: Lock, on: str, lie: Any, value: int
) -> None:
    """A contradictory page removes no user at once, and is not requested forever."""
    for number in range(4):
        user = door.add_user(f"User {number}", user_id=f"user{number}")
        door.add_method("card", user)
    await house.advance(DAY_SECONDS)
    await house.advance(HOUR_SECONDS)
    before = house.states
    house.cloud.calls.clear()
    fault = house.cloud.faults.page(lie, value, on=on)
    await house.advance(LIST_SECONDS if on in LIST else CYCLE_SECONDS)
    fault.remove()
    assert house.states == before
    assert house.cloud.calls.counts()[on] <= 6
    await house.advance(DAY_SECONDS)
    await house.advance(HOUR_SECONDS)
    assert house.states == before
    assert house.lines == []
