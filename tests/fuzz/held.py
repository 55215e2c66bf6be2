"""What is searched of a terminal's own disk: what was kept there, and what a disk makes of it."""

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from core.production.scan import Scan
from store.errors import SpoolBroken, SpoolFull, UnstorableText
from store.held_requests import decoded, encoded
from store.spool import _held
from store.spool_file import COLUMNS, LEFT, connected
from store.terminal_memory import badges_in, stations_in, stop_in
from tests.fuzz.loop import Target
from tests.store.spool_goldens import FOLDER, HELD

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
    with suppress(UnstorableText):
        again = decoded(kind, encoded(request))
        assert again == request
    return isinstance(request, Scan) and request.awaited is not None


def _seeds() -> tuple[bytes, ...]:
    return tuple(bytes([_KINDS.index(type(request).__name__)]) + encoded(request) for request in HELD)


# -- files ------------------------------------------------------------------------------------


def _whole() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "whole.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(_NEWEST.read_text(encoding="utf-8"))
        return path.read_bytes()


_WHOLE: Final = _whole()
_SAID: Final = {encoded(request) for request in HELD}


def check_spool_files(given: bytes) -> object:
    """A file that a disk changed anywhere is opened, or rescued, or left as it is; what is read of it was written."""
    written = bytearray(_WHOLE)
    for at in range(0, len(given) - 3, 4):
        place = int.from_bytes(given[at : at + 3], "big") % len(written)
        written[place] = given[at + 3]
    with TemporaryDirectory(prefix="kiosk-fuzz-") as folder:
        path = Path(folder) / "kept.db"
        path.write_bytes(written)
        try:
            connection = connected(path)
        except (SpoolBroken, SpoolFull):
            assert path.read_bytes()[100:] == bytes(written)[100:] or path.stat().st_size == len(written)
            return SpoolBroken
        with closing(connection):
            rows = connection.execute(f"SELECT {COLUMNS} FROM held ORDER BY position").fetchall()
        held = [_held(row) for row in rows]
        for each in held:
            assert each.request is None or each.said in _SAID
        was_rescued = any(each.kind == LEFT for each in held)
        shutil.rmtree(path.with_name(f"{path.name}.damaged-1"), ignore_errors=True)
        return was_rescued, len(held)


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
        seeds=(b"\0\0\x10\xff", b"\0\x10\0\x0d", b"\0\x20\x05\x00\0\x20\x06\xff"),
        words=(b"\0\0\x12", b"\0\0\x3c", b"\0\x10\x01", b"\0\x20\0\x02", b"\0\x30\x07"),
    ),
)
