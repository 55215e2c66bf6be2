"""Which position was given last in a file of kept scans, and how many waited: noted beside it, to miss it by."""

import os
from pathlib import Path
from uuid import UUID

import pytest

from store.spool import Spool
from store.spool_claim import note
from store.spool_file import GONE, LEFT
from tests.store.spool_files import NOW, copies, found, scan


async def _kept(path: Path, *numbers: int) -> None:
    spool = await Spool.open(path)
    for number in numbers:
        await spool.keep(scan(), UUID(int=number), NOW)
    await spool.close()


async def _delivered(path: Path) -> None:
    spool = await Spool.open(path)
    while (held := await spool.next()) is not None:
        await spool.answered(held.position)
    await spool.close()


async def test_a_file_that_is_gone_while_its_kiosk_is_is_told_where_anything_waited_in_it(tmp_path: Path) -> None:
    """Somebody removed it: the line stands that some may be lost, once, and what is kept next is behind it."""
    path = tmp_path / "QA-1.db"
    await _kept(path, 1, 2, 3)
    path.unlink()
    assert not await Spool.holds_nothing(path)
    await _kept(path, 4)
    assert await found(path) == ([4], [GONE])
    assert await found(path) == ([4], [GONE])


async def test_a_file_that_is_put_back_as_it_was_is_told_where_anything_waited_since(tmp_path: Path) -> None:
    """What it holds is delivered, once more where it was before, and the line stands for what came after it."""
    path = tmp_path / "QA-1.db"
    await _kept(path, 1, 2)
    before = path.read_bytes()
    await _delivered(path)
    await _kept(path, 3)
    path.write_bytes(before)
    assert not await Spool.holds_nothing(path)
    assert await found(path) == ([1, 2], [LEFT])
    assert await found(path) == ([1, 2], [LEFT])
    (copy,) = copies(path.parent)
    assert (copy / path.name).read_bytes() == before


async def test_a_file_in_which_nothing_waited_may_go_and_come_back(tmp_path: Path) -> None:
    """All of it is in the log: nothing is told, whatever becomes of the file, and its note is the new one's."""
    path = tmp_path / "QA-1.db"
    await _kept(path, 1, 2)
    before = path.read_bytes()
    await _delivered(path)
    path.unlink()
    assert await Spool.holds_nothing(path)
    assert await found(path) == ([], [])
    path.write_bytes(before)
    assert await found(path) == ([1, 2], [])
    assert not copies(path.parent)


@pytest.mark.parametrize("note", [b"", b"\0" * 400, b" " * 256 + b"9 9 " + b"0" * 32, b" " * 300])
async def test_a_note_that_the_power_took_tells_of_no_damage(tmp_path: Path, note: bytes) -> None:
    """It is never flushed: gone, empty or rubbish, it says nothing of a file that is sound."""
    path = tmp_path / "QA-1.db"
    await _kept(path, 1, 2)
    path.with_name(f"{path.name}.lock").write_bytes(note)
    assert await found(path) == ([1, 2], [])
    path.with_name(f"{path.name}.lock").unlink()
    assert await found(path) == ([1, 2], [])
    assert not copies(path.parent)


@pytest.mark.parametrize("waiting", [1, 10**20, -3])
@pytest.mark.parametrize("newest", [0, -5, 2**53, 2**63 - 1, 2**63, 10**30])
async def test_a_note_that_says_what_no_spool_can_say_is_not_believed(
    tmp_path: Path, newest: int, waiting: int
) -> None:
    """Given one that was written on purpose, when the file is used, then as if nothing were noted, there or gone."""
    path = tmp_path / "QA-1.db"
    await _kept(path, 1, 2)
    _noting(path, newest, waiting)
    await _kept(path, 3)
    assert await found(path) == ([1, 2, 3], [])
    path.unlink()
    _noting(path, newest, waiting)
    assert await Spool.holds_nothing(path)
    await _kept(path, 4)
    assert await found(path) == ([4], [])


async def test_a_note_of_the_largest_number_is_told_and_the_file_goes_on_behind_it(tmp_path: Path) -> None:
    """Given the last number that is believed, when scans are kept behind it, then each of them has a position."""
    path = tmp_path / "QA-1.db"
    await _kept(path, 1)
    path.unlink()
    _noting(path, 2**53 - 1, 1)
    await _kept(path, 2, 3)
    assert await found(path) == ([2, 3], [GONE])


async def test_a_lock_longer_than_the_memory_is_read_where_the_note_stands(tmp_path: Path) -> None:
    """Given a lock that somebody made a terabyte long, when the file is opened, then it is as good as ever."""
    path = tmp_path / "QA-1.db"
    await _kept(path, 1)
    os.truncate(path.with_name("QA-1.db.lock"), 2**40)
    await _kept(path, 2)
    assert await found(path) == ([1, 2], [])


def _noting(path: Path, newest: int, waiting: int) -> None:
    lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    note(lock, newest, waiting)
    os.close(lock)
