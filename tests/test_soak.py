"""A soak test: random changes, actions and faults over a long time.

The clock is simulated, the cloud is not: it answers over a socket. `scripts/soak` runs
it for 10,000 cycles, the tests for a few. The seed is printed, and gives the same
faults, changes and actions again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise
import logging
import os
from random import Random
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator import (
    ADMIN,
    FALLBACK,
    MEMBER,
    MESSAGES,
    OWNER,
    Lock,
    Schedule,
    SimulatedCloud,
    User,
)
from tests.common import entity_id_of, lock_device, state_of, until, user_names
from tests.conftest import NOW, SetUp
from tests.faults.home import finish

CYCLES: Final = int(os.environ.get("SOAK_CYCLES", "150"))
SEED: Final = int(os.environ.get("SOAK_SEED", "20261209"))

# After so many cycles everything is mended, and must be found mended.
CALM_EVERY: Final = 25
_HOUR: Final = 3600

# Refusals after which a write may be sent again (docs/architecture.md, Never twice).
_SENT_AGAIN: Final = frozenset({1010, 1011, 1012, 1013, 1400})

_TARGETS: Final = (
    "reads",
    "writes",
    "business",
    "tokens",
    "smart_lock_users",
    "opmodes",
)
_SHAPES: Final[tuple[Any, ...]] = (
    None,
    7,
    "text",
    [],
    [1, None],
    {},
    {"records": 3},
    [[{}]],
)


@dataclass
class Soak:
    """The state of one soak: random generators, cloud, and clock."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    cloud: SimulatedCloud
    entry: MockConfigEntry
    random: Random
    door_random: Random
    errors: set[str] = field(default_factory=set)
    counter: int = 0

    # Time

    async def finish(self, awaitable: Awaitable[Any]) -> None:
        await finish(self.hass, self.freezer, awaitable)

    async def pass_time(self, seconds: float) -> None:
        """Advance the clock and wait for tasks."""
        self.freezer.tick(seconds)
        async_fire_time_changed(self.hass)
        await self.finish(self.hass.async_block_till_done(wait_background_tasks=True))

    # Random choices

    def lock(self) -> Lock:
        return self.random.choice(list(self.cloud.locks.values()))

    def user(self, lock: Lock) -> User | None:
        users = [user for user in lock.users.values() if user.user_type != OWNER]
        return self.random.choice(users) if users else None

    # Faults

    def plant_fault(self) -> None:
        faults = self.cloud.faults
        on = self.random.choice(_TARGETS)
        times = self.random.randint(1, 4)
        self.random.choice(
            (
                lambda: faults.refuse(
                    self.random.choice(sorted(MESSAGES)), on=on, times=times
                ),
                lambda: faults.refuse(2001, on="business", times=times),
                lambda: faults.http(
                    self.random.choice((429, 500, 502, 503)), on=on, times=times
                ),
                lambda: faults.cut("before", on=on, times=times),
                lambda: faults.cut("middle", on=on, times=times),
                lambda: faults.lose_reply("cut", on="writes", times=times),
                lambda: faults.hang(on=on, times=1),
                lambda: faults.body(b"<html>no</html>", on=on, times=times),
                lambda: faults.json(self.random.choice(_SHAPES), on=on, times=times),
                lambda: faults.result(self.random.choice(_SHAPES), on=on, times=times),
                lambda: faults.no_result(on=on, times=times),
                lambda: faults.wrong_shape(on=on, times=times),
                lambda: faults.page("truncate", 1, times=times),
                lambda: faults.page("repeat", times=times),
                lambda: faults.page("total", 99, times=times),
                lambda: faults.drop_write(on="writes", times=times),
                lambda: faults.kill_token(on="business", times=1),
                lambda: faults.quota(self.random.randint(0, 6)),
                lambda: setattr(
                    self.cloud, "clock_offset", self.random.choice((-1200, 1200))
                ),
            )
        )()

    # Changes in the app

    def change_something(self) -> None:
        lock = self.lock()
        user = self.user(lock)
        self.counter += 1
        changes: list[Callable[[], object]] = [
            lambda: lock.add_user(f"Guest {self.counter}", user_type=MEMBER),
            lambda: lock.add_method("card", user),
            lambda: setattr(lock.device, "online", not lock.device.online),
            lambda: lock.make_busy(60),
        ]
        if user is not None:
            changes += [
                lambda: setattr(user, "nick_name", f"Renamed {self.counter}"),
                lambda: setattr(user, "user_type", self.random.choice((ADMIN, MEMBER))),
                lambda: lock.remove_user(user.user_id),
                lambda: lock.expire(user),
                lambda: setattr(user, "schedule", Schedule(permanent=True)),
            ]
        self.random.choice(changes)()

    # Events at the door

    def open_doors(self) -> None:
        """Send messages of a lock, and let the message service fail."""
        lock, queue = self.lock(), self.cloud.queue
        for _ in range(self.door_random.randint(1, 5)):
            self.door_random.choice(
                (
                    lambda: lock.open("card", number=self.door_random.randint(0, 9)),
                    lambda: lock.open("app", time=self.cloud.now - 700),
                    lambda: lock.alarm("pry"),
                    lock.ring,
                    lambda: queue.report(
                        lock.device_id, {"unlock_method_create": "AQ"}
                    ),
                    lambda: queue.online(lock.device_id),
                    lambda: queue.device(lock.device_id, "deviceNameUpdate"),
                    queue.garbage,
                    queue.bare,
                    lambda: queue.raw("{"),
                    queue.cut,
                    lambda: queue.cut(in_frame=True),
                    lambda: queue.close(1001),
                    lambda: queue.refuse(
                        self.door_random.choice((401, 409, 500, 503)), times=3
                    ),
                )
            )()

    # Actions

    async def act(self) -> None:
        """Call any action, and check that no write was sent twice."""
        lock = self.lock()
        device = lock_device(self.hass, self.entry, lock.device_id)
        user = self.user(lock)
        if device is None or user is None:
            return
        actions: tuple[tuple[str, dict[str, Any]], ...] = (
            ("get_users", {"fresh": True}),
            ("get_unlock_methods", {"user": user.user_id}),
            ("get_absent_users", {}),
            ("add_user", {"name": f"New {self.counter}"}),
            ("update_user", {"user": user.user_id, "name": f"Now {self.counter}"}),
            ("delete_user", {"user": user.user_id}),
            ("set_user_role", {"user": user.user_id, "role": "admin"}),
            ("set_user_schedule", {"user": user.user_id, "permanent": True}),
            ("suspend_user", {"user": user.user_id, "wait": 5}),
            ("resume_user", {"user": user.user_id, "wait": 5}),
            ("purge_users", {"users": list(lock.absent) or ["nobody"]}),
            *self.password_actions(lock),
            *self.method_actions(user),
            (
                "allocate_unlock_methods",
                {
                    "user": user.user_id,
                    "unlock_methods": [{"type": "card", "number": 1}],
                },
            ),
        )
        action, fields = self.random.choice(actions)
        before = len(self.cloud.calls)
        call = asyncio.ensure_future(self._call(action, device.id, fields))
        if self.random.random() < 0.1:
            self.hass.config_entries.async_schedule_reload(self.entry.entry_id)
        if self.random.random() < 0.1 and user.user_id in lock.users:
            lock.remove_user(user.user_id)
        await self.finish(call)
        self.check_written_once(before)

    def password_actions(self, lock: Lock) -> list[tuple[str, dict[str, Any]]]:
        """Return actions about passwords, and about an existing one."""
        listed = lock.passwords.listed
        one = {"password_id": str(listed[-1].password_id) if listed else "1"}
        return [
            ("get_passwords", {}),
            ("add_password", {"name": f"Code {self.counter}", "wait": 5}),
            ("add_password", {"name": "Code", "password": "739415", "wait": 5}),
            ("update_password", {**one, "password": "8361947", "wait": 5}),
            ("update_password", {**one, "frozen": True, "wait": 5}),
            ("delete_password", one),
            ("get_dynamic_password", {}),
            ("add_offline_password", {"name": "Code", "kind": "once"}),
        ]

    def method_actions(self, user: User) -> list[tuple[str, dict[str, Any]]]:
        """Return actions that enroll, change, and delete unlock methods."""
        who = {"user": user.user_id}
        card: dict[str, Any] = {**who, "type": "card", "number": 1}
        return [
            ("enroll_unlock_method", {**who, "type": "card", "wait": 5}),
            (
                "enroll_unlock_method",
                {**who, "type": "fingerprint", "name": f"No. {self.counter}"},
            ),
            ("cancel_enrollment", {"type": "card"}),
            ("update_unlock_method", {**card, "name": f"Card {self.counter}"}),
            ("delete_unlock_method", card),
            ("sync_unlock_methods", {}),
        ]

    async def _call(self, action: str, device_id: str, fields: dict[str, Any]) -> None:
        try:
            await self.hass.services.async_call(
                DOMAIN,
                action,
                {"device_id": device_id, **fields},
                blocking=True,
                return_response=True,
            )
        except HomeAssistantError as err:
            self.errors.add(err.translation_key or f"untranslated: {err!r}")

    def check_written_once(self, before: int) -> None:
        """Check that a write was only repeated after a refusal of token or clock."""
        writes = [
            call
            for call in self.cloud.calls[before:]
            # Each PIN has a ticket of its own.
            if call.is_change
        ]
        for first, second in pairwise(
            sorted(writes, key=lambda call: (call.method, call.path, repr(call.body)))
        ):
            if (first.method, first.path, first.body) == (
                second.method,
                second.path,
                second.body,
            ):
                assert first.code in _SENT_AGAIN, (first, second)

    # Calm

    async def calm(self) -> None:
        """End all faults, wait, and compare."""
        self.cloud.faults.clear()
        self.cloud.clock_offset = 0
        self.cloud.queue.heal()
        for lock in self.cloud.locks.values():
            lock.device.online = True
        self.cloud.settle()
        await self.pass_time(5 * _HOUR)  # the longest pause
        flows = self.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        for flow in flows:  # a user would enter the credentials again
            self.hass.config_entries.flow.async_abort(flow["flow_id"])
        if flows or self.entry.state is not ConfigEntryState.LOADED:
            await self.finish(
                self.hass.config_entries.async_reload(self.entry.entry_id)
            )
        for _ in range(3):
            await self.pass_time(_HOUR)
        self.check()
        await self.check_door()

    async def check_door(self) -> None:
        """Check that messages arrive again, and all were acknowledged."""
        queue = self.cloud.queue
        assert state_of(self.hass, f"{self.cloud.project_uid}_push") == "on"
        assert len(queue.sockets) == 1
        rung = [f"{lock_id}_doorbell" for lock_id in self.cloud.locks]
        before = {one: state_of(self.hass, one) for one in rung}
        for lock in self.cloud.locks.values():
            lock.ring()

        def is_settled() -> bool:
            reported = all(state_of(self.hass, one) != before[one] for one in rung)
            # A reader, after refusals of the subscription, leaves everything in it.
            return (
                reported
                and bool(queue.sockets)
                and all(
                    one.handshake.consumer.permits == one.handshake.consumer.queue_size
                    and (one.is_reader or not queue.backlog())
                    for one in queue.sockets
                )
            )

        await self.finish(until(is_settled))
        assert not queue.unsubscribed

    def check(self) -> None:
        assert self.entry.state is ConfigEntryState.LOADED
        assert not [error for error in self.errors if "untranslated" in error]
        for lock in self.cloud.locks.values():
            users = list(lock.users.values())
            assert state_of(self.hass, f"{lock.device_id}_users") == str(len(users))
            assert user_names(self.hass, self.entry, lock.device_id) == sorted(
                (user.nick_name for user in users), key=str
            )
            for user in users:
                unique_id = f"{lock.device_id}:{user.user_id}_access"
                assert entity_id_of(self.hass, unique_id)
                access = state_of(self.hass, unique_id)
                assert access in (
                    *("allowed", "outside_hours", "not_started"),
                    *("expired", "suspended"),
                ), (user, access)


