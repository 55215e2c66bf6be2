"""Files of kept scans that earlier versions of the program wrote: all of it is read, and what is missing is told."""

import contextlib
from pathlib import Path
from uuid import UUID

import pytest

from store.spool import Spool
from store.spool_file import LEFT, VERSION
from tests.store.spool_files import copies, found, written
from tests.store.spool_goldens import FOLDER, HELD, REMEMBERED
from tests.store.spool_power_cut import PAGE, raw


@pytest.mark.parametrize("golden", sorted(FOLDER.glob("*.sql")), ids=lambda path: path.stem)
async def test_a_spool_of_every_earlier_version_is_read(golden: Path, tmp_path: Path) -> None:
    """An upgrade of the program in the middle of an outage loses nothing: all is there, in order, under its ids."""
    path = tmp_path / "QA-1.db"
    written(path, golden)
    spool = await Spool.open(path)
    assert await spool.count() == len(HELD)
    for number, request in enumerate(HELD, start=1):
        held = await spool.next()
        assert held is not None
        assert (held.command_id, held.request, held.held_at.moment) == (UUID(int=number), request, request.at)
        await spool.answered(held.position)
    for name, said in REMEMBERED.items():
        assert await spool.remembered(name) == said
    assert await spool.unbelieved() == ()
    assert spool._connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    await spool.close()


@pytest.mark.parametrize("golden", sorted(FOLDER.glob("*.sql")), ids=lambda path: path.stem)
async def test_an_upgraded_spool_is_a_sound_one_when_it_is_opened_again(golden: Path, tmp_path: Path) -> None:
    """What earlier programs wrote in other words is no damage: nothing is told, and nothing is copied."""
    path = tmp_path / "QA-1.db"
    written(path, golden)
    for _ in range(3):
        assert await found(path) == (list(range(1, len(HELD) + 1)), [])
    assert not copies(tmp_path)


@pytest.mark.parametrize("change", ["held_at = 'no moment'", "command_id = 'no id'"])
async def test_what_was_damaged_before_it_had_a_digest_stops_nothing(tmp_path: Path, change: str) -> None:
    """Version 1 had none: what can be no id and no moment is told, and what is behind it is delivered."""
    path = tmp_path / "QA-1.db"
    written(path, FOLDER / "spool-1.sql")
    with contextlib.closing(raw(path)) as connection:
        connection.execute(f"UPDATE held SET {change} WHERE position = 2")
    assert await found(path) == ([1, *range(3, len(HELD) + 1)], ["Scan"])


@pytest.mark.parametrize(
    ("change", "ids", "told"),
    [
        ("DELETE FROM held WHERE position = 2", [1, *range(3, 11)], [LEFT]),
        ("UPDATE held SET kind = 'CutSheet' WHERE position = 2", [1, *range(3, 11)], ["CutSheet"]),
        ("DROP TABLE remembered", list(range(1, 11)), [LEFT]),
        ("UPDATE counted SET waiting = 9", list(range(1, 11)), [LEFT]),
    ],
)
async def test_what_was_damaged_before_an_upgrade_is_told_after_it(
    tmp_path: Path, change: str, ids: list[int], told: list[str]
) -> None:
    """Version 3 counted what is in it and gave it digests already: an upgrade gives no damage a digest that fits."""
    path = tmp_path / "QA-1.db"
    written(path, FOLDER / "spool-3.sql")
    with contextlib.closing(raw(path)) as connection:
        connection.execute(change)
    assert await found(path) == (ids, told)


def test_every_version_has_its_golden_spool() -> None:
    """Whoever changes the file writes down what it was."""
    assert [path.stem for path in sorted(FOLDER.glob("*.sql"))] == [f"spool-{n}" for n in range(1, VERSION + 1)]


# -- files in the form of earlier programs, which kept a log beside them --------------------------


def _with_a_log(path: Path) -> Path:
    """Make a spool of version 2 with ten requests, of which the last five stand in its log only; return the log."""
    path.parent.mkdir(parents=True)
    written(path, FOLDER / "spool-2.sql")
    work = path.with_name("at work.db")
    with contextlib.closing(raw(path)) as connection:
        connection.execute("CREATE TEMP TABLE later AS SELECT * FROM held WHERE position > 5")
        connection.execute("DELETE FROM held WHERE position > 5")
        connection.execute("PRAGMA journal_mode = WAL")
        for position in range(6, 11):
            connection.execute("INSERT INTO held SELECT * FROM later WHERE position = ?", (position,))
        log = path.with_name(f"{path.name}-wal")
        file, in_log = path.read_bytes(), log.read_bytes()
        path.rename(work)
    path.write_bytes(file)
    log.write_bytes(in_log)
    return log


async def test_what_earlier_programs_left_in_a_log_is_read(tmp_path: Path) -> None:
    """An upgrade brings it into the one file, and the log is no more."""
    path = tmp_path / "kept" / "QA-1.db"
    log = _with_a_log(path)
    assert await found(path) == (list(range(1, 11)), [])
    assert not log.exists()
    assert not copies(path.parent)


async def test_a_log_of_earlier_programs_that_is_damaged_is_told(tmp_path: Path) -> None:
    """SQLite takes any damage there for the end and says nothing of what is behind it."""
    whole = _with_a_log(tmp_path / "whole" / "QA-1.db").read_bytes()
    frame = 24 + PAGE
    for place in (0, 9, 17, 27, 32 + 8, 32 + 200, 32 + frame + 12, 32 + 2 * frame + 1000):
        path = tmp_path / str(place) / "QA-1.db"
        log = _with_a_log(path)
        damaged = bytearray(whole)
        damaged[place] ^= 1
        log.write_bytes(damaged)
        ids, told = await found(path)
        assert told == [LEFT]
        assert ids == list(range(1, len(ids) + 1))


async def test_a_log_of_earlier_programs_may_end_in_the_middle_and_hold_older_rounds(tmp_path: Path) -> None:
    """The power failed in the middle of a write, or the log had begun anew: nothing is missing, and nothing is told."""
    path = tmp_path / "kept" / "QA-1.db"
    log = _with_a_log(path)
    in_log = log.read_bytes()
    older = bytearray(in_log[32 : 32 + 24 + PAGE])
    older[8:16] = b"\x01\x02\x03\x04\x05\x06\x07\x08"
    log.write_bytes(in_log + older + older[:2000])
    assert await found(path) == (list(range(1, 11)), [])
