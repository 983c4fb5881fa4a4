"""Repairs: each is shown, can be fixed, and is deleted with its cause."""

from collections.abc import Callable
from dataclasses import dataclass
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
from simulator import Delivery, DeliveryRules, Fault, SimulatedCloud
from simulator.faults import Faults
from tests.common import field_input
from tests.conftest import CYCLE_SECONDS, DAY_SECONDS, Home


@dataclass(frozen=True, slots=True)
class Repairs:
    registry: ir.IssueRegistry
    flows: RepairsFlowManager

    @property
    def shown(self) -> set[str | None]:
        return {
            issue.translation_key
            for (domain, _), issue in self.registry.issues.items()
            if domain == DOMAIN and issue.active and issue.dismissed_version is None
        }

    def issue(self, key: str) -> ir.IssueEntry:
        issues = self.registry.issues.values()
        (issue,) = (issue for issue in issues if issue.translation_key == key)
        return issue

    def placeholders(self, key: str) -> dict[str, str]:
        return self.issue(key).translation_placeholders or {}

    async def start(self, key: str) -> Any:
        issue_id = self.issue(key).issue_id
        return await self.flows.async_init(DOMAIN, context={"issue_id": issue_id})

    async def submit(self, dialog: Any, **answers: Any) -> Any:
        return await self.flows.async_configure(dialog["flow_id"], answers)


@pytest.fixture
async def repairs(hass: HomeAssistant, issue_registry: ir.IssueRegistry) -> Repairs:
    """The repairs page, where nothing is shown yet."""
    assert await async_setup_component(hass, "repairs", {})
    manager = repairs_flow_manager(hass)
    assert manager
    return Repairs(issue_registry, manager)


@pytest.fixture
async def fast_delivery(cloud: SimulatedCloud) -> None:
    cloud.delivery.delay = 0


REFUSALS: Final[dict[str, Callable[[Faults], Fault]]] = {
    "not_authorized": lambda faults: faults.not_authorized(),
    "data_center_disabled": lambda faults: faults.not_authorized(code=28841107),
    "wrong_data_center": lambda faults: faults.cross_region(),
    "ip_not_allowed": lambda faults: faults.ip_not_allowed(),
    "subscription_expired": lambda faults: faults.plan_expired(),
    "quota_exhausted": lambda faults: faults.quota(0),
}


@pytest.mark.parametrize("key", REFUSALS)
async def test_project_issue(home: Home, repairs: Repairs, key: str) -> None:
    """A required change at Tuya is reported, and verified on request."""
    entry = await home.set_up()
    assert repairs.shown == set()

    home.cloud.kill_token()
    fault = REFUSALS[key](home.cloud.faults)
    await home.tick(CYCLE_SECONDS)
    assert repairs.shown == {key}
    placeholders = repairs.placeholders(key)
    assert placeholders["title"] == "Tuya project"
    assert placeholders["since"] == "2026-12-09 02:05"

    dialog = await repairs.start(key)
    assert (dialog["type"], dialog["step_id"]) == (FlowResultType.FORM, "confirm")
    assert dialog["description_placeholders"] == placeholders

    dialog = await repairs.submit(dialog)
    assert dialog["errors"] == {"base": "still_refused"}
    is_kept = key != "not_authorized"
    assert (entry.state is ConfigEntryState.LOADED) is is_kept
    assert (home.state("front_users") == "2") is is_kept
    assert repairs.shown == {key}

    fault.remove()
    dialog = await repairs.submit(dialog)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert dialog["type"] is FlowResultType.CREATE_ENTRY
    assert repairs.shown == set()
    assert home.state("front_users") == "2"


async def test_project_issue_one_call(home: Home, repairs: Repairs) -> None:
    """If only the list of users is refused, the entry is loaded and can be repaired."""
    fault = home.cloud.faults.not_authorized(
        "smart_lock_users", "users_v11", "users_v10"
    )
    entry = await home.set_up()
    assert entry.state is ConfigEntryState.LOADED
    assert repairs.shown == {"not_authorized"}
    dialog = await repairs.start("not_authorized")
    dialog = await repairs.submit(dialog)
    assert dialog["errors"] == {"base": "still_refused"}
    fault.remove()
    dialog = await repairs.submit(dialog)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert dialog["type"] is FlowResultType.CREATE_ENTRY
    assert repairs.shown == set()


