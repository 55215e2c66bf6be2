"""What the shop as a whole is set to: its name and time, its limits, and the faults that QA can name."""

import re
from datetime import tzinfo
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictStr, model_validator

from kiosk.config.kinds import Amount, Count, Words, lower_case, refused, seen_once
from kiosk.toml_files import Table, near_miss


def _zone(name: str) -> str:
    if name.casefold() == "local":
        return "local"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = sorted(available_timezones())
        if not known:
            raise refused('this machine has no time zone data (package tzdata); "local" works') from None
        nearest = near_miss(name, known)
        raise refused(f'did you mean "{nearest}"?' if nearest else "there is no such time zone") from None
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


class Severity(StrEnum):
    """How bad a QA fault is."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


_QA_CODE = re.compile(r"[A-Z]{1,4}-[0-9]{3}")


def _qa_code(text: str) -> str:
    code = text.strip().upper()
    if not _QA_CODE.fullmatch(code):
        raise refused("an inspector finds a code by typing its three digits")
    return code


class QaCode(Table):
    """One fault that an inspector can name; its three digits alone find it."""

    code: Annotated[StrictStr, AfterValidator(_qa_code), Field(description="letters, a dash, three digits: F-201")]
    words: Annotated[Words, Field(max_length=40, description="what is wrong, up to 40 characters")]
    synonyms: Annotated[
        tuple[Words, ...], Field(max_length=20, description="further words that find it, a list of texts")
    ] = ()
    severity: Annotated[Severity, BeforeValidator(lower_case), Field(description="minor, major or critical")] = (
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
        seen_once("the digits", [code.digits for code in self.code])
        seen_once("the favourite", [str(code.favourite) for code in self.code if code.favourite])
        return self

    @property
    def codes(self) -> tuple[QaCode, ...]:
        """The codes in the order they are offered: favourites by their key, then as written."""
        return tuple(sorted(self.code, key=lambda code: code.favourite or 10))
