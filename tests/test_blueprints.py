"""The blueprints: imported from their address, and run as automations."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any, Final, override
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.tuya_lock_users.const import DOMAIN
from custom_components.tuya_lock_users.domain.changes import ChangeType
from homeassistant.components import automation
from homeassistant.components.blueprint import importer
from homeassistant.components.calendar import CalendarEntity, CalendarEvent
from homeassistant.components.calendar.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from simulator import (
    ADMIN,
    WORKDAYS,
    Delivery,
    Lock,
    Schedule,
    SimulatedCloud,
    User,
    Window,
)
from tests.common import (
    cases,
    entity_id_of,
    load_fixture,
    lock_device,
    state_of,
    user_device,
)
from tests.conftest import CYCLE_SECONDS, NOW, SetUp, Tick

from .services.calling import Actions

pytestmark = pytest.mark.usefixtures("no_read_back_delay")

type Inputs = dict[str, Any]
type Use = Callable[..., Awaitable[list[ServiceCall]]]

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = Path("blueprints", "automation", DOMAIN)
BLUEPRINTS: Final = sorted((ROOT / FOLDER).glob("*.yaml"))
REPOSITORY: Final = "tuya-lock-users/tuya-lock-users"

GUEST_ACCESS: Final = "guest_access_from_calendar"
LOCK_CHANGES: Final = "notify_lock_changes"
ACCESS_ENDING: Final = "notify_access_ending"
CODE_FOR_BOOKING: Final = "code_for_a_booking"

BERLIN: Final = ZoneInfo("Europe/Berlin")
CALENDAR: Final = "calendar.visits"
PHONE: Final = "notify.phone"
QUARTER: Final = 15 * 60
HOUR: Final = 3600
DAY: Final = 24 * HOUR
VISIT: Final = (
    "Gus Guest can open Front door from 2026-12-09 13:00 to 2026-12-09 15:00."
)
MISSED: Final = (
    "Gus Guest should be able to open Front door from 2026-12-09 13:00 to 2026-12-09"
    " 15:00, but "
)


class Visits(CalendarEntity):
    """A calendar to which tests add events."""

    def __init__(self, name: str = "Visits") -> None:
        """Initialize the calendar without events."""
        self._attr_name = name
        self.events: list[CalendarEvent] = []

    @property
    @override
    def event(self) -> CalendarEvent | None:
        return None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        return [
            event
            for event in self.events
            if event.start_datetime_local < end_date
            and event.end_datetime_local > start_date
        ]

    def add(self, summary: str, start: float, end: float) -> CalendarEvent:
        event = CalendarEvent(start=at(start), end=at(end), summary=summary)
        self.events.append(event)
        return event

    def add_days(self, summary: str, first: int, last: int) -> None:
        today = NOW.astimezone(BERLIN).date()
        start, end = (today + timedelta(days=day) for day in (first, last + 1))
        self.events.append(CalendarEvent(start=start, end=end, summary=summary))


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def in_berlin(day: int, hour: int) -> int:
    """Return the timestamp of an hour in Berlin, some days after the start."""
    noon: date = NOW.astimezone(BERLIN).date() + timedelta(days=day)
    moment = datetime(noon.year, noon.month, noon.day, hour, tzinfo=BERLIN)
    return int(moment.timestamp())


def limited(start: float, end: float, *windows: Window) -> Schedule:
    return Schedule(
        permanent=False,
        effective_time=int(at(start).timestamp()),
        expired_time=int(at(end).timestamp()),
        windows=list(windows),
    )


def hours_of(user: User) -> tuple[float, float] | None:
    schedule = user.schedule
    if schedule.permanent:
        return None
    assert not schedule.windows
    start, end = (
        (seconds - NOW.timestamp()) / HOUR
        for seconds in (schedule.effective_time, schedule.expired_time)
    )
    return start, end


@pytest.fixture
def pass_time(tick: Tick) -> Tick:
    """Return a function that advances the clock in steps of a calendar update."""

    async def pass_time(seconds: float) -> None:
        while seconds > 0:
            await tick(min(seconds, QUARTER))
            await tick(0)  # runs what a calendar update scheduled for now
            seconds -= QUARTER

    return pass_time


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    copytree(ROOT / FOLDER, Path(hass_tmp_config_dir, FOLDER))
    return hass_tmp_config_dir


@pytest.fixture
def gus(cloud: SimulatedCloud, door: Lock) -> User:
    """A guest whose last visit has ended; the lock applies changes at once."""
    cloud.delivery.delay = 0
    return door.add_user("Gus Guest", user_id="gus", schedule=limited(-48, -24))


@pytest.fixture
async def home(
    hass: HomeAssistant, tick: Tick, gus: User, set_up: SetUp
) -> MockConfigEntry:
    await hass.config.async_set_time_zone("Europe/Berlin")
    assert await async_setup_component(hass, "persistent_notification", {})
    return await set_up()


@pytest.fixture
async def visits(hass: HomeAssistant, home: MockConfigEntry) -> Visits:
    visits = Visits()
    await hass.data[DATA_COMPONENT].async_add_entities([visits])
    assert visits.entity_id == CALENDAR
    return visits


async def use_blueprint(hass: HomeAssistant, blueprint: str, **inputs: Any) -> None:
    path = f"{DOMAIN}/{blueprint}.yaml"
    config = {"alias": "Test", "use_blueprint": {"path": path, "input": inputs}}
    assert await async_setup_component(
        hass, automation.DOMAIN, {automation.DOMAIN: config}
    )
    await hass.async_block_till_done()
    state = hass.states.get("automation.test")
    assert state is not None
    assert state.state == "on"


@pytest.fixture
async def use(hass: HomeAssistant, home: MockConfigEntry) -> AsyncGenerator[Use]:
    """Return a function that creates an automation and returns its messages."""

    async def use(blueprint: str, **inputs: Any) -> list[ServiceCall]:
        messages: list[ServiceCall] = []

        async def send(call: ServiceCall) -> None:
            await asyncio.sleep(0)  # like a service that uses the network
            messages.append(call)

        hass.services.async_register("notify", "send_message", send)
        await use_blueprint(hass, blueprint, **{"notify": [PHONE], **inputs})
        return messages

    yield use
    # One of the blueprints triggers every minute.
    await hass.services.async_call(
        automation.DOMAIN, "turn_off", {"entity_id": "automation.test"}, blocking=True
    )


@pytest.fixture
def front(hass: HomeAssistant, home: MockConfigEntry) -> str:
    device = lock_device(hass, home, "front")
    assert device is not None
    return device.id


@pytest.fixture
def guest(hass: HomeAssistant, home: MockConfigEntry) -> str:
    device = user_device(hass, home, "front", "gus")
    assert device is not None
    return device.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A home with a lock, a guest and a calendar, and helpers to use a blueprint."""

    hass: HomeAssistant
    cloud: SimulatedCloud
    door: Lock
    gus: User
    home: MockConfigEntry
    visits: Visits
    use: Use
    front: str
    guest: str
    pass_time: Tick
    tick: Tick

    async def invite(self, **inputs: Any) -> list[ServiceCall]:
        """Use the blueprint for guests; return the messages it sends."""
        chosen = {"calendars": [CALENDAR], "guests": [self.guest], **inputs}
        return await self.use(GUEST_ACCESS, **chosen)

    async def book_code(self, **inputs: Any) -> list[ServiceCall]:
        """Use the blueprint for codes; return the messages it sends."""
        chosen = {"calendars": [CALENDAR], "locks": [self.front], **inputs}
        return await self.use(CODE_FOR_BOOKING, **chosen)

    async def run(self) -> None:
        await run(self.hass)
        await self.hass.async_block_till_done(wait_background_tasks=True)


