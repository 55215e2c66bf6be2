"""A shop whose people do the right thing next: what brings a unit to where a test begins.

Every step is a scan or command that the rules must accept; tests of mistakes begin
where these leave off.
"""

from core.domain.commands import (
    ApproveGate,
    AuthorizeReplacementSet,
    CreateReplacement,
    OpenPack,
    PackSet,
    RecordQAResult,
    SendToRework,
    VoidCardUnit,
)
from core.domain.values import (
    AssemblyStatus,
    CardUnitStatus,
    OperationType,
    PackStatus,
    QAOutcome,
    QAResult,
    Route,
    RouteStep,
    SheetStatus,
    StationDefinition,
    UnitKind,
    VoidReason,
)
from core.identity.ids import (
    CardUnitId,
    JobId,
    OperationCode,
    OperatorId,
    PackId,
    SheetId,
    assembly_of,
    box_id,
    card_unit_id,
    job_of,
    job_of_sheet,
    original_of,
    position_of,
    replacement_card_unit_id,
    replacement_number,
    sheet_id,
    sheet_number,
    sheet_of,
)
from core.production.corrections import undo_of
from core.production.routes import ready_steps
from core.production.scan import Awaited, NumberAwaited, SerialAwaited
from tests.core.shop import (
    ASSEMBLY,
    CUTTER,
    FOIL,
    INSERTS,
    INSPECTOR,
    LEAD,
    MANAGER,
    NUMBERING,
    OPERATOR,
    PACKING,
    PIN,
    PRESS,
    QA,
    UV,
    Outcome,
    Shop,
    done,
    step,
)

LONG_ROUTE = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("PROOF", OperationType.GATE, UnitKind.SHEET, "PRINT"),
        step("FOIL-SHEET", OperationType.FOIL, UnitKind.SHEET, "PRINT"),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "PROOF FOIL-SHEET"),
        step("QA-FIRST", OperationType.QA, after="CUT"),
        step("UV", OperationType.UV, after="QA-FIRST"),
        step("NUMBER", OperationType.NUMBER, after="QA-FIRST"),
        step("RELIC", OperationType.MEMORABILIA, after="UV"),
        step("AUTOGRAPH", OperationType.MEMORABILIA, after="NUMBER"),
        step("SIGNED-OFF", OperationType.GATE, after="RELIC AUTOGRAPH"),
        step("QA-LAST", OperationType.QA, after="SIGNED-OFF"),
    )
)
"""Two inspections, a gate for sheets and one for cards, parallel branches, two inserts."""

STATION_OF = {
    OperationType.PRINT: PRESS,
    OperationType.FOIL: FOIL,
    OperationType.UV: UV,
    OperationType.CUT: CUTTER,
    OperationType.NUMBER: NUMBERING,
    OperationType.MEMORABILIA: INSERTS,
    OperationType.QA: QA,
}


