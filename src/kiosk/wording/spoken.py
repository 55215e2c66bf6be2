"""What the kiosk can say, as values, and the words that all sentences share.

`Spoken` is one refusal in an operator's words; `Words` knows what only the shop knows: where an
operation is done, what a QA code means, which time zone people live in. Used by every module of
`kiosk.wording`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from types import MappingProxyType

from core.domain.values import OperationType, StationDefinition, StepRef, VoidReason
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    OperationCode,
    SheetId,
    StationId,
    job_of,
    job_of_pack,
    job_of_sheet,
    parse_assembly_id,
    parse_card_unit_id,
    parse_job_id,
    parse_order_id,
    parse_pack_id,
    parse_sheet_id,
    position_of,
    replacement_number,
    sheet_number,
    sheet_of,
    sheet_of_assembly,
)
from kiosk.printable import shown
from kiosk.snapshots.verdicts import ComparedId, IdPart, StopFact

__all__ = [
    "RESET",
    "Severity",
    "Spoken",
    "Words",
    "attention",
    "compared",
    "kind_of",
    "listed",
    "missing_positions",
    "named",
    "set_name",
    "short_card",
    "short_cards",
    "stop",
]

RESET = "Scan the RESET card"


class Severity(StrEnum):
    """How loudly a refusal is told.

    STOP covers the screen until it is cleared: physical units could be mixed up. ATTENTION asks for
    another scan and is over with it.
    """

    STOP = "stop"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One refusal in words; every text is escaped and safe to show.

    `noun` is the refusal in a few capital words ("WRONG CARD"), `big` what is read at 2 m, at most
    12 characters of A-Z, 0-9 and `-/.:+`. `sentence` says what the unit is and why it was refused,
    `cure` what to do now, short enough for the verdict band. `facts` answer what it is, which set it
    belongs to, where it goes and what is missing, as far as that is known. Only a STOP has `steps`
    (three, in the order in which they can be done) and `compared` ids. `names` is the id in the noun,
    if there is one.
    """

    severity: Severity
    noun: str
    big: str
    sentence: str
    cure: str
    facts: tuple[StopFact, ...] = ()
    steps: tuple[str, ...] = ()
    compared: tuple[ComparedId, ...] = ()
    names: str = ""

    @property
    def quiet(self) -> str:
        """The noun in small letters, as one line among others says it; an id in it stays as it is written."""
        before, name, after = self.noun.rpartition(self.names) if self.names else (self.noun, "", "")
        return f"{before.lower()}{name}{after.lower()}"

    @property
    def text(self) -> str:
        """Sentence and cure in one line, for the command line and the scan log."""
        steps = "; ".join(step for step in self.steps if step != RESET)
        cure = self.cure if self.severity is Severity.ATTENTION else steps
        return f"{self.sentence} {cure}." if cure else self.sentence


def attention(
    noun: str, sentence: str, cure: str, *, big: str = "AGAIN", facts: Sequence[StopFact] = (), names: str = ""
) -> Spoken:
    """An amber refusal: over with the next good scan."""
    return Spoken(
        severity=Severity.ATTENTION,
        noun=noun,
        big=big,
        sentence=sentence,
        cure=cure,
        facts=tuple(facts),
        names=names,
    )


def stop(
    noun: str,
    sentence: str,
    first: str,
    second: str | None = None,
    *,
    then: str | None = None,
    facts: Sequence[StopFact],
    ids: Sequence[ComparedId] = (),
) -> Spoken:
    """A red refusal of three steps: what the hands do, the RESET card, and `then` what goes on.

    Whatever needs a scan or a key is ignored until the RESET card was scanned, so it is said with
    `then`; a `second` step of the hands is said instead where nothing has to follow.
    """
    in_order = (first, second, RESET, then)
    return Spoken(
        severity=Severity.STOP,
        noun=noun,
        big=noun if len(noun) <= 12 else "STOP",
        sentence=sentence,
        cure=first,
        facts=tuple(facts),
        steps=tuple(step for step in in_order if step is not None),
        compared=tuple(ids),
    )


# -- ids and lists -------------------------------------------------------------


def set_name(assembly: AssemblyId) -> str:
    """The set as people call it: by its sheet."""
    return sheet_of_assembly(assembly)


def short_card(card: str) -> str:
    """A card by its position, `07`, `07-R1`; its set is known where it is said."""
    return card.split("-", 2)[2]


def named(unit_id: str) -> str:
    """A unit with its kind, "card J1044-S003-07"; a foreign text is shown escaped, in quotes."""
    if parse_card_unit_id(unit_id):
        return f"card {unit_id}"
    if parse_sheet_id(unit_id):
        return f"sheet {unit_id}"
    if assembly := parse_assembly_id(unit_id):
        return f"set {set_name(assembly)}"
    return f'"{shown(unit_id, 40)}"'


