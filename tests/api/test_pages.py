"""Tests of paged lists."""

from collections.abc import Awaitable, Callable
from operator import itemgetter
from typing import Any, Final, Literal

import pytest

from custom_components.tuya_lock_users.api import endpoints, paging, user_list
from custom_components.tuya_lock_users.api.endpoints import Endpoints
from custom_components.tuya_lock_users.api.errors import (
    BadRequestError,
    ThrottledError,
    UnexpectedReplyError,
)
from custom_components.tuya_lock_users.api.paging import (
    MAX_PAGES,
    Listing,
    Page,
    PageCollector,
    page_of,
)
from custom_components.tuya_lock_users.api.user_list import UserCalls
from simulator import Lock, SimulatedCloud
from tests.common import cases

from .conftest import Site

SIZE: Final = 3
USERS: Final = "users_v11"

type Presence = Literal["true", "absent", "lying"]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Request small pages, and smaller ones if they are refused."""
    monkeypatch.setattr(user_list, "USERS_PER_PAGE", SIZE)
    monkeypatch.setattr(endpoints, "METHODS_PER_PAGE", SIZE)
    monkeypatch.setattr(endpoints, "LOCKS_PER_PAGE", SIZE)
    monkeypatch.setattr(paging, "SMALLER_PAGE", 2)


@pytest.fixture
def door(cloud: SimulatedCloud) -> Lock:
    return cloud.add_lock("back", "Back door")


def users_of(site: Site) -> UserCalls:
    return UserCalls(site.locks.lists, "back")


def fill(door: Lock, count: int) -> list[str]:
    return [door.add_user(f"U{n}", user_id=f"{n}").user_id for n in range(count)]


def ids(listing: Listing[Any]) -> list[str]:
    return [user.user_id for user in listing.items]


class TestPage:
    @pytest.mark.parametrize("key", ["records", "list", "devices", "unlock_keys"])
    def test_object(self, key: str) -> None:
        """The list can have several keys, and everything else can be missing."""
        rest = {"total": "18", "has_more": 1, "last_row_key": "row"}
        page = page_of({"records": [], "list": None, key: [{"a": 1}], **rest})
        assert page == Page(
            records=[{"a": 1}], broken=0, total=18, has_more=True, last_row_key="row"
        )
        assert page_of({key: []}) == Page(
            records=[], broken=0, total=None, has_more=None, last_row_key=""
        )

    def test_list(self) -> None:
        """A plain list has no figures; entries that are not records are counted."""
        assert page_of([{"a": 1}, {}, None, 1, "x", []]) == Page(
            records=[{"a": 1}, {}], broken=4, total=None, has_more=None, last_row_key=""
        )

    @pytest.mark.parametrize(
        ("rows", "continues"), [(49, False), (50, True), (51, False), (130, False)]
    )
    def test_full_plain_list(self, rows: int, continues: bool) -> None:
        """A full page may be the first of several; a longer list is complete."""
        collector = PageCollector(lambda raw: raw, itemgetter("a"), 50)
        assert collector.add(page_of([{"a": n} for n in range(rows)])) is continues

    @pytest.mark.parametrize(
        "result", [None, {}, {"unlock_keys": None}, {"records": {}, "total": None}]
    )
    def test_missing_list(self, result: object) -> None:
        """A missing list can mean an empty one."""
        assert page_of(result, may_be_missing=True) == Page(records=[])
        for other in (True, "", {"total": 1}, {"items": [{"a": 1}]}):
            with pytest.raises(UnexpectedReplyError):
                page_of(other, may_be_missing=True)

    @pytest.mark.parametrize("total", [0, "0"])
    def test_total_zero(self, total: object) -> None:
        """A total of 0 needs no list."""
        page = page_of({"total": total, "has_more": False, "records": None})
        assert (page.records, page.total, page.has_more) == ([], 0, False)

    @pytest.mark.parametrize(
        "result",
        [
            *(None, True, 0, "", {}),
            {"total": 1, "has_more": False},
            {"total": None, "has_more": False},
            {"records": None},
            {"records": {"a": 1}},
            {"items": [{"a": 1}]},
        ],
        ids=repr,
    )
    def test_no_list(self, result: object) -> None:
        with pytest.raises(UnexpectedReplyError):
            page_of(result)


@pytest.mark.usefixtures("socket_enabled")
class TestFollowing:
    """Reading all pages, also with wrong figures."""

    @pytest.mark.parametrize("page_key", ["records", "list"])
    @pytest.mark.parametrize("totals", ["true", "absent", "lying"])
    @pytest.mark.parametrize("has_more", ["true", "absent", "lying"])
    @pytest.mark.parametrize("count", [0, 1, SIZE, SIZE + 1, 2 * SIZE, 4 * SIZE + 2])
    async def test_pages(
        self,
        site: Site,
        count: int,
        has_more: Presence,
        totals: Presence,
        page_key: Literal["records", "list"],
    ) -> None:
        """All items arrive in order, with at most one unneeded call; none if figures are right.

        A list is complete where no page promised one that did not come.
        """
        site.cloud.dialects.set(has_more=has_more, totals=totals, page_key=page_key)
        expected = fill(site.door, count)
        listing = await users_of(site).with_filter()
        assert ids(listing) == expected
        assert listing.is_complete is ("lying" not in (totals, has_more))
        calls = site.cloud.calls.to(USERS)
        pages = max(-(-count // SIZE), 1)
        is_honest = has_more == totals == "true"
        assert pages <= len(calls) <= pages + (not is_honest)
        assert [(call.query["page_no"], call.query["page_size"]) for call in calls] == [
            (str(number + 1), str(SIZE)) for number in range(len(calls))
        ]

    @cases(
        ("nature", "found", "calls"),
        {
            # If the first page is repeated, reading stops after the second.
            "repeat": ("repeat", SIZE, 2),
            # If there is always more, reading stops at an empty page.
            "endless": ("endless", 7, 4),
        },
    )
    @pytest.mark.parametrize("totals", ["true", "absent"])
    async def test_lying_server(
        self,
        site: Site,
        totals: Literal["true", "absent"],
        nature: Literal["repeat", "endless"],
        found: int,
        calls: int,
    ) -> None:
        site.cloud.dialects.totals = totals
        expected = fill(site.door, 7)
        site.cloud.faults.page(nature, on=USERS)
        listing = await users_of(site).with_filter()
        assert ids(listing) == expected[:found]
        assert not listing.is_complete
        assert len(site.cloud.calls.to(USERS)) == calls

    async def test_too_many_pages(self, site: Site) -> None:
        site.cloud.dialects.set(totals="absent", has_more="absent")
        expected = fill(site.door, SIZE * (MAX_PAGES + 5))
        listing = await users_of(site).with_filter()
        assert ids(listing) == expected[: SIZE * MAX_PAGES]
        assert not listing.is_complete
        assert len(site.cloud.calls.to(USERS)) == MAX_PAGES

    async def test_truncated_page(self, site: Site) -> None:
        expected = fill(site.door, 3)
        site.cloud.faults.page("truncate", on=USERS)
        listing = await users_of(site).with_filter()
        assert ids(listing) == expected[:1]
        assert not listing.is_complete

    @cases(
        ("users", "total", "is_complete", "calls"),
        {
            # The sample has a total of 18 and one record: others can be on a second page.
            "too-large": (1, 18, False, 2),
            # A total that is too small hides no record.
            "too-small": (7, 2, True, 3),
            "of-no-users": (0, 5, False, 1),
        },
    )
    async def test_wrong_total(
        self, site: Site, users: int, total: int, is_complete: bool, calls: int
    ) -> None:
        expected = fill(site.door, users)
        site.cloud.faults.page("total", total, on=USERS)
        listing = await users_of(site).with_filter()
        assert ids(listing) == expected
        assert listing.is_complete is is_complete
        assert len(site.cloud.calls.to(USERS)) == calls

    @pytest.mark.parametrize(
        ("figures", "is_promise"),
        [
            pytest.param({"total_pages": 3}, True, id="total-pages"),
            pytest.param({"total_pages": "3", "has_more": False}, True, id="no-more"),
            pytest.param({"total_pages": 3, "total": 2}, True, id="total-of-the-page"),
            pytest.param({"total": 5, "has_more": False}, True, id="total"),
            pytest.param({"has_more": True}, True, id="has-more"),
            pytest.param({"page_size": 2}, False, id="full-page"),
            pytest.param({"page_size": 2, "has_more": False}, False, id="full-at-end"),
        ],
    )
    @pytest.mark.parametrize("has_others", [True, False], ids=["others", "nothing"])
    async def test_next_page(
        self, site: Site, figures: dict[str, Any], is_promise: bool, has_others: bool
    ) -> None:
        """Any figure does; where the promised page is empty, the list is incomplete."""
        pages = [["1", "2"], ["3", "4"], ["5"]] if has_others else [["1", "2"], []]
        for number, page in enumerate(pages):
            is_last = number == len(pages) - 1
            reply = {"records": [{"user_id": user} for user in page]}
            sent = {**figures, "has_more": False} if is_last else figures
            site.cloud.faults.result({**reply, **sent}, on=USERS, after=number)
        listing = await users_of(site).with_filter()
        assert ids(listing) == [user for page in pages for user in page]
        assert listing.is_complete is (has_others or not is_promise)
        assert len(site.cloud.calls.to(USERS)) == len(pages)

    async def test_moved_record(self, site: Site) -> None:
        """A repeated record counts once: the first one."""
        first = [{"user_id": n, "nick_name": "first"} for n in (3, 1, 2)]
        second = [{"user_id": n, "nick_name": "second"} for n in (2, 4)]
        site.cloud.faults.result({"records": first, "has_more": True}, on=USERS)
        site.cloud.faults.result(
            {"records": second, "has_more": False}, on=USERS, after=1
        )
        listing = await users_of(site).with_filter()
        assert [(user.user_id, user.name) for user in listing.items] == [
            *(("3", "first"), ("1", "first"), ("2", "first"), ("4", "second"))
        ]

    async def test_later_page_fails(self, site: Site) -> None:
        fill(site.door, 7)
        site.cloud.faults.refuse(1110, on=USERS, after=1, times=3)
        with pytest.raises(ThrottledError):
            await users_of(site).with_filter()
        assert len((await users_of(site).with_filter()).items) == 7


@pytest.mark.usefixtures("socket_enabled")
class TestBrokenRecords:
    @pytest.mark.parametrize(
        "broken",
        [{}, {"user_id": None}, {"user_id": ""}, {"user_id": {"a": 1}}, None, 42, []],
        ids=repr,
    )
    async def test_broken_record(self, site: Site, broken: object) -> None:
        """A broken record affects no other, but the list is incomplete; alone it is an error."""
        rows = [{"user_id": "1"}, broken, {"user_id": "3"}]
        site.cloud.faults.result({"records": rows, "has_more": False}, on=USERS)
        listing = await users_of(site).with_filter()
        assert ids(listing) == ["1", "3"]
        assert not listing.is_complete
        site.cloud.faults.clear()
        site.cloud.faults.result({"records": [broken] * 2, "has_more": False}, on=USERS)
        with pytest.raises(UnexpectedReplyError):
            await users_of(site).with_filter()

    async def test_full_page(self, site: Site) -> None:
        rows = [{"user_id": "1"}, {}, None]
        site.cloud.faults.result({"records": rows}, on=USERS)
        site.cloud.faults.result({"records": [{"user_id": "4"}]}, on=USERS, after=1)
        assert ids(await users_of(site).with_filter()) == ["1", "4"]


@pytest.mark.usefixtures("socket_enabled")
class TestPageSize:
    @cases(
        "read",
        {
            "with-methods": lambda site: users_of(site).with_methods(),
            "with-filter": lambda site: users_of(site).with_filter(),
            "unlock-methods": lambda site: site.locks.unlock_methods("back", "1"),
        },
    )
    async def test_refused(
        self, site: Site, read: Callable[[Site], Awaitable[Listing[Any]]]
    ) -> None:
        """If the usual page size is refused, a smaller one is tried and remembered."""
        fill(site.door, 5)
        for _ in range(5):
            site.door.add_method("card", site.door.users["1"])
        site.cloud.dialects.page_size_max = 2
        sizes = []
        for _ in range(2):
            site.cloud.calls.clear()
            listing = await read(site)
            assert len(listing.items) == 5
            assert listing.is_complete
            calls = [call for call in site.cloud.calls if "page_size" in call.query]
            sizes.append([call.query["page_size"] for call in calls])
        assert sizes == [["3", "2", "2", "2"], ["2", "2", "2"]]

    async def test_refused_again(self, site: Site) -> None:
        """If the smaller size is refused as well, it is not remembered, nor tried again."""
        fill(site.door, 3)
        site.cloud.faults.refuse(1109, on=USERS, times=2)
        with pytest.raises(BadRequestError):
            await users_of(site).with_filter()
        assert len((await users_of(site).with_filter()).items) == 3
        site.cloud.dialects.page_size_max = 2
        await users_of(site).with_filter()
        site.cloud.faults.refuse(1109, on=USERS, times=None)
        with pytest.raises(BadRequestError):
            await users_of(site).with_filter()
        sizes = [call.query["page_size"] for call in site.cloud.calls.to(USERS)]
        assert sizes == [*("3", "2", "3"), *("3", "2", "2"), "2"]

    async def test_clamped(self, site: Site) -> None:
        expected = fill(site.door, 7)
        site.cloud.dialects.set(page_size_max=2, page_size_over="clamp")
        listing = await users_of(site).with_filter()
        assert ids(listing) == expected
        assert listing.is_complete


@pytest.mark.usefixtures("socket_enabled")
class TestRows:
    """The list that continues after the last row instead of by numbers."""

    CALL: Final = "associated_devices"

    @pytest.fixture(autouse=True)
    def devices(self, cloud: SimulatedCloud, door: Lock) -> None:
        for number in range(6):
            cloud.add_device(f"device{number}")

    @pytest.mark.parametrize("totals", ["true", "absent", "lying"])
    @pytest.mark.parametrize("has_more", ["true", "absent"])
    async def test_rows(
        self,
        site: Site,
        has_more: Literal["true", "absent"],
        totals: Literal["true", "absent", "lying"],
    ) -> None:
        site.cloud.dialects.set(has_more=has_more, totals=totals)
        listing = await site.locks.project_devices()
        assert [lock.lock_id for lock in listing.items] == [
            *("front", "back"),
            *(f"device{number}" for number in range(6)),
        ]
        assert listing.is_complete is (totals != "lying")
        assert [call.query for call in site.cloud.calls.to(self.CALL)] == [
            {"size": "3"},
            {"size": "3", "last_row_key": "device0"},
            {"size": "3", "last_row_key": "device3"},
            # The total is larger than the number of records.
            *([{"size": "3", "last_row_key": "device5"}] if totals == "lying" else ()),
        ]

    @pytest.mark.parametrize(
        ("key", "calls"),
        [
            pytest.param("", 1, id="missing"),
            pytest.param(None, 1, id="null"),
            pytest.param({"a": 1}, 1, id="object"),
            pytest.param("device1", 2, id="repeated"),
        ],
    )
    async def test_no_last_row(self, site: Site, key: object, calls: int) -> None:
        """Without a new last row there is no next page, and the list is not complete."""
        site.cloud.dialects.totals = "absent"
        site.cloud.faults.edit(
            lambda result: result | {"last_row_key": key}, on=self.CALL, times=None
        )
        listing = await site.locks.project_devices()
        assert len(listing.items) == calls * SIZE
        assert not listing.is_complete
        assert len(site.cloud.calls.to(self.CALL)) == calls

    async def test_odd_key(self, cloud: SimulatedCloud, locks: Endpoints) -> None:
        cloud.faults.edit(
            lambda result: result | {"last_row_key": "a&b=\ud83d+,ü"},
            on=self.CALL,
            times=None,
        )
        listing = await locks.project_devices()  # a page that is refused ends the list
        assert len(listing.items) == SIZE
        assert not listing.is_complete
        assert cloud.calls[-1].query["last_row_key"] == "a&b=?+,ü"
        assert len(cloud.calls.to(self.CALL)) == 2
