"""With what a unit left the house: the container that was shipped, which may be several around the unit's own."""

from typing import TYPE_CHECKING

from core.domain.events import PackShipped
from core.identity.ids import PackId
from core.projections import AssemblyRow, CardUnitRow, PackRow, Row
from kiosk.printable import shown
from kiosk.wording.spoken import Words

if TYPE_CHECKING:
    from store.store import Store

__all__ = ["said_again", "said_of_shipment", "shipped_in"]


async def shipped_in(store: "Store", row: Row) -> PackRow | None:
    """Return the container that was shipped with a card, set or container in it; None for what is in the house."""
    match row:
        case CardUnitRow() | AssemblyRow():
            inside = row.pack_id
        case PackRow():
            inside = row.inside
        case _:
            return None
    around: PackRow | None = None
    while inside is not None:
        around = await store.pack(inside)
        inside = None if around is None else around.inside
    return around if around is not None and around.shipped_at is not None else None


def said_of_shipment(pack: PackRow, words: Words) -> str:
    """Say with whom a container was shipped, under which reference, and when."""
    when = "" if pack.shipped_at is None else f", {words.date_and_clock(pack.shipped_at)}"
    return f"{shown(pack.carrier or '')}, {shown(pack.tracking_reference or '')}{when}"


async def said_again(store: "Store", pack_id: PackId, words: Words) -> str:
    """Say when, by whom and with what a shipped container was shipped; empty where the log does not tell."""
    row, history = await store.pack(pack_id), await store.history(pack_id)
    if row is None or row.shipped_at is None:
        return ""
    shipped = [entry.event for entry in history.events if isinstance(entry.event, PackShipped)] if history else []
    by = f" by {shipped[-1].operator_id}" if shipped and shipped[-1].operator_id else ""
    return f"It was shipped{by} with {said_of_shipment(row, words)}."
