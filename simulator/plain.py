"""A plain client for testing the cloud itself, and a manual clock.

It is written from the documentation independently and shares no line with `signature.py` or
the integration, so that it can detect errors in both. Every mistake of a client is one
argument of `PlainClient.send`.
"""

from collections.abc import Mapping
import hashlib
import hmac
import json
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote
import uuid

import aiohttp
from yarl import URL

from .cloud import SimulatedCloud


async def once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send a request once: aiohttp repeats GET, PUT, and DELETE after a cut.

    It does so for two kinds of errors only, so this raises another one.
    """
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(str(error)) from error


class ManualClock:
    """A clock that is advanced manually."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        """Start at a moment; the default is 2027-01-15 08:00 UTC."""
        self.now = now

    def __call__(self) -> float:
        """Return the moment."""
        return self.now

    def tick(self, seconds: float) -> None:
        """Advance the clock."""
        self.now += seconds


class PlainClient:
    """Signs and sends requests, and returns envelopes."""

    def __init__(self, endpoint: str, cloud: SimulatedCloud) -> None:
        """Initialize with an endpoint and the credentials of a cloud."""
        self.endpoint = endpoint
        self.access_id = cloud.access_id
        self.access_secret = cloud.access_secret
        self.clock = cloud.clock
        self.token = ""
        self.upper = True
        """Signatures are upper case; a lower one is wrong."""
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = aiohttp.ClientSession(middlewares=(once,))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    # --- with a token ---

    async def login(self) -> dict[str, Any]:
        """Get a token and keep it."""
        reply = await self.send("GET", "/v1.0/token", {"grant_type": 1}, token="")
        self.token = reply["result"]["access_token"]
        return reply

    async def get(self, path: str, **query: object) -> dict[str, Any]:
        """Send a GET request; log in first if necessary."""
        return await self._call("GET", path, query)

    async def post(self, path: str, body: object = None) -> dict[str, Any]:
        """Send a POST request."""
        return await self._call("POST", path, {}, body)

    async def put(self, path: str, body: object) -> dict[str, Any]:
        """Send a PUT request."""
        return await self._call("PUT", path, {}, body)

    async def delete(self, path: str) -> dict[str, Any]:
        """Send a DELETE request."""
        return await self._call("DELETE", path, {})

    async def _call(
        self, verb: str, path: str, query: Mapping[str, object], body: object = None
    ) -> dict[str, Any]:
        if not self.token:
            await self.login()
        return await self.send(verb, path, query, body)

    # --- one request ---

    async def send(
        self,
        verb: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: object = None,
        *,
        token: str | None = None,
        safe: str = ",",
        headers: Mapping[str, str | None] | None = None,
        signed: Mapping[str, str] | None = None,
        stamp: str | None = None,
        signing: str | None = None,
        raw: bytes | None = None,
    ) -> dict[str, Any]:
        """Send one request and return its envelope.

        ``safe`` are the characters that go over the wire bare; ``headers`` override
        what would be sent (None leaves one out); ``signed`` go into Signature-Headers;
        ``stamp`` is the time in milliseconds; ``signing`` replaces the url that is
        signed; ``raw`` replaces the bytes that are sent, not those that are signed.
        """
        async with self.request(
            verb, path, query, body, token=token, safe=safe, headers=headers,
            signed=signed, stamp=stamp, signing=signing, raw=raw,
        ) as response:  # fmt: skip
            reply: dict[str, Any] = await response.json()
            return reply

    def request(
        self,
        verb: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: object = None,
        *,
        token: str | None = None,
        safe: str = ",",
        headers: Mapping[str, str | None] | None = None,
        signed: Mapping[str, str] | None = None,
        stamp: str | None = None,
        signing: str | None = None,
        raw: bytes | None = None,
    ) -> aiohttp.client._RequestContextManager:
        """Send one request, for looking at the response itself; see `send`."""
        token = self.token if token is None else token
        stamp = stamp or str(int(self.clock() * 1000))
        nonce = uuid.uuid4().hex
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        if body is None:
            content = b""
        names = dict(sorted((query or {}).items()))
        plain = "&".join(f"{key}={value}" for key, value in names.items())
        wire = "&".join(
            f"{key}={quote(str(value), safe)}" for key, value in (query or {}).items()
        )
        extra = "".join(f"{key}:{value}\n" for key, value in (signed or {}).items())
        url = signing or (f"{path}?{plain}" if plain else path)
        digest = hashlib.sha256(content).hexdigest()
        text = f"{self.access_id}{token}{stamp}{nonce}{verb}\n{digest}\n{extra}\n{url}"
        sign = hmac.digest(self.access_secret.encode(), text.encode(), "sha256").hex()
        sent: dict[str, str | None] = {
            "client_id": self.access_id,
            "access_token": token or None,
            "t": stamp,
            "nonce": nonce,
            "sign": sign.upper() if self.upper else sign,
            "sign_method": "HMAC-SHA256",
            "Content-Type": "application/json",
            "Signature-Headers": ":".join(signed) if signed else None,
            **(signed or {}),
            **(headers or {}),
        }
        assert self._session is not None
        target = f"{self.endpoint}{quote(path, safe='/' + safe)}"
        return self._session.request(
            verb,
            URL(f"{target}?{wire}" if wire else target, encoded=True),
            data=content if raw is None else raw,
            headers={key: value for key, value in sent.items() if value is not None},
            skip_auto_headers=("Content-Type",),
        )
