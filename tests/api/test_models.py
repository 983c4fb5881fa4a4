"""Tests of the models: the documented samples and their contradictions."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date
import logging
from typing import Any, Final

import pytest
from syrupy.assertion import SnapshotAssertion

from custom_components.tuya_lock_users.api.models import (
    LOCK_CATEGORIES,
    Lock,
    Role,
    User,
    UserType,
    decode_absent_user,
    decode_lock,
    decode_user,
)
from custom_components.tuya_lock_users.api.profiles import (
    Profile,
    birthday_ms,
    decode_profile,
)
from custom_components.tuya_lock_users.api.schedule.model import Delivery
from custom_components.tuya_lock_users.api.unlock_methods import (
    METHOD_CODES,
    Notify,
    Phase,
    UnlockMethod,
    decode_method,
    method_code,
    method_type,
    method_word,
)
from tests.common import cases, load_fixture

from .support import ALICE, type_errors_of

type Decode = Callable[[dict[str, Any]], Any]

PROFILE: Final = {
    "nick_name": "Alice",
    "sex": 2,
    "birthday": 570_672_000_000,
    "height": 170,
    "weight": 65_000,
    "contact": "alice@example.com",
}
LISTED: Final = {
    "unlock_sn": 1,
    "unlock_name": "Blue card",
    "unlock_id": "5-1",
    "op_mode_id": 900,
    "unlock_attr": 1,
    "admin": True,
    "photo_unlock": True,
}
# Values that are invalid for every field.
INVALID: Final = [
    pytest.param(None, id="null"),
    pytest.param([], id="empty-list"),
    pytest.param([[1]], id="list"),
    pytest.param({"a": {"b": 1}}, id="object"),
    pytest.param("\x00", id="control"),
    pytest.param(float("nan"), id="not-a-number"),
    pytest.param(1.5, id="fraction"),
    pytest.param(10**400, id="huge"),
]


def user_of(**record: Any) -> User:
    user = decode_user({"user_id": "7", **record})
    assert user is not None
    assert not type_errors_of(user)
    return user


def method_of(**record: Any) -> UnlockMethod:
    method = decode_method({"dp_code": "unlock_card", "unlock_sn": 1, **record})
    assert method is not None
    assert not type_errors_of(method)
    return method


def listed(*rows: dict[str, Any]) -> tuple[UnlockMethod, ...]:
    """Return the methods of a user record with these rows under one code."""
    group = {"dp_code": "unlock_card", "unlock_list": list(rows)}
    user = user_of(unlock_detail=[group])
    assert user.unlock_methods is not None
    return user.unlock_methods


def listed_one(row: dict[str, Any]) -> UnlockMethod:
    """Return the method of the one row of a user record."""
    (method,) = listed({"unlock_sn": 1, **row})
    return method


def lock_of(**record: Any) -> Lock:
    lock = decode_lock({"id": "front", **record})
    assert lock is not None
    assert not type_errors_of(lock)
    return lock


def first(name: str) -> dict[str, Any]:
    record: dict[str, Any] = load_fixture(name)["result"]["records"][0]
    return record


SAMPLES: Final[dict[str, Decode]] = {
    "users_with_methods": decode_user,
    "users_with_filter": decode_user,
    "user": decode_user,
    # The code is in the group, and the ID is op_mode_id.
    "methods_by_code": decode_user,
    "absent_users": decode_absent_user,
    "unlock_methods_list": decode_method,
    "unlock_methods_page": decode_method,
    "account_devices": decode_lock,
}


@pytest.mark.parametrize(("name", "decode"), SAMPLES.items(), ids=SAMPLES)
def test_sample(name: str, decode: Decode, snapshot: SnapshotAssertion) -> None:
    result = load_fixture(name)["result"]
    if isinstance(result, dict):
        result = result.get("records", [result])
    models = [decode(record) for record in result]
    assert not [fault for model in models for fault in type_errors_of(model)]
    assert "local_key" not in str(models)
    assert models == snapshot


VALUES: Final = load_fixture("record_values")
STATES: Final = load_fixture("record_states")


@pytest.mark.parametrize(
    ("kind", "case"),
    [(kind, case) for kind, values in VALUES.items() for case in values],
    ids=str,
)
def test_value(kind: str, case: dict[str, Any]) -> None:
    """A value is decoded in every documented form."""
    make = {"user": user_of, "method": method_of, "lock": lock_of}[kind]
    assert getattr(make(**case["record"]), case["field"]) == case["value"]


@pytest.mark.parametrize(
    ("info", "notify"),
    [
        ({"app_send": True, "voice_phone": "49-30"}, Notify(app=True, call="49-30")),
        ('{"app_send": 0, "msg_phone": 493000}', Notify(app=False, sms="493000")),
        ({}, Notify()),
    ],
)
def test_notifications(info: object, notify: Notify) -> None:
    assert method_of(notify_info=info).notify == notify


def test_phases() -> None:
    assert [method_of(phase=number).phase for number in range(1, 11)] == [
        *("confirmed", "to_be_confirmed", "frozen", "to_be_frozen"),
        *("to_be_unfrozen", "to_be_reset", "creation_failed", "deleted"),
        *("to_be_deleted", "to_be_created"),
    ]


def test_categories() -> None:
    """Only some categories are locks (docs/tuya_api.md, Lock categories)."""
    assert {
        *("ms", "jtmspro", "jtmsbh", "jtmsjh", "gyms", "hotelms", "ms_category", "mk"),
        *("videolock", "photolock", "bxx", "msp"),
    } == LOCK_CATEGORIES
    assert lock_of(category="mk").is_lock
    assert not lock_of(category="dj").is_lock
    assert not lock_of().is_lock


@pytest.mark.parametrize("value", INVALID)
@pytest.mark.parametrize(
    ("decode", "record"),
    [
        pytest.param(decode_user, first("users_with_methods"), id="user"),
        pytest.param(listed_one, LISTED, id="listed-method"),
        pytest.param(
            decode_method, load_fixture("unlock_methods_list")["result"][0], id="method"
        ),
        pytest.param(decode_lock, first("account_devices"), id="lock"),
        pytest.param(decode_profile, PROFILE, id="profile"),
    ],
)
def test_invalid_value(decode: Decode, record: dict[str, Any], value: object) -> None:
    """An invalid value affects only its own field."""
    good = decode(record)
    for key in record.keys() - {"user_id", "id", "dp_code", "unlock_sn"}:
        model = decode({**record, key: value})
        assert not type_errors_of(model)
        changed = [
            one.name
            for one in fields(model)
            if getattr(model, one.name) != getattr(good, one.name)
        ]
        assert len(changed) <= 1, key


@pytest.mark.parametrize("value", [*INVALID, pytest.param("", id="empty")])
@pytest.mark.parametrize(
    ("decode", "key", "name"),
    [
        (decode_user, "user_id", "user_id"),
        (decode_absent_user, "user_id", "user_id"),
        (decode_method, "dp_code", "type"),
        (decode_method, "unlock_sn", "number"),
        (decode_lock, "id", "lock_id"),
    ],
)
def test_no_identity(
    decode: Decode, key: str, name: str, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    """A record without its identity is left out, with a line for debugging."""
    caplog.set_level(logging.DEBUG)
    record = {"user_id": "7", "id": "7", "dp_code": "unlock_card", "unlock_sn": 1}
    assert decode(record)
    assert decode({**record, key: value}) is None
    del record[key]
    assert decode(record) is None
    assert caplog.messages == [f"Ignored a record without a valid {name}"] * 2


@cases(("record", "documented"), load_fixture("user_records_other_keys"))
def test_other_keys(record: dict[str, Any], documented: dict[str, Any]) -> None:
    """Limits under another name, or beside the schedule, still count."""
    assert user_of(**record) == user_of(**documented)


def test_identity_only() -> None:
    """Every other key may be missing or null."""
    keys = first("users_with_methods").keys()
    assert decode_user({"user_id": "7"}) == User(user_id="7")
    assert decode_user({**dict.fromkeys(keys), "user_id": "7"}) == User(user_id="7")
    assert decode_profile({}) == Profile()


@pytest.mark.parametrize(
    ("user_type", "role"),
    [
        *((UserType.ADMIN, Role.ADMIN), (UserType.MEMBER, Role.NORMAL)),
        *((one, None) for one in (UserType.OWNER, UserType.SHARED)),
        *((one, None) for one in (UserType.ANONYMOUS, UserType.UNKNOWN)),
    ],
)
def test_role(user_type: UserType, role: Role | None) -> None:
    user = User(user_id="7", user_type=user_type)
    assert user.role is role
    assert user.is_owner is (user_type is UserType.OWNER)


@pytest.mark.parametrize(
    ("schedule", "methods", "delivery", "pending"), STATES["deliveries"]
)
def test_deliveries(
    schedule: str | None, methods: list[str], delivery: str | None, pending: int
) -> None:
    """The most important delivery counts for the user."""
    info = schedule and {"permanent": True, "delivery_status": schedule}
    user = User(
        user_id="7",
        schedule=user_of(time_schedule_info=info).schedule,
        unlock_methods=tuple(method_of(delivery_status=word) for word in methods),
    )
    assert user.delivery is (delivery and Delivery(delivery))
    assert user.pending_changes == pending


@pytest.mark.parametrize("value", [*INVALID, pytest.param("", id="empty")])
def test_no_number(value: object, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    methods = listed({"unlock_sn": 1}, {"unlock_sn": value}, {}, {"unlock_sn": 2})
    assert [method.number for method in methods] == [1, 2]
    line = "Ignored an unlock method without code or number"
    assert caplog.messages == [line] * 2


@pytest.mark.parametrize("value", [None, "", [], {}, 1.5], ids=repr)
def test_no_code(value: object) -> None:
    row = {"unlock_list": [{"unlock_sn": 1}]}
    card = {"dp_code": "unlock_card", "unlock_list": [{"unlock_sn": 2}]}
    user = user_of(unlock_detail=[{"dp_code": value, **row}, row, card])
    assert user.unlock_methods == (UnlockMethod(type="card", number=2),)


@pytest.mark.parametrize("groups", STATES["no_rows"], ids=str)
def test_no_rows(groups: list[Any]) -> None:
    assert user_of(unlock_detail=groups).unlock_methods == ()


@pytest.mark.parametrize("value", [None, "", "[]", 0, False, {}, {"dp_code": "x"}])
def test_no_list(value: object) -> None:
    assert user_of(unlock_detail=value).unlock_methods is None


def test_duplicate_method() -> None:
    first, second = {"unlock_sn": 1, "unlock_name": "A"}, {"unlock_sn": 1}
    assert [method.name for method in listed(first, second)] == ["A"]


@pytest.mark.parametrize(("record", "progress"), STATES["progress"])
def test_progress(record: dict[str, Any], progress: str | None) -> None:
    """The progress of a change is in the record, or follows from the phase."""
    method = method_of(**record)
    assert method.progress is (progress and Delivery(progress))
    assert method.is_pending is (progress == "ongoing")


def test_with_details() -> None:
    known = listed_one(LISTED)
    details = method_of(phase=1, allocate_flag=1, unlock_name="Red card")
    merged = known.with_details(details)
    assert merged == UnlockMethod(
        type="card",
        number=1,
        name="Red card",
        unlock_id="5-1",
        opmode_id="900",
        duress=True,
        admin=True,
        photo=True,
        phase=Phase.CONFIRMED,
        can_deallocate=True,
    )
    assert known.with_details(method_of(unlock_attr=0)).duress is False
    assert known.with_details(method_of()).name == "Blue card"


@pytest.mark.parametrize(("kind", "code"), METHOD_CODES.items())
def test_codes(kind: str, code: str) -> None:
    assert method_code(kind) == code
    assert method_type(code) == kind
    assert method_type(method_word(kind)) == kind


def test_method_words() -> None:
    words = [method_word(kind) for kind in ("remote_control", "card")]
    assert words == ["remoteControl", "card"]


@pytest.mark.parametrize("code", ["unlock_phone_remote_kit", "unlock_nose", "x"])
def test_unknown_code(code: str) -> None:
    assert method_type(code) == method_code(code) == method_word(code) == code


def test_profile() -> None:
    assert decode_profile({**PROFILE, "device_id": "front", "height": "170"}) == ALICE
    assert ALICE.encoded() == PROFILE
    assert Profile(name="Bob").encoded() == {"nick_name": "Bob", "sex": 1}
    assert Profile(sex_number=0).encoded() == {"sex": 0}


@cases(("milliseconds", "day"), STATES["birthdays"])
def test_birthday(milliseconds: int | None, day: str | None) -> None:
    """A birthday is a midnight in UTC or in the time zone of the app."""
    birthday = day and date.fromisoformat(day)
    assert Profile(birthday_ms=milliseconds).birthday == birthday


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(1970, 1, 2), date.max])
def test_birthday_round_trip(day: date) -> None:
    assert Profile(birthday_ms=birthday_ms(day)).birthday == day
