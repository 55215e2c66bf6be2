"""Who may have a file of kept scans open: one process, and its own station's kiosk before every other."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from store import spool_claim
from store.errors import SpoolBroken, SpoolBusy, SpoolLent
from store.spool import Spool
from store.spool_claim import Claim
from tests.store.spool_files import NOW, scan
from tests.support.waiting import eventually

_HOLDER = """
import asyncio, sys
from pathlib import Path
from store.spool import Spool
from store.spool_claim import Claim

async def hold() -> None:
    path = Path(sys.argv[1])
    claim = await Claim.of(path)
    spool = await Spool.open(path, holder="QA-1")
    print("held", flush=True)
    await asyncio.Event().wait()

asyncio.run(hold())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that nobody has."""
    return tmp_path / "kept" / "QA-1.db"


@pytest.fixture
async def another(path: Path) -> AsyncIterator[subprocess.Popen[str]]:
    """Another kiosk at work as the station, in a process of its own."""
    with subprocess.Popen(  # noqa: ASYNC220 - nothing else is to happen meanwhile
        [sys.executable, "-c", _HOLDER, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


async def test_a_kiosk_at_work_is_seen_by_its_neighbours_and_stands_in_the_way_of_a_second_one(
    path: Path, another: subprocess.Popen[str]
) -> None:
    """Who has it is said, with the number of the process."""
    assert await Claim.is_on(path)
    with pytest.raises(SpoolBusy, match=rf"Another kiosk of this station .* \(process {another.pid}\): it"):
        await Claim.of(path)
    with pytest.raises(SpoolLent, match=rf"The kiosk of QA-1 .* \(process {another.pid}\) still has"):
        await Spool.open(path)


async def test_a_kiosk_that_is_killed_holds_nothing(path: Path, another: subprocess.Popen[str]) -> None:
    """Kill -9, and the next one has claim and file; so has a kiosk that waits for them."""
    waiting = asyncio.create_task(Spool.open(path, patience=10.0))
    await asyncio.sleep(0)
    another.send_signal(signal.SIGKILL)
    await (await waiting).close()
    assert not await Claim.is_on(path)
    (await Claim.of(path)).let_go()


async def test_whoever_waits_for_a_file_has_it_as_soon_as_it_is_let_go_of(path: Path) -> None:
    """In short steps, and not for ever."""
    first = await Spool.open(path)
    with pytest.raises(SpoolLent):
        await Spool.open(path, patience=0.1)
    waiting = asyncio.create_task(Spool.open(path, patience=10.0))
    await asyncio.sleep(0)
    await first.close()
    await (await waiting).close()


async def test_a_claim_needs_no_file_and_a_look_takes_none(path: Path) -> None:
    """Looked for where there is nothing at all, held without the file being open, and gone with it."""
    assert not await Claim.is_on(path)
    assert not path.parent.exists()
    claim = await Claim.of(path)
    assert await Claim.is_on(path)
    await (await Spool.open(path, holder="QA-2")).close()
    claim.let_go()
    assert not await Claim.is_on(path)


async def test_looks_of_many_neighbours_never_keep_a_kiosk_from_its_claim(path: Path) -> None:
    """A look lasts microseconds, and a claim is asked for more than once."""
    (await Claim.of(path)).let_go()
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            spool_claim._is_claimed(path)

    looking = [asyncio.create_task(asyncio.to_thread(look)) for _ in range(2)]
    try:
        taken = 0
        for _ in range(50):
            try:
                (await Claim.of(path)).let_go()
            except SpoolBusy:
                continue
            taken += 1
    finally:
        is_over.set()
        await asyncio.gather(*looking)
    # Neighbours look ten times a second, and these do it without a pause.
    assert taken


async def test_who_leaves_while_a_file_is_opened_leaves_it_to_others(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled in the middle: what comes of it is let go of, and this process is no other kiosk to itself."""
    goes_on = threading.Event()
    locked, claimed = spool_claim.locked, spool_claim._claimed

    def slowly_locked(each: Path, holder: str) -> int:
        goes_on.wait(10)
        return locked(each, holder)

    def slowly_claimed(each: Path) -> int:
        goes_on.wait(10)
        return claimed(each)

    with monkeypatch.context() as patched:
        patched.setattr("store.spool.locked", slowly_locked)
        patched.setattr("store.spool_claim._claimed", slowly_claimed)
        opening, claiming = asyncio.create_task(Spool.open(path)), asyncio.create_task(Claim.of(path))
        await asyncio.sleep(0)
        opening.cancel()
        claiming.cancel()
        await asyncio.wait({opening, claiming})
        goes_on.set()
    await (await Spool.open(path, patience=10.0)).close()

    async def is_free() -> bool:
        return not await Claim.is_on(path)

    await eventually(is_free)


@pytest.mark.parametrize("said", ["", "\x1b[31m", "1234 [bold]QA-2\n\x1b]0;", "x" * 1000])
async def test_whatever_stands_in_a_lock_is_told_without_harm(path: Path, said: str) -> None:
    """It is only said: a lock is held by whoever holds it, and no escape sequence reaches a log or a screen."""
    spool = await Spool.open(path)
    path.with_name("QA-1.db.lock").write_text(said, encoding="utf-8")
    with pytest.raises(SpoolLent) as raised:
        await Spool.open(path)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 500
    await spool.close()


async def test_a_claim_that_the_disk_refuses_is_told(tmp_path: Path) -> None:
    """A file stands where the folder ought to be."""
    (tmp_path / "kept").write_bytes(b"")
    with pytest.raises(SpoolBroken, match="kept in"):
        await Claim.of(tmp_path / "kept" / "QA-1.db")
    assert os.listdir(tmp_path) == ["kept"]  # noqa: PTH208 - names are enough


async def test_a_lock_that_somebody_deleted_is_taken_anew_with_the_next_scan(tmp_path: Path) -> None:
    """Given an open file whose lock is deleted, when a scan is kept, then it is, and nobody else can open the file."""
    path = tmp_path / "QA-1.db"
    spool = await Spool.open(path)
    path.with_name("QA-1.db.lock").unlink()
    await spool.keep(scan(), UUID(int=1), NOW)
    with pytest.raises(SpoolLent):
        await Spool.open(path)
    await spool.close()
    await (await Spool.open(path)).close()


async def test_nothing_is_kept_in_a_file_that_another_opened_when_its_lock_was_deleted(tmp_path: Path) -> None:
    """Given a second process that has the file, when the first keeps a scan, then it is told who has the file."""
    path = tmp_path / "QA-1.db"
    first = await Spool.open(path)
    path.with_name("QA-1.db.lock").unlink()
    second = await Spool.open(path, holder="QA-2")
    with pytest.raises(SpoolLent, match="QA-2"):
        await first.keep(scan(), UUID(int=1), NOW)
    await second.close()
    await first.keep(scan(), UUID(int=1), NOW)
    assert await first.count() == 1
    await first.close()
