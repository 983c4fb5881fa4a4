"""The architecture: import directions, pure modules, and file sizes."""

import ast
from collections.abc import Iterator
from functools import cache
from inspect import isclass
from pathlib import Path
from typing import Final

import pytest

from homeassistant import exceptions
from homeassistant.const import Platform
from homeassistant.helpers import update_coordinator

PACKAGE: Final = ("custom_components", "tuya_lock_users")
INTEGRATION: Final = Path(__file__).parents[1].joinpath(*PACKAGE)

# Home Assistant loads these by name; nothing else imports them.
LOADED: Final = {platform.value for platform in Platform} | {
    "config_flow",
    "diagnostics",
    "llm",
    "logbook",
    "repairs",
    "system_health",
}
_SHARED: Final = {"const", "errors", "localize"}

# Each layer with the layers that it may import.
MAY_USE: Final[dict[str, set[str]]] = {
    "const": set(),
    "api": set(),
    "domain": {"api", "const"},
    "errors": {"api", "const"},
    "localize": {"api", "domain", "const"},
    "coordinator": {"api", "domain", *_SHARED},
    "commands": {"api", "domain", "coordinator", *_SHARED},
    "entity": {"api", "domain", "coordinator", *_SHARED},
    "flow": {"api", "domain", "coordinator", *_SHARED},
    "feed": {"api", "domain", "coordinator", *_SHARED},
    "panel": {"const"},
    "websocket": {"api", "domain", "coordinator", "feed", *_SHARED},
    "services": {"api", "domain", "coordinator", "commands", *_SHARED},
    "__init__": {
        "api",
        "coordinator",
        "panel",
        "services",
        "websocket",
        *_SHARED,
    },
}
_LOADED_MAY_USE: Final = {
    "api",
    "domain",
    "coordinator",
    "commands",
    "entity",
    "flow",
    *_SHARED,
}

# These do no input or output and read no clock.
PURE: Final = [
    *sorted((INTEGRATION / "domain").glob("*.py")),
    *sorted((INTEGRATION / "api" / "schedule").glob("*.py")),
    INTEGRATION / "api" / "signing.py",
]
_CLOCKS: Final = {"now", "today", "utcnow", "monotonic", "perf_counter", "time_ns"}


# Longer than other files: every form of a schedule, decoded and encoded.
LONG_FILES: Final = {"api/schedule/wire.py"}
# Set by coordinators, but not their own.
COORDINATOR_FIELDS: Final = {"data", "update_interval"}
# Plain records with as many fields as the cloud has, and what they are merged into.
RECORDS: Final = {"UnlockMethod", "StoredMethod", "LockSnapshot"}


def module_name(source: Path) -> tuple[str, ...]:
    inner = source.relative_to(INTEGRATION).with_suffix("").parts
    return inner[:-1] if inner[-1] == "__init__" else inner


MODULES: Final = {
    module_name(source): source for source in sorted(INTEGRATION.rglob("*.py"))
}


def layer_of(module: tuple[str, ...]) -> str:
    """Return the layer of a module: a module of the root, or a package as a whole."""
    return module[0] if module else "__init__"


LAYERS: Final = sorted({layer_of(module) for module in MODULES})


@cache
def imports_of(source: Path) -> list[tuple[str, ...]]:
    here = (*PACKAGE, *source.relative_to(INTEGRATION).parts[:-1])
    found: list[tuple[str, ...]] = []
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else ()
            target = (*base, *(node.module or "").split(".")) if node.module else base
            found += [(*target, alias.name) for alias in node.names]
    return found


@cache
def used_modules(module: tuple[str, ...]) -> set[tuple[str, ...]]:
    used = set()
    for name in imports_of(MODULES[module]):
        if name[:2] == PACKAGE:
            inner = name[2:]
            used.add(inner if inner in MODULES else inner[:-1])
    return used - {module}


@pytest.mark.parametrize("layer", LAYERS)
def test_import_direction(layer: str) -> None:
    """Each layer imports only the layers below it."""
    allowed = _LOADED_MAY_USE if layer in LOADED else MAY_USE[layer]
    for module in MODULES:
        if layer_of(module) == layer:
            used = {layer_of(other) for other in used_modules(module)} - {layer}
            assert used <= allowed, ".".join(module)


