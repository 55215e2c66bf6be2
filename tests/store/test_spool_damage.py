"""Files of kept scans that the disk or the power damaged: no loss is a silent one."""

import asyncio
import contextlib
import errno
import os
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from core.production.scan import Scan
from store.clock import ClockReading
from store.errors import SpoolBroken, SpoolDamaged, SpoolTaken
from store.held_requests import decoded, encoded
from store.spool import Spool
from store.spool_file import LEFT, translated
from store.spool_file import _flush as flush
from store.spool_file import _flush_folders as flush_folders
from store.spool_tables import added, changing, digest
from store.terminal_memory import badges_in, stations_in, stop_in
from tests.core.shop import START
from tests.store.spool_files import NOW, copies, damaged_file, found, kept, scan
from tests.store.spool_goldens import HELD
from tests.store.spool_power_cut import PAGE, PowerCut, raw


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    """An empty spool."""
    opened = await Spool.open(tmp_path / "kept" / "QA-1.db")
    yield opened
    await opened.close()


async def test_how_a_request_was_dated_is_kept_with_it(spool: Spool) -> None:
    """So that it can be put into the database's time later."""
    reading = ClockReading(START, "this run of the machine", 12.345678901)
    await spool.keep(scan(), uuid4(), reading)
    held = await spool.next()
    assert held is not None
    assert held.held_at == reading


@pytest.mark.parametrize(
    ("column", "was", "now"),
    [("command_id", "0", "1"), ("kind", "Scan", "CutSheet"), ("request", "S001", "S011"), ("held_at", "06:", "07:")],
)
async def test_what_the_disk_changed_is_never_delivered(spool: Spool, column: str, was: str, now: str) -> None:
    """One letter of it is another, and SQLite does not see it: J1044-S001-01 must not become another card."""
    await spool.keep(scan(), UUID(int=7), NOW)
    kind = "BLOB" if column == "request" else "TEXT"
    changed = f"UPDATE held SET {column} = CAST(replace({column}, ?, ?) AS {kind})"
    spool._connection.execute(changed, (was, now))
    held = await spool.next()
    assert held is not None
    assert held.request is None
    again = await spool.next()
    assert again is not None
    assert again.command_id == held.command_id


async def test_a_damaged_id_or_moment_stops_nothing(spool: Spool) -> None:
    """They cannot be read at all: it is told under an id of its own, always the same one."""
    await spool.keep(scan(), uuid4(), NOW)
    spool._connection.execute("UPDATE held SET command_id = 'not an id', held_at = 'no moment'")
    first, second = await spool.next(), await spool.next()
    assert first is not None
    assert first.request is None
    assert first == second
    await spool.answered(first.position)
    assert await spool.count() == 0


async def test_a_request_with_a_field_that_this_program_does_not_know_is_told_and_never_delivered(
    spool: Spool,
) -> None:
    """A newer program wrote it there because it means something: at any depth, in every kind of request."""
    for number, request in enumerate(HELD, start=1):
        kind, whole = type(request).__name__, msgspec.json.decode(encoded(request))
        assert decoded(kind, msgspec.json.encode(whole)) == request
        for known in _tables_in(whole):
            known["of a newer program"] = None
            assert decoded(kind, msgspec.json.encode(whole)) is None
            del known["of a newer program"]
        whole["of a newer program"] = "changes what it means"
        fields = (str(UUID(int=number)), kind, msgspec.json.encode(whole), START.isoformat(), "", 0.0)
        with changing(spool._connection):
            added(spool._connection, fields)
        held = await spool.next()
        assert held is not None
        assert (held.request, held.kind) == (None, kind)
        assert b"changes what it means" in held.said
        await spool.answered(held.position)


def _tables_in(said: Any) -> list[dict[str, Any]]:
    within = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
    return [table for each in within for table in _tables_in(each)] + ([said] if isinstance(said, dict) else [])


