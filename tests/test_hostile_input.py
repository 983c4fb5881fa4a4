"""Replies that nobody would send, while Home Assistant runs; and input nobody would type.

What replies are decoded to is tested with the client (`api/test_hostile.py`), what an
action makes of strange input on a lock with the actions. Here is what lies between: the
snapshot of a lock, what changed, answers, calendar, names of devices, sentences; then
all of it through Home Assistant; and the schemas of the actions.
"""

from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
import json
import logging
from random import SystemRandom
from typing import Any, Final
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings, strategies as st
import orjson
import pytest
import voluptuous as vol

from custom_components.tuya_lock_users.api.endpoints import SmartLocks
from custom_components.tuya_lock_users.api.errors import TuyaError
from custom_components.tuya_lock_users.api.models import (
    decode_absent_user,
    decode_lock,
    decode_method,
    decode_user,
)
from custom_components.tuya_lock_users.api.paging import page_of
from custom_components.tuya_lock_users.api.schedule.times import occurrences
from custom_components.tuya_lock_users.api.smart_lock import SmartLock
from custom_components.tuya_lock_users.const import DOMAIN
from custom_components.tuya_lock_users.coordinator.devices import LONGEST_NAME
from custom_components.tuya_lock_users.coordinator.orphans import OrphanReader
from custom_components.tuya_lock_users.coordinator.reader import LockReader
from custom_components.tuya_lock_users.domain.access import AccessClock
from custom_components.tuya_lock_users.domain.changes import (
    access_changes,
    changes_between,
)
from custom_components.tuya_lock_users.domain.serialize import (
    serialize_absent_user,
    serialize_lock,
    serialize_method,
    serialize_user,
)
from custom_components.tuya_lock_users.domain.snapshot import LockSnapshot
from custom_components.tuya_lock_users.localize import (
    Localizer,
    change_in_words,
    escape_markdown,
    method_in_words,
    schedule_in_words,
    user_in_words,
)
from custom_components.tuya_lock_users.services import READS, WRITES, schemas
from homeassistant.components.calendar import CalendarEvent
from homeassistant.core import HomeAssistant, State, valid_entity_id
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
from simulator import EVERY_DAY, Lock, Schedule, SimulatedCloud, Window
from tests.common import entity_id_of, lock_device, states_of, user_device
from tests.conftest import SetUp, Tick

CYCLE_SECONDS: Final = 6 * 60
LIST_SECONDS: Final = 30 * 60
DAY_SECONDS: Final = 24 * 3600

NAMES: Final = {
    "long": "x" * 10_000,
    "long-right-to-left": "שלום" * 2_500,
    "right-to-left": "\u202eecilA\u202c",
    "control-characters": "A\x00l\x1bi\x07c\ne\r\t\x7f\x9b",
    "half-a-surrogate-pair": "Al\ud800ice",
    "only-surrogates": "\udfff\ud800",
    "emoji": "👩‍👧🏳️‍🌈" * 30,
    "combining": "e" + "\u0301" * 500,
    "empty": "",
    "blank": " \t\u00a0\u3000 ",
    "zero-width": "\u200b\u200d\ufeff",
    "placeholder": "{user} {0} {lock!r} {id.__class__} {",
    "percent": "%s %(name)s %d %",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "markdown": "[click](https://evil.example.com) **bold** `code` # | ~",
    "template": "{{ states('sensor.x') }}{% for x in y %}",
    "slashes": "../../etc/passwd",
    "null": None,
}
"""What somebody may be called."""

every_name = pytest.mark.parametrize(
    "name", [pytest.param(name, id=kind) for kind, name in NAMES.items()]
)

