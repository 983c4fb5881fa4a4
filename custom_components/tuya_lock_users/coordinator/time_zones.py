"""Time zones by name, as the cloud or somebody who types may name them."""

from datetime import tzinfo

from homeassistant.util import dt as dt_util


async def async_get_time_zone(name: str) -> tzinfo | None:
    """Return the time zone of an IANA name, None where there is none.

    Zones are files. What looks like a path, or is too long for one, is no name either,
    though Home Assistant raises an error for it.
    """
    try:
        return await dt_util.async_get_time_zone(name)
    except ValueError, OSError:
        return None
