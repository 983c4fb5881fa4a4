"""Refusals of the cloud: every action reports the reason and acts on it."""

from typing import Any, Final

import pytest

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from tests.common import cases

from .calling import Act
from .cases import READS, Read, Write, every_command, every_read

REFUSALS: Final = {
    "offline": (2001, "lock_offline"),
    "busy": (2328, "lock_busy"),
    "not-authorized": (1106, "not_authorized"),
    "quota": (28841004, "quota_exhausted"),
    "throttled": (1110, "throttled"),
    "not-found": (2006, "not_found"),
    "not-supported": (2003, "not_supported"),
    "malformed": (1109, "not_understood"),
    "credentials": (1004, "invalid_auth"),
    "clock": (1013, "clock_skew"),
    "unknown-code": (987654, "refused_by_lock"),
}
"""Codes of the cloud, and their translation keys."""

every_refusal = pytest.mark.parametrize(
    ("code", "reason"),
    [pytest.param(*case, id=name) for name, case in REFUSALS.items()],
)


@every_refusal
@every_command
async def test_write(act: Act, write: Write, code: int, reason: str) -> None:
    act.cloud.faults.refuse(code, on=write.endpoints, times=None)
    error = await act.refused(write.action, **write.data)
    assert error.translation_key == (write.malformed if code == 1109 else reason)
    assert not isinstance(error, ServiceValidationError)
    sent = [(call.path, str(call.body)) for call in act.cloud.calls.writes]
    # Only a refusal of the clock is followed by a second attempt.
    assert sent
    assert len(sent) == (2 if code == 1013 else 1) * len(set(sent))
    assert not write.took(act.door)


@pytest.mark.parametrize(
    ("read", "code", "reason"),
    [
        pytest.param(read, *case, id=f"{read_name}-{name}")
        for read_name, read in READS.items()
        for name, case in REFUSALS.items()
        # The list of users is used instead, see test_reads.
        if (read_name, name) != ("user", "not-supported")
    ],
)
async def test_read(act: Act, read: Read, code: int, reason: str) -> None:
    act.cloud.faults.refuse(code, on="business", times=None)
    error = await act.refused(read.action, **read.data)
    assert error.translation_key == reason
    assert not isinstance(error, ServiceValidationError)
    assert act.cloud.calls.to(read.endpoint)
    assert act.cloud.calls.writes == []


@every_refusal
async def test_list_of_locks(act: Act, code: int, reason: str) -> None:
    act.cloud.faults.refuse(code, on="business", times=None)
    entry_id = act.entry.entry_id
    for account in ({}, {"account_uid": "eu1"}):
        await act.fails(reason, "get_locks", None, config_entry_id=entry_id, **account)


@cases(
    ("code", "placeholders"),
    {
        "busy": (2328, {"code": "2328", "seconds": "60"}),
        "throttled": (1110, {"code": "1110", "seconds": "60"}),
        "unknown": (987654, {"code": "987654", "seconds": "0"}),
    },
)
async def test_placeholders(act: Act, code: int, placeholders: dict[str, str]) -> None:
    """The message can name the code and the time of a retry; calls are counted at once."""
    unique_id = f"{act.cloud.project_uid}_api_calls"
    before = int(act.state(unique_id) or "")
    act.cloud.faults.refuse(code, on="set_role")
    error = await act.refused("set_user_role", user="mia", role="admin")
    assert error.translation_placeholders == placeholders
    assert int(act.state(unique_id) or "") == before + 1


@every_command
async def test_write_offline(act: Act, write: Write) -> None:
    assert act.state("front_online") == STATE_ON
    act.door.device.online = False
    await act.fails("lock_offline", write.action, **write.data)
    assert act.state("front_online") == STATE_OFF


@every_read
async def test_read_offline(act: Act, read: Read) -> None:
    act.door.device.online = act.door.offline_reads = False
    await act.fails("lock_offline", read.action, **read.data)
    assert act.state("front_online") == STATE_OFF


@cases(
    ("action", "on", "data"),
    {
        "write": ("set_user_role", "front", {"user": "mia", "role": "admin"}),
        "read": ("get_absent_users", "front", {}),
        "list-of-locks": ("get_locks", None, {}),
    },
)
async def test_reauth(
    act: Act, action: str, on: str | None, data: dict[str, Any]
) -> None:
    act.cloud.access_secret = "another"
    if on is None:
        data = {"config_entry_id": act.entry.entry_id}
    error = await act.refused(action, on, **data)
    await act.hass.async_block_till_done()
    assert error.translation_key == "invalid_auth"
    flows = act.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert [flow["context"]["source"] for flow in flows] == [SOURCE_REAUTH]


@pytest.mark.parametrize("code", [1106, 1114, 28841002, 28841004])
async def test_no_repair(act: Act, code: int) -> None:
    """A refused command does not concern the project: only polls do."""
    before = set(ir.async_get(act.hass).issues)
    act.cloud.faults.refuse(code, on="set_role")
    await act.refused("set_user_role", user="mia", role="admin")
    assert set(ir.async_get(act.hass).issues) == before
    assert (await act("get_absent_users"))["users"]