numbers = (
    st.integers()
    | st.sampled_from([0, 1, -1, 2**31, 2**32, 2**53, 2**63, 2**64, 10**40])
    | st.integers(1_000_000_000, 3_000_000_000)
    | st.floats()
)
texts = st.text(max_size=20) | st.sampled_from(
    [text for text in NAMES.values() if isinstance(text, str)]
)
scalars = st.none() | st.booleans() | numbers | texts | numbers.map(str)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
windows = st.fixed_dictionaries(
    {},
    optional={
        "working_day": st.integers(-300, 300) | scalars,
        "start_minute": st.integers(-10, 3000) | scalars,
        "end_minute": st.integers(-10, 3000) | scalars,
        "all_day": scalars,
        "time_zone_id": st.sampled_from(["Europe/Berlin", "Mars/Base", "", "../x"])
        | scalars,
    },
)
schedules = st.fixed_dictionaries(
    {},
    optional={
        "permanent": st.booleans() | scalars,
        "effective_time": numbers | scalars,
        "expired_time": numbers | scalars,
        "operate": scalars,
        "delivery_status": st.sampled_from(["ONGOING", "SUCCESS", "FAILED"]) | scalars,
        "schedule_details": st.lists(windows, max_size=3) | anything,
    },
)
methods = st.fixed_dictionaries(
    {
        "dp_code": st.sampled_from(["unlock_card", "unlock_eye"]) | scalars,
        "unlock_sn": st.integers(0, 5) | scalars,
    },
    optional={
        "unlock_name": scalars,
        "unlock_attr": scalars,
        "phase": st.integers(-1, 12) | scalars,
        "delivery_status": st.sampled_from(["ONGOING", "FAILED"]) | scalars,
        "allocate_flag": scalars,
        "notify_info": anything,
        "channel_id": scalars,
    },
)
users = st.fixed_dictionaries(
    {"user_id": st.sampled_from(["alice", "bob", "1"]) | scalars},
    optional={
        "nick_name": scalars,
        "user_type": st.sampled_from([10, 20, 30, 40, 50]) | scalars,
        "lock_user_id": scalars,
        "user_contact": scalars,
        "avatar_url": scalars,
        "uid": scalars,
        "back_home_notify_attr": scalars,
        "effective_flag": st.integers(-1, 3) | scalars,
        "time_schedule_info": schedules | schedules.map(json.dumps) | anything,
        "unlock_detail": st.lists(
            st.fixed_dictionaries(
                {
                    "dp_code": st.sampled_from(["unlock_card"]) | scalars,
                    "unlock_list": st.lists(methods, max_size=3) | anything,
                }
            ),
            max_size=2,
        )
        | anything,
    },
)
user_lists = st.lists(users, max_size=4)
locks = st.fixed_dictionaries(
    {"id": st.sampled_from(["front", "gate"]) | scalars},
    optional={
        "name": scalars,
        "category": st.sampled_from(["ms", "jtmspro"]) | scalars,
        "product_name": scalars,
        "model": scalars,
        "online": scalars,
        "time_zone": st.sampled_from(["+01:00", "-99:99", "+8:00"]) | scalars,
    },
)


# --- Between the client and the entities -------------------------------------------


