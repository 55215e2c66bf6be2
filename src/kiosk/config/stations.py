"""The stations of the shop: what is done at each, how its terminal behaves, and its scanners."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictStr, model_validator

from core.domain.values import FAN_IN, WORK_OF_ROLE, OperationType, StationDefinition, StationRole
from core.identity.ids import OperationCode, StationId
from kiosk.config.kinds import (
    Amount,
    Count,
    OperationName,
    Patterns,
    StationName,
    Words,
    lower_case,
    refused,
    upper_case,
)
from kiosk.printable import shown
from kiosk.scanner.decoder import CapsLock, DecoderSettings, Suffix
from kiosk.scanner.layouts import LAYOUTS
from kiosk.scanner.selection import ScannerInput, ScannerSelection, parse_rule
from kiosk.toml_files import Table


def _layout(name: str) -> str:
    layout = name.strip().lower()
    if layout not in LAYOUTS:
        raise refused("there is no such layout")
    return layout


def _rules(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        try:
            parse_rule(text)
        except ValueError as error:
            raise refused(shown(str(error), 300)) from None
    return texts


class ScannerChoice(Table):
    """Which scanners belong to a station and how they are set.

    `input` is auto (scanners where that is possible, else the terminal), evdev or wedge (the terminal
    only). `device` names the scanners; without it those that are known to be scanners are taken. A
    pause of `gap_ms` within a code puts it in doubt, or ends it where the suffix is `none`.
    """

    input: Annotated[ScannerInput, BeforeValidator(lower_case), Field(description=", ".join(ScannerInput))] = (
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
    suffix: Annotated[Suffix, BeforeValidator(lower_case), Field(description=", ".join(Suffix))] = Suffix.CR
    prefix: Annotated[StrictStr, Field(max_length=8, description="up to 8 characters before each code")] = ""
    gap_ms: Annotated[Count, Field(ge=20, le=5_000, description="milliseconds, 20 to 5000")] = 300
    caps_lock: Annotated[CapsLock, BeforeValidator(lower_case), Field(description=", ".join(CapsLock))] = (
        CapsLock.IGNORE
    )

    @model_validator(mode="after")
    def _can_work(self) -> "ScannerChoice":
        if self.input is ScannerInput.WEDGE and self.device:
            raise refused('input = "wedge" reads the terminal only: remove it, or remove device')
        try:
            self.selection()
        except ValueError as error:
            raise refused(shown(str(error), 300)) from None
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


_DEFINING = frozenset({"name", "work", "operations", "single_scan", "units_per_hour", "queue_limit"})
"""What the shop has to know of a station, besides its id and role; the rest concerns its terminal alone."""


class StationStanza(Table):
    """One [[station]]: the physical place, what is done there, and how its terminal behaves."""

    id: Annotated[StationName, Field(description="the station's id, such as QA-BENCH-3")]
    name: Annotated[Words, Field(description="how people call it, 1 to 80 characters")] | None = None
    role: Annotated[StationRole, BeforeValidator(upper_case), Field(description=", ".join(StationRole))]
    work: Annotated[
        tuple[Annotated[OperationType, BeforeValidator(upper_case)], ...],
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
            raise refused(
                f"{', '.join(strange)} is not done by a {self.role} station, which does {', '.join(sorted(able))}"
            )
        if self.operations and FAN_IN.intersection(able):
            raise refused(f"a {self.role} station handles whole sets, so it has no operations to choose from")
        return self

    @property
    def station_id(self) -> StationId:
        """The id as the core knows it."""
        return StationId(self.id)

    def definition(self, known: Iterable[StationDefinition] = ()) -> StationDefinition:
        """The station as the core defines it; what this stanza leaves out is as the shop knows it among its stations.

        Unless its role is another now: what was said of that is not of this one.
        """
        told = StationDefinition(
            station_id=self.station_id,
            name=self.name or self.id,
            role=self.role,
            work=self.work or tuple(sorted(WORK_OF_ROLE[self.role])),
            operations=tuple(OperationCode(code) for code in self.operations),
            single_scan=self.single_scan,
            units_per_hour=self.units_per_hour,
            queue_limit=self.queue_limit,
        )
        before = next((each for each in known if each.station_id == self.id), None)
        if before is None or before.role is not self.role:
            return told
        return replace(before, **{name: getattr(told, name) for name in _DEFINING & self.model_fields_set})
