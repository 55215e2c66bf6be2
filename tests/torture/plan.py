"""What is done in one run and what happens to it meanwhile: all of it decided by the seed, before anything starts."""

from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

from core.domain.values import StationRole
from core.identity.ids import JobId


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

ROLES = (StationRole.PRESS, StationRole.CUTTER, StationRole.EMBELLISH, StationRole.ASSEMBLY)
N_UP = 4


@dataclass(frozen=True, slots=True)
class KioskPlan:
    """One kiosk with a job of its own: ``sheets`` of it are to be worked on, a scan every ``pause`` seconds or so."""

    number: int
    role: StationRole
    job: JobId
    sheets: int
    pause: float

    @property
    def scans(self) -> int:
        """How many units its operator scans, each until it is accepted or kept."""
        return self.sheets * (1 if self.role in {StationRole.PRESS, StationRole.CUTTER} else N_UP)


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault ``after`` so many seconds from the one before it."""

    after: float
    fault: Fault
    kiosk: int
    seconds: float
    amount: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole run."""

    seed: int
    kiosks: tuple[KioskPlan, ...]
    faults: tuple[PlannedFault, ...]

    @property
    def scans(self) -> int:
        """How many scans are to end up in the log."""
        return sum(kiosk.scans for kiosk in self.kiosks)


def plan(seed: int, *, kiosks: int, seconds: float) -> Plan:
    """Return the run of a seed: work for about so many seconds without faults, and faults for as long as it lasts."""
    chance = Random(seed)
    planned: list[KioskPlan] = []
    for number in range(1, kiosks + 1):
        role = ROLES[(number - 1) % len(ROLES)]
        pause = chance.uniform(0.05, 0.25)
        scans = max(4, int(seconds / (2 * pause)))
        sheets = scans if role in {StationRole.PRESS, StationRole.CUTTER} else max(1, scans // N_UP)
        # Not more than the shop can be prepared with.
        ready = KioskPlan(number, role, JobId(f"J{1000 + number}"), min(sheets, max(60, int(seconds / 4))), pause)
        # Whoever has less to do does it more slowly: everybody is at work for as long as the storm lasts.
        planned.append(replace(ready, pause=max(pause, seconds / (4 * ready.scans))))
    kinds, weights = zip(*_WEIGHTS.items(), strict=True)
    # Every kind once, in an order of chance, and then by weight.
    chosen = [*chance.sample(kinds, len(kinds)), *chance.choices(kinds, weights, k=int(seconds * 20))]
    faults = [
        PlannedFault(
            after=chance.uniform(0.05, 0.9),
            fault=fault,
            kiosk=chance.randint(1, kiosks),
            seconds=chance.choice((0.2, 0.5, 1.5, 3.0)),
            amount=chance.choice((-7200.0, -30.0, 2.0, 45.0, 86400.0)),
        )
        for fault in chosen
    ]
    return Plan(seed, tuple(planned), tuple(faults))