class Replies(SmartLocks):
    """The calls of a lock, answered from lists of records without any line."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self.records: list[Any] = []
        self.details: list[Any] = []

    async def users(self, lock_id: str, cache: Any = None) -> Any:
        """Return the users of the records."""
        return _Listing(tuple(filter(None, map(decode_user, self.records))))

    async def users_with_filter(self, lock_id: str, **_: Any) -> Any:
        """Return the users of the records."""
        return await self.users(lock_id)

    async def unlock_methods(self, lock_id: str, user_id: str, **_: Any) -> Any:
        """Return the details of the records."""
        return _Listing(tuple(filter(None, map(decode_method, self.details))))

    async def absent_users(self, lock_id: str) -> Any:
        """Return everybody once more."""
        return _Listing(tuple(filter(None, map(decode_absent_user, self.records))))

    async def unassigned_methods(self, lock_id: str, method_type: Any = None) -> Any:
        """Return the details once more."""
        return _Listing(tuple(filter(None, map(decode_method, self.details))))


class _Listing:
    """A list of which all came."""

    is_complete = True
    pages = 1

    def __init__(self, items: tuple[Any, ...]) -> None:
        """Hold the items."""
        self.items = items


async def load_zone(name: str) -> tzinfo | None:
    """Return a time zone, as Home Assistant does."""
    try:
        return ZoneInfo(name)
    except KeyError, ValueError, OSError:
        return None


def run(story: Any) -> Any:
    """Run what waits for nothing."""
    try:
        story.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits")


async def gather(*stories: Any) -> list[Any]:
    """Do one after the other."""
    return [await story for story in stories]


NOW: Final = datetime(2026, 12, 9, 10, tzinfo=UTC)


def assert_plain(told: object) -> None:
    """See that something can be written as JSON, and read by Home Assistant."""
    orjson.dumps(told)


def told_of(
    localizer: Localizer, before: LockSnapshot, after: LockSnapshot
) -> Iterator[Any]:
    """Yield everything that is made of two readings."""
    clock, suspended = AccessClock(), frozenset({"alice"})
    was, _ = clock.read(before, suspended, NOW)
    for hours in (0, 1, 24 * 400):
        access, flip = clock.read(after, suspended, NOW + timedelta(hours=hours))
        assert flip is None or flip > NOW
    changes = changes_between(before, after) + access_changes(after.users, was, access)
    for change in changes:
        yield change.attributes
        sentence = change_in_words(localizer, change.type, "Door", change.attributes)
        assert sentence
        yield sentence
    for user in after.users.values():
        yield serialize_user(user, access[user.user_id], after.zones)
        yield escape_markdown(user_in_words(localizer, user))
        for method in user.unlock_methods or ():
            yield serialize_method(method, user)
            yield escape_markdown(method_in_words(localizer, method))
        if user.schedule is None:
            continue
        description = schedule_in_words(localizer, user.schedule, after.zones, UTC)
        yield description
        for start, end in occurrences(
            user.schedule, NOW, NOW + timedelta(days=9), after.zones
        ):
            assert start < end
            CalendarEvent(
                start=start, end=end, summary="Alice", description=description
            )
    yield [serialize_absent_user(user) for user in after.absent_users or ()]
    yield [serialize_method(method, None) for method in after.unassigned_methods or ()]
    yield [after.pending_changes, sorted(after.pending), after.time_zone_name]


@pytest.fixture
async def localizer(hass: HomeAssistant) -> Localizer:
    """Our sentences."""
    assert await async_setup_component(hass, DOMAIN, {})
    return Localizer(hass)


async def test_two_readings(
    localizer: Localizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever two readings say: snapshot, changes, answers and sentences come of it."""
    monkeypatch.setattr(
        "custom_components.tuya_lock_users.coordinator.reader.asyncio.gather", gather
    )

    @settings(max_examples=250, deadline=None)
    @given(
        first=user_lists,
        second=user_lists,
        details=st.lists(methods, max_size=4),
        offset=st.sampled_from([None, "+01:00", "-14:30", "+99:99", "x"]) | texts,
    )
    def check(
        first: list[Any], second: list[Any], details: list[Any], offset: str | None
    ) -> None:
        replies = Replies()
        lock = SmartLock(replies, "front")
        reader = LockReader(
            lock,
            orphans=OrphanReader(lock),
            details={},
            user_ids=(),
            load_zone=load_zone,
            home_zone=lambda: ZoneInfo("Europe/Berlin"),
        )
        reader.offset = offset
        replies.records = first
        before = run(reader.read(now=NOW)).snapshot
        replies.records, replies.details = second, details
        run(reader.read(now=NOW + timedelta(minutes=2)))
        run(reader.read_orphans(now=NOW))
        user_ids = list(before.users)
        after = run(reader.read_details(user_ids, now=NOW)).snapshot
        for told in told_of(localizer, before, after):
            assert_plain(told)
        for told in told_of(localizer, after, before):
            assert_plain(told)

    check()


