"""Logbook entries ("Activity") for changes of a lock's users.

The logbook shows a state change of an event entity only by its type ("Access ended"),
without the user, and integrations cannot describe it. They can describe bus events, so
the event entity also fires one for each change. Both entries concern the same entity and
share a context, through which the logbook shows the name given here as the cause of the
state change.
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

from .const import (
    ATTR_EVENT_TYPE,
    ATTR_LOCK_NAME,
    DOMAIN,
    EVENT_DOOR,
    EVENT_USER_CHANGED,
)
from .localize import Localizer, change_in_words, happening_in_words


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, Any]]], None],
) -> None:
    """Describe our events."""

    @callback
    def describe(event: Event) -> dict[str, Any]:
        """Return the entry of one change."""
        localizer = Localizer(hass)
        data = event.data
        return {
            LOGBOOK_ENTRY_NAME: localizer.user(
                data.get("user_id"), data.get("user_name")
            ),
            LOGBOOK_ENTRY_MESSAGE: change_in_words(
                localizer,
                str(data.get(ATTR_EVENT_TYPE)),
                str(data.get(ATTR_LOCK_NAME)),
                data,
            ),
            LOGBOOK_ENTRY_ENTITY_ID: data.get(ATTR_ENTITY_ID),
        }

    @callback
    def describe_door(event: Event) -> dict[str, Any]:
        """Return the line of what happened at a door."""
        return {
            LOGBOOK_ENTRY_NAME: event.data.get("user_name")
            or event.data.get(ATTR_LOCK_NAME),
            LOGBOOK_ENTRY_MESSAGE: happening_in_words(Localizer(hass), event.data),
            LOGBOOK_ENTRY_ENTITY_ID: event.data.get(ATTR_ENTITY_ID),
        }

    async_describe_event(DOMAIN, EVENT_USER_CHANGED, describe)
    async_describe_event(DOMAIN, EVENT_DOOR, describe_door)
