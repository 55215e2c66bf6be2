"""What is done in one run and what happens to it meanwhile: all of it decided by the seed, before anything starts.

The shop is one line: what the press has printed the cutter cuts, half of it is foiled, all of it inspected, gathered
and packed. So kiosks share jobs, sets and boxes, and whoever is late holds up those behind.
"""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from random import Random

import msgspec

from core.domain.values import StationRole
from core.identity.ids import CardUnitId, JobId, SheetId, assembly_of, box_id, card_unit_id, sheet_id


class Fault(StrEnum):
    """What can befall a shop floor; `target` is a kiosk where it befalls one, `seconds` how long it lasts."""

    KIOSK_KILLED = "kiosk killed (-9)"
    KIOSK_FROZEN = "kiosk frozen"
    SERVER_KILLED = "server killed (-9)"
    SERVER_FROZEN = "server frozen"
    LINE_CUT = "connections reset"
    LINE_DEAD = "line dead without a word"
    ANSWERS_LOST = "server heard, answers lost"
    ANSWER_HALVED = "half an answer, then a reset"
    LINE_SLOW = "line slow"
    DISK_FULL = "disk of the kiosk full"
    CLOCK_MOVED = "clock of the kiosk moved"


_WEIGHTS = {
    Fault.KIOSK_KILLED: 5,
    Fault.KIOSK_FROZEN: 2,
    Fault.SERVER_KILLED: 2,
    Fault.SERVER_FROZEN: 2,
    Fault.LINE_CUT: 5,
    Fault.LINE_DEAD: 3,
    Fault.ANSWERS_LOST: 4,
    Fault.ANSWER_HALVED: 5,
    Fault.LINE_SLOW: 2,
    Fault.DISK_FULL: 2,
    Fault.CLOCK_MOVED: 2,
}

ROLES = (
    StationRole.PRESS,
    StationRole.CUTTER,
    StationRole.EMBELLISH,
    StationRole.QA,
    StationRole.ASSEMBLY,
    StationRole.PACKING,
    # Whoever has most to do a sheet is there twice.
    StationRole.QA,
    StationRole.ASSEMBLY,
)
"""Kiosk by kiosk; further kiosks begin again at the press."""

FEWEST_KIOSKS = len(set(ROLES))
N_UP = 4
SHEETS_PER_JOB = 12
_SETS_PER_BOX = 4
_FAILING = 0.06
"""The share of sheets of which one card fails: its set is never packed, and its job never complete."""

PASS, FAIL = "+", "201⏎"
"""What an inspector types; ⏎ is the Enter key."""

CLOSE_BOX = "CMD-SEAL"


class Errand(msgspec.Struct, frozen=True, omit_defaults=True):
    """One code that a kiosk's person scans, once ``after`` is in the log ("SheetCut J1044-S001").

    ``keys`` are pressed then, and ``into`` is the tray or box that it goes into.
    """

    code: str
    after: str = ""
    keys: str = ""
    into: str = ""


@dataclass(frozen=True, slots=True)
class KioskPlan:
    """One kiosk: its errands in their order, the first ``begins`` seconds into the storm, then one every so often."""

    number: int
    role: StationRole
    errands: tuple[Errand, ...]
    begins: float
    every: float

    @property
    def ends(self) -> float:
        """When the last errand is due, in seconds from the beginning of the storm."""
        return self.begins + self.every * (len(self.errands) - 1)


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault ``after`` so many seconds from the one before it."""

    after: float
    fault: Fault
    kiosk: int
    seconds: float
    amount: float


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """A job of so many sheets; half of the jobs are foiled."""

    job: JobId
    sheets: tuple[SheetId, ...]
    is_foiled: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole run."""

    seed: int
    jobs: tuple[PlannedJob, ...]
    kiosks: tuple[KioskPlan, ...]
    faults: tuple[PlannedFault, ...]

    @property
    def scans(self) -> int:
        """How many codes are scanned, each until it is accepted or kept."""
        return sum(len(kiosk.errands) for kiosk in self.kiosks)