@pytest.fixture
def stay(request: pytest.FixtureRequest, use: Use) -> Stay:
    return Stay(
        **{field.name: request.getfixturevalue(field.name) for field in fields(Stay)}
    )


def texts_of(messages: list[ServiceCall]) -> list[str]:
    texts = []
    for message in messages:
        assert message.data["entity_id"] == [PHONE]
        assert message.data["title"]
        text = message.data["message"]
        assert text == " ".join(text.split())
        texts.append(text)
    messages.clear()
    return texts


async def run(hass: HomeAssistant) -> None:
    await hass.services.async_call(
        automation.DOMAIN, "trigger", {"entity_id": "automation.test"}
    )


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
async def test_import(
    hass: HomeAssistant, aioclient_mock: AiohttpClientMocker, path: Path
) -> None:
    """Home Assistant imports each blueprint from its address."""
    inside = (FOLDER / path.name).as_posix()
    text = path.read_text(encoding="utf-8")
    aioclient_mock.get(  # type: ignore[no-untyped-call]
        f"https://raw.githubusercontent.com/{REPOSITORY}/main/{inside}", text=text
    )
    address = f"https://github.com/{REPOSITORY}/blob/main/{inside}"
    imported = await importer.fetch_blueprint_from_url(hass, address)
    blueprint = imported.blueprint
    assert blueprint.metadata["source_url"] == address
    assert blueprint.domain == automation.DOMAIN
    assert blueprint.validate() is None
    assert blueprint.metadata["homeassistant"]["min_version"] == "2026.10.0"
    assert text.count("!input ") >= len(blueprint.inputs)
    for key, described in blueprint.inputs.items():
        assert f"!input {key}\n" in text
        assert described["name"]
        assert described["description"].endswith(".")
        assert described["selector"]


