"""Passwords and enrolments of the simulated cloud: families, phases, tickets, windows."""

from typing import Any, Final
from unittest.mock import Mock

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
import pytest

from simulator import OWNER, DeliveryRules, Lock, SimulatedCloud, orders
from simulator.families import Family
from simulator.plain import ManualClock, PlainClient

DOOR: Final = "/v1.0/devices/front/door-lock"
LISTED: Final = f"{DOOR}/temp-passwords"


@pytest.fixture
def door(clock: ManualClock) -> tuple[SimulatedCloud, Lock]:
    """A cloud with a lock, its owner and a member without an account."""
    cloud = SimulatedCloud(clock=clock)
    lock = cloud.add_lock("front", "Front door")
    lock.add_user("Olivia", user_id="100", user_type=OWNER, uid="eu1")
    lock.add_user("Mia", user_id="102")
    return cloud, lock


@pytest.fixture
def lock(door: tuple[SimulatedCloud, Lock]) -> Lock:
    """The lock."""
    return door[1]


@pytest.fixture
def cloud(door: tuple[SimulatedCloud, Lock]) -> SimulatedCloud:
    """The cloud."""
    return door[0]


async def encrypted(client: PlainClient, pin: str) -> dict[str, str]:
    """Return the fields of a body that bring a PIN, under a new ticket."""
    ticket = (await client.post(f"{DOOR}/password-ticket", {}))["result"]
    cipher = Cipher(algorithms.AES(client.access_secret.encode()), modes.ECB())
    key = cipher.decryptor().update(bytes.fromhex(ticket["ticket_key"]))[:16]
    filled = pin.encode() + bytes([16 - len(pin)] * (16 - len(pin)))
    hidden = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(filled).hex()
    return {
        "password": hidden,
        "password_type": "ticket",
        "ticket_id": ticket["ticket_id"],
    }


async def order(
    client: PlainClient, pin: str = "1234567", **fields: Any
) -> dict[str, Any]:
    """Order a password of a week."""
    now = int(client.clock())
    body = {"name": "cleaner", "effective_time": now, "invalid_time": now + 604_800}
    return await client.post(
        f"{DOOR}/temp-password", body | await encrypted(client, pin) | fields
    )


async def only(client: PlainClient, **query: object) -> dict[str, Any]:
    """Return the one password that is listed."""
    (row,) = (await client.get(LISTED, **query))["result"]
    return dict(row)


@pytest.mark.parametrize(
    ("family", "pin", "phases"),
    [
        pytest.param("wifi", "1234567", [1, 2, 3, 0], id="wifi"),
        pytest.param("zigbee", "123456", [1, 2, 2, 4], id="zigbee"),
        pytest.param("ble", "123456", [1, 2, 3, 0], id="ble"),
        pytest.param("mk", "123456", [12, 2, 17, 19], id="mk"),
    ],
)
async def test_life(
    client: PlainClient,
    lock: Lock,
    clock: ManualClock,
    family: Family,
    pin: str,
    phases: list[int],
) -> None:
    """A password is created, opens the door, and is deleted; its record goes last."""
    lock.family = family
    wrong = await order(client, pin="12345")
    assert wrong["code"] == 1109
    made = (await order(client, pin=pin))["result"]["id"]
    seen = [(await only(client))["phase"]]
    assert lock.enter(pin) is None
    clock.tick(3)
    seen.append((await only(client))["phase"])
    opened = lock.enter(pin)
    assert opened is not None
    assert opened.nick_name == "cleaner"
    assert (await client.delete(f"{LISTED}/{made}"))["success"]
    seen.append((await only(client))["phase"])
    clock.tick(3)
    seen.append((await only(client))["phase"])
    assert seen == phases
    assert (await client.get(LISTED, valid="true"))["result"] == []
    assert (await client.delete(f"{LISTED}/{made}/record"))["success"]
    assert (await client.get(LISTED))["result"] == []


async def test_tickets(client: PlainClient, clock: ManualClock) -> None:
    """A ticket lives five minutes and serves once."""
    fields = await encrypted(client, "1234567")
    assert (await order(client, **fields))["success"]
    assert (await order(client, name="other", **fields))["code"] == 2302
    fields = await encrypted(client, "7654321")
    clock.tick(301)
    assert (await order(client, name="other", **fields))["code"] == 2302


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"name": "x" * 21}, 1109, id="name-too-long"),
        pytest.param({"name": "guest"}, 2316, id="name-again"),
        pytest.param({"invalid_time": 1}, 1101, id="end-before-start"),
        pytest.param({"effective_time": 1, "invalid_time": 2}, 2318, id="past"),
        pytest.param({"schedule_list": [{}, {}]}, 1109, id="two-blocks"),
    ],
)
async def test_refusals(client: PlainClient, fields: dict[str, Any], code: int) -> None:
    """What cannot be ordered is refused."""
    await order(client, name="guest", pin="1111111")
    assert (await order(client, **fields))["code"] == code


