"""A client of Tuya's smart-lock user management, without Home Assistant."""

from .cloud import TuyaCloud
from .data_centers import HOSTS
from .dialects import Dialects
from .endpoints import Endpoints
from .errors import (
    AuthenticationError,
    BadRequestError,
    ClockError,
    DataCenterError,
    IpNotAllowedError,
    LockBusyError,
    LockOfflineError,
    LockRefusedError,
    NotAuthorizedError,
    NotFoundError,
    ProjectError,
    QuotaExhaustedError,
    RefusedError,
    ServerError,
    SubscriptionExpiredError,
    ThrottledError,
    TokenError,
    TransportError,
    TuyaError,
    UnexpectedReplyError,
    UnsupportedError,
    WrongDataCenterError,
)
from .models import AbsentUser, Lock, Role, User, UserType
from .paging import Listing
from .profiles import Profile, Sex
from .rate_limit import Pace
from .schedule.model import Access, Delivery, Schedule, Weekday, Window
from .smart_lock import SmartLock
from .unlock_methods import Notify, Phase, UnlockMethod
from .user_list import UserList
from .write_forms import Allocation, Attempt, send_write

__all__ = [
    "HOSTS",
    "AbsentUser",
    "Access",
    "Allocation",
    "Attempt",
    "AuthenticationError",
    "BadRequestError",
    "ClockError",
    "DataCenterError",
    "Delivery",
    "Dialects",
    "Endpoints",
    "IpNotAllowedError",
    "Listing",
    "Lock",
    "LockBusyError",
    "LockOfflineError",
    "LockRefusedError",
    "NotAuthorizedError",
    "NotFoundError",
    "Notify",
    "Pace",
    "Phase",
    "Profile",
    "ProjectError",
    "QuotaExhaustedError",
    "RefusedError",
    "Role",
    "Schedule",
    "ServerError",
    "Sex",
    "SmartLock",
    "SubscriptionExpiredError",
    "ThrottledError",
    "TokenError",
    "TransportError",
    "TuyaCloud",
    "TuyaError",
    "UnexpectedReplyError",
    "UnlockMethod",
    "UnsupportedError",
    "User",
    "UserList",
    "UserType",
    "Weekday",
    "Window",
    "WrongDataCenterError",
    "send_write",
]
