"""One sample of every refusal and of every event, with texts as hostile as they come."""

from datetime import UTC, datetime
from typing import Any

from core.domain import events as happened
from core.domain import rejections as refused
from core.domain.events import Event
from core.domain.rejections import Rejection
from core.domain.streams import AggregateType, ClaimKind
from core.domain.values import (
    AssemblyStatus,
    CardUnitStatus,
    FieldChange,
    JobStatus,
    OperationType,
    OperatorRole,
    OrderLine,
    OrderStatus,
    PackKind,
    PackStatus,
    PinSecret,
    ProductSpec,
    QAOutcome,
    Route,
    RouteStep,
    SequentialNumber,
    SheetStatus,
    StandIn,
    StationDefinition,
    StationRole,
    StepRef,
    StopClearedBy,
    UnitKind,
    VoidReason,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    CommandId,
    JobId,
    OperationCode,
    OperatorId,
    PackId,
    ProductionOrderId,
    SheetId,
    SpecCode,
    StationId,
)
from kiosk.wording.spoken import Words

AT = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
JOB, OTHER_JOB = JobId("J1044"), JobId("J1045")
SHEET = SheetId("J1044-S003")
SET, OTHER_SET = AssemblyId("J1044-S003-SET"), AssemblyId("J1045-S001-SET")
CARD, CARD_5, CARD_12 = CardUnitId("J1044-S003-07"), CardUnitId("J1044-S003-05"), CardUnitId("J1044-S003-12")
RENEWED = CardUnitId("J1044-S003-07-R1")
STRANGER = CardUnitId("J1045-S001-07")
BOX, CASE = PackId("J1044-BX001"), PackId("CS000001")
QA_BENCH, ASSY = StationId("QA-BENCH-3"), StationId("ASSY-2")
WHO, MANAGER = OperatorId("OP-42"), OperatorId("OP-7")
FOIL = StepRef(OperationCode("FOIL-GOLD"), OperationType.FOIL)
QA = StepRef(OperationCode("QA"), OperationType.QA)
ORDER = ProductionOrderId("PO2026-0117")
SPEC = SpecCode("DRAGONS-S3")

HOSTILE = "\x1b[31m[red]x[/]\u202e"


def _stations() -> tuple[StationDefinition, ...]:
    return (
        StationDefinition(
            station_id=StationId("FOIL-1"), name="Foil", role=StationRole.EMBELLISH, work=(OperationType.FOIL,)
        ),
        StationDefinition(station_id=QA_BENCH, name="QA 3", role=StationRole.QA, work=(OperationType.QA,)),
        StationDefinition(
            station_id=StationId("QA-BENCH-1"), name="QA 1", role=StationRole.QA, work=(OperationType.QA,)
        ),
        StationDefinition(station_id=ASSY, name="Assembly", role=StationRole.ASSEMBLY, work=(OperationType.ASSEMBLE,)),
    )


WORDS = Words.of(_stations(), {"F-201": "foil misregistered"}, zone=UTC)

