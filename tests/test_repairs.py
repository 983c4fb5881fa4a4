"""Repairs: each is shown, can be repaired, and is gone with its cause."""

from collections.abc import Callable
import re
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.tuya_lock_users.const import DOMAIN
from custom_components.tuya_lock_users.coordinator.issues import LOCK_ISSUES
from custom_components.tuya_lock_users.localize import escape_markdown
from homeassistant.components.repairs import RepairsFlowManager, repairs_flow_manager
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from simulator import Delivery, DeliveryRules, Fault, Lock, SimulatedCloud
from simulator.faults import Faults
from tests.common import field_input, lock_device, state_of
from tests.conftest import NOW, SetUp, Tick

CYCLE_SECONDS: Final = 5 * 60
DAY_SECONDS: Final = 24 * 3600
NOW_SECONDS: Final = int(NOW.timestamp())


@pytest.fixture
async def flows(hass: HomeAssistant) -> RepairsFlowManager:
    """The dialogs of repairs."""
    assert await async_setup_component(hass, "repairs", {})
    manager = repairs_flow_manager(hass)
    assert manager
    return manager


@pytest.fixture
async def swift(cloud: SimulatedCloud) -> None:
    """Have locks that take orders at once."""
    cloud.delivery.delay = 0


def shown(issue_registry: ir.IssueRegistry) -> set[str | None]:
    """Return what repairs are shown, ignored ones not."""
    return {
        issue.translation_key
        for (domain, _), issue in issue_registry.issues.items()
        if domain == DOMAIN and issue.active and issue.dismissed_version is None
    }


def issue_of(issue_registry: ir.IssueRegistry, key: str) -> ir.IssueEntry:
    """Return the only issue of a kind."""
    (issue,) = (
        issue
        for issue in issue_registry.issues.values()
        if issue.translation_key == key
    )
    return issue


async def start(
    flows: RepairsFlowManager, issue_registry: ir.IssueRegistry, key: str
) -> Any:
    """Open the dialog of an issue."""
    issue_id = issue_of(issue_registry, key).issue_id
    return await flows.async_init(DOMAIN, context={"issue_id": issue_id})


async def submit(flows: RepairsFlowManager, dialog: Any, **answers: Any) -> Any:
    """Fill in a dialog and go on."""
    return await flows.async_configure(dialog["flow_id"], answers)


# --- The project -------------------------------------------------------------------

REFUSALS: Final[dict[str, Callable[[Faults], Fault]]] = {
    "not_authorized": lambda faults: faults.not_authorized(),
    "data_center_disabled": lambda faults: faults.not_authorized(code=28841107),
    "wrong_data_center": lambda faults: faults.cross_region(),
    "ip_not_allowed": lambda faults: faults.ip_not_allowed(),
    "subscription_expired": lambda faults: faults.plan_expired(),
    "quota_exhausted": lambda faults: faults.quota(0),
}


@pytest.mark.parametrize("key", REFUSALS)
async def test_project_issue(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    flows: RepairsFlowManager,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    key: str,
) -> None:
    """What somebody must change at Tuya is told, and asked for again on demand."""
    entry = await set_up()
    assert shown(issue_registry) == set()

    cloud.kill_token()
    fault = REFUSALS[key](cloud.faults)
    await tick(CYCLE_SECONDS)
    assert shown(issue_registry) == {key}
    placeholders = issue_of(issue_registry, key).translation_placeholders
    assert placeholders
    assert placeholders["title"] == "Tuya project"
    assert placeholders["since"] == "2026-12-09 02:05"

    dialog = await start(flows, issue_registry, key)
    assert (dialog["type"], dialog["step_id"]) == (FlowResultType.FORM, "confirm")
    assert dialog["description_placeholders"] == placeholders

    dialog = await submit(flows, dialog)
    assert dialog["errors"] == {"base": "still_refused"}
    is_kept = key != "not_authorized"
    assert (entry.state is ConfigEntryState.LOADED) is is_kept
    assert (state_of(hass, "front_users") == "2") is is_kept
    assert shown(issue_registry) == {key}

    fault.remove()
    dialog = await submit(flows, dialog)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert dialog["type"] is FlowResultType.CREATE_ENTRY
    assert shown(issue_registry) == set()
    assert state_of(hass, "front_users") == "2"


async def test_project_issue_mended_by_itself(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
) -> None:
    """Nobody has to press anything: the pause is over some time."""
    await set_up()
    fault = cloud.faults.plan_expired()
    await tick(CYCLE_SECONDS)
    assert shown(issue_registry) == {"subscription_expired"}

    fault.remove()
    for _ in range(10):
        await tick(30 * 60)

    assert shown(issue_registry) == set()


