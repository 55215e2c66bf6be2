"""A job, a sheet and a card as the leads see them: where it is, and its whole life. Pure; reads nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from core.domain.events import QAResultRecorded
from core.domain.values import (
    CardUnitStatus,
    JobStatus,
    OperationType,
    QAOutcome,
    SheetStatus,
)
from core.identity.ids import position_of, replacement_number
from core.projections import CardUnitRow, JobRow, OperatorRow, SheetRow
from kiosk.printable import shown
from kiosk.snapshots.leads import BadgeView, LeadCardView, LeadJobView, LeadSheetView, SheetMapView, SheetRowView
from kiosk.snapshots.panes import HistoryLine
from kiosk.snapshots.slots import AssemblyGridView, SlotState, SlotView
from kiosk.snapshots.tone import Tone
from kiosk.station_session.durations import age, due
from kiosk.station_session.places import card_place
from kiosk.station_session.stages import job_segments, route_segments, stage_name
from kiosk.wording.events import told
from kiosk.wording.spoken import Words
from store.event_log import RecordedEvent
from store.read_models.job_progress import StageCount

# -- drill-down ----------------------------------------------------------------


def job_view(
    job: JobRow,
    sheets: Sequence[SheetRow],
    cards: Sequence[CardUnitRow],
    stages: Sequence[StageCount],
    *,
    now: datetime,
    words: Words,
    selected: int,
    gates: Mapping[str, str],
) -> LeadJobView:
    """Return a job with each of its sheets and where its cards are; ``gates`` are what its sheets wait for."""
    text, tone = due(job.promise_at, now, words)
    by_sheet: dict[str, list[CardUnitRow]] = {}
    for card in cards:
        by_sheet.setdefault(card.sheet_id, []).append(card)
    return LeadJobView(
        job=job.job_id,
        name=shown(job.product_name, 40),
        badge=_job_badge(job, tone),
        facts=(
            f"{shown(job.customer, 30)} · {job.order_id} · {job.sheet_count} sheets of {job.n_up}"
            f" · due {text} · priority {job.priority}"
        ),
        segments=job_segments(stages),
        sheets=tuple(
            _sheet_row(sheet, by_sheet.get(sheet.sheet_id, ()), gates.get(sheet.sheet_id)) for sheet in sheets
        ),
        selected=selected,
    )


def _job_badge(job: JobRow, due_tone: Tone) -> BadgeView:
    """Return a job's state; an open one whose promise is past says so, for red alone would not tell why."""
    words = str(job.status).replace("_", " ")
    match job.status:
        case JobStatus.COMPLETED:
            return BadgeView(words=words, tone=Tone.GOOD)
        case JobStatus.CANCELLED:
            return BadgeView(words=words, tone=Tone.DIM)
        case JobStatus.ON_HOLD:
            tone = Tone.ATTENTION
        case _:
            tone = due_tone
    return BadgeView(words=f"{words}, LATE" if due_tone is Tone.BAD else words, tone=tone)


def _sheet_row(sheet: SheetRow, cards: Sequence[CardUnitRow], gate: str | None) -> SheetRowView:
    held = sum(card.status is CardUnitStatus.QA_FAILED for card in cards)
    gone = sum(card.status is CardUnitStatus.VOIDED and card.replaced_by is None for card in cards)
    waiting = sum(OperationType.GATE in card.ready.split("+") for card in cards)
    counts: dict[str, int] = {}
    for card in cards:
        name = _card_stage(card)
        if name:
            counts[name] = counts.get(name, 0) + 1
    if gate is not None:
        return SheetRowView(sheet=sheet.sheet_id, state="waits for you", note=shown(gate, 16), tone=Tone.ATTENTION)
    if sheet.status is not SheetStatus.CUT:
        where = sheet.station_id or sheet.ready.replace("+", " or ").lower()
        return SheetRowView(
            sheet=sheet.sheet_id,
            state=str(sheet.status).replace("_", " ").lower(),
            note=where or "",
            tone=Tone.DIM if sheet.status is SheetStatus.VOIDED else Tone.NORMAL,
        )
    notes = [f"{held} on hold"] if held else []
    notes += [f"{gone} to remake"] if gone else []
    notes += [waits_for_you(waiting)] if waiting else []
    return SheetRowView(
        sheet=sheet.sheet_id,
        state="cut",
        segments=route_segments(counts),
        note=" · ".join(notes),
        tone=Tone.BAD if gone else Tone.ATTENTION if held or waiting else Tone.NORMAL,
    )


def waits_for_you(number: int) -> str:
    """Return that so many units wait at a gate for whoever reads it."""
    return f"{number} {'waits' if number == 1 else 'wait'} for you"


def _at_gate(gate: str) -> BadgeView:
    return BadgeView(words=f"WAITS FOR YOU: {shown(gate, 32)}", marker="▲", tone=Tone.ATTENTION)


