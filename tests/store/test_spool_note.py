"""Which position was given last in a file of kept scans, and how many waited: noted beside it, to miss it by."""

from pathlib import Path
from uuid import UUID

import pytest

from store.spool import Spool
from store.spool_file import LEFT
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
    assert await found(path) == ([4], [LEFT])
    assert await found(path) == ([4], [LEFT])


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
