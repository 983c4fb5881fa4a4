"""Schedules and roles (docs/tuya_api.md, Schedules and Roles)."""

from simulator import commands, schedules
from simulator.ask import NOTHING, Ask, Json
from simulator.lock import ROLES
from simulator.refusals import Refusal
from simulator.routes import endpoint


@endpoint(
    "set_schedule",
    "PUT",
    "/v1.0/smart-lock/devices/{device_id}/users/{user_id}/schedule",
)
def set_schedule(ask: Ask) -> Json:
    """Set a schedule: accepted immediately, delivered later."""
    schedule = schedules.read_body(ask.body, ask.dialect)
    lock = ask.reach()
    user = lock.changeable(ask.user_id, ask.dialect)
    if schedule is not None:
        commands.set_schedule(lock, user, schedule)
    return True


@endpoint(
    "set_role",
    "PUT",
    "/v1.0/smart-lock/devices/{device_id}/users/{user_id}/actions/role",
)
def set_role(ask: Ask) -> Json:
    """Set the role of a user; success has no result."""
    role = ask.body_text("role")
    if role not in ROLES:
        raise Refusal(1109)
    ask.reach().changeable(ask.user_id, ask.dialect).user_type = ROLES[role]
    return NOTHING if ask.dialect.role_result == "absent" else True
