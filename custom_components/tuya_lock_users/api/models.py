"""Locks, users, and unlock methods as frozen values.

mashumaro decodes them from the records of the cloud. A record without its identity is
dropped with a debug message. Any other field can be missing or of another type than
documented, and is then None.
"""

# ruff: noqa: RUF009  (_wire is a call of dataclasses.field)

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
import logging
from typing import Any, Final

from mashumaro.codecs import BasicDecoder
from mashumaro.exceptions import InvalidFieldValue, MissingField

from .decoding import flag, integer, is_blank, json_object, objects, text
from .schedule.model import Delivery, Schedule
from .schedule.record import with_documented_keys
from .schedule.wire import decode_delivery, decode_schedule

_LOGGER = logging.getLogger(__name__)


class UserType(StrEnum):
    """The relation of a user to the home (docs/tuya_api.md, User types)."""

    UNKNOWN = "unknown"
    ADMIN = "admin"
    MEMBER = "member"
    ANONYMOUS = "anonymous"
    SHARED = "shared"
    OWNER = "owner"


class Role(StrEnum):
    """The roles that can be set; the owner has neither (docs/tuya_api.md, Roles)."""

    ADMIN = "admin"
    NORMAL = "normal"


class Phase(StrEnum):
    """The phase of an unlock method (docs/tuya_api.md, Phases)."""

    CONFIRMED = "confirmed"
    TO_BE_CONFIRMED = "to_be_confirmed"
    FROZEN = "frozen"
    TO_BE_FROZEN = "to_be_frozen"
    TO_BE_UNFROZEN = "to_be_unfrozen"
    TO_BE_RESET = "to_be_reset"
    CREATION_FAILED = "creation_failed"
    DELETED = "deleted"
    TO_BE_DELETED = "to_be_deleted"
    TO_BE_CREATED = "to_be_created"


PENDING_PHASES: Final = frozenset(
    {
        Phase.TO_BE_CONFIRMED,
        Phase.TO_BE_FROZEN,
        Phase.TO_BE_UNFROZEN,
        Phase.TO_BE_RESET,
        Phase.TO_BE_DELETED,
        Phase.TO_BE_CREATED,
    }
)


class Sex(StrEnum):
    """The two values the cloud accepts (docs/tuya_api.md, Profiles)."""

    MALE = "male"
    FEMALE = "female"


USER_TYPES: Final[dict[int, UserType]] = {
    10: UserType.ADMIN,
    20: UserType.MEMBER,
    30: UserType.ANONYMOUS,
    40: UserType.SHARED,
    50: UserType.OWNER,
}

# The types of unlock methods and their codes (docs/tuya_api.md, Unlock method types).
METHOD_CODES: Final[dict[str, str]] = {
    "fingerprint": "unlock_fingerprint",
    "card": "unlock_card",
    "password": "unlock_password",
    "face": "unlock_face",
    "palm": "unlock_hand",
    "finger_vein": "unlock_finger_vein",
    "remote_control": "unlock_telecontrol_kit",
    "iris": "unlock_eye",
}
_TYPE_RANKS: Final = {key: rank for rank, key in enumerate(METHOD_CODES)}
# The users call lists these types; the other two are only in the method details.
LISTED_TYPES: Final = tuple(METHOD_CODES)[:6]

# The words of the key calls where they differ from the types: the first one is
# documented, the others are inferred (docs/tuya_api.md, Unlock method types).
_METHOD_WORDS: Final[dict[str, str]] = {
    "remote_control": "remoteControl",
    "palm": "hand",
    "finger_vein": "fingerVein",
    "iris": "eye",
}

_TYPES: Final[dict[str, str]] = {
    name: method_type
    for names in (METHOD_CODES, _METHOD_WORDS)
    for method_type, name in names.items()
}

_SEXES: Final[dict[int, Sex]] = {1: Sex.MALE, 2: Sex.FEMALE}
SEX_NUMBERS: Final = {sex: number for number, sex in _SEXES.items()}

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# A birthday is a midnight in some time zone: half a day later it is that day in UTC.
_HALF_A_DAY: Final = timedelta(hours=12)

# Outside, within, and before the validity.
_EFFECTIVE: Final = frozenset({0, 1, 2})

# The numbers are the positions in the enumeration, from 1.
_PHASES: Final[dict[int, Phase]] = dict(enumerate(Phase, start=1))


