"""A station loses the database: what it lays into its tray meanwhile is delivered later, refused, and settled."""

from core.domain.commands import AuthorizeReplacementSet, CreateReplacement, PackSet, ReportHeldScan, SettleHeldScan
from core.domain.events import HeldScanRefused, HeldScanSettled
from core.domain.streams import AggregateType
from core.domain.values import AssemblyStatus, JobStatus, StationDefinition, VoidReason
from core.identity.ids import AssemblyId, CardUnitId, CommandId, OperatorId, StationId, box_id
from core.production.decisions import Decided
from core.production.holding import laid_in_tray, to_be_settled
from core.production.scan import Scan
from tests.core.deeds.gathering import a_set_comes_together
from tests.core.deeds.telling import EITHER, PICKS, Deed, happens
from tests.core.deeds.work import moves_on
from tests.core.floor import PEOPLE, TRAY_STATIONS, Floor, chosen
from tests.core.shop import LEAD, MANAGER, OPERATOR, PACKING, PIN

DEEDS: list[Deed] = []


@happens(
    DEEDS, often=3, pick=PICKS, where=PICKS, both=EITHER, meanwhile=range(4), complete=EITHER, reason=tuple(VoidReason)
)
def cards_are_laid_into_a_tray_offline(
    floor: Floor, *, pick: int, where: int, both: bool, meanwhile: int, complete: bool, reason: VoidReason
) -> None:
    """Any card of the set, or two; others void and replace it before it is delivered, or fill its place elsewhere."""
    here, there = TRAY_STATIONS if where % 2 else TRAY_STATIONS[::-1]
    if complete:
        a_set_comes_together(floor, pick, 0, OPERATOR, where)
    done = (AssemblyStatus.COMPLETE,) if complete else ()
    trays = floor.trays(*done) or floor.trays(AssemblyStatus.PENDING, AssemblyStatus.IN_PROGRESS)
    for tray in chosen(trays, pick):
        cards = [card for card in floor.cards() if card.sheet_id == tray.sheet_id]
        laid = [card.card_unit_id for card in (*chosen(cards, pick // 3), *(chosen(cards, pick // 7) if both else ()))]
        kept = [_kept(floor, card, here, tray.assembly_id) for card in laid]
        if meanwhile:
            _is_replaced(floor, laid[0], reason, gathered_at=there if meanwhile == 2 else None)
        for scan in kept:
            _delivered(floor, scan)
        _others_try(floor, tray.assembly_id, laid, here)


def _kept(floor: Floor, card: CardUnitId, station: StationDefinition, tray: AssemblyId) -> Scan:
    """A scan that was shown as saved, with the card in the tray."""
    floor.pass_time(10)
    return Scan(text=f"]d2{card}", station=station, operator_id=OPERATOR, at=floor.now, open_assembly=tray, kept=True)


def _is_replaced(floor: Floor, card: CardUnitId, reason: VoidReason, *, gathered_at: StationDefinition | None) -> None:
    """A lead voids a card, whoever has it in hand; its replacement is finished, and laid into a tray where one is."""
    floor.void(card, reason)
    floor.ask_next(CreateReplacement, by=LEAD, card_unit_id=card)
    newest = floor.card(floor.card(card).replaced_by or card)
    if floor.job(newest.job_id).status is JobStatus.STARTED:
        moves_on(floor, newest, 30)
    if gathered_at is not None:
        floor.gather(newest.card_unit_id, at=gathered_at, brought=True)


def _delivered(floor: Floor, scan: Scan) -> None:
    """Run what was kept; what is refused then is reported as a terminal does it."""
    answer = floor.run(scan)
    left = None if isinstance(answer, Decided) else to_be_settled(scan, answer)
    if left is not None:
        floor.ask_next(
            ReportHeldScan,
            at=scan.station,
            at_station=scan.station.station_id,
            held=CommandId(f"{scan.text} at {scan.at}"),
            kind="Scan",
            scanned=scan.text,
            scanned_at=scan.at,
            refusal=type(left).__name__,
            reason="{}",
            in_tray=laid_in_tray(scan),
        )


def _others_try(floor: Floor, tray: AssemblyId, laid: list[CardUnitId], station: StationDefinition) -> None:
    """What is expected at the places of these cards is laid in as well, and the set goes to packing."""
    for card in laid:
        expected = floor.tray(tray).expected[floor.card(card).position]
        floor.gather(expected, at=station, brought=True)
    box = box_id(floor.tray(tray).job_id, 1)
    said = {"assembly_id": tray, "manager": MANAGER, "pin": PIN}
    floor.ask_next(AuthorizeReplacementSet, by=MANAGER, at=station, **said)
    floor.ask_next(PackSet, at=PACKING, assembly_id=tray, pack_id=box)


@happens(DEEDS, often=2, pick=PICKS, by=PEOPLE)
def a_held_scan_is_settled(floor: Floor, pick: int, by: OperatorId) -> None:
    """Whoever looked into the tray says so; then its set comes on."""
    events = [
        event
        for key, history in floor.streams.items()
        if key.aggregate_type is AggregateType.STATION
        for event in history.events
    ]
    settled = {event.held for event in events if isinstance(event, HeldScanSettled)}
    listed = [event for event in events if isinstance(event, HeldScanRefused) and event.held not in settled]
    for event in chosen(listed, pick):
        floor.ask_next(SettleHeldScan, by=by, at_station=StationId(event.at_station), held=event.held)
        if event.in_tray is not None:
            card = floor.card(event.in_tray)
            floor.gather(floor.tray(card.sheet_id).expected[card.position], brought=True)
