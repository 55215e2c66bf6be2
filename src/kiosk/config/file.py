"""kiosk.toml as a whole: where it is looked for, how it is read, and what all of it says."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from core.production.facts import ShopPolicy
from kiosk.config.database import DatabaseSettings
from kiosk.config.kinds import StationName, refused, seen_once
from kiosk.config.shop import QaSettings, Shop
from kiosk.config.stations import StationStanza
from kiosk.config.terminal import Display, LogSettings, SpoolSettings
from kiosk.toml_files import Table, read_toml, validated

CONFIG_VARIABLE = "KIOSK_CONFIG"
CONFIG_NAME = "kiosk.toml"


class Config(Table):
    """All of kiosk.toml. Every table may be left out; without a file the defaults stand."""

    station_of_this_terminal: Annotated[
        StationName | None, Field(alias="terminal", description="the id of the station that this terminal is")
    ] = None
    shop: Annotated[Shop, Field(description="a [shop] table")] = Shop()
    database: Annotated[DatabaseSettings, Field(description="a [database] table")] = DatabaseSettings()
    display: Annotated[Display, Field(description="a [display] table")] = Display()
    log: Annotated[LogSettings, Field(description="a [log] table")] = LogSettings()
    spool: Annotated[SpoolSettings, Field(description="a [spool] table")] = SpoolSettings()
    qa: Annotated[QaSettings, Field(description="a [qa] table")] = QaSettings()
    stations: Annotated[
        tuple[StationStanza, ...], Field(alias="station", max_length=1_000, description="[[station]] stanzas")
    ] = ()

    @model_validator(mode="after")
    def _stations_tell_apart(self) -> "Config":
        seen_once("the station", [station.id for station in self.stations])
        named = self.station_of_this_terminal
        if named is not None and self.stations and named not in {station.id for station in self.stations}:
            raise refused(f'terminal = "{named}", but there is no [[station]] of that id')
        return self

    def policy(self, station: StationStanza | None = None) -> ShopPolicy:
        """The shop's policies, as they count at this station where one is named."""
        shopwide = ShopPolicy(
            inspectors_decide=self.qa.inspectors_decide,
            most_wrong_pins=self.shop.most_wrong_pins,
            pin_lock_minutes=float(self.shop.pin_lock_minutes),
        )
        if station is None:
            return shopwide
        return replace(shopwide, repeat_guard_seconds=float(station.repeat_guard_seconds))


def find_config(asked: Path | None, environ: Mapping[str, str], folder: Path | None = None) -> Path | None:
    """Where kiosk.toml is: as asked, KIOSK_CONFIG, `folder` (here), the user's, the machine's; or None."""
    if asked is not None:
        return asked
    if environ.get(CONFIG_VARIABLE):
        return Path(environ[CONFIG_VARIABLE])
    places = places_of_config(environ, folder)
    return next((place / CONFIG_NAME for place in places if (place / CONFIG_NAME).is_file()), None)


def places_of_config(environ: Mapping[str, str], folder: Path | None = None) -> tuple[Path, ...]:
    """Return the folders in which kiosk.toml is looked for, the nearest first."""
    home = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME", "/")) / ".config")
    return folder or Path(), Path(home) / "kiosk", Path("/etc/kiosk")


def load_config(path: Path | None) -> Config:
    """Return the validated file, or the defaults where there is none; FileRefused says all that is wrong."""
    if path is None:
        return Config()
    tables = read_toml(path)
    # `station = "QA-1"` at the top and [[station]] stanzas are one key in TOML; the first needs a name of its own.
    lone = tables.get("station")
    if isinstance(lone, str):
        tables = {**tables, "terminal": tables.get("terminal", lone)}
        del tables["station"]
    return validated(Config, tables, path)
