"""Planted secrets never appear in logs, states, events, files or diagnostics.

Only the entry contains its credentials, and only responses to an administrator
contain contacts, avatars and account IDs.
"""

import ast
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
import json
import logging
from pathlib import Path
from random import Random
import traceback
from typing import Any, Final
from unittest.mock import patch

from aiohttp import ClientSession
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components import tuya_lock_users
from custom_components.tuya_lock_users import logbook
from custom_components.tuya_lock_users.api.pin import Pin
from custom_components.tuya_lock_users.const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_ACCOUNT_UID,
    CONF_DATA_CENTER,
    CONF_LOCKS,
    DOMAIN,
    EVENT_USER_CHANGED,
)
from custom_components.tuya_lock_users.diagnostics import (
    async_get_config_entry_diagnostics,
    async_get_device_diagnostics,
)
from homeassistant.components.repairs.issue_handler import RepairsFlowManager
from homeassistant.components.system_health import (
    DOMAIN as SYSTEM_HEALTH_DOMAIN,
    get_info,
)
from homeassistant.const import EVENT_CALL_SERVICE, EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from simulator import OWNER, WORKDAYS, Lock, Schedule, SimulatedCloud, Window
from simulator.families import FAMILIES
from simulator.passwords import OfflinePassword, PasswordStore
from simulator.tokens import TokenIssuer
from tests.common import load_fixture, lock_device, user_device
from tests.conftest import DAY_SECONDS, HOUR_SECONDS, Home, SetUp, Tick
from tests.flows import start, submit

SECRETS: Final = {
    "access secret": "5ecre7acce55a0b1c2d3e4f5a6b7c8d9",
    "access secret of before": "01d5ecre7acce55a0b1c2d3e4f5a6b7c",
    "token": "70ken70ken",
    "local key": "10ca1key9Zq7",
}
"""Secret for all readers. All tokens have the same start."""

PRIVATE: Final = {
    "contact": "c0n7ac7.planted@example.com",
    "avatar": "https://img.example.com/ava7ar-planted.png",
    "account uid": "eu1acc0un7u1dp1an7ed",
    "phone": "49-30-5550123",
}
"""For administrators, and in the entry."""

PINS: Final = {
    "PIN that was made up": "7394158",
    "dynamic PIN": "82736451",
    "offline PIN": "9173645820",
    "PIN that was entered": "5208164",
}
"""For administrators; Home Assistant itself reports what was entered."""

LOCK_ID: Final = "vdevop1an7ed10ck"
USER_ID: Final = "p1an7edu5er"


class PlantedRandom(Random):
    """A random generator whose tokens can be recognised."""

    def __init__(self) -> None:
        """Initialize the generator."""
        super().__init__(1)
        self._numbers = count()

    def getrandbits(self, bits: int, /) -> int:
        """Return bits that print as the planted token and a number."""
        number = next(self._numbers)
        return int(SECRETS["token"].encode().hex() + f"{number:012x}", 16)


TOKEN_IN_HEX: Final = SECRETS["token"].encode().hex()


def found(text: str, *, private: bool = True, typed: bool = True) -> list[str]:
    secrets = {**SECRETS, "token": TOKEN_IN_HEX}
    if private:
        secrets |= PRIVATE | PINS
    if not typed:
        secrets.pop("PIN that was entered", None)
    return [name for name, value in secrets.items() if value in text]


