"""`kiosk doctor`: is everything here as it should be? One line for each finding, with its cure."""

import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from core.domain.values import StationRole
from kiosk.cli.awaiting import saying_what_is_awaited
from kiosk.cli.call import Call
from kiosk.cli.exits import Exit
from kiosk.cli.output import masked, print_json, say
from kiosk.cli.parsers import Families
from kiosk.config.choosing import NoStationError, choose_station, spool_path
from kiosk.config.file import Config
from kiosk.printable import counted, shown
from kiosk.toml_files import FileRefused

if TYPE_CHECKING:
    from store.checkup import Checkup

__all__ = ["Finding", "Health", "register", "terminal_findings"]

_NEEDED_COLUMNS, _NEEDED_ROWS = 80, 24
_OLDEST_PYTHON = (3, 11)
_SKEW_WARNS, _SKEW_FAILS = 2.0, 60.0
"""Seconds by which two clocks may differ: histories are read to the minute."""
_SLOW_MS = 50.0
_CONNECT_CURE = "Is the server running, and is the dsn right? Passwords come from KIOSK_DSN or a pgpass file."


class Health(StrEnum):
    """How a finding is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at, how it is, and what to do where it is not well."""

    about: str
    health: Health
    found: str
    cure: str = ""


def register(families: Families) -> None:
    """Add the command."""
    doctor = families.command(
        "doctor",
        _doctor,
        "look at Python, the terminal, kiosk.toml, the database, the scanners, the sound; say what to mend",
        reads=True,
        examples="  kiosk doctor\n  kiosk doctor --station QA-BENCH-3 --json",
    )
    doctor.add_argument("--station", metavar="ID", help="look as this station's terminal")


async def _doctor(call: Call) -> int:
    findings = [_python(), *terminal_findings(os.environ)]
    config: Config | None = None
    try:
        config = call.config
        findings += list(_configured(call, config))
    except FileRefused as refused:
        findings.append(
            Finding(about="kiosk.toml", health=Health.FAIL, found=refused.explain(), cure="Mend the file, then again.")
        )
    if config is not None:
        findings += [finding async for finding in _database(config)]
        findings += [_scanners(call, config), _sound(config), *_kept_scans(call, config)]
    findings.append(_log_file(call, config))
    if call.wants_json:
        print_json(findings)
    else:
        _print(findings)
    failed = [finding for finding in findings if finding.health is Health.FAIL]
    if any(finding.about == "database" for finding in failed):
        return Exit.UNREACHABLE
    return Exit.DIFFERENCES if failed else Exit.OK


def _print(findings: list[Finding]) -> None:
    width = max(len(finding.about) for finding in findings)
    for finding in findings:
        first, *rest = finding.found.splitlines() or [""]
        say(f"{finding.health:4}  {finding.about:{width}}  {first}")
        for line in rest:
            say(f"{'':4}  {'':{width}}  {line}")
        if finding.cure and finding.health is not Health.OK:
            say(f"{'':4}  {'':{width}}  → {finding.cure}")
    counts = {health: sum(finding.health is health for finding in findings) for health in Health}
    say()
    say(f"{counts[Health.OK]} ok, {counts[Health.WARN]} to look at, {counts[Health.FAIL]} to mend")


def _python() -> Finding:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] >= _OLDEST_PYTHON:
        return Finding(about="Python", health=Health.OK, found=found)
    return Finding(about="Python", health=Health.FAIL, found=found, cure="Python 3.11 or newer is needed.")


def terminal_findings(environ: Mapping[str, str]) -> Iterator[Finding]:
    """What the terminal can do: its size, its colours, its characters."""
    if not sys.stdout.isatty():
        yield Finding(about="terminal", health=Health.OK, found="output goes to no terminal; not looked at")
    else:
        columns, rows = shutil.get_terminal_size()
        fits = columns >= _NEEDED_COLUMNS and rows >= _NEEDED_ROWS
        yield Finding(
            about="terminal",
            health=Health.OK if fits else Health.WARN,
            found=f"{columns} columns × {rows} rows",
            cure=f"The screens need {_NEEDED_COLUMNS} × {_NEEDED_ROWS}: enlarge the window, or use a smaller font.",
        )
        yield _colours(environ)
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    yield Finding(
        about="characters",
        health=Health.OK if encoding == "utf8" else Health.WARN,
        found=sys.stdout.encoding or "unknown",
        cure="Set a UTF-8 locale, such as LANG=C.UTF-8; big letters and symbols need it.",
    )


