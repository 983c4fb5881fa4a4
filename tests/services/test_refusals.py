"""What the cloud refuses: every action says why, and does what the reason asks for."""

from typing import Final

import pytest

from custom_components.tuya_lock_users.const import DOMAIN
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from tests.cloud import Lock, SimulatedCloud
from tests.common import state_of

from .calling import Act
from .cases import Read, Write, every_read, every_write

REFUSALS: Final = {
    "offline": (2001, "lock_offline"),
    "busy": (2328, "lock_busy"),
    "not-authorized": (1106, "not_authorized"),
    "service-missing": (28841106, "not_authorized"),
    "data-center": (28841107, "data_center_disabled"),
    "address": (1114, "ip_not_allowed"),
    "subscription": (28841002, "subscription_expired"),
    "quota": (28841004, "quota_exhausted"),
    "throttled": (1110, "throttled"),
    "not-found": (2006, "not_found"),
    "not-supported": (2003, "not_supported"),
    "malformed": (1109, "not_understood"),
    "credentials": (1004, "invalid_auth"),
    "clock": (1013, "clock_skew"),
    "lock-code": (2306, "refused_by_lock"),
    "unknown-code": (987654, "refused_by_lock"),
}
"""Codes of the cloud, and the reason that is given for each."""

every_refusal = pytest.mark.parametrize(
    ("code", "reason"),
    [pytest.param(*case, id=name) for name, case in REFUSALS.items()],
)


@every_refusal
@every_write
async def test_refused_write(
    act: Act,
    cloud: SimulatedCloud,
    door: Lock,
    write: Write,
    code: int,
    reason: str,
) -> None:
    """A refused order raises the reason, has changed nothing and is not sent again."""
    cloud.faults.refuse(code, on=write.endpoints, times=None)

    error = await act.refused(write.action, **write.data)

    assert error.translation_key == reason
    assert not isinstance(error, ServiceValidationError)
    sent = [(call.path, str(call.body)) for call in cloud.calls.writes]
    # Refused for the clock, it was not even looked at: that alone is sent once more.
    assert sent
    assert len(sent) == (2 if code == 1013 else 1) * len(set(sent))
    assert not write.took(door)


@every_refusal
@every_read
async def test_refused_read(
    act: Act, cloud: SimulatedCloud, read: Read, code: int, reason: str
) -> None:
    """A refused question raises the reason, and asks for no change."""
    cloud.faults.refuse(code, on="business", times=None)

    error = await act.refused(read.action, **read.data)

    assert error.translation_key == reason
    assert not isinstance(error, ServiceValidationError)
    assert cloud.calls.to(read.endpoint)
    assert cloud.calls.writes == []


@every_refusal
@pytest.mark.parametrize("account", [{}, {"account_uid": "eu1"}], ids=["all", "one"])
async def test_refused_list(
    act: Act,
    cloud: SimulatedCloud,
    account: dict[str, str],
    code: int,
    reason: str,
) -> None:
    """So does the question for the locks of a project or an account."""
    cloud.faults.refuse(code, on="business", times=None)

    error = await act.refused(
        "get_locks", None, config_entry_id=act.entry.entry_id, **account
    )

    assert error.translation_key == reason