@settings(max_examples=200, deadline=None)
@given(record=locks)
def test_lock(record: dict[str, Any]) -> None:
    """Any lock of a list can be told of."""
    if (lock := decode_lock(record)) is not None:
        assert_plain(serialize_lock(lock, None))


@settings(max_examples=100, deadline=None)
@given(result=anything)
def test_page(result: object) -> None:
    """Any result is a page, or none."""
    try:
        page = page_of(result)
    except TuyaError:
        return
    assert all(isinstance(record, dict) for record in page.records)


# --- Through Home Assistant --------------------------------------------------------


def assert_sound(hass: HomeAssistant) -> None:
    """See that states, attributes, names and issues are such as anybody can hold."""
    for unique_id in states_of(hass):
        entity_id = entity_id_of(hass, unique_id)
        assert entity_id is not None
        assert valid_entity_id(entity_id)
        state = hass.states.get(entity_id)
        assert isinstance(state, State)
        assert len(state.state) <= 255
        orjson.loads(state.as_dict_json)
    for device in devices_of(hass):
        orjson.dumps(device.dict_repr, default=str)
        assert device.name
        assert device.name.strip()
        assert len(device.name) <= LONGEST_NAME + 20
        assert not any(ord(char) < 32 or ord(char) == 127 for char in device.name)
    for entity in er.async_get(hass).entities.values():
        assert valid_entity_id(entity.entity_id)
        assert len(entity.entity_id) <= 255
        assert entity.original_name != ""
    for issue in ir.async_get(hass).issues.values():
        orjson.dumps(issue.translation_placeholders)


def devices_of(hass: HomeAssistant) -> Iterator[dr.BaseDeviceEntry]:
    """Yield our devices."""
    registry = dr.async_get(hass)
    for entry in hass.config_entries.async_entries(DOMAIN):
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
            yield device
            yield from dr.async_entries_for_parent_device(registry, device.id)


def our_errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the log says went wrong that nobody thought of."""
    return [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.ERROR
    ]


@every_name
async def test_name(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    caplog: pytest.LogCaptureFixture,
    name: Any,
) -> None:
    """A name of a user, a method or a lock is a name everywhere, from the start or later."""
    door.device.name = name
    door.users["alice"].nick_name = name
    door.methods[0].unlock_name = name
    entry = await set_up()
    assert_sound(hass)

    door.users["bob"].nick_name = name
    door.expire(door.users["bob"])
    carl = door.add_user(name, user_id="carl")
    door.add_method("unlock_nose", carl, name=name)
    door.add_method("card", name=name)
    gone = door.add_user(name, user_id="gone")
    door.add_method("face", gone, name=name)
    door.remove_user("gone")
    await tick(DAY_SECONDS)
    await tick(LIST_SECONDS)

    assert_sound(hass)
    for user_id in ("alice", "bob", "carl"):
        assert user_device(hass, entry, "front", user_id)
    assert lock_device(hass, entry, "front")
    answer = await hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": entity_id_of(hass, "front_access"), "duration": {"days": 9}},
        blocking=True,
        return_response=True,
    )
    orjson.dumps(answer)
    assert our_errors(caplog) == []


@pytest.mark.parametrize(
    "zone",
    [
        *("../x", "..", ".", "/etc/passwd", "Europe", "Europe/Berlin/", "zone.tab"),
        *("a\x00b", "x" * 300, "\u202e", "{zone}", "Mars/Base"),
    ],
    ids=ascii,
)
async def test_zone(
    hass: HomeAssistant, door: Lock, set_up: SetUp, tick: Tick, zone: str
) -> None:
    """A window in a zone that nobody knows is meant in the lock's; it costs no reading."""
    schedule = Schedule(
        permanent=False,
        effective_time=1_790_000_000,
        expired_time=1_830_000_000,
        windows=[Window(EVERY_DAY, 660, 720, zone)],
    )
    door.users["bob"].schedule = schedule
    await set_up()
    assert_sound(hass)
    assert states_of(hass)["front_users"] == "2"
    assert states_of(hass)["front:bob_access"] == "allowed"


