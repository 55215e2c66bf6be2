"""Where a card is, in words: what an empty slot and a list of missing cards say of it."""

from dataclasses import dataclass

from core.domain.values import CardUnitStatus, OperationType
from core.projections import CardUnitRow
from kiosk.printable import shown
from kiosk.snapshots.slots import SlotState
from kiosk.snapshots.tone import Tone
from kiosk.wording.spoken import WHY_VOIDED, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A card's whereabouts: in full and in ever fewer words, as a slot's caption, short, and how loud."""

    where: str
    shorter: tuple[str, ...] = ()
    caption: str
    short: str
    slot: SlotState
    tone: Tone


def card_place(card: CardUnitRow, words: Words) -> Place:
    """Return where a card is that is not in its tray."""
    match card.status:
        case CardUnitStatus.VOIDED:
            why = "" if card.void_reason is None else WHY_VOIDED[card.void_reason]
            return Place(
                where=f"REMAKE ({why})" if why else "REMAKE",
                shorter=("REMAKE",),
                caption="REMAKE",
                short="REMAKE",
                slot=SlotState.REMAKE,
                tone=Tone.BAD,
            )
        case CardUnitStatus.QA_FAILED:
            codes = " ".join(shown(code, 8) for code in card.last_codes[:2])
            return Place(
                where=f"HOLD {codes}".strip(),
                shorter=("HOLD",),
                caption="HOLD",
                short="HOLD",
                slot=SlotState.HOLD,
                tone=Tone.ATTENTION,
            )
        case CardUnitStatus.ASSEMBLED:
            return _elsewhere("in tray", "in")
        case CardUnitStatus.PACKED:
            return _elsewhere(f"packed {card.pack_id or ''}".strip(), "packed")
        case CardUnitStatus.QA_PASSED:
            return _elsewhere("READY HERE", "READY", tone=Tone.STRONG)
        case _:
            return _at_work(card, words)


_SHORT_WORK = {
    OperationType.DIE_CUT: "DIE CUT",
    OperationType.GATE: "LEAD",
    OperationType.MEMORABILIA: "INSERT",
}
"""Work whose own name is longer than a narrow slot, or does not say who does it."""


def _at_work(card: CardUnitRow, words: Words) -> Place:
    """Say at which station a card is, or which work it waits for."""
    kinds = [card.work] if card.work is not None else card.ready.split("+")
    short = [_SHORT_WORK.get(OperationType(kind), kind) for kind in kinds if kind]
    if card.station_id is not None:
        shortest = short[0] if short else "at work"
        return _elsewhere(f"AT {card.station_id}", shortest, shorter=(card.station_id, shortest))
    if not short:
        where = words.place_of_sets()
        return _elsewhere(where, where[:8])
    more = f"{short[0]} +{len(short) - 1}" if len(short) > 1 else short[0]
    return _elsewhere(" or ".join(short), short[0], shorter=("/".join(short), more))


def _elsewhere(where: str, short: str, tone: Tone = Tone.NORMAL, *, shorter: tuple[str, ...] = ()) -> Place:
    return Place(where=where, shorter=shorter, caption=where, short=short, slot=SlotState.ELSEWHERE, tone=tone)
