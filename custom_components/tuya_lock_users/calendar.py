"""When users with limited access may enter, as a calendar of each lock."""

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
    """The times at which users with limited access may enter.

    Its state is on while anybody of them may. Who may always enter is not in it.
    """

    def __init__(self, lock: LockCoordinator) -> None:
        """Belong to the lock."""
        self._searches: dict[str, _Search] = {}
        super().__init__(lock, ACCESS)

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return the time that began last, else the one that begins next."""
        if (found := self._current_or_next()) is None:
            return None
        return _Page(self.coordinator.hass, self.coordinator.data).event(*found)

    @property
    def _limited(self) -> dict[str, tuple[User, Schedule]]:
        """Return the users whose access has any limits."""
        if not self.coordinator.has_data:
            return {}
        return {
            user_id: (user, schedule)
            for user_id, user in self.coordinator.data.users.items()
            if (schedule := user.schedule) is not None and schedule.is_limited
        }

    @override
    def news(self) -> object:
        """Return what the state shows, and what all pages of the calendar would show.

        Whoever looks at another page is told to look again when a state is written.
        """
        limited = [(user.name, schedule) for user, schedule in self._limited.values()]
        return self._current_or_next(), limited, self.coordinator.data.zones

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the times of a range, worked out aside: a year of many users is much."""
        if not self.coordinator.has_data:
            return []
        page = _Page(hass, self.coordinator.data)
        return await hass.async_add_executor_job(
            page.events, self._limited.values(), start_date, end_date
        )

    def _current_or_next(self) -> _Time | None:
        """Return whose time it is or will be, and from when to when.

        A search for each user is kept until its time is over, or the schedule another.
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


# What the current or next time of a user was worked out from, and that time.
type _Search = tuple[Schedule, Zones, Period | None]


def _holds(search: _Search, schedule: Schedule, zones: Zones, now: datetime) -> bool:
    """Return whether searching again would bring the same."""
    searched, in_zones, period = search
    return (
        searched is schedule
        and in_zones == zones
        and (period is None or now < period[1])
    )


class _Page:
    """Makes events of times. Texts are looked up beforehand, so any thread may use it."""

    def __init__(self, hass: HomeAssistant, snapshot: LockSnapshot) -> None:
        """Take what is needed of Home Assistant, which belongs to the event loop."""
        self._localizer = Localizer(hass)
        self._zones = snapshot.zones
        self._home = dt_util.get_default_time_zone()

    def events(
        self,
        limited: Collection[tuple[User, Schedule]],
        start: datetime,
        end: datetime,
    ) -> list[CalendarEvent]:
        """Return the events of a range in the order in which they begin."""
        found = [
            (user, schedule, period)
            for user, schedule in limited
            for period in occurrences(schedule, start, end, self._zones)
        ]
        return [self.event(*time) for time in sorted(found, key=_beginning)]

    def event(self, user: User, schedule: Schedule, period: Period) -> CalendarEvent:
        """Return the event of one time of a user."""
        start, end = (round(moment.timestamp()) for moment in period)
        shown = _as_days(period, self._home) or _drawable(period, self._home)
        return CalendarEvent(
            start=shown[0],
            end=shown[1],
            summary=user_in_words(self._localizer, user),
            description=schedule_in_words(
                self._localizer, schedule, self._zones, self._home
            ),
            uid=f"{user.user_id}-{start}-{end}",
        )


def _as_days(period: Period, home: tzinfo) -> tuple[date, date] | None:
    """Return the days of a period that is made of whole ones.

    A date in a calendar means Home Assistant's day. Whole days of a lock in another
    zone are not, and stay what they are: from one hour of a day to the same of another.
    """
    first, last = (moment.astimezone(home).date() for moment in period)
    for day, moment in ((first, period[0]), (last, period[1])):
        midnight = datetime(day.year, day.month, day.day, tzinfo=home)
        if midnight.astimezone(UTC) != moment.astimezone(UTC):
            return None
    return first, last


def _drawable(period: Period, home: tzinfo) -> Period:
    """Return a period that does not end before it starts by the clock on the wall.

    Home Assistant refuses such an event, and all others of the page with it. One comes
    up where a short time reaches into the hour that comes twice; it is shown until the
    clock says for the second time when it started.
    """
    start, end = (moment.astimezone(home) for moment in period)
    if end.replace(tzinfo=None) >= start.replace(tzinfo=None):
        return period
    return period[0], start.replace(fold=1).astimezone(period[1].tzinfo)
