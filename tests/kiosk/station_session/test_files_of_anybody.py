"""Files that anybody may have put beside a station's own: none of them ends a session, or holds up another."""

import os
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from core.identity.ids import sheet_id
from kiosk.station_session.keeping import Keeping
from store.spool import Spool
from store.spool_claim import Claim
from tests.core.shop import OPERATOR, PRESS, QA, spec
from tests.kiosk.station_session.outage import Terminal
from tests.store.spool_files import NOW, scan
from tests.support.floor import Floor
from tests.support.waiting import eventually


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def _locked_by_a_folder(path: Path) -> None:
    path.write_bytes(b"")
    path.with_name(f"{path.name}.lock").mkdir()


def _claimed_by_a_pipe(path: Path) -> None:
    path.write_bytes(b"")
    os.mkfifo(path.with_name(f"{path.name}.claim"))


def _noted_by_a_pipe(path: Path) -> None:
    path.write_bytes(b"")
    os.mkfifo(path.with_name(f"{path.name}.lock"))


def _noted_beyond_the_memory(path: Path) -> None:
    path.write_bytes(b"")
    path.with_name(f"{path.name}.lock").touch()
    os.truncate(path.with_name(f"{path.name}.lock"), 2**40)


async def _kept(path: Path) -> None:
    spool = await Spool.open(path)
    await spool.keep(scan(), UUID(int=1), NOW)
    await spool.close()


@pytest.mark.parametrize(
    "made",
    [
        _folder,
        _pipe,
        _link_to_itself,
        _locked_by_a_folder,
        _claimed_by_a_pipe,
        _noted_by_a_pipe,
        _noted_beyond_the_memory,
    ],
)
async def test_no_file_beside_its_own_ends_a_session_or_holds_up_another_file(
    floor: Floor, terminal: Terminal, made: Callable[[Path], None]
) -> None:
    """Given one that is no spool, when a station starts, then it works, and what waits in a sound one is delivered."""
    sound = terminal.spool.with_name(f"{QA.station_id}.db")
    await _kept(sound)
    made(terminal.spool.with_name("QA-8.db"))
    job = await floor.start(spec(), sets=2)
    station = await terminal.start(PRESS, by=OPERATOR)
    await eventually(lambda: Spool.holds_nothing(sound), seconds=20)
    assert (await station.scan(sheet_id(job, 1))).words == "CHECKED IN FOR PRINT"


@pytest.mark.parametrize("name", ["\udcff", "[red]x\x1b[2J"])
async def test_a_file_of_any_name_ends_no_session(floor: Floor, terminal: Terminal, name: str) -> None:
    """Given kept scans under a name that is no text, or steers a screen, when a station starts, then it works."""
    await _kept(terminal.spool.with_name(f"{name}.db"))
    job = await floor.start(spec(), sets=2)
    station = await terminal.start(PRESS, by=OPERATOR)
    keeping = station.keeping
    assert isinstance(keeping, Keeping)
    await eventually(lambda: keeping.elsewhere == 1, seconds=20)
    assert (await station.scan(sheet_id(job, 1))).words == "CHECKED IN FOR PRINT"


async def test_a_defect_with_one_file_is_told_as_its_problem(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a file that the program fails at, when a station starts, then it says of which, and delivers the others."""
    sound, odd = (terminal.spool.with_name(f"{name}.db") for name in (QA.station_id, "QA-8"))
    await _kept(sound)
    await _kept(odd)
    is_on = Claim.is_on

    async def fails_at_one(path: Path) -> bool:
        if path == odd:
            raise RuntimeError("nobody thought of this")
        return await is_on(path)

    monkeypatch.setattr(Claim, "is_on", fails_at_one)
    job = await floor.start(spec(), sets=2)
    station = await terminal.start(PRESS, by=OPERATOR)
    await eventually(lambda: Spool.holds_nothing(sound), seconds=20)
    assert station.shown.notice is not None
    assert "QA-8" in station.shown.notice.detail
    assert (await station.scan(sheet_id(job, 1))).words == "CHECKED IN FOR PRINT"
