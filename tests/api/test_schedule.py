"""Tests of schedules: decoding, correcting, comparing and encoding."""

from dataclasses import replace
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.tuya_lock_users.api.schedule.model import (
    DAY_MINUTES,
    MAX_TIMESTAMP,
    Delivery,
    Schedule,
    ScheduleBody,
    Weekday,
    Window,
    WindowKeys,
    is_past,
    same_effect,
    window,
)
from custom_components.tuya_lock_users.api.schedule.windows import (
    WindowDialect,
    corrected,
    evidence,
    learned,
    seen_keys,
)
from custom_components.tuya_lock_users.api.schedule.wire import (
    decode_delivery,
    decode_schedule,
    encode_schedule,
)
from tests.common import cases, load_fixture

GOOD = {"working_day": 2, "start_minute": 60, "end_minute": 480}
SAMPLES = load_fixture("schedules")
PLAIN = WindowDialect()
REVERSED = WindowDialect(reversed_days=True)
HHMM = WindowDialect(hhmm_times=True)
BOTH = WindowDialect(reversed_days=True, hhmm_times=True)
DIALECTS = {"plain": PLAIN, "reversed": REVERSED, "hhmm": HHMM, "both": BOTH}

START = 1_628_179_200  # 2021-08-06 00:00:00 in Shanghai
END = 1_638_806_399  # 2021-12-06 23:59:59 there


def limited(
    *windows: Window, start: int | None = START, end: int | None = END
) -> Schedule:
    return Schedule(permanent=False, start=start, end=end, windows=windows)


def hours(mask: int, start: int, end: int, zone: str | None = None) -> Window:
    return Window(mask=mask, start_minute=start, end_minute=end, time_zone=zone)


def pairs(name: str) -> dict[str, list[Schedule]]:
    """Return pairs of schedules that are limited to these windows."""
    return {
        case: [limited(*(hours(*row) for row in rows)) for rows in pair]
        for case, pair in SAMPLES[name].items()
    }


windows = st.builds(
    Window,
    mask=st.integers(1, 127),
    start_minute=st.integers(0, 1440),
    end_minute=st.integers(0, 1440),
    time_zone=st.sampled_from([None, "Asia/Shanghai", "Europe/Berlin"]),
)
few_windows = st.lists(
    st.builds(
        hours,
        st.sampled_from([1, 2, 3, 64, 65, 126, 127]),
        st.sampled_from([0, 60, 1320]),
        st.sampled_from([0, 60, 120, 1320, 1439, 1440]),
    ),
    max_size=3,
)
times = st.none() | st.integers(1, MAX_TIMESTAMP // 10)
limited_schedules = st.builds(
    Schedule,
    permanent=st.just(False),
    start=st.integers(1, MAX_TIMESTAMP // 10),
    end=times,
    windows=st.lists(windows, max_size=4).map(tuple),
    delivery=st.none() | st.sampled_from(Delivery),
    operate=st.sampled_from([None, "add", "modify", "delete"]),
)
schedules = limited_schedules | st.builds(Schedule, permanent=st.just(True))

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["1", "420", "1628179200000", "ONGOING", "{", "[{}]", "[[]]"])
)
KEYS = [
    *("permanent", "effective_time", "effectiveTime", "expired_time", "operate"),
    *("schedule_details", "scheduleDetails", "working_day", "workingDay"),
    *("start_minute", "end_minute", "all_day", "time_zone_id", "delivery_status"),
]
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=8)
    ),
    max_leaves=12,
)


def week_of(windows: list[Window]) -> set[int]:
    """Return the minutes of the week, Sunday first, at which windows are open."""
    if not windows:
        return set(range(7 * 1440))
    return {
        (day * 1440 + minute) % (7 * 1440)
        for one in windows
        for day in range(7)
        if one.mask >> day & 1
        for minute in range(*one.span)
    }


class TestWindows:
    @pytest.mark.parametrize(("mask", "days"), SAMPLES["days"])
    def test_days(self, mask: int, days: list[str]) -> None:
        """The documented masks are the days they name."""
        made = window([Weekday(day) for day in days], 450, 1050, None)
        assert made == hours(mask, 450, 1050)
        assert list(made.days) == days

    def test_days_unsorted(self) -> None:
        made = window(
            [Weekday.SUNDAY, Weekday.MONDAY, Weekday.SUNDAY], 0, 60, "Asia/Tokyo"
        )
        assert made == hours(3, 0, 60, "Asia/Tokyo")

    @pytest.mark.parametrize(("start", "end", "span"), SAMPLES["spans"])
    def test_span(self, start: int, end: int, span: list[int]) -> None:
        assert hours(127, start, end).span == tuple(span)


