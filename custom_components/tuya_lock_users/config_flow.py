"""Set up a project, renew its credentials, and select its locks."""

from collections.abc import Collection, Mapping
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow

from .api.errors import NotAuthorizedError
from .api.models import Lock
from .const import (
    CONF_ACCESS_ID,
    CONF_ACCOUNT_UID,
    CONF_ASSIST,
    CONF_DATA_CENTER,
    CONF_EXCLUDED_LOCKS,
    CONF_EXTRA_LOCKS,
    CONF_LOCKS,
    DOMAIN,
)
from .errors import handling_of
from .flow.forms import (
    ACCOUNT_FIELD,
    ASSIST_FIELD,
    CREDENTIALS_SCHEMA,
    PROJECT_SCHEMA,
    PUSH_SECTION,
    FormErrors,
    credentials_of,
    labels_of,
    locks_of,
    locks_schema,
    push_options,
    push_section,
    stripped,
)
from .flow.project import FlowProject, async_title, is_project_of, registered_locks
from .localize import escape_markdown

# No account is linked, or the data center is wrong (docs/tuya_api.md, Error codes).
# Listing the locks of an account cannot help then, as it may after other refusals.
_NO_ACCOUNT_LINKED: Final = 2406

# Translations must not contain addresses.
_PLACEHOLDERS: Final = {"platform_url": "https://platform.tuya.com"}


