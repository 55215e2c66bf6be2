"""TOML files that people write: read safely, validated by pydantic, refused in sentences.

Owns the way from a path to a validated model, and `FileRefused`, which names the file, every key
that is wrong, what was found there and what is allowed. `kiosk.config` reads kiosk.toml through it,
`kiosk.shop_files` whatever a shop loads.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from kiosk.printable import shown

__all__ = ["LONGEST_FILE", "FileRefused", "Problem", "Table", "near_miss", "read_toml", "validated"]

LONGEST_FILE = 1_000_000
"""Bytes of the longest file that is read: a shop's file has kilobytes; more is a wrong path."""

_MOST_PROBLEMS = 40
_FOUND_LENGTH = 60
_ALLOWED_LENGTH = 300

_SECRET_KEY = re.compile(r"pass(word|wd|phrase)?|secret|token|pin|credential", re.IGNORECASE)
_CURE_OF_SECRETS = "secrets do not belong in a file: use the environment variable KIOSK_DSN, or a pgpass file"

_CURE_OF_PINS = "PINs are never in a file: kiosk operator pin BADGE asks for one"


class Table(BaseModel):
    """A table of a file: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: the key's path, what was found, what is allowed, and a cure.

    All texts are escaped and safe to print. `key` is empty where the whole file is meant.
    """

    key: str = ""
    found: str = ""
    allowed: str = ""
    hint: str = ""

    def lines(self) -> tuple[str, ...]:
        """The problem for a terminal: the key first, then what is known, one fact in a line."""
        head = (self.key,) if self.key else ()
        named = (("found    ", self.found), ("allowed  ", self.allowed), ("", self.hint))
        return (*head, *(f"    {label}{text}" for label, text in named if text))


class FileRefused(Exception):  # noqa: N818 - named like the sentence it is printed as
    """A file cannot be used. Carries all its problems at once and explains itself."""

    def __init__(self, path: Path | str, problems: Sequence[Problem]) -> None:
        self.path = str(path)
        self.problems = tuple(problems)
        super().__init__(self.explain())

    def explain(self) -> str:
        """Everything that is wrong with the file, in lines for a person; never a traceback."""
        name = shown(self.path, 300)
        if len(self.problems) == 1 and not self.problems[0].key:
            only = self.problems[0]
            cure = "".join(f"\n  {text}" for text in (only.allowed, only.hint) if text)
            return f"{name}: {only.found}{cure}"
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        listed = [f"{name} cannot be used, {count}:"]
        for problem in self.problems[:_MOST_PROBLEMS]:
            listed.extend(f"  {line}" for line in problem.lines())
        if len(self.problems) > _MOST_PROBLEMS:
            listed.append(f"  … and {len(self.problems) - _MOST_PROBLEMS} more")
        return "\n".join(listed)


