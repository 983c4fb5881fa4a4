"""Setting a project up, giving it new credentials, and choosing its locks."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Final, override

import voluptuous as vol
from yarl import URL

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.helpers.translation import async_get_translations

from .api.data_centers import HOSTS
from .api.errors import BadRequestError, NotAuthorizedError, TuyaError, UnsupportedError
from .api.locks import SmartLocks
from .api.models import Lock
from .connection import async_get_cloud, async_get_connection
from .const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_ACCOUNT_UID,
    CONF_DATA_CENTER,
    CONF_EXCLUDED_LOCKS,
    CONF_EXTRA_LOCKS,
    CONF_LOCKS,
    DOMAIN,
    LOGGER,
    MANUFACTURER,
)
from .devices import project_identifier
from .errors import texts_for

# No account is linked, or this is the wrong data center (TUYA_API §3.2): asking for
# the locks of an account would not help, unlike with the other refusals of the list.
_NO_ACCOUNT_LINKED: Final = 2406

# Texts are to hold no addresses, so that a translation cannot change them.
_PLACEHOLDERS: Final = {"platform_url": "https://platform.tuya.com"}

_CREDENTIALS_FIELDS: Final = {
    vol.Required(CONF_ACCESS_ID): TextSelector(
        TextSelectorConfig(type=TextSelectorType.TEXT, autocomplete="username")
    ),
    vol.Required(CONF_ACCESS_SECRET): TextSelector(
        TextSelectorConfig(
            type=TextSelectorType.PASSWORD, autocomplete="current-password"
        )
    ),
}
_CREDENTIALS_SCHEMA: Final = vol.Schema(_CREDENTIALS_FIELDS)
_PROJECT_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_DATA_CENTER): SelectSelector(
            SelectSelectorConfig(
                options=list(HOSTS),
                custom_value=True,
                mode=SelectSelectorMode.DROPDOWN,
                translation_key=CONF_DATA_CENTER,
            )
        ),
        **_CREDENTIALS_FIELDS,
    }
)


class InputError(Exception):
    """What was entered cannot be used, and it is known which error says why."""

    def __init__(self, error: str, field: str = "base") -> None:
        """Keep the error and the field to show it at."""
        super().__init__(error)
        self.error = error
        self.field = field


class Shown:
    """Makes of whatever goes wrong within it an error of the form, in one place.

    The form is shown again then, so nobody has to start from the beginning.
    """

    def __init__(self, errors: dict[str, str]) -> None:
        """Put errors into these."""
        self._errors = errors

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        err: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        """Take what went wrong, but for the end of the flow or of Home Assistant."""
        if isinstance(err, AbortFlow) or not isinstance(err, Exception):
            return False
        field, error = "base", "unknown"
        if isinstance(err, InputError):
            field, error = err.field, err.error
        elif isinstance(err, TuyaError):
            error = texts_for(err).flow_key
        if error == "unknown":
            LOGGER.exception("Unexpected error while setting up a project")
        self._errors[field] = error
        return True


class Project:
    """A project as the flows see it, with the credentials of a form or an entry."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Share the connection with all others that talk to this project."""
        self._connection = async_get_connection(hass, data[CONF_ACCESS_ID])
        self._client = SmartLocks(
            async_get_cloud(
                hass,
                data[CONF_DATA_CENTER],
                data[CONF_ACCESS_ID],
                data[CONF_ACCESS_SECRET],
            )
        )

    async def async_uid(self) -> str:
        """Return the uid of the project, empty where the cloud does not say it."""
        return await self._client.cloud.project_uid()

    async def async_devices(self, account_uid: str) -> tuple[Lock, ...]:
        """Return all devices of the project, or of one account.

        An answer means that the cloud has no objections any more: a pause ends.
        """
        try:
            listing = await (
                self._client.account_devices(account_uid)
                if account_uid
                else self._client.project_devices()
            )
        except BadRequestError as err:
            if account_uid:  # that is all there is to be wrong with the request
                raise InputError("no_locks") from err
            raise
        self._connection.paused_until = 0
        return listing.items

    async def async_choice(
        self, found: Collection[str], chosen: Collection[str], before: Mapping[str, Any]
    ) -> dict[str, list[str]]:
        """Return the options that make of the locks found those that are chosen.

        What is chosen without being found was typed. It is read once before it is
        believed, unless it is part of the options from before.
        """
        if not chosen:
            raise InputError("no_locks")
        extra = set(chosen).difference(found)
        for lock_id in sorted(extra.difference(before.get(CONF_EXTRA_LOCKS, ()))):
            await self._async_prove_lock(lock_id)
        excluded = {*before.get(CONF_EXCLUDED_LOCKS, ()), *found}.difference(chosen)
        return {CONF_EXCLUDED_LOCKS: sorted(excluded), CONF_EXTRA_LOCKS: sorted(extra)}

    async def _async_prove_lock(self, lock_id: str) -> None:
        """Raise unless the users of this device can be read, by either call."""
        try:
            await self._client.users(lock_id)
        except UnsupportedError, NotAuthorizedError, BadRequestError:
            try:
                await self._client.users_with_filter(lock_id)
            except BadRequestError as err:
                raise InputError("no_locks") from err


