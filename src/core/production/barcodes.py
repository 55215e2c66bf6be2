"""Barcodes: what a scanned text is, before anything is known about where it was scanned.

Called by ``core.production.interpreting`` for every scan, and by whoever reads a code that is typed.
"""

import re
from functools import lru_cache

from core.domain.immutable import immutable_in_order
from core.domain.readings import ControlVerb
from core.domain.rejections import BarcodeProblem, UnknownBarcode
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    OperatorId,
    PackId,
    ProductionOrderId,
    SheetId,
    canonical,
    parse_assembly_id,
    parse_card_unit_id,
    parse_job_id,
    parse_operator_id,
    parse_order_id,
    parse_pack_id,
    parse_sheet_id,
)

MAX_BARCODE_LENGTH = 64
"""No code of this shop is longer; scanners and decoders are bounded alike."""

# ISO/IEC 15424: ] then a letter for the symbology and a digit or letter for its options.
_AIM = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
_CONTROL = re.compile(r"CMD-([A-Z]+)(?:-([A-Z0-9][A-Z0-9-]*))?")
_LOOKS_LIKE_OURS = re.compile(r"(?:PO[0-9]|OP-|CMD-|CS[0-9]|PL[0-9]|J[0-9])[0-9A-Z-]*")


@immutable_in_order
class SheetBarcode:
    """A sheet's label."""

    sheet_id: SheetId


@immutable_in_order
class CardBarcode:
    """A card's label."""

    card_unit_id: CardUnitId


@immutable_in_order
class SetBarcode:
    """The label of a set's tray."""

    assembly_id: AssemblyId


@immutable_in_order
class PackBarcode:
    """The label of a box, case or pallet."""

    pack_id: PackId


@immutable_in_order
class BadgeBarcode:
    """A person's badge."""

    operator_id: OperatorId


@immutable_in_order
class PaperBarcode:
    """A job's or order's ticket: something to look up, nothing to work on."""

    unit_id: JobId | ProductionOrderId


@immutable_in_order
class ControlBarcode:
    """A wall card."""

    verb: ControlVerb
    argument: str | None


Barcode = (
    SheetBarcode
    | CardBarcode
    | SetBarcode
    | PackBarcode
    | BadgeBarcode
    | PaperBarcode
    | ControlBarcode
    | UnknownBarcode
)


def plain(text: str) -> str:
    """Return the code without surrounding blanks and without an AIM identifier."""
    return _AIM.sub("", text.strip(" \t\r\n"))


def read_barcode(text: str) -> Barcode:
    """Return what a scanned text is; UnknownBarcode says why it is nothing of this shop."""
    # One scan is read at several steps of its way. What is longer than any code is not worth remembering.
    return _read_lately(text) if len(text) <= MAX_BARCODE_LENGTH else _read(text)


def _read(text: str) -> Barcode:
    code = plain(text)
    if not code:
        return UnknownBarcode(text=text, problem=BarcodeProblem.EMPTY)
    if len(code) > MAX_BARCODE_LENGTH:
        return UnknownBarcode(text=text, problem=BarcodeProblem.TOO_LONG)
    if not code.isprintable():
        return UnknownBarcode(text=text, problem=BarcodeProblem.UNPRINTABLE)
    if (card := parse_card_unit_id(code)) is not None:
        return CardBarcode(card)
    if (sheet := parse_sheet_id(code)) is not None:
        return SheetBarcode(sheet)
    if (assembly := parse_assembly_id(code)) is not None:
        return SetBarcode(assembly)
    if (pack := parse_pack_id(code)) is not None:
        return PackBarcode(pack)
    if (badge := parse_operator_id(code)) is not None:
        return BadgeBarcode(badge)
    if (paper := parse_job_id(code) or parse_order_id(code)) is not None:
        return PaperBarcode(paper)
    return _control_or_unknown(text, canonical(code))


_read_lately = lru_cache(maxsize=64)(_read)


def _control_or_unknown(text: str, code: str) -> ControlBarcode | UnknownBarcode:
    control = _CONTROL.fullmatch(code)
    if control is not None:
        verb, argument = control.groups()
        takes_argument = verb == ControlVerb.FAIL
        if verb in ControlVerb.__members__ and (argument is None or takes_argument):
            return ControlBarcode(ControlVerb(verb), argument)
    if code.startswith("CMD-"):
        return UnknownBarcode(text=text, problem=BarcodeProblem.UNKNOWN_CONTROL)
    ours = _LOOKS_LIKE_OURS.fullmatch(code)
    problem = BarcodeProblem.MALFORMED if ours else BarcodeProblem.FOREIGN
    return UnknownBarcode(text=text, problem=problem)
