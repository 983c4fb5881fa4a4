"""Fields and schemas of the actions.

No field has a default: an omitted field leaves a value unchanged.
"""

from datetime import datetime, time
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from ..api.enrollment import ENROLLED_TYPES
from ..api.models import Role
from ..api.password_records import OfflineKind
from ..api.pin import Pin
from ..api.profiles import Sex
from ..api.schedule.model import Weekday

ATTR_ACCOUNT_UID: Final = "account_uid"
ATTR_BIRTHDAY: Final = "birthday"
ATTR_CONTACT: Final = "contact"
ATTR_DAYS: Final = "days"
ATTR_DRY_RUN: Final = "dry_run"
ATTR_DURESS: Final = "duress"
ATTR_END: Final = "end"
ATTR_END_TIME: Final = "end_time"
ATTR_FRESH: Final = "fresh"
ATTR_FROZEN: Final = "frozen"
ATTR_HEIGHT: Final = "height"
ATTR_INCLUDE_MEMBERS: Final = "include_members"
ATTR_KEYWORD: Final = "keyword"
ATTR_KIND: Final = "kind"
ATTR_LIMIT: Final = "limit"
ATTR_NAME: Final = "name"
ATTR_NOTIFY_APP: Final = "notify_app"
ATTR_NUMBER: Final = "number"
ATTR_ONE_TIME: Final = "one_time"
ATTR_PASSWORD: Final = "password"
ATTR_PASSWORD_ID: Final = "password_id"
ATTR_PERMANENT: Final = "permanent"
ATTR_ROLE: Final = "role"
ATTR_SEX: Final = "sex"
ATTR_START: Final = "start"
ATTR_START_TIME: Final = "start_time"
ATTR_TIME_ZONE: Final = "time_zone"
ATTR_TO: Final = "to"
ATTR_TYPE: Final = "type"
ATTR_TYPES: Final = "types"
ATTR_UNASSIGNED: Final = "unassigned"
ATTR_UNLOCK_METHODS: Final = "unlock_methods"
ATTR_USER: Final = "user"
ATTR_USERS: Final = "users"
ATTR_VALID: Final = "valid"
ATTR_WAIT: Final = "wait"
ATTR_WEIGHT: Final = "weight"
ATTR_WINDOWS: Final = "windows"

LONGEST_WAIT_SECONDS: Final = 120
MOST_RECORDS: Final = 500
# A lock that waits for a finger takes longer than one that applies a change.
LONGEST_ENROLLMENT_SECONDS: Final = 180
# Plausible limits of a person.
_TALLEST_CM: Final = 300
_HEAVIEST_KG: Final = 500

_TEXT: Final = vol.All(cv.string, vol.Strip, vol.Length(min=1, max=255))
# IDs are sent joined by commas, so an ID cannot contain one.
_ID: Final = vol.All(_TEXT, vol.Match(r"[^,]+$"))


