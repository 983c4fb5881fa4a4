"""Time zones by name."""

from datetime import tzinfo

from homeassistant.util import dt as dt_util


async def async_get_time_zone(name: str) -> tzinfo | None:
    """Return the time zone of an IANA name, None if there is none.

    Zones are files, so Home Assistant raises an error for names that look like a path or
    are too long.
    """
    try:
        return await dt_util.async_get_time_zone(name)
    except ValueError, OSError:
        return None
