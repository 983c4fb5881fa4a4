"""Users of a lock: list, add, update, delete (docs/tuya_api.md, Users)."""

from typing import Any

from simulator import commands, paging, wire
from simulator.lock import ROLES
from simulator.model import ADMIN, OWNER, User
from simulator.refusals import Refusal
from simulator.request import NOTHING, Json, Request
from simulator.routes import endpoint

USERS_CODES = frozenset(
    f"unlock_{kind}"
    for kind in ("fingerprint", "card", "password", "face", "hand", "finger_vein")
)
"""The codes of the users call (docs/tuya_api.md, Unlock method types)."""

SEXES = (0, 1, 2)
"""1 and 2 are documented, 0 is accepted, too (docs/tuya_api.md, Profiles)."""


@endpoint("smart_lock_users", "GET", "/v1.0/smart-lock/devices/{device_id}/users")
def smart_lock_users(request: Request) -> Json:
    """List users with their schedules and unlock methods."""
    codes = request.codes(empty=False, known=USERS_CODES)
    paging.page_size(request)
    lock = request.reach()
    held: dict[str | None, list[Any]] = {}
    for method in lock.methods:
        held.setdefault(method.user_id, []).append(method)

    def show(user: User) -> Json:
        methods = held.get(user.user_id, ())
        return wire.user_with_methods(
            user, methods, codes, request.dialect, request.now
        )

    users = list(lock.users.values())
    if request.dialect.hides_users:
        users = [
            user
            for user in users
            if any(method.dp_code in codes for method in held.get(user.user_id, ()))
        ]
    return paging.page(request, users, show)


@endpoint("users_v11", "GET", "/v1.1/devices/{device_id}/users")
def users_v11(request: Request) -> Json:
    """List users, filtered by name or account and by role.

    The sample for admins shows an owner, so that role includes both.
    """
    needed = not request.dialect.lenient_parameters
    keyword = request.text("keyword", empty=True, needed=needed).casefold()
    role = request.text("role", empty=True, needed=needed)
    if role and role not in ROLES:
        raise Refusal(1109)
    paging.page_size(request)
    users = [
        user
        for user in request.reach().users.values()
        if keyword in f"{user.nick_name or ''}\n{user.user_contact or ''}".casefold()
        and (not role or (role == "admin") == (user.user_type in (ADMIN, OWNER)))
    ]
    return paging.page(
        request, users, lambda user: wire.user(user, request.dialect, request.now)
    )


@endpoint("user_v11", "GET", "/v1.1/devices/{device_id}/users/{user_id}")
def user_v11(request: Request) -> Json:
    """Return one user; ``0`` is the current one."""
    user = request.reach().user(request.user_id, request.dialect)
    if request.user_id != "0":
        _not_of(user, request.dialect.admin_user_code)
    return wire.user(user, request.dialect, request.now)


@endpoint("users_v10", "GET", "/v1.0/devices/{device_id}/users")
def users_v10(request: Request) -> Json:
    """List the profiles of all users, unpaged."""
    lock = request.reach()
    return [
        wire.profile(user, lock.device_id, request.dialect)
        for user in lock.users.values()
    ]


@endpoint("user_v10", "GET", "/v1.0/devices/{device_id}/users/{user_id}")
def user_v10(request: Request) -> Json:
    """Return the profile of one user."""
    lock = request.reach()
    user = lock.user(request.user_id, request.dialect)
    _not_of(user, request.dialect.admin_profile_code)
    return wire.profile(user, lock.device_id, request.dialect)


@endpoint("absent_users", "GET", "/v1.0/devices/{device_id}/door-lock/absent-users")
def absent_users(request: Request) -> Json:
    """List the absent users."""
    lock = request.reach()
    members = lock.users.values() if request.dialect.members_are_absent else ()
    return [
        wire.absent(user, request.dialect) for user in (*lock.absent.values(), *members)
    ]


@endpoint("add_user", "POST", "/v1.0/devices/{device_id}/user")
def add_user(request: Request) -> Json:
    """Add a common member."""
    profile = _profile(request)
    user = request.reach().add_user(
        alphanumeric=request.dialect.alphanumeric_ids, **profile
    )
    match request.dialect.add_user_result:
        case "object":
            return {"user_id": wire.user_id(user.user_id, request.dialect)}
        case "number" if user.user_id.isdigit():
            return int(user.user_id)
        case _:
            return user.user_id


@endpoint("update_user", "PUT", "/v1.0/devices/{device_id}/users/{user_id}")
def update_user(request: Request) -> Json:
    """Update the profile of a user; omitted fields usually stay."""
    profile = _profile(request)
    if request.dialect.update_ignores_contact:
        profile.pop("user_contact", None)
    user = request.reach().changeable(request.user_id, request.dialect)
    if request.dialect.update_clears:
        user.birthday = user.height = user.weight = None
    for name, value in profile.items():
        setattr(user, name, value)
    return _changed(request)


@endpoint("delete_user", "DELETE", "/v1.0/devices/{device_id}/users/{user_id}")
def delete_user(request: Request) -> Json:
    """Remove a user from the home."""
    lock = request.reach()
    lock.remove_user(lock.changeable(request.user_id, request.dialect).user_id)
    return _changed(request)


@endpoint(
    "purge_users",
    "POST",
    "/v1.0/smart-lock/devices/{device_id}/users/{user_ids}/actions/delete-users-issue",
)
def purge_users(request: Request) -> Json:
    """Send the deletion of users to the lock."""
    ids = [part for part in request.parts["user_ids"].split(",") if part]
    if not ids:
        raise Refusal(1100)
    commands.purge(request.reach(), ids, request.dialect)
    return True


def _profile(request: Request) -> dict[str, Any]:
    """Return the fields of a profile as fields of a user, checked.

    Name and sex are required (docs/tuya_api.md, Adding, changing, and deleting users).
    Other fields are stored only if they are sent.
    """
    profile: dict[str, Any] = {"nick_name": request.body_text("nick_name")}
    profile["sex"] = request.body_number("sex")
    if profile["sex"] is None:
        raise Refusal(1100)
    if profile["sex"] not in SEXES:
        raise Refusal(1109)
    for key in ("birthday", "height", "weight"):
        if (number := request.body_number(key)) is not None:
            profile[key] = number
    contact = request.body.get("contact")
    if not isinstance(contact, str | None):
        raise Refusal(1109)
    if contact is not None:
        profile["user_contact"] = contact
    return profile


def _changed(request: Request) -> Json:
    """Return the result of an update of a user."""
    return {"true": True, "object": {}, "absent": NOTHING}[
        request.dialect.update_result
    ]


def _not_of(user: User, code: int | None) -> None:
    """Refuse to return an administrator, if the dialect does."""
    if code is not None and user.user_type in (ADMIN, OWNER):
        raise Refusal(code)
