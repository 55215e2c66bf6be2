"""Identities and their lineage: how every id is shaped, parsed and related.

Owns the canonical text of each id. Everything that reads an id from a person, a
barcode or a file calls a ``parse_*`` function here; everything that makes an id
calls a constructor here. A parsed id gives its parents without any lookup, and
no identity is ever random.

Ids are ``NewType``s over ``str``: the type checker tells them apart, and the log
stores and compares them as plain text.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NewType

ProductionOrderId = NewType("ProductionOrderId", str)
JobId = NewType("JobId", str)
SheetId = NewType("SheetId", str)
CardUnitId = NewType("CardUnitId", str)
AssemblyId = NewType("AssemblyId", str)
PackId = NewType("PackId", str)
StationId = NewType("StationId", str)
OperatorId = NewType("OperatorId", str)
SpecCode = NewType("SpecCode", str)
OperationCode = NewType("OperationCode", str)
CommandId = NewType("CommandId", str)
"""The id under which a request's answer is kept, as text; it comes from outside and is never parsed."""

MAX_ID_LENGTH = 64
"""No id is longer; what a scanner or a person sends beyond it is no id."""

MIN_N_UP = 1
MAX_N_UP = 99

# A number has its least width or no leading zero: otherwise one thing would have two ids.
_JOB = r"J(?:[0-9]{4}|[1-9][0-9]{4,11})"
_COUNT = r"(?:[0-9]{3}|[1-9][0-9]{3,8})"
_SHEET = rf"{_JOB}-S{_COUNT}"
_CARD = rf"{_SHEET}-(?!00)[0-9]{{2}}(?:-R[1-9][0-9]{{0,3}})?"

_ORDER_ID = re.compile(r"PO[0-9]{4}-(?:[0-9]{4}|[1-9][0-9]{4,11})")
_JOB_ID = re.compile(_JOB)
_SHEET_ID = re.compile(_SHEET)
_CARD_ID = re.compile(_CARD)
_ASSEMBLY_ID = re.compile(rf"{_SHEET}-SET")
_BOX_ID = re.compile(rf"{_JOB}-BX{_COUNT}")
_CASE_ID = re.compile(r"CS[0-9]{6}")
_PALLET_ID = re.compile(r"PL[0-9]{6}")
_OPERATOR_ID = re.compile(r"OP-[0-9]{1,9}")
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:[-_][A-Z0-9]+)*")

_MAX_CODE_LENGTH = 32


def canonical(text: str) -> str:
    """Return ``text`` without surrounding blanks, its ASCII letters in upper case.

    Only ASCII is folded: ``str.upper`` would turn a foreign letter such as the
    dotless i into an ASCII one and so make a valid id of an invalid code.
    """
    return text.strip(" \t\r\n").translate(_ASCII_UPPER)


_ASCII_UPPER = {lower: lower - 32 for lower in range(ord("a"), ord("z") + 1)}


def _matched(pattern: re.Pattern[str], text: str) -> str | None:
    if len(text) > MAX_ID_LENGTH * 2:
        return None
    code = canonical(text)
    return code if len(code) <= MAX_ID_LENGTH and pattern.fullmatch(code) else None


def _number(value: int, width: int) -> str:
    if value < 1:
        msg = f"an id counts from 1, not from {value}"
        raise ValueError(msg)
    return f"{value:0{width}d}"


def _is_counted_from_one(digits: str) -> bool:
    return digits.strip("0") != ""


# -- orders and jobs -----------------------------------------------------------


def parse_order_id(text: str) -> ProductionOrderId | None:
    """Return the order id in ``text`` (``PO2026-0117``), or None."""
    code = _matched(_ORDER_ID, text)
    return ProductionOrderId(code) if code else None


def parse_job_id(text: str) -> JobId | None:
    """Return the job id in ``text`` (``J1044``), or None."""
    code = _matched(_JOB_ID, text)
    return JobId(code) if code else None


# -- sheets and cards ----------------------------------------------------------


def parse_sheet_id(text: str) -> SheetId | None:
    """Return the sheet id in ``text`` (``J1044-S003``), or None."""
    code = _matched(_SHEET_ID, text)
    if code is None or not _is_counted_from_one(code.rpartition("-S")[2]):
        return None
    return SheetId(code)


def sheet_id(job: JobId, number: int) -> SheetId:
    """Return the id of the job's sheet ``number`` (from 1); ValueError below 1."""
    return SheetId(f"{job}-S{_number(number, 3)}")


def sheet_number(sheet: SheetId) -> int:
    """Return the number of the sheet within its job, from 1."""
    return int(sheet.rpartition("-S")[2])


def job_of_sheet(sheet: SheetId) -> JobId:
    """Return the job that the sheet belongs to."""
    return JobId(sheet.partition("-")[0])


def parse_card_unit_id(text: str) -> CardUnitId | None:
    """Return the card id in ``text`` (``J1044-S003-07``, ``…-07-R1``), or None."""
    return None if len(text) > MAX_ID_LENGTH * 2 else _card_unit_id_in(text)


