"""The texts match the code: keys and placeholders.

Checks of texts and forms without the code are in `test_repository`.
"""

import ast
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import voluptuous as vol

from custom_components.tuya_lock_users import (
    binary_sensor,
    button,
    calendar,
    event,
    switch,
)
from custom_components.tuya_lock_users.api.data_centers import HOSTS
from custom_components.tuya_lock_users.api.enrollment import ENROLLED_TYPES
from custom_components.tuya_lock_users.api.errors import TuyaError
from custom_components.tuya_lock_users.api.lock_events import ALARM_TYPES, OPENED_TYPES
from custom_components.tuya_lock_users.api.models import Role
from custom_components.tuya_lock_users.api.password_records import OfflineKind
from custom_components.tuya_lock_users.api.profiles import Sex
from custom_components.tuya_lock_users.api.schedule.model import Weekday
from custom_components.tuya_lock_users.api.unlock_methods import METHOD_CODES
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
from custom_components.tuya_lock_users.sensor import locks, users
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

from .common import ENGLISH, ICONS, INTEGRATION, placeholders

type Json = dict[str, Any]
type Placeholders = set[str]

SERVICES = load_yaml_dict(str(INTEGRATION / "services.yaml"))
TREES = {
    path.relative_to(INTEGRATION).as_posix(): ast.parse(
        path.read_text(encoding="utf-8")
    )
    for path in sorted(INTEGRATION.rglob("*.py"))
}


def calls_of(*names: str, module: str = "") -> Iterator[ast.Call]:
    for path, tree in TREES.items():
        for node in ast.walk(tree) if module in ("", path) else ():
            if isinstance(node, ast.Call):
                if ast.unparse(node.func).rpartition(".")[2] in names:
                    yield node


