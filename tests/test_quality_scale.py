"""Home Assistant's Integration Quality Scale: what of its rules a machine can check.

That every rule is answered is checked in `test_repository`, what texts and icons there
are in `test_translations`, what the documents say in `test_docs`.
"""

import ast
from collections.abc import Iterator
from importlib import import_module
from inspect import getmembers, isclass
import json
from pathlib import Path
import re
import tomllib
from types import ModuleType
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.tuya_lock_users as integration
from custom_components.tuya_lock_users import config_flow, diagnostics, entity, repairs
from custom_components.tuya_lock_users.const import DOMAIN
from custom_components.tuya_lock_users.coordinator import project as coordinator
from custom_components.tuya_lock_users.coordinator.project import ProjectCoordinator
from homeassistant import exceptions
from homeassistant.config_entries import HANDLERS
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, update_coordinator
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util.yaml import load_yaml_dict
from scripts import coverage_gate
from simulator import Lock, SimulatedCloud
from tests.conftest import SetUp

type Json = dict[str, Any]

ROOT: Final = Path(__file__).parents[1]
INTEGRATION: Final = ROOT / "custom_components" / DOMAIN
SOURCES: Final = sorted(INTEGRATION.rglob("*.py"))
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
RULES: Final[Json] = load_yaml_dict(str(INTEGRATION / "quality_scale.yaml"))["rules"]
ENGLISH: Final[Json] = json.loads(
    (INTEGRATION / "translations" / "en.json").read_text(encoding="utf-8")
)
ICONS: Final[Json] = json.loads(
    (INTEGRATION / "icons.json").read_text(encoding="utf-8")
)

EXEMPT: Final = {
    "discovery",
    "discovery-update-info",
    "docs-conditions",
    "docs-triggers",
}
"""Rules that can say nothing of a cloud project without triggers of its own."""

SECTIONS: Final = {
    "docs-actions": "action",
    "docs-configuration-parameters": "option|configuration",
    "docs-data-update": "data update|polling",
    "docs-examples": "example",
    "docs-installation-instructions": "install",
    "docs-installation-parameters": "set(ting)? ?up|installation",
    "docs-known-limitations": "limitation",
    "docs-removal-instructions": "remov",
    "docs-supported-devices": "supported device|supported lock",
    "docs-supported-functions": "entit|function",
    "docs-troubleshooting": "troubleshoot",
    "docs-use-cases": "use case",
}
"""What a heading of README.md is to speak of."""

RAISED: Final = {
    name
    for module in (exceptions, update_coordinator)
    for name, _ in getmembers(
        module,
        lambda item: isclass(item) and issubclass(item, exceptions.HomeAssistantError),
    )
}


def tree_of(source: Path) -> ast.Module:
    """Return a module as Python reads it."""
    return ast.parse(source.read_text(encoding="utf-8"))


def short(path: Path) -> str:
    """Return the path within the integration."""
    return path.relative_to(INTEGRATION).as_posix()


def modules() -> Iterator[ModuleType]:
    """Yield every module of the integration."""
    for source in SOURCES:
        inside = source.relative_to(INTEGRATION).with_suffix("").parts
        names = inside[:-1] if inside[-1] == "__init__" else inside
        yield import_module(".".join((integration.__name__, *names)))


def own_classes(kind: type) -> dict[type, str]:
    """Return our classes of a kind, and the module within the integration."""
    return {
        found: module.__name__.removeprefix(f"{integration.__name__}.")
        for module in modules()
        for _, found in getmembers(module, isclass)
        if issubclass(found, kind) and found.__module__ == module.__name__
    }


# The file


@pytest.mark.parametrize("rule", RULES)
def test_evidence(rule: str) -> None:
    """Each answer has its evidence, and what that names exists."""
    answer = RULES[rule]
    assert answer.keys() == {"status", "comment"}
    comment = answer["comment"]
    assert comment.endswith(".")
    assert comment == " ".join(comment.split())
    for name in re.findall(r"[\w/@.-]+\.(?:json|md|png|py|svg|toml|yaml)\b", comment):
        assert (ROOT / name).exists() or (INTEGRATION / name).exists(), name
    for name in re.findall(r"\bscripts/\w+\b(?!\.)", comment):
        assert (ROOT / name).exists(), name
    headings = set(re.findall(r"^#+ (.+)$", README, re.MULTILINE))
    assert set(re.findall(r'"(.+?)"', comment)) <= headings


