"""The table of endpoints: names, verbs, paths, and handlers."""

from collections.abc import Callable
from dataclasses import dataclass
import re
from typing import Final, Literal, get_args

from .request import Json, Request

type Verb = Literal["GET", "POST", "PUT", "DELETE"]
EndpointName = Literal[
    # The 17 calls of the two documents about users.
    "smart_lock_users",  # 1
    "set_schedule",  # 2
    "opmodes",  # 3
    "absent_users",  # 4
    "purge_users",  # 5
    "add_user",  # 6
    "update_user",  # 7
    "set_role",  # 8
    "delete_user",  # 9
    "user_v10",  # 10
    "user_v11",  # 11
    "users_v10",  # 12
    "users_v11",  # 13
    "allocate_one",  # 14
    "allocate",  # 15
    "cancel_allocate",  # 16
    "account_devices",  # 17
    # Further calls that a client needs.
    "associated_devices",
    "unassigned_keys",
    # Records.
    "open_logs_v10",
    "open_logs_v11",
    "alarm_logs_v10",
    "alarm_logs_v11",
    "records",
    "report_logs",
    # Passwords.
    "password_ticket",
    "smart_lock_ticket",
    "add_password",
    "add_unnamed_password",
    "passwords",
    "stand_by_passwords",
    "password",
    "modify_password",
    "freeze_password",
    "unfreeze_password",
    "delete_password",
    "purge_password",
    "reset_passwords",
    "issue_password",
    "dynamic_password",
    "add_offline_password",
    "offline_passwords",
    # Unlock methods from enrollment to deletion.
    "enroll",
    "cancel_enrollment",
    "update_method",
    "delete_method",
    "assigned_keys",
    "sync_methods",
    "token",
    "refresh_token",
]
"""The name of each endpoint in faults, dialects, and the call log."""

TOKEN_ENDPOINTS: Final = frozenset({"token", "refresh_token"})

type Handler = Callable[[Request], Json]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint."""

    name: EndpointName
    verb: Verb
    template: str
    pattern: re.Pattern[str]
    handler: Handler

    @property
    def is_token_call(self) -> bool:
        """Whether it is signed without an access token."""
        return self.name in TOKEN_ENDPOINTS


ROUTES: Final[list[Route]] = []


def endpoint(
    name: EndpointName, verb: Verb, template: str
) -> Callable[[Handler], Handler]:
    """Add the decorated function to the table."""
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))

    def register(handler: Handler) -> Handler:
        ROUTES.append(Route(name, verb, template, pattern, handler))
        return handler

    return register


def find(verb: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return the endpoint of a decoded path, with the variable parts of it.

    A known path with the wrong verb is 1108, too (docs/tuya_api.md, Tokens).
    """
    for route in ROUTES:
        if route.verb == verb and (match := route.pattern.fullmatch(path)):
            return route, match.groupdict()
    return None


def check_name(name: str) -> None:
    """Refuse an unknown endpoint name, which would match nothing."""
    if name not in get_args(EndpointName):
        raise ValueError(f"no endpoint is called {name}")
