"""Localized texts that Home Assistant does not translate itself.

Calendars, the logbook, and placeholders of repairs need finished texts. They come from
the integration's translations, in the language of Home Assistant.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_cached_translations

from .api.lock_events import EventKind
from .api.models import User
from .api.schedule.model import DAY_MINUTES, Schedule, Weekday, Window
from .api.schedule.times import Zones
from .api.unlock_methods import UnlockMethod
from .const import DOMAIN
from .domain.changes import ChangeType

# Always loaded, and used if the selected language has no texts.
_FALLBACK: Final = "en"

_WEEK: Final = tuple(Weekday)
# The number of consecutive days from which a range is shown.
_SHORTEST_RANGE: Final = 3

# All characters with a meaning in Markdown or HTML. A colon before "//" is one, since
# the frontend turns bare URLs into links, and so is "=", which underlines a heading.
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&=]|:(?=//))")
_BLANKS: Final = re.compile(r"\s+")


class Localizer:
    """Looks up texts in the language of Home Assistant."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Use the loaded translations."""
        self._texts = {
            category: async_get_cached_translations(
                hass, hass.config.language, category, DOMAIN
            )
            or async_get_cached_translations(hass, _FALLBACK, category, DOMAIN)
            for category in ("common", "device", "entity", "exceptions")
        }

    def _look_up(self, category: str, key: str) -> str:
        return self._texts[category].get(f"component.{DOMAIN}.{category}.{key}", key)

    def phrase(self, key: str, **values: object) -> str:
        """Return a phrase with its values filled in."""
        return self._look_up("common", key).format(**values)

    def user(self, user_id: object, name: object) -> str:
        """Return the name of a user, or a substitute with the ID."""
        if name:
            return str(name)
        return self._look_up("device", "unnamed_user.name").format(id=user_id)

    def role(self, user_type: object) -> str:
        """Return the localized type of a user."""
        return self._look_up("entity", f"sensor.role.state.{user_type}")

    def method(self, method_type: object, number: object, name: object) -> str:
        """Return the localized name of an unlock method."""
        key = f"event.user_changes.state_attributes.type.state.{method_type}"
        word = self._look_up("entity", key)
        if word == key:  # keep an unknown type as it is
            word = str(method_type)
        phrase = "unlock_method_named" if name else "unlock_method"
        return self.phrase(phrase, type=word, number=number, name=name)

    def alarm(self, alarm_type: object) -> str:
        """Return the word for an alarm."""
        key = f"event.alarm.state_attributes.event_type.state.{alarm_type}"
        return self._look_up("entity", key)

    def error(self, err: HomeAssistantError) -> str:
        """Return the localized message of an exception, whose own text is English."""
        if err.translation_domain != DOMAIN or err.translation_key is None:
            return str(err)
        text = self._look_up("exceptions", f"{err.translation_key}.message")
        return text.format(**err.translation_placeholders or {})


def disambiguate(names: Mapping[str, str]) -> dict[str, str]:
    """Return sorted names by id, with the id added to names that are not unique."""
    count = Counter(names.values())
    labels = {
        identity: name if count[name] == 1 else f"{name}, {identity}"
        for identity, name in names.items()
    }
    return dict(sorted(labels.items(), key=lambda item: item[1].casefold()))


def escape_markdown(text: str) -> str:
    """Return text that Markdown shows as it is, on one line: a name is not a link."""
    return _MARKDOWN.sub(r"\\\1", _BLANKS.sub(" ", text))


def change_in_words(
    localizer: Localizer, change_type: str, lock: str, event_data: Mapping[str, Any]
) -> str:
    """Return one change of a lock's users in words."""
    key = f"change_{change_type}"
    if change_type == ChangeType.DELIVERY_FAILED and "type" in event_data:
        key = "change_delivery_failed_method"
    return localizer.phrase(
        key,
        lock=lock,
        user=localizer.user(event_data.get("user_id"), event_data.get("user_name")),
        before=localizer.user(event_data.get("user_id"), event_data.get("before")),
        previous_user=localizer.user(
            event_data.get("previous_user_id"), event_data.get("previous_user_name")
        ),
        role=localizer.role(event_data.get("after")),
        method=localizer.method(
            event_data.get("type"), event_data.get("number"), event_data.get("name")
        ),
    )


def happening_in_words(localizer: Localizer, event_data: Mapping[str, Any]) -> str:
    """Return what happened at a door as a sentence."""
    lock = event_data.get("lock_name")
    kind, event_type = event_data.get("kind"), event_data.get("event_type")
    if kind == EventKind.DOORBELL:
        return localizer.phrase("door_rang", lock=lock)
    user, name = event_data.get("user_name"), event_data.get("name")
    if kind == EventKind.ALARM:
        means = localizer.alarm(event_type)
        if user is not None:
            means = localizer.phrase("door_named", means=means, name=user)
        return localizer.phrase("door_alarm", lock=lock, alarm=means)
    means = localizer.phrase(f"door_by_{event_type}")
    if name is not None:
        means = localizer.phrase("door_named", means=means, name=name)
    if event_data.get("user_id") is None and user is None:
        return localizer.phrase("door_opened", lock=lock, means=means)
    user = localizer.user(event_data.get("user_id"), user)
    return localizer.phrase("door_opened_by", lock=lock, user=user, means=means)


