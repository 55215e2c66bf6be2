"""What the log says after a run, held against what the people saw."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any

import psycopg

from core.domain.values import QAOutcome, StationRole
from core.identity.ids import card_unit_id, parse_assembly_id, parse_card_unit_id, sheet_of_assembly
from kiosk.simulation.auditing import audited
from tests.torture.orders import KioskOrders, seen
from tests.torture.plan import CLOSE_BOX, N_UP, PASS, Errand

_WORK_OF = {
    StationRole.PRESS: ("sheet", "PrintCompleted"),
    StationRole.CUTTER: ("sheet", "SheetCut"),
    StationRole.EMBELLISH: ("card_unit", "CardUnitOperationCompleted"),
    StationRole.QA: ("card_unit", "QAResultRecorded"),
    StationRole.ASSEMBLY: ("card_unit", "CardScannedForAssembly"),
    StationRole.PACKING: ("assembly", "SetPacked"),
}
"""The stream and the event in which a station's work on a unit ends."""

_PASSING = frozenset({"occurred_at"})
_MOST_TOLD = 10
"""So much is told of one station: where a thousand scans are lost, ten say which."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that is wrong, in sentences, and a digest of what the log says, times and ids apart."""

    faults: tuple[str, ...]
    digest: str
    events: int
    acknowledged: int
    kept: int
    packed: int


@dataclass(frozen=True, slots=True)
class Deed:
    """A station's work on one unit, as the log tells it."""

    unit: str
    payload: dict[str, Any]


async def judge(dsn: str, kiosks: Sequence[KioskOrders]) -> Judgement:
    """Hold the log against the journals, and against every rule of the shop."""
    wrong: list[str] = []
    acknowledged = kept = packed = 0
    with psycopg.connect(dsn) as connection:
        done: defaultdict[str, list[Deed]] = defaultdict(list)
        boxes: defaultdict[str, list[str]] = defaultdict(list)
        refused: dict[str, str] = {}
        for station, kind, event_type, unit, payload in connection.execute(
            "SELECT station_id, aggregate_type, event_type, aggregate_id, event_payload FROM production_events"
            " WHERE event_type = ANY (%s) ORDER BY sequence_num",
            ([*(event_type for _, event_type in _WORK_OF.values()), "PackOpened", "PackSealed", "HeldScanRefused"],),
        ):
            if (kind, event_type) in _WORK_OF.values():
                done[f"{station} {event_type}"].append(Deed(unit, payload))
            elif kind == "station":
                refused[str(payload["scanned"])] = f"{payload['refusal']}: {payload['reason']}"
            elif kind == "pack" and event_type != "SetPacked":
                boxes[station].append(f"{event_type} {unit}")
        for orders in kiosks:
            name, role = orders.station.station_id, orders.station.role
            deeds = done[f"{name} {_WORK_OF[role][1]}"]
            said = seen(orders)
            acknowledged += sum(line.startswith("accepted") for line in said)
            kept += sum(line.startswith("offline") for line in said)
            found = compared(orders, [deed.unit for deed in deeds], said, refused)
            if role is StationRole.QA:
                found += misjudged(orders, deeds)
            if role is StationRole.PACKING:
                packed += len(deeds)
                found += mispacked(orders, deeds, boxes[name])
            wrong += found[:_MOST_TOLD]
            wrong += [f"{name}: and {len(found) - _MOST_TOLD} more"] if len(found) > _MOST_TOLD else []
        digest, events = _digest(
            # A station's own stream tells of its stops and of what was scanned again in vain: that is the weather's.
            connection.cursor("streams").execute(
                "SELECT aggregate_type, aggregate_id, aggregate_version, event_type, event_payload"
                " FROM production_events"
                " WHERE aggregate_type <> 'station' ORDER BY aggregate_type, aggregate_id, aggregate_version"
            )
        )
    for finding in await audited(dsn):
        wrong += [] if finding.holds else finding.lines()
    return Judgement(tuple(wrong), digest, events, acknowledged, kept, packed)


def _units(orders: KioskOrders) -> list[str]:
    """Return what the station's work is on: the label of a tray or box only opens it, and a control closes it."""
    codes = [errand.code for errand in orders.errands]
    match orders.station.role:
        case StationRole.ASSEMBLY:
            return [code for code in codes if parse_card_unit_id(code)]
        case StationRole.PACKING:
            return [code for code in codes if parse_assembly_id(code)]
        case _:
            return codes


