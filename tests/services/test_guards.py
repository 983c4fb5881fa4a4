"""What is refused before anything is sent: whom, what, when, and by whom."""

from typing import Any, Final

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
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import device_registry as dr
from simulator import Lock, SimulatedCloud
from tests.common import cases

from .calling import Act
from .cases import BLUE_CARD, NEW_CARD, READS, WRITES

type Data = dict[str, Any]
type Reason = tuple[str | None, dict[str, str] | None]

MONDAY: Final = {"days": ["monday"], "start_time": "09:00", "end_time": "12:00"}
CODE: Final = {"type": "password", "number": 1}
THUMB: Final = {"type": "fingerprint", "number": 0}

ABOUT_A_USER: Final[dict[str, Data]] = {
    "get_user": {},
    "update_user": {"name": "Any"},
    "delete_user": {},
    "set_user_role": {"role": "admin"},
    "set_user_schedule": {"permanent": True},
    "suspend_user": {},
    "resume_user": {},
    "allocate_unlock_methods": {"unlock_methods": [NEW_CARD]},
    "deallocate_unlock_methods": {"unlock_methods": [BLUE_CARD]},
    "enroll_unlock_method": {"type": "card"},
}
"""Every action about a user, with whatever else it needs."""

ABOUT_A_LOCK: Final[dict[str, Data]] = {
    **{case.action: case.data for case in READS.values()},
    **{case.action: case.data for case in WRITES.values()},
    "enroll_unlock_method": {"user": "mia", "type": "card"},
    "cancel_enrollment": {"type": "card"},
    "update_unlock_method": {**BLUE_CARD, "name": "Red card"},
    "delete_unlock_method": BLUE_CARD,
    "sync_unlock_methods": {},
    "get_passwords": {},
    "add_password": {"name": "Guest"},
    "update_password": {"password_id": "1", "name": "Guest"},
    "delete_password": {"password_id": "1"},
    "get_dynamic_password": {},
    "add_offline_password": {"name": "Guest", "kind": "once"},
}
"""Every action with a device, with whatever else it needs."""

about_a_user = pytest.mark.parametrize(
    ("action", "data"),
    [pytest.param(name, data, id=name) for name, data in ABOUT_A_USER.items()],
)
owner_is_protected = pytest.mark.parametrize(
    "action",
    [
        *("delete_user", "set_user_role", "set_user_schedule"),
        *("suspend_user", "resume_user"),
    ],
)
about_a_lock = pytest.mark.parametrize(
    ("action", "data"),
    [pytest.param(name, data, id=name) for name, data in ABOUT_A_LOCK.items()],
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


# --- Who is meant ------------------------------------------------------------------


@about_a_user
async def test_no_user(act: Act, action: str, data: Data) -> None:
    """A lock alone is not enough where a user is meant."""
    assert await refusal(act, action, **data) == ("user_required", {})
    assert act.cloud.calls == []


@about_a_user
async def test_unknown_user(act: Act, action: str, data: Data) -> None:
    """Somebody whom the lock does not know, not even when it is read anew."""
    reason = await refusal(act, action, user="mIA", **data)

    assert reason == ("user_not_found", {"user": "mIA", "lock": "Front door"})
    assert act.cloud.calls.counts() == {"smart_lock_users": 1}


async def test_unknown_user_of_a_lock_that_was_renamed(act: Act) -> None:
    """A lock is called as it is now."""
    act.door.device.name = "Back door"
    await act.entry.runtime_data.async_refresh()

    reason = await refusal(act, "get_user", user="nobody")

    assert reason == ("user_not_found", {"user": "nobody", "lock": "Back door"})


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Zo\u00eb", "Zoe\u0308"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\uff22ob", "Bob"),
        ("Bob\u2460", "Bob1"),
    ],
)
async def test_name_in_another_unicode_form(act: Act, name: str, typed: str) -> None:
    """The same letters may be composed in several ways; their case matters."""
    act.door.find("mia").nick_name = name
    await act("get_users", fresh=True)

    answer = await act("get_user", user=typed)
    assert answer["user"]["user_id"] == "mia"
    with pytest.raises(HomeAssistantError):
        await act("get_user", user=typed.lower())

    # One that only looks alike gives way to one that is the same.
    act.door.add_user("Bob1", user_id="other")
    await act("get_users", fresh=True)
    answer = await act("get_user", user="Bob1")
    assert answer["user"]["user_id"] == "other"


