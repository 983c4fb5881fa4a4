"""Birthdays, whose unit in the cloud is not documented (docs/tuya_api.md, Profiles)."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from .decoding import integer

# As seconds in 2033, as milliseconds in January 1970: except for birthdays in those weeks,
# the size shows the unit.
_SECONDS_BELOW: Final = 2_000_000_000

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# A birthday is a midnight in some zone: adding half a day gives that day in UTC.
_HALF_A_DAY: Final = timedelta(hours=12)


def decode_birthday(value: object) -> date | None:
    """Return the date of a number of milliseconds, or seconds, since 1970.

    0 means that no birthday is set.
    """
    if not (number := integer(value)):
        return None
    seconds = number if abs(number) < _SECONDS_BELOW else number / 1000
    try:
        return (_EPOCH + timedelta(seconds=seconds) + _HALF_A_DAY).date()
    except OverflowError:
        return None


def encode_birthday(birthday: date | None, *, like: int | None = None) -> int | None:
    """Return the number of a birthday: milliseconds of that midnight in UTC.

    `like` is the current number of the cloud. The same day keeps it, and another day uses
    its unit.
    """
    if birthday is None:
        return None
    if decode_birthday(like) == birthday:
        return like
    midnight = datetime(birthday.year, birthday.month, birthday.day, tzinfo=UTC)
    seconds = round((midnight - _EPOCH).total_seconds())
    is_in_seconds = bool(like) and abs(like or 0) < _SECONDS_BELOW
    return seconds if is_in_seconds else seconds * 1000
