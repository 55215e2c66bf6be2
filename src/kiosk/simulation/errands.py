"""Errands: what an operator does with one unit, as the requests that the kiosk would send.

Pure. Every function gives the whole series, so that the live stations (`workers`) and the demo's
history (`kiosk.demo.history`) do exactly the same things in the same order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.domain.commands import (
    ApproveGate,
    AuthorizeReplacementSet,
    Command,
    CreateReplacement,
    RecordQAResult,
    SealPack,
    SendToRework,
    VoidCardUnit,
)
from core.domain.values import (
    OperationType,
    ProductSpec,
    QAOutcome,
    QAResult,
    StationDefinition,
    UnitKind,
    VoidReason,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    OperationCode,
    OperatorId,
    PackId,
    SheetId,
    StationId,
    job_of,
    original_of,
    position_of,
    replacement_card_unit_id,
    replacement_number,
    sheet_number,
    sheet_of,
)
from core.production.routes import descendants, steps_for
from core.production.scan import Awaited, NumberAwaited, Scan, SerialAwaited
from kiosk.simulation.sights import UnitSeen

Request = Command | Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One request; ``is_slip`` marks a mistake that must be refused.

    ``share`` is how much of the time for one unit passes before it: the deeds of an errand without
    its slips add up to 1.
    """

    request: Request
    share: float
    is_slip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One piece of work: the units that are in the operator's hands meanwhile, and the deeds in order."""

    units: tuple[str, ...]
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A station with the person who works at it."""

    station: StationDefinition
    operator_id: OperatorId

    @property
    def station_id(self) -> StationId:
        """The station's id."""
        return self.station.station_id

    def scan(
        self,
        text: str,
        at: datetime,
        *,
        open_assembly: AssemblyId | None = None,
        open_pack: PackId | None = None,
        awaited: Awaited | None = None,
    ) -> Scan:
        """A scan of ``text`` at this station, with what the station has open."""
        return Scan(
            text=text,
            station=self.station,
            operator_id=self.operator_id,
            at=at,
            open_assembly=open_assembly,
            open_pack=open_pack,
            awaited=awaited,
        )


# -- marks on cards -------------------------------------------------------------


def number_of(card: CardUnitId, n_up: int) -> int:
    """The card's number in its job's run: sheets in order, positions in order; a replacement takes its original's."""
    return (sheet_number(sheet_of(card)) - 1) * n_up + position_of(original_of(card))


def serial_of(card: CardUnitId) -> str:
    """The serial of the insert that goes into the card: every card has its own."""
    sheet = sheet_of(card)
    digits = f"{job_of(card)[1:]}{sheet_number(sheet):03d}{position_of(card):02d}"
    again = replacement_number(card)
    return f"AU{digits}" + (f"B{again}" if again else "")


# -- sheets and cards -----------------------------------------------------------


def sheet_work(bench: Bench, sheet: SheetId, at: datetime, *, is_here: bool = False) -> Errand:
    """Check a sheet in, then complete (or cut) it; one scan where the station is set so."""
    scan = bench.scan(sheet, at)
    if bench.station.single_scan or is_here:
        return Errand(units=(sheet,), deeds=(Deed(request=scan, share=1.0),))
    return Errand(units=(sheet,), deeds=(Deed(request=scan, share=0.2), Deed(request=scan, share=0.8)))


def card_work(bench: Bench, seen: UnitSeen, spec: ProductSpec, at: datetime, *, is_here: bool = False) -> Errand:
    """Check a card in, then complete what is done here, saying its number or serial where that is asked."""
    card = CardUnitId(seen.unit_id)
    scan = bench.scan(card, at)
    steps = (step.operation for step in spec.route.steps if step.work is seen.work)
    operation = next(steps, OperationCode(seen.work))
    awaited: Awaited | None = None
    answer = ""
    if seen.work is OperationType.NUMBER and seen.number is None:
        awaited = NumberAwaited(card_unit_id=card, operation=operation, run_of=spec.run_of or 0)
        answer = str(number_of(card, spec.n_up))
    elif seen.work is OperationType.MEMORABILIA and seen.serial is None:
        awaited = SerialAwaited(card_unit_id=card, operation=operation)
        answer = serial_of(card)
    if awaited is not None:
        said = Deed(request=bench.scan(answer, at, awaited=awaited), share=0.8 if is_here else 0.6)
        asked = Deed(request=scan, share=0.2)
        return Errand(units=(card,), deeds=(asked, said) if is_here else (asked, asked, said))
    if bench.station.single_scan or is_here:
        return Errand(units=(card,), deeds=(Deed(request=scan, share=1.0),))
    return Errand(units=(card,), deeds=(Deed(request=scan, share=0.2), Deed(request=scan, share=0.8)))


def inspection(
    bench: Bench, card: CardUnitId, codes: tuple[str, ...], at: datetime, *, is_here: bool = False
) -> Errand:
    """Check a card in at a QA bench and give the verdict: a fail with its codes, a pass where there are none."""
    outcome = QAOutcome.FAIL if codes else QAOutcome.PASS
    verdict = RecordQAResult(
        at=at,
        operator_id=bench.operator_id,
        station_id=bench.station_id,
        card_unit_id=card,
        station=bench.station,
        result=QAResult(outcome=outcome, codes=codes),
    )
    if is_here:
        return Errand(units=(card,), deeds=(Deed(request=verdict, share=1.0),))
    deeds = (Deed(request=bench.scan(card, at), share=0.2), Deed(request=verdict, share=0.8))
    return Errand(units=(card,), deeds=deeds)


