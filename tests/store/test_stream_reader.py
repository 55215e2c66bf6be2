"""What a kiosk remembers of streams: what was read, what was fetched ahead, and when it is not believed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from uuid import uuid4

import pytest
import pytest_asyncio

from core.domain.commands import HoldJob, OpenPack, RegisterOperator, ResumeJob
from core.domain.events import HelpCalled
from core.domain.rejections import JobNotRunning, NotPermitted
from core.domain.streams import AggregateType, StreamKey
from core.domain.values import OperatorRole
from core.identity.ids import box_id, sheet_id
from store import Accepted, LogDamaged, StoreUnavailable
from store.connecting import ConnectionSettings
from store.event_log import StoredHistory
from store.pool import Lane
from store.stream_reader import NotRemembered, StreamReader, sisters_of, streams_statement
from tests.core.shop import INSPECTOR, LEAD, PRESS, QA, START, spec
from tests.store.test_event_log import INSERT
from tests.support.database import owner_connection
from tests.support.floor import Floor, another_kiosk

CALLED = HelpCalled(
    occurred_at=START, operator_id=None, station_id=None, at_station=PRESS.station_id, note="the feeder"
)
N_UP = spec().n_up


@pytest_asyncio.fixture
async def lane(database_dsn: str) -> AsyncIterator[Lane]:
    """A connection to the shop's database."""
    opened = Lane(ConnectionSettings(dsn=database_dsn))
    yield opened
    await opened.close()


def card(number: int, sheet: str) -> StreamKey:
    """The stream of a card of a sheet."""
    return StreamKey(AggregateType.CARD_UNIT, f"{sheet}-{number:02d}")


def kept(reader: StreamReader, keys: Sequence[StreamKey]) -> dict[StreamKey, StoredHistory] | None:
    """What is remembered of these streams, None unless all of them are."""
    remembered = reader.remembered()
    try:
        return {key: remembered.get(key, StoredHistory()) for key in keys}
    except NotRemembered:
        return None


async def test_a_stream_is_read_again_only_from_where_it_was_known(floor: Floor, lane: Lane) -> None:
    """What others appended since is found, also to a stream that was kept."""
    job = await floor.start(spec())
    reader = StreamReader(lane)
    key = StreamKey(AggregateType.SHEET, sheet_id(job, 1))
    first = (await reader.read([key]))[key]
    await floor.scan(PRESS, key.aggregate_id)
    second = (await reader.read([key]))[key]
    assert second.events[: first.version] == first.events
    assert second.version == first.version + 1
    assert second == (await StreamReader(lane).read([key]))[key]


def test_what_was_read_is_kept_up_to_so_many_events_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """One long stream, such as a station's of years, is kept whatever its length: it is asked for again all day."""
    monkeypatch.setattr("store.stream_reader._KEPT_EVENTS", 5)
    reader = StreamReader(Lane(ConnectionSettings(dsn="")))
    first, second, third = (StreamKey(AggregateType.STATION, f"PRESS-{n}") for n in (1, 2, 3))
    two = StoredHistory((CALLED,) * 2)
    reader.keep(first, two)
    reader.keep(second, two)
    assert kept(reader, [first, second]) == {first: two, second: two}
    reader.keep(first, StoredHistory((CALLED,) * 3))
    reader.keep(third, two)
    assert kept(reader, [second]) is None
    assert kept(reader, [first, third]) is not None
    years = StoredHistory((CALLED,) * 9)
    reader.keep(second, years)
    assert kept(reader, [second]) == {second: years}
    assert kept(reader, [first]) is None
    reader.forget([second])
    reader.keep(first, two)
    reader.keep(third, two)
    assert kept(reader, [first, third]) is not None


