"""Decides which items missing from a list were removed. Pure.

The cloud can return a successful but empty or shortened list for a while, and removing
an item loses its devices, entities, and saved schedules. So a list that is incomplete,
empty, or lacks more than half of the items removes nothing before a later list agrees;
another call must also confirm an empty one (docs/architecture.md, Incomplete lists).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

# A second list is believed when it comes at least this much later.
CONFIRM_SECONDS: Final = 60
# Home Assistant's timers may fire up to a second early.
CONFIRM_AFTER_SECONDS: Final = CONFIRM_SECONDS + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReview:
    """The review of the latest list, passed on to that of the next one.

    Attributes:
        missing_since: The items that the list lacks although they may exist, and since
            when, in seconds since 1970.
        empty_since: Since when the list is empty where it must not be.
        is_confirmed_empty: Whether a later list and another call agree on that.
        stays_empty: Whether a later list agrees, and no other call, if there is one,
            disagrees.
        was_complete: Whether an earlier list was complete. Those of some locks never
            are, and are believed all the same.
        reviewed_at: When the latest list was read.
    """

    missing_since: Mapping[object, float] = field(default_factory=dict)
    empty_since: float | None = None
    is_confirmed_empty: bool = False
    stays_empty: bool = False
    was_complete: bool = False
    reviewed_at: float = 0.0

    @property
    def is_doubted(self) -> bool:
        """Return whether another list is needed to know what was removed."""
        is_unconfirmed = self.empty_since is not None and not self.is_confirmed_empty
        return bool(self.missing_since) or is_unconfirmed

    def holds(self, item: object) -> bool:
        """Return whether an item that the list lacks may still exist."""
        return item in self.missing_since

    def is_confirmable(self, now: float) -> bool:
        """Return whether a list that is read now can confirm the latest one.

        If a later one did not, reading another would not help either.
        """
        return self.seconds_to_confirm(now) is None and any(
            self.reviewed_at - since < CONFIRM_SECONDS
            for since in self.missing_since.values()
        )

    def seconds_to_confirm(self, now: float) -> float | None:
        """Return when to read the list again, None if that would not help."""
        since = [*self.missing_since.values()]
        if self.empty_since is not None and not self.is_confirmed_empty:
            since.append(self.empty_since)
        left = [
            one + CONFIRM_AFTER_SECONDS - now
            for one in since
            if now - one < CONFIRM_SECONDS
        ]
        return max(left, default=None)

    def needs_other_call(self, now: float) -> bool:
        """Return whether an empty list that is read now needs another call as well."""
        return self.empty_since is not None and (
            now - self.empty_since >= CONFIRM_SECONDS
        )


def review(
    known: Collection[object],
    listed: Collection[object],
    *,
    before: ListReview,
    now: float,
    is_complete: bool = True,
    leaving: Collection[object] = (),
    must_have_items: bool = False,
    other_call_agrees: bool | None = True,
) -> ListReview:
    """Return the review of a list; `known` are the items so far.

    `is_complete` is whether the list is complete. `leaving` are items removed by a
    command, whose absence is expected. `must_have_items` is for lists that should never
    become empty, and `other_call_agrees` for empty lists that another call must
    confirm; None means that there is no such call.
    """
    expected = set(known).difference(leaving)
    lost = expected.difference(listed)
    is_empty = not listed and (must_have_items or before.empty_since is not None)
    is_halved = 2 * len(lost) > len(expected)
    if is_complete and not is_halved and not is_empty:
        return ListReview(was_complete=True, reviewed_at=now)
    empty_since = None
    if is_empty:
        empty_since = now if before.empty_since is None else before.empty_since
    stays_empty = (
        empty_since is not None
        and is_complete
        and other_call_agrees is not False
        and now - empty_since >= CONFIRM_SECONDS
    )
    is_confirmed_empty = stays_empty and bool(other_call_agrees)
    # An unconfirmed empty list proves nothing about what an earlier one lacked.
    is_believed = (is_complete or not before.was_complete) and (
        is_confirmed_empty or not is_empty
    )
    since = {item: before.missing_since.get(item, now) for item in lost}
    return ListReview(
        missing_since={
            item: first
            for item, first in since.items()
            if not is_believed or now - first < CONFIRM_SECONDS
        },
        empty_since=empty_since,
        is_confirmed_empty=is_confirmed_empty,
        stays_empty=stays_empty,
        was_complete=is_complete or before.was_complete,
        reviewed_at=now,
    )
