"""Lives that hypothesis draws: every step is one that the unit's state allows.

The rows' and the decisions' folds are held against each other on these.
"""

from hypothesis import strategies as st

from core.domain.values import AssemblyStatus, CardUnitStatus, QAOutcome, SheetStatus
from core.identity.ids import OperatorId
from core.projections import fold_assembly, fold_card_unit, fold_sheet
from tests.core.projections.lives import (
    CUT,
    FOIL,
    NUMBER,
    PRINT,
    QA,
    CardLife,
    steps,
)
from tests.core.projections.lives_before_and_after import SetLife, SheetLife


def _card_moves(life: CardLife) -> list[str]:
    row = fold_card_unit(life.events)
    assert row is not None
    match row.status:
        case CardUnitStatus.CREATED | CardUnitStatus.IN_PROGRESS:
            return ["enter", "complete", "approve", "number", "insert", "pass", "pass on", "fail", "void"]
        case CardUnitStatus.QA_PASSED:
            return ["gather", "void"]
        case CardUnitStatus.QA_FAILED:
            return ["rework", "void"]
        case CardUnitStatus.ASSEMBLED:
            return ["remove", "pack", "void"]
        case CardUnitStatus.PACKED | CardUnitStatus.VOIDED:
            return []


def _move_card(life: CardLife, move: str) -> None:
    match move:
        case "enter":
            life.enter("NUM-1", NUMBER)
        case "complete":
            life.complete("NUM-1", NUMBER, QA)
        case "approve":
            life.approve(FOIL, NUMBER)
        case "number":
            life.number(len(life.events), 99)
        case "insert":
            life.insert(f"AUTO-{len(life.events)}")
        case "pass":
            life.passes()
        case "pass on":
            life.enter("QA-1", QA).inspect(QAOutcome.PASS, ready=steps(QA))
        case "fail":
            life.fails("F-201", "F-305")
        case "rework":
            life.rework(NUMBER)
        case "gather":
            life.gather()
        case "remove":
            life.remove()
        case "pack":
            life.pack()
        case _:
            life.void()


def _sheet_moves(life: SheetLife) -> list[str]:
    row = fold_sheet(life.events)
    assert row is not None
    match row.status:
        case SheetStatus.CREATED | SheetStatus.IN_PROGRESS:
            leave = ["exit"] if row.station_id else []
            return ["enter", "complete", "approve", "finish", "void", *leave]
        case SheetStatus.READY_TO_CUT:
            return ["exit", "cut", "void"] if row.station_id else ["enter cutter", "cut", "void"]
        case SheetStatus.CUT | SheetStatus.VOIDED:
            return []


def _move_sheet(life: SheetLife, move: str) -> None:
    match move:
        case "enter":
            life.enter("FOIL-1", FOIL)
        case "enter cutter":
            life.enter("CUT-1", CUT)
        case "exit":
            life.exit("FOIL-1", FOIL)
        case "complete":
            life.complete("PRESS-1", PRINT, FOIL)
        case "approve":
            life.approve(FOIL)
        case "finish":
            life.complete("FOIL-1", FOIL, CUT)
        case "cut":
            life.cut()
        case _:
            life.void()


def _set_moves(life: SetLife) -> list[str]:
    row = fold_assembly(life.events)
    assert row is not None
    if row.status is AssemblyStatus.PACKED:
        return []
    moves = ["bring ASSY-1", "bring ASSY-2", *(["park"] if row.open_at else [])]
    for position in range(1, row.expected_count + 1):
        if position in row.gaps:
            moves.append(f"replace {position}")
            continue
        held = row.expected[position - 1] in row.gathered
        moves += [f"void {position}", f"remove {position}" if held else f"gather {position}"]
    if row.status is AssemblyStatus.COMPLETE:
        moves.append("authorize" if row.needs_authorization else "pack")
    return moves


def _move_set(life: SetLife, move: str) -> None:
    verb, _, position = move.partition(" ")
    match verb:
        case "gather":
            life.gather(int(position), who=OperatorId(f"OP-{position}"))
            row = fold_assembly(life.events)
            if row is not None and row.gathered == row.expected and not row.gaps:
                life.complete()
        case "remove":
            life.remove(int(position))
        case "void":
            life.void(int(position))
        case "replace":
            life.replace(int(position))
        case "bring":
            life.bring(position)
        case "park":
            life.park()
        case "authorize":
            life.authorize()
        case _:
            life.pack()


@st.composite
def card_lives(draw: st.DrawFn, max_moves: int = 14) -> CardLife:
    """Draw a life that a card can have."""
    life = CardLife()
    for _ in range(draw(st.integers(0, max_moves))):
        moves = _card_moves(life)
        if not moves:
            break
        _move_card(life, draw(st.sampled_from(moves)))
    return life


@st.composite
def sheet_lives(draw: st.DrawFn, max_moves: int = 10) -> SheetLife:
    """Draw a life that a sheet can have."""
    life = SheetLife()
    for _ in range(draw(st.integers(0, max_moves))):
        moves = _sheet_moves(life)
        if not moves:
            break
        _move_sheet(life, draw(st.sampled_from(moves)))
    return life


@st.composite
def set_lives(draw: st.DrawFn, max_moves: int = 24) -> SetLife:
    """Draw the gathering of a small set."""
    life = SetLife(n_up=2)
    for _ in range(draw(st.integers(0, max_moves))):
        moves = _set_moves(life)
        if not moves:
            break
        _move_set(life, draw(st.sampled_from(moves)))
    return life