async def test_what_can_be_read_of_a_damaged_file_is_delivered_and_the_rest_is_told(tmp_path: Path) -> None:
    """A page of it is nonsense: those before and behind go on in order, the file stays, and a line says so."""
    path = tmp_path / "QA-1.db"
    as_found = await damaged_file(path)
    spool = await Spool.open(path)
    found: list[int] = []
    while (held := await spool.next()) is not None and held.kind != LEFT:
        assert isinstance(held.request, Scan)
        found.append(held.command_id.int)
        await spool.answered(held.position)
    assert held is not None
    assert held.request is None
    assert b"QA-1.db.damaged-1" in held.said
    assert found == sorted(found)
    assert {1, 100} <= set(found)
    assert 50 < len(found) < 100
    assert await spool.remembered("work") == b"J1044-S001-SET"
    assert (tmp_path / "QA-1.db.damaged-1" / "QA-1.db").read_bytes() == as_found
    await spool.keep(scan(), uuid4(), NOW)
    await spool.close()
    spool = await Spool.open(path)
    assert await spool.count() == 2
    await spool.close()


async def test_a_damaged_file_that_cannot_be_saved_yet_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No room for a copy: a sentence, no copies that fill the disk further, and with room it goes on."""
    path = tmp_path / "QA-1.db"
    as_found = await damaged_file(path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copy2", full)
        for _ in range(3):
            with pytest.raises(SpoolBroken, match="No space left"):
                await Spool.open(path)
    assert path.read_bytes() == as_found
    assert not copies(tmp_path)
    await (await Spool.open(path)).close()


@pytest.fixture
async def power_cut(tmp_path: Path) -> PowerCut:
    """What the power leaves of five requests that were confirmed and a sixth that was not."""
    path = tmp_path / "at work" / "QA-1.db"
    await kept(path, 5)
    return PowerCut.in_the_middle_of_one_more(path)


async def test_a_power_cut_in_the_middle_of_a_write_costs_nothing_that_was_confirmed(
    power_cut: PowerCut, tmp_path: Path
) -> None:
    """Whichever pages were written: what was confirmed before is there, what was not is not, and nothing is told."""
    assert len(power_cut.changed) > 2
    for written in range(2 ** len(power_cut.changed)):
        path = power_cut.leave(tmp_path / str(written) / "QA-1.db", power_cut.torn(written))
        assert await found(path) == ([1, 2, 3, 4, 5], [])
        assert not copies(path.parent)
    half = power_cut.journal[: len(power_cut.journal) // 2]
    path = power_cut.leave(tmp_path / "half" / "QA-1.db", power_cut.before, half)
    assert await found(path) == ([1, 2, 3, 4, 5], [])
    path = power_cut.leave(tmp_path / "whole" / "QA-1.db", power_cut.after, b"")
    assert await found(path) == ([1, 2, 3, 4, 5, 255], [])


@pytest.mark.parametrize("journal", ["gone", "no journal any more", "of no file", "one page short", "of other pages"])
async def test_a_journal_that_is_gone_or_damaged_loses_nothing_unseen(
    power_cut: PowerCut, tmp_path: Path, journal: str
) -> None:
    """Needed to take back half a write, and not what it was: all that was confirmed is there, or a line says so."""
    left = bytearray(power_cut.journal)
    match journal:
        case "gone":
            left = bytearray()
        case "no journal any more":
            left[0] ^= 1
        case "of no file":
            left[16:20] = (1).to_bytes(4, "big")
        case "one page short":
            left[8:12] = (len(power_cut.changed) - 1).to_bytes(4, "big")
        case _:
            left[int.from_bytes(left[20:24], "big") + 3] ^= 3
    for written in range(2 ** len(power_cut.changed)):
        path = power_cut.leave(tmp_path / str(written) / "QA-1.db", power_cut.torn(written), bytes(left))
        ids, told = await found(path)
        assert told or ids in ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 255])
        assert ids == sorted(ids)
        if LEFT in told:
            (copy,) = copies(path.parent)
            assert (copy / "QA-1.db").read_bytes() == power_cut.torn(written)


@pytest.mark.parametrize("gone", ["position = 1", "position IN (3, 4)", "position = 5", "1"])
async def test_a_kept_scan_that_is_missing_is_told_whatever_took_it(tmp_path: Path, gone: str) -> None:
    """The file is sound and counts what it holds: the first, the last or all that are gone are no silence."""
    path = tmp_path / "QA-1.db"
    await kept(path, 5)
    with contextlib.closing(raw(path)) as connection:
        connection.execute(f"DELETE FROM held WHERE {gone}")
    ids, told = await found(path)
    assert told == [LEFT]
    assert len(ids) < 5
    assert await found(path) == (ids, [LEFT])


async def test_a_count_that_was_changed_is_told(tmp_path: Path) -> None:
    """It has a digest like every request: nothing hides what is missing by a number that fits."""
    path = tmp_path / "QA-1.db"
    await kept(path, 5)
    with contextlib.closing(raw(path)) as connection:
        connection.execute("DELETE FROM held WHERE position = 5")
        connection.execute("UPDATE counted SET waiting = 4")
    assert await found(path) == ([1, 2, 3, 4], [LEFT])


async def test_what_goes_missing_under_a_kiosk_at_work_is_noticed_there(spool: Spool) -> None:
    """When nothing more is found to deliver, and by whoever counts; opened anew, the file says what happened."""
    for number in (1, 2):
        await spool.keep(scan(), UUID(int=number), NOW)
    with contextlib.closing(raw(spool.path)) as connection:
        connection.execute("DELETE FROM held WHERE position = 2")
    first = await spool.next()
    assert first is not None
    await spool.answered(first.position)
    for looked_at in (spool.next(), spool.count()):
        with pytest.raises(SpoolDamaged, match="0 scans are in it, and 1 ought to be"):
            await looked_at


async def test_what_has_another_place_in_the_order_is_never_delivered(tmp_path: Path) -> None:
    """The disk made the first one the last: its digest knows its position."""
    path = tmp_path / "QA-1.db"
    await kept(path, 5)
    with contextlib.closing(raw(path)) as connection:
        connection.execute("UPDATE held SET position = 6 WHERE position = 1")
        connection.execute("UPDATE counted SET newest = 6, digest = ?", (digest((6, 5)),))
    assert await found(path) == ([2, 3, 4, 5], ["Scan"])


async def test_nothing_that_is_confirmed_stands_beside_the_file_alone(tmp_path: Path) -> None:
    """The one file is all: whoever copies it has it, and whoever removes what lies beside it takes nothing."""
    path = tmp_path / "QA-1.db"
    spool = await Spool.open(path)
    for number in range(1, 6):
        await spool.keep(scan(), UUID(int=number), NOW)
        for beside in path.parent.iterdir():
            assert beside in {path, path.with_name("QA-1.db.lock")} or not beside.stat().st_size
            if beside.name.endswith("-journal"):
                beside.unlink()
    copy = tmp_path / "after the power failed" / "QA-1.db"
    copy.parent.mkdir()
    shutil.copy2(path, copy)
    await spool.close()
    assert await found(copy) == ([1, 2, 3, 4, 5], [])


@pytest.mark.parametrize("before", ["", "rubbish", "journal"])
async def test_a_file_that_is_empty_or_gone_beside_what_belongs_to_it_is_told(tmp_path: Path, before: str) -> None:
    """A spool comes to its place whole, so what is there without its tables is what a disk left of one."""
    path = tmp_path / "QA-1.db"
    if before == "journal":
        path.with_name("QA-1.db-journal").write_bytes(b"what would be taken back into another file" * 20)
    else:
        path.write_bytes(b"")
    assert await found(path) == ([], [LEFT])


async def test_a_rescue_that_the_power_ends_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two of its steps: what could be read is delivered once, and the line and the copy stand."""
    for steps in range(3):
        path = tmp_path / str(steps) / "QA-1.db"
        as_found = await damaged_file(path)
        left = steps

        def power(folder: Path) -> None:
            nonlocal left
            if not left:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            left -= 1
            flush_folders(folder)

        with monkeypatch.context() as patched:
            patched.setattr("store.spool_file._flush_folders", power)
            with pytest.raises(SpoolBroken, match="Input/output"):
                await Spool.open(path)
        ids, told = await found(path)
        assert {1, 100} <= set(ids)
        assert told == [LEFT]
        assert as_found in [(copy / "QA-1.db").read_bytes() for copy in copies(path.parent)]


