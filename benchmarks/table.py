"""The rows of the table: measurement, limit, and result."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement.

    `plain` is the result of the plain way, if there is one.
    """

    what: str
    must_be: str
    measured: str
    is_good: bool
    plain: str = ""

    def __str__(self) -> str:
        """Return the row in Markdown."""
        measured = self.measured if self.is_good else f"**{self.measured}**"
        return f"| {self.what} | {self.must_be} | {measured} | {self.plain} |"


HEAD = """\
| what | must be | measured | the plain way |
|---|---|---|---|"""


def at_most(
    what: str, limit: float, value: float, unit: str = "", plain: str = ""
) -> Row:
    """Return a row with an upper limit."""
    return Row(
        what=what,
        must_be=f"≤ {_figure(limit)}{unit}" if limit else "0",
        measured=f"{_figure(value)}{unit}",
        is_good=value <= limit,
        plain=plain,
    )


def _figure(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:.2f}" if value < 10 else f"{value:,.1f}"
