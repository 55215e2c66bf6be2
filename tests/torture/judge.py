"""What the log says after a run, held against what the people saw."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from core.domain.values import StationRole
from core.identity.ids import parse_assembly_id
from kiosk.simulation.auditing import audited
from tests.torture.kiosk import KioskOrders, seen

_WORK_OF = {
    StationRole.PRESS: "PrintCompleted",
    StationRole.CUTTER: "SheetCut",
    StationRole.EMBELLISH: "CardUnitOperationCompleted",
    StationRole.ASSEMBLY: "CardScannedForAssembly",
}
_UNIT_OF = {
    StationRole.PRESS: "sheet",
    StationRole.CUTTER: "sheet",
    StationRole.EMBELLISH: "card_unit",
    StationRole.ASSEMBLY: "card_unit",
}
_PASSING = frozenset({"occurred_at"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that is wrong, in sentences, and a digest of what the log says, times and ids apart."""

    faults: tuple[str, ...]
    digest: str
    events: int
    acknowledged: int
    kept: int


async def judge(dsn: str, kiosks: Sequence[KioskOrders]) -> Judgement:
    """Hold the log against the journals, and against every rule of the shop."""
    wrong: list[str] = []
    acknowledged = kept = 0
    with psycopg.connect(dsn) as connection:
        for orders in kiosks:
            station = orders.station
            done = [
                str(unit)
                for (unit,) in connection.execute(
                    "SELECT aggregate_id FROM production_events WHERE station_id = %s AND event_type = %s"
                    " AND aggregate_type = %s ORDER BY sequence_num",
                    (station.station_id, _WORK_OF[station.role], _UNIT_OF[station.role]),
                )
            ]
            said = seen(orders)
            acknowledged += sum(line.startswith("accepted") for line in said)
            kept += sum(line.startswith("offline") for line in said)
            wrong += _compared(orders, done, said)
        rows = connection.execute(
            # A station's own stream tells of its stops and of what was scanned again in vain: that is the weather's.
            "SELECT aggregate_type, aggregate_id, aggregate_version, event_type, event_payload FROM production_events"
            " WHERE aggregate_type <> 'station' ORDER BY aggregate_type, aggregate_id, aggregate_version"
        ).fetchall()
    for finding in await audited(dsn):
        wrong += [] if finding.holds else finding.lines()
    return Judgement(tuple(wrong), _digest(rows), len(rows), acknowledged, kept)


def _compared(orders: KioskOrders, done: list[str], said: list[str]) -> list[str]:
    wrong: list[str] = []
    name = orders.station.station_id
    verdicts = dict(zip(orders.codes, said, strict=False))
    # A tray's label opens it; what is recorded are the cards that go in.
    units = [code for code in orders.codes if parse_assembly_id(code) is None]
    if len(said) != len(orders.codes):
        wrong.append(f"{name}: {len(said)} verdicts of {len(orders.codes)} scans")
    for unit, times in Counter(done).items():
        if times > 1:
            wrong.append(f"{name}: {unit} is in the log {times} times")
    missing = [unit for unit in units if unit not in done]
    wrong += [f"{name}: {unit} was scanned ({verdicts[unit]}) and is not in the log" for unit in missing
              if unit in verdicts]  # fmt: skip
    if not missing and done != units:
        wrong.append(f"{name}: the log has another order than the station: {done} instead of {units}")
    return wrong


def _digest(rows: Sequence[tuple[Any, ...]]) -> str:
    digest = hashlib.sha256()
    for kind, unit, version, event_type, payload in rows:
        said = {key: value for key, value in payload.items() if key not in _PASSING}
        digest.update(json.dumps([kind, unit, version, event_type, said], sort_keys=True).encode())
    return digest.hexdigest()[:16]
