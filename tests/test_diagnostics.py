"""Diagnostics, which contain no personal data."""

from collections.abc import Generator
from http import HTTPStatus
import json
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion

from custom_components.tuya_lock_users.const import (
    CONF_ACCOUNT_UID,
    CONF_EXCLUDED_LOCKS,
    CONF_EXTRA_LOCKS,
)
from custom_components.tuya_lock_users.domain.pseudonym import pseudonymizer
from homeassistant.const import __version__ as HA_VERSION
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulator import OWNER, Delivery, Lock, Schedule, SimulatedCloud, Window
from simulator.dialects import FALLBACK
from tests.common import load_fixture
from tests.conftest import (
    CYCLE_SECONDS,
    DAY_SECONDS,
    HOUR_SECONDS,
    NOW_SECONDS,
    Home,
    SetUp,
)

# Planted wherever the cloud can put text.
SECRETS = load_fixture("planted_texts")


@pytest.fixture
def cloud() -> SimulatedCloud:
    cloud = SimulatedCloud(
        access_id=SECRETS["access_id"],
        access_secret=SECRETS["access_secret"],
        project_uid=SECRETS["project_uid"],
    )
    cloud.add_account(SECRETS["account"])
    return cloud


@pytest.fixture
def door(cloud: SimulatedCloud) -> Lock:
    text = SECRETS
    door = cloud.add_lock(
        text["lock_id"],
        text["lock"],
        local_key=text["local_key"],
        ip=text["ip"],
        product_name="Wi-Fi Video Lock",
        model="VL-90",
    )
    schedule = Schedule(
        permanent=False,
        effective_time=NOW_SECONDS - 3 * DAY_SECONDS,
        expired_time=NOW_SECONDS + 30 * DAY_SECONDS,
        windows=[Window(62, 540, 1020, "Europe/Berlin")],
        operate=text["operate"],
        delivery=Delivery(0, "SUCCESS"),
    )
    owner = door.add_user(
        text["user"],
        user_id=text["user_id"],
        user_type=OWNER,
        schedule=schedule,
        uid=text["uid"],
        user_contact=text["contact"],
        avatar_url=text["avatar"],
    )
    name = text["method"]
    phones = {"msg_phone": text["sms"], "voice_phone": text["call"]}
    door.add_method("fingerprint", owner, unlock_sn=3, name=name, **phones)
    door.add_method(text["code"], owner, unlock_sn=4, name=name)
    gone = door.add_user(text["user"], user_id=text["absent"])
    door.add_method("card", gone, unlock_sn=5)
    door.remove_user(gone.user_id)
    return door


KEY = "0123456789abcdef0123456789abcdef"
hashed = pseudonymizer(KEY)


@pytest.fixture(autouse=True)
def instance_id() -> Generator[None]:
    with patch("homeassistant.helpers.instance_id.async_get", return_value=KEY):
        yield


def lock_of(dump: Any) -> dict[str, Any]:
    (lock,) = dump["locks"]
    assert isinstance(lock, dict)
    return lock


def assert_no_secrets(*dumps: Any) -> None:
    for dump in dumps:
        text = json.dumps(dump).lower()
        assert "planted" not in text
        for secret in SECRETS.values():
            assert secret.lower() not in text
        assert "127.0.0.1" not in text


async def test_entry(home: Home, hass_client: ClientSessionGenerator) -> None:
    """A project is described with its plan and calls; the download contains no names."""
    entry = await home.set_up()
    assert await async_setup_component(home.hass, "diagnostics", {})
    client = await hass_client()
    response = await client.get(f"/api/diagnostics/config_entry/{entry.entry_id}")
    assert response.status == HTTPStatus.OK
    download = await response.json()
    assert len(download["issues"]) == 2
    assert_no_secrets(download)
    dump = download["data"]

    assert dump["versions"]["home_assistant"] == HA_VERSION
    project = dump["project"]
    assert project["project"] == hashed(SECRETS["project_uid"])
    assert project["data_center"] == "another address"
    assert project["state"] == "loaded"
    assert project["calls"]["count"] == len(home.cloud.calls)
    assert project["pause"] is None
    assert project["outages"] == []
    assert project["issues"] == ["absent_users", "unassigned_unlock_methods"]
    (shape,) = project["last_replies"].values()
    assert "devices" in shape or "list" in shape
    assert dump["list"] == {
        "last_update_success": True,
        "last_error": None,
        "poll_seconds": CYCLE_SECONDS,
        "full_refresh_days": 1,
    }


async def test_lock(
    home: Home, hass_client: ClientSessionGenerator, snapshot: SnapshotAssertion
) -> None:
    """A lock is described by its model, dialects, and numbers."""
    entry = await home.set_up()
    lock = lock_of(
        await get_diagnostics_for_config_entry(home.hass, hass_client, entry)
    )
    assert lock["lock"] == hashed(SECRETS["lock_id"])
    lock.pop("last_replies")
    assert lock == snapshot