def circles() -> Iterator[list[tuple[str, ...]]]:
    """Yield the import paths from a module back to itself."""
    done: set[tuple[str, ...]] = set()

    def walk(path: list[tuple[str, ...]]) -> Iterator[list[tuple[str, ...]]]:
        for other in used_modules(path[-1]):
            if other in path:
                yield [*path[path.index(other) :], other]
            elif other not in done:
                yield from walk([*path, other])
        done.add(path[-1])

    for module in MODULES:
        if module not in done:
            yield from walk([module])


def test_no_circular_imports() -> None:
    assert not [" -> ".join(map(".".join, circle)) for circle in circles()]


def test_api_without_home_assistant() -> None:
    """The client does not import Home Assistant."""
    for module, source in MODULES.items():
        if layer_of(module) == "api":
            roots = {name[0] for name in imports_of(source)}
            assert not roots & {"homeassistant", "voluptuous", "probatio"}, source


@pytest.mark.parametrize("source", PURE, ids=lambda path: path.stem)
def test_pure_modules(source: Path) -> None:
    roots = {name[0] for name in imports_of(source)}
    assert not roots & {"aiohttp", "asyncio", "homeassistant", "socket", "time"}
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in _CLOCKS, f"line {node.lineno}"


def test_root_modules() -> None:
    """The root holds what Home Assistant loads by name and what all layers use."""
    root = {module[0] for module in MODULES if len(module) == 1}
    packages = {path.parent.name for path in INTEGRATION.glob("*/__init__.py")}
    others = root - packages - LOADED - _SHARED - {"entity", "feed", "panel"}
    assert others <= {"websocket"}
    assert len(root - packages) <= 20


def fields_of(cls: ast.ClassDef) -> set[str]:
    is_dataclass = any("dataclass" in ast.unparse(one) for one in cls.decorator_list)
    return {
        node.attr
        for node in ast.walk(cls)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self"
        if isinstance(node.ctx, ast.Store)
    } | {
        ast.unparse(node.target)
        for node in cls.body
        if isinstance(node, ast.AnnAssign) and is_dataclass
    }


def inherited_fields(cls: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> set[str]:
    """Return the fields of a class and of its own bases, without Home Assistant's."""
    bases = [
        classes[name] for base in cls.bases if (name := ast.unparse(base)) in classes
    ]
    fields = fields_of(cls).union(*(inherited_fields(base, classes) for base in bases))
    return {
        name for name in fields if not name.startswith("_attr_")
    } - COORDINATOR_FIELDS


def test_file_and_class_size() -> None:
    """No file has more than 400 lines, and no class more than 12 fields."""
    lines = {
        source.relative_to(INTEGRATION).as_posix(): len(source.read_text().splitlines())
        for source in MODULES.values()
    }
    assert {name for name, count in lines.items() if count > 400} == LONG_FILES
    classes = {
        node.name: node
        for source in MODULES.values()
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    large = {
        name
        for name, node in classes.items()
        if len(inherited_fields(node, classes)) > 12
    }
    assert large <= RECORDS


def test_exceptions_translated() -> None:
    """No error of Home Assistant is raised without a translation."""
    raised = {
        name
        for module in (exceptions, update_coordinator)
        for name, found in vars(module).items()
        if isclass(found) and issubclass(found, exceptions.HomeAssistantError)
    }
    for source in MODULES.values():
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in raised:
                keywords = {keyword.arg for keyword in node.keywords}
                assert {"translation_domain", "translation_key"} <= keywords, source
                assert not node.args, source


def test_no_blocking_calls() -> None:
    """Nothing blocks the event loop, and Home Assistant provides the session."""
    for source in MODULES.values():
        roots = {name[0] for name in imports_of(source)}
        assert not roots & {"httpx", "requests", "socket", "urllib3"}, source
        text = source.read_text(encoding="utf-8")
        assert "time.sleep(" not in text, source
        assert " ClientSession(" not in text, source
        assert "type: ignore" not in text, source
        assert "from __future__" not in text, source
