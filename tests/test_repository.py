"""Checks of the repository that do not run the integration."""

from collections.abc import Iterator
import json
from pathlib import Path
import re
import tomllib
from typing import Any
from zipfile import ZipFile

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from packaging.requirements import Requirement
import pytest

from homeassistant import components
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
from scripts.release import build
from tests.common import placeholders
from tests.test_house import imports_of

type Json = dict[str, Any]

ROOT = Path(__file__).parents[1]
DOMAIN = "tuya_lock_users"
INTEGRATION = ROOT / "custom_components" / DOMAIN
CORE = Path(components.__file__).parent

SOURCES = sorted(INTEGRATION.rglob("*.py"))
TRANSLATIONS = sorted((INTEGRATION / "translations").glob("*.json"))

URL = re.compile(r"(?:\w+://|www\.)\w", re.IGNORECASE)
HTML = re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)
QUOTED_PLACEHOLDER = re.compile(r"'\{\w+\}'")

# Forms of whole numbers in a language, as browsers count them, and the one for the rest.
ONE_FORM = ("other",)
TWO_FORMS = ("one", "other")
PLURAL_FORMS = {
    **dict.fromkeys(("ja", "ko", "zh-Hans", "zh-Hant"), ONE_FORM),
    **dict.fromkeys(("da", "de", "en", "nb", "nl", "sv", "tr"), TWO_FORMS),
    **dict.fromkeys(("es", "fr", "it", "pt-BR"), TWO_FORMS),
    "he": ("one", "two", "other"),
    "cs": ("one", "few", "other"),
    **dict.fromkeys(("pl", "ru", "uk"), ("one", "few", "many", "other")),
}


def read_json(path: Path) -> Json:
    """Return the object in a JSON file, refusing a repeated key."""

    def unique(pairs: list[tuple[str, Any]]) -> Json:
        content = dict(pairs)
        assert len(content) == len(pairs), f"{path}: a key comes twice"
        return content

    content: Json = json.loads(
        path.read_text(encoding="utf-8"), object_pairs_hook=unique
    )
    return content


def read_services() -> Json:
    path = INTEGRATION / "services.yaml"
    return load_yaml_dict(str(path)) if path.exists() else {}


def leaves(tree: Json, *above: str) -> Iterator[tuple[str, str]]:
    for key, node in tree.items():
        if isinstance(node, dict):
            yield from leaves(node, *above, key)
        else:
            yield ".".join((*above, key)), node


def short(path: Path) -> str:
    return path.relative_to(INTEGRATION).as_posix()


@pytest.fixture(scope="module")
def manifest() -> Json:
    return read_json(INTEGRATION / "manifest.json")


@pytest.fixture(scope="module")
def project() -> Json:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def english() -> Json:
    return read_json(INTEGRATION / "translations" / "en.json")


def test_version(manifest: Json, project: Json) -> None:
    """Only the manifest contains the version, and the changelog describes it."""
    version = AwesomeVersion(
        manifest["version"], ensure_strategy=AwesomeVersionStrategy.SEMVER
    )
    assert project["project"]["dynamic"] == ["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(.*?)\]", changelog, re.MULTILINE)[0] == version


def test_requirements(manifest: Json, project: Json) -> None:
    """The requirements of the release are the tested ones."""
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
        for names in imports_of(source)
        if names[:2] == ("homeassistant", "components")
    }
    assert used - free <= first | later


def test_hacs(manifest: Json, project: Json) -> None:
    """The HACS manifest has known keys, the name, and the tested version."""
    hacs = read_json(ROOT / "hacs.json")
    known = {"content_in_root", "country", "hacs", "hide_default_branch"}
    known |= {"persistent_directory", "render_readme"}
    required = {"name", "homeassistant", "zip_release", "filename"}
    assert required <= hacs.keys() <= required | known
    assert hacs["zip_release"] is True
    assert hacs["filename"] == f"{DOMAIN}.zip"
    assert hacs["name"] == manifest["name"]
    (tested,) = map(Requirement, project["dependency-groups"]["develop"])
    (pin,) = tested.specifier
    assert hacs["homeassistant"].split(".")[:2] == pin.version.split(".")[:2]


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
    form = load_yaml_dict(str(ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml"))
    (field,) = (field for field in form["body"] if field.get("id") == "diagnostics")
    assert field["validations"] == {"required": True}


def test_release(tmp_path: Path) -> None:
    """The archive contains the integration with the version stamped."""
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


def files_below(top: Path) -> Iterator[Path]:
    """Yield the files of a folder, but none of the packages that npm puts there."""
    for folder, folders, names in top.walk():
        if "node_modules" in folders:
            folders.remove("node_modules")
        yield from (folder / name for name in names)


def test_no_local_paths() -> None:
    """No file contains a local path of a development machine."""
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


def test_quality_scale(manifest: Json) -> None:
    """Every rule has a status, and the claimed tiers are done."""
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


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.name)
def test_translations(path: Path, english: Json) -> None:
    """Each language has the same texts, in the format of Home Assistant."""
    wanted = dict(leaves(in_forms(english, PLURAL_FORMS[path.stem])))
    texts = dict(leaves(read_json(path)))
    assert texts.keys() == wanted.keys()
    for where, text in texts.items():
        assert isinstance(text, str), where
        assert text.strip() == text != "", where
        assert not HTML.search(text), where
        assert not URL.search(text), where
        assert not QUOTED_PLACEHOLDER.search(text), where
        assert "[%" not in text, f"{where}: references are for the core only"
        assert all(map(str.isidentifier, placeholders(text))), where
        # "Two users" needs no number. English has no such form: Home Assistant refuses
        # a text with other placeholders than the English one.
        number = {"count"} if where.endswith(".two") else set()
        assert placeholders(text) | number == placeholders(wanted[where]), where


def in_forms(texts: Json, forms: tuple[str, ...]) -> Json:
    """Return English texts with the plural forms that another language has."""
    if texts.keys() == {"one", "other"}:
        return dict.fromkeys(forms, texts["other"])
    return {
        key: in_forms(text, forms) if isinstance(text, dict) else text
        for key, text in texts.items()
    }


async def test_registered_services(hass: HomeAssistant) -> None:
    """Exactly the described actions are registered without an entry."""
    assert await async_setup_component(hass, DOMAIN, {})
    registered = hass.services.async_services_for_domain(DOMAIN)
    assert registered.keys() == read_services().keys()