def _colours(environ: Mapping[str, str]) -> Finding:
    term = environ.get("TERM", "")
    if environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"} or "direct" in term:
        return Finding(about="colours", health=Health.OK, found=f"16 million (TERM={shown(term, 30)})")
    if "256color" in term:
        return Finding(about="colours", health=Health.OK, found=f"256 (TERM={shown(term, 30)})")
    if term in {"", "dumb"}:
        return Finding(
            about="colours", health=Health.FAIL, found=f"none (TERM={term or 'not set'})", cure="Set TERM, e.g. linux."
        )
    return Finding(
        about="colours",
        health=Health.WARN,
        found=f"16 or unknown (TERM={shown(term, 30)})",
        cure='Set theme = "console" in [display], which is made for 16 colours.',
    )


def _configured(call: Call, config: Config) -> Iterator[Finding]:
    path = call.config_path
    if path is None:
        yield Finding(
            about="kiosk.toml",
            health=Health.WARN,
            found="none found; the defaults are in force",
            cure="kiosk demo needs none. For a shop: copy the kiosk.toml beside this program's README to ./, "
            "~/.config/kiosk/ or /etc/kiosk/, or name it in KIOSK_CONFIG.",
        )
    else:
        holds = f"{counted(len(config.stations), 'station')}, {counted(len(config.qa.codes), 'QA code')}"
        found = f"{shown(str(path), 200)}, {holds}"
        yield Finding(about="kiosk.toml", health=Health.OK, found=found)
    try:
        station = choose_station(config, call.options.station, os.environ, path=path)
    except NoStationError as refused:
        health = Health.FAIL if call.options.station else Health.WARN
        found = str(refused) if path else "none is defined, since there is no kiosk.toml"
        cure = "kiosk run --station ID also does." if path else "docs/shop-files.md shows a [[station]] stanza."
        yield Finding(about="station", health=health, found=found, cure=cure)
    else:
        yield Finding(about="station", health=Health.OK, found=f"{station.id}, {station.role}")
        if station.role is StationRole.QA and not config.qa.codes:
            yield Finding(
                about="QA codes",
                health=Health.WARN,
                found="none, so no card can be failed at this station",
                cure="Write the shop's faults as [[qa.code]] stanzas, as kiosk.toml beside this program's README does.",
            )
    now = datetime.now(config.shop.zone).astimezone(config.shop.zone)
    yield Finding(about="time", health=Health.OK, found=f"{now:%Y-%m-%d %H:%M} {now.tzname()} ({config.shop.timezone})")


async def _database(config: Config) -> AsyncIterator[Finding]:
    from kiosk.wiring import NoShopError, open_database
    from store.checkup import check_up
    from store.embedded import EmbeddedServerError
    from store.errors import StoreError

    try:
        with saying_what_is_awaited(config):
            database = await open_database(config)
    except NoShopError as error:
        yield Finding(
            about="database", health=Health.WARN, found=str(error), cure="The sentence above names the command."
        )
        return
    except EmbeddedServerError as error:
        yield Finding(
            about="database", health=Health.FAIL, found=shown(masked(str(error)), 400), cure="See the sentence above."
        )
        return
    try:
        kind = "embedded" if database.server else "by dsn"
        try:
            checkup = await check_up(database.dsn)
        except StoreError as error:
            yield Finding(
                about="database", health=Health.FAIL, found=shown(masked(str(error)), 400), cure=_CONNECT_CURE
            )
            return
    finally:
        database.close()
    major, minor = divmod(checkup.server_version, 10_000)
    slow = checkup.round_trip_ms > _SLOW_MS
    yield Finding(
        about="database",
        health=Health.WARN if slow else Health.OK,
        found=f"Postgres {major}.{minor} ({kind}), answers in {checkup.round_trip_ms:.1f} ms",
        cure="A scan waits for two answers; look at the network between here and the server.",
    )
    fault = checkup.schema_fault
    if fault is None:
        yield Finding(about="schema", health=Health.OK, found="as this program needs it")
    else:
        yield Finding(
            about="schema", health=Health.FAIL, found=str(fault), cure="The sentence above names the command."
        )
    if checkup.log_only_grows is not None:
        grows = checkup.log_only_grows
        yield Finding(
            about="event log",
            health=Health.OK if grows else Health.FAIL,
            found="only grows: removing was refused just now" if grows else "REMOVING WAS NOT REFUSED",
            cure="Somebody switched its trigger off: ALTER TABLE production_events ENABLE ALWAYS TRIGGER "
            "production_events_only_grows",
        )
        yield _role(checkup, is_embedded=database.server is not None)
    if checkup.tls is not None:
        yield Finding(
            about="line",
            health=Health.OK if checkup.tls else Health.WARN,
            found=checkup.tls or "not encrypted: whoever is on this network can read and change what is sent",
            cure="sslmode=verify-full and sslrootcert in the dsn; docs/security.md has the commands.",
        )
    skew = abs(checkup.clock_ahead_seconds)
    yield Finding(
        about="clocks",
        health=Health.FAIL if skew > _SKEW_FAILS else Health.WARN if skew > _SKEW_WARNS else Health.OK,
        found=f"the server's is {skew:.1f} s {'ahead' if checkup.clock_ahead_seconds > 0 else 'behind'}"
        if skew > _SKEW_WARNS
        else "the server's and this machine's agree",
        cure="Let both keep time by NTP (timedatectl); scans are dated by this machine.",
    )