@lru_cache(maxsize=1024)
def _card_unit_id_in(text: str) -> CardUnitId | None:
    # One scan asks this of one card again and again.
    code = _matched(_CARD_ID, text)
    if code is None or parse_sheet_id("-".join(code.split("-")[:2])) is None:
        return None
    return CardUnitId(code)


def card_unit_id(sheet: SheetId, position: int) -> CardUnitId:
    """Return the id of the card cut from ``position`` (1 to 99) of the sheet."""
    if not MIN_N_UP <= position <= MAX_N_UP:
        msg = f"a sheet has positions {MIN_N_UP} to {MAX_N_UP}, not {position}"
        raise ValueError(msg)
    return CardUnitId(f"{sheet}-{position:02d}")


def replacement_card_unit_id(replaced: CardUnitId) -> CardUnitId:
    """Return the id of the card that replaces ``replaced``, same sheet and position.

    The first replacement of a position is ``-R1``; a replacement of a replacement
    counts on, so the newest card of a position has the highest number.
    """
    original = original_of(replaced)
    return CardUnitId(f"{original}-R{replacement_number(replaced) + 1}")


def original_of(card: CardUnitId) -> CardUnitId:
    """Return the card that the cut made at this position (itself, if no replacement)."""
    return CardUnitId("-".join(card.split("-", 3)[:3]))


def replacement_number(card: CardUnitId) -> int:
    """Return 0 for a card made by the cut, n for its n-th replacement."""
    parts = card.split("-", 3)
    return int(parts[3][1:]) if len(parts) == 4 else 0  # noqa: PLR2004 - job, sheet, position, -Rn


def sheet_of(card: CardUnitId) -> SheetId:
    """Return the sheet that the card was cut from."""
    job, sheet, _ = card.split("-", 2)
    return SheetId(f"{job}-{sheet}")


def job_of(card: CardUnitId) -> JobId:
    """Return the job that the card belongs to."""
    return JobId(card.partition("-")[0])


def position_of(card: CardUnitId) -> int:
    """Return the card's position on its sheet, 1 to 99."""
    return int(card.split("-", 3)[2])


# -- sets ----------------------------------------------------------------------


def parse_assembly_id(text: str) -> AssemblyId | None:
    """Return the set id in ``text`` (``J1044-S003-SET``), or None."""
    code = _matched(_ASSEMBLY_ID, text)
    if code is None or parse_sheet_id(code.removesuffix("-SET")) is None:
        return None
    return AssemblyId(code)


def assembly_of(sheet: SheetId) -> AssemblyId:
    """Return the set in which the cards of the sheet are reunited."""
    return AssemblyId(f"{sheet}-SET")


def assembly_of_card(card: CardUnitId) -> AssemblyId:
    """Return the set that the card belongs to."""
    return assembly_of(sheet_of(card))


def sheet_of_assembly(assembly: AssemblyId) -> SheetId:
    """Return the sheet whose cards make up the set."""
    return SheetId(assembly.removesuffix("-SET"))


def job_of_assembly(assembly: AssemblyId) -> JobId:
    """Return the job that the set belongs to."""
    return JobId(assembly.partition("-")[0])


# -- packs ---------------------------------------------------------------------


def parse_pack_id(text: str) -> PackId | None:
    """Return the box, case or pallet id in ``text``, or None."""
    for pattern in (_BOX_ID, _CASE_ID, _PALLET_ID):
        code = _matched(pattern, text)
        if code is not None:
            return PackId(code)
    return None


def box_id(job: JobId, number: int) -> PackId:
    """Return the id of the job's box ``number`` (from 1)."""
    return PackId(f"{job}-BX{_number(number, 3)}")


def next_box_id(job: JobId, opened: Iterable[PackId]) -> PackId:
    """Return the id of the job's box after the highest of those that were ``opened``."""
    boxes = [int(pack.rpartition("-BX")[2]) for pack in opened if job_of_pack(pack) == job]
    return box_id(job, max(boxes, default=0) + 1)


def job_of_pack(pack: PackId) -> JobId | None:
    """Return the job of a box; None for a case or a pallet, which may mix jobs."""
    return JobId(pack.partition("-")[0]) if "-BX" in pack else None


# -- people, stations, catalogue -----------------------------------------------


def parse_operator_id(text: str) -> OperatorId | None:
    """Return the operator id on a badge (``OP-42``), or None."""
    code = _matched(_OPERATOR_ID, text)
    return OperatorId(code) if code else None


def _parse_code(text: str) -> str | None:
    code = _matched(_CODE, text)
    return code if code and len(code) <= _MAX_CODE_LENGTH else None


def parse_station_id(text: str) -> StationId | None:
    """Return the station id in ``text`` (``QA-BENCH-3``), or None.

    Letters and digits joined by ``-`` or ``_``, a letter first, 32 characters at most.
    """
    code = _parse_code(text)
    return StationId(code) if code else None


def parse_spec_code(text: str) -> SpecCode | None:
    """Return the product spec code in ``text`` (``DRAGONS-S3``), or None."""
    code = _parse_code(text)
    return SpecCode(code) if code else None


def parse_operation_code(text: str) -> OperationCode | None:
    """Return the operation code in ``text`` (``FOIL-GOLD``), or None."""
    code = _parse_code(text)
    return OperationCode(code) if code else None
