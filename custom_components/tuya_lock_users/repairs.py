"""The repair flows."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import voluptuous as vol

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState, OperationNotAllowed
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .commands.purge import async_purge_users
from .commands.unlock_methods import async_allocate
from .commands.verify import WAIT_SECONDS
from .const import CONF_PUSH, DOMAIN
from .coordinator.lock import LockCoordinator
from .coordinator.project import TuyaLockUsersConfigEntry
from .coordinator.push_state import PushState
from .localize import Localizer, disambiguate, method_in_words, user_in_words

type IssueData = dict[str, str | int | float | None] | None

# Longer than a handshake may take, for two candidates.
_CONNECT_SECONDS: Final = 25

_METHODS: Final = "unlock_methods"
_USER: Final = "user"


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: IssueData
) -> RepairsFlow:
    """Return the dialog of an issue."""
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    key = issue.translation_key if issue else None
    return _LOCK_FLOWS.get(key or "", ProjectRepair)()


class _Repair(RepairsFlow):
    """Base of the repair flows."""

    @property
    def entry(self) -> TuyaLockUsersConfigEntry | None:
        """Return the entry of the issue, None if it was removed."""
        entry_id = (self.data or {}).get("entry_id")
        return self.hass.config_entries.async_get_entry(str(entry_id))

    @property
    def issue_placeholders(self) -> dict[str, str]:
        """Return the placeholders of the issue."""
        issue = ir.async_get(self.hass).async_get_issue(self.handler, self.issue_id)
        return dict((issue and issue.translation_placeholders) or {})

    def show_menu(self, *options: str) -> RepairsFlowResult:
        """Show a menu with the placeholders of the issue."""
        return self.async_show_menu(
            step_id="init",
            menu_options=list(options),
            description_placeholders=self.issue_placeholders,
        )

    def show(
        self,
        step_id: str,
        schema: Mapping[vol.Marker, Any] | None = None,
        error: str | None = None,
        **placeholders: str,
    ) -> RepairsFlowResult:
        """Show a form with the placeholders of the issue."""
        return self.async_show_form(
            step_id=step_id,
            data_schema=vol.Schema(schema or {}),
            errors=None if error is None else {"base": error},
            description_placeholders=self.issue_placeholders | placeholders,
        )


class ProjectRepair(_Repair):
    """Reads the project again after a change on Tuya's platform."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Start; what Home Assistant passes here is no input."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Show what to change, then verify that it helped."""
        if user_input is None:
            return self.show("confirm")
        if (entry := self.entry) is None or entry.disabled_by:
            return self.async_abort(reason="entry_gone")
        if (error := await self._async_try(entry)) is not None:
            return self.show("confirm", error=error)
        return self.async_create_entry(data={})

    async def _async_try(self, entry: TuyaLockUsersConfigEntry) -> str | None:
        """Reload the entry, which ends a pause; return an error if it did not help.

        The first successful update deletes the issue.
        """
        if entry.state is ConfigEntryState.LOADED:
            for lock in entry.runtime_data.locks.values():
                lock.forget_refusals()
        try:
            await self.hass.config_entries.async_reload(entry.entry_id)
        except OperationNotAllowed:
            return "not_known"
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        if issue is None:
            return None
        met_another = entry.state is not ConfigEntryState.LOADED and (
            entry.error_reason_translation_key != issue.translation_key
        )
        return "not_known" if met_another else "still_refused"


