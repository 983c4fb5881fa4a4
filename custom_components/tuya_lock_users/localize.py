"""What Home Assistant shows but does not translate: sentences put together here.

Calendars, the logbook and the placeholders of repairs hold finished text. It comes from
our own translations, in the language that Home Assistant is set to.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_cached_translations

from .api.models import UnlockMethod, User
from .api.schedule.model import DAY_MINUTES, FARTHEST, Schedule, Weekday, Window
from .api.schedule.times import Zones
from .const import DOMAIN
from .domain.changes import ChangeType

# Whatever the chosen language lacks is said in this one, which is always loaded.
_FALLBACK: Final = "en"

_WEEK: Final = tuple(Weekday)
# From so many days in a row on, they are named as a range.
_SHORTEST_RANGE: Final = 3

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&])")


class Words:
    """Our texts in the language of Home Assistant."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Look at what is loaded; nothing is copied."""
        self._texts = {
            category: async_get_cached_translations(
                hass, hass.config.language, category, DOMAIN
            )
            or async_get_cached_translations(hass, _FALLBACK, category, DOMAIN)
            for category in ("common", "device", "entity", "exceptions")
        }

    def _text(self, category: str, key: str) -> str:
        return self._texts[category].get(f"component.{DOMAIN}.{category}.{key}", key)

    def say(self, key: str, **values: object) -> str:
        """Return one of our sentences."""
        return self._text("common", key).format(**values)

    def user(self, user_id: object, name: object) -> str:
        """Return what to call a user."""
        if name:
            return str(name)
        return self._text("device", "unnamed_user.name").format(id=user_id)

    def role(self, user_type: object) -> str:
        """Return the word for a type of user."""
        return self._text("entity", f"sensor.role.state.{user_type}")

    def method(self, method_type: object, number: object, name: object) -> str:
        """Return what to call an unlock method."""
        key = f"event.user_changes.state_attributes.type.state.{method_type}"
        word = self._text("entity", key)
        if word == key:  # one that nobody has heard of stays as it came
            word = str(method_type)
        sentence = "unlock_method_named" if name else "unlock_method"
        return self.say(sentence, type=word, number=number, name=name)

    def error(self, err: HomeAssistantError) -> str:
        """Return what went wrong; an exception by itself speaks English."""
        if err.translation_domain != DOMAIN or err.translation_key is None:
            return str(err)
        text = self._text("exceptions", f"{err.translation_key}.message")
        return text.format(**err.translation_placeholders or {})


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """Return names by id, in order; those that several have tell the id, too."""
    count = Counter(names.values())
    labels = {
        identity: name if count[name] == 1 else f"{name}, {identity}"
        for identity, name in names.items()
    }
    return dict(sorted(labels.items(), key=lambda item: item[1].casefold()))


def plain(text: str) -> str:
    """Return text for a place that takes Markdown; a name is a name there, no link."""
    return _MARKDOWN.sub(r"\\\1", text)


def change_in_words(
    words: Words, change_type: str, lock: str, told: Mapping[str, Any]
) -> str:
    """Return one change of a lock's users as a sentence; `told` is the event's data."""
    key = f"change_{change_type}"
    if change_type == ChangeType.DELIVERY_FAILED and "type" in told:
        key = "change_delivery_failed_method"
    return words.say(
        key,
        lock=lock,
        user=words.user(told.get("user_id"), told.get("user_name")),
        before=words.user(told.get("user_id"), told.get("before")),
        previous_user=words.user(
            told.get("previous_user_id"), told.get("previous_user_name")
        ),
        role=words.role(told.get("after")),
        method=words.method(told.get("type"), told.get("number"), told.get("name")),
    )


def method_in_words(words: Words, method: UnlockMethod) -> str:
    """Return an unlock method."""
    return words.method(method.type, method.number, method.name)


def user_in_words(words: Words, user: User) -> str:
    """Return a user."""
    return words.user(user.user_id, user.name)


# Schedules


def schedule_in_words(
    words: Words, schedule: Schedule, zones: Zones, home: tzinfo
) -> str:
    """Return when somebody may enter, a line for each window and one for the limits.

    Times are those of the lock's clock; where that is not Home Assistant's it is said.
    """
    lines = [
        line
        for window in schedule.windows
        if (line := _window_in_words(words, window)) is not None
    ]
    zone_names = dict.fromkeys(
        str(zones.of(window.time_zone)) for window in schedule.windows
    )
    if (limits := _limits_in_words(words, schedule, zones.default)) is not None:
        lines.append(limits)
        zone_names[str(zones.default)] = None
    if foreign := [name for name in zone_names if name != str(home)]:
        lines.append(words.say("schedule_zone", zone=", ".join(foreign)))
    return "\n".join(lines)


def _window_in_words(words: Words, window: Window) -> str | None:
    """Return a window, None for one that never opens."""
    start, end = window.span
    if start == end or not window.weekdays:
        return None
    days = _days_in_words(words, window.weekdays)
    if (start, end) == (0, DAY_MINUTES):
        return words.say("schedule_all_day", days=days)
    key = "schedule_hours" if end <= DAY_MINUTES else "schedule_hours_overnight"
    return words.say(key, days=days, start=_time(start), end=_time(end))


def _days_in_words(words: Words, weekdays: Sequence[int]) -> str:
    if len(weekdays) == len(_WEEK):
        return words.say("schedule_every_day")
    return ", ".join(
        words.say(
            "schedule_days",
            first=words.say(f"day_{_WEEK[run[0]]}"),
            last=words.say(f"day_{_WEEK[run[-1]]}"),
        )
        if len(run) >= _SHORTEST_RANGE
        else ", ".join(words.say(f"day_{_WEEK[day]}") for day in run)
        for run in _runs(weekdays)
    )


def _runs(weekdays: Sequence[int]) -> Iterator[list[int]]:
    """Yield the days that follow each other, from Monday on."""
    run: list[int] = []
    for day in weekdays:
        if run and day != run[-1] + 1:
            yield run
            run = []
        run.append(day)
    yield run


def _time(minute: int) -> str:
    """Return HH:MM; the midnight that ends a day is 24:00."""
    if minute > DAY_MINUTES:
        minute -= DAY_MINUTES
    return f"{minute // 60:02}:{minute % 60:02}"


def _limits_in_words(words: Words, schedule: Schedule, zone: tzinfo) -> str | None:
    """Return first and last moment; a day that is meant as a whole is only its date."""
    start = end = None
    if schedule.start:
        moment = _local(schedule.start, zone)
        start = _date(words, moment)
        if moment.hour or moment.minute:
            start = words.say("schedule_moment", date=start, time=f"{moment:%H:%M}")
    if schedule.end is not None and schedule.end < FARTHEST:
        moment = _local(schedule.end, zone)
        end = _date(words, moment)
        if (moment.hour, moment.minute) != (23, 59):
            end = words.say("schedule_moment", date=end, time=f"{moment:%H:%M}")
    if start and end:
        return words.say("schedule_from_to", start=start, end=end)
    if start:
        return words.say("schedule_from", start=start)
    return words.say("schedule_to", end=end) if end else None


def _local(seconds: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone)


def _date(words: Words, moment: datetime) -> str:
    """Return a date in the order that the language writes it."""
    return words.say(
        "schedule_date",
        year=f"{moment:%Y}",
        month=f"{moment:%m}",
        day=f"{moment:%d}",
    )
