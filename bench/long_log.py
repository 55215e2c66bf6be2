"""A log of millions of events, made in minutes: lives that the core decided, told again of thousands of other orders.

Every event has its own place in its stream, its own moment and its own link of the chain; every command its answer.
What one life says again in another order are the ids, the days and the serials, and nothing else. Orders run side by
side as on a real floor, so that one card's events lie far apart in the log. Read models and claims are then made
by the product's own rebuild. ``kiosk db verify`` accepts the result.
"""

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

import msgspec
import psycopg

from bench.lives import OrderNames, tell_order
from bench.shop_in_memory import ShopInMemory, Told, furnish
from core.domain.commands import ClearStop
from core.domain.values import StopClearedBy
from core.identity.ids import CommandId, JobId, OperatorId, PackId, ProductionOrderId, StationId
from store.chain import GENESIS, ChainedEvent, link
from store.codec import SCHEMA_VERSIONS, encode_event
from store.migrations import migrate
from store.pool import ConnectionSettings
from store.rebuild import rebuild

_JOBS_OF_AN_ORDER: Final = (1, 2, 2, 3)
_ORDERS_OF_A_DAY: Final = 30
_EVENTS_PER_LIFE: Final = 20_000
"""One life for so many events, within the limits that follow: few repeat each other too much, many take long."""
_LEAST_LIVES, _MOST_LIVES = 2, 64
_CHUNK: Final = 20_000
"""Commands of one transaction."""

