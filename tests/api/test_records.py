"""Tests of records: every call that lists them, in every form."""

from collections import Counter
from typing import Any, Final

import pytest

from custom_components.tuya_lock_users.api.cloud import TuyaCloud
from custom_components.tuya_lock_users.api.dialects import Dialects, RecordForms
from custom_components.tuya_lock_users.api.endpoints import Endpoints
from custom_components.tuya_lock_users.api.errors import (
    LockOfflineError,
    NotAuthorizedError,
    TransportError,
    UnsupportedError,
)
from custom_components.tuya_lock_users.api.records import (
    Record,
    Records,
    Span,
    read_alarms,
    read_openings,
)
from custom_components.tuya_lock_users.api.smart_lock import SmartLock
from simulator import Lock, SimulatedCloud

from .conftest import Site

DAY_MS: Final = 86_400_000
KNOWN: Final = RecordForms()
OPENING_CALLS: Final = ("open_logs_v11", "open_logs_v10", "records", "report_logs")
ALARM_CALLS: Final = ("alarm_logs_v11", "alarm_logs_v10", "records", "report_logs")


def span(cloud: SimulatedCloud, limit: int = 50, days: int = 1) -> Span:
    now = round(cloud.now * 1000)
    return Span(start_ms=now - days * DAY_MS, end_ms=now, limit=limit)


@pytest.fixture
def used_door(cloud: SimulatedCloud, door: Lock) -> Lock:
    """A lock with two openings, three alarms of today, and one of long ago."""
    door.open("card", door.find("Bob"), time=cloud.now - 200)
    door.open("temporary", number=7, name="cleaner", time=cloud.now - 100)
    door.open("card", door.find("Bob"), time=cloud.now - 3 * 86_400)
    door.alarm("pry", time=cloud.now - 50)
    door.ring(time=cloud.now - 40)
    door.open("card", door.find("Bob"), time=cloud.now - 300, duress=True)
    door.alarm("shock", time=cloud.now - 3 * 86_400)
    return door


def refuse(cloud: SimulatedCloud, calls: tuple[str, ...], code: int = 1108) -> None:
    """Let the lock not know some calls."""
    cloud.dialects.of("front").set(unsupported=dict.fromkeys(calls, code))


def kinds_of(records: Records) -> list[tuple[Any, ...]]:
    return [
        (one.event.kind, one.event.type, one.event.number) for one in records.records
    ]


@pytest.mark.parametrize("call", range(4), ids=OPENING_CALLS)
@pytest.mark.parametrize(
    "dialect",
    [
        {},
        {
            "record_status": "list",
            "record_values": "number",
            "record_names": False,
            "records_mixed": True,
        },
    ],
    ids=["usual", "odd"],
)
async def test_openings(
    site: Site, used_door: Lock, call: int, dialect: dict[str, Any]
) -> None:
    """Each call lists the same openings, newest first; what is refused is remembered."""
    refuse(site.cloud, OPENING_CALLS[:call])
    site.cloud.dialects.of("front").set(**dialect)
    found = await read_openings(site.client, "front", span(site.cloud), KNOWN)
    assert kinds_of(found) == [
        ("opened", "temporary_password", 7),
        ("opened", "card", 1),
        ("opened", "card", 1),
    ]
    assert [r.event.time_ms for r in found.records] == [
        round(site.cloud.now * 1000) - ago for ago in (100_000, 200_000, 300_000)
    ]
    assert len(found.forms.refused) == call
    assert found.calls == call + 1
    site.cloud.calls.clear()
    again = await read_openings(site.client, "front", span(site.cloud), found.forms)
    assert again == found
    assert site.cloud.calls.counts() == Counter({OPENING_CALLS[call]: 1})
    assert site.cloud.calls[0].query.get("show_media_info") in {None, "false"}


async def test_users_and_methods(
    client: TuyaCloud, cloud: SimulatedCloud, used_door: Lock
) -> None:
    """A record has the user and method of the cloud; ID 0 is no user."""
    found = await read_openings(client, "front", span(cloud), KNOWN)
    cleaner, bob = found.records[:2]
    assert cleaner == Record(event=cleaner.event, user_name="cleaner")
    assert bob == Record(
        event=bob.event, user_id="102", user_name="Bob", method_name="Blue card"
    )


@pytest.mark.parametrize("call", range(4), ids=ALARM_CALLS)
async def test_alarms(site: Site, used_door: Lock, call: int) -> None:
    """Each call lists the same alarms, old ones left out."""
    refuse(site.cloud, ALARM_CALLS[:call], 2009)
    found = await read_alarms(site.client, "front", span(site.cloud), KNOWN)
    (asked,) = site.cloud.calls.to(ALARM_CALLS[call])
    assert ("show_media_info" in asked.query) is (call == 0)
    assert kinds_of(found) == [
        ("doorbell", "ring", None),
        ("alarm", "tamper", None),
        ("alarm", "duress", 1),
    ]
    assert found.records[2].event.method_key == ("card", 1)