class TestDecoding:
    def test_camel_case(self) -> None:
        detail = {"startMinute": 1, "endMinute": 2, "workingDay": 4}
        assert decode_schedule(
            {
                "deliveryStatus": "ongoing",
                "scheduleDetails": {**detail, "timeZoneId": "Europe/Berlin"},
            }
        ) == Schedule(
            permanent=False,
            windows=(hours(4, 1, 2, "Europe/Berlin"),),
            delivery=Delivery.ONGOING,
        )

    @pytest.mark.parametrize("value", SAMPLES["permanent"], ids=str)
    def test_permanent(self, value: object) -> None:
        """A permanent schedule has no limits, in any form; blank values are ignored."""
        assert decode_schedule(value) == Schedule(permanent=True)

    @pytest.mark.parametrize("value", SAMPLES["nothing"], ids=repr)
    def test_nothing(self, value: object) -> None:
        assert decode_schedule(value) is None

    @pytest.mark.parametrize(
        ("value", "unknown"),
        [
            *((one["value"], one["unknown"]) for one in SAMPLES["unknown"]),
            pytest.param("[" * 100_000, "time_schedule_info", id="deep"),
            pytest.param("[" * 2000 + "]" * 2000, "time_schedule_info", id="nested"),
            *(({"expired_time": n}, "expired_time") for n in (END * 10**6, 10**19)),
            ({"permanent": True, "effective_time": START * 10**6}, "effective_time"),
            pytest.param(
                '{"effective_time": ' + "9" * 5000 + "}",
                "time_schedule_info",
                id="endless",
            ),
        ],
    )
    def test_unknown(self, value: object, unknown: str) -> None:
        """Content that cannot be decoded never counts as unlimited, and its key is named."""
        found = decode_schedule(value)
        assert found is not None
        assert not found.is_understood
        assert found.is_limited
        assert not found.permanent
        assert found.unknown_keys == (unknown,)
        assert not same_effect(found, None)
        assert not same_effect(found, limited())
        assert same_effect(found, decode_schedule(value))
        if unknown == "time_schedule_info":
            return
        assert isinstance(value, dict)
        assert found.raw is value
        delivered = {**value, "operate": "MODIFY", "deliveryStatus": "SUCCESS"}
        assert same_effect(found, decode_schedule(delivered))
        assert not same_effect(found, decode_schedule({**value, "expired_time": 7}))

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ({"operate": "ADD"}, Schedule(permanent=True, operate="add")),
            (
                {"delivery_status": "FAILED"},
                Schedule(permanent=True, delivery=Delivery.FAILED),
            ),
            ({"effective_time": START}, limited(end=None)),
            ({"permanent": True, "expired_time": END}, limited(start=None)),
        ],
    )
    def test_limits_and_flag(self, value: object, expected: Schedule) -> None:
        """A schedule without limits is permanent, and one with an end is not, regardless of the flag."""
        assert decode_schedule(value) == expected

    def test_spellings_differ(self) -> None:
        """The stricter start and end count."""
        spellings = {"expired_time": END, "expiredTime": END - 9}
        spellings |= {"effectiveTime": START, "effective_time": START * 1000 - 9000}
        found = decode_schedule(spellings)

        assert found is not None
        assert (found.start, found.end, found.windows) == (START, END - 9, None)

    def test_spellings_agree(self) -> None:
        both = {"expired_time": END, "expiredTime": END, "permanent": False}
        found = decode_schedule(both)

        assert found is not None
        assert found == limited(start=None, end=END)
        assert encode_schedule(found, ScheduleBody.CAMEL, time_zone=None) == both

    def test_unknown_compared(self) -> None:
        """Unknown schedules are compared by content, not by form."""
        value = {"permanent": False, "weekly": [{"day": 1, "on": True}, {"day": 2}]}
        same = {"weekly": '[{"day": "2", "x": ""}, {"on": 1, "day": 1.0}]', "id": None}
        same["permanent"] = "0"
        other = {**value, "weekly": [{"day": 1, "on": False}, {"day": 2}]}
        found = decode_schedule(value)

        assert found == decode_schedule(same)
        assert same_effect(found, decode_schedule(same))
        assert not same_effect(found, decode_schedule(other))

    @pytest.mark.parametrize(
        ("value", "seconds"), [*SAMPLES["ends"], (253_402_300_799_999, MAX_TIMESTAMP)]
    )
    def test_times(self, value: object, seconds: int | None) -> None:
        found = decode_schedule(
            {"permanent": False, "effective_time": 1, "expired_time": value}
        )
        assert found == limited(start=1, end=seconds)

    @pytest.mark.parametrize("case", SAMPLES["details"])
    def test_details(self, case: dict[str, Any]) -> None:
        """Details are decoded in any form; all day is a window of 24 hours."""
        detail = case["detail"]
        expected = limited(hours(*case["window"]), start=None, end=None)
        for details in ([detail], detail, json.dumps(detail)):
            assert decode_schedule({"schedule_details": details}) == expected

    @pytest.mark.parametrize("bad", SAMPLES["bad_details"], ids=str)
    def test_bad_detail(self, bad: object) -> None:
        """A detail that cannot be decoded can allow other hours, which are unknown."""
        found = decode_schedule({"expired_time": END, "schedule_details": [bad, GOOD]})
        assert found is not None
        assert not found.is_understood
        assert (found.end, found.windows) == (END, None)
        assert found.unknown_keys

    @given(anything)
    def test_never_raises(self, value: object) -> None:
        for form in (value, json.dumps(value)):
            found = decode_schedule(form)
            assert same_effect(found, found)
            if found is not None:
                for dialect in (evidence([found]), PLAIN, BOTH):
                    right = corrected(found, dialect)
                    assert all(one.mask in range(128) for one in right.windows or ())
                    assert all(
                        0 <= minute <= DAY_MINUTES
                        for one in right.windows or ()
                        for minute in (one.start_minute, one.end_minute)
                    )

    @pytest.mark.parametrize(("value", "word"), SAMPLES["deliveries"])
    def test_delivery(self, value: object, word: str | None) -> None:
        assert decode_delivery(value) is (word and Delivery(word))


