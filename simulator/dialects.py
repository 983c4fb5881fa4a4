"""The forms in which Tuya's pages contradict each other.

Every field is a switch; its default follows the newest page or a measurement on a real
lock. Set them for all locks or for one::

    cloud.dialects.opmodes = "list"
    cloud.dialects.of("front").schedule_bodies = frozenset("B")

Unknown values (user type 77, a code ``unlock_nose``, a user without a name) need no
switch: put them into the state.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

type Absence = Literal["true", "absent", "lying"]
"""A figure of a page is true, missing, or wrong."""


@dataclass(slots=True)
class Dialect:
    """The dialect of one lock, or of all locks."""

    # --- the envelope (docs/tuya_api.md, Replies) ---
    tid: bool = True
    """Replies carry a trace id; old samples do not."""
    t_as_string: bool = False

    # --- numbers, strings, flags (docs/tuya_api.md, Types of values) ---
    user_ids: Literal["string", "number"] = "string"
    alphanumeric_ids: bool = False
    """Users added from now on get ids such as ``8923iu4k``."""
    epochs: Literal["number", "string"] = "number"
    serials: Literal["number", "string"] = "number"
    op_mode_ids: Literal["number", "string"] = "number"
    """``op_mode_id`` in the users call; ``opmode_id`` in opmodes is always text."""
    allocate_flag: Literal["number", "boolean"] = "number"
    app_send: Literal["number", "boolean"] = "number"
    notify_info: Literal["object", "json"] = "object"
    """An object in the samples, a JSON string in the table of parameters."""
    effective_flag_2: bool = False
    """The flag is 2 before the validity starts, as in the WeChat kit, instead of 0."""
    effective_flags: Literal["given", "zero", "missing"] = "given"
    """Zero: 0 for all users, the owner included, because the lock has no flag."""
    effective_flag_hours: bool = False
    """The flag is 0 outside of the weekly windows as well; the documents name a
    validity period and leave open whether windows are part of it."""
    names: Literal["given", "empty", "null"] = "given"
    unknown_values: bool = False
    """Undocumented user types, codes, phases, and delivery statuses."""

    members_are_absent: bool = False
    """List current members as absent, too."""

    # --- pages (docs/tuya_api.md, Pages) ---
    page_key: Literal["records", "list"] = "records"
    totals: Absence = "true"
    has_more: Absence = "true"
    total_pages: Literal["with_total", "true", "absent", "lying"] = "with_total"
    """Lying: two too many. By default, it is present if the total is."""
    page_size_max: int | None = None
    """No maximum is documented."""
    page_size_over: Literal["refuse", "clamp"] = "refuse"
    lenient_parameters: bool = False
    """Do not require some parameters that the tables require, but measured as optional:
    codes and unlock_name of opmodes, keyword and role of users v1.1."""

    # --- users (docs/tuya_api.md, Users) ---
    user_records: Literal["full", "sparse"] = "full"
    """Sparse: only the keys of the sample of user v1.1."""
    hides_users: bool = False
    """The users call omits users without any requested method."""
    signed_pictures: bool = False
    """Each reply has new signatures in the addresses of pictures."""
    unsteady: bool = False
    """The order of lists and keys, and the type of numbers, differ between replies."""
    schedule_info: Literal["object", "array", "missing", "null"] = "object"
    add_user_result: Literal["object", "string", "number"] = "object"
    update_result: Literal["true", "object", "absent"] = "true"
    """The result of update and delete: documented as an object and as a boolean."""
    role_result: Literal["absent", "true"] = "absent"
    update_clears: bool = False
    """An update replaces the whole profile, including omitted fields."""
    update_ignores_contact: bool = False
    """``contact`` is not among the documented parameters of an update."""
    v10_user_ids: bool = True
    """The v1.0 users carry a ``user_id``, which their table does not list."""
    admin_profile_code: int | None = 1106
    """Refusal of user v1.0 for administrators; None answers them. "You cannot query
    the information about administrators" names no code."""
    admin_user_code: int | None = None
    """The same for user v1.1: its text refuses them, but its sample shows an owner."""
    owner_code: int = 1106
    """Refusal of any change to the owner. The documents name none."""
    unknown_user_code: int = 2006

    # --- schedules (docs/tuya_api.md, Schedules) ---
    schedule_bodies: frozenset[str] = frozenset("ABC")
    """A wrapped in ``schedule``, B flat, C camelCase with minutes as text."""
    foreign_body: Literal["refuse", "ignore"] = "refuse"
    """A body that is not understood is refused, or accepted without effect."""
    foreign_body_code: int = 1109
    windowless_bodies: frozenset[str] = frozenset()
    """Bodies whose weekly windows are lost; inside A, they were never measured."""
    window_keys: Literal["minutes", "times"] = "minutes"
    """Hours read back as ``start_minute`` and ``end_minute``, or under the keys that
    temporary passwords have: ``effective_time`` and ``invalid_time``, in minutes."""
    window_keys_taken: frozenset[str] = frozenset({"minutes"})
    """The keys of hours that are accepted in a body."""
    keeps_bodies: bool = False
    """Schedules are stored and returned unchanged, whatever they contain."""
    reversed_days: bool = False
    """Day masks come back in reversed 8-bit order (measured: 2 becomes 64)."""
    hhmm_times: bool = False
    """Minutes come back as HHMM: 450 as 730."""
    all_day_drops_week: bool = False
    """``all_day`` makes the cloud forget the weekly block."""
    one_window: bool = False
    """A second weekly block is refused with 1109."""

    # --- unlock methods (docs/tuya_api.md, Unlock methods) ---
    opmodes: Literal["page", "list"] = "page"
    opmode_records: Literal["full", "sparse"] = "full"
    """Sparse: no opmode_id, phase, operate, delivery_status, notify_info, as in the
    newest sample."""
    cancel_keys: frozenset[str] = frozenset({"code", "Code", "dp_code"})
    foreign_key: Literal["refuse", "ignore"] = "refuse"
    unassigned_needs_type: bool = False
    nothing_unassigned: Literal["list", "object", "null", "missing"] = "list"
    """The empty result of unassigned-keys: ``[]``, ``{}``, or null."""
    unassigned_types: frozenset[str] | None = None
    """The accepted words of ``unlock_type``; None accepts all."""

    # --- records (open-logs, alarm-logs, records) ---
    records_mixed: bool = False
    """Rows are unordered."""
    record_values: Literal["string", "number"] = "string"
    record_status: Literal["object", "list"] = "object"
    record_names: bool = True
    """Rows have names of users and methods; empty until they are named in the app."""

    # --- passwords and enrollments ---
    password_phases: Literal["family", "uniform"] = "family"
    """The numbers of the lock's family, or the newer set from 11 to 18."""
    password_delivery: Literal["given", "absent"] = "given"
    password_windows: Literal["quirky", "plain"] = "quirky"
    """Measured: the day mask comes back reversed, and minutes as HHMM."""
    modify_needs_pin: bool = True
    """The table marks the password of a change as required."""
    update_method_resets: bool = False
    """An update of a method resets omitted fields; undocumented."""

    # --- calls a lock supports (docs/tuya_api.md, Error classes) ---
    unsupported: dict[str, int] = field(default_factory=dict)
    """Endpoint name → code, for example ``{"smart_lock_users": 2009}``."""

    def set(self, **changes: Any) -> None:
        """Change several switches by name; an unknown name is an error."""
        types = {entry.name: entry.type for entry in fields(Dialect)}
        for name, value in changes.items():
            if name not in types:
                raise TypeError(f"no such dialect: {name}")
            words = get_args(getattr(types[name], "__value__", types[name]))
            if isinstance(value, str) and value not in words:
                raise TypeError(f"no such word: {name}={value!r}")
            setattr(self, name, dict(value) if isinstance(value, dict) else value)

    def copy_to(self, other: Dialect) -> None:
        """Copy all switches to another dialect."""
        for entry in fields(Dialect):
            other.set(**{entry.name: getattr(self, entry.name)})

    @contextmanager
    def using(self, **changes: Any) -> Iterator[None]:
        """Change switches within a ``with`` block."""
        before = Dialect()
        self.copy_to(before)
        self.set(**changes)
        try:
            yield
        finally:
            before.copy_to(self)


class Dialects(Dialect):
    """The dialect of the whole cloud, and those of single locks."""

    __slots__ = ("_locks",)

    def __init__(self) -> None:
        """Initialize without dialects of single locks."""
        super().__init__()
        self._locks: dict[str, Dialect] = {}

    def of(self, device_id: str) -> Dialect:
        """Return the dialect of a lock, initially a copy of the common one."""
        if device_id not in self._locks:
            self._locks[device_id] = Dialect()
            self.copy_to(self._locks[device_id])
        return self._locks[device_id]

    def spoken(self, device_id: str | None) -> Dialect:
        """Return the dialect for a call about a device."""
        return self._locks.get(device_id, self) if device_id else self


FALLBACK: dict[str, Any] = {
    "unsupported": {"smart_lock_users": 2009, "allocate": 1108},
    "opmodes": "list",
    "epochs": "string",
}
"""A lock without the combined users call and the newer allocate."""
