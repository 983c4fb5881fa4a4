"""Every text that the code asks for is there, says it with what it is given, and fits.

What can be said of texts and forms without knowing the code is in `test_repository`.
"""

import ast
from collections.abc import Callable, Iterator
import json
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import voluptuous as vol

from custom_components.tuya_lock_users import (
    binary_sensor,
    button,
    calendar,
    event,
    sensor,
    switch,
)
from custom_components.tuya_lock_users.api.data_centers import HOSTS
from custom_components.tuya_lock_users.api.enrollment import ENROLLED_TYPES
from custom_components.tuya_lock_users.api.errors import TuyaError
from custom_components.tuya_lock_users.api.lock_events import OPENED_TYPES
from custom_components.tuya_lock_users.api.models import METHOD_CODES, Role, Sex
from custom_components.tuya_lock_users.api.password_records import OfflineKind
from custom_components.tuya_lock_users.api.schedule.model import Weekday
from custom_components.tuya_lock_users.const import DOMAIN
from custom_components.tuya_lock_users.coordinator.issues import (
    FIXABLE_LOCK_ISSUES,
    LOCK_ISSUES,
    PUSH_ISSUES,
)
from custom_components.tuya_lock_users.coordinator.problems import EMPTY_LOCK_LIST
from custom_components.tuya_lock_users.domain.changes import ChangeType
from custom_components.tuya_lock_users.domain.openings import Source
from custom_components.tuya_lock_users.errors import (
    HANDLING,
    action_error,
    update_error,
)
from custom_components.tuya_lock_users.flow import forms
from custom_components.tuya_lock_users.services import READS, WRITES
from custom_components.tuya_lock_users.services.schemas import (
    ATTR_TIME_ZONE,
    LONGEST_ENROLLMENT_SECONDS,
    LONGEST_WAIT_SECONDS,
    UNLOCK_METHOD_SCHEMA,
    WINDOW_SCHEMA,
)
from homeassistant.components.event import EventEntityDescription
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.selector import selector
from homeassistant.util.yaml import load_yaml_dict, parse_yaml

type Json = dict[str, Any]
type Placeholders = set[str]

INTEGRATION = Path(__file__).parents[1] / "custom_components" / DOMAIN
ENGLISH: Json = json.loads(
    (INTEGRATION / "translations" / "en.json").read_text(encoding="utf-8")
)
ICONS: Json = json.loads((INTEGRATION / "icons.json").read_text(encoding="utf-8"))
SERVICES = load_yaml_dict(str(INTEGRATION / "services.yaml"))
TREES = {
    path.relative_to(INTEGRATION).as_posix(): ast.parse(
        path.read_text(encoding="utf-8")
    )
    for path in sorted(INTEGRATION.rglob("*.py"))
}


def placeholders(text: str) -> Placeholders:
    """Return the names that a text leaves open."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def texts_below(node: Json | str) -> Iterator[str]:
    """Yield each text below a node."""
    if isinstance(node, str):
        yield node
    else:
        for inner in node.values():
            yield from texts_below(inner)


def calls_of(*names: str, module: str = "") -> Iterator[ast.Call]:
    """Yield the calls of these functions or methods, everywhere or in one module."""
    for path, tree in TREES.items():
        for node in ast.walk(tree) if module in ("", path) else ():
            if isinstance(node, ast.Call):
                if ast.unparse(node.func).rpartition(".")[2] in names:
                    yield node


def constant(node: ast.expr | None) -> str | None:
    """Return a text that stands in the code as it is."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def given(call: ast.Call) -> Placeholders:
    """Return the names of the keywords of a call."""
    assert all(keyword.arg for keyword in call.keywords), ast.unparse(call)
    return {str(keyword.arg) for keyword in call.keywords}


def keyword_of(call: ast.Call, name: str) -> ast.expr | None:
    """Return what a call gives for a keyword."""
    return next(
        (keyword.value for keyword in call.keywords if keyword.arg == name), None
    )


def steps_of(module: str, flow: str) -> set[str]:
    """Return the steps that a flow has by itself."""
    return {
        node.name.removeprefix("async_step_")
        for each in ast.walk(TREES[module])
        if isinstance(each, ast.ClassDef) and each.name == flow
        for node in each.body
        if isinstance(node, ast.AsyncFunctionDef)
        and node.name.startswith("async_step_")
    }