@dataclass
class Watch(logging.Handler):
    """A log handler that records where it found a secret."""

    hass: HomeAssistant
    leaks: list[tuple[str, list[str], str]] = field(default_factory=list)
    records: int = 0
    events: int = 0

    def __post_init__(self) -> None:
        """Initialize the handler."""
        super().__init__(logging.DEBUG)

    def __hash__(self) -> int:
        """Return a hash: a logger keeps its handlers in a set."""
        return id(self)

    def check(
        self, where: str, *things: object, private: bool = True, typed: bool = True
    ) -> None:
        for thing in things:
            text = f"{thing}\n{thing!r}"
            if names := found(text, private=private, typed=typed):
                self.leaks.append((where, names, text[:500]))

    def emit(self, record: logging.LogRecord) -> None:
        """Search a log record: message, arguments, and exception."""
        self.records += 1
        is_own = str(record.name).startswith("custom_components")
        self.check(
            f"log of {record.name}", record.getMessage(), record.args, typed=is_own
        )
        if record.exc_info and (err := record.exc_info[1]):
            self.check_error(f"error in the log of {record.name}", err)
        self.check("text in the log", record.exc_text, record.stack_info)

    @callback
    def handle_event(self, event: Event) -> None:
        self.events += 1
        is_call = event.event_type == EVENT_CALL_SERVICE
        self.check(f"event {event.event_type}", event.as_dict(), typed=not is_call)

    def check_error(self, where: str, err: BaseException) -> None:
        self.check(where, "".join(traceback.format_exception(err)))
        at: BaseException | None = err
        while at is not None:
            self.check(where, at.args)
            self.check(where, getattr(at, "translation_placeholders", None))
            at = at.__cause__ or at.__context__

    def check_all(self, hass_storage: dict[str, Any]) -> None:
        hass = self.hass
        for state in hass.states.async_all():
            self.check(f"state of {state.entity_id}", state.as_dict())
        for device in dr.async_get(hass).devices:
            self.check("device registry", device.dict_repr)
            for child in dr.async_entries_for_parent_device(
                dr.async_get(hass), device.id
            ):
                self.check("device registry", child.dict_repr)
        for entity in er.async_get(hass).entities.values():
            self.check("entity registry", entity.as_partial_dict, entity.extended_dict)
        for issue in ir.async_get(hass).issues.values():
            self.check("issue registry", vars_of(issue))
        for flow in hass.config_entries.flow.async_progress():
            self.check("flow", flow)
        for entry in hass.config_entries.async_entries(DOMAIN):
            self.check("entry", entry.title, entry.reason, entry.unique_id)
            self.check("entry", entry.error_reason_translation_placeholders)
        for key, content in hass_storage.items():
            if key != "core.config_entries":
                self.check(f"file {key}", json.dumps(content, default=str))


def vars_of(thing: object) -> dict[str, Any]:
    names = getattr(thing, "__dataclass_fields__", None) or thing.__dict__
    return {name: getattr(thing, name) for name in names}


@pytest.fixture
def cloud() -> SimulatedCloud:
    """A project of which every secret is known."""
    cloud = SimulatedCloud(access_secret=SECRETS["access secret"])
    cloud.tokens = TokenIssuer(lambda: cloud.now, PlantedRandom())
    cloud.add_account(PRIVATE["account uid"])
    cloud.delivery.delay = 0
    return cloud


@pytest.fixture
def door(cloud: SimulatedCloud) -> Lock:
    """A lock with secrets in all fields."""
    door = cloud.add_lock(LOCK_ID, "Front door", local_key=SECRETS["local key"])
    private: dict[str, Any] = {
        "user_contact": PRIVATE["contact"],
        "avatar_url": PRIVATE["avatar"],
        "uid": PRIVATE["account uid"],
    }
    owner = door.add_user("Olivia", user_id="owner1", user_type=OWNER, **private)
    door.add_method("fingerprint", owner, msg_phone=PRIVATE["phone"])
    guest = door.add_user("Gus", user_id=USER_ID, sex=1, **private)
    door.add_method(
        "card", guest, allocate_flag=1, msg_phone=PRIVATE["phone"], voice_phone="1"
    )
    guest.schedule = Schedule(
        permanent=False,
        effective_time=1_790_000_000,
        expired_time=1_830_000_000,
        windows=[Window(WORKDAYS, 540, 720, "Europe/Berlin")],
    )
    door.enrollment_rules.seconds_each = 0
    ada = door.add_user("Ada", user_id="ada1", **private)
    door.add_method("fingerprint", ada)
    door.remove_user("ada1")
    door.add_method("card")
    return door