async def test_guest_visit(stay: Stay) -> None:
    """A guest has access during an event, and is notified once."""
    stay.visits.add("Weekend", 2, 4)
    messages = await stay.invite()
    await stay.pass_time(HOUR - 60)
    assert not stay.cloud.calls.writes
    await stay.pass_time(60)
    assert hours_of(stay.gus) == (2, 4)
    assert texts_of(messages) == [VISIT]
    assert state_of(stay.hass, "front:gus_access") == "not_started"
    await stay.pass_time(HOUR)
    assert state_of(stay.hass, "front:gus_access") == "allowed"
    await stay.pass_time(2 * HOUR + 1)
    assert state_of(stay.hass, "front:gus_access") == "expired"
    assert len(stay.cloud.calls.to("set_schedule")) == 1
    assert not messages


async def test_guest_named_in_title(stay: Stay) -> None:
    """If a lock is selected, guests whose name is in the title get access."""
    nora = stay.door.add_user("Nora", user_id="nora", schedule=limited(-2, -1))
    hours = Window(WORKDAYS, 540, 720)
    clara = stay.door.add_user("Clara", user_id="clara", schedule=limited(5, 99, hours))
    over = limited(-2, -1)
    emil = stay.door.add_user("Emil", user_id="emil", schedule=over)
    # A name within another name or word is not an invitation.
    ann = stay.door.add_user("Ann", user_id="ann", schedule=over)
    ann_lee = stay.door.add_user("Ann Lee", user_id="ann lee", schedule=over)
    await stay.pass_time(CYCLE_SECONDS)
    title = "Visit of GUS guest, Alice, Bob, Clara & Nora, Ann Lee and Susann!"
    stay.visits.add(title, 2, 4)
    messages = await stay.invite(guests=[stay.front])
    await stay.pass_time(HOUR)
    assert hours_of(stay.gus) == hours_of(nora) == hours_of(ann_lee) == (2, 4)
    assert hours_of(emil) == hours_of(ann) == (-2, -1)
    assert hours_of(stay.door.find("Alice")) is None
    assert hours_of(stay.door.find("Bob")) is None
    assert clara.schedule.windows == [hours]
    assert len(texts_of(messages)) == 3


async def test_guest_name_ambiguous(stay: Stay) -> None:
    stay.door.add_user("Gus Guest", user_id="gus2", schedule=limited(-2, -1))
    await stay.pass_time(CYCLE_SECONDS)
    stay.visits.add("Gus Guest", 2, 4)
    messages = await stay.invite(guests=[stay.front])
    await stay.pass_time(HOUR)
    assert not stay.cloud.calls.writes
    text = "multiple users have this name. Rename all but one."
    assert set(texts_of(messages)) == {f"{MISSED}{text}"}


async def test_margins(stay: Stay) -> None:
    """A guest may come a little early and leave a little late; not all events count."""
    stay.visits.add("Dentist", 25, 26)
    stay.visits.add("Flat: BOOKED", 26, 28)
    margins = {"minutes_before": 30, "minutes_after": 45}
    await stay.invite(title_contains="booked", ahead={"days": 1}, **margins)
    await stay.pass_time(HOUR)
    assert not stay.cloud.calls.writes
    await stay.pass_time(HOUR)
    assert hours_of(stay.gus) == (25.5, 28.75)


