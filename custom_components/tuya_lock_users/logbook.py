"""Changes of a lock's users in localizer, for the logbook ("Activity").

The logbook shows a state change of the event entity as its type alone ("Access ended"),
without whom it is about, and has no way for an integration to word it. It can word events
of the bus. So the entity fires one beside each change of its state, and that is described
here. Both lines are about the same entity and share a context, from which the logbook
tells, at the line of the state, whom it was caused by: the name given here.
"""

from collections.abc import Callable
from typing import Any

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import Event, HomeAssistant, callback

from .const import ATTR_EVENT_TYPE, ATTR_LOCK_NAME, DOMAIN, EVENT_USER_CHANGED
from .localize import Localizer, change_in_words


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, Any]]], None],
) -> None:
    """Describe our event in words."""

    @callback
    def describe(event: Event) -> dict[str, Any]:
        """Return the line of one change."""
        localizer = Localizer(hass)
        told = event.data
        return {
            LOGBOOK_ENTRY_NAME: localizer.user(
                told.get("user_id"), told.get("user_name")
            ),
            LOGBOOK_ENTRY_MESSAGE: change_in_words(
                localizer,
                str(told.get(ATTR_EVENT_TYPE)),
                str(told.get(ATTR_LOCK_NAME)),
                told,
            ),
            LOGBOOK_ENTRY_ENTITY_ID: told.get(ATTR_ENTITY_ID),
        }

    async_describe_event(DOMAIN, EVENT_USER_CHANGED, describe)
