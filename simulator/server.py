"""The aiohttp handler of all requests."""

import asyncio
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from . import commands, gate, routes, wire
from .calls import Call
from .fault import GATE, Fault, Kind
from .lock import Lock
from .refusals import Refusal
from .request import NOTHING, Json, PageFault, Request

if TYPE_CHECKING:
    from .cloud import SimulatedCloud


@dataclass(slots=True)
class Visit:
    """One request and its faults."""

    request: web.Request
    body: bytes
    call: Call
    route: routes.Route | None
    parts: dict[str, str]
    struck: list[Fault] = field(default_factory=list)

    def has(self, kind: Kind) -> bool:
        """Whether it has a fault of this kind."""
        return any(fault.kind == kind for fault in self.struck)


class Server:
    """Handles requests over the state of a cloud."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        """Serve this cloud."""
        self._cloud = cloud
        self._closing = asyncio.Event()
        self._in_flight = 0
        self._answers: Counter[tuple[str | None, ...]] = Counter()

    def mount(self, app: web.Application) -> None:
        """Handle all paths of an application; all work happens within requests."""
        self._closing = asyncio.Event()
        app.on_shutdown.append(self._close)
        app.router.add_route("*", "/{anything:.*}", self._handle)

    async def _close(self, _: web.Application) -> None:
        """Release hanging calls, so that the server can stop."""
        self._closing.set()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        """Handle one request."""
        self._in_flight += 1
        try:
            visit = self._receive(request, await request.read())
            early = await self._at_gate(visit)
            return early or await self._send(visit, self._envelope(visit))
        finally:
            self._in_flight -= 1

    # --- steps ---

    def _receive(self, request: web.Request, body: bytes) -> Visit:
        """Log the request, and determine its faults."""
        path, _, query = request.raw_path.partition("?")
        path = unquote(path)
        route, parts = routes.find(request.method, path) or (None, {})
        call = Call(
            time=self._cloud.now,
            loop_time=asyncio.get_running_loop().time(),
            in_flight=self._in_flight,
            method=request.method,
            path=path,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            raw=request.raw_path,
            endpoint=route.name if route else None,
            lock=parts.get("device_id"),
            user=parts.get("user_id") or parts.get("user_ids"),
            body=gate.parse(body),
            access_token=request.headers.get("access_token", ""),
        )
        if call.user is None and isinstance(call.body, dict):
            call.user = call.body.get("user_id")
        self._cloud.calls.append(call)
        return Visit(request, body, call, route, parts, self._cloud.faults.draw(call))

    async def _at_gate(self, visit: Visit) -> web.StreamResponse | None:
        """Apply the faults before the checks; return a reply if one ends the request."""
        for fault in visit.struck:
            if fault.kind not in GATE:
                continue
            match fault.kind:
                case "latency":
                    extra = self._cloud.faults.random_seconds(fault.jitter)
                    await self._wait(None, (fault.seconds or 0) + extra)
                case "hang":
                    await self._wait(fault.released, fault.seconds)
                case "kill_token":
                    self._cloud.tokens.kill(fault.code)
                case "cut":
                    return _cut(visit.request)
                case _:
                    visit.call.status = fault.status
                    return web.Response(
                        status=fault.status,
                        body=fault.content,
                        headers={"Content-Type": fault.content_type, **fault.headers},
                    )
        return None

    def _envelope(self, visit: Visit) -> dict[str, Json]:
        """Reply to a request with an envelope (docs/tuya_api.md, Replies)."""
        envelope: dict[str, Json] = {"success": True}
        try:
            result = self._answer(visit)
            if result is not NOTHING:
                envelope["result"] = result
        except Refusal as refusal:
            visit.call.code = refusal.code
            envelope = {"success": False, "code": refusal.code}
            envelope["msg"] = refusal.message
        visit.call.success = envelope["success"]
        dialect = self._cloud.dialects.spoken(visit.call.lock)
        stamp = int(self._cloud.edge_time * 1000)
        envelope["t"] = str(stamp) if dialect.t_as_string else stamp
        if dialect.tid:
            envelope["tid"] = self._cloud.trace_id()
        return envelope

    def _answer(self, visit: Visit) -> Json:
        """Verify and handle a request (docs/tuya_api.md, Order of checks)."""
        self._verify(visit)
        for fault in visit.struck:
            if fault.kind == "refuse":
                raise Refusal(fault.code, fault.message)
        gate.check_content(visit.call.method, visit.request.headers)
        if visit.route is None:
            raise Refusal(1108)
        lock = self._lock(visit.call.lock)
        dropped = lock is not None and visit.has("drop_write")
        with lock.discarded_changes() if lock and dropped else nullcontext():
            result = visit.route.handler(self._endpoint_request(visit, lock))
        if self._cloud.dialects.spoken(visit.call.lock).unsteady:
            call = (visit.call.endpoint, visit.call.lock, visit.call.user)
            self._answers[call] += 1
            result = wire.unsteady(result, turned=self._answers[call] % 2 == 0)
        for fault in visit.struck:
            if fault.edit is not None:
                result = fault.edit(None if result is NOTHING else result)
        if visit.has("refuse_after"):
            raise Refusal(500)
        return result

    def _verify(self, visit: Visit) -> None:
        """Check the signature, the time, and the token."""
        is_token_call = visit.route is not None and visit.route.is_token_call
        token = gate.verify(
            headers=visit.request.headers,
            verb=visit.call.method,
            target=visit.call.raw,
            body=visit.body,
            access_id=self._cloud.access_id,
            access_secret=self._cloud.access_secret,
            is_token_call=is_token_call,
            now=self._cloud.edge_time,
            tolerance=self._cloud.clock_tolerance,
        )
        if not is_token_call:
            self._cloud.tokens.check(token)

    def _lock(self, device_id: str | None) -> Lock | None:
        """Return the lock of a request, with settled deliveries.

        None means that the device is no lock, or that there is no device.
        """
        if device_id is None:
            return None
        device = self._cloud.device(device_id)
        if device is None or not device.paired:
            raise Refusal(2010)
        if not device.in_project:
            raise Refusal(1106)
        lock = self._cloud.locks.get(device_id)
        if lock is not None:
            commands.settle(lock)
        return lock

    def _endpoint_request(self, visit: Visit, lock: Lock | None) -> Request:
        """Return the request for the endpoint."""
        page_faults = [
            PageFault(f.page_kind, f.value) for f in visit.struck if f.kind == "page"
        ]
        return Request(
            call=visit.call,
            parts=visit.parts,
            world=self._cloud.world(),
            dialect=self._cloud.dialects.spoken(visit.call.lock),
            now=self._cloud.now,
            page_fault=page_faults[0] if page_faults else None,
            _lock=lock,
        )

    async def _send(
        self, visit: Visit, envelope: dict[str, Json]
    ) -> web.StreamResponse:
        """Send an envelope, or lose it."""
        body = json.dumps(envelope).encode()
        for fault in visit.struck:
            match fault.kind:
                case "oversized":
                    padding = "x" * max(0, fault.value - len(body))
                    body = json.dumps(envelope | {"padding": padding}).encode()
                case "hang_after":
                    await self._wait(fault.released, fault.seconds)
                case "http_after":
                    visit.call.status = 502
                    return web.Response(status=502)
                case "cut_after":
                    return _cut(visit.request)
                case "cut_middle":
                    return await _cut_middle(visit.request, body)
                case _:
                    pass
        visit.call.status = 200
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
    """Cut the connection."""
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
