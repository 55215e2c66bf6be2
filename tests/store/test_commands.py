"""Running commands: one effect and one answer for each id, whatever happens in between."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from core.domain.commands import (
    CompleteOperation,
    EnterStation,
    HoldJob,
    RegisterOperator,
    ResumeJob,
    ScanCardForAssembly,
    VoidCardUnit,
)
from core.domain.events import AssemblyCompleted, PrintCompleted
from core.domain.readings import VerdictAsked
from core.domain.rejections import AlreadyClaimed, CardVoided, JobNotRunning, Refusal, UnknownBarcode
from core.domain.values import OperationType, QAOutcome, UnitKind, VoidReason
from core.identity.ids import CardUnitId, OperatorId, assembly_of_card, sheet_id
from core.production.corrections import undo_of
from store import Accepted, Store
from store.errors import UnstorableText
from tests.core.shop import (
    ASSEMBLY,
    INSPECTOR,
    LEAD,
    NUMBERING,
    OPERATOR,
    PACKING,
    PRESS,
    QA,
    Route,
    spec,
    step,
)
from tests.support.floor import Floor, another_kiosk

# -- one whole life -----------------------------------------------------------------


async def test_a_set_goes_from_the_press_into_a_box(floor: Floor) -> None:
    """One order is printed, cut, inspected, gathered and packed, and completes itself."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    assert len(cards) == 4
    for card in cards:
        await floor.inspect(card)
    tray = assembly_of_card(cards[0])
    last = await floor.gather(cards, tray)
    assert isinstance(last, Accepted)
    assert any(isinstance(event, AssemblyCompleted) for event in last.events)
    await floor.scan(PACKING, "J1044-BX001")
    packed = await floor.scan(PACKING, tray, open_pack="J1044-BX001")
    assert isinstance(packed, Accepted), packed
    await floor.store.sweep()
    row = await floor.store.job(job)
    assert row is not None
    assert row.status == "COMPLETED"
    order = await floor.store.order("PO2026-0117")
    assert order is not None
    assert order.status == "FULFILLED"
    found = await floor.store.verify()
    assert found.is_sound, found.differences
    assert found.rows > 10


# -- the same command twice -------------------------------------------------------------


async def test_a_command_delivered_twice_has_one_effect_and_one_answer(floor: Floor) -> None:
    """The second delivery of a check-in does not complete the operation: it gets the first answer."""
    job = await floor.start(spec())
    scan = floor.scan_of(PRESS, sheet_id(job, 1))
    command_id = uuid4()
    first = await floor.run(scan, command_id=command_id)
    assert isinstance(first, Accepted)
    assert not first.repeated
    events = (await floor.store.status()).events
    again = await floor.run(replace(scan, at=floor.scan_of(PRESS, "").at), command_id=command_id)
    assert isinstance(again, Accepted)
    assert again.repeated
    assert again == first
    assert await floor.store.stored_answer(command_id) == first
    assert (await floor.store.status()).events == events


async def test_an_answer_with_two_facts_of_one_unit_is_given_again_as_it_was(floor: Floor) -> None:
    """Given a scan that checked a sheet in and completed it, when it comes again, then both are one append again."""
    job = await floor.start(spec())
    scan = floor.scan_of(replace(PRESS, single_scan=True), sheet_id(job, 1))
    command_id = uuid4()
    first = await floor.run(scan, command_id=command_id)
    assert isinstance(first, Accepted)
    assert [len(append.events) for append in first.appends] == [2]
    again = await floor.run(scan, command_id=command_id)
    assert again == first
    assert isinstance(again, Accepted)
    assert again.repeated


async def test_a_refused_command_stays_refused_when_it_comes_again(floor: Floor) -> None:
    """The world has moved on and would now accept it, but the operator was told no."""
    job = await floor.start(spec())
    (card, *_) = await floor.cut(job)
    await floor.inspect(card, QAOutcome.FAIL)
    tray = assembly_of_card(card)
    gather = ScanCardForAssembly(
        at=floor.now, operator_id=OPERATOR, station_id=ASSEMBLY.station_id, card_unit_id=card, assembly_id=tray
    )
    command_id = uuid4()
    refused = await floor.run(gather, command_id=command_id)
    assert isinstance(refused, Refusal)
    assert await floor.run(gather, command_id=command_id) == refused
    assert len(await floor.store.refused_scans()) == 1


