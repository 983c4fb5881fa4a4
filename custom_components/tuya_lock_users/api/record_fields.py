"""Fields of the records of the cloud, and decoders made of them.

mashumaro decodes records to frozen values. A record without its identity is dropped with
a debug message. Any other field can be missing or of another type than documented, and
is then None.
"""

from collections.abc import Callable
from dataclasses import field
import logging
from typing import Any

from mashumaro.codecs import BasicDecoder
from mashumaro.exceptions import InvalidFieldValue, MissingField

_LOGGER = logging.getLogger(__name__)


def required(decode: Callable[[object], Any]) -> Callable[[object], Any]:
    """Return a decoder that refuses invalid values, so that the record is dropped."""

    def decoder(value: object) -> Any:
        if (decoded := decode(value)) is None:
            raise ValueError("no identity")
        return decoded

    return decoder


def wire(alias: str, decode: Callable[[object], Any], **default: Any) -> Any:
    """Return a field with its name in the cloud and its decoder.

    It sets the same metadata as mashumaro's field_options.
    """
    return field(metadata={"alias": alias, "deserialize": decode}, **default)


def decoder[Model](model: type[Model]) -> Callable[[dict[str, Any]], Model | None]:
    """Return a decoder that drops a record without identity instead of raising.

    It is compiled for its first record: compiling all of them would double the time of
    the import.
    """
    decode: Callable[[dict[str, Any]], Model] | None = None

    def decoder(record: dict[str, Any]) -> Model | None:
        nonlocal decode
        if decode is None:
            decode = BasicDecoder(model).decode
        try:
            return decode(record)
        except (InvalidFieldValue, MissingField) as err:
            _LOGGER.debug("Ignored a record without a valid %s", err.field_name)
            return None

    return decoder
