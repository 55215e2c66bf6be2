"""`kiosk where`: where a unit is, in which state, and what it waits for."""

from collections.abc import Iterable

from core.domain.values import OperationType
from core.identity.ids import canonical, position_of
from core.projections import (
    AssemblyRow,
    CardUnitRow,
    JobRow,
    OperatorRow,
    OrderRow,
    PackRow,
    Row,
    SheetRow,
    SpecRow,
    StationRow,
)
from kiosk.cli.call import Call
from kiosk.cli.exits import Exit
from kiosk.cli.output import print_json, say
from kiosk.cli.parsers import Families
from kiosk.cli.shipping import said_of_shipment, shipped_in
from kiosk.printable import counted, shown
from kiosk.wording.spoken import WHY_VOIDED, WORK_WORDS, Words, listed, missing_positions, set_name

__all__ = ["described", "register"]


def register(families: Families) -> None:
    """Add the command."""
    where = families.command(
        "where",
        _where,
        "where is it, in which state, what does it wait for?",
        reads=True,
        examples="  kiosk where J1044-S003-07\n  kiosk where J1044-S003-SET --json",
    )
    where.add_argument("unit", metavar="ID", help="any id: card, sheet, set, box, job, order, station, badge")


async def _where(call: Call) -> int:
    from kiosk.wording.holding import told_elsewhere

    async with call.store() as store:
        row = await store.find(call.options.unit)
        words = await call.learn(store)
        shipped = None if row is None else await shipped_in(store, row)
        unit = canonical(call.options.unit)
        refused = [each for each in await store.all_refused_held_scans() if unit in each.units]
        if row is None:
            return await call.refuse_unknown(store, call.options.unit)
    if call.wants_json:
        kind = type(row).__name__.removesuffix("Row")
        print_json({"kind": kind, "is": row, "shipped_in": shipped, "kept_and_refused": refused})
        return Exit.OK
    heading, answers = described(row, words)
    say(heading)
    around = () if shipped is None else (("shipped by", f"{said_of_shipment(shipped, words)}, in {shipped.pack_id}"),)
    kept = [("kept scan", told_elsewhere(each, words)) for each in refused]
    for label, answer in (*answers, *around, *kept):
        say(f"  {label:<12}  {answer}")
    return Exit.OK


_Answers = Iterable[tuple[str, str]]


def described(row: Row, words: Words) -> tuple[str, _Answers]:
    """A heading, and the answers under their labels."""
    match row:
        case CardUnitRow():
            return f"{row.card_unit_id}  card {row.position:02d} of {shown(row.product_name)}", _of_card(row, words)
        case SheetRow():
            number = f"sheet {row.number} of {row.sheet_count}"
            return f"{row.sheet_id}  {number}, {shown(row.product_name)}", _of_sheet(row, words)
        case AssemblyRow():
            return f"{row.assembly_id}  set of {shown(row.product_name)}", _of_set(row)
        case PackRow():
            return f"{row.pack_id}  {row.kind}", _of_pack(row, words)
        case JobRow():
            state = f"{_said(row.status)}, due {words.date_and_clock(row.promise_at)}"
            heading = f"{row.job_id}  job, {shown(row.product_name)} for {shown(row.customer)}"
            return heading, (("state", state), ("more", f"kiosk job show {row.job_id}"))
        case OrderRow():
            state = f"{_said(row.status)}, promised {words.date_and_clock(row.promise_at)}"
            heading = f"{row.order_id}  order of {shown(row.customer)}"
            return heading, (("state", state), ("more", f"kiosk order show {row.order_id}"))
        case StationRow():
            heading = f"{row.station_id}  {row.role} station {shown(row.name)}"
            return heading, (("more", f"kiosk station show {row.station_id}"),)
        case OperatorRow():
            return f"{row.operator_id}  {shown(row.name)}", (("roles", listed(row.roles)),)
        case SpecRow():
            heading = f"{row.spec_code}  product {shown(row.name)}, version {row.spec_version}"
            return heading, (("more", f"kiosk spec show {row.spec_code}"),)


def _said(status: str) -> str:
    return status.replace("_", " ").lower()


def _of_unit(row: CardUnitRow | SheetRow, words: Words) -> _Answers:
    why = f", {WHY_VOIDED[row.void_reason]}" if row.void_reason else ""
    yield "state", f"{_said(row.status)}{why}"
    if row.station_id:
        who = f", {row.operator_id}" if row.operator_id else ""
        yield "at", f"{row.station_id} for {row.operation} since {words.day_and_clock(row.since)}{who}"
    elif row.last_station_id:
        yield "last at", f"{row.last_station_id}, {words.day_and_clock(row.since)}"
    if row.ready:
        works = [OperationType(work) for work in row.ready.split("+")]
        # No operation of the route is left where only the set has to be gathered.
        operations = row.ready_operations.split("+") if row.ready_operations else [WORK_WORDS[work] for work in works]
        what, places = ", ".join(operations), listed(map(words.place, works), last="or")
        yield "ready for", what if what == places else f"{what} at {places}"


def _of_card(row: CardUnitRow, words: Words) -> _Answers:
    yield from _of_unit(row, words)
    if row.last_outcome:
        codes = f", {words.codes(row.last_codes)}" if row.last_codes else ""
        yield "last verdict", f"{row.last_outcome.lower()}{codes}"
    if row.number:
        yield "number", row.number
    yield "set", f"{row.sheet_id}, job {row.job_id}, order {row.order_id}"
    if row.pack_id:
        yield "packed in", row.pack_id
    if row.replaces:
        yield "replaces", row.replaces
    if row.replaced_by:
        yield "replaced by", row.replaced_by


def _of_sheet(row: SheetRow, words: Words) -> _Answers:
    yield from _of_unit(row, words)
    if row.cut_at:
        cards = f"{row.sheet_id}-01 to -{row.n_up:02d}"
        yield "cut", f"{words.date_and_clock(row.cut_at)}; its cards are {cards}"
    yield "job", f"{row.job_id}, order {row.order_id}"


def _of_set(row: AssemblyRow) -> _Answers:
    yield "state", f"{_said(row.status)}, {row.gathered_count} of {row.expected_count} cards"
    held = {position_of(card) for card in row.gathered}
    missing = [position_of(card) for card in row.expected if position_of(card) not in held]
    if missing and not row.pack_id:
        yield "missing", missing_positions(missing, most=30)
    if row.void_in_tray:
        yield "take out", f"{listed(row.void_in_tray)}: void, and in the tray still"
    if row.replacements:
        by = f"authorized by {row.authorized_by}" if row.authorized_by else "not authorized yet"
        yield "replaced", f"{listed(row.replacements)}, {by}"
    if row.last_station_id and not row.pack_id:
        yield "tray at", row.last_station_id
    if row.pack_id:
        yield "packed in", row.pack_id
    yield "job", f"{row.job_id}, order {row.order_id}"


def _of_pack(row: PackRow, words: Words) -> _Answers:
    yield "state", _said(row.status)
    if row.sets:
        yield "holds", f"{counted(len(row.sets), 'set')}: {listed((set_name(one) for one in row.sets), most=8)}"
    if row.nested:
        yield "holds", listed(row.nested, most=8)
    if row.inside:
        yield "lies in", row.inside
    if row.carrier:
        yield "shipped by", said_of_shipment(row, words)