def _card_stage(card: CardUnitRow) -> str:
    return stage_name(
        StageCount(
            job_id=card.job_id,
            unit_kind="card",
            status=card.status,
            station_id=card.station_id,
            work=card.work,
            ready=card.ready,
            units=1,
            cards=1,
        )
    )


def sheet_view(
    sheet: SheetRow,
    cards: Sequence[CardUnitRow],
    history: Sequence[RecordedEvent],
    *,
    words: Words,
    people: Mapping[str, OperatorRow],
    selected: int,
    gate: str | None,
) -> LeadSheetView:
    """Return a sheet as it lies, with where each of its cards is; ``gate`` is what it waits for, if for one."""
    return LeadSheetView(
        sheet=sheet.sheet_id,
        badge=BadgeView(words=str(sheet.status).replace("_", " ")) if gate is None else _at_gate(gate),
        facts=f"{shown(sheet.product_name, 40)} · sheet {sheet.number} of {sheet.sheet_count}",
        grid=sheet_grid(sheet, cards, words),
        history=history_lines(history, words, people),
        selected=selected,
    )


def newest_by_position(cards: Iterable[CardUnitRow]) -> dict[int, CardUnitRow]:
    """Return the newest card of each position."""
    newest: dict[int, CardUnitRow] = {}
    for card in cards:
        held = newest.get(card.position)
        number = replacement_number(card.card_unit_id)
        if held is None or number > replacement_number(held.card_unit_id):
            newest[card.position] = card
    return newest


def sheet_grid(sheet: SheetRow, cards: Iterable[CardUnitRow], words: Words) -> AssemblyGridView:
    """Return the sheet's layout with where the card of each position is."""
    newest = newest_by_position(cards)
    slots: list[SlotView] = []
    for place in range(1, sheet.n_up + 1):
        card = newest.get(place)
        if card is None:
            slots.append(SlotView(position=place, state=SlotState.ELSEWHERE))
            continue
        found = card_place(card, words)
        inside = card.status in {CardUnitStatus.ASSEMBLED, CardUnitStatus.PACKED}
        slots.append(
            SlotView(
                position=place,
                state=SlotState.IN if inside else found.slot,
                caption=found.caption,
                short=found.short,
            )
        )
    return AssemblyGridView(rows=sheet.rows, columns=sheet.columns, slots=tuple(slots))


def card_view(
    card: CardUnitRow,
    sheet: SheetRow | None,
    siblings: Sequence[CardUnitRow],
    history: Sequence[RecordedEvent],
    *,
    job: JobRow | None,
    now: datetime,
    words: Words,
    people: Mapping[str, OperatorRow],
    gate: str | None,
) -> LeadCardView:
    """Return a card's whole life, and where it lay on its sheet; ``gate`` is what it waits for, if for one."""
    place = card_place(card, words)
    facts = [f"{place.where} for {age(card.since, now)}"]
    if card.number:
        facts.append(f"number {card.number}")
    if card.serial:
        facts.append(f"insert {shown(card.serial, 20)}")
    if card.replaced_by:
        facts.append(f"replaced by {card.replaced_by}")
    if job is not None:
        facts.append(f"{job.job_id} due {due(job.promise_at, now, words)[0]}")
    return LeadCardView(
        card=card.card_unit_id,
        badge=_at_gate(gate)
        if gate is not None
        else BadgeView(words=str(card.status).replace("_", " "), tone=place.tone),
        facts=" · ".join(facts),
        history=history_lines(history, words, people),
        sheet_map=None
        if sheet is None
        else SheetMapView(
            title=f"SHEET {sheet.sheet_id}",
            grid=sheet_grid(sheet, siblings, words),
            selected=position_of(card.card_unit_id),
        ),
    )


def history_lines(
    history: Sequence[RecordedEvent], words: Words, people: Mapping[str, OperatorRow]
) -> tuple[HistoryLine, ...]:
    """Return a unit's life, oldest first, with how long each step took until the next."""
    lines: list[HistoryLine] = []
    for place, entry in enumerate(history):
        event = entry.event
        said = told(event, words)
        after = history[place + 1].event.occurred_at if place + 1 < len(history) else None
        failed = isinstance(event, QAResultRecorded) and event.outcome is QAOutcome.FAIL
        person = people.get(event.operator_id or "")
        lines.append(
            HistoryLine(
                at=words.clock(event.occurred_at),
                marker=said.marker,
                station=event.station_id or "office",
                what=said.what,
                detail=said.detail,
                who=shown(person.name, 14) if person else event.operator_id or "",
                held="" if after is None else age(event.occurred_at, after),
                tone=Tone.BAD if failed else Tone.NORMAL,
            )
        )
    return tuple(lines)