class TestDialects:
    @given(st.lists(windows, max_size=4))
    def test_reversed_days(self, plain: list[Window]) -> None:
        """Reversed days are corrected to the written ones."""
        returned = [
            replace(
                one, mask=sum(1 << 7 - bit for bit in range(7) if one.mask >> bit & 1)
            )
            for one in plain
        ]
        assert corrected(limited(*returned), REVERSED) == limited(*plain)

    @cases(("raw", "minutes"), SAMPLES["clock_times"])
    def test_hhmm(self, raw: tuple[int, int], minutes: tuple[int, int]) -> None:
        assert corrected(limited(hours(2, *raw)), HHMM) == limited(hours(2, *minutes))

    @pytest.mark.parametrize(
        ("schedule", "dialect"),
        [
            (limited(hours(127, 0, 1440), hours(65, 60, 480)), PLAIN),
            (limited(hours(65, 0, 1440)), REVERSED),
            (limited(hours(62, 490, 1080)), HHMM),
            (limited(), BOTH),
            (Schedule(permanent=True), BOTH),
        ],
    )
    def test_uncorrected(self, schedule: Schedule, dialect: WindowDialect) -> None:
        assert corrected(schedule, dialect) is schedule

    @pytest.mark.parametrize(("rows", "dialect"), SAMPLES["evidence"])
    def test_evidence(self, rows: list[Any], dialect: str) -> None:
        """Only a window that cannot be plain is evidence."""
        raw = [hours(*row) for row in rows]
        assert evidence([limited(one) for one in raw]) == DIALECTS[dialect]
        assert evidence([Schedule(permanent=True), limited(*raw)]) == DIALECTS[dialect]

    @pytest.mark.parametrize(("written", "read_back", "dialect"), SAMPLES["learned"])
    def test_learned(
        self, written: list[Any], read_back: list[Any], dialect: str | None
    ) -> None:
        """The dialect is the one in which the read-back equals what was written."""
        found = learned(limited(hours(*written)), limited(hours(*read_back)))
        assert found == (dialect and DIALECTS[dialect])

    def test_learned_known(self) -> None:
        same = limited(hours(66, 490, 1090))
        assert learned(same, same) == PLAIN
        assert learned(same, same, known=REVERSED) == REVERSED
        assert learned(Schedule(permanent=True), Schedule(permanent=True)) == PLAIN
        assert learned(Schedule(permanent=True), limited()) is None


