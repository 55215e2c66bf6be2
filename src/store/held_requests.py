"""Requests as the texts that a spool keeps, and back: what one version of the program wrote, later ones read."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final, cast, get_args

import msgspec

from core.domain.commands import Command
from core.domain.values import StationDefinition
from core.identity.ids import AssemblyId, CommandId, OperatorId, PackId
from core.production.requests import Request
from core.production.scan import Awaited, Scan
from store import errors

__all__ = ["UNREADABLE", "decoded", "encoded", "is_secret"]

UNREADABLE: Final = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)
"""What reading a text leads to that a disk damaged or another version wrote."""

_KINDS: Final[dict[str, type[Command]]] = {kind.__name__: kind for kind in get_args(Command)}
_SECRET: Final = frozenset({"SetOperatorPin", "AuthorizeReplacementSet"})


class _HeldScan(msgspec.Struct):
    """A scan as it is kept: what it answers goes apart, with its kind, which msgspec does not tell by itself."""

    scan: msgspec.Raw
    awaited: dict[str, Any] | None = None
    awaited_kind: str | None = None


class _PlainScan(msgspec.Struct):
    text: str
    station: StationDefinition
    operator_id: OperatorId | None
    at: datetime
    open_assembly: AssemblyId | None = None
    tray_brought: bool = False
    open_pack: PackId | None = None
    under_stop: CommandId | None = None
    kept: bool = False


_AWAITED: Final[dict[str, type[Awaited]]] = {kind.__name__: kind for kind in get_args(Awaited)}


def is_secret(request: Request) -> bool:
    """Say whether a request carries what must never be on a terminal's disk."""
    return type(request).__name__ in _SECRET


def encoded(request: Request) -> bytes:
    """Return a request as text; raises UnstorableText for what no text can hold."""
    try:
        if not isinstance(request, Scan):
            return msgspec.json.encode(request)
        awaited = request.awaited
        return msgspec.json.encode(
            _HeldScan(
                msgspec.Raw(msgspec.json.encode(replace(request, awaited=None))),
                None if awaited is None else msgspec.to_builtins(awaited),
                None if awaited is None else type(awaited).__name__,
            )
        )
    except UnicodeEncodeError as error:
        # Half a surrogate: no text of Postgres or SQLite, and no code of this shop.
        raise errors.UnstorableText from error


def decoded(kind: str, said: bytes) -> Request | None:
    """Return the request of a kind from its text, None where this version of the program cannot read all of it.

    A field that it does not know may change what the request means, so that is not read either.
    """
    try:
        request = _read(kind, said)
        return request if _says_all(msgspec.json.decode(said), msgspec.json.decode(encoded(request))) else None
    except (KeyError, errors.UnstorableText, *UNREADABLE):
        return None


def _read(kind: str, said: bytes) -> Request:
    if kind != Scan.__name__:
        return msgspec.json.decode(said, type=_KINDS[kind])
    held = msgspec.json.decode(said, type=_HeldScan)
    plain = msgspec.json.decode(held.scan, type=_PlainScan)
    awaited = (
        None
        if held.awaited is None or held.awaited_kind is None
        else msgspec.convert(held.awaited, _AWAITED[held.awaited_kind])
    )
    return Scan(**msgspec.structs.asdict(plain), awaited=awaited)


def _says_all(said: object, read: object) -> bool:
    """Say whether no field of a text is missing from what was read of it; one that it lacks has its default."""
    if isinstance(said, dict):
        fields, known = cast("dict[str, object]", said), cast("dict[str, object]", read)
        return isinstance(read, dict) and all(name in known and _says_all(fields[name], known[name]) for name in fields)
    if isinstance(said, list):
        # Of what is no list but a set the order may be another, and its members have no fields.
        return isinstance(read, list) and all(map(_says_all, cast("list[object]", said), cast("list[object]", read)))
    return True
