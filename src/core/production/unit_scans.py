"""What the scan of a sheet or card means: work on it, or its place in a tray."""

from core.domain.commands import (
    Command,
    CutSheet,
    EnterStation,
    ScanCardForAssembly,
    TakeOutVoidedCard,
)
from core.domain.effective import effective_events
from core.domain.events import CardScannedForAssembly
from core.domain.models import Assembly, CardUnit, CheckIn, Completion, Job, Sheet
from core.domain.readings import (
    NumberAsked,
    Reading,
    SerialAsked,
    VerdictAsked,
)
from core.domain.rejections import (
    DuplicateCard,
    Rejection,
    RepeatedScan,
    ScannedSince,
    ScanTheSet,
    UnknownUnit,
    WrongKindOfUnit,
)
from core.domain.values import (
    CardUnitStatus,
    OperationType,
    Route,
    RouteStep,
    StationDefinition,
    StationRole,
)
from core.identity.ids import (
    CardUnitId,
    SheetId,
    assembly_of,
    assembly_of_card,
    job_of,
    job_of_sheet,
)
from core.production.asked_marks import completing
from core.production.card_unit_operations import workable
from core.production.facts import ShopPolicy
from core.production.loaded import (
    Loaded,
    card_key,
)
from core.production.routes import step_of
from core.production.scan import Scan


def _enter(scan: Scan, unit: SheetId | CardUnitId) -> EnterStation:
    return EnterStation(
        at=scan.at,
        operator_id=scan.operator_id,
        station_id=scan.station.station_id,
        unit_id=unit,
        station=scan.station,
    )


def read_card(scan: Scan, card_id: CardUnitId, loaded: Loaded, policy: ShopPolicy) -> Command | Reading | Rejection:
    """Return what a card's label means: work at its station, or its place in a tray."""
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


def _moved_on(scan: Scan, card: CardUnit, loaded: Loaded) -> ScannedSince | DuplicateCard | None:
    """Refuse to lay a card into its tray by a scan that was kept before its paper or that tray was scanned elsewhere.

    No tray may have stood here: of one that came back since, nobody knows whether the paper was laid into it.
    Or the card was finished, or gathered and taken out again, after it was laid there: the log would have it in two
    places.
    Where it was gathered after that and lies in its tray, wherever that is by now, the scan says nothing new.
    """
    if not scan.kept:
        return None
    card_id, own = card.card_unit_id, assembly_of(card.sheet_id)
    events = effective_events(loaded.history(card_key(card_id)).events)
    later = next((event for _, event in events if event.occurred_at > scan.at), None)
    tray = loaded.assembly(own)
    if tray is None:
        return None
    if later is not None and card.status is CardUnitStatus.QA_PASSED:
        return ScannedSince(card_unit_id=card_id, assembly_id=own, at_station=later.station_id)
    newest = events[-1][1]
    is_in_tray_since = isinstance(newest, CardScannedForAssembly) and newest.occurred_at > scan.at
    if is_in_tray_since and scan.open_assembly == own:
        return DuplicateCard(card_unit_id=card_id, assembly_id=own, missing=tray.missing_positions)
    in_order = {CardUnitStatus.QA_PASSED, CardUnitStatus.ASSEMBLED}
    if card.status in in_order and _came_back_since(scan, tray):
        return ScannedSince(card_unit_id=card_id, assembly_id=own, at_station=tray.tray_was_at)
    return None


def _came_back_since(scan: Scan, tray: Assembly) -> bool:
    """Say whether the tray came here from another station after the scan."""
    is_here = tray.stands_at == scan.station.station_id
    return is_here and tray.tray_came is not None and scan.at < tray.tray_came


def _card_work(scan: Scan, card: CardUnit, job: Job, policy: ShopPolicy) -> Command | Reading | Rejection:
    """Check a card in, or ask for, or do, what completes the operation it is here for."""
    here = _work_in_hand(card.check_in, scan.station, job.spec.route)
    if here is None:
        repeated = _repeated(scan, card.completion, card.card_unit_id, policy)
        if repeated is not None:
            return repeated
        step = workable(card, job, scan.station) if scan.station.single_scan else None
        if isinstance(step, RouteStep) and _asked(step, card, job) is None:
            return completing(scan, card.card_unit_id)
        return _enter(scan, card.card_unit_id)
    step, check_in = here
    asked = _asked(step, card, job)
    if asked is not None:
        return asked
    return _repeated(scan, check_in, card.card_unit_id, policy) or completing(scan, card.card_unit_id)


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

    A clock that was set back must not stop the line: only the distance counts. What was done by a number or serial
    was no reading of the unit's label, so the first one after it is meant.
    """
    if before is None or before.station_id != scan.station.station_id:
        return None
    if isinstance(before, Completion) and not before.by_label:
        return None
    seconds = abs((scan.at - before.at).total_seconds())
    if seconds < policy.repeat_guard_seconds:
        return RepeatedScan(unit_id=unit_id, seconds=seconds)
    return None


def read_sheet(
    scan: Scan, sheet: Sheet | None, sheet_id: SheetId, loaded: Loaded, policy: ShopPolicy
) -> Command | Reading | Rejection:
    """Return what a sheet's label means: it is checked in, done, or cut."""
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
    return completing(scan, sheet_id)