async def test_pins_of_others(client: PlainClient, lock: Lock) -> None:
    """A Wi-Fi lock refuses a PIN that is taken, and no lock has room for a hundred."""
    await order(client)
    assert (await order(client, name="other"))["code"] == 2322
    lock.family = "ble"
    for number in range(98):
        lock.passwords.add(
            orders.send(lock),
            name=f"n{number}",
            pin="000000",
            effective_time=0,
            invalid_time=9_999_999_999,
        )
    assert (await order(client, name="other", pin="222222"))["code"] == 2303


async def test_week(client: PlainClient, cloud: SimulatedCloud) -> None:
    """The weekly block comes back reversed and as HHMM; `all_day` loses it."""
    block = {"effective_time": 450, "invalid_time": 1050, "working_day": 2}
    await order(client, time_zone="Europe/Berlin", schedule_list=[block])
    (week,) = (await only(client))["schedule_list"]
    assert week["working_day"] == 64
    assert (week["effective_time"], week["invalid_time"]) == (730, 1730)
    cloud.dialects.password_windows = "plain"
    (week,) = (await only(client))["schedule_list"]
    assert week == block | {"all_day": False}
    await order(
        client,
        name="always",
        pin="7654321",
        time_zone="Europe/Berlin",
        schedule_list=[block | {"all_day": True}],
    )
    assert (await client.get(LISTED))["result"][1]["schedule_list"] == []


async def test_freeze(client: PlainClient, lock: Lock, clock: ManualClock) -> None:
    """Zigbee freezes; the others do not know it."""
    made = (await order(client))["result"]["id"]
    clock.tick(3)
    freeze = f"{LISTED}/{made}/freeze-password"
    assert (await client.put(freeze, {}))["code"] == 2004
    lock.family = "zigbee"
    assert (await client.put(freeze, {}))["success"]
    clock.tick(3)
    assert (await only(client))["phase"] == 3
    assert lock.passwords.opens("1234567", clock.now) is None
    assert (await client.put(freeze.replace("/freeze", "/unfreeze"), {}))["success"]
    clock.tick(3)
    assert lock.passwords.opens("1234567", clock.now) is not None


async def test_modify(client: PlainClient, lock: Lock, clock: ManualClock) -> None:
    """Another PIN counts once the lock has it; without one the change may be refused."""
    made = (await order(client))["result"]["id"]
    clock.tick(3)
    path = f"{LISTED}/{made}/modify-password"
    assert (await client.put(path, {"name": "new"}))["code"] == 1100
    assert (await client.put(path, await encrypted(client, "7654321")))["success"]
    assert lock.passwords.opens("1234567", clock.now) is not None
    clock.tick(3)
    await client.get(LISTED)
    assert lock.passwords.opens("7654321", clock.now) is not None


async def test_upper_case(client: PlainClient, lock: Lock, clock: ManualClock) -> None:
    """A keypad takes upper-case hex with success, and stores another PIN."""
    lock.family = "mk"
    fields = await encrypted(client, "123456")
    fields["password"] = fields["password"].upper()
    assert (await order(client, **fields))["success"]
    clock.tick(3)
    await client.get(LISTED)
    assert lock.passwords.opens("123456", clock.now) is None
    assert lock.passwords.opens("123457", clock.now) is not None


async def test_failed_delivery(
    client: PlainClient, lock: Lock, clock: ManualClock
) -> None:
    """A lock that is full says so later."""
    lock.family, lock.delivery = "zigbee", DeliveryRules(outcome="FAILED")
    await order(client, pin="123456")
    clock.tick(3)
    row = await only(client)
    assert (row["phase"], row["delivery_status"]) == (5, 3)


async def test_codes_made_by_the_lock(
    client: PlainClient, lock: Lock, clock: ManualClock
) -> None:
    """Dynamic codes change every five minutes, offline ones fall on full hours."""
    dynamic = f"{DOOR}/dynamic-password"
    first = (await client.get(dynamic))["result"]["dynamic_password"]
    clock.tick(300)
    assert (await client.get(dynamic))["result"]["dynamic_password"] != first
    lock.family = "mk"
    assert (await client.get(dynamic))["code"] == 2009

    offline = "/v1.1/devices/front/door-lock/offline-temp-password"
    now = int(clock.now)
    body = {"name": "o", "type": "multiple", "effective_time": now + 100}
    assert (await client.post(offline, body))["code"] == 1100
    made = (await client.post(offline, body | {"invalid_time": now + 9_000}))["result"]
    assert made["effective_time"] % 3600 == made["invalid_time"] % 3600 == 0
    clear = {"name": "c", "type": "clear_one", "password_id": "x"}
    assert (await client.post(offline, clear))["code"] == 2323
    clear["password_id"] = made["offline_temp_password_id"]
    assert (await client.post(offline, clear))["success"]


# --- Enrolments


async def enroll(client: PlainClient, **fields: object) -> dict[str, Any]:
    """Enrol a finger of Mia's."""
    body = {"unlock_type": "fingerprint", "user_type": 2, "user_id": "102"}
    return await client.put(f"{DOOR}/actions/entry", body | fields)