class TestComparison:
    @given(schedules | st.none())
    def test_reflexive(self, schedule: Schedule | None) -> None:
        assert same_effect(schedule, schedule)
        if schedule is not None:
            other = replace(
                schedule,
                windows=(schedule.windows or ())[::-1],
                delivery=Delivery.ONGOING,
                operate="add",
            )
            assert same_effect(schedule, other)
            assert same_effect(other, schedule)

    @given(schedules | st.none(), schedules | st.none())
    def test_symmetric(self, first: Schedule | None, second: Schedule | None) -> None:
        assert same_effect(first, second) == same_effect(second, first)

    @given(few_windows, few_windows)
    def test_hours(self, first: list[Window], second: list[Window]) -> None:
        """Two schedules are the same if they open at the same minutes of the week."""
        is_same = week_of(first) == week_of(second)
        assert same_effect(limited(*first), limited(*second)) is is_same

    @cases(
        ("first", "second"),
        {"none": (None, Schedule(permanent=True)), **pairs("same_windows")},
    )
    def test_same(self, first: Schedule, second: Schedule) -> None:
        assert same_effect(first, second)
        assert same_effect(second, first)

    @cases(
        ("first", "second"),
        {
            "none": (None, limited()),
            "no-limit": (Schedule(permanent=True), limited(start=None, end=None)),
            "end": (limited(), limited(end=END + 1)),
            "no-start": (limited(), limited(start=None)),
            **pairs("other_windows"),
        },
    )
    def test_different(self, first: Schedule, second: Schedule) -> None:
        assert not same_effect(first, second)
        assert not same_effect(second, first)

    @pytest.mark.parametrize(
        ("schedule", "past"),
        [
            (None, False),
            (Schedule(permanent=True), False),
            (limited(end=None), False),
            (limited(end=1199), True),
            (limited(end=1200), True),
            (limited(end=1201), False),
            (limited(end=1259), False),
        ],
    )
    def test_is_past(self, schedule: Schedule | None, past: bool) -> None:
        """A schedule is past at its end; the last second of a minute belongs to it."""
        assert is_past(schedule, 1200) is past
        assert is_past(schedule, 1200.9) is past
        assert not is_past(limited(end=1199), 1199.9)

    @pytest.mark.parametrize(
        ("schedule", "expected"),
        [
            (Schedule(permanent=True), False),
            (limited(start=None, end=None), False),
            (limited(end=None), True),
            (limited(start=None), True),
            (limited(hours(62, 540, 720), start=None, end=None), True),
        ],
        ids=["permanent", "no-limit-named", "start", "end", "windows"],
    )
    def test_is_limited(self, schedule: Schedule, expected: bool) -> None:
        assert schedule.is_limited is expected


