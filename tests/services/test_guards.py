"""Refusals before a call: user, value, time, and permission."""

import json
import math
from typing import Any, Final
from unicodedata import normalize

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.core import (
    DOMAIN as HOMEASSISTANT_DOMAIN,
    Context,
    HomeAssistant,
    SupportsResponse,
)
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr
from simulator import Lock, SimulatedCloud
from tests.common import cases, load_fixture

from .calling import Act
from .cases import ACTIONS, NEW_CARD, READS, UNSEEN, WRITES

type Data = dict[str, Any]
type Reason = tuple[str | None, dict[str, str] | None]

REFUSED: Final = load_fixture("refused_inputs")

ABOUT_A_USER: Final[dict[str, Data]] = ACTIONS["about_a_user"]
"""Every action about a user, with its other data."""

ABOUT_A_LOCK: Final[dict[str, Data]] = {
    **{case.action: case.data for case in READS.values()},
    **{case.action: case.data for case in (WRITES | UNSEEN).values()},
    "copy_users": {"to": ["back"]},
}
"""Every action with a device, with its other data."""

about_a_user = pytest.mark.parametrize(
    ("action", "data"), ABOUT_A_USER.items(), ids=ABOUT_A_USER
)
about_a_lock = pytest.mark.parametrize(
    ("action", "data"), ABOUT_A_LOCK.items(), ids=ABOUT_A_LOCK
)


async def refusal(
    act: Act, action: str, on: str | None = "front", **data: Any
) -> Reason:
    """Return the reason for which an action is refused without sending anything."""
    error = await act.refused(action, on, **data)
    assert isinstance(error, ServiceValidationError)
    assert act.cloud.calls.writes == []
    return error.translation_key, error.translation_placeholders


async def refusal_of_home_assistant(act: Act, action: str, **data: Any) -> str | None:
    """Return the reason for which Home Assistant itself refuses an action."""
    with pytest.raises(ServiceValidationError) as info:
        await act(action, None, **data)
    assert info.value.translation_domain == HOMEASSISTANT_DOMAIN
    return info.value.translation_key


# --- Users -------------------------------------------------------------------------


@about_a_user
async def test_user_required(act: Act, action: str, data: Data) -> None:
    """A user is required, and must be known to the lock."""
    assert await refusal(act, action, **data) == ("user_required", {})
    twice = await refusal(act, action, "front:mia", user="Clara", **data)
    assert twice == ("user_given_twice", {})
    assert act.cloud.calls == []
    act.door.device.name = "Back door"
    await act.entry.runtime_data.async_refresh()
    act.cloud.calls.clear()
    unknown = await refusal(act, action, user="mIA", **data)
    assert unknown == ("user_not_found", {"user": "mIA", "lock": "Back door"})
    assert act.cloud.calls.counts() == {"smart_lock_users": 1}  # read again


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Zo\u00eb", "Zoe\u0308"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\uff22ob", "Bob"),
        ("Bob\u2460", "Bob1"),
    ],
)
async def test_unicode_names(act: Act, name: str, typed: str) -> None:
    """The same letters may be composed in several ways; their case matters."""
    act.door.find("mia").nick_name = name
    await act("get_users", fresh=True)
    assert (await act("get_user", user=typed))["user"]["user_id"] == "mia"
    await act.fails("user_not_found", "get_user", user=typed.lower())
    # An equal name is preferred to one that only looks alike, and of two that only look
    # alike, none is chosen.
    act.door.add_user("Bob1", user_id="other")
    act.door.add_user("Bob\u2461")
    act.door.add_user("\uff22ob2")
    await act("get_users", fresh=True)
    assert (await act("get_user", user="Bob1"))["user"]["user_id"] == "other"
    await act.fails("user_ambiguous", "get_user", user="Bob2")


