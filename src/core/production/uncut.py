"""Labels that were printed before their sheet was cut: the cut makes cards and set, so nothing is there for them yet.

Called by ``core.production.requests``, for the sheet that tells it, by ``core.production.decisions``, and by whoever
looks an id up.
"""

from collections.abc import Iterable

from core.domain.histories import Streams
from core.domain.rejections import NotCutYet, UnknownUnit
from core.domain.streams import AggregateType, StreamKey
from core.domain.values import SheetStatus
from core.identity.ids import (
    SheetId,
    parse_assembly_id,
    parse_card_unit_id,
    position_of,
    replacement_number,
    sheet_of,
    sheet_of_assembly,
)
from core.production.loaded import Loaded, sheet_key

_MADE_BY_CUT = frozenset({AggregateType.CARD_UNIT, AggregateType.ASSEMBLY})


def with_sheets(keys: Iterable[StreamKey], streams: Streams) -> frozenset[StreamKey]:
    """Return the streams, and the sheets of those cards and sets among them that are loaded and were never made."""
    found = set(keys)
    for key in tuple(found):
        history = streams.get(key) if key.aggregate_type in _MADE_BY_CUT else None
        if history is not None and not history.version and (sheet := sheet_of_label(key.aggregate_id)) is not None:
            found.add(sheet_key(sheet))
    return frozenset(found)


def sheet_of_label(unit_id: str) -> SheetId | None:
    """Return the sheet whose cut makes what a label names: an original card or a set; None for all else."""
    card, assembly = parse_card_unit_id(unit_id), parse_assembly_id(unit_id)
    if assembly is not None:
        return sheet_of_assembly(assembly)
    return None if card is None or replacement_number(card) else sheet_of(card)


def told(refusal: UnknownUnit, loaded: Loaded) -> UnknownUnit | NotCutYet:
    """Say of what is not known that its sheet is not cut yet, where that is why."""
    sheet_id = sheet_of_label(refusal.unit_id)
    sheet = None if sheet_id is None else loaded.sheet(sheet_id)
    return refusal if sheet is None else not_made(refusal, sheet.status, sheet.n_up)


def not_made(refusal: UnknownUnit, status: SheetStatus, n_up: int) -> UnknownUnit | NotCutYet:
    """The same of a unit whose sheet there is, in this state and with so many cards."""
    sheet, card = sheet_of_label(refusal.unit_id), parse_card_unit_id(refusal.unit_id)
    if sheet is None or status is SheetStatus.CUT or (card is not None and position_of(card) > n_up):
        return refusal
    return NotCutYet(unit_id=refusal.unit_id, sheet_id=sheet, status=status)