async def test_ambiguous_name_in_two_unicode_forms(act: Act, door: Lock) -> None:
    """Users whose names look the same are not confused."""
    door.add_user("Zo\u00eb")
    door.add_user("Zoe\u0308")
    await act("get_users", fresh=True)
    with pytest.raises(HomeAssistantError, match="Zo"):
        await act("get_user", user="Zo\u00eb")


@about_a_user
async def test_ambiguous_name(act: Act, action: str, data: Data) -> None:
    """A name that several have is refused, and they are told apart by their ids."""
    act.door.add_user("Mia", user_id="other")
    await act("get_users", fresh=True)

    key, placeholders = await refusal(act, action, user="Mia", **data)

    assert key == "user_ambiguous"
    assert placeholders == {"user": "Mia", "candidates": "Mia (mia), Mia (other)"}


@about_a_user
async def test_two_users(act: Act, action: str, data: Data) -> None:
    """The device of one user with the name of another makes no sense."""
    reason = await refusal(act, action, "front:mia", user="Clara", **data)

    assert reason == ("user_given_twice", {})


async def test_own_user_on_the_device_of_another(act: Act) -> None:
    """Nor does it with the project's own user."""
    reason = await refusal(act, "get_user", "front:mia", user="0")

    assert reason == ("user_given_twice", {})


@pytest.mark.parametrize("user", ["mia", "Mia", " Mia "])
async def test_same_user_twice(act: Act, user: str) -> None:
    """The device of a user with that very user does."""
    answer = await act("get_user", "front:mia", user=user)
    assert answer["user"]["user_id"] == "mia"


async def test_id_before_name(act: Act, door: Lock) -> None:
    """An id means its owner, even where somebody is called like it."""
    door.users["clara"].nick_name = "mia"
    await act("get_users", fresh=True)

    assert (await act("get_user", user="mia"))["user"]["name"] == "Mia"


async def test_user_who_was_just_added(act: Act, door: Lock) -> None:
    """Who is not known yet is looked for."""
    door.add_user("Zoe", user_id="zoe")

    answer = await act("set_user_role", user="Zoe", role="admin")
    assert answer["user_id"] == "zoe"


@about_a_user
async def test_user_who_was_just_deleted(act: Act, action: str, data: Data) -> None:
    """Who is gone already is said to be, whatever the action noticed it by."""
    act.door.remove_user("mia")

    assert await act.reason(action, user="mia", **data) in ("not_found", "user_gone")


# --- Which lock is meant -----------------------------------------------------------


@about_a_lock
async def test_device_of_the_project(act: Act, action: str, data: Data) -> None:
    """The project is no lock."""
    reason = await refusal(act, action, act.cloud.project_uid, **data)

    assert reason == ("lock_required", {"device": "Tuya project"})


async def test_lock_that_is_gone(act: Act) -> None:
    """A device that is left of a lock that is gone is none either."""
    act.hass.config_entries.async_update_entry(
        act.entry, options={"excluded_locks": ["front"]}
    )
    await act.restart()
    dr.async_get(act.hass).async_get_or_create(
        config_entry_id=act.entry.entry_id,
        identifiers={(DOMAIN, "front")},
        name="Front door",
    )

    reason = await refusal(act, "get_users")
    assert reason == ("lock_required", {"device": "Front door"})


@about_a_lock
async def test_unknown_device(act: Act, action: str, data: Data) -> None:
    """A device that Home Assistant does not know, or what is no device at all."""
    for unknown in ("nothing", "", "{device}", "x" * 10_000):
        reason = await refusal_of_home_assistant(act, action, device_id=unknown, **data)
        assert reason == "service_device_not_found"
    for no_device in (None, ["a", "b"], {"id": 1}):
        with pytest.raises(vol.Invalid):
            await act(action, None, device_id=no_device, **data)
    assert act.cloud.calls == []


async def test_device_of_another_integration(hass: HomeAssistant, act: Act) -> None:
    """A device that is not ours."""
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("other", "front")}
    )

    reason = await refusal_of_home_assistant(act, "get_users", device_id=device.id)
    assert reason == "service_device_wrong_domain"


@about_a_lock
async def test_entry_that_is_not_loaded(act: Act, action: str, data: Data) -> None:
    """An unloaded project does nothing."""
    device_id = act.device_id("front")
    await act.hass.config_entries.async_unload(act.entry.entry_id)

    reason = await refusal_of_home_assistant(act, action, device_id=device_id, **data)
    assert reason == "service_config_entry_not_loaded"


