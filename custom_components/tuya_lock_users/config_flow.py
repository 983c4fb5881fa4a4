"""Setting a project up, giving it new credentials, and choosing its locks."""

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
    CONF_DATA_CENTER,
    CONF_EXCLUDED_LOCKS,
    CONF_EXTRA_LOCKS,
    CONF_LOCKS,
    DOMAIN,
)
from .errors import flow_key_for
from .flow.forms import (
    ACCOUNT_FIELD,
    CREDENTIALS_SCHEMA,
    PROJECT_SCHEMA,
    Shown,
    credentials_of,
    labels_of,
    locks_of,
    locks_schema,
    stripped,
)
from .flow.project import FlowProject, async_title, is_project_of, registered_locks

# No account is linked, or this is the wrong data center (TUYA_API §3.2): asking for
# the locks of an account would not help, unlike with the other refusals of the list.
_NO_ACCOUNT_LINKED: Final = 2406

# Texts are to hold no addresses, so that a translation cannot change them.
_PLACEHOLDERS: Final = {"platform_url": "https://platform.tuya.com"}


class TuyaLockUsersConfigFlow(ConfigFlow, domain=DOMAIN):
    """Set a project up, and give it new credentials."""

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
        """Return the flow that changes which locks are followed."""
        return TuyaLockUsersOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the project and prove that it can be read."""
        errors: dict[str, str] = {}
        if user_input is not None:
            with Shown(errors):
                await self._async_prove(user_input)
                return await self.async_step_locks()
        # Nothing is suggested, or a browser would: the first of the data centers.
        values = user_input or {CONF_DATA_CENTER: ""}
        return self._show_credentials("user", PROJECT_SCHEMA, values, errors)

    async def async_step_locks(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which locks are meant.

        The form comes again where that brought more locks to choose from: those of an
        account, or of a project that has some only now. Where nothing may be listed, a
        typed device id is enough.
        """
        found = locks_of(self._devices)
        if user_input is None:
            errors = {} if found else {"base": self._list_error or "no_locks"}
            return self._show_locks(errors, found, self._account_uid)

        errors = {}
        chosen = stripped(user_input[CONF_LOCKS])
        account_uid = user_input.get(CONF_ACCOUNT_UID, "").strip()
        with Shown(errors):
            may_only_type = self._list_error is not None and bool(chosen)
            if account_uid != self._account_uid or not (found or may_only_type):
                self._devices = await self._project.async_devices(account_uid)
                self._account_uid = account_uid
                typed = [lock_id for lock_id in chosen if lock_id not in found]
                if found := locks_of(self._devices):
                    return self._show_locks({}, [*found, *typed], account_uid)
                chosen = typed
            return self.async_create_entry(
                title=await async_title(self.hass, self._credentials),
                data=self._credentials
                | ({CONF_ACCOUNT_UID: account_uid} if account_uid else {}),
                options=await self._project.async_choice(found, chosen, {}),
            )
        return self._show_locks(errors, chosen, account_uid)

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Begin when the cloud does not accept the credentials any more."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the new credentials."""
        return await self._async_step_renew(
            "reauth_confirm", CREDENTIALS_SCHEMA, self._get_reauth_entry(), user_input
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where the project is, and for its credentials."""
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
        """Prove new credentials of a project that was set up, and use them.

        The secret that is stored is not shown.
        """
        errors: dict[str, str] = {}
        if user_input is not None:
            with Shown(errors):
                await self._async_prove({**entry.data, **user_input}, entry)
                return self.async_update_reload_and_abort(
                    entry, data_updates=self._credentials
                )
        known = {key: entry.data[key] for key in (CONF_DATA_CENTER, CONF_ACCESS_ID)}
        return self._show_credentials(
            step_id, schema, user_input or known, errors, name=entry.title
        )

    async def _async_prove(
        self, form: Mapping[str, Any], entry: ConfigEntry | None = None
    ) -> None:
        """Prove credentials with a token and a list, for all steps that ask for them.

        A token may be an old one that still lives, so it proves no secret by itself;
        the list is signed with the one that was entered. With an entry they must be
        those of its project. Without one, the list may be refused where the project is
        only entitled to list the devices of a certain account: it is asked for next.
        """
        self._credentials = credentials_of(form)
        self._project = FlowProject(self.hass, self._credentials)
        access_id = self._credentials[CONF_ACCESS_ID]
        uid = await self._project.async_uid()
        if entry is None:
            # The unique id is another where the cloud said no uid back then.
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
            # An entry of typed device ids was set up by a project that may list nothing.
            may_only_type = not account_uid and (
                entry is None or bool(entry.options.get(CONF_EXTRA_LOCKS))
            )
            if not may_only_type or err.code == _NO_ACCOUNT_LINKED:
                raise
            self._list_error = flow_key_for(err)

    @callback
    def _show_credentials(
        self,
        step_id: str,
        schema: vol.Schema,
        values: Mapping[str, Any],
        errors: dict[str, str],
        **placeholders: str,
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors,
            description_placeholders={**_PLACEHOLDERS, **placeholders},
        )

    @callback
    def _show_locks(
        self, errors: dict[str, str], chosen: Collection[str], account_uid: str
    ) -> ConfigFlowResult:
        schema = locks_schema(labels_of(self._devices), locks_of(self._devices), chosen)
        schema = schema.extend(ACCOUNT_FIELD)
        return self.async_show_form(
            step_id="locks",
            data_schema=self.add_suggested_values_to_schema(
                schema, {CONF_LOCKS: list(chosen), CONF_ACCOUNT_UID: account_uid}
            ),
            errors=errors,
        )


class TuyaLockUsersOptionsFlow(OptionsFlowWithReload):
    """Change which locks of a project are followed."""

    _labels: dict[str, str]
    _found: list[str]

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which locks are meant, by what the cloud lists now."""
        errors: dict[str, str] = {}
        entry = self.config_entry
        project = FlowProject(self.hass, entry.data)
        extra = entry.options.get(CONF_EXTRA_LOCKS, ())
        excluded = entry.options.get(CONF_EXCLUDED_LOCKS, ())
        if user_input is None:
            self._labels = registered_locks(self.hass, entry)
            # Where the list cannot be read, what was known before has to do.
            self._found = [key for key in self._labels if key not in extra]
            self._found += [key for key in excluded if key not in self._found]
            with Shown(errors):
                account_uid = entry.data.get(CONF_ACCOUNT_UID, "")
                devices = await project.async_devices(account_uid)
                self._labels |= labels_of(devices)
                self._found = locks_of(devices)
            chosen = [key for key in self._found if key not in excluded]
            chosen += [key for key in extra if key not in chosen]
        else:
            chosen = stripped(user_input[CONF_LOCKS])
            with Shown(errors):
                options = await project.async_choice(self._found, chosen, entry.options)
                return self.async_create_entry(data={**entry.options, **options})
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                locks_schema(self._labels, self._found, chosen), {CONF_LOCKS: chosen}
            ),
            errors=errors,
        )
