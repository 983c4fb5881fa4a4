"""The hosts of Tuya's data centers (docs/tuya_api.md, Data centers)."""

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