@pytest.mark.parametrize("is_response_lost", [False, True], ids=["answered", "lost"])
async def test_unicode_names_composed(act: Act, is_response_lost: bool) -> None:
    """A name in another Unicode form still verifies a change, and finds a user."""

    def composed(result: Any) -> Any:
        return json.loads(normalize("NFC", json.dumps(result, ensure_ascii=False)))

    for on in ("smart_lock_users", "users_v11", "user_v10", "opmodes"):
        act.cloud.faults.edit(composed, on=on, times=None)
    typed: Data = {"name": "Zoe\u0308"}
    if is_response_lost:
        act.cloud.faults.lose_reply("http", on="add_user")
    user_id = (await act("add_user", **typed))["user_id"]
    assert (await act("update_user", user="mia", **typed))["user"]["name"] == "Zo\u00eb"
    found = (await act("get_users", keyword="oe\u0308"))["users"]
    assert {user["user_id"] for user in found} == {user_id, "mia"}
    method = (await act("get_unlock_methods", user="mia"))["unlock_methods"][0]
    key: Data = {"type": method["type"], "number": method["number"]}
    renamed = (await act("update_unlock_method", user="mia", **key, **typed))[
        "unlock_method"
    ]
    assert renamed["name"] == "Zo\u00eb"


@about_a_user
async def test_ambiguous_name(act: Act, action: str, data: Data) -> None:
    act.door.add_user("Mia", user_id="other")
    await act("get_users", fresh=True)
    key, placeholders = await refusal(act, action, user="Mia", **data)
    assert key == "user_ambiguous"
    assert placeholders == {"user": "Mia", "candidates": "Mia (mia), Mia (other)"}


@pytest.mark.parametrize("user", ["mia", "Mia", " Mia "])
async def test_same_user_twice(act: Act, user: str) -> None:
    """The device of a user and the same user are accepted; an ID precedes names."""
    act.door.users["clara"].nick_name = "mia"
    await act("get_users", fresh=True)
    response = await act("get_user", "front:mia", user=user)
    assert response["user"]["user_id"] == "mia"
    assert await refusal(act, "get_user", "front:mia", user="0") == (
        "user_given_twice",
        {},
    )


@about_a_user
async def test_deleted_user(act: Act, action: str, data: Data) -> None:
    act.door.remove_user("mia")
    assert await act.reason(action, user="mia", **data) in ("not_found", "user_gone")


# --- Locks -------------------------------------------------------------------------


@about_a_lock
async def test_lock_required(act: Act, action: str, data: Data) -> None:
    reason = await refusal(act, action, act.cloud.project_uid, **data)
    assert reason == ("lock_required", {"device": "Tuya project"})
    for device in ({}, {"device_id": None}, {"device_id": ["a", "b"]}):
        with pytest.raises(vol.Invalid):
            await act(action, None, **device, **data)
    for unknown in ("nothing", "", "{device}", "x" * 10_000):
        key = await refusal_of_home_assistant(act, action, device_id=unknown, **data)
        assert key == "service_device_not_found"
    assert act.cloud.calls == []
    device_id = act.device_id("front")
    await act.hass.config_entries.async_unload(act.entry.entry_id)
    key = await refusal_of_home_assistant(act, action, device_id=device_id, **data)
    assert key == "service_config_entry_not_loaded"


async def test_other_devices(hass: HomeAssistant, act: Act) -> None:
    registry = dr.async_get(hass)
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    device = registry.async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("other", "front")}
    )
    key = await refusal_of_home_assistant(act, "get_users", device_id=device.id)
    assert key == "service_device_wrong_domain"
    hass.config_entries.async_update_entry(
        act.entry, options={"excluded_locks": ["front"]}
    )
    await act.restart()
    registry.async_get_or_create(
        config_entry_id=act.entry.entry_id,
        identifiers={(DOMAIN, "front")},
        name="Front door",
    )
    reason = await refusal(act, "get_users")
    assert reason == ("lock_required", {"device": "Front door"})


async def test_project_required(hass: HomeAssistant, act: Act) -> None:
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    await hass.config_entries.async_unload(act.entry.entry_id)
    for entry_id, reason in (
        ("nothing", "service_config_entry_not_found"),
        (other.entry_id, "service_config_entry_wrong_domain"),
        (act.entry.entry_id, "service_config_entry_not_loaded"),
    ):
        given = {"config_entry_id": entry_id}
        assert await refusal_of_home_assistant(act, "get_locks", **given) == reason
    with pytest.raises(vol.Invalid):
        await act("get_locks", None)