def test_what_is_looked_at_is_not_forgotten_for_what_was_scanned_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job is looked at with every scan of its cards, and was read before all of them."""
    monkeypatch.setattr("store.stream_reader._KEPT_STREAMS", 3)
    reader = StreamReader(Lane(ConnectionSettings(dsn="")))
    job, *cards = (StreamKey(AggregateType.STATION, f"PRESS-{n}") for n in range(9))
    reader.keep(job, StoredHistory((CALLED,)))
    for each in cards:
        reader.keep(each, StoredHistory((CALLED,)))
        assert kept(reader, [job]) is not None
    assert kept(reader, [cards[0]]) is None


async def test_a_stream_with_a_gap_is_called_damaged(lane: Lane, database_dsn: str) -> None:
    """A missing version is noticed by whoever reads the stream."""
    async with owner_connection(database_dsn) as owner:
        await owner.execute(INSERT, ("J1-S001", 1, uuid4()))
        await owner.execute(INSERT, ("J1-S001", 3, uuid4()))
    with pytest.raises(LogDamaged, match="J1-S001"):
        await StreamReader(lane).read([StreamKey(AggregateType.SHEET, "J1-S001")])


def test_what_is_said_to_have_grown_is_not_believed_from_memory() -> None:
    """A version that was heard of sends the reader back to the log; an older one does not."""
    key = StreamKey(AggregateType.STATION, "PRESS-1")
    heard = 2
    reader = StreamReader(Lane(ConnectionSettings(dsn="")), newest_heard=lambda _: heard)
    reader.keep(key, StoredHistory((CALLED,) * 2))
    assert kept(reader, [key]) is not None
    heard = 3
    assert kept(reader, [key]) is None


# -- what is fetched ahead ---------------------------------------------------------------


async def test_with_the_second_card_its_sisters_are_fetched_as_the_log_has_them(floor: Floor, lane: Lane) -> None:
    """Each as it would have been read by itself, to the hash that the next event is chained to."""
    job = await floor.start(spec())
    sheet = sheet_id(job, 1)
    await floor.cut(job)
    await floor.scan(QA, f"{sheet}-03")
    reader = StreamReader(lane, ahead=True)
    await reader.read([card(1, sheet), StreamKey(AggregateType.JOB, job)])
    sisters = [card(number, sheet) for number in range(3, N_UP + 1)]
    assert not any(kept(reader, [sister]) for sister in sisters)
    await reader.read([card(2, sheet), StreamKey(AggregateType.JOB, job)])
    fetched = kept(reader, sisters)
    assert fetched is not None
    assert fetched == {sister: (await StreamReader(lane).read([sister]))[sister] for sister in sisters}
    assert fetched[sisters[0]].version > fetched[sisters[1]].version


async def test_cards_that_come_one_of_each_sheet_are_read_alone(floor: Floor, lane: Lane) -> None:
    """Where stacks are mixed nobody asks for their sisters."""
    job = await floor.start(spec(), sets=2)
    first, second = sheet_id(job, 1), sheet_id(job, 2)
    await floor.cut(job)
    await floor.cut(job, 2)
    reader = StreamReader(lane, ahead=True)
    await reader.read([card(1, first)])
    await reader.read([card(1, second)])
    assert not any(kept(reader, [card(number, sheet)]) for sheet in (first, second) for number in range(2, N_UP + 1))


async def test_with_the_second_sheet_its_stack_is_fetched(floor: Floor, lane: Lane) -> None:
    """And no sheet of another job, nor any card."""
    job = await floor.start(spec(), sets=4)
    reader = StreamReader(lane, ahead=True)
    first, second, *others = [StreamKey(AggregateType.SHEET, sheet_id(job, number)) for number in (1, 2, 3, 4)]
    await reader.read([first])
    await reader.read([second])
    assert kept(reader, others) == await StreamReader(lane).read(others)


@pytest.mark.parametrize(
    ("kind", "unit", "within", "beyond"),
    [
        (AggregateType.CARD_UNIT, "J1044-S003-07", ["J1044-S003-01", "J1044-S003-99-R12"], ["J1044-S004-01"]),
        (AggregateType.SHEET, "J1044-S003", ["J1044-S001", "J1044-S019"], ["J1044-S020", "J1045-S003"]),
        (AggregateType.SHEET, "J1044-S020", ["J1044-S020", "J1044-S039"], ["J1044-S019", "J1044-S040"]),
        (AggregateType.SHEET, "J1044-S999", ["J1044-S980"], ["J1044-S979", "J1044-S1000"]),
        (AggregateType.SHEET, "J1044-S1003", ["J1044-S1000", "J1044-S1019"], ["J1044-S100", "J1044-S102"]),
    ],
)
def test_sisters_are_the_cards_of_a_sheet_and_the_sheets_of_a_block(
    kind: AggregateType, unit: str, within: list[str], beyond: list[str]
) -> None:
    """By the order of bytes, in which the log's index has them."""
    first, last = sisters_of(kind, unit)
    assert all(first <= sister <= last for sister in [unit, *within])
    assert not any(first <= other <= last for other in beyond)


