"""The checks of every request (docs/tuya_api.md, Order of checks)."""

from collections.abc import Mapping
import json
from typing import Any

from . import signature
from .refusals import Refusal

NEEDED_HEADERS = ("client_id", "t", "sign", "sign_method")


def verify(
    *,
    headers: Mapping[str, str],
    verb: str,
    target: str,
    body: bytes,
    access_id: str,
    access_secret: str,
    is_token_call: bool,
    now: float,
    tolerance: float,
) -> str:
    """Check headers, time and signature; return the access token (empty if none).

    The code of a missing header is inferred (docs/tuya_api.md, Headers). A request with
    the signature of before 2021 signs no ``stringToSign`` and fails here with 1004.
    """
    if any(not headers.get(name) for name in NEEDED_HEADERS):
        raise Refusal(1105)
    if headers["client_id"] != access_id:
        raise Refusal(1005)
    if headers["sign_method"] != "HMAC-SHA256":
        raise Refusal(1007)
    stamp = headers["t"]
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) == 13):
        raise Refusal(1013)
    if abs(int(stamp) / 1000 - now) > tolerance:
        raise Refusal(1013)
    # A token in the header of a token call is not signed, and is ignored.
    token = "" if is_token_call else headers.get("access_token", "")
    names = headers.get("Signature-Headers", "")
    text = signature.string_to_sign(
        verb, target, body, signature.signed_headers(names, headers)
    )
    expected = signature.sign(
        access_secret,
        access_id,
        stamp,
        text,
        access_token=token,
        nonce=headers.get("nonce", ""),
    )
    if not signature.same(expected, headers["sign"]):
        raise Refusal(1004)
    if not is_token_call and not token:
        raise Refusal(1002)
    return token


def check_content(verb: str, headers: Mapping[str, str]) -> None:
    """Refuse writes without a JSON content type, even empty (docs/tuya_api.md, Headers)."""
    if verb not in ("POST", "PUT"):
        return
    content_type = headers.get("Content-Type", "").partition(";")[0].strip()
    if content_type.lower() != "application/json":
        raise Refusal(1006)


def parse(body: bytes) -> Any:
    """Return the JSON of a body, its text if it is no JSON, None if it is empty."""
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
