"""What a scan means: barcode + station + state → command, reading or rejection.

The operator never chooses a transaction from a menu. A barcode is read by what it
is, where it was scanned and what state the unit is in.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from core.domain.commands import (
    Command,
    CompleteOperation,
    CutSheet,
    EnterStation,
    NestPack,
    OpenPack,
    PackSet,
    ScanCardForAssembly,
    TakeOutVoidedCard,
)
from core.domain.effective import effective_events
from core.domain.models import CardUnit, CheckIn, Completion, Job, Operator, Pack, Sheet
from core.domain.readings import (
    BadgeRead,
    ControlRead,
    NumberAsked,
    PackRead,
    Reading,
    SerialAsked,
    TrayRead,
    UnitFound,
    VerdictAsked,
)
from core.domain.rejections import (
    BarcodeProblem,
    IgnoredUnderStop,
    NoPackOpen,
    NotLoggedOn,
    NumberNeeded,
    NumberOutOfRun,
    Rejection,
    RepeatedScan,
    ScannedSince,
    ScanTheCard,
    ScanTheSet,
    SerialNeeded,
    UnknownBarcode,
    UnknownOperator,
    UnknownUnit,
    WrongKindOfUnit,
)
from core.domain.streams import StreamKey
from core.domain.values import (
    CardUnitStatus,
    OperationType,
    PackStatus,
    Route,
    RouteStep,
    SequentialNumber,
    StationDefinition,
    StationRole,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    CommandId,
    OperationCode,
    OperatorId,
    PackId,
    SheetId,
    assembly_of,
    assembly_of_card,
    job_of,
    job_of_assembly,
    job_of_pack,
    job_of_sheet,
)
from core.production.assembly import needs_authorization
from core.production.barcodes import (
    BadgeBarcode,
    Barcode,
    CardBarcode,
    ControlBarcode,
    PackBarcode,
    PaperBarcode,
    SetBarcode,
    SheetBarcode,
    plain,
    read_barcode,
)
from core.production.card_unit_operations import workable
from core.production.facts import ShopPolicy
from core.production.loaded import (
    Loaded,
    assembly_key,
    card_key,
    job_key,
    operator_key,
    pack_key,
    sheet_key,
)
from core.production.packing import NESTS_IN, not_ready
from core.production.routes import step_of

_NUMBER = re.compile(r"([0-9]{1,6})(?:\s*/\s*([0-9]{1,6}))?")


# -- a scan --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAwaited:
    """The station asked for the number of this card, to complete this operation.

    ``takes_number`` is the only one that it may get, if any.
    """

    card_unit_id: CardUnitId
    operation: OperationCode
    run_of: int
    takes_number: SequentialNumber | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialAwaited:
    """The station asked for the serial of the insert in this card, to complete this operation."""

    card_unit_id: CardUnitId
    operation: OperationCode


Awaited = NumberAwaited | SerialAwaited


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A code read at a station, with what the station has open.

    ``tray_brought`` says that the open tray's label was scanned here since the last
    card went into it. ``under_stop`` is the command id that raised the stop which covers
    the station: then the scan is written down and means nothing. ``kept`` says that it is delivered
    late: whoever scanned it had nobody to ask, and nothing was said of what had become of the unit.
    """

    text: str
    station: StationDefinition
    operator_id: OperatorId | None
    at: datetime
    open_assembly: AssemblyId | None = None
    tray_brought: bool = False
    open_pack: PackId | None = None
    awaited: Awaited | None = None
    under_stop: CommandId | None = None
    kept: bool = False


Interpretation = Command | Reading | Rejection


def streams_for(scan: Scan) -> frozenset[StreamKey]:
    """Return the streams that interpreting the scan and deciding its command look at."""
    keys: set[StreamKey] = set()
    if scan.under_stop is not None:
        return frozenset()
    if scan.awaited is not None:
        keys |= {card_key(scan.awaited.card_unit_id), job_key(job_of(scan.awaited.card_unit_id))}
    match read_barcode(scan.text):
        case CardBarcode(card):
            own = assembly_of_card(card)
            keys |= {card_key(card), job_key(job_of(card))}
            if scan.station.role is StationRole.ASSEMBLY:
                keys |= {assembly_key(own), assembly_key(scan.open_assembly or own)}
        case SheetBarcode(sheet):
            keys |= {sheet_key(sheet), job_key(job_of_sheet(sheet))}
        case SetBarcode(assembly):
            keys |= {assembly_key(assembly), job_key(job_of_assembly(assembly))}
            if scan.open_pack is not None:
                keys.add(pack_key(scan.open_pack))
        case PackBarcode(pack):
            keys.add(pack_key(pack))
            job = job_of_pack(pack)
            if job is not None:
                keys.add(job_key(job))
            if scan.open_pack is not None:
                keys.add(pack_key(scan.open_pack))
        case BadgeBarcode(operator):
            keys.add(operator_key(operator))
        case PaperBarcode() | ControlBarcode() | UnknownBarcode():
            pass
        case other:
            assert_never(other)
    return frozenset(keys)