async def test_bookings(stay: Stay) -> None:
    """Bookings follow each other on a day: the second waits for the end of the first."""
    stay.visits.add_days("Booked", 1, 1)
    stay.visits.add_days("Booked", 2, 3)
    await stay.invite(arrival="15:00:00", departure="11:00:00")
    starts = []
    for _ in range(5 * DAY // HOUR):
        await stay.tick(HOUR)
        await stay.tick(0)
        assert not stay.gus.schedule.windows
        span = (stay.gus.schedule.effective_time, stay.gus.schedule.expired_time)
        if span not in starts:
            starts.append(span)
            if span[0] == in_berlin(2, 15):
                late = dt_util.utcnow().timestamp() - in_berlin(2, 11)
                assert 0 <= late <= HOUR
    assert starts[-2:] == [
        (in_berlin(1, 15), in_berlin(2, 11)),
        (in_berlin(2, 15), in_berlin(4, 11)),
    ]
    assert len(stay.cloud.calls.to("set_schedule")) == 2


async def test_overlapping_visits(stay: Stay) -> None:
    """Events that meet or overlap are one visit, in two calendars as well."""
    others = Visits("Others")
    await stay.hass.data[DATA_COMPONENT].async_add_entities([others])
    stay.visits.add("First", 3, 5)
    others.add("Second", 5, 6)
    stay.visits.add("Within", 5.25, 5.5)
    others.add("Later", 7, 8)
    await stay.invite(calendars=[CALENDAR, others.entity_id], ahead={"hours": 2})
    spans = []
    for _ in range(9 * HOUR // QUARTER):
        await stay.pass_time(QUARTER)
        if hours_of(stay.gus) not in spans:
            spans.append(hours_of(stay.gus))
    # What is known of a visit grows with the view; it is never cut short.
    assert spans == [(-48, -24), (3, 5), (3, 6), (7, 8)]
    assert len(stay.cloud.calls.to("set_schedule")) == 3


@cases(
    ("end", "spans"),
    {
        "until the visit": (2.5, [(-1, 2.5), (-1, 4)]),
        "until before the visit": (1.5, [(-1, 1.5), (2, 4)]),
        "until after the visit": (5, [(-1, 5), (2, 4)]),
    },
)
async def test_existing_access(
    stay: Stay, end: float, spans: list[tuple[float, float]]
) -> None:
    """Access before a visit lasts until it begins; then the event counts."""
    stay.gus.schedule = limited(-1, end)
    await stay.pass_time(CYCLE_SECONDS)
    stay.visits.add("Weekend", 2, 4)
    await stay.invite()
    found = []
    for _ in range(3 * HOUR // CYCLE_SECONDS):
        await stay.pass_time(CYCLE_SECONDS)
        if hours_of(stay.gus) not in found:
            found.append(hours_of(stay.gus))
        if dt_util.utcnow() < at(min(end, 2)):
            assert state_of(stay.hass, "front:gus_access") == "allowed"
    assert found == spans


@cases(
    "before",
    {
        "always": Schedule(),
        "weekly": limited(2, 4, Window(WORKDAYS, 0, 60)),
        "shorter": limited(2, 3),
        "later": limited(5, 6),
    },
)
async def test_existing_schedule(stay: Stay, before: Schedule) -> None:
    """The selected user gets the schedule of the visit, regardless of the previous one."""
    stay.gus.schedule = before
    await stay.pass_time(CYCLE_SECONDS)
    stay.visits.add("Weekend", 2, 4)
    await stay.invite()
    await stay.pass_time(HOUR - CYCLE_SECONDS)
    assert hours_of(stay.gus) == (2, 4)


@pytest.mark.parametrize(
    ("user", "runs"), [("gus", True), ("bob", False), (None, True)]
)
async def test_other_user_access_ends(stay: Stay, user: str | None, runs: bool) -> None:
    """The end of another user's access does not fetch calendars."""
    device = user_device(stay.hass, stay.home, "front", user) if user else None
    stay.gus.schedule = limited(-1, 0.5)
    await stay.pass_time(CYCLE_SECONDS)
    await stay.invite(guests=[device.id if device else stay.front])
    await stay.pass_time(HOUR)
    state = stay.hass.states.get("automation.test")
    assert state is not None
    assert (state.attributes["last_triggered"] is not None) is runs


async def test_calendar_event_changed(stay: Stay) -> None:
    event = stay.visits.add("Weekend", 2, 4)
    await stay.invite()
    await stay.pass_time(HOUR)
    assert hours_of(stay.gus) == (2, 4)
    event.end = at(3)
    await stay.run()
    assert hours_of(stay.gus) == (2, 3)


async def test_calendar_event_changed_during_update(stay: Stay) -> None:
    """Events during an update of access are handled afterwards."""
    event = stay.visits.add("Weekend", 2, 4)

    async def change(_call: ServiceCall) -> None:
        if event.end == at(4):
            event.end = at(3)
            await run(stay.hass)

    stay.hass.services.async_register("script", "change", change)
    await stay.invite(then_do=[{"action": "script.change"}])
    await stay.pass_time(HOUR)
    assert hours_of(stay.gus) == (2, 3)


async def test_guest_schedule_retried(stay: Stay) -> None:
    stay.visits.add("Weekend", 2, 4)
    messages = await stay.invite(notify_about="failures")
    stay.cloud.faults.refuse(2001, on="set_schedule")
    await stay.pass_time(HOUR)
    assert hours_of(stay.gus) == (-48, -24)
    text = "their schedule could not be set."
    text += " The trace of this automation shows the reason."
    assert texts_of(messages) == [f"{MISSED}{text}"]
    await stay.pass_time(HOUR)
    assert hours_of(stay.gus) == (2, 4)
    assert not messages


async def test_guest_schedule_unconfirmed(stay: Stay) -> None:
    stay.cloud.delivery.outcome = "NEVER"
    stay.visits.add("Weekend", 2, 4)
    messages = await stay.invite()
    with patch(f"custom_components.{DOMAIN}.services.schedules.WAIT_SECONDS", 0):
        await stay.pass_time(HOUR)
    assert texts_of(messages) == [f"{VISIT} The lock has not confirmed it yet."]


async def test_guest_lock_unavailable(stay: Stay) -> None:
    """A project that is not loaded is reported; other guests are handled."""
    stay.visits.add("Gus Guest", 2, 4)
    messages = await stay.invite(guests=["gone", stay.front])
    await stay.pass_time(HOUR)
    assert hours_of(stay.gus) == (2, 4)
    unreadable = "The users of {} are not available. Check the lock in Home Assistant."
    assert texts_of(messages) == [unreadable.format("a removed lock"), VISIT]
    await stay.hass.config_entries.async_unload(stay.home.entry_id)
    await stay.pass_time(HOUR)
    assert texts_of(messages)[-1] == unreadable.format("Front door")


async def test_guest_additional_actions(stay: Stay) -> None:
    calls = async_mock_service(stay.hass, "script", "remember")
    stay.visits.add("Weekend", 2, 4)
    keys = ("title", "message", "user", "lock", "success")
    data = {key: f"{{{{ {key} }}}}" for key in keys}
    await stay.invite(then_do=[{"action": "script.remember", "data": data}])
    await stay.pass_time(HOUR)
    (call,) = calls
    assert call.data == {
        "title": "Access for Gus Guest",
        "message": VISIT,
        "user": "Gus Guest",
        "lock": "Front door",
        "success": True,
    }


def fail_delivery(door: Lock, gus: User) -> None:
    gus.schedule.delivery = Delivery(0, "FAILED")


def fail_method(door: Lock, gus: User) -> None:
    """Let the lock refuse an unlock method that it has."""
    door.methods[1].delivery = Delivery(0, "FAILED")
    door.methods[1].photo_unlock = True  # which is why the details are read


def limit(door: Lock, gus: User) -> None:
    """Limit a user who still has access."""
    door.find("Bob").schedule = limited(-1, 99)


CHANGES: Final[dict[str, Callable[[Lock, User], object]]] = {
    "delivery_failed": fail_delivery,
    "delivery_failed of a method": fail_method,
    "unlock_method_added": lambda door, gus: door.add_method("card", gus, name=""),
    "unlock_method_removed": lambda door, gus: door.remove_method(door.methods[1]),
    "unlock_method_moved": lambda door, gus: door.move_method(door.methods[1], gus),
    "user_added": lambda door, gus: door.add_user("Nora"),
    "user_removed": lambda door, gus: door.remove_user("gus"),
    "user_renamed": lambda door, gus: setattr(gus, "nick_name", "Gustav"),
    "role_changed": lambda door, gus: setattr(gus, "user_type", ADMIN),
    "schedule_changed": limit,
    "access_started": lambda door, gus: setattr(gus, "schedule", Schedule()),
    "access_ended": lambda door, gus: door.expire(door.find("Bob")),
}
MESSAGES: Final = load_fixture("messages_of_changes")


@pytest.mark.parametrize("name", CHANGES)
async def test_lock_change(stay: Stay, name: str) -> None:
    changes = [name.partition(" ")[0]]
    messages = await stay.use(LOCK_CHANGES, locks=[stay.front], changes=changes)
    CHANGES[name](stay.door, stay.gus)
    await stay.tick(CYCLE_SECONDS)
    assert texts_of(messages) == [MESSAGES[name]]
    await stay.tick(CYCLE_SECONDS)
    assert not messages


def test_lock_change_types() -> None:
    text = (ROOT / FOLDER / f"{LOCK_CHANGES}.yaml").read_text(encoding="utf-8")
    assert {name.partition(" ")[0] for name in CHANGES} == set(ChangeType)
    for change in ChangeType:
        assert f"value: {change}\n" in text


async def test_lock_changes_simultaneous(stay: Stay) -> None:
    """Simultaneous changes are all reported; other types are not."""
    messages = await stay.use(LOCK_CHANGES, locks=[stay.front])
    for number in range(12):
        stay.door.add_method("card", stay.gus, name=f"Card {number}")
    stay.gus.nick_name = "Gustav"
    fail_delivery(stay.door, stay.gus)
    await stay.tick(CYCLE_SECONDS)
    texts = texts_of(messages)
    assert len(texts) == len(set(texts)) == 13
    assert sum("did not apply the schedule of Gustav" in text for text in texts) == 1
    assert sum("Gustav can open Front door with card" in text for text in texts) == 12


async def test_lock_changes_after_outage(stay: Stay) -> None:
    messages = await stay.use(LOCK_CHANGES, locks=[stay.front])
    stay.door.add_method("card", stay.gus, name="White card")
    await stay.tick(CYCLE_SECONDS)
    assert len(texts_of(messages)) == 1
    stay.cloud.faults.http(503, on="reads", times=None)
    await stay.tick(CYCLE_SECONDS)
    assert state_of(stay.hass, "front_user_changes") == "unavailable"
    stay.door.add_method("card", stay.gus, name="Black card")
    stay.cloud.faults.clear()
    await stay.tick(CYCLE_SECONDS)
    assert texts_of(messages) == [
        "Gus Guest can open Front door with card 3 (Black card) from now on."
    ]
    assert await stay.hass.config_entries.async_reload(stay.home.entry_id)
    await stay.hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(stay.hass, "front_user_changes") != "unavailable"
    assert not messages


async def test_unassigned_method(stay: Stay) -> None:
    """An unassigned unlock method is reported when it appears, not when it is removed."""
    sensor = entity_id_of(stay.hass, "front_unassigned_unlock_methods")
    messages = await stay.use(LOCK_CHANGES, locks=[stay.front], unassigned=[sensor])
    stray = stay.door.add_method("fingerprint", name="")
    await stay.tick(DAY + CYCLE_SECONDS)
    assert state_of(stay.hass, "front_unassigned_unlock_methods") == "1"
    assert texts_of(messages) == [
        "Front door has a new unassigned unlock method (1 in total)."
    ]
    stay.door.remove_method(stray)
    await stay.tick(DAY + CYCLE_SECONDS)
    await stay.tick(CYCLE_SECONDS)  # one list without any method is not believed
    assert state_of(stay.hass, "front_unassigned_unlock_methods") == "0"
    assert not messages


async def test_access_ending(stay: Stay) -> None:
    """Each user is reported once, within their quarter of an hour."""
    stay.gus.schedule = limited(-1, 10.1)
    stay.door.add_user("Nora", schedule=limited(-1, 10.1))
    stay.door.add_user("Clara", schedule=limited(-1, 10.3))
    await stay.tick(CYCLE_SECONDS)
    messages = await stay.use(ACCESS_ENDING, hours=9)
    received = []
    for minute in range(5, 120):
        await stay.tick(60)
        if messages:
            received.append((minute + 1, *sorted(texts_of(messages))))
    until = "can open Front door until 2026-12-09 21:"
    assert received == [
        (60, f"Gus Guest {until}06.", f"Nora {until}06."),
        (75, f"Clara {until}18."),
    ]


async def test_access_ending_selected_users(stay: Stay) -> None:
    """Other users, and those with permanent access, are not reported."""
    stay.gus.schedule = limited(-1, 25)
    stay.door.add_user("Nora", user_id="nora", schedule=limited(-1, 25))
    await stay.tick(CYCLE_SECONDS)
    messages = await stay.use(
        ACCESS_ENDING,
        users=[
            entity_id_of(stay.hass, f"front:{user}_access_until")
            for user in ("nora", "bob")
        ],
    )
    await stay.tick(HOUR - CYCLE_SECONDS)
    assert texts_of(messages) == ["Nora can open Front door until 2026-12-10 12:00."]


async def test_booking_code(stay: Stay, caplog: pytest.LogCaptureFixture) -> None:
    """A booking has its own code, which is sent once, and deleted at the end."""
    passwords = stay.door.passwords
    stay.visits.add("The Miller family", 2, 4)
    messages = await stay.book_code(ahead={"hours": 1})
    await stay.pass_time(HOUR - 60)
    assert not passwords.listed
    await stay.pass_time(60)
    (code,) = passwords.listed
    assert code.effective_time == at(2).timestamp()
    assert code.invalid_time == at(4).timestamp()
    assert texts_of(messages) == [
        f"The code for The Miller family at Front door is {code.pin}, "
        "from 2026-12-09 13:00 to 2026-12-09 15:00."
    ]
    await stay.pass_time(2 * HOUR)  # the booking starts, which is another run
    assert [one.state for one in passwords.listed] == ["active"]
    await stay.pass_time(HOUR + 120)
    assert [one.state for one in passwords.listed] == ["deleted"]
    assert not messages
    assert code.pin not in f"{caplog.text} {stay.hass.data.get('trace')}"


async def test_booking_cancelled(stay: Stay) -> None:
    """The code of a removed booking is deleted; a manually added one stays."""
    act = Actions(stay.hass, stay.home)
    await act("add_password", name="Cleaner", password="7394158")
    gone = stay.visits.add("Smith", 2, 4)
    stay.visits.add("Jones", 3, 4)
    stay.cloud.faults.refuse(2303, on="add_password")
    messages = await stay.book_code()
    await stay.run()
    refused, made = texts_of(messages)
    assert refused == (
        "Smith should have a code for Front door from 2026-12-09 13:00 to 2026-12-09 "
        "15:00, but it could not be added. The log of Home Assistant shows the reason."
    )
    assert made.startswith("The code for Jones at Front door is ")
    await stay.run()
    assert len(texts_of(messages)) == 1
    stay.visits.events.remove(gone)
    await stay.run()
    states = {one.name: one.state for one in stay.door.passwords.listed}
    assert states == {
        "Cleaner": "active",
        "Smith 2612091300": "deleted",
        "Jones 2612091400": "active",
    }
    assert not messages


@cases(
    ("blueprint", "title"),
    {
        "guest access": (GUEST_ACCESS, "Access for Gus Guest"),
        "changes": (LOCK_CHANGES, "Users of Front door changed"),
        "ending": (ACCESS_ENDING, "Access of Gus Guest ends"),
        "code": (CODE_FOR_BOOKING, "Code for Weekend"),
    },
)
async def test_persistent_notification(stay: Stay, blueprint: str, title: str) -> None:
    """Without a recipient, the notification is in Home Assistant."""
    own: dict[str, Inputs] = {
        GUEST_ACCESS: {"calendars": [CALENDAR], "guests": [stay.guest]},
        LOCK_CHANGES: {"locks": [stay.front]},
        ACCESS_ENDING: {"hours": 24},
        CODE_FOR_BOOKING: {
            "calendars": [CALENDAR],
            "locks": [stay.front],
            "ahead": {"hours": 1},
        },
    }
    stay.visits.add("Weekend", 2, 4)
    if blueprint == ACCESS_ENDING:
        stay.gus.schedule = limited(-1, 25)
    if blueprint == LOCK_CHANGES:
        stay.door.add_method("card", stay.gus)
    created = async_mock_service(stay.hass, "persistent_notification", "create")
    messages = await stay.use(blueprint, **{**own[blueprint], "notify": []})
    await stay.pass_time(CYCLE_SECONDS)
    await stay.pass_time(HOUR - CYCLE_SECONDS)
    assert [call.data["title"] for call in created] == [title]
    # It is shown as Markdown, so names are escaped.
    assert created[0].data["message"].endswith("\\.")
    assert not messages