async def test_who_asks_for_a_whole_set_gets_nothing_else(floor: Floor, lane: Lane) -> None:
    """Only a unit that comes alone is the first of many."""
    job = await floor.start(spec(), sets=3)
    reader = StreamReader(lane, ahead=True)
    one, two, three = [StreamKey(AggregateType.SHEET, sheet_id(job, number)) for number in (1, 2, 3)]
    for _ in range(2):
        await reader.read([one, two])
    assert kept(reader, [three]) is None


async def test_a_sister_with_a_gap_is_not_believed(floor: Floor, lane: Lane, database_dsn: str) -> None:
    """Who asked for another unit is not held up by it; who asks for it hears that the log is damaged."""
    job = await floor.start(spec(), sets=3)
    damaged = sheet_id(job, 9)
    async with owner_connection(database_dsn) as owner:
        await owner.execute(INSERT, (damaged, 1, uuid4()))
        await owner.execute(INSERT, (damaged, 3, uuid4()))
    reader = StreamReader(lane, ahead=True)
    asked, second, sister = (StreamKey(AggregateType.SHEET, sheet_id(job, number)) for number in (1, 2, 3))
    await reader.read([asked])
    await reader.read([second])
    assert kept(reader, [sister]) is not None
    assert kept(reader, [StreamKey(AggregateType.SHEET, damaged)]) is None


async def test_what_was_fetched_ahead_is_forgotten_with_the_connection(
    floor: Floor, lane: Lane, database_dsn: str
) -> None:
    """The next one may lead to another database."""
    job = await floor.start(spec(), sets=3)
    reader = StreamReader(lane, ahead=True)
    asked, second, sister = (StreamKey(AggregateType.SHEET, sheet_id(job, number)) for number in (1, 2, 3))
    await reader.read([asked])
    await reader.read([second])
    async with owner_connection(database_dsn) as owner:
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with suppress(StoreUnavailable):
        await lane.run(b"SELECT 1")
    await lane.run(b"SELECT 1")
    assert kept(reader, [sister]) is None


