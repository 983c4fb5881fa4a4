"""The calls to Home Assistant that are needed to set it up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

type Json = dict[str, Any]

START_SECONDS = 300
POLL_SECONDS = 0.3


class HomeError(Exception):
    """Home Assistant refused a call."""


class HomeGone(Exception):
    """Home Assistant closed the connection, because it stops or restarts."""


class Home:
    """A running Home Assistant, accessed by its owner."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        """Initialize the access."""
        self._session = session
        self._url = url
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._last_id = 0
        self._event_came = False
        self._token = ""

    async def post(self, path: str, payload: Json) -> Json:
        """Send a POST request."""
        async with self._session.post(
            self._url + path, json=payload, headers=self._headers
        ) as response:
            reply: Json = await _body(response)
            return reply

    async def get(self, path: str) -> Any:
        """Send a GET request."""
        async with self._session.get(
            self._url + path, headers=self._headers
        ) as response:
            return await _body(response)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    async def started(self) -> None:
        """Log in and wait until everything is loaded."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    if not self._token:
                        self._token = await self._log_in()
                    if (await self.get("/api/config"))["state"] == "RUNNING":
                        return
                except aiohttp.ClientConnectionError, HomeError:
                    # Not ready yet: the server starts before its pages.
                    pass
                await asyncio.sleep(POLL_SECONDS)

    async def _log_in(self) -> str:
        """Log in like a browser on this machine, without credentials."""
        client = self._url + "/"
        result = await self.post(
            "/auth/login_flow",
            {
                "client_id": client,
                "handler": ["trusted_networks", None],
                "redirect_uri": client,
            },
        )
        if result["type"] != "create_entry":
            raise HomeError(f"login asks for {result}")
        grant = {
            "client_id": client,
            "code": result["result"],
            "grant_type": "authorization_code",
        }
        async with self._session.post(
            self._url + "/auth/token", data=grant
        ) as response:
            token: str = (await _body(response))["access_token"]
            return token

    async def set_up(self, domain: str, *answers: Json) -> None:
        """Set up an integration with its config flow."""
        path = "/api/config/config_entries/flow"
        result = await self.post(path, {"handler": domain})
        for answer in answers:
            if result["type"] != "form" or result["errors"]:
                break
            result = await self.post(
                f"{path}/{result['flow_id']}", _suggested(result) | answer
            )
        if result["type"] != "create_entry":
            reason = result.get("errors") or result.get("reason") or result
            raise HomeError(f"{domain} was not set up: {reason}")

    async def entries(self, domain: str) -> list[Json]:
        """Return the config entries of an integration."""
        found: list[Json] = await self.get(
            f"/api/config/config_entries/entry?domain={domain}"
        )
        return found

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[None]:
        """Open a WebSocket for commands and events."""
        async with self._session.ws_connect(
            self._url + "/api/websocket", max_msg_size=0
        ) as self._socket:
            await self._receive()
            await self._socket.send_json({"type": "auth", "access_token": self._token})
            if (reply := await self._receive())["type"] != "auth_ok":
                raise HomeError(str(reply))
            yield

    async def _receive(self) -> Json:
        """Return the next message."""
        assert self._socket
        message = await self._socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise HomeGone
        content: Json = message.json()
        return content

    async def command(self, command: str, **arguments: object) -> Any:
        """Run a WebSocket command."""
        assert self._socket
        self._last_id += 1
        await self._socket.send_json(
            {"id": self._last_id, "type": command, **arguments}
        )
        while True:
            reply = await self._receive()
            if reply.get("id") == self._last_id and reply["type"] == "result":
                break
            self._event_came = True
        if not reply["success"]:
            raise HomeError(f"{command}: {reply['error']['message']}")
        return reply["result"]

    async def event(self) -> None:
        """Wait for a subscribed event, unless one arrived since the last wait."""
        if not self._event_came:
            await self._receive()
        self._event_came = False


async def _body(response: aiohttp.ClientResponse) -> Any:
    """Return the body of a response. Raise HomeError for a refusal."""
    if not response.ok:
        raise HomeError(f"{response.status}: {(await response.text())[:500]}")
    return await response.json()


def _suggested(form: Json) -> Json:
    """Return the suggested values of a form."""
    values = {}
    for field in form["data_schema"]:
        suggestion = (field.get("description") or {}).get("suggested_value")
        if (value := field.get("default", suggestion)) is not None:
            values[field["name"]] = value
    return values