async def test_authorization_of_one_call(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    flows: RepairsFlowManager,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
) -> None:
    """Where only the list of users is refused, the entry is there and still repaired."""
    fault = cloud.faults.not_authorized("smart_lock_users", "users_v11", "users_v10")
    entry = await set_up()
    assert entry.state is ConfigEntryState.LOADED
    assert shown(issue_registry) == {"not_authorized"}

    dialog = await start(flows, issue_registry, "not_authorized")
    dialog = await submit(flows, dialog)
    assert dialog["errors"] == {"base": "still_refused"}

    fault.remove()
    dialog = await submit(flows, dialog)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert dialog["type"] is FlowResultType.CREATE_ENTRY
    assert shown(issue_registry) == set()


async def test_project_issue_gives_way_to_another(
    issue_registry: ir.IssueRegistry,
    flows: RepairsFlowManager,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
) -> None:
    """Where something else is in the way now, the dialog does not claim to know."""
    await set_up()
    fault = cloud.faults.plan_expired()
    await tick(CYCLE_SECONDS)
    dialog = await start(flows, issue_registry, "subscription_expired")

    fault.remove()
    fault = cloud.faults.http(503, times=None)
    dialog = await submit(flows, dialog)
    assert dialog["errors"] == {"base": "not_known"}

    fault.remove()
    dialog = await submit(flows, dialog)
    assert dialog["type"] is FlowResultType.CREATE_ENTRY


async def test_project_issue_while_the_entry_is_busy(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    flows: RepairsFlowManager,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
) -> None:
    """An entry that cannot be reloaded right now is one to try later."""
    entry = await set_up()
    cloud.faults.plan_expired()
    await tick(CYCLE_SECONDS)
    dialog = await start(flows, issue_registry, "subscription_expired")

    entry.mock_state(hass, ConfigEntryState.FAILED_UNLOAD)
    dialog = await submit(flows, dialog)
    assert dialog["errors"] == {"base": "not_known"}
    entry.mock_state(hass, ConfigEntryState.LOADED)


async def test_project_issue_of_an_entry_that_is_gone(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    flows: RepairsFlowManager,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
) -> None:
    """A dialog left open does not bring an entry back; its issues go with it."""
    entry = await set_up()
    door.add_method("card")
    cloud.faults.plan_expired()
    await tick(CYCLE_SECONDS)
    dialog = await start(flows, issue_registry, "subscription_expired")

    await hass.config_entries.async_remove(entry.entry_id)
    assert not [issue for issue in issue_registry.issues if issue[0] == DOMAIN]
    dialog = await submit(flows, dialog)
    assert dialog["type"] is FlowResultType.ABORT
    assert dialog["reason"] == "entry_gone"


async def test_entry_is_disabled_meanwhile(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    door: Lock,
    set_up: SetUp,
) -> None:
    """Nothing can be done about what is not followed; it is told again when it is."""
    door.add_method("card")
    entry = await set_up()
    assert shown(issue_registry) == {"unassigned_unlock_methods"}

    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    assert shown(issue_registry) == set()

    await hass.config_entries.async_set_disabled_by(entry.entry_id, None)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(issue_registry) == {"unassigned_unlock_methods"}


async def test_entry_that_did_not_start_is_disabled(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
) -> None:
    """It is so, too, where the entry never came as far as having anything to unload."""
    cloud.faults.not_authorized()
    entry = await set_up()
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert shown(issue_registry) == {"not_authorized"}

    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    assert shown(issue_registry) == set()

    await hass.config_entries.async_set_disabled_by(entry.entry_id, None)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(issue_registry) == {"not_authorized"}


# --- Deliveries --------------------------------------------------------------------


