"""One lock, and the forms of calls that it understands.

Tuya documents several forms of the same call, and locks differ in the ones they
understand (docs/tuya_api.md, Users, Schedule bodies, Allocation, Deallocation). Only this
module and its parts (`user_list`, `window_learner`, `write_forms`, `records`) decide which
forms to try and remember which one works; callers see plain users, schedules, and unlock
methods.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from .dialects import DialectMemory, Dialects, RecordForms
from .endpoints import Endpoints
from .errors import LASTING_REFUSALS, BadRequestError, RefusedError, UnsupportedError
from .models import AbsentUser, Role, User
from .paging import Listing
from .profiles import Profile
from .records import Record, Span, read_alarms, read_openings
from .schedule.model import Schedule
from .schedule.windows import corrected, newly_learned, window_dialect
from .schedule.wire import decode_schedule
from .unlock_methods import UnlockMethod, sorted_methods
from .user_list import UserCalls, UserLister, normalize_user
from .window_learner import WindowLearner
from .write_forms import WriteCalls, WriteForms

# The types of unassigned unlock methods that can be requested one by one
# (docs/tuya_api.md, Unassigned unlock methods).
UNASSIGNED_TYPES: Final = ("fingerprint", "password", "card", "face")


class SmartLock:
    """One lock of a project. Reads and writes raise TuyaError.

    `users` is the list of its users, `writes` what can be written in several forms.
    """

    def __init__(
        self, endpoints: Endpoints, lock_id: str, dialects: Dialects | None = None
    ) -> None:
        """Initialize the lock with its known forms."""
        self.lock_id = lock_id
        self._endpoints = endpoints
        self._memory = memory = DialectMemory(dialects or Dialects())
        windows = WindowLearner(memory)
        user_calls = UserCalls(endpoints.lists, lock_id)
        self.users = UserLister(user_calls, memory, windows)
        write_calls = WriteCalls(endpoints.cloud, lock_id)
        self.writes = WriteForms(write_calls, memory, windows)

    # Properties of the known forms

    @property
    def dialects(self) -> Dialects:
        """Return the known forms, a value that is replaced when more is learned."""
        return self._memory.dialects

    @property
    def unassigned_types(self) -> tuple[str, ...] | None:
        """Return the types of unassigned methods that can be listed; None means all."""
        return UNASSIGNED_TYPES if self.dialects.unassigned_by_type else None

    def reread(self, schedule: Schedule, since: Dialects) -> Schedule:
        """Return a schedule, decoded in an earlier dialect, in the current one."""
        dialect = newly_learned(since, self.dialects)
        return schedule if dialect is None else corrected(schedule, dialect)

    def read_schedule(self, raw: object) -> Schedule | None:
        """Return the schedule of a raw JSON value of this lock."""
        schedule = decode_schedule(raw)
        return schedule and corrected(schedule, window_dialect(self.dialects))

    # Reads

    async def user(self, user_id: str) -> User:
        """Return one user without unlock methods; "0" is the project's own user."""
        user = await self._endpoints.user(self.lock_id, user_id)
        return normalize_user(user, self.dialects)

    async def has_user(self, user_id: str) -> bool:
        """Return whether the lock has a user, read alone.

        Lists can be late, or leave out users without methods.
        """
        try:
            await self._endpoints.user(self.lock_id, user_id)
        except LASTING_REFUSALS:
            pass
        else:
            return True
        try:
            await self._endpoints.profile(self.lock_id, user_id)
        except LASTING_REFUSALS:
            return False
        return True

    async def profile(self, user_id: str) -> Profile:
        """Return the profile of a user (docs/tuya_api.md, Profiles)."""
        return await self._endpoints.profile(self.lock_id, user_id)

    async def unlock_methods(
        self, user_id: str, *, may_be_missing: bool = False
    ) -> Listing[UnlockMethod]:
        """Return the unlock methods of a user with all details.

        With `may_be_missing`, a reply without a list means that there are none.
        """
        return await self._endpoints.unlock_methods(
            self.lock_id, user_id, may_be_missing=may_be_missing
        )

    async def absent_users(self) -> Listing[AbsentUser]:
        """Return the users who left the home but are stored on the lock, by user ID."""
        listing = await self._endpoints.absent_users(self.lock_id)
        items = tuple(sorted(listing.items, key=lambda user: user.user_id))
        return replace(listing, items=items)

    async def unassigned_methods(self) -> Listing[UnlockMethod]:
        """Return the unlock methods without a user, sorted.

        This takes one call, or one for each type if the lock refuses the one. The list
        is incomplete if one of them is.
        """
        if not self.dialects.unassigned_by_type:
            try:
                listing = await self._endpoints.unassigned_methods(self.lock_id)
            except BadRequestError:
                pass
            else:
                self._memory.dialects = replace(self.dialects, unassigned_by_type=False)
                return replace(listing, items=sorted_methods(listing.items))
        methods: dict[tuple[str, int], UnlockMethod] = {}
        are_complete = True
        refusals: list[RefusedError] = []
        for method_type in UNASSIGNED_TYPES:
            try:
                listing = await self._endpoints.unassigned_methods(
                    self.lock_id, method_type
                )
            except RefusedError as err:  # a lock without a camera has no faces
                refusals.append(err)
                continue
            methods |= {method.key: method for method in listing.items}
            are_complete &= listing.is_complete
        if len(refusals) == len(UNASSIGNED_TYPES):
            raise refusals[0]
        self._memory.dialects = replace(self.dialects, unassigned_by_type=True)
        return Listing(items=sorted_methods(methods.values()), is_complete=are_complete)

    async def openings(self, span: Span) -> tuple[Record, ...]:
        """Return the openings of a span of time, newest first.

        Raise UnsupportedError where the lock knows no call for them.
        """
        cloud, forms = self._endpoints.cloud, self.dialects.record_forms
        found = await read_openings(cloud, self.lock_id, span, forms)
        self._memory.dialects = replace(self.dialects, record_forms=found.forms)
        if not found.forms.for_openings:
            raise UnsupportedError("no call for openings is known")
        return found.records

    async def alarms(self, span: Span) -> tuple[Record, ...]:
        """Return alarms and rings of a span of time, otherwise like openings."""
        cloud, forms = self._endpoints.cloud, self.dialects.record_forms
        found = await read_alarms(cloud, self.lock_id, span, forms)
        self._memory.dialects = replace(self.dialects, record_forms=found.forms)
        if not found.forms.for_alarms:
            raise UnsupportedError("no call for alarms is known")
        return found.records

    def forget_record_forms(self) -> None:
        """Forget which calls for records the lock refused."""
        self._memory.dialects = replace(self.dialects, record_forms=RecordForms())

    # Writes

    async def add_user(self, profile: Profile) -> str:
        """Add a user without an account; return the ID."""
        return await self._endpoints.add_user(self.lock_id, profile)

    async def update_user(self, user_id: str, profile: Profile) -> None:
        """Update the profile of a user."""
        await self._endpoints.update_user(self.lock_id, user_id, profile)

    async def delete_user(self, user_id: str) -> None:
        """Delete a user."""
        await self._endpoints.delete_user(self.lock_id, user_id)

    async def purge_users(self, user_ids: Sequence[str]) -> None:
        """Delete users from the lock itself."""
        await self._endpoints.purge_users(self.lock_id, user_ids)

    async def set_role(self, user_id: str, role: Role) -> None:
        """Set the role of a user."""
        await self._endpoints.set_role(self.lock_id, user_id, role)
