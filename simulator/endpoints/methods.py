"""Unlock methods: list, allocate, deallocate (docs/tuya_api.md, Unlock methods)."""

from collections.abc import Collection
from typing import Any

from simulator import commands, paging, wire
from simulator.lock import Lock
from simulator.model import UNLOCK_WORDS, Method
from simulator.refusals import Refusal
from simulator.request import Json, Request
from simulator.routes import endpoint

ALLOCATE_KEYS = frozenset({"dp_code"})
OLD_TYPES = frozenset({"fingerprint", "password", "card"})
"""The types of the older allocate call (docs/tuya_api.md, Allocation)."""


@endpoint("opmodes", "GET", "/v1.0/smart-lock/devices/{device_id}/opmodes/{user_id}")
def opmodes(request: Request) -> Json:
    """List the methods of a user, as a page or as a plain list."""
    codes = request.codes(empty=True)
    needed = not request.dialect.lenient_parameters
    wanted = request.text("unlock_name", empty=True, needed=needed).casefold()
    paging.page_size(request)
    lock = request.reach()
    user = lock.user(request.user_id, request.dialect)
    methods = [
        method
        for method in lock.methods_of(user)
        if (not codes or method.dp_code in codes)
        and wanted in (method.unlock_name or "").casefold()
    ]

    def show(method: Method) -> Json:
        return wire.opmode(method, user, request.dialect, request.now)

    page = paging.page(request, methods, show)
    return page[request.dialect.page_key] if request.dialect.opmodes == "list" else page


@endpoint(
    "unassigned_keys", "GET", "/v1.0/devices/{device_id}/door-lock/unassigned-keys"
)
def unassigned_keys(request: Request) -> Json:
    """List the unassigned methods of one type or of all."""
    word = request.call.query.get("unlock_type", "")
    if not word and request.dialect.unassigned_needs_type:
        raise Refusal(1109)
    known = request.dialect.unassigned_types
    if word and word not in (UNLOCK_WORDS if known is None else known):
        raise Refusal(1109)
    methods = [
        m
        for m in request.reach().unassigned
        if not word or m.dp_code == UNLOCK_WORDS[word]
    ]
    keys = [wire.unassigned(method, request.dialect) for method in methods]
    if not keys and request.dialect.nothing_unassigned != "list":
        missing: dict[str, Json] = {"object": {}, "null": {"unlock_keys": None}}
        return missing.get(request.dialect.nothing_unassigned)
    return {"unlock_keys": keys}


@endpoint(
    "allocate", "POST", "/v1.0/devices/{device_id}/door-lock/opmodes/actions/allocate"
)
def allocate(request: Request) -> Json:
    """Allocate unassigned methods to a user."""
    user_id = request.body_text("user_id")
    rows = _rows(request, ALLOCATE_KEYS)
    lock = request.reach()
    user = lock.user(user_id, request.dialect)
    commands.allocate(lock, user, _methods(lock, rows))
    return True


@endpoint(
    "allocate_one",
    "POST",
    "/v1.0/devices/{device_id}/device-lock/users/{user_id}/allocate",
)
def allocate_one(request: Request) -> Json:
    """Allocate one method by the older call: ``no`` is text, ``type`` a word."""
    number, kind = request.body_text("no"), request.body_text("type")
    if not number.isascii() or not number.isdigit() or kind not in OLD_TYPES:
        raise Refusal(1109)
    lock = request.reach()
    user = lock.user(request.user_id, request.dialect)
    commands.allocate(lock, user, [lock.method(UNLOCK_WORDS[kind], int(number))])
    return True


@endpoint(
    "cancel_allocate",
    "POST",
    "/v1.0/smart-lock/devices/{device_id}/opmodes/actions/cancel-allocate",
)
def cancel_allocate(request: Request) -> Json:
    """Deallocate methods that were unassigned once."""
    user_id = request.body_text("user_id")
    ignoring = request.dialect.foreign_key == "ignore"
    rows = _rows(request, request.dialect.cancel_keys, ignoring=ignoring)
    lock = request.reach()
    user = lock.user(user_id, request.dialect)
    commands.release(lock, user, _methods(lock, rows))
    return True


def _rows(
    request: Request, keys: Collection[str], *, ignoring: bool = False
) -> list[tuple[str, int]]:
    """Return the codes and serial numbers of ``unlock_list``.

    The code has any of the accepted keys. A row without one is refused, or skipped if the
    lock ignores unknown rows.
    """
    rows: Any = request.body.get("unlock_list")
    if not rows:
        raise Refusal(1100)
    if not isinstance(rows, list):
        raise Refusal(1109)
    found = []
    for row in rows:
        if not isinstance(row, dict):
            raise Refusal(1109)
        code = next((row[key] for key in keys if key in row), None)
        number = row.get("unlock_sn")
        if not isinstance(number, int) or isinstance(number, bool):
            raise Refusal(1109)
        if isinstance(code, str):
            found.append((code, number))
        elif not ignoring:
            raise Refusal(1109)
    return found


def _methods(lock: Lock, rows: list[tuple[str, int]]) -> list[Method]:
    """Return the methods of the rows; a missing one is refused (1000)."""
    return [lock.method(code, number) for code, number in rows]
