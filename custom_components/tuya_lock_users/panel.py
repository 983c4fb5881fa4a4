"""Serves the panel and the card, and adds and removes the panel."""

import hashlib
from pathlib import Path
from typing import Final

from homeassistant.components import frontend, panel_custom
from homeassistant.components.http import StaticPathConfig
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

_BUNDLE: Final = Path(__file__).parent / "frontend"

_BASE_URL: HassKey[str] = HassKey(f"{DOMAIN}_frontend")


async def async_serve(hass: HomeAssistant) -> None:
    """Serve the bundle below a folder named after its content.

    The digest is a folder of the URL, so that modules that import each other change
    their URLs together and can be cached.
    """
    digest = await hass.async_add_executor_job(_digest)
    base_url = f"/{DOMAIN}_static/{digest}"
    await hass.http.async_register_static_paths(
        [StaticPathConfig(base_url, str(_BUNDLE), cache_headers=True)]
    )
    hass.data[_BASE_URL] = base_url

    @callback
    def changed(_change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain == DOMAIN:
            _async_remove_if_unused(hass)

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed)


async def async_add_panel(hass: HomeAssistant) -> None:
    """Add the panel and the card, unless they were added already."""
    if frontend.DOMAIN not in hass.config.components or frontend.async_panel_exists(
        hass, DOMAIN
    ):
        return
    base_url = hass.data[_BASE_URL]
    texts = await async_get_translations(
        hass, hass.config.language, "config_panel", [DOMAIN]
    )
    # Another project may have added it meanwhile.
    if frontend.async_panel_exists(hass, DOMAIN):
        return
    await panel_custom.async_register_panel(
        hass,
        frontend_url_path=DOMAIN,
        webcomponent_name="tuya-lock-users-panel",
        sidebar_title=texts[f"component.{DOMAIN}.config_panel.title"],
        sidebar_icon="mdi:account-key",
        module_url=f"{base_url}/panel.js",
        config={"version": base_url.rpartition("/")[2]},
        require_admin=True,
    )
    frontend.add_extra_js_url(hass, f"{base_url}/load-card.js")


@callback
def _async_remove_if_unused(hass: HomeAssistant) -> None:
    """Remove the panel once no project is enabled.

    This does not happen at every unload: if the panel of the open page disappears, the
    frontend switches to the default dashboard, even during a reload. An entry that did
    not start is disabled without being unloaded.
    """
    if hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    ):
        return
    if frontend.DOMAIN in hass.config.components and frontend.async_panel_exists(
        hass, DOMAIN
    ):
        frontend.async_remove_panel(hass, DOMAIN, warn_if_unknown=False)
        frontend.remove_extra_js_url(hass, f"{hass.data[_BASE_URL]}/load-card.js")


def _digest() -> str:
    """Return a short digest of the bundle."""
    digest = hashlib.sha256()
    for path in sorted(_BUNDLE.iterdir()):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
