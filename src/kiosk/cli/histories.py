"""`kiosk history`: the life of one unit, now or at a moment, by either clock.

A card's life began before it was a card: its order, its job and its sheet are told with it, and after
it the set and the box that it went into, and what that box left the house with. Of a set and a box, too, what is
around it is told.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.domain import events as happened
from core.domain.streams import AggregateType
from core.projections import AssemblyRow, CardUnitRow, PackRow, SheetRow
from kiosk.cli.call import Call
from kiosk.cli.exits import Exit
from kiosk.cli.output import Escaped, jsonable, print_json, print_table, say
from kiosk.cli.parsers import Families
from kiosk.cli.times import parse_moment
from kiosk.printable import shown
from kiosk.wording.events import told

if TYPE_CHECKING:
    from store.event_log import RecordedEvent
    from store.histories import UnitHistory
    from store.store import Store

__all__ = ["register"]

_LATE_SECONDS = 60.0
"""An event recorded later than this was held offline; then both clocks are shown."""

_SECRET = frozenset({"secret"})
_MOST_ANCESTORS = 20
"""Replacements of replacements that are followed back."""

_ORDER = (
    AggregateType.ORDER,
    AggregateType.JOB,
    AggregateType.SHEET,
    AggregateType.CARD_UNIT,
    AggregateType.ASSEMBLY,
    AggregateType.PACK,
)
"""What comes before what in the making of a set."""

# Not JobCreated, which an order's other jobs have as well: the unit's own stands in its job's stream.
_OF_ORDER = (happened.OrderPlaced, happened.OrderCancelled, happened.OrderFulfilled, happened.EventCorrected)
_OF_SET = (happened.AssemblyCompleted, happened.ReplacementSetAuthorized, happened.AssemblyOverdueFlagged)
_OF_PACK = (happened.PackSealed, happened.PackNested, happened.PackShipped)


def register(families: Families) -> None:
    """Add the command."""
    history = families.command(
        "history",
        _history,
        "the life of one unit, event by event; a card's begins with its order",
        reads=True,
        examples="  kiosk history J1044-S003-07\n"
        '  kiosk history J1044-S003-07 --at "2026-11-24 14:00"      what was true at that moment\n'
        '  kiosk history J1044-S003-07 --as-of "2026-11-24 14:00"   what was known at that moment',
    )
    history.add_argument("unit", metavar="ID", help="any id: card, sheet, set, box, job, order, station, badge")
    history.add_argument("--at", metavar="MOMENT", help="only what had happened by then (the scans' clock)")
    history.add_argument(
        "--as-of", dest="as_of", metavar="MOMENT", help="only what was recorded by then (the database's clock)"
    )
    history.add_argument("--own", action="store_true", help="only its own events, not its order's, job's and sheet's")


@dataclass(frozen=True, slots=True)
class _Clocks:
    """Up to which moment by either clock; None is now."""

    at: datetime | None
    as_of: datetime | None


async def _history(call: Call) -> int:
    options, zone = call.options, call.config.shop.zone
    clocks = _Clocks(
        parse_moment(options.at, now=call.now, zone=zone) if options.at else None,
        parse_moment(options.as_of, now=call.now, zone=zone) if options.as_of else None,
    )
    async with call.store() as store:
        history = await store.history(options.unit, at=clocks.at, as_of=clocks.as_of)
        if history is None:
            if await store.find(options.unit) is None:
                return await call.refuse_unknown(store, options.unit)
            say(f"{shown(options.unit.strip().upper(), 60)} had no history then.")
            return Exit.OK
        entries = history.events if options.own else await _life(store, history, clocks)
        await call.learn(store)
    if call.wants_json:
        print_json(_as_json(history, entries))
    else:
        _print(call, history, entries, clocks)
    return Exit.OK


# -- whose events belong to a life ---------------------------------------------


async def _life(store: "Store", history: "UnitHistory", clocks: _Clocks) -> Sequence["RecordedEvent"]:
    """The unit's events with those of what it was made from and went into, in the order of the log."""
    row = history.row
    if not isinstance(row, CardUnitRow | SheetRow | AssemblyRow | PackRow):
        return history.events
    told_of = list(history.events)
    ended = max(entry.sequence_num for entry in history.events)

    async def add(unit_id: str | None, only: tuple[type, ...] = (), until: int | None = None) -> "UnitHistory | None":
        found = await store.history(unit_id, at=clocks.at, as_of=clocks.as_of) if unit_id else None
        for entry in found.events if found else ():
            if only and not isinstance(entry.event, only):
                continue
            if until is None or entry.sequence_num <= until:
                told_of.append(entry)
        return found

    if isinstance(row, CardUnitRow | SheetRow):
        await add(row.order_id, only=_OF_ORDER, until=ended)
        await add(row.job_id, until=ended)
    if isinstance(row, CardUnitRow):
        await add(row.sheet_id)
        before = row.replaces
        for _ in range(_MOST_ANCESTORS):
            found = await add(before)
            before = found.row.replaces if found and isinstance(found.row, CardUnitRow) else None
            if before is None:
                break
        if row.assembly_id:
            await add(row.assembly_id, only=_OF_SET)
    container = _around(row)
    while container is not None:
        found = await add(container, only=_OF_PACK)
        container = _around(found.row) if found else None
    # A fact that concerns several streams was recorded by one command in each of them: it is told once.
    once: dict[tuple[object, object], RecordedEvent] = {}
    for entry in told_of:
        once.setdefault((entry.command_id, entry.event), entry)
    began: dict[object, int] = {}
    for entry in once.values():
        began[entry.command_id] = min(entry.sequence_num, began.get(entry.command_id, entry.sequence_num))

    def place(entry: "RecordedEvent") -> tuple[int, int, int]:
        # Within one command the log's order is that of the streams' names; people think in the order of making.
        return began[entry.command_id], _ORDER.index(entry.stream.aggregate_type), entry.sequence_num

    return sorted(once.values(), key=place)