async def test_last_replies(home: Home, hass_client: ClientSessionGenerator) -> None:
    home.cloud.dialects.of(SECRETS["lock_id"]).set(**FALLBACK, schedule_info="array")
    entry = await home.set_up()
    lock = lock_of(
        await get_diagnostics_for_config_entry(home.hass, hass_client, entry)
    )

    replies = lock["last_replies"]
    users_call = "GET /v1.1/devices/{lock_id}/users"
    assert replies["GET /v1.0/smart-lock/devices/{lock_id}/users"] == "code 2009"
    record = replies[users_call]["records"]["(list)"]
    assert record["user_type"] == "50"
    assert record["user_contact"] == "text of 19"
    assert record["uid"] == "text of 14"
    schedule = record["time_schedule_info"]["(list)"]
    assert schedule["permanent"] == "false"
    assert schedule["effective_time"] == "digits of 10"
    assert schedule["schedule_details"]["(list)"]["working_day"] == "62"
    opmodes = replies["GET /v1.0/smart-lock/devices/{lock_id}/opmodes/{user_id}"]
    assert "unlock_fingerprint" in opmodes["(list)"]["dp_code"]
    assert "planted" not in opmodes["(list)"]["dp_code"]
    assert_no_secrets(lock)


async def test_incomplete_schedules(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    cloud: SimulatedCloud,
    set_up: SetUp,
) -> None:
    door = cloud.add_lock("front")
    door.add_user("Alice").schedule = Schedule(
        permanent=False, windows=[Window(1, 0, 60, "Planted zone")]
    )
    cloud.dialects.of("gate").schedule_info = "missing"
    cloud.add_lock("gate").add_user("Bob")
    entry = await set_up()
    dump: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    (alice,), (bob,) = (lock["users"] for lock in dump["locks"])
    assert alice["schedule"]["starts_in_days"] is None
    assert alice["schedule"]["windows"][0]["time_zone"] == hashed("Planted zone")
    assert bob["schedule"] is None
    assert bob["unlock_methods"] == []


async def test_devices(home: Home, hass_client: ClientSessionGenerator) -> None:
    """The dump of a device is that of its lock; of the project's, that of all."""
    entry = await home.set_up()
    lock = home.lock_device(SECRETS["lock_id"])
    user = home.user_device(SECRETS["lock_id"], SECRETS["user_id"])
    project = home.lock_device(SECRETS["project_uid"])
    of_lock: Any = await get_diagnostics_for_device(home.hass, hass_client, entry, lock)
    of_user: Any = await get_diagnostics_for_device(home.hass, hass_client, entry, user)  # type: ignore[arg-type]
    of_project: Any = await get_diagnostics_for_device(
        home.hass, hass_client, entry, project
    )
    assert of_lock["lock"]["lock"] == of_user["lock"]["lock"]
    assert of_lock["user"] is None
    assert of_user["user"] == hashed(SECRETS["user_id"])
    assert of_project["locks"][0]["lock"] == of_lock["lock"]["lock"]
    assert_no_secrets(of_lock, of_user, of_project)


async def test_options(home: Home, hass_client: ClientSessionGenerator) -> None:
    """Excluded locks have pseudonyms; a lock that was never read has its error."""
    data = home.entry.data | {CONF_ACCOUNT_UID: SECRETS["account"]}
    options = {
        CONF_EXCLUDED_LOCKS: [SECRETS["excluded"]],
        CONF_EXTRA_LOCKS: [SECRETS["extra"]],
    }
    await home.set_up(data=data, options=options)
    dump: Any = await get_diagnostics_for_config_entry(
        home.hass, hass_client, home.entry
    )

    assert dump["project"]["account"] == hashed(SECRETS["account"])
    assert dump["project"]["excluded_locks"] == [hashed(SECRETS["excluded"])]
    assert dump["project"]["extra_locks"] == [hashed(SECRETS["extra"])]
    by_lock = {lock["lock"]: lock for lock in dump["locks"]}
    extra = by_lock[hashed(SECRETS["extra"])]
    assert extra["category"] is None
    assert extra["last_error"] == "NotFoundError (2010)"
    assert "users" not in extra
    assert dump["project"]["outages"] == [
        {
            "of": hashed(SECRETS["extra"]),
            "found_by": [hashed(SECRETS["extra"])],
            "for_minutes": 0,
        }
    ]
    assert_no_secrets(dump)


async def test_setup_failed(home: Home, hass_client: ClientSessionGenerator) -> None:
    """The dump contains the reason."""
    home.cloud.faults.plan_expired()
    entry = await home.set_up()
    dump: Any = await get_diagnostics_for_config_entry(home.hass, hass_client, entry)
    project = dump["project"]
    assert "locks" not in dump
    assert project["state"] == "setup_retry"
    assert project["issues"] == ["subscription_expired"]
    to_probe = project["pause"].pop("seconds_to_probe")
    assert HOUR_SECONDS - 60 < to_probe <= HOUR_SECONDS
    assert project["pause"] == {
        "by": "SubscriptionExpiredError (28841002)",
        "probe_by": "the list",
    }
    assert project["outages"] == [
        {"of": "the cloud", "found_by": ["the list"], "for_minutes": 0}
    ]
    assert list(project["last_replies"].values()) == ["code 28841002"]
    assert_no_secrets(dump)


def test_pseudonyms() -> None:
    """A pseudonym depends on the text and the key only."""
    assert hashed("alice") == pseudonymizer(KEY)("alice")
    assert len(str(hashed("alice"))) == 8
    assert hashed("alice") != hashed("bob")
    assert hashed("alice") != pseudonymizer("another installation")("alice")
    assert hashed("\ud800")
    assert hashed("") is None
    assert hashed(None) is None
