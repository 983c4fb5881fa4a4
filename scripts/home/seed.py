"""Prepares the first start of Home Assistant: no onboarding, no login."""

from pathlib import Path

from homeassistant.auth import auth_manager_from_config
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.components import http, onboarding
from homeassistant.components.onboarding.const import STEPS
from homeassistant.config_entries import ConfigEntries
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

OWNER = "Developer"


async def seed(config_dir: Path, port: int) -> None:
    """Write the answers of the onboarding, and where to listen."""
    hass = HomeAssistant(str(config_dir))
    try:
        await _listen_on_loopback(hass, port)
        if not (config_dir / ".storage" / onboarding.STORAGE_KEY).exists():
            await _create_owner(hass)
            store = onboarding.OnboardingStorage(
                hass, onboarding.STORAGE_VERSION, onboarding.STORAGE_KEY, private=True
            )
            await store.async_save({"done": STEPS})
    finally:
        await hass.async_stop(force=True)


async def _listen_on_loopback(hass: HomeAssistant, port: int) -> None:
    """Set host and port; from YAML, they would be tentative and be reverted."""
    config = http.config
    store = Store[dict[str, object]](
        hass,
        config.STORAGE_VERSION,
        config.STORAGE_KEY,
        minor_version=config.STORAGE_MINOR_VERSION,
        private=True,
    )
    stable = config.HTTP_STORAGE_SCHEMA(
        {"server_host": ["127.0.0.1"], "server_port": port}
    )
    stable |= {
        config.HTTP_CONFIG_CREATED_AT: dt_util.utcnow().isoformat(),
        config.HTTP_CONFIG_ERROR: None,
        config.HTTP_CONFIG_ERROR_MESSAGE: None,
    }
    await store.async_save(
        {
            config.KEY_STABLE: stable,
            config.KEY_PENDING: None,
            config.KEY_YAML_MIGRATION_DONE: True,
        }
    )


async def _create_owner(hass: HomeAssistant) -> None:
    """Create the only user, as whom the trusted network logs in."""
    hass.config_entries = ConfigEntries(hass, {})
    await hass.config_entries.async_initialize()
    dr.async_setup(hass)
    await dr.async_load(hass)
    await er.async_load(hass)
    hass.auth = await auth_manager_from_config(hass, [], [])
    # The first user becomes the owner.
    await hass.auth.async_create_user(OWNER, group_ids=[GROUP_ID_ADMIN])
