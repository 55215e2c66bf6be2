"""Corrections: what an event said was wrong, said by a further event.

An event of a sheet or card may be taken back while nothing came after it, and its
descriptive fields may be amended at any time. Cuts, packing and voiding are not
taken back: the paper is cut, whatever the log says. A card is taken out of a set
by ``RemoveCardFromAssembly``, which is no correction but a thing that happened.
"""

from dataclasses import dataclass
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
    Event,
    EventCorrected,
    GateApproved,
    MemorabiliaPlaced,
    PrintCompleted,
    QAResultRecorded,
    SequentialNumberApplied,
    SheetEnteredStation,
    SheetOperationCompleted,
)
from core.domain.rejections import CorrectionFault, NotCorrectable, ReasonMissing, Rejection
from core.domain.streams import (
    AggregateType,
    Append,
    Change,
    Claim,
    ClaimKind,
    History,
    StreamKey,
)
from core.domain.values import FieldChange
from core.identity.ids import OperatorId, StationId, original_of

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
        amended(event, command.changes)
    except BadCorrectionError:
        return _refused(command, named, CorrectionFault.FIELD_NOT_CORRECTABLE)
    correction = _correction(command, command.version, named, command.changes)
    return Change((Append(command.stream, history.version, (correction,)),))


def _retraction(command: CorrectEvent, history: History, standing: dict[int, Event]) -> Change | Rejection:
    versions = list(standing)
    event = standing[command.version]
    named = type(event).__name__
    if versions[-1] != command.version:
        return _refused(command, named, CorrectionFault.NOT_THE_NEWEST)
    if not isinstance(event, RETRACTABLE):
        return _refused(command, named, CorrectionFault.NOT_RETRACTABLE)
    taken_back = [command.version]
    releases: tuple[Claim, ...] = ()
    # The number or insert that this completion was about goes back with it.
    before = standing[versions[-2]] if len(versions) > 1 else None
    if (
        isinstance(event, CardUnitOperationCompleted)
        and isinstance(before, _MARKS)
        and before.operation == event.operation
        and before.occurred_at == event.occurred_at
    ):
        taken_back.append(versions[-2])
        releases = (_claim_of(before),)
    elif isinstance(event, _MARKS):
        releases = (_claim_of(event),)
    corrections = tuple(_correction(command, version, type(standing[version]).__name__, ()) for version in taken_back)
    return Change((Append(command.stream, history.version, corrections),), releases=releases)


def _claim_of(event: SequentialNumberApplied | MemorabiliaPlaced) -> Claim:
    if isinstance(event, SequentialNumberApplied):
        key = f"{event.job_id}/{event.number.value}"
        return Claim(ClaimKind.SEQUENTIAL_NUMBER, key, original_of(event.card_unit_id))
    return Claim(ClaimKind.MEMORABILIA_SERIAL, event.serial, event.card_unit_id)


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


@dataclass(frozen=True, slots=True, kw_only=True)
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