async def test_project_issue_result_unknown(home: Home, repairs: Repairs) -> None:
    """If another error prevents the retry, the dialog reports that the result is unknown."""
    entry = await home.set_up()
    fault = home.cloud.faults.plan_expired()
    await home.tick(CYCLE_SECONDS)
    dialog = await repairs.start("subscription_expired")
    entry.mock_state(home.hass, ConfigEntryState.FAILED_UNLOAD)
    dialog = await repairs.submit(dialog)
    assert dialog["errors"] == {"base": "not_known"}
    entry.mock_state(home.hass, ConfigEntryState.LOADED)
    fault.remove()
    fault = home.cloud.faults.http(503, times=None)
    dialog = await repairs.submit(dialog)
    assert dialog["errors"] == {"base": "not_known"}
    fault.remove()
    dialog = await repairs.submit(dialog)
    assert dialog["type"] is FlowResultType.CREATE_ENTRY


async def test_project_issue_entry_removed(home: Home, repairs: Repairs) -> None:
    """A dialog left open does not bring an entry back; its issues go with it."""
    entry = await home.set_up()
    home.door.add_method("card")
    home.cloud.faults.plan_expired()
    await home.tick(CYCLE_SECONDS)
    dialog = await repairs.start("subscription_expired")
    await home.hass.config_entries.async_remove(entry.entry_id)
    assert not [issue for issue in repairs.registry.issues if issue[0] == DOMAIN]
    dialog = await repairs.submit(dialog)
    assert dialog["type"] is FlowResultType.ABORT
    assert dialog["reason"] == "entry_gone"


@pytest.mark.parametrize("is_loaded", [True, False])
async def test_entry_disabled(home: Home, repairs: Repairs, is_loaded: bool) -> None:
    """Issues of a disabled entry are deleted, and return when it is enabled."""
    home.door.add_method("card")
    if not is_loaded:
        home.cloud.faults.not_authorized()
    entry = await home.set_up()
    issues = {"unassigned_unlock_methods" if is_loaded else "not_authorized"}
    assert repairs.shown == issues
    for by, shown in ((ConfigEntryDisabler.USER, set()), (None, issues)):
        await home.hass.config_entries.async_set_disabled_by(entry.entry_id, by)
        await home.hass.async_block_till_done(wait_background_tasks=True)
        assert repairs.shown == shown


async def test_delivery_failed(home: Home, repairs: Repairs) -> None:
    await home.set_up()
    bob, card = home.door.find("bob"), home.door.methods_of(home.door.find("bob"))[0]
    bob.nick_name = "B*b"
    bob.schedule.operate, bob.schedule.delivery = "ADD", Delivery(0, "FAILED")
    card.delivery = Delivery(0, "FAILED")
    await home.tick(CYCLE_SECONDS)

    issue = repairs.issue("delivery_failed")
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
    await home.tick(CYCLE_SECONDS)
    assert repairs.placeholders("delivery_failed")["count"] == "1"

    home.door.remove_method(card)
    await home.tick(CYCLE_SECONDS)
    assert repairs.shown == set()


async def test_unassigned_methods(home: Home, repairs: Repairs) -> None:
    """Orphans are reported, shortened if there are many, until they are removed."""
    stray = home.door.add_method("fingerprint", unlock_sn=9, name="")
    await home.set_up()

    issue = repairs.issue("unassigned_unlock_methods")
    assert issue.is_fixable
    assert issue.translation_placeholders == {
        "name": "Front door",
        "lock": "Front door",
        "count": "1",
        "items": "- Fingerprint 9",
    }

    strays = [home.door.add_method("card", name="") for _ in range(24)]
    await home.reload()
    await home.tick(DAY_SECONDS)
    lines = repairs.placeholders("unassigned_unlock_methods")["items"].splitlines()
    assert (len(lines), lines[-1]) == (21, "… and 5 more")

    for method in (stray, *strays):
        home.door.remove_method(method)
    await home.tick(DAY_SECONDS)
    await home.tick(CYCLE_SECONDS)
    assert repairs.shown == set()


async def test_assign_duplicate_names(home: Home, repairs: Repairs) -> None:
    """A method must not go to another user with the same name."""
    home.door.add_method("card")
    home.door.add_user("Bob", user_id="robert")
    await home.set_up()
    dialog = await repairs.start("unassigned_unlock_methods")
    dialog = await repairs.submit(dialog, next_step_id="assign")
    fields = {str(name): field for name, field in dialog["data_schema"].schema.items()}
    labels = [option["label"] for option in fields["user"].config["options"]]
    assert labels == ["Alice", "Bob, bob", "Bob, robert"]