REJECTIONS: tuple[Rejection, ...] = (
    *(refused.UnknownBarcode(text=HOSTILE, problem=problem) for problem in refused.BarcodeProblem),
    *(
        refused.DamagedCode(read=HOSTILE, reason=reason, detail=HOSTILE, unkept=unkept)
        for unkept, reason in enumerate(refused.FaultReason)
    ),
    refused.DamagedCode(read="", reason=refused.FaultReason.UNFINISHED, detail="", unkept=0),
    refused.NotLoggedOn(station_id=QA_BENCH),
    refused.UnknownOperator(operator_id=WHO),
    refused.NotPermitted(operator_id=WHO, needed=(OperatorRole.LEAD, OperatorRole.MANAGER)),
    refused.NotPermitted(operator_id=WHO, needed=tuple(OperatorRole)),
    refused.PinNotSet(operator_id=MANAGER),
    refused.PinWrong(operator_id=MANAGER),
    refused.PinLocked(operator_id=MANAGER, wrong_pins=5, until=AT),
    refused.UnknownUnit(unit_id=CARD),
    refused.NotCutYet(unit_id=CARD, sheet_id=SHEET, status=SheetStatus.IN_PROGRESS),
    refused.NotCutYet(unit_id=AssemblyId("J1044-S003-SET"), sheet_id=SHEET, status=SheetStatus.READY_TO_CUT),
    refused.NotCutYet(unit_id=AssemblyId("J1044-S003-SET"), sheet_id=SHEET, status=SheetStatus.VOIDED),
    *(refused.JobNotRunning(job_id=JOB, status=status, reason=HOSTILE) for status in JobStatus),
    refused.WrongKindOfUnit(unit_id=CARD, station_role=StationRole.PRESS),
    *(
        refused.WrongKindOfUnit(unit_id=unit, station_role=StationRole.ASSEMBLY)
        for unit in (SHEET, BOX, CASE, "PL000001", JOB, "PO2026-0117")
    ),
    refused.WrongStep(
        unit_id=CARD, station_id=QA_BENCH, work=(OperationType.QA,), operations=(), ready=(FOIL,), missing=(FOIL,)
    ),
    refused.WrongStep(unit_id=CARD, station_id=QA_BENCH, work=(OperationType.QA,), operations=(), ready=(), missing=()),
    refused.WrongStep(
        unit_id=CARD,
        station_id=StationId("FOIL-2"),
        work=(OperationType.FOIL,),
        operations=(OperationCode("FOIL-SILVER"),),
        ready=(FOIL,),
        missing=(),
    ),
    refused.AlreadyDone(unit_id=CARD, operation=FOIL.operation, ready=(QA,)),
    refused.RepeatedScan(unit_id=CARD, seconds=0.4),
    refused.SheetGone(sheet_id=SHEET, status=SheetStatus.CUT, n_up=18),
    refused.SheetGone(sheet_id=SHEET, status=SheetStatus.VOIDED, n_up=18),
    refused.CardVoided(card_unit_id=CARD, reason=VoidReason.LOST, replaced_by=RENEWED),
    refused.CardVoided(card_unit_id=CARD, reason=None, replaced_by=None),
    *(
        refused.CardVoided(
            card_unit_id=CARD,
            reason=VoidReason.DAMAGED,
            replaced_by=RENEWED,
            stand_in=StandIn(
                card_unit_id=RENEWED,
                status=status,
                station_id=QA_BENCH if status is CardUnitStatus.IN_PROGRESS else None,
                ready=(FOIL, QA) if status is CardUnitStatus.CREATED else (),
                pack_id=BOX if status is CardUnitStatus.PACKED else None,
            ),
        )
        for status in CardUnitStatus
    ),
    refused.CardGathered(card_unit_id=CARD, assembly_id=SET, status=CardUnitStatus.ASSEMBLED, pack_id=None),
    refused.CardGathered(card_unit_id=CARD, assembly_id=SET, status=CardUnitStatus.PACKED, pack_id=BOX),
    refused.CardFailed(card_unit_id=CARD, codes=("F-201", HOSTILE)),
    refused.NotAtStation(unit_id=CARD, station_id=QA_BENCH, at_station=ASSY),
    refused.WrongUnitState(
        unit_id=CARD, status=CardUnitStatus.QA_PASSED, needed=(CardUnitStatus.QA_FAILED, CardUnitStatus.IN_PROGRESS)
    ),
    refused.ReasonMissing(unit_id=CARD),
    refused.UnknownOperation(unit_id=CARD, operation=OperationCode("UV"), known=(FOIL.operation, QA.operation)),
    refused.ReworkLimitReached(card_unit_id=CARD, limit=2),
    refused.AlreadyReplaced(card_unit_id=CARD, replaced_by=RENEWED),
    refused.NumberNeeded(card_unit_id=CARD, run_of=99),
    refused.NumberNeeded(card_unit_id=RENEWED, run_of=999_999, read=HOSTILE),
    refused.NumberOutOfRun(card_unit_id=CARD, value=100, run_of=99),
    refused.NumberOutOfRun(card_unit_id=RENEWED, value=8, run_of=999_999, said_run_of=50),
    refused.NumberOfAnother(card_unit_id=RENEWED, value=8, takes_number=SequentialNumber(7, 99)),
    refused.SerialNeeded(card_unit_id=CARD),
    refused.SerialNeeded(card_unit_id=CARD, read=HOSTILE),
    refused.SerialNeeded(card_unit_id=CARD, read="7/99", run_of=99),
    refused.ScanTheCard(text=HOSTILE, work=(OperationType.NUMBER, OperationType.MEMORABILIA)),
    refused.ScanTheCard(text=HOSTILE, work=(OperationType.MEMORABILIA,)),
    refused.NumberAlreadyApplied(card_unit_id=CARD, number=SequentialNumber(7, 99)),
    refused.AlreadyClaimed(kind=ClaimKind.SEQUENTIAL_NUMBER, key="J1044/7", holder=CARD_5),
    refused.AlreadyClaimed(kind=ClaimKind.MEMORABILIA_SERIAL, key=HOSTILE, holder=CARD_5),
    refused.WrongSet(card_unit_id=STRANGER, belongs_to=OTHER_SET, open_assembly=SET, missing=(5, 7, 12)),
    refused.DuplicateCard(card_unit_id=CARD, assembly_id=SET, missing=(5, 12)),
    refused.DuplicateCard(card_unit_id=CARD, assembly_id=SET, missing=()),
    refused.PositionTaken(card_unit_id=CARD, held_by=RENEWED),
    refused.VoidCardInTray(card_unit_id=RENEWED, assembly_id=SET, void=CARD),
    refused.VoidCardLeftInTray(card_unit_id=CARD, assembly_id=SET),
    refused.RefusedCardInTray(card_unit_id=RENEWED, assembly_id=SET, refused=CARD, at_station=ASSY),
    refused.RefusedCardsInSet(assembly_id=SET, refused=(CARD, CARD_5), at_stations=(ASSY,)),
    refused.NotExpectedInSet(card_unit_id=CARD, assembly_id=SET, expected=RENEWED),
    refused.NotPassedQA(card_unit_id=CARD, status=CardUnitStatus.QA_FAILED, ready=(), codes=("F-201",)),
    refused.NotPassedQA(card_unit_id=CARD, status=CardUnitStatus.IN_PROGRESS, ready=(QA,), codes=()),
    refused.NotPassedQA(card_unit_id=CARD, status=CardUnitStatus.VOIDED, ready=(), codes=()),
    refused.NotPassedQA(card_unit_id=CARD, status=CardUnitStatus.VOIDED, ready=(), codes=(), replaced_by=RENEWED),
    refused.ScannedSince(card_unit_id=CARD, assembly_id=SET, at_station=ASSY),
    refused.TrayElsewhere(card_unit_id=CARD, assembly_id=SET, at_station=ASSY),
    refused.TrayElsewhere(card_unit_id=None, assembly_id=SET, at_station=ASSY),
    refused.NotGathered(card_unit_id=CARD, assembly_id=SET),
    refused.SetIncomplete(assembly_id=SET, missing=(CARD_5, CARD_12), gathered=16, expected=18),
    refused.NeedsAuthorization(assembly_id=SET, replacements=(RENEWED,)),
    refused.NothingToAuthorize(assembly_id=SET, status=AssemblyStatus.IN_PROGRESS),
    refused.AuthorizerGathered(assembly_id=SET, manager=MANAGER),
    refused.SetClosed(assembly_id=SET, status=AssemblyStatus.PACKED, pack_id=BOX),
    refused.NotOverdue(assembly_id=SET),
    refused.NoPackOpen(station_id=StationId("PACK-1")),
    refused.NoPackOpen(station_id=StationId("PACK-1"), assembly_id=SET),
    refused.NoPackOpen(station_id=StationId("PACK-1"), assembly_id=SET, box=BOX),
    refused.NoPackOpen(station_id=StationId("PACK-1"), assembly_id=SET, box=BOX, is_open=True),
    refused.ScanTheSet(card_unit_id=CARD, assembly_id=SET),
    refused.PackExists(pack_id=BOX, status=PackStatus.SEALED),
    refused.PackNotOpen(pack_id=BOX, status=PackStatus.SHIPPED),
    refused.PackNotSealed(pack_id=BOX, status=None),
    refused.PackEmpty(pack_id=BOX),
    refused.HeldInside(pack_id=CASE, job_id=JOB, reason=HOSTILE, boxes=(BOX,)),
    refused.PackAlreadyNested(pack_id=BOX, inside=CASE),
    refused.WrongJobForPack(assembly_id=OTHER_SET, pack_id=BOX),
    refused.WrongPackKind(pack_id=CASE, kind=PackKind.CASE, needed=(PackKind.BOX,)),
    refused.InvalidDefinition(
        of=HOSTILE,
        faults=tuple(refused.Fault(fault=fault, where=HOSTILE, found=HOSTILE) for fault in refused.DefinitionFault),
    ),
    refused.UnknownSpec(spec_code=SPEC),
    refused.UnknownStation(station_id=ASSY),
    refused.UnknownOrder(order_id=ORDER),
    refused.UnknownOrderLine(order_id=ORDER, line=3, spec_code=SPEC),
    refused.LineCovered(order_id=ORDER, line=1, ordered=40, covered=38, asked=5),
    refused.LineCovered(order_id=ORDER, line=1, ordered=40, covered=44, asked=0),
    refused.OrderOnFloor(order_id=ORDER, job_ids=(JOB, OTHER_JOB)),
    refused.OrderExists(order_id=ORDER),
    refused.OrderNotOpen(order_id=ORDER, status=OrderStatus.CANCELLED),
    refused.PromiseInPast(of=ORDER, promise_at=AT.replace(year=2025), now=AT),
    refused.PromiseTooFar(of=ORDER, promise_at=datetime.max.replace(tzinfo=UTC), now=AT),
    refused.UnknownJob(job_id=JOB),
    refused.JobExists(job_id=JOB),
    refused.WrongJobState(job_id=JOB, status=JobStatus.COMPLETED, needed=(JobStatus.STARTED,)),
    refused.JobNotDone(job_id=JOB, packed=3, expected=4),
    refused.OrderNotDone(order_id=ORDER),
    refused.NothingChanged(of=HOSTILE),
    *(
        refused.NotCorrectable(aggregate_id=CARD, version=4, event="QAResultRecorded", fault=fault)
        for fault in refused.CorrectionFault
    ),
    refused.NothingToUndo(station_id=QA_BENCH),
    refused.IgnoredUnderStop(stop=CommandId("a stop")),
    refused.NothingToClear(at_station=ASSY, stop=CommandId("a stop")),
    refused.NothingToSettle(at_station=ASSY, held=CommandId("a scan")),
)
"""Every refusal at least once."""

