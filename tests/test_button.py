"""The refresh button: reads a lock now, whatever was refused before."""

import pytest

from homeassistant.components.button import DOMAIN as BUTTON_DOMAIN, SERVICE_PRESS
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator import Lock, SimulatedCloud
from tests.common import entity_id_of, state_of
from tests.conftest import SetUp, Tick

CYCLE_SECONDS = 5 * 60
UNIQUE_ID = "front_refresh"


async def press(hass: HomeAssistant) -> None:
    """Press the button of the lock."""
    await hass.services.async_call(
        BUTTON_DOMAIN,
        SERVICE_PRESS,
        {"entity_id": entity_id_of(hass, UNIQUE_ID)},
        blocking=True,
    )


async def test_press(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """Everything of a lock is read, and shown at once."""
    await set_up()
    assert state_of(hass, UNIQUE_ID) == STATE_UNKNOWN
    cloud.calls.clear()
    door.add_user("Carl", user_id="carl")
    door.add_method("remoteControl", door.find("bob"))
    door.add_method("card")

    await press(hass)

    assert cloud.calls.counts() == {
        "smart_lock_users": 1,
        "opmodes": 3,
        "absent_users": 1,
        "unassigned_keys": 1,
    }
    assert state_of(hass, "front_users") == "3"
    assert state_of(hass, "front:bob_unlock_methods") == "2"
    assert state_of(hass, "front_unassigned_unlock_methods") == "1"
    assert state_of(hass, UNIQUE_ID) != STATE_UNKNOWN


async def test_press_finds_out_that_a_lock_is_back(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """A lock that was offline is looked up in the list, which others do not need."""
    await set_up()
    cloud.faults.refuse(2001, on="smart_lock_users", times=1)
    await tick(CYCLE_SECONDS)
    assert state_of(hass, "front_online") == STATE_OFF
    cloud.calls.clear()

    await press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(hass, "front_online") == STATE_ON
    assert cloud.calls.counts()["associated_devices"] == 1


async def test_press_ends_a_pause(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp, tick: Tick
) -> None:
    """Nobody who extended a plan has to wait, not even for the other locks."""
    gate = cloud.add_lock("gate", "Garden gate")
    gate.add_user("Gus", user_id="gus")
    await set_up()
    expired = cloud.faults.plan_expired()
    await tick(CYCLE_SECONDS)
    door.add_user("Carl")
    gate.add_user("Gina")
    with pytest.raises(HomeAssistantError):
        await press(hass)

    expired.remove()
    await tick(CYCLE_SECONDS)
    assert state_of(hass, "front_users") == "2"
    assert state_of(hass, "gate_users") == "1"
    await press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert state_of(hass, "front_users") == "3"
    assert state_of(hass, "gate_users") == "2"


async def test_press_forgets_the_dialect(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """A better call that was refused at first is tried again."""
    refused = cloud.faults.not_authorized("smart_lock_users")
    await set_up()
    assert cloud.calls.to("users_v11")

    refused.remove()
    cloud.calls.clear()
    await press(hass)

    assert cloud.calls.counts()["smart_lock_users"] == 1
    assert not cloud.calls.to("users_v11")


async def test_press_where_no_list_tells_methods(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """Somebody added since is shown with their methods, too, and not in a day."""
    cloud.dialects.unsupported = {"smart_lock_users": 1108}
    await set_up()
    carl = door.add_user("Carl", user_id="carl")
    door.add_method("card", carl)
    door.add_method("password", carl)

    await press(hass)

    assert state_of(hass, "front:carl_unlock_methods") == "2"
    assert state_of(hass, "front_unlock_methods") == "4"


async def test_press_on_a_lock_that_was_never_read(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """The first reading may be one by hand."""
    door.device.online = False
    door.offline_reads = False
    await set_up()
    assert state_of(hass, "front_users") == STATE_UNAVAILABLE

    door.offline_reads = True
    cloud.calls.clear()
    await press(hass)

    assert cloud.calls.counts(lock="front")["opmodes"] == 2
    assert state_of(hass, "front_users") == "2"


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (2001, "lock_offline"),
        (28841004, "quota_exhausted"),
        (1106, "not_authorized"),
        (1110, "throttled"),
    ],
)
async def test_refused(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    code: int,
    key: str,
) -> None:
    """A press that fails says why, and the next one may succeed."""
    await set_up()
    fault = cloud.faults.refuse(code, on="reads", times=None)

    with pytest.raises(HomeAssistantError) as error:
        await press(hass)

    assert error.value.translation_key == key
    fault.remove()
    await press(hass)
    assert state_of(hass, "front_users") == "2"


async def test_wrong_secret(
    hass: HomeAssistant, cloud: SimulatedCloud, door: Lock, set_up: SetUp
) -> None:
    """Credentials that are refused now are asked for."""
    await set_up()
    cloud.kill_token()
    cloud.faults.refuse(1004, on="tokens", times=None)

    with pytest.raises(HomeAssistantError) as error:
        await press(hass)

    assert error.value.translation_key == "invalid_auth"
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
