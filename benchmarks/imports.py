"""The import time, compared with two integrations of Home Assistant."""

from collections.abc import Iterable, Mapping
import gc
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
import sys
import tempfile
from time import process_time
from types import ModuleType
from typing import Any, Final

from .table import Row, at_most

REPEATS: Final = 25
OURS: Final = "custom_components.tuya_lock_users"
THEIRS: Final = {
    "mealie": "homeassistant.components.mealie",
    "peblar": "homeassistant.components.peblar",
}
OUR_CLIENT: Final = f"{OURS}.api"
# Their client libraries are excluded.
CLIENTS: Final = ("aiomealie", "peblar")


class _Anything(type):
    """A class with any attribute."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything(name, (), {})

    def __iter__(cls) -> Any:
        return iter(())

    def __getitem__(cls, _: Any) -> Any:
        return cls


class _Client(ModuleType):
    """A client library with any name to import."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything(name, (Exception,), {})


def rows() -> Iterable[Row]:
    """Return all rows."""
    for name in CLIENTS:
        sys.modules[name] = _Client(name)
    with tempfile.TemporaryDirectory() as folder:
        # As on any machine: compiled once, then loaded.
        sys.dont_write_bytecode, sys.pycache_prefix = False, folder
        seconds = least_seconds({"ours": OURS, "all of ours": OURS, **THEIRS})
    larger = max(THEIRS, key=lambda name: seconds[name])
    where = f"to the larger of mealie and peblar ({larger})"
    ours = seconds["ours"] / seconds[larger]
    lines = lines_of(OURS, without=OUR_CLIENT) / lines_of(THEIRS[larger])
    yield at_most(
        "import of the integration without its client `api`, as theirs: time for each"
        f" line of code, {where}",
        1,
        ours / lines,
        " ×",
    )
    yield _stated(f"the same: time in total, {where}", ours)
    yield _stated(
        f"the same with `api`, to theirs without their clients: time in total, {where}",
        seconds["all of ours"] / seconds[larger],
    )


def _stated(what: str, ratio: float) -> Row:
    return Row(what=what, must_be="stated", measured=f"{ratio:.2f} ×", is_good=True)


def lines_of(package: str, *, without: str | None = None) -> int:
    """Return the number of lines of a package, without those of one in it."""
    lines = sum(
        path.read_text().count("\n") for path in folder_of(package).rglob("*.py")
    )
    return lines if without is None else lines - lines_of(without)


def least_seconds(packages: Mapping[str, str]) -> dict[str, float]:
    """Return the shortest import time of each package, by name.

    They alternate, so that a slow moment of the machine affects all of them.
    """
    times: dict[str, list[float]] = {name: [] for name in packages}
    for _ in range(REPEATS + 1):
        for name, package in packages.items():
            kept = OUR_CLIENT if name == "ours" else "-"
            times[name].append(seconds_to_import(package, kept=kept))
    # The first round imports dependencies and compiles.
    return {name: min(taken[1:]) for name, taken in times.items()}


def seconds_to_import(package: str, *, kept: str) -> float:
    """Return the import time of all modules of a package, without dependencies.

    Modules whose names start with `kept` count as imported. Garbage collection, which
    depends on everything else in memory, is excluded.
    """
    modules = modules_of(package)
    for name in list(sys.modules):
        if f"{name}.".startswith(f"{package}.") and not name.startswith(kept):
            del sys.modules[name]
    gc.collect()
    gc.disable()
    started = process_time()
    for name in modules:
        import_module(name)
    seconds = process_time() - started
    gc.enable()
    return seconds


def modules_of(package: str) -> list[str]:
    """Return the modules of a package, starting with the package."""
    folder = folder_of(package)
    inner = (
        ".".join((package, *path.relative_to(folder).with_suffix("").parts))
        for path in sorted(folder.rglob("*.py"))
        if path.name != "__init__.py"
    )
    return [package, *inner]


def folder_of(package: str) -> Path:
    """Return the folder of a package."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
