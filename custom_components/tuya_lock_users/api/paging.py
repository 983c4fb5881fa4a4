"""Lists of the cloud, whole.

They come as a plain list or in pages, and the pages contradict themselves: totals that
do not fit, `has_more` that is missing or wrong, pages that repeat (TUYA_API §5.1). So
pages are followed by what they bring, with a bound, never by one number alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from .decoding import flag, integer, objects, text
from .errors import UnexpectedReplyError

# More pages than the largest lock fills; a page server that never ends stops here.
MOST_PAGES: Final = 50

_LIST_KEYS: Final = ("records", "list", "logs", "devices", "unlock_keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing[Item]:
    """The items of a list, and whether all of it came as far as one can tell.

    An incomplete one must not be taken as proof that something is gone. `pages` is how
    many calls it took.
    """

    items: tuple[Item, ...]
    is_complete: bool
    pages: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One reply of a list: its records, and what it says of the others.

    `broken` is how many of the list were no records at all.
    """

    records: list[dict[str, Any]]
    broken: int
    total: int | None
    has_more: bool | None
    last_row_key: str


def page_of(result: object) -> Page:
    """Return the page of a result that is a list, or an object with one in it.

    Raises UnexpectedReplyError for anything else: an answer without a list is not an
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
        if integer(result.get("total")) == 0:  # which says so without a list
            return Page(records=[], broken=0, total=0, has_more=False, last_row_key="")
    raise UnexpectedReplyError("no list where one belongs")


class Gathering[Item]:
    """Collects the pages of one list and decides whether another is worth a call."""

    def __init__(
        self,
        decode: Callable[[dict[str, Any]], Item | None],
        identity: Callable[[Item], object],
        page_size: int,
    ) -> None:
        """Start empty; `identity` tells whether an item was there before."""
        self._decode = decode
        self._identity = identity
        self._page_size = page_size
        self._items: dict[object, Item] = {}
        self._pages = 0
        self._broken = 0
        self._total: int | None = None
        self._is_cut = False

    def add(self, page: Page) -> bool:
        """Add a page; return whether to ask for the next one."""
        self._pages += 1
        self._broken += page.broken
        before = len(self._items)
        for record in page.records:
            if (item := self._decode(record)) is None:
                self._broken += 1
            else:
                self._items.setdefault(self._identity(item), item)
        self._total = page.total if self._total is None else self._total
        # An empty page is the end, whatever it says.
        rows = len(page.records) + page.broken
        self._is_cut = bool(page.has_more and rows)
        brought_something_new = len(self._items) > before
        if not brought_something_new or self._pages >= MOST_PAGES:
            return False
        if page.has_more:
            return True
        # Not more, or not said: a full page of a list that claims to be longer is
        # asked on; a short page is the end, whatever the total says. A list that says
        # nothing is asked on when it is exactly full: a longer one has no pages.
        if page.has_more is None and self._total is None:
            return rows == self._page_size
        return rows >= self._page_size and len(self._items) < (self._total or 0)

    def listing(self) -> Listing[Item]:
        """Return what came; raise UnexpectedReplyError when all of it was broken."""
        if self._broken and not self._items:
            raise UnexpectedReplyError("no record could be read")
        return Listing(
            items=tuple(self._items.values()),
            is_complete=not self._broken
            and not self._is_cut
            and len(self._items) >= (self._total or 0),
            pages=self._pages,
        )