# Errors


def refusals() -> list[tuple[str, Placeholders]]:
    """Return the key of each error that is raised by name, and what it is told with."""
    found = []
    for call in calls_of("not_possible", "command_failed"):
        key = constant(call.args[0])
        assert key is not None, ast.unparse(call)
        found.append((key, given(call)))
    return found


def errors_below(base: type[TuyaError]) -> Iterator[type[TuyaError]]:
    """Yield the errors that are special ones of another."""
    for error in base.__subclasses__():
        yield error
        yield from errors_below(error)


ERRORS: tuple[type[TuyaError], ...] = (TuyaError, *errors_below(TuyaError))
REPAIRABLE = {row.key for row in HANDLING.values() if row.has_repair}


def message(key: str) -> str:
    """Return what an error says."""
    text: str = ENGLISH["exceptions"][key]["message"]
    return text


@pytest.mark.parametrize(("key", "told"), refusals())
def test_refusal(key: str, told: Placeholders) -> None:
    """A refusal has words, and they use all that it is told with and no more."""
    assert placeholders(message(key)) == told


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("make", [action_error, update_error])
def test_cloud_error(
    error: type[TuyaError], make: Callable[[TuyaError], Exception]
) -> None:
    """An error of the cloud can be said, by an action and by a reading."""
    raised: Any = make(error("said by the cloud", code=1))
    text = message(raised.translation_key)
    assert placeholders(text) <= (raised.translation_placeholders or {}).keys()
    assert raised.translation_domain == DOMAIN


def test_no_other_errors() -> None:
    """No error has words that nobody raises."""
    raised = {key for key, _ in refusals()}
    raised |= {row.key for row in HANDLING.values()}
    assert ENGLISH["exceptions"].keys() == raised


# Flows


@pytest.mark.parametrize(
    ("kind", "flow", "silent"),
    [
        ("config", "TuyaLockUsersConfigFlow", {"reauth"}),
        ("options", "TuyaLockUsersOptionsFlow", set()),
    ],
)
def test_steps(kind: str, flow: str, silent: set[str]) -> None:
    """Each step with a form has its texts, and no other."""
    assert ENGLISH[kind]["step"].keys() == steps_of("config_flow.py", flow) - silent


@pytest.mark.parametrize(
    ("step", "schema"),
    [
        ("user", forms.PROJECT_SCHEMA),
        ("reconfigure", forms.PROJECT_SCHEMA),
        ("reauth_confirm", forms.CREDENTIALS_SCHEMA),
    ],
)
def test_fields(step: str, schema: vol.Schema) -> None:
    """The fields of a form are those that its texts name."""
    assert ENGLISH["config"]["step"][step]["data"].keys() == set(
        map(str, schema.schema)
    )


def test_flow_errors() -> None:
    """What can go wrong in a flow is said there, and nothing else."""
    errors = {row.form_error for row in HANDLING.values()}
    of_forms = {constant(call.args[0]) for call in calls_of("InputError")}
    assert ENGLISH["config"]["error"].keys() == errors | of_forms - {
        "invalid_subscription"
    }
    # Its form has no address to get wrong.
    assert ENGLISH["options"]["error"].keys() == errors | of_forms - {"invalid_url"}


def test_aborts() -> None:
    """A flow that ends says why; the reasons of Home Assistant are said by itself."""
    reasons = {
        constant(call.args[0])
        for call in calls_of("AbortFlow", module="config_flow.py")
    }
    if any(calls_of("_abort_if_unique_id_configured")):
        reasons.add("already_configured")
    assert ENGLISH["config"]["abort"].keys() == reasons


# Repairs


def test_issues() -> None:
    """Each issue has words, and those to be mended by a dialog have one."""
    assert ENGLISH["issues"].keys() == {
        *REPAIRABLE,
        *LOCK_ISSUES,
        *PUSH_ISSUES,
        EMPTY_LOCK_LIST,
    }
    fixable = {key for key, issue in ENGLISH["issues"].items() if "fix_flow" in issue}
    assert fixable == {*REPAIRABLE, *FIXABLE_LOCK_ISSUES, *PUSH_ISSUES}