KINDS: Final = {
    "users": ("smart_lock_users", user_lists),
    "locks": ("associated_devices", st.lists(locks, max_size=3)),
    "opmodes": ("opmodes", st.lists(methods, max_size=4)),
    "absent-users": ("absent_users", user_lists),
    "unassigned": ("unassigned_keys", st.lists(methods, max_size=4)),
    "token": ("token", anything),
}


@pytest.fixture
async def served(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    set_up: SetUp,
    tick: Tick,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Tick]:
    """A project that is up, with its clock.

    Every example begins with the same seed of `random`, of which the registries make
    their ids: here, where one Home Assistant sees all examples, those must not repeat.
    """
    monkeypatch.setattr(
        "homeassistant.util.uuid.getrandbits", SystemRandom().getrandbits
    )
    logger = logging.getLogger("homeassistant")
    level = logger.level
    logger.setLevel(logging.WARNING)
    await set_up()
    yield tick
    cloud.faults.clear()
    logger.setLevel(level)


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_any_reply(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    served: Tick,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    data: st.DataObject,
) -> None:
    """Any records, any result, any JSON in a reply: no harm is done, and it is mended."""
    endpoint, records = KINDS[kind]
    what = data.draw(
        st.tuples(st.just("records"), records)
        | st.tuples(st.just("page"), st.builds(_page, records, scalars, scalars))
        | st.tuples(st.sampled_from(["result", "json"]), anything)
    )
    plant = cloud.faults.json if what[0] == "json" else cloud.faults.result
    plant(what[1], on=endpoint, times=None)
    if kind == "token":
        cloud.kill_token()
    await served(DAY_SECONDS)
    assert_sound(hass)
    cloud.faults.clear()
    await served(6 * 3600)
    await served(6 * 3600)
    await served(LIST_SECONDS)
    assert_sound(hass)
    assert states_of(hass)["front_users"] == "2"
    assert our_errors(caplog) == []


def _page(records: list[Any], total: object, has_more: object) -> dict[str, Any]:
    return {"records": records, "total": total, "has_more": has_more}


# --- What is typed -----------------------------------------------------------------

ACTIONS: Final = {name: schema for name, (schema, _) in (READS | WRITES).items()}

FIELDS: Final = sorted(
    value
    for name, value in vars(schemas).items()
    if name.startswith("ATTR_") and isinstance(value, str)
)

inputs = st.recursive(
    scalars
    | st.dates(datetime.min.date())
    | st.datetimes()
    | st.times()
    | st.binary(max_size=4)
    | st.sampled_from(["0001-01-01", "9999-12-31 23:59", "24:00", "monday", "nan"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=4), inner)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("action", ACTIONS)
@settings(max_examples=150, deadline=None)
@given(
    fields=st.dictionaries(st.sampled_from(FIELDS), inputs, max_size=5),
    rest=st.fixed_dictionaries({"device_id": st.just("x"), "name": st.just("x")}),
    field=st.sampled_from(FIELDS),
    value=inputs,
)
def test_any_input(
    action: str, fields: Any, rest: Any, field: str, value: object
) -> None:
    """A schema takes it, or says that it is invalid; it never breaks."""
    schema = ACTIONS[action]
    needed = {
        str(marker): rest.get(str(marker), [{"type": "card", "number": 1}])
        for marker in schema.schema
        if isinstance(marker, vol.Required)
    }
    known = {str(marker) for marker in schema.schema}
    for given_ in (
        fields,
        {**needed, **{key: fields[key] for key in fields if key in known}},
        {**needed, field: value},
        value,
    ):
        try:
            schema(given_)
        except vol.Invalid:
            continue
