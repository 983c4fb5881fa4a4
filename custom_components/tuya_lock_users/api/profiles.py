"""Profiles of persons as frozen values (docs/tuya_api.md, Profiles)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from .decoding import decoder, integer, text, wire


class Sex(StrEnum):
    """The two values the cloud accepts (docs/tuya_api.md, Profiles)."""

    MALE = "male"
    FEMALE = "female"


_SEXES: Final[dict[int, Sex]] = {1: Sex.MALE, 2: Sex.FEMALE}
SEX_NUMBERS: Final = {sex: number for number, sex in _SEXES.items()}

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# A birthday is a midnight in some time zone: half a day later it is that day in UTC.
_HALF_A_DAY: Final = timedelta(hours=12)


def birthday_of(milliseconds: int) -> date | None:
    """Return the date of a birthday (docs/tuya_api.md, Profiles); None is out of range."""
    try:
        return (_EPOCH + timedelta(milliseconds=milliseconds) + _HALF_A_DAY).date()
    except OverflowError:
        return None


def birthday_ms(birthday: date) -> int:
    """Return the number of a birthday: milliseconds of that midnight in UTC."""
    midnight = datetime(birthday.year, birthday.month, birthday.day, tzinfo=UTC)
    return (midnight - _EPOCH) // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The profile of a person. Height in cm, weight in grams.

    `sex_number` and `birthday_ms` are as received, and None if unknown, so that an
    update that does not change them sends them again as they were.
    """

    name: str | None = wire("nick_name", text, default=None)
    sex_number: int | None = wire("sex", integer, default=None)
    birthday_ms: int | None = wire("birthday", integer, default=None)
    height_cm: int | None = wire("height", integer, default=None)
    weight_grams: int | None = wire("weight", integer, default=None)
    contact: str | None = wire("contact", text, default=None)

    @property
    def sex(self) -> Sex | None:
        """Return the sex, None if it is unknown or not set."""
        return _SEXES.get(self.sex_number or 0)

    @property
    def birthday(self) -> date | None:
        """Return the birthday, None if it is unknown or not set."""
        return birthday_of(self.birthday_ms) if self.birthday_ms else None

    def encoded(self) -> dict[str, Any]:
        """Return the body of a user call, with the known values.

        A sex is required (docs/architecture.md, Required profile fields).
        """
        body = {
            "nick_name": self.name,
            "sex": SEX_NUMBERS[Sex.MALE]
            if self.sex_number is None
            else self.sex_number,
            "birthday": self.birthday_ms,
            "height": self.height_cm,
            "weight": self.weight_grams,
            "contact": self.contact,
        }
        return {key: value for key, value in body.items() if value is not None}


decode_profile: Final = decoder(Profile)
