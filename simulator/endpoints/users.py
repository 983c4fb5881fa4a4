"""Users of a lock: list, add, update, delete (docs/tuya_api.md, Users)."""

from typing import Any

from simulator import commands, paging, wire
from simulator.ask import NOTHING, Ask, Json
from simulator.lock import ROLES
from simulator.model import ADMIN, OWNER, User
from simulator.refusals import Refusal
from simulator.routes import endpoint

USERS_CODES = frozenset(
    f"unlock_{kind}"
    for kind in ("fingerprint", "card", "password", "face", "hand", "finger_vein")
)
"""The codes of the users call (docs/tuya_api.md, Unlock method types)."""

SEXES = (0, 1, 2)
"""1 and 2 are documented, 0 is accepted, too (docs/tuya_api.md, Profiles)."""


@endpoint("smart_lock_users", "GET", "/v1.0/smart-lock/devices/{device_id}/users")
def smart_lock_users(ask: Ask) -> Json:
    """List users with their schedules and unlock methods."""
    codes = ask.codes(empty=False, known=USERS_CODES)
    paging.page_size(ask)
    lock = ask.reach()
    held: dict[str | None, list[Any]] = {}
    for method in lock.methods:
        held.setdefault(method.user_id, []).append(method)

    def show(user: User) -> Json:
        methods = held.get(user.user_id, ())
        return wire.user_with_methods(user, methods, codes, ask.dialect, ask.now)

    users = list(lock.users.values())
    if ask.dialect.hides_users:
        users = [
            user
            for user in users
            if any(method.dp_code in codes for method in held.get(user.user_id, ()))
        ]
    return paging.page(ask, users, show)


@endpoint("users_v11", "GET", "/v1.1/devices/{device_id}/users")
def users_v11(ask: Ask) -> Json:
    """List users, filtered by name or account and by role.

    The sample for admins shows an owner, so that role includes both.
    """
    needed = not ask.dialect.lenient_parameters
    keyword = ask.text("keyword", empty=True, needed=needed).casefold()
    role = ask.text("role", empty=True, needed=needed)
    if role and role not in ROLES:
        raise Refusal(1109)
    paging.page_size(ask)
    users = [
        user
        for user in ask.reach().users.values()
        if keyword in f"{user.nick_name or ''}\n{user.user_contact or ''}".casefold()
        and (not role or (role == "admin") == (user.user_type in (ADMIN, OWNER)))
    ]
    return paging.page(ask, users, lambda user: wire.user(user, ask.dialect, ask.now))


@endpoint("user_v11", "GET", "/v1.1/devices/{device_id}/users/{user_id}")
def user_v11(ask: Ask) -> Json:
    """Return one user; ``0`` is the current one."""
    user = ask.reach().user(ask.user_id, ask.dialect)
    if ask.user_id != "0":
        _not_of(user, ask.dialect.admin_user_code)
    return wire.user(user, ask.dialect, ask.now)


@endpoint("users_v10", "GET", "/v1.0/devices/{device_id}/users")
def users_v10(ask: Ask) -> Json:
    """List the profiles of all users, unpaged."""
    lock = ask.reach()
    return [
        wire.profile(user, lock.device_id, ask.dialect) for user in lock.users.values()
    ]


@endpoint("user_v10", "GET", "/v1.0/devices/{device_id}/users/{user_id}")
def user_v10(ask: Ask) -> Json:
    """Return the profile of one user."""
    lock = ask.reach()
    user = lock.user(ask.user_id, ask.dialect)
    _not_of(user, ask.dialect.admin_profile_code)
    return wire.profile(user, lock.device_id, ask.dialect)


@endpoint("absent_users", "GET", "/v1.0/devices/{device_id}/door-lock/absent-users")
def absent_users(ask: Ask) -> Json:
    """List the absent users."""
    lock = ask.reach()
    members = lock.users.values() if ask.dialect.members_are_absent else ()
    return [
        wire.absent(user, ask.dialect) for user in (*lock.absent.values(), *members)
    ]


@endpoint("add_user", "POST", "/v1.0/devices/{device_id}/user")
def add_user(ask: Ask) -> Json:
    """Add a common member."""
    profile = _profile(ask)
    user = ask.reach().add_user(alphanumeric=ask.dialect.alphanumeric_ids, **profile)
    match ask.dialect.add_user_result:
        case "object":
            return {"user_id": wire.user_id(user.user_id, ask.dialect)}
        case "number" if user.user_id.isdigit():
            return int(user.user_id)
        case _:
            return user.user_id


@endpoint("update_user", "PUT", "/v1.0/devices/{device_id}/users/{user_id}")
def update_user(ask: Ask) -> Json:
    """Update the profile of a user; omitted fields usually stay."""
    profile = _profile(ask)
    if ask.dialect.update_ignores_contact:
        profile.pop("user_contact", None)
    user = ask.reach().changeable(ask.user_id, ask.dialect)
    if ask.dialect.update_clears:
        user.birthday = user.height = user.weight = None
    for name, value in profile.items():
        setattr(user, name, value)
    return _changed(ask)


@endpoint("delete_user", "DELETE", "/v1.0/devices/{device_id}/users/{user_id}")
def delete_user(ask: Ask) -> Json:
    """Remove a user from the home."""
    lock = ask.reach()
    lock.remove_user(lock.changeable(ask.user_id, ask.dialect).user_id)
    return _changed(ask)


@endpoint(
    "purge_users",
    "POST",
    "/v1.0/smart-lock/devices/{device_id}/users/{user_ids}/actions/delete-users-issue",
)
def purge_users(ask: Ask) -> Json:
    """Send the deletion of users to the lock."""
    ids = [part for part in ask.parts["user_ids"].split(",") if part]
    if not ids:
        raise Refusal(1100)
    commands.purge(ask.reach(), ids, ask.dialect)
    return True


def _profile(ask: Ask) -> dict[str, Any]:
    """Return the fields of a profile as fields of a user, checked.

    Name and sex are required (docs/tuya_api.md, Adding, changing, and deleting users).
    Other fields are stored only if they are sent.
    """
    profile: dict[str, Any] = {"nick_name": ask.body_text("nick_name")}
    profile["sex"] = ask.body_number("sex")
    if profile["sex"] is None:
        raise Refusal(1100)
    if profile["sex"] not in SEXES:
        raise Refusal(1109)
    for key in ("birthday", "height", "weight"):
        if (number := ask.body_number(key)) is not None:
            profile[key] = number
    contact = ask.body.get("contact")
    if not isinstance(contact, str | None):
        raise Refusal(1109)
    if contact is not None:
        profile["user_contact"] = contact
    return profile


def _changed(ask: Ask) -> Json:
    """Return the result of an update of a user."""
    return {"true": True, "object": {}, "absent": NOTHING}[ask.dialect.update_result]


def _not_of(user: User, code: int | None) -> None:
    """Refuse to return an administrator, if the dialect does."""
    if code is not None and user.user_type in (ADMIN, OWNER):
        raise Refusal(code)
