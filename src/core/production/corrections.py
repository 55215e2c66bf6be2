"""Corrections: what an event said was wrong, said by a further event.

An event of a sheet or card may be taken back while nothing came after it, together
with whatever else the same scan recorded, and its descriptive fields may be amended
at any time. Cuts, packing and voiding are not taken back: the paper is cut, whatever
the log says. A card is taken out of a set by ``RemoveCardFromAssembly``, which is no
correction but a thing that happened.
"""

from datetime import datetime

from core.domain.commands import CorrectEvent, RemoveCardFromAssembly
from core.domain.effective import (
    CORRECTABLE_FIELDS,
    BadCorrectionError,
    amended,
    effective_events,
    field_text,
)
from core.domain.events import (
    CardScannedForAssembly,
    CardUnitEnteredStation,
    CardUnitOperationCompleted,
    CardUnitSentToRework,
    CardUnitVoided,
    Event,
    EventCorrected,
    GateApproved,
    MemorabiliaPlaced,
    PrintCompleted,
    QAResultRecorded,
    ReplacementCardUnitCreated,
    SequentialNumberApplied,
    SheetEnteredStation,
    SheetExitedStation,
    SheetOperationCompleted,
    SheetVoided,
)
from core.domain.histories import History
from core.domain.immutable import immutable
from core.domain.rejections import CorrectionFault, NotCorrectable, ReasonMissing, Rejection
from core.domain.streams import AggregateType, Append, Change, StreamKey
from core.domain.values import FieldChange, QAOutcome, VoidReason
from core.identity.ids import OperatorId, StationId
from core.production.marks import claim_of

RETRACTABLE = (
    SheetEnteredStation
    | SheetOperationCompleted
    | PrintCompleted
    | GateApproved
    | CardUnitEnteredStation
    | CardUnitOperationCompleted
    | SequentialNumberApplied
    | MemorabiliaPlaced
    | QAResultRecorded
    | CardUnitSentToRework
)
"""What may be taken back while it is the newest thing that happened to its unit."""

_MARKS = (SequentialNumberApplied, MemorabiliaPlaced)
_OFTEN_BLANK = frozenset({"note", "tracking_reference"})
_ENTRIES = (SheetEnteredStation, CardUnitEnteredStation)
_COMPLETIONS = (SheetOperationCompleted, PrintCompleted, CardUnitOperationCompleted)


def correct_event(command: CorrectEvent, history: History) -> Change | Rejection:
    """Take back or amend an event of a stream, with a reason."""
    key = command.stream
    if not command.reason.strip():
        return ReasonMissing(unit_id=key.aggregate_id)
    if not 1 <= command.version <= history.version:
        return _refused(command, "", CorrectionFault.NO_SUCH_EVENT)
    standing = dict(effective_events(history.events))
    event = standing.get(command.version)
    if event is None:
        named = type(history.events[command.version - 1]).__name__
        return _refused(command, named, CorrectionFault.ALREADY_RETRACTED)
    if command.changes:
        return _amendment(command, history, event)
    return _retraction(command, history, standing)


def _refused(command: CorrectEvent, event: str, fault: CorrectionFault) -> NotCorrectable:
    return NotCorrectable(
        aggregate_id=command.stream.aggregate_id,
        version=command.version,
        event=event,
        fault=fault,
    )


def _amendment(command: CorrectEvent, history: History, event: Event) -> Change | Rejection:
    named = type(event).__name__
    allowed = CORRECTABLE_FIELDS[type(event)]
    for change in command.changes:
        if change.field not in allowed:
            return _refused(command, named, CorrectionFault.FIELD_NOT_CORRECTABLE)
        if field_text(event, change.field) != change.was:
            return _refused(command, named, CorrectionFault.FIELD_SAYS_OTHERWISE)
    try:
        said = amended(event, command.changes)
    except BadCorrectionError:
        return _refused(command, named, CorrectionFault.FIELD_NOT_CORRECTABLE)
    if _lacks_reason(said, command.changes):
        return ReasonMissing(unit_id=command.stream.aggregate_id)
    correction = _correction(command, command.version, named, command.changes)
    return Change((Append(command.stream, history.version, (correction,)),))


