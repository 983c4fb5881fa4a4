"""Passwords of the simulated cloud that no scenario covers."""

from typing import Any, Final
from unittest.mock import Mock

import pytest

from simulator import Lock, SimulatedCloud, commands
from simulator.plain import ManualClock, PlainClient

from .conftest import encrypted

DOOR: Final = "/v1.0/devices/front/door-lock"
LISTED: Final = f"{DOOR}/temp-passwords"


@pytest.fixture
def lock(cloud: SimulatedCloud) -> Lock:
    return cloud.add_lock("front", "Front door")


@pytest.fixture
def cloud(clock: ManualClock) -> SimulatedCloud:
    return SimulatedCloud(clock=clock)


async def add_password(
    client: PlainClient, pin: str = "1234567", **fields: Any
) -> dict[str, Any]:
    now = int(client.clock())
    body = {"name": "cleaner", "effective_time": now, "invalid_time": now + 604_800}
    return await client.post(
        f"{DOOR}/temp-password", body | await encrypted(client, pin) | fields
    )


async def test_tickets(client: PlainClient, lock: Lock, clock: ManualClock) -> None:
    fields = await encrypted(client, "1234567")
    assert (await add_password(client, **fields))["success"]
    assert (await add_password(client, name="other", **fields))["code"] == 2302
    fields = await encrypted(client, "7654321")
    clock.tick(301)
    assert (await add_password(client, name="other", **fields))["code"] == 2302


async def test_taken_pins(client: PlainClient, lock: Lock) -> None:
    """A Wi-Fi lock refuses a taken PIN, and no lock stores a hundred passwords."""
    await add_password(client)
    assert (await add_password(client, name="other"))["code"] == 2322
    lock.family = "ble"
    for number in range(98):
        lock.passwords.add(
            commands.send(lock),
            name=f"n{number}",
            pin="000000",
            effective_time=0,
            invalid_time=9_999_999_999,
        )
    assert (await add_password(client, name="other", pin="222222"))["code"] == 2303


async def test_upper_case_hex(
    client: PlainClient, lock: Lock, clock: ManualClock
) -> None:
    """A keypad takes upper-case hex with success, and stores another PIN."""
    lock.family = "mk"
    fields = await encrypted(client, "123456")
    fields["password"] = fields["password"].upper()
    assert (await add_password(client, **fields))["success"]
    clock.tick(3)
    await client.get(LISTED)
    assert lock.passwords.opens("123456", clock.now) is None
    assert lock.passwords.opens("123457", clock.now) is not None


async def test_sync(client: PlainClient, lock: Lock) -> None:
    stray = lock.add_method("card")
    lock.methods, lock.unreported = [], [stray]
    path = "/v1.0/smart-lock/devices/front/opmodes/actions/sync"
    assert (await client.post(path, {}))["code"] == 1100
    await client.post(path, {"codes": "unlock_face"})
    assert lock.methods == []
    await client.post(path, {"codes": "unlock_face,unlock_card"})
    assert lock.methods == [stray]


def test_keypad(cloud: SimulatedCloud) -> None:
    """A keypad has codes of its own, and a clock of its own."""
    gate = cloud.add_lock("gate", "Gate", category="mk")
    gate.history.clock_skew = -37
    row = gate.open("password", number=5)
    assert (row.code, row.value) == ("unlock_password_kit", 5)
    assert row.time_ms == (cloud.now - 37) * 1000


async def test_enrollment_reports(
    client: PlainClient, lock: Lock, clock: ManualClock
) -> None:
    """The lock reports the progress of an enrollment, and deletions."""
    lock.add_user("Mia", user_id="102")
    reports: list[dict[str, Any]] = []
    lock.home.queue = Mock(progress=lambda _, **body: reports.append(body))
    body = {"unlock_type": "fingerprint", "user_type": 2, "user_id": "102"}
    assert (await client.put(f"{DOOR}/actions/entry", body))["success"]
    assert (await client.put(f"{DOOR}/actions/entry", body))["code"] == 2328
    begun = {"event": "unlockMethodEntry", "finish": False, "raised": False}
    assert reports.pop() == begun | {"operate": 1, "totalPeriod": 4}
    clock.tick(8)
    await client.get(f"{DOOR}/unassigned-keys")
    *touches, last = reports
    assert [one["period"] for one in touches] == [3, 2, 1, 0]
    assert last["finish"] is True
    assert (await client.put(f"{DOOR}/actions/entry", body))["success"]
    await client.put(f"{DOOR}/unlock-types/fingerprint/actions/cancel", {})
    key = f"{DOOR}/user-types/2/users/102/unlock-types/fingerprint/keys/1"
    assert (await client.delete(key))["success"]
    clock.tick(3)
    await client.get(LISTED)
    deleted = {"event": "unlockMethodDelete", "finish": True}
    assert reports[-2:] == [{"operate": 2}, deleted]
