"""Helpers to call actions and to check their refusals."""

from dataclasses import dataclass
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from simulator import Lock, SimulatedCloud
from tests.common import ENGLISH, Entities, lock_device, placeholders, user_device

type Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Actions:
    """Calls actions of one project.

    Devices go by their identifiers: ``front`` is a lock, ``front:mia`` a user of it.
    """

    hass: HomeAssistant
    entry: MockConfigEntry

    def device_id(self, identifier: str) -> str:
        lock_id, _, user_id = identifier.partition(":")
        device: dr.BaseDeviceEntry | None
        if user_id:
            device = user_device(self.hass, self.entry, lock_id, user_id)
        else:
            device = lock_device(self.hass, self.entry, lock_id)
        assert device is not None, f"no device {identifier}"
        return device.id

    async def __call__(
        self,
        action: str,
        on: str | None = "front",
        *,
        context: Context | None = None,
        **data: Any,
    ) -> Answer:
        """Call an action and return its response, which is plain JSON."""
        if on is not None:
            data["device_id"] = self.device_id(on)
        response = await self.hass.services.async_call(
            DOMAIN, action, data, blocking=True, context=context, return_response=True
        )
        decoded: Answer = json.loads(json.dumps(response))
        assert decoded == response
        return decoded

    async def refused(
        self, action: str, on: str | None = "front", **data: Any
    ) -> HomeAssistantError:
        """Call an action and return its error, which has a translation."""
        with pytest.raises(HomeAssistantError) as info:
            await self(action, on, **data)
        error = info.value
        assert error.translation_domain == DOMAIN
        text = ENGLISH["exceptions"][error.translation_key]["message"]
        assert placeholders(text) <= set(error.translation_placeholders or ())
        return error

    async def reason(
        self, action: str, on: str | None = "front", **data: Any
    ) -> str | None:
        """Return the translation key of an action's error."""
        return (await self.refused(action, on, **data)).translation_key

    async def fails(
        self, reason: str | None, action: str, on: str | None = "front", **data: Any
    ) -> None:
        """Check that an action fails with this translation key."""
        found = await self.reason(action, on, **data)
        assert found == reason, found


@dataclass(frozen=True, slots=True)
class Act(Actions, Entities):
    """Calls actions of a project, and looks up its entities."""

    cloud: SimulatedCloud
    door: Lock

    async def restart(self) -> None:
        """Restart; only the stored file remains."""
        await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.hass.async_block_till_done(wait_background_tasks=True)
        self.cloud.calls.clear()
