"""`kiosk db`: set the database up, look at it, rebuild and verify, back up and restore, sign the log's head."""

import argparse
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.cli.awaiting import saying_what_is_awaited
from kiosk.cli.call import Call
from kiosk.cli.exits import Exit, UsageError
from kiosk.cli.output import jsonable, print_json, say
from kiosk.cli.parsers import Families
from kiosk.printable import counted, shown

if TYPE_CHECKING:
    from kiosk.wiring import Database
    from kiosk.wording.spoken import Words
    from store.log_head import HeadMismatch, LogHead
    from store.maintenance import Verification

__all__ = ["register"]

_TOLD = 20
"""So many differences are printed unless more are asked for."""


def register(families: Families) -> None:
    """Add the commands of this family."""
    database = families.family(
        "db",
        "the database: init, migrate, status, rebuild, verify, backup, restore, make-key, sign-head",
        examples="  kiosk db init\n  kiosk db status --json\n  kiosk db verify && echo equal\n"
        "  kiosk db sign-head --key log.key --to head-2026-11-21.json",
    )
    database.command("init", _init, "begin a shop: set its database up; safe to run again")
    database.command("migrate", _migrate, "bring the database to this program's schema; safe to run again")
    database.command("status", _status, "what the database is and how much it holds", reads=True)
    rebuild = database.command(
        "rebuild", _rebuild, "fold the log into new read models while the line runs, and swap them in"
    )
    rebuild.add_argument(
        "--processes", type=int, choices=range(1, 17), default=1, metavar="N",
        help="how many share the work, 1 to 16 (1); worth it from some hundred thousand events on",
    )  # fmt: skip
    verify = database.command(
        "verify",
        _verify,
        "prove that the log is what was written and that the read models equal it; exit code 4 where not",
        reads=True,
    )
    verify.add_argument("--most", type=_count, default=_TOLD, metavar="N", help=f"differences to print, {_TOLD}")
    verify.add_argument("--head", type=Path, metavar="FILE", help="compare the log with this signed head as well")
    verify.add_argument(
        "--public-key", type=Path, metavar="FILE", help="whose signature it is: the file ending in .pub"
    )
    backup = database.command("backup", _backup, "write the whole log into one file while the line runs")
    backup.add_argument("file", type=Path, metavar="FILE", help="the file to write; it must not be there")
    restore = database.command(
        "restore", _restore, "fill an empty database from a backup, of this version or an earlier"
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="what kiosk db backup wrote")
    key = database.command("make-key", _make_key, "make a key to sign the log's head with, and its public half")
    key.add_argument("file", type=Path, metavar="FILE", help="where the private key goes; keep it off this machine")
    sign = database.command("sign-head", _sign_head, "write down, signed, what the log holds now: keep it elsewhere")
    sign.add_argument("--key", type=Path, required=True, metavar="FILE", help="the private key that make-key made")
    sign.add_argument("--to", type=Path, required=True, metavar="FILE", help="the file to write; it must not be there")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise argparse.ArgumentTypeError(f'"{shown(text, 20)}" is no whole number')
    return int(text)


@asynccontextmanager
async def _database(call: Call, *, may_begin: bool = False) -> "AsyncGenerator[Database]":
    from kiosk.wiring import open_database

    with saying_what_is_awaited(call.config):
        database = await open_database(call.config, may_begin=may_begin)
    try:
        yield database
    finally:
        database.close()


async def _init(call: Call) -> int:
    return await _bring_to_schema(call, may_begin=True)


async def _migrate(call: Call) -> int:
    # Run by whoever upgrades a shop: where there is none they are at the wrong place.
    return await _bring_to_schema(call, may_begin=False)


async def _bring_to_schema(call: Call, *, may_begin: bool) -> int:
    from store.migrations import migrate, schema_known

    async with _database(call, may_begin=may_begin) as database:
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
    say(f"  commands      {status.commands:,}, of them refused {status.refused:,}")
    if status.first_recorded_at and status.last_recorded_at:
        first, last = words.date_and_clock(status.first_recorded_at), words.date_and_clock(status.last_recorded_at)
        say(f"  recorded      {first} to {last}")
    if status.unsettled:
        say(f"  unsettled     {counted(status.unsettled, 'event')}, for {status.unsettled_seconds:.1f} s:")
        say("                an open write transaction holds back whoever reads the log in commit order")
    return Exit.OK


async def _rebuild(call: Call) -> int:
    from store.store import Store

    # Only the owner of the tables may make new ones and swap them in.
    async with _database(call) as database, await Store.open(database.dsn, role=None) as store:
        rebuilt = await store.rebuild(call.options.processes)
    folded = f"{counted(rebuilt.events, 'event')} folded into {counted(rebuilt.rows, 'row')}"
    say(f"{folded}; the new read models are in use.")
    return Exit.OK


async def _verify(call: Call) -> int:
    head = _head_to_compare(call)
    async with call.store() as store:
        verification = await store.verify()
        mismatch = None if head is None else await store.compare_with_head(head)
    if call.wants_json:
        print_json({**jsonable(verification), "head_mismatch": mismatch})
    else:
        _tell(verification, call.options.most, is_signed=mismatch is None)
        if mismatch is not None:
            _tell_mismatch(mismatch, call.words)
        elif head is not None:
            signed = f"up to number {head.last:,}, {head.events:,} in all"
            say(f"The links of its events {signed}, are those that were signed.")
    return Exit.DIFFERENCES if verification.difference_count or mismatch is not None else Exit.OK


