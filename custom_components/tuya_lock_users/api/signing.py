"""The signature of a request (docs/tuya_api.md, Signature).

Pure: time and nonce are arguments.
"""

from collections.abc import Mapping
from hashlib import sha256
import hmac
from typing import Final

SIGN_METHOD: Final = "HMAC-SHA256"


def query_string(query: Mapping[str, str]) -> str:
    """Return the query as it is signed: sorted by key, decoded, with empty values."""
    return "&".join(f"{key}={query[key]}" for key in sorted(query))


def string_to_sign(
    method: str,
    url: str,
    body: bytes = b"",
    signed_headers: Mapping[str, str] | None = None,
) -> str:
    r"""Return the text to sign, without credentials and time.

    `url` is the percent-decoded path with its query. Each signed header is a line, and
    a joining line break follows, so an empty line precedes the url in any case.
    """
    headers = "".join(f"{k}:{v}\n" for k, v in (signed_headers or {}).items())
    return "\n".join((method.upper(), sha256(body).hexdigest(), headers, url))


def sign(
    *,
    access_id: str,
    access_secret: str,
    time_ms: int,
    text: str,
    access_token: str = "",
    nonce: str = "",
) -> str:
    """Return the signature in upper-case hex.

    `text` is from `string_to_sign`. Requests for a token are signed without a token.
    """
    message = f"{access_id}{access_token}{time_ms}{nonce}{text}"
    digest = hmac.new(access_secret.encode(), message.encode(), sha256)
    return digest.hexdigest().upper()