def constant(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def given(call: ast.Call) -> Placeholders:
    assert all(keyword.arg for keyword in call.keywords), ast.unparse(call)
    return {str(keyword.arg) for keyword in call.keywords}


def keyword_of(call: ast.Call, name: str) -> ast.expr | None:
    return next(
        (keyword.value for keyword in call.keywords if keyword.arg == name), None
    )


def steps_of(module: str, flow: str) -> set[str]:
    return {
        node.name.removeprefix("async_step_")
        for each in ast.walk(TREES[module])
        if isinstance(each, ast.ClassDef) and each.name == flow
        for node in each.body
        if isinstance(node, ast.AsyncFunctionDef)
        and node.name.startswith("async_step_")
    }


def refusals() -> list[tuple[str, Placeholders]]:
    """Return key and placeholders of each raised error."""
    found = []
    for call in calls_of("not_possible", "command_failed"):
        key = constant(call.args[0])
        assert key is not None, ast.unparse(call)
        found.append((key, given(call)))
    return found


def errors_below(base: type[TuyaError]) -> Iterator[type[TuyaError]]:
    for error in base.__subclasses__():
        yield error
        yield from errors_below(error)


ERRORS: tuple[type[TuyaError], ...] = (TuyaError, *errors_below(TuyaError))
REPAIRABLE = {row.key for row in HANDLING.values() if row.has_repair}


def message(key: str) -> str:
    text: str = ENGLISH["exceptions"][key]["message"]
    return text


def test_refusals() -> None:
    for key, given_names in refusals():
        assert placeholders(message(key)) == given_names, key
    raised = {key for key, _ in refusals()} | {row.key for row in HANDLING.values()}
    assert ENGLISH["exceptions"].keys() == raised


@pytest.mark.parametrize("make", [action_error, update_error])
def test_cloud_errors(make: Callable[[TuyaError], Exception]) -> None:
    for error in ERRORS:
        raised: Any = make(error("text of the cloud", code=1))
        text = message(raised.translation_key)
        assert placeholders(text) <= (raised.translation_placeholders or {}).keys()
        assert raised.translation_domain == DOMAIN


def test_steps_and_fields() -> None:
    """Exactly the steps and fields of the flows have texts."""
    steps = steps_of("config_flow.py", "TuyaLockUsersConfigFlow") - {"reauth"}
    assert ENGLISH["config"]["step"].keys() == steps
    steps = steps_of("config_flow.py", "TuyaLockUsersOptionsFlow")
    assert ENGLISH["options"]["step"].keys() == steps
    for step, schema in (
        ("user", forms.PROJECT_SCHEMA),
        ("reconfigure", forms.PROJECT_SCHEMA),
        ("reauth_confirm", forms.CREDENTIALS_SCHEMA),
    ):
        fields = {str(marker) for marker in schema.schema}
        assert ENGLISH["config"]["step"][step]["data"].keys() == fields


def test_flow_errors() -> None:
    errors = {row.form_error for row in HANDLING.values()}
    of_forms = {constant(call.args[0]) for call in calls_of("InputError")}
    assert ENGLISH["config"]["error"].keys() == errors | of_forms - {
        "invalid_subscription"
    }
    # The options form has no address.
    assert ENGLISH["options"]["error"].keys() == errors | of_forms - {"invalid_url"}


def test_aborts() -> None:
    reasons = {
        constant(call.args[0])
        for call in calls_of("AbortFlow", module="config_flow.py")
    }
    if any(calls_of("_abort_if_unique_id_configured")):
        reasons.add("already_configured")
    assert ENGLISH["config"]["abort"].keys() == reasons


def test_issues() -> None:
    """Each issue has texts, and each fixable one has a flow."""
    assert ENGLISH["issues"].keys() == {
        *REPAIRABLE,
        *LOCK_ISSUES,
        *PUSH_ISSUES,
        EMPTY_LOCK_LIST,
    }
    fixable = {key for key, issue in ENGLISH["issues"].items() if "fix_flow" in issue}
    assert fixable == {*REPAIRABLE, *FIXABLE_LOCK_ISSUES, *PUSH_ISSUES}


def test_repair_dialogs() -> None:
    """A repair flow has texts for each of its steps that is shown."""
    flows = {
        **dict.fromkeys(REPAIRABLE, "ProjectRepair"),
        **dict.fromkeys(PUSH_ISSUES, "PushRepair"),
        "absent_users": "AbsentUsersRepair",
        "unassigned_unlock_methods": "UnassignedMethodsRepair",
    }
    for key, flow in flows.items():
        texts = ENGLISH["issues"][key]["fix_flow"]["step"]
        steps = steps_of("repairs.py", flow)
        menu = {
            option for step in texts.values() for option in step.get("menu_options", ())
        }
        assert texts.keys() | menu <= steps
        assert steps - texts.keys() - menu <= {"init"}


def test_repair_reasons() -> None:
    """Exactly the results of a repair flow have texts."""
    dialogs = [
        issue["fix_flow"] for issue in ENGLISH["issues"].values() if "fix_flow" in issue
    ]
    reasons = {
        constant(keyword_of(call, "reason"))
        for call in calls_of("async_abort", module="repairs.py")
    }
    assert {key for texts in dialogs for key in texts["abort"]} == reasons
    errors = {key for texts in dialogs for key in texts.get("error", ())}
    assert errors <= {
        node.value
        for node in ast.walk(TREES["repairs.py"])
        if isinstance(node, ast.Constant)
    }


def texts_by_kind(node: Json, kind: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text of a flow or an issue, with its kind."""
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


def test_placeholders() -> None:
    """Names are escaped where the frontend shows Markdown, and nowhere else."""
    of_flows = {flow: {"title", "platform_url"} for flow in ("config", "options")}
    for key, names in (PLACEHOLDERS_OF | of_flows).items():
        for kind, text in texts_by_kind(ENGLISH.get(key) or ENGLISH["issues"][key]):
            plain = {"name", "code" if key in of_flows else "reason"}
            allowed = names if kind in MARKDOWN_KINDS else plain
            assert placeholders(text) <= allowed, text


DESCRIPTIONS: dict[str, tuple[EntityDescription, ...]] = {
    "binary_sensor": (binary_sensor.ONLINE, binary_sensor.PUSH),
    "button": (button.REFRESH,),
    "calendar": (calendar.ACCESS,),
    "event": (event.USER_CHANGES, *event.DOOR_EVENTS),
    "sensor": (
        locks.API_CALLS,
        locks.TEMPORARY_PASSWORDS,
        locks.LAST_READ,
        locks.MESSAGES,
        *locks.DOOR_SENSORS,
        *locks.LOCK_SENSORS,
        *users.USER_SENSORS,
    ),
    "switch": (switch.ENABLED,),
}


def test_entities() -> None:
    for platform, descriptions in DESCRIPTIONS.items():
        keys = {one.translation_key for one in descriptions if one.translation_key}
        assert ENGLISH["entity"].get(platform, {}).keys() == keys
        assert ICONS["entity"].get(platform, {}).keys() == keys
        assert all(one.translation_key or one.device_class for one in descriptions)
    assert ENGLISH["entity"].keys() <= DESCRIPTIONS.keys()
    assert ICONS["entity"].keys() <= DESCRIPTIONS.keys()


def test_states() -> None:
    descriptions: tuple[SensorEntityDescription, ...] = (
        *locks.LOCK_SENSORS,
        *users.USER_SENSORS,
    )
    for description in descriptions:
        text = ENGLISH["entity"]["sensor"][str(description.translation_key)]
        assert text.get("state", {}).keys() == set(description.options or ())


def test_events() -> None:
    """Each change has a text, an icon and a logbook sentence."""
    attributes = ENGLISH["entity"]["event"]["user_changes"]["state_attributes"]
    icons = ICONS["entity"]["event"]["user_changes"]["state_attributes"]
    change_types = set(ChangeType)
    assert attributes["event_type"]["state"].keys() == change_types
    assert icons["event_type"]["state"].keys() == change_types
    assert attributes["type"]["state"].keys() == METHOD_CODES.keys()
    sentences = {key for key in ENGLISH["common"] if key.startswith("change_")}
    assert sentences == {
        "change_delivery_failed_method",
        *(f"change_{change_type}" for change_type in change_types),
    }


@pytest.mark.parametrize("description", event.DOOR_EVENTS, ids=lambda one: one.key)
def test_door_events(description: EventEntityDescription) -> None:
    """Each event type and source of a door event has a text."""
    text = ENGLISH["entity"]["event"][description.key]["state_attributes"]
    assert list(text["event_type"]["state"]) == list(description.event_types or ())
    assert text["source"]["state"].keys() == set(Source)


def test_devices() -> None:
    named = {
        constant(argument)
        for call in calls_of("_name", module="coordinator/devices.py")
        for argument in call.args
    } - {None}
    assert ENGLISH["device"].keys() == named
    for text in ENGLISH["device"].values():
        assert placeholders(text["name"]) == {"id"}


def test_phrases() -> None:
    """Exactly the used phrases exist, with their placeholders."""
    for call in calls_of("phrase"):
        if (key := constant(call.args[0])) is not None:
            assert placeholders(ENGLISH["common"][key]) == given(call), key
    words = {
        node.value
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    built = {f"day_{day}" for day in Weekday} | {f"change_{one}" for one in ChangeType}
    built |= {f"door_by_{one}" for one in OPENED_TYPES}
    assert built <= ENGLISH["common"].keys() <= words | built


SCHEMAS = {name: schema for name, (schema, _) in (READS | WRITES).items()}


def fields_of(name: str) -> dict[str, Json]:
    """Return the fields of an action's form, including those in sections."""
    fields: dict[str, Json] = {}
    for field, content in SERVICES[name]["fields"].items():
        fields |= content.get("fields", {field: content})
    return fields


def required(schema: vol.Schema) -> dict[str, bool]:
    """Return the keys of a schema, and whether each is required."""
    return {str(key): isinstance(key, vol.Required) for key in schema.schema}


def required_in_form(fields: dict[str, Json]) -> dict[str, bool]:
    return {name: field.get("required", False) for name, field in fields.items()}


def selectors_of(kind: str) -> Iterator[Json]:
    for name in SERVICES:
        for field in fields_of(name).values():
            rows = field["selector"].get("object", {}).get("fields", {})
            for each in (field, *rows.values()):
                if kind in each["selector"]:
                    yield each["selector"][kind] or {}


@pytest.mark.parametrize("name", SCHEMAS)
def test_form(name: str) -> None:
    """A form has the fields of the action, with the same required ones."""
    fields = fields_of(name)
    assert required_in_form(fields) == required(SCHEMAS[name])
    assert fields.keys() == ENGLISH["services"][name].get("fields", {}).keys()
    assert ENGLISH["services"].keys() == ICONS["services"].keys() == SCHEMAS.keys()
    for field, content in fields.items():
        assert "default" not in content, f"{field} would always be sent"
    for section in SERVICES[name]["fields"].values():
        assert "fields" not in section or section["collapsed"]


@pytest.mark.parametrize("name", SCHEMAS)
def test_examples(name: str) -> None:
    """Examples in a form are valid input."""
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
        # Accepted for schedules copied from a response.
        ("window", WINDOW_SCHEMA, {ATTR_TIME_ZONE}),
    ],
)
def test_rows(key: str, schema: vol.Schema, left_out: set[str]) -> None:
    """A row of a list has the fields of the action, without defaults."""
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


