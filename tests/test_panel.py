"""The panel: its registration, its static files, and their size."""

from collections.abc import Generator
import gzip
from http import HTTPStatus
import json
from pathlib import Path
import re
from typing import Any, Final
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.components import frontend
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from simulator import Lock, SimulatedCloud

from .common import lock_device
from .conftest import SetUp

ROOT: Final = Path(__file__).parents[1]
BUNDLE: Final = ROOT / "custom_components" / DOMAIN / "frontend"
SOURCES: Final = ROOT / "frontend"


@pytest.fixture(autouse=True)
def frontend_loaded(hass: HomeAssistant) -> Generator[None]:
    """Mark the frontend as loaded; its package is not installed for tests."""
    hass.config.components.add(frontend.DOMAIN)
    hass.data[frontend.DATA_EXTRA_MODULE_URL] = frontend.UrlManager(lambda *_: None, [])
    with patch("homeassistant.components.frontend.async_setup", return_value=True):
        yield


def panel_of(hass: HomeAssistant) -> Any:
    panels: dict[str, Any] = hass.data.get(frontend.DATA_PANELS, {})
    return panels.get(DOMAIN)


def extra_urls(hass: HomeAssistant) -> frozenset[str]:
    urls: frozenset[str] = hass.data[frontend.DATA_EXTRA_MODULE_URL].urls
    return urls


async def test_panel(
    hass: HomeAssistant,
    set_up: SetUp,
    door: Lock,
    hass_client: ClientSessionGenerator,
) -> None:
    """The panel is for administrators, and its modules are cached forever."""
    entry = await set_up()
    device = lock_device(hass, entry, "front")
    assert device
    assert device.configuration_url == f"homeassistant://{DOMAIN}/front"
    panel = panel_of(hass)
    assert panel.require_admin
    assert panel.sidebar_title == "Lock users"
    custom = panel.config["_panel_custom"]
    assert custom["name"] == "tuya-lock-users-panel"
    base = f"/{DOMAIN}_static/{panel.config['version']}"
    assert custom["module_url"] == f"{base}/panel.js"
    assert extra_urls(hass) == {f"{base}/load-card.js"}
    client = await hass_client()
    for name in ("panel.js", "load-card.js", "card.js", "shared.js", "lit.js"):
        response = await client.get(f"{base}/{name}")
        assert response.status == HTTPStatus.OK
        assert "max-age=" in response.headers["Cache-Control"]


async def test_panel_lifecycle(
    hass: HomeAssistant, set_up: SetUp, cloud: SimulatedCloud, door: Lock
) -> None:
    """The panel needs no connection, and is removed with the last enabled project."""
    cloud.faults.http(500, times=None)
    entry = await set_up()
    assert panel_of(hass)
    cloud.faults.clear()
    panel = panel_of(hass)
    await hass.config_entries.async_reload(entry.entry_id)
    assert panel_of(hass) is panel

    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    assert panel_of(hass) is None
    assert extra_urls(hass) == frozenset()

    await hass.config_entries.async_set_disabled_by(entry.entry_id, None)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert panel_of(hass)

    other = MockConfigEntry(domain=DOMAIN, disabled_by=ConfigEntryDisabler.USER)
    other.add_to_hass(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    assert panel_of(hass) is None


def test_bundle_size() -> None:
    modules = [path.read_bytes() for path in BUNDLE.glob("*.js")]
    assert sum(map(len, modules)) <= 150_000
    assert sum(len(gzip.compress(module, 9)) for module in modules) <= 45_000


def test_bundle_hosts() -> None:
    """The bundle contains only the address of the help, which opens in a new tab."""
    text = "".join(path.read_text(encoding="utf-8") for path in BUNDLE.glob("*.js"))
    hosts = set(re.findall(r"https?://([^/`\"']+)", text)) - {"www.w3.org"}
    assert hosts <= {"github.com"}


def test_home_assistant_elements() -> None:
    """Other elements change from release to release."""
    used = {
        tag
        for path in (SOURCES / "src").rglob("*.ts")
        for tag in re.findall(r"<(ha-[\w-]+|hass-[\w-]+)", path.read_text("utf-8"))
    }
    assert used == {"ha-card", "ha-menu-button", "ha-selector"}


def test_elements_defined_once() -> None:
    """After an update the new module runs beside the old one."""
    for path in (SOURCES / "src").rglob("*.ts"):
        text = path.read_text("utf-8")
        assert "@customElement" not in text
        assert path.name == "define.ts" or "customElements.define" not in text


def test_package_lock() -> None:
    """Packages are pinned by hash, without a registry address."""
    lock = json.loads((SOURCES / "package-lock.json").read_text("utf-8"))
    packages = [package for name, package in lock["packages"].items() if name]
    assert all("resolved" not in package for package in packages)
    assert all(package["integrity"].startswith("sha512-") for package in packages)
    manifest = json.loads((SOURCES / "package.json").read_text("utf-8"))
    versions = manifest["devDependencies"].values()
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
