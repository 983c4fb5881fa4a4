"""Tests of the models: the documents' own samples, and every way they contradict."""

from datetime import date
import logging
from typing import Any, Final

import pytest

from custom_components.tuya_lock_users.api.models import (
    METHOD_CODES,
    AbsentUser,
    Lock,
    Notify,
    Phase,
    Profile,
    Role,
    Sex,
    UnlockMethod,
    User,
    UserType,
    birthday_ms,
    decode_absent_user,
    decode_lock,
    decode_method,
    decode_profile,
    decode_user,
    method_code,
    method_type,
    method_word,
)
from custom_components.tuya_lock_users.api.schedule.model import (
    Delivery,
    Schedule,
    Window,
)

from .support import faults_of, fixture

NAN: Final = float("nan")
CARD: Final = {"dp_code": "unlock_card", "unlock_sn": 1}

# What no number, text, flag or object can be.
NONSENSE: Final = [
    pytest.param(None, id="null"),
    pytest.param([], id="empty-list"),
    pytest.param([[1]], id="list"),
    pytest.param({"a": {"b": 1}}, id="object"),
    pytest.param("\x00", id="control"),
    pytest.param(NAN, id="not-a-number"),
    pytest.param(1.5, id="fraction"),
    pytest.param(10**400, id="huge"),
]


def user_of(**record: Any) -> User:
    """Return the user of a record that has an id."""
    user = decode_user({"user_id": "7", **record})
    assert user is not None
    assert not faults_of(user)
    return user


def method_of(**record: Any) -> UnlockMethod:
    """Return the unlock method of a record that is a card."""
    method = decode_method({**CARD, **record})
    assert method is not None
    assert not faults_of(method)
    return method


def listed(*rows: dict[str, Any]) -> tuple[UnlockMethod, ...]:
    """Return the methods of a user record with these rows under one code."""
    group = {"dp_code": "unlock_card", "unlock_list": list(rows)}
    user = user_of(unlock_detail=[group])
    assert user.unlock_methods is not None
    return user.unlock_methods


class TestSamples:
    """The samples of the two source documents."""

    def test_user_with_methods(self) -> None:
        """No. 1: a user with a schedule, and without methods of the codes asked for."""
        (record,) = fixture("users_with_methods")["result"]["records"]
        assert decode_user(record) == User(
            user_id="38823920",
            name="Test 1",
            user_type=UserType.ADMIN,
            lock_user_id=5,
            account_uid="ay1541490670142A1Dti",
            contact="86-13757150532",
            avatar_url="https://****",
            notify_on_arrival=False,
            effective=1,
            schedule=Schedule(
                permanent=False,
                start=1628179200,
                end=1638806399,
                windows=(Window(mask=97, start_minute=60, end_minute=480),),
                delivery=Delivery.SUCCESS,
                operate="modify",
            ),
            unlock_methods=(),
        )

    def test_user_with_filter(self) -> None:
        """No. 13: a permanent user, of whose methods nothing is said."""
        (record,) = fixture("users_with_filter")["result"]["records"]
        assert decode_user(record) == User(
            user_id="30665363",
            name="Nicole",
            user_type=UserType.OWNER,
            lock_user_id=1,
            account_uid="ay1***6168*****VdmWA",
            contact="test@163.com",
            notify_on_arrival=False,
            effective=1,
            schedule=Schedule(permanent=True),
        )

    def test_user(self) -> None:
        """No. 11: a user of whom most keys are missing."""
        record = fixture("user")["result"]
        assert decode_user(record) == User(
            user_id="38028607",
            name="Alan",
            user_type=UserType.OWNER,
            lock_user_id=1,
            avatar_url=record["avatar_url"],
        )

    def test_absent_user(self) -> None:
        """No. 4: three keys."""
        (record,) = fixture("absent_users")["result"]
        assert decode_absent_user(record) == AbsentUser(
            user_id="390981", user_type=UserType.ADMIN, lock_user_id=2
        )

    def test_methods_of_the_older_document(self) -> None:
        """No. 3 in English: a plain list of records with all keys."""
        first, second = fixture("unlock_methods_list")["result"]
        assert decode_method(first) == UnlockMethod(
            type="password",
            number=3,
            name="lin",
            unlock_id="12-3",
            opmode_id="729548",
            user_id="28873683",
            phase=Phase.FROZEN,
            duress=False,
            voice=False,
            can_deallocate=False,
            delivery=Delivery.SUCCESS,
            notify=Notify(app=True),
        )
        method = decode_method(second)
        assert method
        assert method.can_deallocate is True
        assert method.notify == Notify(app=False, sms="86-15156789943")

    def test_methods_of_the_newer_document(self) -> None:
        """No. 3 in Chinese: records without half of the keys, and the number 0."""
        records = fixture("unlock_methods_page")["result"]["records"]
        assert [decode_method(record) for record in records] == [
            UnlockMethod(
                type=kind,
                number=number,
                name=name,
                user_id="36731989",
                duress=False,
                voice=False,
                can_deallocate=True,
            )
            for kind, number, name in (
                ("card", 3, "门卡3"),
                ("face", 0, "人脸0"),
                ("fingerprint", 0, "指纹0"),
            )
        ]

    def test_lock(self) -> None:
        """No. 17: a device that is no lock, and without its secret key."""
        (record,) = fixture("account_devices")["result"]["records"]
        lock = decode_lock(record)
        assert lock == Lock(
            lock_id="6c8d95e9b2d8cfe1a*****",
            name="Light Sensor",
            category="ldcg",
            product_name="Luminance Sensor",
            model="S-LUX-ZB",
            online=True,
            time_zone="+08:00",
            is_sub=True,
        )
        assert not lock.is_lock
        assert record["local_key"] not in repr(lock)


