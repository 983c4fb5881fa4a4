"""Complete lists from plain lists or pages.

Pages contradict themselves: wrong totals, missing or wrong `has_more`, and repetitions
(docs/tuya_api.md, Pages). Any figure that promises another page causes a request for it,
and a promise that is not kept leaves the list incomplete.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from .cloud import TuyaCloud
from .decoding import flag, integer, objects, text
from .errors import LASTING_REFUSALS, BadRequestError, UnexpectedReplyError

# More than any lock has; stops a server that never ends a list.
MAX_PAGES: Final = 50
# The size of a page where another one is refused (docs/tuya_api.md, Pages).
SMALLER_PAGE: Final = 20

# Returns the item of a record, None if it cannot be read.
type Decode[Item] = Callable[[dict[str, Any]], Item | None]
# Returns what is equal for the same item.
type Identity[Item] = Callable[[Item], object]

_LIST_KEYS: Final = ("records", "list", "logs", "devices", "unlock_keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing[Item]:
    """The items of a list, and whether the list is complete as far as known.

    An incomplete list is no proof that something was removed. `pages` is the number of
    calls.
    """

    items: tuple[Item, ...]
    is_complete: bool
    pages: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One reply of a list: its records, and its figures for the others.

    Attributes:
        records: The records that are objects.
        broken: The number of entries that are not objects.
        size: The number of records on a page, according to the reply.
        total: The number of records on all pages, according to the reply.
        total_pages: The number of pages, according to the reply.
        has_more: Whether another page follows, according to the reply.
        last_row_key: Where the next page of a list without page numbers begins.
    """

    records: list[dict[str, Any]]
    broken: int = 0
    size: int | None = None
    total: int | None = None
    total_pages: int | None = None
    has_more: bool | None = None
    last_row_key: str = ""


def page_of(result: object, *, may_be_missing: bool = False) -> Page:
    """Return the page of a result that is a list, or an object with one in it.

    Raises UnexpectedReplyError for anything else: an answer without a list is not an
    empty list, unless the call is known to leave out an empty list (`may_be_missing`).
    """
    if isinstance(result, list):
        return _page({}, result)
    if isinstance(result, dict):
        found = [one for key in _LIST_KEYS if isinstance(one := result.get(key), list)]
        if found:
            return _page(result, max(found, key=len))
        if integer(result.get("total")) == 0:  # empty, without a list
            return _page(result, [])
    if may_be_missing and not _holds_anything(result):
        return Page(records=[])
    raise UnexpectedReplyError("no list in the reply")


def _page(reply: dict[str, Any], rows: list[Any]) -> Page:
    records = objects(rows)
    return Page(
        records=records,
        broken=len(rows) - len(records),
        size=integer(reply.get("page_size")),
        total=integer(reply.get("total")),
        total_pages=integer(reply.get("total_pages")),
        has_more=flag(reply.get("has_more")),
        last_row_key=text(reply.get("last_row_key")) or "",
    )


def _holds_anything(result: object) -> bool:
    """Return whether a reply is more than null, or an object of nulls."""
    if isinstance(result, dict):
        return any(value not in (None, {}) for value in result.values())
    return result is not None


class PageCollector[Item]:
    """Collects the pages of one list and decides whether another is worth a call."""

    def __init__(
        self,
        decode: Decode[Item],
        identity: Identity[Item],
        page_size: int,
        *,
        max_pages: int = MAX_PAGES,
    ) -> None:
        """Initialize without items."""
        self._decode = decode
        self._identity = identity
        self._page_size = page_size
        self._max_pages = max_pages
        self._items: dict[object, Item] = {}
        self._pages = 0
        self._broken = 0
        self._total: int | None = None
        self._total_pages: int | None = None
        self._is_promised = False

    def add(self, page: Page) -> bool:
        """Add a page; return whether to request the next one."""
        self._pages += 1
        self._broken += page.broken
        before = len(self._items)
        for record in page.records:
            if (item := self._decode(record)) is None:
                self._broken += 1
            else:
                self._items.setdefault(self._identity(item), item)
        self._total = _larger(self._total, page.total)
        self._total_pages = _larger(self._total_pages, page.total_pages)
        if len(self._items) == before:
            # The end, whatever its figures; the previous page promised more in vain.
            self._is_promised |= bool(page.has_more) or self._lacks_pages
            return False
        self._is_promised = (
            bool(page.has_more)
            or self._lacks_pages
            or len(self._items) + self._broken < (self._total or 0)
        )
        needs_next = self._is_promised or self._may_be_cut(page)
        if needs_next and self._pages >= self._max_pages:
            self._is_promised = True
            return False
        return needs_next

    @property
    def _lacks_pages(self) -> bool:
        return self._pages < (self._total_pages or 0)

    def _may_be_cut(self, page: Page) -> bool:
        """Return whether a page is exactly full, and nothing counts the records.

        A reply with more records than requested is not paged.
        """
        rows = len(page.records) + page.broken
        is_counted = self._total is not None or self._total_pages is not None
        return not is_counted and rows in (self._page_size, page.size)

    def cut(self) -> Listing[Item]:
        """Return the list without a further page, which was refused."""
        self._is_promised = True
        self._pages += 1
        return self.listing()

    def listing(self) -> Listing[Item]:
        """Return the list; raise UnexpectedReplyError if no record was readable."""
        if self._broken and not self._items:
            raise UnexpectedReplyError("no record could be read")
        return Listing(
            items=tuple(self._items.values()),
            is_complete=not self._broken
            and not self._is_promised
            and len(self._items) >= (self._total or 0),
            pages=self._pages,
        )