class TestEncoding:
    def test_camel(self) -> None:
        schedule = limited(hours(99, 420, 1438), end=1_640_015_999)
        detail = {"allDay": False, "start_minute": "420", "end_minute": "1438"}
        sample = {
            "scheduleDetails": [{**detail, "workingDay": 99}],
            "effectiveTime": 1628179200,
            "expiredTime": 1640015999,
            "permanent": False,
        }
        assert encode_schedule(schedule, ScheduleBody.CAMEL, time_zone=None) == sample
        assert decode_schedule(sample) == schedule

    @pytest.mark.parametrize("body", ScheduleBody)
    def test_permanent(self, body: ScheduleBody) -> None:
        schedule = replace(limited(hours(1, 2, 3)), permanent=True)
        permanent = {"permanent": True}
        assert encode_schedule(schedule, body, time_zone="Asia/Tokyo") == (
            {"schedule": permanent} if body is ScheduleBody.WRAPPED else permanent
        )

    def test_without_windows(self) -> None:
        """No windows, no key; no zone, no key either."""
        assert encode_schedule(
            limited(), ScheduleBody.FLAT, time_zone="Asia/Tokyo"
        ) == {"permanent": False, "effective_time": START, "expired_time": END}
        body = encode_schedule(
            limited(hours(62, 450, 1050)), ScheduleBody.FLAT, time_zone=None
        )
        assert body["schedule_details"] == [
            {
                "all_day": False,
                "start_minute": 450,
                "end_minute": 1050,
                "working_day": 62,
            }
        ]

    def test_equal_hours_merged(self) -> None:
        schedule = limited(
            hours(2, 450, 1050),
            hours(1, 0, 60),
            hours(6, 450, 1050, "Asia/Tokyo"),
            hours(8, 450, 1050, "Asia/Seoul"),
        )
        body = encode_schedule(schedule, ScheduleBody.FLAT, time_zone="Asia/Tokyo")
        assert [
            (detail["working_day"], detail["time_zone_id"])
            for detail in body["schedule_details"]
        ] == [(6, "Asia/Tokyo"), (1, "Asia/Tokyo"), (8, "Asia/Seoul")]

    @given(schedules, st.sampled_from(ScheduleBody), st.booleans())
    def test_round_trip(
        self, schedule: Schedule, body: ScheduleBody, zone_known: bool
    ) -> None:
        zone = "Asia/Tokyo" if zone_known else None
        written = encode_schedule(schedule, body, time_zone=zone)
        found = decode_schedule(
            json.loads(json.dumps(written.get("schedule", written)))
        )
        assert found is not None
        assert same_effect(found, schedule)
        assert learned(schedule, found) == PLAIN
        assert {one.time_zone for one in found.windows or ()} == {
            one.time_zone or zone for one in schedule.windows or ()
        }

    def test_seen_keys(self) -> None:
        """A new schedule uses the keys of the lock's existing schedules."""
        detail = {"all_day": False, "effective_time": 540, "invalid_time": 1020}
        content = {
            "permanent": False,
            "effective_time": START,
            "expired_time": END,
            "schedule_details": [{**detail, "working_day": 62}],
        }
        found = decode_schedule(content)
        assert found == limited(hours(62, 540, 1020))
        assert seen_keys([found, limited()]) is WindowKeys.TIMES
        dialect = WindowDialect(keys=WindowKeys.TIMES)
        new = limited(hours(62, 540, 1020))
        for body in (ScheduleBody.WRAPPED, ScheduleBody.FLAT):
            written = encode_schedule(new, body, time_zone=None, dialect=dialect)
            assert written.get("schedule", written) == content
        other = decode_schedule({"schedule_details": [GOOD]})
        assert other is not None
        assert seen_keys([found, other]) is WindowKeys.MINUTES
        assert seen_keys([limited()]) is None

    @given(anything, st.sampled_from(ScheduleBody))
    def test_restored_unchanged(self, value: object, body: ScheduleBody) -> None:
        """A decoded schedule is written back as received, understood or not."""
        found = decode_schedule(value)
        if found is None:
            return
        content = found.raw
        if isinstance(content, dict):
            status = {"operate", "delivery_status", "deliveryStatus"}
            content = {k: v for k, v in content.items() if k not in status}
        written = encode_schedule(found, body, time_zone="Asia/Tokyo")
        if body is ScheduleBody.WRAPPED or not isinstance(content, dict):
            written = written["schedule"]
        if body is not ScheduleBody.CAMEL:
            assert json.dumps(written) == json.dumps(content)
        if body is not ScheduleBody.CAMEL or found.is_understood:
            assert same_effect(decode_schedule(written), found)

    @given(st.lists(windows, min_size=1, max_size=4), st.booleans(), st.booleans())
    def test_restored_normalized(
        self, plain: list[Window], is_reversed: bool, is_text: bool
    ) -> None:
        """A lock that returns days and hours in another form is sent normalized ones."""
        dialect = WindowDialect(reversed_days=is_reversed, hhmm_times=True)
        expected = [
            {
                "working_day": one.mask,
                "startMinute": one.start_minute,
                "invalid_time": str(one.end_minute),
                "all_day": False,
                "remark": "x",
            }
            for one in plain
        ]
        returned = [
            detail
            | {
                "working_day": int(f"{one.mask:08b}"[::-1], 2)
                if is_reversed
                else one.mask,
                "startMinute": _clock(one.start_minute),
                "invalid_time": str(_clock(one.end_minute)),
            }
            for detail, one in zip(expected, plain, strict=True)
        ]
        found = decode_schedule(
            {"schedule_details": json.dumps(returned) if is_text else returned}
        )
        assert found is not None

        written = encode_schedule(
            found, ScheduleBody.FLAT, time_zone=None, dialect=dialect
        )["schedule_details"]

        assert (json.loads(written) if is_text else written) == expected


def _clock(minute: int) -> int:
    """Return minutes as a clock time."""
    return minute // 60 * 100 + minute % 60