@pytest.mark.parametrize(
    ("key", "flow"),
    [
        *((key, "ProjectRepair") for key in sorted(REPAIRABLE)),
        *((key, "PushRepair") for key in PUSH_ISSUES),
        ("absent_users", "AbsentUsersRepair"),
        ("unassigned_unlock_methods", "UnassignedMethodsRepair"),
    ],
)
def test_repair_dialog(key: str, flow: str) -> None:
    """A dialog has words for each of its steps; some steps only lead to another."""
    texts = ENGLISH["issues"][key]["fix_flow"]
    steps = steps_of("repairs.py", flow)
    menu = {
        option
        for step in texts["step"].values()
        for option in step.get("menu_options", ())
    }
    assert texts["step"].keys() <= steps
    assert menu <= steps
    assert steps - texts["step"].keys() - menu <= {"init"}


def test_repair_reasons() -> None:
    """What a dialog answers is said, and nothing else."""
    said = [
        issue["fix_flow"] for issue in ENGLISH["issues"].values() if "fix_flow" in issue
    ]
    reasons = {
        constant(keyword_of(call, "reason"))
        for call in calls_of("async_abort", module="repairs.py")
    }
    assert {key for texts in said for key in texts["abort"]} == reasons
    errors = {key for texts in said for key in texts.get("error", ())}
    assert errors <= {
        node.value
        for node in ast.walk(TREES["repairs.py"])
        if isinstance(node, ast.Constant)
    }


