"""What commands print: aligned lines for people, JSON for programs."""

import dataclasses
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, cast

from kiosk.printable import shown

__all__ = ["Escaped", "complain", "jsonable", "masked", "print_json", "print_table", "say"]

_WIDEST_CELL = 100


_NOT_ASCII = re.compile(r"[^\x00-\x7e]")

_PASSWORDS = re.compile(r"(://[^:/@\s\"]*:)[^@\s\"]*(?=@)|(password\s*=\s*)('[^']*'|\S+)", re.IGNORECASE)


def masked(text: str) -> str:
    """The text without the passwords of database addresses in it, which drivers like to repeat."""
    return _PASSWORDS.sub(lambda found: f"{found[1] or found[2]}…", text)


class Escaped(str):
    """Text that is safe to print already; escaping it again would double its backslashes."""

    __slots__ = ()


def say(text: str = "") -> None:
    """Print a line for people; a terminal without UTF-8 gets question marks instead of an error."""
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "replace").decode(encoding))


def complain(text: str) -> None:
    """Print a line to standard error."""
    encoding = sys.stderr.encoding or "ascii"
    print(text.encode(encoding, "replace").decode(encoding), file=sys.stderr)


def print_json(value: object) -> None:
    """Print a value of the core, the store or plain containers as JSON, keys as the values name their fields.

    Letters stand as they are. What is invisible, moves a cursor or fits no terminal of this encoding is escaped.
    """
    encoding = sys.stdout.encoding or "ascii"

    def legible(found: re.Match[str]) -> str:
        character = found[0]
        fits = character.encode(encoding, "ignore").decode(encoding) == character
        return character if character.isprintable() and fits else json.dumps(character)[1:-1]

    print(_NOT_ASCII.sub(legible, json.dumps(jsonable(value), indent=2, ensure_ascii=False)))


def jsonable(value: object) -> Any:
    """The value as JSON knows it: dataclasses as objects, times in ISO 8601, anything else as its text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: jsonable(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value)
        return {str(key): jsonable(held) for key, held in pairs.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes):
        held = cast("Iterable[object]", value)
        ordered = sorted(held, key=str) if isinstance(value, set | frozenset) else held
        return [jsonable(part) for part in ordered]
    return str(value)


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print rows in columns, foreign text escaped; `empty` is said where there is none.

    Numbers stand to the right. Nothing is cut but single texts beyond 100 characters.
    """
    cells = [[_cell(cell) for cell in row] for row in rows]
    if not cells:
        say(empty)
        return
    to_the_right = [all(_is_number(row[column]) for row in cells) for column in range(len(headings))]
    widths = [max(len(heading), *(len(row[column]) for row in cells)) for column, heading in enumerate(headings)]
    for row in (list(headings), *cells):
        parts = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, to_the_right, strict=True)
        ]
        say("  ".join(parts).rstrip())


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, Escaped) else shown(str(value), _WIDEST_CELL)


def _is_number(text: str) -> bool:
    return text == "" or text.replace(".", "", 1).isdigit()
