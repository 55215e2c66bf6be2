"""A set's tray as it lies, what it lacks and where that is, and the trays to come. Pure; reads nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.values import CardUnitStatus
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    StationId,
    assembly_of_card,
    position_of,
    replacement_number,
    sheet_of_assembly,
)
from core.projections import AssemblyRow, CardUnitRow
from kiosk.printable import shown
from kiosk.snapshots.panes import MissingLine, MissingView, NextTraysView, QueueLine, QueueView, TrayLine
from kiosk.snapshots.slots import AssemblyGridView, SlotState, SlotView
from kiosk.snapshots.tone import Tone
from kiosk.station_session.durations import age
from kiosk.station_session.places import card_place
from kiosk.station_session.queues import NOT_READ
from kiosk.station_session.unit_views import newest_by_position
from kiosk.wording.spoken import Words, short_card
from store.read_models.station_queues import QueueEntry

IN_TRAY = frozenset({CardUnitStatus.ASSEMBLED, CardUnitStatus.PACKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tray:
    """One set's tray: its row, every card of the sheet, and what this terminal knows besides.

    ``newest`` is the card that was laid in last, ``kept`` are those that lie there and that
    the log does not have yet.
    """

    row: AssemblyRow
    cards: Sequence[CardUnitRow]
    newest: CardUnitId | None = None
    kept: Collection[CardUnitId] = ()

    @property
    def positions(self) -> range:
        """The places of the set."""
        return range(1, self.row.expected_count + 1)

    @property
    def void(self) -> dict[int, CardUnitId]:
        """The void cards that lie in the tray still, by position."""
        return {position_of(card): card for card in sorted(self.row.void_in_tray, key=position_of)}

    @property
    def held(self) -> int:
        """How many places hold the card that belongs there."""
        return sum(card.status in IN_TRAY for card in newest_by_position(self.cards).values())

    @property
    def missing(self) -> tuple[int, ...]:
        """The places that hold no card, as far as is known here."""
        there = {card.position for card in self.cards if card.status is CardUnitStatus.ASSEMBLED}
        there |= {position_of(card) for card in self.kept}
        return tuple(place for place in self.positions if place not in there)


def grid_view(tray: Tray, words: Words) -> AssemblyGridView:
    """Return the tray in its sheet's layout; an empty place says where its card is."""
    newest = newest_by_position(tray.cards)
    slots = tuple(_slot(tray, position, newest.get(position), words) for position in tray.positions)
    return AssemblyGridView(rows=tray.row.rows, columns=tray.row.columns, slots=slots)


def _slot(tray: Tray, position: int, card: CardUnitRow | None, words: Words) -> SlotView:
    if position in tray.void and (card is None or card.status is not CardUnitStatus.ASSEMBLED):
        return SlotView(position=position, state=SlotState.REMAKE, caption="TAKE OUT", short="OUT")
    if any(position_of(kept) == position for kept in tray.kept):
        return SlotView(position=position, state=SlotState.KEPT, caption="KEPT", short="KEPT")
    if card is None:
        return SlotView(position=position, state=SlotState.ELSEWHERE)
    if card.status in IN_TRAY:
        is_new = card.card_unit_id == tray.newest
        replaced = card.replaces is not None
        state = SlotState.NEW if is_new else SlotState.REPLACED if replaced else SlotState.IN
        caption = "NEW" if is_new else "in"
        if replaced:
            caption = f"{caption} {_replacement(card)}"
        return SlotView(position=position, state=state, caption=caption, short=caption)
    place = card_place(card, words)
    # The list of what is missing says where it is in full.
    caption = f"{place.short} {_replacement(card)}" if card.replaces is not None else place.caption
    return SlotView(position=position, state=place.slot, caption=caption, short=place.short)


def _replacement(card: CardUnitRow) -> str:
    """Return which replacement a card is, as its label says: "R1"."""
    return f"R{replacement_number(card.card_unit_id)}"


def missing_view(tray: Tray | None, now: datetime, words: Words) -> MissingView:
    """Return the cards that the tray lacks, and since when each is where it is; a kept one lies there."""
    lines: list[MissingLine] = []
    for position, card in sorted(newest_by_position(tray.cards).items()) if tray is not None else ():
        if card.status in IN_TRAY or (tray is not None and card.card_unit_id in tray.kept):
            continue
        what = f"{position:02d}"
        if tray is not None and position in tray.void:
            lines.append(MissingLine(what=what, where="TAKE IT OUT", when="", tone=Tone.BAD))
            continue
        place = card_place(card, words)
        if card.replaces is not None:
            what = f"{what}-{_replacement(card)}"
        since = age(card.since, now)
        lines.append(MissingLine(what=what, where=place.where, shorter=place.shorter, when=since, tone=place.tone))
    if any("-R" in line.what for line in lines):
        # In the narrowest column a station's own name has room behind "05-R1", but no more than that.
        lines = [replace(line, where=line.where.removeprefix("AT ")) for line in lines]
    return MissingView(count=len(lines), lines=tuple(lines), right_title="since")


def unread_view(open_tray: AssemblyId | None, kept: Collection[CardUnitId]) -> QueueView:
    """Return what is known before anything was read: the open tray, and the cards of it that were kept here."""
    if open_tray is None:
        return QueueView(title="SETS TO GATHER", empty=NOT_READ)
    mine = sorted((card for card in kept if assembly_of_card(card) == open_tray), key=position_of)
    lines = [QueueLine(what=short_card(card), name="kept here") for card in mine]
    if lines:
        lines.append(QueueLine(what="others", name=NOT_READ))
    return QueueView(
        title=f"TRAY {sheet_of_assembly(open_tray)}", ready=tuple(lines), empty=f"its cards are {NOT_READ}"
    )


def next_trays_view(
    queue: Sequence[QueueEntry], total: int, open_tray: AssemblyId | None, station: StationId
) -> NextTraysView:
    """Return the trays to come at a station: of ``total`` the first, without the one that is open."""
    lines = tuple(_tray_line(each, station) for each in queue if each.unit_id != open_tray)
    return NextTraysView(lines=lines, more=max(0, total - len(queue)))


def _tray_line(each: QueueEntry, station: StationId) -> TrayLine:
    if each.tray_at is not None and each.tray_at != station:
        # Its cards would be refused here until the tray is brought.
        return TrayLine(
            sheet=sheet_of_assembly(AssemblyId(each.unit_id)),
            here=f"{each.cards_in} of {each.cards_total} in tray",
            count=f"{each.cards_in}/{each.cards_total}",
            note=f"at {shown(each.tray_at, 16)}",
            tone=Tone.DIM,
        )
    here = each.cards_in + each.cards_waiting
    lacks = each.cards_total - here
    return TrayLine(
        sheet=sheet_of_assembly(AssemblyId(each.unit_id)),
        here=f"{here} of {each.cards_total} here",
        count=f"{here}/{each.cards_total}",
        note=f"{lacks} to come" if lacks else "ready",
        tone=Tone.NORMAL if lacks else Tone.GOOD,
    )
