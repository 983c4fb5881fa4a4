"""Switches of the users: suspend and resume them."""

from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api.models import User
from .api.schedule.model import Access, Delivery
from .commands.schedules import async_resume, async_suspend
from .commands.verify import WAIT_SECONDS
from .coordinator.lock import LockCoordinator
from .coordinator.project import TuyaLockUsersConfigEntry
from .entity import UserEntity, async_add_for_users
from .errors import not_possible

# The commands of one lock wait for each other already.
PARALLEL_UPDATES: Final = 0

# The category keeps voice assistants, and actions for a whole area, from suspending and
# resuming people, unless someone exposes or names the switch.
ENABLED: Final = SwitchEntityDescription(
    key="enabled",
    translation_key="enabled",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLockUsersConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switch of each user."""
    async_add_for_users(
        entry,
        async_add_entities,
        lambda lock, user_id: [EnabledSwitch(lock, user_id)],
    )


class EnabledSwitch(UserEntity, SwitchEntity):
    """Whether a user is not suspended; other limits of access do not matter."""

    def __init__(self, lock: LockCoordinator, user_id: str) -> None:
        """Initialize the entity."""
        super().__init__(lock, user_id, ENABLED)

    @property
    def _user(self) -> User:
        return self.coordinator.data.users[self.user_id]

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the user is not suspended."""
        return self.coordinator.access[self.user_id] is not Access.SUSPENDED

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return whether the lock has not applied the schedule yet."""
        schedule = self._user.schedule
        is_pending = schedule is not None and schedule.delivery is Delivery.ONGOING
        return {"pending": is_pending}

    @override
    def _state_inputs(self) -> object:
        return self.is_on, self.extra_state_attributes

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Suspend the user."""
        await self._async_check_administrator()
        if self._user.is_owner:
            raise not_possible(
                "owner_protected", user=self._user.name or self._user.user_id
            )
        await async_suspend(self.coordinator, self._user, WAIT_SECONDS)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Resume the user.

        Only with a saved schedule: without one, resuming gives permanent access.
        """
        await self._async_check_administrator()
        if self.user_id in self.coordinator.memory.suspended:
            await async_resume(self.coordinator, self._user, WAIT_SECONDS)

    async def _async_check_administrator(self) -> None:
        """Raise for a user of Home Assistant who is not an administrator.

        Calls without a user, such as automations, are allowed, as for actions.
        """
        if (context := self._context) is None or context.user_id is None:
            return
        user = await self.hass.auth.async_get_user(context.user_id)
        if user is None or not user.is_admin:
            raise not_possible("administrator_required")
