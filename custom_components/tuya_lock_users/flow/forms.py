"""What the forms of the flows ask for, and what is made of what was typed."""

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Final

import voluptuous as vol
from yarl import URL

from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..api.data_centers import HOSTS
from ..api.errors import TuyaError
from ..api.models import Lock
from ..const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_ACCOUNT_UID,
    CONF_DATA_CENTER,
    CONF_LOCKS,
    LOGGER,
)
from ..errors import flow_key_for
from ..localize import told_apart

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
CREDENTIALS_SCHEMA: Final = vol.Schema(_CREDENTIALS_FIELDS)
PROJECT_SCHEMA: Final = vol.Schema(
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


ACCOUNT_FIELD: Final[dict[vol.Marker, Any]] = {
    vol.Optional(CONF_ACCOUNT_UID): TextSelector(
        TextSelectorConfig(type=TextSelectorType.TEXT, autocomplete="off")
    )
}


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
            error = flow_key_for(err)
        if error == "unknown":
            LOGGER.exception("Unexpected error while setting up a project")
        self._errors[field] = error
        return True


def stripped(typed: Iterable[str]) -> list[str]:
    """Return ids without the blanks that come with pasting, each once."""
    return list(dict.fromkeys(filter(None, map(str.strip, typed))))


def credentials_of(form: Mapping[str, Any]) -> dict[str, str]:
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


def locks_of(devices: Iterable[Lock]) -> list[str]:
    """Return the ids of those devices that are locks."""
    return [device.lock_id for device in devices if device.is_lock]


def labels_of(devices: Iterable[Lock]) -> dict[str, str]:
    """Return what to call devices, by id."""
    return told_apart({device.lock_id: _label(device) for device in devices})


def _label(device: Lock) -> str:
    """Return the name and the product of a device, as far as they are known."""
    return ", ".join(filter(None, (device.name, device.product_name))) or device.lock_id


def locks_schema(
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
