"""The refresh button of a lock."""

import pytest

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.exceptions import HomeAssistantError
from simulator import Lock
from tests.conftest import CYCLE_SECONDS, Home

pytestmark = pytest.mark.default_options

UNIQUE_ID = "front_refresh"


async def test_press(home: Home) -> None:
    await home.set_up()
    assert home.state(UNIQUE_ID) == STATE_UNKNOWN
    home.cloud.calls.clear()
    home.door.add_user("Carl", user_id="carl")
    home.door.add_method("remoteControl", home.door.find("bob"))
    home.door.add_method("card")
    await home.press(UNIQUE_ID)
    assert home.cloud.calls.counts() == {
        "smart_lock_users": 1,
        "opmodes": 3,
        "absent_users": 1,
        "unassigned_keys": 1,
    }
    assert home.state("front_users") == "3"
    assert home.state("front:bob_unlock_methods") == "2"
    assert home.state("front_unassigned_unlock_methods") == "1"
    assert home.state(UNIQUE_ID) != STATE_UNKNOWN


async def test_press_lock_back_online(home: Home) -> None:
    """The list of locks is fetched only for a lock that was offline."""
    await home.set_up()
    home.cloud.faults.refuse(2001, on="smart_lock_users", times=1)
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_online") == STATE_OFF
    home.cloud.calls.clear()
    await home.press(UNIQUE_ID)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert home.state("front_online") == STATE_ON
    assert home.cloud.calls.counts()["associated_devices"] == 1


async def test_press_ends_pause(home: Home, gate: Lock) -> None:
    """After a plan was extended, all locks are read at once."""
    await home.set_up()
    expired = home.cloud.faults.plan_expired()
    await home.tick(CYCLE_SECONDS)
    home.door.add_user("Carl")
    gate.add_user("Gina")
    with pytest.raises(HomeAssistantError):
        await home.press(UNIQUE_ID)
    expired.remove()
    await home.tick(CYCLE_SECONDS)
    assert home.state("front_users") == "2"
    assert home.state("gate_users") == "1"
    await home.press(UNIQUE_ID)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert home.state("front_users") == "3"
    assert home.state("gate_users") == "2"


async def test_press_resets_dialect(home: Home) -> None:
    refused = home.cloud.faults.not_authorized("smart_lock_users")
    await home.set_up()
    assert home.cloud.calls.to("users_v11")
    refused.remove()
    home.cloud.calls.clear()
    await home.press(UNIQUE_ID)
    assert home.cloud.calls.counts()["smart_lock_users"] == 1
    assert not home.cloud.calls.to("users_v11")


async def test_press_list_without_methods(home: Home) -> None:
    """The methods of a new user are read at once."""
    home.cloud.dialects.unsupported = {"smart_lock_users": 1108}
    await home.set_up()
    carl = home.door.add_user("Carl", user_id="carl")
    home.door.add_method("card", carl)
    home.door.add_method("password", carl)
    await home.press(UNIQUE_ID)
    assert home.state("front:carl_unlock_methods") == "2"
    assert home.state("front_unlock_methods") == "4"


async def test_press_lock_never_read(home: Home) -> None:
    home.door.device.online = False
    home.door.offline_reads = False
    await home.set_up()
    assert home.state("front_users") == STATE_UNAVAILABLE
    home.door.offline_reads = True
    home.cloud.calls.clear()
    await home.press(UNIQUE_ID)
    assert home.cloud.calls.counts(lock="front")["opmodes"] == 2
    assert home.state("front_users") == "2"


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (2001, "lock_offline"),
        (28841004, "quota_exhausted"),
        (1106, "not_authorized"),
        (1110, "throttled"),
        (1004, "invalid_auth"),
    ],
)
async def test_press_refused(home: Home, code: int, key: str) -> None:
    """A failed press reports the reason and starts reauth; the next succeeds."""
    await home.set_up()
    fault = home.cloud.faults.refuse(code, on="reads", times=None)
    with pytest.raises(HomeAssistantError) as error:
        await home.press(UNIQUE_ID)
    assert error.value.translation_key == key
    flows = home.hass.config_entries.flow.async_progress()
    is_asked = key == "invalid_auth"
    assert [flow["context"]["source"] for flow in flows] == [SOURCE_REAUTH] * is_asked
    fault.remove()
    await home.press(UNIQUE_ID)
    assert home.state("front_users") == "2"