class PushRepair(_Repair):
    """Connects to the message stream again, or does without it."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Show what to change at Tuya, and ask what to do."""
        return self.show_menu("retry", "without_push")

    async def async_step_retry(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Connect now; give silent locks another chance."""
        entry = self.entry
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        push = entry.runtime_data.runtime.push
        push.async_forget_silence()
        if not push.is_connected:
            push.retry()
            with suppress(TimeoutError):
                async with asyncio.timeout(_CONNECT_SECONDS):
                    await _async_changed(push)
            if not push.is_connected:
                return self.async_abort(reason="still_refused")
        return self.async_create_entry(data={})

    async def async_step_without_push(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Do without messages from now on: openings come from records, later."""
        if (entry := self.entry) is None:
            return self.async_abort(reason="not_loaded")
        self.hass.config_entries.async_update_entry(
            entry, options={**entry.options, CONF_PUSH: False}
        )
        await self.hass.config_entries.async_reload(entry.entry_id)
        return self.async_create_entry(data={})


async def _async_changed(push: PushState) -> None:
    """Wait until an attempt to connect has ended, whichever way."""
    attempted = asyncio.Event()
    stop = push.async_on_attempt(attempted.set)
    try:
        await attempted.wait()
    finally:
        stop()


class _LockRepair(_Repair):
    """Base of the repair flows of a lock."""

    @property
    def lock(self) -> LockCoordinator | None:
        """Return the lock, None if it has no data."""
        entry = self.entry
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return None
        lock = entry.runtime_data.locks.get(str((self.data or {}).get("lock_id")))
        return lock if lock is not None and lock.has_data else None


class AbsentUsersRepair(_LockRepair):
    """Deletes former members of the home from a lock, after confirmation."""

    _confirmed: Sequence[str] = ()

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Start; what Home Assistant passes here is no input."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Show the users, then delete exactly those."""
        if (lock := self.lock) is None:
            return self.async_abort(reason="not_loaded")
        absent = [user.user_id for user in lock.data.former_users or ()]
        if user_input is None:
            self._confirmed = absent
            return self.show("confirm")
        try:
            results = await async_purge_users(lock, self._confirmed)
        except HomeAssistantError as err:
            return self.show("confirm", error="failed", reason=_reason(self.hass, err))
        if "failed" in results.values():
            return self.async_abort(reason="some_left")
        return self.async_create_entry(data={})


class UnassignedMethodsRepair(_LockRepair):
    """Assigns unassigned unlock methods to a user, or ignores them."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask what to do."""
        return self.show_menu("assign", "ignore")

    async def async_step_ignore(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ignore the issue."""
        ir.async_ignore_issue(self.hass, DOMAIN, self.issue_id, True)
        return self.async_abort(reason="ignored")

    async def async_step_assign(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask for a user, and allocate the methods on the lock."""
        if (lock := self.lock) is None:
            return self.async_abort(reason="not_loaded")
        methods = {
            f"{method.type} {method.number}": method
            for method in lock.data.unassigned_methods or ()
        }
        if user_input is None:
            return self._show_choice(lock, {})
        names = user_input.get(_METHODS, ())
        chosen = [methods[name] for name in names if name in methods]
        user = lock.data.users.get(user_input.get(_USER, ""))
        if not chosen or user is None:
            return self._show_choice(lock, user_input, error="nothing_chosen")
        try:
            await async_allocate(
                lock, user, [method.key for method in chosen], WAIT_SECONDS
            )
        except HomeAssistantError as err:
            return self._show_choice(
                lock, user_input, error="failed", reason=_reason(self.hass, err)
            )
        if lock.data.unassigned_methods:
            return self.async_abort(reason="some_left")
        return self.async_create_entry(data={})

    def _show_choice(
        self,
        lock: LockCoordinator,
        suggested: Mapping[str, Any],
        **texts: str,
    ) -> RepairsFlowResult:
        """Show the unassigned methods and all users.

        No field is required: the form would preselect the first user, and a careless
        click would give that user access.
        """
        localizer = Localizer(self.hass)
        methods = [
            SelectOptionDict(
                value=f"{method.type} {method.number}",
                label=method_in_words(localizer, method),
            )
            for method in lock.data.unassigned_methods or ()
        ]
        users = [
            SelectOptionDict(value=user_id, label=label)
            for user_id, label in disambiguate(
                {
                    key: user_in_words(localizer, user)
                    for key, user in lock.data.users.items()
                }
            ).items()
        ]
        schema = {
            vol.Optional(_METHODS): SelectSelector(
                SelectSelectorConfig(
                    options=methods, multiple=True, mode=SelectSelectorMode.LIST
                )
            ),
            vol.Optional(_USER): SelectSelector(
                SelectSelectorConfig(options=users, mode=SelectSelectorMode.DROPDOWN)
            ),
        }
        filled_in = self.add_suggested_values_to_schema(vol.Schema(schema), suggested)
        return self.show("assign", filled_in.schema, **texts)


_LOCK_FLOWS: Final[Mapping[str, Callable[[], RepairsFlow]]] = {
    "absent_users": AbsentUsersRepair,
    "push_not_enabled": PushRepair,
    "push_silent": PushRepair,
    "unassigned_unlock_methods": UnassignedMethodsRepair,
}


def _reason(hass: HomeAssistant, err: HomeAssistantError) -> str:
    """Return the message of an error without its period."""
    return Localizer(hass).error(err).rstrip(".")