def check_log(caplog: pytest.LogCaptureFixture) -> None:
    """Check that outages and recoveries alternate in the log."""
    logged = [
        record.getMessage().partition(":")[0]
        for record in caplog.get_records("call")
        if record.getMessage().startswith(
            ("Cannot read the Tuya cloud", "Can read the Tuya cloud")
        )
    ]
    assert all(first != second for first, second in pairwise(logged)), logged


@pytest.fixture(autouse=True)
def no_push_or_records() -> None:
    """Enable messages and records."""


@pytest.mark.timeout(7200)
async def test_soak(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with capsys.disabled():
        print(f"\nsoak of {CYCLES} cycles, seed {SEED}")  # noqa: T201
    caplog.set_level(logging.INFO)
    freezer.move_to(NOW)
    cloud.delivery.delay = 1
    for number in range(4):
        door.add_user(f"User {number}")
    gate = cloud.add_lock("gate", "Garden gate", category="mk")
    gate.add_user("Owner", user_type=OWNER)
    for number in range(7):
        gate.add_method("card", gate.add_user(f"Neighbour {number}"))
    cloud.dialects.of("gate").set(**FALLBACK)
    # Where the clock jumps, a server would not have heard of the client for long.
    cloud.queue.idle_seconds = cloud.queue.ping_seconds = float("inf")
    random, door_random = Random(SEED), Random(SEED + 1)
    soak = Soak(hass, freezer, cloud, await set_up(), random, door_random)

    for cycle in range(1, CYCLES + 1):
        if soak.random.random() < 0.5:
            soak.plant_fault()
        if soak.random.random() < 0.5:
            soak.change_something()
        if soak.door_random.random() < 0.5:
            soak.open_doors()
        if soak.random.random() < 0.3:
            await soak.act()
        if soak.random.random() < 0.02:
            await soak.finish(hass.config_entries.async_reload(soak.entry.entry_id))
        await soak.pass_time(soak.random.choice((20, 400, 2000, 9000)))
        if cycle % CALM_EVERY == 0:
            await soak.calm()
            check_log(caplog)
            if cycle % 1000 == 0:
                with capsys.disabled():
                    print(f"{cycle} cycles")  # noqa: T201
            caplog.clear()
            cloud.calls.clear()
            for lock in cloud.locks.values():  # people leave, or the village moves in
                for user in list(lock.users.values())[15:]:
                    lock.remove_user(user.user_id)
    await soak.calm()
    with capsys.disabled():
        print(f"soak survived; refusals met: {', '.join(sorted(soak.errors))}")  # noqa: T201