# What the lives are told of, before each is told of others. No digit of them is that of a moment.
_FIRST_DAY: Final = date(2026, 1, 5)
_OWN_NAMES: Final = re.compile(
    r"PO2026-9000001|(?<!\w)CS900001|HW9000001|(?<!\w)J900000(?P<job>[1-3])|(?P<day>\d{4}-\d\d-\d\d)(?=T\d\d:)"
)
_BEGIN: Final = time(6, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LongLog:
    """What was made: ``orders`` were begun, of which the last ones still run; ``jobs`` are all of theirs."""

    events: int
    commands: int
    orders: int
    jobs: tuple[str, ...]
    lives: int


# -- lives, ready to be told of others -------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """An event of a life: which of its streams, and what it says, with gaps for names and days."""

    stream: int
    version: int
    event_type: str
    schema_version: int
    payload: str
    operator_id: str | None
    station_id: str | None


@dataclass(frozen=True, slots=True)
class _Deed:
    """A request of a life: on which of its days and when, what the tables keep, and its events."""

    day: int
    at: datetime
    seconds: float
    moment: str
    told: Told
    kept: str
    answer: str
    lines: tuple[_Line, ...]


@dataclass(slots=True)
class _Life:
    """A told life: its deeds by day, and the names of its streams."""

    jobs: int
    days: list[list[_Deed]] = field(default_factory=list[list[_Deed]])
    streams: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    texts: list[str] = field(default_factory=list[str])

    @property
    def events_by_day(self) -> list[int]:
        """How many events each of its days has."""
        return [sum(len(deed.lines) for deed in deeds) for deeds in self.days]


def _with_gaps(text: str) -> str:
    """Return a text as a format: its own names and days become gaps."""

    def gap(found: re.Match[str]) -> str:
        if found["job"]:
            return f"%(job{found['job']})s"
        if found["day"]:
            return f"%(day{(date.fromisoformat(found['day']) - _FIRST_DAY).days})s"
        return {"P": "%(order)s", "C": "%(case)s", "H": "%(serials)s"}[found[0][0]]

    return _OWN_NAMES.sub(gap, text.replace("%", "%%"))


def _written(value: str | None) -> str:
    assert value is None or "\\" not in value, "COPY would read it as an escape"
    return "\\N" if value is None else value


def _deed(told: Told, streams: dict[tuple[str, str], int]) -> _Deed:
    lines = tuple(
        _Line(
            streams.setdefault((entry.stream.aggregate_type.value, entry.stream.aggregate_id), len(streams)),
            entry.version,
            type(entry.event).__name__,
            SCHEMA_VERSIONS[type(entry.event).__name__],
            _with_gaps(_written(encode_event(entry.event).decode())),
            entry.event.operator_id,
            entry.event.station_id,
        )
        for entry in told.events
    )
    outcome = "accepted" if told.refusal is None else "refused"
    kept = (told.command_type, outcome, _written(told.refusal), f"{{{','.join(told.event_types)}}}")
    asked = (told.station_id, told.operator_id, told.scanned)
    moment = told.at.isoformat()
    return _Deed(
        (told.at.date() - _FIRST_DAY).days,
        told.at,
        (told.at - datetime.combine(told.at.date(), time(tzinfo=UTC))).total_seconds(),
        _with_gaps(moment),
        told,
        _with_gaps("\t".join([*kept, _written(told.unit_id)]))
        + "\t\\\\x%(answer)s\t"
        + _with_gaps("\t".join([_written(text) for text in asked])),
        _with_gaps(told.answer.decode()),
        lines,
    )


def _life(seed: int) -> _Life:
    """Decide one life; the same seed gives the same one."""
    chance = Random(seed)
    jobs = chance.choice(_JOBS_OF_AN_ORDER)
    names = OrderNames(
        order=ProductionOrderId("PO2026-9000001"),
        jobs=tuple(JobId(f"J900000{number}") for number in range(1, jobs + 1)),
        case=PackId("CS900001"),
        serials="HW9000001",
    )
    begin = datetime.combine(_FIRST_DAY, _BEGIN) + timedelta(minutes=chance.randrange(720))
    life = _Life(jobs)
    for told in tell_order(furnish(begin), chance, names, begin):
        deed = _deed(told, life.streams)
        while len(life.days) <= deed.day:
            life.days.append([])
        life.days[deed.day].append(deed)
    life.texts = ["\t".join(stream) for stream in map(_gaps_in_both, life.streams)]
    return life


def _gaps_in_both(stream: tuple[str, str]) -> tuple[str, str]:
    return stream[0], _with_gaps(stream[1])


# -- telling them ----------------------------------------------------------------------


@dataclass(slots=True)
class _Order:
    """A life as it is told of one order: where each of its streams stands."""

    life: _Life
    number: int
    begins: int
    gaps: dict[str, str]
    shift: timedelta
    streams: list[tuple[str, str]]
    chains: list[bytes]

    @classmethod
    def of(cls, life: _Life, number: int, begins: int, first_day: date) -> "_Order":
        """Tell a life of the order of this number, which begins so many days after the first one."""
        own = first_day + timedelta(days=begins)
        gaps = {
            "order": f"PO2026-{1_000_000 + number}",
            "case": f"CS{number:06d}",
            "serials": f"HW{1_000_000 + number}",
            **{f"job{place + 1}": job for place, job in enumerate(_jobs_of(number, life.jobs))},
            **{f"day{days}": (own + timedelta(days=days)).isoformat() for days in range(60)},
        }
        streams = [(kind, name % gaps) for kind, name in (text.split("\t") for text in life.texts)]
        return cls(life, number, begins, gaps, own - _FIRST_DAY, streams, [GENESIS] * len(streams))


def _jobs_of(order: int, count: int) -> list[str]:
    return [f"J{1_000_000 + len(_JOBS_OF_AN_ORDER) * order + place}" for place in range(count)]


@dataclass(slots=True)
class _Teller:
    """Turns deeds into lines for COPY, chunk by chunk."""

    chance: Random
    events: int = 0
    commands: int = 0
    event_lines: list[str] = field(default_factory=list[str])
    command_lines: list[str] = field(default_factory=list[str])

    def tell(self, deed: _Deed, order: _Order) -> str:
        """Take one deed of an order; return the command's id."""
        gaps, streams, chains = order.gaps, order.streams, order.chains
        number = f"{self.chance.getrandbits(128):032x}"
        command = f"{number[:8]}-{number[8:12]}-4{number[13:16]}-a{number[17:20]}-{number[20:]}"
        at, moment = deed.at + order.shift, deed.moment % gaps
        for line in deed.lines:
            payload = line.payload % gaps
            stream = streams[line.stream]
            chain = chains[line.stream] = link(
                chains[line.stream],
                ChainedEvent(
                    stream, line.version, line.event_type, line.schema_version, msgspec.Raw(payload.encode()),
                    at, line.operator_id, line.station_id, None, None, command,
                ),
            )  # fmt: skip
            self.event_lines.append(
                f"{stream[0]}\t{stream[1]}\t{line.version}\t{line.event_type}\t{line.schema_version}\t{payload}\t"
                f"{moment}\t{moment}\t{line.operator_id or _NULL}\t{line.station_id or _NULL}\t{command}\t"
                f"\\\\x{chain.hex()}\n"
            )
        answer = {**gaps, "answer": (deed.answer % gaps).encode().hex()}
        self.command_lines.append(f"{command}\t{deed.kept % answer}\t{moment}\t{moment}\n")
        self.events += len(deed.lines)
        self.commands += 1
        return command

    def take(self) -> tuple[str, str]:
        """Return what was told since the last time: commands, events."""
        told = "".join(self.command_lines), "".join(self.event_lines)
        self.command_lines.clear()
        self.event_lines.clear()
        return told


_NULL: Final = "\\N"


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which life each order tells, and the number of days after which there are enough events."""

    lives: tuple[_Life, ...]
    orders: tuple[int, ...]
    days: int

    @classmethod
    def of(cls, events: int, chance: Random) -> "_Plan":
        """Plan a log of at least so many events."""
        number = min(_MOST_LIVES, max(_LEAST_LIVES, events // _EVENTS_PER_LIFE))
        lives = tuple(_life(chance.getrandbits(32)) for _ in range(number))
        counts = [life.events_by_day for life in lives]
        orders: list[int] = []
        by_day: dict[int, int] = {}
        day = planned = 0
        while planned < events:
            for _ in range(_ORDERS_OF_A_DAY):
                orders.append(chance.randrange(number))
                for offset, count in enumerate(counts[orders[-1]]):
                    by_day[day + offset] = by_day.get(day + offset, 0) + count
            planned += by_day[day]
            day += 1
        return cls(lives, tuple(orders), day)


class _Office:
    """What belongs to no order: products, stations, people, and the stops that somebody clears."""

    def __init__(self, opened: datetime) -> None:
        self.shop: ShopInMemory = furnish(opened)
        self._streams: dict[tuple[str, str], int] = {}
        self._told = 0
        self._order = _Order(_Life(0), 0, 0, {}, timedelta(0), [], [])

    def tell_on(self, teller: _Teller) -> None:
        """Tell what was asked since the last time."""
        for told in self.shop.told[self._told :]:
            deed = _deed(told, self._streams)
            # Nothing here names an order or is told again on another day.
            self._order.gaps.update({f"day{deed.day}": told.at.date().isoformat()})
            self._order.streams[:] = list(self._streams)
            self._order.chains += [GENESIS] * (len(self._streams) - len(self._order.chains))
            teller.tell(deed, self._order)
        self._told = len(self.shop.told)

    def clear(self, stop: _Deed, order: _Order, command: str) -> None:
        """Let whoever stands there hold the RESET card before a stop."""
        at = stop.at + order.shift
        station = StationId(str(stop.told.station_id))
        self.shop.must(
            ClearStop(
                at=at + timedelta(seconds=9), operator_id=OperatorId(str(stop.told.operator_id)), station_id=station,
                at_station=station, stop=CommandId(command), refusal=str(stop.told.refusal), raised_at=at,
                cleared_by=StopClearedBy.RESET_CARD, ignored=0,
            )
        )  # fmt: skip


class ToldLog:
    """A log of at least so many events, up to the end of the last request; the same seed tells the same one."""

    def __init__(self, events: int, *, seed: int, ends: date) -> None:
        chance = Random(seed)
        self._events = events
        self._plan = _Plan.of(events, chance)
        self._teller = _Teller(chance)
        self._first_day = ends - timedelta(days=self._plan.days - 1)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield commands and events for COPY, chunk by chunk, in the order in which they were recorded."""
        plan, teller = self._plan, self._teller
        office = _Office(datetime.combine(self._first_day, time(5, tzinfo=UTC)))
        office.tell_on(teller)
        running: list[_Order] = []
        for day in range(plan.days):
            begun = range(day * _ORDERS_OF_A_DAY, (day + 1) * _ORDERS_OF_A_DAY)
            running += [_Order.of(plan.lives[plan.orders[number]], number, day, self._first_day) for number in begun]
            today = [
                (deed.seconds, place, number, deed, order)
                for place, order in enumerate(running)
                for number, deed in enumerate(order.life.days[day - order.begins])
            ]
            today.sort(key=lambda deed: deed[:3])
            for _, _, _, deed, order in today:
                command = teller.tell(deed, order)
                if deed.told.is_stop:
                    office.clear(deed, order, command)
                    office.tell_on(teller)
                if len(teller.command_lines) >= _CHUNK:
                    yield teller.take()
                if teller.events >= self._events:
                    yield teller.take()
                    return
            running = [order for order in running if day - order.begins + 1 < len(order.life.days)]

    def made(self) -> LongLog:
        """Return what was told so far."""
        plan, teller = self._plan, self._teller
        jobs = [job for number, life in enumerate(plan.orders) for job in _jobs_of(number, plan.lives[life].jobs)]
        return LongLog(teller.events, teller.commands, len(plan.orders), tuple(jobs), len(plan.lives))


# -- writing them ----------------------------------------------------------------------

_COMMANDS: Final = """COPY commands (command_id, command_type, outcome, refusal, event_types, unit_id, answer,
    station_id, operator_id, scanned, occurred_at, recorded_at) FROM STDIN"""
_EVENTS: Final = """COPY production_events (aggregate_type, aggregate_id, aggregate_version, event_type, schema_version,
    event_payload, occurred_at, recorded_at, operator_id, station_id, command_id, chain) FROM STDIN"""


async def make_long_log(dsn: str, events: int, *, seed: int = 1, ends: date) -> LongLog:
    """Fill an empty database with so many events and the few more of the last request, up to a day.

    Works as who owns the tables. The same ``seed`` gives the same log.
    """
    await migrate(dsn)
    made = write_log(dsn, events, seed=seed, ends=ends)
    await rebuild(ConnectionSettings(dsn=dsn, role=None))
    return made


def write_log(dsn: str, events: int, *, seed: int, ends: date) -> LongLog:
    """Write the log and the answers alone; the read models are folded from it."""
    log = ToldLog(events, seed=seed, ends=ends)
    # The server takes lines apart in one process while this one makes the next.
    with psycopg.connect(dsn) as connection, ThreadPoolExecutor(1, thread_name_prefix="log") as writer:
        under_way: list[Future[None]] = []
        for chunk in log.lines():
            under_way.append(writer.submit(_copy, connection, chunk))
            if len(under_way) > 1:
                under_way.pop(0).result()
        for write in under_way:
            write.result()
        connection.commit()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE production_events, commands")
    return log.made()


def _copy(connection: psycopg.Connection, chunk: tuple[str, str]) -> None:
    with connection.cursor() as cursor:
        for statement, lines in zip((_COMMANDS, _EVENTS), chunk, strict=True):
            with cursor.copy(statement) as copy:
                copy.write(lines)
    connection.commit()
