"""Where a lead looks, what was read of it, and which line of a list is chosen there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from core.domain.values import ProductSpec
from core.identity.ids import (
    CardUnitId,
    JobId,
    SheetId,
    job_of_sheet,
    parse_assembly_id,
    parse_card_unit_id,
    parse_job_id,
    parse_sheet_id,
    sheet_of,
    sheet_of_assembly,
)
from core.projections import CardUnitRow, JobRow, SheetRow
from store.event_log import RecordedEvent
from store.read_models.job_progress import StageCount
from store.store import Store


@dataclass(frozen=True, slots=True)
class OnFloor:
    """The lead looks at the whole floor."""


@dataclass(frozen=True, slots=True)
class InJob:
    """The lead looks at a job."""

    job_id: JobId


@dataclass(frozen=True, slots=True)
class InSheet:
    """The lead looks at a sheet."""

    sheet_id: SheetId


@dataclass(frozen=True, slots=True)
class InCard:
    """The lead looks at a card."""

    card_id: CardUnitId


Place = OnFloor | InJob | InSheet | InCard


def above(place: Place) -> tuple[Place, ...]:
    """Return the places that Esc leads to from one, all but the floor."""
    match place:
        case InCard(card_id=card_id):
            return (InSheet(sheet_of(card_id)), InJob(job_of_sheet(sheet_of(card_id))))
        case InSheet(sheet_id=sheet_id):
            return (InJob(job_of_sheet(sheet_id)),)
        case OnFloor() | InJob():
            return ()
        case other:
            assert_never(other)


# -- what is there -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenJob:
    """A job, its sheets in their order, where its cards are, and its product."""

    job: JobRow
    sheets: tuple[SheetRow, ...]
    cards: tuple[CardUnitRow, ...]
    stages: tuple[StageCount, ...]
    spec: ProductSpec | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSheet:
    """A sheet, its cards, its own life, and its product."""

    sheet: SheetRow
    cards: tuple[CardUnitRow, ...]
    history: tuple[RecordedEvent, ...]
    spec: ProductSpec | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCard:
    """A card with its life, its sheet and the other cards of that, its job and its product."""

    card: CardUnitRow
    sheet: SheetRow | None
    cards: tuple[CardUnitRow, ...]
    history: tuple[RecordedEvent, ...]
    job: JobRow | None
    spec: ProductSpec | None


Seen = SeenJob | SeenSheet | SeenCard


async def read_place(store: Store, place: Place) -> Seen | None:
    """Read what is at a place; None on the floor, which is read by itself, and where there is nothing."""
    match place:
        case OnFloor():
            return None
        case InJob(job_id=job_id):
            job = await store.job(job_id)
            if job is None:
                return None
            return SeenJob(
                job=job,
                sheets=await store.sheets_of(job_id),
                cards=await store.cards_of(job_id),
                stages=await store.stages([job_id]),
                spec=await store.job_spec(job_id),
            )
        case InSheet(sheet_id=sheet_id):
            sheet = await store.sheet(sheet_id)
            if sheet is None:
                return None
            return SeenSheet(
                sheet=sheet,
                cards=await store.cards_of(sheet_id),
                history=await _events(store, sheet_id),
                spec=await store.job_spec(job_of_sheet(sheet_id)),
            )
        case InCard(card_id=card_id):
            card, sheet_id = await store.card(card_id), sheet_of(card_id)
            if card is None:
                return None
            return SeenCard(
                card=card,
                sheet=await store.sheet(sheet_id),
                cards=await store.cards_of(sheet_id),
                history=await _events(store, card_id),
                job=await store.job(job_of_sheet(sheet_id)),
                spec=await store.job_spec(job_of_sheet(sheet_id)),
            )
        case other:
            assert_never(other)


async def place_of(store: Store, code: str) -> Place | None:
    """Return the place of what has this id, a set's that of its sheet; None where nothing has it."""
    if (card := parse_card_unit_id(code)) and await store.card(card):
        return InCard(card)
    if (assembly := parse_assembly_id(code)) and await store.assembly(assembly):
        return InSheet(sheet_of_assembly(assembly))
    if (sheet := parse_sheet_id(code)) and await store.sheet(sheet):
        return InSheet(sheet)
    if (job := parse_job_id(code)) and await store.job(job):
        return InJob(job)
    return None


async def _events(store: Store, unit_id: str) -> tuple[RecordedEvent, ...]:
    found = await store.history(unit_id)
    return () if found is None else found.events


# -- what is chosen there ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chosen:
    """The chosen line of a list: it stays with the id that was chosen while the list is sorted anew.

    With no id it is the first line, whatever that is: a wall that nobody touches shows the worst first.
    ``line`` is where the id stood last; should it leave the list, what stands there then is chosen.
    """

    unit_id: str | None = None
    line: int = 0

    def among(self, ids: Sequence[str]) -> int:
        """Return the chosen line's place in a list, from 0."""
        if self.unit_id is None:
            return 0
        return ids.index(self.unit_id) if self.unit_id in ids else within(self.line, len(ids))

    def pinned(self, ids: Sequence[str]) -> "Chosen":
        """Return the choice bound to the id that stands on its line now."""
        line = self.among(ids)
        return Chosen(ids[line], line) if ids else Chosen()

    def settled(self, ids: Sequence[str]) -> "Chosen":
        """Return the choice after the list was read again."""
        return self if self.unit_id is None else self.pinned(ids)

    def moved(self, ids: Sequence[str], by: int) -> "Chosen":
        """Return the choice so many lines further down, at most at either end."""
        line = within(self.among(ids) + by, len(ids))
        return Chosen(ids[line], line) if ids else Chosen()


def within(place: int, count: int) -> int:
    """Return the nearest place to ``place`` in a list of so many; 0 in an empty one."""
    return max(0, min(place, count - 1))
