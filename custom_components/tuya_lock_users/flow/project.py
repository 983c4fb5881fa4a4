"""The project behind a flow: verifies credentials and lists locks."""

from collections.abc import Collection, Mapping
from typing import Any

from yarl import URL

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.translation import async_get_translations

from ..api.data_centers import HOSTS
from ..api.endpoints import Endpoints
from ..api.errors import CALL_REFUSALS, BadRequestError
from ..api.models import Lock
from ..api.user_list import UserCalls
from ..const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_DATA_CENTER,
    CONF_EXCLUDED_LOCKS,
    CONF_EXTRA_LOCKS,
    DOMAIN,
    MANUFACTURER,
)
from ..coordinator.connection import async_get_cloud, async_get_session
from ..coordinator.devices import project_identifier
from .forms import InputError


class FlowProject:
    """A project with the credentials of a form or an entry."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Share pace, token, and call count with the entry of the same project."""
        self._session = async_get_session(hass, data[CONF_ACCESS_ID])
        self._client = Endpoints(
            async_get_cloud(
                hass,
                data[CONF_DATA_CENTER],
                data[CONF_ACCESS_ID],
                data[CONF_ACCESS_SECRET],
            )
        )

    async def async_uid(self) -> str:
        """Return the uid of the project, empty if the cloud sends none."""
        return await self._client.cloud.project_uid()

    async def async_devices(self, account_uid: str) -> tuple[Lock, ...]:
        """Return all devices of the project, or of one account.

        A reply ends a pause of the project.
        """
        try:
            listing = await (
                self._client.account_devices(account_uid)
                if account_uid
                else self._client.project_devices()
            )
        except BadRequestError as err:
            if account_uid:  # the only value of the request that can be wrong
                raise InputError("no_locks") from err
            raise
        self._session.pause = None
        return listing.items

    async def async_choice(
        self, found: Collection[str], chosen: Collection[str], before: Mapping[str, Any]
    ) -> dict[str, list[str]]:
        """Return the options for the chosen locks.

        A lock that was not found was typed. Its users are read once as verification,
        unless it is already in the options.
        """
        if not chosen:
            raise InputError("no_locks")
        extra = set(chosen).difference(found)
        for lock_id in sorted(extra.difference(before.get(CONF_EXTRA_LOCKS, ()))):
            await self._async_verify_lock(lock_id)
        excluded = {*before.get(CONF_EXCLUDED_LOCKS, ()), *found}.difference(chosen)
        return {CONF_EXCLUDED_LOCKS: sorted(excluded), CONF_EXTRA_LOCKS: sorted(extra)}

    async def _async_verify_lock(self, lock_id: str) -> None:
        """Raise unless either call can read the users of this device."""
        calls = UserCalls(self._client.lists, lock_id)
        try:
            await calls.with_methods()
        except CALL_REFUSALS:
            try:
                await calls.with_filter()
            except BadRequestError as err:
                raise InputError("no_locks") from err


def is_project_of(entry: ConfigEntry, uid: str, access_id: str) -> bool:
    """Return whether credentials belong to the project of an entry.

    The access id is compared if the cloud sent no uid, now or during the setup.
    """
    known_access_id = entry.data[CONF_ACCESS_ID]
    if not uid or entry.unique_id == known_access_id:
        return bool(access_id == known_access_id)
    return uid == entry.unique_id


async def async_title(hass: HomeAssistant, data: Mapping[str, str]) -> str:
    """Return a title for a project. The cloud has no name, so use its data center."""
    if (data_center := data[CONF_DATA_CENTER]) not in HOSTS:
        return f"{MANUFACTURER} {URL(data_center).host}"
    texts = await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )
    key = f"component.{DOMAIN}.selector.{CONF_DATA_CENTER}.options.{data_center}"
    return f"{MANUFACTURER} {texts[key]}"


@callback
def registered_locks(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, str]:
    """Return the names of the locks in the device registry, by id."""
    return {
        identifier: device.name_by_user or device.name or identifier
        for device in dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        for domain, identifier in device.identifiers - {project_identifier(entry)}
        if domain == DOMAIN
    }