def _user_type(value: object) -> UserType:
    return USER_TYPES.get(integer(value) or 0, UserType.UNKNOWN)


def _effective(value: object) -> int | None:
    """Return the validity, which can also be a word: "false" is 0.

    A value that nobody knows counts as 0: what is unknown gives no access.
    """
    if is_blank(value):
        return None
    number = integer(flag(value) if isinstance(value, str) else value)
    if number is None:
        number = integer(value)
    return number if number in _EFFECTIVE else 0


def _phase(value: object) -> Phase | None:
    return _PHASES.get(integer(value) or 0)


def _channel(value: object) -> int | None:
    """Return the channel of a lock with several; -1 means no channel."""
    return None if (number := integer(value)) == -1 else number


def birthday_of(milliseconds: int) -> date | None:
    """Return the date of a birthday (docs/tuya_api.md, Profiles); None is out of range."""
    try:
        return (_EPOCH + timedelta(milliseconds=milliseconds) + _HALF_A_DAY).date()
    except OverflowError:
        return None


def birthday_ms(birthday: date) -> int:
    """Return the number of a birthday: milliseconds of that midnight in UTC."""
    midnight = datetime(birthday.year, birthday.month, birthday.day, tzinfo=UTC)
    return (midnight - _EPOCH) // timedelta(milliseconds=1)


def method_type(value: object) -> str | None:
    """Return the type for a code; an unknown code stays as it is."""
    code = text(value)
    return None if code is None else _TYPES.get(code, code)


def method_code(method_type: str) -> str:
    """Return the code for a type."""
    return METHOD_CODES.get(method_type, method_type)


def method_word(method_type: str) -> str:
    """Return the word of the key calls for a type."""
    return _METHOD_WORDS.get(method_type, method_type)


def _required(decode: Callable[[object], Any]) -> Callable[[object], Any]:
    """Return a decoder that refuses invalid values, so that the record is dropped."""

    def decoder(value: object) -> Any:
        if (decoded := decode(value)) is None:
            raise ValueError("no identity")
        return decoded

    return decoder