class TestUser:
    """Records of users."""

    @pytest.mark.parametrize(
        ("record", "field", "expected"),
        [
            ({"user_id": 38823920}, "user_id", "38823920"),
            ({"user_id": 0}, "user_id", "0"),
            ({"user_id": "8923iu"}, "user_id", "8923iu"),
            ({"nick_name": ""}, "name", None),
            ({"nick_name": 42}, "name", "42"),
            ({"user_type": "10"}, "user_type", UserType.ADMIN),
            ({"user_type": 0}, "user_type", UserType.UNKNOWN),
            ({"user_type": 10}, "user_type", UserType.ADMIN),
            ({"user_type": 20}, "user_type", UserType.MEMBER),
            ({"user_type": 30}, "user_type", UserType.ANONYMOUS),
            ({"user_type": 40}, "user_type", UserType.SHARED),
            ({"user_type": 50}, "user_type", UserType.OWNER),
            ({"user_type": 2}, "user_type", UserType.UNKNOWN),
            ({"user_type": 77}, "user_type", UserType.UNKNOWN),
            ({"user_type": "boss"}, "user_type", UserType.UNKNOWN),
            ({"lock_user_id": "5"}, "lock_user_id", 5),
            ({"lock_user_id": 0}, "lock_user_id", 0),
            ({"uid": ""}, "account_uid", None),
            ({"user_contact": ""}, "contact", None),
            ({"avatar_url": ""}, "avatar_url", None),
            ({"back_home_notify_attr": 1}, "notify_on_arrival", True),
            ({"back_home_notify_attr": "0"}, "notify_on_arrival", False),
            ({"effective_flag": 0}, "effective", 0),
            ({"effective_flag": "1"}, "effective", 1),
            ({"effective_flag": "false"}, "effective", 0),
            ({"effective_flag": 2}, "effective", 2),
            (
                {"time_schedule_info": [{"permanent": True}]},
                "schedule",
                Schedule(permanent=True),
            ),
            (
                {"time_schedule_info": '{"permanent": true}'},
                "schedule",
                Schedule(permanent=True),
            ),
            (
                {
                    "time_schedule_info": {
                        "permanent": "false",
                        "effective_time": "1628179200",
                        "expired_time": "1638806399",
                    }
                },
                "schedule",
                Schedule(permanent=False, start=1628179200, end=1638806399),
            ),
            ({"time_schedule_info": []}, "schedule", None),
        ],
    )
    def test_value(self, record: dict[str, Any], field: str, expected: object) -> None:
        """A value is understood in every form the documents give it."""
        assert getattr(user_of(**record), field) == expected

    def test_only_an_id(self) -> None:
        """Every other key may be missing."""
        assert decode_user({"user_id": "7"}) == User(user_id="7")

    def test_null(self) -> None:
        """A key that is null is as good as missing."""
        keys = fixture("users_with_methods")["result"]["records"][0].keys()
        assert decode_user({**dict.fromkeys(keys), "user_id": "7"}) == User(user_id="7")

    @pytest.mark.parametrize("value", NONSENSE)
    @pytest.mark.parametrize(
        "key",
        [
            *("nick_name", "user_type", "lock_user_id", "uid", "user_contact"),
            *("avatar_url", "back_home_notify_attr", "effective_flag"),
            *("time_schedule_info", "unlock_detail"),
        ],
    )
    def test_nonsense(self, key: str, value: object) -> None:
        """A value that makes no sense costs only itself."""
        user = user_of(**{"nick_name": "Alice", "user_type": 20, key: value})
        assert user.user_id == "7"
        assert key == "nick_name" or user.name == "Alice"
        assert key == "user_type" or user.user_type is UserType.MEMBER

    @pytest.mark.parametrize("value", [*NONSENSE, pytest.param("", id="empty")])
    def test_no_id(self, value: object, caplog: pytest.LogCaptureFixture) -> None:
        """A record without an id is left out, with a line for debugging."""
        caplog.set_level(logging.DEBUG)
        assert decode_user({"user_id": value, "nick_name": "Alice"}) is None
        assert decode_absent_user({"user_id": value}) is None
        assert caplog.messages == ["Ignored a record without a valid user_id"] * 2

    def test_id_missing(self) -> None:
        """So is one in which the key is missing."""
        assert decode_user({}) is None
        assert decode_absent_user({"lock_user_id": 1}) is None

    @pytest.mark.parametrize(
        ("user_type", "role", "is_owner"),
        [
            pytest.param(UserType.OWNER, None, True, id="owner"),
            pytest.param(UserType.ADMIN, Role.ADMIN, False, id="admin"),
            pytest.param(UserType.MEMBER, Role.NORMAL, False, id="member"),
            pytest.param(UserType.SHARED, None, False, id="shared"),
            pytest.param(UserType.ANONYMOUS, None, False, id="anonymous"),
            pytest.param(UserType.UNKNOWN, None, False, id="unknown"),
        ],
    )
    def test_role(self, user_type: UserType, role: Role | None, is_owner: bool) -> None:
        """Only admins and members have a role that can be changed."""
        user = User(user_id="7", user_type=user_type)
        assert user.role is role
        assert user.is_owner is is_owner

    @pytest.mark.parametrize(
        ("schedule", "methods", "delivery", "pending"),
        [
            (None, [], None, 0),
            ("SUCCESS", [], Delivery.SUCCESS, 0),
            ("ONGOING", [], Delivery.ONGOING, 1),
            ("WHATEVER", [], None, 0),
            (None, ["FAILED"], Delivery.FAILED, 0),
            ("SUCCESS", ["FAILED"], Delivery.FAILED, 0),
            ("FAILED", ["SUCCESS", "ONGOING", "ONGOING"], Delivery.ONGOING, 2),
        ],
    )
    def test_deliveries(
        self,
        schedule: str | None,
        methods: list[str],
        delivery: Delivery | None,
        pending: int,
    ) -> None:
        """The delivery that asks for most attention speaks for the user."""
        info = schedule and {"permanent": True, "delivery_status": schedule}
        user = User(
            user_id="7",
            schedule=user_of(time_schedule_info=info).schedule,
            unlock_methods=tuple(method_of(delivery_status=word) for word in methods),
        )
        assert user.delivery is delivery
        assert user.pending_changes == pending

    def test_no_deliveries(self) -> None:
        """Of a user about whom little is known no delivery is known."""
        user = User(user_id="7")
        assert user.delivery is None
        assert user.deliveries == ()
        assert user.pending_changes == 0


