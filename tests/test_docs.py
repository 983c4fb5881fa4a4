"""The documentation matches the code, and its examples work."""

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any

import pytest

from custom_components.tuya_lock_users import button, calendar, event, switch
from custom_components.tuya_lock_users.const import DOMAIN
from custom_components.tuya_lock_users.domain.changes import ChangeType
from custom_components.tuya_lock_users.domain.poll_plan import (
    CALLS_A_MONTH,
    MONTH_SECONDS,
    TOKEN_SECONDS,
    LockLoad,
    plan,
)
from custom_components.tuya_lock_users.sensor import locks, users
from custom_components.tuya_lock_users.services import READS, WRITES
from homeassistant.components.automation.config import async_validate_config_item
from homeassistant.components.script.config import (
    async_validate_config_item as async_validate_script,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
from tests.common import ENGLISH

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in (
        "README.md",
        *(page.relative_to(ROOT).as_posix() for page in sorted(ROOT.glob("docs/*.md"))),
    )
}
SOURCES = [
    source.relative_to(ROOT).as_posix()
    for folder in ("custom_components", "tests", "scripts", "benchmarks", "simulator")
    for source in sorted((ROOT / folder).rglob("*.py"))
]


def headings(page: str) -> list[str]:
    text = re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ (.+)$", text, re.MULTILINE)


def anchors(page: str) -> set[str]:
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in headings(page)
    }


def section(page: str, heading: str) -> str:
    level, _ = next(
        found
        for found in re.findall(r"^(#+) (.+)$", page, re.MULTILINE)
        if found[1] == heading
    )
    _, _, text = page.partition(f"\n{level} {heading}\n")
    return re.split(rf"^#{{1,{len(level)}}} ", text, maxsplit=1, flags=re.MULTILINE)[0]


def examples(page: str) -> Iterator[Any]:
    for block in re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        yield parse_yaml(block)


def test_sections() -> None:
    """The README has all expected sections."""
    assert {
        "What you need at Tuya",
        "Installation",
        "Setting up",
        "Options",
        "Removal",
        "Devices and entities",
        "Events",
        "Actions",
        "Use cases",
        "Examples",
        "Data updates",
        "Supported devices",
        "Known limitations",
        "Troubleshooting",
        "Privacy",
    } <= set(headings(README))


@pytest.mark.parametrize("name", PAGES)
def test_links(name: str) -> None:
    folder = (ROOT / name).parent
    for target in re.findall(r"\]\(([^)]+)\)", PAGES[name]):
        if target.startswith(("https://", "docs/images/")):
            continue
        file, _, anchor = target.partition("#")
        path = (folder / file) if file else ROOT / name
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path.read_text(encoding="utf-8")), target


def test_references() -> None:
    """Code cites pages of the documentation by existing headings."""
    for source in SOURCES:
        text = (ROOT / source).read_text(encoding="utf-8")
        assert not re.search(r"TUYA_(?:API|EVENTS)\b|\bDESIGN[ ]|\u00a7", text), source
        cited = re.sub(r"\s*\n\s*(?:# ?)?", " ", text)
        for page, rest in re.findall(r"(docs/\w+\.md), (.{1,60})", cited):
            assert any(
                re.match(rf"{re.escape(heading)}(?:[),.;:\"]| and )", rest)
                for heading in headings(PAGES[page])
            ), f"{source}: {page}, {rest}"


def test_ways() -> None:
    """The files and functions in the architecture's ways exist, and are few."""
    rows = re.findall(
        r"^\| .* \| `(\S+\.py)` \| `(?:(\w+)\.)?(\w+)` \|$",
        section(PAGES["docs/architecture.md"], "Ways"),
        re.MULTILINE,
    )
    assert rows
    for file, owner, name in rows:
        source = (ROOT / "custom_components" / DOMAIN / file).read_text("utf-8")
        assert not owner or f"\nclass {owner}" in source, owner
        is_there = re.search(rf"\b(?:def {name}[\[(]|{name}: Final =)", source)
        assert is_there, (file, name)


