"""One line in the log when something goes, and one when it is back.

Home Assistant's coordinators each log for themselves. Here many of them ask one cloud,
and when it goes it goes for all of them: that is one thing to say, not one per lock.
"""

from collections.abc import Collection
import logging
from typing import Final

from homeassistant.core import callback

from ..api.errors import TuyaError
from ..const import LOGGER
from ..errors import Scope, handling_of

# What an outage is about: who found it, and what it is called.
_CLOUD: Final = ("", "the Tuya cloud")


def _is_not_said_elsewhere(record: logging.LogRecord) -> bool:
    """Keep debug lines and tracebacks of a coordinator; the rest is said below."""
    return record.levelno <= logging.DEBUG or record.exc_info is not None


COORDINATOR_LOGGER: Final = LOGGER.getChild("coordinator")
COORDINATOR_LOGGER.addFilter(_is_not_said_elsewhere)


class Outages:
    """What cannot be read at the moment, and who found out.

    Kept with the connection, so that a start that is tried again and again says it once.
    """

    def __init__(self) -> None:
        """Start with all well."""
        self._found_by: dict[tuple[str, str], set[str]] = {}

    @property
    def current(self) -> dict[str, set[str]]:
        """Return what cannot be read, "" for the cloud itself, and who found out."""
        return {source: found_by for (source, _), found_by in self._found_by.items()}

    @callback
    def failed(self, source: str, name: str, err: TuyaError) -> None:
        """Say that something cannot be read, unless that was said already."""
        handling = handling_of(err)
        subject = _CLOUD if handling.scope is Scope.PROJECT else (source, name)
        if subject not in self._found_by:
            LOGGER.warning("Cannot read %s: %s (%s)", subject[1], handling.key, err)
        self._found_by.setdefault(subject, set()).add(source)

    @callback
    def succeeded(self, source: str) -> None:
        """Say that what a source could not read is back, once nobody misses it."""
        for subject, sources in list(self._found_by.items()):
            sources.discard(source)
            if not sources:
                del self._found_by[subject]
                LOGGER.info("Can read %s again", subject[1])

    @callback
    def retain(self, sources: Collection[str]) -> None:
        """Forget what was found by those that nobody reads any more.

        The cloud itself is back when they were the last ones who missed it.
        """
        for subject, found_by in list(self._found_by.items()):
            found_by.intersection_update(sources)
            if not found_by:
                del self._found_by[subject]
                if subject == _CLOUD:
                    LOGGER.info("Can read %s again", subject[1])