_SPEC = ProductSpec(
    code=SPEC,
    version=2,
    name=HOSTILE,
    n_up=18,
    rows=3,
    columns=6,
    route=Route(steps=(RouteStep(operation=OperationCode("CUT"), work=OperationType.CUT, unit=UnitKind.SHEET),)),
)


# The parts that the events of one kind have in common.
_FACT: dict[str, Any] = {"occurred_at": AT, "operator_id": WHO, "station_id": QA_BENCH}
_SHEET: dict[str, Any] = _FACT | {"sheet_id": SHEET, "job_id": JOB, "spec_code": SPEC}
_CARD: dict[str, Any] = _SHEET | {"card_unit_id": CARD, "position": 7}
_RENEWED_CARD: dict[str, Any] = _CARD | {"card_unit_id": RENEWED}
_SET: dict[str, Any] = _SHEET | {"assembly_id": SET}


EVENTS: tuple[Event, ...] = (
    happened.ProductSpecDefined(**_FACT, spec=_SPEC),
    happened.StationDefined(**_FACT, station=_stations()[0]),
    happened.OperatorRegistered(**_FACT, badge=WHO, name=HOSTILE, roles=(OperatorRole.LEAD,)),
    happened.OperatorPinSet(**_FACT, badge=WHO, secret=PinSecret(salt="5a17", digest="d19e57")),
    happened.OrderPlaced(
        **_FACT,
        order_id=ORDER,
        customer=HOSTILE,
        lines=(OrderLine(line=1, spec_code=SPEC, sets=40),),
        promise_at=AT,
        priority=5,
    ),
    happened.OrderCancelled(**_FACT, order_id=ORDER, reason=HOSTILE),
    happened.OrderFulfilled(**_FACT, order_id=ORDER, job_ids=(JOB,)),
    happened.JobCreated(
        **_FACT,
        job_id=JOB,
        order_id=ORDER,
        order_line=1,
        customer=HOSTILE,
        spec=_SPEC,
        sheet_count=40,
        overs=2,
        priority=5,
        promise_at=AT,
    ),
    happened.JobStarted(**_FACT, job_id=JOB, sheet_count=40),
    happened.JobHeld(**_FACT, job_id=JOB, reason=HOSTILE),
    happened.JobResumed(**_FACT, job_id=JOB),
    happened.JobCancelled(**_FACT, job_id=JOB, reason=HOSTILE),
    happened.JobPriorityChanged(**_FACT, job_id=JOB, was=5, now=1),
    happened.PromiseDateChanged(**_FACT, job_id=JOB, was=AT, now=AT),
    happened.JobCompleted(**_FACT, job_id=JOB, order_id=ORDER, sets_packed=40),
    happened.SheetCreated(
        **_SHEET,
        order_id=ORDER,
        product_name=HOSTILE,
        number=3,
        sheet_count=40,
        n_up=18,
        rows=3,
        columns=6,
        ready=(FOIL,),
    ),
    happened.SheetEnteredStation(**_SHEET, operation=FOIL.operation, work=FOIL.work),
    happened.SheetExitedStation(**_SHEET, left=ASSY, operation=FOIL.operation),
    happened.SheetOperationCompleted(**_SHEET, operation=FOIL.operation, work=FOIL.work, ready=(), ready_to_cut=True),
    happened.PrintCompleted(
        **_SHEET, operation=OperationCode("PRINT"), work=OperationType.PRINT, ready=(FOIL,), ready_to_cut=False
    ),
    happened.SheetCut(**_SHEET, operation=OperationCode("CUT"), n_up=18, card_unit_ids=(CARD,), assembly_id=SET),
    happened.SheetVoided(**_SHEET, reason=VoidReason.MISPRINT, note=HOSTILE),
    happened.GateApproved(
        **_FACT,
        unit_id=SHEET,
        job_id=JOB,
        spec_code=SPEC,
        operation=OperationCode("PROOF"),
        ready=(),
        ready_to_cut=False,
    ),
    happened.CardUnitCreated(**_CARD, order_id=ORDER, product_name=HOSTILE, n_up=18, ready=(QA,)),
    happened.CardUnitEnteredStation(**_CARD, operation=QA.operation, work=QA.work),
    happened.CardUnitOperationCompleted(**_CARD, operation=FOIL.operation, work=FOIL.work, ready=(QA,)),
    happened.SequentialNumberApplied(**_CARD, operation=OperationCode("NUMBER"), number=SequentialNumber(7, 99)),
    happened.MemorabiliaPlaced(**_CARD, operation=OperationCode("RELIC"), serial=HOSTILE),
    happened.QAResultRecorded(
        **_CARD,
        operation=QA.operation,
        attempt=1,
        outcome=QAOutcome.PASS,
        reason=None,
        codes=(),
        cleared=True,
        ready=(),
    ),
    happened.QAResultRecorded(
        **_CARD,
        operation=QA.operation,
        attempt=2,
        outcome=QAOutcome.FAIL,
        reason=HOSTILE,
        codes=("F-201",),
        cleared=False,
        ready=(),
    ),
    happened.CardUnitSentToRework(
        **_CARD, back_to=FOIL.operation, undone=(FOIL.operation,), rework=1, reason=HOSTILE, ready=(FOIL,)
    ),
    happened.CardUnitVoided(**_CARD, assembly_id=SET, reason=VoidReason.LOST, note=HOSTILE, was_gathered=False),
    happened.CardUnitVoided(**_CARD, assembly_id=SET, reason=VoidReason.DAMAGED, note="", was_gathered=True),
    happened.ReplacementCardUnitCreated(
        **_RENEWED_CARD,
        assembly_id=SET,
        order_id=ORDER,
        product_name=HOSTILE,
        n_up=18,
        replaces=CARD,
        takes_number=SequentialNumber(7, 99),
        done=(),
        ready=(FOIL,),
    ),
    happened.AssemblyOpened(**_SET, order_id=ORDER, product_name=HOSTILE, rows=3, columns=6, expected=(CARD, CARD_5)),
    happened.CardScannedForAssembly(**_SET, card_unit_id=CARD, position=7, gathered=13, expected=18),
    happened.CardRemovedFromAssembly(**_SET, card_unit_id=CARD, position=7, reason=HOSTILE),
    happened.VoidedCardTakenOut(**_SET, card_unit_id=CARD, position=7),
    *(
        happened.TrayBrought(
            **_SET, from_station=from_station, gathered=14, expected=18, status=status, needs_authorization=unauthorized
        )
        for from_station, status, unauthorized in (
            (ASSY, AssemblyStatus.IN_PROGRESS, False),
            (None, AssemblyStatus.PENDING, False),
            (QA_BENCH, AssemblyStatus.COMPLETE, False),
            (ASSY, AssemblyStatus.COMPLETE, True),
        )
    ),
    happened.TrayParked(**_SET),
    happened.AssemblyCompleted(**_SET, card_unit_ids=(CARD_5, RENEWED), replacements=(RENEWED,)),
    happened.ReplacementSetAuthorized(**_SET, manager=MANAGER, replacements=(RENEWED,)),
    happened.AssemblyOverdueFlagged(**_SET, missing=(CARD_5,), open_since=AT),
    happened.PackOpened(**_FACT, pack_id=BOX, kind=PackKind.BOX, job_id=JOB),
    happened.SetPacked(**_SET, pack_id=BOX, card_unit_ids=(CARD,)),
    happened.CardUnitPacked(**_CARD, assembly_id=SET, pack_id=BOX),
    happened.PackSealed(**_FACT, pack_id=BOX, kind=PackKind.BOX, contents=4),
    happened.PackNested(**_FACT, pack_id=BOX, into=CASE),
    happened.PackShipped(**_FACT, pack_id=BOX, carrier=HOSTILE, tracking_reference=HOSTILE),
    happened.StationDowntimeStarted(**_FACT, at_station=ASSY, reason=HOSTILE),
    happened.StationDowntimeEnded(**_FACT, at_station=ASSY),
    happened.HelpCalled(**_FACT, at_station=ASSY, note=HOSTILE),
    happened.HelpAnswered(**_FACT, at_station=ASSY),
    *(
        happened.StationStopCleared(
            **_FACT,
            at_station=ASSY,
            number=17,
            stop=CommandId("a stop"),
            refusal=HOSTILE,
            unit_id=unit,
            raised_at=AT,
            cleared_by=by,
            ignored=ignored,
        )
        for by, ignored, unit in ((StopClearedBy.RESET_CARD, 0, None), (StopClearedBy.LEAD, 3, HOSTILE))
    ),
    *(
        happened.HeldScanRefused(
            **_FACT,
            at_station=ASSY,
            held=CommandId("a scan"),
            kind=kind,
            scanned=HOSTILE,
            scanned_at=AT,
            refusal=refusal,
            reason=HOSTILE,
            in_tray=in_tray,
        )
        for kind, refusal, in_tray in (("Scan", "CardVoided", CARD), ("?", "", None))
    ),
    happened.HeldScanSettled(**_FACT, at_station=ASSY, held=CommandId("a scan"), note=HOSTILE),
    happened.EventCorrected(
        **_FACT,
        aggregate_type=AggregateType.CARD_UNIT,
        aggregate_id=CARD,
        corrected_version=4,
        corrected_event="QAResultRecorded",
        changes=(FieldChange(field="reason", was=HOSTILE, now="dirt"),),
        retracted=False,
        reason=HOSTILE,
    ),
    happened.EventCorrected(
        **_FACT,
        aggregate_type=AggregateType.CARD_UNIT,
        aggregate_id=CARD,
        corrected_version=4,
        corrected_event="QAResultRecorded",
        changes=(),
        retracted=True,
        reason="undone",
    ),
)
"""Every event at least once."""
