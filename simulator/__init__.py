"""A simulated Tuya cloud: the locks, users, and unlock methods of one project.

A real aiohttp server, written from the documentation alone. It verifies signatures, issues
tokens, implements every endpoint of the member management over a state that changes,
delivers commands to the locks with a delay, and uses any dialect and fails in any way on
demand. It knows nothing of the client that is tested with it.

On its own, for any Tuya client::

    python -m simulator --port 8765

In a test::

    cloud = SimulatedCloud()
    door = cloud.add_lock("front", "Front door")
    alice = door.add_user("Alice", user_type=OWNER)
    guest = door.add_user("Gus Guest", user_contact="gus@example.com")
    card = door.add_method("card", guest, allocate_flag=1)
    stray = door.add_method("fingerprint")              # unassigned
    async with cloud.serve() as endpoint:               # http://127.0.0.1:<port>
        ...                                             # cloud.access_id, .access_secret

The vendor's app is the test itself: records are plain and mutable. ::

    guest.nick_name = "Gustav"                          # renamed
    guest.schedule = Schedule(permanent=False, effective_time=…, expired_time=…,
                              windows=[Window(WORKDAYS, 540, 720, "Europe/Berlin")])
    door.move_method(stray, guest); door.remove_method(card); door.expire(guest)
    door.remove_user(guest.user_id)                     # absent while methods remain
    cloud.lock("Front door").find("Alice")              # by name, of a seeded cloud
    door.device.online = False; door.offline_reads = False
    door.make_busy(60); door.unpair(); door.pair()
    door.family = "zigbee"                              # or wifi, ble, mk: `families.py`
    door.passwords.opens("1234567", cloud.now)          # what a PIN opens now
    door.enrollment_rules.completes = False         # no finger is placed on it

What happens at the door reaches the message queue (see `queue`) and the records::

    door.open("fingerprint", alice)                     # her first fingerprint
    door.open("card", number=9)                         # an unknown card
    door.open("temporary", number=7, name="cleaner")    # or "app", "key", "inside" …
    door.open("fingerprint", alice, duress=True, time=cloud.now - 120)
    door.open("card", bob, with_message=False)          # a record without a message
    door.alarm("pry"); door.ring()
    door.history.clock_skew = -37; door.history.row_delay = 3

Commands are delivered by the clock of the cloud (``time.time``, looked up at each call, so
that frozen time works): ``ONGOING`` until ``delay`` has passed, then the outcome. ::

    cloud.delivery.delay = 0                            # all locks
    door.delivery = DeliveryRules(outcome="FAILED")     # this lock
    guest.delivery = DeliveryRules(outcome="NEVER")     # commands about this user

Everything is recorded in ``cloud.calls``::

    cloud.calls.counts()["users_v11"]
    [call.body for call in cloud.calls.to("set_schedule", lock="front")]
    cloud.calls.writes; cloud.calls.clear(); cloud.tokens.issued

Endpoints have names (`routes.py`): ``smart_lock_users set_schedule opmodes absent_users
purge_users add_user update_user set_role delete_user user_v10 user_v11 users_v10
users_v11 allocate_one allocate cancel_allocate account_devices``, beside them
``associated_devices unassigned_keys token refresh_token``, for records ``open_logs_v10
open_logs_v11 alarm_logs_v10 alarm_logs_v11 records report_logs``, and those of passwords
(`endpoints/passwords.py`) and enrolments (`endpoints/enrollment.py`). Faults and
dialects (`faults.py`, `dialects.py`) refer to them::

    cloud.faults.refuse(2001, on="set_role", lock="front")      # the next such call
    cloud.faults.http(503, on="reads", times=None, chance=0.1)
    hang = cloud.faults.hang(on="opmodes"); hang.release()
    cloud.faults.cut("middle"); cloud.faults.drop_write(); cloud.faults.lose_reply()
    cloud.faults.quota(100); cloud.faults.clear()
    cloud.clock_offset = 1200                           # the server's clock
    cloud.dialects.opmodes = "list"
    cloud.dialects.of("front").schedule_bodies = frozenset("B")
    with cloud.dialects.using(tid=False, names="null"): ...

For tests of the cloud itself, `plain.py` has a client and a clock. Note that aiohttp's
client sends GET, PUT, and DELETE a second time if the connection is cut;
``cloud.calls.writes`` shows it, and ``plain.once`` prevents it.
"""

from .calls import Call, CallLog
from .cloud import SimulatedCloud
from .dialects import FALLBACK, Dialect, Dialects
from .fault import Fault
from .faults import Faults
from .lock import Lock
from .model import (
    ADMIN,
    EVERY_DAY,
    MEMBER,
    OWNER,
    SHARED,
    WEEKEND,
    WORKDAYS,
    Delivery,
    DeliveryRules,
    Device,
    Method,
    Schedule,
    User,
    Window,
)
from .refusals import MESSAGES, Refusal

__all__ = [
    "ADMIN",
    "EVERY_DAY",
    "FALLBACK",
    "MEMBER",
    "MESSAGES",
    "OWNER",
    "SHARED",
    "WEEKEND",
    "WORKDAYS",
    "Call",
    "CallLog",
    "Delivery",
    "DeliveryRules",
    "Device",
    "Dialect",
    "Dialects",
    "Fault",
    "Faults",
    "Lock",
    "Method",
    "Refusal",
    "Schedule",
    "SimulatedCloud",
    "User",
    "Window",
]
