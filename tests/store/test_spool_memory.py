"""What a terminal remembers beside the kept scans: it is what was written, or it is not believed and that is told."""

import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest

from store.errors import SpoolBroken
from store.spool import Spool
from store.spool_file import LEFT
from tests.store.spool_files import NOW, copies, damaged_file, scan
from tests.store.spool_power_cut import PAGE, PowerCut, raw

_STOP, _TRAY = b'{"cleared":1,"stop":"","refusal":""}', b"J1044-S001-SET"
_MEMORY = {"stop": _STOP, "work": _TRAY}
_KEPT = [1, 2, 3]


async def remembering(path: Path) -> Path:
    """Make a spool with three scans that remembers a stop and a tray."""
    spool = await Spool.open(path)
    for number in _KEPT:
        await spool.keep(scan(), UUID(int=number), NOW)
    for name, said in _MEMORY.items():
        await spool.remember(name, said)
    await spool.close()
    return path


class Found(NamedTuple):
    """What a spool holds, remembers, and says of what it does not believe."""

    kept: list[int]
    lost: list[str]
    remembered: Mapping[str, bytes]
    unbelieved: tuple[str, ...]


async def found(path: Path) -> Found:
    """Open a spool, and look at all of it."""
    spool = await Spool.open(path)
    kept, lost, last = list[int](), list[str](), 0
    while (held := await spool.next(last)) is not None:
        last = held.position
        if held.request is None:
            lost.append(held.kind)
        else:
            kept.append(held.command_id.int)
    said = {name: await spool.remembered(name) for name in _MEMORY}
    unbelieved = await spool.unbelieved()
    await spool.close()
    return Found(kept, lost, {name: text for name, text in said.items() if text is not None}, unbelieved)


@pytest.mark.parametrize(
    ("change", "left", "told"),
    [
        ("said = CAST(replace(said, '1', '2') AS BLOB) WHERE name = 'stop'", {"work": _TRAY}, ("stop",)),
        ("said = x'' WHERE name = 'work'", {"stop": _STOP}, ("work",)),
        ("digest = x'00'", {}, ("stop", "work")),
        ("name = 'stpo' WHERE name = 'stop'", {"work": _TRAY}, ("stpo",)),
        ("name = CASE name WHEN 'stop' THEN 'other' ELSE 'stop' END", {}, ("other", "stop")),
        ("said = (SELECT said FROM remembered WHERE name = 'stop')", {"stop": _STOP}, ("work",)),
    ],
    ids=["one letter", "emptied", "no digest", "another name", "exchanged names", "one for another"],
)
async def test_what_the_disk_changed_of_a_memory_is_not_believed_and_told(
    tmp_path: Path, change: str, left: Mapping[str, bytes], told: tuple[str, ...]
) -> None:
    """Its digest knows its name: what is not what was written there is not remembered, and every kept scan is there."""
    path = await remembering(tmp_path / "QA-1.db")
    with contextlib.closing(raw(path)) as connection:
        connection.execute(f"UPDATE remembered SET {change}")
    assert await found(path) == (_KEPT, [], left, told)
    assert not copies(tmp_path)


async def test_what_is_remembered_anew_is_believed_again(tmp_path: Path) -> None:
    """The same words in place of what the disk changed, be it that only their digest was."""
    path = await remembering(tmp_path / "QA-1.db")
    with contextlib.closing(raw(path)) as connection:
        connection.execute("UPDATE remembered SET digest = x'00'")
    spool = await Spool.open(path)
    for name, said in _MEMORY.items():
        await spool.remember(name, said)
    await spool.close()
    assert await found(path) == (_KEPT, [], _MEMORY, ())