def test_exempt() -> None:
    """No rule that could be kept is said not to apply."""
    exempt = {rule for rule, answer in RULES.items() if answer["status"] == "exempt"}
    assert exempt == EXEMPT
    manifest = json.loads((INTEGRATION / "manifest.json").read_text(encoding="utf-8"))
    assert not manifest.keys() & {"bluetooth", "dhcp", "homekit", "mqtt", "ssdp", "usb"}
    assert "zeroconf" not in manifest
    for platform in ("trigger", "condition"):
        assert not (INTEGRATION / f"{platform}.py").exists()
        assert not (INTEGRATION / f"{platform}s.yaml").exists()


# Documents


def sections(level: str) -> Iterator[tuple[str, str]]:
    """Yield the headings of a level in README.md, and all that stands below each."""
    parts = re.split(rf"^{level} (.+)$", README, flags=re.MULTILINE)[1:]
    yield from zip(parts[::2], parts[1::2], strict=True)


@pytest.mark.parametrize("rule", SECTIONS)
def test_section(rule: str) -> None:
    """README.md has a section for it, with something in it."""
    found = [
        (heading, text)
        for level in ("##", "###")
        for heading, text in sections(level)
        if re.search(SECTIONS[rule], heading, re.IGNORECASE)
    ]
    assert found, f"README.md: no section for {rule} ({SECTIONS[rule]})"
    assert any(len(text) > 100 for _, text in found), (
        f"README.md: too little for {rule} in {[heading for heading, _ in found]}"
    )


def test_description() -> None:
    """README.md begins with what it is, and where that comes from."""
    beginning = re.split(r"^## ", README, maxsplit=1, flags=re.MULTILINE)[0]
    assert beginning.startswith("# Tuya Lock Users\n")
    assert "https://www.tuya.com" in beginning
    assert "https://www.home-assistant.io" in beginning


# Shape


def test_common_modules() -> None:
    """Coordinators and what entities share are where everybody looks for them."""
    modules = own_classes(DataUpdateCoordinator).values()
    assert all(module.startswith("coordinator.") for module in modules)
    for found, module in own_classes(Entity).items():
        assert module == "entity" or issubclass(found, entity.NewsEntity), found
        assert module in {"entity", *integration.PLATFORMS}, found


@pytest.mark.parametrize("platform", integration.PLATFORMS)
def test_parallel_updates(platform: Platform) -> None:
    """Each platform says how many of its entities may ask at once."""
    module = import_module(f"{integration.__name__}.{platform}")
    assert isinstance(module.PARALLEL_UPDATES, int)
    assert (1 if platform is Platform.BUTTON else 0) == module.PARALLEL_UPDATES


def test_all_platforms() -> None:
    """Every platform that exists is set up."""
    present = {
        platform for platform in Platform if f"{platform}.py" in map(short, SOURCES)
    }
    assert set(integration.PLATFORMS) == present


def test_flows() -> None:
    """The connection can be set up, renewed, moved, and its locks chosen again."""
    flow = HANDLERS[DOMAIN]
    assert flow is config_flow.TuyaLockUsersConfigFlow
    for step in ("user", "reauth", "reauth_confirm", "reconfigure"):
        assert f"async_step_{step}" in vars(flow)
    assert "async_get_options_flow" in vars(flow)


def test_diagnostics_and_repairs() -> None:
    """Home Assistant finds what it asks for."""
    for kind in ("config_entry", "device"):
        assert hasattr(diagnostics, f"async_get_{kind}_diagnostics")
    assert hasattr(repairs, "async_create_fix_flow")


@pytest.mark.parametrize("source", SOURCES, ids=short)
def test_translated_exceptions(source: Path) -> None:
    """No error of Home Assistant's is raised without words of its own."""
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            keywords = {keyword.arg for keyword in node.keywords}
            if node.func.id in RAISED:
                assert {"translation_domain", "translation_key"} <= keywords, (
                    f"line {node.lineno}: {node.func.id}"
                )
                assert not node.args, f"line {node.lineno}: {node.func.id}"