def texts_by_kind(node: Json, kind: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text of a flow or an issue, with the key that says what it is."""
    for key, inner in node.items():
        if isinstance(inner, str):
            yield kind or key, inner
        else:
            yield from texts_by_kind(inner, kind or (key if key in _KINDS else ""))


_KINDS = {"abort", "data", "data_description", "error", "menu_options"}
# The frontend renders these as Markdown, and all other texts as they are.
MARKDOWN_KINDS = {"abort", "data_description", "description"}

# The names of locks and projects come in two forms. `name` is plain text, the others
# are escaped for Markdown.
PLACEHOLDERS_OF = {
    **{key: {"lock", "count", "items"} for key in LOCK_ISSUES},
    **{key: {"title", "code", "since"} for key in REPAIRABLE},
    **{key: {"title", "locks"} for key in PUSH_ISSUES},
    EMPTY_LOCK_LIST: {"title"},
}


@pytest.mark.parametrize("key", sorted(PLACEHOLDERS_OF))
def test_issue_placeholders(key: str) -> None:
    """Names are escaped where the frontend shows Markdown, and nowhere else."""
    for kind, text in texts_by_kind(ENGLISH["issues"][key]):
        if kind in MARKDOWN_KINDS:
            assert placeholders(text) <= PLACEHOLDERS_OF[key], text
        else:
            assert placeholders(text) <= {"name", "reason"}, text


@pytest.mark.parametrize("flow", ["config", "options"])
def test_flow_placeholders(flow: str) -> None:
    """So it is in the flows."""
    for kind, text in texts_by_kind(ENGLISH[flow]):
        known = (
            {"title", "platform_url"} if kind in MARKDOWN_KINDS else {"name", "code"}
        )
        assert placeholders(text) <= known, text


# Entities and devices

DESCRIPTIONS: dict[str, tuple[EntityDescription, ...]] = {
    "binary_sensor": (binary_sensor.ONLINE, binary_sensor.PUSH),
    "button": (button.REFRESH,),
    "calendar": (calendar.ACCESS,),
    "event": (event.USER_CHANGES, *event.DOOR_EVENTS),
    "sensor": (
        sensor.API_CALLS,
        sensor.TEMPORARY_PASSWORDS,
        sensor.LAST_READ,
        sensor.MESSAGES,
        *sensor.DOOR_SENSORS,
        *sensor.LOCK_SENSORS,
        *sensor.USER_SENSORS,
    ),
    "switch": (switch.ENABLED,),
}


@pytest.mark.parametrize("platform", DESCRIPTIONS)
def test_entities(platform: str) -> None:
    """Each entity has a name, and an icon unless its device class has; no other does."""
    keys = {
        description.translation_key
        for description in DESCRIPTIONS[platform]
        if description.translation_key
    }
    assert ENGLISH["entity"].get(platform, {}).keys() == keys
    assert ICONS["entity"].get(platform, {}).keys() == keys
    for description in DESCRIPTIONS[platform]:
        assert description.translation_key or description.device_class


def test_no_other_entities() -> None:
    """All platforms were looked at."""
    assert ENGLISH["entity"].keys() <= DESCRIPTIONS.keys()
    assert ICONS["entity"].keys() <= DESCRIPTIONS.keys()


def test_states() -> None:
    """Each state of a sensor that has a few is a word, and no other."""
    descriptions: tuple[SensorEntityDescription, ...] = (
        *sensor.LOCK_SENSORS,
        *sensor.USER_SENSORS,
    )
    for description in descriptions:
        text = ENGLISH["entity"]["sensor"][str(description.translation_key)]
        assert text.get("state", {}).keys() == set(description.options or ())


def test_events() -> None:
    """Each thing that can happen has words, an icon and a sentence."""
    attributes = ENGLISH["entity"]["event"]["user_changes"]["state_attributes"]
    icons = ICONS["entity"]["event"]["user_changes"]["state_attributes"]
    happenings = set(ChangeType)
    assert attributes["event_type"]["state"].keys() == happenings
    assert icons["event_type"]["state"].keys() == happenings
    assert attributes["type"]["state"].keys() == METHOD_CODES.keys()
    sentences = {key for key in ENGLISH["common"] if key.startswith("change_")}
    assert sentences == {
        "change_delivery_failed_method",
        *(f"change_{happening}" for happening in happenings),
    }


@pytest.mark.parametrize("description", event.DOOR_EVENTS, ids=lambda one: one.key)
def test_door_events(description: EventEntityDescription) -> None:
    """So it is with what happens at a door, and an opening says with what."""
    text = ENGLISH["entity"]["event"][description.key]["state_attributes"]
    assert list(text["event_type"]["state"]) == list(description.event_types or ())
    assert text["source"]["state"].keys() == set(Source)


def test_devices() -> None:
    """A device without a name of its own is called by its id."""
    named = {
        constant(argument)
        for call in calls_of("_name", module="coordinator/devices.py")
        for argument in call.args
    } - {None}
    assert ENGLISH["device"].keys() == named
    for text in ENGLISH["device"].values():
        assert placeholders(text["name"]) == {"id"}


# Sentences


def test_sentences() -> None:
    """A sentence that is said by name is there, and is told all that it leaves open."""
    for call in calls_of("phrase"):
        if (key := constant(call.args[0])) is not None:
            assert placeholders(ENGLISH["common"][key]) == given(call), key


def test_no_other_sentences() -> None:
    """No sentence is left over."""
    words = {
        node.value
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    made = {f"day_{day}" for day in Weekday} | {f"change_{one}" for one in ChangeType}
    made |= {f"door_by_{one}" for one in OPENED_TYPES}
    assert ENGLISH["common"].keys() <= words | made
    assert made <= ENGLISH["common"].keys()


# Actions

SCHEMAS = {name: schema for name, (schema, _) in (READS | WRITES).items()}


def fields_of(name: str) -> dict[str, Json]:
    """Return the fields of an action as the form has them, those in sections too."""
    fields: dict[str, Json] = {}
    for field, content in SERVICES[name]["fields"].items():
        fields |= content.get("fields", {field: content})
    return fields


def required(schema: vol.Schema) -> dict[str, bool]:
    """Return the keys that a schema takes, and whether each is needed."""
    return {str(key): isinstance(key, vol.Required) for key in schema.schema}


def required_in_form(fields: dict[str, Json]) -> dict[str, bool]:
    """Return the fields of a form, and whether each is needed."""
    return {name: field.get("required", False) for name, field in fields.items()}


def selectors_of(kind: str) -> Iterator[Json]:
    """Yield all selectors of one kind, those in rows of a list too."""
    for name in SERVICES:
        for field in fields_of(name).values():
            rows = field["selector"].get("object", {}).get("fields", {})
            for each in (field, *rows.values()):
                if kind in each["selector"]:
                    yield each["selector"][kind] or {}


@pytest.mark.parametrize("name", SCHEMAS)
def test_form(name: str) -> None:
    """A form has the fields that the action takes, and needs those that it needs."""
    fields = fields_of(name)
    assert required_in_form(fields) == required(SCHEMAS[name])
    assert fields.keys() == ENGLISH["services"][name].get("fields", {}).keys()
    assert name in ICONS["services"]
    for field, content in fields.items():
        assert "default" not in content, f"{field} would always be sent"
    for section in SERVICES[name]["fields"].values():
        assert "fields" not in section or section["collapsed"]


@pytest.mark.parametrize("name", SCHEMAS)
def test_examples(name: str) -> None:
    """What a form shows as an example can be entered, and is taken."""
    data: Json = {}
    for key, field in fields_of(name).items():
        ((kind, config),) = field["selector"].items()
        if (example := field.get("example")) is not None:
            if (config or {}).get("multiple"):
                example = parse_yaml(str(example))
            entered: Any = selector(field["selector"])
            entered(example)
            data[key] = example
        elif kind in ("config_entry", "device"):
            data[key] = "some id"
        else:
            assert kind == "boolean", f"{key} has no example"
    SCHEMAS[name](data)


@pytest.mark.parametrize(
    ("key", "schema", "left_out"),
    [
        ("unlock_method", UNLOCK_METHOD_SCHEMA, set()),
        # There for schedules that are copied from an answer.
        ("window", WINDOW_SCHEMA, {ATTR_TIME_ZONE}),
    ],
)
def test_rows(key: str, schema: vol.Schema, left_out: set[str]) -> None:
    """A row of a list has the fields that the action takes, empty at first."""
    wanted = {
        name: needed
        for name, needed in required(schema).items()
        if name not in left_out
    }
    lists = [each for each in selectors_of("object") if each["translation_key"] == key]
    assert lists
    for each in lists:
        assert each["multiple"]
        assert required_in_form(each["fields"]) == wanted
        assert not any(field["default"] for field in each["fields"].values())
    texts = ENGLISH["selector"][key]["fields"]
    assert texts.keys() == wanted.keys()
    assert all(text.keys() == {"name", "description"} for text in texts.values())


@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("role", set(Role)),
        ("sex", set(Sex)),
        ("unlock_method_type", set(METHOD_CODES)),
        ("weekday", set(Weekday)),
        ("enrolled_method_type", set(ENROLLED_TYPES)),
        ("offline_password_kind", set(OfflineKind)),
    ],
)
def test_options(key: str, options: set[str]) -> None:
    """A choice offers what there is, with a word for each."""
    texts: dict[str, str] = ENGLISH["selector"][key]["options"]
    assert texts.keys() == options
    lists = [each for each in selectors_of("select") if each["translation_key"] == key]
    assert lists
    for each in lists:
        offered = each["options"]
        assert {
            one if isinstance(one, str) else one["value"] for one in offered
        } == options
        for one in offered:
            if not isinstance(one, str):
                assert one["label"] == texts[one["value"]]


def test_no_other_selectors() -> None:
    """All choices and lists were looked at."""
    keys = {
        each["translation_key"]
        for kind in ("object", "select")
        for each in selectors_of(kind)
    }
    assert ENGLISH["selector"].keys() == keys | {"data_center"}
    assert ENGLISH["selector"]["data_center"]["options"].keys() == HOSTS.keys()


def test_longest_wait() -> None:
    """The form knows how long an action may wait at most."""
    waits = [
        each["selector"]["number"]
        for name in SERVICES
        for key, each in fields_of(name).items()
        if key == "wait"
    ]
    assert waits
    longest = {LONGEST_WAIT_SECONDS, LONGEST_ENROLLMENT_SECONDS}
    assert {wait["max"] for wait in waits} == longest


def test_devices_offered() -> None:
    """A form offers what is ours only."""
    for chosen in selectors_of("device"):
        assert all(each["integration"] == DOMAIN for each in chosen["entity"])
    for chosen in selectors_of("config_entry"):
        assert chosen["integration"] == DOMAIN