async def test_a_bit_that_turns_anywhere_in_a_memory_makes_nobody_believe_what_was_not_written(tmp_path: Path) -> None:
    """In its rows, in what finds them by name, in how SQLite keeps both: believed is what was written, or nothing."""
    path = await remembering(tmp_path / "QA-1.db")
    whole = path.read_bytes()
    places = _places_of_the_memory(path)
    assert len(places) > 120
    outcomes = set[str]()
    for at in places:
        damaged = tmp_path / "damaged" / str(at) / "QA-1.db"
        damaged.parent.mkdir(parents=True)
        file = bytearray(whole)
        file[at] ^= 1 << at % 8
        damaged.write_bytes(file)
        try:
            now = await found(damaged)
        except SpoolBroken:
            # Told, and left as it is.
            assert damaged.read_bytes() == file
            outcomes.add("refused")
            continue
        assert now.kept == _KEPT
        assert now.remembered.items() <= _MEMORY.items()
        is_told = bool(now.unbelieved) or LEFT in now.lost
        assert is_told or now.remembered == _MEMORY
        outcomes.add("rescued" if LEFT in now.lost else "not believed" if now.unbelieved else "as it was")
    assert outcomes >= {"rescued", "not believed"}


def _places_of_the_memory(path: Path) -> list[int]:
    """Return where in a file something stands of what is remembered: in its rows, and in what finds them by name."""
    with contextlib.closing(raw(path)) as connection:
        pages = [
            page - 1
            for (page,) in connection.execute("SELECT rootpage FROM sqlite_schema WHERE tbl_name = 'remembered'")
        ]
    whole = path.read_bytes()
    return [at for page in pages for at in range(page * PAGE, (page + 1) * PAGE) if whole[at]]


@pytest.fixture
async def power_cut(tmp_path: Path) -> PowerCut:
    """What the power leaves of a stop that takes the place of another."""
    path = await remembering(tmp_path / "at work" / "QA-1.db")
    return PowerCut.in_the_middle_of_remembering(path, "stop", b'{"cleared":2}' * 400)


async def test_a_power_cut_in_the_middle_of_remembering_leaves_what_was_or_what_is(
    power_cut: PowerCut, tmp_path: Path
) -> None:
    """Whichever pages were written: nothing is half of the one and half of the other, and no kept scan is touched."""
    assert len(power_cut.changed) > 2
    was = (_KEPT, [], _MEMORY, ())
    for written in range(2 ** len(power_cut.changed)):
        path = power_cut.leave(tmp_path / str(written) / "QA-1.db", power_cut.torn(written))
        assert await found(path) == was
        assert not copies(path.parent)
    path = power_cut.leave(tmp_path / "half" / "QA-1.db", power_cut.before, power_cut.journal[:3000])
    assert await found(path) == was
    path = power_cut.leave(tmp_path / "whole" / "QA-1.db", power_cut.after, b"")
    assert await found(path) == (_KEPT, [], _MEMORY | {"stop": b'{"cleared":2}' * 400}, ())


async def test_half_of_what_was_to_be_remembered_is_not_believed_without_its_journal(
    power_cut: PowerCut, tmp_path: Path
) -> None:
    """The journal is gone, and SQLite takes nothing back: all that was kept is there, and half a memory is told."""
    either = (_MEMORY, _MEMORY | {"stop": b'{"cleared":2}' * 400})
    not_believed = 0
    for written in range(2 ** len(power_cut.changed)):
        path = power_cut.leave(tmp_path / str(written) / "QA-1.db", power_cut.torn(written), b"")
        now = await found(path)
        assert now.kept == _KEPT
        assert now.unbelieved or LEFT in now.lost or now.remembered in either
        assert all(said in {each.get(name) for each in either} for name, said in now.remembered.items())
        assert now.remembered["work"] == _TRAY
        not_believed += now.unbelieved == ("stop",)
    assert not_believed


async def test_a_rescue_makes_nothing_believed_that_was_not(tmp_path: Path) -> None:
    """What the disk changed of a memory goes over into the new file as it is found: no digest is made to fit it."""
    path = tmp_path / "QA-1.db"
    await damaged_file(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE remembered SET said = CAST(replace(said, 'S001', 'S002') AS BLOB)")
    now = await found(path)
    assert LEFT in now.lost
    assert (now.remembered, now.unbelieved) == ({}, ("work",))
