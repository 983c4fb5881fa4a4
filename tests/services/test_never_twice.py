"""No order is carried out twice, whatever happens to it on the way."""

from collections import Counter
from collections.abc import Generator
import json
from unittest.mock import patch

import pytest

from custom_components.tuya_lock_users.const import DOMAIN
from simulator import Call

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
async def test_token_has_ended(act: Act, write: Write, code: int) -> None:
    """Refused for its token an order was not looked at, and goes out with a new one."""
    act.cloud.faults.kill_token(code, on=write.endpoint)

    await act(write.action, **write.data)

    assert [call.success for call in act.cloud.calls.writes] == [False, True]
    assert act.cloud.calls.counts()["token"] == 1
    assert write.took(act.door)


@every_write
async def test_token_is_never_accepted(act: Act, write: Write) -> None:
    """One new token is enough to know."""
    act.cloud.faults.refuse(1010, on=write.endpoint, times=None)

    await act.refused(write.action, **write.data)

    assert requests(act.cloud.calls.writes).most_common(1)[0][1] == 2
    assert len(act.cloud.calls.writes) == 2
    assert not write.took(act.door)


@every_write
async def test_no_other_token_comes(act: Act, write: Write) -> None:
    """Without a token nothing goes out: there is no doubt, and nothing to read back."""
    act.cloud.faults.kill_token(on=write.endpoint)
    act.cloud.faults.http(503, on="token", times=None)

    assert await act.reason(write.action, **write.data) == "cannot_connect"
    assert len(act.cloud.calls.writes) == 1
    assert act.cloud.calls[-1].endpoint == "token"
    assert not write.took(act.door)

    act.cloud.faults.clear()
    await act(write.action, **write.data)
    assert write.took(act.door)


@every_write
async def test_clock_is_off(act: Act, write: Write) -> None:
    """Refused for its time an order was not looked at, and goes out with the right one."""
    act.cloud.faults.refuse(1013, on=write.endpoint)
    act.cloud.clock_offset = 1200

    await act(write.action, **write.data)

    assert len([call for call in act.cloud.calls.writes if call.success]) == 1
    assert len(act.cloud.calls.writes) == 2
    assert write.took(act.door)


@every_write
async def test_answer_never_comes(act: Act, write: Write) -> None:
    """All answers to it are lost: one was enough."""
    act.cloud.faults.lose_answer("hang", on=write.endpoint, times=None)

    await act(write.action, **write.data)

    assert len(act.cloud.calls.writes) == 1
    assert write.took(act.door)


@every_write
async def test_connection_is_always_cut(act: Act, write: Write) -> None:
    """A client may send again what was cut off without being asked; this one does not."""
    act.cloud.faults.cut(on=write.endpoint, times=None)

    if write.action == "purge_users":
        await act(write.action, **write.data)
    else:
        await act.refused(write.action, **write.data)

    assert len(act.cloud.calls.writes) == 1
    assert not write.took(act.door)


@every_write
async def test_nothing_is_read_after_it(act: Act, write: Write) -> None:
    """The answer is lost, and then the lock cannot be read: once is still enough."""
    act.cloud.faults.lose_answer("http", on=write.endpoint)
    before = {"update_user": 1, "suspend_user": 1, "resume_user": 1, "purge_users": 1}
    act.cloud.faults.http(
        503, on="reads", times=None, after=before.get(write.action, 0)
    )

    assert await act.reason(write.action, **write.data) == "order_unconfirmed"
    assert len(act.cloud.calls.writes) == 1


@every_write
async def test_throttled(act: Act, write: Write) -> None:
    """Being asked to come again later is not a reason to come again at once."""
    act.cloud.faults.http(429, on=write.endpoint, times=None)

    assert await act.reason(write.action, **write.data) == "throttled"
    assert len(act.cloud.calls.writes) == 1


async def test_nothing_is_sent_again_after_an_order(act: Act) -> None:
    """Polling afterwards asks, and never orders."""
    act.cloud.delivery.outcome = "NEVER"
    await act("suspend_user", user="mia", wait=0)
    sent = requests(act.cloud.calls.writes)

    for _ in range(3):
        await act("get_users", fresh=True)

    assert requests(act.cloud.calls.writes) == sent
