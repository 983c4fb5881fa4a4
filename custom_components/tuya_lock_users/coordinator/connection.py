"""One pace, one token and one call count for a project in the whole Home Assistant.

Flows, options, a reloaded entry and actions all ask the same project, and Tuya counts
them together. So they share what is here, found by the access id (DESIGN §11.19).
"""

import asyncio
from collections import defaultdict
from datetime import datetime
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..api.cloud import TuyaCloud
from ..api.data_centers import HOSTS
from ..api.errors import TuyaError
from ..api.rate_limit import Pace
from ..const import DOMAIN
from .outage import Outages


class CallCount:
    """The requests of one calendar month, in Home Assistant's time zone."""

    def __init__(self) -> None:
        """Begin with a month that never was."""
        self.month = ""
        self.calls = 0
        self.is_restored = False

    @callback
    def restore(self, month: str, calls: int, now: datetime) -> None:
        """Add what an earlier run counted in this month; only the first time."""
        self.turn(now)
        if not self.is_restored and month == self.month:
            self.calls += calls
        self.is_restored = True

    @callback
    def add(self) -> None:
        """Count a request that goes out now."""
        self.turn(dt_util.now())
        self.calls += 1

    @callback
    def turn(self, now: datetime) -> None:
        """Begin at nothing when a new month has begun."""
        if (month := f"{now:%Y-%m}") != self.month:
            self.month = month
            self.calls = 0


class Connection:
    """What everything that talks to one project shares.

    `paused_until` (seconds since 1970) holds after a refusal that only somebody at
    Tuya's platform can end; `paused_by` is its error. `order_locks`, by lock id, are
    held by orders, which may outlive the entry that was asked for them.
    """

    def __init__(self) -> None:
        """Begin with nothing asked, nothing refused."""
        self.pace = Pace()
        self.count = CallCount()
        self.clouds: dict[tuple[str, str], TuyaCloud] = {}
        self.outages = Outages()
        self.order_locks = defaultdict[str, asyncio.Lock](asyncio.Lock)
        self.paused_until: float = 0
        self.paused_by: TuyaError | None = None


_CONNECTIONS: Final[HassKey[dict[str, Connection]]] = HassKey(f"{DOMAIN}.connections")


@callback
def async_get_connection(hass: HomeAssistant, access_id: str) -> Connection:
    """Return what is shared for a project."""
    return hass.data.setdefault(_CONNECTIONS, {}).setdefault(access_id, Connection())


@callback
def async_get_cloud(
    hass: HomeAssistant, data_center: str, access_id: str, access_secret: str
) -> TuyaCloud:
    """Return the cloud of a project, the same one for the same credentials.

    Another secret gets a token of its own: a wrong one must not live off the right one.
    """
    connection = async_get_connection(hass, access_id)
    key = (data_center, access_secret)
    if (cloud := connection.clouds.get(key)) is None:
        cloud = connection.clouds[key] = TuyaCloud(
            async_get_clientsession(hass),
            url=HOSTS.get(data_center, data_center),
            access_id=access_id,
            access_secret=access_secret,
            pace=connection.pace,
            on_request=connection.count.add,
        )
    return cloud


@callback
def async_forget_connection(hass: HomeAssistant, access_id: str) -> None:
    """Forget what was shared for a project that was removed."""
    hass.data.get(_CONNECTIONS, {}).pop(access_id, None)