class TuyaLockUsersConfigFlow(ConfigFlow, domain=DOMAIN):
    """Set a project up, and give it new credentials."""

    VERSION = 1

    _project: Project
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
        return self._show_credentials("user", _PROJECT_SCHEMA, values, errors)

    async def async_step_locks(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which locks are meant.

        The form comes again where that brought more locks to choose from: those of an
        account, or of a project that has some only now. Where nothing may be listed, a
        typed device id is enough.
        """
        found = _locks(self._devices)
        if user_input is None:
            errors = {} if found else {"base": self._list_error or "no_locks"}
            return self._show_locks(errors, found, self._account_uid)

        errors = {}
        chosen = _stripped(user_input[CONF_LOCKS])
        account_uid = user_input.get(CONF_ACCOUNT_UID, "").strip()
        with Shown(errors):
            may_only_type = self._list_error is not None and bool(chosen)
            if account_uid != self._account_uid or not (found or may_only_type):
                self._devices = await self._project.async_devices(account_uid)
                self._account_uid = account_uid
                typed = [lock_id for lock_id in chosen if lock_id not in found]
                if found := _locks(self._devices):
                    return self._show_locks({}, [*found, *typed], account_uid)
                chosen = typed
            return self.async_create_entry(
                title=await _async_title(self.hass, self._credentials),
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
            "reauth_confirm", _CREDENTIALS_SCHEMA, self._get_reauth_entry(), user_input
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where the project is, and for its credentials."""
        return await self._async_step_renew(
            "reconfigure", _PROJECT_SCHEMA, self._get_reconfigure_entry(), user_input
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
        self._credentials = _credentials(form)
        self._project = Project(self.hass, self._credentials)
        access_id = self._credentials[CONF_ACCESS_ID]
        uid = await self._project.async_uid()
        if entry is None:
            await self.async_set_unique_id(uid or access_id)
            self._abort_if_unique_id_configured()
        elif not _is_project_of(entry, uid, access_id):
            raise AbortFlow("wrong_project")
        account_uid = entry.data.get(CONF_ACCOUNT_UID, "") if entry else ""
        self._list_error = None
        try:
            self._devices = await self._project.async_devices(account_uid)
        except NotAuthorizedError as err:
            if entry is not None or err.code == _NO_ACCOUNT_LINKED:
                raise
            self._list_error = texts_for(err).flow_key

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
        schema = _locks_schema(_labels(self._devices), _locks(self._devices), chosen)
        schema = schema.extend(
            {
                vol.Optional(CONF_ACCOUNT_UID): TextSelector(
                    TextSelectorConfig(type=TextSelectorType.TEXT, autocomplete="off")
                )
            }
        )
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
        project = Project(self.hass, entry.data)
        extra = entry.options.get(CONF_EXTRA_LOCKS, ())
        excluded = entry.options.get(CONF_EXCLUDED_LOCKS, ())
        if user_input is None:
            self._labels = _registered_locks(self.hass, entry)
            # Where the list cannot be read, what was known before has to do.
            self._found = [key for key in self._labels if key not in extra]
            self._found += [key for key in excluded if key not in self._found]
            with Shown(errors):
                account_uid = entry.data.get(CONF_ACCOUNT_UID, "")
                devices = await project.async_devices(account_uid)
                self._labels |= _labels(devices)
                self._found = _locks(devices)
            chosen = [key for key in self._found if key not in excluded]
            chosen += [key for key in extra if key not in chosen]
        else:
            chosen = _stripped(user_input[CONF_LOCKS])
            with Shown(errors):
                options = await project.async_choice(self._found, chosen, entry.options)
                return self.async_create_entry(data={**entry.options, **options})
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                _locks_schema(self._labels, self._found, chosen), {CONF_LOCKS: chosen}
            ),
            errors=errors,
        )


