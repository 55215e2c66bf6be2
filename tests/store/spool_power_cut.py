"""What a power cut leaves of a spool in the middle of a change: pages, old and new, and the journal.

The change is one more request that is kept, or a text that is remembered.

SQLite flushes the journal, then writes the pages in any order, then empties the journal.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from store.held_requests import encoded
from store.spool_file import VERSION, connected
from store.spool_tables import added, changing, remember
from tests.store.spool_goldens import HELD

PAGE = 4096
_MAGIC = bytes.fromhex("d9d505f920a163d7")


@dataclass(frozen=True)
class PowerCut:
    """The file before a change and after it, and the journal that leads from here to there."""

    before: bytes
    after: bytes
    journal: bytes

    @classmethod
    def in_the_middle_of_one_more(cls, path: Path) -> Self:
        """Keep one more request in a sound spool that nobody has open."""
        at = HELD[0].at.isoformat()
        fields = ("00000000-0000-0000-0000-0000000000ff", "Scan", encoded(HELD[0]), at, "", 0.0)
        return cls._in_the_middle_of(path, lambda connection: added(connection, fields))

    @classmethod
    def in_the_middle_of_remembering(cls, path: Path, name: str, said: bytes) -> Self:
        """Remember a text under a name in a sound spool that nobody has open."""
        return cls._in_the_middle_of(path, lambda connection: remember(connection, name, said))

    @classmethod
    def _in_the_middle_of(cls, path: Path, change: Callable[[sqlite3.Connection], object]) -> Self:
        with closing(connected(path)) as connection:
            before = path.read_bytes()
            with changing(connection):
                # The first page, which is otherwise put into the journal at the very end.
                connection.execute(f"PRAGMA user_version = {VERSION}")
                change(connection)
                written = bytearray(path.with_name(f"{path.name}-journal").read_bytes())
        # What makes it a journal, and how many pages are in it, is written last, when they are on the disk.
        written[:8] = _MAGIC
        header = int.from_bytes(written[20:24], "big")
        written[8:12] = ((len(written) - header) // (PAGE + 8)).to_bytes(4, "big")
        return cls(before, path.read_bytes(), bytes(written))

    @property
    def changed(self) -> tuple[int, ...]:
        """Where the pages begin that were changed."""
        places = range(0, max(len(self.before), len(self.after)), PAGE)
        return tuple(at for at in places if self.before[at : at + PAGE] != self.after[at : at + PAGE])

    def torn(self, written: int) -> bytes:
        """Return the file as it is when only some of the changed pages were written: those whose bit is set."""
        file = bytearray(self.before)
        for number, at in enumerate(self.changed):
            if written >> number & 1:
                # Where the page before it was not written there is a hole.
                file.extend(bytes(max(0, at - len(file))))
                file[at : at + PAGE] = self.after[at : at + PAGE]
        return bytes(file)

    def leave(self, path: Path, file: bytes, journal: bytes | None = None) -> Path:
        """Put a file and what there is of a journal on the disk, as the power left them."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file)
        path.with_name(f"{path.name}-journal").write_bytes(self.journal if journal is None else journal)
        return path


def raw(path: Path) -> sqlite3.Connection:
    """Open a file as anybody may, past the program."""
    return sqlite3.connect(path, isolation_level=None)
