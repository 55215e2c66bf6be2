"""A backup restored is the same log; a log of any earlier schema is brought to today's and goes on."""

import asyncio
import json
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from core.domain.values import QAOutcome
from core.identity.ids import JobId, sheet_id
from store import Accepted, Store
from store.backup import back_up, read_manifest, restore
from store.connecting import ConnectionSettings
from store.errors import BackupUnusable, RestoreIntoUsed
from store.migrations import schema_known
from tests.core.shop import PRESS, spec
from tests.support.database import owner_connection
from tests.support.floor import Floor

LOGS = Path(__file__).parent / "goldens" / "logs"


def _owner(dsn: str) -> ConnectionSettings:
    return ConnectionSettings(dsn=dsn, role=None)


@pytest.fixture
async def worked(floor: Floor) -> Floor:
    """A shop with verdicts, a refused scan, and text that COPY has to escape."""
    job = await floor.start(spec(), sets=3)
    (card, other, *_) = await floor.cut(job)
    await floor.inspect(card)
    await floor.inspect(other, QAOutcome.FAIL)
    await floor.scan(PRESS, "tab\there \\ \r\n ünïcode \x1b[2J")
    return floor


async def _log(dsn: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    async with owner_connection(dsn) as owner:
        for table in ("production_events", "commands", "claims", "rm_card_units", "rm_sheets", "rm_jobs", "rm_orders"):
            cursor = await owner.execute(f"SELECT to_jsonb(t) - 'transaction_id' FROM {table} t".encode())
            found[table] = sorted([json.dumps(row, sort_keys=True) for (row,) in await cursor.fetchall()])
    return found


async def test_what_is_restored_is_what_was_backed_up(
    worked: Floor, database_dsn: str, empty_database_dsn: str, tmp_path: Path
) -> None:
    """Every event, answer, claim and row, whole by verify, and work goes on after it."""
    file = tmp_path / "shop.backup"
    manifest = await back_up(_owner(database_dsn), file)
    assert manifest.events == (await worked.store.status()).events
    assert (await restore(_owner(empty_database_dsn), file)) == manifest == read_manifest(file)
    assert await _log(empty_database_dsn) == await _log(database_dsn)
    async with await Store.open(empty_database_dsn) as restored:
        assert (await restored.verify()).is_sound
        floor = Floor(restored, worked.now)
        assert isinstance(await floor.scan(PRESS, sheet_id(JobId("J1044"), 2)), Accepted)
        # Followers of the log see what was restored and what came after it, though its transactions were another's.
        status = await restored.status()
        assert (status.events, status.unsettled) == (manifest.events + 1, 0)
        assert (await restored.verify()).is_sound


async def test_a_second_delivery_is_known_after_a_restore(
    floor: Floor, empty_database_dsn: str, database_dsn: str, tmp_path: Path
) -> None:
    """A kiosk that held a scan while the database was lost and restored delivers it once, not twice."""
    job = await floor.start(spec(), sets=1)
    accepted = await floor.scan(PRESS, sheet_id(job, 1))
    assert isinstance(accepted, Accepted)
    await back_up(_owner(database_dsn), tmp_path / "shop.backup")
    await restore(_owner(empty_database_dsn), tmp_path / "shop.backup")
    async with await Store.open(empty_database_dsn) as restored:
        again = await Floor(restored, floor.now).scan(PRESS, sheet_id(job, 1), command_id=accepted.command_id)
        assert again == accepted
        assert isinstance(again, Accepted)
        assert again.repeated


async def test_a_backup_is_of_one_moment_while_the_line_runs(
    worked: Floor, database_dsn: str, empty_database_dsn: str, tmp_path: Path
) -> None:
    """No event without its answer, no answer without its events, whatever is scanned meanwhile."""
    is_done = False

    async def work() -> None:
        number = 0
        while not is_done:
            number += 1
            await worked.start(spec(), sets=1, job=f"J{6000 + number}", order=f"PO2026-{6000 + number}")

    working = asyncio.create_task(work())
    try:
        await back_up(_owner(database_dsn), tmp_path / "shop.backup")
    finally:
        is_done = True
        await working
    await restore(_owner(empty_database_dsn), tmp_path / "shop.backup")
    async with await Store.open(empty_database_dsn) as restored:
        verification = await restored.verify()
        assert verification.is_sound, verification.differences


async def test_a_backup_never_takes_the_place_of_another(worked: Floor, database_dsn: str, tmp_path: Path) -> None:
    """The file of yesterday stays, and nothing half written is left behind."""
    file = tmp_path / "shop.backup"
    await back_up(_owner(database_dsn), file)
    before = file.read_bytes()
    with pytest.raises(FileExistsError):
        await back_up(_owner(database_dsn), file)
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["shop.backup"]  # noqa: PTH208 - an await's folder may not be walked by Path
    assert file.stat().st_mode & 0o077 == 0


async def test_two_backups_to_one_name_at_once_leave_one_whole(
    worked: Floor, database_dsn: str, empty_database_dsn: str, tmp_path: Path
) -> None:
    """Whoever comes second is told so, and takes nothing away."""
    file = tmp_path / "shop.backup"
    ends = await asyncio.gather(*(back_up(_owner(database_dsn), file) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(end, FileExistsError) for end in ends) == 2
    assert os.listdir(tmp_path) == ["shop.backup"]  # noqa: PTH208 - an await's folder may not be walked by Path
    await restore(_owner(empty_database_dsn), file)


@pytest.mark.parametrize(
    "made",
    [
        "CREATE FUNCTION theirs() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE TYPE theirs AS ENUM ('a')",
        "CREATE VIEW theirs AS SELECT 1",
    ],
    ids=["function", "type", "view"],
)
async def test_a_database_with_anything_of_somebody_elses_is_not_empty(
    worked: Floor, database_dsn: str, empty_database_dsn: str, tmp_path: Path, made: str
) -> None:
    """Not only tables can be lost."""
    await back_up(_owner(database_dsn), tmp_path / "shop.backup")
    async with owner_connection(empty_database_dsn) as owner:
        await owner.execute(made.encode())
    with pytest.raises(RestoreIntoUsed, match="theirs"):
        await restore(_owner(empty_database_dsn), tmp_path / "shop.backup")


async def test_a_restore_needs_an_empty_database(worked: Floor, database_dsn: str, tmp_path: Path) -> None:
    """Nobody loses a shop to a slip of the keyboard."""
    await back_up(_owner(database_dsn), tmp_path / "shop.backup")
    before = await _log(database_dsn)
    with pytest.raises(RestoreIntoUsed, match="not empty"):
        await restore(_owner(database_dsn), tmp_path / "shop.backup")
    assert await _log(database_dsn) == before


def _rewritten(file: Path, change: Callable[[str, bytes], bytes]) -> None:
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, change(name, content))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut short": lambda file: file.write_bytes(file.read_bytes()[:-200]),
    "no zip": lambda file: file.write_text("not a backup", encoding="utf-8"),
    "a byte flipped": lambda file: file.write_bytes(
        file.read_bytes()[:2000] + bytes([file.read_bytes()[2000] ^ 1]) + file.read_bytes()[2001:]
    ),
    "an event less": lambda file: _rewritten(
        file, lambda name, content: content.partition(b"\n")[2] if name == "production_events.copy" else content
    ),
    "a verdict turned": lambda file: _rewritten(
        file,
        lambda name, content: content.replace(b"OP-42", b"OP-43") if name == "production_events.copy" else content,
    ),
    "a foreign table": lambda file: _rewritten(
        file, lambda name, content: content.replace(b'"claims"', b'"pg_authid"') if name == "manifest.json" else content
    ),
    "no manifest": lambda file: _rewritten(file, lambda name, content: b"{}" if name == "manifest.json" else content),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_a_damaged_backup_is_refused_and_leaves_nothing(
    worked: Floor, database_dsn: str, empty_database_dsn: str, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    """All of it or nothing: the database is as empty as before, and a whole backup can be restored into it."""
    file, whole = tmp_path / "shop.backup", tmp_path / "whole.backup"
    await back_up(_owner(database_dsn), file)
    whole.write_bytes(file.read_bytes())
    damage(file)
    with pytest.raises(BackupUnusable, match=re.escape(str(file))):
        await restore(_owner(empty_database_dsn), file)
    await restore(_owner(empty_database_dsn), whole)
    assert await _log(empty_database_dsn) == await _log(database_dsn)


async def test_a_backup_of_a_newer_program_is_refused(
    worked: Floor, database_dsn: str, empty_database_dsn: str, tmp_path: Path
) -> None:
    """The old program does not guess what the new one meant."""
    file = tmp_path / "shop.backup"
    await back_up(_owner(database_dsn), file)
    newer = json.dumps(schema_known() + 1).encode()
    _rewritten(
        file,
        lambda name, content: (
            re.sub(rb'"schema_version": \d+', b'"schema_version": ' + newer, content)
            if name == "manifest.json"
            else content
        ),
    )
    with pytest.raises(BackupUnusable, match="newer program: update this one"):
        await restore(_owner(empty_database_dsn), file)


# -- upgrades ------------------------------------------------------------------------


@pytest.mark.parametrize("log", sorted(LOGS.glob("*.zip")), ids=lambda log: log.stem)
async def test_a_log_of_every_earlier_schema_is_brought_to_todays(empty_database_dsn: str, log: Path) -> None:
    """Written by the program of that time, in the middle of its shop's day: all of it is there, chained, and sound."""
    manifest = await restore(_owner(empty_database_dsn), log)
    async with await Store.open(empty_database_dsn) as store:
        verification = await store.verify()
        assert verification.is_sound, verification.differences
        assert verification.events == manifest.events
        status = await store.status()
        assert status.schema_version == schema_known()
    async with owner_connection(empty_database_dsn) as owner:
        cursor = await owner.execute("SELECT count(*) FROM production_events WHERE length(chain) = 32")
        assert await cursor.fetchone() == (manifest.events,)
        with pytest.raises(psycopg.Error, match="only grows"):
            await owner.execute("UPDATE production_events SET operator_id = 'OP-99'")


def test_there_is_a_log_of_every_schema_that_was_released() -> None:
    """Whoever adds a migration adds the log that the program before it wrote."""
    assert [log.stem for log in sorted(LOGS.glob("*.zip"))] == [
        f"schema-{version}" for version in range(4, schema_known())
    ]
