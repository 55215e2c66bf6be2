"""`kiosk db`: set the database up, look at it, rebuild and verify the read models."""

import argparse
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from kiosk.cli.call import Call
from kiosk.cli.exits import Exit
from kiosk.cli.output import print_json, say
from kiosk.cli.parsers import Families
from kiosk.printable import shown

if TYPE_CHECKING:
    from kiosk.wiring import Database

__all__ = ["register"]


def register(families: Families) -> None:
    """Add the commands of this family."""
    database = families.family(
        "db",
        "the database: init, migrate, status, rebuild, verify",
        examples="  kiosk db init\n  kiosk db status --json\n  kiosk db verify && echo equal",
    )
    database.command("init", _init, "set the database up; safe to run again")
    database.command("migrate", _init, "bring the database to this program's schema; safe to run again")
    database.command("status", _status, "what the database is and how much it holds", reads=True)
    database.command("rebuild", _rebuild, "fold the log into new read models while the line runs, and swap them in")
    verify = database.command(
        "verify", _verify, "prove that the read models equal the log; exit code 4 where they do not", reads=True
    )
    verify.add_argument("--most", type=_count, default=20, metavar="N", help="differences to print, 20")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise argparse.ArgumentTypeError(f'"{shown(text, 20)}" is no whole number')
    return int(text)


@asynccontextmanager
async def _database(call: Call) -> "AsyncGenerator[Database]":
    from kiosk.wiring import open_database

    database = await open_database(call.config)
    try:
        yield database
    finally:
        database.close()


async def _init(call: Call) -> int:
    from store.migrations import migrate, schema_known

    async with _database(call) as database:
        applied = await migrate(database.dsn)
    for migration in applied:
        say(f"applied {migration.version:04d} {migration.name.replace('_', ' ')}")
    state = "is now at" if applied else "was already at"
    say(f"The database {state} schema version {schema_known()}.")
    return Exit.OK


async def _status(call: Call) -> int:
    async with call.store() as store:
        status = await store.status()
    if call.wants_json:
        print_json(status)
        return Exit.OK
    words = call.words
    major, minor = divmod(status.server_version, 10_000)
    say(f"Postgres {major}.{minor}, database {shown(status.database)}")
    say(f"  schema        version {status.schema_version} of {status.schema_known}")
    say(f"  size          {status.size_bytes / 1_000_000:,.1f} MB")
    say(f"  events        {status.events:,}")
    say(f"  commands      {status.commands:,}, {status.refused:,} of them refused")
    if status.first_recorded_at and status.last_recorded_at:
        first, last = words.date_and_clock(status.first_recorded_at), words.date_and_clock(status.last_recorded_at)
        say(f"  recorded      {first} to {last}")
    if status.unsettled:
        say(f"  unsettled     {status.unsettled:,} events, for {status.unsettled_seconds:.1f} s:")
        say("                an open write transaction holds back whoever reads the log in commit order")
    return Exit.OK


async def _rebuild(call: Call) -> int:
    from store.store import Store

    # Only the owner of the tables may make new ones and swap them in.
    async with _database(call) as database, await Store.open(database.dsn, role=None) as store:
        rebuilt = await store.rebuild()
    say(f"{rebuilt.events:,} events folded into {rebuilt.rows:,} rows; the new read models are in use.")
    return Exit.OK


async def _verify(call: Call) -> int:
    async with call.store() as store:
        verification = await store.verify()
    if call.wants_json:
        print_json(verification)
    else:
        say(f"{verification.events:,} events in {verification.streams:,} streams, {verification.rows:,} rows")
        for difference in verification.differences[: call.options.most]:
            fields = f" ({', '.join(difference.fields)})" if difference.fields else ""
            say(f"  {difference.table} {shown(difference.key, 60)}: {shown(difference.problem)}{fields}")
        rest = verification.difference_count - len(verification.differences[: call.options.most])
        if rest > 0:
            say(f"  and {rest:,} more")
        if verification.difference_count:
            say(
                f"{verification.difference_count:,} differences. The log is the truth: kiosk db rebuild mends the rows."
            )
        else:
            say("The read models equal the log.")
    return Exit.DIFFERENCES if verification.difference_count else Exit.OK
