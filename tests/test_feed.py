"""Changes of a lock since it was sent."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.tuya_lock_users.feed import difference, zone_name

type Json = dict[str, Any]


def content(**users: str) -> Json:
    return {
        "users": {user_id: {"name": name} for user_id, name in users.items()},
        "order": list(users),
        "absent": None,
        "unassigned": [],
    }


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (content(a="A"), content(a="A"), {}),
        (content(a="A", b="B"), content(a="A", b="C"), {"users": {"b": {"name": "C"}}}),
        (
            content(a="A"),
            content(a="A", b="B"),
            {"users": {"b": {"name": "B"}}, "order": ["a", "b"]},
        ),
        (content(a="A", b="B"), content(b="B"), {"gone": ["a"], "order": ["b"]}),
        (content(a="A"), content(a="A") | {"absent": []}, {"absent": []}),
    ],
)
def test_difference(before: Json, after: Json, expected: Json) -> None:
    assert difference(before, after) == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (ZoneInfo("Europe/Berlin"), "Europe/Berlin"),
        (timezone(timedelta(hours=8)), "+08:00"),
        (timezone(-timedelta(hours=3, minutes=30)), "-03:30"),
        (UTC, "+00:00"),
    ],
)
def test_zone_name(zone: tzinfo, expected: str) -> None:
    """A zone has a name or an offset, both as browsers know them."""
    assert zone_name(zone, datetime(2026, 12, 9, tzinfo=UTC)) == expected
