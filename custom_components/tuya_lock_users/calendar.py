"""Calendars of the times at which users with limited access have access."""

from collections.abc import Collection
from datetime import UTC, date, datetime, tzinfo
from typing import Final, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .api.models import User
from .api.schedule.model import Schedule
from .api.schedule.times import Period, Zones, next_occurrence, occurrences
from .coordinator.lock import LockCoordinator
from .coordinator.project import TuyaLockUsersConfigEntry
from .domain.snapshot import LockSnapshot
from .entity import LockEntity, async_add_for_locks
from .localize import Localizer, schedule_in_words, user_in_words

PARALLEL_UPDATES: Final = 0

ACCESS: Final = CalendarEntityDescription(key="access", translation_key="access")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLockUsersConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the calendar of each lock."""
    async_add_for_locks(entry, async_add_entities, lambda lock: [AccessCalendar(lock)])


class AccessCalendar(LockEntity, CalendarEntity):
    """The times of access of users with limited access.

    The state is on while any of them has access. Users with permanent access are not
    listed (docs/architecture.md, Calendar events).
    """

    def __init__(self, lock: LockCoordinator) -> None:
        """Initialize the entity."""
        self._searches: dict[str, _Search] = {}
        super().__init__(lock, ACCESS)

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return the current event that started last, or else the next one."""
        if (found := self._current_or_next()) is None:
            return None
        return _EventBuilder(self.coordinator.hass, self.coordinator.data).event(*found)

    @property
    def _limited(self) -> dict[str, tuple[User, Schedule]]:
        """Return the users with limited access, and their schedules, as far as known."""
        if not self.coordinator.has_data:
            return {}
        return {
            user_id: (user, schedule)
            for user_id, user in self.coordinator.data.users.items()
            if (schedule := user.schedule) is not None
            and schedule.is_limited
            and schedule.is_understood
            and self.coordinator.data.zones.has_all_of(schedule)
        }

    @override
    def _state_inputs(self) -> object:
        """Return what the state and every page of the calendar depend on.

        Frontends reload their page of the calendar when a state is written.
        """
        limited = [(user.name, schedule) for user, schedule in self._limited.values()]
        return self._current_or_next(), limited, self.coordinator.data.zones

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the events of a range; in the executor, since a year can be large."""
        if not self.coordinator.has_data:
            return []
        builder = _EventBuilder(hass, self.coordinator.data)
        return await hass.async_add_executor_job(
            builder.events, self._limited.values(), start_date, end_date
        )

    def _current_or_next(self) -> _Time | None:
        """Return the current or next time of access, and its user.

        The result for each user is reused until it has ended or the schedule changed.
        """
        now = dt_util.utcnow()
        searches: dict[str, _Search] = {}
        found: list[_Time] = []
        for user_id, (user, schedule) in self._limited.items():
            zones = self.coordinator.data.zones
            search = self._searches.get(user_id)
            if search is None or not _holds(search, schedule, zones, now):
                search = schedule, zones, next_occurrence(schedule, now, zones)
            searches[user_id] = search
            if (period := search[-1]) is not None:
                found.append((user, schedule, period))
        self._searches = searches
        if current := [time for time in found if time[-1][0] <= now]:
            return max(current, key=_beginning)
        return min(found, key=_beginning, default=None)


type _Time = tuple[User, Schedule, Period]


def _beginning(time: _Time) -> float:
    return time[-1][0].timestamp()


# The inputs of a search for the current or next time of access, and its result.
type _Search = tuple[Schedule, Zones, Period | None]


def _holds(search: _Search, schedule: Schedule, zones: Zones, now: datetime) -> bool:
    """Return whether the result of a search is still valid."""
    searched, in_zones, period = search
    return (
        searched is schedule
        and in_zones == zones
        and (period is None or now < period[1])
    )


class _EventBuilder:
    """Builds calendar events. Texts are loaded beforehand, so it works in any thread."""

    def __init__(self, hass: HomeAssistant, snapshot: LockSnapshot) -> None:
        """Load what belongs to the event loop."""
        self._localizer = Localizer(hass)
        self._zones = snapshot.zones
        self._home = dt_util.get_default_time_zone()

    def events(
        self,
        limited: Collection[tuple[User, Schedule]],
        start: datetime,
        end: datetime,
    ) -> list[CalendarEvent]:
        """Return the events of a range, ordered by their start."""
        found = [
            (user, schedule, period)
            for user, schedule in limited
            for period in occurrences(schedule, start, end, self._zones)
        ]
        return [self.event(*time) for time in sorted(found, key=_beginning)]

    def event(self, user: User, schedule: Schedule, period: Period) -> CalendarEvent:
        """Return the event of one time of access."""
        start, end = (round(moment.timestamp()) for moment in period)
        bounds = _as_days(period, self._home) or _without_backstep(period, self._home)
        return CalendarEvent(
            start=bounds[0],
            end=bounds[1],
            summary=user_in_words(self._localizer, user),
            description=schedule_in_words(
                self._localizer, schedule, self._zones, self._home
            ),
            uid=f"{user.user_id}-{start}-{end}",
        )


def _as_days(period: Period, home: tzinfo) -> tuple[date, date] | None:
    """Return the days of a period that consists of whole days.

    Dates in a calendar are days in Home Assistant's time zone. Whole days of a lock in
    another time zone are none of these, and stay times.
    """
    first, last = (moment.astimezone(home).date() for moment in period)
    for day, moment in ((first, period[0]), (last, period[1])):
        midnight = datetime(day.year, day.month, day.day, tzinfo=home)
        if midnight.astimezone(UTC) != moment.astimezone(UTC):
            return None
    return first, last


def _without_backstep(period: Period, home: tzinfo) -> Period:
    """Return a period that does not end before it starts in local time.

    Home Assistant refuses such an event, and with it the whole page. It occurs if a
    short period ends in the hour that daylight saving time repeats; it is shown until
    the local time of its start comes for the second time.
    """
    start, end = (moment.astimezone(home) for moment in period)
    if end.replace(tzinfo=None) >= start.replace(tzinfo=None):
        return period
    return period[0], start.replace(fold=1).astimezone(period[1].tzinfo)