def interpret(scan: Scan, loaded: Loaded, policy: ShopPolicy) -> Interpretation:
    """Return what the scan means here and now.

    A badge and a wall card mean the same everywhere; everything else needs
    somebody to be logged on.
    """
    if scan.under_stop is not None:
        return IgnoredUnderStop(stop=scan.under_stop)
    barcode = read_barcode(scan.text)
    match barcode:
        case BadgeBarcode(operator_id):
            return _badge(operator_id, loaded.operator(operator_id))
        case ControlBarcode(verb, argument):
            return ControlRead(verb=verb, argument=argument)
        case _:
            pass
    if scan.station.role is StationRole.LEAD:
        return _looked_up(barcode)
    if scan.operator_id is None:
        return NotLoggedOn(station_id=scan.station.station_id)
    if scan.awaited is not None and not isinstance(barcode, CardBarcode | SheetBarcode):
        return answer_to(scan, scan.awaited, barcode)
    match barcode:
        case CardBarcode(card_id):
            return _card(scan, card_id, loaded, policy)
        case SheetBarcode(sheet_id):
            return _sheet(scan, loaded.sheet(sheet_id), sheet_id, loaded, policy)
        case SetBarcode(assembly_id):
            return _set(scan, assembly_id, loaded)
        case PackBarcode(pack_id):
            return _pack(scan, pack_id, loaded)
        case PaperBarcode(unit_id):
            return WrongKindOfUnit(unit_id=unit_id, station_role=scan.station.role)
        case UnknownBarcode():
            return unknown(scan, barcode)
        case other:
            assert_never(other)


def _badge(operator_id: OperatorId, operator: Operator | None) -> BadgeRead | UnknownOperator:
    if operator is None:
        return UnknownOperator(operator_id=operator_id)
    return BadgeRead(
        operator_id=operator_id,
        name=operator.name,
        roles=operator.roles,
        has_pin=operator.secret is not None,
    )


def _looked_up(
    barcode: SheetBarcode | CardBarcode | SetBarcode | PackBarcode | PaperBarcode | UnknownBarcode,
) -> UnitFound | UnknownBarcode:
    match barcode:
        case SheetBarcode(unit) | CardBarcode(unit) | SetBarcode(unit) | PackBarcode(unit):
            return UnitFound(unit_id=unit)
        case PaperBarcode(unit):
            return UnitFound(unit_id=unit)
        case UnknownBarcode():
            return barcode
        case other:
            assert_never(other)


# -- what the station asked for ------------------------------------------------


def answer_to(
    scan: Scan, awaited: Awaited, barcode: Barcode
) -> CompleteOperation | NumberNeeded | NumberOutOfRun | SerialNeeded:
    """Read a code as the number or serial that the station waits for."""
    match awaited:
        case NumberAwaited():
            found = _NUMBER.fullmatch(plain(scan.text))
            if found is None:
                return NumberNeeded(card_unit_id=awaited.card_unit_id, run_of=awaited.run_of, read=scan.text)
            value, run_of = int(found[1]), found[2]
            if run_of is not None and int(run_of) != awaited.run_of:
                return NumberOutOfRun(
                    card_unit_id=awaited.card_unit_id, value=value, run_of=awaited.run_of, said_run_of=int(run_of)
                )
            return _complete(scan, awaited.card_unit_id, operation=awaited.operation, number=value)
        case SerialAwaited():
            # A code of our own, whole or torn, is never an insert's serial: somebody scanned the wrong label.
            if isinstance(barcode, UnknownBarcode) and barcode.problem is BarcodeProblem.FOREIGN:
                return _complete(scan, awaited.card_unit_id, operation=awaited.operation, serial=plain(scan.text))
            return SerialNeeded(card_unit_id=awaited.card_unit_id, read=scan.text)
        case other:
            assert_never(other)


def unknown(scan: Scan, barcode: UnknownBarcode) -> UnknownBarcode | ScanTheCard:
    """Say of a code of nobody why it is refused; where marks are put on cards it may be one that no card waits for."""
    marks = tuple(work for work in scan.station.work if work in {OperationType.NUMBER, OperationType.MEMORABILIA})
    may_be_a_mark = OperationType.MEMORABILIA in marks or (marks and _NUMBER.fullmatch(plain(scan.text)))
    if barcode.problem is BarcodeProblem.FOREIGN and may_be_a_mark:
        return ScanTheCard(text=scan.text, work=marks)
    return barcode


