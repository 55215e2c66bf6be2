"""What the golden spools hold: every kind of request that a station may keep, as each version of the program wrote it.

A golden spool is SQL, written by the program of its version and never again.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from core.domain.commands import CallForHelp, ClearStop, RecordQAResult
from core.domain.values import QAOutcome, QAResult, SequentialNumber, StopClearedBy
from core.identity.ids import AssemblyId, CardUnitId, CommandId, OperationCode, PackId
from core.production.requests import Request
from core.production.scan import NumberAwaited, Scan, SerialAwaited
from tests.core.shop import ASSEMBLY, INSPECTOR, OPERATOR, PRESS, QA, START

FOLDER = Path(__file__).with_name("goldens") / "spools"
CARD = CardUnitId("J1044-S001-01")
_STOP = CommandId("00000000-0000-0000-0000-000000000009")


def _scan(text: str, second: int) -> Scan:
    return Scan(text=text, station=PRESS, operator_id=OPERATOR, at=START + timedelta(seconds=second))


HELD: tuple[Request, ...] = (
    _scan("J1044-S001", 1),
    replace(_scan("j1044-s001-02 \x1b[31m[red]", 2), operator_id=None),
    replace(_scan(CARD, 3), station=ASSEMBLY, open_assembly=AssemblyId("J1044-S001-SET"), tray_brought=True),
    replace(_scan("J1044-BX001", 4), open_pack=PackId("J1044-BX001")),
    replace(_scan("J1044-S002-03", 5), station=ASSEMBLY, under_stop=_STOP),
    replace(
        _scan("07", 6),
        awaited=NumberAwaited(
            card_unit_id=CARD, operation=OperationCode("NUMBER"), run_of=99, takes_number=SequentialNumber(7, 99)
        ),
    ),
    replace(_scan("SN-1", 7), awaited=SerialAwaited(card_unit_id=CARD, operation=OperationCode("RELIC"))),
    RecordQAResult(
        at=START + timedelta(seconds=8),
        operator_id=INSPECTOR,
        station_id=QA.station_id,
        card_unit_id=CARD,
        station=QA,
        result=QAResult(outcome=QAOutcome.FAIL, codes=("F-201",)),
    ),
    ClearStop(
        at=START + timedelta(seconds=9),
        operator_id=OPERATOR,
        station_id=ASSEMBLY.station_id,
        at_station=ASSEMBLY.station_id,
        stop=_STOP,
        refusal="WrongSet",
        raised_at=START,
        cleared_by=StopClearedBy.RESET_CARD,
        ignored=1,
    ),
    CallForHelp(
        at=START + timedelta(seconds=10), operator_id=INSPECTOR, station_id=QA.station_id, at_station=QA.station_id
    ),
)
"""In the order in which they are kept, under the ids 1, 2, 3 …"""

REMEMBERED = {"work": b"J1044-S001-SET", "stop": b'{"cleared":1}'}