def kind_of(unit_id: str) -> str:
    """What an id is of, "card", "box", "job"; empty where it is none of ours."""
    if parse_card_unit_id(unit_id):
        return "card"
    if parse_sheet_id(unit_id):
        return "sheet"
    if parse_assembly_id(unit_id):
        return "set"
    if pack := parse_pack_id(unit_id):
        return "box" if job_of_pack(pack) else "case" if pack.startswith("CS") else "pallet"
    return "job" if parse_job_id(unit_id) else "order" if parse_order_id(unit_id) else ""


def listed(words: Iterable[str], *, most: int = 4, last: str = "and") -> str:
    """The words as in a sentence, "a, b and c", never more than `most` of them; "nothing" without any."""
    known = list(words)
    if not known:
        return "nothing"
    if len(known) > most:
        return f"{', '.join(known[:most])} {last} {len(known) - most} more"
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} {last} {known[-1]}"


def with_article(word: str) -> str:
    """The word with "a" or "an" before it, by its first letter."""
    return f"{'an' if word[:1].lower() in {*'aeiou'} else 'a'} {word}"


def missing_positions(positions: Iterable[int], *, most: int = 8) -> str:
    """Positions of a set as two digits each, "03 05 11 +4"; "nothing" without any."""
    return _first_of([f"{position:02d}" for position in sorted(positions)], most)


def short_cards(cards: Iterable[CardUnitId], *, most: int = 8) -> str:
    """Cards of one set in short, by position, "03 05-R1 11 +4"; "nothing" without any."""
    return _first_of([short_card(card) for card in sorted(cards, key=position_of)], most)


def _first_of(names: Sequence[str], most: int) -> str:
    more = f" +{len(names) - most}" if len(names) > most else ""
    return " ".join(names[:most]) + more if names else "nothing"


def compared(first: tuple[str, str], second: tuple[str, str]) -> tuple[ComparedId, ComparedId]:
    """Two ids under their labels, part by part; a part that differs is marked in both."""
    parts = [_parts(unit_id) for _, unit_id in (first, second)]
    shared = set(parts[0]) & set(parts[1])
    lines = [
        ComparedId(
            label=label,
            parts=tuple(
                IdPart(
                    text=f"{name} {value}".strip(),
                    differs=name in shared and parts[0][name] != parts[1][name],
                )
                for name, value in own.items()
            ),
        )
        for (label, _), own in zip((first, second), parts, strict=True)
    ]
    return lines[0], lines[1]


def _parts(unit_id: str) -> dict[str, str]:
    card = parse_card_unit_id(unit_id)
    sheet = parse_sheet_id(unit_id)
    if card:
        renewed = replacement_number(card)
        position = f"{position_of(card):02d}" + (f"-R{renewed}" if renewed else "")
        return {"JOB": job_of(card), "SHEET": _sheet_part(sheet_of(card)), "CARD": position}
    if sheet:
        return {"JOB": job_of_sheet(sheet), "SHEET": _sheet_part(sheet)}
    job, dash, rest = shown(unit_id, 40).partition("-")
    return {"JOB": job, "BOX": rest} if dash else {"": job}


def _sheet_part(sheet: SheetId) -> str:
    return f"{sheet_number(sheet):03d}"


# -- what only the shop knows ----------------------------------------------------

WORK_WORDS: Mapping[OperationType, str] = MappingProxyType(
    {
        OperationType.PRINT: "printing",
        OperationType.FOIL: "foil",
        OperationType.UV: "UV",
        OperationType.DIE_CUT: "die cut",
        OperationType.EMBOSS: "embossing",
        OperationType.GLUE: "glue",
        OperationType.CUT: "the cutter",
        OperationType.NUMBER: "numbering",
        OperationType.MEMORABILIA: "inserts",
        OperationType.QA: "QA",
        OperationType.GATE: "a lead",
        OperationType.ASSEMBLE: "assembly",
        OperationType.PACK: "packing",
    }
)
"""Where work of a kind is done, in words, when no station of the shop is known for it."""