def plant_everywhere(cloud: SimulatedCloud) -> None:
    """Put secrets into odd places of all replies: keys, lists, other records, depths.

    But for empty lists: one without a single record would be no answer.
    """
    everything = [*SECRETS.values(), *PRIVATE.values(), *PINS.values(), TOKEN_IN_HEX]

    def planted(result: Any) -> Any:
        odd = {value: {"value": [{value: value}]} for value in everything}
        match result:
            case list():
                return [planted(item) for item in result] + (
                    everything if result else []
                )
            case dict():
                # A schedule is saved as it came, for resuming, and with odd keys not
                # understood.
                return {
                    **{
                        key: value if key == "time_schedule_info" else planted(value)
                        for key, value in result.items()
                    },
                    "local_key": SECRETS["local key"],
                    "secret": SECRETS["access secret"],
                    "extra": odd,
                    **odd,
                }
        return result

    cloud.faults.edit(planted, on="reads", times=None)


@pytest.fixture
async def watch(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> AsyncGenerator[Watch]:
    watch = Watch(hass)
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(watch)
    # Home Assistant itself reports what an administrator types; only that is not planted.
    remove = hass.bus.async_listen("*", watch.handle_event)
    yield watch
    remove()
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done(wait_background_tasks=True)
    watch.check_all(hass_storage)
    root.removeHandler(watch)
    root.setLevel(level)
    assert watch.leaks == []
    assert watch.records > 100
    assert watch.events > 10


_add_offline: Final = PasswordStore.add_offline


def _offline(book: PasswordStore, *given: Any) -> OfflinePassword:
    password = _add_offline(book, *given)
    password.code = PINS["offline PIN"]
    return password


@pytest.fixture(autouse=True)
def no_delays() -> Generator[None]:
    package = f"custom_components.{DOMAIN}"
    pauses = {
        "commands.verify.READ_BACK_SECONDS": (0.0, 0.0, 0.0),
        "commands.verify.WAIT_SECONDS": 0,
        "services.schedules.WAIT_SECONDS": 0,
        "services.writes.WAIT_SECONDS": 0,
        "commands.purge.PURGE_WAIT_SECONDS": 0,
        "services.passwords.WAIT_SECONDS": 0,
        "commands.enrollment.FIRST_PAUSES": (0.0,),
        "commands.method_changes.SYNC_PAUSES": (0.0,),
        "coordinator.enrollment.WINDOW_SECONDS": 0,
    }
    made_up, dynamic = Pin(PINS["PIN that was made up"]), PINS["dynamic PIN"]
    with ExitStack() as patches:
        for name, value in pauses.items():
            patches.enter_context(patch(f"{package}.{name}", value))
        for name, function in (
            (f"{package}.commands.passwords.made_up_pin", lambda *_: made_up),
            ("simulator.passwords.PasswordStore.add_offline", _offline),
            ("simulator.passwords.PasswordStore.dynamic", lambda *_: dynamic),
        ):
            patches.enter_context(patch(name, function))
        takes_pins = {"wifi": replace(FAMILIES["wifi"], takes_pins=True)}
        patches.enter_context(patch.dict(FAMILIES, takes_pins))
        yield


ACTIONS: Final[dict[str, dict[str, Any]]] = load_fixture("all_actions")
"""All actions, in an order in which each has its prerequisites."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Calls all actions, and checks their responses and errors."""

    hass: HomeAssistant
    cloud: SimulatedCloud
    entry: MockConfigEntry
    watch: Watch
    answers: list[str] = field(default_factory=list)

    async def act_all(self) -> list[str]:
        return [
            name
            for name, data in ACTIONS.items()
            if not await self.act(name, dict(data))
        ]

    async def act(self, name: str, data: dict[str, Any]) -> bool:
        """Call one action; only its response may contain private data."""
        if name == "get_locks":
            data["config_entry_id"] = self.entry.entry_id
        else:
            device = lock_device(self.hass, self.entry, LOCK_ID)
            assert device
            data["device_id"] = device.id
        if "password_id" in data:
            listed = self.cloud.lock(LOCK_ID).passwords.listed
            data["password_id"] = str(listed[0].password_id) if listed else "1"
        try:
            answer = await self.hass.services.async_call(
                DOMAIN, name, data, blocking=True, return_response=True
            )
        except Exception as err:  # noqa: BLE001
            self.watch.check_error(f"error of {name}", err)
            return False
        self.answers.append(json.dumps(answer))
        self.watch.check(f"answer of {name}", self.answers[-1], private=False)
        return True


@pytest.fixture
async def scene(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    watch: Watch,
    entry: MockConfigEntry,
    set_up: SetUp,
    tick: Tick,
    all_entities: None,
) -> Scene:
    plant_everywhere(cloud)
    data = {**entry.data, CONF_ACCOUNT_UID: PRIVATE["account uid"]}
    await set_up(data=data)
    return Scene(hass=hass, cloud=cloud, entry=entry, watch=watch)


async def test_watch_finds_secrets(hass: HomeAssistant) -> None:
    watch = Watch(hass)
    for name, value in {**SECRETS, **PRIVATE, "token": TOKEN_IN_HEX}.items():
        watch.check("here", {"nested": [value]})
        assert watch.leaks.pop()[:2] == ("here", [name])
    record = logging.makeLogRecord({"msg": "%s", "args": (SECRETS["local key"],)})
    watch.emit(record)
    try:
        try:
            raise ValueError(PRIVATE["contact"])  # noqa: TRY301
        except ValueError as err:
            raise RuntimeError("another") from err
    except RuntimeError as err:
        watch.check_error("error", err)
    assert {leak[0] for leak in watch.leaks} == {"log of None", "error"}
    generator = PlantedRandom()
    assert TOKEN_IN_HEX in f"{generator.getrandbits(128):032x}"


async def test_normal_operation(
    home: Home, scene: Scene, hass_storage: dict[str, Any]
) -> None:
    """Polls, full refreshes, changes of every kind, all actions, a reload, and the removal."""
    await home.tick(HOUR_SECONDS, times=3)
    assert await scene.act_all() == []
    # An administrator sees them: the secrets were really there.
    visible = set(found(" ".join(scene.answers)))
    assert visible == {*PRIVATE, *PINS} - {"PIN that was entered"}
    home.door.users["owner1"].nick_name = "Olive"
    carl = home.door.add_user("Carl", user_contact=PRIVATE["contact"])
    card = home.door.add_method("card", carl, msg_phone=PRIVATE["phone"])
    await home.tick(HOUR_SECONDS)
    home.door.move_method(card, home.door.users["owner1"])
    home.door.expire(carl)
    await home.tick(DAY_SECONDS)
    await home.press(f"{LOCK_ID}_refresh")
    home.cloud.kill_token()
    await home.tick(HOUR_SECONDS)
    scene.watch.check_all(hass_storage)
    await home.hass.config_entries.async_reload(scene.entry.entry_id)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    await home.hass.config_entries.async_unload(scene.entry.entry_id)
    scene.watch.check_all(hass_storage)
    await home.hass.config_entries.async_remove(scene.entry.entry_id)
    await home.hass.async_block_till_done(wait_background_tasks=True)


def _refuse_token(cloud: SimulatedCloud, echo: str) -> None:
    cloud.kill_token()
    cloud.faults.refuse(1106, echo, on="tokens", times=None)


FAULTS: Final[dict[str, Callable[[SimulatedCloud, str], object]]] = {
    **{
        str(code): lambda cloud, echo, code=code: cloud.faults.refuse(  # type: ignore[misc]
            code, echo, on="business", times=None
        )
        for code in (500, 1004, 1010, 1106, 1109, 1110, 2001, 2009, 2306, 28841004)
    },
    "cut": lambda cloud, _: cloud.faults.cut("middle", times=None),
    "http": lambda cloud, echo: cloud.faults.http(502, echo, times=None),
    "not-json": lambda cloud, echo: cloud.faults.body(echo, times=None),
    "no-envelope": lambda cloud, echo: cloud.faults.json([echo], times=None),
    "no-list": lambda cloud, echo: cloud.faults.result(
        {"text": echo}, on="business", times=None
    ),
    "dropped": lambda cloud, _: cloud.faults.drop_write(times=None),
    "token": _refuse_token,
}
"""Possible errors; in each case, the reply contains all secrets."""


@pytest.mark.parametrize("fault", FAULTS)
async def test_errors(
    home: Home, scene: Scene, hass_storage: dict[str, Any], fault: str
) -> None:
    """Error texts of the cloud, which may contain secrets, appear nowhere."""
    everything = (*SECRETS.values(), *PRIVATE.values(), *PINS.values(), TOKEN_IN_HEX)
    echo = " ".join(everything)
    FAULTS[fault](home.cloud, echo)
    await scene.act_all()
    await home.tick(HOUR_SECONDS)
    assert await scene.act_all()
    dump = await async_get_config_entry_diagnostics(home.hass, scene.entry)
    scene.watch.check("diagnostics", json.dumps(dump))
    scene.watch.check_all(hass_storage)


async def test_reports(home: Home, scene: Scene) -> None:
    """Diagnostics, system health, calendar, logbook, repairs; IDs are hashed."""
    watch, entry = scene.watch, scene.entry
    changes: list[Event] = []
    home.hass.bus.async_listen(EVENT_USER_CHANGED, changes.append)
    home.door.users[USER_ID].nick_name = "Gustav"
    await home.tick(HOUR_SECONDS)

    lock = lock_device(home.hass, entry, LOCK_ID)
    user = user_device(home.hass, entry, LOCK_ID, USER_ID)
    assert lock and user
    dumps = [
        await async_get_config_entry_diagnostics(home.hass, entry),
        await async_get_device_diagnostics(home.hass, entry, lock),
        await async_get_device_diagnostics(home.hass, entry, user),
    ]
    for dump in dumps:
        text = json.dumps(dump)
        watch.check("diagnostics", text)
        for identity in (LOCK_ID, USER_ID, "owner1", "ada1", "Gustav", "Front door"):
            assert identity not in text
        for known in (entry.entry_id, str(entry.unique_id), home.cloud.access_id):
            assert known not in text

    assert await async_setup_component(home.hass, SYSTEM_HEALTH_DOMAIN, {})
    watch.check("system health", (await get_info(home.hass))[DOMAIN])

    calendar = home.entity_id(f"{LOCK_ID}_access")
    now = dt_util.utcnow()
    events = await home.hass.services.async_call(
        "calendar",
        "get_events",
        {"start_date_time": now, "end_date_time": now + timedelta(days=14)},
        target={"entity_id": calendar},
        blocking=True,
        return_response=True,
    )
    assert "Gustav" in str(events)
    watch.check("calendar", events)

    described: list[Callable[[Event], dict[str, Any]]] = []
    logbook.async_describe_events(
        home.hass, lambda _, __, words: described.append(words)
    )
    assert changes
    for event in changes:
        watch.check("logbook", described[0](event))

    assert await async_setup_component(home.hass, "repairs", {})
    manager: RepairsFlowManager = home.hass.data["repairs"]["flow_manager"]
    for domain, issue_id in list(ir.async_get(home.hass).issues):
        form = await manager.async_init(domain, data={"issue_id": issue_id})
        watch.check("repair", form)
        if form["type"] == "menu":
            form = await manager.async_configure(
                form["flow_id"], {"next_step_id": "assign"}
            )
            watch.check("repair", form)


async def test_flows(
    home: Home, watch: Watch, endpoint: str, no_rate_limit: None
) -> None:
    """Forms contain only what was typed; the entry contains its data."""

    def check(result: Any) -> None:
        shown = {key: result.get(key) for key in ("errors", "description_placeholders")}
        watch.check("flow", shown, result.get("reason"), result.get("title"))

    plant_everywhere(home.cloud)
    credentials = {
        CONF_DATA_CENTER: endpoint,
        CONF_ACCESS_ID: home.cloud.access_id,
        CONF_ACCESS_SECRET: SECRETS["access secret of before"],
    }
    result = await submit(home.hass, await start(home.hass), credentials)
    assert result["errors"]
    check(result)
    credentials[CONF_ACCESS_SECRET] = home.cloud.access_secret
    result = await submit(home.hass, result, credentials)
    check(result)
    form = {CONF_LOCKS: [LOCK_ID], CONF_ACCOUNT_UID: PRIVATE["account uid"]}
    result = await submit(home.hass, result, form)
    check(result)
    result = await submit(home.hass, result, form)
    entry = result["result"]
    watch.check("options", entry.options)

    options = await home.hass.config_entries.options.async_init(entry.entry_id)
    watch.check("options flow", options)
    options = await home.hass.config_entries.options.async_configure(
        options["flow_id"], {CONF_LOCKS: [LOCK_ID, "another"]}
    )
    watch.check("options flow", options)

    home.cloud.access_secret = SECRETS["access secret of before"]
    await entry.runtime_data.async_refresh()
    await home.hass.async_block_till_done(wait_background_tasks=True)
    (progress,) = home.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    shown = await home.hass.config_entries.flow.async_configure(progress["flow_id"])
    watch.check("reauth", {k: v for k, v in shown.items() if k != "context"})
    result = await submit(
        home.hass,
        shown,
        {
            CONF_ACCESS_ID: home.cloud.access_id,
            CONF_ACCESS_SECRET: home.cloud.access_secret,
        },
    )
    assert result["reason"] == "reauth_successful"
    check(result)


@contextmanager
def requests_seen() -> Generator[list[dict[str, Any]]]:
    """Return the arguments of all requests."""
    seen: list[dict[str, Any]] = []
    send = ClientSession._request  # noqa: SLF001

    async def request(
        self: ClientSession, method: str, url: Any, **options: Any
    ) -> Any:
        connector: Any = self.connector
        seen.append(
            {"url": str(url), "session_ssl": connector._ssl, **options}  # noqa: SLF001
        )
        return await send(self, method, url, **options)

    with patch.object(ClientSession, "_request", request):
        yield seen


async def test_tls_verified(home: Home) -> None:
    """Every request verifies certificates, and follows no redirect."""
    with requests_seen() as seen:
        entry = await home.set_up()
        scene = Scene(
            hass=home.hass, cloud=home.cloud, entry=entry, watch=Watch(home.hass)
        )
        await scene.act_all()
    assert len(seen) > 30
    for options in seen:
        assert options.get("ssl", True) is True
        assert options["session_ssl"] is True or options["session_ssl"].check_hostname
        assert "verify_ssl" not in options
        assert "fingerprint" not in options
        assert options["allow_redirects"] is False
        # Secrets travel in no address, and the secret itself does not travel at all.
        assert found(options["url"]) == []
        assert SECRETS["access secret"] not in str(options)


def test_no_tls_options() -> None:
    for source in Path(tuya_lock_users.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.keyword):
                assert node.arg not in (
                    *("ssl", "verify_ssl", "ssl_context", "fingerprint"),
                    *("ssl_cipher", "trust_env"),
                ), source
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not node.value.startswith("http://"), source
