"""kiosk.toml: what a shop and a terminal are set to, validated in full before anything starts.

Owns the shape of the file, where it is looked for, which station a terminal is, and which database
it uses. Called by `kiosk.cli`, `kiosk.wiring` and `kiosk.doctor`. Secrets are refused here: they come
from the environment (KIOSK_DSN) or from a pgpass file.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, Strict, StrictBool, StrictStr, model_validator
from pydantic_core import PydanticCustomError

from core.domain.values import FAN_IN, WORK_OF_ROLE, OperationType, StationDefinition, StationRole
from core.identity.ids import OperationCode, StationId, parse_operation_code, parse_station_id
from core.production.facts import ShopPolicy
from kiosk.printable import shown
from kiosk.scanner.decoder import CapsLock, DecoderSettings, Suffix
from kiosk.scanner.layouts import LAYOUTS
from kiosk.scanner.selection import ScannerInput, ScannerSelection, parse_rule
from kiosk.toml_files import FileRefused, Problem, Table, near_miss, read_toml, validated

__all__ = [
    "DSN_VARIABLE",
    "Config",
    "DatabaseSettings",
    "Display",
    "QaCode",
    "QaSettings",
    "ScannerChoice",
    "Shop",
    "SpoolSettings",
    "StationStanza",
    "Theme",
    "choose_station",
    "database_dsn",
    "find_config",
    "load_config",
    "spool_path",
    "station_named",
]

CONFIG_VARIABLE = "KIOSK_CONFIG"
STATION_VARIABLE = "KIOSK_STATION"
DSN_VARIABLE = "KIOSK_DSN"
CONFIG_NAME = "kiosk.toml"

_REFUSED = "refused"


def _refuse(sentence: str) -> PydanticCustomError:
    # Braces are pydantic's placeholders; a foreign text may hold some.
    return PydanticCustomError(_REFUSED, "{sentence}", {"sentence": sentence})


def _words(text: str) -> str:
    if not text.strip():
        raise _refuse("a blank text says nothing")
    if shown(text, 1_000) != text.replace("\\", "\\\\"):
        raise _refuse("control and invisible characters are not allowed here")
    return text.strip()


def _upper(value: Any) -> Any:
    return value.strip().upper().replace("-", "_") if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _station_id(text: str) -> str:
    station = parse_station_id(text)
    if station is None:
        raise _refuse("letters and digits joined by - or _, a letter first, 32 characters at most")
    return station


def _operation_code(text: str) -> str:
    operation = parse_operation_code(text)
    if operation is None:
        raise _refuse("letters and digits joined by - or _, a letter first, 32 characters at most")
    return operation


Text = Annotated[StrictStr, AfterValidator(_words)]
Words = Annotated[Text, Field(max_length=80)]
StationName = Annotated[StrictStr, AfterValidator(_station_id)]
OperationName = Annotated[StrictStr, AfterValidator(_operation_code)]
Count = Annotated[int, Strict()]
Amount = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Patterns = Annotated[tuple[Words, ...], BeforeValidator(_one_or_more)]


class Theme(StrEnum):
    """The colours of the screens; `console` is for terminals with 16 colours."""

    NIGHT = "night"
    DAY = "day"
    CONSOLE = "console"


class Severity(StrEnum):
    """How bad a QA fault is."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


# -- the shop ------------------------------------------------------------------


def _zone(name: str) -> str:
    if name.casefold() == "local":
        return "local"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = sorted(available_timezones())
        if not known:
            raise _refuse('this machine has no time zone data (package tzdata); "local" works') from None
        nearest = near_miss(name, known)
        raise _refuse(f'did you mean "{nearest}"?' if nearest else "there is no such time zone") from None
    return name


class Shop(Table):
    """The shop as a whole."""

    name: Annotated[Words, Field(description="the shop's name, 1 to 80 characters")] = "Kiosk"
    timezone: Annotated[
        StrictStr,
        AfterValidator(_zone),
        Field(description='a time zone such as "Europe/Berlin", or "local" for the machine\'s own'),
    ] = "local"
    assembly_overdue_minutes: Annotated[
        Amount, Field(ge=1, le=525_600, description="minutes after which an open set is overdue, 1 or more")
    ] = 480.0
    most_wrong_pins: Annotated[
        Count, Field(ge=1, le=100, description="wrong PINs for one person after which none is taken, 1 to 100")
    ] = 5
    pin_lock_minutes: Annotated[
        Amount, Field(ge=1, le=1_440, description="minutes in which wrong PINs count and then lock, 1 to 1440")
    ] = 15.0

    @property
    def zone(self) -> tzinfo | None:
        """The zone in which times are shown; None is the machine's own, as datetime takes it."""
        return None if self.timezone == "local" else ZoneInfo(self.timezone)


class Display(Table):
    """How this terminal looks and sounds."""

    theme: Annotated[Theme, BeforeValidator(_lower), Field(description="night, day or console")] = Theme.NIGHT
    sound: Annotated[StrictBool, Field(description="true or false")] = True
    volume: Annotated[Count, Field(ge=0, le=100, description="a whole number, 0 (silent) to 100")] = 70


