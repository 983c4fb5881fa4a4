"""Issues about locks and projects, most of which have a repair.

An issue about a lock exists as long as the last snapshot shows its cause.
"""

from collections.abc import Collection, Mapping
from itertools import islice
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..api.models import User
from ..api.schedule.model import Delivery
from ..const import DOMAIN
from ..domain.pseudonym import pseudonymizer
from ..domain.snapshot import LockSnapshot
from ..localize import Localizer, escape_markdown, method_in_words, user_in_words
from .devices import LockDevices

LOCK_ISSUES: Final = (
    "absent_users",
    "copy_interrupted",
    "delivery_failed",
    "empty_user_list",
    "unassigned_unlock_methods",
)
# These have a repair flow, see `repairs`.
FIXABLE_LOCK_ISSUES: Final = ("absent_users", "unassigned_unlock_methods")

# The stream creates and deletes these.
PUSH_NOT_ENABLED: Final = "push_not_enabled"
PUSH_SILENT: Final = "push_silent"
PUSH_ISSUES: Final = (PUSH_NOT_ENABLED, PUSH_SILENT)

LONGEST_LIST: Final = 20

# Every diagnostics download contains the ids of issues, so they hold no id of a lock.
_pseudonymize: Final = pseudonymizer()


class LockIssues:
    """The issues of one lock."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        lock_id: str,
        devices: LockDevices,
    ) -> None:
        """Initialize without a snapshot."""
        self._hass = hass
        self._entry_id = entry.entry_id
        self._lock_id = lock_id
        self._devices = devices
        self._items: dict[str, frozenset[object]] = {}

    @callback
    def async_update(self, snapshot: LockSnapshot) -> None:
        """Create the issues that a snapshot shows, and delete the others.

        Unknown data (None) leaves its issue unchanged.
        """
        localizer = Localizer(self._hass)
        self._show("delivery_failed", failed_deliveries(localizer, snapshot))
        self._show("empty_user_list", {"": ""} if snapshot.is_empty else {})
        if (methods := snapshot.unassigned_methods) is not None:
            named = {
                method.key: method_in_words(localizer, method) for method in methods
            }
            self._show("unassigned_unlock_methods", named)
        if (absent := snapshot.former_users) is not None:
            names = {
                user.user_id: localizer.user(user.user_id, None) for user in absent
            }
            self._show("absent_users", names)

    @callback
    def async_update_copy(self, users: Mapping[str, User]) -> None:
        """Create the issue about users without the schedule to copy, or delete it."""
        localizer = Localizer(self._hass)
        names = {key: user_in_words(localizer, user) for key, user in users.items()}
        self._show("copy_interrupted", names)

    @callback
    def _show[Item](self, key: str, items: Mapping[Item, str]) -> None:
        """Show an issue about some items, or none if there are none.

        A new item shows an ignored issue again.
        """
        issue_id = lock_issue_id(key, self._lock_id, self._entry_id)
        current: frozenset[object] = frozenset(items)
        before = self._items.get(key)
        self._items[key] = current
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
        if before is not None and current - before:
            ir.async_ignore_issue(self._hass, DOMAIN, issue_id, False)


def failed_deliveries(
    localizer: Localizer, snapshot: LockSnapshot
) -> dict[object, str]:
    """Return the changes the lock did not apply, in words, by subject."""
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
    """Return a list in Markdown, shortened to a readable length."""
    lines = [f"- {escape_markdown(item)}" for item in islice(items, LONGEST_LIST)]
    if (rest := len(items) - LONGEST_LIST) > 0:
        lines.append(localizer.phrase("and_more", count=rest))
    return "\n".join(lines)


@callback
def async_create_project_issue(
    hass: HomeAssistant,
    entry: ConfigEntry,
    key: str,
    *,
    severity: ir.IssueSeverity = ir.IssueSeverity.WARNING,
    is_fixable: bool = True,
    **placeholders: str,
) -> None:
    """Create an issue about a project; `placeholders` are further ones of its text."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        project_issue_id(key, entry.entry_id),
        data={"entry_id": entry.entry_id} if is_fixable else None,
        is_fixable=is_fixable,
        severity=severity,
        translation_key=key,
        translation_placeholders={
            "name": entry.title,
            "title": escape_markdown(entry.title),
            **placeholders,
        },
    )


def project_issue_id(key: str, entry_id: str) -> str:
    """Return the ID of an issue about a project."""
    return f"{key}_{entry_id}"


def lock_issue_ids(lock_id: str, entry_id: str) -> set[str]:
    """Return the ids of all issues about one lock."""
    return {lock_issue_id(key, lock_id, entry_id) for key in LOCK_ISSUES}


def lock_issue_id(key: str, lock_id: str, entry_id: str) -> str:
    """Return the id of an issue about one lock."""
    return f"{key}_{_pseudonymize(lock_id)}_{entry_id}"


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