def _number(value: Any) -> float:
    """Return a number; a whole one can be too large for a float."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as err:
        raise vol.Invalid("expected float") from err


def _whole_number(value: Any) -> int:
    """Return a whole number, without truncating a fraction."""
    number = _number(value)
    if isinstance(value, bool) or not number.is_integer():
        raise vol.Invalid("expected int")
    return int(number)


def _moment(value: Any) -> datetime:
    """Return a datetime whose year is valid in every time zone.

    A lone surrogate would crash the parser, and Home Assistant with it.
    """
    if isinstance(value, str) and not value.isprintable():
        raise vol.Invalid("Invalid datetime")
    try:
        moment = cv.datetime(value)
        dt_util.as_utc(moment)
    except (ValueError, OverflowError) as err:
        raise vol.Invalid("Invalid datetime") from err
    return moment


def _end_of_day_time(value: Any) -> time:
    """Return a time of the day; responses write midnight at its end as 24:00."""
    if isinstance(value, str) and value.strip() in ("24:00", "24:00:00"):
        return time.min
    return cv.time(value)


WINDOW_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_DAYS): vol.All(cv.ensure_list, [vol.Coerce(Weekday)]),
        vol.Required(ATTR_START_TIME): cv.time,
        vol.Required(ATTR_END_TIME): _end_of_day_time,
        # As in responses, so that a schedule can be copied.
        vol.Optional(ATTR_TIME_ZONE): vol.Any(None, cv.string),
    }
)

_METHOD: Final[dict[vol.Marker, Any]] = {
    vol.Required(ATTR_TYPE): _TEXT,
    vol.Required(ATTR_NUMBER): vol.All(_whole_number, vol.Range(min=0)),
}
UNLOCK_METHOD_SCHEMA: Final = vol.Schema(_METHOD)

_PROFILE: Final[dict[vol.Marker, Any]] = {
    vol.Optional(ATTR_SEX): vol.Coerce(Sex),
    vol.Optional(ATTR_BIRTHDAY): cv.date,
    vol.Optional(ATTR_HEIGHT): vol.All(
        _whole_number, vol.Range(min=1, max=_TALLEST_CM)
    ),
    vol.Optional(ATTR_WEIGHT): vol.All(
        _number, vol.Range(min=0, min_included=False, max=_HEAVIEST_KG)
    ),
    vol.Optional(ATTR_CONTACT): cv.string,
}

_LOCK: Final[dict[vol.Marker, Any]] = {vol.Required(ATTR_DEVICE_ID): cv.string}
_USER: Final[dict[vol.Marker, Any]] = {**_LOCK, vol.Optional(ATTR_USER): _TEXT}
_WAIT: Final[dict[vol.Marker, Any]] = {
    vol.Optional(ATTR_WAIT): vol.All(
        _number, vol.Range(min=0, max=LONGEST_WAIT_SECONDS)
    )
}

GET_USERS: Final = vol.Schema(
    {
        **_LOCK,
        vol.Optional(ATTR_KEYWORD): cv.string,
        vol.Optional(ATTR_ROLE): vol.Coerce(Role),
        vol.Optional(ATTR_FRESH): cv.boolean,
    }
)
GET_USER: Final = vol.Schema(_USER)
GET_UNLOCK_METHODS: Final = vol.Schema(
    {
        **_USER,
        vol.Optional(ATTR_TYPES): vol.All(cv.ensure_list, [_TEXT]),
        vol.Optional(ATTR_NAME): cv.string,
        vol.Optional(ATTR_UNASSIGNED): cv.boolean,
    }
)
GET_ABSENT_USERS: Final = vol.Schema(_LOCK)
GET_LOCKS: Final = vol.Schema(
    {
        vol.Required(ATTR_CONFIG_ENTRY_ID): cv.string,
        vol.Optional(ATTR_ACCOUNT_UID): _TEXT,
    }
)
GET_RECORDS: Final = vol.Schema(
    {
        **_USER,
        vol.Optional(ATTR_START): _moment,
        vol.Optional(ATTR_END): _moment,
        vol.Optional(ATTR_TYPES): vol.All(cv.ensure_list, [_TEXT]),
        vol.Optional(ATTR_LIMIT): vol.All(
            _whole_number, vol.Range(min=1, max=MOST_RECORDS)
        ),
    }
)
ADD_USER: Final = vol.Schema({**_LOCK, vol.Required(ATTR_NAME): _TEXT, **_PROFILE})
UPDATE_USER: Final = vol.Schema({**_USER, vol.Optional(ATTR_NAME): _TEXT, **_PROFILE})
DELETE_USER: Final = vol.Schema(_USER)
PURGE_USERS: Final = vol.Schema(
    {
        **_LOCK,
        vol.Required(ATTR_USERS): vol.All(cv.ensure_list, [_ID]),
        vol.Optional(ATTR_INCLUDE_MEMBERS): cv.boolean,
        vol.Optional(ATTR_DRY_RUN): cv.boolean,
    }
)
COPY_USERS: Final = vol.Schema(
    {
        **_LOCK,
        vol.Required(ATTR_TO): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional(ATTR_USERS): vol.All(cv.ensure_list, [_TEXT]),
        vol.Optional(ATTR_DRY_RUN): cv.boolean,
    }
)
SET_USER_ROLE: Final = vol.Schema({**_USER, vol.Required(ATTR_ROLE): vol.Coerce(Role)})
SET_USER_SCHEDULE: Final = vol.Schema(
    {
        **_USER,
        **_WAIT,
        vol.Optional(ATTR_PERMANENT): cv.boolean,
        vol.Optional(ATTR_START): _moment,
        vol.Optional(ATTR_END): _moment,
        vol.Optional(ATTR_WINDOWS): vol.All(cv.ensure_list, [WINDOW_SCHEMA]),
        vol.Optional(ATTR_TIME_ZONE): _TEXT,
    }
)
SUSPEND_OR_RESUME: Final = vol.Schema({**_USER, **_WAIT})
ALLOCATE_OR_DEALLOCATE: Final = vol.Schema(
    {
        **_USER,
        **_WAIT,
        vol.Required(ATTR_UNLOCK_METHODS): vol.All(
            cv.ensure_list, [UNLOCK_METHOD_SCHEMA]
        ),
    }
)

_ENROLLED_TYPE: Final[dict[vol.Marker, Any]] = {
    vol.Required(ATTR_TYPE): vol.In(ENROLLED_TYPES)
}
# A PIN is wrapped first of all, so that no later text can show it.
_PIN: Final[dict[vol.Marker, Any]] = {
    vol.Optional(ATTR_PASSWORD): vol.All(_TEXT, vol.Coerce(Pin))
}

ENROLL_UNLOCK_METHOD: Final = vol.Schema(
    {
        **_USER,
        **_ENROLLED_TYPE,
        **_PIN,
        vol.Optional(ATTR_NAME): _TEXT,
        vol.Optional(ATTR_DURESS): cv.boolean,
        vol.Optional(ATTR_WAIT): vol.All(
            _number, vol.Range(min=0, max=LONGEST_ENROLLMENT_SECONDS)
        ),
    }
)
CANCEL_ENROLLMENT: Final = vol.Schema({**_LOCK, **_ENROLLED_TYPE})
UPDATE_UNLOCK_METHOD: Final = vol.Schema(
    {
        **_USER,
        **_METHOD,
        vol.Optional(ATTR_NAME): _TEXT,
        vol.Optional(ATTR_DURESS): cv.boolean,
        vol.Optional(ATTR_NOTIFY_APP): cv.boolean,
    }
)
DELETE_UNLOCK_METHOD: Final = vol.Schema({**_USER, **_METHOD})
SYNC_UNLOCK_METHODS: Final = vol.Schema(
    {**_LOCK, vol.Optional(ATTR_TYPES): vol.All(cv.ensure_list, [_TEXT])}
)

_PASSWORD_LIMITS: Final[dict[vol.Marker, Any]] = {
    **_PIN,
    **_WAIT,
    vol.Optional(ATTR_START): _moment,
    vol.Optional(ATTR_END): _moment,
    vol.Optional(ATTR_WINDOWS): vol.All(cv.ensure_list, [WINDOW_SCHEMA]),
    vol.Optional(ATTR_ONE_TIME): cv.boolean,
    vol.Optional(ATTR_TIME_ZONE): _TEXT,
}
_PASSWORD: Final[dict[vol.Marker, Any]] = {
    **_LOCK,
    vol.Required(ATTR_PASSWORD_ID): _TEXT,
}

GET_PASSWORDS: Final = vol.Schema({**_LOCK, vol.Optional(ATTR_VALID): cv.boolean})
ADD_PASSWORD: Final = vol.Schema(
    {**_LOCK, vol.Required(ATTR_NAME): _TEXT, **_PASSWORD_LIMITS}
)
UPDATE_PASSWORD: Final = vol.Schema(
    {
        **_PASSWORD,
        **_PASSWORD_LIMITS,
        vol.Optional(ATTR_NAME): _TEXT,
        vol.Optional(ATTR_FROZEN): cv.boolean,
    }
)
DELETE_PASSWORD: Final = vol.Schema(_PASSWORD)
GET_DYNAMIC_PASSWORD: Final = vol.Schema(_LOCK)
ADD_OFFLINE_PASSWORD: Final = vol.Schema(
    {
        **_LOCK,
        vol.Required(ATTR_NAME): _TEXT,
        vol.Required(ATTR_KIND): vol.Coerce(OfflineKind),
        vol.Optional(ATTR_START): _moment,
        vol.Optional(ATTR_END): _moment,
        vol.Optional(ATTR_PASSWORD_ID): _TEXT,
    }
)
