"""The jobs that are in flight when the demo begins: one late, one with a card held, one with a replacement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.values import ProductSpec
from core.identity.ids import JobId, ProductionOrderId, SpecCode, StationId
from kiosk.demo.history import Story
from kiosk.simulation.office import OrderTaken

__all__ = ["TALES", "Tale"]

_TRAY = StationId("ASSY-1")
_OTHER_TRAY = StationId("ASSY-2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tale:
    """One job: when it was placed and is promised, in hours from now, and how far its sheets are."""

    number: int
    spec_code: SpecCode
    sets: int
    placed: float
    promised: float
    customer: str
    priority: int = 5
    stories: tuple[Story, ...] = ()

    @property
    def job_id(self) -> JobId:
        """The job's id."""
        return JobId(f"J{self.number:04d}")

    def order(self, specs: Mapping[SpecCode, ProductSpec], now: datetime) -> OrderTaken:
        """The order that the job was made of."""
        placed = now + timedelta(hours=self.placed)
        return OrderTaken(
            order_id=ProductionOrderId(f"PO{placed.year}-{self.number - 920:04d}"),
            job_id=self.job_id,
            spec=specs[self.spec_code],
            sets=self.sets,
            promise_at=now + timedelta(hours=self.promised),
            customer=self.customer,
            priority=self.priority,
        )


DRAGONS = SpecCode("DRAGONS-S3")
LEGENDS = SpecCode("GOLD-LEGENDS")
RELICS = SpecCode("RELIC-SIX")

# The first is the job that whoever plays sees: it is loaded before the first screen, the rest behind it.
TALES: Sequence[Tale] = (
    Tale(
        number=1044,
        spec_code=DRAGONS,
        sets=6,
        placed=-6.0,
        promised=3.5,
        customer="Harbour Games",
        priority=2,
        stories=(
            Story(sheet=2, ago=1.5, sheet_steps=3, worked=18, inspected=13, gathered=10, tray_at=_TRAY),
            Story(sheet=3, ago=3, sheet_steps=3, worked=18, inspected=6, failed={5: "S-120"}),
            Story(sheet=4, ago=5, sheet_steps=2),
            Story(sheet=5, ago=4, sheet_steps=1),
            Story(sheet=1, ago=48, sheet_steps=3, worked=18, inspected=18, gathered=18, is_packed=True),
        ),
    ),
    Tale(
        number=1046,
        spec_code=RELICS,
        sets=5,
        placed=-5.5,
        promised=6.0,
        customer="Quay Street Comics",
        priority=3,
        stories=(
            Story(
                sheet=1, ago=8, sheet_steps=4, worked=6, inspected=6, gathered=6, tray_at=_TRAY, replaced=frozenset({4})
            ),
            Story(sheet=2, ago=6, sheet_steps=4, worked=6, inspected=4, gathered=3, tray_at=_TRAY),
            Story(sheet=3, ago=7, sheet_steps=1),
            Story(sheet=4, ago=9, sheet_steps=2),
        ),
    ),
    Tale(
        number=1041,
        spec_code=RELICS,
        sets=4,
        placed=-9.0,
        promised=-0.7,
        customer="Old Mill Hobby",
        priority=4,
        stories=(
            Story(sheet=2, ago=12, sheet_steps=4, worked=6, inspected=6, gathered=6, tray_at=_OTHER_TRAY),
            Story(sheet=3, ago=14, sheet_steps=4, worked=6, inspected=3, failed={2: "R-502"}),
            Story(sheet=4, ago=11, sheet_steps=4, worked=2),
            Story(
                sheet=1,
                ago=130,
                sheet_steps=4,
                worked=6,
                inspected=6,
                gathered=6,
                is_packed=True,
                reworked={3: "C-110"},
            ),
        ),
    ),
    Tale(
        number=1045,
        spec_code=LEGENDS,
        sets=7,
        placed=-4.5,
        promised=9.0,
        customer="Northlight Cards",
        stories=(
            Story(sheet=1, ago=16, sheet_steps=3, worked=9, inspected=9, gathered=9, tray_at=_OTHER_TRAY),
            Story(sheet=2, ago=13, sheet_steps=3, worked=9, inspected=7, gathered=4, tray_at=_OTHER_TRAY),
            Story(sheet=3, ago=9, sheet_steps=3, worked=6, inspected=3, reworked={2: "F-201"}),
            Story(sheet=4, ago=10, sheet_steps=3),
            Story(sheet=5, ago=12, sheet_steps=2),
            Story(sheet=6, ago=6, sheet_steps=1),
        ),
    ),
    Tale(
        number=1040,
        spec_code=DRAGONS,
        sets=2,
        placed=-8.0,
        promised=1.0,
        customer="Old Mill Hobby",
        stories=(
            Story(
                sheet=1,
                ago=190,
                sheet_steps=3,
                worked=18,
                inspected=18,
                gathered=18,
                is_packed=True,
                reworked={7: "P-305"},
            ),
            Story(sheet=2, ago=160, sheet_steps=3, worked=18, inspected=18, gathered=18, is_packed=True),
        ),
    ),
    Tale(
        number=1047,
        spec_code=DRAGONS,
        sets=4,
        placed=-1.0,
        promised=22.0,
        customer="Harbour Games",
        stories=(Story(sheet=1, ago=2, sheet_steps=1),),
    ),
    Tale(number=1048, spec_code=LEGENDS, sets=4, placed=-0.5, promised=28.0, customer="Quay Street Comics"),
)
"""Every job of the demo, the most visible first."""