class TuyaLockUsersConfigFlow(ConfigFlow, domain=DOMAIN):
    """Set up a project, and renew its credentials."""

    VERSION = 1

    _project: FlowProject
    _credentials: dict[str, str]
    _account_uid = ""
    _devices: tuple[Lock, ...] = ()
    _list_error: str | None = None

    @staticmethod
    @callback
    @override
    def async_get_options_flow(
        config_entry: ConfigEntry,
    ) -> TuyaLockUsersOptionsFlow:
        """Return the flow that selects the locks."""
        return TuyaLockUsersOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the form for the project, and verify that it can be read."""
        errors = FormErrors()
        if user_input is not None:
            with errors.collect():
                await self._async_verify(user_input)
            if not errors:
                return await self.async_step_locks()
        # An empty value keeps browsers from selecting the first data center.
        values = user_input or {CONF_DATA_CENTER: ""}
        return self._show_credentials("user", PROJECT_SCHEMA, values, errors)

    async def async_step_locks(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the form for the locks to monitor.

        The form is shown again with the locks of an account once its uid is entered. A
        project that may list nothing is set up with typed device ids alone.
        """
        errors = FormErrors()
        found = locks_of(self._devices)
        if user_input is None:
            if not found:
                errors["base"] = self._list_error or "no_locks"
            return self._show_locks(errors, found, self._account_uid)

        chosen = stripped(user_input[CONF_LOCKS])
        account_uid = user_input.get(CONF_ACCOUNT_UID, "").strip()
        may_only_type = self._list_error is not None and bool(chosen)
        if account_uid != self._account_uid or not (found or may_only_type):
            typed = [lock_id for lock_id in chosen if lock_id not in found]
            with errors.collect():
                self._devices = await self._project.async_devices(account_uid)
            if errors:
                return self._show_locks(errors, chosen, account_uid)
            self._account_uid = account_uid
            if found := locks_of(self._devices):
                return self._show_locks(errors, [*found, *typed], account_uid)
            chosen = typed
        with errors.collect():
            options = await self._project.async_choice(found, chosen, {})
        if errors:
            return self._show_locks(errors, chosen, account_uid)
        data = dict(self._credentials)
        if account_uid:
            data[CONF_ACCOUNT_UID] = account_uid
        return self.async_create_entry(
            title=await async_title(self.hass, self._credentials),
            data=data,
            options=options,
        )

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Start after the cloud refused the credentials."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the form for new credentials."""
        return await self._async_step_renew(
            "reauth_confirm", CREDENTIALS_SCHEMA, self._get_reauth_entry(), user_input
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the form for the data center and the credentials."""
        return await self._async_step_renew(
            "reconfigure", PROJECT_SCHEMA, self._get_reconfigure_entry(), user_input
        )

    async def _async_step_renew(
        self,
        step_id: str,
        schema: vol.Schema,
        entry: ConfigEntry,
        user_input: dict[str, Any] | None,
    ) -> ConfigFlowResult:
        """Verify new credentials of an entry, and store them.

        The stored secret is not shown.
        """
        errors = FormErrors()
        if user_input is not None:
            with errors.collect():
                await self._async_verify({**entry.data, **user_input}, entry)
            if not errors:
                return self.async_update_reload_and_abort(
                    entry, data_updates=self._credentials
                )
        known = {key: entry.data[key] for key in (CONF_DATA_CENTER, CONF_ACCESS_ID)}
        return self._show_credentials(
            step_id,
            schema,
            user_input or known,
            errors,
            name=entry.title,
            title=escape_markdown(entry.title),
        )

    async def _async_verify(
        self, form: Mapping[str, Any], entry: ConfigEntry | None = None
    ) -> None:
        """Verify credentials with a token and a list, for all steps with credentials.

        A cached token does not verify the secret, but the list is signed with it. The
        credentials must belong to the project of `entry`. Without an entry the list may
        be refused: some projects may only list the devices of an account, for whose uid
        the next step asks.
        """
        self._credentials = credentials_of(form)
        self._project = FlowProject(self.hass, self._credentials)
        access_id = self._credentials[CONF_ACCESS_ID]
        uid = await self._project.async_uid()
        if entry is None:
            # The unique id differs if the cloud sent no uid during the setup.
            self._async_abort_entries_match({CONF_ACCESS_ID: access_id})
            await self.async_set_unique_id(uid or access_id)
            self._abort_if_unique_id_configured()
        elif not is_project_of(entry, uid, access_id):
            raise AbortFlow("wrong_project")
        account_uid = entry.data.get(CONF_ACCOUNT_UID, "") if entry else ""
        self._list_error = None
        try:
            self._devices = await self._project.async_devices(account_uid)
        except NotAuthorizedError as err:
            # A project that may list nothing was set up with typed device ids.
            may_only_type = not account_uid and (
                entry is None or bool(entry.options.get(CONF_EXTRA_LOCKS))
            )
            if not may_only_type or err.code == _NO_ACCOUNT_LINKED:
                raise
            self._list_error = handling_of(err).form_error

    @callback
    def _show_credentials(
        self,
        step_id: str,
        schema: vol.Schema,
        values: Mapping[str, Any],
        errors: FormErrors,
        **placeholders: str,
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors,
            description_placeholders={
                **_PLACEHOLDERS,
                "code": errors.code,
                **placeholders,
            },
        )

    @callback
    def _show_locks(
        self, errors: FormErrors, chosen: Collection[str], account_uid: str
    ) -> ConfigFlowResult:
        schema = locks_schema(labels_of(self._devices), locks_of(self._devices), chosen)
        schema = schema.extend(ACCOUNT_FIELD)
        return self.async_show_form(
            step_id="locks",
            data_schema=self.add_suggested_values_to_schema(
                schema, {CONF_LOCKS: list(chosen), CONF_ACCOUNT_UID: account_uid}
            ),
            errors=errors,
            description_placeholders={"code": errors.code},
        )


class TuyaLockUsersOptionsFlow(OptionsFlowWithReload):
    """Select which locks of a project to follow, and whether their openings are."""

    _labels: dict[str, str]
    _found: list[str]

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the form for the locks to monitor, with a current list."""
        errors = FormErrors()
        entry = self.config_entry
        project = FlowProject(self.hass, entry.data)
        extra = entry.options.get(CONF_EXTRA_LOCKS, ())
        excluded = entry.options.get(CONF_EXCLUDED_LOCKS, ())
        if user_input is None:
            self._labels = registered_locks(self.hass, entry)
            # Known locks are offered if the list cannot be read.
            self._found = [key for key in self._labels if key not in extra]
            self._found += [key for key in excluded if key not in self._found]
            with errors.collect():
                account_uid = entry.data.get(CONF_ACCOUNT_UID, "")
                devices = await project.async_devices(account_uid)
                self._labels |= labels_of(devices)
                self._found = locks_of(devices)
            chosen = [key for key in self._found if key not in excluded]
            chosen += [key for key in extra if key not in chosen]
        else:
            chosen = stripped(user_input[CONF_LOCKS])
            push: dict[str, Any] = {}
            with errors.collect():
                if PUSH_SECTION in user_input:
                    push = push_options(user_input[PUSH_SECTION])
                options = await project.async_choice(self._found, chosen, entry.options)
            if not errors:
                assist = {
                    key: user_input[key] for key in (CONF_ASSIST,) if key in user_input
                }
                return self.async_create_entry(
                    data={**entry.options, **options, **push, **assist}
                )
        schema = locks_schema(self._labels, self._found, chosen)
        schema = schema.extend({**push_section(entry.options), **ASSIST_FIELD})
        values = {
            CONF_LOCKS: chosen,
            PUSH_SECTION: (user_input or {}).get(PUSH_SECTION, {}),
            CONF_ASSIST: (user_input or entry.options).get(CONF_ASSIST, False),
        }
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors,
            description_placeholders={"code": errors.code},
        )
