"""Repairs: what somebody can do something about, told once and gone when it is mended.

An issue of a project exists as long as anything that reads it meets its error.
"""

from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .api.errors import ProjectError, TuyaError
from .const import DOMAIN
from .errors import texts_for

if TYPE_CHECKING:
    from .coordinator import TuyaLockUsersConfigEntry


class ProjectIssues:
    """The issues of one entry, by what they are about and who found them."""

    def __init__(self, hass: HomeAssistant, entry: TuyaLockUsersConfigEntry) -> None:
        """Start with none; those of an earlier run are replaced as they are met."""
        self._hass = hass
        self._entry = entry
        self._found_by: dict[str, set[str]] = {}

    @callback
    def failed(self, source: str, err: TuyaError) -> None:
        """Raise the issue of an error that somebody can end."""
        if not isinstance(err, ProjectError):
            return
        key = texts_for(err).key
        self._found_by.setdefault(key, set()).add(source)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._issue_id(key),
            data={"entry_id": self._entry.entry_id},
            is_fixable=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key=key,
            translation_placeholders={
                "title": self._entry.title,
                "code": str(err.code or "-"),
            },
        )

    @callback
    def succeeded(self, source: str) -> None:
        """Take back the issues that nobody meets any more."""
        for key, sources in list(self._found_by.items()):
            sources.discard(source)
            if not sources:
                del self._found_by[key]
                ir.async_delete_issue(self._hass, DOMAIN, self._issue_id(key))

    def _issue_id(self, key: str) -> str:
        return f"{key}_{self._entry.entry_id}"


@callback
def async_delete_issues(hass: HomeAssistant, entry_id: str) -> None:
    """Delete all issues of an entry."""
    registry = ir.async_get(hass)
    for domain, issue_id in list(registry.issues):
        if domain == DOMAIN and issue_id.endswith(f"_{entry_id}"):
            registry.async_delete(domain, issue_id)
