"""Events, refusals and rows as JSON, by msgspec: stable names, schema versions, upcasters.

The names in the log are the event classes' names. A payload is the whole event, so
that the log can be read without its columns. Old versions are upcast on reading and
never rewritten: add the old version's upcaster and raise the number here.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec

from core.domain.events import EVENT_TYPES, Event
from core.domain.rejections import Rejection
from store import errors

SCHEMA_VERSIONS: Final[dict[str, int]] = {
    **dict.fromkeys(EVENT_TYPES, 1),
    "StationStopCleared": 2,
    "HeldScanRefused": 2,
}
"""Per event type the version that is written today."""

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTERS: Final[dict[tuple[str, int], Upcaster]] = {
    ("StationStopCleared", 1): lambda said: {**said, "unit_id": None},
    ("HeldScanRefused", 1): lambda said: {**said, "in_tray": None},
}
"""Per event type and old version: what makes a payload of that version one of the next."""

_ENCODER: Final = msgspec.json.Encoder()
_PAYLOAD_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_DECODERS: Final[Mapping[str, Callable[[bytes], Event]]] = {
    name: msgspec.json.Decoder(event_type).decode for name, event_type in EVENT_TYPES.items()
}
_CURRENT: Final[dict[tuple[str, int], Callable[[bytes], Event]]] = {
    (name, SCHEMA_VERSIONS[name]): decode for name, decode in _DECODERS.items()
}
_REJECTION_TYPES: Final[Mapping[str, type[Any]]] = {kind.__name__: kind for kind in get_args(Rejection)}


# -- states of two kinds of unit in one field, which msgspec does not tell apart --


_HINTS: Final[Mapping[str, dict[str, Any]]] = {name: get_type_hints(kind) for name, kind in _REJECTION_TYPES.items()}


def _reader(annotation: Any) -> Callable[[Any], Any] | None:
    """Return what reads a field that may hold a member of several enums, or a tuple of such; else None."""
    if get_origin(annotation) is tuple:
        one = _reader(get_args(annotation)[0])
        return None if one is None else lambda values: tuple([one(value) for value in values])
    enums = [kind for kind in get_args(annotation) if isinstance(kind, type) and issubclass(kind, StrEnum)]
    return None if len(enums) <= 1 else lambda value: next(kind(value) for kind in enums if value in set(kind))


_MIXED_ENUMS: Final[Mapping[str, Mapping[str, Callable[[Any], Any]]]] = {
    name: readers
    for name, hints in _HINTS.items()
    if (readers := {field: read for field, annotation in hints.items() if (read := _reader(annotation)) is not None})
}


def encode_event(event: Event) -> bytes:
    """Return the payload of an event as canonical JSON, as ``store.chain`` takes it; raises UnstorableText."""
    try:
        return _PAYLOAD_ENCODER.encode(event)
    except UnicodeEncodeError as error:
        raise errors.UnstorableText from error


def decode_event(event_type: str, schema_version: int, payload: bytes, *, of: str = "") -> Event:
    """Return the event that a payload of any version says, as today's class.

    Raises EventFromTheFuture for a type or version that this program does not know,
    LogDamaged for a payload that is none, which names the unit that the event is ``of``, where that is known.
    """
    decode = _CURRENT.get((event_type, schema_version))
    try:
        if decode is not None:
            return decode(payload)
        return _upcast(event_type, schema_version, payload)
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise errors.LogDamaged(of or event_type, f"{event_type}: {error}" if of else str(error)) from error


def _upcast(event_type: str, schema_version: int, payload: bytes) -> Event:
    known = SCHEMA_VERSIONS.get(event_type, 0)
    if schema_version > known:
        raise errors.EventFromTheFuture(event_type, schema_version, known)
    said: dict[str, Any] = msgspec.json.decode(payload)
    for version in range(schema_version, known):
        said = UPCASTERS[event_type, version](said)
    return _DECODERS[event_type](_ENCODER.encode(said))


def encode_rejection(rejection: Rejection) -> bytes:
    """Return a refusal as JSON, whatever was scanned: text that is no Unicode is escaped."""
    try:
        return _ENCODER.encode((type(rejection).__name__, rejection))
    except UnicodeEncodeError:
        said: dict[str, Any] = msgspec.to_builtins(rejection)
        return _ENCODER.encode((type(rejection).__name__, {key: _storable(value) for key, value in said.items()}))


def decode_rejection(answer: bytes) -> Rejection:
    """Return the refusal that ``encode_rejection`` wrote."""
    kind, said = msgspec.json.decode(answer, type=tuple[str, msgspec.Raw])
    rejection_type = _REJECTION_TYPES[kind]
    mixed = _MIXED_ENUMS.get(kind)
    if mixed is None:
        return msgspec.json.decode(said, type=rejection_type)
    fields: dict[str, Any] = msgspec.json.decode(said)
    return rejection_type(
        **{
            name: mixed[name](value) if name in mixed else msgspec.convert(value, _HINTS[kind][name], strict=False)
            for name, value in fields.items()
        }
    )


def encode(value: object) -> bytes:
    """Return any value of the domain as JSON; raises UnstorableText for half a surrogate."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError as error:
        raise errors.UnstorableText from error


def visible(text: str) -> str:
    """Return text from outside as Postgres can keep it and people can read it: control characters escaped.

    At most 256 characters; what is cut off is named by ``…``.
    """
    shown = text if text.isprintable() else "".join([c if c.isprintable() else _escaped(c) for c in text[:300]])
    return shown if len(shown) <= 256 else shown[:255] + "…"  # noqa: PLR2004 - the docstring's number


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _storable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value