def _lacks_reason(said: Event, changes: tuple[FieldChange, ...]) -> bool:
    """Say whether the event, amended, is silent about what it had to say when it was recorded."""
    match said:
        case QAResultRecorded(outcome=QAOutcome.FAIL):
            return not said.codes and not (said.reason or "").strip()
        case QAResultRecorded():
            return False
        case CardUnitVoided(reason=VoidReason.OTHER) | SheetVoided(reason=VoidReason.OTHER):
            return not said.note.strip()
        case _:
            return any(change.field not in _OFTEN_BLANK and not change.now.strip() for change in changes)


def _retraction(command: CorrectEvent, history: History, standing: dict[int, Event]) -> Change | Rejection:
    versions = list(standing)
    event = standing[command.version]
    named = type(event).__name__
    if versions[-1] != command.version:
        return _refused(command, named, CorrectionFault.NOT_THE_NEWEST)
    if not isinstance(event, RETRACTABLE):
        return _refused(command, named, CorrectionFault.NOT_RETRACTABLE)
    taken_back = _of_one_scan(standing)
    corrections = tuple(_correction(command, version, type(standing[version]).__name__, ()) for version in taken_back)
    marks = (standing[version] for version in taken_back)
    releases = tuple(claim_of(mark) for mark in marks if isinstance(mark, _MARKS) and not _is_taken_over(mark, history))
    return Change((Append(command.stream, history.version, corrections),), releases=releases)


def _is_taken_over(mark: SequentialNumberApplied | MemorabiliaPlaced, history: History) -> bool:
    """Say whether the card's position had the number before the card did: taken back, it is the position's still."""
    born = history.events[0]
    return (
        isinstance(mark, SequentialNumberApplied)
        and isinstance(born, ReplacementCardUnitCreated)
        and born.takes_number == mark.number
    )


def _of_one_scan(standing: dict[int, Event]) -> list[int]:
    """Return the version of the newest event and of what the same scan recorded before it, newest first.

    A completion brings its number or insert and, at a single-scan station, the check-in;
    a check-in brings the leaving of where the unit was.
    """
    versions = list(reversed(standing))
    newest = standing[versions[0]]
    with_it: tuple[type[Event], ...] = ()
    if isinstance(newest, _COMPLETIONS):
        with_it = (*_MARKS, *_ENTRIES, SheetExitedStation)
    elif isinstance(newest, _ENTRIES):
        with_it = (SheetExitedStation,)
    scan = (newest.occurred_at, newest.operator_id, newest.station_id)
    taken_back = [versions[0]]
    for version in versions[1:]:
        event = standing[version]
        if not isinstance(event, with_it) or (event.occurred_at, event.operator_id, event.station_id) != scan:
            break
        taken_back.append(version)
    return taken_back


def _correction(command: CorrectEvent, version: int, named: str, changes: tuple[FieldChange, ...]) -> EventCorrected:
    return EventCorrected(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        aggregate_type=command.stream.aggregate_type,
        aggregate_id=command.stream.aggregate_id,
        corrected_version=version,
        corrected_event=named,
        changes=changes,
        retracted=not changes,
        reason=command.reason,
    )


# -- what "undo" at a station means --------------------------------------------


@immutable
class Recorded:
    """An event of the log with its place: what an undo can take back."""

    stream: StreamKey
    version: int
    event: Event


def undo_of(
    recorded: tuple[Recorded, ...],
    *,
    at: datetime,
    operator_id: OperatorId,
    station_id: StationId,
    reason: str,
) -> CorrectEvent | RemoveCardFromAssembly | None:
    """Return the command that undoes what one command recorded, or None if nothing can.

    A gathered card is taken out of its set again; any other work on a sheet or
    card is taken back by its newest event. A cut or a packed set stays.
    """
    for record in reversed(recorded):
        if isinstance(record.event, CardScannedForAssembly):
            return RemoveCardFromAssembly(
                at=at,
                operator_id=operator_id,
                station_id=station_id,
                card_unit_id=record.event.card_unit_id,
                reason=reason,
            )
        units = (AggregateType.SHEET, AggregateType.CARD_UNIT)
        if record.stream.aggregate_type in units and isinstance(record.event, RETRACTABLE):
            return CorrectEvent(
                at=at,
                operator_id=operator_id,
                station_id=station_id,
                stream=record.stream,
                version=record.version,
                reason=reason,
            )
    return None
