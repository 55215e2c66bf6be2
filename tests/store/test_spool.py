"""The spool: what is kept is kept in order, whole and once, whatever happens to the process or the disk."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import get_args
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.commands import CallForHelp, Command, RecordQAResult, SetOperatorPin
from core.domain.values import QAOutcome, QAResult, SequentialNumber
from core.identity.ids import CardUnitId, OperationCode
from core.production.pins import hash_pin
from core.production.scan import Awaited, NumberAwaited, Scan, SerialAwaited
from store.clock import ClockReading
from store.errors import SpoolBroken, SpoolFull, SpoolLent, UnstorableText
from store.held_requests import _AWAITED, _PlainScan
from store.spool import Spool
from store.spool_tables import digest
from tests.core.shop import INSPECTOR, MANAGER, PIN, QA, START

NOW = ClockReading(START)


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    """An empty spool."""
    opened = await Spool.open(tmp_path / "kept" / "QA-1.db")
    yield opened
    await opened.close()


def _scan(text: str = "J1044-S001-01") -> Scan:
    return Scan(text=text, station=QA, operator_id=INSPECTOR, at=START)


async def test_what_is_kept_comes_back_in_order_and_whole(spool: Spool) -> None:
    """Scans and commands with their ids, operators and moments, first kept first."""
    verdict = RecordQAResult(
        at=START + timedelta(seconds=1), operator_id=INSPECTOR, station_id=QA.station_id,
        card_unit_id=CardUnitId("J1044-S001-01"), station=QA,
        result=QAResult(outcome=QAOutcome.FAIL, codes=("F-201",)),
    )  # fmt: skip
    kept = [(uuid4(), _scan()), (uuid4(), verdict), (uuid4(), _scan("J1044-S001-02"))]
    for command_id, request in kept:
        await spool.keep(request, command_id, NOW)
    assert await spool.count() == 3
    for command_id, request in kept:
        held = await spool.next()
        assert held is not None
        assert (held.command_id, held.request, held.held_at) == (command_id, request, NOW)
        await spool.answered(held.position)
    assert await spool.next() is None


async def test_a_command_id_is_kept_once(spool: Spool) -> None:
    """Kept again after an outcome that nobody knows: it keeps its place."""
    first, second = uuid4(), uuid4()
    await spool.keep(_scan("J1044-S001-01"), first, NOW)
    await spool.keep(_scan("J1044-S001-02"), second, NOW)
    await spool.keep(_scan("J1044-S001-01"), first, NOW)
    assert await spool.count() == 2
    held = await spool.next()
    assert held is not None
    assert held.command_id == first


async def test_what_is_held_survives_the_process(tmp_path: Path) -> None:
    """Closed and opened again, it goes on where it was; positions are never given twice."""
    path = tmp_path / "QA-1.db"
    spool = await Spool.open(path)
    await spool.keep(_scan(), uuid4(), NOW)
    held = await spool.next()
    assert held is not None
    await spool.answered(held.position)
    await spool.keep(_scan("J1044-S001-02"), uuid4(), NOW)
    await spool.close()
    spool = await Spool.open(path)
    again = await spool.next()
    assert again is not None
    assert again.position > held.position
    await spool.close()


_KEEPER = """
import asyncio, sys
from pathlib import Path
from uuid import UUID
from store.spool import Spool
from tests.store.test_spool import NOW, _scan

async def keep() -> None:
    spool = await Spool.open(Path(sys.argv[1]))
    number = 0
    while True:
        number += 1
        await spool.keep(_scan(f"J1044-S001-{number}"), UUID(int=number), NOW)
        print(number, flush=True)

