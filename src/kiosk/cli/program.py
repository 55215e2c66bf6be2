"""The program itself: its parser, how commands are run, and how every failure ends in a sentence.

`main` is the console script `kiosk`.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Generator, Sequence
from importlib import import_module
from inspect import isawaitable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from kiosk.cli.call import Call
from kiosk.cli.exits import EXIT_CODES, Exit, UsageError
from kiosk.cli.output import complain, masked
from kiosk.cli.parsers import Families, Parser, add_common_options
from kiosk.config.choosing import NoStationError
from kiosk.toml_files import FileRefused

__all__ = ["build_parser", "keeping_log", "log_file", "main"]

_log = logging.getLogger(__name__)

_LEGIBLE_SECONDS = 15.0
"""How long a station that cannot start shows why: its unit starts it anew at once, and blanks the screen for that."""

_DESCRIPTION: Final = """\
Scan-driven kiosks for a trading-card production line, on an event log in Postgres.

  kiosk demo                  a whole shop, live, on this machine; take part in it
  kiosk run --station QA-1    the full-screen app of a station
  kiosk where J1044-S003-07   where is this card, and what is it waiting for?
  kiosk doctor                is everything here as it should be?
"""

_EPILOG: Final = (
    EXIT_CODES
    + """
environment:
  KIOSK_CONFIG   the path of kiosk.toml (else: ./, ~/.config/kiosk/, /etc/kiosk/)
  KIOSK_STATION  which station this terminal is
  KIOSK_DSN      the database, with a password if need be; wins over kiosk.toml
  KIOSK_OPERATOR who asks, where --as is not given
"""
)


_ROOMS: Final = {
    "running": ("demo", "run", "simulate"),
    "database": ("db",),
    "orders": ("order",),
    "jobs": ("job",),
    "catalogue": ("spec", "station", "operator"),
    "where": ("where",),
    "histories": ("history",),
    "units": ("card", "sheet", "gate", "set", "pack"),
    "scanners": ("scanners",),
    "labels": ("labels",),
    "doctor": ("doctor",),
    "states": ("states",),
}
"""The module of each family and the words it registers, in the order of --help."""


def build_parser(argv: Sequence[str] | None = None) -> Parser:
    """Return the parser of the program; with `argv` only the family that its first word names, which is quicker."""
    parser = Parser(prog="kiosk", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action="version", version=f"kiosk {_version()}")
    add_common_options(parser)
    families = Families(parser)
    asked = [room for room, words in _ROOMS.items() if argv and argv[0] in words]
    for room in asked or _ROOMS:
        import_module(f"kiosk.cli.{room}").register(families)
    return parser


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    """Return what the words say; of words that nobody takes that command tells whose they were meant for."""
    options, untaken = build_parser(words).parse_known_args(words)
    if untaken:
        command: Parser = options.parser
        command.error(f"unrecognized arguments: {' '.join(untaken)}")
    return options


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("kiosk")
    except PackageNotFoundError:
        return "(not installed)"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; the exit code is one of `Exit`. Never raises, never shows a traceback unasked."""
    words = sys.argv[1:] if argv is None else list(argv)
    _quieten_libraries()
    try:
        options = _parsed(words)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else Exit.USAGE
    call = Call(options)
    try:
        code = _run(call)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read this has gone. Python would complain again when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the last line of defence: a sentence, never a traceback
        return _explain(error, call)


def _quieten_libraries() -> None:
    """Keep what libraries log off standard error, where Python prints it as long as nobody listens.

    Whatever concerns people comes as an exception and is said in a sentence; a driver's lines hold parts of the log.
    """
    root = logging.getLogger()
    if not any(type(handler) is logging.NullHandler for handler in root.handlers):
        root.addHandler(logging.NullHandler())


def _run(call: Call) -> int:
    command: Callable[[Call], int | Awaitable[int]] = call.options.run
    result = command(call)
    if isawaitable(result):

        async def awaited() -> int:
            return await result

        return int(asyncio.run(awaited()))
    return int(result)


def _explain(error: Exception, call: Call) -> int:
    """Print what happened as sentences and return the exit code for it."""
    code, sentences = _said_of(error, call)
    if getattr(call.options, "debug", False):
        traceback.print_exception(error)
    for sentence in sentences:
        complain(sentence)
    if getattr(call.options, "is_stations", False):
        _tell_service_manager(code, sentences)
    return code


def _said_of(error: Exception, call: Call) -> tuple[Exit, list[str]]:
    from store.embedded import EmbeddedServerError
    from store.errors import BackupUnusable, BadKey, HeadForged, RestoreIntoUsed, StoreError, TablesInUse

    match error:
        case FileRefused() | NoStationError() | UsageError():
            return Exit.USAGE, [str(error)]
        case BackupUnusable() | BadKey() | HeadForged():
            # The database is well: no script that watches over a log may take a forged file for an outage.
            return Exit.USAGE, [str(error)]
        case RestoreIntoUsed() | TablesInUse():
            return Exit.REFUSED, [str(error)]
        case StoreError() | EmbeddedServerError():
            cause = [] if "kiosk" in str(error) else ["kiosk doctor looks into it."]
            return Exit.UNREACHABLE, [masked(str(error)), *cause]
        case _:
            where = _write_down(error, call)
            happened = f"Something went wrong inside kiosk ({type(error).__name__}). Nothing is half done in the log."
            details = f"The details are in {where}; --debug shows them." if where else "--debug shows the details."
            return Exit.FAULT, [happened, details]


def _tell_service_manager(code: Exit, sentences: Sequence[str]) -> None:
    """Say why a station ends to its unit, and leave the screen legible where starting anew mends nothing."""
    from kiosk.service import service_manager

    manager = service_manager()
    if manager is None:
        return
    manager.ends(" ".join(sentences))
    if code is not Exit.FAULT:
        again = f"This terminal tries again every {_LEGIBLE_SECONDS:.0f} seconds."
        complain(again)
        time.sleep(_LEGIBLE_SECONDS)


def _write_down(error: Exception, call: Call) -> Path | None:
    """Write a fault with its traceback to the log file; None where even that cannot be done."""
    try:
        path = log_file(call)
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            path, maxBytes=1_000_000, backupCount=3, encoding="utf-8", errors="backslashreplace"
        )
    except (OSError, FileRefused, RuntimeError):
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    _log.addHandler(handler)
    try:
        _log.error("a command failed", exc_info=error)
    finally:
        _log.removeHandler(handler)
        handler.close()
    return path


@contextlib.contextmanager
def keeping_log(call: Call) -> Generator[None]:
    """Write warnings and faults to the log file while a full-screen app covers the terminal."""
    handler: logging.Handler = logging.NullHandler()
    with contextlib.suppress(OSError, FileRefused, RuntimeError):
        path = log_file(call)
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            path, maxBytes=1_000_000, backupCount=3, encoding="utf-8", errors="backslashreplace"
        )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


def log_file(call: Call) -> Path:
    """Where the program writes faults down: as configured, or in the user's state folder."""
    if call.config.log.file:
        return Path(call.config.log.file).expanduser()
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "kiosk" / "kiosk.log"