def plan(seed: int, *, kiosks: int, seconds: float) -> Plan:
    """Return the run of a seed: work for so many seconds at the pace of a shop, and faults for all of them."""
    chance = Random(seed)
    roles = [ROLES[number % len(ROLES)] for number in range(kiosks)]
    # As fast as the busiest stations are under faults, with something to spare.
    pace = chance.uniform(0.8, 1.1)
    busiest = max(N_UP / roles.count(StationRole.QA), (N_UP + 1) / roles.count(StationRole.ASSEMBLY))
    jobs = _jobs(max(2, int(seconds / (pace * busiest))))
    stations = {role: [n for n, each in enumerate(roles, start=1) if each is role] for role in roles}
    dealt = _dealt(chance, jobs, stations)
    # Each stage begins a little later than the one before, and the last ends with the storm.
    lag = min(seconds / 20, 4.0)
    span = seconds - lag * (len(stations) - 1)
    planned: list[KioskPlan] = []
    for number, role in enumerate(roles, start=1):
        errands = tuple(dealt[number])
        begins = lag * list(stations).index(role)
        planned.append(KioskPlan(number, role, errands, begins, span / max(1, len(errands) - 1)))
    return Plan(seed, jobs, tuple(planned), _faults(chance, kiosks, seconds))


def _jobs(sheets: int) -> tuple[PlannedJob, ...]:
    jobs: list[PlannedJob] = []
    for first in range(0, sheets, SHEETS_PER_JOB):
        job = JobId(f"J{1000 + len(jobs)}")
        numbers = range(1, min(SHEETS_PER_JOB, sheets - first) + 1)
        jobs.append(PlannedJob(job, tuple(sheet_id(job, number) for number in numbers), len(jobs) % 2 == 0))
    return tuple(jobs)


def _dealt(
    chance: Random, jobs: tuple[PlannedJob, ...], stations: dict[StationRole, list[int]]
) -> dict[int, list[Errand]]:
    """Deal the sheets to the stations of a role in turn, the cards of one sheet to all benches, a job to one packer."""
    dealt: defaultdict[int, list[Errand]] = defaultdict(list)
    turn = 0
    for number, job in enumerate(jobs):

        def at(role: StationRole, turn: int) -> list[Errand]:
            return dealt[stations[role][turn % len(stations[role])]]

        complete: list[SheetId] = []
        for sheet in job.sheets:
            cards = [card_unit_id(sheet, place) for place in range(1, N_UP + 1)]
            failed = chance.choice(cards) if chance.random() < _FAILING else None
            at(StationRole.PRESS, turn).append(Errand(sheet))
            at(StationRole.CUTTER, turn).append(Errand(sheet, after=f"PrintCompleted {sheet}"))
            for place, card in enumerate(cards):
                if job.is_foiled:
                    at(StationRole.EMBELLISH, turn).append(Errand(card, after=f"SheetCut {sheet}"))
                worked = f"CardUnitOperationCompleted {card}" if job.is_foiled else f"SheetCut {sheet}"
                at(StationRole.QA, place).append(Errand(card, after=worked, keys=FAIL if card == failed else PASS))
            at(StationRole.ASSEMBLY, turn).extend(_gathering(sheet, [card for card in cards if card != failed]))
            complete += [] if failed else [sheet]
            turn += 1
        at(StationRole.PACKING, number).extend(_packing(job.job, complete))
    return dealt


def _gathering(sheet: SheetId, cards: list[CardUnitId]) -> list[Errand]:
    tray = assembly_of(sheet)
    passed = [f"QAResultRecorded {card}" for card in cards]
    return [
        Errand(tray, after=passed[0]),
        *(Errand(card, after=after, into=tray) for card, after in zip(cards, passed, strict=True)),
    ]


def _packing(job: JobId, sheets: list[SheetId]) -> list[Errand]:
    errands: list[Errand] = []
    for first in range(0, len(sheets), _SETS_PER_BOX):
        box = box_id(job, first // _SETS_PER_BOX + 1)
        trays = [assembly_of(sheet) for sheet in sheets[first : first + _SETS_PER_BOX]]
        errands.append(Errand(box))
        errands += [Errand(tray, after=f"AssemblyCompleted {tray}", into=box) for tray in trays]
        errands.append(Errand(CLOSE_BOX, into=box))
    return errands


def _faults(chance: Random, kiosks: int, seconds: float) -> tuple[PlannedFault, ...]:
    kinds, weights = zip(*_WEIGHTS.items(), strict=True)
    # Every kind once, in an order of chance, and then by weight, until the pauses between them alone fill the storm.
    kind = iter(chance.sample(kinds, len(kinds)))
    faults: list[PlannedFault] = []
    raged = 0.0
    while raged < seconds or len(faults) < len(kinds):
        faults.append(
            PlannedFault(
                after=chance.uniform(0.05, 0.9),
                fault=next(kind, None) or chance.choices(kinds, weights)[0],
                kiosk=chance.randint(1, kiosks),
                seconds=chance.choice((0.2, 0.5, 1.5, 3.0)),
                amount=chance.choice((-7200.0, -30.0, 2.0, 45.0, 86400.0)),
            )
        )
        raged += faults[-1].after
    return tuple(faults)