async def test_a_command_that_now_means_a_question_gets_its_first_answer(floor: Floor) -> None:
    """A card's check-in at the bench, delivered again, is that check-in and not the question for its verdict."""
    job = await floor.start(spec())
    (card, *_) = await floor.cut(job)
    scan = floor.scan_of(QA, card, by=INSPECTOR)
    command_id = uuid4()
    first = await floor.run(scan, command_id=command_id)
    assert isinstance(first, Accepted)
    later = floor.scan_of(QA, card, by=INSPECTOR)
    assert isinstance(await floor.run(later), VerdictAsked)
    assert await floor.run(later, command_id=command_id) == first


async def test_one_command_delivered_by_many_at_once_happens_once(floor: Floor, database_dsn: str) -> None:
    """Two processes that replay the same command do it once between them."""
    job = await floor.start(spec())
    scan = floor.scan_of(PRESS, sheet_id(job, 1))
    command_id = uuid4()
    async with another_kiosk(database_dsn, floor) as other:
        answers = await asyncio.gather(
            *(kiosk.run(scan, command_id=command_id) for kiosk in (floor, other) for _ in range(4))
        )
    assert len({str(answer) for answer in answers}) <= 2  # equal but for ``repeated``
    assert all(answer == answers[0] for answer in answers)
    row = await floor.store.sheet(sheet_id(job, 1))
    assert row is not None
    assert row.version == 2


# -- two at once ----------------------------------------------------------------------------


async def test_two_kiosks_on_one_sheet_both_get_an_answer(floor: Floor, database_dsn: str) -> None:
    """A version conflict is decided again and never shown: one completes, the other hears why not."""
    job = await floor.start(spec())
    sheet = sheet_id(job, 1)
    async with another_kiosk(database_dsn, floor) as other:
        done = CompleteOperation(
            at=floor.now, operator_id=OPERATOR, station_id=PRESS.station_id, unit_id=sheet, station=PRESS
        )
        answers = await asyncio.gather(*(kiosk.run(done) for kiosk in (floor, other) for _ in range(6)))
    printed = [e for a in answers if isinstance(a, Accepted) for e in a.events if isinstance(e, PrintCompleted)]
    assert len(printed) == 1
    history = await floor.store.history(sheet)
    assert history is not None
    assert [entry.event_type for entry in history.events].count("PrintCompleted") == 1