async def test_locks_of_no_project(hass: HomeAssistant, act: Act) -> None:
    """So is a project that does not exist, is not loaded, or is none of ours."""
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    reasons = {"nothing": "service_config_entry_not_found"}
    reasons[other.entry_id] = "service_config_entry_wrong_domain"
    reasons[act.entry.entry_id] = "service_config_entry_not_loaded"
    await hass.config_entries.async_unload(act.entry.entry_id)

    for entry_id, key in reasons.items():
        reason = await refusal_of_home_assistant(
            act, "get_locks", config_entry_id=entry_id
        )
        assert reason == key


# --- The owner ---------------------------------------------------------------------


@owner_is_protected
async def test_owner(act: Act, cloud: SimulatedCloud, action: str) -> None:
    """The owner's existence, role and schedule are never touched."""
    data = ABOUT_A_USER[action]
    reason = await refusal(act, action, user="Olivia", **data)

    assert reason == ("owner_protected", {"user": "Olivia"})
    assert cloud.calls == []


async def test_nameless_owner(act: Act, cloud: SimulatedCloud, door: Lock) -> None:
    """An owner without a name is called by the id."""
    door.users["olivia"].nick_name = None
    await act("get_users", fresh=True)

    reason = await refusal(act, "delete_user", user="olivia")
    assert reason == ("owner_protected", {"user": "olivia"})


async def test_owner_may_get_a_card(act: Act, door: Lock) -> None:
    """Methods are nothing of that kind."""
    await act("allocate_unlock_methods", user="olivia", unlock_methods=[NEW_CARD])
    assert door.method("unlock_card", 3).user_id == "olivia"


# --- Schedules ---------------------------------------------------------------------


@cases(
    ("data", "key", "placeholders"),
    {
        "nothing": ({}, "schedule_required", {}),
        "wait-alone": ({"wait": 5}, "schedule_required", {}),
        "zone-alone": ({"time_zone": "Europe/Berlin"}, "schedule_required", {}),
        "permanent-start": (
            {"permanent": True, "start": "2026-12-11"},
            "permanent_alone",
            {},
        ),
        "permanent-end": (
            {"permanent": True, "end": "2026-12-11"},
            "permanent_alone",
            {},
        ),
        "permanent-windows": (
            {"permanent": True, "windows": [MONDAY]},
            "permanent_alone",
            {},
        ),
        "permanent-zone": (
            {"permanent": True, "time_zone": "Europe/Berlin"},
            "permanent_alone",
            {},
        ),
        "end-before-start": (
            {"start": "2026-12-13 11:00", "end": "2026-12-11 15:00"},
            "end_before_start",
            {},
        ),
        "end-is-start": (
            {"start": "2026-12-13 11:00", "end": "2026-12-13 11:00"},
            "end_before_start",
            {},
        ),
        "end-before-today": ({"end": "2026-12-08 23:59"}, "end_before_start", {}),
        "start-too-late": ({"start": "2038-01-01 00:00"}, "end_before_start", {}),
        "no-windows": ({"windows": []}, "no_windows", {}),
        "no-day": ({"windows": [{**MONDAY, "days": []}]}, "window_without_day", {}),
        "no-day-in-the-second": (
            {"windows": [MONDAY, {**MONDAY, "days": []}]},
            "window_without_day",
            {},
        ),
        "window-backwards": (
            {"windows": [{**MONDAY, "end_time": "08:59"}]},
            "window_ends_before_start",
            {},
        ),
        "window-empty": (
            {"windows": [{**MONDAY, "end_time": "09:00"}]},
            "window_ends_before_start",
            {},
        ),
        "unknown-zone": (
            {"windows": [MONDAY], "time_zone": "Mars/Base"},
            "unknown_time_zone",
            {"time_zone": "Mars/Base"},
        ),
        "unknown-zone-of-a-window": (
            {"windows": [{**MONDAY, "time_zone": "Mars/Base"}]},
            "unknown_time_zone",
            {"time_zone": "Mars/Base"},
        ),
    },
)
async def test_schedule_that_makes_no_sense(
    act: Act, data: Data, key: str, placeholders: dict[str, str]
) -> None:
    """Each has a reason of its own."""
    reason = await refusal(act, "set_user_schedule", user="mia", **data)
    assert reason == (key, placeholders)
    assert act.cloud.calls == []


