"""`kiosk demo`, `kiosk run`, `kiosk simulate`: the full-screen apps, and a whole shop of them."""

import argparse
import os
import sys
from typing import TextIO

from core.domain.values import StationRole
from kiosk.cli.call import Call
from kiosk.cli.exits import UsageError
from kiosk.cli.parsers import Families
from kiosk.config.choosing import choose_station
from kiosk.printable import shown
from kiosk.toml_files import near_miss

__all__ = ["register"]

_MOST_KIOSKS = 500
_MOST_ORDERS = 10_000
_MOST_SECONDS = 86_400.0


def register(families: Families) -> None:
    """Add the commands."""
    demo = families.command(
        "demo",
        _demo,
        "a whole shop, live, on this machine, with a role for you in it",
        examples="  kiosk demo\n  kiosk demo qa\n  kiosk demo lead --theme day\n\n"
        "The screen says what to scan next; type it and press Enter. The manager's badge is OP-70, PIN 2468.\n"
        "The shop is kept in $XDG_DATA_HOME/kiosk/demo, else in ~/.local/share/kiosk/demo (root: /var/lib/kiosk/demo).",
    )
    demo.add_argument(
        "role",
        nargs="?",
        type=_role,
        default=StationRole.ASSEMBLY,
        metavar="ROLE",
        help=", ".join(role.lower() for role in StationRole) + "; assembly where it is left out",
    )
    demo.add_argument("--theme", choices=["night", "day", "console"], help="the colours of the screen")
    demo.add_argument("--quiet", action="store_true", help="no sounds")
    demo.add_argument("--fresh", action="store_true", help="begin the demo's shop anew")
    run = families.command(
        "run",
        _run,
        "the full-screen app of a station",
        examples="  kiosk run --station QA-BENCH-3\n  KIOSK_STATION=QA-BENCH-3 kiosk run --wedge",
    )
    run.add_argument("--station", metavar="ID", help="which station this terminal is (or KIOSK_STATION, or terminal =)")
    run.add_argument("--wedge", action="store_true", help="read codes from the terminal only: ssh, browsers, keyboards")
    run.set_defaults(is_stations=True)
    simulate = families.command(
        "simulate",
        _simulate,
        "a shop full of kiosks, for load; every invariant is checked at the end",
        reads=True,
        examples="  kiosk simulate --kiosks 50 --seconds 60                       on an embedded server of its own\n"
        "  KIOSK_DSN=postgresql://…/load kiosk simulate --kiosks 50     on that database, which it fills",
    )
    simulate.add_argument(
        "--kiosks", type=_kiosks, default=12, metavar="N", help="stations, 8 at the least, up to 500; 12"
    )
    simulate.add_argument("--seconds", type=_seconds, default=60.0, metavar="S", help="for how long; 60")
    simulate.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed makes the same mistakes; 1")
    simulate.add_argument(
        "--pace", type=_seconds, metavar="S", help="seconds between two scans of one person; left out, flat out"
    )
    simulate.add_argument(
        "--orders", type=_count, metavar="N", help="end when so many orders are in boxes; left out, they keep coming"
    )


def _needs_terminal(what: str) -> None:
    """Refuse to run a full-screen app that nobody could see or answer: it would stand at a station for ever."""
    if not (_is_terminal(sys.__stdin__) and _is_terminal(sys.__stderr__)):
        raise UsageError(
            f"{what} needs a terminal: its standard input and standard error are read from and drawn on, "
            "and one of them is something else here. Start it in a terminal, or by the service in deploy/."
        )


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def _role(text: str) -> StationRole:
    wanted = text.strip().upper()
    if wanted in set(StationRole):
        return StationRole(wanted)
    nearest = near_miss(wanted, list(StationRole))
    hint = f'; did you mean "{nearest.lower()}"?' if nearest else ""
    known = ", ".join(role.lower() for role in StationRole)
    raise argparse.ArgumentTypeError(f'"{shown(text, 40)}" is no role; there are {known}{hint}')


def _kiosks(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= _MOST_KIOSKS:
        raise argparse.ArgumentTypeError(f'"{shown(text, 20)}" is no number of kiosks; 1 to {_MOST_KIOSKS}')
    return int(text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= _MOST_ORDERS:
        raise argparse.ArgumentTypeError(f'"{shown(text, 20)}" is no number of orders; 1 to {_MOST_ORDERS}')
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f'"{shown(text, 20)}" is no time in seconds, above 0 and up to a day')
    return seconds


def _demo(call: Call) -> int:
    from kiosk.cli.program import keeping_log
    from kiosk.demo import run_demo

    _needs_terminal("kiosk demo")
    options = call.options
    with keeping_log(call):
        return run_demo(options.role, theme=options.theme, quiet=options.quiet, fresh=options.fresh)


async def _run(call: Call) -> int:
    from kiosk.cli.program import keeping_log
    from kiosk.running import run_station

    station = choose_station(call.config, call.options.station, os.environ, path=call.config_path)
    _needs_terminal("kiosk run")
    with keeping_log(call):
        return await run_station(call.config, station, wedge=call.options.wedge)


async def _simulate(call: Call) -> int:
    from kiosk.simulation import run_simulation

    options = call.options
    return await run_simulation(
        call.config,
        kiosks=options.kiosks,
        seconds=options.seconds,
        seed=options.seed,
        pace=options.pace,
        orders=options.orders,
        as_json=call.wants_json,
    )