class SpoolSettings(Table):
    """Where this terminal keeps the scans that it cannot deliver, one file a station."""

    folder: Annotated[Text, Field(max_length=4096, description="a folder that outlives a restart")] | None = None


class LogSettings(Table):
    """Where the program writes what it cannot tell an operator."""

    file: Annotated[Text, Field(max_length=4096, description="the path of a file")] | None = None


# -- the database --------------------------------------------------------------


def _without_secret(dsn: str) -> str:
    dsn = _words(dsn)
    if dsn.lower().startswith(("postgresql://", "postgres://")):
        try:
            parts = urlsplit(dsn)
            secret = parts.password is not None
        except ValueError:
            raise _refuse("this is no address of a database") from None
        keys = [key for key, _ in parse_qsl(parts.query)]
    else:
        secret = False
        keys = re.findall(r"(\w+)\s*=", dsn)
        if not keys:
            raise _refuse('neither "postgresql://…" nor "host=… dbname=…"')
    if secret or any(key.lower() in {"password", "sslpassword"} for key in keys):
        # The message must not repeat the text: logs and screens would keep the password.
        raise PydanticCustomError("secret", "an address with a password in it (not shown)")
    return dsn


class DatabaseSettings(Table):
    """Which Postgres keeps the log: one named by a dsn, or a server that the product starts itself."""

    dsn: (
        Annotated[
            StrictStr,
            Field(max_length=2_000, description='"postgresql://kiosk@db.shop/kiosk", without a password'),
            AfterValidator(_without_secret),
        ]
        | None
    ) = None
    embedded: Annotated[StrictBool, Field(description="true or false")] = False
    folder: Annotated[Text, Field(max_length=4096, description="the folder for the embedded server's files")] | None = (
        None
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> "DatabaseSettings":
        if self.dsn is not None and self.embedded:
            raise _refuse("dsn and embedded = true exclude each other: remove one")
        if self.dsn is not None and self.folder is not None:
            raise _refuse("folder belongs to the embedded server; with a dsn, remove it")
        return self


# -- QA ------------------------------------------------------------------------

_QA_CODE = re.compile(r"[A-Z]{1,4}-[0-9]{3}")


def _qa_code(text: str) -> str:
    code = text.strip().upper()
    if not _QA_CODE.fullmatch(code):
        raise _refuse("an inspector finds a code by typing its three digits")
    return code


class QaCode(Table):
    """One fault that an inspector can name; its three digits alone find it."""

    code: Annotated[StrictStr, AfterValidator(_qa_code), Field(description="letters, a dash, three digits: F-201")]
    words: Annotated[Words, Field(max_length=40, description="what is wrong, up to 40 characters")]
    synonyms: Annotated[
        tuple[Words, ...], Field(max_length=20, description="further words that find it, a list of texts")
    ] = ()
    severity: Annotated[Severity, BeforeValidator(_lower), Field(description="minor, major or critical")] = (
        Severity.MAJOR
    )
    favourite: Annotated[Count, Field(ge=1, le=9, description="1 to 9, the key after *")] | None = None

    @property
    def digits(self) -> str:
        """The three digits that an inspector types."""
        return self.code[-3:]


class QaSettings(Table):
    """What inspectors may decide and which faults they can name."""

    inspectors_decide: Annotated[
        StrictBool, Field(description="true: inspectors rework and void failed cards; false: only leads do")
    ] = False
    code: Annotated[tuple[QaCode, ...], Field(max_length=500, description="[[qa.code]] stanzas")] = ()

    @model_validator(mode="after")
    def _codes_tell_apart(self) -> "QaSettings":
        _unique("the digits", [code.digits for code in self.code])
        _unique("the favourite", [str(code.favourite) for code in self.code if code.favourite])
        return self

    @property
    def codes(self) -> tuple[QaCode, ...]:
        """The codes in the order they are offered: favourites by their key, then as written."""
        return tuple(sorted(self.code, key=lambda code: code.favourite or 10))


def _unique(what: str, names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _refuse(f"{what} {', '.join(twice)}: only once each")


# -- stations ------------------------------------------------------------------


def _layout(name: str) -> str:
    layout = name.strip().lower()
    if layout not in LAYOUTS:
        raise _refuse("there is no such layout")
    return layout


def _rules(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        try:
            parse_rule(text)
        except ValueError as error:
            raise _refuse(shown(str(error), 300)) from None
    return texts


class ScannerChoice(Table):
    """Which scanners belong to a station and how they are set.

    `input` is auto (scanners where that is possible, else the terminal), evdev or wedge (the terminal
    only). `device` names the scanners; without it those that are known to be scanners are taken. A
    pause of `gap_ms` within a code puts it in doubt, or ends it where the suffix is `none`.
    """

    input: Annotated[ScannerInput, BeforeValidator(_lower), Field(description=", ".join(ScannerInput))] = (
        ScannerInput.AUTO
    )
    device: Annotated[
        Patterns,
        AfterValidator(_rules),
        Field(
            max_length=20,
            description='"by-id/NAME", "by-path/NAME", "0c2e:0b61", "0c2e:0b61:SERIAL", "name:Honeywell*", or a list',
        ),
    ] = ()
    grab: Annotated[StrictBool, Field(description="true: nothing else on this machine gets the scans")] = True
    layout: Annotated[StrictStr, AfterValidator(_layout), Field(description=", ".join(LAYOUTS))] = "us"
    suffix: Annotated[Suffix, BeforeValidator(_lower), Field(description=", ".join(Suffix))] = Suffix.CR
    prefix: Annotated[StrictStr, Field(max_length=8, description="up to 8 characters before each code")] = ""
    gap_ms: Annotated[Count, Field(ge=20, le=5_000, description="milliseconds, 20 to 5000")] = 300
    caps_lock: Annotated[CapsLock, BeforeValidator(_lower), Field(description=", ".join(CapsLock))] = CapsLock.IGNORE

    @model_validator(mode="after")
    def _can_work(self) -> "ScannerChoice":
        if self.input is ScannerInput.WEDGE and self.device:
            raise _refuse('input = "wedge" reads the terminal only: remove it, or remove device')
        try:
            self.selection()
        except ValueError as error:
            raise _refuse(shown(str(error), 300)) from None
        return self

    def selection(self, *, wedge: bool = False) -> ScannerSelection:
        """The same as the scanner reader takes it; `wedge` (from the command line) reads the terminal only."""
        return ScannerSelection(
            input=ScannerInput.WEDGE if wedge else self.input,
            rules=tuple(parse_rule(text) for text in self.device),
            grab=self.grab,
            decoder=DecoderSettings(
                layout=self.layout,
                suffix=self.suffix,
                prefix=self.prefix,
                gap_s=self.gap_ms / 1_000,
                caps_lock=self.caps_lock,
            ),
        )


class StationStanza(Table):
    """One [[station]]: the physical place, what is done there, and how its terminal behaves."""

    id: Annotated[StationName, Field(description="the station's id, such as QA-BENCH-3")]
    name: Annotated[Words, Field(description="how people call it, 1 to 80 characters")] | None = None
    role: Annotated[StationRole, BeforeValidator(_upper), Field(description=", ".join(StationRole))]
    work: Annotated[
        tuple[Annotated[OperationType, BeforeValidator(_upper)], ...],
        Field(min_length=1, description="kinds of work in a list; left out, all that the role can do"),
    ] = ()
    operations: Annotated[
        tuple[OperationName, ...],
        Field(max_length=100, description="operations of this work in a list; left out, all of them"),
    ] = ()
    single_scan: Annotated[StrictBool, Field(description="true: one scan checks in and completes")] = False
    repeat_guard_seconds: Annotated[
        Amount, Field(ge=0, le=60, description="seconds in which the same code again is no second step, 0 to 60")
    ] = 2.0
    units_per_hour: Annotated[Amount, Field(gt=0, le=1_000_000, description="a number above 0")] | None = None
    queue_limit: Annotated[Count, Field(gt=0, le=1_000_000, description="a whole number above 0")] | None = None
    scanner: Annotated[ScannerChoice, Field(description="a [station.scanner] table")] = ScannerChoice()

    @model_validator(mode="after")
    def _work_of_its_role(self) -> "StationStanza":
        able = WORK_OF_ROLE[self.role]
        strange = [work for work in self.work if work not in able]
        if strange:
            raise _refuse(
                f"{', '.join(strange)} is not done by a {self.role} station, which does {', '.join(sorted(able))}"
            )
        if self.operations and FAN_IN.intersection(able):
            raise _refuse(f"a {self.role} station handles whole sets, so it has no operations to choose from")
        return self

    @property
    def station_id(self) -> StationId:
        """The id as the core knows it."""
        return StationId(self.id)

    def definition(self) -> StationDefinition:
        """The station as the core defines it."""
        return StationDefinition(
            station_id=self.station_id,
            name=self.name or self.id,
            role=self.role,
            work=self.work or tuple(sorted(WORK_OF_ROLE[self.role])),
            operations=tuple(OperationCode(code) for code in self.operations),
            single_scan=self.single_scan,
            units_per_hour=self.units_per_hour,
            queue_limit=self.queue_limit,
        )


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
        _unique("the station", [station.id for station in self.stations])
        named = self.station_of_this_terminal
        if named is not None and self.stations and named not in {station.id for station in self.stations}:
            raise _refuse(f'terminal = "{named}", but there is no [[station]] of that id')
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


# -- where it is, which station, which database -----------------------------------


def find_config(asked: Path | None, environ: Mapping[str, str], folder: Path | None = None) -> Path | None:
    """Where kiosk.toml is: as asked, KIOSK_CONFIG, `folder` (here), the user's, the machine's; or None."""
    if asked is not None:
        return asked
    if environ.get(CONFIG_VARIABLE):
        return Path(environ[CONFIG_VARIABLE])
    home = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME", "/")) / ".config")
    places = (folder or Path(), Path(home) / "kiosk", Path("/etc/kiosk"))
    return next((place / CONFIG_NAME for place in places if (place / CONFIG_NAME).is_file()), None)


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