class TestListedMethods:
    """Unlock methods as the users call groups them."""

    def test_groups(self) -> None:
        """The code stands at the group, and the id is called op_mode_id."""
        user = user_of(
            unlock_detail=[
                {
                    "dp_code": "unlock_fingerprint",
                    "count": 2,
                    "unlock_list": [
                        {
                            "unlock_id": "1-0",
                            "unlock_sn": 0,
                            "unlock_name": "Thumb",
                            "unlock_attr": 1,
                            "op_mode_id": 900,
                            "photo_unlock": False,
                            "admin": True,
                        },
                        {"unlock_sn": "2"},
                    ],
                },
                {"dp_code": "unlock_nose", "unlock_list": [{"unlock_sn": 3}]},
            ]
        )
        assert user.unlock_methods == (
            UnlockMethod(
                type="fingerprint",
                number=0,
                name="Thumb",
                unlock_id="1-0",
                opmode_id="900",
                duress=True,
                admin=True,
                photo=False,
            ),
            UnlockMethod(type="fingerprint", number=2),
            UnlockMethod(type="unlock_nose", number=3),
        )

    @pytest.mark.parametrize(
        ("row", "field", "expected"),
        [
            pytest.param({"unlock_sn": "0"}, "number", 0, id="number-text"),
            pytest.param({"op_mode_id": "900"}, "opmode_id", "900", id="id-text"),
            pytest.param({"unlock_name": ""}, "name", None, id="name-empty"),
            pytest.param({"unlock_name": None}, "name", None, id="name-null"),
            pytest.param({"unlock_attr": "1"}, "duress", True, id="duress-text"),
            pytest.param({"unlock_attr": True}, "duress", True, id="duress-boolean"),
            pytest.param({"admin": 1}, "admin", True, id="admin-number"),
            pytest.param({"photo_unlock": "true"}, "photo", True, id="photo-text"),
        ],
    )
    def test_value(self, row: dict[str, Any], field: str, expected: object) -> None:
        """A value is understood in every form the documents give it."""
        (method,) = listed({"unlock_sn": 1, **row})
        assert getattr(method, field) == expected

    @pytest.mark.parametrize("value", NONSENSE)
    @pytest.mark.parametrize(
        "key",
        [
            "unlock_name",
            "unlock_id",
            "op_mode_id",
            "unlock_attr",
            "admin",
            "photo_unlock",
        ],
    )
    def test_nonsense(self, key: str, value: object) -> None:
        """A value that makes no sense costs only itself."""
        (method,) = listed({"unlock_sn": 1, key: value})
        assert method.key == ("card", 1)

    @pytest.mark.parametrize("value", [*NONSENSE, pytest.param("", id="empty")])
    def test_no_number(self, value: object, caplog: pytest.LogCaptureFixture) -> None:
        """A row without a number is left out and costs no other."""
        caplog.set_level(logging.DEBUG)
        methods = listed({"unlock_sn": 1}, {"unlock_sn": value}, {}, {"unlock_sn": 2})
        assert [method.number for method in methods] == [1, 2]
        line = "Ignored an unlock method without code or number"
        assert caplog.messages == [line] * 2

    @pytest.mark.parametrize("value", [None, "", [], {}, 1.5], ids=repr)
    def test_no_code(self, value: object) -> None:
        """Rows without a code are left out and cost no other group."""
        groups = [
            {"dp_code": value, "unlock_list": [{"unlock_sn": 1}]},
            {"unlock_list": [{"unlock_sn": 1}]},
            {"dp_code": "unlock_card", "unlock_list": [{"unlock_sn": 2}]},
        ]
        methods = user_of(unlock_detail=groups).unlock_methods
        assert methods == (UnlockMethod(type="card", number=2),)

    @pytest.mark.parametrize(
        "groups",
        [
            [None, 1, "x", []],
            [{"dp_code": "unlock_card"}],
            [{"dp_code": "unlock_card", "unlock_list": None}],
            [{"dp_code": "unlock_card", "unlock_list": {"unlock_sn": 1}}],
            [{"dp_code": "unlock_card", "unlock_list": [1, None, "x"]}],
        ],
    )
    def test_no_rows(self, groups: list[Any]) -> None:
        """Where there are no rows there are no methods."""
        assert user_of(unlock_detail=groups).unlock_methods == ()

    def test_twice(self) -> None:
        """Of a method that comes twice the first is taken."""
        first, second = {"unlock_sn": 1, "unlock_name": "A"}, {"unlock_sn": 1}
        assert [method.name for method in listed(first, second)] == ["A"]

    def test_not_said(self) -> None:
        """No list at all is not the same as an empty one."""
        assert user_of().unlock_methods is None
        assert user_of(unlock_detail=[]).unlock_methods == ()
        for value in (None, "", "[]", 0, False, {}, {"dp_code": "unlock_card"}):
            assert user_of(unlock_detail=value).unlock_methods is None


