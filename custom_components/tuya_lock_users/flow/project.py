"""A project as the flows see it: proven, and asked for its locks."""

from collections.abc import Collection, Mapping
from typing import Any

from yarl import URL

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.translation import async_get_translations

from ..api.data_centers import HOSTS
from ..api.endpoints import SmartLocks
from ..api.errors import BadRequestError, NotAuthorizedError, UnsupportedError
from ..api.models import Lock
from ..const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_DATA_CENTER,
    CONF_EXCLUDED_LOCKS,
    CONF_EXTRA_LOCKS,
    DOMAIN,
    MANUFACTURER,
)
from ..coordinator.connection import async_get_cloud, async_get_connection
from ..coordinator.devices import project_identifier
from .forms import InputError


class FlowProject:
    """A project as the flows see it, with the credentials of a form or an entry."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Share the connection with all others that talk to this project."""
        self._connection = async_get_connection(hass, data[CONF_ACCESS_ID])
        self._client = SmartLocks(
            async_get_cloud(
                hass,
                data[CONF_DATA_CENTER],
                data[CONF_ACCESS_ID],
                data[CONF_ACCESS_SECRET],
            )
        )

    async def async_uid(self) -> str:
        """Return the uid of the project, empty where the cloud does not say it."""
        return await self._client.cloud.project_uid()

    async def async_devices(self, account_uid: str) -> tuple[Lock, ...]:
        """Return all devices of the project, or of one account.

        An answer means that the cloud has no objections any more: a pause ends.
        """
        try:
            listing = await (
                self._client.account_devices(account_uid)
                if account_uid
                else self._client.project_devices()
            )
        except BadRequestError as err:
            if account_uid:  # that is all there is to be wrong with the request
                raise InputError("no_locks") from err
            raise
        self._connection.paused_until = 0
        return listing.items

    async def async_choice(
        self, found: Collection[str], chosen: Collection[str], before: Mapping[str, Any]
    ) -> dict[str, list[str]]:
        """Return the options that make of the locks found those that are chosen.

        What is chosen without being found was typed. It is read once before it is
        believed, unless it is part of the options from before.
        """
        if not chosen:
            raise InputError("no_locks")
        extra = set(chosen).difference(found)
        for lock_id in sorted(extra.difference(before.get(CONF_EXTRA_LOCKS, ()))):
            await self._async_prove_lock(lock_id)
        excluded = {*before.get(CONF_EXCLUDED_LOCKS, ()), *found}.difference(chosen)
        return {CONF_EXCLUDED_LOCKS: sorted(excluded), CONF_EXTRA_LOCKS: sorted(extra)}

    async def _async_prove_lock(self, lock_id: str) -> None:
        """Raise unless the users of this device can be read, by either call."""
        try:
            await self._client.users(lock_id)
        except UnsupportedError, NotAuthorizedError, BadRequestError:
            try:
                await self._client.users_with_filter(lock_id)
            except BadRequestError as err:
                raise InputError("no_locks") from err


def is_project_of(entry: ConfigEntry, uid: str, access_id: str) -> bool:
    """Return whether credentials are those of the project of an entry.

    The access id stands in where the cloud said no uid, now or when it was set up.
    """
    known_access_id = entry.data[CONF_ACCESS_ID]
    if not uid or entry.unique_id == known_access_id:
        return bool(access_id == known_access_id)
    return uid == entry.unique_id


async def async_title(hass: HomeAssistant, data: Mapping[str, str]) -> str:
    """Return a name for a project: the cloud knows none, so where it is has to do."""
    if (data_center := data[CONF_DATA_CENTER]) not in HOSTS:
        return f"{MANUFACTURER} {URL(data_center).host}"
    texts = await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )
    key = f"component.{DOMAIN}.selector.{CONF_DATA_CENTER}.options.{data_center}"
    return f"{MANUFACTURER} {texts[key]}"


@callback
def registered_locks(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, str]:
    """Return the names of the locks that an entry has as devices, by id."""
    return {
        identifier: device.name_by_user or device.name or identifier
        for device in dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        for domain, identifier in device.identifiers - {project_identifier(entry)}
        if domain == DOMAIN
    }
