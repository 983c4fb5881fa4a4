"""The signatures that both the client and the simulated cloud must compute.

Inputs and signatures are those of docs/tuya_api.md, Known answers.
"""

from dataclasses import dataclass, field
import json
from pathlib import Path
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


FILE: Final = Path(__file__).parent / "fixtures" / "signatures.json"
ANSWERS: Final = [
    Answer(**row | {"body": row.get("body", "").encode()})
    for row in json.loads(FILE.read_text("utf-8"))
]

every_answer = pytest.mark.parametrize(
    "answer", ANSWERS, ids=[answer.name for answer in ANSWERS]
)