async def test_resume_of_who_is_not_suspended(act: Act, cloud: SimulatedCloud) -> None:
    """Access that is not closed cannot be opened again."""
    for user in ("Mia", "Clara"):
        reason = await refusal(act, "resume_user", user=user)
        assert reason == ("not_suspended", {"user": user})


# --- Unlock methods and users ------------------------------------------------------


@cases(
    ("action", "methods", "key", "placeholders"),
    {
        "allocate-none": ("allocate", [], "no_unlock_methods", {}),
        "deallocate-none": ("deallocate", [], "no_unlock_methods", {}),
        "allocate-unknown": (
            "allocate",
            [{"type": "card", "number": 99}],
            "unlock_method_not_found",
            {"method": "Card 99"},
        ),
        "allocate-one-unknown": (
            "allocate",
            [NEW_CARD, {"type": "iris", "number": 3}],
            "unlock_method_not_found",
            {"method": "Iris 3"},
        ),
        "allocate-own": (
            "allocate",
            [CODE],
            "unlock_method_already_allocated",
            {"method": "Password 1", "user": "Mia"},
        ),
        "allocate-of-another": (
            "allocate",
            [NEW_CARD, THUMB],
            "unlock_method_taken",
            {"method": "Fingerprint 0", "user": "Olivia"},
        ),
        "deallocate-of-nobody": (
            "deallocate",
            [NEW_CARD],
            "unlock_method_not_of_user",
            {"method": "Card 3", "user": "Mia"},
        ),
        "deallocate-of-another": (
            "deallocate",
            [BLUE_CARD, THUMB],
            "unlock_method_not_of_user",
            {"method": "Fingerprint 0", "user": "Mia"},
        ),
        "deallocate-for-good": (
            "deallocate",
            [{"type": "fingerprint", "number": 1}],
            "unlock_method_not_deallocatable",
            {"method": "Fingerprint 1"},
        ),
    },
)
async def test_methods_that_make_no_sense(
    act: Act, action: str, methods: list[Data], key: str, placeholders: dict[str, str]
) -> None:
    """One that does not fit is enough to send none."""
    reason = await refusal(
        act, f"{action}_unlock_methods", user="mia", unlock_methods=methods
    )
    assert reason == (key, placeholders)


async def test_method_of_a_nameless_user(act: Act) -> None:
    """Who has no name is called by the id."""
    act.door.users["mia"].nick_name = ""
    await act("get_users", fresh=True)

    reason = await refusal(
        act, "allocate_unlock_methods", user="clara", unlock_methods=[CODE]
    )
    assert reason == ("unlock_method_taken", {"method": "Password 1", "user": "mia"})


@pytest.mark.parametrize(
    ("action", "data", "key"),
    [
        ("purge_users", {"users": []}, "no_users"),
        ("update_user", {"user": "mia"}, "nothing_to_change"),
        ("get_unlock_methods", {"unassigned": True, "user": "mia"}, "unassigned_alone"),
    ],
)
async def test_nothing_to_do(act: Act, action: str, data: Data, key: str) -> None:
    """What is empty, or contradicts itself, is refused."""
    assert await refusal(act, action, **data) == (key, {})
    assert act.cloud.calls == []


async def test_methods_of_nobody_on_the_device_of_a_user(act: Act) -> None:
    """A device of a user says whose methods are meant, which nobody's are not."""
    reason = await refusal(act, "get_unlock_methods", "front:mia", unassigned=True)

    assert reason == ("unassigned_alone", {})
    assert act.cloud.calls == []


# --- Values that no form can hold --------------------------------------------------


