"""Tests of the enrollment calls."""

import pytest

from custom_components.tuya_lock_users.api.cloud import TuyaCloud
from custom_components.tuya_lock_users.api.endpoints import Endpoints
from custom_components.tuya_lock_users.api.enrollment import Enrollment
from custom_components.tuya_lock_users.api.errors import (
    BadRequestError,
    LockBusyError,
    LockRefusedError,
    TransportError,
    UnsupportedError,
)
from custom_components.tuya_lock_users.api.models import User
from custom_components.tuya_lock_users.api.passwords import Passwords
from custom_components.tuya_lock_users.api.pin import Pin
from custom_components.tuya_lock_users.api.unlock_methods import Notify, UnlockMethod
from custom_components.tuya_lock_users.api.user_list import UserCalls
from simulator import SimulatedCloud

from .conftest import Site


@pytest.fixture
def enrollment(client: TuyaCloud) -> Enrollment:
    """The enrollment calls of a lock without known dialects."""
    return Enrollment(Passwords(client, "front"))


async def user_of(locks: Endpoints, name: str) -> User:
    users = (await UserCalls(locks.lists, "front").with_methods()).items
    return next(user for user in users if user.name == name)


def kinds(cloud: SimulatedCloud) -> list[int]:
    """Return the kinds of user that enrollments were sent with."""
    return [one.body["user_type"] for one in cloud.calls if one.endpoint == "enroll"]


async def test_user_kinds(enrollment: Enrollment, site: Site) -> None:
    """A user is addressed by account or not, and by the other kind once if refused."""
    alice, bob = await user_of(site.locks, "Alice"), await user_of(site.locks, "Bob")
    assert await enrollment.start(bob, "card") is None
    with pytest.raises(LockBusyError):
        await enrollment.start(alice, "card")
    await enrollment.cancel("card")
    await enrollment.start(alice, "remote_control")
    assert kinds(site.cloud) == [2, 1, 1]
    site.clock.tick(60)
    site.door.users["101"].uid = ""  # the cloud calls the owner a user of the lock
    for _ in range(2):
        await enrollment.start(alice, "fingerprint")
        site.clock.tick(60)
    assert kinds(site.cloud)[3:] == [1, 2, 2]
    site.door.family = "mk"
    site.door.users["101"].uid = "eu1"
    with pytest.raises(BadRequestError):
        await enrollment.start(alice, "fingerprint")
    assert kinds(site.cloud)[6:] == [2, 1]


async def test_password(site: Site) -> None:
    """A password needs a new ticket for each form; temporary ones differ in length."""
    site.door.family = "mk"
    passwords = Passwords(site.client, "front")
    bob = await user_of(site.locks, "Bob")
    assert await Enrollment(passwords).start(bob, "password", Pin("739415")) is None
    assert passwords.dialects.pin_digits is None
    site.clock.tick(3)
    await UserCalls(site.locks.lists, "front").with_methods()
    (new,) = [m for m in site.door.methods if m.unlock_name == "12-2"]
    assert new.user_id == "102"


async def test_lost_reply(enrollment: Enrollment, site: Site) -> None:
    """A lost reply leaves open whether the lock waits; a face cannot be canceled."""
    bob = await user_of(site.locks, "Bob")
    site.cloud.faults.lose_reply(on="enroll")
    assert isinstance(await enrollment.start(bob, "face"), TransportError)
    with pytest.raises(UnsupportedError):
        await enrollment.cancel("face")
    site.cloud.faults.result(False, on="cancel_enrollment")
    with pytest.raises(LockRefusedError):
        await enrollment.cancel("card")


async def test_update(enrollment: Enrollment, site: Site) -> None:
    """Only known fields of a method are sent."""
    site.cloud.dialects.update_method_resets = True
    card = next(m for m in site.door.methods if m.unlock_name == "Blue card")
    card.unlock_attr = 1
    method = UnlockMethod(
        type="card",
        number=card.unlock_sn,
        name="Green card",
        duress=True,
        notify=Notify(app=True, call="49-30-5550123"),
    )
    await enrollment.update(method)
    assert (card.unlock_name, card.unlock_attr, card.app_send) == ("Green card", 1, 1)
    await enrollment.update(UnlockMethod(type="card", number=1, name="Red card"))
    bodies = [one.body for one in site.cloud.calls if one.endpoint == "update_method"]
    assert bodies == [
        {
            "dp_code": "unlock_card",
            "unlock_name": "Green card",
            "unlock_attr": 1,
            "notify_info": {"app_send": 1, "voice_phone": "49-30-5550123"},
        },
        {"dp_code": "unlock_card", "unlock_name": "Red card"},
    ]


async def test_delete_and_sync(enrollment: Enrollment, site: Site) -> None:
    """A method is deleted from the lock; a sync reports what only the lock knew."""
    bob = await user_of(site.locks, "Bob")
    await enrollment.delete(bob, UnlockMethod(type="card", number=1))
    site.clock.tick(3)
    stray = site.door.add_method("card", unlock_sn=9)
    site.door.methods.remove(stray)
    site.door.unreported = [stray]
    await enrollment.sync(["card"])
    cards = [m.unlock_sn for m in site.door.methods if m.dp_code == "unlock_card"]
    assert cards == [2, 9]