async def test_a_card_voided_while_it_is_gathered_is_refused_in_the_end(
    floor: Floor, database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gathering is guarded by the card's version too: the retry sees the void and names it."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    for card in cards:
        await floor.inspect(card)
    card, tray = cards[0], assembly_of_card(cards[0])
    async with another_kiosk(database_dsn, floor) as lead:
        write = floor.store._runner._write
        voided = False

        async def slow_write(*arguments: object) -> Accepted:
            nonlocal voided
            if not voided:
                voided = True
                await lead.accept(
                    VoidCardUnit(
                        at=floor.now, operator_id=LEAD, station_id=None, card_unit_id=card, reason=VoidReason.LOST
                    )
                )
            return await write(*arguments)  # pyright: ignore[reportArgumentType]

        monkeypatch.setattr(floor.store._runner, "_write", slow_write)
        answer = await floor.scan(ASSEMBLY, card, open_assembly=tray)
    assert voided
    assert isinstance(answer, CardVoided), answer
    found = await floor.store.verify()
    assert found.is_sound


async def test_many_kiosks_gather_one_set_without_a_conflict_shown(floor: Floor, database_dsn: str) -> None:
    """All cards of a set scanned at the same instant are all in it, and the set is complete once."""
    job = await floor.start(spec(n_up=9, rows=3))
    cards = await floor.cut(job)
    for card in cards:
        await floor.inspect(card)
    tray = assembly_of_card(cards[0])
    stores = [await Store.open(database_dsn, station_id=f"TEST-{n}") for n in range(9)]
    try:
        gathers = [
            ScanCardForAssembly(
                at=floor.now, operator_id=OPERATOR, station_id=ASSEMBLY.station_id, card_unit_id=card, assembly_id=tray
            )
            for card in cards
        ]
        answers = await asyncio.gather(*(s.run(g) for s, g in zip(stores, gathers, strict=True)))
    finally:
        for store in stores:
            await store.close()
    assert all(isinstance(answer, Accepted) for answer in answers), answers
    row = await floor.store.assembly(tray)
    assert row is not None
    assert row.status == "COMPLETE"
    completed = [e for a in answers if isinstance(a, Accepted) for e in a.events if isinstance(e, AssemblyCompleted)]
    assert len(completed) == 1
    assert (await floor.store.verify()).is_sound


async def test_what_a_kiosk_remembers_is_checked_before_it_counts(floor: Floor, database_dsn: str) -> None:
    """A job held elsewhere is held here at once, though this kiosk saw it running a moment ago."""
    job = await floor.start(spec())
    await floor.scan(PRESS, sheet_id(job, 1))
    async with another_kiosk(database_dsn, floor) as lead:
        await lead.accept(HoldJob(at=floor.now, operator_id=LEAD, station_id=None, job_id=job, reason="Paper"))
    answer = await floor.scan(PRESS, sheet_id(job, 1))
    assert isinstance(answer, JobNotRunning), answer
    async with another_kiosk(database_dsn, floor) as lead:
        await lead.accept(ResumeJob(at=floor.now, operator_id=LEAD, station_id=None, job_id=job))
    assert isinstance(await floor.scan(PRESS, sheet_id(job, 1)), Accepted)


async def test_a_unit_that_moved_on_elsewhere_is_read_again(floor: Floor, database_dsn: str) -> None:
    """The check-in that this kiosk remembers was completed at another: the next scan here is judged by that."""
    job = await floor.start(spec())
    sheet = sheet_id(job, 1)
    await floor.scan(PRESS, sheet)
    async with another_kiosk(database_dsn, floor) as other:
        other.now = floor.now
        assert isinstance(await other.scan(PRESS, sheet), Accepted)
        floor.now = other.now
    answer = await floor.scan(PRESS, sheet)
    assert isinstance(answer, Refusal), answer


async def test_a_scan_that_nothing_interfered_with_takes_two_statements_and_then_one(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first two sheets of a stack are read and written at a kiosk, all others only written."""
    job = await floor.start(spec(), sets=4)
    floor.store._runner._reader.forget(list(floor.store._runner._reader._kept))
    said: list[bytes] = []
    run = floor.store._commands.run

    async def counted(statement: bytes, parameters: tuple[object, ...] = (), *, only_on: int | None = None) -> object:
        said.append(statement)
        return await run(statement, parameters, only_on=only_on)

    monkeypatch.setattr(floor.store._commands, "run", counted)
    await floor.scan(PRESS, sheet_id(job, 1))
    assert len(said) == 2
    await floor.scan(PRESS, sheet_id(job, 1))
    assert len(said) == 3
    await floor.scan(PRESS, sheet_id(job, 2))
    assert len(said) == 5
    for number in (3, 4):
        assert isinstance(await floor.scan(PRESS, sheet_id(job, number)), Accepted)
    assert len(said) == 7, "the others of the stack were read with the second"


# -- what is unique across units ------------------------------------------------------------------


NUMBERED = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
        step("NUMBER", OperationType.NUMBER, after="CUT"),
        step("QA", OperationType.QA, after="NUMBER"),
    )
)


def _number(floor: Floor, card: CardUnitId, number: int) -> CompleteOperation:
    return CompleteOperation(
        at=floor.now,
        operator_id=OPERATOR,
        station_id=NUMBERING.station_id,
        unit_id=card,
        station=NUMBERING,
        number=number,
    )


async def test_a_number_of_a_run_is_given_once(floor: Floor) -> None:
    """The second card that wants a number hears who has it, and nothing of its command is kept."""
    job = await floor.start(spec(route=NUMBERED))
    first, second, *_ = await floor.cut(job)
    await floor.accept(_number(floor, first, 7))
    refused = await floor.run(_number(floor, second, 7))
    assert isinstance(refused, AlreadyClaimed)
    assert refused.holder == first
    row = await floor.store.card(second)
    assert row is not None
    assert row.number is None
    await floor.accept(_number(floor, second, 8))


async def test_two_cards_that_want_one_number_at_once_do_not_both_get_it(floor: Floor, database_dsn: str) -> None:
    """The claim is in the same statement, so the second waits and is refused."""
    job = await floor.start(spec(route=NUMBERED))
    cards = await floor.cut(job)
    async with another_kiosk(database_dsn, floor) as other:
        answers = await asyncio.gather(
            *(kiosk.run(_number(floor, card, 7)) for kiosk, card in zip((floor, other) * 2, cards, strict=True))
        )
    assert sum(isinstance(answer, Accepted) for answer in answers) == 1
    assert sum(isinstance(answer, AlreadyClaimed) for answer in answers) == len(cards) - 1


async def test_a_number_that_is_taken_back_is_free_again(floor: Floor) -> None:
    """Undoing a numbering gives its claim up in the same statement."""
    job = await floor.start(spec(route=NUMBERED))
    first, second, *_ = await floor.cut(job)
    done = await floor.accept(_number(floor, first, 7))
    undo = undo_of(
        done.recorded, at=floor.now, operator_id=OPERATOR, station_id=NUMBERING.station_id, reason="wrong card"
    )
    assert undo is not None
    await floor.accept(undo)
    undone = await floor.store.history(first)
    assert undone is not None
    # The operation's completion is taken back first, then the number that was applied with it.
    while undone.row is not None and undone.row.number is not None:  # pyright: ignore[reportAttributeAccessIssue]
        again = undo_of(
            tuple(
                record for record in done.recorded if record.version < undone.row.version
            )[:1],
            at=floor.now, operator_id=OPERATOR, station_id=NUMBERING.station_id, reason="wrong card",
        )  # fmt: skip
        assert again is not None
        await floor.accept(again)
        undone = await floor.store.history(first)
        assert undone is not None
    await floor.accept(_number(floor, second, 7))
    assert (await floor.store.verify()).is_sound


# -- text from outside ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["\x1b[31m\x00[red]", "'; DROP TABLE commands; --", "%s{0}$1", "\ud800", "\u202e", "x" * 10_000]
)
async def test_a_refused_scan_is_kept_and_changes_nothing(floor: Floor, text: str) -> None:
    """The scan log names what was scanned, escaped; the log of events does not grow."""
    before = (await floor.store.status()).events
    answer = await floor.scan(PRESS, text)
    assert isinstance(answer, UnknownBarcode)
    (kept,) = await floor.store.refused_scans()
    assert kept.scanned is not None
    assert kept.scanned.isprintable()
    assert kept.rejection is not None
    assert kept.operator_id == OPERATOR
    assert kept.station_id == PRESS.station_id
    assert (await floor.store.status()).events == before


@pytest.mark.parametrize("name", ["[bold]M.[/bold]", "\x1b]0;x\x07", "’ \u202e", "Ω" * 500, "\x00", "\ud800"])
async def test_a_hostile_name_is_stored_or_refused_whole(floor: Floor, name: str) -> None:
    """Names come from files: what Postgres can keep is kept as it is, the rest ends in an own error or a refusal."""
    badge = OperatorId("OP-99")
    register = RegisterOperator(at=floor.now, operator_id=None, station_id=None, badge=badge, name=name, roles=())
    try:
        answer = await floor.run(register)
    except UnstorableText:
        answer = None
    row = await floor.store.operator(badge)
    if isinstance(answer, Accepted):
        assert row is not None
        assert row.name == name.strip()
    else:
        assert row is None
    assert (await floor.store.verify()).is_sound


async def test_a_command_from_no_station_is_recorded(floor: Floor) -> None:
    """The office's commands say who, and no station."""
    job = await floor.start(spec())
    held = await floor.accept(HoldJob(at=floor.now, operator_id=LEAD, station_id=None, job_id=job, reason="Paper?"))
    assert held.command_type == "HoldJob"
    enter = EnterStation(
        at=floor.now, operator_id=OPERATOR, station_id=PRESS.station_id, unit_id=sheet_id(job, 1), station=PRESS
    )
    assert isinstance(await floor.run(enter), Refusal)