def _role(checkup: "Checkup", *, is_embedded: bool) -> Finding:
    login = shown(checkup.login, 40)
    if not checkup.may_work_as_station:
        return Finding(
            about="database role",
            health=Health.FAIL,
            found=f"{login} may not work as kiosk_station",
            cure=f"GRANT kiosk_station TO {login}",
        )
    if checkup.may_change_the_schema and not is_embedded:
        return Finding(
            about="database role",
            health=Health.WARN,
            found=f"{login} may work as kiosk_station, and change the tables, which no terminal needs",
            cure="CREATE ROLE terminals LOGIN; GRANT kiosk_station TO terminals; and let terminals log in as that.",
        )
    return Finding(about="database role", health=Health.OK, found=f"{login} may work as kiosk_station")


def _scanners(call: Call, config: Config) -> Finding:
    from kiosk.config.stations import ScannerChoice
    from kiosk.scanner.listing import ListingProblem, list_scanners

    try:
        choice = choose_station(config, call.options.station, os.environ, path=call.config_path).scanner
    except NoStationError:
        choice = ScannerChoice()
    listing = list_scanners(choice.selection())
    if listing.problem is None:
        return Finding(about="scanners", health=Health.OK, found=shown(listing.why, 300))
    health = Health.FAIL if listing.problem is ListingProblem.NO_PERMISSION else Health.WARN
    if listing.problem is ListingProblem.WEDGE:
        health = Health.OK
    return Finding(
        about="scanners",
        health=health,
        found=shown(listing.why, 300),
        cure="; ".join(listing.fix) or "Codes can be typed, followed by Enter.",
    )


def _sound(config: Config) -> Finding:
    from kiosk.sounds.player import find_player

    if not config.display.sound:
        return Finding(about="sound", health=Health.OK, found="switched off in kiosk.toml")
    player = find_player()
    if player:
        return Finding(about="sound", health=Health.OK, found=shown(player[0], 200))
    return Finding(
        about="sound",
        health=Health.WARN,
        found="no program that plays sounds; the terminal's bell is rung instead",
        cure="Install alsa-utils (aplay) or pipewire (pw-play).",
    )


def _kept_scans(call: Call, config: Config) -> Iterator[Finding]:
    try:
        station = choose_station(config, call.options.station, os.environ, path=call.config_path)
    except NoStationError:
        return
    path = spool_path(config, station)
    # Unlike Path.exists this answers below a folder that nobody may enter, too.
    there = next((place for place in path.parents if os.path.exists(place)), Path("/"))  # noqa: PTH110
    found = shown(str(path), 200)
    try:
        # Written for a moment, and nothing is left: who may write says nothing of a disk that takes nothing.
        with tempfile.TemporaryFile(dir=there) as tried:
            tried.write(b"kiosk")
    except OSError as error:
        why = f"{shown(str(there), 200)}: {error.strerror or type(error).__name__}"
        yield Finding(
            about="kept scans",
            health=Health.FAIL,
            found=f"{found}\nnothing can be kept there: {why}",
            cure="Set [spool] folder in kiosk.toml to one that the kiosk's user may write, on a disk of this machine.",
        )
    else:
        yield Finding(about="kept scans", health=Health.OK, found=found)


def _log_file(call: Call, config: Config | None) -> Finding:
    from kiosk.cli.program import log_file

    if config is None:
        return Finding(about="log file", health=Health.OK, found="not looked at while kiosk.toml is wrong")
    path = log_file(call)
    folder = next((place for place in (path, *path.parents) if os.path.exists(place)), Path("/"))  # noqa: PTH110
    if os.access(folder, os.W_OK):
        return Finding(about="log file", health=Health.OK, found=shown(str(path), 200))
    return Finding(
        about="log file",
        health=Health.WARN,
        found=f"{shown(str(path), 200)} cannot be written",
        cure="Set [log] file in kiosk.toml, or make the folder writable.",
    )