asyncio.run(keep())
"""


async def test_whatever_was_confirmed_is_there_after_kill_9(tmp_path: Path) -> None:
    """Killed in the middle of keeping: every confirmed scan is held, in order, and the file is sound."""
    path = tmp_path / "QA-1.db"
    with subprocess.Popen(  # noqa: ASYNC220 - nothing else is to happen meanwhile
        [sys.executable, "-c", _KEEPER, str(path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout is not None
        confirmed = [int(process.stdout.readline()) for _ in range(40)]
        process.send_signal(signal.SIGKILL)
        confirmed += [int(line) for line in process.stdout.read().splitlines() if line]
    spool = await Spool.open(path)
    assert await spool.count() in {confirmed[-1], confirmed[-1] + 1}
    for number in confirmed:
        held = await spool.next()
        assert held is not None
        assert held.command_id == UUID(int=number)
        await spool.answered(held.position)
    await spool.close()


async def test_a_full_disk_refuses_and_loses_nothing(spool: Spool) -> None:
    """No room: the next scan is refused loudly, those before it stay, and with room it goes on."""
    await spool.keep(_scan(), uuid4(), NOW)
    ((pages,),) = spool._connection.execute("PRAGMA page_count").fetchall()
    spool._connection.execute(f"PRAGMA max_page_count = {pages}")

    async def fill() -> None:
        for number in range(1000):
            await spool.keep(_scan(f"J1044-S001-{number:02d}" + " " * 2000), UUID(int=number), NOW)

    with pytest.raises(SpoolFull, match="disk is full"):
        await fill()
    before = await spool.count()
    spool._connection.execute("PRAGMA max_page_count = 1000000")
    await spool.keep(_scan(), uuid4(), NOW)
    assert await spool.count() == before + 1


async def test_two_processes_never_hold_one_spool(spool: Spool) -> None:
    """Whoever comes second is told so, instead of delivering what the first one does."""
    with pytest.raises(SpoolLent, match="still has"):
        await Spool.open(spool.path)


async def test_a_file_that_is_no_spool_is_left_alone(tmp_path: Path) -> None:
    """Rubbish, a newer version, a folder: a sentence, and not one byte is changed."""
    rubbish = tmp_path / "rubbish.db"
    rubbish.write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(SpoolBroken):
        await Spool.open(rubbish)
    assert rubbish.read_bytes().startswith(b"not a database")
    newer = tmp_path / "newer.db"
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(SpoolBroken, match="newer program"):
        await Spool.open(newer)
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(SpoolBroken):
        await Spool.open(tmp_path / "folder.db")


async def test_what_this_program_cannot_read_stays_and_is_told(spool: Spool) -> None:
    """An upgrade that forgot a kind of command: nothing is dropped, and nothing behind it is delivered before it."""
    await spool.keep(_scan(), uuid4(), NOW)
    fields = spool._connection.execute("SELECT command_id, request, held_at, boot, steady FROM held").fetchone()
    command_id, *others = fields
    spool._connection.execute(
        "UPDATE held SET kind = ?, digest = ?", ("OfAnotherTime", digest((1, command_id, "OfAnotherTime", *others)))
    )
    held = await spool.next()
    assert held is not None
    assert (held.request, held.kind) == (None, "OfAnotherTime")
    assert await spool.count() == 1


async def test_a_pin_never_reaches_the_disk(spool: Spool) -> None:
    """Whatever carries a secret waits for the database."""
    command = SetOperatorPin(
        at=START, operator_id=MANAGER, station_id=None, badge=MANAGER, secret=hash_pin(PIN, b"0123456789abcdef")
    )
    with pytest.raises(ValueError, match="never held"):
        await spool.keep(command, uuid4(), NOW)
    assert await spool.count() == 0


async def test_nobody_else_can_read_the_file(spool: Spool) -> None:
    """Other users of the terminal are none of its readers."""
    for path in spool.path.parent.iterdir():
        assert path.stat().st_mode & 0o077 == 0
    assert spool.path.stat().st_mode & 0o077 == 0


async def test_a_terminal_remembers_what_it_must_know_to_start(spool: Spool) -> None:
    """A text under a name, the newest one."""
    assert await spool.remembered("station") is None
    await spool.remember("station", b"one")
    await spool.remember("station", b"two")
    assert await spool.remembered("station") == b"two"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(text=st.text())
async def test_any_scanned_text_is_kept_as_it_was(spool: Spool, text: str) -> None:
    """Control characters, other scripts, ten thousand characters; only half a surrogate is refused, and says so."""
    command_id = uuid4()
    try:
        await spool.keep(_scan(text), command_id, NOW)
    except UnstorableText:
        return
    held = await spool.next()
    assert held is not None
    assert isinstance(held.request, Scan)
    assert held.request.text == text
    await spool.answered(held.position)


async def test_a_call_for_help_can_be_held(spool: Spool) -> None:
    """Commands of the station's own are held like scans."""
    call = CallForHelp(at=START, operator_id=INSPECTOR, station_id=QA.station_id, at_station=QA.station_id)
    await spool.keep(call, uuid4(), NOW)
    held = await spool.next()
    assert held is not None
    assert held.request == call


def test_every_kind_of_command_can_be_read_back() -> None:
    """Who adds a command whose text cannot be told apart learns it here, not when it is to be delivered."""
    for kind in get_args(Command):
        msgspec.json.Decoder(kind)
    assert set(_AWAITED) == {kind.__name__ for kind in get_args(Awaited)}
    scan = {field.name for field in fields(Scan)} - {"awaited"}
    assert scan == {field.name for field in msgspec.structs.fields(_PlainScan)}


async def test_a_scan_that_answers_a_question_is_kept_with_the_question(spool: Spool) -> None:
    """A number scanned for a card in hand goes to that card, and a serial is no number."""
    card = CardUnitId("J1044-S001-01")
    for awaited in (
        NumberAwaited(card_unit_id=card, operation=OperationCode("NUMBER"), run_of=99),
        NumberAwaited(
            card_unit_id=card, operation=OperationCode("NUMBER"), run_of=99, takes_number=SequentialNumber(7, 99)
        ),
        SerialAwaited(card_unit_id=card, operation=OperationCode("RELIC")),
    ):
        scan = replace(_scan("07"), awaited=awaited)
        command_id = uuid4()
        await spool.keep(scan, command_id, NOW)
        held = await spool.next()
        assert held is not None
        assert held.request == scan
        await spool.answered(held.position)