class Line(Shop):
    """A shop in which units move on as they should."""

    # -- sheets ----------------------------------------------------------------

    def ready_for(self, unit: str) -> tuple[RouteStep, ...]:
        """The operations that a sheet or card is ready for."""
        if unit.count("-") == 1:
            sheet = SheetId(unit)
            return ready_steps(self.job(job_of_sheet(sheet)).spec.route, UnitKind.SHEET, self.sheet(sheet).done)
        card = CardUnitId(unit)
        return ready_steps(self.job(job_of(card)).spec.route, UnitKind.CARD, self.card(card).done)

    def approve(self, unit: str, gate: str, *, by: OperatorId = LEAD) -> Outcome:
        """Let a unit past a gate."""
        return self.ask(ApproveGate, by=by, unit_id=unit, gate=OperationCode(gate))

    def step_sheet(self, sheet: str) -> Outcome:
        """Do the next right thing to a sheet: approve, check in, complete or cut."""
        ready = self.ready_for(sheet)[0]
        if ready.work is OperationType.GATE:
            return self.approve(sheet, ready.operation)
        return self.scan(STATION_OF[ready.work], sheet)

    def cut(self, sheet: str) -> tuple[CardUnitId, ...]:
        """Bring a sheet through its route until it is cut; return its cards."""
        while self.sheet(sheet).status is not SheetStatus.CUT:
            done(self.step_sheet(sheet))
        places = range(1, self.sheet(sheet).n_up + 1)
        return tuple(card_unit_id(SheetId(sheet), place) for place in places)

    # -- cards -----------------------------------------------------------------

    def step_card(self, card: str) -> Outcome:
        """Do the next right thing to a card; a verdict is a pass."""
        ready = self.ready_for(card)[0]
        if ready.work is OperationType.GATE:
            return self.approve(card, ready.operation)
        bench = STATION_OF[ready.work]
        here = self.card(card).check_in
        if here is None or here.station_id != bench.station_id or here.operation != ready.operation:
            return self.scan(bench, card, by=INSPECTOR)
        if ready.work is OperationType.QA:
            return self.verdict(card)
        awaited, answer = self.asked(card, ready)
        return self.scan(bench, answer or card, awaited=awaited)

    def asked(self, card: str, ready: RouteStep) -> tuple[Awaited | None, str]:
        """What the station asks about a card, and the right answer; nothing where the card says it itself."""
        unit, known = CardUnitId(card), self.card(card)
        run_of = self.job(job_of(unit)).spec.run_of or 0
        if ready.work is OperationType.NUMBER and known.number is None:
            asked = NumberAwaited(card_unit_id=unit, operation=ready.operation, run_of=run_of)
            return asked, str(number_for(unit, known.n_up))
        if ready.work is OperationType.MEMORABILIA and ready.operation not in known.serials:
            return SerialAwaited(card_unit_id=unit, operation=ready.operation), serial_for(unit, ready.operation)
        return None, ""

    def bring_to(self, card: str, work: OperationType) -> None:
        """Bring a card along until it is checked in for this kind of work."""
        while (step_now := self.ready_for(card)[0]).work is not work or self.card(card).check_in is None:
            done(self.step_card(card))
        here = self.card(card).check_in
        assert here is not None and here.operation == step_now.operation  # noqa: PT018 - one fact

    def verdict(self, card: str, *codes: str, at: StationDefinition = QA, by: OperatorId | None = INSPECTOR) -> Outcome:
        """Give the verdict on a card at a bench: a fail with its codes, a pass where there are none."""
        self.pass_time(10)
        outcome = QAOutcome.FAIL if codes else QAOutcome.PASS
        result = QAResult(outcome=outcome, codes=codes)
        return self.ask(RecordQAResult, at=at, by=by, card_unit_id=card, result=result)

    def fail(self, card: str, *codes: str) -> None:
        """Bring a card to its next inspection and fail it."""
        self.bring_to(card, OperationType.QA)
        done(self.verdict(card, *(codes or ("F-201",))))

    def rework(self, card: str, back_to: str, *, by: OperatorId | None = LEAD) -> Outcome:
        """Send a failed card back."""
        return self.ask(SendToRework, by=by, card_unit_id=card, back_to=OperationCode(back_to), reason="touch up")

    def clear(self, *cards: str) -> None:
        """Bring cards through their routes until they wait for their set."""
        for card in cards:
            while self.card(card).status is not CardUnitStatus.QA_PASSED:
                done(self.step_card(card))

    def void(self, card: str, reason: VoidReason = VoidReason.LOST, *, by: OperatorId | None = LEAD) -> Outcome:
        """Take a card out of production."""
        return self.ask(VoidCardUnit, by=by, card_unit_id=card, reason=reason, note="seen by nobody")

    def replace(self, card: str) -> CardUnitId:
        """Void a card where that is not done yet, and make its replacement."""
        if self.card(card).status is not CardUnitStatus.VOIDED:
            done(self.void(card))
        done(self.ask(CreateReplacement, by=LEAD, card_unit_id=card))
        return replacement_card_unit_id(CardUnitId(card))

    # -- sets ------------------------------------------------------------------

    def gather(
        self,
        card: str,
        *,
        into: str | None = None,
        at: StationDefinition = ASSEMBLY,
        by: OperatorId | None = OPERATOR,
        brought: bool = False,
    ) -> Outcome:
        """Scan a card into its own set's tray, or into another's; a tray that was brought has its label read first."""
        tray = into or assembly_of(sheet_of(CardUnitId(card)))
        if brought:
            self.scan(at, tray, by=by)
        return self.scan(at, card, by=by, open_assembly=tray)

    def complete(self, sheet: str, *, by: OperatorId = OPERATOR) -> None:
        """Bring all cards of a sheet, cut or not, into their tray; voided ones are replaced."""
        if self.sheet(sheet).status is not SheetStatus.CUT:
            self.cut(sheet)
        for place, expected in self.tray(sheet).expected.items():
            card = self.replace(expected) if place in self.tray(sheet).gaps else expected
            if place not in self.tray(sheet).gathered:
                self.clear(card)
                done(self.gather(card, by=by, brought=True))

    def authorize(self, sheet: str, *, manager: OperatorId = MANAGER, pin: str = PIN) -> Outcome:
        """Let a set with replacements be packed."""
        return self.ask(
            AuthorizeReplacementSet,
            by=manager,
            at=ASSEMBLY,
            assembly_id=assembly_of(SheetId(sheet)),
            manager=manager,
            pin=pin,
        )

    def pack(self, sheet: str, box: str | None = None) -> Outcome:
        """Put a set into a box of its job, which is opened where it is not open yet."""
        unit = SheetId(sheet)
        pack = PackId(box) if box else box_id(job_of_sheet(unit), 1)
        known = self.loaded.pack(pack)
        if known is None:
            done(self.ask(OpenPack, at=PACKING, pack_id=pack))
        assert known is None or known.status is PackStatus.OPEN
        return self.ask(PackSet, at=PACKING, assembly_id=assembly_of(unit), pack_id=pack)

    def pack_all(self, job: JobId) -> None:
        """Bring every sheet of a job into a box."""
        for number in range(1, self.job(job).sheet_count + 1):
            sheet = sheet_id(job, number)
            self.complete(sheet)
            tray = self.tray(sheet)
            if any(replacement_number(card) for card in tray.gathered.values()) and not tray.authorized_by:
                done(self.authorize(sheet))
            if tray.status is AssemblyStatus.COMPLETE:
                done(self.pack(sheet))

    # -- undoing ---------------------------------------------------------------

    def undo(self, *, by: OperatorId = OPERATOR, at: StationDefinition = ASSEMBLY) -> Outcome | None:
        """Undo what the last command recorded; None where nothing can be."""
        self.pass_time(10)
        command = undo_of(self.last, at=self.now, operator_id=by, station_id=at.station_id, reason="a slip")
        return None if command is None else self.run(command)


def number_for(card: CardUnitId, n_up: int) -> int:
    """The number that a card gets: sheets and positions in order, a replacement its original's."""
    return (sheet_number(sheet_of(card)) - 1) * n_up + position_of(original_of(card))


def serial_for(card: CardUnitId, operation: OperationCode) -> str:
    """A serial that no other card and no other operation has."""
    return f"AU-{operation}-{card}"
