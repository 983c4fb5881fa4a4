"""Use the client without Home Assistant: `test_standalone` runs this as a program."""

import asyncio
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
import sys
from typing import Any

ROOT = Path(__file__).parents[2]
API = ROOT / "custom_components" / "tuya_lock_users" / "api"


class Refuse(MetaPathFinder):
    """Refuse Home Assistant and the integration, as if they were not installed."""

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """Raise for Home Assistant and the integration."""
        if fullname.partition(".")[0] in ("homeassistant", "custom_components"):
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def load_client() -> Any:
    """Return the client as a package of its own name."""
    spec = spec_from_file_location(
        "lock_client", API / "__init__.py", submodule_search_locations=[str(API)]
    )
    assert spec is not None
    assert spec.loader is not None
    client = module_from_spec(spec)
    sys.modules[spec.name] = client
    spec.loader.exec_module(client)
    return client


async def use(client: Any) -> None:
    """Read a lock of the simulated cloud, and change it."""
    from aiohttp import ClientSession  # noqa: PLC0415

    from simulator import OWNER, SimulatedCloud  # noqa: PLC0415

    cloud = SimulatedCloud()
    cloud.delivery.delay = 0
    door = cloud.add_lock("front")
    door.add_user("Alice", user_id="alice", user_type=OWNER)
    door.add_method("card", door.add_user("Bob", user_id="bob"), allocate_flag=1)
    async with cloud.serve() as url, ClientSession() as session:
        tuya = client.TuyaCloud(
            session,
            url=url,
            access_id=cloud.access_id,
            access_secret=cloud.access_secret,
        )
        lock = client.SmartLock(client.Endpoints(tuya), "front")
        users = await lock.users.read()
        assert [user.name for user in users.users] == ["Alice", "Bob"]
        assert users.is_complete

        schedule = client.Schedule(permanent=False, start=1, end=2)
        attempt = next(lock.writes.schedule_attempts("bob", schedule, time_zone=None))
        assert await attempt.send() is None
        [_, bob] = (await lock.users.read()).users
        assert (bob.schedule.start, bob.schedule.end) == (1, 2)
        attempt.accept()
        assert lock.dialects.schedule_body == "wrapped"

        [method] = (await lock.unlock_methods("bob")).items
        attempt = next(lock.writes.deallocation_attempts("bob", [method]))
        assert await attempt.send() is None
        [method] = (await lock.unassigned_methods()).items
        assert (await lock.writes.allocate("bob", [method])).unanswered is None
        await lock.delete_user("bob")
        assert [user.user_id for user in (await lock.absent_users()).items] == ["bob"]
        try:
            await lock.user("unknown")
        except client.NotFoundError:
            return
        raise AssertionError("an unknown user was found")


if __name__ == "__main__":
    sys.meta_path.insert(0, Refuse())
    sys.path.insert(0, str(ROOT))
    CLIENT = load_client()
    for name in CLIENT.__all__:
        getattr(CLIENT, name)
    for source in sorted(API.rglob("*.py")):
        inner = source.relative_to(API).with_suffix("").parts
        if inner[-1] != "__init__":
            __import__(".".join(("lock_client", *inner)))
    asyncio.run(use(CLIENT))
    assert not [name for name in sys.modules if name.startswith("homeassistant")]
