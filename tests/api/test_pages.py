"""Tests of lists: pages that end, lie, repeat themselves, or never end."""

from operator import itemgetter
from typing import Any, Final, Literal

import pytest

from custom_components.tuya_lock_users.api import endpoints as locks_module
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
from simulator import Lock, SimulatedCloud

SIZE: Final = 3
USERS: Final = "users_v11"


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for few records at a time, and for fewer where that is refused."""
    monkeypatch.setattr(locks_module, "USERS_PER_PAGE", SIZE)
    monkeypatch.setattr(locks_module, "METHODS_PER_PAGE", SIZE)
    monkeypatch.setattr(locks_module, "LOCKS_PER_PAGE", SIZE)
    monkeypatch.setattr(locks_module, "SMALLER_PAGE", 2)


@pytest.fixture
def door(cloud: SimulatedCloud) -> Lock:
    """A lock without users."""
    return cloud.add_lock("back", "Back door")


def fill(door: Lock, count: int) -> list[str]:
    """Add users to a lock; return their ids."""
    return [door.add_user(f"U{n}", user_id=f"{n}").user_id for n in range(count)]


def ids(listing: Listing[Any]) -> list[str]:
    """Return the ids of the users of a list."""
    return [user.user_id for user in listing.items]


class TestPage:
    """One reply of a list."""

    @pytest.mark.parametrize(
        "key", ["records", "list", "devices", "unlock_keys"], ids=lambda key: key
    )
    def test_object(self, key: str) -> None:
        """The list may stand under several keys."""
        result = {
            key: [{"a": 1}],
            "total": "18",
            "has_more": 1,
            "last_row_key": "row",
        }
        assert page_of(result) == Page(
            records=[{"a": 1}], broken=0, total=18, has_more=True, last_row_key="row"
        )

    def test_list(self) -> None:
        """A plain list says nothing of others."""
        assert page_of([{"a": 1}, {}]) == Page(
            records=[{"a": 1}, {}],
            broken=0,
            total=None,
            has_more=None,
            last_row_key="",
        )

    @pytest.mark.parametrize(
        ("rows", "asks_on"), [(49, False), (50, True), (51, False), (130, False)]
    )
    def test_plain_list_that_is_exactly_full(self, rows: int, asks_on: bool) -> None:
        """It may be the first page of several; a longer one knows no pages."""
        collector = PageCollector(lambda raw: raw, itemgetter("a"), 50)

        assert collector.add(page_of([{"a": n} for n in range(rows)])) is asks_on

    def test_nothing_said(self) -> None:
        """Everything but the list may be missing."""
        assert page_of({"records": []}) == Page(
            records=[], broken=0, total=None, has_more=None, last_row_key=""
        )

    def test_second_key(self) -> None:
        """A key that holds no list does not hide one that does."""
        assert page_of({"records": None, "list": [{"a": 1}]}).records == [{"a": 1}]

    @pytest.mark.parametrize(
        "result", [None, {}, {"unlock_keys": None}, {"records": {}, "total": None}]
    )
    def test_missing_list(self, result: object) -> None:
        """A call that leaves out an empty list has answered that there is nothing."""
        assert page_of(result, may_be_missing=True) == Page(records=[])
        for other in (True, "", {"total": 1}, {"items": [{"a": 1}]}):
            with pytest.raises(UnexpectedReplyError):
                page_of(other, may_be_missing=True)

    def test_no_records(self) -> None:
        """What is no record is counted."""
        page = page_of([None, 1, "x", [], {"a": 1}])
        assert (page.records, page.broken) == ([{"a": 1}], 4)

    def test_nothing_by_its_own_account(self) -> None:
        """Who says that there are none needs no list to show it."""
        for total in (0, "0"):
            page = page_of({"total": total, "has_more": False, "records": None})
            assert (page.records, page.total, page.has_more) == ([], 0, False)

    @pytest.mark.parametrize(
        "result",
        [
            pytest.param(None, id="null"),
            pytest.param(True, id="boolean"),
            pytest.param(0, id="number"),
            pytest.param("", id="text"),
            pytest.param({}, id="empty-object"),
            pytest.param({"total": 1, "has_more": False}, id="no-list"),
            pytest.param({"total": None, "has_more": False}, id="no-total"),
            pytest.param({"records": None}, id="list-null"),
            pytest.param({"records": {"a": 1}}, id="list-object"),
            pytest.param({"items": [{"a": 1}]}, id="unknown-key"),
        ],
    )
    def test_no_list(self, result: object) -> None:
        """An answer without a list is not an empty list."""
        with pytest.raises(UnexpectedReplyError):
            page_of(result)


@pytest.mark.usefixtures("socket_enabled")
class TestFollowing:
    """Pages of a server that may lie, followed to the end."""

    @pytest.mark.parametrize("page_key", ["records", "list"])
    @pytest.mark.parametrize("totals", ["true", "absent", "lying"])
    @pytest.mark.parametrize("has_more", ["true", "absent", "lying"])
    @pytest.mark.parametrize("count", [0, 1, SIZE, SIZE + 1, 2 * SIZE, 4 * SIZE + 2])
    async def test_pages(
        self,
        cloud: SimulatedCloud,
        door: Lock,
        locks: Endpoints,
        count: int,
        has_more: Literal["true", "absent", "lying"],
        totals: Literal["true", "absent", "lying"],
        page_key: Literal["records", "list"],
    ) -> None:
        """All comes, in order, with at most one call too many.

        A list is complete where no page promised one that did not come.
        """
        cloud.dialects.set(has_more=has_more, totals=totals, page_key=page_key)
        expected = fill(door, count)
        listing = await locks.users_with_filter("back")
        assert ids(listing) == expected
        assert listing.is_complete is ("lying" not in (totals, has_more))
        calls = cloud.calls.to(USERS)
        pages = max(-(-len(expected) // SIZE), 1)
        assert pages <= len(calls) <= pages + 1
        assert [call.query["page_no"] for call in calls] == [
            str(number + 1) for number in range(len(calls))
        ]
        assert {call.query["page_size"] for call in calls} == {str(SIZE)}

    async def test_honest_server(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints
    ) -> None:
        """Where nothing is odd there is no call too many."""
        for count, calls in ((0, 1), (1, 1), (SIZE, 1), (SIZE + 1, 2), (3 * SIZE, 3)):
            cloud.calls.clear()
            door.users.clear()
            fill(door, count)
            assert len((await locks.users_with_filter("back")).items) == count
            assert cloud.calls.counts()[USERS] == calls

    @pytest.mark.parametrize("totals", ["true", "absent"])
    async def test_repeating_server(
        self,
        cloud: SimulatedCloud,
        door: Lock,
        locks: Endpoints,
        totals: Literal["true", "absent"],
    ) -> None:
        """A server that shows its first page for ever is left after the second."""
        cloud.dialects.totals = totals
        expected = fill(door, 7)
        cloud.faults.page("repeat", on=USERS)
        listing = await locks.users_with_filter("back")
        assert ids(listing) == expected[:SIZE]
        assert not listing.is_complete
        assert len(cloud.calls.to(USERS)) == 2

    @pytest.mark.parametrize("totals", ["true", "absent"])
    async def test_endless_server(
        self,
        cloud: SimulatedCloud,
        door: Lock,
        locks: Endpoints,
        totals: Literal["true", "absent"],
    ) -> None:
        """One that always has more is asked until a page is empty, and not believed."""
        cloud.dialects.totals = totals
        expected = fill(door, 7)
        cloud.faults.page("endless", on=USERS)
        listing = await locks.users_with_filter("back")
        assert ids(listing) == expected
        assert not listing.is_complete
        assert len(cloud.calls.to(USERS)) == 4

    async def test_too_many_pages(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints
    ) -> None:
        """However many there are, only so many pages are read."""
        cloud.dialects.totals = "absent"
        expected = fill(door, SIZE * (MAX_PAGES + 5))
        listing = await locks.users_with_filter("back")
        assert ids(listing) == expected[: SIZE * MAX_PAGES]
        assert not listing.is_complete
        assert len(cloud.calls.to(USERS)) == MAX_PAGES

    async def test_truncated_page(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints
    ) -> None:
        """Half a page without the rest is no complete list."""
        expected = fill(door, 3)
        cloud.faults.page("truncate", on=USERS)
        listing = await locks.users_with_filter("back")
        assert ids(listing) == expected[:1]
        assert not listing.is_complete

    async def test_total_of_the_sample(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints
    ) -> None:
        """The sample says 18 and shows one: the others may be on a second page."""
        fill(door, 1)
        cloud.faults.page("total", 18, on=USERS)
        listing = await locks.users_with_filter("back")
        assert len(listing.items) == 1
        assert not listing.is_complete
        assert len(cloud.calls.to(USERS)) == 2

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
    async def test_what_asks_for_the_next_page(
        self,
        cloud: SimulatedCloud,
        locks: Endpoints,
        figures: dict[str, Any],
        is_promise: bool,
        has_others: bool,
    ) -> None:
        """Any figure does; where the promised page is empty, the list is incomplete."""
        pages = [["1", "2"], ["3", "4"], ["5"]] if has_others else [["1", "2"], []]
        for number, page in enumerate(pages):
            is_last = number == len(pages) - 1
            reply = {"records": [{"user_id": user} for user in page]}
            said = {**figures, "has_more": False} if is_last else figures
            cloud.faults.result({**reply, **said}, on=USERS, after=number)

        listing = await locks.users_with_filter("front")

        assert ids(listing) == [user for page in pages for user in page]
        assert listing.is_complete is (has_others or not is_promise)
        assert len(cloud.calls.to(USERS)) == len(pages)

    async def test_total_too_small(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints
    ) -> None:
        """A total below the truth hides nothing that the pages show."""
        expected = fill(door, 7)
        cloud.faults.page("total", 2, on=USERS)
        listing = await locks.users_with_filter("back")
        assert ids(listing) == expected
        assert listing.is_complete

    async def test_list_instead_of_pages(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints
    ) -> None:
        """A plain list is taken for the whole, however long it is."""
        rows = [{"user_id": str(number)} for number in range(50)]
        cloud.faults.result(rows, on=USERS)
        listing = await locks.users_with_filter("back")
        assert len(listing.items) == 50
        assert listing.is_complete
        assert len(cloud.calls.to(USERS)) == 1

    async def test_records_that_move(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints
    ) -> None:
        """A record that comes again on the next page is taken once."""
        first = {"records": [{"user_id": n} for n in (1, 2, 3)], "has_more": True}
        second = {"records": [{"user_id": n} for n in (3, 4)], "has_more": False}
        cloud.faults.result(first, on=USERS)
        cloud.faults.result(second, on=USERS, after=1)
        assert ids(await locks.users_with_filter("back")) == ["1", "2", "3", "4"]

    async def test_error_on_a_later_page(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints
    ) -> None:
        """A list of which a page is missing is no list."""
        fill(door, 7)
        cloud.faults.refuse(1110, on=USERS, after=1, times=3)
        with pytest.raises(ThrottledError):
            await locks.users_with_filter("back")
        assert len((await locks.users_with_filter("back")).items) == 7


@pytest.mark.usefixtures("socket_enabled")
class TestBrokenRecords:
    """Records that cannot be read."""

    @pytest.mark.parametrize(
        "broken",
        [
            pytest.param({}, id="without-id"),
            pytest.param({"user_id": None}, id="id-null"),
            pytest.param({"user_id": {"a": 1}}, id="id-object"),
            pytest.param(None, id="null"),
            pytest.param(42, id="number"),
            pytest.param([], id="list"),
        ],
    )
    async def test_one_of_three(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints, broken: object
    ) -> None:
        """One that cannot be read costs no other, but the list is not complete."""
        rows = [{"user_id": "1"}, broken, {"user_id": "3"}]
        cloud.faults.result({"records": rows, "has_more": False}, on=USERS)
        listing = await locks.users_with_filter("back")
        assert ids(listing) == ["1", "3"]
        assert not listing.is_complete

    @pytest.mark.parametrize(
        "rows",
        [
            pytest.param([{}, {"user_id": ""}], id="without-ids"),
            pytest.param([None, 1, "x"], id="no-objects"),
        ],
    )
    async def test_all(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints, rows: list[Any]
    ) -> None:
        """A list in which nothing can be read is not an empty list."""
        cloud.faults.result({"records": rows, "has_more": False}, on=USERS)
        with pytest.raises(UnexpectedReplyError):
            await locks.users_with_filter("back")

    async def test_full_page(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints
    ) -> None:
        """A page is full also when some of it is broken."""
        rows = [{"user_id": "1"}, {}, None]
        cloud.faults.result({"records": rows}, on=USERS)
        cloud.faults.result({"records": [{"user_id": "4"}]}, on=USERS, after=1)
        assert ids(await locks.users_with_filter("back")) == ["1", "4"]


@pytest.mark.usefixtures("socket_enabled")
class TestPageSize:
    """A page size that is not accepted."""

    @pytest.mark.parametrize("call", ["users", "users_with_filter", "unlock_methods"])
    async def test_refused(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints, call: str
    ) -> None:
        """A smaller size is tried where the usual one is refused, and remembered."""
        fill(door, 5)
        for _ in range(5):
            door.add_method("card", door.users["1"])
        cloud.dialects.page_size_max = 2
        of_user = ("1",) if call == "unlock_methods" else ()
        sizes = []
        for _ in range(2):
            cloud.calls.clear()
            listing = await getattr(locks, call)("back", *of_user)
            assert len(listing.items) == 5
            assert listing.is_complete
            calls = [call for call in cloud.calls if "page_size" in call.query]
            sizes.append([call.query["page_size"] for call in calls])
        assert sizes == [["3", "2", "2", "2"], ["2", "2", "2"]]

    async def test_refused_for_another_reason(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints
    ) -> None:
        """Where the smaller size is refused as well, it is not remembered."""
        fill(door, 3)
        cloud.faults.refuse(1109, on=USERS, times=2)
        with pytest.raises(BadRequestError):
            await locks.users_with_filter("back")
        assert len((await locks.users_with_filter("back")).items) == 3
        sizes = [call.query["page_size"] for call in cloud.calls.to(USERS)]
        assert sizes == ["3", "2", "3"]

    async def test_smaller_size_refused_later(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints
    ) -> None:
        """There is nothing to try below the smaller size."""
        fill(door, 2)
        cloud.dialects.page_size_max = 2
        await locks.users_with_filter("back")
        cloud.calls.clear()
        cloud.faults.refuse(1109, on=USERS, times=None)
        with pytest.raises(BadRequestError):
            await locks.users_with_filter("back")
        assert len(cloud.calls.to(USERS)) == 1

    async def test_clamped(
        self, cloud: SimulatedCloud, door: Lock, locks: Endpoints
    ) -> None:
        """A server that quietly gives fewer is followed all the same."""
        expected = fill(door, 7)
        cloud.dialects.set(page_size_max=2, page_size_over="clamp")
        listing = await locks.users_with_filter("back")
        assert ids(listing) == expected
        assert listing.is_complete


@pytest.mark.usefixtures("socket_enabled")
class TestRows:
    """The list that goes on after the last row instead of by numbers."""

    CALL: Final = "associated_devices"

    @pytest.fixture(autouse=True)
    def devices(self, cloud: SimulatedCloud) -> None:
        """Seven devices and a lock."""
        for number in range(7):
            cloud.add_device(f"device{number}")

    @pytest.mark.parametrize("totals", ["true", "absent", "lying"])
    @pytest.mark.parametrize("has_more", ["true", "absent"])
    async def test_rows(
        self,
        cloud: SimulatedCloud,
        locks: Endpoints,
        has_more: Literal["true", "absent"],
        totals: Literal["true", "absent", "lying"],
    ) -> None:
        """All comes, page after page."""
        cloud.dialects.set(has_more=has_more, totals=totals)
        listing = await locks.project_devices()
        assert [lock.lock_id for lock in listing.items] == [
            "front",
            *(f"device{number}" for number in range(7)),
        ]
        assert listing.is_complete is (totals != "lying")
        assert [call.query for call in cloud.calls.to(self.CALL)] == [
            {"size": "3"},
            {"size": "3", "last_row_key": "device1"},
            {"size": "3", "last_row_key": "device4"},
            # The total says that there are more than these.
            *([{"size": "3", "last_row_key": "device6"}] if totals == "lying" else ()),
        ]

    @pytest.mark.parametrize(
        ("key", "calls"),
        [
            pytest.param("", 1, id="missing"),
            pytest.param(None, 1, id="null"),
            pytest.param({"a": 1}, 1, id="object"),
            pytest.param("device1", 2, id="the-same-again"),
        ],
    )
    async def test_no_way_on(
        self, cloud: SimulatedCloud, locks: Endpoints, key: object, calls: int
    ) -> None:
        """Without a new last row there is no next page, and the list is not complete."""
        cloud.dialects.totals = "absent"
        cloud.faults.edit(
            lambda result: result | {"last_row_key": key}, on=self.CALL, times=None
        )
        listing = await locks.project_devices()
        assert len(listing.items) == calls * SIZE
        assert not listing.is_complete
        assert len(cloud.calls.to(self.CALL)) == calls

    async def test_odd_key(self, cloud: SimulatedCloud, locks: Endpoints) -> None:
        """A last row of any text is sent back, signed as the cloud verifies it."""
        cloud.faults.edit(
            lambda result: result | {"last_row_key": "a&b=\ud83d+,ü"},
            on=self.CALL,
            times=None,
        )
        with pytest.raises(BadRequestError, match="1109"):
            await locks.project_devices()
        assert cloud.calls[-1].query["last_row_key"] == "a&b=?+,ü"
        assert [call.query["size"] for call in cloud.calls.to(self.CALL)] == [
            *("3", "3", "2", "2")
        ]


def test_order_is_kept() -> None:
    """What comes first stays first, and the first of two with one id is taken."""
    rows = [{"id": 2, "n": "a"}, {"id": 1, "n": "b"}, {"id": 2, "n": "c"}]
    collector = PageCollector(dict, lambda row: row["id"], 3)
    collector.add(page_of(rows))
    assert collector.listing().items == ({"id": 2, "n": "a"}, {"id": 1, "n": "b"})