def _complete(
    scan: Scan,
    unit: SheetId | CardUnitId,
    *,
    operation: OperationCode | None = None,
    number: int | None = None,
    serial: str | None = None,
) -> CompleteOperation:
    return CompleteOperation(
        at=scan.at,
        operator_id=scan.operator_id,
        station_id=scan.station.station_id,
        unit_id=unit,
        station=scan.station,
        operation=operation,
        number=number,
        serial=serial,
    )


def _enter(scan: Scan, unit: SheetId | CardUnitId) -> EnterStation:
    return EnterStation(
        at=scan.at,
        operator_id=scan.operator_id,
        station_id=scan.station.station_id,
        unit_id=unit,
        station=scan.station,
    )


# -- cards and sheets ----------------------------------------------------------


def _card(scan: Scan, card_id: CardUnitId, loaded: Loaded, policy: ShopPolicy) -> Interpretation:
    card = loaded.card(card_id)
    job = loaded.job(job_of(card_id))
    if card is None or job is None:
        return UnknownUnit(unit_id=card_id)
    match scan.station.role:
        case StationRole.ASSEMBLY if _is_void_in_tray(scan, card, loaded):
            return TakeOutVoidedCard(
                at=scan.at,
                operator_id=scan.operator_id,
                station_id=scan.station.station_id,
                card_unit_id=card_id,
            )
        case StationRole.ASSEMBLY if (moved := _moved_on(scan, card, loaded)) is not None:
            return moved
        case StationRole.ASSEMBLY:
            return ScanCardForAssembly(
                at=scan.at,
                operator_id=scan.operator_id,
                station_id=scan.station.station_id,
                card_unit_id=card_id,
                assembly_id=scan.open_assembly or assembly_of_card(card_id),
                # A label that was read is that of the open tray, and says nothing of any other.
                tray_brought=scan.tray_brought and scan.open_assembly == assembly_of_card(card_id),
            )
        case StationRole.PACKING:
            return ScanTheSet(card_unit_id=card_id, assembly_id=assembly_of_card(card_id))
        case StationRole.PRESS | StationRole.CUTTER:
            return WrongKindOfUnit(unit_id=card_id, station_role=scan.station.role)
        case _:
            return _card_work(scan, card, job, policy)


def _is_void_in_tray(scan: Scan, card: CardUnit, loaded: Loaded) -> bool:
    """Say whether the card was voided in the tray that is open, or that nobody has open: here it comes out.

    A scan that was kept says nothing of that: SAVED asked nobody to take the card out, so it may lie there.
    """
    if scan.kept:
        return False
    own = assembly_of_card(card.card_unit_id)
    tray = loaded.assembly(own)
    return (
        scan.open_assembly in {None, own}
        and tray is not None
        and tray.void_in_tray.get(card.position) == card.card_unit_id
    )


def _moved_on(scan: Scan, card: CardUnit, loaded: Loaded) -> ScannedSince | None:
    """Refuse to lay a card into its tray by a scan that was kept before its paper was scanned elsewhere.

    It was finished, or gathered and taken out again, after it was laid there: the log would have it in two places.
    """
    if not scan.kept or card.status is not CardUnitStatus.QA_PASSED:
        return None
    for _, event in effective_events(loaded.history(card_key(card.card_unit_id)).events):
        if event.occurred_at > scan.at:
            own = assembly_of(card.sheet_id)
            return ScannedSince(card_unit_id=card.card_unit_id, assembly_id=own, at_station=event.station_id)
    return None


def _card_work(scan: Scan, card: CardUnit, job: Job, policy: ShopPolicy) -> Interpretation:
    """Check a card in, or ask for, or do, what completes the operation it is here for."""
    here = _work_in_hand(card.check_in, scan.station, job.spec.route)
    if here is None:
        repeated = _repeated(scan, card.completion, card.card_unit_id, policy)
        if repeated is not None:
            return repeated
        step = workable(card, job, scan.station) if scan.station.single_scan else None
        if isinstance(step, RouteStep) and _asked(step, card, job) is None:
            return _complete(scan, card.card_unit_id)
        return _enter(scan, card.card_unit_id)
    step, check_in = here
    asked = _asked(step, card, job)
    if asked is not None:
        return asked
    return _repeated(scan, check_in, card.card_unit_id, policy) or _complete(scan, card.card_unit_id)