async def test_only_so_many_are_kept_unread(floor: Floor, lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first to come is the first to go."""
    monkeypatch.setattr("store.stream_reader._UNREAD_STREAMS", 1)
    job = await floor.start(spec(), sets=4)
    reader = StreamReader(lane, ahead=True)
    first, one, two, three = [StreamKey(AggregateType.SHEET, sheet_id(job, number)) for number in (1, 2, 3, 4)]
    await reader.read([first])
    await reader.read([one])
    assert [key for key in (two, three) if kept(reader, [key]) is not None] == [three]


async def test_sisters_are_fetched_once(floor: Floor, lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not with every scan of what is not among them: a card that is not in the log, one behind the limit."""
    monkeypatch.setattr("store.stream_reader._EVENTS_AHEAD", 2)
    streams_statement.cache_clear()
    job = await floor.start(spec())
    sheet = sheet_id(job, 1)
    await floor.cut(job)
    reader = StreamReader(lane, ahead=True)
    said: list[bytes] = []
    run = lane.run

    async def counted(statement: bytes, parameters: tuple[object, ...] = ()) -> object:
        said.append(statement)
        return await run(statement, parameters)

    monkeypatch.setattr(lane, "run", counted)
    never_made = StreamKey(AggregateType.CARD_UNIT, f"{sheet}-01-R1")
    for key in (card(1, sheet), card(4, sheet), card(3, sheet), never_made, never_made):
        await reader.read([key])
    streams_statement.cache_clear()
    assert [b"json_agg" in statement for statement in said] == [False, True, False, False, False]
    assert kept(reader, [card(2, sheet), card(3, sheet)]) is not None


async def test_a_sister_that_moved_on_elsewhere_is_judged_as_it_is_now(floor: Floor, database_dsn: str) -> None:
    """What was fetched ahead is checked like everything remembered: the version guards what is written."""
    job = await floor.start(spec(), sets=2)
    await floor.scan(PRESS, sheet_id(job, 1))
    async with another_kiosk(database_dsn, floor) as other:
        assert isinstance(await other.scan(PRESS, sheet_id(job, 2)), Accepted)
        checked_in = await other.store.sheet(sheet_id(job, 2))
        floor.now = other.now
    assert checked_in is not None
    answer = await floor.scan(PRESS, sheet_id(job, 2))
    assert isinstance(answer, Accepted)
    assert [type(event).__name__ for event in answer.events] == ["PrintCompleted"]


async def test_what_a_person_may_do_is_guarded_like_what_a_card_is(floor: Floor, database_dsn: str) -> None:
    """A lead who is one no more by another kiosk's doing gives no order that this kiosk's memory would allow."""
    job = await floor.start(spec())
    await floor.accept(HoldJob(at=floor.now, job_id=job, reason="paper", operator_id=LEAD, station_id=None))
    await floor.accept(ResumeJob(at=floor.now, job_id=job, operator_id=LEAD, station_id=None))
    async with another_kiosk(database_dsn, floor) as other:
        await other.accept(
            RegisterOperator(
                at=floor.now, operator_id=None, station_id=None, badge=LEAD, name="Lead", roles=(OperatorRole.OPERATOR,)
            )
        )
    refused = await floor.run(HoldJob(at=floor.now, job_id=job, reason="paper", operator_id=LEAD, station_id=None))
    assert isinstance(refused, NotPermitted)


async def test_a_box_of_a_job_that_was_held_elsewhere_is_not_opened_from_memory(
    floor: Floor, database_dsn: str
) -> None:
    """The job is only looked at, not written to: it is guarded all the same."""
    job = await floor.start(spec())
    await floor.accept(OpenPack(at=floor.now, pack_id=box_id(job, 1), operator_id=LEAD, station_id=None))
    async with another_kiosk(database_dsn, floor) as other:
        await other.accept(HoldJob(at=floor.now, job_id=job, reason="paper", operator_id=LEAD, station_id=None))
    assert isinstance(
        await floor.run(OpenPack(at=floor.now, pack_id=box_id(job, 2), operator_id=LEAD, station_id=None)),
        JobNotRunning,
    )


async def test_an_event_that_cannot_be_read_is_told_with_the_unit_that_it_is_of(
    floor: Floor, database_dsn: str
) -> None:
    """Given a card whose log holds what no program wrote, when it or its sister's stream is read, then it is named."""
    first, second, *_ = await floor.cut(await floor.start(spec()))
    async with owner_connection(database_dsn) as owner:
        await owner.execute(
            b"""INSERT INTO production_events (aggregate_type, aggregate_id, aggregate_version, event_type,
                schema_version, event_payload, occurred_at, command_id, chain)
                VALUES ('card_unit', %s, 2, 'CardUnitEnteredStation', 1, '[]', now(), gen_random_uuid(), '')""",
            (second,),
        )
    assert isinstance(await floor.scan(QA, first, by=INSPECTOR), Accepted)
    for _ in range(2):
        with pytest.raises(LogDamaged, match=f"The log of {second} is damaged: CardUnitEnteredStation"):
            await floor.scan(QA, second, by=INSPECTOR)
