"""Complete lists from plain lists or pages.

Pages contradict themselves: wrong totals, missing or wrong `has_more`, and repetitions
(docs/tuya_api.md, Pages). So pages are followed while they contain new records, up to a
limit, and never because of one number alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from .decoding import flag, integer, objects, text
from .errors import UnexpectedReplyError

# More than any lock has; stops a server that never ends a list.
MOST_PAGES: Final = 50

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
    """One reply of a list; `broken` counts items that are not records."""

    records: list[dict[str, Any]]
    broken: int
    total: int | None
    has_more: bool | None
    last_row_key: str


def page_of(result: object) -> Page:
    """Return the page of a result that is a list, or an object with a list.

    Raises UnexpectedReplyError for anything else: a reply without a list is not an
    empty list.
    """
    if isinstance(result, list):
        result = {"records": result}
    if isinstance(result, dict):
        for key in _LIST_KEYS:
            if isinstance(found := result.get(key), list):
                records = objects(found)
                return Page(
                    records=records,
                    broken=len(found) - len(records),
                    total=integer(result.get("total")),
                    has_more=flag(result.get("has_more")),
                    last_row_key=text(result.get("last_row_key")) or "",
                )
        if integer(result.get("total")) == 0:  # an empty list
            return Page(records=[], broken=0, total=0, has_more=False, last_row_key="")
    raise UnexpectedReplyError("no list in the reply")


class PageCollector[Item]:
    """Collects the pages of one list and decides whether to request another."""

    def __init__(
        self,
        decode: Callable[[dict[str, Any]], Item | None],
        identity: Callable[[Item], object],
        page_size: int,
    ) -> None:
        """Initialize the collector; `identity` detects repeated items."""
        self._decode = decode
        self._identity = identity
        self._page_size = page_size
        self._items: dict[object, Item] = {}
        self._pages = 0
        self._broken = 0
        self._total: int | None = None
        self._is_cut = False

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
        self._total = page.total if self._total is None else self._total
        # An empty page is the end, even if it claims otherwise.
        rows = len(page.records) + page.broken
        self._is_cut = bool(page.has_more and rows)
        brought_something_new = len(self._items) > before
        if not brought_something_new or self._pages >= MOST_PAGES:
            return False
        if page.has_more:
            return True
        # `has_more` is false or missing. After a full page, request the next one if the
        # total is larger, or if there is neither total nor `has_more`. After a short
        # page, the list ends in spite of the total.
        if page.has_more is None and self._total is None:
            return rows == self._page_size
        return rows >= self._page_size and len(self._items) < (self._total or 0)

    def listing(self) -> Listing[Item]:
        """Return the list; raise UnexpectedReplyError if no record was readable."""
        if self._broken and not self._items:
            raise UnexpectedReplyError("no record could be read")
        return Listing(
            items=tuple(self._items.values()),
            is_complete=not self._broken
            and not self._is_cut
            and len(self._items) >= (self._total or 0),
            pages=self._pages,
        )