def compared(
    orders: KioskOrders, done: Sequence[str], said: Sequence[str], refused: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """Return what is wrong of the units that the log says were worked on at a station, in its order.

    ``refused`` is why what was kept was refused when it was delivered.
    """
    wrong: list[str] = []
    name = orders.station.station_id
    verdicts = dict(zip((errand.code for errand in orders.errands), said, strict=False))
    units = _units(orders)
    if len(said) != len(orders.errands):
        wrong.append(f"{name}: {len(said)} verdicts of {len(orders.errands)} scans")
    for unit, times in Counter(done).items():
        if times > 1:
            wrong.append(f"{name}: {unit} is in the log {times} times")
    in_log = frozenset(done)
    missing = [unit for unit in units if unit not in in_log]
    wrong += [
        f"{name}: {unit} was scanned ({verdicts[unit]}) and is not in the log {refused.get(unit, '')}".rstrip()
        for unit in missing
        if unit in verdicts
    ]
    if not missing:
        wrong += islice(_out_of_order(name, done, units), 1)
    return wrong


def _out_of_order(name: str, done: Sequence[str], units: Sequence[str]) -> Iterator[str]:
    for place, unit in enumerate(done):
        if place >= len(units) or units[place] != unit:
            instead = units[place] if place < len(units) else "nothing"
            yield f"{name}: the log has another order than the station: {unit} instead of {instead}, place {place + 1}"


def misjudged(orders: KioskOrders, deeds: Iterable[Deed]) -> list[str]:
    """Return the cards of which the log has another verdict than the inspector typed."""
    typed = {errand.code: QAOutcome.PASS if errand.keys == PASS else QAOutcome.FAIL for errand in orders.errands}
    return [
        f"{orders.station.station_id}: {deed.unit} is a {deed.payload['outcome']}, typed was a {typed[deed.unit]}"
        for deed in deeds
        if deed.unit in typed and deed.payload["outcome"] != typed[deed.unit]
    ]


def mispacked(orders: KioskOrders, deeds: Iterable[Deed], boxes: Iterable[str]) -> list[str]:
    """Return the sets that are not exactly their sheet's cards or in another box, and boxes not told of once."""
    wrong: list[str] = []
    name = orders.station.station_id
    into = {errand.code: errand.into for errand in orders.errands if parse_assembly_id(errand.code)}
    for deed in deeds:
        tray = parse_assembly_id(deed.unit)
        assert tray is not None, deed.unit
        sheet = sheet_of_assembly(tray)
        own = [card_unit_id(sheet, place) for place in range(1, N_UP + 1)]
        if deed.payload["card_unit_ids"] != own:
            wrong.append(f"{name}: {tray} was packed with {', '.join(deed.payload['card_unit_ids'])}")
        if deed.payload["pack_id"] != into.get(tray, ""):
            wrong.append(
                f"{name}: {tray} is in {deed.payload['pack_id']}, not in {into.get(tray, 'any box of the plan')}"
            )
    planned = [_of_box(errand) for errand in orders.errands if errand.code == CLOSE_BOX or _opens(errand)]
    told = list(boxes)
    if told != planned:
        times = Counter(told)
        off = [f"{fact} {times[fact]} times" for fact in dict.fromkeys([*planned, *told]) if times[fact] != 1]
        wrong.append(f"{name}: of its boxes the log has {', '.join(off[:_MOST_TOLD]) or 'another order'}")
    return wrong


def _opens(errand: Errand) -> bool:
    return not errand.into


def _of_box(errand: Errand) -> str:
    return f"PackOpened {errand.code}" if _opens(errand) else f"PackSealed {errand.into}"


def _digest(rows: Iterable[tuple[Any, ...]]) -> tuple[str, int]:
    digest, number = hashlib.sha256(), 0
    for kind, unit, version, event_type, payload in rows:
        said = {key: value for key, value in payload.items() if key not in _PASSING}
        digest.update(json.dumps([kind, unit, version, event_type, said], sort_keys=True).encode())
        number += 1
    return digest.hexdigest()[:16], number
