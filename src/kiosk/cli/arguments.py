"""Arguments that are ids: read in any case, refused with the shape that was wanted."""

import argparse
from collections.abc import Callable
from typing import TypeVar

from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    SheetId,
    assembly_of,
    parse_assembly_id,
    parse_card_unit_id,
    parse_job_id,
    parse_operation_code,
    parse_operator_id,
    parse_order_id,
    parse_pack_id,
    parse_sheet_id,
    parse_spec_code,
    parse_station_id,
)
from kiosk.printable import shown

__all__ = [
    "card_id",
    "job_id",
    "operation_code",
    "operator_id",
    "order_id",
    "pack_id",
    "person",
    "priority",
    "set_id",
    "sheet_id",
    "sheet_or_card_id",
    "spec_code",
    "station_id",
]

_Id = TypeVar("_Id")


def _argument(parse: Callable[[str], _Id | None], what: str) -> Callable[[str], _Id]:
    def read(text: str) -> _Id:
        found = parse(text)
        if found is None:
            raise argparse.ArgumentTypeError(f'"{shown(text, 40)}" is not {what}')
        return found

    return read


def _parse_sheet_or_card(text: str) -> SheetId | CardUnitId | None:
    return parse_card_unit_id(text) or parse_sheet_id(text)


def _parse_set(text: str) -> AssemblyId | None:
    """A set by its own id, or by that of its sheet: there is one for each."""
    sheet = parse_sheet_id(text)
    return parse_assembly_id(text) if sheet is None else assembly_of(sheet)


def _parse_priority(text: str) -> int | None:
    return int(text) if len(text) == 1 and text in "123456789" else None


def person(text: str) -> str:
    """The name of a person, as a file of people may hold it."""
    from kiosk.shop_files import person_name

    try:
        return person_name(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'"{shown(text, 40)}" is not the name of a person: {error}') from None


order_id = _argument(parse_order_id, "an order such as PO2026-0117 (PO, the year, - and four digits or more)")
job_id = _argument(parse_job_id, "a job such as J1044 (J and four digits or more: J0010, not J10)")
sheet_id = _argument(parse_sheet_id, "a sheet such as J1044-S003")
card_id = _argument(parse_card_unit_id, "a card such as J1044-S003-07")
sheet_or_card_id = _argument(_parse_sheet_or_card, "a sheet such as J1044-S003, or a card such as J1044-S003-07")
set_id = _argument(_parse_set, "a set such as J1044-S003-SET, or its sheet, J1044-S003")
pack_id = _argument(parse_pack_id, "a box such as J1044-BX001, a case such as CS000001 or a pallet such as PL000001")
operator_id = _argument(parse_operator_id, "a badge such as OP-42")
station_id = _argument(parse_station_id, "a station such as QA-BENCH-3")
spec_code = _argument(parse_spec_code, "a product such as DRAGONS-S3")
operation_code = _argument(parse_operation_code, "an operation such as FOIL-GOLD")
priority = _argument(_parse_priority, "a priority, 1 (most urgent) to 9")