async def test_lists_unsupported(home: Home, repairs: Repairs) -> None:
    home.door.add_method("card")
    home.door.remove_user("bob")
    home.cloud.faults.refuse(2009, on=("absent_users", "unassigned_keys"), times=None)
    await home.set_up()
    assert repairs.shown == set()


@pytest.mark.usefixtures("fast_delivery")
async def test_assign(home: Home, repairs: Repairs) -> None:
    """Methods are assigned in several steps."""
    stray = home.door.add_method("fingerprint", unlock_sn=9)
    other = home.door.add_method("card", unlock_sn=9)
    await home.set_up()
    key = "unassigned_unlock_methods"

    dialog = await repairs.start(key)
    assert dialog["type"] is FlowResultType.MENU
    assert dialog["menu_options"] == ["assign", "ignore"]
    assert dialog["description_placeholders"]["lock"] == "Front door"
    dialog = await repairs.submit(dialog, next_step_id="assign")
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
        dialog = await repairs.submit(dialog, **answers)
        assert dialog["errors"] == {"base": "nothing_chosen"}
    assert not home.cloud.calls.writes

    fault = home.cloud.faults.refuse(2001, on="allocate")
    dialog = await repairs.submit(dialog, unlock_methods=["fingerprint 9"], user="bob")
    assert fault.hits
    assert dialog["errors"] == {"base": "failed"}
    assert dialog["description_placeholders"]["reason"]
    assert home.door.unassigned == [stray, other]

    dialog = await repairs.submit(dialog, unlock_methods=["fingerprint 9"], user="bob")
    assert (dialog["type"], dialog["reason"]) == (FlowResultType.ABORT, "some_left")
    assert stray in home.door.methods_of(home.door.find("bob"))
    assert home.door.unassigned == [other]
    placeholders = repairs.placeholders(key)
    assert placeholders["count"] == "1"

    dialog = await repairs.start(key)
    dialog = await repairs.submit(dialog, next_step_id="assign")
    dialog = await repairs.submit(dialog, unlock_methods=["card 9"], user="alice")
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert dialog["type"] is FlowResultType.CREATE_ENTRY
    assert other in home.door.methods_of(home.door.find("alice"))
    assert repairs.shown == set()


async def test_ignore(home: Home, repairs: Repairs) -> None:
    """An ignored issue stays ignored until another item appears."""
    home.door.add_method("fingerprint", unlock_sn=9)
    await home.set_up()
    dialog = await repairs.start("unassigned_unlock_methods")
    dialog = await repairs.submit(dialog, next_step_id="ignore")
    assert (dialog["type"], dialog["reason"]) == (FlowResultType.ABORT, "ignored")
    assert repairs.shown == set()
    await home.tick(DAY_SECONDS)
    await home.tick(CYCLE_SECONDS)
    assert repairs.shown == set()
    home.door.add_method("card")
    await home.tick(DAY_SECONDS)
    await home.tick(CYCLE_SECONDS)
    assert repairs.shown == {"unassigned_unlock_methods"}
    assert not home.cloud.calls.writes


@pytest.mark.usefixtures("fast_delivery")
async def test_purge(home: Home, repairs: Repairs) -> None:
    """Only former users are deleted from the lock, after confirmation."""
    home.door.remove_user("bob")
    await home.set_up()
    assert repairs.shown == {"absent_users", "unassigned_unlock_methods"}
    placeholders = repairs.placeholders("absent_users")
    assert placeholders["items"] == "- User bob"

    dialog = await repairs.start("absent_users")
    assert (dialog["type"], dialog["step_id"]) == (FlowResultType.FORM, "confirm")
    assert not home.cloud.calls.writes

    home.cloud.faults.refuse(2001, on="purge_users")
    dialog = await repairs.submit(dialog)
    assert dialog["errors"] == {"base": "failed"}
    assert dialog["description_placeholders"]["reason"]
    assert dialog["description_placeholders"]["items"] == "- User bob"

    dialog = await repairs.submit(dialog)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert dialog["type"] is FlowResultType.CREATE_ENTRY
    assert home.door.absent == {}
    assert set(home.door.users) == {"alice"}
    assert "absent_users" not in repairs.shown


async def test_purge_not_applied(
    home: Home,
    repairs: Repairs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "custom_components.tuya_lock_users.commands.purge.PURGE_WAIT_SECONDS", 0
    )
    home.door.remove_user("bob")
    home.door.delivery = DeliveryRules(outcome="NEVER")
    await home.set_up()
    dialog = await repairs.start("absent_users")
    dialog = await repairs.submit(dialog)
    assert (dialog["type"], dialog["reason"]) == (FlowResultType.ABORT, "some_left")
    assert "absent_users" in repairs.shown