def _wire(alias: str, decode: Callable[[object], Any], **default: Any) -> Any:
    """Return a field with its name in the cloud and its decoder.

    It sets the same metadata as mashumaro's field_options.
    """
    return field(metadata={"alias": alias, "deserialize": decode}, **default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """The notifications when a method is used (docs/tuya_api.md, Unlock methods)."""

    app: bool | None = _wire("app_send", flag, default=None)
    sms: str | None = _wire("msg_phone", text, default=None)
    call: str | None = _wire("voice_phone", text, default=None)


def _notify(value: object) -> Notify | None:
    record = json_object(value)
    return None if record is None else _notify_decoder()(record)


@cache
def _notify_decoder() -> Callable[[dict[str, Any]], Notify]:
    return BasicDecoder(Notify).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockMethod:
    """One fingerprint, card, password, or face: a type and a number on its lock.

    The users call provides `admin` and `photo`; the method details provide phase,
    delivery, voice, notifications, channel, and whether it can be deallocated.
    """

    type: str = _wire("dp_code", _required(method_type))
    number: int = _wire("unlock_sn", _required(integer))
    name: str | None = _wire("unlock_name", text, default=None)
    unlock_id: str | None = _wire("unlock_id", text, default=None)
    opmode_id: str | None = _wire("opmode_id", text, default=None)
    user_id: str | None = _wire("user_id", text, default=None)
    phase: Phase | None = _wire("phase", _phase, default=None)
    duress: bool | None = _wire("unlock_attr", flag, default=None)
    admin: bool | None = _wire("admin", flag, default=None)
    voice: bool | None = _wire("voice_attr", flag, default=None)
    photo: bool | None = _wire("photo_unlock", flag, default=None)
    can_deallocate: bool | None = _wire("allocate_flag", flag, default=None)
    delivery: Delivery | None = _wire("delivery_status", decode_delivery, default=None)
    notify: Notify | None = _wire("notify_info", _notify, default=None)
    channel: int | None = _wire("channel_id", _channel, default=None)

    @property
    def key(self) -> tuple[str, int]:
        """Return what identifies the method on its lock."""
        return self.type, self.number

    @property
    def progress(self) -> Delivery | None:
        """Return the delivery of the last change, derived from the phase if missing."""
        if self.delivery is not None:
            return self.delivery
        if self.phase is Phase.CREATION_FAILED:
            return Delivery.FAILED
        return Delivery.ONGOING if self.phase in PENDING_PHASES else None

    @property
    def is_pending(self) -> bool:
        """Return whether the lock has not applied a change yet."""
        return self.progress is Delivery.ONGOING

    def with_details(self, details: UnlockMethod) -> UnlockMethod:
        """Return this method with its details."""
        return replace(
            details,
            name=details.name or self.name,
            unlock_id=details.unlock_id or self.unlock_id,
            opmode_id=details.opmode_id or self.opmode_id,
            duress=self.duress if details.duress is None else details.duress,
            admin=self.admin,
            photo=self.photo,
        )


def _unlock_detail(value: object) -> tuple[UnlockMethod, ...] | None:
    """Return the methods of a user record, each only once; None if it has no list.

    These are most of the data of a poll, and decoding them by hand is twice as fast.
    """
    if not isinstance(value, list):
        return None
    found: dict[tuple[str, int], UnlockMethod] = {}
    for detail in objects(value):
        code = method_type(detail.get("dp_code"))
        for row in objects(detail.get("unlock_list")):
            number = integer(row.get("unlock_sn"))
            if code is None or number is None:
                _LOGGER.debug("Ignored an unlock method without code or number")
            elif (code, number) not in found:
                found[code, number] = UnlockMethod(
                    type=code,
                    number=number,
                    name=text(row.get("unlock_name")),
                    unlock_id=text(row.get("unlock_id")),
                    opmode_id=text(row.get("op_mode_id", row.get("opmode_id"))),
                    duress=flag(row.get("unlock_attr")),
                    admin=flag(row.get("admin")),
                    photo=flag(row.get("photo_unlock")),
                )
    return sorted_methods(found.values())


def sorted_methods(methods: Iterable[UnlockMethod]) -> tuple[UnlockMethod, ...]:
    """Return methods by type and number: the order of the cloud is meaningless."""
    return tuple(sorted(methods, key=_method_order))


def _method_order(method: UnlockMethod) -> tuple[int, str, int]:
    rank = _TYPE_RANKS.get(method.type, len(_TYPE_RANKS))
    return rank, method.type, method.number


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person known to one lock.

    `unlock_methods` is None if they are unknown: not every users call provides them.
    `effective` is the cloud's view of the validity: 1 within, 0 outside or unknown, 2
    not yet, None for no view (docs/tuya_api.md, Effective flag).
    """

    user_id: str = _wire("user_id", _required(text))
    name: str | None = _wire("nick_name", text, default=None)
    user_type: UserType = _wire("user_type", _user_type, default=UserType.UNKNOWN)
    lock_user_id: int | None = _wire("lock_user_id", integer, default=None)
    account_uid: str | None = _wire("uid", text, default=None)
    contact: str | None = _wire("user_contact", text, default=None)
    # Signed differently in every reply, so it does not show whether a user changed.
    avatar_url: str | None = _wire("avatar_url", text, default=None, compare=False)
    notify_on_arrival: bool | None = _wire("back_home_notify_attr", flag, default=None)
    effective: int | None = _wire("effective_flag", _effective, default=None)
    schedule: Schedule | None = _wire(
        "time_schedule_info", decode_schedule, default=None
    )
    unlock_methods: tuple[UnlockMethod, ...] | None = _wire(
        "unlock_detail", _unlock_detail, default=None
    )

    @property
    def role(self) -> Role | None:
        """Return the role, if the user has one that can be changed."""
        return _ROLES.get(self.user_type)

    @property
    def is_owner(self) -> bool:
        """Return whether the user owns the home."""
        return self.user_type is UserType.OWNER

    @property
    def is_administrator(self) -> bool:
        """Return whether the user manages others, and so has no profile to query."""
        return self.is_owner or self.role is Role.ADMIN

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Return the known deliveries of changes of this user."""
        schedule = () if self.schedule is None else (self.schedule.delivery,)
        methods = (method.progress for method in self.unlock_methods or ())
        return tuple(d for d in (*schedule, *methods) if d is not None)

    @property
    def delivery(self) -> Delivery | None:
        """Return the most important of the deliveries."""
        return next((d for d in _DELIVERY_ORDER if d in self.deliveries), None)

    @property
    def pending_changes(self) -> int:
        """Return the number of changes the lock has not applied yet."""
        return self.deliveries.count(Delivery.ONGOING)


_ROLES: Final[dict[UserType, Role]] = {
    UserType.ADMIN: Role.ADMIN,
    UserType.MEMBER: Role.NORMAL,
}
_DELIVERY_ORDER: Final = (Delivery.ONGOING, Delivery.FAILED, Delivery.SUCCESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsentUser:
    """A former member of the home who is still stored on the lock."""

    user_id: str = _wire("user_id", _required(text))
    user_type: UserType = _wire("user_type", _user_type, default=UserType.UNKNOWN)
    lock_user_id: int | None = _wire("lock_user_id", integer, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A device of the project; `is_sub` is one behind a gateway.

    Its `local_key` is a secret and is not decoded.
    """

    lock_id: str = _wire("id", _required(text))
    name: str | None = _wire("name", text, default=None)
    category: str | None = _wire("category", text, default=None)
    product_name: str | None = _wire("product_name", text, default=None)
    model: str | None = _wire("model", text, default=None)
    online: bool | None = _wire("online", flag, default=None)
    time_zone: str | None = _wire("time_zone", text, default=None)
    account_uid: str | None = _wire("uid", text, default=None)
    is_sub: bool | None = _wire("sub", flag, default=None)

    @property
    def is_lock(self) -> bool:
        """Return whether the category is a lock (docs/tuya_api.md, Lock categories)."""
        return self.category in LOCK_CATEGORIES


LOCK_CATEGORIES: Final = frozenset(
    {
        "ms",
        "jtmspro",
        "jtmsbh",
        "jtmsjh",
        "gyms",
        "hotelms",
        "ms_category",
        "mk",
        "videolock",
        "photolock",
        "bxx",
        "msp",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The profile of a person. Height in cm, weight in grams.

    `sex_number` and `birthday_ms` are as received, and None if unknown, so that an
    update that does not change them sends them again as they were.
    """

    name: str | None = _wire("nick_name", text, default=None)
    sex_number: int | None = _wire("sex", integer, default=None)
    birthday_ms: int | None = _wire("birthday", integer, default=None)
    height_cm: int | None = _wire("height", integer, default=None)
    weight_grams: int | None = _wire("weight", integer, default=None)
    contact: str | None = _wire("contact", text, default=None)

    @property
    def sex(self) -> Sex | None:
        """Return the sex, None if it is unknown or not set."""
        return _SEXES.get(self.sex_number or 0)

    @property
    def birthday(self) -> date | None:
        """Return the birthday, None if it is unknown or not set."""
        return birthday_of(self.birthday_ms) if self.birthday_ms else None

    def encoded(self) -> dict[str, Any]:
        """Return the body of a user call, with the known values.

        A sex is required (docs/architecture.md, Required profile fields).
        """
        body = {
            "nick_name": self.name,
            "sex": SEX_NUMBERS[Sex.MALE]
            if self.sex_number is None
            else self.sex_number,
            "birthday": self.birthday_ms,
            "height": self.height_cm,
            "weight": self.weight_grams,
            "contact": self.contact,
        }
        return {key: value for key, value in body.items() if value is not None}


def _decoder[Model](model: type[Model]) -> Callable[[dict[str, Any]], Model | None]:
    """Return a decoder that drops a record without identity instead of raising.

    It is compiled for its first record: compiling all of them would double the time of
    the import.
    """
    decode: Callable[[dict[str, Any]], Model] | None = None

    def decoder(record: dict[str, Any]) -> Model | None:
        nonlocal decode
        if decode is None:
            decode = BasicDecoder(model).decode
        try:
            return decode(record)
        except (InvalidFieldValue, MissingField) as err:
            _LOGGER.debug("Ignored a record without a valid %s", err.field_name)
            return None

    return decoder


_decode_user: Final = _decoder(User)
decode_absent_user: Final = _decoder(AbsentUser)
_decode_lock: Final = _decoder(Lock)
decode_profile: Final = _decoder(Profile)
decode_method: Final = _decoder(UnlockMethod)


def decode_user(record: dict[str, Any]) -> User | None:
    """Return the user of a record, whose schedule can have another name."""
    return _decode_user(with_documented_keys(record))


def decode_lock(record: dict[str, Any]) -> Lock | None:
    """Return the lock of a device record, whose name one table spells `Name`."""
    return _decode_lock({"name": record.get("Name"), **record})
