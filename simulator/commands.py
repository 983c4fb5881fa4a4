"""The effects of commands on a lock, and their times.

Deliveries are settled lazily: `settle` is called at the start of every request and handles
what is due by the injected clock. There are no tasks and no timers.

Where Tuya documents nothing, the simulated cloud behaves like this:

- A new schedule is visible immediately, with its delivery; after a failed delivery it
  stays visible as FAILED, because ``operate`` and ``delivery_status`` describe it.
- A deleted user whose methods are on the lock becomes absent, and the methods become
  unassigned. The lock still stores them for the user, so purging the user erases those
  that were not assigned to another user since. A deleted user without methods is removed
  immediately (`Lock.remove_user`).
- Purging erases the user and the methods when the lock has applied it; until then, or if
  it fails, the user stays. It also works on members.
- An allocated method is immediately visible at its new user (phase 10, then 1, or 7 if it
  failed). A deallocated one stays (phase 9) until the lock has applied it.
- If any method cannot be allocated or deallocated, the whole command is refused (2306).
"""

from collections.abc import Iterable

from .dialects import Dialect
from .lock import Lock
from .model import (
    CONFIRMED,
    CREATION_FAILED,
    TO_BE_CREATED,
    TO_BE_DELETED,
    Delivery,
    Method,
    Schedule,
    User,
)
from .refusals import Refusal


def set_schedule(lock: Lock, user: User, schedule: Schedule) -> None:
    """Set a schedule and send it to the lock."""
    schedule.operate = "MODIFY" if user.schedule.operate else "ADD"
    schedule.delivery = _send(lock, user)
    user.schedule = schedule


def allocate(lock: Lock, user: User, methods: Iterable[Method]) -> None:
    """Allocate unassigned methods to a user."""
    methods = list(methods)
    if any(method.user_id is not None for method in methods):
        raise Refusal(2306)
    for method in methods:
        method.user_id = user.user_id
        method.allocate_flag = 1
        method.phase, method.operate = TO_BE_CREATED, "CREATE"
        method.delivery = _send(lock, user)


def release(lock: Lock, user: User, methods: Iterable[Method]) -> None:
    """Deallocate methods that were unassigned once (docs/tuya_api.md, Deallocation)."""
    methods = list(methods)
    if any(m.user_id != user.user_id or not m.allocate_flag for m in methods):
        raise Refusal(2306)
    for method in methods:
        method.phase, method.operate = TO_BE_DELETED, "DELETE"
        method.delivery = _send(lock, user)


def purge(lock: Lock, user_ids: Iterable[str], dialect: Dialect) -> None:
    """Send the deletion of absent users or members to the lock."""
    users = [lock.absent.get(i) or lock.changeable(i, dialect) for i in user_ids]
    for user in users:
        user.purging = _send(lock, user)


def settle(lock: Lock) -> None:
    """Settle due deliveries."""
    now = lock.now
    lock.passwords.settle(now)
    lock.settle_enrollment()
    for method in list(lock.methods):
        _settle_method(lock, method, now)
    for user in [*lock.absent.values(), *lock.users.values()]:
        if user.purging and (status := user.purging.status(now)) != "ONGOING":
            user.purging = None
            if status == "SUCCESS":
                _forget(lock, user)
    lock.publish()


def _settle_method(lock: Lock, method: Method, now: float) -> None:
    """Update phase and holder after a delivery (docs/tuya_api.md, Phases)."""
    if method.delivery is None or method.phase not in (TO_BE_CREATED, TO_BE_DELETED):
        return
    status = method.delivery.status(now)
    if status == "ONGOING":
        return
    if method.phase == TO_BE_CREATED:
        taken = status == "SUCCESS"
        method.phase = CONFIRMED if taken else CREATION_FAILED
        holder = lock.users.get(method.user_id or "")
        if taken and holder:
            method.lock_user_id = holder.lock_user_id
        return
    method.phase = CONFIRMED
    if method.erasing:
        method.erasing = False
        if status == "SUCCESS":
            lock.remove_method(method)
            lock.messages.append({"event": "unlockMethodDelete", "finish": True})
        return
    if status == "SUCCESS":
        method.user_id, method.allocate_flag, method.delivery = None, 0, None
        method.lock_user_id, method.operate = None, "CREATE"


def _forget(lock: Lock, user: User) -> None:
    """Erase a user and the methods that are still stored for the user."""
    lock.users.pop(user.user_id, None)
    lock.absent.pop(user.user_id, None)
    lock.methods = [
        method
        for method in lock.methods
        if method.user_id != user.user_id
        and (method.user_id or method.lock_user_id != user.lock_user_id)
    ]


def erase(lock: Lock, method: Method) -> None:
    """Send the deletion of a method to the lock."""
    method.phase, method.operate = TO_BE_DELETED, "DELETE"
    method.erasing = True
    method.delivery = send(lock)


def send(lock: Lock) -> Delivery:
    """Start a delivery without a user, by the rules of the lock or the cloud."""
    rules = lock.delivery or lock.home.delivery
    return Delivery(lock.now + rules.delay, rules.outcome)


def _send(lock: Lock, user: User) -> Delivery:
    """Start a delivery by the nearest rules: the user's, the lock's, the cloud's."""
    rules = user.delivery or lock.delivery or lock.home.delivery
    return Delivery(lock.now + rules.delay, rules.outcome)
