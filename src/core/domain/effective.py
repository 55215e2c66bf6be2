"""What a stream says once its corrections are applied.

Owns the meaning of ``EventCorrected``: which fields may be amended, how they read
as text, and what a history says with every correction in place. Aggregates and
read models fold the effective events, so a retracted fact leaves no trace in any
state, while the log keeps every word of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

from core.domain.events import Event, EventCorrected
from core.domain.values import FieldChange, VoidReason

CODE_SEPARATOR = ","
"""What stands between the codes of a tuple when the field reads as text."""

# Serials, numbers, ids and readiness are not here: others decided by them, or claimed
# them, so they are set right by taking the event back, never by rewording it.
_DESCRIPTIVE = frozenset(
    {"customer", "name", "product_name", "reason", "note", "codes", "carrier", "tracking_reference"}
)


class BadCorrectionError(ValueError):
    """A history holds a correction that cannot be meant: a fault of the program.

    A correction is refused before it is recorded where its version, its field or
    its new text is wrong, so no history should ever hold one.
    """


@dataclass(frozen=True, slots=True)
class _FieldText:
    """How one kind of field is written as text and read back."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code for part in text.split(CODE_SEPARATOR) if (code := part.strip()))


_PLAIN = _FieldText(str, str)
_OPTIONAL = _FieldText(lambda value: value or "", lambda text: text or None)
_CODES = _FieldText(CODE_SEPARATOR.join, _codes)
_VOID_REASON = _FieldText(str, VoidReason)

_TEXT_OF_TYPE: Mapping[Any, _FieldText] = {
    str: _PLAIN,
    str | None: _OPTIONAL,
    tuple[str, ...]: _CODES,
    VoidReason: _VOID_REASON,
}


def _correctable(event_type: type[Event]) -> Mapping[str, _FieldText]:
    if event_type is EventCorrected:
        return {}
    types = get_type_hints(event_type)
    return {f.name: _TEXT_OF_TYPE[types[f.name]] for f in fields(event_type) if f.name in _DESCRIPTIVE}


_CORRECTABLE: Mapping[type[Event], Mapping[str, _FieldText]] = {
    event_type: _correctable(event_type) for event_type in get_args(Event)
}

CORRECTABLE_FIELDS: Mapping[type[Event], frozenset[str]] = MappingProxyType(
    {event_type: frozenset(texts) for event_type, texts in _CORRECTABLE.items()}
)
"""Per event type the fields that a correction may amend; often none."""


def field_text(event: Event, field: str) -> str | None:
    """Return what a correctable field of the event says, as text, or None where the field is none.

    Codes are joined by ``,``; a reason that was not given is empty text.
    """
    text = _CORRECTABLE[type(event)].get(field)
    return None if text is None else text.write(getattr(event, field))


def amended(event: Event, changes: Sequence[FieldChange]) -> Event:
    """Return the event as if it had said ``now`` in every changed field.

    Raises BadCorrectionError where a field cannot be amended or cannot hold the text.
    """
    texts = _CORRECTABLE[type(event)]
    values: dict[str, Any] = {}
    for change in changes:
        text = texts.get(change.field)
        if text is None:
            raise BadCorrectionError(f"{type(event).__name__} has no correctable field {change.field!r}")
        try:
            values[change.field] = text.read(change.now)
        except ValueError as error:
            raise BadCorrectionError(
                f"{type(event).__name__}.{change.field} cannot say {change.now!r}: {error}"
            ) from error
    return replace(event, **values)


def effective_events(events: Sequence[Event]) -> Sequence[tuple[int, Event]]:
    """Return what the history says now: each event that stands, with its version.

    ``events`` is a whole stream, ``events[i]`` of version ``i + 1``. Retracted events
    and the corrections themselves are left out; amended events say what they should
    have said, later amendments over earlier ones. Taking back a correction undoes it.
    Raises BadCorrectionError where a correction names no earlier event of the stream.
    """
    numbered = list(enumerate(events, 1))
    corrections = [(version, event) for version, event in numbered if isinstance(event, EventCorrected)]
    if not corrections:
        return numbered
    taken_back: set[int] = set()
    # Newest first, so that a correction which was itself taken back is known before it would count.
    for version, correction in reversed(corrections):
        if not 1 <= correction.corrected_version < version:
            raise BadCorrectionError(f"version {version} corrects version {correction.corrected_version}")
        if correction.retracted and version not in taken_back:
            taken_back.add(correction.corrected_version)
    standing: dict[int, Event] = {
        version: event
        for version, event in numbered
        if version not in taken_back and not isinstance(event, EventCorrected)
    }
    for version, correction in corrections:
        corrected = standing.get(correction.corrected_version)
        if corrected is not None and not correction.retracted and version not in taken_back:
            standing[correction.corrected_version] = amended(corrected, correction.changes)
    return list(standing.items())
