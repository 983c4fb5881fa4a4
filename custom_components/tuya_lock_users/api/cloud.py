"""The connection to Tuya's cloud: signed requests, envelopes, and retries."""

import asyncio
from collections.abc import Callable, Mapping
import logging
from random import uniform
import time
from typing import Any, Final
from urllib.parse import quote, unquote
from uuid import uuid4

from aiohttp import (
    ClientConnectionError,
    ClientConnectorError,
    ClientError,
    ClientHandlerType,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ServerDisconnectedError,
)
import orjson
from yarl import URL

from .access_token import Token
from .decoding import flag, integer, json_loads, text
from .encryption import DecryptionError, encrypt_pin, session_key
from .errors import (
    BadRequestError,
    ClockError,
    LockRefusedError,
    ServerError,
    ThrottledError,
    TokenError,
    TransportError,
    TuyaError,
    UnexpectedReplyError,
    error_for,
)
from .pin import Pin
from .rate_limit import Pace
from .reply_shapes import LastReplies, shape_of
from .signing import SIGN_METHOD, query_string, sign, string_to_sign

_LOGGER = logging.getLogger(__name__)

# The deadline of a request (docs/architecture.md, Pace and deadlines).
DEADLINE_SECONDS: Final = 10
# Far above the largest documented page. Larger replies are refused.
LARGEST_REPLY_BYTES: Final = 5 * 1024 * 1024
# Reads are repeated twice, after about these times.
RETRY_SECONDS: Final = (0.5, 1.5)

HTTP_TOO_MANY_REQUESTS: Final = 429
HTTP_SERVER_ERROR: Final = 500

# Times have 13 digits (docs/tuya_api.md, Signature), from 2001 until 2286.
EARLIEST_MS: Final = 10**12
LATEST_MS: Final = 10**13

_TOKEN_PATH: Final = "/v1.0/token"
_JSON: Final = {"Content-Type": "application/json"}
# Refused without a content type (1006), even if the body is empty.
_WITH_BODY: Final = ("POST", "PUT")


def _now() -> float:
    """Return epoch seconds; `time.time` is looked up each time, since tests replace it."""
    return time.time()


class _StaleTokenError(Exception):
    """The token was dropped while a request waited for its turn; nothing was sent."""


