"""The simulated cloud: a project with accounts, devices, and locks."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import random
import time
from typing import Any, Final

from aiohttp import web

from . import (
    commands,
    endpoints as _endpoints,  # noqa: F401 -- fills the table of routes
)
from .calls import CallLog
from .dialects import Dialects
from .faults import Faults
from .lock import Home, Lock
from .model import DeliveryRules, Device
from .queue import Account, MessageQueue
from .request import World
from .server import Server
from .tokens import TokenIssuer

MAX_REQUEST: Final = 8 * 1024 * 1024
"""In bytes; far more than a client needs."""


def system_clock() -> float:
    """Return the time; looked up at each call, so that frozen time works."""
    return time.time()


class SimulatedCloud:
    """A Tuya cloud with one project, in memory."""

    def __init__(
        self,
        *,
        access_id: str = "simulated0access0id0",
        access_secret: str = "invented0secret0invented0secret0",  # noqa: S107
        project_uid: str = "bay0000000000000SIMU",
        clock: Callable[[], float] = system_clock,
        seed: int = 20_26,
    ) -> None:
        """Start with no account, no device and no fault.

        IDs and chances depend on the seed only.
        """
        self.access_id = access_id
        self.access_secret = access_secret
        self.project_uid = project_uid
        self.clock = clock
        self.clock_offset = 0.0
        """The error of the server's clock in seconds: in ``t``, and in checks of 1013."""
        self.clock_tolerance = 300.0
        """Accepted clock difference in seconds (docs/tuya_api.md, Clock)."""
        self.delivery = DeliveryRules()
        """The delay and outcome of commands."""
        self.accounts: list[str] = []
        self.devices: list[Device] = []
        self.locks: dict[str, Lock] = {}
        self.calls = CallLog()
        self.dialects = Dialects()
        # A separate random generator, so that calls and chances do not change new IDs.
        self._random = random.Random(seed)
        self._traces = random.Random(seed + 1)
        self.tokens = TokenIssuer(lambda: self.now, random.Random(seed + 2))
        self.faults = Faults(random.Random(seed + 3))
        account = Account(access_id, access_secret, lambda: self.now, self._product)
        self.queue = MessageQueue(account, random.Random(seed + 4))
        self._server = Server(self)

    @property
    def now(self) -> float:
        """The true time for tokens, deliveries, and validity."""
        return self.clock()

    @property
    def edge_time(self) -> float:
        """The time by the clock of the server."""
        return self.clock() + self.clock_offset

    # --- building ---

    def add_account(self, uid: str | None = None) -> str:
        """Link an app account; return its uid."""
        uid = (
            uid or f"eu{self._random.randrange(10**12, 10**13)}{len(self.accounts):04d}"
        )
        self.accounts.append(uid)
        return uid

    def add_lock(
        self, device_id: str | None = None, name: str = "Front door", **details: Any
    ) -> Lock:
        """Add a lock; details are fields of `model.Device`."""
        details.setdefault("category", "jtmspro")
        details.setdefault("product_name", "Wi-Fi Video Lock")
        device = self.add_device(device_id, name, **details)
        home = Home(lambda: self.now, self._random, self.delivery, self.queue)
        lock = Lock(device, home)
        self.locks[device.device_id] = lock
        return lock

    def add_device(
        self, device_id: str | None = None, name: str = "Sensor", **details: Any
    ) -> Device:
        """Add a device that is not a lock; details are fields of `model.Device`.

        Without an account, it belongs to the first one, which is linked if necessary.
        """
        if "account_uid" not in details:
            details["account_uid"] = (
                self.accounts[0] if self.accounts else self.add_account()
            )
        details.setdefault("category", "mcs")
        details.setdefault("local_key", f"{self._random.getrandbits(64):016x}")
        details.setdefault("active_time", int(self.now) - 30 * 86_400)
        device = Device(
            device_id=device_id or f"vdevo{self._random.randrange(10**15, 10**16)}",
            name=name,
            **details,
        )
        self.devices.append(device)
        return device

    def remove_device(self, device_id: str) -> None:
        """Remove a device."""
        self.devices = [d for d in self.devices if d.device_id != device_id]
        self.locks.pop(device_id, None)

    # --- access ---

    def device(self, device_id: str) -> Device | None:
        """Return a device, a lock or not."""
        return next((d for d in self.devices if d.device_id == device_id), None)

    def lock(self, name: str) -> Lock:
        """Return a lock by its id or its name."""
        for lock in self.locks.values():
            if name in (lock.device_id, lock.device.name):
                return lock
        raise KeyError(name)

    def settle(self) -> None:
        """Settle due deliveries, for tests that inspect the state."""
        for lock in self.locks.values():
            commands.settle(lock)

    def kill_token(self, code: int = 1010) -> None:
        """End the current access token now."""
        self.tokens.kill(code)

    def _product(self, device_id: str) -> str:
        device = self.device(device_id)
        return device.product_id if device else ""

    def world(self) -> World:
        """Return the part of the cloud that endpoints can access."""
        return World(
            devices=[d for d in self.devices if d.paired and d.in_project],
            accounts=self.accounts,
            project_uid=self.project_uid,
            tokens=self.tokens,
            access_secret=self.access_secret,
        )

    def trace_id(self) -> str:
        """Return a fresh trace id."""
        return f"{self._traces.getrandbits(128):032x}"

    # --- serving ---

    def app(self) -> web.Application:
        """Return the application, for aiohttp's TestServer or AppRunner."""
        app = web.Application(client_max_size=MAX_REQUEST)
        self.queue.mount(app)
        self._server.mount(app)
        return app

    @asynccontextmanager
    async def serve(
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        extend: Callable[[web.Application], None] | None = None,
    ) -> AsyncIterator[str]:
        """Serve over a real socket and yield the endpoint, ``http://127.0.0.1:…``.

        A client that disconnects ends its call here, too, and leaving the block releases
        hanging calls. ``extend`` can add routes.
        """
        app = web.Application(client_max_size=MAX_REQUEST)
        if extend:
            extend(app)
        self.queue.mount(app)
        self._server.mount(app)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
            literal = f"[{host}]" if ":" in host else host
            yield f"http://{literal}:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()
