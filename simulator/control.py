"""A simple control interface to change the state of a served cloud manually.

It is not part of the cloud; only ``python -m simulator`` adds it.
"""

from collections.abc import Awaitable, Callable
import dataclasses
import json
import random
from typing import Any

from aiohttp import web

from . import door_page
from .cloud import SimulatedCloud
from .lock import Lock
from .model import Method, Outcome, Schedule, User
from .visits import Visits

HELP = """\
Change the simulated cloud manually, and watch the client follow.
`lock` and `user` are ids or names. All bodies are JSON; for example:

  curl -X POST {base}/_control/rename -d '{{"lock": "Front door", "user": "Mia Ortmann", "name": "Mia O."}}'

GET  /_control            this text
GET  /_control/state      locks, users and methods
GET  /_control/doors      a page with buttons that open doors
GET  /_control/calls      how often each endpoint was called
POST /_control/rename     lock, user, name
POST /_control/add        lock, name [, type: 10 admin, 20 member]
POST /_control/remove     lock, user            as the vendor's app does
POST /_control/expire     lock, user            access ended an hour ago
POST /_control/permanent  lock, user
POST /_control/method     lock, kind [, user] [, name]   enrol: card, fingerprint, …
POST /_control/online     lock, online: true or false
POST /_control/unpair     lock                  and /_control/pair
POST /_control/completes  lock, completes: true or false  whether an enrollment ends
POST /_control/busy       lock [, seconds]      2328 for every command
POST /_control/delivery   outcome: SUCCESS, FAILED or NEVER [, lock] [, delay]
POST /_control/fail       code [, on: endpoint] [, times: 1, null: all]
POST /_control/open       lock, user [, way: card, …], or lock, way [, number]
                          [, ago: seconds, for a record without a message]
POST /_control/alarm      lock, word: pry, wrong_finger, …
POST /_control/ring       lock
POST /_control/visits     every: seconds, 0 for never    users open doors
POST /_control/push       any of enabled, rule_on, pongs: true or false; cut: true
POST /_control/token      ends the current token
POST /_control/clock      offset: seconds
POST /_control/heal       removes all faults
"""

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
type Command = Callable[[dict[str, Any]], object]