@pytest.mark.parametrize("name", READS | WRITES)
def test_actions(name: str) -> None:
    schema, _ = (READS | WRITES)[name]
    fields = {str(key) for key in schema.schema}
    text = section(PAGES["docs/actions.md"], f"`{name}`")
    assert fields <= set(re.findall(r"`(\w+)`", text))
    assert "\nResponse: " in text
    calls = [call for call in action_calls_in(list(examples(text))) if call[0] == name]
    assert calls
    (row,) = re.findall(rf"^\| \[`{name}`\].*$", README, re.MULTILINE)
    assert set(re.findall(r"`(\w+)\??`", row.split("|")[2])) == fields


def action_calls_in(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, list):
        for each in node:
            yield from action_calls_in(each)
    elif isinstance(node, dict):
        domain, _, name = str(node.get("action", "")).partition(".")
        if domain == DOMAIN:
            yield name, node["data"]
        for each in node.values():
            yield from action_calls_in(each)


@pytest.mark.parametrize("name", PAGES)
def test_example_fields(name: str) -> None:
    """Examples use only existing fields, and all required ones."""
    schemas = {name: schema for name, (schema, _) in (READS | WRITES).items()}
    for called, data in action_calls_in(list(examples(PAGES[name]))):
        # A list may come from a template.
        filled_in = {
            key: [] if isinstance(value, str) and "| list }}" in value else value
            for key, value in data.items()
            if not (isinstance(value, str) and "today_at" in value)
        }
        for method in filled_in.get("unlock_methods", ()):
            method["number"] = 1
        schemas[called](filled_in)


async def test_examples(hass: HomeAssistant) -> None:
    """Home Assistant accepts the automations, scripts and sequences of the examples."""
    for domain in ("automation", "script", "event", DOMAIN):
        assert await async_setup_component(hass, domain, {})
    found = [example for page in PAGES.values() for example in examples(page)]
    assert found
    for example in found:
        if isinstance(example, list):
            cv.SCRIPT_SCHEMA(example)
        elif "automation" in example:
            for automation in example["automation"]:
                checked = await async_validate_config_item(
                    hass, "automation", automation
                )
                assert checked
                assert checked.validation_error is None
        elif "script" in example:
            for key, script in example["script"].items():
                checked_script = await async_validate_script(hass, key, script)
                assert checked_script
                assert checked_script.validation_error is None
        elif "action" in example:
            cv.SCRIPT_SCHEMA([example])
        elif example.get("type") == "custom:tuya-lock-users-card":
            assert example.keys() <= {"type", "device_id", "title", "show"}
        else:
            assert example.keys() == {"device_id"}


def test_entities() -> None:
    """The tables list each entity by name, and each event by type."""
    text = section(README, "Devices and entities")
    names: Any = ENGLISH["entity"]
    sensors = (locks.API_CALLS, locks.LAST_READ)
    for platform, descriptions in {
        "button": (button.REFRESH,),
        "calendar": (calendar.ACCESS,),
        "event": (event.USER_CHANGES,),
        "switch": (switch.ENABLED,),
        "sensor": (*sensors, *locks.LOCK_SENSORS, *users.USER_SENSORS),
    }.items():
        for description in descriptions:
            name = names[platform][str(description.translation_key)]["name"]
            assert f"**{name}**" in text
    for change_type in ChangeType:
        assert f"| `{change_type}` |" in section(README, "Events")


def test_plan() -> None:
    text = section(README, "Data updates")
    assert f"at most {CALLS_A_MONTH:,} in 30 days" in text
    rows = re.findall(
        r"^\| (\d+) \| (\d+) \| (\d+) minutes \| ([\d,]+) \|$", text, re.MULTILINE
    )
    assert rows
    for lock_count, user_count, minutes, calls in rows:
        loads = [LockLoad(users=int(user_count))] * int(lock_count)
        planned = plan(loads)
        assert round(planned.poll_seconds / 60) == int(minutes)
        polls = MONTH_SECONDS / planned.poll_seconds
        fixed = MONTH_SECONDS / TOKEN_SECONDS + MONTH_SECONDS / planned.list_seconds
        refresh_calls = sum(load.full_refresh_calls for load in loads)
        refreshes = refresh_calls * 30 / planned.full_refresh_days
        spent = fixed + refreshes + polls * sum(load.poll_calls for load in loads)
        assert round(spent, -2) == int(calls.replace(",", ""))
