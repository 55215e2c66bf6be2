"""Files of kept scans as the tests make them, damage them, and look at what is in them afterwards."""

import contextlib
import sqlite3
from pathlib import Path
from uuid import UUID

from core.production.scan import Scan
from store.clock import ClockReading
from store.spool import Spool
from tests.core.shop import INSPECTOR, QA, START

NOW = ClockReading(START)


def scan(text: str = "J1044-S001-01") -> Scan:
    """Return a scan at a bench."""
    return Scan(text=text, station=QA, operator_id=INSPECTOR, at=START)


def written(path: Path, golden: Path) -> None:
    """Write a golden spool to a file."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(golden.read_text(encoding="utf-8"))


async def damaged_file(path: Path) -> bytes:
    """Make a spool of a hundred scans with one page of nonsense in its middle; return what is in it then."""
    spool = await Spool.open(path)
    await spool.remember("work", b"J1044-S001-SET")
    for number in range(1, 101):
        await spool.keep(scan(f"J1044-S001-{number:02d}"), UUID(int=number), NOW)
    await spool.close()
    return _damage(path)


def copies(folder: Path) -> list[Path]:
    """Return the folders with what was found damaged."""
    return list(folder.glob("*.damaged-*"))


def _damage(path: Path) -> bytes:
    written = bytearray(path.read_bytes())
    at = written.index(b"J1044-S001-50") // 4096 * 4096
    written[at : at + 4096] = b"\xa5" * 4096
    path.write_bytes(written)
    return bytes(written)


async def kept(path: Path, number: int) -> None:
    """Keep so many requests, under the ids 1, 2, 3 and so on."""
    spool = await Spool.open(path)
    for each in range(1, number + 1):
        await spool.keep(scan(), UUID(int=each), NOW)
    await spool.close()


async def found(path: Path) -> tuple[list[int], list[str]]:
    """Open a spool; return the ids of what can be delivered, in order, and the kinds of what is told instead."""
    spool = await Spool.open(path)
    ids, told, last = list[int](), list[str](), 0
    while (held := await spool.next(last)) is not None:
        last = held.position
        if held.request is None:
            told.append(held.kind)
        else:
            ids.append(held.command_id.int)
    await spool.close()
    return ids, told
