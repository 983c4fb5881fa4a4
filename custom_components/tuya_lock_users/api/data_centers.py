"""Where Tuya's projects live.

Hosts from TUYA_API §2. A project lives in exactly one data center, chosen when it was
created; it cannot be derived from the country, so people choose it.
"""

from typing import Final

HOSTS: Final[dict[str, str]] = {
    "cn": "https://openapi.tuyacn.com",
    "us_west": "https://openapi.tuyaus.com",
    "us_east": "https://openapi-ueaz.tuyaus.com",
    "eu_central": "https://openapi.tuyaeu.com",
    "eu_west": "https://openapi-weaz.tuyaeu.com",
    "in": "https://openapi.tuyain.com",
    "sg": "https://openapi-sg.iotbing.com",
}