WHY_VOIDED: Mapping[VoidReason, str] = MappingProxyType(
    {
        VoidReason.LOST: "lost",
        VoidReason.DAMAGED: "damaged",
        VoidReason.QA_FAILED: "failed QA",
        VoidReason.MISPRINT: "misprinted",
        VoidReason.OTHER: "taken out",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What sentences need to know of the shop.

    `places` are the stations for each kind of work, `operations` those of their operations that
    stations do which do not do all of their kind, `qa_words` the meaning of each QA code, `zone`
    the zone of the times shown (None is the machine's own).
    """

    places: Mapping[OperationType, tuple[StationId, ...]] = field(default_factory=lambda: MappingProxyType({}))
    operations: Mapping[StationId, frozenset[OperationCode]] = field(default_factory=lambda: MappingProxyType({}))
    qa_words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    zone: tzinfo | None = None

    @classmethod
    def of(
        cls,
        stations: Iterable[StationDefinition],
        qa_words: Mapping[str, str] | None = None,
        zone: tzinfo | None = None,
    ) -> "Words":
        """The words of a shop with these stations."""
        places: dict[OperationType, tuple[StationId, ...]] = {}
        operations: dict[StationId, frozenset[OperationCode]] = {}
        for station in stations:
            if station.operations:
                operations[station.station_id] = frozenset(station.operations)
            for work in station.work:
                places[work] = (*places.get(work, ()), station.station_id)
        return cls(
            places=MappingProxyType(places),
            operations=MappingProxyType(operations),
            qa_words=MappingProxyType(dict(qa_words or {})),
            zone=zone,
        )

    def place(self, work: OperationType) -> str:
        """Where work of this kind is done: "FOIL-1", "QA-1 or QA-2", or the work in words."""
        stations = self.places.get(work, ())
        return listed(stations, most=2, last="or") if stations else WORK_WORDS[work]

    def place_of(self, step: StepRef) -> str:
        """Where this operation is done: not at a station of its kind of work that does other operations only."""
        able = [
            station
            for station in self.places.get(step.work, ())
            if station not in self.operations or step.operation in self.operations[station]
        ]
        if not able:
            return WORK_WORDS[step.work]
        where = listed(able, most=2, last="or")
        # Whoever sees a station's name there must know that it is a person who lets it past.
        return f"a lead at {where}" if step.work is OperationType.GATE else where

    def places_of(self, ready: Iterable[StepRef]) -> str:
        """Where a unit with these ready operations may go; assembly where nothing is left."""
        names = list(dict.fromkeys(self.place_of(step) for step in ready))
        return listed(names, most=2, last="or") if names else self.place(OperationType.ASSEMBLE)

    def place_of_sets(self) -> str:
        """Where sets are gathered."""
        return self.place(OperationType.ASSEMBLE)

    def steps(self, steps: Iterable[StepRef]) -> str:
        """Operations with where they are done: "FOIL-GOLD (FOIL-1) and QA (QA-1 or QA-2)"."""
        return listed(f"{step.operation} ({self.place_of(step)})" for step in steps)

    def codes(self, codes: Iterable[str]) -> str:
        """QA codes with their meaning, "F-201 foil misregistered"."""
        return listed(
            " ".join(part for part in (shown(code, 20), shown(self.qa_words.get(code, ""), 40)) if part)
            for code in codes
        )

    def clock(self, moment: datetime) -> str:
        """Hours and minutes in the shop's zone."""
        return moment.astimezone(self.zone).strftime("%H:%M")

    def day_and_clock(self, moment: datetime) -> str:
        """Day, hours and minutes in the shop's zone, "Tue 24 Nov 14:00"."""
        local = moment.astimezone(self.zone)
        return f"{_DAYS[local.weekday()]} {local.day:02d} {_MONTHS[local.month - 1]} {local:%H:%M}"

    def date_and_clock(self, moment: datetime) -> str:
        """The date with its year, hours and minutes in the shop's zone, "24 Nov 2026 14:00"."""
        local = moment.astimezone(self.zone)
        return f"{local.day} {_MONTHS[local.month - 1]} {local.year} {local:%H:%M}"

    def exact(self, moment: datetime) -> str:
        """The date with its year, hours, minutes and seconds in the shop's zone, "24 Nov 2026 14:00:07"."""
        return f"{self.date_and_clock(moment)}:{moment.second:02d}"

    def facts(
        self,
        unit_id: str = "",
        *,
        is_what: str = "",
        belongs_to: AssemblyId | None = None,
        goes_to: str = "",
        missing: str = "",
    ) -> tuple[StopFact, ...]:
        """The four answers that every refusal owes, as far as they are known."""
        card = parse_card_unit_id(unit_id)
        own_set = set_name(belongs_to) if belongs_to else sheet_of(card) if card else ""
        about = named(unit_id) if unit_id else f"set {own_set}" if own_set else ""
        what = ", ".join(part for part in (about, is_what) if part)
        answers = (("IT IS", what), ("ITS SET", own_set), ("GOES TO", goes_to), ("MISSING", missing))
        return tuple(StopFact(label=label, value=value) for label, value in answers if value)


# Not strftime's: the shop's screens are in English whatever the machine's locale says.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
