r"""Serve a simulated Tuya cloud with a few realistic locks.

Usage::

    python -m simulator --port 8765 [--host 127.0.0.1] [--json] [--delay 3] \
        [--visits 300]

It prints its endpoint, the access ID and secret, and the UID of the linked account, so
that any Tuya client can use it. With ``--json`` the first line is one JSON
object with the keys endpoint, access_id, access_secret, account_uid, project_uid. The
port 0 takes any free one. Only loopback addresses are served; Ctrl-C ends it.

While it runs, you can change the state and watch the client follow::

    curl http://127.0.0.1:8765/_control                     # what can be done
    curl -X POST http://127.0.0.1:8765/_control/rename \
         -d '{"lock": "Front door", "user": "Mia Ortmann", "name": "Mia O."}'
    curl -X POST http://127.0.0.1:8765/_control/fail -d '{"code": 2001, "on": "set_role"}'
    curl -X POST http://127.0.0.1:8765/_control/online \
         -d '{"lock": "Front door", "online": false}'
    curl -X POST http://127.0.0.1:8765/_control/open \
         -d '{"lock": "Front door", "user": "Mia Ortmann"}'

The page ``/_control/doors`` opens doors with a click. With ``--visits``, users open doors
automatically, about every so many seconds.
"""

import argparse
import asyncio
from contextlib import suppress
import ipaddress
import json
import signal

from . import seed
from .cloud import SimulatedCloud
from .control import Control

SETTLE_SECONDS = 0.5


def main() -> None:
    """Parse the command line and serve until stopped."""
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Serve a simulated Tuya cloud with a few believable locks.",
    )
    parser.add_argument("--port", type=int, default=8765, help="0 takes any free one")
    parser.add_argument("--host", type=_loopback, default="127.0.0.1")
    parser.add_argument(
        "--delay",
        type=float,
        default=3.0,
        help="seconds a lock takes to apply a command",
    )
    parser.add_argument(
        "--visits",
        type=float,
        default=0,
        metavar="SECONDS",
        help="let users open doors about this often",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON line first")
    given = parser.parse_args()
    try:
        asyncio.run(_serve(given))
    except OSError as error:
        parser.exit(1, f"cannot listen on {given.host}:{given.port}: {error}\n")


async def _serve(given: argparse.Namespace) -> None:
    """Serve until a signal is received."""
    cloud = seed.plant(SimulatedCloud())
    cloud.delivery.delay = given.delay
    control = Control(cloud)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with cloud.serve(given.port, given.host, extend=control.mount) as endpoint:
        if given.visits > 0:
            control.visits.start(given.visits)
        facts = {
            "endpoint": endpoint,
            "access_id": cloud.access_id,
            "access_secret": cloud.access_secret,
            "account_uid": cloud.accounts[0],
            "project_uid": cloud.project_uid,
        }
        if given.json:
            print(json.dumps(facts), flush=True)
        else:
            print("A simulated Tuya cloud, until Ctrl-C:")
            for key, value in facts.items():
                print(f"  {key.replace('_', ' '):14} {value}")
            print(f"  by hand        {endpoint}/_control")
            print(f"  open a door    {endpoint}/_control/doors", flush=True)
        while not stop.is_set():
            cloud.settle()  # locks report by themselves, without a request
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), SETTLE_SECONDS)


def _loopback(host: str) -> str:
    """Accept only a loopback address, since the access secret of this cloud is public."""
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise argparse.ArgumentTypeError("only a loopback address is served")
    return host


if __name__ == "__main__":
    main()
