"""What follows from kiosk.toml and the environment: which station this is, its database, and its spool."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from core.identity.ids import parse_station_id
from kiosk.config.file import CONFIG_NAME, Config
from kiosk.config.stations import StationStanza
from kiosk.printable import shown
from kiosk.toml_files import FileRefused, Problem, near_miss

STATION_VARIABLE = "KIOSK_STATION"
DSN_VARIABLE = "KIOSK_DSN"


def station_named(config: Config, station: str) -> StationStanza | None:
    """The stanza of this id, whatever its case; None where there is none."""
    wanted = parse_station_id(station)
    return next((stanza for stanza in config.stations if stanza.id == wanted), None)


def choose_station(
    config: Config, asked: str | None, environ: Mapping[str, str], *, path: Path | str = CONFIG_NAME
) -> StationStanza:
    """Return the station that this terminal is: --station, KIOSK_STATION, `terminal`, or the only one there is.

    FileRefused names the stations that there are.
    """
    sources: tuple[tuple[str, Callable[[], str | None]], ...] = (
        ("--station", lambda: asked),
        (STATION_VARIABLE, lambda: environ.get(STATION_VARIABLE)),
        ("terminal", lambda: config.station_of_this_terminal),
    )
    known = [station.id for station in config.stations]
    for source, read in sources:
        named = read()
        if not named:
            continue
        found = station_named(config, named)
        if found:
            return found
        nearest = near_miss(named, known)
        raise FileRefused(
            path,
            [
                Problem(
                    key=source,
                    found=f'"{shown(named, 60)}", which is no station here',
                    allowed=", ".join(known) or "nothing yet: the file has no [[station]]",
                    hint=f'did you mean "{nearest}"?' if nearest else "",
                )
            ],
        )
    if len(config.stations) == 1:
        return config.stations[0]
    if not known:
        sentence, cure = "defines no station.", "Add a [[station]] stanza; docs/shop-files.md shows one."
    else:
        sentence = "defines several stations, and nothing says which one this terminal is."
        cure = f"Use --station, {STATION_VARIABLE} or terminal = with one of: {', '.join(known)}."
    raise FileRefused(path, [Problem(found=sentence, hint=cure)])


def database_dsn(config: Config, environ: Mapping[str, str] | None = None) -> str | None:
    """Return the dsn to use, KIOSK_DSN first; None means the embedded server."""
    named = (os.environ if environ is None else environ).get(DSN_VARIABLE)
    return named or config.database.dsn


def embedded_folder(config: Config) -> Path | None:
    """Return the data folder of the embedded server; None means the user's own."""
    return Path(config.database.folder) if config.database.folder else None


def spool_path(config: Config, station: StationStanza, environ: Mapping[str, str] | None = None) -> Path:
    """Return the file in which a station keeps what it cannot deliver.

    In the configured folder, or in the one that systemd gives the service, or in the user's own for state.
    """
    known = os.environ if environ is None else environ
    if config.spool.folder is not None:
        folder = Path(config.spool.folder)
    elif known.get("STATE_DIRECTORY"):
        # Of several that systemd gives, the first.
        folder = Path(known["STATE_DIRECTORY"].split(":")[0]) / "spool"
    else:
        state = known.get("XDG_STATE_HOME") or str(Path(known.get("HOME", "/")) / ".local" / "state")
        folder = Path(state) / "kiosk" / "spool"
    return folder / f"{station.id}.db"