class Control:
    """Handles manual commands."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        """Control this cloud."""
        self._cloud = cloud
        self.visits = Visits(cloud, random.Random())

    def mount(self, app: web.Application) -> None:
        """Add the paths below ``/_control`` to an application."""
        commands: dict[str, Command] = {
            "rename": self._rename,
            "add": self._add,
            "remove": self._remove,
            "expire": self._expire,
            "permanent": self._permanent,
            "method": self._method,
            "online": self._online,
            "unpair": lambda given: self._lock(given).unpair(),
            "pair": lambda given: self._lock(given).pair(),
            "busy": lambda given: self._lock(given).make_busy(given.get("seconds", 60)),
            "completes": self._completes,
            "delivery": self._delivery,
            "fail": self._fail,
            "open": self._open,
            "alarm": lambda given: self._lock(given).alarm(given["word"]),
            "ring": lambda given: self._lock(given).ring(),
            "visits": self._visits,
            "push": self._push,
            "token": lambda _: self._cloud.kill_token(),
            "clock": self._clock,
            "heal": lambda _: self._cloud.faults.clear(),
        }
        for name, command in commands.items():
            app.router.add_post(f"/_control/{name}", self._handler(command))
        app.router.add_get("/_control", self._help)
        app.router.add_get("/_control/state", self._state)
        app.router.add_get("/_control/doors", self._doors)
        app.on_shutdown.append(self._stop)
        app.router.add_get("/_control/calls", self._calls)

    def _handler(self, command: Command) -> Handler:
        """Wrap a command: JSON in, JSON out, 400 for an invalid one."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                given = json.loads(await request.text() or "{}")
                result = command(given)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                message = {"error": f"{type(error).__name__}: {error}"}
                return web.json_response(message, status=400)
            return web.json_response({"done": True, "result": result})

        return handle

    async def _help(self, request: web.Request) -> web.StreamResponse:
        """Return the help."""
        return web.Response(text=HELP.format(base=request.url.origin()))

    async def _state(self, _: web.Request) -> web.StreamResponse:
        """Return the state of the cloud."""
        self._cloud.settle()
        return web.json_response(
            {
                lock.device.name: {
                    "device_id": lock.device_id,
                    "online": lock.device.online,
                    "paired": lock.device.paired,
                    "users": [_plain(user) for user in lock.users.values()],
                    "absent": [_plain(user) for user in lock.absent.values()],
                    "methods": [_plain(method) for method in lock.methods],
                }
                for lock in self._cloud.locks.values()
            }
        )

    async def _doors(self, _: web.Request) -> web.StreamResponse:
        """Return a page with buttons."""
        text = door_page.page(self._cloud)
        return web.Response(text=text, content_type="text/html")

    async def _stop(self, _: web.Application) -> None:
        """Stop the visits."""
        self.visits.stop()

    async def _calls(self, _: web.Request) -> web.StreamResponse:
        """Return the number of calls."""
        return web.json_response(self._cloud.calls.counts())

    # --- commands ---

    def _lock(self, given: dict[str, Any]) -> Lock:
        """Return the requested lock."""
        return self._cloud.lock(given["lock"])

    def _user(self, given: dict[str, Any]) -> User:
        """Return the requested user."""
        return self._lock(given).find(given["user"])

    def _rename(self, given: dict[str, Any]) -> None:
        """Rename a user."""
        self._user(given).nick_name = str(given["name"])

    def _add(self, given: dict[str, Any]) -> str:
        """Add a user; return the id."""
        kind = int(given.get("type", 20))
        return self._lock(given).add_user(given["name"], user_type=kind, sex=1).user_id

    def _remove(self, given: dict[str, Any]) -> None:
        """Remove a user from the home."""
        self._lock(given).remove_user(self._user(given).user_id)

    def _expire(self, given: dict[str, Any]) -> None:
        """End a user's access."""
        self._lock(given).expire(self._user(given))

    def _permanent(self, given: dict[str, Any]) -> None:
        """Give a user permanent access."""
        self._user(given).schedule = Schedule()

    def _method(self, given: dict[str, Any]) -> int:
        """Enroll a method; return its number."""
        holder = self._user(given) if given.get("user") else None
        method = self._lock(given).add_method(
            given["kind"], holder, name=given.get("name")
        )
        return method.unlock_sn

    def _online(self, given: dict[str, Any]) -> None:
        """Set a lock online or offline."""
        self._lock(given).device.online = bool(given["online"])

    def _open(self, given: dict[str, Any]) -> str:
        """Open a door with a method of a user, or in another way; return the ID."""
        lock, number = self._lock(given), given.get("number")
        holder = self._user(given) if given.get("user") else None
        way = given.get("way")
        if way is None:
            methods = lock.methods_of(self._user(given))
            way, number = methods[0].dp_code, methods[0].unlock_sn
        if (ago := given.get("ago")) is not None:
            past = {"time": lock.now - float(ago), "with_message": False}
            return lock.open(way, holder, number=number, **past).record_id
        return lock.open(way, holder, number=number).record_id

    def _visits(self, given: dict[str, Any]) -> None:
        """Start or stop visits."""
        every = float(given["every"])
        if every > 0:
            self.visits.start(every)
        else:
            self.visits.stop()

    def _push(self, given: dict[str, Any]) -> None:
        """Change the behavior of the message service."""
        for name in given.keys() & {"enabled", "rule_on", "pongs"}:
            setattr(self._cloud.queue, name, bool(given[name]))
        if given.get("cut"):
            self._cloud.queue.cut()

    def _completes(self, given: dict[str, Any]) -> None:
        """Set whether an enrollment is completed at a waiting lock."""
        self._lock(given).enrollment_rules.completes = bool(given["completes"])

    def _delivery(self, given: dict[str, Any]) -> None:
        """Set the outcome of commands."""
        outcome: Outcome = given["outcome"]
        if outcome not in ("SUCCESS", "FAILED", "NEVER"):
            raise ValueError(outcome)
        rules = self._cloud.delivery
        if given.get("lock"):
            lock = self._lock(given)
            rules = lock.delivery = lock.delivery or dataclasses.replace(rules)
        rules.outcome = outcome
        rules.delay = float(given.get("delay", rules.delay))

    def _fail(self, given: dict[str, Any]) -> None:
        """Refuse the next calls."""
        self._cloud.faults.refuse(
            int(given["code"]), on=given.get("on") or (), times=given.get("times", 1)
        )

    def _clock(self, given: dict[str, Any]) -> None:
        """Set the server's clock wrong."""
        self._cloud.clock_offset = float(given["offset"])


def _plain(record: User | Method) -> dict[str, Any]:
    """Return a record as JSON."""
    return dataclasses.asdict(record)
