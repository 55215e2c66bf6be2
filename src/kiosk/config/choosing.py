"""What follows from kiosk.toml and the environment: which station this is, its database, and its spool."""

import os
from collections.abc import Mapping
from pathlib import Path

from core.identity.ids import parse_station_id
from kiosk.config.file import CONFIG_NAME, Config, places_of_config
from kiosk.config.stations import StationStanza
from kiosk.printable import shown
from kiosk.toml_files import near_miss

STATION_VARIABLE = "KIOSK_STATION"
DSN_VARIABLE = "KIOSK_DSN"

_MOST_NAMED = 12
"""So many stations are named to whoever named none of them."""


def station_named(config: Config, station: str) -> StationStanza | None:
    """The stanza of this id, whatever its case; None where there is none."""
    wanted = parse_station_id(station)
    return next((stanza for stanza in config.stations if stanza.id == wanted), None)


class NoStationError(Exception):
    """Nothing says which station of the shop this terminal is, or what says it names none that there is.

    No fault of the file, which is well: the text says who named what, where it was looked for, and what there is.
    """


def choose_station(
    config: Config, asked: str | None, environ: Mapping[str, str], *, path: Path | None
) -> StationStanza:
    """Return the station that this terminal is: --station, KIOSK_STATION, `terminal`, or the only one there is.

    NoStationError names the stations that there are; ``path`` is the file that they were read from, if any.
    """
    sources: tuple[tuple[str, str | None], ...] = (
        ("--station", asked),
        (STATION_VARIABLE, environ.get(STATION_VARIABLE)),
        ("terminal =", config.station_of_this_terminal),
    )
    for source, named in sources:
        if named:
            found = station_named(config, named)
            if found is None:
                raise NoStationError(
                    _said_of_no_station(config, f'"{shown(named, 60)}", which {source} names', named, path)
                )
            return found
    if len(config.stations) == 1:
        return config.stations[0]
    if path is None or not config.stations:
        raise NoStationError(_said_of_no_station(config, "", "", path))
    raise NoStationError(
        f"{shown(str(path), 300)} defines several stations, and nothing says which one this terminal is.\n"
        f"  Use --station, {STATION_VARIABLE} or terminal = with one of: {_some(config)}."
    )


def _said_of_no_station(config: Config, meant: str, named: str, path: Path | None) -> str:
    """Say that there is no such station, or none at all where none was meant, where it was looked for, and a cure."""
    if path is None:
        folders = [shown(str(place.absolute()), 200) for place in places_of_config(os.environ)]
        looked = f"there is no {CONFIG_NAME} in {', '.join(folders[:-1])} or {folders[-1]}"
        said = f"There is no station {meant}: {looked}." if meant else f"There is no station: {looked}."
        return f"{said}\n  --config names a file that is elsewhere; docs/shop-files.md shows a [[station]] stanza."
    name = shown(str(path), 300)
    if not config.stations:
        said = f"{name} has no station {meant}: it defines none." if meant else f"{name} defines no station."
        return f"{said}\n  Add a [[station]] stanza; docs/shop-files.md shows one."
    nearest = near_miss(named, [station.id for station in config.stations])
    hint = f'\n  Did you mean "{nearest}"?' if nearest else ""
    return f"{name} has no station {meant}.\n  It has {_some(config)}.{hint}"


def _some(config: Config) -> str:
    """Return the stations that there are, those of a large shop in part."""
    known = [station.id for station in config.stations]
    more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
    return f"{', '.join(known[:_MOST_NAMED])}{more}"


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
