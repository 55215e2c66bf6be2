"""Gates at the leads' screen: which units wait for a lead, and letting them past, one command for each.

Approving needs a lead's badge, which the core asks for.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.domain.commands import ApproveGate
from core.domain.events import GateApproved
from core.domain.rejections import Refusal
from core.domain.values import OperationType, ProductSpec
from core.identity.ids import CardUnitId, OperationCode, SheetId, parse_sheet_id
from core.production.corrections import Recorded, undo_of
from core.projections import CardUnitRow, SheetRow
from kiosk.snapshots.dialogs import ChoiceView, QuestionView
from kiosk.station_session.lead_places import InCard, InSheet, Place, Seen, SeenCard, SeenJob, SeenSheet
from kiosk.station_session.work import Desk, Surroundings
from kiosk.wording.events import Accepted as SaidAccepted
from kiosk.wording.spoken import listed
from store.commands import Accepted

_APPROVE = "approve"
_AT_ONCE = 100
"""So many units are let past by one answer; a lead waits for their commands."""
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class AtGate:
    """Units of one job that wait for the same gate, sheets or cards."""

    gate: OperationCode
    units: tuple[SheetId | CardUnitId, ...]

    @property
    def kind(self) -> str:
        """What they are, for so many of them: "sheet", "cards"."""
        kind = "card" if parse_sheet_id(self.units[0]) is None else "sheet"
        return kind if len(self.units) == 1 else f"{kind}s"


def gate_of(unit: SheetRow | CardUnitRow, spec: ProductSpec | None) -> OperationCode | None:
    """Return the gate that a unit waits for, the first of its route; None where it waits for none."""
    if spec is None or OperationType.GATE not in unit.ready.split("+"):
        return None
    ready = unit.ready_operations.split("+")
    return next(
        (step.operation for step in spec.route.steps if step.work is OperationType.GATE and step.operation in ready),
        None,
    )


def at_gate(seen: Seen | None) -> AtGate | None:
    """Return what waits for a lead where one looks: the unit itself; else its sheets, else its cards, at one gate."""
    match seen:
        case SeenJob(sheets=sheets, cards=cards, spec=spec):
            return _together(sheets, spec) or _together(cards, spec)
        case SeenSheet(sheet=sheet, cards=cards, spec=spec):
            return _together((sheet,), spec) or _together(cards, spec)
        case SeenCard(card=card, spec=spec):
            return _together((card,), spec)
        case None:
            return None


def scanned_at_gate(place: Place, seen: Seen | None, unit_id: str) -> AtGate | None:
    """Return the unit whose label was scanned, where it is the one that is looked at and waits for a lead."""
    match place:
        case InSheet(sheet_id=here) | InCard(card_id=here):
            found = at_gate(seen)
            return found if found is not None and found.units == (unit_id,) and here == unit_id else None
        case _:
            return None


def _together(units: Iterable[SheetRow | CardUnitRow], spec: ProductSpec | None) -> AtGate | None:
    gates = [(unit, gate) for unit in units if (gate := gate_of(unit, spec)) is not None]
    if not gates:
        return None
    first = gates[0][1]
    return AtGate(
        gate=first,
        units=tuple(
            unit.sheet_id if isinstance(unit, SheetRow) else unit.card_unit_id for unit, gate in gates if gate == first
        ),
    )


class Approvals:
    """The question whether units are let past a gate, and what its answer does."""

    def __init__(self, around: Surroundings, desk: Desk) -> None:
        """Begin with nothing asked."""
        self._around = around
        self._desk = desk
        self._asked: AtGate | None = None
        self._passed: tuple[tuple[SheetId | CardUnitId, tuple[Recorded, ...]], ...] = ()

    @property
    def are_several(self) -> bool:
        """Whether the deed that F2 takes back is several approvals, given by one answer."""
        return len(self._passed) > 1

    @property
    def is_asking(self) -> bool:
        """Whether the question is open."""
        return self._asked is not None

    def forget(self) -> None:
        """Take back what was asked: the lead looks elsewhere."""
        self._asked = None

    def outdated(self) -> None:
        """Take note that something else was done since, or somebody else is there: F2 takes back no more of it."""
        self._passed = ()

    def ask(self, waiting: AtGate | None) -> None:
        """Ask whether what waits is let past its gate, at most ``_AT_ONCE`` units by one answer."""
        if waiting is None:
            self._desk.attention("NOTHING WAITS FOR YOU", "No gate is to be approved here.")
            return
        units = waiting.units[:_AT_ONCE]
        self._asked = AtGate(gate=waiting.gate, units=units)
        if len(units) == 1:
            title, lines = f"APPROVE {waiting.gate} OF {units[0]}", ("What comes after the gate may then be done.",)
        else:
            title = f"APPROVE {waiting.gate} OF {len(units)} {self._asked.kind.upper()}"
            left = len(waiting.units) - len(units)
            rest = f" {left} more are asked for after these." if left else ""
            lines = (f"{listed(units, most=_NAMED)}.{rest}", "F2 takes them back together.")
        self._desk.ask(
            QuestionView(
                title=title,
                lines=lines,
                choices=(ChoiceView(key="Enter", label="Approve", value=_APPROVE),),
                serial=self._desk.next_serial(),
            )
        )

    async def answered(self, value: str) -> None:
        """Let past what was asked about, or leave it there."""
        asked, self._asked = self._asked, None
        if asked is not None and value == _APPROVE:
            await self.approve(asked)

    async def approve(self, waiting: AtGate) -> None:
        """Let each past its gate; one that is refused keeps no other back, but what cannot be asked ends it."""
        passed: list[GateApproved] = []
        left: list[str] = []
        recorded: list[tuple[SheetId | CardUnitId, tuple[Recorded, ...]]] = []
        for unit in waiting.units:
            asked = await self._desk.run_quietly(
                ApproveGate(
                    at=self._desk.now(),
                    operator_id=self._desk.operator_id,
                    station_id=self._around.station.station_id,
                    unit_id=unit,
                    gate=waiting.gate,
                )
            )
            self._desk.tell(asked, name=unit)
            if isinstance(asked.answer, Accepted):
                passed += [event for event in asked.answer.events if isinstance(event, GateApproved)]
                recorded.append((unit, asked.answer.recorded))
                self._passed = tuple(recorded)
            elif isinstance(asked.answer, Refusal):
                left.append(unit)
            else:
                return
        if passed:
            self._say(waiting, passed, left)
        self._desk.wake()

    async def take_back(self) -> None:
        """Take back all that the last answer let past, the newest first; what has moved on keeps no other back."""
        operator_id, passed, self._passed = self._desk.operator_id, self._passed, ()
        back: list[str] = []
        left: list[str] = []
        for done, (unit, recorded) in enumerate(reversed(passed)):
            command = (
                None
                if operator_id is None
                else undo_of(
                    recorded,
                    at=self._desk.now(),
                    operator_id=operator_id,
                    station_id=self._around.station.station_id,
                    reason="undone at the station",
                )
            )
            if command is None:
                left.append(unit)
                continue
            asked = await self._desk.run_quietly(command)
            if isinstance(asked.answer, Accepted):
                back.append(unit)
            elif isinstance(asked.answer, Refusal):
                left.append(unit)
            else:
                self._passed = passed[: len(passed) - done]
                self._desk.tell(asked, name="F2")
                return
        self._desk.forget()
        self._say_taken_back(back, left)
        self._desk.wake()

    def _say_taken_back(self, back: list[str], left: list[str]) -> None:
        if not left:
            words = f"{len(back)} APPROVALS TAKEN BACK"
            self._desk.say(SaidAccepted(big=str(len(back)), words=words, short="taken back"), "They wait for you again")
            return
        noun = f"{len(back)} OF {len(back) + len(left)} TAKEN BACK" if back else "CANNOT UNDO"
        since = f"Not {listed(left, most=_NAMED)}: more happened since, the history says what."
        self._desk.attention(noun, since, big="LOOK" if back else "NO UNDO")

    def _say(self, waiting: AtGate, passed: list[GateApproved], left: list[str]) -> None:
        """Say what was let past and what it waits for next; of several, how many, and which were not."""
        last = passed[-1]
        next_step = f"now for {self._around.words.steps(last.ready)}" if last.ready else ""
        if len(waiting.units) == 1:
            self._desk.remark(next_step)
        elif left:
            not_these = f"Not {listed(left, most=_NAMED)}: look at it for why."
            self._desk.attention(f"{len(passed)} OF {len(waiting.units)} APPROVED", not_these, big="LOOK")
        else:
            said = f"{waiting.gate} APPROVED FOR {len(passed)} {waiting.kind.upper()}"
            self._desk.say(SaidAccepted(big=str(len(passed)), words=said, short="approved"), next_step)
