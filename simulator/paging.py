"""Pages, and their wrong variants."""

from collections.abc import Callable, Sequence

from .refusals import Refusal
from .request import Json, Request


def page[Item](
    request: Request, items: Sequence[Item], show: Callable[[Item], Json]
) -> dict[str, Json]:
    """Return the requested page as a page object (docs/tuya_api.md, Pages)."""
    items = kept(request, items)
    rows, more = cut(
        request, items, (request.number("page_no") - 1) * page_size(request)
    )
    reply: dict[str, Json] = {request.dialect.page_key: [show(item) for item in rows]}
    reply |= figures(request, len(items), more=more)
    pages = request.dialect.total_pages
    if pages in ("true", "lying") or (pages == "with_total" and "total" in reply):
        total = reply.get("total", len(items))
        reply["total_pages"] = -(-total // page_size(request)) + 2 * (pages == "lying")
    return reply


def kept[Item](request: Request, items: Sequence[Item]) -> Sequence[Item]:
    """Return the items of a list, without those that a fault omits."""
    return (
        items[: request.page_fault.value]
        if request.page_fault and request.page_fault.kind == "keep"
        else items
    )


def cut[Item](
    request: Request, items: Sequence[Item], start: int, size: int | None = None
) -> tuple[Sequence[Item], bool]:
    """Return the items of a page from here on, and whether more follow.

    A page past the end is empty.
    """
    size = page_size(request) if size is None else size
    kind = request.page_fault.kind if request.page_fault else None
    if kind == "repeat":
        start = 0
    rows, more = items[start : start + size], start + size < len(items)
    if kind == "truncate":
        rows, more = rows[: len(rows) // 2], False
    if kind == "has_more":
        more = not more
    return rows, more or kind in ("repeat", "endless")


def figures(request: Request, total: int, *, more: bool) -> dict[str, Json]:
    """Return ``total`` and ``has_more``: correct, wrong, or missing.

    The wrong ones are plausible; Tuya's sample has 18 for one record.
    """
    if request.page_fault and request.page_fault.kind == "total":
        total = request.page_fault.value
    figures: dict[str, Json] = {}
    if request.dialect.totals != "absent":
        figures["total"] = total + 17 if request.dialect.totals == "lying" else total
    if request.dialect.has_more != "absent":
        figures["has_more"] = more is not (request.dialect.has_more == "lying")
    return figures


def page_size(request: Request) -> int:
    """Return the size of a page."""
    return allowed_size(request, request.number("page_size"))


def allowed_size(request: Request, size: int) -> int:
    """Check a size against the maximum of the lock, if it has one."""
    limit = request.dialect.page_size_max
    if limit is None or size <= limit:
        return size
    if request.dialect.page_size_over == "refuse":
        raise Refusal(1109)
    return limit
