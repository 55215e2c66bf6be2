"""What happened, in words: one exhaustive way from an `Event` to a line of a history or a verdict.

Called by the station session (accept verdicts, last scans), the leads' drill-down and `kiosk history`.
Everything is in the past tense, because it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import assert_never

from core.domain import events as happened
from core.domain.events import Event
from core.domain.values import AssemblyStatus, QAOutcome, StopClearedBy
from core.identity.ids import AssemblyId, parse_sheet_id, sheet_of_assembly
from core.projections import CardUnitRow, SheetRow
from kiosk.printable import counted, shown
from kiosk.wording.spoken import WHY_VOIDED, Words, listed, set_name, short_cards

__all__ = ["Accepted", "Told", "accepted", "told", "tray_open"]

_SHORT = 12
_MEANING = 24
"""Characters of what a fault means that leave room for where the card goes on the narrowest screen."""
_FACTS = MappingProxyType(
    {
        kind.__name__: words
        for kind, words in (
            (happened.SheetEnteredStation, "check-in"),
            (happened.SheetOperationCompleted, "work done"),
            (happened.PrintCompleted, "printing"),
            (happened.GateApproved, "approval"),
            (happened.CardUnitEnteredStation, "check-in"),
            (happened.CardUnitOperationCompleted, "work done"),
            (happened.SequentialNumberApplied, "number"),
            (happened.MemorabiliaPlaced, "insert"),
            (happened.QAResultRecorded, "verdict"),
            (happened.CardUnitSentToRework, "sending to rework"),
            (happened.EventCorrected, "correction"),
        )
    }
)
"""What people call a fact that can be taken back or corrected."""
_PART_OF_NAME = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*")

_DONE, _FAULT, _NOTE, _BEGUN = "✓", "✗", "▲", "●"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One fact for a history: a symbol, what happened in a word or two, and the details.

    The symbol is ✓ (done), ✗ (failed or ended), ▲ (look here) or ● (begun).
    """

    marker: str
    what: str
    detail: str = ""

    @property
    def text(self) -> str:
        """What and detail in one line."""
        return f"{self.what} · {self.detail}" if self.detail else self.what


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An accepted scan for the verdict band and the last scans.

    `big` is read at 2 m, `words` say what was done, `counter` ("13/18") how far that is, under its
    `caption`. `short` is the same in at most 12 characters, for the list of last scans. `is_failure`
    says that what was recorded is that a unit failed.
    """

    big: str
    words: str
    short: str
    counter: str = ""
    caption: str = ""
    is_failure: bool = False


def told(event: Event, words: Words | None = None) -> Told:
    """Return what the event says, for people, all foreign text escaped."""
    known = words or Words()
    match event:
        case happened.ProductSpecDefined(spec=spec):
            return Told(marker=_DONE, what="product defined", detail=f"version {spec.version}, {shown(spec.name)}")
        case happened.StationDefined(station=station):
            return Told(marker=_DONE, what="station set up", detail=f"{station.role}, {listed(station.work)}")
        case happened.OperatorRegistered(roles=()):
            return Told(marker=_DONE, what="badge withdrawn", detail=shown(event.name))
        case happened.OperatorRegistered():
            return Told(marker=_DONE, what="badge given", detail=f"{shown(event.name)}, {listed(event.roles)}")
        case happened.OperatorPinSet():
            return Told(marker=_DONE, what="PIN set")
        case happened.OrderPlaced():
            lines = listed(f"{line.sets} × {line.spec_code}" for line in event.lines)
            due = known.date_and_clock(event.promise_at)
            return Told(marker=_DONE, what="ordered", detail=f"{shown(event.customer)}: {lines}, due {due}")
        case happened.OrderCancelled() | happened.JobCancelled():
            return Told(marker=_FAULT, what="cancelled", detail=shown(event.reason))
        case happened.OrderFulfilled():
            return Told(marker=_DONE, what="fulfilled", detail=f"by {listed(event.job_ids)}")
        case happened.JobCreated(spec=spec):
            sheets = counted(event.sheet_count, "sheet") + (f" ({event.overs} spare)" if event.overs else "")
            made = f"{event.job_id}, {sheets} of {spec.code} v{spec.version} for {event.order_id}"
            return Told(
                marker=_DONE, what="job created", detail=f"{made}, due {known.date_and_clock(event.promise_at)}"
            )
        case happened.JobStarted():
            return Told(marker=_DONE, what="started", detail=counted(event.sheet_count, "sheet"))
        case happened.JobHeld():
            return Told(marker=_NOTE, what="held", detail=shown(event.reason))
        case happened.JobResumed():
            return Told(marker=_DONE, what="resumed")
        case happened.JobPriorityChanged():
            return Told(marker=_NOTE, what="priority changed", detail=f"{event.was} → {event.now}")
        case happened.PromiseDateChanged():
            was, now = known.date_and_clock(event.was), known.date_and_clock(event.now)
            return Told(marker=_NOTE, what="due date changed", detail=f"{was} → {now}")
        case happened.JobCompleted():
            return Told(marker=_DONE, what="job completed", detail=f"{counted(event.sets_packed, 'set')} packed")
        case happened.GateApproved():
            return Told(marker=_DONE, what="approved", detail=event.operation)
        case happened.EventCorrected():
            return _corrected(event)
        case (
            happened.PackOpened()
            | happened.SetPacked()
            | happened.CardUnitPacked()
            | happened.PackSealed()
            | happened.PackNested()
            | happened.PackShipped()
        ):
            return _told_of_pack(event)
        case happened.StationDowntimeStarted():
            return Told(marker=_NOTE, what="stopped", detail=shown(event.reason))
        case happened.StationDowntimeEnded():
            return Told(marker=_DONE, what="running again")
        case happened.HelpCalled():
            return Told(marker=_NOTE, what="lead called", detail=shown(event.note))
        case happened.HelpAnswered():
            return Told(marker=_DONE, what="lead came")
        case happened.StationStopCleared():
            by = "a lead" if event.cleared_by is StopClearedBy.LEAD else "the RESET card"
            under = f", {event.ignored} ignored" if event.ignored else ""
            unit = f" {shown(event.unit_id, 40)}" if event.unit_id else ""
            number = f"stop {event.number:04d}, {_in_words(event.refusal)}{unit}"
            return Told(marker=_DONE, what="stop cleared", detail=f"{number}{under}, by {by}")
        case happened.HeldScanRefused():
            detail = f"{shown(event.scanned, 40)}: {_in_words(event.refusal) or 'could not be read'}"
            return Told(marker=_NOTE, what="kept scan refused", detail=detail)
        case happened.HeldScanSettled():
            return Told(marker=_DONE, what="kept scan settled", detail=shown(event.note))
        case (
            happened.SheetCreated()
            | happened.SheetEnteredStation()
            | happened.SheetExitedStation()
            | happened.SheetOperationCompleted()
            | happened.PrintCompleted()
            | happened.SheetCut()
            | happened.SheetVoided()
        ):
            return _told_of_sheet(event)
        case (
            happened.AssemblyOpened()
            | happened.CardScannedForAssembly()
            | happened.CardRemovedFromAssembly()
            | happened.VoidedCardTakenOut()
            | happened.TrayBrought()
            | happened.TrayParked()
            | happened.AssemblyCompleted()
            | happened.ReplacementSetAuthorized()
            | happened.AssemblyOverdueFlagged()
        ):
            return _told_of_set(event)
        case _:
            return _told_of_card(event, known)


_SheetEvent = (
    happened.SheetCreated
    | happened.SheetEnteredStation
    | happened.SheetExitedStation
    | happened.SheetOperationCompleted
    | happened.PrintCompleted
    | happened.SheetCut
    | happened.SheetVoided
)

_CardEvent = (
    happened.CardUnitCreated
    | happened.CardUnitEnteredStation
    | happened.CardUnitOperationCompleted
    | happened.SequentialNumberApplied
    | happened.MemorabiliaPlaced
    | happened.QAResultRecorded
    | happened.CardUnitSentToRework
    | happened.CardUnitVoided
    | happened.ReplacementCardUnitCreated
)

_SetEvent = (
    happened.AssemblyOpened
    | happened.CardScannedForAssembly
    | happened.CardRemovedFromAssembly
    | happened.VoidedCardTakenOut
    | happened.TrayBrought
    | happened.TrayParked
    | happened.AssemblyCompleted
    | happened.ReplacementSetAuthorized
    | happened.AssemblyOverdueFlagged
)

_PackEvent = (
    happened.PackOpened
    | happened.SetPacked
    | happened.CardUnitPacked
    | happened.PackSealed
    | happened.PackNested
    | happened.PackShipped
)


def _told_of_sheet(event: _SheetEvent) -> Told:
    match event:
        case happened.SheetCreated():
            return Told(marker=_DONE, what="planned", detail=f"sheet {event.number} of {event.sheet_count}")
        case happened.SheetEnteredStation():
            return Told(marker=_BEGUN, what="checked in", detail=event.operation)
        case happened.SheetExitedStation():
            return Told(marker=_NOTE, what="left", detail=f"{event.left}, {event.operation} not done")
        case happened.SheetOperationCompleted():
            return Told(marker=_DONE, what="done", detail=event.operation)
        case happened.PrintCompleted():
            return Told(marker=_DONE, what="printed", detail=event.operation)
        case happened.SheetCut():
            return Told(marker=_DONE, what="cut", detail=f"into {counted(event.n_up, 'card')}")
        case happened.SheetVoided():
            return Told(marker=_FAULT, what="voided", detail=_why(WHY_VOIDED[event.reason], event.note))
        case _:
            assert_never(event)


def _told_of_card(event: _CardEvent, words: Words) -> Told:
    match event:
        case happened.CardUnitCreated():
            return Told(marker=_DONE, what="cut", detail=f"position {event.position:02d} of {event.n_up}")
        case happened.CardUnitEnteredStation():
            return Told(marker=_BEGUN, what="checked in", detail=event.operation)
        case happened.CardUnitOperationCompleted():
            return Told(marker=_DONE, what="done", detail=event.operation)
        case happened.SequentialNumberApplied():
            return Told(marker=_DONE, what="numbered", detail=str(event.number))
        case happened.MemorabiliaPlaced():
            return Told(marker=_DONE, what="insert placed", detail=shown(event.serial, 40))
        case happened.QAResultRecorded():
            attempt = f", attempt {event.attempt}" if event.attempt > 1 else ""
            if event.outcome is QAOutcome.PASS:
                return Told(marker=_DONE, what="passed", detail=f"{event.operation}{attempt}")
            why = _why(words.codes(event.codes) if event.codes else "", event.reason or "")
            return Told(marker=_FAULT, what="failed", detail=f"{why}{attempt}".removeprefix(", "))
        case happened.CardUnitSentToRework():
            return Told(marker=_NOTE, what="to rework", detail=_why(f"back to {event.back_to}", event.reason))
        case happened.CardUnitVoided():
            return Told(marker=_FAULT, what="voided", detail=_why(WHY_VOIDED[event.reason], event.note))
        case happened.ReplacementCardUnitCreated():
            number = f", takes over {event.takes_number}" if event.takes_number else ""
            return Told(marker=_NOTE, what="replaced", detail=f"{event.replaces} by {event.card_unit_id}{number}")
        case _:
            assert_never(event)


def _told_of_set(event: _SetEvent) -> Told:
    match event:
        case happened.AssemblyOpened():
            return Told(marker=_BEGUN, what="set expected", detail=f"{len(event.expected)} cards")
        case happened.CardScannedForAssembly():
            held = f"{_position(event.card_unit_id)}, {event.gathered} of {event.expected}"
            return Told(marker=_DONE, what="in tray", detail=held)
        case happened.CardRemovedFromAssembly():
            why = _why(_position(event.card_unit_id), event.reason)
            return Told(marker=_NOTE, what="taken out", detail=why)
        case happened.VoidedCardTakenOut():
            return Told(marker=_DONE, what="void card taken out", detail=_position(event.card_unit_id))
        case happened.TrayBrought():
            # Where it is now, every line of a history says beside its words.
            where = f"from {event.from_station}" if event.from_station not in {None, event.station_id} else ""
            return Told(marker=_NOTE, what="tray brought" if where else "tray opened", detail=where)
        case happened.TrayParked():
            return Told(marker=_NOTE, what="tray parked")
        case happened.AssemblyCompleted():
            renewed = f", {len(event.replacements)} replaced" if event.replacements else ""
            return Told(marker=_DONE, what="set complete", detail=f"{len(event.card_unit_ids)} cards{renewed}")
        case happened.ReplacementSetAuthorized():
            for_what = listed(_position(card) for card in event.replacements)
            return Told(marker=_DONE, what="authorized", detail=f"by {event.manager} with {for_what}")
        case happened.AssemblyOverdueFlagged():
            return Told(marker=_NOTE, what="overdue", detail=f"missing {short_cards(event.missing)}")
        case _:
            assert_never(event)


def _told_of_pack(event: _PackEvent) -> Told:
    match event:
        case happened.PackOpened():
            return Told(marker=_BEGUN, what="opened", detail=f"{event.kind} {event.pack_id}")
        case happened.SetPacked():
            return Told(marker=_DONE, what="packed", detail=f"{set_name(event.assembly_id)} in {event.pack_id}")
        case happened.CardUnitPacked():
            return Told(marker=_DONE, what="packed", detail=f"in {event.pack_id}")
        case happened.PackSealed():
            return Told(marker=_DONE, what="sealed", detail=f"{event.kind} {event.pack_id} with {event.contents}")
        case happened.PackNested():
            return Told(marker=_DONE, what="put into", detail=f"{event.pack_id} in {event.into}")
        case happened.PackShipped():
            by = f"{shown(event.carrier)}, {shown(event.tracking_reference)}"
            return Told(marker=_DONE, what="shipped", detail=by)
        case _:
            assert_never(event)


def _in_words(name: str) -> str:
    """The name of a refusal or an event as another event keeps it, "NotPassedQA", in words: "not passed QA"."""
    if not (name.isascii() and name.isalpha()):
        return shown(name, 40)
    words = _PART_OF_NAME.findall(name)
    return shown(" ".join(word if word.isupper() else word.lower() for word in words) or name, 40)


def _corrected(event: happened.EventCorrected) -> Told:
    what = _FACTS.get(event.corrected_event) or _in_words(event.corrected_event)
    if event.retracted:
        return Told(marker=_NOTE, what="taken back", detail=_why(what, event.reason))
    changes = listed(
        f"{shown(change.field, 40)} {shown(change.was, 40)} → {shown(change.now, 40)}" for change in event.changes
    )
    return Told(marker=_NOTE, what="corrected", detail=_why(f"{what}: {changes}", event.reason))


def _why(what: str, note: str) -> str:
    return ": ".join(part for part in (what, shown(note)) if part)


def _position(card: str) -> str:
    return card.split("-", 2)[2]


# -- accept verdicts -------------------------------------------------------------

_BESIDE = (
    happened.SheetExitedStation,
    happened.SheetCreated,
    happened.CardUnitCreated,
    happened.AssemblyOpened,
    happened.AssemblyCompleted,
    happened.CardUnitPacked,
    happened.JobCompleted,
    happened.OrderFulfilled,
)
"""Facts that come along with another one; the other one is what the operator did."""

_BEFORE = (happened.SheetEnteredStation, happened.CardUnitEnteredStation)
"""A check-in counts only where nothing was done at once."""


def accepted(events: Sequence[Event], words: Words | None = None) -> Accepted | None:
    """Return what an accepted scan did, in words; None where nothing was recorded."""
    if not events:
        return None
    known = words or Words()
    done = [event for event in events if not isinstance(event, (*_BESIDE, *_BEFORE))]
    begun = [event for event in events if isinstance(event, _BEFORE)]
    head = (done or begun or list(events))[0]
    set_is_complete = any(isinstance(event, happened.AssemblyCompleted) for event in events)
    job_is_done = any(isinstance(event, happened.JobCompleted) for event in events)
    match head:
        case happened.SheetCut():
            made = counted(head.n_up, "card")
            return Accepted(big="CUT", words=f"{made.upper()} MADE", short=made)
        case happened.PrintCompleted():
            return Accepted(big=_sheet_big(head.sheet_id), words="PRINTED", short="printed")
        case happened.CardScannedForAssembly():
            counter = f"{head.gathered}/{head.expected}"
            return Accepted(
                big=_card_big(head.card_unit_id),
                words="SET COMPLETE" if set_is_complete else "IN THE TRAY",
                short="complete" if set_is_complete else "in tray",
                counter=counter,
                caption=f"in tray {set_name(head.assembly_id)}",
            )
        case happened.QAResultRecorded():
            if head.outcome is QAOutcome.PASS:
                return Accepted(big="PASS", words=f"{head.card_unit_id} PASSED", short="pass")
            code = shown(head.codes[0], 12) if head.codes else "FAIL"
            meaning = f" · {shown(known.codes(head.codes[:1]), _MEANING)}" if head.codes else ""
            meaning += f" +{len(head.codes) - 1}" if len(head.codes) > 1 else ""
            return Accepted(big=code, words=f"{head.card_unit_id} FAILED{meaning}", short=code, is_failure=True)
        case happened.GateApproved():
            big = _card_big(head.unit_id) if parse_sheet_id(head.unit_id) is None else _sheet_big(head.unit_id)
            return Accepted(big=big, words=f"{head.operation} APPROVED", short="approved")
        case happened.SequentialNumberApplied():
            return Accepted(
                big=str(head.number), words=f"{head.card_unit_id} NUMBERED", short=str(head.number)[:_SHORT]
            )
        case happened.MemorabiliaPlaced():
            return Accepted(big=_card_big(head.card_unit_id), words="INSERT PLACED", short="insert")
        case happened.SheetEnteredStation() | happened.SheetOperationCompleted():
            finished = isinstance(head, happened.SheetOperationCompleted)
            return _worked(_sheet_big(head.sheet_id), head.operation, finished=finished)
        case happened.CardUnitEnteredStation() | happened.CardUnitOperationCompleted():
            finished = isinstance(head, happened.CardUnitOperationCompleted)
            return _worked(_card_big(head.card_unit_id), head.operation, finished=finished)
        case happened.SetPacked():
            number = head.pack_id.rpartition("-BX")[2].lstrip("0") or head.pack_id
            return Accepted(
                big="PACKED",
                words="JOB COMPLETE" if job_is_done else f"SET {set_name(head.assembly_id)} PACKED",
                short=f"box {number}"[:_SHORT],
                caption=f"in {head.pack_id}",
            )
        case happened.PackNested():
            said = f"{head.pack_id} PUT INTO {head.into}"
            return Accepted(big="IN", words=said, short=f"in {head.into}"[:_SHORT])
        case happened.VoidedCardTakenOut():
            return Accepted(big=_card_big(head.card_unit_id), words="OUT, NOW INTO THE RED BOX", short="taken out")
        case happened.CardUnitVoided(was_gathered=True):
            big = _card_big(head.card_unit_id)
            return Accepted(big=big, words="VOIDED: TAKE IT OUT OF ITS TRAY", short="voided")
        case happened.TrayBrought():
            said = tray_open(
                head.assembly_id,
                missing=head.expected - head.gathered,
                status=head.status,
            )
            is_brought = head.from_station not in {None, head.station_id}
            return replace(said, caption=f"brought from {head.from_station}") if is_brought else said
        case happened.TrayParked():
            return Accepted(big="PARKED", words=f"TRAY {set_name(head.assembly_id)} PARKED", short="parked")
        case happened.EventCorrected():
            if head.retracted:
                what = _TAKEN_BACK.get(head.corrected_event, "")
                return Accepted(big="UNDONE", words=f"{what} TAKEN BACK".strip(), short="taken back")
            return Accepted(big="OK", words="CORRECTED", short="corrected")
        case _:
            line = told(head, known)
            return Accepted(big="OK", words=line.what.upper(), short=_brief(line.what), caption=line.detail)


def tray_open(assembly_id: AssemblyId, *, missing: int, status: AssemblyStatus) -> Accepted:
    """Return the words on a tray whose label was scanned: how far it is, or what becomes of its set."""
    is_whole = status in {AssemblyStatus.COMPLETE, AssemblyStatus.PACKED}
    words = f"SET {status}" if is_whole else f"TRAY OPEN, {missing} MISSING"
    return Accepted(big=_sheet_big(sheet_of_assembly(assembly_id)), words=words, short="tray open")


_TAKEN_BACK = MappingProxyType(
    {
        happened.SheetEnteredStation.__name__: "CHECK-IN",
        happened.CardUnitEnteredStation.__name__: "CHECK-IN",
        happened.PrintCompleted.__name__: "PRINT",
        happened.SheetOperationCompleted.__name__: "FINISHED WORK",
        happened.CardUnitOperationCompleted.__name__: "FINISHED WORK",
        happened.QAResultRecorded.__name__: "VERDICT",
        happened.GateApproved.__name__: "APPROVAL",
        happened.CardUnitSentToRework.__name__: "REWORK",
    }
)
"""What a correction took back, by the fact that it names."""


def waits_again(unit: SheetRow | CardUnitRow) -> str:
    """Return where a unit is whose check-in was taken back: in hand where it was before, or waiting for its work."""
    name = unit.sheet_id if isinstance(unit, SheetRow) else unit.card_unit_id
    if unit.station_id is not None:
        return f"{name} is at {unit.station_id} again, for {unit.operation}"
    ready = listed(unit.ready_operations.split("+"), last="or") if unit.ready_operations else "nothing here"
    return f"{name} waits for {ready}: scan it to check it in"


def _worked(big: str, operation: str, *, finished: bool) -> Accepted:
    if finished:
        return Accepted(big=big, words=f"{operation} DONE", short=operation[:_SHORT])
    return Accepted(big=big, words=f"CHECKED IN FOR {operation}", short="in")


def _brief(what: str) -> str:
    return what if len(what) <= _SHORT else what.partition(" ")[0][:_SHORT]


def _card_big(card: str) -> str:
    return card.split("-", 2)[2]


def _sheet_big(sheet: str) -> str:
    return sheet.partition("-")[2]