def test_options() -> None:
    choices: dict[str, set[str]] = {
        "role": set(Role),
        "sex": set(Sex),
        "unlock_method_type": set(METHOD_CODES),
        "weekday": set(Weekday),
        "enrolled_method_type": set(ENROLLED_TYPES),
        "offline_password_kind": set(OfflineKind),
        "record_type": {*OPENED_TYPES, *ALARM_TYPES, "ring"},
    }
    for each in selectors_of("select"):
        options = choices[each["translation_key"]]
        texts = ENGLISH["selector"][each["translation_key"]]["options"]
        offered = [
            (one, texts[one]) if isinstance(one, str) else (one["value"], one["label"])
            for one in each["options"]
        ]
        assert dict(offered) == texts
        assert texts.keys() == options
    used = {each["translation_key"] for each in selectors_of("select")}
    assert used == choices.keys()
    rows = {each["translation_key"] for each in selectors_of("object")}
    assert ENGLISH["selector"].keys() == used | rows | {"data_center"}
    assert ENGLISH["selector"]["data_center"]["options"].keys() == HOSTS.keys()


def test_longest_wait() -> None:
    """The form limits the wait as the action does."""
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
    """A form offers only devices and entries of the integration."""
    for chosen in selectors_of("device"):
        assert all(each["integration"] == DOMAIN for each in chosen["entity"])
    for chosen in selectors_of("config_entry"):
        assert chosen["integration"] == DOMAIN
