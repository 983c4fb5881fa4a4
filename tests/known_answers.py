"""The signatures that both the client and the simulated cloud must compute.

Inputs and signatures are those of docs/tuya_api.md, Known answers.
"""

from dataclasses import dataclass, field
from typing import Final

import pytest

ACCESS_ID: Final = "1KAD46OrT9HafiKdsXeg"
ACCESS_SECRET: Final = "4OHBOnWOqaEC1mWXOpVL3yV50s0qGSRC"
TIME_MS: Final = 1588925778000
NONCE: Final = "5138cc3a9033d69856923fd07b491173"
TOKEN: Final = "3f4eda2bdec17232f67c0b188af3eec1"
HEADERS: Final = {
    "area_id": "29a33e8796834b1efa6",
    "call_id": "8afdb70ab2ed11eb85290242ac130003",
}
TOKEN_URL: Final = "/v1.0/token?grant_type=1"
USERS_URL: Final = "/v2.0/apps/schema/users?page_no=1&page_size=50"
LOCK: Final = "/v1.0/smart-lock/devices/vdevo1"
METHODS_URL: Final = (
    f"{LOCK}/opmodes/42?codes=unlock_fingerprint,unlock_card"
    "&page_no=1&page_size=20&unlock_name="
)
METHODS_SIGNATURE: Final = (
    "DCA0AAB46E3CEB81453E32B140264B342B58C65BB924120896ED07BACB3BEC7F"
)
# One line break too few between headers and url.
WRONG_SIGNATURE: Final = (
    "0BDAB2B79347E4FD29ACF522683154D1ADEF2D1D364FAD5740A649C025DB0370"
)
# Of the text of the first answer.
TEXT_HASH: Final = "fb273861fe1a1c656852c29fcb7282e33ab5b5138f91da4cea3954338e015da2"


@dataclass(frozen=True, slots=True)
class Answer:
    """A request and its signature."""

    name: str
    method: str
    url: str
    signature: str
    token: str = TOKEN
    nonce: str = NONCE
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


# fmt: off
ANSWERS: Final = (
    Answer(
        "V1-token-headers-nonce", "GET", TOKEN_URL,
        "9E48A3E93B302EEECC803C7241985D0A34EB944F40FB573C7B5C2A82158AF13E",
        token="", headers=HEADERS,
    ),
    Answer(
        "V2-headers-nonce", "GET", USERS_URL,
        "AE4481C692AA80B25F3A7E12C3A5FD9BBF6251539DD78E565A1A72A508A88784",
        headers=HEADERS,
    ),
    Answer(
        "V3-token-nonce", "GET", TOKEN_URL,
        "3206F74CBFC2869794FD3013C44F18166BE22AB1FB5FF66F513212264F67F681", token="",
    ),
    Answer(
        "V4-token", "GET", TOKEN_URL,
        "7BA26C076E5ECB1E959BE274A0FFB397B2B1865FC7BCED8F1C78AC5653C20CAA",
        token="", nonce="",
    ),
    Answer(
        "V5-nonce", "GET", USERS_URL,
        "F858D3153DBD4FFA94D59D56B00E2945430F33F0403B8BE575F3A13B1F2D3B47",
    ),
    Answer(
        "V6", "GET", USERS_URL,
        "64301972C332666809136931588F2E3D042221D7A85036DE55409C91151C7659", nonce="",
    ),
    Answer(
        "V7-body", "PUT", f"{LOCK}/users/42/actions/role",
        "A4126F383358127606C066F8C2BF73FB5FFCE27971B635A36BD91B8D5A249853",
        body=b'{"role":"admin"}',
    ),
    Answer("V8-commas-and-empty-value", "GET", METHODS_URL, METHODS_SIGNATURE),
    Answer(
        "V9-delete", "DELETE", "/v1.0/devices/vdevo1/users/42",
        "3CADC31E3C412F9FBFAE0148115E7933D62C9476D20C7AB1261CFC63AA4EB650",
    ),
    Answer(
        "V10-comma-in-path", "POST", f"{LOCK}/users/42,43/actions/delete-users-issue",
        "4097F895F783969C82C46246A7821A913D1B102E723D57697C435A934ED21F1C",
    ),
    Answer(
        "V11-refresh", "GET", "/v1.0/token/0123456789abcdef0123456789abcdef",
        "AB3008C9DE6566141E342433C768CAF9BD2C892E9F3EFDA80A3B9FE8E0B0E3BC", token="",
    ),
)
# fmt: on

every_answer = pytest.mark.parametrize(
    "answer", ANSWERS, ids=[answer.name for answer in ANSWERS]
)
