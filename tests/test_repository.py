"""What can be said of the repository without running the integration."""

import ast
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
import json
from pathlib import Path
import re
from string import Formatter
import struct
import tomllib
from typing import Any
from zipfile import ZipFile

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from packaging.requirements import Requirement
import pytest

from homeassistant import components
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import service
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
from scripts.release import build

type Json = dict[str, Any]

ROOT = Path(__file__).parents[1]
DOMAIN = "tuya_lock_users"
INTEGRATION = ROOT / "custom_components" / DOMAIN
CORE = Path(components.__file__).parent

SOURCES = sorted(INTEGRATION.rglob("*.py"))
TRANSLATIONS = sorted((INTEGRATION / "translations").glob("*.json"))
BRAND_IMAGES = sorted((INTEGRATION / "brand").glob("*.png"))

KEY = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
URL = re.compile(r"(?:\w+://|www\.)\w", re.IGNORECASE)
HTML = re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)
QUOTED_PLACEHOLDER = re.compile(r"'\{\w+\}'")


def read_json(path: Path) -> Json:
    """Return the object in a JSON file, refusing a key that comes twice."""

    def unique(pairs: list[tuple[str, Any]]) -> Json:
        content = dict(pairs)
        assert len(content) == len(pairs), f"{path}: a key comes twice"
        return content

    content: Json = json.loads(
        path.read_text(encoding="utf-8"), object_pairs_hook=unique
    )
    return content


def read_optional_json(path: Path) -> Json:
    """Return the object in a JSON file, if there is one."""
    return read_json(path) if path.exists() else {}


def read_services() -> Json:
    """Return the actions as services.yaml describes them."""
    path = INTEGRATION / "services.yaml"
    return load_yaml_dict(str(path)) if path.exists() else {}


def leaves(tree: Json, *above: str) -> Iterator[tuple[str, str]]:
    """Yield each text below a node, with its dotted path."""
    for key, node in tree.items():
        if isinstance(node, dict):
            yield from leaves(node, *above, key)
        else:
            yield ".".join((*above, key)), node


def keys(tree: Json) -> Iterator[str]:
    """Yield each key below a node."""
    for key, node in tree.items():
        yield key
        if isinstance(node, dict):
            yield from keys(node)


