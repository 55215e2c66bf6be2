"""What is searched of a terminal's own disk: what was kept there, and what a disk makes of it."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

from core.production.scan import Scan
from store.errors import SpoolBroken, SpoolFull
from store.held_requests import decoded, encoded
from store.spool import _held
from store.spool_file import LEFT, connected
from store.spool_tables import COLUMNS, remembered
from store.terminal_memory import badges_in, stations_in, stop_in
from tests.fuzz.loop import Target
from tests.store.spool_goldens import FOLDER, HELD, REMEMBERED
from tests.store.spool_power_cut import PowerCut, raw

_KINDS: Final = tuple(dict.fromkeys(type(request).__name__ for request in HELD))
_NEWEST: Final = max(FOLDER.glob("*.sql"))


def check_held_requests(given: bytes) -> object:
    """A text is a request, which can be kept and read again, or it cannot be read; and nothing remembered is worse."""
    kind, said = _KINDS[given[0] % len(_KINDS)] if given else "Unheard", given[1:]
    badges_in(said)
    stations_in(said)
    stop_in(said)
    request = decoded(kind, said)
    if request is None:
        return None
    assert decoded(kind, encoded(request)) == request
    return isinstance(request, Scan) and request.awaited is not None


def _seeds() -> tuple[bytes, ...]:
    return tuple(bytes([_KINDS.index(type(request).__name__)]) + encoded(request) for request in HELD)


# -- files ------------------------------------------------------------------------------------


def _power_cut() -> tuple[PowerCut, set[bytes]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "whole.db"
        with closing(raw(path)) as connection:
            connection.executescript(_NEWEST.read_text(encoding="utf-8"))
            said = {each for (each,) in connection.execute("SELECT request FROM held")}
        return PowerCut.in_the_middle_of_one_more(path), said | {encoded(HELD[0])}


_CUT, _SAID = _power_cut()
_IDS: Final = {UUID(int=number) for number in range(1, len(HELD) + 1)}
_ONE_MORE: Final = UUID(int=0xFF)
_IN_JOURNAL: Final = (len(_CUT.before) + 11).to_bytes(3, "big")

_GONE, _JOURNAL_ENDS = 0xFF, 0xFE
"""Of the first byte of four: a row goes missing, or an end of the journal; else it begins a place in both files."""


def check_spool_files(given: bytes) -> object:
    """Whatever becomes of a file and its journal in a power cut, all that was confirmed is delivered, or it is told.

    What is remembered is what was written, or it is told as well. The first byte says which pages were
    written; every four more change a byte, or take something away.
    """
    written, changes = given[:1] or b"\0", [given[at : at + 4] for at in range(1, len(given) - 3, 4)]
    with TemporaryDirectory(prefix="kiosk-fuzz-") as folder:
        path = Path(folder) / "kept.db"
        left = _left(path, written[0], changes)
        _CUT.leave(path, *left)
        try:
            connection = connected(path)
        except (SpoolBroken, SpoolFull):
            # Told, and left as it is.
            assert (path.read_bytes(), _journal(path)) == left
            return SpoolBroken
        with closing(connection):
            rows = connection.execute(f"SELECT {COLUMNS} FROM held ORDER BY position").fetchall()
            believed, not_believed = remembered(connection)
        held = [_held(row) for row in rows]
        was_rescued = any(each.kind == LEFT for each in held)
        told = [each for each in held if each.request is None]
        delivered = [each.command_id for each in held if each.request is not None]
        assert was_rescued or len(_IDS.difference(delivered)) <= len(told)
        assert _IDS.union((_ONE_MORE,)).issuperset(delivered)
        assert delivered == sorted(delivered)
        for each in held:
            assert each.request is None or each.said in _SAID
        assert believed.items() <= REMEMBERED.items()
        assert was_rescued or not_believed or believed == REMEMBERED
        assert was_rescued == path.with_name(f"{path.name}.damaged-1").exists()
        return was_rescued, len(held), len(told), not_believed


def _left(path: Path, written: int, changes: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the file and its journal as changes leave them; a row goes missing before a byte is changed."""
    file, journal = _CUT.torn(written), _CUT.journal
    gone = [(change[3],) for change in changes if change[0] == _GONE]
    if gone:
        path.write_bytes(_CUT.before)
        with closing(raw(path)) as connection:
            connection.executemany("DELETE FROM held WHERE position = ?", gone)
        file, journal = path.read_bytes(), b""
    both = bytearray(file + journal)
    end = len(both)
    for change in changes:
        if change[0] == _JOURNAL_ENDS:
            end = len(file) + int.from_bytes(change[1:], "big") % (len(journal) + 1)
        elif change[0] != _GONE:
            both[int.from_bytes(change[:3], "big") % len(both)] = change[3]
    return bytes(both[: len(file)]), bytes(both[len(file) : end])


def _journal(path: Path) -> bytes:
    journal = path.with_name(f"{path.name}-journal")
    return journal.read_bytes() if journal.exists() else b""


HELD_TARGETS: Final = (
    Target(
        name="held requests",
        check=check_held_requests,
        seeds=_seeds(),
        words=(
            b"null",
            b"{}",
            b"[]",
            b'"\\ud800"',
            b"1e400",
            b"[" * 1500,
            b'"awaited_kind":',
            b"[1]",
        ),
    ),
    Target(
        name="spool files",
        check=check_spool_files,
        longest=200,
        seeds=(
            b"\0\0\0\x10\xff",
            b"\x0f\0\x10\0\x0d",
            b"\x05\0\x20\x05\x00\0\x20\x06\xff",
            b"\x03\xfe\0\0\0",
            b"\0\xff\0\0\x03",
            b"\x0a" + _IN_JOURNAL + b"\x02",
        ),
        words=(b"\0\0\x12", b"\0\0\x3c", b"\0\x10\x01", b"\xfe\0\x10\0", b"\xff\0\0\x01", _IN_JOURNAL),
    ),
)
