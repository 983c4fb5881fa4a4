"""The request signature, on the side that verifies it.

Pure functions of the bytes of a request (docs/tuya_api.md, Signature), without tokens and
time, so each published signature is one call.
"""

from collections.abc import Iterable, Mapping
import hashlib
import hmac
from urllib.parse import unquote, unquote_plus

type SignedHeaders = Iterable[tuple[str, str]]


def content_hash(body: bytes) -> str:
    """Return the lower-case hex SHA-256 of exactly these body bytes."""
    return hashlib.sha256(body).hexdigest()


def canonical_url(target: str) -> str:
    """Return a request target as it is signed: decoded, the query sorted by key.

    An empty value keeps its equals sign. A plus in a query is a space, so a literal plus
    must be sent as ``%2B``. Commas can be sent bare or as ``%2C``.
    """
    path, _, query = target.partition("?")
    if not query:
        return unquote(path)
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    decoded = [(unquote_plus(key), unquote_plus(value)) for key, _, value in pairs]
    decoded.sort(key=lambda pair: pair[0])
    return f"{unquote(path)}?{'&'.join(f'{key}={value}' for key, value in decoded)}"


def signed_headers(names: str, headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the headers that a ``Signature-Headers`` value names, in its order."""
    return [(name, headers.get(name, "")) for name in names.split(":") if name]


def string_to_sign(
    method: str, target: str, body: bytes = b"", headers: SignedHeaders = ()
) -> str:
    """Return the four-line ``stringToSign``.

    Each signed header ends its own line, and the joining newline comes on top of it:
    there is an empty line before the url with signed headers and without them. Only
    this reading gives the published signatures (docs/tuya_api.md, Signature).
    """
    lines = "".join(f"{name}:{value}\n" for name, value in headers)
    return "\n".join((method.upper(), content_hash(body), lines, canonical_url(target)))


def sign(
    secret: str,
    client_id: str,
    timestamp: str,
    text: str,
    *,
    access_token: str = "",
    nonce: str = "",
) -> str:
    """Return the signature: upper-case hex HMAC-SHA256 under the access secret.

    Token calls are signed without an access token, all others with it.
    """
    message = f"{client_id}{access_token}{timestamp}{nonce}{text}"
    digest = hmac.new(secret.encode(), message.encode(), hashlib.sha256)
    return digest.hexdigest().upper()


def same(expected: str, given: str) -> bool:
    """Compare two signatures in constant time; lower case is not the same."""
    return hmac.compare_digest(expected.encode(), given.encode())