async def test_what_was_changed_before_a_rescue_failed_is_put_back(
    power_cut: PowerCut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rolled back by a damaged journal, and no room for the rest: the next attempt finds what this one found."""
    journal, length = bytearray(power_cut.journal), 4 + PAGE + 4
    first = int.from_bytes(journal[20:24], "big")
    (at,) = (at for at in range(first, len(journal), length) if journal[at : at + 4] == b"\0\0\0\1")
    # What kind of page the first one is, which the page's sum in the journal does not cover.
    journal[at + 4 + 100] ^= 4
    path = power_cut.leave(tmp_path / "torn" / "QA-1.db", power_cut.torn(1), bytes(journal))
    copy2 = shutil.copy2

    def no_room_but_for_the_copy(source: Path, place: Path) -> Path:
        if place.parent == path.parent:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return Path(copy2(source, place))

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copy2", no_room_but_for_the_copy)
        patched.setattr("store.spool_file._rescue", no_room)
        with pytest.raises(SpoolBroken, match="No space left"):
            await Spool.open(path)
    assert path.read_bytes() == power_cut.torn(1)
    assert path.with_name("QA-1.db-journal").read_bytes() == bytes(journal)
    assert not copies(path.parent)


async def test_every_damage_is_told_under_an_id_of_its_own(tmp_path: Path) -> None:
    """Another terminal's, or a later one in the same words: the log must not take it for what it was told before."""
    path = tmp_path / "QA-1.db"
    ids = set[UUID]()
    for _ in range(2):
        path.write_bytes(b"")
        spool = await Spool.open(path)
        held, again = await spool.next(), await spool.next()
        await spool.close()
        assert held is not None
        assert held == again
        assert b"QA-1.db.damaged-1" in held.said
        ids.add(held.command_id)
        shutil.rmtree(tmp_path / "QA-1.db.damaged-1")
    assert len(ids) == 2


@pytest.mark.parametrize("table", ["held", "remembered", "counted"])
async def test_a_table_of_which_the_words_are_no_text_is_damage_like_any_other(tmp_path: Path, table: str) -> None:
    """One bit of what SQLite knows of it makes bytes of them, and SQLite reads it all the same: a line says so."""
    path = tmp_path / "QA-1.db"
    await kept(path, 5)
    with contextlib.closing(raw(path)) as connection:
        connection.execute("PRAGMA writable_schema = on")
        connection.execute("UPDATE sqlite_schema SET sql = CAST(sql AS BLOB) WHERE name = ?", (table,))
    ids, told = await found(path)
    assert ids == [1, 2, 3, 4, 5]
    assert told == [LEFT]


@pytest.mark.parametrize("version", [0, 1, 2, 3])
async def test_a_version_that_the_disk_changed_is_damage_like_any_other(tmp_path: Path, version: int) -> None:
    """It is no file of an earlier program, for its tables are of today: all of it is read, and a line says so."""
    path = tmp_path / "QA-1.db"
    await kept(path, 5)
    with contextlib.closing(raw(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    assert await found(path) == ([1, 2, 3, 4, 5], [LEFT])


@pytest.mark.parametrize("code", ["CORRUPT", "CORRUPT_INDEX", "CORRUPT_SEQUENCE", "NOTADB", "ERROR"])
def test_a_file_at_work_that_is_no_spool_any_more_is_opened_anew(code: str, tmp_path: Path) -> None:
    """SQLite has many words for it, down to a table that is missing; opened anew, the file is saved or refused."""
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = getattr(sqlite3, f"SQLITE_{code}")
    assert isinstance(translated(tmp_path, error), SpoolDamaged)


async def test_every_folder_that_was_made_for_a_file_outlasts_the_power(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name of each is flushed in the one above it: a folder that is lost takes all with it that is below."""
    flushed = set[Path]()

    def noted(path: Path) -> None:
        flush(path)
        flushed.add(path)

    monkeypatch.setattr("store.spool_file._flush", noted)
    path = tmp_path / "state" / "kiosk" / "spool" / "QA-1.db"
    await kept(path, 1)
    assert flushed >= {tmp_path, tmp_path / "state", tmp_path / "state" / "kiosk", path.parent}


async def test_whoever_does_not_wait_for_the_end_of_a_file_leaves_no_lock(tmp_path: Path) -> None:
    """Cancelled while a slow disk still writes: opened anew, the file is not taken for another kiosk's."""
    spool = await Spool.open(tmp_path / "QA-1.db")
    slow = threading.Event()
    spool._thread.submit(slow.wait)
    closing = asyncio.create_task(spool.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    slow.set()
    await asyncio.to_thread(spool._thread.shutdown)
    await (await Spool.open(tmp_path / "QA-1.db")).close()


async def test_a_file_that_was_taken_away_keeps_nothing_more(spool: Spool) -> None:
    """SQLite would write on into nowhere: the line stops instead, and what it held can still be delivered."""
    await spool.keep(scan(), UUID(int=1), NOW)
    spool.path.unlink()
    with pytest.raises(SpoolTaken, match="Do not restart"):
        await spool.keep(scan(), UUID(int=2), NOW)
    held = await spool.next()
    assert held is not None
    assert held.command_id == UUID(int=1)


async def test_a_disk_that_takes_no_writes_is_told(tmp_path: Path) -> None:
    """Mounted read-only: what is kept there stays, and whoever starts is told why nothing can be kept."""
    path = tmp_path / "QA-1.db"
    spool = await Spool.open(path)
    await spool.keep(scan(), UUID(int=1), NOW)
    spool._connection.execute("PRAGMA query_only = on")
    with pytest.raises(SpoolBroken, match="readonly"):
        await spool.keep(scan(), UUID(int=2), NOW)
    spool._connection.execute("PRAGMA query_only = off")
    assert await spool.keep(scan(), UUID(int=2), NOW) == 2
    await spool.close()


async def test_what_was_kept_last_can_be_looked_at(spool: Spool) -> None:
    """Newest first, and not more than asked for."""
    for number in range(1, 6):
        await spool.keep(scan(), UUID(int=number), NOW)
    assert [held.command_id.int for held in await spool.newest(3)] == [5, 4, 3]
    assert await spool.count() == 5


async def test_a_text_that_is_none_any_more_hides_nothing(spool: Spool) -> None:
    """The disk made of a letter what is no letter: it is told like any damage, and what is behind it is delivered."""
    await spool.keep(scan(), UUID(int=1), NOW)
    await spool.keep(scan(), UUID(int=2), NOW)
    spool._connection.execute("UPDATE held SET held_at = CAST(x'ff30' AS TEXT) WHERE position = 1")
    first = await spool.next()
    assert first is not None
    assert (first.command_id, first.request) == (UUID(int=1), None)
    second = await spool.next(first.position)
    assert second is not None
    assert second.request == scan()


@pytest.mark.parametrize("said", [b"\xff", b'{"scan": "\xf6"}', b"[" * 5000, b"null", b"", b'{"cleared": {}}'])
def test_what_was_remembered_and_cannot_be_read_is_nothing(said: bytes) -> None:
    """A terminal starts whatever its disk made of what it knew."""
    assert (badges_in(said), stations_in(said), stop_in(said)) == ({}, (), None)
    assert decoded("Scan", said) is None
