"""Which locks a project has, and what is known of each: the two coordinators."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..api.endpoints import SmartLocks
from ..api.errors import (
    AuthenticationError,
    LockOfflineError,
    NotAuthorizedError,
    ProjectError,
    TuyaError,
)
from ..api.models import Lock
from ..api.paging import Listing
from ..api.schedule.model import Access
from ..api.schedule.windows import corrected, newly_shown
from ..const import (
    CONF_ACCOUNT_UID,
    CONF_EXCLUDED_LOCKS,
    CONF_EXTRA_LOCKS,
    DOMAIN,
    LOGGER,
)
from ..domain.access import AccessClock
from ..domain.changes import Change, access_changes, changes_between
from ..domain.poll_plan import (
    LIST_SECONDS,
    WATCH_EVERY_SECONDS,
    WATCH_FOR_SECONDS,
    Plan,
    plan,
    seconds_to_first_cycle,
)
from ..domain.snapshot import LockSnapshot, with_windows_of
from ..domain.suspension import whose_is_over
from ..errors import PAUSE_SECONDS, action_error, update_error
from .connection import Connection
from .devices import LockDevices, ProjectDevices
from .issues import LockIssues, ProjectIssues
from .outage import COORDINATOR_LOGGER
from .reader import LockReader
from .store import LockMemory, ProjectStore
from .time_zones import async_get_time_zone

type TuyaLockUsersConfigEntry = ConfigEntry[ProjectCoordinator]

# Who found out that something cannot be read: the list of locks, or a lock by its id.
_LIST: Final = ""

# A sweep shows what it found after so many users, and lets others ask in between.
SWEEP_BATCH: Final = 8


class ProjectCoordinator(DataUpdateCoordinator[dict[str, Lock]]):
    """The locks of one project, followed as they come and go.

    `locks` holds the coordinator of each lock. What they share (the plan, pauses,
    outages, issues) is decided here.
    """

    config_entry: TuyaLockUsersConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: TuyaLockUsersConfigEntry,
        client: SmartLocks,
        connection: Connection,
        store: ProjectStore,
    ) -> None:
        """Prepare to list the locks."""
        super().__init__(
            hass,
            COORDINATOR_LOGGER,
            config_entry=entry,
            name=f"{entry.title} locks",
            update_interval=timedelta(seconds=LIST_SECONDS),
        )
        self.client = client
        self.connection = connection
        self.store = store
        self.locks: dict[str, LockCoordinator] = {}
        self.devices = ProjectDevices(hass, entry)
        self.issues = ProjectIssues(hass, entry)
        self._missing: frozenset[str] = frozenset()
        self._elsewhere: set[str] = set()
        self._new_lock_callbacks: list[Callable[[LockCoordinator], None]] = []

    # The list of locks

    @override
    async def _async_update_data(self) -> dict[str, Lock]:
        """List the locks, and begin or end following them."""
        self.check_pause()
        try:
            listing = await self._async_list()
        except TuyaError as err:
            self.failed(_LIST, self.name, err)
            raise update_error(err) from err
        self.succeeded(_LIST)
        locks = self._followed(listing)
        self.devices.async_update(
            locks.values(),
            gone=self.locks.keys() - locks.keys(),
            remove_others=listing.is_complete,
        )
        # Before the locks are read: one of them may know better that it is offline.
        self.data = locks
        await self._async_follow(locks)
        sources = {_LIST, *(key for key, lock in self.locks.items() if lock.is_read)}
        self.connection.outages.retain(sources)
        self.issues.retain(sources)
        await self.store.async_save()
        return self.data

    async def _async_list(self) -> Listing[Lock]:
        """Return the devices of the project, or of the account where one is given.

        A project that may list nothing has the locks whose device ids were typed, and
        no others. One that could list them once still has those, though it is refused.
        """
        if account_uid := self.config_entry.data.get(CONF_ACCOUNT_UID):
            return await self.client.account_devices(account_uid)
        try:
            listing = await self.client.project_devices()
        except NotAuthorizedError:
            extra = self.config_entry.options.get(CONF_EXTRA_LOCKS)
            if self.store.was_listed or not extra:
                raise
            return Listing(items=(), is_complete=True)
        self.store.was_listed = True
        return listing

    def _followed(self, listing: Listing[Lock]) -> dict[str, Lock]:
        """Return the locks of a list, as the options change it.

        A list that contradicts its own total may be cut short: nothing is taken for
        gone before a second such list misses it as well.
        """
        excluded = self.config_entry.options.get(CONF_EXCLUDED_LOCKS, ())
        extra = self.config_entry.options.get(CONF_EXTRA_LOCKS, ())
        locks = {
            lock.lock_id: lock
            for lock in listing.items
            if (lock.is_lock or lock.lock_id in extra) and lock.lock_id not in excluded
        }
        for lock_id in extra:
            locks.setdefault(lock_id, Lock(lock_id=lock_id))
        self._elsewhere = {
            lock_id for lock_id in locks if self.devices.belongs_elsewhere(lock_id)
        }
        for lock_id in self._elsewhere:
            LOGGER.debug("Another project of ours has %s", lock_id)
            del locks[lock_id]
        known = self.data or {}
        missing = frozenset(known) - frozenset(locks)
        if not listing.is_complete:
            locks.update({key: known[key] for key in missing - self._missing})
        self._missing = missing
        return locks

    async def _async_follow(self, locks: dict[str, Lock]) -> None:
        """Make coordinators for locks that came, and take leave of those that went."""
        for lock_id in [lock_id for lock_id in self.locks if lock_id not in locks]:
            await self.locks.pop(lock_id).async_shutdown()
            self.store.async_forget_lock(lock_id)
        new = [
            LockCoordinator(self, lock)
            for lock_id, lock in locks.items()
            if lock_id not in self.locks
        ]
        self.locks.update({coordinator.lock_id: coordinator for coordinator in new})
        for lock_id, lock in locks.items():
            self.locks[lock_id].reader.offset = lock.time_zone
        await asyncio.gather(*(coordinator.async_begin() for coordinator in new))
        for coordinator in new:
            for new_lock in self._new_lock_callbacks:
                new_lock(coordinator)
        if self._new_lock_callbacks:
            self.async_begin_sweep(new)

    @callback
    def async_on_new_lock(
        self, new_lock: Callable[[LockCoordinator], None]
    ) -> CALLBACK_TYPE:
        """Call back for every lock that comes later; no listener in the polling sense."""
        self._new_lock_callbacks.append(new_lock)
        return lambda: self._new_lock_callbacks.remove(new_lock)

    @callback
    def async_await_others(self) -> CALLBACK_TYPE:
        """Follow the locks of another project as soon as it gives them up."""

        @callback
        def changed(change: ConfigEntryChange, entry: ConfigEntry) -> None:
            is_over = change is ConfigEntryChange.REMOVED or entry.disabled_by
            is_another = entry.domain == DOMAIN and entry is not self.config_entry
            if self._elsewhere and is_another and is_over:
                self.config_entry.async_create_background_task(
                    self.hass, self.async_request_refresh(), f"{self.name} of another"
                )

        return async_dispatcher_connect(self.hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed)

    @callback
    def async_set_offline(self, lock_id: str) -> None:
        """Show at once that a lock is offline, when something else than the list knew."""
        lock = self.data.get(lock_id)
        if lock is not None and lock.online is not False:
            self.data = {**self.data, lock_id: replace(lock, online=False)}
            self.async_update_listeners()

    # What the locks share

    @property
    def plan(self) -> Plan:
        """Return how often locks are read, as things stand."""
        now = dt_util.now()
        count = self.connection.count
        count.turn(now)
        next_month = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
        month_end = dt_util.start_of_local_day(next_month)
        return plan(
            [lock.reader.load for lock in self.locks.values()],
            calls_spent=count.calls,
            seconds_left=(month_end - now).total_seconds(),
        )

    @property
    def pause_seconds_left(self) -> float:
        """Return for how long nothing may be asked."""
        return self.connection.paused_until - dt_util.utcnow().timestamp()

    def check_pause(self) -> None:
        """Raise while nothing may be asked, without asking."""
        left = self.pause_seconds_left
        if left > 0 and (err := self.connection.paused_by) is not None:
            raise update_error(err, pause_seconds=left)

    @callback
    def failed(self, source: str, name: str, err: TuyaError) -> None:
        """Note that something could not be read, and stop asking where it is no use.

        Not being authorised for one call says nothing of the others.
        """
        self.connection.outages.failed(source, name, err)
        self.issues.failed(source, err)
        if isinstance(err, ProjectError) and not isinstance(err, NotAuthorizedError):
            self.connection.paused_by = err
            self.connection.paused_until = dt_util.utcnow().timestamp() + PAUSE_SECONDS

    @callback
    def heed(self, err: TuyaError) -> None:
        """Do what an error asks for that an action met: new credentials, maybe.

        Nobody is asked for those of an entry that has ended meanwhile.
        """
        if isinstance(err, AuthenticationError) and not self._shutdown_requested:
            self.config_entry.async_start_reauth_if_available(self.hass)

    @callback
    def succeeded(self, source: str) -> None:
        """Note that something could be read."""
        self.connection.outages.succeeded(source)
        self.issues.succeeded(source)

    @callback
    def async_end_pause(self) -> None:
        """Allow asking again before the pause is over: somebody says it is mended."""
        self.connection.paused_until = 0

    def knows(self, identifier: str) -> bool:
        """Return whether a lock, or a user of a lock, is there at the moment."""
        lock_id, _, user_id = identifier.partition(":")
        if (lock := self.locks.get(lock_id)) is None:
            return identifier == self.config_entry.unique_id
        return not user_id or (lock.data is not None and user_id in lock.data.users)

    # Sweeps

    @callback
    def async_begin_sweep(self, locks: Collection[LockCoordinator]) -> None:
        """Read the details of all users in the background, small locks first."""

        async def sweep() -> None:
            for lock in sorted(locks, key=lambda lock: lock.reader.load.users):
                if self.pause_seconds_left > 0:
                    return
                await lock.async_sweep()
            self.async_update_listeners()  # many calls were made

        self.config_entry.async_create_background_task(
            self.hass, sweep(), f"{self.name} sweep"
        )


class LockCoordinator(DataUpdateCoordinator[LockSnapshot]):
    """What is known of one lock.

    Orders hold `order_lock`, so that one follows the other, also where the entry is
    reloaded in the middle of one. `access` is what each user may do now; it changes
    with time as well as with readings.
    """

    config_entry: TuyaLockUsersConfigEntry

    def __init__(self, project: ProjectCoordinator, lock: Lock) -> None:
        """Prepare to read the lock."""
        super().__init__(
            project.hass,
            COORDINATOR_LOGGER,
            config_entry=project.config_entry,
            name=lock.name or lock.lock_id,
            always_update=False,
        )
        self.project = project
        self.lock_id = lock.lock_id
        self.order_lock = project.connection.order_locks[lock.lock_id]
        self.devices = LockDevices(project.hass, project.config_entry, lock.lock_id)
        self.reader = LockReader(
            project.client,
            lock.lock_id,
            dialects=self.memory.dialects,
            load_zone=async_get_time_zone,
            home_zone=dt_util.get_default_time_zone,
        )
        self.access: dict[str, Access] = {}
        self._clock = AccessClock()
        self._reading = asyncio.Lock()
        self._sweep_due = 0.0
        self._told_schedules: bool | None = None
        self._watch_until = 0.0
        self._pending: frozenset[tuple[str, ...]] = frozenset()
        self._cancel_flip: CALLBACK_TYPE | None = None
        self._new_user_callbacks: list[Callable[[Collection[str]], None]] = []
        self._change_callbacks: list[Callable[[Change], None]] = []
        self._untold: list[Change] = []
        self._issues = LockIssues(
            project.hass, project.config_entry, lock.lock_id, self.devices
        )

    @property
    def memory(self) -> LockMemory:
        """Return what is remembered of this lock across restarts."""
        return self.project.store.lock(self.lock_id)

    @property
    def is_followed(self) -> bool:
        """Return whether anybody wants to know: a disabled lock is not read."""
        return bool(self._listeners)

    @property
    def has_ended(self) -> bool:
        """Return whether this is the past: the lock left, or its entry ended."""
        return self._shutdown_requested

    @property
    def was_read(self) -> bool:
        """Return whether there is any data yet."""
        return self.data is not None

    @property
    def is_read(self) -> bool:
        """Return whether readings go on: not of a lock that somebody disabled."""
        return not self.devices.is_disabled

    # Reading

    async def async_begin(self) -> None:
        """Read the lock for the first time, and take its place in the cycle."""
        if not self.is_read:
            return
        await self.async_refresh()
        position = list(self.project.locks).index(self.lock_id)
        self.update_interval = timedelta(
            seconds=seconds_to_first_cycle(
                self.project.plan.cycle_seconds, position, len(self.project.locks)
            )
        )

    @override
    async def _async_update_data(self) -> LockSnapshot:
        """Read the lock by the plan."""
        self.project.check_pause()
        access_before = self.access
        try:
            snapshot = await self._async_read(())
        except TuyaError as err:
            self.note_failure(err)
            raise update_error(err) from err
        finally:
            self.update_interval = timedelta(seconds=self._seconds_to_next())
        self.project.succeeded(self.lock_id)
        self.project.store.async_save_later()
        if self.is_followed and dt_util.utcnow().timestamp() >= self._sweep_due:
            self.project.async_begin_sweep([self])
        if self.access != access_before:
            # By time alone, maybe: then the reading itself brought nothing new.
            self.async_update_listeners()
        return snapshot

    async def async_read(self, details_for: Collection[str] = ()) -> LockSnapshot:
        """Return the lock as it is now, the unlock methods of some users included.

        This is outside of the plan, for orders and people. Raises TuyaError.
        """
        snapshot = await self._async_read(details_for)
        self.update_interval = timedelta(seconds=self._seconds_to_next())
        self.project.succeeded(self.lock_id)
        self.async_set_updated_data(snapshot)
        return snapshot

    async def _async_read(self, details_for: Collection[str]) -> LockSnapshot:
        async with self._reading:
            is_ordering = self.order_lock.locked()
            snapshot = await self.reader.read(
                self.data, now=dt_util.utcnow(), details_for=details_for
            )
            self._digest(snapshot)
            if not is_ordering and not self.order_lock.locked():
                self._forget_suspensions()
        return snapshot

    async def async_read_details(self, user_ids: Collection[str]) -> None:
        """Read the unlock methods of some users, as far as that works."""
        await self._async_read_more(
            lambda: self.reader.read_details(self.data, user_ids, now=dt_util.utcnow())
        )

    async def async_read_methods(self, user_id: str) -> None:
        """Read the unlock methods of one user. Raises TuyaError."""
        await self._async_read_more(
            lambda: self.reader.read_methods(self.data, user_id, now=dt_util.utcnow())
        )

    async def async_read_absent(self) -> None:
        """Read who is absent. Raises TuyaError."""
        await self._async_read_more(lambda: self.reader.read_absent(self.data))

    async def async_read_unassigned(self) -> None:
        """Read which methods belong to nobody. Raises TuyaError."""
        await self._async_read_more(lambda: self.reader.read_unassigned(self.data))

    async def async_read_leftovers(self) -> LockSnapshot:
        """Return the lock with absent users and unassigned methods read."""
        return await self._async_read_more(
            lambda: self.reader.read_leftovers(self.data)
        )

    async def _async_read_more(
        self, read: Callable[[], Awaitable[LockSnapshot]]
    ) -> LockSnapshot:
        """Read something besides the list of users, and take it over."""
        async with self._reading:
            snapshot = await read()
            self._digest(snapshot)
        self.async_update_listeners()
        if self._is_watching and self.is_followed:
            # Only now it is known that something is on its way.
            self.update_interval = timedelta(seconds=WATCH_EVERY_SECONDS)
            self._schedule_refresh()
        return snapshot

    async def async_sweep(self) -> None:
        """Read what no cycle reads: leftovers, and the details of all users.

        In the fallback the cycles get round to the details by themselves, but for the
        first time.
        """
        if self.data is None or not self.is_followed:
            return
        started = dt_util.utcnow().timestamp()
        if self._sweep_due:  # not the first one: the lock was asked just now
            self.reader.look_again()
        self._sweep_due = started + self.project.plan.sweep_seconds
        await self.async_read_leftovers()
        since = started if self.reader.load.lists_methods else 0.0
        waiting = self.reader.users_without_details(since, started)
        while waiting and self.is_followed:
            batch, waiting = waiting[:SWEEP_BATCH], waiting[SWEEP_BATCH:]
            await self.async_read_details(batch)
            now = dt_util.utcnow().timestamp()
            are_refused = not self.reader.users_without_details(since, now)
            if are_refused or not self.reader.details_read:
                return

    def learn(self, **known: Any) -> None:
        """Remember which form of a call this lock understands, or None to forget it."""
        self.reader.dialects = replace(self.reader.dialects, **known)
        self.memory.dialects = replace(self.memory.dialects, **known)
        self.project.store.async_save_later()

    def forget_users_call(self) -> None:
        """Find out anew which call lists the users: somebody may have mended it."""
        self.learn(users_call=None)

    @callback
    def note_failure(self, err: TuyaError) -> None:
        """Tell the project what a reading or an order met."""
        if self._shutdown_requested:
            return  # the lock left while it was being read, or the entry ended
        self.project.failed(self.lock_id, self.name, err)
        if isinstance(err, LockOfflineError):
            self.project.async_set_offline(self.lock_id)

    @contextmanager
    def action_errors(self) -> Generator[None]:
        """Turn errors of the cloud into those of an action, and do what they ask for.

        A refusal of an order says nothing of the project: only readings raise issues.
        """
        try:
            yield
        except TuyaError as err:
            self.heed(err)
            raise action_error(err) from err

    @callback
    def heed(self, err: TuyaError) -> None:
        """Do what an error asks for that an order or a person met."""
        if isinstance(err, LockOfflineError):
            self.project.async_set_offline(self.lock_id)
        self.project.heed(err)

    @property
    def _is_watching(self) -> bool:
        """Return whether something is on its way to the lock, and not for long."""
        return bool(self._pending) and (
            dt_util.utcnow().timestamp() < self._watch_until
        )

    def _seconds_to_next(self) -> float:
        """Return when to read next: soon while something is pending, by plan else."""
        if self._is_watching:
            return WATCH_EVERY_SECONDS
        return self.project.plan.cycle_seconds

    # What a reading means

    @callback
    def _digest(self, snapshot: LockSnapshot) -> None:
        """Take a snapshot: devices, access, events, and what to look at next."""
        before: LockSnapshot | None
        before, self.data = self.data, snapshot
        if self._shutdown_requested:
            return  # an order outlived its entry: nobody is left to be told
        before = self._reread(before)
        self.memory.dialects = self.reader.dialects
        self.devices.async_update(snapshot.users, remove_others=self.reader.is_complete)
        self._watch(snapshot)
        changes = self._access_changes()
        # Another call may tell less, or more: that is nothing that happened.
        told, self._told_schedules = self._told_schedules, self.reader.tells_schedules
        if before is None or told is not self._told_schedules:
            changes = []
        else:
            changes = [*changes_between(before, snapshot), *changes]
        new_users = snapshot.users.keys() - (before.users.keys() if before else ())
        if new_users:
            for new_user in self._new_user_callbacks:
                new_user([user for user in snapshot.users if user in new_users])
        self._issues.async_update(snapshot)
        self._untold += changes

    def _forget_suspensions(self) -> None:
        """Drop what was kept for resuming and is needed no more.

        Only a list that was read while no order was under way can tell.
        """
        over = whose_is_over(
            self.memory.suspended,
            self.data.users,
            dt_util.utcnow().timestamp(),
            is_told=self.reader.tells_schedules,
            is_complete=self.reader.is_complete,
        )
        for user_id in over:
            del self.memory.suspended[user_id]
            self.project.store.async_save_later()

    def _reread(self, before: LockSnapshot | None) -> LockSnapshot | None:
        """Return what was read before as it was meant, and mend what was kept.

        An order may have shown only now how the lock tells windows: that is no change
        of anybody's schedule.
        """
        if (shown := newly_shown(self.memory.dialects, self.reader.dialects)) is None:
            return before
        suspended = self.memory.suspended
        for user_id, kept in suspended.items():
            suspended[user_id] = corrected(kept, shown)
        return before and with_windows_of(before, shown)

    def _watch(self, snapshot: LockSnapshot) -> None:
        """Look more often for a while when something new is on its way to the lock."""
        pending = snapshot.pending
        if pending - self._pending:
            self._watch_until = dt_util.utcnow().timestamp() + WATCH_FOR_SECONDS
        self._pending = pending

    # Access

    def _access_changes(self) -> list[Change]:
        """Work out who may enter now, and when that changes next."""
        now = dt_util.utcnow()
        before = self.access
        self.access, flip = self._clock.read(self.data, self.memory.suspended, now)
        self._schedule_flip(flip)
        return access_changes(self.data.users, before, self.access)

    @callback
    def async_update_access(self) -> None:
        """Show who may enter now, though nothing new was read."""
        self._untold += self._access_changes()
        self.async_update_listeners()

    @callback
    def _schedule_flip(self, flip: datetime | None) -> None:
        if self._cancel_flip is not None:
            self._cancel_flip()
            self._cancel_flip = None
        if flip is not None and not self._shutdown_requested:
            self._cancel_flip = async_track_point_in_utc_time(
                self.hass, self._async_flip, flip
            )

    @callback
    def _async_flip(self, _now: datetime) -> None:
        self._cancel_flip = None
        self.async_update_access()

    @override
    async def async_shutdown(self) -> None:
        """Stop for good."""
        await super().async_shutdown()
        self._schedule_flip(None)

    # Who wants to know more than that something changed

    @callback
    def async_on_new_users(
        self, new_users: Callable[[Collection[str]], None]
    ) -> CALLBACK_TYPE:
        """Call back for users that come; no listener in the polling sense."""
        self._new_user_callbacks.append(new_users)
        return lambda: self._new_user_callbacks.remove(new_users)

    @callback
    def async_on_change(self, change: Callable[[Change], None]) -> CALLBACK_TYPE:
        """Call back for every change; no listener in the polling sense."""
        self._change_callbacks.append(change)
        return lambda: self._change_callbacks.remove(change)

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Let the entities show the news, and tell then what happened.

        So whoever hears of a change finds it shown. While the lock cannot be read
        nothing is shown, and what time alone changed waits until it can.
        """
        super().async_update_listeners()
        if not self.last_update_success:
            return
        changes, self._untold = self._untold, []
        for change in changes:
            for callback_ in list(self._change_callbacks):
                callback_(change)
