"""The forms of the flows: fields, errors, and typed values."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
import re
from typing import Any, Final

import voluptuous as vol
from yarl import URL

from homeassistant.data_entry_flow import AbortFlow, section
from homeassistant.helpers.selector import (
    BooleanSelector,
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
from ..api.stream import DEFAULT_SUBSCRIPTION
from ..const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_ACCOUNT_UID,
    CONF_ASSIST,
    CONF_DATA_CENTER,
    CONF_LOCKS,
    CONF_OPENINGS,
    CONF_PUSH,
    CONF_SUBSCRIPTION,
    LOGGER,
)
from ..errors import NO_CODE, code_of, handling_of
from ..localize import disambiguate

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
    """A value in a form cannot be used."""

    def __init__(self, error: str, field: str = "base") -> None:
        """Initialize with the error and its field."""
        super().__init__(error)
        self.error = error
        self.field = field


class FormErrors(dict[str, str]):
    """The errors of a form by field, and the code of the cloud."""

    code = NO_CODE

    @contextmanager
    def collect(self) -> Generator[None]:
        """Turn an exception into an error of the form, which is then shown again."""
        try:
            yield
        except AbortFlow:
            raise
        except InputError as err:
            self[err.field] = err.error
        except TuyaError as err:
            handling = handling_of(err)
            self["base"] = handling.form_error
            self.code = code_of(err)
            if handling.form_error == "unknown":
                LOGGER.warning("Unexpected error in a flow: %s (%s)", handling.key, err)
        except Exception:
            LOGGER.exception("Unexpected error in a flow")
            self["base"] = "unknown"


def stripped(typed: Iterable[str]) -> list[str]:
    """Return ids without blanks from pasting, each once."""
    return list(dict.fromkeys(filter(None, map(str.strip, typed))))


def credentials_of(form: Mapping[str, Any]) -> dict[str, str]:
    """Return the data of an entry from a form. Raises InputError."""
    data = {
        CONF_DATA_CENTER: _data_center(form[CONF_DATA_CENTER].strip()),
        CONF_ACCESS_ID: form[CONF_ACCESS_ID].strip(),
        CONF_ACCESS_SECRET: form[CONF_ACCESS_SECRET].strip(),
    }
    if not all(data.values()):
        raise InputError("invalid_auth")
    return data


def _data_center(value: str) -> str:
    """Return the key of a data center, or the origin of a server. Raises InputError.

    Names and access of users are transferred, so only connections within this machine
    may be unencrypted. A path is refused, since dropping it would change its meaning.
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
    """Return the ids of the devices that are locks."""
    return [device.lock_id for device in devices if device.is_lock]


def labels_of(devices: Iterable[Lock]) -> dict[str, str]:
    """Return the labels of devices, by id."""
    return disambiguate({device.lock_id: _label(device) for device in devices})


def _label(device: Lock) -> str:
    """Return name and product, if known, else the ID."""
    return ", ".join(filter(None, (device.name, device.product_name))) or device.lock_id


PUSH_SECTION: Final = "push"
# Names of subscriptions, after the access id, in the form that Tuya's platform allows.
_SUBSCRIPTION: Final = re.compile(r"[A-Za-z0-9_-]{0,64}")


def push_section(options: Mapping[str, Any]) -> dict[vol.Marker, Any]:
    """Return the section about messages and openings, with current values."""
    return {
        vol.Optional(PUSH_SECTION): section(
            vol.Schema(
                {
                    vol.Required(
                        CONF_PUSH, default=options.get(CONF_PUSH, True)
                    ): BooleanSelector(),
                    vol.Required(
                        CONF_OPENINGS, default=options.get(CONF_OPENINGS, True)
                    ): BooleanSelector(),
                    vol.Optional(
                        CONF_SUBSCRIPTION,
                        description={
                            "suggested_value": options.get(
                                CONF_SUBSCRIPTION, DEFAULT_SUBSCRIPTION
                            )
                        },
                    ): TextSelector(),
                }
            ),
            {"collapsed": True},
        )
    }


def push_options(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of that section. Raises InputError."""
    subscription = form.get(CONF_SUBSCRIPTION, "").strip()
    if not _SUBSCRIPTION.fullmatch(subscription):
        raise InputError("invalid_subscription")
    return {
        CONF_PUSH: form.get(CONF_PUSH, True),
        CONF_OPENINGS: form.get(CONF_OPENINGS, True),
        CONF_SUBSCRIPTION: subscription or DEFAULT_SUBSCRIPTION,
    }


# Off at first: anyone who can talk to a voice assistant can ask.
ASSIST_FIELD: Final[dict[vol.Marker, Any]] = {
    vol.Optional(CONF_ASSIST): BooleanSelector()
}


def locks_schema(
    labels: Mapping[str, str], found: Iterable[str], chosen: Iterable[str]
) -> vol.Schema:
    """Return the form to select from found or previously typed locks."""
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
