"""The locks step of the config flow."""

import pytest

from custom_components.tuya_lock_users.const import (
    CONF_ACCOUNT_UID,
    CONF_EXCLUDED_LOCKS,
    CONF_EXTRA_LOCKS,
    CONF_LOCKS,
)
from homeassistant.core import HomeAssistant
from simulator import Lock, SimulatedCloud
from tests.conftest import Home
from tests.flows import (
    Form,
    begin,
    choice_of,
    entry_of,
    form_of,
    labels_of,
    submit,
    value_of,
)

pytestmark = pytest.mark.usefixtures("no_rate_limit")

LIST = "associated_devices"
ACCOUNT_LIST = "account_devices"
USERS = "smart_lock_users"
FILTERED_USERS = "users_v11"


@pytest.fixture
def account(cloud: SimulatedCloud, door: Lock) -> str:
    return cloud.accounts[0]


async def test_no_lock_selected(home: Home, form: Form) -> None:
    result = await begin(home.hass, form)
    result = form_of(
        await submit(home.hass, result, {CONF_LOCKS: []}), "locks", "no_locks"
    )
    assert choice_of(result) == []
    assert labels_of(result) == {"front": "Front door, Wi-Fi Video Lock"}
    assert home.cloud.calls.counts()[LIST] == 1
    entry_of(await submit(home.hass, result, {CONF_LOCKS: ["front"]}))


async def test_no_lock_found(
    hass: HomeAssistant, cloud: SimulatedCloud, form: Form
) -> None:
    """A project without locks is reported, and searched again on request."""
    cloud.add_device("window", "Hallway window")
    result = await begin(hass, form)
    form_of(result, "locks", "no_locks")
    assert labels_of(result) == {}
    form_of(await submit(hass, result, {}), "locks", "no_locks")
    cloud.add_lock("front", "Front door")
    result = form_of(await submit(hass, result, {}), "locks")
    assert choice_of(result) == ["front"]
    entry_of(await submit(hass, result, {}))


@pytest.mark.parametrize("code", [1106, 4001, 28841101, 28841105, 28841106, 40001900])
async def test_list_by_account(home: Home, account: str, form: Form, code: int) -> None:
    """If the project cannot list its devices, those of an account are listed."""
    home.cloud.faults.not_authorized(LIST, code=code)
    home.cloud.add_device("window", "Hallway window")

    result = await begin(home.hass, form)
    form_of(result, "locks", "not_authorized")
    assert labels_of(result) == {}
    assert choice_of(result) == []

    result = await submit(home.hass, result, {CONF_ACCOUNT_UID: f" {account} "})
    form_of(result, "locks")
    assert labels_of(result) == {"front": "Front door, Wi-Fi Video Lock"}
    assert choice_of(result) == ["front"]
    assert value_of(result, CONF_ACCOUNT_UID) == account

    result = await submit(
        home.hass, result, {CONF_LOCKS: ["front"], CONF_ACCOUNT_UID: account}
    )
    entry = entry_of(result)
    assert entry.data == form | {CONF_ACCOUNT_UID: account}
    assert entry.options == {CONF_EXCLUDED_LOCKS: [], CONF_EXTRA_LOCKS: []}
    assert entry.unique_id == home.cloud.project_uid
    assert home.state("front_users") == "2"
    # The flow makes each call once; the entry also lists the account.
    assert home.cloud.calls.counts()[LIST] == 1
    assert home.cloud.calls.counts()[ACCOUNT_LIST] == 2


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (1106, "not_authorized"),
        (2002, "no_locks"),
        (2006, "no_locks"),
        (1109, "no_locks"),
        (28841004, "quota_exhausted"),
        (500, "cannot_connect"),
    ],
)
async def test_account_refused(
    home: Home, account: str, form: Form, code: int, error: str
) -> None:
    """The form keeps the input, and can be corrected."""
    home.cloud.faults.not_authorized(LIST)
    home.cloud.faults.refuse(code, on=ACCOUNT_LIST, times=None)
    result = await begin(home.hass, form)
    typed = {CONF_LOCKS: ["front"], CONF_ACCOUNT_UID: account}
    result = form_of(await submit(home.hass, result, typed), "locks", error)
    assert choice_of(result) == ["front"]
    assert value_of(result, CONF_ACCOUNT_UID) == account
    home.cloud.faults.clear()
    result = form_of(await submit(home.hass, result, typed), "locks")
    entry_of(await submit(home.hass, result, typed))