def _tell(verification: "Verification", most: int, *, is_signed: bool = True) -> None:
    """Print what was found; a log that is not `is_signed` is not called sound, whatever its streams say."""
    held = f"{counted(verification.streams, 'stream')}, {counted(verification.rows, 'row')}"
    say(f"{counted(verification.events, 'event')} in {held}")
    told = verification.differences[:most]
    for difference in told:
        fields = f" ({', '.join(difference.fields)})" if difference.fields else ""
        say(f"  {difference.table} {shown(difference.key, 60)}: {shown(difference.problem)}{fields}")
    rest = verification.difference_count - len(told)
    if rest > 0:
        say(f"  and {rest:,} more")
    if not verification.difference_count:
        if is_signed:
            say("Every stream of the log is what was written, and the read models equal it.")
        else:
            say("Every stream is linked within itself, and the read models equal the log.")
        return
    rows = verification.difference_count - verification.broken
    if verification.broken:
        say(f"{counted(verification.broken, 'event')} of the log not as written. Somebody wrote past the product:")
        say("  keep this database as it is, and compare it with a backup and with a signed head.")
        if rows:
            say(f"{counted(rows, 'difference')} in the read models as well, which may come of it.")
        return
    # Only a log that nobody changed is a truth to make rows of.
    cure = "The log is the truth: kiosk db rebuild mends the rows." if is_signed else "Keep this database as it is."
    say(f"{counted(rows, 'difference')} in the read models. {cure}")


def _tell_mismatch(mismatch: "HeadMismatch", words: "Words") -> None:
    since = "" if mismatch.since is None else f" from {words.date_and_clock(mismatch.since)}"
    until = "" if mismatch.until is None else f" until {words.date_and_clock(mismatch.until)}"
    recorded = f", recorded{since}{until}" if since or until else ""
    where = f"between the numbers {mismatch.after + 1:,} and {mismatch.last:,}{recorded}"
    say(f"The log is not what was signed: it differs first {where}.")
    signed, found = counted(mismatch.expected_events, "event"), f"{mismatch.events:,}"
    say(f"  {signed} signed in all; found up to the same number: {found}.")
    say("  Somebody wrote past the product: keep this database as it is, and compare it with a backup.")


def _head_to_compare(call: Call) -> "LogHead | None":
    from store.head_signature import read_head

    head, key = call.options.head, call.options.public_key
    if head is None and key is None:
        return None
    if head is None or key is None:
        raise UsageError("To compare with a signed head, name both: --head FILE --public-key FILE.pub.")
    return read_head(_read(head), _read(key))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{shown(str(path), 200)} cannot be read: {error.strerror}.") from error


async def _backup(call: Call) -> int:
    from store.backup import back_up
    from store.connecting import ConnectionSettings

    path: Path = call.options.file
    # As whoever logs in: the payloads hold what PINs are checked against, which no reading role may see.
    async with _database(call) as database:
        try:
            manifest = await back_up(ConnectionSettings(dsn=database.dsn, role=None), path)
        except OSError as error:
            where = shown(str(error.filename or path), 200)
            raise UsageError(f"{where} cannot be written: {error.strerror}.") from error
    say(f"{shown(str(path), 200)} holds {counted(manifest.events, 'event')}.")
    say("It holds what PINs are checked against: keep it as safe as the database.")
    return Exit.OK


async def _restore(call: Call) -> int:
    from store.backup import read_manifest, restore
    from store.connecting import ConnectionSettings
    from store.maintenance import verify

    path: Path = call.options.file
    # Looked at first: a wrong name begins no shop.
    read_manifest(path)
    async with _database(call, may_begin=True) as database:
        settings = ConnectionSettings(dsn=database.dsn, role=None)
        manifest = await restore(settings, path)
        as_of = call.words.date_and_clock(manifest.taken_at)
        say(f"{counted(manifest.events, 'event')} restored as of {as_of}; verifying ...")
        verification = await verify(settings)
    _tell(verification, _TOLD)
    return Exit.DIFFERENCES if verification.difference_count else Exit.OK


async def _make_key(call: Call) -> int:
    from store.head_signature import make_key

    path: Path = call.options.file
    try:
        public = make_key(path)
    except OSError as error:
        raise UsageError(f"{shown(str(error.filename), 200)} cannot be written: {error.strerror}.") from error
    say(f"The private key is in {shown(str(path), 200)}: whoever has it can sign. Keep it off the database's machine.")
    say(f"The public key is in {shown(str(public), 200)}: with it anybody can check what was signed.")
    return Exit.OK


async def _sign_head(call: Call) -> int:
    from store.head_signature import signed_head
    from store.store import Store

    key = _read(call.options.key)
    path: Path = call.options.to
    # Only the owner of the tables may make the writers wait for the moment that this takes.
    async with _database(call) as database, await Store.open(database.dsn, role=None) as store:
        head = await store.head()
    file = signed_head(head, key)
    try:
        with path.open("xb") as opened:
            opened.write(file)
    except OSError as error:
        raise UsageError(f"{shown(str(path), 200)} cannot be written: {error.strerror}.") from error
    say(
        f"Signed: {counted(head.events, 'event')}. The newest has number {head.last:,}: not every number is an event's."
    )
    say(f"Keep {shown(str(path), 200)} elsewhere.")
    return Exit.OK
