"""A dashboard of all locks, built from the registries."""

from collections.abc import Iterable
from typing import Any

type Json = dict[str, Any]

DOMAIN = "tuya_lock_users"
URL_PATH = "door-locks"
TITLE = "Door locks"

# The entities of a lock above its users, if they are enabled.
TILES = {
    "users": "Users",
    "unlock_methods": "Unlock methods",
    "pending_changes": "Pending changes",
    "unassigned_unlock_methods": "Unassigned",
}
# The entities beside its name.
BADGES: dict[str, Json] = {
    "online": {},
    "refresh": {"show_state": False, "tap_action": {"action": "toggle"}},
}
# The entities of a lock about its door, and those of a project about messages.
DOOR_TILES = {
    "last_opened_by": "Last opened by",
    "last_opened": "Last opened",
    "opened": "Opened",
    "alarm": "Alarm",
    "doorbell": "Doorbell",
}
EVENTS = ("opened", "alarm", "doorbell")
MESSAGES = ("push", "messages")
USER_KEYS = ("role", "access", "access_until", "unlock_methods")

EMPTY = {
    "type": "markdown",
    "content": (
        "### No locks yet\n"
        f"[Set up Tuya Lock Users](/config/integrations/dashboard/add?domain={DOMAIN})"
    ),
}

# Names are plain text, and the card shows Markdown.
PLAIN = r"""{%- macro plain(text) -%}
{{ text | regex_replace('([\\\\`*_{}\\[\\]()<>#+.!|~&=-]|:(?=//))', '\\\\\\1') }}
{%- endmacro -%}
"""

# The rows of a lock are known here, but their values only in the browser.
USERS = """\
| User | Role | Access | Until | Unlock methods |
| :-- | :-- | :-- | :-- | :-- |
{%- set icons = {'allowed': 'check-circle', 'outside_hours': 'clock-outline',
  'not_started': 'clock-start', 'expired': 'clock-end', 'suspended': 'cancel'} %}
{%- for id, user in ROWS %}
| [{{ plain(user.name) }}](/config/devices/device/{{ id }}) \
| {{ state_translated(user.role) }} \
| <ha-icon icon="mdi:{{ icons.get(states(user.access), 'help') }}"></ha-icon> \
{{ state_translated(user.access) }} \
| {{ (states(user.access_until) | as_datetime | as_local).strftime('%Y-%m-%d %H:%M')
  if has_value(user.access_until) else '–' }} \
| {{ plain(state_attr(user.unlock_methods, 'unlock_methods')
  | default([], true) | map(attribute='name') | select | join(', ')) or '–' }} |
{%- endfor %}
"""


def dashboard(devices: Iterable[Json], entities: Iterable[Json]) -> Json:
    """Return the dashboard for the registries."""
    locks: list[Json] = []
    users: dict[str, list[Json]] = {}
    prefixes = {}
    for device in sorted(devices, key=_name):
        for domain, identifier in device["identifiers"]:
            if domain != DOMAIN:
                continue
            prefixes[device["id"]] = f"{identifier}_"
            if parent := device["parent_device_id"]:
                users.setdefault(parent, []).append(device)
            elif device["entry_type"] != "service":
                locks.append(device)
    ours: dict[str, dict[str, Json]] = {device: {} for device in prefixes}
    for entity in entities:
        if (device_id := entity["device_id"]) in prefixes and not entity["disabled_by"]:
            key = entity["unique_id"].removeprefix(prefixes[device_id])
            ours[device_id][key] = entity
    sections = [
        _section(lock, ours[lock["id"]], users.get(lock["id"], ()), ours)
        for lock in locks
    ]
    return {
        "views": [
            {
                "title": "Locks",
                "path": "locks",
                "type": "sections",
                "max_columns": 2,
                "sections": sections or [{"type": "grid", "cards": [EMPTY]}],
            },
            *_openings_view(locks, ours),
            *_time_views(ours),
        ]
    }


def _name(device: Json) -> str:
    """Return the visible name."""
    return device["name_by_user"] or device["name"] or ""


def _section(
    lock: Json,
    entities: dict[str, Json],
    users: Iterable[Json],
    ours: dict[str, dict[str, Json]],
) -> Json:
    """Return the section of one lock: heading, numbers, and users."""
    page = {
        "action": "navigate",
        "navigation_path": f"/config/devices/device/{lock['id']}",
    }
    heading: Json = {
        "type": "heading",
        "heading": _name(lock),
        "icon": "mdi:lock",
        "tap_action": page,
    }
    heading["badges"] = [
        {"type": "entity", "entity": entities[key]["entity_id"], **extra}
        for key, extra in BADGES.items()
        if key in entities
    ]
    rows = {
        user["id"]: {"name": _name(user)}
        | {key: ours[user["id"]].get(key, {}).get("entity_id", "") for key in USER_KEYS}
        for user in users
    }
    table = {
        "type": "markdown",
        "content": PLAIN + USERS.replace("ROWS", f"{rows!r}.items()"),
        "grid_options": {"columns": "full"},
    }
    return {
        "type": "grid",
        "column_span": 2,
        "cards": [heading, *_tiles(TILES, entities), table],
    }


def _tiles(names: dict[str, str], entities: dict[str, Json]) -> list[Json]:
    """Return the tiles of those entities that are enabled."""
    return [
        {
            "type": "tile",
            "entity": entities[key]["entity_id"],
            "name": name,
            "grid_options": {"columns": 6, "rows": 1},
        }
        for key, name in names.items()
        if key in entities
    ]


def _openings_view(
    locks: Iterable[Json], ours: dict[str, dict[str, Json]]
) -> list[Json]:
    """Return the view of who opened each door, unless the option disables it."""
    sections, events = [], []
    for lock in locks:
        entities = ours[lock["id"]]
        if tiles := _tiles(DOOR_TILES, entities):
            heading = {"type": "heading", "heading": _name(lock), "icon": "mdi:door"}
            sections.append({"type": "grid", "cards": [heading, *tiles]})
            events += [entities[key]["entity_id"] for key in EVENTS if key in entities]
    if not sections:
        return []
    log = {
        "type": "logbook",
        "target": {"entity_id": events},
        "hours_to_show": 24,
        "grid_options": {"columns": "full", "rows": 8},
    }
    badges = [
        {"type": "entity", "entity": entities[key]["entity_id"], "show_name": True}
        for entities in ours.values()
        for key in MESSAGES
        if key in entities
    ]
    return [
        {
            "title": "Openings",
            "path": "openings",
            "type": "sections",
            "max_columns": 2,
            "badges": badges,
            "sections": [*sections, {"type": "grid", "column_span": 2, "cards": [log]}],
        }
    ]


def _time_views(ours: dict[str, dict[str, Json]]) -> list[Json]:
    """Return the views of the calendars and the logbook."""
    calendars, history = [], []
    for entities in ours.values():
        for key, entity in entities.items():
            platform = entity["entity_id"].partition(".")[0]
            if platform == "calendar":
                calendars.append(entity["entity_id"])
            elif platform == "event" or key == "access":
                history.append(entity["entity_id"])
    cards: dict[str, Json] = {}
    if calendars:
        cards["Calendar"] = {
            "type": "calendar",
            "entities": sorted(calendars),
            "initial_view": "listWeek",
        }
    if history:
        cards["Activity"] = {
            "type": "logbook",
            "target": {"entity_id": sorted(history)},
            "hours_to_show": 72,
        }
    return [
        {"title": title, "path": title.lower(), "type": "panel", "cards": [card]}
        for title, card in cards.items()
    ]
