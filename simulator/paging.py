"""Pages, and their wrong variants."""

from collections.abc import Callable, Sequence

from .ask import Ask, Json
from .refusals import Refusal


def page[Item](
    ask: Ask, items: Sequence[Item], show: Callable[[Item], Json]
) -> dict[str, Json]:
    """Return the requested page as a page object (docs/tuya_api.md, Pages)."""
    items = kept(ask, items)
    rows, more = cut(ask, items, (ask.number("page_no") - 1) * page_size(ask))
    reply: dict[str, Json] = {ask.dialect.page_key: [show(item) for item in rows]}
    reply |= figures(ask, len(items), more=more)
    pages = ask.dialect.total_pages
    if pages in ("true", "lying") or (pages == "with_total" and "total" in reply):
        total = reply.get("total", len(items))
        reply["total_pages"] = -(-total // page_size(ask)) + 2 * (pages == "lying")
    return reply


def kept[Item](ask: Ask, items: Sequence[Item]) -> Sequence[Item]:
    """Return the items of a list, without those that a fault omits."""
    return items[: ask.lie.value] if ask.lie and ask.lie.kind == "keep" else items


def cut[Item](
    ask: Ask, items: Sequence[Item], start: int, size: int | None = None
) -> tuple[Sequence[Item], bool]:
    """Return the items of a page from here on, and whether more follow.

    A page past the end is empty.
    """
    size = page_size(ask) if size is None else size
    lie = ask.lie.kind if ask.lie else None
    if lie == "repeat":
        start = 0
    rows, more = items[start : start + size], start + size < len(items)
    if lie == "truncate":
        rows, more = rows[: len(rows) // 2], False
    if lie == "has_more":
        more = not more
    return rows, more or lie in ("repeat", "endless")


def figures(ask: Ask, total: int, *, more: bool) -> dict[str, Json]:
    """Return ``total`` and ``has_more``: correct, wrong, or missing.

    The wrong ones are plausible; Tuya's sample has 18 for one record.
    """
    if ask.lie and ask.lie.kind == "total":
        total = ask.lie.value
    figures: dict[str, Json] = {}
    if ask.dialect.totals != "absent":
        figures["total"] = total + 17 if ask.dialect.totals == "lying" else total
    if ask.dialect.has_more != "absent":
        figures["has_more"] = more is not (ask.dialect.has_more == "lying")
    return figures


def page_size(ask: Ask) -> int:
    """Return the size of a page."""
    return allowed_size(ask, ask.number("page_size"))


def allowed_size(ask: Ask, size: int) -> int:
    """Check a size against the maximum of the lock, if it has one."""
    limit = ask.dialect.page_size_max
    if limit is None or size <= limit:
        return size
    if ask.dialect.page_size_over == "refuse":
        raise Refusal(1109)
    return limit
