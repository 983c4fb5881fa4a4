"""Run a Home Assistant for development, set up and ready to use."""

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
# So often somebody opens a door of the simulated cloud, on average.
VISIT_SECONDS = 300
# Registry changes occur in groups.
SETTLE_SECONDS = 1


class Stopped(Exception):
    """A program ended unexpectedly."""


def say(text: str) -> None:
    """Print a message."""
    print(f"develop: {text}", flush=True)


def is_free(port: int) -> bool:
    """Return whether a server can listen on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind((LOOPBACK, port))
            return True
    return False


@asynccontextmanager
async def program(*command: str, output: int | None = None) -> AsyncIterator[Process]:
    """Run a program that ignores the terminal's Ctrl-C, and end it afterwards."""
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
    """A Home Assistant in its own folder, with or without the simulated cloud."""

    def __init__(
        self, port: int, *, simulated: bool, folder: Path | None = None
    ) -> None:
        """Initialize the workbench; each version has its own folder."""
        self.port = port
        self.url = f"http://{LOOPBACK}:{port}"
        self.simulated = simulated
        name = __version__ if simulated else f"{__version__}-cloud"
        self.folder = folder or ROOT / ".develop" / name

    def reset(self) -> None:
        """Delete the data of earlier runs."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _prepare(self) -> None:
        """Prepare the configuration folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, target in (
            ("configuration.yaml", Path(__file__).with_name("configuration.yaml")),
            ("custom_components", ROOT / "custom_components"),
        ):
            link = self.folder / name
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        # Copied, because Home Assistant finds no blueprints behind a link.
        shutil.copytree(
            ROOT / "blueprints", self.folder / "blueprints", dirs_exist_ok=True
        )
        # The automation editor writes it.
        if not (automations := self.folder / "automations.yaml").exists():
            automations.write_text("[]\n", encoding="utf-8")

    def _cloud_port(self) -> int:
        """Return the port of the simulated cloud, which the entry stores."""
        file = self.folder / "cloud_port"
        if file.exists():
            return int(file.read_text(encoding="utf-8"))
        port = next(port for port in range(self.port + 1, 65536) if is_free(port))
        file.write_text(str(port), encoding="utf-8")
        return port

    async def run(self) -> NoReturn:
        """Run Home Assistant and the cloud until one of them ends."""
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
        """Run Home Assistant and return its exit code."""
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
        """Start the simulated cloud and return its project."""
        port = self._cloud_port()
        if not is_free(port):
            raise Stopped(f"port {port} of the simulated cloud is in use")
        cloud = await stack.enter_async_context(
            program(
                "simulator",
                *("--port", str(port), "--json", "--visits", str(VISIT_SECONDS)),
                output=PIPE,
            )
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
        """Set up the integration if necessary, then keep the dashboard updated."""
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
        """Update the dashboard while Home Assistant runs."""
        async with home.socket():
            await self._show(home)
            seconds = time.monotonic() - started
            say(
                f"Home Assistant {__version__} is ready after {seconds:.0f} seconds:"
                f" {self.url} (press Ctrl-C to stop)"
            )
            while True:
                await home.event()
                await asyncio.sleep(SETTLE_SECONDS)
                await self._save(home)

    async def _show(self, home: Home) -> None:
        """Create the dashboard as the default page."""
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
        """Save the dashboard of the current devices if it changed."""
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
    """Run until stopped."""
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
    parser.add_argument("--folder", type=Path, help="another folder for its data")
    parser.add_argument(
        "--reset", action="store_true", help="delete the data of the last run"
    )
    options = parser.parse_args()

    bench = Workbench(options.port, simulated=not options.cloud, folder=options.folder)
    if not is_free(bench.port):
        say(f"port {bench.port} is in use: select another one with --port")
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
        say("stopped")
        return 0
    except (HomeError, Stopped, TimeoutError) as err:
        say(str(err) or "Home Assistant did not start in time")
        return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
