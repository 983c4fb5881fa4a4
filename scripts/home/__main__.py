"""Run a Home Assistant for development, set up and ready to look at."""

import argparse
import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
import json
import os
from pathlib import Path
import shutil
import signal
import socket
import sys
import time
from typing import NoReturn

import aiohttp

from homeassistant.const import RESTART_EXIT_CODE, __version__

from .api import Home, HomeError, HomeGone, Json
from .dashboard import DOMAIN, TITLE, URL_PATH, dashboard
from .seed import seed

ROOT = Path(__file__).parents[2]
LOOPBACK = "127.0.0.1"
STOP_SECONDS = 60
# Registry changes come in flocks.
SETTLE_SECONDS = 1


class Stopped(Exception):
    """A program ended by itself."""


def say(text: str) -> None:
    """Tell the person who waits."""
    print(f"develop: {text}", flush=True)


def is_free(port: int) -> bool:
    """Return if a server can listen on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind((LOOPBACK, port))
            return True
    return False


@asynccontextmanager
async def program(*command: str, output: int | None = None) -> AsyncIterator[Process]:
    """Run a program out of reach of the terminal's Ctrl-C, and end it afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *command,
        cwd=ROOT,
        stdin=DEVNULL,
        stdout=output,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


class Workbench:
    """A Home Assistant in a folder of its own and, if wanted, a simulated cloud."""

    def __init__(self, port: int, *, simulated: bool) -> None:
        """Choose the folder: no release has to read what another one wrote."""
        self.port = port
        self.url = f"http://{LOOPBACK}:{port}"
        self.simulated = simulated
        name = __version__ if simulated else f"{__version__}-cloud"
        self.folder = ROOT / ".develop" / name

    def reset(self) -> None:
        """Forget everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _prepare(self) -> None:
        """Lay out what Home Assistant reads."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, target in (
            ("configuration.yaml", Path(__file__).with_name("configuration.yaml")),
            ("custom_components", ROOT / "custom_components"),
        ):
            link = self.folder / name
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        # Written by the automation editor.
        if not (automations := self.folder / "automations.yaml").exists():
            automations.write_text("[]\n", encoding="utf-8")

    def _cloud_port(self) -> int:
        """Return the port of the simulated cloud: the entry remembers it."""
        file = self.folder / "cloud_port"
        if file.exists():
            return int(file.read_text(encoding="utf-8"))
        port = next(port for port in range(self.port + 1, 65536) if is_free(port))
        file.write_text(str(port), encoding="utf-8")
        return port

    async def run(self) -> NoReturn:
        """Run both until one ends."""
        started = time.monotonic()
        self._prepare()
        await seed(self.folder, self.port)
        async with AsyncExitStack() as stack, aiohttp.ClientSession() as session:
            project = await self._cloud(stack) if self.simulated else None
            while (code := await self._run_home(session, project, started)) == (
                RESTART_EXIT_CODE
            ):
                started = time.monotonic()
                say("starting Home Assistant again")
        raise Stopped(f"Home Assistant ended with exit code {code}")

    async def _run_home(
        self, session: aiohttp.ClientSession, project: Json | None, started: float
    ) -> int:
        """Run Home Assistant and return the code it ends with."""
        async with program("homeassistant", "--config", str(self.folder)) as hass:
            home = Home(session, self.url)
            tending = asyncio.create_task(self._tend(home, project, started))
            ended = asyncio.create_task(hass.wait())
            try:
                await asyncio.wait(
                    (ended, tending), return_when=asyncio.FIRST_COMPLETED
                )
                if tending.done():
                    tending.result()
                return await ended
            finally:
                tending.cancel()

    async def _cloud(self, stack: AsyncExitStack) -> Json:
        """Start the simulated cloud and return what its one project is called."""
        port = self._cloud_port()
        if not is_free(port):
            raise Stopped(f"port {port} of the simulated cloud is taken")
        cloud = await stack.enter_async_context(
            program("simulator", "--port", str(port), "--json", output=PIPE)
        )
        assert cloud.stdout
        if not (line := await cloud.stdout.readline()):
            raise Stopped(f"the simulated cloud ended with {await cloud.wait()}")
        project: Json = json.loads(line)
        say(
            f"the simulated cloud is at {project['endpoint']}"
            f" (access id {project['access_id']},"
            f" access secret {project['access_secret']},"
            f" account {project['account_uid']})"
        )
        return project

    async def _tend(self, home: Home, project: Json | None, started: float) -> None:
        """Set up what is not set up yet, then keep the dashboard up to date."""
        await home.started()
        if project and not await home.entries(DOMAIN):
            say("setting up the integration")
            await home.set_up(
                DOMAIN,
                {
                    "data_center": project["endpoint"],
                    "access_id": project["access_id"],
                    "access_secret": project["access_secret"],
                },
                {},
            )
        with suppress(HomeGone):
            await self._keep_dashboard(home, started)

    async def _keep_dashboard(self, home: Home, started: float) -> None:
        """Show what there is, as long as Home Assistant runs."""
        async with home.socket():
            await self._show(home)
            seconds = time.monotonic() - started
            say(
                f"Home Assistant {__version__} is ready after {seconds:.0f} seconds:"
                f" {self.url} (Ctrl-C ends it)"
            )
            while True:
                await home.event()
                await asyncio.sleep(SETTLE_SECONDS)
                await self._save(home)

    async def _show(self, home: Home) -> None:
        """Make the dashboard, and make it the page that opens."""
        for registry in ("device", "entity"):
            await home.command(
                "subscribe_events", event_type=f"{registry}_registry_updated"
            )
        dashboards = await home.command("lovelace/dashboards/list")
        if not any(known["url_path"] == URL_PATH for known in dashboards):
            await home.command(
                "lovelace/dashboards/create",
                url_path=URL_PATH,
                title=TITLE,
                icon="mdi:lock-smart",
                show_in_sidebar=True,
                require_admin=False,
            )
            await home.command(
                "frontend/set_system_data",
                key="core",
                value={"default_panel": URL_PATH},
            )
        await self._save(home)

    async def _save(self, home: Home) -> None:
        """Write the dashboard of what there is now, if that changes anything."""
        wanted = dashboard(
            await home.command("config/device_registry/list"),
            await home.command("config/entity_registry/list"),
        )
        saved = None
        with suppress(HomeError):
            saved = await home.command("lovelace/config", url_path=URL_PATH)
        if saved != wanted:
            await home.command("lovelace/config/save", url_path=URL_PATH, config=wanted)


async def main() -> int:
    """Run until somebody ends it."""
    parser = argparse.ArgumentParser(prog="scripts/develop", description=__doc__)
    parser.add_argument(
        "--cloud",
        action="store_true",
        help="without the simulated cloud: set up your own project in the browser",
    )
    parser.add_argument(
        "--ha", metavar="VERSION", help="another Home Assistant, such as 2026.11.0"
    )
    parser.add_argument("--port", type=int, default=8123, help="default: 8123")
    parser.add_argument("--reset", action="store_true", help="forget the last run")
    options = parser.parse_args()

    bench = Workbench(options.port, simulated=not options.cloud)
    if not is_free(bench.port):
        say(f"port {bench.port} is taken: choose another one with --port")
        return 1
    if options.reset:
        bench.reset()

    running = asyncio.create_task(bench.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        say("ended")
        return 0
    except (HomeError, Stopped, TimeoutError) as err:
        say(str(err) or "Home Assistant did not start in time")
        return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
