"""The access token of one project (docs/tuya_api.md, Tokens)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from .decoding import integer, text
from .errors import TransportError, TuyaError, UnexpectedReplyError

# A token is renewed this long before its end.
TOKEN_MARGIN_SECONDS: Final = 60
TOKEN_LIFE_SECONDS: Final = 7200


class Token:
    """One token for all calls of a project, fetched when it is needed.

    `fetch` returns the result of the token call. `clock` returns epoch seconds.
    `project_uid` came with the token.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[object]], clock: Callable[[], float]
    ) -> None:
        """Initialize without a token."""
        self.value: str | None = None
        self.project_uid = ""
        self._fetch = fetch
        self._clock = clock
        self._ends = 0.0
        self._mutex = asyncio.Lock()
        self._failures = 0
        self._failure: TuyaError | None = None

    async def get(self) -> str:
        """Return the token, fetching one if necessary; callers wait for the same one.

        Callers that waited for a failed attempt get its error, instead of each making
        an attempt of its own. Raises TuyaError.
        """
        failures = self._failures
        async with self._mutex:
            if self.value and self._clock() < self._ends:
                return self.value
            if self._failure and self._failures != failures:
                raise self._failure.with_traceback(None)
            try:
                self.value = self._decode(await self._fetch())
            except TuyaError as err:
                if isinstance(err, TransportError):
                    err.was_sent = False  # the request that needed the token
                self._failures += 1
                self._failure = err
                raise
            self._failure = None
            return self.value

    def drop(self, refused: str) -> None:
        """Drop a refused token, unless it was already renewed."""
        if self.value == refused:
            self.value = None

    def _decode(self, result: object) -> str:
        """Return the token of a reply; keep when it ends, and the uid of the project."""
        record = result if isinstance(result, dict) else {}
        token = text(record.get("access_token"))
        # It becomes a header, so it must be ASCII.
        if token is None or not token.isascii():
            raise UnexpectedReplyError("the reply holds no token")
        life = integer(record.get("expire_time", record.get("expire")))
        if life is None or not 0 < life < TOKEN_LIFE_SECONDS:
            life = TOKEN_LIFE_SECONDS
        self._ends = self._clock() + max(life - TOKEN_MARGIN_SECONDS, life / 2)
        self.project_uid = text(record.get("uid")) or ""
        return token
