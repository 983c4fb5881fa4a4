"""Constants of the integration."""

import logging
from typing import Final

DOMAIN: Final = "tuya_lock_users"
MANUFACTURER: Final = "Tuya"

LOGGER = logging.getLogger(__package__)

CONF_ACCESS_ID: Final = "access_id"
CONF_ACCESS_SECRET: Final = "access_secret"
CONF_ACCOUNT_UID: Final = "account_uid"
CONF_ASSIST: Final = "assist"
CONF_DATA_CENTER: Final = "data_center"
CONF_EXCLUDED_LOCKS: Final = "excluded_locks"
CONF_EXTRA_LOCKS: Final = "extra_locks"
CONF_LOCKS: Final = "locks"
CONF_OPENINGS: Final = "openings"
CONF_PUSH: Final = "push"
CONF_SUBSCRIPTION: Final = "subscription"

ATTR_EVENT_TYPE: Final = "event_type"
ATTR_LOCK_NAME: Final = "lock_name"

EVENT_DOOR: Final = f"{DOMAIN}_door"
EVENT_USER_CHANGED: Final = f"{DOMAIN}_user_changed"
