"""Endpoints and dialects of the simulated cloud: requests and replies.

The scenarios are in `tests/fixtures/simulator`, by name: steps that share a cloud.
A step sends a request, perhaps with a `pin`, and names the `code` of its refusal or
what it `gives`. Other steps let time pass (`tick`), change the `dialect`, perhaps `of`
one lock only, `set` fields of the front door, plant a `fault` for calls with these
`marks`, or try whether a PIN `opens` the door. Requests to `/_control` are what people
do in the vendor's app. Text such as ?made is a value that steps refer to later.
"""

from collections.abc import AsyncGenerator
from typing import Any, Final

import pytest

from simulator import (
    ADMIN,
    FALLBACK,
    OWNER,
    WORKDAYS,
    Lock,
    Schedule,
    SimulatedCloud,
    User,
    Window,
)
from simulator.control import Control
from simulator.plain import ManualClock, PlainClient
from tests.common import cases, load_fixture

from .conftest import encrypted

SCENARIOS: Final = {
    f"{name}: {title}": steps
    for name in ("endpoints", "dialects", "server", "passwords", "records", "faults")
    for title, steps in load_fixture(f"simulator/{name}").items()
}

ANYTHING: Final = "*"
NOTHING: Final = "(nothing)"
MORE: Final = "..."
"""A record with this key may have further ones."""


@pytest.fixture
def cloud(clock: ManualClock) -> SimulatedCloud:
    cloud = SimulatedCloud(clock=clock)
    cloud.add_account("eu1")
    cloud.add_lock("front", "Front door")
    back = cloud.add_lock("back", account_uid=cloud.add_account("eu2"))
    back.add_user("Bea", user_id="200")
    cloud.add_device("sensor", "Light", category="ldcg", local_key="very secret")
    cloud.add_lock("foreign").device.in_project = False
    return cloud


@pytest.fixture
def door(cloud: SimulatedCloud) -> Lock:
    door = cloud.lock("front")
    olivia: dict[str, Any] = {"uid": "eu1", "user_contact": "o@example.com"}
    door.add_user("Olivia", user_id="100", user_type=OWNER, **olivia)
    door.add_user("Anton", user_id="101", user_type=ADMIN)
    mia = add_mia(door)
    door.add_user("Nico", user_id="103", user_contact="mia.friend@example.com")
    door.add_method("fingerprint", mia, unlock_sn=0, name="Thumb")
    door.add_method(
        "password", mia, unlock_sn=4, name="Code", unlock_attr=1, msg_phone="86-1"
    )
    door.add_method("password", mia, unlock_sn=5, name="Two", admin=True)
    door.add_method("remoteControl", mia)
    door.add_method("card", mia, unlock_sn=7, allocate_flag=1)
    door.add_method("card", unlock_sn=3)
    door.add_method("fingerprint", unlock_sn=2, unlock_attr=1)
    door.add_method("remoteControl", unlock_sn=2)
    return door


def add_mia(door: Lock) -> User:
    return door.add_user(
        "Mia",
        user_id="102",
        uid="ay1",
        avatar_url="https://x.example/1",
        user_contact="49-1",
        sex=2,
        birthday=1_200_000_000_000,
        height=165,
        weight=54_000,
        schedule=Schedule(
            permanent=False,
            effective_time=1_799_900_000,
            expired_time=1_900_000_000,
            windows=[Window(WORKDAYS, 540, 720, "Europe/Berlin")],
            operate="MODIFY",
        ),
    )


@pytest.fixture
async def client(
    cloud: SimulatedCloud, door: Lock, socket_enabled: None
) -> AsyncGenerator[PlainClient]:
    async with (
        cloud.serve(extend=Control(cloud).mount) as endpoint,
        PlainClient(endpoint, cloud) as client,
    ):
        await client.login()
        yield client