async def test_optional_account(home: Home, account: str, form: Form) -> None:
    """An account can be specified without being required; its locks are then used."""
    neighbour = home.cloud.add_account()
    home.cloud.add_lock("gate", "Garden gate", account_uid=neighbour)
    result = await begin(home.hass, form)
    assert choice_of(result) == ["front", "gate"]
    typed = {CONF_LOCKS: ["front"], CONF_ACCOUNT_UID: neighbour}
    result = form_of(await submit(home.hass, result, typed), "locks")
    assert choice_of(result) == ["gate"]
    # An unknown account can be removed again if it is not required.
    typed = {CONF_LOCKS: ["gate"], CONF_ACCOUNT_UID: "nobody"}
    result = await submit(home.hass, result, typed)
    form_of(result, "locks", "not_authorized")
    # And back again.
    result = form_of(await submit(home.hass, result, {CONF_LOCKS: ["gate"]}), "locks")
    assert choice_of(result) == ["front", "gate"]
    result = await submit(home.hass, result, {CONF_ACCOUNT_UID: neighbour})
    entry = entry_of(await submit(home.hass, result, {CONF_ACCOUNT_UID: neighbour}))
    assert entry.data[CONF_ACCOUNT_UID] == neighbour
    assert set(entry.runtime_data.locks) == {"gate"}


@pytest.mark.parametrize("unsupported", [{}, {USERS: 2009}], ids=["new", "old"])
async def test_typed_id(
    home: Home, strange: Lock, form: Form, unsupported: dict[str, int]
) -> None:
    """Any device whose users can be read is accepted, by the older call as well."""
    home.cloud.dialects.of("strange").unsupported = unsupported
    result = await begin(home.hass, form)
    assert labels_of(result) == {"front": "Front door, Wi-Fi Video Lock"}
    result = await submit(home.hass, result, {CONF_LOCKS: ["strange", "front"]})
    entry = entry_of(result)
    assert entry.options == {CONF_EXCLUDED_LOCKS: [], CONF_EXTRA_LOCKS: ["strange"]}
    assert set(entry.runtime_data.locks) == {"front", "strange"}
    assert home.state("strange_users") == "1"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (2010, "no_locks"),
        (2009, "no_locks"),
        (1108, "no_locks"),
        (1109, "no_locks"),
        (1106, "not_authorized"),
        (2001, "cannot_connect"),
        (2328, "cannot_connect"),
        (28841004, "quota_exhausted"),
        (500, "cannot_connect"),
    ],
)
async def test_typed_id_unreadable(
    home: Home, strange: Lock, form: Form, code: int, error: str
) -> None:
    """The ID is refused and stays in the form, to be corrected or removed."""
    home.cloud.faults.refuse(code, lock="strange", times=None)
    result = await begin(home.hass, form)
    typed = {CONF_LOCKS: ["front", "strange"]}
    result = form_of(await submit(home.hass, result, typed), "locks", error)
    assert choice_of(result) == ["front", "strange"]
    assert labels_of(result)["strange"] == "Strange thing, Wi-Fi Video Lock"
    entry = entry_of(await submit(home.hass, result, {CONF_LOCKS: ["front"]}))
    assert entry.options == {CONF_EXCLUDED_LOCKS: [], CONF_EXTRA_LOCKS: []}


async def test_typed_id_no_lock(home: Home, form: Form) -> None:
    home.cloud.add_device("window", "Hallway window")
    result = await begin(home.hass, form)
    for lock_id in ("window", "../window", "frnot"):
        result = await submit(home.hass, result, {CONF_LOCKS: ["front", lock_id]})
        form_of(result, "locks", "no_locks")
    entry_of(await submit(home.hass, result, {CONF_LOCKS: ["front"]}))


@pytest.mark.parametrize("with_account", [False, True])
async def test_typed_id_without_list(
    home: Home, account: str, strange: Lock, form: Form, with_account: bool
) -> None:
    """If no list is allowed, an ID suffices; an account adds its locks."""
    home.cloud.faults.not_authorized(LIST)
    result = form_of(await begin(home.hass, form), "locks", "not_authorized")
    typed: Form = {CONF_LOCKS: ["strange"]}
    if with_account:
        typed[CONF_ACCOUNT_UID] = account
        result = form_of(await submit(home.hass, result, typed), "locks")
        assert choice_of(result) == ["front", "strange"]
    entry = entry_of(await submit(home.hass, result, typed))
    excluded = ["front"] if with_account else []
    assert entry.options == {
        CONF_EXCLUDED_LOCKS: excluded,
        CONF_EXTRA_LOCKS: ["strange"],
    }
    assert set(entry.runtime_data.locks) == {"strange"}
