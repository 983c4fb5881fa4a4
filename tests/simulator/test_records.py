"""What happens at a simulated door: records, in every call that lists them."""

from typing import Any, Final

import pytest

from simulator import Lock, SimulatedCloud
from simulator.plain import ManualClock, PlainClient

pytestmark = pytest.mark.usefixtures("door")

DOOR: Final = "/devices/front/door-lock"
NOW: Final = 1_800_000_000_000
WINDOW: Final = {"start_time": NOW - 86_400_000, "end_time": NOW}
PAGE: Final = {"page_no": 1, "page_size": 20}


@pytest.fixture
def cloud() -> SimulatedCloud:
    """A cloud whose clock stands."""
    return SimulatedCloud(clock=ManualClock())


@pytest.fixture
def door(cloud: SimulatedCloud) -> Lock:
    """A lock that Alice opened yesterday at this time, and under duress a minute ago."""
    door = cloud.add_lock("front", "Front door")
    alice = door.add_user("Alice", user_id="101")
    door.add_method("fingerprint", alice, unlock_sn=2, name="Thumb")
    door.open("fingerprint", alice, time=cloud.now - 86_400)
    door.open("fingerprint", alice, time=cloud.now - 60, duress=True)
    door.open("temporary", number=7, name="cleaner", time=cloud.now - 30)
    door.alarm("pry", time=cloud.now - 20)
    door.ring(time=cloud.now - 10)
    return door


def codes(rows: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """Return codes and values of rows."""
    return [(row["status"]["code"], row["status"]["value"]) for row in rows]


async def test_openings(client: PlainClient) -> None:
    """Openings of a window of time, with names, and with photos where wanted."""
    query = {**WINDOW, "start_time": NOW - 3_600_000, **PAGE}
    older = (await client.get(f"/v1.0{DOOR}/open-logs", **query))["result"]
    assert older["total"] == 2
    assert codes(older["logs"]) == [
        ("unlock_temporary", "7"),
        ("unlock_fingerprint", "2"),
    ]
    assert older["logs"][0]["nick_name"] == "cleaner"
    assert older["logs"][1] == {
        "status": {"code": "unlock_fingerprint", "value": "2"},
        "update_time": NOW - 60_000,
        "unlock_name": "Thumb",
        "user_id": "101",
        "nick_name": "Alice",
    }
    newer = await client.get(f"/v1.1{DOOR}/open-logs", **query, show_media_info="true")
    assert "media_infos" in newer["result"]["logs"][0]


async def test_windows(client: PlainClient) -> None:
    """The window of time is required; one in seconds is one in 1970."""
    missing = await client.get(f"/v1.1{DOOR}/open-logs", **PAGE)
    assert missing["code"] == 1100
    seconds = {name: value // 1000 for name, value in WINDOW.items()}
    found = await client.get(f"/v1.1{DOOR}/open-logs", **seconds, **PAGE)
    assert found["result"] == {"total": 0, "logs": []}


async def test_alarms(client: PlainClient) -> None:
    """Alarms are listed unless other codes are asked for."""
    plain = (await client.get(f"/v1.0{DOOR}/alarm-logs", **PAGE))["result"]
    assert codes(plain["records"]) == [("alarm_lock", "pry")]
    wanted = "hijack,doorbell"
    others = await client.get(f"/v1.1{DOOR}/alarm-logs", codes=wanted, **PAGE)
    assert codes(others["result"]["records"]) == [
        ("doorbell", "True"),
        ("hijack", "unlock_fingerprint-02"),
    ]


async def test_other_lists(client: PlainClient) -> None:
    """Records hold both; the logs of devices in general have rows by key."""
    query = {"target_standard_dp_codes": "", "start_time": 0, "end_time": 0}
    both = (await client.get(f"/v1.0{DOOR}/records", **query, **PAGE))["result"]
    assert [record["dps"] for record in both["records"]][:3] == [
        [{"doorbell": True}],
        [{"alarm_lock": "pry"}],
        [{"unlock_temporary": 7}],
    ]
    logs = "/v2.0/cloud/thing/front/report-logs"
    query = {"codes": "unlock_fingerprint", **WINDOW, "size": 1}
    first = (await client.get(logs, **query))["result"]
    assert first["has_more"] is True
    rest = await client.get(logs, **query, last_row_key=first["last_row_key"])
    assert [log["event_time"] for log in rest["result"]["logs"]] == [NOW - 86_400_000]


async def test_dialects(client: PlainClient, cloud: SimulatedCloud, door: Lock) -> None:
    """Rows come in other shapes and orders, later, without names, or not at all."""
    query = {**WINDOW, **PAGE}
    cloud.dialects.set(
        record_status="list",
        record_values="number",
        record_names=False,
        records_mixed=True,
    )
    door.history.row_delay = 45
    rows = (await client.get(f"/v1.1{DOOR}/open-logs", **query))["result"]["logs"]
    assert [row["status"] for row in rows] == [
        [{"code": "unlock_fingerprint", "value": 2}]
    ] * 2
    assert [row["update_time"] for row in rows] == [NOW - 86_400_000, NOW - 60_000]
    assert {row["nick_name"] for row in rows} == {""}
    cloud.dialects.of("front").set(unsupported={"open_logs_v11": 1108})
    refused = await client.get(f"/v1.1{DOOR}/open-logs", **query)
    assert refused["code"] == 1108


async def test_keypad(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A keypad has codes of its own, and a clock of its own."""
    gate = cloud.add_lock("gate", "Gate", category="mk")
    gate.history.clock_skew = -37
    row = gate.open("password", number=5)
    assert (row.code, row.value) == ("unlock_password_kit", 5)
    assert row.time_ms == NOW - 37_000