class Scenario:
    """The steps of a scenario, and its named values such as ?made."""

    def __init__(self, cloud: SimulatedCloud, client: PlainClient) -> None:
        """Initialize the scenario without named values."""
        self.cloud, self.client = cloud, client
        self.named: dict[str, Any] = {}

    async def go(self, step: dict[str, Any]) -> None:
        door = self.cloud.lock("front")
        match step:
            case {"dialect": _}:
                set_dialect(self.cloud, step)
            case {"set": changes}:
                for name, value in changes.items():
                    owner, _, field = name.rpartition(".")
                    setattr(getattr(door, owner) if owner else door, field, value)
            case {"fault": how, "with": arguments}:
                plant = getattr(self.cloud.faults, how)
                plant(*arguments, **step.get("marks", {}))
            case {"opens": pin, "is": is_open}:
                assert (door.enter(pin) is not None) is is_open
            case _:
                await self.ask(step)

    async def ask(self, step: dict[str, Any]) -> None:
        verb, path = next(iter(step.items()))
        body: Any = step.get("body")
        send = self.filled(step.get("send", {}))
        if "pin" in step:
            body = body | await encrypted(self.client, step["pin"])
        if "raw" in send:
            send["raw"] = send["raw"].encode()
        query = self.filled(step.get("query"))
        reply = await self.client.send(
            verb, self.filled(path), query, self.filled(body), **send
        )
        assert reply.get("code") == step.get("code"), (step, reply)
        self.check(reply.get("result", NOTHING), step.get("gives", ANYTHING))
        self.check(reply, step.get("reply", ANYTHING))

    def filled(self, given: Any) -> Any:
        """Return a value of a request with named values filled in."""
        if isinstance(given, dict):
            return {key: self.filled(value) for key, value in given.items()}
        if isinstance(given, str):
            for name, value in self.named.items():
                given = given.replace(name, str(value))
        return given

    def check(self, found: Any, expected: Any) -> None:
        """Compare a value of a reply with the expected one."""
        match expected:
            case dict():
                assert expected.keys() - {MORE} <= found.keys(), found
                assert MORE in expected or found.keys() == expected.keys()
                for key in expected.keys() - {MORE}:
                    self.check(found[key], expected[key])
            case list():
                assert len(found) == len(expected), found
                for one, other in zip(found, expected, strict=True):
                    self.check(one, other)
            case str() if expected.startswith("?"):
                others = [v for k, v in self.named.items() if k != expected]
                assert found not in others
                assert self.named.setdefault(expected, found) == found
            case _ if expected != ANYTHING:
                assert (type(found), found) == (type(expected), expected)


def set_dialect(cloud: SimulatedCloud, step: dict[str, Any]) -> None:
    dialect = cloud.dialects.of(step["of"]) if "of" in step else cloud.dialects
    switches = FALLBACK if step["dialect"] == "fallback" else step["dialect"]
    for name, value in switches.items():
        is_set = isinstance(value, list)
        dialect.set(**{name: frozenset(value) if is_set else value})


@cases("steps", SCENARIOS)
async def test_scenario(
    client: PlainClient,
    cloud: SimulatedCloud,
    clock: ManualClock,
    steps: list[dict[str, Any]],
) -> None:
    scenario = Scenario(cloud, client)
    for step in steps:
        if "tick" in step:
            clock.tick(step["tick"])
        else:
            await scenario.go(step)


async def test_temporary_dialect(client: PlainClient, cloud: SimulatedCloud) -> None:
    """A dialect can be set for a block; unknown ones raise."""
    path = "/v1.1/devices/front/users/102"
    with cloud.dialects.using(tid=False, t_as_string=True):
        reply = await client.get(path)
    assert (reply["t"], reply.get("tid")) == (str(int(client.clock() * 1000)), None)
    assert len((await client.get(path))["tid"]) == 32
    with pytest.raises(TypeError, match="no such dialect: opmode"):
        cloud.dialects.set(opmode="list")
    with pytest.raises(TypeError, match="no such word: totals='lie'"):
        cloud.dialects.set(totals="lie")


def test_invalid_use(cloud: SimulatedCloud, door: Lock) -> None:
    """Mistakes of a test are reported immediately."""
    with pytest.raises(ValueError, match="user 102 exists"):
        door.add_user("Twin", user_id="102")
    with pytest.raises(KeyError):
        door.find("Nobody")
    with pytest.raises(KeyError):
        cloud.lock("No door")
    with pytest.raises(TypeError):
        door.add_user("Typo", nickname="x")
    door.unpair(forget=True)
    assert (door.users, door.absent, door.methods) == ({}, {}, [])