# -- sets and boxes ---------------------------------------------------------------


def gathering(
    bench: Bench,
    assembly: AssemblyId,
    cards: Iterable[CardUnitId],
    at: datetime,
    slips: Iterable[tuple[int, CardUnitId]] = (),
) -> Errand:
    """Open the tray by its label, which brings it here, then put the cards in one by one.

    ``slips`` are wrong cards: (how many right ones went in before, the card).
    """
    wanted = tuple(cards)
    wrong: dict[int, list[CardUnitId]] = {}
    for before, card in slips:
        wrong.setdefault(before, []).append(card)
    deeds = [Deed(request=bench.scan(assembly, at), share=0.1)]
    for count, card in enumerate((*wanted, None)):
        deeds += [
            Deed(request=bench.scan(slip, at, open_assembly=assembly), share=0.0, is_slip=True)
            for slip in wrong.get(count, ())
        ]
        if card is not None:
            scan = bench.scan(card, at, open_assembly=assembly)
            deeds.append(Deed(request=scan, share=0.9 / max(1, len(wanted))))
    return Errand(units=(assembly, *wanted), deeds=tuple(deeds))


def packing(
    bench: Bench,
    assembly: AssemblyId,
    box: PackId,
    at: datetime,
    *,
    seals: bool = False,
) -> Errand:
    """Take a box in hand, put a set into it, and close it where it is full."""
    deeds = [
        Deed(request=bench.scan(box, at), share=0.2),
        Deed(request=bench.scan(assembly, at, open_pack=box), share=0.6 if seals else 0.8),
    ]
    if seals:
        seal = SealPack(at=at, operator_id=bench.operator_id, station_id=bench.station_id, pack_id=box)
        deeds.append(Deed(request=seal, share=0.2))
    return Errand(units=(assembly, box), deeds=tuple(deeds))


def sealing(bench: Bench, box: PackId, at: datetime) -> Errand:
    """Close a box that nothing more goes into."""
    seal = SealPack(at=at, operator_id=bench.operator_id, station_id=bench.station_id, pack_id=box)
    return Errand(units=(box,), deeds=(Deed(request=bench.scan(box, at), share=0.5), Deed(request=seal, share=0.5)))


# -- leads and managers -------------------------------------------------------------


def rework(bench: Bench, card: CardUnitId, back_to: OperationCode, reason: str, at: datetime) -> Errand:
    """Send a failed card back to an operation of its route."""
    command = SendToRework(
        at=at,
        operator_id=bench.operator_id,
        station_id=bench.station_id,
        card_unit_id=card,
        back_to=back_to,
        reason=reason,
    )
    return Errand(units=(card,), deeds=(Deed(request=command, share=1.0),))


def replacing(bench: Bench, card: CardUnitId, reason: VoidReason | None, at: datetime, note: str = "") -> Errand:
    """Void a card (unless ``reason`` is None: it is void already) and have another made for its position."""
    deeds: list[Deed] = []
    if reason is not None:
        void = VoidCardUnit(
            at=at,
            operator_id=bench.operator_id,
            station_id=bench.station_id,
            card_unit_id=card,
            reason=reason,
            note=note,
        )
        deeds.append(Deed(request=void, share=0.5))
    again = CreateReplacement(at=at, operator_id=bench.operator_id, station_id=bench.station_id, card_unit_id=card)
    deeds.append(Deed(request=again, share=1.0 - 0.5 * len(deeds)))
    return Errand(units=(card, replacement_card_unit_id(card)), deeds=tuple(deeds))


def approval(bench: Bench, unit: SheetId | CardUnitId, gate: OperationCode, at: datetime) -> Errand:
    """Let a unit past a gate."""
    command = ApproveGate(at=at, operator_id=bench.operator_id, station_id=bench.station_id, unit_id=unit, gate=gate)
    return Errand(units=(unit,), deeds=(Deed(request=command, share=1.0),))


def authorization(bench: Bench, assembly: AssemblyId, manager: OperatorId, pin: str, at: datetime) -> Errand:
    """Let a set with a replacement be packed, by the manager's badge and PIN."""
    command = AuthorizeReplacementSet(
        at=at,
        operator_id=bench.operator_id,
        station_id=bench.station_id,
        assembly_id=assembly,
        manager=manager,
        pin=pin,
    )
    return Errand(units=(assembly,), deeds=(Deed(request=command, share=1.0),))


def rework_targets(spec: ProductSpec) -> tuple[OperationCode, ...]:
    """The operations that a failed card may go back to without losing its number or insert: the latest first."""
    cards = steps_for(spec.route, UnitKind.CARD)
    marks = {step.operation for step in cards if step.work in {OperationType.NUMBER, OperationType.MEMORABILIA}}
    able = [step.operation for step in cards if step.work is not OperationType.GATE and step.operation not in marks]
    return tuple(sorted(able, key=lambda operation: len(descendants(spec.route, operation))))


def at_moment(deed: Deed, moment: datetime) -> Request:
    """The deed's request as it is made at this moment."""
    return replace(deed.request, at=moment)


def spread(errand: Errand, start: datetime, minutes: float) -> tuple[Request, ...]:
    """The requests of an errand that begins at ``start`` and takes so many minutes."""
    requests: list[Request] = []
    moment = start
    for deed in errand.deeds:
        requests.append(at_moment(deed, moment))
        moment += timedelta(minutes=minutes * deed.share)
    return tuple(requests)