def _asked(step: RouteStep, card: CardUnit, job: Job) -> VerdictAsked | NumberAsked | SerialAsked | None:
    """Return what the station has to ask before the step can be done; None where nothing is missing."""
    match step.work:
        case OperationType.QA:
            return VerdictAsked(card_unit_id=card.card_unit_id, operation=step.operation, attempt=card.attempts + 1)
        case OperationType.NUMBER if card.number is None:
            run_of = job.spec.run_of or 0
            return NumberAsked(
                card_unit_id=card.card_unit_id,
                operation=step.operation,
                run_of=run_of,
                takes_number=card.takes_number,
            )
        case OperationType.MEMORABILIA if step.operation not in card.serials:
            return SerialAsked(card_unit_id=card.card_unit_id, operation=step.operation)
        case _:
            return None


def _work_in_hand(
    check_in: CheckIn | None, station: StationDefinition, route: Route
) -> tuple[RouteStep, CheckIn] | None:
    if check_in is None or check_in.station_id != station.station_id:
        return None
    step = step_of(route, check_in.operation)
    return None if step is None or step.work not in station.work else (step, check_in)


def _repeated(scan: Scan, before: CheckIn | Completion | None, unit_id: str, policy: ShopPolicy) -> RepeatedScan | None:
    """Refuse a scan that follows what the same unit did at this station too soon to be meant.

    A clock that was set back must not stop the line: only the distance counts.
    """
    if before is None or before.station_id != scan.station.station_id:
        return None
    seconds = abs((scan.at - before.at).total_seconds())
    if seconds < policy.repeat_guard_seconds:
        return RepeatedScan(unit_id=unit_id, seconds=seconds)
    return None


def _sheet(scan: Scan, sheet: Sheet | None, sheet_id: SheetId, loaded: Loaded, policy: ShopPolicy) -> Interpretation:
    job = loaded.job(job_of_sheet(sheet_id))
    if sheet is None or job is None:
        return UnknownUnit(unit_id=sheet_id)
    if scan.station.role not in {StationRole.PRESS, StationRole.EMBELLISH, StationRole.CUTTER}:
        return WrongKindOfUnit(unit_id=sheet_id, station_role=scan.station.role)
    here = _work_in_hand(sheet.check_in, scan.station, job.spec.route)
    repeated = _repeated(scan, sheet.completion if here is None else here[1], sheet_id, policy)
    if repeated is not None:
        return repeated
    if here is None and not scan.station.single_scan:
        return _enter(scan, sheet_id)
    if scan.station.role is StationRole.CUTTER:
        return CutSheet(
            at=scan.at,
            operator_id=scan.operator_id,
            station_id=scan.station.station_id,
            sheet_id=sheet_id,
            station=scan.station,
        )
    return _complete(scan, sheet_id)


# -- sets and packs ------------------------------------------------------------


def _set(scan: Scan, assembly_id: AssemblyId, loaded: Loaded) -> Interpretation:
    assembly, job = loaded.assembly(assembly_id), loaded.job(job_of_assembly(assembly_id))
    if assembly is None or job is None:
        return UnknownUnit(unit_id=assembly_id)
    match scan.station.role:
        case StationRole.ASSEMBLY:
            return TrayRead(
                assembly_id=assembly_id,
                status=assembly.status,
                missing=assembly.missing,
                needs_authorization=needs_authorization(assembly),
            )
        case StationRole.PACKING:
            if scan.open_pack is None:
                # A box is only asked for where it may take the set: nobody labels one in vain.
                unpacked = NoPackOpen(station_id=scan.station.station_id, assembly_id=assembly_id)
                return not_ready(assembly, job) or unpacked
            return PackSet(
                at=scan.at,
                operator_id=scan.operator_id,
                station_id=scan.station.station_id,
                assembly_id=assembly_id,
                pack_id=scan.open_pack,
            )
        case _:
            return WrongKindOfUnit(unit_id=assembly_id, station_role=scan.station.role)


def _pack(scan: Scan, pack_id: PackId, loaded: Loaded) -> Interpretation:
    if scan.station.role is not StationRole.PACKING:
        return WrongKindOfUnit(unit_id=pack_id, station_role=scan.station.role)
    pack = loaded.pack(pack_id)
    if pack is None:
        return OpenPack(
            at=scan.at,
            operator_id=scan.operator_id,
            station_id=scan.station.station_id,
            pack_id=pack_id,
        )
    into = None if scan.open_pack is None else loaded.pack(scan.open_pack)
    if into is not None and _goes_into(pack, into):
        return NestPack(
            at=scan.at,
            operator_id=scan.operator_id,
            station_id=scan.station.station_id,
            pack_id=pack_id,
            into=into.pack_id,
        )
    return PackRead(pack_id=pack_id, status=pack.status)


def _goes_into(pack: Pack, into: Pack) -> bool:
    """Say whether a sealed container was scanned while one that takes it is being filled."""
    return pack.status is PackStatus.SEALED and into.status is PackStatus.OPEN and NESTS_IN.get(pack.kind) is into.kind