# Reading a form


def _stripped(typed: Iterable[str]) -> list[str]:
    """Return ids without the blanks that come with pasting, each once."""
    return list(dict.fromkeys(filter(None, map(str.strip, typed))))


def _credentials(form: Mapping[str, Any]) -> dict[str, str]:
    """Return what an entry keeps of a form. Raises InputError."""
    data = {
        CONF_DATA_CENTER: _data_center(form[CONF_DATA_CENTER].strip()),
        CONF_ACCESS_ID: form[CONF_ACCESS_ID].strip(),
        CONF_ACCESS_SECRET: form[CONF_ACCESS_SECRET].strip(),
    }
    if not all(data.values()):
        raise InputError("invalid_auth")
    return data


def _data_center(value: str) -> str:
    """Return the key of a data center, or the address of a server and no more.

    Only encrypted, unless it never leaves this machine: users' names and access go
    over the line. A path is refused rather than dropped, it was meant to matter.
    Raises InputError.
    """
    if value in HOSTS:
        return value
    try:
        url = URL(value)
        origin = url.origin()
    except ValueError as err:
        raise InputError("invalid_url", CONF_DATA_CENTER) from err
    is_private = url.scheme == "https" or (
        url.scheme == "http" and _is_this_machine(str(url.host))
    )
    if not is_private or url != origin or any(map(str.isspace, value)):
        raise InputError("invalid_url", CONF_DATA_CENTER)
    return str(origin)


def _is_this_machine(host: str) -> bool:
    """Return whether a host is a loopback address, without asking any resolver."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


# What a project is


def _is_project_of(entry: ConfigEntry, uid: str, access_id: str) -> bool:
    """Return whether credentials are those of the project of an entry.

    The access id stands in where the cloud said no uid, now or when it was set up.
    """
    known_access_id = entry.data[CONF_ACCESS_ID]
    if not uid or entry.unique_id == known_access_id:
        return bool(access_id == known_access_id)
    return uid == entry.unique_id


async def _async_title(hass: HomeAssistant, data: Mapping[str, str]) -> str:
    """Return a name for a project: the cloud knows none, so where it is has to do."""
    if (data_center := data[CONF_DATA_CENTER]) not in HOSTS:
        return f"{MANUFACTURER} {URL(data_center).host}"
    texts = await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )
    key = f"component.{DOMAIN}.selector.{CONF_DATA_CENTER}.options.{data_center}"
    return f"{MANUFACTURER} {texts[key]}"


# Locks to choose from


def _locks(devices: Iterable[Lock]) -> list[str]:
    """Return the ids of those devices that are locks."""
    return [device.lock_id for device in devices if device.is_lock]


def _labels(devices: Iterable[Lock]) -> dict[str, str]:
    """Return what to call devices, by id; those of the same name tell it, too."""
    labels = {device.lock_id: _label(device) for device in devices}
    count = Counter(labels.values())
    return {
        lock_id: label if count[label] == 1 else f"{label}, {lock_id}"
        for lock_id, label in labels.items()
    }


def _label(device: Lock) -> str:
    """Return the name and the product of a device, as far as they are known."""
    return ", ".join(filter(None, (device.name, device.product_name))) or device.lock_id


@callback
def _registered_locks(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, str]:
    """Return the names of the locks that an entry has as devices, by id."""
    return {
        identifier: device.name_by_user or device.name or identifier
        for device in dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        for domain, identifier in device.identifiers - {project_identifier(entry)}
        if domain == DOMAIN
    }


def _locks_schema(
    labels: Mapping[str, str], found: Iterable[str], chosen: Iterable[str]
) -> vol.Schema:
    """Return the choice of locks, of those found and those typed before."""
    chosen = list(chosen)
    offered = {lock_id: labels.get(lock_id, lock_id) for lock_id in [*found, *chosen]}
    options = [
        SelectOptionDict(value=lock_id, label=label)
        for lock_id, label in sorted(
            offered.items(), key=lambda item: item[1].casefold()
        )
    ]
    return vol.Schema(
        {
            vol.Required(CONF_LOCKS, default=chosen): SelectSelector(
                SelectSelectorConfig(options=options, multiple=True, custom_value=True)
            )
        }
    )