def _around(row: object) -> str | None:
    """Return the container that a card, a set or a container is in."""
    match row:
        case CardUnitRow() | AssemblyRow():
            return row.pack_id
        case PackRow():
            return row.inside
        case _:
            return None


# -- printing ------------------------------------------------------------------


def _print(call: Call, history: "UnitHistory", entries: Collection["RecordedEvent"], clocks: _Clocks) -> None:
    words, own = call.words, history.stream.aggregate_id
    moments = [f"what was true at {words.date_and_clock(clocks.at)}"] if clocks.at else []
    moments += [f"what was known at {words.date_and_clock(clocks.as_of)}"] if clocks.as_of else []
    say(own + (f"  {' and '.join(moments)}" if moments else ""))
    rows: list[tuple[object, ...]] = []
    for entry in entries:
        event, line = entry.event, told(entry.event, words)
        late = (entry.recorded_at - event.occurred_at).total_seconds() > _LATE_SECONDS
        unit = entry.stream.aggregate_id
        rows.append(
            (
                words.exact(event.occurred_at),
                line.marker,
                "" if unit == own else unit,
                event.station_id or "office",
                line.what,
                Escaped(line.detail),
                event.operator_id or "kiosk",
                f"recorded {words.exact(entry.recorded_at)}" if late else "",
            )
        )
    print_table(("WHEN", "", "UNIT", "WHERE", "WHAT", "DETAILS", "WHO", ""), rows, empty="")


def _as_json(history: "UnitHistory", entries: Collection["RecordedEvent"]) -> dict[str, Any]:
    return {
        "stream": {"type": history.stream.aggregate_type, "id": history.stream.aggregate_id},
        "events": [
            {
                "stream": {"type": entry.stream.aggregate_type, "id": entry.stream.aggregate_id},
                "version": entry.version,
                "type": entry.event_type,
                "schema_version": entry.schema_version,
                "sequence_num": entry.sequence_num,
                "recorded_at": entry.recorded_at,
                "correlation_id": entry.correlation_id,
                "causation_id": entry.causation_id,
                "command_id": entry.command_id,
                "event": _public(jsonable(entry.event)),
            }
            for entry in entries
        ],
        "is": history.row,
    }


def _public(event: dict[str, object]) -> dict[str, object]:
    """The event without the hash of a PIN: a list of those is a gift to whoever guesses PINs."""
    return {name: value for name, value in event.items() if name not in _SECRET}