@pytest.mark.parametrize("key", ["absent_users", "unassigned_unlock_methods"])
async def test_entry_not_loaded(home: Home, repairs: Repairs, key: str) -> None:
    """No command is sent if the project is not loaded."""
    home.door.remove_user("bob")
    entry: MockConfigEntry = await home.set_up()
    dialog = await repairs.start(key)
    assert await home.hass.config_entries.async_unload(entry.entry_id)
    if dialog["type"] is FlowResultType.MENU:
        dialog = await repairs.submit(dialog, next_step_id="assign")
    else:
        dialog = await repairs.submit(dialog)
    assert (dialog["type"], dialog["reason"]) == (FlowResultType.ABORT, "not_loaded")


async def test_lock_removed(home: Home, repairs: Repairs) -> None:
    """Removing a lock deletes its issues only."""
    home.door.remove_user("bob")
    gate = home.cloud.add_lock("gate", "Garden gate")
    gate.add_method("card")
    await home.set_up()
    issues = [key for key in repairs.registry.issues if key[0] == DOMAIN]
    assert len(issues) == 3
    home.cloud.remove_device("front")
    await home.tick(30 * 60)
    await home.tick(30 * 60)
    (issue,) = (
        one for (domain, _), one in repairs.registry.issues.items() if domain == DOMAIN
    )
    assert issue.translation_placeholders
    assert issue.translation_placeholders["lock"] == "Garden gate"


async def test_ignored_issue_reload(home: Home, repairs: Repairs) -> None:
    """A reload shows the same issues, and does not bring back an ignored one."""
    home.door.remove_user("bob")
    await home.set_up()
    ignored = repairs.issue("unassigned_unlock_methods").issue_id
    ir.async_ignore_issue(home.hass, DOMAIN, ignored, True)
    await home.reload()
    assert repairs.shown == {"absent_users"}
    assert ignored in {issue_id for _, issue_id in repairs.registry.issues}


async def test_names_escaped(home: Home, repairs: Repairs) -> None:
    """Every text shows the name of a lock, a user, a method, or a project as it is."""
    name = field_input("lock_name_with_a_link")["result"]["devices"][0]["name"]
    name += " # ~~a~~ `b` www.evil.example <ha-alert> _c_ | a@evil.example"
    bob = home.door.find("bob")
    home.door.device.name = bob.nick_name = name
    bob.schedule.operate, bob.schedule.delivery = "ADD", Delivery(0, "FAILED")
    home.door.methods_of(bob)[0].unlock_name = name
    home.door.methods_of(bob)[0].delivery = Delivery(0, "FAILED")
    home.door.add_method("card", name=name)
    ada = home.door.add_user("Ada", user_id=name)
    home.door.add_method("card", ada)
    home.door.remove_user(ada.user_id)
    entry = await home.set_up(title=name)
    home.cloud.faults.plan_expired()
    await home.tick(CYCLE_SECONDS)
    expected = {*LOCK_ISSUES, "subscription_expired"} - {
        "copy_interrupted",
        "empty_user_list",
    }
    assert repairs.shown == expected

    shown_name = name[:60]
    for issue in repairs.registry.issues.values():
        placeholders = dict(issue.translation_placeholders or {})
        assert placeholders.pop("name").startswith(name[:60])
        names = [text for text in placeholders.values() if "evil" in text]
        assert names
        for text in names:
            lines = [line.removeprefix("- ") for line in text.splitlines()]
            for line in lines:
                assert shown_name in re.sub(r"\\(.)", r"\1", line)
                assert not re.search(r"(?<!\\)([\[\]*_<>`|~#]|https?:|\.)", line)

    result = await entry.start_reconfigure_flow(home.hass)
    placeholders = dict(result["description_placeholders"] or {})
    assert placeholders["name"] == name
    assert placeholders["title"] == escape_markdown(name)


async def test_current_user_in_absent_list(home: Home, repairs: Repairs) -> None:
    """Current users in the list of absent users are neither counted nor deleted."""
    home.cloud.dialects.members_are_absent = True
    await home.set_up()
    assert "absent_users" not in repairs.shown
    assert home.state("front_absent_users") == "0"
    home.door.remove_user("bob")
    await home.reload()
    placeholders = repairs.placeholders("absent_users")
    assert placeholders["items"] == "- User bob"
    assert home.state("front_absent_users") == "1"
    users = (await home.act("get_absent_users"))["users"]
    assert [user["user_id"] for user in users] == ["bob"]
