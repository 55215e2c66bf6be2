"""Numbers and serials: what a code says as the answer to what the station asked for."""

import re
from typing import assert_never

from core.domain.commands import (
    CompleteOperation,
)
from core.domain.rejections import (
    BarcodeProblem,
    NumberNeeded,
    NumberOutOfRun,
    ScanTheCard,
    SerialNeeded,
    UnknownBarcode,
)
from core.domain.values import (
    OperationType,
)
from core.identity.ids import (
    CardUnitId,
    OperationCode,
    SheetId,
)
from core.production.barcodes import (
    Barcode,
    plain,
)
from core.production.scan import Awaited, NumberAwaited, Scan, SerialAwaited

_NUMBER = re.compile(r"([0-9]{1,6})(?:\s*/\s*([0-9]{1,6}))?")


def answer_to(
    scan: Scan, awaited: Awaited, barcode: Barcode, run_of: int | None
) -> CompleteOperation | NumberNeeded | NumberOutOfRun | SerialNeeded:
    """Read a code as the number or serial that the station waits for.

    ``run_of`` is the run of the card's job; None where its cards are not numbered, or nobody can be asked.
    """
    match awaited:
        case NumberAwaited():
            found = _NUMBER.fullmatch(plain(scan.text))
            if found is None:
                return NumberNeeded(card_unit_id=awaited.card_unit_id, run_of=awaited.run_of, read=scan.text)
            value, said = int(found[1]), found[2]
            if said is not None and int(said) != awaited.run_of:
                return NumberOutOfRun(
                    card_unit_id=awaited.card_unit_id, value=value, run_of=awaited.run_of, said_run_of=int(said)
                )
            return completing(scan, awaited.card_unit_id, operation=awaited.operation, number=value)
        case SerialAwaited():
            # A code of our own, whole or torn, is never an insert's serial: somebody scanned the wrong label.
            if not isinstance(barcode, UnknownBarcode) or barcode.problem is not BarcodeProblem.FOREIGN:
                return SerialNeeded(card_unit_id=awaited.card_unit_id, read=scan.text)
            if run_of is not None and _is_of_run(plain(scan.text), run_of):
                return SerialNeeded(card_unit_id=awaited.card_unit_id, read=scan.text, run_of=run_of)
            return completing(scan, awaited.card_unit_id, operation=awaited.operation, serial=plain(scan.text))
        case other:
            assert_never(other)


def _is_of_run(code: str, run_of: int) -> bool:
    """Whether a code is a number of this run: then it answers another question than that for an insert."""
    found = _NUMBER.fullmatch(code)
    return found is not None and 1 <= int(found[1]) <= run_of and found[2] in {None, str(run_of)}


def unknown(scan: Scan, barcode: UnknownBarcode) -> UnknownBarcode | ScanTheCard:
    """Say of a code of nobody why it is refused; where marks are put on cards it may be one that no card waits for."""
    marks = tuple(work for work in scan.station.work if work in {OperationType.NUMBER, OperationType.MEMORABILIA})
    may_be_a_mark = OperationType.MEMORABILIA in marks or (marks and _NUMBER.fullmatch(plain(scan.text)))
    if barcode.problem is BarcodeProblem.FOREIGN and may_be_a_mark:
        return ScanTheCard(text=scan.text, work=marks)
    return barcode


def completing(
    scan: Scan,
    unit: SheetId | CardUnitId,
    *,
    operation: OperationCode | None = None,
    number: int | None = None,
    serial: str | None = None,
) -> CompleteOperation:
    """Return the command of a scan that ends an operation, with the mark that it put on the card."""
    return CompleteOperation(
        at=scan.at,
        operator_id=scan.operator_id,
        station_id=scan.station.station_id,
        unit_id=unit,
        station=scan.station,
        operation=operation,
        number=number,
        serial=serial,
    )