class TestMethod:
    """Unlock methods as opmodes tells them."""

    @pytest.mark.parametrize(
        ("record", "field", "expected"),
        [
            ({"unlock_sn": 0}, "number", 0),
            ({"unlock_sn": "3"}, "number", 3),
            ({"opmode_id": 729548}, "opmode_id", "729548"),
            ({"phase": "3"}, "phase", Phase.FROZEN),
            ({"phase": 0}, "phase", None),
            ({"phase": 77}, "phase", None),
            ({"unlock_attr": 1}, "duress", True),
            ({"voice_attr": "1"}, "voice", True),
            ({"allocate_flag": 1}, "can_deallocate", True),
            ({"allocate_flag": True}, "can_deallocate", True),
            ({"allocate_flag": False}, "can_deallocate", False),
            ({"delivery_status": "ONGOING"}, "delivery", Delivery.ONGOING),
            ({"delivery_status": "PARTIAL"}, "delivery", None),
            ({"channel_id": -1}, "channel", None),
            ({"channel_id": "-1"}, "channel", None),
            ({"channel_id": 0}, "channel", 0),
            ({"channel_id": 2}, "channel", 2),
            (
                {"notify_info": {"app_send": True, "voice_phone": "49-30"}},
                "notify",
                Notify(app=True, call="49-30"),
            ),
            (
                {"notify_info": '{"app_send": 0, "msg_phone": "49-30"}'},
                "notify",
                Notify(app=False, sms="49-30"),
            ),
            (
                {"notify_info": {"owner_id": "1", "msg_phone": 493000}},
                "notify",
                Notify(sms="493000"),
            ),
            ({"notify_info": {}}, "notify", Notify()),
            ({"notify_info": ""}, "notify", None),
            ({"notify_info": "{"}, "notify", None),
        ],
    )
    def test_value(self, record: dict[str, Any], field: str, expected: object) -> None:
        """A value is understood in every form the documents give it."""
        assert getattr(method_of(**record), field) == expected

    @pytest.mark.parametrize(
        ("number", "phase"),
        list(enumerate(Phase, start=1)),
        ids=[f"{number}-{phase}" for number, phase in enumerate(Phase, start=1)],
    )
    def test_phase(self, number: int, phase: Phase) -> None:
        """The numbers of the phases are the documents'."""
        words = [
            *("confirmed", "to_be_confirmed", "frozen", "to_be_frozen"),
            *("to_be_unfrozen", "to_be_reset", "creation_failed", "deleted"),
            *("to_be_deleted", "to_be_created"),
        ]
        assert method_of(phase=number).phase is phase
        assert phase == words[number - 1]

    @pytest.mark.parametrize("value", NONSENSE)
    @pytest.mark.parametrize(
        "key",
        [
            *("unlock_name", "unlock_id", "opmode_id", "user_id", "phase"),
            *("unlock_attr", "admin", "voice_attr", "photo_unlock", "allocate_flag"),
            *("delivery_status", "notify_info", "channel_id"),
        ],
    )
    def test_nonsense(self, key: str, value: object) -> None:
        """A value that makes no sense costs only itself."""
        method = method_of(**{"unlock_name": "A", key: value})
        assert method.key == ("card", 1)
        assert key == "unlock_name" or method.name == "A"

    @pytest.mark.parametrize("value", NONSENSE)
    @pytest.mark.parametrize("key", ["dp_code", "unlock_sn"])
    def test_no_identity(
        self, key: str, value: object, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A record without code or number is left out, with a line for debugging."""
        caplog.set_level(logging.DEBUG)
        missing = {k: v for k, v in CARD.items() if k != key}
        assert decode_method({**CARD, key: value}) is None
        assert decode_method(missing) is None
        name = {"dp_code": "type", "unlock_sn": "number"}[key]
        assert caplog.messages == [f"Ignored a record without a valid {name}"] * 2

    @pytest.mark.parametrize(
        ("record", "progress", "is_pending"),
        [
            ({}, None, False),
            ({"phase": 1}, None, False),
            ({"phase": 10}, Delivery.ONGOING, True),
            ({"phase": 9}, Delivery.ONGOING, True),
            ({"phase": 7}, Delivery.FAILED, False),
            ({"phase": 10, "delivery_status": "FAILED"}, Delivery.FAILED, False),
            ({"phase": 1, "delivery_status": "ONGOING"}, Delivery.ONGOING, True),
        ],
    )
    def test_progress(
        self, record: dict[str, Any], progress: Delivery | None, is_pending: bool
    ) -> None:
        """How far a change has come is said, or follows from the phase."""
        method = method_of(**record)
        assert method.progress is progress
        assert method.is_pending is is_pending

    def test_with_details(self) -> None:
        """Opmodes says more, and the users call knows two things that it does not."""
        (known,) = listed(
            {
                "unlock_sn": 1,
                "unlock_name": "Blue card",
                "unlock_id": "5-1",
                "op_mode_id": 900,
                "unlock_attr": 1,
                "admin": True,
                "photo_unlock": True,
            }
        )
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


class TestTypes:
    """The words for the types of unlock methods."""

    @pytest.mark.parametrize(("kind", "code"), METHOD_CODES.items())
    def test_codes(self, kind: str, code: str) -> None:
        """Each type has a code and a word, and both lead back to it."""
        assert method_code(kind) == code
        assert method_type(code) == kind
        assert method_type(method_word(kind)) == kind

    def test_words(self) -> None:
        """The calls that ask for a type have a word of their own for it."""
        assert method_word("remote_control") == "remoteControl"
        assert method_word("card") == "card"

    @pytest.mark.parametrize("code", ["unlock_phone_remote_kit", "unlock_nose", "x"])
    def test_unknown(self, code: str) -> None:
        """A code that is not known stays as it came, there and back."""
        assert method_type(code) == code
        assert method_code(code) == code
        assert method_word(code) == code


class TestLock:
    """Records of devices."""

    @pytest.mark.parametrize(
        ("record", "field", "expected"),
        [
            pytest.param({"Name": "Door"}, "name", "Door", id="name-with-capital"),
            pytest.param(
                {"name": "Door", "Name": "X"}, "name", "Door", id="both-names"
            ),
            pytest.param({"online": "true"}, "online", True, id="online-text"),
            pytest.param({"online": 0}, "online", False, id="online-number"),
            pytest.param({"online": None}, "online", None, id="online-null"),
            pytest.param({"id": 42}, "lock_id", "42", id="id-number"),
        ],
    )
    def test_value(self, record: dict[str, Any], field: str, expected: object) -> None:
        """A value is understood in every form the documents give it."""
        lock = decode_lock({"id": "front", **record})
        assert lock
        assert not faults_of(lock)
        assert getattr(lock, field) == expected

    @pytest.mark.parametrize("value", [*NONSENSE, pytest.param("", id="empty")])
    def test_no_id(self, value: object) -> None:
        """A device without an id is left out."""
        assert decode_lock({"id": value, "name": "Door"}) is None
        assert decode_lock({}) is None

    @pytest.mark.parametrize(
        ("category", "is_lock"),
        [
            *((one, True) for one in ("ms", "jtmspro", "jtmsbh", "gyms", "hotelms")),
            *((one, True) for one in ("ms_category", "mk", "videolock", "photolock")),
            *((one, True) for one in ("bxx", "jtmsjh", "msp")),
            *((one, False) for one in ("ldcg", "dj", "mcs", None)),
        ],
    )
    def test_is_lock(self, category: str | None, is_lock: bool) -> None:
        """Only some categories are locks (docs/tuya_api.md, Lock categories)."""
        assert Lock(lock_id="front", category=category).is_lock is is_lock


class TestProfile:
    """What a home remembers of a person."""

    def test_decode(self) -> None:
        """All keys of the documents."""
        record = {
            "device_id": "front",
            "nick_name": "Alice",
            "sex": 2,
            "birthday": 570_672_000_000,
            "height": "170",
            "weight": 65_000,
            "contact": "alice@example.com",
        }
        assert decode_profile(record) == Profile(
            name="Alice",
            sex_number=2,
            birthday_ms=570_672_000_000,
            height_cm=170,
            weight_grams=65_000,
            contact="alice@example.com",
        )

    @pytest.mark.parametrize("value", [*NONSENSE, pytest.param(0, id="zero")])
    @pytest.mark.parametrize(
        "key", ["nick_name", "sex", "birthday", "height", "weight", "contact"]
    )
    def test_nonsense(self, key: str, value: object) -> None:
        """A value that makes no sense costs only itself."""
        profile = decode_profile({"nick_name": "Alice", "sex": 1, key: value})
        assert profile
        assert not faults_of(profile)
        assert key == "nick_name" or profile.name == "Alice"
        assert key == "sex" or profile.sex is Sex.MALE

    def test_empty(self) -> None:
        """Every key may be missing."""
        assert decode_profile({}) == Profile()

    def test_encode(self) -> None:
        """What is known is sent, and sex always."""
        profile = Profile(
            name="Alice",
            sex_number=2,
            birthday_ms=570_672_000_000,
            height_cm=170,
            weight_grams=65_000,
            contact="alice@example.com",
        )
        assert profile.encoded() == {
            "nick_name": "Alice",
            "sex": 2,
            "birthday": 570_672_000_000,
            "height": 170,
            "weight": 65_000,
            "contact": "alice@example.com",
        }
        assert Profile(name="Bob").encoded() == {"nick_name": "Bob", "sex": 1}
        assert Profile(sex_number=0).encoded() == {"sex": 0}

    @pytest.mark.parametrize(
        ("milliseconds", "birthday"),
        [
            pytest.param(None, None, id="unknown"),
            pytest.param(0, None, id="not-set"),
            pytest.param(573_001_200_000, date(1988, 2, 28), id="midnight-in-berlin"),
            pytest.param(573_040_800_000, date(1988, 2, 28), id="midnight-in-honolulu"),
            pytest.param(-31_536_000_000, date(1969, 1, 1), id="before-1970"),
            pytest.param(10**18, None, id="beyond-all-dates"),
        ],
    )
    def test_birthday(self, milliseconds: int | None, birthday: date | None) -> None:
        """A birthday is a midnight in UTC or in the time zone of the app."""
        assert Profile(birthday_ms=milliseconds).birthday == birthday

    @pytest.mark.parametrize("day", [date(1900, 1, 1), date(1970, 1, 2), date.max])
    def test_birthday_there_and_back(self, day: date) -> None:
        """A date is the same after it was sent."""
        assert Profile(birthday_ms=birthday_ms(day)).birthday == day
