"""The signature of a request, version 2 (TUYA_API §1.2).

Pure: time and nonce are arguments. The known answers of TUYA_API §1.5 are its tests.
"""

from collections.abc import Mapping
from hashlib import sha256
import hmac
from typing import Final

SIGN_METHOD: Final = "HMAC-SHA256"


def query_string(query: Mapping[str, str]) -> str:
    """Return the query as it is signed: sorted by key, decoded, empty values kept.

    The cloud sorts before it verifies, so an unsorted query is refused with 1004.
    """
    return "&".join(f"{key}={query[key]}" for key in sorted(query))


def string_to_sign(
    method: str,
    url: str,
    body: bytes = b"",
    signed_headers: Mapping[str, str] | None = None,
) -> str:
    r"""Return the text over which a request is signed, apart from who and when.

    `url` is the path with its query, percent-decoded. Each signed header is a line of
    its own and is followed by the joining line break, so an empty line stands before
    the url with and without them.
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

    `text` comes from `string_to_sign`; requests for a token are signed without one.
    """
    message = f"{access_id}{access_token}{time_ms}{nonce}{text}"
    digest = hmac.new(access_secret.encode(), message.encode(), sha256)
    return digest.hexdigest().upper()
