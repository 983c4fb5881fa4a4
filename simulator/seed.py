"""Realistic locks to try out; all people and things are invented.

All times are relative to the moment of seeding.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from .cloud import SimulatedCloud
from .dialects import FALLBACK
from .lock import Lock
from .model import (
    ADMIN,
    FROZEN,
    MEMBER,
    MONDAY,
    OWNER,
    SATURDAY,
    SHARED,
    THURSDAY,
    WORKDAYS,
    Delivery,
    Schedule,
    Window,
)

ZONE: Final = "Europe/Berlin"
PICTURE: Final = "https://images.example.com/avatars"
ACCOUNT: Final = "eu1700000000000Demo1"
DAY: Final = timedelta(days=1)


def plant(cloud: SimulatedCloud) -> SimulatedCloud:
    """Add an account with four locks and two other devices to a cloud."""
    cloud.add_account(ACCOUNT)
    front_door(cloud)
    garden_gate(cloud)
    holiday_flat(cloud)
    studio(cloud)
    cloud.add_device(
        "vdevo1700000000000004",
        "Hallway window",
        category="mcs",
        product_name="Contact Sensor",
        model="CS-1",
        time_zone=_offset(cloud, ZONE),
        sub=True,
    )
    cloud.add_device(
        "vdevo1700000000000005",
        "Landing light",
        category="dj",
        product_name="Dimmable Bulb",
        model="DB-7",
        time_zone=_offset(cloud, ZONE),
    )
    return cloud


def front_door(cloud: SimulatedCloud) -> Lock:
    """Add a video lock with all kinds of users and methods."""
    lock = cloud.add_lock(
        "vdevo1700000000000001",
        "Front door",
        category="jtmspro",
        product_name="Wi-Fi Video Lock Pro",
        model="VL-90",
        product_id="invented01",
        time_zone=_offset(cloud, ZONE),
        ip="203.0.113.20",
    )
    owner = lock.add_user(
        "Olivia Ortmann",
        user_type=OWNER,
        uid=ACCOUNT,
        user_contact="olivia@example.com",
        avatar_url=f"{PICTURE}/olivia.png",
        back_home_notify_attr=1,
        sex=2,
    )
    lock.add_method("fingerprint", owner, unlock_sn=0, name="Right thumb", admin=True)
    lock.add_method("password", owner, name="House code", admin=True, voice_attr=1)
    lock.add_method("face", owner, unlock_sn=0, name="Olivia", photo_unlock=True)
    lock.add_method("remoteControl", owner, name="Key fob")

    admin = lock.add_user(
        "Anton Ahrens",
        user_type=ADMIN,
        uid="eu1700000000000Demo2",
        user_contact="anton@example.com",
        avatar_url=f"{PICTURE}/anton.png",
        sex=1,
    )
    lock.add_method("fingerprint", admin, name="Index finger", allocate_flag=1)
    lock.add_method("hand", admin, name="Left palm", allocate_flag=1)
    lock.add_method("fingerVein", admin, name="Middle finger", allocate_flag=1)
    lock.add_method(
        "fingerprint",
        admin,
        name="Little finger",
        unlock_attr=1,
        msg_phone="49-30-000000",
    )

    mia = lock.add_user(
        "Mia Ortmann",
        user_contact="mia@example.com",
        avatar_url=f"{PICTURE}/mia.png",
        back_home_notify_attr=1,
        sex=2,
        birthday=_ms(cloud, ZONE, -16 * 365 * DAY),
        height=165,
        weight=54_000,
    )
    lock.add_method("fingerprint", mia, name="Mia's thumb", allocate_flag=1)
    lock.add_method("card", mia, name="Blue card", allocate_flag=1)

    cleaner = lock.add_user("Clara Clean", sex=2, user_contact="49-170-0000001")
    cleaner.schedule = _limited(
        cloud,
        ZONE,
        -60 * DAY,
        300 * DAY,
        Window(WORKDAYS, 9 * 60, 12 * 60, ZONE),
        Window(SATURDAY, 10 * 60, 11 * 60, ZONE),
    )
    lock.add_method("password", cleaner, name="Cleaning code", allocate_flag=1)

    sitter = lock.add_user("Ben Babysitter", sex=1, user_contact="49-170-0000002")
    sitter.schedule = _limited(
        cloud,
        ZONE,
        -7 * DAY,
        90 * DAY,
        Window(MONDAY | THURSDAY, 16 * 60 + 30, 21 * 60, ZONE),
    )
    lock.add_method("card", sitter, name="Green card", allocate_flag=1)

    former = lock.add_user("Emil Expired", user_contact="emil@example.com", sex=1)
    former.schedule = _limited(cloud, ZONE, -120 * DAY, -30 * DAY)
    lock.add_method(
        "password", former, name="Guest code", phase=FROZEN, allocate_flag=1
    )

    coming = lock.add_user("Nora Nextweek", user_contact="nora@example.com", sex=2)
    coming.schedule = _limited(cloud, ZONE, 7 * DAY, 14 * DAY)
    lock.add_method("card", coming, name="White card", allocate_flag=1)

    waiting = lock.add_user("Paul Pending", user_contact="paul@example.com", sex=1)
    waiting.schedule = _limited(cloud, ZONE, -1 * DAY, 30 * DAY)
    waiting.schedule.operate = "ADD"
    # A sleeping lock applies it when it wakes up; this one does in ten minutes.
    waiting.schedule.delivery = Delivery(cloud.now + 600, "SUCCESS")
    lock.add_method("fingerprint", waiting, name="Paul's thumb", allocate_flag=1)

    lock.add_user("Sven Shared", user_type=SHARED, uid="eu1700000000000Demo3")

    gone = lock.add_user("Ada Absent", user_contact="ada@example.com", sex=2)
    lock.add_method("card", gone, name="Lost card")
    lock.remove_user(gone.user_id)

    lock.add_method("fingerprint", name="")
    lock.add_method("card", name="New card")
    lock.add_method("password", name="Delivery code")
    lock.add_method("face", name="Unknown face")
    _password(lock, "Dog walker", "7305192", 60)
    _password(lock, "Plumber", "4820617", 2, one_time=True)
    return lock


def garden_gate(cloud: SimulatedCloud) -> Lock:
    """Add a small lock that supports only the older calls."""
    lock = cloud.add_lock(
        "vdevo1700000000000002",
        "Garden gate",
        category="mk",
        product_name="Access Keypad",
        model="AK-2",
        time_zone=_offset(cloud, ZONE),
    )
    cloud.dialects.of(lock.device_id).set(**FALLBACK)
    owner = lock.add_user(
        "Olivia Ortmann",
        user_type=OWNER,
        uid=ACCOUNT,
        user_contact="olivia@example.com",
    )
    lock.add_method("password", owner, name="Gate code", admin=True)
    gardener = lock.add_user("Gustav Gardener", user_type=MEMBER, sex=1)
    gardener.schedule = _limited(
        cloud, ZONE, -30 * DAY, 180 * DAY, Window(MONDAY, 7 * 60, 17 * 60, ZONE)
    )
    lock.add_method("card", gardener, name="Gate card", allocate_flag=1)
    lock.add_user("Pia Parcel", sex=2)
    lock.add_method("card", name="Spare card")
    window = Window(WORKDAYS, 8 * 60, 18 * 60, ZONE)
    _password(lock, "Couriers", "730519", 180, time_zone=ZONE, window=window)
    return lock


def holiday_flat(cloud: SimulatedCloud) -> Lock:
    """Add a lock far away whose gateway has no power."""
    zone = "Europe/Lisbon"
    lock = cloud.add_lock(
        "vdevo1700000000000003",
        "Holiday flat",
        category="ms",
        product_name="Zigbee Residential Lock",
        model="ZL-4",
        time_zone=_offset(cloud, zone),
        online=False,
        sub=True,
    )
    owner = lock.add_user("Olivia Ortmann", user_type=OWNER, uid=ACCOUNT)
    lock.add_method("fingerprint", owner, name="Thumb", admin=True)
    guests = lock.add_user("The Winter Guests", sex=1)
    guests.schedule = _limited(cloud, zone, 20 * DAY, 27 * DAY)
    lock.add_method("password", guests, name="Guest code", allocate_flag=1)
    keeper = lock.add_user("Rui Reis", user_type=ADMIN, sex=1)
    lock.add_method("card", keeper, name="Keeper's card", allocate_flag=1)
    return lock


def studio(cloud: SimulatedCloud) -> Lock:
    """Add a Bluetooth lock behind a gateway."""
    lock = cloud.add_lock(
        "vdevo1700000000000006",
        "Studio",
        category="ms",
        product_name="Bluetooth Lock",
        model="BL-3",
        time_zone=_offset(cloud, ZONE),
        sub=True,
    )
    lock.family = "ble"
    owner = lock.add_user("Olivia Ortmann", user_type=OWNER, uid=ACCOUNT)
    lock.add_method("fingerprint", owner, name="Thumb", admin=True)
    tenant = lock.add_user("Theo Tenant", sex=1)
    lock.add_method("card", tenant, name="Studio card", allocate_flag=1)
    return lock


def _password(lock: Lock, name: str, pin: str, days: int, **details: Any) -> None:
    """Add a temporary password that the lock has applied already."""
    now = int(lock.now)
    lock.passwords.add(
        Delivery(now, "SUCCESS"),
        name=name,
        pin=pin,
        effective_time=now - 86_400,
        invalid_time=now + days * 86_400,
        **details,
    )


def _limited(
    cloud: SimulatedCloud, zone: str, start: timedelta, end: timedelta, *windows: Window
) -> Schedule:
    """Return a schedule from a local midnight to the last second of a local day.

    These are the limits in Tuya's samples (docs/tuya_api.md, Schedules).
    """
    return Schedule(
        permanent=False,
        effective_time=int(_midnight(cloud, zone, start).timestamp()),
        expired_time=int(_midnight(cloud, zone, end + DAY).timestamp()) - 1,
        windows=list(windows),
        operate="ADD",
        delivery=Delivery(cloud.now, "SUCCESS"),
    )


def _midnight(cloud: SimulatedCloud, zone: str, ahead: timedelta) -> datetime:
    """Return a local midnight some days ahead."""
    today = datetime.fromtimestamp(cloud.now, ZoneInfo(zone))
    return (today + ahead).replace(hour=0, minute=0, second=0, microsecond=0)


def _ms(cloud: SimulatedCloud, zone: str, ahead: timedelta) -> int:
    """Return a local midnight in milliseconds, the assumed unit of a birthday."""
    return int(_midnight(cloud, zone, ahead).timestamp()) * 1000


def _offset(cloud: SimulatedCloud, zone: str) -> str:
    """Return the offset of a zone now, as lists of devices show it: ``+01:00``."""
    return f"{datetime.fromtimestamp(cloud.now, ZoneInfo(zone)):%:z}"
