"""No order is carried out twice, whatever happens to it on the way."""

from collections import Counter
from collections.abc import Generator
import json
from unittest.mock import patch

import pytest

from custom_components.tuya_lock_users.const import DOMAIN
from simulator import Call, Lock, SimulatedCloud

from .calling import Act
from .cases import Write, every_write


@pytest.fixture(autouse=True)
def impatient() -> Generator[None]:
    """Give requests a part of a second instead of ten, for those that hang."""
    with patch(f"custom_components.{DOMAIN}.api.cloud.DEADLINE_SECONDS", 0.4):
        yield


def requests(calls: list[Call]) -> Counter[str]:
    """Return how often each request was sent, byte by byte but for the signature."""
    return Counter(
        json.dumps((call.method, call.raw, call.body), sort_keys=True) for call in calls
    )


@pytest.mark.parametrize("code", [1010, 1400])
@every_write
async def test_token_has_ended(
    act: Act, cloud: SimulatedCloud, door: Lock, write: Write, code: int
) -> None:
    """Refused for its token an order was not looked at, and goes out with a new one."""
    cloud.faults.kill_token(code, on=write.endpoint)

    await act(write.action, **write.data)

    assert [call.success for call in cloud.calls.writes] == [False, True]
    assert cloud.calls.counts()["token"] == 1
    assert write.took(door)


@every_write
async def test_token_is_never_accepted(
    act: Act, cloud: SimulatedCloud, door: Lock, write: Write
) -> None:
    """One new token is enough to know."""
    cloud.faults.refuse(1010, on=write.endpoint, times=None)

    await act.refused(write.action, **write.data)

    assert requests(cloud.calls.writes).most_common(1)[0][1] == 2
    assert len(cloud.calls.writes) == 2
    assert not write.took(door)


@every_write
async def test_no_other_token_comes(
    act: Act, cloud: SimulatedCloud, door: Lock, write: Write
) -> None:
    """Without a token nothing goes out: there is no doubt, and nothing to read back."""
    cloud.faults.kill_token(on=write.endpoint)
    cloud.faults.http(503, on="token", times=None)

    error = await act.refused(write.action, **write.data)

    assert error.translation_key == "cannot_connect"
    assert len(cloud.calls.writes) == 1
    assert cloud.calls[-1].endpoint == "token"
    assert not write.took(door)

    cloud.faults.clear()
    await act(write.action, **write.data)
    assert write.took(door)


@every_write
async def test_clock_is_off(
    act: Act, cloud: SimulatedCloud, door: Lock, write: Write
) -> None:
    """Refused for its time an order was not looked at, and goes out with the right one."""
    cloud.faults.refuse(1013, on=write.endpoint)
    cloud.clock_offset = 1200

    await act(write.action, **write.data)

    assert len([call for call in cloud.calls.writes if call.success]) == 1
    assert len(cloud.calls.writes) == 2
    assert write.took(door)


@every_write
async def test_answer_never_comes(
    act: Act, cloud: SimulatedCloud, door: Lock, write: Write
) -> None:
    """All answers to it are lost: one was enough."""
    cloud.faults.lose_answer("hang", on=write.endpoint, times=None)

    await act(write.action, **write.data)

    assert len(cloud.calls.writes) == 1
    assert write.took(door)


@every_write
async def test_connection_is_always_cut(
    act: Act, cloud: SimulatedCloud, door: Lock, write: Write
) -> None:
    """A client may send again what was cut off without being asked; this one does not."""
    cloud.faults.cut(on=write.endpoint, times=None)

    if write.action == "purge_users":
        await act(write.action, **write.data)
    else:
        await act.refused(write.action, **write.data)

    assert len(cloud.calls.writes) == 1
    assert not write.took(door)


@every_write
async def test_nothing_is_read_after_it(
    act: Act, cloud: SimulatedCloud, door: Lock, write: Write
) -> None:
    """The answer is lost, and then the lock cannot be read: once is still enough."""
    cloud.faults.lose_answer("http", on=write.endpoint)
    before = {"update_user": 1, "suspend_user": 1, "resume_user": 1, "purge_users": 1}
    cloud.faults.http(503, on="reads", times=None, after=before.get(write.action, 0))

    error = await act.refused(write.action, **write.data)

    assert error.translation_key == "order_unconfirmed"
    assert len(cloud.calls.writes) == 1


@every_write
async def test_throttled(
    act: Act, cloud: SimulatedCloud, door: Lock, write: Write
) -> None:
    """Being asked to come again later is not a reason to come again at once."""
    cloud.faults.http(429, on=write.endpoint, times=None)

    error = await act.refused(write.action, **write.data)

    assert error.translation_key == "throttled"
    assert len(cloud.calls.writes) == 1


async def test_nothing_is_sent_again_after_an_order(
    act: Act, cloud: SimulatedCloud
) -> None:
    """Polling afterwards asks, and never orders."""
    cloud.delivery.outcome = "NEVER"
    await act("suspend_user", user="mia", wait=0)
    sent = requests(cloud.calls.writes)

    for _ in range(3):
        await act("get_users", fresh=True)

    assert requests(cloud.calls.writes) == sent
