"""Repairs: what somebody can do something about, told once and gone when it is mended.

An issue of a project exists as long as anything that reads it meets its error.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from ..api.errors import TuyaError
from ..api.schedule.model import Delivery
from ..const import DOMAIN
from ..domain.pseudonym import pseudonymizer
from ..domain.snapshot import LockSnapshot
from ..errors import code_of, handling_of
from ..localize import (
    Localizer,
    escape_markdown,
    method_in_words,
    moment_in_words,
    user_in_words,
)
from .devices import LockDevices

LOCK_ISSUES: Final = ("absent_users", "delivery_failed", "unassigned_unlock_methods")
# Where there is something to press, see `repairs`.
FIXABLE_LOCK_ISSUES: Final = ("absent_users", "unassigned_unlock_methods")

LONGEST_LIST: Final = 20

# Home Assistant puts the ids of issues into every diagnostics download as they are.
_hashed: Final = pseudonymizer()


class ProjectIssues:
    """The issues of one entry, by what they are about and who found them."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Start with none; those of an earlier run stay until `retain`."""
        self._hass = hass
        self._entry = entry
        self._found_by: dict[str, set[str]] = {}
        self._since: dict[str, datetime] = {}

    @callback
    def failed(self, source: str, err: TuyaError) -> None:
        """Raise the issue of an error that somebody can end."""
        handling = handling_of(err)
        if not handling.has_repair:
            return
        key = handling.key
        since = self._since.setdefault(key, dt_util.now())
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
                "name": self._entry.title,
                "title": escape_markdown(self._entry.title),
                "code": code_of(err),
                "since": moment_in_words(Localizer(self._hass), since),
            },
        )

    @callback
    def succeeded(self, source: str) -> None:
        """Take back the issues that nobody meets any more."""
        for key, sources in list(self._found_by.items()):
            sources.discard(source)
            if not sources:
                del self._found_by[key]
                del self._since[key]
                ir.async_delete_issue(self._hass, DOMAIN, self._issue_id(key))

    @callback
    def retain(self, sources: Collection[str]) -> None:
        """Take back what only those met that nobody reads any more.

        So goes what an earlier run of the entry met, and this one did not. What is
        about one lock stays as long as the lock: see `LockIssues`.
        """
        for key, found_by in list(self._found_by.items()):
            found_by.intersection_update(sources)
            if not found_by:
                del self._found_by[key]
                del self._since[key]
        kept = {self._issue_id(key) for key in self._found_by}
        kept |= {
            lock_issue_id(key, lock_id, self._entry.entry_id)
            for lock_id in sources
            for key in LOCK_ISSUES
        }
        async_delete_issues(self._hass, self._entry.entry_id, keep=kept)

    def _issue_id(self, key: str) -> str:
        return f"{key}_{self._entry.entry_id}"


class LockIssues:
    """The issues of one lock: each is there as long as what was read last shows it."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        lock_id: str,
        devices: LockDevices,
    ) -> None:
        """Start with nothing read."""
        self._hass = hass
        self._entry_id = entry.entry_id
        self._lock_id = lock_id
        self._devices = devices
        self._shown: dict[str, frozenset[object]] = {}

    @callback
    def async_update(self, snapshot: LockSnapshot) -> None:
        """Raise what a snapshot shows, and take back what it does not show any more.

        What nobody has read yet (None) is neither there nor gone.
        """
        localizer = Localizer(self._hass)
        self._show("delivery_failed", failed_deliveries(localizer, snapshot))
        if (methods := snapshot.unassigned_methods) is not None:
            named = {
                method.key: method_in_words(localizer, method) for method in methods
            }
            self._show("unassigned_unlock_methods", named)
        if (absent := snapshot.absent_users) is not None:
            called = {
                user.user_id: localizer.user(user.user_id, None) for user in absent
            }
            self._show("absent_users", called)

    @callback
    def _show(self, key: str, items: Mapping[Any, str]) -> None:
        """Show an issue about some things, or none where there is nothing.

        Somebody who chose to ignore the old ones has not seen a new one yet.
        """
        issue_id = lock_issue_id(key, self._lock_id, self._entry_id)
        before, shown = self._shown.get(key), frozenset(items)
        self._shown[key] = shown
        if not items:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data={"entry_id": self._entry_id, "lock_id": self._lock_id},
            is_fixable=key in FIXABLE_LOCK_ISSUES,
            severity=ir.IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders={
                "name": self._devices.lock_name,
                "lock": escape_markdown(self._devices.lock_name),
                "count": str(len(items)),
                "items": _listed(Localizer(self._hass), items.values()),
            },
        )
        if before is not None and shown - before:
            ir.async_ignore_issue(self._hass, DOMAIN, issue_id, False)


def failed_deliveries(
    localizer: Localizer, snapshot: LockSnapshot
) -> dict[object, str]:
    """Return what the lock did not take, in localizer, by what it is about."""
    failed: dict[object, str] = {}
    for user_id, user in snapshot.users.items():
        if Delivery.FAILED not in user.deliveries:
            continue
        name = user_in_words(localizer, user)
        if user.schedule and user.schedule.delivery is Delivery.FAILED:
            failed[user_id] = localizer.phrase("failed_schedule", user=name)
        for method in user.unlock_methods or ():
            if method.progress is Delivery.FAILED:
                failed[user_id, *method.key] = localizer.phrase(
                    "failed_method",
                    user=name,
                    method=method_in_words(localizer, method),
                )
    return failed


def _listed(localizer: Localizer, items: Collection[str]) -> str:
    """Return a list as Markdown has it, cut where nobody reads on."""
    lines = [f"- {escape_markdown(item)}" for item in islice(items, LONGEST_LIST)]
    if (rest := len(items) - LONGEST_LIST) > 0:
        lines.append(localizer.phrase("and_more", count=rest))
    return "\n".join(lines)


def lock_issue_id(key: str, lock_id: str, entry_id: str) -> str:
    """Return the id of an issue about one lock."""
    return f"{key}_{_hashed(lock_id)}_{entry_id}"


@callback
def async_delete_issues(
    hass: HomeAssistant, entry_id: str, *, keep: Collection[str] = ()
) -> None:
    """Delete the issues of an entry, but for those to keep."""
    registry = ir.async_get(hass)
    for domain, issue_id in list(registry.issues):
        if domain == DOMAIN and issue_id.endswith(f"_{entry_id}"):
            if issue_id not in keep:
                registry.async_delete(domain, issue_id)


@callback
def async_delete_issues_of_disabled(hass: HomeAssistant) -> None:
    """Delete the issues of every entry that is disabled from now on.

    Nothing can be done about them before it is enabled, and reads anew. One that did
    not start is disabled without being unloaded, so that is not the place for it.
    """

    @callback
    def changed(_change: ConfigEntryChange, entry: ConfigEntry) -> None:
        is_at_rest = entry.state is ConfigEntryState.NOT_LOADED
        if entry.domain == DOMAIN and entry.disabled_by is not None and is_at_rest:
            async_delete_issues(hass, entry.entry_id)

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed)