# --- The owner ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "action",
    [
        *("delete_user", "set_user_role", "set_user_schedule"),
        *("suspend_user", "resume_user"),
    ],
)
async def test_owner(act: Act, action: str) -> None:
    """The owner, their role and schedule cannot be changed; methods can."""
    data = ABOUT_A_USER[action]
    reason = await refusal(act, action, user="Olivia", **data)
    assert reason == ("owner_protected", {"user": "Olivia"})
    assert act.cloud.calls == []
    act.door.users["olivia"].nick_name = None
    await act("get_users", fresh=True)
    reason = await refusal(act, action, user="olivia", **data)
    assert reason == ("owner_protected", {"user": "olivia"})
    await act("allocate_unlock_methods", user="olivia", unlock_methods=[NEW_CARD])
    assert act.door.method("unlock_card", 3).user_id == "olivia"


# --- Schedules ---------------------------------------------------------------------


@cases("case", REFUSED["schedules"])
async def test_invalid_schedule(act: Act, case: Data) -> None:
    reason = await refusal(act, "set_user_schedule", user="mia", **case["data"])
    zone = {"time_zone": "Mars/Base"}
    expected = zone if case["reason"] == "unknown_time_zone" else {}
    assert reason == (case["reason"], expected)
    assert act.cloud.calls == []


# --- Unlock methods and users ------------------------------------------------------


@cases("case", REFUSED["methods"])
async def test_invalid_methods(act: Act, case: Data) -> None:
    """A single invalid method prevents the call. A user without a name is named by ID."""
    act.door.users["mia"].nick_name = ""
    await act("get_users", fresh=True)
    given: Data = {"user": "mia", "unlock_methods": case["methods"]}
    reason = await refusal(act, f"{case['action']}_unlock_methods", **given)
    assert reason == (case["reason"], case["placeholders"])


@pytest.mark.parametrize(
    ("on", "action", "data", "key"),
    [
        ("front", "purge_users", {"users": []}, "no_users"),
        ("front:mia", "update_user", {}, "nothing_to_change"),
        # The device of a user contradicts unassigned methods.
        ("front:mia", "get_unlock_methods", {"unassigned": True}, "unassigned_alone"),
        (
            "front",
            "get_unlock_methods",
            {"unassigned": True, "user": "mia"},
            "unassigned_alone",
        ),
    ],
)
async def test_nothing_to_do(
    act: Act, on: str, action: str, data: Data, key: str
) -> None:
    assert await refusal(act, action, on, **data) == (key, {})
    assert act.cloud.calls == []


# --- Values that the schema refuses-------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        *REFUSED["schema"],
        {"action": "add_user", "name": "x" * 256},
        {"action": "add_user", "name": "X", "weight": math.nan},
        *(
            {"action": "suspend_user", "user": "mia", "wait": wait}
            for wait in (math.nan, math.inf, 10**400)
        ),
        *(
            {
                "action": "allocate_unlock_methods",
                "user": "mia",
                "unlock_methods": [{"type": "card", "number": number}],
            }
            for number in (math.inf, math.nan)
        ),
    ],
    ids=ascii,
)
async def test_schema(act: Act, cloud: SimulatedCloud, data: Data) -> None:
    with pytest.raises(vol.Invalid):
        await act(**data)
    assert cloud.calls == []


# --- Permissions -------------------------------------------------------------------


@pytest.mark.parametrize("action", [*ABOUT_A_LOCK, "get_locks"])
async def test_only_administrators(
    act: Act, hass_read_only_user: MockUser, action: str
) -> None:
    """All actions require an administrator, including those that read."""
    on = None if action == "get_locks" else "front"
    data = ABOUT_A_LOCK.get(action, {"config_entry_id": act.entry.entry_id})
    context = Context(user_id=hass_read_only_user.id)
    with pytest.raises(Unauthorized):
        await act(action, on, context=context, **data)
    assert act.cloud.calls == []


async def test_administrators(act: Act, door: Lock, hass_admin_user: MockUser) -> None:
    context = Context(user_id=hass_admin_user.id)
    await act("get_users", context=context)
    await act("delete_user", context=context, user="mia")
    assert "mia" not in door.users


async def test_registered_actions(hass: HomeAssistant, act: Act) -> None:
    services = hass.services.async_services_for_domain(DOMAIN)
    reads = {name for name in services if name.startswith("get_")}
    assert services.keys() == {*ABOUT_A_LOCK, "get_locks", "get_records"}
    for name, service in services.items():
        response = SupportsResponse.ONLY if name in reads else SupportsResponse.OPTIONAL
        assert service.supports_response is response, name
