"""Values to and from the text that Postgres speaks: parameters, and the columns of a result.

Used by ``store.pool``. JSON is handed over as bytes, for msgspec to decode into its
own type; every time is in UTC, which each connection of the store sets.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import methodcaller
from typing import Any, Final, cast
from uuid import UUID

from psycopg.pq.abc import PGresult

from store import errors

Row = tuple[Any, ...]


def as_text(value: object) -> bytes | None:
    """Return a parameter as the server reads it, None for NULL.

    Bytes are text already encoded; a binary value comes as ``binary`` makes it.
    """
    return None if value is None else _WRITERS.get(type(value), _said)(value)


def _said(value: object) -> bytes:
    # Members of enums, ids of their own types: what they say is their text.
    return str.encode(value) if isinstance(value, str) else str(value).encode()


@lru_cache(maxsize=256)
def _in_utc(value: datetime) -> bytes:
    # A scan says its moment many times: when it occurred, since when the card is where it is.
    return value.isoformat().encode()


def _moment(value: datetime) -> bytes:
    # In other zones two moments of an autumn night are equal and hours apart.
    return _in_utc(value) if value.tzinfo is UTC else value.isoformat().encode()


def as_texts(parameters: Sequence[object]) -> list[bytes | None]:
    """Return parameters as the server reads them; raises UnstorableText for NUL and half surrogates."""
    write = _WRITERS.get
    try:
        encoded = [None if value is None else write(type(value), _said)(value) for value in parameters]
    except UnicodeEncodeError as error:
        raise errors.UnstorableText from error
    # libpq would take a text to end there.
    if b"\0" in b"".join(filter(None, encoded)):
        raise errors.UnstorableText
    return encoded


def binary(value: bytes) -> bytes:
    """Return bytes as the text that a bytea parameter takes."""
    return b"\\x" + value.hex().encode()


def _array(values: Sequence[object]) -> bytes:
    if not values:
        return b"{}"
    # The events of one command have most columns in common.
    if values.count(values[0]) == len(values):
        return b"{" + b",".join([_element(as_text(values[0]))] * len(values)) + b"}"
    kinds = set(map(type, values))
    if kinds == _NUMBERS:
        return ("{" + ",".join(map(str, values)) + "}").encode()
    # Quoted all at once, where nothing that they hold can be taken for what stands between them.
    joined: bytes | None = None
    if kinds == _TEXT:
        joined = _BETWEEN.decode().join(cast("Sequence[str]", values)).encode()
    elif kinds == _ENCODED:
        joined = _BETWEEN.join(cast("Sequence[bytes]", values))
    if joined is not None and joined.count(_BETWEEN) == len(values) - 1:
        return b'{"' + _escaped(joined).replace(_BETWEEN, b'","') + b'"}'
    return b"{" + b",".join([_element(as_text(value)) for value in values]) + b"}"


def _element(text: bytes | None) -> bytes:
    return b"NULL" if text is None else b'"' + _escaped(text) + b'"'


def _escaped(text: bytes) -> bytes:
    return text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


_BETWEEN: Final = b"\x1f"
"""The unit separator: no id of ours has one, and JSON has it escaped."""
_NUMBERS: Final = {int}
_TEXT: Final = {str}
_ENCODED: Final = {bytes}


# By exact type, as this is the hottest line of the store; whatever is not here says what it is by str().
_WRITERS: Final[dict[type, Callable[[Any], bytes]]] = {
    bytes: bytes,
    str: str.encode,
    bool: lambda value: b"t" if value else b"f",
    int: b"%d".__mod__,
    datetime: _moment,
    list: _array,
    tuple: _array,
    UUID: lambda value: value.hex.encode(),
}


def _elements(text: bytes) -> list[str]:
    """Read a one-dimensional array of text without NULLs."""
    found: list[str] = []
    current: list[str] = []
    quoted = escaped = False
    for character in text.decode()[1:-1]:
        if escaped:
            current.append(character)
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            found.append("".join(current))
            current = []
        else:
            current.append(character)
    if current or found:
        found.append("".join(current))
    return found


def _bytea(text: bytes) -> bytes:
    return bytes.fromhex(text[2:].decode())


def _time(text: bytes) -> datetime:
    return datetime.fromisoformat(text.decode())


def _uuid(text: bytes) -> UUID:
    return UUID(text.decode())


def _bool(text: bytes) -> bool:
    return text == b"t"


_AS_STR: Final = methodcaller("decode")
_LOADERS: Final[dict[int, Callable[[bytes], Any]]] = {
    16: _bool,
    17: _bytea,
    20: int,
    21: int,
    23: int,
    114: bytes,
    700: float,
    701: float,
    1009: _elements,
    1184: _time,
    1700: int,
    2950: _uuid,
    3802: bytes,
}
"""By type OID; everything else is text. numeric only comes from sums of counts."""


def rows_of(result: PGresult) -> list[Row]:
    """Return the rows of a result as tuples of Python values."""
    value = result.get_value
    loaders = [(column, _LOADERS.get(result.ftype(column), _AS_STR)) for column in range(result.nfields)]
    return [
        tuple([None if (text := value(row, column)) is None else load(text) for column, load in loaders])
        for row in range(result.ntuples)
    ]
