"""Pages: what is on one, what it says about the others, and how it may lie."""

from collections.abc import Sequence

from .ask import Ask, Json
from .dialects import Absence
from .refusals import Refusal


def page(ask: Ask, records: Sequence[Json]) -> dict[str, Json]:
    """Return the page that was asked for, as the page object of TUYA_API §5.1."""
    rows, more = cut(ask, records)
    size = page_size(ask)
    figures: dict[str, Json] = {}
    if (total := _figure(len(records), ask.dialect.totals)) is not None:
        figures |= {"total": total, "total_pages": -(-total // size)}
    if (has_more := _answer(ask.dialect.has_more, truth=more)) is not None:
        figures["has_more"] = has_more
    if ask.lie and ask.lie.kind == "total":
        figures["total"] = figures["total_pages"] = ask.lie.value
    return {ask.dialect.page_key: rows, **figures}


def cut(ask: Ask, records: Sequence[Json]) -> tuple[list[Json], bool]:
    """Return the rows of the page that was asked for, and whether more follow.

    A page past the end is empty.
    """
    number, size = ask.number("page_no"), page_size(ask)
    lie = ask.lie.kind if ask.lie else None
    if lie == "repeat":
        number = 1
    start = (number - 1) * size
    rows = list(records[start : start + size])
    more = start + size < len(records)
    if lie == "truncate":
        rows, more = rows[: len(rows) // 2], False
    if lie == "has_more":
        more = not more
    return rows, more or lie in ("repeat", "endless")


def page_size(ask: Ask) -> int:
    """Return how many records go on a page."""
    return allowed_size(ask, ask.number("page_size"))


def allowed_size(ask: Ask, size: int) -> int:
    """Hold a size against the maximum of this lock, if it has one."""
    limit = ask.dialect.page_size_max
    if limit is None or size <= limit:
        return size
    if ask.dialect.page_size_over == "refuse":
        raise Refusal(1109)
    return limit


def _figure(value: int, truth: Absence) -> int | None:
    """Return a figure, a wrong one, or none. The sample has 18 for one record."""
    return {"true": value, "lying": value + 17, "absent": None}[truth]


def _answer(kind: Absence, *, truth: bool) -> bool | None:
    """Return a yes or no, the opposite of it, or nothing."""
    return {"true": truth, "lying": not truth, "absent": None}[kind]
