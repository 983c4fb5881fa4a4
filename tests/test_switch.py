"""The switch that suspends and resumes a user."""

import asyncio

import pytest
from pytest_homeassistant_custom_component.common import MockUser

from homeassistant.components.homeassistant import async_should_expose
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from simulator import Schedule, User

from .common import until
from .conftest import CYCLE_SECONDS, Home

SWITCH = "front:bob_enabled"


async def call_switch(home: Home, state: str, user: MockUser | None = None) -> None:
    await home.hass.services.async_call(
        "switch",
        f"turn_{state}",
        {"entity_id": home.entity_id(SWITCH)},
        blocking=True,
        context=Context(user_id=user.id if user else None),
    )


@pytest.fixture
def bob(home: Home) -> User:
    """A user with a schedule; the lock applies changes at once."""
    home.cloud.delivery.delay = 0
    bob = home.door.users["bob"]
    bob.schedule = Schedule(False, 1_790_000_000, 1_830_000_000)
    return bob


@pytest.mark.usefixtures("all_entities")
async def test_off_and_on(home: Home, bob: User, hass_admin_user: MockUser) -> None:
    """Off suspends, on restores the schedule; repeating either is no error."""
    await home.set_up()
    assert home.state(SWITCH) == "on"

    for _ in range(2):
        await call_switch(home, "off")
        assert home.state(SWITCH) == "off"
        assert home.state("front:bob_access") == "suspended"
        assert bob.schedule.expired_time < home.cloud.now
    assert len(home.cloud.calls.to("set_schedule")) == 1
    await home.reload()
    assert home.state(SWITCH) == "off"

    for _ in range(2):
        await call_switch(home, "on", hass_admin_user)
        assert home.state(SWITCH) == "on"
        assert bob.schedule.expired_time == 1_830_000_000
    assert len(home.cloud.calls.to("set_schedule")) == 2


@pytest.mark.usefixtures("all_entities")
async def test_pending(home: Home, bob: User) -> None:
    """A pending change is shown, then its success."""
    await home.set_up()
    home.cloud.delivery.delay = 60
    task = asyncio.ensure_future(call_switch(home, "off"))
    await until(lambda: home.state_object(SWITCH).attributes["pending"])
    assert home.state(SWITCH) == "off"
    await home.tick(60, times=2)
    await task
    assert not home.state_object(SWITCH).attributes["pending"]


@pytest.mark.usefixtures("all_entities")
async def test_other_suspension(home: Home, bob: User) -> None:
    """The switch shows a suspension by an action, and its end in the app.

    An expired user is not suspended: turning on must not give permanent access.
    """
    await home.set_up()
    await home.act("suspend_user", "front:bob")
    assert home.state(SWITCH) == "off"
    bob.schedule = Schedule()
    await home.tick(CYCLE_SECONDS)
    assert home.state(SWITCH) == "on"

    home.door.expire(bob)
    await home.tick(CYCLE_SECONDS)
    assert home.state("front:bob_access") == "expired"
    assert home.state(SWITCH) == "on"
    home.cloud.calls.clear()
    await call_switch(home, "on")
    assert home.cloud.calls == []


@pytest.mark.parametrize(
    ("user_id", "words"),
    [
        (None, "Only administrators"),
        ("gone", "Only administrators"),
        ("owner", "owner"),
    ],
)
@pytest.mark.usefixtures("all_entities")
async def test_turn_off_refused(
    home: Home,
    bob: User,
    hass_read_only_user: MockUser,
    user_id: str | None,
    words: str,
) -> None:
    await home.set_up()
    home.cloud.calls.clear()
    context = Context(user_id=user_id or hass_read_only_user.id)
    switch = home.entity_id(SWITCH)
    if user_id == "owner":
        context, switch = Context(), home.entity_id("front:alice_enabled")
    if user_id is None:
        hass_read_only_user.mock_policy({"entities": True})
    entity = home.hass.data["switch"].get_entity(switch)
    entity.async_set_context(context)
    with pytest.raises(HomeAssistantError, match=words):
        await entity.async_turn_off()
    assert home.cloud.calls == []


async def test_lifecycle(home: Home) -> None:
    """The switch is disabled by default, and added, renamed and removed with its user."""
    await home.set_up()
    registry = er.async_get(home.hass)
    entity_id = home.entity_id(SWITCH)
    assert entity_id
    assert registry.entities[entity_id].disabled
    registry.async_update_entity(entity_id, disabled_by=None)
    await home.reload()
    assert home.state(SWITCH) == "on"
    assert await async_setup_component(home.hass, "homeassistant", {})
    assert not async_should_expose(home.hass, "conversation", entity_id)

    home.door.users["bob"].nick_name = "Robert"
    home.door.add_user("Zoe", user_id="zoe")
    await home.tick(CYCLE_SECONDS)
    assert home.state_object(SWITCH).name == "Robert Enabled"
    assert home.entity_id("front:zoe_enabled")
    home.door.remove_user("bob")
    await home.tick(CYCLE_SECONDS)
    await home.tick(CYCLE_SECONDS)
    assert home.entity_id(SWITCH) is None