def method_in_words(localizer: Localizer, method: UnlockMethod) -> str:
    """Return an unlock method in words."""
    return localizer.method(method.type, method.number, method.name)


def user_in_words(localizer: Localizer, user: User) -> str:
    """Return a user in words."""
    return localizer.user(user.user_id, user.name)


# Schedules


def schedule_in_words(
    localizer: Localizer, schedule: Schedule, zones: Zones, home: tzinfo
) -> str:
    """Return a schedule in words, a line for each window and one for the limits.

    Times are local times of the lock. The last line names its time zone if it is not
    Home Assistant's.
    """
    lines = [
        line
        for window in schedule.windows or ()
        if (line := _window_in_words(localizer, window)) is not None
    ]
    zone_names = dict.fromkeys(
        str(zones.of(window.time_zone)) for window in schedule.windows or ()
    )
    if (limits := _limits_in_words(localizer, schedule, zones.default)) is not None:
        lines.append(limits)
        zone_names[str(zones.default)] = None
    if foreign := [name for name in zone_names if name != str(home)]:
        lines.append(localizer.phrase("schedule_zone", zone=", ".join(foreign)))
    return "\n".join(lines)


def _window_in_words(localizer: Localizer, window: Window) -> str | None:
    """Return a window in words, None for an empty one."""
    start, end = window.span
    if start == end or not window.weekdays:
        return None
    days = _days_in_words(localizer, window.weekdays)
    if (start, end) == (0, DAY_MINUTES):
        return localizer.phrase("schedule_all_day", days=days)
    key = "schedule_hours" if end <= DAY_MINUTES else "schedule_hours_overnight"
    return localizer.phrase(key, days=days, start=_time(start), end=_time(end))


def _days_in_words(localizer: Localizer, weekdays: Sequence[int]) -> str:
    if len(weekdays) == len(_WEEK):
        return localizer.phrase("schedule_every_day")
    return ", ".join(
        localizer.phrase(
            "schedule_days",
            first=localizer.phrase(f"day_{_WEEK[run[0]]}"),
            last=localizer.phrase(f"day_{_WEEK[run[-1]]}"),
        )
        if len(run) >= _SHORTEST_RANGE
        else ", ".join(localizer.phrase(f"day_{_WEEK[day]}") for day in run)
        for run in _runs(weekdays)
    )


def _runs(weekdays: Sequence[int]) -> Iterator[list[int]]:
    """Yield runs of consecutive days, from Monday on."""
    run: list[int] = []
    for day in weekdays:
        if run and day != run[-1] + 1:
            yield run
            run = []
        run.append(day)
    yield run


def _time(minute: int) -> str:
    """Return HH:MM; midnight at the end of a day is 24:00."""
    if minute > DAY_MINUTES:
        minute -= DAY_MINUTES
    return f"{minute // 60:02}:{minute % 60:02}"


def _limits_in_words(
    localizer: Localizer, schedule: Schedule, zone: tzinfo
) -> str | None:
    """Return start and end in words; whole days are only dates."""
    start = end = None
    if schedule.start:
        moment = _local(schedule.start, zone)
        start = _date(localizer, moment)
        if moment.hour or moment.minute:
            start = localizer.phrase(
                "schedule_moment", date=start, time=f"{moment:%H:%M}"
            )
    if (last := schedule.chosen_end) is not None:
        moment = _local(last, zone)
        end = _date(localizer, moment)
        if (moment.hour, moment.minute) != (23, 59):
            end = localizer.phrase("schedule_moment", date=end, time=f"{moment:%H:%M}")
    if start and end:
        return localizer.phrase("schedule_from_to", start=start, end=end)
    if start:
        return localizer.phrase("schedule_from", start=start)
    return localizer.phrase("schedule_to", end=end) if end else None


def _local(seconds: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone)


def moment_in_words(localizer: Localizer, moment: datetime) -> str:
    """Return a local date and time."""
    date = _date(localizer, moment)
    return localizer.phrase("schedule_moment", date=date, time=f"{moment:%H:%M}")


def _date(localizer: Localizer, moment: datetime) -> str:
    """Return a date in the order of the language."""
    return localizer.phrase(
        "schedule_date",
        year=f"{moment:%Y}",
        month=f"{moment:%m}",
        day=f"{moment:%d}",
    )