def placeholders(text: str) -> set[str]:
    """Return the names that a text leaves open."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@cache
def tree_of(source: Path) -> ast.Module:
    """Return a module as Python reads it."""
    return ast.parse(source.read_text(encoding="utf-8"))


def run_time(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes but those that only a type checker sees."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (
            isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        ):
            yield from run_time(child)


def imports_of(source: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield what a module imports: the dots before it, and its dotted names."""
    for node in run_time(tree_of(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield 0, tuple(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            module = tuple(node.module.split(".")) if node.module else ()
            for alias in node.names:
                yield node.level, (*module, alias.name)


def short(path: Path) -> str:
    """Return the path within the integration."""
    return path.relative_to(INTEGRATION).as_posix()


@pytest.fixture(scope="module")
def manifest() -> Json:
    """Return the manifest."""
    return read_json(INTEGRATION / "manifest.json")


@pytest.fixture(scope="module")
def project() -> Json:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def english() -> Json:
    """Return the English texts."""
    return read_json(INTEGRATION / "translations" / "en.json")


@pytest.fixture(scope="module")
def icons() -> Json:
    """Return the icons."""
    return read_optional_json(INTEGRATION / "icons.json")


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Return every text constant of the code."""
    return {
        node.value
        for source in SOURCES
        for node in ast.walk(tree_of(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


# Manifest


def test_manifest_keys(manifest: Json) -> None:
    """The keys are known, the needed ones there, domain and name first."""
    needed = {
        "domain",
        "name",
        "codeowners",
        "config_flow",
        "documentation",
        "integration_type",
        "iot_class",
        "issue_tracker",
        "version",
    }
    allowed = needed | {
        "after_dependencies",
        "dependencies",
        "import_executor",
        "loggers",
        "quality_scale",
        "requirements",
        "single_config_entry",
    }
    assert needed <= manifest.keys() <= allowed
    assert list(manifest) == [
        "domain",
        "name",
        *sorted(manifest.keys() - {"domain", "name"}),
    ]


def test_manifest_values(manifest: Json) -> None:
    """The values are what Home Assistant and HACS take."""
    assert manifest["domain"] == INTEGRATION.name == DOMAIN
    assert not (CORE / DOMAIN).exists()
    assert manifest["config_flow"] is (INTEGRATION / "config_flow.py").exists()
    assert manifest["integration_type"] in {"device", "hub", "service"}
    assert manifest["iot_class"] in {"cloud_polling", "cloud_push"}
    assert manifest["codeowners"]
    assert all(re.fullmatch(r"@[\w-]+", owner) for owner in manifest["codeowners"])
    for key in ("documentation", "issue_tracker"):
        assert manifest[key].startswith("https://")
        assert "home-assistant.io" not in manifest[key]
    assert manifest.get("quality_scale") in {
        None,
        "bronze",
        "silver",
        "gold",
        "platinum",
        "custom",
    }


def test_version(manifest: Json, project: Json) -> None:
    """One version stands in the manifest, the project and the changelog."""
    version = AwesomeVersion(
        manifest["version"], ensure_strategy=AwesomeVersionStrategy.SEMVER
    )
    assert version == project["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(.*?)\]", changelog, re.MULTILINE)[0] == version


def test_requirements(manifest: Json, project: Json) -> None:
    """What people get is what was tested."""
    tested = {
        requirement.name: requirement.specifier
        for requirement in map(Requirement, project["dependency-groups"]["test"])
    }
    for text in manifest.get("requirements", []):
        assert " " not in text
        requirement = Requirement(text)
        (pin,) = tested[requirement.name]
        assert requirement.specifier.contains(pin.version)


def test_dependencies(manifest: Json) -> None:
    """An integration that is imported is loaded before this one."""
    first, later = (
        set(manifest.get(key, [])) for key in ("dependencies", "after_dependencies")
    )
    assert not first & later
    assert all((CORE / domain).is_dir() for domain in first | later)
    # Always loaded, or loaded because this integration has a platform of that name.
    free = {*Platform, "homeassistant", "persistent_notification", "websocket_api"}
    free |= {path.stem for path in INTEGRATION.iterdir()}
    used = {
        names[2]
        for source in SOURCES
        for level, names in imports_of(source)
        if not level and names[:2] == ("homeassistant", "components")
    }
    assert used - free <= first | later


# Repository


def test_hacs() -> None:
    """HACS knows the keys and takes the values."""
    hacs = read_json(ROOT / "hacs.json")
    types: dict[str, type | tuple[type, ...]] = {
        "content_in_root": bool,
        "country": (str, list),
        "filename": str,
        "hacs": str,
        "hide_default_branch": bool,
        "homeassistant": str,
        "name": str,
        "persistent_directory": str,
        "render_readme": bool,
        "zip_release": bool,
    }
    assert {"homeassistant", "name"} <= hacs.keys() <= types.keys()
    assert all(isinstance(value, types[key]) for key, value in hacs.items())
    assert hacs["zip_release"] is True
    assert hacs["filename"] == f"{DOMAIN}.zip"


def test_hacs_agrees(manifest: Json, project: Json) -> None:
    """It is shown under its name, and offered to nobody whom no test speaks for."""
    hacs = read_json(ROOT / "hacs.json")
    assert hacs["name"] == manifest["name"]
    (tested,) = map(Requirement, project["dependency-groups"]["develop"])
    (pin,) = tested.specifier
    assert hacs["homeassistant"].split(".")[:2] == pin.version.split(".")[:2]


@pytest.mark.parametrize(
    "name", ["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"]
)
def test_papers(name: str) -> None:
    """Everything that people look for is there."""
    assert (ROOT / name).stat().st_size


def test_workflows() -> None:
    """Actions are pinned by hash, and no workflow has more rights than it needs."""
    for path in (ROOT / ".github" / "workflows").iterdir():
        text = path.read_text(encoding="utf-8")
        for action in re.findall(r"uses: (.+)", text):
            pinned = re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # \S+", action)
            assert pinned or action.startswith("./"), action
        assert load_yaml_dict(str(path))["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("name", ["lock", "problem"])
def test_issue_forms(name: str) -> None:
    """A report comes with diagnostics."""
    form = load_yaml_dict(str(ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml"))
    (field,) = (field for field in form["body"] if field.get("id") == "diagnostics")
    assert field["validations"] == {"required": True}


def test_release(tmp_path: Path) -> None:
    """The archive is what HACS unpacks: the integration, with the version stamped."""
    archive = tmp_path / str(read_json(ROOT / "hacs.json")["filename"])
    with pytest.raises(ValueError, match="no dated section"):
        build("1.2.3", "## [1.2.3] - Unreleased", archive)
    build("1.2.3", "## [1.2.3] - 2026-12-01", archive)
    with ZipFile(archive) as zip_file:
        names = set(zip_file.namelist())
        manifest = json.loads(zip_file.read("manifest.json"))
    assert manifest == read_json(INTEGRATION / "manifest.json") | {"version": "1.2.3"}
    assert {short(source) for source in SOURCES} <= names
    assert not any("__pycache__" in name for name in names)


def test_one_integration() -> None:
    """HACS takes the first integration that it finds."""
    found = [
        path.parent.name for path in ROOT.glob("custom_components/*/manifest.json")
    ]
    assert found == [DOMAIN]


def files_below(top: Path) -> Iterator[Path]:
    """Yield the files of a folder, but none of the packages that npm puts there."""
    for folder, folders, names in top.walk():
        if "node_modules" in folders:
            folders.remove("node_modules")
        yield from (folder / name for name in names)


def test_no_path_of_a_machine() -> None:
    """No file names a folder of the machine that it was written on."""
    suffixes = {".json", ".md", ".py", ".pyi", ".toml", ".yaml", ".yml", ""}
    folder = re.compile(r"(?<![\w./~}-])/(?:home|root|Users|work)/[\w.-]")
    tops = [
        path
        for path in ROOT.iterdir()
        if not path.name.startswith(".") or path.name in {".ci", ".github"}
    ]
    for path in [*tops, *(path for top in tops for path in files_below(top))]:
        if path.is_file() and path.suffix in suffixes:
            found = folder.search(path.read_text(encoding="utf-8", errors="ignore"))
            assert not found, f"{path.relative_to(ROOT)}: {found and found[0]}"


def test_brand() -> None:
    """There is an icon, in both sizes."""
    assert {"icon.png", "icon@2x.png"} <= {path.name for path in BRAND_IMAGES}


@pytest.mark.parametrize("path", BRAND_IMAGES, ids=lambda path: path.name)
def test_brand_image(path: Path) -> None:
    """Icons are square, and all images as large as brands are."""
    header = path.read_bytes()[:24]
    assert header.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", header[16:])
    found = re.fullmatch(r"(?:dark_)?(icon|logo)(@2x)?", path.stem)
    assert found
    scale = 2 if found[2] else 1
    if found[1] == "icon":
        assert width == height == 256 * scale
    else:
        assert 128 * scale <= min(width, height) <= 256 * scale


def test_quality_scale(manifest: Json) -> None:
    """Every rule has its answer, and the claimed tiers are done."""
    path = INTEGRATION / "quality_scale.yaml"
    if not path.exists():
        assert "quality_scale" not in manifest
        return
    rules = load_yaml_dict(str(path))["rules"]
    known = load_yaml_dict(str(CORE / "bring" / "quality_scale.yaml"))["rules"]
    assert rules.keys() == known.keys()
    for rule, answer in rules.items():
        status = answer if isinstance(answer, str) else answer["status"]
        assert status in {"done", "exempt", "todo"}, rule
        if status == "exempt":
            assert answer["comment"], rule
        if manifest.get("quality_scale") == "platinum":
            assert status != "todo", rule


# Texts


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.name)
def test_texts(path: Path, english: Json) -> None:
    """Each language has the same texts, written the way Home Assistant takes them."""
    texts = dict(leaves(read_json(path)))
    wanted = dict(leaves(english))
    assert without_panel(texts) == without_panel(wanted)
    assert texts.keys() <= wanted.keys()
    for where, text in texts.items():
        assert isinstance(text, str), where
        assert text.strip() == text != "", where
        assert not HTML.search(text), where
        assert not URL.search(text), where
        assert not QUOTED_PLACEHOLDER.search(text), where
        assert "[%" not in text, f"{where}: references are for the core only"
        assert all(map(str.isidentifier, placeholders(text))), where
        assert placeholders(text) == placeholders(wanted[where]), where


def without_panel(texts: Json) -> set[str]:
    """Return the keys of all texts but the panel's, which fall back to English."""
    return {key for key in texts if not key.startswith("config_panel.")}


def test_text_keys(english: Json) -> None:
    """Keys have the shape, and sections the names, that Home Assistant knows."""
    assert english.keys() <= {
        "common",
        "config",
        "config_panel",
        "config_subentries",
        "device",
        "entity",
        "entity_component",
        "exceptions",
        "issues",
        "options",
        "selector",
        "services",
        "system_health",
        "title",
    }
    for key in keys(english):
        assert KEY.fullmatch(key), key


def test_step_texts(english: Json) -> None:
    """Each field of a dialog has a name and a description."""
    for flow in ("config", "options"):
        for name, step in english.get(flow, {}).get("step", {}).items():
            fields = step.get("data", {}).keys()
            assert step.get("data_description", {}).keys() == fields, name


def test_issue_texts(english: Json) -> None:
    """An issue is described, or by the dialog that repairs it."""
    for name, issue in english.get("issues", {}).items():
        assert "title" in issue, name
        assert ("description" in issue) != ("fix_flow" in issue), name


def test_state_texts(english: Json) -> None:
    """States are said without placeholders."""
    for where, text in leaves(english.get("entity", {})):
        if ".state." in where:
            assert not placeholders(text), where


def test_texts_in_use(english: Json, words: set[str]) -> None:
    """No text speaks of something that the code has no word for."""
    named = [
        *english.get("exceptions", {}),
        *english.get("issues", {}),
        *english.get("selector", {}),
        *english.get("services", {}),
    ]
    for flow in ("config", "options"):
        for kind in ("abort", "error", "step"):
            named += english.get(flow, {}).get(kind, {})
    used = words | {
        name.removeprefix("async_step_")
        for source in SOURCES
        for name in re.findall(r"async_step_\w+", source.read_text(encoding="utf-8"))
    }
    used |= set(selector_keys(read_services()))
    # Home Assistant aborts a second flow for the same project with this one.
    used.add("already_configured")
    assert not [name for name in named if name not in used]


def test_exceptions_have_texts(english: Json) -> None:
    """A translated error, an issue and an entity name a text that exists."""
    for source in SOURCES:
        for node in ast.walk(tree_of(source)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else ""
            name = called.id if isinstance(called, ast.Name) else name
            for keyword in node.keywords:
                if keyword.arg != "translation_key" or not (
                    isinstance(keyword.value, ast.Constant)
                ):
                    continue
                key = str(keyword.value.value)
                if name.endswith(("Error", "Failed", "NotReady")):
                    assert key in english["exceptions"], f"{short(source)}: {key}"
                elif name == "async_create_issue":
                    assert key in english["issues"], f"{short(source)}: {key}"


# Icons


def test_icons(icons: Json, english: Json) -> None:
    """Icons are of the usual set, and none repeats the default of its entity."""
    assert icons.keys() <= {"entity", "issues", "services"}
    for where, icon in leaves(icons):
        assert re.fullmatch(r"mdi:[a-z0-9-]+", icon), where
    for platform, entities in icons.get("entity", {}).items():
        assert entities.keys() <= english["entity"][platform].keys()
        for key, entity in entities.items():
            states = entity.get("state", {})
            assert entity["default"] not in states.values(), key
            texts = english["entity"][platform][key].get("state", states)
            assert states.keys() <= texts.keys(), key


# Actions


def fields_of(action: Json | None) -> Json:
    """Return the fields of an action, those in sections too."""
    fields: Json = {}
    for name, field in ((action or {}).get("fields") or {}).items():
        fields |= field.get("fields", {name: field})
    return fields


def selector_keys(node: Any) -> Iterator[str]:
    """Yield the translation keys of all selectors below a node."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "translation_key":
                yield value
            else:
                yield from selector_keys(value)


def test_services(english: Json, icons: Json) -> None:
    """Each action and each field has its texts, and no text is left over."""
    services = read_services()
    service._SERVICES_SCHEMA(services)  # noqa: SLF001  # what loads the file
    texts = english.get("services", {})
    assert services.keys() == texts.keys() == icons.get("services", {}).keys()
    for name, action in services.items():
        text = texts[name]
        assert {"name", "description"} <= text.keys(), name
        assert fields_of(action).keys() == text.get("fields", {}).keys(), name
        for field, field_text in text.get("fields", {}).items():
            assert {"name", "description"} <= field_text.keys(), f"{name}.{field}"
        sections = {
            section
            for section, field in ((action or {}).get("fields") or {}).items()
            if "fields" in field
        }
        assert sections == text.get("sections", {}).keys(), name
        for field, details in fields_of(action).items():
            assert "filter" not in details or "target" in action, f"{name}.{field}"
    assert set(selector_keys(services)) <= english.get("selector", {}).keys()


async def test_registered_services(hass: HomeAssistant) -> None:
    """Every action described is there without an entry, and no other."""
    assert await async_setup_component(hass, DOMAIN, {})
    registered = hass.services.async_services_for_domain(DOMAIN)
    assert registered.keys() == read_services().keys()


# Code


def test_platforms_are_sorted() -> None:
    """Lists of platforms are in order, and each has its module."""
    for source in SOURCES:
        for node in ast.walk(tree_of(source)):
            if isinstance(node, ast.List | ast.Tuple) and len(node.elts) > 1:
                names = [
                    element.attr
                    for element in node.elts
                    if isinstance(element, ast.Attribute)
                    and isinstance(element.value, ast.Name)
                    and element.value.id == "Platform"
                ]
                assert all(first < second for first, second in pairwise(names))
                for name in names:
                    assert (INTEGRATION / f"{name.lower()}.py").exists()