async def test_delivery_failed(
    issue_registry: ir.IssueRegistry, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A change that did not arrive is named, and goes when it has arrived."""
    await set_up()
    bob, card = door.find("bob"), door.methods_of(door.find("bob"))[0]
    bob.nick_name = "B*b"
    bob.schedule.operate, bob.schedule.delivery = "ADD", Delivery(0, "FAILED")
    card.delivery = Delivery(0, "FAILED")
    await tick(CYCLE_SECONDS)

    issue = issue_of(issue_registry, "delivery_failed")
    assert not issue.is_fixable
    assert issue.translation_placeholders == {
        "name": "Front door",
        "lock": "Front door",
        "count": "2",
        "items": (
            "- Schedule of B\\*b\n- Unlock method of B\\*b: Card 1 \\(Blue card\\)"
        ),
    }

    bob.schedule.delivery = Delivery(0, "SUCCESS")
    await tick(CYCLE_SECONDS)
    issue = issue_of(issue_registry, "delivery_failed")
    assert issue.translation_placeholders
    assert issue.translation_placeholders["count"] == "1"

    door.remove_method(card)
    await tick(CYCLE_SECONDS)
    assert shown(issue_registry) == set()


# --- Unlock methods of nobody ------------------------------------------------------


async def test_unassigned(
    issue_registry: ir.IssueRegistry, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """What belongs to nobody is told by the sweep, and gone when it is erased."""
    stray = door.add_method("fingerprint", unlock_sn=9, name="")
    await set_up()

    issue = issue_of(issue_registry, "unassigned_unlock_methods")
    assert issue.is_fixable
    assert issue.translation_placeholders == {
        "name": "Front door",
        "lock": "Front door",
        "count": "1",
        "items": "- Fingerprint 9",
    }

    door.remove_method(stray)
    await tick(DAY_SECONDS)
    await tick(CYCLE_SECONDS)
    assert shown(issue_registry) == set()


async def test_users_of_the_same_name(
    issue_registry: ir.IssueRegistry,
    flows: RepairsFlowManager,
    door: Lock,
    set_up: SetUp,
) -> None:
    """A key must not go to somebody who is only called the same."""
    door.add_method("card")
    door.add_user("Bob", user_id="robert")
    await set_up()

    dialog = await start(flows, issue_registry, "unassigned_unlock_methods")
    dialog = await submit(flows, dialog, next_step_id="assign")
    fields = {str(name): field for name, field in dialog["data_schema"].schema.items()}
    labels = [option["label"] for option in fields["user"].config["options"]]
    assert labels == ["Alice", "Bob, bob", "Bob, robert"]


async def test_many_unassigned(
    issue_registry: ir.IssueRegistry, door: Lock, set_up: SetUp
) -> None:
    """Nobody reads a list of hundreds."""
    for _ in range(25):
        door.add_method("card", name="")
    await set_up()

    placeholders = issue_of(
        issue_registry, "unassigned_unlock_methods"
    ).translation_placeholders
    assert placeholders
    *lines, more = placeholders["items"].splitlines()
    assert len(lines) == 20
    assert more == "… and 5 more"


async def test_not_known_is_no_issue(
    issue_registry: ir.IssueRegistry, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """Where a lock does not tell, nothing is claimed."""
    door.add_method("card")
    door.remove_user("bob")
    cloud.faults.refuse(2009, on=("absent_users", "unassigned_keys"), times=None)
    await set_up()

    assert shown(issue_registry) == set()


@pytest.mark.usefixtures("swift")
async def test_assign(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    flows: RepairsFlowManager,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
) -> None:
    """Methods are given to whom they belong, some now and the others later."""
    stray = door.add_method("fingerprint", unlock_sn=9)
    other = door.add_method("card", unlock_sn=9)
    await set_up()
    key = "unassigned_unlock_methods"

    dialog = await start(flows, issue_registry, key)
    assert dialog["type"] is FlowResultType.MENU
    assert dialog["menu_options"] == ["assign", "ignore"]
    assert dialog["description_placeholders"]["lock"] == "Front door"
    dialog = await submit(flows, dialog, next_step_id="assign")
    assert dialog["step_id"] == "assign"
    fields = {str(name): field for name, field in dialog["data_schema"].schema.items()}
    assert fields["unlock_methods"].config["options"] == [
        {"value": "fingerprint 9", "label": "Fingerprint 9"},
        {"value": "card 9", "label": "Card 9"},
    ]
    assert fields["user"].config["options"] == [
        {"value": "alice", "label": "Alice"},
        {"value": "bob", "label": "Bob"},
    ]

    schema = dialog["data_schema"].schema
    assert not any(isinstance(name, vol.Required) for name in schema)
    incomplete: list[dict[str, Any]] = [
        {},
        {"user": "bob"},
        {"unlock_methods": ["card 9"]},
        {"unlock_methods": [], "user": "bob"},
    ]
    for answers in incomplete:
        dialog = await submit(flows, dialog, **answers)
        assert dialog["errors"] == {"base": "nothing_chosen"}
    assert not cloud.calls.writes

    fault = cloud.faults.refuse(2001, on="allocate")
    dialog = await submit(flows, dialog, unlock_methods=["fingerprint 9"], user="bob")
    assert fault.hits
    assert dialog["errors"] == {"base": "failed"}
    assert dialog["description_placeholders"]["reason"]
    assert door.unassigned == [stray, other]

    dialog = await submit(flows, dialog, unlock_methods=["fingerprint 9"], user="bob")
    assert (dialog["type"], dialog["reason"]) == (FlowResultType.ABORT, "some_left")
    assert stray in door.methods_of(door.find("bob"))
    assert door.unassigned == [other]
    placeholders = issue_of(issue_registry, key).translation_placeholders
    assert placeholders
    assert placeholders["count"] == "1"

    dialog = await start(flows, issue_registry, key)
    dialog = await submit(flows, dialog, next_step_id="assign")
    dialog = await submit(flows, dialog, unlock_methods=["card 9"], user="alice")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert dialog["type"] is FlowResultType.CREATE_ENTRY
    assert other in door.methods_of(door.find("alice"))
    assert shown(issue_registry) == set()


async def test_ignore(
    issue_registry: ir.IssueRegistry,
    flows: RepairsFlowManager,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
) -> None:
    """What is ignored stays so, until there is another that nobody has seen."""
    door.add_method("fingerprint", unlock_sn=9)
    await set_up()
    dialog = await start(flows, issue_registry, "unassigned_unlock_methods")
    dialog = await submit(flows, dialog, next_step_id="ignore")
    assert (dialog["type"], dialog["reason"]) == (FlowResultType.ABORT, "ignored")
    assert shown(issue_registry) == set()

    await tick(DAY_SECONDS)
    await tick(CYCLE_SECONDS)
    assert shown(issue_registry) == set()

    door.add_method("card")
    await tick(DAY_SECONDS)
    await tick(CYCLE_SECONDS)
    assert shown(issue_registry) == {"unassigned_unlock_methods"}
    assert not cloud.calls.writes


# --- Users who are gone ------------------------------------------------------------


@pytest.mark.usefixtures("swift")
async def test_purge(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    flows: RepairsFlowManager,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
) -> None:
    """Who is gone is deleted from the lock after somebody agreed, nobody else."""
    door.remove_user("bob")
    await set_up()
    assert shown(issue_registry) == {"absent_users", "unassigned_unlock_methods"}
    placeholders = issue_of(issue_registry, "absent_users").translation_placeholders
    assert placeholders
    assert placeholders["items"] == "- User bob"

    dialog = await start(flows, issue_registry, "absent_users")
    assert (dialog["type"], dialog["step_id"]) == (FlowResultType.FORM, "confirm")
    assert not cloud.calls.writes

    cloud.faults.refuse(2001, on="purge_users")
    dialog = await submit(flows, dialog)
    assert dialog["errors"] == {"base": "failed"}
    assert dialog["description_placeholders"]["reason"]
    assert dialog["description_placeholders"]["items"] == "- User bob"

    dialog = await submit(flows, dialog)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert dialog["type"] is FlowResultType.CREATE_ENTRY
    assert door.absent == {}
    assert set(door.users) == {"alice"}
    assert "absent_users" not in shown(issue_registry)


async def test_purge_that_the_lock_does_not_take(
    issue_registry: ir.IssueRegistry,
    flows: RepairsFlowManager,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While the lock has yet to do it, the issue stays."""
    monkeypatch.setattr(
        "custom_components.tuya_lock_users.commands.users.PURGE_WAIT_SECONDS", 0
    )
    door.remove_user("bob")
    door.delivery = DeliveryRules(outcome="NEVER")
    await set_up()

    dialog = await start(flows, issue_registry, "absent_users")
    dialog = await submit(flows, dialog)

    assert (dialog["type"], dialog["reason"]) == (FlowResultType.ABORT, "some_left")
    assert "absent_users" in shown(issue_registry)


# --- What they share ---------------------------------------------------------------


@pytest.mark.parametrize("key", ["absent_users", "unassigned_unlock_methods"])
async def test_lock_that_is_not_there(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    flows: RepairsFlowManager,
    door: Lock,
    set_up: SetUp,
    key: str,
) -> None:
    """Nothing is ordered of a lock whose project is not set up at the moment."""
    door.remove_user("bob")
    entry: MockConfigEntry = await set_up()
    dialog = await start(flows, issue_registry, key)

    assert await hass.config_entries.async_unload(entry.entry_id)
    if dialog["type"] is FlowResultType.MENU:
        dialog = await submit(flows, dialog, next_step_id="assign")
    else:
        dialog = await submit(flows, dialog)

    assert (dialog["type"], dialog["reason"]) == (FlowResultType.ABORT, "not_loaded")


async def test_lock_that_left(
    issue_registry: ir.IssueRegistry,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
) -> None:
    """A lock takes its issues along, and leaves those of the others."""
    door.remove_user("bob")
    gate = cloud.add_lock("gate", "Garden gate")
    gate.add_method("card")
    await set_up()
    issues = [key for key in issue_registry.issues if key[0] == DOMAIN]
    assert len(issues) == 3

    cloud.remove_device("front")
    await tick(30 * 60)
    await tick(30 * 60)

    (issue,) = (
        one for (domain, _), one in issue_registry.issues.items() if domain == DOMAIN
    )
    assert issue.translation_placeholders
    assert issue.translation_placeholders["lock"] == "Garden gate"


async def test_reload_keeps_what_is_ignored(
    hass: HomeAssistant, issue_registry: ir.IssueRegistry, door: Lock, set_up: SetUp
) -> None:
    """A reload shows the same issues, and does not bring back an ignored one."""
    door.remove_user("bob")
    entry = await set_up()
    ignored = issue_of(issue_registry, "unassigned_unlock_methods").issue_id
    ir.async_ignore_issue(hass, DOMAIN, ignored, True)

    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert shown(issue_registry) == {"absent_users"}
    assert ignored in {issue_id for _, issue_id in issue_registry.issues}


def test_all_are_shown() -> None:
    """Every issue about a lock has a test."""
    assert {*LOCK_ISSUES} == {
        "absent_users",
        "delivery_failed",
        "empty_user_list",
        "unassigned_unlock_methods",
    }


# --- Names -------------------------------------------------------------------------


async def test_names_are_no_markdown(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
) -> None:
    """Every text shows the name of a lock, a user, a method, or a project as it is."""
    name = field_input("lock_name_with_a_link")["result"]["devices"][0]["name"]
    name += " # ~~a~~ `b` www.evil.example <ha-alert> _c_ | a@evil.example"
    bob = door.find("bob")
    door.device.name = bob.nick_name = name
    bob.schedule.operate, bob.schedule.delivery = "ADD", Delivery(0, "FAILED")
    door.methods_of(bob)[0].unlock_name = name
    door.methods_of(bob)[0].delivery = Delivery(0, "FAILED")
    door.add_method("card", name=name)
    ada = door.add_user("Ada", user_id=name)
    door.add_method("card", ada)
    door.remove_user(ada.user_id)
    entry = await set_up(title=name)
    cloud.faults.plan_expired()
    await tick(CYCLE_SECONDS)
    expected = {*LOCK_ISSUES, "subscription_expired"} - {"empty_user_list"}
    assert shown(issue_registry) == expected

    shown_name = name[:60]
    for issue in issue_registry.issues.values():
        placeholders = dict(issue.translation_placeholders or {})
        assert placeholders.pop("name").startswith(name[:60])
        names = [text for text in placeholders.values() if "evil" in text]
        assert names
        for text in names:
            lines = [line.removeprefix("- ") for line in text.splitlines()]
            for line in lines:
                assert shown_name in re.sub(r"\\(.)", r"\1", line)
                assert not re.search(r"(?<!\\)([\[\]*_<>`|~#]|https?:|\.)", line)

    result = await entry.start_reconfigure_flow(hass)
    placeholders = dict(result["description_placeholders"] or {})
    assert placeholders["name"] == name
    assert placeholders["title"] == escape_markdown(name)


async def test_absent_user_who_is_a_user(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
) -> None:
    """A lock may list current users as absent, who are not counted nor deleted."""
    cloud.dialects.members_are_absent = True
    entry = await set_up()
    assert "absent_users" not in shown(issue_registry)
    assert state_of(hass, "front_absent_users") == "0"

    door.remove_user("bob")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    placeholders = issue_of(issue_registry, "absent_users").translation_placeholders
    assert placeholders
    assert placeholders["items"] == "- User bob"
    assert state_of(hass, "front_absent_users") == "1"
    device = lock_device(hass, entry, "front")
    assert device
    response: Any = await hass.services.async_call(
        DOMAIN,
        "get_absent_users",
        {"device_id": device.id},
        blocking=True,
        return_response=True,
    )
    assert [user["user_id"] for user in response["users"]] == ["bob"]