async def test_enrollment(client: PlainClient, lock: Lock, clock: ManualClock) -> None:
    """The lock is busy until the finger is known, and reports how far it has come."""
    reports: list[dict[str, Any]] = []
    lock.home.queue = Mock(progress=lambda _, **body: reports.append(body))
    assert (await enroll(client))["success"]
    assert (await enroll(client))["code"] == 2328
    assert reports.pop() == {
        "event": "unlockMethodEntry",
        "finish": False,
        "raised": False,
        "operate": 1,
        "totalPeriod": 4,
    }
    clock.tick(8)
    await client.get(f"{DOOR}/unassigned-keys")
    *touches, last = reports
    assert [one["period"] for one in touches] == [3, 2, 1, 0]
    assert last["finish"] is True
    assert [(m.unlock_sn, m.unlock_name) for m in lock.methods] == [(1, "1-1")]
    assert (await enroll(client))["success"]
    await client.put(f"{DOOR}/unlock-types/fingerprint/actions/cancel", {})
    key = f"{DOOR}/user-types/2/users/102/unlock-types/fingerprint/keys/1"
    assert (await client.delete(key))["success"]
    clock.tick(3)
    await client.get(LISTED)
    assert lock.methods == []
    assert reports[-2:] == [
        {"operate": 2},
        {"event": "unlockMethodDelete", "finish": True},
    ]


async def test_nobody_comes(
    client: PlainClient, lock: Lock, clock: ManualClock
) -> None:
    """After a minute the lock gives up; it can be told to before."""
    lock.enrollment_rules.someone_comes = False
    await enroll(client)
    clock.tick(60)
    assert (await enroll(client, unlock_type="card"))["success"]
    cancel = f"{DOOR}/unlock-types/card/actions/cancel"
    assert (await client.put(cancel, {}))["success"]
    assert (await client.put(cancel.replace("card", "face"), {}))["code"] == 1109
    assert (await enroll(client))["success"]
    assert lock.methods == []


async def test_who_can_enroll(client: PlainClient, lock: Lock) -> None:
    """Members with an account are of another type, and a keypad takes none of them."""
    assert (await enroll(client, user_type=1))["code"] == 1109
    assert (await enroll(client, user_type=20))["code"] == 1109
    lock.family = "mk"
    assert (await enroll(client, user_id="100", user_type=1))["code"] == 1109
    lock.family = "wifi"
    assert (await enroll(client, user_id="100", user_type=1))["success"]


async def test_pin_of_a_user(
    client: PlainClient, lock: Lock, clock: ManualClock
) -> None:
    """A PIN comes along where the family takes it."""
    fields = {"unlock_type": "password", **await encrypted(client, "1234567")}
    assert (await enroll(client, **fields))["code"] == 1109
    lock.family = "ble"
    fields = {"unlock_type": "password", **await encrypted(client, "123456")}
    assert (await enroll(client, **fields))["success"]
    clock.tick(2)
    await client.get(LISTED)
    assert [method.dp_code for method in lock.methods] == ["unlock_password"]


async def test_change_and_delete(
    client: PlainClient, cloud: SimulatedCloud, lock: Lock, clock: ManualClock
) -> None:
    """A method is renamed, becomes one of duress, and leaves the lock."""
    card = lock.add_method("card", lock.users["102"], name="Blue")
    body = {"dp_code": "unlock_card", "unlock_name": "Green", "unlock_attr": 1}
    assert (await client.put(f"{DOOR}/opmodes/1", body))["success"]
    assert (card.unlock_name, card.unlock_attr, card.app_send) == ("Green", 1, 1)
    cloud.dialects.update_method_resets = True
    body = {"dp_code": "unlock_card", "unlock_name": "Red"}
    assert (await client.put(f"{DOOR}/opmodes/1", body))["success"]
    assert (card.unlock_name, card.unlock_attr, card.app_send) == ("Red", 0, 0)

    keys = f"{DOOR}/user-types/2/users/102"
    listed = (await client.get(f"{keys}/assigned-keys"))["result"]["unlock_keys"]
    assert [row["unlock_no"] for row in listed] == [1]
    key = f"{keys}/unlock-types/card/keys/1"
    assert (await client.delete(key.replace("types/2", "types/1")))["code"] == 1109
    assert (await client.delete(key))["success"]
    clock.tick(3)
    await client.get(LISTED)
    assert lock.methods == []


async def test_sync(client: PlainClient, lock: Lock) -> None:
    """What was enrolled at the lock itself comes to light."""
    stray = lock.add_method("card")
    lock.methods, lock.unreported = [], [stray]
    path = "/v1.0/smart-lock/devices/front/opmodes/actions/sync"
    assert (await client.post(path, {}))["code"] == 1100
    await client.post(path, {"codes": "unlock_face"})
    assert lock.methods == []
    await client.post(path, {"codes": "unlock_face,unlock_card"})
    assert lock.methods == [stray]
