"""The way of a request through the cloud, as an aiohttp handler."""

import asyncio
from collections.abc import Iterable
from contextlib import ExitStack
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from . import gate, orders, routes
from .ask import NOTHING, Ask, PageLie
from .calls import Call
from .dialects import Dialect
from .fault import GATE, MISSING, Fault
from .refusals import Refusal

if TYPE_CHECKING:
    from .cloud import SimulatedCloud


class Server:
    """Answers requests over the state of a cloud."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        """Serve this cloud."""
        self._cloud = cloud
        self._closing = asyncio.Event()
        self._in_flight = 0

    def mount(self, app: web.Application) -> None:
        """Answer for all paths of an application; all work is done within requests."""
        self._closing = asyncio.Event()
        app.on_shutdown.append(self._close)
        app.router.add_route("*", "/{anything:.*}", self._handle)

    async def _close(self, _: web.Application) -> None:
        """Let everything go that hangs, so that the server can stop."""
        self._closing.set()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        """Take one request from the wire to the wire."""
        self._in_flight += 1
        try:
            return await self._work_on(request, await request.read())
        finally:
            self._in_flight -= 1

    async def _work_on(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """Answer one request, unless a fault has it otherwise."""
        call, route, parts = self._record(request, body)
        struck = self._cloud.faults.draw(call)
        for fault in struck:
            if fault.kind in GATE:
                if (early := await self._at_gate(fault, request, call)) is not None:
                    return early
        dialect = self._cloud.dialects.spoken(call.lock)
        try:
            result = self._answer(request, body, call, route, parts, struck)
            envelope: dict[str, Any] = {"success": True}
            if result is not NOTHING and result is not MISSING:
                envelope["result"] = result
        except Refusal as refusal:
            call.code = refusal.code
            envelope = {"success": False, "code": refusal.code}
            envelope["msg"] = refusal.message
        call.success = envelope["success"]
        self._sign_off(envelope, dialect)
        return await self._send(request, call, envelope, struck)

    # --- the stations ---

    def _record(
        self, request: web.Request, body: bytes
    ) -> tuple[Call, routes.Route | None, dict[str, str]]:
        """Write the request into the log and find out what it is about."""
        raw = request.raw_path
        path, _, query = raw.partition("?")
        path = unquote(path)
        route, parts = routes.find(request.method, path) or (None, {})
        given = gate.parse(body)
        named = given.get("user_id") if isinstance(given, dict) else None
        call = Call(
            time=self._cloud.now,
            loop_time=asyncio.get_running_loop().time(),
            in_flight=self._in_flight,
            method=request.method,
            path=path,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            raw=raw,
            endpoint=route.name if route else None,
            lock=parts.get("device_id"),
            user=parts.get("user_id")
            or parts.get("user_ids")
            or str(named or "")
            or None,
            body=given,
            access_token=request.headers.get("access_token", ""),
        )
        self._cloud.calls.append(call)
        return call, route, parts

    async def _at_gate(
        self, fault: Fault, request: web.Request, call: Call
    ) -> web.StreamResponse | None:
        """Let a fault of the gate strike; return an answer if it was the end."""
        match fault.kind:
            case "latency":
                extra = self._cloud.faults.throw(fault.jitter)
                await self._wait(None, (fault.seconds or 0) + extra)
            case "hang":
                await self._wait(fault.released, fault.seconds)
            case "kill_token":
                self._cloud.tokens.kill(fault.code)
            case "cut":
                return _cut(request)
            case _:
                call.status = fault.status
                return web.Response(
                    status=fault.status,
                    body=fault.content,
                    headers={"Content-Type": fault.content_type, **fault.headers},
                )
        return None

    def _answer(
        self,
        request: web.Request,
        body: bytes,
        call: Call,
        route: routes.Route | None,
        parts: dict[str, str],
        struck: Iterable[Fault],
    ) -> Any:
        """Verify and carry out a request in the order of TUYA_API §9.1."""
        cloud = self._cloud
        is_token_call = route is not None and route.is_token_call
        token = gate.verify(
            headers=request.headers,
            verb=call.method,
            target=call.raw,
            body=body,
            access_id=cloud.access_id,
            access_secret=cloud.access_secret,
            is_token_call=is_token_call,
            now=cloud.edge_time,
            tolerance=cloud.clock_tolerance,
        )
        if not is_token_call:
            cloud.tokens.check(token)
        for fault in struck:
            if fault.kind == "refuse":
                raise Refusal(fault.code, fault.message)
        gate.check_content(call.method, request.headers)
        if route is None:
            raise Refusal(1108)
        ask = self._ask(call, parts, struck)
        with ExitStack() as stack:
            lock = cloud.locks.get(call.lock or "")
            if lock and any(fault.kind == "drop_write" for fault in struck):
                stack.enter_context(lock.rehearsal())
            result = route.handler(ask)
        for fault in struck:
            if fault.edit is not None:
                result = fault.edit(None if result is NOTHING else result)
            if fault.kind == "refuse_after":
                raise Refusal(500)
        return result

    def _ask(self, call: Call, parts: dict[str, str], struck: Iterable[Fault]) -> Ask:
        """Find the device, settle what has fallen due, and wrap it all up."""
        cloud = self._cloud
        lock = None
        if call.lock is not None:
            device = cloud.device(call.lock)
            if device is None or not device.paired:
                raise Refusal(2010)
            if not device.in_project:
                raise Refusal(1106)
            lock = cloud.locks.get(call.lock)
        if lock:
            orders.settle(lock)
        lies = [PageLie(f.lie, f.value) for f in struck if f.kind == "page"]
        return Ask(
            call=call,
            parts=parts,
            world=cloud.world(),
            dialect=cloud.dialects.spoken(call.lock),
            now=cloud.now,
            lie=lies[0] if lies else None,
            _lock=lock,
        )

    def _sign_off(self, envelope: dict[str, Any], dialect: Dialect) -> None:
        """Put time and trace id on an envelope."""
        stamp = int(self._cloud.edge_time * 1000)
        envelope["t"] = str(stamp) if dialect.t_as_string else stamp
        if dialect.tid:
            envelope["tid"] = self._cloud.trace_id()

    async def _send(
        self,
        request: web.Request,
        call: Call,
        envelope: dict[str, Any],
        struck: Iterable[Fault],
    ) -> web.StreamResponse:
        """Put an envelope on the wire, or lose it on the way."""
        body = json.dumps(envelope).encode()
        for fault in struck:
            match fault.kind:
                case "oversized":
                    padding = "x" * max(0, fault.value - len(body))
                    body = json.dumps(envelope | {"padding": padding}).encode()
                case "hang_after":
                    await self._wait(fault.released, fault.seconds)
                case "http_after":
                    call.status = 502
                    return web.Response(status=502)
                case "cut_after":
                    return _cut(request)
                case "cut_middle":
                    return await _cut_middle(request, body)
        call.status = 200
        return web.Response(body=body, content_type="application/json")

    async def _wait(self, event: asyncio.Event | None, seconds: float | None) -> None:
        """Wait for an event, a time, or the end of the server, whichever is first."""
        events = [self._closing] if event is None else [event, self._closing]
        waiting = [asyncio.ensure_future(one.wait()) for one in events]
        try:
            await asyncio.wait(
                waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for one in waiting:
                one.cancel()


def _cut(request: web.Request) -> web.Response:
    """Cut the connection; the response is for nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut_middle(request: web.Request, body: bytes) -> web.StreamResponse:
    """Announce a body, send half of it, and close."""
    response = web.StreamResponse()
    response.content_type = "application/json"
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
