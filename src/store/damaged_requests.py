"""What people can be told of a kept request that the program cannot read: what it was about, who made it, and when.

Called where such a request is put on the list of what was refused. Nothing is decided by it: what the disk damaged, or
another version wrote, is never delivered, for one letter of it may be another.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

from core.identity.ids import parse_operator_id
from core.production.barcodes import BadgeBarcode, UnknownBarcode, read_barcode

__all__ = ["Remains", "evidence", "remains_in", "remains_of"]

_FIELD: Final = re.compile(r'"(\w+)"\s*:\s*"((?:[^"\\]|\\.)*)"')
"""A field with a text, also where what stands around it is damaged."""

_ABOUT: Final = ("text", "card_unit_id", "unit_id", "sheet_id", "assembly_id", "pack_id")
"""The fields that say what a request is about, in the order in which they are believed."""

_MOST_EVIDENCE: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What can be made out: the code or unit, empty where none can be; the badge and the moment, None likewise."""

    what: str = ""
    operator_id: str | None = None
    at: datetime | None = None


class _Evidence(msgspec.Struct):
    operator_id: str | None
    said: str


def remains_of(said: bytes) -> Remains:
    """Return what can be made out of a kept text; of one that has no fields, all of it."""
    text = said.decode("utf-8", "backslashreplace")
    fields: dict[str, str] = {}
    for name, value in _FIELD.findall(text):
        fields.setdefault(name, _plain(value))
    if not fields:
        return Remains(what="" if set('{}"') & set(text) else text.strip())
    named = next((fields[name] for name in _ABOUT if fields.get(name)), "")
    return Remains(
        what=named or next((value for value in fields.values() if _is_of_this_shop(value)), ""),
        operator_id=parse_operator_id(fields.get("operator_id", "")),
        at=_moment(fields.get("at", "")),
    )


def evidence(said: bytes) -> str:
    """Return what the list keeps of a request that cannot be read: who made it, if that is legible, and all it says."""
    text = said.decode("utf-8", "backslashreplace")
    legible = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
    return msgspec.json.encode(_Evidence(remains_of(said).operator_id, legible[:_MOST_EVIDENCE])).decode()


def remains_in(scanned: str, reason: str) -> Remains:
    """Return the same from the list, which an earlier program gave the text itself in the place of what was scanned."""
    remains = remains_of(scanned.encode("utf-8", "backslashreplace"))
    try:
        kept = msgspec.json.decode(reason, type=_Evidence)
    except msgspec.MsgspecError:
        return remains
    return Remains(what=remains.what, operator_id=kept.operator_id)


def _plain(value: str) -> str:
    try:
        return msgspec.json.decode(f'"{value}"', type=str)
    except msgspec.MsgspecError:
        return value


def _is_of_this_shop(value: str) -> bool:
    return not isinstance(read_barcode(value), UnknownBarcode | BadgeBarcode)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        # One at the end of the calendar has no UTC, and the list that tells it could not be read any more.
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
