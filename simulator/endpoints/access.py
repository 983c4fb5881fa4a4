"""Schedules and roles (docs/tuya_api.md, Schedules and Roles)."""

from simulator import commands, schedules
from simulator.lock import ROLES
from simulator.refusals import Refusal
from simulator.request import NOTHING, Json, Request
from simulator.routes import endpoint


@endpoint(
    "set_schedule",
    "PUT",
    "/v1.0/smart-lock/devices/{device_id}/users/{user_id}/schedule",
)
def set_schedule(request: Request) -> Json:
    """Set a schedule: accepted immediately, delivered later."""
    schedule = schedules.read_body(request.body, request.dialect)
    lock = request.reach()
    user = lock.changeable(request.user_id, request.dialect)
    if schedule is not None:
        commands.set_schedule(lock, user, schedule)
    return True


@endpoint(
    "set_role",
    "PUT",
    "/v1.0/smart-lock/devices/{device_id}/users/{user_id}/actions/role",
)
def set_role(request: Request) -> Json:
    """Set the role of a user; success has no result."""
    role = request.body_text("role")
    if role not in ROLES:
        raise Refusal(1109)
    request.reach().changeable(request.user_id, request.dialect).user_type = ROLES[role]
    return NOTHING if request.dialect.role_result == "absent" else True