class Lists:
    """Reads the lists of one project, page by page. Each method raises TuyaError."""

    def __init__(self, cloud: TuyaCloud) -> None:
        """Initialize without known page sizes."""
        self._cloud = cloud
        self._page_sizes: dict[str, int] = {}

    async def read[Item](
        self,
        path: str,
        decode: Decode[Item],
        identity: Identity[Item],
        page_size: int,
        query: dict[str, str] | None = None,
        *,
        may_be_missing: bool = False,
        **ids: str,
    ) -> Listing[Item]:
        """Return a list with page numbers; the call may leave out an empty one."""

        async def read_pages(size: int) -> Listing[Item]:
            collector = PageCollector(decode, identity, size)
            sized = {**(query or {}), "page_size": str(size)}
            for number in count(1):
                numbered = {**sized, "page_no": str(number)}
                try:
                    result = await self._cloud.get(path, numbered, **ids)
                    page = page_of(result, may_be_missing=may_be_missing)
                except LASTING_REFUSALS:
                    if number == 1:
                        raise
                    return collector.cut()
                if not collector.add(page):
                    break
            return collector.listing()

        return await self._sized(path, page_size, read_pages)

    async def read_rows[Item](
        self,
        path: str,
        decode: Decode[Item],
        identity: Identity[Item],
        page_size: int,
    ) -> Listing[Item]:
        """Return a list in which each page names the row where the next one begins."""

        async def read_pages(size: int) -> Listing[Item]:
            collector = PageCollector(decode, identity, size)
            query = {"size": str(size)}
            while True:
                last_row_key = query.get("last_row_key", "")
                try:
                    page = page_of(await self._cloud.get(path, query))
                except LASTING_REFUSALS:
                    if not last_row_key:
                        raise
                    return collector.cut()
                if not collector.add(page) or page.last_row_key in ("", last_row_key):
                    return collector.listing()
                query["last_row_key"] = page.last_row_key

        return await self._sized(path, page_size, read_pages)

    async def read_plain[Item](
        self,
        path: str,
        decode: Decode[Item],
        identity: Identity[Item],
        query: dict[str, str] | None = None,
        *,
        may_be_missing: bool = False,
        **ids: str,
    ) -> Listing[Item]:
        """Return a list without pages; the call may leave out an empty one."""
        collector = PageCollector(decode, identity, 0)
        result = await self._cloud.get(path, query, **ids)
        collector.add(page_of(result, may_be_missing=may_be_missing))
        return collector.listing()

    async def _sized[Item](
        self,
        path: str,
        size: int,
        read_pages: Callable[[int], Awaitable[Listing[Item]]],
    ) -> Listing[Item]:
        """Return a list; if its page size is refused, retry once with a smaller one.

        `read_pages` raises the refusal of a first page only: the others ended the list.
        """
        size = self._page_sizes.get(path, size)
        try:
            return await read_pages(size)
        except BadRequestError:
            if size == SMALLER_PAGE:
                raise
        listing = await read_pages(SMALLER_PAGE)
        self._page_sizes[path] = SMALLER_PAGE
        return listing


def _larger(first: int | None, second: int | None) -> int | None:
    return second if first is None else max(first, second or 0)