@pytest.mark.parametrize("source", SOURCES, ids=short)
def test_asynchronous(source: Path) -> None:
    """Nothing waits in the event loop, and no session is of our own making."""
    text = source.read_text(encoding="utf-8")
    assert not re.search(r"\b(?:time|_time)\.sleep\(", text)
    assert not re.search(r"\bClientSession\(", text)
    roots = {
        name.split(".")[0]
        for node in ast.walk(tree_of(source))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
    }
    assert not roots & {"httpx", "requests", "socket", "urllib3"}


# Types and tests


def test_strict_typing() -> None:
    """All code is checked as strictly as mypy can."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    mypy = settings["tool"]["mypy"]
    assert mypy["strict"] is True
    assert {"custom_components", "scripts", "tests"} <= set(mypy["files"])
    assert "ignore-without-code" in mypy["enable_error_code"]
    for override in mypy.get("overrides", []):
        assert not str(override["module"]).startswith(("custom_components", "tests"))
    for source in (*SOURCES, *(ROOT / "tests").rglob("*.py")):
        for number, line in enumerate(source.read_text(encoding="utf-8").splitlines()):
            assert not re.search(r"#\s*type:\s*ignore(?!\[)", line), (
                f"{source.name}:{number + 1}"
            )
    for source in SOURCES:
        assert "type: ignore" not in source.read_text(encoding="utf-8"), short(source)


def test_typed_entry() -> None:
    """Whoever handles an entry knows what it carries."""
    alias = coordinator.TuyaLockUsersConfigEntry.__value__
    assert alias.__args__ == (ProjectCoordinator,)
    for function in (integration.async_setup_entry, integration.async_unload_entry):
        assert function.__annotations__["entry"] is coordinator.TuyaLockUsersConfigEntry
    for platform in integration.PLATFORMS:
        module = import_module(f"{integration.__name__}.{platform}")
        annotations = module.async_setup_entry.__annotations__
        assert annotations["entry"] is coordinator.TuyaLockUsersConfigEntry


def test_coverage_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A module with too little tested fails the tests as a whole."""
    assert coverage_gate.EVERYWHERE >= 95
    assert "config_flow.py" in " ".join(coverage_gate.COMPLETE)
    text = (ROOT / "scripts" / "test").read_text(encoding="utf-8")
    assert "scripts/coverage_gate.py" in text
    folder = tmp_path / coverage_gate.INTEGRATION
    folder.mkdir(parents=True)
    names = ("config_flow.py", "sensor.py", "untested.py")
    for name in names:
        (folder / name).write_text("pass\n", encoding="utf-8")
    report = {
        "files": {
            f"{coverage_gate.INTEGRATION}/{name}": {
                "summary": {"percent_statements_covered": 96.0}
            }
            for name in names[:2]
        }
    }
    (tmp_path / "coverage.json").write_text(json.dumps(report), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert coverage_gate.main() == 1
    told = capsys.readouterr().out
    assert "config_flow.py" in told
    assert "untested.py" in told
    assert "sensor.py" not in told


# Entities, as they are


async def test_entities(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
) -> None:
    """Each has a name and an icon of its own, an id that stays, and its place."""
    entry: MockConfigEntry = await set_up()
    assert isinstance(entry.runtime_data, ProjectCoordinator)
    entities = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    assert {found.domain for found in entities} == set(integration.PLATFORMS)
    diagnostic, disabled = set(), set()
    for found in entities:
        assert found.has_entity_name
        assert found.device_id
        assert DOMAIN not in found.unique_id
        assert found.unique_id.startswith((cloud.project_uid, "front"))
        assert found.original_icon is None
        key = found.translation_key
        if key is None:
            assert found.original_device_class
        else:
            assert key in ENGLISH["entity"][found.domain]
            assert key in ICONS["entity"][found.domain]
        if found.entity_category:
            diagnostic.add(found.unique_id.partition("_")[2])
        if found.disabled:
            disabled.add(found.unique_id.partition("_")[2])
    assert diagnostic == {
        "absent_users",
        "api_calls",
        "online",
        "pending_changes",
        "unassigned_unlock_methods",
    }
    assert disabled == {
        "cards",
        "faces",
        "finger_veins",
        "fingerprints",
        "palms",
        "passwords",
        "remote_controls",
    }
