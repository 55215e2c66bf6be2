"""What a scan means: barcode + station + state → command, reading or rejection.

The operator never chooses a transaction from a menu. A barcode is read by what it
is, where it was scanned and what state the unit is in.
"""

from typing import assert_never

from core.domain.commands import (
    Command,
)
from core.domain.models import Operator
from core.domain.readings import (
    BadgeRead,
    ControlRead,
    Reading,
    UnitFound,
)
from core.domain.rejections import (
    IgnoredUnderStop,
    NotLoggedOn,
    NotPermitted,
    Rejection,
    UnknownBarcode,
    UnknownOperator,
    WrongKindOfUnit,
)
from core.domain.streams import StreamKey
from core.domain.values import (
    StationRole,
)
from core.identity.ids import (
    OperatorId,
    assembly_of_card,
    job_of,
    job_of_assembly,
    job_of_pack,
    job_of_sheet,
)
from core.production.asked_marks import answer_to, unknown
from core.production.badges import presented
from core.production.barcodes import (
    BadgeBarcode,
    CardBarcode,
    ControlBarcode,
    PackBarcode,
    PaperBarcode,
    SetBarcode,
    SheetBarcode,
    read_barcode,
)
from core.production.facts import ShopPolicy
from core.production.loaded import (
    Loaded,
    assembly_key,
    card_key,
    job_key,
    operator_key,
    pack_key,
    sheet_key,
)
from core.production.scan import Scan
from core.production.set_scans import read_pack, read_set
from core.production.unit_scans import read_card, read_sheet

Interpretation = Command | Reading | Rejection


def streams_for(scan: Scan) -> frozenset[StreamKey]:
    """Return the streams that interpreting the scan and deciding its command look at."""
    keys: set[StreamKey] = set()
    if scan.under_stop is not None:
        return frozenset()
    if scan.awaited is not None:
        keys |= {card_key(scan.awaited.card_unit_id), job_key(job_of(scan.awaited.card_unit_id))}
    match read_barcode(scan.text):
        case CardBarcode(card):
            own = assembly_of_card(card)
            keys |= {card_key(card), job_key(job_of(card))}
            if scan.station.role is StationRole.ASSEMBLY:
                keys |= {assembly_key(own), assembly_key(scan.open_assembly or own)}
        case SheetBarcode(sheet):
            keys |= {sheet_key(sheet), job_key(job_of_sheet(sheet))}
        case SetBarcode(assembly):
            keys |= {assembly_key(assembly), job_key(job_of_assembly(assembly))}
            if scan.open_pack is not None:
                keys.add(pack_key(scan.open_pack))
        case PackBarcode(pack):
            keys.add(pack_key(pack))
            job = job_of_pack(pack)
            if job is not None:
                keys.add(job_key(job))
            if scan.open_pack is not None:
                keys.add(pack_key(scan.open_pack))
        case BadgeBarcode(operator):
            keys.add(operator_key(operator))
        case PaperBarcode() | ControlBarcode() | UnknownBarcode():
            pass
        case other:
            assert_never(other)
    return frozenset(keys)


def interpret(scan: Scan, loaded: Loaded, policy: ShopPolicy) -> Interpretation:
    """Return what the scan means here and now.

    A badge and a wall card mean the same everywhere; everything else needs
    somebody to be logged on.
    """
    if scan.under_stop is not None:
        return IgnoredUnderStop(stop=scan.under_stop)
    barcode = read_barcode(scan.text)
    match barcode:
        case BadgeBarcode(operator_id):
            return _badge(operator_id, loaded.operator(operator_id))
        case ControlBarcode(verb, argument):
            return ControlRead(verb=verb, argument=argument)
        case _:
            pass
    if scan.station.role is StationRole.LEAD:
        return _looked_up(barcode)
    if scan.operator_id is None:
        return NotLoggedOn(station_id=scan.station.station_id)
    if scan.awaited is not None and not isinstance(barcode, CardBarcode | SheetBarcode):
        job = loaded.job(job_of(scan.awaited.card_unit_id))
        return answer_to(scan, scan.awaited, barcode, None if job is None else job.spec.run_of)
    match barcode:
        case CardBarcode(card_id):
            return read_card(scan, card_id, loaded, policy)
        case SheetBarcode(sheet_id):
            return read_sheet(scan, loaded.sheet(sheet_id), sheet_id, loaded, policy)
        case SetBarcode(assembly_id):
            return read_set(scan, assembly_id, loaded)
        case PackBarcode(pack_id):
            return read_pack(scan, pack_id, loaded)
        case PaperBarcode(unit_id):
            return WrongKindOfUnit(unit_id=unit_id, station_role=scan.station.role)
        case UnknownBarcode():
            return unknown(scan, barcode)
        case other:
            assert_never(other)


def _badge(operator_id: OperatorId, operator: Operator | None) -> BadgeRead | UnknownOperator | NotPermitted:
    if operator is None:
        return UnknownOperator(operator_id=operator_id)
    return presented(
        BadgeRead(
            operator_id=operator_id,
            name=operator.name,
            roles=operator.roles,
            has_pin=operator.secret is not None,
        )
    )


def _looked_up(
    barcode: SheetBarcode | CardBarcode | SetBarcode | PackBarcode | PaperBarcode | UnknownBarcode,
) -> UnitFound | UnknownBarcode:
    match barcode:
        case SheetBarcode(unit) | CardBarcode(unit) | SetBarcode(unit) | PackBarcode(unit):
            return UnitFound(unit_id=unit)
        case PaperBarcode(unit):
            return UnitFound(unit_id=unit)
        case UnknownBarcode():
            return barcode
        case other:
            assert_never(other)
