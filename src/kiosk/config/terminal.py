"""What one terminal is set to: how it looks and sounds, and where it keeps what outlives a restart."""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictBool

from kiosk.config.kinds import Count, Text, WholePath, lower_case
from kiosk.toml_files import Table


class Theme(StrEnum):
    """The colours of the screens; `console` is for terminals with 16 colours."""

    NIGHT = "night"
    DAY = "day"
    CONSOLE = "console"


class Display(Table):
    """How this terminal looks and sounds."""

    theme: Annotated[Theme, BeforeValidator(lower_case), Field(description="night, day or console")] = Theme.NIGHT
    sound: Annotated[StrictBool, Field(description="true or false")] = True
    volume: Annotated[Count, Field(ge=0, le=100, description="a whole number, 0 (silent) to 100")] = 70


class SpoolSettings(Table):
    """Where this terminal keeps the scans that it cannot deliver, one file a station."""

    folder: Annotated[WholePath, Field(description="a folder that outlives a restart, from / on")] | None = None


class LogSettings(Table):
    """Where the program writes what it cannot tell an operator."""

    file: Annotated[Text, Field(max_length=4096, description="the path of a file")] | None = None
