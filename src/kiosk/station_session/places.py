"""Where a card is, in words: what an empty slot and a list of missing cards say of it."""

from dataclasses import dataclass

from core.domain.values import CardUnitStatus
from core.projections import CardUnitRow
from kiosk.printable import shown
from kiosk.snapshots import SlotState, Tone
from kiosk.wording.spoken import WHY_VOIDED, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A card's whereabouts: in full, as a slot's caption, short, and how loud."""

    where: str
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
                caption="✗ REMAKE",
                short="REMAKE",
                slot=SlotState.REMAKE,
                tone=Tone.BAD,
            )
        case CardUnitStatus.QA_FAILED:
            codes = " ".join(shown(code, 8) for code in card.last_codes[:2])
            return Place(
                where=f"HOLD {codes}".strip(),
                caption="▲ HOLD",
                short="HOLD",
                slot=SlotState.HOLD,
                tone=Tone.ATTENTION,
            )
        case CardUnitStatus.ASSEMBLED:
            return _elsewhere("in tray")
        case CardUnitStatus.PACKED:
            return _elsewhere(f"packed {card.pack_id or ''}".strip())
        case CardUnitStatus.QA_PASSED:
            return _elsewhere("READY HERE", tone=Tone.STRONG)
        case _:
            return _elsewhere(_at_work(card, words))


def _at_work(card: CardUnitRow, words: Words) -> str:
    if card.station_id is not None:
        return f"AT {card.station_id}"
    kinds = card.ready.split("+") if card.ready else []
    return " or ".join(kinds[:2]).replace("_", " ") or words.place_of_sets()


def _elsewhere(where: str, tone: Tone = Tone.NORMAL) -> Place:
    return Place(where=where, caption=where, short=where[:8], slot=SlotState.ELSEWHERE, tone=tone)
