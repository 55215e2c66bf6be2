"""`kiosk history`: the life of one unit, now or at a moment, by either clock."""

from core.domain.rejections import UnknownUnit
from kiosk.cli.call import Call
from kiosk.cli.exits import Exit
from kiosk.cli.output import Escaped, jsonable, print_json, print_table, say
from kiosk.cli.parsers import Families
from kiosk.cli.times import parse_moment
from kiosk.printable import shown
from kiosk.wording.events import told

__all__ = ["register"]


def register(families: Families) -> None:
    """Add the command."""
    history = families.command(
        "history",
        _history,
        "the life of one unit, event by event",
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


async def _history(call: Call) -> int:
    options, zone = call.options, call.config.shop.zone
    at = parse_moment(options.at, now=call.now, zone=zone) if options.at else None
    as_of = parse_moment(options.as_of, now=call.now, zone=zone) if options.as_of else None
    async with call.store() as store:
        history = await store.history(options.unit, at=at, as_of=as_of)
        existed = history is not None or await store.find(options.unit) is not None
        words = await call.learn(store)
    if history is None:
        if existed:
            say(f"{shown(options.unit.strip().upper(), 60)} had no history then.")
            return Exit.OK
        return call.refuse(UnknownUnit(unit_id=options.unit))
    if call.wants_json:
        print_json(
            {
                "stream": {"type": history.stream.aggregate_type, "id": history.stream.aggregate_id},
                "events": [
                    {
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
                    for entry in history.events
                ],
                "is": history.row,
            }
        )
        return Exit.OK
    moments = [f"what was true at {words.date_and_clock(at)}"] if at else []
    moments += [f"what was known at {words.date_and_clock(as_of)}"] if as_of else []
    say(f"{history.stream.aggregate_id}" + (f"  {' and '.join(moments)}" if moments else ""))
    rows: list[tuple[object, ...]] = []
    for entry in history.events:
        event, line = entry.event, told(entry.event, words)
        late = (entry.recorded_at - event.occurred_at).total_seconds() > _LATE_SECONDS
        rows.append(
            (
                words.date_and_clock(event.occurred_at),
                line.marker,
                event.station_id or "office",
                line.what,
                Escaped(line.detail),
                event.operator_id or "kiosk",
                f"recorded {words.day_and_clock(entry.recorded_at)}" if late else "",
            )
        )
    print_table(("WHEN", "", "WHERE", "WHAT", "DETAILS", "WHO", ""), rows, empty="")
    return Exit.OK


_LATE_SECONDS = 60.0
"""An event recorded later than this was held offline; then both clocks are shown."""

_SECRET = {"secret"}


def _public(event: dict[str, object]) -> dict[str, object]:
    """The event without the hash of a PIN: a list of those is a gift to whoever guesses PINs."""
    return {name: value for name, value in event.items() if name not in _SECRET}