def near_miss(word: str, known: Sequence[str]) -> str | None:
    """The known word that `word` was probably meant to be, whatever its case; None where none is near."""
    folded = {name.casefold(): name for name in known}
    nearest = difflib.get_close_matches(word.casefold()[:80], folded, n=1, cutoff=0.55)
    return folded[nearest[0]] if nearest else None


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file; FileRefused says in a sentence why it cannot be read."""

    def refused(sentence: str, cure: str = "") -> FileRefused:
        return FileRefused(path, [Problem(found=sentence, hint=cure)])

    try:
        if path.is_dir():
            raise refused("is a folder, not a file.")
        with path.open("rb") as opened:
            raw = opened.read(LONGEST_FILE + 1)
    except FileNotFoundError:
        raise refused("there is no such file.") from None
    except PermissionError:
        raise refused("may not be read by this user.", "Change its owner or mode.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "the path is not usable"
        raise refused(f"cannot be read: {shown(reason.lower())}.") from None
    if len(raw) > LONGEST_FILE:
        raise refused(f"is longer than {LONGEST_FILE // 1000:,} kB; this is not a file for the kiosk.")
    if b"\0" in raw:
        raise refused("contains NUL bytes: it is not a text file.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise refused(f"is not UTF-8 text (line {line}).", "Save it again with the encoding UTF-8.") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refused(f"is not valid TOML: {shown(str(error), 200)}.") from None
    except RecursionError:
        raise refused("is nested too deeply to be a file for the kiosk.") from None
    except (ValueError, OverflowError):
        # tomllib hands on what int() and datetime() say, for example for 5,000 digits.
        raise refused("holds a number or a date that cannot be read.") from None


_Model = TypeVar("_Model", bound=BaseModel)


def validated(model: type[_Model], tables: Mapping[str, Any], path: Path | str) -> _Model:
    """Return the tables as `model`; FileRefused lists every key that is wrong."""
    try:
        return model.model_validate(tables)
    except ValidationError as error:
        details = error.errors(include_url=False)
    raise FileRefused(path, [_problem(model, tables, detail) for detail in details if not _follows(detail, details)])


def _follows(detail: ErrorDetails, others: Sequence[ErrorDetails]) -> bool:
    """Say whether a list is only called too short because the stanzas in it are wrong, which is said by itself."""
    depth = len(detail["loc"])
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > depth and other["loc"][:depth] == detail["loc"] for other in others
    )


def _problem(model: type[BaseModel], tables: Mapping[str, Any], detail: ErrorDetails) -> Problem:
    location = detail["loc"]
    key = _key_path(location, tables)
    name = str(location[-1]) if location else ""
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown_key(model, location[:-1], key, name)
    field = _field_at(model, location)
    described = field.description if field and field.description else ""
    if kind == "missing":
        return Problem(key=key, found="nothing: the key is missing", allowed=described)
    # An error of a validator of ours is a whole sentence; pydantic's own are written for developers.
    sentence = detail["msg"] if kind in {"value_error", "refused"} else ""
    sentence = sentence.removeprefix("Value error, ")
    if kind == "secret":
        return Problem(key=key, found=detail["msg"], hint=_CURE_OF_SECRETS)
    if sentence and isinstance(detail["input"], dict):
        return Problem(key=key or "the whole file", found=shown(sentence, 400))
    found = _found(detail["input"])
    expected = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
    allowed = _listed(expected) if expected else described or detail["msg"]
    hint = shown(sentence, 300)
    if expected and isinstance(detail["input"], str):
        nearest = near_miss(detail["input"], expected)
        hint = f'did you mean "{shown(nearest)}"?' if nearest else ""
    return Problem(key=key, found=found, allowed=allowed, hint=hint)


def _unknown_key(model: type[BaseModel], parent: tuple[int | str, ...], key: str, name: str) -> Problem:
    if _SECRET_KEY.search(name):
        cure = _CURE_OF_PINS if name.casefold() == "pin" else _CURE_OF_SECRETS
        return Problem(key=key, found="a secret (not shown)", hint=cure)
    table = _table_at(model, parent)
    known = sorted(_names(table)) if table else []
    nearest = near_miss(name, known)
    return Problem(
        key=key,
        found="a key that does not exist",
        allowed=_listed(known),
        hint=f'did you mean "{nearest}"?' if nearest else "",
    )


def _listed(words: Sequence[str]) -> str:
    return shown(", ".join(words), _ALLOWED_LENGTH)


def _found(value: object) -> str:
    match value:
        case str():
            return f'"{shown(value, _FOUND_LENGTH)}"'
        case bool():
            return str(value).lower()
        case dict():
            return "a table"
        case list() | tuple():
            return "a list"
        case _:
            return shown(str(value), _FOUND_LENGTH)


def _key_path(location: tuple[int | str, ...], tables: Mapping[str, Any]) -> str:
    """The key as a person finds it, counting from 1: `station[2].role (QA-BENCH-3)`."""
    path = ""
    named = ""
    at: Any = tables
    for part in location:
        if isinstance(part, int):
            path += f"[{part + 1}]"
            at = cast("list[Any]", at)[part] if isinstance(at, list) and part < len(cast("list[Any]", at)) else None
        else:
            path += f".{shown(part, _FOUND_LENGTH)}" if path else shown(part, _FOUND_LENGTH)
            at = cast("dict[str, Any]", at).get(part) if isinstance(at, dict) else None
        if isinstance(at, dict) and path.endswith("]"):
            table = cast("dict[str, Any]", at)
            name = next((table[key] for key in ("id", "code", "operation", "badge") if key in table), None)
            named = f" ({shown(name, 40)})" if isinstance(name, str) else named
    return path + named


def _names(table: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in table.model_fields.items()}


def _field_at(model: type[BaseModel], location: Sequence[int | str]) -> FieldInfo | None:
    """The field that a location ends in; positions in a list count for the list's own field."""
    names = [part for part in location if isinstance(part, str)]
    table: type[BaseModel] | None = model
    field: FieldInfo | None = None
    for name in names:
        if table is None:
            return field
        found = _names(table).get(name)
        if found is None:
            return field
        field = found
        table = _table_of(field.annotation)
    return field


def _table_at(model: type[BaseModel], location: Sequence[int | str]) -> type[BaseModel] | None:
    if not any(isinstance(part, str) for part in location):
        return model
    field = _field_at(model, location)
    return _table_of(field.annotation) if field else None


def _table_of(annotation: Any) -> type[BaseModel] | None:
    """The table inside an annotation such as `tuple[Table, ...]` or `Table | None`."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    if get_origin(annotation) in {tuple, list, Union, UnionType, Annotated}:
        for argument in get_args(annotation):
            table = _table_of(argument)
            if table is not None:
                return table
    return None