@cases(
    ("action", "data"),
    {
        "role": ("get_users", {"role": "owner"}),
        "unknown-field": ("get_users", {"anything": 1}),
        "blank-user": ("get_user", {"user": " "}),
        "no-name": ("add_user", {}),
        "empty-name": ("add_user", {"name": ""}),
        "long-name": ("add_user", {"name": "x" * 256}),
        "sex": ("add_user", {"name": "X", "sex": "other"}),
        "birthday": ("add_user", {"name": "X", "birthday": "1.2.90"}),
        "height": ("add_user", {"name": "X", "height": 0}),
        "giant": ("add_user", {"name": "X", "height": 301}),
        "weight": ("add_user", {"name": "X", "weight": 0}),
        "heavy": ("add_user", {"name": "X", "weight": 501}),
        "no-role": ("set_user_role", {"user": "mia"}),
        "be-owner": ("set_user_role", {"user": "mia", "role": "owner"}),
        "wait-negative": ("suspend_user", {"user": "mia", "wait": -1}),
        "wait-long": ("suspend_user", {"user": "mia", "wait": 121}),
        "day": (
            "set_user_schedule",
            {"user": "mia", "windows": [{**MONDAY, "days": ["someday"]}]},
        ),
        "start-at-24": (
            "set_user_schedule",
            {"user": "mia", "windows": [{**MONDAY, "start_time": "24:00"}]},
        ),
        "end-at-25": (
            "set_user_schedule",
            {"user": "mia", "windows": [{**MONDAY, "end_time": "25:00"}]},
        ),
        "window-without-hours": (
            "set_user_schedule",
            {"user": "mia", "windows": [{"days": ["monday"]}]},
        ),
        "moment": ("set_user_schedule", {"user": "mia", "start": "soon"}),
        "number": (
            "allocate_unlock_methods",
            {"user": "mia", "unlock_methods": [{"type": "card", "number": -1}]},
        ),
        "no-type": (
            "allocate_unlock_methods",
            {"user": "mia", "unlock_methods": [{"number": 1}]},
        ),
        "not-enrolled": ("enroll_unlock_method", {"user": "mia", "type": "palm"}),
        "kind": ("add_offline_password", {"name": "Guest", "kind": "twice"}),
        "empty-id": ("purge_users", {"users": [""]}),
        "two-ids-in-one": ("purge_users", {"users": ["ada,mia"]}),
    },
)
async def test_schema(act: Act, cloud: SimulatedCloud, action: str, data: Data) -> None:
    """Schemas are strict."""
    with pytest.raises(vol.Invalid):
        await act(action, **data)
    assert cloud.calls == []


@pytest.mark.parametrize("action", [*ABOUT_A_LOCK, "get_locks"])
async def test_target_is_required(act: Act, action: str) -> None:
    """There is no such thing as the only lock."""
    with pytest.raises(vol.Invalid):
        await act(action, None, **ABOUT_A_LOCK.get(action, {}))


# --- By whom -----------------------------------------------------------------------


@pytest.mark.parametrize("action", [*ABOUT_A_LOCK, "get_locks"])
async def test_only_administrators(
    act: Act, hass_read_only_user: MockUser, action: str
) -> None:
    """Who may open a door is nothing for everybody, nor is knowing it."""
    with pytest.raises(Unauthorized):
        await act(
            action,
            None if action == "get_locks" else "front",
            context=Context(user_id=hass_read_only_user.id),
            **ABOUT_A_LOCK.get(action, {"config_entry_id": act.entry.entry_id}),
        )
    assert act.cloud.calls == []


async def test_administrators(act: Act, door: Lock, hass_admin_user: MockUser) -> None:
    """Administrators may; so may automations, which are nobody, in all other tests."""
    context = Context(user_id=hass_admin_user.id)

    await act("get_users", context=context)
    await act("delete_user", context=context, user="mia")

    assert "mia" not in door.users


async def test_what_there_is(hass: HomeAssistant, act: Act) -> None:
    """Actions are there before any entry; those that tell always answer."""
    services = hass.services.async_services_for_domain(DOMAIN)
    answers = {name: service.supports_response for name, service in services.items()}

    assert answers == {
        **dict.fromkeys(
            (case.action for case in READS.values()), SupportsResponse.ONLY
        ),
        **dict.fromkeys(
            (case.action for case in WRITES.values()), SupportsResponse.OPTIONAL
        ),
        **dict.fromkeys(
            ("get_locks", "get_records", "get_passwords", "get_dynamic_password"),
            SupportsResponse.ONLY,
        ),
        **dict.fromkeys(
            (
                *("enroll_unlock_method", "cancel_enrollment", "sync_unlock_methods"),
                *("update_unlock_method", "delete_unlock_method"),
                *("add_password", "update_password", "delete_password"),
                "add_offline_password",
            ),
            SupportsResponse.OPTIONAL,
        ),
    }
    assert len(answers) == 27


async def test_errors_have_a_text(act: Act) -> None:
    """What is raised reads like a sentence, placeholders filled in."""
    with pytest.raises(HomeAssistantError, match="has no user Nobody"):
        await act("get_user", user="Nobody")
