"""One lock in two projects: an account can be linked to several."""

from collections.abc import AsyncGenerator, Generator
import logging

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from simulator import SimulatedCloud
from tests.common import entry_state, lock_device, project_entry
from tests.conftest import LIST_SECONDS, Home

pytestmark = pytest.mark.usefixtures("door")


@pytest.fixture
async def twin(socket_enabled: None) -> AsyncGenerator[MockConfigEntry]:
    """Another project whose account also has the front door, and a shed."""
    other = SimulatedCloud(access_id="other0access0id", project_uid="bay0other")
    other.add_account()
    door = other.add_lock("front", "Front door")
    for name in ("Alice", "Bob", "Carl"):
        door.add_user(name, user_id=name.lower())
    other.add_lock("shed", "Shed").add_user("Sam", user_id="sam")
    async with other.serve() as endpoint:
        yield project_entry(other, endpoint, "Other project")


async def add(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


def owners(hass: HomeAssistant, *entries: MockConfigEntry) -> list[str]:
    """Return the projects that have loaded the front door, with its device."""
    loaded = [e for e in entries if entry_state(e) is ConfigEntryState.LOADED]
    following = [entry for entry in loaded if "front" in entry.runtime_data.locks]
    assert following == [entry for entry in loaded if lock_device(hass, entry, "front")]
    return [entry.title for entry in following]


@pytest.fixture(autouse=True)
def no_errors(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    yield
    logged = [*caplog.get_records("setup"), *caplog.get_records("call")]
    assert [one.getMessage() for one in logged if one.levelno >= logging.ERROR] == []


async def test_shared_lock(home: Home, twin: MockConfigEntry) -> None:
    """The lock stays with the first project; the other loads the other locks."""
    entry = await home.set_up()
    before = home.states("front")
    await add(home.hass, twin)
    await home.tick(LIST_SECONDS, times=3)
    assert owners(home.hass, entry, twin) == ["Tuya project"]
    assert home.states("front") == before
    assert home.state("shed_users") == "1"


async def test_shared_lock_simultaneous_setup(
    home: Home, twin: MockConfigEntry
) -> None:
    """The first project has the lock exclusively."""
    twin.add_to_hass(home.hass)
    entry = await home.set_up()
    await home.tick(LIST_SECONDS, times=2)
    assert entry_state(twin) is ConfigEntryState.LOADED
    assert len(owners(home.hass, entry, twin)) == 1
    assert home.state("front:alice_access") == "allowed"


async def test_shared_lock_project_disabled(home: Home, twin: MockConfigEntry) -> None:
    entry = await home.set_up()
    await add(home.hass, twin)
    await home.hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    await home.tick(LIST_SECONDS)
    assert owners(home.hass, entry, twin) == ["Other project"]
    assert home.state("front_users") == "3"
    assert home.state("front:alice_access") == "allowed"
    await home.hass.config_entries.async_set_disabled_by(entry.entry_id, None)
    await home.tick(LIST_SECONDS, times=3)
    assert len(owners(home.hass, entry, twin)) == 1
    assert home.state("front:alice_access") == "allowed"