async def _once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Send a request once (docs/architecture.md, Never twice).

    After these two errors, aiohttp would silently repeat GET, PUT, and DELETE.
    """
    try:
        return await handler(request)
    except ClientConnectorError:
        raise  # nothing was sent, so a retry is safe
    except (ClientOSError, ServerDisconnectedError) as err:
        raise ClientConnectionError(type(err).__name__) from err


class TuyaCloud:
    """The connection of one project to Tuya's cloud.

    `url` is the host of its data center. `pace` can be shared within a project.
    `on_request` is called for every request, tokens included, since the plan of a
    project counts them all. `clock` returns epoch seconds.
    """

    def __init__(
        self,
        session: ClientSession,
        *,
        url: str,
        access_id: str,
        access_secret: str,
        pace: Pace | None = None,
        on_request: Callable[[], None] | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        """Initialize the connection; the first call fetches a token."""
        self.url = url.rstrip("/")
        self.access_id = access_id
        self.replies = LastReplies()
        self._access_secret = access_secret
        self._session = session
        self._pace = pace or Pace()
        self._on_request = on_request
        self._clock = clock or _now
        self._clock_offset_seconds = 0.0
        self._token = Token(self._fetch_token, self._clock)

    @property
    def clock_offset_seconds(self) -> float:
        """How far the cloud's clock is ahead, as learned from a refusal."""
        return self._clock_offset_seconds

    async def project_uid(self) -> str:
        """Return the uid of the project, which verifies the credentials.

        Raises TuyaError, or AuthenticationError if they are wrong.
        """
        await self._token.get()
        return self._token.project_uid

    def encrypt_pin(self, pin: Pin, ticket_key: str) -> str:
        """Return a PIN as password calls take it, encrypted for one ticket.

        Raises UnexpectedReplyError for a ticket that this secret does not open.
        """
        try:
            key = session_key(ticket_key, self._access_secret)
            return encrypt_pin(pin.digits, key)
        except (DecryptionError, ValueError) as err:
            raise UnexpectedReplyError("an unreadable ticket") from err

    async def get(
        self, path: str, query: Mapping[str, str] | None = None, **ids: str
    ) -> Any:
        """Return the result of a read; `ids` fill the placeholders of the path.

        Reads are repeated twice after transient failures. Raises TuyaError.
        """
        for pause in RETRY_SECONDS:
            try:
                return await self._call("GET", path, ids, query or {})
            except (TransportError, ThrottledError) as err:
                _LOGGER.debug("Retrying %s after %r", path, err)
            await asyncio.sleep(pause * uniform(0.5, 1.5))
        return await self._call("GET", path, ids, query or {})

    async def send(
        self, method: str, path: str, body: object = None, **ids: str
    ) -> Any:
        """Return the result of a write, which is repeated only if that is safe.

        That is after a refusal because of the token or the clock. After a
        TransportError it is unknown whether the write took effect, unless `was_sent`
        is False. Raises TuyaError.
        """
        return await self._call(method, path, ids, {}, body)

    async def write(
        self, method: str, path: str, body: object = None, **ids: str
    ) -> Any:
        """Return the result of a write that is accepted or refused: false is a refusal.

        Otherwise it is true, an object, or missing (docs/tuya_api.md, Verification of
        writes).
        """
        if (result := await self.send(method, path, body, **ids)) is False:
            raise LockRefusedError("result false")
        return result

    async def _call(
        self,
        method: str,
        path: str,
        ids: Mapping[str, str],
        query: Mapping[str, str],
        body: object = None,
    ) -> Any:
        """Make one signed call; renew token and clock once each if they are refused."""
        renewed = corrected = False
        while True:
            token = await self._token.get()
            try:
                result = await self._exchange(method, path, ids, query, body, token)
            except _StaleTokenError:
                continue
            except TokenError:
                if renewed:
                    raise
                renewed = True
                self._token.drop(token)
            except ClockError:
                if corrected:
                    raise
                corrected = True
            except TuyaError as err:
                answer = type(err).__name__ if err.code is None else f"code {err.code}"
                self.replies.note(ids.get("lock_id"), f"{method} {path}", answer)
                raise
            else:
                shape = shape_of(result)
                self.replies.note(ids.get("lock_id"), f"{method} {path}", shape)
                return result

    async def _fetch_token(self) -> object:
        """Fetch a token by grant type 1, never by refresh token.

        A refresh token works once and invalidates both tokens, and a living token is
        returned again anyway (docs/tuya_api.md, Tokens).
        """
        query = {"grant_type": "1"}
        try:
            return await self._exchange("GET", _TOKEN_PATH, {}, query)
        except ClockError:
            return await self._exchange("GET", _TOKEN_PATH, {}, query)

    async def _exchange(
        self,
        method: str,
        path: str,
        ids: Mapping[str, str],
        query: Mapping[str, str],
        body: object = None,
        token: str = "",
    ) -> Any:
        """Send one request within the rate limit and return its result."""
        try:
            content = b"" if body is None else orjson.dumps(body)
            full_path = path.format_map({k: quote(v, safe=",") for k, v in ids.items()})
            sent_query = {key: quote(value, safe=",") for key, value in query.items()}
        except (TypeError, ValueError) as err:  # mostly a lone surrogate
            raise BadRequestError("a value that cannot be sent") from err
        signed = unquote(full_path) + (f"?{query_string(query)}" if query else "")
        url = self.url + full_path + (f"?{query_string(sent_query)}" if query else "")
        async with self._pace.slot():
            if token and token != self._token.value:
                raise _StaleTokenError
            if self._on_request:
                self._on_request()
            headers = self._headers(
                string_to_sign(method, signed, content), token, method in _WITH_BODY
            )
            started = self._clock()
            try:
                async with asyncio.timeout(DEADLINE_SECONDS):
                    status, reply = await self._transfer(method, url, headers, content)
            except (ClientError, TimeoutError, OSError) as err:
                _LOGGER.debug("%s %s: %s", method, path, type(err).__name__)
                error = TransportError(type(err).__name__)
                error.was_sent = not isinstance(err, ClientConnectorError)
                raise error from err
        return self._result(
            f"{method} {path}", status, reply, started, is_about_lock="lock_id" in ids
        )

    async def _transfer(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes
    ) -> tuple[int, bytes]:
        """Return status and body; reading stops beyond the size limit."""
        async with self._session.request(
            method,
            URL(url, encoded=True),
            headers=headers,
            data=content or None,
            allow_redirects=False,
            middlewares=(_once,),
        ) as response:
            reply = bytearray()
            async for chunk in response.content.iter_any():
                reply += chunk
                if len(reply) > LARGEST_REPLY_BYTES:
                    raise UnexpectedReplyError("the reply is too large")
            return response.status, bytes(reply)

    def _headers(self, text: str, token: str, has_body: bool) -> dict[str, str]:
        """Return the signed headers of one request (docs/tuya_api.md, Headers)."""
        time_ms = round((self._clock() + self._clock_offset_seconds) * 1000)
        nonce = uuid4().hex
        headers = {
            "client_id": self.access_id,
            "sign": sign(
                access_id=self.access_id,
                access_secret=self._access_secret,
                time_ms=time_ms,
                text=text,
                access_token=token,
                nonce=nonce,
            ),
            "sign_method": SIGN_METHOD,
            "t": str(time_ms),
            "nonce": nonce,
            "lang": "en",
        }
        if token:
            headers["access_token"] = token
        return headers | _JSON if has_body else headers

    def _result(
        self,
        call: str,
        status: int,
        reply: bytes,
        started: float,
        *,
        is_about_lock: bool,
    ) -> Any:
        """Return the result of an envelope (docs/tuya_api.md, Replies), or raise its error."""
        if status == HTTP_TOO_MANY_REQUESTS:
            raise ThrottledError(f"HTTP {status}")
        if status >= HTTP_SERVER_ERROR:
            raise ServerError(f"HTTP {status}")
        try:
            envelope = json_loads(reply)
        except ValueError as err:
            raise UnexpectedReplyError(f"HTTP {status}, not JSON") from err
        if not isinstance(envelope, dict):
            raise UnexpectedReplyError(f"HTTP {status}, no envelope")
        # One table spells it with a capital (docs/tuya_api.md, Replies).
        code = integer(envelope.get("code", envelope.get("Code")))
        trace_id = text(envelope.get("tid"))
        _LOGGER.debug("%s: code %s, trace id %s", call, code, trace_id)
        # Some samples lack `success`: then the result decides.
        succeeded = envelope.get("success", "result" in envelope and code is None)
        if flag(succeeded) is True:
            return envelope.get("result")
        # One sample has no envelope (docs/tuya_api.md, Tokens).
        if "access_token" in envelope:
            return envelope
        if code is None:
            raise UnexpectedReplyError(f"HTTP {status}, neither result nor code")
        error = error_for(
            code,
            text(envelope.get("msg")) or "",
            trace_id,
            is_about_lock=is_about_lock,
        )
        if isinstance(error, ClockError):
            time_ms = integer(envelope.get("t")) or 0
            if EARLIEST_MS <= time_ms < LATEST_MS:
                self._clock_offset_seconds = time_ms / 1000 - started
        raise error