async def test_keypad(client: TuyaCloud, cloud: SimulatedCloud) -> None:
    """Codes of a keypad mean the same."""
    gate = cloud.add_lock("front2", "Gate", category="mk")
    gate.open("password", number=5)
    found = await read_openings(client, "front2", span(cloud), KNOWN)
    assert kinds_of(found) == [("opened", "password", 5)]


@pytest.mark.parametrize(("mixed", "call"), [(False, 0), (True, 0), (False, 3)])
async def test_pages(site: Site, mixed: bool, call: int) -> None:
    """Pages are followed to the end: the newest records may be on any of them."""
    refuse(site.cloud, OPENING_CALLS[:call])
    for number in range(120):
        site.door.open("card", number=number, time=site.cloud.now - 1000 + number)
    site.cloud.dialects.of("front").set(records_mixed=mixed)
    found = await read_openings(site.client, "front", span(site.cloud, 40), KNOWN)
    assert [one.event.number for one in found.records] == list(range(119, 79, -1))
    assert found.calls == 3 + call
    found = await read_openings(site.client, "front", span(site.cloud, 500), KNOWN)
    assert (len(found.records), found.calls) == (120, 3 + call)


@pytest.mark.parametrize("call", [OPENING_CALLS[0], OPENING_CALLS[3]])
async def test_smaller_pages(site: Site, call: str) -> None:
    """If a page is too large, a smaller one is requested."""
    for number in range(30):
        site.door.open("card", number=number, time=site.cloud.now - number)
    refuse(site.cloud, tuple(c for c in OPENING_CALLS if c != call))
    site.cloud.dialects.of("front").set(page_size_max=20)
    found = await read_openings(site.client, "front", span(site.cloud), KNOWN)
    if call == "open_logs_v11":
        assert len(found.records) == 30


async def test_unsupported(
    client: TuyaCloud, cloud: SimulatedCloud, door: Lock
) -> None:
    """A lock without any of the calls is remembered, and asked again on request."""
    refuse(cloud, OPENING_CALLS)
    lock = SmartLock(Endpoints(client), "front", Dialects())
    with pytest.raises(UnsupportedError):
        await lock.openings(span(cloud))
    assert lock.dialects.record_forms.for_openings == ()
    cloud.calls.clear()
    with pytest.raises(UnsupportedError):
        await lock.openings(span(cloud))
    assert not cloud.calls
    assert await lock.alarms(span(cloud)) == ()
    cloud.dialects.of("front").set(unsupported={})
    lock.forget_record_forms()
    cloud.faults.result(None, on="open_logs_v11")
    assert await lock.openings(span(cloud)) == ()


@pytest.mark.parametrize(
    ("code", "error"),
    [(28841105, NotAuthorizedError), (2001, LockOfflineError), (500, TransportError)],
)
async def test_other_refusals(site: Site, code: int, error: type[Exception]) -> None:
    """Errors unrelated to the form of the call are raised, and not remembered."""
    site.cloud.faults.refuse(code, on="open_logs_v11", times=None)
    with pytest.raises(error):
        await read_openings(site.client, "front", span(site.cloud), KNOWN)
    site.cloud.faults.clear()
    found = await read_openings(site.client, "front", span(site.cloud), KNOWN)
    assert found.forms == KNOWN


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"status": {"code": "unlock_card", "value": "1"}},
        {"status": {"value": 1}, "update_time": 1_800_000_000_000},
        {"status": "?", "update_time": 1_800_000_000_000},
        "no row",
    ],
)
async def test_broken_rows(site: Site, row: object) -> None:
    """A row without code or time is skipped; of several values the opening is kept."""
    site.door.open("card", number=1)

    def add_row(result: Any) -> Any:
        opening = result["logs"][0]
        opening["status"] = [{"code": "closed_opened", "value": 1}, opening["status"]]
        result["logs"].insert(0, row)
        return result

    site.cloud.faults.edit(add_row, on="open_logs_v11")
    found = await read_openings(site.client, "front", span(site.cloud), KNOWN)
    assert kinds_of(found) == [("opened", "card", 1)]


@pytest.mark.parametrize("call", range(4), ids=ALARM_CALLS)
async def test_rows_without_event(site: Site, call: int) -> None:
    """A row that is no event, or has no time, is left out of every list."""
    site.door.ring()
    now = round(site.cloud.now * 1000)
    switch = {"code": "switch", "value": True}

    def add_row(result: Any) -> Any:
        rows = result["logs" if "logs" in result else "records"]
        if "dps" in rows[0]:
            rows[0]["dps"] = rows[0]["dps"][0]  # an object in place of a list
        rows += [
            {},
            {"status": switch, "update_time": now},
            {"dps": [{"switch": True}], "gmt_create": now},
            switch | {"event_time": now},
        ]
        return result

    refuse(site.cloud, ALARM_CALLS[:call])
    site.cloud.faults.edit(add_row, on=ALARM_CALLS[call])
    found = await read_alarms(site.client, "front", span(site.cloud), KNOWN)
    assert kinds_of(found) == [("doorbell", "ring", None)]
